//! What people do at their phones.

use csta::model::EventCause;

use super::channel::{Doing, Party, RING, RINGING, UP};
use super::event::{Class, field};
use super::happening::{Forward, What};
use super::{CHANNELS_MAX, ChanId, Exchange, Micros, Refusal};
use crate::plan::digits;

/// What somebody does. `who` is the extension of a phone or a number outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Dials a number.
    Dial {
        /// Who.
        who: String,
        /// What.
        number: String,
    },
    /// Calls from another switch, over a line that hands on the id which the call has there (Avaya's UCID).
    Arrive {
        /// Who.
        who: String,
        /// What was dialled.
        number: String,
        /// The id.
        ucid: String,
    },
    /// Answers what rings.
    Answer(String),
    /// Rejects what rings as busy.
    Reject(String),
    /// Hangs up the call it talks in, or gives up dialling.
    HangUp(String),
    /// Hangs up if nobody has answered.
    GiveUp(String),
    /// Puts the call on hold.
    Hold(String),
    /// Takes the call back.
    Resume(String),
    /// Transfers the call to a number at once.
    Transfer {
        /// Who.
        who: String,
        /// Where.
        number: String,
    },
    /// Joins its two calls and leaves.
    Attended(String),
    /// Has its calls sent on.
    Forward {
        /// Who.
        who: String,
        /// When and where; none ends all of it.
        rule: Option<(Forward, String)>,
    },
    /// Wants no calls, or wants them again.
    DoNotDisturb {
        /// Who.
        who: String,
        /// None are wanted.
        is_on: bool,
    },
    /// The phone rings for calls to another one of the same person.
    RingAlong {
        /// The phone.
        who: String,
        /// The one that is called; none when it rings for its own number only.
        with: Option<String>,
    },
    /// Presses a key while it listens.
    Press {
        /// Who.
        who: String,
        /// Which.
        key: char,
    },
    /// The phone registers.
    Register(String),
    /// The phone is switched off.
    Unregister(String),
}

/// A phone as the switch knows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PhoneState {
    pub(crate) is_registered: bool,
    pub(crate) since: Micros,
}

impl Exchange {
    /// Somebody does something now.
    pub fn deed(&mut self, now: Micros, deed: &Deed) -> Result<(), Refusal> {
        self.advance(now);
        let done = match deed {
            Deed::Dial { who, number } => self.dials(who, number),
            Deed::Arrive { who, number, ucid } => {
                self.book.ucid = Some(ucid.clone());
                let done = self.dials(who, number);
                self.book.ucid = None;
                done
            }
            Deed::Answer(who) => self.with(who, "rings", is_ringing).map(|id| self.person_answers(id)),
            Deed::Reject(who) => self.with(who, "rings", is_ringing).map(|id| self.person_rejects(id)),
            Deed::HangUp(who) => self.hangs_up(who),
            Deed::GiveUp(who) => {
                let waits = |one: &super::channel::Channel| {
                    matches!(one.doing, Doing::Dialling(_) | Doing::Queued(_))
                };
                self.with(who, "waits", waits).map(|id| self.party_hangs_up(id))
            }
            Deed::Hold(who) => self
                .with(who, "talks", |one| one.doing == Doing::Talking && !one.holds)
                .map(|id| self.holds(id)),
            Deed::Resume(who) => self.resumes_longest(who),
            Deed::Transfer { who, number } => {
                let id = self.with(who, "talks", |one| one.doing == Doing::Talking && !one.holds);
                let id = id.or_else(|_| self.with(who, "talks", |one| one.doing == Doing::Talking));
                let phones = self.plan.dialplan.phones.clone();
                id.and_then(|id| self.blind_transfer(id, &phones, &digits(number)))
            }
            Deed::Attended(who) => self.attended(who),
            Deed::Forward { who, rule } => self.forwards(who, rule.as_ref()),
            Deed::DoNotDisturb { who, is_on } => {
                self.set_do_not_disturb(now, &digits(who), *is_on).map_err(|_| no_phone(who))
            }
            Deed::RingAlong { who, with } => self.ring_along(who, with.as_deref()),
            Deed::Press { who, key } => {
                self.with(who, "is up", |one| one.state == UP).map(|id| self.presses(id, *key))
            }
            Deed::Register(who) => self.registers(who, true),
            Deed::Unregister(who) => self.registers(who, false),
        };
        self.settle();
        done
    }

    /// The party of this name or number.
    pub(crate) fn party(&self, who: &str) -> Party {
        let who = digits(who);
        if self.plan.phone(&who).is_some() { Party::Phone(who) } else { Party::Outside(who) }
    }

    /// The youngest channel of somebody that is so.
    fn with(
        &self,
        who: &str,
        what: &str,
        is_so: impl Fn(&super::channel::Channel) -> bool,
    ) -> Result<ChanId, Refusal> {
        let party = self.party(who);
        let found = self.channels.iter().rev().find(|(_, one)| one.party == party && is_so(one));
        found.map(|(id, _)| *id).ok_or_else(|| Refusal::new(format!("{who} has no call that {what}")))
    }

    fn dials(&mut self, who: &str, number: &str) -> Result<(), Refusal> {
        self.dials_because(who, number, EventCause::NEW_CALL)
    }

    /// Dials, at its own wish or because a computer ordered it.
    pub(crate) fn dials_because(
        &mut self,
        who: &str,
        number: &str,
        cause: EventCause,
    ) -> Result<(), Refusal> {
        if self.channels.len() >= CHANNELS_MAX {
            return Err(Refusal::new(format!("all {CHANNELS_MAX} channels are in use")));
        }
        let party = self.party(who);
        let number = digits(number);
        if number.is_empty() {
            return Err(Refusal::new("nothing was dialled"));
        }
        let plan = &self.plan.dialplan;
        let context = match &party {
            Party::Phone(extension) => {
                if self.phones.get(extension).is_none_or(|phone| !phone.is_registered) {
                    return Err(Refusal::new(format!("{extension} is not registered")));
                }
                plan.phones.clone()
            }
            Party::Outside(_) | Party::Local { .. } => {
                if digits(who).is_empty() {
                    return Err(Refusal::new(format!("{who:?} is neither an extension nor a number")));
                }
                plan.trunk_context.clone()
            }
        };
        let id = self.new_line(party, RING, None);
        self.place_at(id, &context, &number);
        self.tell("Newchannel", id, Vec::new());
        self.call_begins(id, &number, cause);
        self.run(id);
        Ok(())
    }

    /// The person of a ringing leg takes the call.
    pub(crate) fn person_answers(&mut self, id: ChanId) {
        if self.channels.get(&id).is_some_and(|channel| channel.state == RINGING) {
            self.leg_answered(id);
        }
    }

    fn hangs_up(&mut self, who: &str) -> Result<(), Refusal> {
        let active = self.with(who, "can be hung up", |one| one.state == UP && !one.holds);
        let other = || self.with(who, "can be hung up", |one| one.state != RINGING);
        let id = active.or_else(|_| other());
        if let Ok(id) = id {
            self.party_hangs_up(id);
            return Ok(());
        }
        // Who hangs up a ringing phone rejects the call.
        let ringing = self.with(who, "can be hung up", is_ringing)?;
        self.person_rejects(ringing);
        Ok(())
    }

    /// Of two held calls the one that waits longer is taken back: so a phone alternates.
    fn resumes_longest(&mut self, who: &str) -> Result<(), Refusal> {
        let party = self.party(who);
        let held = self.channels.iter().filter(|(_, one)| one.party == party && one.holds);
        let longest = held.min_by_key(|(_, one)| one.held_at).map(|(id, _)| *id);
        let id = longest.ok_or_else(|| Refusal::new(format!("{who} has no call on hold")))?;
        self.resumes(id);
        Ok(())
    }

    /// A party presses hold.
    pub(crate) fn holds(&mut self, id: ChanId) {
        let Some(channel) = self.channels.get_mut(&id) else { return };
        channel.holds = true;
        channel.held_at = self.now;
        self.leg_held(id);
        self.tell("Hold", id, vec![field("MusicClass", "default")]);
        if let Some(partner) = self.partner(id) {
            if let Some(channel) = self.channels.get_mut(&partner) {
                channel.is_held = true;
            }
            self.music_starts(partner);
            self.stir(partner);
        }
    }

    /// A party takes its call back.
    pub(crate) fn resumes(&mut self, id: ChanId) {
        let Some(channel) = self.channels.get_mut(&id) else { return };
        channel.holds = false;
        self.leg_retrieved(id);
        self.tell("Unhold", id, Vec::new());
        if let Some(partner) = self.partner(id) {
            if let Some(channel) = self.channels.get_mut(&partner) {
                channel.is_held = false;
            }
            self.music_stops(partner);
            self.stir(partner);
        }
    }

    /// A phone comes or goes.
    fn registers(&mut self, who: &str, is_registered: bool) -> Result<(), Refusal> {
        let now = self.now;
        let extension = digits(who);
        let Some(phone) = self.phones.get_mut(&extension) else {
            return Err(no_phone(who));
        };
        *phone = PhoneState { is_registered, since: now };
        let what = What::Service { extension: extension.clone(), is_in: is_registered };
        self.happen_at_device(what, None);
        let device = format!("PJSIP/{extension}");
        let status = if is_registered { "Reachable" } else { "Unreachable" };
        let contact = if is_registered { "Created" } else { "Removed" };
        let parts = vec![
            field("URI", format!("sip:{extension}@127.0.0.1:5060")),
            field("ContactStatus", contact),
            field("AOR", &extension),
            field("EndpointName", &extension),
            field("RoundtripUsec", 0),
        ];
        self.say(Class::System, "ContactStatus", parts);
        let parts = vec![field("ChannelType", "PJSIP"), field("Peer", &device), field("PeerStatus", status)];
        self.say(Class::System, "PeerStatus", parts);
        self.stirred.insert(device);
        Ok(())
    }
}

pub(super) fn no_phone(who: &str) -> Refusal {
    Refusal::new(format!("{who} is no phone of the plan"))
}

fn is_ringing(channel: &super::channel::Channel) -> bool {
    channel.state == RINGING && channel.called_by.is_some()
}
