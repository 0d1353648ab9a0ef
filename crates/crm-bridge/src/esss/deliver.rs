//! One try to have a filing taken: which messages are sent, in which order.

use cti_core::ids::FilingId;
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Filing, FilingFile};

use super::answer::{self, Receipt, Trouble};
use super::client::{Client, Reply};
use super::{
    Act, Component, Identifier, Kind, Message, NewDocument, Parties, Role, Subject, Tried, Unfit,
    ask_document, create_document, handle_document, test,
};

/// What a filing says of its document beside its files; the store keeps it as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Papers {
    /// When the document came to be.
    pub created_at: Timestamp,
    /// What it is about.
    pub description: String,
    /// Whom it is about.
    pub subject: Option<PaperSubject>,
    /// The file it is put in: identifier and who gave it.
    pub within: Option<(String, String)>,
    /// Who hands it over, as the records service knows the person.
    pub acting: String,
}

/// Whom a document is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperSubject {
    /// Id of the contact.
    pub contact: Option<String>,
    /// Its name; a number alone has none.
    pub name: Option<String>,
    /// True for a company or office.
    pub is_company: bool,
    /// Telephone number.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
}

impl Papers {
    /// Tries whether the papers can be said in the words of the standard, before anything is sent.
    pub fn check(&self, parties: &Parties, now: Timestamp) -> Result<(), Unfit> {
        self.within(parties)?;
        self.subject(parties)?;
        Act::new(&self.acting, now).map(drop)
    }

    fn within(&self, parties: &Parties) -> Result<Option<Identifier>, Unfit> {
        let file = self.within.as_ref();
        file.map(|(value, source)| Identifier::new(parties.dialect(), value, source)).transpose()
    }

    fn subject(&self, parties: &Parties) -> Result<Option<Subject>, Unfit> {
        let Some(subject) = &self.subject else { return Ok(None) };
        let kind = match (&subject.name, subject.is_company) {
            (None, _) => Kind::Unknown,
            (Some(name), true) => Kind::Company(name.clone()),
            (Some(name), false) => Kind::Person(name.clone()),
        };
        Ok(Some(Subject {
            id: subject.contact.as_deref().map(|id| parties.own(id)).transpose()?,
            kind,
            phone: subject.phone.clone(),
            email: subject.email.clone(),
        }))
    }
}

/// Tries to have a filing taken. One that may have arrived before is asked for first, so that whatever the other side
/// does about repeats, there is one document.
pub async fn deliver(
    client: &Client,
    parties: &Parties,
    filing: &Filing,
    files: &[FilingFile],
    now: Timestamp,
) -> Tried {
    match step(client, parties, filing, files, now).await {
        Ok(tried) => tried,
        Err(unfit) => Tried::Unfit(unfit),
    }
}

async fn step(
    client: &Client,
    parties: &Parties,
    filing: &Filing,
    files: &[FilingFile],
    now: Timestamp,
) -> Result<Tried, String> {
    let papers = serde_json::from_value::<Papers>(filing.papers.clone());
    let papers = papers.map_err(|error| format!("the papers cannot be read: {error}"))?;
    let act = Act::new(&papers.acting, now).map_err(|error| error.to_string())?;
    let id = document_id(parties, filing.id)?;
    if filing.reference.is_some() {
        return Ok(handle(client, parties, &id, &act).await);
    }
    if filing.unsure {
        match find(client, parties, &id, &act).await {
            Ok(None) => {}
            Ok(Some(receipt)) => return Ok(Tried::Kept(receipt)),
            Err(tried) => return Ok(tried),
        }
    }
    let message = document(parties, filing, &papers, files, &act)?;
    let tried = match answered(client, &message).await {
        Ok(reply) => match answer::created(parties.dialect(), &reply.body) {
            Ok(receipt) => Tried::Kept(receipt),
            Err(trouble) => Tried::Answered(reply.status, trouble),
        },
        Err(tried) => tried,
    };
    // Some services call a repeat an error.
    let is_repeat = filing.attempts > 1 && matches!(tried, Tried::Answered(_, Trouble::Refused { .. }));
    if is_repeat && let Ok(Some(receipt)) = find(client, parties, &id, &act).await {
        return Ok(Tried::Kept(receipt));
    }
    Ok(tried)
}

fn document(
    parties: &Parties,
    filing: &Filing,
    papers: &Papers,
    files: &[FilingFile],
    act: &Act,
) -> Result<Message, String> {
    let role = |file: &FilingFile| {
        let known = Role::ALL.into_iter().find(|role| role.word() == file.role);
        known.ok_or_else(|| format!("a file is `{}` of the document, which is nothing we know", file.role))
    };
    let files = files.iter().map(|file| {
        let role = role(file)?;
        Ok(Component { name: &file.name, media_type: &file.media_type, role, content: &file.content })
    });
    let said = |error: Unfit| error.to_string();
    let document = NewDocument {
        id: document_id(parties, filing.id)?,
        created_at: papers.created_at,
        title: &filing.title,
        description: &papers.description,
        subject: papers.subject(parties).map_err(said)?,
        files: files.collect::<Result<_, String>>()?,
        within: papers.within(parties).map_err(said)?,
        act: act.clone(),
    };
    create_document(parties, &document).map_err(said)
}

/// The document has the id of the filing, whatever happens.
fn document_id(parties: &Parties, filing: FilingId) -> Result<Identifier, String> {
    parties.own(&filing.to_string()).map_err(|error| error.to_string())
}

async fn handle(client: &Client, parties: &Parties, id: &Identifier, act: &Act) -> Tried {
    match answered(client, &handle_document(parties, id, act)).await {
        Ok(reply) => match answer::happened(parties.dialect(), &reply.body) {
            Ok(()) => Tried::Handled,
            Err(trouble) => Tried::Answered(reply.status, trouble),
        },
        Err(tried) => tried,
    }
}

/// What is there under our identifier.
async fn find(
    client: &Client,
    parties: &Parties,
    id: &Identifier,
    act: &Act,
) -> Result<Option<Receipt>, Tried> {
    let reply = answered(client, &ask_document(parties, id, act)).await?;
    answer::found(parties.dialect(), &reply.body).map_err(|trouble| Tried::Answered(reply.status, trouble))
}

/// Asks whether a records service is there and knows us.
pub async fn check(client: &Client, parties: &Parties, acting: &str, now: Timestamp) -> Result<(), Tried> {
    let act = Act::new(acting, now).map_err(|error| Tried::Unfit(error.to_string()))?;
    let id = format!("tieline-{}", now.as_micros());
    let reply = answered(client, &test(parties, &id, &act)).await?;
    answer::tested(parties.dialect(), &reply.body, &id)
        .map_err(|trouble| Tried::Answered(reply.status, trouble))
}

async fn answered(client: &Client, message: &Message) -> Result<Reply, Tried> {
    client.send(message).await.map_err(Tried::Unreached)
}
