//! A document in words: one line for each element, with the octet it stands at.

use std::fmt::Write as _;

use super::charset;
use super::tree::{Document, Node};
use crate::error::Malformed;

/// Explains a document; `Err` says where it stops to be one.
pub(crate) fn explain(body: &[u8]) -> Result<String, Malformed> {
    let (text, mark) = charset::to_text(body)?;
    let document = Document::read(&text, mark)?;
    let mut out = String::new();
    if let Some(root) = document.root() {
        element(&mut out, root, 0);
    }
    Ok(out)
}

/// Depth is bounded by the reader of the document.
fn element(out: &mut String, node: Node<'_>, depth: usize) {
    let _infallible = write!(out, "{:5}  {:indent$}{}", node.at(), "", node.name(), indent = depth * 2);
    for (name, value) in node.attributes().filter(|(name, _)| !name.starts_with("xmlns")) {
        let _infallible = write!(out, "  {name}={value:?}");
    }
    let text = node.text().trim();
    if !text.is_empty() {
        out.push_str("  ");
        if is_secret(node.name()) {
            out.push_str("(not shown)");
        } else {
            let _infallible = write!(out, "{text:?}");
        }
    }
    out.push('\n');
    for child in node.children() {
        element(out, child, depth + 1);
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["password", "passwd", "secret", "credential"].iter().any(|word| name.contains(word))
}
