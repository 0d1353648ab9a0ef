//! One pure translator per switch kind, and the drivers that connect them.
//!
//! ```text
//! wire message ─▶ Translator::message ─▶ Batch { inputs for the Domain, keys of the calls concerned }
//! SwitchRequest ─▶ Translator::request ─▶ actions for the wire, in order
//! ```
//!
//! A translator is stateful and pure: time is handed in, nothing is awaited, the same messages at the same times
//! give the same inputs. It keeps the promises written at the top of `cti_core::input`. Only the driver (feature
//! `driver`) reads a clock and a socket.

pub mod asterisk;
pub mod clock;
pub mod config;
pub mod csta;
#[cfg(feature = "driver")]
pub mod driver;
mod evidence;

use cti_core::connection::ConnectionState;
use cti_core::fact::Observation;
use cti_core::ids::{CommandId, DeviceId, Native, SwitchId};
use cti_core::input::{Input, RequestOutcome};
use cti_core::request::SwitchRequest;
use cti_core::state::State;
use cti_core::time::Timestamp;

pub use config::{CstaConfig, CstaLink, SwitchConfig};
pub use evidence::{CstaEvidence, Evidence};

/// What one wire message came to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Batch {
    /// What the Domain is told, in order.
    pub inputs: Vec<Input>,
    /// Keys of the calls the message concerns, for keeping it as evidence; also when it changed nothing.
    pub calls: Vec<Native>,
}

/// A connection the Domain knows, told to a translator before its first message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownConnection {
    /// Key of its call.
    pub call: Native,
    /// Key of the connection.
    pub connection: Native,
    /// What the Domain believes of it; `Null` when its part is over, though its channel may still be listed.
    pub state: ConnectionState,
}

impl KnownConnection {
    /// All connections of a switch that a new translator must know.
    pub fn all(state: &State, switch: &SwitchId) -> Vec<Self> {
        let calls = state.calls.values();
        let here = |leg: &&cti_core::state::Leg| {
            state.devices.get(&leg.device).is_some_and(|one| one.switch == *switch)
        };
        let live = calls.filter_map(|call| Some((call.keys_at(switch).first()?, &call.legs))).flat_map(
            |(key, legs)| {
                legs.iter().filter(here).map(|leg| Self {
                    call: key.clone(),
                    connection: leg.connection.clone(),
                    state: leg.state,
                })
            },
        );
        let known = state.switches.get(switch);
        let left = known.into_iter().flat_map(|known| {
            let over = known.left.iter().filter(|connection| known.leg_index.get(*connection).is_none());
            over.map(|connection| Self {
                call: connection.clone(),
                connection: connection.clone(),
                state: ConnectionState::Null,
            })
        });
        live.chain(left).collect()
    }
}

/// What the Domain knows of a switch, told to its driver before anything else.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// Its live connections.
    pub connections: Vec<KnownConnection>,
    /// The boot epoch it was last seen in.
    pub boot_epoch: Option<Native>,
    /// Devices that hear a call without being a party to it: key of the call, the device, and how.
    pub listeners: Vec<(Native, Native, Option<Observation>)>,
}

impl Known {
    /// As the picture has it.
    pub fn of(state: &State, switch: &SwitchId) -> Self {
        let boot_epoch = state.switches.get(switch).and_then(|known| known.boot_epoch.clone());
        let here = |id: &DeviceId| state.devices.get(id).filter(|one| one.switch == *switch);
        let heard = state.calls.values().flat_map(|call| {
            let key = call.keys_at(switch).first().cloned();
            let observers = call.observers.iter();
            observers.filter_map(move |(by, mode)| Some((key.clone()?, here(by)?.native.clone(), *mode)))
        });
        Self { connections: KnownConnection::all(state, switch), boot_epoch, listeners: heard.collect() }
    }
}

/// One kind of switch: its wire on one side, the words of `cti_core::input` on the other.
pub trait Translator {
    /// A whole message of the wire.
    type Message;
    /// Something to send.
    type Action;

    /// Tells which connections were live or ended just before, so that they keep their keys over a restart of ours.
    fn seed(&mut self, now: Timestamp, known: &[KnownConnection]);

    /// Takes one message that arrived at `now` (engine time).
    fn message(&mut self, now: Timestamp, message: &Self::Message) -> Batch;

    /// Lets time pass without a message: what waited for a following message is decided.
    fn tick(&mut self, now: Timestamp) -> Batch;

    /// When `tick` is due next, if something waits.
    fn next_deadline(&self) -> Option<Timestamp>;

    /// Gives the actions of a request, to be sent one after the other while each is taken. An `Err` says why
    /// nothing can be sent.
    fn request(
        &mut self,
        now: Timestamp,
        command: CommandId,
        request: &SwitchRequest,
    ) -> Result<Vec<Self::Action>, RequestOutcome>;
}
