//! People who may sign in. A removed user keeps its row, so that history shows its name.

use std::fmt;

use cti_core::ids::UserId;
use cti_core::time::Timestamp;
use serde::Serialize;

use crate::Store;
use crate::db::{Row, Statement, Tx, json, values};
use crate::error::StoreError;

/// A person who may sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// Our id.
    pub id: UserId,
    /// What the person types; lower case, unique among users that are not removed.
    pub login: String,
    /// Name shown to people.
    pub name: String,
    /// Language of the desk, for example `cs`.
    pub language: String,
    /// Names of roles.
    pub roles: Vec<String>,
    /// Team, the scope of `.team` rights.
    pub team: Option<String>,
    /// Site, the scope of `.site` rights.
    pub site: Option<String>,
    /// False = may not sign in.
    pub active: bool,
    /// How the password is checked; none when the person signs in elsewhere. Never serialised.
    #[serde(skip)]
    pub password_hash: Option<PasswordHash>,
    /// When the user was added.
    pub created_at: Timestamp,
    /// When anything of it was last changed.
    pub changed_at: Timestamp,
    /// When it was removed.
    pub removed_at: Option<Timestamp>,
}

/// What is needed to add a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// See [`User::login`]; any case.
    pub login: String,
    /// See [`User::name`].
    pub name: String,
    /// See [`User::language`].
    pub language: String,
    /// See [`User::roles`]; all must exist.
    pub roles: Vec<String>,
    /// See [`User::team`].
    pub team: Option<String>,
    /// See [`User::site`].
    pub site: Option<String>,
    /// See [`User::active`].
    pub active: bool,
    /// See [`User::password_hash`].
    pub password_hash: Option<PasswordHash>,
}

/// An opaque text made by the caller's password hashing; hidden in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Store {
    /// Adds a user. Fails with `Taken` when the login is in use, `Missing` when a role does not exist.
    pub async fn add_user(&self, at: Timestamp, new: &NewUser) -> Result<User, StoreError> {
        let mut tx = self.main.begin().await?;
        require_roles(&mut tx, &new.roles).await?;
        let number = next_number(&mut tx, "user").await?;
        let user = User {
            id: UserId::derive(at, self.seed, number),
            login: new.login.trim().to_lowercase(),
            name: new.name.clone(),
            language: new.language.clone(),
            roles: new.roles.clone(),
            team: new.team.clone(),
            site: new.site.clone(),
            active: new.active,
            password_hash: new.password_hash.clone(),
            created_at: at,
            changed_at: at,
            removed_at: None,
        };
        let done = tx
            .execute(
                &ADD,
                values![
                    user.id,
                    user.login,
                    user.name,
                    user.language,
                    json(&user.roles),
                    user.team,
                    user.site,
                    user.active,
                    hash_text(&user),
                    at
                ],
            )
            .await;
        done.map_err(|error| taken(error, &user.login))?;
        tx.commit().await?;
        Ok(user)
    }

    /// All users by login, removed ones only when wanted.
    pub async fn users(&self, with_removed: bool) -> Result<Vec<User>, StoreError> {
        let rows = self.main.rows(&LIST, values![with_removed]).await?;
        rows.iter().map(read_user).collect()
    }

    /// One user, removed or not.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = self.main.row(&BY_ID, values![id]).await?;
        row.as_ref().map(read_user).transpose()
    }

    /// The user who signs in with `login` (any case); never a removed one.
    pub async fn user_by_login(&self, login: &str) -> Result<Option<User>, StoreError> {
        let login = login.trim().to_lowercase();
        let row = self.main.row(&BY_LOGIN, values![login]).await?;
        row.as_ref().map(read_user).transpose()
    }

    /// Writes everything of a user but its id, times and password, over the version that was read: false, and
    /// nothing is written, when it is not `user.changed_at` any more. Deactivating ends its sessions.
    pub async fn save_user(&self, at: Timestamp, user: &User) -> Result<bool, StoreError> {
        // Two changes at the same time of the clock are two versions all the same.
        let at = at.max(Timestamp::from_micros(user.changed_at.as_micros().saturating_add(1)));
        let mut tx = self.main.begin().await?;
        require_roles(&mut tx, &user.roles).await?;
        let login = user.login.trim().to_lowercase();
        let done = tx
            .execute(
                &SAVE,
                values![
                    user.id,
                    login,
                    user.name,
                    user.language,
                    json(&user.roles),
                    user.team,
                    user.site,
                    user.active,
                    at,
                    user.changed_at
                ],
            )
            .await;
        if done.map_err(|error| taken(error, &login))? == 0 {
            return match tx.row(&IS_THERE, values![user.id]).await? {
                Some(_) => Ok(false),
                None => Err(missing(user.id)),
            };
        }
        if !user.active {
            tx.execute(&END_SESSIONS, values![user.id]).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Sets or takes away a password; all sessions of the user but `keep` (a token hash) end.
    pub async fn set_password(
        &self,
        at: Timestamp,
        id: UserId,
        hash: Option<&PasswordHash>,
        keep: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        let hash = hash.map(|hash| hash.0.as_str());
        if tx.execute(&SET_PASSWORD, values![id, hash, at]).await? == 0 {
            return Err(missing(id));
        }
        tx.execute(&END_OTHER_SESSIONS, values![id, keep.unwrap_or_default()]).await?;
        tx.commit().await
    }

    /// Removes a user: it cannot sign in, its login is free again, its calls and audit stay. False when there is
    /// no such user or it was removed before.
    pub async fn remove_user(&self, at: Timestamp, id: UserId) -> Result<bool, StoreError> {
        let mut tx = self.main.begin().await?;
        let removed = tx.execute(&REMOVE, values![id, at]).await?;
        tx.execute(&END_SESSIONS, values![id]).await?;
        tx.commit().await?;
        Ok(removed > 0)
    }
}

/// The next number of a growing row of numbers, unique even between programs.
pub(crate) async fn next_number(tx: &mut Tx, name: &str) -> Result<u64, StoreError> {
    match tx.row(&NEXT_NUMBER, values![name]).await? {
        Some(row) => row.count("value"),
        None => Err(StoreError::Missing { what: "counter", name: name.to_owned() }),
    }
}

async fn require_roles(tx: &mut Tx, roles: &[String]) -> Result<(), StoreError> {
    for role in roles {
        if tx.row(&HAS_ROLE, values![role]).await?.is_none() {
            return Err(StoreError::Missing { what: "role", name: role.clone() });
        }
    }
    Ok(())
}

fn read_user(row: &Row) -> Result<User, StoreError> {
    Ok(User {
        id: row.id("user_id")?,
        login: row.text("login")?,
        name: row.text("name")?,
        language: row.text("language")?,
        roles: row.json("roles")?,
        team: row.maybe_text("team")?,
        site: row.maybe_text("site")?,
        active: row.flag("active")?,
        password_hash: row.maybe_text("password_hash")?.map(PasswordHash),
        created_at: row.time("created_at")?,
        changed_at: row.time("changed_at")?,
        removed_at: row.maybe_time("removed_at")?,
    })
}

fn hash_text(user: &User) -> Option<&str> {
    user.password_hash.as_ref().map(|hash| hash.0.as_str())
}

fn taken(error: StoreError, login: &str) -> StoreError {
    if error.is_duplicate() {
        return StoreError::Taken { what: "login", name: login.to_owned() };
    }
    error
}

fn missing(id: UserId) -> StoreError {
    StoreError::Missing { what: "user", name: id.to_string() }
}

static ADD: Statement = Statement::new(
    "add a user",
    "INSERT INTO users (user_id, login, name, language, roles, team, site, active, password_hash, created_at,
         changed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
);
static LIST: Statement = Statement::new(
    "list users",
    "SELECT * FROM users WHERE removed_at IS NULL OR CAST($1 AS BIGINT) = 1 ORDER BY login, user_id",
);
static BY_ID: Statement = Statement::new("read a user", "SELECT * FROM users WHERE user_id = $1");
static BY_LOGIN: Statement =
    Statement::new("find a login", "SELECT * FROM users WHERE login = $1 AND removed_at IS NULL");
static SAVE: Statement = Statement::new(
    "save a user",
    "UPDATE users SET login = $2, name = $3, language = $4, roles = $5, team = $6, site = $7, active = $8,
         changed_at = $9
     WHERE user_id = $1 AND removed_at IS NULL AND changed_at = $10",
);
static IS_THERE: Statement =
    Statement::new("find a user", "SELECT user_id FROM users WHERE user_id = $1 AND removed_at IS NULL");
static SET_PASSWORD: Statement = Statement::new(
    "set a password",
    "UPDATE users SET password_hash = $2, changed_at = $3 WHERE user_id = $1 AND removed_at IS NULL",
);
static REMOVE: Statement = Statement::new(
    "remove a user",
    "UPDATE users SET removed_at = $2, changed_at = $2, active = 0, password_hash = NULL
     WHERE user_id = $1 AND removed_at IS NULL",
);
static END_SESSIONS: Statement =
    Statement::new("end the sessions of a user", "DELETE FROM sign_in_sessions WHERE user_id = $1");
static END_OTHER_SESSIONS: Statement = Statement::new(
    "end the other sessions of a user",
    "DELETE FROM sign_in_sessions WHERE user_id = $1 AND token_hash <> $2",
);
static HAS_ROLE: Statement = Statement::new("find a role", "SELECT name FROM roles WHERE name = $1");
static NEXT_NUMBER: Statement = Statement::new(
    "count on",
    "INSERT INTO installation (name, value) VALUES ($1, 1)
     ON CONFLICT (name) DO UPDATE SET value = installation.value + 1 RETURNING value",
);

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[
    &ADD,
    &LIST,
    &BY_ID,
    &BY_LOGIN,
    &SAVE,
    &IS_THERE,
    &SET_PASSWORD,
    &REMOVE,
    &END_SESSIONS,
    &END_OTHER_SESSIONS,
    &HAS_ROLE,
    &NEXT_NUMBER,
];
