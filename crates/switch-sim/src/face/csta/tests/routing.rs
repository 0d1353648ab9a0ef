//! Route points: asked, answered in time, or not (csta.md §4.3).

use super::*;

fn registered() -> Lab {
    let mut lab = Lab::watching(&["650", "1001", "1003"]);
    let device = Some(DeviceId::dialing("650"));
    assert!(matches!(lab.order(Request::RouteRegister { device }), Response::RouteRegister { .. }));
    lab.others.clear();
    lab
}

/// A router of the point that asks again, and a caller who is asked about; name of the question.
fn asked_again() -> (Lab, Octets) {
    let mut lab = Lab::watching(&["651", "1001", "1002", "1004"]);
    let device = Some(DeviceId::dialing("651"));
    lab.order(Request::RouteRegister { device });
    lab.others.clear();
    lab.deed("1001 dials 651");
    let requests = asked(&mut lab);
    let [Request::RouteRequest { cross_ref, .. }] = requests.as_slice() else { panic!("{requests:?}") };
    (lab, cross_ref.clone())
}

fn select(lab: &mut Lab, cross_ref: &Octets, to: &str) {
    let route = DeviceId::dialing(to);
    let select =
        Request::RouteSelect { cross_ref: cross_ref.clone(), register: None, route, route_used: false };
    lab.face.take_message(1, &mut lab.exchange, lab.now, Message::Request { id: 77, request: select });
    lab.pass();
}

/// The routing messages of the switch.
fn asked(lab: &mut Lab) -> Vec<Request> {
    let all = std::mem::take(&mut lab.others).into_iter();
    all.filter_map(|message| match message {
        Message::Request { request, .. } => Some(request),
        _ => None,
    })
    .collect()
}

#[test]
fn a_call_goes_where_the_computer_says() {
    let mut lab = registered();
    lab.deed("1001 dials 650");
    let requests = asked(&mut lab);
    let [Request::RouteRequest { cross_ref, register, reply_timeout_ms, .. }] = requests.as_slice() else {
        panic!("{requests:?}")
    };
    assert_eq!(*reply_timeout_ms, Some(2_000));
    let message = Request::RouteSelect {
        cross_ref: cross_ref.clone(),
        register: register.clone(),
        route: DeviceId::dialing("1003"),
        route_used: true,
    };
    lab.face.take_message(1, &mut lab.exchange, lab.now, Message::Request { id: 77, request: message });
    lab.pass();
    let requests = asked(&mut lab);
    assert!(
        matches!(requests.as_slice(), [Request::RouteUsed { .. }, Request::RouteEnd { fault: None, .. }]),
        "{requests:?}"
    );
    lab.expect(
        "650",
        "Delivered 650 from 1001 to 650 by - | alerting | enteringDistribution
         Diverted 650 to 1003 | null | redirected",
    );
    lab.expect("1003", "Delivered 1003 from 1001 to 650 by 650 | alerting | redirected");
}

#[test]
fn without_an_answer_in_time_it_goes_where_the_plan_says_and_the_computer_is_told() {
    let mut lab = registered();
    lab.deed("1001 dials 650");
    asked(&mut lab);
    lab.wait(1);
    lab.expect("1003", "");
    lab.wait(2);
    let requests = asked(&mut lab);
    let [Request::RouteEnd { fault: Some(Fault::Failure { code: 144, .. }), .. }] = requests.as_slice()
    else {
        panic!("{requests:?}")
    };
    lab.expect("1003", "Delivered 1003 from 1001 to 650 by 650 | alerting | redirected");
}

#[test]
fn who_gives_up_ends_the_question_and_without_a_router_nothing_is_asked() {
    let mut lab = registered();
    lab.deed("1001 dials 650");
    lab.deed("1001 hangs up");
    assert!(matches!(asked(&mut lab).as_slice(), [Request::RouteRequest { .. }, Request::RouteEnd { .. }]));
    let mut lab = Lab::watching(&["1003"]);
    lab.deed("1001 dials 650");
    lab.expect("1003", "Delivered 1003 from 1001 to 650 by 650 | alerting | redirected");
}

#[test]
fn what_does_not_take_the_call_is_asked_about_again_until_somebody_answers() {
    let (mut lab, cross_ref) = asked_again();
    select(&mut lab, &cross_ref, "1002");
    assert_eq!(asked(&mut lab), [], "the question stays open while it rings");
    select(&mut lab, &cross_ref, "1004");
    lab.expect("1004", "");
    lab.wait(5);
    let requests = asked(&mut lab);
    let [Request::ReRoute { cross_ref: again, reply_timeout_ms: Some(2_000), .. }] = requests.as_slice()
    else {
        panic!("{requests:?}")
    };
    assert_eq!(*again, cross_ref);
    lab.expect(
        "1002",
        "Delivered 1002 from 1001 to 651 by 651 | alerting | redirected
         Diverted 1002 to 651 | null | callForwardNoAnswer",
    );
    // Who rejects is no agent either.
    select(&mut lab, &cross_ref, "1004");
    lab.deed("1004 rejects");
    assert!(matches!(asked(&mut lab).as_slice(), [Request::ReRoute { .. }]));
    select(&mut lab, &cross_ref, "1002");
    lab.deed("1002 answers");
    assert!(matches!(asked(&mut lab).as_slice(), [Request::RouteEnd { fault: None, .. }]));
}

#[test]
fn a_phone_that_is_not_there_is_asked_about_at_once_and_there_is_an_end_of_asking() {
    let (mut lab, cross_ref) = asked_again();
    lab.deed("1002 unregisters");
    lab.told("1002");
    for _ in 0..2 {
        select(&mut lab, &cross_ref, "1002");
        assert!(matches!(asked(&mut lab).as_slice(), [Request::ReRoute { .. }]));
    }
    select(&mut lab, &cross_ref, "1002");
    assert!(matches!(asked(&mut lab).as_slice(), [Request::RouteEnd { .. }]));
    lab.expect("1002", "");
    // It went where the plan says; so it does when the second question is not answered in time.
    let (mut lab, cross_ref) = asked_again();
    select(&mut lab, &cross_ref, "1004");
    lab.wait(5);
    assert!(matches!(asked(&mut lab).as_slice(), [Request::ReRoute { .. }]));
    lab.wait(2);
    let requests = asked(&mut lab);
    let [Request::RouteEnd { fault: Some(Fault::Failure { code: 144, .. }), .. }] = requests.as_slice()
    else {
        panic!("{requests:?}")
    };
}

#[test]
fn a_call_that_rings_for_a_route_is_deflected_back_to_its_point() {
    let (mut lab, cross_ref) = asked_again();
    select(&mut lab, &cross_ref, "1002");
    let ringing = lab.connection("1002");
    lab.order(Request::DeflectCall { call: ringing, to: DeviceId::dialing("651") });
    let requests = asked(&mut lab);
    let [Request::RouteEnd { cross_ref: old, .. }, Request::RouteRequest { cross_ref: new, .. }] =
        requests.as_slice()
    else {
        panic!("{requests:?}")
    };
    assert!(*old == cross_ref && *new != cross_ref);
}
