//! What this Asterisk can do, and why not what it cannot.

use std::sync::Arc;

use ami::rights::Commands;
use cti_core::input::SwitchEvent;
use cti_core::permit::{Capabilities, CommandName, Support};

use super::AsteriskTranslator;
use super::held::PATIENCE_S;
use crate::config::DeviceProfile;

/// Global variable that the include file may set to say that it is loaded, and its dialplan context that proves it.
pub const INCLUDE_MARK: &str = "tieline-hold";

/// What was found at the switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facilities {
    /// The actions the action user may run; none when the switch would not tell.
    pub commands: Option<Commands>,
    /// The include file is loaded.
    pub has_include: bool,
    /// The include file lets an offer be taken back that was not carried out yet; one of an earlier version would
    /// hang up.
    pub can_take_back: bool,
    /// The include file shows numbers outside, records and lets supervisors listen; one of an earlier version would
    /// take no notice of the wish.
    pub is_recent: bool,
    /// Limit of a waiting caller, as the dialplan sets it, seconds.
    pub patience_s: u32,
}

impl Default for Facilities {
    fn default() -> Self {
        Self {
            commands: None,
            has_include: false,
            can_take_back: false,
            is_recent: false,
            patience_s: PATIENCE_S,
        }
    }
}

impl Facilities {
    /// Of a switch whose action session is not logged in: nothing can be asked.
    pub fn none() -> Self {
        Self { commands: Some(Commands::default()), ..Self::default() }
    }

    /// The first of these actions that may not be run.
    fn missing<'a>(&self, needed: &[&'a str]) -> Option<&'a str> {
        let known = self.commands.as_ref()?;
        needed.iter().copied().find(|action| !known.can_run(action))
    }

    fn support(&self, needed: &[&str], needs_include: bool, support: Support) -> Support {
        if let Some(action) = self.missing(needed) {
            let reason = format!("the manager user may not run {action}, or its module is not loaded");
            return Support::Unsupported { reason: reason.into() };
        }
        if needs_include && !self.has_include {
            let reason = "extensions_tieline.conf is not included in the dialplan";
            return Support::Unsupported { reason: reason.into() };
        }
        support
    }

    /// As above, for what came with later versions of the include file.
    fn recent(&self, needed: &[&str], support: Support) -> Support {
        match self.support(needed, true, support) {
            Support::Supported | Support::Emulated if !self.is_recent => {
                let reason =
                    "extensions_tieline.conf is of an earlier version: put the present one in its place";
                Support::Unsupported { reason: reason.into() }
            }
            found @ (Support::Supported | Support::Emulated | Support::Unsupported { .. }) => found,
        }
    }
}

/// Support by command for devices without a profile.
pub fn capabilities(facilities: &Facilities) -> Capabilities {
    use CommandName as Name;
    let with = |needed: &[&str], needs_include: bool, support: Support| {
        facilities.support(needed, needs_include, support)
    };
    let through_include = || with(&["Redirect", "Bridge", "Setvar", "Hangup"], true, Support::Emulated);
    let by_phone = Support::Unsupported {
        reason: "no profile says that this phone obeys the switch; use the phone, or name its User-Agent"
            .into(),
    };
    [
        (Name::MakeCall, with(&["Originate"], false, Support::Supported)),
        (Name::ShowCallerId, facilities.recent(&["Originate"], Support::Supported)),
        (Name::RecordCall, facilities.recent(&["Originate"], Support::Supported)),
        (Name::RingDevice, with(&["Originate"], false, Support::Supported)),
        (Name::AnswerCall, by_phone.clone()),
        (Name::ClearConnection, with(&["Hangup"], false, Support::Supported)),
        (Name::ClearCall, with(&["Hangup"], false, Support::Supported)),
        (Name::HoldCall, by_phone.clone()),
        (Name::RetrieveCall, by_phone),
        (Name::SingleStepTransfer, with(&["BlindTransfer"], false, Support::Supported)),
        (Name::ConsultationCall, through_include()),
        (Name::AlternateCall, through_include()),
        (Name::ReconnectCall, through_include()),
        (Name::TransferCall, through_include()),
        (Name::ConferenceCall, through_include()),
        (Name::JoinCall, facilities.recent(&["Originate", "Redirect", "Setvar"], Support::Supported)),
        (Name::OfferCall, with(&["Redirect", "Setvar", "AbsoluteTimeout"], true, Support::Emulated)),
        (Name::OfferOutside, with(&["Redirect", "Setvar", "AbsoluteTimeout"], true, Support::Emulated)),
        (Name::RouteCall, with(&["Redirect", "Setvar", "AbsoluteTimeout"], true, Support::Emulated)),
        (Name::Play, with(&["AGI", "AbsoluteTimeout"], true, Support::Supported)),
        (Name::SetAgentState, with(&["QueueAdd", "QueuePause", "QueueRemove"], false, Support::Supported)),
    ]
    .into_iter()
    .collect()
}

/// The same for a phone that obeys notifications.
fn with_profile(base: &Capabilities, facilities: &Facilities, profile: &DeviceProfile) -> Capabilities {
    let mut own = base.clone();
    let notify = || facilities.support(&["PJSIPNotify"], false, Support::Supported);
    if profile.talk {
        own.insert(CommandName::AnswerCall, notify());
    }
    if profile.hold {
        own.insert(CommandName::HoldCall, notify());
    }
    if profile.talk && profile.hold {
        own.insert(CommandName::RetrieveCall, notify());
    }
    own
}

impl AsteriskTranslator {
    /// Takes what the driver found at the switch; gives what every device can do.
    pub fn set_facilities(&mut self, facilities: Facilities) -> Capabilities {
        let base = capabilities(&facilities);
        self.facilities = facilities;
        base
    }

    /// Tells the Domain of phones that can do more than the switch in general.
    pub(super) fn tell_device_capabilities(&mut self) {
        let base = capabilities(&self.facilities);
        let profiles: Vec<(String, DeviceProfile)> =
            self.devices.profiles.iter().map(|(name, profile)| (name.clone(), profile.clone())).collect();
        for (endpoint, profile) in profiles {
            let device = self.devices.device(&format!("PJSIP/{endpoint}").into());
            let capabilities = Some(with_profile(&base, &self.facilities, &profile));
            let name: Option<Arc<str>> = None;
            self.say(SwitchEvent::Device { device, name, capabilities });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(capabilities: &Capabilities, command: CommandName) -> Option<&str> {
        match capabilities.get(&command)? {
            Support::Unsupported { reason } => Some(reason),
            Support::Supported | Support::Emulated => None,
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let reply =
            ami::Message::parse(b"Response: Success\r\nHangup: Hang up. (Priv: call,all)\r\n\r\n").unwrap();
        let bare = Facilities {
            commands: Some(Commands::read(&reply)),
            has_include: false,
            ..Facilities::default()
        };
        let can = capabilities(&bare);
        assert_eq!(can.get(&CommandName::ClearCall), Some(&Support::Supported));
        assert!(reason(&can, CommandName::MakeCall).unwrap().contains("Originate"));
        let all = Facilities { commands: None, has_include: false, ..Facilities::default() };
        let can = capabilities(&all);
        assert!(reason(&can, CommandName::ConsultationCall).unwrap().contains("extensions_tieline.conf"));
        let can = capabilities(&Facilities { commands: None, has_include: true, ..Facilities::default() });
        assert_eq!(can.get(&CommandName::TransferCall), Some(&Support::Emulated));
    }

    #[test]
    fn only_a_phone_with_a_profile_answers_by_notification() {
        let facilities = Facilities::default();
        let base = capabilities(&facilities);
        assert!(reason(&base, CommandName::AnswerCall).unwrap().contains("User-Agent"));
        let profile = DeviceProfile { user_agent: "Snom".into(), talk: true, hold: false };
        let own = with_profile(&base, &facilities, &profile);
        assert_eq!(own.get(&CommandName::AnswerCall), Some(&Support::Supported));
        assert!(reason(&own, CommandName::HoldCall).is_some());
        assert!(reason(&own, CommandName::RetrieveCall).is_some());
    }
}
