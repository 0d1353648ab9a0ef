//! The product linked to the simulated switch over real sockets; people act by words.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use cti_core::fact::{Fact, Record};
use serde_json::Value;
use store::{Store, StoreOptions};
use switch_sim::run::{Ask, Start};
use switch_sim::script::{self, Line, Order};
use switch_sim::traffic::Traffic;
use switch_sim::{Exchange, Plan, run};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep};

use super::scenes::Scene;
use super::{CSTA_PLAN, LAB_PLAN};
use crate::asterisk::HOUSE;
use crate::expect::{Expected, Roles};
use crate::site::Site;
use crate::trouble::Context;
use crate::{Result, Trouble};

/// How long people take before they do the next thing. Nothing waits on this; it keeps the stories' calls from being
/// shorter than a blink, which no real call is.
const REACTION: Duration = Duration::from_millis(100);

/// How long the journal may lag behind a picture that is at rest.
const LAG: Duration = Duration::from_secs(3);

/// A picture that is asked for longer than that was not at rest.
const BLINK: Duration = Duration::from_millis(500);

/// Longest wait for a link.
const PATIENCE: Duration = Duration::from_secs(20);

/// Phones of queues.
const AGENTS: [&str; 3] = ["1001", "1002", "1003"];

/// What the configuration says of the phone that does what it is notified.
const PROFILE: &str = "\n[[switch.profile]]\nuser_agent = \"Obedient Phone\"\ntalk = true\nhold = true\n";

/// The simulated laboratory with a daemon beside it.
#[derive(Debug)]
pub struct Town {
    /// The daemon.
    pub site: Site,
    /// Where the simulated switch listens.
    pub manager: SocketAddr,
    switch: mpsc::Sender<Ask>,
    store: Store,
    /// All facts of the daemon's journal so far.
    pub records: Vec<Record>,
    /// The agent that answered last.
    agent: String,
}

impl Town {
    /// The laboratory, and a daemon that is linked to it.
    pub async fn start() -> Result<Self> {
        let mut town = Self::prepare(0).await?;
        town.serve().await?;
        Ok(town)
    }

    /// The laboratory with so many calls a minute, and a daemon that is not started yet.
    pub async fn prepare(calls_per_minute: u32) -> Result<Self> {
        let plan = Plan::parse(LAB_PLAN).context("the plan of the laboratory")?;
        Self::prepare_with(plan, calls_per_minute).await
    }

    /// Another site with so many calls a minute, and a daemon that is not started yet.
    pub async fn prepare_with(plan: Plan, calls_per_minute: u32) -> Result<Self> {
        let now = run::wall();
        let listener = TcpListener::bind((HOUSE, 0)).await?;
        let manager = listener.local_addr()?;
        let traffic = Traffic::new(plan.traffic.clone(), calls_per_minute, 7, now);
        let exchange = Exchange::new(plan, 7, now);
        let switch = run::start(Start { exchange, traffic, script: Vec::new(), seed: 7 });
        tokio::spawn(run::serve_manager(listener, switch.clone()));
        let site = Site::prepare(manager, "phones").await?;
        OpenOptions::new().append(true).open(site.file())?.write_all(PROFILE.as_bytes())?;
        let url = format!("sqlite:{}", site.home().join("tieline.db").display());
        let store =
            Store::open(&StoreOptions { url, power_safe: false }).await.context("the daemon's store")?;
        Ok(Self { site, manager, switch, store, records: Vec::new(), agent: String::new() })
    }

    /// The laboratory behind a CSTA port that speaks this dialect, and a daemon that is linked to it. `kind` is the kind
    /// of the switch in the configuration.
    pub async fn start_csta(kind: &str, dialect: &str) -> Result<Self> {
        let mut town = Self::prepare_csta(kind, dialect).await?;
        town.serve().await?;
        Ok(town)
    }

    /// As [`Town::start_csta`], with a daemon that is not started yet.
    pub async fn prepare_csta(kind: &str, dialect: &str) -> Result<Self> {
        Self::prepare_licensed(kind, dialect, None).await
    }

    /// As [`Town::prepare_csta`], with a switch that has licences for so many monitors; none for any number.
    pub async fn prepare_licensed(kind: &str, dialect: &str, monitors: Option<u32>) -> Result<Self> {
        let mut plan = Plan::parse(CSTA_PLAN).context("the plan of the CSTA laboratory")?;
        plan.monitors_max = monitors;
        Self::prepare_csta_with(kind, dialect, plan, "").await
    }

    /// As [`Town::prepare_csta`], with another site. `more` goes into the section of the switch in the configuration.
    pub async fn prepare_csta_with(kind: &str, dialect: &str, plan: Plan, more: &str) -> Result<Self> {
        let speaks =
            *csta::dialect::named(dialect).ok_or_else(|| Trouble::new(format!("no dialect {dialect}")))?;
        let now = run::wall();
        let listener = TcpListener::bind((HOUSE, 0)).await?;
        let manager = listener.local_addr()?;
        let traffic = Traffic::new(plan.traffic.clone(), 0, 7, now);
        let switch =
            run::start(Start { exchange: Exchange::new(plan, 7, now), traffic, script: Vec::new(), seed: 7 });
        tokio::spawn(run::serve_csta(listener, switch.clone(), speaks));
        let site = Site::prepare_with(&csta_switch(kind, dialect, manager, more)).await?;
        let url = format!("sqlite:{}", site.home().join("tieline.db").display());
        let store =
            Store::open(&StoreOptions { url, power_safe: false }).await.context("the daemon's store")?;
        Ok(Self { site, manager, switch, store, records: Vec::new(), agent: String::new() })
    }

    /// The daemon's store.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Starts the daemon and waits for its link.
    pub async fn serve(&mut self) -> Result<()> {
        self.site.serve().await?;
        self.site.linked().await
    }

    /// Somebody does something, in the words of `switch_sim::script`, or the wire gets bad.
    pub async fn does(&self, deed: &str) -> Result<()> {
        sleep(REACTION).await;
        self.orders(deed).await
    }

    /// As [`Town::does`], at once.
    pub async fn orders(&self, deed: &str) -> Result<()> {
        let line: Line = script::parse_line(deed).context(deed)?;
        if let Order::Wait(time) = line.order {
            sleep(time).await;
            return Ok(());
        }
        let (answer, answered) = oneshot::channel();
        self.switch
            .send(Ask::Control { line, answer })
            .await
            .map_err(|_| Trouble::new("the switch is gone"))?;
        let answer = answered.await.context("the switch is gone")?;
        answer.map_err(|why| Trouble::new(format!("{deed}: {why}\n{}", self.site.log())))
    }

    /// Cuts the link for a moment and waits until it is back.
    pub async fn cut(&mut self) -> Result<()> {
        self.catch_up().await?;
        let before = self.records.len();
        self.orders("fault cut 100ms").await?;
        let is_up = |record: &Record| matches!(record.fact, Fact::LinkUp { .. });
        let end = Instant::now() + PATIENCE;
        while !self.records.iter().skip(before).any(is_up) {
            if Instant::now() > end {
                return Err(Trouble::new(format!("the link did not come back\n{}", self.site.log())));
            }
            sleep(Duration::from_millis(50)).await;
            self.catch_up().await?;
        }
        self.site.linked().await
    }

    /// Does one step of a story after the other:
    /// - `until 1001 ringing`: the daemon says that the phone is so
    /// - `until linked`, `until 2 calls`, `until no calls`: its link is up, it shows so many live calls
    /// - `agent answers`, `agent hangs up`: the phone that a queue called
    /// - `another agent`: the one called first is left, the next one rings
    /// - everything else: [`Town::does`]
    pub async fn play(&mut self, steps: &[&str]) -> Result<()> {
        for step in steps {
            let words: Vec<&str> = step.split(' ').collect();
            match words.as_slice() {
                ["until", "linked"] => self.site.linked().await.context(step)?,
                ["until", number, "calls"] => {
                    let number = if *number == "no" { 0 } else { number.parse().context(step)? };
                    self.until_calls(number).await.context(step)?;
                }
                ["until", extension, state] => self.until(extension, state).await.context(step)?,
                ["agent", "rings"] => self.agent = self.ringing_agent("").await.context(step)?,
                ["another", "agent"] => {
                    let first = self.ringing_agent("").await.context(step)?;
                    self.until(&first, "idle").await.context(step)?;
                    self.agent = self.ringing_agent(&first).await.context(step)?;
                }
                ["agent", rest @ ..] => {
                    if rest == ["answers"] {
                        self.agent = self.ringing_agent("").await.context(step)?;
                    }
                    self.does(&format!("{} {}", self.agent, rest.join(" "))).await?;
                }
                _ => self.does(step).await?,
            }
        }
        Ok(())
    }

    /// Waits until the daemon shows so many live calls.
    pub async fn until_calls(&self, number: usize) -> Result<()> {
        let are_so_many = |calls: &Value| {
            calls.get("items").and_then(Value::as_array).is_some_and(|calls| calls.len() == number)
        };
        let path = "/v1/calls?state=live&limit=200";
        self.site.until(path, &format!("{number} calls"), are_so_many).await.map(drop)
    }

    /// Waits until the daemon says that a phone is so: `idle`, `ringing`, `busy`, `held`.
    pub async fn until(&self, extension: &str, state: &str) -> Result<()> {
        let path = format!("/v1/devices/{}", self.site.device(extension).await?);
        let is_so = |device: &Value| device.get("state").and_then(Value::as_str) == Some(state);
        self.site.until(&path, &format!("{extension} to be {state}"), is_so).await.map(drop)
    }

    /// An agent's phone that rings, not `but`.
    async fn ringing_agent(&self, but: &str) -> Result<String> {
        let ringing = |devices: &Value| {
            let items = devices.get("items").and_then(Value::as_array).into_iter().flatten();
            let text = |item: &Value, key: &str| {
                item.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
            };
            let mut found =
                items.filter(|item| text(item, "state") == "ringing").map(|item| text(item, "extension"));
            found.find(|extension| AGENTS.contains(&extension.as_str()) && extension != but)
        };
        let devices =
            self.site.until("/v1/devices", "an agent to ring", |one| ringing(one).is_some()).await?;
        ringing(&devices).ok_or_else(|| Trouble::new("nobody rings any more"))
    }

    /// The agent that was called or answered last.
    pub fn agent(&self) -> &str {
        &self.agent
    }

    /// Nobody calls by himself any more.
    pub async fn stop_traffic(&self) -> Result<()> {
        self.switch.send(Ask::StopTraffic).await.map_err(|_| Trouble::new("the switch is gone"))
    }

    /// Sequence of the last fact so far, when everybody is at rest.
    pub async fn begin(&mut self) -> Result<u64> {
        self.site.rests().await?;
        self.catch_up().await?;
        Ok(self.records.last().map_or(0, |record| record.sequence))
    }

    /// Reads what the journal has become.
    pub async fn catch_up(&mut self) -> Result<()> {
        let from = self.records.last().map_or(0, |record| record.sequence) + 1;
        let mut reader = self.store.read_journal(from).await.context("the journal")?;
        while let Some(records) = reader.next().await.context("the journal")? {
            self.records.extend(records);
        }
        Ok(())
    }

    /// Plays these steps of a story and holds the facts that came of it against the story's file.
    pub async fn tell_with(&mut self, id: &str, steps: &[&str]) -> Result<()> {
        let from = self.begin().await.context(id)?;
        self.agent.clear();
        self.play(steps).await.context(id)?;
        let answered_by = Some(self.agent.clone()).filter(|agent| !agent.is_empty());
        let answered_by = answered_by.or_else(|| (id == "S17").then(|| "1002".to_owned()));
        let roles = Scene::of(id)?.roles(answered_by.as_deref());
        self.compare(id, &roles, from).await.context(id)
    }

    /// Holds the facts after `from` against a story.
    pub async fn compare(&mut self, id: &str, roles: &Roles, from: u64) -> Result<()> {
        let expected = Expected::load(id)?;
        let mut end = Instant::now() + LAG;
        loop {
            // A call that the daemon had not seen yet may only now have begun.
            let asked = Instant::now();
            self.site.rests().await?;
            if asked.elapsed() > BLINK {
                end = Instant::now() + LAG;
            }
            self.catch_up().await?;
            let told = |record: &&Record| record.sequence > from || record.fact.call().is_none();
            let records: Vec<Record> = self.records.iter().filter(told).cloned().collect();
            match expected.check(roles, &records, from) {
                // The journal is a moment behind the live picture.
                Err(_) if Instant::now() < end => sleep(Duration::from_millis(50)).await,
                outcome => return outcome,
            }
        }
    }
}

/// The section of the configuration for a CSTA switch.
fn csta_switch(kind: &str, dialect: &str, address: SocketAddr, more: &str) -> String {
    format!(
        "[[switch]]\nid = \"lab\"\nname = \"Laboratory\"\nkind = \"{kind}\"\ndialect = \"{dialect}\"\naddress = \"{}\"\n\
         port = {}\nuser = \"tieline\"\npassword = \"lab-csta\"\nswitch_name = \"lab\"\nstations = [\"1001-1008\"]\n\
         {}{more}[switch.numbers]\ncountry = \"CZ\"\noutside_prefix = \"0\"\nextension_pattern = \"10XX|6XX\"\n",
        address.ip(),
        address.port(),
        [("600", "support", 2), ("601", "everyone", 0), ("602", "sales", 0), ("603", "desk", 2)]
            .map(|(number, name, wrap_up_s)| {
                format!(
                    "[[switch.queue]]\nnumber = \"{number}\"\nname = \"{name}\"\nwrap_up_s = {wrap_up_s}\n"
                )
            })
            .concat(),
    )
}
