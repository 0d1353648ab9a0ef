//! Stories in the words of the core, and what must hold for any input.

mod acd;
mod acd_defects;
mod acd_keys;
mod acd_load;
mod acd_mended;
mod acd_rules;
mod acd_switches;
mod any_order;
mod hops;
mod hops_apart;
mod hops_tokens;
mod joining;
mod outgoing;
mod outside;
mod parting;
mod people;
mod removal;
mod stories;
mod watch;
mod work;
mod work_mended;

use std::sync::Arc;

use super::{Decision, Domain};
use crate::fact::{Cause, Fact, QueueLeave, Record};
use crate::ids::{Native, SwitchId};
use crate::input::{
    DeviceKind, DeviceRef, Endpoint, Input, LinkChange, MemberSeen, PartyInfo, QueueSeen, Snapshot,
    SwitchEvent,
};
use crate::invariants;
use crate::number::NumberPlan;
use crate::number::guard::DialPolicy;
use crate::permit::{Capabilities, CommandName, Support};
use crate::time::Timestamp;

/// A site with one switch `pbx`, stepped by hand.
pub(super) struct Site {
    pub(super) domain: Domain,
    /// The same facts applied again must give the same picture.
    copy: Domain,
    pub(super) now: Timestamp,
    pub(super) records: Vec<Record>,
}

pub(super) fn pbx() -> SwitchId {
    SwitchId::from("pbx")
}

pub(super) fn station(extension: &str) -> DeviceRef {
    DeviceRef {
        native: Native::from(format!("PJSIP/{extension}")),
        kind: DeviceKind::Station,
        extension: Some(extension.into()),
    }
}

pub(super) fn trunk() -> DeviceRef {
    DeviceRef { native: Native::from("PJSIP/trunk"), kind: DeviceKind::Trunk, extension: None }
}

pub(super) fn at_station(connection: &str, extension: &str) -> Endpoint {
    Endpoint {
        connection: Native::from(connection),
        device: station(extension),
        party: PartyInfo::default(),
        queue: None,
    }
}

pub(super) fn outside(connection: &str, number: &str) -> Endpoint {
    Endpoint {
        connection: Native::from(connection),
        device: trunk(),
        party: PartyInfo { number: Some(number.into()), name: None, withheld: false },
        queue: None,
    }
}

pub(super) fn all_commands() -> Capabilities {
    let mut all: Capabilities = CommandName::ON_CALL.iter().map(|name| (*name, Support::Supported)).collect();
    all.insert(CommandName::MakeCall, Support::Supported);
    all.insert(CommandName::SetAgentState, Support::Supported);
    all.insert(CommandName::RingDevice, Support::Supported);
    all
}

impl Site {
    /// A linked switch with queue `support` (2 s wrap-up) and members 1001 to 1003.
    pub(super) fn new() -> Self {
        let now = Timestamp::from_micros(1_795_000_000_000_000);
        let mut site = Self { domain: Domain::new(7), copy: Domain::new(7), now, records: Vec::new() };
        site.link(LinkChange::Configured {
            name: "PBX".into(),
            plan: NumberPlan { extension_pattern: "1XXX".into(), ..NumberPlan::default() },
            policy: DialPolicy::default(),
            log_all: true,
        });
        site.link(LinkChange::Up { version: "22".into(), capabilities: all_commands() });
        let picture = Self::picture("boot1");
        site.take(Input::Snapshot { switch: pbx(), at: now, snapshot: picture });
        site
    }

    /// The switch's picture of itself without calls.
    pub(super) fn picture(epoch: &str) -> Snapshot {
        let queue = Native::from("support");
        let member = |extension: &str| MemberSeen {
            queue: Native::from("support"),
            device: station(extension),
            name: format!("agent {extension}").into(),
            paused: false,
            reason: None,
            dynamic: extension == "1003",
        };
        Snapshot {
            boot_epoch: Native::from(epoch),
            calls: Vec::new(),
            queues: vec![QueueSeen { queue, name: "Support".into(), wrap_up_ms: 2_000 }],
            members: vec![member("1001"), member("1002"), member("1003")],
            devices: Vec::new(),
        }
    }

    pub(super) fn link(&mut self, change: LinkChange) -> Decision {
        self.take(Input::Link { switch: pbx(), change })
    }

    /// Tells one thing and holds the result against everything that must hold.
    pub(super) fn take(&mut self, input: Input) -> Decision {
        let decision = self.domain.handle(self.now, input);
        for record in &decision.records {
            // As the journal gives it back.
            let line = serde_json::to_string(record).unwrap();
            let read: Record = serde_json::from_str(&line).unwrap();
            assert_eq!(read, *record, "{line}");
            self.copy.apply(&read);
        }
        assert_eq!(
            self.domain.save().unwrap(),
            self.copy.save().unwrap(),
            "facts applied again give another state"
        );
        invariants::check(self.domain.state()).unwrap();
        self.records.extend(decision.records.iter().cloned());
        decision
    }

    /// A fact that was decided elsewhere.
    pub(super) fn repeat(&mut self, record: &Record) {
        self.domain.apply(record);
        self.copy.apply(record);
    }

    /// As after a start from a snapshot.
    pub(super) fn reload(&mut self) {
        self.domain = Domain::load(&self.domain.save().unwrap()).unwrap();
    }

    /// The switch reports something, `after_ms` after the last thing.
    pub(super) fn event(&mut self, after_ms: i64, event: SwitchEvent) {
        self.now = self.now.plus_millis(after_ms);
        self.take(Input::Switch { switch: pbx(), at: self.now, event });
    }

    pub(super) fn originated(&mut self, after_ms: i64, call: &str, from: Endpoint, dialled: &str) {
        let dialled = Some(Arc::from(dialled));
        self.event(after_ms, SwitchEvent::Originated { call: Native::from(call), from, dialled });
    }

    pub(super) fn delivered(&mut self, after_ms: i64, call: &str, to: Endpoint) {
        let calling = PartyInfo::default();
        self.event(after_ms, SwitchEvent::Delivered { call: Native::from(call), to, calling, dialled: None });
    }

    pub(super) fn established(&mut self, after_ms: i64, call: &str, to: Endpoint) {
        self.event(after_ms, SwitchEvent::Established { call: Native::from(call), to });
    }

    pub(super) fn cleared(
        &mut self,
        after_ms: i64,
        call: &str,
        connection: &str,
        cause: Cause,
        by_party: bool,
    ) {
        let (call, connection) = (Native::from(call), Native::from(connection));
        self.event(after_ms, SwitchEvent::Cleared { call, connection, cause, by_party });
    }

    pub(super) fn queued(&mut self, after_ms: i64, call: &str, connection: &str, queue: &str) {
        let (call, connection, queue) = (Native::from(call), Native::from(connection), Native::from(queue));
        self.event(after_ms, SwitchEvent::Queued { call, connection, queue, position: Some(1) });
    }

    pub(super) fn dequeued(
        &mut self,
        after_ms: i64,
        call: &str,
        connection: &str,
        queue: &str,
        reason: QueueLeave,
    ) {
        let (call, connection, queue) = (Native::from(call), Native::from(connection), Native::from(queue));
        self.event(after_ms, SwitchEvent::Dequeued { call, connection, queue, reason });
    }

    /// Fact types since the start, without devices and settings, joined by blanks.
    pub(super) fn told(&self) -> String {
        let is_call = |record: &&Record| {
            record.fact.call().is_some() && !matches!(record.fact, Fact::CommandSent { .. })
        };
        let names = self.records.iter().filter(is_call).map(|record| kind(&record.fact));
        names.collect::<Vec<_>>().join(" ")
    }

    pub(super) fn ended(&self) -> Vec<Fact> {
        self.records
            .iter()
            .map(|one| one.fact.clone())
            .filter(|one| matches!(one, Fact::CallEnded { .. }))
            .collect()
    }
}

/// The serde tag of a fact.
pub(super) fn kind(fact: &Fact) -> String {
    let value = serde_json::to_value(fact).unwrap();
    value["type"].as_str().unwrap().to_owned()
}
