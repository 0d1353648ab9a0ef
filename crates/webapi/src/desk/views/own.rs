//! What is the reader's own: its live calls, the offers to it, and the links. It changes at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use cti_core::domain::Domain;
use cti_core::ids::{CallId, DeviceId, UserId};
use cti_core::state::State;
use cti_core::time::Timestamp;

use crate::App;
use crate::desk::sight::EventSight;
use crate::desk::views::Part;
use crate::desk::views::frame::{self, json};
use crate::event::Published;
use crate::log::{Log, LogEnd, SubscribeError, Subscription, Topic};
use crate::ports::look;
use crate::view::call::{device_of, live_detail};
use crate::view::queue::offer;
use crate::view::{LinkView, link};

/// What may have changed since the last look.
#[expect(clippy::struct_excessive_bools, reason = "each names a part of the picture")]
#[derive(Debug, Clone, Default)]
pub(super) struct Stirred {
    pub(super) calls: BTreeSet<CallId>,
    links: bool,
    devices: bool,
    /// Which queues the reader may read hangs on who is a member.
    members: bool,
    everything: bool,
}

impl Stirred {
    /// Nobody knows what has changed.
    pub(super) fn everything() -> Self {
        Self { links: true, devices: true, everything: true, ..Self::default() }
    }

    /// Learns from an event.
    pub(super) fn note(&mut self, event: &Published) {
        self.calls.extend(event.call);
        match event.area() {
            "link" | "switch" => self.links = true,
            "config" => self.devices = true,
            _ => {}
        }
        self.members |=
            matches!(event.kind.as_ref(), "queue.member_changed" | "queue.member_removed" | "agent.linked");
    }
}

/// An item, and what of it counts as a change.
#[derive(Debug)]
struct Item {
    text: String,
    /// The text without what changes all the time; none when all of it counts.
    counts: Option<String>,
}

impl Item {
    fn counting(&self) -> &str {
        self.counts.as_deref().unwrap_or(&self.text)
    }
}

/// What a look found, of the parts it looked at.
#[derive(Debug, Default)]
pub(super) struct Found {
    cursor: u64,
    pub(super) devices: BTreeSet<DeviceId>,
    parts: BTreeMap<Part, BTreeMap<String, Item>>,
}

/// What the reader was shown last: by id, what counts as a change.
pub(super) type Shown = BTreeMap<Part, BTreeMap<String, String>>;

/// Whose own things, and what it was shown of them.
#[derive(Debug, Clone)]
pub(super) struct Mine {
    pub(super) me: Option<UserId>,
    pub(super) sight: Arc<EventSight>,
    /// Devices that this user has.
    pub(super) devices: BTreeSet<DeviceId>,
    pub(super) shown: Arc<Shown>,
}

impl Mine {
    pub(super) fn new(me: Option<UserId>, sight: Arc<EventSight>) -> Self {
        Self { me, sight, devices: BTreeSet::new(), shown: Arc::default() }
    }

    /// Events that can change what is shown.
    pub(super) fn topics(&self) -> Vec<Topic> {
        let areas = ["link", "switch"].into_iter().map(|area| Topic::Area(area.into()));
        let mut topics: Vec<_> = areas.chain(self.me.map(Topic::User)).collect();
        // The other parties' extensions are shown as well.
        topics.push(Topic::Kind("device.discovered".into()));
        topics.extend(self.devices.iter().copied().map(Topic::Device));
        topics
    }

    /// Looks at the parts that are shown.
    pub(super) fn look(&self, domain: &Domain, log: &Log, stirred: &Stirred) -> Found {
        let state = domain.state();
        let mut found = Found { cursor: state.sequence, ..Found::default() };
        found.devices = if stirred.devices { self.devices_in(state) } else { self.devices.clone() };
        for part in self.shown.keys() {
            let items = match part {
                Part::Calls => self.calls(state, log, stirred, &found.devices),
                Part::Offers => self.offers(state),
                Part::Links if stirred.links => self.links(state),
                Part::Links | Part::Agents | Part::Queues | Part::Devices => continue,
            };
            found.parts.insert(*part, items);
        }
        found
    }

    fn devices_in(&self, state: &State) -> BTreeSet<DeviceId> {
        let mine = state.assignments.values().filter(|one| Some(one.assigned.user) == self.me);
        mine.map(|one| one.assigned.device).collect()
    }

    fn calls(
        &self,
        state: &State,
        log: &Log,
        stirred: &Stirred,
        devices: &BTreeSet<DeviceId>,
    ) -> BTreeMap<String, Item> {
        let mut ids: BTreeSet<CallId> = if stirred.everything {
            state.calls.keys().copied().collect()
        } else {
            let shown = self.shown.get(&Part::Calls).into_iter().flat_map(BTreeMap::keys);
            shown.filter_map(|id| id.parse().ok()).chain(stirred.calls.iter().copied()).collect()
        };
        for device in devices.iter().filter_map(|id| state.devices.get(id)) {
            ids.extend(device.legs.iter().map(|(call, _)| *call));
        }
        let mine = ids.into_iter().filter(|id| self.takes_part(state, *id));
        let seen = mine.filter(|id| self.sight.calls.sees(&log.circle(*id).unwrap_or_default()));
        seen.filter_map(|id| {
            let call = live_detail(state, id, None, device_of(state, id, self.me))?;
            let text = json(&call.narrowed(self.sight.calls.queues.as_ref()));
            Some((id.to_string(), Item { text, counts: None }))
        })
        .collect()
    }

    /// True while a device of this user is in the call, ringing or talking.
    fn takes_part(&self, state: &State, call: CallId) -> bool {
        let legs = state.calls.get(&call).map(|call| &call.legs);
        self.me.is_some()
            && legs
                .into_iter()
                .flatten()
                .any(|leg| leg.user == self.me || state.user_of(leg.device) == self.me)
    }

    fn offers(&self, state: &State) -> BTreeMap<String, Item> {
        let mine = state.offers.iter().filter(|(_, one)| {
            let user = state.agents.get(&one.agent).and_then(|agent| agent.user);
            let calls = &self.sight.calls;
            user.is_some() && user == self.me && calls.sees_user(user) && calls.sees_queue(one.queue)
        });
        mine.map(|(id, one)| (id.to_string(), Item { text: json(&offer(*id, one)), counts: None })).collect()
    }

    fn links(&self, state: &State) -> BTreeMap<String, Item> {
        if self.sight.is_narrowed() {
            return BTreeMap::new();
        }
        let all = state.switches.iter().map(|(id, switch)| {
            let shown = link(id, switch);
            let text = json(&shown);
            let counts = json(&LinkView { last_event_at: Timestamp::default(), ..shown });
            (id.as_str().to_owned(), Item { text, counts: Some(counts) })
        });
        all.collect()
    }

    /// The frames that bring the reader from what it was shown to what was found; `whole` parts are shown anew.
    pub(super) fn frames(&mut self, found: Found, whole: &BTreeSet<Part>) -> Vec<Utf8Bytes> {
        self.devices = found.devices;
        let mut frames = Vec::new();
        for (part, items) in found.parts {
            if whole.contains(&part) {
                frames.extend(frame::whole(part, found.cursor, items.values().map(|item| &item.text)));
            } else {
                let nothing = BTreeMap::new();
                let shown = self.shown.get(&part).unwrap_or(&nothing);
                let is_new = |id: &String, item: &Item| {
                    shown.get(id).is_none_or(|before| before.as_str() != item.counting())
                };
                let changed = items.iter().filter(|(id, item)| is_new(id, item)).map(|(_, item)| &item.text);
                let gone = shown.keys().filter(|id| !items.contains_key(*id)).cloned();
                frames.extend(frame::change(part, found.cursor, changed, gone));
            }
            let shown = items.into_iter().map(|(id, item)| (id, item.counts.unwrap_or(item.text)));
            let shown = shown.collect();
            Arc::make_mut(&mut self.shown).insert(part, shown);
        }
        frames
    }
}

/// The own views of a reader with the events that change them.
#[derive(Debug)]
pub(super) struct Own {
    mine: Mine,
    feed: Option<Subscription>,
    /// What the reader may see may have changed.
    pub(super) asks_for_sight: bool,
}

impl Own {
    pub(super) fn new(me: Option<UserId>, sight: Arc<EventSight>) -> Self {
        Self { mine: Mine::new(me, sight), feed: None, asks_for_sight: false }
    }

    pub(super) fn see(&mut self, sight: Arc<EventSight>) {
        self.mine.sight = sight;
    }

    /// Ends what is not wanted any more.
    pub(super) fn keep(&mut self, wanted: &BTreeSet<Part>) {
        Arc::make_mut(&mut self.mine.shown).retain(|part, _| wanted.contains(part));
        if self.mine.shown.is_empty() {
            self.feed = None;
        }
    }

    /// Events to follow; none while nothing is shown.
    pub(super) const fn feed(&mut self) -> Option<&mut Subscription> {
        self.feed.as_mut()
    }

    /// Shows these parts whole from now on.
    pub(super) async fn whole(
        &mut self,
        app: &App,
        parts: &BTreeSet<Part>,
    ) -> Result<Vec<Utf8Bytes>, LogEnd> {
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        for part in parts {
            Arc::make_mut(&mut self.mine.shown).entry(*part).or_default();
        }
        self.feed = None;
        self.look(app, Stirred::everything(), parts).await
    }

    /// Looks at everything, after events were missed.
    pub(super) async fn look_anew(&mut self, app: &App) -> Result<Vec<Utf8Bytes>, LogEnd> {
        self.feed = None;
        self.look(app, Stirred::everything(), &BTreeSet::new()).await
    }

    /// Follows an event and those that are ready behind it.
    pub(super) async fn follow(&mut self, app: &App, event: &Published) -> Result<Vec<Utf8Bytes>, LogEnd> {
        let mut stirred = Stirred::default();
        stirred.note(event);
        while let Some(event) = self.feed.as_mut().and_then(Subscription::next_ready) {
            stirred.note(&event);
        }
        self.asks_for_sight |= stirred.members && self.mine.sight.queues.is_some();
        self.look(app, stirred, &BTreeSet::new()).await
    }

    async fn look(
        &mut self,
        app: &App,
        mut stirred: Stirred,
        whole: &BTreeSet<Part>,
    ) -> Result<Vec<Utf8Bytes>, LogEnd> {
        let log = app.switchboard().log();
        loop {
            if self.feed.is_none() {
                // Begun before the look, so that nothing falls between the two.
                self.feed =
                    Some(log.subscribe(self.mine.topics(), None).await.map_err(|error| match error {
                        SubscribeError::Unavailable(unavailable) => LogEnd::Unavailable(unavailable),
                        SubscribeError::TooOld { cursor, .. } | SubscribeError::Ahead { cursor, .. } => {
                            LogEnd::TooOld { cursor }
                        }
                    })?);
            }
            let (mine, its_log) = (self.mine.clone(), log.clone());
            let found = look(app.switchboard(), move |domain| mine.look(domain, &its_log, &stirred))
                .await
                .map_err(LogEnd::Unavailable)?;
            if found.devices == self.mine.devices {
                return Ok(self.mine.frames(found, whole));
            }
            // Another device is heard by another topic.
            self.mine.devices = found.devices;
            self.feed = None;
            stirred = Stirred::everything();
        }
    }
}
