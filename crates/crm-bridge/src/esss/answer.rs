//! What a records service answers.

use super::Dialect;
use super::tree::{self, Node};
use super::write::SOAP;

/// The code of success.
const SUCCESS: &str = "0000";
/// Longest words of the other side that are kept, characters.
const WORDS_CHARS: usize = 500;

/// A document that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Number under which it is kept: the reference number, else the record number; none when it got neither yet.
    pub reference: Option<String>,
    /// Number of the file it is in.
    pub file_reference: Option<String>,
}

/// Why what was asked for is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The records service says no (`Kod` is not 0000), in its own words.
    Refused {
        /// Its code.
        code: String,
        /// Its words.
        text: String,
    },
    /// The message or the service is broken (SOAP fault).
    Fault {
        /// Its code, without prefix.
        code: String,
        /// Its words.
        text: String,
    },
    /// The answer cannot be understood; the words say why.
    Unclear(String),
}

/// Reads the answer to a new document.
pub fn created(dialect: Dialect, answer: &[u8]) -> Result<Receipt, Trouble> {
    let body = body(dialect, answer, "DokumentZalozeniResponse")?;
    succeeded(body.child("OperaceStatus"))?;
    Ok(receipt(body.child("ProfilDokumentu")))
}

/// Reads the answer to what is there under an identifier; none when nothing is.
pub fn found(dialect: Dialect, answer: &[u8]) -> Result<Option<Receipt>, Trouble> {
    let body = body(dialect, answer, "ProfilDokumentuZadostResponse")?;
    let profile = body.child("ProfilDokumentu");
    match succeeded(body.child("OperaceStatus")) {
        Ok(()) => Ok(profile.map(|profile| receipt(Some(profile)))),
        Err(Trouble::Refused { .. }) => Ok(None),
        Err(trouble) => Err(trouble),
    }
}

/// Reads the answer to one event.
pub fn happened(dialect: Dialect, answer: &[u8]) -> Result<(), Trouble> {
    let body = body(dialect, answer, "UdalostiResponse")?;
    succeeded(body.at(&["Zpravy", "Zprava"]))
}

/// Reads the answer to a test that was sent with `id`.
pub fn tested(dialect: Dialect, answer: &[u8], id: &str) -> Result<(), Trouble> {
    let body = body(dialect, answer, "WsTestResponse")?;
    succeeded(body.child("OperaceStatus"))?;
    match body.text_at(&["WsTestId"]) {
        Some(found) if found == id => Ok(()),
        found => Err(Trouble::Unclear(format!(
            "the answer is to the test `{}`, not to ours",
            words(found.unwrap_or_default())
        ))),
    }
}

/// The element of this name in the body of an envelope.
fn body(dialect: Dialect, answer: &[u8], name: &str) -> Result<Node, Trouble> {
    let mut envelope = tree::read(answer).map_err(Trouble::Unclear)?;
    if envelope.name != "Envelope" || envelope.namespace != SOAP {
        return Err(Trouble::Unclear(format!(
            "the answer is `{}` and no SOAP envelope",
            words(&envelope.name)
        )));
    }
    let at = envelope.children.iter().position(|child| child.name == "Body" && child.namespace == SOAP);
    let body = at.map(|at| envelope.children.swap_remove(at)).unwrap_or_default();
    let Some(content) = body.children.into_iter().next() else {
        return Err(Trouble::Unclear("the answer is an empty envelope".to_owned()));
    };
    if content.name == "Fault" && content.namespace == SOAP {
        return Err(fault(&content));
    }
    if content.namespace != dialect.namespace() {
        let mend = match Dialect::of_namespace(&content.namespace) {
            Some(other) => format!("set `dialect = \"{other}\"`"),
            None => "it is no records service we know".to_owned(),
        };
        let namespace = words(&content.namespace);
        return Err(Trouble::Unclear(format!("the answer speaks `{namespace}`: {mend}")));
    }
    if content.name != name {
        return Err(Trouble::Unclear(format!(
            "the answer is `{}` instead of `{name}`",
            words(&content.name)
        )));
    }
    Ok(content)
}

fn fault(content: &Node) -> Trouble {
    let code = content.text_at(&["faultcode"]).unwrap_or("Server");
    let code = code.rsplit_once(':').map_or(code, |(_, code)| code);
    let text = content.text_at(&["faultstring"]).unwrap_or_default();
    Trouble::Fault { code: words(code), text: words(text) }
}

/// Success, or what the status says instead.
fn succeeded(status: Option<&Node>) -> Result<(), Trouble> {
    let Some(code) = status.and_then(|status| status.text_at(&["Kod"])) else {
        return Err(Trouble::Unclear("the answer does not say whether it is done".to_owned()));
    };
    if code == SUCCESS {
        return Ok(());
    }
    let text = status.and_then(|status| status.text_at(&["Popis"])).unwrap_or_default();
    Err(Trouble::Refused { code: words(code), text: words(text) })
}

fn receipt(profile: Option<&Node>) -> Receipt {
    let Some(profile) = profile else {
        return Receipt { reference: None, file_reference: None };
    };
    let text = |path: &[&str]| profile.text_at(path).map(words);
    let evidence = || {
        let period = text(&["Evidence", "EvidenceObdobiId"])?;
        let number = text(&["Evidence", "EvidencePoradi"])?;
        Some(format!("{period}/{number}"))
    };
    Receipt { reference: text(&["CisloJednaci"]).or_else(evidence), file_reference: text(&["SpisovaZnacka"]) }
}

/// Words of the other side, bounded.
fn words(text: &str) -> String {
    text.chars().filter(|one| !one.is_control() || *one == '\n').take(WORDS_CHARS).collect()
}
