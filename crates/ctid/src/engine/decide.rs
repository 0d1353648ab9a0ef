//! First task: the only one with the deciding `Domain`, and the only one that reads the clock for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cti_core::domain::{Decision, Domain};
use cti_core::fact::Record;
use cti_core::ids::{CommandId, SwitchId};
use cti_core::input::{Input, LinkChange, RequestOutcome};
use cti_core::time::Timestamp;
use links::driver::LinkBatch;
use metrics::{counter, histogram};
use tokio::sync::{mpsc, watch};

use super::commit::JournalState;
use super::evidence::Raw;
use super::recover::Recovery;
use super::{Batch, Reply, Requests, Step, Submission, TURN_INPUTS};
use crate::clock::Clock;

pub(super) struct Decide {
    pub(super) domain: Domain,
    pub(super) clock: Clock,
    pub(super) links: mpsc::Receiver<LinkBatch>,
    pub(super) submissions: mpsc::Receiver<Submission>,
    pub(super) outcomes: mpsc::UnboundedReceiver<(CommandId, RequestOutcome)>,
    pub(super) journal: watch::Receiver<JournalState>,
    pub(super) stop: watch::Receiver<bool>,
    pub(super) commit: mpsc::Sender<Step>,
    pub(super) requests: Arc<dyn Requests>,
    pub(super) recovery: Recovery,
}

/// What a turn of the loop begins with.
enum Turn {
    Links,
    Orders,
    Outcome(CommandId, RequestOutcome),
    Tick,
    JournalBack,
    Nothing,
    Stop,
}

impl Decide {
    /// Runs until `stop` turns true; what came before is decided. `first` is decided before anything else.
    pub(super) async fn run(mut self, first: Vec<Input>) {
        let now = self.clock.now();
        let mut records = Vec::new();
        for input in first {
            records.extend(self.decide(now, input).records);
        }
        self.hand_on(Batch::default(), records).await;
        let mut batches = Vec::new();
        let mut orders = Vec::new();
        loop {
            let turn = self.wait(&mut batches, &mut orders).await;
            let now = self.clock.now();
            let mut batch = Batch::default();
            let mut records = Vec::new();
            match turn {
                Turn::Links | Turn::Orders | Turn::Nothing => {}
                Turn::Outcome(command, outcome) => {
                    let input = Input::RequestOutcome { command, outcome };
                    records.extend(self.decide(now, input).records);
                }
                Turn::Tick => records.extend(self.decide(now, Input::Tick).records),
                Turn::JournalBack => {
                    self.start_again().await;
                    continue;
                }
                Turn::Stop => break,
            }
            for link in batches.drain(..) {
                self.take_link(now, link, &mut records, &mut batch.raw);
            }
            for submission in orders.drain(..) {
                let decision = self.decide(now, submission.input);
                records.extend(decision.records.iter().cloned());
                batch.replies.push(Reply { tell: submission.tell, decision });
            }
            self.hand_on(batch, records).await;
        }
    }

    /// Waits until there is something to do, and takes what is there, bounded.
    async fn wait(&mut self, batches: &mut Vec<LinkBatch>, orders: &mut Vec<Submission>) -> Turn {
        let due = self.domain.next_deadline().map(|due| self.clock.until(due));
        tokio::select! {
            _ = self.links.recv_many(batches, TURN_INPUTS), if !self.links.is_closed() || !self.links.is_empty() => {
                Turn::Links
            }
            _ = self.submissions.recv_many(orders, TURN_INPUTS), if !self.submissions.is_closed() => {
                // What the links said before comes first: an order is decided on what is known, and a link that was
                // stopped says nothing more after its switch was removed.
                while let Ok(batch) = self.links.try_recv() {
                    batches.push(batch);
                    if batches.len() >= crate::WAITING_LINK_BATCHES {
                        break;
                    }
                }
                Turn::Orders
            }
            Some((command, outcome)) = self.outcomes.recv() => Turn::Outcome(command, outcome),
            () = sleep(due) => Turn::Tick,
            Ok(()) = self.journal.changed() => {
                if *self.journal.borrow_and_update() == JournalState::Gap { Turn::JournalBack } else { Turn::Nothing }
            }
            _ = self.stop.wait_for(|stop| *stop) => Turn::Stop,
        }
    }

    fn take_link(&mut self, now: Timestamp, link: LinkBatch, records: &mut Vec<Record>, raw: &mut Vec<Raw>) {
        let received_at = Timestamp::from_micros(link.received_at_us);
        count_link(&link, received_at);
        for input in link.inputs {
            records.extend(self.decide(now, input).records);
        }
        if let Some(message) = link.raw {
            raw.extend(Raw::of(link.switch, received_at, message, link.calls));
        }
    }

    fn decide(&mut self, now: Timestamp, input: Input) -> Decision {
        counter!("tieline_domain_inputs_total", "kind" => kind_of(&input)).increment(1);
        self.domain.handle(now, input)
    }

    async fn hand_on(&self, mut batch: Batch, records: Vec<Record>) {
        if records.is_empty() && batch.replies.is_empty() && batch.raw.is_empty() {
            return;
        }
        batch.records = records.into();
        batch.decided = Some(Instant::now());
        self.send(Step::Batch(batch)).await;
    }

    async fn send(&self, step: Step) {
        if self.commit.send(step).await.is_err() {
            tracing::error!("the journal task has ended; facts are lost until the restart");
        }
    }

    /// Facts were lost: what we believe goes beyond what the journal holds. Start again from the journal, as after
    /// a restart of the process, and have every link look at its switch afresh.
    async fn start_again(&mut self) {
        let recovered = match self.recovery.load().await {
            Ok(recovered) => recovered,
            Err(error) => {
                tracing::error!(%error, "start again from the journal");
                return;
            }
        };
        self.domain = recovered.domain;
        self.send(Step::Reset(Box::new(self.domain.clone()))).await;
        let now = self.clock.now();
        let mut records = self.decide(now, Input::Restarted).records;
        let switches: Vec<SwitchId> = self.domain.state().switches.keys().cloned().collect();
        for switch in switches {
            let change = LinkChange::Down { reason: "facts were lost while the journal failed".into() };
            records.extend(self.decide(now, Input::Link { switch, change }).records);
        }
        self.hand_on(Batch::default(), records).await;
        self.requests.restart_all(&self.domain);
    }
}

async fn sleep(due: Option<Duration>) {
    match due {
        Some(due) => tokio::time::sleep(due).await,
        None => std::future::pending().await,
    }
}

const fn kind_of(input: &Input) -> &'static str {
    match input {
        Input::Link { .. } => "link",
        Input::Switch { .. } => "switch",
        Input::Snapshot { .. } => "snapshot",
        Input::Order { .. } => "order",
        Input::RequestOutcome { .. } => "request_outcome",
        Input::Change { .. } => "change",
        Input::Restarted => "restarted",
        Input::Tick => "tick",
    }
}

/// Counts what a link said, and how late the switch's own time says it came.
fn count_link(link: &LinkBatch, received_at: Timestamp) {
    let switch = link.switch.to_string();
    let inputs = u64::try_from(link.inputs.len()).unwrap_or(u64::MAX);
    counter!("tieline_link_events_total", "switch" => switch.clone()).increment(inputs);
    if let Some(Input::Switch { at, .. }) = link.inputs.first() {
        let lag = Duration::from_micros(u64::try_from(received_at - *at).unwrap_or(0));
        histogram!("tieline_link_event_lag_seconds", "switch" => switch).record(lag.as_secs_f64());
    }
}
