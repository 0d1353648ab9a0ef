//! Queues of the PBX: who waits, who is offered, who is a member. Times that Asterisk computes are never read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ami::event::{DialStatus, Event, Membership, QueueAgent, QueueCaller, QueueMember, QueueParams};
use cti_core::fact::QueueLeave;
use cti_core::ids::Native;
use cti_core::input::{DeviceRef, MemberSeen, QueueSeen, SwitchEvent};
use cti_core::time::Timestamp;

use super::later::{LEAVE_MS, What};
use super::model::Waiting;
use super::{AsteriskTranslator, Wish};

/// A member as the PBX tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) name: Arc<str>,
    pub(super) state_interface: Option<Arc<str>>,
    pub(super) paused: bool,
    pub(super) reason: Option<Arc<str>>,
    pub(super) dynamic: bool,
}

/// Queues and members known.
#[derive(Debug, Default)]
pub(super) struct Queues {
    pub(super) known: BTreeSet<Native>,
    /// By queue and interface.
    pub(super) members: BTreeMap<(Native, Arc<str>), Member>,
    /// What the Domain was told last.
    pub(super) told: BTreeMap<(Native, Arc<str>), MemberSeen>,
    /// When the switch's counters were last read.
    pub(super) counted: BTreeMap<Native, Timestamp>,
}

impl AsteriskTranslator {
    fn see_queue(&mut self, name: Option<&str>) -> Option<Native> {
        let queue = Native::from(name?);
        if self.queues.known.insert(queue.clone()) {
            // Its wrap-up stands in the list only.
            self.wishes.push(Wish::Queues);
            let name = queue.as_str().into();
            self.say(SwitchEvent::Queue(QueueSeen { queue: queue.clone(), name, wrap_up_ms: 0 }));
        }
        Some(queue)
    }

    pub(super) fn on_queue_join(&mut self, view: QueueCaller<'_>) {
        let Some(uid) = self.see(view.channel()) else { return };
        let Some(queue) = self.see_queue(view.queue()) else { return };
        self.say_later(&uid);
        let Some((call, connection)) = self.ensure_told(&uid) else { return };
        let Some(channel) = self.model.channel_mut(&uid) else { return };
        if channel.waiting.as_ref().is_some_and(|waiting| waiting.queue == queue) {
            return;
        }
        channel.waiting = Some(Waiting { queue: queue.clone(), abandoned: false, left: None });
        self.say(SwitchEvent::Queued { call, connection, queue, position: view.position() });
    }

    pub(super) fn on_queue_abandon(&mut self, view: QueueCaller<'_>) {
        if let Some(uid) = self.see(view.channel())
            && let Some(waiting) = self.model.channel_mut(&uid).and_then(|channel| channel.waiting.as_mut())
        {
            waiting.abandoned = true;
        }
    }

    /// A leave says nothing of its reason. An agent that has answered is about to be connected; a caller who has
    /// hung up has given up; what else it was, the next event may tell.
    pub(super) fn on_queue_leave(&mut self, view: QueueCaller<'_>) {
        let Some(uid) = self.see(view.channel()) else { return };
        let at = self.at;
        let Some(channel) = self.model.channel_mut(&uid) else { return };
        let has_hung_up = channel.party_hung_up || channel.was_ended;
        let Some(waiting) = channel.waiting.as_mut() else { return };
        waiting.left = Some(at);
        let abandoned = waiting.abandoned;
        if abandoned && has_hung_up {
            self.leave_queue(&uid, QueueLeave::Abandoned);
        } else if abandoned {
            self.defer(&uid, LEAVE_MS, What::LeftQueue);
        } else if !self.an_agent_answered(&uid) {
            let reason = if has_hung_up { QueueLeave::Abandoned } else { QueueLeave::Withdrawn };
            self.leave_queue(&uid, reason);
        }
    }

    fn an_agent_answered(&self, caller: &str) -> bool {
        self.model.channels.values().any(|channel| {
            channel.called_for.is_some()
                && channel.dial_status == Some(DialStatus::Answer)
                && channel.dialler.as_deref() == Some(caller)
        })
    }

    pub(super) fn leave_queue(&mut self, uid: &str, reason: QueueLeave) {
        let Some(channel) = self.model.channel_mut(uid) else { return };
        let Some(waiting) = channel.waiting.take() else { return };
        let Some(current) = channel.current() else { return };
        let (call, connection) = (current.call.clone(), current.key.clone());
        let at = waiting.left.unwrap_or(self.at);
        let queue = waiting.queue;
        self.out.push((at, SwitchEvent::Dequeued { call, connection, queue, reason }));
    }

    /// A waiting caller who talks has been answered; a parked one has been taken back.
    pub(super) fn end_waiting(&mut self, uid: &str) {
        self.unpark(uid);
        let at = self.at;
        if let Some(waiting) = self.model.channel_mut(uid).and_then(|channel| channel.waiting.as_mut()) {
            waiting.left = Some(at);
            self.leave_queue(uid, QueueLeave::Answered);
        }
    }

    /// The caller's channel is gone while it waited.
    pub(super) fn leave_queue_by_end(&mut self, uid: &str) {
        self.drop_later(uid, |what| *what == What::LeftQueue);
        let reason = match self.model.channel(uid) {
            Some(channel) if channel.party_hung_up || channel.was_ended => QueueLeave::Abandoned,
            _ => QueueLeave::Lost,
        };
        self.leave_queue(uid, reason);
    }

    /// Says why a caller left, by `QUEUESTATUS` where it was told.
    pub(super) fn settle_leaver(&mut self, uid: &str, status: Option<&str>) {
        self.drop_later(uid, |what| *what == What::LeftQueue);
        let has_left = self
            .model
            .channel(uid)
            .and_then(|channel| channel.waiting.as_ref())
            .is_some_and(|waiting| waiting.left.is_some() && waiting.abandoned);
        if !has_left {
            return;
        }
        let reason = match status {
            Some("LEAVEEMPTY" | "LEAVEUNAVAIL" | "JOINEMPTY" | "JOINUNAVAIL") => QueueLeave::Empty,
            Some("FULL") => QueueLeave::Full,
            Some("CONTINUE" | "WITHDRAW") => QueueLeave::Withdrawn,
            _ => QueueLeave::TimedOut,
        };
        self.leave_queue(uid, reason);
    }

    pub(super) fn on_agent_called(&mut self, view: QueueAgent<'_>) {
        self.see(view.channel());
        let Some(dest) = self.see(view.dest()) else { return };
        let Some(queue) = self.see_queue(view.queue()) else { return };
        let interface: Arc<str> = view.interface().unwrap_or_default().into();
        if let Some(channel) = self.model.channel_mut(&dest) {
            channel.called_for = Some((queue, interface));
        }
    }

    pub(super) fn on_agent_no_answer(&mut self, view: QueueAgent<'_>) {
        self.see(view.channel());
        let Some(dest) = self.see(view.dest()) else { return };
        let mut reached = self.model.around(&dest, true);
        reached.push(dest);
        for uid in reached {
            if self.model.called_for(&uid).is_some()
                && let Some(channel) = self.model.channel_mut(&uid)
            {
                channel.rang_out = true;
            }
        }
    }

    pub(super) fn on_agent_connect(&mut self, view: QueueAgent<'_>) {
        let caller = self.see(view.channel());
        self.see(view.dest());
        if let Some(caller) = caller {
            self.end_waiting(&caller);
        }
    }

    pub(super) fn on_member(&mut self, view: QueueMember<'_>) {
        let Some(queue) = self.see_queue(view.queue()) else { return };
        if let Some(interface) = self.note_member(&queue, view) {
            self.tell_member(&(queue, interface));
        }
    }

    pub(super) fn note_member(&mut self, queue: &Native, view: QueueMember<'_>) -> Option<Arc<str>> {
        let interface: Arc<str> = view.interface()?.into();
        let state_interface: Option<Arc<str>> = view.state_interface().map(Into::into);
        let paused = view.is_paused().unwrap_or(false);
        let member = Member {
            name: view.member_name().unwrap_or(&interface).into(),
            state_interface,
            paused,
            reason: view.paused_reason().filter(|_| paused).map(Into::into),
            dynamic: view.membership() == Some(Membership::Dynamic),
        };
        self.queues.members.insert((queue.clone(), Arc::clone(&interface)), member);
        Some(interface)
    }

    /// The phone of a member: what its state is taken from, what a Local member was seen to ring, or what its
    /// extension stands for.
    pub(super) fn member_seen(&mut self, key: &(Native, Arc<str>)) -> Option<MemberSeen> {
        let member = self.queues.members.get(key)?;
        let device = self.devices.of_member(&key.1, member.state_interface.as_deref());
        Some(MemberSeen {
            queue: key.0.clone(),
            device,
            name: Arc::clone(&member.name),
            paused: member.paused,
            reason: member.reason.clone(),
            dynamic: member.dynamic,
        })
    }

    fn tell_member(&mut self, key: &(Native, Arc<str>)) {
        let Some(seen) = self.member_seen(key) else { return };
        let before = self.queues.told.insert(key.clone(), seen.clone());
        if before.as_ref() == Some(&seen) {
            return;
        }
        if let Some(before) = before
            && before.device.native != seen.device.native
        {
            self.untell_member(&key.0, before.device.native);
        }
        self.say(SwitchEvent::Member(seen));
    }

    fn untell_member(&mut self, queue: &Native, device: Native) {
        let is_still =
            self.queues.told.values().any(|seen| seen.queue == *queue && seen.device.native == device);
        if !is_still {
            self.say(SwitchEvent::MemberRemoved { queue: queue.clone(), device });
        }
    }

    pub(super) fn on_member_removed(&mut self, view: QueueMember<'_>) {
        let (Some(queue), Some(interface)) = (view.queue(), view.interface()) else { return };
        let key: (Native, Arc<str>) = (Native::from(queue), interface.into());
        self.queues.members.remove(&key);
        if let Some(seen) = self.queues.told.remove(&key) {
            self.untell_member(&key.0, seen.device.native);
        }
    }

    /// A call for a Local member rang at this phone: that is the member's phone.
    pub(super) fn learn_member_device(&mut self, queue: &Native, interface: &Arc<str>, device: &DeviceRef) {
        if self.devices.learn_local(interface, &device.native) {
            self.tell_member(&(queue.clone(), Arc::clone(interface)));
        }
    }

    /// Takes a `QueueStatus` list outside a resynchronisation.
    pub(super) fn refresh_queues<'a>(&mut self, items: impl Iterator<Item = Event<'a>>) {
        let mut listed: BTreeSet<(Native, Arc<str>)> = BTreeSet::new();
        for item in items {
            if let Event::QueueParams(view) = item {
                if let Some(seen) = queue_seen(view) {
                    self.queues.known.insert(seen.queue.clone());
                    self.say(SwitchEvent::Queue(seen));
                }
            } else if let Event::QueueMember(view) = item
                && let Some(queue) = view.queue().map(Native::from)
                && let Some(interface) = self.note_member(&queue, view)
            {
                listed.insert((queue, interface));
            }
        }
        let gone: Vec<_> = self.queues.told.keys().filter(|key| !listed.contains(*key)).cloned().collect();
        for key in gone {
            self.queues.members.remove(&key);
            if let Some(seen) = self.queues.told.remove(&key) {
                self.untell_member(&key.0, seen.device.native);
            }
        }
        for key in listed {
            self.tell_member(&key);
        }
    }
}

/// A queue of a `QueueStatus` list. `Wrapuptime` stands there in some versions only.
pub(super) fn queue_seen(view: QueueParams<'_>) -> Option<QueueSeen> {
    let queue = Native::from(view.queue()?);
    let wrap_up_s: u64 = view.message().number("Wrapuptime").unwrap_or(0);
    Some(QueueSeen { name: queue.as_str().into(), queue, wrap_up_ms: wrap_up_s.saturating_mul(1000) })
}
