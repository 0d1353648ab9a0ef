//! Typed actions, checked before their first byte is written.
//!
//! Asterisk escapes nothing: a line break in a value would start a header of its own, a line above 1024 bytes or a
//! 129th header spoils the whole action, and of two equal keys it reads only the first. All of these are refused
//! here with an [`ActionError`]; what [`Action`] holds can be sent as it is.
//!
//! Each action is a struct with one field per header ([`Request`]); [`Action::build`] makes one that has no struct.

mod agi;
mod call;
mod draft;
mod list;
mod login;
mod macros;
mod media;
mod queue;
mod switch;

use std::fmt;

pub use agi::{Agi, agi_quote};
pub use call::{
    AbsoluteTimeout, Atxfer, BlindTransfer, Bridge, BridgeDestroy, BridgeKick, CallerId, CancelAtxfer,
    Getvar, Hangup, Originate, Park, PjsipNotify, Redirect, Setvar,
};
pub use draft::{Draft, Variables};
pub use list::{
    BridgeInfo, BridgeList, ConfbridgeList, ConfbridgeListRooms, CoreSettings, CoreShowChannelMap,
    CoreShowChannels, CoreStatus, DeviceStateList, ExtensionState, ExtensionStateList, ParkedCalls,
    PjsipShowContacts, PjsipShowEndpoint, PjsipShowEndpoints, PresenceState, Status,
};
pub use login::{
    Challenge, EventMask, Events, Filter, FilterAdvanced, ListCommands, Login, LoginMd5, Logoff, Ping,
    md5_key,
};
pub use media::{
    AudioDirection, ControlPlayback, MixMonitor, MixMonitorMute, MuteAudio, MuteDirection, OnOff, PlayDtmf,
    PlaybackControl, StopMixMonitor,
};
pub use queue::{
    Agents, QueueAdd, QueueChangePriorityCaller, QueueMemberRingInUse, QueuePause, QueuePenalty, QueueRemove,
    QueueReset, QueueStatus, QueueSummary, QueueWithdrawCaller,
};
pub use switch::{
    Command, ConfbridgeKick, ConfbridgeLock, ConfbridgeMute, ConfbridgeStartRecord, ConfbridgeStopRecord,
    ConfbridgeUnlock, ConfbridgeUnmute, DbDel, DbGet, DbGetTree, DbPut, MessageSend, Reload, SendText,
    UserEvent,
};

use crate::{error::ActionError, redact};

/// Longest line Asterisk reads, in bytes with its CRLF.
pub const MAX_LINE_BYTES: usize = 1024;
/// Most headers Asterisk reads, `Action` and `ActionID` included.
pub const MAX_ACTION_HEADERS: usize = 128;
/// Longest `ActionID` in bytes: several list replies copy it into a 256-byte buffer.
pub const MAX_ACTION_ID_BYTES: usize = 200;

/// Something that can be sent as an action.
pub trait Request {
    /// Checks the values and gives the action.
    fn to_action(&self) -> Result<Action, ActionError>;
}

/// What answers an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyShape {
    /// One response.
    Single,
    /// A response, list items, an event that ends the list. An error with one of these texts means "no rows":
    /// some lists of Asterisk answer so.
    List {
        /// Beginnings of such error texts, compared without regard to case.
        empty_errors: &'static [&'static str],
    },
}

/// A checked action. Its `Debug` hides secrets and masks personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Action {
    name: String,
    id: Option<String>,
    headers: Vec<(String, String)>,
    shape: ReplyShape,
}

impl Action {
    /// Starts an action by name, for those that have no struct here.
    pub fn build(name: &str) -> Draft {
        Draft::new(name)
    }

    /// The action's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The headers but `Action` and `ActionID`, in order.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// What answers it.
    pub const fn shape(&self) -> ReplyShape {
        self.shape
    }

    /// The `ActionID` set by [`with_action_id`](Self::with_action_id).
    pub fn action_id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Sets the `ActionID` instead of leaving it to the session: 1 to 200 printable ASCII bytes.
    pub fn with_action_id(mut self, id: &str) -> Result<Self, ActionError> {
        check_action_id(&self.name, id)?;
        self.id = Some(id.to_owned());
        Ok(self)
    }

    /// Writes the action with this `ActionID` unless it has its own.
    pub fn encode(&self, fallback_id: &str) -> Result<Vec<u8>, ActionError> {
        check_action_id(&self.name, fallback_id)?;
        let id = self.id.as_deref().unwrap_or(fallback_id);
        let mut bytes = Vec::with_capacity(64 + self.headers.len() * 40);
        let mut line = |key: &str, value: &str| {
            bytes.extend_from_slice(key.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        };
        line("Action", &self.name);
        line("ActionID", id);
        for (key, value) in &self.headers {
            line(key, value);
        }
        bytes.extend_from_slice(b"\r\n");
        Ok(bytes)
    }
}

impl Request for Action {
    fn to_action(&self) -> Result<Action, ActionError> {
        Ok(self.clone())
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        map.entry(&"Action", &self.name);
        if let Some(id) = &self.id {
            map.entry(&"ActionID", id);
        }
        for (key, value) in &self.headers {
            map.entry(key, &redact::shown(key, value));
        }
        map.finish()
    }
}

fn check_action_id(action: &str, id: &str) -> Result<(), ActionError> {
    let is_good =
        !id.is_empty() && id.len() <= MAX_ACTION_ID_BYTES && id.bytes().all(|b| b.is_ascii_graphic());
    if is_good { Ok(()) } else { Err(ActionError::BadActionId { action: action.to_owned() }) }
}

/// Checks one header for what would change its meaning on the wire.
pub(crate) fn check_header(action: &str, key: &str, value: &str) -> Result<(), ActionError> {
    let is_key = !key.is_empty() && key.bytes().all(|b| b.is_ascii_graphic() && b != b':');
    if !is_key {
        return Err(ActionError::BadKey { action: action.to_owned(), key: key.to_owned() });
    }
    if value.contains(['\r', '\n', '\0']) {
        return Err(ActionError::ForbiddenByte { action: action.to_owned(), key: key.to_owned() });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
