//! How a channel goes through the dialplan.

use super::channel::{Channel, Doing, Id};
use super::dials::Kind;
use super::features::Turn;
use super::{ChanId, Exchange, MILLI, SECOND, Timer};
use crate::plan::{HeldStep, Include, Step, Target};

/// Context of the include file in which an agent's leg dials for a consultation.
pub(crate) const CONSULT_CONTEXT: &str = "tieline-consult";
/// Context in which a machine answers.
const VOICEMAIL: &str = "voicemail";
/// Most steps in a row without waiting; a dialplan that goes round in circles ends there.
const STEPS_MAX: u32 = 100;
/// How long `tieline-hold` keeps a caller, and `tieline-agent-wait` an agent, seconds.
const HOLD_S: u32 = 600;
const AGENT_WAITS_S: u32 = 60;
/// Cause of a call to a phone that is not registered.
const SUBSCRIBER_ABSENT: u8 = 20;
/// How long a consultation rings, seconds.
const CONSULT_RING_S: u32 = 60;

/// What follows a step.
enum Next {
    /// The next one at once.
    Goes,
    /// Something else calls [`Exchange::run`] later.
    Waits,
    /// The channel is gone, or somewhere else.
    Gone,
}

impl Exchange {
    /// Sends a channel to an extension and runs it there. An extension that does not exist ends it.
    pub(crate) fn send_to(&mut self, id: ChanId, context: &str, exten: &str) {
        self.place_at(id, context, exten);
        self.run(id);
    }

    /// Puts a channel at an extension; it runs when [`run`](Self::run) is called.
    pub(crate) fn place_at(&mut self, id: ChanId, context: &str, exten: &str) {
        let steps = self.plan.route(context, exten);
        if let Some(channel) = self.channels.get_mut(&id) {
            channel.has_plan = true;
            context.clone_into(&mut channel.context);
            exten.clone_into(&mut channel.exten);
            channel.priority = 1;
            channel.steps = steps.unwrap_or_else(|| vec![Step::Hangup(Some(1))]).into();
        }
    }

    /// Runs a channel until it waits for something or ends.
    pub(crate) fn run(&mut self, id: ChanId) {
        for _ in 0..STEPS_MAX {
            let Some(channel) = self.channels.get_mut(&id).filter(|channel| !channel.is_ending) else {
                return;
            };
            let Some(step) = channel.steps.pop_front() else { return self.end(id, 16) };
            channel.priority += 1;
            match self.step(id, step) {
                Next::Goes => {}
                Next::Waits | Next::Gone => return,
            }
        }
        self.end(id, 0);
    }

    fn step(&mut self, id: ChanId, step: Step) -> Next {
        match step {
            Step::Answer => {
                self.comes_up(id);
                if self.channels.get(&id).is_some_and(|channel| channel.context == VOICEMAIL) {
                    self.voice_answers(id, VOICEMAIL);
                }
                Next::Goes
            }
            Step::Dial { targets, ring_s, goes_on } => self.calls(id, targets, ring_s, goes_on),
            Step::Station(extension) => self.calls_station(id, extension),
            Step::ShowNumber(pattern) => {
                self.show_number(id, &pattern);
                Next::Goes
            }
            Step::IfNoAnswer { context, exten } => {
                if self.channels.get(&id).is_some_and(|channel| channel.was_unanswered && channel.cause == 0)
                {
                    self.place_at(id, &context, &exten);
                }
                Next::Goes
            }
            Step::BackToTransferrer(extension) => self.calls_back(id, extension),
            Step::Queue { queue, limit_s } => {
                if self.joins(id, &queue, limit_s) {
                    Next::Waits
                } else {
                    Next::Goes
                }
            }
            Step::Play(millis) => {
                // A number nobody has is told at once, not after the announcement.
                if let Some(Step::Hangup(Some(cause))) =
                    self.channels.get(&id).and_then(|one| one.steps.front())
                {
                    self.call_fails(id, *cause);
                }
                self.listens(id, ("Playback", ""), i64::from(millis) * MILLI)
            }
            Step::Wait(seconds) => self.listens(id, ("Wait", ""), i64::from(seconds) * SECOND),
            Step::Retrieve(place) => self.retrieves(id, place),
            Step::Park => self.is_parked(id),
            Step::PickUp(from) => {
                self.application(id, "Pickup", from.as_deref().unwrap_or_default());
                if self.fetches(id, from.as_deref()) { Next::Waits } else { Next::Goes }
            }
            Step::Route { point, timeout_ms } => self.asks(id, &point, Some(timeout_ms)),
            Step::Again(point) => self.asks(id, &point, None),
            Step::Goto { context, exten } => {
                self.place_at(id, &context, &exten);
                Next::Goes
            }
            Step::Hangup(cause) => {
                let known = self.channels.get(&id).map_or(16, |channel| channel.cause);
                self.call_fails(id, cause.unwrap_or(known));
                self.end(id, cause.unwrap_or(known));
                Next::Gone
            }
            Step::Conference(room) => {
                self.application(id, "ConfBridge", &room);
                self.join_conference(id, &room);
                Next::Waits
            }
            Step::Code(code) => {
                self.code(id, &code);
                Next::Goes
            }
            Step::Include(step) => self.include_step(id, step),
        }
    }

    /// Asks a computer where to go, for so long, or asks it again.
    fn asks(&mut self, id: ChanId, point: &str, timeout_ms: Option<u32>) -> Next {
        match timeout_ms {
            Some(timeout_ms) => self.asks_route(id, point, timeout_ms),
            None => self.asks_again(id, point),
        }
        Next::Waits
    }

    /// Steps of the include file, `extensions_tieline.conf`.
    fn include_step(&mut self, id: ChanId, step: Include) -> Next {
        let Some(channel) = self.channels.get(&id) else { return Next::Gone };
        let own = |name: &str| channel.variable(name).to_owned();
        let context = channel.variable("CTI_CONTEXT");
        let context = if context.is_empty() { "from-internal".to_owned() } else { context.to_owned() };
        match step {
            Include::Hold => {
                let seconds = own("CTI_HOLD_S").parse().unwrap_or(HOLD_S);
                self.set_variable(id, "CTI_WAIT", &seconds.to_string());
                self.music_starts(id);
                self.listens(id, ("MusicOnHold", "default"), i64::from(seconds) * SECOND)
            }
            Include::HoldEnds => {
                let back = own("CTI_RETURN");
                self.music_stops(id);
                if !back.is_empty() {
                    self.place_at(id, &context, &back);
                }
                Next::Goes
            }
            Include::Guard => {
                if own("CTI_GUARDED") != "1" {
                    self.set_variable(id, "CTI_GUARDED", "1");
                }
                Next::Goes
            }
            Include::Consult(exten) => {
                let ring_s = own("CTI_RING_S").parse().unwrap_or(CONSULT_RING_S);
                self.set_variable(id, "CTI_RING", &ring_s.to_string());
                let target = Target::Local { exten, context, stays: false };
                self.calls(id, vec![target], ring_s, true)
            }
            Include::AgentWaits => {
                if own("CTI_HELD").is_empty() {
                    self.end(id, 16);
                    return Next::Gone;
                }
                self.listens(id, ("Wait", "60"), i64::from(AGENT_WAITS_S) * SECOND)
            }
            Include::TakeBack => {
                let back = own("CTI_BACK");
                match self.find(&back).filter(|waits| *waits != id && self.is_up(*waits)) {
                    Some(waits) => {
                        self.take_back(id, waits);
                        Next::Waits
                    }
                    None => Next::Goes,
                }
            }
            Include::Held(step) => self.held_step(id, step, &context),
            Include::DialAsAgent(exten) => {
                self.dials_as_agent(id, &context, &exten);
                Next::Goes
            }
            Include::Listens(options) => {
                if self.hears_by_spying(id, options) {
                    Next::Waits
                } else {
                    Next::Goes
                }
            }
            Include::Records => {
                self.is_recorded(id);
                Next::Goes
            }
        }
    }

    /// Steps of callers whom Tieline distributes; numbers are dialled in this context.
    fn held_step(&mut self, id: ChanId, step: HeldStep, context: &str) -> Next {
        match step {
            HeldStep::Enters(exten) => {
                self.set_variable(id, "__CTI_QUEUE", &exten);
                Next::Goes
            }
            HeldStep::Waits => {
                self.waits_for_agi(id);
                Next::Waits
            }
            HeldStep::Ends => {
                self.set_limit(id, 0);
                self.music_stops(id);
                if let Some(fallback) = self.plan.dialplan.fallback.clone() {
                    let phones = self.plan.dialplan.phones.clone();
                    self.place_at(id, &phones, &fallback);
                }
                Next::Goes
            }
            HeldStep::Offers => {
                let (targets, ring_s) = self.offered(id);
                self.calls(id, targets, ring_s, false)
            }
            HeldStep::OfferEnds(exten) => {
                self.offer_over(id, &exten);
                Next::Goes
            }
            HeldStep::RoutesOn(exten) => {
                self.set_limit(id, 0);
                self.music_stops(id);
                self.place_at(id, context, &exten);
                Next::Goes
            }
        }
    }

    pub(crate) fn application(&mut self, id: ChanId, name: &str, data: &str) {
        if let Some(channel) = self.channels.get_mut(&id) {
            channel.application = (name.to_owned(), data.to_owned());
        }
    }

    fn calls(&mut self, id: ChanId, targets: Vec<Target>, ring_s: u32, goes_on: bool) -> Next {
        let ring_s = match self.turn(id, &targets) {
            Turn::Rings => ring_s,
            Turn::RingsFor(seconds) => seconds,
            Turn::Goes => return Next::Goes,
        };
        let targets = self.with_companions(targets);
        let data = targets.iter().map(shown).collect::<Vec<_>>().join("&");
        self.application(id, "Dial", &format!("{data},{ring_s}"));
        let targets: Vec<(Target, String)> =
            targets.into_iter().map(|target| (target, String::new())).collect();
        if let Some(channel) = self.channels.get_mut(&id) {
            channel.was_unanswered = true;
            channel.cause = 0;
        }
        if self.dial(Some(id), &targets, ring_s, Kind::Plain { goes_on }).is_some() {
            return Next::Waits;
        }
        if let Some(channel) = self.channels.get_mut(&id) {
            channel.cause = SUBSCRIBER_ABSENT;
        }
        Next::Goes
    }

    fn calls_station(&mut self, id: ChanId, extension: String) -> Next {
        let Some(channel) = self.channels.get_mut(&id) else { return Next::Gone };
        let transferrer = channel.variable("BLINDTRANSFER").to_owned();
        let plan = &self.plan.dialplan;
        let ring_s = if transferrer.is_empty() { plan.ring_s } else { plan.transfer_ring_s };
        if !transferrer.is_empty() {
            let device = transferrer.rsplit_once('-').map_or(transferrer.as_str(), |(device, _)| device);
            let back = device.strip_prefix("PJSIP/").unwrap_or_default().to_owned();
            channel.steps.push_front(Step::BackToTransferrer(back));
        }
        self.calls(id, vec![Target::Phone(extension)], ring_s, false)
    }

    fn calls_back(&mut self, id: ChanId, extension: String) -> Next {
        if self.channels.get(&id).is_none_or(|channel| !channel.was_unanswered) {
            return Next::Goes;
        }
        self.set_variable(id, "BLINDTRANSFER", "");
        let ring_s = self.plan.dialplan.ring_s;
        self.calls(id, vec![Target::Phone(extension)], ring_s, false)
    }

    /// The desk's own phone dials, under the number and with the recording that were asked for.
    fn dials_as_agent(&mut self, id: ChanId, context: &str, exten: &str) {
        let Some(channel) = self.channels.get(&id) else { return };
        let shown = ["CTI_FROM", "CTI_CALLER_ID"].map(|name| channel.variable(name).to_owned());
        let is_recorded = channel.variable("CTI_RECORD") == "1";
        for number in shown.iter().filter(|number| !number.is_empty()) {
            self.show_as(id, Id::new(number, number));
        }
        self.place_at(id, context, exten);
        if is_recorded {
            self.is_recorded(id);
        }
    }

    /// `MixMonitor`: the channel is recorded until it ends.
    fn is_recorded(&mut self, id: ChanId) {
        let Some(channel) = self.channels.get_mut(&id).filter(|channel| !channel.is_recorded) else { return };
        channel.is_recorded = true;
        self.tell("MixMonitorStart", id, Vec::new());
    }

    /// The number an extension shows outside; the one that Tieline chose goes first.
    fn show_number(&mut self, id: ChanId, pattern: &str) {
        let own = self.id_of(id);
        let chosen = self.channels.get(&id).map(|channel| channel.variable("CTI_CALLER_ID").to_owned());
        if let Some(number) = chosen.filter(|number| !number.is_empty()) {
            return self.show_as(id, Id { number, ..own });
        }
        let wanted = pattern.chars().filter(|sign| *sign == 'X').count();
        let mut tail = own.number.chars().skip(own.number.chars().count().saturating_sub(wanted));
        let number: String =
            pattern.chars().map(|sign| if sign == 'X' { tail.next().unwrap_or('0') } else { sign }).collect();
        self.show_as(id, Id { number, ..own });
    }

    fn listens(&mut self, id: ChanId, (application, data): (&str, &str), time: i64) -> Next {
        self.application(id, application, data);
        self.does(id, Doing::Listening);
        let token = self.channels.get(&id).map_or(0, |channel| channel.token);
        self.after(time, Timer::StepEnds(id, token));
        Next::Waits
    }

    pub(crate) fn step_ends(&mut self, id: ChanId, token: u32) {
        let is_same = |channel: &Channel| channel.token == token && channel.doing == Doing::Listening;
        if self.channels.get(&id).is_some_and(is_same) {
            self.route_expires(id);
            self.does(id, Doing::Nothing);
            self.run(id);
        }
    }

    /// The leg of an agent ended (`tieline-hangup`): who waits for it goes back to the agent's extension.
    pub(crate) fn guard_runs(&mut self, ended: &Channel) {
        let own = |name: &str| ended.variable(name);
        if own("CTI_GUARDED") != "1" || own("CTI_HELD").is_empty() || own("CTI_RETURN").is_empty() {
            return;
        }
        let context = if own("CTI_CONTEXT").is_empty() { "from-internal" } else { own("CTI_CONTEXT") };
        if let Some(held) = self.find(own("CTI_HELD")).filter(|held| self.is_up(*held)) {
            self.redirect_one(held, context, own("CTI_RETURN"));
        }
    }

    fn retrieves(&mut self, id: ChanId, place: u32) -> Next {
        if self.take_parked(id, place) { Next::Waits } else { Next::Goes }
    }

    fn is_parked(&mut self, id: ChanId) -> Next {
        if self.park(id, None) { Next::Waits } else { Next::Goes }
    }
}

fn shown(target: &Target) -> String {
    match target {
        Target::Phone(extension) => format!("PJSIP/{extension}"),
        Target::Outside(number) => format!("PJSIP/{number}@trunk"),
        Target::Local { exten, context, .. } => format!("Local/{exten}@{context}"),
    }
}
