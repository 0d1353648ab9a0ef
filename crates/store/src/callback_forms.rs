//! Forms by which visitors of a web site order callbacks. The store keeps them as the web layer wrote them.

use crate::Store;
use crate::db::{Statement, values};
use crate::error::StoreError;

impl Store {
    /// All forms in their order.
    pub async fn callback_forms(&self) -> Result<Vec<serde_json::Value>, StoreError> {
        let rows = self.main.rows(&LIST, values![]).await?;
        rows.iter().map(|row| row.json("body")).collect()
    }

    /// The form of an address.
    pub async fn callback_form(&self, form: &str) -> Result<Option<serde_json::Value>, StoreError> {
        let row = self.main.row(&READ, values![form]).await?;
        row.map(|row| row.json("body")).transpose()
    }

    /// Replaces all forms: name and body of each, in order.
    pub async fn save_callback_forms(&self, forms: &[(String, serde_json::Value)]) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        tx.execute(&CLEAR, values![]).await?;
        for (position, (form, body)) in (1_u64..).zip(forms) {
            tx.execute(&ADD, values![form, position, body.to_string()]).await?;
        }
        tx.commit().await
    }
}

static LIST: Statement =
    Statement::new("list callback forms", "SELECT body FROM callback_forms ORDER BY position");
static READ: Statement =
    Statement::new("read a callback form", "SELECT body FROM callback_forms WHERE form = $1");
static CLEAR: Statement = Statement::new("clear callback forms", "DELETE FROM callback_forms");
static ADD: Statement = Statement::new(
    "add a callback form",
    "INSERT INTO callback_forms (form, position, body) VALUES ($1, $2, $3)",
);

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[&LIST, &READ, &CLEAR, &ADD];
