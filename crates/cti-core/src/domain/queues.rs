//! Mirrored queues: the PBX distributes, we follow.

use super::Turn;
use crate::connection::ConnectionState;
use crate::fact::{Fact, Origin, QueueLeave};
use crate::ids::{AgentId, CallId, DeviceId, EntryId, LegId, Native, OfferId, QueueId, SwitchId};
use crate::input::{DeviceKind, MemberSeen, QueueSeen};

impl Turn<'_> {
    pub(super) fn queue_seen(&mut self, switch: &SwitchId, seen: QueueSeen) {
        let known = self.queue_by_key(switch, &seen.queue);
        let same = known
            .and_then(|id| self.state.queues.get(&id))
            .is_some_and(|one| one.name == seen.name && one.wrap_up_ms == seen.wrap_up_ms);
        if same {
            return;
        }
        self.emit(Fact::QueueDiscovered {
            queue: known.unwrap_or_else(|| self.fresh(QueueId::derive)),
            switch: switch.clone(),
            native: seen.queue,
            name: seen.name,
            wrap_up_ms: seen.wrap_up_ms,
        });
    }

    fn queue_by_key(&self, switch: &SwitchId, native: &Native) -> Option<QueueId> {
        self.state.switches.get(switch)?.queue_index.get(native)
    }

    /// The queue of a key; discovered now when no snapshot told of it.
    fn queue(&mut self, switch: &SwitchId, native: &Native) -> QueueId {
        if let Some(known) = self.queue_by_key(switch, native) {
            return known;
        }
        let name = native.as_str().into();
        self.queue_seen(switch, QueueSeen { queue: native.clone(), name, wrap_up_ms: 0 });
        self.queue_by_key(switch, native).unwrap_or_else(|| self.fresh(QueueId::derive))
    }

    pub(super) fn member_seen(&mut self, switch: &SwitchId, seen: MemberSeen) {
        let queue = self.queue(switch, &seen.queue);
        let device = self.device(switch, &seen.device, None, None);
        let agent = self.agent_at(device, &seen.name);
        let same = self.state.agents.get(&agent).and_then(|one| one.queues.get(&queue)).is_some_and(|one| {
            one.paused == seen.paused && one.reason == seen.reason && one.dynamic == seen.dynamic
        });
        if !same {
            let (paused, reason, dynamic) = (seen.paused, seen.reason, seen.dynamic);
            self.emit(Fact::MemberChanged { queue, agent, paused, reason, dynamic, level: 0 });
            self.touch_agent(Some(agent));
            if self.origin == Origin::Live {
                self.follow_phone(agent);
            }
        }
    }

    /// The agent called at a device; a discovered one when there is none.
    fn agent_at(&mut self, device: DeviceId, name: &std::sync::Arc<str>) -> AgentId {
        if let Some(agent) = self.state.devices.get(&device).and_then(|one| one.agent) {
            return agent;
        }
        let agent = self.fresh(AgentId::derive);
        self.emit(Fact::AgentDiscovered { agent, device, name: name.clone() });
        agent
    }

    pub(super) fn member_removed(&mut self, switch: &SwitchId, queue: &Native, device: &Native) {
        let Some(queue) = self.queue_by_key(switch, queue) else {
            return;
        };
        let device = self.state.switches.get(switch).and_then(|one| one.device_index.get(device));
        let Some(agent) = device.and_then(|id| self.state.devices.get(&id)).and_then(|one| one.agent) else {
            return;
        };
        self.remove_member(queue, agent);
        if self.origin == Origin::Live {
            self.follow_phone(agent);
        }
    }

    pub(super) fn remove_member(&mut self, queue: QueueId, agent: AgentId) {
        if self.state.agents.get(&agent).is_some_and(|one| one.queues.contains_key(&queue)) {
            self.emit(Fact::MemberRemoved { queue, agent });
            self.touch_agent(Some(agent));
        }
    }

    pub(super) fn queued(&mut self, switch: &SwitchId, connection: &Native, queue: &Native) {
        let Some((call, leg)) = self.leg_of(switch, connection) else {
            return;
        };
        let queue = self.queue(switch, queue);
        self.enter_queue(call, leg, queue);
    }

    pub(super) fn enter_queue(&mut self, call: CallId, leg: LegId, queue: QueueId) {
        let Some(found) = self.state.calls.get(&call) else {
            return;
        };
        if let Some(entry) = found.entry {
            if self.state.entries.get(&entry).is_some_and(|one| one.queue == queue) {
                return;
            }
            self.leave_queue(call, QueueLeave::Withdrawn, None, None);
        }
        let Some(found) = self.state.calls.get(&call) else {
            return;
        };
        let (entry_no, requeued) = (found.entries + 1, found.queues.contains(&queue));
        let first_entered_at = found.first_entered_at.unwrap_or(self.at);
        let device = found.leg(leg).map(|one| one.device);
        let entry = self.fresh(EntryId::derive);
        self.emit(Fact::CallQueued { call, leg, queue, entry });
        self.emit(Fact::QueueEntered { queue, entry, call, entry_no, first_entered_at, requeued });
        if let Some(device) = device {
            self.touch_device(device);
        }
    }

    /// The switch says the caller left. That an agent answered, or that the caller gave up, is decided where it
    /// shows: at the answering leg and at the caller's own clearing.
    pub(super) fn dequeued(
        &mut self,
        switch: &SwitchId,
        connection: &Native,
        queue: &Native,
        reason: QueueLeave,
    ) {
        let Some((call, _)) = self.leg_of(switch, connection) else {
            return;
        };
        let queue = self.queue_by_key(switch, queue);
        let entry =
            self.state.calls.get(&call).and_then(|one| one.entry).and_then(|id| self.state.entries.get(&id));
        let here = entry.is_some_and(|one| Some(one.queue) == queue);
        if here && !matches!(reason, QueueLeave::Answered | QueueLeave::Abandoned) {
            self.leave_queue(call, reason, None, None);
        }
    }

    /// Ends the running entry of a call, when it has one.
    pub(super) fn leave_queue(
        &mut self,
        call: CallId,
        reason: QueueLeave,
        agent: Option<AgentId>,
        offer: Option<OfferId>,
    ) {
        let Some(id) = self.state.calls.get(&call).and_then(|one| one.entry) else {
            return;
        };
        let Some(entry) = self.state.entries.get(&id).cloned() else {
            return;
        };
        let (leg, queue, wait_ms) = (entry.leg, entry.queue, self.at.millis_since(entry.entered_at));
        self.emit(Fact::CallDequeued { call, leg, queue, entry: id, reason });
        self.emit(Fact::QueueLeft { queue, entry: id, call, reason, wait_ms, agent, offer });
        self.close_unrung(call, crate::fact::Cause::Canceled);
        if let Some(device) = self.leg(call, leg).map(|one| one.device) {
            self.touch_device(device);
        }
    }

    /// The queue calls a member for the waiting call.
    pub(super) fn offer(
        &mut self,
        switch: &SwitchId,
        call: CallId,
        leg: LegId,
        device: DeviceId,
        queue: &Native,
    ) {
        let Some(id) = self.state.calls.get(&call).and_then(|one| one.entry) else {
            return;
        };
        // In queues of ours: a phone that rings although we had given up on it, and moved the call perhaps.
        let is_ours = self.state.acd.queue_index.contains_key(queue.as_str());
        // The line to another switch is nobody's phone; the other end of it tells whose rings.
        if is_ours && self.state.devices.get(&device).is_some_and(|one| one.kind == DeviceKind::Trunk) {
            return;
        }
        let is_meant = |id: &QueueId| {
            let found = self.state.queues.get(id);
            found.is_some_and(|one| match one.own {
                Some(_) => is_ours,
                None => one.native == *queue && one.switch == *switch,
            })
        };
        let Some(entry) = self.state.entries.get(&id).filter(|one| is_meant(&one.queue)) else {
            return;
        };
        let (queue, attempt) = (entry.queue, entry.attempts + 1);
        let name =
            self.state.devices.get(&device).map_or_else(|| "".into(), |one| one.native.as_str().into());
        let agent = self.agent_at(device, &name);
        let offer = self.fresh(OfferId::derive);
        self.emit(Fact::OfferCreated { offer, call, entry: id, queue, agent, leg, attempt });
        self.touch_agent(Some(agent));
    }

    /// True while the leg waits in a queue, not at a parking place.
    pub(super) fn waits_in_queue(&self, call: CallId, leg: LegId) -> bool {
        let entry =
            self.state.calls.get(&call).and_then(|one| one.entry).and_then(|id| self.state.entries.get(&id));
        let queued = self.leg(call, leg).is_some_and(|one| one.state == ConnectionState::Queued);
        queued && entry.is_some_and(|one| one.leg == leg)
    }
}
