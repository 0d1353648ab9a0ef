//! Signatures of Standard Webhooks 1.0: of id, time and body, with HMAC-SHA256 (`v1`) or Ed25519 (`v1a`).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use store::SignatureKind;

/// Begins a secret of both sides.
const SHARED: &str = "whsec_";
/// Begins a private key.
const PRIVATE: &str = "whsk_";
/// Begins a public key.
const PUBLIC: &str = "whpk_";
/// Bytes of a new secret, and of the seed of a private key.
const KEY_BYTES: usize = 32;
/// Bytes a secret of both sides may have.
const SHARED_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A text that is no key of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no key: `whsec_` and 24 to 64 bytes in base64, or `whsk_` and 32")]
pub struct KeyError;

/// What signs.
pub enum SigningKey {
    /// HMAC-SHA256.
    V1(hmac::Key),
    /// Ed25519.
    V1a(Ed25519KeyPair),
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey([redacted])")
    }
}

impl SigningKey {
    /// Reads `whsec_…` or `whsk_…`.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let decode = |text: &str| STANDARD.decode(text).map_err(|_| KeyError);
        if let Some(rest) = text.strip_prefix(SHARED) {
            let bytes = decode(rest)?;
            let fits = SHARED_BYTES.contains(&bytes.len());
            return if fits {
                Ok(Self::V1(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
            } else {
                Err(KeyError)
            };
        }
        let seed = decode(text.strip_prefix(PRIVATE).ok_or(KeyError)?)?;
        Ed25519KeyPair::from_seed_unchecked(&seed).map(Self::V1a).map_err(|_| KeyError)
    }

    /// The signature of one attempt: `v1,…` or `v1a,…`.
    pub fn sign(&self, id: &str, timestamp_s: i64, body: &[u8]) -> String {
        let mut text = format!("{id}.{timestamp_s}.").into_bytes();
        text.extend_from_slice(body);
        match self {
            Self::V1(key) => format!("v1,{}", STANDARD.encode(hmac::sign(key, &text))),
            Self::V1a(pair) => format!("v1a,{}", STANDARD.encode(pair.sign(&text))),
        }
    }
}

/// A new key as text.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyPair {
    /// `whsec_…` or `whsk_…`.
    pub secret: String,
    /// `whpk_…`, of [`SignatureKind::V1a`] only.
    pub public: Option<String>,
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair").field("public", &self.public).finish_non_exhaustive()
    }
}

/// Makes a key out of random bytes.
pub fn new_key(kind: SignatureKind, random: &[u8; KEY_BYTES]) -> KeyPair {
    let text = STANDARD.encode(random);
    match kind {
        SignatureKind::V1 => KeyPair { secret: format!("{SHARED}{text}"), public: None },
        SignatureKind::V1a => {
            let pair = Ed25519KeyPair::from_seed_unchecked(random).ok();
            let public = pair.map(|pair| format!("{PUBLIC}{}", STANDARD.encode(pair.public_key())));
            KeyPair { secret: format!("{PRIVATE}{text}"), public }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{ED25519, UnparsedPublicKey};

    /// The example that libraries of Standard Webhooks test themselves with.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    // covers: INT-09
    #[test]
    fn the_known_example_of_standard_webhooks_is_signed_alike() {
        let key = SigningKey::parse(SECRET).unwrap();
        let signature = key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    // covers: INT-09
    #[test]
    fn the_first_key_of_rfc_8032_gives_its_public_key_and_signatures_that_verify() {
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let seed: Vec<u8> =
            (0..32).map(|at| u8::from_str_radix(&seed[at * 2..at * 2 + 2], 16).unwrap()).collect();
        let pair = new_key(SignatureKind::V1a, &seed.try_into().unwrap());
        assert_eq!(pair.public.as_deref(), Some("whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="));
        let key = SigningKey::parse(&pair.secret).unwrap();
        let signature = key.sign("evt_1", 1_795_270_522, b"{}");
        let bytes = STANDARD.decode(signature.strip_prefix("v1a,").unwrap()).unwrap();
        let public = STANDARD.decode(&pair.public.unwrap()[5..]).unwrap();
        let public = UnparsedPublicKey::new(&ED25519, public);
        public.verify(b"evt_1.1795270522.{}", &bytes).unwrap();
        assert!(public.verify(b"evt_1.1795270523.{}", &bytes).is_err());
    }

    #[test]
    fn what_is_no_key_is_refused_and_no_key_is_shown() {
        for bad in [
            "",
            "whsec_",
            "whsec_AAAA",
            "whsk_AAAA",
            "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
            "x",
        ] {
            assert_eq!(SigningKey::parse(bad).err(), Some(KeyError), "{bad}");
        }
        let pair = new_key(SignatureKind::V1, &[7; 32]);
        let shown = format!("{:?} {:?}", SigningKey::parse(&pair.secret), pair);
        assert!(!shown.contains("BwcH"), "{shown}");
    }
}
