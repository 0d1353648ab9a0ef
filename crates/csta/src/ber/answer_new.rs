//! Answers of Phase III services.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is written is taken group by group; the last group refuses what no group has"
)]

use rasn::ber::de::Decoder;
use rasn::types::Tag;

use super::argument_new::{cross_ref, system_status};
use super::extra::linkage;
use super::fields::Fields;
use super::filter::filter;
use super::id::connection_list;
use super::item::{CALL_DATA, DEVICE_DATA, agents, call_items, device_items, forwardings, pending};
use super::operation::service;
use super::wire::{Read, Writer, context, missing, peek, reader};
use super::{Phase, capabilities};
use crate::model::{CallLinkage, ConnectionListItem, Response};

/// Reads the answer of the service with this code.
pub(super) fn read(from: &mut Decoder<'_>, code: i64) -> Read<Response> {
    let name = service(code, Phase::Three);
    if peek(from)? != Some(Tag::SEQUENCE) {
        return Ok(Response::Ack { service: name });
    }
    let f = &mut Fields::read(from, Tag::SEQUENCE, Phase::Three)?;
    Ok(match (code, name) {
        (6 | 16 | 50, Some(service)) => {
            let call = f.connection()?;
            Response::NewCall { service, call, connections: connections(f)? }
        }
        (20 | 222 | 223, Some(service)) => {
            Response::NewCall { service, call: f.connection()?, connections: Vec::new() }
        }
        (7, _) => Response::ConsultationCall { initiated: f.connection()?, linkage: linkage_of(f, 2)? },
        (10 | 11, _) => Response::MakeCall {
            predictive: code == 11,
            calling: f.connection()?,
            linkage: linkage_of(f, if code == 10 { 2 } else { 1 })?,
        },
        (220 | 221, _) => Response::PickupCall { group: code == 221, picked: f.connection_opt() },
        (18, _) => Response::ParkCall { parked_to: f.connection_opt() },
        (71, _) => Response::MonitorStart {
            cross_ref: cross_ref(f)?,
            filter: f.raw(context(0)).map(|map| filter(&map, context(0), Phase::Three)).transpose()?,
            existing_calls: f.boolean()?,
        },
        (72, _) => Response::ChangeMonitorFilter {
            filter: f.raw(Tag::SEQUENCE).map(|map| filter(&map, Tag::SEQUENCE, Phase::Three)).transpose()?,
        },
        (74 | 75, _) => snapshot(f, code)?,
        (201 | 203, Some(service)) => {
            Response::Capabilities { service, services: capabilities::read(f, code == 201)? }
        }
        (204 | 207 | 248, _) => registration(f, code)?,
        (210, _) => Response::RequestSystemStatus { status: system_status(f.number(Tag::ENUMERATED)?)? },
        (304, _) => Response::GetAgentState { agents: agents(f)? },
        (308, _) => Response::GetDoNotDisturb { on: f.boolean()?.ok_or_else(|| missing("doNotDisturbOn"))? },
        (309, _) => Response::GetForwarding { entries: forwardings(f)? },
        (312, _) => Response::SetAgentState { pending: f.number(Tag::ENUMERATED)?.and_then(pending) },
        _ => Response::Ack { service: name },
    })
}

fn connections(f: &mut Fields) -> Read<Vec<ConnectionListItem>> {
    match f.raw(context(0)) {
        Some(list) => connection_list(&mut reader(list.as_bytes()), context(0), Phase::Three),
        None => Ok(Vec::new()),
    }
}

fn linkage_of(f: &mut Fields, tag: u32) -> Read<Option<CallLinkage>> {
    match f.raw(context(tag)) {
        Some(value) => linkage(&value, context(tag), false),
        None => Ok(None),
    }
}

fn snapshot(f: &mut Fields, code: i64) -> Read<Response> {
    if code == 74 {
        return Ok(Response::SnapshotDevice {
            later: if f.has(DEVICE_DATA) { None } else { f.octets(Tag::OCTET_STRING)? },
            items: device_items(f)?,
        });
    }
    Ok(Response::SnapshotCall {
        later: if f.has(CALL_DATA) { None } else { f.octets(context(0))? },
        items: call_items(f)?,
        calling: f.party_opt(1),
        called: f.party_opt(2),
        correlator: f.octets(context(1))?,
        linkage: linkage_of(f, 2)?,
    })
}

fn registration(f: &mut Fields, code: i64) -> Read<Response> {
    let id = f.octets(Tag::OCTET_STRING)?.ok_or_else(|| missing("registration"))?;
    Ok(match code {
        204 => Response::GetSwitchingFunctionDevices { cross_ref: id },
        207 => Response::SystemRegister { register: id },
        _ => Response::RouteRegister { register: id },
    })
}

impl Writer<'_> {
    /// The answer of a service.
    pub(super) fn new_answer(&mut self, response: &Response) {
        match response {
            Response::Ack { .. } => self.null(Tag::NULL),
            _ => self.within(Tag::SEQUENCE, |w| w.call_answer(response)),
        }
    }

    fn call_answer(&mut self, response: &Response) {
        match response {
            Response::NewCall { service, call, connections } => {
                self.connection(call);
                let joined = matches!(*service, "SingleStepConferenceCall" | "IntrudeCall" | "JoinCall");
                match (connections.as_slice(), joined) {
                    ([], _) => {}
                    (list, false) => self.connection_list(context(0), list),
                    (_, true) => self.fail("connections", "are not told by this service"),
                }
            }
            Response::ConsultationCall { initiated, linkage } => {
                self.connection(initiated);
                self.linkage(context(2), false, linkage.as_ref());
            }
            Response::MakeCall { predictive, calling, linkage } => {
                self.connection(calling);
                self.linkage(context(if *predictive { 1 } else { 2 }), false, linkage.as_ref());
            }
            Response::PickupCall { picked: connection, .. }
            | Response::ParkCall { parked_to: connection } => {
                if let Some(connection) = connection {
                    self.connection(connection);
                }
            }
            Response::MonitorStart { cross_ref, filter, existing_calls } => {
                self.octets(super::fields::CROSS_REF, cross_ref.as_bytes());
                if let Some(filter) = filter {
                    self.filter(context(0), filter);
                }
                if let Some(existing_calls) = existing_calls {
                    self.boolean(Tag::BOOL, *existing_calls);
                }
            }
            Response::ChangeMonitorFilter { filter } => {
                if let Some(filter) = filter {
                    self.filter(Tag::SEQUENCE, filter);
                }
            }
            _ => self.snapshot_answer(response),
        }
    }

    fn snapshot_answer(&mut self, response: &Response) {
        match response {
            Response::SnapshotDevice { items, later: Some(later) } => {
                self.octets(Tag::OCTET_STRING, later.as_bytes());
                self.nothing_now(items.is_empty());
            }
            Response::SnapshotDevice { items, later: None } => self.device_items(items),
            Response::SnapshotCall { items, later, calling, called, correlator, linkage } => {
                match later {
                    Some(later) => {
                        self.octets(context(0), later.as_bytes());
                        self.nothing_now(items.is_empty());
                    }
                    None => self.call_items(items),
                }
                self.party_opt(1, calling.as_ref());
                self.party_opt(2, called.as_ref());
                self.octets_opt(context(1), correlator.as_ref());
                self.linkage(context(2), false, linkage.as_ref());
            }
            Response::GetSwitchingFunctionDevices { cross_ref: id }
            | Response::SystemRegister { register: id }
            | Response::RouteRegister { register: id } => self.octets(Tag::OCTET_STRING, id.as_bytes()),
            Response::RequestSystemStatus { status } => self.integer(Tag::ENUMERATED, status.code()),
            Response::GetAgentState { agents } => self.agents(agents),
            Response::SetAgentState { pending } => self.pending_state(Tag::ENUMERATED, *pending),
            Response::GetDoNotDisturb { on } => self.boolean(Tag::BOOL, *on),
            Response::GetForwarding { entries } => self.forwardings(entries),
            Response::Capabilities { service, services } => self.capabilities(service, services),
            _ => self.no_service(),
        }
    }

    /// A snapshot is told now or later.
    fn nothing_now(&mut self, empty: bool) {
        if !empty {
            self.fail("snapshotData", "is told now or later, not both");
        }
    }
}
