//! Failed sign-ins lock the account and the address; each further lock lasts twice as long (SEC-06).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use store::LockOut;

use crate::App;
use crate::error::Problem;

/// An account locks after this many failures within the window.
const ACCOUNT: LockOut = LockOut { failures: 5, window_ms: 15 * 60_000, lock_ms: 30_000 };

/// An address serves many people behind one gateway, so it locks later.
const ADDRESS: LockOut = LockOut { failures: 50, window_ms: 15 * 60_000, lock_ms: 60_000 };

/// The longest lock.
const LOCK_MAX_MS: u64 = 15 * 60_000;

/// Accounts whose number of locks is remembered; beyond it, lengths begin anew. The lock itself is in the store.
const REMEMBERED: usize = 10_000;

/// Counts locks per account.
#[derive(Debug, Default)]
pub(crate) struct Lockouts {
    locks: Mutex<HashMap<String, u32>>,
}

impl Lockouts {
    /// Refuses while the account or the address is locked, whether or not the account exists.
    pub(crate) async fn check(&self, app: &App, login: &str, address: &str) -> Result<(), Problem> {
        let now = app.now();
        match app.store().sign_in_locked(login, address, now).await? {
            Some(until) => Err(locked(until.millis_since(now))),
            None => Ok(()),
        }
    }

    /// Counts a failure.
    pub(crate) async fn failed(&self, app: &App, login: &str, address: &str) -> Result<(), Problem> {
        let now = app.now();
        let login = login.trim().to_lowercase();
        let earlier = self.locks().get(&login).copied().unwrap_or(0);
        let account = LockOut { lock_ms: (ACCOUNT.lock_ms << earlier.min(6)).min(LOCK_MAX_MS), ..ACCOUNT };
        let until = app.store().sign_in_failed(&login, address, now, account, ADDRESS).await?;
        if let Some(until) = until {
            let mut locks = self.locks();
            if locks.len() >= REMEMBERED {
                locks.clear();
            }
            *locks.entry(login).or_default() += 1;
            drop(locks);
            tracing::warn!(address, "sign-ins are locked after too many failures");
            return Err(locked(until.millis_since(now)));
        }
        Ok(())
    }

    /// A right password clears the account.
    pub(crate) async fn succeeded(&self, app: &App, login: &str) -> Result<(), Problem> {
        self.locks().remove(&login.trim().to_lowercase());
        app.store().clear_sign_in_failures(login).await?;
        Ok(())
    }

    fn locks(&self) -> MutexGuard<'_, HashMap<String, u32>> {
        self.locks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn locked(wait_ms: u64) -> Problem {
    let seconds = wait_ms.div_ceil(1_000).max(1);
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "locked_out",
        format!("too many failed sign-ins; try again in {seconds} s"),
    )
    .with_retry_after(seconds)
}
