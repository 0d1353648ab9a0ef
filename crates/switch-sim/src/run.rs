//! The switch on real sockets and in real time: one task owns it, the others move bytes.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant, SystemTime};

use ami::Message;
use csta::dialect::Dialect;
use tokio::sync::{mpsc, oneshot};

use crate::exchange::{Exchange, Micros};
use crate::face::SessionId;
use crate::face::ami::{BANNER, Manager, Out};
use crate::face::csta::line::{Heard, Line};
use crate::face::csta::{Csta, Out as Said};
use crate::fault::{Fault, Spoilt, Wire};
use crate::script::{Line as Spoken, Order};
use crate::traffic::Traffic;

mod sockets;

pub use sockets::{serve_csta, serve_manager};

/// Room for what sessions ask.
const ASKS_MAX: usize = 1_024;
/// Most sessions at once.
const SESSIONS_MAX: usize = 64;
/// Most events on their way on a slow wire; beyond it they come at once.
const LATE_MAX: usize = 200_000;

/// To whom a connection came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Port {
    /// The manager port.
    Manager,
    /// A CSTA port, by its number.
    Csta(usize),
}

/// What the owner of the switch is asked.
#[derive(Debug)]
pub enum Ask {
    /// A CSTA port is opened.
    Open {
        /// How it speaks.
        dialect: Box<Dialect>,
        /// Its number.
        answer: oneshot::Sender<usize>,
    },
    /// A connection came; refused by dropping the answer.
    Connect {
        /// Where.
        port: Port,
        /// Where its bytes go.
        writer: mpsc::Sender<Vec<u8>>,
        /// Its number.
        answer: oneshot::Sender<SessionId>,
    },
    /// A manager said something.
    Message(SessionId, Message),
    /// A CSTA client sent octets.
    Octets(SessionId, Vec<u8>),
    /// A session is gone.
    Gone(SessionId),
    /// Nobody calls by himself any more; who is on the line gives up in time.
    StopTraffic,
    /// The control port orders something.
    Control {
        /// What.
        line: Spoken,
        /// How it went.
        answer: oneshot::Sender<Result<(), String>>,
    },
}

/// What a switch is started with.
#[derive(Debug)]
pub struct Start {
    /// The switch.
    pub exchange: Exchange,
    /// Callers that come by themselves.
    pub traffic: Traffic,
    /// What people do, with its time from the start.
    pub script: Vec<(Duration, Order)>,
    /// Decides what goes wrong.
    pub seed: u64,
}

/// Microseconds since 1970, by the clock of this machine.
pub fn wall() -> Micros {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(0)
}

/// Starts the owner of a switch; its sockets are up to the caller ([`serve_manager`], [`serve_csta`],
/// [`crate::control::serve`]).
pub fn start(start: Start) -> mpsc::Sender<Ask> {
    let (asks, asked) = mpsc::channel(ASKS_MAX);
    tokio::spawn(own(start, asked));
    asks
}

/// A connection.
struct Peer {
    port: Port,
    writer: mpsc::Sender<Vec<u8>>,
    /// Its codec, at a CSTA port.
    line: Option<Line>,
}

/// The owner of a switch.
struct Owner {
    exchange: Exchange,
    manager: Manager,
    faces: Vec<Csta>,
    wire: Wire,
    traffic: Traffic,
    script: VecDeque<(Micros, Order)>,
    peers: BTreeMap<SessionId, Peer>,
    next_session: SessionId,
    late: BTreeMap<(Micros, u64), (SessionId, Vec<u8>)>,
    next_late: u64,
    began: Instant,
    began_at: Micros,
}

async fn own(start: Start, mut asked: mpsc::Receiver<Ask>) {
    let began_at = wall().max(start.exchange.now());
    let micros = |time: Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
    let mut owner = Owner {
        exchange: start.exchange,
        manager: Manager::new(),
        faces: Vec::new(),
        wire: Wire::new(start.seed),
        traffic: start.traffic,
        script: start.script.into_iter().map(|(at, order)| (began_at + micros(at), order)).collect(),
        peers: BTreeMap::new(),
        next_session: 0,
        late: BTreeMap::new(),
        next_late: 0,
        began: Instant::now(),
        began_at,
    };
    loop {
        let wait = owner.next_due().map_or(Duration::from_mins(1), |due| {
            Duration::from_micros(u64::try_from(due - owner.now()).unwrap_or(0))
        });
        tokio::select! {
            ask = asked.recv() => match ask {
                Some(ask) => owner.take(ask),
                None => return,
            },
            () = tokio::time::sleep(wait) => {}
        }
        owner.pass();
    }
}

impl Owner {
    /// Wall clock at the start, and on from there: it never goes back.
    fn now(&self) -> Micros {
        self.began_at + i64::try_from(self.began.elapsed().as_micros()).unwrap_or(0)
    }

    fn next_due(&self) -> Option<Micros> {
        let late = self.late.first_key_value().map(|((at, _), _)| *at);
        let script = self.script.front().map(|(at, _)| *at);
        let faces = self.faces.iter().filter_map(Csta::next_due).min();
        [self.exchange.next_due(), self.traffic.next_due(), script, late, faces].into_iter().flatten().min()
    }

    fn take(&mut self, ask: Ask) {
        let now = self.now();
        match ask {
            Ask::Open { dialect, answer } => {
                self.faces.push(Csta::new(*dialect, &self.exchange));
                // Who asked waits for it.
                let _ = answer.send(self.faces.len() - 1);
            }
            Ask::Connect { port, writer, answer } => self.connect(now, port, writer, answer),
            Ask::Message(id, message) => {
                self.exchange.advance(now);
                self.publish(now);
                self.manager.take_message(id, &mut self.exchange, now, &message);
            }
            Ask::Octets(id, octets) => self.hears(now, id, &octets),
            Ask::Gone(id) => self.drop_session(id),
            Ask::StopTraffic => self.traffic.stop(),
            Ask::Control { line, answer } => {
                let done = if line.after.is_zero() {
                    self.carry_out(now, &line.order)
                } else {
                    let due = now + i64::try_from(line.after.as_micros()).unwrap_or(i64::MAX / 2);
                    let at = self.script.partition_point(|(at, _)| *at <= due);
                    self.script.insert(at, (due, line.order));
                    Ok(())
                };
                // What followed is on the wire before the one who steers hears `ok`.
                self.pass();
                let _ = answer.send(done);
            }
        }
    }

    fn connect(
        &mut self,
        now: Micros,
        port: Port,
        writer: mpsc::Sender<Vec<u8>>,
        answer: oneshot::Sender<SessionId>,
    ) {
        if self.wire.is_cut(now) || self.peers.len() >= SESSIONS_MAX {
            return;
        }
        self.next_session += 1;
        let id = self.next_session;
        let mut line = None;
        match port {
            Port::Manager => {
                self.manager.connect_as(id);
                // A new channel has room for its first message.
                let _ = writer.try_send(BANNER.as_bytes().to_vec());
            }
            Port::Csta(number) => {
                let Some(face) = self.faces.get_mut(number) else { return };
                line = Some(Line::new(*face.dialect()));
                face.connect(id, now);
            }
        }
        self.peers.insert(id, Peer { port, writer, line });
        if answer.send(id).is_err() {
            self.drop_session(id);
        }
    }

    /// Octets of a CSTA client.
    fn hears(&mut self, now: Micros, id: SessionId, octets: &[u8]) {
        self.exchange.advance(now);
        self.publish(now);
        self.send_answers(now);
        if let Some(line) = self.peers.get_mut(&id).and_then(|peer| peer.line.as_mut()) {
            line.push(octets);
        }
        while let Some((number, heard)) = self.next_heard(id) {
            let Some(face) = self.faces.get_mut(number) else { return };
            match heard {
                Heard::Message(message) => face.take_message(id, &mut self.exchange, now, *message),
                Heard::Associate(login) => {
                    let login = login.as_ref().map(|(user, password)| (user.as_str(), password.as_str()));
                    face.associate(id, &self.exchange, now, login);
                }
                Heard::Reply(octets) => self.send(id, octets),
                Heard::Leaves => self.drop_session(id),
                Heard::Malformed => face.take_malformed(id),
            }
            // What an order does is told after its answer, and before the next answer.
            self.send_answers(now);
            self.publish(now);
            self.send_answers(now);
        }
    }

    fn next_heard(&mut self, id: SessionId) -> Option<(usize, Heard)> {
        let peer = self.peers.get_mut(&id)?;
        let Port::Csta(number) = peer.port else { return None };
        Some((number, peer.line.as_mut()?.next_heard()?))
    }

    fn drop_session(&mut self, id: SessionId) {
        let now = self.now();
        match self.peers.remove(&id).map(|peer| peer.port) {
            Some(Port::Manager) => self.manager.disconnect(id),
            Some(Port::Csta(number)) => {
                if let Some(face) = self.faces.get_mut(number) {
                    face.disconnect(id, now);
                }
            }
            None => {}
        }
    }

    fn carry_out(&mut self, now: Micros, order: &Order) -> Result<(), String> {
        match order {
            Order::Deed(deed) => self.exchange.deed(now, deed).map_err(|refusal| refusal.to_string()),
            Order::Fault(fault) => {
                self.wire.set(now, *fault);
                if *fault == Fault::Restart {
                    self.exchange.restart(now);
                    self.wire.down_until(self.exchange.boot());
                }
                if matches!(fault, Fault::Cut(_) | Fault::Restart) {
                    self.late.clear();
                    for id in self.peers.keys().copied().collect::<Vec<_>>() {
                        self.drop_session(id);
                    }
                }
                if *fault == Fault::Restart {
                    let exchange = &self.exchange;
                    // Nothing is kept of application sessions either.
                    for face in &mut self.faces {
                        *face = Csta::restarted(*face.dialect(), exchange, now);
                    }
                }
                Ok(())
            }
            Order::Wait(_) => Ok(()),
        }
    }

    /// Does what is due and sends what came of it.
    fn pass(&mut self) {
        let now = self.now();
        while let Some((_, order)) = self.script.pop_front_if(|(at, _)| *at <= now) {
            // A script goes on when somebody of it has hung up already.
            let _ = self.carry_out(now, &order);
        }
        for deed in self.traffic.take(now, self.exchange.channel_count()) {
            let _ = self.exchange.deed(now, &deed);
        }
        self.exchange.advance(now);
        self.send_answers(now);
        self.publish(now);
        for face in &mut self.faces {
            face.advance(&mut self.exchange, now);
        }
        self.send_answers(now);
        self.publish(now);
        self.send_answers(now);
        self.send_late(now);
    }

    fn publish(&mut self, now: Micros) {
        let events = self.exchange.take_events();
        self.manager.publish(&events);
        // Who is asked where to send a call may leave it to the plan at once: that happens too.
        loop {
            let happenings = self.exchange.take_happenings();
            if happenings.is_empty() {
                break;
            }
            for face in &mut self.faces {
                face.publish(&mut self.exchange, now, &happenings);
            }
        }
        let events = self.exchange.take_events();
        self.manager.publish(&events);
    }

    fn send_answers(&mut self, now: Micros) {
        for (id, out) in self.manager.take() {
            match out {
                Out::Answer(message) => self.send(id, message.raw().to_vec()),
                Out::Event(message) => self.send_event(now, id, message.raw()),
                // What was said before is still written: the channel ends after its last message.
                Out::Close => self.drop_session(id),
            }
        }
        let said: Vec<_> = self.faces.iter_mut().flat_map(Csta::take).collect();
        for (id, out) in said {
            let is_event = matches!(out, Said::Event(_));
            let spoilt = if is_event { self.wire.spoils() } else { Spoilt::default() };
            let line = self.peers.get_mut(&id).and_then(|peer| peer.line.as_mut());
            match line.and_then(|line| line.octets(&out, spoilt)) {
                Some(octets) if is_event => self.send_event(now, id, &octets),
                Some(octets) => self.send(id, octets),
                None if out == Said::Close => self.drop_session(id),
                None => {}
            }
        }
    }

    fn send_event(&mut self, now: Micros, id: SessionId, octets: &[u8]) {
        for at in self.wire.arrivals(now) {
            if at <= now || self.late.len() >= LATE_MAX {
                self.send(id, octets.to_vec());
            } else {
                self.next_late += 1;
                self.late.insert((at, self.next_late), (id, octets.to_vec()));
            }
        }
    }

    fn send_late(&mut self, now: Micros) {
        while let Some(entry) = self.late.first_entry().filter(|entry| entry.key().0 <= now) {
            let (id, octets) = entry.remove();
            self.send(id, octets);
        }
    }

    fn send(&mut self, id: SessionId, octets: Vec<u8>) {
        let Some(peer) = self.peers.get(&id) else { return };
        if peer.writer.try_send(octets).is_err() {
            self.drop_session(id);
        }
    }
}
