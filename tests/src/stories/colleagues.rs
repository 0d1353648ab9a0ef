//! What colleagues and the switch do with a call: pickup, forwarding, a second phone, a second call, listening,
//! recording.

use super::calls::customer_talks_to_alice;
use super::direct;
use crate::Result;
use crate::lab::Lab;
use crate::sipp::{Habit, SippPhone};

/// The customer calls 1001, 1002 picks the call up there and hangs up in the end.
pub(super) async fn picked_up(lab: &Lab) -> Result<()> {
    lab.customer.dial(&direct("1001")).await?;
    lab.alice.rings().await?;
    lab.bob.dial("**1001").await?;
    lab.bob.talks().await?;
    lab.alice.is_free().await?;
    lab.connected(&["PJSIP/1002", "PJSIP/trunk"]).await?;
    lab.bob.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}

/// 1003 calls 1001, 1002 picks up what rings in the group; 1003 hangs up.
pub(super) async fn picked_up_in_group(lab: &Lab) -> Result<()> {
    lab.carol.dial("1001").await?;
    lab.alice.rings().await?;
    lab.bob.dial("*8").await?;
    lab.bob.talks().await?;
    lab.alice.is_free().await?;
    lab.connected(&["PJSIP/1002", "PJSIP/1003"]).await?;
    lab.carol.hang_up().await?;
    lab.bob.is_free().await?;
    Ok(())
}

/// 1001 calls 1010, which forwards to 1005 at once; 1005 answers, 1001 hangs up.
pub(super) async fn forwarded_at_once(lab: &Lab) -> Result<()> {
    lab.alice.dial("1010").await?;
    erin_talks_to_alice(lab).await
}

/// 1001 calls 1009, whose phone says by itself that it has moved to 1005 (302); 1005 answers, 1001 hangs up.
pub(super) async fn forwarded_by_the_phone(lab: &Lab) -> Result<()> {
    let ivan = SippPhone::start("1009", lab.ivan_port, Habit::Forwards { to: "1005" })?;
    lab.alice.dial("1009").await?;
    ivan.until("forwards", 1).await?;
    erin_talks_to_alice(lab).await
}

/// 1001's call has come to 1005, who answers; 1001 hangs up.
async fn erin_talks_to_alice(lab: &Lab) -> Result<()> {
    lab.erin.rings().await?;
    lab.erin.answer().await?;
    lab.connected(&["PJSIP/1001", "PJSIP/1005"]).await?;
    lab.alice.hang_up().await?;
    lab.erin.is_free().await?;
    Ok(())
}

/// 1004 talks to the customer; 1001 calls 1004 and comes to 1005.
pub(super) async fn forwarded_while_busy(lab: &Lab) -> Result<()> {
    lab.customer.dial(&direct("1004")).await?;
    lab.dave.rings().await?;
    lab.dave.answer().await?;
    lab.connected(&["PJSIP/1004", "PJSIP/trunk"]).await?;
    let is_busy = "PJSIP/1004 to be busy";
    lab.sees(is_busy, |message| message.get("Device") == "PJSIP/1004" && message.get("State") == "INUSE")
        .await?;
    lab.alice.dial("1004").await?;
    erin_talks_to_alice(lab).await?;
    lab.customer.hang_up().await?;
    lab.dave.is_free().await?;
    Ok(())
}

/// The customer calls 1004, nobody answers, 1005 rings instead, answers and hangs up in the end.
pub(super) async fn forwarded_unanswered(lab: &Lab) -> Result<()> {
    lab.customer.dial(&direct("1004")).await?;
    lab.dave.rings().await?;
    lab.erin.rings().await?;
    lab.erin.answer().await?;
    lab.connected(&["PJSIP/1005", "PJSIP/trunk"]).await?;
    lab.erin.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}

/// 1001 calls 1012, who does not want to be disturbed.
pub(super) async fn not_disturbed(lab: &Lab) -> Result<()> {
    lab.alice.dial("1012").await?;
    lab.alice.is_free().await?;
    Ok(())
}

/// The second customer calls 1011, which forwards to the first customer; the second one hangs up.
pub(super) async fn forwarded_outside(lab: &Lab) -> Result<()> {
    lab.second_customer.dial(&direct("1011")).await?;
    lab.customer.rings().await?;
    lab.customer.answer().await?;
    lab.second_customer.talks().await?;
    lab.second_customer.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}

/// The customer calls 1013, the number of a person with the phones 1005 and 1006; 1006 answers and hangs up.
pub(super) async fn two_phones(lab: &Lab) -> Result<()> {
    lab.customer.dial(&direct("1013")).await?;
    lab.erin.rings().await?;
    lab.frank.rings().await?;
    lab.frank.answer().await?;
    lab.erin.is_free().await?;
    lab.connected(&["PJSIP/1006", "PJSIP/trunk"]).await?;
    lab.frank.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}

/// The customer talks to 1001, the second one knocks; 1001 takes the second call until its caller hangs up, then the
/// first one back.
pub(super) async fn knocked_at(lab: &Lab) -> Result<()> {
    customer_talks_to_alice(lab).await?;
    let first = lab.alice.current_call()?;
    lab.second_customer.dial(&direct("1001")).await?;
    lab.alice.rings().await?;
    // The phone holds the first call by itself.
    lab.alice.answer().await?;
    lab.second_customer.talks().await?;
    lab.sees_event("Hold").await?;
    lab.second_customer.hang_up().await?;
    lab.alice.is_free().await?;
    lab.alice.resume(&first).await?;
    lab.sees_event("Unhold").await?;
    lab.alice.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}

/// The customer talks to 1001; 1005 listens, whispers and joins in by its keys, and leaves.
pub(super) async fn listened_to(lab: &Lab) -> Result<()> {
    customer_talks_to_alice(lab).await?;
    lab.erin.dial("*221001").await?;
    lab.sees_event("ChanSpyStart").await?;
    for key in ["5", "6"] {
        lab.erin.digits(key).await?;
        lab.sees_event("DTMFEnd").await?;
    }
    lab.erin.hang_up().await?;
    lab.sees_event("ChanSpyStop").await?;
    lab.alice.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}

/// The customer talks to 1001; the call is recorded, with a pause in the middle.
pub(super) async fn recorded(lab: &Lab) -> Result<()> {
    customer_talks_to_alice(lab).await?;
    let channel = lab.channel("PJSIP/1001-")?;
    let on_channel = ("Channel", channel.as_str());
    let start = [("Action", "MixMonitor"), on_channel, ("File", "s30.wav")];
    lab.desk("1001 records", &start).await?;
    lab.sees_event("MixMonitorStart").await?;
    for (deed, state) in [("1001 pauses recording", "1"), ("1001 resumes recording", "0")] {
        let mute = [("Action", "MixMonitorMute"), on_channel, ("Direction", "both"), ("State", state)];
        lab.desk(deed, &mute).await?;
        lab.sees_event("MixMonitorMute").await?;
    }
    lab.desk("1001 stops recording", &[("Action", "StopMixMonitor"), on_channel]).await?;
    lab.sees_event("MixMonitorStop").await?;
    lab.alice.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}
