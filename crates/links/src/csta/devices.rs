//! Which device is meant, and what it is: by configuration, the switch's list, its monitor, or its number.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use csta::model::{ConnectionId, DeviceCategory, DeviceId, ListedDevice, LocalDevice, Party, decoration};
use cti_core::ids::Native;
use cti_core::input::{DeviceKind, DeviceRef, PartyInfo};
use cti_core::number::{NumberKind, NumberPlan};

use crate::config::CstaConfig;

/// The device of outside parties whose line the switch does not name.
const OUTSIDE: &str = "trunk";
/// Shorter numbers that no plan knows are taken for numbers of the house.
const HOUSE_DIGITS_MAX: usize = 6;
/// Devices that are remembered as the switch writes them, and the longest id of one.
const RAW_MAX: usize = 100_000;
const ID_MAX: usize = 256;

/// All that is known of devices.
#[derive(Debug)]
pub(super) struct Devices {
    plan: NumberPlan,
    composed_ids: bool,
    configured: BTreeMap<Native, DeviceKind>,
    listed: BTreeMap<Native, DeviceKind>,
    /// As the switch writes them, for requests.
    raw: BTreeMap<Native, DeviceId>,
    monitored: BTreeSet<Native>,
}

impl Devices {
    pub(super) fn new(config: &CstaConfig) -> Self {
        let mut devices = Self {
            plan: config.plan.clone(),
            composed_ids: config.habits.composed_ids,
            configured: BTreeMap::new(),
            listed: BTreeMap::new(),
            raw: BTreeMap::new(),
            monitored: BTreeSet::new(),
        };
        for (text, kind) in &config.devices {
            let native = devices.native_of(text);
            devices.configured.insert(native, *kind);
        }
        devices
    }

    fn native_of(&self, text: &str) -> Native {
        let number = decoration(text).identity;
        if !self.composed_ids {
            return Native::from(number);
        }
        let first = number.split_once(':').map_or(number, |(first, _)| first);
        Native::from(first.to_lowercase().as_str())
    }

    /// The one id of a device, whatever decoration and number plan it comes with.
    pub(super) fn native(&self, id: &DeviceId) -> Native {
        self.native_of(&id.text)
    }

    /// The device part of a connection as a text to compare.
    pub(super) fn wire(&self, raw: &ConnectionId) -> Option<Arc<str>> {
        Some(match raw.device.as_ref()? {
            LocalDevice::Static(id) => self.native(id).as_str().into(),
            LocalDevice::Dynamic(octets) => octets.to_string().into(),
        })
    }

    fn kind_of(&self, native: &Native) -> Option<DeviceKind> {
        let station = self.monitored.contains(native).then_some(DeviceKind::Station);
        self.configured.get(native).or_else(|| self.listed.get(native)).copied().or(station)
    }

    /// True when the switch, the configuration or a monitor told of the device, not only an event.
    pub(super) fn is_known(&self, native: &Native) -> bool {
        self.kind_of(native).is_some() || self.plan.is_extension(native.as_str())
    }

    fn guess(&self, text: &str) -> DeviceKind {
        if self.plan.is_extension(text) {
            return DeviceKind::Station;
        }
        match self.plan.incoming(text).kind {
            NumberKind::Internal | NumberKind::Feature => DeviceKind::Station,
            NumberKind::External | NumberKind::Emergency | NumberKind::Short => DeviceKind::Trunk,
            NumberKind::Unknown => {
                let digits = text.bytes().filter(u8::is_ascii_digit).count();
                if digits > HOUSE_DIGITS_MAX { DeviceKind::Trunk } else { DeviceKind::Station }
            }
        }
    }

    /// The device of an id. An outside number is no device: its party is behind a line.
    pub(super) fn device(&self, id: &DeviceId) -> DeviceRef {
        self.device_of(self.native(id))
    }

    pub(super) fn device_of(&self, native: Native) -> DeviceRef {
        if native.as_str() == OUTSIDE {
            return outside();
        }
        let known = self.kind_of(&native);
        let kind = known.unwrap_or_else(|| self.guess(native.as_str()));
        match (kind, known) {
            (DeviceKind::Trunk, None) => outside(),
            (DeviceKind::Trunk, Some(_)) => DeviceRef { native, kind, extension: None },
            _ => {
                let text = native.as_str();
                let extension = text.split_once('!').map_or(text, |(number, _)| number).into();
                DeviceRef { native, kind, extension: Some(extension) }
            }
        }
    }

    /// The line behind which an outside party is: the network interface device where the event names it.
    pub(super) fn line(&self, associated: Option<&Party>, raw: &ConnectionId) -> DeviceRef {
        let trunk = |native: Native| DeviceRef { native, kind: DeviceKind::Trunk, extension: None };
        if let Some(id) = associated.and_then(Party::device) {
            return trunk(self.native(id));
        }
        if let Some(LocalDevice::Static(id)) = &raw.device {
            let native = self.native(id);
            if self.kind_of(&native) == Some(DeviceKind::Trunk) {
                return trunk(native);
            }
        }
        outside()
    }

    /// Number and name of a party.
    pub(super) fn party(&self, party: &Party) -> PartyInfo {
        match party {
            Party::Device(id) => {
                let named = decoration(&id.text);
                let native = self.native(id);
                // A line is no number to call back.
                let is_line = self.kind_of(&native) == Some(DeviceKind::Trunk);
                PartyInfo {
                    number: (!is_line).then(|| native.as_str().into()),
                    name: named.name.map(Into::into),
                    withheld: false,
                }
            }
            Party::Restricted => PartyInfo { withheld: true, ..PartyInfo::default() },
            Party::NotKnown | Party::NotRequired | Party::NotSpecified => PartyInfo::default(),
        }
    }

    /// Digits that were dialled.
    pub(super) fn dialled(&self, party: &Party) -> Option<Arc<str>> {
        self.party(party).number.filter(|digits| !digits.is_empty())
    }

    /// Remembers how the switch writes a device; `is_handle` for the id that its monitor has.
    pub(super) fn learn(&mut self, id: &DeviceId, is_handle: bool) {
        if id.text.len() > ID_MAX {
            return;
        }
        let native = self.native(id);
        if is_handle {
            self.raw.insert(native, id.clone());
        } else if self.raw.len() < RAW_MAX {
            self.raw.entry(native).or_insert_with(|| id.clone());
        }
    }

    pub(super) fn set_monitored(&mut self, id: &DeviceId, is_monitored: bool) {
        let native = self.native(id);
        if is_monitored {
            if self.monitored.insert(native) {
                self.learn(id, true);
            }
        } else {
            self.monitored.remove(&native);
        }
    }

    pub(super) fn is_monitored(&self, native: &Native) -> bool {
        self.monitored.contains(native)
    }

    /// The link is gone, and all monitors with it.
    pub(super) fn forget_monitors(&mut self) {
        self.monitored.clear();
    }

    /// Takes the device list of the switch.
    pub(super) fn list(&mut self, devices: &[ListedDevice]) {
        self.listed.clear();
        for one in devices {
            let Some(id) = &one.device else { continue };
            self.learn(id, false);
            let kind = match one.category {
                DeviceCategory::Station => DeviceKind::Station,
                DeviceCategory::NetworkInterface => DeviceKind::Trunk,
                DeviceCategory::Acd => DeviceKind::AcdGroup,
                DeviceCategory::RouteingDevice => DeviceKind::RoutePoint,
                DeviceCategory::Park => DeviceKind::Parking,
                DeviceCategory::VoiceUnit => DeviceKind::VoiceUnit,
                // Its number says more.
                DeviceCategory::Other => continue,
            };
            self.listed.insert(self.native(id), kind);
        }
    }

    /// A device that an event shows to be a queue.
    pub(super) fn learn_kind(&mut self, native: &Native, kind: DeviceKind) {
        let fits = native.as_str().len() <= ID_MAX && self.listed.len() < RAW_MAX;
        if !self.configured.contains_key(native) && fits {
            self.listed.insert(native.clone(), kind);
        }
    }

    /// A device for a request, as the switch writes it.
    pub(super) fn raw(&self, native: &Native) -> DeviceId {
        self.raw.get(native).cloned().unwrap_or_else(|| DeviceId::dialing(native.as_str()))
    }

    /// Every device that is not only known from an event.
    pub(super) fn all(&self) -> BTreeSet<Native> {
        let known = self.configured.keys().chain(self.listed.keys()).chain(&self.monitored);
        known.cloned().collect()
    }
}

fn outside() -> DeviceRef {
    DeviceRef { native: Native::from(OUTSIDE), kind: DeviceKind::Trunk, extension: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn devices(composed_ids: bool) -> Devices {
        let mut config = CstaConfig::new("lab");
        config.habits.composed_ids = composed_ids;
        config.devices.insert("600".into(), DeviceKind::AcdGroup);
        Devices::new(&config)
    }

    // Quirk 11: OXE writes its own extensions as implicitPrivate in events, requests use dialingNumber.
    #[test]
    fn quirk_11_the_plan_of_a_number_makes_no_other_device() {
        let private = DeviceId { kind: csta::model::NumberKind::ImplicitPrivate, text: "1001".into() };
        let devices = devices(false);
        assert_eq!(devices.native(&private), devices.native(&DeviceId::dialing("1001")));
    }

    #[test]
    fn avaya_ids_are_compared_without_case_and_by_their_extension() {
        let (avaya, other) = (devices(true), devices(false));
        let (long, short) = (DeviceId::dialing("1001:CM1::0"), DeviceId::dialing("1001"));
        assert_eq!(avaya.native(&long), avaya.native(&short));
        assert_eq!(avaya.native(&DeviceId::dialing("A1:x::0")), avaya.native(&DeviceId::dialing("a1:X::0")));
        assert_ne!(other.native(&long), other.native(&short));
    }

    #[test]
    fn a_switch_cannot_fill_the_memory_with_names() {
        let mut devices = devices(false);
        let long = DeviceId::dialing("9".repeat(60_000));
        devices.learn(&long, false);
        devices.learn(&long, true);
        devices.learn_kind(&devices.native(&long), DeviceKind::AcdGroup);
        assert!(devices.raw.is_empty() && devices.listed.is_empty());
        devices.learn(&DeviceId::dialing("N<1001>"), false);
        assert_eq!(devices.raw(&Native::from("1001")), DeviceId::dialing("N<1001>"));
    }

    #[test]
    fn an_outside_number_is_a_party_behind_a_line() {
        let devices = devices(false);
        let outside = devices.device(&DeviceId::dialing("N<+420602000111>;noa=nk"));
        assert_eq!((outside.kind, outside.native.as_str()), (DeviceKind::Trunk, "trunk"));
        assert_eq!(devices.device(&DeviceId::dialing("600")).kind, DeviceKind::AcdGroup);
        let phone = devices.device(&DeviceId::dialing("N<123!98>"));
        assert_eq!((phone.native.as_str(), phone.extension.as_deref()), ("123!98", Some("123")));
    }
}
