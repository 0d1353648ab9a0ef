//! Route points: a computer says where their calls go, in time or not at all.
//!
//! A point with retries keeps its question open until somebody answers: what was chosen and does not take the call is
//! asked about again, under the same number.

use csta::model::{ConnectionState, EventCause};

use super::channel::Doing;
use super::desk::Denied;
use super::happening::{Device, RouteEnd, What};
use super::{ChanId, Exchange, MILLI, Micros, Timer};
use crate::plan::{Step, Target, digits};

/// A question that is open.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) caller: ChanId,
    point: String,
    /// What the caller does while an answer is waited for; none while what was chosen is tried.
    token: Option<u32>,
    /// How often it may be asked again.
    retries: u32,
}

impl Exchange {
    /// A caller comes to a route point.
    pub(super) fn asks_route(&mut self, id: ChanId, point: &str, timeout_ms: u32) {
        self.application(id, "Route", point);
        let token = Some(self.waits_for_answer(id, timeout_ms));
        let Some(call) = self.call_of(id) else { return };
        let route = self.number();
        let plan = self.plan.route_points.iter().find(|one| one.extension == point);
        let retries = plan.map_or(0, |plan| plan.retries);
        self.routes.insert(route, Route { caller: id, point: point.to_owned(), token, retries });
        let device = Device::Route(point.to_owned());
        let Some(at) = self.comes(call, device, ConnectionState::Alerting, None) else { return };
        self.happen(call, What::Delivered(at.clone()), EventCause::ENTERING_DISTRIBUTION);
        self.happen(call, What::RouteAsked { route, at, timeout_ms }, None);
    }

    /// The caller listens until the answer is there, at most so long.
    fn waits_for_answer(&mut self, id: ChanId, timeout_ms: u32) -> u32 {
        self.does(id, Doing::Listening);
        let token = self.channels.get(&id).map_or(0, |channel| channel.token);
        self.after(i64::from(timeout_ms) * MILLI, Timer::StepEnds(id, token));
        token
    }

    fn route_of(&self, id: ChanId) -> Option<u32> {
        self.routes.iter().find(|(_, one)| one.caller == id).map(|(route, _)| *route)
    }

    /// What was chosen did not take the call.
    pub(super) fn asks_again(&mut self, id: ChanId, point: &str) {
        let phones = self.plan.dialplan.phones.clone();
        self.place_at(id, &phones, point);
        // The first step is the question itself; what follows is where the call goes without an answer.
        let first = self.channels.get_mut(&id).and_then(|channel| channel.steps.pop_front());
        let timeout_ms = match first {
            Some(Step::Route { timeout_ms, .. }) => timeout_ms,
            _ => 0,
        };
        let token = self.waits_for_answer(id, timeout_ms);
        let (Some(route), Some(call)) = (self.route_of(id), self.call_of(id)) else { return };
        let device = Device::Route(point.to_owned());
        if let Some(at) = self.comes(call, device, ConnectionState::Alerting, None) {
            self.happen(call, What::Delivered(at), EventCause::ENTERING_DISTRIBUTION);
        }
        if let Some(open) = self.routes.get_mut(&route) {
            open.token = Some(token);
            open.retries = open.retries.saturating_sub(1);
        }
        self.happen(call, What::RouteAgain { route, timeout_ms }, None);
    }

    /// No answer came: the dialplan goes on to where calls go then.
    pub(super) fn route_expires(&mut self, id: ChanId) {
        if let Some(route) = self.route_of(id) {
            let to = self.next_exten(id);
            self.routed(route, id, &to, RouteEnd::Expired);
        }
    }

    /// The caller of an open question is gone.
    pub(super) fn route_abandoned(&mut self, id: ChanId) {
        self.route_ends(id, RouteEnd::Abandoned);
    }

    /// The caller of an open question is answered, or sent elsewhere by other means than an answer.
    pub(super) fn route_settles(&mut self, id: ChanId, to: &str) {
        self.route_ends(id, RouteEnd::Routed(to.to_owned()));
    }

    fn route_ends(&mut self, id: ChanId, end: RouteEnd) {
        if let Some(route) = self.route_of(id) {
            self.routes.remove(&route);
            let call = self.channels.get(&id).map_or(0, |channel| channel.call);
            self.happen(call, What::RouteOver { route, end }, None);
        }
    }

    fn next_exten(&self, id: ChanId) -> String {
        match self.channels.get(&id).and_then(|channel| channel.steps.front()) {
            Some(Step::Goto { exten, .. }) => exten.clone(),
            _ => String::new(),
        }
    }

    fn leaves_point(&mut self, id: ChanId, to: &str) {
        let Some(call) = self.call_of(id) else { return };
        let points = self.book.calls.get(&call).map(|call| call.connections.clone()).unwrap_or_default();
        if let Some(point) = points.iter().find(|one| matches!(one.device, Device::Route(_))) {
            self.diverts(call, point, to, EventCause::REDIRECTED);
        }
    }

    fn routed(&mut self, route: u32, id: ChanId, to: &str, end: RouteEnd) {
        self.routes.remove(&route);
        self.leaves_point(id, to);
        if let Some(call) = self.call_of(id) {
            self.happen(call, What::RouteOver { route, end }, None);
        }
    }

    /// Route Select: the caller goes there.
    pub fn route_select(&mut self, now: Micros, route: u32, to: &str) -> Result<(), Denied> {
        self.advance(now);
        let to = digits(to);
        // invalidCrossRefID, invalidDestination
        let open = self.routes.get(&route).cloned().ok_or(Denied::operation(17))?;
        if to.is_empty() {
            return Err(Denied::operation(14));
        }
        if self.channels.get(&open.caller).is_none_or(|channel| Some(channel.token) != open.token) {
            return Err(Denied::operation(17));
        }
        let phones = self.plan.dialplan.phones.clone();
        let is_tried = open.retries > 0 && self.plan.phone(&to).is_some();
        if is_tried {
            self.leaves_point(open.caller, &to);
            self.does(open.caller, Doing::Nothing);
            self.tries(route, &open, &to);
        } else {
            self.routed(route, open.caller, &to, RouteEnd::Routed(to.clone()));
            self.does(open.caller, Doing::Nothing);
            self.send_to(open.caller, &phones, &to);
        }
        self.settle();
        Ok(())
    }

    /// Rings the phone that was chosen; the question stays open.
    fn tries(&mut self, route: u32, open: &Route, to: &str) {
        if let Some(open) = self.routes.get_mut(&route) {
            open.token = None;
        }
        let plan = self.plan.route_points.iter().find(|one| one.extension == open.point);
        let ring_s = plan.map_or(self.plan.dialplan.ring_s, |plan| plan.ring_s);
        let phones = self.plan.dialplan.phones.clone();
        self.place_at(open.caller, &phones, to);
        if let Some(channel) = self.channels.get_mut(&open.caller) {
            let dial = Step::Dial { targets: vec![Target::Phone(to.to_owned())], ring_s, goes_on: false };
            channel.steps = [dial, Step::Again(open.point.clone())].into();
        }
        self.run(open.caller);
    }

    /// Nobody answers this question: the call goes on at once.
    pub fn route_give_up(&mut self, now: Micros, route: u32) {
        self.advance(now);
        let open = self.routes.get(&route).cloned();
        if let Some((caller, token)) = open.and_then(|open| Some((open.caller, open.token?))) {
            self.step_ends(caller, token);
            self.settle();
        }
    }
}
