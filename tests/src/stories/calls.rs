//! Calls between two parties.

use super::direct;
use crate::Result;
use crate::lab::{CUSTOMER, Lab};

/// 1001 calls 1002, they talk, 1001 hangs up.
pub(super) async fn internal_caller_clears(lab: &Lab) -> Result<()> {
    lab.alice.dial("1002").await?;
    lab.bob.rings().await?;
    lab.bob.answer().await?;
    lab.connected(&["PJSIP/1001", "PJSIP/1002"]).await?;
    lab.alice.hang_up().await?;
    lab.bob.is_free().await?;
    Ok(())
}

/// 1001 calls 1002, they talk, 1002 hangs up.
pub(super) async fn internal_called_clears(lab: &Lab) -> Result<()> {
    lab.alice.dial("1002").await?;
    lab.bob.rings().await?;
    lab.bob.answer().await?;
    lab.connected(&["PJSIP/1001", "PJSIP/1002"]).await?;
    lab.bob.hang_up().await?;
    lab.alice.is_free().await?;
    Ok(())
}

/// The customer calls 1001's direct number, they talk, the customer hangs up.
pub(super) async fn from_outside(lab: &Lab) -> Result<()> {
    customer_talks_to_alice(lab).await?;
    lab.customer.hang_up().await?;
    lab.alice.is_free().await?;
    Ok(())
}

/// The customer calls 1001's direct number and 1001 answers.
pub async fn customer_talks_to_alice(lab: &Lab) -> Result<()> {
    lab.customer.dial(&direct("1001")).await?;
    lab.alice.rings().await?;
    lab.alice.answer().await?;
    lab.connected(&["PJSIP/1001", "PJSIP/trunk"]).await
}

/// 1001 calls the customer, they talk, 1001 hangs up.
pub(super) async fn to_outside(lab: &Lab) -> Result<()> {
    lab.alice.dial(&format!("0{CUSTOMER}")).await?;
    lab.customer.rings().await?;
    lab.customer.answer().await?;
    lab.connected(&["PJSIP/1001", "PJSIP/trunk"]).await?;
    lab.alice.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}

/// The desk dials for 1001: its own phone rings and is answered, then 1002 rings, they talk, 1001 hangs up.
pub(super) async fn click_to_dial(lab: &Lab) -> Result<()> {
    let context = format!("CTI_CONTEXT={}", lab.asterisk.flavour.phone_context());
    let headers = [
        ("Action", "Originate"),
        ("Channel", "PJSIP/1001"),
        ("ChannelId", "cti-1-a1"),
        ("Context", "tieline-dial"),
        ("Exten", "1002"),
        ("Priority", "1"),
        ("CallerID", "\"1002\" <1002>"),
        ("Timeout", "20000"),
        ("Async", "true"),
        ("Variable", "__CTI_CALL=call_1"),
        ("Variable", "CTI_FROM=1001"),
        ("Variable", &context),
    ];
    lab.desk("1001 clicks to dial 1002", &headers).await?;
    lab.alice.rings().await?;
    lab.alice.answer().await?;
    lab.bob.rings().await?;
    lab.bob.answer().await?;
    lab.connected(&["PJSIP/1001", "PJSIP/1002"]).await?;
    lab.alice.hang_up().await?;
    lab.bob.is_free().await?;
    Ok(())
}

/// The customer calls 1001 and hangs up while it rings.
pub(super) async fn caller_gives_up(lab: &Lab) -> Result<()> {
    lab.customer.dial(&direct("1001")).await?;
    lab.alice.rings().await?;
    lab.customer.hears_ringing().await?;
    lab.customer.hang_up().await?;
    lab.alice.is_free().await?;
    Ok(())
}

/// 1001 calls 1002, who rejects the call: busy.
pub(super) async fn busy(lab: &Lab) -> Result<()> {
    lab.alice.dial("1002").await?;
    lab.bob.rings().await?;
    lab.bob.hang_up().await?;
    lab.alice.is_free().await?;
    Ok(())
}

/// 1001 dials a number nobody has and hears so.
pub(super) async fn no_such_number(lab: &Lab) -> Result<()> {
    lab.alice.dial("1999").await?;
    lab.alice.is_free().await?;
    Ok(())
}

/// 1001 dials a premium number, which is barred.
pub(super) async fn barred(lab: &Lab) -> Result<()> {
    lab.alice.dial("0900123456").await?;
    lab.alice.is_free().await?;
    Ok(())
}

/// 1001 calls 1004, nobody answers, 1005 rings instead and answers.
pub(super) async fn forwarded(lab: &Lab) -> Result<()> {
    lab.alice.dial("1004").await?;
    lab.dave.rings().await?;
    lab.erin.rings().await?;
    lab.erin.answer().await?;
    lab.connected(&["PJSIP/1001", "PJSIP/1005"]).await?;
    lab.alice.hang_up().await?;
    lab.erin.is_free().await?;
    Ok(())
}

/// The customer calls 1006, nobody answers, voice mail does; the customer hangs up.
pub(super) async fn voice_mail(lab: &Lab) -> Result<()> {
    lab.customer.dial(&direct("1006")).await?;
    lab.frank.rings().await?;
    lab.customer.talks().await?;
    lab.customer.hang_up().await?;
    Ok(())
}

/// The customer talks to 1001, who holds and retrieves at the phone; 1001 hangs up.
pub(super) async fn hold_and_retrieve(lab: &Lab) -> Result<()> {
    customer_talks_to_alice(lab).await?;
    lab.alice.hold().await?;
    lab.sees_event("Hold").await?;
    lab.alice.resume(&lab.alice.current_call()?).await?;
    lab.sees_event("Unhold").await?;
    lab.alice.hang_up().await?;
    lab.customer.is_free().await?;
    Ok(())
}

/// The customer calls a direct number whose way to 1002 leads through a Local channel; 1002 answers, the customer
/// hangs up.
pub(super) async fn through_local(lab: &Lab, extension: &str) -> Result<()> {
    lab.customer.dial(&direct(extension)).await?;
    lab.bob.rings().await?;
    lab.bob.answer().await?;
    lab.connected(&["PJSIP/1002", "PJSIP/trunk"]).await?;
    lab.customer.hang_up().await?;
    lab.bob.is_free().await?;
    Ok(())
}
