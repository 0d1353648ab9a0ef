//! What can go wrong in the store, and whether trying again may help.

use sqlx::error::ErrorKind;

/// A failed step of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL names no engine we have.
    #[error("store url `{url}`: expected sqlite:FILE, sqlite::memory: or postgres://…")]
    Url {
        /// What was given, without a password.
        url: String,
    },
    /// The database refused a step or could not be reached.
    #[error("cannot {step} in {database}")]
    Sql {
        /// What was tried.
        step: &'static str,
        /// On which database; never holds a password.
        database: String,
        /// Why it failed.
        #[source]
        source: sqlx::Error,
    },
    /// Another daemon runs on the database.
    #[error("another ctid runs on {database}: stop it first")]
    InUse {
        /// Which database.
        database: String,
    },
    /// The database was last used by a newer Tieline.
    #[error("{database} has schema {found}, this program knows {known}: use the newer program or a backup")]
    NewerSchema {
        /// Which database.
        database: String,
        /// Version found.
        found: i64,
        /// Newest version known here.
        known: i64,
    },
    /// A stored value cannot be read as what it should be.
    #[error("column {column} holds `{found}`: {detail}")]
    Corrupt {
        /// Which column.
        column: &'static str,
        /// What was found, shortened.
        found: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A row of the journal is damaged; facts of this range cannot be read.
    #[error("journal row with facts {first} to {last} is damaged: {detail}")]
    CorruptBatch {
        /// First fact of the row.
        first: u64,
        /// Last fact of the row.
        last: u64,
        /// What is wrong with it.
        detail: String,
    },
    /// Facts must follow each other without gap or overlap.
    #[error("fact {given} was given where {expected} must follow")]
    Sequence {
        /// The sequence that must come next.
        expected: u64,
        /// The sequence that came.
        given: u64,
    },
    /// The wanted facts are no longer kept.
    #[error("facts from {wanted} were purged; the journal begins at {oldest}")]
    Purged {
        /// The first fact that was asked for.
        wanted: u64,
        /// The first fact that is kept.
        oldest: u64,
    },
    /// A name that must be unique is in use.
    #[error("{what} `{name}` is already in use")]
    Taken {
        /// Kind of thing.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// There is no such thing.
    #[error("there is no {what} `{name}`")]
    Missing {
        /// Kind of thing.
        what: &'static str,
        /// Its id or name.
        name: String,
    },
}

impl StoreError {
    /// True when the same step may succeed later without anybody changing anything: the database was busy, full
    /// or out of reach.
    pub fn is_transient(&self) -> bool {
        let Self::Sql { source, .. } = self else {
            return false;
        };
        if let sqlx::Error::Database(error) = source {
            return error.code().is_some_and(|code| is_transient_code(&code));
        }
        matches!(
            source,
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed
        )
    }

    /// True when the failure is a second row with the same key.
    pub(crate) fn is_duplicate(&self) -> bool {
        let Self::Sql { source, .. } = self else {
            return false;
        };
        source.as_database_error().is_some_and(|error| error.kind() == ErrorKind::UniqueViolation)
    }
}

/// Codes that mean "not now": `SQLSTATE` classes of PostgreSQL (connection, rollback, resources, intervention) and
/// primary result codes of SQLite (busy, locked, I/O error, full, cannot open), extended in the upper bits.
fn is_transient_code(code: &str) -> bool {
    if code.len() == 5 && code.get(..1) != Some("-") {
        return ["08", "40", "53", "57", "58"].iter().any(|class| code.starts_with(class));
    }
    code.parse::<i64>().is_ok_and(|code| matches!(code & 0xFF, 5 | 6 | 10 | 13 | 14))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn busy_full_and_unreachable_are_transient_and_a_refusal_is_not() {
        for code in ["08006", "40001", "53100", "57P01", "5", "6", "13", "261", "14"] {
            assert!(is_transient_code(code), "{code}");
        }
        for code in ["23505", "42P01", "1", "19", "2067"] {
            assert!(!is_transient_code(code), "{code}");
        }
        assert!(!StoreError::Sequence { expected: 2, given: 4 }.is_transient());
    }
}
