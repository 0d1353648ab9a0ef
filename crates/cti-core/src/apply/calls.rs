//! Facts of calls and legs.

use crate::connection::ConnectionState;
use crate::fact::{Cause, Fact, LegTimes, Record};
use crate::ids::{CallId, DeviceId, LegId};
use crate::input::DeviceKind;
use crate::state::{Call, Closing, Leg, State};
use crate::time::Timestamp;

/// Most cleared connections remembered of a switch.
const LEFT_MAX: usize = 256;

impl State {
    /// True when the fact was one of a call or leg.
    pub(super) fn apply_call(&mut self, record: &Record, fact: &Fact) -> bool {
        let halves = self.hop_calls(fact);
        let is_taken = self.change_call(record, fact);
        for (call, before) in halves {
            self.index_hops(call, before);
        }
        is_taken
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "each part takes its own facts; `Fact::call` names them all"
    )]
    fn change_call(&mut self, record: &Record, fact: &Fact) -> bool {
        let at = record.at;
        match fact {
            Fact::CallCreated { call, .. } => self.create_call(record, *call, fact),
            Fact::LegAdded { call, .. } => self.add_leg(*call, at, fact),
            Fact::LegAlerting { call, leg, .. } => {
                self.set_leg(*call, *leg, ConnectionState::Alerting, at);
                if let Some(found) = self.calls.get_mut(call) {
                    found.alerting_at.get_or_insert(at);
                }
            }
            Fact::LegOriginated { call, leg, .. }
            | Fact::LegRetrieved { call, leg, .. }
            | Fact::LegUnparked { call, leg, .. } => {
                self.set_leg(*call, *leg, ConnectionState::Connected, at);
            }
            Fact::LegAnswered { call, leg, device } => self.answer_leg(*call, *leg, *device, at),
            Fact::LegHeld { call, leg, .. } => self.set_leg(*call, *leg, ConnectionState::Hold, at),
            Fact::LegFailed { call, leg, .. } => self.set_leg(*call, *leg, ConnectionState::Fail, at),
            Fact::LegParked { call, leg, .. } => {
                self.set_leg(*call, *leg, ConnectionState::Queued, at);
                if let Some(found) = self.calls.get_mut(call) {
                    found.closing = None;
                }
            }
            Fact::LegCleared { call, leg, device, cause, by_party, .. } => {
                if let Some(found) = self.calls.get_mut(call) {
                    found.give_up_line(*leg, at);
                }
                self.clear_leg(
                    *call,
                    *leg,
                    *device,
                    Closing { leg: *leg, cause: *cause, by_party: *by_party },
                );
            }
            Fact::HopJoined { call, .. } => self.join_hop(*call, fact),
            Fact::LegMoved { call, from, leg, device } => self.move_leg(*call, *from, *leg, *device),
            Fact::CallEnded { call, merged_into, .. } => self.end_call(*call, *merged_into, at),
            Fact::CallDirectionChanged { .. }
            | Fact::CallConsulted { .. }
            | Fact::CallTransferred { .. }
            | Fact::CallConferenced { .. }
            | Fact::HopExpected { .. }
            | Fact::CallsRelated { .. }
            | Fact::CallObserved { .. }
            | Fact::CallObservationEnded { .. }
            | Fact::CallRecordingChanged { .. }
            | Fact::CallDataChanged { .. }
            | Fact::CallDiverted { .. }
            | Fact::CallAbandoned { .. }
            | Fact::NoteAdded { .. }
            | Fact::Filing(_)
            | Fact::CallMatched { .. }
            | Fact::DispositionSet { .. } => self.mark_call(fact),
            _ => return false,
        }
        self.touch_call(record, fact);
        true
    }

    /// Counts the fact in its call and moves the switch's clock.
    pub(super) fn touch_call(&mut self, record: &Record, fact: &Fact) {
        let Some(call) = fact.call().and_then(|id| self.calls.get_mut(&id)) else {
            return;
        };
        call.version = record.call_version;
        // Of a call on two switches only a leg says whose clock it was.
        let told_by = match fact.device() {
            Some(device) => self.devices.get(&device).map(|one| &one.switch),
            None => Some(&call.switch).filter(|_| call.elsewhere.is_empty()),
        };
        if let Some(switch) = told_by.and_then(|switch| self.switches.get_mut(switch)) {
            switch.last_at = switch.last_at.max(record.at);
        }
    }

    #[expect(clippy::too_many_lines, reason = "one line per field of a call")]
    fn create_call(&mut self, record: &Record, id: CallId, fact: &Fact) {
        let Fact::CallCreated {
            switch,
            native,
            direction,
            calling,
            dialled,
            command,
            split_from,
            split_native,
            split_keys,
            data,
            ..
        } = fact
        else {
            return;
        };
        let mut elsewhere = split_keys.clone();
        let mut natives = vec![native.clone()];
        natives.extend(elsewhere.remove(switch).into_iter().flatten());
        if let Some(old) = split_from {
            self.give_keys(*old, switch, split_native.as_ref(), &natives);
            for (at, keys) in &elsewhere {
                self.give_keys(*old, at, None, keys);
            }
        }
        for (at, keys) in elsewhere.iter().chain([(switch, &natives)]) {
            for key in keys {
                if let Some(at) = self.switches.get_mut(at) {
                    at.call_index.set(key.clone(), id);
                }
            }
        }
        if let Some(command) = command.and_then(|command| self.commands.get_mut(&command)) {
            command.call = Some(id);
        }
        self.calls.insert(
            id,
            Call {
                switch: switch.clone(),
                natives,
                elsewhere,
                hops: Vec::new(),
                related: std::collections::BTreeSet::new(),
                direction: *direction,
                calling: calling.clone(),
                dialled: dialled.clone(),
                command: *command,
                data: data.clone(),
                contact: None,
                created_at: record.at,
                version: 0,
                legs: Vec::new(),
                legs_total: 0,
                entry: None,
                entries: 0,
                first_entered_at: None,
                queues: std::collections::BTreeSet::new(),
                queue: None,
                alerting_at: None,
                answered_at: None,
                consult_of: None,
                transferring: None,
                merged: None,
                conference: false,
                observers: std::collections::BTreeMap::new(),
                recording: None,
                route: None,
                mapped: false,
                closing: None,
            },
        );
    }

    fn add_leg(&mut self, id: CallId, at: Timestamp, fact: &Fact) {
        let Fact::LegAdded { leg, connection, device, user, agent, side, party, .. } = fact else {
            return;
        };
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        call.legs_total += 1;
        call.mapped |= user.is_some();
        call.closing = None;
        call.legs.push(Leg {
            id: *leg,
            connection: connection.clone(),
            device: *device,
            user: *user,
            agent: *agent,
            side: *side,
            party: party.clone(),
            state: ConnectionState::Initiated,
            since: at,
            times: LegTimes::default(),
            answered_at: None,
            offer: None,
        });
        if let Some(found) = self.devices.get_mut(device) {
            found.legs.push((id, *leg));
            call.note_line(*leg, *side, found);
            if let Some(switch) = self.switches.get_mut(&found.switch) {
                switch.leg_index.set(connection.clone(), (id, *leg));
            }
        }
    }

    pub(super) fn leg_mut(&mut self, call: CallId, leg: LegId) -> Option<&mut Leg> {
        self.calls.get_mut(&call)?.legs.iter_mut().find(|one| one.id == leg)
    }

    pub(super) fn set_leg(&mut self, call: CallId, leg: LegId, state: ConnectionState, at: Timestamp) {
        if let Some(leg) = self.leg_mut(call, leg) {
            leg.times = leg.times_until(at);
            leg.state = state;
            leg.since = at;
        }
    }

    fn answer_leg(&mut self, call: CallId, leg: LegId, device: DeviceId, at: Timestamp) {
        self.set_leg(call, leg, ConnectionState::Connected, at);
        let is_hop = self.calls.get(&call).is_some_and(|found| found.is_hop(leg));
        let is_person =
            !is_hop && self.devices.get(&device).is_some_and(|one| one.kind != DeviceKind::VoiceUnit);
        if let Some(leg) = self.leg_mut(call, leg) {
            leg.answered_at.get_or_insert(at);
        }
        if let (true, Some(call)) = (is_person, self.calls.get_mut(&call)) {
            call.answered_at.get_or_insert(at);
            call.closing = None;
        }
    }

    fn clear_leg(&mut self, id: CallId, leg: LegId, device: DeviceId, closing: Closing) {
        let mut switch = None;
        if let Some(found) = self.devices.get_mut(&device) {
            found.legs.retain(|(_, one)| *one != leg);
            switch = self.switches.get_mut(&found.switch);
        }
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        if let Some(at) = call.legs.iter().position(|one| one.id == leg) {
            let gone = call.legs.remove(at);
            if let Some(switch) = switch {
                switch.leg_index.forget(&gone.connection);
                // One that was missing in a list may stand in the next one again.
                if !matches!(closing.cause, Cause::Lost | Cause::SwitchRestart) {
                    if switch.left.len() >= LEFT_MAX {
                        switch.left.pop_front();
                    }
                    switch.left.push_back(gone.connection);
                }
            }
        }
        if call.transferring == Some(device) && call.leg_at(device).is_none() {
            call.transferring = None;
        }
        call.forget_where_it_is_over(&self.devices, &mut self.switches);
        // A line between two switches is nobody who stays or leaves.
        if !call.is_hop(leg) && call.legs.len() - call.hop_legs().count() < 2 {
            // The switch may clear the other side first: who hung up counts, whenever it is told.
            if call.closing.is_none_or(|one| !one.by_party && closing.by_party) {
                call.closing = Some(closing);
            }
        }
    }

    fn move_leg(&mut self, to: CallId, from: CallId, leg: LegId, device: DeviceId) {
        let Some(old) = self.calls.get_mut(&from) else {
            return;
        };
        let Some(at) = old.legs.iter().position(|one| one.id == leg) else {
            return;
        };
        let moved = old.legs.remove(at);
        if let Some(offer) = moved.offer.and_then(|offer| self.offers.get_mut(&offer)) {
            offer.call = to;
        }
        if let Some(device) = self.devices.get_mut(&device) {
            for entry in device.legs.iter_mut().filter(|(_, one)| *one == leg) {
                entry.0 = to;
            }
        }
        let entry = old.entry.take_if(|entry| self.entries.get(entry).is_some_and(|one| one.leg == leg));
        let first_entered_at = old.first_entered_at;
        let hops = old.hops.extract_if(.., |hop| hop.departure.leg == Some(leg) || hop.arrival == Some(leg));
        let hops: Vec<_> = hops.collect();
        let route = old.route.take_if(|route| route.leg == leg);
        let Some(call) = self.calls.get_mut(&to) else {
            return;
        };
        call.hops.extend(hops);
        // Whom the switch holds for us it goes on holding.
        if entry.is_some() || call.route.is_none() {
            call.route = route.or_else(|| call.route.take());
        }
        // Who waits goes on waiting: its entry goes with it.
        if let Some((id, entry)) = entry.and_then(|id| Some((id, self.entries.get_mut(&id)?))) {
            entry.call = to;
            for offer in self.offers.values_mut().filter(|offer| offer.entry == id) {
                offer.call = to;
            }
            call.entry = Some(id);
            call.entries = call.entries.max(entry.entry_no);
            call.first_entered_at = call.first_entered_at.or(first_entered_at);
            call.queues.insert(entry.queue);
            call.queue = Some(entry.queue);
        }
        let switch = self.devices.get(&device).map(|device| &device.switch);
        if let Some(switch) = switch.and_then(|switch| self.switches.get_mut(switch)) {
            switch.leg_index.set(moved.connection.clone(), (to, leg));
        }
        call.legs_total += 1;
        call.mapped |= moved.user.is_some();
        call.closing = None;
        if let Some(answered_at) = moved.answered_at {
            call.answered_at.get_or_insert(answered_at);
        }
        call.legs.push(moved);
    }

    fn end_call(&mut self, id: CallId, merged_into: Option<CallId>, at: Timestamp) {
        let Some(gone) = self.calls.remove(&id) else {
            return;
        };
        if let Some(switch) = self.switches.get_mut(&gone.switch).filter(|_| gone.elsewhere.is_empty()) {
            switch.last_at = switch.last_at.max(at);
        }
        for (switch, native) in gone.keys() {
            let Some(switch) = self.switches.get_mut(switch) else { continue };
            match merged_into {
                Some(into) => switch.call_index.set(native.clone(), into),
                None => switch.call_index.forget(native),
            }
        }
        if let Some(into) = merged_into.and_then(|into| self.calls.get_mut(&into)) {
            into.keys_mut(&gone.switch).extend(gone.natives);
            for (switch, natives) in gone.elsewhere {
                into.keys_mut(&switch).extend(natives);
            }
            into.hops.extend(gone.hops);
            into.related.extend(gone.related);
            into.related.remove(&id);
            into.merged = Some(id);
            into.alerting_at = into.alerting_at.or(gone.alerting_at);
            into.consult_of = into.consult_of.filter(|one| *one != id);
        }
        if let Some(into) = merged_into {
            for open in &self.open_commands {
                if let Some(command) = self.commands.get_mut(open).filter(|one| one.call == Some(id)) {
                    command.call = Some(into);
                }
            }
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "each part takes its own facts; `Fact::call` names them all"
    )]
    fn mark_call(&mut self, fact: &Fact) {
        let Some(id) = fact.call() else { return };
        if let Fact::CallConsulted { consult_call, .. } = fact
            && let Some(consult) = self.calls.get_mut(consult_call)
        {
            consult.consult_of = Some(id);
        }
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        match fact {
            Fact::CallDirectionChanged { current, .. } => call.direction = *current,
            Fact::CallTransferred { by, .. } => {
                call.merged = None;
                call.closing = None;
                call.transferring = call.leg_at(*by).map(|_| *by);
            }
            Fact::CallConferenced { .. } => call.conference = true,
            Fact::HopExpected { .. } => call.expect_hop(fact),
            Fact::CallsRelated { related, .. } => call.related.extend(related),
            Fact::CallObserved { by, mode, .. } => {
                call.observers.insert(*by, *mode);
            }
            Fact::CallObservationEnded { by, .. } => {
                call.observers.remove(by);
            }
            Fact::CallRecordingChanged { state, .. } => call.recording = Some(*state),
            Fact::CallMatched { contact, .. } => call.contact.clone_from(contact),
            Fact::CallDataChanged { data, .. } => {
                for (key, value) in data {
                    if value.is_empty() {
                        call.data.remove(key);
                    } else {
                        call.data.insert(key.clone(), value.clone());
                    }
                }
            }
            _ => {}
        }
    }
}

impl Leg {
    /// Lengths counted up to `at`, the running state included.
    pub fn times_until(&self, at: Timestamp) -> LegTimes {
        let span = at.millis_since(self.since);
        let mut times = self.times;
        match self.state {
            ConnectionState::Alerting => times.ring_ms += span,
            ConnectionState::Connected if self.answered_at.is_some() => times.talk_ms += span,
            ConnectionState::Hold => {
                times.talk_ms += span;
                times.hold_ms += span;
            }
            ConnectionState::Connected
            | ConnectionState::Null
            | ConnectionState::Initiated
            | ConnectionState::Queued
            | ConnectionState::Fail => {}
        }
        times
    }
}
