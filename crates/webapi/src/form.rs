//! The form by which a visitor of a web site orders a callback (RTE-36): one page without scripts, which may stand in a
//! frame of the sites it is meant for, and what it sends back. Pure; handlers are in `routes::callback_page`.

pub(crate) mod limiter;
mod page;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use cti_core::acd::{BlockKind, entry};
use cti_core::day;
use cti_core::fact::{CALLBACK, Request};
use cti_core::ids::QueueId;
use cti_core::number::NumberKind;
use cti_core::state::State;
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use page::{ask, thank};
pub(crate) use words::Fault;

/// Longest subject.
const SUBJECT_MAX: usize = 200;

/// Open callbacks that one form may have made: whoever fills it leaves room for others.
const OPEN_MAX: usize = 200;

/// Key of the form in the data of its callbacks.
const FORM_KEY: &str = "callback_form";

/// Longest number as somebody writes it.
const PHONE_MAX: usize = 40;

/// A form as administrators keep it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallbackForm {
    /// Part of its address `/callback-form/{key}`: `a-z`, `0-9` and `-`.
    pub(crate) key: String,
    /// The queue of ours that calls back.
    #[schema(value_type = String)]
    pub(crate) queue: QueueId,
    /// Heading by language.
    pub(crate) titles: BTreeMap<String, String>,
    /// What the visitor agrees to, by language. The form speaks these languages.
    pub(crate) consent: BTreeMap<String, String>,
    /// Sites that may show it in a frame or send to it, like `https://www.example.com`.
    #[serde(default)]
    pub(crate) origins: Vec<String>,
    /// How numbers begin that may be ordered, like `+420`; when empty, those of the country that the queue's switch is
    /// in.
    #[serde(default)]
    pub(crate) prefixes: Vec<String>,
    /// How many days ahead a time may be chosen; 1 to 365.
    #[serde(default = "month")]
    pub(crate) days: u32,
    /// False answers nobody.
    #[serde(default = "yes")]
    pub(crate) active: bool,
}

const fn month() -> u32 {
    30
}

const fn yes() -> bool {
    true
}

impl CallbackForm {
    /// The wanted language where the form speaks it, else English, else the first one.
    pub(crate) fn language<'f>(&'f self, wanted: Option<&'f str>) -> &'f str {
        let speaks = |one: &&str| self.consent.contains_key(*one);
        let first = || self.consent.keys().next().map(String::as_str);
        wanted.filter(speaks).or_else(|| Some("en").filter(speaks)).or_else(first).unwrap_or("en")
    }
}

/// What a visitor sends.
#[derive(Debug, Clone, Default, PartialEq, Eq, ToSchema)]
pub(crate) struct CallbackOrder {
    /// The number to call.
    pub(crate) phone: String,
    /// What it is about.
    pub(crate) subject: String,
    /// `2026-11-28T10:15` by the clock of the server's time zone; as soon as possible when empty.
    pub(crate) when: String,
    /// `yes`.
    pub(crate) consent: String,
    /// Language of the form.
    pub(crate) lang: String,
    /// Left empty by people.
    pub(crate) website: String,
}

impl CallbackOrder {
    /// Reads `application/x-www-form-urlencoded`; unknown fields are passed over, of a field that comes twice the
    /// last one counts.
    pub(crate) fn read(body: &[u8]) -> Self {
        let mut order = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            let field = match &*name {
                "phone" => &mut order.phone,
                "subject" => &mut order.subject,
                "when" => &mut order.when,
                "consent" => &mut order.consent,
                "lang" => &mut order.lang,
                "website" => &mut order.website,
                _ => continue,
            };
            value.trim().clone_into(field);
        }
        order
    }

    /// True when a program filled in what people do not see.
    pub(crate) fn is_by_program(&self) -> bool {
        !self.website.is_empty()
    }
}

/// Where an order leads.
#[derive(Debug)]
pub(crate) enum Wanted {
    /// A callback to ask for.
    Callback(Box<Request>),
    /// The same number waits for a callback of this queue already.
    Waits,
}

/// What an order means, or what is wrong with it. Numbers are those of the public network only: nobody orders calls
/// to an extension, an emergency or a feature code here, nor to a number that is kept out, nor abroad unless the form
/// says so, where some numbers pay whoever has them called; what the switch's rules of dialling refuse is refused by
/// the core.
pub(crate) fn understand(
    form: &CallbackForm,
    order: &CallbackOrder,
    state: &State,
    zone: &str,
    now: Timestamp,
) -> Result<Wanted, Fault> {
    if order.consent != "yes" {
        return Err(Fault::Consent);
    }
    let is_plain = !order.subject.chars().any(char::is_control);
    if order.subject.is_empty() || order.subject.chars().count() > SUBJECT_MAX || !is_plain {
        return Err(Fault::Subject);
    }
    let number = number(form, &order.phone, state, now)?;
    let due = match order.when.as_str() {
        "" => None,
        when => Some(due(when, zone, now, form.days).ok_or(Fault::When)?),
    };
    let open = || state.interactions.values().map(|one| &one.request);
    let is_same = |request: &Request| {
        request.queue == form.queue
            && request.number.as_ref() == Some(&number)
            && &*request.medium == CALLBACK
    };
    if open().any(is_same) {
        return Ok(Wanted::Waits);
    }
    let is_ours = |request: &&Request| request.data.get(FORM_KEY).is_some_and(|key| **key == *form.key);
    if open().filter(is_ours).count() >= OPEN_MAX {
        return Err(Fault::TooMany);
    }
    let language = form.language(Some(&order.lang));
    let data = [(FORM_KEY, form.key.as_str()), ("consent", language)];
    Ok(Wanted::Callback(Box::new(Request {
        medium: CALLBACK.into(),
        queue: form.queue,
        number: Some(number),
        subject: order.subject.as_str().into(),
        due,
        priority: 0,
        needs: Vec::new(),
        contact: None,
        data: data.into_iter().map(|(key, value)| (Arc::from(key), Arc::from(value))).collect(),
        origin: None,
        waits_since: None,
    })))
}

fn number(form: &CallbackForm, phone: &str, state: &State, now: Timestamp) -> Result<Arc<str>, Fault> {
    let switch = state.queues.get(&form.queue).and_then(|queue| state.switches.get(&queue.switch));
    let switch = switch.ok_or(Fault::Unavailable)?;
    if phone.is_empty() || phone.chars().count() > PHONE_MAX {
        return Err(Fault::Phone);
    }
    let number = switch.plan.typed(phone);
    let e164 = number.e164.filter(|_| number.kind == NumberKind::External).ok_or(Fault::Phone)?;
    let home = || switch.plan.country_code().is_some_and(|code| e164.starts_with(&format!("+{code}")));
    let listed = || form.prefixes.iter().any(|prefix| e164.starts_with(prefix.as_str()));
    let is_meant = if form.prefixes.is_empty() { home() } else { listed() };
    let blocked = state.acd.blocks.iter().any(|block| {
        let lasts = block.until.is_none_or(|until| now < until);
        lasts && block.kind == BlockKind::Full && entry::is_meant(block, &e164)
    });
    if blocked || !is_meant { Err(Fault::Phone) } else { Ok(e164) }
}

fn due(when: &str, zone: &str, now: Timestamp, days: u32) -> Option<Timestamp> {
    let at = day::moment(zone, when)?;
    let last = now.plus_millis(i64::from(days) * 24 * 3_600_000);
    // Who chooses the present minute is late by seconds.
    (at > now.plus_millis(-60_000) && at <= last).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_s_body_is_read_and_what_is_not_ours_is_passed_over() {
        let body =
            b"phone=%2B420+602+123+456&subject=Okna+%26+dve%C5%99e&when=2026-11-28T10%3A15&consent=yes&x=1";
        let order = CallbackOrder::read(body);
        assert_eq!((order.phone.as_str(), order.subject.as_str()), ("+420 602 123 456", "Okna & dveře"));
        assert_eq!((order.when.as_str(), order.consent.as_str()), ("2026-11-28T10:15", "yes"));
        assert!(!order.is_by_program());
        assert!(CallbackOrder::read(b"website=x").is_by_program());
        assert_eq!(CallbackOrder::read(b"\xff%ff&&=&phone"), CallbackOrder::default());
    }

    #[test]
    fn a_time_is_of_the_server_s_zone_and_neither_past_nor_too_far() {
        let (from, _) = day::bounds("Europe/Prague", "2026-11-28").unwrap();
        let ten = from.plus_millis(10 * 3_600_000);
        assert_eq!(due("2026-11-28T10:00", "Europe/Prague", from, 30), Some(ten));
        assert_eq!(due("2026-11-28T10:00", "Europe/Prague", ten.plus_millis(30_000), 30), Some(ten));
        assert_eq!(due("2026-11-28T10:00", "Europe/Prague", ten.plus_millis(61_000), 30), None);
        assert_eq!(due("2026-12-29T10:00", "Europe/Prague", from, 30), None);
        for bad in ["tomorrow", "2026-11-28", "2026-02-30T10:00", "10:00"] {
            assert_eq!(due(bad, "Europe/Prague", from, 30), None, "{bad}");
        }
    }
}
