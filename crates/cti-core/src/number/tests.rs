//! Vectors by country (`fixtures/numbers`) and properties.

use std::sync::Arc;

use proptest::prelude::*;
use serde::Deserialize;

use super::guard::{DialCode, DialPolicy, Verdict};
use super::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Country {
    country: String,
    site: Vec<Site>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Site {
    name: String,
    plan: NumberPlan,
    numbers: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    raw: String,
    #[serde(rename = "as", default)]
    reading: Option<String>,
    kind: NumberKind,
    e164: Option<String>,
    key: Option<String>,
    dial: Option<String>,
    ext: Option<String>,
    refused: Option<String>,
}

fn countries() -> Vec<Country> {
    [
        include_str!("../../../../fixtures/numbers/cz.toml"),
        include_str!("../../../../fixtures/numbers/sk.toml"),
        include_str!("../../../../fixtures/numbers/pl.toml"),
        include_str!("../../../../fixtures/numbers/it.toml"),
        include_str!("../../../../fixtures/numbers/de.toml"),
        include_str!("../../../../fixtures/numbers/gb.toml"),
        include_str!("../../../../fixtures/numbers/us.toml"),
    ]
    .into_iter()
    .map(|text| toml::from_str(text).unwrap())
    .collect()
}

fn reading(vector: &Vector) -> Reading {
    match vector.reading.as_deref() {
        None | Some("typed") => Reading::Typed,
        Some("dialled") => Reading::Dialled,
        Some("incoming") => Reading::Incoming,
        Some(other) => panic!("`as = {other}` is no reading"),
    }
}

/// What differs between a vector and what the plan makes of it.
fn differences(plan: &NumberPlan, vector: &Vector) -> Vec<String> {
    let read = plan.explain(reading(vector), &vector.raw);
    let number = &read.number;
    let mut found = Vec::new();
    let mut compare = |what: &str, wanted: Option<&str>, came: Option<&str>| {
        if wanted != came {
            found.push(format!("{what}: wanted {wanted:?}, came {came:?}"));
        }
    };
    let kind = |kind: NumberKind| format!("{kind:?}");
    compare("kind", Some(&kind(vector.kind)), Some(&kind(number.kind)));
    compare("e164", vector.e164.as_deref(), number.e164.as_deref());
    compare("ext", vector.ext.as_deref(), read.extension.as_deref());
    if let Some(key) = &vector.key {
        compare("key", Some(key), Some(number.key()));
    }
    if let Some(dial) = &vector.dial {
        compare("dial", Some(dial), Some(&plan.dialable(number)));
    }
    if reading(vector) == Reading::Typed {
        let refused =
            plan.dial(&DialPolicy::default(), &vector.raw).err().map(|refusal| refusal.code.as_str());
        compare("refused", vector.refused.as_deref(), refused);
    }
    if !found.is_empty() {
        let steps: Vec<String> = read
            .steps
            .iter()
            .map(|step| format!("{:?} {:?} -> {:?}", step.rule, step.before, step.after))
            .collect();
        found.push(format!("steps: {}", steps.join(" | ")));
    }
    found
}

// covers: TEL-25 ADM-07
#[test]
fn every_country_reads_and_dials_its_numbers() {
    let mut wrong = Vec::new();
    let mut read = 0;
    for country in countries() {
        for site in &country.site {
            site.plan.validate().unwrap();
            for vector in &site.numbers {
                read += 1;
                let differences = differences(&site.plan, vector);
                if !differences.is_empty() {
                    wrong.push(format!(
                        "{} ({}) {:?}\n  {}",
                        country.country,
                        site.name,
                        vector.raw,
                        differences.join("\n  ")
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {read} vectors:\n{}", wrong.len(), wrong.join("\n"));
}

// covers: TEL-25
#[test]
fn three_ways_to_write_a_number_have_one_key_and_one_way_to_dial() {
    for outside_prefix in ["", "0", "9"] {
        let plan = NumberPlan { outside_prefix: outside_prefix.to_owned(), ..NumberPlan::default() };
        for raw in ["602000111", "00420602000111", "+420602000111"] {
            let number = plan.typed(raw);
            assert_eq!(number.key(), "+420602000111", "{raw}");
            assert_eq!(&*number.raw, raw, "the raw text is kept");
            assert_eq!(&*plan.dialable(&number), format!("{outside_prefix}602000111"));
            assert_eq!(plan.incoming(raw).key(), "+420602000111", "{raw} as a caller");
        }
    }
}

#[test]
fn the_way_of_a_number_is_explained() {
    let plan = NumberPlan { outside_prefix: "0".to_owned(), ..NumberPlan::default() };
    let read = plan.explain(Reading::Dialled, "0 00421 905/000 111 kl. 12");
    let rules: Vec<Rule> = read.steps.iter().map(|step| step.rule).collect();
    assert_eq!(
        rules,
        [Rule::ExtensionApart, Rule::Separators, Rule::OutsidePrefix, Rule::InternationalPrefix, Rule::Valid]
    );
    assert_eq!(read.steps.last().unwrap().after, "+421905000111");
    assert_eq!(read.extension.as_deref(), Some("12"));
    assert_eq!(format!("{:?}", read.number), "…11");
    assert_eq!(format!("{:?}", read.steps.last().unwrap()), "Valid …11");
}

#[test]
fn words_for_no_number_are_told_apart() {
    for word in ["anonymous", "Restricted", "private", " withheld "] {
        assert_eq!(absence(word), Some(Absence::Withheld), "{word}");
    }
    for word in ["", "<unknown>", "unavailable"] {
        assert_eq!(absence(word), Some(Absence::Unknown), "{word}");
    }
    assert_eq!(absence("1001"), None);
}

// covers: ADM-07
#[test]
fn a_plan_that_cannot_work_names_field_reason_and_fix() {
    let bad = |change: fn(&mut NumberPlan)| {
        let mut plan = NumberPlan::default();
        change(&mut plan);
        plan.validate().unwrap_err()
    };
    assert_eq!(bad(|plan| plan.country = "XQ".into()).field, "country");
    assert_eq!(bad(|plan| plan.country = "001".into()).field, "country");
    assert_eq!(bad(|plan| plan.trunk_prefix = "O".into()).field, "trunk_prefix");
    assert_eq!(bad(|plan| plan.international_prefix = "+".into()).field, "international_prefix");
    assert_eq!(bad(|plan| plan.outside_prefix = "0,".into()).field, "outside_prefix");
    assert_eq!(bad(|plan| plan.outside_prefix = "1234567".into()).field, "outside_prefix");
    for pattern in ["", "1XXX|", "1XX Y", "XXXXXXXXXXXXXXXX"] {
        let plan = NumberPlan { extension_pattern: pattern.to_owned(), ..NumberPlan::default() };
        let error = plan.validate().unwrap_err();
        assert_eq!(error.field, "extension_pattern", "{pattern}");
        assert!(error.to_string().contains("for example `1XXX|20XX`"), "{error}");
    }
}

#[test]
fn an_extension_fits_one_alternative_whole() {
    let plan = NumberPlan { extension_pattern: "1XXX|20".to_owned(), ..NumberPlan::default() };
    for yes in ["1000", "1999", "20"] {
        assert!(plan.is_extension(yes), "{yes}");
    }
    for no in ["", "1", "2000", "10000", "1X00", "21", "100a"] {
        assert!(!plan.is_extension(no), "{no}");
    }
}

fn refused(policy: &DialPolicy, raw: &str) -> Option<DialCode> {
    NumberPlan::default().dial(policy, raw).err().map(|refusal| refusal.code)
}

#[test]
fn the_longest_prefix_decides_what_may_be_dialled() {
    let list = |prefixes: &[&str]| prefixes.iter().map(|prefix| (*prefix).to_owned()).collect();
    let policy = DialPolicy {
        allow: list(&["+420", "+421", "+44207946", "116"]),
        deny: list(&["+42060", "+44", "*21"]),
        ..DialPolicy::default()
    };
    assert_eq!(refused(&policy, "702000111"), None);
    assert_eq!(refused(&policy, "602000111"), Some(DialCode::NumberDenied));
    assert_eq!(refused(&policy, "+421905000111"), None);
    assert_eq!(refused(&policy, "+442079460123"), None);
    assert_eq!(refused(&policy, "+447400000111"), Some(DialCode::NumberDenied));
    assert_eq!(refused(&policy, "+12125550123"), Some(DialCode::NumberDenied));
    assert_eq!(refused(&policy, "116111"), None);
    assert_eq!(refused(&policy, "14111"), Some(DialCode::NumberDenied));
    assert_eq!(refused(&policy, "*21*702000111#"), Some(DialCode::NumberDenied));
    assert_eq!(refused(&policy, "1001"), None, "the list is about numbers outside the house");
    let nothing = DialPolicy { deny: list(&["10"]), ..DialPolicy::default() };
    assert_eq!(refused(&nothing, "1001"), Some(DialCode::NumberDenied));
}

#[test]
fn emergency_and_surcharge_need_an_open_word() {
    let open = DialPolicy { emergency: Verdict::Allow, premium: Verdict::Allow, ..DialPolicy::default() };
    for (raw, code) in [("112", DialCode::NumberEmergency), ("900000111", DialCode::NumberPremium)] {
        assert_eq!(refused(&DialPolicy::default(), raw), Some(code));
        assert_eq!(refused(&open, raw), None);
    }
}

#[test]
fn a_feature_code_hides_no_target() {
    let policy = DialPolicy { deny: vec!["+44".to_owned()], ..DialPolicy::default() };
    for (raw, code) in [
        ("*72112", DialCode::NumberEmergency),
        ("*21*112#", DialCode::NumberEmergency),
        ("*72900000111", DialCode::NumberPremium),
        ("*900900000111#", DialCode::NumberPremium),
        ("*7200442079460123", DialCode::NumberDenied),
    ] {
        assert_eq!(refused(&policy, raw), Some(code), "{raw}");
    }
    for raw in ["*72", "*78", "*721001", "*72702000111", "**1001", "*97", "*45*1001#"] {
        assert_eq!(refused(&policy, raw), None, "{raw}");
    }
}

#[test]
fn nothing_but_digits_and_signs_reaches_a_switch() {
    let plan = NumberPlan::default();
    let policy = DialPolicy::default();
    let number = plan.typed("1001");
    for text in ["1001\r\nAction: Logoff", "1001,1", "${EXTEN}", "1001&2", "1001|s", "", "1001@x", "a"] {
        assert_eq!(policy.check(&number, text).unwrap_err().code, DialCode::NumberInvalid, "{text:?}");
    }
    assert_eq!(policy.check(&number, "10 01").unwrap().as_str(), "1001");
    assert_eq!(policy.check(&number, &"1".repeat(41)).unwrap_err().code, DialCode::NumberInvalid);
}

fn plans() -> impl Strategy<Value = NumberPlan> {
    let sites: Vec<NumberPlan> =
        countries().into_iter().flat_map(|country| country.site).map(|site| site.plan).collect();
    proptest::sample::select(sites)
}

fn readings() -> impl Strategy<Value = Reading> {
    proptest::sample::select(vec![Reading::Typed, Reading::Dialled, Reading::Incoming])
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,60}",
        "[0-9+*# ()./;,x-]{0,30}",
        "(0|9|00|011|\\+)?(420|421|48|39|49|44|1)?[0-9]{2,12}",
        "tel:[0-9+%;=a-z-]{0,30}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_read_without_panic_and_alike_with_and_without_steps(
        plan in plans(), reading in readings(), raw in texts()
    ) {
        let explained = plan.explain(reading, &raw);
        let short = match reading {
            Reading::Typed => plan.typed(&raw),
            Reading::Dialled => plan.dialled(&raw),
            Reading::Incoming => plan.incoming(&raw),
        };
        prop_assert_eq!(&explained.number, &short);
        prop_assert_eq!(explained.number.e164.is_some(), explained.steps.last().is_some_and(|step| step.rule == Rule::Valid));
        // An e164 is a fixed point, in every reading.
        if let Some(e164) = &explained.number.e164 {
            for again in [plan.typed(e164), plan.dialled(e164), plan.incoming(e164)] {
                prop_assert_eq!(again.key(), &**e164);
                prop_assert_eq!(again.kind, NumberKind::External);
            }
        }
    }

    #[test]
    fn what_may_be_dialled_is_the_same_line_when_the_switch_shows_it(plan in plans(), raw in texts()) {
        if let Ok(dial) = plan.dial(&DialPolicy::default(), &raw) {
            let text: Arc<str> = dial.text.into();
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_digit() || b"+*#".contains(&byte)));
            if dial.number.kind == NumberKind::External {
                prop_assert_eq!(plan.dialled(&text).e164, dial.number.e164);
            } else {
                prop_assert_eq!(plan.dialled(&text).kind, dial.number.kind);
            }
        }
    }

    #[test]
    fn separators_do_not_change_a_number(
        plan in plans(), digits in "(\\+|00)?[0-9]{6,13}", gaps in proptest::collection::vec(0..13_usize, 0..6)
    ) {
        let mut spaced = digits.clone();
        for gap in gaps {
            let at = (gap + 1).min(spaced.len());
            spaced.insert(at, [' ', '-', '.', '/', '('][gap % 5]);
        }
        let (plain, spaced) = (plan.typed(&digits), plan.typed(&spaced));
        prop_assert_eq!(plain.kind, spaced.kind);
        // What is no number is kept as it was written.
        if plain.kind != NumberKind::Unknown {
            prop_assert_eq!(plain.key(), spaced.key());
        }
    }
}
