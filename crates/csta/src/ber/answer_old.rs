//! Answers of Phase I and II services.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is written is taken group by group; the last group refuses what no group has"
)]

use rasn::Decoder as _;
use rasn::ber::de::Decoder;
use rasn::types::{Any, Class, Tag};

use super::Phase;
use super::argument_new::cross_ref;
use super::fields::{CONNECTION, CROSS_REF, Fields};
use super::filter::filter;
use super::id::{connection, connection_list};
use super::item::{CALL_DATA, DEVICE_DATA, call_items, device_items};
use super::operation::service;
use super::request_old::{CONNECTIONS, forwarding};
use super::wire::{Read, Writer, context, integer, peek, reader, skip, whole};
use crate::model::{AgentEntry, AgentGroupState, AgentState, Response};

/// Agent states of a query: signed in, state, state that follows.
const AGENT_STATES: [(bool, AgentState, Option<AgentState>); 5] = [
    (false, AgentState::Null, None),
    (true, AgentState::NotReady, None),
    (true, AgentState::Ready, None),
    (true, AgentState::WorkingAfterCall, Some(AgentState::NotReady)),
    (true, AgentState::WorkingAfterCall, Some(AgentState::Ready)),
];

/// Reads the answer of the service with this code.
pub(super) fn read(from: &mut Decoder<'_>, code: i64, phase: Phase) -> Read<Response> {
    let name = service(code, phase);
    let Some(tag) = peek(from)? else { return Ok(Response::Ack { service: name }) };
    Ok(match (code, tag) {
        // Settings under one code say nothing about which they were.
        (3 | 15, _) => Response::Ack { service: None },
        (7, CONNECTION) => {
            Response::ConsultationCall { initiated: connection(from, tag, phase)?, linkage: None }
        }
        (10 | 11, CONNECTION) => Response::MakeCall {
            predictive: code == 11,
            calling: connection(from, tag, phase)?,
            linkage: None,
        },
        (6 | 16 | 50 | 20, Tag::SEQUENCE) => merged(from, name, phase)?,
        (12, _) if tag.class == Class::Context => queried(&whole(from)?, tag)?,
        (18, CONNECTION) => Response::ParkCall { parked_to: Some(connection(from, tag, phase)?) },
        (71, Tag::SEQUENCE) => {
            let mut f = Fields::read(from, tag, phase)?;
            Response::MonitorStart {
                cross_ref: cross_ref(&mut f)?,
                filter: f.raw(Tag::SEQUENCE).map(|map| filter(&map, Tag::SEQUENCE, phase)).transpose()?,
                existing_calls: None,
            }
        }
        (72, _) if tag == context(0) => {
            Response::ChangeMonitorFilter { filter: Some(filter(&whole(from)?, tag, phase)?) }
        }
        (72, _) => Response::ChangeMonitorFilter { filter: None },
        (74, DEVICE_DATA) => Response::SnapshotDevice {
            items: device_items(&mut Fields::contents(from, phase)?)?,
            later: None,
        },
        (75, CALL_DATA) => Response::SnapshotCall {
            items: call_items(&mut Fields::contents(from, phase)?)?,
            later: None,
            calling: None,
            called: None,
            correlator: None,
            linkage: None,
        },
        _ => {
            skip(from)?;
            Response::Ack { service: name }
        }
    })
}

/// The call that two became.
fn merged(from: &mut Decoder<'_>, name: Option<&'static str>, phase: Phase) -> Read<Response> {
    let mut f = Fields::read(from, Tag::SEQUENCE, phase)?;
    let (Some(service), Some(call)) = (name, f.connection_opt()) else {
        return Ok(Response::Ack { service: name });
    };
    let connections = match f.raw(CONNECTIONS) {
        Some(list) => connection_list(&mut reader(list.as_bytes()), CONNECTIONS, phase)?,
        None => Vec::new(),
    };
    Ok(Response::NewCall { service, call, connections })
}

/// What a device was asked for.
fn queried(value: &Any, tag: Tag) -> Read<Response> {
    let from = &mut reader(value.as_bytes());
    Ok(match tag.value {
        1 => Response::GetDoNotDisturb { on: from.decode_bool(tag)? },
        2 => Response::GetForwarding { entries: vec![forwarding(value, tag)?] },
        5 => {
            let code = integer(from, tag)?;
            let known = usize::try_from(code).ok().and_then(|code| AGENT_STATES.get(code));
            let agents = known.map(|(logged_on, state, pending)| AgentEntry {
                agent: None,
                logged_on: *logged_on,
                groups: vec![AgentGroupState { group: None, state: *state, pending: *pending }],
            });
            Response::GetAgentState { agents: agents.into_iter().collect() }
        }
        _ => Response::Ack { service: None },
    })
}

impl Writer<'_> {
    /// The answer of a service.
    pub(super) fn old_answer(&mut self, response: &Response) {
        match response {
            Response::Ack { .. }
            | Response::ChangeMonitorFilter { filter: None }
            | Response::ParkCall { parked_to: None } => self.null(Tag::NULL),
            Response::NewCall { call, connections, .. } => self.within(Tag::SEQUENCE, |w| {
                w.connection(call);
                if !connections.is_empty() {
                    w.connection_list(CONNECTIONS, connections);
                }
            }),
            Response::ConsultationCall { initiated: connection, linkage: None }
            | Response::MakeCall { calling: connection, linkage: None, .. }
            | Response::ParkCall { parked_to: Some(connection) } => self.connection(connection),
            Response::MonitorStart { cross_ref, filter, existing_calls: None } => {
                self.within(Tag::SEQUENCE, |w| {
                    w.octets(CROSS_REF, cross_ref.as_bytes());
                    if let Some(filter) = filter {
                        w.filter(Tag::SEQUENCE, filter);
                    }
                });
            }
            Response::ChangeMonitorFilter { filter: Some(filter) } => self.filter(context(0), filter),
            Response::SnapshotDevice { items, later: None } => self.device_items(items),
            Response::SnapshotCall {
                items,
                later: None,
                calling: None,
                called: None,
                correlator: None,
                linkage: None,
            } => self.call_items(items),
            Response::GetDoNotDisturb { on } => self.boolean(context(1), *on),
            Response::GetForwarding { entries } => match entries.as_slice() {
                [(kind, on, to)] => self.within(context(2), |w| w.forwarding(*kind, *on, to.as_ref())),
                _ => self.fail("forward", "is one in this phase"),
            },
            Response::GetAgentState { agents } => self.agent_state(agents),
            _ => self.fail("answer", "says more than this phase can carry"),
        }
    }

    fn agent_state(&mut self, agents: &[AgentEntry]) {
        let code = match agents {
            [AgentEntry { agent: None, logged_on, groups }] => match groups.as_slice() {
                [AgentGroupState { group: None, state, pending }] => {
                    AGENT_STATES.iter().zip(0..).find(|(known, _)| **known == (*logged_on, *state, *pending))
                }
                _ => None,
            },
            _ => None,
        };
        match code {
            Some((_, code)) => self.integer(context(5), code),
            None => self.fail("agentState", "is one state of one agent in this phase"),
        }
    }
}
