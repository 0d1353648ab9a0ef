//! Pickup, forwarding, a second phone and a second call, listening and recording, as a perfect switch tells them.

use cti_core::fact::{Cause, Fact, JoinKind, Observation, RecordingState};
use cti_core::input::SwitchEvent;
use tests::Result;
use tests::expect::Expected;

use super::{Site, native, roles, station};

const CUSTOMER: &str = "420602000111/1";
const CUSTOMER2: &str = "420602000222/3";

// covers: S18 TEL-05
#[test]
fn a_call_that_is_picked_up_comes_out_as_its_story() -> Result<()> {
    let ringing = || {
        let mut site = Site::linked();
        site.originated("k1", CUSTOMER, "420555000101").delivered("k1", "1001/2");
        site
    };
    // The picking phone calls for itself first, or not.
    let mut site = ringing();
    site.originated("k2", "1002/3", "**1001")
        .joined("k1", "k2", JoinKind::Connect)
        .established("k1", "1002/3");
    site.cleared("k1", "1001/2", Cause::AnsweredElsewhere, false);
    site.hang_up("k1", "1002/3", CUSTOMER).is("S18")?;

    let mut site = ringing();
    site.cleared("k1", "1001/2", Cause::AnsweredElsewhere, false).established("k1", "1002/3");
    site.hang_up("k1", "1002/3", CUSTOMER).is("S18")?;

    let mut site = Site::linked();
    site.originated("k1", "1003/1", "1001").delivered("k1", "1001/2").originated("k2", "1002/3", "*8");
    site.joined("k2", "k1", JoinKind::Connect).established("k2", "1002/3");
    site.cleared("k1", "1001/2", Cause::AnsweredElsewhere, false).hang_up("k2", "1003/1", "1002/3").is("S18b")
}

// covers: S19 S21 TEL-05
#[test]
fn forwarded_calls_and_two_phones_come_out_as_their_stories() -> Result<()> {
    for story in ["S19", "S19e"] {
        let (from, to) = if story == "S19" { ("1001/1", "1003/2") } else { (CUSTOMER2, "420602000111/4") };
        let mut site = Site::linked();
        let dialled = if story == "S19" { "1002" } else { "420555000102" };
        site.originated("k1", from, dialled)
            .delivered("k1", to)
            .established("k1", to)
            .hang_up("k1", from, to);
        let roles = roles(story).number("b", "+420555000102");
        Expected::load(story)?.check(&roles, &site.records, site.from)?;
    }
    let mut site = Site::linked();
    site.originated("k1", CUSTOMER, "420555000102").delivered("k1", "1002/2");
    site.event(SwitchEvent::Diverted {
        call: native("k1"),
        connection: native("1002/2"),
        cause: Cause::NoAnswer,
        to: Some("1003".into()),
    });
    site.cleared("k1", "1002/2", Cause::NoAnswer, false)
        .delivered("k1", "1003/3")
        .established("k1", "1003/3");
    site.hang_up("k1", "1003/3", CUSTOMER);
    let told = roles("S19c").number("b", "+420555000102");
    Expected::load("S19c")?.check(&told, &site.records, site.from)?;

    let mut site = Site::linked();
    site.originated("k1", "1001/1", "1002").cleared("k1", "1001/1", Cause::Busy, false).is("S19d")?;

    let mut site = Site::linked();
    site.originated("k1", CUSTOMER, "420555000101").delivered("k1", "1001/2").delivered("k1", "1002/3");
    site.established("k1", "1002/3").cleared("k1", "1001/2", Cause::AnsweredElsewhere, false);
    site.hang_up("k1", "1002/3", CUSTOMER).is("S21")
}

// covers: S27 TEL-05
#[test]
fn a_second_call_comes_out_as_its_story() -> Result<()> {
    let mut site = Site::linked();
    let (customer, agent) = site.customer_talks();
    site.originated("k2", CUSTOMER2, "420555000101").delivered("k2", "1001/4");
    site.held("k1", agent).established("k2", "1001/4").hang_up("k2", CUSTOMER2, "1001/4");
    site.retrieved("k1", agent).hang_up("k1", agent, customer).is("S27")
}

impl Site {
    fn hears(&mut self, call: &str, phone: &str, mode: Option<Observation>) -> &mut Self {
        self.event(SwitchEvent::Observed { call: native(call), by: station(phone), mode })
    }

    fn records(&mut self, call: &str, state: RecordingState) -> &mut Self {
        self.event(SwitchEvent::Recording { call: native(call), state })
    }

    fn count(&self, wanted: fn(&Fact) -> bool) -> usize {
        self.records.iter().filter(|record| wanted(&record.fact)).count()
    }
}

// covers: S23 TEL-05
#[test]
fn who_listens_is_no_party_to_the_call() -> Result<()> {
    for modes in [&[Observation::Listen, Observation::Whisper, Observation::BargeIn][..], &[]] {
        let mut site = Site::linked();
        let (customer, agent) = site.customer_talks();
        let version = site.domain.state().calls.values().next().map(|call| call.version);
        if modes.is_empty() {
            site.hears("k1", "1004", None).hears("k1", "1004", None);
        }
        for mode in modes {
            site.hears("k1", "1004", Some(*mode));
        }
        assert_eq!(site.domain.state().calls.values().next().map(|call| call.version), version);
        let by = native("PJSIP/1004");
        site.event(SwitchEvent::ObservationEnded { call: native("gone"), by });
        site.hang_up("k1", agent, customer);
        let roles = roles("S23").station("s", "PJSIP/1004", "1004");
        Expected::load("S23")?.check(&roles, &site.records, site.from)?;
    }
    // One that is never told to end ends with the call, and a call that merges takes its listeners along.
    let mut site = Site::linked();
    let (customer, agent) = site.customer_talks();
    let (second, target) = site.consult(agent);
    site.established("k2", target).hears("k2", "1004", None).joined("k1", "k2", JoinKind::Transfer);
    site.cleared("k1", second, Cause::Normal, true).cleared("k1", agent, Cause::Normal, false);
    site.hang_up("k1", target, customer);
    assert_eq!(site.count(|fact| matches!(fact, Fact::CallObserved { .. })), 2);
    assert_eq!(site.count(|fact| matches!(fact, Fact::CallObservationEnded { .. })), 2);
    Ok(())
}

// covers: S30 TEL-05
#[test]
fn a_recording_comes_out_as_its_story() -> Result<()> {
    use RecordingState::{Paused, Resumed, Started, Stopped};
    let mut site = Site::linked();
    let (customer, agent) = site.customer_talks();
    // What may not follow what was said before is not news.
    for state in
        [Stopped, Resumed, Started, Started, Resumed, Paused, Started, Resumed, Resumed, Stopped, Paused]
    {
        site.records("k1", state);
    }
    site.hang_up("k1", agent, customer).is("S30")?;

    // The recording of a consultation goes on in the call that it becomes part of.
    let mut site = Site::linked();
    let (_, agent) = site.customer_talks();
    let (_, target) = site.consult(agent);
    site.established("k2", target).records("k2", Started).records("k2", Paused).joined(
        "k1",
        "k2",
        JoinKind::Transfer,
    );
    assert_eq!(site.domain.state().calls.values().next().and_then(|call| call.recording), Some(Paused));
    assert_eq!(site.count(|fact| matches!(fact, Fact::CallRecordingChanged { .. })), 5);
    Ok(())
}
