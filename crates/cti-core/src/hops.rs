//! Calls between two of our switches: how a number leads to the other one, and where the halves look for each other.
//!
//! A call that leaves a switch by a route is expected at the other one. What arrives there and fits exactly one
//! expectation is the other half of that call; what fits more is related and never guessed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::fact::Direction;
use crate::ids::{CallId, LegId, SwitchId};
use crate::number::{Number, NumberKind};
use crate::state::{Call, State, Switch};
use crate::time::Timestamp;

/// How long after its departure a call is expected at the other switch.
pub const HOP_MS: i64 = 15_000;

/// How much longer a call is expected whose line was given up: the next line of the bundle may be tried at once.
pub const RETRY_MS: i64 = 2_000;

/// Datum: what the dialplans of both switches agree to call it.
pub const HOP: &str = "hop";
/// Datum: Avaya's Universal Call ID, twenty digits of which the first five are the node that made it.
pub const UCID: &str = "ucid";
/// Datum: the global call linkage of ECMA-269, where it is unique beyond one switch.
pub const LINKAGE: &str = "call_linkage";
/// Datum: what computers wrote to the call (ECMA-269). Many calls may have the same.
pub const CORRELATOR: &str = "correlator";

/// Data of a call that may name it on both switches, the surest first. Each speaks for its own kind only. Only a
/// switch may write them.
pub const TOKENS: [&str; 4] = [HOP, UCID, LINKAGE, CORRELATOR];

/// True when these values of one token show two calls. An id that its maker could not hand on is made anew by the
/// next switch, so it counts only against another one of the same maker.
pub(crate) fn are_of_two(token: &str, one: &str, other: &str) -> bool {
    let same_maker = match token {
        HOP => true,
        UCID => one.get(..5).is_some_and(|maker| other.get(..5) == Some(maker)),
        _ => false,
    };
    same_maker && one != other
}

/// Calls that one call may be related to. Who has more fits anything.
pub const RELATED_MAX: usize = 16;

/// Numbers with this prefix lead to another of our switches (`[[switch.route]]`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HopRoute {
    /// The other switch.
    pub to: SwitchId,
    /// What is dialled before the number of the other switch.
    pub prefix: Arc<str>,
    /// The number that the other switch sees as the caller; the caller's own when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller_id: Option<Arc<str>>,
}

impl Hop {
    /// True when the number of its caller can tell it from any other call to the same number.
    pub(crate) fn has_caller(&self) -> bool {
        !self.departure.calling.is_empty()
    }

    /// True when this caller may be ours.
    pub(crate) fn is_called_by(&self, number: Option<&Number>) -> bool {
        number.map_or(self.departure.calling.is_empty(), |number| {
            self.departure.calling.iter().any(|one| **one == *number.key())
        })
    }
}

impl HopRoute {
    /// The number at the other switch, when `dialled` takes this route.
    pub fn target<'t>(&self, dialled: &'t str) -> Option<&'t str> {
        dialled.strip_prefix(&*self.prefix).filter(|target| !target.is_empty())
    }
}

/// How a call leaves for another of our switches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// The leg at the line it leaves by, when that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leg: Option<LegId>,
    /// The switch it leaves.
    pub from: SwitchId,
    /// The switch it goes to.
    pub to: SwitchId,
    /// The number there, in the form in which two writings of it are equal.
    pub target: Arc<str>,
    /// What the caller may be shown as there, in the same form; nothing when nobody is shown.
    #[serde(default)]
    pub calling: Vec<Arc<str>>,
    /// Until when it may arrive.
    pub until: Timestamp,
}

/// A call on its way to another of our switches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// How it leaves; its leg once that is known.
    #[serde(flatten)]
    pub departure: Departure,
    /// The leg at the line it arrives by, once it is known.
    pub arrival: Option<LegId>,
    /// The half at the other switch was found.
    pub is_joined: bool,
}

/// Where a half of a call can be found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum HopKey {
    /// Expected at this switch, for this number.
    Expected(SwitchId, Arc<str>),
    /// Arrived at this switch by a line, for this number.
    Arrived(SwitchId, Arc<str>),
    /// Has this value of this token.
    Token(&'static str, Arc<str>),
}

/// Live calls by what their other half would look for. Made from the calls, so a snapshot does not hold it.
#[derive(Debug, Clone, Default)]
pub(crate) struct HopIndex {
    /// Switches that a route leads to.
    targets: BTreeSet<SwitchId>,
    calls: BTreeMap<HopKey, BTreeSet<CallId>>,
}

impl HopIndex {
    /// True when nothing is looked for.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// The calls with this key.
    pub(crate) fn calls(&self, key: &HopKey) -> impl Iterator<Item = CallId> {
        self.calls.get(key).into_iter().flatten().copied()
    }
}

impl Switch {
    /// The digits of what a person typed, when they lead to another of our switches and are no number of the world
    /// and none that calls for help.
    pub(crate) fn hop_digits(&self, typed: &str) -> Option<Arc<str>> {
        let digits: String = typed.chars().filter(|one| !" -/.()".contains(*one)).collect();
        self.route_of(&digits)?;
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit() || b"*#".contains(&byte));
        let read = self.plan.typed(typed);
        let is_public = read.e164.is_some() || matches!(read.kind, NumberKind::Emergency | NumberKind::Short);
        (is_plain && !is_public).then(|| digits.into())
    }

    /// The route that digits take.
    pub(crate) fn route_of(&self, dialled: &str) -> Option<&HopRoute> {
        let fits = self.routes.iter().filter(|route| route.target(dialled).is_some());
        fits.max_by_key(|route| route.prefix.len())
    }
}

impl Call {
    /// True for the leg of a line that only joins two of our switches.
    pub fn is_hop(&self, leg: LegId) -> bool {
        self.hops
            .iter()
            .any(|hop| hop.is_joined && (hop.departure.leg == Some(leg) || hop.arrival == Some(leg)))
    }

    /// Live legs at a line that only joins two of our switches.
    pub fn hop_legs(&self) -> impl Iterator<Item = LegId> {
        self.legs.iter().map(|leg| leg.id).filter(|leg| self.is_hop(*leg))
    }

    /// The tokens it has. A switch that has none to give may write zeros.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = (&'static str, &Arc<str>)> {
        let all = TOKENS.iter().filter_map(|token| Some((*token, self.data.get(*token)?)));
        all.filter(|(_, value)| value.bytes().any(|one| one != b'0'))
    }

    /// Its tokens as its halves look for them.
    pub(crate) fn token_keys(&self) -> impl Iterator<Item = HopKey> {
        self.tokens().map(|(token, value)| HopKey::Token(token, Arc::clone(value)))
    }
}

impl State {
    pub(crate) fn has_hop_routes(&self) -> bool {
        !self.hops.targets.is_empty()
    }

    /// True when a route of any switch leads to this one.
    pub(crate) fn is_hop_target(&self, switch: &SwitchId) -> bool {
        self.hops.targets.contains(switch)
    }

    /// True when numbers of `from` can lead to `to`.
    pub(crate) fn is_routed(&self, from: &SwitchId, to: &SwitchId) -> bool {
        self.switches.get(from).is_some_and(|one| one.routes.iter().any(|route| route.to == *to))
    }

    /// True for a call that came by a line and may be the other half of another one.
    pub(crate) fn is_arrival(&self, call: &Call) -> bool {
        call.direction == Direction::Inbound
            && call.hops.iter().all(|hop| !hop.is_joined)
            && self.is_hop_target(&call.switch)
    }

    /// Everything the other half of a call may look for.
    pub(crate) fn hop_keys(&self, id: CallId) -> Vec<HopKey> {
        let Some(call) = self.calls.get(&id).filter(|_| self.has_hop_routes()) else {
            return Vec::new();
        };
        let open = call.hops.iter().filter(|hop| !hop.is_joined);
        let mut keys: Vec<HopKey> = open
            .map(|hop| HopKey::Expected(hop.departure.to.clone(), Arc::clone(&hop.departure.target)))
            .collect();
        if let (true, Some(dialled)) = (self.is_arrival(call), &call.dialled) {
            keys.push(HopKey::Arrived(call.switch.clone(), dialled.key().into()));
        }
        keys.extend(call.token_keys());
        keys
    }

    /// Brings the index to what a call is now; `before` is what it was.
    pub(crate) fn index_hops(&mut self, id: CallId, before: Vec<HopKey>) {
        let after = self.hop_keys(id);
        if before == after {
            return;
        }
        for key in before {
            if let Some(calls) = self.hops.calls.get_mut(&key) {
                calls.remove(&id);
                if calls.is_empty() {
                    self.hops.calls.remove(&key);
                }
            }
        }
        for key in after {
            self.hops.calls.entry(key).or_default().insert(id);
        }
    }

    /// Makes the index anew, after a load or when routes changed.
    pub(crate) fn rebuild_hops(&mut self) {
        let routes = self.switches.values().flat_map(|one| &one.routes);
        self.hops =
            HopIndex { targets: routes.map(|route| route.to.clone()).collect(), ..HopIndex::default() };
        let calls: Vec<CallId> = self.calls.keys().copied().collect();
        for call in calls {
            self.index_hops(call, Vec::new());
        }
    }
}
