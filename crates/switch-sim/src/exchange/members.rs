//! Members of queues: signing in and out, pauses, what their phones do.

use super::channel::Party;
use super::event::{Class, Part, field};
use super::{ChanId, Exchange, Micros, Refusal, SECOND};
use crate::plan::Code;

/// Most members of one queue.
const MEMBERS_MAX: usize = 1_000;

/// A member of a queue.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is one header of its own")]
pub(crate) struct Member {
    pub(crate) interface: String,
    pub(crate) name: String,
    pub(crate) state_interface: String,
    is_dynamic: bool,
    /// It rests after a call.
    pub(crate) wraps_up: bool,
    pub(crate) taken: u32,
    pub(crate) last_call_at: Option<Micros>,
    last_pause_at: Option<Micros>,
    signed_in_at: Micros,
    pub(crate) in_call: bool,
    /// Last status told.
    pub(crate) status: u8,
    pub(crate) is_paused: bool,
    reason: String,
    /// An attempt rings it.
    pub(crate) is_called: bool,
}

impl Member {
    pub(crate) fn new(interface: String, name: &str, state_interface: &str, now: Micros) -> Self {
        Self {
            name: if name.is_empty() { interface.clone() } else { name.to_owned() },
            interface,
            state_interface: state_interface.to_owned(),
            is_dynamic: false,
            wraps_up: false,
            taken: 0,
            last_call_at: None,
            last_pause_at: None,
            signed_in_at: now,
            in_call: false,
            status: 1,
            is_paused: false,
            reason: String::new(),
            is_called: false,
        }
    }

    /// Headers of a member; a row of a list names two of them differently.
    pub(crate) fn headers(&self, queue: &str, is_row: bool) -> Vec<Part> {
        let seconds = |at: Option<Micros>| at.map_or(0, |at| at / SECOND);
        let (name, interface) = if is_row { ("Name", "Location") } else { ("MemberName", "Interface") };
        let mut parts = vec![
            field("Queue", queue),
            field(name, &self.name),
            field(interface, &self.interface),
            field("StateInterface", &self.state_interface),
            field("Membership", if self.is_dynamic { "dynamic" } else { "static" }),
            field("Penalty", 0),
            field("CallsTaken", self.taken),
            field("LastCall", seconds(self.last_call_at)),
            field("LastPause", seconds(self.last_pause_at)),
            field("LoginTime", self.signed_in_at / SECOND),
            field("InCall", u8::from(self.in_call)),
            field("Status", self.status),
            field("Paused", u8::from(self.is_paused)),
            field("PausedReason", &self.reason),
        ];
        if !is_row {
            parts.push(field("Ringinuse", 0));
        }
        parts.push(field("Wrapuptime", 0));
        parts
    }
}

impl Exchange {
    fn tell_member(&mut self, name: &'static str, queue: &str, interface: &str) {
        let member =
            self.queues.get(queue).and_then(|one| one.members.iter().find(|one| one.interface == interface));
        if let Some(parts) = member.map(|member| member.headers(queue, false)) {
            self.say(Class::Agent, name, parts);
        }
    }

    /// A device changed: its member in each queue has another status.
    pub(crate) fn tell_members(&mut self, device: &str, status: u8) {
        let mut changed = Vec::new();
        for queue in self.queues.values_mut() {
            for member in queue.members.iter_mut().filter(|member| member.state_interface == device) {
                if member.status != status {
                    member.status = status;
                    changed.push((queue.name.clone(), member.interface.clone()));
                }
            }
        }
        for (queue, interface) in changed {
            self.tell_member("QueueMemberStatus", &queue, &interface);
        }
    }

    /// Adds a member (`QueueAdd`, or the code to sign in).
    pub(crate) fn add_member(
        &mut self,
        queue: &str,
        interface: &str,
        (name, state_interface): (&str, &str),
        paused: Option<&str>,
    ) -> Result<(), Refusal> {
        let state_interface = if state_interface.is_empty() { interface } else { state_interface };
        let status = self.device_state(state_interface).member_status();
        let now = self.now;
        let found = self.queues.get_mut(queue);
        let found = found.ok_or_else(|| Refusal::new("Unable to add interface to queue: No such queue"))?;
        if found.member_mut(interface).is_some() {
            return Err(Refusal::new("Unable to add interface: Already there"));
        }
        if found.members.len() >= MEMBERS_MAX {
            return Err(Refusal::new("Out of memory"));
        }
        let mut member = Member::new(interface.to_owned(), name, state_interface, now);
        member.is_dynamic = true;
        member.status = status;
        if let Some(reason) = paused {
            member.is_paused = true;
            member.last_pause_at = Some(now);
            reason.clone_into(&mut member.reason);
        }
        found.members.push(member);
        self.agent_signs_on(queue, interface);
        self.tell_member("QueueMemberAdded", queue, interface);
        Ok(())
    }

    /// Removes a member (`QueueRemove`, or the code to sign out).
    pub(crate) fn remove_member(&mut self, queue: &str, interface: &str) -> Result<(), Refusal> {
        let found = self.queues.get_mut(queue).ok_or_else(|| Refusal::new("No such queue"))?;
        let member = found.member_mut(interface);
        let member = member.ok_or_else(|| Refusal::new("Unable to remove interface: Not there"))?;
        if !member.is_dynamic {
            return Err(Refusal::new("Member not dynamic"));
        }
        self.agent_signs_off(queue, interface);
        self.tell_member("QueueMemberRemoved", queue, interface);
        if let Some(found) = self.queues.get_mut(queue) {
            found.members.retain(|member| member.interface != interface);
        }
        Ok(())
    }

    /// Pauses a member, or ends the pause, in one queue or in all.
    pub(crate) fn pause_member(
        &mut self,
        queue: Option<&str>,
        interface: &str,
        is_paused: bool,
        reason: &str,
    ) -> Result<(), Refusal> {
        let now = self.now;
        let mut changed = Vec::new();
        for found in self.queues.values_mut().filter(|one| queue.is_none_or(|queue| one.name == queue)) {
            if let Some(member) = found.member_mut(interface) {
                member.is_paused = is_paused;
                member.reason = if is_paused { reason.to_owned() } else { String::new() };
                if is_paused {
                    member.last_pause_at = Some(now);
                }
                changed.push(found.name.clone());
            }
        }
        if changed.is_empty() {
            return Err(Refusal::new("Interface not found"));
        }
        for queue in changed {
            self.agent_is(&queue, interface, None);
            self.tell_member("QueueMemberPause", &queue, interface);
        }
        Ok(())
    }

    /// An agent dialled a code.
    pub(crate) fn code(&mut self, id: ChanId, code: &Code) {
        let Some(Party::Phone(extension)) = self.channels.get(&id).map(|channel| channel.party.clone())
        else {
            return;
        };
        let interface = format!("PJSIP/{extension}");
        let name = self.plan.phone(&extension).map_or("", |phone| phone.name.as_str()).to_owned();
        // Told before the member: the phone is in use already.
        self.tell_devices();
        let done = match code {
            Code::SignIn(queue) => self.add_member(queue, &interface, (&name, &interface), None),
            Code::SignOut(queue) => self.remove_member(queue, &interface),
            Code::Pause(reason) => {
                self.pause_member(None, &interface, reason.is_some(), reason.as_deref().unwrap_or_default())
            }
        };
        // Who signs in twice hears the same message as who signs in once.
        let _ = done;
    }
}
