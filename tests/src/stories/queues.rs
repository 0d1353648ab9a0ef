//! Queues and agents.

use super::calls::customer_talks_to_alice;
use super::direct;
use crate::Result;
use crate::lab::Lab;
use crate::phone::Phone;

/// The customer calls a queue and one of its agents answers; gives the agent.
async fn customer_reaches_agent<'a>(lab: &'a Lab, queue: &str) -> Result<&'a Phone> {
    lab.customer.dial(&direct(queue)).await?;
    lab.customer.talks().await?;
    agent_answers(lab).await
}

/// One of the agents rings and answers.
async fn agent_answers(lab: &Lab) -> Result<&Phone> {
    let agent = lab.first_ringing(&lab.agents()).await?;
    agent.answer().await?;
    lab.connected(&["PJSIP/trunk", &format!("PJSIP/{}", agent.number)]).await?;
    Ok(agent)
}

/// The customer waits in queue 600, an agent rings, answers and hangs up in the end.
pub(super) async fn answered(lab: &Lab) -> Result<()> {
    let agent = customer_reaches_agent(lab, "600").await?;
    agent.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}

/// The customer waits in queue 603, which nobody serves, and hangs up.
pub(super) async fn gives_up_waiting(lab: &Lab) -> Result<()> {
    lab.customer.dial(&direct("603")).await?;
    lab.customer.talks().await?;
    lab.sees_event("QueueCallerJoin").await?;
    lab.customer.hang_up().await?;
    lab.sees_event("QueueCallerAbandon").await?;
    Ok(())
}

/// The customer hangs up while an agent of queue 600 rings.
pub(super) async fn gives_up_ringing(lab: &Lab) -> Result<()> {
    lab.customer.dial(&direct("600")).await?;
    lab.customer.talks().await?;
    let agent = lab.first_ringing(&lab.agents()).await?;
    lab.customer.hang_up().await?;
    agent.is_free().await?;
    Ok(())
}

/// The first agent of queue 600 does not answer, the next one does; the customer hangs up.
pub(super) async fn next_agent(lab: &Lab) -> Result<()> {
    lab.customer.dial(&direct("600")).await?;
    lab.customer.talks().await?;
    let silent = lab.first_ringing(&lab.agents()).await?;
    lab.sees_event("AgentRingNoAnswer").await?;
    silent.is_free().await?;
    agent_answers(lab).await?;
    lab.customer.hang_up().await?;
    lab.sees_event("AgentComplete").await?;
    Ok(())
}

/// The customer waits in queue 602, which nobody serves, for 4 s and overflows to 600, where an agent answers.
pub(super) async fn overflow(lab: &Lab) -> Result<()> {
    let agent = customer_reaches_agent(lab, "602").await?;
    agent.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}

/// All agents of queue 601 ring, 1002 answers, the others stop ringing; 1002 hangs up.
pub(super) async fn ring_all(lab: &Lab) -> Result<()> {
    lab.customer.dial(&direct("601")).await?;
    for agent in lab.agents() {
        agent.rings().await?;
    }
    lab.bob.answer().await?;
    lab.connected(&["PJSIP/trunk", "PJSIP/1002"]).await?;
    lab.alice.is_free().await?;
    lab.carol.is_free().await?;
    lab.bob.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}

/// 1004 signs in (*45), pauses (*47), unpauses (*48) and signs out (*46) at the phone.
pub(super) async fn agent_by_code(lab: &Lab) -> Result<()> {
    for (code, event) in [
        ("*45", "QueueMemberAdded"),
        ("*47", "QueueMemberPause"),
        ("*48", "QueueMemberPause"),
        ("*46", "QueueMemberRemoved"),
    ] {
        lab.dave.dial(code).await?;
        lab.sees_event(event).await?;
        lab.dave.is_free().await?;
    }
    Ok(())
}

/// 1004 signs in paused, unpauses, pauses for lunch, unpauses and signs out from the desk.
pub(super) async fn agent_from_desk(lab: &Lab) -> Result<()> {
    let (queue, interface) = (("Queue", "desk"), ("Interface", "PJSIP/1004"));
    let name = ("MemberName", "Dave Desk");
    let state = ("StateInterface", "PJSIP/1004");
    let (paused, unpaused) = (("Paused", "true"), ("Paused", "false"));
    let add = [("Action", "QueueAdd"), queue, interface, name, state, paused];
    lab.desk("1004 signs in to desk, paused", &add).await?;
    lab.sees_event("QueueMemberAdded").await?;
    lab.desk("1004 is ready", &[("Action", "QueuePause"), queue, interface, unpaused]).await?;
    lab.sees_event("QueueMemberPause").await?;
    let lunch = [("Action", "QueuePause"), queue, interface, paused, ("Reason", "lunch")];
    lab.desk("1004 pauses for lunch", &lunch).await?;
    lab.sees_event("QueueMemberPause").await?;
    lab.desk("1004 is back", &[("Action", "QueuePause"), queue, interface, unpaused]).await?;
    lab.sees_event("QueueMemberPause").await?;
    lab.desk("1004 signs out", &[("Action", "QueueRemove"), queue, interface]).await?;
    lab.sees_event("QueueMemberRemoved").await?;
    Ok(())
}

/// The customer talks to 1001 and the second customer waits in queue 603; then the link starts; both hang up.
pub(super) async fn link_starts_late(lab: &mut Lab) -> Result<()> {
    customer_talks_to_alice(lab).await?;
    lab.second_customer.dial(&direct("603")).await?;
    lab.second_customer.talks().await?;
    lab.sees_event("QueueCallerJoin").await?;
    lab.link().await?;
    lab.customer.hang_up().await?;
    lab.alice.is_free().await?;
    lab.second_customer.hang_up().await?;
    lab.sees_event("QueueCallerAbandon").await?;
    Ok(())
}

/// The customer talks to 1001, who transfers blindly into queue 600; an agent answers; the customer hangs up.
pub(super) async fn transfer_into_queue(lab: &Lab) -> Result<()> {
    customer_talks_to_alice(lab).await?;
    lab.alice.transfer("600").await?;
    lab.sees_event("QueueCallerJoin").await?;
    let agent = agent_answers(lab).await?;
    lab.customer.hang_up().await?;
    agent.is_free().await?;
    Ok(())
}

/// The customer talks to 1001, who consults with queue 603 (nobody serves it) and transfers; the customer gives up.
pub(super) async fn consult_queue(lab: &Lab) -> Result<()> {
    customer_talks_to_alice(lab).await?;
    let first = lab.alice.current_call()?;
    lab.alice.hold().await?;
    lab.sees_event("Hold").await?;
    lab.alice.dial("603").await?;
    lab.alice.talks().await?;
    lab.sees_event("QueueCallerJoin").await?;
    let target = super::transfers::replacing(lab, "603").await?;
    lab.alice.select(&first).await?;
    lab.alice.transfer(&target).await?;
    lab.sees_event("AttendedTransfer").await?;
    lab.customer.hang_up().await?;
    lab.sees_event("QueueCallerAbandon").await?;
    Ok(())
}

/// The customer calls queue 604, whose members are Local channels; an agent answers and hangs up.
pub(super) async fn local_members(lab: &Lab) -> Result<()> {
    let agent = customer_reaches_agent(lab, "604").await?;
    agent.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}
