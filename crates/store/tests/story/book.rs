//! The book of calls and the lists of the site.

use std::time::Duration;

use cti_core::connection::ConnectionState;
use cti_core::fact::{AgentChoice, AgentEffective, CallOutcome, Cause, Direction, Fact, QueueLeave};
use cti_core::ids::CallId;
use cti_core::input::Actor;
use cti_core::time::Timestamp;
use serde_json::{Value, json};
use store::{
    CallFilter, CallState, NewUser, OfferState, Projector, QueueReportFilter, RelationKind, Scope,
    ServiceLevelFormula, Store, StoreError,
};

use crate::facts::{
    Caller, Log, MORNING, Site, Stay, end, note, number, ring_in, ring_phone, site, state, stay, user,
};
use crate::peer::Peer;

const CALLER: &str = "+420555000201";

/// Journals what the log holds and puts it into the book.
pub(crate) async fn keep(store: &Store, log: &mut Log) {
    let records = log.take();
    let mut writer = store.journal_writer().await.unwrap();
    writer.submit(records).unwrap();
    writer.close().await;
    let mut projector = Projector::new(store.clone()).await.unwrap();
    projector.catch_up().await.unwrap();
    assert_eq!(store.projected().await.unwrap(), store.journal_end().await.unwrap());
}

/// A call that Anna lets ring, Boris answers and hands on.
fn answered_call(log: &mut Log, site: &Site) -> Caller {
    let mut caller = ring_in(log, site, CALLER);
    log.later(500);
    let answered =
        Stay::Answered { agent: 1, missed: true, talk_ms: 60_000, hold_ms: 7_000, transferred: true };
    stay(log, site, &mut caller, 0, 20_000, answered);
    end(log, &caller, CallOutcome::Answered, true);
    note(log, caller.call, site.users[1], "Wants an offer.");
    log.add(Fact::DispositionSet {
        call: caller.call,
        actor: Actor::User(site.users[1]),
        code: "follow_up".into(),
        remark: Some("by Friday".into()),
    });
    caller
}

// covers: REP-03
pub(crate) async fn a_queue_call_is_told_completely(peer: &Peer) {
    let mut log = Log::new();
    let site = site(&mut log, [user(1), user(2)]);
    let caller = answered_call(&mut log, &site);
    let consult = log.id(CallId::derive);
    log.add(Fact::CallConsulted { call: caller.call, consult_call: consult, by: site.phones[1] });
    let all = log.records.clone();
    keep(&peer.store, &mut log).await;

    let told = peer.store.call(caller.call).await.unwrap().unwrap();
    let call = &told.call;
    assert_eq!(call.direction, Direction::Inbound);
    assert_eq!(call.calling.number.as_ref().unwrap().key(), CALLER);
    assert_eq!(call.dialled, Some(number("555000100", Some("+420555000100"))));
    assert_eq!((call.outcome, call.cause), (Some(CallOutcome::Answered), Some(Cause::Normal)));
    assert_eq!((call.ring_ms, call.talk_ms), (Some(1_000), Some(60_000)));
    assert_eq!(call.trunk, Some(site.trunk));
    assert_eq!(
        (call.queue, call.agent, call.user),
        (Some(site.queues[0]), Some(site.agents[1]), Some(user(2)))
    );
    assert_eq!(call.started_at, caller.started_at);
    assert_eq!(call.answered_at, Some(caller.started_at.plus_millis(20_500)));
    assert_eq!(call.ended_at, Some(caller.started_at.plus_millis(80_500)));
    assert_eq!(call.disposition.as_deref(), Some("follow_up"));
    assert_eq!(call.disposed_by, Some(Actor::User(user(2))));
    let last = all.iter().rfind(|record| record.fact.call() == Some(caller.call)).unwrap();
    assert_eq!((call.version, call.sequence), (last.call_version, last.sequence));

    assert_eq!(told.legs.len(), 3);
    assert_eq!(told.legs[0].state, ConnectionState::Null);
    assert_eq!(told.legs[0].by_party, Some(true));
    assert_eq!(told.legs[1].state, ConnectionState::Alerting, "no fact cleared Anna's leg");
    assert_eq!((told.legs[2].talk_ms, told.legs[2].hold_ms), (Some(60_000), Some(7_000)));
    assert_eq!(
        told.offers.iter().map(|offer| offer.outcome).collect::<Vec<_>>(),
        [OfferState::NoAnswer, OfferState::Accepted]
    );
    assert_eq!(told.offers[1].talk_ms, Some(60_000));
    assert_eq!(told.entries.len(), 1);
    assert_eq!((told.entries[0].reason, told.entries[0].wait_ms), (Some(QueueLeave::Answered), Some(20_000)));
    assert_eq!(told.entries[0].offer, Some(told.offers[1].id));
    assert_eq!(told.notes[0].text, "Wants an offer.");
    assert_eq!(told.data["order"], "4711");
    assert_eq!((told.related[0].call, told.related[0].kind), (consult, RelationKind::Consultation));
    let other_end = serde_json::to_value(&told).unwrap();
    assert_eq!(other_end["calling"]["number"]["e164"], CALLER, "a detail is one flat object");

    let of_call: Vec<_> = all.into_iter().filter(|record| record.fact.call() == Some(caller.call)).collect();
    assert_eq!(peer.store.call_records(caller.call).await.unwrap(), of_call);
    assert_eq!(peer.store.evidence(caller.call).await.unwrap(), None);
    peer.store.save_evidence(caller.call, log.now, b"Event: Newchannel\r\n").await.unwrap();
    peer.store.save_evidence(caller.call, log.now, b"later").await.unwrap();
    assert_eq!(
        peer.store.evidence(caller.call).await.unwrap().as_deref(),
        Some(b"Event: Newchannel\r\n".as_slice()),
        "evidence is written once"
    );
    assert_eq!(peer.store.call(consult).await.unwrap(), None);
}

async fn ids(store: &Store, filter: &CallFilter) -> Vec<CallId> {
    store.calls(filter).await.unwrap().items.into_iter().map(|call| call.id).collect()
}

pub(crate) async fn lists_filter_scope_and_page(peer: &Peer) {
    let store = &peer.store;
    let team = |team: &str| NewUser {
        login: team.to_owned(),
        name: team.to_owned(),
        language: "cs".to_owned(),
        roles: vec!["agent".to_owned()],
        team: Some(team.to_owned()),
        site: Some("Brno".to_owned()),
        active: true,
        password_hash: None,
    };
    let anna = store.add_user(MORNING, &team("east")).await.unwrap().id;
    let boris = store.add_user(MORNING, &team("west")).await.unwrap().id;
    let mut log = Log::new();
    let site = site(&mut log, [anna, boris]);
    let answered = answered_call(&mut log, &site).call;
    log.later(1_000);
    let mut gone = ring_in(&mut log, &site, "+420555000202");
    stay(&mut log, &site, &mut gone, 1, 3_000, Stay::Left(QueueLeave::Abandoned));
    end(&mut log, &gone, CallOutcome::Missed, true);
    log.later(1_000);
    let live = ring_in(&mut log, &site, "+420555000203");
    let live_since = log.now;
    log.later(1_000);
    let private = ring_in(&mut log, &site, "+420555000204");
    end(&mut log, &private, CallOutcome::Missed, false);
    keep(store, &mut log).await;
    let (gone, live) = (gone.call, live.call);
    assert_eq!(store.call(private.call).await.unwrap(), None);
    assert_eq!(store.call_records(private.call).await.unwrap(), []);
    assert!(!store.is_call_visible(private.call, &Scope::Any).await.unwrap());
    assert!(store.is_call_visible(answered, &Scope::Own(anna)).await.unwrap());
    assert!(!store.is_call_visible(gone, &Scope::Own(anna)).await.unwrap());
    let offers = store.offers(Some(site.agents[1]), MORNING, log.now, 10).await.unwrap();
    assert_eq!(offers.len(), 1);
    filters(store, &site, live_since, [answered, gone, live]).await;
    pages(store, &[live, gone, answered]).await;
}

async fn filters(store: &Store, site: &Site, live_since: Timestamp, calls: [CallId; 3]) {
    let [answered, gone, live] = calls;
    let [_, boris] = site.users;
    let all = CallFilter::default();
    assert_eq!(
        ids(store, &all).await,
        [live, gone, answered],
        "newest first, without the one not to be logged"
    );
    for (what, filter, wanted) in [
        ("live", CallFilter { state: Some(CallState::Live), ..all.clone() }, vec![live]),
        ("ended", CallFilter { state: Some(CallState::Ended), ..all.clone() }, vec![gone, answered]),
        ("queue", CallFilter { queue: Some(site.queues[1]), ..all.clone() }, vec![gone]),
        ("agent who let it ring", CallFilter { agent: Some(site.agents[0]), ..all.clone() }, vec![answered]),
        ("number", CallFilter { number: Some("+420555000202".into()), ..all.clone() }, vec![gone]),
        ("extension", CallFilter { number: Some("1002".into()), ..all.clone() }, vec![answered]),
        (
            "dialled",
            CallFilter { number: Some("555000100".into()), ..all.clone() },
            vec![live, gone, answered],
        ),
        ("direction", CallFilter { direction: Some(Direction::Outbound), ..all.clone() }, vec![]),
        ("switch", CallFilter { switch: Some("brno".into()), ..all.clone() }, vec![]),
        ("from is in", CallFilter { from: Some(live_since), ..all.clone() }, vec![live]),
        ("to is out", CallFilter { to: Some(live_since), ..all.clone() }, vec![gone, answered]),
        ("own", CallFilter { scope: Scope::Own(boris), ..all.clone() }, vec![answered]),
        ("nobody's", CallFilter { scope: Scope::Own(user(99)), ..all.clone() }, vec![]),
        ("team", CallFilter { scope: Scope::Team("west".into()), ..all.clone() }, vec![answered]),
        ("no team", CallFilter { scope: Scope::Team("north".into()), ..all.clone() }, vec![]),
        ("site", CallFilter { scope: Scope::Site("Brno".into()), ..all.clone() }, vec![answered]),
    ] {
        assert_eq!(ids(store, &filter).await, wanted, "{what}");
    }
}

async fn pages(store: &Store, wanted: &[CallId]) {
    let mut paged = Vec::new();
    let mut page = CallFilter { limit: 2, ..CallFilter::default() };
    loop {
        let found = store.calls(&page).await.unwrap();
        paged.extend(found.items.iter().map(|call| call.id));
        let Some(cursor) = found.next_cursor else { break };
        page.after = Some(cursor.to_string().parse().unwrap());
    }
    assert_eq!(paged, wanted);
}

// covers: POP-20
pub(crate) async fn a_call_of_nobody_signed_in_is_in_the_book(peer: &Peer) {
    let mut log = Log::new();
    let site = site(&mut log, [user(1), user(2)]);
    let caller = ring_in(&mut log, &site, CALLER);
    // Boris's phone rings although he has no session and no desk anywhere: the phone is his by assignment.
    ring_phone(&mut log, &site, &caller, 1);
    log.later(15_000);
    end(&mut log, &caller, CallOutcome::Missed, true);
    keep(&peer.store, &mut log).await;
    assert_eq!(peer.store.sessions_of(user(2), MORNING).await.unwrap(), []);
    let call = peer.store.call(caller.call).await.unwrap().unwrap();
    assert_eq!(call.call.outcome, Some(CallOutcome::Missed));
    assert_eq!((call.legs[1].device, call.legs[1].user), (site.phones[1], Some(user(2))));
    let his = CallFilter { scope: Scope::Own(user(2)), ..CallFilter::default() };
    assert_eq!(ids(&peer.store, &his).await, [caller.call]);
}

/// Everything the book tells.
async fn told(store: &Store) -> Value {
    let mut calls = Vec::new();
    for call in store.calls(&CallFilter { limit: 200, ..CallFilter::default() }).await.unwrap().items {
        let records = store.call_records(call.id).await.unwrap();
        calls.push(json!({"call": store.call(call.id).await.unwrap(), "records": records}));
    }
    let later = MORNING.plus_millis(86_400_000);
    let filter = QueueReportFilter {
        from: MORNING,
        to: later,
        queue: None,
        formula: ServiceLevelFormula::default(),
        threshold_ms: 20_000,
        short_ms: 5_000,
    };
    json!({
        "calls": calls,
        "switches": store.switches().await.unwrap(),
        "gaps": store.link_gaps(None, MORNING, later).await.unwrap(),
        "devices": store.devices().await.unwrap(),
        "extensions": store.extensions().await.unwrap(),
        "assignments": store.assignments(true).await.unwrap(),
        "queues": store.queues().await.unwrap(),
        "agents": store.agents().await.unwrap(),
        "intervals": store.agent_intervals(None, MORNING, later).await.unwrap(),
        "reports": store.queue_report(&filter).await.unwrap(),
    })
}

fn busy_morning(log: &mut Log, site: &Site) {
    for round in 0..6_usize {
        let mut caller = ring_in(log, site, CALLER);
        let answered = Stay::Answered {
            agent: round % 2,
            missed: round % 3 == 0,
            talk_ms: 30_000,
            hold_ms: 1_000,
            transferred: round == 4,
        };
        stay(log, site, &mut caller, 1, 4_000, Stay::Left(QueueLeave::TimedOut));
        stay(log, site, &mut caller, 0, 9_000, answered);
        let change = [AgentEffective::Ready, AgentEffective::Talking];
        state(log, site.agents[round % 2], AgentChoice::Ready, change, 9_000);
        end(log, &caller, CallOutcome::Answered, round != 5);
        note(log, caller.call, site.users[0], "noted after the end");
    }
    ring_in(log, site, "+420555000209");
}

// covers: REP-03
pub(crate) async fn deriving_again_gives_the_same_book(peer: &Peer) {
    let store = &peer.store;
    let mut log = Log::new();
    let site = site(&mut log, [user(1), user(2)]);
    busy_morning(&mut log, &site);
    // In pieces: each is a transaction of its own and a new projector.
    let all = log.take();
    for (nth, piece) in all.chunks(17).enumerate() {
        let mut writer = store.journal_writer().await.unwrap();
        writer.submit(piece.into()).unwrap();
        writer.close().await;
        if nth % 3 == 0 {
            Projector::new(store.clone()).await.unwrap().catch_up().await.unwrap();
        }
    }
    Projector::new(store.clone()).await.unwrap().catch_up().await.unwrap();
    let incremental = told(store).await;
    assert_eq!(incremental["calls"].as_array().map(Vec::len), Some(6));

    store.forget_book().await.unwrap();
    assert_eq!(told(store).await["calls"], json!([]));
    Projector::new(store.clone()).await.unwrap().catch_up().await.unwrap();
    assert_eq!(told(store).await, incremental);
}

pub(crate) async fn records_are_applied_once_and_in_order(peer: &Peer) {
    let mut log = Log::new();
    let site = site(&mut log, [user(1), user(2)]);
    busy_morning(&mut log, &site);
    let all = log.take();
    let mut writer = peer.store.journal_writer().await.unwrap();
    writer.submit(all.clone()).unwrap();
    writer.close().await;

    let mut projector = Projector::new(peer.store.clone()).await.unwrap();
    let error = projector.apply(&all[5..9]).await.unwrap_err();
    assert!(matches!(error, StoreError::Sequence { expected: 1, given: 6 }), "{error:?}");
    projector.apply(&all[..40]).await.unwrap();
    projector.apply(&all[20..]).await.unwrap();
    projector.apply(&all).await.unwrap();
    assert_eq!(projector.cursor(), u64::try_from(all.len()).unwrap());
    let once = told(&peer.store).await;

    let mut late = Projector::new(peer.store.clone()).await.unwrap();
    late.apply(&all).await.unwrap();
    assert_eq!(told(&peer.store).await, once);
}

pub(crate) async fn the_book_follows_the_journal(peer: &Peer) {
    let mut log = Log::new();
    let site = site(&mut log, [user(1), user(2)]);
    let mut writer = peer.store.journal_writer().await.unwrap();
    let projector = Projector::new(peer.store.clone()).await.unwrap();
    let mut progress = projector.progress();
    let following = tokio::spawn(projector.follow(writer.status()));
    let patience = Duration::from_secs(30);
    for _ in 0..5 {
        let caller = ring_in(&mut log, &site, CALLER);
        writer.submit(log.take()).unwrap();
        let last = writer.next_sequence() - 1;
        let reached = tokio::time::timeout(patience, progress.wait_for(|cursor| *cursor >= last));
        reached.await.unwrap().unwrap();
        assert!(peer.store.call(caller.call).await.unwrap().is_some());
    }
    ring_in(&mut log, &site, CALLER);
    writer.submit(log.take()).unwrap();
    let end = writer.close().await;
    tokio::time::timeout(patience, following).await.unwrap().unwrap().unwrap();
    assert_eq!(peer.store.projected().await.unwrap(), end, "the last facts are in the book too");
}

pub(crate) async fn lost_facts_leave_the_book(peer: &Peer) {
    let store = &peer.store;
    let mut log = Log::new();
    let site = site(&mut log, [user(1), user(2)]);
    let open = ring_in(&mut log, &site, CALLER);
    let ready = [AgentEffective::LoggedOut, AgentEffective::Ready];
    state(&mut log, site.agents[0], AgentChoice::Ready, ready, 0);
    keep(store, &mut log).await;
    let safe = store.journal_end().await.unwrap();
    let before = told(store).await;

    end(&mut log, &open, CallOutcome::Missed, true);
    let paused = [AgentEffective::Ready, AgentEffective::Paused];
    state(&mut log, site.agents[0], AgentChoice::Paused { reason: Some("lunch".into()) }, paused, 5);
    let lost = ring_in(&mut log, &site, "+420555000777");
    keep(store, &mut log).await;
    assert!(store.call(lost.call).await.unwrap().is_some());

    // The power fails and takes the last row of the journal, but not of the book.
    peer.in_journal("DELETE FROM journal WHERE first_sequence = (SELECT MAX(first_sequence) FROM journal)")
        .await;
    let projector = Projector::new(store.clone()).await.unwrap();
    assert_eq!(projector.cursor(), safe);
    assert_eq!(store.call(lost.call).await.unwrap(), None);
    let open = store.call(open.call).await.unwrap().unwrap();
    assert_eq!((open.call.ended_at, open.call.outcome), (None, None), "its end is not known any more");
    let after = told(store).await;
    for unchanged in ["agents", "intervals", "reports", "devices"] {
        assert_eq!(after[unchanged], before[unchanged], "{unchanged}");
    }
    assert_eq!(after["calls"][0]["records"], before["calls"][0]["records"]);
    assert_eq!(after["calls"].as_array().map(Vec::len), Some(1));
}

pub(crate) async fn an_erased_call_keeps_counts_only(peer: &Peer) {
    let store = &peer.store;
    let mut log = Log::new();
    let site = site(&mut log, [user(1), user(2)]);
    let live = ring_in(&mut log, &site, CALLER).call;
    let call = answered_call(&mut log, &site).call;
    keep(store, &mut log).await;
    store.save_evidence(call, log.now, b"raw").await.unwrap();
    let reports = told(store).await["reports"].clone();

    assert!(!store.erase_call(live, log.now).await.unwrap(), "a live call is not erased");
    assert!(store.erase_call(call, log.now).await.unwrap());
    for derived_again in [false, true] {
        if derived_again {
            store.forget_book().await.unwrap();
            Projector::new(store.clone()).await.unwrap().catch_up().await.unwrap();
            store.erase_again().await.unwrap();
        }
        let told_call = store.call(call).await.unwrap().unwrap();
        let text = serde_json::to_string(&told_call).unwrap();
        for personal in [CALLER, "555000201", "A caller", "Wants an offer", "4711", "Friday", "1002"] {
            assert!(!text.contains(personal), "{personal} is still in {text}");
        }
        assert_eq!(store.call_records(call).await.unwrap(), []);
        assert_eq!(store.evidence(call).await.unwrap(), None);
        assert_eq!(told(store).await["reports"], reports, "figures stay");
    }
}
