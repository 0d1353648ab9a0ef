//! What goes over the link, what is lost on it, and how either side starts again.

use cti_core::domain::Domain;
use cti_core::ids::CommandId;
use cti_core::input::{Input, LinkChange, RequestOutcome, SwitchEvent};
use cti_core::permit::{Capabilities, CommandName, Support};
use cti_core::request::SwitchRequest;
use cti_core::time::Timestamp;

use crate::agenda::Do;
use crate::world::{Result, World, switch};

pub(crate) fn able() -> Capabilities {
    let mut all: Capabilities = CommandName::ON_CALL.iter().map(|name| (*name, Support::Supported)).collect();
    all.insert(CommandName::MakeCall, Support::Supported);
    all.insert(CommandName::SetAgentState, Support::Supported);
    all
}

fn unknown(detail: &str) -> RequestOutcome {
    RequestOutcome::Unknown { detail: detail.into() }
}

impl World {
    /// A command leaves: it arrives, or something happens to it.
    pub(crate) fn send_request(&mut self, command: CommandId, request: &SwitchRequest) {
        let dice = &mut self.dice;
        if self.wire.is_noticed || self.is_dead {
            let outcome = RequestOutcome::NeverSent { detail: "the link is down".into() };
            return self.agenda.put(self.now, Do::Outcome { command, outcome });
        }
        self.wire.flying.insert(command);
        if !self.wire.is_whole {
            return;
        }
        let slow = self.plan.faults.slow && dice.one_in(12);
        let wait = if slow { dice.between(1_000, 5_000) } else { dice.between(1, 60) };
        let arrives = self.now.plus_millis(wait).max(self.wire.last_request);
        self.wire.last_request = arrives;
        let carry = |told| Do::Carry { command, request: request.clone(), told };
        let back = |outcome| Do::Outcome { command, outcome };
        if !dice.percent(self.plan.faults.requests) || self.pbx.is_evening {
            return self.agenda.put(arrives, carry(true));
        }
        let later = arrives.plus_millis(dice.between(500, 3_000));
        match dice.below(6) {
            0 => {
                self.agenda.put(arrives, back(RequestOutcome::Refused { detail: "not now".into() }));
            }
            1 => {
                self.agenda.put(self.now, back(RequestOutcome::NeverSent { detail: "too many".into() }));
            }
            2 => {
                self.agenda.put(arrives, carry(false));
                self.agenda.put(later, back(unknown("no answer")));
            }
            3 => self.agenda.put(later, back(unknown("no answer"))),
            4 => self.agenda.put(arrives, carry(false)),
            _ => {}
        }
    }

    /// A request arrives at the switch. What it says of it comes before what happens because of it.
    pub(crate) fn carry(&mut self, command: CommandId, request: &SwitchRequest, told: bool) {
        let carried = self.pbx.carry(&mut self.dice, request);
        if !told {
            return;
        }
        let outcome = match carried {
            Ok(()) => RequestOutcome::Accepted,
            Err(detail) => RequestOutcome::Refused { detail: detail.into() },
        };
        let arrives = self.now.max(self.wire.last_event);
        self.wire.last_event = arrives;
        self.agenda.put(arrives, Do::Outcome { command, outcome });
    }

    pub(crate) fn outcome(&mut self, command: CommandId, outcome: RequestOutcome) -> Result {
        let is_ours = matches!(outcome, RequestOutcome::NeverSent { .. });
        if self.is_dead || !is_ours && !self.wire.flying.remove(&command) {
            return Ok(());
        }
        self.wire.flying.remove(&command);
        self.take(Input::RequestOutcome { command, outcome }).map(drop)
    }

    pub(crate) fn deliver(&mut self, link: u32, at: Timestamp, event: SwitchEvent) -> Result {
        if link != self.wire.number || self.is_dead {
            return Ok(());
        }
        self.told.note(&event);
        self.take(Input::Switch { switch: switch(), at, event }).map(drop)
    }

    fn lose_what_flies(&mut self) {
        self.wire.number += 1;
        self.wire.is_whole = false;
        self.wire.is_fresh = false;
        let dice = &mut self.dice;
        self.agenda.strike(|what| match what {
            Do::Deliver { .. } | Do::Up | Do::Snapshot { .. } => true,
            Do::Carry { .. } => dice.one_in(2),
            _ => false,
        });
    }

    /// The link breaks; our side notices a little later.
    pub(crate) fn cut(&mut self) {
        if !self.wire.is_whole || self.is_dead || self.pbx.is_evening {
            return;
        }
        self.lose_what_flies();
        let notices = self.dice.pick(&[0, 20, 500, 3_000]);
        let link = self.wire.number;
        self.agenda.put(self.now.plus_millis(notices), Do::Notice { link });
        let back = notices + self.dice.pick(&[200, 2_000, 15_000]);
        self.agenda.put(self.now.plus_millis(back), Do::Up);
    }

    pub(crate) fn notice(&mut self, link: u32) -> Result {
        if link != self.wire.number || self.is_dead {
            return Ok(());
        }
        self.wire.is_noticed = true;
        self.told.part();
        for command in std::mem::take(&mut self.wire.flying) {
            let outcome = unknown("the link broke");
            self.take(Input::RequestOutcome { command, outcome })?;
        }
        let change = LinkChange::Down { reason: "the link broke".into() };
        self.take(Input::Link { switch: switch(), change }).map(drop)
    }

    pub(crate) fn up(&mut self) -> Result {
        if self.wire.is_whole || self.is_dead {
            return Ok(());
        }
        self.wire.number += 1;
        (self.wire.is_whole, self.wire.is_noticed) = (true, false);
        self.told.part();
        let change = LinkChange::Up { version: "22".into(), capabilities: able() };
        self.take(Input::Link { switch: switch(), change })?;
        let link = self.wire.number;
        let wait = self.dice.between(0, 200);
        self.agenda.put(self.now.plus_millis(wait), Do::Snapshot { link });
        Ok(())
    }

    pub(crate) fn snapshot(&mut self, link: u32) -> Result {
        if link != self.wire.number || self.is_dead {
            return Ok(());
        }
        self.wire.is_fresh = true;
        self.wire.last_event = self.now;
        let snapshot = self.pbx.picture();
        self.told.see(&snapshot);
        self.take(Input::Snapshot { switch: switch(), at: self.now, snapshot })?;
        self.pbx.ask_again();
        Ok(())
    }

    pub(crate) fn boot(&mut self) {
        self.pbx.boot();
        self.agenda.strike(|what| matches!(what, Do::Carry { .. }));
        self.cut();
    }

    pub(crate) fn save(&mut self) -> Result {
        if !self.is_dead {
            let bytes = self.domain.save().map_err(|error| error.to_string())?;
            self.saved = (bytes, self.records.len());
            let wait = self.dice.between(5_000, 60_000);
            self.agenda.put(self.now.plus_millis(wait), Do::Save);
        }
        Ok(())
    }

    /// Our process dies. What it had written down is all that is left.
    pub(crate) fn crash(&mut self) -> Result {
        if self.is_dead || self.pbx.is_evening || self.saved.0.is_empty() {
            return Ok(());
        }
        let before = self.domain.save().map_err(|error| error.to_string())?;
        for which in [&mut self.domain, &mut self.copy] {
            *which = Domain::load(&self.saved.0).map_err(|error| error.to_string())?;
            for record in &self.records[self.saved.1..] {
                which.apply(record);
            }
        }
        if self.domain.save().map_err(|error| error.to_string())? != before {
            return Err("a snapshot and the facts since give another state".to_owned());
        }
        self.lose_what_flies();
        self.is_dead = true;
        self.wire.is_noticed = true;
        self.wire.flying.clear();
        let wait = self.dice.pick(&[300, 4_000, 25_000]);
        self.agenda.put(self.now.plus_millis(wait), Do::Start);
        Ok(())
    }

    pub(crate) fn start(&mut self) -> Result {
        self.is_dead = false;
        self.take(Input::Restarted)?;
        let wait = self.dice.between(50, 4_000);
        self.agenda.put(self.now.plus_millis(wait), Do::Up);
        self.agenda.put(self.now.plus_millis(1_000), Do::Save);
        Ok(())
    }
}
