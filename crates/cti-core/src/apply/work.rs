//! Facts of interactions beside calls.

use std::collections::BTreeSet;

use crate::fact::{OfferOutcome, Record, WorkFact};
use crate::ids::{AgentId, InteractionId, OfferId};
use crate::state::{Interaction, Misses, Rank, State, WorkState};

/// Code of a try that the switch did not dial.
pub(crate) const BARRED: &str = "target_barred";

impl State {
    pub(super) fn apply_work(&mut self, record: &Record, fact: &WorkFact) {
        let (id, _) = fact.of();
        if let Some(before) = self.interactions.get(&id) {
            self.work.forget(id, before);
        }
        self.change_work(record, id, fact);
        if let Some(after) = self.interactions.get(&id) {
            self.work.note(id, after);
        }
    }

    #[expect(clippy::too_many_lines, reason = "one arm per fact")]
    fn change_work(&mut self, record: &Record, id: InteractionId, fact: &WorkFact) {
        match fact {
            WorkFact::Requested { request, .. } => {
                let rank =
                    Rank { priority: request.priority, needs: request.needs.clone(), ..Rank::default() };
                let interaction = Interaction {
                    request: (**request).clone(),
                    created_at: record.at,
                    not_before: request.due.unwrap_or(record.at),
                    rank,
                    attempts: 0,
                    tries: 0,
                    last_code: None,
                    refused_at: BTreeSet::new(),
                    state: WorkState::Waiting,
                };
                self.interactions.insert(id, interaction);
            }
            WorkFact::Rescheduled { due, .. } => {
                if let Some(one) = self.interactions.get_mut(&id) {
                    one.request.due = Some(*due);
                    one.not_before = *due;
                }
            }
            WorkFact::Offered { offer, agent, attempt, until, command, .. } => {
                if let Some(one) = self.interactions.get_mut(&id) {
                    one.attempts = *attempt;
                    if one.rank.tried.contains(agent) {
                        one.rank.tried.clear();
                    }
                    one.rank.tried.push(*agent);
                    one.state =
                        WorkState::Offered { offer: *offer, agent: *agent, until: *until, command: *command };
                }
                self.set_offer(*agent, Some(*offer));
            }
            WorkFact::Accepted { agent, .. } => {
                if let Some(one) = self.interactions.get_mut(&id) {
                    let command = one.command();
                    let (agent, since, reached_in) = (*agent, record.at, None);
                    one.state = WorkState::Working { agent, since, reached_in, command };
                }
                self.set_offer(*agent, None);
                if let Some(agent) = self.agents.get_mut(agent) {
                    agent.taken += 1;
                    agent.misses = Misses::default();
                }
            }
            WorkFact::Reached { call, .. } => {
                if let Some(WorkState::Working { reached_in, .. }) =
                    self.interactions.get_mut(&id).map(|one| &mut one.state)
                {
                    *reached_in = Some(*call);
                }
            }
            WorkFact::Returned { agent, outcome, not_before, .. } => {
                if let Some(one) = self.interactions.get_mut(&id) {
                    one.state = WorkState::Waiting;
                    one.not_before = not_before.unwrap_or(one.not_before);
                    if *outcome == OfferOutcome::Rejected {
                        one.rank.rest(*agent, record.recorded_at);
                    }
                }
                self.set_offer(*agent, None);
                if let Some(agent) = self.agents.get_mut(agent) {
                    agent.misses.count(*outcome, *outcome != OfferOutcome::Canceled);
                }
            }
            WorkFact::Tried { agent, tries, code, not_before, .. } => {
                let device = self.agents.get(agent).and_then(|agent| self.devices.get(&agent.device));
                let switch = device.filter(|_| **code == *BARRED).map(|device| device.switch.clone());
                if let Some(one) = self.interactions.get_mut(&id) {
                    one.refused_at.extend(switch);
                    one.tries = *tries;
                    one.last_code = Some(code.clone());
                    one.not_before = *not_before;
                    one.rank.tried.clear();
                    one.state = WorkState::Waiting;
                }
            }
            WorkFact::Closed { agent, .. } => {
                let gone = self.interactions.remove(&id);
                if let Some(agent) = agent {
                    // Another offer that the agent has stays.
                    if matches!(gone.map(|one| one.state), Some(WorkState::Offered { .. })) {
                        self.set_offer(*agent, None);
                    }
                    if let Some(agent) = self.agents.get_mut(agent) {
                        agent.idle_since = record.at;
                    }
                }
            }
        }
    }

    /// The attempt an agent is asked for; an interaction never takes an offer of a call away.
    fn set_offer(&mut self, agent: AgentId, offer: Option<OfferId>) {
        let Some(found) = self.agents.get(&agent) else { return };
        let is_call = found.offer.is_some_and(|open| self.offers.contains_key(&open));
        if let Some(found) = self.agents.get_mut(&agent).filter(|_| !is_call) {
            found.offer = offer;
        }
    }
}
