//! The stories S01 to S28 as far as the core alone decides them; the same ones run over real switches in `tests`.

use super::{Site, at_station, kind, outside, pbx};
use crate::connection::ConnectionState;
use crate::fact::{
    AgentEffective, CallOutcome, Cause, Direction, Fact, JoinKind, OfferOutcome, Origin, QueueLeave,
    TransferKind,
};
use crate::ids::Native;
use crate::input::{
    Actor, Change, Endpoint, Input, LinkChange, Reported, SnapshotCall, SnapshotConnection, SwitchEvent,
};

fn for_queue(connection: &str, extension: &str) -> Endpoint {
    Endpoint { queue: Some(Native::from("support")), ..at_station(connection, extension) }
}

#[test]
fn an_inbound_call_is_created_once_answered_and_ended_by_who_hung_up() {
    let mut site = Site::new();
    site.originated(0, "c", outside("x", "420602123456"), "420555000100");
    site.delivered(200, "c", at_station("a", "1001"));
    site.established(3_000, "c", at_station("a", "1001"));
    site.cleared(60_000, "c", "x", Cause::Normal, true);
    site.cleared(10, "c", "a", Cause::Normal, false);
    assert_eq!(
        site.told(),
        "call.created call.leg_added call.originated call.leg_added call.alerting call.answered \
         call.party_left call.party_left call.ended"
    );
    let Fact::CallCreated { direction, ref calling, .. } =
        site.records.iter().find(|one| kind(&one.fact) == "call.created").unwrap().fact
    else {
        unreachable!()
    };
    assert_eq!(direction, Direction::Inbound);
    assert_eq!(calling.number.as_ref().unwrap().key(), "+420602123456");
    let Fact::CallEnded { outcome, ring_ms, talk_ms, ended_by, .. } = site.ended()[0] else { unreachable!() };
    assert_eq!((outcome, ring_ms, talk_ms), (CallOutcome::Answered, 3_000, 60_010));
    assert!(ended_by.is_some());
    assert!(site.domain.state().calls.is_empty());
}

#[test]
fn a_caller_who_gives_up_while_ringing_has_abandoned() {
    let mut site = Site::new();
    site.originated(0, "c", outside("x", "420602123456"), "420555000100");
    site.delivered(200, "c", at_station("a", "1001"));
    site.cleared(4_000, "c", "x", Cause::Normal, true);
    site.cleared(5, "c", "a", Cause::Canceled, false);
    assert!(
        site.told().ends_with("call.party_left call.party_left call.abandoned call.ended"),
        "{}",
        site.told()
    );
    let Fact::CallEnded { outcome, cause, .. } = site.ended()[0] else { unreachable!() };
    assert_eq!((outcome, cause), (CallOutcome::Missed, Cause::Canceled));
}

#[test]
fn a_consult_transfer_keeps_the_call_of_the_outside_party() {
    let mut site = Site::new();
    site.originated(0, "c1", outside("x", "420602123456"), "420555000100");
    site.delivered(100, "c1", at_station("a", "1001"));
    site.established(2_000, "c1", at_station("a", "1001"));
    let first = *site.domain.state().calls.keys().next().unwrap();
    site.event(5_000, SwitchEvent::Held { call: Native::from("c1"), connection: Native::from("a") });
    site.originated(500, "c2", at_station("a2", "1001"), "1002");
    site.delivered(100, "c2", at_station("b", "1002"));
    site.established(1_000, "c2", at_station("b", "1002"));
    let (call, other) = (Native::from("c2"), Native::from("c1"));
    site.event(3_000, SwitchEvent::Joined { call: call.clone(), other, how: JoinKind::Transfer });
    let by = Native::from("PJSIP/1001");
    site.event(0, SwitchEvent::Transferred { call, by, kind: TransferKind::Consult, to: None });
    site.cleared(5, "c2", "a", Cause::Normal, false);
    site.cleared(5, "c2", "a2", Cause::Normal, true);
    assert_eq!(site.domain.state().calls.keys().copied().collect::<Vec<_>>(), [first]);
    site.cleared(30_000, "c2", "x", Cause::Normal, true);
    site.cleared(5, "c2", "b", Cause::Normal, false);
    let told = site.told();
    assert!(told.contains("call.held call.created call.leg_added call.originated call.consulted"), "{told}");
    let merged =
        "call.party_joined call.party_joined call.ended call.transferred call.party_left call.party_left";
    assert!(told.contains(merged), "{told}");
    let transfers: Vec<_> = site
        .records
        .iter()
        .filter(|one| matches!(one.fact, Fact::CallTransferred { consult_call: Some(_), .. }))
        .collect();
    assert_eq!(transfers.len(), 1);
    let left: Vec<Cause> = site
        .records
        .iter()
        .filter_map(|one| if let Fact::LegCleared { cause, .. } = one.fact { Some(cause) } else { None })
        .collect();
    assert_eq!(left, [Cause::Transferred, Cause::Transferred, Cause::Normal, Cause::Normal]);
}

#[test]
fn a_queue_call_waits_is_offered_rejected_offered_again_and_wrapped_up() {
    let mut site = Site::new();
    site.originated(0, "c", outside("x", "420602123456"), "420555000200");
    site.queued(500, "c", "x", "support");
    site.delivered(1_000, "c", for_queue("a", "1001"));
    site.cleared(15_000, "c", "a", Cause::NoAnswer, false);
    site.delivered(5_000, "c", for_queue("b", "1002"));
    site.dequeued(4_000, "c", "x", "support", QueueLeave::Answered);
    site.established(100, "c", for_queue("b", "1002"));
    site.event(10_000, SwitchEvent::Held { call: Native::from("c"), connection: Native::from("b") });
    site.event(4_000, SwitchEvent::Retrieved { call: Native::from("c"), connection: Native::from("b") });
    site.cleared(20_000, "c", "b", Cause::Normal, true);
    site.cleared(5, "c", "x", Cause::Normal, false);
    let told = site.told();
    let offered =
        "call.queued queue.entered call.leg_added offer.created call.alerting call.party_left offer.closed";
    assert!(told.contains(offered), "{told}");
    assert!(told.contains("call.answered offer.accepted call.dequeued queue.left call.held"), "{told}");
    let facts: Vec<_> = site.records.iter().map(|one| &one.fact).collect();
    assert!(facts.iter().any(|one| matches!(
        one,
        Fact::OfferClosed { outcome: OfferOutcome::NoAnswer, ring_ms: 15_000, .. }
    )));
    assert!(facts.iter().any(|one| matches!(one, Fact::OfferCreated { attempt: 2, .. })));
    let waited = |one: &&&Fact| {
        matches!(one, Fact::QueueLeft { wait_ms: 25_100, reason: QueueLeave::Answered, agent: Some(_), .. })
    };
    assert_eq!(facts.iter().filter(waited).count(), 1);
    assert!(facts.iter().any(|one| matches!(
        one,
        Fact::OfferCompleted { talk_ms: 34_000, hold_ms: 4_000, transferred: false, .. }
    )));
    let state = |site: &Site| site.domain.state().agents.values().nth(1).unwrap().effective;
    assert_eq!(state(&site), AgentEffective::WrapUp);
    assert_eq!(site.domain.next_deadline(), Some(site.now.plus_millis(1_995)));
    site.now = site.now.plus_millis(1_995);
    site.take(Input::Tick);
    assert_eq!(state(&site), AgentEffective::Ready);
}

#[test]
fn a_caller_who_hangs_up_waiting_abandons_the_entry_once() {
    let mut site = Site::new();
    site.originated(0, "c", outside("x", "420602123456"), "420555000200");
    site.queued(500, "c", "x", "support");
    site.dequeued(9_500, "c", "x", "support", QueueLeave::Abandoned);
    site.cleared(0, "c", "x", Cause::Normal, true);
    let told = site.told();
    assert!(told.ends_with("call.party_left call.dequeued queue.left call.abandoned call.ended"), "{told}");
    let left = site.records.iter().find_map(|one| {
        if let Fact::QueueLeft { wait_ms, reason, .. } = one.fact { Some((wait_ms, reason)) } else { None }
    });
    assert_eq!(left, Some((9_500, QueueLeave::Abandoned)));
}

#[test]
fn ring_all_gives_one_answer_and_retracts_the_others() {
    let mut site = Site::new();
    site.originated(0, "c", outside("x", "420602123456"), "420555000200");
    site.queued(500, "c", "x", "support");
    for (connection, extension) in [("a", "1001"), ("b", "1002"), ("d", "1003")] {
        site.delivered(10, "c", for_queue(connection, extension));
    }
    site.established(3_000, "c", for_queue("b", "1002"));
    site.cleared(5, "c", "a", Cause::AnsweredElsewhere, false);
    site.cleared(5, "c", "d", Cause::AnsweredElsewhere, false);
    let canceled = site
        .records
        .iter()
        .filter(|one| matches!(one.fact, Fact::OfferClosed { outcome: OfferOutcome::Canceled, .. }));
    assert_eq!(canceled.count(), 2);
    assert_eq!(site.records.iter().filter(|one| matches!(one.fact, Fact::OfferAccepted { .. })).count(), 1);
}

#[test]
fn a_split_leaves_the_id_with_the_outside_party() {
    let mut site = Site::new();
    site.originated(0, "c", outside("x", "420602123456"), "420555000100");
    site.established(100, "c", at_station("a", "1001"));
    site.established(100, "c", at_station("b", "1002"));
    let id = *site.domain.state().calls.keys().next().unwrap();
    let connections = vec![Native::from("x")];
    site.event(100, SwitchEvent::Split { call: Native::from("c"), into: Native::from("c2"), connections });
    let state = site.domain.state();
    assert_eq!(state.calls.len(), 2);
    assert_eq!(state.calls[&id].legs.len(), 1);
    assert_eq!(state.switches[&pbx()].call_index.get("c2"), Some(id));
    assert_ne!(state.switches[&pbx()].call_index.get("c"), Some(id));
}

#[test]
fn after_a_gap_what_is_gone_ends_at_an_unknown_time_and_what_lives_keeps_its_id() {
    let mut site = Site::new();
    site.originated(0, "c1", outside("x", "420602123456"), "420555000100");
    site.established(100, "c1", at_station("a", "1001"));
    let kept = *site.domain.state().calls.keys().next().unwrap();
    site.originated(100, "c2", outside("y", "420602123457"), "420555000100");
    let seen = site.now;
    site.now = site.now.plus_millis(1_000);
    site.link(LinkChange::Down { reason: "cut".into() });
    site.now = site.now.plus_millis(9_000);
    // What is done here meanwhile is nothing that the switch said.
    let data = [("order".into(), "17".into())].into();
    site.take(Input::Change { actor: Actor::System, change: Change::SetCallData { call: kept, data } });
    site.now = site.now.plus_millis(20_000);
    site.link(LinkChange::Up { version: "22".into(), capabilities: super::all_commands() });
    let up = |endpoint: Endpoint, originator| SnapshotConnection {
        endpoint,
        originator,
        state: Reported::Known(ConnectionState::Connected),
        held: None,
    };
    let mut snapshot = Site::picture("boot1");
    snapshot.calls = vec![SnapshotCall {
        call: Native::from("c1"),
        dialled: None,
        connections: vec![up(outside("x", "420602123456"), true), up(at_station("a", "1001"), false)],
    }];
    let before = site.records.len();
    site.take(Input::Snapshot { switch: pbx(), at: site.now, snapshot: snapshot.clone() });
    assert_eq!(site.domain.state().calls.keys().copied().collect::<Vec<_>>(), [kept]);
    let new = &site.records[before..];
    assert!(new.iter().all(|one| one.origin == Origin::Reconciled));
    assert!(new.iter().any(
        |one| matches!(one.fact, Fact::LinkGap { from, until, .. } if from == seen && until == site.now)
    ));
    let ended = new.iter().find_map(|one| {
        if let Fact::CallEnded { cause, ended_between, .. } = one.fact {
            Some((cause, ended_between))
        } else {
            None
        }
    });
    assert_eq!(ended, Some((Cause::Lost, Some([seen, site.now]))));
    // The same picture again changes nothing but the gap.
    let before = site.records.len();
    site.take(Input::Snapshot { switch: pbx(), at: site.now, snapshot });
    assert_eq!(site.records.len(), before + 1, "{:?}", &site.records[before..]);
}

#[test]
fn what_was_cleared_is_remembered_for_a_new_translator_and_what_was_lost_is_not() {
    let mut site = Site::new();
    site.originated(0, "c1", outside("x", "420602123456"), "420555000100");
    site.established(100, "c1", at_station("a", "1001"));
    site.cleared(100, "c1", "a", Cause::Transferred, false);
    site.take(Input::Snapshot { switch: pbx(), at: site.now, snapshot: Site::picture("boot1") });
    assert!(site.domain.state().calls.is_empty());
    let left = &site.domain.state().switches[&pbx()].left;
    assert_eq!(left.iter().map(Native::as_str).collect::<Vec<_>>(), ["a"]);
}

#[test]
fn a_restarted_switch_ends_every_call_of_the_old_boot() {
    let mut site = Site::new();
    site.originated(0, "c1", outside("x", "420602123456"), "420555000200");
    site.queued(10, "c1", "x", "support");
    site.take(Input::Snapshot { switch: pbx(), at: site.now, snapshot: Site::picture("boot2") });
    assert!(site.domain.state().calls.is_empty());
    assert!(
        site.records.iter().any(|one| matches!(one.fact, Fact::QueueLeft { reason: QueueLeave::Lost, .. }))
    );
    let Fact::CallEnded { cause, .. } = site.ended()[0] else { unreachable!() };
    assert_eq!(cause, Cause::SwitchRestart);
}

#[test]
fn events_that_arrive_ten_seconds_late_leave_durations_as_they_were() {
    let durations = |delay_ms: i64| {
        let mut site = Site::new();
        let start = site.now;
        let tell = |site: &mut Site, at_ms: i64, event: SwitchEvent| {
            site.now = start.plus_millis(at_ms + delay_ms);
            site.take(Input::Switch { switch: pbx(), at: start.plus_millis(at_ms), event });
        };
        let call = Native::from("c");
        let from = outside("x", "420602123456");
        tell(&mut site, 0, SwitchEvent::Originated { call: call.clone(), from, dialled: None });
        let calling = crate::input::PartyInfo::default();
        let to = at_station("a", "1001");
        tell(
            &mut site,
            100,
            SwitchEvent::Delivered { call: call.clone(), to: to.clone(), calling, dialled: None },
        );
        tell(&mut site, 4_100, SwitchEvent::Established { call: call.clone(), to });
        for (at_ms, connection) in [(64_100, "x"), (64_200, "a")] {
            let connection = Native::from(connection);
            let (cause, by_party) = (Cause::Normal, connection.as_str() == "x");
            tell(&mut site, at_ms, SwitchEvent::Cleared { call: call.clone(), connection, cause, by_party });
        }
        let Fact::CallEnded { ring_ms, talk_ms, .. } = site.ended()[0] else { unreachable!() };
        (ring_ms, talk_ms)
    };
    assert_eq!(durations(0), (4_000, 60_100));
    assert_eq!(durations(10_000), durations(0));
}

#[test]
fn only_what_the_switch_knows_overrides_belief() {
    let mut site = Site::new();
    site.originated(0, "c", outside("x", "420602123456"), "420555000100");
    site.established(100, "c", at_station("a", "1001"));
    site.event(100, SwitchEvent::Held { call: Native::from("c"), connection: Native::from("a") });
    let picture = |state: Reported<ConnectionState>| {
        let one = |endpoint: Endpoint, originator, state| SnapshotConnection {
            endpoint,
            originator,
            state,
            held: None,
        };
        let up = Reported::Known(ConnectionState::Connected);
        let connections =
            vec![one(outside("x", "420602123456"), true, up), one(at_station("a", "1001"), false, state)];
        let calls = vec![SnapshotCall { call: Native::from("c"), dialled: None, connections }];
        crate::input::Snapshot { calls, ..Site::picture("boot1") }
    };
    let state = |site: &Site| {
        let calls = site.domain.state().calls.values();
        calls.flat_map(|call| &call.legs).find(|leg| leg.connection.as_str() == "a").unwrap().state
    };
    site.take(Input::Snapshot { switch: pbx(), at: site.now, snapshot: picture(Reported::Unknown) });
    assert_eq!(state(&site), ConnectionState::Hold);
    let connected = Reported::Known(ConnectionState::Connected);
    site.take(Input::Snapshot { switch: pbx(), at: site.now, snapshot: picture(connected) });
    assert_eq!(state(&site), ConnectionState::Connected);
}
