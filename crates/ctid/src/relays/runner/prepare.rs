//! From a published event to what is posted: the endpoint's filter, where it comes from, what it keeps its order with.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crm_bridge::webhook::{Filter, Mask, Matter, Posting, body};
use cti_core::ids::CallId;
use store::Store;
use tokio::sync::watch;
use tokio::time::timeout;
use webapi::event::Published;
use webapi::log::Log;
use webapi::ports::Unavailable;

use crate::engine::Engine;

/// How long the book may take to come to an event.
const BOOK: Duration = Duration::from_secs(5);

/// Where events come from that belong to no switch.
const NO_SWITCH: &str = "/tieline";

/// Prepares events for one endpoint.
#[derive(Debug)]
pub(super) struct Preparing {
    pub(super) engine: Engine,
    pub(super) store: Store,
    pub(super) book: watch::Receiver<u64>,
    pub(super) filter: Filter,
    pub(super) mask: Mask,
}

impl Preparing {
    /// What is posted of an event; none when it is of no interest.
    pub(super) async fn posting(&mut self, event: &Published) -> Option<Posting> {
        if !self.filter.is_of_type(&event.kind) {
            return None;
        }
        let data = match event.call.filter(|_| self.filter.asks_for_data()) {
            Some(call) => Some(self.data(call, event.sequence).await),
            None => None,
        };
        // Nobody knows any more whom it concerns: what is narrowed to some is not told of others.
        let circle = &event.circle;
        let matter = Matter {
            kind: &event.kind,
            queues: if event.circle_known { &circle.queues } else { &[] },
            users: if event.circle_known { &circle.users } else { &[] },
            data: data.as_ref(),
        };
        self.filter.fits(matter).then(|| self.made(event)).flatten()
    }

    /// The same for an event that was of interest before; none when it is not kept any more.
    pub(super) async fn again(&self, log: &Log, sequence: u64) -> Result<Option<Posting>, Unavailable> {
        Ok(log.event(sequence).await?.and_then(|event| self.made(&event)))
    }

    fn made(&self, event: &Published) -> Option<Posting> {
        let made = match body(&event.json, &self.source(event), &self.mask) {
            Ok(made) => made,
            Err(error) => {
                tracing::error!(%error, sequence = event.sequence, "make the body of an event");
                return None;
            }
        };
        Some(Posting {
            sequence: event.sequence,
            event: event.id,
            kind: Arc::clone(&event.kind),
            subject: event.call.map(|call| call.to_string().into()),
            lane: lane(event),
            happened_at: event.at,
            body: made.into(),
        })
    }

    /// `/switches/{id}` of the switch that the event comes from.
    fn source(&self, event: &Published) -> String {
        let circle = &event.circle;
        let switch = circle.switch.clone().or_else(|| {
            self.engine.view().look(|domain| {
                let state = domain.state();
                let of_device = circle.devices.iter().find_map(|id| state.devices.get(id));
                let of_queue = || circle.queues.iter().find_map(|id| state.queues.get(id));
                of_device.map(|one| one.switch.clone()).or_else(|| of_queue().map(|one| one.switch.clone()))
            })
        });
        switch.map_or_else(|| NO_SWITCH.to_owned(), |switch| format!("/switches/{switch}"))
    }

    /// Data of a call, live or ended.
    async fn data(&mut self, call: CallId, sequence: u64) -> BTreeMap<String, String> {
        let live = self.engine.view().look(|domain| {
            let found = domain.state().calls.get(&call)?;
            Some(found.data.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect())
        });
        if let Some(data) = live {
            return data;
        }
        // The book may be a moment behind. When it stands still, what it says is what is known.
        let _late = timeout(BOOK, self.book.wait_for(|at| *at >= sequence)).await.is_err();
        match self.store.call(call).await {
            Ok(found) => found.map(|found| found.data).unwrap_or_default(),
            Err(error) => {
                tracing::warn!(%error, call.id = %call, "read the data of a call for a webhook endpoint");
                BTreeMap::new()
            }
        }
    }
}

/// What an event keeps its order with: its call, else the agent, queue or device it is about, else its area.
fn lane(event: &Published) -> Arc<str> {
    let circle = &event.circle;
    let call = event.call.map(|id| id.to_string());
    let agent = || circle.agents.first().map(ToString::to_string);
    let queue = || circle.queues.first().map(ToString::to_string);
    let device = || circle.devices.first().map(ToString::to_string);
    let lane = call.or_else(agent).or_else(queue).or_else(device);
    lane.map_or_else(|| event.area().into(), Into::into)
}
