//! Holds our account of a run against what others wrote down: Asterisk, the phones, the callers. And the order of the
//! offers against the rule they are to follow.
#![expect(clippy::indexing_slicing, reason = "a key that a JSON value lacks is null")]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::told::{Event, Story, Told, read, told};
use super::{AGEING, Hotline};
use crate::cel::Seen;
use crate::sipp::{Outcome, SippPhone};
use crate::traffic::micros;
use crate::{Result, Trouble};

/// How far a moment of ours may be from the one of another, microseconds.
const NEAR: i64 = 1_000_000;

/// What was said so short a time before the link was cut may not have arrived any more: a busy machine reads late,
/// microseconds.
const LAST_WORDS: i64 = 500_000;

/// How far the clock of a phone may be from Asterisk's, microseconds.
const CLOCKS: i64 = 20_000;

/// What came of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Calls that an agent answered.
    pub answered: usize,
    /// Callers who gave up while they waited.
    pub abandoned: usize,
    /// Callers who reached the fallback.
    pub fallback: usize,
    /// Offers made, and those of them that nobody took.
    pub offers: u32,
    /// Offers that nobody took.
    pub missed: usize,
    /// Offers for which a younger or lesser call was passed over.
    pub contested: usize,
    /// Times the link was away.
    pub gaps: usize,
    /// Of the waits and talks held against Asterisk's own, the greatest difference where the link was there.
    pub worst_ms: u64,
    /// Calls that began and ended in a time without a link.
    pub unheard: usize,
    /// Calls of which a moment fell into a time without a link.
    pub blind: usize,
}

/// Holds everything against everything.
pub async fn all(hotline: &Hotline, outcomes: &[Outcome]) -> Result<Figures> {
    let events = hotline.site.events().await?;
    let told = told(&events)?;
    let seen = hotline.seen()?;
    let mut figures = Figures { gaps: told.gaps.len(), ..Figures::default() };
    figures.contested = order(&events)?;
    agents_have_one_call(&events)?;
    phones_have_one_call(&hotline.phones, &seen)?;
    figures.missed = events.iter().filter(|event| is_missed(event)).count();
    let answered = answered(&hotline.phones);
    for outcome in outcomes {
        let caller = &outcome.call.caller;
        let Some(story) = told.stories.get(caller) else {
            figures.unheard += 1;
            came_and_went_unheard(outcome, &told.gaps)?;
            continue;
        };
        let seen = seen.get(caller).copied().unwrap_or_default();
        let by = answered.get(caller).map(String::as_str);
        let judged = ends_as_all_say(outcome, story, &seen, by, &told.gaps, &mut figures)
            .and_then(|()| lengths(story, &seen, &told, &mut figures));
        judged.map_err(|error| {
            Trouble::new(format!(
                "{caller}: {error}\n{outcome:?}\n{story:?}\n{seen:?}\nat {by:?}; {:?}",
                told.gaps
            ))
        })?;
        figures.offers += story.offers;
    }
    Ok(figures)
}

fn is_missed(event: &Value) -> bool {
    matches!(event["type"].as_str(), Some("offer.no_answer" | "offer.rejected"))
}

/// Who answered whom, by the phones' own logs.
pub fn answered(phones: &[SippPhone]) -> BTreeMap<String, String> {
    let deeds = phones.iter().flat_map(|phone| phone.deeds().into_iter().map(|deed| (deed, &phone.number)));
    let answers = deeds.filter(|(deed, _)| deed.what == "answers");
    answers.map(|(deed, phone)| (deed.caller, phone.clone())).collect()
}

/// Nobody can know of a call that began and ended while the switch was not heard.
fn came_and_went_unheard(outcome: &Outcome, gaps: &[(i64, i64)]) -> Result<()> {
    let (from, until) = (micros(outcome.dialled_at), micros(outcome.ended_at));
    if gaps.iter().any(|gap| gap.0 <= from && until <= gap.1) {
        return Ok(());
    }
    Err(Trouble::new(format!("we do not know of {outcome:?}; {gaps:?}")))
}

/// The call ended once, as an answered, an abandoned or a fallback one, and all say the same of it.
fn ends_as_all_say(
    outcome: &Outcome,
    story: &Story,
    seen: &Seen,
    by: Option<&str>,
    gaps: &[(i64, i64)],
    figures: &mut Figures,
) -> Result<()> {
    let reason = story.left.as_ref().map(|(_, reason, _)| reason.as_str());
    if story.ended.is_none() || story.entries > 1 {
        return Err(Trouble::new("not ended, or entered twice"));
    }
    let end = match (by, seen.talks, seen.fallback) {
        (Some(_), Some(_), None) => "answered",
        (None, None, None) => "abandoned",
        (None, None, Some(_)) => "fallback",
        _ => return Err(Trouble::new("phones and Asterisk do not agree")),
    };
    let ended = story.ended.unwrap_or_default();
    // Asterisk's own time: a busy one takes note of what a caller did a moment later.
    let over = seen.over.unwrap_or_default();
    let unheard_end = unheard(gaps, over);
    if over.abs_diff(ended) > (NEAR + unheard_end).unsigned_abs() {
        return Err(Trouble::new(format!("its end is {} ms from ours", over.abs_diff(ended) / 1_000)));
    }
    // Who came back to a link that was cut finds a caller gone, and does not know why.
    let is_lost = reason == Some("lost") && unheard_end > 0;
    let same = match end {
        "answered" => {
            figures.answered += 1;
            let heard = reason == Some("answered") && story.agent.is_some();
            let from = seen.talks.map_or(0, |at| unheard(gaps, at));
            // Of a talk that began and ended unheard, the hang-up alone may be told: it looks like a caller who gave up.
            let is_missed = reason == Some("abandoned") && unheard_end > 0;
            heard || ((is_lost || is_missed) && from > 0)
        }
        // Who hung up before our queue had the call never came into it.
        "abandoned" => {
            figures.abandoned += 1;
            let heard = matches!(reason, Some("abandoned") | None);
            (heard || is_lost) && outcome.end.starts_with("caller")
        }
        _ => {
            figures.fallback += 1;
            !matches!(reason, Some("answered" | "abandoned"))
        }
    };
    if same { Ok(()) } else { Err(Trouble::new(format!("it was {end}, we say {reason:?}"))) }
}

/// Wait and talk are those of Asterisk, to a second. A moment that nobody heard lies within the time without a link.
fn lengths(story: &Story, seen: &Seen, told: &Told, figures: &mut Figures) -> Result<()> {
    let mut hold = |what: &str, ours_ms: u64, from: Option<i64>, until: Option<i64>| -> Result<()> {
        let (Some(from), Some(until)) = (from, until) else {
            return Err(Trouble::new(format!("Asterisk knows no {what}")));
        };
        let unheard = unheard(&told.gaps, from) + unheard(&told.gaps, until);
        let apart = (i64::try_from(ours_ms).unwrap_or(i64::MAX) * 1_000).abs_diff(until - from);
        if unheard == 0 {
            figures.worst_ms = figures.worst_ms.max(apart / 1_000);
        } else {
            figures.blind += 1;
        }
        if apart <= (NEAR + unheard).unsigned_abs() {
            return Ok(());
        }
        Err(Trouble::new(format!("{what} {ours_ms} ms, by Asterisk {} ms", (until - from) / 1_000)))
    };
    if let (Some((_, _, wait_ms)), None) = (&story.left, seen.fallback) {
        hold("wait", *wait_ms, seen.waits, seen.talks.or(seen.over))?;
    }
    if let Some((_, talk_ms)) = story.talked {
        hold("talk", talk_ms, seen.talks, seen.talked)?;
    }
    Ok(())
}

/// How long the time without a link was in which this moment lies; 0 if it was heard. What was told last before the link
/// was cut did not arrive any more.
fn unheard(gaps: &[(i64, i64)], moment: i64) -> i64 {
    let around = gaps.iter().find(|(from, until)| (*from - LAST_WORDS..=*until).contains(&moment));
    around.map_or(0, |(from, until)| until - from)
}

/// No agent is asked for two calls at a time, by our own log.
pub fn agents_have_one_call(events: &[Value]) -> Result<()> {
    let mut has: BTreeMap<String, String> = BTreeMap::new();
    for event in events {
        let event = read(event)?;
        match event.kind {
            "offer.reserved" => {
                let (agent, offer) = (event.text("agent"), event.text("offer"));
                if let Some(other) = has.insert(agent.clone(), offer.clone()) {
                    return Err(Trouble::new(format!("{agent} has {other} and is asked for {offer}")));
                }
            }
            "offer.no_answer" | "offer.rejected" | "offer.canceled" | "offer.completed" => {
                drop(has.remove(&event.text("agent")));
            }
            _ => {}
        }
    }
    if has.is_empty() { Ok(()) } else { Err(Trouble::new(format!("offers without an end: {has:?}"))) }
}

/// No phone rings or talks twice at a time, by the phones' own logs. One that answers in the moment in which its caller
/// gives up notes neither: it is free when Asterisk has noted the caller's end.
pub fn phones_have_one_call(phones: &[SippPhone], seen: &BTreeMap<String, Seen>) -> Result<()> {
    for phone in phones {
        let mut has: Option<String> = None;
        let deeds = phone.deeds();
        for deed in &deeds {
            match deed.what.as_str() {
                "rings" => {
                    let rang = micros(deed.at);
                    let is_over = |other: &String| {
                        seen.get(other).and_then(|one| one.over).is_some_and(|over| over <= rang + CLOCKS)
                    };
                    if let Some(other) = has.replace(deed.caller.clone()).filter(|one| !is_over(one)) {
                        let (number, second) = (&phone.number, &deed.caller);
                        return Err(Trouble::new(format!(
                            "{number} has {other} and rings for {second}: {deeds:#?}"
                        )));
                    }
                }
                "canceled" | "caller hangs up" | "hangs up" => has = None,
                _ => {}
            }
        }
    }
    Ok(())
}

/// A call that waits, as the log has it.
#[derive(Debug, Default)]
struct Waits {
    entry: String,
    first: i64,
    points: i64,
    /// Phones ring for it, or it may not be offered before this.
    busy: bool,
    not_before: i64,
    /// Agents whose phones gave it back at once: how often, and until when they are left alone.
    rests: BTreeMap<String, (u32, i64)>,
}

impl Waits {
    /// An agent's phone gave it back at once: it is left alone for two seconds, and each time for twice as long.
    fn rest(&mut self, agent: String, now: i64) {
        let (times, until) = self.rests.entry(agent).or_default();
        *until = now + (2_000_000 << (*times).min(5));
        *times += 1;
    }

    /// May be offered to this agent now.
    fn may(&self, agent: &str, now: i64) -> bool {
        let rests = self.rests.get(agent).is_some_and(|(_, until)| now < *until);
        !self.busy && self.not_before <= now && !rests
    }

    /// Smaller goes first: more points, then older.
    fn place(&self, now: i64) -> (i64, i64, &str) {
        let aged = (AGEING * ((now - self.first) / 1_000)).div_euclid(60_000);
        (-(self.points + aged), self.first, &self.entry)
    }
}

/// Each offer is for the call that has the most points of all that could be offered, the oldest of equals. Gives how
/// many offers were made while another call could have been offered instead.
pub fn order(events: &[Value]) -> Result<usize> {
    let mut waits: BTreeMap<String, Waits> = BTreeMap::new();
    let mut contested = 0;
    for event in events {
        let event = read(event)?;
        let call = event.text("call");
        match event.kind {
            "queue.entered" => {
                let first = super::told::micros(&event.data["first_entered_at"])?;
                let entry = event.text("entry");
                let new = Waits { entry, first, ..Waits::default() };
                waits.insert(call, new);
            }
            "queue.entry_ranked" => {
                if let Some(ranked) = waits.get_mut(&call) {
                    ranked.points = event.data["priority"].as_i64().unwrap_or_default();
                }
            }
            "offer.rejected" | "offer.no_answer" => {
                let at_once = event.kind == "offer.rejected" || event.data["ring_ms"].as_u64() < Some(1_000);
                if let Some(back) = waits.get_mut(&call).filter(|_| at_once) {
                    back.rest(event.text("agent"), event.recorded_at);
                }
            }
            "queue.left" | "call.route_ended" => drop(waits.remove(&call)),
            "call.route_returned" => {
                if let Some(back) = waits.get_mut(&call) {
                    back.busy = false;
                    let until = &event.data["not_before"];
                    back.not_before = if until.is_null() { 0 } else { super::told::micros(until)? };
                }
            }
            "offer.reserved" => {
                let judged = is_first(&mut waits, &call, &event);
                let with_events =
                    |error| Trouble::new(format!("{error}\n{}", of_calls(events, waits.keys())));
                contested += usize::from(judged.map_err(with_events)?);
            }
            _ => {}
        }
    }
    Ok(contested)
}

/// All that the log has of these calls, a line each.
fn of_calls<'c>(events: &[Value], calls: impl Iterator<Item = &'c String>) -> String {
    let calls: BTreeSet<&str> = calls.map(String::as_str).collect();
    let told =
        events.iter().filter(|event| event["data"]["call"].as_str().is_some_and(|call| calls.contains(call)));
    told.map(Value::to_string).collect::<Vec<_>>().join("\n")
}

/// Judges one offer; true if another call could have been offered.
fn is_first(waits: &mut BTreeMap<String, Waits>, call: &str, event: &Event<'_>) -> Result<bool> {
    let (now, agent) = (event.recorded_at, event.text("agent"));
    let others = waits.iter().filter(|(other, one)| *other != call && one.may(&agent, now));
    let best = others.map(|(_, one)| one.place(now)).min();
    let offered =
        waits.get(call).ok_or_else(|| Trouble::new(format!("{call} is offered but does not wait")))?;
    let place = offered.place(now);
    let score = event.data["why"]["score"].as_i64().unwrap_or(i64::MIN);
    if -place.0 != score || !offered.may(&agent, now) {
        return Err(Trouble::new(format!("{call} has {offered:?}, offered at {now} with {score} points")));
    }
    if best.is_some_and(|best| best < place) {
        return Err(Trouble::new(format!(
            "{call} {place:?} is offered before {best:?} at {now}: {waits:#?}"
        )));
    }
    let contested = best.is_some();
    if let Some(offered) = waits.get_mut(call) {
        offered.busy = true;
    }
    Ok(contested)
}
