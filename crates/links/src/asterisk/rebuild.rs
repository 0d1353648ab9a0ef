//! The model made anew from complete lists: what stayed keeps its keys, what is new is told by the snapshot.
//!
//! Lists tell less than events do. A channel of which nothing is known gets a connection only where the live rules
//! would give it one: a called leg rings or talks, a caller's dialplan runs. One that merely comes or goes is left
//! to its next event.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ami::event::{ChannelSnapshot, ChannelState, CoreShowChannel, DialStatus, Event};
use cti_core::connection::ConnectionState;
use cti_core::fact::Observation;
use cti_core::ids::Native;
use cti_core::input::SwitchEvent;
use cti_core::time::Timestamp;

use super::AsteriskTranslator;
use super::held::{Held, Missed, Place, place_of};
use super::joins::mode_at;
use super::later::What;
use super::model::{Bridge, Channel, Connection, Kind, Side, Stage, Uid, Waiting};
use super::resync::{ListKind, Resync};
use crate::Batch;

/// What a channel is doing, as its list says.
#[derive(Debug, Default)]
struct Doing {
    application: String,
    data: String,
    /// In which way it hears another one by our include file.
    hears_as: Option<Observation>,
}

impl Doing {
    /// A leg that `Dial` or `Queue` made: it does nothing but wait for its bridge.
    fn is_outgoing(&self) -> bool {
        matches!(self.application.as_str(), "AppDial" | "AppQueue")
    }

    /// The queue a caller is in, also while an agent's announcement plays.
    fn queue(&self) -> Option<Native> {
        let name = self.data.split(',').next().filter(|name| !name.is_empty())?;
        (self.application == "Queue").then(|| Native::from(name))
    }
}

type Applications = BTreeMap<Uid, Doing>;

fn rows(resync: &Resync) -> impl Iterator<Item = CoreShowChannel<'_>> {
    resync
        .events(ListKind::Channels)
        .filter_map(|event| if let Event::CoreShowChannel(view) = event { Some(view) } else { None })
}

impl AsteriskTranslator {
    /// Buries channels that are gone, and first says what still waited to be said about them.
    pub(super) fn part_from_the_gone(&mut self, resync: &Resync) -> Batch {
        let living: BTreeSet<&str> =
            rows(resync).filter_map(|row| row.channel().map(ChannelSnapshot::uniqueid)).collect();
        let mut gone: Vec<Uid> =
            self.model.channels.keys().filter(|uid| !living.contains(uid.as_ref())).cloned().collect();
        gone.sort();
        for event in resync.events(ListKind::Parked) {
            if let Event::ParkedCall(view) = event
                && let Some(parkee) = view.parkee()
            {
                self.drop_later(parkee.uniqueid(), |what| matches!(what, What::Transferred { .. }));
            }
        }
        for uid in &gone {
            self.say_later(uid);
        }
        for uid in gone {
            self.end_listening(&uid);
            let buried = self.model.bury(&uid, self.at);
            for connection in buried.iter().flat_map(|channel| &channel.connections) {
                self.model.disconnect(connection);
            }
        }
        self.finish()
    }

    /// Makes the model. What is left in `out` are the few things that a snapshot cannot tell. Gives what
    /// became of held callers meanwhile.
    pub(super) fn rebuild(&mut self, resync: &Resync) -> Missed {
        let seeded: BTreeSet<Uid> = self.seeds.keys().cloned().collect();
        let applications = self.rebuild_channels(resync);
        self.rebuild_bridges(resync);
        self.plant_seeds(&applications);
        self.find_left_bridges();
        let missed = self.rebuild_held(resync, &seeded);
        self.rebuild_dials(&applications);
        self.rebuild_waiting(resync, &applications);
        self.rebuild_calls(&applications);
        for (uid, doing) in &applications {
            self.listens_by_list(uid, (&doing.application, &doing.data), doing.hears_as);
        }
        let tells_more = |event: &SwitchEvent| {
            matches!(
                event,
                SwitchEvent::Conferenced { .. }
                    | SwitchEvent::Split { .. }
                    | SwitchEvent::Observed { .. }
                    | SwitchEvent::RouteEnded { .. }
            )
        };
        self.out.retain(|(_, event)| tells_more(event));
        missed
    }

    /// Who waits for us is told by the place in the dialplan, never by the application.
    fn rebuild_held(&mut self, resync: &Resync, seeded: &BTreeSet<Uid>) -> Missed {
        let mut before = std::mem::take(&mut self.held);
        if !std::mem::take(&mut self.has_gap) {
            // No event was missed: what the list does not show yet, the next ones tell.
            before.retain(|uid, _| self.model.channel(uid).is_some());
            self.held = before;
            return Missed::default();
        }
        let mut returned = Vec::new();
        for row in rows(resync) {
            let Some(snapshot) = row.channel() else { continue };
            let Some((point, rings)) = place_of(snapshot) else { continue };
            let Some(channel) = self.model.channel(snapshot.uniqueid()) else { continue };
            if !channel.is_party() || channel.is_over || self.talks(snapshot.uniqueid()) {
                continue;
            }
            let uid = Arc::clone(&channel.uid);
            let known = before.remove(&uid);
            let is_new = known.is_none();
            let rang = known.as_ref().is_some_and(|held| matches!(held.place, Place::Rings(_)));
            let place = match known {
                // What we asked for is still under way.
                Some(held) if rings && rang => held.place,
                _ if rings => Self::found_offer(snapshot, point.clone()),
                _ => Place::Waits,
            };
            // Of one known from before our start alone, nobody here can tell whether phones rang for it.
            if !rings && (rang || is_new && seeded.contains(&uid)) {
                returned.push(Arc::clone(&uid));
            }
            let mut held = Held::new(point, place, self.at);
            // The end of what was heard last may have been lost.
            held.steps.resume_music();
            self.held.insert(uid, held);
        }
        Missed { returned, left: before.into_keys().collect() }
    }

    fn rebuild_channels(&mut self, resync: &Resync) -> Applications {
        let mut applications = Applications::new();
        for row in rows(resync) {
            let Some(uid) = self.see(row.channel()) else { continue };
            let doing = Doing {
                application: row.application().unwrap_or_default().to_owned(),
                data: row.application_data().unwrap_or_default().to_owned(),
                hears_as: row.channel().and_then(|at| mode_at(at.context(), at.exten())),
            };
            self.side_from_list(&uid, &doing, row);
            applications.insert(uid, doing);
        }
        applications
    }

    fn side_from_list(&mut self, uid: &str, doing: &Doing, row: CoreShowChannel<'_>) {
        if let Some(name) = row.channel().and_then(ChannelSnapshot::name) {
            self.model.rename(uid, name);
        }
        let Some(channel) = self.model.channel_mut(uid) else { return };
        if let Some(linkedid) = row.channel().and_then(ChannelSnapshot::linkedid) {
            channel.linkedid = linkedid.into();
        }
        let rings =
            matches!(channel.state, ChannelState::Ringing | ChannelState::Down | ChannelState::Dialing);
        let is_called =
            rings || doing.application.starts_with("AppDial") || doing.application.starts_with("AppQueue");
        if channel.side == Side::Unknown {
            let is_first = channel.linkedid == channel.uid || channel.state == ChannelState::Ring;
            channel.side = if is_called || !is_first { Side::Called } else { Side::Caller };
            channel.is_dialled = channel.side == Side::Called;
        }
    }

    fn rebuild_bridges(&mut self, resync: &Resync) {
        let before = std::mem::take(&mut self.model.bridges);
        for channel in self.model.channels.values_mut() {
            let left =
                channel.bridge.take().filter(|id| before.get(id).is_some_and(|known| !known.is_holding));
            channel.was_in = left.or_else(|| channel.was_in.take());
        }
        for event in resync.events(ListKind::Bridges) {
            if let Event::BridgeListItem(view) = event
                && let Some(bridge) = view.bridge()
            {
                let known = Bridge {
                    members: Vec::new(),
                    is_holding: bridge.is_holding(),
                    is_conference: bridge.creator() == Some("ConfBridge"),
                };
                self.model.bridges.insert(bridge.uniqueid().into(), known);
            }
        }
        for row in rows(resync) {
            if let (Some(bridge), Some(snapshot)) = (row.bridge_id(), row.channel())
                && let Some(channel) = self.model.channels.get_mut(snapshot.uniqueid())
            {
                let id: Arc<str> = bridge.into();
                channel.bridge = Some(Arc::clone(&id));
                channel.was_in = None;
                let uid = Arc::clone(&channel.uid);
                self.model.bridges.entry(id).or_default().members.push(uid);
            }
        }
    }

    /// Lists do not say who dials whom: a leg that rings is dialled by a channel of its group that runs `Dial` or
    /// `Queue`, best one that names its device.
    fn rebuild_dials(&mut self, applications: &Applications) {
        let is_dialled = |uid: &&Uid| {
            self.model.channel(uid).is_some_and(|channel| {
                let rings = matches!(channel.state, ChannelState::Ringing | ChannelState::Down);
                let is_half = matches!(channel.kind, Kind::Local(_, false));
                let is_outgoing = applications.get(*uid).is_some_and(Doing::is_outgoing);
                let is_free = channel.dialler.is_none() && channel.bridge.is_none() && !channel.is_over;
                is_free && (rings || is_half || is_outgoing) && !matches!(channel.kind, Kind::Local(_, true))
            })
        };
        let mut targets: Vec<Uid> = applications.keys().filter(is_dialled).cloned().collect();
        // Phones first: whom a Local channel rings tells whose call it is.
        targets.sort_by_key(|uid| self.model.channel(uid).is_none_or(|one| !one.is_party()));
        for uid in &targets {
            let Some(dialler) = self.guess_dialler(uid, applications) else { continue };
            let queue = applications.get(&dialler).and_then(Doing::queue);
            let offered = self.rings_for(&dialler);
            let is_answered = self.model.channel(uid).is_some_and(|one| one.state == ChannelState::Up);
            if let Some(channel) = self.model.channel_mut(&dialler).filter(|_| !is_answered)
                && !channel.dials.contains(uid)
            {
                channel.dials.push(Arc::clone(uid));
            }
            if let Some(channel) = self.model.channel_mut(uid) {
                channel.dialler = Some(dialler);
                channel.is_dialled = true;
                channel.is_being_dialled = !is_answered;
                channel.dial_status = is_answered.then_some(DialStatus::Answer);
                channel.called_for = match (queue, offered) {
                    (Some(queue), _) => {
                        let device = channel.device().map_or("", Native::as_str);
                        Some((queue, Arc::from(device)))
                    }
                    (None, offered) => offered.map(|queue| (queue, "".into())),
                };
            }
        }
        for uid in &targets {
            let caller = self.model.calling_party(uid).map(|caller| Arc::clone(&caller.uid));
            if let Some(channel) = self.model.channel_mut(uid) {
                channel.caller = channel.caller.take().or(caller);
            }
        }
    }

    /// Two channels share a group, or a call by what is known of them: a transfer leaves groups apart for a while.
    fn is_of_one_group(&self, one: &Channel, other: &Channel) -> bool {
        let near = self.model.around(&one.uid, true);
        one.linkedid == other.linkedid
            || other.connections.iter().any(|known| {
                near.iter()
                    .filter_map(|uid| self.model.channel(uid))
                    .flat_map(|channel| &channel.connections)
                    .any(|connection| connection.call == known.call)
            })
    }

    /// It talks with somebody whose part is not over.
    fn talks(&self, uid: &str) -> bool {
        let around = self.model.around(uid, false);
        around.iter().filter(|uid| self.model.channel(uid).is_some_and(|one| !one.is_over)).count() > 1
    }

    fn guess_dialler(&self, uid: &str, applications: &Applications) -> Option<Uid> {
        let channel = self.model.channel(uid)?;
        let wanted = match &channel.kind {
            Kind::Party(device) => device.as_str(),
            Kind::Local(pair, _) => pair.rsplit_once('-').map_or_else(|| pair.as_ref(), |(target, _)| target),
            Kind::Internal => return None,
        };
        let mut found: Option<(u8, Uid)> = None;
        for (other, doing) in applications {
            let Some(candidate) = self.model.channel(other) else { continue };
            // One that talks dials nobody any more, whatever its application.
            let is_free = !candidate.is_over && !self.talks(other);
            // Nor does a Local channel dial itself: where a phone forwards to stands in nobody's data.
            let is_half = matches!((&channel.kind, &candidate.kind), (Kind::Local(one, _), Kind::Local(other, _)) if one == other);
            if other.as_ref() == uid || is_half || !is_free || !self.is_of_one_group(channel, candidate) {
                continue;
            }
            let rank = match doing.application.as_str() {
                "Dial" if doing.data.contains(wanted) => 3,
                "Queue" => 2,
                "Dial" => 1,
                _ => continue,
            };
            if found.as_ref().is_none_or(|(best, _)| rank > *best) {
                found = Some((rank, Arc::clone(other)));
            }
        }
        found.map(|(_, dialler)| dialler)
    }

    fn rebuild_waiting(&mut self, resync: &Resync, applications: &Applications) {
        let at = self.at;
        let talking: BTreeSet<Uid> = applications.keys().filter(|uid| self.talks(uid)).cloned().collect();
        let mut known: BTreeMap<Uid, Waiting> = BTreeMap::new();
        for (uid, channel) in &mut self.model.channels {
            channel.is_parked = false;
            let is_awaited = self.later.iter().any(|one| one.is_leave_of(uid));
            if is_awaited {
                continue;
            }
            // Out of the line but still in the application: an agent has answered and is about to be connected,
            // or the caller is about to be sent on. The next event tells.
            let queue = applications.get(uid).and_then(Doing::queue).filter(|_| !talking.contains(uid));
            let before = channel.waiting.take();
            known.extend(before.clone().map(|waiting| (Arc::clone(uid), waiting)));
            channel.waiting = queue.map(|queue| {
                let left = before.and_then(|waiting| waiting.left).or(Some(at));
                Waiting { queue, abandoned: false, left }
            });
        }
        for event in resync.events(ListKind::Queues) {
            if let Event::QueueEntry(view) = event
                && let (Some(uid), Some(queue)) = (view.message().known("Uniqueid"), view.queue())
                && let Some(channel) = self.model.channel_mut(uid)
            {
                let queue = Native::from(queue);
                let abandoned = known.get(uid).is_some_and(|one| one.queue == queue && one.abandoned);
                channel.waiting = Some(Waiting { queue, abandoned, left: None });
            }
        }
        for event in resync.events(ListKind::Parked) {
            if let Event::ParkedCall(view) = event
                && let Some(channel) =
                    view.parkee().and_then(|parkee| self.model.channel_mut(parkee.uniqueid()))
            {
                channel.is_parked = true;
            }
        }
    }

    /// Gives channels that the Domain knows the keys it knows them by.
    fn plant_seeds(&mut self, applications: &Applications) {
        // Keys made from now on must differ from all that were made before: number them from the time.
        let numbered_from = numbers_from(self.at);
        for (uid, known) in std::mem::take(&mut self.seeds) {
            let Some(channel) =
                self.model.channel(&uid).filter(|one| one.connections.is_empty() && one.is_party())
            else {
                continue;
            };
            // It talks when a bridge says so; a leg that nobody dialled when it is answered.
            let is_up = channel.state == ChannelState::Up;
            let still_alerts = !is_up || applications.get(&uid).is_some_and(Doing::is_outgoing);
            let is_held = |state: ConnectionState| state == ConnectionState::Hold;
            // The connection that is not on hold is the current one.
            let live = known.into_iter().filter(|one| one.state != ConnectionState::Null);
            let (held, active): (Vec<_>, Vec<_>) = live.partition(|one| is_held(one.state));
            let is_over = held.is_empty() && active.is_empty();
            for one in held.into_iter().chain(active) {
                let alerted = matches!(one.state, ConnectionState::Alerting | ConnectionState::Initiated);
                let stage = if one.state == ConnectionState::Fail {
                    Stage::Failed
                } else if alerted && still_alerts {
                    Stage::Alerting
                } else {
                    Stage::Connected
                };
                self.model.restore_call(&one.call);
                self.model.connect(&uid, one.connection, &one.call, stage);
                if let Some(last) = self.model.channel_mut(&uid).and_then(|one| one.connections.last_mut()) {
                    last.held = is_held(one.state);
                }
            }
            if let Some(channel) = self.model.channel_mut(&uid) {
                channel.is_over = is_over;
                channel.named_connections = numbered_from;
                channel.named_calls = numbered_from;
            }
        }
    }

    /// A leg outside of any bridge whose call waits in one has left it: to consult, or to talk elsewhere.
    fn find_left_bridges(&mut self) {
        let mut left: Vec<(Uid, Arc<str>)> = Vec::new();
        for channel in self.model.channels.values().filter(|one| one.bridge.is_none() && one.was_in.is_none())
        {
            let Some(call) = channel.call().and_then(|call| self.model.calls.get(call)) else { continue };
            let waiting = call.members.iter().find_map(|(member, _)| {
                let other = self.model.channel(member).filter(|other| other.uid != channel.uid)?;
                self.model.talk_bridge(other).and_then(|_| other.bridge.clone())
            });
            left.extend(waiting.map(|bridge| (Arc::clone(&channel.uid), bridge)));
        }
        for (uid, bridge) in left {
            let talked = |one: &Connection| one.stage == Stage::Connected;
            if let Some(channel) = self.model.channel_mut(&uid)
                && channel.current().is_some_and(talked)
            {
                channel.was_in = Some(bridge);
            }
        }
    }

    /// Gives a call to everybody who takes part: those who talk or ring together share one.
    fn rebuild_calls(&mut self, applications: &Applications) {
        // Callers first, so that the legs they ring find their call.
        let mut uids: Vec<Uid> = self.model.channels.keys().cloned().collect();
        uids.sort_by_key(|uid| {
            (self.model.channel(uid).is_none_or(|one| one.side != Side::Caller), Arc::clone(uid))
        });
        uids.retain(|uid| self.model.channel(uid).is_some_and(Channel::is_party));
        for uid in &uids {
            if self.model.channel(uid).is_some_and(|one| one.dial_status == Some(DialStatus::Answer)) {
                self.note_answer(uid);
            }
            self.settle(uid);
        }
        let new: Vec<&Uid> = uids
            .iter()
            .filter(|uid| {
                let channel = self.model.channel(uid);
                channel.is_some_and(|one| !one.is_over && one.connections.is_empty())
            })
            .filter(|uid| !self.is_passing(uid, applications))
            .collect();
        for uid in new {
            match self.model.channel(uid).map(|channel| channel.state) {
                Some(ChannelState::Ringing) => self.deliver(uid, None),
                None | Some(ChannelState::Down | ChannelState::Reserved | ChannelState::Dialing) => {}
                Some(_) => self.establish(uid),
            }
        }
    }

    /// A channel without a connection that does not take part: it comes, or its part is over and it lingers.
    fn is_passing(&self, uid: &Uid, applications: &Applications) -> bool {
        let Some(channel) = self.model.channel(uid) else { return true };
        let Some(doing) = applications.get(uid) else { return true };
        if channel.state == ChannelState::Ringing {
            return match &channel.dialler {
                // Another one has answered: this one is being taken back.
                Some(dialler) => self.model.channels.values().any(|other| {
                    other.dialler.as_ref() == Some(dialler) && other.dial_status == Some(DialStatus::Answer)
                }),
                None => channel.linkedid != channel.uid,
            };
        }
        if channel.state != ChannelState::Up {
            return false;
        }
        if self.model.talk_bridge(channel).is_some() {
            // Alone in a bridge: the other one consults elsewhere or comes in a moment, else it is over.
            return !self.model.channels.values().any(|other| {
                other.uid != channel.uid && other.linkedid == channel.linkedid && other.connections.is_empty()
            });
        }
        doing.is_outgoing() || (doing.application == "Dial" && channel.dials.is_empty())
    }
}

fn numbers_from(now: Timestamp) -> u64 {
    u64::try_from(now.as_micros() / 1_000_000).unwrap_or(1)
}
