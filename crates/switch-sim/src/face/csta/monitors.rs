//! Monitors: what each of them is told (ECMA-269 §6.7.2).
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "most of what happens has no part that is asked for here"
)]

use std::collections::BTreeSet;

use csta::model::{AgentState, ConnectionState, CrossRef, MonitorFilter, MonitorType};

use crate::exchange::happening::{Call, CallNo, Device, Happening, Joined, What};
use crate::face::SessionId;

/// What is monitored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Object {
    /// A device, by its number.
    Device(String),
    /// One call.
    Call,
}

/// A monitor.
#[derive(Debug, Clone)]
pub(super) struct Monitor {
    pub(super) session: SessionId,
    pub(super) cross_ref: CrossRef,
    pub(super) object: Object,
    pub(super) kind: MonitorType,
    pub(super) filter: Option<MonitorFilter>,
    pub(super) is_inverted: bool,
    /// Calls that a call-type monitor follows.
    pub(super) follows: BTreeSet<CallNo>,
}

/// What a monitor is told of something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sight {
    /// State of the device's connection afterwards; device-type monitors only.
    pub(super) local: Option<ConnectionState>,
}

impl Monitor {
    /// Whether it is told of this; a call-type monitor goes on following.
    pub(super) fn sees(&mut self, happening: &Happening) -> Option<Sight> {
        let Some(call) = &happening.call else {
            let is_own = device_event(&happening.what).is_some_and(|number| self.is_at(number));
            return is_own.then_some(Sight { local: None });
        };
        match self.kind {
            MonitorType::Device => self.sees_at_device(happening, call),
            MonitorType::Call => self.sees_call(happening, call).then_some(Sight { local: None }),
        }
    }

    /// The device that it is at.
    pub(super) fn number(&self) -> Option<&str> {
        match &self.object {
            Object::Device(number) => Some(number),
            Object::Call => None,
        }
    }

    fn is_at(&self, number: &str) -> bool {
        matches!(&self.object, Object::Device(own) if own == number)
    }

    fn is_own(&self, device: &Device) -> bool {
        // Somebody outside may have the number of a phone here.
        !matches!(device, Device::Line { .. }) && self.is_at(device.number())
    }

    fn own_state(&self, call: &Call) -> Option<ConnectionState> {
        call.connections.iter().find(|one| self.is_own(&one.device)).map(|one| one.state)
    }

    fn sees_at_device(&self, happening: &Happening, call: &Call) -> Option<Sight> {
        if happening.what == What::CallCleared {
            return None;
        }
        let state = self.own_state(call);
        let leaves = leaver(&happening.what).is_some_and(|device| self.is_own(device));
        match (state, leaves) {
            (Some(state), _) => Some(Sight { local: Some(state) }),
            (None, true) => Some(Sight { local: Some(ConnectionState::Null) }),
            (None, false) => None,
        }
    }

    fn sees_call(&mut self, happening: &Happening, call: &Call) -> bool {
        let no = call.key.no;
        if let What::Transferred(joined) | What::Conferenced(joined) = &happening.what {
            let olds = [Some(joined.primary.no), joined.secondary.map(|key| key.no)];
            let known = olds.into_iter().flatten().any(|old| self.follows.remove(&old));
            if known {
                self.follows.insert(no);
            }
        }
        if matches!(self.object, Object::Device(_)) && self.own_state(call).is_some() {
            self.follows.insert(no);
        }
        if happening.what == What::CallCleared {
            return self.follows.remove(&no);
        }
        self.follows.contains(&no)
    }

    /// Whether its filter lets this through.
    pub(super) fn wants(&self, what: &What) -> bool {
        let Some((group, bit)) = bit_of(what) else { return true };
        let filter = self.filter.unwrap_or_default();
        let bits = match group {
            Group::CallControl => filter.call_control,
            Group::CallAssociated => filter.call_associated,
            Group::Logical => filter.logical,
            Group::Maintenance => filter.maintenance,
        };
        match bits {
            Some(bits) => ((bits >> bit) & 1 == 1) == self.is_inverted,
            None => true,
        }
    }
}

/// Who leaves the call with this.
fn leaver(what: &What) -> Option<&Device> {
    match what {
        What::ConnectionCleared { gone: left, .. } | What::Diverted { from: left, .. } => Some(&left.device),
        What::Transferred(Joined { by, .. }) => Some(by),
        _ => None,
    }
}

/// The number of the device that this is about, when it is about no call.
fn device_event(what: &What) -> Option<&str> {
    match what {
        What::LoggedOn(agent) | What::LoggedOff(agent) | What::AgentState(agent, _) => Some(&agent.extension),
        What::Service { extension, .. }
        | What::DoNotDisturb { extension, .. }
        | What::Forwarding { extension, .. } => Some(extension),
        _ => None,
    }
}

/// Groups of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    CallControl,
    CallAssociated,
    Logical,
    Maintenance,
}

/// The bit that stands for an event.
fn bit_of(what: &What) -> Option<(Group, u32)> {
    let call = |bit| Some((Group::CallControl, bit));
    match what {
        What::CallCleared => call(1),
        What::Conferenced(_) => call(2),
        What::ConnectionCleared { .. } => call(3),
        What::Delivered(_) => call(4),
        What::Diverted { .. } => call(6),
        What::Established(_) => call(7),
        What::Failed { .. } => call(8),
        What::Held(_) => call(9),
        What::NetworkReached(_) => call(11),
        What::Originated(_) => call(13),
        What::Queued { .. } => call(14),
        What::Retrieved(_) => call(15),
        What::ServiceInitiated(_) => call(16),
        What::Transferred(_) => call(17),
        What::CallData(_) => Some((Group::CallAssociated, 0)),
        What::AgentState(_, state) => Some((Group::Logical, agent_bit(*state))),
        What::LoggedOn(_) => Some((Group::Logical, 1)),
        What::LoggedOff(_) => Some((Group::Logical, 2)),
        What::DoNotDisturb { .. } => Some((Group::Logical, 11)),
        What::Forwarding { .. } => Some((Group::Logical, 12)),
        What::Service { is_in: true, .. } => Some((Group::Maintenance, 0)),
        What::Service { is_in: false, .. } => Some((Group::Maintenance, 2)),
        What::RouteAsked { .. } | What::RouteAgain { .. } | What::RouteOver { .. } => None,
    }
}

const fn agent_bit(state: AgentState) -> u32 {
    match state {
        AgentState::Busy => 0,
        AgentState::Null => 2,
        AgentState::NotReady => 3,
        AgentState::Ready => 4,
        AgentState::WorkingAfterCall => 5,
    }
}
