//! Stories on a real switch with the whole product linked to it: people act at phones and desks, then the journal
//! of the daemon is held against what the story asks for.
//!
//! What a desk does goes through the product's own API ([`desk`]), everything else through the phones
//! ([`crate::stories`]).

use std::time::Duration;

use cti_core::fact::Record;
use serde_json::Value;
use store::{Store, StoreOptions};
use tokio::time::{Instant, sleep};

use crate::asterisk::{Flavour, Version};
use crate::expect::Expected;
use crate::lab::Lab;
use crate::replay::roles;
use crate::site::Site;
use crate::trouble::Context;
use crate::{Result, Trouble, stories};

mod desk;
mod stream;

pub use stream::Stream;

/// How long the journal may lag behind a switch, phones and a picture that are all at rest.
const LAG: Duration = Duration::from_secs(5);

/// A laboratory with a daemon linked to its switch.
#[derive(Debug)]
pub struct Live {
    /// Switch and phones.
    pub lab: Lab,
    /// The daemon.
    pub site: Site,
    store: Store,
    /// All facts of the daemon's journal so far.
    pub records: Vec<Record>,
    /// Sequence of the last fact that was held against a story.
    compared: u64,
}

impl Live {
    /// A switch with phones, and a daemon that is linked.
    pub async fn start(version: Version, flavour: Flavour) -> Result<Self> {
        let mut live = Self::prepare(version, flavour).await?;
        live.serve().await?;
        Ok(live)
    }

    /// Plays S24 to begin with: the daemon starts while one call talks and another waits. Goes on as a usual
    /// [`Live`].
    pub async fn start_amid_calls(version: Version, flavour: Flavour) -> Result<Self> {
        let mut live = Self::prepare(version, flavour).await?;
        live.lab.begin().await?;
        stories::customer_talks_to_alice(&live.lab).await?;
        live.lab.second_customer.dial(&stories::direct("603")).await?;
        live.lab.second_customer.talks().await?;
        live.lab.sees_event("QueueCallerJoin").await?;
        live.serve().await?;
        let two = |calls: &Value| calls["items"].as_array().is_some_and(|calls| calls.len() == 2);
        live.site.until("/v1/calls?state=live", "both calls to be found", two).await?;
        live.lab.customer.hang_up().await?;
        live.lab.alice.is_free().await?;
        live.lab.second_customer.hang_up().await?;
        live.lab.sees_event("QueueCallerAbandon").await?;
        live.lab.quiet().await?;
        live.compare("S24", 0).await?;
        Ok(live)
    }

    async fn prepare(version: Version, flavour: Flavour) -> Result<Self> {
        let lab = Lab::start(version, flavour).await?;
        let site = Site::prepare(lab.asterisk.manager(), flavour.phone_context()).await?;
        let file = site.home().join("tieline.db");
        let options = StoreOptions { url: format!("sqlite:{}", file.display()), power_safe: false };
        let store = Store::open(&options).await.context("the daemon's store")?;
        Ok(Self { lab, site, store, records: Vec::new(), compared: 0 })
    }

    async fn serve(&mut self) -> Result<()> {
        self.site.serve().await?;
        self.site.linked().await
    }

    /// Plays these stories one after the other and holds each against its file; nothing comes after the last.
    pub async fn tell(&mut self, stories: &[&str]) -> Result<()> {
        for id in stories {
            self.tell_one(id).await.context(id)?;
        }
        self.begin_story().await.map(drop)
    }

    async fn tell_one(&mut self, id: &str) -> Result<()> {
        let from = self.begin_story().await?;
        if !desk::play(self, id).await? {
            let story = stories::find(id).ok_or_else(|| Trouble::new("no such story"))?;
            stories::play(story, &mut self.lab).await?;
        }
        self.lab.quiet().await?;
        self.compare(id, from).await
    }

    /// Begins something new when everybody is at rest; gives the sequence of the last fact before it.
    pub async fn begin(&mut self) -> Result<u64> {
        self.lab.begin().await?;
        self.rests().await?;
        self.catch_up().await?;
        Ok(self.last())
    }

    /// As [`Live::begin`]. The error shows facts about calls that came after their story had been compared.
    async fn begin_story(&mut self) -> Result<u64> {
        let last = self.begin().await?;
        let late = |record: &&Record| record.sequence > self.compared && record.fact.call().is_some();
        let late: Vec<&Record> = self.records.iter().filter(late).collect();
        if late.is_empty() { Ok(last) } else { Err(Trouble::new(format!("came late: {late:#?}"))) }
    }

    fn last(&self) -> u64 {
        self.records.last().map_or(0, |record| record.sequence)
    }

    /// Waits until the daemon has seen every call end, every phone free and every agent done.
    pub async fn rests(&self) -> Result<()> {
        self.site.rests().await
    }

    /// Reads what the journal has become.
    pub async fn catch_up(&mut self) -> Result<()> {
        let from = self.last() + 1;
        let mut reader = self.store.read_journal(from).await.context("the journal")?;
        while let Some(records) = reader.next().await.context("the journal")? {
            self.records.extend(records);
        }
        Ok(())
    }

    /// Holds the facts after `from` against a story. Earlier ones only tell what the ids mean.
    async fn compare(&mut self, id: &str, from: u64) -> Result<()> {
        let expected = Expected::load(id)?;
        let roles = roles(id, self.answered_by().as_deref());
        self.rests().await?;
        let end = Instant::now() + LAG;
        loop {
            self.catch_up().await?;
            let told = |record: &&Record| record.sequence > from || record.fact.call().is_none();
            let records: Vec<Record> = self.records.iter().filter(told).cloned().collect();
            match expected.check(&roles, &records, from) {
                Err(_) if Instant::now() < end => sleep(Duration::from_millis(50)).await,
                outcome => {
                    self.compared = self.last();
                    return outcome;
                }
            }
        }
    }

    /// Extension of the phone that answered last.
    fn answered_by(&self) -> Option<String> {
        let deeds = self.lab.diary.deeds();
        let mut answers = deeds.iter().filter_map(|(_, deed)| deed.strip_suffix(" answers"));
        answers.next_back().map(ToOwned::to_owned)
    }

    /// Our id of a phone.
    pub async fn device(&self, extension: &str) -> Result<String> {
        self.site.device(extension).await
    }

    /// Our id of the one live call.
    pub async fn only_call(&self) -> Result<String> {
        self.site.only_call().await
    }

    /// Waits until a command is settled; the error is why it failed.
    pub async fn done(&self, command: &Value) -> Result<Value> {
        self.site.done(command).await
    }
}

/// Starts everything and plays these stories.
pub async fn tell(version: Version, flavour: Flavour, stories: &[&str]) -> Result<()> {
    Live::start(version, flavour).await?.tell(stories).await
}
