//! What a `Debug` or a trace file may show of a header.
//!
//! Secrets never appear. Names and free text are masked; runs of five and more digits (outside numbers) keep
//! their last two. Identifiers stay whole, or no log could be followed.

use std::borrow::Cow;

use crate::text;

/// What stands in place of a secret.
pub(crate) const REDACTED: &str = "[redacted]";

/// How a header's value may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    Secret,
    Personal,
    Identifier,
    Plain,
}

/// Tells how the value of `key` may be shown.
pub(crate) fn sight(key: &str) -> Sight {
    let key = key.to_ascii_lowercase();
    if is_secret(&key) {
        return Sight::Secret;
    }
    let identifiers = ["uniqueid", "linkedid", "channelid", "actionid", "timestamp", "commandid", "uptime"];
    if identifiers.iter().any(|word| key.ends_with(word)) {
        return Sight::Identifier;
    }
    let personal = [
        "calleridname",
        "connectedlinename",
        "callerid",
        "callername",
        "chanvariable",
        "variable",
        "value",
        "env",
        "data",
        "appdata",
        "applicationdata",
        "message-body",
        "body",
        "base64body",
        "output",
        "userfield",
        "extra",
        "result",
        "command",
        "val",
    ];
    if personal.iter().any(|word| key == *word) || key.ends_with("idname") || key.ends_with("linename") {
        return Sight::Personal;
    }
    if key.ends_with("chanvariable") || key.starts_with("chanvariable(") {
        Sight::Personal
    } else {
        Sight::Plain
    }
}

/// Secrets by name: the login ones and whatever looks like a password (`key` already in lower case).
fn is_secret(key: &str) -> bool {
    matches!(key, "key" | "pin") || ["secret", "passw", "token"].iter().any(|word| key.contains(word))
}

/// Shows a value as far as its key allows.
pub(crate) fn shown<'a>(key: &str, value: &'a str) -> Cow<'a, str> {
    if text::known(value).is_none() {
        return Cow::Borrowed(value);
    }
    match sight(key) {
        Sight::Secret => Cow::Borrowed(REDACTED),
        Sight::Personal => Cow::Owned(mask_text(value)),
        Sight::Identifier => Cow::Borrowed(value),
        Sight::Plain => mask_numbers(value),
    }
}

/// Masks all but the length of a personal text.
fn mask_text(value: &str) -> String {
    format!("[{} chars]", value.chars().count())
}

/// Masks every run of five or more digits but its last two. The eight digits at the end of a channel name
/// (`-0000000a`, here without letters) stay: they are a counter.
pub(crate) fn mask_numbers(value: &str) -> Cow<'_, str> {
    let mut longest = 0;
    let mut run = 0;
    for byte in value.bytes() {
        run = if byte.is_ascii_digit() { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    if longest < 5 {
        return Cow::Borrowed(value);
    }
    let mut masked = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, digits) = rest.split_at(start);
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, after) = digits.split_at(length);
        masked.push_str(before);
        if length < 5 || (length == 8 && before.ends_with('-')) {
            masked.push_str(digits);
        } else {
            masked.extend(std::iter::repeat_n('*', length - 2));
            masked.push_str(digits.get(length - 2..).unwrap_or_default());
        }
        rest = after;
    }
    masked.push_str(rest);
    Cow::Owned(masked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_never_shown_whatever_their_case() {
        for key in ["Secret", "SECRET", "Key", "Password", "dbpasswd", "AuthToken", "PIN"] {
            assert_eq!(shown(key, "s3cr3t"), REDACTED, "{key}");
        }
    }

    #[test]
    fn outside_numbers_keep_two_digits_and_extensions_stay() {
        assert_eq!(shown("CallerIDNum", "+420555123456"), "+**********56");
        assert_eq!(shown("Exten", "1001"), "1001");
        assert_eq!(shown("Channel", "Local/555123456@out-00000001;1"), "Local/*******56@out-00000001;1");
        assert_eq!(shown("DestCallerIDName", "Jan Test"), "[8 chars]");
    }

    #[test]
    fn identifiers_stay_whole() {
        assert_eq!(shown("DestUniqueid", "1700000000.12"), "1700000000.12");
        assert_eq!(shown("Timestamp", "1700000000.000001"), "1700000000.000001");
    }
}
