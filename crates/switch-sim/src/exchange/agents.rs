//! Members of queues as agents of ECMA-269: signed on, ready, busy, wrapping up.

use csta::model::{AgentState, EventCause, RequestedAgentState};

use super::desk::Denied;
use super::happening::{Agent, What};
use super::members::Member;
use super::{Exchange, Micros, SECOND};

/// invalidAgentState, invalidAgentGroup.
const NO_SUCH_STATE: Denied = Denied::operation(35);
const NO_SUCH_GROUP: Denied = Denied::operation(32);

/// The phone of a member.
fn extension_of(interface: &str) -> &str {
    let rest =
        interface.strip_prefix("PJSIP/").or_else(|| interface.strip_prefix("Local/")).unwrap_or(interface);
    rest.split('@').next().unwrap_or(rest)
}

impl Member {
    /// Its state now; `wrap_up_s` is how long its queue lets it rest.
    pub(super) fn agent_state(&self, now: Micros, wrap_up_s: u32) -> AgentState {
        let rest = i64::from(wrap_up_s) * SECOND;
        if self.in_call {
            AgentState::Busy
        } else if self.is_paused {
            AgentState::NotReady
        } else if self.last_call_at.is_some_and(|at| at + rest > now) {
            AgentState::WorkingAfterCall
        } else {
            AgentState::Ready
        }
    }
}

/// An agent and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentRow {
    /// Who.
    pub agent: Agent,
    /// State.
    pub state: AgentState,
}

impl Exchange {
    fn agent(&self, queue: &str, interface: &str) -> Option<Agent> {
        let group = self.plan.queues.iter().find(|one| one.name == queue)?.extension.clone();
        Some(Agent { extension: extension_of(interface).to_owned(), group })
    }

    fn agent_state(&self, queue: &str, interface: &str) -> Option<AgentState> {
        let queue = self.queues.get(queue)?;
        let member = queue.members.iter().find(|one| one.interface == interface)?;
        Some(member.agent_state(self.now, queue.wrap_up_s))
    }

    /// Says the state of a member.
    pub(super) fn agent_is(&mut self, queue: &str, interface: &str, cause: Option<EventCause>) {
        if let (Some(agent), Some(state)) = (self.agent(queue, interface), self.agent_state(queue, interface))
        {
            self.happen_at_device(What::AgentState(agent, state), cause);
        }
    }

    /// A member came.
    pub(super) fn agent_signs_on(&mut self, queue: &str, interface: &str) {
        if let Some(agent) = self.agent(queue, interface) {
            self.happen_at_device(What::LoggedOn(agent), None);
            self.agent_is(queue, interface, None);
        }
    }

    /// A member left.
    pub(super) fn agent_signs_off(&mut self, queue: &str, interface: &str) {
        if let Some(agent) = self.agent(queue, interface) {
            self.happen_at_device(What::LoggedOff(agent), None);
        }
    }

    /// Members who have rested after their last call.
    pub(super) fn agents_rested(&mut self, queue: &str) {
        let now = self.now;
        let Some(found) = self.queues.get_mut(queue) else { return };
        let wrap_up_s = found.wrap_up_s;
        let rested: Vec<String> = found
            .members
            .iter_mut()
            .filter(|one| one.wraps_up && one.agent_state(now, wrap_up_s) != AgentState::WorkingAfterCall)
            .map(|one| {
                one.wraps_up = false;
                one.interface.clone()
            })
            .collect();
        for interface in rested {
            // Who got the next call meanwhile, or a pause, was told so.
            if self.agent_state(queue, &interface) == Some(AgentState::Ready) {
                self.agent_is(queue, &interface, Some(EventCause::AUTO_WORK));
            }
        }
    }

    /// Agents at this phone, in every queue.
    pub fn agents_at(&self, extension: &str) -> Vec<AgentRow> {
        let queues = self.queues.values();
        let rows = queues.flat_map(|queue| queue.members.iter().map(move |member| (queue, member)));
        rows.filter(|(_, member)| extension_of(&member.interface) == extension)
            .filter_map(|(queue, member)| {
                let state = member.agent_state(self.now, queue.wrap_up_s);
                Some(AgentRow { agent: self.agent(&queue.name, &member.interface)?, state })
            })
            .collect()
    }

    /// Set Agent State, in one queue or in all of the agent.
    pub fn set_agent_state(
        &mut self,
        now: Micros,
        extension: &str,
        group: Option<&str>,
        state: RequestedAgentState,
        reason: &str,
    ) -> Result<(), Denied> {
        self.advance(now);
        if self.plan.phone(extension).is_none() {
            return Err(Denied::operation(12));
        }
        let done = match state {
            RequestedAgentState::LoggedOn => self.signs_on(extension, group),
            RequestedAgentState::LoggedOff => self.signs_off(extension, group),
            RequestedAgentState::NotReady => self.pauses(extension, group, Some(reason)),
            RequestedAgentState::Ready => self.pauses(extension, group, None),
            RequestedAgentState::WorkingAfterCall => Err(NO_SUCH_STATE),
        };
        self.settle();
        done
    }

    /// Queue and interface of an agent, of one group or of all.
    fn seats(&self, extension: &str, group: Option<&str>) -> Result<Vec<(String, String)>, Denied> {
        if group.is_some_and(|group| !self.plan.queues.iter().any(|one| one.extension == group)) {
            return Err(NO_SUCH_GROUP);
        }
        let is_wanted = |name: &str| {
            let own = self.plan.queues.iter().find(|one| one.name == name).map(|one| one.extension.as_str());
            group.is_none_or(|group| own == Some(group))
        };
        let queues = self.queues.values().filter(|queue| is_wanted(&queue.name));
        let seats = queues.flat_map(|queue| {
            let own = queue.members.iter().filter(|one| extension_of(&one.interface) == extension);
            own.map(|one| (queue.name.clone(), one.interface.clone()))
        });
        Ok(seats.collect())
    }

    fn signs_on(&mut self, extension: &str, group: Option<&str>) -> Result<(), Denied> {
        if !self.seats(extension, group)?.is_empty() {
            return Err(NO_SUCH_STATE);
        }
        let code_queue = self.plan.codes.as_ref().map(|codes| codes.queue.clone());
        let named = group.and_then(|group| self.plan.queues.iter().find(|one| one.extension == group));
        let queue = named.map(|queue| queue.name.clone()).or(code_queue).ok_or(NO_SUCH_GROUP)?;
        let interface = format!("PJSIP/{extension}");
        let name = self.plan.phone(extension).map(|phone| phone.name.clone()).unwrap_or_default();
        self.add_member(&queue, &interface, (&name, &interface), None).map_err(|_| NO_SUCH_STATE)
    }

    fn signs_off(&mut self, extension: &str, group: Option<&str>) -> Result<(), Denied> {
        let seats = self.seats(extension, group)?;
        let mut done = Err(NO_SUCH_STATE);
        for (queue, interface) in seats {
            // Who is a member by the plan stays one; the others leave.
            if self.remove_member(&queue, &interface).is_ok() {
                done = Ok(());
            }
        }
        done
    }

    fn pauses(&mut self, extension: &str, group: Option<&str>, reason: Option<&str>) -> Result<(), Denied> {
        let seats = self.seats(extension, group)?;
        if seats.is_empty() {
            return Err(NO_SUCH_STATE);
        }
        for (queue, interface) in seats {
            let reason_text = reason.unwrap_or_default();
            self.pause_member(Some(&queue), &interface, reason.is_some(), reason_text)
                .map_err(|_| NO_SUCH_STATE)?;
        }
        Ok(())
    }
}
