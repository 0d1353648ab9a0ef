//! Devices and connections (ECMA-285 `DeviceID`, `ConnectionID` and what is made of them), in every phase.

use rasn::Decoder as _;
use rasn::ber::de::Decoder;
use rasn::types::{Class, Constraints, Tag};

use super::Phase;
use super::fields::CONNECTION;
use super::wire::{Latin1, Read, Writer, application, context, octets, peek, skip, text, within};
use crate::model::{ConnectionId, ConnectionListItem, DeviceId, LocalDevice, NumberKind, Octets, Party};

/// `RedirectionDeviceID`: the only one that may say that there is none.
const REDIRECTION: u32 = 4;

/// A plain device; none when its plan is unknown to us. Phase III wraps it, the older ones do not.
pub(super) fn device(from: &mut Decoder<'_>, phase: Phase) -> Read<Option<DeviceId>> {
    match peek(from)? {
        Some(Tag::SEQUENCE) => within(from, Tag::SEQUENCE, |from| match peek(from)? {
            Some(tag) => number(from, tag),
            None => Ok(None),
        }),
        Some(tag) if phase != Phase::Three => number(from, tag),
        _ => Ok(None),
    }
}

/// The number in its plan.
fn number(from: &mut Decoder<'_>, tag: Tag) -> Read<Option<DeviceId>> {
    let number = if tag.class == Class::Context { tag.value } else { 7 };
    let kind = match number {
        0 => NumberKind::DialingNumber,
        1 => NumberKind::DeviceNumber,
        2 => NumberKind::ImplicitPublic,
        4 => NumberKind::ImplicitPrivate,
        6 => NumberKind::Other,
        3 | 5 => return typed_number(from, tag),
        _ => return skip(from).map(|()| None),
    };
    let text = match kind {
        NumberKind::DeviceNumber => from.decode_integer::<i128>(tag, &Constraints::NONE)?.to_string(),
        NumberKind::DialingNumber
        | NumberKind::ImplicitPublic
        | NumberKind::ExplicitPublic(_)
        | NumberKind::ImplicitPrivate
        | NumberKind::ExplicitPrivate(_)
        | NumberKind::Other => text(from, tag)?,
    };
    Ok(Some(DeviceId { kind, text }))
}

/// A number with its type: the plan's tag holds the type's tag.
fn typed_number(from: &mut Decoder<'_>, tag: Tag) -> Read<Option<DeviceId>> {
    within(from, tag, |from| {
        let Some(kind_tag) = peek(from)? else { return Ok(None) };
        let Ok(kind) = u8::try_from(kind_tag.value) else { return Ok(None) };
        let kind =
            if tag.value == 3 { NumberKind::ExplicitPublic(kind) } else { NumberKind::ExplicitPrivate(kind) };
        let Latin1(text) = octets(from, kind_tag)?;
        Ok(Some(DeviceId { kind, text }))
    })
}

/// A device with a part in the event. What we cannot read is left open.
pub(super) fn party(from: &mut Decoder<'_>, tag: Tag, phase: Phase) -> Read<Party> {
    within(from, tag, |from| {
        let found = match peek(from)? {
            Some(Tag::SEQUENCE) => device(from, phase)?,
            Some(found) if found.class == Class::Context && found.value < 7 => number(from, found)?,
            Some(found) => return Ok(absent(found, tag.value == REDIRECTION, phase)),
            None => None,
        };
        Ok(found.map_or(Party::NotSpecified, Party::Device))
    })
}

/// Why there is no device.
fn absent(tag: Tag, redirection: bool, phase: Phase) -> Party {
    match (tag.class, tag.value) {
        (Class::Context, 7) => Party::NotKnown,
        (Class::Context, 8) if phase == Phase::Three && !redirection => Party::Restricted,
        (Class::Context, 8) => Party::NotRequired,
        (Class::Context, 10) => Party::Restricted,
        _ => Party::NotSpecified,
    }
}

/// A connection whose outermost tag is `tag`.
pub(super) fn connection(from: &mut Decoder<'_>, tag: Tag, phase: Phase) -> Read<ConnectionId> {
    within(from, tag, |from| match peek(from)? {
        None => Ok(ConnectionId::default()),
        Some(CONNECTION) => connection(from, CONNECTION, phase),
        Some(Tag::SEQUENCE) => within(from, Tag::SEQUENCE, |from| parts(from, phase)),
        Some(_) => parts(from, phase),
    })
}

/// Call and device of a connection.
fn parts(from: &mut Decoder<'_>, phase: Phase) -> Read<ConnectionId> {
    let mut found = ConnectionId::default();
    while let Some(tag) = peek(from)? {
        match (phase, tag.class, tag.value) {
            (Phase::Three, Class::Context, 0) | (Phase::One | Phase::Two, Class::Context, 2) => {
                found.call = Some(octets(from, tag)?);
            }
            (Phase::Three, Class::Context, 1) => {
                found.device = within(from, tag, |from| local_device(from, phase))?;
            }
            (Phase::One | Phase::Two, Class::Context, 0 | 1 | 3) => {
                found.device = local_device(from, phase)?;
            }
            _ => skip(from)?,
        }
    }
    Ok(found)
}

fn local_device(from: &mut Decoder<'_>, phase: Phase) -> Read<Option<LocalDevice>> {
    if peek(from)? == Some(context(3)) {
        return octets::<Octets>(from, context(3)).map(|id| Some(LocalDevice::Dynamic(id)));
    }
    Ok(device(from, phase)?.map(LocalDevice::Static))
}

/// The parties of a transferred or conferenced call, in a list with this tag.
pub(super) fn connection_list(
    from: &mut Decoder<'_>,
    tag: Tag,
    phase: Phase,
) -> Read<Vec<ConnectionListItem>> {
    within(from, tag, |from| {
        let mut items = Vec::new();
        while let Some(tag) = peek(from)? {
            items.push(match tag {
                Tag::SEQUENCE => within(from, tag, |from| list_item(from, phase))?,
                // Phase I and II list connections only.
                CONNECTION => {
                    ConnectionListItem { new: Some(connection(from, tag, phase)?), ..Default::default() }
                }
                _ => {
                    skip(from)?;
                    continue;
                }
            });
        }
        Ok(items)
    })
}

fn list_item(from: &mut Decoder<'_>, phase: Phase) -> Read<ConnectionListItem> {
    let mut item = ConnectionListItem::default();
    while let Some(tag) = peek(from)? {
        match (tag.class, tag.value) {
            (Class::Context, 0) => item.new = Some(connection(from, tag, phase)?),
            (Class::Context, 1) => item.old = Some(connection(from, tag, phase)?),
            (Class::Context, 2) => item.endpoint = Some(within(from, tag, |from| endpoint(from, phase))?),
            (Class::Context, 3) => item.associated = Some(within(from, tag, |from| endpoint(from, phase))?),
            _ => skip(from)?,
        }
    }
    Ok(item)
}

/// The device of a listed connection: NULL says not known, `[1]` restricted. Snapshots use the tags of parties.
pub(super) fn endpoint(from: &mut Decoder<'_>, phase: Phase) -> Read<Party> {
    Ok(match peek(from)? {
        Some(Tag::SEQUENCE) => device(from, phase)?.map_or(Party::NotSpecified, Party::Device),
        Some(Tag::NULL) => Party::NotKnown,
        Some(tag) if tag == context(1) => Party::Restricted,
        Some(tag) => absent(tag, false, phase),
        None => Party::NotSpecified,
    })
}

impl Writer<'_> {
    /// A plain device.
    pub(super) fn device(&mut self, device: &DeviceId) {
        if self.phase == Phase::Three {
            return self.within(Tag::SEQUENCE, |w| w.number(device));
        }
        match device.kind {
            NumberKind::DialingNumber | NumberKind::DeviceNumber => self.number(device),
            NumberKind::ImplicitPublic
            | NumberKind::ExplicitPublic(_)
            | NumberKind::ImplicitPrivate
            | NumberKind::ExplicitPrivate(_)
            | NumberKind::Other => {
                self.fail("device", "a plain device has a dialing or a device number in this phase");
            }
        }
    }

    fn number(&mut self, device: &DeviceId) {
        let text = device.text.as_str();
        match device.kind {
            NumberKind::DialingNumber => self.text(context(0), "device", text),
            NumberKind::DeviceNumber => match text.parse() {
                Ok(number) => self.integer(context(1), number),
                Err(_) => self.fail("device", "a device number is an integer"),
            },
            NumberKind::ImplicitPublic => self.text(context(2), "device", text),
            NumberKind::ExplicitPublic(kind) => {
                self.within(context(3), |w| w.text(context(kind.into()), "device", text));
            }
            NumberKind::ImplicitPrivate => self.text(context(4), "device", text),
            NumberKind::ExplicitPrivate(kind) => {
                self.within(context(5), |w| w.text(context(kind.into()), "device", text));
            }
            NumberKind::Other => self.text(context(6), "device", text),
        }
    }

    /// A device with a part in the event; `tag` is its application tag.
    pub(super) fn party(&mut self, tag: u32, party: &Party) {
        let three = self.phase == Phase::Three;
        self.within(application(tag), |w| match party {
            Party::Device(device) if three => w.device(device),
            Party::Device(device) => w.number(device),
            Party::NotKnown => w.null(context(7)),
            Party::Restricted if three && tag == REDIRECTION => w.null(context(10)),
            Party::Restricted if three => w.null(context(8)),
            Party::NotRequired if !three || tag == REDIRECTION => w.null(context(8)),
            Party::NotSpecified if three && tag == REDIRECTION => w.null(context(9)),
            Party::Restricted | Party::NotRequired | Party::NotSpecified => {
                w.fail("device", "this device cannot be left out in this way");
            }
        });
    }

    /// A device with a part in the event, where there is one.
    pub(super) fn party_opt(&mut self, tag: u32, party: Option<&Party>) {
        if let Some(party) = party {
            self.party(tag, party);
        }
    }

    /// A connection.
    pub(super) fn connection(&mut self, connection: &ConnectionId) {
        self.connection_as(CONNECTION, connection);
    }

    /// A connection under a tag that stands instead of its own.
    pub(super) fn connection_as(&mut self, tag: Tag, connection: &ConnectionId) {
        if self.phase != Phase::Three {
            return self.within(tag, |w| {
                if let Some(call) = &connection.call {
                    w.octets(context(2), call.as_bytes());
                }
                if let Some(device) = &connection.device {
                    w.local_device(device);
                }
            });
        }
        self.within(tag, |w| match (&connection.call, &connection.device) {
            (Some(call), None) => w.octets(context(0), call.as_bytes()),
            (None, Some(device)) => w.within(context(1), |w| w.local_device(device)),
            (Some(call), Some(device)) => w.within(Tag::SEQUENCE, |w| {
                w.octets(context(0), call.as_bytes());
                w.within(context(1), |w| w.local_device(device));
            }),
            (None, None) => w.fail("connection", "needs a call or a device"),
        });
    }

    fn local_device(&mut self, device: &LocalDevice) {
        match device {
            LocalDevice::Static(device) => self.device(device),
            LocalDevice::Dynamic(id) => self.octets(context(3), id.as_bytes()),
        }
    }

    /// The parties of a transferred or conferenced call. Phase I and II name their new connections only.
    pub(super) fn connection_list(&mut self, tag: Tag, items: &[ConnectionListItem]) {
        let three = self.phase == Phase::Three;
        self.within(tag, |w| {
            for item in items {
                match &item.new {
                    _ if three => w.within(Tag::SEQUENCE, |w| w.list_item(item)),
                    Some(new) => w.connection(new),
                    None => w.fail("connections", "an item needs its new connection"),
                }
            }
        });
    }

    fn list_item(&mut self, item: &ConnectionListItem) {
        if let Some(new) = &item.new {
            self.within(context(0), |w| w.connection(new));
        }
        if let Some(old) = &item.old {
            self.within(context(1), |w| w.connection(old));
        }
        if let Some(endpoint) = &item.endpoint {
            self.within(context(2), |w| match endpoint {
                Party::Device(device) => w.device(device),
                Party::NotKnown => w.null(Tag::NULL),
                Party::Restricted => w.within(context(1), |w| w.null(Tag::NULL)),
                Party::NotRequired | Party::NotSpecified => {
                    w.fail("endpoint", "is a device, not known or restricted");
                }
            });
        }
        if let Some(associated) = &item.associated {
            self.within(context(3), |w| match associated {
                Party::Device(device) => w.device(device),
                Party::NotKnown => w.null(Tag::NULL),
                Party::Restricted | Party::NotRequired | Party::NotSpecified => {
                    w.fail("associatedNID", "is a device or not known");
                }
            });
        }
    }
}
