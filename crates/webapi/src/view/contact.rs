//! Contacts, who was found, earlier calls.

use cti_core::fact::{CallOutcome, ContactRef, Direction};
use cti_core::ids::{CallId, ContactId};
use cti_core::time::Timestamp;
use serde::Serialize;
use store::{
    AddressKind, Confidence, Contact, ContactAddress, ContactKind, ContactLink, FieldValues, HistoryRow,
    Labels, Lookup, LookupOutcome, Match,
};
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
    /// How it is treated, for example `VIP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    /// Every address, in order.
    pub(crate) addresses: Vec<AddressView>,
    /// Those of the addresses that are numbers.
    pub(crate) numbers: Vec<ContactNumberView>,
    /// The first e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    /// Key of the system it came from: that of the system `default`, else the first of `external_ids`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) external_id: Option<String>,
    /// Its keys in other systems.
    pub(crate) external_ids: Vec<ExternalIdView>,
    /// Own fields by key, see `/v1/contact_fields`.
    #[schema(value_type = Object)]
    pub(crate) fields: FieldValues,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    /// Its pages in other systems; none where it has no key there.
    pub(crate) links: Vec<ContactLinkView>,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) changed_at: Timestamp,
}

/// An address of a contact.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AddressView {
    /// `phone`, `mobile`, `fax`, `email`, `contact_centre`, `other`.
    #[schema(value_type = String)]
    pub(crate) kind: AddressKind,
    /// As it was written.
    pub(crate) address: String,
    /// `+` and country code, of a valid number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) e164: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) label: Option<String>,
}

impl From<&ContactAddress> for AddressView {
    fn from(one: &ContactAddress) -> Self {
        Self {
            kind: one.kind,
            address: one.written().to_owned(),
            e164: one.as_number().and_then(|number| number.e164.as_deref()).map(ToOwned::to_owned),
            label: one.label.clone(),
        }
    }
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
    /// `phone`, `mobile`, `fax`, `contact_centre`, `other`.
    #[schema(value_type = String)]
    pub(crate) kind: AddressKind,
}

/// The key of a contact in another system.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ExternalIdView {
    pub(crate) system: String,
    pub(crate) id: String,
}

/// The page of a contact in another system.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ContactLinkView {
    /// Key of the system.
    pub(crate) system: String,
    /// Its name.
    pub(crate) name: String,
    /// The page.
    pub(crate) url: String,
}

impl From<&ContactLink> for ContactLinkView {
    fn from(link: &ContactLink) -> Self {
        Self { system: link.system.clone(), name: link.name.clone(), url: link.url.clone() }
    }
}

impl From<&Contact> for ContactView {
    fn from(contact: &Contact) -> Self {
        let kept = contact.kept.clone();
        let addresses: Vec<_> = kept.addresses.iter().map(AddressView::from).collect();
        let is_number = kept.addresses.iter().map(|one| one.as_number().is_some());
        let number = |one: &AddressView| ContactNumberView {
            number: one.address.clone(),
            e164: one.e164.clone(),
            label: one.label.clone(),
            kind: one.kind,
        };
        let numbers = addresses.iter().zip(is_number).filter(|(_, is_number)| *is_number);
        let ids = kept.external_ids.iter();
        Self {
            id: contact.id,
            version: contact.version,
            kind: kept.kind,
            email: kept.email().map(ToOwned::to_owned),
            external_id: kept.external_id().map(ToOwned::to_owned),
            external_ids: ids
                .map(|one| ExternalIdView { system: one.system.clone(), id: one.id.clone() })
                .collect(),
            numbers: numbers.map(|(one, _)| number(one)).collect(),
            addresses,
            name: kept.name,
            company: kept.company,
            status: kept.status,
            fields: kept.fields,
            note: kept.note,
            links: Vec::new(),
            created_at: contact.created_at,
            changed_at: contact.changed_at,
        }
    }
}

impl ContactView {
    /// With its pages in other systems.
    pub(crate) fn linked(mut self, links: &[ContactLink]) -> Self {
        self.links = links.iter().map(ContactLinkView::from).collect();
        self
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
            contact: ContactView::from(&one.contact).linked(&one.links),
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
        disposition: row.disposition.as_ref().map(|(code, labels)| chosen(code.clone(), labels, language)),
        note: row.note.clone(),
        talk_ms: row.talk_ms,
        wait_ms: row.wait_ms,
    }
}

/// A disposition in the words of a language.
pub(crate) fn chosen(code: String, labels: &Labels, language: &str) -> ChosenView {
    let label = label(labels, language).unwrap_or(&code).to_owned();
    ChosenView { code, label }
}

fn label<'l>(labels: &'l Labels, language: &str) -> Option<&'l str> {
    labels.get(language).or_else(|| labels.get("en")).map(String::as_str)
}
