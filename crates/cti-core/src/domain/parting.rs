//! Calls that part: what talks together goes on together, at every switch.
//!
//! The part with the outside party keeps the id, the other one is new. What is at another switch goes with the line
//! that leads there.

use std::collections::{BTreeMap, BTreeSet};

use super::Turn;
use crate::connection::ConnectionState;
use crate::fact::{Direction, Fact, QueueLeave};
use crate::hops::Hop;
use crate::ids::{CallId, LegId, Native, SwitchId};
use crate::state::{Call, Leg};

/// A part of a call that becomes a call of its own.
struct Part {
    /// Where it is a call under `native`.
    switch: SwitchId,
    native: Native,
    /// Its legs, in their order.
    legs: Vec<LegId>,
    /// The key that the old call has at this switch from now on, where it had the other one.
    split_native: Option<Native>,
    /// Its keys at all switches beside `native`.
    split_keys: BTreeMap<SwitchId, Vec<Native>>,
}

impl Turn<'_> {
    /// The switch tells that some connections are a call of their own.
    pub(super) fn split(&mut self, switch: &SwitchId, native: &Native, into: Native, connections: &[Native]) {
        let Some(call) = self.call_by_key(switch, native) else {
            return;
        };
        let Some(old) = self.state.calls.get(&call) else {
            return;
        };
        if self.call_by_key(switch, &into).is_some() {
            return;
        }
        let here = |leg: &&Leg| self.switch_of(leg) == Some(switch);
        let (leaving, staying): (Vec<&Leg>, Vec<&Leg>) =
            old.legs.iter().filter(here).partition(|leg| connections.contains(&leg.connection));
        if leaving.is_empty() || staying.is_empty() {
            return;
        }
        let (behind_leaving, behind_staying) = (behind(old, switch, &leaving), behind(old, switch, &staying));
        // A line to another switch counts as one where nobody is outside, so that less has to move.
        let rank = |part: &[&Leg], behind: &BTreeSet<SwitchId>| {
            let far = old.legs.iter().filter(|leg| self.switch_of(leg).is_some_and(|at| behind.contains(at)));
            let mut all = part.iter().copied().chain(far);
            let is_outside = all.any(|leg| self.is_outside(leg) && !old.is_hop(leg.id));
            (is_outside, part.iter().any(|leg| self.is_outside(leg)))
        };
        let leaver_keeps = rank(&leaving, &behind_leaving) > rank(&staying, &behind_staying);
        let (moving, behind, kept) = if leaver_keeps {
            (&staying, &behind_staying, &behind_leaving)
        } else {
            (&leaving, &behind_leaving, &behind_staying)
        };
        let far: BTreeSet<&SwitchId> = behind.difference(kept).collect();
        let moves = |leg: &&Leg| {
            moving.iter().any(|one| one.id == leg.id)
                || self.switch_of(leg).is_some_and(|at| far.contains(at))
        };
        let (new_native, split_native) =
            if leaver_keeps { (native.clone(), Some(into)) } else { (into, None) };
        let part = Part {
            switch: switch.clone(),
            native: new_native,
            legs: old.legs.iter().filter(moves).map(|leg| leg.id).collect(),
            split_native,
            split_keys: far.into_iter().map(|at| (at.clone(), old.keys_at(at).to_vec())).collect(),
        };
        self.part_off(call, part);
    }

    /// A line between two switches may be gone: talks that only it joined are two calls.
    pub(super) fn part_where_cut(&mut self, call: CallId) {
        while let Some(part) = self.cut_off(call) {
            self.part_off(call, part);
        }
    }

    /// A talk that no line joins to the rest of its call any more.
    fn cut_off(&self, call: CallId) -> Option<Part> {
        let found = self.state.calls.get(&call)?;
        if found.hops.iter().all(|hop| !hop.is_joined || is_whole(found, hop)) {
            return None;
        }
        let mut left: BTreeSet<SwitchId> =
            found.legs.iter().filter_map(|leg| self.switch_of(leg)).cloned().collect();
        let mut talks = Vec::new();
        while let Some(first) = left.pop_first() {
            let mut part = BTreeSet::from([first]);
            follow_hops(found, &mut part, None);
            left.retain(|one| !part.contains(one));
            let at = |leg: &&Leg| self.switch_of(leg).is_some_and(|at| part.contains(at));
            let people = || found.legs.iter().filter(at).filter(|leg| !found.is_hop(leg.id));
            let talking =
                |leg: &&Leg| matches!(leg.state, ConnectionState::Connected | ConnectionState::Hold);
            // Who is left alone hangs up in a moment, and who only rings belongs to whoever calls.
            if people().filter(talking).count() >= 2 {
                let is_outside = people().any(|leg| self.is_outside(leg));
                talks.push((is_outside, part.contains(&found.switch), part));
            }
        }
        talks.sort_by_key(|(is_outside, is_home, _)| (*is_outside, *is_home));
        if talks.len() < 2 {
            return None;
        }
        let (.., part) = talks.swap_remove(0);
        let mut split_keys: BTreeMap<SwitchId, Vec<Native>> =
            part.iter().map(|at| (at.clone(), found.keys_at(at).to_vec())).collect();
        let (switch, keys) = split_keys.iter_mut().find(|(_, keys)| !keys.is_empty())?;
        let (switch, native) = (switch.clone(), keys.remove(0));
        let at = |leg: &&Leg| self.switch_of(leg).is_some_and(|at| part.contains(at));
        let legs = found.legs.iter().filter(at).map(|leg| leg.id).collect();
        Some(Part { switch, native, legs, split_native: None, split_keys })
    }

    /// The part is a call of its own from now on.
    fn part_off(&mut self, call: CallId, part: Part) {
        let Some(old) = self.state.calls.get(&call) else { return };
        let Part { switch, native, legs, split_native, split_keys } = part;
        let moving: Vec<&Leg> = old.legs.iter().filter(|leg| legs.contains(&leg.id)).collect();
        let people = || moving.iter().filter(|leg| !old.is_hop(leg.id));
        let calling = people().chain(&moving).next().map(|leg| leg.party.clone()).unwrap_or_default();
        let is_outside = people().any(|leg| self.is_outside(leg));
        let direction = if is_outside { old.direction } else { Direction::Internal };
        let data = old.data.clone();
        let devices: Vec<_> = moving.iter().map(|leg| (leg.id, leg.device)).collect();
        let created = self.fresh(CallId::derive);
        self.emit(Fact::CallCreated {
            call: created,
            switch,
            native,
            direction,
            calling,
            dialled: None,
            command: None,
            split_from: Some(call),
            split_native,
            split_keys,
            data,
        });
        if devices.iter().any(|(leg, _)| self.waits_in_queue(call, *leg)) {
            self.leave_queue(call, QueueLeave::Withdrawn, None, None);
        }
        for (leg, device) in devices {
            self.emit(Fact::LegMoved { call: created, from: call, leg, device });
            self.touch_device(device);
        }
    }

    fn switch_of(&self, leg: &Leg) -> Option<&SwitchId> {
        self.state.devices.get(&leg.device).map(|one| &one.switch)
    }
}

/// True while no end of it that was known is gone.
fn is_whole(call: &Call, hop: &Hop) -> bool {
    let is_there = |leg: Option<LegId>| leg.is_none_or(|leg| call.leg(leg).is_some());
    hop.is_joined && is_there(hop.departure.leg) && is_there(hop.arrival)
}

/// Adds every switch that is reached over lines between switches; not beyond `wall`.
fn follow_hops(call: &Call, reached: &mut BTreeSet<SwitchId>, wall: Option<&SwitchId>) {
    let mut before = 0;
    while reached.len() > before {
        before = reached.len();
        for hop in call.hops.iter().filter(|hop| is_whole(call, hop)) {
            let (from, to) = (&hop.departure.from, &hop.departure.to);
            let is_reached = reached.contains(from) || reached.contains(to);
            if is_reached && ![from, to].into_iter().any(|one| Some(one) == wall) {
                reached.extend([from.clone(), to.clone()]);
            }
        }
    }
}

/// The switches behind the lines among these legs of one switch.
fn behind(call: &Call, here: &SwitchId, legs: &[&Leg]) -> BTreeSet<SwitchId> {
    let has = |end: Option<LegId>| legs.iter().any(|leg| Some(leg.id) == end);
    let whole = call.hops.iter().filter(|hop| is_whole(call, hop));
    let next = whole.filter_map(|hop| match (has(hop.departure.leg), has(hop.arrival)) {
        (true, _) => Some(&hop.departure.to),
        (_, true) => Some(&hop.departure.from),
        (false, false) => None,
    });
    let mut reached: BTreeSet<SwitchId> = next.filter(|at| *at != here).cloned().collect();
    follow_hops(call, &mut reached, Some(here));
    reached
}
