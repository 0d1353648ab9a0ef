//! csta.md §5.4, rows with two calls: consultation, transfer, conference, parking.

use super::*;

/// The customer talks to 1001, who consults 1002.
fn consulted(is_answered: bool) -> (Lab, ConnectionId, ConnectionId) {
    let mut lab = Lab::watching(&["1001", "1002"]);
    lab.deed("420605550142 dials 420555001001");
    lab.deed("1001 answers");
    let existing = lab.connection("1001");
    lab.told("1001");
    let consulted = DeviceId::dialing("1002");
    let consultation = Request::ConsultationCall { existing: existing.clone(), consulted, correlator: None };
    let Response::ConsultationCall { initiated, .. } = lab.order(consultation) else { panic!("not so") };
    if is_answered {
        lab.deed("1002 answers");
    }
    (lab, existing, initiated)
}

#[test]
fn a_consultation_holds_the_first_call() {
    let (mut lab, _, _) = consulted(true);
    lab.expect(
        "1001",
        "Held 1001 | hold | normal
         ServiceInitiated 1001 | initiated | consultation
         Originated 1001 to 1002 | connected | newCall
         Delivered 1002 from 1001 to 1002 by - | connected | newCall
         Established 1002 by - | connected | newCall",
    );
    lab.expect(
        "1002",
        "Delivered 1002 from 1001 to 1002 by - | alerting | newCall
         Established 1002 by - | connected | newCall",
    );
}

#[test]
fn a_transfer_gives_a_new_call_and_who_did_it_hears_no_more() {
    let (mut lab, held, active) = consulted(true);
    lab.told("1001");
    lab.told("1002");
    let answer = lab.order(Request::TransferCall { held, active });
    let Response::NewCall { call, connections, .. } = answer else { panic!("{answer:?}") };
    assert_eq!((call.call.unwrap().to_string(), connections.len()), ("1003".to_owned(), 2));
    lab.expect("1001", "Transferred by 1001 to 1002 [1001>1003@T0 1002>1003@1002] | null | transfer");
    lab.deed("1002 hangs up");
    lab.expect("1001", "");
    lab.expect(
        "1002",
        "Transferred by 1001 to 1002 [1001>1003@T0 1002>1003@1002] | connected | transfer
         ConnectionCleared 1002 by 1002 | null | normalClearing",
    );
}

#[test]
fn a_transfer_to_a_phone_that_still_rings_is_answered_under_the_new_id() {
    let (mut lab, held, active) = consulted(false);
    lab.order(Request::TransferCall { held, active });
    lab.deed("1002 answers");
    lab.expect(
        "1002",
        "Delivered 1002 from 1001 to 1002 by - | alerting | newCall
         Transferred by 1001 to 1002 [1001>1003@T0 1002>1003@1002] | alerting | transfer
         Established 1002 by - | connected | newCall",
    );
    assert_eq!(lab.connection("1002").call.unwrap().to_string(), "1003");
}

#[test]
fn a_transfer_in_one_step_has_one_old_call() {
    let mut lab = Lab::watching(&["1001", "1002", "1003"]);
    lab.deed("1001 dials 1002");
    lab.deed("1002 answers");
    for name in ["1001", "1002"] {
        lab.told(name);
    }
    let active = lab.connection("1002");
    lab.order(Request::SingleStepTransfer { active, to: DeviceId::dialing("1003") });
    lab.deed("1003 answers");
    let transferred = "Transferred by 1002 to 1003 in one step [1001>1002@1001 none>1002@1003]";
    lab.expect(
        "1001",
        &format!(
            "{transferred} | connected | singleStepTransfer
             Delivered 1003 from 1001 to 1002 by - | connected | singleStepTransfer
             Established 1003 by - | connected | newCall"
        ),
    );
    lab.expect("1002", &format!("{transferred} | null | singleStepTransfer"));
    lab.expect(
        "1003",
        "Delivered 1003 from 1001 to 1002 by - | alerting | singleStepTransfer
         Established 1003 by - | connected | newCall",
    );
}

#[test]
fn a_transfer_in_one_step_that_nobody_answers_comes_back() {
    let mut lab = Lab::watching(&["1001", "1002", "1003"]);
    lab.deed("1001 dials 1002");
    lab.deed("1002 answers");
    lab.deed("1002 transfers to 1003");
    lab.told("1002");
    lab.wait(6);
    lab.expect("1002", "Delivered 1002 from 1001 to 1002 by 1003 | alerting | recallNoAnswer");
    assert_eq!(
        lab.told("1003").last().map(String::as_str),
        Some("Diverted 1003 to 1002 | null | recallNoAnswer")
    );
}

#[test]
fn a_conference_is_told_to_every_member_and_so_is_each_leave() {
    let (mut lab, held, active) = consulted(true);
    lab.told("1001");
    lab.told("1002");
    lab.order(Request::ConferenceCall { held, active });
    let conferenced =
        "Conferenced by 1001 with 1002 [1001>1003@T0 1002>1003@1001 1002>1003@1002] | connected | conference";
    lab.expect("1001", conferenced);
    lab.expect("1002", conferenced);
    lab.deed("420605550142 hangs up");
    lab.deed("1002 hangs up");
    lab.expect(
        "1001",
        "ConnectionCleared T0 by 420605550142 | connected | normalClearing
         ConnectionCleared 1002 by 1002 | connected | normalClearing
         ConnectionCleared 1001 by 1002 | null | normalClearing",
    );
    assert_eq!((lab.exchange.known_calls().count(), lab.exchange.channel_count()), (0, 0));
}

#[test]
fn a_conference_in_one_step_rings_the_joiner_and_then_widens() {
    let mut lab = Lab::watching(&["1001", "1002", "1003"]);
    lab.deed("1001 dials 1002");
    lab.deed("1002 answers");
    lab.told("1001");
    let active = lab.connection("1001");
    let joining = DeviceId::dialing("1003");
    let participation = csta::model::Participation::Active;
    lab.order(Request::SingleStepConference { active, joining, participation });
    lab.deed("1003 answers");
    lab.expect(
        "1001",
        "Delivered 1003 from 1001 to 1002 by - | connected | singleStepConference
         Conferenced by 1001 with 1003 [1001>1002@1001 1001>1002@1002 none>1002@1003] | connected | singleStepConference",
    );
    assert_eq!(lab.told("1003").len(), 2);
    lab.deed("1003 hangs up");
    lab.deed("1001 hangs up");
    assert_eq!(lab.exchange.channel_count(), 0, "who is left alone in a conference of phones is let go");
}

/// Join Call: who only listens is no reason for a call to go on.
#[test]
fn who_listens_rings_first_and_goes_when_one_party_is_left() {
    use csta::model::Participation::{Active, Silent};
    for (participation, cause) in [(Silent, "silentParticipation"), (Active, "activeParticipation")] {
        let mut lab = Lab::watching(&["1001", "1002", "1003"]);
        lab.deed("1001 dials 1002");
        lab.deed("1002 answers");
        lab.told("1001");
        let (active, joining) = (lab.connection("1001"), DeviceId::dialing("1003"));
        lab.order(Request::JoinCall { active, joining, participation });
        lab.deed("1003 answers");
        lab.expect(
            "1001",
            &format!(
                "Delivered 1003 from 1001 to 1002 by - | connected | {cause}
         Conferenced by 1001 with 1003 [1001>1002@1001 1001>1002@1002 none>1002@1003] | connected | {cause}"
            ),
        );
        lab.deed("1002 hangs up");
        let is_over = lab.exchange.channel_count() == 0;
        assert_eq!(is_over, participation == Silent, "{participation:?}");
    }
}

#[test]
fn alternating_and_going_back() {
    let (mut lab, held, active) = consulted(true);
    lab.told("1001");
    lab.order(Request::AlternateCall { held: held.clone(), active: active.clone() });
    lab.expect("1001", "Held 1001 | hold | normal\nRetrieved 1001 | connected | normal");
    lab.order(Request::AlternateCall { held: active.clone(), active: held.clone() });
    lab.told("1001");
    lab.order(Request::ReconnectCall { active, held });
    lab.expect(
        "1001",
        "ConnectionCleared 1001 by 1001 | null | normalClearing
         Retrieved 1001 | connected | normal",
    );
}

#[test]
fn after_alternating_the_held_call_is_the_primary_one() {
    let (mut lab, first, second) = consulted(true);
    lab.order(Request::AlternateCall { held: first.clone(), active: second.clone() });
    lab.told("1001");
    lab.order(Request::TransferCall { held: second, active: first });
    let told = lab.told("1001").join("\n");
    assert!(told.starts_with("Transferred by 1001 to 420605550142 [1002>1003@1002 1001>1003@T0]"), "{told}");
}

#[test]
fn a_parked_call_waits_at_its_place_and_is_taken_from_there() {
    let mut lab = Lab::watching(&["1001", "1002", "701"]);
    lab.deed("420605550142 dials 420555001001");
    lab.deed("1001 answers");
    lab.told("1001");
    let parking = lab.connection("1001");
    let answer = lab.order(Request::ParkCall { parking, to: DeviceId::dialing("700") });
    let Response::ParkCall { parked_to: Some(place) } = answer else { panic!("{answer:?}") };
    assert_eq!(device_in(&place), "701");
    lab.expect("1001", "Diverted 1001 to 701 | null | park");
    lab.deed("1002 dials 701");
    lab.expect(
        "701",
        "Queued 701 number 1 front 0 | queued | park
         Diverted 701 to 1002 | null | callPickup",
    );
    lab.expect(
        "1002",
        "ServiceInitiated 1002 | initiated | newCall
         Originated 1002 to 701 | connected | newCall
         ConnectionCleared 1002 by ? | null | callPickup
         Established 1002 by 701 | connected | callPickup",
    );
}

#[test]
fn a_parked_call_that_nobody_takes_rings_where_it_was_parked() {
    let mut lab = Lab::watching(&["1001", "701"]);
    lab.deed("420605550142 dials 420555001001");
    lab.deed("1001 answers");
    lab.deed("1001 transfers to 700");
    lab.deed("1001 hangs up");
    lab.told("1001");
    lab.wait(6);
    lab.expect("701", "Queued 701 number 1 front 0 | queued | park\nDiverted 701 to 1001 | null | recall");
    lab.expect("1001", "Delivered 1001 from 420605550142 to 420555001001 by 701 | alerting | recall");
}

#[test]
fn a_transfer_into_a_queue_waits_there() {
    let mut lab = Lab::watching(&["1003", "602"]);
    lab.deed("420605550142 dials 420555001003");
    lab.deed("1003 answers");
    let active = lab.connection("1003");
    lab.order(Request::SingleStepTransfer { active, to: DeviceId::dialing("602") });
    lab.expect(
        "602",
        "Delivered 602 from 420605550142 to 420555001003 by - | alerting | enteringDistribution
         Queued 602 number 1 front 0 | queued | singleStepTransfer",
    );
}
