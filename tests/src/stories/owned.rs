//! Queues of Tieline's own: callers held by the include file. What the desk does here is what the daemon sends.

use super::direct;
use crate::lab::Lab;
use crate::phone::Phone;
use crate::wire::Message;
use crate::{Result, Trouble};

/// Extension that leads into the queue `hotline`.
const HOTLINE: &str = "606";

/// The customer calls the queue and waits; gives the channel.
async fn customer_waits(lab: &Lab) -> Result<String> {
    lab.customer.dial(&direct(HOTLINE)).await?;
    held(lab).await
}

/// Somebody waits for us, for the first time or again; gives the channel.
async fn held(lab: &Lab) -> Result<String> {
    Ok(lab.sees_event("AsyncAGIStart").await?.get("Channel").to_owned())
}

/// Rings phones for a waiting caller.
async fn offer(lab: &Lab, channel: &str, dial: &str, seconds: &str) -> Result<()> {
    for (variable, value) in [("CTI_OFFER", dial), ("CTI_OFFER_S", seconds), ("__CTI_QUEUE", "hotline")] {
        let set = [("Action", "Setvar"), ("Channel", channel), ("Variable", variable), ("Value", value)];
        lab.actions.action(&set).await?;
    }
    redirect(lab, &format!("rings {dial} for {seconds} s"), channel, "tieline-offer", "hotline").await
}

async fn redirect(lab: &Lab, deed: &str, channel: &str, context: &str, exten: &str) -> Result<()> {
    let headers = [
        ("Action", "Redirect"),
        ("Channel", channel),
        ("Context", context),
        ("Exten", exten),
        ("Priority", "1"),
    ];
    lab.desk(deed, &headers).await.map(drop)
}

/// Has a waiting caller hear something.
async fn plays(lab: &Lab, channel: &str, command: &str, id: &str) -> Result<()> {
    let headers = [("Action", "AGI"), ("Channel", channel), ("Command", command), ("CommandID", id)];
    lab.desk(command, &headers).await.map(drop)
}

async fn heard(lab: &Lab, id: &str) -> Result<Message> {
    Ok(lab
        .sees(&format!("the end of {id}"), |one| one.is("AsyncAGIExec") && one.get("CommandID") == id)
        .await?
        .0)
}

async fn talks_then_hangs_up(lab: &Lab, agent: &Phone) -> Result<()> {
    agent.rings().await?;
    agent.answer().await?;
    lab.connected(&["PJSIP/trunk", &format!("PJSIP/{}", agent.number)]).await?;
    agent.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}

/// The customer waits, 1001 rings, answers and hangs up in the end.
pub(super) async fn answered(lab: &Lab) -> Result<()> {
    let channel = customer_waits(lab).await?;
    offer(lab, &channel, "PJSIP/1001", "20").await?;
    talks_then_hangs_up(lab, &lab.alice).await
}

/// 1001 does not answer, 1002 rejects, 1008 is not there; 1002 answers in the end, by a Local channel.
pub(super) async fn next_agents(lab: &Lab) -> Result<()> {
    let channel = customer_waits(lab).await?;
    offer(lab, &channel, "PJSIP/1001", "2").await?;
    lab.alice.rings().await?;
    held(lab).await?;
    lab.alice.is_free().await?;
    offer(lab, &channel, "PJSIP/1002", "20").await?;
    lab.bob.rings().await?;
    lab.bob.hang_up().await?;
    held(lab).await?;
    offer(lab, &channel, "PJSIP/1008", "20").await?;
    held(lab).await?;
    offer(lab, &channel, &format!("Local/1002@{}", lab.asterisk.flavour.phone_context()), "20").await?;
    talks_then_hangs_up(lab, &lab.bob).await
}

/// All phones ring, 1002 answers, the others stop; the customer hangs up.
pub(super) async fn ring_all(lab: &Lab) -> Result<()> {
    let channel = customer_waits(lab).await?;
    offer(lab, &channel, "PJSIP/1001&PJSIP/1002&PJSIP/1003", "20").await?;
    for agent in lab.agents() {
        agent.rings().await?;
    }
    lab.bob.answer().await?;
    lab.connected(&["PJSIP/trunk", "PJSIP/1002"]).await?;
    lab.customer.hang_up().await?;
    for agent in lab.agents() {
        agent.is_free().await?;
    }
    Ok(())
}

/// The ringing of 1001 is taken back, then 1002 answers.
pub(super) async fn withdrawn(lab: &Lab) -> Result<()> {
    let channel = customer_waits(lab).await?;
    offer(lab, &channel, "PJSIP/1001", "20").await?;
    lab.alice.rings().await?;
    let ringing = lab.channel("PJSIP/1001-")?;
    let hang_up = [("Action", "Hangup"), ("Channel", ringing.as_str()), ("Cause", "16")];
    lab.desk("1001 is to ring no more", &hang_up).await?;
    held(lab).await?;
    lab.alice.is_free().await?;
    offer(lab, &channel, "PJSIP/1002", "20").await?;
    talks_then_hangs_up(lab, &lab.bob).await
}

/// The customer gives up waiting; the second customer does so while 1001 rings.
pub(super) async fn gives_up(lab: &Lab) -> Result<()> {
    customer_waits(lab).await?;
    lab.customer.hang_up().await?;
    lab.sees_event("AsyncAGIEnd").await?;
    lab.second_customer.dial(&direct(HOTLINE)).await?;
    let channel = held(lab).await?;
    offer(lab, &channel, "PJSIP/1001", "20").await?;
    lab.alice.rings().await?;
    lab.second_customer.hang_up().await?;
    lab.alice.is_free().await?;
    Ok(())
}

/// The customer hears an announcement and presses 1, then a sound that does not exist, then a number.
pub(super) async fn key_pressed(lab: &Lab) -> Result<()> {
    let channel = customer_waits(lab).await?;
    plays(lab, &channel, "STREAM FILE \"queue-periodic-announce\" \"1#\"", "s-1").await?;
    lab.customer.talks().await?;
    lab.customer.digits("1").await?;
    let result = heard(lab, "s-1").await?;
    if !result.get("Result").contains("result%3D49") {
        return Err(Trouble::new(format!("the key was not heard: {:?}", result.lines)));
    }
    plays(lab, &channel, "STREAM FILE \"there-is-no-such-sound\" \"\"", "s-2").await?;
    heard(lab, "s-2").await?;
    held(lab).await?;
    plays(lab, &channel, "SAY NUMBER 3 \"\"", "s-3").await?;
    heard(lab, "s-3").await?;
    plays(lab, &channel, "SET MUSIC on", "s-4").await?;
    heard(lab, "s-4").await?;
    lab.customer.hang_up().await?;
    lab.sees_event("AsyncAGIEnd").await?;
    Ok(())
}

/// The customer waits and is sent on to 1002, who answers; the second customer is sent to the fallback, gives up there.
pub(super) async fn sent_on(lab: &Lab) -> Result<()> {
    let channel = customer_waits(lab).await?;
    let context = lab.asterisk.flavour.phone_context();
    let set = [("Action", "Setvar"), ("Channel", &channel), ("Variable", "CTI_CONTEXT"), ("Value", context)];
    lab.actions.action(&set).await?;
    redirect(lab, "sends the customer to 1002", &channel, "tieline-route", "1002").await?;
    talks_then_hangs_up(lab, &lab.bob).await?;
    lab.second_customer.dial(&direct(HOTLINE)).await?;
    let channel = held(lab).await?;
    redirect(lab, "sends the second customer to the fallback", &channel, "tieline-queue", "T").await?;
    lab.sees_event("QueueCallerJoin").await?;
    lab.second_customer.hang_up().await?;
    lab.sees_event("QueueCallerAbandon").await?;
    Ok(())
}

/// Nobody puts off the limit of the waiting customer, who goes to the fallback and gives up there.
pub(super) async fn nobody_there(lab: &Lab) -> Result<()> {
    let channel = customer_waits(lab).await?;
    let limit = [("Action", "AbsoluteTimeout"), ("Channel", channel.as_str()), ("Timeout", "1")];
    lab.desk("nobody puts off the limit", &limit).await?;
    lab.sees_event("QueueCallerJoin").await?;
    lab.customer.hang_up().await?;
    lab.sees_event("QueueCallerAbandon").await?;
    Ok(())
}

/// 1001 talks to the customer and transfers blindly into the queue; 1002 answers; the customer hangs up.
pub(super) async fn transferred_into(lab: &Lab) -> Result<()> {
    super::calls::customer_talks_to_alice(lab).await?;
    lab.alice.transfer(HOTLINE).await?;
    let channel = held(lab).await?;
    offer(lab, &channel, "PJSIP/1002", "20").await?;
    lab.bob.rings().await?;
    lab.bob.answer().await?;
    lab.connected(&["PJSIP/trunk", "PJSIP/1002"]).await?;
    lab.customer.hang_up().await?;
    lab.bob.is_free().await?;
    Ok(())
}

/// 1001 consults with the queue and transfers the customer into it; 1002 answers; the customer hangs up.
pub(super) async fn consulted(lab: &Lab) -> Result<()> {
    super::calls::customer_talks_to_alice(lab).await?;
    let first = lab.alice.current_call()?;
    lab.alice.hold().await?;
    lab.sees_event("Hold").await?;
    lab.alice.dial(HOTLINE).await?;
    lab.alice.talks().await?;
    held(lab).await?;
    let target = super::transfers::replacing(lab, HOTLINE).await?;
    lab.alice.select(&first).await?;
    lab.alice.transfer(&target).await?;
    lab.sees_event("AttendedTransfer").await?;
    let customer = lab.channel("PJSIP/trunk-")?;
    offer(lab, &customer, "PJSIP/1002", "20").await?;
    lab.bob.rings().await?;
    lab.bob.answer().await?;
    lab.connected(&["PJSIP/trunk", "PJSIP/1002"]).await?;
    lab.customer.hang_up().await?;
    lab.bob.is_free().await?;
    Ok(())
}

/// The customer waits and 1001 rings for the second customer; then the link starts. 1001 does not answer; both are rung
/// for again and answered one after the other.
pub(super) async fn link_starts_late(lab: &mut Lab) -> Result<()> {
    let waiting = customer_waits(lab).await?;
    lab.second_customer.dial(&direct(HOTLINE)).await?;
    let rung = held(lab).await?;
    offer(lab, &rung, "PJSIP/1001", "3").await?;
    lab.alice.rings().await?;
    lab.link().await?;
    held(lab).await?;
    lab.alice.is_free().await?;
    offer(lab, &waiting, "PJSIP/1002", "20").await?;
    talks_then_hangs_up(lab, &lab.bob).await?;
    offer(lab, &rung, "PJSIP/1001", "20").await?;
    lab.alice.rings().await?;
    lab.alice.answer().await?;
    lab.connected(&["PJSIP/trunk", "PJSIP/1001"]).await?;
    lab.second_customer.hang_up().await?;
    lab.alice.is_free().await?;
    Ok(())
}
