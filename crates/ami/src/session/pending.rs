//! Requests between their submission and their outcome, paired with replies by `ActionID`.

use std::{
    collections::{BTreeMap, VecDeque},
    mem,
    time::Duration,
};

use super::outcome::{NeverSent, Outcome, OutcomeUnknown, Reply, RequestId};
use crate::{
    ActionError, Message,
    action::{Action, ReplyShape},
    response::Response,
};

/// Most requests waiting at once.
const MAX_WAITING: usize = 1024;
/// Most requests remembered after their deadline, so that late replies are known as such.
const MAX_EXPIRED: usize = 256;
/// Most rows of one list.
const MAX_ROWS: usize = 100_000;
/// Most bytes of one list.
const MAX_LIST_BYTES: usize = 128 * 1024 * 1024;

/// Whose request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Login,
    Ping,
    ListCommands,
    CoreSettings,
    Logoff,
    User(RequestId),
}

/// One request.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) id: String,
    pub(super) purpose: Purpose,
    /// Its outcome was already told (deadline); kept to recognise what still comes.
    pub(super) is_settled: bool,
    is_sent: bool,
    shape: ReplyShape,
    deadline: Duration,
    response: Option<Message>,
    rows: Vec<Message>,
    row_bytes: usize,
    is_too_large: bool,
}

impl Pending {
    /// Tells whether this response announces list items.
    pub(super) fn opens_list(&self, message: &Message) -> bool {
        let is_list = matches!(self.shape, ReplyShape::List { .. });
        Response::of(message)
            .is_some_and(|response| response.is_success() && (is_list || response.starts_list()))
    }

    pub(super) fn open_list(&mut self, response: Message) {
        self.response = Some(response);
    }

    pub(super) fn push_row(&mut self, row: Message) {
        if self.is_settled || self.is_too_large {
            return;
        }
        self.row_bytes += row.raw().len();
        self.rows.push(row);
        if self.rows.len() > MAX_ROWS || self.row_bytes > MAX_LIST_BYTES {
            self.is_too_large = true;
            self.rows = Vec::new();
        }
    }

    /// The outcome at the end of a list; `None` if one was told before.
    pub(super) fn into_list_outcome(self, complete: Message) -> Option<Outcome> {
        if self.is_settled {
            return None;
        }
        if self.is_too_large {
            return Some(Outcome::OutcomeUnknown(OutcomeUnknown::ListTooLarge { limit: MAX_ROWS }));
        }
        let word = complete.get("EventList").unwrap_or_default();
        if word.get(..6).is_some_and(|head| head.eq_ignore_ascii_case("Cancel")) {
            return Some(Outcome::OutcomeUnknown(OutcomeUnknown::ListCancelled));
        }
        let response = self.response.unwrap_or_else(|| complete.clone());
        Some(Outcome::Done(Reply { response, rows: self.rows, complete: Some(complete) }))
    }

    /// The outcome by a response that opens no list; `None` if one was told before.
    pub(super) fn into_outcome(self, message: Message) -> Option<Outcome> {
        if self.is_settled {
            return None;
        }
        let response = Response::of(&message)?;
        if response.is_success() || response.means_no_rows(self.shape) {
            return Some(Outcome::Done(Reply { response: message, rows: Vec::new(), complete: None }));
        }
        let text = response.text().unwrap_or_default().to_owned();
        Some(Outcome::Refused { message: text, response: message })
    }

    fn unfinished(&self, sent: OutcomeUnknown, unsent: NeverSent) -> Outcome {
        if self.is_sent { Outcome::OutcomeUnknown(sent) } else { Outcome::NeverSent(unsent) }
    }
}

/// All requests of a session.
#[derive(Debug)]
pub(super) struct Requests {
    prefix: String,
    next: u64,
    by_id: BTreeMap<String, Pending>,
    writes: VecDeque<(String, Vec<u8>)>,
    waiting: usize,
    lists: usize,
}

impl Requests {
    pub(super) fn new(prefix: String) -> Self {
        Self { prefix, next: 0, by_id: BTreeMap::new(), writes: VecDeque::new(), waiting: 0, lists: 0 }
    }

    /// Queues a request of the owner.
    pub(super) fn submit(&mut self, action: &Action, deadline: Duration) -> Result<RequestId, NeverSent> {
        if self.waiting >= MAX_WAITING {
            return Err(NeverSent::Busy { waiting: self.waiting });
        }
        let request = RequestId(self.next);
        if action.action_id().is_some_and(|id| self.by_id.contains_key(id)) {
            return Err(NeverSent::DuplicateActionId);
        }
        self.queue(Purpose::User(request), action, deadline)?;
        Ok(request)
    }

    /// Queues a request of the session itself.
    pub(super) fn send_own(
        &mut self,
        purpose: Purpose,
        action: &Action,
        deadline: Duration,
    ) -> Result<(), ActionError> {
        self.queue(purpose, action, deadline)
    }

    fn queue(&mut self, purpose: Purpose, action: &Action, deadline: Duration) -> Result<(), ActionError> {
        let own = format!("{}-{}", self.prefix, self.next);
        let bytes = action.encode(&own)?;
        self.next += 1;
        let id = action.action_id().map_or(own, str::to_owned);
        let is_list = matches!(action.shape(), ReplyShape::List { .. });
        self.lists += usize::from(is_list);
        self.waiting += 1;
        let pending = Pending {
            id: id.clone(),
            purpose,
            is_settled: false,
            is_sent: false,
            shape: action.shape(),
            deadline,
            response: None,
            rows: Vec::new(),
            row_bytes: 0,
            is_too_large: false,
        };
        self.by_id.insert(id.clone(), pending);
        self.writes.push_back((id, bytes));
        Ok(())
    }

    /// The next bytes to write; marks their request as sent. Requests that expired in the queue are skipped.
    pub(super) fn next_write(&mut self) -> Option<Vec<u8>> {
        while let Some((id, bytes)) = self.writes.pop_front() {
            if let Some(pending) = self.by_id.get_mut(&id).filter(|pending| !pending.is_settled) {
                pending.is_sent = true;
                return Some(bytes);
            }
        }
        None
    }

    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.by_id.values().filter(|pending| !pending.is_settled).map(|pending| pending.deadline).min()
    }

    pub(super) fn action_id(&self, request: RequestId) -> Option<&str> {
        self.by_id
            .values()
            .find(|pending| pending.purpose == Purpose::User(request) && !pending.is_settled)
            .map(|pending| pending.id.as_str())
    }

    pub(super) fn has(&self, purpose: Purpose) -> bool {
        self.by_id.values().any(|pending| pending.purpose == purpose && !pending.is_settled)
    }

    /// Whether any list is open or may open, so that most events need no look-up at all.
    pub(super) fn has_lists(&self) -> bool {
        self.lists > 0
    }

    /// A single-reply request turned out to be a list.
    pub(super) fn note_list(&mut self) {
        self.lists = self.by_id.values().filter(|pending| is_list(pending)).count();
    }

    /// The sent request with this id.
    pub(super) fn sent(&mut self, id: &str) -> Option<&mut Pending> {
        self.by_id.get_mut(id).filter(|pending| pending.is_sent)
    }

    /// The sent request with this id whose reply is a list.
    pub(super) fn list(&mut self, id: &str) -> Option<&mut Pending> {
        self.sent(id).filter(|pending| is_list(pending))
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<Pending> {
        let pending = self.by_id.remove(id)?;
        self.waiting -= usize::from(!pending.is_settled);
        self.note_list();
        Some(pending)
    }

    pub(super) fn remove_purpose(&mut self, purpose: Purpose) {
        let id =
            self.by_id.values().find(|pending| pending.purpose == purpose).map(|pending| pending.id.clone());
        if let Some(id) = id {
            self.remove(&id);
        }
    }

    /// Settles what is due. Unsent requests are forgotten; sent ones are remembered for their late replies.
    pub(super) fn expire(&mut self, now: Duration) -> Vec<(Purpose, Outcome)> {
        let is_due = |pending: &Pending| !pending.is_settled && now >= pending.deadline;
        let due: Vec<String> = self.by_id.values().filter(|p| is_due(p)).map(|p| p.id.clone()).collect();
        let mut outcomes = Vec::with_capacity(due.len());
        for id in due {
            let Some(pending) = self.by_id.get_mut(&id) else {
                continue;
            };
            let outcome = pending.unfinished(OutcomeUnknown::DeadlinePassed, NeverSent::DeadlinePassed);
            outcomes.push((pending.purpose, outcome));
            if pending.is_sent {
                pending.is_settled = true;
                pending.rows = Vec::new();
                self.waiting -= 1;
            } else {
                self.remove(&id);
            }
        }
        self.forget_oldest();
        outcomes
    }

    fn forget_oldest(&mut self) {
        while self.by_id.len() - self.waiting > MAX_EXPIRED {
            let oldest = self.by_id.values().filter(|p| p.is_settled).min_by_key(|p| p.deadline);
            let Some(id) = oldest.map(|pending| pending.id.clone()) else {
                return;
            };
            self.remove(&id);
        }
    }

    /// Settles everything at the end of the link.
    pub(super) fn drain(&mut self) -> Vec<(Purpose, Outcome)> {
        self.writes.clear();
        self.waiting = 0;
        self.lists = 0;
        mem::take(&mut self.by_id)
            .into_values()
            .filter(|pending| !pending.is_settled)
            .map(|pending| {
                (pending.purpose, pending.unfinished(OutcomeUnknown::LinkEnded, NeverSent::LinkEnded))
            })
            .collect()
    }
}

fn is_list(pending: &Pending) -> bool {
    matches!(pending.shape, ReplyShape::List { .. }) || pending.response.is_some()
}
