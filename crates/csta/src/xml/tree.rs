//! A document as a flat list of elements in document order, read once; namespaces are not looked at.

use std::borrow::Cow;

use quick_xml::{
    Reader,
    escape::{resolve_predefined_entity, unescape},
    events::{BytesRef, Event},
};

use crate::error::Malformed;

/// Elements within elements. ECMA-323 needs ten.
const DEPTH_MAX: usize = 64;
/// Elements of one document. A frame of 64 KiB holds fewer unless it is an attack.
const ELEMENTS_MAX: usize = 16_384;

/// One element.
#[derive(Debug)]
struct Item<'t> {
    /// Name without prefix.
    name: &'t str,
    /// Prefix with its colon, or nothing.
    prefix: &'t str,
    /// Attributes as written.
    attributes: &'t str,
    /// Character data before the first child.
    text: Cow<'t, str>,
    /// Where the start tag stands.
    at: usize,
    /// Where the content stands.
    inner: (usize, usize),
    /// Index after the last descendant.
    end: usize,
}

/// A document that was read.
#[derive(Debug)]
pub(super) struct Document<'t> {
    source: &'t str,
    /// Octets before the source.
    base: usize,
    items: Vec<Item<'t>>,
}

/// One element of a [`Document`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'t> {
    document: &'t Document<'t>,
    item: &'t Item<'t>,
    index: usize,
}

impl<'t> Document<'t> {
    /// Reads a document; `base` octets stood before it.
    pub(super) fn read(source: &'t str, base: usize) -> Result<Self, Malformed> {
        let mut builder =
            Builder { source, base, items: Vec::with_capacity(64), open: Vec::with_capacity(16) };
        let mut reader = Reader::from_str(source);
        loop {
            let from = position(reader.buffer_position());
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    return Err(builder.malformed(error.to_string(), position(reader.error_position())));
                }
            };
            let to = position(reader.buffer_position());
            match event {
                Event::Start(tag) => builder.start(tag.name().0.len(), from, to, 1)?,
                Event::Empty(tag) => {
                    builder.start(tag.name().0.len(), from, to, 2)?;
                    builder.end(to);
                }
                Event::End(_) => builder.end(from),
                Event::Text(_) => builder.text(from, to)?,
                Event::CData(_) => builder.text(from + "<![CDATA[".len(), to.saturating_sub("]]>".len()))?,
                Event::GeneralRef(reference) => builder.reference(&reference, from)?,
                Event::DocType(_) => {
                    return Err(builder.malformed("a DTD is not accepted".to_owned(), from));
                }
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::Eof => return builder.finish(to),
            }
        }
    }

    /// The outermost element.
    pub(super) fn root(&'t self) -> Option<Node<'t>> {
        self.node(0)
    }

    fn node(&'t self, index: usize) -> Option<Node<'t>> {
        Some(Node { document: self, item: self.items.get(index)?, index })
    }
}

/// A document while it is read.
struct Builder<'t> {
    source: &'t str,
    base: usize,
    items: Vec<Item<'t>>,
    /// Indices of the elements that are open, outermost first.
    open: Vec<usize>,
}

impl<'t> Builder<'t> {
    fn slice(&self, from: usize, to: usize) -> &'t str {
        self.source.get(from..to).unwrap_or_default()
    }

    /// A start tag from `from` to `to`, the last `closing` octets being `>` or `/>`.
    fn start(&mut self, name: usize, from: usize, to: usize, closing: usize) -> Result<(), Malformed> {
        if self.open.is_empty() && !self.items.is_empty() {
            return Err(self.malformed("a second document follows".to_owned(), from));
        }
        if self.open.len() >= DEPTH_MAX {
            return Err(self.malformed(format!("elements are nested deeper than {DEPTH_MAX}"), from));
        }
        if self.items.len() >= ELEMENTS_MAX {
            return Err(self.malformed(format!("there are more than {ELEMENTS_MAX} elements"), from));
        }
        let full = self.slice(from + 1, from + 1 + name);
        let colon = full.find(':').map_or(0, |colon| colon + 1);
        let (prefix, name) = full.split_at(colon);
        let attributes = self.slice(from + 1 + full.len(), to.saturating_sub(closing));
        if attributes.contains('&') {
            self.check_references(attributes, from)?;
        }
        self.open.push(self.items.len());
        self.items.push(Item {
            name,
            prefix,
            attributes,
            text: Cow::Borrowed(""),
            at: from,
            inner: (to, to),
            end: 0,
        });
        Ok(())
    }

    /// Undeclared entities are refused in attributes that nobody reads, too.
    fn check_references(&self, attributes: &str, at: usize) -> Result<(), Malformed> {
        match unescape(attributes) {
            Ok(_) => Ok(()),
            Err(error) => Err(self.malformed(error.to_string(), at)),
        }
    }

    fn end(&mut self, at: usize) {
        let count = self.items.len();
        let Some(item) = self.open.pop().and_then(|index| self.items.get_mut(index)) else { return };
        item.inner.1 = at;
        item.end = count;
    }

    fn text(&mut self, from: usize, to: usize) -> Result<(), Malformed> {
        let text = self.slice(from, to);
        if text.contains('\r') {
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            return self.append(Cow::Owned(text), from);
        }
        self.append(Cow::Borrowed(text), from)
    }

    fn reference(&mut self, reference: &BytesRef<'_>, at: usize) -> Result<(), Malformed> {
        match reference.resolve_char_ref() {
            Ok(Some(character)) => self.append(Cow::Owned(character.to_string()), at),
            Ok(None) => match resolve_predefined_entity(reference) {
                Some(text) => self.append(Cow::Borrowed(text), at),
                None => Err(self.malformed(format!("the entity {} is not declared", &**reference), at)),
            },
            Err(error) => Err(self.malformed(error.to_string(), at)),
        }
    }

    fn append(&mut self, text: Cow<'t, str>, at: usize) -> Result<(), Malformed> {
        let count = self.items.len();
        let Some(&index) = self.open.last() else {
            if text.trim_ascii().is_empty() {
                return Ok(());
            }
            let place = if count == 0 { "before" } else { "after" };
            return Err(self.malformed(format!("there is text {place} the document"), at));
        };
        // Text between and after children is white space or mixed content, which ECMA-323 does not have.
        if let Some(item) = self.items.get_mut(index).filter(|_| index + 1 == count) {
            if item.text.is_empty() {
                item.text = text;
            } else {
                item.text.to_mut().push_str(&text);
            }
        }
        Ok(())
    }

    fn finish(self, at: usize) -> Result<Document<'t>, Malformed> {
        if self.items.is_empty() {
            return Err(self.malformed("there is no element".to_owned(), at));
        }
        if let Some(item) = self.open.last().and_then(|index| self.items.get(*index)) {
            return Err(self.malformed(format!("{} is not closed", item.name), at));
        }
        Ok(Document { source: self.source, base: self.base, items: self.items })
    }

    fn malformed(&self, what: String, at: usize) -> Malformed {
        let context = self.items.first().map_or("document", |root| root.name);
        Malformed { context: context.to_owned(), what, at: self.base + at }
    }
}

impl<'t> Node<'t> {
    /// Name without prefix.
    pub(super) fn name(self) -> &'t str {
        self.item.name
    }

    /// Prefix with its colon, or nothing.
    pub(super) fn prefix(self) -> &'t str {
        self.item.prefix
    }

    /// Character data. Edges that a pretty printer made, known by a line break in them, are no part of it.
    pub(super) fn text(self) -> &'t str {
        let text: &str = &self.item.text;
        let trimmed = text.trim_ascii();
        let made = text.len() != trimmed.len() && text.contains('\n') && {
            let start = text.len() - text.trim_ascii_start().len();
            let (before, rest) = text.split_at(start);
            before.contains('\n') || rest.get(trimmed.len()..).is_some_and(|after| after.contains('\n'))
        };
        if made { trimmed } else { text }
    }

    /// Character data of a value that has no white space: numbers, words.
    pub(super) fn token(self) -> &'t str {
        self.item.text.trim_ascii()
    }

    /// The content as written.
    pub(super) fn source(self) -> &'t str {
        self.document.source.get(self.item.inner.0..self.item.inner.1).unwrap_or_default()
    }

    /// Octets from the start of the document to the start tag.
    pub(super) fn at(self) -> usize {
        self.item.at
    }

    /// Octets from the start of the document to the end tag.
    pub(super) fn inner_end(self) -> usize {
        self.item.inner.1
    }

    /// Index of the element after this one and its descendants.
    pub(super) fn end(self) -> usize {
        self.item.end
    }

    /// Index of this element.
    pub(super) fn index(self) -> usize {
        self.index
    }

    /// The element of this document with this index.
    pub(super) fn other(self, index: usize) -> Option<Self> {
        self.document.node(index)
    }

    /// The document as written.
    pub(super) fn document_source(self) -> &'t str {
        self.document.source
    }

    /// Elements in this one.
    pub(super) fn children(self) -> impl Iterator<Item = Node<'t>> {
        let first = self.document.node(self.index + 1).filter(|node| node.index < self.item.end);
        std::iter::successors(first, move |node| {
            self.document.node(node.item.end).filter(|next| next.index < self.item.end)
        })
    }

    /// The first element of this name in this one. Case is not looked at: peers write `callId` for `callID`.
    pub(super) fn child(self, name: &str) -> Option<Self> {
        self.children().find(|child| child.is(name))
    }

    /// The element at the end of a path of names.
    pub(super) fn path(self, names: &[&str]) -> Option<Self> {
        names.iter().try_fold(self, |node, name| node.child(name))
    }

    /// True for an element of this name.
    pub(super) fn is(self, name: &str) -> bool {
        self.item.name.eq_ignore_ascii_case(name)
    }

    /// Names and values of the attributes as written; what follows a broken one is left out.
    pub(super) fn attributes(self) -> impl Iterator<Item = (&'t str, &'t str)> {
        let mut rest = self.item.attributes;
        std::iter::from_fn(move || {
            let (name, after) = rest.split_once('=')?;
            let after = after.trim_ascii_start();
            let quote = after.chars().next().filter(|first| matches!(first, '"' | '\''))?;
            let (value, after) = after.get(1..)?.split_once(quote)?;
            rest = after;
            Some((name.trim_ascii(), value))
        })
    }

    /// Value of an attribute as written.
    pub(super) fn attribute(self, name: &str) -> Option<&'t str> {
        self.attributes().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// What is wrong with this element.
    pub(super) fn malformed(self, what: String) -> Malformed {
        let root = self.document.items.first().map_or("document", |root| root.name);
        Malformed { context: root.to_owned(), what, at: self.document.base + self.item.at }
    }
}

fn position(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
