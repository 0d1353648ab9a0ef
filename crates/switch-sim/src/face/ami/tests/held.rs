//! Callers whom the include file holds for Tieline (ami.md §8, `extensions_tieline.conf`).

use super::*;

const SITE: &str = r#"
[dialplan]
patience_s = 10
fallback = "1003"
[[manager]]
user = "tl"
secret = "s"
read = ["system", "call", "agi"]
write = ["call", "agi", "system"]
[[phone]]
extension = "1001"
[[phone]]
extension = "1002"
registered = false
[[phone]]
extension = "1003"
[[held_queue]]
extension = "670"
key = "que1"
[[direct]]
number = "42055500XXXX"
to = "XXXX"
[[direct]]
number = "420555999XXX"
to = "XXX"
"#;

/// A caller who waits, and the name of its channel.
struct Held {
    desk: Desk,
    now: Micros,
    channel: String,
}

impl Held {
    fn waits() -> Self {
        let mut desk = Desk::at(SITE);
        desk.say("Action: Login\r\nUsername: tl\r\nSecret: s");
        let dial = Deed::Dial { who: "420602000111".to_owned(), number: "420555999670".to_owned() };
        desk.exchange.deed(NOW, &dial).unwrap();
        let heard = desk.hear();
        let start = heard.iter().find(|one| one.event_name() == Some("AsyncAGIStart")).unwrap();
        assert_eq!((start.get("Context"), start.get("Exten")), (Some("tieline-queue"), Some("que1")));
        assert!(start.get("Env").unwrap().starts_with("agi_request%3A%20async%0A"), "{start:?}");
        let channel = start.get("Channel").unwrap().to_owned();
        Self { desk, now: NOW, channel }
    }

    fn act(&mut self, action: &str, rest: &str) -> Vec<String> {
        let text = format!("Action: {action}\r\nChannel: {}\r\n{rest}", self.channel);
        let message = Message::parse(format!("{text}\r\n\r\n").as_bytes()).unwrap();
        self.desk.manager.take_message(self.desk.id, &mut self.desk.exchange, self.now, &message);
        self.told()
    }

    fn command(&mut self, line: &str, id: &str) -> Vec<String> {
        self.act("AGI", &format!("Command: {line}\r\nCommandID: {id}"))
    }

    fn offer(&mut self, dial: &str) -> Vec<String> {
        self.act("Setvar", &format!("Variable: CTI_OFFER\r\nValue: {dial}"));
        self.act("Setvar", "Variable: CTI_OFFER_S\r\nValue: 3");
        self.act("Redirect", "Context: tieline-offer\r\nExten: que1\r\nPriority: 1")
    }

    fn wait(&mut self, millis: i64) -> Vec<String> {
        self.now += millis * 1_000;
        self.desk.exchange.advance(self.now);
        self.told()
    }

    fn does(&mut self, deed: &Deed) -> Vec<String> {
        self.desk.exchange.deed(self.now, deed).unwrap();
        self.told()
    }

    /// What AGI, dials and ends tell.
    fn told(&mut self) -> Vec<String> {
        let heard = self.desk.hear();
        let line = |one: &Message| {
            let text = |key| one.get(key).unwrap_or("-").to_owned();
            Some(match one.event_name() {
                None => format!("{} {}", text("Response"), text("Message")),
                Some("AsyncAGIExec") => format!("{} {}", text("CommandId"), text("Result")),
                Some(name @ ("AsyncAGIStart" | "AsyncAGIEnd")) => name.to_owned(),
                Some("DialBegin") => format!("dials {}", text("DialString")),
                Some("DialEnd") => text("DialStatus"),
                Some("Hangup") => format!("gone {}", text("Cause")),
                _ => return None,
            })
        };
        heard.iter().filter_map(line).collect()
    }
}

#[test]
fn commands_run_one_after_the_other_and_keys_end_a_sound() {
    let mut held = Held::waits();
    assert_eq!(held.command("STREAM FILE \"welcome\" \"12\"", "a"), ["Success Added AGI command to queue"]);
    held.command("SAY NUMBER 3 \"\"", "b");
    assert_eq!(held.wait(800), ["a 200%20result%3D0%0A"]);
    assert_eq!(held.wait(400), ["b 200%20result%3D0%0A"]);
    assert_eq!(held.command("SET MUSIC on", "c")[1], "c 200%20result%3D0%0A");
    held.command("STREAM FILE \"menu\" \"12\"", "d");
    let press = |key| Deed::Press { who: "420602000111".to_owned(), key };
    assert_eq!(held.does(&press('9')), Vec::<String>::new(), "no key of this sound");
    assert_eq!(held.does(&press('1')), ["d 200%20result%3D49%0A"]);
    held.command("WAIT FOR DIGIT 500", "e");
    assert_eq!(held.wait(500), ["e 200%20result%3D0%0A"]);
    assert_eq!(held.command("FLY AWAY", "f")[1], "f 510%20Invalid%20or%20unknown%20command%0A");
    held.command("STREAM FILE \"long\" \"\"", "g");
    let told = held.does(&Deed::HangUp("420602000111".to_owned()));
    assert_eq!(told[..2], ["g 200%20result%3D-1%0A", "AsyncAGIEnd"]);
    assert!(held.command("NOOP", "h")[0].starts_with("Error"));
}

#[test]
fn an_offer_that_is_not_answered_brings_the_caller_back() {
    let mut held = Held::waits();
    assert_eq!(held.offer("PJSIP/1001"), ["Success Redirect successful", "AsyncAGIEnd", "dials 1001"]);
    assert_eq!(held.wait(3_000)[..2], ["NOANSWER", "gone 0"]);
    // A phone that is not there is not rung.
    assert_eq!(held.offer("PJSIP/1002"), ["Success Redirect successful", "AsyncAGIEnd", "AsyncAGIStart"]);
    held.offer("PJSIP/1001&PJSIP/1003");
    held.does(&Deed::Reject("1001".to_owned()));
    assert_eq!(held.does(&Deed::Answer("1003".to_owned())), ["ANSWER"]);
    // No limit cuts the talk.
    assert_eq!(held.wait(60_000), Vec::<String>::new());
}

#[test]
fn who_hears_nothing_of_tieline_for_too_long_goes_to_the_fallback() {
    let mut held = Held::waits();
    held.wait(9_000);
    assert_eq!(held.act("AbsoluteTimeout", "Timeout: 10"), ["Success Timeout Set"]);
    assert_eq!(held.wait(9_000), Vec::<String>::new());
    assert_eq!(held.wait(1_000), ["AsyncAGIEnd", "dials 1003"]);
    // After a break the dialplan goes on in the same way.
    let mut held = Held::waits();
    let told = held.command("ASYNCAGI BREAK", "x");
    assert_eq!(told[1..], ["x 200%20result%3D0%0A", "AsyncAGIEnd", "dials 1003"]);
    // Sent on by the company's own dialplan.
    let mut held = Held::waits();
    held.act("Setvar", "Variable: CTI_CONTEXT\r\nValue: phones");
    let told = held.act("Redirect", "Context: tieline-route\r\nExten: 1001\r\nPriority: 1");
    assert_eq!(told[1..], ["AsyncAGIEnd", "dials 1001"]);
}
