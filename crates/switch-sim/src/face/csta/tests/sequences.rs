//! csta.md §5.4, row by row: what the monitors of A (1001), B (1002) and C (1003) are told.

use csta::model::FaultCategory;

use super::*;

#[test]
fn a_basic_call_and_its_end_by_the_called_side() {
    let mut lab = Lab::watching(&["1001", "1002"]);
    lab.deed("1001 dials 1002");
    lab.deed("1002 answers");
    lab.expect(
        "1001",
        "ServiceInitiated 1001 | initiated | newCall
         Originated 1001 to 1002 | connected | newCall
         Delivered 1002 from 1001 to 1002 by - | connected | newCall
         Established 1002 by - | connected | newCall",
    );
    lab.expect(
        "1002",
        "Delivered 1002 from 1001 to 1002 by - | alerting | newCall
         Established 1002 by - | connected | newCall",
    );
    lab.deed("1002 hangs up");
    lab.expect(
        "1001",
        "ConnectionCleared 1002 by 1002 | connected | normalClearing
         ConnectionCleared 1001 by 1002 | null | normalClearing",
    );
    lab.expect("1002", "ConnectionCleared 1002 by 1002 | null | normalClearing");
}

#[test]
fn local_hops_are_no_parties() {
    let mut lab = Lab::watching(&["1001", "1002"]);
    lab.deed("1001 dials 610");
    lab.deed("1002 answers");
    lab.wait(1);
    lab.expect(
        "1002",
        "Delivered 1002 from 1001 to 610 by - | alerting | newCall
         Established 1002 by - | connected | newCall",
    );
    lab.deed("1001 hangs up");
    lab.expect(
        "1002",
        "ConnectionCleared 1001 by 1001 | connected | normalClearing
         ConnectionCleared 1002 by 1001 | null | normalClearing",
    );
}

#[test]
fn a_call_from_outside_and_one_to_outside_name_the_trunk() {
    let mut lab = Lab::watching(&["1001"]);
    lab.deed("420605550142 dials 420555001001");
    lab.expect("1001", "Delivered 1001 from 420605550142 to 420555001001 by - | alerting | newCall");
    lab.deed("1001 answers");
    lab.deed("420605550142 hangs up");
    lab.expect(
        "1001",
        "Established 1001 by - | connected | newCall
         ConnectionCleared T0 by 420605550142 | connected | normalClearing
         ConnectionCleared 1001 by 420605550142 | null | normalClearing",
    );
    lab.deed("1001 dials 0420777888999");
    lab.expect(
        "1001",
        "ServiceInitiated 1001 | initiated | newCall
         Originated 1001 to 0420777888999 | connected | newCall
         NetworkReached 0420777888999 | connected | newCall
         Delivered 420777888999 from 1001 to 0420777888999 by - | connected | newCall",
    );
}

#[test]
fn a_busy_phone_is_told_to_the_caller_alone() {
    let mut lab = Lab::watching(&["1001", "1005"]);
    lab.deed("1005 dials 1003");
    lab.told("1005");
    lab.deed("1001 dials 1005");
    lab.expect(
        "1001",
        "ServiceInitiated 1001 | initiated | newCall
         Originated 1001 to 1005 | connected | newCall
         Failed 1005 | connected | busy
         ConnectionCleared 1001 by ? | null | busy",
    );
    lab.expect("1005", "");
}

#[test]
fn who_rejects_a_ringing_call_leaves_it_and_the_caller_hears_busy() {
    let mut lab = Lab::watching(&["1001", "1002"]);
    lab.deed("1001 dials 1002");
    lab.told("1001");
    lab.told("1002");
    lab.deed("1002 rejects");
    lab.expect(
        "1001",
        "Failed 1002 | connected | busy
         ConnectionCleared 1002 by 1002 | connected | busy
         ConnectionCleared 1001 by 1002 | null | busy",
    );
    lab.expect(
        "1002",
        "Failed 1002 | fail | busy
         ConnectionCleared 1002 by 1002 | null | busy",
    );
}

#[test]
fn a_number_that_nobody_has_and_one_that_is_barred() {
    let mut lab = Lab::watching(&["1001"]);
    lab.deed("1001 dials 1999");
    lab.expect(
        "1001",
        "ServiceInitiated 1001 | initiated | newCall
         Originated 1001 to 1999 | connected | newCall
         Failed ? | fail | numberUnallocated",
    );
    lab.wait(6);
    lab.expect("1001", "ConnectionCleared 1001 by ? | null | normalClearing");
    lab.deed("1001 dials 0900123456");
    assert_eq!(lab.told("1001").get(2).map(String::as_str), Some("Failed ? | fail | destNotObtainable"));
}

#[test]
fn hold_and_retrieve_are_told_to_both() {
    let mut lab = Lab::watching(&["1001", "1002"]);
    lab.deed("1001 dials 1002");
    lab.deed("1002 answers");
    lab.told("1001");
    lab.told("1002");
    lab.deed("1001 holds");
    lab.deed("1001 resumes");
    lab.expect("1001", "Held 1001 | hold | normal\nRetrieved 1001 | connected | normal");
    lab.expect("1002", "Held 1001 | connected | normal\nRetrieved 1001 | connected | normal");
}

#[test]
fn a_phone_sends_calls_on_at_once() {
    let mut lab = Lab::watching(&["1001", "1002", "1003"]);
    let to = Some(DeviceId::dialing("1003"));
    let device = DeviceId::dialing("1002");
    lab.order(Request::SetForwarding { device, kind: Some(0), on: true, to });
    lab.told("1002");
    lab.deed("1001 dials 1002");
    lab.expect(
        "1001",
        "ServiceInitiated 1001 | initiated | newCall
         Originated 1001 to 1002 | connected | newCall
         Diverted 1002 to 1003 | connected | callForwardImmediate
         Delivered 1003 from 1001 to 1002 by 1002 | connected | callForwardImmediate",
    );
    lab.expect("1002", "Diverted 1002 to 1003 | null | callForwardImmediate");
    lab.expect("1003", "Delivered 1003 from 1001 to 1002 by 1002 | alerting | callForwardImmediate");
}

#[test]
fn a_phone_that_does_not_answer_sends_calls_on() {
    let mut lab = Lab::watching(&["1001", "1004", "1003"]);
    lab.deed("1001 dials 1004");
    lab.wait(5);
    lab.deed("1003 answers");
    lab.expect(
        "1001",
        "ServiceInitiated 1001 | initiated | newCall
         Originated 1001 to 1004 | connected | newCall
         Delivered 1004 from 1001 to 1004 by - | connected | newCall
         Diverted 1004 to 1003 | connected | callForwardNoAnswer
         Delivered 1003 from 1001 to 1004 by 1004 | connected | callForwardNoAnswer
         Established 1003 by 1004 | connected | newCall",
    );
    lab.expect(
        "1004",
        "Delivered 1004 from 1001 to 1004 by - | alerting | newCall
         Diverted 1004 to 1003 | null | callForwardNoAnswer",
    );
}

#[test]
fn a_phone_that_wants_no_calls_fails_them() {
    let mut lab = Lab::watching(&["1001", "1002"]);
    lab.order(Request::SetDoNotDisturb { device: DeviceId::dialing("1002"), on: true });
    lab.told("1002");
    lab.deed("1001 dials 1002");
    assert_eq!(lab.told("1001").get(2).map(String::as_str), Some("Failed 1002 | connected | doNotDisturb"));
    lab.expect("1002", "");
}

#[test]
fn a_deflected_call_rings_elsewhere() {
    let mut lab = Lab::watching(&["1001", "1002", "1003"]);
    lab.deed("1001 dials 1002");
    lab.told("1001");
    lab.told("1002");
    let call = lab.connection("1002");
    lab.order(Request::DeflectCall { call, to: DeviceId::dialing("1003") });
    lab.expect(
        "1001",
        "Diverted 1002 to 1003 | connected | redirected
         Delivered 1003 from 1001 to 1002 by 1002 | connected | redirected",
    );
    lab.expect("1002", "Diverted 1002 to 1003 | null | redirected");
    lab.expect("1003", "Delivered 1003 from 1001 to 1002 by 1002 | alerting | redirected");
}

#[test]
fn a_call_that_cannot_be_had_elsewhere_stays_where_it_rings() {
    let mut lab = Lab::watching(&["1002"]);
    lab.deed("1003 unregisters");
    lab.deed("1001 dials 1002");
    let call = lab.connection("1002");
    let to = |to: &str| Request::DeflectCall { call: call.clone(), to: DeviceId::dialing(to) };
    for (number, refusal) in [
        ("1002", (FaultCategory::Operation, 14)),
        ("1999", (FaultCategory::Operation, 14)),
        ("1003", (FaultCategory::StateIncompatibility, 15)),
    ] {
        assert_eq!(lab.refusal(to(number)), refusal, "{number}");
    }
    lab.expect("1002", "Delivered 1002 from 1001 to 1002 by - | alerting | newCall");
    lab.deed("1002 answers");
    assert_eq!(lab.refusal(to("1004")), (FaultCategory::StateIncompatibility, 2));
}

#[test]
fn a_call_is_picked_up_from_another_phone() {
    let mut lab = Lab::watching(&["1001", "1002", "1003"]);
    lab.deed("1001 dials 1002");
    lab.told("1001");
    lab.told("1002");
    let call = lab.connection("1002");
    lab.order(Request::DirectedPickupCall { call, requesting: DeviceId::dialing("1003") });
    lab.expect(
        "1001",
        "Diverted 1002 to 1003 | connected | callPickup
         Established 1003 by 1002 | connected | callPickup",
    );
    lab.expect("1002", "Diverted 1002 to 1003 | null | callPickup");
    lab.expect("1003", "Established 1003 by 1002 | connected | callPickup");
    lab.deed("1003 hangs up");
    assert_eq!(lab.told("1003").len(), 1);
}

#[test]
fn a_queue_takes_a_call_in_and_gives_it_to_an_agent() {
    let mut lab = Lab::watching(&["600", "1001"]);
    lab.deed("420605550142 dials 420555999600");
    lab.expect(
        "600",
        "Delivered 600 from 420605550142 to 420555999600 by - | alerting | enteringDistribution
         Queued 600 number 1 front 0 | queued | enteringDistribution
         Diverted 600 to 1001 | null | distributed",
    );
    lab.deed("1001 answers");
    lab.deed("1001 hangs up");
    lab.wait(3);
    lab.expect(
        "1001",
        "Delivered 1001 from 420605550142 to 420555999600 by 600 | alerting | distributed
         Established 1001 by 600 | connected | newCall
         AgentState 600 agentBusy | - | -
         ConnectionCleared 1001 by 1001 | null | normalClearing
         AgentState 600 agentWorkingAfterCall | - | -
         AgentState 600 agentReady | - | autoWork",
    );
}

#[test]
fn who_does_not_answer_loses_the_call_to_the_queue_and_the_next() {
    let mut lab = Lab::watching(&["600", "1001", "1002"]);
    lab.deed("420605550142 dials 420555999600");
    lab.wait(5);
    lab.expect(
        "1001",
        "Delivered 1001 from 420605550142 to 420555999600 by 600 | alerting | distributed
         Diverted 1001 to 600 | null | callForwardNoAnswer",
    );
    lab.expect(
        "600",
        "Delivered 600 from 420605550142 to 420555999600 by - | alerting | enteringDistribution
         Queued 600 number 1 front 0 | queued | enteringDistribution
         Diverted 600 to 1001 | null | distributed
         Queued 600 number 1 front 0 | queued | redirected
         Diverted 600 to 1002 | null | distributed",
    );
    lab.expect("1002", "Delivered 1002 from 420605550142 to 420555999600 by 600 | alerting | distributed");
}

#[test]
fn all_ring_one_answers_and_the_others_stop() {
    let mut lab = Lab::watching(&["601", "1002", "1003"]);
    lab.deed("420605550142 dials 420555999601");
    lab.deed("1003 answers");
    lab.expect(
        "1002",
        "Delivered 1002 from 420605550142 to 420555999601 by 601 | alerting | distributed
         Delivered 1003 from 420605550142 to 420555999601 by 601 | alerting | distributed
         Established 1003 by 601 | alerting | newCall
         ConnectionCleared 1002 by ? | null | normalClearing",
    );
}

#[test]
fn who_waits_too_long_overflows_to_another_queue() {
    let mut lab = Lab::watching(&["601", "602"]);
    lab.exchange.queue_pause(START, None, "PJSIP/1002", true, "").unwrap();
    lab.exchange.queue_pause(START, None, "PJSIP/1003", true, "").unwrap();
    lab.deed("420605550142 dials 420555999601");
    lab.wait(21);
    lab.deed("420605550142 hangs up");
    lab.expect(
        "601",
        "Delivered 601 from 420605550142 to 420555999601 by - | alerting | enteringDistribution
         Queued 601 number 1 front 0 | queued | enteringDistribution
         Diverted 601 to 602 | null | queueTimeOverflow",
    );
    lab.expect(
        "602",
        "Delivered 602 from 420605550142 to 420555999601 by 601 | alerting | enteringDistribution
         Queued 602 number 1 front 0 | queued | queueTimeOverflow
         ConnectionCleared T0 by 420605550142 | queued | normalClearing
         ConnectionCleared 602 by 420605550142 | null | normalClearing",
    );
}

#[test]
fn a_call_type_monitor_follows_a_call_to_its_end() {
    let mut lab = Lab::with(SITE, "ecma-323");
    lab.watch("600", MonitorType::Call);
    lab.deed("420605550142 dials 420555999600");
    lab.deed("1001 answers");
    lab.deed("1001 hangs up");
    lab.expect(
        "600",
        "Delivered 600 from 420605550142 to 420555999600 by - | - | enteringDistribution
         Queued 600 number 1 front 0 | - | enteringDistribution
         Diverted 600 to 1001 | - | distributed
         Delivered 1001 from 420605550142 to 420555999600 by 600 | - | distributed
         Established 1001 by 600 | - | newCall
         ConnectionCleared 1001 by 1001 | - | normalClearing
         ConnectionCleared T0 by 1001 | - | normalClearing
         CallCleared | - | normalClearing",
    );
}
