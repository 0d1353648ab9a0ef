//! Keys that waiting callers press: a callback, its time, or another way.

use std::sync::Arc;

use super::Turn;
use super::route::{Extra, TURNS_MAX};
use crate::acd::calendar::{next_minute, opening_from};
use crate::acd::{CallbackWhen, QueueSettings, Sound, Target};
use crate::fact::{AcdFact, Fact, QueueLeave, Waits, WorkFact};
use crate::ids::{CallId, InteractionId, Native, SwitchId};
use crate::input::Actor;
use crate::permit::CommandName;
use crate::state::{Interaction, WorkState};
use crate::time::Timestamp;

/// Time to choose when to be called back, from the beginning of the file that names the times, milliseconds: as long as
/// a file lasts at most, and some seconds more.
const CHOICE_MS: i64 = 15_000;

impl Turn<'_> {
    pub(in crate::domain) fn key_pressed(&mut self, switch: &SwitchId, connection: &Native, key: char) {
        let Some((call, _)) = self.leg_of(switch, connection) else { return };
        let Some(id) = self.state.calls.get(&call).and_then(|one| one.entry) else {
            return self.time_pressed(call, key);
        };
        let queue = self.state.entries.get(&id).map(|one| one.queue);
        let own = queue.and_then(|id| self.state.queues.get(&id)).and_then(|one| one.own.as_ref());
        let Some(own) = own else { return };
        if is_key(&own.sounds.callback_key, key) {
            self.callback_pressed(call, key);
        } else if let Some(to) = own.keys.iter().find(|one| is_key(&one.key, key)) {
            let to = to.to.clone();
            self.chosen(call, key, to);
        }
    }

    /// The key that means something is kept with the entry.
    fn note_key(&mut self, call: CallId, key: char) {
        let entry = self.state.calls.get(&call).and_then(|one| one.entry);
        let Some((entry, queue)) = entry.and_then(|id| Some((id, self.state.entries.get(&id)?.queue))) else {
            return;
        };
        let key = key.to_string().into();
        self.emit(Fact::Acd(AcdFact::KeyPressed { queue, entry, call, key }));
    }

    /// A caller orders a callback; where the queue has times for it, the caller stays to choose one.
    fn callback_pressed(&mut self, call: CallId, key: char) {
        let choice = self.choice_of(call);
        let until = choice.as_ref().map(|_| self.now.plus_millis(CHOICE_MS));
        if !self.order_callback(call, until) {
            return;
        }
        self.note_key(call, key);
        match (choice, until) {
            // An older callback of this number has its time already.
            (Some((sound, keys)), Some(until)) if self.ordered_by(call).is_some() => {
                self.leave_queue(call, QueueLeave::Withdrawn, None, None);
                self.play(call, vec![Sound::File { name: sound }], &keys);
                self.schedule.call_at(until, call);
            }
            _ => self.send(call, Target::Hangup, &Extra::default(), QueueLeave::Withdrawn),
        }
    }

    /// The file that names the times, and their keys; none where the caller cannot hear it.
    fn choice_of(&self, call: CallId) -> Option<(Arc<str>, String)> {
        let found = self.state.calls.get(&call)?;
        let is_heard = found.route.as_ref()?.waits == Waits::Held && self.may_move(call);
        let queue = self.state.entries.get(&found.entry?)?.queue;
        let sounds = &self.state.queues.get(&queue)?.own.as_ref()?.sounds;
        let keys = sounds.callback_times.iter().map(|one| &*one.key).collect();
        let is_asked = is_heard && !sounds.callback_times.is_empty() && !sounds.callback_choice.is_empty();
        is_asked.then(|| (Arc::clone(&sounds.callback_choice), keys))
    }

    /// The callback that the caller of this call has ordered by key.
    pub(super) fn ordered_by(&self, call: CallId) -> Option<InteractionId> {
        let queue = self.state.calls.get(&call)?.queue?;
        let is_its = |id: &InteractionId| {
            let found: Option<&Interaction> = self.state.interactions.get(id);
            found.is_some_and(|one| one.is_callback() && one.request.origin == Some(call))
        };
        self.state.work.of_queue(queue).find(is_its)
    }

    /// A caller who has ordered a callback chooses its time.
    fn time_pressed(&mut self, call: CallId, key: char) {
        let Some(interaction) = self.ordered_by(call).filter(|_| !self.is_hung_up(call)) else { return };
        let Some(one) = self.state.interactions.get(&interaction) else { return };
        let queue = one.request.queue;
        let Some(own) = self.state.queues.get(&queue).and_then(|found| found.own.as_ref()) else { return };
        let times = own.sounds.callback_times.iter();
        let Some(when) = times.clone().find(|one| is_key(&one.key, key)).map(|one| one.when) else { return };
        let due = self.callback_due(own, when);
        if one.state == WorkState::Waiting {
            let actor = Actor::System;
            self.emit(Fact::Work(WorkFact::Rescheduled { interaction, queue, actor, due }));
        }
        self.hang_up(call);
    }

    /// True while a request to end the call is open.
    fn is_hung_up(&self, call: CallId) -> bool {
        let mut open = self.state.open_commands.iter().filter_map(|id| self.state.commands.get(id));
        open.any(|one| one.call == Some(call) && one.name == CommandName::ClearConnection)
    }

    /// The chosen time, while the queue is open.
    fn callback_due(&self, own: &QueueSettings, when: CallbackWhen) -> Timestamp {
        let named = own.calendar.as_ref();
        let calendar = named.and_then(|name| self.state.acd.calendars.iter().find(|one| one.name == *name));
        let at = match (when, calendar) {
            (CallbackWhen::Now, _) => return self.now,
            (CallbackWhen::After { minutes }, _) => self.now.plus_millis(i64::from(minutes) * 60_000),
            (CallbackWhen::At { days, minute }, Some(calendar)) => {
                next_minute(calendar, self.now, days, minute).unwrap_or(self.now)
            }
            // A time of the day is not set without a calendar.
            (CallbackWhen::At { .. }, None) => self.now,
        };
        calendar.map_or(at, |calendar| opening_from(calendar, at))
    }

    /// A waiting caller goes where a key leads; not while phones ring, and not to where the call waits already.
    fn chosen(&mut self, call: CallId, key: char, to: Target) {
        let Some(found) = self.state.calls.get(&call).filter(|_| self.may_move(call)) else { return };
        let Some(entry) = found.entry.and_then(|entry| self.state.entries.get(&entry)) else { return };
        let Some(route) = found.route.clone() else { return };
        let extra = Extra { priority: entry.rank.priority, needs: entry.rank.needs.clone() };
        let to = match self.queue_at_end(call, &to) {
            Some(end) if end == entry.queue => return,
            Some(_) if found.entries >= TURNS_MAX => Target::Fallback,
            _ => to,
        };
        self.note_key(call, key);
        let (leg, point, waits, rule) = (route.leg, route.point, route.waits, format!("key {key}").into());
        self.emit(Fact::Acd(AcdFact::CallRouted { call, leg, point, waits, to: to.clone(), rule }));
        self.send(call, to, &extra, QueueLeave::Withdrawn);
    }
}

fn is_key(wanted: &str, key: char) -> bool {
    !wanted.is_empty() && wanted.contains(key)
}
