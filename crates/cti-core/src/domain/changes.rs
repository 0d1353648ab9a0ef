//! Administration and desk work that needs no switch.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Refusal, Turn};
use crate::fact::{Assigned, AssignmentKind, ExtensionRow, Fact};
use crate::hops::TOKENS;
use crate::ids::{AgentId, AssignmentId, CallId, DeviceId, ExtensionId, NoteId, UserId};
use crate::input::{Actor, Change, DeviceKind};

impl Turn<'_> {
    pub(super) fn change(&mut self, actor: Actor, change: Change) -> Result<(), Refusal> {
        match change {
            Change::Assign { assigned } => self.assign(actor, assigned)?,
            Change::AssignOutside { switch, number, user, primary } => {
                self.assign_outside(actor, &switch, &number, user, primary)?;
            }
            Change::Unassign { assignment } => self.unassign(actor, assignment)?,
            Change::SetExtension { extension, row } => self.set_extension(actor, extension, row)?,
            Change::RemoveExtension { extension } => self.remove_extension(actor, extension)?,
            Change::LinkAgent { agent, user } => self.link_agent(actor, agent, user)?,
            Change::SetQueue { queue, wrap_up_ms } => {
                let found = self.state.queues.get(&queue).ok_or_else(|| missing("queue", &queue))?;
                if found.own_wrap_up_ms != wrap_up_ms {
                    self.emit(Fact::QueueSet { actor, queue, wrap_up_ms });
                }
            }
            Change::SetCallData { call, mut data } => {
                not_reserved(&data)?;
                // Of an ended call, as with its notes, whoever asks knows that there is such a call.
                if let Some(found) = self.state.calls.get(&call) {
                    data.retain(|key, value| found.data.get(key).map_or("", |old| old) != &**value);
                }
                if !data.is_empty() {
                    self.emit(Fact::CallDataChanged { call, actor: Some(actor), data });
                }
            }
            Change::AddNote { call, text } => self.add_note(actor, call, text),
            Change::SetDisposition { call, code, remark } => {
                self.emit(Fact::DispositionSet { call, actor, code, remark });
            }
            Change::MatchCall { call, contact } => {
                // Nothing is said twice, so that a directory that answers late does not count as a change.
                if self.state.calls.get(&call).is_none_or(|found| found.contact != contact) {
                    self.emit(Fact::CallMatched { call, actor, contact });
                }
            }
            Change::Acd(change) => self.acd_change(actor, change)?,
            Change::Work(change) => self.work_change(actor, change)?,
            Change::SetQueueLimits { queue, limits } => self.set_queue_limits(actor, queue, limits)?,
            Change::NoteRelay(fact) => self.emit(Fact::Relay(fact)),
            Change::RemoveUser { user } => self.remove_user(&actor, user),
        }
        Ok(())
    }

    fn add_note(&mut self, actor: Actor, call: CallId, text: Arc<str>) {
        let note = self.fresh(NoteId::derive);
        self.emit(Fact::NoteAdded { call, note, actor, text });
    }

    /// Gives a device to a user. Who sits down at a desk ends the hot desk of whoever sat there, and his own
    /// at another desk.
    pub(super) fn assign(&mut self, actor: Actor, assigned: Assigned) -> Result<(), Refusal> {
        if !self.state.devices.contains_key(&assigned.device) {
            return Err(missing("device", &assigned.device));
        }
        let same = |one: &Assigned| {
            one.device == assigned.device && one.user == assigned.user && one.kind == assigned.kind
        };
        if self
            .state
            .assignments
            .values()
            .any(|one| same(&one.assigned) && one.assigned.primary == assigned.primary)
        {
            return Ok(());
        }
        let hot = assigned.kind == AssignmentKind::HotDesk;
        let replaced = |one: &Assigned| {
            let claims = hot && one.kind == AssignmentKind::HotDesk;
            same(one) || (claims && (one.device == assigned.device || one.user == assigned.user))
        };
        let ended: Vec<AssignmentId> = self
            .state
            .assignments
            .iter()
            .filter(|(_, one)| replaced(&one.assigned))
            .map(|(id, _)| *id)
            .collect();
        for assignment in ended {
            self.emit(Fact::AssignmentEnded { actor: actor.clone(), assignment });
        }
        let user = assigned.user;
        self.emit(Fact::AssignmentStarted { actor, assignment: self.fresh(AssignmentId::derive), assigned });
        self.follow_person(user);
        Ok(())
    }

    fn unassign(&mut self, actor: Actor, assignment: AssignmentId) -> Result<(), Refusal> {
        let found = self.state.assignments.get(&assignment);
        let Assigned { device, user, .. } =
            found.ok_or_else(|| missing("running assignment", &assignment))?.assigned;
        self.emit(Fact::AssignmentEnded { actor, assignment });
        // Nobody is rung at a telephone outside that is no longer his.
        if self.state.devices.get(&device).is_some_and(|one| one.kind == DeviceKind::Outside) {
            self.follow_person(user);
        }
        Ok(())
    }

    fn set_extension(
        &mut self,
        actor: Actor,
        id: Option<ExtensionId>,
        row: ExtensionRow,
    ) -> Result<(), Refusal> {
        let switch = self.state.switches.get(&row.switch).ok_or_else(|| missing("switch", &row.switch))?;
        let taken = switch.row_index.get(&row.extension);
        if taken.is_some() && taken != id {
            let detail = format!("extension {} of switch {} has a row already", row.extension, row.switch);
            return Err(Refusal::new("state_conflict", detail));
        }
        let station = switch.station_index.get(&row.extension);
        if let Some(id) = id {
            let old = self.state.extensions.get(&id).cloned().ok_or_else(|| missing("extension row", &id))?;
            if old != row {
                self.end_row_assignment(&actor, &old);
            }
        }
        let extension = id.unwrap_or_else(|| self.fresh(ExtensionId::derive));
        self.emit(Fact::ExtensionSet { actor, extension, row });
        if let Some(device) = station {
            self.follow_row(device);
        }
        Ok(())
    }

    fn remove_extension(&mut self, actor: Actor, extension: ExtensionId) -> Result<(), Refusal> {
        let row = self
            .state
            .extensions
            .get(&extension)
            .cloned()
            .ok_or_else(|| missing("extension row", &extension))?;
        self.end_row_assignment(&actor, &row);
        self.emit(Fact::ExtensionRemoved { actor, extension });
        Ok(())
    }

    /// Ends the fixed assignment that a row of the extension list made.
    fn end_row_assignment(&mut self, actor: &Actor, row: &ExtensionRow) {
        let device: Option<DeviceId> =
            self.state.switches.get(&row.switch).and_then(|one| one.station_index.get(&row.extension));
        let ended: Vec<AssignmentId> = self
            .state
            .assignments
            .iter()
            .filter(|(_, one)| {
                let assigned = &one.assigned;
                assigned.kind == AssignmentKind::Fixed
                    && Some(assigned.device) == device
                    && Some(assigned.user) == row.user
            })
            .map(|(id, _)| *id)
            .collect();
        for assignment in ended {
            self.emit(Fact::AssignmentEnded { actor: actor.clone(), assignment });
        }
    }

    fn link_agent(&mut self, actor: Actor, agent: AgentId, user: Option<UserId>) -> Result<(), Refusal> {
        let found = self.state.agents.get(&agent).ok_or_else(|| missing("agent", &agent))?;
        if found.user == user {
            return Ok(());
        }
        let taken = user.and_then(|user| self.state.agents.iter().find(|(_, one)| one.user == Some(user)));
        if let Some((other, _)) = taken {
            let detail = format!("the user is agent {other} already: part them first");
            return Err(Refusal::new("state_conflict", detail));
        }
        self.emit(Fact::AgentLinked { actor, agent, user });
        Ok(())
    }

    fn remove_user(&mut self, actor: &Actor, user: UserId) {
        let ended: Vec<AssignmentId> = self
            .state
            .assignments
            .iter()
            .filter(|(_, one)| one.assigned.user == user)
            .map(|(id, _)| *id)
            .collect();
        for assignment in ended {
            self.emit(Fact::AssignmentEnded { actor: actor.clone(), assignment });
        }
        let agents: Vec<AgentId> =
            self.state.agents.iter().filter(|(_, one)| one.user == Some(user)).map(|(id, _)| *id).collect();
        for agent in agents {
            self.emit(Fact::AgentLinked { actor: actor.clone(), agent, user: None });
        }
        let rows: Vec<(ExtensionId, ExtensionRow)> = self
            .state
            .extensions
            .iter()
            .filter(|(_, row)| row.user == Some(user))
            .map(|(id, row)| (*id, ExtensionRow { user: None, ..row.clone() }))
            .collect();
        for (extension, row) in rows {
            self.emit(Fact::ExtensionSet { actor: actor.clone(), extension, row });
        }
    }
}

pub(super) fn missing(what: &str, id: &dyn std::fmt::Display) -> Refusal {
    Refusal::new("not_found", format!("there is no {what} {id}"))
}

/// Data that join calls of two switches are written by the switches alone: else whoever may write data could make
/// his call part of another one.
pub(super) fn not_reserved(data: &BTreeMap<Arc<str>, Arc<str>>) -> Result<(), Refusal> {
    let reserved = TOKENS.into_iter().find(|token| data.keys().any(|key| key.eq_ignore_ascii_case(token)));
    reserved.map_or(Ok(()), |token| {
        let detail = format!("the datum `{token}` is the switch's own: give yours another name");
        Err(Refusal::new("invalid_field", detail))
    })
}
