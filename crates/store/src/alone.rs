//! One daemon per PostgreSQL database: two would both write the journal, and both would command the switches.
//!
//! An advisory lock belongs to a connection and ends with it, however the daemon ends, so nothing is left behind to
//! clean up. Programs that only add a user or a token do not ask for it.

use std::time::Duration;

use sqlx::{Connection, PgConnection, PgPool};
use tokio::task::JoinHandle;

use crate::Store;
use crate::db::{Db, Statement};
use crate::error::StoreError;

/// Proof that no other daemon runs on the store; dropping it lets the next one in.
#[derive(Debug)]
pub struct Alone(Option<JoinHandle<()>>);

impl Alone {
    /// Lets the next daemon in, and waits until it can come.
    pub async fn release(mut self) {
        if let Some(task) = self.0.take() {
            task.abort();
            // An error means that it was aborted, which is what we want.
            let _aborted = task.await;
        }
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

impl Store {
    /// Claims a PostgreSQL database for this daemon, on a connection of its own; [`StoreError::InUse`] while another
    /// daemon has it. A SQLite store has nothing to claim here: whoever opens the file locks a file beside it.
    pub async fn hold_alone(&self) -> Result<Alone, StoreError> {
        let Db::Pg { pool, label } = &self.main else {
            return Ok(Alone(None));
        };
        let claimed = claim(pool).await;
        let claimed = claimed.map_err(|source| StoreError::Sql {
            step: CLAIM.step,
            database: label.to_string(),
            source,
        })?;
        let connection = claimed.ok_or_else(|| StoreError::InUse { database: label.to_string() })?;
        Ok(Alone(Some(tokio::spawn(hold(connection, pool.clone())))))
    }
}

/// A connection that has the lock; none when another one has it.
async fn claim(pool: &PgPool) -> Result<Option<PgConnection>, sqlx::Error> {
    let mut connection = PgConnection::connect_with(&pool.connect_options()).await?;
    sqlx::raw_sql(NOTICE_DEATH).execute(&mut connection).await?;
    let text = sqlx::SqlSafeStr::into_sql_str(sqlx::AssertSqlSafe(CLAIM.sql.clone()));
    let claimed: bool = sqlx::query_scalar(text).bind(KEY).fetch_one(&mut connection).await?;
    Ok(claimed.then_some(connection))
}

/// Keeps the connection alive, and claims again after the database was restarted.
async fn hold(mut connection: PgConnection, pool: PgPool) {
    loop {
        tokio::time::sleep(LOOK).await;
        if connection.ping().await.is_ok() {
            continue;
        }
        tracing::warn!("the connection that keeps other daemons off the store was lost; claiming again");
        connection = loop {
            match claim(&pool).await {
                Ok(Some(again)) => break again,
                // The journal refuses our facts from now on, because the other one's are there already.
                Ok(None) => tracing::error!("another ctid took the store meanwhile: stop one of the two"),
                Err(error) => tracing::warn!(%error, "claim the store again"),
            }
            tokio::time::sleep(LOOK).await;
        };
    }
}

/// How often the connection is looked at.
const LOOK: Duration = Duration::from_secs(5);

/// "Tieline" to PostgreSQL; the second half of the key is the schema, so that two schemas are two stores. Advisory
/// locks are counted per database by themselves.
const KEY: i32 = 0x7469_656C;

static CLAIM: Statement =
    Statement::new("claim the store", "SELECT pg_try_advisory_lock($1, hashtext(current_schema()))");

/// When our machine dies without a word, the server lets go of the lock after 25 s instead of two hours.
const NOTICE_DEATH: &str =
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";
