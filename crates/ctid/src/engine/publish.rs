//! Third task: what is durable becomes visible. In this order: picture and log together, then requests to the
//! switches, then answers to callers, then evidence and history.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cti_core::domain::Domain;
use cti_core::fact::{Fact, Record};
use cti_core::ids::CommandId;
use cti_core::input::RequestOutcome;
use metrics::counter;
use store::Store;
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinHandle;
use webapi::log::Log;

use super::commit::Outgoing;
use super::evidence::{Evidence, Proof, Raw};
use super::{Batch, Followed, Requests, View};

/// A snapshot is taken after so many facts …
const SNAPSHOT_FACTS: u64 = 50_000;
/// … or after so long, if there was any fact.
const SNAPSHOT_PERIOD: Duration = Duration::from_mins(5);

pub(super) struct Publish {
    pub(super) incoming: mpsc::Receiver<Outgoing>,
    pub(super) view: View,
    pub(super) log: Log,
    pub(super) facts: broadcast::Sender<Followed>,
    pub(super) requests: Arc<dyn Requests>,
    pub(super) outcomes: mpsc::UnboundedSender<(CommandId, RequestOutcome)>,
    pub(super) proofs: mpsc::Sender<Proof>,
    /// Sequence of the last durable fact.
    pub(super) durable: u64,
    pub(super) snapshots: Snapshots,
    pub(super) evidence: Evidence,
}

impl Publish {
    /// Runs until the commit task is gone; then takes a last snapshot.
    pub(super) async fn run(mut self) {
        while let Some(outgoing) = self.incoming.recv().await {
            match outgoing {
                Outgoing::Durable(batch) => self.durable(batch),
                Outgoing::Unsaved(records, raw) => {
                    self.keep(raw);
                    self.view.change(|domain| apply(domain, &records));
                    self.log.publish_unsaved(&records);
                }
                Outgoing::Reset(domain) => {
                    self.log.start_again(domain.state());
                    self.view.change(|view| *view = *domain);
                    // An error means that nobody follows.
                    self.facts.send(Followed::Reset).ok();
                }
            }
        }
        self.snapshots.last(self.durable, &self.view).await;
    }

    fn durable(&mut self, batch: Batch) {
        self.keep(batch.raw);
        // Readers of the picture wait until the log has the same facts, so a cursor taken with it is never ahead.
        self.view.change(|domain| {
            if !batch.shown {
                apply(domain, &batch.records);
            }
            self.log.publish(&batch.records);
        });
        if !batch.records.is_empty() {
            self.facts.send(Followed::Facts(Arc::clone(&batch.records))).ok();
        }
        for record in batch.records.iter() {
            self.follow(record, batch.shown);
        }
        for reply in batch.replies {
            // An error means that the caller has gone; what it asked for is done all the same.
            let _gone = reply.tell.send(Ok(reply.decision));
        }
        if let Some(last) = batch.records.last() {
            self.durable = last.sequence;
            self.snapshots.after(last.sequence, &self.view);
        }
    }

    fn keep(&mut self, raw: Vec<Raw>) {
        for one in raw {
            self.evidence.keep(one);
        }
    }

    /// What hangs on a durable fact.
    #[expect(clippy::wildcard_enum_match_arm, reason = "on most facts nothing hangs")]
    fn follow(&mut self, record: &Record, late: bool) {
        self.evidence.follow(record);
        match &record.fact {
            Fact::CommandSent { command, switch, request, .. } => {
                let sent = if late {
                    Err(RequestOutcome::NeverSent { detail: "the journal failed when it was given".into() })
                } else {
                    self.requests.send(switch, *command, request.clone())
                };
                if let Err(outcome) = sent {
                    // An error means that the deciding task has ended; then the restart settles the command.
                    let _ended = self.outcomes.send((*command, outcome));
                }
            }
            Fact::CommandSucceeded { .. } => {
                counter!("tieline_commands_total", "outcome" => "succeeded").increment(1);
            }
            Fact::CommandFailed { .. } => {
                counter!("tieline_commands_total", "outcome" => "failed").increment(1);
            }
            Fact::CommandOutcomeUnknown { .. } => {
                counter!("tieline_commands_total", "outcome" => "unknown").increment(1);
            }
            Fact::CallEnded { call, .. } => {
                if let Some(proof) = self.evidence.take(*call, record.at)
                    && self.proofs.try_send(proof).is_err()
                {
                    // Evidence never holds up what people see.
                    counter!("tieline_evidence_dropped_total").increment(1);
                    tracing::warn!(call.id = %call, "the evidence of a call is lost: the store is too slow");
                }
            }
            _ => {}
        }
    }
}

fn apply(domain: &mut Domain, records: &[Record]) {
    for record in records {
        domain.apply(record);
    }
}

/// Takes snapshots of the picture beside the work.
#[derive(Debug)]
pub(super) struct Snapshots {
    store: Store,
    /// Sequence of the last one.
    taken: u64,
    taken_at: Instant,
    running: Option<JoinHandle<()>>,
}

impl Snapshots {
    pub(super) fn new(store: Store, sequence: u64) -> Self {
        Self { store, taken: sequence, taken_at: Instant::now(), running: None }
    }

    fn after(&mut self, durable: u64, view: &View) {
        let due = durable.saturating_sub(self.taken) >= SNAPSHOT_FACTS
            || self.taken_at.elapsed() >= SNAPSHOT_PERIOD;
        let busy = self.running.as_ref().is_some_and(|task| !task.is_finished());
        if !due || busy {
            return;
        }
        if let Some(domain) = picture(view, durable) {
            self.taken = durable;
            self.taken_at = Instant::now();
            self.running = Some(tokio::spawn(save(self.store.clone(), domain)));
        }
    }

    async fn last(self, durable: u64, view: &View) {
        if let Some(running) = self.running
            && let Err(error) = running.await
        {
            tracing::warn!(%error, "a snapshot broke down");
        }
        if durable > self.taken
            && let Some(domain) = picture(view, durable)
        {
            save(self.store, domain).await;
        }
    }
}

/// The picture, unless it holds facts that are not durable.
fn picture(view: &View, durable: u64) -> Option<Domain> {
    view.look(|domain| (domain.state().sequence == durable).then(|| domain.clone()))
}

/// A missing snapshot only makes the next start slower.
async fn save(store: Store, domain: Domain) {
    let sequence = domain.state().sequence;
    let at = domain.state().recorded_at;
    let bytes = match tokio::task::spawn_blocking(move || domain.save()).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(error)) => return tracing::warn!(%error, sequence, "write a snapshot"),
        Err(error) => return tracing::warn!(%error, sequence, "write a snapshot"),
    };
    match store.save_snapshot(sequence, at, &bytes).await {
        Ok(()) => tracing::debug!(sequence, bytes = bytes.len(), "snapshot taken"),
        Err(error) => tracing::warn!(%error, sequence, "keep a snapshot"),
    }
}
