//! Belief against the switch's own picture, after a start or a gap. The difference comes out as ordinary facts
//! with `origin: reconciled`. Only `Known` overrides belief.

use std::collections::BTreeSet;

use super::Turn;
use crate::connection::ConnectionState;
use crate::fact::{Cause, Fact, Origin, Side};
use crate::ids::{AgentId, CallId, LegId, Native, QueueId, SwitchId};
use crate::input::{Endpoint, MemberSeen, PartyInfo, Reported, Snapshot, SnapshotCall, SnapshotConnection};
use crate::state::Queue;
use crate::time::Timestamp;

impl Turn<'_> {
    pub(super) fn reconcile(&mut self, switch: &SwitchId, snapshot: Snapshot) {
        self.origin = Origin::Reconciled;
        let known = self.state.switches.get(switch);
        let before =
            known.map(|one| one.heard_until.unwrap_or(one.last_at)).filter(|at| *at > Timestamp::default());
        let epoch = known.and_then(|one| one.boot_epoch.clone());
        let last_seen = before.unwrap_or(self.at);
        // What a switch shows first may have begun at any time.
        self.since = Some(before.unwrap_or_default());
        // Of a switch that has never told of anything only the link is known.
        let again = known.filter(|_| epoch.as_ref() == Some(&snapshot.boot_epoch)).map(|one| one.link_since);
        if let Some(from) = before.or(again) {
            self.emit(Fact::LinkGap { switch: switch.clone(), from, until: self.at });
        }
        let booted = epoch.is_some() && epoch.as_ref() != Some(&snapshot.boot_epoch);
        let chosen = self.chosen_memberships(switch);
        if epoch.as_ref() != Some(&snapshot.boot_epoch) {
            if epoch.is_some() {
                self.clear_all(switch, Cause::SwitchRestart, &BTreeSet::new(), last_seen);
                self.forget_listeners(switch);
            }
            self.emit(Fact::SwitchBooted { switch: switch.clone(), boot_epoch: snapshot.boot_epoch });
        }
        for queue in snapshot.queues {
            self.queue_seen(switch, queue);
        }
        for (device, state) in &snapshot.devices {
            match state {
                Reported::Known(state) => self.device_state(switch, device, *state),
                Reported::Unknown => {
                    self.device(switch, device, None, None);
                }
            }
        }
        self.reconcile_members(switch, snapshot.members);
        self.reassert(chosen, booted, last_seen);
        let alive: BTreeSet<Native> = snapshot
            .calls
            .iter()
            .flat_map(|call| &call.connections)
            .map(|one| one.endpoint.connection.clone())
            .collect();
        self.twins = self.twins(switch, &snapshot.calls);
        self.depart_together(|turn| {
            for call in &snapshot.calls {
                turn.reconcile_call(switch, call);
            }
        });
        self.clear_all(switch, Cause::Lost, &alive, last_seen);
        self.settle_commands();
        self.settle_unknown(switch);
    }

    fn reconcile_members(&mut self, switch: &SwitchId, members: Vec<MemberSeen>) {
        let seen: BTreeSet<(Native, Native)> =
            members.iter().map(|one| (one.queue.clone(), one.device.native.clone())).collect();
        for member in members {
            self.member_seen(switch, member);
        }
        let mut gone: Vec<(QueueId, AgentId)> = Vec::new();
        let mirrored = |queue: &Queue| queue.switch == *switch && queue.own.is_none();
        for (id, queue) in self.state.queues.iter().filter(|(_, queue)| mirrored(queue)) {
            for agent in &queue.members {
                let device = self.state.agents.get(agent).and_then(|one| self.state.devices.get(&one.device));
                let key = device.map(|device| (queue.native.clone(), device.native.clone()));
                if key.is_some_and(|key| !seen.contains(&key)) {
                    gone.push((*id, *agent));
                }
            }
        }
        for (queue, agent) in gone {
            self.remove_member(queue, agent);
        }
    }

    /// Clears every leg of the switch that is not alive.
    pub(super) fn clear_all(
        &mut self,
        switch: &SwitchId,
        cause: Cause,
        alive: &BTreeSet<Native>,
        last_seen: Timestamp,
    ) {
        let dead: Vec<(CallId, LegId)> = self
            .state
            .calls
            .iter()
            .flat_map(|(id, call)| call.legs.iter().map(move |leg| (*id, leg)))
            .filter(|(_, leg)| self.state.devices.get(&leg.device).is_some_and(|one| one.switch == *switch))
            .filter(|(_, leg)| !alive.contains(&leg.connection))
            .map(|(id, leg)| (id, leg.id))
            .collect();
        let between = Some([last_seen, self.at]);
        let calls: BTreeSet<CallId> = dead.iter().map(|(call, _)| *call).collect();
        for (call, leg) in dead {
            self.clear(call, leg, cause, false, between);
        }
        for call in calls {
            self.part_where_cut(call);
            self.end_if_empty(call, between);
        }
    }

    /// Makes belief of one call equal to the picture.
    fn reconcile_call(&mut self, switch: &SwitchId, picture: &SnapshotCall) {
        let known: BTreeSet<CallId> = picture
            .connections
            .iter()
            .filter_map(|one| self.leg_of(switch, &one.endpoint.connection))
            .map(|(call, _)| call)
            .chain(self.call_by_key(switch, &picture.call))
            .collect();
        let mut known = known.into_iter();
        let mut found = known.next();
        for other in known {
            found = found.map(|one| self.merge(one, other));
        }
        let call = match (found, first(picture)) {
            (Some(call), _) => call,
            (None, Some(one)) => self.create_from(switch, picture, one),
            (None, None) => return,
        };
        let answered_first = |one: &&SnapshotConnection| {
            (one.originator, one.state != Reported::Known(ConnectionState::Connected))
        };
        let mut connections: Vec<&SnapshotConnection> = picture.connections.iter().collect();
        // The originator's leg must exist before targets, an answered target before the caller leaves its queue.
        if let Some(one) = connections.iter().find(|one| one.originator)
            && self.leg_of(switch, &one.endpoint.connection).is_none()
        {
            self.add_originator(switch, call, &one.endpoint);
            self.reach_queue(switch, call, one);
        }
        connections.sort_by_key(answered_first);
        for connection in connections {
            self.end_lost_route(switch, connection);
            self.reconcile_connection(switch, call, connection);
        }
    }

    /// A caller whom we believe to be held for us is elsewhere: that it ended was told while nobody listened.
    fn end_lost_route(&mut self, switch: &SwitchId, one: &SnapshotConnection) {
        let Some((call, leg)) = self.leg_of(switch, &one.endpoint.connection) else { return };
        let route = self.state.calls.get(&call).and_then(|found| found.route.as_ref());
        let Some(point) = route.filter(|route| route.leg == leg).map(|route| &route.point) else { return };
        let is_elsewhere = match one.state {
            Reported::Known(ConnectionState::Connected | ConnectionState::Hold) => true,
            Reported::Known(ConnectionState::Queued) => one.endpoint.queue.as_ref() != Some(point),
            Reported::Known(_) | Reported::Unknown => false,
        };
        if is_elsewhere && one.held.is_none() {
            self.route_ended(switch, &one.endpoint.connection);
        }
    }

    /// True for a place at which a switch asks us: the question follows, and waiting there is no queue of the PBX.
    fn is_place_of_ours(&self, place: &Native) -> bool {
        let acd = &self.state.acd;
        let named = |rule: &crate::acd::EntryRule| rule.when.point.as_deref() == Some(place.as_str());
        acd.queue_index.contains_key(place.as_str()) || acd.rules.iter().any(named)
    }

    fn create_from(&mut self, switch: &SwitchId, picture: &SnapshotCall, one: &SnapshotConnection) -> CallId {
        let native = picture.call.clone();
        let side = if one.originator { Side::Originator } else { Side::Target };
        self.create(switch, native, &one.endpoint, &PartyInfo::default(), picture.dialled.clone(), side)
    }

    fn reach_queue(&mut self, switch: &SwitchId, call: CallId, one: &SnapshotConnection) {
        if let (Some(waits), Some(point)) = (one.held, &one.endpoint.queue) {
            self.route_requested(switch, &one.endpoint.connection, point.clone(), waits);
            return;
        }
        let queued = one.state == Reported::Known(ConnectionState::Queued);
        let leg = self.leg_of(switch, &one.endpoint.connection).map(|(_, leg)| leg);
        if let (true, Some(queue), Some(leg)) = (queued, &one.endpoint.queue, leg)
            && !self.waits_in_queue(call, leg)
            && !self.is_place_of_ours(queue)
        {
            self.queued(switch, &one.endpoint.connection, queue);
        }
    }

    fn reconcile_connection(&mut self, switch: &SwitchId, call: CallId, one: &SnapshotConnection) {
        let endpoint: &Endpoint = &one.endpoint;
        if self.leg_of(switch, &endpoint.connection).is_none() {
            // In a queue the endpoint of a caller names the queue it waits in; only a called member has an offer.
            self.add_target(switch, call, endpoint);
        }
        let Some((call, leg)) = self.leg_of(switch, &endpoint.connection) else {
            return;
        };
        let Some(believed) = self.leg(call, leg).map(|leg| (leg.state, leg.device, leg.side)) else {
            return;
        };
        let Reported::Known(state) = one.state else { return };
        match (state, believed) {
            (ConnectionState::Alerting, (ConnectionState::Initiated, device, _)) => {
                self.emit(Fact::LegAlerting { call, leg, device });
                self.touch_device(device);
            }
            (
                ConnectionState::Connected,
                (ConnectionState::Initiated | ConnectionState::Alerting, ..)
                // Picked up while we were away.
                | (ConnectionState::Connected, _, Side::Originator),
            ) => self.answer(call, leg),
            (ConnectionState::Connected, (ConnectionState::Hold, device, _)) => {
                self.emit(Fact::LegRetrieved { call, leg, device });
                self.touch_device(device);
            }
            (ConnectionState::Connected, (ConnectionState::Queued, ..)) => {
                self.leave_queue(call, crate::fact::QueueLeave::Withdrawn, None, None);
                self.unparked(switch, &endpoint.connection);
            }
            // Answered and put on hold while we were away.
            (ConnectionState::Hold, (ConnectionState::Initiated | ConnectionState::Alerting, ..)) => {
                self.answer(call, leg);
                self.held(switch, &endpoint.connection);
            }
            (ConnectionState::Hold, (ConnectionState::Connected, device, _)) => {
                self.emit(Fact::LegHeld { call, leg, device });
                self.touch_device(device);
            }
            (ConnectionState::Queued, _) => self.reach_queue(switch, call, one),
            _ => {}
        }
    }
}

/// The connection a new call begins with: the originator, else the first.
fn first(picture: &SnapshotCall) -> Option<&SnapshotConnection> {
    picture.connections.iter().find(|one| one.originator).or_else(|| picture.connections.first())
}
