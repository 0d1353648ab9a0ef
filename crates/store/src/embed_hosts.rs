//! Pages of other systems that may frame the desk. The store keeps them as the web layer wrote them.

use crate::Store;
use crate::db::{Statement, values};
use crate::error::StoreError;

impl Store {
    /// All hosts in their order.
    pub async fn embed_hosts(&self) -> Result<Vec<serde_json::Value>, StoreError> {
        let rows = self.main.rows(&LIST, values![]).await?;
        rows.iter().map(|row| row.json("body")).collect()
    }

    /// Replaces all hosts: origin and body of each, in order.
    pub async fn save_embed_hosts(&self, hosts: &[(String, serde_json::Value)]) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        tx.execute(&CLEAR, values![]).await?;
        for (position, (origin, body)) in (1_u64..).zip(hosts) {
            tx.execute(&ADD, values![origin, position, body.to_string()]).await?;
        }
        tx.commit().await
    }
}

static LIST: Statement = Statement::new("list embed hosts", "SELECT body FROM embed_hosts ORDER BY position");
static CLEAR: Statement = Statement::new("clear embed hosts", "DELETE FROM embed_hosts");
static ADD: Statement = Statement::new(
    "add an embed host",
    "INSERT INTO embed_hosts (origin, position, body) VALUES ($1, $2, $3)",
);

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[&LIST, &CLEAR, &ADD];
