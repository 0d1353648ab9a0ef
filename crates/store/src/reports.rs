//! Reports: queues in the words of the report dictionary; `entries`: what they are made of, one by one.
//!
//! Counts are queue entries, in the interval in which they entered: `offered = answered + abandoned + flow_out +
//! still_waiting`, always. An entry that was lost (the switch restarted, or the caller was gone after a gap) was
//! served by nobody and counts as abandoned; `lost` says how many of them there are.

pub(crate) mod breaks;
pub(crate) mod entries;
pub(crate) mod work;

use std::collections::BTreeMap;

use cti_core::acd::{LevelFormula, level};
use cti_core::ids::QueueId;
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::db::{Row, Statement, values};
use crate::error::StoreError;

/// What the report is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueReportFilter {
    /// Entries from this time on …
    pub from: Timestamp,
    /// … and before this time.
    pub to: Timestamp,
    /// One queue; all when none.
    pub queue: Option<QueueId>,
    /// How the service level is counted.
    pub formula: ServiceLevelFormula,
    /// Within how long calls are meant to be answered; often 20 000.
    pub threshold_ms: u64,
    /// Callers who gave up within this are short abandons; often 5 000.
    pub short_ms: u64,
}

/// One queue over one interval.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueueReport {
    /// The queue.
    pub queue: QueueId,
    /// Its name.
    pub queue_name: String,
    /// Entries.
    pub offered: u64,
    /// Left to an agent.
    pub answered: u64,
    /// Left unserved by the caller, or lost.
    pub abandoned: u64,
    /// Of abandoned: gave up within `short_ms`.
    pub short_abandoned: u64,
    /// Of abandoned: nobody can say why they are gone.
    pub lost: u64,
    /// Left by time-out, empty or full queue, key press or a person's hand.
    pub flow_out: u64,
    /// Not left.
    pub still_waiting: u64,
    /// Of offered: had been in this queue before.
    pub requeued: u64,
    /// Different calls among offered.
    pub unique_calls: u64,
    /// Offers of these entries that an agent did not answer in time.
    pub ring_no_answer: u64,
    /// Of these entries: handed on by the agent who answered.
    pub transferred: u64,
    /// Entry to agent connected, ring included; answered entries.
    pub wait_ms: Lengths,
    /// Entry to giving up; abandoned entries.
    pub abandon_wait_ms: Lengths,
    /// Agent's device connected to this caller, hold included; conversations that are over.
    pub talk_ms: Lengths,
    /// Of which on hold; the same conversations.
    pub hold_ms: Lengths,
    /// How well the queue answered.
    pub service_level: ServiceLevel,
}

/// Lengths of several things, milliseconds; zero when there was none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Lengths {
    /// Sum.
    pub total: u64,
    /// Average, rounded down.
    pub avg: u64,
    /// Longest.
    pub max: u64,
}

/// A service level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ServiceLevel {
    /// By which formula.
    pub formula: ServiceLevelFormula,
    /// Within how long.
    pub threshold_ms: u64,
    /// Share from 0 to 1; none when there is nothing to divide by.
    pub value: Option<f64>,
}

/// How calls that nobody answered count in the service level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ServiceLevelFormula {
    /// Answered calls only: answered in time / answered.
    #[serde(rename = "SL-A")]
    AnsweredOnly,
    /// All abandons count against: answered in time / (answered + abandoned).
    #[default]
    #[serde(rename = "SL-B")]
    AbandonsAgainst,
    /// Abandons in time are ignored: answered in time / (answered + abandoned − abandoned in time).
    #[serde(rename = "SL-C")]
    EarlyAbandonsIgnored,
    /// Abandons in time are successes: (answered in time + abandoned in time) / (answered + abandoned).
    #[serde(rename = "SL-D")]
    EarlyAbandonsSucceed,
    /// Short abandons are ignored: answered in time / (answered + abandoned − short abandoned).
    #[serde(rename = "SL-E")]
    ShortAbandonsIgnored,
    /// Flow-outs count against too: answered in time / (answered + abandoned + flow-outs).
    #[serde(rename = "SL-F")]
    FlowOutsAgainst,
}

impl ServiceLevelFormula {
    fn share(self, counts: &level::Counts) -> Option<f64> {
        let formula = match self {
            Self::AnsweredOnly => LevelFormula::A,
            Self::AbandonsAgainst => LevelFormula::B,
            Self::EarlyAbandonsIgnored => LevelFormula::C,
            Self::EarlyAbandonsSucceed => LevelFormula::D,
            Self::ShortAbandonsIgnored => LevelFormula::E,
            Self::FlowOutsAgainst => LevelFormula::F,
        };
        level::value(formula, counts)
    }
}

impl Store {
    /// The report of queues, by name; every known queue has a row, even without entries.
    pub async fn queue_report(&self, filter: &QueueReportFilter) -> Result<Vec<QueueReport>, StoreError> {
        let values = values![filter.from, filter.to, filter.queue, filter.threshold_ms, filter.short_ms];
        let entries = self.main.rows(&ENTRIES, values).await?;
        let values = values![filter.from, filter.to, filter.queue];
        let mut offers = BTreeMap::new();
        for row in self.main.rows(&OFFERS, values).await? {
            offers.insert(row.id::<QueueId>("queue")?, row);
        }
        entries.iter().map(|row| report(filter, row, offers.get(&row.id("queue")?))).collect()
    }
}

fn report(filter: &QueueReportFilter, row: &Row, offers: Option<&Row>) -> Result<QueueReport, StoreError> {
    let counts = level::Counts {
        answered: row.count("answered")?,
        answered_within: row.count("answered_in_time")?,
        abandoned: row.count("abandoned")?,
        abandoned_within: row.count("abandoned_in_time")?,
        short_abandoned: row.count("short_abandoned")?,
        flow_out: row.count("flow_out")?,
    };
    let of_offers = |column| offers.map_or(Ok(0), |row| row.count(column));
    let handled = of_offers("handled")?;
    Ok(QueueReport {
        queue: row.id("queue")?,
        queue_name: row.text("queue_name")?,
        offered: row.count("offered")?,
        answered: counts.answered,
        abandoned: counts.abandoned,
        short_abandoned: counts.short_abandoned,
        lost: row.count("lost")?,
        flow_out: counts.flow_out,
        still_waiting: row.count("still_waiting")?,
        requeued: row.count("requeued")?,
        unique_calls: row.count("unique_calls")?,
        ring_no_answer: of_offers("ring_no_answer")?,
        transferred: of_offers("transferred")?,
        wait_ms: lengths(row.count("wait_total")?, row.count("wait_max")?, counts.answered),
        abandon_wait_ms: lengths(row.count("abandon_total")?, row.count("abandon_max")?, counts.abandoned),
        talk_ms: lengths(of_offers("talk_total")?, of_offers("talk_max")?, handled),
        hold_ms: lengths(of_offers("hold_total")?, of_offers("hold_max")?, handled),
        service_level: ServiceLevel {
            formula: filter.formula,
            threshold_ms: filter.threshold_ms,
            value: filter.formula.share(&counts),
        },
    })
}

fn lengths(total: u64, max: u64, count: u64) -> Lengths {
    Lengths { total, avg: total.checked_div(count).unwrap_or(0), max }
}

/// Sums are cast because PostgreSQL makes NUMERIC of them.
static ENTRIES: Statement = Statement::new(
    "report queue entries",
    "SELECT queues.queue AS queue, queues.name AS queue_name,
         COUNT(e.entry) AS offered,
         COUNT(CASE WHEN e.reason = 'answered' THEN 1 END) AS answered,
         COUNT(CASE WHEN e.reason = 'answered' AND e.wait_ms <= $4 THEN 1 END) AS answered_in_time,
         COUNT(CASE WHEN e.reason IN ('abandoned', 'lost') THEN 1 END) AS abandoned,
         COUNT(CASE WHEN e.reason = 'abandoned' AND e.wait_ms <= $4 THEN 1 END) AS abandoned_in_time,
         COUNT(CASE WHEN e.reason = 'abandoned' AND e.wait_ms <= $5 THEN 1 END) AS short_abandoned,
         COUNT(CASE WHEN e.reason = 'lost' THEN 1 END) AS lost,
         COUNT(CASE WHEN e.reason IN ('timed_out', 'empty', 'full', 'withdrawn') THEN 1 END) AS flow_out,
         COUNT(CASE WHEN e.entry IS NOT NULL AND e.reason IS NULL THEN 1 END) AS still_waiting,
         COUNT(CASE WHEN e.requeued = 1 THEN 1 END) AS requeued,
         COUNT(DISTINCT e.call) AS unique_calls,
         CAST(COALESCE(SUM(CASE WHEN e.reason = 'answered' THEN e.wait_ms END), 0) AS BIGINT) AS wait_total,
         CAST(COALESCE(MAX(CASE WHEN e.reason = 'answered' THEN e.wait_ms END), 0) AS BIGINT) AS wait_max,
         CAST(COALESCE(SUM(CASE WHEN e.reason IN ('abandoned', 'lost') THEN e.wait_ms END), 0) AS BIGINT)
             AS abandon_total,
         CAST(COALESCE(MAX(CASE WHEN e.reason IN ('abandoned', 'lost') THEN e.wait_ms END), 0) AS BIGINT)
             AS abandon_max
     FROM queues LEFT JOIN queue_entries AS e
         ON e.queue = queues.queue AND e.entered_at >= $1 AND e.entered_at < $2
     WHERE CAST($3 AS TEXT) IS NULL OR queues.queue = $3
     GROUP BY queues.queue, queues.name
     ORDER BY queues.name, queues.queue",
);
static OFFERS: Statement = Statement::new(
    "report offers",
    "SELECT e.queue AS queue,
         COUNT(CASE WHEN o.outcome = 'no_answer' THEN 1 END) AS ring_no_answer,
         COUNT(CASE WHEN o.transferred = 1 THEN 1 END) AS transferred,
         COUNT(o.talk_ms) AS handled,
         CAST(COALESCE(SUM(o.talk_ms), 0) AS BIGINT) AS talk_total,
         CAST(COALESCE(MAX(o.talk_ms), 0) AS BIGINT) AS talk_max,
         CAST(COALESCE(SUM(o.hold_ms), 0) AS BIGINT) AS hold_total,
         CAST(COALESCE(MAX(o.hold_ms), 0) AS BIGINT) AS hold_max
     FROM queue_entries AS e JOIN offers AS o ON o.entry = e.entry
     WHERE e.entered_at >= $1 AND e.entered_at < $2 AND (CAST($3 AS TEXT) IS NULL OR e.queue = $3)
     GROUP BY e.queue",
);

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[&ENTRIES, &OFFERS];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_example_of_the_dictionary() {
        let counts = level::Counts {
            answered: 300,
            answered_within: 200,
            abandoned: 100,
            abandoned_within: 60,
            short_abandoned: 50,
            flow_out: 100,
        };
        let percent = |formula: ServiceLevelFormula| {
            format!("{:.1}", formula.share(&counts).expect("calls there were") * 100.0)
        };
        assert_eq!(percent(ServiceLevelFormula::AnsweredOnly), "66.7");
        assert_eq!(percent(ServiceLevelFormula::AbandonsAgainst), "50.0");
        assert_eq!(percent(ServiceLevelFormula::EarlyAbandonsIgnored), "58.8");
        assert_eq!(percent(ServiceLevelFormula::EarlyAbandonsSucceed), "65.0");
        assert_eq!(percent(ServiceLevelFormula::ShortAbandonsIgnored), "57.1");
        assert_eq!(percent(ServiceLevelFormula::FlowOutsAgainst), "40.0");
    }

    #[test]
    fn no_calls_have_no_service_level() {
        for formula in [
            ServiceLevelFormula::AnsweredOnly,
            ServiceLevelFormula::AbandonsAgainst,
            ServiceLevelFormula::EarlyAbandonsIgnored,
            ServiceLevelFormula::EarlyAbandonsSucceed,
            ServiceLevelFormula::ShortAbandonsIgnored,
            ServiceLevelFormula::FlowOutsAgainst,
        ] {
            assert_eq!(formula.share(&level::Counts::default()), None, "{formula:?}");
        }
    }
}
