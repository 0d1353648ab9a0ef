//! What we say to a records service.

use cti_core::time::Timestamp;

use super::Dialect;

/// Longest code of a system (`Zdroj`, `Cil`), characters.
const SYSTEM_CHARS: usize = 6;
/// Longest `ZdrojID`, characters.
const SOURCE_CHARS: usize = 10;

/// Something that cannot be said in the words of the standard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} `{found}` must have 1 to {max} characters")]
pub struct Unfit {
    /// What it is, in the words of the standard.
    pub what: &'static str,
    /// What was given.
    pub found: String,
    /// Most characters.
    pub max: usize,
}

/// Checks a text of 1 to `max` characters.
fn fit(what: &'static str, text: &str, max: usize) -> Result<String, Unfit> {
    let chars = text.chars().count();
    if chars == 0 || chars > max || text.chars().any(char::is_control) {
        return Err(Unfit { what, found: text.chars().take(60).collect(), max });
    }
    Ok(text.to_owned())
}

/// A text of at most `max` characters; what is cut off leaves an ellipsis.
pub fn shortened(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(max.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// Who speaks to whom, and in which edition of the standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parties {
    pub(super) dialect: Dialect,
    pub(super) source: String,
    pub(super) target: String,
    pub(super) id_source: String,
}

impl Parties {
    /// `source` and `target` are codes of at most 6 characters that both sides agreed on; `id_source` (at most 10) marks
    /// identifiers that we gave.
    pub fn new(dialect: Dialect, source: &str, target: &str, id_source: &str) -> Result<Self, Unfit> {
        Ok(Self {
            dialect,
            source: fit("Zdroj", source, SYSTEM_CHARS)?,
            target: fit("Cil", target, SYSTEM_CHARS)?,
            id_source: fit("ZdrojID", id_source, SOURCE_CHARS)?,
        })
    }

    /// Their edition of the standard.
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// An identifier that we give.
    pub fn own(&self, value: &str) -> Result<Identifier, Unfit> {
        Identifier::new(self.dialect, value, &self.id_source)
    }
}

/// An identifier and who gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    pub(super) value: String,
    pub(super) source: String,
}

impl Identifier {
    /// An identifier that `source` gave.
    pub fn new(dialect: Dialect, value: &str, source: &str) -> Result<Self, Unfit> {
        Ok(Self {
            value: fit("HodnotaID", value, dialect.value_chars())?,
            source: fit("ZdrojID", source, SOURCE_CHARS)?,
        })
    }
}

/// Who did it, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    pub(super) by: String,
    pub(super) at: Timestamp,
}

impl Act {
    /// `by` is what the records service knows the person by, at most 50 characters.
    pub fn new(by: &str, at: Timestamp) -> Result<Self, Unfit> {
        Ok(Self { by: fit("provedlKdo", by, 50)?, at })
    }
}

/// Whom a document is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Our identifier of the contact, where it is one.
    pub id: Option<Identifier>,
    /// What it is.
    pub kind: Kind,
    /// Telephone number.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
}

/// What a subject is, with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Only a number is known.
    Unknown,
    /// A person; the last word of its name is taken as the family name.
    Person(String),
    /// A company or office.
    Company(String),
}

/// What a file is of its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The document itself; exactly one.
    Main,
    /// An attachment.
    Enclosure,
    /// Data about it.
    Meta,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Main, Self::Enclosure, Self::Meta];

    /// Its word in the standard.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Enclosure => "enclosure",
            Self::Meta => "meta",
        }
    }
}

/// A file of a document.
#[derive(Debug, Clone, Copy)]
pub struct Component<'a> {
    /// Its name, from [`super::FileNames`].
    pub name: &'a str,
    /// Media type.
    pub media_type: &'a str,
    /// What it is.
    pub role: Role,
    /// What is in it.
    pub content: &'a [u8],
}

/// A document to be created.
#[derive(Debug, Clone)]
pub struct NewDocument<'a> {
    /// Our identifier, the same on every try. Files get identifiers made of it.
    pub id: Identifier,
    /// When it came to be.
    pub created_at: Timestamp,
    /// Title; beyond 100 characters it is shortened.
    pub title: &'a str,
    /// What it is about; beyond 255 characters it is shortened.
    pub description: &'a str,
    /// Whom it is about.
    pub subject: Option<Subject>,
    /// Its files; at most [`NewDocument::FILES_MAX`], one of them [`Role::Main`].
    pub files: Vec<Component<'a>>,
    /// The file (spis) it is put in.
    pub within: Option<Identifier>,
    /// Who hands it over.
    pub act: Act,
}

impl NewDocument<'_> {
    /// Most files of a document: their identifiers have two digits of room.
    pub const FILES_MAX: usize = 99;
}

/// Operations of the web service that we use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A document is created.
    DokumentZalozeni,
    /// What is there under an identifier.
    ProfilDokumentuZadost,
    /// Something happened to a document.
    Udalosti,
    /// Are you there, and do you know me?
    WsTest,
}

impl Operation {
    /// Its name, also the SOAP action.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DokumentZalozeni => "DokumentZalozeni",
            Self::ProfilDokumentuZadost => "ProfilDokumentuZadost",
            Self::Udalosti => "Udalosti",
            Self::WsTest => "WsTest",
        }
    }
}
