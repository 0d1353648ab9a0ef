//! Monitors cost licences: people first.

use super::*;
use crate::model::CrossRef;

/// A switch with licences for this many monitors.
fn licensed(switch: &mut Switch, licences: usize, placed_already: &mut Vec<CrossRef>) {
    while let Some(Received::Message { message, .. }) = switch.heard.pop_front() {
        let Message::Request { id, request } = *message else { panic!("no request, but {message:?}") };
        match request {
            Request::MonitorStart { .. } if placed_already.len() >= licences => {
                switch.refuse(id, FaultCategory::SystemResource, 7, "overallMonitorLimitExceeded");
            }
            Request::MonitorStart { .. } => {
                let cross_ref = format!("m{id}");
                placed_already.push(cross_ref.as_str().into());
                switch.answer(id, placed(&cross_ref));
            }
            Request::MonitorStop { cross_ref } => {
                placed_already.retain(|one| *one != cross_ref);
                switch.ack(id, "MonitorStop");
            }
            Request::SnapshotDevice { .. } => {
                switch.answer(id, Response::SnapshotDevice { items: Vec::new(), later: None });
            }
            other => panic!("{other:?}"),
        }
    }
}

fn refusals(switch: &Switch) -> Vec<(String, String)> {
    switch.session.refusals().map(|(device, fault)| (device.text.clone(), fault.word())).collect()
}

#[test]
fn a_device_that_gets_a_person_takes_the_licence_of_one_that_has_none() {
    let mut switch = Switch::new(Config::new(dialect("ecma-323")));
    switch.serve();
    let mapped = |number| Watch { is_mapped: true, ..watch(number) };
    switch.session.watch(switch.now, vec![mapped("1001"), watch("1002"), watch("1003")]);
    switch.listen();
    let mut standing = Vec::new();
    licensed(&mut switch, 2, &mut standing);
    assert_eq!(switch.session.licences(), MonitorUse { used: 2, needed: 3, refused: 1 });
    assert_eq!(refusals(&switch), [("1003".to_owned(), "overallMonitorLimitExceeded".to_owned())]);

    // 1003 gets a person: refused at first, then it has the licence of 1002.
    switch.session.watch(switch.now, vec![mapped("1001"), mapped("1003"), watch("1002")]);
    switch.listen();
    licensed(&mut switch, 2, &mut standing);
    assert_eq!(switch.session.licences(), MonitorUse { used: 2, needed: 3, refused: 1 });
    let [(device, word)] = refusals(&switch).try_into().unwrap();
    assert!(device == "1002" && word.contains("1003"), "{device}: {word}");
}
