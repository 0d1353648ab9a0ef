//! Who is signed in, who failed to, and the tokens of machines. Tokens are kept as hashes only.

use std::collections::BTreeMap;

use cti_core::ids::UserId;
use cti_core::input::Actor;
use cti_core::time::Timestamp;
use serde::Serialize;

use crate::Store;
use crate::db::{Row, Statement, json, values};
use crate::error::StoreError;

/// A signed-in browser or program of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Session {
    /// Hash of the token, hexadecimal; also the id under which it is listed and ended.
    pub token_hash: String,
    /// Whose.
    pub user: UserId,
    /// When it was signed in.
    pub created_at: Timestamp,
    /// When it was last used, as far as `touch_session` was told.
    pub seen_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The browser, for the list of sessions.
    pub user_agent: String,
    /// Network address at sign-in.
    pub address: String,
}

/// The last sign-in of a person; known when its session has ended as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastSignIn {
    /// When.
    pub at: Timestamp,
    /// The browser or program.
    pub user_agent: String,
    /// Network address.
    pub address: String,
}

/// When failed sign-ins lock an account or an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockOut {
    /// This many failures …
    pub failures: u32,
    /// … within this time …
    pub window_ms: u64,
    /// … lock for this time.
    pub lock_ms: u64,
}

/// A token of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiToken {
    /// Its name, never given twice.
    pub name: String,
    /// Its rights.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: Actor,
    /// When it was last used, as far as `touch_api_token` was told.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl Store {
    /// Keeps a new session.
    pub async fn open_session(&self, session: &Session) -> Result<(), StoreError> {
        let values = values![
            session.token_hash,
            session.user,
            session.created_at,
            session.seen_at,
            session.expires_at,
            session.user_agent,
            session.address
        ];
        let mut tx = self.main.begin().await?;
        tx.execute(&OPEN, values).await?;
        let signed_in = values![session.user, session.created_at, session.user_agent, session.address];
        tx.execute(&NOTE_SIGN_IN, signed_in).await?;
        tx.commit().await
    }

    /// When everybody last signed in.
    pub async fn last_sign_ins(&self) -> Result<BTreeMap<UserId, LastSignIn>, StoreError> {
        let rows = self.main.rows(&LAST_SIGN_INS, values![]).await?;
        let read = |row: &Row| {
            let last = LastSignIn {
                at: row.time("signed_in_at")?,
                user_agent: row.text("user_agent")?,
                address: row.text("address")?,
            };
            Ok((row.id("user_id")?, last))
        };
        rows.iter().map(read).collect()
    }

    /// The session of a token hash; none when it is unknown, ended or past its time.
    pub async fn session(&self, token_hash: &str, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let row = self.main.row(&FIND, values![token_hash, now]).await?;
        row.as_ref().map(read_session).transpose()
    }

    /// Notes a use of a session and moves its end.
    pub async fn touch_session(
        &self,
        token_hash: &str,
        seen_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let values = values![token_hash, seen_at, expires_at];
        self.main.execute(&TOUCH, values).await.map(drop)
    }

    /// The live sessions of a user, newest first.
    pub async fn sessions_of(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let rows = self.main.rows(&OF_USER, values![user, now]).await?;
        rows.iter().map(read_session).collect()
    }

    /// Ends a session; false when there is none.
    pub async fn end_session(&self, token_hash: &str) -> Result<bool, StoreError> {
        Ok(self.main.execute(&END, values![token_hash]).await? > 0)
    }

    /// Forgets sessions that are past their time, and failed sign-ins that no longer count; returns how many.
    pub async fn forget_expired(&self, now: Timestamp, policy: LockOut) -> Result<u64, StoreError> {
        let sessions = self.main.execute(&EXPIRE, values![now]).await?;
        let since = window_start(now, policy);
        let failures = self.main.execute(&FORGET, values![now, since]).await?;
        Ok(sessions + failures)
    }

    /// Counts a failed sign-in for the account and the address; the end of the lock when either is locked now.
    pub async fn sign_in_failed(
        &self,
        login: &str,
        address: &str,
        at: Timestamp,
        account: LockOut,
        from_address: LockOut,
    ) -> Result<Option<Timestamp>, StoreError> {
        let login = login.trim().to_lowercase();
        let mut locked = None;
        let mut tx = self.main.begin().await?;
        for (kind, subject, policy) in
            [("login", login.as_str(), account), ("address", address, from_address)]
        {
            let since = window_start(at, policy);
            let values = values![kind, subject, at, since];
            let failures = match tx.row(&COUNT_FAILURE, values).await? {
                Some(row) => row.count("failures")?,
                None => 0,
            };
            if failures >= u64::from(policy.failures) {
                let until = at.plus_millis(i64::try_from(policy.lock_ms).unwrap_or(i64::MAX));
                tx.execute(&LOCK, values![kind, subject, until]).await?;
                locked = locked.max(Some(until));
            }
        }
        tx.commit().await?;
        Ok(locked)
    }

    /// Until when sign-ins of this account or from this address are refused; none when they are not.
    pub async fn sign_in_locked(
        &self,
        login: &str,
        address: &str,
        at: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let login = login.trim().to_lowercase();
        let row = self.main.row(&LOCKED, values![login, address, at]).await?;
        row.map_or(Ok(None), |row| row.maybe_time("locked_until"))
    }

    /// A right password, or an administrator, clears the failures of an account. Those of the address stay: one
    /// good account must not open the way for guessing others.
    pub async fn clear_sign_in_failures(&self, login: &str) -> Result<(), StoreError> {
        let login = login.trim().to_lowercase();
        self.main.execute(&CLEAR, values![login]).await.map(drop)
    }

    /// Keeps a new token. Fails with `Taken` when the name was ever given.
    pub async fn add_api_token(&self, token: &ApiToken, token_hash: &str) -> Result<(), StoreError> {
        let values =
            values![token.name, token_hash, json(&token.scopes), token.created_at, json(&token.created_by)];
        match self.main.execute(&ADD_TOKEN, values).await {
            Err(error) if error.is_duplicate() => {
                Err(StoreError::Taken { what: "token", name: token.name.clone() })
            }
            other => other.map(drop),
        }
    }

    /// The token of a hash; none when it is unknown or revoked.
    pub async fn api_token(&self, token_hash: &str) -> Result<Option<ApiToken>, StoreError> {
        let row = self.main.row(&FIND_TOKEN, values![token_hash]).await?;
        row.as_ref().map(read_token).transpose()
    }

    /// All tokens by name, revoked ones too.
    pub async fn api_tokens(&self) -> Result<Vec<ApiToken>, StoreError> {
        let rows = self.main.rows(&LIST_TOKENS, values![]).await?;
        rows.iter().map(read_token).collect()
    }

    /// Notes a use of a token.
    pub async fn touch_api_token(&self, name: &str, at: Timestamp) -> Result<(), StoreError> {
        let values = values![name, at];
        self.main.execute(&TOUCH_TOKEN, values).await.map(drop)
    }

    /// Revokes a token; false when there is none or it was revoked before.
    pub async fn revoke_api_token(&self, name: &str, at: Timestamp) -> Result<bool, StoreError> {
        Ok(self.main.execute(&REVOKE_TOKEN, values![name, at]).await? > 0)
    }
}

fn window_start(at: Timestamp, policy: LockOut) -> Timestamp {
    at.plus_millis(-i64::try_from(policy.window_ms).unwrap_or(i64::MAX))
}

fn read_session(row: &Row) -> Result<Session, StoreError> {
    Ok(Session {
        token_hash: row.text("token_hash")?,
        user: row.id("user_id")?,
        created_at: row.time("created_at")?,
        seen_at: row.time("seen_at")?,
        expires_at: row.time("expires_at")?,
        user_agent: row.text("user_agent")?,
        address: row.text("address")?,
    })
}

fn read_token(row: &Row) -> Result<ApiToken, StoreError> {
    Ok(ApiToken {
        name: row.text("name")?,
        scopes: row.json("scopes")?,
        created_at: row.time("created_at")?,
        created_by: row.json("created_by")?,
        last_used_at: row.maybe_time("last_used_at")?,
        revoked_at: row.maybe_time("revoked_at")?,
    })
}

static OPEN: Statement = Statement::new(
    "open a session",
    "INSERT INTO sign_in_sessions (token_hash, user_id, created_at, seen_at, expires_at, user_agent, address)
     VALUES ($1, $2, $3, $4, $5, $6, $7)",
);
static NOTE_SIGN_IN: Statement = Statement::new(
    "note a sign-in",
    "INSERT INTO last_sign_ins (user_id, signed_in_at, user_agent, address) VALUES ($1, $2, $3, $4)
     ON CONFLICT (user_id) DO UPDATE SET signed_in_at = excluded.signed_in_at, user_agent = excluded.user_agent,
         address = excluded.address",
);
static LAST_SIGN_INS: Statement = Statement::new("list last sign-ins", "SELECT * FROM last_sign_ins");
static FIND: Statement = Statement::new(
    "find a session",
    "SELECT * FROM sign_in_sessions WHERE token_hash = $1 AND expires_at > $2",
);
static TOUCH: Statement = Statement::new(
    "touch a session",
    "UPDATE sign_in_sessions SET seen_at = $2, expires_at = $3 WHERE token_hash = $1",
);
static OF_USER: Statement = Statement::new(
    "list sessions",
    "SELECT * FROM sign_in_sessions WHERE user_id = $1 AND expires_at > $2 ORDER BY created_at DESC, token_hash",
);
static END: Statement = Statement::new("end a session", "DELETE FROM sign_in_sessions WHERE token_hash = $1");
static EXPIRE: Statement =
    Statement::new("forget expired sessions", "DELETE FROM sign_in_sessions WHERE expires_at <= $1");
static FORGET: Statement = Statement::new(
    "forget old sign-in failures",
    "DELETE FROM sign_in_failures WHERE (locked_until IS NULL OR locked_until <= $1) AND first_at < $2",
);
static COUNT_FAILURE: Statement = Statement::new(
    "count a failed sign-in",
    "INSERT INTO sign_in_failures (kind, subject, failures, first_at) VALUES ($1, $2, 1, $3)
     ON CONFLICT (kind, subject) DO UPDATE SET
         failures = CASE WHEN sign_in_failures.first_at < $4 THEN 1 ELSE sign_in_failures.failures + 1 END,
         first_at = CASE WHEN sign_in_failures.first_at < $4 THEN excluded.first_at
                         ELSE sign_in_failures.first_at END
     RETURNING failures",
);
static LOCK: Statement = Statement::new(
    "lock sign-ins",
    "UPDATE sign_in_failures SET locked_until = $3 WHERE kind = $1 AND subject = $2",
);
static LOCKED: Statement = Statement::new(
    "ask for a sign-in lock",
    "SELECT MAX(locked_until) AS locked_until FROM sign_in_failures
     WHERE ((kind = 'login' AND subject = $1) OR (kind = 'address' AND subject = $2)) AND locked_until > $3",
);
static CLEAR: Statement = Statement::new(
    "clear sign-in failures",
    "DELETE FROM sign_in_failures WHERE kind = 'login' AND subject = $1",
);
static ADD_TOKEN: Statement = Statement::new(
    "add a token",
    "INSERT INTO api_tokens (name, token_hash, scopes, created_at, created_by) VALUES ($1, $2, $3, $4, $5)",
);
static FIND_TOKEN: Statement =
    Statement::new("find a token", "SELECT * FROM api_tokens WHERE token_hash = $1 AND revoked_at IS NULL");
static LIST_TOKENS: Statement = Statement::new("list tokens", "SELECT * FROM api_tokens ORDER BY name");
static TOUCH_TOKEN: Statement =
    Statement::new("touch a token", "UPDATE api_tokens SET last_used_at = $2 WHERE name = $1");
static REVOKE_TOKEN: Statement = Statement::new(
    "revoke a token",
    "UPDATE api_tokens SET revoked_at = $2 WHERE name = $1 AND revoked_at IS NULL",
);

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[
    &OPEN,
    &NOTE_SIGN_IN,
    &LAST_SIGN_INS,
    &FIND,
    &TOUCH,
    &OF_USER,
    &END,
    &EXPIRE,
    &FORGET,
    &COUNT_FAILURE,
    &LOCK,
    &LOCKED,
    &CLEAR,
    &ADD_TOKEN,
    &FIND_TOKEN,
    &LIST_TOKENS,
    &TOUCH_TOKEN,
    &REVOKE_TOKEN,
];
