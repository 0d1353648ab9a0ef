//! Our messages as SOAP 1.1 envelopes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::message::{Act, Component, Identifier, Kind, NewDocument, Operation, Parties, Role, Subject};
use super::{Unfit, shortened};

/// Namespace of SOAP 1.1.
pub(super) const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// Longest title, and names of subjects, characters.
const TITLE_CHARS: usize = 100;
/// Longest description, characters.
const DESCRIPTION_CHARS: usize = 255;
/// Longest address, characters.
const ADDRESS_CHARS: usize = 254;

/// A message, ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// What is asked for.
    pub operation: Operation,
    /// The envelope, UTF-8.
    pub body: Vec<u8>,
}

/// What is in it belongs to a customer.
impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Message({}, {} bytes)", self.operation.name(), self.body.len())
    }
}

/// Creates a document with its files.
pub fn create_document(parties: &Parties, document: &NewDocument<'_>) -> Result<Message, Unfit> {
    let files = identified(parties, document)?;
    let message = envelope(parties, Operation::DokumentZalozeni, |xml| {
        if !files.is_empty() {
            xml.within("UdalostiPredchazejici", &[], |xml| {
                for ((id, file), number) in files.iter().zip(1_usize..) {
                    store_file(xml, id, file, number, &document.act);
                }
            });
        }
        xml.within("ProfilDokumentu", &[], |xml| profile(xml, document, &files));
        xml.act(&document.act);
    });
    Ok(message)
}

/// Says that a document is handled by what is written in it.
pub fn handle_document(parties: &Parties, document: &Identifier, act: &Act) -> Message {
    envelope(parties, Operation::Udalosti, |xml| {
        xml.within("Udalosti", &[], |xml| {
            xml.within("DokumentVyrizeni", &[("UdalostId", "1")], |xml| {
                xml.within("IdDokument", &[], |xml| xml.identifier(document));
                xml.within("Vyrizeni", &[], |xml| {
                    xml.leaf("ZpusobVyrizeni", "zaznamemNaDokumentu");
                    xml.leaf("DatumCasVyrizeni", &act.at.to_string());
                });
                xml.act(act);
            });
        });
    })
}

/// Asks what is there under an identifier.
pub fn ask_document(parties: &Parties, document: &Identifier, act: &Act) -> Message {
    envelope(parties, Operation::ProfilDokumentuZadost, |xml| {
        xml.within("IdDokument", &[], |xml| xml.identifier(document));
        xml.act(act);
    })
}

/// Asks whether the other side is there and knows us; it hands `id` back.
pub fn test(parties: &Parties, id: &str, act: &Act) -> Message {
    envelope(parties, Operation::WsTest, |xml| {
        xml.leaf("WsTestId", id);
        xml.act(act);
    })
}

/// Each file with an identifier made of the document's: without the prefix of our ids there is room for a number.
fn identified<'a>(
    parties: &Parties,
    document: &NewDocument<'a>,
) -> Result<Vec<(Identifier, Component<'a>)>, Unfit> {
    let main = document.files.iter().filter(|file| file.role == Role::Main).count();
    if main != 1 || document.files.len() > NewDocument::FILES_MAX {
        let found = format!("{main} of {}", document.files.len());
        return Err(Unfit { what: "dmFileMetaType main", found, max: 1 });
    }
    let value = &document.id.value;
    let stem = value.rsplit_once('_').map_or(value.as_str(), |(_, stem)| stem);
    let numbered = document.files.iter().zip(1_usize..);
    numbered.map(|(file, number)| Ok((parties.own(&format!("{stem}-{number:02}"))?, *file))).collect()
}

/// The event that brings the content of a file before the document that refers to it.
fn store_file(xml: &mut Xml<'_>, id: &Identifier, file: &Component<'_>, number: usize, act: &Act) {
    xml.within("SouborZalozeni", &[("UdalostId", &number.to_string())], |xml| {
        xml.within("ZalozeniSouboru", &[], |xml| {
            let attributes =
                [("dmMimeType", file.media_type), ("dmFileDescr", file.name), ("dmFinalniVerze", "A")];
            xml.within("Soubor", &attributes, |xml| {
                xml.leaf("dmEncodedContent", &STANDARD.encode(file.content));
                xml.identifier(id);
            });
        });
        xml.act(act);
    });
}

fn profile(xml: &mut Xml<'_>, document: &NewDocument<'_>, files: &[(Identifier, Component<'_>)]) {
    let attached = files.iter().filter(|(_, file)| file.role == Role::Enclosure).count();
    xml.identifier(&document.id);
    xml.leaf("DatumCasVytvoreni", &document.created_at.to_string());
    xml.leaf("Forma", "digitalni");
    xml.leaf("Nazev", &shortened(document.title, TITLE_CHARS));
    if !document.description.is_empty() {
        xml.leaf("Popis", &shortened(document.description, DESCRIPTION_CHARS));
    }
    if let Some(subject) = &document.subject {
        xml.within("SouvisejiciSubjekty", &[], |xml| {
            xml.within("SouvisejiciSubjekt", &[], |xml| {
                xml.within("Subjekt", &[], |xml| about(xml, subject));
                xml.leaf("Duvodvazby", "účastník telefonního hovoru");
            });
        });
    }
    // Of a digital document these are asked for, too.
    xml.leaf("PocetListu", "0");
    xml.leaf("PocetPriloh", &attached.to_string());
    xml.leaf("DruhPriloh", if attached == 0 { "žádné" } else { "elektronické soubory" });
    xml.leaf("PocetListuPriloh", "0");
    if let Some(file) = &document.within {
        xml.within("VlozenVeSpisu", &[], |xml| xml.within("SpisId", &[], |xml| xml.identifier(file)));
    }
    xml.within("OdkazyNaSoubory", &[], |xml| {
        for (id, file) in files {
            let attributes =
                [("dmFileMetaType", file.role.word()), ("dmFileDescr", file.name), ("dmFinalniVerze", "A")];
            xml.within("dmFileLink", &attributes, |xml| xml.identifier(id));
        }
    });
    if xml.parties.dialect.wants_whole_profile() {
        xml.leaf("VlastniKdo", &document.act.by);
        xml.leaf("StavDokumentu", "nevyrizen");
    }
}

fn about(xml: &mut Xml<'_>, subject: &Subject) {
    if let Some(id) = &subject.id {
        xml.identifier(id);
    }
    let named = |text: &str| shortened(text.trim(), TITLE_CHARS);
    match &subject.kind {
        Kind::Unknown => xml.leaf("TypSubjektu", "Neurceno"),
        Kind::Company(name) => {
            xml.leaf("TypSubjektu", "Pravnicka");
            xml.leaf("ObchodniNazev", &named(name));
        }
        Kind::Person(name) => {
            xml.leaf("TypSubjektu", "Fyzicka");
            let name = name.trim();
            let (given, family) = name.rsplit_once(char::is_whitespace).unwrap_or(("", name));
            if !given.trim().is_empty() {
                xml.leaf("Jmeno", &named(given));
            }
            if !family.is_empty() {
                xml.leaf("Prijmeni", &named(family));
            }
        }
    }
    let addresses = [("tel", &subject.phone), ("mail", &subject.email)];
    let known: Vec<_> =
        addresses.iter().filter_map(|(kind, address)| Some((*kind, address.as_deref()?))).collect();
    if known.is_empty() {
        return;
    }
    xml.within("Adresy", &[], |xml| {
        for (kind, address) in known {
            xml.within("AdresaElektronicka", &[], |xml| {
                xml.leaf("Typ", kind);
                xml.leaf("Kontakt", &shortened(address, ADDRESS_CHARS));
            });
        }
    });
}

fn envelope(parties: &Parties, operation: Operation, body: impl FnOnce(&mut Xml<'_>)) -> Message {
    let mut xml = Xml { writer: Writer::new(Vec::new()), parties };
    xml.put(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)));
    xml.within("soap:Envelope", &[("xmlns:soap", SOAP)], |xml| {
        xml.within("soap:Body", &[], |xml| {
            let name = format!("{}Request", operation.name());
            let attributes = [
                ("xmlns", parties.dialect.namespace()),
                ("Zdroj", parties.source.as_str()),
                ("Cil", parties.target.as_str()),
            ];
            xml.within(&name, &attributes, body);
        });
    });
    Message { operation, body: xml.writer.into_inner() }
}

/// A document while it is written.
struct Xml<'p> {
    writer: Writer<Vec<u8>>,
    parties: &'p Parties,
}

impl Xml<'_> {
    fn put(&mut self, event: Event<'_>) {
        let written = self.writer.write_event(event);
        debug_assert!(written.is_ok(), "writing into memory cannot fail");
    }

    fn within(&mut self, name: &str, attributes: &[(&str, &str)], content: impl FnOnce(&mut Self)) {
        let mut start = BytesStart::new(name);
        let readable: Vec<_> = attributes.iter().map(|(key, value)| (*key, readable(value))).collect();
        start.extend_attributes(readable.iter().map(|(key, value)| (*key, value.as_str())));
        self.put(Event::Start(start));
        content(self);
        self.put(Event::End(BytesEnd::new(name)));
    }

    fn leaf(&mut self, name: &str, text: &str) {
        self.within(name, &[], |xml| xml.put(Event::Text(BytesText::new(&readable(text)))));
    }

    fn identifier(&mut self, id: &Identifier) {
        let dialect = self.parties.dialect;
        let own = dialect.identifier_namespace();
        let namespace = [("xmlns", own)];
        let namespace = if own == dialect.namespace() { &[][..] } else { &namespace[..] };
        self.within("Identifikator", &[], |xml| {
            for (name, text) in [("HodnotaID", &id.value), ("ZdrojID", &id.source)] {
                xml.within(name, namespace, |xml| xml.put(Event::Text(BytesText::new(&readable(text)))));
            }
        });
    }

    fn act(&mut self, act: &Act) {
        self.within("Autorizace", &[], |xml| {
            xml.leaf("provedlKdo", &act.by);
            xml.leaf("provedlKdy", &act.at.to_string());
        });
    }
}

/// What XML 1.0 cannot say becomes U+FFFD.
fn readable(text: &str) -> String {
    let bad =
        |one: char| (one.is_control() && !"\t\n\r".contains(one)) || matches!(one, '\u{FFFE}' | '\u{FFFF}');
    text.chars().map(|one| if bad(one) { '\u{FFFD}' } else { one }).collect()
}
