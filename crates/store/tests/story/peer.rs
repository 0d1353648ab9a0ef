//! A database of one test.

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use store::{Store, StoreOptions};
use tempfile::TempDir;

/// A store of one test, on either engine.
pub(crate) struct Peer {
    pub(crate) store: Store,
    pub(crate) url: String,
    place: Place,
}

enum Place {
    Folder(TempDir),
    Server { admin: Box<PgConnectOptions>, database: String },
}

impl Peer {
    /// A store in a folder of its own.
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("tieline.db").display());
        Self { store: open(&url).await, url, place: Place::Folder(folder) }
    }

    /// A store in a database of its own on the server of the harness.
    pub(crate) async fn postgres(test: &str) -> Self {
        let Ok(server) = std::env::var("TIELINE_TEST_PG_URL") else {
            panic!(
                "TIELINE_TEST_PG_URL is not set: start a PostgreSQL and name it, for example \
                 postgres://postgres@127.0.0.1:5432/postgres"
            );
        };
        let admin: Box<PgConnectOptions> = Box::new(server.parse().unwrap());
        // Names of databases end after 63 bytes.
        let test: String = test.chars().take(40).collect();
        let database = format!("tieline_{}_{test}", std::process::id());
        let mut connection = admin.connect().await.expect("the server named by TIELINE_TEST_PG_URL");
        for sql in [
            format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"),
            format!("CREATE DATABASE {database}"),
        ] {
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
        let url = PgConnectOptions::clone(&admin).database(&database).to_url_lossy().to_string();
        Self { store: open(&url).await, url, place: Place::Server { admin, database } }
    }

    /// Another program that opens the same store.
    pub(crate) async fn open_again(&self) -> Store {
        open(&self.url).await
    }

    /// Changes the database of the journal behind the store's back.
    pub(crate) async fn in_journal(&self, sql: &'static str) {
        self.raw("tieline.db-journal.db", sql).await;
    }

    /// Changes the main database behind the store's back.
    pub(crate) async fn in_main(&self, sql: &'static str) {
        self.raw("tieline.db", sql).await;
    }

    async fn raw(&self, file: &str, sql: &'static str) {
        match &self.place {
            Place::Folder(folder) => {
                let options = SqliteConnectOptions::new().filename(folder.path().join(file));
                let mut connection = options.connect().await.unwrap();
                sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            Place::Server { admin, database } => {
                let mut connection =
                    PgConnectOptions::clone(admin).database(database).connect().await.unwrap();
                sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }

    /// Closes the store and takes the database away.
    pub(crate) async fn close(self) {
        self.store.close().await;
        if let Place::Server { admin, database } = self.place {
            let mut connection = admin.connect().await.unwrap();
            let sql = format!("DROP DATABASE {database} WITH (FORCE)");
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        }
    }
}

async fn open(url: &str) -> Store {
    Store::open(&StoreOptions { url: url.to_owned(), power_safe: false }).await.unwrap()
}
