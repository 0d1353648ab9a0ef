//! Every dialect by name. "Seen" means in traces or logs of the switch; "documented" in the vendor's pages; "assumed"
//! means neither, and the first real trace decides.

use std::time::Duration;

use super::{Agents, DeviceIds, Dialect, Encoding, Filter, Holding, Monitors, Phase, Start, Untold};
use crate::frame::Framing;

/// Namespace of ECMA-323 edition 3.
pub const ED3: &str = "http://www.ecma-international.org/standards/ecma-323/csta/ed3";
/// Namespace of ECMA-323 edition 4.
pub const ED4: &str = "http://www.ecma-international.org/standards/ecma-323/csta/ed4";
/// Namespace of ECMA-323 edition 5.
pub const ED5: &str = "http://www.ecma-international.org/standards/ecma-323/csta/ed5";
/// Namespace of DMCC 6.3 and later: edition 3 with Avaya's additions.
const AVAYA: &str = "http://www.ecma-international.org/standards/ecma-323/csta/ed3/priv7";

const BY_PHASE: &str = "this phase of CSTA does not have it";

/// Services that Phase II does not have (ECMA-218 has no operation code for them).
const LACKS_PHASE_2: &[(&str, &str)] = &[
    ("AcceptCall", BY_PHASE),
    ("DialDigits", BY_PHASE),
    ("SystemRegister", BY_PHASE),
    ("GetSwitchingFunctionDevices", BY_PHASE),
    ("GetSwitchingFunctionCaps", BY_PHASE),
    ("GetCSTAFeatures", BY_PHASE),
    ("RouteRegister", BY_PHASE),
    ("JoinCall", BY_PHASE),
];

/// Services that Phase I does not have either (ECMA-180).
const LACKS_PHASE_1: &[(&str, &str)] = &[
    ("AcceptCall", BY_PHASE),
    ("DialDigits", BY_PHASE),
    ("SystemRegister", BY_PHASE),
    ("GetSwitchingFunctionDevices", BY_PHASE),
    ("GetSwitchingFunctionCaps", BY_PHASE),
    ("GetCSTAFeatures", BY_PHASE),
    ("RouteRegister", BY_PHASE),
    ("JoinCall", BY_PHASE),
    ("SingleStepTransferCall", BY_PHASE),
    ("SingleStepConferenceCall", BY_PHASE),
    ("ParkCall", BY_PHASE),
    ("AssociateData", BY_PHASE),
    ("GenerateDigits", BY_PHASE),
    ("SnapshotCall", BY_PHASE),
];

const NO_INTRUSION: &str =
    "a supervisor comes into a call by JoinCall, so that no switch is asked to let anybody intrude";
const NO_JOINING: &str =
    "AES has no JoinCall: SingleStepConferenceCall brings a device into a call, silent or active";

/// Services that no switch is asked for.
pub(super) const ASKED_OF_NONE: &[(&str, &str)] = &[
    ("IntrudeCall", NO_INTRUSION),
    ("RecordMessage", "it records the messages of a voice unit, not the talk of two phones"),
];

/// By the standard: routeing services from Phase III on need a registration, deflection needs `DeflectCall`.
const HOLDS_PHASE_3: &[Holding] = &[Holding::RouteLoop, Holding::DeflectFromDevice];

/// Phase I and II have no `RouteRegister`: which computer their route points ask is set at the switch, and no trace
/// shows it. `DeflectCall` is a form of their divert service (operation 8).
const HOLDS_BY_DEFLECTION: &[Holding] = &[Holding::DeflectFromDevice];

/// Assumed where the switch does not send `replyTimeout`: short enough for every vendor's timer that is known.
const REPLY_TIMEOUT_MS: u32 = 4_000;

const BARRED: (Untold, &str) = (Untold::Barred, "no cause of CSTA says that a number is barred");
const UNMONITORED: (Untold, &str) =
    (Untold::Unmonitored, "a call that goes where no monitor is, is not seen any more");
const PAUSE_REASON: (Untold, &str) = (Untold::PauseReason, "no event of CSTA tells the reason of a pause");
const LOCAL_CHANNELS: (Untold, &str) = (Untold::LocalChannels, "Local channels are parts of an Asterisk");

const WHISPER: (Untold, &str) = (
    Untold::Whisper,
    "JoinCall lets somebody listen (silent) or talk with everybody (active), and nobody talk with one party alone",
);

/// What no switch tells by the standard.
const SILENCE: &[(Untold, &str)] = &[BARRED, UNMONITORED, PAUSE_REASON, LOCAL_CHANNELS, WHISPER];

/// What a switch does not tell whose agents are asked for, or not followed at all.
const SILENCE_ON_AGENTS: &[(Untold, &str)] = &[
    BARRED,
    UNMONITORED,
    PAUSE_REASON,
    LOCAL_CHANNELS,
    WHISPER,
    (Untold::AgentStates, "states of agents do not come by themselves: they are asked for, or not known"),
];

/// ECMA-323 as it stands, edition 4: what is tried with a switch nobody has written down.
const ECMA_323: Dialect = Dialect {
    name: "ecma-323",
    switches: "any switch with CSTA XML",
    encoding: Encoding::Xml { namespace: ED4 },
    framing: Framing::Xml,
    start: Start::Implicit,
    monitors: Monitors::Device,
    filter: Filter::None,
    device_ids: DeviceIds::Plain,
    agents: Agents::Events,
    lists_devices: true,
    port: 0,
    lacks: &[],
    holds: HOLDS_PHASE_3,
    reply_timeout_ms: REPLY_TIMEOUT_MS,
    silent_on: SILENCE,
};

/// ECMA-285 as it stands.
const ECMA_285: Dialect = Dialect {
    name: "ecma-285",
    switches: "any switch with CSTA Phase III in ASN.1",
    encoding: Encoding::Ber { phase: Phase::Three },
    framing: Framing::Length2,
    start: Start::Acse,
    ..ECMA_323
};

/// All of them.
pub const DIALECTS: &[Dialect] = &[
    ECMA_323,
    ECMA_285,
    // Documented: a CSTA server for third parties exists. Framing, phase and start are not; a Matra heritage lets
    // assume Phase II on two octets of length. The configuration names others, or they are probed.
    Dialect {
        name: "mitel-mivoice5000",
        switches: "Mitel MiVoice 5000, Aastra 5000",
        encoding: Encoding::Ber { phase: Phase::Two },
        start: Start::Bare,
        lists_devices: false,
        lacks: LACKS_PHASE_2,
        // Assumed: nothing is known of its routeing.
        holds: HOLDS_BY_DEFLECTION,
        ..ECMA_285
    },
    // Documented: CSTA III XML on 8882, 8883 with TLS; ASN.1 is no longer supported. Edition 3 was used for remote
    // call control of its phones; whether an application session is wanted is not said.
    Dialect {
        name: "mitel-mx-one",
        switches: "Mitel MiVoice MX-ONE",
        encoding: Encoding::Xml { namespace: ED3 },
        lists_devices: false,
        // Assumed, both by the standard: its service list was not seen.
        holds: HOLDS_PHASE_3,
        port: 8882,
        ..ECMA_323
    },
    // Seen: edition 5, `csta:` prefixes, device ids `N<123!98>`, `overallMonitorLimitExceeded` for want of licences.
    Dialect {
        name: "mitel-office400",
        switches: "Mitel MiVoice Office 400",
        encoding: Encoding::Xml { namespace: ED5 },
        lists_devices: false,
        // Assumed: no routeing dialogue is in the log that was seen; deflection is of every Phase III switch.
        holds: HOLDS_BY_DEFLECTION,
        ..ECMA_323
    },
    // Seen in two clients: application session with `SessionLoginInfo`, third-party device ids, `invertFilter`; few
    // agent events come, so that a client asks for the states. Documented: 4721, 4722 with TLS.
    // `TransferMonitorObjects` is not spoken: a session that is recovered by its id keeps its monitors, and for one that
    // is not, new ones are placed and every device is surveyed anyway.
    Dialect {
        name: "avaya-dmcc",
        switches: "Avaya Aura with AES (DMCC)",
        encoding: Encoding::Xml { namespace: AVAYA },
        start: Start::AppSession,
        monitors: Monitors::DeviceAndCall,
        filter: Filter::Inverted,
        device_ids: DeviceIds::ThirdParty,
        agents: Agents::Polled(Duration::from_secs(5)),
        lists_devices: false,
        port: 4721,
        lacks: &[
            ("JoinCall", NO_JOINING),
            ("GroupPickupCall", "DMCC has no call control for pickup groups"),
            ("ParkCall", "DMCC has no parking; phones park by their button"),
            ("GetSwitchingFunctionDevices", "AES does not list the devices of the switch"),
        ],
        // Documented: its private data name route register, request, select and used (adjunct routing of a VDN); there
        // a choice that fails is not asked again, the call rings on or covers. Deflection: by the standard.
        holds: HOLDS_PHASE_3,
        silent_on: SILENCE_ON_AGENTS,
        ..ECMA_323
    },
    // Seen: edition 4, `SystemStatus` first in the `ecma.ch` namespace, application session with a heartbeat in its
    // extensions, decorated device ids, a new call id without an old one at a single-step transfer.
    Dialect {
        name: "openscape",
        switches: "Unify OpenScape Voice and 4000",
        start: Start::AppSession,
        lists_devices: false,
        // Seen: `DeflectCall`; no routeing dialogue.
        holds: HOLDS_BY_DEFLECTION,
        ..ECMA_323
    },
    // Seen: `26` framing, ACSE with user and password, context name of Phase II, all-zero filters needed to get events.
    Dialect {
        name: "hipath",
        switches: "Siemens HiPath 3000, OpenOffice",
        framing: Framing::HiPath,
        filter: Filter::Zero,
        lists_devices: false,
        // Assumed, as for every Phase III switch.
        holds: HOLDS_BY_DEFLECTION,
        port: 7001,
        ..ECMA_285
    },
    // Seen: Phase II on two octets of length, no association; own extensions come as implicit private numbers.
    Dialect {
        name: "alcatel-oxe",
        switches: "Alcatel OmniPCX Enterprise",
        encoding: Encoding::Ber { phase: Phase::Two },
        start: Start::Bare,
        agents: Agents::None,
        silent_on: SILENCE_ON_AGENTS,
        lists_devices: false,
        port: 2555,
        lacks: LACKS_PHASE_2,
        // Assumed by the standard of this phase.
        holds: HOLDS_BY_DEFLECTION,
        ..ECMA_285
    },
    // Seen in a client of MD110: Phase I on two octets of length.
    Dialect {
        name: "ericsson-md110",
        switches: "Ericsson MD110, Application Link",
        encoding: Encoding::Ber { phase: Phase::One },
        start: Start::Bare,
        agents: Agents::None,
        silent_on: SILENCE_ON_AGENTS,
        lists_devices: false,
        lacks: LACKS_PHASE_1,
        // Neither seen nor documented: it distributes alone.
        holds: &[],
        ..ECMA_285
    },
];

/// The dialect of this name.
pub fn named(name: &str) -> Option<&'static Dialect> {
    DIALECTS.iter().find(|dialect| dialect.name == name)
}
