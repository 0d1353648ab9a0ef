//! The switch on real sockets and in real time: one task owns it, the others move bytes.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant, SystemTime};

use ami::{Frame, Framer, Message};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

use crate::exchange::{Exchange, Micros};
use crate::face::ami::{BANNER, Manager, Out, SessionId};
use crate::fault::{Fault, Wire};
use crate::script::{Line, Order};
use crate::traffic::Traffic;

/// Room for what sessions ask.
const ASKS_MAX: usize = 1_024;
/// Most sessions at once.
const SESSIONS_MAX: usize = 64;
/// Most messages that wait for a session that does not read; then it is cut, as the real one does (`writetimeout`).
const BACKLOG_MAX: usize = 50_000;
/// Most events on their way on a slow wire; beyond it they come at once.
const LATE_MAX: usize = 200_000;
/// Longest message of a client, bytes.
const MESSAGE_MAX: usize = 64 * 1_024;

/// What the owner of the switch is asked.
#[derive(Debug)]
pub enum Ask {
    /// A connection came; refused by dropping the answer.
    Connect {
        /// Where its bytes go.
        writer: mpsc::Sender<Vec<u8>>,
        /// Its number.
        answer: oneshot::Sender<SessionId>,
    },
    /// A session said something.
    Message(SessionId, Message),
    /// A session is gone.
    Gone(SessionId),
    /// Nobody calls by himself any more; who is on the line gives up in time.
    StopTraffic,
    /// The control port orders something.
    Control {
        /// What.
        line: Line,
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

/// Starts the owner of a switch; its sockets are up to the caller ([`serve_manager`], [`crate::control::serve`]).
pub fn start(start: Start) -> mpsc::Sender<Ask> {
    let (asks, asked) = mpsc::channel(ASKS_MAX);
    tokio::spawn(own(start, asked));
    asks
}

/// Serves everybody who connects to the manager port, for ever.
pub async fn serve_manager(listener: TcpListener, switch: mpsc::Sender<Ask>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(session(stream, switch.clone()));
    }
}

async fn session(stream: TcpStream, switch: mpsc::Sender<Ask>) {
    // Small messages must not wait for each other.
    let _ = stream.set_nodelay(true);
    let (mut reader, mut socket) = stream.into_split();
    let (writer, mut lines) = mpsc::channel::<Vec<u8>>(BACKLOG_MAX);
    let (answer, answered) = oneshot::channel();
    if switch.send(Ask::Connect { writer, answer }).await.is_err() {
        return;
    }
    let Ok(id) = answered.await else { return };
    let write = async {
        while let Some(bytes) = lines.recv().await {
            if socket.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    let read = async {
        let mut framer = Framer::without_banner().with_max_message(MESSAGE_MAX);
        let mut buffer = vec![0; 16 * 1_024];
        loop {
            let Ok(length) = reader.read(&mut buffer).await else { return };
            let Some(bytes) = buffer.get(..length).filter(|bytes| !bytes.is_empty()) else { return };
            framer.feed(bytes);
            loop {
                match framer.next_frame() {
                    Ok(Some(Frame::Message(message))) => {
                        if switch.send(Ask::Message(id, message)).await.is_err() {
                            return;
                        }
                    }
                    Ok(Some(Frame::Banner(_))) => {}
                    Ok(None) => break,
                    Err(_) => return,
                }
            }
        }
    };
    tokio::select! {
        () = write => {}
        () = read => {}
    }
    // Its owner may be gone already.
    let _ = switch.send(Ask::Gone(id)).await;
}

/// The owner of a switch.
struct Owner {
    exchange: Exchange,
    manager: Manager,
    wire: Wire,
    traffic: Traffic,
    script: VecDeque<(Micros, Order)>,
    writers: BTreeMap<SessionId, mpsc::Sender<Vec<u8>>>,
    late: BTreeMap<(Micros, u64), (SessionId, Message)>,
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
        wire: Wire::new(start.seed),
        traffic: start.traffic,
        script: start.script.into_iter().map(|(at, order)| (began_at + micros(at), order)).collect(),
        writers: BTreeMap::new(),
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
        [self.exchange.next_due(), self.traffic.next_due(), script, late].into_iter().flatten().min()
    }

    fn take(&mut self, ask: Ask) {
        let now = self.now();
        match ask {
            Ask::Connect { writer, answer } => {
                if self.wire.is_cut(now) || self.writers.len() >= SESSIONS_MAX {
                    return;
                }
                let id = self.manager.connect();
                // A new channel has room for its first message.
                let _ = writer.try_send(BANNER.as_bytes().to_vec());
                self.writers.insert(id, writer);
                if answer.send(id).is_err() {
                    self.drop_session(id);
                }
            }
            Ask::Message(id, message) => {
                self.exchange.advance(now);
                self.publish();
                self.manager.take_message(id, &mut self.exchange, now, &message);
            }
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

    fn drop_session(&mut self, id: SessionId) {
        self.manager.disconnect(id);
        self.writers.remove(&id);
    }

    fn carry_out(&mut self, now: Micros, order: &Order) -> Result<(), String> {
        match order {
            Order::Deed(deed) => self.exchange.deed(now, deed).map_err(|refusal| refusal.to_string()),
            Order::Fault(fault) => {
                self.wire.set(now, *fault);
                if *fault == Fault::Restart {
                    self.exchange.restart(now);
                }
                if matches!(fault, Fault::Cut(_) | Fault::Restart) {
                    self.late.clear();
                    for id in self.writers.keys().copied().collect::<Vec<_>>() {
                        self.drop_session(id);
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
        self.publish();
        self.send_answers(now);
        self.send_late(now);
    }

    fn publish(&mut self) {
        let events = self.exchange.take_events();
        self.manager.publish(&events);
    }

    fn send_answers(&mut self, now: Micros) {
        for (id, out) in self.manager.take() {
            match out {
                Out::Answer(message) => self.send(id, &message),
                Out::Event(message) => {
                    for at in self.wire.arrivals(now) {
                        if at <= now || self.late.len() >= LATE_MAX {
                            self.send(id, &message);
                        } else {
                            self.next_late += 1;
                            self.late.insert((at, self.next_late), (id, message.clone()));
                        }
                    }
                }
                // What was said before is still written: the channel ends after its last message.
                Out::Close => self.drop_session(id),
            }
        }
    }

    fn send_late(&mut self, now: Micros) {
        while let Some(entry) = self.late.first_entry().filter(|entry| entry.key().0 <= now) {
            let (id, message) = entry.remove();
            self.send(id, &message);
        }
    }

    fn send(&mut self, id: SessionId, message: &Message) {
        let Some(writer) = self.writers.get(&id) else { return };
        if writer.try_send(message.raw().to_vec()).is_err() {
            self.drop_session(id);
        }
    }
}
