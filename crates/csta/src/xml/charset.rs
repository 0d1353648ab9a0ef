//! Octets of a body to text: byte order mark, XML declaration, `encoding_rs`.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::Malformed;

/// How far a declaration is looked for.
const DECLARATION_MAX: usize = 200;

/// The text of a body and how many octets of byte order mark stood before it.
pub(super) fn to_text(body: &[u8]) -> Result<(Cow<'_, str>, usize), Malformed> {
    match body {
        [0xEF, 0xBB, 0xBF, rest @ ..] => Ok((unicode(rest), 3)),
        [0xFE, 0xFF, rest @ ..] => Ok((with(UTF_16BE, rest), 2)),
        [0xFF, 0xFE, rest @ ..] => Ok((with(UTF_16LE, rest), 2)),
        [0, b'<', ..] => Ok((with(UTF_16BE, body), 0)),
        [b'<', 0, ..] => Ok((with(UTF_16LE, body), 0)),
        _ => Ok((declared(body)?, 0)),
    }
}

/// Text without a byte order mark, by its declaration.
fn declared(body: &[u8]) -> Result<Cow<'_, str>, Malformed> {
    let Some(label) = label(body) else { return Ok(unicode(body)) };
    let encoding = Encoding::for_label(label).ok_or_else(|| Malformed {
        context: "declaration".to_owned(),
        what: format!("the encoding {} is not known", String::from_utf8_lossy(label)),
        at: 0,
    })?;
    // A declaration that can be read octet by octet is not in UTF-16, whatever it says: text writers of .NET
    // declare UTF-16 for a string that another layer then sends as UTF-8.
    if encoding == UTF_8 || encoding == UTF_16LE || encoding == UTF_16BE {
        return Ok(unicode(body));
    }
    Ok(with(encoding, body))
}

/// UTF-8, or what most likely stands there when it is not: a name in the code page of Western Europe must not
/// cost the event that carries it.
fn unicode(body: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => with(WINDOWS_1252, body),
    }
}

fn with<'a>(encoding: &'static Encoding, body: &'a [u8]) -> Cow<'a, str> {
    encoding.decode_without_bom_handling(body).0
}

/// Value of `encoding` in the XML declaration.
fn label(body: &[u8]) -> Option<&[u8]> {
    let body = body.strip_prefix(b"<?xml")?;
    let end = body.iter().take(DECLARATION_MAX).position(|octet| *octet == b'>')?;
    let declaration = body.get(..end)?;
    let name = b"encoding";
    let at = declaration.windows(name.len()).position(|window| window == name)?;
    let value = declaration.get(at + name.len()..)?.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, value) = value.split_first()?;
    let end = value.iter().position(|octet| octet == quote)?;
    value.get(..end)
}
