//! A records service that is not there: it takes documents by the Czech standard, checks every message by its own
//! knowledge of their shape, tells repeats, and can answer every error.

mod reply;
mod shape;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use roxmltree::{Document, Node};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::Result;
use crate::asterisk::HOUSE;

pub use shape::Edition;

/// Largest request.
const REQUEST_BYTES: usize = 32 * 1024 * 1024;
/// How long a silent service keeps a connection.
const SILENCE: Duration = Duration::from_mins(1);

/// What it does with one request instead of answering well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trick {
    /// It says no with a code and words.
    Refuse(&'static str, &'static str),
    /// A SOAP fault with HTTP 500.
    Fault(&'static str, &'static str),
    /// This HTTP status and a page of a proxy.
    Status(u16),
    /// The connection ends before anything was read of it.
    Deaf,
    /// It does what was asked for and hangs up without an answer.
    HangUp,
    /// It never answers.
    Silent,
    /// A document type with entities that grow.
    Entities,
    /// An answer that does not end.
    Huge,
    /// The answer stands in the namespace of another edition.
    OtherNamespace,
    /// A page that is no XML.
    NoXml,
}

/// A document it keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDocument {
    /// Number under which it is kept.
    pub reference: String,
    /// Its title.
    pub title: String,
    /// Who handed it over.
    pub by: String,
    /// Telephone number of the subject.
    pub phone: Option<String>,
    /// The file it was put in.
    pub within: Option<String>,
    /// Role and name of its files, with what is in them.
    pub files: Vec<(String, String, Vec<u8>)>,
    /// True once it was marked as handled.
    pub handled: bool,
}

/// A message it got.
#[derive(Debug, Clone)]
pub struct Heard {
    /// The operation.
    pub operation: String,
    /// The element in the body of the envelope, standing alone.
    pub body: String,
    /// What it answered there; none when it played a trick.
    pub answer: Option<String>,
}

#[derive(Debug, Default)]
struct State {
    tricks: VecDeque<Trick>,
    documents: BTreeMap<String, KeptDocument>,
    heard: Vec<Heard>,
    objections: Vec<String>,
    repeat_is_error: bool,
}

/// The service, listening; gone when dropped.
#[derive(Debug)]
pub struct Essl {
    address: SocketAddr,
    edition: Edition,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl Drop for Essl {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Essl {
    /// Listens on a free port and speaks this edition of the standard.
    pub async fn start(edition: Edition) -> Result<Self> {
        let listener = TcpListener::bind((HOUSE, 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::<Mutex<State>>::default();
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, edition, Arc::clone(&shared)));
            }
        });
        Ok(Self { address, edition, state, task })
    }

    /// The section of a daemon's configuration that leads here.
    pub fn section(&self, id: &str) -> String {
        let (address, dialect) = (self.address, self.edition.word());
        format!(
            "[[records]]\nid = \"{id}\"\nname = \"Spisová služba\"\nurl = \"http://{address}/ermsAPI\"\n\
             dialect = \"{dialect}\"\nsource = \"CTI\"\ntarget = \"ESSL\"\nid_source = \"TIELINE\"\n\
             timeout_s = 2\n"
        )
    }

    /// What it does with the next requests, in order; tests whether it is there are answered well meanwhile.
    pub fn play(&self, tricks: impl IntoIterator<Item = Trick>) {
        self.lock().tricks.extend(tricks);
    }

    /// A repeat is answered with an error from now on, instead of with the document that is there.
    pub fn call_repeats_errors(&self) {
        self.lock().repeat_is_error = true;
    }

    /// Documents by identifier.
    pub fn documents(&self) -> BTreeMap<String, KeptDocument> {
        self.lock().documents.clone()
    }

    /// Everything it heard.
    pub fn heard(&self) -> Vec<Heard> {
        self.lock().heard.clone()
    }

    /// How often an operation was asked for.
    pub fn count(&self, operation: &str) -> usize {
        self.lock().heard.iter().filter(|heard| heard.operation == operation).count()
    }

    /// What was wrong with messages.
    pub fn objections(&self) -> Vec<String> {
        self.lock().objections.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request of one connection.
async fn serve(mut stream: TcpStream, edition: Edition, state: Arc<Mutex<State>>) {
    let Some((head, body)) = request(&mut stream).await else { return };
    let is_test = head.contains("\"WsTest\"");
    let trick = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        if is_test { None } else { state.tricks.pop_front() }
    };
    let answer = match trick {
        Some(Trick::Deaf) => return,
        Some(Trick::Silent) => {
            tokio::time::sleep(SILENCE).await;
            return;
        }
        Some(trick @ (Trick::HangUp | Trick::OtherNamespace)) => {
            let answered = answer(&head, &body, edition, &state);
            if trick == Trick::HangUp {
                return;
            }
            let other = Edition::ALL.into_iter().find(|other| *other != edition).unwrap_or(edition);
            http(200, &answered.replace(edition.namespace(), other.namespace()))
        }
        Some(trick) => {
            note(&head, &body, &state);
            let (status, text) = reply::trick(&trick, edition, &operation(&head));
            http(status, &text)
        }
        None => http(200, &answer(&head, &body, edition, &state)),
    };
    // A client that has enough hangs up.
    let _ = stream.write_all(&answer).await;
    let _ = stream.shutdown().await;
}

fn http(status: u16, body: &str) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status} .\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body.as_bytes()].concat()
}

async fn request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    let mut part = vec![0; 64 * 1024];
    loop {
        let read = stream.read(&mut part).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(part.get(..read)?);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(bytes.get(..end)?).into_owned();
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        })?;
        if length > REQUEST_BYTES {
            return None;
        }
        if let Some(body) = bytes.get(end + 4..end + 4 + length) {
            return Some((head, String::from_utf8_lossy(body).into_owned()));
        }
    }
}

/// What the header `SOAPAction` asks for.
fn operation(head: &str) -> String {
    let action = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("soapaction").then(|| value.trim().trim_matches('"').to_owned())
    });
    action.unwrap_or_default()
}

/// The element in the body of an envelope, standing alone.
fn content(envelope: &str) -> std::result::Result<String, String> {
    let document = Document::parse(envelope).map_err(|error| error.to_string())?;
    let element = |node: &Node<'_, '_>| node.children().find(Node::is_element).map(|node| node.id());
    let body = element(&document.root_element()).and_then(|id| document.get_node(id)).ok_or("no body")?;
    if body.tag_name().name() != "Body" || body.tag_name().namespace() != Some(shape::SOAP) {
        return Err("no SOAP body".to_owned());
    }
    let inner = element(&body).and_then(|id| document.get_node(id)).ok_or("an empty body")?;
    Ok(envelope.get(inner.range()).unwrap_or_default().to_owned())
}

fn note(head: &str, body: &str, state: &Mutex<State>) {
    let message = Heard { operation: operation(head), body: content(body).unwrap_or_default(), answer: None };
    state.lock().unwrap_or_else(PoisonError::into_inner).heard.push(message);
}

/// Does what is asked for and says so.
fn answer(head: &str, envelope: &str, edition: Edition, state: &Mutex<State>) -> String {
    let operation = operation(head);
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let body = match content(envelope) {
        Ok(body) => body,
        Err(error) => {
            state.objections.push(format!("{operation}: {error}"));
            return reply::refused(edition, &operation, "0003", &error);
        }
    };
    let objections = shape::check(&operation, &body, edition);
    let first = objections.first().cloned();
    state.objections.extend(objections);
    let answer = match (&first, Document::parse(&body)) {
        (None, Ok(document)) => act(&operation, document.root_element(), edition, &mut state),
        (Some(error), _) => reply::refused(edition, &operation, "0003", error),
        (None, Err(error)) => reply::refused(edition, &operation, "0003", &error.to_string()),
    };
    let alone = content(&answer).ok();
    state.heard.push(Heard { operation, body, answer: alone });
    answer
}

fn act(operation: &str, root: Node<'_, '_>, edition: Edition, state: &mut State) -> String {
    let id = |node: Node<'_, '_>| text(node, &["Identifikator", "HodnotaID"]).unwrap_or_default();
    match operation {
        "WsTest" => reply::tested(edition, &text(root, &["WsTestId"]).unwrap_or_default()),
        "DokumentZalozeni" => {
            let Some(profile) = child(root, "ProfilDokumentu") else { return String::new() };
            let id = id(profile);
            if state.documents.contains_key(&id) && state.repeat_is_error {
                let words = "Dokument s tímto identifikátorem již existuje";
                return reply::refused(edition, operation, "0010", words);
            }
            let reference = format!("ESSL/2026/{}", state.documents.len() + 1);
            let new = || document(root, profile, reference);
            let kept = state.documents.entry(id.clone()).or_insert_with(new);
            reply::profile(edition, operation, &id, kept)
        }
        "ProfilDokumentuZadost" => {
            let id = child(root, "IdDokument").map(id).unwrap_or_default();
            match state.documents.get(&id) {
                Some(kept) => reply::profile(edition, operation, &id, kept),
                None => reply::refused(edition, operation, "0002", "Dokument nebyl nalezen"),
            }
        }
        "Udalosti" => {
            let event = at(root, &["Udalosti", "DokumentVyrizeni", "IdDokument"]);
            let found = event.map(id).and_then(|id| state.documents.get_mut(&id));
            match found {
                Some(kept) => {
                    kept.handled = true;
                    reply::event(edition, "0000", "")
                }
                None => reply::event(edition, "0002", "Dokument nebyl nalezen"),
            }
        }
        _ => reply::refused(edition, operation, "0009", "Neznámá operace"),
    }
}

fn document(root: Node<'_, '_>, profile: Node<'_, '_>, reference: String) -> KeptDocument {
    let mut contents = BTreeMap::new();
    for file in root.descendants().filter(|node| node.has_tag_name_like("Soubor")) {
        let content = text(file, &["dmEncodedContent"]).unwrap_or_default();
        let id = text(file, &["Identifikator", "HodnotaID"]).unwrap_or_default();
        contents.insert(id, shape::decoded(&content).unwrap_or_default());
    }
    let links = profile.descendants().filter(|node| node.has_tag_name_like("dmFileLink"));
    let files = links.map(|link| {
        let id = text(link, &["Identifikator", "HodnotaID"]).unwrap_or_default();
        let attribute = |name| link.attribute(name).unwrap_or_default().to_owned();
        (attribute("dmFileMetaType"), attribute("dmFileDescr"), contents.remove(&id).unwrap_or_default())
    });
    let subject = ["SouvisejiciSubjekty", "SouvisejiciSubjekt", "Subjekt", "Adresy", "AdresaElektronicka"];
    KeptDocument {
        reference,
        title: text(profile, &["Nazev"]).unwrap_or_default(),
        by: text(root, &["Autorizace", "provedlKdo"]).unwrap_or_default(),
        phone: at(profile, &subject).and_then(|address| text(address, &["Kontakt"])),
        within: text(profile, &["VlozenVeSpisu", "SpisId", "Identifikator", "HodnotaID"]),
        files: files.collect(),
        handled: false,
    }
}

/// The first child of this name, in whatever namespace.
fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.has_tag_name_like(name))
}

fn at<'a, 'i>(node: Node<'a, 'i>, path: &[&str]) -> Option<Node<'a, 'i>> {
    path.iter().try_fold(node, |node, name| child(node, name))
}

fn text(node: Node<'_, '_>, path: &[&str]) -> Option<String> {
    at(node, path).and_then(|node| node.text()).map(str::to_owned)
}

/// Names without their namespace.
trait Named {
    fn has_tag_name_like(&self, name: &str) -> bool;
}

impl Named for Node<'_, '_> {
    fn has_tag_name_like(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }
}
