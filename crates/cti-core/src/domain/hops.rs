//! Calls between two of our switches: what leaves one is expected at the other, and both halves become one call.
//!
//! Events of two links race, so either half may be told first. Halves are joined only when each is the only one
//! that fits the other; whatever is ambiguous is related and never guessed. A token that both have decides first.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Turn;
use crate::fact::{Direction, Fact, Side};
use crate::hops::{CORRELATOR, Departure, HOP_MS, Hop, HopKey, HopRoute, RELATED_MAX, are_of_two};
use crate::ids::{CallId, LegId, Native, SwitchId};
use crate::input::{DeviceKind, SnapshotCall, SnapshotConnection};
use crate::number::{Number, Reading};
use crate::state::{Call, Leg};
use crate::time::Timestamp;

/// Number that was dialled and number of the caller.
pub(super) type Arrival = (Arc<str>, Option<Arc<str>>);

fn arrival(dialled: &Number, calling: Option<&Number>) -> Arrival {
    (dialled.key().into(), calling.map(|number| number.key().into()))
}

/// From when until when something happened or may happen.
type Span = [Timestamp; 2];

const fn overlap(one: Span, other: Span) -> bool {
    one[0].as_micros() <= other[1].as_micros() && other[0].as_micros() <= one[1].as_micros()
}

/// When the arrival of this call fits. It may be told before the departure, which then was not earlier than it.
const fn window(hop: &Hop) -> Span {
    [hop.departure.until.plus_millis(-2 * HOP_MS), hop.departure.until]
}

impl Turn<'_> {
    pub(super) fn routed(&mut self, switch: SwitchId, routes: Vec<HopRoute>) {
        if self.state.switches.get(&switch).is_none_or(|one| one.routes != routes) {
            self.emit(Fact::SwitchRouted { switch, routes });
        }
    }

    /// When what is told now happened: after a gap, at any time since the link was last good.
    fn span(&self) -> Span {
        [self.since.unwrap_or(self.at), self.at]
    }

    /// The number as the other switch would write it.
    fn hop_number(&self, to: &SwitchId, number: &Number) -> Arc<str> {
        match &number.e164 {
            Some(e164) => Arc::clone(e164),
            None => self.number(to, Reading::Incoming, &number.raw).key().into(),
        }
    }

    /// The caller's number, and that of its line in the extension list: switches show either.
    fn shown_as(&self, switch: &SwitchId, to: &SwitchId, call: &Call) -> Vec<Arc<str>> {
        let Some(number) = &call.calling.number else { return Vec::new() };
        let row = self.state.switches.get(switch).and_then(|one| one.row_index.get(&number.raw));
        let row = row.and_then(|row| self.state.extensions.get(&row)).and_then(|row| row.number.as_ref());
        let line = row.map(|number| self.number(to, Reading::Typed, number).key().into());
        [Some(self.hop_number(to, number)), line].into_iter().flatten().collect()
    }

    /// A call is about to go to `number`: when a route leads there, it is expected at the other switch.
    pub(super) fn head(&mut self, switch: &SwitchId, call: CallId, number: &str, leg: Option<LegId>) {
        let Some(known) = self.state.switches.get(switch).filter(|one| !one.routes.is_empty()) else {
            return;
        };
        let dialled: String =
            number.chars().filter(|one| one.is_ascii_digit() || "+*#".contains(*one)).collect();
        let Some(route) = known.route_of(&dialled) else { return };
        let Some(target) = route.target(&dialled) else { return };
        let Some(found) = self.state.calls.get(&call) else { return };
        let to = route.to.clone();
        let target: Arc<str> = self.number(&to, Reading::Incoming, target).key().into();
        let calling = match &route.caller_id {
            Some(shown) => vec![self.number(&to, Reading::Incoming, shown).key().into()],
            None => self.shown_as(switch, &to, found),
        };
        let same = |hop: &&Hop| {
            hop.departure.from == *switch && hop.departure.to == to && hop.departure.target == target
        };
        if found.hops.iter().filter(same).any(|hop| self.is_under_way(found, hop)) {
            return;
        }
        let until = self.at.plus_millis(HOP_MS);
        let from = switch.clone();
        let departure = Departure { leg, from, to, target, calling, until };
        self.emit(Fact::HopExpected { call, departure });
        match &mut self.departures {
            Some(later) => {
                later.insert(call);
            }
            None => self.departed(call),
        }
    }

    /// True while nothing new need be expected: it is there, its line is not told yet, or it left just now.
    fn is_under_way(&self, call: &Call, hop: &Hop) -> bool {
        if !hop.is_joined {
            return hop.departure.until >= self.at.plus_millis(HOP_MS / 2);
        }
        let lives = |leg: Option<LegId>| leg.is_some_and(|leg| call.leg(leg).is_some());
        hop.departure.leg.is_none() || lives(hop.departure.leg) || lives(hop.arrival)
    }

    /// What a whole picture shows to have left is looked for when all of it is known.
    pub(super) fn depart_together(&mut self, tell: impl FnOnce(&mut Self)) {
        self.departures = Some(BTreeSet::new());
        tell(self);
        for call in self.departures.take().unwrap_or_default() {
            self.departed(call);
        }
    }

    /// Arrivals of a whole picture that nobody can tell apart by number.
    pub(super) fn twins(&self, switch: &SwitchId, calls: &[SnapshotCall]) -> BTreeSet<Arrival> {
        let (mut once, mut twice) = (BTreeSet::new(), BTreeSet::new());
        let is_new = |call: &&SnapshotCall| self.call_by_key(switch, &call.call).is_none();
        for call in calls.iter().filter(is_new).filter(|_| self.state.is_hop_target(switch)) {
            let by_line =
                |one: &&SnapshotConnection| one.originator && one.endpoint.device.kind == DeviceKind::Trunk;
            let Some(from) = call.connections.iter().find(by_line) else { continue };
            let Some(dialled) = &call.dialled else { continue };
            let dialled = self.number(switch, Reading::Incoming, dialled);
            let calling = self.party_at(switch, &from.endpoint).number;
            let arrival = arrival(&dialled, calling.as_ref());
            if !once.insert(arrival.clone()) {
                twice.insert(arrival);
            }
        }
        twice
    }

    /// What is expected of a call may have arrived already.
    fn departed(&mut self, call: CallId) {
        let hops = self.state.calls.get(&call).map(|found| found.hops.clone()).unwrap_or_default();
        let now = self.at;
        for hop in hops.into_iter().filter(|hop| !hop.is_joined && hop.departure.until >= now) {
            let expected = [self.span()[0].plus_millis(-HOP_MS), hop.departure.until];
            let mut arrived = self.arrived(&hop, expected);
            arrived.retain(|other| !self.is_another(call, *other));
            if let [only] = *arrived
                && hop.has_caller()
                && self.expected_by(only, None).iter().all(|other| *other == call)
            {
                self.join_halves(call, only);
                continue;
            }
            for other in arrived {
                self.relate(call, other);
            }
        }
    }

    /// Calls at the other switch that this one may have arrived as.
    fn arrived(&self, hop: &Hop, expected: Span) -> Vec<CallId> {
        let key = HopKey::Arrived(hop.departure.to.clone(), Arc::clone(&hop.departure.target));
        let fits = |id: &CallId| {
            self.state.calls.get(id).is_some_and(|one| {
                hop.is_called_by(one.calling.number.as_ref())
                    && overlap([one.created_at, one.created_at], expected)
            })
        };
        self.state.hops.calls(&key).filter(fits).collect()
    }

    /// Calls that left another switch and may have arrived as this one, when it began or at any time of `when`.
    fn expected_by(&self, arrived: CallId, when: Option<Span>) -> Vec<CallId> {
        let Some(found) = self.state.calls.get(&arrived) else { return Vec::new() };
        let Some(dialled) = &found.dialled else { return Vec::new() };
        let when = when.unwrap_or([found.created_at, found.created_at]);
        let expecting = self.expecting(&found.switch, dialled, found.calling.number.as_ref(), when);
        let calls = expecting.into_iter().map(|(call, _)| call);
        calls.filter(|call| !self.is_another(*call, arrived)).collect()
    }

    /// True when a token says that these are not halves of one call.
    fn is_another(&self, one: CallId, other: CallId) -> bool {
        let found = |id| self.state.calls.get(&id);
        let (Some(one), Some(other)) = (found(one), found(other)) else { return false };
        let theirs = |token| other.tokens().find(|(one, _)| *one == token).map(|(_, value)| value);
        let mut both = one.tokens().filter_map(|(token, value)| Some((token, value, theirs(token)?)));
        both.any(|(token, one, other)| are_of_two(token, one, other))
    }

    fn expecting(
        &self,
        at: &SwitchId,
        dialled: &Number,
        calling: Option<&Number>,
        when: Span,
    ) -> Vec<(CallId, Hop)> {
        let key = HopKey::Expected(at.clone(), dialled.key().into());
        let mut found = Vec::new();
        for id in self.state.hops.calls(&key) {
            let hops = self.state.calls.get(&id).map(|one| one.hops.as_slice()).unwrap_or_default();
            let fits = |hop: &&Hop| {
                !hop.is_joined
                    && hop.departure.to == *at
                    && *hop.departure.target == *dialled.key()
                    && hop.is_called_by(calling)
                    && overlap(when, window(hop))
            };
            found.extend(hops.iter().find(fits).map(|hop| (id, hop.clone())));
        }
        found
    }

    /// The call that arrives at `switch` now, when exactly one is expected and nothing else could be it: from now on
    /// `native` means that call.
    pub(super) fn arrives(
        &mut self,
        switch: &SwitchId,
        native: &Native,
        dialled: Option<&Number>,
        calling: Option<&Number>,
    ) -> Option<CallId> {
        if !self.state.is_hop_target(switch) {
            return None;
        }
        let dialled = dialled?;
        let mut expecting = self.expecting(switch, dialled, calling, self.span());
        let (call, hop) = expecting.pop().filter(|_| expecting.is_empty())?;
        let is_twin = !self.twins.is_empty() && self.twins.contains(&arrival(dialled, calling));
        if is_twin || !hop.has_caller() || !self.arrived(&hop, window(&hop)).is_empty() {
            return None;
        }
        let Departure { from, to, target, .. } = hop.departure;
        let (arrival, half, native) = (None, None, Some(native.clone()));
        self.emit(Fact::HopJoined { call, arrival, from, to, target, half, native });
        self.inside(call);
        Some(call)
    }

    /// What arrived and fits more than one is related to all of them.
    pub(super) fn relate_arrival(&mut self, call: CallId) {
        if !self.state.calls.get(&call).is_some_and(|found| self.state.is_arrival(found)) {
            return;
        }
        for other in self.expected_by(call, Some(self.span())) {
            self.relate(call, other);
        }
    }

    fn relate(&mut self, one: CallId, other: CallId) {
        let known = |call: CallId| self.state.calls.get(&call).map_or(0, |found| found.related.len());
        if known(one).max(known(other)) >= RELATED_MAX {
            return;
        }
        for (call, related) in [(one, other), (other, one)] {
            if self.state.calls.get(&call).is_some_and(|found| !found.related.contains(&related)) {
                self.emit(Fact::CallsRelated { call, related: vec![related] });
            }
        }
    }

    /// Data of a call changed: a token may name its other half.
    pub(super) fn meet_by_token(&mut self, call: CallId) {
        let Some(found) = self.state.calls.get(&call).filter(|_| self.state.has_hop_routes()) else {
            return;
        };
        // The surest token that fits any decides: what it leaves open no weaker one tells.
        let tokens: Vec<HopKey> = found.token_keys().collect();
        let halves = tokens.iter().map(|token| self.halves(call, token)).find(|halves| !halves.is_empty());
        if let Some([(departed, arrived)]) = halves.as_deref() {
            self.join_halves(*departed, *arrived);
        }
    }

    /// What this call and one with the same token can be: one that left and one that arrived.
    fn halves(&self, call: CallId, token: &HopKey) -> Vec<(CallId, CallId)> {
        // What a computer wrote to several calls only tells apart what the numbers leave open.
        let is_weak = matches!(token, HopKey::Token(CORRELATOR, _));
        let fits = |(departed, arrived): &(CallId, CallId)| {
            let (Some(from), Some(to)) = (self.state.calls.get(departed), self.state.calls.get(arrived))
            else {
                return false;
            };
            self.state.is_arrival(to)
                && from.switches().any(|from| self.state.is_routed(from, &to.switch))
                && (!is_weak || from.related.contains(arrived))
                && !self.is_another(*departed, *arrived)
        };
        // A call that came in at each of them may have gone either way: the one that is expected tells.
        let is_expected = |(departed, arrived): &(CallId, CallId)| {
            let calls = &self.state.calls;
            let to = calls.get(arrived).map(|one| &one.switch);
            let hops = calls.get(departed).map_or(&[][..], |one| &one.hops);
            hops.iter().any(|hop| !hop.is_joined && Some(&hop.departure.to) == to)
        };
        let others = self.state.hops.calls(token).filter(|one| *one != call);
        let pair = |other| {
            let orders = [(call, other), (other, call)].into_iter().filter(fits);
            orders.max_by_key(is_expected)
        };
        others.filter_map(pair).collect()
    }

    /// Both halves exist: the one that left goes on.
    fn join_halves(&mut self, call: CallId, arrived: CallId) {
        let Some(other) = self.state.calls.get(&arrived) else { return };
        let to = other.switch.clone();
        let line = |leg: &&Leg| leg.side == Side::Originator && self.is_outside(leg);
        let arrival = other.legs.iter().find(line).map(|leg| leg.id);
        let dialled = other.dialled.clone();
        let expected = |found: &Call| {
            let hops = || found.hops.iter().filter(|hop| !hop.is_joined && hop.departure.to == to);
            let same =
                hops().find(|hop| dialled.as_ref().is_some_and(|one| one.key() == &*hop.departure.target));
            same.or_else(|| hops().next()).cloned()
        };
        let Some(found) = self.state.calls.get(&call) else { return };
        let routed = found.switches().find(|from| self.state.is_routed(from, &to));
        let from = routed.unwrap_or(&found.switch).clone();
        let hop = expected(found);
        let target = hop.as_ref().map_or_else(|| "".into(), |hop| Arc::clone(&hop.departure.target));
        if hop.is_none() {
            // Only the token told that it left.
            let departure = Departure {
                leg: None,
                from: from.clone(),
                to: to.clone(),
                target: Arc::clone(&target),
                calling: Vec::new(),
                until: self.at,
            };
            self.emit(Fact::HopExpected { call, departure });
        }
        let from = hop.map_or(from, |hop| hop.departure.from);
        self.emit(Fact::HopJoined { call, arrival, from, to, target, half: Some(arrived), native: None });
        self.merge_into(call, arrived);
        self.inside(call);
    }

    /// A call that went out by a line and came in at another switch of ours never left the house.
    fn inside(&mut self, call: CallId) {
        let Some(found) = self.state.calls.get(&call) else { return };
        let previous = found.direction;
        if previous == Direction::Outbound && !self.has_outside(found) {
            self.emit(Fact::CallDirectionChanged { call, previous, current: Direction::Internal });
        }
    }
}
