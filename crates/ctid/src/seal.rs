//! The installation's secret key: made at first start, readable by its owner only, never part of a backup.

use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Bytes of the key.
const KEY_BYTES: usize = 32;

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
        found: u64,
    },
    /// Others may read it.
    #[error("{} (store.secret_key_file) can be read by others: chmod 600 it", file.display())]
    Open {
        /// Which file.
        file: PathBuf,
    },
}

/// Makes the key file if it is not there, and checks it if it is.
pub fn key_file(file: &Path) -> Result<(), KeyError> {
    let failed = |source| KeyError::File { file: file.to_owned(), source };
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    match made {
        Ok(mut open) => {
            let key: [u8; KEY_BYTES] = rand::random();
            return open.write_all(&key).map_err(failed);
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(error)),
    }
    let found = std::fs::metadata(file).map_err(failed)?;
    if found.len() != 32 {
        return Err(KeyError::Length { file: file.to_owned(), found: found.len() });
    }
    if found.permissions().mode() & 0o077 != 0 {
        return Err(KeyError::Open { file: file.to_owned() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret.key");
        key_file(&file).unwrap();
        let first = std::fs::read(&file).unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        key_file(&file).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), first);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(key_file(&file).unwrap_err().to_string().contains("chmod 600"));
        std::fs::write(&file, b"short").unwrap();
        assert!(key_file(&file).unwrap_err().to_string().contains("5 bytes"));
    }
}
