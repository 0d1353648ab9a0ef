//! Sessions without sockets: what a manager is told, and what it is refused.

mod desk;
mod held;

use super::*;
use crate::Plan;
use crate::exchange::Deed;

const SITE: &str = r#"
[[manager]]
user = "ev"
secret = "s1"
read = ["system", "call", "agent"]
write = ["system", "reporting"]
[[manager]]
user = "act"
secret = "s2"
read = []
write = ["call", "originate", "agent", "user"]
[[phone]]
extension = "1001"
name = "Ann \"A\" B"
obeys = ["talk"]
[[phone]]
extension = "1002"
registered = false
[[queue]]
name = "support"
extension = "600"
strategy = "linear"
members = ["1001"]
"#;

const NOW: Micros = 1_795_000_000_000_000;

struct Desk {
    exchange: Exchange,
    manager: Manager,
    id: SessionId,
}

impl Desk {
    fn connect() -> Self {
        Self::at(SITE)
    }

    fn at(site: &str) -> Self {
        let mut manager = Manager::new();
        let id = manager.connect();
        Self { exchange: Exchange::new(Plan::parse(site).unwrap(), 1, NOW), manager, id }
    }

    fn log_in(user: &str, secret: &str) -> Self {
        let mut desk = Self::connect();
        let said = desk.say(&format!("Action: Login\r\nActionID: 1\r\nUsername: {user}\r\nSecret: {secret}"));
        assert_eq!(said[0].get("Message"), Some("Authentication accepted"), "{said:?}");
        desk
    }

    /// Says something and gives what came: answers, then events.
    fn say(&mut self, action: &str) -> Vec<Message> {
        let message = Message::parse(format!("{action}\r\n\r\n").as_bytes()).unwrap();
        self.manager.take_message(self.id, &mut self.exchange, NOW, &message);
        self.hear()
    }

    fn hear(&mut self) -> Vec<Message> {
        let events = self.exchange.take_events();
        self.manager.publish(&events);
        let ours = self.manager.take().into_iter().filter(|(id, _)| *id == self.id);
        ours.filter_map(|(_, out)| match out {
            Out::Answer(message) | Out::Event(message) => Some(message),
            Out::Close => None,
        })
        .collect()
    }

    fn error(&mut self, action: &str) -> String {
        let said = self.say(action);
        assert_eq!(said[0].get("Response"), Some("Error"), "{action}: {said:?}");
        said[0].get("Message").unwrap().to_owned()
    }
}

#[test]
fn a_login_is_taken_in_clear_or_by_challenge_and_refused_otherwise() {
    let mut desk = Desk::connect();
    assert_eq!(desk.error("Action: Ping"), "Permission denied");
    let said = desk.say("Action: Challenge\r\nAuthType: MD5");
    let key = md5_key(said[0].get("Challenge").unwrap(), "s1");
    let said = desk.say(&format!("Action: Login\r\nAuthType: MD5\r\nUsername: ev\r\nKey: {key}"));
    assert_eq!(said[1].event_name(), Some("FullyBooted"));
    let mut other = Desk::connect();
    assert_eq!(other.error("Action: Login\r\nUsername: ev\r\nSecret: wrong"), "Authentication failed");
    let mut other = Desk::connect();
    // A key without a challenge proves nothing.
    assert_eq!(other.error("Action: Login\r\nUsername: ev\r\nKey: x"), "Authentication failed");
}

#[test]
fn an_action_outside_the_users_class_is_refused_as_asterisk_does() {
    let mut events = Desk::log_in("ev", "s1");
    for action in ["Originate", "Redirect", "QueueAdd", "UserEvent", "Setvar"] {
        assert_eq!(events.error(&format!("Action: {action}")), "Permission denied");
    }
    assert!(events.error("Action: Command\r\nCommand: core stop now").starts_with("Invalid/unknown command"));
    let commands = events.say("Action: ListCommands");
    assert!(commands[0].get("CoreStatus").is_some() && commands[0].get("Originate").is_none());
    let mut actions = Desk::log_in("act", "s2");
    assert_eq!(actions.error("Action: CoreStatus"), "Permission denied");
    assert_eq!(actions.error("Action: Hangup\r\nChannel: PJSIP/none"), "No such channel");
}

#[test]
fn events_go_to_who_may_and_wants_to_hear_them_after_the_answer() {
    let mut desk = Desk::log_in("ev", "s1");
    let deed = Deed::Dial { who: "1001".to_owned(), number: "600".to_owned() };
    desk.exchange.deed(NOW, &deed).unwrap();
    let heard = desk.hear();
    assert!(heard.iter().any(|message| message.event_name() == Some("QueueCallerJoin")), "{heard:?}");
    assert_eq!(heard[0].get("CallerIDName"), Some("Ann \\\"A\\\" B"), "names are escaped");
    assert!(heard[0].timestamp_us() == Some(NOW));
    desk.say("Action: Events\r\nEventMask: agent");
    desk.exchange.deed(NOW, &Deed::HangUp("1001".to_owned())).unwrap();
    let heard: Vec<_> = desk.hear().iter().filter_map(|one| one.event_name().map(str::to_owned)).collect();
    assert!(
        heard.contains(&"QueueCallerAbandon".to_owned()) && !heard.contains(&"Hangup".to_owned()),
        "{heard:?}"
    );
    let mut deaf = Desk::log_in("act", "s2");
    deaf.exchange.deed(NOW, &deed).unwrap();
    assert!(deaf.hear().is_empty());
}

#[test]
fn lists_have_a_beginning_rows_and_an_end_with_their_number() {
    let mut desk = Desk::log_in("ev", "s1");
    let rows = desk.say("Action: PJSIPShowEndpoints\r\nActionID: 7");
    assert_eq!(rows[0].get("EventList"), Some("start"));
    let names: Vec<_> = rows[1..].iter().filter_map(|row| row.get("ObjectName")).collect();
    assert_eq!(names, ["1001", "1002", "trunk"]);
    let last = rows.last().unwrap();
    assert_eq!((last.get("ListItems"), last.action_id()), (Some("3"), Some("7")));
    let contacts = desk.say("Action: PJSIPShowContacts");
    assert_eq!(contacts.iter().filter(|row| row.event_name() == Some("ContactList")).count(), 1);
    let queues = desk.say("Action: QueueStatus");
    assert_eq!(queues.iter().filter(|row| row.event_name() == Some("QueueMember")).count(), 1);
    let queues = desk.say("Action: QueueStatus\r\nMember: nobody");
    assert!(queues.iter().any(|row| row.event_name() == Some("QueueParams")));
    assert!(queues.iter().all(|row| row.event_name() != Some("QueueMember")));
}

#[test]
fn a_call_is_originated_in_the_background_and_told_how_it_went() {
    let mut desk = Desk::log_in("act", "s2");
    let to = "Context: phones\r\nExten: 600\r\nPriority: 1\r\nAsync: true\r\nActionID: o1";
    assert_eq!(
        desk.error("Action: Originate\r\nChannel: PJSIP/1001\r\nContext: none\r\nExten: 1"),
        "Extension does not exist."
    );
    let said = desk.say(&format!("Action: Originate\r\nChannel: PJSIP/1002\r\n{to}"));
    assert_eq!(said[0].get("Message"), Some("Originate successfully queued"));
    // This user hears no events; the switch told it all the same.
    let mut events = Desk::log_in("ev", "s1");
    let order = crate::exchange::Originate {
        channel: "PJSIP/1002".to_owned(),
        place: crate::exchange::Place { context: "phones".to_owned(), exten: "600".to_owned() },
        ring_s: 5,
        caller_id: None,
        variables: Vec::new(),
        uid: None,
        action_id: "o2".to_owned(),
    };
    events.exchange.originate(NOW, order).unwrap();
    let heard = events.hear();
    assert_eq!((heard[0].get("Response"), heard[0].get("Reason")), (Some("Failure"), Some("0")));
}
