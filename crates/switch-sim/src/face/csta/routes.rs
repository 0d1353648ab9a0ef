//! Route points: clients that said they would be asked, the questions, and what came of them (ECMA-269 §20).
#![expect(clippy::wildcard_enum_match_arm, reason = "services are taken one group after the other")]

use csta::model::{DeviceId, FaultCategory, Octets, Party, Request, Response};

use super::Csta;
use super::naming::Place;
use super::queries::known;
use super::services::{Done, ack, extension_of, octets};
use super::system::failure;
use crate::Exchange;
use crate::exchange::happening::{Call, Connection, Happening, RouteEnd, What};
use crate::exchange::{Denied, Micros};
use crate::face::SessionId;

/// routeingTimerExpired, and that the call is gone.
const EXPIRED: u16 = 144;
const NO_CALL: u16 = 11;

/// A question that a client was asked.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) session: SessionId,
    register: Octets,
    /// It wants to hear what became of its answer.
    wants_used: bool,
}

/// Name of a question on the wire.
fn cross_ref(route: u32) -> Octets {
    octets(&format!("R{route}"))
}

fn route_of(cross_ref: &Octets) -> Option<u32> {
    cross_ref.as_text()?.strip_prefix('R')?.parse().ok()
}

impl Csta {
    pub(super) fn run_routing(
        &mut self,
        id: SessionId,
        exchange: &mut Exchange,
        now: Micros,
        request: Request,
    ) -> Done {
        let name = request.name();
        match request {
            Request::RouteRegister { device } => self.register_route(id, exchange, device.as_ref()),
            Request::RouteRegisterCancel { register } => {
                let client = self.clients.get_mut(&id);
                let known = client.and_then(|client| client.routes.remove(&register));
                // invalidRouteRegistrationCrossRefID
                known.map_or_else(|| Err(Denied::operation(72).into()), |_| ack(name))
            }
            Request::RouteSelect { cross_ref, route, route_used, .. } => {
                let number = self.own_route(id, &cross_ref)?;
                if let Some(open) = self.routes.get_mut(&number) {
                    open.wants_used = route_used;
                }
                exchange.route_select(now, number, &extension_of(&route))?;
                ack(name)
            }
            Request::RouteEnd { cross_ref, .. } => {
                let number = self.own_route(id, &cross_ref)?;
                self.routes.remove(&number);
                exchange.route_give_up(now, number);
                ack(name)
            }
            // What this switch does not have.
            _ => Err(failure(FaultCategory::Operation, 50)),
        }
    }

    fn register_route(&mut self, id: SessionId, exchange: &Exchange, device: Option<&DeviceId>) -> Done {
        let point = device.map(extension_of);
        let points = &exchange.plan().route_points;
        if point.as_ref().is_some_and(|point| !points.iter().any(|one| one.extension == *point)) {
            return Err(Denied::operation(12).into());
        }
        let register = octets(&format!("reg{}", self.number()));
        if let Some(client) = self.clients.get_mut(&id) {
            client.routes.insert(register.clone(), point);
        }
        Ok(Response::RouteRegister { register })
    }

    fn own_route(&self, id: SessionId, cross_ref: &Octets) -> Result<u32, Denied> {
        let number = route_of(cross_ref)
            .filter(|number| self.routes.get(number).is_some_and(|open| open.session == id));
        // invalidRouteingCrossRefID
        number.ok_or(Denied::operation(71))
    }

    /// Asks whoever routes this point; without anybody the call goes on at once.
    pub(super) fn ask_routers(&mut self, exchange: &mut Exchange, now: Micros, happening: &Happening) {
        match (&happening.what, &happening.call) {
            (What::RouteAsked { route, at, timeout_ms }, Some(call)) => {
                match self.router_of(at.device.number()) {
                    Some((session, register)) => {
                        let open = Open { session, register: register.clone(), wants_used: false };
                        self.routes.insert(*route, open);
                        let request = self.route_request(exchange, call, at, (*route, *timeout_ms), register);
                        self.ask(session, request);
                    }
                    None => exchange.route_give_up(now, *route),
                }
            }
            (What::RouteAgain { route, timeout_ms }, _) => match self.routes.get(route) {
                Some(open) => {
                    let request = Request::ReRoute {
                        cross_ref: cross_ref(*route),
                        register: Some(open.register.clone()),
                        reply_timeout_ms: Some(*timeout_ms),
                    };
                    self.ask(open.session, request);
                }
                // Its computer is gone.
                None => exchange.route_give_up(now, *route),
            },
            (What::RouteOver { route, end }, _) => self.route_over(exchange, *route, end),
            _ => {}
        }
    }

    fn router_of(&self, point: &str) -> Option<(SessionId, Octets)> {
        let all =
            self.clients.iter().flat_map(|(id, client)| client.routes.iter().map(move |one| (*id, one)));
        let fits = |(_, (_, own)): &(SessionId, (&Octets, &Option<String>))| {
            own.as_deref().is_none_or(|own| own == point)
        };
        all.into_iter().find(fits).map(|(id, (register, _))| (id, register.clone()))
    }

    fn route_request(
        &self,
        exchange: &Exchange,
        call: &Call,
        at: &Connection,
        (route, timeout_ms): (u32, u32),
        register: Octets,
    ) -> Request {
        let naming = self.naming;
        Request::RouteRequest {
            cross_ref: cross_ref(route),
            register: Some(register),
            current: naming.called(exchange, at.device.number()),
            calling: known(naming.party(&call.calling, Place::Calling)),
            routeing_device: Some(naming.party(&at.device, Place::Subject)),
            call: Some(naming.connection(call.key, &at.device)),
            reply_timeout_ms: Some(timeout_ms),
            correlator: call.correlator.clone(),
            linkage: self.linkage(call),
        }
    }

    fn route_over(&mut self, exchange: &Exchange, route: u32, end: &RouteEnd) {
        let Some(open) = self.routes.remove(&route) else { return };
        let register = Some(open.register);
        let cross_ref = cross_ref(route);
        let fault = match end {
            RouteEnd::Routed(to) => {
                if open.wants_used {
                    let route: Party = self.naming.called(exchange, to);
                    let (cross_ref, register) = (cross_ref.clone(), register.clone());
                    self.ask(open.session, Request::RouteUsed { cross_ref, register, route });
                }
                None
            }
            RouteEnd::Expired => Some(failure(FaultCategory::Operation, EXPIRED)),
            RouteEnd::Abandoned => Some(failure(FaultCategory::Operation, NO_CALL)),
        };
        self.ask(open.session, Request::RouteEnd { cross_ref, register, fault });
    }
}
