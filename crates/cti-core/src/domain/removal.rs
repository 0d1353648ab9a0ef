//! A switch that nobody follows any more, or that is gone for good.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Turn;
use crate::fact::{Cause, Fact, Origin};
use crate::ids::{AgentId, AssignmentId, CallId, CommandId, ExtensionId, QueueId, SwitchId};
use crate::input::Actor;
use crate::state::LinkState;
use crate::time::Timestamp;

impl Turn<'_> {
    /// Ends what was live at the switch: how its calls went on nobody will tell.
    pub(super) fn release(&mut self, switch: &SwitchId, reason: Arc<str>) {
        let Some(known) = self.state.switches.get(switch) else {
            return;
        };
        let is_told = known.link == LinkState::Down && known.link_reason == reason;
        let last_seen = Some(known.heard_until.unwrap_or(known.last_at))
            .filter(|at| *at > Timestamp::default())
            .unwrap_or(self.at);
        let origin = std::mem::replace(&mut self.origin, Origin::Reconciled);
        self.clear_all(switch, Cause::Lost, &BTreeSet::new(), last_seen);
        self.origin = origin;
        let open = self.state.open_commands.iter().copied();
        let lost: Vec<CommandId> =
            open.filter(|id| self.state.commands.get(id).is_some_and(|one| one.switch == *switch)).collect();
        for command in lost {
            let detail = "the link to the switch was given up before the effect was seen".into();
            self.emit(Fact::CommandFailed { command, code: "no_effect".into(), detail });
        }
        if !is_told {
            self.emit(Fact::LinkDown { switch: switch.clone(), reason });
        }
    }

    /// Takes the switch out of the picture, with everything that was known of it.
    pub(super) fn remove_switch(&mut self, switch: SwitchId) {
        if !self.state.switches.contains_key(&switch) {
            return;
        }
        self.release(&switch, "the switch was removed".into());
        self.close_queues(&switch);
        let is_leaving = |agent: &AgentId| {
            let device = self.state.agents.get(agent).and_then(|one| self.state.devices.get(&one.device));
            device.is_some_and(|one| one.switch == switch)
        };
        let members: Vec<(QueueId, AgentId)> = self
            .state
            .queues
            .iter()
            .flat_map(|(id, queue)| queue.members.iter().map(move |agent| (*id, &queue.switch, *agent)))
            .filter(|(_, home, agent)| **home == switch || is_leaving(agent))
            .map(|(queue, _, agent)| (queue, agent))
            .collect();
        for (queue, agent) in members {
            self.remove_member(queue, agent);
        }
        let here = |id| self.state.devices.get(id).is_some_and(|one| one.switch == switch);
        let assignments = self.state.assignments.iter().filter(|(_, one)| here(&one.assigned.device));
        let assignments: Vec<AssignmentId> = assignments.map(|(id, _)| *id).collect();
        for assignment in assignments {
            self.emit(Fact::AssignmentEnded { actor: Actor::System, assignment });
        }
        let rows = self.state.extensions.iter().filter(|(_, row)| row.switch == switch);
        let rows: Vec<ExtensionId> = rows.map(|(id, _)| *id).collect();
        for extension in rows {
            self.emit(Fact::ExtensionRemoved { actor: Actor::System, extension });
        }
        // Agents leave with their phones, after their last state is told.
        self.settle_agents();
        self.emit(Fact::SwitchRemoved { switch });
    }

    /// Who waits in a queue of ours that goes with its switch is sent back to the switch that holds the caller; work
    /// of such a queue is canceled.
    fn close_queues(&mut self, switch: &SwitchId) {
        let queues: BTreeSet<QueueId> =
            self.state.queues.iter().filter(|(_, one)| one.switch == *switch).map(|(id, _)| *id).collect();
        let waiting = self.state.entries.values().filter(|one| queues.contains(&one.queue));
        let calls: Vec<CallId> = waiting.map(|one| one.call).collect();
        for call in calls {
            self.send_back(call);
        }
        self.cancel_work_of(&queues);
    }
}
