//! Raw messages of the wire by the switch's call keys, kept until the call ends, then handed over once.
//!
//! Bounded four times: per call key, over all, in keys that no call claims, and in the memory of ended calls. What does not fit is counted.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use cti_core::fact::{Fact, Record};
use cti_core::ids::{CallId, Native, SwitchId};
use cti_core::state::State;
use cti_core::time::Timestamp;
use metrics::counter;

/// Bytes kept of one call key.
const CALL_BYTES: usize = 256 * 1024;
/// Bytes kept of all calls together.
const ALL_BYTES: usize = 32 * 1024 * 1024;
/// Keys of ended calls whose late messages are not kept any more.
const ENDED_KEYS: usize = 10_000;
/// Keys kept that are of no call yet. Most of them never will be: channels that come and go without one, and what
/// is said long after a call.
const UNCLAIMED_KEYS: usize = 1_000;
/// What a message costs beside its text, about: its place here, and the ranges of its headers.
const MESSAGE_BYTES: usize = 512;

/// Something of the wire with the call keys it concerns.
#[derive(Debug)]
pub(super) struct Raw {
    switch: SwitchId,
    received_at: Timestamp,
    message: links::Evidence,
    calls: Vec<Native>,
}

impl Raw {
    /// None when it concerns no call.
    pub(super) fn of(
        switch: SwitchId,
        received_at: Timestamp,
        message: links::Evidence,
        calls: Vec<Native>,
    ) -> Option<Self> {
        (!calls.is_empty()).then_some(Self { switch, received_at, message, calls })
    }
}

/// A message with its time of arrival and its place among all messages.
#[derive(Debug, Clone)]
struct Kept {
    number: u64,
    received_at: Timestamp,
    message: links::Evidence,
}

impl Kept {
    fn bytes(&self) -> usize {
        self.message.raw().len() + MESSAGE_BYTES
    }
}

type Key = (SwitchId, Native);

/// Everything the wire said about one ended call.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Proof {
    /// The call.
    pub(super) call: CallId,
    /// When it ended.
    pub(super) ended_at: Timestamp,
    /// The raw messages as a trace; empty when none were kept.
    pub(super) trace: Vec<u8>,
}

/// Messages of live calls.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    rings: HashMap<Key, Ring>,
    /// Keys in the order of their first message.
    order: VecDeque<Key>,
    bytes: usize,
    number: u64,
    /// Keys of every live call.
    calls: BTreeMap<CallId, Vec<Key>>,
    /// How many live calls name a key; none that no call names.
    claims: HashMap<Key, usize>,
    /// Keys that no call named when their first message came, oldest first.
    unclaimed: VecDeque<Key>,
    ended: HashSet<Key>,
    ended_order: VecDeque<Key>,
}

#[derive(Debug, Default)]
struct Ring {
    messages: VecDeque<Kept>,
    bytes: usize,
}

impl Evidence {
    /// Begins with the calls that were live before a restart; what the wire said before is gone.
    pub(super) fn of(state: &State) -> Self {
        let mut evidence = Self::default();
        for (id, call) in &state.calls {
            evidence.calls.insert(*id, Vec::new());
            evidence.claim(*id, call.keys().map(|(switch, key)| (switch.clone(), key.clone())).collect());
        }
        evidence
    }

    /// Keeps a message for every call it concerns.
    pub(super) fn keep(&mut self, raw: Raw) {
        self.number += 1;
        for call in raw.calls {
            let key = (raw.switch.clone(), call);
            if self.ended.contains(&key) {
                continue;
            }
            let kept =
                Kept { number: self.number, received_at: raw.received_at, message: raw.message.clone() };
            self.push(key, kept);
        }
        while self.bytes > ALL_BYTES {
            let Some(oldest) = self.order.pop_front() else { break };
            let dropped = self.drop_ring(&oldest);
            counter!("tieline_evidence_dropped_total").increment(dropped);
        }
    }

    fn push(&mut self, key: Key, kept: Kept) {
        if !self.rings.contains_key(&key) {
            self.order.push_back(key.clone());
            if !self.claims.contains_key(&key) {
                self.unclaimed.push_back(key.clone());
            }
        }
        let ring = self.rings.entry(key).or_default();
        let before = ring.bytes;
        ring.bytes += kept.bytes();
        ring.messages.push_back(kept);
        while ring.bytes > CALL_BYTES {
            let Some(oldest) = ring.messages.pop_front() else { break };
            ring.bytes -= oldest.bytes();
            counter!("tieline_evidence_dropped_total").increment(1);
        }
        self.bytes = self.bytes + ring.bytes - before;
        if self.unclaimed.len() > UNCLAIMED_KEYS
            && let Some(oldest) = self.unclaimed.pop_front()
            && !self.claims.contains_key(&oldest)
        {
            self.drop_ring(&oldest);
            self.order.retain(|one| *one != oldest);
        }
    }

    /// Gives keys to a live call.
    fn claim(&mut self, call: CallId, keys: Vec<Key>) {
        let Some(known) = self.calls.get_mut(&call) else { return };
        for key in keys {
            if !known.contains(&key) {
                *self.claims.entry(key.clone()).or_default() += 1;
                known.push(key);
            }
        }
    }

    /// Takes a key from a call; true when another call still has it.
    fn unclaim(&mut self, key: &Key) -> bool {
        let Some(claims) = self.claims.get_mut(key) else { return false };
        *claims -= 1;
        let lives_on = *claims > 0;
        if !lives_on {
            self.claims.remove(key);
        }
        lives_on
    }

    fn drop_ring(&mut self, key: &Key) -> u64 {
        let Some(ring) = self.rings.remove(key) else { return 0 };
        self.bytes -= ring.bytes;
        u64::try_from(ring.messages.len()).unwrap_or(u64::MAX)
    }

    /// Learns which keys mean which call.
    pub(super) fn follow(&mut self, record: &Record) {
        if let Fact::CallCreated { call, switch, native, split_from, split_native, split_keys, .. } =
            &record.fact
        {
            self.calls.insert(*call, Vec::new());
            let more = split_keys.iter().flat_map(|(at, keys)| keys.iter().map(move |key| (at, key)));
            let keys = more.chain([(switch, native)]).map(|(at, key)| (at.clone(), key.clone()));
            self.claim(*call, keys.collect());
            // What was said before a split belongs to both, so the other call keeps its former keys.
            if let (Some(old), Some(key)) = (split_from, split_native) {
                self.claim(*old, vec![(switch.clone(), key.clone())]);
            }
        }
        if let Fact::HopJoined { call, to, native: Some(native), .. } = &record.fact {
            self.claim(*call, vec![(to.clone(), native.clone())]);
        }
        if let Fact::CallEnded { call, merged_into: Some(into), .. } = &record.fact
            && let Some(keys) = self.calls.get(call).cloned()
        {
            self.claim(*into, keys);
        }
    }

    /// Everything about a call that ended, in the order of arrival. The keys of a merged call live on in the
    /// other.
    pub(super) fn take(&mut self, call: CallId, ended_at: Timestamp) -> Option<Proof> {
        let keys = self.calls.remove(&call)?;
        let mut messages = Vec::new();
        for key in keys {
            let lives_on = self.unclaim(&key);
            if let Some(ring) = self.rings.get(&key) {
                messages.extend(ring.messages.iter().cloned());
            }
            if !lives_on {
                self.forget(key);
            }
        }
        messages.sort_by_key(|kept| kept.number);
        messages.dedup_by_key(|kept| kept.number);
        Some(Proof {
            call,
            ended_at,
            trace: crate::trace::write(messages.iter().map(|kept| (kept.received_at, kept.message.raw()))),
        })
    }

    fn forget(&mut self, key: Key) {
        self.drop_ring(&key);
        self.order.retain(|one| *one != key);
        self.unclaimed.retain(|one| *one != key);
        if !self.ended.insert(key.clone()) {
            return;
        }
        self.ended_order.push_back(key);
        if self.ended_order.len() > ENDED_KEYS
            && let Some(oldest) = self.ended_order.pop_front()
        {
            self.ended.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests;
