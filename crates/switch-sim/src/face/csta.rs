//! A switch that speaks CSTA, without sockets: messages of clients in, messages to clients out.
//!
//! [`Csta`] tells what happened at the exchange to the monitors of its clients and turns services into orders, in the
//! way of one dialect. Octets are the work of [`line::Line`].

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use csta::dialect::{Agents, Dialect, Encoding, Filter, Start};
use csta::model::{Fault, InvokeId, ListedDevice, Message, Octets, Request, RequestTypes, Response};

use crate::Exchange;
use crate::exchange::Micros;
use crate::exchange::happening::Happening;
use crate::face::SessionId;

mod events;
pub mod line;
mod monitors;
mod naming;
mod phase;
mod queries;
mod routes;
mod services;
mod system;
#[cfg(test)]
#[expect(clippy::wildcard_enum_match_arm, reason = "a test looks for one thing")]
mod tests;

use events::Clock;
use monitors::Monitor;
use naming::Naming;

/// Highest id of a request in XML; the next one is 0 again.
const INVOKE_ID_MAX: InvokeId = 9_998;

/// What goes to a client.
#[derive(Debug, Clone, PartialEq)]
pub enum Out {
    /// An answer, or something that must be answered: never lost.
    Answer(Box<Message>),
    /// An event, on which a bad wire may tell.
    Event(Box<Message>),
    /// The association is there, or refused.
    Associated(bool),
    /// The connection ends after what was said before.
    Close,
}

/// How far a client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It must ask for an association.
    Associates,
    /// It must answer the first System Status; what it asks before waits.
    MustAnswer,
    /// It must start an application session.
    MustStart,
    /// It is served.
    Served,
}

/// ECMA-354.
#[derive(Debug, Clone)]
struct Lease {
    session: String,
    duration: Micros,
    until: Micros,
    /// How long the session is kept when its connection is lost.
    cleanup: Micros,
}

/// One connection.
#[derive(Debug)]
struct Client {
    stage: Stage,
    user: Option<String>,
    lease: Option<Lease>,
    next_id: InvokeId,
    /// Which system messages it wants.
    registered: Option<(Octets, RequestTypes)>,
    /// When the next System Status is due.
    beat_at: Micros,
    /// The System Status that is not answered yet.
    unanswered: Option<InvokeId>,
    /// Segments of the device list that are left, and the id of the one that must be answered first.
    listing: Option<(InvokeId, Octets, VecDeque<Vec<ListedDevice>>)>,
    /// Devices it routes; none for all.
    routes: BTreeMap<Octets, Option<String>>,
    /// A list that begins after the answer that announces it.
    announced: Option<(Octets, VecDeque<Vec<ListedDevice>>)>,
    /// What it asked before it answered.
    early: Vec<Message>,
}

/// An application session whose connection was lost.
#[derive(Debug)]
struct Lost {
    owner: SessionId,
    lease: Lease,
    until: Micros,
}

/// All clients of a CSTA port.
#[derive(Debug)]
pub struct Csta {
    dialect: Dialect,
    naming: Naming,
    clock: Clock,
    trunk: String,
    booted: Micros,
    /// Its number in the ids of calls.
    node: u32,
    /// Until when the switch starts; what clients ask waits so long.
    starts_until: Option<Micros>,
    clients: BTreeMap<SessionId, Client>,
    monitors: Vec<Monitor>,
    lost: BTreeMap<String, Lost>,
    routes: BTreeMap<u32, routes::Open>,
    numbers: u32,
    /// What follows the answer that announces it.
    later: Vec<(SessionId, Message)>,
    out: Vec<(SessionId, Out)>,
}

impl Csta {
    /// Nobody is connected.
    pub fn new(dialect: Dialect, exchange: &Exchange) -> Self {
        let clock = match dialect.name {
            "hipath" => Clock::Local,
            "openscape" | "avaya-dmcc" => Clock::None,
            _ => Clock::Utc,
        };
        Self {
            dialect,
            naming: Naming::of(&dialect),
            clock,
            trunk: exchange.plan().dialplan.trunk.clone(),
            booted: exchange.boot(),
            node: exchange.plan().dialplan.ucid_node,
            starts_until: None,
            clients: BTreeMap::new(),
            monitors: Vec::new(),
            lost: BTreeMap::new(),
            routes: BTreeMap::new(),
            numbers: 0,
            later: Vec::new(),
            out: Vec::new(),
        }
    }

    /// A switch that was started again a moment ago, and says so to who connects.
    pub fn restarted(dialect: Dialect, exchange: &Exchange, now: Micros) -> Self {
        Self { starts_until: Some(now + system::STARTS), ..Self::new(dialect, exchange) }
    }

    /// How it speaks.
    pub const fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// What is to be sent since the last time.
    pub fn take(&mut self) -> Vec<(SessionId, Out)> {
        std::mem::take(&mut self.out)
    }

    /// How many monitors there are.
    pub const fn monitor_count(&self) -> usize {
        self.monitors.len()
    }

    /// A connection came.
    pub fn connect(&mut self, id: SessionId, now: Micros) {
        let stage = match self.dialect.start {
            Start::Acse => Stage::Associates,
            Start::Bare | Start::Implicit => Stage::Served,
            Start::AppSession => Stage::MustStart,
        };
        let client = Client {
            stage,
            user: None,
            lease: None,
            next_id: 0,
            registered: None,
            beat_at: now + system::BEAT,
            unanswered: None,
            listing: None,
            announced: None,
            routes: BTreeMap::new(),
            early: Vec::new(),
        };
        self.clients.insert(id, client);
        // Quirk 15: the switch speaks first.
        if self.dialect.start == Start::Implicit || self.naming.is_openscape() {
            self.tell_status(id);
        }
    }

    /// A connection is gone: so are its monitors, unless its application session may come back.
    pub fn disconnect(&mut self, id: SessionId, now: Micros) {
        let Some(client) = self.clients.remove(&id) else { return };
        self.routes.retain(|_, open| open.session != id);
        match client.lease.filter(|lease| lease.cleanup > 0) {
            Some(lease) => {
                let until = now + lease.cleanup;
                self.lost.insert(lease.session.clone(), Lost { owner: id, lease, until });
            }
            None => self.monitors.retain(|monitor| monitor.session != id),
        }
    }

    /// Says goodbye and ends the connection.
    fn close(&mut self, id: SessionId) {
        self.out.push((id, Out::Close));
    }

    /// Tells the monitors what happened, and the routers what is asked.
    pub fn publish(&mut self, exchange: &mut Exchange, now: Micros, happenings: &[Happening]) {
        for happening in happenings {
            self.ask_routers(exchange, now, happening);
            let mut monitors = std::mem::take(&mut self.monitors);
            for monitor in &mut monitors {
                let Some(sight) = monitor.sees(happening) else { continue };
                if !monitor.wants(&happening.what) || self.is_deaf(monitor) {
                    continue;
                }
                let naming = self.naming;
                self.naming = monitor.number().map_or(naming, |number| naming.seen_by(number));
                let report = self.event(exchange, monitor, happening, sight);
                self.naming = naming;
                if let Some(report) = report {
                    self.out.push((monitor.session, Out::Event(Box::new(Message::Event(Box::new(report))))));
                }
            }
            self.monitors = monitors;
        }
    }

    /// Quirk 9: one switch sends nothing to a monitor without a filter.
    fn is_deaf(&self, monitor: &Monitor) -> bool {
        self.dialect.filter == Filter::Zero && monitor.filter.is_none()
    }

    fn tells_agents(&self) -> bool {
        self.dialect.agents == Agents::Events
    }

    /// A client says something.
    pub fn take_message(&mut self, id: SessionId, exchange: &mut Exchange, now: Micros, message: Message) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        match (message, client.stage) {
            (Message::Response { id: answered, response }, _) => {
                self.answered(id, exchange, now, answered, Some(&response));
            }
            (Message::Fault { id: Some(answered), .. }, _) => {
                self.answered(id, exchange, now, answered, None);
            }
            (message @ Message::Request { .. }, Stage::MustAnswer) => client.early.push(message),
            (message, Stage::Served) if self.starts_until.is_some() && waits_for_start(&message) => {
                client.early.push(message);
            }
            (Message::Request { id: asked, request }, _) => self.serve(id, exchange, now, asked, request),
            (Message::Unknown { id: Some(asked), name }, _) if !is_answer(&name) => {
                self.refuse(id, asked, system::failure(csta::model::FaultCategory::Operation, 50));
            }
            (Message::Fault { id: None, .. } | Message::Event(_) | Message::Unknown { .. }, _) => {}
        }
    }

    /// A client sent octets that are no message. Quirk 10: in ASN.1 that is said with no id.
    pub fn take_malformed(&mut self, id: SessionId) {
        if matches!(self.dialect.encoding, Encoding::Ber { .. }) {
            let fault = Fault::Reject { group: 0, problem: 0 };
            self.put(id, Message::Fault { id: None, fault });
        }
    }

    fn put(&mut self, id: SessionId, message: Message) {
        self.out.push((id, Out::Answer(Box::new(message))));
    }

    fn refuse(&mut self, id: SessionId, asked: InvokeId, fault: Fault) {
        self.put(id, Message::Fault { id: Some(asked), fault });
    }

    fn answer(&mut self, id: SessionId, asked: InvokeId, response: Response) {
        self.put(id, Message::Response { id: asked, response });
    }

    /// Asks a client something; gives the id that its answer repeats.
    fn ask(&mut self, id: SessionId, request: Request) -> InvokeId {
        let Some(client) = self.clients.get_mut(&id) else { return 0 };
        let own = client.next_id;
        // Quirk 20: after 9998 comes 0.
        client.next_id = if own == INVOKE_ID_MAX { 0 } else { own + 1 };
        self.put(id, Message::Request { id: own, request });
        own
    }

    /// A number that nothing else of this face has.
    fn number(&mut self) -> u32 {
        self.numbers += 1;
        self.numbers
    }

    /// Users who are connected, other than this one.
    fn others_of(&self, id: SessionId, user: &str) -> BTreeSet<SessionId> {
        let same =
            |(other, client): &(&SessionId, &Client)| **other != id && client.user.as_deref() == Some(user);
        self.clients.iter().filter(same).map(|(other, _)| *other).collect()
    }
}

/// What a switch that starts does not answer yet: all but the session, and who registers to be told the status.
fn waits_for_start(message: &Message) -> bool {
    let Message::Request { request, .. } = message else { return false };
    !matches!(
        request,
        Request::StartApplicationSession(_)
            | Request::ResetApplicationSessionTimer { .. }
            | Request::StopApplicationSession { .. }
            | Request::SystemRegister { .. }
    )
}

/// An answer to something we asked, which we do not understand and do not need to.
fn is_answer(name: &str) -> bool {
    name.ends_with("Response") || name.starts_with("result")
}
