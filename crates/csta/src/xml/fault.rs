//! Negative answers: `CSTAErrorCode`, `CSTAException`, negative answers of ECMA-354.

use super::{part::Element, tree::Node, write::Writer};
use crate::{
    error::Unencodable,
    model::{Fault, FaultCategory, PRIVATE_DATA_ERROR, SessionRefusal, fault_code, fault_word},
};

/// Elements of the categories. The schema's own spelling of the fourth stands first (quirk 3): it is the one
/// written.
const CATEGORIES: [(FaultCategory, &str); 10] = [
    (FaultCategory::Operation, "operation"),
    (FaultCategory::Security, "security"),
    (FaultCategory::StateIncompatibility, "stateIncompatibility"),
    (FaultCategory::SystemResource, "systemResourceAvailibility"),
    (FaultCategory::SystemResource, "systemResourceAvailability"),
    (FaultCategory::SubscribedResource, "subscribedResourceAvailability"),
    (FaultCategory::Performance, "performanceManagement"),
    (FaultCategory::Private, "privateErrorCode"),
    (FaultCategory::Private, "privateData"),
    (FaultCategory::Unspecified, "unspecified"),
];

/// A universalFailure, as root `CSTAErrorCode` and as `errorValue` of a Route End.
pub(super) struct ErrorValue;

impl Element for ErrorValue {
    type Value = Fault;

    fn get(node: Node<'_>) -> Option<Fault> {
        let failure = node.children().find_map(|child| {
            let (category, _) = CATEGORIES.iter().find(|(_, name)| child.is(name))?;
            Some((*category, child.text()))
        });
        Some(match failure {
            Some((category, word)) => {
                Fault::Failure { category, code: fault_code(category, word), word: word.to_owned() }
            }
            None => Fault::Other { detail: node.source().trim_ascii().to_owned() },
        })
    }

    fn put(value: &Fault, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        let Fault::Failure { category, code, word } = value else {
            return Err(out.value(name, format!("{value:?} is no universalFailure")));
        };
        out.open(name);
        put_failure(*category, *code, word, out)?;
        out.close(name);
        Ok(())
    }
}

/// Writes the category with its word; a word that is not told is found by its code.
pub(super) fn put_failure(
    category: FaultCategory,
    code: u16,
    word: &str,
    out: &mut Writer<'_>,
) -> Result<(), Unencodable> {
    let element = if category == FaultCategory::Private && word == PRIVATE_DATA_ERROR {
        "privateData"
    } else {
        CATEGORIES.iter().find(|(known, _)| *known == category).map_or("unspecified", |(_, name)| *name)
    };
    if category == FaultCategory::Unspecified {
        out.empty(element);
        return Ok(());
    }
    if !word.is_empty() {
        return out.leaf(element, word);
    }
    match fault_word(category, code) {
        Some(word) => out.leaf(element, word),
        None => Err(out.value(element, format!("there is no word for code {code}"))),
    }
}

/// What a `CSTAException` says: Avaya packs a universalFailure into some.
pub(super) fn exception(root: Node<'_>) -> Fault {
    if let Some(code) = root.child("CSTAErrorCode").and_then(ErrorValue::get) {
        return code;
    }
    let part = |name| root.child(name).map(Node::text).filter(|text| !text.is_empty());
    let detail = match (part("exceptionClass"), part("message")) {
        (Some(class), Some(message)) => format!("{class}: {message}"),
        (Some(text), None) | (None, Some(text)) => text.to_owned(),
        (None, None) => root.source().trim_ascii().to_owned(),
    };
    Fault::Other { detail }
}

/// Refusals of ECMA-354 by their word.
const REFUSALS: [(SessionRefusal, &str, &str); 6] = [
    (SessionRefusal::InvalidApplicationInfo, "invalidApplicationInfo", "StartApplicationSession"),
    (
        SessionRefusal::ProtocolVersionNotSupported,
        "requestedProtocolVersionNotSupported",
        "StartApplicationSession",
    ),
    (SessionRefusal::ServerResourcesBusy, "serverResourcesBusy", "StartApplicationSession"),
    (SessionRefusal::MaxNumberSessions, "maxNumberSessions", "StartApplicationSession"),
    (SessionRefusal::InvalidSessionId, "invalidSessionID", "ResetApplicationSessionTimer"),
    (SessionRefusal::CannotResetTimer, "serverCannotResetSessionTimer", "ResetApplicationSessionTimer"),
];

/// What a negative answer of ECMA-354 says.
pub(super) fn refusal(root: Node<'_>) -> SessionRefusal {
    let code = root.child("errorCode").unwrap_or(root);
    let said = code.child("definedError").or_else(|| code.child("applError")).unwrap_or(code);
    REFUSALS
        .iter()
        .find(|(_, word, _)| *word == said.token())
        .map_or_else(|| SessionRefusal::Other(said.text().to_owned()), |(refusal, _, _)| refusal.clone())
}

/// The service whose negative answer says this. The model does not tell which one was asked: an invalid
/// session is said of the timer, which is what a lost session shows first, and free text of the start.
pub(super) fn refused_service(refusal: &SessionRefusal) -> &'static str {
    REFUSALS
        .iter()
        .find(|(known, _, _)| known == refusal)
        .map_or("StartApplicationSession", |(_, _, name)| name)
}

/// Writes the content of a negative answer of ECMA-354.
pub(super) fn put_refusal(refusal: &SessionRefusal, out: &mut Writer<'_>) -> Result<(), Unencodable> {
    out.open("errorCode");
    match (refusal, REFUSALS.iter().find(|(known, _, _)| known == refusal)) {
        (SessionRefusal::Other(text), _) => out.leaf("applError", text)?,
        (_, Some((_, word, _))) => out.token("definedError", word),
        (_, None) => {}
    }
    out.close("errorCode");
    Ok(())
}
