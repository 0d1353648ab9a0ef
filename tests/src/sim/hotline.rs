//! A queue of Tieline's own on the simulated switch, whatever it speaks, and what its agents do at their desks.

use reqwest::Method;
use serde_json::{Value, json};
use switch_sim::Plan;

use super::{CSTA_PLAN, LAB_PLAN, Town};
use crate::trouble::Context;
use crate::{Result, Trouble};

/// The pilot of the CSTA laboratory: a phone with nobody at it, whose callers go to the switch's own queue in the end.
const PILOT: &str = "\n[[phone]]\nextension = \"607\"\nno_answer = { after_s = 60, to = \"603\" }\n";
/// What the daemon is told of it.
const HELD: &str = "[[switch.route_point]]\ndevice = \"607\"\nheld_by = \"deflect_from_device\"\n";

/// A laboratory with a queue of ours, in which lower levels are asked first.
#[derive(Debug)]
pub struct Hotline {
    /// Switch and daemon.
    pub town: Town,
    /// What outside callers dial.
    pub number: &'static str,
    /// Our id of the queue.
    pub queue: String,
}

impl Hotline {
    /// A switch of this kind; one that is no Asterisk speaks this dialect. Nobody is signed in to the queue. Those of
    /// `free` are in no queue of the switch from the beginning.
    pub async fn start((kind, dialect): (&str, &str), free: &[&str]) -> Result<Self> {
        let is_asterisk = kind == "asterisk";
        let site = if is_asterisk { LAB_PLAN.to_owned() } else { format!("{CSTA_PLAN}{PILOT}") };
        let mut plan = Plan::parse(&site).context("the plan of the laboratory")?;
        for queue in &mut plan.queues {
            queue.members.retain(|member| !free.contains(&member.as_str()));
        }
        let (mut town, number, key) = if is_asterisk {
            (Town::prepare_with(plan, 0).await?, "420555000606", "hotline")
        } else {
            (Town::prepare_csta_with(kind, dialect, plan, HELD).await?, "420555000607", "607")
        };
        town.serve().await?;
        let own = json!({"key": key, "name": "Hotline", "method": "linear", "ring_ms": 5_000,
            "wrap_up_ms": 60_000, "rona": {"no_answer": 1}});
        let made = town.site.post("/v1/queues", &json!({ "own": own })).await?;
        let queue = text(&made, "/id");
        Ok(Self { town, number, queue })
    }

    /// Our id of the agent at a phone, once there is one.
    pub async fn agent(&self, extension: &str) -> Result<String> {
        let of = |agents: &Value| {
            let mut all = agents.get("items").and_then(Value::as_array).into_iter().flatten();
            all.find(|agent| agent.pointer("/extension") == Some(&json!(extension))).cloned()
        };
        let what = format!("an agent at {extension}");
        let agents =
            self.town.site.until("/v1/agents?limit=200", &what, |agents| of(agents).is_some()).await?;
        Ok(text(&of(&agents).unwrap_or_default(), "/id"))
    }

    /// The agent signs in to the queue, or out of it, at the desk.
    pub async fn signs(&self, extension: &str, is_in: bool, level: i32) -> Result<()> {
        let agent = self.agent(extension).await?;
        let path = format!("/v1/queues/{}/memberships/{agent}", self.queue);
        self.town.site.put(&path, &json!({"signed_in": is_in, "level": level})).await.map(drop)
    }

    /// The agent chooses a state at the desk, and it is so.
    pub async fn chooses(&self, extension: &str, wish: &Value) -> Result<()> {
        let agent = self.agent(extension).await?;
        let site = &self.town.site;
        let (status, answer) =
            site.ask(Method::PUT, &format!("/v1/agents/{agent}/state"), None, wish).await?;
        match status {
            200 => {}
            202 => drop(site.done(&answer).await?),
            _ => return Err(Trouble::new(format!("{wish}: {status} {answer:#}"))),
        }
        let chosen = wish.get("state").cloned().unwrap_or_default();
        let is_so = |agent: &Value| agent.pointer("/state/chosen") == Some(&chosen);
        site.until(&format!("/v1/agents/{agent}"), &format!("{extension} to be {chosen}"), is_so)
            .await
            .map(drop)
    }

    /// The agent's work after a call is done.
    pub async fn finishes(&self, extension: &str) -> Result<()> {
        self.is(extension, "wrap_up").await?;
        let path = format!("/v1/agents/{}/wrap_up", self.agent(extension).await?);
        self.town.site.post(&path, &json!({})).await.map(drop)
    }

    /// Waits until the agent is shown so.
    pub async fn is(&self, extension: &str, effective: &str) -> Result<()> {
        let path = format!("/v1/agents/{}", self.agent(extension).await?);
        let is_so = |agent: &Value| agent.pointer("/state/effective") == Some(&json!(effective));
        self.town.site.until(&path, &format!("{extension} to be {effective}"), is_so).await.map(drop)
    }

    /// Those who wait in the queue, in order, once there are so many.
    pub async fn waiting(&self, count: usize) -> Result<Vec<Value>> {
        let path = format!("/v1/queues/{}/live", self.queue);
        let list = |live: &Value| live.get("waiting").and_then(Value::as_array).cloned().unwrap_or_default();
        let live = self
            .town
            .site
            .until(&path, &format!("{count} to wait"), |live| list(live).len() == count)
            .await?;
        Ok(list(&live))
    }

    /// Waits until the offers of a call came out so, by attempt.
    pub async fn offers(&self, call: &str, outcomes: &[&str]) -> Result<()> {
        let of = |call: &Value| -> Vec<String> {
            let offers = call.get("offers").and_then(Value::as_array).into_iter().flatten();
            offers.map(|one| text(one, "/outcome")).collect()
        };
        let what = format!("its offers to be {outcomes:?}");
        self.town.site.until(&format!("/v1/calls/{call}"), &what, |call| of(call) == outcomes).await.map(drop)
    }

    /// The queue's row of the report, once so many of its calls are counted as answered or given up.
    pub async fn report(&self, over: u64) -> Result<Value> {
        let path = format!(
            "/v1/reports/queues?from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z&queue={}",
            self.queue
        );
        let figure = |row: &Value, name: &str| row.get(name).and_then(Value::as_u64).unwrap_or(0);
        let done = |report: &Value| {
            let row = report.pointer("/items/0").cloned().unwrap_or_default();
            figure(&row, "answered") + figure(&row, "abandoned") == over
        };
        let report = self.town.site.until(&path, "all calls to be counted", done).await?;
        Ok(report.pointer("/items/0").cloned().unwrap_or_default())
    }
}

fn text(value: &Value, place: &str) -> String {
    value.pointer(place).and_then(Value::as_str).unwrap_or_default().to_owned()
}
