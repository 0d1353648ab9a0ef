//! A supervisor's phone hears a call: `ChanSpy` by the include file, bound to the one channel that is heard.

use std::time::Duration;

use ami::action::{CallerId, Originate, Redirect, Request};
use cti_core::fact::Observation;
use cti_core::ids::{CommandId, Native};

use super::AsteriskTranslator;
use super::consults::Intent;
use super::dials::Originated;
use super::model::{Channel, uid_of};
use super::requests::{Planned, checked, hang_up, never, set_variable};

/// Context of the include file; its extensions are the ways to hear a call.
const LISTEN_CONTEXT: &str = "tieline-listen";
/// Variable with the uid of the channel that is heard.
const HEARD: &str = "CTI_HEARD";

/// The extension that hears in this way.
const fn exten_of(mode: Observation) -> &'static str {
    match mode {
        Observation::Listen => "listen",
        Observation::Whisper => "whisper",
        Observation::BargeIn => "barge_in",
    }
}

/// In which way a channel at this place hears; none where the company's own dialplan lets it.
pub(super) fn mode_at(context: Option<&str>, exten: Option<&str>) -> Option<Observation> {
    let ways = [Observation::Listen, Observation::Whisper, Observation::BargeIn];
    let is_ours = context == Some(LISTEN_CONTEXT);
    ways.into_iter().find(|mode| is_ours && exten == Some(exten_of(*mode)))
}

impl AsteriskTranslator {
    pub(super) fn plan_join(
        &mut self,
        command: CommandId,
        (device, connection): (&Native, &Native),
        heard: &Native,
        mode: Observation,
    ) -> Planned {
        if !self.facilities.is_recent {
            return Err(never("listening needs the present extensions_tieline.conf in the dialplan"));
        }
        let heard = self.model.channel(uid_of(heard)).ok_or_else(|| never("this party has already left"))?;
        let uid = argument(&heard.uid)?;
        let listens = |channel: &&Channel| channel.listens_to.is_some() && channel.device() == Some(device);
        let listener = self.model.channels.values().find(listens);
        if let Some((own, name)) = listener.map(|own| (own.uid.clone(), own.name.to_string())) {
            // The phone is at it already: only the way changes, or the call.
            let redirect = Redirect {
                channel: name.clone(),
                context: LISTEN_CONTEXT.to_owned(),
                exten: exten_of(mode).to_owned(),
                priority: "1".to_owned(),
                ..Redirect::default()
            };
            let actions = vec![set_variable(&name, HEARD, &uid)?, checked(redirect.to_action())?];
            self.intend(&own, Intent::Join);
            return Ok(actions);
        }
        let extension = heard.device().cloned().and_then(|heard| self.devices.device(&heard).extension);
        let number = extension.as_deref().unwrap_or_default().to_owned();
        let action = Originate {
            channel: device.as_str().to_owned(),
            extension: Some((LISTEN_CONTEXT.to_owned(), exten_of(mode).to_owned(), "1".to_owned())),
            timeout: Some(Duration::from_millis(self.config.own_ring_ms)),
            caller_id: Some(CallerId { name: "Tieline".to_owned(), number }),
            variables: vec![(HEARD.to_owned(), uid)],
            channel_id: Some(connection.as_str().to_owned()),
            ..Originate::default()
        };
        let action = checked(action.to_action())?;
        let asked = Originated { command, to: None, asked: self.at, has_rung: false };
        self.originated.insert(connection.as_str().into(), asked);
        Ok(vec![action])
    }
}

impl AsteriskTranslator {
    /// The phone hears its call no more.
    pub(super) fn plan_leave(&self, device: &Native) -> Planned {
        let listens = |channel: &&Channel| channel.listens_to.is_some() && channel.device() == Some(device);
        let listener = self.model.channels.values().find(listens);
        let listener = listener.ok_or_else(|| never("this phone hears no call"))?;
        Ok(vec![hang_up(listener.name.to_string())?])
    }
}

/// A uid as an argument of an application: whatever would part it from the next argument, or be read as more than a
/// name, is refused.
fn argument(uid: &str) -> Result<String, cti_core::input::RequestOutcome> {
    let is_plain =
        !uid.is_empty() && uid.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if is_plain {
        Ok(uid.to_owned())
    } else {
        Err(never("the switch names this channel in a way that cannot be heard"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_of_one_channel_is_an_argument() {
        assert!(argument("1795792184.29").is_ok() && argument("cmd_01abc-x").is_ok());
        for bad in ["", "a,B", "PJSIP/1001", "a|b", "${X}", "a&b"] {
            assert!(argument(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_channel_hears_in_the_way_of_its_place() {
        assert_eq!(mode_at(Some(LISTEN_CONTEXT), Some("whisper")), Some(Observation::Whisper));
        assert_eq!(mode_at(Some(LISTEN_CONTEXT), Some("2001")), None);
        assert_eq!(mode_at(Some("from-internal"), Some("listen")), None);
    }
}
