//! What this switch can do, and why not what it cannot.

use std::collections::BTreeSet;

use csta::dialect::Holding;
use cti_core::permit::{Capabilities, CommandName, Support};

use crate::config::CstaConfig;

/// The services of a switch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Services {
    /// Names without regard to case; none when nobody told.
    known: Option<BTreeSet<String>>,
    missing: BTreeSet<String>,
}

impl Services {
    /// As an administrator wrote them, before the switch has told.
    pub fn configured(config: &CstaConfig) -> Self {
        let lower = |names: &[String]| names.iter().map(|name| name.to_ascii_lowercase()).collect();
        Self { known: config.services.as_deref().map(lower), missing: lower(&config.missing_services) }
    }

    /// As the switch tells them, unless an administrator knows better.
    pub fn found(config: &CstaConfig, told: &[String]) -> Self {
        let mut services = Self::configured(config);
        if services.known.is_none() && !told.is_empty() {
            services.known = Some(told.iter().map(|name| service(name)).collect());
        }
        services
    }

    /// True when the switch has the service, as far as anybody knows.
    pub fn has(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        !self.missing.contains(&name) && self.known.as_ref().is_none_or(|known| known.contains(&name))
    }

    /// The first of these services that is missing.
    pub(super) fn missing<'a>(&self, needed: &[&'a str]) -> Option<&'a str> {
        needed.iter().copied().find(|name| !self.has(name))
    }

    /// Own service, else several steps, else why not.
    fn support(&self, own: &str, steps: &[&str]) -> Support {
        if self.has(own) {
            Support::Supported
        } else if !steps.is_empty() && self.missing(steps).is_none() {
            Support::Emulated
        } else {
            Support::Unsupported { reason: why_missing(own).into() }
        }
    }
}

/// A service by the name of its capability, in small letters: two of them leave out a word.
fn service(capability: &str) -> String {
    let name = capability.to_ascii_lowercase();
    if matches!(name.as_str(), "singlesteptransfer" | "singlestepconference") { name + "call" } else { name }
}

/// Why nobody can be distributed by us.
const NOT_HOLDING: &str =
    "the switch distributes its calls itself: it neither asks where a call shall go nor deflects";

/// Why a call shows what the switch shows.
const NO_CALLER_ID: &str =
    "MakeCall of CSTA has no place for a number to show: the switch shows the one it gives the phone itself";
/// Why no call is recorded.
const NO_RECORDING: &str =
    "CSTA records no talk of phones: RecordMessage is for the messages of a voice unit";

/// The service by which somebody hears a call or talks along.
pub(super) const JOIN: &str = "JoinCall";
/// What stands for it.
pub(super) const JOIN_STEPS: [&str; 1] = ["SingleStepConferenceCall"];
/// Why nobody is whispered to.
pub(super) const NO_WHISPER: &str = "JoinCall of CSTA lets somebody listen (silent) or talk with everybody (active); it \
     has no way that one party alone hears";

/// Why a command cannot be given.
pub(super) fn why_missing(service: &str) -> String {
    format!("the switch does not have the service {service}, or its licence does not allow it")
}

/// Steps that stand for a service that is missing.
pub(super) const ALTERNATE_STEPS: [&str; 2] = ["HoldCall", "RetrieveCall"];
/// As above, for going back to the held call.
pub(super) const RECONNECT_STEPS: [&str; 2] = ["ClearConnection", "RetrieveCall"];
/// As above, for a consultation.
pub(super) const CONSULT_STEPS: [&str; 2] = ["HoldCall", "MakeCall"];
/// As above, for the end of a call.
pub(super) const CLEAR_STEPS: [&str; 1] = ["ClearConnection"];

/// Support by command, for every device of the switch, which can hold callers in these ways.
pub fn capabilities(services: &Services, holds: &[Holding]) -> Capabilities {
    use CommandName as Name;
    let can_hold = |way: &Holding| match way {
        Holding::RouteLoop => services.has("RouteRegister"),
        Holding::DeflectFromDevice => services.has("DeflectCall"),
    };
    let hold = if holds.iter().any(can_hold) {
        Support::Supported
    } else {
        Support::Unsupported { reason: NOT_HOLDING.into() }
    };
    let ring = Support::Unsupported {
        reason: "CSTA has no service that only rings a phone; call it from another one".into(),
    };
    [
        (Name::MakeCall, services.support("MakeCall", &[])),
        (Name::ShowCallerId, Support::Unsupported { reason: NO_CALLER_ID.into() }),
        (Name::RecordCall, Support::Unsupported { reason: NO_RECORDING.into() }),
        (Name::RingDevice, ring),
        (Name::AnswerCall, services.support("AnswerCall", &[])),
        (Name::ClearConnection, services.support("ClearConnection", &[])),
        (Name::ClearCall, services.support("ClearCall", &CLEAR_STEPS)),
        (Name::HoldCall, services.support("HoldCall", &[])),
        (Name::RetrieveCall, services.support("RetrieveCall", &[])),
        (Name::SingleStepTransfer, services.support("SingleStepTransferCall", &[])),
        (Name::ConsultationCall, services.support("ConsultationCall", &CONSULT_STEPS)),
        (Name::AlternateCall, services.support("AlternateCall", &ALTERNATE_STEPS)),
        (Name::ReconnectCall, services.support("ReconnectCall", &RECONNECT_STEPS)),
        (Name::TransferCall, services.support("TransferCall", &[])),
        (Name::ConferenceCall, services.support("ConferenceCall", &[])),
        (Name::JoinCall, services.support(JOIN, &JOIN_STEPS)),
        (Name::SetAgentState, services.support("SetAgentState", &[])),
        (Name::OfferCall, hold.clone()),
        (Name::OfferOutside, Support::Unsupported { reason: super::offers::NO_OUTSIDE.into() }),
        (Name::RouteCall, hold),
        (Name::Play, Support::Unsupported { reason: super::offers::NO_VOICE.into() }),
    ]
    .into_iter()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(services: &[&str]) -> Services {
        let names: Vec<String> = services.iter().map(ToString::to_string).collect();
        Services::found(&CstaConfig::new("lab"), &names)
    }

    #[test]
    fn what_is_missing_is_named() {
        let can = capabilities(&told(&["makeCall", "holdCall", "retrieveCall", "clearConnection"]), &[]);
        assert_eq!(can.get(&CommandName::MakeCall), Some(&Support::Supported));
        assert_eq!(can.get(&CommandName::AlternateCall), Some(&Support::Emulated));
        assert_eq!(can.get(&CommandName::ClearCall), Some(&Support::Emulated));
        let Some(Support::Unsupported { reason }) = can.get(&CommandName::TransferCall) else {
            panic!("{can:?}")
        };
        assert!(reason.contains("TransferCall"), "{reason}");
    }

    // covers: TEL-16 TEL-24
    #[test]
    fn nobody_listens_and_no_number_is_shown_and_the_reason_names_the_service() {
        let can = capabilities(&told(&["makeCall", "recordMessage"]), &[]);
        for (name, service) in [
            (CommandName::JoinCall, "JoinCall"),
            (CommandName::ShowCallerId, "MakeCall"),
            (CommandName::RecordCall, "RecordMessage"),
        ] {
            let Some(Support::Unsupported { reason }) = can.get(&name) else { panic!("{can:?}") };
            assert!(reason.contains(service), "{reason}");
        }
    }

    // covers: TEL-16
    #[test]
    fn who_listens_joins_by_its_own_service_or_by_a_conference_in_one_step() {
        let join = |services: &[&str]| capabilities(&told(services), &[]).remove(&CommandName::JoinCall);
        assert_eq!(join(&["joinCall", "singleStepConference"]), Some(Support::Supported));
        assert_eq!(join(&["singleStepConference"]), Some(Support::Emulated));
        assert!(matches!(join(&["makeCall"]), Some(Support::Unsupported { .. })));
    }

    #[test]
    fn a_capability_is_the_service_that_it_means() {
        let can = capabilities(&told(&["singleStepTransfer"]), &[]);
        assert_eq!(can.get(&CommandName::SingleStepTransfer), Some(&Support::Supported));
    }

    #[test]
    fn callers_are_held_in_the_ways_that_a_switch_has_the_services_for() {
        let holds = |services: &[&str], ways: &[Holding]| {
            let can = capabilities(&told(services), ways);
            can.get(&CommandName::OfferCall) == Some(&Support::Supported)
        };
        assert!(holds(&["deflectCall"], &[Holding::RouteLoop, Holding::DeflectFromDevice]));
        assert!(!holds(&["deflectCall"], &[Holding::RouteLoop]));
        assert!(!holds(&["routeRegister", "deflectCall"], &[]));
    }

    #[test]
    fn a_silent_switch_has_all_but_what_its_vendor_lacks() {
        let mut config = CstaConfig::new("lab");
        config.missing_services.push("ReconnectCall".into());
        let services = Services::found(&config, &[]);
        assert!(services.has("TransferCall") && !services.has("ReconnectCall"));
        config.services = Some(vec!["AnswerCall".into()]);
        let services = Services::found(&config, &["TransferCall".into()]);
        assert!(services.has("AnswerCall") && !services.has("TransferCall"));
    }
}
