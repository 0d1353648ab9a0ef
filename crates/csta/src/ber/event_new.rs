//! Events of Phase III (ECMA-285), by group and number.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is written is taken group by group; the last group refuses what no group has"
)]

use rasn::types::Tag;

use super::Phase;
use super::event::{Cause, Shape};
use super::fields::{COMMON, Fields, count};
use super::id::connection_list;
use super::wire::{Read, Writer, context, reader};
use crate::model::{AgentState, ConnectionId, ConnectionListItem, DeviceId, Event, Party};

/// States that may follow, in the order of their codes, for an agent who is busy.
const PENDING: [AgentState; 4] =
    [AgentState::NotReady, AgentState::Null, AgentState::Ready, AgentState::WorkingAfterCall];
/// And for one who works after a call.
const PENDING_AFTER_CALL: [AgentState; 3] = [AgentState::NotReady, AgentState::Ready, AgentState::Null];

/// A call control event with its correlator data and linkage under these tags.
const fn call(number: u32, correlator: u32, linkage: u32) -> Shape {
    Shape {
        group: 0,
        number,
        local: true,
        user: true,
        cause: Cause::Always,
        account: false,
        correlator: Some(context(correlator)),
        linkage: Some((linkage, false)),
        network: false,
        trunks: 0,
        common: Some(COMMON),
    }
}

/// An event about a device.
const fn device(group: u32, number: u32, cause: Cause) -> Shape {
    let (correlator, linkage) = (None, None);
    Shape { group, local: false, user: false, cause, correlator, linkage, ..call(number, 0, 0) }
}

/// Its numbers of the network, and this many of its trunks.
const fn outside(shape: Shape, trunks: u8) -> Shape {
    Shape { network: true, trunks, ..shape }
}

/// The event with this group and number.
pub(super) fn shape(group: u32, number: u32) -> Option<Shape> {
    let why = Cause::Optional(Tag::ENUMERATED);
    Some(match (group, number) {
        (0, 0) => call(0, 0, 5),
        (0, 1) => Shape { local: false, ..call(1, 1, 4) },
        // The only event whose common arguments have another tag.
        (0, 2) => Shape { linkage: Some((6, true)), common: Some(context(5)), ..call(2, 1, 6) },
        (0, 3) => call(3, 0, 6),
        (0, 4 | 6 | 8) => outside(call(number, 0, 5), 2),
        (0, 5) => Shape { user: false, ..outside(call(5, 0, 4), 2) },
        (0, 7) => outside(call(7, 1, 6), 2),
        (0, 9 | 15) => Shape { user: false, ..call(number, 0, 5) },
        (0, 11) => outside(call(11, 0, 6), 1),
        (0, 12) => Shape { correlator: Some(Tag::OCTET_STRING), ..outside(call(12, 0, 4), 2) },
        (0, 13) => Shape { user: false, ..outside(call(13, 2, 7), 2) },
        (0, 14) => outside(call(14, 2, 7), 2),
        (0, 16) => Shape { user: false, ..outside(call(16, 0, 5), 1) },
        (0, 17) => Shape { linkage: Some((7, true)), ..call(17, 2, 7) },
        (1, 0) => Shape {
            group: 1,
            local: false,
            account: true,
            cause: Cause::Never,
            linkage: Some((5, true)),
            ..call(0, 2, 5)
        },
        (3, 5) | (4, 11 | 12) => device(group, number, Cause::Never),
        (4, 0 | 5) => device(4, number, Cause::Optional(context(3))),
        (4, 1..=4) => device(4, number, why),
        (5, 0 | 2) => device(5, number, why),
        _ => return None,
    })
}

/// The shape of an event; none for what Phase III does not have.
pub(super) fn shape_of(event: &Event) -> Option<Shape> {
    let (group, number) = match event {
        Event::Bridged { .. } => (0, 0),
        Event::CallCleared { .. } => (0, 1),
        Event::Conferenced { .. } => (0, 2),
        Event::ConnectionCleared { .. } => (0, 3),
        Event::Delivered { .. } => (0, 4),
        Event::DigitsDialed { .. } => (0, 5),
        Event::Diverted { .. } => (0, 6),
        Event::Established { .. } => (0, 7),
        Event::Failed { .. } => (0, 8),
        Event::Held { .. } => (0, 9),
        Event::NetworkReached { .. } => (0, 11),
        Event::Offered { .. } => (0, 12),
        Event::Originated { .. } => (0, 13),
        Event::Queued { .. } => (0, 14),
        Event::Retrieved { .. } => (0, 15),
        Event::ServiceInitiated { .. } => (0, 16),
        Event::Transferred { .. } => (0, 17),
        Event::CallInformation { .. } => (1, 0),
        Event::MessageWaiting { .. } => (3, 5),
        Event::AgentState { state: AgentState::Busy, .. } => (4, 0),
        Event::AgentLoggedOn { .. } => (4, 1),
        Event::AgentLoggedOff { .. } => (4, 2),
        Event::AgentState { state: AgentState::NotReady, .. } => (4, 3),
        Event::AgentState { state: AgentState::Ready, .. } => (4, 4),
        Event::AgentState { state: AgentState::WorkingAfterCall, .. } => (4, 5),
        Event::DoNotDisturb { .. } => (4, 11),
        Event::Forwarding { .. } => (4, 12),
        Event::BackInService { .. } => (5, 0),
        Event::OutOfService { .. } => (5, 2),
        Event::AgentState { state: AgentState::Null, .. } | Event::Other { .. } => return None,
    };
    shape(group, number)
}

/// Reads what only this event has.
pub(super) fn read(shape: &Shape, f: &mut Fields) -> Read<Event> {
    if shape.group != 0 {
        return read_feature(shape, f);
    }
    let connection = f.connection()?;
    Ok(match shape.number {
        0 => Event::Bridged { connection, device: f.party(3) },
        1 => Event::CallCleared { call: connection },
        2 => Event::Conferenced {
            primary_old: connection,
            secondary_old: f.connection_opt(),
            conferencing: f.party(3),
            added: f.party(3),
            connections: list(f, Tag::SEQUENCE)?,
        },
        3 => Event::ConnectionCleared { dropped: connection, releasing: f.party(3) },
        4 | 7 | 8 | 11 | 12 | 14 => read_four(shape.number, connection, f)?,
        5 => Event::DigitsDialed { connection, dialing: f.party(3), digits: f.device()? },
        6 => Event::Diverted {
            connection,
            diverting: f.party(3),
            new_destination: f.party(3),
            calling: f.party_opt(1),
            called: f.party_opt(2),
            last_redirection: f.party(4),
        },
        9 => Event::Held { connection, holding: f.party(3) },
        13 => Event::Originated { connection, calling: f.party(3), called: f.party(2) },
        15 => Event::Retrieved { connection, retrieving: f.party(3) },
        16 => Event::ServiceInitiated { connection, initiating: f.party(3), called: f.party_opt(2) },
        _ => Event::Transferred {
            primary_old: connection,
            secondary_old: f.connection_as(context(0))?,
            transferring: f.party(3),
            transferred_to: f.party(3),
            connections: list(f, context(1))?,
        },
    })
}

/// Events with a subject, a calling, a called and a redirection device.
fn read_four(number: u32, connection: ConnectionId, f: &mut Fields) -> Read<Event> {
    let (subject, calling, called, last_redirection) = (f.party(3), f.party(1), f.party(2), f.party(4));
    Ok(match number {
        4 => Event::Delivered { connection, alerting: subject, calling, called, last_redirection },
        7 => Event::Established { connection, answering: subject, calling, called, last_redirection },
        8 => Event::Failed { connection, failing: subject, calling, called, last_redirection },
        11 => Event::NetworkReached {
            outbound: connection,
            interface: subject,
            calling,
            called,
            last_redirection,
        },
        12 => Event::Offered { connection, offered: subject, calling, called, last_redirection },
        _ => Event::Queued {
            connection,
            queue: subject,
            calling,
            called,
            last_redirection,
            number_queued: f.number(context(0))?.map(count).transpose()?,
            calls_in_front: f.number(context(1))?.map(count).transpose()?,
        },
    })
}

fn list(f: &mut Fields, tag: Tag) -> Read<Vec<ConnectionListItem>> {
    match f.raw(tag) {
        Some(value) => connection_list(&mut reader(value.as_bytes()), tag, Phase::Three),
        None => Ok(Vec::new()),
    }
}

/// Events outside call control.
fn read_feature(shape: &Shape, f: &mut Fields) -> Read<Event> {
    Ok(match (shape.group, shape.number) {
        (1, _) => Event::CallInformation {
            connection: f.connection()?,
            device: f.party(3),
            calling: f.party_opt(1),
        },
        (3, _) => Event::MessageWaiting { device: f.party(3), on: f.boolean()?.unwrap_or(false) },
        (4, 1) => {
            Event::AgentLoggedOn { device: f.party(3), agent: f.octets(context(2))?, group: f.device_opt()? }
        }
        (4, 2) => {
            Event::AgentLoggedOff { device: f.party(3), agent: f.octets(context(2))?, group: f.device_opt()? }
        }
        (4, 11) => Event::DoNotDisturb { device: f.party(3), on: f.boolean()?.unwrap_or(false) },
        (4, 12) => read_forwarding(f)?,
        (4, number) => read_agent_state(number, f)?,
        (_, 0) => Event::BackInService { device: f.party(3) },
        _ => Event::OutOfService { device: f.party(3) },
    })
}

fn read_forwarding(f: &mut Fields) -> Read<Event> {
    Ok(Event::Forwarding {
        device: f.party(3),
        kind: f.number(Tag::ENUMERATED)?.and_then(|kind| u8::try_from(kind).ok()),
        on: f.boolean()?.unwrap_or(false),
        to: f.device_opt()?,
    })
}

fn read_agent_state(number: u32, f: &mut Fields) -> Read<Event> {
    let (state, pending): (_, &[AgentState]) = match number {
        0 => (AgentState::Busy, &PENDING),
        3 => (AgentState::NotReady, &[]),
        4 => (AgentState::Ready, &[]),
        _ => (AgentState::WorkingAfterCall, &PENDING_AFTER_CALL),
    };
    Ok(Event::AgentState {
        device: f.party(3),
        agent: f.octets(Tag::OCTET_STRING)?,
        group: f.device_opt()?,
        state,
        pending: f
            .number(context(2))?
            .and_then(|code| usize::try_from(code).ok())
            .and_then(|code| pending.get(code).copied()),
    })
}

impl Writer<'_> {
    /// What only this event has.
    pub(super) fn new_event(&mut self, event: &Event) {
        match event {
            Event::Bridged { connection, device: party }
            | Event::ConnectionCleared { dropped: connection, releasing: party }
            | Event::Held { connection, holding: party }
            | Event::Retrieved { connection, retrieving: party } => {
                self.connection(connection);
                self.party(3, party);
            }
            Event::CallCleared { call } => self.connection(call),
            Event::Delivered { connection, alerting: subject, calling, called, last_redirection }
            | Event::Established { connection, answering: subject, calling, called, last_redirection }
            | Event::Failed { connection, failing: subject, calling, called, last_redirection }
            | Event::NetworkReached {
                outbound: connection,
                interface: subject,
                calling,
                called,
                last_redirection,
            }
            | Event::Offered { connection, offered: subject, calling, called, last_redirection } => {
                self.connection(connection);
                self.parties([subject, calling, called, last_redirection]);
            }
            Event::Queued {
                connection,
                queue,
                calling,
                called,
                last_redirection,
                number_queued,
                calls_in_front,
            } => {
                self.connection(connection);
                self.parties([queue, calling, called, last_redirection]);
                self.integer_opt(context(0), *number_queued);
                self.integer_opt(context(1), *calls_in_front);
            }
            Event::DigitsDialed { connection, dialing, digits } => {
                self.connection(connection);
                self.party(3, dialing);
                self.device(digits);
            }
            Event::Originated { connection, calling, called } => {
                self.connection(connection);
                self.party(3, calling);
                self.party(2, called);
            }
            Event::ServiceInitiated { connection, initiating, called } => {
                self.connection(connection);
                self.party(3, initiating);
                self.party_opt(2, called.as_ref());
            }
            Event::CallInformation { connection, device, calling } => {
                self.connection(connection);
                self.party(3, device);
                self.party_opt(1, calling.as_ref());
            }
            _ => self.moved(event),
        }
    }

    /// Events that move a call elsewhere.
    fn moved(&mut self, event: &Event) {
        match event {
            Event::Conferenced { primary_old, secondary_old, conferencing, added, connections } => {
                self.connection(primary_old);
                if let Some(secondary_old) = secondary_old {
                    self.connection(secondary_old);
                }
                self.party(3, conferencing);
                self.party(3, added);
                self.connection_list(Tag::SEQUENCE, connections);
            }
            Event::Diverted { connection, diverting, new_destination, calling, called, last_redirection } => {
                self.connection(connection);
                self.party(3, diverting);
                self.party(3, new_destination);
                self.party_opt(1, calling.as_ref());
                self.party_opt(2, called.as_ref());
                self.party(4, last_redirection);
            }
            Event::Transferred { primary_old, secondary_old, transferring, transferred_to, connections } => {
                self.connection(primary_old);
                if let Some(secondary_old) = secondary_old {
                    self.connection_as(context(0), secondary_old);
                }
                self.party(3, transferring);
                self.party(3, transferred_to);
                self.connection_list(context(1), connections);
            }
            _ => self.feature_event(event),
        }
    }

    /// Subject, calling, called and redirection device.
    pub(super) fn parties(&mut self, [subject, calling, called, last_redirection]: [&Party; 4]) {
        self.party(3, subject);
        self.party(1, calling);
        self.party(2, called);
        self.party(4, last_redirection);
    }

    /// An INTEGER, where there is one.
    pub(super) fn integer_opt(&mut self, tag: Tag, number: Option<u32>) {
        if let Some(number) = number {
            self.integer(tag, number.into());
        }
    }

    /// A plain device, where there is one.
    pub(super) fn device_opt(&mut self, device: Option<&DeviceId>) {
        if let Some(device) = device {
            self.device(device);
        }
    }

    fn feature_event(&mut self, event: &Event) {
        match event {
            Event::AgentLoggedOn { device, agent, group }
            | Event::AgentLoggedOff { device, agent, group } => {
                self.party(3, device);
                if let Some(agent) = agent {
                    self.octets(context(2), agent.as_bytes());
                }
                self.device_opt(group.as_ref());
            }
            Event::AgentState { device, agent, group, state, pending } => {
                self.party(3, device);
                if let Some(agent) = agent {
                    self.octets(Tag::OCTET_STRING, agent.as_bytes());
                }
                self.device_opt(group.as_ref());
                self.pending(*state, *pending);
            }
            Event::DoNotDisturb { device, on } | Event::MessageWaiting { device, on } => {
                self.party(3, device);
                self.boolean(Tag::BOOL, *on);
            }
            Event::Forwarding { device, kind, on, to } => {
                self.party(3, device);
                if let Some(kind) = kind {
                    self.integer(Tag::ENUMERATED, (*kind).into());
                }
                self.boolean(Tag::BOOL, *on);
                self.device_opt(to.as_ref());
            }
            Event::BackInService { device } | Event::OutOfService { device } => self.party(3, device),
            _ => self.no_service(),
        }
    }

    /// The state that follows: only the events of a busy agent have one.
    fn pending(&mut self, state: AgentState, pending: Option<AgentState>) {
        let Some(pending) = pending else { return };
        let codes: &[AgentState] = match state {
            AgentState::Busy => &PENDING,
            AgentState::WorkingAfterCall => &PENDING_AFTER_CALL,
            AgentState::NotReady | AgentState::Null | AgentState::Ready => &[],
        };
        match codes.iter().zip(0..).find(|(known, _)| **known == pending) {
            Some((_, code)) => self.integer(context(2), code),
            None => self.fail("pendingAgentState", "cannot follow in this event"),
        }
    }
}
