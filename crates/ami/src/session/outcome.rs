//! How requests end.

use thiserror::Error;

use crate::{ActionError, Message};

/// Names one request within its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub(super) u64);

/// What the switch answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The response.
    pub response: Message,
    /// List items, in order; empty for single replies and empty lists.
    pub rows: Vec<Message>,
    /// The event that ended the list.
    pub complete: Option<Message>,
}

/// How a request ended. The four are told apart because a command may be repeated after the first two, must not
/// after the third, and needs reconciliation after the fourth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Not one byte of it was handed to the connection.
    NeverSent(NeverSent),
    /// The switch said no and did nothing.
    Refused {
        /// Its text, without blanks around it.
        message: String,
        /// The whole response.
        response: Message,
    },
    /// The switch said yes. For actions that only queue (`Originate`, `AGI`, `Atxfer`) the effect shows in events.
    Done(Reply),
    /// It was sent, and what became of it is not known.
    OutcomeUnknown(OutcomeUnknown),
}

impl Outcome {
    /// The reply, if the switch said yes.
    pub fn reply(&self) -> Option<&Reply> {
        match self {
            Self::Done(reply) => Some(reply),
            Self::NeverSent(_) | Self::Refused { .. } | Self::OutcomeUnknown(_) => None,
        }
    }
}

/// Why a request never left.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NeverSent {
    /// The session is not logged in yet, or is logging off.
    #[error("the session is not ready")]
    NotReady,
    /// Too many requests wait for their answers.
    #[error("{waiting} requests are waiting already")]
    Busy {
        /// How many.
        waiting: usize,
    },
    /// Another request with this `ActionID` is waiting.
    #[error("the ActionID is in use by a waiting request")]
    DuplicateActionId,
    /// The action cannot be written.
    #[error("the action cannot be written")]
    Unwritable(#[from] ActionError),
    /// The link ended before its turn.
    #[error("the link ended before the request was sent")]
    LinkEnded,
    /// Its deadline passed before its turn.
    #[error("the deadline passed before the request was sent")]
    DeadlinePassed,
}

/// Why the outcome is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OutcomeUnknown {
    /// No answer came in time.
    #[error("no answer within the deadline")]
    DeadlinePassed,
    /// The link ended before the answer.
    #[error("the link ended before the answer")]
    LinkEnded,
    /// The list was larger than we keep; its rows were dropped.
    #[error("the list is larger than {limit} rows or its bytes are too many")]
    ListTooLarge {
        /// Most rows kept.
        limit: usize,
    },
    /// The switch broke the list off.
    #[error("the switch broke the list off")]
    ListCancelled,
}
