use proptest::prelude::*;

use super::*;

fn calendar(zone: &str) -> Calendar {
    use Day::{Friday, Monday, Thursday, Tuesday, Wednesday};
    Calendar {
        name: "office".into(),
        zone: zone.into(),
        hours: vec![opening(&[Monday, Tuesday, Wednesday, Thursday, Friday], 8 * 60, 16 * 60 + 30)],
        holidays: Vec::new(),
        special: Vec::new(),
    }
}

fn opening(days: &[Day], from_min: u16, until_min: u16) -> Opening {
    Opening { days: days.to_vec(), from_min, until_min }
}

/// A time with its offset, for example `2026-12-24T08:00+01`.
fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Goes from change to change, and says after each whether it is open.
fn changes(calendar: &Calendar, from: &str, count: usize) -> Vec<(Timestamp, bool)> {
    let moments =
        std::iter::successors(next_change(calendar, at(from)), |moment| next_change(calendar, *moment));
    moments.take(count).map(|moment| (moment, is_open(calendar, moment))).collect()
}

#[test]
fn the_same_number_is_open_at_ten_and_closed_at_night() {
    let office = calendar("Europe/Prague");
    for (time, open) in [
        ("2026-11-27T07:59:59.999999+01", false),
        ("2026-11-27T08:00+01", true),
        ("2026-11-27T16:29:59.999999+01", true),
        ("2026-11-27T16:30+01", false),
        ("2026-11-27T22:00+01", false),
        ("2026-11-28T10:00+01", false),
    ] {
        assert_eq!(is_open(&office, at(time)), open, "{time}");
    }
    let wanted = [(at("2026-11-27T16:30+01"), false), (at("2026-11-30T08:00+01"), true)];
    assert_eq!(changes(&office, "2026-11-27T10:00+01", 2), wanted);
}

#[test]
fn holidays_are_closed_and_special_dates_have_hours_of_their_own() {
    let mut office = calendar("Europe/Prague");
    office.holidays = vec!["--12-24".into(), "2026-12-28".into(), "--12-31".into()];
    office.special = vec![
        ("--12-28".into(), 0, 1440),
        ("2026-12-31".into(), 9 * 60, 10 * 60),
        ("2026-12-31".into(), 11 * 60, 12 * 60),
    ];
    let wanted = [
        (at("2026-12-23T16:30+01"), false),
        (at("2026-12-25T08:00+01"), true),
        (at("2026-12-25T16:30+01"), false),
        // The 28th is a holiday in this year, though it is open all day in others.
        (at("2026-12-29T08:00+01"), true),
        (at("2026-12-29T16:30+01"), false),
        (at("2026-12-30T08:00+01"), true),
        (at("2026-12-30T16:30+01"), false),
        (at("2026-12-31T09:00+01"), true),
        (at("2026-12-31T10:00+01"), false),
        (at("2026-12-31T11:00+01"), true),
        (at("2026-12-31T12:00+01"), false),
    ];
    assert_eq!(changes(&office, "2026-12-23T12:00+01", wanted.len()), wanted);
    assert!(is_open(&office, at("2027-12-28T23:59+01")));
}

#[test]
fn an_opening_past_midnight_ends_where_a_date_decides_for_itself() {
    let mut night = calendar("Europe/Prague");
    night.hours = vec![opening(&[Day::Friday, Day::Saturday], 22 * 60, 6 * 60)];
    let wanted = [
        (at("2026-11-27T22:00+01"), true),
        (at("2026-11-28T06:00+01"), false),
        (at("2026-11-28T22:00+01"), true),
        (at("2026-11-29T06:00+01"), false),
    ];
    assert_eq!(changes(&night, "2026-11-27T12:00+01", 4), wanted);
    night.holidays = vec!["2026-11-28".into()];
    let wanted = [
        (at("2026-11-27T22:00+01"), true),
        (at("2026-11-28T00:00+01"), false),
        (at("2026-12-04T22:00+01"), true),
    ];
    assert_eq!(changes(&night, "2026-11-27T12:00+01", 3), wanted);
    // Hours of their own may go past midnight, too.
    night.holidays.clear();
    night.special = vec![("2026-11-27".into(), 20 * 60, 2 * 60)];
    let wanted = [(at("2026-11-27T20:00+01"), true), (at("2026-11-28T02:00+01"), false)];
    assert_eq!(changes(&night, "2026-11-27T12:00+01", 2), wanted);
}

#[test]
fn openings_that_touch_are_one() {
    let mut office = calendar("Europe/Prague");
    office.hours = vec![
        opening(&[Day::Monday], 8 * 60, 12 * 60),
        opening(&[Day::Monday], 12 * 60, 1440),
        opening(&[Day::Tuesday], 0, 60),
    ];
    let wanted = [(at("2026-11-30T08:00+01"), true), (at("2026-12-01T01:00+01"), false)];
    assert_eq!(changes(&office, "2026-11-29T12:00+01", 2), wanted);
}

#[test]
fn the_clock_is_put_forward() {
    // 29 March 2026: 02:00 becomes 03:00.
    let mut office = calendar("Europe/Prague");
    office.hours = vec![opening(&[Day::Sunday], 2 * 60 + 30, 8 * 60)];
    let wanted = [(at("2026-03-29T03:00+02"), true), (at("2026-03-29T08:00+02"), false)];
    assert_eq!(changes(&office, "2026-03-28T12:00+01", 2), wanted);
    office.hours = vec![opening(&[Day::Sunday], 0, 2 * 60 + 30)];
    let wanted = [(at("2026-03-29T00:00+01"), true), (at("2026-03-29T03:00+02"), false)];
    assert_eq!(changes(&office, "2026-03-28T12:00+01", 2), wanted);
    // An opening in the hour that is left out does not come.
    office.hours = vec![opening(&[Day::Sunday], 2 * 60, 3 * 60)];
    assert_eq!(changes(&office, "2026-03-28T12:00+01", 1), [(at("2026-04-05T02:00+02"), true)]);
}

#[test]
fn the_clock_is_put_back() {
    // 25 October 2026: 03:00 becomes 02:00.
    let mut office = calendar("Europe/Prague");
    office.hours = vec![opening(&[Day::Sunday], 8 * 60, 16 * 60)];
    let wanted = [(at("2026-10-25T08:00+01"), true), (at("2026-10-25T16:00+01"), false)];
    assert_eq!(changes(&office, "2026-10-24T12:00+02", 2), wanted);
    // 02:30 comes twice.
    office.hours = vec![opening(&[Day::Sunday], 2 * 60 + 30, 3 * 60 + 30)];
    let wanted = [
        (at("2026-10-25T02:30+02"), true),
        (at("2026-10-25T03:00+02"), false),
        (at("2026-10-25T02:30+01"), true),
        (at("2026-10-25T03:30+01"), false),
    ];
    assert_eq!(changes(&office, "2026-10-24T12:00+02", 4), wanted);
}

#[test]
fn who_is_always_open_or_closed_does_not_change_in_two_weeks() {
    let mut office = calendar("Europe/Prague");
    office.hours.clear();
    assert_eq!(next_change(&office, at("2026-11-27T10:00+01")), None);
    office.special = vec![("2026-12-11".into(), 600, 660)];
    assert_eq!(next_change(&office, at("2026-11-27T10:00+01")), Some(at("2026-12-11T10:00+01")));
    assert_eq!(next_change(&office, at("2026-11-27T09:59+01")), None);
}

#[test]
fn what_is_wrong_with_a_calendar_is_said_with_its_place() {
    type Spoil = fn(&mut Calendar);
    let cases: [(&str, Spoil); 14] = [
        ("name: ", |it| it.name = " ".into()),
        ("name: ", |it| it.name = "a\nb".into()),
        ("zone: `Mars` ", |it| it.zone = "Mars".into()),
        ("the calendar has more than 1000 lines", |it| it.holidays = vec!["--01-01".into(); 1_000]),
        ("hours[0].days: ", |it| it.hours[0].days.clear()),
        ("hours[0]: it opens at minute 1440", |it| it.hours[0].from_min = 1440),
        ("hours[0]: it closes at minute 1441", |it| it.hours[0].until_min = 1441),
        ("hours[0]: it opens and closes at minute 480", |it| it.hours[0].until_min = 480),
        ("holidays[0]: `24.12.` is no date", |it| it.holidays = vec!["24.12.".into()]),
        ("holidays[0]: `2026-02-29` is no date", |it| it.holidays = vec!["2026-02-29".into()]),
        ("holidays[0]: `20261224` is no date", |it| it.holidays = vec!["20261224".into()]),
        ("special[0]: `--13-01` is no date", |it| it.special = vec![("--13-01".into(), 0, 60)]),
        ("special[0]: it closes", |it| it.special = vec![("--12-01".into(), 0, 1441)]),
        ("special[0]: `--12-24` is a holiday, too", |it| {
            it.holidays = vec!["--12-24".into()];
            it.special = vec![("--12-24".into(), 0, 60)];
        }),
    ];
    for (wanted, spoil) in cases {
        let mut office = calendar("Europe/Prague");
        assert_eq!(check(&office), Ok(()));
        spoil(&mut office);
        let error = check(&office).unwrap_err();
        assert!(error.starts_with(wanted), "{error}");
    }
    let mut office = calendar("Europe/Prague");
    office.holidays = vec!["--02-29".into(), "2028-02-29".into()];
    office.hours.push(opening(&[Day::Sunday], 22 * 60, 0));
    assert_eq!(check(&office), Ok(()));
}

#[test]
fn a_zone_that_nobody_knows_is_read_as_utc() {
    let office = calendar("Mars");
    assert!(is_open(&office, at("2026-11-27T08:00Z")));
}

const DAYS: [Day; 7] =
    [Day::Monday, Day::Tuesday, Day::Wednesday, Day::Thursday, Day::Friday, Day::Saturday, Day::Sunday];

/// Zones that move the clock by an hour, by half an hour, at midnight, and not at all.
const ZONES: [&str; 6] = [
    "Europe/Prague",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Havana",
    "Asia/Tokyo",
];

fn spans() -> impl Strategy<Value = (u16, u16)> {
    (0..1440_u16, 0..=1440_u16).prop_filter("a span is not empty", |(from, until)| from != until)
}

/// Calendars with a few dates of their own in 2026, which is when they are asked.
fn calendars() -> impl Strategy<Value = Calendar> {
    let hours = (proptest::collection::vec(proptest::sample::select(DAYS.to_vec()), 1..5), spans());
    let hours = hours.prop_map(|(days, (from, until))| opening(&days, from, until));
    let date = (1..=12_u8, 1..=28_u8, any::<bool>()).prop_map(|(month, day, yearly)| {
        let year = if yearly { "-" } else { "2026" };
        std::sync::Arc::<str>::from(format!("{year}-{month:02}-{day:02}"))
    });
    let special = (date.clone(), spans()).prop_map(|(date, (from, until))| (date, from, until));
    (
        proptest::sample::select(ZONES.to_vec()),
        proptest::collection::vec(hours, 0..4),
        proptest::collection::vec(date, 0..30),
        proptest::collection::vec(special, 0..30),
    )
        .prop_map(|(zone, hours, holidays, special)| Calendar {
            hours,
            holidays,
            special,
            ..calendar(zone)
        })
}

/// Times of 2026, half of them around the days on which clocks are moved.
fn times() -> impl Strategy<Value = Timestamp> {
    let year_s = 0..365 * 86_400_i64;
    let moved = proptest::sample::select(vec![
        "2026-03-08T00:00Z",
        "2026-03-28T12:00Z",
        "2026-04-04T00:00Z",
        "2026-04-23T12:00Z",
        "2026-10-03T00:00Z",
        "2026-10-24T12:00Z",
        "2026-10-29T12:00Z",
        "2026-11-01T00:00Z",
    ]);
    prop_oneof![
        year_s.prop_map(|seconds| at("2026-01-01T00:00Z").plus_millis(seconds * 1000)),
        (moved, 0..86_400_i64).prop_map(|(day, seconds)| at(day).plus_millis(seconds * 1000)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn the_next_change_is_the_first_minute_that_differs(calendar in calendars(), after in times()) {
        let next = next_change(&calendar, after);
        let open = is_open(&calendar, after);
        if let Some(next) = next {
            prop_assert!(next > after && next <= after.plus_millis(14 * 86_400_000));
            prop_assert_ne!(is_open(&calendar, next), open);
            prop_assert_eq!(is_open(&calendar, Timestamp::from_micros(next.as_micros() - 1)), open);
        }
        // Openings and clocks move at whole minutes, so looking at each of them misses none. Two days are enough to
        // look through, the rest is looked at by the hour.
        let end = next.unwrap_or_else(|| after.plus_millis(14 * 86_400_000 + 1));
        let steps = (0..2 * 1440).map(|minute| minute * 60_000).chain((48..14 * 24).map(|hour| hour * 3_600_000));
        for step in steps {
            let moment = after.plus_millis(step);
            if moment >= end {
                break;
            }
            prop_assert_eq!(is_open(&calendar, moment), open, "{} is not as at {}", moment, after);
        }
    }

    #[test]
    fn a_calendar_that_passes_is_read_in_any_year(calendar in calendars(), after in any::<i64>()) {
        prop_assume!(check(&calendar).is_ok());
        let after = Timestamp::from_micros(after);
        prop_assert!(next_change(&calendar, after).is_none_or(|next| next > after));
        let _ = is_open(&calendar, after);
    }
}
