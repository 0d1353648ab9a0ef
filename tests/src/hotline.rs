//! A queue of our own on a real Asterisk: ten phones of different habits and seeded callers, of whom some have no
//! patience and some are more important. What Asterisk, the phones and the callers wrote down is what our own account
//! ([`told`]) is held against ([`judge`]).
#![expect(clippy::indexing_slicing, reason = "a key that a JSON value lacks is null")]

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::asterisk::{Asterisk, Flavour, HOUSE, PHONES, Version};
use crate::peers::free_port;
use crate::proxy::{Manner, Proxy};
use crate::sipp::{Call, Habit, SippPhone};
use crate::site::Site;
use crate::traffic::{Seeded, run};
use crate::{Result, Trouble, cel};

pub mod judge;
pub mod told;

/// Number of the queue as outside callers dial it.
pub const NUMBER: &str = "420555000606";

/// Numbers of important callers begin so, those of all others with [`OTHERS`].
const VIP: &str = "420555209";
const OTHERS: &str = "420555200";

/// Points an important caller has from the start.
pub const VIP_POINTS: i64 = 10;

/// Points a minute of waiting gives.
pub const AGEING: i64 = 30;

/// A switch with phones, and a daemon whose queue they serve. The link between the two can be cut.
#[derive(Debug)]
pub struct Hotline {
    /// The switch.
    pub asterisk: Asterisk,
    /// The phones.
    pub phones: Vec<SippPhone>,
    /// What the link goes through.
    pub wire: Proxy,
    /// The daemon.
    pub site: Site,
    /// Our id of the queue.
    pub queue: String,
}

impl Hotline {
    /// Starts everything; nobody is a member of the queue yet.
    pub async fn start(habits: &[Habit]) -> Result<Self> {
        let mut places = Vec::new();
        for ((number, _), _) in PHONES.iter().zip(habits) {
            places.push((*number, free_port(HOUSE)?));
        }
        let asterisk = Asterisk::start_with(Version::V22, Flavour::Plain, &places).await?;
        let phones =
            places.iter().zip(habits).map(|((number, port), habit)| SippPhone::start(number, *port, *habit));
        let phones = phones.collect::<Result<_>>()?;
        let wire = Proxy::start(asterisk.manager(), Manner::default()).await?;
        let site = Site::start(([127, 0, 0, 1], wire.port).into(), "phones").await?;
        let own = json!({"key": "hotline", "name": "Hotline", "ring_ms": 5_000, "wrap_up_ms": 500,
            "ageing_per_min": AGEING, "rona": {"no_answer": 2, "rejected": 2, "return_after_ms": 4_000}});
        let made = site.post("/v1/queues", &json!({ "own": own })).await?;
        let queue = made["id"].as_str().unwrap_or_default().to_owned();
        let vip = json!({"name": "vip", "when": {"point": "hotline", "caller": format!("+{VIP}")},
            "to": {"kind": "queue", "queue": queue}, "priority": VIP_POINTS});
        site.put("/v1/entry_rules", &json!({ "items": [vip] })).await?;
        Ok(Self { asterisk, phones, wire, site, queue })
    }

    /// Signs the agent at a phone in and makes it ready.
    pub async fn sign_in(&self, phone: &str) -> Result<()> {
        let agent = self.agent(phone).await?;
        let membership = format!("/v1/queues/{}/memberships/{agent}", self.queue);
        self.site.put(&membership, &json!({"signed_in": true, "level": 0})).await?;
        self.site.put(&format!("/v1/agents/{agent}/state"), &json!({"state": "ready"})).await?;
        Ok(())
    }

    /// The agent at a phone; a person is set up for one whom Asterisk has in no queue.
    async fn agent(&self, phone: &str) -> Result<String> {
        let device = self.site.device(phone).await?;
        let agents = self.site.all("/v1/agents").await?;
        let known = agents.into_iter().find(|agent| agent["device"] == device.as_str());
        let agent = if let Some(agent) = known {
            agent
        } else {
            let person = json!({"login": format!("agent{phone}"), "name": phone, "roles": ["agent"]});
            let user = self.site.post("/v1/users", &person).await?["id"].clone();
            let sits = json!({"device": device, "user": user, "kind": "fixed"});
            self.site.post("/v1/assignments", &sits).await?;
            self.site.post("/v1/agents", &json!({ "user": user })).await?
        };
        Ok(agent["id"].as_str().unwrap_or_default().to_owned())
    }

    /// Where callers send their calls.
    pub fn sip(&self) -> SocketAddr {
        SocketAddr::new(HOUSE, self.asterisk.sip_port)
    }

    /// Calls that wait, in order, once there are as many.
    pub async fn waiting(&self, count: usize) -> Result<Vec<Value>> {
        let path = format!("/v1/queues/{}/live", self.queue);
        let as_many = |live: &Value| live["waiting"].as_array().is_some_and(|all| all.len() == count);
        let live = self.site.until(&path, &format!("{count} to wait"), as_many).await?;
        Ok(live["waiting"].as_array().cloned().unwrap_or_default())
    }

    /// What Asterisk saw of the callers.
    pub fn seen(&self) -> Result<std::collections::BTreeMap<String, cel::Seen>> {
        cel::seen(&self.asterisk.channel_log()?)
    }

    /// Asterisk ends every call.
    pub async fn clear(&self) -> Result<()> {
        let actions = self.asterisk.actions().await?;
        actions.action(&[("Action", "Hangup"), ("Channel", "/^PJSIP\\/.*/")]).await.map(drop)
    }
}

/// Ten phones: two never answer, one rejects everything, seven answer after a time and for a time of their own.
fn habits(random: &mut Seeded) -> Vec<Habit> {
    let mut answers = || Habit::Answers {
        after: Duration::from_millis(random.within(200, 1_600)),
        talks: Duration::from_millis(random.within(1_500, 4_000)),
    };
    let mut habits = vec![Habit::Silent, Habit::Silent, Habit::Busy];
    habits.extend(std::iter::repeat_with(&mut answers).take(7));
    habits
}

/// Calls of a run: every third caller has little patience, every fifth is important.
fn callers(random: &mut Seeded, count: usize) -> Vec<(Duration, Call)> {
    let mut at = Duration::ZERO;
    let calls = (0..count).map(|number| {
        at += Duration::from_millis(random.within(100, 800));
        let stays = if random.within(0, 3) == 0 { random.within(900, 7_000) } else { 60_000 };
        let group = if random.within(0, 5) == 0 { VIP } else { OTHERS };
        let call = Call {
            caller: format!("{group}{number:03}"),
            dialled: NUMBER.to_owned(),
            waits: Duration::from_secs(10),
            stays: Duration::from_millis(stays),
        };
        (at, call)
    });
    calls.collect()
}

/// Plays so many calls and cuts the link `cuts` times amid them; holds everything against everything.
pub async fn crowd(seed: u64, count: usize, cuts: u32) -> Result<judge::Figures> {
    let mut random = Seeded::new(seed);
    let hotline = Hotline::start(&habits(&mut random)).await?;
    for phone in &hotline.phones {
        hotline.sign_in(&phone.number).await?;
    }
    let calls = callers(&mut random, count);
    let last = calls.last().map_or(Duration::ZERO, |(at, _)| *at);
    let traffic = tokio::spawn(run(calls, hotline.sip()));
    for _ in 0..cuts {
        // The plan of the cuts is a time, not an event.
        sleep(last / (cuts + 1)).await;
        hotline.wire.set(Manner { cut: true, ..Manner::default() });
        hotline
            .site
            .until("/v1/links", "the link to be down", |links| links["items"][0]["state"] == "down")
            .await?;
        sleep(Duration::from_millis(random.within(300, 1_500))).await;
        hotline.wire.set(Manner::default());
    }
    let outcomes = traffic.await.map_err(|error| Trouble::new(error.to_string()))??;
    hotline.site.rests().await?;
    judge::all(&hotline, &outcomes).await
}
