//! The comparison itself: pure.
//!
//! The switch counts an entry when it is over: a conversation when the agent's part ends, a caller who leaves unserved
//! at that moment. We count it on the day it entered. Which day the switch's count belongs to is known as finely as its
//! counters were read.

use cti_core::fact::QueueLeave;
use cti_core::time::Timestamp;

use super::{
    CountedAs, CountedEntry, DifferenceReason, DifferentCall, PbxDay, PbxReset, Reading, Reconciliation,
};

/// Holds entries against readings, both in order of time. Readings reach to one before and one after the day.
pub(super) fn compare(
    from: Timestamp,
    to: Timestamp,
    readings: &[Reading],
    entries: &[CountedEntry],
) -> Reconciliation {
    let day = Day { from, to, readings };
    let ours = entries.iter().filter(|entry| day.contains(entry.entered_at)).map(ours);
    let ours: Vec<CountedAs> = ours.collect();
    let count = |what| u64::try_from(ours.iter().filter(|one| **one == what).count()).unwrap_or(u64::MAX);
    let pbx = day.pbx();
    let calls = match pbx {
        Some(_) => entries.iter().filter_map(|entry| day.difference(entry)).collect(),
        None => Vec::new(),
    };
    Reconciliation {
        pbx,
        completed: count(CountedAs::Completed),
        abandoned: count(CountedAs::Abandoned),
        calls,
        is_whole: true,
    }
}

/// As the report of queues does: a lost caller was served by nobody.
const fn ours(entry: &CountedEntry) -> CountedAs {
    match entry.reason {
        Some(QueueLeave::Answered) => CountedAs::Completed,
        Some(QueueLeave::Abandoned | QueueLeave::Lost) => CountedAs::Abandoned,
        Some(QueueLeave::TimedOut | QueueLeave::Empty | QueueLeave::Full | QueueLeave::Withdrawn) | None => {
            CountedAs::Not
        }
    }
}

struct Day<'a> {
    from: Timestamp,
    to: Timestamp,
    readings: &'a [Reading],
}

/// Where the switch's count of a moment went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Into this day.
    Here,
    /// Into another one.
    Elsewhere,
    /// Before anything was read.
    BeforeFirst,
    /// Not read yet.
    NotYet,
    /// The counters began again about then.
    Reset,
}

impl Day<'_> {
    fn contains(&self, at: Timestamp) -> bool {
        (self.from..self.to).contains(&at)
    }

    /// Increases belong to the day on which they were read.
    fn pbx(&self) -> Option<PbxDay> {
        let last = self.readings.iter().rfind(|one| self.contains(one.at))?;
        let mut day = PbxDay {
            completed: 0,
            abandoned: 0,
            counted_from: None,
            read_at: last.at,
            hold_ms: last.hold_ms,
            talk_ms: last.talk_ms,
            resets: Vec::new(),
        };
        if let Some(first) = self.readings.first().filter(|one| self.contains(one.at)) {
            day.counted_from = Some(first.at);
        }
        for pair in self.readings.windows(2) {
            let [before, now] = pair else { continue };
            if !self.contains(now.at) {
                continue;
            }
            let begun = if let Some(reason) = now.reset {
                let after = now.unchanged_until.unwrap_or(before.at);
                day.resets.push(PbxReset { after, before: now.at, reason });
                (0, 0)
            } else {
                (before.completed, before.abandoned)
            };
            day.completed += now.completed.saturating_sub(begun.0);
            day.abandoned += now.abandoned.saturating_sub(begun.1);
        }
        Some(day)
    }

    fn place(&self, at: Timestamp) -> Place {
        let index = self.readings.partition_point(|one| one.at < at);
        let Some(reading) = self.readings.get(index) else { return Place::NotYet };
        if index == 0 {
            // The reading before the day is the first one at hand: what it told belongs to earlier days.
            return if self.contains(reading.at) { Place::BeforeFirst } else { Place::Elsewhere };
        }
        match (self.contains(reading.at), reading.reset) {
            (false, _) => Place::Elsewhere,
            (true, Some(_)) => Place::Reset,
            (true, None) => Place::Here,
        }
    }

    fn difference(&self, entry: &CountedEntry) -> Option<DifferentCall> {
        let is_ours = self.contains(entry.entered_at);
        let ours = if is_ours { ours(entry) } else { CountedAs::Not };
        let (counted, ended_at) = match entry.reason? {
            QueueLeave::Answered => (CountedAs::Completed, entry.completed_at),
            QueueLeave::Abandoned | QueueLeave::TimedOut | QueueLeave::Empty => {
                (CountedAs::Abandoned, entry.left_at)
            }
            QueueLeave::Withdrawn | QueueLeave::Lost => (CountedAs::Unknown, entry.left_at),
            // A full queue lets nobody in, and its switch counts nobody.
            QueueLeave::Full => (CountedAs::Not, entry.left_at),
        };
        let place = ended_at.map(|at| self.place(at));
        let pbx = match place {
            Some(Place::Here) => counted,
            Some(Place::Reset) => CountedAs::Unknown,
            Some(Place::Elsewhere | Place::BeforeFirst | Place::NotYet) | None => CountedAs::Not,
        };
        if ours == pbx {
            return None;
        }
        let reason = match (place, entry.reason?) {
            (None, _) => DifferenceReason::StillTalking,
            (Some(Place::Reset), _) => DifferenceReason::CountersReset,
            (Some(Place::Here), _) if !is_ours => DifferenceReason::EnteredEarlier,
            (Some(Place::Here), QueueLeave::Withdrawn) => DifferenceReason::Withdrawn,
            (Some(Place::Here), QueueLeave::Lost) => DifferenceReason::Lost,
            (Some(Place::Here), _) => DifferenceReason::SentElsewhere,
            (Some(Place::BeforeFirst), _) => DifferenceReason::BeforeFirstReading,
            (Some(Place::NotYet), _) if ended_at.is_some_and(|at| at >= self.to) => {
                DifferenceReason::EndedLater
            }
            (Some(Place::NotYet), _) => DifferenceReason::AfterLastReading,
            (Some(Place::Elsewhere), _) if ended_at.is_some_and(|at| at < self.to) => {
                DifferenceReason::ReadAfterMidnight
            }
            (Some(Place::Elsewhere), _) => DifferenceReason::EndedLater,
        };
        let (call, entry_id, entered_at) = (entry.call, entry.entry, entry.entered_at);
        Some(DifferentCall { call, entry: entry_id, entered_at, ended_at, ours, pbx, reason })
    }
}

#[cfg(test)]
mod tests {
    use cti_core::fact::CounterReset;
    use cti_core::ids::{CallId, EntryId};

    use super::*;

    const HOUR: i64 = 3_600_000;

    /// Hours after the begin of the day.
    fn at(hours: i64, millis: i64) -> Timestamp {
        Timestamp::from_micros(1_795_000_000_000_000).plus_millis(hours * HOUR + millis)
    }

    fn read(at: Timestamp, completed: u64, abandoned: u64) -> Reading {
        let (hold_ms, talk_ms) = (4_000, 90_000);
        Reading { at, unchanged_until: None, completed, abandoned, hold_ms, talk_ms, reset: None }
    }

    fn left(number: u64, entered: Timestamp, wait_ms: i64, reason: QueueLeave) -> CountedEntry {
        CountedEntry {
            call: CallId::derive(entered, 1, number),
            entry: EntryId::derive(entered, 1, number),
            entered_at: entered,
            left_at: Some(entered.plus_millis(wait_ms)),
            reason: Some(reason),
            completed_at: None,
        }
    }

    fn answered(number: u64, entered: Timestamp, over: Option<Timestamp>) -> CountedEntry {
        CountedEntry { completed_at: over, ..left(number, entered, 10_000, QueueLeave::Answered) }
    }

    /// What is left when the explained difference is taken from the whole.
    fn rest(found: &Reconciliation) -> (i64, i64) {
        let pbx = found.pbx.as_ref().unwrap();
        let less = |theirs: u64, ours: u64| i64::try_from(theirs).unwrap() - i64::try_from(ours).unwrap();
        let mut rest = (less(pbx.completed, found.completed), less(pbx.abandoned, found.abandoned));
        for call in &found.calls {
            let (completed, abandoned) = call.effect();
            rest = (rest.0 - completed, rest.1 - abandoned);
        }
        rest
    }

    #[test]
    fn a_day_on_which_both_sides_saw_the_same_has_no_difference() {
        let readings = [read(at(-1, 0), 10, 5), read(at(9, 60_000), 11, 5), read(at(10, 60_000), 11, 6)];
        let entries =
            [answered(1, at(9, 0), Some(at(9, 50_000))), left(2, at(10, 0), 3_000, QueueLeave::Abandoned)];
        let found = compare(at(0, 0), at(24, 0), &readings, &entries);
        let pbx = found.pbx.clone().unwrap();
        assert_eq!((pbx.completed, pbx.abandoned), (1, 1));
        assert_eq!((pbx.counted_from, pbx.read_at, pbx.hold_ms), (None, at(10, 60_000), 4_000));
        assert_eq!((found.completed, found.abandoned), (1, 1));
        assert_eq!(found.calls, []);
    }

    // covers: REP-03
    #[test]
    fn every_difference_has_a_call_and_a_reason() {
        use DifferenceReason as Why;
        let readings = [
            read(at(-1, 0), 10, 5),
            // Two that entered yesterday: one conversation is over today, one ended so late that it is read today.
            read(at(0, 60_000), 12, 5),
            // A time limit and a caller who gave up.
            read(at(10, 0), 12, 7),
            read(at(12, 0), 13, 7),
            read(at(24, 30_000), 15, 7),
        ];
        let entries = [
            answered(1, at(-1, 10_000), Some(at(0, 5_000))),
            answered(2, at(-1, 20_000), Some(at(-1, HOUR - 1))),
            left(3, at(9, 0), 60_000, QueueLeave::TimedOut),
            left(4, at(9, 0), 2_000, QueueLeave::Abandoned),
            left(5, at(9, 0), 0, QueueLeave::Full),
            left(6, at(9, 0), 4_000, QueueLeave::Withdrawn),
            answered(7, at(11, 0), Some(at(11, 60_000))),
            answered(8, at(23, 0), Some(at(23, 60_000))),
            answered(9, at(23, 0), Some(at(24, 20_000))),
            answered(10, at(23, 0), None),
        ];
        let found = compare(at(0, 0), at(24, 0), &readings, &entries);
        let reasons: Vec<Why> = found.calls.iter().map(|call| call.reason).collect();
        let expected = [
            Why::EnteredEarlier,
            Why::EnteredEarlier,
            Why::SentElsewhere,
            Why::Withdrawn,
            Why::ReadAfterMidnight,
            Why::EndedLater,
            Why::StillTalking,
        ];
        assert_eq!(reasons, expected);
        assert_eq!((found.completed, found.abandoned), (4, 1));
        assert_eq!(rest(&found), (0, 0));
        // The next day sees the other side of the same calls.
        let readings = &readings[3..];
        let next = compare(at(24, 0), at(48, 0), readings, &entries);
        assert_eq!(next.calls.len(), 2, "{:?}", next.calls);
        assert_eq!(rest(&next), (0, 0));
    }

    #[test]
    fn what_nobody_read_and_what_a_reset_took_is_said() {
        let fell = Reading { reset: Some(CounterReset::Fell), ..read(at(12, 0), 1, 0) };
        let readings = [read(at(8, 0), 40, 20), read(at(10, 0), 41, 20), fell];
        let entries = [
            answered(1, at(7, 0), Some(at(7, 60_000))),
            answered(2, at(9, 0), Some(at(9, 60_000))),
            answered(3, at(11, 0), Some(at(11, 60_000))),
            left(4, at(13, 0), 2_000, QueueLeave::Abandoned),
        ];
        let found = compare(at(0, 0), at(24, 0), &readings, &entries);
        let pbx = found.pbx.as_ref().unwrap();
        assert_eq!((pbx.completed, pbx.counted_from), (2, Some(at(8, 0))));
        assert_eq!(
            pbx.resets,
            [PbxReset { after: at(10, 0), before: at(12, 0), reason: CounterReset::Fell }]
        );
        let reasons: Vec<_> = found.calls.iter().map(|call| (call.reason, call.pbx)).collect();
        assert_eq!(
            reasons,
            [
                (DifferenceReason::BeforeFirstReading, CountedAs::Not),
                (DifferenceReason::CountersReset, CountedAs::Unknown),
                (DifferenceReason::AfterLastReading, CountedAs::Not),
            ]
        );
        assert_eq!(rest(&found), (0, 0));
        assert_eq!(compare(at(24, 0), at(48, 0), &readings[2..], &entries).pbx, None);
    }
}
