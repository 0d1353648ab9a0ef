//! Rights and the roles made of them. Roles are data; eight exist from the start (ADM-03).

use std::collections::BTreeSet;

use serde::Serialize;

use crate::Store;
use crate::db::{Row, Statement, json, values};
use crate::error::StoreError;

/// A named set of rights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Rights, for example `call.read.team` or `user.admin`.
    pub rights: BTreeSet<String>,
    /// One of the eight; may be changed (but for `admin`), not removed.
    pub builtin: bool,
}

/// Rights over things that belong to somebody; each is given with one of [`SCOPES`].
pub const SCOPED_RIGHTS: [&str; 15] = [
    "call.read",
    "call.command",
    "call.note",
    "agent.read",
    "agent.state.write",
    "queue.read",
    "queue.membership.write",
    "contact.read",
    "contact.write",
    "callback.work",
    "missed.work",
    "report.read",
    "recording.listen",
    "recording.download",
    "monitor.listen",
];

/// How far a scoped right reaches, from near to far.
pub const SCOPES: [&str; 4] = ["own", "team", "site", "any"];

/// Rights that are whole or not at all.
pub const RIGHTS: [&str; 15] = [
    "pop.preview",
    "user.admin",
    "device.admin",
    "switch.admin",
    "queue.admin",
    "pop.admin",
    "webhook.admin",
    "directory.admin",
    "config.admin",
    "audit.read",
    "privacy.process",
    "token.admin",
    "wallboard.read",
    "icis.exchange",
    "entry.score",
];

/// Begins a word that narrows everything a role gives to an organisation unit (RTE-45): `unit:north`.
pub const UNIT_SCOPE: &str = "unit:";

/// The eight roles but `admin`, which has every right.
const SEEDED: [(&str, &[&str]); 7] = [
    (
        "supervisor",
        &[
            "call.read.team",
            "call.command.team",
            "call.note.team",
            "agent.read.team",
            "agent.state.write.team",
            "queue.read.any",
            "queue.membership.write.team",
            "contact.read.any",
            "contact.write.any",
            "callback.work.team",
            "missed.work.team",
            "report.read.team",
            "recording.listen.team",
            "monitor.listen.team",
            "pop.preview",
            "wallboard.read",
        ],
    ),
    (
        "agent",
        &[
            "call.read.own",
            "call.command.own",
            "call.note.own",
            "agent.read.team",
            "agent.state.write.own",
            "queue.read.team",
            "queue.membership.write.own",
            "contact.read.any",
            "contact.write.own",
            "callback.work.own",
            "missed.work.own",
            "report.read.own",
        ],
    ),
    ("wallboard", &["agent.read.any", "queue.read.any", "wallboard.read"]),
    ("recording_download", &["recording.download.any"]),
    ("recording_listen", &["recording.listen.any"]),
    ("queues", &["queue.admin", "queue.membership.write.any", "queue.read.any"]),
    ("callback", &["callback.work.any", "contact.read.any", "missed.work.any"]),
];

impl Store {
    /// All roles by name.
    pub async fn roles(&self) -> Result<Vec<Role>, StoreError> {
        let rows = self.main.rows(&LIST, values![]).await?;
        rows.iter().map(read_role).collect()
    }

    /// The rights of somebody who has these roles; unknown roles give none.
    pub async fn rights(&self, roles: &[String]) -> Result<BTreeSet<String>, StoreError> {
        let known = self.roles().await?;
        Ok(known.into_iter().filter(|role| roles.contains(&role.name)).flat_map(|role| role.rights).collect())
    }

    /// Adds or changes a role. Fails with `Missing` when a right does not exist. `admin` stays as it is.
    pub async fn save_role(&self, name: &str, rights: &BTreeSet<String>) -> Result<(), StoreError> {
        let all = every_right();
        let is_known = |right: &String| all.contains(right) || right.starts_with(UNIT_SCOPE);
        if let Some(unknown) = rights.iter().find(|right| !is_known(right)) {
            return Err(StoreError::Missing { what: "right", name: unknown.clone() });
        }
        self.main.execute(&SAVE, values![name, json(rights)]).await.map(drop)
    }

    /// Removes a role of one's own; false when there is none or it is one of the eight.
    pub async fn remove_role(&self, name: &str) -> Result<bool, StoreError> {
        Ok(self.main.execute(&REMOVE, values![name]).await? > 0)
    }

    /// Makes the eight roles where they are missing, and gives `admin` the rights that came with an upgrade.
    pub(crate) async fn seed_roles(&self) -> Result<(), StoreError> {
        let admin = every_right_widest();
        self.main.execute(&SEED_ADMIN, values![json(&admin)]).await?;
        for (name, rights) in SEEDED {
            let rights: BTreeSet<&str> = rights.iter().copied().collect();
            self.main.execute(&SEED, values![name, json(&rights)]).await?;
        }
        Ok(())
    }
}

/// Every right in every scope.
fn every_right() -> BTreeSet<String> {
    let scoped = SCOPED_RIGHTS.iter().flat_map(|right| SCOPES.map(|scope| format!("{right}.{scope}")));
    scoped.chain(RIGHTS.map(str::to_owned)).collect()
}

fn every_right_widest() -> BTreeSet<String> {
    let scoped = SCOPED_RIGHTS.map(|right| format!("{right}.any"));
    scoped.into_iter().chain(RIGHTS.map(str::to_owned)).collect()
}

fn read_role(row: &Row) -> Result<Role, StoreError> {
    Ok(Role { name: row.text("name")?, rights: row.json("rights")?, builtin: row.flag("builtin")? })
}

static LIST: Statement = Statement::new("list roles", "SELECT * FROM roles ORDER BY name");
static SAVE: Statement = Statement::new(
    "save a role",
    "INSERT INTO roles (name, rights, builtin) VALUES ($1, $2, 0)
     ON CONFLICT (name) DO UPDATE SET rights = excluded.rights WHERE roles.name <> 'admin'",
);
static REMOVE: Statement =
    Statement::new("remove a role", "DELETE FROM roles WHERE name = $1 AND builtin = 0");
static SEED_ADMIN: Statement = Statement::new(
    "seed the role admin",
    "INSERT INTO roles (name, rights, builtin) VALUES ('admin', $1, 1)
     ON CONFLICT (name) DO UPDATE SET rights = excluded.rights",
);
static SEED: Statement = Statement::new(
    "seed a role",
    "INSERT INTO roles (name, rights, builtin) VALUES ($1, $2, 1) ON CONFLICT (name) DO NOTHING",
);

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[&LIST, &SAVE, &REMOVE, &SEED_ADMIN, &SEED];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seeded_right_exists() {
        let all = every_right();
        for (role, rights) in SEEDED {
            for right in rights {
                assert!(all.contains(*right), "{role} has the unknown right {right}");
            }
        }
        assert_eq!(SEEDED.len() + 1, 8, "ADM-03 names eight roles");
    }
}
