//! Checks of the settings of an owned queue.

use cti_core::ids::QueueId;

use crate::acd::check::{Known, bounded, key, name, needs, priority, queue_of, sound};
use crate::acd::shape::{Condition, Overflow, QueueSettings, Ring, WaitingSounds};
use crate::error::Problem;

/// Most overflows, rings, groups or helpers of a queue.
const STEPS_MAX: usize = 20;
/// Most announcements a waiting caller hears again and again.
const COMFORT_MAX: usize = 20;
/// Longest of most times.
const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// Settings of the queue `id`, a new one when none.
pub(crate) fn queue(known: &Known, id: Option<QueueId>, one: &QueueSettings) -> Result<(), Problem> {
    key("/key", &one.key, "-_")?;
    let same_key =
        |(other, found): &(&QueueId, &Option<String>)| Some(**other) != id && found.as_deref() == Some(one.key.as_str());
    if known.queues.iter().any(|entry| same_key(&entry)) {
        let detail = format!("another queue has the key `{}`: choose one that is free", one.key);
        return Err(Problem::field("/key", detail));
    }
    name("/name", &one.name, 100)?;
    if let Some(unit) = &one.unit {
        name("/unit", unit, 100)?;
    }
    within("/ring_ms", one.ring_ms, 5_000, 120_000)?;
    needs("/needs", &one.needs)?;
    choice(known, id, one)?;
    within("/last_agent_ms", one.last_agent_ms, 0, 365 * DAY_MS)?;
    priority("/priority", one.priority)?;
    within("/ageing_per_min", u64::from(one.ageing_per_min), 0, 10_000)?;
    within("/wrap_up_ms", one.wrap_up_ms, 0, HOUR_MS)?;
    if let Some(back) = one.rona.return_after_ms {
        within("/rona/return_after_ms", back, 1_000, DAY_MS)?;
    }
    if let Some(calendar) = &one.calendar {
        known.calendar("/calendar", calendar)?;
    }
    known.target("/closed", &one.closed)?;
    not_itself("/closed", id, queue_of(&one.closed))?;
    bounded("/overflow", one.overflow.len(), STEPS_MAX, "overflows")?;
    for (place, step) in one.overflow.iter().enumerate() {
        overflow(known, id, &format!("/overflow/{place}"), step)?;
    }
    sounds(&one.sounds)?;
    within("/level/threshold_ms", one.level.threshold_ms, 1_000, HOUR_MS)?;
    within("/level/short_ms", one.level.short_ms, 0, HOUR_MS)?;
    within("/level/target_percent", u64::from(one.level.target_percent), 1, 100)
}

/// Who is asked, and when.
fn choice(known: &Known, id: Option<QueueId>, one: &QueueSettings) -> Result<(), Problem> {
    bounded("/preferred", one.preferred.len(), STEPS_MAX, "groups")?;
    for (place, preferred) in one.preferred.iter().enumerate() {
        name(&format!("/preferred/{place}/group"), &preferred.group, 40)?;
        within(&format!("/preferred/{place}/for_ms"), preferred.for_ms, 1_000, DAY_MS)?;
    }
    rings(&one.rings)?;
    bounded("/helpers", one.helpers.len(), STEPS_MAX, "helpers")?;
    for (place, helpers) in one.helpers.iter().enumerate() {
        let at = format!("/helpers/{place}/from");
        known.owned(&at, helpers.from)?;
        not_itself(&at, id, Some(helpers.from))?;
        condition(&format!("/helpers/{place}/when"), &helpers.when)?;
    }
    Ok(())
}

fn rings(rings: &[Ring]) -> Result<(), Problem> {
    bounded("/rings", rings.len(), STEPS_MAX, "rings")?;
    for (place, ring) in rings.iter().enumerate() {
        within(&format!("/rings/{place}/after_ms"), ring.after_ms, 0, DAY_MS)?;
        within(&format!("/rings/{place}/lower_by"), u64::from(ring.lower_by), 0, 9)?;
        let before = place.checked_sub(1).and_then(|before| rings.get(before));
        if before.is_some_and(|before| before.after_ms >= ring.after_ms) {
            let detail = "each ring begins later than the one before it: put them in the order of `after_ms`";
            return Err(Problem::field(format!("/rings/{place}/after_ms"), detail));
        }
    }
    Ok(())
}

fn overflow(known: &Known, id: Option<QueueId>, at: &str, step: &Overflow) -> Result<(), Problem> {
    condition(&format!("{at}/when"), &step.when)?;
    known.target(&format!("{at}/to"), &step.to)?;
    not_itself(&format!("{at}/to"), id, queue_of(&step.to))
}

fn condition(at: &str, condition: &Condition) -> Result<(), Problem> {
    match condition {
        Condition::NobodySignedIn {} | Condition::NobodyReady {} => Ok(()),
        Condition::Waiting { at_least } => within(&format!("{at}/at_least"), u64::from(*at_least), 1, 10_000),
        Condition::WaitedFor { ms } | Condition::ExpectedWait { ms } => {
            within(&format!("{at}/ms"), *ms, 1_000, DAY_MS)
        }
    }
}

fn not_itself(at: &str, id: Option<QueueId>, other: Option<QueueId>) -> Result<(), Problem> {
    if id.is_some() && id == other {
        return Err(Problem::field(at, "this is the queue itself: name another place"));
    }
    Ok(())
}

fn sounds(one: &WaitingSounds) -> Result<(), Problem> {
    let files = [
        ("music", &one.music),
        ("welcome", &one.welcome),
        ("position", &one.position),
        ("expected_wait", &one.expected_wait),
        ("callback", &one.callback),
    ];
    for (field, file) in files {
        if !file.is_empty() {
            sound(&format!("/sounds/{field}"), file)?;
        }
    }
    bounded("/sounds/comfort", one.comfort.len(), COMFORT_MAX, "announcements")?;
    for (place, file) in one.comfort.iter().enumerate() {
        sound(&format!("/sounds/comfort/{place}"), file)?;
    }
    if one.every_ms != 0 {
        within("/sounds/every_ms", one.every_ms, 5_000, HOUR_MS)?;
    }
    let is_key = one.callback_key.len() == 1 && "0123456789*#".contains(&one.callback_key);
    if one.callback.is_empty() != one.callback_key.is_empty() {
        let detail = "an offered callback needs both its announcement and its key, or neither";
        return Err(Problem::field("/sounds/callback_key", detail));
    }
    if one.callback_key.is_empty() || is_key {
        return Ok(());
    }
    Err(Problem::field("/sounds/callback_key", "the key is one of `0123456789*#`"))
}

fn within(at: &str, value: u64, least: u64, most: u64) -> Result<(), Problem> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Problem::field(at, format!("this is {value}, and it must be {least} to {most}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const SALES: &str = "que_0199f0c1-0000-8000-8000-000000000001";
    const HELP: &str = "que_0199f0c1-0000-8000-8000-000000000002";

    #[test]
    fn settings_that_cannot_work_are_refused_with_their_place() {
        let id = |text: &str| text.parse::<QueueId>().unwrap();
        let known = Known {
            queues: [(id(SALES), Some("sales".to_owned())), (id(HELP), Some("help".to_owned()))].into(),
            calendars: ["day".to_owned()].into(),
            ..Known::default()
        };
        let check = |change: Value| {
            let mut one = json!({ "key": "sales", "name": "Sales" });
            one.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let one: QueueSettings = serde_json::from_value(one).unwrap();
            match queue(&known, Some(id(SALES)), &one) {
                Ok(()) => String::new(),
                Err(problem) => problem.errors[0].pointer.clone().unwrap(),
            }
        };
        let to = |queue: &str| json!({ "kind": "queue", "queue": queue });
        let step = |when: Value, to: Value| json!({ "overflow": [{ "when": when, "to": to }] });
        assert_eq!(check(json!({ "calendar": "day", "closed": to(HELP) })), "");
        for (change, place) in [
            (json!({ "key": "Sales" }), "/key"),
            (json!({ "key": "help" }), "/key"),
            (json!({ "name": "" }), "/name"),
            (json!({ "ring_ms": 4_999 }), "/ring_ms"),
            (json!({ "calendar": "night" }), "/calendar"),
            (json!({ "closed": to(SALES) }), "/closed"),
            (step(json!({ "condition": "waiting", "at_least": 0 }), to(HELP)), "/overflow/0/when/at_least"),
            (step(json!({ "condition": "nobody_ready" }), to(SALES)), "/overflow/0/to"),
            (json!({ "helpers": [{ "from": SALES, "when": { "condition": "nobody_ready" } }] }), "/helpers/0/from"),
            (
                json!({ "rings": [{ "after_ms": 9, "lower_by": 1, "up_to_level": 1 },
                    { "after_ms": 9, "lower_by": 2, "up_to_level": 2 }] }),
                "/rings/1/after_ms",
            ),
            (json!({ "sounds": { "callback": "call-you-back" } }), "/sounds/callback_key"),
            (json!({ "sounds": { "callback": "call-you-back", "callback_key": "12" } }), "/sounds/callback_key"),
            (json!({ "level": { "target_percent": 0 } }), "/level/target_percent"),
            (json!({ "rona": { "return_after_ms": 1 } }), "/rona/return_after_ms"),
            (json!({ "priority": 1_000_000 }), "/priority"),
        ] {
            assert_eq!(check(change.clone()), place, "{change}");
        }
    }
}
