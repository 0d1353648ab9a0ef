//! One manager message: ordered, repeated, case-blind headers over one block of text.
//!
//! A message owns its bytes once; headers are ranges into them, so that reading a header copies nothing and
//! a clone costs two counters. Bytes that are not UTF-8 (caller names of old trunks) are repaired for reading,
//! and the bytes as received stay available for identifiers and evidence.

use std::{fmt, str::FromStr, sync::Arc};

use crate::{
    error::ActionError,
    redact,
    scan::{narrow, widen},
    text,
};

/// Where a key and its value stand in the message text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) key_start: u32,
    pub(crate) key_end: u32,
    pub(crate) value_start: u32,
    pub(crate) value_end: u32,
}

/// What a message is, by its first header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind<'a> {
    /// An event and its name.
    Event(&'a str),
    /// A response and its word (`Success`, `Error`, `Goodbye`, `Follows`, …).
    Response(&'a str),
    /// An action and its name (seen by a simulated switch).
    Action(&'a str),
    /// None of these; kept all the same.
    Other,
}

/// A message as received. Cheap to clone. `Debug` hides secrets and masks personal data.
#[derive(Clone)]
pub struct Message {
    text: Arc<str>,
    headers: Arc<[Header]>,
    /// Free text of `Response: Follows`, as a range of `text`.
    follows: Option<(u32, u32)>,
    /// Present only when the bytes were not UTF-8 and `text` is their repaired form.
    original: Option<Arc<Original>>,
}

/// The bytes as received, with the headers as ranges into them.
struct Original {
    bytes: Box<[u8]>,
    headers: Box<[Header]>,
}

impl Message {
    /// Builds a message from the bytes of the framer; all ranges lie inside `bytes`.
    pub(crate) fn from_parts(bytes: &[u8], headers: &[Header], follows: Option<(u32, u32)>) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self { text: Arc::from(text), headers: Arc::from(headers), follows, original: None },
            Err(_) => Self::repaired(bytes, headers, follows),
        }
    }

    fn repaired(bytes: &[u8], headers: &[Header], follows: Option<(u32, u32)>) -> Self {
        let mut text = String::with_capacity(bytes.len());
        let mut append = |start: u32, end: u32| {
            let from = text.len();
            text.push_str(&text::repair(bytes.get(widen(start)..widen(end)).unwrap_or_default()));
            (narrow(from), narrow(text.len()))
        };
        let mut moved = Vec::with_capacity(headers.len());
        for header in headers {
            let (key_start, key_end) = append(header.key_start, header.key_end);
            let (value_start, value_end) = append(header.value_start, header.value_end);
            moved.push(Header { key_start, key_end, value_start, value_end });
        }
        let follows = follows.map(|(start, end)| append(start, end));
        let original = Original { bytes: Box::from(bytes), headers: Box::from(headers) };
        Self { text: Arc::from(text), headers: Arc::from(moved), follows, original: Some(Arc::new(original)) }
    }

    /// Builds a message from headers, for simulated switches and tests. Refuses what [`crate::Action`] refuses in
    /// keys and values, but knows no length limits, as the switch has none.
    pub fn from_headers<K: AsRef<str>, V: AsRef<str>>(
        headers: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, ActionError> {
        let mut text = String::new();
        let mut ranges = Vec::new();
        for (key, value) in headers {
            let (key, value) = (key.as_ref(), value.as_ref());
            crate::action::check_header("message", key, value)?;
            let key_start = narrow(text.len());
            text.push_str(key);
            let key_end = narrow(text.len());
            text.push_str(": ");
            let value_start = narrow(text.len());
            text.push_str(value);
            let value_end = narrow(text.len());
            text.push_str("\r\n");
            ranges.push(Header { key_start, key_end, value_start, value_end });
        }
        text.push_str("\r\n");
        Ok(Self { text: Arc::from(text), headers: Arc::from(ranges), follows: None, original: None })
    }

    /// Reads one whole message from its bytes (the ending empty line may be missing).
    /// Gives `None` when there is no header in them.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut framer = crate::frame::Framer::without_banner();
        framer.feed(bytes);
        framer.feed(b"\r\n\r\n");
        match framer.next_frame() {
            Ok(Some(crate::frame::Frame::Message(message))) => Some(message),
            _ => None,
        }
    }

    /// The bytes as received, from the first header to the ending empty line.
    pub fn raw(&self) -> &[u8] {
        self.original.as_ref().map_or(self.text.as_bytes(), |original| &original.bytes)
    }

    /// What the message is, by its first header.
    pub fn kind(&self) -> MessageKind<'_> {
        let Some((key, value)) = self.headers().next() else {
            return MessageKind::Other;
        };
        if key.eq_ignore_ascii_case("Event") {
            MessageKind::Event(value)
        } else if key.eq_ignore_ascii_case("Response") {
            MessageKind::Response(value)
        } else if key.eq_ignore_ascii_case("Action") {
            MessageKind::Action(value)
        } else {
            MessageKind::Other
        }
    }

    /// The event's name, if this is an event.
    #[inline]
    pub fn event_name(&self) -> Option<&str> {
        match self.kind() {
            MessageKind::Event(name) => Some(name),
            MessageKind::Response(_) | MessageKind::Action(_) | MessageKind::Other => None,
        }
    }

    /// All headers in wire order, repeated keys included.
    pub fn headers(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> + ExactSizeIterator {
        self.headers.iter().map(|header| (self.key(*header), self.value(*header)))
    }

    /// Value of the first header with this key, whatever its case. Empty values are given as they are.
    #[inline]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.get_prefixed("", key)
    }

    /// Value of the first header whose key is `prefix` followed by `key` (`Dest` + `Uniqueid`).
    #[inline]
    pub fn get_prefixed(&self, prefix: &str, key: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|header| self.has_key(**header, prefix, key))
            .map(|header| self.value(*header))
    }

    /// Like [`get`](Self::get), with empty, `<unknown>` and `<null>` turned into `None`.
    #[inline]
    pub fn known(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(text::known)
    }

    /// The first of several keys that is present and known: one header has had several names over the years.
    pub fn known_of(&self, keys: &[&str]) -> Option<&str> {
        keys.iter().find_map(|key| self.known(key))
    }

    /// The exact bytes of a value as received, for comparing identifiers that are not UTF-8.
    pub fn get_bytes(&self, key: &str) -> Option<&[u8]> {
        let at = self.headers.iter().position(|header| self.has_key(*header, "", key))?;
        match &self.original {
            None => self.headers.get(at).map(|header| self.value(*header).as_bytes()),
            Some(original) => {
                let header = original.headers.get(at)?;
                original.bytes.get(widen(header.value_start)..widen(header.value_end))
            }
        }
    }

    /// Values of all headers with this key, in wire order.
    pub fn get_all(&self, key: &str) -> impl Iterator<Item = &str> {
        self.get_all_prefixed("", key)
    }

    /// Values of all headers whose key is `prefix` followed by `key`, in wire order.
    pub fn get_all_prefixed(&self, prefix: &str, key: &str) -> impl Iterator<Item = &str> {
        self.headers
            .iter()
            .filter(move |header| self.has_key(**header, prefix, key))
            .map(|header| self.value(*header))
    }

    /// A value read as a number or another parsable type; `None` if absent or unreadable.
    #[inline]
    pub fn number<T: FromStr>(&self, key: &str) -> Option<T> {
        self.get(key).and_then(|value| value.trim().parse().ok())
    }

    /// `ActionID`, if present and not empty.
    #[inline]
    pub fn action_id(&self) -> Option<&str> {
        self.get("ActionID").filter(|id| !id.is_empty())
    }

    /// `Timestamp` in microseconds since 1970, when the switch has `timestampevents=yes`.
    #[inline]
    pub fn timestamp_us(&self) -> Option<i64> {
        self.get("Timestamp").and_then(text::timestamp_us)
    }

    /// How long the message was under way, in microseconds: arrival (µs since 1970 by our clock) minus
    /// `Timestamp`. Late events show here first. Negative when the clocks differ the other way.
    pub fn lag_us(&self, arrived_us: i64) -> Option<i64> {
        self.timestamp_us().and_then(|sent| arrived_us.checked_sub(sent))
    }

    /// Lines printed by a `Command` action: the `Output` headers of Asterisk 14 and later, or the free text of
    /// the older `Response: Follows`.
    pub fn output(&self) -> impl Iterator<Item = &str> {
        let free = self.follows.and_then(|(start, end)| self.slice(start, end)).unwrap_or_default();
        self.get_all("Output").chain(free.lines())
    }

    /// The free text of `Response: Follows`, without its end marker.
    pub fn free_text(&self) -> Option<&str> {
        self.follows.and_then(|(start, end)| self.slice(start, end))
    }

    #[inline]
    fn slice(&self, start: u32, end: u32) -> Option<&str> {
        self.text.get(widen(start)..widen(end))
    }

    #[inline]
    fn key(&self, header: Header) -> &str {
        self.slice(header.key_start, header.key_end).unwrap_or_default()
    }

    #[inline]
    fn value(&self, header: Header) -> &str {
        self.slice(header.value_start, header.value_end).unwrap_or_default()
    }

    /// Compares a key piecewise, so that a prefixed look-up builds no string. Most keys fail on their length.
    #[inline]
    fn has_key(&self, header: Header, prefix: &str, key: &str) -> bool {
        let length = widen(header.key_end - header.key_start);
        if length != prefix.len() + key.len() {
            return false;
        }
        let bytes = self.text.as_bytes();
        let start = widen(header.key_start);
        let Some(found) = bytes.get(start..start + length) else {
            return false;
        };
        // Differing last letters end most of the remaining comparisons; bit 0x20 is the case.
        if let (Some(last), Some(wanted)) = (found.last(), key.as_bytes().last())
            && (last ^ wanted) & 0xDF != 0
        {
            return false;
        }
        let Some((head, tail)) = found.split_at_checked(prefix.len()) else {
            return false;
        };
        tail.eq_ignore_ascii_case(key.as_bytes()) && head.eq_ignore_ascii_case(prefix.as_bytes())
    }
}

impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        self.headers().eq(other.headers()) && self.free_text() == other.free_text()
    }
}

impl Eq for Message {}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (key, value) in self.headers() {
            map.entry(&key, &redact::shown(key, value));
        }
        if let Some(free) = self.free_text() {
            map.entry(&"(free text)", &format_args!("[{} bytes]", free.len()));
        }
        map.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(bytes: &[u8]) -> Message {
        Message::parse(bytes).unwrap()
    }

    #[test]
    fn headers_keep_their_order_and_repeat() {
        let m = message(b"Event: Status\r\nVariable: a=1\r\nUniqueid: 1.1\r\nvariable: b=2\r\n\r\n");
        assert_eq!(m.get_all("VARIABLE").collect::<Vec<_>>(), ["a=1", "b=2"]);
        assert_eq!(
            m.headers().map(|(k, _)| k).collect::<Vec<_>>(),
            ["Event", "Variable", "Uniqueid", "variable"]
        );
        assert_eq!(m.get("uniqueID"), Some("1.1"));
        assert_eq!(m.kind(), MessageKind::Event("Status"));
    }

    #[test]
    fn a_prefixed_lookup_does_not_take_the_plain_key() {
        let m = message(b"Event: DialBegin\r\nUniqueid: 1.1\r\nDestUniqueid: 1.2\r\n\r\n");
        assert_eq!(m.get_prefixed("Dest", "Uniqueid"), Some("1.2"));
        assert_eq!(m.get_prefixed("", "Uniqueid"), Some("1.1"));
        assert_eq!(m.get_prefixed("Orig", "Uniqueid"), None);
    }

    #[test]
    fn unknown_values_are_none_and_aliases_are_tried_in_order() {
        let m = message(b"Event: X\r\nCallerIDNum: <unknown>\r\nName: \r\nMemberName: Ann\r\n\r\n");
        assert_eq!(m.known("CallerIDNum"), None);
        assert_eq!(m.get("CallerIDNum"), Some("<unknown>"));
        assert_eq!(m.known_of(&["Name", "MemberName"]), Some("Ann"));
    }

    #[test]
    fn broken_text_is_repaired_for_reading_and_kept_as_bytes() {
        let wire = b"Event: X\r\nCallerIDName: Ren\xe9\r\nUniqueid: 1.1\r\n\r\n";
        let m = message(wire);
        assert_eq!(m.get("CallerIDName"), Some("René"));
        assert_eq!(m.get_bytes("calleridname"), Some(&b"Ren\xe9"[..]));
        assert_eq!(m.get("Uniqueid"), Some("1.1"));
        assert_eq!(m.raw(), wire);
    }

    #[test]
    fn debug_shows_neither_secret_nor_number_nor_name() {
        let m = message(
            b"Action: Login\r\nSecret: hunter22\r\nKey: 0123456789abcdef\r\nCallerIDNum: 420555123456\r\n\
              CallerIDName: Eva Test\r\nUniqueid: 1700000000.9\r\n\r\n",
        );
        let shown = format!("{m:?}");
        for hidden in ["hunter22", "0123456789abcdef", "420555123456", "Eva"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
        assert!(shown.contains("1700000000.9"), "{shown}");
    }

    #[test]
    fn a_built_message_reads_back_as_itself() {
        let built =
            Message::from_headers([("Event", "Hangup"), ("Cause-txt", "a: b"), ("Exten", "")]).unwrap();
        assert_eq!(message(built.raw()), built);
        assert!(Message::from_headers([("Event", "a\r\nb")]).is_err());
    }
}
