//! Route points: asked, answered in time, or not (csta.md §4.3).

use super::*;

fn registered() -> Lab {
    let mut lab = Lab::watching(&["650", "1001", "1003"]);
    let device = Some(DeviceId::dialing("650"));
    assert!(matches!(lab.order(Request::RouteRegister { device }), Response::RouteRegister { .. }));
    lab.others.clear();
    lab
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
