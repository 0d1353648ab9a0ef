//! What is written is read again as it was, for everything that a phase can carry.

use csta::ber::Phase;
use csta::model::{Fault, Message, Request};
use proptest::prelude::*;

use crate::generate::failure;
use crate::generate_event::report;
use crate::generate_service::{request, response};
use crate::support::{message, octets, to_hex};

/// Words of errors are not sent: the reader puts them.
fn without_words(mut message: Message) -> Message {
    if let Message::Fault { fault, .. }
    | Message::Request { request: Request::RouteEnd { fault: Some(fault), .. }, .. } = &mut message
        && let Fault::Failure { word, .. } = fault
    {
        word.clear();
    }
    message
}

fn any_message(phase: Phase) -> impl Strategy<Value = Message> {
    let reject = (0_u8..4, any::<i64>()).prop_map(|(group, problem)| Fault::Reject { group, problem });
    prop_oneof![
        8 => report(phase).prop_map(|report| Message::Event(Box::new(report))),
        6 => (any::<u32>(), request(phase)).prop_map(|(id, request)| Message::Request { id, request }),
        4 => (any::<u32>(), response(phase)).prop_map(|(id, response)| Message::Response { id, response }),
        1 => (any::<u32>(), failure(phase)).prop_map(|(id, fault)| Message::Fault { id: Some(id), fault }),
        1 => (any::<Option<u32>>(), reject).prop_map(|(id, fault)| Message::Fault { id, fault }),
    ]
}

fn comes_back(sent: &Message, phase: Phase) -> Result<(), TestCaseError> {
    let frame = octets(sent, phase);
    let received = without_words(message(&frame, phase));
    prop_assert_eq!(&received, sent, "{}", to_hex(&frame));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn messages_of_phase_three_come_back(sent in any_message(Phase::Three)) {
        comes_back(&sent, Phase::Three)?;
    }

    #[test]
    fn messages_of_phase_two_come_back(sent in any_message(Phase::Two)) {
        comes_back(&sent, Phase::Two)?;
    }

    #[test]
    fn messages_of_phase_one_come_back(sent in any_message(Phase::One)) {
        comes_back(&sent, Phase::One)?;
    }
}
