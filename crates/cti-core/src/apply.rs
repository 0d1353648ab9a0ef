//! `State::apply`: the only code that changes the picture. It decides nothing: a fact that does not fit is a bug
//! of the decision that made it, found by `invariants`, so here it changes as much as it can and goes on.

mod acd;
mod calls;
mod hops;
mod people;
mod watch;
mod work;

pub(crate) use work::BARRED;

use crate::fact::{Fact, Record};
use crate::ids::SwitchId;
use crate::lookup::Lookup;
use crate::state::{LinkState, State, Switch};
use crate::time::Timestamp;

/// A command without effect for this long has failed, milliseconds.
pub(crate) const EFFECT_WITHIN_MS: i64 = 3_000;

impl State {
    /// Repeats one fact.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "each part takes its own facts; `Fact::call` names them all"
    )]
    pub fn apply(&mut self, record: &Record) {
        self.sequence = record.sequence;
        self.recorded_at = self.recorded_at.max(record.recorded_at);
        self.note_for_watch(record);
        match &record.fact {
            Fact::SwitchConfigured { switch, name, plan, policy, log_all } => {
                let found = self.switch_entry(switch);
                found.name.clone_from(name);
                found.plan = plan.clone();
                found.policy = policy.clone();
                found.log_all = *log_all;
            }
            Fact::SwitchRouted { switch, routes } => {
                self.switch_entry(switch).routes.clone_from(routes);
                self.rebuild_hops();
            }
            Fact::LinkUp { switch, version, capabilities } => {
                let at = record.at;
                let found = self.switch_entry(switch);
                found.version.clone_from(version);
                found.capabilities = capabilities.clone();
                found.set_link(LinkState::Up, "", at);
                found.is_overloaded = false;
            }
            Fact::LinkDown { switch, reason } => {
                let found = self.switch_entry(switch);
                // Only the reason may have changed.
                let since = if found.link == LinkState::Down { found.link_since } else { record.at };
                found.heard_until.get_or_insert(found.last_at);
                found.set_link(LinkState::Down, reason, since);
            }
            Fact::SwitchRemoved { switch } => self.remove_switch(switch),
            Fact::LinkOverloaded { switch, .. } => self.switch_entry(switch).is_overloaded = true,
            Fact::LinkGap { switch, until, .. } => {
                let found = self.switch_entry(switch);
                found.last_at = found.last_at.max(*until);
                found.heard_until = None;
                found.is_read = true;
            }
            Fact::SwitchBooted { switch, boot_epoch } => {
                let found = self.switch_entry(switch);
                found.boot_epoch = Some(boot_epoch.clone());
                found.is_read = true;
            }
            fact => {
                if !self.apply_call(record, fact) && !self.apply_queue(record, fact) {
                    self.apply_people(record, fact);
                }
            }
        }
    }

    fn switch_entry(&mut self, switch: &SwitchId) -> &mut Switch {
        self.switches.entry(switch.clone()).or_insert_with(|| Switch {
            name: switch.as_str().into(),
            plan: crate::number::NumberPlan::default(),
            policy: crate::number::guard::DialPolicy::default(),
            log_all: true,
            version: "".into(),
            capabilities: crate::permit::Capabilities::new(),
            link: LinkState::Never,
            link_since: Timestamp::default(),
            link_reason: "".into(),
            is_overloaded: false,
            is_read: false,
            boot_epoch: None,
            routes: Vec::new(),
            last_at: Timestamp::default(),
            heard_until: None,
            left: std::collections::VecDeque::new(),
            device_index: Lookup::default(),
            queue_index: Lookup::default(),
            call_index: Lookup::default(),
            leg_index: Lookup::default(),
            row_index: Lookup::default(),
            station_index: Lookup::default(),
        })
    }

    /// What hung on its devices has ended by facts of its own; what a broken log left of it goes too.
    fn remove_switch(&mut self, switch: &SwitchId) {
        self.switches.remove(switch);
        for call in self.calls.values_mut() {
            call.leave_switch(switch);
        }
        self.rebuild_hops();
        self.devices.retain(|_, one| one.switch != *switch);
        self.queues.retain(|_, one| one.switch != *switch);
        let devices = &self.devices;
        self.agents.retain(|_, one| devices.contains_key(&one.device));
        self.assignments.retain(|_, one| devices.contains_key(&one.assigned.device));
        self.extensions.retain(|_, one| one.switch != *switch);
        let (queues, agents) = (&self.queues, &self.agents);
        self.acd.queue_index.retain(|_, queue| queues.contains_key(queue));
        self.acd.agent_timers.retain(|(_, agent)| agents.contains_key(agent));
        self.wrap_ups.retain(|(_, agent)| agents.contains_key(agent));
        self.forget_watched();
    }

    /// Builds the indexes, which a snapshot does not hold.
    pub(crate) fn rebuild_indexes(&mut self) {
        for (id, device) in &self.devices {
            if let Some(switch) = self.switches.get_mut(&device.switch) {
                switch.index_device(*id, device);
            }
        }
        for (id, agent) in &self.agents {
            if let Some(due) = agent.will.as_ref().and_then(crate::state::Will::due) {
                self.acd.agent_timers.insert((due, *id));
            }
        }
        for (id, one) in &self.interactions {
            self.work.note(*id, one);
        }
        for (id, queue) in &self.queues {
            if let Some(own) = &queue.own {
                self.acd.queue_index.insert(own.key.clone(), *id);
                continue;
            }
            if let Some(switch) = self.switches.get_mut(&queue.switch) {
                switch.queue_index.set(queue.native.clone(), *id);
            }
        }
        for (id, call) in &self.calls {
            for (switch, native) in call.keys() {
                if let Some(switch) = self.switches.get_mut(switch) {
                    switch.call_index.set(native.clone(), *id);
                }
            }
            for leg in &call.legs {
                let switch = self.devices.get(&leg.device).map(|device| &device.switch);
                if let Some(switch) = switch.and_then(|switch| self.switches.get_mut(switch)) {
                    switch.leg_index.set(leg.connection.clone(), (*id, leg.id));
                }
            }
        }
        for (id, row) in &self.extensions {
            if let Some(switch) = self.switches.get_mut(&row.switch) {
                switch.row_index.set(row.extension.clone(), *id);
            }
        }
        self.rebuild_hops();
    }
}

impl Switch {
    fn set_link(&mut self, link: LinkState, reason: &str, at: Timestamp) {
        self.link = link;
        self.is_read = false;
        self.link_since = at;
        self.link_reason = reason.into();
    }

    fn index_device(&mut self, id: crate::ids::DeviceId, device: &crate::state::Device) {
        self.device_index.set(device.native.clone(), id);
        if let (crate::input::DeviceKind::Station, Some(extension)) = (device.kind, &device.extension) {
            self.station_index.set(extension.clone(), id);
        }
    }
}
