//! What desks do in the stories, through the product's API.

use reqwest::Method;
use serde_json::{Value, json};

use super::Live;
use crate::lab::Lab;
use crate::stories::{customer_talks_to_alice, direct};
use crate::{Result, Trouble};

/// Plays the story if a desk takes part in it.
pub(super) async fn play(live: &Live, id: &str) -> Result<bool> {
    match id {
        "S03" => click_to_dial(live).await?,
        "S08-desk" => attended(live).await?,
        "S09-desk" => back_to_caller(live).await?,
        "S10-desk" => blind(live).await?,
        "S12" => conference(live).await?,
        "S12b" => conference_of_two_customers(live).await?,
        "S23-desk" => listened_to(live).await?,
        "S22-desk" => agent_state(live).await?,
        _ => return Ok(false),
    }
    Ok(true)
}

impl Live {
    /// Gives a command on a call from a phone and waits until it had its effect.
    pub async fn command(
        &self,
        call: &str,
        command: &str,
        extension: &str,
        to: Option<&str>,
    ) -> Result<Value> {
        self.lab.diary.note(format!("desk: {extension} {command} {}", to.unwrap_or_default()));
        let device = self.device(extension).await?;
        let body = json!({"command": command, "device_id": device, "args": {"to": to}});
        let sent = self.site.post(&format!("/v1/calls/{call}/commands"), &body).await?;
        self.done(&sent).await
    }

    /// Waits until a phone has two calls that are both answered; gives the one that is not `first`.
    async fn second_call(&self, extension: &str, first: &str) -> Result<String> {
        let device = self.device(extension).await?;
        let two = |device: &Value| device["calls"].as_array().is_some_and(|calls| calls.len() == 2);
        let path = format!("/v1/devices/{device}");
        let device = self.site.until(&path, "a second call", two).await?;
        let calls = device.get("calls").and_then(Value::as_array).into_iter().flatten();
        let mut others = calls.filter_map(Value::as_str).filter(|call| *call != first);
        let second = others.next_back().unwrap_or_default().to_owned();
        let answered = |call: &Value| call["answered_at"].is_string();
        self.site.until(&format!("/v1/calls/{second}"), "the second call to be answered", answered).await?;
        Ok(second)
    }

    /// The customer talks to 1001, whose desk consults with 1002; gives the first call and the consultation.
    pub async fn consult(&self) -> Result<(String, String)> {
        let lab = &self.lab;
        customer_talks_to_alice(lab).await?;
        let first = self.only_call().await?;
        self.talking(&first).await?;
        let device = self.device("1001").await?;
        let body = json!({"command": "consultation_call", "device_id": device, "args": {"to": "1002"}});
        let sent = self.site.post(&format!("/v1/calls/{first}/commands"), &body).await?;
        lab.bob.rings().await?;
        lab.bob.answer().await?;
        lab.connected(&["PJSIP/1001", "PJSIP/1002"]).await?;
        self.done(&sent).await?;
        let second = self.second_call("1001", &first).await?;
        Ok((first, second))
    }

    /// Waits until the daemon knows that the call was answered.
    pub async fn talking(&self, call: &str) -> Result<()> {
        let answered = |call: &Value| call["answered_at"].is_string();
        self.site.until(&format!("/v1/calls/{call}"), "the call to be answered", answered).await.map(drop)
    }

    /// The agent at a phone chooses a state in these queues, and has it.
    async fn choose(&self, agent: &str, wish: &Value) -> Result<()> {
        let (status, command) =
            self.site.ask(Method::PUT, &format!("/v1/agents/{agent}/state"), None, wish).await?;
        if status != 202 {
            return Err(Trouble::new(format!("{wish}: {status} {command:#}")));
        }
        self.done(&command).await.map(drop)
    }
}

/// As the story `S03`: the desk dials for 1001.
async fn click_to_dial(live: &Live) -> Result<()> {
    let lab = &live.lab;
    let order = json!({"from": live.device("1001").await?, "to": "1002"});
    let command = live.site.post_once("/v1/calls", "S03", &order).await?;
    lab.alice.rings().await?;
    lab.alice.answer().await?;
    lab.bob.rings().await?;
    lab.bob.answer().await?;
    lab.connected(&["PJSIP/1001", "PJSIP/1002"]).await?;
    live.done(&command).await?;
    lab.alice.hang_up().await?;
    lab.bob.is_free().await?;
    Ok(())
}

/// The supervisor at 1005 hears 1001's talk with the customer, whispers to 1001, talks to both and goes.
async fn listened_to(live: &Live) -> Result<()> {
    let lab = &live.lab;
    customer_talks_to_alice(lab).await?;
    let call = live.only_call().await?;
    live.talking(&call).await?;
    let device = live.device("1005").await?;
    for mode in ["listen", "whisper", "barge_in"] {
        let wish = json!({"command": "join_call", "device_id": device, "args": {"mode": mode}});
        let sent = live.site.post(&format!("/v1/calls/{call}/commands"), &wish).await?;
        if mode == "listen" {
            lab.erin.rings().await?;
            lab.erin.answer().await?;
        }
        live.done(&sent).await?;
    }
    lab.erin.hang_up().await?;
    lab.sees_event("ChanSpyStop").await?;
    lab.alice.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}

async fn attended(live: &Live) -> Result<()> {
    let lab = &live.lab;
    let (first, _) = live.consult().await?;
    live.command(&first, "transfer_call", "1001", None).await?;
    lab.alice.is_free().await?;
    lab.connected(&["PJSIP/trunk", "PJSIP/1002"]).await?;
    lab.bob.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}

/// 1002 ends the consultation, then the desk of 1001 goes back to the customer.
async fn back_to_caller(live: &Live) -> Result<()> {
    let lab = &live.lab;
    let (first, second) = live.consult().await?;
    lab.bob.hang_up().await?;
    let alone = |call: &Value| {
        let legs = call["legs"].as_array();
        legs.is_some_and(|legs| legs.iter().any(|leg| leg["extension"] == "1002" && leg["by_party"] == true))
    };
    live.site.until(&format!("/v1/calls/{second}"), "1002 to have left the consultation", alone).await?;
    live.command(&first, "reconnect_call", "1001", None).await?;
    lab.connected(&["PJSIP/trunk", "PJSIP/1001"]).await?;
    lab.alice.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}

async fn blind(live: &Live) -> Result<()> {
    let lab = &live.lab;
    customer_talks_to_alice(lab).await?;
    let call = live.only_call().await?;
    live.talking(&call).await?;
    live.command(&call, "single_step_transfer", "1001", Some("1002")).await?;
    lab.bob.rings().await?;
    lab.bob.answer().await?;
    lab.connected(&["PJSIP/trunk", "PJSIP/1002"]).await?;
    lab.customer.hang_up().await?;
    lab.bob.is_free().await?;
    Ok(())
}

async fn conference(live: &Live) -> Result<()> {
    let lab = &live.lab;
    let (first, _) = live.consult().await?;
    live.command(&first, "conference_call", "1001", None).await?;
    all_join(lab).await?;
    lab.bob.hang_up().await?;
    lab.sees_event("ConfbridgeLeave").await?;
    lab.customer.hang_up().await?;
    lab.sees_event("ConfbridgeLeave").await?;
    lab.alice.hang_up().await?;
    Ok(())
}

async fn all_join(lab: &Lab) -> Result<()> {
    for _ in 0..3 {
        lab.sees_event("ConfbridgeJoin").await?;
    }
    Ok(())
}

async fn conference_of_two_customers(live: &Live) -> Result<()> {
    let lab = &live.lab;
    customer_talks_to_alice(lab).await?;
    let first = live.only_call().await?;
    lab.alice.hold().await?;
    lab.sees_event("Hold").await?;
    lab.second_customer.dial(&direct("1001")).await?;
    lab.alice.rings().await?;
    lab.alice.answer().await?;
    lab.second_customer.talks().await?;
    let trunk = lab.channel("PJSIP/trunk-")?;
    lab.connected(&[trunk.rsplit_once('-').map_or("", |(name, _)| name)]).await?;
    live.second_call("1001", &first).await?;
    live.command(&first, "conference_call", "1001", None).await?;
    all_join(lab).await?;
    lab.alice.is_free().await?;
    lab.alice.hang_up().await?;
    lab.sees_event("ConfbridgeLeave").await?;
    lab.customer.hang_up().await?;
    lab.sees_event("ConfbridgeLeave").await?;
    lab.second_customer.hang_up().await?;
    Ok(())
}

/// 1004, who signed in at the phone before, does it all at the desk.
async fn agent_state(live: &Live) -> Result<()> {
    let agents = live.site.all("/v1/agents").await?;
    let agent = agents.iter().find(|agent| agent["extension"] == "1004");
    let agent = agent.and_then(|agent| agent["id"].as_str());
    let agent = agent.ok_or_else(|| Trouble::new(format!("1004 is no agent: {agents:#?}")))?;
    let queues = live.site.all("/v1/queues").await?;
    let queue = queues.iter().find(|queue| queue["name"] == "desk").map(|queue| &queue["id"]);
    let queue = queue.ok_or_else(|| Trouble::new(format!("no queue desk: {queues:#?}")))?;
    for wish in [
        json!({"state": "paused", "queues": [queue]}),
        json!({"state": "ready"}),
        json!({"state": "paused", "reason": "lunch"}),
        json!({"state": "ready"}),
        json!({"state": "logged_out"}),
    ] {
        live.choose(agent, &wish).await?;
    }
    Ok(())
}
