//! How people like their desk. The store keeps it as the web layer wrote it.

use cti_core::ids::UserId;
use cti_core::time::Timestamp;

use crate::Store;
use crate::db::{Statement, values};
use crate::error::StoreError;

impl Store {
    /// What this user prefers, as it was saved.
    pub async fn preferences(&self, user: UserId) -> Result<Option<serde_json::Value>, StoreError> {
        let row = self.main.row(&READ, values![user]).await?;
        row.map(|row| row.json("body")).transpose()
    }

    /// Keeps what this user prefers.
    pub async fn save_preferences(
        &self,
        at: Timestamp,
        user: UserId,
        body: &serde_json::Value,
    ) -> Result<(), StoreError> {
        self.main.execute(&SAVE, values![user, body.to_string(), at]).await.map(drop)
    }
}

static READ: Statement =
    Statement::new("read preferences", "SELECT body FROM preferences WHERE user_id = $1");
static SAVE: Statement = Statement::new(
    "save preferences",
    "INSERT INTO preferences (user_id, body, changed_at) VALUES ($1, $2, $3)
     ON CONFLICT (user_id) DO UPDATE SET body = excluded.body, changed_at = excluded.changed_at",
);

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[&READ, &SAVE];
