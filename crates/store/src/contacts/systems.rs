//! Systems that contacts have keys in, with the page of a person there (POP-05).

use serde::{Deserialize, Serialize};

use crate::Store;
use crate::db::{Statement, json, values};
use crate::error::StoreError;

/// Another system that knows our contacts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalSystem {
    /// As external ids name it.
    pub key: String,
    /// Name shown to people.
    pub name: String,
    /// The page of a person there, with `{external_id}`; none when it has none.
    pub url_template: Option<String>,
}

/// The page of a contact in another system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContactLink {
    /// Key of the system.
    pub system: String,
    /// Its name.
    pub name: String,
    /// The page.
    pub url: String,
}

impl Store {
    /// All systems in their order.
    pub async fn external_systems(&self) -> Result<Vec<ExternalSystem>, StoreError> {
        self.main.rows(&LIST, values![]).await?.iter().map(|row| row.json("body")).collect()
    }

    /// Replaces all systems, in this order.
    pub async fn save_external_systems(&self, systems: &[ExternalSystem]) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        tx.execute(&CLEAR, values![]).await?;
        for (position, system) in (1_u64..).zip(systems) {
            tx.execute(&ADD, values![system.key, position, json(system)]).await?;
        }
        tx.commit().await
    }
}

static LIST: Statement =
    Statement::new("list external systems", "SELECT body FROM external_systems ORDER BY position");
static CLEAR: Statement = Statement::new("clear external systems", "DELETE FROM external_systems");
static ADD: Statement = Statement::new(
    "add an external system",
    "INSERT INTO external_systems (system, position, body) VALUES ($1, $2, $3)",
);

/// All statements of this file, for the test that prepares them.
pub(super) const STATEMENTS: &[&Statement] = &[&LIST, &CLEAR, &ADD];
