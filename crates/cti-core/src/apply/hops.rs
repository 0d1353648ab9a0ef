//! Facts of calls between two switches.

use std::collections::{BTreeMap, BTreeSet};

use crate::fact::{Fact, Side};
use crate::hops::{Departure, Hop, HopKey, RETRY_MS};
use crate::ids::{CallId, DeviceId, LegId, Native, SwitchId};
use crate::input::DeviceKind;
use crate::state::{Call, Device, State, Switch};
use crate::time::Timestamp;

impl Call {
    pub(super) fn keys_mut(&mut self, switch: &SwitchId) -> &mut Vec<Native> {
        if *switch == self.switch {
            &mut self.natives
        } else {
            self.elsewhere.entry(switch.clone()).or_default()
        }
    }

    /// The switch is gone: a call that goes on at another one is a call of that one.
    pub(super) fn leave_switch(&mut self, switch: &SwitchId) {
        self.elsewhere.remove(switch);
        if self.switch == *switch
            && let Some((home, natives)) = self.elsewhere.pop_first()
        {
            (self.switch, self.natives) = (home, natives);
        }
    }

    /// Where it has no leg left it is over, though it goes on elsewhere: that switch may give its keys to another call.
    pub(super) fn forget_where_it_is_over(
        &mut self,
        devices: &BTreeMap<DeviceId, Device>,
        switches: &mut BTreeMap<SwitchId, Switch>,
    ) {
        if self.legs.is_empty() || self.elsewhere.is_empty() {
            return;
        }
        let here: BTreeSet<&SwitchId> =
            self.legs.iter().filter_map(|leg| devices.get(&leg.device)).map(|one| &one.switch).collect();
        let over: Vec<SwitchId> =
            self.keys().map(|(switch, _)| switch).filter(|switch| !here.contains(switch)).cloned().collect();
        for switch in over {
            let keys = std::mem::take(self.keys_mut(&switch));
            self.elsewhere.remove(&switch);
            if let Some(found) = switches.get_mut(&switch) {
                for key in &keys {
                    found.call_index.forget(key);
                }
            }
        }
    }

    pub(super) fn expect_hop(&mut self, fact: &Fact) {
        let Fact::HopExpected { departure, .. } = fact else { return };
        let same = |hop: &&mut Hop| {
            let known = &hop.departure;
            !hop.is_joined
                && known.from == departure.from
                && known.to == departure.to
                && known.target == departure.target
        };
        // It is on its way once, however often that is told.
        match self.hops.iter_mut().find(same) {
            Some(hop) => {
                let leg = departure.leg.or(hop.departure.leg);
                hop.departure = Departure { leg, ..departure.clone() };
            }
            None => {
                self.hops.push(Hop { departure: departure.clone(), arrival: None, is_joined: false });
            }
        }
    }

    /// The line is given up by which it was to leave.
    pub(super) fn give_up_line(&mut self, leg: LegId, at: Timestamp) {
        let until = at.plus_millis(RETRY_MS);
        for hop in self.hops.iter_mut().filter(|hop| !hop.is_joined && hop.departure.leg == Some(leg)) {
            hop.departure.until = hop.departure.until.min(until);
        }
    }

    /// A line that is told after its hop belongs to it: going out where the call leaves, coming in where it arrives.
    pub(super) fn note_line(&mut self, leg: LegId, side: Side, device: &Device) {
        if device.kind != DeviceKind::Trunk {
            return;
        }
        let is_live = |leg: Option<LegId>| leg.is_some_and(|leg| self.legs.iter().any(|one| one.id == leg));
        // Where it was, and is over, the next line leads elsewhere.
        let hop = self.hops.iter_mut().find(|hop| match side {
            Side::Target => {
                let is_open =
                    if hop.is_joined { hop.departure.leg.is_none() } else { !is_live(hop.departure.leg) };
                is_open && hop.departure.from == device.switch
            }
            Side::Originator => hop.is_joined && !is_live(hop.arrival) && hop.departure.to == device.switch,
        });
        match (hop, side) {
            (Some(hop), Side::Target) => hop.departure.leg = Some(leg),
            (Some(hop), Side::Originator) => hop.arrival = Some(leg),
            (None, _) => {}
        }
    }
}

impl State {
    /// These keys mean another call than `old` from now on, and `instead` means it. A switch that has no key of it
    /// any more has no part of it.
    pub(super) fn give_keys(
        &mut self,
        old: CallId,
        switch: &SwitchId,
        instead: Option<&Native>,
        given: &[Native],
    ) {
        let Some(call) = self.calls.get_mut(&old) else { return };
        let keys = call.keys_mut(switch);
        keys.retain(|one| !given.contains(one));
        keys.extend(instead.cloned());
        if keys.is_empty() {
            call.leave_switch(switch);
        }
        if let (Some(key), Some(switch)) = (instead, self.switches.get_mut(switch)) {
            switch.call_index.set(key.clone(), old);
        }
    }

    /// The half at the other switch was found.
    pub(super) fn join_hop(&mut self, id: CallId, fact: &Fact) {
        let Fact::HopJoined { arrival, from, to, target, half, native, .. } = fact else { return };
        let half = half.and_then(|half| self.calls.get(&half));
        let been = half.map(|half| (half.queues.clone(), half.queue, half.entries, half.first_entered_at));
        let Some(call) = self.calls.get_mut(&id) else { return };
        // What the half has been through is of this call: which one is told first must not matter.
        if let Some((queues, queue, entries, first_entered_at)) = been {
            call.queues.extend(queues);
            call.queue = queue.or(call.queue);
            call.entries = call.entries.max(entries);
            call.first_entered_at = call.first_entered_at.or(first_entered_at);
        }
        let open = |hop: &&mut Hop| {
            !hop.is_joined
                && hop.departure.from == *from
                && hop.departure.to == *to
                && hop.departure.target == *target
        };
        if let Some(hop) = call.hops.iter_mut().find(open) {
            hop.is_joined = true;
            hop.arrival = *arrival;
        }
        if let Some(native) = native {
            call.keys_mut(to).push(native.clone());
            if let Some(switch) = self.switches.get_mut(to) {
                switch.call_index.set(native.clone(), id);
            }
        }
    }

    /// Calls whose other half may be looked for in another way after this fact, with how it is now.
    pub(super) fn hop_calls(&self, fact: &Fact) -> Vec<(CallId, Vec<HopKey>)> {
        if !self.has_hop_routes() {
            return Vec::new();
        }
        #[expect(clippy::wildcard_enum_match_arm, reason = "no other fact changes what a half looks for")]
        let calls = match fact {
            Fact::CallCreated { call, split_from, .. } => [Some(*call), *split_from],
            Fact::CallDirectionChanged { call, .. }
            | Fact::CallDataChanged { call, .. }
            | Fact::HopExpected { call, .. }
            | Fact::HopJoined { call, .. } => [Some(*call), None],
            Fact::LegMoved { call, from, .. } => [Some(*call), Some(*from)],
            Fact::CallEnded { call, merged_into, .. } => [Some(*call), *merged_into],
            _ => [None, None],
        };
        calls.into_iter().flatten().map(|call| (call, self.hop_keys(call))).collect()
    }
}
