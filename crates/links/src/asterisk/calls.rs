//! Telling the Domain of calls and connections: the first word about each, its data, its merging.

use std::collections::BTreeMap;
use std::sync::Arc;

use ami::event::{ChannelSnapshot, VarSet};
use cti_core::fact::{Cause, JoinKind, TransferKind};
use cti_core::ids::Native;
use cti_core::input::{DeviceKind, Endpoint, PartyInfo, SwitchEvent};

use super::AsteriskTranslator;
use super::causes;
use super::later::{CONSULT_MS, What};
use super::model::{Channel, Side, Stage, Uid};
use super::names;

/// Prefix of the channel variables that are data of the call.
const DATA_PREFIX: &str = "CTI_";
/// Variables of our include file: its own working, not data of the call.
pub(super) const OWN_VARIABLES: [&str; 21] = [
    "CTI_BACK",
    "CTI_CALL",
    "CTI_CALLER_ID",
    "CTI_CONTEXT",
    "CTI_DIAL_OPTIONS",
    "CTI_FALLBACK",
    "CTI_FROM",
    "CTI_GUARDED",
    "CTI_HEARD",
    "CTI_HELD",
    "CTI_HOLD_S",
    "CTI_OFFER",
    "CTI_OFFER_S",
    "CTI_PATIENCE_S",
    "CTI_RECORD",
    "CTI_RECORDER",
    "CTI_RETURN",
    "CTI_RING",
    "CTI_RING_S",
    "CTI_WAIT",
    "CTI_CONN",
];

impl AsteriskTranslator {
    /// Everything known about a party at its connection `key`.
    pub(super) fn endpoint(&mut self, uid: &str, key: Native) -> Option<Endpoint> {
        let channel = self.model.channel(uid)?;
        let device = self.devices.device(channel.device()?);
        let queue = self.model.called_for(uid).map(|(queue, _)| queue.clone());
        let mut party = channel.party.clone();
        if device.kind == DeviceKind::Trunk {
            party.number = party.number.or_else(|| channel.exten.clone());
            let anonymous =
                party.number.as_deref().is_none_or(|number| number.eq_ignore_ascii_case("anonymous"));
            let goes_elsewhere =
                |number: &Arc<str>, sent: &Arc<str>| !number.ends_with(&**sent) && !sent.ends_with(&**number);
            if let (Side::Called, Some(number), Some(sent)) = (channel.side, &party.number, &channel.exten)
                && goes_elsewhere(number, sent)
            {
                // A forwarding phone's number is shown at the line; what was sent to the carrier is who is there.
                party = PartyInfo { number: Some(Arc::clone(sent)), ..PartyInfo::default() };
            }
            if channel.side == Side::Caller && (party.withheld || anonymous) {
                party = PartyInfo { withheld: true, ..PartyInfo::default() };
            }
        } else if device.extension.is_some() && device.extension != party.number {
            // The number people dial to reach the phone. What it shows or sends as its caller id may be anything:
            // the other party for a click-to-dial, the number of the company for outside calls.
            party = PartyInfo { number: device.extension.clone(), ..PartyInfo::default() };
        }
        Some(Endpoint { connection: key, device, party, queue })
    }

    /// Connection and call for a party that is told for the first time.
    fn introduce(&mut self, uid: &Uid, stage: Stage) -> Option<(Native, Endpoint)> {
        let caller = self.model.calling_party(uid).map(|caller| Arc::clone(&caller.uid));
        let call = self.model.call_around(uid);
        let key = {
            let channel = self.model.channel_mut(uid)?;
            channel.caller = channel.caller.take().or(caller);
            channel.name_connection()
        };
        let endpoint = self.endpoint(uid, key.clone())?;
        let call = call.unwrap_or_else(|| self.model.new_call(uid));
        self.model.connect(uid, key, &call, stage);
        self.touched.push(call.clone());
        Some((call, endpoint))
    }

    /// The party calls, or its own phone for a call it asked for is lifted.
    pub(super) fn originate(&mut self, uid: &Uid) {
        let Some(channel) = self.model.channel_mut(uid) else { return };
        let mut dialled = channel.exten.clone();
        let (call, from) = if let Some(current) = channel.connections.last_mut() {
            if current.stage != Stage::Alerting {
                return;
            }
            current.stage = Stage::Connected;
            let (call, key) = (current.call.clone(), current.key.clone());
            let Some(from) = self.endpoint(uid, key) else { return };
            (call, from)
        } else {
            let Some(introduced) = self.introduce(uid, Stage::Connected) else { return };
            introduced
        };
        if let Some(to) = self.originated.get(uid).and_then(|asked| asked.to.clone()) {
            dialled = Some(to);
        }
        if let Some(known) = self.model.calls.get_mut(&call) {
            known.dialled = known.dialled.take().or_else(|| dialled.clone());
            dialled = dialled.or_else(|| known.dialled.clone());
        }
        self.say(SwitchEvent::Originated { call: call.clone(), from, dialled });
        self.tell_data(uid);
    }

    /// The call alerts at the party's device. A consultation by feature code is dialled before the phone that asked
    /// for it comes to it: that phone is told first.
    pub(super) fn deliver_with_caller(&mut self, uid: &Uid, snapshot: Option<ChannelSnapshot<'_>>) {
        if !self.model.is_caller_to_come(uid) {
            return self.deliver(uid, snapshot);
        }
        if self.can_alert(uid) && !self.later.iter().any(|one| one.is_ring_of(uid)) {
            let calling = self.calling(uid, snapshot);
            self.defer(uid, CONSULT_MS, What::Rings(calling));
        }
    }

    /// The call alerts at the party's device.
    pub(super) fn deliver(&mut self, uid: &Uid, snapshot: Option<ChannelSnapshot<'_>>) {
        if self.can_alert(uid) {
            let calling = self.calling(uid, snapshot);
            self.say_delivered(uid, calling);
        }
    }

    /// True as long as the party was not told in any call.
    fn can_alert(&self, uid: &str) -> bool {
        self.model.channel(uid).is_some_and(|channel| {
            channel.is_party()
                && channel.connections.is_empty()
                && channel.side != Side::Caller
                && !channel.is_over
        })
    }

    pub(super) fn say_delivered(&mut self, uid: &Uid, calling: PartyInfo) {
        if !self.can_alert(uid) {
            return;
        }
        if let Some(channel) = self.model.channel_mut(uid) {
            channel.side = Side::Called;
        }
        let Some((call, to)) = self.introduce(uid, Stage::Alerting) else { return };
        let mut dialled = self.originated.get_mut(uid).and_then(|asked| {
            asked.has_rung = true;
            asked.to.clone()
        });
        if let Some(call) = self.model.calls.get_mut(&call) {
            call.dialled = call.dialled.take().or_else(|| dialled.clone());
            dialled.clone_from(&call.dialled);
        }
        if let Some((queue, interface)) = self.model.called_for(uid).cloned() {
            self.learn_member_device(&queue, &interface, &to.device);
        }
        self.say(SwitchEvent::Delivered { call: call.clone(), to, calling, dialled });
        self.tell_data(uid);
    }

    /// Who calls a leg: the party that dials it, else what its phone shows.
    fn calling(&mut self, uid: &str, snapshot: Option<ChannelSnapshot<'_>>) -> PartyInfo {
        let caller = self.model.calling_party(uid).map(|caller| Arc::clone(&caller.uid));
        if let Some(endpoint) = caller.and_then(|caller| self.endpoint(&caller, Native::from(""))) {
            return endpoint.party;
        }
        let Some(snapshot) = snapshot else { return PartyInfo::default() };
        PartyInfo {
            number: snapshot.connected_line_num().map(Into::into),
            name: snapshot.connected_line_name().as_deref().map(Into::into),
            withheld: false,
        }
    }

    /// The party talks. The first word about it, if nothing alerted before.
    pub(super) fn establish(&mut self, uid: &Uid) {
        let Some(channel) = self.model.channel_mut(uid) else { return };
        match channel.connections.last_mut() {
            Some(current) if current.stage != Stage::Connected => {
                current.stage = Stage::Connected;
                let (call, key) = (current.call.clone(), current.key.clone());
                if let Some(to) = self.endpoint(uid, key) {
                    self.say(SwitchEvent::Established { call, to });
                }
            }
            Some(_) => {}
            None if channel.is_over => {}
            None if channel.side == Side::Caller => self.originate(uid),
            None => {
                let is_unknown = channel.side == Side::Unknown && channel.uid == channel.linkedid;
                if is_unknown && !channel.is_dialled {
                    channel.side = Side::Caller;
                    return self.originate(uid);
                }
                channel.side = Side::Called;
                let Some((call, to)) = self.introduce(uid, Stage::Connected) else { return };
                self.say(SwitchEvent::Established { call, to });
                self.tell_data(uid);
            }
        }
    }

    /// Makes sure the Domain knows a connection before an event that only names it.
    pub(super) fn ensure_told(&mut self, uid: &Uid) -> Option<(Native, Native)> {
        let channel = self.model.channel_mut(uid)?;
        if channel.connections.is_empty() && channel.is_party() && !channel.is_over {
            channel.side = Side::Caller;
            self.originate(uid);
        }
        let current = self.model.channel(uid)?.current()?;
        Some((current.call.clone(), current.key.clone()))
    }

    /// A target could not be reached and nothing ever rang there: `Failed` is its first and only word.
    pub(super) fn fail_unreached(&mut self, uid: &str, q850: Option<Cause>) {
        let Some(channel) = self.model.channel(uid) else { return };
        if !channel.connections.is_empty() || channel.dialler.is_none() || channel.is_over {
            return;
        }
        let cause = self.cause_of_unanswered(channel, q850);
        let uid = Arc::clone(&channel.uid);
        if !causes::is_failure(cause) || self.model.call_around(&uid).is_none() {
            return;
        }
        if let Some(channel) = self.model.channel_mut(&uid) {
            channel.side = Side::Called;
        }
        if let Some((call, to)) = self.introduce(&uid, Stage::Failed) {
            self.say(SwitchEvent::Failed { call, to, cause });
        }
    }

    /// Two calls are one from now on: the older key goes on.
    pub(super) fn join(&mut self, one: &Native, two: &Native, how: JoinKind) -> Native {
        let born = |key: &Native| self.model.calls.get(key).map_or(u64::MAX, |call| call.born);
        let (keep, other) = if born(one) <= born(two) { (one, two) } else { (two, one) };
        if keep == other {
            return keep.clone();
        }
        let (keep, other) = (keep.clone(), other.clone());
        let (members, data) = match self.model.calls.get_mut(&other) {
            Some(call) => (call.members.clone(), std::mem::take(&mut call.data)),
            None => return keep,
        };
        self.say(SwitchEvent::Joined { call: keep.clone(), other, how });
        for (uid, key) in members {
            self.model.move_connection(&uid, &key, &keep);
        }
        if let Some(call) = self.model.calls.get_mut(&keep) {
            for (key, value) in data {
                call.data.entry(key).or_insert(value);
            }
        }
        self.touched.push(keep.clone());
        keep
    }

    /// Says that a call was transferred, once per transfer, and marks the legs that leave by it.
    pub(super) fn transferred(&mut self, call: &Native, by: &[Uid], kind: TransferKind, to: Option<&str>) {
        let mut device = None;
        let mut is_new = false;
        for uid in by {
            if let Some(channel) = self.model.channel_mut(uid) {
                is_new |= !std::mem::replace(&mut channel.has_transferred, true);
                device = device.or_else(|| channel.device().cloned());
            }
            self.drop_later(uid, |what| matches!(what, What::Retrieved(_)));
        }
        if let (true, Some(by)) = (is_new, device) {
            self.say(SwitchEvent::Transferred { call: call.clone(), by, kind, to: to.map(Into::into) });
        }
        // Its part is over now (ECMA-269 §17.2.20), however long the phone keeps its leg.
        for uid in by {
            self.clear_connections(uid, |_, _, _| Cause::Transferred);
        }
    }

    pub(super) fn on_variable(&mut self, view: VarSet<'_>) {
        let Some(uid) = self.see(view.channel()) else { return };
        let Some(name) = view.variable() else { return };
        if name == "QUEUESTATUS" {
            self.settle_leaver(&uid, Some(&view.value()));
        } else if let Some(key) = data_key(name) {
            let value = view.value();
            self.bind(&uid, [(key, value.as_ref().into())].into());
        }
    }

    /// Takes `CTI_*` variables from a snapshot.
    pub(super) fn read_variables(&mut self, uid: &Uid, snapshot: ChannelSnapshot<'_>) {
        let mut data: BTreeMap<Arc<str>, Arc<str>> = BTreeMap::new();
        for (name, value) in snapshot.variables() {
            if !value.is_empty()
                && let Some(key) = data_key(name)
            {
                data.insert(key, value.as_ref().into());
            }
        }
        if !data.is_empty() {
            self.bind(uid, data);
        }
    }

    /// Binds data to the call of a channel; only what changed is told.
    fn bind(&mut self, uid: &Uid, mut data: BTreeMap<Arc<str>, Arc<str>>) {
        let call = self.model.channel(uid).and_then(Channel::call).cloned();
        let Some(call) = call.or_else(|| self.model.call_around(uid)) else {
            return self.hold_data(uid, data);
        };
        let Some(known) = self.model.calls.get_mut(&call) else { return };
        data.retain(|key, value| known.data.get(key) != Some(value));
        if data.is_empty() {
            return;
        }
        known.data.extend(data.iter().map(|(key, value)| (Arc::clone(key), Arc::clone(value))));
        self.say(SwitchEvent::CallData { call, data });
    }

    /// Data of a channel whose call is not told yet waits for its first event.
    fn hold_data(&mut self, uid: &Uid, data: BTreeMap<Arc<str>, Arc<str>>) {
        if let Some(channel) = self.model.channel_mut(uid) {
            channel.waiting_data.extend(data);
        }
    }

    /// Tells the data and the recording that waited for the first event of a call.
    fn tell_data(&mut self, uid: &Uid) {
        if let Some(call) = self.model.channel(uid).filter(|one| one.recordings > 0).and_then(Channel::call) {
            self.tell_recording(&call.clone());
        }
        let data = match self.model.channel_mut(uid) {
            Some(channel) if !channel.waiting_data.is_empty() => std::mem::take(&mut channel.waiting_data),
            _ => return,
        };
        self.bind(uid, data);
    }
}

/// Key of the call's data for a channel variable: lower case, without our prefix.
fn data_key(name: &str) -> Option<Arc<str>> {
    // Inherited variables carry one or two underscores while they are set.
    let key = name.trim_start_matches('_').strip_prefix(DATA_PREFIX)?;
    let is_own = OWN_VARIABLES.iter().any(|own| own.strip_prefix(DATA_PREFIX) == Some(key));
    (!key.is_empty() && !is_own).then(|| key.to_ascii_lowercase().into())
}

/// Digits a leg was dialled with, for a line to the outside that shows no number.
pub(super) fn dialled_by(dial_string: Option<&str>) -> Option<Arc<str>> {
    dial_string.and_then(names::dialled_number).map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    // covers: TEL-26
    #[test]
    fn variables_become_data_of_the_call() {
        assert_eq!(data_key("CTI_ORDER").as_deref(), Some("order"));
        assert_eq!(data_key("__CTI_Queue").as_deref(), Some("queue"));
        assert_eq!(data_key("CTI_HELD"), None);
        assert_eq!(data_key("CTI_"), None);
        assert_eq!(data_key("OTHER"), None);
    }
}
