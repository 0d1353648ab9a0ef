//! The lists of the site, agents and commands.

use std::collections::BTreeMap;

use cti_core::fact::{AgentChoice, AgentEffective, CommandStep, ExtensionRow, Fact};
use cti_core::ids::{AgentId, CommandId, ExtensionId, QueueId};
use cti_core::input::{Actor, DeviceKind, DeviceState};
use cti_core::number::NumberPlan;
use cti_core::number::guard::DialPolicy;
use cti_core::permit::CommandName;
use cti_core::request::SwitchRequest;
use store::{CommandState, LinkState, Store};

use crate::book::keep;
use crate::facts::{Log, MORNING, Site, site, state, switch, user};
use crate::peer::Peer;

pub(crate) async fn agents_commands_and_the_site_are_told(peer: &Peer) {
    let store = &peer.store;
    let mut log = Log::new();
    log.add(Fact::SwitchConfigured {
        switch: switch(),
        name: "Praha".into(),
        plan: NumberPlan::default(),
        policy: DialPolicy::default(),
        log_all: true,
    });
    log.add(Fact::LinkUp { switch: switch(), version: "22.10.1".into(), capabilities: BTreeMap::default() });
    let site = site(&mut log, [user(1), user(2)]);
    let discovered = log.now;
    log.later(5_000);
    let ready = [AgentEffective::LoggedOut, AgentEffective::Ready];
    state(&mut log, site.agents[0], AgentChoice::Ready, ready, 5_000);
    log.later(60_000);
    let lunch = AgentChoice::Paused { reason: Some("lunch".into()) };
    let paused = [AgentEffective::Ready, AgentEffective::Paused];
    state(&mut log, site.agents[0], lunch, paused, 60_000);
    let device = site.phones[0];
    let (previous, current) = (DeviceState::Unknown, DeviceState::Busy);
    log.add(Fact::DeviceStateChanged { device, previous, current });
    log.add(Fact::LinkDown { switch: switch(), reason: "connection lost".into() });
    log.add(Fact::LinkGap { switch: switch(), from: discovered, until: log.now });
    let command = command(&mut log, &site);
    let row = ExtensionRow {
        switch: switch(),
        extension: "1001".into(),
        number: Some("+420555000101".into()),
        user: Some(user(1)),
        contact: None,
        caller_id: Some("420555000100".into()),
        record: true,
        active: true,
    };
    let extension = log.id(ExtensionId::derive);
    log.add(Fact::ExtensionSet { actor: Actor::System, extension, row: row.clone() });
    log.add(Fact::MemberRemoved { queue: site.queues[0], agent: site.agents[1] });
    keep(store, &mut log).await;

    lists(store, &log, &site, &row, extension).await;
    doings(store, &log, &site).await;
    let told = store.command(command).await.unwrap().unwrap();
    assert_eq!((told.name, told.state), (CommandName::MakeCall, CommandState::Failed));
    assert_eq!(told.code.as_deref(), Some("target_busy"));
    assert_eq!(
        told.steps.iter().map(|step| step.step).collect::<Vec<_>>(),
        [CommandStep::Accepted, CommandStep::OwnRinging]
    );
}

async fn lists(store: &Store, log: &Log, site: &Site, row: &ExtensionRow, extension: ExtensionId) {
    let discovered = MORNING;
    let link = &store.switches().await.unwrap()[0];
    assert_eq!((link.link, link.reason.as_deref()), (LinkState::Down, Some("connection lost")));
    assert_eq!(link.version.as_deref(), Some("22.10.1"));
    assert_eq!(store.link_gaps(Some(&switch()), discovered, log.now).await.unwrap().len(), 1);
    assert_eq!(store.link_gaps(Some(&"brno".into()), discovered, log.now).await.unwrap(), []);
    let devices = store.devices().await.unwrap();
    assert_eq!(
        devices.iter().map(|device| device.kind).collect::<Vec<_>>(),
        [DeviceKind::Station, DeviceKind::Station, DeviceKind::Trunk]
    );
    assert_eq!(devices[0].state, DeviceState::Busy);
    let extensions = store.extensions().await.unwrap();
    assert_eq!((extensions[0].id, &extensions[0].row), (extension, row));
    assert_eq!(store.assignments(false).await.unwrap().len(), 2);
    let queues: Vec<(QueueId, usize)> =
        store.queues().await.unwrap().iter().map(|queue| (queue.id, queue.members.len())).collect();
    assert_eq!(queues, [(site.queues[0], 1), (site.queues[1], 0)]);
}

async fn doings(store: &Store, log: &Log, site: &Site) {
    let agents = store.agents().await.unwrap();
    assert_eq!(agents.iter().map(|agent| agent.id).collect::<Vec<AgentId>>(), site.agents);
    assert_eq!(agents[0].user, Some(user(1)));
    let now = agents[0].now.as_ref().unwrap();
    assert_eq!((now.state, now.reason.as_deref()), (AgentEffective::Paused, Some("lunch")));
    let day = store.agent_intervals(Some(site.agents[0]), MORNING, log.now).await.unwrap();
    assert_eq!(
        day.iter().map(|interval| interval.duration_ms).collect::<Vec<_>>(),
        [Some(5_000), Some(60_000), None]
    );
    for pair in day.windows(2) {
        assert_eq!(pair[0].ended_at, Some(pair[1].started_at), "no gap between intervals");
    }
}

fn command(log: &mut Log, site: &Site) -> CommandId {
    let command = log.id(CommandId::derive);
    log.add(Fact::CommandSent {
        command,
        name: CommandName::MakeCall,
        actor: Actor::User(user(1)),
        idempotency_key: Some("k1".into()),
        switch: switch(),
        call: None,
        device: Some(site.phones[0]),
        request: SwitchRequest::ClearConnection { connection: "x".into() },
        deadline: log.now.plus_millis(3_000),
    });
    for step in [CommandStep::Accepted, CommandStep::OwnRinging] {
        log.later(100);
        log.add(Fact::CommandProgress { command, step, call: None });
    }
    log.add(Fact::CommandFailed { command, code: "target_busy".into(), detail: "busy".into() });
    command
}
