//! Events that each phase can carry. What of the common parts each has is told here once more, from the published
//! modules and not from our code.

use csta::ber::Phase;
use csta::model::{AgentState, Event, EventReport, More, Party};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use crate::generate::{
    any_device, cause, connection, connection_state, connections, linkage, octets, party, pending,
    plain_device, private, redirection, stamp,
};

/// Letters for the common parts of a Phase III event: l state, u user data, c cause, C cause always, a account,
/// k correlator, g linkage, n numbers of the network, t and T trunk of one or both sides.
fn letters(event: &Event) -> &'static str {
    match event {
        Event::CallCleared { .. } => "uCkg",
        Event::Bridged { .. }
        | Event::Conferenced { .. }
        | Event::ConnectionCleared { .. }
        | Event::Transferred { .. } => "luCkg",
        Event::Delivered { .. }
        | Event::Diverted { .. }
        | Event::Established { .. }
        | Event::Failed { .. }
        | Event::Offered { .. }
        | Event::Queued { .. } => "luCkgnT",
        Event::DigitsDialed { .. } | Event::Originated { .. } => "lCkgnT",
        Event::Held { .. } | Event::Retrieved { .. } => "lCkg",
        Event::NetworkReached { .. } => "luCkgnt",
        Event::ServiceInitiated { .. } => "lCkgnt",
        Event::CallInformation { .. } => "uakg",
        Event::DoNotDisturb { .. } | Event::Forwarding { .. } | Event::MessageWaiting { .. } => "",
        Event::AgentState { .. }
        | Event::AgentLoggedOn { .. }
        | Event::AgentLoggedOff { .. }
        | Event::BackInService { .. }
        | Event::OutOfService { .. } => "c",
        Event::Other { .. } => unreachable!("not generated"),
    }
}

/// Any event report of a phase.
pub(crate) fn report(phase: Phase) -> BoxedStrategy<EventReport> {
    (octets(), event(phase), more(phase))
        .prop_map(move |(cross_ref, event, more)| {
            let more = match phase {
                Phase::Three => fit(more, letters(&event)),
                Phase::One | Phase::Two => fit_old(more, &event, phase),
            };
            EventReport { cross_ref, event, more }
        })
        .boxed()
}

/// Leaves in `more` what the letters say.
fn fit(more: More, letters: &str) -> More {
    let has = |letter| letters.contains(letter);
    More {
        local_connection: more.local_connection.filter(|_| has('l')),
        cause: match (more.cause, has('C'), has('c')) {
            (cause, true, _) => Some(cause.unwrap_or(csta::model::EventCause::NORMAL)),
            (cause, false, true) => cause,
            (_, false, false) => None,
        },
        correlator: more.correlator.filter(|_| has('k')),
        user_data: more.user_data.filter(|_| has('u')),
        account: more.account.filter(|_| has('a')),
        linkage: more.linkage.filter(|_| has('g')),
        associated_calling: more.associated_calling.filter(|_| has('t') || has('T')),
        associated_called: more.associated_called.filter(|_| has('T')),
        network_calling: more.network_calling.filter(|_| has('n')),
        network_called: more.network_called.filter(|_| has('n')),
        at: more.at,
        private: more.private,
    }
}

/// Phase I and II: a state and a cause for calls, a cause for maintenance; no time in Phase I.
fn fit_old(more: More, event: &Event, phase: Phase) -> More {
    let letters = match event {
        Event::CallCleared { .. } | Event::BackInService { .. } | Event::OutOfService { .. } => "c",
        Event::DoNotDisturb { .. }
        | Event::Forwarding { .. }
        | Event::AgentState { .. }
        | Event::AgentLoggedOn { .. }
        | Event::AgentLoggedOff { .. } => "",
        _ => "lc",
    };
    let more = fit(more, letters);
    match phase {
        Phase::One => More { at: None, private: more.private.into_iter().take(1).collect(), ..more },
        Phase::Two | Phase::Three => more,
    }
}

fn more(phase: Phase) -> impl Strategy<Value = More> {
    let own = (of(connection_state()), of(cause()), of(octets()), of(octets()), of(octets()), of(linkage()));
    let parties = [(); 4].map(|()| of(party(Phase::Three)));
    (own, parties, of(stamp(phase)), vec(private(phase), 0..3)).prop_map(
        |((local_connection, cause, correlator, user_data, account, linkage), parties, at, private)| {
            let [associated_calling, associated_called, network_calling, network_called] = parties;
            More {
                local_connection,
                cause,
                correlator,
                user_data,
                account,
                linkage,
                associated_calling,
                associated_called,
                network_calling,
                network_called,
                at,
                private,
            }
        },
    )
}

fn event(phase: Phase) -> BoxedStrategy<Event> {
    match phase {
        Phase::Three => {
            prop_oneof![4 => calls(phase), 2 => calls_of_three(), 2 => features_of_three()].boxed()
        }
        Phase::Two => calls(phase),
        Phase::One => prop_oneof![3 => calls(phase), 1 => features_of_one()].boxed(),
    }
}

/// Call events of every phase; what Phase III added is left out before.
fn calls(phase: Phase) -> BoxedStrategy<Event> {
    let three = phase == Phase::Three;
    let parties = (party(phase), party(phase), party(phase), redirection(phase));
    (0_u8..14, connection(phase), of(connection(phase)), parties, connections(phase), of(any::<u32>()))
        .prop_map(
            move |(
                kind,
                connection,
                secondary_old,
                (subject, calling, called, redirection),
                connections,
                count,
            )| {
                // Parties that some events of Phase I and II do not name.
                let (calling_new, redirection_new) = if three {
                    (calling.clone(), redirection.clone())
                } else {
                    (Party::NotSpecified, Party::NotSpecified)
                };
                let last_redirection = redirection;
                match kind {
                    0 => Event::CallCleared { call: connection },
                    1 => Event::Conferenced {
                        primary_old: connection,
                        secondary_old,
                        conferencing: subject,
                        added: calling,
                        connections,
                    },
                    2 => Event::ConnectionCleared { dropped: connection, releasing: subject },
                    3 => {
                        Event::Delivered { connection, alerting: subject, calling, called, last_redirection }
                    }
                    4 => Event::Diverted {
                        connection,
                        diverting: subject,
                        new_destination: called.clone(),
                        calling: three.then_some(calling),
                        called: three.then_some(called),
                        last_redirection: redirection_new,
                    },
                    5 => Event::Established {
                        connection,
                        answering: subject,
                        calling,
                        called,
                        last_redirection,
                    },
                    6 => Event::Failed {
                        connection,
                        failing: subject,
                        calling: calling_new,
                        called,
                        last_redirection: redirection_new,
                    },
                    7 => Event::Held { connection, holding: subject },
                    8 => Event::NetworkReached {
                        outbound: connection,
                        interface: subject,
                        calling: calling_new,
                        called,
                        last_redirection: redirection_new,
                    },
                    9 => Event::Originated { connection, calling, called },
                    10 => Event::Queued {
                        connection,
                        queue: subject,
                        calling,
                        called,
                        last_redirection,
                        number_queued: count,
                        calls_in_front: count.filter(|_| three),
                    },
                    11 => Event::Retrieved { connection, retrieving: subject },
                    12 => Event::ServiceInitiated {
                        connection,
                        initiating: if three { subject } else { Party::NotSpecified },
                        called: three.then_some(called),
                    },
                    _ => Event::Transferred {
                        primary_old: connection,
                        secondary_old,
                        transferring: subject,
                        transferred_to: calling,
                        connections,
                    },
                }
            },
        )
        .boxed()
}

fn calls_of_three() -> BoxedStrategy<Event> {
    let phase = Phase::Three;
    let parties = (party(phase), party(phase), party(phase), redirection(phase));
    (0_u8..4, connection(phase), parties, any_device(), of(party(phase)))
        .prop_map(
            |(kind, connection, (subject, calling, called, last_redirection), digits, other)| match kind {
                0 => Event::Bridged { connection, device: subject },
                1 => Event::DigitsDialed { connection, dialing: subject, digits },
                2 => Event::Offered { connection, offered: subject, calling, called, last_redirection },
                _ => Event::CallInformation { connection, device: subject, calling: other },
            },
        )
        .boxed()
}

fn features_of_three() -> BoxedStrategy<Event> {
    let agents = (of(octets()), of(any_device()), pending());
    (0_u8..11, party(Phase::Three), agents, any::<bool>(), of(0_u8..12))
        .prop_map(|(kind, device, (agent, group, pending), on, forwarding)| match kind {
            0 => Event::AgentState { device, agent, group, state: AgentState::Busy, pending },
            1 => Event::AgentLoggedOn { device, agent, group },
            2 => Event::AgentLoggedOff { device, agent, group },
            3 => Event::AgentState { device, agent, group, state: AgentState::NotReady, pending: None },
            4 => Event::AgentState { device, agent, group, state: AgentState::Ready, pending: None },
            5 => Event::AgentState {
                device,
                agent,
                group,
                state: AgentState::WorkingAfterCall,
                pending: pending.filter(|state| *state != AgentState::WorkingAfterCall),
            },
            6 => Event::DoNotDisturb { device, on },
            7 => Event::Forwarding { device, kind: forwarding, on, to: group },
            8 => Event::MessageWaiting { device, on },
            9 => Event::BackInService { device },
            _ => Event::OutOfService { device },
        })
        .boxed()
}

fn features_of_one() -> BoxedStrategy<Event> {
    let phase = Phase::One;
    let to = of("[0-9]{1,8}".prop_map(csta::model::DeviceId::dialing));
    (
        0_u8..8,
        party(phase),
        (of(octets()), of(plain_device(phase))),
        any::<bool>(),
        0_u8..3,
        to,
        plain_device(phase),
    )
        .prop_map(|(kind, device, (agent, group), on, forwarding, to, named)| match kind {
            0 => Event::DoNotDisturb { device, on },
            1 => Event::Forwarding { device, kind: Some(forwarding), on, to },
            2 => Event::AgentLoggedOn { device, agent, group },
            3 => Event::AgentLoggedOff { device, agent, group },
            4 => Event::AgentState { device, agent, group: None, state: AgentState::NotReady, pending: None },
            5 => Event::AgentState { device, agent, group: None, state: AgentState::Ready, pending: None },
            6 => Event::BackInService { device: Party::Device(named) },
            _ => Event::OutOfService { device: Party::Device(named) },
        })
        .boxed()
}
