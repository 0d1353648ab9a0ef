//! Callers that Asterisk holds for us, in the context `tieline-queue` of the include file.
//!
//! ```text
//!  AsyncAGIStart ─▶ Waits ──OfferCall──▶ Rings ──nobody answers: AsyncAGIStart──▶ Waits
//!                    │ ▲                   └──── talks ─▶ no longer held
//!       a command    │ │ AsyncAGIStart
//!       fails, or T  ▼ │
//!                   Between ── half a second, or seen elsewhere ─▶ no longer held
//! ```
//!
//! A caller who waits has a time limit in the switch; we put it off for as long as we live. Offers are dialled by the
//! dialplan (`tieline-offer`), not by a command of AGI: so no limit runs while a phone rings or people talk, and
//! whatever becomes of us, the dialplan knows how to go on. See `docs/decisions/0016-offers-are-dialled-by-the-dialplan.md`.

use std::sync::Arc;

use ami::Action;
use ami::action::{AbsoluteTimeout, Request};
use ami::event::{AsyncAgiEnd, AsyncAgiStart, ChannelSnapshot};
use cti_core::fact::{Cause, Waits};
use cti_core::ids::{CommandId, Native};
use cti_core::input::SwitchEvent;
use cti_core::time::Timestamp;

use super::AsteriskTranslator;
use super::later::What;
use super::model::{Channel, Uid, uid_of};
use super::names;
use super::steps::Steps;

/// Context of the include file where callers wait for us.
pub const QUEUE_CONTEXT: &str = "tieline-queue";
/// The one where agents ring for them.
pub const OFFER_CONTEXT: &str = "tieline-offer";
/// The extension that takes them elsewhere.
pub(super) const FALLBACK_EXTEN: &str = "T";
/// Limit of a waiting caller where the switch's configuration names none, seconds.
pub const PATIENCE_S: u32 = 30;
/// The limit is put off this often within its time.
const REARMS: u32 = 3;
/// How long a caller whose AGI has ended may turn out to wait on, milliseconds.
const BETWEEN_MS: i64 = 500;
/// A limit that was put off this short a time ago may have been set on a caller who had left already.
const RACE_MS: u64 = 5_000;
/// A limit that could not be put off is tried again after so long, milliseconds.
const LIMIT_AGAIN_MS: i64 = 1_000;

/// Something to send without being asked for.
#[derive(Debug, Clone)]
pub struct Chore {
    /// What to send, one after the other.
    pub actions: Vec<Action>,
    /// The caller it is about, by the unique id of its channel.
    pub caller: Arc<str>,
    pub(super) does: Does,
}

/// What a chore does to its caller.
#[derive(Debug, Clone)]
pub(super) enum Does {
    /// Sets its time limit.
    Limit,
    /// Lets it hear something, by the command of AGI of this id.
    Step(Arc<str>),
    /// Takes it elsewhere.
    Move,
}

/// What an attempt to ring agents was made for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Asked {
    /// This command.
    By(CommandId),
    /// It ran already when we came.
    #[default]
    Before,
    /// Events that are older than the picture tell of it: of the caller they say nothing new.
    InThePast,
}

/// An attempt to ring agents.
#[derive(Debug, Clone, Default)]
pub(super) struct Offer {
    asked: Asked,
    /// Queue on whose behalf the phones are rung.
    pub(super) queue: Option<Native>,
    /// Why the phones that were rung did not answer.
    cause: Option<Cause>,
    /// The switch has shown that the caller left the place where it waited: it can come back only now.
    has_begun: bool,
}

impl Offer {
    /// If nothing rang, that was our wish.
    pub(super) fn is_taken_back(&mut self) {
        self.cause.get_or_insert(Cause::Canceled);
    }
}

/// What a held caller does.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// Waits, hears what we play.
    Waits,
    /// AGI has ended and we did not ask for it.
    Between,
    /// Agents ring.
    Rings(Offer),
    /// Was sent on by this command.
    Leaves(CommandId),
}

/// A held caller.
#[derive(Debug)]
pub(super) struct Held {
    /// Key of the queue or entry point it came to.
    pub(super) point: Native,
    pub(super) place: Place,
    pub(super) steps: Steps,
    /// When its limit is to be put off next, and when that was done last.
    due: Timestamp,
    armed: Option<Timestamp>,
}

/// What became of held callers while events were missed.
#[derive(Debug, Default)]
pub(super) struct Missed {
    /// Phones rang for them, or may have, and they wait again.
    pub(super) returned: Vec<Uid>,
    /// They are not held any more.
    pub(super) left: Vec<Uid>,
}

impl Held {
    pub(super) fn new(point: Native, place: Place, at: Timestamp) -> Self {
        Self { point, place, steps: Steps::new(at), due: at, armed: None }
    }

    /// The offer that we asked for and that may not have rung yet.
    pub(super) const fn asked_offer(&mut self) -> Option<&mut Offer> {
        match &mut self.place {
            Place::Rings(offer) if matches!(offer.asked, Asked::By(_)) => Some(offer),
            Place::Rings(_) | Place::Waits | Place::Between | Place::Leaves(_) => None,
        }
    }

    pub(super) const fn waits(&self) -> bool {
        matches!(self.place, Place::Waits)
    }
}

/// Where a channel of the include file's waiting contexts stands; none for every other channel.
pub(super) fn place_of(snapshot: ChannelSnapshot<'_>) -> Option<(Native, bool)> {
    let exten = snapshot.exten().filter(|exten| *exten != FALLBACK_EXTEN)?;
    match snapshot.context()? {
        QUEUE_CONTEXT => Some((Native::from(exten), false)),
        OFFER_CONTEXT => Some((Native::from(exten), true)),
        _ => None,
    }
}

impl AsteriskTranslator {
    /// What must be sent without being asked for; empties the list.
    pub fn take_chores(&mut self) -> Vec<Chore> {
        std::mem::take(&mut self.chores)
    }

    /// When [`keep_alive`](Self::keep_alive) is due next, also while the link is down.
    pub fn next_chore(&self) -> Option<Timestamp> {
        self.held.values().filter(|held| held.waits()).map(|held| held.due).min()
    }

    /// Puts off the limits of waiting callers.
    pub fn keep_alive(&mut self, now: Timestamp) {
        let interval = i64::from(self.facilities.patience_s) * 1000 / i64::from(REARMS);
        let due = |held: &Held| held.waits() && held.due <= now;
        let uids: Vec<Uid> =
            self.held.iter().filter(|(_, held)| due(held)).map(|(uid, _)| Arc::clone(uid)).collect();
        for uid in uids {
            self.set_limit(&uid, self.facilities.patience_s);
            if let Some(held) = self.held.get_mut(&uid) {
                held.armed = Some(now);
                held.due = now.plus_millis(interval);
                held.steps.forget_stuck(now);
            }
            self.next_step(&uid, now);
        }
    }

    fn set_limit(&mut self, uid: &Uid, timeout_s: u32) {
        let Some(channel) = self.model.channel(uid).map(|one| one.name.to_string()) else { return };
        // A channel name that cannot be written cannot be held either.
        if let Ok(action) = (AbsoluteTimeout { channel, timeout_s }).to_action() {
            let caller = Arc::clone(uid);
            self.chores.push(Chore { actions: vec![action], caller, does: Does::Limit });
        }
    }

    /// The switch did not take a chore.
    pub fn chore_failed(&mut self, now: Timestamp, chore: &Chore) {
        let Some(held) = self.held.get_mut(&chore.caller) else { return };
        match &chore.does {
            // Soon again: the dialplan takes the caller elsewhere when its limit is over.
            Does::Limit => {
                held.due = held.due.min(now.plus_millis(LIMIT_AGAIN_MS));
                return;
            }
            Does::Step(step) => held.steps.end(step),
            Does::Move => held.place = Place::Waits,
        }
        self.next_step(&chore.caller, now);
    }

    /// The switch did not take a request: a held caller that it was to move waits on, and no leg moves because of it.
    pub fn request_failed(&mut self, now: Timestamp, command: CommandId) {
        self.intend_no_more(command);
        for held in self.held.values_mut() {
            let by = match &held.place {
                Place::Rings(Offer { asked: Asked::By(command), .. }) | Place::Leaves(command) => {
                    Some(*command)
                }
                Place::Rings(_) | Place::Waits | Place::Between => None,
            };
            if by == Some(command) {
                held.place = Place::Waits;
                held.due = now;
            }
        }
    }

    /// Nobody knows what became of a request. One that was to move a held caller may still be carried out: what is known
    /// of the callers counts no more, and a new picture must tell. True when there is one of them.
    pub fn request_doubtful(&mut self, command: CommandId) -> bool {
        let is_by = |held: &Held| match &held.place {
            Place::Rings(offer) => offer.asked == Asked::By(command),
            Place::Leaves(by) => *by == command,
            Place::Waits | Place::Between => false,
        };
        let is_doubtful = self.held.values().any(is_by);
        self.has_gap |= is_doubtful;
        is_doubtful
    }

    pub(super) fn on_agi_start(&mut self, view: AsyncAgiStart<'_>) {
        let Some((point, false)) = view.channel().and_then(place_of) else { return };
        let Some(uid) = self.see(view.channel()) else { return };
        let Some((call, connection)) = self.ensure_told(&uid) else { return };
        self.drop_later(&uid, |what| *what == What::Unheld);
        let at = self.at;
        let waits = Waits::Held;
        let Some(held) = self.held.get_mut(&uid) else {
            let mut held = Held::new(point.clone(), Place::Waits, at);
            // The dialplan has just set the limit itself.
            held.due = at.plus_millis(i64::from(self.facilities.patience_s) * 1000 / i64::from(REARMS));
            self.held.insert(uid, held);
            return self.say(SwitchEvent::RouteRequested { call, connection, point, waits });
        };
        held.steps.interrupted();
        if let Place::Rings(Offer { has_begun: false, .. }) = held.place {
            // It has only now come to where it waits; the redirection that we asked for is still to be carried out.
            return;
        }
        let before = std::mem::replace(&mut held.place, Place::Waits);
        if let Place::Rings(offer) = before
            && offer.asked != Asked::InThePast
        {
            if offer.asked == Asked::Before {
                // It rang when the link came up; nobody may have been told of this caller yet.
                let (call, connection) = (call.clone(), connection.clone());
                self.say(SwitchEvent::RouteRequested { call, connection, point, waits });
            }
            // Without any phone that rang, none could be reached.
            let cause = offer.cause.unwrap_or(Cause::Network);
            self.say(SwitchEvent::RouteReturned { call, connection, cause });
        }
        self.next_step(&uid, at);
    }

    pub(super) fn on_agi_end(&mut self, view: AsyncAgiEnd<'_>) {
        let Some(uid) = self.see(view.channel()) else { return };
        let has_hung_up = self.model.channel(&uid).is_none_or(|one| one.party_hung_up || one.was_ended);
        let Some(held) = self.held.get_mut(&uid) else { return };
        held.steps.interrupted();
        match &mut held.place {
            Place::Leaves(_) => self.unhold(&uid),
            Place::Waits if !has_hung_up => {
                held.place = Place::Between;
                self.defer(&uid, BETWEEN_MS, What::Unheld);
            }
            Place::Rings(offer) => offer.has_begun = true,
            Place::Waits | Place::Between => {}
        }
    }

    /// The caller is no longer ours.
    pub(super) fn unhold(&mut self, uid: &Uid) {
        let Some(held) = self.held.remove(uid) else { return };
        self.drop_later(uid, |what| *what == What::Unheld);
        let is_race = held.armed.is_some_and(|armed| self.at.millis_since(armed) < RACE_MS);
        if is_race && matches!(held.place, Place::Between) {
            // The limit may have been put off just after it had run out: it must not cut what comes now.
            self.set_limit(uid, 0);
        }
        let Some(current) = self.model.channel(uid).and_then(Channel::current) else { return };
        let (call, connection) = (current.call.clone(), current.key.clone());
        self.say(SwitchEvent::RouteEnded { call, connection });
    }

    /// Its AGI has ended and it did not come back: taken from us, by its limit or by somebody else.
    pub(super) fn unhold_if_gone(&mut self, uid: &Uid) {
        if self.held.get(uid).is_some_and(|held| matches!(held.place, Place::Between)) {
            self.unhold(uid);
        }
    }

    /// The channel is gone, and with it whatever was planned for it.
    pub(super) fn forget_held(&mut self, uid: &str) {
        if self.held.remove(uid).is_some() {
            self.drop_later(uid, |what| *what == What::Unheld);
        }
    }

    /// An event shows where in the dialplan a held caller is: also when we did not send it there in this life.
    pub(super) fn follow_held(&mut self, uid: &Uid, snapshot: ChannelSnapshot<'_>) {
        let Some(held) = self.held.get_mut(uid) else { return };
        match (&mut held.place, place_of(snapshot)) {
            (Place::Waits | Place::Between, Some((point, true))) => {
                held.steps.clear();
                held.place = Self::found_offer(snapshot, point);
                if let (true, Place::Rings(offer)) = (self.is_replaying, &mut held.place) {
                    offer.asked = Asked::InThePast;
                }
            }
            (Place::Rings(offer), Some((_, true))) => offer.has_begun = true,
            (Place::Between | Place::Rings(_) | Place::Leaves(_), None) if snapshot.context().is_some() => {
                self.unhold(uid);
            }
            _ => {}
        }
    }

    /// Those who talk are held no longer.
    pub(super) fn answered(&mut self, talking: &[Uid]) {
        for uid in talking {
            if self.held.contains_key(uid) {
                self.unhold(uid);
            }
        }
    }

    /// A transfer into a queue of ours: the transferred party's channel is in AGI now, without any event that says so.
    pub(super) fn take_over_held(&mut self, uid: Uid, before: Held) {
        let Some((call, connection)) = self.ensure_told(&uid) else { return };
        let point = before.point;
        // Whether the limit has moved with it is not known: it is put off at once.
        let mut held = Held::new(point.clone(), Place::Waits, self.at);
        held.steps.resume_music();
        self.held.insert(uid, held);
        self.say(SwitchEvent::RouteRequested { call, connection, point, waits: Waits::Held });
    }

    /// The queue on whose behalf a held caller rings phones.
    pub(super) fn rings_for(&self, caller: &str) -> Option<Native> {
        match &self.held.get(caller)?.place {
            Place::Rings(offer) => offer.queue.clone(),
            Place::Waits | Place::Between | Place::Leaves(_) => None,
        }
    }

    /// One of the phones that rang did not answer. What a person did tells more than what a network did.
    pub(super) fn note_unanswered(&mut self, caller: &str, cause: Cause) {
        // From what tells least to what tells most.
        const RANKS: [Cause; 4] = [Cause::Canceled, Cause::Busy, Cause::Rejected, Cause::NoAnswer];
        let rank = |cause: Cause| RANKS.iter().position(|one| *one == cause);
        if let Some(Held { place: Place::Rings(offer), .. }) = self.held.get_mut(caller)
            && offer.cause.is_none_or(|known| rank(known) < rank(cause))
        {
            offer.cause = Some(cause);
        }
    }

    /// The phone at this connection rings for a held caller and is not to ring any more.
    pub(super) fn withdraw(&mut self, connection: &Native) {
        let Some(dialler) = self.model.channel(uid_of(connection)).and_then(|one| one.caller.clone()) else {
            return;
        };
        if self.held.contains_key(&dialler)
            && let Some(channel) = self.model.channel_mut(uid_of(connection))
        {
            channel.is_withdrawn = true;
        }
    }

    /// The held caller behind a connection.
    pub(super) fn held_mut(&mut self, connection: &Native) -> Option<(Uid, &mut Held)> {
        let uid = uid_of(connection);
        let key = self.held.get_key_value(uid).map(|(uid, _)| Arc::clone(uid))?;
        Some((key, self.held.get_mut(uid)?))
    }

    pub(super) fn begin_offer(&mut self, uid: &Uid, command: CommandId, queue: &Native) {
        if let Some(held) = self.held.get_mut(uid) {
            held.steps.clear();
            let (asked, queue) = (Asked::By(command), Some(queue.clone()));
            held.place = Place::Rings(Offer { asked, queue, ..Offer::default() });
        }
    }

    /// An offer that we did not ask for in this life.
    pub(super) fn found_offer(snapshot: ChannelSnapshot<'_>, point: Native) -> Place {
        let queue = snapshot.variable("CTI_QUEUE").filter(|queue| !queue.is_empty());
        let queue = queue.map_or(point, |queue| Native::from(&*queue));
        Place::Rings(Offer { queue: Some(queue), has_begun: true, ..Offer::default() })
    }

    /// Before the snapshot, with which calls are offered again: told later, it would be said of the new offer. Why phones
    /// that rang meanwhile did not answer is not known: it is held against nobody.
    pub(super) fn tell_returned(&mut self, returned: &[Uid]) {
        for uid in returned {
            let Some(current) = self.model.channel(uid).and_then(Channel::current) else { continue };
            let (call, connection) = (current.call.clone(), current.key.clone());
            // At some time since the link was heard last: not now, or the gap would seem to have ended before the picture.
            let event = SwitchEvent::RouteReturned { call, connection, cause: Cause::Canceled };
            self.out.push((Timestamp::default(), event));
        }
    }

    /// After the lists: what the snapshot says by state is said as requests too, and limits are put off at once.
    pub(super) fn tell_held(&mut self, left: Vec<Uid>) {
        for uid in left {
            let Some(current) = self.model.channel(&uid).and_then(Channel::current) else { continue };
            let (call, connection) = (current.call.clone(), current.key.clone());
            // It may have been put off after they had left: it must not cut what they do now.
            self.set_limit(&uid, 0);
            self.say(SwitchEvent::RouteEnded { call, connection });
        }
        let mut uids: Vec<Uid> = self.held.keys().cloned().collect();
        // Who came first is first in line, if nobody knew of them before.
        uids.sort_by_cached_key(|uid| age(uid));
        for uid in uids {
            let Some(held) = self.held.get(&uid).filter(|held| held.waits()) else { continue };
            let (point, waits) = (held.point.clone(), Waits::Held);
            let Some(current) = self.model.channel(&uid).and_then(Channel::current) else { continue };
            let (call, connection) = (current.call.clone(), current.key.clone());
            self.say(SwitchEvent::RouteRequested { call, connection, point, waits });
        }
        self.keep_alive(self.at);
    }
}

/// Order of birth in a uid: `[system-]seconds.number`.
fn age(uid: &str) -> (u64, u64, Uid) {
    let (seconds, number) = uid.rsplit_once('.').unwrap_or((uid, ""));
    let seconds = seconds.rsplit('-').next().unwrap_or(seconds);
    (seconds.parse().unwrap_or(u64::MAX), number.parse().unwrap_or(u64::MAX), uid.into())
}

/// What `Dial` calls a device, if it is one.
pub(super) fn dial_word(device: &Native) -> Option<&str> {
    let device = device.as_str();
    let is_plain = device.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.@+:".contains(&byte));
    (is_plain && names::interface_device(device) == Some(device)).then_some(device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_came_first_is_first() {
        let mut uids = ["1795805071.10", "pbx-1795805071.9", "1795805070.28", "odd"];
        uids.sort_by_key(|uid| age(uid));
        assert_eq!(uids, ["1795805070.28", "pbx-1795805071.9", "1795805071.10", "odd"]);
    }

    #[test]
    fn only_a_device_can_be_dialled() {
        for (device, word) in [
            ("PJSIP/1001", Some("PJSIP/1001")),
            ("SIP/a-b_c.d@e", Some("SIP/a-b_c.d@e")),
            ("PJSIP/1001&PJSIP/1002", None),
            ("PJSIP/1001,60,e", None),
            ("Local/1001@x", None),
            ("1001", None),
            ("PJSIP/", None),
        ] {
            assert_eq!(dial_word(&device.into()), word, "{device}");
        }
    }
}
