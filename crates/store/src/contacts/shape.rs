//! What a contact is, and what may be changed of it. Pure.

use std::collections::BTreeMap;

use cti_core::fact::ContactRef;
use cti_core::ids::ContactId;
use cti_core::number::Number;
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Most addresses of one contact.
pub const ADDRESSES_MAX: usize = 40;

/// Most numbers of one contact that are written without saying what kind they are.
pub const NUMBERS_MAX: usize = 20;

/// Most ids of one contact in other systems.
pub const EXTERNAL_IDS_MAX: usize = 20;

/// The system whose id needs no name: `external_id`.
pub const DEFAULT_SYSTEM: &str = "default";

/// What a contact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactKind {
    /// Somebody.
    Person,
    /// A firm or office.
    Company,
}

/// What an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressKind {
    /// A telephone.
    Phone,
    /// A mobile telephone.
    Mobile,
    /// A telefax.
    Fax,
    /// An e-mail address.
    Email,
    /// A number kept only for the contact centre (POP-18); found like any number.
    ContactCentre,
    /// A number or a text of any other kind.
    Other,
}

/// An address as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AddressValue {
    /// A telephone number.
    Number(Number),
    /// Anything else.
    Text(String),
}

/// An address of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactAddress {
    /// What it is for.
    pub kind: AddressKind,
    /// The address.
    pub value: AddressValue,
    /// What it is for, in anybody's words.
    pub label: Option<String>,
}

impl ContactAddress {
    /// A telephone number.
    pub const fn number(kind: AddressKind, number: Number) -> Self {
        Self { kind, value: AddressValue::Number(number), label: None }
    }

    /// An e-mail address.
    pub const fn email(text: String) -> Self {
        Self { kind: AddressKind::Email, value: AddressValue::Text(text), label: None }
    }

    /// The number, where it is one.
    pub const fn as_number(&self) -> Option<&Number> {
        match &self.value {
            AddressValue::Number(number) => Some(number),
            AddressValue::Text(_) => None,
        }
    }

    /// As it was written.
    pub fn written(&self) -> &str {
        match &self.value {
            AddressValue::Number(number) => &number.raw,
            AddressValue::Text(text) => text,
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (AddressValue::Number(one), AddressValue::Number(other)) => one.key() == other.key(),
            (AddressValue::Text(one), AddressValue::Text(other)) => {
                one.to_lowercase() == other.to_lowercase()
            }
            (AddressValue::Number(_), AddressValue::Text(_))
            | (AddressValue::Text(_), AddressValue::Number(_)) => false,
        }
    }
}

/// The key of a contact in another system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalId {
    /// The system, for example `icis`; [`DEFAULT_SYSTEM`] needs no name.
    pub system: String,
    /// The key; unique within the system.
    pub id: String,
}

/// Values by field.
pub type FieldValues = BTreeMap<String, serde_json::Value>;

/// What is kept of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContactDraft {
    /// What it is.
    pub kind: ContactKind,
    /// Its name.
    pub name: String,
    /// The company of a person.
    pub company: Option<String>,
    /// How it is treated, for example `VIP`.
    pub status: Option<String>,
    /// At most [`ADDRESSES_MAX`].
    pub addresses: Vec<ContactAddress>,
    /// At most [`EXTERNAL_IDS_MAX`].
    pub external_ids: Vec<ExternalId>,
    /// Own fields.
    pub fields: FieldValues,
    /// Anything else.
    pub note: Option<String>,
}

impl ContactDraft {
    /// A contact of which only the name is known.
    pub fn new(kind: ContactKind, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            company: None,
            status: None,
            addresses: Vec::new(),
            external_ids: Vec::new(),
            fields: FieldValues::new(),
            note: None,
        }
    }

    /// Its numbers, in order.
    pub fn numbers(&self) -> impl Iterator<Item = &Number> {
        self.addresses.iter().filter_map(ContactAddress::as_number)
    }

    /// Its first e-mail address.
    pub fn email(&self) -> Option<&str> {
        self.addresses.iter().find(|one| one.kind == AddressKind::Email).map(ContactAddress::written)
    }

    /// Its key in the default system, else in the first one.
    pub fn external_id(&self) -> Option<&str> {
        let named = self.external_ids.iter().find(|one| one.system == DEFAULT_SYSTEM);
        named.or_else(|| self.external_ids.first()).map(|one| one.id.as_str())
    }

    /// Takes over what only the other one has: of two that are one and the same, this one goes on.
    pub fn absorb(&mut self, other: &Self) {
        self.company = self.company.take().or_else(|| other.company.clone());
        self.status = self.status.take().or_else(|| other.status.clone());
        self.note = match (self.note.take(), &other.note) {
            (Some(mine), Some(theirs)) if mine != *theirs => Some(format!("{mine}\n{theirs}")),
            (mine, theirs) => mine.or_else(|| theirs.clone()),
        };
        for address in &other.addresses {
            if !self.addresses.iter().any(|one| one.is_same(address)) {
                self.addresses.push(address.clone());
            }
        }
        for id in &other.external_ids {
            if !self.external_ids.contains(id) {
                self.external_ids.push(id.clone());
            }
        }
        for (field, value) in &other.fields {
            self.fields.entry(field.clone()).or_insert_with(|| value.clone());
        }
    }
}

/// A contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contact {
    /// Our id.
    pub id: ContactId,
    /// Counts its changes, from 1.
    pub version: u64,
    /// What is kept of it.
    #[serde(flatten)]
    pub kept: ContactDraft,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub changed_at: Timestamp,
}

impl Contact {
    /// As the other side of a call, as it is called and treated now.
    pub fn as_other_side(&self) -> ContactRef {
        ContactRef {
            id: self.id,
            name: self.kept.name.as_str().into(),
            company: self.kept.company.as_deref().map(Into::into),
            status: self.kept.status.as_deref().map(Into::into),
        }
    }
}

/// What becomes of one value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// It stays.
    #[default]
    Keep,
    /// It is this one now.
    Set(T),
    /// It is taken away.
    Clear,
}

impl<T> Patch<T> {
    /// The value, or nothing.
    pub fn of(value: Option<T>) -> Self {
        value.map_or(Self::Clear, Self::Set)
    }

    fn over(self, was: Option<T>) -> Option<T> {
        match self {
            Self::Keep => was,
            Self::Set(value) => Some(value),
            Self::Clear => None,
        }
    }
}

/// What is changed of a contact; what is not named stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactChange {
    /// See [`ContactDraft::kind`].
    pub kind: Option<ContactKind>,
    /// See [`ContactDraft::name`].
    pub name: Option<String>,
    /// See [`ContactDraft::company`].
    pub company: Patch<String>,
    /// See [`ContactDraft::status`].
    pub status: Patch<String>,
    /// All addresses, anew.
    pub addresses: Option<Vec<ContactAddress>>,
    /// All numbers, anew; other addresses stay behind them. One that is only said to be a phone stays of the kind that
    /// it was.
    pub numbers: Option<Vec<ContactAddress>>,
    /// The first e-mail address.
    pub email: Patch<String>,
    /// The key in the default system.
    pub external_id: Patch<String>,
    /// All keys in other systems, anew.
    pub external_ids: Option<Vec<ExternalId>>,
    /// Own fields; none takes one away.
    pub fields: BTreeMap<String, Option<serde_json::Value>>,
    /// See [`ContactDraft::note`].
    pub note: Patch<String>,
}

impl ContactChange {
    /// What is kept after the change.
    pub fn over(self, was: &ContactDraft) -> ContactDraft {
        let mut now = was.clone();
        now.kind = self.kind.unwrap_or(now.kind);
        now.name = self.name.unwrap_or(now.name);
        now.company = self.company.over(now.company);
        now.status = self.status.over(now.status);
        now.note = self.note.over(now.note);
        now.addresses = self.addresses.unwrap_or(now.addresses);
        if let Some(numbers) = self.numbers {
            now.addresses = renumbered(&now.addresses, numbers);
        }
        let first = now.addresses.iter().position(|one| one.kind == AddressKind::Email);
        match (self.email, first) {
            (Patch::Keep, _) | (Patch::Clear, None) => {}
            (Patch::Clear, Some(first)) => drop(now.addresses.remove(first)),
            (Patch::Set(text), None) => now.addresses.push(ContactAddress::email(text)),
            (Patch::Set(text), Some(first)) => {
                if let Some(address) = now.addresses.get_mut(first) {
                    address.value = AddressValue::Text(text);
                }
            }
        }
        now.external_ids = self.external_ids.unwrap_or(now.external_ids);
        if self.external_id != Patch::Keep {
            now.external_ids.retain(|one| one.system != DEFAULT_SYSTEM);
        }
        if let Patch::Set(id) = self.external_id {
            now.external_ids.insert(0, ExternalId { system: DEFAULT_SYSTEM.to_owned(), id });
        }
        for (field, value) in self.fields {
            match value {
                Some(value) => drop(now.fields.insert(field, value)),
                None => drop(now.fields.remove(&field)),
            }
        }
        now
    }
}

fn renumbered(was: &[ContactAddress], mut numbers: Vec<ContactAddress>) -> Vec<ContactAddress> {
    for one in &mut numbers {
        let before = was.iter().find(|before| before.is_same(one));
        if let Some(before) = before.filter(|_| one.kind == AddressKind::Phone) {
            one.kind = before.kind;
        }
    }
    numbers.extend(was.iter().filter(|one| one.as_number().is_none()).cloned());
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use cti_core::number::NumberPlan;

    fn number(kind: AddressKind, text: &str) -> ContactAddress {
        ContactAddress::number(kind, NumberPlan::default().typed(text))
    }

    #[test]
    fn what_is_not_named_stays_and_numbers_keep_their_kind() {
        let mut was = ContactDraft::new(ContactKind::Person, "Jan");
        was.addresses =
            vec![number(AddressKind::ContactCentre, "603 123 456"), ContactAddress::email("a@b.cz".into())];
        was.fields.insert("city".to_owned(), "Brno".into());
        was.external_ids = vec![ExternalId { system: "icis".to_owned(), id: "7".to_owned() }];
        assert_eq!(ContactChange::default().over(&was), was);
        let numbers =
            vec![number(AddressKind::Phone, "+420603123456"), number(AddressKind::Phone, "555000111")];
        let change = ContactChange {
            numbers: Some(numbers),
            external_id: Patch::Set("C-1".to_owned()),
            fields: [("city".to_owned(), None)].into(),
            ..ContactChange::default()
        };
        let now = change.over(&was);
        let kinds: Vec<_> = now.addresses.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [AddressKind::ContactCentre, AddressKind::Phone, AddressKind::Email]);
        assert_eq!((now.external_id(), now.external_ids.len()), (Some("C-1"), 2));
        assert!(now.fields.is_empty());
        let change =
            ContactChange { email: Patch::Clear, external_id: Patch::Clear, ..ContactChange::default() };
        let now = change.over(&now);
        assert_eq!((now.email(), now.external_id()), (None, Some("7")));
    }

    #[test]
    fn of_two_that_are_one_the_first_goes_on_with_what_only_the_other_has() {
        let mut one = ContactDraft::new(ContactKind::Person, "Jan");
        one.addresses = vec![number(AddressKind::Phone, "603 123 456")];
        one.fields.insert("city".to_owned(), "Brno".into());
        let mut other = one.clone();
        other.addresses.push(ContactAddress::email("a@b.cz".into()));
        other.status = Some("VIP".to_owned());
        other.fields.insert("city".to_owned(), "Praha".into());
        other.fields.insert("street".to_owned(), "Dlouhá".into());
        one.absorb(&other);
        assert_eq!((one.addresses.len(), one.status.as_deref()), (2, Some("VIP")));
        assert_eq!(one.fields["city"], "Brno");
        assert_eq!(one.fields["street"], "Dlouhá");
    }
}
