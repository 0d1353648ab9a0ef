//! What a wire said, kept as it was said: the proof of a call's figures, and a field bug's fixture.

use std::sync::Arc;

use ami::Message;

/// One message of a wire.
#[derive(Debug, Clone)]
pub enum Evidence {
    /// Of a manager interface.
    Manager(Message),
    /// Of CSTA: an XML document, or `BER ` and hexadecimal digits.
    Csta(Arc<str>),
}

impl Evidence {
    /// A CSTA body as evidence.
    pub fn csta(body: &[u8]) -> Self {
        let text = match std::str::from_utf8(body) {
            Ok(text) if text.trim_start_matches('\u{FEFF}').trim_start().starts_with('<') => text.to_owned(),
            _ => hexadecimal(body),
        };
        Self::Csta(text.into())
    }

    /// Its text in a trace.
    pub fn raw(&self) -> &[u8] {
        match self {
            Self::Manager(message) => message.raw(),
            Self::Csta(text) => text.as_bytes(),
        }
    }

    /// The octets of a CSTA body that stands in a trace like this; none when it is something else.
    pub fn csta_body(text: &str) -> Option<Vec<u8>> {
        let text = text.trim();
        let Some(digits) = text.strip_prefix("BER ") else {
            return text.starts_with('<').then(|| text.as_bytes().to_vec());
        };
        let pairs = digits.as_bytes().chunks(2);
        pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
    }
}

fn hexadecimal(body: &[u8]) -> String {
    use std::fmt::Write as _;
    body.iter().fold("BER ".to_owned(), |mut text, octet| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{octet:02X}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_of_csta_comes_back_from_its_trace() {
        for body in [&b"<a>\xC5\x99</a>"[..], &[0xA1, 0x03, 0x02, 0x01, 0x00]] {
            let evidence = Evidence::csta(body);
            let text = std::str::from_utf8(evidence.raw()).unwrap();
            assert_eq!(Evidence::csta_body(text).as_deref(), Some(body), "{text}");
        }
        assert_eq!(Evidence::csta_body("Event: Hangup"), None);
        assert_eq!(Evidence::csta_body("BER A1Z"), None);
    }
}
