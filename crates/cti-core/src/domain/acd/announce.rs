//! What waiting callers hear, and when a queue must be looked at again.

use super::Turn;
use crate::acd::look::Look;
use crate::acd::{Condition, Sound, WaitingSounds};
use crate::fact::{AcdFact, Fact, Waits};
use crate::ids::{EntryId, QueueId};
use crate::state::WorkState;
use crate::time::Timestamp;

/// How often a condition on the expected wait is asked again, milliseconds.
const EXPECTED_EVERY_MS: i64 = 5_000;

fn after(at: Timestamp, ms: u64) -> Timestamp {
    at.plus_millis(i64::try_from(ms).unwrap_or(i64::MAX))
}

impl Turn<'_> {
    /// Lets callers of a queue hear what is due.
    pub(super) fn announce(&mut self, queue: QueueId) {
        let Some(found) = self.state.queues.get(&queue) else { return };
        let is_due = |entry: &&EntryId| self.announcement_due(**entry).is_some_and(|at| at <= self.now);
        let due: Vec<EntryId> = found.waiting.iter().filter(is_due).copied().collect();
        let says_place =
            |texts: &WaitingSounds| !texts.position.is_empty() || !texts.expected_wait.is_empty();
        let by_place = found.own.as_ref().is_some_and(|own| says_place(&own.sounds));
        let look = self.state.look(queue, by_place && !due.is_empty(), self.now);
        for entry in due {
            let Some((call, _)) = self.held_entry(entry) else { continue };
            if !self.may_move(call) {
                continue;
            }
            let (sounds, keys) = self.announcement(queue, entry, &look);
            self.emit(Fact::Acd(AcdFact::Announced { queue, entry, call, sounds: sounds.clone() }));
            if !sounds.is_empty() {
                self.play(call, sounds, &keys);
            }
        }
    }

    /// When the caller is told something next; none for a queue that says nothing.
    fn announcement_due(&self, id: EntryId) -> Option<Timestamp> {
        let entry = self.state.entries.get(&id)?;
        let sounds = &self.state.queues.get(&entry.queue)?.own.as_ref()?.sounds;
        let route = self.state.calls.get(&entry.call)?.route.as_ref()?;
        if route.waits != Waits::Held {
            return None;
        }
        match entry.rank.announced_at {
            None if sounds.music.is_empty() && sounds.welcome.is_empty() && sounds.every_ms == 0 => None,
            None => Some(entry.entered_at),
            Some(_) if sounds.every_ms == 0 => None,
            // What is still heard is not talked into: the switch would keep what it cannot play yet.
            Some(at) => Some(route.heard_until.into_iter().chain([after(at, sounds.every_ms)]).max()?),
        }
    }

    fn announcement(&self, queue: QueueId, id: EntryId, look: &Look) -> (Vec<Sound>, String) {
        let nothing = (Vec::new(), String::new());
        let Some(entry) = self.state.entries.get(&id) else { return nothing };
        let Some(own) = self.state.queues.get(&queue).and_then(|one| one.own.as_ref()) else {
            return nothing;
        };
        let texts = &own.sounds;
        let mut keys: String = own.keys.iter().map(|one| &*one.key).collect();
        let file =
            |name: &std::sync::Arc<str>| (!name.is_empty()).then(|| Sound::File { name: name.clone() });
        if entry.rank.announced == 0 {
            let music = (!texts.music.is_empty()).then(|| Sound::Music { class: texts.music.clone() });
            return (music.into_iter().chain(file(&texts.welcome)).collect(), keys);
        }
        let mut sounds = Vec::new();
        let position = look.place(id);
        if let (Some(name), Some(number)) = (file(&texts.position), position) {
            sounds.extend([name, Sound::Number { number }]);
        }
        let expected = position.and_then(|place| look.expected_ms(place));
        if let (Some(name), Some(ms)) = (file(&texts.expected_wait), expected) {
            let number = u32::try_from(ms.div_ceil(60_000)).unwrap_or(u32::MAX);
            sounds.extend([name, Sound::Number { number }]);
        }
        let turn = usize::try_from(entry.rank.announced - 1).unwrap_or(0);
        if let Some(name) = texts.comfort.get(turn % texts.comfort.len().max(1)) {
            sounds.extend(file(name));
        }
        let offers_callback = !texts.callback.is_empty() && !texts.callback_key.is_empty();
        if offers_callback {
            sounds.extend(file(&texts.callback));
            keys.push_str(&texts.callback_key);
        }
        (sounds, keys)
    }

    /// When a queue must be looked at again, if nothing happens.
    pub(super) fn next_look(&self, queue: QueueId) -> Option<Timestamp> {
        let found = self.state.queues.get(&queue)?;
        let settings = found.own.as_ref()?;
        let mut next: Vec<Timestamp> = Vec::new();
        for id in &found.waiting {
            let Some(entry) = self.state.entries.get(id) else { continue };
            next.extend(self.announcement_due(*id));
            next.extend(self.state.next_choice(*id, self.now));
            next.extend(self.state.awaits_scores(*id, self.now));
            let route = self.state.calls.get(&entry.call).and_then(|call| call.route.as_ref());
            next.extend(route.and_then(|route| route.busy_until));
            let helpers = settings.helpers.iter().map(|one| one.when);
            for when in settings.overflow.iter().map(|one| one.when).chain(helpers) {
                match when {
                    Condition::WaitedFor { ms } => next.push(after(entry.entered_at, ms)),
                    Condition::ExpectedWait { .. } => next.push(self.now.plus_millis(EXPECTED_EVERY_MS)),
                    Condition::NobodySignedIn | Condition::NobodyReady | Condition::Waiting { .. } => {}
                }
            }
        }
        for one in self.state.work.of_queue(queue).filter_map(|id| self.state.interactions.get(&id)) {
            next.push(one.not_before);
            if let WorkState::Offered { until, .. } = one.state {
                next.push(until);
            }
        }
        let offers = self.state.offers.values().filter(|one| one.queue == queue && one.accepted_at.is_none());
        next.extend(offers.filter_map(|one| one.until));
        // What was due until now has just been done, or cannot be done before something else happens.
        next.into_iter().filter(|at| *at > self.now).min()
    }
}
