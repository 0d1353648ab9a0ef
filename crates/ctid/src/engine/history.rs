//! The kept past of the log: what readers that were away read from the journal, and who took part in calls that
//! memory has forgotten.

use cti_core::fact::Record;
use cti_core::ids::CallId;
use store::{CallDetail, Store, StoreError};
use webapi::log::Circle;
use webapi::ports::{History, Later, Unavailable};

/// The past as the store keeps it.
#[derive(Debug, Clone)]
pub struct KeptPast {
    store: Store,
}

impl KeptPast {
    /// The past in this store.
    pub const fn new(store: Store) -> Self {
        Self { store }
    }

    async fn records(&self, after: u64, limit: usize) -> Result<Vec<Record>, StoreError> {
        let mut reader = self.store.read_journal(after + 1).await?;
        let mut records = Vec::new();
        while records.len() < limit {
            match reader.next().await? {
                Some(more) => records.extend(more),
                None => break,
            }
        }
        records.truncate(limit);
        Ok(records)
    }
}

impl History for KeptPast {
    fn read(&self, after: u64, limit: usize) -> Later<'_, Result<Vec<Record>, Unavailable>> {
        Box::pin(async move { self.records(after, limit).await.map_err(|error| unavailable(&error)) })
    }

    fn oldest(&self) -> Later<'_, Result<u64, Unavailable>> {
        Box::pin(async move {
            let begin = self.store.journal_begin().await;
            begin.map(|begin| begin.saturating_sub(1)).map_err(|error| unavailable(&error))
        })
    }

    fn circle(&self, call: CallId) -> Later<'_, Result<Option<Circle>, Unavailable>> {
        Box::pin(async move {
            let found = self.store.call(call).await;
            let found = found.map_err(|error| unavailable(&error))?;
            Ok(found.map(|detail| circle(&detail)))
        })
    }
}

/// Who and what took part in a call of the book.
fn circle(detail: &CallDetail) -> Circle {
    let mut circle = Circle { switch: Some(detail.call.switch.clone()), ..Circle::default() };
    for leg in &detail.legs {
        circle.add(&Circle {
            devices: vec![leg.device],
            users: leg.user.into_iter().collect(),
            agents: leg.agent.into_iter().collect(),
            ..Circle::default()
        });
    }
    for entry in &detail.entries {
        circle.add(&Circle { queues: vec![entry.queue], ..Circle::default() });
    }
    for offer in &detail.offers {
        circle.add(&Circle { agents: vec![offer.agent], ..Circle::default() });
    }
    circle
}

fn unavailable(error: &StoreError) -> Unavailable {
    tracing::warn!(%error, "read the past of the log");
    Unavailable {
        code: "journal_unavailable",
        detail: "the past of the log cannot be read at the moment".into(),
    }
}
