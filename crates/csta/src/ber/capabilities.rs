//! Lists of supported services: what a switch has, and what one of its devices has.
//!
//! A service is supported when its element is there; the bits inside tell its parameters and are not ours. The layout
//! of Get CSTA Features is not known: its answer says that it came.

use rasn::types::{Class, Tag};

use super::fields::Fields;
use super::wire::{Read, Writer, context, peek, reader, skip, within};

/// A group of services.
struct Group {
    /// Its tag in the list of the switch.
    switch: u32,
    /// Its tag in the list of a device, where that has it.
    device: Option<u32>,
    /// Tags and names of its services, in the order in which they are written.
    services: &'static [(u32, &'static str)],
}

#[rustfmt::skip]
const GROUPS: [Group; 8] = [
    Group { switch: 0, device: None, services: &[
        (5, "getCSTAFeatures"), (0, "getLogicalDeviceInformation"), (1, "getPhysicalDeviceInformation"),
        (4, "getSwitchingFunctionCaps"), (2, "getSwitchingFunctionDevices"), (3, "switchingFunctionDevices"),
    ] },
    Group { switch: 1, device: None, services: &[
        (0, "changeSystemStatusFilter"), (1, "systemRegister"), (2, "systemStatusRegisterAbort"),
        (3, "systemStatusRegisterCancel"), (4, "requestSystemStatus"), (5, "systemStatus"),
        (6, "swFunctionCapsChanged"), (7, "swFunctionDevicesChanged"),
    ] },
    Group { switch: 2, device: None, services: &[
        (0, "changeMonitorFilter"), (1, "monitorStart"), (2, "monitorStop"),
    ] },
    Group { switch: 3, device: None, services: &[
        (0, "snapshotCall"), (1, "snapshotDevice"), (2, "snapshotCallData"), (3, "snapshotDeviceData"),
    ] },
    Group { switch: 4, device: Some(0), services: &[
        (0, "acceptCall"), (1, "alternateCall"), (2, "answerCall"), (3, "callBack"), (4, "callBackMessage"),
        (5, "campOnCall"), (6, "clearCall"), (7, "clearConnection"), (8, "conferenceCall"),
        (9, "consultationCall"), (10, "deflectCall"), (11, "dialDigits"), (12, "directedPickupCall"),
        (13, "groupPickupCall"), (14, "holdCall"), (15, "intrudeCall"), (16, "joinCall"), (17, "makeCall"),
        (25, "makeConnection"), (18, "makePredictiveCall"), (19, "parkCall"), (20, "reconnectCall"),
        (21, "retrieveCall"), (26, "sendMessage"), (22, "singleStepConference"), (23, "singleStepTransfer"),
        (24, "transferCall"),
    ] },
    Group { switch: 6, device: Some(1), services: &[
        (0, "associateData"), (1, "cancelTelephonyTones"), (5, "changeConnectionInformation"),
        (2, "generateDigits"), (3, "generateTelephonyTones"), (4, "sendUserInformation"),
    ] },
    Group { switch: 10, device: None, services: &[
        (0, "routeRegister"), (1, "routeRegisterCancel"), (2, "routeRegisterAbort"), (3, "reRoute"),
        (4, "routeEnd"), (5, "routeReject"), (6, "routeRequest"), (7, "routeSelect"), (8, "routeUsed"),
    ] },
    Group { switch: 13, device: Some(2), services: &[
        (0, "callBackNonCallRel"), (1, "callBackMsgNonCallRel"), (2, "cancelCallBack"), (3, "cancelCallBackMsg"),
        (4, "getAgentState"), (5, "getAutoAnswer"), (6, "getAutoWorkMode"), (7, "getCallerIDStatus"),
        (19, "getCallBack"), (8, "getDoNotDisturb"), (9, "getForwarding"), (10, "getLastNumberDialed"),
        (20, "getPresenceState"), (11, "getRouteingMode"), (12, "setAgentState"), (13, "setAutoAnswer"),
        (14, "setAutoWorkMode"), (15, "setCallerIDStatus"), (16, "setDoNotDisturb"), (17, "setForwarding"),
        (21, "setPresenceState"), (18, "setRouteingMode"),
    ] },
];

/// Tags of the lists in the answers: services and events of the switch, services of a device.
const SWITCH_LIST: Tag = context(22);
const DEVICE_LIST: Tag = context(27);

/// Names of the supported services, out of the answer about the switch or about a device.
pub(super) fn read(f: &mut Fields, about_device: bool) -> Read<Vec<String>> {
    let list = if about_device { DEVICE_LIST } else { SWITCH_LIST };
    let Some(value) = f.raw(list) else { return Ok(Vec::new()) };
    within(&mut reader(value.as_bytes()), list, |from| {
        let mut names = Vec::new();
        while let Some(tag) = peek(from)? {
            let number = |group: &Group| if about_device { group.device } else { Some(group.switch) };
            let group =
                GROUPS.iter().find(|group| tag.class == Class::Context && number(group) == Some(tag.value));
            let Some(group) = group else {
                skip(from)?;
                continue;
            };
            within(from, tag, |from| {
                while let Some(tag) = peek(from)? {
                    let known = group.services.iter().find(|(number, _)| context(*number) == tag);
                    names.extend(known.map(|(_, name)| (*name).to_owned()));
                    skip(from)?;
                }
                Ok(())
            })?;
        }
        Ok(names)
    })
}

impl Writer<'_> {
    /// The answer about the switch or about a device. What else it has to tell is told as little as the module lets.
    pub(super) fn capabilities(&mut self, service: &str, services: &[String]) {
        let about_device = match service {
            "GetLogicalDeviceInformation" => true,
            "GetSwitchingFunctionCaps" => false,
            _ => return self.no_service(),
        };
        let number = |group: &Group| if about_device { group.device } else { Some(group.switch) };
        let placed = |name: &String| {
            GROUPS
                .iter()
                .any(|group| number(group).is_some() && group.services.iter().any(|(_, known)| known == name))
        };
        if !services.iter().all(placed) {
            self.fail("services", "have a name that has no place there");
        }
        if about_device {
            self.about_device();
        } else {
            self.about_switch();
        }
        self.within(if about_device { DEVICE_LIST } else { SWITCH_LIST }, |w| {
            for group in &GROUPS {
                let supported = |name: &str| services.iter().any(|service| service == name);
                let Some(tag) =
                    number(group).filter(|_| group.services.iter().any(|(_, name)| supported(name)))
                else {
                    continue;
                };
                w.within(context(tag), |w| {
                    for (tag, _) in group.services.iter().filter(|(_, name)| supported(name)) {
                        w.bits(context(*tag), 0);
                    }
                });
            }
        });
    }

    /// A device with a physical element, no agents of its own, one appearance that has no address.
    fn about_device(&mut self) {
        self.boolean(Tag::BOOL, true);
        self.bits(Tag::BIT_STRING, 0);
        self.boolean(Tag::BOOL, false);
        self.integer(Tag::ENUMERATED, 0);
    }

    /// Two names, five maps without a bit, how unknown parameters are taken, the view of connections, and the lengths
    /// of twelve parameters.
    fn about_switch(&mut self) {
        self.text(Tag::IA5_STRING, "switchingSubDomainName", "");
        self.text(Tag::IA5_STRING, "manufacturerName", "");
        for _map in 0..5 {
            self.bits(Tag::BIT_STRING, 0);
        }
        self.integer(Tag::ENUMERATED, 0);
        self.integer(Tag::ENUMERATED, 0);
        self.within(Tag::SEQUENCE, |w| {
            for length in [32, 32, 32, 32, 8, 32, 256, 128, 256, 64, 64, 64] {
                w.integer(Tag::INTEGER, length);
            }
        });
    }
}
