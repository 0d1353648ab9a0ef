//! Password hashes: argon2id, away from the async threads, at most two at a time.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use axum::http::StatusCode;
use tokio::sync::Semaphore;

use crate::error::Problem;

/// Shortest password that can be set.
pub const PASSWORD_MIN_CHARS: usize = 12;

/// Longest password in bytes, so that nobody makes us hash a book.
const PASSWORD_MAX_BYTES: usize = 1_024;

/// Hashes at work at once: each takes 19 MiB and tens of milliseconds of one core.
const AT_ONCE: usize = 2;

/// How long a request waits for its turn.
const TURN_WAIT: Duration = Duration::from_secs(10);

/// Makes a hash that can be stored; blocks for tens of milliseconds.
pub fn hash_blocking(password: &str) -> Result<String, HashError> {
    Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(|_| HashError)
}

/// The password could not be hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct HashError;

/// Why a password cannot be set; none when it can.
pub fn weakness(password: &str) -> Option<String> {
    if password.chars().count() < PASSWORD_MIN_CHARS {
        return Some(format!("a password has at least {PASSWORD_MIN_CHARS} characters"));
    }
    if password.len() > PASSWORD_MAX_BYTES {
        return Some(format!("a password has at most {PASSWORD_MAX_BYTES} bytes"));
    }
    let mut chars = password.chars();
    let first = chars.next();
    if chars.all(|one| Some(one) == first) {
        return Some("a password is more than one character repeated".to_owned());
    }
    None
}

/// Characters of a first password, without look-alikes.
const INITIAL_CHARS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// Length of a first password.
const INITIAL_LEN: usize = 16;

/// A password by chance, for somebody who was added; to be changed by that person.
pub(crate) fn initial_password() -> String {
    (0..INITIAL_LEN)
        .filter_map(|_| INITIAL_CHARS.get(rand::random_range(0..INITIAL_CHARS.len())))
        .map(|letter| char::from(*letter))
        .collect()
}

/// The place where passwords are hashed and checked.
#[derive(Debug, Clone)]
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Passwords {
    /// Makes a hash that can be stored.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Problem> {
        self.run(move || hash_blocking(&password)).await?.map_err(|error| Problem::internal(&error))
    }

    /// True when the password is the one of the hash. Without a hash it takes as long and is never true, so that
    /// nobody learns which names exist.
    pub(crate) async fn check(&self, password: String, hash: Option<String>) -> Result<bool, Problem> {
        if password.len() > PASSWORD_MAX_BYTES {
            return Ok(false);
        }
        self.run(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| nobody().to_owned());
            is_password(&password, &hash) && known
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let busy = || {
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "overloaded",
                "too many people sign in at this moment",
            )
            .with_retry_after(2)
        };
        let turn = tokio::time::timeout(TURN_WAIT, Arc::clone(&self.turns).acquire_owned())
            .await
            .map_err(|_| busy())?
            .map_err(|_| busy())?;
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        })
        .await
        .map_err(|error| Problem::internal(&error))
    }
}

fn is_password(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// The hash of nobody, made once with the same parameters.
fn nobody() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| hash_blocking("nobody signs in with this").unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse battery".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        let check = |password: &str, hash: Option<&str>| {
            passwords.check(password.to_owned(), hash.map(ToOwned::to_owned))
        };
        assert!(check("correct horse battery", Some(&hash)).await.unwrap());
        assert!(!check("correct horse batterz", Some(&hash)).await.unwrap());
        assert!(!check("nobody signs in with this", None).await.unwrap());
        assert!(!check("x", Some("no hash")).await.unwrap());
    }

    #[test]
    fn weak_passwords_are_named_with_the_rule() {
        assert!(weakness("short").unwrap().contains("12"));
        assert!(weakness("aaaaaaaaaaaaaaaa").is_some());
        assert!(weakness(&"ab".repeat(600)).is_some());
        assert_eq!(weakness("long enough password"), None);
    }
}
