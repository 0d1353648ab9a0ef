//! Agents as members of the switch's queues. Busy and working after a call are no choice of the agent: the Domain
//! derives them from calls.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use csta::model::{AgentEntry, AgentState, DeviceId, Octets, Party, Private};
use cti_core::ids::Native;
use cti_core::input::{DeviceRef, MemberSeen, SwitchEvent};

use super::{About, CstaTranslator, Later};

/// Queue of agents whose switch names no group.
const NO_GROUP: &str = "acd";
/// How long after a sign-in the state may come that belongs to it.
const SIGN_IN_MS: i64 = 500;

/// Queues, members and ids of agents that are kept: what a switch tells beyond is no call centre.
const QUEUES_MAX: usize = 5_000;
const MEMBERS_MAX: usize = 50_000;

/// Queues and members known.
#[derive(Debug, Default)]
pub(super) struct Members {
    pub(super) queues: BTreeSet<Native>,
    /// By queue and device, as the Domain was told.
    pub(super) told: BTreeMap<(Native, Native), MemberSeen>,
    /// Signed in, state not told yet.
    signing_in: BTreeSet<(Native, Native)>,
    /// Ids of agents by device.
    ids: BTreeMap<Native, Octets>,
}

impl Members {
    /// The id of the agent at a device.
    pub(super) fn agent_id(&self, device: &Native) -> Option<&Octets> {
        self.ids.get(device)
    }

    /// Notes a queue; true when it is a new one that is taken.
    pub(super) fn note_queue(&mut self, queue: &Native) -> bool {
        self.queues.len() < QUEUES_MAX && self.queues.insert(queue.clone())
    }

    fn note_id(&mut self, device: &Native, agent: &Octets) {
        if self.ids.len() < MEMBERS_MAX || self.ids.contains_key(device) {
            self.ids.insert(device.clone(), agent.clone());
        }
    }

    /// True when there is a place for this member of this queue, or it has one.
    fn has_room(&self, key: &(Native, Native)) -> bool {
        let is_known = self.told.contains_key(key);
        is_known || (self.told.len() < MEMBERS_MAX && self.queues.contains(&key.0))
    }

    /// Queues an agent is a member of, or signs in to.
    fn queues_of(&self, device: &Native) -> Vec<Native> {
        let keys = self.told.keys().chain(&self.signing_in);
        let queues: BTreeSet<&Native> =
            keys.filter(|(_, member)| member == device).map(|(queue, _)| queue).collect();
        queues.into_iter().cloned().collect()
    }
}

impl CstaTranslator {
    /// The queues an agent event is about: its group, else all of the agent's.
    fn agent_queues(&self, device: &Native, group: Option<&DeviceId>) -> Vec<Native> {
        if let Some(group) = group {
            return vec![self.devices.native(group)];
        }
        let known = self.members.queues_of(device);
        if known.is_empty() { vec![Native::from(NO_GROUP)] } else { known }
    }

    fn agent_device(&mut self, device: &Party, agent: Option<&Octets>) -> Option<DeviceRef> {
        let device = self.devices.device(device.device()?);
        if let Some(agent) = agent {
            self.members.note_id(&device.native, agent);
        }
        Some(device)
    }

    pub(super) fn on_signed_in(&mut self, device: &Party, agent: Option<&Octets>, group: Option<&DeviceId>) {
        let Some(device) = self.agent_device(device, agent) else { return };
        for queue in self.agent_queues(&device.native, group) {
            let key = (queue, device.native.clone());
            let is_new = self.members.signing_in.len() < MEMBERS_MAX && !self.members.told.contains_key(&key);
            if is_new && self.members.signing_in.insert(key.clone()) {
                self.defer(SIGN_IN_MS, Later::SignIn(key.0, key.1));
            }
        }
    }

    /// A sign-in without a state: the agent takes no calls yet.
    pub(super) fn settle_sign_in(&mut self, queue: &Native, device: &Native) {
        if self.members.signing_in.contains(&(queue.clone(), device.clone())) {
            let device = self.devices.device_of(device.clone());
            self.set_member(queue.clone(), device, true, None);
        }
    }

    pub(super) fn on_signed_out(&mut self, device: &Party, group: Option<&DeviceId>) {
        let Some(device) = self.agent_device(device, None) else { return };
        for queue in self.agent_queues(&device.native, group) {
            self.unset_member(queue, device.native.clone());
        }
    }

    fn unset_member(&mut self, queue: Native, device: Native) {
        let key = (queue, device);
        self.members.signing_in.remove(&key);
        if self.members.told.remove(&key).is_some() {
            self.say(SwitchEvent::MemberRemoved { queue: key.0, device: key.1 });
        }
    }

    pub(super) fn on_agent_state(
        &mut self,
        about: &About<'_>,
        device: &Party,
        agent: Option<&Octets>,
        group: Option<&DeviceId>,
        state: AgentState,
    ) {
        let Some(device) = self.agent_device(device, agent) else { return };
        let reason = self.reason(&about.more.private);
        for queue in self.agent_queues(&device.native, group) {
            match state {
                AgentState::Null => self.unset_member(queue, device.native.clone()),
                AgentState::Ready => self.set_member(queue, device.clone(), false, None),
                AgentState::NotReady => self.set_member(queue, device.clone(), true, reason.clone()),
                AgentState::Busy | AgentState::WorkingAfterCall => {
                    let key = (queue, device.native.clone());
                    if !self.members.told.contains_key(&key) {
                        self.set_member(key.0, device.clone(), false, None);
                    }
                }
            }
        }
    }

    fn set_member(&mut self, queue: Native, device: DeviceRef, paused: bool, reason: Option<Arc<str>>) {
        self.see_queue(&queue);
        let seen = self.member(queue, device, paused, reason);
        let key = (seen.queue.clone(), seen.device.native.clone());
        self.members.signing_in.remove(&key);
        if !self.members.has_room(&key) {
            return;
        }
        if self.members.told.insert(key, seen.clone()).as_ref() != Some(&seen) {
            self.say(SwitchEvent::Member(seen));
        }
    }

    fn member(&self, queue: Native, device: DeviceRef, paused: bool, reason: Option<Arc<str>>) -> MemberSeen {
        let id = self.members.ids.get(&device.native).map(ToString::to_string);
        let name = id.unwrap_or_else(|| device.native.as_str().to_owned());
        MemberSeen { queue, device, name: name.into(), paused, reason, dynamic: true }
    }

    /// Members as the switch tells them in a survey; what it does not tell stays as it was.
    pub(super) fn survey_members(&mut self, agents: &[(DeviceId, Vec<AgentEntry>)]) -> Vec<MemberSeen> {
        for (id, entries) in agents {
            let device = self.devices.device(id);
            let mut listed = BTreeSet::new();
            for entry in entries.iter().filter(|entry| entry.logged_on) {
                self.survey_agent(&device, entry, &mut listed);
            }
            self.members.signing_in.retain(|(_, member)| *member != device.native);
            self.members.told.retain(|(queue, member), _| *member != device.native || listed.contains(queue));
        }
        self.members.told.values().cloned().collect()
    }

    /// States of the agents at a device, asked for between surveys: only what changed is told.
    pub(super) fn on_agents(&mut self, id: &DeviceId, entries: &[AgentEntry]) {
        let device = self.devices.native(id);
        let of = |members: &Members| -> BTreeMap<_, _> {
            let own = members.told.iter().filter(|((_, member), _)| *member == device);
            own.map(|(key, seen)| (key.clone(), seen.clone())).collect()
        };
        let (before, queues) = (of(&self.members), self.members.queues.clone());
        self.survey_members(&[(id.clone(), entries.to_vec())]);
        let after = of(&self.members);
        for queue in after.keys().map(|(queue, _)| queue).filter(|queue| !queues.contains(*queue)) {
            self.members.queues.remove(queue);
            self.see_queue(queue);
        }
        for (key, seen) in &after {
            if before.get(key) != Some(seen) {
                self.say(SwitchEvent::Member(seen.clone()));
            }
        }
        for (queue, device) in before.into_keys().filter(|key| !after.contains_key(key)) {
            self.say(SwitchEvent::MemberRemoved { queue, device });
        }
    }

    fn survey_agent(&mut self, device: &DeviceRef, entry: &AgentEntry, listed: &mut BTreeSet<Native>) {
        if let Some(agent) = &entry.agent {
            self.members.note_id(&device.native, agent);
        }
        for group in &entry.groups {
            if group.state == AgentState::Null {
                continue;
            }
            for queue in self.agent_queues(&device.native, group.group.as_ref()) {
                let key = (queue.clone(), device.native.clone());
                let before = self.members.told.get(&key);
                let paused = match group.state {
                    AgentState::NotReady => true,
                    AgentState::Ready | AgentState::Null => false,
                    AgentState::Busy | AgentState::WorkingAfterCall => {
                        group.pending == Some(AgentState::NotReady) || before.is_some_and(|seen| seen.paused)
                    }
                };
                let reason = before.filter(|_| paused).and_then(|seen| seen.reason.clone());
                let seen = self.member(queue.clone(), device.clone(), paused, reason);
                self.members.note_queue(&queue);
                if !self.members.has_room(&key) {
                    continue;
                }
                listed.insert(queue);
                self.members.told.insert(key, seen);
            }
        }
    }

    /// The reason of a pause: a code in private data, and its text where it has one.
    fn reason(&self, private: &[Private]) -> Option<Arc<str>> {
        let code = private.iter().find_map(|private| match private {
            Private::Xml(text) => reason_code(text),
            Private::Ber(_) => None,
        })?;
        let text = self.config.reasons.get(&code);
        Some(text.map_or_else(|| code.to_string().into(), |text| text.as_str().into()))
    }

    /// A device went out of service or came back.
    pub(super) fn on_service(&mut self, device: &Party, works: bool) {
        if let Some(id) = device.device() {
            let native = self.devices.native(id);
            // Nobody asks about a phone that only an event named.
            if self.devices.is_known(&native) {
                self.set_in_service(native, works);
            }
        }
    }

    /// The code of a reason that a person gave.
    pub(super) fn code_of_reason(&self, reason: &str) -> Option<u32> {
        let named = self.config.reasons.iter().find(|(_, text)| text.as_str() == reason);
        named.map(|(code, _)| *code).or_else(|| reason.trim().parse().ok())
    }
}

/// The number in `<reasonCode>3</reasonCode>`, with any prefix.
fn reason_code(xml: &str) -> Option<u32> {
    let (_, rest) = xml.split_once("reasonCode>")?;
    rest.split('<').next()?.trim().parse().ok()
}
