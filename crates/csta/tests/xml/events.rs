//! One event of every kind.

use csta::model::{AgentState, Event, EventReport, More};

use crate::{pool::Pool, responses::members};

/// One event of every kind, made of the values of a pool, with the shared parts that its schema has.
pub(crate) fn events(pool: &Pool) -> Vec<EventReport> {
    let mut all = two_party(pool);
    all.extend(one_party(pool));
    all.extend(merged(pool));
    all.extend(agents(pool));
    all.extend(device(pool));
    all.into_iter().map(|(event, more)| EventReport { cross_ref: pool.id(0), event, more }).collect()
}

/// What every event may carry.
fn bare(pool: &Pool) -> More {
    More { at: pool.maybe(0, pool.at), private: pool.private.clone(), ..More::default() }
}

fn caused(pool: &Pool) -> More {
    More { cause: pool.maybe(1, pool.words.cause), ..bare(pool) }
}

/// Held, Retrieved.
fn local(pool: &Pool) -> More {
    More {
        local_connection: pool.maybe(2, pool.states[0]),
        correlator: pool.maybe(3, pool.data[0].clone()),
        linkage: pool.maybe(4, pool.linkage.clone()),
        ..caused(pool)
    }
}

fn with_user(pool: &Pool, more: More) -> More {
    More { user_data: pool.maybe(5, pool.data[1].clone()), ..more }
}

/// Service Initiated; with user data, Network Reached.
fn started(pool: &Pool) -> More {
    More {
        network_calling: pool.maybe(6, pool.party(0)),
        network_called: pool.maybe(7, pool.party(1)),
        associated_calling: pool.maybe(8, pool.party(2)),
        ..local(pool)
    }
}

/// Originated, Digits Dialed; with user data, most others.
fn dialed(pool: &Pool) -> More {
    More { associated_called: pool.maybe(9, pool.party(3)), ..started(pool) }
}

fn full(pool: &Pool) -> More {
    with_user(pool, dialed(pool))
}

fn two_party(pool: &Pool) -> Vec<(Event, More)> {
    let connection = pool.connection(0);
    let (calling, called, last_redirection) = (pool.party(1), pool.party(2), pool.redirection.clone());
    // Each of the seven differs in one name only.
    macro_rules! of {
        ($variant:ident { $connection:ident, $device:ident $(, $more:ident: $value:expr)* }) => {
            Event::$variant {
                $connection: connection.clone(),
                $device: pool.party(0),
                calling: calling.clone(),
                called: called.clone(),
                last_redirection: last_redirection.clone(),
                $($more: $value,)*
            }
        };
    }
    vec![
        (of!(Delivered { connection, alerting }), full(pool)),
        (of!(Established { connection, answering }), full(pool)),
        (of!(Failed { connection, failing }), full(pool)),
        (of!(Offered { connection, offered }), full(pool)),
        (of!(NetworkReached { outbound, interface }), with_user(pool, started(pool))),
        (
            of!(Queued {
                connection,
                queue,
                number_queued: pool.maybe(10, pool.counts[0]),
                calls_in_front: pool.maybe(11, pool.counts[1])
            }),
            full(pool),
        ),
        (
            Event::Diverted {
                connection: connection.clone(),
                diverting: pool.party(0),
                new_destination: pool.party(3),
                calling: pool.maybe(12, calling.clone()),
                called: pool.maybe(13, called.clone()),
                last_redirection,
            },
            full(pool),
        ),
        (Event::Originated { connection, calling, called }, dialed(pool)),
    ]
}

fn one_party(pool: &Pool) -> Vec<(Event, More)> {
    let connection = || pool.connection(0);
    let cleared = More { local_connection: None, ..with_user(pool, local(pool)) };
    let information = More {
        account: pool.maybe(14, pool.data[2].clone()),
        cause: None,
        local_connection: None,
        ..with_user(pool, local(pool))
    };
    vec![
        (Event::Bridged { connection: connection(), device: pool.party(0) }, with_user(pool, local(pool))),
        (Event::CallCleared { call: connection() }, cleared),
        (
            Event::ConnectionCleared { dropped: connection(), releasing: pool.party(0) },
            with_user(pool, local(pool)),
        ),
        (
            Event::DigitsDialed { connection: connection(), dialing: pool.party(0), digits: pool.device(0) },
            dialed(pool),
        ),
        (Event::Held { connection: connection(), holding: pool.party(0) }, local(pool)),
        (Event::Retrieved { connection: connection(), retrieving: pool.party(0) }, local(pool)),
        (
            Event::ServiceInitiated {
                connection: connection(),
                initiating: pool.party(0),
                called: pool.newer(15, pool.party(1)),
            },
            started(pool),
        ),
        (
            Event::CallInformation {
                connection: connection(),
                device: pool.party(0),
                calling: pool.maybe(16, pool.party(1)),
            },
            information,
        ),
    ]
}

fn merged(pool: &Pool) -> Vec<(Event, More)> {
    let (primary_old, secondary_old) = (pool.connection(0), pool.maybe(17, pool.connection(1)));
    let more = with_user(pool, local(pool));
    vec![
        (
            Event::Conferenced {
                primary_old: primary_old.clone(),
                secondary_old: secondary_old.clone(),
                conferencing: pool.party(0),
                added: pool.party(1),
                connections: members(pool),
            },
            more.clone(),
        ),
        (
            Event::Transferred {
                primary_old,
                secondary_old,
                transferring: pool.party(0),
                transferred_to: pool.party(1),
                connections: Vec::new(),
            },
            more,
        ),
    ]
}

fn agents(pool: &Pool) -> Vec<(Event, More)> {
    let (device, agent, group) = (pool.party(0), pool.maybe(18, pool.id(1)), pool.maybe(19, pool.device(0)));
    let of = |state, pending| {
        let event = Event::AgentState {
            device: device.clone(),
            agent: agent.clone(),
            group: group.clone(),
            state,
            pending,
        };
        (event, caused(pool))
    };
    vec![
        of(AgentState::Busy, pool.maybe(20, AgentState::WorkingAfterCall)),
        of(AgentState::WorkingAfterCall, pool.maybe(20, AgentState::Null)),
        of(AgentState::Ready, None),
        of(AgentState::NotReady, None),
        (
            Event::AgentLoggedOn { device: device.clone(), agent: agent.clone(), group: group.clone() },
            caused(pool),
        ),
        (
            Event::AgentLoggedOff { device: device.clone(), agent: agent.clone(), group: group.clone() },
            caused(pool),
        ),
    ]
}

fn device(pool: &Pool) -> Vec<(Event, More)> {
    let device = || pool.party(0);
    vec![
        (Event::DoNotDisturb { device: device(), on: pool.flag(21) }, bare(pool)),
        (
            Event::Forwarding {
                device: device(),
                kind: pool.maybe(22, pool.words.forwarding),
                on: pool.flag(23),
                to: pool.maybe(24, pool.device(0)),
            },
            bare(pool),
        ),
        (Event::MessageWaiting { device: device(), on: pool.flag(25) }, bare(pool)),
        (Event::BackInService { device: device() }, caused(pool)),
        (Event::OutOfService { device: device() }, caused(pool)),
    ]
}
