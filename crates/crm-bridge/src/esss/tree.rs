//! An answer as a small tree, read within bounds: no document type, no entities but the predefined ones.

use quick_xml::NsReader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};
use quick_xml::name::ResolveResult;

/// Elements within elements. The answers we ask for need fifteen.
const DEPTH_MAX: usize = 64;
/// Elements of one answer.
const ELEMENTS_MAX: usize = 20_000;

/// An element.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// Name without prefix.
    pub(super) name: String,
    /// Namespace; empty when it has none.
    pub(super) namespace: String,
    /// Character data, without space around it.
    pub(super) text: String,
    pub(super) children: Vec<Self>,
}

impl Node {
    /// The first child of this name, in whatever namespace.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The first element down this path.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, name| node.child(name))
    }

    /// The text down this path; none when it is empty.
    pub(super) fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path).map(|node| node.text.as_str()).filter(|text| !text.is_empty())
    }
}

/// Reads an answer; the words say what is wrong with it.
pub(super) fn read(bytes: &[u8]) -> Result<Node, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "the answer is no UTF-8".to_owned())?;
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{FEFF}'));
    // The outermost stands for the document.
    let mut open = vec![Node::default()];
    let mut elements = 0;
    loop {
        let (namespace, event) =
            reader.read_resolved_event().map_err(|error| format!("the answer is no XML: {error}"))?;
        match event {
            Event::Start(tag) | Event::Empty(tag) if elements >= ELEMENTS_MAX => {
                drop(tag);
                return Err(format!("the answer has more than {ELEMENTS_MAX} elements"));
            }
            Event::Start(tag) => {
                if open.len() > DEPTH_MAX {
                    return Err(format!("elements of the answer are nested deeper than {DEPTH_MAX}"));
                }
                elements += 1;
                open.push(element(&namespace, tag.local_name().into_inner()));
            }
            Event::Empty(tag) => {
                elements += 1;
                let node = element(&namespace, tag.local_name().into_inner());
                if let Some(outer) = open.last_mut() {
                    outer.children.push(node);
                }
            }
            Event::End(_) => {
                let Some(node) = open.pop() else { break };
                let node = Node { text: node.text.trim().to_owned(), ..node };
                let Some(outer) = open.last_mut() else { break };
                outer.children.push(node);
            }
            Event::Text(part) => append(&mut open, &part),
            Event::CData(part) => append(&mut open, &part),
            Event::GeneralRef(reference) => append(&mut open, &meaning(&reference)?),
            Event::DocType(_) => return Err("the answer has a document type, which is refused".to_owned()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    let (Some(mut document), true) = (open.pop(), open.is_empty()) else {
        return Err("the answer ends in the middle".to_owned());
    };
    match (document.children.pop(), document.children.is_empty()) {
        (Some(root), true) => Ok(root),
        _ => Err("the answer is empty or more than one document".to_owned()),
    }
}

fn element(namespace: &ResolveResult<'_>, name: &str) -> Node {
    let namespace = match namespace {
        ResolveResult::Bound(namespace) => namespace.0.to_owned(),
        ResolveResult::Unbound | ResolveResult::Unknown(_) => String::new(),
    };
    Node { name: name.to_owned(), namespace, ..Node::default() }
}

fn append(open: &mut [Node], part: &str) {
    if let Some(node) = open.last_mut() {
        node.text.push_str(part);
    }
}

fn meaning(reference: &BytesRef<'_>) -> Result<String, String> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => Ok(character.to_string()),
        Ok(None) => resolve_predefined_entity(reference)
            .map(str::to_owned)
            .ok_or_else(|| format!("the answer uses the entity `{}`, which is refused", &**reference)),
        Err(error) => Err(format!("the answer is no XML: {error}")),
    }
}
