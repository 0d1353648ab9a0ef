//! What a desk asks of the include file: a number to show, a recording, to hear a call.

use super::*;

const SITE: &str = r#"
[dialplan]
outside_prefix = "0"
shown = "4205550001XX"
[[manager]]
user = "tl"
secret = "s"
read = ["system", "call", "dialplan"]
write = ["call", "originate", "system"]
[[phone]]
extension = "1001"
[[phone]]
extension = "1002"
[[phone]]
extension = "1003"
"#;

/// A manager who may do it.
fn desk() -> Desk {
    let mut desk = Desk::at(SITE);
    desk.say("Action: Login\r\nUsername: tl\r\nSecret: s");
    desk
}

impl Desk {
    fn dials(&mut self, variables: &str) -> Vec<Message> {
        let mut heard = self.say(&format!(
            "Action: Originate\r\nChannel: PJSIP/1001\r\nContext: tieline-dial\r\nExten: 0420602000111\r\n\
             Priority: 1\r\nAsync: true\r\nChannelId: own\r\nCallerID: \"0420602000111\" <0420602000111>\r\n\
             Variable: CTI_CONTEXT=phones\r\nVariable: CTI_FROM=1001{variables}"
        ));
        heard.extend(self.does(&Deed::Answer("1001".to_owned())));
        heard
    }

    fn does(&mut self, deed: &Deed) -> Vec<Message> {
        self.exchange.deed(NOW, deed).unwrap();
        self.hear()
    }
}

fn named<'m>(heard: &'m [Message], event: &str) -> Vec<&'m Message> {
    heard.iter().filter(|one| one.event_name() == Some(event)).collect()
}

// covers: TEL-24
#[test]
fn the_outside_line_is_shown_the_chosen_number_and_the_own_phone_whom_it_calls() {
    for (variables, shown) in
        [("", "420555000101"), ("\r\nVariable: __CTI_CALLER_ID=420555000600", "420555000600")]
    {
        let mut desk = desk();
        let heard = desk.dials(variables);
        let own =
            named(&heard, "Newstate").into_iter().find(|one| one.get("Uniqueid") == Some("own")).unwrap();
        assert_eq!(own.get("ConnectedLineNum"), Some("0420602000111"), "{own:?}");
        let dial =
            named(&heard, "DialBegin").into_iter().find(|one| one.get("Uniqueid") == Some("own")).unwrap();
        assert_eq!(dial.get("CallerIDNum"), Some(shown), "{dial:?}");
        assert_eq!(dial.get("DestConnectedLineNum"), Some(shown), "{dial:?}");
    }
}

// covers: TEL-24
#[test]
fn what_is_not_to_be_recorded_is_not() {
    for (variables, times) in [("", 0), ("\r\nVariable: CTI_RECORD=0", 0), ("\r\nVariable: CTI_RECORD=1", 1)]
    {
        let mut desk = desk();
        let mut heard = desk.dials(variables);
        heard.extend(desk.does(&Deed::Answer("420602000111".to_owned())));
        assert_eq!(named(&heard, "MixMonitorStart").len(), times, "{variables}");
        let heard = desk.does(&Deed::HangUp("1001".to_owned()));
        assert_eq!(named(&heard, "MixMonitorStop").len(), times, "{variables}");
    }
}

// covers: TEL-16 S23
#[test]
fn a_channel_is_heard_by_its_unique_id_alone_and_listening_ends_with_it() {
    let mut desk = desk();
    desk.does(&Deed::Dial { who: "1001".to_owned(), number: "1002".to_owned() });
    let heard = desk.does(&Deed::Answer("1002".to_owned()));
    let talks =
        named(&heard, "BridgeEnter").into_iter().find(|one| one.get("Channel").unwrap().contains("/1002"));
    let talks = talks.unwrap();
    let (uid, name) = (talks.get("Uniqueid").unwrap().to_owned(), talks.get("Channel").unwrap().to_owned());
    let listen = |desk: &mut Desk, to: &str| {
        desk.say(&format!(
            "Action: Originate\r\nChannel: PJSIP/1003\r\nContext: tieline-listen\r\nExten: listen\r\n\
             Priority: 1\r\nAsync: true\r\nVariable: CTI_HEARD={to}"
        ));
        desk.does(&Deed::Answer("1003".to_owned()))
    };
    // A name is the beginning of names of others.
    let heard = listen(&mut desk, &name);
    assert!(named(&heard, "ChanSpyStart").is_empty() && !named(&heard, "Hangup").is_empty(), "{heard:?}");
    let heard = listen(&mut desk, &uid);
    let start = named(&heard, "ChanSpyStart")[0];
    assert_eq!((start.get("SpyeeUniqueid"), start.get("SpyerExten")), (Some(&*uid), Some("listen")));
    let own = start.get("SpyerChannel").unwrap().to_owned();
    let heard = desk.say(&format!(
        "Action: Redirect\r\nChannel: {own}\r\nContext: tieline-listen\r\nExten: barge_in\r\nPriority: 1"
    ));
    assert_eq!(
        (named(&heard, "ChanSpyStop").len(), named(&heard, "ChanSpyStart").len()),
        (1, 1),
        "{heard:?}"
    );
    let heard = desk.does(&Deed::HangUp("1002".to_owned()));
    assert_eq!((named(&heard, "ChanSpyStop").len(), named(&heard, "Hangup").len()), (1, 3), "{heard:?}");
    assert_eq!(desk.exchange.channel_count(), 0);
}
