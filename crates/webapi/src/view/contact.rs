//! Contacts, who was found, earlier calls.

use cti_core::fact::{CallOutcome, ContactRef, Direction};
use cti_core::ids::{CallId, ContactId};
use cti_core::time::Timestamp;
use serde::Serialize;
use store::{Confidence, Contact, ContactKind, HistoryRow, Labels, Lookup, LookupOutcome, Match};
use utoipa::ToSchema;

/// A contact.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ContactView {
    #[schema(value_type = String)]
    pub(crate) id: ContactId,
    pub(crate) version: u64,
    /// `person` or `company`.
    #[schema(value_type = String)]
    pub(crate) kind: ContactKind,
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) company: Option<String>,
    pub(crate) numbers: Vec<ContactNumberView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    /// Key of the system it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) external_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) changed_at: Timestamp,
}

/// A number of a contact.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ContactNumberView {
    /// As it was written.
    pub(crate) number: String,
    /// `+` and country code, when valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) e164: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) label: Option<String>,
}

impl From<&Contact> for ContactView {
    fn from(contact: &Contact) -> Self {
        let kept = contact.kept.clone();
        let number = |one: &store::ContactNumber| ContactNumberView {
            number: one.number.raw.to_string(),
            e164: one.number.e164.as_deref().map(ToOwned::to_owned),
            label: one.label.clone(),
        };
        Self {
            id: contact.id,
            version: contact.version,
            kind: kept.kind,
            name: kept.name,
            company: kept.company,
            numbers: kept.numbers.iter().map(number).collect(),
            email: kept.email,
            external_id: kept.external_id,
            note: kept.note,
            created_at: contact.created_at,
            changed_at: contact.changed_at,
        }
    }
}

/// The contact of a call, as it was called when it was found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CallContactView {
    #[schema(value_type = String)]
    pub(crate) id: ContactId,
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) company: Option<String>,
}

impl From<&ContactRef> for CallContactView {
    fn from(contact: &ContactRef) -> Self {
        Self {
            id: contact.id,
            name: contact.name.to_string(),
            company: contact.company.as_deref().map(ToOwned::to_owned),
        }
    }
}

/// A contact that has, or may have, a number.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MatchView {
    pub(crate) contact: ContactView,
    /// `exact` or `suggested`.
    #[schema(value_type = String)]
    pub(crate) confidence: Confidence,
    /// `same_number`, `same_national_number`, `same_last_digits`.
    pub(crate) why: String,
    /// Its number that matched, as it was written.
    pub(crate) matched_number: String,
    /// `contacts`: our own directory.
    pub(crate) source: String,
}

impl From<&Match> for MatchView {
    fn from(one: &Match) -> Self {
        Self {
            contact: (&one.contact).into(),
            confidence: one.confidence,
            why: one.why.to_owned(),
            matched_number: one.matched_number.clone(),
            source: "contacts".to_owned(),
        }
    }
}

/// Who has a number.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct LookupView {
    /// `none`, `one`, `many`, `withheld`, `internal`, `unavailable`. It counts exact matches; `none` may come with
    /// suggestions.
    #[schema(value_type = String)]
    pub(crate) outcome: LookupOutcome,
    pub(crate) matches: Vec<MatchView>,
}

impl From<&Lookup> for LookupView {
    fn from(found: &Lookup) -> Self {
        Self { outcome: found.outcome, matches: found.matches.iter().map(MatchView::from).collect() }
    }
}

/// An earlier call.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct HistoryView {
    #[schema(value_type = String)]
    pub(crate) call: CallId,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// `inbound`, `outbound`, `internal`.
    #[schema(value_type = String)]
    pub(crate) direction: Direction,
    /// `answered`, `missed`, `not_reached`; none while live.
    #[schema(value_type = Option<String>)]
    pub(crate) outcome: Option<CallOutcome>,
    /// Who answered last, or who made it.
    pub(crate) agent_name: Option<String>,
    pub(crate) queue_name: Option<String>,
    pub(crate) disposition: Option<ChosenView>,
    /// The newest note.
    pub(crate) note: Option<String>,
    pub(crate) talk_ms: Option<u64>,
    pub(crate) wait_ms: Option<u64>,
}

/// A disposition in the reader's language.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ChosenView {
    pub(crate) code: String,
    pub(crate) label: String,
}

/// An earlier call in the reader's language.
pub(crate) fn history(row: &HistoryRow, language: &str) -> HistoryView {
    HistoryView {
        call: row.call,
        at: row.at,
        direction: row.direction,
        outcome: row.outcome,
        agent_name: row.agent_name.clone(),
        queue_name: row.queue_name.clone(),
        disposition: row.disposition.as_ref().map(|(code, labels)| ChosenView {
            code: code.clone(),
            label: label(labels, language).unwrap_or(code).to_owned(),
        }),
        note: row.note.clone(),
        talk_ms: row.talk_ms,
        wait_ms: row.wait_ms,
    }
}

fn label<'l>(labels: &'l Labels, language: &str) -> Option<&'l str> {
    labels.get(language).or_else(|| labels.get("en")).map(String::as_str)
}
