//! What is known of a call, by the names that templates use.

use cti_core::fact::Direction;
use cti_core::state::State;
use cti_core::time::Timestamp;
use store::Confidence;

use super::Card;
use crate::template::Values;

/// What a template may want to know of the human.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Human {
    /// What the person types to sign in.
    pub login: String,
    /// Name shown to people.
    pub name: String,
    /// Language of the desk.
    pub language: String,
}

/// What is known of a card, by name.
pub fn values(card: &Card, state: &State, human: Option<&Human>, now: Timestamp) -> Values {
    let mut values = Values::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            values.insert(name.to_owned(), value);
        }
    };
    let other = card.other_side();
    let number = other.number.as_ref().filter(|_| !other.withheld);
    put("number.e164", number.and_then(|number| number.e164.as_deref().map(ToOwned::to_owned)));
    put("number.national", number.and_then(|one| one.national().or_else(|| Some(one.digits()))));
    put("number.digits", number.map(cti_core::number::Number::digits));
    put("number.raw", number.map(|number| number.raw.to_string()));
    put("name", other.name.as_deref().map(ToOwned::to_owned));
    put("dnis", card.dialled.as_ref().map(|number| number.key().to_owned()));
    put("queue.id", card.queue.map(|queue| queue.to_string()));
    put("queue.name", card.queue_name.as_deref().map(ToOwned::to_owned));
    let direction = match card.direction {
        Direction::Inbound => "inbound",
        Direction::Outbound => "outbound",
        Direction::Internal => "internal",
    };
    put("direction", Some(direction.to_owned()));
    put("call.id", Some(card.call.to_string()));
    put("leg.id", card.leg.map(|leg| leg.to_string()));
    let extension = card.device.and_then(|device| state.devices.get(&device)?.extension.as_deref());
    put("ext", extension.map(ToOwned::to_owned));
    put("agent.extension", extension.map(ToOwned::to_owned));
    put("agent.login", human.map(|human| human.login.clone()));
    put("lang", human.map(|human| human.language.clone()));
    put("wait_s", Some((now.millis_since(card.waited_since) / 1_000).to_string()));
    if let Some(call) = state.calls.get(&card.call) {
        put("call.pbx_id", call.natives.first().map(ToString::to_string));
        for (key, value) in &call.data {
            put(&format!("data.{key}"), Some(value.to_string()));
        }
    }
    // Of several that share a number nobody can say which; a suggestion is none.
    let matches = card.found.as_ref().map(|found| found.lookup.matches.as_slice());
    if let Some([one]) = matches
        && one.confidence == Confidence::Exact
    {
        put("match.id", Some(one.contact.id.to_string()));
        put("match.external_id", one.contact.kept.external_id().map(ToOwned::to_owned));
        put("match.name", Some(one.contact.kept.name.clone()));
    }
    values
}
