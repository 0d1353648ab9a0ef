//! Negative answers: `CSTAErrorCode`, `CSTAException`, negative answers of ECMA-354.

use super::{part::Element, tree::Node, write::Writer};
use crate::{
    error::Unencodable,
    model::{Fault, FaultCategory, SessionRefusal},
};

/// Elements of the categories. The schema's own spelling of the fourth stands first (quirk 3): it is the one
/// written.
const CATEGORIES: [(FaultCategory, &str); 10] = [
    (FaultCategory::Operation, "operation"),
    (FaultCategory::Security, "security"),
    (FaultCategory::StateIncompatibility, "stateIncompatibility"),
    (FaultCategory::SystemResource, "systemResourceAvailibility"),
    (FaultCategory::SystemResource, "systemResourceAvailability"),
    (FaultCategory::SubscribedResource, "subscribedResourceAvailability"),
    (FaultCategory::Performance, "performanceManagement"),
    (FaultCategory::Private, "privateErrorCode"),
    (FaultCategory::Private, "privateData"),
    (FaultCategory::Unspecified, "unspecified"),
];

/// The only word of the category of private data.
const PRIVATE_DATA: &str = "cSTAPrivateDataInfoError";

/// A universalFailure, as root `CSTAErrorCode` and as `errorValue` of a Route End.
pub(super) struct ErrorValue;

impl Element for ErrorValue {
    type Value = Fault;

    fn get(node: Node<'_>) -> Option<Fault> {
        let failure = node.children().find_map(|child| {
            let (category, _) = CATEGORIES.iter().find(|(_, name)| child.is(name))?;
            Some((*category, child.text()))
        });
        Some(match failure {
            Some((category, word)) => {
                Fault::Failure { category, code: code(category, word), word: word.to_owned() }
            }
            None => Fault::Other { detail: node.source().trim_ascii().to_owned() },
        })
    }

    fn put(value: &Fault, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        let Fault::Failure { category, code, word } = value else {
            return Err(out.value(name, format!("{value:?} is no universalFailure")));
        };
        out.open(name);
        put_failure(*category, *code, word, out)?;
        out.close(name);
        Ok(())
    }
}

/// Writes the category with its word; a word that is not told is found by its code.
pub(super) fn put_failure(
    category: FaultCategory,
    code: u16,
    word: &str,
    out: &mut Writer<'_>,
) -> Result<(), Unencodable> {
    let element = if category == FaultCategory::Private && word == PRIVATE_DATA {
        "privateData"
    } else {
        CATEGORIES.iter().find(|(known, _)| *known == category).map_or("unspecified", |(_, name)| *name)
    };
    if category == FaultCategory::Unspecified {
        out.empty(element);
        return Ok(());
    }
    if !word.is_empty() {
        return out.leaf(element, word);
    }
    match words(category).iter().find(|(known, _)| *known == code) {
        Some((_, word)) => out.leaf(element, word),
        None => Err(out.value(element, format!("there is no word for code {code}"))),
    }
}

/// Code of a word in ECMA-285; 0 where it is not known.
fn code(category: FaultCategory, word: &str) -> u16 {
    words(category).iter().find(|(_, known)| *known == word).map_or(0, |(code, _)| *code)
}

/// What a `CSTAException` says: Avaya packs a universalFailure into some.
pub(super) fn exception(root: Node<'_>) -> Fault {
    if let Some(code) = root.child("CSTAErrorCode").and_then(ErrorValue::get) {
        return code;
    }
    let part = |name| root.child(name).map(Node::text).filter(|text| !text.is_empty());
    let detail = match (part("exceptionClass"), part("message")) {
        (Some(class), Some(message)) => format!("{class}: {message}"),
        (Some(text), None) | (None, Some(text)) => text.to_owned(),
        (None, None) => root.source().trim_ascii().to_owned(),
    };
    Fault::Other { detail }
}

/// Refusals of ECMA-354 by their word.
const REFUSALS: [(SessionRefusal, &str, &str); 6] = [
    (SessionRefusal::InvalidApplicationInfo, "invalidApplicationInfo", "StartApplicationSession"),
    (
        SessionRefusal::ProtocolVersionNotSupported,
        "requestedProtocolVersionNotSupported",
        "StartApplicationSession",
    ),
    (SessionRefusal::ServerResourcesBusy, "serverResourcesBusy", "StartApplicationSession"),
    (SessionRefusal::MaxNumberSessions, "maxNumberSessions", "StartApplicationSession"),
    (SessionRefusal::InvalidSessionId, "invalidSessionID", "ResetApplicationSessionTimer"),
    (SessionRefusal::CannotResetTimer, "serverCannotResetSessionTimer", "ResetApplicationSessionTimer"),
];

/// What a negative answer of ECMA-354 says.
pub(super) fn refusal(root: Node<'_>) -> SessionRefusal {
    let code = root.child("errorCode").unwrap_or(root);
    let said = code.child("definedError").or_else(|| code.child("applError")).unwrap_or(code);
    REFUSALS
        .iter()
        .find(|(_, word, _)| *word == said.token())
        .map_or_else(|| SessionRefusal::Other(said.text().to_owned()), |(refusal, _, _)| refusal.clone())
}

/// The service whose negative answer says this. The model does not tell which one was asked: an invalid
/// session is said of the timer, which is what a lost session shows first, and free text of the start.
pub(super) fn refused_service(refusal: &SessionRefusal) -> &'static str {
    REFUSALS
        .iter()
        .find(|(known, _, _)| known == refusal)
        .map_or("StartApplicationSession", |(_, _, name)| name)
}

/// Writes the content of a negative answer of ECMA-354.
pub(super) fn put_refusal(refusal: &SessionRefusal, out: &mut Writer<'_>) -> Result<(), Unencodable> {
    out.open("errorCode");
    match (refusal, REFUSALS.iter().find(|(known, _, _)| known == refusal)) {
        (SessionRefusal::Other(text), _) => out.leaf("applError", text)?,
        (_, Some((_, word, _))) => out.token("definedError", word),
        (_, None) => {}
    }
    out.close("errorCode");
    Ok(())
}

/// Codes and words of a category, as far as somebody can act on them.
fn words(category: FaultCategory) -> &'static [(u16, &'static str)] {
    match category {
        FaultCategory::Operation => OPERATION,
        FaultCategory::Security => SECURITY,
        FaultCategory::StateIncompatibility => STATE,
        FaultCategory::SystemResource => SYSTEM,
        FaultCategory::SubscribedResource => SUBSCRIBED,
        FaultCategory::Performance => PERFORMANCE,
        FaultCategory::Private | FaultCategory::Unspecified => &[],
    }
}

#[rustfmt::skip]
const OPERATION: &[(u16, &str)] = &[
    (1, "generic"),
    (2, "requestIncompatibleWithObject"),
    (3, "valueOutOfRange"),
    (4, "objectNotKnown"),
    (5, "invalidCallingDeviceID"),
    (6, "invalidCalledDeviceID"),
    (7, "invalidForwardingDestination"),
    (8, "privilegeViolationSpecifiedDevice"),
    (9, "privilegeViolationCalledDevice"),
    (10, "privilegeViolationCallingDevice"),
    (11, "invalidCallID"),
    (12, "invalidDeviceID"),
    (13, "invalidConnectionID"),
    (14, "invalidDestination"),
    (15, "invalidFeature"),
    (16, "invalidAllocationState"),
    (17, "invalidCrossRefID"),
    (18, "invalidObjectType"),
    (19, "securityViolation"),
    (20, "invalidCorrelatorData"),
    (21, "invalidAccountCode"),
    (22, "invalidAuthCode"),
    (23, "requestIncompatibleWithCallingDevice"),
    (24, "requestIncompatibleWithCalledDevice"),
    (25, "invalidMsgID"),
    (26, "messageIDRequired"),
    (27, "requestIncompatibleWithMedia"),
    (28, "invalidFile"),
    (29, "atLeastOneConditionalParameterNotProvided"),
    (30, "featureAlreadySet"),
    (31, "invalidParameterValue"),
    (32, "invalidAgentGroup"),
    (33, "invalidAgentIdentifier"),
    (34, "invalidAgentPassword"),
    (35, "invalidAgentState"),
    (50, "serviceNotSupported"),
    (51, "invalidForwardingFlag"),
    (52, "invalidForwardingType"),
    (60, "invalidMonitorCrossRefID"),
    (61, "invalidMonitorFilter"),
    (62, "invalidMonitorObject"),
    (63, "invalidMonitorType"),
    (71, "invalidRouteingCrossRefID"),
    (72, "invalidRouteRegistrationCrossRefID"),
    (89, "invalidActiveConnectionID"),
    (90, "invalidHeldConnectionID"),
    (91, "invalidActiveDeviceID"),
    (93, "invalidDestinationDeviceID"),
    (98, "parameterNotSupported"),
    (122, "monitorTypeNotSupported"),
    (126, "privateDataNotSupported"),
    (135, "sysStatRegIDNotSupported"),
    (144, "routeingTimerExpired"),
];

#[rustfmt::skip]
const SECURITY: &[(u16, &str)] = &[
    (0, "generic"),
    (1, "sequenceNumberViolated"),
    (2, "timeStampViolated"),
    (4, "securityInfoViolated"),
];

#[rustfmt::skip]
const STATE: &[(u16, &str)] = &[
    (1, "generic"),
    (2, "invalidObjectState"),
    (3, "invalidConnectionIDForActiveCall"),
    (4, "noActiveCall"),
    (5, "noHeldCall"),
    (6, "noCallToClear"),
    (7, "noConnectionToClear"),
    (8, "noCallToAnswer"),
    (9, "noCallToComplete"),
    (10, "notAbleToPlay"),
    (11, "notAbleToResume"),
    (12, "endOfMsg"),
    (13, "beginningOfMsg"),
    (14, "msgSuspended"),
    (15, "invalidDeviceState"),
    (16, "connectedCallExists"),
    (17, "invalidActiveDeviceState"),
    (18, "invalidCalledDeviceState"),
    (19, "invalidCallingDeviceState"),
    (20, "invalidCallToParkDeviceState"),
    (21, "invalidDestinationDeviceState"),
    (22, "invalidDivertingDeviceState"),
    (23, "invalidHeldDeviceState"),
    (24, "invalidParkToDeviceState"),
    (25, "invalidConnectionState"),
    (26, "invalidActiveConnectionState"),
    (27, "invalidHeldConnectionState"),
    (28, "incorrectMsgState"),
];

#[rustfmt::skip]
const SYSTEM: &[(u16, &str)] = &[
    (1, "generic"),
    (2, "resourceBusy"),
    (3, "internalResourceBusy"),
    (4, "resourceOutOfService"),
    (5, "networkBusy"),
    (6, "networkOutOfService"),
    (7, "overallMonitorLimitExceeded"),
    (8, "conferenceMemberLimitExceeded"),
    (9, "classifierBusy"),
    (10, "noMediaChannelsAvailable"),
    (15, "deviceOutOfService"),
    (16, "activeDeviceOutOfService"),
    (17, "calledDeviceOutOfService"),
    (18, "callingDeviceOutOfService"),
    (20, "destinationDeviceOutOfService"),
    (26, "resourceLimitExceeded"),
    (27, "registrationLimitExceeded"),
    (29, "maxDevicesExceeded"),
];

#[rustfmt::skip]
const SUBSCRIBED: &[(u16, &str)] = &[
    (1, "generic"),
    (2, "objectMonitorLimitExceeded"),
    (3, "trunkLimitExceeded"),
    (4, "outstandingReqLimitExceeded"),
    (5, "objectRegistrationLimitExceeded"),
];

#[rustfmt::skip]
const PERFORMANCE: &[(u16, &str)] = &[
    (1, "generic"),
    (2, "performanceLimitExceeded"),
];
