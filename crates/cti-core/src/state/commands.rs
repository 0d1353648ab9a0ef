//! Commands: all open ones and the last finished ones.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::fact::CommandStep;
use crate::ids::{CallId, DeviceId, SwitchId};
use crate::input::Actor;
use crate::permit::CommandName;
use crate::request::SwitchRequest;
use crate::time::Timestamp;

/// Where a command stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum CommandState {
    /// On its way; nothing seen yet.
    Sent,
    /// The switch took it; the effect is awaited.
    Accepted,
    /// Its effect was seen.
    Succeeded,
    /// It had no effect.
    Failed {
        /// Stable code.
        code: Arc<str>,
        /// Words.
        detail: Arc<str>,
    },
    /// Nobody can say yet.
    OutcomeUnknown {
        /// Why.
        detail: Arc<str>,
    },
}

impl CommandState {
    /// True when nothing more is awaited.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed { .. })
    }
}

/// A command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// Its name.
    pub name: CommandName,
    /// Who asked.
    pub actor: Actor,
    /// Key given by the asker.
    pub idempotency_key: Option<Arc<str>>,
    /// Where it goes.
    pub switch: SwitchId,
    /// The call it is about; for click-to-dial, once known.
    pub call: Option<CallId>,
    /// The device it acts for.
    pub device: Option<DeviceId>,
    /// What was asked of the switch.
    pub request: SwitchRequest,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When it counts as failed without effect.
    pub deadline: Timestamp,
    /// Where it stands.
    #[serde(flatten)]
    pub state: CommandState,
    /// Steps seen, with their times.
    pub steps: Vec<(CommandStep, Timestamp)>,
}
