//! What was written of a call, as a document: for people (PDF, or plain text without a font) and for programs (JSON).
//!
//! Its words are Czech, whatever the language of the desk: it goes into the files of a Czech office.

pub mod pdf;

use std::collections::BTreeMap;

use cti_core::fact::{Direction, Party};
use cti_core::ids::UserId;
use cti_core::input::Actor;
use cti_core::time::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use store::{CallDetail, Contact, ContactKind};

/// What a note is made of.
#[derive(Debug)]
pub struct Material<'a> {
    /// The call.
    pub call: &'a CallDetail,
    /// Who is at the other side, where known.
    pub contact: Option<&'a Contact>,
    /// Name of the queue.
    pub queue: Option<&'a str>,
    /// Title; made of the call when it is empty.
    pub title: &'a str,
    /// What is written of it.
    pub text: &'a str,
    /// Who hands it over.
    pub author: &'a str,
    /// Names of those who wrote notes.
    pub people: &'a BTreeMap<UserId, String>,
    /// When it is made.
    pub at: Timestamp,
    /// Zone of times for people.
    pub zone: &'a TimeZone,
}

/// A document of a few lines and texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Title.
    pub title: String,
    /// When it was made.
    pub at: Timestamp,
    /// Label and value.
    pub lines: Vec<(&'static str, String)>,
    /// Heading and text.
    pub texts: Vec<(&'static str, String)>,
}

/// The party at the other side of a call.
pub fn other_side(call: &CallDetail) -> Party {
    let call = &call.call;
    match call.direction {
        Direction::Outbound => Party { number: call.dialled.clone(), ..Party::default() },
        Direction::Inbound | Direction::Internal => call.calling.clone(),
    }
}

impl Note {
    /// Writes the note of a call.
    pub fn of(material: &Material<'_>) -> Self {
        let call = &material.call.call;
        let other = other_side(material.call);
        let number = number_words(&other);
        let title = match material.title {
            "" => format!("Telefonní hovor {} {number}", local(call.started_at, material.zone)),
            given => given.to_owned(),
        };
        let mut lines = vec![("Směr", direction(call.direction).to_owned())];
        if call.direction != Direction::Outbound {
            lines.push(("Číslo volajícího", number));
        }
        if let Some(dialled) = &call.dialled {
            lines.push(("Volané číslo", dialled.key().to_owned()));
        }
        lines.extend(material.contact.map(|contact| ("Účastník", contact_words(contact))));
        lines.push(("Začátek hovoru", local(call.started_at, material.zone)));
        lines.extend(call.ended_at.map(|ended| ("Konec hovoru", local(ended, material.zone))));
        lines.extend(call.talk_ms.map(|length| ("Délka rozhovoru", minutes(length))));
        lines.extend(material.queue.map(|queue| ("Fronta", queue.to_owned())));
        lines.push(("Předal", material.author.to_owned()));
        lines.push(("Předáno", local(material.at, material.zone)));
        lines.push(("Hovor", call.id.to_string()));
        let mut texts = Vec::new();
        if !material.text.is_empty() {
            texts.push(("Obsah", material.text.to_owned()));
        }
        for note in &material.call.notes {
            let who = who(&note.actor, material.people);
            texts.push((
                "Poznámka k hovoru",
                format!("{} {who}: {}", local(note.at, material.zone), note.text),
            ));
        }
        Self { title, at: material.at, lines, texts }
    }

    /// As plain text, UTF-8 with line ends of Windows.
    pub fn plain(&self) -> String {
        let lines = self.lines.iter().map(|(label, value)| format!("{label}: {value}\n"));
        let texts = self.texts.iter().map(|(heading, body)| format!("\n{heading}\n{body}\n"));
        let text: String = std::iter::once(format!("{}\n\n", self.title)).chain(lines).chain(texts).collect();
        text.replace('\n', "\r\n")
    }
}

/// The same for programs: stable English names, times in UTC.
pub fn data(material: &Material<'_>) -> Value {
    let call = &material.call.call;
    let other = other_side(material.call);
    let notes = material
        .call
        .notes
        .iter()
        .map(|note| json!({ "at": note.at, "by": who(&note.actor, material.people), "text": note.text }));
    json!({
        "call": call.id,
        "direction": call.direction,
        "number": other.number.as_ref().map(|number| number.key().to_owned()),
        "withheld": other.withheld,
        "dialled": call.dialled.as_ref().map(|number| number.key().to_owned()),
        "contact": material.contact.map(|contact| json!({
            "id": contact.id,
            "name": contact.kept.name,
            "company": contact.kept.company,
            "external_id": contact.kept.external_id(),
        })),
        "queue": material.queue,
        "started_at": call.started_at,
        "ended_at": call.ended_at,
        "talk_ms": call.talk_ms,
        "disposition": call.disposition,
        "title": material.title,
        "text": material.text,
        "notes": notes.collect::<Vec<_>>(),
        "by": material.author,
        "at": material.at,
    })
}

fn who(actor: &Actor, people: &BTreeMap<UserId, String>) -> String {
    match actor {
        Actor::User(user) => people.get(user).cloned().unwrap_or_else(|| user.to_string()),
        Actor::Token(name) => name.to_string(),
        Actor::System => "Tieline".to_owned(),
    }
}

fn contact_words(contact: &Contact) -> String {
    let kept = &contact.kept;
    match (&kept.company, kept.kind) {
        (Some(company), ContactKind::Person) => format!("{}, {company}", kept.name),
        _ => kept.name.clone(),
    }
}

fn number_words(party: &Party) -> String {
    match &party.number {
        _ if party.withheld => "skryté číslo".to_owned(),
        Some(number) => number.key().to_owned(),
        None => "neznámé číslo".to_owned(),
    }
}

const fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "příchozí",
        Direction::Outbound => "odchozí",
        Direction::Internal => "vnitřní",
    }
}

/// A time as people of the house write it.
fn local(at: Timestamp, zone: &TimeZone) -> String {
    let time = jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    time.to_zoned(zone.clone()).strftime("%-d. %-m. %Y %H:%M:%S").to_string()
}

fn minutes(millis: u64) -> String {
    let seconds = millis / 1_000;
    format!("{}:{:02} min", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests;
