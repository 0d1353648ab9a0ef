//! What the driver asks of the switch, one list or request at a time, beside its main loop.

use std::time::Duration;

use ami::action::{Getvar, QueueStatus};
use ami::client::Handle;
use ami::session::Outcome;
use ami::{Action, Message};
use cti_core::ids::CommandId;
use cti_core::input::RequestOutcome;
use tokio::sync::mpsc;

use crate::asterisk::{INCLUDE_MARK, ListKind};

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

/// Tells whether our include file is part of the dialplan.
pub(super) async fn has_include(handle: &Handle, timeout: Duration) -> bool {
    let variable = format!("DIALPLAN_EXISTS({INCLUDE_MARK},hold,1)");
    let outcome = handle.request(&Getvar { channel: None, variable }, timeout).await;
    outcome.reply().is_some_and(|reply| reply.response.get("Value").map(str::trim) == Some("1"))
}

/// A request on its way to the wire.
pub(super) struct Errand {
    pub(super) command: CommandId,
    pub(super) actions: Vec<Action>,
}

/// Runs errands one after the other on the action session and reports what became of each.
pub(super) async fn run_errands(
    handle: Handle,
    timeout: Duration,
    mut errands: mpsc::Receiver<Errand>,
    outcomes: mpsc::Sender<(CommandId, RequestOutcome)>,
) {
    while let Some(errand) = errands.recv().await {
        let outcome = run_errand(&handle, timeout, &errand.actions).await;
        if outcomes.send((errand.command, outcome)).await.is_err() {
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
