//! Whom an event concerns, followed from the facts alone: rights and topics are judged by it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use cti_core::fact::{AcdFact, Fact, Record};
use cti_core::ids::{AgentId, AssignmentId, CallId, CommandId, DeviceId, QueueId, SwitchId, UserId};
use cti_core::input::Actor;
use cti_core::state::State;

/// Ended calls whose circle is still remembered for late notes and late readers.
pub(super) const ENDED_CALLS: usize = 10_000;

/// Finished commands that are still remembered.
const COMMANDS: usize = 10_000;

/// Who and what an event, or a whole call, concerns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Circle {
    /// The switch, for link and switch events.
    pub switch: Option<SwitchId>,
    /// Queues it waited in or was offered from.
    pub queues: Vec<QueueId>,
    /// Agents.
    pub agents: Vec<AgentId>,
    /// Devices.
    pub devices: Vec<DeviceId>,
    /// Users who had the devices at their time, or who gave the command.
    pub users: Vec<UserId>,
}

impl Circle {
    /// Adds what is not yet in it.
    pub fn add(&mut self, other: &Self) {
        add_all(&mut self.queues, &other.queues);
        add_all(&mut self.agents, &other.agents);
        add_all(&mut self.devices, &other.devices);
        add_all(&mut self.users, &other.users);
    }
}

fn add_all<T: Copy + PartialEq>(all: &mut Vec<T>, more: &[T]) {
    for one in more {
        add(all, *one);
    }
}

fn add<T: PartialEq>(all: &mut Vec<T>, one: T) {
    if !all.contains(&one) {
        all.push(one);
    }
}

/// Follows facts and says whom each concerns.
#[derive(Debug, Clone, Default)]
pub struct Audience {
    calls: HashMap<CallId, Arc<Circle>>,
    ended: VecDeque<CallId>,
    ended_calls: HashSet<CallId>,
    users_of_agents: HashMap<AgentId, UserId>,
    assignments: HashMap<AssignmentId, (DeviceId, UserId)>,
    /// Who has a device, by every assignment of it.
    holders: HashMap<DeviceId, Vec<(AssignmentId, UserId)>>,
    commands: HashMap<CommandId, Arc<Circle>>,
    command_order: VecDeque<CommandId>,
}

impl Audience {
    /// What the live picture tells.
    pub fn of(state: &State) -> Self {
        let mut audience = Self::default();
        for (id, agent) in &state.agents {
            if let Some(user) = agent.user {
                audience.users_of_agents.insert(*id, user);
            }
        }
        for (id, assignment) in &state.assignments {
            let assigned = &assignment.assigned;
            audience.given(*id, assigned.device, assigned.user);
        }
        for (id, call) in &state.calls {
            let mut circle = Circle { queues: call.queues.iter().copied().collect(), ..Circle::default() };
            for leg in &call.legs {
                audience.add_leg(&mut circle, leg.device, leg.agent, leg.user);
            }
            audience.calls.insert(*id, Arc::new(circle));
        }
        for (id, command) in &state.commands {
            let mut circle =
                Circle { users: user_of(&command.actor).into_iter().collect(), ..Circle::default() };
            audience.add_commanded(&mut circle, command.device);
            audience.remember_command(*id, circle);
        }
        audience
    }

    /// The circle of a call, when known.
    pub fn call(&self, call: CallId) -> Option<Arc<Circle>> {
        self.calls.get(&call).cloned()
    }

    /// Tells the circle of an ended call that is not known here (any more).
    pub fn learn(&mut self, call: CallId, circle: Circle) {
        self.calls.insert(call, Arc::new(circle));
        self.call_ended(call);
    }

    /// Learns from a fact; returns whom it concerns, and whether that is all known.
    pub fn follow(&mut self, record: &Record) -> (Arc<Circle>, bool) {
        let fact = &record.fact;
        let Some(call) = fact.call() else {
            return self.outside_calls(fact);
        };
        let known = self.calls.contains_key(&call) || matches!(fact, Fact::CallCreated { .. });
        let mut circle = self.calls.get(&call).cloned().unwrap_or_default();
        let more = self.new_in_call(fact);
        if more != Circle::default() {
            Arc::make_mut(&mut circle).add(&more);
        }
        if known {
            self.calls.insert(call, Arc::clone(&circle));
        }
        if let Fact::CallEnded { .. } = fact {
            self.call_ended(call);
        }
        if let Fact::CommandSent { command, .. } = fact {
            self.remember_command(*command, Circle::clone(&circle));
        }
        if let Some(queue) = queue_of(fact) {
            // Of a call that was in several queues, a reader of one queue hears nothing of the others.
            Arc::make_mut(&mut circle).queues = vec![queue];
        }
        (circle, known)
    }

    /// What a fact adds to the circle of its call.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a fact that names nobody new adds nothing")]
    fn new_in_call(&self, fact: &Fact) -> Circle {
        let mut circle = Circle::default();
        match fact {
            Fact::LegAdded { device, user, agent, .. } => self.add_leg(&mut circle, *device, *agent, *user),
            Fact::LegMoved { from, .. } => {
                if let Some(left) = self.calls.get(from) {
                    circle.add(left);
                }
            }
            Fact::QueueEntered { queue, .. } | Fact::CallQueued { queue, .. } => circle.queues.push(*queue),
            Fact::OfferCreated { queue, agent, .. }
            | Fact::Acd(AcdFact::OfferReserved { queue, agent, .. }) => {
                circle.queues.push(*queue);
                self.add_agent(&mut circle, *agent);
            }
            Fact::CommandSent { actor, device, .. } => {
                circle.users.extend(user_of(actor));
                self.add_commanded(&mut circle, *device);
            }
            Fact::CommandProgress { command, .. } => {
                if let Some(asked) = self.commands.get(command) {
                    circle.add(asked);
                }
            }
            _ => {}
        }
        circle
    }

    /// Facts that belong to no call.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a fact that names nobody concerns nobody in particular"
    )]
    fn outside_calls(&mut self, fact: &Fact) -> (Arc<Circle>, bool) {
        let mut circle = Circle::default();
        let mut known = true;
        match fact {
            Fact::SwitchConfigured { switch, .. }
            | Fact::SwitchRouted { switch, .. }
            | Fact::SwitchRemoved { switch }
            | Fact::LinkUp { switch, .. }
            | Fact::LinkDown { switch, .. }
            | Fact::LinkGap { switch, .. }
            | Fact::LinkOverloaded { switch, .. }
            | Fact::SwitchBooted { switch, .. } => circle.switch = Some(switch.clone()),
            Fact::DeviceDiscovered { device, .. } | Fact::DeviceStateChanged { device, .. } => {
                self.add_device(&mut circle, *device);
            }
            Fact::ExtensionSet { row, .. } => circle.users.extend(row.user),
            Fact::AssignmentStarted { assignment, assigned, .. } => {
                self.given(*assignment, assigned.device, assigned.user);
                circle.devices.push(assigned.device);
                circle.users.push(assigned.user);
            }
            Fact::AssignmentEnded { assignment, .. } => {
                if let Some((device, user)) = self.taken(*assignment) {
                    circle.devices.push(device);
                    circle.users.push(user);
                }
            }
            Fact::QueueDiscovered { queue, .. } | Fact::QueueSet { queue, .. } => circle.queues.push(*queue),
            Fact::MemberChanged { queue, agent, .. } | Fact::MemberRemoved { queue, agent } => {
                circle.queues.push(*queue);
                self.add_agent(&mut circle, *agent);
            }
            Fact::AgentDiscovered { agent, device, .. } => {
                circle.devices.push(*device);
                self.add_agent(&mut circle, *agent);
            }
            Fact::AgentLinked { agent, user, .. } => {
                // The former user must hear of it as well.
                self.add_agent(&mut circle, *agent);
                match user {
                    Some(user) => self.users_of_agents.insert(*agent, *user),
                    None => self.users_of_agents.remove(agent),
                };
                self.add_agent(&mut circle, *agent);
            }
            Fact::AgentStateChanged { agent, .. } => self.add_agent(&mut circle, *agent),
            Fact::Acd(fact) => self.add_distribution(&mut circle, fact),
            Fact::Work(fact) => {
                circle.queues.push(fact.of().1);
                if let Some(agent) = fact.agent() {
                    self.add_agent(&mut circle, agent);
                }
            }
            Fact::Watch(fact) => circle.queues.push(fact.queue()),
            Fact::CommandSent { command, actor, device, .. } => {
                circle.users.extend(user_of(actor));
                self.add_commanded(&mut circle, *device);
                self.remember_command(*command, circle.clone());
            }
            Fact::CommandProgress { command, .. }
            | Fact::CommandSucceeded { command }
            | Fact::CommandFailed { command, .. }
            | Fact::CommandOutcomeUnknown { command, .. } => match self.commands.get(command) {
                Some(asked) => return (Arc::clone(asked), true),
                None => known = false,
            },
            _ => {}
        }
        (Arc::new(circle), known)
    }

    /// Whom a fact of our own distribution concerns, beside a call.
    fn add_distribution(&self, circle: &mut Circle, fact: &AcdFact) {
        match fact {
            AcdFact::AgentSet { agent, .. }
            | AcdFact::StateChosen { agent, .. }
            | AcdFact::StatePending { agent, .. }
            | AcdFact::StatePendingCanceled { agent, .. }
            | AcdFact::WrapUpChanged { agent, .. }
            | AcdFact::PauseLimitExceeded { agent, .. } => self.add_agent(circle, *agent),
            AcdFact::AgentMoved { agent, device } => {
                circle.devices.push(*device);
                self.add_agent(circle, *agent);
            }
            AcdFact::OfferReserved { queue, agent, .. } | AcdFact::OfferRinging { queue, agent, .. } => {
                circle.queues.push(*queue);
                self.add_agent(circle, *agent);
            }
            AcdFact::OwnQueueSet { queue, .. }
            | AcdFact::OwnQueueRemoved { queue, .. }
            | AcdFact::EntryRanked { queue, .. }
            | AcdFact::EntryScored { queue, .. }
            | AcdFact::KeyPressed { queue, .. }
            | AcdFact::SentOn { queue, .. }
            | AcdFact::Announced { queue, .. } => {
                circle.queues.push(*queue);
            }
            AcdFact::EntryRulesSet { .. }
            | AcdFact::CalendarsSet { .. }
            | AcdFact::BlocksSet { .. }
            | AcdFact::ReasonsSet { .. }
            | AcdFact::CallRouted { .. }
            | AcdFact::RouteReturned { .. }
            | AcdFact::RouteEnded { .. } => {}
        }
    }

    fn add_leg(&self, circle: &mut Circle, device: DeviceId, agent: Option<AgentId>, user: Option<UserId>) {
        add(&mut circle.devices, device);
        if let Some(user) = user {
            add(&mut circle.users, user);
        }
        if let Some(agent) = agent {
            self.add_agent(circle, agent);
        }
    }

    fn add_agent(&self, circle: &mut Circle, agent: AgentId) {
        add(&mut circle.agents, agent);
        if let Some(user) = self.users_of_agents.get(&agent) {
            add(&mut circle.users, *user);
        }
    }

    fn add_device(&self, circle: &mut Circle, device: DeviceId) {
        add(&mut circle.devices, device);
        for (_, user) in self.holders.get(&device).into_iter().flatten() {
            add(&mut circle.users, *user);
        }
    }

    /// Whoever sits at a device hears what others do with it, such as a page that dials for it.
    fn add_commanded(&self, circle: &mut Circle, device: Option<DeviceId>) {
        if let Some(device) = device {
            self.add_device(circle, device);
        }
    }

    /// A fact may come twice: unsaved, and again once it is durable.
    fn given(&mut self, assignment: AssignmentId, device: DeviceId, user: UserId) {
        self.taken(assignment);
        self.assignments.insert(assignment, (device, user));
        self.holders.entry(device).or_default().push((assignment, user));
    }

    fn taken(&mut self, assignment: AssignmentId) -> Option<(DeviceId, UserId)> {
        let (device, user) = self.assignments.remove(&assignment)?;
        if let Some(holders) = self.holders.get_mut(&device) {
            holders.retain(|(one, _)| *one != assignment);
            if holders.is_empty() {
                self.holders.remove(&device);
            }
        }
        Some((device, user))
    }

    /// A fact may come twice, see [`Self::given`]; a call has one place in the queue of ended ones all the same.
    fn call_ended(&mut self, call: CallId) {
        if !self.calls.contains_key(&call) || !self.ended_calls.insert(call) {
            return;
        }
        self.ended.push_back(call);
        if self.ended.len() > ENDED_CALLS
            && let Some(oldest) = self.ended.pop_front()
        {
            self.ended_calls.remove(&oldest);
            self.calls.remove(&oldest);
        }
    }

    /// Forgets calls that neither live nor have ended: they were shown unsaved, and their facts were lost.
    pub fn lost_all_but(&mut self, state: &State) {
        self.calls.retain(|id, _| state.calls.contains_key(id) || self.ended_calls.contains(id));
    }

    /// Entries of every part, for tests of its bounds.
    #[cfg(test)]
    pub(super) fn sizes(&self) -> [usize; 7] {
        [
            self.calls.len(),
            self.ended.len(),
            self.users_of_agents.len(),
            self.assignments.len(),
            self.holders.len(),
            self.commands.len(),
            self.command_order.len(),
        ]
    }

    fn remember_command(&mut self, command: CommandId, circle: Circle) {
        if self.commands.insert(command, Arc::new(circle)).is_none() {
            self.command_order.push_back(command);
        }
        if self.command_order.len() > COMMANDS
            && let Some(oldest) = self.command_order.pop_front()
        {
            self.commands.remove(&oldest);
        }
    }
}

/// The queue that an event of a call is about.
#[expect(clippy::wildcard_enum_match_arm, reason = "other facts are about no queue")]
const fn queue_of(fact: &Fact) -> Option<QueueId> {
    match fact {
        Fact::CallQueued { queue, .. }
        | Fact::CallDequeued { queue, .. }
        | Fact::QueueEntered { queue, .. }
        | Fact::QueueLeft { queue, .. }
        | Fact::OfferCreated { queue, .. }
        | Fact::OfferAccepted { queue, .. }
        | Fact::OfferClosed { queue, .. }
        | Fact::OfferCompleted { queue, .. }
        | Fact::Acd(
            AcdFact::EntryRanked { queue, .. }
            | AcdFact::EntryScored { queue, .. }
            | AcdFact::KeyPressed { queue, .. }
            | AcdFact::SentOn { queue, .. }
            | AcdFact::Announced { queue, .. }
            | AcdFact::OfferReserved { queue, .. }
            | AcdFact::OfferRinging { queue, .. },
        ) => Some(*queue),
        _ => None,
    }
}

fn user_of(actor: &Actor) -> Option<UserId> {
    match actor {
        Actor::User(user) => Some(*user),
        Actor::Token(_) | Actor::System => None,
    }
}
