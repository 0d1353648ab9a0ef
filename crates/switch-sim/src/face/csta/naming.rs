//! What devices, calls and connections are called on the wire: every switch has a way of its own.

use csta::dialect::Dialect;
use csta::model::{CallId, ConnectionId, DeviceId, LocalDevice, NumberKind, Octets, Party};

use crate::Exchange;
use crate::exchange::At;
use crate::exchange::happening::{Call, CallKey, Connection, Device};
use crate::plan::digits;

/// Name of the switch in Avaya's device ids.
const SWITCH: &str = "SIM";

/// Where a device is named, for switches that do not always name it alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The device that an event is about.
    Subject,
    /// Who called.
    Calling,
    /// What was called, or where a call goes.
    Called,
}

/// Whose way of naming it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Plain numbers, call ids in decimal digits.
    Plain,
    /// Avaya: `1001:SIM::0`, small call ids; the call that was held keeps its id when two are joined (assumed).
    Avaya,
    /// `OpenScape`: decorated numbers; every device has an id of its own for a call, `FF…`, until calls are joined and
    /// all have one, `03…`.
    OpenScape,
    /// Office 400: `N<1001!98>`.
    Office400,
    /// Alcatel OXE: devices dynamic in connections, implicit private numbers elsewhere.
    Oxe,
    /// ASN.1 as it stands: octets.
    Octets,
}

/// The names of one face.
#[derive(Debug, Clone, Copy)]
pub(super) struct Naming {
    manner: Manner,
    /// The device that a call is named for, where each has a name of its own; zero for the connection's own.
    leg: u32,
}

impl Naming {
    pub(super) fn of(dialect: &Dialect) -> Self {
        let manner = match (dialect.name, dialect.encoding) {
            ("avaya-dmcc", _) => Manner::Avaya,
            ("openscape", _) => Manner::OpenScape,
            ("mitel-office400", _) => Manner::Office400,
            ("alcatel-oxe", _) => Manner::Oxe,
            (_, csta::dialect::Encoding::Ber { .. }) => Manner::Octets,
            (_, csta::dialect::Encoding::Xml { .. }) => Manner::Plain,
        };
        Self { manner, leg: 0 }
    }

    /// As this device hears it.
    pub(super) fn seen_by(self, number: &str) -> Self {
        Self { leg: if self.is_openscape() { number.parse().unwrap_or(0) } else { 0 }, ..self }
    }

    /// Quirk 7: what this switch adds to every event.
    pub(super) const fn is_openscape(self) -> bool {
        matches!(self.manner, Manner::OpenScape)
    }

    pub(super) const fn is_oxe(self) -> bool {
        matches!(self.manner, Manner::Oxe)
    }

    pub(super) const fn is_avaya(self) -> bool {
        matches!(self.manner, Manner::Avaya)
    }

    pub(super) fn call(self, key: CallKey) -> CallId {
        match self.manner {
            Manner::Plain | Manner::Office400 => Octets::from(format!("{}", 1_000 + key.no).as_str()),
            Manner::Avaya => Octets::from(key.root.to_string().as_str()),
            Manner::OpenScape => {
                let (start, leg) = if key.no == key.root { ("FF000100", self.leg) } else { ("03000100", 0) };
                Octets::from(format!("{start}{leg:08X}{:08X}{:08X}", key.root, key.no).as_str())
            }
            Manner::Oxe => {
                let [_, _, high, low] = key.no.to_be_bytes();
                Octets::from(vec![high, low])
            }
            Manner::Octets => Octets::from(key.no.to_be_bytes().to_vec()),
        }
    }

    /// The device in a connection id.
    pub(super) fn local(self, device: &Device) -> LocalDevice {
        match (self.manner, device) {
            (Manner::Oxe, _) => LocalDevice::Dynamic(oxe_device(device)),
            (Manner::Octets, Device::Line { line, .. }) => {
                LocalDevice::Dynamic(Octets::from(line.to_be_bytes().to_vec()))
            }
            (_, Device::Line { line, .. }) => LocalDevice::Dynamic(Octets::from(format!("T{line}").as_str())),
            (Manner::Avaya, _) => LocalDevice::Static(avaya_device(device.number())),
            _ => LocalDevice::Static(DeviceId::dialing(device.number())),
        }
    }

    pub(super) fn connection(self, key: CallKey, device: &Device) -> ConnectionId {
        let own = if self.leg == 0 && !matches!(device, Device::Line { .. }) {
            self.seen_by(device.number())
        } else {
            self
        };
        ConnectionId { call: Some(own.call(key)), device: Some(self.local(device)) }
    }

    /// A device of the switch, or who is outside.
    pub(super) fn party(self, device: &Device, place: Place) -> Party {
        match device {
            Device::Line { number, .. } if number.is_empty() => Party::NotKnown,
            Device::Line { number, .. } => Party::Device(self.outside(number)),
            Device::Phone(number)
            | Device::Group(number)
            | Device::Park(number)
            | Device::Route(number)
            | Device::Voice(number) => Party::Device(self.device(number, place)),
        }
    }

    /// What was dialled.
    pub(super) fn called(self, exchange: &Exchange, number: &str) -> Party {
        if number.is_empty() {
            Party::NotKnown
        } else if is_own(exchange, number) {
            Party::Device(self.device(number, Place::Called))
        } else {
            Party::Device(self.outside(number))
        }
    }

    /// A device id of the switch's own.
    pub(super) fn device(self, number: &str, place: Place) -> DeviceId {
        let text = match (self.manner, place) {
            (Manner::Avaya, _) => return avaya_device(number),
            // Quirk 11: own extensions come as implicit private numbers.
            (Manner::Oxe, _) => {
                return DeviceId { kind: NumberKind::ImplicitPrivate, text: number.to_owned() };
            }
            // Quirks 4 and 5: OpenScape decorates in most places, and not where it names the caller.
            (Manner::OpenScape, Place::Calling) | (Manner::Plain | Manner::Octets, _) => number.to_owned(),
            (Manner::OpenScape, Place::Subject) => format!("N<{number}>;noa=nk"),
            (Manner::OpenScape, Place::Called) => format!("N<{number}>;displayNumber={number};noa=nk"),
            (Manner::Office400, _) => format!("N<{number}!98>"),
        };
        DeviceId::dialing(text)
    }

    fn outside(self, number: &str) -> DeviceId {
        match self.manner {
            Manner::OpenScape => DeviceId::dialing(format!("N<{number}>Line;displayNumber={number}")),
            Manner::Oxe => DeviceId { kind: NumberKind::ImplicitPublic, text: number.to_owned() },
            Manner::Avaya => DeviceId { kind: NumberKind::Other, text: format!("{number}:{SWITCH}::1") },
            Manner::Plain | Manner::Office400 | Manner::Octets => DeviceId::dialing(number),
        }
    }

    /// The id that `GetThirdPartyDeviceId` gives.
    pub(super) fn third_party(extension: &str, switch: &str) -> DeviceId {
        let switch = if switch.is_empty() { SWITCH } else { switch };
        DeviceId { kind: NumberKind::Other, text: format!("{extension}:{switch}::0") }
    }

    /// The connection that a request names; none when there is none of that name.
    pub(super) fn find(self, exchange: &Exchange, id: &ConnectionId) -> Option<At> {
        let call = self.find_call(exchange, id.call.as_ref()?)?;
        let device = id.device.as_ref()?;
        let is_it = |one: &&Connection| is_same(&self.local(&one.device), device);
        let found = call.connections.iter().find(is_it)?;
        Some(At { call: call.key.no, device: found.device.clone() })
    }

    pub(super) fn find_call<'e>(self, exchange: &'e Exchange, id: &CallId) -> Option<&'e Call> {
        let named = self.named(id);
        exchange.known_calls().find(|call| named.call(call.key) == *id)
    }

    /// For the device that this call id is of.
    pub(super) fn named(self, id: &CallId) -> Self {
        let text = id.to_string();
        let leg = text.get(8..16).and_then(|leg| u32::from_str_radix(leg, 16).ok());
        Self { leg: leg.filter(|_| self.is_openscape()).unwrap_or(0), ..self }
    }
}

/// Devices are compared without regard to case and decoration.
fn is_same(own: &LocalDevice, named: &LocalDevice) -> bool {
    match (own, named) {
        (LocalDevice::Static(own), LocalDevice::Static(named)) => {
            number_of(&own.text).eq_ignore_ascii_case(&number_of(&named.text))
        }
        (own, named) => own == named,
    }
}

/// True for numbers that lead to something of the switch's own.
fn is_own(exchange: &Exchange, number: &str) -> bool {
    let plan = exchange.plan();
    plan.phone(number).is_some()
        || plan.queues.iter().any(|queue| queue.extension == number)
        || plan.route_points.iter().any(|point| point.extension == number)
}

/// The number in a device id as any of the switches writes it: `1001`, `N<1001!98>;noa=nk`, `1001:SIM::0`.
pub(super) fn number_of(text: &str) -> String {
    let inner = text.strip_prefix("N<").and_then(|rest| rest.split('>').next()).unwrap_or(text);
    let inner = inner.split(['!', ':', ';']).next().unwrap_or(inner);
    digits(inner)
}

fn avaya_device(number: &str) -> DeviceId {
    DeviceId { kind: NumberKind::Other, text: format!("{number}:{SWITCH}::0") }
}

/// Four octets that end in zero, as seen: `10 96 01 00`.
fn oxe_device(device: &Device) -> Octets {
    let (kind, number) = match device {
        Device::Phone(text) => (0x10, text.parse().unwrap_or(0)),
        Device::Line { line, .. } => (0x20, *line),
        Device::Group(text) | Device::Park(text) | Device::Route(text) | Device::Voice(text) => {
            (0x30, text.parse().unwrap_or(0))
        }
    };
    let [_, _, high, low] = number.to_be_bytes();
    Octets::from(vec![kind, high, low, 0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_in_every_decoration() {
        for text in
            ["1001", "N<1001>;noa=nk", "N<1001!98>", "1001:sim::0", "N<1001>Line1;displayNumber=00001"]
        {
            assert_eq!(number_of(text), "1001", "{text}");
        }
    }
}
