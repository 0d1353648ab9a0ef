//! Rights and how far they reach. Roles and token scopes are lists of these words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use cti_core::ids::{QueueId, UserId};
use cti_core::state::Agent;
use store::{RIGHTS, SCOPED_RIGHTS, UNIT_SCOPE};

use crate::auth::unit::Unit;
use crate::error::Problem;
use crate::log::Circle;

/// How far a right reaches. A wider one includes the narrower ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// What concerns the person itself.
    Own,
    /// What concerns somebody of the same team.
    Team,
    /// What concerns somebody of the same site.
    Site,
    /// Everything.
    Any,
}

/// What one may do; the first group comes with a [`Reach`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Right {
    CallRead,
    CallCommand,
    CallNote,
    AgentRead,
    AgentStateWrite,
    QueueRead,
    QueueMembershipWrite,
    CallbackWork,
    MissedWork,
    ReportRead,
    MonitorListen,
    ContactRead,
    ContactWrite,
    PopPreview,
    PopAdmin,
    UserAdmin,
    DeviceAdmin,
    SwitchAdmin,
    QueueAdmin,
    AuditRead,
    TokenAdmin,
    EntryScore,
    WebhookAdmin,
    ConfigAdmin,
    IcisExchange,
    PrivacyProcess,
}

impl Right {
    /// Every right an endpoint of this version asks for.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 26] = [
        Self::CallRead,
        Self::CallCommand,
        Self::CallNote,
        Self::AgentRead,
        Self::AgentStateWrite,
        Self::QueueRead,
        Self::QueueMembershipWrite,
        Self::CallbackWork,
        Self::MissedWork,
        Self::ReportRead,
        Self::MonitorListen,
        Self::ContactRead,
        Self::ContactWrite,
        Self::PopPreview,
        Self::PopAdmin,
        Self::UserAdmin,
        Self::DeviceAdmin,
        Self::SwitchAdmin,
        Self::QueueAdmin,
        Self::AuditRead,
        Self::TokenAdmin,
        Self::EntryScore,
        Self::WebhookAdmin,
        Self::ConfigAdmin,
        Self::IcisExchange,
        Self::PrivacyProcess,
    ];

    /// The word of the contract, without its reach.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::CallRead => "call.read",
            Self::CallCommand => "call.command",
            Self::CallNote => "call.note",
            Self::AgentRead => "agent.read",
            Self::AgentStateWrite => "agent.state.write",
            Self::QueueRead => "queue.read",
            Self::QueueMembershipWrite => "queue.membership.write",
            Self::CallbackWork => "callback.work",
            Self::MissedWork => "missed.work",
            Self::ReportRead => "report.read",
            Self::MonitorListen => "monitor.listen",
            Self::ContactRead => "contact.read",
            Self::ContactWrite => "contact.write",
            Self::PopPreview => "pop.preview",
            Self::PopAdmin => "pop.admin",
            Self::UserAdmin => "user.admin",
            Self::DeviceAdmin => "device.admin",
            Self::SwitchAdmin => "switch.admin",
            Self::QueueAdmin => "queue.admin",
            Self::AuditRead => "audit.read",
            Self::TokenAdmin => "token.admin",
            Self::EntryScore => "entry.score",
            Self::WebhookAdmin => "webhook.admin",
            Self::ConfigAdmin => "config.admin",
            Self::IcisExchange => "icis.exchange",
            Self::PrivacyProcess => "privacy.process",
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The rights of a caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rights {
    /// Every right, by its word without reach.
    reach: BTreeMap<String, Reach>,
    /// Set for tokens that see only these queues.
    queues: Option<BTreeSet<QueueId>>,
    /// Set where a role or token is one of these organisation units.
    units: Option<BTreeSet<String>>,
    /// All words as they were given, for `/v1/me`.
    words: BTreeSet<String>,
}

impl Rights {
    /// The rights of these words. A word that is no right has no effect; `queue:ID` narrows the view.
    pub(crate) fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut rights = Self::default();
        for word in words {
            rights.words.insert(word.to_owned());
            if let Some(queue) = word.strip_prefix(QUEUE_SCOPE) {
                // An unreadable queue narrows as well: to nothing.
                let queues = rights.queues.get_or_insert_default();
                queues.extend(queue.parse::<QueueId>());
                continue;
            }
            if let Some(unit) = word.strip_prefix(UNIT_SCOPE) {
                rights.units.get_or_insert_default().insert(unit.to_owned());
                continue;
            }
            let Some((right, reach)) = split(word) else {
                continue;
            };
            let known = rights.reach.entry(right.to_owned()).or_insert(reach);
            *known = (*known).max(reach);
        }
        if rights.units.is_some() {
            // Nobody of a unit changes what the whole house shares, whatever other roles say.
            let is_of_house = |right: &str| RIGHTS.contains(&right) && !UNIT_RIGHTS.contains(&right);
            rights.reach.retain(|right, _| !is_of_house(right));
            rights.words.retain(|word| !is_of_house(word));
        }
        rights
    }

    /// How far the right reaches; none when it is missing.
    pub(crate) fn reach(&self, right: Right) -> Option<Reach> {
        self.reach.get(right.name()).copied()
    }

    /// How far the right reaches, or the problem that it is missing.
    pub(crate) fn require(&self, right: Right) -> Result<Reach, Problem> {
        self.reach(right).ok_or_else(|| Problem::forbidden(right.name()))
    }

    /// True when this word gives nothing beyond these rights, so that it may be handed on.
    pub(crate) fn cover(&self, word: &str) -> bool {
        let has = |(right, reach): (&str, Reach)| self.reach.get(right).is_some_and(|mine| *mine >= reach);
        self.is_whole() && (is_unit(word) || split(word).is_some_and(has))
    }

    /// True when neither a token nor a unit narrows them.
    pub(crate) const fn is_whole(&self) -> bool {
        self.queues.is_none() && self.units.is_none()
    }

    /// The organisation units this caller is narrowed to.
    pub(crate) const fn units(&self) -> Option<&BTreeSet<String>> {
        self.units.as_ref()
    }

    /// The queues this caller is narrowed to.
    pub(crate) const fn queues(&self) -> Option<&BTreeSet<QueueId>> {
        self.queues.as_ref()
    }

    /// True for who sees a part of the house only.
    pub(crate) const fn is_narrowed(&self) -> bool {
        self.units.is_some() || self.queues.is_some()
    }

    /// All words, in order.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }
}

/// Rights that are whole or not at all, and that make sense within a unit.
const UNIT_RIGHTS: [&str; 3] = ["queue.admin", "wallboard.read", "entry.score"];

/// True for a word that narrows to an organisation unit.
pub(crate) fn is_unit(word: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && name.trim() == name
            && name.chars().count() <= 80
            && !name.contains(char::is_control)
    };
    word.strip_prefix(UNIT_SCOPE).is_some_and(is_name)
}

/// Begins a token scope that narrows to one queue.
pub(crate) const QUEUE_SCOPE: &str = "queue:";

/// A word as right and reach; none when there is no such right.
pub(crate) fn split(word: &str) -> Option<(&str, Reach)> {
    if RIGHTS.contains(&word) {
        return Some((word, Reach::Any));
    }
    let (right, reach) = word.rsplit_once('.')?;
    let reach = match reach {
        "own" => Reach::Own,
        "team" => Reach::Team,
        "site" => Reach::Site,
        "any" => Reach::Any,
        _ => return None,
    };
    SCOPED_RIGHTS.contains(&right).then_some((right, reach))
}

/// What a caller sees by one right: everything, or what concerns certain people and queues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sight {
    /// None sees people of any kind.
    pub(crate) users: Option<BTreeSet<UserId>>,
    /// None sees any queue.
    pub(crate) queues: Option<BTreeSet<QueueId>>,
    /// Set where the caller is of an organisation unit: `users` and `queues` are of it, too.
    pub(crate) unit: Option<Arc<Unit>>,
}

impl Sight {
    /// True when nothing is hidden.
    pub(crate) const fn is_full(&self) -> bool {
        self.users.is_none() && self.queues.is_none()
    }

    /// True for a token that is narrowed to queues: it sees nothing that belongs to none.
    pub(crate) const fn is_of_queues(&self) -> bool {
        self.queues.is_some() && self.unit.is_none()
    }

    /// True when something of this circle may be seen.
    pub(crate) fn sees(&self, circle: &Circle) -> bool {
        let Some(unit) = &self.unit else { return self.sees_people(circle) && self.sees_queues(circle) };
        unit.is_own(circle) || (unit.has(circle) && (unit.is_wide || self.sees_people(circle)))
    }

    fn sees_people(&self, circle: &Circle) -> bool {
        self.users.as_ref().is_none_or(|users| circle.users.iter().any(|user| users.contains(user)))
    }

    fn sees_queues(&self, circle: &Circle) -> bool {
        self.queues.as_ref().is_none_or(|queues| circle.queues.iter().any(|queue| queues.contains(queue)))
    }

    /// True when this user may be seen; `None` is a thing without a user.
    pub(crate) fn sees_user(&self, user: Option<UserId>) -> bool {
        match (&self.users, user) {
            (None, _) => true,
            (Some(users), Some(user)) => users.contains(&user),
            (Some(_), None) => false,
        }
    }

    /// True when this agent may be seen: its user, and one of its queues.
    pub(crate) fn sees_agent(&self, agent: &Agent) -> bool {
        if let Some(unit) = &self.unit {
            return unit.sees(agent) && (unit.is_wide || self.sees_user(agent.user));
        }
        let mut queues = agent.queues.keys();
        self.sees_user(agent.user) && (self.queues.is_none() || queues.any(|queue| self.sees_queue(*queue)))
    }

    /// As `sees_agent`, where it is known already that the agent is in a queue that may be seen.
    pub(crate) fn sees_member(&self, agent: &Agent) -> bool {
        if self.unit.is_some() { self.sees_agent(agent) } else { self.sees_user(agent.user) }
    }

    /// True when what this agent is and does may be changed: one of a unit is seen by others, but changed by its own.
    pub(crate) fn changes_agent(&self, agent: &Agent) -> bool {
        self.sees_agent(agent) && self.unit.as_ref().is_none_or(|unit| unit.owns(agent))
    }

    /// True when this queue may be seen by a caller narrowed to queues.
    pub(crate) fn sees_queue(&self, queue: QueueId) -> bool {
        self.queues.as_ref().is_none_or(|queues| queues.contains(&queue))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cti_core::time::Timestamp;

    fn user(number: u64) -> UserId {
        UserId::derive(Timestamp::from_micros(1), 1, number)
    }

    fn queue(number: u64) -> QueueId {
        QueueId::derive(Timestamp::from_micros(1), 1, number)
    }

    #[test]
    fn the_widest_reach_counts_and_unknown_words_do_nothing() {
        let rights = Rights::of(["call.read.own", "call.read.team", "user.admin", "call.fly.any"]);
        assert_eq!(rights.reach(Right::CallRead), Some(Reach::Team));
        assert_eq!(rights.reach(Right::UserAdmin), Some(Reach::Any));
        assert_eq!(rights.reach(Right::CallNote), None);
        assert_eq!(rights.require(Right::CallNote).unwrap_err().code, "forbidden");
    }

    #[test]
    fn every_right_of_an_endpoint_is_one_that_roles_can_hold() {
        for right in Right::ALL {
            let scoped = format!("{right}.any");
            let word = if RIGHTS.contains(&right.name()) { right.name() } else { scoped.as_str() };
            assert_eq!(Rights::of([word]).reach(right), Some(Reach::Any), "{right}");
        }
    }

    #[test]
    fn nobody_hands_on_more_than_they_have() {
        let rights = Rights::of(["call.read.team", "user.admin"]);
        assert!(rights.cover("call.read.own") && rights.cover("call.read.team"));
        assert!(!rights.cover("call.read.any") && !rights.cover("call.fly.own"));
        assert!(rights.cover("user.admin") && !rights.cover("token.admin"));
    }

    #[test]
    fn a_scope_of_a_queue_narrows_even_when_it_names_none() {
        let one = Rights::of([format!("queue:{}", queue(1)).as_str(), "call.read.any"]);
        assert_eq!(one.queues().unwrap().len(), 1);
        assert_eq!(Rights::of(["queue:nonsense"]).queues().unwrap().len(), 0);
        assert_eq!(Rights::of(["call.read.any"]).queues(), None);
    }

    #[test]
    fn a_narrow_sight_hides_what_concerns_others() {
        let mine = Sight { users: Some([user(1)].into()), queues: None, unit: None };
        let circle = |users: Vec<UserId>, queues: Vec<QueueId>| Circle { queues, users, ..Circle::default() };
        assert!(mine.sees(&circle(vec![user(2), user(1)], vec![])));
        assert!(!mine.sees(&circle(vec![user(2)], vec![])));
        assert!(!mine.sees(&circle(vec![], vec![])));
        let of_queue = Sight { users: None, queues: Some([queue(1)].into()), unit: None };
        assert!(of_queue.sees(&circle(vec![], vec![queue(1), queue(2)])));
        assert!(!of_queue.sees(&circle(vec![user(1)], vec![queue(2)])));
        assert!(!of_queue.sees(&circle(vec![user(1)], vec![])));
    }
}
