//! What we and the switch count of its queues, and every call behind the difference.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use cti_core::day;
use cti_core::ids::{CallId, EntryId, QueueId, SwitchId};
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::{
    CountedAs, DifferenceReason, DifferentCall, PbxDay, PbxReset, QueueReportFilter, Reconciliation,
    ReconciliationFilter, ServiceLevelFormula,
};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::auth::Caller;
use crate::error::Problem;
use crate::input::Params;
use crate::ports::look;
use crate::routes::reports::{self, QueueReportView, SHORT_MS, THRESHOLD_MS};
use crate::view::{Listed, word};

/// Entries of one queue and day that are looked at, and as many of the day before.
const ENTRIES_MAX: u64 = 50_000;

/// Calls shown of one queue.
const CALLS_SHOWN: usize = 1_000;

/// Queues of one answer.
const QUEUES_MAX: usize = 200;

/// Which queue and day.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReconciliationParams {
    /// One queue; all that may be seen when not given.
    #[param(value_type = Option<String>)]
    queue: Option<QueueId>,
    /// Like `2026-11-27`, by the clock of the server's time zone; today when not given.
    day: Option<String>,
}

/// One queue and day, counted by both sides.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReconciliationView {
    #[schema(value_type = String)]
    queue: QueueId,
    queue_name: String,
    #[schema(value_type = String)]
    switch: SwitchId,
    /// `switch` or `tieline`.
    distributed_by: &'static str,
    #[schema(example = "2026-11-27")]
    day: String,
    /// Time zone of the day.
    timezone: String,
    #[schema(value_type = String)]
    from: Timestamp,
    #[schema(value_type = String)]
    to: Timestamp,
    /// Our figures, counted by entry.
    ours: QueueReportView,
    /// The switch's own counters; `null` where it keeps or tells none.
    pbx: Option<PbxDayView>,
    /// Why there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pbx_missing: Option<&'static str>,
    /// The switch's figures less ours; missing without figures of the switch.
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<DifferenceView>,
    /// Spans in which the link was down: calls that came and went in one are in the switch's counters alone.
    gaps: Vec<GapView>,
    /// Calls that the two sides count differently, in order of their entry.
    calls: Vec<DifferentCallView>,
    /// Such calls beyond those shown.
    calls_left_off: usize,
}

/// What the switch counted over the day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PbxDayView {
    /// Where the figures come from.
    #[schema(example = "QueueStatus")]
    source: &'static str,
    /// Conversations that were over, counted at their end.
    completed: u64,
    /// Callers who left unserved: by hanging up, by a time limit, or because the queue was empty.
    abandoned: u64,
    /// Running averages of the switch at `read_at`; no sums, and not of this day alone.
    hold_avg_ms: u64,
    talk_avg_ms: u64,
    /// Set when the counters were first read on this day: what was before is in no figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    counted_from: Option<Timestamp>,
    /// The last reading that brought something new.
    #[schema(value_type = String)]
    read_at: Timestamp,
    /// The counters began again.
    resets: Vec<PbxResetView>,
}

/// Counters began again between two readings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PbxResetView {
    #[schema(value_type = String)]
    after: Timestamp,
    #[schema(value_type = String)]
    before: Timestamp,
    /// `restarted` or `fell` (reset by hand, or queues loaded anew).
    reason: String,
}

/// The switch's figures less ours.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DifferenceView {
    /// Completed less answered.
    completed: i64,
    abandoned: i64,
    /// Of which by the calls below.
    explained: EffectView,
    /// What no call explains.
    unexplained: EffectView,
    /// Calls of which nobody can say how the switch counted them; each may account for one of `unexplained`.
    undecided: u64,
    /// True when nothing is left unexplained, but for what is undecided.
    agrees: bool,
}

/// Numbers of both counters.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EffectView {
    completed: i64,
    abandoned: i64,
}

/// A span in which events may be missing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GapView {
    #[schema(value_type = String)]
    from: Timestamp,
    #[schema(value_type = String)]
    until: Timestamp,
}

/// A call that the two sides count differently.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DifferentCallView {
    #[schema(value_type = String)]
    call: CallId,
    #[schema(value_type = String)]
    entry: EntryId,
    #[schema(value_type = String)]
    entered_at: Timestamp,
    /// When it was over for the queue; `null` while it goes on.
    #[schema(value_type = Option<String>)]
    ended_at: Option<Timestamp>,
    /// `completed`, `abandoned`, `not`.
    ours: String,
    /// `completed`, `abandoned`, `not`, `unknown`.
    pbx: String,
    /// `entered_earlier`, `ended_later`, `still_talking`, `sent_elsewhere`, `withdrawn`, `lost`,
    /// `before_first_reading`, `after_last_reading`, `read_after_midnight`, `counters_reset`.
    reason: String,
    /// The reason for people.
    text: &'static str,
}

/// Compares our figures of a queue and day with the switch's own, call by call.
#[utoipa::path(get, path = "/v1/reconciliation", tag = "reports", params(ReconciliationParams),
    responses((status = 200, body = Listed<ReconciliationView>)))]
pub(crate) async fn reconcile(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<ReconciliationParams>,
) -> Result<Json<Listed<ReconciliationView>>, Problem> {
    let zone = app.settings().timezone.clone();
    let day = params.day.unwrap_or_else(|| day::of(&zone, app.now()));
    let wrong = || Problem::parameter("day", "write the day like 2026-11-27");
    let (from, to) = day::bounds(&zone, &day).ok_or_else(wrong)?;
    let may_see = reports::visible_queues(&app, &caller).await?;
    let known = look(app.switchboard(), |domain| {
        let all = domain.state().queues.iter();
        all.map(|(id, one)| (*id, one.switch.clone(), one.own.is_some(), told(domain.state(), *id)))
            .collect::<Vec<_>>()
    })
    .await?;
    let wanted = known.into_iter().filter(|(id, ..)| may_see(*id));
    let mut wanted: Vec<_> =
        wanted.filter(|(id, ..)| params.queue.is_none_or(|queue| queue == *id)).collect();
    if let (Some(queue), true) = (params.queue, wanted.is_empty()) {
        return Err(Problem::not_found("queue", queue));
    }
    if wanted.len() > QUEUES_MAX {
        return Err(Problem::parameter("queue", "there are too many queues for one answer: name one"));
    }
    let filter = QueueReportFilter {
        from,
        to,
        queue: params.queue,
        formula: ServiceLevelFormula::default(),
        threshold_ms: THRESHOLD_MS,
        short_ms: SHORT_MS,
    };
    let ours = app.store().queue_report(&filter);
    let mut items = Vec::new();
    let switches: BTreeSet<SwitchId> = wanted.iter().map(|(_, switch, ..)| switch.clone()).collect();
    let mut gaps = Vec::new();
    for switch in &switches {
        gaps.extend(app.store().link_gaps(Some(switch), from, to).await?);
    }
    for report in ours.await? {
        let Some(index) = wanted.iter().position(|(id, ..)| *id == report.queue) else { continue };
        let (queue, switch, is_own, is_told) = wanted.swap_remove(index);
        let found =
            app.store().reconciliation(&ReconciliationFilter { queue, from, to, most: ENTRIES_MAX }).await?;
        let gaps = gaps.iter().filter(|gap| gap.switch == switch);
        let gaps = gaps.map(|gap| GapView { from: gap.from, until: gap.until }).collect();
        let missing = found.pbx.is_none().then(|| why_missing(is_own, is_told));
        items.push(ReconciliationView {
            queue,
            queue_name: report.queue_name.clone(),
            switch,
            distributed_by: if is_own { "tieline" } else { "switch" },
            day: day.clone(),
            timezone: if zone.is_empty() { "UTC".to_owned() } else { zone.clone() },
            from,
            to,
            ours: report.into(),
            difference: found.pbx.as_ref().map(|pbx| difference(pbx, &found)),
            calls: found.calls.iter().take(CALLS_SHOWN).map(DifferentCallView::from).collect(),
            calls_left_off: found.calls.len().saturating_sub(CALLS_SHOWN),
            pbx: found.pbx.map(PbxDayView::from),
            pbx_missing: missing,
            gaps,
        });
    }
    Ok(Json(Listed::whole(items)))
}

/// True when the switch tells counters of this queue.
fn told(state: &cti_core::state::State, queue: QueueId) -> bool {
    state.watch.counted.contains_key(&queue)
}

const fn why_missing(is_own: bool, is_told: bool) -> &'static str {
    match (is_own, is_told) {
        (true, _) => "Tieline distributes this queue; the switch only holds its callers and counts nothing",
        (false, true) => "the switch's counters brought nothing new on this day",
        (false, false) => "the switch does not tell what it counts of this queue",
    }
}

fn difference(pbx: &PbxDay, found: &Reconciliation) -> DifferenceView {
    let less = |theirs: u64, ours: u64| {
        i64::try_from(theirs).unwrap_or(i64::MAX).saturating_sub(i64::try_from(ours).unwrap_or(i64::MAX))
    };
    let completed = less(pbx.completed, found.completed);
    let abandoned = less(pbx.abandoned, found.abandoned);
    let mut explained = EffectView { completed: 0, abandoned: 0 };
    for call in &found.calls {
        let (served, given_up) = call.effect();
        explained.completed += served;
        explained.abandoned += given_up;
    }
    let unexplained =
        EffectView { completed: completed - explained.completed, abandoned: abandoned - explained.abandoned };
    let unknown = || found.calls.iter().filter(|call| call.pbx == CountedAs::Unknown);
    let undecided = u64::try_from(unknown().count()).unwrap_or(u64::MAX);
    let withdrawn = unknown().filter(|call| call.reason == DifferenceReason::Withdrawn).count();
    let withdrawn = i64::try_from(withdrawn).unwrap_or(i64::MAX);
    let agrees = found.is_whole && is_covered(&unexplained, withdrawn, undecided);
    DifferenceView { completed, abandoned, explained, unexplained, undecided, agrees }
}

/// Whether undecided calls can account for a rest. Withdrawn ones were given up for the switch, or not counted; any other
/// may be missing on one side, or stand in one counter here and in the other one there.
fn is_covered(rest: &EffectView, withdrawn: i64, undecided: u64) -> bool {
    let completed = rest.completed;
    let abandoned = rest.abandoned - rest.abandoned.clamp(0, withdrawn);
    let (one, other) = (completed.unsigned_abs(), abandoned.unsigned_abs());
    let is_moved = completed.signum() == -abandoned.signum();
    let needed = if is_moved { one.max(other) } else { one.saturating_add(other) };
    needed <= undecided.saturating_sub(withdrawn.unsigned_abs())
}

impl From<PbxDay> for PbxDayView {
    fn from(day: PbxDay) -> Self {
        Self {
            source: "QueueStatus",
            completed: day.completed,
            abandoned: day.abandoned,
            hold_avg_ms: day.hold_ms,
            talk_avg_ms: day.talk_ms,
            counted_from: day.counted_from,
            read_at: day.read_at,
            resets: day.resets.into_iter().map(PbxResetView::from).collect(),
        }
    }
}

impl From<PbxReset> for PbxResetView {
    fn from(reset: PbxReset) -> Self {
        Self { after: reset.after, before: reset.before, reason: word(&reset.reason) }
    }
}

impl From<&DifferentCall> for DifferentCallView {
    fn from(call: &DifferentCall) -> Self {
        Self {
            call: call.call,
            entry: call.entry,
            entered_at: call.entered_at,
            ended_at: call.ended_at,
            ours: word(&call.ours),
            pbx: word(&call.pbx),
            reason: word(&call.reason),
            text: text(call.reason),
        }
    }
}

const fn text(reason: DifferenceReason) -> &'static str {
    match reason {
        DifferenceReason::EnteredEarlier => {
            "it entered before midnight: we count it on that day, the switch when it is over"
        }
        DifferenceReason::EndedLater => "the switch counts it when it is over, which was on a later day",
        DifferenceReason::StillTalking => "the conversation goes on; the switch counts it at its end",
        DifferenceReason::SentElsewhere => {
            "it left by a time limit or because nobody was there: sent elsewhere for us, given up for the switch"
        }
        DifferenceReason::Withdrawn => {
            "it left by a key, which the switch does not count, or by somebody's hand, which it may count as given up"
        }
        DifferenceReason::Lost => "nobody can say how it left; we count it as given up",
        DifferenceReason::BeforeFirstReading => "it was over before the switch's counters were first read",
        DifferenceReason::AfterLastReading => "the switch's counters were not read since it was over",
        DifferenceReason::ReadAfterMidnight => {
            "it was over so shortly before midnight that the switch's counters were read on the next day"
        }
        DifferenceReason::CountersReset => "the switch's counters began again about the time it was over",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_undecided_call_covers_no_more_than_one() {
        let covered = |completed, abandoned, withdrawn, others: u64| {
            is_covered(&EffectView { completed, abandoned }, withdrawn, withdrawn.unsigned_abs() + others)
        };
        assert!(covered(0, 0, 0, 0));
        // Withdrawn calls were given up for the switch, never served, and never take a count away.
        assert!(covered(0, 3, 3, 0));
        assert!(
            !covered(0, 4, 3, 0) && !covered(-3, 3, 3, 0) && !covered(1, 0, 3, 0) && !covered(0, -1, 3, 0)
        );
        // A lost one was given up for us, and served for the switch.
        assert!(covered(1, -1, 0, 1) && covered(0, -1, 0, 1));
        assert!(!covered(1, 1, 0, 1) && covered(1, 1, 0, 2) && covered(1, 1, 1, 1));
        assert!(!covered(-2, 2, 0, 1));
    }
}
