//! The book of calls: pages of a list, and everything about one call. Calls that ended with `logged: false` are
//! not shown; their queue entries count in reports all the same.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::str::FromStr;

use cti_core::fact::Direction;
use cti_core::ids::{AgentId, CallId, QueueId, SwitchId, UserId};
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::db::{Bind, Statement, Value, values, word};
use crate::error::StoreError;

mod read;
mod rows;

pub(crate) use read::{call as read_call, note as read_note};
pub use rows::{
    CallDetail, CallRow, EntryRow, LegRow, NoteRow, OfferRow, OfferState, RelatedCall, RelationKind,
    TransferRow,
};

/// Live or over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// Not ended.
    Live,
    /// Ended.
    Ended,
}

/// Whose calls may be seen: the scope of a right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Scope {
    /// All.
    #[default]
    Any,
    /// Those in which this user ever had a leg.
    Own(UserId),
    /// Those in which a user of this team ever had a leg.
    Team(String),
    /// Those in which a user of this site ever had a leg.
    Site(String),
    /// Those in which one of these users ever had a leg, or that were ever in one of these queues.
    Of {
        /// The people.
        users: Vec<UserId>,
        /// The queues.
        queues: Vec<QueueId>,
    },
}

/// Which calls are wanted, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Live or ended.
    pub state: Option<CallState>,
    /// That were ever in this queue.
    pub queue: Option<QueueId>,
    /// In which this agent ever had a leg.
    pub agent: Option<AgentId>,
    /// In which this user ever had a leg.
    pub user: Option<UserId>,
    /// In which this number called, was dialled or took part; E.164 or as on the wire.
    pub number: Option<String>,
    /// Which way it went.
    pub direction: Option<Direction>,
    /// Of this switch.
    pub switch: Option<SwitchId>,
    /// Begun not before this time.
    pub from: Option<Timestamp>,
    /// Begun before this time.
    pub to: Option<Timestamp>,
    /// What the asker may see.
    pub scope: Scope,
    /// Goes on after this place.
    pub after: Option<CallCursor>,
    /// At most this many; 1 to 200, 0 means 50.
    pub limit: u32,
}

/// A page of calls.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CallPage {
    /// The calls, newest first.
    pub items: Vec<CallRow>,
    /// Where the next page begins; none on the last one.
    pub next_cursor: Option<CallCursor>,
}

/// A place in the list of calls; opaque text outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallCursor {
    started_at: Timestamp,
    call: CallId,
}

impl fmt::Display for CallCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.started_at.as_micros(), self.call)
    }
}

impl Serialize for CallCursor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for CallCursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let (micros, call) = text.split_once('.').ok_or(CursorError)?;
        Ok(Self {
            started_at: Timestamp::from_micros(micros.parse().map_err(|_| CursorError)?),
            call: call.parse().map_err(|_| CursorError)?,
        })
    }
}

/// A text is no cursor of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct CursorError;

impl Store {
    /// A page of the list.
    pub async fn calls(&self, filter: &CallFilter) -> Result<CallPage, StoreError> {
        let limit = if filter.limit == 0 { 50 } else { filter.limit.min(200) };
        // One more than wanted tells whether there is a next page.
        let (statement, values) = list_query(filter, limit + 1);
        let rows = self.main.rows(&statement, values).await?;
        let mut items = rows.iter().map(read::call).collect::<Result<Vec<_>, _>>()?;
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > wanted;
        items.truncate(wanted);
        let next_cursor = items
            .last()
            .filter(|_| more)
            .map(|call| CallCursor { started_at: call.started_at, call: call.id });
        Ok(CallPage { items, next_cursor })
    }

    /// Everything about one call; none when there is no such call.
    pub async fn call(&self, id: CallId) -> Result<Option<CallDetail>, StoreError> {
        let Some(row) = self.main.row(&CALL, values![id]).await? else {
            return Ok(None);
        };
        let legs = self.main.rows(&LEGS, values![id]).await?;
        let entries = self.main.rows(&ENTRIES, values![id]).await?;
        let offers = self.main.rows(&OFFERS, values![id]).await?;
        let transfers = self.main.rows(&TRANSFERS, values![id]).await?;
        let notes = self.main.rows(&NOTES, values![id]).await?;
        let mut data = BTreeMap::new();
        for row in self.main.rows(&DATA, values![id]).await? {
            data.insert(row.text("name")?, row.text("body")?);
        }
        let mut related = Vec::new();
        for row in self.main.rows(&RELATED, values![id]).await? {
            related.push(RelatedCall { call: row.id("other")?, kind: row.word("kind")? });
        }
        Ok(Some(CallDetail {
            call: read::call(&row)?,
            legs: legs.iter().map(read::leg).collect::<Result<_, _>>()?,
            entries: entries.iter().map(read::entry).collect::<Result<_, _>>()?,
            offers: offers.iter().map(read::offer).collect::<Result<_, _>>()?,
            transfers: transfers.iter().map(read::transfer).collect::<Result<_, _>>()?,
            notes: notes.iter().map(read::note).collect::<Result<_, _>>()?,
            data,
            related,
        }))
    }

    /// True when the call exists and lies within the scope.
    pub async fn is_call_visible(&self, id: CallId, scope: &Scope) -> Result<bool, StoreError> {
        let mut clauses = Clauses::new();
        clauses.add("call = {0}", vec![id.value()]);
        clauses.scope(scope);
        let (statement, values) = clauses.finish("ask for a call", 1);
        Ok(self.main.row(&statement, values).await?.is_some())
    }

    /// Offers, newest first, of one agent where wanted, begun in `[from, to)`; at most `limit` (200).
    pub async fn offers(
        &self,
        agent: Option<AgentId>,
        from: Timestamp,
        to: Timestamp,
        limit: u32,
    ) -> Result<Vec<OfferRow>, StoreError> {
        let values = values![agent, from, to, limit.clamp(1, 200)];
        let rows = self.main.rows(&OFFERS_BETWEEN, values).await?;
        rows.iter().map(read::offer).collect()
    }
}

/// The query of a list: fixed pieces, joined as the filter needs them, so that each engine can choose an index.
fn list_query(filter: &CallFilter, limit: u32) -> (Statement, Vec<Value>) {
    let mut clauses = Clauses::new();
    match filter.state {
        Some(CallState::Live) => clauses.add("ended_at IS NULL", vec![]),
        Some(CallState::Ended) => clauses.add("ended_at IS NOT NULL", vec![]),
        None => {}
    }
    clauses.maybe("call IN (SELECT call FROM queue_entries WHERE queue = {0})", filter.queue.as_ref());
    clauses.maybe(
        "call IN (SELECT leg_calls.call FROM leg_calls JOIN legs ON legs.leg = leg_calls.leg
                  WHERE legs.agent = {0})",
        filter.agent.as_ref(),
    );
    clauses.maybe(
        "call IN (SELECT leg_calls.call FROM leg_calls JOIN legs ON legs.leg = leg_calls.leg
                  WHERE legs.user_id = {0})",
        filter.user.as_ref(),
    );
    clauses.maybe(
        "call IN (SELECT call FROM calls WHERE calling_key = {0}
                  UNION SELECT call FROM calls WHERE calling_raw = {0}
                  UNION SELECT call FROM calls WHERE dialled_key = {0}
                  UNION SELECT call FROM calls WHERE dialled_raw = {0}
                  UNION SELECT leg_calls.call FROM leg_calls JOIN legs ON legs.leg = leg_calls.leg
                        WHERE legs.party_key = {0} OR legs.party_raw = {0})",
        filter.number.as_ref(),
    );
    clauses.maybe("direction = {0}", filter.direction.as_ref().map(word).as_ref());
    clauses.maybe("switch = {0}", filter.switch.as_ref());
    clauses.maybe("started_at >= {0}", filter.from.as_ref());
    clauses.maybe("started_at < {0}", filter.to.as_ref());
    clauses.scope(&filter.scope);
    if let Some(after) = filter.after {
        let place = values![after.started_at, after.call];
        clauses.add("(started_at, call) < ({0}, {1})", place);
    }
    clauses.finish("list calls", limit)
}

/// What is read of a call. The data key `activity` is the one a host binds to say what the call is about.
const COLUMNS: &str =
    "calls.*, (SELECT body FROM call_data WHERE call_data.call = calls.call AND name = 'activity')
    AS activity";

/// Conditions of a list, with their values.
struct Clauses {
    sql: String,
    values: Vec<Value>,
}

impl Clauses {
    fn new() -> Self {
        Self { sql: format!("SELECT {COLUMNS} FROM calls WHERE logged = 1"), values: Vec::new() }
    }

    /// Adds a condition; `{0}`, `{1}` stand for its values.
    fn add(&mut self, condition: &str, values: Vec<Value>) {
        let mut condition = condition.to_owned();
        for (nth, value) in values.into_iter().enumerate() {
            self.values.push(value);
            condition = condition.replace(&format!("{{{nth}}}"), &format!("${}", self.values.len()));
        }
        self.sql.push_str(" AND ");
        self.sql.push_str(&condition);
    }

    fn maybe<T: Bind>(&mut self, condition: &'static str, value: Option<&T>) {
        if let Some(value) = value {
            self.add(condition, vec![value.value()]);
        }
    }

    fn scope(&mut self, scope: &Scope) {
        match scope {
            Scope::Any => {}
            Scope::Own(user) => self.add(
                "call IN (SELECT leg_calls.call FROM leg_calls JOIN legs ON legs.leg = leg_calls.leg
                          WHERE legs.user_id = {0})",
                vec![user.value()],
            ),
            Scope::Team(team) => self.add(
                "call IN (SELECT leg_calls.call FROM leg_calls JOIN legs ON legs.leg = leg_calls.leg
                          JOIN users ON users.user_id = legs.user_id WHERE users.team = {0})",
                vec![team.value()],
            ),
            Scope::Site(site) => self.add(
                "call IN (SELECT leg_calls.call FROM leg_calls JOIN legs ON legs.leg = leg_calls.leg
                          JOIN users ON users.user_id = legs.user_id WHERE users.site = {0})",
                vec![site.value()],
            ),
            Scope::Of { users, queues } => {
                let places = |from: usize, count: usize| {
                    let all: Vec<String> = (from..from + count).map(|nth| format!("{{{nth}}}")).collect();
                    if all.is_empty() { "NULL".to_owned() } else { all.join(", ") }
                };
                let condition = format!(
                    "(call IN (SELECT leg_calls.call FROM leg_calls JOIN legs ON legs.leg = leg_calls.leg
                               WHERE legs.user_id IN ({}))
                      OR call IN (SELECT queue_entries.call FROM queue_entries WHERE queue IN ({})))",
                    places(0, users.len()),
                    places(users.len(), queues.len())
                );
                let values = users.iter().map(Bind::value).chain(queues.iter().map(Bind::value)).collect();
                self.add(&condition, values);
            }
        }
    }

    fn finish(mut self, step: &'static str, limit: u32) -> (Statement, Vec<Value>) {
        self.values.push(limit.value());
        // Writing into a string cannot fail.
        let _written = write!(self.sql, " ORDER BY started_at DESC, call DESC LIMIT ${}", self.values.len());
        let statement = Statement { step, sql: Cow::Owned(self.sql) };
        (statement, self.values)
    }
}

/// The list with each scope and everything else asked for at once, for the test that prepares statements.
pub(crate) fn list_statements() -> Vec<Statement> {
    let at = Timestamp::from_micros(0);
    let user = UserId::derive(at, 0, 0);
    let of = Scope::Of { users: vec![user, user], queues: vec![QueueId::derive(at, 0, 0)] };
    let scopes = [Scope::Any, Scope::Own(user), Scope::Team(String::new()), Scope::Site(String::new()), of];
    let full = scopes.map(|scope| CallFilter {
        state: Some(CallState::Live),
        queue: Some(QueueId::derive(at, 0, 0)),
        agent: Some(AgentId::derive(at, 0, 0)),
        user: Some(user),
        number: Some(String::new()),
        direction: Some(Direction::Inbound),
        switch: Some(SwitchId::from("")),
        from: Some(at),
        to: Some(at),
        scope,
        after: Some(CallCursor { started_at: at, call: CallId::derive(at, 0, 0) }),
        limit: 1,
    });
    let mut statements: Vec<_> = full.iter().map(|filter| list_query(filter, 1).0).collect();
    statements.push(list_query(&CallFilter::default(), 1).0);
    statements
}

static CALL: Statement = Statement::new(
    "read a call",
    "SELECT calls.*, (SELECT body FROM call_data WHERE call_data.call = calls.call AND name = 'activity') AS activity
     FROM calls WHERE call = $1 AND logged = 1",
);
static LEGS: Statement = Statement::new(
    "read the legs of a call",
    "SELECT legs.* FROM legs JOIN leg_calls ON leg_calls.leg = legs.leg WHERE leg_calls.call = $1
     ORDER BY legs.sequence",
);
static ENTRIES: Statement = Statement::new(
    "read the queue entries of a call",
    "SELECT * FROM queue_entries WHERE call = $1 ORDER BY sequence",
);
static OFFERS: Statement =
    Statement::new("read the offers of a call", "SELECT * FROM offers WHERE call = $1 ORDER BY sequence");
static OFFERS_BETWEEN: Statement = Statement::new(
    "list offers",
    "SELECT * FROM offers WHERE (CAST($1 AS TEXT) IS NULL OR agent = $1) AND created_at >= $2 AND created_at < $3
     ORDER BY sequence DESC LIMIT $4",
);
static TRANSFERS: Statement = Statement::new(
    "read the transfers of a call",
    "SELECT * FROM transfers WHERE call = $1 ORDER BY sequence",
);
static NOTES: Statement =
    Statement::new("read the notes of a call", "SELECT * FROM notes WHERE call = $1 ORDER BY sequence");
static DATA: Statement =
    Statement::new("read the data of a call", "SELECT name, body FROM call_data WHERE call = $1");
/// A relation is kept once, in the words of `call`; the other end reads it in the opposite words. Only possible
/// other halves of a call are told of both.
static RELATED: Statement = Statement::new(
    "read related calls",
    "SELECT other, kind, sequence FROM call_relations WHERE call = $1
     UNION
     SELECT call AS other,
            CASE kind WHEN 'consultation' THEN 'consulted_for' WHEN 'merged_into' THEN 'merged'
                      ELSE 'split' END AS kind, sequence
     FROM call_relations WHERE other = $1 AND kind <> 'other_half'
     ORDER BY sequence, other",
);

/// All fixed statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] =
    &[&CALL, &LEGS, &ENTRIES, &OFFERS, &OFFERS_BETWEEN, &TRANSFERS, &NOTES, &DATA, &RELATED];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_a_broken_one_is_refused() {
        let at = Timestamp::from_micros(1_795_270_522_104_233);
        let cursor = CallCursor { started_at: at, call: CallId::derive(at, 1, 9) };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for broken in ["", "7", "x.y", "7.call_", ".", "1.leg_0199f0c1-0000-8000-8000-000000000000"] {
            assert_eq!(broken.parse::<CallCursor>(), Err(CursorError), "{broken}");
        }
    }
}
