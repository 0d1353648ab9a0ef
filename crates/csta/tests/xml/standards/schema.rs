//! Everything we write against the ordering schemas of the collection. They know names, order, nesting and words; every element is optional in them. Only the parts of XML Schema
//! that they use are here.

use std::collections::BTreeMap;

use csta::xml::{self, Style};
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use quick_xml::{Reader, events::Event};

use super::standard;
use crate::{
    known::with_cause,
    pool::{Scope, pool},
    round_trip::messages,
};

/// An element of the schema or of a document: local name, attributes, children, text.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Self>,
    text: String,
}

impl Element {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }
}

/// Reads a document into a tree, apart from the codec, which must not prove itself.
fn tree(text: &str) -> Element {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => open.push(Element {
                name: tag.local_name().into_inner().to_owned(),
                attributes: tag
                    .attributes()
                    .map(|attribute| attribute.unwrap())
                    .map(|attribute| (attribute.key.0.to_owned(), attribute.value.into_owned()))
                    .collect(),
                ..Element::default()
            }),
            Event::End(_) => {
                let closed = open.pop().unwrap();
                open.last_mut().unwrap().children.push(closed);
            }
            Event::Text(text) => open.last_mut().unwrap().text.push_str(&text),
            Event::GeneralRef(_) => open.last_mut().unwrap().text.push('?'),
            Event::Eof => return open.pop().unwrap().children.pop().unwrap(),
            Event::Empty(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_) => {}
        }
    }
}

/// One of the schemas, its parts by name.
struct Schema {
    root: Element,
}

impl Schema {
    fn named(&self, kind: &str, name: &str) -> Option<&Element> {
        self.root.children.iter().find(|part| part.name == kind && part.attribute("name") == Some(name))
    }

    /// Checks a document.
    fn check(&self, document: &Element) -> Result<(), String> {
        let declaration = self
            .named("element", &document.name)
            .ok_or_else(|| format!("there is no message {}", document.name))?;
        self.check_element(document, declaration)
    }

    /// Checks an element against its declaration.
    fn check_element(&self, element: &Element, declaration: &Element) -> Result<(), String> {
        if let Some(inline) = declaration.child("complexType") {
            return self.check_complex(element, inline);
        }
        match declaration.attribute("type") {
            Some("xs:anyType") | None => Ok(()),
            Some(simple) if simple.starts_with("xs:") => check_simple(element, simple),
            Some(name) => {
                let name = name.split(':').next_back().unwrap();
                if let Some(complex) = self.named("complexType", name) {
                    return self.check_complex(element, complex);
                }
                let simple = self.named("simpleType", name).ok_or_else(|| format!("no type {name}"))?;
                check_words(element, simple)
            }
        }
    }

    fn check_complex(&self, element: &Element, complex: &Element) -> Result<(), String> {
        if let Some(simple) = complex.child("simpleContent") {
            let extension = simple.child("extension").unwrap();
            let known = |name: &str| extension.children.iter().any(|a| a.attribute("name") == Some(name));
            return match element.attributes.keys().find(|name| !known(name)) {
                Some(name) => Err(format!("{} has no attribute {name}", element.name)),
                None => check_simple(element, "xs:string"),
            };
        }
        let particles = complex.child("sequence").map_or(&[][..], |sequence| &sequence.children);
        let mut particles = particles.iter().peekable();
        for child in &element.children {
            loop {
                let Some(particle) = particles.peek() else {
                    return Err(format!("{} does not belong at its place in {}", child.name, element.name));
                };
                let accepted = self.accepts(particle, child)?;
                let repeats = particle.attribute("maxOccurs") == Some("unbounded");
                if !accepted || !repeats {
                    particles.next();
                }
                if accepted {
                    break;
                }
            }
        }
        if element.text.trim().is_empty() { Ok(()) } else { Err(format!("{} has no text", element.name)) }
    }

    /// True when a particle takes a child; an error when it is its own but wrong inside.
    fn accepts(&self, particle: &Element, child: &Element) -> Result<bool, String> {
        match particle.name.as_str() {
            "element" if particle.attribute("name") == Some(&child.name) => {
                self.check_element(child, particle).map(|()| true)
            }
            "element" => Ok(false),
            "choice" => {
                for option in &particle.children {
                    if self.accepts(option, child)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            "any" => Ok(true),
            other => Err(format!("the schema has a {other}")),
        }
    }
}

fn check_simple(element: &Element, kind: &str) -> Result<(), String> {
    if let Some(child) = element.children.first() {
        return Err(format!("{} holds text, not {}", element.name, child.name));
    }
    let good = match kind {
        "xs:boolean" => matches!(element.text.as_str(), "true" | "false"),
        "xs:integer" => element.text.parse::<i64>().is_ok(),
        _ => true,
    };
    if good { Ok(()) } else { Err(format!("{} is no {kind}: {}", element.name, element.text)) }
}

fn check_words(element: &Element, simple: &Element) -> Result<(), String> {
    let restriction = simple.child("restriction").unwrap();
    let known = restriction.children.iter().any(|word| word.attribute("value") == Some(&element.text));
    if known { Ok(()) } else { Err(format!("{} is no word of {}", element.text, element.name)) }
}

/// Messages that the schema lacks or has wrong.
fn is_elsewhere(name: &str, edition: u8) -> bool {
    // ECMA-354 and Avaya have schemas of their own. In the one for edition 6, the list of a snapshot has
    // taken the place of the message with the same name.
    name.contains("ApplicationSession")
        || name.starts_with("GetThirdPartyDeviceId")
        || name.starts_with("ReleaseDeviceId")
        || name == "CSTAException"
        || (edition == 6 && name == "SnapshotCallData")
}

fn everything_fits(edition: u8) {
    let file = format!("ecma-323/derived-order-ed{edition}.xsd");
    let schema = Schema { root: tree(&standard(&file)) };
    let style = Style::edition(edition);
    let pools = pool(Scope { edition_6: edition == 6, avaya: false });
    let mut runner = TestRunner::deterministic();
    let mut checked = 0;
    for _ in 0..64 {
        let pool = pools.new_tree(&mut runner).unwrap().current();
        for message in messages(&pool) {
            let body = String::from_utf8(xml::encode(&message, &style).unwrap()).unwrap();
            let document = tree(&body);
            if is_elsewhere(&document.name, edition) {
                continue;
            }
            schema.check(&document).unwrap_or_else(|error| panic!("{error}\n{body}"));
            checked += 1;
        }
    }
    assert!(checked > 64 * 120, "{checked}");
    for body in (1..=121).filter_map(|code| xml::encode(&with_cause(code), &style).ok()) {
        let body = String::from_utf8(body).unwrap();
        schema.check(&tree(&body)).unwrap_or_else(|error| panic!("{error}\n{body}"));
    }
}

#[test]
fn everything_we_write_fits_edition_3() {
    everything_fits(3);
}

#[test]
fn everything_we_write_fits_edition_6() {
    everything_fits(6);
}

#[test]
fn the_check_finds_what_is_wrong() {
    let schema = Schema { root: tree(&standard("ecma-323/derived-order-ed3.xsd")) };
    let check = |body: &str| schema.check(&tree(body));
    let ids = "<callID>1</callID><deviceID>2</deviceID>";
    assert_eq!(
        check(&format!(
            "<ReconnectCall><activeCall>{ids}</activeCall><heldCall>{ids}</heldCall></ReconnectCall>"
        )),
        Ok(())
    );
    for wrong in [
        &format!("<ReconnectCall><heldCall>{ids}</heldCall><activeCall>{ids}</activeCall></ReconnectCall>"),
        "<ReconnectCall><heldCal/></ReconnectCall>",
        "<HeldEvent><cause>quantumTunnel</cause></HeldEvent>",
        "<SetDoNotDisturb><doNotDisturbOn>yes</doNotDisturbOn></SetDoNotDisturb>",
        "<SnapshotDevice><snapshotObject colour='red'>1</snapshotObject></SnapshotDevice>",
        "<TransferredEvent/>",
    ] {
        assert!(check(wrong).is_err(), "{wrong}");
    }
}
