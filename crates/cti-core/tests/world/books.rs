//! The books at the end of a world: every thing ended once, sums agree, and times are those of the world's clock.

use std::collections::BTreeMap;

use cti_core::fact::{AcdFact, Fact, OfferOutcome, QueueLeave};
use cti_core::ids::{AgentId, CallId, EntryId, LegId, OfferId};

use crate::truth::Stay;
use crate::world::{Result, World};

#[derive(Debug, Default)]
struct Books {
    /// Facts that begin and end a thing: each must be one.
    calls: BTreeMap<CallId, [u32; 2]>,
    entries: BTreeMap<EntryId, [u32; 2]>,
    /// Created, accepted, closed, completed.
    offers: BTreeMap<OfferId, [u32; 4]>,
    keys: BTreeMap<CallId, String>,
    legs: BTreeMap<LegId, String>,
    offer_legs: BTreeMap<OfferId, LegId>,
    /// Own entries: offered, answered, abandoned, elsewhere.
    sums: [u32; 4],
    /// Waited by call in queues of ours, milliseconds, with the number of stays.
    waited: BTreeMap<String, (u64, u32)>,
    talked: Vec<(OfferId, u64)>,
    /// Answered, and nobody had been offered the call.
    unoffered: Vec<EntryId>,
}

/// How often what happened, in words: shows that a long run has met everything.
pub(crate) type Tale = BTreeMap<String, usize>;

impl World {
    pub(crate) fn tale(&self) -> Tale {
        let mut tale = Tale::new();
        tale.insert("steps".to_owned(), self.steps());
        for record in &self.records {
            let what = match &record.fact {
                Fact::QueueLeft { reason, .. } => format!("left {reason:?}"),
                Fact::OfferClosed { outcome, .. } => format!("offer {outcome:?}"),
                Fact::OfferAccepted { .. } => "offer accepted".to_owned(),
                Fact::CommandFailed { code, .. } => format!("command {code}"),
                Fact::CommandOutcomeUnknown { .. } => "command of unknown outcome".to_owned(),
                Fact::CommandSent { name, .. } => format!("command {name:?}"),
                Fact::CallTransferred { .. } => "transferred".to_owned(),
                Fact::SwitchBooted { .. } => "switch restarted".to_owned(),
                Fact::LinkGap { .. } => "link gap".to_owned(),
                Fact::Acd(AcdFact::StateChosen { rule: Some(rule), .. }) => format!("state by {rule}"),
                Fact::Acd(AcdFact::OfferReserved { why, .. }) => {
                    format!("chosen by {}", why.by.split(':').next().unwrap_or_default())
                }
                _ => continue,
            };
            *tale.entry(what).or_default() += 1;
        }
        tale
    }

    pub(crate) fn close_books(&self) -> Result {
        let books = self.books();
        once("call", &books.calls)?;
        once("entry", &books.entries)?;
        for (offer, [created, accepted, closed, completed]) in &books.offers {
            let is_right = *created == 1 && *accepted == *completed && accepted + closed == 1;
            if !is_right {
                return Err(format!(
                    "{offer}: created {created}, accepted {accepted}, closed {closed}, completed {completed}"
                ));
            }
        }
        if !books.unoffered.is_empty() {
            return Err(format!("answered by nobody who was offered the call: {:?}", books.unoffered));
        }
        let [offered, answered, abandoned, elsewhere] = books.sums;
        if offered != answered + abandoned + elsewhere {
            return Err(format!("{offered} offered are not {answered} + {abandoned} + {elsewhere}"));
        }
        self.all_at_rest()?;
        self.hold_against_truth(&books)
    }

    fn books(&self) -> Books {
        let mut books = Books::default();
        for record in &self.records {
            self.enter(&mut books, &record.fact);
        }
        books
    }

    fn enter(&self, books: &mut Books, fact: &Fact) {
        match fact {
            Fact::CallCreated { call, native, .. } => {
                books.calls.entry(*call).or_default()[0] += 1;
                books.keys.insert(*call, native.as_str().to_owned());
            }
            Fact::CallEnded { call, .. } => books.calls.entry(*call).or_default()[1] += 1,
            Fact::LegAdded { leg, connection, .. } => {
                books.legs.insert(*leg, connection.as_str().to_owned());
            }
            Fact::QueueEntered { entry, queue, .. } => {
                books.entries.entry(*entry).or_default()[0] += 1;
                books.sums[0] += u32::from(self.is_own(*queue));
            }
            Fact::QueueLeft { entry, queue, reason, call, wait_ms, offer, .. } => {
                books.entries.entry(*entry).or_default()[1] += 1;
                if self.is_own(*queue) {
                    if *reason == QueueLeave::Answered && offer.is_none() {
                        books.unoffered.push(*entry);
                    }
                    let at = match reason {
                        QueueLeave::Answered => 1,
                        QueueLeave::Abandoned => 2,
                        _ => 3,
                    };
                    books.sums[at] += 1;
                    let key = books.keys.get(call).cloned().unwrap_or_default();
                    let waited = books.waited.entry(key).or_default();
                    (waited.0, waited.1) = (waited.0 + wait_ms, waited.1 + 1);
                }
            }
            Fact::OfferCreated { offer, leg, .. } => {
                books.offers.entry(*offer).or_default()[0] += 1;
                books.offer_legs.insert(*offer, *leg);
            }
            Fact::Acd(AcdFact::OfferReserved { offer, .. }) => {
                books.offers.entry(*offer).or_default()[0] += 1;
            }
            Fact::Acd(AcdFact::OfferRinging { offer, leg, .. }) => {
                books.offer_legs.insert(*offer, *leg);
            }
            Fact::OfferAccepted { offer, .. } => books.offers.entry(*offer).or_default()[1] += 1,
            Fact::OfferClosed { offer, outcome, .. } => {
                books.offers.entry(*offer).or_default()[2] += 1;
                let _: &OfferOutcome = outcome;
            }
            Fact::OfferCompleted { offer, talk_ms, .. } => {
                books.offers.entry(*offer).or_default()[3] += 1;
                books.talked.push((*offer, *talk_ms));
            }
            _ => {}
        }
    }

    /// Nobody waits, nobody is reserved.
    fn all_at_rest(&self) -> Result {
        let state = self.domain.state();
        if !state.entries.is_empty() || !state.offers.is_empty() {
            return Err(format!("left at the end: {:?} {:?}", state.entries, state.offers));
        }
        let busy: Vec<(AgentId, _)> = self
            .agents
            .iter()
            .map(|agent| (*agent, &state.agents[agent]))
            .filter(|(_, found)| found.offer.is_some() || found.call.is_some() || found.pending.is_some())
            .map(|(agent, found)| (agent, (found.effective, found.offer, found.call, &found.pending)))
            .collect();
        if busy.is_empty() { Ok(()) } else { Err(format!("at work at the end: {busy:?}")) }
    }

    fn hold_against_truth(&self, books: &Books) -> Result {
        let faults = &self.plan.faults;
        let stays = |how: Stay| self.pbx.truth.stays.iter().filter(move |(.., one)| *one == how).count();
        let [_, answered, abandoned, _] = books.sums;
        let really = [stays(Stay::Answered), stays(Stay::GaveUp)];
        let counted = [answered, abandoned].map(|count| usize::try_from(count).unwrap());
        // Who gives up while a request to send him on is under way has left the queue before, by our books.
        let is_other = counted[0] != really[0] || counted[1] > really[1];
        if faults.hears_all() && faults.requests == 0 && !faults.slow && is_other {
            return Err(format!("answered and abandoned: {counted:?} by the facts, {really:?} in truth"));
        }
        if !faults.is_exact() {
            return Ok(());
        }
        for (key, (waited_ms, parts)) in &books.waited {
            let mine = || self.pbx.truth.stays.iter().filter(|(call, ..)| call == key);
            let is_sent_on = mine().any(|(.., how)| matches!(how, Stay::SentOn | Stay::Lost));
            // Whom the switch would not send on was in no queue for a while.
            if is_sent_on || faults.requests > 0 || faults.slow {
                continue;
            }
            let really_ms = mine().map(|(_, micros, _)| micros / 1000).sum::<i64>();
            let waited_ms = i64::try_from(*waited_ms).unwrap();
            if (really_ms - waited_ms).abs() > i64::from(*parts) {
                return Err(format!("{key} waited {waited_ms} ms by the facts, {really_ms} ms in truth"));
            }
        }
        for (offer, talk_ms) in &books.talked {
            let connection = books.offer_legs.get(offer).and_then(|leg| books.legs.get(leg));
            let really = connection.and_then(|one| self.pbx.truth.talked.get(one));
            let talk_ms = i64::try_from(*talk_ms).unwrap();
            if really.is_none_or(|micros| (micros / 1000 - talk_ms).abs() > 1) {
                return Err(format!("{offer} talked {talk_ms} ms by the facts, {really:?} µs in truth"));
            }
        }
        Ok(())
    }
}

fn once<Id: std::fmt::Display>(what: &str, counts: &BTreeMap<Id, [u32; 2]>) -> Result {
    match counts.iter().find(|(_, count)| **count != [1, 1]) {
        Some((id, [begun, ended])) => Err(format!("{what} {id} began {begun} times and ended {ended} times")),
        None => Ok(()),
    }
}
