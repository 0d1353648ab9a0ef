//! What a phone does with calls before it rings: it wants none, sends them on, or is busy.

use std::collections::BTreeMap;

use csta::model::{ConnectionState, EventCause};

use super::channel::Party;
use super::desk::Denied;
use super::happening::{Connection, Device, Forward, What};
use super::people::no_phone;
use super::{ChanId, Exchange, Micros, Refusal};
use crate::plan::{Step, Target, digits};

/// Q.850: user busy.
const BUSY: u8 = 17;

/// Features of a phone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Features {
    is_undisturbed: bool,
    forwards: BTreeMap<Forward, String>,
    /// The phone whose calls it rings for too.
    along: Option<String>,
}

/// What becomes of a call to a phone.
pub(super) enum Turn {
    /// It rings as ever.
    Rings,
    /// It rings so long, and then the call goes on.
    RingsFor(u32),
    /// The call went elsewhere, or failed: the dialplan goes on.
    Goes,
}

impl Exchange {
    /// Looks whether the phone takes this call.
    pub(super) fn turn(&mut self, id: ChanId, targets: &[Target]) -> Turn {
        let [Target::Phone(extension)] = targets else { return Turn::Rings };
        let features = self.features.get(extension).cloned().unwrap_or_default();
        if features.is_undisturbed {
            self.turned_away(id, extension, EventCause::DO_NOT_DISTURB);
            return Turn::Goes;
        }
        if let Some(to) = features.forwards.get(&Forward::Immediate) {
            self.sent_on(id, extension, to, EventCause::CALL_FORWARD_IMMEDIATE);
            return Turn::Goes;
        }
        if self.is_full(extension) {
            match features.forwards.get(&Forward::Busy) {
                Some(to) => self.sent_on(id, extension, to, EventCause::CALL_FORWARD_BUSY),
                None => self.turned_away(id, extension, EventCause::BUSY),
            }
            return Turn::Goes;
        }
        let Some(to) = features.forwards.get(&Forward::NoAnswer) else { return Turn::Rings };
        let context = self.plan.dialplan.phones.clone();
        if let Some(channel) = self.channels.get_mut(&id) {
            channel.steps.push_front(Step::IfNoAnswer { context, exten: to.clone() });
        }
        Turn::RingsFor(self.plan.dialplan.forward_after_s)
    }

    /// One phone that is called, and those that ring along with it.
    pub(super) fn with_companions(&self, mut targets: Vec<Target>) -> Vec<Target> {
        if let [Target::Phone(extension)] = targets.as_slice() {
            let along = |features: &Features| features.along.as_ref() == Some(extension);
            let others = self.features.iter().filter(|(_, features)| along(features));
            targets.extend(others.map(|(other, _)| Target::Phone(other.clone())).collect::<Vec<_>>());
        }
        targets
    }

    /// Somebody sets where calls go.
    pub(super) fn forwards(&mut self, who: &str, rule: Option<&(Forward, String)>) -> Result<(), Refusal> {
        let extension = digits(who);
        let now = self.now;
        let rules: Vec<(Forward, Option<String>)> = if let Some((kind, to)) = rule {
            vec![(*kind, Some(to.clone()))]
        } else {
            let own = self.forwarding(&extension).map_err(|_| no_phone(who))?;
            own.into_iter().map(|(kind, _)| (kind, None)).collect()
        };
        for (kind, to) in rules {
            let set = self.set_forwarding(now, &extension, kind, to.as_deref());
            set.map_err(|_| Refusal::new(format!("{who} cannot send its calls there")))?;
        }
        Ok(())
    }

    /// A phone rings for the calls of another one, or no longer.
    pub(super) fn ring_along(&mut self, who: &str, with: Option<&str>) -> Result<(), Refusal> {
        let extension = digits(who);
        let with = with.map(digits);
        if let Some(stranger) = [Some(&extension), with.as_ref()]
            .into_iter()
            .flatten()
            .find(|number| self.plan.phone(number).is_none())
        {
            return Err(no_phone(stranger));
        }
        self.features.entry(extension).or_default().along = with;
        Ok(())
    }

    /// All lines of the phone are in use.
    pub(super) fn is_full(&self, extension: &str) -> bool {
        let Some(lines) = self.plan.phone(extension).and_then(|phone| phone.lines) else { return false };
        let own = |party: &Party| matches!(party, Party::Phone(one) if one == extension);
        let used = self.channels.values().filter(|channel| own(&channel.party)).count();
        u32::try_from(used).unwrap_or(u32::MAX) >= lines
    }

    fn sent_on(&mut self, id: ChanId, extension: &str, to: &str, cause: EventCause) {
        if let Some(call) = self.call_of(id) {
            let device = Device::Phone(extension.to_owned());
            let from = Connection { device: device.clone(), state: ConnectionState::Null, channel: None };
            if let Some(known) = self.call_mut(call) {
                known.last_redirection = Some(device);
                known.onward = Some(cause);
            }
            self.happen(call, What::Diverted { from, to: to.to_owned() }, cause);
        }
        let phones = self.plan.dialplan.phones.clone();
        self.place_at(id, &phones, to);
    }

    fn turned_away(&mut self, id: ChanId, extension: &str, cause: EventCause) {
        if let Some(channel) = self.channels.get_mut(&id) {
            channel.was_unanswered = true;
            channel.cause = BUSY;
        }
        if let Some(call) = self.call_of(id) {
            let device = Device::Phone(extension.to_owned());
            let at = Connection { device, state: ConnectionState::Fail, channel: None };
            self.fails(call, at, cause);
        }
    }

    fn is_phone(&self, extension: &str) -> Result<(), Denied> {
        if self.plan.phone(extension).is_some() { Ok(()) } else { Err(Denied::operation(12)) }
    }

    /// Set Do Not Disturb.
    pub fn set_do_not_disturb(&mut self, now: Micros, extension: &str, is_on: bool) -> Result<(), Denied> {
        self.is_phone(extension)?;
        self.advance(now);
        self.features.entry(extension.to_owned()).or_default().is_undisturbed = is_on;
        self.happen_at_device(What::DoNotDisturb { extension: extension.to_owned(), is_on }, None);
        Ok(())
    }

    /// Get Do Not Disturb.
    pub fn do_not_disturb(&self, extension: &str) -> Result<bool, Denied> {
        self.is_phone(extension)?;
        Ok(self.features.get(extension).is_some_and(|features| features.is_undisturbed))
    }

    /// Set Forwarding; `to` none ends it.
    pub fn set_forwarding(
        &mut self,
        now: Micros,
        extension: &str,
        kind: Forward,
        to: Option<&str>,
    ) -> Result<(), Denied> {
        self.is_phone(extension)?;
        let to = to.map(digits);
        // invalidForwardingDestination
        if to.as_deref().is_some_and(|to| to.is_empty() || to == extension) {
            return Err(Denied::operation(7));
        }
        self.advance(now);
        let forwards = &mut self.features.entry(extension.to_owned()).or_default().forwards;
        match &to {
            Some(to) => forwards.insert(kind, to.clone()),
            None => forwards.remove(&kind),
        };
        self.happen_at_device(What::Forwarding { extension: extension.to_owned(), kind, to }, None);
        Ok(())
    }

    /// Get Forwarding.
    pub fn forwarding(&self, extension: &str) -> Result<Vec<(Forward, String)>, Denied> {
        self.is_phone(extension)?;
        let own = self.features.get(extension).into_iter().flat_map(|features| features.forwards.iter());
        Ok(own.map(|(kind, to)| (*kind, to.clone())).collect())
    }
}
