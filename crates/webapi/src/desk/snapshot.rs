//! The picture a client begins with: what it may see, in the words of the REST lists.

use cti_core::domain::Domain;
use cti_core::ids::DeviceId;
use cti_core::state::Agent;
use serde::Serialize;
use serde_json::Value;

use crate::App;
use crate::auth::Caller;
use crate::desk::sight::EventSight;
use crate::error::Problem;
use crate::log::Log;
use crate::ports::look;
use crate::view::agent::agent;
use crate::view::call::{device_of, live_detail};
use crate::view::device::device;
use crate::view::link;
use crate::view::queue::{offer, queue_live};

/// Items of one frame.
pub(crate) const PART_ITEMS: usize = 200;

/// A picture, in frames.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// Sequence of the last fact in it.
    pub(crate) cursor: u64,
    /// Parts by name, none longer than one frame.
    pub(crate) parts: Vec<(&'static str, Vec<Value>)>,
}

/// What the caller may see now.
pub(crate) async fn take(app: &App, caller: &Caller, sight: &EventSight) -> Result<Snapshot, Problem> {
    let sight = sight.clone();
    let me = caller.user_id();
    let log = app.switchboard().log().clone();
    Ok(look(app.switchboard(), move |domain| {
        let mut parts = Vec::new();
        let picture = Picture { domain, sight: &sight, log: &log };
        let own = me.and_then(|me| domain.state().primary_device(me));
        add(&mut parts, "links", picture.links());
        add(&mut parts, "queues", picture.queues());
        add(&mut parts, "agents", picture.agents());
        add(&mut parts, "devices", picture.devices(own));
        add(&mut parts, "calls", picture.calls(me));
        add(&mut parts, "offers", picture.offers());
        Snapshot { cursor: domain.state().sequence, parts }
    })
    .await?)
}

fn add(parts: &mut Vec<(&'static str, Vec<Value>)>, name: &'static str, items: Vec<Value>) {
    if items.is_empty() {
        parts.push((name, items));
        return;
    }
    let mut rest = items.into_iter().peekable();
    while rest.peek().is_some() {
        parts.push((name, rest.by_ref().take(PART_ITEMS).collect()));
    }
}

fn shown(thing: &impl Serialize) -> Value {
    serde_json::to_value(thing).unwrap_or_default()
}

struct Picture<'a> {
    domain: &'a Domain,
    sight: &'a EventSight,
    log: &'a Log,
}

impl Picture<'_> {
    fn links(&self) -> Vec<Value> {
        if self.sight.is_narrowed() {
            return Vec::new();
        }
        let switches = self.domain.state().switches.iter();
        switches.map(|(id, switch)| shown(&link(id, switch))).collect()
    }

    fn queues(&self) -> Vec<Value> {
        let state = self.domain.state();
        let seen = state.queues.keys().filter(|id| self.sight.sees_queue(**id));
        let sees_agent = |one: &Agent| self.sight.agents.sees_member(one);
        let sees_call = |id| self.sight.calls.sees(&self.log.circle(id).unwrap_or_default());
        seen.filter_map(|id| queue_live(state, *id, state.recorded_at, sees_agent, sees_call))
            .map(|queue| shown(&queue))
            .collect()
    }

    fn agents(&self) -> Vec<Value> {
        let state = self.domain.state();
        let seen = state.agents.iter().filter(|(_, one)| {
            let of_queue = !self.sight.is_narrowed();
            self.sight.agents.sees_member(one) && of_queue
        });
        seen.map(|(id, one)| shown(&agent(state, *id, one))).collect()
    }

    fn devices(&self, own: Option<DeviceId>) -> Vec<Value> {
        let state = self.domain.state();
        if self.sight.is_narrowed() {
            return Vec::new();
        }
        let seen = state
            .devices
            .iter()
            .filter(|(id, _)| own == Some(**id) || self.sight.agents.sees_user(state.user_of(**id)));
        seen.map(|(id, one)| shown(&device(state, *id, one))).collect()
    }

    fn calls(&self, me: Option<cti_core::ids::UserId>) -> Vec<Value> {
        let state = self.domain.state();
        let seen = state.calls.keys().filter(|id| {
            let circle = self.log.circle(**id).unwrap_or_default();
            self.sight.calls.sees(&circle)
        });
        seen.filter_map(|id| live_detail(state, *id, None, device_of(state, *id, me)))
            .map(|call| shown(&call.narrowed(self.sight.calls.queues.as_ref())))
            .collect()
    }

    fn offers(&self) -> Vec<Value> {
        let state = self.domain.state();
        let seen = state.offers.iter().filter(|(_, one)| {
            let user = state.agents.get(&one.agent).and_then(|agent| agent.user);
            let calls = &self.sight.calls;
            calls.sees_user(user) && calls.sees_queue(one.queue)
        });
        seen.map(|(id, one)| shown(&offer(*id, one))).collect()
    }
}
