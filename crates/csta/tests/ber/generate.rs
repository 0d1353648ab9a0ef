//! Values that each phase can carry: identifiers, parties, what events share.

use csta::ber::Phase;
use csta::model::{
    AgentState, CallLinkage, ConnectionId, ConnectionListItem, ConnectionState, DeviceId, EventCause, Fault,
    FaultCategory, LocalDevice, MonitorFilter, NumberKind, Octets, Party, Private, Stamp,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use crate::support::tlv;

/// Any octets, none included.
pub(crate) fn octets() -> impl Strategy<Value = Octets> {
    vec(any::<u8>(), 0..12).prop_map(Octets::from)
}

/// Characters of Latin-1.
pub(crate) fn latin() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9*#]{1,12}",
        vec(any::<u8>(), 0..20).prop_map(|text| text.into_iter().map(char::from).collect())
    ]
}

/// A device in any plan, as parties have it.
pub(crate) fn any_device() -> BoxedStrategy<DeviceId> {
    let text = (
        latin(),
        prop_oneof![
            Just(NumberKind::DialingNumber),
            Just(NumberKind::ImplicitPublic),
            (0_u8..=5).prop_map(NumberKind::ExplicitPublic),
            Just(NumberKind::ImplicitPrivate),
            (0_u8..=6).prop_map(NumberKind::ExplicitPrivate),
            Just(NumberKind::Other),
        ],
    )
        .prop_map(|(text, kind)| DeviceId { kind, text });
    prop_oneof![3 => text, 1 => numbered()].boxed()
}

fn numbered() -> impl Strategy<Value = DeviceId> {
    any::<i64>().prop_map(|number| DeviceId { kind: NumberKind::DeviceNumber, text: number.to_string() })
}

/// A device as services have it: two plans only before Phase III.
pub(crate) fn plain_device(phase: Phase) -> BoxedStrategy<DeviceId> {
    match phase {
        Phase::Three => any_device(),
        Phase::One | Phase::Two => prop_oneof![latin().prop_map(DeviceId::dialing), numbered()].boxed(),
    }
}

/// A party of an event.
pub(crate) fn party(phase: Phase) -> BoxedStrategy<Party> {
    let device = any_device().prop_map(Party::Device);
    match phase {
        Phase::Three => {
            prop_oneof![4 => device, 1 => Just(Party::NotKnown), 1 => Just(Party::Restricted)].boxed()
        }
        Phase::One | Phase::Two => {
            prop_oneof![4 => device, 1 => Just(Party::NotKnown), 1 => Just(Party::NotRequired)].boxed()
        }
    }
}

/// The redirection device.
pub(crate) fn redirection(phase: Phase) -> BoxedStrategy<Party> {
    match phase {
        Phase::Three => {
            prop_oneof![party(phase), Just(Party::NotRequired), Just(Party::NotSpecified),].boxed()
        }
        Phase::One | Phase::Two => party(phase),
    }
}

/// A connection with one or both of its parts.
pub(crate) fn connection(phase: Phase) -> BoxedStrategy<ConnectionId> {
    let device = prop_oneof![
        plain_device(phase).prop_map(LocalDevice::Static),
        octets().prop_map(LocalDevice::Dynamic),
    ];
    (octets(), device, 0_u8..4)
        .prop_map(|(call, device, parts)| ConnectionId {
            call: (parts != 1).then_some(call),
            device: (parts != 0).then_some(device),
        })
        .boxed()
}

/// Parties of a transferred or conferenced call.
pub(crate) fn connections(phase: Phase) -> BoxedStrategy<Vec<ConnectionListItem>> {
    if phase != Phase::Three {
        let item =
            connection(phase).prop_map(|new| ConnectionListItem { new: Some(new), ..Default::default() });
        return vec(item, 0..4).boxed();
    }
    let associated = prop_oneof![any_device().prop_map(Party::Device), Just(Party::NotKnown)];
    let item = (of(connection(phase)), of(connection(phase)), of(party(phase)), of(associated))
        .prop_map(|(new, old, endpoint, associated)| ConnectionListItem { new, old, endpoint, associated });
    vec(item, 0..4).boxed()
}

/// Linkage of a call.
pub(crate) fn linkage() -> impl Strategy<Value = CallLinkage> {
    (octets(), any::<bool>(), of(octets())).prop_map(|(global, is_local, thread)| CallLinkage {
        global: Some(global),
        is_local,
        thread,
    })
}

/// One value of private data, as Phase I has it or as the others have it.
pub(crate) fn private(phase: Phase) -> impl Strategy<Value = Private> {
    vec(any::<u8>(), 0..40).prop_map(move |data| {
        let tag = if phase == Phase::One { 0x7D } else { 0x30 };
        // An object identifier, then an OCTET STRING.
        Private::Ber(tlv(tag, &[&[0x06, 0x03, 0x2B, 0x0C, 0x00], &tlv(0x04, &[&data])]))
    })
}

/// A time; before Phase III one that a two-digit year and whole seconds can say.
pub(crate) fn stamp(phase: Phase) -> impl Strategy<Value = Stamp> {
    let (seconds, nanoseconds) = match phase {
        Phase::Three => {
            (0_i64..100_000_000_000, prop_oneof![Just(0_i32), Just(500_000), 0..1_000_000_000].boxed())
        }
        Phase::One | Phase::Two => (0..2_500_000_000, Just(0).boxed()),
    };
    (seconds, nanoseconds, any::<bool>()).prop_map(|(seconds, nanoseconds, local)| {
        let at = jiff::Timestamp::new(seconds, nanoseconds).unwrap();
        if local { Stamp::Local(jiff::tz::Offset::UTC.to_datetime(at)) } else { Stamp::Utc(at) }
    })
}

/// Any cause, known or not.
pub(crate) fn cause() -> impl Strategy<Value = EventCause> {
    any::<u16>().prop_map(EventCause::from_code)
}

/// State of a connection.
pub(crate) fn connection_state() -> impl Strategy<Value = ConnectionState> {
    (0_i64..7).prop_map(|code| ConnectionState::from_code(code).unwrap())
}

/// State that follows another.
pub(crate) fn pending() -> impl Strategy<Value = Option<AgentState>> {
    of(prop_oneof![
        Just(AgentState::NotReady),
        Just(AgentState::Null),
        Just(AgentState::Ready),
        Just(AgentState::WorkingAfterCall),
    ])
}

/// A filter of events that there are; before Phase III no group can be left out.
pub(crate) fn filter(phase: Phase) -> BoxedStrategy<MonitorFilter> {
    if phase == Phase::Three {
        let map = |events: u32| of(0_u32..1 << events);
        let maps = (map(18), map(5), map(2), map(11), map(15), map(4), map(18), map(1));
        return maps
            .prop_map(
                |(call_control, call_associated, media, physical, logical, maintenance, voice, private)| {
                    MonitorFilter {
                        call_control,
                        call_associated,
                        media,
                        physical,
                        logical,
                        maintenance,
                        voice,
                        private,
                    }
                },
            )
            .boxed();
    }
    // Events that Phase I and II do not have cannot be suppressed there.
    let calls = 0b11_1110_1011_1101_1110;
    (any::<[u32; 6]>(), 0_u32..2)
        .prop_map(move |([call, feature, agent, waiting, maintenance, voice], private)| MonitorFilter {
            call_control: Some(call & calls),
            call_associated: Some(feature & 1),
            physical: Some(waiting & 1 << 5),
            logical: Some(agent & (0b11_1110 | 1 << 11 | 1 << 12)),
            maintenance: Some(maintenance & 0b1111),
            voice: (phase == Phase::Two).then_some(voice & 0x3_FFFF),
            private: Some(private),
            media: None,
        })
        .boxed()
}

/// A universalFailure. Its word is compared apart.
pub(crate) fn failure(phase: Phase) -> impl Strategy<Value = Fault> {
    let categories = match phase {
        Phase::Three => vec![FaultCategory::Security, FaultCategory::Private],
        Phase::One | Phase::Two => Vec::new(),
    };
    let categories = [
        FaultCategory::Operation,
        FaultCategory::StateIncompatibility,
        FaultCategory::SystemResource,
        FaultCategory::SubscribedResource,
        FaultCategory::Performance,
        FaultCategory::Unspecified,
    ]
    .into_iter()
    .chain(categories)
    .collect::<Vec<_>>();
    (prop::sample::select(categories), any::<u16>()).prop_map(|(category, code)| Fault::Failure {
        category,
        code: if category == FaultCategory::Unspecified { 0 } else { code },
        word: String::new(),
    })
}
