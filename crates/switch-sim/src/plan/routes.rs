//! What a dialled number does: the dialplan as steps, of the site and of the include file that Tieline ships.

use super::{Plan, digits};

/// Who is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A phone of ours.
    Phone(String),
    /// A number outside.
    Outside(String),
    /// An extension, by way of a Local channel.
    Local {
        /// What it dials.
        exten: String,
        /// In this context.
        context: String,
        /// It is not optimised away.
        stays: bool,
    },
}

/// One step of a channel's way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Answers.
    Answer,
    /// Calls these; the channel ends with its talk, unless it goes on.
    Dial {
        /// All at once.
        targets: Vec<Target>,
        /// How long, seconds.
        ring_s: u32,
        /// The channel goes on when the other side hangs up.
        goes_on: bool,
    },
    /// Calls a phone as people dial it: shorter and with a way back after a blind transfer.
    Station(String),
    /// Shows another number of its own from here on.
    ShowNumber(String),
    /// If the last call was not answered, goes there instead.
    IfNoAnswer {
        /// Context.
        context: String,
        /// Extension.
        exten: String,
    },
    /// If the last call was not answered, calls back who transferred it.
    BackToTransferrer(String),
    /// Waits in a queue.
    Queue {
        /// Its name.
        queue: String,
        /// At most so long, seconds.
        limit_s: Option<u32>,
    },
    /// Listens to something, milliseconds.
    Play(u32),
    /// Waits in silence, seconds.
    Wait(u32),
    /// Takes a parked call from its place.
    Retrieve(u32),
    /// Is parked.
    Park,
    /// Takes what rings at this phone, or at any other one.
    PickUp(Option<String>),
    /// Asks a computer where to go, and goes on when it does not say so in time.
    Route {
        /// The route point.
        point: String,
        /// How long, milliseconds.
        timeout_ms: u32,
    },
    /// Asks the computer of this route point again: what it chose did not take the call.
    Again(String),
    /// A code of an agent.
    Code(Code),
    /// Goes to an extension.
    Goto {
        /// Context.
        context: String,
        /// Extension.
        exten: String,
    },
    /// Ends with this cause, or with that of the last call.
    Hangup(Option<u8>),
    /// A step of the include file.
    Include(Include),
    /// `tieline-conference`: joins a room.
    Conference(String),
}

/// What an agent dials a code for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// Signs in to this queue.
    SignIn(String),
    /// Signs out of it.
    SignOut(String),
    /// Pauses everywhere, with this reason, or comes back.
    Pause(Option<String>),
}

/// Steps of `extensions_tieline.conf`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Include {
    /// `tieline-hold`: waits with music for as long as its variables say.
    Hold,
    /// `tieline-hold`: goes back to the agent, or ends.
    HoldEnds,
    /// `tieline-consult`: from here on its end brings back who waits for it.
    Guard,
    /// `tieline-consult`: calls an extension of the agent's context.
    Consult(String),
    /// `tieline-agent-wait`: waits while somebody waits for it, or ends.
    AgentWaits,
    /// `tieline-back`: takes back who waits in `tieline-hold`.
    TakeBack,
    /// `tieline-dial`: dials as the agent would.
    DialAsAgent(String),
    /// `tieline-listen`: hears another channel, with these options.
    Listens(&'static str),
    /// `tieline-record`: is recorded from here on.
    Records,
    /// What is done with callers whom Tieline distributes.
    Held(HeldStep),
}

/// Steps of callers whom Tieline distributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeldStep {
    /// `tieline-queue`: says which queue it came to.
    Enters(String),
    /// `tieline-queue`: waits for what Tieline says, for as long as its limit is put off.
    Waits,
    /// `tieline-queue`: nobody tells where the caller shall go.
    Ends,
    /// `tieline-offer`: rings agents.
    Offers,
    /// `tieline-offer`: nobody answered.
    OfferEnds(String),
    /// `tieline-route`: goes on by the company's dialplan.
    RoutesOn(String),
}

impl From<HeldStep> for Step {
    fn from(step: HeldStep) -> Self {
        Self::Include(Include::Held(step))
    }
}

/// Where callers wait for Tieline, and where agents are rung for them.
pub(crate) const QUEUE_CONTEXT: &str = "tieline-queue";
const OFFER_CONTEXT: &str = "tieline-offer";
/// Not a context of any dialplan: what an Originate runs instead of one.
pub const APPLICATIONS: &str = "(application)";
/// Longest `Wait`: a day.
const LONGEST_WAIT_S: u32 = 86_400;
/// Normal clearing.
const NORMAL: u8 = 16;
/// The number is barred.
const REJECTED: u8 = 21;
/// The number does not exist.
const UNALLOCATED: u8 = 1;
/// Nobody is there for the caller.
const CONGESTION: u8 = 38;
/// How long the messages of the feature codes take, milliseconds.
const CODE_MESSAGE_MS: u32 = 500;

/// A name of a queue of Tieline, as the include file takes it.
fn is_key(exten: &str) -> bool {
    exten.len() > 1 && exten.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
}

impl Plan {
    /// The steps of an extension; none when the dialplan does not know it.
    pub fn route(&self, context: &str, exten: &str) -> Option<Vec<Step>> {
        if context == self.dialplan.phones {
            return Some(self.phone_route(exten));
        }
        if context == self.dialplan.trunk_context {
            return self.direct(exten).map(|to| vec![self.go(&to)]);
        }
        let is_dialable = !exten.is_empty() && exten.bytes().all(|byte| byte.is_ascii_graphic());
        match (context, exten) {
            ("queues", _) => self.queue_route(exten),
            // `Application: Wait` of an Originate, with its seconds.
            (APPLICATIONS, seconds) => {
                let seconds: u32 = seconds.parse().ok().filter(|seconds| *seconds <= LONGEST_WAIT_S)?;
                Some(vec![Step::Answer, Step::Play(seconds * 1_000), Step::Hangup(Some(NORMAL))])
            }
            ("voicemail", _) => Some(vec![Step::Answer, Step::Play(10_000), Step::Hangup(Some(NORMAL))]),
            ("tieline-hold", "hold") => Some(vec![
                Step::Answer,
                Step::Include(Include::Hold),
                Step::Include(Include::HoldEnds),
                Step::Hangup(Some(NORMAL)),
            ]),
            ("tieline-hold", "done") => Some(vec![Step::Hangup(Some(NORMAL))]),
            ("tieline-consult", _) if is_dialable => Some(vec![
                Step::Include(Include::Guard),
                Step::Include(Include::Consult(exten.to_owned())),
                Step::Include(Include::AgentWaits),
            ]),
            ("tieline-agent-wait", "wait") => {
                Some(vec![Step::Include(Include::Guard), Step::Include(Include::AgentWaits)])
            }
            ("tieline-back", "back") => Some(vec![
                Step::Include(Include::Guard),
                Step::Include(Include::TakeBack),
                Step::Include(Include::AgentWaits),
            ]),
            ("tieline-listen", "listen") => Some(listens("uqES")),
            ("tieline-listen", "whisper") => Some(listens("uqESw")),
            ("tieline-listen", "barge_in") => Some(listens("uqESB")),
            // The number comes as an argument there.
            ("tieline-record", "s") => Some(vec![Step::Include(Include::Records)]),
            ("tieline-dial", _) if is_dialable => {
                Some(vec![Step::Include(Include::DialAsAgent(exten.to_owned()))])
            }
            (QUEUE_CONTEXT, "T") => Some(vec![HeldStep::Ends.into(), Step::Hangup(Some(CONGESTION))]),
            (QUEUE_CONTEXT, key) if is_key(key) => Some(vec![
                Step::Answer,
                HeldStep::Enters(key.to_owned()).into(),
                HeldStep::Waits.into(),
                // The application has ended though nobody said where to go.
                HeldStep::Ends.into(),
                Step::Hangup(Some(CONGESTION)),
            ]),
            (OFFER_CONTEXT, key) if is_key(key) => {
                Some(vec![HeldStep::Offers.into(), HeldStep::OfferEnds(key.to_owned()).into()])
            }
            ("tieline-route", _) if is_dialable => Some(vec![HeldStep::RoutesOn(exten.to_owned()).into()]),
            ("tieline-conference", _) if is_dialable => {
                Some(vec![Step::Answer, Step::Conference(exten.to_owned()), Step::Hangup(Some(NORMAL))])
            }
            _ => None,
        }
    }

    fn go(&self, exten: &str) -> Step {
        Step::Goto { context: self.dialplan.phones.clone(), exten: exten.to_owned() }
    }

    /// Where a direct number leads.
    fn direct(&self, dialled: &str) -> Option<String> {
        let dialled = digits(dialled);
        self.directs.iter().find_map(|direct| translate(&direct.number, &direct.to, &dialled))
    }

    fn phone_route(&self, exten: &str) -> Vec<Step> {
        if let Some(phone) = self.phone(exten) {
            let Some(rule) = &phone.no_answer else {
                return vec![Step::Station(exten.to_owned()), Step::Hangup(None)];
            };
            let (context, to) = match rule.to.as_str() {
                "voicemail" => ("voicemail", exten),
                other => (self.dialplan.phones.as_str(), other),
            };
            let dial = dial(vec![Target::Phone(exten.to_owned())], rule.after_s);
            let other = Step::IfNoAnswer { context: context.to_owned(), exten: to.to_owned() };
            return vec![dial, other, Step::Hangup(None)];
        }
        if self.queues.iter().any(|queue| queue.extension == exten) {
            return vec![Step::Goto { context: "queues".to_owned(), exten: exten.to_owned() }];
        }
        if let Some(local) = self.locals.iter().find(|local| local.extension == exten) {
            let context = self.dialplan.phones.clone();
            let target = Target::Local { exten: local.to.clone(), context, stays: local.stays };
            return vec![dial(vec![target], self.dialplan.ring_s), Step::Hangup(None)];
        }
        if let Some(point) = self.route_points.iter().find(|point| point.extension == exten) {
            let asks = Step::Route { point: exten.to_owned(), timeout_ms: point.reply_timeout_ms };
            return vec![asks, self.go(&point.default)];
        }
        if let Some(queue) = self.held_queues.iter().find(|queue| queue.extension == exten) {
            return vec![Step::Goto { context: QUEUE_CONTEXT.to_owned(), exten: queue.key.clone() }];
        }
        self.service_route(exten).unwrap_or_else(|| self.outside_route(exten))
    }

    /// True for a number of the house that nobody has.
    pub(crate) fn is_unknown(&self, exten: &str) -> bool {
        let steps = self.route(&self.dialplan.phones, exten).unwrap_or_default();
        matches!(steps.last(), None | Some(Step::Hangup(Some(UNALLOCATED))))
    }

    /// Parking, pickup and the codes of agents.
    fn service_route(&self, exten: &str) -> Option<Vec<Step>> {
        if let Some(parking) = &self.parking {
            if parking.extension == exten {
                return Some(vec![Step::Park, Step::Hangup(Some(NORMAL))]);
            }
            let [first, last] = parking.places;
            if let Some(place) = exten.parse().ok().filter(|place| (first..=last).contains(place)) {
                return Some(vec![Step::Answer, Step::Retrieve(place), Step::Hangup(Some(NORMAL))]);
            }
        }
        if let Some(codes) = &self.pickup {
            let from = exten.strip_prefix(codes.directed.as_str()).filter(|from| self.phone(from).is_some());
            if from.is_some() || exten == codes.group {
                return Some(vec![Step::PickUp(from.map(str::to_owned)), Step::Hangup(Some(NORMAL))]);
            }
        }
        let codes = self.codes.as_ref()?;
        let does = if exten == codes.sign_in {
            Code::SignIn(codes.queue.clone())
        } else if exten == codes.sign_out {
            Code::SignOut(codes.queue.clone())
        } else if exten == codes.pause {
            Code::Pause(Some(codes.reason.clone()))
        } else if exten == codes.unpause {
            Code::Pause(None)
        } else {
            return None;
        };
        Some(vec![Step::Answer, Step::Code(does), Step::Play(CODE_MESSAGE_MS), Step::Hangup(Some(NORMAL))])
    }

    fn outside_route(&self, exten: &str) -> Vec<Step> {
        let plan = &self.dialplan;
        if plan.barred.iter().any(|start| exten.starts_with(start.as_str())) {
            return vec![Step::Hangup(Some(REJECTED))];
        }
        let outside = exten.strip_prefix(plan.outside_prefix.as_str()).filter(|number| number.len() > 2);
        let Some(number) = outside else {
            return vec![Step::Play(plan.no_service_ms), Step::Hangup(Some(UNALLOCATED))];
        };
        let mut steps: Vec<Step> = plan.shown.clone().map(Step::ShowNumber).into_iter().collect();
        steps.push(dial(vec![Target::Outside(number.to_owned())], 30));
        steps.push(Step::Hangup(None));
        steps
    }

    fn queue_route(&self, exten: &str) -> Option<Vec<Step>> {
        let queue = self.queues.iter().find(|queue| queue.extension == exten)?;
        let wait = Step::Queue { queue: queue.name.clone(), limit_s: queue.limit_s };
        let end = match &queue.overflow {
            Some(other) => self.go(other),
            None => Step::Hangup(Some(NORMAL)),
        };
        Some(vec![Step::Answer, wait, end])
    }
}

fn listens(options: &'static str) -> Vec<Step> {
    vec![Step::Answer, Step::Include(Include::Listens(options)), Step::Hangup(Some(NORMAL))]
}

fn dial(targets: Vec<Target>, ring_s: u32) -> Step {
    Step::Dial { targets, ring_s, goes_on: false }
}

/// Matches digits with a pattern and fills the digits at its X into the X of `to`.
fn translate(pattern: &str, to: &str, dialled: &str) -> Option<String> {
    if pattern.len() != dialled.len() {
        return None;
    }
    let mut taken = Vec::new();
    for (wanted, digit) in pattern.chars().zip(dialled.chars()) {
        if wanted == 'X' {
            taken.push(digit);
        } else if wanted != digit {
            return None;
        }
    }
    let mut taken = taken.into_iter();
    Some(to.chars().map(|sign| if sign == 'X' { taken.next().unwrap_or(sign) } else { sign }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_of_a_direct_number_lead_to_its_extension() {
        assert_eq!(translate("4205550001XX", "10XX", "420555000107").as_deref(), Some("1007"));
        assert_eq!(translate("4205550001XX", "10XX", "420555000207"), None);
    }

    #[test]
    fn what_a_phone_dials_leads_where_the_plan_says() {
        let plan = Plan::parse(
            "[dialplan]\nbarred = [\"0900\"]\n[[phone]]\nextension = \"1001\"\n\
             no_answer = { after_s = 4, to = \"voicemail\" }\n[[queue]]\nname = \"a\"\nextension = \"600\"\n\
             strategy = \"linear\"\n[parking]\nextension = \"700\"\nplaces = [701, 720]\ntimeout_s = 45\n",
        )
        .unwrap();
        let first = |exten: &str| plan.route("phones", exten).unwrap().remove(0);
        assert_eq!(first("0900123456"), Step::Hangup(Some(REJECTED)));
        assert_eq!(first("1999"), Step::Play(5_000));
        assert_eq!(first("700"), Step::Park);
        assert!(matches!(first("1001"), Step::Dial { ring_s: 4, .. }));
        assert!(matches!(first("0420555111222"), Step::Dial { .. }));
        assert!(matches!(first("600"), Step::Goto { .. }));
        assert_eq!(plan.route("nowhere", "1"), None);
    }
}
