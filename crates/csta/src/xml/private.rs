//! Private data: those of any vendor, verbatim, and those of Avaya that the model knows.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    part::{Element, Flag, Part},
    style::AVAYA,
    tree::{Document, Node},
    write::{Writer, escape},
};
use crate::{
    error::{Malformed, Unencodable},
    model::Private,
};

/// `CSTAPrivateData` as a message's own child, not within its extensions: the Escape service, private events.
pub(super) struct Privates;

impl Part for Privates {
    type Value = Vec<Private>;

    fn read(message: Node<'_>, name: &'static str) -> Result<Vec<Private>, Malformed> {
        Ok(message.child(name).map(all).unwrap_or_default())
    }

    fn write(value: &Vec<Private>, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        let mut contents = out.take_private();
        for private in value {
            contents.push(content(private, out)?);
        }
        put(&contents, out, name);
        Ok(())
    }
}

/// Private data of a message's extensions, in order.
pub(super) fn of_extensions(message: Node<'_>) -> Vec<Private> {
    let of = |node: Option<Node<'_>>| node.map(all).unwrap_or_default();
    let mut private = of(message.path(&["extensions", "privateData"]));
    if private.is_empty() {
        private = of(message.child("privateData"));
    }
    private
}

/// One entry per `private` or `string`.
fn all(data: Node<'_>) -> Vec<Private> {
    data.children()
        .filter(|child| child.is("private") || child.is("string"))
        .map(|child| Private::Xml(standalone(child)))
        .collect()
}

/// Writes private data; there may be none.
pub(super) fn put(contents: &[String], out: &mut Writer<'_>, name: &str) {
    if contents.is_empty() {
        return;
    }
    out.open(name);
    for content in contents {
        let element = if content.contains('<') { "private" } else { "string" };
        out.open(element);
        out.raw(content);
        out.close(element);
    }
    out.close(name);
}

/// What to write for one entry. It must stay within its element whatever it says.
pub(super) fn content(private: &Private, out: &Writer<'_>) -> Result<String, Unencodable> {
    let Private::Xml(text) = private else {
        return Err(out.value("privateData", "ASN.1 does not fit into XML".to_owned()));
    };
    let element = format!("<private>{text}</private>");
    match Document::read(&element, 0) {
        Ok(_) => Ok(text.clone()),
        Err(error) => Err(out.value("privateData", error.to_string())),
    }
}

/// The content of an element as written, with the namespace declarations that its own elements lack.
fn standalone(private: Node<'_>) -> String {
    let source = private.document_source();
    let mut text = String::new();
    let mut copied = private.inner_end() - private.source().len();
    for child in private.children() {
        let missing = undeclared(child);
        if missing.is_empty() {
            continue;
        }
        let name_end = child.at() + 1 + child.prefix().len() + child.name().len();
        text.push_str(source.get(copied..name_end).unwrap_or_default());
        for (prefix, uri) in missing {
            // A quotation mark can only stand there because apostrophes did the quoting.
            let _ = write!(text, " xmlns:{prefix}=\"{}\"", uri.replace('"', "&quot;"));
        }
        copied = name_end;
    }
    text.push_str(source.get(copied..private.inner_end()).unwrap_or_default());
    text.trim_ascii().to_owned()
}

/// Prefixes that an element and its descendants use without declaring them, with what an ancestor says they
/// mean.
fn undeclared<'t>(element: Node<'t>) -> BTreeMap<&'t str, &'t str> {
    let ancestors: Vec<Node<'t>> = (0..element.index())
        .rev()
        .filter_map(|index| element.other(index))
        .filter(|node| node.end() > element.index())
        .collect();
    let mut prefixes: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    // Declarations in force, each with the index at which its element ends.
    let mut declared: Vec<(usize, &str)> = Vec::new();
    for node in (element.index()..element.end()).filter_map(|index| element.other(index)) {
        declared.retain(|(end, _)| node.index() < *end);
        declared.extend(declarations(node).map(|(name, _)| (node.end(), name)));
        let used = std::iter::once(node.prefix().trim_end_matches(':'))
            .chain(node.attributes().filter_map(|(name, _)| name.split_once(':').map(|(prefix, _)| prefix)));
        for prefix in used.filter(|prefix| !matches!(*prefix, "" | "xmlns" | "xml")) {
            if !declared.iter().any(|(_, name)| *name == prefix) {
                prefixes.entry(prefix).or_insert_with(|| outer(&ancestors, prefix));
            }
        }
    }
    prefixes.into_iter().filter_map(|(prefix, uri)| Some((prefix, uri?))).collect()
}

/// What the nearest of these ancestors that declares a prefix says it means.
fn outer<'t>(ancestors: &[Node<'t>], prefix: &str) -> Option<&'t str> {
    ancestors
        .iter()
        .find_map(|node| declarations(*node).find(|(name, _)| *name == prefix).map(|(_, uri)| uri))
}

/// Prefixes that an element declares.
fn declarations(node: Node<'_>) -> impl Iterator<Item = (&str, &str)> {
    node.attributes().filter_map(|(name, uri)| Some((name.strip_prefix("xmlns:")?, uri)))
}

/// Avaya `AvayaEvents/invertFilter`.
pub(super) struct Inverted;

impl Part for Inverted {
    type Value = bool;

    fn read(message: Node<'_>, _: &'static str) -> Result<bool, Malformed> {
        Ok(avaya(message, "AvayaEvents").and_then(|events| events.child("invertFilter")).and_then(Flag::get)
            == Some(true))
    }

    fn write(value: &bool, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        if !*value {
            return Ok(());
        }
        add_avaya(out, name, "AvayaEvents", "<invertFilter>true</invertFilter>")
    }
}

/// Avaya `SetAgentStatePrivateData/reasonCode`.
pub(super) struct Reason;

impl Part for Reason {
    type Value = Option<u32>;

    fn read(message: Node<'_>, _: &'static str) -> Result<Option<u32>, Malformed> {
        Ok(avaya(message, "SetAgentStatePrivateData")
            .and_then(|data| data.child("reasonCode"))
            .and_then(|code| code.token().parse().ok()))
    }

    fn write(value: &Option<u32>, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        let Some(code) = value else { return Ok(()) };
        add_avaya(out, name, "SetAgentStatePrivateData", &format!("<reasonCode>{code}</reasonCode>"))
    }
}

/// An element of Avaya in a message's private data.
fn avaya<'t>(message: Node<'t>, name: &str) -> Option<Node<'t>> {
    message.path(&["extensions", "privateData", "private", name])
}

/// The namespace stands at the element itself, as in the login. Some clients of DMCC write it at its children
/// instead, and its server writes none: not tried on a real one.
fn add_avaya(
    out: &mut Writer<'_>,
    field: &'static str,
    element: &str,
    content: &str,
) -> Result<(), Unencodable> {
    if out.style.avaya.is_none() {
        return Err(out.value(field, format!("{element} is known to Avaya only")));
    }
    out.add_private(format!("<{element} xmlns=\"{AVAYA}\">{content}</{element}>"));
    Ok(())
}

/// Avaya `SystemRegisterPrivateData`: the same inversion as in monitors, and the switch that is meant.
pub(super) fn register_with_switch(out: &mut Writer<'_>) {
    let Some(avaya) = &out.style.avaya else { return };
    let mut content =
        format!("<SystemRegisterPrivateData xmlns=\"{AVAYA}\"><invertFilter>true</invertFilter><switchName>");
    escape(&avaya.switch_name, &mut content);
    content.push_str("</switchName></SystemRegisterPrivateData>");
    out.add_private(content);
}
