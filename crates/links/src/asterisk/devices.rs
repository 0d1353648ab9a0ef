//! Devices: what they are, what people dial to reach them, in what state they are, what their phones obey.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use ami::event::{Contact, DeviceState as Word, DeviceStateChange};
use cti_core::ids::Native;
use cti_core::input::{DeviceKind, DeviceRef, DeviceState, SwitchEvent};
use cti_core::number::NumberPlan;

use super::AsteriskTranslator;
use super::names;
use crate::config::{DeviceProfile, SwitchConfig};

/// Devices of one switch.
#[derive(Debug)]
pub(super) struct Devices {
    plan: NumberPlan,
    trunks: Vec<String>,
    known: HashMap<Native, DeviceRef>,
    pub(super) states: BTreeMap<Native, DeviceState>,
    /// Device by extension, from hints.
    hints: BTreeMap<String, Native>,
    /// Extension by device, from hints.
    extensions: BTreeMap<Native, Arc<str>>,
    /// Phone by Local interface, as seen ringing.
    locals: BTreeMap<Arc<str>, Native>,
    /// Profile by endpoint name, from its `User-Agent`.
    pub(super) profiles: BTreeMap<String, DeviceProfile>,
    /// `User-Agent` by endpoint name.
    pub(super) agents: BTreeMap<String, String>,
}

impl Devices {
    pub(super) fn new(config: &SwitchConfig) -> Self {
        Self {
            plan: config.plan.clone(),
            trunks: config.trunks.clone(),
            known: HashMap::new(),
            states: BTreeMap::new(),
            hints: BTreeMap::new(),
            extensions: BTreeMap::new(),
            locals: BTreeMap::new(),
            profiles: BTreeMap::new(),
            agents: BTreeMap::new(),
        }
    }

    /// A device by the switch's id. A line to the outside unless something says that it is a phone.
    pub(super) fn device(&mut self, native: &Native) -> DeviceRef {
        if let Some(known) = self.known.get(native) {
            return known.clone();
        }
        let device = self.classify(native);
        self.known.insert(native.clone(), device.clone());
        device
    }

    fn classify(&self, native: &Native) -> DeviceRef {
        let endpoint = names::endpoint(native.as_str());
        let is_listed = self.trunks.iter().any(|trunk| trunk == endpoint || trunk == native.as_str());
        let hint = self.extensions.get(native);
        let fits = names::fits(&self.plan.extension_pattern, endpoint);
        let is_station =
            !is_listed && (hint.is_some() || fits || self.locals.values().any(|one| one == native));
        DeviceRef {
            native: native.clone(),
            kind: if is_station { DeviceKind::Station } else { DeviceKind::Trunk },
            extension: if is_station {
                hint.cloned().or_else(|| fits.then(|| Arc::from(endpoint)))
            } else {
                None
            },
        }
    }

    /// A queue member is a phone whatever its name.
    fn station(&mut self, native: &Native) -> DeviceRef {
        let mut device = self.device(native);
        if device.kind != DeviceKind::Station
            && !self.trunks.iter().any(|trunk| trunk == names::endpoint(native.as_str()))
        {
            device.kind = DeviceKind::Station;
            self.known.insert(native.clone(), device.clone());
        }
        device
    }

    pub(super) fn learn_hint(&mut self, exten: Option<&str>, hint: Option<&str>) {
        let (Some(exten), Some(device)) = (exten, hint.and_then(names::interface_device)) else { return };
        if !exten.bytes().all(|byte| byte.is_ascii_digit()) {
            return;
        }
        let native = Native::from(device);
        if self.hints.insert(exten.to_owned(), native.clone()).as_ref() != Some(&native) {
            self.extensions.entry(native.clone()).or_insert_with(|| exten.into());
            self.known.remove(&native);
        }
    }

    /// Learns which phone a Local interface rings; true when that is news.
    pub(super) fn learn_local(&mut self, interface: &Arc<str>, device: &Native) -> bool {
        interface.starts_with("Local/")
            && self.locals.insert(Arc::clone(interface), device.clone()).as_ref() != Some(device)
    }

    /// The phone of a queue member.
    pub(super) fn of_member(&mut self, interface: &str, state_interface: Option<&str>) -> DeviceRef {
        let native = self
            .by_interface(interface)
            .or_else(|| state_interface.and_then(|state| self.by_interface(state)))
            .or_else(|| self.locals.get(interface).cloned())
            .or_else(|| self.by_extension(interface));
        self.station(&native.unwrap_or_else(|| Native::from(interface)))
    }

    fn by_interface(&self, interface: &str) -> Option<Native> {
        if let Some(hint) = interface.strip_prefix("hint:") {
            let exten = hint.split('@').next().unwrap_or(hint);
            return self.hints.get(exten).cloned();
        }
        names::interface_device(interface).map(Native::from)
    }

    /// `Local/1001@somewhere/n` most likely is the phone of extension 1001.
    fn by_extension(&self, interface: &str) -> Option<Native> {
        let exten = interface.strip_prefix("Local/")?.split(['@', '/']).next()?;
        self.hints.get(exten).cloned()
    }

    /// Takes the `User-Agent` of a phone.
    pub(super) fn learn_contact(&mut self, config: &SwitchConfig, contact: Contact<'_>) {
        let endpoint = contact.endpoint().or_else(|| contact.aor()).unwrap_or_default();
        let Some(agent) = contact.user_agent() else { return };
        // Contacts of the list are shown as `aor/uri`; the endpoint name stands before.
        let endpoint = endpoint.split('/').next().unwrap_or(endpoint).to_owned();
        self.agents.insert(endpoint.clone(), agent.to_owned());
        match config.profile(agent) {
            Some(profile) => self.profiles.insert(endpoint, profile.clone()),
            None => self.profiles.remove(&endpoint),
        };
    }

    pub(super) fn profile(&self, device: &Native) -> Option<&DeviceProfile> {
        self.profiles.get(names::endpoint(device.as_str()))
    }
}

/// Device state in the words of the core.
pub(super) const fn state_of(word: &Word) -> DeviceState {
    match word {
        Word::NotInUse => DeviceState::Idle,
        Word::InUse | Word::Busy | Word::RingInUse => DeviceState::Busy,
        Word::Ringing => DeviceState::Ringing,
        Word::OnHold => DeviceState::Held,
        Word::Unavailable | Word::Invalid => DeviceState::Unreachable,
        Word::Unknown | Word::Other(_) | _ => DeviceState::Unknown,
    }
}

impl AsteriskTranslator {
    pub(super) fn on_device_state(&mut self, view: DeviceStateChange<'_>) {
        let Some(device) = view.device().filter(|device| names::interface_device(device) == Some(*device))
        else {
            return;
        };
        let Some(state) = view.state().as_ref().map(state_of) else { return };
        let native = Native::from(device);
        if self.devices.states.insert(native.clone(), state) == Some(state) {
            return;
        }
        let device = self.devices.device(&native);
        self.say(SwitchEvent::DeviceState { device, state });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ManagerUser;

    fn devices() -> Devices {
        let user = || ManagerUser { user: String::new(), password: String::new() };
        let mut config = SwitchConfig::new("lab", "host", user(), user());
        config.plan.extension_pattern = "10XX".to_owned();
        config.trunks = vec!["1099".to_owned()];
        Devices::new(&config)
    }

    // covers: TEL-02
    #[test]
    fn a_device_is_a_phone_by_pattern_hint_or_membership_and_else_a_line() {
        let mut devices = devices();
        devices.learn_hint(Some("77"), Some("PJSIP/reception"));
        let kind = |devices: &mut Devices, native: &str| devices.device(&Native::from(native)).kind;
        assert_eq!(kind(&mut devices, "PJSIP/1001"), DeviceKind::Station);
        assert_eq!(kind(&mut devices, "PJSIP/reception"), DeviceKind::Station);
        assert_eq!(kind(&mut devices, "PJSIP/provider"), DeviceKind::Trunk);
        assert_eq!(kind(&mut devices, "PJSIP/1099"), DeviceKind::Trunk, "the list wins over the pattern");
        assert_eq!(devices.device(&Native::from("PJSIP/reception")).extension.as_deref(), Some("77"));
        assert_eq!(devices.of_member("PJSIP/desk", None).kind, DeviceKind::Station);
    }

    // covers: S29
    #[test]
    fn a_local_member_and_a_direct_member_of_one_phone_are_one_device() {
        let mut devices = devices();
        devices.learn_hint(Some("1001"), Some("PJSIP/1001&Custom:DND1001"));
        let phone = Native::from("PJSIP/1001");
        assert_eq!(devices.of_member("PJSIP/1001", None).native, phone);
        assert_eq!(devices.of_member("Local/1001@from-queue/n", Some("PJSIP/1001")).native, phone);
        assert_eq!(devices.of_member("Local/1001@from-queue/n", Some("hint:1001@ext-local")).native, phone);
        assert_eq!(devices.of_member("Local/1001@from-queue/n", None).native, phone);
        let local: Arc<str> = "Local/9@agents".into();
        assert_eq!(devices.of_member(&local, None).native, Native::from("Local/9@agents"));
        assert!(devices.learn_local(&local, &phone));
        assert_eq!(devices.of_member(&local, None).native, phone);
    }
}
