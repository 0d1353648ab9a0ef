//! The page a pop opens: a URL with placeholders. What is put in is always percent-encoded, and the server the page
//! comes from is always written out: no caller can choose it.
//!
//! ```text
//! https://crm.example/search?phone={number.e164|unknown}&queue={queue.name}
//!                                   └── name ──┘ └default┘
//! ```

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// Longest template.
const LONGEST: usize = 2_000;

/// Every character but the unreserved ones of RFC 3986 is encoded.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Names that may stand in a template, beside `data.KEY`.
pub const NAMES: [&str; 20] = [
    "number.e164",
    "number.national",
    "number.digits",
    "number.raw",
    "ext",
    "name",
    "dnis",
    "queue.id",
    "queue.name",
    "direction",
    "call.id",
    "call.pbx_id",
    "leg.id",
    "agent.login",
    "agent.extension",
    "wait_s",
    "match.id",
    "match.external_id",
    "match.name",
    "lang",
];

/// What is put in, by name.
pub type Values = BTreeMap<String, String>;

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {at}: {problem}; {fix}")]
pub struct TemplateError {
    /// Place, from 1.
    pub at: usize,
    /// What is wrong.
    pub problem: String,
    /// How to mend it.
    pub fix: String,
}

/// A template that can be filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Place { name: String, default: Option<String> },
}

/// A filled template.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filled {
    /// The page.
    pub url: String,
    /// What was put in, not encoded.
    pub used: Vec<(String, String)>,
    /// What there was nothing for, nor a default: it is left empty.
    pub missing: Vec<String>,
}

impl Template {
    /// Reads a template of a pop: [`NAMES`] and `data.KEY` may stand in it.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        Self::parse_with(text, &NAMES, true)
    }

    /// Reads a template in which these names may stand, and `data.KEY` where `with_data`.
    pub fn parse_with(text: &str, names: &[&str], with_data: bool) -> Result<Self, TemplateError> {
        if text.len() > LONGEST {
            return Err(wrong(LONGEST, "the template is too long", "write at most 2000 bytes"));
        }
        if let Some(at) = text.chars().position(|one| one.is_control() || one.is_whitespace()) {
            return Err(wrong(at, "a space or control character", "write `%20` for a space"));
        }
        check_server(text)?;
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let at = characters(text) - characters(after);
            let Some((place, behind)) = after.split_once('}') else {
                return Err(wrong(at - 1, "`{` has no `}`", "close the placeholder"));
            };
            push_text(&mut pieces, before, characters(text) - characters(rest))?;
            pieces.push(place_of(place, at, names, with_data)?);
            rest = behind;
        }
        push_text(&mut pieces, rest, characters(text) - characters(rest))?;
        Ok(Self { pieces })
    }

    /// True when it wants to know who the caller is: then the page waits for the lookup.
    pub fn needs_match(&self) -> bool {
        self.names().any(|name| name.starts_with("match."))
    }

    /// Names of placeholders that have no default.
    pub fn needed(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Place { name, default: None } => Some(name.as_str()),
            Piece::Place { .. } | Piece::Text(_) => None,
        })
    }

    /// Names of all placeholders.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Place { name, .. } => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// Puts values in.
    pub fn fill(&self, values: &Values) -> Filled {
        let mut filled = Filled::default();
        for piece in &self.pieces {
            let (name, default) = match piece {
                Piece::Text(text) => {
                    filled.url.push_str(text);
                    continue;
                }
                Piece::Place { name, default } => (name, default),
            };
            let in_path = !filled.url.contains(['?', '#']);
            let fits = |value: &&String| !(value.is_empty() || in_path && is_only_dots(value));
            let known = values.get(name).filter(fits);
            match known.or(default.as_ref()) {
                Some(value) => {
                    filled.url.extend(utf8_percent_encode(value, RESERVED));
                    filled.used.push((name.clone(), value.clone()));
                }
                None => filled.missing.push(name.clone()),
            }
        }
        filled
    }
}

/// Scheme and server are written out, so that nothing a caller sends can change where the page comes from.
fn check_server(text: &str) -> Result<(), TemplateError> {
    let lower = text.to_ascii_lowercase();
    let scheme = ["https://", "http://"].into_iter().find(|scheme| lower.starts_with(scheme));
    let Some(server) = scheme.and_then(|scheme| text.get(scheme.len()..)) else {
        return Err(wrong(0, "this is no page of the web", "begin with `https://` or `http://`"));
    };
    let end = server.find(['/', '?', '#']).unwrap_or(server.len());
    let host = server.get(..end).unwrap_or(server);
    let at = characters(text) - characters(server);
    if host.is_empty() {
        return Err(wrong(at, "the server is missing", "write its name after `//`"));
    }
    if host.contains(['{', '}']) {
        return Err(wrong(at, "a placeholder stands in the server's name", "write the server out"));
    }
    if host.contains('@') || host.contains('\\') {
        return Err(wrong(
            at,
            "the server's name holds `@` or `\\`",
            "write only the server's name and port",
        ));
    }
    // What a browser cannot read, it does not open: not even as an empty window that tells so.
    let page = format!("https://{host}/");
    match Url::parse(&page) {
        Ok(_) => Ok(()),
        Err(error) => Err(wrong(
            at,
            &format!("no browser takes this server: {error}"),
            "write a name or address, and a port only when it is another one than usual",
        )),
    }
}

/// True for a value that a browser would take for a step in the path, away from the page that was meant.
fn is_only_dots(value: &str) -> bool {
    let plain = value.to_ascii_lowercase().replace("%2e", ".");
    !plain.is_empty() && plain.chars().all(|one| one == '.')
}

fn place_of(place: &str, at: usize, names: &[&str], with_data: bool) -> Result<Piece, TemplateError> {
    let (name, default) = match place.split_once('|') {
        Some((name, default)) => (name, Some(default.to_owned())),
        None => (place, None),
    };
    let is_data = name.strip_prefix("data.").is_some_and(|key| !key.is_empty() && key.len() <= 100);
    let is_known = names.contains(&name) || (is_data && with_data);
    if !is_known {
        let data = if with_data { ", or data.KEY" } else { "" };
        let fix = format!("write one of {}{data}", names.join(", "));
        return Err(TemplateError { at: at + 1, problem: format!("`{name}` is no placeholder"), fix });
    }
    Ok(Piece::Place { name: name.to_owned(), default })
}

fn push_text(pieces: &mut Vec<Piece>, text: &str, at: usize) -> Result<(), TemplateError> {
    if let Some(stray) = text.find('}') {
        return Err(wrong(at + stray, "`}` without `{`", "write `%7D` for the character"));
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text.to_owned()));
    }
    Ok(())
}

fn characters(text: &str) -> usize {
    text.chars().count()
}

fn wrong(before: usize, problem: &str, fix: &str) -> TemplateError {
    TemplateError { at: before + 1, problem: problem.to_owned(), fix: fix.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Values {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_is_put_in_is_encoded_and_defaults_fill_gaps() {
        // covers: POP-24
        let template =
            Template::parse("https://crm.example/?n={number.e164|none}&q={queue.name}&d={data.case}")
                .unwrap();
        let filled =
            template.fill(&values(&[("number.e164", "+420603123456"), ("queue.name", "Péče & co/#1")]));
        assert_eq!(
            filled.url,
            "https://crm.example/?n=%2B420603123456&q=P%C3%A9%C4%8De%20%26%20co%2F%231&d="
        );
        assert_eq!(filled.missing, ["data.case"]);
        assert_eq!(
            template.fill(&values(&[("number.e164", "")])).used,
            [("number.e164".into(), "none".into())]
        );
        assert!(!template.needs_match());
        assert!(Template::parse("http://crm.example/{match.id}").unwrap().needs_match());
    }

    #[test]
    fn a_caller_cannot_break_out_of_its_place() {
        let template = Template::parse("https://crm.example/?name={name}").unwrap();
        for name in ["\"><script>", "a&admin=1", "a\r\nb", "../..", "javascript:alert(1)", "a#b", "{call.id}"]
        {
            let url = template.fill(&values(&[("name", name)])).url;
            let put_in = url.strip_prefix("https://crm.example/?name=").unwrap();
            let harmless = |one: char| one.is_ascii_alphanumeric() || "-._~%".contains(one);
            assert!(put_in.chars().all(harmless), "{url}");
        }
    }

    #[test]
    fn a_caller_named_in_dots_does_not_walk_through_the_path() {
        // covers: POP-24
        let template =
            Template::parse("https://crm.example/customer/{name}/{ext|none}?again={name}").unwrap();
        for dots in [".", "..", "...", "%2e", "%2E%2e", ".%2e"] {
            let filled = template.fill(&values(&[("name", dots), ("ext", dots)]));
            let (path, query) = filled.url.split_once('?').unwrap();
            assert_eq!(path, "https://crm.example/customer//none", "{dots}");
            assert_eq!(
                query,
                format!("again={}", utf8_percent_encode(dots, RESERVED)),
                "harmless behind the path"
            );
            assert_eq!(filled.missing, ["name"]);
        }
        assert_eq!(template.fill(&values(&[("name", "a..")])).missing, Vec::<String>::new());
    }

    #[test]
    fn what_is_no_template_is_refused_with_its_place() {
        for (text, at) in [
            ("javascript:alert(1)", 1),
            ("ftp://crm.example/", 1),
            ("https://", 9),
            ("https://{name}/", 9),
            ("https://user@crm.example/", 9),
            ("https://:80/{name}", 9),
            ("https://%zz/", 9),
            ("https://[::1/", 9),
            ("http://crm.example:99999999/", 8),
            ("https://crm.example/{name", 21),
            ("https://crm.example/{nmae}", 22),
            ("https://crm.example/{data.}", 22),
            ("https://crm.example/a}b", 22),
            ("https://crm.example/a b", 22),
        ] {
            let error = Template::parse(text).unwrap_err();
            assert_eq!(error.at, at, "{text}: {error}");
        }
        assert!(Template::parse(&format!("https://crm.example/{}", "x".repeat(2_000))).is_err());
        for good in [
            "http://localhost:8080",
            "https://[::1]:8443/?q={name}",
            "https://žlutý.example/",
            "http://192.0.2.1/",
        ] {
            Template::parse(good).unwrap();
        }
    }
}
