use super::*;
use crate::acd::{Day, Opening};

const NUMBER: &str = "+420603123456";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn monday_at_ten() -> Timestamp {
    at("2026-11-30T10:00:00+01")
}

fn office() -> Calendar {
    let hours = vec![Opening { days: vec![Day::Monday], from_min: 480, until_min: 960 }];
    Calendar { name: "office".into(), zone: "Europe/Prague".into(), hours, holidays: vec![], special: vec![] }
}

fn data(pairs: &[(&str, &str)]) -> BTreeMap<Arc<str>, Arc<str>> {
    pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
}

fn arrival(data: &BTreeMap<Arc<str>, Arc<str>>) -> Arrival<'_> {
    Arrival {
        point: "info",
        dialled: Some("+420222333444"),
        caller: Some(NUMBER),
        withheld: false,
        contact: None,
        data,
    }
}

fn rule(name: &str, when: CallMatch) -> EntryRule {
    EntryRule { name: name.into(), when, to: Target::Fallback, priority: 0, needs: Vec::new() }
}

/// Says whether a rule that asks for this holds for the arrival.
fn asks(when: CallMatch, arrival: &Arrival<'_>, time: Timestamp) -> bool {
    rule_for(&[rule("r", when)], &[office()], arrival, time).is_some()
}

#[test]
fn each_question_of_a_rule_is_answered_by_the_call() {
    let own = data(&[("status", "vip"), ("choice", "2")]);
    let call = arrival(&own);
    let hidden = Arrival { caller: None, withheld: true, ..call };
    let some = |text: &str| Some(Arc::<str>::from(text));
    let any = CallMatch::default;
    for (what, when, yes) in [
        ("nothing", any(), true),
        ("point", CallMatch { point: some("info"), ..any() }, true),
        ("part of the point", CallMatch { point: some("inf"), ..any() }, false),
        ("dialled", CallMatch { dialled: some("+420222333444"), ..any() }, true),
        ("beginning of dialled", CallMatch { dialled: some("+420222"), ..any() }, true),
        ("other dialled", CallMatch { dialled: some("+420900"), ..any() }, false),
        ("caller", CallMatch { caller: some("+420603"), ..any() }, true),
        ("other caller", CallMatch { caller: some("+421"), ..any() }, false),
        ("shown", CallMatch { withheld: Some(false), ..any() }, true),
        ("withheld", CallMatch { withheld: Some(true), ..any() }, false),
        ("a datum", CallMatch { data: data(&[("status", "vip")]), ..any() }, true),
        ("both data", CallMatch { data: own.clone(), ..any() }, true),
        ("another value", CallMatch { data: data(&[("status", "new")]), ..any() }, false),
        ("data that are not there", CallMatch { data: data(&[("language", "en")]), ..any() }, false),
        ("known", CallMatch { known: Some(true), ..any() }, false),
        ("not known", CallMatch { known: Some(false), ..any() }, true),
        ("status of nobody", CallMatch { status: some("vip"), ..any() }, false),
        ("open", CallMatch { open: some("office"), ..any() }, true),
        ("closed", CallMatch { closed: some("office"), ..any() }, false),
        ("open by a calendar that is gone", CallMatch { open: some("gone"), ..any() }, false),
        ("closed by a calendar that is gone", CallMatch { closed: some("gone"), ..any() }, false),
        ("two that hold", CallMatch { point: some("info"), caller: some("+420"), ..any() }, true),
        ("one of two", CallMatch { point: some("info"), caller: some("+421"), ..any() }, false),
    ] {
        assert_eq!(asks(when, &call, monday_at_ten()), yes, "{what}");
    }
    assert!(!asks(CallMatch { caller: some("+420"), ..any() }, &hidden, monday_at_ten()));
    assert!(asks(CallMatch { withheld: Some(true), ..any() }, &hidden, monday_at_ten()));
    let night = at("2026-11-30T22:00:00+01");
    assert!(!asks(CallMatch { open: some("office"), ..any() }, &call, night));
    assert!(asks(CallMatch { closed: some("office"), ..any() }, &call, night));
}

#[test]
fn the_first_rule_that_holds_decides() {
    let own = data(&[("status", "vip")]);
    let rules = [
        rule("other line", CallMatch { point: Some("sales".into()), ..CallMatch::default() }),
        rule("vip", CallMatch { data: own.clone(), ..CallMatch::default() }),
        rule("everybody", CallMatch::default()),
    ];
    let name = |data: &BTreeMap<Arc<str>, Arc<str>>, rules: &[EntryRule]| {
        rule_for(rules, &[], &arrival(data), monday_at_ten()).map(|rule| rule.name.to_string())
    };
    assert_eq!(name(&own, &rules).as_deref(), Some("vip"));
    assert_eq!(name(&data(&[]), &rules).as_deref(), Some("everybody"));
    assert_eq!(name(&data(&[]), &rules[..2]), None);
}

#[test]
fn each_kind_of_block_keeps_out_exactly_its_callers() {
    let none = data(&[]);
    let call = arrival(&none);
    let now = monday_at_ten();
    let block = |number: &str, kind, until| Block { number: number.into(), kind, until, reason: "".into() };
    let (full, paid) = (BlockKind::Full, BlockKind::Paid);
    for (block, on_free_line, on_paid_line) in [
        (block(NUMBER, full, None), true, true),
        (block(NUMBER, paid, None), false, true),
        (block("+420603*", full, None), true, true),
        // A number without the star is the whole number.
        (block("+420603", full, None), false, false),
        (block("+420603123457", full, None), false, false),
        (block("+421*", full, None), false, false),
        (block(NUMBER, full, Some(now.plus_millis(1))), true, true),
        (block(NUMBER, full, Some(now)), false, false),
        (block(NUMBER, paid, Some(now.plus_millis(1))), false, true),
    ] {
        let blocks = [block];
        let blocked = |paid| block_for(&blocks, &call, paid, now).is_some();
        assert_eq!((blocked(false), blocked(true)), (on_free_line, on_paid_line), "{blocks:?}");
    }
    let blocks = [block("*", full, None)];
    assert!(block_for(&blocks, &Arrival { caller: None, withheld: true, ..call }, true, now).is_none());
    // A number that is hidden from people, but told to us, is blocked like any other.
    assert!(block_for(&blocks, &Arrival { withheld: true, ..call }, true, now).is_some());
    let blocks = [block(NUMBER, paid, None), block("+420*", full, None)];
    assert_eq!(block_for(&blocks, &call, false, now).map(|block| &*block.number), Some("+420*"));
    assert_eq!(block_for(&blocks, &call, true, now).map(|block| &*block.number), Some(NUMBER));
}
