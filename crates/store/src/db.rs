//! One SQL text on two engines: pools, transactions, values to bind and rows to read.
//!
//! Nothing outside this file, `migrate.rs` and `alone.rs` knows which engine it talks to.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use cti_core::time::Timestamp;
use serde::de::DeserializeOwned;
use sqlx::pool::PoolConnectionMetadata;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::query::Query;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{
    AssertSqlSafe, Connection, Decode, Executor, PgPool, Postgres, Row as _, Sqlite, SqlitePool, Transaction,
    Type,
};

use crate::error::StoreError;

mod value;

pub(crate) use value::{Bind, Value, json, values, word};

/// A database of either engine. Cloning shares the connections.
#[derive(Debug, Clone)]
pub(crate) enum Db {
    /// PostgreSQL.
    Pg {
        /// Connections.
        pool: PgPool,
        /// How errors name it.
        label: Arc<str>,
    },
    /// SQLite: one connection writes, the others read, so a writer never meets a busy database of its own.
    Lite {
        /// The one that writes.
        write: SqlitePool,
        /// The ones that read; the same as `write` in memory.
        read: SqlitePool,
        /// How errors name it.
        label: Arc<str>,
    },
}

/// A statement and what it is for, in words that follow "cannot".
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    /// For example `insert call`.
    pub(crate) step: &'static str,
    /// SQL with `$1`, `$2`, …
    pub(crate) sql: Cow<'static, str>,
}

impl Statement {
    /// Makes a statement of fixed text.
    pub(crate) const fn new(step: &'static str, sql: &'static str) -> Self {
        Self { step, sql: Cow::Borrowed(sql) }
    }
}

impl Db {
    /// Opens the SQLite database `file`, created when missing; with FULL synchronisation when `power_safe`.
    pub(crate) async fn open_file(file: &str, power_safe: bool, readers: u32) -> Result<Self, StoreError> {
        let label: Arc<str> = format!("sqlite:{file}").into();
        let failed = |source| StoreError::Sql { step: "open", database: label.to_string(), source };
        make_private(file);
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .busy_timeout(BUSY_TIMEOUT)
            .statement_cache_capacity(STATEMENT_CACHE);
        let writer = options.clone().journal_mode(SqliteJournalMode::Wal).synchronous(if power_safe {
            SqliteSynchronous::Full
        } else {
            SqliteSynchronous::Normal
        });
        let write = lite_pool(1).connect_with(writer).await.map_err(failed)?;
        let reader = options.pragma("query_only", "ON");
        let read = lite_pool(readers).connect_with(reader).await.map_err(failed)?;
        Ok(Self::Lite { write, read, label })
    }

    /// Opens a new SQLite database in memory; it is gone when the last clone is dropped.
    pub(crate) async fn open_memory() -> Result<Self, StoreError> {
        let label: Arc<str> = "sqlite::memory:".into();
        let failed = |source| StoreError::Sql { step: "open", database: label.to_string(), source };
        let options: SqliteConnectOptions = "sqlite::memory:".parse().map_err(failed)?;
        let write = lite_pool(1).connect_with(options).await.map_err(failed)?;
        let read = write.clone();
        Ok(Self::Lite { write, read, label })
    }

    /// Connects to PostgreSQL.
    pub(crate) async fn connect(url: &str, connections: u32) -> Result<Self, StoreError> {
        let parsed = url.parse::<PgConnectOptions>();
        let label: Arc<str> = match &parsed {
            Ok(options) => format!(
                "postgres://{}:{}/{}",
                options.get_host(),
                options.get_port(),
                options.get_database().unwrap_or_default()
            )
            .into(),
            Err(_) => "postgres".into(),
        };
        let failed = |source| StoreError::Sql { step: "open", database: label.to_string(), source };
        let options =
            parsed.map_err(failed)?.application_name("tieline").statement_cache_capacity(STATEMENT_CACHE);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .before_acquire(|connection, idle| {
                Box::pin(async move {
                    if long_idle(&idle) {
                        return Ok(connection.ping().await.is_ok());
                    }
                    Ok(true)
                })
            })
            .connect_with(options)
            .await
            .map_err(failed)?;
        Ok(Self::Pg { pool, label })
    }

    /// Runs a statement; the number of rows it touched.
    pub(crate) async fn execute(&self, statement: &Statement, values: Vec<Value>) -> Result<u64, StoreError> {
        let done = match self {
            Self::Pg { pool, .. } => {
                pg_query(statement, values).execute(pool).await.map(|done| done.rows_affected())
            }
            Self::Lite { write, .. } => {
                lite_query(statement, values).execute(write).await.map(|done| done.rows_affected())
            }
        };
        done.map_err(|source| self.failed(statement.step, source))
    }

    /// Reads all rows of a query.
    pub(crate) async fn rows(
        &self,
        statement: &Statement,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = match self {
            Self::Pg { pool, .. } => pg_query(statement, values)
                .fetch_all(pool)
                .await
                .map(|rows| rows.into_iter().map(Row::Pg).collect()),
            Self::Lite { read, .. } => lite_query(statement, values)
                .fetch_all(read)
                .await
                .map(|rows| rows.into_iter().map(Row::Lite).collect()),
        };
        rows.map_err(|source| self.failed(statement.step, source))
    }

    /// Reads the first row of a query.
    pub(crate) async fn row(
        &self,
        statement: &Statement,
        values: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(statement, values).await?.into_iter().next())
    }

    /// Begins a transaction that may write.
    pub(crate) async fn begin(&self) -> Result<Tx, StoreError> {
        let begun = match self {
            Self::Pg { pool, .. } => pool.begin().await.map(Inner::Pg),
            Self::Lite { write, .. } => write.begin_with("BEGIN IMMEDIATE").await.map(Inner::Lite),
        };
        let inner = begun.map_err(|source| self.failed("begin a transaction", source))?;
        Ok(Tx { inner, label: Arc::clone(self.label()) })
    }

    /// Asks the engine whether it accepts a statement; proves every text on both.
    pub(crate) async fn prepare(&self, statement: &Statement) -> Result<(), StoreError> {
        let sql = sqlx::SqlSafeStr::into_sql_str(AssertSqlSafe(statement.sql.clone()));
        let prepared = match self {
            Self::Pg { pool, .. } => pool.prepare(sql).await.map(drop),
            Self::Lite { read, .. } => read.prepare(sql).await.map(drop),
        };
        prepared.map_err(|source| self.failed(statement.step, source))
    }

    /// Waits for running statements and closes all connections.
    pub(crate) async fn close(&self) {
        match self {
            Self::Pg { pool, .. } => pool.close().await,
            Self::Lite { write, read, .. } => {
                read.close().await;
                write.close().await;
            }
        }
    }

    /// How errors name this database.
    pub(crate) fn label(&self) -> &Arc<str> {
        match self {
            Self::Pg { label, .. } | Self::Lite { label, .. } => label,
        }
    }

    fn failed(&self, step: &'static str, source: sqlx::Error) -> StoreError {
        StoreError::Sql { step, database: self.label().to_string(), source }
    }
}

/// A transaction; undone when dropped before `commit`.
#[derive(Debug)]
pub(crate) struct Tx {
    inner: Inner,
    label: Arc<str>,
}

#[derive(Debug)]
enum Inner {
    Pg(Transaction<'static, Postgres>),
    Lite(Transaction<'static, Sqlite>),
}

impl Tx {
    /// Runs a statement; the number of rows it touched.
    pub(crate) async fn execute(
        &mut self,
        statement: &Statement,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        let done = match &mut self.inner {
            Inner::Pg(tx) => {
                pg_query(statement, values).execute(&mut **tx).await.map(|done| done.rows_affected())
            }
            Inner::Lite(tx) => {
                lite_query(statement, values).execute(&mut **tx).await.map(|done| done.rows_affected())
            }
        };
        done.map_err(|source| self.failed(statement.step, source))
    }

    /// Reads all rows of a query, or of a statement that returns rows.
    pub(crate) async fn rows(
        &mut self,
        statement: &Statement,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = match &mut self.inner {
            Inner::Pg(tx) => pg_query(statement, values)
                .fetch_all(&mut **tx)
                .await
                .map(|rows| rows.into_iter().map(Row::Pg).collect()),
            Inner::Lite(tx) => lite_query(statement, values)
                .fetch_all(&mut **tx)
                .await
                .map(|rows| rows.into_iter().map(Row::Lite).collect()),
        };
        rows.map_err(|source| self.failed(statement.step, source))
    }

    /// Reads the first row.
    pub(crate) async fn row(
        &mut self,
        statement: &Statement,
        values: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(statement, values).await?.into_iter().next())
    }

    /// Runs a text of several statements without values; only for migrations.
    pub(crate) async fn script(&mut self, step: &'static str, text: String) -> Result<(), StoreError> {
        let script = sqlx::raw_sql(AssertSqlSafe(text));
        let done = match &mut self.inner {
            Inner::Pg(tx) => script.execute(&mut **tx).await.map(drop),
            Inner::Lite(tx) => script.execute(&mut **tx).await.map(drop),
        };
        done.map_err(|source| self.failed(step, source))
    }

    /// Makes everything in it visible and, as far as the engine promises, durable.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        let done = match self.inner {
            Inner::Pg(tx) => tx.commit().await,
            Inner::Lite(tx) => tx.commit().await,
        };
        done.map_err(|source| StoreError::Sql { step: "commit", database: self.label.to_string(), source })
    }

    fn failed(&self, step: &'static str, source: sqlx::Error) -> StoreError {
        StoreError::Sql { step, database: self.label.to_string(), source }
    }
}

/// A row of either engine.
#[derive(Debug)]
pub(crate) enum Row {
    Pg(PgRow),
    Lite(SqliteRow),
}

impl Row {
    /// A whole number.
    pub(crate) fn int(&self, column: &'static str) -> Result<i64, StoreError> {
        self.get(column)
    }

    /// A whole number that is never negative.
    pub(crate) fn count(&self, column: &'static str) -> Result<u64, StoreError> {
        let found: i64 = self.get(column)?;
        u64::try_from(found).map_err(|error| corrupt(column, &found.to_string(), &error))
    }

    /// A whole number that is never negative, or NULL.
    pub(crate) fn maybe_count(&self, column: &'static str) -> Result<Option<u64>, StoreError> {
        let found: Option<i64> = self.get(column)?;
        found
            .map(|found| u64::try_from(found).map_err(|error| corrupt(column, &found.to_string(), &error)))
            .transpose()
    }

    /// A flag.
    pub(crate) fn flag(&self, column: &'static str) -> Result<bool, StoreError> {
        Ok(self.int(column)? != 0)
    }

    /// A flag or NULL.
    pub(crate) fn maybe_flag(&self, column: &'static str) -> Result<Option<bool>, StoreError> {
        Ok(self.get::<Option<i64>>(column)?.map(|flag| flag != 0))
    }

    /// A time.
    pub(crate) fn time(&self, column: &'static str) -> Result<Timestamp, StoreError> {
        self.int(column).map(Timestamp::from_micros)
    }

    /// A time or NULL.
    pub(crate) fn maybe_time(&self, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.get::<Option<i64>>(column)?.map(Timestamp::from_micros))
    }

    /// A text.
    pub(crate) fn text(&self, column: &'static str) -> Result<String, StoreError> {
        self.get(column)
    }

    /// A text or NULL.
    pub(crate) fn maybe_text(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        self.get(column)
    }

    /// Bytes.
    pub(crate) fn bytes(&self, column: &'static str) -> Result<Vec<u8>, StoreError> {
        self.get(column)
    }

    /// A text that is read as an id.
    pub(crate) fn id<T>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T: std::str::FromStr<Err: std::error::Error>,
    {
        parse(column, &self.text(column)?)
    }

    /// A text that is read as an id, or NULL.
    pub(crate) fn maybe_id<T>(&self, column: &'static str) -> Result<Option<T>, StoreError>
    where
        T: std::str::FromStr<Err: std::error::Error>,
    {
        self.maybe_text(column)?.map(|text| parse(column, &text)).transpose()
    }

    /// A word of an enum, written by [`word`].
    pub(crate) fn word<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        from_word(column, &self.text(column)?)
    }

    /// A word of an enum, or NULL.
    pub(crate) fn maybe_word<T: DeserializeOwned>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, StoreError> {
        self.maybe_text(column)?.map(|text| from_word(column, &text)).transpose()
    }

    /// A value written by [`json`].
    pub(crate) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        from_json(column, &self.text(column)?)
    }

    /// A value written by [`json`], or NULL.
    pub(crate) fn maybe_json<T: DeserializeOwned>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, StoreError> {
        self.maybe_text(column)?.map(|text| from_json(column, &text)).transpose()
    }

    fn get<T>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T: for<'r> Decode<'r, Postgres> + Type<Postgres> + for<'r> Decode<'r, Sqlite> + Type<Sqlite>,
    {
        let found = match self {
            Self::Pg(row) => row.try_get(column),
            Self::Lite(row) => row.try_get(column),
        };
        found.map_err(|error| corrupt(column, "", &error))
    }
}

fn parse<T>(column: &'static str, text: &str) -> Result<T, StoreError>
where
    T: std::str::FromStr<Err: std::error::Error>,
{
    text.parse().map_err(|error| corrupt(column, text, &error))
}

fn from_word<T: DeserializeOwned>(column: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::String(text.to_owned()))
        .map_err(|error| corrupt(column, text, &error))
}

fn from_json<T: DeserializeOwned>(column: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| corrupt(column, text, &error))
}

fn corrupt(column: &'static str, found: &str, error: &dyn std::error::Error) -> StoreError {
    StoreError::Corrupt { column, found: found.chars().take(60).collect(), detail: error.to_string() }
}

/// Makes the file, when it is missing, so that only its owner reads it; the files beside it get its mode. It holds
/// calls and the hashes of passwords.
fn make_private(file: &str) {
    let mut options = std::fs::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // Whatever is wrong with the place, opening the database says it better.
    options.open(file).ok();
}

fn pg_query(statement: &Statement, values: Vec<Value>) -> Query<'static, Postgres, PgArguments> {
    let query = sqlx::query(AssertSqlSafe(statement.sql.clone()));
    values.into_iter().fold(query, |query, value| match value {
        Value::Int(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::Bytes(value) => query.bind(value),
    })
}

fn lite_query(statement: &Statement, values: Vec<Value>) -> Query<'static, Sqlite, SqliteArguments> {
    let query = sqlx::query(AssertSqlSafe(statement.sql.clone()));
    values.into_iter().fold(query, |query, value| match value {
        Value::Int(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::Bytes(value) => query.bind(value),
    })
}

/// Connections that never end by age: the ones of a database in memory hold it alive.
fn lite_pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// A connection that lay idle may have been cut by a firewall; a busy one is not asked, to save the round trip.
fn long_idle(idle: &PoolConnectionMetadata) -> bool {
    idle.idle_for > Duration::from_secs(10)
}

/// How long a statement waits for another process that writes the same SQLite file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a step waits for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// Prepared statements kept per connection; more than this crate has.
const STATEMENT_CACHE: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of SQLite's `PRAGMA synchronous`.
    const NORMAL: i64 = 1;
    const FULL: i64 = 2;

    #[tokio::test]
    async fn power_safe_decides_how_sqlite_writes_and_readers_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        for (power_safe, wanted) in [(false, NORMAL), (true, FULL)] {
            let file = folder.path().join(format!("{power_safe}.db"));
            let db = Db::open_file(file.to_str().unwrap(), power_safe, 2).await.unwrap();
            let ask = Statement::new("ask", "SELECT synchronous FROM pragma_synchronous");
            let mut tx = db.begin().await.unwrap();
            let row = tx.row(&ask, values![]).await.unwrap().unwrap();
            assert_eq!(row.int("synchronous").unwrap(), wanted);
            let mode = Statement::new("ask", "SELECT journal_mode FROM pragma_journal_mode");
            let row = tx.row(&mode, values![]).await.unwrap().unwrap();
            assert_eq!(row.text("journal_mode").unwrap(), "wal");
            drop(tx);
            let create = Statement::new("create a table", "CREATE TABLE t (a INTEGER)");
            let error = db.rows(&create, values![]).await.unwrap_err();
            assert!(!error.is_transient(), "{error:?}");
            db.close().await;
        }
    }

    #[tokio::test]
    async fn a_nul_in_a_name_and_a_broken_cell_do_no_harm() {
        let db = Db::open_memory().await.unwrap();
        let row =
            db.row(&Statement::new("ask", "SELECT $1 AS name"), values!["a\0b"]).await.unwrap().unwrap();
        assert_eq!(row.text("name").unwrap(), "a\u{FFFD}b");
        let error = row.id::<cti_core::ids::CallId>("name").unwrap_err();
        assert!(error.to_string().starts_with("column name holds `a\u{FFFD}b`"), "{error}");
        assert!(row.text("nothing").is_err());
    }
}
