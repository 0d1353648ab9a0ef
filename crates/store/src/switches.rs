//! Switches defined by API: their settings, and their secrets as sealed bytes that mean nothing here (ADM-07).

mod csta;
mod routes;
mod rules;

use std::fmt;

use cti_core::ids::SwitchId;
use cti_core::number::NumberPlan;
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::db::{Row, Statement, json, values};
use crate::error::StoreError;

pub use csta::{CstaQueue, CstaRoutePoint, CstaSettings, route_point_problems};
pub use routes::{SwitchRoute, switch_route_problems};
pub use rules::{
    SwitchProblem, switch_context_problem, switch_id_problem, switch_kind_problem, switch_password_problem,
};

/// How a switch is reached and what is kept of it, without secrets.
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchSettings {
    /// Name shown to people.
    pub name: String,
    /// `asterisk`, `csta-xml`, `csta-asn1` or `avaya-dmcc`.
    pub kind: String,
    /// Host name or address of the manager port, or of the CSTA server.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// TLS from the first byte.
    pub tls: bool,
    /// Authority of the switch's certificate, PEM text; public ones when none.
    pub tls_ca: Option<String>,
    /// User of the session that listens.
    pub user: String,
    /// User of the session that acts; the one that listens when none.
    pub user_actions: Option<String>,
    /// Dialplan context whose numbers an agent may dial.
    pub context: String,
    /// Longest wait for an answer, seconds.
    pub timeout_s: u64,
    /// Where recordings are fetched.
    pub recordings_url: Option<String>,
    /// One of several switches on one machine.
    pub virtual_pbx: bool,
    /// False keeps only calls of mapped lines in the call-history book.
    pub log_all: bool,
    /// Endpoints that are lines to the outside.
    pub trunks: Vec<String>,
    /// How numbers are written and dialled there.
    pub numbers: NumberPlan,
    /// Numbers that lead to another switch of ours.
    #[serde(default)]
    pub routes: Vec<SwitchRoute>,
    /// False has no link.
    pub enabled: bool,
    /// How it speaks CSTA; kinds of CSTA only, and theirs when none.
    #[serde(default)]
    pub csta: Option<CstaSettings>,
}

/// Secrets of a switch, sealed by the daemon.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecrets {
    /// Of the user that listens.
    pub password: Vec<u8>,
    /// Of the user that acts, when it is another one.
    pub password_actions: Option<Vec<u8>>,
}

impl fmt::Debug for SealedSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealed]")
    }
}

/// A switch of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSwitch {
    /// Its id.
    pub id: SwitchId,
    /// How it is reached.
    pub settings: SwitchSettings,
    /// With which secrets.
    pub secrets: SealedSecrets,
    /// When it was defined.
    pub created_at: Timestamp,
    /// When it was changed last: its version.
    pub changed_at: Timestamp,
}

impl Store {
    /// Adds a switch. Fails with `Taken` when the id is in use.
    pub async fn add_switch(
        &self,
        at: Timestamp,
        id: &SwitchId,
        settings: &SwitchSettings,
        secrets: &SealedSecrets,
    ) -> Result<StoredSwitch, StoreError> {
        let acting = secrets.password_actions.as_deref().unwrap_or_default();
        let values = values![id, json(settings), *secrets.password, *acting, at];
        let added = self.main.execute(&ADD, values).await;
        added.map_err(|error| {
            if error.is_duplicate() {
                return StoreError::Taken { what: "switch id", name: id.to_string() };
            }
            error
        })?;
        Ok(StoredSwitch {
            id: id.clone(),
            settings: settings.clone(),
            secrets: secrets.clone(),
            created_at: at,
            changed_at: at,
        })
    }

    /// All switches defined by API, by id.
    pub async fn defined_switches(&self) -> Result<Vec<StoredSwitch>, StoreError> {
        let rows = self.main.rows(&LIST, values![]).await?;
        rows.iter().map(read_switch).collect()
    }

    /// One switch defined by API.
    pub async fn defined_switch(&self, id: &SwitchId) -> Result<Option<StoredSwitch>, StoreError> {
        let row = self.main.row(&BY_ID, values![id]).await?;
        row.as_ref().map(read_switch).transpose()
    }

    /// Writes settings and secrets over the version that was read, and gives it its new version: false, and nothing
    /// is written, when it is another version by now or gone.
    pub async fn save_switch(&self, at: Timestamp, switch: &mut StoredSwitch) -> Result<bool, StoreError> {
        // Two changes at the same time of the clock are two versions all the same.
        let at = at.max(Timestamp::from_micros(switch.changed_at.as_micros().saturating_add(1)));
        let acting = switch.secrets.password_actions.as_deref().unwrap_or_default();
        let values = values![
            switch.id,
            json(&switch.settings),
            *switch.secrets.password,
            *acting,
            at,
            switch.changed_at
        ];
        let saved = self.main.execute(&SAVE, values).await? > 0;
        if saved {
            switch.changed_at = at;
        }
        Ok(saved)
    }

    /// Removes the version that was read: false when it is another version by now or gone.
    pub async fn remove_switch(&self, switch: &StoredSwitch) -> Result<bool, StoreError> {
        Ok(self.main.execute(&REMOVE, values![switch.id, switch.changed_at]).await? > 0)
    }
}

fn read_switch(row: &Row) -> Result<StoredSwitch, StoreError> {
    let acting = row.bytes("password_actions")?;
    Ok(StoredSwitch {
        id: SwitchId::from(row.text("switch")?.as_str()),
        settings: row.json("settings")?,
        secrets: SealedSecrets {
            password: row.bytes("password")?,
            password_actions: (!acting.is_empty()).then_some(acting),
        },
        created_at: row.time("created_at")?,
        changed_at: row.time("changed_at")?,
    })
}

static ADD: Statement = Statement::new(
    "add a switch",
    "INSERT INTO switch_definitions (switch, settings, password, password_actions, created_at, changed_at)
     VALUES ($1, $2, $3, $4, $5, $5)",
);
static LIST: Statement =
    Statement::new("list defined switches", "SELECT * FROM switch_definitions ORDER BY switch");
static BY_ID: Statement =
    Statement::new("read a defined switch", "SELECT * FROM switch_definitions WHERE switch = $1");
static SAVE: Statement = Statement::new(
    "save a switch",
    "UPDATE switch_definitions SET settings = $2, password = $3, password_actions = $4, changed_at = $5
     WHERE switch = $1 AND changed_at = $6",
);
static REMOVE: Statement =
    Statement::new("remove a switch", "DELETE FROM switch_definitions WHERE switch = $1 AND changed_at = $2");

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[&ADD, &LIST, &BY_ID, &SAVE, &REMOVE];
