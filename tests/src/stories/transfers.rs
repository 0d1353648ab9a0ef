//! Consultations, transfers, conferences, parking.

use super::calls::customer_talks_to_alice;
use super::direct;
use crate::Result;
use crate::lab::Lab;
use crate::phone::PhoneEvent;

/// 1001, who talks to somebody, holds and consults with 1002; gives 1001's new call.
async fn consult(lab: &Lab) -> Result<PhoneEvent> {
    lab.alice.hold().await?;
    lab.sees_event("Hold").await?;
    lab.alice.dial("1002").await?;
    lab.bob.rings().await?;
    lab.bob.answer().await?;
    let call = lab.alice.talks().await?;
    lab.connected(&["PJSIP/1001", "PJSIP/1002"]).await?;
    Ok(call)
}

/// The address that tells the first call's far end to take over 1001's youngest call (RFC 3891).
pub(super) async fn replacing(lab: &Lab, number: &str) -> Result<String> {
    let channel = lab.channel("PJSIP/1001-")?;
    let call = lab.sip_detail(&channel, "call-id").await?;
    let ours = lab.sip_detail(&channel, "local_tag").await?;
    let theirs = lab.sip_detail(&channel, "remote_tag").await?;
    let port = lab.asterisk.sip_port;
    Ok(format!("sip:{number}@127.0.0.1:{port}?Replaces={call}%3Bto-tag%3D{ours}%3Bfrom-tag%3D{theirs}"))
}

/// The customer talks to 1001, who consults with 1002 and transfers; 1002 hangs up in the end.
pub(super) async fn attended(lab: &Lab) -> Result<()> {
    customer_talks_to_alice(lab).await?;
    let first = lab.alice.current_call()?;
    consult(lab).await?;
    let target = replacing(lab, "1002").await?;
    lab.alice.select(&first).await?;
    lab.alice.transfer(&target).await?;
    lab.sees_event("AttendedTransfer").await?;
    lab.alice.is_free().await?;
    lab.connected(&["PJSIP/trunk", "PJSIP/1002"]).await?;
    lab.bob.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}

/// As `attended`, but 1001 transfers while 1002 still rings.
pub(super) async fn attended_while_ringing(lab: &Lab) -> Result<()> {
    customer_talks_to_alice(lab).await?;
    let first = lab.alice.current_call()?;
    lab.alice.hold().await?;
    lab.sees_event("Hold").await?;
    lab.alice.dial("1002").await?;
    lab.bob.rings().await?;
    lab.alice.hears_ringing().await?;
    let target = replacing(lab, "1002").await?;
    lab.alice.select(&first).await?;
    lab.alice.transfer(&target).await?;
    lab.sees_event("AttendedTransfer").await?;
    lab.bob.answer().await?;
    lab.connected(&["PJSIP/trunk", "PJSIP/1002"]).await?;
    lab.bob.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}

/// The customer talks to 1001, who presses `*2` 1002, talks to 1002 and hangs up: the customer has 1002.
pub(super) async fn attended_by_code(lab: &Lab) -> Result<()> {
    customer_talks_to_alice(lab).await?;
    lab.alice.digits("*2").await?;
    lab.sees_event("MusicOnHoldStart").await?;
    lab.alice.digits("1002").await?;
    lab.sees_event("DialBegin").await?;
    lab.bob.rings().await?;
    lab.bob.answer().await?;
    lab.connected(&["PJSIP/1001", "PJSIP/1002"]).await?;
    lab.alice.hang_up().await?;
    lab.sees_event("AttendedTransfer").await?;
    lab.connected(&["PJSIP/trunk", "PJSIP/1002"]).await?;
    lab.bob.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}

/// The desk of 1001, who talks to the customer, sends the customer to hold and 1001 to a consultation with 1002.
async fn consult_from_desk(lab: &Lab) -> Result<(String, String)> {
    customer_talks_to_alice(lab).await?;
    let (caller, agent) = (lab.channel("PJSIP/trunk-")?, lab.channel("PJSIP/1001-")?);
    let context = lab.asterisk.flavour.phone_context();
    for (channel, variable, value) in [
        (&caller, "CTI_CONTEXT", context),
        (&caller, "CTI_RETURN", "1001"),
        (&agent, "CTI_CONTEXT", context),
        (&agent, "CTI_RETURN", "1001"),
        (&agent, "CTI_HELD", caller.as_str()),
    ] {
        set_variable(lab, channel, variable, value).await?;
    }
    let headers = [
        ("Action", "Redirect"),
        ("Channel", caller.as_str()),
        ("Context", "tieline-hold"),
        ("Exten", "hold"),
        ("Priority", "1"),
        ("ExtraChannel", agent.as_str()),
        ("ExtraContext", "tieline-consult"),
        ("ExtraExten", "1002"),
        ("ExtraPriority", "1"),
    ];
    lab.desk("1001 consults with 1002", &headers).await?;
    lab.bob.rings().await?;
    lab.bob.answer().await?;
    lab.connected(&["PJSIP/1001", "PJSIP/1002"]).await?;
    Ok((caller, agent))
}

async fn set_variable(lab: &Lab, channel: &str, variable: &str, value: &str) -> Result<()> {
    let headers = [("Action", "Setvar"), ("Channel", channel), ("Variable", variable), ("Value", value)];
    lab.actions.action(&headers).await?;
    Ok(())
}

/// Before caller and somebody are joined: neither leg needs the include file's safety net any more.
async fn nobody_waits(lab: &Lab, caller: &str, agent: &str) -> Result<()> {
    set_variable(lab, caller, "CTI_RETURN", "").await?;
    set_variable(lab, agent, "CTI_HELD", "").await
}

/// Consult and transfer by the desk: hold, consult, join caller and target; 1002 hangs up in the end.
pub(super) async fn attended_from_desk(lab: &Lab) -> Result<()> {
    let (caller, agent) = consult_from_desk(lab).await?;
    nobody_waits(lab, &caller, &agent).await?;
    let target = lab.channel("PJSIP/1002-")?;
    let headers = [("Action", "Bridge"), ("Channel1", caller.as_str()), ("Channel2", target.as_str())];
    lab.desk("1001 completes the transfer", &headers).await?;
    lab.connected(&["PJSIP/trunk", "PJSIP/1002"]).await?;
    // Nobody waits for 1001 any more: the include file ends the leg.
    lab.alice.is_free().await?;
    lab.bob.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}

/// Consult by the desk; 1002 hangs up, the desk brings 1001 back to the caller; 1001 hangs up.
pub(super) async fn back_to_caller_from_desk(lab: &Lab) -> Result<()> {
    let (caller, agent) = consult_from_desk(lab).await?;
    lab.bob.hang_up().await?;
    lab.sees("1001's leg to be alone", |message| {
        message.is("BridgeLeave") && message.get("Channel") == agent
    })
    .await?;
    nobody_waits(lab, &caller, &agent).await?;
    let headers = [("Action", "Bridge"), ("Channel1", caller.as_str()), ("Channel2", agent.as_str())];
    lab.desk("1001 goes back to the caller", &headers).await?;
    lab.connected(&["PJSIP/trunk", "PJSIP/1001"]).await?;
    lab.alice.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}

/// Consult by the desk; 1001 hangs up although the customer waits: 1001 rings again, for the customer.
pub(super) async fn agent_leaves_held_caller(lab: &Lab) -> Result<()> {
    consult_from_desk(lab).await?;
    lab.alice.hang_up().await?;
    lab.bob.is_free().await?;
    customer_is_back(lab).await
}

/// The desk puts the customer on hold for a second and does nothing more: 1001 rings again, for the customer.
pub(super) async fn held_caller_is_forgotten(lab: &Lab) -> Result<()> {
    customer_talks_to_alice(lab).await?;
    let caller = lab.channel("PJSIP/trunk-")?;
    let context = lab.asterisk.flavour.phone_context();
    for (variable, value) in [("CTI_CONTEXT", context), ("CTI_RETURN", "1001"), ("CTI_HOLD_S", "1")] {
        set_variable(lab, &caller, variable, value).await?;
    }
    let (hold, exten) = (("Context", "tieline-hold"), ("Exten", "hold"));
    let headers = [("Action", "Redirect"), ("Channel", caller.as_str()), hold, exten, ("Priority", "1")];
    lab.desk("the customer is put on hold and forgotten", &headers).await?;
    lab.alice.is_free().await?;
    customer_is_back(lab).await
}

async fn customer_is_back(lab: &Lab) -> Result<()> {
    lab.alice.rings().await?;
    lab.alice.answer().await?;
    lab.connected(&["PJSIP/trunk", "PJSIP/1001"]).await?;
    lab.customer.hang_up().await?;
    lab.alice.is_free().await?;
    Ok(())
}

/// The customer talks to 1001, who consults with 1002, alternates twice, ends the consultation and goes back.
pub(super) async fn alternate(lab: &Lab) -> Result<()> {
    customer_talks_to_alice(lab).await?;
    let first = lab.alice.current_call()?;
    let second = consult(lab).await?.call;
    for (from, to) in [(&second, &first), (&first, &second)] {
        lab.alice.select(from).await?;
        lab.alice.hold().await?;
        lab.sees_event("Hold").await?;
        lab.alice.resume(to).await?;
        lab.sees_event("Unhold").await?;
    }
    lab.alice.select(&second).await?;
    lab.alice.hang_up().await?;
    lab.bob.is_free().await?;
    lab.alice.resume(&first).await?;
    lab.sees_event("Unhold").await?;
    lab.alice.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}

/// The customer talks to 1001, who transfers blindly to 1002; 1002 answers; the customer hangs up.
pub(super) async fn blind(lab: &Lab) -> Result<()> {
    customer_talks_to_alice(lab).await?;
    lab.alice.transfer("1002").await?;
    lab.sees_event("BlindTransfer").await?;
    lab.bob.rings().await?;
    lab.bob.answer().await?;
    lab.connected(&["PJSIP/trunk", "PJSIP/1002"]).await?;
    lab.customer.hang_up().await?;
    lab.bob.is_free().await?;
    Ok(())
}

/// As `blind`, by the action of that name.
pub(super) async fn blind_from_desk(lab: &Lab) -> Result<()> {
    customer_talks_to_alice(lab).await?;
    let agent = lab.channel("PJSIP/1001-")?;
    let headers = [
        ("Action", "BlindTransfer"),
        ("Channel", agent.as_str()),
        ("Context", lab.asterisk.flavour.phone_context()),
        ("Exten", "1002"),
    ];
    lab.desk("1001 transfers to 1002", &headers).await?;
    lab.bob.rings().await?;
    lab.bob.answer().await?;
    lab.connected(&["PJSIP/trunk", "PJSIP/1002"]).await?;
    lab.customer.hang_up().await?;
    lab.bob.is_free().await?;
    Ok(())
}

/// The customer talks to 1001, who transfers blindly to 1002; nobody answers, 1001 rings again and answers.
pub(super) async fn blind_returns(lab: &Lab) -> Result<()> {
    customer_talks_to_alice(lab).await?;
    lab.alice.transfer("1002").await?;
    lab.sees_event("BlindTransfer").await?;
    lab.bob.rings().await?;
    lab.alice.rings().await?;
    lab.alice.answer().await?;
    lab.connected(&["PJSIP/trunk", "PJSIP/1001"]).await?;
    lab.customer.hang_up().await?;
    lab.alice.is_free().await?;
    Ok(())
}

async fn move_to_conference(lab: &Lab, deed: &str, channel: &str, extra: Option<&str>) -> Result<()> {
    let room = ("Exten", "7001");
    let context = ("Context", "tieline-conference");
    let mut headers = vec![("Action", "Redirect"), ("Channel", channel), context, room, ("Priority", "1")];
    if let Some(extra) = extra {
        headers.push(("ExtraChannel", extra));
    }
    lab.desk(deed, &headers).await?;
    for _ in 0..=usize::from(extra.is_some()) {
        lab.sees_event("ConfbridgeJoin").await?;
    }
    Ok(())
}

/// 1001 consults with 1002 from the desk and makes it a conference; 1002 leaves, then the customer, then 1001.
pub(super) async fn conference(lab: &Lab) -> Result<()> {
    let (caller, agent) = consult_from_desk(lab).await?;
    nobody_waits(lab, &caller, &agent).await?;
    let target = lab.channel("PJSIP/1002-")?;
    move_to_conference(lab, "1001 and 1002 go to a conference", &agent, Some(&target)).await?;
    move_to_conference(lab, "the customer joins the conference", &caller, None).await?;
    lab.bob.hang_up().await?;
    lab.sees_event("ConfbridgeLeave").await?;
    lab.customer.hang_up().await?;
    lab.sees_event("ConfbridgeLeave").await?;
    lab.alice.hang_up().await?;
    Ok(())
}

/// 1001 has two customers on two calls, makes a conference of all three and leaves; the customers talk on.
pub(super) async fn conference_of_two_customers(lab: &Lab) -> Result<()> {
    customer_talks_to_alice(lab).await?;
    let first = lab.channel("PJSIP/trunk-")?;
    lab.alice.hold().await?;
    lab.sees_event("Hold").await?;
    lab.second_customer.dial(&direct("1001")).await?;
    lab.alice.rings().await?;
    lab.alice.answer().await?;
    lab.second_customer.talks().await?;
    let (second, agent) = (lab.channel("PJSIP/trunk-")?, lab.channel("PJSIP/1001-")?);
    lab.connected(&[second.rsplit_once('-').map_or("", |(name, _)| name)]).await?;
    move_to_conference(lab, "1001 and the second customer go to a conference", &agent, Some(&second)).await?;
    move_to_conference(lab, "the first customer joins the conference", &first, None).await?;
    lab.alice.is_free().await?;
    lab.alice.hang_up().await?;
    lab.sees_event("ConfbridgeLeave").await?;
    lab.customer.hang_up().await?;
    lab.sees_event("ConfbridgeLeave").await?;
    lab.second_customer.hang_up().await?;
    Ok(())
}

/// The customer talks to 1001, who parks the call and hangs up; 1003 takes it from its place; 1003 hangs up.
pub(super) async fn park_and_retrieve(lab: &Lab) -> Result<()> {
    customer_talks_to_alice(lab).await?;
    lab.alice.transfer("700").await?;
    let parked = lab.sees_event("ParkedCall").await?;
    lab.alice.hang_up().await?;
    lab.carol.dial(parked.get("ParkingSpace")).await?;
    lab.carol.talks().await?;
    lab.connected(&["PJSIP/trunk", "PJSIP/1003"]).await?;
    lab.carol.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}
