//! Identifiers: devices, connections, parties, linkage.

use super::{
    part::{Element, Lax, Opaque, Opt, Part},
    tree::Node,
    write::Writer,
};
use crate::{
    error::Unencodable,
    model::{
        CallLinkage, ConnectionId, ConnectionListItem, DeviceId, LocalDevice, NumberKind, Octets, Party,
    },
};

/// Words of `typeOfNumber`. `dynamic` is not here: only connections have it, and it is no plan.
const KINDS: [(NumberKind, &str); 18] = [
    (NumberKind::DialingNumber, "dialingNumber"),
    (NumberKind::DeviceNumber, "deviceNumber"),
    (NumberKind::ImplicitPublic, "implicitPublic"),
    (NumberKind::ExplicitPublic(0), "explicitPublic:unknown"),
    (NumberKind::ExplicitPublic(1), "explicitPublic:international"),
    (NumberKind::ExplicitPublic(2), "explicitPublic:national"),
    (NumberKind::ExplicitPublic(3), "explicitPublic:networkspecific"),
    (NumberKind::ExplicitPublic(4), "explicitPublic:subscriber"),
    (NumberKind::ExplicitPublic(5), "explicitPublic:abbreviated"),
    (NumberKind::ImplicitPrivate, "implicitPrivate"),
    (NumberKind::ExplicitPrivate(0), "explicitPrivate:unknown"),
    (NumberKind::ExplicitPrivate(1), "explicitPrivate:level3RegionalNumber"),
    (NumberKind::ExplicitPrivate(2), "explicitPrivate:level2RegionalNumber"),
    (NumberKind::ExplicitPrivate(3), "explicitPrivate:level1RegionalNumber"),
    (NumberKind::ExplicitPrivate(4), "explicitPrivate:pTNSpecificNumber"),
    (NumberKind::ExplicitPrivate(5), "explicitPrivate:localNumber"),
    (NumberKind::ExplicitPrivate(6), "explicitPrivate:abbreviated"),
    (NumberKind::Other, "other"),
];

/// Attribute that names the plan.
const KIND: &str = "typeOfNumber";

/// A device id with the plan it is in.
pub(super) struct Device;

impl Element for Device {
    type Value = DeviceId;

    fn get(node: Node<'_>) -> Option<DeviceId> {
        Some(DeviceId { kind: kind(node), text: node.text().to_owned() })
    }

    fn put(value: &DeviceId, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        if value.kind == NumberKind::DialingNumber {
            return out.leaf(name, &value.text);
        }
        let Some((_, word)) = KINDS.iter().find(|(known, _)| *known == value.kind) else {
            return Err(out.value(name, format!("there is no word for {:?}", value.kind)));
        };
        // Avaya's own ids carry both attributes: seen in the requests of two DMCC clients.
        let media = if out.style.avaya.is_some() && value.kind == NumberKind::Other {
            " mediaClass=\"notKnown\""
        } else {
            ""
        };
        out.leaf_with(name, &format!(" {KIND}=\"{word}\"{media}"), &value.text)
    }
}

/// Plan of a number; a word of a newer edition is as good as none.
fn kind(node: Node<'_>) -> NumberKind {
    node.attribute(KIND)
        .and_then(|word| KINDS.iter().find(|(_, known)| *known == word))
        .map_or(NumberKind::DialingNumber, |(kind, _)| *kind)
}

/// The new destination of a deflected call: edition 6 wraps each destination into an element of its own.
pub(super) struct Destination;

impl Element for Destination {
    type Value = DeviceId;

    fn get(node: Node<'_>) -> Option<DeviceId> {
        Device::get(node.child("device").unwrap_or(node))
    }

    fn put(value: &DeviceId, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        if !out.style.is_edition_6() {
            return Device::put(value, out, name);
        }
        out.open(name);
        Device::put(value, out, "device")?;
        out.close(name);
        Ok(())
    }
}

/// The device of a connection.
struct Local;

impl Element for Local {
    type Value = LocalDevice;

    fn get(node: Node<'_>) -> Option<LocalDevice> {
        if node.attribute(KIND) == Some("dynamic") {
            return Some(LocalDevice::Dynamic(Octets::from(node.text())));
        }
        Device::get(node).map(LocalDevice::Static)
    }

    fn put(value: &LocalDevice, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        match value {
            LocalDevice::Static(device) => Device::put(device, out, name),
            LocalDevice::Dynamic(octets) => match std::str::from_utf8(octets.as_bytes()) {
                Ok(text) => out.leaf_with(name, &format!(" {KIND}=\"dynamic\""), text),
                Err(_) => Err(out.value(name, "a dynamic device id is text in XML".to_owned())),
            },
        }
    }
}

/// A connection id. Its two parts come in any order.
pub(super) struct Connection;

impl Element for Connection {
    type Value = ConnectionId;

    fn get(node: Node<'_>) -> Option<ConnectionId> {
        Some(ConnectionId {
            call: node.child("callID").and_then(Opaque::get),
            device: node.child("deviceID").and_then(Local::get),
        })
    }

    fn put(value: &ConnectionId, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        out.open(name);
        Opt::<Opaque>::write(&value.call, out, "callID")?;
        Opt::<Local>::write(&value.device, out, "deviceID")?;
        out.close(name);
        Ok(())
    }
}

/// Declares elements that are a choice of a device and of reasons why none is told. Whatever the place, every
/// form is read; only the forms of the place are written.
macro_rules! parties {
    ($($(#[$doc:meta])* $name:ident: $device:literal, [$($reason:ident)*], absent $absent:ident;)*) => {$(
        $(#[$doc])*
        pub(super) struct $name;

        impl Element for $name {
            type Value = Party;

            fn get(node: Node<'_>) -> Option<Party> {
                party(node)
            }

            fn put(value: &Party, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
                put_party(value, out, name, $device, &[$(Party::$reason),*])
            }

            fn absent() -> Option<Party> {
                Some(Party::$absent)
            }
        }
    )*};
}

parties! {
    /// A device that takes part.
    Subject: "deviceIdentifier", [NotKnown Restricted], absent NotKnown;
    /// The device that a call was sent on from.
    Redirection: "numberDialed", [NotKnown Restricted NotRequired NotSpecified], absent NotSpecified;
    /// The device of a member of a transferred or conferenced call.
    Endpoint: "deviceID", [NotKnown Restricted], absent NotKnown;
    /// The trunk of a member of a transferred or conferenced call.
    Trunk: "deviceID", [NotKnown], absent NotKnown;
}

/// The party in an element. The name of the element that holds the device differs by place; peers mix them
/// up.
fn party(node: Node<'_>) -> Option<Party> {
    let Some(child) = node.children().next() else {
        return (!node.token().is_empty()).then(|| Device::get(node).map(Party::Device))?;
    };
    if ["deviceIdentifier", "numberDialed", "deviceID", "device"].iter().any(|name| child.is(name)) {
        return Device::get(child).map(Party::Device);
    }
    REASONS.iter().find(|(_, name)| child.is(name)).map(|(party, _)| party.clone())
}

/// Reasons why no device is told.
const REASONS: [(Party, &str); 4] = [
    (Party::NotKnown, "notKnown"),
    (Party::Restricted, "restricted"),
    (Party::NotRequired, "notRequired"),
    (Party::NotSpecified, "notSpecified"),
];

fn put_party(
    party: &Party,
    out: &mut Writer<'_>,
    name: &'static str,
    device: &'static str,
    allowed: &[Party],
) -> Result<(), Unencodable> {
    out.open(name);
    if let Party::Device(id) = party {
        Device::put(id, out, device)?;
    } else if let Some((_, word)) =
        REASONS.iter().find(|(known, _)| known == party && allowed.contains(party))
    {
        out.empty(word);
    } else {
        return Err(out.value(name, format!("{party:?} cannot be said here")));
    }
    out.close(name);
    Ok(())
}

/// The members of a transferred or conferenced call.
pub(super) struct Members;

impl Part for Members {
    type Value = Vec<ConnectionListItem>;

    fn read(message: Node<'_>, name: &'static str) -> Result<Self::Value, crate::error::Malformed> {
        let Some(list) = message.child(name) else { return Ok(Vec::new()) };
        list.children()
            .filter(|item| item.is("connectionListItem"))
            .map(|item| {
                Ok(ConnectionListItem {
                    new: Opt::<Connection>::read(item, "newConnection")?,
                    old: Opt::<Connection>::read(item, "oldConnection")?,
                    endpoint: Opt::<Endpoint>::read(item, "endpoint")?,
                    associated: Opt::<Trunk>::read(item, "associatedNID")?,
                })
            })
            .collect()
    }

    fn write(value: &Self::Value, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        if value.is_empty() {
            return Ok(());
        }
        out.open(name);
        for item in value {
            out.open("connectionListItem");
            Opt::<Connection>::write(&item.new, out, "newConnection")?;
            Opt::<Connection>::write(&item.old, out, "oldConnection")?;
            Opt::<Endpoint>::write(&item.endpoint, out, "endpoint")?;
            Opt::<Trunk>::write(&item.associated, out, "associatedNID")?;
            out.close("connectionListItem");
        }
        out.close(name);
        Ok(())
    }
}

/// Linkage of a call. The thread is written as a globally unique one and read in either form.
pub(super) struct Linkage;

const GLOBALLY_UNIQUE: &str = "globallyUniqueCallLinkageID";
const IN_SUB_DOMAIN: &str = "subDomainCallLinkageID";

impl Element for Linkage {
    type Value = CallLinkage;

    fn get(node: Node<'_>) -> Option<CallLinkage> {
        let choice = |path: &[&str]| node.path(path)?.children().next();
        let id = |path: &[&str]| choice(path).and_then(Opaque::get);
        let global = ["globalCallData", "globalCallLinkageID"];
        Some(CallLinkage {
            global: id(&global),
            is_local: choice(&global).is_some_and(|choice| choice.is(IN_SUB_DOMAIN)),
            thread: id(&["threadData", "threadLinkageID"]),
        })
    }

    fn put(value: &CallLinkage, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        out.open(name);
        if let Some(id) = &value.global {
            let leaf = if value.is_local { IN_SUB_DOMAIN } else { GLOBALLY_UNIQUE };
            put_linkage(id, out, ["globalCallData", "globalCallLinkageID", leaf])?;
        }
        if let Some(id) = &value.thread {
            put_linkage(id, out, ["threadData", "threadLinkageID", "globallyUniqueThreadID"])?;
        }
        out.close(name);
        Ok(())
    }
}

fn put_linkage(
    id: &Octets,
    out: &mut Writer<'_>,
    [data, choice, leaf]: [&'static str; 3],
) -> Result<(), Unencodable> {
    out.open(data);
    out.open(choice);
    out.octets(leaf, id.as_bytes())?;
    out.close(choice);
    out.close(data);
    Ok(())
}

/// A connection that an answer should name.
pub(super) type Named = Lax<Connection>;
