//! A story of the recordings played on the simulated switch, stepped by hand: the same deeds at the same times.

use std::path::PathBuf;
use std::time::Duration;

use ami::Message;
use switch_sim::exchange::Micros;
use switch_sim::face::ami::{Manager, Out, SessionId};
use switch_sim::script::{self, Order};
use switch_sim::{Exchange, Plan};

use super::LAB_PLAN;
use crate::trouble::Context;
use crate::{Result, Trouble};

/// When a stage begins, microseconds since 1970.
const START: Micros = 1_795_000_000_000_000;

/// How long a story may go on after its last deed.
const END_S: Micros = 15;

/// The simulated switch with an event session and an action session, without sockets.
#[derive(Debug)]
pub struct Stage {
    exchange: Exchange,
    manager: Manager,
    events: SessionId,
    actions: SessionId,
    now: Micros,
    /// Everything the event session was sent, in order.
    pub seen: Vec<Message>,
    /// Who acts for somebody who was not called: the recording's agent and ours.
    stands_in: Vec<(String, String)>,
}

impl Stage {
    /// A laboratory with both sessions logged in.
    pub fn new(seed: u64) -> Result<Self> {
        let plan = Plan::parse(LAB_PLAN).context("the plan of the laboratory")?;
        let mut manager = Manager::new();
        let (events, actions) = (manager.connect(), manager.connect());
        let exchange = Exchange::new(plan, seed, START);
        let mut stage =
            Self { exchange, manager, events, actions, now: START, seen: Vec::new(), stands_in: Vec::new() };
        for (session, user, secret, mask) in
            [(events, "cti-ev", "lab-ev", "on"), (actions, "cti-act", "lab-act", "off")]
        {
            let login = [("Action", "Login"), ("Username", user), ("Secret", secret), ("Events", mask)];
            stage.ask(session, &login)?;
        }
        stage.seen.clear();
        Ok(stage)
    }

    /// Plays what people did in a recording, as its head tells, and lets everything come to its end.
    pub fn play(&mut self, story: &str) -> Result<()> {
        let path =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../fixtures/ami/22-plain/{story}.trace"));
        let text = std::fs::read(&path).context(story)?;
        let text = String::from_utf8_lossy(&text).into_owned();
        for line in text.lines().map_while(|line| line.strip_prefix("# ")) {
            let Some((at, deed)) = line.strip_prefix('+').and_then(|line| line.split_once(' ')) else {
                continue;
            };
            let at: Micros = at.parse().context(line)?;
            self.pass(START + at * 1_000);
            self.act(deed).context(line)?;
        }
        self.pass(self.now + END_S * 1_000_000);
        Ok(())
    }

    fn pass(&mut self, until: Micros) {
        self.now = self.now.max(until);
        self.exchange.advance(self.now);
        self.collect();
    }

    fn collect(&mut self) {
        let events = self.exchange.take_events();
        self.manager.publish(&events);
        for (session, out) in self.manager.take() {
            if let (true, Out::Event(message)) = (session == self.events, out) {
                self.seen.push(message);
            }
        }
    }

    /// Sends an action and gives its answer; an error is an error.
    fn ask(&mut self, session: SessionId, headers: &[(&str, &str)]) -> Result<Message> {
        let message = Message::from_headers(headers.iter().copied()).context("an action")?;
        self.manager.take_message(session, &mut self.exchange, self.now, &message);
        let mut answer = None;
        for (to, out) in self.manager.take() {
            match out {
                Out::Answer(message) if to == session => answer = Some(message),
                Out::Event(message) if to == self.events => self.seen.push(message),
                Out::Answer(_) | Out::Event(_) | Out::Close => {}
            }
        }
        self.collect();
        let answer = answer.ok_or_else(|| Trouble::new(format!("no answer to {headers:?}")))?;
        if answer.get("Response") == Some("Success") {
            return Ok(answer);
        }
        Err(Trouble::new(format!("{headers:?}: {}", answer.get("Message").unwrap_or_default())))
    }

    fn act(&mut self, deed: &str) -> Result<()> {
        if let Some(desk) = deed.strip_prefix("desk: ") {
            return self.desk(desk);
        }
        let (who, does) = deed.split_once(' ').ok_or_else(|| Trouble::new("nobody does anything"))?;
        let who = self.actor(who, does);
        let text = match does {
            "presses hold" => format!("{who} holds"),
            "presses resume" => format!("{who} resumes"),
            // With a whole address it replaces the other call: that is the transfer after a consultation.
            does if does.starts_with("transfers to sip:") => format!("{who} completes"),
            does => format!("{who} {does}"),
        };
        let line = script::parse_line(&text).context(&text)?;
        let Order::Deed(deed) = line.order else { return Err(Trouble::new(format!("{text} is no deed"))) };
        let now = self.now;
        self.exchange.deed(now, &deed).context(&text)?;
        self.collect();
        Ok(())
    }

    /// Whom the queue called instead, when it called somebody else than in the recording.
    fn actor(&mut self, who: &str, does: &str) -> String {
        if let Some((_, other)) = self.stands_in.iter().find(|(known, _)| known == who) {
            return other.clone();
        }
        if does != "answers" {
            return who.to_owned();
        }
        let rows = self.exchange.phone_rows();
        let rings = |row: &&switch_sim::exchange::PhoneRow| row.state.0.starts_with("RING");
        let ringing: Vec<&str> = rows.iter().filter(rings).map(|row| row.endpoint.as_str()).collect();
        match ringing.as_slice() {
            [other] if *other != who && *other != "trunk" => {
                self.stands_in.push((who.to_owned(), (*other).to_owned()));
                (*other).to_owned()
            }
            _ => who.to_owned(),
        }
    }

    /// Name of the youngest channel of a device.
    fn channel(&self, endpoint: &str) -> String {
        let start = format!("PJSIP/{endpoint}-");
        let rows = self.exchange.channel_rows();
        let found = rows.iter().map(|row| &row.channel.name).find(|name| name.starts_with(&start));
        found.cloned().unwrap_or_default()
    }

    /// Name of the oldest channel of a device.
    fn first_channel(&self, endpoint: &str) -> String {
        let start = format!("PJSIP/{endpoint}-");
        let rows = self.exchange.channel_rows();
        let mut found = rows.iter().map(|row| &row.channel.name).filter(|name| name.starts_with(&start));
        found.next_back().cloned().unwrap_or_default()
    }

    fn order(&mut self, headers: &[(&str, &str)]) -> Result<()> {
        self.ask(self.actions, headers).map(drop)
    }

    /// What a desk does, by the actions that the recordings were made with (`tests::stories`).
    fn desk(&mut self, deed: &str) -> Result<()> {
        let (caller, agent) = (self.first_channel("trunk"), self.channel("1001"));
        let target = self.channel("1002");
        match deed {
            "1001 clicks to dial 1002" => self.order(&[
                ("Action", "Originate"),
                ("Channel", "PJSIP/1001"),
                ("ChannelId", "cti-1-a1"),
                ("Context", "tieline-dial"),
                ("Exten", "1002"),
                ("Priority", "1"),
                ("CallerID", "\"1002\" <1002>"),
                ("Timeout", "20000"),
                ("Async", "true"),
                ("Variable", "__CTI_CALL=call_1"),
                ("Variable", "CTI_CONTEXT=phones"),
                ("Variable", "CTI_FROM=1001"),
            ]),
            "1001 consults with 1002" => self.consults(&caller, &agent),
            "1001 completes the transfer" => self.join(&caller, &agent, &target),
            "1001 goes back to the caller" => self.join(&caller, &agent, &agent),
            // Its dialplan has ended it by then, or does so in this moment.
            "1001's leg is cleared" => {
                let _ = self.order(&[("Action", "Hangup"), ("Channel", &agent), ("Cause", "16")]);
                Ok(())
            }
            "1001 transfers to 1002" => {
                let to = [("Context", "phones"), ("Exten", "1002")];
                self.order(&[("Action", "BlindTransfer"), ("Channel", &agent), to[0], to[1]])
            }
            "1001 and 1002 go to a conference" => {
                self.nobody_waits(&caller, &agent)?;
                self.confer(&agent, Some(&target))
            }
            "1001 and the second customer go to a conference" => {
                let second = self.channel("trunk");
                self.confer(&agent, Some(&second))
            }
            "the customer joins the conference" | "the first customer joins the conference" => {
                self.confer(&caller, None)
            }
            other => self.agent_desk(other),
        }
    }

    fn agent_desk(&mut self, deed: &str) -> Result<()> {
        let (queue, interface) = (("Queue", "desk"), ("Interface", "PJSIP/1004"));
        let pause = |paused| [("Action", "QueuePause"), queue, interface, ("Paused", paused)];
        match deed {
            "1004 signs in to desk, paused" => {
                let names = [("MemberName", "Dave Desk"), ("StateInterface", "PJSIP/1004")];
                self.order(&[
                    ("Action", "QueueAdd"),
                    queue,
                    interface,
                    names[0],
                    names[1],
                    ("Paused", "true"),
                ])
            }
            "1004 is ready" | "1004 is back" => self.order(&pause("false")),
            "1004 pauses for lunch" => {
                let [one, two, three, four] = pause("true");
                self.order(&[one, two, three, four, ("Reason", "lunch")])
            }
            "1004 signs out" => self.order(&[("Action", "QueueRemove"), queue, interface]),
            other => Err(Trouble::new(format!("no desk can do this here: {other}"))),
        }
    }

    fn variable(&mut self, channel: &str, name: &str, value: &str) -> Result<()> {
        self.order(&[("Action", "Setvar"), ("Channel", channel), ("Variable", name), ("Value", value)])
    }

    fn consults(&mut self, caller: &str, agent: &str) -> Result<()> {
        for (channel, name, value) in [
            (caller, "CTI_CONTEXT", "phones"),
            (caller, "CTI_RETURN", "1001"),
            (agent, "CTI_CONTEXT", "phones"),
            (agent, "CTI_RETURN", "1001"),
            (agent, "CTI_HELD", caller),
        ] {
            self.variable(channel, name, value)?;
        }
        self.order(&[
            ("Action", "Redirect"),
            ("Channel", caller),
            ("Context", "tieline-hold"),
            ("Exten", "hold"),
            ("Priority", "1"),
            ("ExtraChannel", agent),
            ("ExtraContext", "tieline-consult"),
            ("ExtraExten", "1002"),
            ("ExtraPriority", "1"),
        ])
    }

    fn nobody_waits(&mut self, caller: &str, agent: &str) -> Result<()> {
        self.variable(caller, "CTI_RETURN", "")?;
        self.variable(agent, "CTI_HELD", "")
    }

    fn join(&mut self, caller: &str, agent: &str, other: &str) -> Result<()> {
        self.nobody_waits(caller, agent)?;
        self.order(&[("Action", "Bridge"), ("Channel1", caller), ("Channel2", other)])
    }

    fn confer(&mut self, channel: &str, extra: Option<&str>) -> Result<()> {
        // The halves of a Local channel are gone by then, as in the recording.
        self.pass(self.now + i64::try_from(Duration::from_millis(3).as_micros()).unwrap_or(0));
        let to = [("Context", "tieline-conference"), ("Exten", "7001"), ("Priority", "1")];
        let mut headers = vec![("Action", "Redirect"), ("Channel", channel), to[0], to[1], to[2]];
        headers.extend(extra.map(|extra| ("ExtraChannel", extra)));
        self.order(&headers)
    }
}
