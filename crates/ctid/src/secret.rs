//! Secrets: texts that no log line, error or `Debug` ever shows.

use std::fmt;

/// A password, token or key. Its `Debug` says `[redacted]`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// A random secret of `len` letters and digits without look-alikes, safe in every configuration file.
    pub fn random(len: usize) -> Self {
        const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        let text = (0..len)
            .filter_map(|_| LETTERS.get(rand::random_range(0..LETTERS.len())))
            .map(|letter| char::from(*letter))
            .collect();
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_shown() {
        assert_eq!(format!("{:?}", Secret::new("swordfish")), "[redacted]");
    }

    #[test]
    fn random_secrets_have_the_length_and_differ() {
        let (one, two) = (Secret::random(24), Secret::random(24));
        assert_eq!(one.reveal().len(), 24);
        assert_ne!(one, two);
    }
}
