//! The outbox of records systems: what is written of a call, handed over once. A filing keeps its id on every try, so
//! that the other side can tell a repeat; it is claimed by one worker at a time. See `0016_create_filings.sql`.

use cti_core::ids::{CallId, FilingId};
use cti_core::input::Actor;
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::db::{Row, Statement, json, values, word};
use crate::error::StoreError;
use crate::users::next_number;

/// Where a filing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilingState {
    /// It will be sent, or sent again.
    Waiting,
    /// It is being sent.
    Sending,
    /// The records system keeps it.
    Filed,
    /// The records system does not take it; a person must look.
    Refused,
    /// A person gave it up.
    Canceled,
}

/// What kept a filing from being taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilingTrouble {
    /// Nobody answered, or not in time.
    Unreachable,
    /// An answer came that cannot be understood.
    Unclear,
    /// The records system is not able to, at the moment or at all.
    Fault,
    /// The records system says no.
    Refused,
    /// What was to be sent cannot be said in the words of the records system.
    Unfit,
}

/// What went wrong with a try, for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilingProblem {
    /// What kind of trouble.
    pub kind: FilingTrouble,
    /// Code of the records system.
    pub code: Option<String>,
    /// Its own words, or ours.
    pub text: String,
}

/// A file of a filing.
#[derive(Clone, PartialEq, Eq)]
pub struct FilingFile {
    /// Its name.
    pub name: String,
    /// Media type, for example `application/pdf`.
    pub media_type: String,
    /// What it is of the document, a word of who sends it.
    pub role: String,
    /// What is in it.
    pub content: Vec<u8>,
}

/// The content is a customer's and stays out of logs.
impl std::fmt::Debug for FilingFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FilingFile({}, {} bytes)", self.media_type, self.content.len())
    }
}

/// What is to be handed over.
#[derive(Debug, Clone)]
pub struct NewFiling {
    /// The call.
    pub call: CallId,
    /// Id of the records system.
    pub records: String,
    /// Who asks twice with one key gets one filing.
    pub request_key: Option<String>,
    /// Who hands it over.
    pub author: Actor,
    /// Title.
    pub title: String,
    /// What is said of the document, in the words of who sends it.
    pub papers: serde_json::Value,
    /// True to have it marked as handled, too.
    pub handled: bool,
    /// Its files.
    pub files: Vec<FilingFile>,
}

/// What is handed over, without its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    /// Our id.
    pub id: FilingId,
    /// See [`NewFiling::call`].
    pub call: CallId,
    /// See [`NewFiling::records`].
    pub records: String,
    /// See [`NewFiling::author`].
    pub author: Actor,
    /// See [`NewFiling::title`].
    pub title: String,
    /// See [`NewFiling::papers`].
    pub papers: serde_json::Value,
    /// Where it stands.
    pub state: FilingState,
    /// True when an earlier try may have arrived although nothing came back.
    pub unsure: bool,
    /// See [`NewFiling::handled`].
    pub handled: bool,
    /// Tries so far; also the token of the claim under which the last one is made.
    pub attempts: u64,
    /// When a person handed it over.
    pub created_at: Timestamp,
    /// When it is tried next, while it waits.
    pub next_at: Option<Timestamp>,
    /// What went wrong last.
    pub problem: Option<FilingProblem>,
    /// Number under which it is kept; set as soon as the document is there.
    pub reference: Option<String>,
    /// Number of the file it is in.
    pub file_reference: Option<String>,
    /// When it was filed, refused or given up.
    pub settled_at: Option<Timestamp>,
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilingStep {
    /// It is tried again.
    Later {
        /// Not before.
        at: Timestamp,
        /// What went wrong.
        problem: FilingProblem,
        /// True when it may have arrived all the same.
        unsure: bool,
    },
    /// A person must look.
    Refused(FilingProblem),
    /// The document is there.
    Kept {
        /// Number under which it is kept.
        reference: String,
        /// Number of the file it is in.
        file_reference: Option<String>,
        /// False when it must still be marked as handled.
        whole: bool,
    },
}

/// How much a records system has before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilingCounts {
    /// Id of the records system.
    pub records: String,
    /// Filings that wait or are being sent.
    pub waiting: u64,
    /// Filings a person must look at.
    pub refused: u64,
}

impl Store {
    /// Puts a filing into the outbox; the one that is there when the request key was used before.
    pub async fn add_filing(&self, at: Timestamp, new: &NewFiling) -> Result<Filing, StoreError> {
        let mut tx = self.main.begin().await?;
        if let Some(key) = &new.request_key
            && let Some(row) = tx.row(&BY_KEY, values![key]).await?
        {
            return read(&row);
        }
        let id = FilingId::derive(at, self.seed, next_number(&mut tx, "filing").await?);
        let values = values![
            id,
            new.call,
            new.records,
            new.request_key,
            json(&new.author),
            new.title,
            new.papers.to_string(),
            word(&FilingState::Waiting),
            new.handled,
            at
        ];
        tx.execute(&ADD, values).await?;
        for (position, file) in (1_u64..).zip(&new.files) {
            let values =
                values![id, position, file.name, file.media_type, file.role, *file.content.as_slice()];
            tx.execute(&ADD_FILE, values).await?;
        }
        let row = tx.row(&BY_ID, values![id]).await?;
        let filing = row.as_ref().map(read).transpose()?;
        tx.commit().await?;
        filing.ok_or_else(|| StoreError::Missing { what: "filing", name: id.to_string() })
    }

    /// Filings of a call, oldest first.
    pub async fn filings_of(&self, call: CallId) -> Result<Vec<Filing>, StoreError> {
        self.main.rows(&OF_CALL, values![call]).await?.iter().map(read).collect()
    }

    /// One filing.
    pub async fn filing(&self, id: FilingId) -> Result<Option<Filing>, StoreError> {
        self.main.row(&BY_ID, values![id]).await?.as_ref().map(read).transpose()
    }

    /// Filings of all calls in a state, newest first, at most `limit`.
    pub async fn filings_in(&self, state: FilingState, limit: u32) -> Result<Vec<Filing>, StoreError> {
        self.main.rows(&IN_STATE, values![word(&state), limit]).await?.iter().map(read).collect()
    }

    /// How much each records system has before it.
    pub async fn filing_counts(&self) -> Result<Vec<FilingCounts>, StoreError> {
        let rows = self.main.rows(&COUNTS, values![]).await?;
        rows.iter()
            .map(|row| {
                Ok(FilingCounts {
                    records: row.text("records")?,
                    waiting: row.count("waiting")?,
                    refused: row.count("refused")?,
                })
            })
            .collect()
    }

    /// Takes the oldest filing that is due for a records system, and its files; nobody else gets it before `until`. One
    /// whose claim ran out was being sent when somebody stopped, so it may have arrived.
    pub async fn claim_filing(
        &self,
        records: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<(Filing, Vec<FilingFile>)>, StoreError> {
        let mut tx = self.main.begin().await?;
        let Some(row) = tx.row(&CLAIM, values![records, now, until]).await? else {
            return Ok(None);
        };
        let filing = read(&row)?;
        let rows = tx.rows(&FILES, values![filing.id]).await?;
        let files = rows.iter().map(read_file).collect::<Result<_, _>>()?;
        tx.commit().await?;
        Ok(Some((filing, files)))
    }

    /// Takes back what was being sent when the daemon stopped; for its start, when nobody else sends. It may have arrived.
    pub async fn release_filings(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.main.execute(&RELEASE, values![now]).await
    }

    /// When a records system has something to do next.
    pub async fn next_filing_at(&self, records: &str) -> Result<Option<Timestamp>, StoreError> {
        let row = self.main.row(&NEXT, values![records]).await?;
        row.map(|row| row.maybe_time("next_at")).transpose().map(Option::flatten)
    }

    /// Writes what came of the try that `claimed` was taken for; false when somebody else has it by now.
    pub async fn settle_filing(
        &self,
        claimed: &Filing,
        now: Timestamp,
        step: &FilingStep,
    ) -> Result<bool, StoreError> {
        let (id, token) = (claimed.id, claimed.attempts);
        let mut tx = self.main.begin().await?;
        let touched = match step {
            FilingStep::Later { at, problem, unsure } => {
                tx.execute(&LATER, values![id, token, at, json(problem), unsure]).await?
            }
            FilingStep::Refused(problem) => {
                tx.execute(&REFUSE, values![id, token, now, json(problem)]).await?
            }
            FilingStep::Kept { reference, file_reference, whole } => {
                let state = if *whole { FilingState::Filed } else { FilingState::Waiting };
                let values = values![id, token, now, word(&state), reference, file_reference];
                tx.execute(&KEEP, values).await?
            }
        };
        if touched > 0 && matches!(step, FilingStep::Kept { .. }) {
            tx.execute(&DROP_FILES, values![id]).await?;
        }
        tx.commit().await?;
        Ok(touched > 0)
    }

    /// Filings of which the log must still hear, at most `limit`.
    pub async fn untold_filings(&self, limit: u32) -> Result<Vec<Filing>, StoreError> {
        self.main.rows(&UNTOLD, values![limit]).await?.iter().map(read).collect()
    }

    /// The log has heard of it.
    pub async fn filing_told(&self, id: FilingId) -> Result<(), StoreError> {
        self.main.execute(&TOLD, values![id]).await.map(drop)
    }

    /// A person has it tried again; false when it neither waits nor was refused.
    pub async fn retry_filing(&self, id: FilingId, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.main.execute(&RETRY, values![id, now]).await? > 0)
    }

    /// A person gives it up, and its files are thrown away; false when it neither waits nor was refused.
    pub async fn cancel_filing(&self, id: FilingId, now: Timestamp) -> Result<bool, StoreError> {
        let mut tx = self.main.begin().await?;
        let canceled = tx.execute(&CANCEL, values![id, now]).await? > 0;
        if canceled {
            tx.execute(&DROP_FILES, values![id]).await?;
        }
        tx.commit().await?;
        Ok(canceled)
    }
}

fn read(row: &Row) -> Result<Filing, StoreError> {
    let state: FilingState = row.word("state")?;
    Ok(Filing {
        id: row.id("filing")?,
        call: row.id("call")?,
        records: row.text("records")?,
        author: row.json("author")?,
        title: row.text("title")?,
        papers: row.json("papers")?,
        state,
        unsure: row.flag("unsure")?,
        handled: row.flag("handled")?,
        attempts: row.count("attempts")?,
        created_at: row.time("created_at")?,
        next_at: (state == FilingState::Waiting).then(|| row.time("next_at")).transpose()?,
        problem: row.maybe_json("problem")?,
        reference: row.maybe_text("reference")?,
        file_reference: row.maybe_text("file_reference")?,
        settled_at: row.maybe_time("settled_at")?,
    })
}

fn read_file(row: &Row) -> Result<FilingFile, StoreError> {
    Ok(FilingFile {
        name: row.text("name")?,
        media_type: row.text("media_type")?,
        role: row.text("role")?,
        content: row.bytes("content")?,
    })
}

static BY_KEY: Statement =
    Statement::new("read a filing by its key", "SELECT * FROM filings WHERE request_key = $1");
static BY_ID: Statement = Statement::new("read a filing", "SELECT * FROM filings WHERE filing = $1");
static ADD: Statement = Statement::new(
    "add a filing",
    "INSERT INTO filings (filing, call, records, request_key, author, title, papers, state, unsure, handled,
         attempts, created_at, next_at, told)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, 0, $10, $10, 1)",
);
static ADD_FILE: Statement = Statement::new(
    "add a file of a filing",
    "INSERT INTO filing_files (filing, position, name, media_type, role, content) VALUES ($1, $2, $3, $4, $5, $6)",
);
static OF_CALL: Statement =
    Statement::new("list filings of a call", "SELECT * FROM filings WHERE call = $1 ORDER BY filing");
static IN_STATE: Statement = Statement::new(
    "list filings in a state",
    "SELECT * FROM filings WHERE state = $1 ORDER BY filing DESC LIMIT $2",
);
static COUNTS: Statement = Statement::new(
    "count filings",
    "SELECT records, CAST(SUM(CASE WHEN state = 'refused' THEN 0 ELSE 1 END) AS BIGINT) AS waiting,
         CAST(SUM(CASE WHEN state = 'refused' THEN 1 ELSE 0 END) AS BIGINT) AS refused
     FROM filings WHERE state IN ('waiting', 'sending', 'refused') GROUP BY records ORDER BY records",
);
/// The state is asked for twice: of two workers that found the same row, the one that waited for the other's lock
/// looks again.
static CLAIM: Statement = Statement::new(
    "claim a filing",
    "UPDATE filings SET state = 'sending', next_at = $3, attempts = attempts + 1,
         unsure = CASE WHEN state = 'sending' THEN 1 ELSE unsure END
     WHERE filing = (SELECT due.filing FROM filings AS due
                     WHERE due.records = $1 AND due.state IN ('waiting', 'sending') AND due.next_at <= $2
                     ORDER BY due.next_at, due.filing LIMIT 1)
       AND state IN ('waiting', 'sending') AND next_at <= $2
     RETURNING *",
);
static RELEASE: Statement = Statement::new(
    "release filings",
    "UPDATE filings SET state = 'waiting', next_at = $1, unsure = 1 WHERE state = 'sending'",
);
static FILES: Statement = Statement::new(
    "read files of a filing",
    "SELECT * FROM filing_files WHERE filing = $1 ORDER BY position",
);
static NEXT: Statement = Statement::new(
    "ask when a filing is due",
    "SELECT MIN(next_at) AS next_at FROM filings WHERE records = $1 AND state IN ('waiting', 'sending')",
);
static LATER: Statement = Statement::new(
    "put a filing off",
    "UPDATE filings SET state = 'waiting', next_at = $3, problem = $4, unsure = $5
     WHERE filing = $1 AND attempts = $2 AND state = 'sending'",
);
static REFUSE: Statement = Statement::new(
    "note that a filing was refused",
    "UPDATE filings SET state = 'refused', settled_at = $3, problem = $4, told = 0
     WHERE filing = $1 AND attempts = $2 AND state = 'sending'",
);
static KEEP: Statement = Statement::new(
    "note that a filing is kept",
    "UPDATE filings SET state = $4, settled_at = $3, next_at = $3, problem = NULL, unsure = 0, reference = $5,
         file_reference = $6, told = CASE WHEN reference IS NULL THEN 0 ELSE told END
     WHERE filing = $1 AND attempts = $2 AND state = 'sending'",
);
static DROP_FILES: Statement =
    Statement::new("throw away files of a filing", "DELETE FROM filing_files WHERE filing = $1");
static UNTOLD: Statement = Statement::new(
    "list filings to be told",
    "SELECT * FROM filings WHERE told = 0 ORDER BY filing LIMIT $1",
);
static TOLD: Statement =
    Statement::new("note that a filing was told", "UPDATE filings SET told = 1 WHERE filing = $1");
static RETRY: Statement = Statement::new(
    "have a filing tried again",
    "UPDATE filings SET state = 'waiting', next_at = $2, settled_at = NULL
     WHERE filing = $1 AND state IN ('waiting', 'refused')",
);
static CANCEL: Statement = Statement::new(
    "give a filing up",
    "UPDATE filings SET state = 'canceled', settled_at = $2 WHERE filing = $1 AND state IN ('waiting', 'refused')",
);

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[
    &BY_KEY,
    &BY_ID,
    &ADD,
    &ADD_FILE,
    &OF_CALL,
    &IN_STATE,
    &COUNTS,
    &CLAIM,
    &RELEASE,
    &FILES,
    &NEXT,
    &LATER,
    &REFUSE,
    &KEEP,
    &DROP_FILES,
    &UNTOLD,
    &TOLD,
    &RETRY,
    &CANCEL,
];
