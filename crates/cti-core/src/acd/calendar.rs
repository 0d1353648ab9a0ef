//! Opening hours by the clock on the wall (RTE-02, RTE-25).
//!
//! A date that stands among the holidays or the special dates is decided by itself alone, from midnight to midnight:
//! an opening of the evening before does not reach into it. The exact date goes before the yearly one, and hours of
//! its own before a holiday. Where the clock is put forward, the hours that do not exist are not open; where it is put
//! back, an hour that comes twice is open twice.
//!
//! Time zones come from the data that is built in, so that the same facts give the same decisions on every machine.

use jiff::ToSpan;
use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};

use super::settings::{Calendar, Day, Opening};
use crate::time::Timestamp;

/// Minutes of a day.
const DAY_MIN: u16 = 24 * 60;
/// How far `next_change` looks.
const HORIZON_DAYS: i64 = 14;
/// More lines than anybody writes by hand.
const LINES_MAX: usize = 1_000;

/// What holds on a date.
enum Hours<'a> {
    /// The weekday's openings.
    Weekday(Day, &'a [Opening]),
    /// These spans alone, for a date that is decided by itself; none on a holiday.
    Own(Vec<(u16, u16)>),
}

impl Hours<'_> {
    fn spans(&self) -> Vec<(u16, u16)> {
        match self {
            Self::Own(spans) => spans.clone(),
            Self::Weekday(day, openings) => {
                let meant = openings.iter().filter(|opening| opening.days.contains(day));
                meant.map(|opening| (opening.from_min, opening.until_min)).collect()
            }
        }
    }
}

/// Says whether a calendar is open at a time.
pub fn is_open(calendar: &Calendar, at: Timestamp) -> bool {
    is_open_in(calendar, &zone(calendar), at)
}

/// The first time after `after` at which the calendar opens or closes, looked for over 14 days; ask again then where
/// there is none.
pub fn next_change(calendar: &Calendar, after: Timestamp) -> Option<Timestamp> {
    let zone = zone(calendar);
    let limit = after.plus_millis(HORIZON_DAYS * 24 * 60 * 60 * 1000);
    let start = instant(after).to_zoned(zone.clone()).date().checked_sub(1.day()).ok()?;
    let mut moments: Vec<Timestamp> = Vec::new();
    for date in start.series(1.day()).take(usize::try_from(HORIZON_DAYS + 3).ok()?) {
        let spans = hours(calendar, date).spans();
        // Midnight counts because a date that is decided by itself cuts off what the evening before began.
        moments.extend(moments_of(&zone, date, 0));
        for (from, until) in spans {
            let end = if until <= from { date.checked_add(1.day()).ok() } else { Some(date) };
            moments.extend(moments_of(&zone, date, from));
            moments.extend(end.into_iter().flat_map(|end| moments_of(&zone, end, until)));
        }
    }
    // Where the clock is moved, it may jump into or out of an opening.
    let jumps = zone.following(instant(after)).map(|jump| micros(jump.timestamp()));
    moments.extend(jumps.take_while(|jump| *jump <= limit));
    moments.retain(|moment| *moment > after && *moment <= limit);
    moments.sort_unstable();
    let open = is_open_in(calendar, &zone, after);
    moments.into_iter().find(|moment| is_open_in(calendar, &zone, *moment) != open)
}

/// The first time after `after` at which the clock of a calendar shows this minute of a day, so many days from now at
/// the earliest.
pub fn next_minute(calendar: &Calendar, after: Timestamp, days: u32, minute: u16) -> Option<Timestamp> {
    let zone = zone(calendar);
    let first = instant(after).to_zoned(zone.clone()).date().checked_add(i64::from(days).days()).ok()?;
    // One day may lack the minute, where the clock is put forward.
    let mut moments = first.series(1.day()).take(3).flat_map(|date| moments_of(&zone, date, minute));
    moments.find(|moment| *moment > after)
}

/// This time, or the next opening when the calendar is closed then; the time itself when it stays closed for long.
pub fn opening_from(calendar: &Calendar, at: Timestamp) -> Timestamp {
    if is_open(calendar, at) { at } else { next_change(calendar, at).unwrap_or(at) }
}

/// Says what is wrong with a calendar, where, and how to mend it.
pub fn check(calendar: &Calendar) -> Result<(), String> {
    let name = &calendar.name;
    if name.trim().is_empty() || name.chars().count() > 80 || name.chars().any(char::is_control) {
        return Err("name: give the calendar a name of 1 to 80 characters".to_owned());
    }
    if TimeZoneDatabase::bundled().get(&calendar.zone).is_err() {
        return Err(format!("zone: `{}` is no time zone; write one like `Europe/Prague`", calendar.zone));
    }
    if calendar.hours.len() + calendar.holidays.len() + calendar.special.len() > LINES_MAX {
        return Err(format!("the calendar has more than {LINES_MAX} lines; make it shorter"));
    }
    for (at, opening) in calendar.hours.iter().enumerate() {
        if opening.days.is_empty() {
            return Err(format!("hours[{at}].days: no day is named; name one, or take the line away"));
        }
        check_span(&format!("hours[{at}]"), opening.from_min, opening.until_min)?;
    }
    for (at, text) in calendar.holidays.iter().enumerate() {
        check_date(&format!("holidays[{at}]"), text)?;
    }
    for (at, (text, from, until)) in calendar.special.iter().enumerate() {
        let place = format!("special[{at}]");
        check_date(&place, text)?;
        check_span(&place, *from, *until)?;
        if calendar.holidays.contains(text) {
            return Err(format!("{place}: `{text}` is a holiday, too; take it from one of the two lists"));
        }
    }
    Ok(())
}

fn check_span(place: &str, from: u16, until: u16) -> Result<(), String> {
    if from >= DAY_MIN {
        return Err(format!("{place}: it opens at minute {from} of the day; give 0 to 1439"));
    }
    if until > DAY_MIN {
        return Err(format!("{place}: it closes at minute {until} of the day; give 0 to 1440"));
    }
    if from == until {
        return Err(format!(
            "{place}: it opens and closes at minute {from}; for the whole day give 0 to 1440"
        ));
    }
    Ok(())
}

fn check_date(place: &str, text: &str) -> Result<(), String> {
    // 2000 had a 29 February; whoever is closed on it each year means the years that have one.
    let full = text.strip_prefix("--").map_or_else(|| text.to_owned(), |rest| format!("2000-{rest}"));
    match full.parse::<Date>() {
        Ok(date) if date.to_string() == full => Ok(()),
        _ => Err(format!("{place}: `{text}` is no date; write `2026-12-24`, or `--12-24` for every year")),
    }
}

/// The zone of a calendar. `check` refuses one that nobody knows; should it get here all the same, hours are of UTC.
fn zone(calendar: &Calendar) -> TimeZone {
    TimeZoneDatabase::bundled().get(&calendar.zone).unwrap_or(TimeZone::UTC)
}

fn is_open_in(calendar: &Calendar, zone: &TimeZone, at: Timestamp) -> bool {
    let local = instant(at).to_zoned(zone.clone());
    let minute = minute_of(local.time());
    let today = hours(calendar, local.date());
    if today.spans().iter().any(|(from, until)| *from <= minute && (minute < *until || until <= from)) {
        return true;
    }
    let (Hours::Weekday(..), Ok(yesterday)) = (today, local.date().checked_sub(1.day())) else {
        return false;
    };
    hours(calendar, yesterday).spans().iter().any(|(from, until)| until <= from && minute < *until)
}

fn hours(calendar: &Calendar, date: Date) -> Hours<'_> {
    let exact = date.to_string();
    let yearly = format!("--{:02}-{:02}", date.month(), date.day());
    for text in [exact, yearly] {
        let own = calendar.special.iter().filter(|(day, ..)| **day == *text);
        let own: Vec<(u16, u16)> = own.map(|(_, from, until)| (*from, *until)).collect();
        if !own.is_empty() || calendar.holidays.iter().any(|day| **day == *text) {
            return Hours::Own(own);
        }
    }
    Hours::Weekday(day_of(date), &calendar.hours)
}

fn day_of(date: Date) -> Day {
    match date.weekday() {
        jiff::civil::Weekday::Monday => Day::Monday,
        jiff::civil::Weekday::Tuesday => Day::Tuesday,
        jiff::civil::Weekday::Wednesday => Day::Wednesday,
        jiff::civil::Weekday::Thursday => Day::Thursday,
        jiff::civil::Weekday::Friday => Day::Friday,
        jiff::civil::Weekday::Saturday => Day::Saturday,
        jiff::civil::Weekday::Sunday => Day::Sunday,
    }
}

/// Whole minutes since midnight by the clock on the wall.
fn minute_of(time: Time) -> u16 {
    let minute = i16::from(time.hour()) * 60 + i16::from(time.minute());
    u16::try_from(minute).unwrap_or(0)
}

/// When the clock on the wall shows this minute of this date: once, twice or never.
fn moments_of(zone: &TimeZone, date: Date, minute: u16) -> Vec<Timestamp> {
    let Ok(wall) = date.to_datetime(Time::midnight()).checked_add(i64::from(minute).minutes()) else {
        return Vec::new();
    };
    let offsets = match zone.to_ambiguous_timestamp(wall).offset() {
        AmbiguousOffset::Unambiguous { offset } => vec![offset],
        AmbiguousOffset::Fold { before, after } => vec![before, after],
        AmbiguousOffset::Gap { .. } => Vec::new(),
    };
    offsets.into_iter().filter_map(|offset| offset.to_timestamp(wall).ok().map(micros)).collect()
}

fn instant(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

fn micros(at: jiff::Timestamp) -> Timestamp {
    Timestamp::from_micros(at.as_microsecond())
}

#[cfg(test)]
mod tests;
