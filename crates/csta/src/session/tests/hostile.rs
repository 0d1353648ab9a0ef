//! A switch that means harm, is half dead, or is not what the configuration says.

use super::*;
use crate::frame::{Framing, wrap};
use crate::model::{DeviceCategory, ListedDevice, SnapshotCallItem};

fn item(call: &str) -> SnapshotDeviceItem {
    SnapshotDeviceItem {
        connection: ConnectionId { call: Some(call.into()), device: None },
        endpoint: None,
        states: vec![ConnectionState::Connected],
        linkage: None,
    }
}

/// Everything that was asked and not answered, by name.
fn names(switch: &mut Switch) -> Vec<&'static str> {
    let heard = switch.heard.drain(..);
    heard
        .filter_map(|received| match received {
            Received::Message { message, .. } => match *message {
                Message::Request { request, .. } => Some(request.name()),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

fn ended(switch: &mut Switch) -> Option<String> {
    switch.outputs().into_iter().find_map(|output| match output {
        Output::Ended { why, .. } => Some(why),
        _ => None,
    })
}

fn is_up(switch: &mut Switch) -> bool {
    switch.outputs().iter().any(|output| matches!(output, Output::Survey(_)))
}

#[test]
fn a_switch_that_never_says_a_word_is_not_up_and_is_given_up() {
    for name in ["ecma-323", "alcatel-oxe"] {
        let mut switch = Switch::new(Config::new(dialect(name)));
        switch.session.watch(switch.now, vec![watch("1001")]);
        switch.wait_until(seconds(80));
        assert!(!is_up(&mut switch), "{name}");
        switch.wait_until(seconds(92));
        assert!(ended(&mut switch).is_some_and(|why| why.contains("silent")), "{name}");
    }
}

#[test]
fn octets_of_another_language_keep_no_link_alive_and_are_named() {
    let mut switch = Switch::new(Config::new(dialect("ecma-323")));
    let status = [0x00, 0x0E, 0xA1, 0x0C, 2, 1, 1, 2, 2, 0, 0xD3, 0x30, 3, 0x0A, 1, 2];
    for beat in 0..12 {
        switch.wait_until(seconds(2 + 10 * beat));
        switch.say_bytes(&status);
    }
    let why = ended(&mut switch).unwrap();
    assert!(why.contains("octets could be read as ecma-323") && why.contains("Length2"), "{why}");
}

#[test]
fn a_refused_password_is_told_apart() {
    for (diagnostic, expected) in [((1, 13), true), ((1, 2), false)] {
        let mut switch = Switch::new(Config::new(dialect("ecma-285")));
        switch.heard.clear();
        switch.say_associated(Outcome::RejectedPermanent, Some(diagnostic));
        let outputs = switch.outputs();
        let [Output::Ended { login_refused, .. }] = outputs.as_slice() else { panic!("{outputs:?}") };
        assert_eq!(*login_refused, expected);
    }
}

// Quirk 10: the Reject may mean an answer of ours, and the command may be carried out.
#[test]
fn quirk_10_a_reject_of_nothing_does_not_decide_a_command() {
    let mut switch = watching(&[]);
    let call = ConnectionId { call: Some("c1".into()), device: None };
    switch.session.submit(switch.now, Request::AnswerCall { call });
    switch.listen();
    let (id, _) = switch.hear_request();
    let now = switch.now;
    let fault = Fault::Reject { group: 0, problem: 1 };
    switch.session.message(now, Message::Fault { id: None, fault }, Vec::new());
    switch.ack(id, "AnswerCall");
    let outputs = switch.outputs();
    assert!(
        matches!(
            outputs.as_slice(),
            [Output::Strange { .. }, Output::Settled { outcome: Settled::Done(_), .. }]
        ),
        "{outputs:?}"
    );
}

// Quirk 13: a length that is too long costs its message, not those behind it.
#[test]
fn quirk_13_a_length_that_is_too_long_swallows_nothing() {
    let mut switch = watching(&[]);
    let mut octets = wrap(Framing::Xml, 9999, b"<HeldEvent/>").unwrap();
    let event = switch.wire.write(&delivered("7", "c1")).unwrap();
    octets[3] += 100;
    octets.extend(event.iter().chain(&event));
    switch.say_bytes(&octets);
    let outputs = switch.outputs();
    assert!(
        matches!(outputs.as_slice(), [Output::Strange { .. }, Output::Event { .. }, Output::Event { .. }]),
        "{outputs:?}"
    );
}

#[test]
fn a_message_that_never_becomes_whole_does_not_stop_the_link() {
    let mut switch = watching(&[]);
    let event = switch.wire.write(&delivered("7", "c1")).unwrap();
    let mut octets = wrap(Framing::Xml, 9999, b"<HeldEvent/>").unwrap();
    octets[2] = 0x7F;
    octets.extend(&event);
    switch.say_bytes(&octets);
    assert_eq!(switch.outputs(), []);
    let began = switch.now;
    switch.wait_until(began + seconds(5));
    switch.say_bytes(&event);
    switch.wait_until(began + seconds(11));
    let outputs = switch.outputs();
    assert!(
        matches!(outputs.as_slice(), [Output::Strange { .. }, Output::Event { .. }, Output::Event { .. }]),
        "{outputs:?}"
    );
}

// Quirk 16: the answer after its time.
#[test]
fn quirk_16_a_monitor_that_nobody_waits_for_is_stopped() {
    let mut switch = asked("ecma-323");
    let (id, _) = switch.hear_request();
    switch.wait_until(switch.now + seconds(11));
    switch.answer(id, placed("7"));
    let (_, request) = switch.hear_request();
    assert_eq!(request, Request::MonitorStop { cross_ref: "7".into() });
}

#[test]
fn messages_lost_while_monitors_are_placed_leave_one_monitor_for_each_device() {
    let mut switch = watching(&[]);
    switch.session.watch(switch.now, vec![watch("1001"), watch("1002")]);
    switch.listen();
    let (before, _) = switch.hear_request();
    switch.status(SystemStatus::MessagesLost);
    let (stop, request) = switch.hear_request();
    assert_eq!(request, Request::MonitorStop { cross_ref: "7".into() });
    switch.ack(stop, "MonitorStop");
    // The old question is answered after all, and the new ones.
    switch.answer(before, placed("8"));
    let mut stopped = Vec::new();
    let mut number = 20;
    while let Some(Received::Message { message, .. }) = switch.heard.pop_front() {
        match *message {
            Message::Request { id, request: Request::MonitorStart { .. } } => {
                number += 1;
                switch.answer(id, placed(&number.to_string()));
            }
            Message::Request { id, request: Request::MonitorStop { cross_ref } } => {
                stopped.push(cross_ref.to_string());
                switch.ack(id, "MonitorStop");
            }
            _ => {}
        }
    }
    assert_eq!((number, stopped), (22, vec!["8".to_owned()]));
    assert_eq!(switch.session.licences(), MonitorUse { used: 2, needed: 2, refused: 0 });
}

#[test]
fn answers_from_before_are_no_part_of_a_new_survey() {
    let mut switch = asked("ecma-323");
    let (id, _) = switch.hear_request();
    switch.answer(id, placed("7"));
    let (old, request) = switch.hear_request();
    assert!(matches!(request, Request::SnapshotDevice { .. }));
    switch.status(SystemStatus::Initializing);
    switch.answer(old, Response::SnapshotDevice { items: vec![item("gone")], later: None });
    let (id, request) = switch.hear_request();
    assert!(matches!(request, Request::MonitorStart { .. }), "{request:?}");
    switch.answer(id, placed("7"));
    survey(&mut switch, &[]);
    let outputs = switch.outputs();
    let Some(Output::Survey(survey)) = outputs.last() else { panic!("{outputs:?}") };
    assert_eq!(survey.devices, [(DeviceId::dialing("1001"), Vec::new())]);
}

// Quirk 23: many devices without a licence are no reason to ask for the calls of all others every minute.
#[test]
fn quirk_23_monitors_that_stay_refused_are_tried_less_and_less_and_bring_no_survey() {
    let mut switch = watching(&[]);
    switch.session.watch(switch.now, vec![watch("1001"), watch("1002")]);
    switch.listen();
    let began = switch.now;
    let mut tried = Vec::new();
    let mut snapshots = 0;
    for second in 0..1_000 {
        while let Some(Received::Message { message, .. }) = switch.heard.pop_front() {
            match *message {
                Message::Request { id, request: Request::MonitorStart { .. } } => {
                    tried.push(second);
                    switch.refuse(id, FaultCategory::SystemResource, 7, "overallMonitorLimitExceeded");
                }
                Message::Request { id, request: Request::SnapshotDevice { .. } } => {
                    snapshots += 1;
                    switch.answer(id, Response::SnapshotDevice { items: Vec::new(), later: None });
                }
                Message::Request { id, request: Request::RequestSystemStatus } => {
                    switch.answer(id, Response::RequestSystemStatus { status: SystemStatus::Normal });
                }
                other => panic!("{other:?}"),
            }
        }
        switch.wait_until(began + seconds(second));
    }
    assert_eq!(tried.len(), 5, "{tried:?}");
    assert_eq!(snapshots, 1, "for the devices that were named, not for each try");
}

#[test]
fn services_that_a_switch_passes_over_cost_their_time_once() {
    let mut switch = Switch::new(Config::new(dialect("ecma-323")));
    switch.serve();
    let numbers: Vec<String> = (1001..1201).map(|number| number.to_string()).collect();
    switch.session.watch(switch.now, numbers.iter().map(|number| watch(number)).collect());
    switch.listen();
    let began = switch.now;
    // The first half of the monitors is answered, snapshots and the other half never.
    let mut answered = 0;
    while let Some(Received::Message { message, .. }) = switch.heard.pop_front() {
        if let Message::Request { id, request: Request::MonitorStart { .. } } = *message
            && answered < 100
        {
            answered += 1;
            switch.answer(id, placed(&format!("ref{answered}")));
        }
    }
    let mut up_after = None;
    for second in 0..200 {
        switch.wait_until(began + seconds(second));
        switch.say(Message::Request {
            id: 1,
            request: Request::SystemStatus { status: SystemStatus::Normal, register: None },
        });
        if is_up(&mut switch) {
            up_after.get_or_insert(second);
        }
    }
    assert!(up_after.is_some_and(|second| second < 60), "{up_after:?}");
}

#[test]
fn segments_without_end_are_cut() {
    let mut switch = asked("ecma-323");
    let (id, _) = switch.hear_request();
    switch.answer(id, placed("7"));
    let (id, _) = switch.hear_request();
    switch.answer(id, Response::SnapshotDevice { items: Vec::new(), later: Some("55".into()) });
    let began = switch.now;
    for second in 1..100 {
        switch.wait_until(began + seconds(second));
        let request =
            Request::SnapshotDeviceData { cross_ref: "55".into(), last: false, items: vec![item("c1")] };
        switch.say(Message::Request { id: 0, request });
    }
    assert!(names(&mut switch).contains(&"SnapshotCall"), "the device is done with");
}

#[test]
fn a_list_of_devices_without_end_is_cut() {
    let mut switch = Switch::new(Config::new(dialect("ecma-323")));
    switch.status(SystemStatus::Normal);
    for _ in 0..2 {
        let (id, _) = switch.hear_request();
        switch.refuse(id, FaultCategory::Operation, 50, "serviceNotSupported");
    }
    let (id, _) = switch.hear_request();
    switch.answer(id, Response::GetSwitchingFunctionDevices { cross_ref: "5".into() });
    let began = switch.now;
    for second in 1..150 {
        switch.wait_until(began + seconds(second));
        let device = |text: String| ListedDevice {
            device: Some(DeviceId::dialing(text)),
            category: DeviceCategory::Station,
        };
        let devices = vec![device("1001".to_owned()), device("9".repeat(5_000))];
        let request = Request::SwitchingFunctionDevices { cross_ref: "5".into(), last: false, devices };
        switch.say(Message::Request { id: 0, request });
    }
    let outputs = switch.outputs();
    let ready = outputs.iter().find_map(|output| match output {
        Output::Ready(welcome) => Some(welcome),
        _ => None,
    });
    let devices = &ready.unwrap().devices;
    assert!((100..150).contains(&devices.len()), "{}", devices.len());
    assert!(devices.iter().all(|listed| listed.device == Some(DeviceId::dialing("1001"))));
}

#[test]
fn events_held_back_are_bounded_in_octets() {
    let mut switch = watching(&[]);
    let now = switch.now;
    switch.session.surveys.want();
    let Message::Event(report) = delivered("7", "c1") else { panic!() };
    let mut most = 0;
    for _ in 0..2_000 {
        switch.session.event(now, report.clone(), vec![b' '; 60_000]);
        let held = switch.session.surveys.held_octets();
        most = most.max(held);
    }
    assert!((30_000_000..40_000_000).contains(&most), "{most}");
    let early = Box::new(EventReport { cross_ref: "9".into(), ..*report });
    for _ in 0..2_000 {
        switch.session.event(now, early.clone(), vec![b' '; 60_000]);
    }
    assert!(switch.session.watches.early.len() < 100);
}

#[test]
fn watching_other_devices_in_the_middle_of_a_survey_begins_another() {
    let mut switch = watching(&[]);
    switch.session.watch(switch.now, vec![watch("1001"), watch("1002")]);
    switch.listen();
    let (id, _) = switch.hear_request();
    switch.answer(id, placed("8"));
    assert_eq!(switch.heard.len(), 2);
    // The same devices, by their places anew.
    switch.session.watch(switch.now, vec![watch("1002"), watch("1001")]);
    for _ in 0..4 {
        let (id, request) = switch.hear_request();
        assert!(matches!(request, Request::SnapshotDevice { .. }), "{request:?}");
        switch.answer(id, Response::SnapshotDevice { items: Vec::new(), later: None });
    }
    let outputs = switch.outputs();
    let Some(Output::Survey(survey)) = outputs.last() else { panic!("{outputs:?}") };
    assert_eq!(survey.devices.len(), 2, "{survey:?}");
}

#[test]
fn a_site_of_many_thousand_devices_is_no_quadratic_work() {
    let mut switch = Switch::new(Config::new(dialect("ecma-323")));
    switch.serve();
    let wanted: Vec<Watch> = (0..20_000).map(|number| watch(&format!("{number}"))).collect();
    let began = std::time::Instant::now();
    for _ in 0..3 {
        switch.session.watch(switch.now, wanted.clone());
    }
    for key in 0..20_000 {
        switch.session.watches.place(key, &format!("r{key}").as_str().into());
        switch.session.licences();
        switch.session.poll_timeout();
    }
    switch.session.watch(switch.now, wanted.into_iter().rev().collect());
    assert!(began.elapsed() < seconds(8), "{:?}", began.elapsed());
}

#[test]
fn a_recovered_session_keeps_its_monitors() {
    let answer_all = |switch: &mut Switch, session: &str| {
        let mut placed_monitors = 0;
        while let Some(Received::Message { message, .. }) = switch.heard.pop_front() {
            let Message::Request { id, request } = *message else { continue };
            match request {
                Request::StartApplicationSession(asked) => {
                    let version = asked.versions[0].clone();
                    let session = session.to_owned();
                    switch.answer(id, Response::StartApplicationSession { session, version, duration_s: 60 });
                }
                Request::GetThirdPartyDeviceId { extension, .. } => {
                    let device = DeviceId::dialing(format!("{extension}:cm1::0"));
                    switch.answer(id, Response::GetThirdPartyDeviceId { device });
                }
                Request::MonitorStart { .. } => {
                    placed_monitors += 1;
                    switch.answer(id, placed("7"));
                }
                Request::SnapshotDevice { device } => {
                    assert_eq!(device.text, "1001:cm1::0");
                    switch.answer(id, Response::SnapshotDevice { items: Vec::new(), later: None });
                }
                _ => switch.refuse(id, FaultCategory::Operation, 50, "serviceNotSupported"),
            }
        }
        placed_monitors
    };
    let mut config = Config::new(dialect("avaya-dmcc"));
    "cm1".clone_into(&mut config.switch_name);
    // A switch that has just started counts its sessions from the beginning.
    for (answered, starts, monitors) in [("s1", false, 0), ("s2", false, 1), ("s1", true, 1)] {
        let mut switch = Switch::new(config.clone());
        switch.session.watch(switch.now, vec![watch("1001")]);
        assert_eq!(answer_all(&mut switch, "s1"), 1);
        assert!(is_up(&mut switch));
        switch.session.connection_lost("reset by peer");
        let lost = switch.outputs().into_iter().find_map(|output| match output {
            Output::Ended { recover, .. } => recover,
            _ => None,
        });
        let mut switch = Switch::new(Config { recover: lost, ..config.clone() });
        if starts {
            let status = SystemStatus::Initializing;
            switch.say(Message::Request { id: 0, request: Request::SystemStatus { status, register: None } });
        }
        let began = answer_all(&mut switch, answered);
        switch.session.watch(switch.now, vec![watch("1001")]);
        switch.listen();
        assert_eq!(began + answer_all(&mut switch, answered), monitors, "{answered}");
        assert!(is_up(&mut switch));
        switch.say(delivered("7", "c1"));
        assert!(matches!(switch.outputs().as_slice(), [Output::Event { .. }]));
    }
}

#[test]
fn answers_of_a_call_that_nobody_asked_for_mean_nothing() {
    let mut switch = watching(&[]);
    let items: Vec<SnapshotCallItem> = Vec::new();
    for id in [0, 77, 9_998, 9_999, u32::MAX] {
        let response = Response::SnapshotCall {
            items: items.clone(),
            later: Some("1".into()),
            calling: None,
            called: None,
            correlator: None,
            linkage: None,
        };
        let message = Message::Response { id, response };
        switch.session.message(switch.now, message, Vec::new());
    }
    let outputs = switch.outputs();
    assert!(outputs.len() == 5 && outputs.iter().all(|output| matches!(output, Output::Strange { .. })));
}

#[test]
fn an_overload_that_is_never_said_to_be_over_ends_by_itself() {
    let mut switch = watching(&[]);
    switch.status(SystemStatus::OverloadReached);
    switch.session.watch(switch.now, vec![watch("1001"), watch("1002")]);
    switch.listen();
    let began = switch.now;
    for second in 0..310 {
        switch.wait_until(began + seconds(second));
        let asked = names(&mut switch).contains(&"MonitorStart");
        assert!(!asked || second >= 300, "{second}");
        if asked {
            return;
        }
        // It lives, and says nothing of its load.
        switch.say(delivered("7", "c1"));
        switch.outputs();
    }
    panic!("the monitor was never asked for");
}
