//! What the driver asks of the switch, one list or request at a time, beside its main loop.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use ami::action::{Getvar, QueueStatus};
use ami::client::Handle;
use ami::session::Outcome;
use ami::{Action, Message};
use cti_core::ids::CommandId;
use cti_core::input::RequestOutcome;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::asterisk::{Chore, INCLUDE_MARK, ListKind, OFFER_MARK, PATIENCE_S, QUEUE_MARK, RECORD_MARK};

/// Room for errands and outcomes: after a gap the limits of all waiting callers are put off at once.
pub(super) const ERRANDS_MAX: usize = 4096;

/// Errands that run beside each other: the action session keeps no more than a few hundred requests.
const AT_ONCE_MAX: usize = 32;

/// A list takes longer than a single answer.
const LIST_TIMEOUT: Duration = Duration::from_secs(30);

/// All lists of a resynchronisation, or why none can be made. They are asked for when all that is taken back is.
pub(super) async fn fetch_lists(
    handle: Handle,
    taken_back: Vec<oneshot::Receiver<bool>>,
) -> Result<Vec<(ListKind, Vec<Message>)>, String> {
    for one in taken_back {
        if one.await != Ok(true) {
            return Err("an offer of unknown outcome could not be taken back".to_owned());
        }
    }
    let mut lists = Vec::with_capacity(ListKind::ALL.len());
    for kind in ListKind::ALL {
        let action = kind.action().map_err(|error| error.to_string())?;
        let outcome = handle.request(&action, LIST_TIMEOUT).await;
        match outcome {
            Outcome::Done(ref reply) => {
                let mut messages = vec![reply.response.clone()];
                messages.extend(reply.rows.iter().cloned());
                lists.push((kind, messages));
            }
            // A list that the switch does not have is empty, but for those nothing can be built without.
            Outcome::Refused { .. } if !kind.is_needed() => lists.push((kind, Vec::new())),
            Outcome::Refused { .. } | Outcome::NeverSent(_) | Outcome::OutcomeUnknown(_) => {
                return Err(format!("{} of the event session: {}", action.name(), words(&outcome)));
            }
        }
    }
    Ok(lists)
}

/// The rows of one list.
pub(super) async fn fetch(handle: Handle, kind: ListKind) -> Option<Vec<Message>> {
    let action = kind.action().ok()?;
    handle.request(&action, LIST_TIMEOUT).await.reply().map(|reply| reply.rows.clone())
}

/// The rows of `QueueStatus`.
pub(super) async fn fetch_queues(handle: Handle) -> Option<Vec<Message>> {
    handle.request(&QueueStatus::default(), LIST_TIMEOUT).await.reply().map(|reply| reply.rows.clone())
}

/// The rows of `QueueStatus` without members, which no member of this name has.
pub(super) async fn fetch_counters(handle: Handle) -> Option<Vec<Message>> {
    let action = QueueStatus { queue: None, member: Some("tieline-nobody".to_owned()) };
    handle.request(&action, LIST_TIMEOUT).await.reply().map(|reply| reply.rows.clone())
}

/// Tells whether our include file is part of the dialplan.
pub(super) async fn has_include(handle: &Handle, timeout: Duration) -> bool {
    read(handle, timeout, format!("DIALPLAN_EXISTS({INCLUDE_MARK},hold,1)")).await.as_deref() == Some("1")
}

/// Tells whether the include file knows queues of our own; one of an earlier version does not.
pub(super) async fn has_queues(handle: &Handle, timeout: Duration) -> bool {
    read(handle, timeout, format!("DIALPLAN_EXISTS({QUEUE_MARK},check,1)")).await.as_deref() == Some("1")
}

/// Tells whether the include file lets an offer be taken back that has not rung yet.
pub(super) async fn can_take_back(handle: &Handle, timeout: Duration) -> bool {
    read(handle, timeout, format!("DIALPLAN_EXISTS({OFFER_MARK},check,back)")).await.as_deref() == Some("1")
}

/// Tells whether the include file is of a version that shows numbers outside, records and lets supervisors listen.
pub(super) async fn is_recent(handle: &Handle, timeout: Duration) -> bool {
    read(handle, timeout, format!("DIALPLAN_EXISTS({RECORD_MARK},s,1)")).await.as_deref() == Some("1")
}

/// How long a caller waits for us before the dialplan takes it elsewhere, seconds.
pub(super) async fn patience_s(handle: &Handle, timeout: Duration) -> u32 {
    let told = read(handle, timeout, "CTI_PATIENCE_S".to_owned()).await;
    told.and_then(|value| value.parse().ok()).filter(|seconds| *seconds > 0).unwrap_or(PATIENCE_S)
}

async fn read(handle: &Handle, timeout: Duration, variable: String) -> Option<String> {
    let outcome = handle.request(&Getvar { channel: None, variable }, timeout).await;
    outcome.reply().and_then(|reply| reply.response.get("Value")).map(|value| value.trim().to_owned())
}

/// A request on its way to the wire.
pub(super) struct Errand {
    /// The held caller it is about; none for all others.
    pub(super) lane: Lane,
    pub(super) work: Work,
}

/// Errands of one lane run one after the other, lanes beside each other.
pub(super) type Lane = Option<Arc<str>>;

/// What is to be done.
pub(super) enum Work {
    /// What the core asked for.
    Request(CommandId, Vec<Action>),
    /// What the translator does by itself.
    Chore(Chore),
    /// What must be certain before lists are asked for: whoever waits for it learns whether it is.
    TakeBack(Action, oneshot::Sender<bool>),
}

/// What became of an errand.
pub(super) enum Done {
    Request(CommandId, RequestOutcome),
    /// A chore that the switch did not take.
    Failed(Chore),
}

/// Runs errands on the action session and reports what became of each. A caller who is offered does not wait until
/// the pauses of agents are set or the limits of others put off.
pub(super) async fn run_errands(
    handle: Handle,
    timeout: Duration,
    mut errands: mpsc::Receiver<Errand>,
    outcomes: mpsc::Sender<Done>,
) {
    let mut lanes = Lanes::default();
    let mut running = JoinSet::new();
    loop {
        while let Some((lane, work)) = lanes.next() {
            let (handle, outcomes) = (handle.clone(), outcomes.clone());
            running.spawn(async move {
                if let Some(done) = run_errand(&handle, timeout, work).await {
                    // Nobody listens only when the driver ends.
                    let _ = outcomes.send(done).await;
                }
                lane
            });
        }
        tokio::select! {
            // An errand ends by itself; only a bug in one could end it otherwise, and then its lane with it.
            Some(lane) = running.join_next() => drop(lane.map(|lane| lanes.done(lane))),
            errand = errands.recv(), if lanes.count < ERRANDS_MAX => match errand {
                Some(errand) => lanes.add(errand),
                None => return,
            },
            // Nothing runs and there is no room: an errand was lost with its lane.
            else => return,
        }
    }
}

/// Errands that wait, by lane.
#[derive(Default)]
struct Lanes {
    /// Lanes with something to do or something under way.
    waiting: HashMap<Lane, VecDeque<Work>>,
    /// Those of them of which nothing is under way, in the order in which they came.
    ready: VecDeque<Lane>,
    /// Errands that wait in all.
    count: usize,
    /// Errands under way.
    running: usize,
}

impl Lanes {
    fn add(&mut self, Errand { lane, work }: Errand) {
        self.count += 1;
        if let Some(queue) = self.waiting.get_mut(&lane) {
            return queue.push_back(work);
        }
        self.waiting.insert(lane.clone(), VecDeque::from([work]));
        self.ready.push_back(lane);
    }

    /// What is to be run next; none while as many are under way as may be.
    fn next(&mut self) -> Option<(Lane, Work)> {
        if self.running == AT_ONCE_MAX {
            return None;
        }
        let lane = self.ready.pop_front()?;
        let work = self.waiting.get_mut(&lane)?.pop_front()?;
        self.count -= 1;
        self.running += 1;
        Some((lane, work))
    }

    /// Nothing of this lane is under way any more.
    fn done(&mut self, lane: Lane) {
        self.running -= 1;
        match self.waiting.get(&lane) {
            Some(queue) if !queue.is_empty() => self.ready.push_back(lane),
            Some(_) | None => drop(self.waiting.remove(&lane)),
        }
    }
}

async fn run_errand(handle: &Handle, timeout: Duration, work: Work) -> Option<Done> {
    match work {
        Work::Request(command, actions) => {
            Some(Done::Request(command, run_actions(handle, timeout, &actions).await))
        }
        Work::Chore(chore) => match run_actions(handle, timeout, &chore.actions).await {
            RequestOutcome::Accepted => None,
            RequestOutcome::Refused { .. }
            | RequestOutcome::NeverSent { .. }
            | RequestOutcome::Unknown { .. } => Some(Done::Failed(chore)),
        },
        Work::TakeBack(action, told) => {
            let outcome = run_actions(handle, timeout, &[action]).await;
            // A channel that is gone rings nobody.
            let is_certain = matches!(outcome, RequestOutcome::Accepted | RequestOutcome::Refused { .. });
            // Who waited may have ended with the link.
            let _ = told.send(is_certain);
            None
        }
    }
}

async fn run_actions(handle: &Handle, timeout: Duration, actions: &[Action]) -> RequestOutcome {
    for (done, action) in actions.iter().enumerate() {
        let outcome = handle.request(action, timeout).await;
        match outcome {
            Outcome::Done(_) => {}
            // Whoever was to be hung up has gone already: what was wanted.
            Outcome::Refused { .. } if actions.len() > 1 && action.name() == "Hangup" => {}
            Outcome::Refused { ref message, .. } => {
                return RequestOutcome::Refused { detail: format!("{}: {message}", action.name()).into() };
            }
            Outcome::NeverSent(ref why) if done == 0 => {
                return RequestOutcome::NeverSent { detail: why.to_string().into() };
            }
            Outcome::NeverSent(_) | Outcome::OutcomeUnknown(_) => {
                let detail = format!("{}: {}", action.name(), words(&outcome));
                return RequestOutcome::Unknown { detail: detail.into() };
            }
        }
    }
    RequestOutcome::Accepted
}

/// An outcome in words for an administrator.
pub(super) fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Done(_) => "done".to_owned(),
        Outcome::Refused { message, .. } => message.clone(),
        Outcome::NeverSent(why) => why.to_string(),
        Outcome::OutcomeUnknown(why) => why.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errand(caller: Option<&str>, number: u64) -> Errand {
        let command = CommandId::derive(cti_core::time::Timestamp::from_micros(0), 0, number);
        Errand { lane: caller.map(Arc::from), work: Work::Request(command, Vec::new()) }
    }

    fn number(work: &Work) -> CommandId {
        match work {
            Work::Request(command, _) => *command,
            Work::Chore(_) | Work::TakeBack(..) => panic!("no request"),
        }
    }

    /// Two thousand callers whose limits are due together overwhelm no session.
    #[test]
    fn few_errands_run_at_once_and_those_of_a_caller_one_after_the_other() {
        let mut lanes = Lanes::default();
        for caller in 0..2_000_u64 {
            lanes.add(errand(Some(&caller.to_string()), 2 * caller));
            lanes.add(errand(Some(&caller.to_string()), 2 * caller + 1));
        }
        let mut running: VecDeque<(Lane, Work)> = std::iter::from_fn(|| lanes.next()).collect();
        assert_eq!(running.len(), AT_ONCE_MAX);
        let mut ran: HashMap<Lane, Vec<CommandId>> = HashMap::new();
        while let Some((lane, work)) = running.pop_front() {
            ran.entry(lane.clone()).or_default().push(number(&work));
            lanes.done(lane);
            running.extend(std::iter::from_fn(|| lanes.next()));
            assert!(running.len() <= AT_ONCE_MAX);
        }
        assert_eq!(ran.len(), 2_000);
        assert!(ran.values().all(|two| two.len() == 2 && two.is_sorted()), "in the order asked");
        assert_eq!((lanes.count, lanes.running, lanes.waiting.len()), (0, 0, 0));
    }
}
