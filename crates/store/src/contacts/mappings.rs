//! Columns of files as they were once said to be meant.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Store;
use crate::db::{Statement, json, values};
use crate::error::StoreError;

/// What the columns of a kind of file mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportMapping {
    /// Name shown to people.
    pub name: String,
    /// Our column by the file's; an empty one is passed over.
    pub columns: BTreeMap<String, String>,
}

impl Store {
    /// All mappings in their order.
    pub async fn import_mappings(&self) -> Result<Vec<ImportMapping>, StoreError> {
        self.main.rows(&LIST, values![]).await?.iter().map(|row| row.json("body")).collect()
    }

    /// Replaces all mappings, in this order.
    pub async fn save_import_mappings(&self, mappings: &[ImportMapping]) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        tx.execute(&CLEAR, values![]).await?;
        for (position, mapping) in (1_u64..).zip(mappings) {
            tx.execute(&ADD, values![mapping.name, position, json(mapping)]).await?;
        }
        tx.commit().await
    }
}

static LIST: Statement =
    Statement::new("list mappings of imports", "SELECT body FROM import_mappings ORDER BY position");
static CLEAR: Statement = Statement::new("clear mappings of imports", "DELETE FROM import_mappings");
static ADD: Statement = Statement::new(
    "add a mapping of imports",
    "INSERT INTO import_mappings (mapping, position, body) VALUES ($1, $2, $3)",
);

/// All statements of this file, for the test that prepares them.
pub(super) const STATEMENTS: &[&Statement] = &[&LIST, &CLEAR, &ADD];
