//! Text forms of the manager interface: C-escapes, URI-encoding, time stamps, unknown markers.

use std::borrow::Cow;

/// Gives `None` for the ways Asterisk writes "nothing known": empty, `<unknown>`, `<null>`.
#[inline]
pub fn known(value: &str) -> Option<&str> {
    match value {
        "" | "<unknown>" | "<null>" => None,
        other => Some(other),
    }
}

/// Undoes the C-escapes Asterisk (13.5 and later) puts into `CallerIDName`, `ConnectedLineName`, `ChanVariable`
/// values and `VarSet`'s `Value`. One pass; an unknown escape is kept as it stands.
pub fn unescape(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
        return Cow::Borrowed(value);
    }
    let mut plain = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('a') => plain.push('\u{07}'),
            Some('b') => plain.push('\u{08}'),
            Some('f') => plain.push('\u{0c}'),
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            Some('t') => plain.push('\t'),
            Some('v') => plain.push('\u{0b}'),
            Some(same @ ('\\' | '\'' | '"' | '?')) => plain.push(same),
            Some(other) => plain.extend(['\\', other]),
            None => plain.push('\\'),
        }
    }
    Cow::Owned(plain)
}

/// Writes a value with the same C-escapes, for simulated switches and round-trip proofs.
pub fn escape(value: &str) -> Cow<'_, str> {
    if !value.chars().any(|c| escape_letter(c).is_some()) {
        return Cow::Borrowed(value);
    }
    let mut escaped = String::with_capacity(value.len() + 8);
    for c in value.chars() {
        match escape_letter(c) {
            Some(letter) => escaped.extend(['\\', letter]),
            None => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

fn escape_letter(c: char) -> Option<char> {
    Some(match c {
        '\u{07}' => 'a',
        '\u{08}' => 'b',
        '\u{0c}' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\u{0b}' => 'v',
        '\\' | '\'' | '"' | '?' => c,
        _ => return None,
    })
}

/// Undoes URI-encoding (`%20`), as used by `AsyncAGIStart`'s `Env` and `AsyncAGIExec`'s `Result`.
/// A broken escape (cut at the 2048-byte limit of Asterisk) is kept as it stands.
pub fn uri_decode(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%'
            && let [high, low, after @ ..] = tail
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            bytes.push(high * 16 + low);
            rest = after;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Reads `seconds.micros` into microseconds since 1970 (UTC). Digits beyond microseconds are dropped.
pub fn timestamp_us(value: &str) -> Option<i64> {
    let value = value.trim();
    let (seconds, fraction) = value.split_once('.').unwrap_or((value, ""));
    let seconds: i64 = seconds.parse().ok().filter(|seconds| *seconds >= 0)?;
    let mut micros: i64 = 0;
    let mut digits = fraction.bytes();
    for _ in 0..6 {
        let digit = match digits.next() {
            Some(byte @ b'0'..=b'9') => i64::from(byte - b'0'),
            Some(_) => return None,
            None => 0,
        };
        micros = micros * 10 + digit;
    }
    seconds.checked_mul(1_000_000)?.checked_add(micros)
}

/// Reads the words Asterisk uses for yes and no.
pub fn flag(value: &str) -> Option<bool> {
    const YES: [&str; 5] = ["1", "yes", "true", "on", "y"];
    const NO: [&str; 5] = ["0", "no", "false", "off", "n"];
    let is_one_of = |words: [&str; 5]| words.iter().any(|word| value.eq_ignore_ascii_case(word));
    if is_one_of(YES) {
        Some(true)
    } else if is_one_of(NO) {
        Some(false)
    } else {
        None
    }
}

/// Turns bytes that are not UTF-8 into readable text: broken bytes from `0xA0` on are read as Latin-1 (names from
/// old trunks), the rest become the replacement character. The same bytes always give the same text.
pub(crate) fn repair(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push(if *byte >= 0xA0 { char::from(*byte) } else { char::REPLACEMENT_CHARACTER });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn unknown_markers_are_none() {
        assert_eq!(["", "<unknown>", "<null>", "x"].map(known), [None, None, None, Some("x")]);
    }

    #[test]
    fn escapes_are_undone_in_one_pass() {
        assert_eq!(unescape(r#"Bob \"the\\n\" x\n"#), "Bob \"the\\n\" x\n");
        assert_eq!(unescape(r"odd \q end \"), r"odd \q end \");
        assert!(matches!(unescape("plain"), Cow::Borrowed("plain")));
    }

    #[test]
    fn uri_text_is_decoded_and_broken_escapes_are_kept() {
        assert_eq!(uri_decode("200%20result%3D53%0A"), "200 result=53\n");
        assert_eq!(uri_decode("a%2"), "a%2");
        assert_eq!(uri_decode("100%zz"), "100%zz");
    }

    #[test]
    fn timestamps_are_microseconds() {
        assert_eq!(timestamp_us("1700000000.123456"), Some(1_700_000_000_123_456));
        assert_eq!(timestamp_us("1700000000.1"), Some(1_700_000_000_100_000));
        assert_eq!(timestamp_us("1700000000"), Some(1_700_000_000_000_000));
        assert_eq!(timestamp_us("1700000000.1234569"), Some(1_700_000_000_123_456));
        assert_eq!(["", "x.1", "1.x", "-1.0", "99999999999999999999"].map(timestamp_us), [None; 5]);
    }

    #[test]
    fn flags_know_the_words_of_asterisk() {
        assert_eq!(
            ["1", "Yes", "true", "0", "No", "maybe"].map(flag),
            [Some(true), Some(true), Some(true), Some(false), Some(false), None]
        );
    }

    #[test]
    fn latin_1_names_stay_readable() {
        assert_eq!(repair(b"Ren\xe9 \xc3\xa9 \x80"), "René é \u{fffd}");
    }

    proptest! {
        // ami.md §11: escape/unescape round trip.
        #[test]
        fn escape_then_unescape_gives_the_same_text(text in any::<String>()) {
            let escaped = escape(&text);
            prop_assert!(!escaped.contains(['\r', '\n']));
            let plain = unescape(&escaped);
            prop_assert_eq!(plain.as_ref(), text.as_str());
        }
    }
}
