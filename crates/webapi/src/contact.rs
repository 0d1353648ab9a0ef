//! What people and machines write of a contact: read, checked, and what it comes to. Pure; the handlers are in
//! `routes::contacts`, `routes::contact_import` and `routes::icis`.

use std::collections::BTreeMap;

use cti_core::number::{Number, NumberKind, NumberPlan};
use serde::Deserialize;
use serde_json::Value;
use store::{
    ADDRESSES_MAX, AddressKind, AddressValue, ContactAddress, ContactChange, ContactDraft, ContactField,
    ContactKind, DEFAULT_SYSTEM, EXTERNAL_IDS_MAX, ExternalId, NUMBERS_MAX, Patch,
};
use utoipa::ToSchema;

use crate::error::Problem;
use crate::input::{Patched, escape, lines, one_line};

/// Longest name and company.
const NAME_CHARS: usize = 200;
/// Longest status.
const STATUS_CHARS: usize = 40;
/// Longest e-mail or other address.
const ADDRESS_CHARS: usize = 254;
/// Longest note.
pub(crate) const NOTE_CHARS: usize = 4_000;
/// Longest label of an address.
const LABEL_CHARS: usize = 50;
/// Longest external id.
const EXTERNAL_ID_CHARS: usize = 200;

/// A number of a contact.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactNumberRequest {
    /// As people write it.
    #[schema(example = "603 123 456")]
    pub(crate) number: String,
    #[serde(default)]
    pub(crate) label: Option<String>,
    /// `phone`, `mobile`, `fax`, `contact_centre`, `other`; a number that the contact has already keeps its kind when not
    /// given.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) kind: Option<AddressKind>,
}

/// An address of a contact.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddressRequest {
    /// `phone`, `mobile`, `fax`, `email`, `contact_centre` (a number for the contact centre alone, found like any number),
    /// `other` (a number or any text).
    #[schema(value_type = String)]
    pub(crate) kind: AddressKind,
    /// As people write it.
    #[schema(example = "603 123 456")]
    pub(crate) address: String,
    #[serde(default)]
    pub(crate) label: Option<String>,
}

/// The key of a contact in another system.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExternalIdRequest {
    /// The system: `a-z`, `0-9`, `_` and `-`.
    #[schema(example = "icis")]
    pub(crate) system: String,
    /// Unique within the system.
    pub(crate) id: String,
}

/// What is changed of a contact; what is not named stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactPatch {
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) kind: Option<ContactKind>,
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) company: Patched,
    /// How it is treated, for example `VIP`. `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) status: Patched,
    /// All addresses, anew. Not together with `numbers` or `email`.
    #[serde(default)]
    pub(crate) addresses: Option<Vec<AddressRequest>>,
    /// All numbers, anew; other addresses stay.
    #[serde(default)]
    pub(crate) numbers: Option<Vec<ContactNumberRequest>>,
    /// The first e-mail address. `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) email: Patched,
    /// The key in the system `default`. `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) external_id: Patched,
    /// All keys in other systems, anew. Not together with `external_id`.
    #[serde(default)]
    pub(crate) external_ids: Option<Vec<ExternalIdRequest>>,
    /// Own fields by key, see `/v1/contact_fields`. `null` takes one away.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(crate) fields: BTreeMap<String, Value>,
    /// `null` takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) note: Patched,
}

/// By what a change is read.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    /// How numbers are written.
    pub(crate) plan: NumberPlan,
    /// The fields there are.
    pub(crate) fields: Vec<ContactField>,
}

impl Reader {
    /// What the wish changes. A problem points at the value.
    pub(crate) fn read(&self, wish: ContactPatch) -> Result<ContactChange, Problem> {
        if wish.addresses.is_some() && (wish.numbers.is_some() || !matches!(wish.email, Patched::Kept)) {
            let detail = "`addresses` says all of them: leave out `numbers` and `email`";
            return Err(Problem::field("/addresses", detail));
        }
        if wish.external_ids.is_some() && !matches!(wish.external_id, Patched::Kept) {
            let detail = "`external_ids` says all of them: leave out `external_id`";
            return Err(Problem::field("/external_ids", detail));
        }
        let email = patch(wish.email);
        if let Patch::Set(text) = &email {
            check_email("/email", text)?;
        }
        Ok(ContactChange {
            kind: wish.kind,
            name: wish.name.map(|name| name.trim().to_owned()),
            company: patch(wish.company),
            status: patch(wish.status),
            addresses: wish.addresses.map(|wished| self.addresses(&wished)).transpose()?,
            numbers: wish.numbers.map(|wished| self.numbers(&wished)).transpose()?,
            email,
            external_id: patch(wish.external_id),
            external_ids: wish.external_ids.map(external_ids).transpose()?,
            fields: self.values(&wish.fields)?,
            note: patch(wish.note),
        })
    }

    fn numbers(&self, wished: &[ContactNumberRequest]) -> Result<Vec<ContactAddress>, Problem> {
        if wished.len() > NUMBERS_MAX {
            return Err(Problem::field("/numbers", format!("at most {NUMBERS_MAX} numbers can be taken")));
        }
        let mut numbers = Vec::with_capacity(wished.len());
        for (place, one) in wished.iter().enumerate() {
            let at = format!("/numbers/{place}");
            let kind = one.kind.unwrap_or(AddressKind::Phone);
            if kind == AddressKind::Email {
                return Err(Problem::field(format!("{at}/kind"), "an e-mail address is no number"));
            }
            let number = number(&self.plan, &one.number)
                .map_err(|said| Problem::field(format!("{at}/number"), said))?;
            let label = label(&at, one.label.as_deref())?;
            numbers.push(ContactAddress { kind, value: AddressValue::Number(number), label });
        }
        Ok(numbers)
    }

    fn addresses(&self, wished: &[AddressRequest]) -> Result<Vec<ContactAddress>, Problem> {
        if wished.len() > ADDRESSES_MAX {
            let detail = format!("a contact has at most {ADDRESSES_MAX} addresses");
            return Err(Problem::field("/addresses", detail));
        }
        let mut addresses = Vec::with_capacity(wished.len());
        for (place, one) in wished.iter().enumerate() {
            let at = format!("/addresses/{place}");
            let value = self.address(one.kind, one.address.trim());
            let value = value.map_err(|said| Problem::field(format!("{at}/address"), said))?;
            let label = label(&at, one.label.as_deref())?;
            addresses.push(ContactAddress { kind: one.kind, value, label });
        }
        Ok(addresses)
    }

    /// An address as it is kept. The words say why it is none.
    pub(crate) fn address(&self, kind: AddressKind, text: &str) -> Result<AddressValue, String> {
        match kind {
            AddressKind::Email => {
                is_email(text)?;
                Ok(AddressValue::Text(text.to_owned()))
            }
            AddressKind::Phone | AddressKind::Mobile | AddressKind::Fax | AddressKind::ContactCentre => {
                Ok(AddressValue::Number(number(&self.plan, text)?))
            }
            AddressKind::Other => {
                if let Ok(number) = number(&self.plan, text) {
                    return Ok(AddressValue::Number(number));
                }
                let fits = (1..=ADDRESS_CHARS).contains(&text.chars().count());
                if !fits || text.chars().any(char::is_control) {
                    return Err(format!(
                        "write 1 to {ADDRESS_CHARS} characters, none of them a control character"
                    ));
                }
                Ok(AddressValue::Text(text.to_owned()))
            }
        }
    }

    /// Values of own fields as they are kept; none takes one away.
    pub(crate) fn values(
        &self,
        wished: &BTreeMap<String, Value>,
    ) -> Result<BTreeMap<String, Option<Value>>, Problem> {
        let mut values = BTreeMap::new();
        for (key, value) in wished {
            let at = format!("/fields/{}", escape(key));
            let field = self.fields.iter().find(|field| field.key == *key);
            let Some(field) = field.filter(|field| field.active) else {
                let detail = format!("there is no field `{key}`; see `/v1/contact_fields`");
                return Err(Problem::field(at, detail));
            };
            let kept = if value.is_null() {
                None
            } else {
                Some(field.take(value).map_err(|said| Problem::field(at, said))?)
            };
            values.insert(key.clone(), kept);
        }
        Ok(values)
    }

    /// Keys of the fields that a new contact must have.
    pub(crate) fn required(&self) -> Vec<String> {
        let wanted = self.fields.iter().filter(|field| field.required && field.active);
        wanted.map(|field| field.key.clone()).collect()
    }

    /// Refuses a contact without what people must fill in.
    pub(crate) fn complete(&self, draft: &ContactDraft) -> Result<(), Problem> {
        match self.required().iter().find(|key| !draft.fields.contains_key(*key)) {
            Some(key) => Err(Problem::field(format!("/fields/{key}"), "this field must be filled in")),
            None => Ok(()),
        }
    }
}

fn patch(wished: Patched) -> Patch<String> {
    match wished {
        Patched::Kept => Patch::Keep,
        Patched::Set(text) => Patch::of(filled(text)),
    }
}

/// A text that says something.
pub(crate) fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A number as it is kept; the words say why it is none.
pub(crate) fn number(plan: &NumberPlan, text: &str) -> Result<Number, &'static str> {
    let number = plan.typed(text);
    if matches!(number.kind, NumberKind::Unknown | NumberKind::Feature) || number.raw.len() > 100 {
        return Err(
            "this is no telephone number; write it with its country code, for example +420 603 123 456",
        );
    }
    Ok(number)
}

fn label(at: &str, label: Option<&str>) -> Result<Option<String>, Problem> {
    let label = label.map(str::trim).filter(|label| !label.is_empty());
    if label.is_some_and(|label| label.chars().count() > LABEL_CHARS || label.chars().any(char::is_control)) {
        let detail = "its label has at most 50 characters, none of them a control character";
        return Err(Problem::field(format!("{at}/label"), detail));
    }
    Ok(label.map(ToOwned::to_owned))
}

fn is_email(text: &str) -> Result<(), String> {
    if text.chars().count() > ADDRESS_CHARS {
        return Err(format!("at most {ADDRESS_CHARS} characters can be taken"));
    }
    if !text.contains('@') || text.contains(|one: char| one.is_whitespace() || one.is_control()) {
        return Err("this is no e-mail address".to_owned());
    }
    Ok(())
}

fn check_email(at: &str, text: &str) -> Result<(), Problem> {
    is_email(text).map_err(|said| Problem::field(at, said))
}

fn external_ids(wished: Vec<ExternalIdRequest>) -> Result<Vec<ExternalId>, Problem> {
    let mut ids: Vec<ExternalId> = Vec::with_capacity(wished.len());
    for (place, one) in wished.into_iter().enumerate() {
        let at = format!("/external_ids/{place}");
        crate::acd::check::key(&format!("{at}/system"), &one.system, "_-")?;
        let id = ExternalId { system: one.system, id: one.id.trim().to_owned() };
        external_id(&format!("{at}/id"), &id.id)?;
        if ids.contains(&id) {
            return Err(Problem::field(at, "it stands there twice: keep one of them"));
        }
        ids.push(id);
    }
    Ok(ids)
}

/// Refuses what is no key of another system.
pub(crate) fn external_id(at: &str, id: &str) -> Result<(), Problem> {
    if !(1..=EXTERNAL_ID_CHARS).contains(&id.chars().count()) {
        return Err(Problem::field(at, format!("an external id has 1 to {EXTERNAL_ID_CHARS} characters")));
    }
    one_line(at, id)
}

/// Refuses what cannot be kept, of a change: texts that are too long or hold control characters.
pub(crate) fn check_change(change: &ContactChange) -> Result<(), Problem> {
    if let Some(name) = &change.name {
        check_name(name)?;
    }
    for (pointer, text, most) in
        [("/company", &change.company, NAME_CHARS), ("/status", &change.status, STATUS_CHARS)]
    {
        if let Patch::Set(text) = text {
            bounded(pointer, text, most)?;
            one_line(pointer, text)?;
        }
    }
    if let Patch::Set(id) = &change.external_id {
        external_id("/external_id", id)?;
    }
    if let Patch::Set(note) = &change.note {
        bounded("/note", note, NOTE_CHARS)?;
        lines("/note", note)?;
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), Problem> {
    if !(1..=NAME_CHARS).contains(&name.chars().count()) {
        return Err(Problem::field("/name", format!("a name has 1 to {NAME_CHARS} characters")));
    }
    one_line("/name", name)
}

fn bounded(pointer: &str, text: &str, most: usize) -> Result<(), Problem> {
    if text.chars().count() > most {
        return Err(Problem::field(pointer, format!("at most {most} characters can be taken")));
    }
    Ok(())
}

/// Refuses a contact that is too much, or has no name.
pub(crate) fn check(draft: &ContactDraft) -> Result<(), Problem> {
    check_name(&draft.name)?;
    if draft.addresses.len() > ADDRESSES_MAX {
        return Err(Problem::field("/addresses", format!("a contact has at most {ADDRESSES_MAX} addresses")));
    }
    if draft.external_ids.len() > EXTERNAL_IDS_MAX {
        let detail = format!("a contact has at most {EXTERNAL_IDS_MAX} external ids");
        return Err(Problem::field("/external_ids", detail));
    }
    Ok(())
}

/// Where an external id stands in what was sent.
pub(crate) fn pointer_of(draft: &ContactDraft, id: &str) -> String {
    let place = draft.external_ids.iter().position(|one| one.id == id);
    match place {
        Some(place) if draft.external_ids.get(place).is_some_and(|one| one.system != DEFAULT_SYSTEM) => {
            format!("/external_ids/{place}/id")
        }
        Some(_) | None => "/external_id".to_owned(),
    }
}
