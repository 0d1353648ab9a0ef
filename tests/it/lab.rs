//! The laboratory itself: the switch boots, phones and callers do what they say, every story can be played.

use std::net::SocketAddr;
use std::time::Duration;

use tests::asterisk::{Asterisk, Flavour, HOUSE, Version};
use tests::lab::Lab;
use tests::peers::free_port;
use tests::sipp::{Call, Habit, SippPhone, place};
use tests::{Result, Trouble, record, stories};

/// A story played on a real switch gives a whole trace: lists first, then every channel's birth and end.
async fn play_whole(version: Version, flavour: Flavour, id: &str) -> Result<()> {
    let story = stories::find(id).ok_or_else(|| Trouble::new("no such story"))?;
    let mut lab = Lab::start(version, flavour).await?;
    lab.begin().await?;
    stories::play(story, &mut lab).await?;
    lab.quiet().await?;
    let trace = record::trace(&lab, story);
    let count = |event: &str| trace.matches(&format!("\nEvent: {event}\n")).count();
    assert!(count("Newchannel") >= 2, "{trace}");
    assert_eq!(count("Newchannel"), count("Hangup"), "{trace}");
    let at = |event: &str| trace.find(&format!("\nEvent: {event}\n"));
    assert!(at("ContactListComplete").is_some() && at("ContactListComplete") < at("Newchannel"), "{trace}");
    assert!(!trace.contains("lab-ev"), "a secret is in the trace");
    Ok(())
}

#[tokio::test]
async fn a_call_is_played_on_asterisk_22() {
    play_whole(Version::V22, Flavour::Plain, "S01").await.unwrap();
}

#[tokio::test]
async fn a_queue_call_is_played_on_the_freepbx_shape() {
    play_whole(Version::V22, Flavour::FreePbx, "S13").await.unwrap();
}

#[tokio::test]
async fn an_attended_transfer_is_played_on_asterisk_16() {
    play_whole(Version::V16, Flavour::Plain, "S08").await.unwrap();
}

/// Every dialplan context of the product's include file is there on both versions, and nothing was logged about it.
#[tokio::test]
async fn the_include_file_loads_on_both_versions() {
    for version in [Version::V16, Version::V22] {
        let asterisk = Asterisk::start(version, Flavour::Plain).await.unwrap();
        let actions = asterisk.actions().await.unwrap();
        for (context, exten) in [
            ("tieline-hold", "hold"),
            ("tieline-consult", "1002"),
            ("tieline-dial", "*45"),
            ("tieline-conference", "7001"),
            ("tieline-agent-wait", "wait"),
            ("tieline-back", "back"),
        ] {
            let variable = format!("DIALPLAN_EXISTS({context},{exten},1)");
            let headers = [("Action", "Getvar"), ("Variable", variable.as_str())];
            let answer = actions.action(&headers).await.unwrap();
            assert_eq!(answer.get("Value"), "1", "{context} on {version:?}");
        }
        assert!(!asterisk.log().contains("tieline"), "{}", asterisk.log());
    }
}

/// The include file's safety net: a held caller rings the agent again, without any middleware.
#[tokio::test]
async fn held_callers_come_back_by_themselves() {
    for (version, flavour) in [(Version::V16, Flavour::Plain), (Version::V22, Flavour::FreePbx)] {
        let mut lab = Lab::start(version, flavour).await.unwrap();
        stories::held_callers_come_back(&mut lab).await.unwrap();
    }
}

/// What the traffic generator says of a call, Asterisk says too.
#[tokio::test]
async fn callers_and_phones_log_what_they_did() {
    let ports = [free_port(HOUSE).unwrap(), free_port(HOUSE).unwrap()];
    let places = [("1001", ports[0]), ("1002", ports[1])];
    let asterisk = Asterisk::start_with(Version::V22, Flavour::Plain, &places).await.unwrap();
    let switch = SocketAddr::new(HOUSE, asterisk.sip_port);
    let quick = Habit::Answers { after: Duration::from_millis(200), talks: Duration::from_millis(300) };
    let answering = SippPhone::start("1001", ports[0], quick).unwrap();
    let silent = SippPhone::start("1002", ports[1], Habit::Silent).unwrap();
    let call = |caller: &str, dialled: &str, waits| Call {
        caller: caller.to_owned(),
        dialled: dialled.to_owned(),
        waits: Duration::from_millis(waits),
        stays: Duration::from_secs(5),
    };
    let served = place(call("420555200001", "420555000101", 5000), switch).await.unwrap();
    assert_eq!(served.end, "is cleared", "{}", served.csv());
    assert!(served.answered_at.is_some());
    let deeds = answering.until("hangs up", 1).await.unwrap();
    let whats: Vec<&str> = deeds.iter().map(|deed| deed.what.as_str()).collect();
    assert_eq!(whats, ["rings", "answers", "hangs up"]);
    assert_eq!(deeds[0].caller, "420555200001");
    let events = asterisk.events().await.unwrap();
    for busy in [call("420555200003", "420555000107", 5000), call("420555200004", "420555999999", 5000)] {
        let refused = place(busy, switch).await.unwrap();
        assert_eq!(refused.end, "refused", "{}", refused.csv());
    }
    // 1007 is not there, so its caller is seen; a number without extension is refused before there is a channel.
    events.until("1007's caller", 0, |message| message.is("Hangup")).await.unwrap();
    let seen: Vec<String> =
        events.since(0).iter().map(|message| message.get("CallerIDNum").to_owned()).collect();
    assert!(seen.contains(&"420555200003".to_owned()), "{seen:?}");
    assert!(!seen.contains(&"420555200004".to_owned()), "{seen:?}");
    let impatient = place(call("420555200002", "420555000102", 600), switch).await.unwrap();
    assert_eq!(impatient.end, "caller gives up", "{}", impatient.csv());
    assert_eq!(impatient.answered_at, None);
    let deeds = silent.until("canceled", 1).await.unwrap();
    let whats: Vec<&str> = deeds.iter().map(|deed| deed.what.as_str()).collect();
    assert_eq!(whats, ["rings", "canceled"]);
}
