//! The switch's end: the simulated exchange, its callers, and one connection to its CSTA port.

use csta::dialect::Dialect;
use switch_sim::exchange::{Deed, Micros};
use switch_sim::face::SessionId;
use switch_sim::face::csta::line::{Heard, Line};
use switch_sim::face::csta::{Csta, Out};
use switch_sim::fault::Spoilt;
use switch_sim::traffic::Traffic;
use switch_sim::{Exchange, Plan};

/// A switch whose one client writes and reads octets.
#[derive(Debug)]
pub(super) struct Far {
    exchange: Exchange,
    traffic: Traffic,
    face: Csta,
    dialect: Dialect,
    session: SessionId,
    /// The codec of the connection; none while there is none.
    line: Option<Line>,
    written: Vec<Vec<u8>>,
}

impl Far {
    /// Nobody is connected. So many calls a minute come by themselves from some time on.
    pub(super) fn new(
        plan: Plan,
        dialect: Dialect,
        (per_minute, from): (u32, Micros),
        seed: u64,
        now: Micros,
    ) -> Self {
        let traffic = Traffic::new(plan.traffic.clone(), per_minute, seed, from);
        let exchange = Exchange::new(plan, seed, now);
        let face = Csta::new(dialect, &exchange);
        Self { exchange, traffic, face, dialect, session: 0, line: None, written: Vec::new() }
    }

    pub(super) fn connect(&mut self, now: Micros) {
        self.session += 1;
        self.line = Some(Line::new(self.dialect));
        self.face.connect(self.session, now);
    }

    pub(super) fn disconnect(&mut self, now: Micros) {
        if self.line.take().is_some() {
            self.face.disconnect(self.session, now);
        }
        self.written.clear();
    }

    pub(super) fn stop_traffic(&mut self) {
        self.traffic.stop();
    }

    pub(super) fn is_at_rest(&self) -> bool {
        self.exchange.channel_count() == 0
    }

    pub(super) fn next_due(&self) -> Option<Micros> {
        let dues = [self.exchange.next_due(), self.traffic.next_due(), self.face.next_due()];
        dues.into_iter().flatten().min()
    }

    /// Somebody does something.
    pub(super) fn deed(&mut self, now: Micros, deed: &Deed) -> Result<(), String> {
        let done = self.exchange.deed(now, deed).map_err(|refusal| refusal.to_string());
        self.tell(now);
        done
    }

    /// Does what is due.
    pub(super) fn pass(&mut self, now: Micros) {
        for deed in self.traffic.take(now, self.exchange.channel_count()) {
            // Who is on the line already does not dial.
            let _ = self.exchange.deed(now, &deed);
        }
        self.exchange.advance(now);
        self.tell(now);
        self.face.advance(&mut self.exchange, now);
        self.tell(now);
    }

    /// Octets of the client. What an order does is told after its answer, and before the next answer.
    pub(super) fn hears(&mut self, now: Micros, octets: &[u8]) {
        if let Some(line) = &mut self.line {
            line.push(octets);
        }
        while let Some(heard) = self.line.as_mut().and_then(Line::next_heard) {
            match heard {
                Heard::Message(message) => {
                    self.face.take_message(self.session, &mut self.exchange, now, *message);
                }
                Heard::Associate(login) => {
                    let login = login.as_ref().map(|(user, password)| (user.as_str(), password.as_str()));
                    self.face.associate(self.session, &self.exchange, now, login);
                }
                Heard::Reply(octets) => self.written.push(octets),
                Heard::Leaves => self.disconnect(now),
                Heard::Malformed => self.face.take_malformed(self.session),
            }
            self.write(now);
            self.tell(now);
        }
    }

    /// What goes to the client.
    pub(super) fn take(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.written)
    }

    fn tell(&mut self, now: Micros) {
        self.write(now);
        drop(self.exchange.take_events());
        // Who is asked where to send a call may leave it to the plan at once: that happens too.
        loop {
            let happenings = self.exchange.take_happenings();
            if happenings.is_empty() {
                break;
            }
            self.face.publish(&mut self.exchange, now, &happenings);
        }
        self.write(now);
    }

    fn write(&mut self, now: Micros) {
        for (to, out) in self.face.take() {
            if to != self.session {
                continue;
            }
            if out == Out::Close {
                self.disconnect(now);
            } else if let Some(octets) =
                self.line.as_mut().and_then(|line| line.octets(&out, Spoilt::default()))
            {
                self.written.push(octets);
            }
        }
    }
}
