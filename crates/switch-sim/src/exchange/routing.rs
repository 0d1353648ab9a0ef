//! Route points: a computer says where their calls go, in time or not at all.

use csta::model::{ConnectionState, EventCause};

use super::channel::Doing;
use super::desk::Denied;
use super::happening::{Device, RouteEnd, What};
use super::{ChanId, Exchange, MILLI, Micros, Timer};
use crate::plan::digits;

/// A question that is open.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) caller: ChanId,
    token: u32,
}

impl Exchange {
    /// A caller comes to a route point.
    pub(super) fn asks_route(&mut self, id: ChanId, point: &str, timeout_ms: u32) {
        self.application(id, "Route", point);
        self.does(id, Doing::Listening);
        let token = self.channels.get(&id).map_or(0, |channel| channel.token);
        self.after(i64::from(timeout_ms) * MILLI, Timer::StepEnds(id, token));
        let Some(call) = self.call_of(id) else { return };
        let route = self.number();
        self.routes.insert(route, Route { caller: id, token });
        let device = Device::Route(point.to_owned());
        let Some(at) = self.comes(call, device, ConnectionState::Alerting, None) else { return };
        self.happen(call, What::Delivered(at.clone()), EventCause::ENTERING_DISTRIBUTION);
        self.happen(call, What::RouteAsked { route, at, timeout_ms }, None);
    }

    /// No answer came: the dialplan goes on to where calls go then.
    pub(super) fn route_expires(&mut self, id: ChanId) {
        let open = self.routes.iter().find(|(_, one)| one.caller == id).map(|(route, _)| *route);
        let Some(route) = open else { return };
        let to = self.next_exten(id);
        self.routed(route, id, &to, RouteEnd::Expired);
    }

    /// The caller of an open question is gone.
    pub(super) fn route_abandoned(&mut self, id: ChanId) {
        let open = self.routes.iter().find(|(_, one)| one.caller == id).map(|(route, _)| *route);
        if let Some(route) = open {
            self.routes.remove(&route);
            let call = self.channels.get(&id).map_or(0, |channel| channel.call);
            self.happen(call, What::RouteOver { route, end: RouteEnd::Abandoned }, None);
        }
    }

    fn next_exten(&self, id: ChanId) -> String {
        match self.channels.get(&id).and_then(|channel| channel.steps.front()) {
            Some(crate::plan::Step::Goto { exten, .. }) => exten.clone(),
            _ => String::new(),
        }
    }

    fn routed(&mut self, route: u32, id: ChanId, to: &str, end: RouteEnd) {
        self.routes.remove(&route);
        let Some(call) = self.call_of(id) else { return };
        let points = self.book.calls.get(&call).map(|call| call.connections.clone()).unwrap_or_default();
        if let Some(point) = points.iter().find(|one| matches!(one.device, Device::Route(_))) {
            self.diverts(call, point, to, EventCause::REDIRECTED);
        }
        self.happen(call, What::RouteOver { route, end }, None);
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
        if self.channels.get(&open.caller).is_none_or(|channel| channel.token != open.token) {
            return Err(Denied::operation(17));
        }
        self.routed(route, open.caller, &to, RouteEnd::Routed(to.clone()));
        self.does(open.caller, Doing::Nothing);
        let phones = self.plan.dialplan.phones.clone();
        self.send_to(open.caller, &phones, &to);
        self.settle();
        Ok(())
    }

    /// Nobody answers this question: the call goes on at once.
    pub fn route_give_up(&mut self, now: Micros, route: u32) {
        self.advance(now);
        if let Some(open) = self.routes.get(&route).cloned() {
            self.step_ends(open.caller, open.token);
            self.settle();
        }
    }
}
