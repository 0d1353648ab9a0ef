//! How each switch speaks: framing, encoding, start of a session, and what it lacks.
//!
//! A departure from the standard has a name here and its evidence beside it. Everything else is tolerated by the
//! codecs from anybody.

mod table;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use crate::ber::Phase;
use crate::frame::Framing;

pub use table::{DIALECTS, ED3, ED4, ED5, named};

/// How messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// ECMA-323; the namespace of the edition we write. Any edition is read.
    Xml {
        /// Namespace of the documents.
        namespace: &'static str,
    },
    /// ASN.1, Basic Encoding Rules.
    Ber {
        /// Phase of the standard.
        phase: Phase,
    },
}

/// How a session begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// ACSE association with user and password, then the switch's System Status.
    Acse,
    /// Nothing: services may be asked for at once.
    Bare,
    /// The switch speaks first (System Status); `SystemRegister` where it takes one. A switch that is silent for two
    /// seconds is asked all the same.
    Implicit,
    /// ECMA-354 `StartApplicationSession`, kept alive by its timer.
    AppSession,
}

/// Which monitors it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Monitors {
    /// Device-type monitors on every device.
    Device,
    /// Device-type monitors on phones; call-type monitors on groups and route points.
    DeviceAndCall,
}

/// What stands in the filter of `MonitorStart`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// No filter: the switch sends everything.
    None,
    /// Every group, all bits zero.
    Zero,
    /// Avaya: all bits set and `invertFilter`, which makes them ask for events.
    Inverted,
}

/// How device ids are had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceIds {
    /// The number is the id.
    Plain,
    /// `GetThirdPartyDeviceId` gives it; compared without regard to case.
    ThirdParty,
}

/// How states of agents are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agents {
    /// By events.
    Events,
    /// By events, and asked for at this interval, because some never come.
    Polled(Duration),
    /// Not at all.
    None,
}

/// How a switch can hold a caller until we say where the call shall go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holding {
    /// A route point asks (`RouteRequest`, ECMA-269 §20) and waits for an answer for some seconds; what fails is asked
    /// again (`ReRoute`), or asked anew when the call comes back.
    RouteLoop,
    /// The call alerts at a device that nobody answers, and is deflected from there (`DeflectCall`, §17.1.11).
    DeflectFromDevice,
}

impl Holding {
    /// Its word in the configuration, in the API and on `docs/switches.md`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::RouteLoop => "route_loop",
            Self::DeflectFromDevice => "deflect_from_device",
        }
    }
}

/// One way to speak CSTA.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dialect {
    /// Name in the configuration.
    pub name: &'static str,
    /// Switches it is for, in words for an administrator.
    pub switches: &'static str,
    /// How messages are written.
    pub encoding: Encoding,
    /// How they follow each other.
    pub framing: Framing,
    /// How a session begins.
    pub start: Start,
    /// Which monitors it needs.
    pub monitors: Monitors,
    /// What stands in their filter.
    pub filter: Filter,
    /// How device ids are had.
    pub device_ids: DeviceIds,
    /// How states of agents are followed.
    pub agents: Agents,
    /// True when `GetSwitchingFunctionDevices` is worth asking.
    pub lists_devices: bool,
    /// Port when the configuration names none; 0 when none is known.
    pub port: u16,
    /// Services that it lacks, by the name of their XML element, each with the reason in words for a person.
    pub lacks: &'static [(&'static str, &'static str)],
    /// How it can hold callers for us, the better way first; none where the switch distributes alone.
    pub holds: &'static [Holding],
    /// How long its question where a call shall go stands when it does not say so, milliseconds.
    pub reply_timeout_ms: u32,
    /// What it does not tell, each with the reason in words for a person.
    pub silent_on: &'static [(Untold, &'static str)],
}

/// Something that happens at a switch and that its events do not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untold {
    /// A number was not reached because it is barred.
    Barred,
    /// What becomes of a call that leaves all monitored devices.
    Unmonitored,
    /// Why an agent pauses.
    PauseReason,
    /// That the state of an agent changes: it must be asked for.
    AgentStates,
    /// Calls that lead through a part of the switch itself (Local channels of an Asterisk).
    LocalChannels,
    /// A supervisor whom one party alone hears: nobody may do it either.
    Whisper,
}

impl Dialect {
    /// Why it lacks a service; none when it has it, as far as is known.
    pub fn lacks(&self, service: &str) -> Option<&'static str> {
        let all = self.lacks.iter().chain(table::ASKED_OF_NONE);
        all.into_iter().find(|(name, _)| *name == service).map(|(_, why)| *why)
    }

    /// Why it does not tell something; none when it does.
    pub fn does_not_tell(&self, what: Untold) -> Option<&'static str> {
        self.silent_on.iter().find(|(one, _)| *one == what).map(|(_, why)| *why)
    }

    /// The way it holds callers when nobody says which.
    pub fn usual_holding(&self) -> Option<Holding> {
        self.holds.first().copied()
    }

    /// This dialect with another framing, phase or start: `MiVoice` 5000 has them configured until its first trace.
    #[must_use]
    pub const fn with(self, framing: Framing, encoding: Encoding, start: Start) -> Self {
        Self { encoding, framing, start, ..self }
    }
}
