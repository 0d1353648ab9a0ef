//! Days by the clock on the wall.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::time::Timestamp;

/// Begin and end of a day (`2026-11-27`) in a time zone (`Europe/Prague`; UTC where it is unknown); none when there is
/// no such day. With a change of the clock a day has 23 or 25 hours.
pub fn bounds(zone: &str, day: &str) -> Option<(Timestamp, Timestamp)> {
    let zone = known(zone);
    let day: Date = day.parse().ok()?;
    let midnight = |date: Date| {
        let begin = zone.to_ambiguous_zoned(date.at(0, 0, 0, 0)).compatible().ok()?;
        Some(Timestamp::from_micros(begin.timestamp().as_microsecond()))
    };
    Some((midnight(day)?, midnight(day.checked_add(1.day()).ok()?)?))
}

/// The moment that a clock on the wall shows (`2026-11-27T10:15`); none when it is no time.
pub fn moment(zone: &str, clock: &str) -> Option<Timestamp> {
    // Else a mere date would be read as its midnight.
    let clock: DateTime = Some(clock).filter(|text| text.contains('T'))?.parse().ok()?;
    let at = known(zone).to_ambiguous_zoned(clock).compatible().ok()?;
    Some(Timestamp::from_micros(at.timestamp().as_microsecond()))
}

/// The day of a moment in a time zone.
pub fn of(zone: &str, at: Timestamp) -> String {
    let at = jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(known(zone)).date().to_string()
}

fn known(zone: &str) -> TimeZone {
    TimeZoneDatabase::bundled().get(zone).unwrap_or(TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_midnight_of_its_zone() {
        let hours = |day: &str| {
            let (from, to) = bounds("Europe/Prague", day).unwrap();
            to.millis_since(from) / 3_600_000
        };
        assert_eq!((hours("2026-11-27"), hours("2026-03-29"), hours("2026-10-25")), (24, 23, 25));
        let (from, _) = bounds("Europe/Prague", "2026-11-27").unwrap();
        assert_eq!(of("Europe/Prague", from), "2026-11-27");
        assert_eq!(of("", from), "2026-11-26");
        assert_eq!(bounds("UTC", "2026-02-30"), None);
        assert_eq!(bounds("UTC", "today"), None);
    }
}
