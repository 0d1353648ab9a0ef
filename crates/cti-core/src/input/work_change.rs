//! What people and programs ask of interactions beside calls.

use crate::fact::{Request, WorkSaid};
use crate::ids::{AgentId, InteractionId};
use crate::time::Timestamp;

/// Changes of interactions.
#[derive(Debug, Clone, PartialEq)]
pub enum WorkChange {
    /// Asks for one; `Decision.records` names it.
    Request {
        /// What.
        request: Box<Request>,
    },
    /// Another time.
    Reschedule {
        /// Which.
        interaction: InteractionId,
        /// When.
        due: Timestamp,
    },
    /// An agent takes it off the list now, whatever its turn; the phone of a callback rings.
    Claim {
        /// Which.
        interaction: InteractionId,
        /// Who.
        agent: AgentId,
    },
    /// The asked agent takes it. A callback is taken by lifting the phone.
    Accept {
        /// Which.
        interaction: InteractionId,
        /// Who.
        agent: AgentId,
    },
    /// The asked agent does not take it.
    Reject {
        /// Which.
        interaction: InteractionId,
        /// Who.
        agent: AgentId,
    },
    /// It is done.
    Finish {
        /// Which.
        interaction: InteractionId,
        /// Who had it when the person who asks looked: work that went to somebody else meanwhile is not finished.
        agent: Option<AgentId>,
        /// What came of it.
        said: WorkSaid,
    },
    /// It need not be done any more.
    Cancel {
        /// Which.
        interaction: InteractionId,
        /// Who had it when the person who asks looked: a colleague is not stopped by who did not know of it.
        agent: Option<AgentId>,
    },
}
