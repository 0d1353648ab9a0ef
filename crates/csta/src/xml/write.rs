//! Writes a document: names, escapes, what a document may hold.

use std::fmt::Write as _;

use super::style::Style;
use crate::{error::Unencodable, model::Stamp};

/// A document while it is written.
pub(super) struct Writer<'s> {
    text: String,
    /// Name of the root element without `Response`, for errors.
    service: &'static str,
    /// Private data that go into the extensions at the end, each the content of one `private` or `string`.
    private: Vec<String>,
    /// The switch's time, which goes there, too.
    stamp: Option<Stamp>,
    pub(super) style: &'s Style,
}

impl<'s> Writer<'s> {
    /// A document about `service` that is empty but for its declaration.
    pub(super) fn new(service: &'static str, style: &'s Style) -> Self {
        let mut text = String::with_capacity(1024);
        text.push_str(r#"<?xml version="1.0" encoding="UTF-8"?>"#);
        Self { text, service, private: Vec::new(), stamp: None, style }
    }

    /// The octets.
    pub(super) fn finish(self) -> Vec<u8> {
        self.text.into_bytes()
    }

    /// Opens the root element with its namespace declarations.
    pub(super) fn root(&mut self, name: &str, attributes: &str) {
        self.text.push('<');
        self.text.push_str(name);
        self.text.push_str(attributes);
        self.text.push('>');
    }

    /// Opens an element.
    pub(super) fn open(&mut self, name: &str) {
        self.root(name, "");
    }

    /// Closes an element.
    pub(super) fn close(&mut self, name: &str) {
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push('>');
    }

    /// An element without content.
    pub(super) fn empty(&mut self, name: &str) {
        self.text.push('<');
        self.text.push_str(name);
        self.text.push_str("/>");
    }

    /// An element with a word, a number or anything else that needs no escape.
    pub(super) fn token(&mut self, name: &str, value: impl std::fmt::Display) {
        self.open(name);
        // Writing to a string does not fail.
        let _ = write!(self.text, "{value}");
        self.close(name);
    }

    /// An element with text.
    pub(super) fn leaf(&mut self, name: &'static str, text: &str) -> Result<(), Unencodable> {
        self.leaf_with(name, "", text)
    }

    /// An element with attributes, written as they are, and text.
    pub(super) fn leaf_with(
        &mut self,
        name: &'static str,
        attributes: &str,
        text: &str,
    ) -> Result<(), Unencodable> {
        self.root(name, attributes);
        // Line breaks are refused as well: a reader cannot tell them from those of a pretty printer.
        if let Some(bad) = text.chars().find(|c| c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}')) {
            return Err(self.value(name, format!("XML cannot carry the character U+{:04X}", u32::from(bad))));
        }
        escape(text, &mut self.text);
        self.close(name);
        Ok(())
    }

    /// An element with opaque octets as text.
    pub(super) fn octets(&mut self, name: &'static str, octets: &[u8]) -> Result<(), Unencodable> {
        match std::str::from_utf8(octets) {
            Ok(text) => self.leaf(name, text),
            Err(_) => Err(self.value(name, "XML carries it as text, which these octets are not".to_owned())),
        }
    }

    /// An element with octets as `hexBinary`.
    pub(super) fn hex(&mut self, name: &str, octets: &[u8]) {
        self.open(name);
        for octet in octets {
            let _ = write!(self.text, "{octet:02X}");
        }
        self.close(name);
    }

    /// Text that is XML already.
    pub(super) fn raw(&mut self, xml: &str) {
        self.text.push_str(xml);
    }

    /// Keeps private data for the extensions.
    pub(super) fn add_private(&mut self, content: String) {
        self.private.push(content);
    }

    /// Private data kept so far.
    pub(super) fn take_private(&mut self) -> Vec<String> {
        std::mem::take(&mut self.private)
    }

    /// Keeps the switch's time for the extensions.
    pub(super) fn stamp(&mut self, at: Stamp) {
        self.stamp = Some(at);
    }

    /// Writes the extensions, if there is something to say in them.
    pub(super) fn extensions(&mut self) {
        let private = self.take_private();
        if private.is_empty() && self.stamp.is_none() {
            return;
        }
        self.open("extensions");
        if let Some(at) = self.stamp {
            self.open("security");
            match at {
                Stamp::Utc(at) => self.token("timeStamp", at),
                Stamp::Local(at) => self.token("timeStamp", at),
            }
            self.close("security");
        }
        super::private::put(&private, self, "privateData");
        self.close("extensions");
    }

    /// A value of `field` that cannot be written.
    pub(super) fn value(&self, field: &'static str, why: String) -> Unencodable {
        Unencodable::Value { service: self.service.to_owned(), field, why }
    }
}

/// Appends text with `<`, `>`, `&` and `"` escaped.
pub(super) fn escape(text: &str, into: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['<', '>', '&', '"']) {
        let (plain, special) = rest.split_at(at);
        into.push_str(plain);
        let mut chars = special.chars();
        into.push_str(match chars.next() {
            Some('<') => "&lt;",
            Some('>') => "&gt;",
            Some('&') => "&amp;",
            _ => "&quot;",
        });
        rest = chars.as_str();
    }
    into.push_str(rest);
}
