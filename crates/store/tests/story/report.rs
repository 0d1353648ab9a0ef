//! The report of queues.

use cti_core::fact::{
    AcdFact, AgentChoice, AgentEffective, CallOutcome, Cause, Fact, LegTimes, Party, PbxCounters, QueueLeave,
    Request, Side, WatchFact, WorkEnd, WorkFact, WorkSaid,
};
use cti_core::ids::{EntryId, InteractionId, LegId};
use cti_core::input::Actor;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use store::{
    Attempts, CountedAs, DifferenceReason, EntryFilter, Lengths, Projector, QueueReport, QueueReportFilter,
    ReconciliationFilter, ReleasedBy, ServiceLevelFormula, Store, WorkFilter,
};

use crate::book::keep;
use crate::facts::{Log, MORNING, Stay, end, ring_in, ring_phone, site, state, stay, user};
use crate::peer::Peer;

fn filter(from: i64, to: i64) -> QueueReportFilter {
    QueueReportFilter {
        from: MORNING.plus_millis(from),
        to: MORNING.plus_millis(to),
        queue: None,
        formula: ServiceLevelFormula::AbandonsAgainst,
        threshold_ms: 20_000,
        short_ms: 5_000,
    }
}

fn answered(missed: bool, talk_ms: u64, hold_ms: u64, transferred: bool) -> Stay {
    Stay::Answered { agent: 0, missed, talk_ms, hold_ms, transferred }
}

// covers: REP-03
pub(crate) async fn a_queue_is_counted_as_the_dictionary_says(peer: &Peer) {
    let store = &peer.store;
    let mut log = Log::new();
    let site = site(&mut log, [user(1), user(2)]);
    let stays = [
        (10_000, answered(false, 60_000, 5_000, false)),
        (30_000, answered(true, 90_000, 0, true)),
        (4_000, Stay::Left(QueueLeave::Abandoned)),
        (15_000, Stay::Left(QueueLeave::Abandoned)),
        (25_000, Stay::Left(QueueLeave::Abandoned)),
        (3_000, Stay::Left(QueueLeave::Lost)),
        (40_000, Stay::Left(QueueLeave::TimedOut)),
        (0, Stay::Left(QueueLeave::Empty)),
        (0, Stay::Left(QueueLeave::Full)),
        (2_000, Stay::Left(QueueLeave::Withdrawn)),
        (0, Stay::Waits),
    ];
    for (wait_ms, how) in stays {
        let mut caller = ring_in(&mut log, &site, "+420555000201");
        stay(&mut log, &site, &mut caller, 0, wait_ms, how);
    }
    // One caller comes back into the queue; a call of the next hour is not in the interval.
    let mut caller = ring_in(&mut log, &site, "+420555000202");
    stay(&mut log, &site, &mut caller, 0, 1_000, Stay::Left(QueueLeave::TimedOut));
    stay(&mut log, &site, &mut caller, 0, 20_000, answered(false, 30_000, 1_000, false));
    end(&mut log, &caller, CallOutcome::Answered, false);
    let to = log.now - MORNING;
    let mut late = ring_in(&mut log, &site, "+420555000203");
    stay(&mut log, &site, &mut late, 0, 1_000, answered(false, 1_000, 0, false));
    keep(store, &mut log).await;

    let reports = store.queue_report(&filter(0, to / 1_000)).await.unwrap();
    assert_eq!(reports.len(), 2, "every queue has a row");
    let sales = &reports[0];
    assert_eq!((sales.queue, sales.queue_name.as_str()), (site.queues[0], "sales"));
    assert_eq!((sales.offered, sales.answered, sales.abandoned), (13, 3, 4));
    assert_eq!((sales.flow_out, sales.still_waiting), (5, 1));
    assert_eq!((sales.short_abandoned, sales.lost), (1, 1));
    assert_eq!((sales.requeued, sales.unique_calls), (1, 12));
    assert_eq!((sales.ring_no_answer, sales.transferred), (1, 1));
    assert_eq!(sales.wait_ms, Lengths { total: 60_000, avg: 20_000, max: 30_000 });
    assert_eq!(sales.abandon_wait_ms, Lengths { total: 47_000, avg: 11_750, max: 25_000 });
    assert_eq!(sales.talk_ms, Lengths { total: 180_000, avg: 60_000, max: 90_000 });
    assert_eq!(sales.hold_ms, Lengths { total: 6_000, avg: 2_000, max: 5_000 });
    assert_eq!(sales.service_level.value, Some(2.0 / 7.0));
    let level = |formula| QueueReportFilter { formula, ..filter(0, to / 1_000) };
    for (formula, share) in [
        (ServiceLevelFormula::AnsweredOnly, 2.0 / 3.0),
        (ServiceLevelFormula::EarlyAbandonsIgnored, 2.0 / 5.0),
        (ServiceLevelFormula::EarlyAbandonsSucceed, 4.0 / 7.0),
        (ServiceLevelFormula::ShortAbandonsIgnored, 2.0 / 6.0),
        (ServiceLevelFormula::FlowOutsAgainst, 2.0 / 12.0),
    ] {
        let report = &store.queue_report(&level(formula)).await.unwrap()[0];
        assert_eq!(report.service_level.value, Some(share), "{formula:?}");
    }
    let empty = &reports[1];
    assert_eq!((empty.offered, empty.service_level.value), (0, None));
    assert_eq!(empty.wait_ms, Lengths::default());
    let one = QueueReportFilter { queue: Some(site.queues[1]), ..filter(0, to / 1_000) };
    assert_eq!(store.queue_report(&one).await.unwrap(), std::slice::from_ref(empty));
    let json = serde_json::to_value(sales).unwrap();
    assert_eq!(json["service_level"]["formula"], "SL-B");
}

// covers: REP-35 REP-36 REP-38
pub(crate) async fn entries_are_told_one_by_one_with_their_attempts(peer: &Peer) {
    let store = &peer.store;
    let mut log = Log::new();
    let site = site(&mut log, [user(1), user(2)]);
    let mut one = ring_in(&mut log, &site, "+420555000201");
    stay(&mut log, &site, &mut one, 0, 10_000, answered(true, 60_000, 0, true));
    let mut two = ring_in(&mut log, &site, "+420555000202");
    stay(&mut log, &site, &mut two, 0, 4_000, answered(false, 20_000, 0, false));
    end(&mut log, &two, CallOutcome::Answered, false);
    // The next one waits behind another who is still there.
    let mut waiting = ring_in(&mut log, &site, "+420555000203");
    stay(&mut log, &site, &mut waiting, 0, 0, Stay::Waits);
    log.later(1_000);
    let mut three = ring_in(&mut log, &site, "+420555000204");
    stay(&mut log, &site, &mut three, 0, 15_000, Stay::Left(QueueLeave::Abandoned));
    keep(store, &mut log).await;
    let to = log.now.plus_millis(1);
    let all = EntryFilter { from: MORNING, to, queue: None, answered: None, after: None, limit: 2 };
    let page = store.entry_details(&all).await.unwrap();
    let rest = EntryFilter { after: page.last().map(store::EntryDetail::cursor), ..all };
    let rest = store.entry_details(&rest).await.unwrap();
    let text = page.last().unwrap().cursor().to_string();
    assert_eq!(text.parse(), Ok(page.last().unwrap().cursor()));
    let rows: Vec<_> = page.iter().chain(&rest).collect();
    assert_eq!(rows.iter().map(|row| row.call).collect::<Vec<_>>(), [one.call, two.call, three.call]);
    let numbers: Vec<_> = rows.iter().map(|row| &*row.calling.number.as_ref().unwrap().raw).collect();
    assert_eq!(numbers, ["+420555000201", "+420555000202", "+420555000204"]);
    assert_eq!((rows[0].attempts, rows[0].wait_ms, rows[0].talk_ms), (2, 10_000, Some(60_000)));
    assert_eq!(rows[0].released_by, Some(ReleasedBy::Transfer));
    assert_eq!((rows[1].attempts, rows[1].agent), (1, Some(site.agents[0])));
    assert!(rows[1].agent_name.is_some() && rows[1].released_by != Some(ReleasedBy::Transfer));
    assert_eq!((rows[2].reason, rows[2].position), (QueueLeave::Abandoned, 2));
    assert_eq!((rows[2].attempts, rows[2].talk_ms, rows[2].released_by), (0, None, None));
    for (answered, count) in [(true, 2), (false, 1)] {
        let some = EntryFilter { answered: Some(answered), limit: 200, ..all };
        assert_eq!(store.entry_details(&some).await.unwrap().len(), count);
    }
    let reports = store.attempts(MORNING, to, Some(site.queues[0])).await.unwrap();
    assert_eq!(reports.len(), 1);
    assert_eq!(reports[0].answered, Attempts { entries: 2, total: 3, min: 1, max: 2 });
    assert_eq!(reports[0].unanswered, Attempts { entries: 1, total: 0, min: 0, max: 0 });
    assert_eq!(store.attempts(MORNING, to, Some(site.queues[1])).await.unwrap(), []);
}

// covers: REP-36 RTE-31
pub(crate) async fn keys_and_targets_of_entries_are_told(peer: &Peer) {
    let store = &peer.store;
    let mut log = Log::new();
    let site = site(&mut log, [user(1), user(2)]);
    let queue = site.queues[0];
    // The first presses 2, is sent on and talks there for 40 s; the second gives up.
    let mut one = ring_in(&mut log, &site, "+420555000201");
    stay(&mut log, &site, &mut one, 0, 10_000, Stay::Left(QueueLeave::Withdrawn));
    let entry = log.records.iter().find_map(|record| {
        let Fact::QueueEntered { entry, .. } = &record.fact else { return None };
        Some(*entry)
    });
    let (entry, call) = (entry.unwrap(), one.call);
    log.add(Fact::Acd(AcdFact::KeyPressed { queue, entry, call, key: "2".into() }));
    log.add(Fact::Acd(AcdFact::SentOn { queue, entry, call, number: "+420777123456".into() }));
    // The talk of an agent who has the call meanwhile is not the one outside.
    let inside = ring_phone(&mut log, &site, &one, 1);
    let (device, outside) = (site.phones[1], log.id(LegId::derive));
    let talks = |log: &mut Log, leg: LegId, talk_ms: u64| {
        log.later(5_000);
        log.add(Fact::LegAnswered { call, leg, device });
        log.later(talk_ms);
        let times = LegTimes { ring_ms: 5_000, talk_ms, hold_ms: 0 };
        let (cause, ended_between) = (Cause::Normal, None);
        log.add(Fact::LegCleared { call, leg, device, cause, by_party: true, times, ended_between });
    };
    talks(&mut log, inside, 7_000);
    log.add(Fact::LegAdded {
        call,
        leg: outside,
        connection: outside.to_string().into(),
        device,
        user: None,
        agent: None,
        side: Side::Target,
        party: Party::default(),
    });
    talks(&mut log, outside, 40_000);
    let mut two = ring_in(&mut log, &site, "+420555000202");
    stay(&mut log, &site, &mut two, 0, 4_000, Stay::Left(QueueLeave::Abandoned));
    keep(store, &mut log).await;
    let (from, to) = (MORNING, log.now.plus_millis(60_000));
    let all = EntryFilter { from, to, queue: None, answered: None, after: None, limit: 10 };
    let rows = store.entry_details(&all).await.unwrap();
    let told: Vec<_> =
        rows.iter().map(|row| (row.key.as_deref(), row.sent_to.as_deref(), row.sent_talk_ms)).collect();
    assert_eq!(told, [(Some("2"), Some("+420777123456"), Some(40_000)), (None, None, None)]);
    assert_eq!(store.entry_left(entry).await.unwrap(), Some((queue, QueueLeave::Withdrawn)));
    assert_eq!(store.entry_left(EntryId::derive(from, 0, 1)).await.unwrap(), None);
}

// covers: AGT-07 AGT-21
pub(crate) async fn breaks_and_outcomes_are_told(peer: &Peer) {
    let store = &peer.store;
    let mut log = Log::new();
    let site = site(&mut log, [user(1), user(2)]);
    let (queue, agent) = (site.queues[0], site.agents[0]);
    // Two lunches, the second of which goes on.
    for lasted_ms in [600_000, 90_000] {
        let paused = || AgentChoice::Paused { reason: Some("lunch".into()) };
        state(&mut log, agent, paused(), [AgentEffective::Ready, AgentEffective::Paused], 0);
        log.later(lasted_ms);
        if lasted_ms == 600_000 {
            let back = [AgentEffective::Paused, AgentEffective::Ready];
            state(&mut log, agent, AgentChoice::Ready, back, lasted_ms);
        }
    }
    // A callback that somebody finished with a word on it.
    let interaction = log.id(InteractionId::derive);
    let request = Request {
        medium: "callback".into(),
        queue,
        number: Some("+420555000201".into()),
        subject: "price".into(),
        due: None,
        priority: 0,
        needs: Vec::new(),
        contact: None,
        data: std::collections::BTreeMap::new(),
        origin: None,
        waits_since: None,
    };
    let actor = Actor::User(user(1));
    log.add(Fact::Work(WorkFact::Requested { interaction, actor: actor.clone(), request: request.into() }));
    let said = WorkSaid { outcome: Some("sold".into()), note: Some("two windows".into()) };
    let (end, agent_of, reached_in) = (WorkEnd::Done, Some(agent), None);
    log.add(Fact::Work(WorkFact::Closed {
        interaction,
        queue,
        end,
        agent: agent_of,
        actor,
        reached_in,
        said,
    }));
    let now = log.now;
    keep(store, &mut log).await;

    let (from, to) = (MORNING, now.plus_millis(60_000));
    let breaks = store.breaks(from, to, now).await.unwrap();
    let told: Vec<_> = breaks
        .iter()
        .map(|one| (one.agent, one.reason.as_deref(), one.times, one.total_ms, one.max_ms))
        .collect();
    assert_eq!(told, [(agent, Some("lunch"), 2, 690_000, 600_000)]);
    // Of an interval that cuts into both only the parts within count.
    let inside = store.breaks(now.plus_millis(-100_000), now.plus_millis(-60_000), now).await.unwrap();
    assert_eq!((inside[0].times, inside[0].total_ms, inside[0].max_ms), (2, 40_000, 30_000));
    assert_eq!(store.breaks(to, to.plus_millis(1), to).await.unwrap().len(), 1, "it goes on");
    assert_eq!(store.breaks(to, to.plus_millis(1), now).await.unwrap(), [], "nobody knows yet");

    let work = WorkFilter { from, to, queue: Some(queue), medium: None, after: None, limit: 10 };
    let closed = store.closed_work(&work).await.unwrap();
    assert_eq!((closed.len(), closed[0].ended, closed[0].agent), (1, WorkEnd::Done, Some(agent)));
    let words = (closed[0].outcome.as_deref(), closed[0].note.as_deref());
    assert_eq!(words, (Some("sold"), Some("two windows")));
    let place = closed[0].place();
    assert_eq!(place.to_string().parse(), Ok(place));
    let after = WorkFilter { after: Some(place), ..work.clone() };
    assert_eq!(store.closed_work(&after).await.unwrap(), []);
    let chats = WorkFilter { medium: Some("chat".into()), ..work };
    assert_eq!(store.closed_work(&chats).await.unwrap(), []);
}

// covers: REP-03
pub(crate) async fn counters_of_a_switch_are_held_against_our_entries(peer: &Peer) {
    let store = &peer.store;
    let mut log = Log::new();
    let site = site(&mut log, [user(1), user(2)]);
    let queue = site.queues[0];
    let counted = |log: &mut Log, completed, abandoned| {
        log.later(60_000);
        let counters = PbxCounters { completed, abandoned, hold_ms: 3_000, talk_ms: 50_000 };
        let unchanged_until = Some(log.now.plus_millis(-30_000));
        log.add(Fact::Watch(WatchFact::Counted { queue, counters, unchanged_until, reset: None }));
    };
    counted(&mut log, 100, 20);
    let mut one = ring_in(&mut log, &site, "+420555000201");
    stay(&mut log, &site, &mut one, 0, 10_000, answered(false, 60_000, 0, false));
    let mut two = ring_in(&mut log, &site, "+420555000202");
    stay(&mut log, &site, &mut two, 0, 4_000, Stay::Left(QueueLeave::Abandoned));
    let noon = log.now;
    let mut three = ring_in(&mut log, &site, "+420555000203");
    stay(&mut log, &site, &mut three, 0, 30_000, Stay::Left(QueueLeave::TimedOut));
    counted(&mut log, 101, 22);
    keep(store, &mut log).await;
    let filter = ReconciliationFilter { queue, from: MORNING, to: MORNING.plus_millis(86_400_000), most: 3 };
    let found = store.reconciliation(&filter).await.unwrap();
    let pbx = found.pbx.as_ref().unwrap();
    assert_eq!((pbx.completed, pbx.abandoned, pbx.hold_ms), (1, 2, 3_000));
    assert_eq!((found.completed, found.abandoned, found.is_whole), (1, 1, true));
    let calls: Vec<_> = found.calls.iter().map(|one| (one.call, one.pbx, one.reason)).collect();
    assert_eq!(calls, [(three.call, CountedAs::Abandoned, DifferenceReason::SentElsewhere)]);
    let other = ReconciliationFilter { queue: site.queues[1], ..filter };
    assert_eq!(store.reconciliation(&other).await.unwrap().pbx, None);
    // A busy day before takes no place of the day that is asked for.
    let later = ReconciliationFilter { from: noon, most: 1, ..filter };
    let found = store.reconciliation(&later).await.unwrap();
    assert_eq!((found.calls.last().map(|one| one.call), found.is_whole), (Some(three.call), false));
    let later = ReconciliationFilter { most: 2, ..later };
    assert!(store.reconciliation(&later).await.unwrap().is_whole);
}

/// Stays of one caller: queue, wait and how each ends.
type Plan = Vec<(usize, u64, Stay)>;

fn plans() -> impl Strategy<Value = Vec<Plan>> {
    let left = prop_oneof![
        Just(QueueLeave::Abandoned),
        Just(QueueLeave::TimedOut),
        Just(QueueLeave::Empty),
        Just(QueueLeave::Full),
        Just(QueueLeave::Withdrawn),
        Just(QueueLeave::Lost),
    ];
    let how = prop_oneof![
        3 => (0..2_usize, any::<bool>(), 0..100_000_u64, 0..1_000_u64, any::<bool>()).prop_map(
            |(agent, missed, talk_ms, hold_ms, transferred)| Stay::Answered {
                agent,
                missed,
                talk_ms,
                hold_ms,
                transferred
            }
        ),
        3 => left.prop_map(Stay::Left),
        1 => Just(Stay::Waits),
    ];
    let stays = prop::collection::vec((0..2_usize, 0..40_000_u64, how), 1..4);
    prop::collection::vec(stays, 1..12)
}

/// Each case adds to the same book in a later hour, cut off after some fact: nothing is counted twice or lost.
pub(crate) async fn every_entry_is_counted_once_whatever_happens(peer: &Peer) {
    let store = &peer.store;
    let mut setup = Log::new();
    let site = site(&mut setup, [user(1), user(2)]);
    keep(store, &mut setup).await;
    let mut projector = Projector::new(store.clone()).await.unwrap();
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    for case in 1..=24_i64 {
        let plans = plans().new_tree(&mut runner).unwrap().current();
        let cut = (0..60_usize).new_tree(&mut runner).unwrap().current();
        let hour = case * 100_000_000;
        let mut log = Log::from(projector.cursor() + 1, MORNING.plus_millis(hour));
        for plan in &plans {
            let mut caller = ring_in(&mut log, &site, "+420555000201");
            for (queue, wait_ms, how) in plan {
                stay(&mut log, &site, &mut caller, *queue, *wait_ms, *how);
                if matches!(how, Stay::Waits) {
                    break;
                }
            }
        }
        let kept = log.records.len().saturating_sub(cut);
        log.records.truncate(kept);
        let wanted = count(&log);
        let records = log.take();
        projector.apply(&records).await.unwrap();
        check(store, hour, wanted, &plans).await;
    }
}

/// Entries and calls by queue name, counted from the facts without any SQL.
fn count(log: &Log) -> [(u64, u64, u64); 2] {
    use cti_core::fact::Fact;
    let mut counts = [(0, 0, 0); 2];
    let mut queues = Vec::new();
    let mut calls = std::collections::BTreeSet::new();
    let mut place = |queue| {
        queues.iter().position(|known| *known == queue).unwrap_or_else(|| {
            queues.push(queue);
            queues.len() - 1
        })
    };
    for record in &log.records {
        if let Fact::QueueEntered { queue, call, .. } = record.fact {
            let place = place(queue);
            counts[place].0 += 1;
            counts[place].1 += u64::from(calls.insert((queue, call)));
        } else if let Fact::QueueLeft { queue, .. } = record.fact {
            counts[place(queue)].2 += 1;
        }
    }
    counts.sort_unstable();
    counts
}

async fn check(store: &Store, hour: i64, wanted: [(u64, u64, u64); 2], plans: &[Plan]) {
    let reports = store.queue_report(&filter(hour, hour + 100_000_000)).await.unwrap();
    let mut found = [(0, 0, 0); 2];
    for (slot, report) in found.iter_mut().zip(&reports) {
        identity(report, plans);
        *slot = (report.offered, report.unique_calls, report.offered - report.still_waiting);
    }
    found.sort_unstable();
    assert_eq!(found, wanted, "{plans:?}");
}

fn identity(report: &QueueReport, plans: &[Plan]) {
    let sum = report.answered + report.abandoned + report.flow_out + report.still_waiting;
    assert_eq!(report.offered, sum, "{report:?} of {plans:?}");
    assert!(report.short_abandoned <= report.abandoned, "{report:?}");
    assert!(report.requeued <= report.offered, "{report:?}");
    assert!(report.unique_calls <= report.offered, "{report:?}");
    assert!(report.hold_ms.total <= report.talk_ms.total + 1_000 * report.answered, "{report:?}");
}
