//! What the driver asks of the switch, one list or request at a time, beside its main loop.

use std::time::Duration;

use ami::action::{Getvar, QueueStatus};
use ami::client::Handle;
use ami::session::Outcome;
use ami::{Action, Message};
use cti_core::ids::CommandId;
use cti_core::input::RequestOutcome;
use tokio::sync::mpsc;

use crate::asterisk::{Chore, INCLUDE_MARK, ListKind, PATIENCE_S, QUEUE_MARK};

/// A list takes longer than a single answer.
const LIST_TIMEOUT: Duration = Duration::from_secs(30);

/// All lists of a resynchronisation, or why none can be made.
pub(super) async fn fetch_lists(handle: Handle) -> Result<Vec<(ListKind, Vec<Message>)>, String> {
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
pub(super) enum Errand {
    /// What the core asked for.
    Request(CommandId, Vec<Action>),
    /// What the translator does by itself.
    Chore(Chore),
}

/// What became of an errand.
pub(super) enum Done {
    Request(CommandId, RequestOutcome),
    /// A chore that the switch did not take.
    Failed(Chore),
}

/// Runs errands one after the other on the action session and reports what became of each.
pub(super) async fn run_errands(
    handle: Handle,
    timeout: Duration,
    mut errands: mpsc::Receiver<Errand>,
    outcomes: mpsc::Sender<Done>,
) {
    while let Some(errand) = errands.recv().await {
        let done = match errand {
            Errand::Request(command, actions) => {
                Done::Request(command, run_errand(&handle, timeout, &actions).await)
            }
            Errand::Chore(chore) => match run_errand(&handle, timeout, &chore.actions).await {
                RequestOutcome::Accepted => continue,
                RequestOutcome::Refused { .. }
                | RequestOutcome::NeverSent { .. }
                | RequestOutcome::Unknown { .. } => Done::Failed(chore),
            },
        };
        if outcomes.send(done).await.is_err() {
            return;
        }
    }
}

async fn run_errand(handle: &Handle, timeout: Duration, actions: &[Action]) -> RequestOutcome {
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
