//! What becomes of commands: only the switch's events say that one had its effect.

use super::Turn;
use crate::connection::ConnectionState;
use crate::fact::{AcdFact, AgentChoice, Cause, CommandStep, Fact, Side};
use crate::ids::{CallId, CommandId, DeviceId, LegId, SwitchId};
use crate::input::RequestOutcome;
use crate::permit::CommandName;
use crate::request::SwitchRequest;
use crate::state::{Command, CommandState};

/// A step seen in the facts of this turn.
enum Seen {
    Step(CommandStep, Option<CallId>),
    Success,
    Failure(&'static str, &'static str),
}

impl Turn<'_> {
    pub(super) fn request_outcome(&mut self, id: CommandId, outcome: RequestOutcome) {
        let Some(command) = self.state.commands.get(&id).filter(|one| !one.state.is_final()) else {
            return;
        };
        match outcome {
            RequestOutcome::Accepted => {
                let (call, plays) = (command.call, command.name == CommandName::Play);
                if command.state == CommandState::Sent {
                    self.emit(Fact::CommandProgress { command: id, step: CommandStep::Accepted, call });
                }
                if plays {
                    // Nothing else shows that somebody hears something.
                    self.emit(Fact::CommandSucceeded { command: id });
                }
            }
            RequestOutcome::Refused { detail } => {
                self.emit(Fact::CommandFailed { command: id, code: "refused".into(), detail });
            }
            RequestOutcome::NeverSent { detail } => {
                self.emit(Fact::CommandFailed { command: id, code: "never_sent".into(), detail });
            }
            RequestOutcome::Unknown { detail } => {
                self.emit(Fact::CommandOutcomeUnknown { command: id, detail });
            }
        }
    }

    /// Holds the facts of this turn against the open commands.
    pub(super) fn settle_commands(&mut self) {
        if self.state.open_commands.is_empty() {
            self.settled = self.records.len();
            return;
        }
        while let Some(fact) = self.records.get(self.settled).map(|record| record.fact.clone()) {
            self.settled += 1;
            if !may_be_effect(&fact) {
                continue;
            }
            let open = self
                .state
                .open_commands
                .iter()
                .filter_map(|id| self.state.commands.get(id).map(|one| (*id, one)));
            let seen: Vec<(CommandId, Seen)> =
                open.filter_map(|(id, one)| self.seen(id, one, &fact).map(|seen| (id, seen))).collect();
            for (command, seen) in seen {
                match seen {
                    Seen::Step(step, call) => self.step(command, step, call),
                    Seen::Success => self.emit(Fact::CommandSucceeded { command }),
                    Seen::Failure(code, detail) => {
                        self.emit(Fact::CommandFailed { command, code: code.into(), detail: detail.into() });
                    }
                }
            }
        }
    }

    fn step(&mut self, command: CommandId, step: CommandStep, call: Option<CallId>) {
        let told = self
            .state
            .commands
            .get(&command)
            .is_some_and(|one| one.steps.iter().any(|(old, _)| *old == step));
        if !told {
            self.emit(Fact::CommandProgress { command, step, call });
            // Nobody is called when a phone is only to ring.
            let rings_only =
                self.state.commands.get(&command).is_some_and(|one| one.name == CommandName::RingDevice);
            let last = if rings_only { CommandStep::OwnAnswered } else { CommandStep::Connected };
            if step == last {
                self.emit(Fact::CommandSucceeded { command });
            }
        }
    }

    fn seen(&self, id: CommandId, command: &Command, fact: &Fact) -> Option<Seen> {
        if command.name == CommandName::JoinCall && self.is_joined(command, fact) {
            return Some(Seen::Success);
        }
        if command.name.begins_a_call() {
            return self.click_to_dial(id, command, fact);
        }
        let mine = |device: &DeviceId| Some(*device) == command.device;
        let here = |call: &CallId| Some(*call) == command.call;
        let success = match (command.name, fact) {
            (
                CommandName::AnswerCall,
                Fact::LegAnswered { device, call, .. } | Fact::LegOriginated { device, call, .. },
            )
            | (CommandName::ClearConnection, Fact::LegCleared { device, call, .. })
            | (CommandName::HoldCall, Fact::LegHeld { device, call, .. }) => mine(device) && here(call),
            (CommandName::ClearConnection, Fact::CallObservationEnded { by, .. }) => {
                mine(by) && matches!(command.request, SwitchRequest::LeaveCall { .. })
            }
            (CommandName::ClearCall, Fact::CallEnded { call, .. })
            | (
                CommandName::OfferCall,
                Fact::Acd(AcdFact::OfferRinging { call, .. } | AcdFact::RouteReturned { call, .. }),
            )
            | (CommandName::OfferCall | CommandName::RouteCall, Fact::CallEnded { call, .. })
            | (CommandName::RouteCall, Fact::Acd(AcdFact::RouteEnded { call, .. })) => here(call),
            (
                CommandName::RetrieveCall | CommandName::AlternateCall | CommandName::ReconnectCall,
                Fact::LegRetrieved { device, .. },
            ) => mine(device),
            (
                CommandName::SingleStepTransfer | CommandName::TransferCall,
                Fact::CallTransferred { by, .. },
            )
            | (CommandName::ConsultationCall, Fact::CallConsulted { by, .. }) => mine(by),
            (CommandName::ConferenceCall, Fact::CallConferenced { call, by }) => {
                by.as_ref().map_or_else(|| here(call), mine)
            }
            // A conference that grows is told as one only once.
            (CommandName::ConferenceCall, Fact::LegMoved { call, device, .. }) => {
                mine(device) && self.state.calls.get(call).is_some_and(|one| one.conference)
            }
            (CommandName::SetAgentState, Fact::MemberChanged { .. } | Fact::MemberRemoved { .. }) => {
                self.is_set(command)
            }
            _ => false,
        };
        success.then_some(Seen::Success)
    }

    /// True for the fact that the phone hears the party that it was meant to hear, in the way that was asked for.
    fn is_joined(&self, command: &Command, fact: &Fact) -> bool {
        let (SwitchRequest::JoinCall { heard, mode, .. }, Fact::CallObserved { call, by, mode: told }) =
            (&command.request, fact)
        else {
            return false;
        };
        Some(*by) == command.device
            && told.is_none_or(|told| told == *mode)
            && self
                .state
                .calls
                .get(call)
                .is_some_and(|one| one.legs.iter().any(|leg| leg.connection == *heard))
    }

    /// True when the agent's memberships are as the command wished.
    fn is_set(&self, command: &Command) -> bool {
        let SwitchRequest::SetAgentState { queues, choice, .. } = &command.request else {
            return false;
        };
        let agent = command.device.and_then(|id| self.state.devices.get(&id)).and_then(|one| one.agent);
        let Some(agent) = agent.and_then(|id| self.state.agents.get(&id)) else {
            return false;
        };
        let switch = self.state.switches.get(&command.switch);
        queues.iter().all(|queue| {
            let id = switch.and_then(|one| one.queue_index.get(queue));
            let membership = id.and_then(|id| agent.queues.get(&id));
            match (choice, membership) {
                (AgentChoice::LoggedOut, None) => true,
                (AgentChoice::Ready, Some(one)) => !one.paused,
                (AgentChoice::Paused { .. }, Some(one)) => one.paused,
                (AgentChoice::LoggedOut, Some(_))
                | (AgentChoice::Ready | AgentChoice::Paused { .. }, None) => false,
            }
        })
    }

    /// Steps of a click-to-dial: own phone, then the target; failed when the call ends before both talk.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other facts say nothing about a command")]
    fn click_to_dial(&self, id: CommandId, command: &Command, fact: &Fact) -> Option<Seen> {
        let leg_side = |call: &CallId, leg: &LegId| self.leg(*call, *leg).map(|one| one.side);
        let of_command = |call: &CallId| command.call == Some(*call);
        match fact {
            Fact::CallCreated { call, command: Some(made), .. } if *made == id => {
                Some(Seen::Step(CommandStep::Accepted, Some(*call)))
            }
            Fact::LegAlerting { call, leg, .. } if of_command(call) => {
                let own = leg_side(call, leg) == Some(Side::Originator);
                let step = if own { CommandStep::OwnRinging } else { CommandStep::TargetRinging };
                Some(Seen::Step(step, Some(*call)))
            }
            Fact::LegOriginated { call, .. } if of_command(call) => {
                Some(Seen::Step(CommandStep::OwnAnswered, Some(*call)))
            }
            Fact::LegAnswered { call, .. } if of_command(call) => {
                Some(Seen::Step(CommandStep::Connected, Some(*call)))
            }
            Fact::CallEnded { call, cause, .. } if of_command(call) && !command.state.is_final() => {
                let own_answered = command.steps.iter().any(|(step, _)| *step == CommandStep::OwnAnswered);
                if own_answered && command.name == CommandName::JoinCall {
                    // The phone leaves its call to hear the other one.
                    return None;
                }
                let (code, detail) = dial_failure(own_answered, *cause);
                Some(Seen::Failure(code, detail))
            }
            _ => None,
        }
    }

    /// After a snapshot every command of unknown outcome is settled: what the picture shows, or no effect.
    pub(super) fn settle_unknown(&mut self, switch: &SwitchId) {
        let is_unknown =
            |one: &Command| one.switch == *switch && matches!(one.state, CommandState::OutcomeUnknown { .. });
        let open = self.state.open_commands.iter().copied();
        let unknown: Vec<CommandId> =
            open.filter(|id| self.state.commands.get(id).is_some_and(is_unknown)).collect();
        for command in unknown {
            match self.shown(command) {
                Some(true) => self.emit(Fact::CommandSucceeded { command }),
                Some(false) => {
                    let detail = "after the link came back the switch shows no effect".into();
                    self.emit(Fact::CommandFailed { command, code: "no_effect".into(), detail });
                }
                None => {}
            }
        }
    }

    /// Whether the picture shows the effect of a command; none while it is still under way.
    fn shown(&self, id: CommandId) -> Option<bool> {
        let command = self.state.commands.get(&id)?;
        let leg = |call: Option<CallId>| self.state.calls.get(&call?)?.leg_at(command.device?);
        let state = leg(command.call).map(|one| one.state);
        Some(match command.name {
            CommandName::MakeCall => {
                let Some(call) = command.call.and_then(|call| self.state.calls.get(&call)) else {
                    return Some(false);
                };
                // Without an answer the call itself will tell.
                call.answered_at?;
                true
            }
            CommandName::JoinCall => {
                let SwitchRequest::JoinCall { heard, .. } = &command.request else { return Some(false) };
                let by = command.device?;
                let is_heard = |one: &crate::state::Call| {
                    one.observers.contains_key(&by) && one.legs.iter().any(|leg| leg.connection == *heard)
                };
                let rings = command.call.is_some_and(|call| self.state.calls.contains_key(&call));
                let hears = self.state.calls.values().any(is_heard);
                if rings && !hears {
                    return None;
                }
                hears
            }
            CommandName::ClearConnection if matches!(command.request, SwitchRequest::LeaveCall { .. }) => {
                let by = command.device?;
                !self.state.calls.values().any(|one| one.observers.contains_key(&by))
            }
            CommandName::RingDevice => command
                .call
                .filter(|call| self.state.calls.contains_key(call))
                .map_or(Some(false), |_| None)?,
            CommandName::AnswerCall | CommandName::RetrieveCall => state == Some(ConnectionState::Connected),
            CommandName::HoldCall => state == Some(ConnectionState::Hold),
            CommandName::ClearCall => command.call.is_none_or(|call| !self.state.calls.contains_key(&call)),
            CommandName::SetAgentState => self.is_set(command),
            CommandName::ConsultationCall => self.state.other_leg(command.call?, command.device?).is_some(),
            CommandName::ClearConnection | CommandName::SingleStepTransfer | CommandName::TransferCall => {
                state.is_none()
            }
            CommandName::ConferenceCall => {
                command.call.and_then(|call| self.state.calls.get(&call)).is_some_and(|call| call.conference)
            }
            CommandName::OfferCall => {
                let Some(call) = command.call.filter(|call| self.state.calls.contains_key(call)) else {
                    return Some(true);
                };
                let mut offers = self.state.offers.values().filter(|one| one.call == call);
                // A caller who waits again was said to be back. Of another one a phone may be about to ring: whose it is
                // gets nothing else until it rings, the caller comes back, or the time of the offer is over.
                if offers.clone().any(|one| one.leg.is_none() && one.accepted_at.is_none()) {
                    return None;
                }
                offers.any(|one| one.leg.is_some())
            }
            CommandName::RouteCall => command
                .call
                .and_then(|call| self.state.calls.get(&call))
                .is_none_or(|call| call.route.is_none()),
            CommandName::OfferOutside
            | CommandName::ShowCallerId
            | CommandName::RecordCall
            | CommandName::Play
            | CommandName::AlternateCall
            | CommandName::ReconnectCall => false,
        })
    }
}

/// False for facts of ours that follow from no command; a queue of many callers makes many of them at a time.
const fn may_be_effect(fact: &Fact) -> bool {
    !matches!(
        fact,
        Fact::CommandSent { .. }
            | Fact::CommandProgress { .. }
            | Fact::CommandSucceeded { .. }
            | Fact::CommandFailed { .. }
            | Fact::QueueEntered { .. }
            | Fact::Acd(
                AcdFact::Announced { .. } | AcdFact::EntryRanked { .. } | AcdFact::OfferReserved { .. }
            )
    )
}

/// Code and words for a click-to-dial whose call ended before both talked.
const fn dial_failure(own_answered: bool, cause: Cause) -> (&'static str, &'static str) {
    match (own_answered, cause) {
        (false, Cause::NoAnswer) => ("own_no_answer", "your phone was not answered"),
        (false, Cause::Busy | Cause::Rejected) => ("own_busy", "your phone is busy or declined"),
        (false, _) => ("own_not_reached", "your phone could not be reached"),
        (true, Cause::Busy) => ("target_busy", "the number is busy"),
        (true, Cause::NoAnswer) => ("target_no_answer", "nobody answered"),
        (true, Cause::UnknownNumber) => ("target_unknown", "the number does not exist"),
        (true, Cause::Barred) => ("target_barred", "the switch does not allow this number"),
        (true, Cause::Canceled | Cause::Normal) => ("canceled", "hung up before the answer"),
        (true, _) => ("target_not_reached", "the number could not be reached"),
    }
}
