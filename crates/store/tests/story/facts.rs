//! A site of two queues and two agents, and what happens there, as facts.

use std::collections::BTreeMap;
use std::sync::Arc;

use cti_core::fact::{
    AgentChoice, AgentEffective, Assigned, AssignmentKind, CallOutcome, Cause, Direction, Fact, LegTimes,
    OfferOutcome, Origin, Party, QueueLeave, Record, Side,
};
use cti_core::ids::{
    AgentId, AssignmentId, CallId, DeviceId, EntryId, LegId, NoteId, OfferId, QueueId, SwitchId, UserId,
};
use cti_core::input::{Actor, DeviceKind};
use cti_core::number::{Number, NumberKind};
use cti_core::time::Timestamp;

/// When every story begins: 2026-11-21T08:00:00Z.
pub(crate) const MORNING: Timestamp = Timestamp::from_micros(1_795_248_000_000_000);

/// Facts in the making.
pub(crate) struct Log {
    pub(crate) records: Vec<Record>,
    pub(crate) now: Timestamp,
    next: u64,
    versions: BTreeMap<CallId, u64>,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self::from(1, MORNING)
    }

    /// Goes on with fact `next` at `now`.
    pub(crate) fn from(next: u64, now: Timestamp) -> Self {
        Self { records: Vec::new(), now, next, versions: BTreeMap::new() }
    }

    pub(crate) fn later(&mut self, millis: u64) {
        self.now = self.now.plus_millis(i64::try_from(millis).unwrap());
    }

    /// An id as the domain would make it for the next fact.
    pub(crate) fn id<T>(&self, derive: fn(Timestamp, u32, u64) -> T) -> T {
        derive(self.now, 7, self.next)
    }

    pub(crate) fn add(&mut self, fact: Fact) {
        let call_version = fact.call().map_or(0, |call| {
            let version = self.versions.entry(call).or_default();
            *version += 1;
            *version
        });
        self.records.push(Record {
            sequence: self.next,
            recorded_at: self.now,
            at: self.now,
            origin: Origin::Live,
            call_version,
            fact,
        });
        self.next += 1;
    }

    /// The facts so far, which are then forgotten here.
    pub(crate) fn take(&mut self) -> Arc<[Record]> {
        std::mem::take(&mut self.records).into()
    }
}

/// Who and what is at the site.
#[derive(Clone, Copy)]
pub(crate) struct Site {
    pub(crate) trunk: DeviceId,
    pub(crate) phones: [DeviceId; 2],
    pub(crate) agents: [AgentId; 2],
    pub(crate) users: [UserId; 2],
    pub(crate) queues: [QueueId; 2],
}

pub(crate) fn switch() -> SwitchId {
    SwitchId::from("praha")
}

pub(crate) fn number(raw: &str, e164: Option<&str>) -> Number {
    Number {
        raw: raw.into(),
        kind: if e164.is_some() { NumberKind::External } else { NumberKind::Internal },
        e164: e164.map(Into::into),
    }
}

/// A site with a trunk, two phones with agents who are users, and two queues.
pub(crate) fn site(log: &mut Log, users: [UserId; 2]) -> Site {
    let device = |log: &mut Log, native: &str, kind, extension: Option<&str>| {
        let device = log.id(DeviceId::derive);
        log.add(Fact::DeviceDiscovered {
            device,
            switch: switch(),
            native: native.into(),
            kind,
            extension: extension.map(Into::into),
            name: None,
            capabilities: None,
        });
        device
    };
    let trunk = device(log, "PJSIP/trunk", DeviceKind::Trunk, None);
    let phones = [("PJSIP/1001", "1001"), ("PJSIP/1002", "1002")]
        .map(|(native, extension)| device(log, native, DeviceKind::Station, Some(extension)));
    let queues = ["sales", "support"].map(|name| {
        let queue = log.id(QueueId::derive);
        log.add(Fact::QueueDiscovered {
            queue,
            switch: switch(),
            native: name.into(),
            name: name.into(),
            wrap_up_ms: 5_000,
        });
        queue
    });
    let mut place = 0;
    let agents = ["Anna", "Boris"].map(|name| {
        let agent = log.id(AgentId::derive);
        let (device, user) = (phones[place], users[place]);
        place += 1;
        log.add(Fact::AgentDiscovered { agent, device, name: name.into() });
        log.add(Fact::AgentLinked { actor: Actor::System, agent, user: Some(user) });
        log.add(Fact::MemberChanged {
            queue: queues[0],
            agent,
            paused: false,
            reason: None,
            dynamic: true,
            level: 0,
        });
        let assignment = log.id(AssignmentId::derive);
        let assigned = Assigned { device, user, kind: AssignmentKind::Fixed, primary: true };
        log.add(Fact::AssignmentStarted { actor: Actor::System, assignment, assigned });
        agent
    });
    Site { trunk, phones, agents, users, queues }
}

/// How a stay in a queue goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Stay {
    /// Answered by agent 0 or 1, after the other let it ring when `missed`.
    Answered { agent: usize, missed: bool, talk_ms: u64, hold_ms: u64, transferred: bool },
    /// Left for this reason.
    Left(QueueLeave),
    /// Nothing more is known.
    Waits,
}

/// A call from outside that is now in a queue.
pub(crate) struct Caller {
    pub(crate) call: CallId,
    pub(crate) leg: LegId,
    /// Stays so far, and in which queues.
    pub(crate) queues: Vec<usize>,
    pub(crate) first_entered_at: Timestamp,
    pub(crate) started_at: Timestamp,
    /// When the first agent answered.
    pub(crate) answered_at: Option<Timestamp>,
    pub(crate) trunk: DeviceId,
}

/// Somebody rings from outside.
pub(crate) fn ring_in(log: &mut Log, site: &Site, from: &str) -> Caller {
    let call = log.id(CallId::derive);
    let calling =
        Party { number: Some(number(from, Some(from))), name: Some("A caller".into()), withheld: false };
    log.add(Fact::CallCreated {
        call,
        switch: switch(),
        native: "1795248000.1".into(),
        direction: Direction::Inbound,
        calling: calling.clone(),
        dialled: Some(number("555000100", Some("+420555000100"))),
        command: None,
        split_from: None,
        split_native: None,
        split_keys: BTreeMap::new(),
        data: BTreeMap::from([("order".into(), "4711".into())]),
    });
    let leg = log.id(LegId::derive);
    log.add(Fact::LegAdded {
        call,
        leg,
        connection: "1795248000.1".into(),
        device: site.trunk,
        user: None,
        agent: None,
        side: Side::Originator,
        party: calling,
    });
    log.add(Fact::LegOriginated { call, leg, device: site.trunk });
    Caller {
        call,
        leg,
        queues: Vec::new(),
        first_entered_at: log.now,
        started_at: log.now,
        answered_at: None,
        trunk: site.trunk,
    }
}

/// The caller stays in a queue for `wait_ms`.
pub(crate) fn stay(log: &mut Log, site: &Site, caller: &mut Caller, queue: usize, wait_ms: u64, stay: Stay) {
    let (call, leg) = (caller.call, caller.leg);
    let entry = log.id(EntryId::derive);
    if caller.queues.is_empty() {
        caller.first_entered_at = log.now;
    }
    log.add(Fact::CallQueued { call, leg, queue: site.queues[queue], entry });
    log.add(Fact::QueueEntered {
        queue: site.queues[queue],
        entry,
        call,
        entry_no: u32::try_from(caller.queues.len()).unwrap() + 1,
        first_entered_at: caller.first_entered_at,
        requeued: caller.queues.contains(&queue),
    });
    caller.queues.push(queue);
    match stay {
        Stay::Waits => {}
        Stay::Left(reason) => {
            log.later(wait_ms);
            leave(log, site, caller, queue, entry, reason, wait_ms, None);
        }
        Stay::Answered { agent, missed, talk_ms, hold_ms, transferred } => {
            let half = wait_ms / 2;
            if missed {
                let (offer, _) = offer(log, site, caller, queue, entry, 1 - agent, 1);
                log.later(half);
                log.add(Fact::OfferClosed {
                    offer,
                    call,
                    queue: site.queues[queue],
                    agent: site.agents[1 - agent],
                    outcome: OfferOutcome::NoAnswer,
                    ring_ms: half,
                });
            } else {
                log.later(half);
            }
            let attempt = if missed { 2 } else { 1 };
            let (offer, leg) = offer(log, site, caller, queue, entry, agent, attempt);
            log.later(wait_ms - half);
            let device = site.phones[agent];
            caller.answered_at.get_or_insert(log.now);
            log.add(Fact::LegAnswered { call, leg, device });
            let ring_ms = wait_ms - half;
            let (queue_id, agent_id) = (site.queues[queue], site.agents[agent]);
            log.add(Fact::OfferAccepted { offer, call, queue: queue_id, agent: agent_id, ring_ms });
            leave(log, site, caller, queue, entry, QueueLeave::Answered, wait_ms, Some((agent_id, offer)));
            log.later(talk_ms);
            log.add(Fact::LegCleared {
                call,
                leg,
                device,
                cause: Cause::Normal,
                by_party: false,
                times: LegTimes { ring_ms, talk_ms, hold_ms },
                ended_between: None,
            });
            log.add(Fact::OfferCompleted {
                offer,
                call,
                entry,
                queue: queue_id,
                agent: agent_id,
                talk_ms,
                hold_ms,
                transferred,
            });
        }
    }
}

/// The phone of agent 0 or 1 rings; the leg there.
pub(crate) fn ring_phone(log: &mut Log, site: &Site, caller: &Caller, agent: usize) -> LegId {
    let (call, device) = (caller.call, site.phones[agent]);
    let leg = log.id(LegId::derive);
    log.add(Fact::LegAdded {
        call,
        leg,
        connection: leg.to_string().into(),
        device,
        user: Some(site.users[agent]),
        agent: Some(site.agents[agent]),
        side: Side::Target,
        party: Party { number: Some(number(["1001", "1002"][agent], None)), name: None, withheld: false },
    });
    log.add(Fact::LegAlerting { call, leg, device });
    leg
}

fn offer(
    log: &mut Log,
    site: &Site,
    caller: &Caller,
    queue: usize,
    entry: EntryId,
    agent: usize,
    attempt: u32,
) -> (OfferId, LegId) {
    let call = caller.call;
    let leg = ring_phone(log, site, caller, agent);
    let offer = log.id(OfferId::derive);
    log.add(Fact::OfferCreated {
        offer,
        call,
        entry,
        queue: site.queues[queue],
        agent: site.agents[agent],
        leg,
        attempt,
    });
    (offer, leg)
}

#[expect(clippy::too_many_arguments, reason = "the fields of two facts")]
fn leave(
    log: &mut Log,
    site: &Site,
    caller: &Caller,
    queue: usize,
    entry: EntryId,
    reason: QueueLeave,
    wait_ms: u64,
    answered: Option<(AgentId, OfferId)>,
) {
    let (call, queue) = (caller.call, site.queues[queue]);
    log.add(Fact::CallDequeued { call, leg: caller.leg, queue, entry, reason });
    log.add(Fact::QueueLeft {
        queue,
        entry,
        call,
        reason,
        wait_ms,
        agent: answered.map(|(agent, _)| agent),
        offer: answered.map(|(_, offer)| offer),
    });
}

/// The call ends.
pub(crate) fn end(log: &mut Log, caller: &Caller, outcome: CallOutcome, logged: bool) {
    let times = LegTimes { ring_ms: 0, talk_ms: log.now.millis_since(caller.started_at), hold_ms: 0 };
    let (leg, device) = (caller.leg, caller.trunk);
    let call = caller.call;
    log.add(Fact::LegCleared {
        call,
        leg,
        device,
        cause: Cause::Normal,
        by_party: true,
        times,
        ended_between: None,
    });
    log.add(Fact::CallEnded {
        call,
        cause: Cause::Normal,
        ended_by: Some(leg),
        merged_into: None,
        outcome,
        ring_ms: 1_000,
        talk_ms: caller.answered_at.map_or(0, |from| log.now.millis_since(from)),
        logged,
        ended_between: None,
    });
}

pub(crate) fn note(log: &mut Log, call: CallId, by: UserId, text: &str) {
    let note = log.id(NoteId::derive);
    log.add(Fact::NoteAdded { call, note, actor: Actor::User(by), text: text.into() });
}

/// The agent goes to another state.
pub(crate) fn state(
    log: &mut Log,
    agent: AgentId,
    chosen: AgentChoice,
    states: [AgentEffective; 2],
    lasted_ms: u64,
) {
    log.add(Fact::AgentStateChanged {
        agent,
        chosen,
        previous: states[0],
        current: states[1],
        previous_ms: lasted_ms,
        call: None,
        until: None,
    });
}

pub(crate) fn user(number: u64) -> UserId {
    UserId::derive(MORNING, 7, number)
}
