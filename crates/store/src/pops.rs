//! Rules that say which page a pop opens, and the log of what was shown to whom. One row per human and call: see
//! `0005_create_pops.sql`.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use cti_core::ids::{CallId, PopId, PopRuleId, QueueId, UserId};
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::db::{Bind, Row, Statement, Value, values, word};
use crate::error::StoreError;
use crate::users::next_number;

/// When a page is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PopMoment {
    /// When the call first rings at the human.
    Alerting,
    /// When the human answers.
    Answered,
}

/// Which way a call goes, for a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleDirection {
    /// To the human.
    Inbound,
    /// From the human.
    Outbound,
    /// Either way.
    Both,
}

/// With whom a call is, for a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleScope {
    /// With somebody outside.
    External,
    /// Within the house.
    Internal,
    /// With anybody.
    Both,
}

/// What is kept of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PopRuleDraft {
    /// Name shown to people.
    pub name: String,
    /// False keeps it without using it.
    pub active: bool,
    /// Only calls of this queue; all when none.
    pub queue: Option<QueueId>,
    /// Which way the call goes.
    pub direction: RuleDirection,
    /// With whom it is.
    pub scope: RuleScope,
    /// When the page is opened.
    #[serde(rename = "trigger")]
    pub moment: PopMoment,
    /// The page, with placeholders.
    pub url_template: String,
    /// Name of the window it is opened in.
    pub window: String,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PopRule {
    /// Our id.
    pub id: PopRuleId,
    /// Counts its changes, from 1.
    pub version: u64,
    /// What is kept of it.
    #[serde(flatten)]
    pub kept: PopRuleDraft,
}

/// What became of a pop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PopState {
    /// A desk got it.
    Shown,
    /// Nobody saw it.
    Suppressed,
    /// It was shown and taken away, because the human does not have the call.
    Retracted,
}

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PopRow {
    /// Our id.
    pub id: PopId,
    /// Whose.
    pub user: UserId,
    /// Which call.
    pub call: CallId,
    /// The rule that counts.
    pub rule: Option<PopRuleId>,
    /// When it was due: the trigger of the rule, else alerting.
    #[serde(rename = "trigger")]
    pub moment: PopMoment,
    /// Time of the switch's event that led to it.
    pub at: Timestamp,
    /// What became of it.
    pub state: PopState,
    /// Why it was suppressed or retracted.
    pub reason: Option<String>,
    /// Why no page was opened.
    pub no_window: Option<String>,
    /// The page.
    pub url: Option<String>,
    /// True when a desk was told to open the page; it is told once.
    pub opened: bool,
    /// True when the human put the card away.
    pub dismissed: bool,
    /// From the switch's event to the painted card.
    pub latency_ms: Option<u64>,
}

/// A pop that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPop {
    /// Its id, made of the fact that led to it.
    pub id: PopId,
    /// See [`PopRow::user`].
    pub user: UserId,
    /// See [`PopRow::call`].
    pub call: CallId,
    /// See [`PopRow::rule`].
    pub rule: Option<PopRuleId>,
    /// See [`PopRow::moment`].
    pub moment: PopMoment,
    /// See [`PopRow::at`].
    pub at: Timestamp,
    /// See [`PopRow::no_window`].
    pub no_window: Option<&'static str>,
}

/// The page of a pop, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PopWindow {
    /// A desk is told to open it.
    Open(String),
    /// It is not opened.
    No {
        /// Why.
        reason: &'static str,
    },
}

/// Which rows of the log are wanted, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PopFilter {
    /// Of this call.
    pub call: Option<CallId>,
    /// Of these humans; of all when none.
    pub users: Option<BTreeSet<UserId>>,
    /// Not older.
    pub from: Option<Timestamp>,
    /// Goes on after this row.
    pub after: Option<PopId>,
    /// At most this many.
    pub limit: u32,
}

impl Store {
    /// All rules, in the order in which they are asked: the oldest first.
    pub async fn pop_rules(&self) -> Result<Vec<PopRule>, StoreError> {
        let rows = self.main.rows(&RULES, values![]).await?;
        rows.iter().map(read_rule).collect()
    }

    /// Adds a rule.
    pub async fn add_pop_rule(&self, at: Timestamp, draft: &PopRuleDraft) -> Result<PopRule, StoreError> {
        let mut tx = self.main.begin().await?;
        let id = PopRuleId::derive(at, self.seed, next_number(&mut tx, "pop rule").await?);
        let mut values = values![id];
        values.extend(rule_values(draft));
        tx.execute(&ADD_RULE, values).await?;
        tx.commit().await?;
        Ok(PopRule { id, version: 1, kept: draft.clone() })
    }

    /// Writes a rule over the version that was read; false when it has another version by now or is gone.
    pub async fn save_pop_rule(
        &self,
        id: PopRuleId,
        version: u64,
        draft: &PopRuleDraft,
    ) -> Result<bool, StoreError> {
        let mut values = values![id];
        values.extend(rule_values(draft));
        values.extend(values![version]);
        Ok(self.main.execute(&SAVE_RULE, values).await? > 0)
    }

    /// Removes a rule; false when it has another version by now or is gone.
    pub async fn remove_pop_rule(&self, id: PopRuleId, version: u64) -> Result<bool, StoreError> {
        Ok(self.main.execute(&REMOVE_RULE, values![id, version]).await? > 0)
    }

    /// Begins a pop; false when this human has had this call already.
    pub async fn begin_pop(&self, new: &NewPop) -> Result<bool, StoreError> {
        let values = values![new.id, new.user, new.call, new.rule, word(&new.moment), new.at, new.no_window];
        Ok(self.main.execute(&BEGIN, values).await? > 0)
    }

    /// Settles the page of a pop. True when it may be opened now: it never was before.
    pub async fn settle_pop_window(&self, pop: PopId, window: &PopWindow) -> Result<bool, StoreError> {
        let done = match window {
            PopWindow::Open(url) => self.main.execute(&OPEN, values![pop, url]).await?,
            PopWindow::No { reason } => self.main.execute(&NO_WINDOW, values![pop, *reason]).await?,
        };
        Ok(done > 0 && matches!(window, PopWindow::Open(_)))
    }

    /// Writes what became of a pop. One that is shown again is not put away any more.
    pub async fn settle_pop(
        &self,
        pop: PopId,
        state: PopState,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        self.main.execute(&SETTLE, values![pop, word(&state), reason]).await.map(drop)
    }

    /// Notes that a desk of this user painted the card; the time since the switch's event when it is the first one,
    /// none when it was painted before or is not its own.
    pub async fn pop_painted(
        &self,
        user: UserId,
        pop: PopId,
        at: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let row = self.main.row(&BY_ID, values![pop, user]).await?;
        let Some(row) = row.as_ref().map(read_pop).transpose()? else {
            return Ok(None);
        };
        let latency_ms = at.millis_since(row.at);
        let first = self.main.execute(&PAINTED, values![pop, latency_ms]).await? > 0;
        Ok(first.then_some(latency_ms))
    }

    /// Notes whether the browser of this user opened the page.
    pub async fn pop_opened(&self, user: UserId, pop: PopId, opened: bool) -> Result<(), StoreError> {
        let reason = (!opened).then_some("blocked_by_browser");
        self.main.execute(&OPENED, values![pop, user, reason]).await.map(drop)
    }

    /// Notes that this user put the card away; false when it is not its own.
    pub async fn dismiss_pop(&self, user: UserId, pop: PopId) -> Result<bool, StoreError> {
        Ok(self.main.execute(&DISMISS, values![pop, user]).await? > 0)
    }

    /// The log, newest first.
    pub async fn pops(&self, filter: &PopFilter) -> Result<Vec<PopRow>, StoreError> {
        if filter.users.as_ref().is_some_and(BTreeSet::is_empty) {
            return Ok(Vec::new());
        }
        let (statement, values) = list_query(filter);
        let rows = self.main.rows(&statement, values).await?;
        rows.iter().map(read_pop).collect()
    }

    /// Pops of calls that the book does not know to have ended: what a start begins with.
    pub async fn pops_of_live_calls(&self) -> Result<Vec<PopRow>, StoreError> {
        let rows = self.main.rows(&LIVE, values![]).await?;
        rows.iter().map(read_pop).collect()
    }

    /// Forgets pops older than this; returns how many.
    pub async fn forget_pops(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.main.execute(&FORGET, values![before]).await
    }
}

/// The list for these conditions. Who reads only a few people's pops must not make us read those of all.
fn list_query(filter: &PopFilter) -> (Statement, Vec<Value>) {
    let mut values = values![filter.call, filter.from, filter.after, filter.limit];
    let mut sql = LIST_WHERE.to_owned();
    if let Some(users) = &filter.users {
        let first = values.len() + 1;
        let places: Vec<_> = (first..first + users.len()).map(|place| format!("${place}")).collect();
        values.extend(users.iter().map(Bind::value));
        // Writing into a string cannot fail.
        let _written = write!(sql, " AND user_id IN ({})", places.join(", "));
    }
    sql.push_str(" ORDER BY popped_at DESC, pop DESC LIMIT $4");
    (Statement { step: "list pops", sql: Cow::Owned(sql) }, values)
}

/// The list for everybody and for some, for the test that prepares statements.
pub(crate) fn list_statements() -> Vec<Statement> {
    let some = [1, 2].map(|nth| UserId::derive(Timestamp::from_micros(0), 0, nth));
    let filters = [None, Some(some.into())].map(|users| PopFilter { users, ..PopFilter::default() });
    filters.iter().map(|filter| list_query(filter).0).collect()
}

fn rule_values(draft: &PopRuleDraft) -> Vec<Value> {
    values![
        draft.name,
        draft.active,
        draft.queue,
        word(&draft.direction),
        word(&draft.scope),
        word(&draft.moment),
        draft.url_template,
        draft.window
    ]
}

fn read_rule(row: &Row) -> Result<PopRule, StoreError> {
    Ok(PopRule {
        id: row.id("rule")?,
        version: row.count("version")?,
        kept: PopRuleDraft {
            name: row.text("name")?,
            active: row.flag("active")?,
            queue: row.maybe_id("queue")?,
            direction: row.word("direction")?,
            scope: row.word("scope")?,
            moment: row.word("moment")?,
            url_template: row.text("url_template")?,
            window: row.text("window_name")?,
        },
    })
}

fn read_pop(row: &Row) -> Result<PopRow, StoreError> {
    Ok(PopRow {
        id: row.id("pop")?,
        user: row.id("user_id")?,
        call: row.id("call")?,
        rule: row.maybe_id("rule")?,
        moment: row.word("moment")?,
        at: row.time("popped_at")?,
        state: row.word("state")?,
        reason: row.maybe_text("reason")?,
        no_window: row.maybe_text("no_window")?,
        url: row.maybe_text("url")?,
        opened: row.flag("opened")?,
        dismissed: row.flag("dismissed")?,
        latency_ms: row.maybe_count("latency_ms")?,
    })
}

static RULES: Statement = Statement::new("list pop rules", "SELECT * FROM pop_rules ORDER BY rule");
static ADD_RULE: Statement = Statement::new(
    "add a pop rule",
    "INSERT INTO pop_rules (rule, version, name, active, queue, direction, scope, moment, url_template, window_name)
     VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9)",
);
static SAVE_RULE: Statement = Statement::new(
    "save a pop rule",
    "UPDATE pop_rules SET version = version + 1, name = $2, active = $3, queue = $4, direction = $5, scope = $6,
         moment = $7, url_template = $8, window_name = $9
     WHERE rule = $1 AND version = $10",
);
static REMOVE_RULE: Statement =
    Statement::new("remove a pop rule", "DELETE FROM pop_rules WHERE rule = $1 AND version = $2");
/// The row itself decides: two that begin the same pop cannot both succeed.
static BEGIN: Statement = Statement::new(
    "begin a pop",
    "INSERT INTO pops (user_id, call, pop, rule, moment, popped_at, state, no_window, opened, dismissed)
     VALUES ($2, $3, $1, $4, $5, $6, 'shown', $7, 0, 0)
     ON CONFLICT (user_id, call) DO NOTHING",
);
static OPEN: Statement = Statement::new(
    "open the page of a pop",
    "UPDATE pops SET opened = 1, url = $2, no_window = NULL WHERE pop = $1 AND opened = 0 AND no_window IS NULL",
);
static NO_WINDOW: Statement =
    Statement::new("open no page for a pop", "UPDATE pops SET no_window = $2 WHERE pop = $1 AND opened = 0");
static SETTLE: Statement = Statement::new(
    "settle a pop",
    "UPDATE pops SET state = $2, reason = $3,
         dismissed = CASE WHEN CAST($2 AS TEXT) = 'retracted' THEN dismissed ELSE 0 END
     WHERE pop = $1 AND NOT (state = 'suppressed' AND CAST($2 AS TEXT) = 'retracted')",
);
static PAINTED: Statement = Statement::new(
    "note that a pop was painted",
    "UPDATE pops SET latency_ms = $2,
         state = CASE WHEN state = 'suppressed' THEN 'shown' ELSE state END,
         reason = CASE WHEN state = 'suppressed' THEN NULL ELSE reason END
     WHERE pop = $1 AND latency_ms IS NULL",
);
static OPENED: Statement = Statement::new(
    "note whether a page was opened",
    "UPDATE pops SET no_window = $3 WHERE pop = $1 AND user_id = $2 AND opened = 1",
);
static DISMISS: Statement =
    Statement::new("put a pop away", "UPDATE pops SET dismissed = 1 WHERE pop = $1 AND user_id = $2");
static BY_ID: Statement = Statement::new("read a pop", "SELECT * FROM pops WHERE pop = $1 AND user_id = $2");
/// How [`list_query`] begins.
const LIST_WHERE: &str = "SELECT * FROM pops
     WHERE (CAST($1 AS TEXT) IS NULL OR call = $1) AND (CAST($2 AS BIGINT) IS NULL OR popped_at >= $2)
         AND (CAST($3 AS TEXT) IS NULL
              OR (popped_at, pop) < (SELECT last.popped_at, last.pop FROM pops AS last WHERE last.pop = $3))";
static LIVE: Statement = Statement::new(
    "list pops of live calls",
    "SELECT pops.* FROM pops LEFT JOIN calls ON calls.call = pops.call WHERE calls.ended_at IS NULL",
);
static FORGET: Statement = Statement::new("forget pops", "DELETE FROM pops WHERE popped_at < $1");

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[
    &RULES,
    &ADD_RULE,
    &SAVE_RULE,
    &REMOVE_RULE,
    &BEGIN,
    &OPEN,
    &NO_WINDOW,
    &SETTLE,
    &PAINTED,
    &OPENED,
    &DISMISS,
    &BY_ID,
    &LIVE,
    &FORGET,
];
