//! The installation's secret key: made at first start, readable by its owner only, never part of a backup. It seals
//! the secrets of switches and webhooks in the store.

use std::fmt;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use cti_core::ids::{SwitchId, WebhookId};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::secret::Secret;

/// Bytes of the key.
const KEY_BYTES: usize = 32;

/// First byte of what is sealed: says how. Then come the nonce, the secret and its tag.
const CHACHA20: u8 = 1;

/// Why the key file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It can neither be read nor made.
    #[error("make or read {} (store.secret_key_file)", file.display())]
    File {
        /// Which file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It is no key of ours.
    #[error("{} (store.secret_key_file) holds {found} bytes instead of 32: restore the right file", file.display())]
    Length {
        /// Which file.
        file: PathBuf,
        /// Its length.
        found: usize,
    },
    /// Others may read it.
    #[error("{} (store.secret_key_file) can be read by others: chmod 600 it", file.display())]
    Open {
        /// Which file.
        file: PathBuf,
    },
}

/// What is sealed cannot be opened: it was sealed with another key, or as something else, or was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sealed with another key")]
pub struct SealError;

/// The secret key, ready to seal and open. Never shown.
#[derive(Clone)]
pub struct Key(LessSafeKey);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key([redacted])")
    }
}

impl Key {
    /// Reads the key file; makes it if it is not there.
    pub fn load(file: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::File { file: file.to_owned(), source };
        let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
        match made {
            Ok(mut open) => {
                let key: [u8; KEY_BYTES] = rand::random();
                open.write_all(&key).map_err(failed)?;
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
        if std::fs::metadata(file).map_err(failed)?.permissions().mode() & 0o077 != 0 {
            return Err(KeyError::Open { file: file.to_owned() });
        }
        let bytes = std::fs::read(file).map_err(failed)?;
        let key = UnboundKey::new(&CHACHA20_POLY1305, &bytes);
        let key = key.map_err(|_| KeyError::Length { file: file.to_owned(), found: bytes.len() })?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Seals the secret `field` of a switch. It opens as that field of that switch only, so that rows of the store
    /// cannot be exchanged.
    pub fn seal(&self, switch: &SwitchId, field: &str, secret: &str) -> Result<Vec<u8>, SealError> {
        self.seal_at(place(switch, field), secret)
    }

    /// Seals a secret of an endpoint that events are posted to; it opens as one of that endpoint only.
    pub fn seal_webhook(&self, endpoint: WebhookId, secret: &str) -> Result<Vec<u8>, SealError> {
        self.seal_at(webhook_place(endpoint), secret)
    }

    fn seal_at(&self, place: Vec<u8>, secret: &str) -> Result<Vec<u8>, SealError> {
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut text = secret.as_bytes().to_vec();
        let place = Aad::from(place);
        let sealed = self.0.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), place, &mut text);
        sealed.map_err(|_| SealError)?;
        let mut bytes = vec![CHACHA20];
        bytes.extend_from_slice(&nonce);
        bytes.append(&mut text);
        Ok(bytes)
    }

    /// Opens what was sealed as the secret `field` of a switch.
    pub fn open(&self, switch: &SwitchId, field: &str, sealed: &[u8]) -> Result<Secret, SealError> {
        self.open_at(place(switch, field), sealed)
    }

    /// Opens what was sealed as a secret of an endpoint.
    pub fn open_webhook(&self, endpoint: WebhookId, sealed: &[u8]) -> Result<Secret, SealError> {
        self.open_at(webhook_place(endpoint), sealed)
    }

    fn open_at(&self, place: Vec<u8>, sealed: &[u8]) -> Result<Secret, SealError> {
        let Some((&CHACHA20, rest)) = sealed.split_first() else {
            return Err(SealError);
        };
        let (nonce, text) = rest.split_at_checked(NONCE_LEN).ok_or(SealError)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError)?;
        let mut text = text.to_vec();
        let place = Aad::from(place);
        let open = self.0.open_in_place(nonce, place, &mut text).map_err(|_| SealError)?;
        std::str::from_utf8(open).map(Secret::new).map_err(|_| SealError)
    }
}

/// What is sealed along: which secret of which switch it is.
fn place(switch: &SwitchId, field: &str) -> Vec<u8> {
    format!("switch/{switch}/{field}").into_bytes()
}

/// The same of an endpoint.
fn webhook_place(endpoint: WebhookId) -> Vec<u8> {
    format!("webhook/{endpoint}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret.key");
        Key::load(&file).unwrap();
        let first = std::fs::read(&file).unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        Key::load(&file).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), first);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(Key::load(&file).unwrap_err().to_string().contains("chmod 600"));
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&file, b"short").unwrap();
        assert!(Key::load(&file).unwrap_err().to_string().contains("5 bytes"));
    }

    #[test]
    fn a_sealed_secret_opens_only_with_its_key_as_itself_and_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let key = Key::load(&folder.path().join("a.key")).unwrap();
        let other = Key::load(&folder.path().join("b.key")).unwrap();
        let (praha, brno) = (SwitchId::from("praha"), SwitchId::from("brno"));
        let sealed = key.seal(&praha, "password", "swordfish").unwrap();
        assert_ne!(sealed, key.seal(&praha, "password", "swordfish").unwrap(), "each time another nonce");
        assert!(!sealed.windows(9).any(|part| part == b"swordfish"));
        assert_eq!(key.open(&praha, "password", &sealed).unwrap().reveal(), "swordfish");
        assert_eq!(other.open(&praha, "password", &sealed), Err(SealError));
        assert_eq!(key.open(&brno, "password", &sealed), Err(SealError));
        assert_eq!(key.open(&praha, "password_actions", &sealed), Err(SealError));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(key.open(&praha, "password", &changed), Err(SealError), "byte {at}");
            assert_eq!(key.open(&praha, "password", &sealed[..at]), Err(SealError), "{at} bytes");
        }
        assert_eq!(format!("{key:?}"), "Key([redacted])");
    }
}
