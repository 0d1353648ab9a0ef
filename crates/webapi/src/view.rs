//! What clients see of the live picture. Enumerations are words that may get new members.

pub(crate) mod agent;
pub(crate) mod call;
pub(crate) mod contact;
pub(crate) mod device;
pub(crate) mod filing;
pub(crate) mod pop;
pub(crate) mod queue;

use cti_core::fact::{CommandStep, Party};
use cti_core::ids::{CallId, CommandId, DeviceId, SwitchId};
use cti_core::input::Actor;
use cti_core::number::Number;
use cti_core::permit::{CommandName, Permit};
use cti_core::state::{Command, LinkState, Switch};
use cti_core::time::Timestamp;
use serde::Serialize;
use store::CommandRow;
use utoipa::ToSchema;

use crate::ports::MonitorUse;

/// A page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Listed<T> {
    /// This page.
    pub(crate) items: Vec<T>,
    /// Hand it in as `cursor` to get the next page; none on the last one.
    pub(crate) next_cursor: Option<String>,
}

impl<T> Listed<T> {
    /// A list that is always whole.
    pub(crate) const fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }
}

/// One page of an ordered list: what comes after the cursor, and the cursor of the last one when more follows.
pub(crate) fn page<K, T>(items: impl Iterator<Item = (K, T)>, after: Option<&K>, limit: usize) -> Listed<T>
where
    K: Ord + std::fmt::Display,
{
    let mut found = items.filter(|(key, _)| after.is_none_or(|after| key > after));
    let mut last = None;
    let mut page = Vec::new();
    for (key, item) in found.by_ref().take(limit) {
        last = Some(key);
        page.push(item);
    }
    let more = found.next().is_some();
    Listed { items: page, next_cursor: last.filter(|_| more).map(|key| key.to_string()) }
}

/// Whether a command may be given now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PermitView {
    /// The command.
    #[schema(value_type = String)]
    pub(crate) command: CommandName,
    /// True when it may be given now.
    pub(crate) allowed: bool,
    /// Stable code of the reason when not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// Words of the switch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
}

impl From<Permit> for PermitView {
    fn from(permit: Permit) -> Self {
        Self {
            command: permit.command,
            allowed: permit.allowed,
            reason: permit.reason.map(|text| text.to_string()),
            detail: permit.detail.map(|text| text.to_string()),
        }
    }
}

/// A number.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct NumberView {
    /// As it was written.
    pub(crate) raw: String,
    /// `internal`, `external`, `emergency`, `short`, `feature`, `unknown`.
    pub(crate) kind: String,
    /// `+` and country code, when valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) e164: Option<String>,
}

impl From<&Number> for NumberView {
    fn from(number: &Number) -> Self {
        Self {
            raw: number.raw.to_string(),
            kind: word(&number.kind),
            e164: number.e164.as_deref().map(ToOwned::to_owned),
        }
    }
}

/// A person or line at an end of a call.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PartyView {
    /// Its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) number: Option<NumberView>,
    /// Name as the switch told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// True when the caller asked not to be shown.
    pub(crate) withheld: bool,
}

impl From<&Party> for PartyView {
    fn from(party: &Party) -> Self {
        Self {
            number: party.number.as_ref().map(NumberView::from),
            name: party.name.as_deref().map(ToOwned::to_owned),
            withheld: party.withheld,
        }
    }
}

/// The word that serde writes for a plain enum value.
pub(crate) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A command with its steps.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CommandView {
    #[schema(value_type = String)]
    pub(crate) id: CommandId,
    #[schema(value_type = String)]
    pub(crate) command: CommandName,
    #[schema(value_type = Object)]
    pub(crate) actor: Actor,
    #[schema(value_type = String)]
    pub(crate) switch: SwitchId,
    #[schema(value_type = Option<String>)]
    pub(crate) call: Option<CallId>,
    #[schema(value_type = Option<String>)]
    pub(crate) device: Option<DeviceId>,
    /// `sent`, `accepted`, `succeeded`, `failed`, `outcome_unknown`.
    pub(crate) state: String,
    /// Stable code of a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) sent_at: Timestamp,
    /// Without effect until then it counts as failed.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) deadline: Timestamp,
    pub(crate) steps: Vec<CommandStepView>,
}

/// One step of a command.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CommandStepView {
    /// `accepted`, `own_ringing`, `own_answered`, `target_ringing`, `connected`.
    #[schema(value_type = String)]
    pub(crate) step: CommandStep,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
}

/// A command of the live picture.
pub(crate) fn command(id: CommandId, command: &Command) -> CommandView {
    use cti_core::state::CommandState;
    let (state, code, detail) = match &command.state {
        CommandState::Sent => ("sent", None, None),
        CommandState::Accepted => ("accepted", None, None),
        CommandState::Succeeded => ("succeeded", None, None),
        CommandState::Failed { code, detail } => ("failed", Some(code), Some(detail)),
        CommandState::OutcomeUnknown { detail } => ("outcome_unknown", None, Some(detail)),
    };
    CommandView {
        id,
        command: command.name,
        actor: command.actor.clone(),
        switch: command.switch.clone(),
        call: command.call,
        device: command.device,
        state: state.to_owned(),
        code: code.map(ToString::to_string),
        detail: detail.map(ToString::to_string),
        sent_at: command.sent_at,
        deadline: command.deadline,
        steps: command.steps.iter().map(|(step, at)| CommandStepView { step: *step, at: *at }).collect(),
    }
}

/// A command of the book.
pub(crate) fn past_command(command: CommandRow) -> CommandView {
    CommandView {
        id: command.id,
        command: command.name,
        actor: command.actor,
        switch: command.switch,
        call: command.call,
        device: command.device,
        state: word(&command.state),
        code: command.code,
        detail: command.detail,
        sent_at: command.sent_at,
        deadline: command.deadline,
        steps: command.steps.into_iter().map(|one| CommandStepView { step: one.step, at: one.at }).collect(),
    }
}

/// The link to a switch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LinkView {
    /// `pbx` so far.
    pub(crate) kind: String,
    #[schema(value_type = String)]
    pub(crate) switch: SwitchId,
    pub(crate) name: String,
    /// `never`, `up`, `down`.
    #[schema(value_type = String)]
    pub(crate) state: LinkState,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) since: Timestamp,
    /// Why it is down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// Time of the last event.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) last_event_at: Timestamp,
    /// Version of the switch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    /// True when the switch reported more calls, devices or queues than it can have; the rest is not taken in.
    pub(crate) overloaded: bool,
    /// What following its devices costs; not in frames of the stream, and not where nothing is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) monitors: Option<MonitorUse>,
    /// How a CSTA switch can hold callers for queues of Tieline, the usual way first: `route_loop`,
    /// `deflect_from_device`; not in frames of the stream.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) routing: Vec<&'static str>,
}

/// The link to a switch.
pub(crate) fn link(id: &SwitchId, switch: &Switch) -> LinkView {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    LinkView {
        kind: "pbx".to_owned(),
        switch: id.clone(),
        name: switch.name.to_string(),
        state: switch.link,
        since: switch.link_since,
        reason: text(&switch.link_reason),
        // Before the first call the link itself is the last that was heard.
        last_event_at: switch.last_at.max(switch.link_since),
        version: text(&switch.version),
        overloaded: switch.is_overloaded,
        monitors: None,
        routing: Vec::new(),
    }
}
