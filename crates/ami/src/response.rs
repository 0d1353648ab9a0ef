//! Responses: what an action was answered.

use crate::{Message, action::ReplyShape, message::MessageKind, text};

/// The word after `Response:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict<'a> {
    /// `Success` (and `Pong` of old versions).
    Success,
    /// `Error`.
    Error,
    /// `Goodbye` after a `Logoff`.
    Goodbye,
    /// `Follows`: the output of a command as free text (Asterisk up to 13 and some gateways).
    Follows,
    /// Another word, kept.
    Other(&'a str),
}

/// A message viewed as a response.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    message: &'a Message,
    verdict: Verdict<'a>,
}

impl<'a> Response<'a> {
    /// Views a message as a response; `None` if it is not one.
    pub fn of(message: &'a Message) -> Option<Self> {
        let MessageKind::Response(word) = message.kind() else {
            return None;
        };
        let is = |known: &str| word.eq_ignore_ascii_case(known);
        let verdict = if is("Success") || is("Pong") {
            Verdict::Success
        } else if is("Error") {
            Verdict::Error
        } else if is("Goodbye") {
            Verdict::Goodbye
        } else if is("Follows") {
            Verdict::Follows
        } else {
            Verdict::Other(word)
        };
        Some(Self { message, verdict })
    }

    /// The message behind the view.
    pub const fn raw(self) -> &'a Message {
        self.message
    }

    /// The verdict.
    pub const fn verdict(self) -> Verdict<'a> {
        self.verdict
    }

    /// Tells whether the switch did (or queued) what was asked.
    pub const fn is_success(self) -> bool {
        matches!(self.verdict, Verdict::Success | Verdict::Goodbye | Verdict::Follows)
    }

    /// `Message`, without blanks around it.
    pub fn text(self) -> Option<&'a str> {
        self.message.get("Message").map(str::trim).and_then(text::known)
    }

    /// Tells whether list items will follow.
    pub fn starts_list(self) -> bool {
        self.message.get("EventList").is_some_and(|word| word.trim().eq_ignore_ascii_case("start"))
    }

    /// Tells whether this error is how the switch says "no rows" for an action of that shape.
    pub fn means_no_rows(self, shape: ReplyShape) -> bool {
        let (Verdict::Error, ReplyShape::List { empty_errors }) = (self.verdict, shape) else {
            return false;
        };
        let text = self.text().unwrap_or_default();
        empty_errors
            .iter()
            .any(|start| text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))
    }
}

/// Tells whether an event with our `ActionID` ends a list: by `EventList: Complete`, by `Cancelled`, or in replies
/// without that header by a name that ends in `Complete`.
pub fn ends_list(event: &Message) -> bool {
    match event.get("EventList").map(str::trim) {
        Some(word) => ["Complete", "Cancelled", "Canceled"].iter().any(|end| word.eq_ignore_ascii_case(end)),
        None => event.event_name().is_some_and(|name| name.ends_with("Complete")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{PjsipShowEndpoints, Request};

    fn message(text: &str) -> Message {
        Message::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn verdicts_are_read() {
        let verdict = |word: &str| {
            let m = message(&format!("Response: {word}\r\nMessage: x\n\r\n"));
            Response::of(&m).map(|r| (r.is_success(), r.text().map(str::to_owned))).unwrap()
        };
        for (word, success) in [
            ("Success", true),
            ("success", true),
            ("Pong", true),
            ("Error", false),
            ("Goodbye", true),
            ("Odd", false),
        ] {
            assert_eq!(verdict(word), (success, Some("x".to_owned())), "{word}");
        }
        assert!(Response::of(&message("Event: X\r\n\r\n")).is_none());
    }

    #[test]
    fn an_empty_list_may_be_an_error() {
        let shape = PjsipShowEndpoints {}.to_action().unwrap().shape();
        let none = message("Response: Error\r\nMessage: No endpoints found\n\r\n");
        assert!(Response::of(&none).unwrap().means_no_rows(shape));
        assert!(!Response::of(&none).unwrap().means_no_rows(ReplyShape::Single));
        let denied = message("Response: Error\r\nMessage: Permission denied\r\n\r\n");
        assert!(!Response::of(&denied).unwrap().means_no_rows(shape));
    }

    #[test]
    fn a_list_ends_by_header_or_by_name() {
        assert!(ends_list(&message("Event: QueueStatusComplete\r\nEventList: Complete\r\n\r\n")));
        assert!(ends_list(&message("Event: AgentsComplete\r\n\r\n")));
        assert!(!ends_list(&message("Event: QueueMember\r\n\r\n")));
        assert!(!ends_list(&message("Event: AgentComplete\r\nEventList: item\r\n\r\n")));
    }
}
