//! Monitor filters, and which system messages a registration asks for.

use super::{
    part::{Element, Flag, Part},
    tree::Node,
    write::Writer,
};
use crate::{
    error::{Malformed, Unencodable},
    model::{MonitorFilter, RequestTypes},
};

/// Events of each group by bit: the bit is the number of the event in ECMA-285. Edition 6 writes two of them
/// in the other order, and editions before it lack one of these two.
const CALL_CONTROL: &[&str] = &[
    "bridged",
    "callCleared",
    "conferenced",
    "connectionCleared",
    "delivered",
    "digitsDialed",
    "diverted",
    "established",
    "failed",
    "held",
    "networkCapabilitiesChanged",
    "networkReached",
    "offered",
    "originated",
    "queued",
    "retrieved",
    "serviceInitiated",
    "transferred",
];
const CALL_ASSOCIATED: &[&str] = &[
    "callInformation",
    "charging",
    "digitsGenerated",
    "telephonyTonesGenerated",
    "serviceCompletionFailure",
];
const MEDIA: &[&str] = &["mediaAttached", "mediaDetached"];
const PHYSICAL: &[&str] = &[
    "buttonInformation",
    "buttonPress",
    "displayUpdated",
    "hookswitch",
    "lampMode",
    "messageWaiting",
    "microphoneGain",
    "microphoneMute",
    "ringerStatus",
    "speakerMute",
    "speakerVolume",
];
const LOGICAL: &[&str] = &[
    "agentBusy",
    "agentLoggedOn",
    "agentLoggedOff",
    "agentNotReady",
    "agentReady",
    "agentWorkingAfterCall",
    "autoAnswer",
    "autoWorkMode",
    "callBack",
    "callBackMessage",
    "callerIDStatus",
    "doNotDisturb",
    "forwarding",
    "routeingMode",
    "presenceState",
];
const MAINTENANCE: &[&str] =
    &["backInService", "deviceCapabilityChanged", "outOfService", "partiallyInService"];
/// ECMA-285 does not number these for us: the order of the schema.
const VOICE: &[&str] = &[
    "bookmarkReached",
    "completed",
    "dtmfDetected",
    "emptied",
    "interruptionDetected",
    "notRecognized",
    "play",
    "recognized",
    "record",
    "review",
    "started",
    "silenceTimeoutExpired",
    "speechDetected",
    "stop",
    "suspendPlay",
    "suspendRecord",
    "voiceAttributesChanged",
    "voiceErrorOccurred",
];
const PRIVATE: &[&str] = &["private"];

/// A monitor filter. Every event of a group that is there is written, so that no default of a peer decides;
/// bits without an event are not.
pub(super) struct Filter;

impl Element for Filter {
    type Value = MonitorFilter;

    fn get(node: Node<'_>) -> Option<MonitorFilter> {
        let group = |name, events| node.child(name).map(|group| bits(group, events));
        Some(MonitorFilter {
            call_control: group("callcontrol", CALL_CONTROL),
            call_associated: group("callAssociated", CALL_ASSOCIATED),
            media: group("mediaAttachment", MEDIA),
            physical: group("physicalDeviceFeature", PHYSICAL),
            logical: group("logicalDeviceFeature", LOGICAL),
            maintenance: group("maintenance", MAINTENANCE),
            voice: group("voice", VOICE),
            private: group("private", PRIVATE),
        })
    }

    fn put(value: &MonitorFilter, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        out.open(name);
        put_group(value.call_control, out, "callcontrol", CALL_CONTROL);
        put_group(value.call_associated, out, "callAssociated", CALL_ASSOCIATED);
        put_group(value.media, out, "mediaAttachment", MEDIA);
        put_group(value.physical, out, "physicalDeviceFeature", PHYSICAL);
        put_group(value.logical, out, "logicalDeviceFeature", LOGICAL);
        put_group(value.maintenance, out, "maintenance", MAINTENANCE);
        put_group(value.voice, out, "voice", VOICE);
        put_group(value.private, out, "private", PRIVATE);
        out.close(name);
        Ok(())
    }
}

fn bits(group: Node<'_>, events: &[&str]) -> u32 {
    group
        .children()
        .filter(|event| Flag::get(*event) == Some(true))
        .filter_map(|event| events.iter().zip(0_u32..).find(|(name, _)| event.is(name)))
        .fold(0, |bits, (_, bit)| bits | 1 << bit)
}

fn put_group(bits: Option<u32>, out: &mut Writer<'_>, name: &str, events: &[&'static str]) {
    let Some(bits) = bits else { return };
    let mut numbered: Vec<(&str, u32)> = events.iter().copied().zip(0..).collect();
    if name == "logicalDeviceFeature" {
        let presence = numbered.pop();
        if out.style.is_edition_6()
            && let Some(presence) = presence
        {
            numbered.insert(numbered.len().saturating_sub(1), presence);
        }
    }
    out.open(name);
    for (event, bit) in numbered {
        out.token(event, bits >> bit & 1 == 1);
    }
    out.close(name);
}

/// Which system messages a registration asks for; Avaya wants to know the switch as well.
pub(super) struct Types;

impl Part for Types {
    type Value = RequestTypes;

    fn read(message: Node<'_>, name: &'static str) -> Result<RequestTypes, Malformed> {
        let types = message.child(name).ok_or_else(|| message.malformed(format!("{name} is missing")))?;
        let asked = |word| types.child(word).and_then(Flag::get) == Some(true);
        Ok(RequestTypes {
            system_status: asked("systemStatus"),
            request_system_status: asked("requestSystemStatus"),
            capabilities_changed: asked("switchingFunctionCapsChanged"),
            devices_changed: asked("switchingFunctionDevicesChanged"),
        })
    }

    fn write(value: &RequestTypes, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        out.open(name);
        out.token("systemStatus", value.system_status);
        out.token("requestSystemStatus", value.request_system_status);
        out.token("switchingFunctionCapsChanged", value.capabilities_changed);
        out.token("switchingFunctionDevicesChanged", value.devices_changed);
        out.close(name);
        super::private::register_with_switch(out);
        Ok(())
    }
}
