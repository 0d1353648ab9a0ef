//! Who is shown which call, and for whom a page is opened: a pure machine. Facts and the picture go in, steps come out.
//!
//! One card per human and call, however many phones, offers and legs it comes by:
//!
//! ```text
//!  rings at a phone of the human ─▶ active ─ answered here ──▶ active, until the call or the human's part ends
//!     ▲                              │ └ put away by the human ─▶ dismissed
//!     └──── rings again ── retracted ◀┘ answered elsewhere, caller left, no answer, …
//! ```
//!
//! A card comes back when the same call rings again at the same human. Its page does not: it is opened at most once per
//! human and call, at the trigger of the rule that fitted when the call first came, and never for what happened while
//! the daemon or its link was away. A page that wants to know the contact waits for the lookup.

mod card;
mod rules;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cti_core::connection::ConnectionState;
use cti_core::fact::{Cause, ContactRef, Direction, Fact, Origin, Record, Side};
use cti_core::ids::{CallId, DeviceId, LegId, PopId, UserId};
use cti_core::input::DeviceKind;
use cti_core::state::{Call, Leg, State};
use cti_core::time::Timestamp;
use store::{HistoryRow, Lookup, NewPop, PopMoment, PopRow, PopRule, PopState, PopWindow};

pub use card::{Card, CardState};
pub use rules::{Asked, choose};
pub use values::{Human, values};

use card::Page;

/// Why a page does not open for what happened while the daemon, or its link to the switch, was away.
const WAS_AWAY: &str = "daemon_was_away";

/// What the desk is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// A card appears, or comes back.
    Show,
    /// It is known better.
    Update,
    /// It goes away.
    Retract,
}

/// A page to be opened, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The page.
    pub url: String,
    /// The window.
    pub window: String,
}

/// What is to be done, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Write that this human has this call now.
    Begin(NewPop),
    /// Find out who is at the other side of the call, and what was before.
    LookUp(CallId),
    /// Write what became of the page; when it is to be opened, the next [`Step::Tell`] of this pop carries it.
    Settle(PopId, PopWindow),
    /// Tell all desks of the human.
    Tell {
        /// What.
        action: Action,
        /// The card as it is now.
        card: Box<Card>,
        /// The page, when this is its moment.
        open: Option<Open>,
    },
    /// Exactly one contact has the number: it is the other side of the call, unless somebody says otherwise.
    Match(CallId, ContactRef),
}

/// What was found out about the other side of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Contacts.
    pub lookup: Lookup,
    /// Earlier calls, newest first.
    pub history: Vec<HistoryRow>,
}

/// Cards by call and human.
type Cards = BTreeMap<CallId, BTreeMap<UserId, Card>>;

/// All cards of live calls.
#[derive(Debug, Default)]
pub struct Pops {
    rules: Vec<PopRule>,
    people: BTreeMap<UserId, Human>,
    cards: Cards,
    found: BTreeMap<CallId, Option<Arc<Found>>>,
}

impl Pops {
    /// Uses these rules from now on; pages that wait for their trigger keep the rule they came with.
    pub fn set_rules(&mut self, rules: Vec<PopRule>) {
        self.rules = rules;
    }

    /// Knows these people from now on.
    pub fn set_people(&mut self, people: BTreeMap<UserId, Human>) {
        self.people = people;
    }

    /// Begins anew with the live picture and what was written of its calls. Nothing is opened by it; cards that
    /// vanished meanwhile are taken back.
    pub fn restore(&mut self, state: &State, rows: &[PopRow]) -> Vec<Step> {
        let before = std::mem::take(&mut self.cards);
        self.found.clear();
        let mut steps = Vec::new();
        for row in rows {
            let Some(call) = state.calls.get(&row.call) else { continue };
            let mut card = Card::of(row.id, row.call, call, row.user, row.at, state);
            let rule = self.rules.iter().find(|rule| Some(rule.id) == row.rule).cloned();
            let settled = row.opened || row.no_window.is_some() || rule.is_none();
            card.page = if settled { Page::Settled } else { Page::of(rule) };
            for leg in call.legs.iter().filter(|leg| user_of(leg, state) == Some(row.user)) {
                card.join(leg);
            }
            card.state = match row.state {
                PopState::Shown | PopState::Suppressed if row.dismissed && card.is_with_human() => {
                    CardState::Dismissed
                }
                PopState::Shown | PopState::Suppressed if card.is_with_human() => CardState::Active,
                PopState::Shown | PopState::Suppressed | PopState::Retracted => CardState::Retracted,
            };
            card.reason = row.reason.clone().map(Into::into);
            self.cards.entry(row.call).or_default().insert(row.user, card);
            self.want_lookup(row.call, &mut steps);
        }
        for (id, call) in &state.calls {
            if call.direction == Direction::Inbound {
                self.want_lookup(*id, &mut steps);
            }
            for leg in call.legs.iter().filter(|leg| comes_to(leg, call)) {
                if let Some(user) = user_of(leg, state).filter(|user| !self.has(*id, *user)) {
                    let pop = PopId::derive(leg.since, state.seed, state.sequence);
                    let arrival = Arrival { pop, at: leg.since, was_away: true };
                    self.arrive(*id, call, leg, user, &arrival, state, &mut steps);
                }
            }
        }
        self.take_back_vanished(before, &mut steps);
        steps
    }

    /// Desks still show what was active before a new beginning; what is not any more was lost meanwhile.
    fn take_back_vanished(&self, before: Cards, steps: &mut Vec<Step>) {
        let active = before.into_values().flat_map(BTreeMap::into_values);
        for mut card in active.filter(|card| card.state == CardState::Active) {
            let now = self.cards.get(&card.call).and_then(|cards| cards.get(&card.user));
            if now.is_none_or(|now| now.id != card.id || now.state == CardState::Retracted) {
                let known = now.and_then(|now| now.reason.clone());
                let guess = if card.has_talked { "ended" } else { "lost" };
                card.retract(known.as_deref().unwrap_or(guess), None);
                steps.push(tell(Action::Retract, &card));
            }
        }
    }

    /// Learns from a fact. `state` is the picture at this fact or a little later; `now` is engine time.
    #[expect(clippy::wildcard_enum_match_arm, reason = "most facts move no card")]
    pub fn follow(&mut self, record: &Record, state: &State, now: Timestamp) -> Vec<Step> {
        let mut steps = Vec::new();
        match &record.fact {
            // Before any phone rings: entry rules ask for the caller's status.
            Fact::CallCreated { call, direction: Direction::Inbound, .. } => {
                self.want_lookup(*call, &mut steps);
            }
            Fact::LegAlerting { call, leg, .. } => self.alerting(record, *call, *leg, state, &mut steps),
            Fact::LegAnswered { call, leg, device } => {
                self.answered(record, *call, (*leg, *device), state, &mut steps);
            }
            Fact::LegMoved { call, from, leg, .. } => {
                self.left(*from, *leg, Leaving::Merged, state, &mut steps);
                self.moved(record, *call, *leg, state, &mut steps);
            }
            Fact::LegCleared { call, leg, cause, .. } => {
                self.left(*call, *leg, Leaving::Cleared(*cause), state, &mut steps);
            }
            Fact::CallAbandoned { call, .. } => self.caller_left(*call, &mut steps),
            Fact::CallEnded { call, .. } => self.ended(*call, &mut steps),
            _ => {}
        }
        // What is due by now is opened with what was decided above, once.
        self.open_due(record.fact.call(), state, now, &mut steps);
        steps
    }

    /// What was found out about a call; none when it has ended meanwhile.
    pub fn found(&mut self, call: CallId, found: Found, state: &State, now: Timestamp) -> Vec<Step> {
        let mut steps = Vec::new();
        let Some(waiting) = self.found.get_mut(&call) else {
            return steps;
        };
        let known = Arc::new(found);
        *waiting = Some(Arc::clone(&known));
        if let Some(one) = known.lookup.only_one()
            && state.calls.get(&call).is_some_and(|call| call.contact.is_none())
        {
            steps.push(Step::Match(call, one.as_other_side()));
        }
        for card in self.of_call(call) {
            card.found = Some(Arc::clone(&known));
        }
        self.open_due(Some(call), state, now, &mut steps);
        let told: BTreeSet<PopId> = steps.iter().filter_map(told).collect();
        for card in self.of_call(call) {
            if card.state == CardState::Active && !told.contains(&card.id) {
                steps.push(tell(Action::Update, card));
            }
        }
        steps
    }

    /// The human puts a card away; none when it has no such card.
    pub fn dismiss(&mut self, user: UserId, pop: PopId) -> Option<Step> {
        let mut mine = self.cards.values_mut().filter_map(|cards| cards.get_mut(&user));
        // A word that crosses the retraction means the card that is gone; the next ring shows itself again.
        let card = mine.find(|card| card.id == pop && card.state == CardState::Active)?;
        card.state = CardState::Dismissed;
        Some(tell(Action::Update, card))
    }

    /// Active cards of a human, oldest first.
    pub fn active(&self, user: UserId) -> Vec<Card> {
        let mine = self.cards.values().filter_map(|cards| cards.get(&user));
        let mut active: Vec<_> = mine.filter(|card| card.state == CardState::Active).cloned().collect();
        active.sort_by_key(|card| (card.at, card.id));
        active
    }

    /// How many cards are kept: those of live calls.
    pub fn len(&self) -> usize {
        self.cards.values().map(BTreeMap::len).sum()
    }

    /// True without any card.
    pub fn is_empty(&self) -> bool {
        self.cards.is_empty()
    }

    fn of_call(&mut self, call: CallId) -> impl Iterator<Item = &mut Card> {
        self.cards.get_mut(&call).into_iter().flat_map(BTreeMap::values_mut)
    }

    fn card_mut(&mut self, call: CallId, user: UserId) -> Option<&mut Card> {
        self.cards.get_mut(&call)?.get_mut(&user)
    }

    fn has(&self, call: CallId, user: UserId) -> bool {
        self.cards.get(&call).is_some_and(|cards| cards.contains_key(&user))
    }

    fn alerting(&mut self, record: &Record, id: CallId, leg: LegId, state: &State, steps: &mut Vec<Step>) {
        let Some((call, leg)) = find(state, id, leg) else { return };
        let arrival = Arrival::of(record, state);
        if let Some(user) = user_of(leg, state).filter(|_| comes_to(leg, call)) {
            self.arrive(id, call, leg, user, &arrival, state, steps);
        } else if let Some((own, user)) = caller_of(call, leg, state) {
            self.arrive(id, call, own, user, &arrival, state, steps);
        }
    }

    /// The call comes to a human: a new card, or one that comes back.
    #[expect(clippy::too_many_arguments, reason = "all of it is one arrival")]
    fn arrive(
        &mut self,
        id: CallId,
        call: &Call,
        leg: &Leg,
        user: UserId,
        arrival: &Arrival,
        state: &State,
        steps: &mut Vec<Step>,
    ) {
        if let Some(card) = self.card_mut(id, user) {
            let was_gone = card.state == CardState::Retracted;
            card.join(leg);
            if was_gone {
                card.come_back(leg);
                steps.push(tell(Action::Show, card));
            }
            return;
        }
        let mut card = Card::of(arrival.pop, id, call, user, arrival.at, state);
        card.join(leg);
        let asked = Asked { direction: call.direction, inbound: card.inbound, queue: card.queue };
        let chosen = choose(&self.rules, &asked);
        // No card for a call of one's own, unless a rule wants one.
        if !card.inbound && chosen.is_err() {
            return;
        }
        let no_window = match &chosen {
            _ if arrival.was_away => Some(WAS_AWAY),
            Err(reason) => Some(*reason),
            Ok(_) => None,
        };
        let rule = chosen.ok().cloned();
        steps.push(Step::Begin(NewPop {
            id: card.id,
            user,
            call: id,
            rule: rule.as_ref().map(|rule| rule.id),
            moment: rule.as_ref().map_or(PopMoment::Alerting, |rule| rule.kept.moment),
            at: arrival.at,
            no_window,
        }));
        card.page = if no_window.is_some() { Page::Settled } else { Page::of(rule) };
        card.page.reach(PopMoment::Alerting);
        if !card.talking.is_empty() {
            card.page.reach(PopMoment::Answered);
        }
        card.found = self.found.get(&id).cloned().flatten();
        steps.push(tell(Action::Show, &card));
        self.cards.entry(id).or_default().insert(user, card);
        self.want_lookup(id, steps);
    }

    fn want_lookup(&mut self, call: CallId, steps: &mut Vec<Step>) {
        self.found.entry(call).or_insert_with(|| {
            steps.push(Step::LookUp(call));
            None
        });
    }

    fn answered(
        &mut self,
        record: &Record,
        id: CallId,
        (leg, device): (LegId, DeviceId),
        state: &State,
        steps: &mut Vec<Step>,
    ) {
        let kind = state.devices.get(&device).map(|one| one.kind);
        if matches!(kind, Some(DeviceKind::VoiceUnit)) {
            return;
        }
        let mut winner = None;
        if let Some((call, leg)) = find(state, id, leg) {
            let arrival = Arrival::of(record, state);
            let own = user_of(leg, state).filter(|_| comes_to(leg, call)).map(|user| (leg, user));
            let caller = own.is_none().then(|| caller_of(call, leg, state)).flatten();
            if let Some((leg, user)) = own.or(caller) {
                self.arrive(id, call, leg, user, &arrival, state, steps);
                winner = Some(user);
                if let Some(card) = self.card_mut(id, user) {
                    card.talking.insert(leg.id);
                    card.ringing.remove(&leg.id);
                    if !arrival.was_away {
                        card.page.reach(PopMoment::Answered);
                    } else if card.page.give_up(PopMoment::Answered) {
                        steps.push(Step::Settle(card.id, PopWindow::No { reason: WAS_AWAY }));
                    }
                }
            }
        }
        let name = self.name_at(device, winner, state);
        for card in self.of_call(id) {
            let is_loser = card.talking.is_empty() && card.inbound && Some(card.user) != winner;
            if is_loser && card.state != CardState::Retracted {
                card.retract("answered_elsewhere", name.clone());
                steps.push(tell(Action::Retract, card));
            } else if is_loser && card.learn_who_answered(name.as_ref()) {
                // A switch may silence the other phones before it says which one answered.
                steps.push(tell(Action::Update, card));
            }
        }
    }

    fn moved(&mut self, record: &Record, id: CallId, leg: LegId, state: &State, steps: &mut Vec<Step>) {
        let Some((call, leg)) = find(state, id, leg) else { return };
        let Some(user) = user_of(leg, state) else { return };
        if leg.side == Side::Target || call.direction == Direction::Inbound {
            self.arrive(id, call, leg, user, &Arrival::of(record, state), state, steps);
        }
    }

    /// A leg of the call is gone.
    fn left(&mut self, id: CallId, leg: LegId, how: Leaving, state: &State, steps: &mut Vec<Step>) {
        let answered = state.calls.get(&id).and_then(|call| answered_leg(call, state));
        let by = answered.map(|leg| (leg.device, user_of(leg, state)));
        let by = by.and_then(|(device, user)| self.name_at(device, user, state));
        let caller_is_there = state
            .calls
            .get(&id)
            .is_some_and(|call| call.legs.iter().any(|one| one.side == Side::Originator && one.id != leg));
        for card in self.of_call(id) {
            if !card.leave(leg) || card.is_with_human() || card.state == CardState::Retracted {
                continue;
            }
            let reason = match how {
                Leaving::Merged => "merged",
                Leaving::Cleared(_) if card.has_talked => "ended",
                Leaving::Cleared(cause) => reason_of(cause, answered.is_some(), caller_is_there),
            };
            let by = by.clone().filter(|_| reason == "answered_elsewhere");
            card.retract(reason, by);
            steps.push(tell(Action::Retract, card));
        }
    }

    fn caller_left(&mut self, id: CallId, steps: &mut Vec<Step>) {
        for card in self.of_call(id) {
            if card.state != CardState::Retracted && !card.has_talked {
                card.retract("caller_left", None);
                steps.push(tell(Action::Retract, card));
            }
        }
    }

    fn ended(&mut self, id: CallId, steps: &mut Vec<Step>) {
        for card in self.of_call(id) {
            if card.state != CardState::Retracted {
                card.retract(if card.has_talked { "ended" } else { "no_answer" }, None);
                steps.push(tell(Action::Retract, card));
            }
        }
        self.cards.remove(&id);
        self.found.remove(&id);
    }

    /// Opens the pages whose moment has come, and says of the others why they never open.
    fn open_due(&mut self, call: Option<CallId>, state: &State, now: Timestamp, steps: &mut Vec<Step>) {
        let Some(id) = call else { return };
        let people = std::mem::take(&mut self.people);
        for card in self.of_call(id) {
            let Some((rule, template)) = card.page.take_due(card.found.is_some()) else { continue };
            let filled = template.fill(&values(card, state, people.get(&card.user), now));
            let no_number = |name: &String| name.starts_with("number.");
            if filled.missing.iter().any(no_number) {
                let reason = if card.other_side().withheld { "withheld" } else { "placeholder_empty" };
                steps.push(Step::Settle(card.id, PopWindow::No { reason }));
                continue;
            }
            let open = Open { url: filled.url, window: rule.kept.window.clone() };
            let settle = Step::Settle(card.id, PopWindow::Open(open.url.clone()));
            attach(steps, settle, card, open);
        }
        self.people = people;
    }

    /// Who is at a device, for people.
    fn name_at(&self, device: DeviceId, user: Option<UserId>, state: &State) -> Option<Arc<str>> {
        let person = user.and_then(|user| self.people.get(&user)).map(|human| human.name.as_str().into());
        let found = state.devices.get(&device);
        let agent = || found.and_then(|one| one.agent).and_then(|id| state.agents.get(&id));
        person
            .or_else(|| agent().map(|agent| Arc::clone(&agent.name)))
            .or_else(|| found.and_then(|one| one.name.clone().or_else(|| one.extension.clone())))
    }
}

/// How a leg leaves a call.
#[derive(Debug, Clone, Copy)]
enum Leaving {
    /// It lives on in another call.
    Merged,
    Cleared(Cause),
}

/// When and how a call came.
struct Arrival {
    pop: PopId,
    at: Timestamp,
    was_away: bool,
}

impl Arrival {
    fn of(record: &Record, state: &State) -> Self {
        Self {
            pop: PopId::derive(record.recorded_at, state.seed, record.sequence),
            at: record.at,
            was_away: record.origin != Origin::Live,
        }
    }
}

fn tell(action: Action, card: &Card) -> Step {
    Step::Tell { action, card: Box::new(card.clone()), open: None }
}

fn told(step: &Step) -> Option<PopId> {
    match step {
        Step::Tell { card, .. } => Some(card.id),
        Step::Begin(_) | Step::LookUp(_) | Step::Settle(..) | Step::Match(..) => None,
    }
}

/// The page goes with what is told of its card anyway, else with an update.
fn attach(steps: &mut Vec<Step>, settle: Step, card: &Card, page: Open) {
    let place = steps.iter().position(|step| told(step) == Some(card.id));
    let found = place.and_then(|place| steps.get_mut(place).map(|step| (place, step)));
    if let Some((place, Step::Tell { open, .. })) = found {
        *open = Some(page);
        steps.insert(place, settle);
    } else {
        steps.push(settle);
        let card = Box::new(card.clone());
        steps.push(Step::Tell { action: Action::Update, card, open: Some(page) });
    }
}

fn find(state: &State, call: CallId, leg: LegId) -> Option<(&Call, &Leg)> {
    let call = state.calls.get(&call)?;
    call.leg(leg).map(|leg| (call, leg))
}

fn user_of(leg: &Leg, state: &State) -> Option<UserId> {
    leg.user.or_else(|| leg.agent.and_then(|agent| state.agents.get(&agent)?.user))
}

/// True when the call comes to who is at this leg: it was called and rings or talks.
fn comes_to(leg: &Leg, call: &Call) -> bool {
    let is_there =
        matches!(leg.state, ConnectionState::Alerting | ConnectionState::Connected | ConnectionState::Hold);
    leg.side == Side::Target && is_there && call.legs.iter().any(|other| other.id != leg.id)
}

/// Our person who calls outside, when this leg is the far end.
fn caller_of<'s>(call: &'s Call, far: &Leg, state: &State) -> Option<(&'s Leg, UserId)> {
    if call.direction != Direction::Outbound || far.side != Side::Target {
        return None;
    }
    let own = call.legs.iter().find(|leg| leg.side == Side::Originator)?;
    user_of(own, state).map(|user| (own, user))
}

/// The leg of a person who was called and has answered.
fn answered_leg<'s>(call: &'s Call, state: &State) -> Option<&'s Leg> {
    let is_person =
        |leg: &Leg| state.devices.get(&leg.device).is_none_or(|one| one.kind != DeviceKind::VoiceUnit);
    call.legs.iter().find(|leg| leg.side == Side::Target && leg.answered_at.is_some() && is_person(leg))
}

/// Why a call that was not answered here is not here any more.
const fn reason_of(cause: Cause, is_answered: bool, caller_is_there: bool) -> &'static str {
    match cause {
        Cause::AnsweredElsewhere => "answered_elsewhere",
        _ if is_answered => "answered_elsewhere",
        Cause::NoAnswer => "no_answer",
        Cause::Busy | Cause::Rejected => "rejected",
        Cause::Diverted | Cause::Transferred => "diverted",
        Cause::Merged => "merged",
        Cause::SwitchRestart | Cause::Lost => "lost",
        Cause::Canceled => "caller_left",
        Cause::Normal | Cause::UnknownNumber | Cause::Barred | Cause::Network | Cause::Unknown => {
            if caller_is_there {
                "no_answer"
            } else {
                "caller_left"
            }
        }
    }
}

#[cfg(test)]
mod tests;
