//! What happened, as an event of a monitor.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each function tells some of what happens; the rest has no event there"
)]

use csta::model::{
    AgentState, CallLinkage, ConnectionListItem, Event, EventReport, More, Octets, Party, Private, Stamp,
};

use super::Csta;
use super::monitors::{Monitor, Sight};
use super::naming::Place;
use crate::Exchange;
use crate::exchange::Micros;
use crate::exchange::happening::{Agent, Call, Connection, Device, Happening, Joined, What};

/// How a switch tells the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    /// With its zone.
    Utc,
    /// Quirk 12: without a zone.
    Local,
    /// Quirk 12: not at all.
    None,
}

impl Clock {
    fn stamp(self, at: Micros) -> Option<Stamp> {
        let time = jiff::Timestamp::from_microsecond(at).ok()?;
        // No switch tells fractions.
        let time = jiff::Timestamp::from_second(time.as_second()).ok()?;
        match self {
            Self::Utc => Some(Stamp::Utc(time)),
            Self::Local => Some(Stamp::Local(time.to_zoned(jiff::tz::TimeZone::UTC).datetime())),
            Self::None => None,
        }
    }
}

/// The standard gives each event parts of its own; the others are left out.
fn keep_what_it_has(event: &Event, more: &mut More) {
    let (has_local, has_user_data, trunks) = match event {
        Event::Delivered { .. }
        | Event::Diverted { .. }
        | Event::Established { .. }
        | Event::Failed { .. }
        | Event::Offered { .. }
        | Event::Queued { .. } => (true, true, 2),
        Event::Originated { .. } => (true, false, 2),
        Event::NetworkReached { .. } => (true, true, 1),
        Event::ServiceInitiated { .. } => (true, false, 1),
        Event::Held { .. } | Event::Retrieved { .. } => (true, false, 0),
        Event::ConnectionCleared { .. } | Event::Conferenced { .. } | Event::Transferred { .. } => {
            (true, true, 0)
        }
        _ => (false, true, 0),
    };
    if !has_local {
        more.local_connection = None;
    }
    if !has_user_data {
        more.user_data = None;
    }
    if trunks < 2 {
        more.associated_called = None;
    }
    if trunks < 1 {
        more.associated_calling = None;
    }
    if matches!(event, Event::CallInformation { .. } | Event::DoNotDisturb { .. } | Event::Forwarding { .. })
    {
        more.cause = None;
    }
}

impl Csta {
    /// The event that tells this monitor; none where the dialect has none for it.
    pub(super) fn event(
        &self,
        exchange: &Exchange,
        monitor: &Monitor,
        happening: &Happening,
        sight: Sight,
    ) -> Option<EventReport> {
        let event = match &happening.call {
            Some(call) => self.call_event(exchange, call, &happening.what)?,
            None => self.device_event(&happening.what)?,
        };
        let mut more = match &happening.call {
            Some(call) => self.more_of(call),
            None => More::default(),
        };
        more.local_connection = sight.local;
        more.cause = happening.cause;
        more.at = self.clock.stamp(happening.at);
        if matches!(happening.what, What::CallData(_)) {
            more.account = happening.call.as_ref().and_then(|call| call.account.clone());
        }
        more.private = self.private();
        keep_what_it_has(&event, &mut more);
        Some(EventReport { cross_ref: monitor.cross_ref.clone(), event, more })
    }

    fn more_of(&self, call: &Call) -> More {
        let is_line = |device: &Device| matches!(device, Device::Line { .. });
        let trunk = || Party::Device(csta::model::DeviceId::dialing(self.trunk.clone()));
        let is_in = is_line(&call.calling);
        let is_out = call.connections.iter().any(|one| is_line(&one.device) && one.device != call.calling);
        More {
            correlator: call.correlator.clone(),
            user_data: call.user_data.clone(),
            linkage: self.linkage(call),
            associated_calling: is_in.then(trunk),
            associated_called: is_out.then(trunk),
            ..More::default()
        }
    }

    /// Avaya's UCID: stable over transfers, and that of the switch where the call began when a line hands it on.
    pub(super) fn linkage(&self, call: &Call) -> Option<CallLinkage> {
        let own = || {
            let (node, root) = (self.node % 100_000, call.key.root % 100_000);
            format!("{node:05}{root:05}{:010}", self.booted / 1_000_000)
        };
        let ucid = call.ucid.clone().unwrap_or_else(own);
        self.naming
            .is_avaya()
            .then(|| CallLinkage { global: Some(Octets::from(ucid.as_str())), ..CallLinkage::default() })
    }

    /// Quirk 7: private data that this switch adds to every event.
    fn private(&self) -> Vec<Private> {
        let mut all = Vec::new();
        if self.naming.is_openscape() {
            let permitted =
                r#"<scx:extendedServicesPermitted xmlns:scx="http://www.siemens.com/schema/csta"/>"#;
            all.push(Private::Xml(permitted.to_owned()));
        }
        if self.naming.is_oxe() {
            // SEQUENCE of OID 1.3.12.1206.521 and eight octets.
            let octets = [
                0x30, 0x12, 0x06, 0x06, 0x2B, 0x0C, 0x89, 0x36, 0x84, 0x09, 0x04, 0x08, 0, 0, 0, 1, 0, 0, 0,
                0,
            ];
            all.push(Private::Ber(octets.to_vec()));
        }
        all
    }

    fn call_event(&self, exchange: &Exchange, call: &Call, what: &What) -> Option<Event> {
        let naming = self.naming;
        let at = |one: &Connection| naming.connection(call.key, &one.device);
        let subject = |one: &Connection| naming.party(&one.device, Place::Subject);
        let calling = naming.party(&call.calling, Place::Calling);
        let called = naming.called(exchange, &call.called);
        let last_redirection = call
            .last_redirection
            .as_ref()
            .map_or(Party::NotRequired, |device| naming.party(device, Place::Subject));
        Some(match what {
            What::ServiceInitiated(one) => {
                Event::ServiceInitiated { connection: at(one), initiating: subject(one), called: None }
            }
            What::Originated(one) => Event::Originated { connection: at(one), calling, called },
            What::NetworkReached(one) => Event::NetworkReached {
                outbound: at(one),
                interface: Party::Device(csta::model::DeviceId::dialing(self.trunk.clone())),
                calling,
                called,
                last_redirection,
            },
            What::Delivered(one) => Event::Delivered {
                connection: at(one),
                alerting: subject(one),
                calling,
                called,
                last_redirection,
            },
            What::Established(one) => Event::Established {
                connection: at(one),
                answering: subject(one),
                calling,
                called,
                last_redirection,
            },
            What::Held(one) => Event::Held { connection: at(one), holding: subject(one) },
            What::Retrieved(one) => Event::Retrieved { connection: at(one), retrieving: subject(one) },
            What::Queued { at: one, waiting, in_front } => Event::Queued {
                connection: at(one),
                queue: subject(one),
                calling,
                called,
                last_redirection,
                number_queued: Some(*waiting),
                calls_in_front: Some(*in_front),
            },
            What::Diverted { from, to } => Event::Diverted {
                connection: at(from),
                diverting: subject(from),
                new_destination: naming.called(exchange, to),
                calling: Some(calling),
                called: Some(called),
                last_redirection: Party::NotRequired,
            },
            What::Failed { at: one, is_known } => Event::Failed {
                connection: at(one),
                failing: if *is_known { subject(one) } else { Party::NotKnown },
                calling,
                called,
                last_redirection,
            },
            other => return self.end_event(exchange, call, other),
        })
    }

    /// Events about calls that end, become one, or carry data.
    fn end_event(&self, exchange: &Exchange, call: &Call, what: &What) -> Option<Event> {
        let naming = self.naming;
        Some(match what {
            What::ConnectionCleared { gone, by } => Event::ConnectionCleared {
                dropped: naming.connection(call.key, &gone.device),
                releasing: by.as_ref().map_or(Party::NotKnown, |by| naming.party(by, Place::Subject)),
            },
            What::CallCleared => {
                let id = csta::model::ConnectionId { call: Some(naming.call(call.key)), device: None };
                Event::CallCleared { call: id }
            }
            What::Transferred(joined) => self.transferred(exchange, call, joined),
            What::Conferenced(joined) => self.conferenced(exchange, call, joined),
            What::CallData(device) => Event::CallInformation {
                connection: naming.connection(call.key, device),
                device: naming.party(device, Place::Subject),
                calling: Some(naming.party(&call.calling, Place::Calling)),
            },
            _ => return None,
        })
    }

    fn transferred(&self, exchange: &Exchange, call: &Call, joined: &Joined) -> Event {
        let naming = self.naming;
        Event::Transferred {
            primary_old: naming.connection(joined.primary, &joined.by),
            secondary_old: joined.secondary.map(|key| naming.connection(key, &joined.by)),
            transferring: naming.party(&joined.by, Place::Calling),
            transferred_to: naming.called(exchange, &joined.to),
            connections: self.list(call, joined),
        }
    }

    fn conferenced(&self, exchange: &Exchange, call: &Call, joined: &Joined) -> Event {
        let naming = self.naming;
        Event::Conferenced {
            primary_old: naming.connection(joined.primary, &joined.by),
            secondary_old: joined.secondary.map(|key| naming.connection(key, &joined.by)),
            conferencing: naming.party(&joined.by, Place::Calling),
            added: naming.called(exchange, &joined.to),
            connections: self.list(call, joined),
        }
    }

    /// The list of a joined call.
    pub(super) fn list(&self, call: &Call, joined: &Joined) -> Vec<ConnectionListItem> {
        let naming = self.naming;
        // OpenScape's single step tells only the new connections: who was who says the end point.
        let tells_old = !(naming.is_openscape() && joined.secondary.is_none());
        let item = |moved: &crate::exchange::happening::Moved| ConnectionListItem {
            new: Some(naming.connection(call.key, &moved.now.device)),
            old: moved.was.filter(|_| tells_old).map(|was| naming.connection(was, &moved.now.device)),
            endpoint: Some(naming.party(&moved.now.device, Place::Called)),
            associated: matches!(moved.now.device, Device::Line { .. })
                .then(|| Party::Device(csta::model::DeviceId::dialing(self.trunk.clone()))),
        };
        joined.moved.iter().map(item).collect()
    }

    fn device_event(&self, what: &What) -> Option<Event> {
        let device = |number: &str| Party::Device(self.naming.device(number, Place::Subject));
        let id = |agent: &Agent| Some(Octets::from(agent.extension.as_str()));
        let group = |agent: &Agent| Some(self.naming.device(&agent.group, Place::Subject));
        Some(match what {
            // Quirk 18: neither tells states of agents.
            What::LoggedOn(_) | What::LoggedOff(_) | What::AgentState(..) if !self.tells_agents() => {
                return None;
            }
            What::LoggedOn(agent) => Event::AgentLoggedOn {
                device: device(&agent.extension),
                agent: id(agent),
                group: group(agent),
            },
            What::LoggedOff(agent) => Event::AgentLoggedOff {
                device: device(&agent.extension),
                agent: id(agent),
                group: group(agent),
            },
            What::AgentState(agent, state) => Event::AgentState {
                device: device(&agent.extension),
                agent: id(agent),
                group: group(agent),
                state: *state,
                pending: (*state == AgentState::WorkingAfterCall).then_some(AgentState::Ready),
            },
            What::Service { extension, is_in: true } => Event::BackInService { device: device(extension) },
            What::Service { extension, is_in: false } => Event::OutOfService { device: device(extension) },
            What::DoNotDisturb { extension, is_on } => {
                Event::DoNotDisturb { device: device(extension), on: *is_on }
            }
            What::Forwarding { extension, kind, to } => Event::Forwarding {
                device: device(extension),
                kind: Some(super::services::forward_code(*kind)),
                on: to.is_some(),
                to: to.as_ref().map(|to| self.naming.device(to, Place::Called)),
            },
            _ => return None,
        })
    }
}
