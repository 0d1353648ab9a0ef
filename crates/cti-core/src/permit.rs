//! What a desk may do with a call, or the reason why not; sent with every call, so no client repeats the rule.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::connection::ConnectionState;

/// Commands of the public contract, by their ECMA-269 names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandName {
    /// Click-to-dial.
    MakeCall,
    /// Lift the handset from the desk.
    AnswerCall,
    /// Leave a call.
    ClearConnection,
    /// End a call for everybody.
    ClearCall,
    /// Hold.
    HoldCall,
    /// Take back from hold.
    RetrieveCall,
    /// Start a consultation.
    ConsultationCall,
    /// Swap the held and the active call.
    AlternateCall,
    /// End the consultation and return.
    ReconnectCall,
    /// Complete a consult transfer.
    TransferCall,
    /// Transfer without consultation.
    SingleStepTransfer,
    /// Make a conference of held and active call.
    ConferenceCall,
    /// Hear a call without being a party to it, whisper to one of its parties, or talk to all: for supervisors.
    JoinCall,
    /// Sign in, pause, sign out at the PBX's queues.
    SetAgentState,
    /// Let a phone ring by itself, to see that it is the right one. Not of ECMA-269.
    RingDevice,
    /// Ring agents for a held caller: `RouteSelect`, `DeflectCall` or a dial of ours. Given by the distribution only.
    OfferCall,
    /// The same at telephones outside, reached by their numbers. A word of what a switch can do: what is sent is
    /// `OfferCall`.
    OfferOutside,
    /// Send a held caller on: `RouteSelect`, `DeflectCall` or a redirection. Given by the distribution only.
    RouteCall,
    /// Let a held caller hear something (`PlayMessage`). Given by the distribution only.
    Play,
    /// Show a call outside under a number of ours. A word of what a switch can do: what is sent is `MakeCall`.
    ShowCallerId,
    /// Record a call from its beginning. A word of what a switch can do: what is sent is `MakeCall`.
    RecordCall,
}

impl CommandName {
    /// All commands on a live call that its parties give.
    pub const ON_CALL: [Self; 11] = [
        Self::AnswerCall,
        Self::ClearConnection,
        Self::ClearCall,
        Self::HoldCall,
        Self::RetrieveCall,
        Self::ConsultationCall,
        Self::AlternateCall,
        Self::ReconnectCall,
        Self::TransferCall,
        Self::SingleStepTransfer,
        Self::ConferenceCall,
    ];

    /// True when a phone rings for it, with a call that this command makes.
    pub const fn begins_a_call(self) -> bool {
        matches!(self, Self::MakeCall | Self::RingDevice | Self::JoinCall)
    }
}

/// How far a switch or device can do a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "support")]
pub enum Support {
    /// By the switch's own service.
    Supported,
    /// By several steps of ours.
    Emulated,
    /// Not at all.
    Unsupported {
        /// The missing service, right or setting, in words for an administrator.
        reason: Arc<str>,
    },
}

/// Support by command. A command that is not named is unsupported.
pub type Capabilities = BTreeMap<CommandName, Support>;

/// Whether a command may be given now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permit {
    /// The command.
    pub command: CommandName,
    /// True when it may be given now.
    pub allowed: bool,
    /// Stable code of the reason when not: `not_capable`, `not_alerting`, `not_connected`, `not_held`,
    /// `no_held_call`, `no_party`, `link_down`, `wrong_state`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Arc<str>>,
    /// Words of the switch for `not_capable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Arc<str>>,
}

/// What a permit is decided from: one device's view of one call.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The link to the switch is up.
    pub link_up: bool,
    /// State of the device's connection in this call; none when the device has none.
    pub own: Option<ConnectionState>,
    /// Somebody else takes part in this call.
    pub has_other: bool,
    /// State of the device's connection in its other call; none when it has no other.
    pub other_call: Option<ConnectionState>,
    /// What device and switch can do.
    pub capabilities: &'a Capabilities,
}

/// Decides one command.
pub fn permit(command: CommandName, situation: Situation<'_>) -> Permit {
    let refuse = |reason: &str, detail: Option<Arc<str>>| Permit {
        command,
        allowed: false,
        reason: Some(reason.into()),
        detail,
    };
    match situation.capabilities.get(&command) {
        None => return refuse("not_capable", None),
        Some(Support::Unsupported { reason }) => return refuse("not_capable", Some(Arc::clone(reason))),
        Some(Support::Supported | Support::Emulated) => {}
    }
    if !situation.link_up {
        return refuse("link_down", None);
    }
    match state_reason(command, situation) {
        Some(reason) => refuse(reason, None),
        None => Permit { command, allowed: true, reason: None, detail: None },
    }
}

/// Why the state of the call forbids the command; none when it allows it.
fn state_reason(command: CommandName, situation: Situation<'_>) -> Option<&'static str> {
    use ConnectionState::{Alerting, Connected, Hold, Null, Queued};
    let own = situation.own.unwrap_or(Null);
    let talks = matches!(own, Connected) && situation.has_other;
    match command {
        CommandName::AnswerCall => (own != Alerting).then_some("not_alerting"),
        CommandName::ClearConnection => matches!(own, Null).then_some("no_party"),
        CommandName::HoldCall => (!talks).then_some("not_connected"),
        CommandName::RetrieveCall => (own != Hold).then_some("not_held"),
        CommandName::SingleStepTransfer => (!(talks || own == Hold)).then_some("not_connected"),
        CommandName::ConsultationCall => {
            if !(talks || own == Hold) {
                Some("not_connected")
            } else if situation.other_call.is_some() {
                Some("wrong_state")
            } else {
                None
            }
        }
        CommandName::AlternateCall
        | CommandName::ReconnectCall
        | CommandName::TransferCall
        | CommandName::ConferenceCall => match (own, situation.other_call) {
            (Connected, Some(Hold)) | (Hold, Some(Connected | Alerting | Queued)) => None,
            (Connected | Hold, _) => Some("no_held_call"),
            _ => Some("not_connected"),
        },
        CommandName::JoinCall if own != Null => Some("wrong_state"),
        CommandName::JoinCall => (!situation.has_other).then_some("no_party"),
        CommandName::ClearCall
        | CommandName::MakeCall
        | CommandName::SetAgentState
        | CommandName::RingDevice
        | CommandName::OfferCall
        | CommandName::OfferOutside
        | CommandName::RouteCall
        | CommandName::Play
        | CommandName::ShowCallerId
        | CommandName::RecordCall => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn can(commands: &[CommandName]) -> Capabilities {
        commands.iter().map(|command| (*command, Support::Supported)).collect()
    }

    #[test]
    fn a_permit_names_the_reason_why_not() {
        let capabilities = can(&[CommandName::AnswerCall, CommandName::HoldCall, CommandName::RetrieveCall]);
        let alerting = Situation {
            link_up: true,
            own: Some(ConnectionState::Alerting),
            has_other: true,
            other_call: None,
            capabilities: &capabilities,
        };
        assert!(permit(CommandName::AnswerCall, alerting).allowed);
        assert_eq!(permit(CommandName::HoldCall, alerting).reason.as_deref(), Some("not_connected"));
        assert_eq!(permit(CommandName::SingleStepTransfer, alerting).reason.as_deref(), Some("not_capable"));
        let down = Situation { link_up: false, ..alerting };
        assert_eq!(permit(CommandName::AnswerCall, down).reason.as_deref(), Some("link_down"));
        let held = Situation { own: Some(ConnectionState::Hold), ..alerting };
        assert!(permit(CommandName::RetrieveCall, held).allowed);
    }
}
