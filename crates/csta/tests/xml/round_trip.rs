//! The law: what we write is read back as it was.

use std::collections::BTreeSet;

use csta::{
    Message,
    xml::{self, Style},
};
use proptest::prelude::*;

use crate::{
    events::events,
    pool::{Pool, Scope, pool},
    requests::requests,
    responses::{faults, responses},
};

/// One message of every kind.
pub(crate) fn messages(pool: &Pool) -> Vec<Message> {
    let id = pool.counts[2] % 9999;
    let requests = requests(pool).into_iter().map(|request| Message::Request { id, request });
    let responses = responses(pool).into_iter().map(|response| Message::Response { id, response });
    let faults = faults(pool).into_iter().map(|fault| Message::Fault { id: Some(id), fault });
    let events = events(pool).into_iter().map(|report| Message::Event(Box::new(report)));
    requests.chain(responses).chain(faults).chain(events).collect()
}

fn id(message: &Message) -> u32 {
    match message {
        Message::Request { id, .. } | Message::Response { id, .. } => *id,
        Message::Fault { id, .. } | Message::Unknown { id, .. } => id.unwrap_or_default(),
        Message::Event(_) => 9999,
    }
}

fn holds(pool: &Pool, style: &Style) {
    for message in messages(pool) {
        let body = xml::encode(&message, style).unwrap_or_else(|error| panic!("{error}: {message:?}"));
        let read = xml::decode(&body, id(&message));
        assert_eq!(read.as_ref(), Ok(&message), "{}", String::from_utf8_lossy(&body));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn edition_3_is_read_as_written(pool in pool(Scope { edition_6: false, avaya: false })) {
        holds(&pool, &Style::edition(3));
    }

    #[test]
    fn edition_6_is_read_as_written(pool in pool(Scope { edition_6: true, avaya: false })) {
        holds(&pool, &Style::edition(6));
    }

    #[test]
    fn the_styles_of_vendors_are_read_as_written(
        plain in pool(Scope { edition_6: false, avaya: false }),
        avaya in pool(Scope { edition_6: false, avaya: true }),
    ) {
        holds(&plain, &Style::openscape());
        holds(&plain, &Style::office400());
        let namespace = "http://www.ecma-international.org/standards/ecma-323/csta/ed3/priv7";
        holds(&avaya, &Style::avaya(namespace, "CM <1> & \"2\""));
    }
}

#[test]
fn the_law_is_tried_on_every_kind_of_message() {
    let scope = Scope { edition_6: true, avaya: false };
    let tree = pool(scope).new_tree(&mut proptest::test_runner::TestRunner::deterministic()).unwrap();
    let pool = proptest::strategy::ValueTree::current(&tree);
    let names = |debug: String| debug.split([' ', '{', '(']).next().unwrap_or_default().to_owned();
    let kinds = |all: Vec<String>| all.into_iter().map(names).collect::<BTreeSet<_>>().len();
    // As many as the model has, without the events and messages that exist only to be read.
    assert_eq!(kinds(requests(&pool).iter().map(|request| format!("{request:?}")).collect()), 62);
    assert_eq!(kinds(responses(&pool).iter().map(|response| format!("{response:?}")).collect()), 22);
    assert_eq!(kinds(events(&pool).iter().map(|report| format!("{:?}", report.event)).collect()), 26);
}
