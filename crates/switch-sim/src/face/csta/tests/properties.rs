//! What must hold whatever people and computers do.

use std::collections::BTreeMap;

use csta::model::{CallId, ConnectionState};

use super::*;
use crate::exchange::Seeded;

const PHONES: [&str; 5] = ["1001", "1002", "1003", "1004", "1005"];
const OUTSIDE: [&str; 2] = ["420605550142", "420605550143"];

/// What a client that keeps to `localConnectionInfo` believes of one device.
#[derive(Debug, Default)]
struct Belief {
    calls: BTreeMap<String, ConnectionState>,
}

impl Belief {
    fn hear(&mut self, report: &EventReport) {
        let Some(local) = report.more.local_connection else { return };
        let name = |call: &Option<CallId>| call.as_ref().map(ToString::to_string).unwrap_or_default();
        let call = match &report.event {
            Event::Transferred { primary_old, secondary_old, connections, .. }
            | Event::Conferenced { primary_old, secondary_old, connections, .. } => {
                self.calls.remove(&name(&primary_old.call));
                if let Some(old) = secondary_old {
                    self.calls.remove(&name(&old.call));
                }
                let new = connections.iter().find_map(|item| item.new.as_ref());
                new.map(|new| name(&new.call)).unwrap_or_default()
            }
            other => name(&subject(other).call),
        };
        if local == ConnectionState::Null {
            self.calls.remove(&call);
        } else {
            self.calls.insert(call, local);
        }
    }
}

fn subject(event: &Event) -> &ConnectionId {
    match event {
        Event::ServiceInitiated { connection, .. }
        | Event::Originated { connection, .. }
        | Event::NetworkReached { outbound: connection, .. }
        | Event::Delivered { connection, .. }
        | Event::Established { connection, .. }
        | Event::Held { connection, .. }
        | Event::Retrieved { connection, .. }
        | Event::Queued { connection, .. }
        | Event::Diverted { connection, .. }
        | Event::Failed { connection, .. }
        | Event::ConnectionCleared { dropped: connection, .. } => connection,
        other => panic!("{other:?}"),
    }
}

fn pick<'a>(random: &mut Seeded, from: &[&'a str]) -> &'a str {
    random.choose(from).copied().unwrap()
}

fn random_deed(random: &mut Seeded) -> String {
    let who = if random.within(0, 3) == 0 { pick(random, &OUTSIDE) } else { pick(random, &PHONES) };
    let inside =
        ["1001", "1002", "1003", "1004", "1005", "600", "601", "610", "650", "701", "1999", "0420777888999"];
    let outside = ["420555001001", "420555001004", "420555999600", "420555999601", "420555999650"];
    match random.within(0, 9) {
        0..=3 if who.len() > 4 => format!("{who} dials {}", pick(random, &outside)),
        0..=3 => format!("{who} dials {}", pick(random, &inside)),
        4 | 5 => format!("{who} answers"),
        6 => format!("{who} hangs up"),
        7 => format!("{who} rejects"),
        8 => format!("{who} transfers to {}", pick(random, &["1001", "1003", "600", "700", "1999"])),
        _ => format!("{who} completes"),
    }
}

/// The connections of a phone, as the switch says them.
fn connections(lab: &mut Lab, device: &str) -> Vec<(ConnectionId, ConnectionState)> {
    match lab.order(Request::SnapshotDevice { device: DeviceId::dialing(device) }) {
        Response::SnapshotDevice { items, .. } => {
            items.into_iter().map(|item| (item.connection, item.states[0])).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// A service that may be refused.
fn random_service(lab: &mut Lab, random: &mut Seeded) {
    let device = pick(random, &PHONES);
    let own = connections(lab, device);
    let any = |random: &mut Seeded| random.choose(&own).map(|(id, _)| id.clone()).unwrap_or_default();
    let (one, other) = (any(random), any(random));
    let to = DeviceId::dialing(pick(random, &["1001", "1002", "1003", "1004", "600", "602"]));
    let phone = DeviceId::dialing(pick(random, &PHONES));
    let request = match random.within(0, 13) {
        0 => Request::MakeCall {
            calling: DeviceId::dialing(device),
            called: to,
            auto_originate: csta::model::AutoOriginate::Prompt,
            correlator: None,
            user_data: None,
        },
        1 => Request::AnswerCall { call: one },
        2 => Request::ClearConnection { connection: one },
        3 => Request::HoldCall { call: one },
        4 => Request::RetrieveCall { call: one },
        5 | 6 => Request::ConsultationCall { existing: one, consulted: to, correlator: None },
        7 => Request::AlternateCall { held: one, active: other },
        8 => Request::TransferCall { held: one, active: other },
        9 => Request::ConferenceCall { held: one, active: other },
        10 => Request::SingleStepTransfer { active: one, to },
        11 => Request::DeflectCall { call: one, to },
        12 => Request::DirectedPickupCall { call: one, requesting: phone },
        _ => Request::SingleStepConference {
            active: one,
            joining: phone,
            participation: csta::model::Participation::Active,
        },
    };
    // What cannot be done is refused; that is not what is looked at here.
    let _ = lab.ask(request);
}

/// Who believes the events knows what the snapshot says, after every step; and when all have hung up, nothing is left.
#[test]
fn events_and_snapshots_say_the_same_whatever_is_done() {
    for seed in 0..15 {
        let mut random = Seeded::new(seed);
        let mut lab = Lab::watching(&PHONES);
        let mut beliefs: BTreeMap<&str, Belief> =
            PHONES.iter().map(|device| (*device, Belief::default())).collect();
        for step in 0..150 {
            let before = format!("{:#?}", lab.exchange.channel_rows());
            let mut done = String::new();
            if random.within(0, 1) == 0 {
                let deed = random_deed(&mut random);
                done.clone_from(&deed);
                let Order::Deed(deed) = parse_line(&deed).unwrap().order else { panic!("{deed}") };
                let _ = lab.exchange.deed(lab.now, &deed);
                lab.pass();
            } else {
                random_service(&mut lab, &mut random);
            }
            lab.now += i64::from(random.within(0, 700)) * 1_000;
            lab.exchange.advance(lab.now);
            lab.pass();
            let mut story = Vec::new();
            for (name, report) in std::mem::take(&mut lab.events) {
                story.push(format!("{name}: {}", line(&report)));
                beliefs.get_mut(name.as_str()).unwrap().hear(&report);
            }
            assert!(
                lab.exchange.strays().is_empty(),
                "seed {seed} step {step} {done}: {:?}\n{}\n{before}",
                lab.exchange.strays(),
                story.join("\n")
            );
            for device in PHONES {
                let truth: BTreeMap<String, ConnectionState> = connections(&mut lab, device)
                    .into_iter()
                    .map(|(id, state)| (id.call.unwrap().to_string(), state))
                    .collect();
                let told = &beliefs[device].calls;
                assert_eq!(*told, truth, "seed {seed} step {step}: {device}\n{}", story.join("\n"));
            }
        }
        // Those who wait for an end of their own come to it; the others are cleared.
        for _ in 0..3 {
            for device in PHONES {
                for (connection, _) in connections(&mut lab, device) {
                    let _ = lab.ask(Request::ClearConnection { connection });
                }
            }
            for caller in OUTSIDE.iter().chain(&PHONES) {
                while lab.exchange.deed(lab.now, &crate::exchange::Deed::HangUp((*caller).to_owned())).is_ok()
                {
                }
            }
            lab.wait(60);
        }
        let left = lab.exchange.channel_rows();
        assert_eq!((lab.exchange.known_calls().count(), left.len()), (0, 0), "seed {seed}: {left:#?}");
    }
}

/// What happens can be written in every dialect, save what its phase does not have.
#[test]
fn every_dialect_says_what_happens() {
    for dialect in dialect::DIALECTS {
        let mut lab = dialects::call_on(dialect.name);
        for device in PHONES {
            let object = MonitorObject::Device(DeviceId::dialing(device));
            let filter = Some(csta::model::MonitorFilter::default());
            lab.order(Request::MonitorStart { object, filter, kind: None, invert_filter: false });
        }
        let mut random = Seeded::new(3);
        for _ in 0..300 {
            let Order::Deed(deed) = parse_line(&random_deed(&mut random)).unwrap().order else {
                panic!("no deed")
            };
            let _ = lab.exchange.deed(lab.now, &deed);
            lab.now += 200_000;
            lab.exchange.advance(lab.now);
            lab.pass();
        }
        assert!(lab.events.len() > 300, "{}: {}", dialect.name, lab.events.len());
    }
}
