use super::*;
use serde_json::{Value, json};

const QUEUE: &str = "que_0199f0c1-0000-8000-8000-000000000001";
const PBX_QUEUE: &str = "que_0199f0c1-0000-8000-8000-000000000002";
const NO_AGENT: &str = "agt_0199f0c1-0000-8000-8000-000000000001";

fn known() -> Known {
    Known {
        queues: [(QUEUE.parse().unwrap(), Some("sales".to_owned())), (PBX_QUEUE.parse().unwrap(), None)]
            .into(),
        agents: BTreeSet::new(),
        calendars: ["day".to_owned()].into(),
        calendar_uses: vec![("day".to_owned(), "the queue `Sales`".to_owned())],
    }
}

fn place(checked: Result<(), Problem>) -> String {
    match checked {
        Ok(()) => String::new(),
        Err(problem) => problem.errors[0].pointer.clone().unwrap(),
    }
}

#[test]
fn a_rule_that_cannot_hold_or_leads_nowhere_is_refused_with_its_place() {
    let check = |change: Value| {
        let mut rule = json!({ "name": "vip", "to": { "kind": "queue", "queue": QUEUE } });
        rule.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let rule: EntryRule = serde_json::from_value(rule).unwrap();
        place(rules(&known(), &[rule]))
    };
    assert_eq!(check(json!({})), "");
    assert_eq!(check(json!({ "when": { "caller": "+421", "dialled": "100", "open": "day" } })), "");
    assert_eq!(check(json!({ "name": " vip" })), "/items/0/name");
    assert_eq!(check(json!({ "when": { "caller": "+421 905" } })), "/items/0/when/caller");
    assert_eq!(check(json!({ "when": { "closed": "night" } })), "/items/0/when/closed");
    assert_eq!(check(json!({ "to": { "kind": "queue", "queue": PBX_QUEUE } })), "/items/0/to/queue");
    assert_eq!(check(json!({ "to": { "kind": "agent", "agent": NO_AGENT } })), "/items/0/to/agent");
    assert_eq!(check(json!({ "to": { "kind": "number", "number": "call me" } })), "/items/0/to/number");
    assert_eq!(check(json!({ "needs": [{ "skill": "german", "level": 11 }] })), "/items/0/needs/0/level");
    let mut to = json!({ "kind": "hangup" });
    for _ in 0..6 {
        to = json!({ "kind": "announcement", "sound": "closed", "then": to });
    }
    assert!(check(json!({ "to": to })).starts_with("/items/0/to/then/then"));
    let bad = json!({ "kind": "announcement", "sound": "../etc/passwd", "then": { "kind": "hangup" } });
    assert_eq!(check(json!({ "to": bad })), "/items/0/to/sound");
}

#[test]
fn a_calendar_names_a_zone_and_real_dates_and_stays_while_it_is_used() {
    let check = |change: Value| {
        let mut one = json!({ "name": "day", "zone": "Europe/Prague",
            "hours": [{ "days": ["monday"], "from_min": 480, "until_min": 960 }] });
        one.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        place(calendars(&known(), &[serde_json::from_value(one).unwrap()]))
    };
    assert_eq!(check(json!({ "holidays": ["2026-12-24"], "special": [["--12-31", 480, 720]] })), "");
    assert_eq!(check(json!({ "zone": "Europe/Praha" })), "/items/0/zone");
    assert_eq!(check(json!({ "holidays": ["24.12.2026"] })), "/items/0/holidays/0");
    let no_day = json!([{ "days": [], "from_min": 0, "until_min": 1440 }]);
    assert_eq!(check(json!({ "hours": no_day })), "/items/0/hours/0/days");
    assert_eq!(check(json!({ "name": "night" })), "/items", "the queue still asks for `day`");
}

#[test]
fn settings_of_a_queue_that_cannot_work_are_refused_with_their_place() {
    let check = |change: Value| {
        let mut one = json!({ "key": "sales", "name": "Sales" });
        one.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let one: QueueSettings = serde_json::from_value(one).unwrap();
        place(queue(&known(), "", Some(QUEUE.parse().unwrap()), &one))
    };
    let to = |queue: &str| json!({ "kind": "queue", "queue": queue });
    let ready = json!({ "condition": "nobody_ready" });
    let tree = json!({ "kind": "number", "number": "700" });
    let two = |one: &str, other: &str| json!([{ "key": one, "to": tree }, { "key": other, "to": tree }]);
    let sounds = |key: &str| json!({ "callback": "callback-press", "callback_key": key });
    let later = json!([{ "key": "2", "when": { "kind": "after", "minutes": 60 } }]);
    let times = |times: Value| {
        json!({ "callback": "callback-press", "callback_key": "1",
        "callback_choice": "callback-when", "callback_times": times })
    };
    assert_eq!(check(json!({ "scorer_ms": 500, "keys": two("2", "3"), "sounds": times(later.clone()) })), "");
    assert_eq!(
        check(json!({ "calendar": "day", "closed": { "kind": "number", "number": "+420555123456" } })),
        ""
    );
    for (change, place) in [
        (json!({ "key": "Sales" }), "/key"),
        (json!({ "ring_ms": 4_999 }), "/ring_ms"),
        (json!({ "calendar": "night" }), "/calendar"),
        (json!({ "closed": to(QUEUE) }), "/closed"),
        (json!({ "closed": to(PBX_QUEUE) }), "/closed/queue"),
        (json!({ "overflow": [{ "when": ready, "to": to(QUEUE) }] }), "/overflow/0/to"),
        (json!({ "helpers": [{ "from": QUEUE, "when": ready }] }), "/helpers/0/from"),
        (json!({ "level": { "target_percent": 0 } }), "/level/target_percent"),
        (json!({ "scorer_ms": 10_001 }), "/scorer_ms"),
        (json!({ "keys": [{ "key": "A", "to": { "kind": "hangup" } }] }), "/keys/0/key"),
        (json!({ "keys": [{ "key": "2", "to": to(QUEUE) }] }), "/keys/0/to"),
        (
            json!({ "keys": [{ "key": "2", "to": { "kind": "number", "number": "call me" } }] }),
            "/keys/0/to/number",
        ),
        (json!({ "keys": two("2", "2"), "sounds": sounds("1") }), "/keys/1/key"),
        (json!({ "keys": two("2", "1"), "sounds": sounds("1") }), "/keys/1/key"),
        (json!({ "sounds": { "callback_times": later } }), "/sounds/callback_choice"),
        (json!({ "sounds": times(json!([])) }), "/sounds/callback_times"),
        (
            json!({ "sounds": times(json!([{ "key": "2", "when": { "kind": "at", "days": 1, "minute": 540 } }])) }),
            "/sounds/callback_times/0/when",
        ),
    ] {
        assert_eq!(check(change.clone()), place, "{change}");
    }
    let one: QueueSettings = serde_json::from_value(json!({ "key": "sales", "name": "Sales" })).unwrap();
    assert_eq!(place(queue(&known(), "", None, &one)), "/key", "the key of another queue");
}

#[test]
fn blocked_numbers_and_profiles_are_read_strictly() {
    let check = |number: &str| {
        let block = |kind| json!({ "number": number, "kind": kind });
        let both = [block("full"), block("paid")].map(|one| serde_json::from_value(one).unwrap());
        place(blocks(&both))
    };
    assert_eq!((check("+420555123456"), check("+420900*")), (String::new(), String::new()));
    for wrong in ["555123456", "+420 555", "+4*", "+42*0555", ""] {
        assert_eq!(check(wrong), "/items/0/number", "{wrong}");
    }
    let check = |one: Value| place(profile(&serde_json::from_value(one).unwrap()));
    assert_eq!(
        check(json!({ "skills": { "german": 3 }, "groups": ["gold"], "capacity": { "chat": 2 } })),
        ""
    );
    assert_eq!(check(json!({ "skills": { "german": 0 } })), "/skills/german");
    assert_eq!(check(json!({ "capacity": { "voice": 2 } })), "/capacity/voice");
}
