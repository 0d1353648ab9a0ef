//! The plan of a site: its phones, queues, direct numbers and manager users, read from TOML.
//!
//! A plan that cannot be played is refused as a whole, with the place and what to write instead.

use std::collections::BTreeSet;

use serde::Deserialize;
use thiserror::Error;

mod routes;

pub(crate) use routes::QUEUE_CONTEXT;
pub use routes::{APPLICATIONS, Code, HeldStep, Include, Step, Target};

/// Most phones of a plan.
const PHONES_MAX: usize = 1_000;
/// Most queues of a plan.
const QUEUES_MAX: usize = 200;

/// Why a plan is refused.
#[derive(Debug, Error)]
pub enum PlanError {
    /// It is not TOML, or has a key or value that no plan has.
    #[error("read the plan: {0}")]
    Syntax(#[from] toml::de::Error),
    /// It contradicts itself.
    #[error("{place}: {what}")]
    Meaning {
        /// Where: `queue "support"`.
        place: String,
        /// What is wrong and how to mend it.
        what: String,
    },
}

/// A whole site.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// How numbers are dialled.
    #[serde(default)]
    pub dialplan: Dialplan,
    /// Who may log in at the manager port.
    #[serde(default, rename = "manager")]
    pub managers: Vec<ManagerUser>,
    /// Who may sign in at a CSTA port; anybody may while nobody is named.
    #[serde(default, rename = "csta_user")]
    pub csta_users: Vec<CstaUser>,
    /// How many monitors the licence of the switch allows; none for any number.
    #[serde(default)]
    pub monitors_max: Option<u32>,
    /// Numbers that a computer routes.
    #[serde(default, rename = "route_point")]
    pub route_points: Vec<RoutePoint>,
    /// Phones.
    #[serde(default, rename = "phone")]
    pub phones: Vec<PhonePlan>,
    /// Queues.
    #[serde(default, rename = "queue")]
    pub queues: Vec<QueuePlan>,
    /// Extensions whose callers wait for Tieline, in `tieline-queue` of the include file.
    #[serde(default, rename = "held_queue")]
    pub held_queues: Vec<HeldQueue>,
    /// Numbers that outside callers dial.
    #[serde(default, rename = "direct")]
    pub directs: Vec<Direct>,
    /// Extensions that lead to a phone by way of a Local channel.
    #[serde(default, rename = "local")]
    pub locals: Vec<LocalPlan>,
    /// The parking lot.
    #[serde(default)]
    pub parking: Option<Parking>,
    /// Codes that take calls which ring elsewhere.
    #[serde(default)]
    pub pickup: Option<PickupCodes>,
    /// Codes to sign in and out at the phone.
    #[serde(default)]
    pub codes: Option<Codes>,
    /// How people outside behave when they are called.
    #[serde(default)]
    pub outside: Habits,
    /// Calls that come by themselves.
    #[serde(default)]
    pub traffic: TrafficPlan,
}

/// How numbers are dialled.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dialplan {
    /// Context in which phones dial.
    pub phones: String,
    /// Context in which outside calls arrive.
    pub trunk_context: String,
    /// Endpoint of the line to the outside.
    pub trunk: String,
    /// What comes before an outside number.
    pub outside_prefix: String,
    /// Beginnings of dialled numbers that are barred.
    pub barred: Vec<String>,
    /// Own number shown outside, as a pattern: `4205550001XX` takes the last two digits of the extension.
    pub shown: Option<String>,
    /// Number of this switch in the ids of its calls (UCID of Avaya), one for each switch of a house.
    pub ucid_node: u32,
    /// How long a phone rings, seconds.
    pub ring_s: u32,
    /// How long a phone rings for a blind transfer before it goes back, seconds.
    pub transfer_ring_s: u32,
    /// How long a phone rings whose person has unanswered calls sent on, seconds.
    pub forward_after_s: u32,
    /// How long a number that does not exist is told, milliseconds.
    pub no_service_ms: u32,
    /// How long a caller of `tieline-queue` waits without a word from Tieline (`CTI_PATIENCE_S`), seconds.
    pub patience_s: u32,
    /// Where it goes then (`CTI_FALLBACK`); it is hung up when there is none.
    pub fallback: Option<String>,
}

impl Default for Dialplan {
    fn default() -> Self {
        Self {
            phones: "phones".to_owned(),
            trunk_context: "from-trunk".to_owned(),
            trunk: "trunk".to_owned(),
            outside_prefix: "0".to_owned(),
            barred: Vec::new(),
            shown: None,
            ucid_node: 1,
            ring_s: 20,
            transfer_ring_s: 5,
            forward_after_s: 15,
            no_service_ms: 5_000,
            patience_s: 30,
            fallback: None,
        }
    }
}

/// A manager user and the classes it may read and write.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagerUser {
    /// Login name.
    pub user: String,
    /// Password in clear: a simulated switch guards nothing.
    pub secret: String,
    /// Classes of events it is given.
    pub read: Vec<String>,
    /// Classes of actions it may run.
    pub write: Vec<String>,
}

impl std::fmt::Debug for ManagerUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ManagerUser").field("user", &self.user).finish_non_exhaustive()
    }
}

/// A user of a CSTA port.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CstaUser {
    /// Its name.
    pub user: String,
    /// Password in clear: a simulated switch guards nothing.
    pub password: String,
    /// A second connection of the same user is refused; otherwise it ends the first.
    #[serde(default)]
    pub once: bool,
}

impl std::fmt::Debug for CstaUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CstaUser").field("user", &self.user).finish_non_exhaustive()
    }
}

/// An extension whose callers wait for Tieline.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldQueue {
    /// What is dialled.
    pub extension: String,
    /// Key of the queue or entry point, two characters or more.
    pub key: String,
}

/// A number that a computer routes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoutePoint {
    /// What is dialled.
    pub extension: String,
    /// Where calls go when no computer says so in time.
    pub default: String,
    /// How long an answer counts, milliseconds.
    #[serde(default = "reply_timeout_ms")]
    pub reply_timeout_ms: u32,
    /// How often it asks again when a phone that the computer chose does not take the call. With 0 the dialogue is over
    /// as soon as the call goes somewhere.
    #[serde(default)]
    pub retries: u32,
    /// How long such a phone rings, seconds.
    #[serde(default = "route_ring_s")]
    pub ring_s: u32,
}

/// A phone and its person.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhonePlan {
    /// What people dial.
    pub extension: String,
    /// Name it shows.
    #[serde(default)]
    pub name: String,
    /// What it says it is.
    #[serde(default = "user_agent")]
    pub user_agent: String,
    /// It is registered when the switch starts.
    #[serde(default = "yes")]
    pub registered: bool,
    /// What its person does when called.
    #[serde(default)]
    pub person: Habits,
    /// Notifications it obeys: `talk`, `hold`.
    #[serde(default)]
    pub obeys: BTreeSet<String>,
    /// How many calls it takes at once; more find it busy. None for any number.
    #[serde(default)]
    pub lines: Option<u32>,
    /// Where a call goes that is not answered.
    #[serde(default)]
    pub no_answer: Option<NoAnswer>,
}

/// What a person does when called.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Habits {
    /// Whether the call is taken.
    pub habit: Habit,
    /// Range of the time until it is answered, milliseconds.
    pub answers_after_ms: Option<[u32; 2]>,
    /// Range of the time until this side hangs up, milliseconds; never when absent.
    pub talks_ms: Option<[u32; 2]>,
}

/// Whether a call is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Habit {
    /// Somebody says so, by script or control port.
    #[default]
    Manual,
    /// By itself.
    Answers,
    /// It rings until the caller gives up.
    Silent,
    /// It is rejected as busy.
    Busy,
}

/// Where a call goes that a phone does not answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoAnswer {
    /// How long the phone rings before, seconds.
    pub after_s: u32,
    /// Another extension, or `voicemail`.
    pub to: String,
}

/// How a queue chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// All at once.
    RingAll,
    /// In turn, going on after the last one called.
    RrMemory,
    /// The one whose last call is longest ago.
    LeastRecent,
    /// The one with fewest calls.
    FewestCalls,
    /// In the order of the plan.
    Linear,
    /// By chance.
    Random,
}

impl Strategy {
    /// Asterisk's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::RingAll => "ringall",
            Self::RrMemory => "rrmemory",
            Self::LeastRecent => "leastrecent",
            Self::FewestCalls => "fewestcalls",
            Self::Linear => "linear",
            Self::Random => "random",
        }
    }
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueuePlan {
    /// Its name at the switch.
    pub name: String,
    /// What is dialled for it.
    pub extension: String,
    /// How it chooses.
    pub strategy: Strategy,
    /// How long a member rings, seconds.
    #[serde(default = "ring_s")]
    pub ring_s: u32,
    /// Pause between two attempts, seconds.
    #[serde(default = "retry_s")]
    pub retry_s: u32,
    /// Wrap-up after a call, seconds.
    #[serde(default)]
    pub wrap_up_s: u32,
    /// Extensions of its members.
    #[serde(default)]
    pub members: Vec<String>,
    /// Members are called by way of a Local channel.
    #[serde(default)]
    pub local_members: bool,
    /// How long a caller waits before the overflow, seconds.
    #[serde(default)]
    pub limit_s: Option<u32>,
    /// Extension that takes callers after `limit_s`.
    #[serde(default)]
    pub overflow: Option<String>,
}

/// A number, or a range of numbers, and where it leads.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Direct {
    /// Digits; `X` is any digit.
    pub number: String,
    /// Extension; `X` takes the digits that stood at the X of the number, in their order.
    pub to: String,
}

/// An extension that leads to a phone by way of a Local channel.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalPlan {
    /// What is dialled.
    pub extension: String,
    /// The phone.
    pub to: String,
    /// The Local channel is not optimised away.
    #[serde(default)]
    pub stays: bool,
}

/// The parking lot.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parking {
    /// What parks.
    pub extension: String,
    /// First and last place.
    pub places: [u32; 2],
    /// How long a call is kept, seconds.
    pub timeout_s: u32,
}

/// Codes that take calls which ring elsewhere. All phones of a plan are one group.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PickupCodes {
    /// Takes what rings at any phone.
    pub group: String,
    /// Before an extension: takes what rings there.
    pub directed: String,
}

/// Codes that an agent dials.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Codes {
    /// Queue they are about.
    pub queue: String,
    /// Signs in.
    pub sign_in: String,
    /// Signs out.
    pub sign_out: String,
    /// Pauses.
    pub pause: String,
    /// Ends the pause.
    pub unpause: String,
    /// Reason told with the pause.
    #[serde(default)]
    pub reason: String,
}

/// Calls that come by themselves.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrafficPlan {
    /// Numbers that call.
    pub callers: Vec<String>,
    /// Numbers they dial; one that stands twice is dialled twice as often.
    pub dialled: Vec<String>,
    /// Range of the time a caller waits before giving up, seconds.
    pub patience_s: Option<[u32; 2]>,
}

fn reply_timeout_ms() -> u32 {
    3_000
}

const fn route_ring_s() -> u32 {
    15
}

fn yes() -> bool {
    true
}

fn user_agent() -> String {
    "Switchsim Phone 1.0".to_owned()
}

fn ring_s() -> u32 {
    15
}

fn retry_s() -> u32 {
    1
}

fn wrong(place: impl Into<String>, what: impl Into<String>) -> PlanError {
    PlanError::Meaning { place: place.into(), what: what.into() }
}

impl Plan {
    /// Reads a plan and checks it.
    pub fn parse(text: &str) -> Result<Self, PlanError> {
        let mut plan: Self = toml::from_str(text)?;
        plan.traffic.callers = plan.traffic.callers.iter().map(|number| digits(number)).collect();
        plan.check()?;
        Ok(plan)
    }

    /// The phone with this extension.
    pub fn phone(&self, extension: &str) -> Option<&PhonePlan> {
        self.phones.iter().find(|phone| phone.extension == extension)
    }

    fn check(&self) -> Result<(), PlanError> {
        if self.phones.len() > PHONES_MAX || self.queues.len() > QUEUES_MAX {
            let what = format!("at most {PHONES_MAX} phones and {QUEUES_MAX} queues can be simulated");
            return Err(wrong("plan", what));
        }
        let mut extensions = BTreeSet::new();
        let phones = self.phones.iter().map(|phone| &phone.extension);
        let queues = self.queues.iter().map(|queue| &queue.extension);
        let points = self.route_points.iter().map(|point| &point.extension);
        let held = self.held_queues.iter().map(|queue| &queue.extension);
        let locals = self.locals.iter().map(|local| &local.extension);
        for extension in phones.chain(queues).chain(points).chain(held).chain(locals) {
            if extension.is_empty() || !extension.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(wrong(format!("extension {extension:?}"), "extensions are digits"));
            }
            if !extensions.insert(extension.as_str()) {
                return Err(wrong(format!("extension {extension:?}"), "it stands twice; take another one"));
            }
        }
        for queue in &self.queues {
            let place = format!("queue {:?}", queue.name);
            if let Some(stranger) = queue.members.iter().find(|member| self.phone(member).is_none()) {
                return Err(wrong(place, format!("member {stranger:?} is no phone; add it under [[phone]]")));
            }
            if let Some(to) = queue.overflow.as_ref().filter(|to| !extensions.contains(to.as_str())) {
                return Err(wrong(place, format!("overflow {to:?} is no extension of the plan")));
            }
            if queue.overflow.is_some() && queue.limit_s.is_none_or(|limit| limit == 0) {
                return Err(wrong(place, "overflow needs limit_s, at least 1"));
            }
        }
        if let Some(point) =
            self.route_points.iter().find(|point| !extensions.contains(point.default.as_str()))
        {
            let what = format!("default {:?} is no extension of the plan", point.default);
            return Err(wrong(format!("route_point {:?}", point.extension), what));
        }
        if let Some(local) = self.locals.iter().find(|local| self.phone(&local.to).is_none()) {
            let what = format!("it leads to {:?}, which is no phone", local.to);
            return Err(wrong(format!("local {:?}", local.extension), what));
        }
        if let Some(codes) = &self.codes
            && !self.queues.iter().any(|queue| queue.name == codes.queue)
        {
            return Err(wrong("codes", format!("{:?} is no queue of the plan", codes.queue)));
        }
        for phone in &self.phones {
            let to = phone.no_answer.as_ref().map(|rule| rule.to.as_str());
            if let Some(to) = to.filter(|to| *to != "voicemail" && !extensions.contains(to)) {
                let what = format!("no_answer leads to {to:?}: write an extension of the plan, or voicemail");
                return Err(wrong(format!("phone {:?}", phone.extension), what));
            }
        }
        Ok(())
    }
}

/// The digits of a number, without the plus and what people put between them.
pub fn digits(number: &str) -> String {
    number.chars().filter(|sign| sign.is_ascii_digit() || "*#".contains(*sign)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "[[phone]]\nextension = \"1001\"\nperson = { habit = \"answers\" }\nobeys = [\"talk\"]\n\
        [[queue]]\nname = \"support\"\nextension = \"600\"\nstrategy = \"rrmemory\"\nmembers = [\"1001\"]\n\
        [[direct]]\nnumber = \"4205550001XX\"\nto = \"10XX\"\n";

    #[test]
    fn a_plan_is_read_with_what_it_leaves_out() {
        let plan = Plan::parse(SMALL).unwrap();
        assert_eq!(plan.phones[0].person.habit, Habit::Answers);
        assert!(plan.phones[0].registered && plan.phones[0].obeys.contains("talk"));
        assert_eq!((plan.queues[0].ring_s, plan.dialplan.trunk.as_str()), (15, "trunk"));
    }

    #[test]
    fn a_wrong_plan_is_told_where_and_how_to_mend_it() {
        let told = |text: &str| Plan::parse(text).unwrap_err().to_string();
        assert!(told("[[phone]]\nextension = \"10a\"\n").contains("extensions are digits"));
        assert!(told(&format!("{SMALL}[[phone]]\nextension = \"600\"\n")).contains("stands twice"));
        let queue = SMALL.replace("members = [\"1001\"]", "members = [\"1009\"]");
        assert!(told(&queue).contains("queue \"support\": member \"1009\" is no phone"));
        let loops = SMALL.replace("members = [\"1001\"]", "overflow = \"600\"");
        assert!(told(&loops).contains("limit_s"));
        assert!(told("[dialplan]\nfones = \"x\"\n").contains("fones"));
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        assert_eq!(digits("+420 605 550 142"), "420605550142");
    }
}
