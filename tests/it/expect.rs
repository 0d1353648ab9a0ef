//! The comparer of stories, and the stories themselves held against the core: what a perfect switch reports of each
//! must come out as its file says. So a story that a real switch fails is a matter of its translator.

use cti_core::connection::ConnectionState;
use cti_core::domain::Domain;
use cti_core::fact::{Cause, JoinKind, QueueLeave, Record, TransferKind};
use cti_core::ids::{Native, SwitchId};
use cti_core::input::{
    Actor, DeviceKind, DeviceRef, Endpoint, Input, LinkChange, MemberSeen, Order, PartyInfo, QueueSeen,
    Reported, RequestOutcome, Snapshot, SnapshotCall, SnapshotConnection, SwitchEvent,
};
use cti_core::number::NumberPlan;
use cti_core::number::guard::DialPolicy;
use cti_core::permit::{Capabilities, CommandName, Support};
use cti_core::time::Timestamp;
use tests::expect::{Expected, Roles};
use tests::{Result, Trouble};

mod colleagues;
mod comparer;

const CUSTOMER: &str = "420602000111";
const CUSTOMER2: &str = "420602000222";

/// A switch that reports everything, one second between two events.
struct Site {
    domain: Domain,
    now: Timestamp,
    records: Vec<Record>,
    /// Last sequence before the story.
    from: u64,
}

fn native(text: &str) -> Native {
    Native::from(text)
}

fn station(extension: &str) -> DeviceRef {
    DeviceRef {
        native: native(&format!("PJSIP/{extension}")),
        kind: DeviceKind::Station,
        extension: Some(extension.into()),
    }
}

/// A connection `1001/x` at the phone 1001, or `+420…/x` at the trunk.
fn end(connection: &str) -> Endpoint {
    let who = connection.split('/').next().unwrap_or(connection);
    let outside = who.len() > 4;
    Endpoint {
        connection: native(connection),
        device: if outside {
            DeviceRef { native: native("PJSIP/trunk"), kind: DeviceKind::Trunk, extension: None }
        } else {
            station(who)
        },
        party: PartyInfo { number: Some(who.into()), ..PartyInfo::default() },
        queue: None,
    }
}

impl Site {
    fn new() -> Self {
        let mut site = Self {
            domain: Domain::new(1),
            now: Timestamp::from_micros(1_795_000_000_000_000),
            records: Vec::new(),
            from: 0,
        };
        site.link(LinkChange::Configured {
            name: "PBX".into(),
            plan: NumberPlan { outside_prefix: "0".into(), ..NumberPlan::default() },
            policy: DialPolicy::default(),
            log_all: true,
        });
        site
    }

    /// A site whose link is up, with nothing going on.
    fn linked() -> Self {
        let mut site = Self::new();
        site.snapshot("boot1", Vec::new());
        site.from = site.domain_sequence();
        site
    }

    fn domain_sequence(&self) -> u64 {
        self.records.last().map_or(0, |record| record.sequence)
    }

    fn take(&mut self, input: Input) {
        self.now = self.now.plus_millis(1000);
        self.records.extend(self.domain.handle(self.now, input).records);
    }

    fn link(&mut self, change: LinkChange) {
        self.take(Input::Link { switch: SwitchId::from("pbx"), change });
    }

    fn snapshot(&mut self, epoch: &str, calls: Vec<SnapshotCall>) {
        self.link(LinkChange::Up {
            version: "22".into(),
            capabilities: Capabilities::from([(CommandName::MakeCall, Support::Supported)]),
        });
        let queues = [("support", 2000), ("everyone", 0), ("sales", 0), ("desk", 0)];
        let members = ["support", "everyone"]
            .iter()
            .flat_map(|queue| ["1001", "1002", "1003"].map(|phone| (*queue, phone)));
        let snapshot = Snapshot {
            boot_epoch: native(epoch),
            calls,
            queues: queues
                .map(|(queue, wrap_up_ms)| QueueSeen { queue: native(queue), name: queue.into(), wrap_up_ms })
                .into(),
            members: members.map(|(queue, phone)| member(queue, phone, false, None)).collect(),
            devices: Vec::new(),
        };
        self.take(Input::Snapshot { switch: SwitchId::from("pbx"), at: self.now, snapshot });
    }

    /// A minute in which nothing happens.
    fn later(&mut self) -> &mut Self {
        self.now = self.now.plus_millis(60_000);
        self.take(Input::Tick);
        self
    }

    fn event(&mut self, event: SwitchEvent) -> &mut Self {
        let (switch, at) = (SwitchId::from("pbx"), self.now.plus_millis(1000));
        self.take(Input::Switch { switch, at, event });
        self
    }

    fn originated(&mut self, call: &str, from: &str, dialled: &str) -> &mut Self {
        self.event(SwitchEvent::Originated {
            call: native(call),
            from: end(from),
            dialled: Some(dialled.into()),
        })
    }

    fn delivered(&mut self, call: &str, to: &str) -> &mut Self {
        self.offered(call, to, None)
    }

    fn offered(&mut self, call: &str, to: &str, queue: Option<&str>) -> &mut Self {
        let to = Endpoint { queue: queue.map(native), ..end(to) };
        self.event(SwitchEvent::Delivered {
            call: native(call),
            to,
            calling: PartyInfo::default(),
            dialled: None,
        })
    }

    fn established(&mut self, call: &str, to: &str) -> &mut Self {
        self.event(SwitchEvent::Established { call: native(call), to: end(to) })
    }

    fn held(&mut self, call: &str, connection: &str) -> &mut Self {
        self.event(SwitchEvent::Held { call: native(call), connection: native(connection) })
    }

    fn retrieved(&mut self, call: &str, connection: &str) -> &mut Self {
        self.event(SwitchEvent::Retrieved { call: native(call), connection: native(connection) })
    }

    fn cleared(&mut self, call: &str, connection: &str, cause: Cause, by_party: bool) -> &mut Self {
        self.event(SwitchEvent::Cleared {
            call: native(call),
            connection: native(connection),
            cause,
            by_party,
        })
    }

    /// `one` hangs up, which ends `other`.
    fn hang_up(&mut self, call: &str, one: &str, other: &str) -> &mut Self {
        self.cleared(call, one, Cause::Normal, true).cleared(call, other, Cause::Normal, false)
    }

    fn queued(&mut self, call: &str, connection: &str, queue: &str) -> &mut Self {
        self.event(SwitchEvent::Queued {
            call: native(call),
            connection: native(connection),
            queue: native(queue),
            position: None,
        })
    }

    fn dequeued(&mut self, call: &str, connection: &str, queue: &str, reason: QueueLeave) -> &mut Self {
        self.event(SwitchEvent::Dequeued {
            call: native(call),
            connection: native(connection),
            queue: native(queue),
            reason,
        })
    }

    fn joined(&mut self, call: &str, other: &str, how: JoinKind) -> &mut Self {
        self.event(SwitchEvent::Joined { call: native(call), other: native(other), how })
    }

    fn transferred(&mut self, call: &str, kind: TransferKind, to: Option<&str>) -> &mut Self {
        self.event(SwitchEvent::Transferred {
            call: native(call),
            by: native("PJSIP/1001"),
            kind,
            to: to.map(Into::into),
        })
    }

    fn member(&mut self, paused: bool, reason: Option<&str>) -> &mut Self {
        self.event(SwitchEvent::Member(member("desk", "1004", paused, reason)))
    }

    /// The customer talks to 1001.
    fn customer_talks(&mut self) -> (&'static str, &'static str) {
        let (customer, agent) = ("420602000111/1", "1001/2");
        self.originated("k1", customer, "420555000101").delivered("k1", agent).established("k1", agent);
        (customer, agent)
    }

    /// The customer waits in a queue.
    fn customer_waits(&mut self, queue: &str, number: &str) -> &'static str {
        let customer = "420602000111/1";
        self.originated("k1", customer, number).queued("k1", customer, queue);
        customer
    }

    fn consult(&mut self, agent: &str) -> (&'static str, &'static str) {
        self.held("k1", agent).originated("k2", "1001/3", "1002").delivered("k2", "1002/4");
        ("1001/3", "1002/4")
    }

    fn is(&self, story: &str) -> Result<()> {
        Expected::load(story)?.check(&roles(story), &self.records, self.from)
    }
}

fn member(queue: &str, phone: &str, paused: bool, reason: Option<&str>) -> MemberSeen {
    MemberSeen {
        queue: native(queue),
        device: station(phone),
        name: phone.into(),
        paused,
        reason: reason.map(Into::into),
        dynamic: true,
    }
}

fn roles(story: &str) -> Roles {
    let roles = Roles::new()
        .number("customer", &format!("+{CUSTOMER}"))
        .number("customer2", &format!("+{CUSTOMER2}"))
        .queue("support", "support", "+420555000600")
        .number("support", "600")
        .queue("everyone", "everyone", "+420555000601")
        .number("everyone", "601")
        .queue("sales", "sales", "+420555000602")
        .queue("desk", "desk", "+420555000603");
    if story.starts_with("S22") {
        return roles.station("a", "PJSIP/1004", "1004");
    }
    roles
        .station("a", "PJSIP/1001", "1001")
        .number("a", "+420555000101")
        .station("b", "PJSIP/1002", "1002")
        .station("c", "PJSIP/1003", "1003")
}

// covers: TEL-05 TEL-27
#[test]
fn calls_of_two_parties_come_out_as_their_stories() -> Result<()> {
    let mut site = Site::linked();
    site.originated("k1", "1001/1", "1002").delivered("k1", "1002/2").established("k1", "1002/2");
    site.hang_up("k1", "1001/1", "1002/2").is("S01")?;

    let mut site = Site::linked();
    let (customer, agent) = site.customer_talks();
    site.hang_up("k1", customer, agent).is("S02")?;

    let mut site = Site::linked();
    site.originated("k1", "1001/1", "0602000111")
        .delivered("k1", "420602000111/2")
        .established("k1", "420602000111/2");
    site.hang_up("k1", "1001/1", "420602000111/2").is("S02b")?;

    let mut site = Site::linked();
    site.originated("k1", "420602000111/1", "420555000101").delivered("k1", "1001/2");
    site.cleared("k1", "420602000111/1", Cause::Normal, true);
    site.cleared("k1", "1001/2", Cause::Canceled, false).is("S04")?;

    let mut site = Site::linked();
    site.originated("k1", "1001/1", "1002");
    site.event(SwitchEvent::Failed { call: native("k1"), to: end("1002/2"), cause: Cause::Busy });
    site.cleared("k1", "1002/2", Cause::Busy, false).cleared("k1", "1001/1", Cause::Busy, false).is("S05")?;

    let mut site = Site::linked();
    site.originated("k1", "1001/1", "1002").delivered("k1", "1002/2").cleared(
        "k1",
        "1002/2",
        Cause::NoAnswer,
        false,
    );
    site.delivered("k1", "1003/3").established("k1", "1003/3").hang_up("k1", "1001/1", "1003/3").is("S06")?;

    let mut site = Site::linked();
    let (customer, agent) = site.customer_talks();
    site.held("k1", agent).retrieved("k1", agent).hang_up("k1", agent, customer).is("S07")
}

// covers: TEL-05 TEL-27
#[test]
fn calls_that_reach_nobody_come_out_as_their_stories() -> Result<()> {
    let nowhere = roles("S05").number("nowhere", "1999").number("premium", "+420900123456");
    for (story, dialled, cause) in
        [("S05b", "1999", Cause::UnknownNumber), ("S05c", "0900123456", Cause::Barred)]
    {
        let mut site = Site::linked();
        site.originated("k1", "1001/1", dialled).cleared("k1", "1001/1", cause, false);
        Expected::load(story)?.check(&nowhere, &site.records, site.from)?;
    }
    let mut site = Site::linked();
    site.originated("k1", "420602000111/1", "420555000101")
        .delivered("k1", "1001/2")
        .cleared("k1", "1001/2", Cause::NoAnswer, false)
        .cleared("k1", "420602000111/1", Cause::Normal, true)
        .is("S06b")
}

#[test]
fn a_click_to_dial_comes_out_as_its_story() -> Result<()> {
    let mut site = Site::linked();
    let device = site.domain.state().devices.iter().find(|(_, one)| one.native == native("PJSIP/1001"));
    let from = device.map(|(id, _)| *id).ok_or_else(|| Trouble::new("1001 is a known device"))?;
    site.take(Input::Order {
        actor: Actor::System,
        idempotency_key: None,
        order: Order::MakeCall {
            from,
            to: "1002".into(),
            data: std::collections::BTreeMap::new(),
            record: None,
        },
    });
    let command = site.domain.state().open_commands.iter().next().copied();
    let command = command.ok_or_else(|| Trouble::new("the order became a command"))?;
    site.take(Input::RequestOutcome { command, outcome: RequestOutcome::Accepted });
    let own = Endpoint { connection: native(&command.to_string()), ..end("1001/1") };
    let key = command.to_string();
    site.event(SwitchEvent::Delivered {
        call: native("k1"),
        to: own.clone(),
        calling: PartyInfo::default(),
        dialled: None,
    });
    site.event(SwitchEvent::Established { call: native("k1"), to: own });
    site.delivered("k1", "1002/2").established("k1", "1002/2");
    site.hang_up("k1", &key, "1002/2").is("S03")
}

// covers: TEL-05
#[test]
fn transfers_and_conferences_come_out_as_their_stories() -> Result<()> {
    let mut site = Site::linked();
    let (customer, agent) = site.customer_talks();
    let (second, target) = site.consult(agent);
    site.established("k2", target).joined("k1", "k2", JoinKind::Transfer).transferred(
        "k1",
        TransferKind::Consult,
        None,
    );
    site.cleared("k1", second, Cause::Normal, true).cleared("k1", agent, Cause::Normal, false);
    site.hang_up("k1", target, customer).is("S08")?;

    let mut site = Site::linked();
    let (customer, agent) = site.customer_talks();
    let (second, target) = site.consult(agent);
    site.joined("k1", "k2", JoinKind::Transfer).transferred("k1", TransferKind::Consult, None);
    site.cleared("k1", second, Cause::Normal, true)
        .cleared("k1", agent, Cause::Normal, false)
        .established("k1", target);
    site.hang_up("k1", target, customer).is("S08-ring")?;

    let mut site = Site::linked();
    let (customer, agent) = site.customer_talks();
    let (second, target) = site.consult(agent);
    site.established("k2", target)
        .held("k2", second)
        .retrieved("k1", agent)
        .held("k1", agent)
        .retrieved("k2", second);
    site.hang_up("k2", second, target).retrieved("k1", agent).hang_up("k1", agent, customer).is("S09")?;

    let mut site = Site::linked();
    let (customer, agent) = site.customer_talks();
    site.transferred("k1", TransferKind::Blind, Some("1002")).cleared("k1", agent, Cause::Normal, true);
    site.delivered("k1", "1002/3").established("k1", "1002/3").hang_up("k1", customer, "1002/3").is("S10")?;

    let mut site = Site::linked();
    let (customer, agent) = site.customer_talks();
    site.transferred("k1", TransferKind::Blind, Some("1002")).cleared("k1", agent, Cause::Normal, true);
    site.delivered("k1", "1002/3").cleared("k1", "1002/3", Cause::NoAnswer, false).delivered("k1", "1001/4");
    site.established("k1", "1001/4").hang_up("k1", customer, "1001/4").is("S11")?;

    let mut site = Site::linked();
    let (customer, agent) = site.customer_talks();
    let (second, target) = site.consult(agent);
    site.established("k2", target).joined("k1", "k2", JoinKind::Conference).cleared(
        "k1",
        second,
        Cause::Merged,
        false,
    );
    site.retrieved("k1", agent).cleared("k1", target, Cause::Normal, true);
    site.hang_up("k1", customer, agent).is("S12")?;

    let mut site = Site::linked();
    let (customer, agent) = site.customer_talks();
    let (parker, place) = (Some(native("PJSIP/1001")), "701".into());
    site.event(SwitchEvent::Parked { call: native("k1"), connection: native(customer), place, by: parker });
    site.cleared("k1", agent, Cause::Normal, false).originated("k2", "1002/3", "701");
    site.event(SwitchEvent::Unparked { call: native("k1"), connection: native(customer) });
    site.joined("k1", "k2", JoinKind::Connect).hang_up("k1", "1002/3", customer).is("S20")
}

// covers: TEL-05
#[test]
fn conferences_of_customers_and_transfers_into_queues_come_out_as_their_stories() -> Result<()> {
    let mut site = Site::linked();
    let (customer, agent) = site.customer_talks();
    let customer2 = "420602000222/3";
    site.held("k1", agent)
        .originated("k2", customer2, "420555000101")
        .delivered("k2", "1001/4")
        .established("k2", "1001/4");
    site.cleared("k1", agent, Cause::Normal, false).joined("k1", "k2", JoinKind::Conference);
    site.cleared("k1", "1001/4", Cause::Normal, true);
    site.cleared("k1", customer, Cause::Normal, true)
        .cleared("k1", customer2, Cause::Normal, true)
        .is("S12b")?;

    let mut site = Site::linked();
    let (customer, agent) = site.customer_talks();
    site.transferred("k1", TransferKind::Blind, Some("600"))
        .cleared("k1", agent, Cause::Normal, true)
        .queued("k1", customer, "support");
    site.offered("k1", "1001/3", Some("support"))
        .established("k1", "1001/3")
        .hang_up("k1", customer, "1001/3")
        .is("S28")?;

    let mut site = Site::linked();
    let (customer, agent) = site.customer_talks();
    site.held("k1", agent)
        .originated("k2", "1001/3", "600")
        .queued("k2", "1001/3", "support")
        .joined("k1", "k2", JoinKind::Transfer)
        .transferred("k1", TransferKind::Consult, None)
        .queued("k1", customer, "support")
        .cleared("k1", "1001/3", Cause::Normal, false)
        .cleared("k1", agent, Cause::Normal, false)
        .cleared("k1", customer, Cause::Normal, true)
        .is("S28b")
}

// covers: TEL-05
#[test]
fn queue_calls_come_out_as_their_stories() -> Result<()> {
    let mut site = Site::linked();
    let customer = site.customer_waits("support", "420555000600");
    site.offered("k1", "1001/2", Some("support")).established("k1", "1001/2");
    site.dequeued("k1", customer, "support", QueueLeave::Answered)
        .hang_up("k1", "1001/2", customer)
        .later()
        .is("S13")?;

    let mut site = Site::linked();
    let customer = site.customer_waits("support", "420555000600");
    site.cleared("k1", customer, Cause::Normal, true).is("S14")?;

    let mut site = Site::linked();
    let customer = site.customer_waits("support", "420555000600");
    site.offered("k1", "1001/2", Some("support")).cleared("k1", "1001/2", Cause::Canceled, false);
    site.dequeued("k1", customer, "support", QueueLeave::Abandoned)
        .cleared("k1", customer, Cause::Normal, true)
        .is("S14b")?;

    let mut site = Site::linked();
    let customer = site.customer_waits("support", "420555000600");
    site.offered("k1", "1001/2", Some("support")).cleared("k1", "1001/2", Cause::NoAnswer, false);
    site.offered("k1", "1002/3", Some("support"))
        .established("k1", "1002/3")
        .hang_up("k1", customer, "1002/3")
        .later()
        .is("S15")?;

    let mut site = Site::linked();
    let customer = site.customer_waits("sales", "420555000602");
    site.dequeued("k1", customer, "sales", QueueLeave::TimedOut).queued("k1", customer, "support");
    site.offered("k1", "1001/2", Some("support"))
        .established("k1", "1001/2")
        .hang_up("k1", "1001/2", customer)
        .later()
        .is("S16")?;

    let mut site = Site::linked();
    let customer = site.customer_waits("everyone", "420555000601");
    for phone in ["1003/4", "1001/2", "1002/3"] {
        site.offered("k1", phone, Some("everyone"));
    }
    site.cleared("k1", "1003/4", Cause::AnsweredElsewhere, false).established("k1", "1002/3");
    site.cleared("k1", "1001/2", Cause::AnsweredElsewhere, false)
        .hang_up("k1", "1002/3", customer)
        .is("S17")?;

    let mut site = Site::linked();
    let customer = site.customer_waits("support", "420555000600");
    site.offered("k1", "1001/2", Some("support")).established("k1", "1001/2");
    site.transferred("k1", TransferKind::Blind, Some("601")).queued("k1", customer, "everyone");
    site.cleared("k1", "1001/2", Cause::Normal, true).offered("k1", "1003/3", Some("everyone"));
    site.established("k1", "1003/3").hang_up("k1", customer, "1003/3");
    let whoever = Roles::new()
        .number("customer", &format!("+{CUSTOMER}"))
        .queue("support", "support", "+420555000600")
        .queue("everyone", "everyone", "601");
    // Roles of agents are found: the first that is called is a.
    Expected::load("S28c")?.check(&whoever, &site.records, site.from)
}

#[test]
fn agent_states_come_out_as_their_stories() -> Result<()> {
    let mut site = Site::linked();
    site.member(true, None).member(false, None).member(true, Some("lunch")).member(false, None);
    site.event(SwitchEvent::MemberRemoved { queue: native("desk"), device: native("PJSIP/1004") })
        .is("S22-desk")
}

fn up(connection: &str, originator: bool, state: ConnectionState, queue: Option<&str>) -> SnapshotConnection {
    SnapshotConnection {
        endpoint: Endpoint { queue: queue.map(native), ..end(connection) },
        originator,
        state: Reported::Known(state),
        held: None,
    }
}

fn up_call(call: &str, connections: Vec<SnapshotConnection>) -> SnapshotCall {
    SnapshotCall { call: native(call), dialled: None, connections }
}

// covers: TEL-05
#[test]
fn gaps_and_restarts_come_out_as_their_stories() -> Result<()> {
    use ConnectionState::{Connected, Queued};
    let mut site = Site::new();
    site.from = site.domain_sequence();
    let waits = up("420602000222/3", true, Queued, Some("support"));
    let talks = vec![up("420602000111/1", true, Connected, None), up("1001/2", false, Connected, None)];
    site.snapshot("boot1", vec![up_call("k1", talks.clone()), up_call("k2", vec![waits])]);
    site.hang_up("k1", "420602000111/1", "1001/2")
        .cleared("k2", "420602000222/3", Cause::Normal, true)
        .is("S24")?;

    let mut site = Site::linked();
    let (customer, agent) = site.customer_talks();
    site.originated("k2", "420602000222/3", "420555000102")
        .delivered("k2", "1002/4")
        .established("k2", "1002/4");
    site.originated("k3", "420602000333/5", "420555000103").delivered("k3", "1003/6");
    site.link(LinkChange::Down { reason: "cut".into() });
    site.now = site.now.plus_millis(30_000);
    let third = vec![up("420602000333/5", true, Connected, None), up("1003/6", false, Connected, None)];
    site.snapshot("boot1", vec![up_call("k1", talks), up_call("k3", third)]);
    site.hang_up("k1", customer, agent).hang_up("k3", "420602000333/5", "1003/6");
    let more = roles("S25")
        .number("customer3", "+420602000333")
        .number("b", "+420555000102")
        .number("c", "+420555000103");
    Expected::load("S25")?.check(&more, &site.records, site.from)?;

    let mut site = Site::linked();
    site.customer_waits("support", "420555000600");
    site.offered("k1", "1001/2", Some("support")).established("k1", "1001/2");
    site.originated("k2", "420602000222/3", "420555000603").queued("k2", "420602000222/3", "desk");
    site.link(LinkChange::Down { reason: "gone".into() });
    site.snapshot("boot2", Vec::new());
    site.originated("k3", "1002/1", "1001").delivered("k3", "1001/2").established("k3", "1001/2");
    site.hang_up("k3", "1002/1", "1001/2").is("S26")
}
