//! Random values from which one message of every kind is made.

use csta::model::{
    AgentState, AutoOriginate, CallLinkage, ConnectionId, ConnectionState, DeviceCategory, DeviceId,
    EventCause, LocalDevice, MonitorFilter, NumberKind, Octets, Participation, Party, Private,
    RequestedAgentState, Stamp, SystemStatus,
};
use proptest::{collection::vec, prelude::*};

/// What an encoding allows beyond edition 3.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope {
    pub(crate) edition_6: bool,
    pub(crate) avaya: bool,
}

/// One value of each kind, several where a message needs several.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    pub(crate) scope: Scope,
    pub(crate) connections: Vec<ConnectionId>,
    pub(crate) devices: Vec<DeviceId>,
    pub(crate) parties: Vec<Party>,
    pub(crate) redirection: Party,
    /// Opaque ids: text.
    pub(crate) ids: Vec<Octets>,
    /// Octets of any value.
    pub(crate) data: Vec<Octets>,
    pub(crate) texts: Vec<String>,
    pub(crate) counts: Vec<u32>,
    pub(crate) states: Vec<ConnectionState>,
    pub(crate) filter: MonitorFilter,
    pub(crate) linkage: CallLinkage,
    pub(crate) private: Vec<Private>,
    pub(crate) at: Stamp,
    pub(crate) words: Words,
    /// Which of the optional parts are there.
    some: u64,
}

/// One word of each list.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    pub(crate) cause: EventCause,
    pub(crate) status: SystemStatus,
    pub(crate) agent: AgentState,
    pub(crate) requested: RequestedAgentState,
    pub(crate) category: DeviceCategory,
    pub(crate) prompt: AutoOriginate,
    pub(crate) participation: Participation,
    pub(crate) forwarding: u8,
}

impl Pool {
    /// The value, when the pool says that the part of this number is there.
    pub(crate) fn maybe<T>(&self, number: u32, value: T) -> Option<T> {
        self.flag(number).then_some(value)
    }

    /// The value, when besides the edition has the part.
    pub(crate) fn newer<T>(&self, number: u32, value: T) -> Option<T> {
        self.maybe(number, value).filter(|_| self.scope.edition_6)
    }

    /// A truth value.
    pub(crate) fn flag(&self, number: u32) -> bool {
        self.some >> number & 1 == 1
    }

    pub(crate) fn connection(&self, at: usize) -> ConnectionId {
        self.connections[at].clone()
    }

    pub(crate) fn device(&self, at: usize) -> DeviceId {
        self.devices[at].clone()
    }

    pub(crate) fn party(&self, at: usize) -> Party {
        self.parties[at].clone()
    }

    pub(crate) fn id(&self, at: usize) -> Octets {
        self.ids[at].clone()
    }
}

/// Pools of this scope.
pub(crate) fn pool(scope: Scope) -> impl Strategy<Value = Pool> {
    let values = (
        vec(connection(), 3),
        vec(device(), 3),
        vec(subject(), 4),
        prop_oneof![subject(), Just(Party::NotRequired), Just(Party::NotSpecified)],
        vec(text().prop_map(|text| Octets::from(text.as_str())), 3),
        vec(data(), 3),
        vec(text(), 3),
        vec(any::<u32>(), 3),
        vec((0..7_i64).prop_map(|code| ConnectionState::from_code(code).unwrap()), 1..3),
        (filter(scope), linkage(), vec(private(), 0..3), stamp(), words(scope), any::<u64>()),
    );
    values.prop_map(
        move |(connections, devices, parties, redirection, ids, data, texts, counts, states, rest)| {
            let (filter, linkage, private, at, words, some) = rest;
            Pool {
                scope,
                connections,
                devices,
                parties,
                redirection,
                ids,
                data,
                texts,
                counts,
                states,
                filter,
                linkage,
                private,
                at,
                words,
                some,
            }
        },
    )
}

/// Text as XML can carry it, spaces at its ends and everything that needs an escape included.
fn text() -> impl Strategy<Value = String> {
    "[ -~à-ž\u{2028}😀]{0,12}"
}

fn data() -> impl Strategy<Value = Octets> {
    vec(any::<u8>(), 0..12).prop_map(Octets::from)
}

fn device() -> impl Strategy<Value = DeviceId> {
    let kind = prop_oneof![
        Just(NumberKind::DialingNumber),
        Just(NumberKind::DeviceNumber),
        Just(NumberKind::ImplicitPublic),
        (0..6_u8).prop_map(NumberKind::ExplicitPublic),
        Just(NumberKind::ImplicitPrivate),
        (0..7_u8).prop_map(NumberKind::ExplicitPrivate),
        Just(NumberKind::Other),
    ];
    (kind, text()).prop_map(|(kind, text)| DeviceId { kind, text })
}

fn connection() -> impl Strategy<Value = ConnectionId> {
    let local = prop_oneof![
        device().prop_map(LocalDevice::Static),
        text().prop_map(|text| LocalDevice::Dynamic(Octets::from(text.as_str()))),
    ];
    (proptest::option::of(text()), proptest::option::of(local)).prop_map(|(call, device)| ConnectionId {
        call: call.map(|call| Octets::from(call.as_str())),
        device,
    })
}

fn subject() -> impl Strategy<Value = Party> {
    prop_oneof![device().prop_map(Party::Device), Just(Party::NotKnown), Just(Party::Restricted)]
}

fn linkage() -> impl Strategy<Value = CallLinkage> {
    let id = || proptest::option::of(text().prop_map(|text| Octets::from(text.as_str())));
    (id(), any::<bool>(), id()).prop_map(|(global, local, thread)| {
        let is_local = local && global.is_some();
        CallLinkage { global, is_local, thread }
    })
}

fn filter(scope: Scope) -> impl Strategy<Value = MonitorFilter> {
    let group = |bits: u32| proptest::option::of(0..1_u32 << bits);
    let logical = if scope.edition_6 { 15 } else { 14 };
    (group(18), group(5), group(2), group(11), group(logical), group(4), group(18), group(1)).prop_map(
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
}

fn private() -> impl Strategy<Value = Private> {
    prop_oneof![
        "[0-9A-F]{0,8}",
        Just("<v:a xmlns:v=\"urn:v\"><v:b v:c='1'>&lt;ž&#10;</v:b><!-- d --></v:a>".to_owned()),
        Just("<v:a xmlns:v=\"urn:v\"/> <w:a xmlns:w=\"urn:w\" xmlns:v=\"urn:v\" v:b=\"\">x</w:a>".to_owned()),
    ]
    .prop_map(Private::Xml)
}

fn stamp() -> impl Strategy<Value = Stamp> {
    // 1970 to 2100, to the microsecond.
    (0..4_102_444_800_000_000_i64, any::<bool>()).prop_map(|(micros, zoned)| {
        let at = jiff::Timestamp::from_microsecond(micros).unwrap();
        if zoned { Stamp::Utc(at) } else { Stamp::Local(jiff::tz::TimeZone::UTC.to_datetime(at)) }
    })
}

fn words(scope: Scope) -> impl Strategy<Value = Words> {
    let category = proptest::sample::select(vec![
        DeviceCategory::Station,
        DeviceCategory::NetworkInterface,
        DeviceCategory::Acd,
        DeviceCategory::RouteingDevice,
        DeviceCategory::Park,
        DeviceCategory::VoiceUnit,
        DeviceCategory::Other,
    ]);
    let prompt = proptest::sample::select(vec![AutoOriginate::Prompt, AutoOriginate::DoNotPrompt]);
    let participation =
        proptest::sample::select(vec![Participation::Silent, Participation::Active, Participation::None]);
    // 34 is in ASN.1 only, the others came with edition 6.
    let newer = |code: u16| code == 103 || code > 115;
    let known = move |code: &u16| *code != 34 && (scope.edition_6 || !newer(*code));
    let cause = proptest::sample::select((1..=121).filter(known).collect::<Vec<u16>>());
    (cause, 0..9_i64, 0..5_i64, 0..5_i64, category, prompt, participation, 0..12_u8).prop_map(
        |(cause, status, agent, requested, category, prompt, participation, forwarding)| Words {
            cause: EventCause::from_code(cause),
            status: SystemStatus::from_code(status).unwrap(),
            agent: AgentState::from_code(agent).unwrap(),
            requested: RequestedAgentState::from_code(requested).unwrap(),
            category,
            prompt,
            participation,
            forwarding,
        },
    )
}
