//! Requests that wait for their answer.

use std::collections::BTreeMap;
use std::time::Duration;

use super::output::RequestId;
use crate::model::{CallId, InvokeId};

/// Invoke ids run from 0 to this and begin anew; 9999 is for messages that nobody answers.
const ID_LAST: InvokeId = 9998;
/// Requests under way; what is beyond waits for nothing and is refused.
pub(super) const PENDING_MAX: usize = 2_000;

/// What a request was for. Numbers are places in the list of watched devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Purpose {
    /// `StartApplicationSession`.
    StartSession,
    /// `ResetApplicationSessionTimer`.
    ResetTimer,
    /// `StopApplicationSession`, or nothing that matters.
    Farewell,
    /// `SystemRegister`.
    Register,
    /// `GetSwitchingFunctionCaps` or `GetCSTAFeatures`.
    Capabilities,
    /// `GetSwitchingFunctionDevices`.
    Devices,
    /// `RequestSystemStatus`.
    Heartbeat,
    /// `GetThirdPartyDeviceId`.
    DeviceId(u64),
    /// `MonitorStart`.
    Monitor(u64),
    /// `MonitorStop`.
    StopMonitor,
    /// `SnapshotDevice`.
    SnapshotDevice(u64),
    /// `SnapshotCall`.
    SnapshotCall(CallId),
    /// `GetAgentState`, for a survey or between.
    Agents(u64),
    /// A request of our owner.
    Owner(RequestId),
    /// Something whose answer nobody waits for any more.
    Disowned,
}

/// Requests by invoke id.
#[derive(Debug, Default)]
pub(super) struct Pending {
    next: InvokeId,
    open: BTreeMap<InvokeId, (Purpose, Duration)>,
}

impl Pending {
    /// Takes a free invoke id; none when too much is under way.
    pub(super) fn open(&mut self, purpose: Purpose, until: Duration) -> Option<InvokeId> {
        if self.open.len() >= PENDING_MAX {
            return None;
        }
        while self.open.contains_key(&self.next) {
            self.next = after(self.next);
        }
        let id = self.next;
        self.next = after(id);
        self.open.insert(id, (purpose, until));
        Some(id)
    }

    /// An answer came.
    pub(super) fn close(&mut self, id: InvokeId) -> Option<Purpose> {
        self.open.remove(&id).map(|(purpose, _)| purpose)
    }

    /// The one request that waits, when there is just one: a Reject without id can only mean that, or an answer of
    /// ours. So it never decides what became of a request of our owner.
    pub(super) fn only(&self) -> Option<InvokeId> {
        let mut open = self.open.iter().filter(|(_, (purpose, _))| !matches!(purpose, Purpose::Owner(_)));
        open.next().map(|(id, _)| *id).filter(|_| self.open.len() == 1)
    }

    /// From now on nobody waits for the answers to these.
    pub(super) fn disown(&mut self, is: impl Fn(&Purpose) -> bool) {
        for (purpose, _) in self.open.values_mut() {
            if is(purpose) {
                *purpose = Purpose::Disowned;
            }
        }
    }

    /// Requests whose time is over.
    pub(super) fn overdue(&mut self, now: Duration) -> Vec<Purpose> {
        let late: Vec<_> =
            self.open.iter().filter(|(_, (_, until))| *until <= now).map(|(id, _)| *id).collect();
        late.into_iter().filter_map(|id| self.close(id)).collect()
    }

    /// All of them with their ids, for the end.
    pub(super) fn drain(&mut self) -> Vec<(InvokeId, Purpose)> {
        std::mem::take(&mut self.open).into_iter().map(|(id, (purpose, _))| (id, purpose)).collect()
    }

    /// When the next one is overdue.
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.open.values().map(|(_, until)| *until).min()
    }

    /// How many of a kind are under way.
    pub(super) fn count(&self, is: impl Fn(&Purpose) -> bool) -> usize {
        self.open.values().filter(|(purpose, _)| is(purpose)).count()
    }
}

const fn after(id: InvokeId) -> InvokeId {
    if id >= ID_LAST { 0 } else { id + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Quirk 20: 9998 is followed by 0000, never by 9999.
    #[test]
    fn quirk_20_ids_begin_anew_and_skip_those_in_use() {
        let mut pending = Pending { next: 9998, open: BTreeMap::new() };
        let soon = Duration::from_secs(1);
        assert_eq!(pending.open(Purpose::Heartbeat, soon), Some(9998));
        assert_eq!(pending.open(Purpose::Register, soon), Some(0));
        pending.next = 9998;
        assert_eq!(pending.open(Purpose::Devices, soon), Some(1));
        assert_eq!(pending.close(0), Some(Purpose::Register));
        assert_eq!(pending.close(0), None);
    }

    #[test]
    fn what_is_late_is_given_back_once() {
        let mut pending = Pending::default();
        pending.open(Purpose::Heartbeat, Duration::from_secs(1));
        pending.open(Purpose::Register, Duration::from_secs(3));
        assert_eq!(pending.deadline(), Some(Duration::from_secs(1)));
        assert_eq!(pending.overdue(Duration::from_secs(2)), [Purpose::Heartbeat]);
        assert_eq!(pending.overdue(Duration::from_secs(2)), []);
        assert_eq!(pending.drain(), [(1, Purpose::Register)]);
    }
}
