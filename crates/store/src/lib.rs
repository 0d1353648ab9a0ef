//! Everything SQL: journal, snapshots, projections, users; SQLite and PostgreSQL by one text.
//!
//! ```text
//! engine ─records─▶ JournalWriter ─▶ journal ─▶ Projector ─▶ book (calls, legs, offers, entries, agents …)
//!                                      └─ Snapshot + JournalReader ─▶ engine at start
//! webapi ─▶ Store: lists, one call, timeline, reports · users, sessions, roles, tokens, audit
//! ```
//!
//! The journal is the truth, the book is derived from it and lags by sequence ([`Projector`]). People and their
//! rights live only here. SQLite needs nothing installed: `FILE` and, for the journal, `FILE-journal.db`, each
//! with one writing connection; PostgreSQL by URL. Callers hand in the time; nothing here reads a wall clock but
//! for the first opening of an installation.

mod alone;
mod audit;
mod book;
mod callback_forms;
mod calls;
mod choices;
mod contacts;
mod db;
mod embed_hosts;
mod error;
mod exchange;
mod filings;
mod journal;
mod migrate;
mod missed;
mod pops;
mod preferences;
mod privacy;
mod projection;
mod reconciliation;
mod reports;
mod roles;
mod sessions;
mod switches;
mod timeline;
mod users;
mod webhooks;

use std::hash::{BuildHasher, RandomState};

pub use alone::Alone;
pub use audit::{AuditEntry, AuditFilter, AuditRow};
pub use book::{
    AgentInterval, AgentRow, AssignmentRow, CommandRow, CommandState, CommandStepRow, DeviceRow,
    ExtensionRowAt, LastAnswered, LinkGap, LinkState, QueueMember, QueueRow, SwitchRow,
};
pub use calls::{
    CallCursor, CallDetail, CallFilter, CallPage, CallRow, CallState, CursorError, EntryRow, LegRow, NoteRow,
    OfferRow, OfferState, RelatedCall, RelationKind, Scope, TransferRow,
};
pub use choices::{Disposition, Labels, Reason};
pub use contacts::{
    ADDRESSES_MAX, AddressKind, AddressValue, BulkError, BulkReport, BulkRow, Confidence, Contact,
    ContactAddress, ContactChange, ContactDraft, ContactField, ContactFilter, ContactKind, ContactLink,
    ContactNote, DEFAULT_SYSTEM, Duplicate, EXTERNAL_IDS_MAX, ExternalId, ExternalSystem, FIELD_CHARS,
    FieldType, FieldValues, HistoryRow, ImportMapping, Lookup, LookupOutcome, Match, Merged, NUMBERS_MAX,
    Patch, RowProblem, Same, judge,
};
pub use error::StoreError;
pub use exchange::{ExchangePart, ExchangeRecord, RecordCursor};
pub use filings::{
    Filing, FilingCounts, FilingFile, FilingProblem, FilingState, FilingStep, FilingTrouble, NewFiling,
};
pub use journal::{JournalFailure, JournalReader, JournalStatus, JournalWriter, Snapshot, SubmitError};
pub use missed::{MissedCall, MissedCursor, MissedFilter, MissedScope, MissedState, MissedWork};
pub use pops::{
    NewPop, PopFilter, PopMoment, PopRow, PopRule, PopRuleDraft, PopState, PopWindow, RuleDirection,
    RuleScope,
};
pub use privacy::{Erased, HeldDelivery, HeldFiling, HeldWork, Person, Traces};
pub use projection::Projector;
pub use reconciliation::{
    CountedAs, DifferenceReason, DifferentCall, PbxDay, PbxReset, Reconciliation, ReconciliationFilter,
};
pub use reports::breaks::BreakReport;
pub use reports::entries::{AttemptReport, Attempts, EntryCursor, EntryDetail, EntryFilter, ReleasedBy};
pub use reports::work::{ClosedWork, WorkFilter, WorkPlace};
pub use reports::{Lengths, QueueReport, QueueReportFilter, ServiceLevel, ServiceLevelFormula};
pub use roles::{RIGHTS, Role, SCOPED_RIGHTS, SCOPES, UNIT_SCOPE};
pub use sessions::{ApiToken, LastSignIn, LockOut, Session};
pub use switches::{
    CstaQueue, CstaRoutePoint, CstaSettings, SealedSecrets, StoredSwitch, SwitchProblem, SwitchRoute,
    SwitchSettings, route_point_problems, switch_context_problem, switch_id_problem, switch_kind_problem,
    switch_password_problem, switch_route_problems,
};
pub use users::{NewUser, PasswordHash, User};
pub use webhooks::{
    Delivery, DeliveryFilter, DeliveryState, ReplayNote, ReplayRange, ReplayWish, SignatureKind,
    WebhookEndpoint, WebhookNote, WebhookSecret, WebhookSettings, WebhookState,
};

use db::{Db, Statement, values};

/// Where the store is and how safe it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreOptions {
    /// `sqlite:FILE`, `sqlite::memory:` or `postgres://USER:PASSWORD@HOST/DATABASE`.
    pub url: String,
    /// SQLite only: true = nothing acknowledged is lost when the power fails (`synchronous=FULL`); false = the last
    /// moments may be lost then, never on a crash of the program (`NORMAL`). PostgreSQL is always safe.
    pub power_safe: bool,
}

/// The open store. Cloning shares the connections.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) main: Db,
    pub(crate) journal: Db,
    seed: u32,
}

impl Store {
    /// Opens the store, creates what is missing, and brings it to the newest schema.
    pub async fn open(options: &StoreOptions) -> Result<Self, StoreError> {
        let (main, journal) = match options.url.split_once(':') {
            Some(("sqlite", ":memory:")) => (Db::open_memory().await?, Db::open_memory().await?),
            Some(("sqlite", file)) if !file.trim_start_matches("//").is_empty() => {
                let file = file.strip_prefix("//").unwrap_or(file);
                let journal = format!("{file}-journal.db");
                (
                    Db::open_file(file, options.power_safe, READERS).await?,
                    Db::open_file(&journal, options.power_safe, JOURNAL_READERS).await?,
                )
            }
            Some(("postgres" | "postgresql", _)) => (
                Db::connect(&options.url, 1 + READERS).await?,
                Db::connect(&options.url, 1 + JOURNAL_READERS).await?,
            ),
            Some((scheme, _)) => {
                return Err(StoreError::Url { url: format!("{scheme}:…") });
            }
            None => {
                return Err(StoreError::Url { url: "…".to_owned() });
            }
        };
        migrate::migrate(&journal, migrate::JOURNAL).await?;
        migrate::migrate(&main, migrate::BOOK).await?;
        let seed = installation_seed(&main).await?;
        let store = Self { main, journal, seed };
        store.seed_roles().await?;
        store.seed_choices().await?;
        Ok(store)
    }

    /// This installation's part of every id: chosen by chance at the first opening, then the same for ever.
    pub fn installation_seed(&self) -> u32 {
        self.seed
    }

    /// Asks both databases for a sign of life; for `/readyz`.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.main.rows(&PING, values![]).await?;
        self.journal.rows(&PING, values![]).await?;
        Ok(())
    }

    /// Waits for running steps and closes all connections. Projector and writer must have ended.
    pub async fn close(&self) {
        self.main.close().await;
        self.journal.close().await;
    }

    /// Asks the engine to accept every statement of this crate; the names of all that were tried.
    #[doc(hidden)]
    pub async fn prepare_all(&self) -> Result<Vec<&'static str>, StoreError> {
        let mut names = Vec::new();
        let journal = [journal::STATEMENTS, journal::SNAPSHOT_STATEMENTS, privacy::JOURNAL_STATEMENTS];
        for statement in journal.into_iter().flatten() {
            self.journal.prepare(statement).await?;
            names.push(statement.step);
        }
        let main = [
            STATEMENTS,
            audit::STATEMENTS,
            book::STATEMENTS,
            callback_forms::STATEMENTS,
            embed_hosts::STATEMENTS,
            calls::STATEMENTS,
            choices::STATEMENTS,
            exchange::STATEMENTS,
            filings::STATEMENTS,
            missed::STATEMENTS,
            pops::STATEMENTS,
            preferences::STATEMENTS,
            privacy::HELD_STATEMENTS,
            projection::STATEMENTS,
            reconciliation::STATEMENTS,
            reports::STATEMENTS,
            reports::breaks::STATEMENTS,
            reports::entries::STATEMENTS,
            reports::work::STATEMENTS,
            roles::STATEMENTS,
            sessions::STATEMENTS,
            switches::STATEMENTS,
            timeline::STATEMENTS,
            users::STATEMENTS,
            webhooks::STATEMENTS,
            webhooks::DELIVERY_STATEMENTS,
        ];
        for statement in main.into_iter().flatten() {
            self.main.prepare(statement).await?;
            names.push(statement.step);
        }
        for statement in projection::statements()
            .chain(timeline::erase_statements())
            .chain(contacts::statements())
            .chain(privacy::statements())
        {
            self.main.prepare(statement).await?;
            names.push(statement.step);
        }
        let lists = [calls::list_statements(), missed::list_statements(), pops::list_statements()];
        for statement in lists.into_iter().flatten() {
            self.main.prepare(&statement).await?;
            names.push(statement.step);
        }
        Ok(names)
    }
}

async fn installation_seed(main: &Db) -> Result<u32, StoreError> {
    let chance = RandomState::new().hash_one(std::process::id()) & SEED_BITS;
    main.execute(&KEEP_SEED, values![chance]).await?;
    let seed = match main.row(&SEED, values![]).await? {
        Some(row) => row.count("value")?,
        None => chance,
    };
    Ok(u32::try_from(seed & SEED_BITS).unwrap_or(0))
}

/// CRC-32 of bytes, as the databases keep it.
pub(crate) fn check_sum(bytes: &[u8]) -> i64 {
    let mut sum = flate2::Crc::new();
    sum.update(bytes);
    i64::from(sum.sum())
}

/// Bits of the seed that ids have room for.
const SEED_BITS: u64 = 0x3F_FFFF;

/// Reading connections beside the writing one.
const READERS: u32 = 4;
const JOURNAL_READERS: u32 = 2;

static PING: Statement = Statement::new("ping", "SELECT CAST(1 AS BIGINT) AS one");
static KEEP_SEED: Statement = Statement::new(
    "keep the installation seed",
    "INSERT INTO installation (name, value) VALUES ('seed', $1) ON CONFLICT (name) DO NOTHING",
);
static SEED: Statement =
    Statement::new("read the installation seed", "SELECT value FROM installation WHERE name = 'seed'");

const STATEMENTS: &[&Statement] = &[&PING, &KEEP_SEED, &SEED];
