//! Keys of waiting callers: when they want to be called back, and what is kept of a key.
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for some facts and requests among all")]

use super::{Site, pbx};
use crate::acd::{
    Calendar, CallbackTime, CallbackWhen, Day, KeyChoice, Opening, QueueSettings, Target, WaitingSounds,
};
use crate::fact::{AcdFact, Cause, QueueLeave, Waits};
use crate::ids::{AgentId, Native, QueueId};
use crate::input::{AcdChange, SwitchEvent};
use crate::request::SwitchRequest;
use crate::state::Interaction;
use crate::time::Timestamp;

/// Monday, 2026-11-23, 10:00 in Prague.
const MONDAY_10: &str = "2026-11-23T09:00:00Z";

fn at(text: &str) -> Timestamp {
    serde_json::from_value(text.into()).unwrap()
}

/// A queue that is open from eight to four on weekdays, in which callers choose when they are called back.
fn choosing(site: &mut Site) -> QueueId {
    let weekdays = vec![Day::Monday, Day::Tuesday, Day::Wednesday, Day::Thursday, Day::Friday];
    let day = Calendar {
        name: "day".into(),
        zone: "Europe/Prague".into(),
        hours: vec![Opening { days: weekdays, from_min: 480, until_min: 960 }],
        holidays: Vec::new(),
        special: Vec::new(),
    };
    site.acd(AcdChange::SetCalendars { calendars: vec![day] });
    let time = |key: &str, when| CallbackTime { key: key.into(), when };
    let sounds = WaitingSounds {
        every_ms: 20_000,
        callback: "press-one".into(),
        callback_key: "1".into(),
        callback_choice: "when".into(),
        callback_times: vec![
            time("1", CallbackWhen::Now),
            time("2", CallbackWhen::After { minutes: 60 }),
            time("3", CallbackWhen::At { days: 1, minute: 540 }),
            time("4", CallbackWhen::After { minutes: 7 * 60 }),
            time("5", CallbackWhen::At { days: 0, minute: 570 }),
        ],
        ..WaitingSounds::default()
    };
    let settings = QueueSettings { sounds, calendar: Some("day".into()), ..QueueSettings::new("sales") };
    assert_eq!(settings.check(), Ok(()));
    site.own(settings, &[])
}

impl Site {
    /// The caller presses a key; what is asked of the switch then.
    fn presses(&mut self, call: &str, key: char) -> Vec<SwitchRequest> {
        let from = self.records.len();
        let connection = Native::from(format!("{call}-x"));
        self.event(500, SwitchEvent::KeyPressed { call: Native::from(call), connection, key });
        self.requests(from)
    }

    fn only_work(&self) -> &Interaction {
        let all = &self.state().interactions;
        assert_eq!(all.len(), 1);
        all.values().next().unwrap()
    }

    fn pressed(&self) -> Vec<String> {
        let keys = self.acd_facts().into_iter().filter_map(|fact| match fact {
            AcdFact::KeyPressed { key, .. } => Some(key.to_string()),
            _ => None,
        });
        keys.collect()
    }
}

const fn ends_call(sent: &[SwitchRequest]) -> bool {
    matches!(sent, [SwitchRequest::ClearConnection { .. }])
}

// covers: RTE-35
#[test]
fn a_caller_chooses_by_key_when_to_be_called_back() {
    for (key, due) in [
        ('2', "2026-11-23T10:00:00Z"),
        ('3', "2026-11-24T08:00:00Z"),
        // In seven hours it is closed: when it opens tomorrow.
        ('4', "2026-11-24T07:00:00Z"),
        // Half past nine of today is over.
        ('5', "2026-11-24T08:30:00Z"),
    ] {
        let mut site = Site::new();
        choosing(&mut site);
        site.now = at(MONDAY_10).plus_millis(-1_000);
        site.arrives("a", "420602123456", "sales");
        site.now = at(MONDAY_10).plus_millis(-1_000);
        let told = site.presses("a", '1');
        let is_told = matches!(&told[..], [SwitchRequest::Play { keys, .. }] if &**keys == "12345");
        assert!(is_told, "{told:?}");
        assert_eq!(site.left().last().unwrap().0, QueueLeave::Withdrawn);
        // What means nothing here leaves the choice open.
        assert_eq!(site.presses("a", '9'), []);
        let sent = site.presses("a", key);
        assert!(ends_call(&sent), "{sent:?}");
        let wanted = at(due);
        let found = site.only_work().request.due.unwrap();
        assert!(wanted.millis_since(found) < 2_000 && found.millis_since(wanted) < 2_000, "{key}: {found:?}");
        assert_eq!(site.only_work().not_before, found);
        // A second key while the call ends changes nothing.
        assert_eq!(site.presses("a", '2'), []);
        assert_eq!(site.only_work().request.due, Some(found));
        assert_eq!(site.pressed(), ["1"]);
    }
}

// covers: RTE-35
#[test]
fn who_chooses_no_time_is_called_back_at_once() {
    let mut site = Site::new();
    let queue = choosing(&mut site);
    let agent: AgentId = site.agent("1001");
    site.now = at(MONDAY_10);
    site.arrives("a", "420602123456", "sales");
    site.presses("a", '1');
    // Somebody gets free while the caller listens: it is too early to ring.
    site.acd(AcdChange::SetMember { queue, agent, level: 0, signed_in: true });
    let dials = |site: &Site| {
        site.requests(0).iter().filter(|one| matches!(one, SwitchRequest::MakeCall { .. })).count()
    };
    let from = site.records.len();
    site.tick(14_000);
    assert_eq!((dials(&site), site.requests(from)), (0, vec![]));
    site.tick(1_000);
    let sent = site.requests(from);
    assert!(sent.iter().any(|one| matches!(one, SwitchRequest::ClearConnection { .. })), "{sent:?}");
    assert_eq!(dials(&site), 1);

    // The same key says so at once, and who hangs up has said nothing.
    let mut site = Site::new();
    choosing(&mut site);
    site.now = at(MONDAY_10);
    for (call, number) in [("a", "420602123456"), ("b", "420602123457")] {
        site.arrives(call, number, "sales");
        site.presses(call, '1');
    }
    let sent = site.presses("a", '1');
    assert!(ends_call(&sent), "{sent:?}");
    site.cleared(10, "b", "b-x", Cause::Normal, true);
    let due: Vec<_> = site.state().interactions.values().map(|one| one.not_before <= site.now).collect();
    assert_eq!(due, [true, false]);
    site.tick(15_000);
    assert!(site.state().interactions.values().all(|one| one.not_before <= site.now));

    // Who was asked for again after a gap of the link does not wait in the queue again.
    site.arrives("c", "420602123458", "sales");
    site.presses("c", '1');
    let from = site.records.len();
    let (call, connection, waits) = (Native::from("c"), Native::from("c-x"), Waits::Held);
    site.event(10, SwitchEvent::RouteRequested { call, connection, point: "sales".into(), waits });
    assert!(ends_call(&site.requests(from)) && site.state().queues[&queue].waiting.is_empty());
    assert!(site.state().switches[&pbx()].is_known());
}

// covers: REP-36 RTE-30
#[test]
fn the_key_that_led_a_caller_elsewhere_is_kept_with_the_entry() {
    let mut site = Site::new();
    let to = Target::Number { number: "1003".into() };
    let sounds = WaitingSounds { welcome: "menu".into(), ..WaitingSounds::default() };
    let keys = vec![KeyChoice { key: "2".into(), to }];
    let queue = site.own(QueueSettings { sounds, keys, ..QueueSettings::new("sales") }, &[]);
    site.arrives("a", "420602123456", "sales");
    let entry = site.state().queues[&queue].waiting[0];
    site.presses("a", '9');
    assert_eq!(site.pressed(), [""; 0]);
    site.presses("a", '2');
    let kept: Vec<_> = site
        .acd_facts()
        .into_iter()
        .filter_map(|fact| match fact {
            AcdFact::KeyPressed { entry, key, .. } => Some((*entry, key.to_string())),
            AcdFact::SentOn { entry, number, .. } => Some((*entry, number.to_string())),
            _ => None,
        })
        .collect();
    assert_eq!(kept, [(entry, "2".to_owned()), (entry, "1003".to_owned())]);
}

// covers: RTE-16
#[test]
fn scores_that_come_too_late_or_unasked_are_refused() {
    let mut site = Site::new();
    let queue = site.own(QueueSettings { scorer_ms: 500, ..QueueSettings::new("sales") }, &[]);
    let plain = site.own(QueueSettings::new("plain"), &[]);
    site.arrives("a", "420602000001", "sales");
    site.arrives("b", "420602000002", "plain");
    let [late, unasked] = [queue, plain].map(|queue| site.state().queues[&queue].waiting[0]);
    site.tick(500);
    for (entry, code) in [(late, "too_late"), (unasked, "wrong_state")] {
        let scores = [(site.agent("1001"), 1)].into();
        let refused = site.acd(AcdChange::SetScores { entry, scores }).refusal;
        assert_eq!(refused.unwrap().code, code);
        assert!(site.state().entries[&entry].rank.scores.is_none());
    }
}
