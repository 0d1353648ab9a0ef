//! Requests for callers who are held for us: ring agents, send on, let hear, hang up.

use std::sync::Arc;

use ami::Action;
use ami::action::{Redirect, Request};
use cti_core::acd::Sound;
use cti_core::fact::OfferTarget;
use cti_core::ids::{CommandId, Native};
use cti_core::request::SwitchRequest;

use super::AsteriskTranslator;
use super::held::{FALLBACK_EXTEN, OFFER_CONTEXT, Place, QUEUE_CONTEXT, dial_word};
use super::model::{Uid, uid_of};
use super::requests::{Planned, checked, dialable, hang_up, never, set_variable};
use super::steps;

/// Context of the include file that sends a caller on by the company's dialplan.
const ROUTE_CONTEXT: &str = "tieline-route";

impl AsteriskTranslator {
    /// The caller is taken out of what it hears and rings the targets, all at once. It comes back by itself.
    pub(super) fn plan_offer(
        &mut self,
        command: CommandId,
        connection: &Native,
        targets: &[OfferTarget],
        ring_ms: u64,
        queue: &Native,
    ) -> Planned {
        let channel = self.channel_name(connection)?;
        let dial = self.dial_string(targets).ok_or_else(|| never("a target that cannot be dialled"))?;
        let Some((uid, held)) = self.held_mut(connection).filter(|(_, held)| held.waits()) else {
            return Err(never("the caller is not held at this moment"));
        };
        let actions = vec![
            set_variable(&channel, "CTI_OFFER", &dial)?,
            set_variable(&channel, "CTI_OFFER_S", &ring_ms.div_ceil(1000).max(1).to_string())?,
            set_variable(&channel, "__CTI_QUEUE", queue.as_str())?,
            redirect(&channel, OFFER_CONTEXT, held.point.as_str())?,
        ];
        self.begin_offer(&uid, command, queue);
        Ok(actions)
    }

    /// Who of the held callers a request is about. What is asked for one caller is done in the order it was asked,
    /// and does not wait for what is asked for others.
    pub fn caller_of(&self, request: &SwitchRequest) -> Option<Arc<str>> {
        let (SwitchRequest::OfferCall { connection, .. }
        | SwitchRequest::RouteCall { connection, .. }
        | SwitchRequest::Play { connection, .. }
        | SwitchRequest::ClearConnection { connection }) = request
        else {
            return None;
        };
        self.held.get_key_value(uid_of(connection)).map(|(uid, _)| Arc::clone(uid))
    }

    /// Takes back what a request may still be on its way to ring after events were missed: a redirection that is carried
    /// out later than the lists are made would ring a phone of which nobody knows. Phones that ring already ring on.
    pub fn take_offers_back(&mut self) -> Vec<(Arc<str>, Action)> {
        if !self.has_gap || !self.facilities.can_take_back {
            return Vec::new();
        }
        let mut doubtful = Vec::new();
        for (uid, held) in &mut self.held {
            let Some(offer) = held.asked_offer() else { continue };
            let Some(channel) = self.model.channel(uid) else { continue };
            if let Ok(action) = set_variable(&channel.name, "CTI_OFFER", "") {
                offer.is_taken_back();
                doubtful.push((Arc::clone(uid), action));
            }
        }
        doubtful
    }

    fn dial_string(&self, targets: &[OfferTarget]) -> Option<String> {
        let mut words = Vec::with_capacity(targets.len());
        for target in targets {
            words.push(match target {
                OfferTarget::Device { device } => dial_word(device)?.to_owned(),
                // By the company's dialplan, as if it were dialled at a phone.
                OfferTarget::Number { digits } => {
                    format!("Local/{}@{}", dialable(digits).ok()?, self.config.context)
                }
            });
        }
        (!words.is_empty()).then(|| words.join("&"))
    }

    /// What the caller was to hear is heard first; whoever rings for it stops.
    pub(super) fn plan_route(
        &mut self,
        command: CommandId,
        connection: &Native,
        to: Option<&str>,
    ) -> Planned {
        let channel = self.channel_name(connection)?;
        let actions = match to {
            Some(to) => vec![
                set_variable(&channel, "CTI_CONTEXT", &self.config.context)?,
                redirect(&channel, ROUTE_CONTEXT, &dialable(to)?)?,
            ],
            None => vec![redirect(&channel, QUEUE_CONTEXT, FALLBACK_EXTEN)?],
        };
        self.leave_by(command, connection, actions)
    }

    /// Does these actions with a held caller when it has heard all it was to hear.
    fn leave_by(&mut self, command: CommandId, connection: &Native, actions: Vec<Action>) -> Planned {
        let Some((_, held)) = self.held_mut(connection) else {
            return Err(never("the caller is not held at this moment"));
        };
        if held.waits() && held.steps.is_busy() {
            held.steps.then(command, actions);
            return Ok(Vec::new());
        }
        held.place = Place::Leaves(command);
        held.steps.clear();
        Ok(actions)
    }

    /// One party leaves. A held caller hears first what was to be said.
    pub(super) fn plan_clear_connection(&mut self, command: CommandId, connection: &Native) -> Planned {
        let actions = vec![hang_up(self.channel_name(connection)?)?];
        self.withdraw(connection);
        let speaks = |(_, held): &(Uid, &mut super::held::Held)| held.waits() && held.steps.is_busy();
        if self.held_mut(connection).is_some_and(|one| speaks(&one)) {
            return self.leave_by(command, connection, actions);
        }
        Ok(actions)
    }

    pub(super) fn plan_play(&mut self, connection: &Native, sounds: &[Sound], keys: &Arc<str>) -> Planned {
        let lines =
            steps::lines(sounds, keys).ok_or_else(|| never("a sound or a key that cannot be played"))?;
        let Some((uid, _)) = self.held_mut(connection).filter(|(_, held)| held.waits()) else {
            return Err(never("the caller is not held at this moment"));
        };
        self.add_steps(&uid, lines).map_err(|error| never(error.to_string()))?;
        Ok(Vec::new())
    }
}

fn redirect(channel: &str, context: &str, exten: &str) -> Result<Action, cti_core::input::RequestOutcome> {
    checked(
        Redirect {
            channel: channel.to_owned(),
            context: context.to_owned(),
            exten: exten.to_owned(),
            priority: "1".to_owned(),
            ..Redirect::default()
        }
        .to_action(),
    )
}
