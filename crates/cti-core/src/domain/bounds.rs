//! What one switch can have at most, so that a lying or flooding peer cannot fill the memory. Beyond a bound what
//! is new is not taken in, what is known goes on; `link.overloaded` says so once per link.

use super::Turn;
use crate::fact::{Excess, Fact};
use crate::ids::{Native, SwitchId};
use crate::input::{DeviceRef, Endpoint, Snapshot, SwitchEvent};
use crate::state::Switch;

/// Live calls of a switch.
const CALLS_MAX: usize = 20_000;
/// Live connections of a switch.
const CONNECTIONS_MAX: usize = 60_000;
/// Devices of a switch.
const DEVICES_MAX: usize = 50_000;
/// Queues of a switch.
const QUEUES_MAX: usize = 5_000;

impl Turn<'_> {
    /// False when the event would bring something new beyond a bound.
    pub(super) fn admits(&mut self, switch: &SwitchId, event: &SwitchEvent) -> bool {
        let excess = self.state.switches.get(switch).and_then(|found| excess(found, event));
        if let Some((what, bound)) = excess {
            self.overloaded(switch, what, bound);
        }
        excess.is_none()
    }

    /// The part of a snapshot that is within the bounds.
    pub(super) fn admitted(&mut self, switch: &SwitchId, mut snapshot: Snapshot) -> Snapshot {
        let sizes = [
            (Excess::Calls, snapshot.calls.len(), CALLS_MAX),
            (Excess::Devices, snapshot.devices.len().max(snapshot.members.len()), DEVICES_MAX),
            (Excess::Queues, snapshot.queues.len(), QUEUES_MAX),
        ];
        for (what, size, bound) in sizes {
            if size > bound {
                self.overloaded(switch, what, bound);
            }
        }
        snapshot.calls.truncate(CALLS_MAX);
        snapshot.devices.truncate(DEVICES_MAX);
        snapshot.members.truncate(DEVICES_MAX);
        snapshot.queues.truncate(QUEUES_MAX);
        let mut room = CONNECTIONS_MAX;
        for call in &mut snapshot.calls {
            call.connections.truncate(room);
            room = room.saturating_sub(call.connections.len());
        }
        snapshot
    }

    fn overloaded(&mut self, switch: &SwitchId, what: Excess, bound: usize) {
        if self.state.switches.get(switch).is_some_and(|one| !one.is_overloaded) {
            let bound = u64::try_from(bound).unwrap_or(u64::MAX);
            self.emit(Fact::LinkOverloaded { switch: switch.clone(), what, bound });
        }
    }
}

/// What the event would bring too much of.
fn excess(switch: &Switch, event: &SwitchEvent) -> Option<(Excess, usize)> {
    let device = |device: &DeviceRef| {
        let is_new = switch.device_index.get(&device.native).is_none();
        (is_new && switch.device_index.len() >= DEVICES_MAX).then_some((Excess::Devices, DEVICES_MAX))
    };
    let queue = |queue: &Native| {
        let is_new = switch.queue_index.get(queue).is_none();
        (is_new && switch.queue_index.len() >= QUEUES_MAX).then_some((Excess::Queues, QUEUES_MAX))
    };
    let leg = |call: &Native, endpoint: &Endpoint| {
        if switch.leg_index.get(&endpoint.connection).is_some() {
            return None;
        }
        if switch.leg_index.len() >= CONNECTIONS_MAX {
            return Some((Excess::Connections, CONNECTIONS_MAX));
        }
        let is_new = switch.call_index.get(call).is_none();
        let calls = (is_new && switch.call_index.len() >= CALLS_MAX).then_some((Excess::Calls, CALLS_MAX));
        calls.or_else(|| device(&endpoint.device))
    };
    match event {
        SwitchEvent::Device { device: one, .. }
        | SwitchEvent::DeviceState { device: one, .. }
        | SwitchEvent::Observed { by: one, .. } => device(one),
        SwitchEvent::Queue(seen) => queue(&seen.queue),
        SwitchEvent::Member(seen) => queue(&seen.queue).or_else(|| device(&seen.device)),
        SwitchEvent::Queued { queue: one, .. } => queue(one),
        SwitchEvent::Originated { call, from: endpoint, .. }
        | SwitchEvent::Delivered { call, to: endpoint, .. }
        | SwitchEvent::Established { call, to: endpoint }
        | SwitchEvent::Failed { call, to: endpoint, .. } => leg(call, endpoint),
        SwitchEvent::MemberRemoved { .. }
        | SwitchEvent::QueueCounted { .. }
        | SwitchEvent::Held { .. }
        | SwitchEvent::Retrieved { .. }
        | SwitchEvent::Dequeued { .. }
        | SwitchEvent::Diverted { .. }
        | SwitchEvent::Cleared { .. }
        | SwitchEvent::Joined { .. }
        | SwitchEvent::Split { .. }
        | SwitchEvent::Transferred { .. }
        | SwitchEvent::Conferenced { .. }
        | SwitchEvent::Parked { .. }
        | SwitchEvent::Unparked { .. }
        | SwitchEvent::ObservationEnded { .. }
        | SwitchEvent::Recording { .. }
        | SwitchEvent::RouteRequested { .. }
        | SwitchEvent::RouteReturned { .. }
        | SwitchEvent::RouteEnded { .. }
        | SwitchEvent::KeyPressed { .. }
        | SwitchEvent::CallData { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Site, at_station, pbx};
    use super::*;
    use crate::input::{Input, QueueSeen};

    #[test]
    fn a_flood_of_queues_stops_at_its_bound_and_known_things_go_on() {
        let mut site = Site::new();
        let flood = |site: &mut Site, number: usize| {
            let queue = Native::from(format!("q{number}"));
            let seen = QueueSeen { queue, name: "q".into(), wrap_up_ms: 0 };
            site.domain.handle(
                site.now,
                Input::Switch { switch: pbx(), at: site.now, event: SwitchEvent::Queue(seen) },
            )
        };
        let told: usize = (0..QUEUES_MAX + 10).map(|number| flood(&mut site, number).records.len()).sum();
        assert_eq!(site.domain.state().queues.len(), QUEUES_MAX);
        // One fact for each queue beside the one of the site, and one that says what is not taken in.
        assert_eq!(told, QUEUES_MAX - 1 + 1);
        assert!(site.domain.state().switches[&pbx()].is_overloaded);
        let from = at_station("a", "1001");
        let event = SwitchEvent::Originated { call: Native::from("c"), from, dialled: None };
        site.domain.handle(site.now, Input::Switch { switch: pbx(), at: site.now, event });
        assert_eq!(site.domain.state().calls.len(), 1);
    }
}
