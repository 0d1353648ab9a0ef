//! How people and programs write numbers: `tel:` links (RFC 3966), words for an extension, separators, and the
//! words with which a switch says that it shows no number.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Why there is no number of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Absence {
    /// The caller asked not to be shown.
    Withheld,
    /// Nobody knows the number.
    Unknown,
}

/// Recognises the words with which switches and carriers say that there is no number.
pub fn absence(raw: &str) -> Option<Absence> {
    let word = raw.trim().trim_start_matches('<').trim_end_matches('>');
    let is = |known: &&str| word.eq_ignore_ascii_case(known);
    if ["anonymous", "withheld", "restricted", "private", "hidden"].iter().any(is) {
        Some(Absence::Withheld)
    } else if word.is_empty() || ["unknown", "unavailable", "none", "-"].iter().any(is) {
        Some(Absence::Unknown)
    } else {
        None
    }
}

/// The parts of a `tel:` link.
pub(super) struct TelUri {
    /// The number, separators included.
    pub(super) number: String,
    /// `;ext=`.
    pub(super) extension: Option<String>,
    /// A global `;phone-context=`, for example `+420`; a domain as context says nothing about digits.
    pub(super) context: Option<String>,
}

/// Reads a `tel:` link; none when `text` is not one, an error when it has a parameter that we do not know or
/// that is not well formed: what it asks for could not be done.
pub(super) fn tel_uri(text: &str) -> Option<Result<TelUri, ()>> {
    let scheme = text.get(..4)?;
    if !scheme.eq_ignore_ascii_case("tel:") {
        return None;
    }
    Some(tel_parts(text.get(4..).unwrap_or_default()).ok_or(()))
}

fn tel_parts(text: &str) -> Option<TelUri> {
    let text = percent_decoded(text)?;
    let mut parts = text.trim_start_matches('/').split(';');
    let mut uri = TelUri { number: parts.next()?.to_owned(), extension: None, context: None };
    for part in parts {
        let (name, value) = part.split_once('=')?;
        match name.to_ascii_lowercase().as_str() {
            "ext" => uri.extension = Some(clean(value).filter(|digits| !digits.contains('+'))?.into_owned()),
            "phone-context" if value.starts_with('+') => uri.context = Some(clean(value)?.into_owned()),
            // A domain as context and a sub-address leave the digits as they are.
            "phone-context" | "isub" => {}
            _ => return None,
        }
    }
    Some(uri)
}

/// Links come percent-encoded (`tel:%2B420…`).
fn percent_decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            decoded.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

/// Words and signs before an extension: English, Czech, Slovak, Polish, Italian, German; a pause.
const EXTENSION_WORDS: [&str; 17] = [
    "extension",
    "ext",
    "x",
    "klapka",
    "kl",
    "linka",
    "wewn",
    "wew",
    "interno",
    "int",
    "durchwahl",
    "dw",
    "apparat",
    "app",
    "#",
    ",",
    ";",
];
/// Longest extension behind a number, and the fewest digits of a number before one.
const LONGEST_EXTENSION: usize = 7;
const SHORTEST_NUMBER: usize = 5;

/// Parts `602 123 456 kl. 12` into the number and `12`.
pub(super) fn split_extension(text: &str) -> Option<(&str, &str)> {
    let head = text.trim_end_matches(|last: char| last.is_ascii_digit());
    let digits = text.get(head.len()..)?;
    if digits.is_empty() || digits.len() > LONGEST_EXTENSION {
        return None;
    }
    let head = head.trim_end_matches([' ', '\u{a0}', '.', ':', '=']);
    let lower = head.to_ascii_lowercase();
    let number = EXTENSION_WORDS.iter().find_map(|word| {
        let number = lower.strip_suffix(word)?;
        // "x" of "fax" is no word of its own.
        (!number.ends_with(char::is_alphabetic)).then_some(number)
    })?;
    let number = head.get(..number.len())?.trim_end();
    let starts = number.starts_with(|first: char| first.is_ascii_digit() || first == '+' || first == '(');
    let enough = number.bytes().filter(u8::is_ascii_digit).count() >= SHORTEST_NUMBER;
    (starts && enough).then_some((number, digits))
}

/// Removes visual separators; none when anything else than digits, `*`, `#` and one leading `+` is left, or
/// nothing at all.
pub(super) fn clean(text: &str) -> Option<Cow<'_, str>> {
    let plain = |text: &str| {
        let digits = text.strip_prefix('+').unwrap_or(text);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'*' || byte == b'#')
    };
    if plain(text) {
        return Some(Cow::Borrowed(text));
    }
    let stripped: String = text.chars().filter(|sign| !is_separator(*sign)).collect();
    plain(&stripped).then_some(Cow::Owned(stripped))
}

/// Spaces, dashes of all kinds, dots, slashes, parentheses, and the invisible marks that come along when a number
/// is copied from a page.
fn is_separator(sign: char) -> bool {
    matches!(
        sign,
        '-' | '.' | '(' | ')' | '/' | ' ' | '\t' | '\u{a0}' | '\u{2000}'..='\u{2015}' | '\u{202a}'..='\u{202f}'
            | '\u{2060}' | '\u{2212}' | '\u{feff}'
    )
}
