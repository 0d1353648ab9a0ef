//! Calls, live ones from the picture and ended ones from the book, in one shape.

use std::collections::{BTreeMap, BTreeSet};

use cti_core::connection::ConnectionState;
use cti_core::fact::{CallOutcome, Cause, Direction, QueueLeave, RecordingState, Side, TransferKind};
use cti_core::ids::{
    AgentId, CallId, CommandId, DeviceId, EntryId, LegId, NoteId, OfferId, QueueId, SwitchId, UserId,
};
use cti_core::input::Actor;
use cti_core::state::{Call, Leg, State};
use cti_core::time::Timestamp;
use serde::Serialize;
use store::{
    CallDetail, CallRow, EntryRow, LegRow, NoteRow, OfferRow, OfferState, RelatedCall, RelationKind,
    TransferRow,
};
use utoipa::ToSchema;

use crate::view::contact::CallContactView;
use crate::view::{NumberView, PartyView, PermitView};

/// A call in one line.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CallView {
    #[schema(value_type = String)]
    pub(crate) id: CallId,
    /// `live` or `ended`.
    pub(crate) state: String,
    /// Number of its facts so far.
    pub(crate) version: u64,
    #[schema(value_type = String)]
    pub(crate) switch: SwitchId,
    /// Keys of the switch that mean this call.
    pub(crate) pbx_ids: Vec<String>,
    /// `inbound`, `outbound`, `internal`.
    #[schema(value_type = String)]
    pub(crate) direction: Direction,
    pub(crate) calling: PartyView,
    pub(crate) dialled: Option<NumberView>,
    /// The queue it waits in, or the last one it was in.
    #[schema(value_type = Option<String>)]
    pub(crate) queue: Option<QueueId>,
    /// Who answered last; for an outbound call who made it.
    #[schema(value_type = Option<String>)]
    pub(crate) agent: Option<AgentId>,
    #[schema(value_type = Option<String>)]
    pub(crate) user: Option<UserId>,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) started_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) answered_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) ended_at: Option<Timestamp>,
    /// Set when it ended at an unknown time between these two.
    #[schema(value_type = Option<Vec<String>>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ended_between: Option<[Timestamp; 2]>,
    /// `answered`, `missed`, `not_reached`, `merged`; none while live.
    #[schema(value_type = Option<String>)]
    pub(crate) outcome: Option<CallOutcome>,
    /// Why it ended.
    #[schema(value_type = Option<String>)]
    pub(crate) cause: Option<Cause>,
    /// The leg whose party ended it.
    #[schema(value_type = Option<String>)]
    pub(crate) ended_by: Option<LegId>,
    /// The call that goes on.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) merged_into: Option<CallId>,
    /// From the first alerting to the first answer or the end.
    pub(crate) ring_ms: Option<u64>,
    /// From the first answer to the end.
    pub(crate) talk_ms: Option<u64>,
    /// The click-to-dial that made it.
    #[schema(value_type = Option<String>)]
    pub(crate) command: Option<CommandId>,
    pub(crate) disposition: Option<DispositionView>,
    /// Who is at the other side, as it was called when it was found.
    pub(crate) contact: Option<CallContactView>,
}

/// The disposition in force.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DispositionView {
    /// Code of the list of dispositions.
    pub(crate) code: String,
    pub(crate) remark: Option<String>,
    #[schema(value_type = Option<Object>)]
    pub(crate) by: Option<Actor>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) at: Option<Timestamp>,
}

/// Everything about a call.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CallDetailView {
    #[serde(flatten)]
    pub(crate) call: CallView,
    /// Every leg that was ever part of it, oldest first.
    pub(crate) legs: Vec<LegView>,
    /// Who takes part now, or took part.
    pub(crate) parties: Vec<PartyView>,
    /// Its stays in queues.
    pub(crate) entries: Vec<EntryOfCallView>,
    /// Attempts to give it to agents.
    pub(crate) offers: Vec<OfferOfCallView>,
    pub(crate) transfers: Vec<TransferView>,
    pub(crate) notes: Vec<NoteView>,
    /// Data bound to it.
    pub(crate) data: BTreeMap<String, String>,
    /// What became of its recording last: `started`, `paused`, `resumed`, `stopped`; none for an ended call and where
    /// the switch said nothing of one.
    #[schema(value_type = Option<String>)]
    pub(crate) recording: Option<RecordingState>,
    pub(crate) related_calls: Vec<RelatedCallView>,
    pub(crate) durations: CallDurationsView,
    /// What the asking person may do with it from its device; empty for an ended call.
    pub(crate) permits: Vec<PermitView>,
    /// The device the permits are for.
    #[schema(value_type = Option<String>)]
    pub(crate) permits_for: Option<DeviceId>,
    /// Where its facts are.
    pub(crate) evidence: String,
}

/// Lengths of a whole call.
#[expect(clippy::struct_field_names, reason = "the unit is part of the name in the contract")]
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub(crate) struct CallDurationsView {
    /// Waiting in queues.
    pub(crate) queue_ms: u64,
    /// First alerting to first answer or end.
    pub(crate) ring_ms: u64,
    /// First answer to end.
    pub(crate) talk_ms: u64,
    /// On hold by any of our devices.
    pub(crate) hold_ms: u64,
}

/// A leg.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LegView {
    #[schema(value_type = String)]
    pub(crate) id: LegId,
    #[schema(value_type = String)]
    pub(crate) device: DeviceId,
    /// What people dial to reach the device.
    pub(crate) extension: Option<String>,
    #[schema(value_type = Option<String>)]
    pub(crate) user: Option<UserId>,
    #[schema(value_type = Option<String>)]
    pub(crate) agent: Option<AgentId>,
    /// `originator` or `target`.
    #[schema(value_type = String)]
    pub(crate) side: Side,
    pub(crate) party: PartyView,
    /// Connection state of ECMA-269; `null` when it has ended.
    #[schema(value_type = String)]
    pub(crate) state: ConnectionState,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) started_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) answered_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) ended_at: Option<Timestamp>,
    /// Why it ended.
    #[schema(value_type = Option<String>)]
    pub(crate) cause: Option<Cause>,
    /// True when the party at this leg hung up.
    pub(crate) by_party: Option<bool>,
    /// Alerting.
    pub(crate) ring_ms: u64,
    /// Connected, hold included.
    pub(crate) talk_ms: u64,
    /// Of which on hold by this device.
    pub(crate) hold_ms: u64,
}

/// A stay in a queue.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct EntryOfCallView {
    #[schema(value_type = String)]
    pub(crate) id: EntryId,
    #[schema(value_type = String)]
    pub(crate) queue: QueueId,
    /// 1 for the first entry of the call.
    pub(crate) entry_no: u64,
    /// True when the call had been in this queue before.
    pub(crate) requeued: bool,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) entered_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) left_at: Option<Timestamp>,
    /// Why it left.
    #[schema(value_type = Option<String>)]
    pub(crate) reason: Option<QueueLeave>,
    pub(crate) wait_ms: Option<u64>,
    /// Who answered.
    #[schema(value_type = Option<String>)]
    pub(crate) agent: Option<AgentId>,
}

/// An attempt to give the call to an agent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct OfferOfCallView {
    #[schema(value_type = String)]
    pub(crate) id: OfferId,
    #[schema(value_type = String)]
    pub(crate) call: CallId,
    #[schema(value_type = String)]
    pub(crate) entry: EntryId,
    #[schema(value_type = String)]
    pub(crate) queue: QueueId,
    #[schema(value_type = String)]
    pub(crate) agent: AgentId,
    pub(crate) attempt: u64,
    /// `open`, `accepted`, `no_answer`, `rejected`, `canceled`.
    #[schema(value_type = String)]
    pub(crate) outcome: OfferState,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) closed_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) completed_at: Option<Timestamp>,
    pub(crate) ring_ms: Option<u64>,
    pub(crate) talk_ms: Option<u64>,
    pub(crate) hold_ms: Option<u64>,
    pub(crate) transferred: Option<bool>,
}

/// A transfer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TransferView {
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// `blind` or `consult`.
    #[schema(value_type = String)]
    pub(crate) kind: TransferKind,
    /// Device that transferred.
    #[schema(value_type = String)]
    pub(crate) by: DeviceId,
    #[schema(value_type = Option<String>)]
    pub(crate) agent: Option<AgentId>,
    pub(crate) to: Option<NumberView>,
    #[schema(value_type = Option<String>)]
    pub(crate) consult_call: Option<CallId>,
}

/// A note.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct NoteView {
    #[schema(value_type = String)]
    pub(crate) id: NoteId,
    /// Who wrote it.
    #[schema(value_type = Object)]
    pub(crate) actor: Actor,
    pub(crate) text: String,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
}

/// A call that belongs to this one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RelatedCallView {
    #[schema(value_type = String)]
    pub(crate) call: CallId,
    /// `consultation`, `consulted_for`, `merged_into`, `merged`, `split_from`, `split`,
    /// `other_half`.
    #[schema(value_type = String)]
    pub(crate) kind: RelationKind,
}

impl CallView {
    /// Without the queue, when it is none of those the reader is narrowed to.
    pub(crate) fn narrowed(mut self, queues: Option<&BTreeSet<QueueId>>) -> Self {
        self.queue = self.queue.filter(|queue| queues.is_none_or(|only| only.contains(queue)));
        self
    }
}

impl CallDetailView {
    /// Without what happened in queues that are none of those the reader is narrowed to, as the stream shows it.
    pub(crate) fn narrowed(mut self, queues: Option<&BTreeSet<QueueId>>) -> Self {
        let Some(only) = queues else {
            return self;
        };
        self.call = self.call.narrowed(queues);
        self.entries.retain(|entry| only.contains(&entry.queue));
        self.offers.retain(|offer| only.contains(&offer.queue));
        self.durations.queue_ms = self.entries.iter().filter_map(|entry| entry.wait_ms).sum();
        self
    }
}

/// A live call in one line.
pub(crate) fn live_row(state: &State, id: CallId, call: &Call) -> CallView {
    let waits_in = call.entry.and_then(|entry| state.entries.get(&entry)).map(|entry| entry.queue);
    let ours = || call.legs.iter().rev().filter(|leg| leg.answered_at.is_some());
    CallView {
        id,
        state: "live".to_owned(),
        version: call.version,
        switch: call.switch.clone(),
        pbx_ids: call.natives.iter().map(ToString::to_string).collect(),
        direction: call.direction,
        calling: (&call.calling).into(),
        dialled: call.dialled.as_ref().map(NumberView::from),
        queue: waits_in.or(call.queue),
        agent: ours().find_map(|leg| leg.agent),
        user: ours().find_map(|leg| leg.user),
        started_at: call.created_at,
        answered_at: call.answered_at,
        ended_at: None,
        ended_between: None,
        outcome: None,
        cause: None,
        ended_by: None,
        merged_into: None,
        ring_ms: None,
        talk_ms: None,
        command: call.command,
        disposition: None,
        contact: call.contact.as_ref().map(CallContactView::from),
    }
}

/// A call of the book in one line.
pub(crate) fn row(call: CallRow) -> CallView {
    CallView {
        id: call.id,
        state: if call.ended_at.is_some() { "ended" } else { "live" }.to_owned(),
        version: call.version,
        switch: call.switch,
        pbx_ids: vec![call.native],
        direction: call.direction,
        calling: (&call.calling).into(),
        dialled: call.dialled.as_ref().map(NumberView::from),
        queue: call.queue,
        agent: call.agent,
        user: call.user,
        started_at: call.started_at,
        answered_at: call.answered_at,
        ended_at: call.ended_at,
        ended_between: call.ended_between,
        outcome: call.outcome,
        cause: call.cause,
        ended_by: call.ended_by,
        merged_into: call.merged_into,
        ring_ms: call.ring_ms,
        talk_ms: call.talk_ms,
        command: call.command,
        disposition: call.disposition.map(|code| DispositionView {
            code,
            remark: call.remark,
            by: call.disposed_by,
            at: call.disposed_at,
        }),
        contact: call.contact.as_ref().map(CallContactView::from),
    }
}

/// A call of the book with everything that belongs to it. `extensions` names what devices are dialled by.
pub(crate) fn detail(found: CallDetail, extensions: &BTreeMap<DeviceId, String>) -> CallDetailView {
    let legs: Vec<_> = found.legs.iter().map(|leg| past_leg(leg, extensions)).collect();
    let hold_ms = legs.iter().map(|leg| leg.hold_ms).sum();
    let queue_ms = found.entries.iter().filter_map(|entry| entry.wait_ms).sum();
    let durations = CallDurationsView {
        queue_ms,
        ring_ms: found.call.ring_ms.unwrap_or(0),
        talk_ms: found.call.talk_ms.unwrap_or(0),
        hold_ms,
    };
    let evidence = format!("/v1/calls/{}/events", found.call.id);
    CallDetailView {
        call: row(found.call),
        parties: legs.iter().map(|leg| leg.party.clone()).collect(),
        legs,
        entries: found.entries.iter().map(entry).collect(),
        offers: found.offers.iter().map(offer).collect(),
        transfers: found.transfers.iter().map(transfer).collect(),
        notes: found.notes.into_iter().map(note).collect(),
        data: found.data,
        recording: None,
        related_calls: found.related.iter().map(related).collect(),
        durations,
        permits: Vec::new(),
        permits_for: None,
        evidence,
    }
}

/// What only the live picture knows, over what the book knows already; the book may be a moment behind.
pub(crate) fn live_detail(
    state: &State,
    id: CallId,
    book: Option<CallDetailView>,
    device: Option<DeviceId>,
) -> Option<CallDetailView> {
    let call = state.calls.get(&id)?;
    let live: Vec<_> = call.legs.iter().map(|leg| live_leg(state, leg)).collect();
    let mut shown = book.unwrap_or_else(|| CallDetailView {
        call: live_row(state, id, call),
        legs: Vec::new(),
        parties: Vec::new(),
        entries: Vec::new(),
        offers: Vec::new(),
        transfers: Vec::new(),
        notes: Vec::new(),
        data: BTreeMap::new(),
        recording: None,
        related_calls: Vec::new(),
        durations: CallDurationsView::default(),
        permits: Vec::new(),
        permits_for: None,
        evidence: format!("/v1/calls/{id}/events"),
    });
    let disposition = shown.call.disposition.take();
    shown.call = CallView { disposition, ..live_row(state, id, call) };
    shown.parties = live.iter().map(|leg| leg.party.clone()).collect();
    shown.legs.retain(|leg| leg.ended_at.is_some() && live.iter().all(|other| other.id != leg.id));
    shown.legs.extend(live);
    shown.data = call.data.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    shown.recording = call.recording;
    shown.permits = device
        .map(|device| state.permits(id, device))
        .unwrap_or_default()
        .into_iter()
        .map(PermitView::from)
        .collect();
    shown.permits_for = device;
    Some(shown)
}

/// The device of this user in the call, else the user's primary device.
pub(crate) fn device_of(state: &State, call: CallId, user: Option<UserId>) -> Option<DeviceId> {
    let user = user?;
    let in_call = state.calls.get(&call).and_then(|call| {
        let mut devices = call.legs.iter().rev().map(|leg| leg.device);
        devices.find(|device| state.user_of(*device) == Some(user))
    });
    in_call.or_else(|| state.primary_device(user))
}

fn live_leg(state: &State, leg: &Leg) -> LegView {
    LegView {
        id: leg.id,
        device: leg.device,
        extension: state
            .devices
            .get(&leg.device)
            .and_then(|device| device.extension.as_deref())
            .map(ToOwned::to_owned),
        user: leg.user,
        agent: leg.agent,
        side: leg.side,
        party: (&leg.party).into(),
        state: leg.state,
        started_at: None,
        answered_at: leg.answered_at,
        ended_at: None,
        cause: None,
        by_party: None,
        ring_ms: leg.times.ring_ms,
        talk_ms: leg.times.talk_ms,
        hold_ms: leg.times.hold_ms,
    }
}

fn past_leg(leg: &LegRow, extensions: &BTreeMap<DeviceId, String>) -> LegView {
    LegView {
        id: leg.id,
        device: leg.device,
        extension: extensions.get(&leg.device).cloned(),
        user: leg.user,
        agent: leg.agent,
        side: leg.side,
        party: (&leg.party).into(),
        state: leg.state,
        started_at: Some(leg.started_at),
        answered_at: leg.answered_at,
        ended_at: leg.ended_at,
        cause: leg.cause,
        by_party: leg.by_party,
        ring_ms: leg.ring_ms.unwrap_or(0),
        talk_ms: leg.talk_ms.unwrap_or(0),
        hold_ms: leg.hold_ms.unwrap_or(0),
    }
}

fn entry(entry: &EntryRow) -> EntryOfCallView {
    EntryOfCallView {
        id: entry.id,
        queue: entry.queue,
        entry_no: entry.entry_no,
        requeued: entry.requeued,
        entered_at: entry.entered_at,
        left_at: entry.left_at,
        reason: entry.reason,
        wait_ms: entry.wait_ms,
        agent: entry.agent,
    }
}

fn offer(offer: &OfferRow) -> OfferOfCallView {
    OfferOfCallView {
        id: offer.id,
        call: offer.call,
        entry: offer.entry,
        queue: offer.queue,
        agent: offer.agent,
        attempt: offer.attempt,
        outcome: offer.outcome,
        created_at: offer.created_at,
        closed_at: offer.closed_at,
        completed_at: offer.completed_at,
        ring_ms: offer.ring_ms,
        talk_ms: offer.talk_ms,
        hold_ms: offer.hold_ms,
        transferred: offer.transferred,
    }
}

fn transfer(transfer: &TransferRow) -> TransferView {
    TransferView {
        at: transfer.at,
        kind: transfer.kind,
        by: transfer.by,
        agent: transfer.agent,
        to: transfer.to.as_ref().map(NumberView::from),
        consult_call: transfer.consult_call,
    }
}

/// A note of the book.
pub(crate) fn note(note: NoteRow) -> NoteView {
    NoteView { id: note.id, actor: note.actor, text: note.text, at: note.at }
}

const fn related(related: &RelatedCall) -> RelatedCallView {
    RelatedCallView { call: related.call, kind: related.kind }
}
