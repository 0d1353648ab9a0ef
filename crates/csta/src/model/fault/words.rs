//! Codes of ECMA-285 `UniversalFailure` and the words of the XML schema for them, as far as somebody can act on them.
//! Phase I and II have the first of the codes.

use super::FaultCategory;

/// The only word of the category of private data.
pub(crate) const PRIVATE_DATA_ERROR: &str = "cSTAPrivateDataInfoError";

/// The word of a code, where there is one.
pub(crate) fn fault_word(category: FaultCategory, code: u16) -> Option<&'static str> {
    words(category).iter().find(|(known, _)| *known == code).map(|(_, word)| *word)
}

/// The code of a word; 0 where it is not known.
pub(crate) fn fault_code(category: FaultCategory, word: &str) -> u16 {
    words(category).iter().find(|(_, known)| *known == word).map_or(0, |(code, _)| *code)
}

fn words(category: FaultCategory) -> &'static [(u16, &'static str)] {
    match category {
        FaultCategory::Operation => OPERATION,
        FaultCategory::Security => SECURITY,
        FaultCategory::StateIncompatibility => STATE,
        FaultCategory::SystemResource => SYSTEM,
        FaultCategory::SubscribedResource => SUBSCRIBED,
        FaultCategory::Performance => PERFORMANCE,
        FaultCategory::Private => PRIVATE,
        FaultCategory::Unspecified => UNSPECIFIED,
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

#[rustfmt::skip]
const PRIVATE: &[(u16, &str)] = &[
    (1, PRIVATE_DATA_ERROR),
];

#[rustfmt::skip]
const UNSPECIFIED: &[(u16, &str)] = &[
    (0, "unspecified"),
];
