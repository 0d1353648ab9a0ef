//! What must hold for any input in any order: `Site::take` checks the invariants and the replay at every step.

use proptest::prelude::*;

use super::{Site, at_station, outside, pbx, station};
use crate::fact::{Cause, Fact, JoinKind, QueueLeave, RecordingState, TransferKind};
use crate::ids::Native;
use crate::input::{Endpoint, Input, LinkChange, SwitchEvent};

const KEYS: [&str; 4] = ["c1", "c2", "c3", "c4"];
const CONNECTIONS: [&str; 6] = ["x", "y", "a", "b", "d", "e"];

fn endpoint() -> impl Strategy<Value = Endpoint> {
    (0..CONNECTIONS.len(), any::<bool>()).prop_map(|(at, queue)| {
        let connection = CONNECTIONS[at];
        let mut endpoint = if at < 2 {
            outside(connection, "420602123456")
        } else {
            at_station(connection, ["1001", "1002", "1003", "1004"][at - 2])
        };
        endpoint.queue = queue.then(|| Native::from("support"));
        endpoint
    })
}

fn key() -> impl Strategy<Value = Native> {
    (0..KEYS.len()).prop_map(|at| Native::from(KEYS[at]))
}

fn connection() -> impl Strategy<Value = Native> {
    (0..CONNECTIONS.len()).prop_map(|at| Native::from(CONNECTIONS[at]))
}

pub(super) fn event() -> impl Strategy<Value = SwitchEvent> {
    let calling = crate::input::PartyInfo::default;
    prop_oneof![
        3 => (key(), endpoint()).prop_map(|(call, from)| SwitchEvent::Originated { call, from, dialled: Some("1002".into()) }),
        3 => (key(), endpoint()).prop_map(move |(call, to)| SwitchEvent::Delivered { call, to, calling: calling(), dialled: None }),
        3 => (key(), endpoint()).prop_map(|(call, to)| SwitchEvent::Established { call, to }),
        1 => (key(), connection()).prop_map(|(call, connection)| SwitchEvent::Held { call, connection }),
        1 => (key(), connection()).prop_map(|(call, connection)| SwitchEvent::Retrieved { call, connection }),
        2 => (key(), connection(), any::<bool>()).prop_map(|(call, connection, sales)| SwitchEvent::Queued {
            call,
            connection,
            queue: Native::from(if sales { "sales" } else { "support" }),
            position: None,
        }),
        1 => (key(), connection()).prop_map(|(call, connection)| SwitchEvent::Dequeued {
            call,
            connection,
            queue: Native::from("support"),
            reason: QueueLeave::TimedOut,
        }),
        1 => (key(), endpoint()).prop_map(|(call, to)| SwitchEvent::Failed { call, to, cause: Cause::Busy }),
        4 => (key(), connection(), any::<bool>()).prop_map(|(call, connection, by_party)| SwitchEvent::Cleared {
            call,
            connection,
            cause: Cause::Normal,
            by_party,
        }),
        1 => (key(), key()).prop_map(|(call, other)| SwitchEvent::Joined { call, other, how: JoinKind::Transfer }),
        1 => (key(), key(), connection()).prop_map(|(call, into, one)| SwitchEvent::Split { call, into, connections: vec![one] }),
        1 => key().prop_map(|call| SwitchEvent::Transferred {
            call,
            by: Native::from("PJSIP/1001"),
            kind: TransferKind::Blind,
            to: Some("1002".into()),
        }),
        1 => (key(), connection()).prop_map(|(call, connection)| SwitchEvent::Parked {
            call,
            connection,
            place: "701".into(),
            by: None,
        }),
        1 => (key(), connection()).prop_map(|(call, connection)| SwitchEvent::Unparked { call, connection }),
        1 => (key(), connection(), number()).prop_map(|(call, connection, to)| SwitchEvent::Diverted {
            call,
            connection,
            cause: Cause::Diverted,
            to: Some(to.into()),
        }),
        1 => key().prop_map(|call| SwitchEvent::Conferenced { call, by: Some("PJSIP/1001".into()) }),
        1 => (key(), 0..3_u8).prop_map(|(call, mark)| SwitchEvent::CallData {
            call,
            data: [("hop".into(), mark.to_string().into())].into(),
        }),
        2 => (key(), number(), any::<bool>()).prop_map(|(call, by, begins)| if begins {
            SwitchEvent::Observed { call, by: station(by), mode: None }
        } else {
            SwitchEvent::ObservationEnded { call, by: station(by).native }
        }),
        1 => (key(), 0..4_usize).prop_map(|(call, at)| SwitchEvent::Recording {
            call,
            state: [
                RecordingState::Started,
                RecordingState::Paused,
                RecordingState::Resumed,
                RecordingState::Stopped,
            ][at],
        }),
    ]
}

/// An extension of the house, or a number that leads to another switch.
fn number() -> impl Strategy<Value = &'static str> {
    (0..4_usize).prop_map(|at| ["1001", "1003", "1004", "81002"][at])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_events_keeps_the_invariants_and_ends_every_call_once(
        events in prop::collection::vec((0_i64..3_000, event()), 1..60),
    ) {
        let mut site = Site::new();
        for (after_ms, event) in events {
            site.event(after_ms, event);
        }
        site.link(LinkChange::Down { reason: "cut".into() });
        site.take(Input::Snapshot { switch: pbx(), at: site.now, snapshot: Site::picture("boot1") });
        prop_assert!(site.domain.state().calls.is_empty());
        let mut created: Vec<_> = site.records.iter().filter_map(|one| {
            if let Fact::CallCreated { call, .. } = one.fact { Some(call) } else { None }
        }).collect();
        let mut ended: Vec<_> = site.records.iter().filter_map(|one| {
            if let Fact::CallEnded { call, .. } = one.fact { Some(call) } else { None }
        }).collect();
        created.sort();
        ended.sort();
        prop_assert_eq!(&created, &ended);
        created.dedup();
        prop_assert_eq!(created.len(), ended.len(), "a call was created or ended twice");
        for pair in site.records.windows(2) {
            prop_assert_eq!(pair[1].sequence, pair[0].sequence + 1);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50, ..ProptestConfig::default() })]

    #[test]
    fn the_same_inputs_give_the_same_facts_byte_for_byte(
        events in prop::collection::vec((0_i64..3_000, event()), 1..40),
    ) {
        let told = || {
            let mut site = Site::new();
            for (after_ms, event) in events.clone() {
                site.event(after_ms, event);
            }
            serde_json::to_string(&site.records).unwrap()
        };
        prop_assert_eq!(told(), told());
    }
}
