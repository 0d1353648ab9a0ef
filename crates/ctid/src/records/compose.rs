//! Makes the document of a call: the note for people, the same for programs, and what goes along.

use std::collections::BTreeMap;

use crm_bridge::esss::deliver::{PaperSubject, Papers};
use crm_bridge::esss::{FileNames, Role};
use crm_bridge::note::pdf::{self, DocumentFont};
use crm_bridge::note::{self, Material, Note};
use cti_core::fact::Party;
use cti_core::ids::UserId;
use cti_core::time::Timestamp;
use store::{Contact, ContactKind, FilingFile, NewFiling, StoreError};
use webapi::ports::records::{FilingRefusal, FilingWish};

use super::Inner;
use crate::config::RecordsConfig;

/// What people call the main file.
const NOTE: &str = "zaznam-hovoru";

/// The filing of a wish, with all its files.
pub(super) async fn compose(
    records: &Inner,
    service: &RecordsConfig,
    wish: FilingWish,
    at: Timestamp,
) -> Result<Result<NewFiling, FilingRefusal>, StoreError> {
    let contact = match &wish.call.call.contact {
        Some(found) => records.store.contact(found.id).await?,
        None => None,
    };
    let people: BTreeMap<UserId, String> = if wish.call.notes.is_empty() {
        BTreeMap::new()
    } else {
        let users = records.store.users(true).await?;
        users.into_iter().map(|user| (user.id, user.name)).collect()
    };
    let queue = wish.call.call.queue.and_then(|queue| {
        records.engine.view().look(|domain| {
            let found = domain.state().queues.get(&queue);
            found.map(|queue| queue.name.to_string())
        })
    });
    let material = Material {
        call: &wish.call,
        contact: contact.as_ref(),
        queue: queue.as_deref(),
        title: &wish.title,
        text: &wish.text,
        author: &wish.acting_name,
        people: &people,
        at,
        zone: &records.zone,
    };
    let note = Note::of(&material);
    let data = note::data(&material).to_string();
    let papers = Papers {
        created_at: at,
        description: wish.text.lines().next().unwrap_or_default().to_owned(),
        subject: subject(&note::other_side(&wish.call), contact.as_ref()),
        within: wish.within,
        acting: service.acting_user.clone().unwrap_or(wish.acting),
    };
    if let Err(unfit) = papers.check(&service.parties, at) {
        let pointer = if papers.within.is_some() { "/file" } else { "/records" };
        return Ok(Err(FilingRefusal { pointer, detail: unfit.to_string() }));
    }
    let title = note.title.clone();
    let mut names = FileNames::default();
    let mut files = vec![main_file(note, records.font.clone(), &mut names).await];
    files.push(FilingFile {
        name: names.give(&format!("{NOTE}.json")),
        media_type: "application/json".to_owned(),
        role: Role::Meta.word().to_owned(),
        content: data.into_bytes(),
    });
    files.extend(wish.attachments.into_iter().map(|file| FilingFile {
        name: names.give(&file.name),
        media_type: file.media_type,
        role: Role::Enclosure.word().to_owned(),
        content: file.content,
    }));
    Ok(Ok(NewFiling {
        call: wish.call.call.id,
        records: service.id.clone(),
        request_key: wish.request_key,
        author: wish.author,
        title,
        papers: serde_json::to_value(&papers).unwrap_or_default(),
        handled: wish.handled,
        files,
    }))
}

/// The note as PDF; as text where there is no font, or the PDF cannot be made.
async fn main_file(note: Note, font: Option<DocumentFont>, names: &mut FileNames) -> FilingFile {
    let plain = note.plain();
    let written = match font {
        // Laying out a long note takes a while; other tasks go on.
        Some(font) => tokio::task::spawn_blocking(move || pdf::write(&note, &font)).await.ok(),
        None => None,
    };
    let (ending, media_type, content) = match written {
        Some(Ok(pdf)) => ("pdf", "application/pdf", pdf),
        Some(Err(error)) => {
            tracing::warn!(%error, "a note is handed over as text");
            ("txt", "text/plain", plain.into_bytes())
        }
        None => ("txt", "text/plain", plain.into_bytes()),
    };
    FilingFile {
        name: names.give(&format!("{NOTE}.{ending}")),
        media_type: media_type.to_owned(),
        role: Role::Main.word().to_owned(),
        content,
    }
}

fn subject(party: &Party, contact: Option<&Contact>) -> Option<PaperSubject> {
    let phone = party.number.as_ref().map(|number| number.key().to_owned());
    match contact {
        Some(contact) => Some(PaperSubject {
            contact: Some(contact.id.to_string()),
            name: Some(contact.kept.name.clone()),
            is_company: contact.kept.kind == ContactKind::Company,
            phone,
            email: contact.kept.email().map(ToOwned::to_owned),
        }),
        None => phone.map(|phone| PaperSubject {
            contact: None,
            name: None,
            is_company: false,
            phone: Some(phone),
            email: None,
        }),
    }
}
