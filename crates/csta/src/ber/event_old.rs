//! Events of Phase I and II (ECMA-180, ECMA-218): one set of shapes, numbered in Phase I, tagged in Phase II.
//!
//! Of Phase II only the call events are known by their tags; its other groups are kept as unknown events.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is written is taken group by group; the last group refuses what no group has"
)]

use rasn::types::Tag;

use super::event::{Cause, Shape};
use super::fields::{Fields, count};
use super::id::connection_list;
use super::request_old::{CONNECTIONS, forwarding};
use super::wire::{Read, Writer, context, reader};
use crate::model::{AgentState, ConnectionId, ConnectionListItem, Event, Party};

/// The event with this Phase I number.
pub(super) fn shape(group: u32, number: u32) -> Option<Shape> {
    let cause = match number {
        1..=14 | 301 | 302 => Cause::Optional(Tag::ENUMERATED),
        102 | 103 | 201..=204 => Cause::Never,
        _ => return None,
    };
    Some(Shape {
        group,
        number,
        local: (2..=14).contains(&number),
        user: false,
        cause,
        account: false,
        correlator: None,
        linkage: None,
        network: false,
        trunks: 0,
        common: None,
    })
}

/// The event with these Phase II tags: call events, in the order of Phase I from 0.
pub(super) fn shape_by_tag(group: u32, tag: u32) -> Option<Shape> {
    (group == 0 && tag < 14).then(|| shape(0, tag + 1)).flatten()
}

/// The Phase II tag of an event; none for events whose tags we do not know.
pub(super) fn tag_of(shape: &Shape) -> Option<u32> {
    (1..=14).contains(&shape.number).then(|| shape.number - 1)
}

/// The shape of an event; none for what Phase I does not have.
pub(super) fn shape_of(event: &Event) -> Option<Shape> {
    let number = match event {
        Event::CallCleared { .. } => 1,
        Event::Conferenced { .. } => 2,
        Event::ConnectionCleared { .. } => 3,
        Event::Delivered { .. } => 4,
        Event::Diverted { .. } => 5,
        Event::Established { .. } => 6,
        Event::Failed { .. } => 7,
        Event::Held { .. } => 8,
        Event::NetworkReached { .. } => 9,
        Event::Originated { .. } => 10,
        Event::Queued { .. } => 11,
        Event::Retrieved { .. } => 12,
        Event::ServiceInitiated { .. } => 13,
        Event::Transferred { .. } => 14,
        Event::DoNotDisturb { .. } => 102,
        Event::Forwarding { .. } => 103,
        Event::AgentLoggedOn { .. } => 201,
        Event::AgentLoggedOff { .. } => 202,
        Event::AgentState { state: AgentState::NotReady, .. } => 203,
        Event::AgentState { state: AgentState::Ready, .. } => 204,
        Event::BackInService { .. } => 301,
        Event::OutOfService { .. } => 302,
        Event::Bridged { .. }
        | Event::DigitsDialed { .. }
        | Event::Offered { .. }
        | Event::CallInformation { .. }
        | Event::AgentState { .. }
        | Event::MessageWaiting { .. }
        | Event::Other { .. } => return None,
    };
    shape(0, number)
}

/// Reads what only this event has.
pub(super) fn read(shape: &Shape, f: &mut Fields) -> Read<Event> {
    if shape.number > 14 {
        return read_feature(shape.number, f);
    }
    // Diverted may come without its connection.
    let connection = if shape.number == 5 { f.connection_opt().unwrap_or_default() } else { f.connection()? };
    Ok(match shape.number {
        1 => Event::CallCleared { call: connection },
        2 | 14 => read_merge(shape.number, connection, f)?,
        3 => Event::ConnectionCleared { dropped: connection, releasing: f.party(3) },
        4 => Event::Delivered {
            connection,
            alerting: f.party(3),
            calling: f.party(1),
            called: f.party(2),
            last_redirection: f.party(4),
        },
        5 => Event::Diverted {
            connection,
            diverting: f.party(3),
            new_destination: f.party(2),
            calling: None,
            called: None,
            last_redirection: Party::NotSpecified,
        },
        6 => Event::Established {
            connection,
            answering: f.party(3),
            calling: f.party(1),
            called: f.party(2),
            last_redirection: f.party(4),
        },
        7 => Event::Failed {
            connection,
            failing: f.party(3),
            calling: f.party(1),
            called: f.party(2),
            last_redirection: f.party(4),
        },
        8 => Event::Held { connection, holding: f.party(3) },
        9 => Event::NetworkReached {
            outbound: connection,
            interface: f.party(3),
            calling: f.party(1),
            called: f.party(2),
            last_redirection: f.party(4),
        },
        10 => Event::Originated { connection, calling: f.party(3), called: f.party(2) },
        11 => Event::Queued {
            connection,
            queue: f.party(3),
            calling: f.party(1),
            called: f.party(2),
            last_redirection: f.party(4),
            number_queued: f.number(Tag::INTEGER)?.map(count).transpose()?,
            calls_in_front: None,
        },
        12 => Event::Retrieved { connection, retrieving: f.party(3) },
        _ => Event::ServiceInitiated { connection, initiating: Party::NotSpecified, called: None },
    })
}

/// Two calls that become one.
fn read_merge(number: u32, primary_old: ConnectionId, f: &mut Fields) -> Read<Event> {
    let secondary_old = f.connection_opt();
    let (first, second) = (f.party(3), f.party(3));
    let connections = list(f)?;
    Ok(if number == 2 {
        Event::Conferenced { primary_old, secondary_old, conferencing: first, added: second, connections }
    } else {
        Event::Transferred {
            primary_old,
            secondary_old,
            transferring: first,
            transferred_to: second,
            connections,
        }
    })
}

fn list(f: &mut Fields) -> Read<Vec<ConnectionListItem>> {
    match f.raw(CONNECTIONS) {
        Some(value) => connection_list(&mut reader(value.as_bytes()), CONNECTIONS, f.phase),
        None => Ok(Vec::new()),
    }
}

fn read_feature(number: u32, f: &mut Fields) -> Read<Event> {
    Ok(match number {
        102 => Event::DoNotDisturb { device: f.party(3), on: f.boolean()?.unwrap_or(false) },
        103 => {
            let device = f.party(3);
            let (kind, on, to) = match f.raw(Tag::SEQUENCE) {
                Some(value) => forwarding(&value, Tag::SEQUENCE)?,
                None => (None, false, None),
            };
            Event::Forwarding { device, kind, on, to }
        }
        201 => {
            let (device, agent) = (f.party(3), f.octets(context(10))?);
            Event::AgentLoggedOn { device, agent, group: f.device_opt()? }
        }
        202 => {
            let (device, agent) = (f.party(3), f.octets(context(10))?);
            Event::AgentLoggedOff { device, agent, group: f.device_opt()? }
        }
        203 | 204 => Event::AgentState {
            device: f.party(3),
            agent: f.octets(context(10))?,
            group: None,
            state: if number == 203 { AgentState::NotReady } else { AgentState::Ready },
            pending: None,
        },
        // These two name a plain device.
        301 => Event::BackInService { device: Party::Device(f.device()?) },
        _ => Event::OutOfService { device: Party::Device(f.device()?) },
    })
}

impl Writer<'_> {
    /// What only this event has. Fields that Phase III added are left out.
    pub(super) fn old_event(&mut self, event: &Event) {
        match event {
            Event::CallCleared { call } => self.connection(call),
            Event::Conferenced { primary_old, secondary_old, conferencing, added, connections } => {
                self.old_merge(primary_old, secondary_old.as_ref(), [conferencing, added], connections);
            }
            Event::Transferred { primary_old, secondary_old, transferring, transferred_to, connections } => {
                self.old_merge(
                    primary_old,
                    secondary_old.as_ref(),
                    [transferring, transferred_to],
                    connections,
                );
            }
            Event::ConnectionCleared { dropped: connection, releasing: party }
            | Event::Held { connection, holding: party }
            | Event::Retrieved { connection, retrieving: party } => {
                self.connection(connection);
                self.party(3, party);
            }
            Event::Delivered { connection, alerting: subject, calling, called, last_redirection }
            | Event::Established { connection, answering: subject, calling, called, last_redirection } => {
                self.connection(connection);
                self.parties([subject, calling, called, last_redirection]);
            }
            Event::Queued { connection, queue, calling, called, last_redirection, number_queued, .. } => {
                self.connection(connection);
                self.parties([queue, calling, called, last_redirection]);
                self.integer_opt(Tag::INTEGER, *number_queued);
            }
            Event::Diverted { connection, diverting: subject, new_destination: called, .. }
            | Event::Failed { connection, failing: subject, called, .. }
            | Event::NetworkReached { outbound: connection, interface: subject, called, .. }
            | Event::Originated { connection, calling: subject, called } => {
                self.connection(connection);
                self.party(3, subject);
                self.party(2, called);
            }
            // Its device is that of the connection.
            Event::ServiceInitiated { connection, .. } => self.connection(connection),
            _ => self.old_feature_event(event),
        }
    }

    fn old_merge(
        &mut self,
        primary: &ConnectionId,
        secondary: Option<&ConnectionId>,
        [first, second]: [&Party; 2],
        connections: &[ConnectionListItem],
    ) {
        self.connection(primary);
        if let Some(secondary) = secondary {
            self.connection(secondary);
        }
        self.party(3, first);
        self.party(3, second);
        if !connections.is_empty() {
            self.connection_list(CONNECTIONS, connections);
        }
    }

    fn old_feature_event(&mut self, event: &Event) {
        match event {
            Event::DoNotDisturb { device, on } => {
                self.party(3, device);
                self.boolean(Tag::BOOL, *on);
            }
            Event::Forwarding { device, kind, on, to } => {
                self.party(3, device);
                self.within(Tag::SEQUENCE, |w| w.forwarding(*kind, *on, to.as_ref()));
            }
            Event::AgentLoggedOn { device, agent, group }
            | Event::AgentLoggedOff { device, agent, group } => {
                self.party(3, device);
                if let Some(agent) = agent {
                    self.octets(context(10), agent.as_bytes());
                }
                self.device_opt(group.as_ref());
            }
            Event::AgentState { device, agent, .. } => {
                self.party(3, device);
                if let Some(agent) = agent {
                    self.octets(context(10), agent.as_bytes());
                }
            }
            Event::BackInService { device } | Event::OutOfService { device } => match device {
                Party::Device(device) => self.device(device),
                Party::NotKnown | Party::Restricted | Party::NotRequired | Party::NotSpecified => {
                    self.fail("device", "has to be named");
                }
            },
            _ => self.no_service(),
        }
    }
}
