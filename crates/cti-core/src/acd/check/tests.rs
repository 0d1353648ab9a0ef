use std::sync::Arc;

use super::*;
use crate::acd::{CallbackTime, Helpers, Overflow, PreferredGroup};
use crate::ids::QueueId;
use crate::time::Timestamp;

fn queue() -> QueueId {
    QueueId::derive(Timestamp::from_micros(0), 1, 1)
}

fn plays(times: usize) -> Target {
    (0..times)
        .fold(Target::Hangup, |then, _| Target::Announcement { sound: "closed".into(), then: Box::new(then) })
}

/// A queue in which everything is set.
fn full() -> QueueSettings {
    let need = |skill: &str| SkillNeed { skill: skill.into(), level: 3 };
    let group = |group: &str| PreferredGroup { group: group.into(), for_ms: 20_000 };
    QueueSettings {
        unit: Some("branch Brno".into()),
        needs: vec![need("german"), need("účty")],
        preferred: vec![group("gold"), group("silver")],
        rings: vec![
            Ring { after_ms: 10_000, lower_by: 0, up_to_level: 1 },
            Ring { after_ms: 20_000, lower_by: 2, up_to_level: 1 },
        ],
        helpers: vec![Helpers { from: queue(), when: Condition::Waiting { at_least: 3 } }],
        last_agent_ms: 86_400_000,
        priority: -5,
        ageing_per_min: 2,
        wrap_up_ms: 30_000,
        calendar: Some("office".into()),
        closed: plays(5),
        overflow: vec![Overflow {
            when: Condition::WaitedFor { ms: 120_000 },
            to: Target::Number { number: "+420 603 123 456".into() },
        }],
        sounds: WaitingSounds {
            music: "default".into(),
            welcome: "custom/welcome_cs-1.5".into(),
            comfort: vec!["offer".into()],
            every_ms: 30_000,
            position: "you-are-number".into(),
            expected_wait: "expected".into(),
            callback: "press-one".into(),
            callback_key: "1".into(),
            callback_choice: "when".into(),
            callback_times: vec![
                CallbackTime { key: "1".into(), when: CallbackWhen::Now },
                CallbackTime { key: "2".into(), when: CallbackWhen::After { minutes: 60 } },
                CallbackTime { key: "3".into(), when: CallbackWhen::At { days: 1, minute: 540 } },
            ],
        },
        ..QueueSettings::new("info-line_2")
    }
}

#[test]
fn a_queue_of_defaults_and_one_with_everything_pass() {
    assert_eq!(QueueSettings::new("info").check(), Ok(()));
    assert_eq!(full().check(), Ok(()));
}

type Spoil = fn(&mut QueueSettings);

const WRONG: [(&str, Spoil); 57] = [
    ("key: ``", |it| it.key = "".into()),
    ("key: `Info`", |it| it.key = "Info".into()),
    ("key: `a,b`", |it| it.key = "a,b".into()),
    ("key: `aaaa", |it| it.key = "a".repeat(41).into()),
    ("name: ", |it| it.name = "  ".into()),
    ("name: `a\u{FFFD}b`", |it| it.name = "a\nb".into()),
    ("unit: ", |it| it.unit = Some("".into())),
    ("project: ", |it| it.project = Some(" ".into())),
    ("calendar: ", |it| it.calendar = Some("".into())),
    ("ring_ms: 4999 is out of bounds; give 5000 to 120000", |it| it.ring_ms = 4_999),
    ("ring_ms: ", |it| it.ring_ms = 120_001),
    ("last_agent_ms: ", |it| it.last_agent_ms = u64::MAX),
    ("priority: ", |it| it.priority = 1_001),
    ("priority: ", |it| it.priority = i32::MIN),
    ("ageing_per_min: ", |it| it.ageing_per_min = 1_001),
    ("wrap_up_ms: ", |it| it.wrap_up_ms = 3_600_001),
    ("needs: 21 lines", |it| it.needs = vec![it.needs[0].clone(); 21]),
    ("needs[0].skill: ", |it| it.needs[0].skill = "".into()),
    ("needs[0].level: 0", |it| it.needs[0].level = 0),
    ("needs[1].level: 11", |it| it.needs[1].level = 11),
    ("needs[1].skill: `german` stands there twice", |it| it.needs[1].skill = "german".into()),
    ("preferred: 21 lines", |it| it.preferred = vec![it.preferred[0].clone(); 21]),
    ("preferred[1].group: `gold` stands there twice", |it| it.preferred[1].group = "gold".into()),
    ("preferred[0].group: ", |it| it.preferred[0].group = "".into()),
    ("preferred[0].for_ms: 0", |it| it.preferred[0].for_ms = 0),
    ("rings: 21 lines", |it| it.rings = vec![it.rings[0]; 21]),
    ("rings[0].after_ms: 0", |it| it.rings[0].after_ms = 0),
    ("rings[1].after_ms: it opens no later", |it| it.rings[1].after_ms = 10_000),
    ("rings[1]: it lets in less", |it| it.rings[1].up_to_level = 0),
    ("rings[1]: it lets in less", |it| (it.rings[0].lower_by, it.rings[1].lower_by) = (3, 2)),
    ("rings[0].up_to_level: -1", |it| it.rings[0].up_to_level = -1),
    ("rings[0].lower_by: 11", |it| it.rings[0].lower_by = 11),
    ("helpers: 21 lines", |it| it.helpers = vec![it.helpers[0].clone(); 21]),
    ("helpers[0].when.at_least: 0", |it| it.helpers[0].when = Condition::Waiting { at_least: 0 }),
    ("overflow: 21 lines", |it| it.overflow = vec![it.overflow[0].clone(); 21]),
    ("overflow[0].when.ms: 0", |it| it.overflow[0].when = Condition::ExpectedWait { ms: 0 }),
    ("overflow[0].to.number: ", |it| it.overflow[0].to = Target::Number { number: "".into() }),
    ("closed: more than 5 announcements", |it| it.closed = plays(6)),
    ("closed.sound: nothing is named", |it| {
        it.closed = Target::Announcement { sound: "".into(), then: Box::new(Target::Hangup) };
    }),
    ("rona.no_answer: 101", |it| it.rona.no_answer = 101),
    ("rona.rejected: 101", |it| it.rona.rejected = 101),
    ("rona.unreachable: 101", |it| it.rona.unreachable = 101),
    ("rona.return_after_ms: 999", |it| it.rona.return_after_ms = Some(999)),
    ("sounds.comfort: 21 lines", |it| it.sounds.comfort = vec!["a".into(); 21]),
    ("sounds.every_ms: 4999", |it| it.sounds.every_ms = 4_999),
    ("sounds.callback: a key is set", |it| it.sounds.callback = "".into()),
    ("sounds.callback_key: the file offers", |it| it.sounds.callback_key = "".into()),
    ("sounds.callback_choice: nothing tells", |it| it.sounds.callback_choice = "".into()),
    ("sounds.callback_times: the file names", |it| it.sounds.callback_times.clear()),
    ("sounds.callback_times[1].key: `1` means", |it| it.sounds.callback_times[1].key = "1".into()),
    ("sounds.callback_times[2].when: a time of the day", |it| it.calendar = None),
    ("sounds.callback_times[0].when.minutes: 0 is", |it| {
        it.sounds.callback_times[0].when = CallbackWhen::After { minutes: 0 };
    }),
    ("sounds.callback_times[0].when.minute: 1440 is", |it| {
        it.sounds.callback_times[0].when = CallbackWhen::At { days: 0, minute: 1440 };
    }),
    ("sounds.callback_key: `12` is no key", |it| it.sounds.callback_key = "12".into()),
    ("level.threshold_ms: 999", |it| it.level.threshold_ms = 999),
    ("level.short_ms: ", |it| it.level.short_ms = 3_600_001),
    ("level.target_percent: 101", |it| it.level.target_percent = 101),
];

#[test]
fn what_is_wrong_with_a_queue_is_said_with_its_place() {
    for (wanted, spoil) in WRONG {
        let mut settings = full();
        spoil(&mut settings);
        let error = settings.check().expect_err(wanted);
        assert!(error.starts_with(wanted), "{error} should begin with {wanted}");
        assert!(error.contains(';'), "{error} should say how to mend it");
    }
}

#[test]
fn no_name_of_a_sound_means_anything_to_a_dialplan() {
    type Name = fn(&mut QueueSettings, Arc<str>);
    let places: [(&str, Name); 7] = [
        ("sounds.music", |it, name| it.sounds.music = name),
        ("sounds.welcome", |it, name| it.sounds.welcome = name),
        ("sounds.comfort[0]", |it, name| it.sounds.comfort[0] = name),
        ("sounds.position", |it, name| it.sounds.position = name),
        ("sounds.expected_wait", |it, name| it.sounds.expected_wait = name),
        ("sounds.callback", |it, name| it.sounds.callback = name),
        ("closed.sound", |it, name| {
            it.closed = Target::Announcement { sound: name, then: Box::new(Target::Fallback) };
        }),
    ];
    let long = "a".repeat(101);
    let names = [
        "a b",
        "a,b",
        "a\"b",
        "a'b",
        "a&b",
        "a|b",
        "a\nb",
        "a\0b",
        "${EVIL}",
        "a(b)",
        "a;b",
        "a:b",
        "../secret",
        "a/../b",
        "č",
        &long,
    ];
    for (place, set) in places {
        for name in names {
            let mut settings = full();
            set(&mut settings, name.into());
            let error = settings.check().expect_err(name);
            assert!(error.starts_with(&format!("{place}: ")), "{error} should begin with {place}");
            assert!(!error.chars().any(char::is_control), "{error:?}");
        }
    }
}

#[test]
fn the_reasons_of_a_new_installation_pass_and_each_is_there_once() {
    let reasons = PauseReason::defaults();
    let mut keys: Vec<&str> = reasons.iter().map(|reason| &*reason.key).collect();
    assert_eq!(keys.len(), 11);
    assert!(reasons.iter().all(|reason| reason.check() == Ok(())));
    assert_eq!(keys[8..], ["no_answer", "unreachable", "forced"]);
    // What rules give is not offered to people.
    assert!(reasons.iter().all(|reason| reason.active == reason.code.is_some()));
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 11);
}

#[test]
fn what_is_wrong_with_a_reason_is_said_with_its_place() {
    type Spoil = fn(&mut PauseReason);
    let cases: [(&str, Spoil); 6] = [
        ("key: `no-answer`", |it| it.key = "no-answer".into()),
        ("name: ", |it| it.name = "".into()),
        ("code: 0", |it| it.code = Some(0)),
        ("code: 100", |it| it.code = Some(100)),
        ("limit_min: 0", |it| it.limit_min = Some(0)),
        ("limit_min: 1441", |it| it.limit_min = Some(1_441)),
    ];
    for (wanted, spoil) in cases {
        let mut reason = PauseReason::defaults().remove(0);
        spoil(&mut reason);
        let error = reason.check().unwrap_err();
        assert!(error.starts_with(wanted), "{error}");
    }
}
