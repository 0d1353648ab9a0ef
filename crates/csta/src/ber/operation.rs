//! ROSE operation codes: which service a number means in which phase.

use super::Phase;

/// Code of event reports.
pub(crate) const EVENT_REPORT: i64 = 21;

/// Code of the service that carries the password of an agent.
pub(crate) const SET_AGENT_STATE: i64 = 312;

/// Code and request element of every service that Phase III shares with the model; those of Phase I and II have the
/// codes of the same services, where they have them.
#[rustfmt::skip]
const SERVICES: [(i64, &str); 52] = [
    (1, "AlternateCall"), (2, "AnswerCall"), (4, "ClearCall"), (5, "ClearConnection"), (6, "ConferenceCall"),
    (7, "ConsultationCall"), (9, "HoldCall"), (10, "MakeCall"), (11, "MakePredictiveCall"), (13, "ReconnectCall"),
    (14, "RetrieveCall"), (16, "TransferCall"), (18, "ParkCall"), (20, "SingleStepConferenceCall"),
    (31, "RouteRequest"), (32, "ReRoute"), (33, "RouteSelect"), (34, "RouteUsed"), (35, "RouteEnd"),
    (50, "SingleStepTransferCall"), (51, "Escape"), (71, "MonitorStart"), (72, "ChangeMonitorFilter"),
    (73, "MonitorStop"), (74, "SnapshotDevice"), (75, "SnapshotCall"), (76, "SnapshotCallData"),
    (77, "SnapshotDeviceData"), (201, "GetLogicalDeviceInformation"), (203, "GetSwitchingFunctionCaps"),
    (204, "GetSwitchingFunctionDevices"), (205, "SwitchingFunctionDevices"), (207, "SystemRegister"),
    (209, "SystemRegisterCancel"), (210, "RequestSystemStatus"), (211, "SystemStatus"), (214, "AcceptCall"),
    (215, "CallBack"), (217, "CamponCall"), (218, "DeflectCall"), (219, "DialDigits"), (220, "DirectedPickupCall"),
    (221, "GroupPickupCall"), (222, "IntrudeCall"), (223, "JoinCall"), (230, "AssociateData"),
    (232, "GenerateDigits"), (248, "RouteRegister"), (250, "RouteRegisterCancel"), (304, "GetAgentState"),
    (308, "GetDoNotDisturb"), (309, "GetForwarding"),
];

/// The services of Phase III that set what the last three get.
#[rustfmt::skip]
const SETTERS: [(i64, &str); 4] = [
    (312, "SetAgentState"), (316, "SetDoNotDisturb"), (317, "SetForwarding"), (370, "GetCSTAFeatures"),
];

/// Services of Phase I and II under one code: the argument says which is meant. Answers of queries and settings are
/// told apart where they are read.
#[rustfmt::skip]
const OLD: [(i64, &str); 12] = [
    (3, "CamponCall"), (3, "CallBack"), (3, "IntrudeCall"), (8, "DeflectCall"),
    (12, "GetAgentState"), (12, "GetDoNotDisturb"), (12, "GetForwarding"),
    (15, "SetAgentState"), (15, "SetDoNotDisturb"), (15, "SetForwarding"),
    (52, "SystemStatus"), (51, "Escape"),
];

/// Services that Phase I and II have under the code of Phase III.
const SHARED: [i64; 18] = [1, 2, 4, 5, 6, 7, 9, 10, 11, 13, 14, 16, 71, 72, 73, 74, 75, 51];
/// Of these only Phase II has.
const SECOND: [i64; 3] = [18, 20, 50];

/// Whether a phase has a code as Phase III has it.
fn shares(phase: Phase, code: i64) -> bool {
    match phase {
        Phase::Three => true,
        Phase::Two => SHARED.contains(&code) || SECOND.contains(&code),
        Phase::One => SHARED.contains(&code) && code != 51 && code != 75,
    }
}

/// The code of a service, named by its request element.
pub(super) fn code(name: &str, phase: Phase) -> Option<i64> {
    let old = OLD.iter().find(|(_, known)| phase != Phase::Three && *known == name).map(|(code, _)| *code);
    let code = old.or_else(|| {
        SERVICES.iter().chain(&SETTERS).find(|(_, known)| *known == name).map(|(code, _)| *code)
    })?;
    // Escape came with Phase II.
    let known = if old.is_some() { code != 51 || phase == Phase::Two } else { shares(phase, code) };
    known.then_some(code)
}

/// The service with this code; of several the first.
pub(crate) fn service(code: i64, phase: Phase) -> Option<&'static str> {
    let find =
        |table: &[(i64, &'static str)]| table.iter().find(|(known, _)| *known == code).map(|(_, name)| *name);
    match phase {
        Phase::Three => find(&SERVICES).or_else(|| find(&SETTERS)),
        Phase::One | Phase::Two => find(&OLD).or_else(|| find(&SERVICES).filter(|_| shares(phase, code))),
    }
}
