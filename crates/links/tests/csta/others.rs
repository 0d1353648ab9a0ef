//! What people do that has no story file yet, told by the events of the switch: pickup, forwarding, two phones of one
//! human, a second call at a busy phone, a computer's data, a call-type monitor.

use csta::model::{Event, More, Party};
use cti_core::fact::{Cause, Fact};
use cti_core::input::{DeviceKind, DeviceState, SwitchEvent};

use crate::cuts::all_ended_once;
use crate::quirks::{events, play, site, words};
use crate::site::{Site, report};
use crate::wire::connection;

/// Who left, why, and whether by itself.
fn left(told: &[SwitchEvent]) -> Vec<(String, Cause, bool)> {
    let cleared = told.iter().filter_map(|event| match event {
        SwitchEvent::Cleared { connection, cause, by_party, .. } => {
            Some((connection.to_string(), *cause, *by_party))
        }
        _ => None,
    });
    cleared.collect()
}

fn gone(connection: &str, cause: Cause) -> (String, Cause, bool) {
    (connection.to_owned(), cause, false)
}

fn end(mut site: Site) {
    site.pass(60_000);
    assert_eq!(site.translator.live(), (0, 0));
    assert_eq!(all_ended_once(&site), Ok(()));
}

// covers: TEL-05
#[test]
fn a_call_picked_up_by_a_colleague_was_answered_elsewhere() {
    let mut site = site();
    let told = play(
        &mut site,
        &[
            "1001 Originated 1@1001 called=1002",
            "1001,1002 Delivered 1@1002 calling=1001 called=1002",
            "1001,1002 Diverted 1@1002 to=1003 cause=callPickup",
            "1001,1003 Established 1@1003 calling=1001 called=1002 last=1002 cause=callPickup",
        ],
    );
    assert_eq!(words(&told), ["originated", "delivered", "cleared", "established"]);
    assert_eq!(left(&told), [gone("1@1002", Cause::AnsweredElsewhere)]);
    play(&mut site, &["1001,1003 ConnectionCleared 1@1003 by=1003", "1001 ConnectionCleared 1@1001 by=1003"]);
    end(site);
}

// covers: TEL-05
#[test]
fn forwarding_of_each_kind_leads_to_the_phone_that_rings() {
    for (cause, rang) in [
        ("callForwardImmediate", false),
        ("callForwardBusy", false),
        ("callForwardNoAnswer", true),
        ("doNotDisturb", false),
        // A phone that forwards by itself: at once, or after it has rung.
        ("redirected", false),
        ("redirected", true),
    ] {
        let mut site = site();
        let mut told = play(&mut site, &["1001 Originated 1@1001 called=1002"]);
        if rang {
            told.extend(play(&mut site, &["1001,1002 Delivered 1@1002 calling=1001 called=1002"]));
        }
        let diverted = format!("1001,1002 Diverted 1@1002 to=1003 cause={cause}");
        let delivered =
            format!("1001,1003 Delivered 1@1003 calling=1001 called=1002 last=1002 cause={cause}");
        told.extend(play(&mut site, &[&diverted, &delivered]));
        let wanted: &[&str] = if rang {
            &["originated", "delivered", "diverted", "cleared", "delivered"]
        } else {
            &["originated", "delivered"]
        };
        assert_eq!(words(&told), wanted, "{cause}");
        play(&mut site, &["1001 ConnectionCleared 1@1001 by=1001", "1003 ConnectionCleared 1@1003 by=1001"]);
        end(site);
    }
}

// covers: TEL-05
#[test]
fn of_two_phones_that_ring_the_other_one_stops() {
    let mut site = site();
    let told = play(
        &mut site,
        &[
            "1001 Delivered 1@N<100!1> at=N<100!1> calling=420602000111 called=100 line_in=T1 cause=multipleAlerting",
            "1001 Delivered 1@N<100!2> at=N<100!2> calling=420602000111 called=100 line_in=T1 cause=multipleAlerting",
            "1001 Established 1@N<100!2> at=N<100!2> calling=420602000111 called=100 line_in=T1",
            "1001 ConnectionCleared 1@N<100!1> by=- cause=multipleAlerting",
        ],
    );
    assert_eq!(words(&told), ["originated", "delivered", "delivered", "established", "cleared"]);
    assert_eq!(left(&told), [gone("1@100!1", Cause::AnsweredElsewhere)]);
}

// covers: TEL-05
#[test]
fn a_second_call_knocks_at_a_busy_phone() {
    let mut site = site();
    let told = play(
        &mut site,
        &[
            "1001 Established 1@1001 calling=420602000111 called=1001 line_in=T1",
            "1001 Delivered 2@1001 calling=420602000222 called=1001 line_in=T2",
            "1001 Held 1@1001",
            "1001 Established 2@1001 calling=420602000222 called=1001 line_in=T2",
            "1001 ConnectionCleared 2@T2 by=T2",
            "1001 ConnectionCleared 2@1001 by=T2",
            "1001 Retrieved 1@1001",
            "1001 ConnectionCleared 1@1001 by=1001",
        ],
    );
    let wanted = [
        "originated",
        "established",
        "originated",
        "delivered",
        "held",
        "established",
        "cleared",
        "cleared",
        "retrieved",
        "cleared",
    ];
    assert_eq!(words(&told), wanted);
    end(site);
}

// covers: TEL-23
#[test]
fn what_a_phone_does_is_told_on_change() {
    let mut site = site();
    let lines = [
        "1001 Delivered 1@1001 calling=420602000111 called=1001 line_in=T1",
        "1001 Established 1@1001 calling=420602000111 called=1001 line_in=T1",
        "1001 Held 1@1001",
        "1001 ServiceInitiated 2@1001",
        "1001 ConnectionCleared 2@1001 by=1001",
        "1001 Retrieved 1@1001",
        "1001 ConnectionCleared 1@1001 by=1001",
    ];
    for line in lines {
        site.line(&crate::wire::line(line).unwrap());
    }
    let device = Party::Device(csta::model::DeviceId::dialing("1001"));
    site.message(&report("1001", Event::OutOfService { device: device.clone() }, More::default()));
    site.message(&report("1001", Event::BackInService { device }, More::default()));
    let states = site.records.iter().filter_map(|record| match &record.fact {
        Fact::DeviceStateChanged { current, .. } => Some(*current),
        _ => None,
    });
    let states: Vec<DeviceState> = states.collect();
    let wanted = [
        DeviceState::Ringing,
        DeviceState::Busy,
        DeviceState::Held,
        DeviceState::Busy,
        DeviceState::Held,
        DeviceState::Busy,
        DeviceState::Idle,
        DeviceState::Unreachable,
        DeviceState::Idle,
    ];
    assert_eq!(states.get(states.len() - wanted.len()..), Some(&wanted[..]));
}

// covers: TEL-26
#[test]
fn data_of_computers_and_users_are_told_once() {
    let mut site = site();
    let lines = [
        "1001 Delivered 1@1001 calling=420602000111 called=1001 line_in=T1 correlator=case=4711;crm=a-1",
        "1001 Established 1@1001 calling=420602000111 called=1001 line_in=T1 correlator=case=4711;crm=a-1",
        "1001 CallInformation 1@1001 user_data=hello",
    ];
    play(&mut site, &lines);
    let data = site.records.iter().filter_map(|record| match &record.fact {
        Fact::CallDataChanged { data, .. } => Some(data.clone()),
        _ => None,
    });
    let data: Vec<Vec<String>> =
        data.map(|data| data.iter().map(|(key, value)| format!("{key}={value}")).collect()).collect();
    assert_eq!(data, [vec!["case=4711", "crm=a-1"], vec!["user_data=hello"]]);
}

/// What names a call beyond its switch is told once: Avaya's UCID, or a globally unique call linkage. An id of one
/// switching sub-domain names nothing elsewhere.
// covers: TEL-04 TEL-26
#[test]
fn what_names_a_call_at_other_switches_is_told() {
    let (ucid, blank) = ("00001002121234567890", "00000000000000000000");
    for (is_avaya, ucid, local, wanted) in [
        (true, ucid, "", Some("ucid")),
        (false, ucid, "", Some("call_linkage")),
        (false, ucid, " local=yes", None),
        (true, blank, "", None),
        (false, blank, "", None),
    ] {
        let mut config = crate::site::config();
        config.habits.ucid = is_avaya;
        let mut site = Site::new(config);
        site.up();
        let event = |what: &str| {
            format!("1001 {what} 1@1001 calling=420602000111 called=1001 line_in=T1 linkage={ucid}{local}")
        };
        let told = play(&mut site, &[&event("Delivered"), &event("Established")]);
        let marks: Vec<(&str, &str)> = told
            .iter()
            .filter_map(|event| match event {
                SwitchEvent::CallData { data, .. } => Some(data),
                _ => None,
            })
            .flatten()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        assert_eq!(marks, wanted.map(|name| (name, ucid)).into_iter().collect::<Vec<_>>());
    }
}

// Over a line from another switch the caller is an extension of that one, as short as ours.
#[test]
fn a_caller_behind_a_line_is_no_phone_of_the_house() {
    let mut site = site();
    let lines = [
        "1001 Delivered 1@1001 calling=2001 called=1001 line_in=T1",
        "1001 Established 1@1001 calling=2001 called=1001 line_in=T1",
    ];
    let told = play(&mut site, &lines);
    let SwitchEvent::Originated { from, .. } = &told[0] else { panic!("{told:?}") };
    assert_eq!((from.device.kind, from.party.number.as_deref()), (DeviceKind::Trunk, Some("2001")));
    let dropped = play(&mut site, &["1001 ConnectionCleared 1@T1 by=2001"]);
    assert!(!dropped.is_empty());
}

// A group that is followed by a call-type monitor tells of its calls to their end, at whichever phone they are.
#[test]
fn a_call_type_monitor_follows_a_call_to_its_end() {
    let mut site = site();
    let call = |device: &str| connection(&format!("1@{device}")).unwrap();
    let party = |number: &str| crate::wire::party(number);
    let more = || More { associated_calling: Some(party("T1")), ..More::default() };
    let group = party("600");
    let queued = Event::Queued {
        connection: call("600"),
        queue: group.clone(),
        calling: party("420602000111"),
        called: party("600"),
        last_redirection: Party::NotRequired,
        number_queued: None,
        calls_in_front: Some(2),
    };
    // 2001 is no phone of ours: only the monitor of the group sees it.
    let established = Event::Established {
        connection: call("2001"),
        answering: party("2001"),
        calling: party("420602000111"),
        called: party("600"),
        last_redirection: group,
    };
    site.message(&report("600", queued, more()));
    let diverted = "600 Diverted 1@600 to=2001 cause=distributed";
    let mut told = play(&mut site, &[diverted]);
    site.message(&report("600", established, more()));
    site.pass(60_000);
    told.extend(events(&mut site));
    site.message(&report("600", Event::CallCleared { call: connection("1@").unwrap() }, More::default()));
    told.extend(events(&mut site));
    let wanted = ["originated", "queued", "established", "dequeued", "cleared", "cleared"];
    assert_eq!(words(&told), wanted);
    let SwitchEvent::Queued { position, .. } = &told[1] else { panic!("{told:?}") };
    assert_eq!(*position, Some(3));
    end(site);
}
