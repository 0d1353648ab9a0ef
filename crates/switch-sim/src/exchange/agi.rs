//! Callers whom the include file holds for Tieline (`tieline-queue`): commands of AGI one after the other, the limit of
//! a channel, and who is rung from `tieline-offer`.

use std::collections::VecDeque;
use std::fmt::Write as _;

use super::channel::Doing;
use super::event::{Class, field};
use super::{ChanId, Exchange, MILLI, Micros, Refusal, SECOND, Timer};
use crate::plan::{HeldStep, Include, QUEUE_CONTEXT, Step, Target, digits};

/// How long a sound and a spoken number take, milliseconds.
const SOUND_MS: u32 = 800;
const NUMBER_MS: u32 = 400;
/// Most commands that wait at one channel.
const COMMANDS_MAX: usize = 100;
/// Where a channel goes whose limit is over.
const TIMEOUT_EXTEN: &str = "T";

/// Commands of one channel.
#[derive(Debug, Clone, Default)]
pub(crate) struct Agi {
    waiting: VecDeque<Command>,
    running: Option<Command>,
}

/// One command.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Command {
    line: String,
    /// Given back with its result.
    id: String,
    /// Keys that end it.
    keys: String,
}

/// What becomes of a command at once.
enum Begun {
    /// It takes so long, milliseconds; none for as long as nobody does something.
    Runs(Option<u32>),
    /// It is done, with this result.
    Done(&'static str),
    /// The application ends.
    Breaks,
    /// The channel ends.
    HangsUp,
}

/// The words of a command; quoted ones may have blanks.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let (word, behind) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_once(' ').unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = behind.trim_start();
    }
    words
}

impl Command {
    fn begins(&mut self) -> Begun {
        let words = words(&self.line);
        let upper: Vec<String> = words.iter().map(|word| word.to_ascii_uppercase()).collect();
        let upper: Vec<&str> = upper.iter().map(String::as_str).collect();
        let word = |at: usize| words.get(at).cloned().unwrap_or_default();
        match upper.as_slice() {
            ["STREAM", "FILE", _, ..] => {
                self.keys = word(3);
                Begun::Runs(Some(SOUND_MS))
            }
            ["SAY", "NUMBER", _, ..] => {
                self.keys = word(3);
                Begun::Runs(Some(NUMBER_MS))
            }
            ["GET", "DATA", ..] => {
                "0123456789*#".clone_into(&mut self.keys);
                Begun::Runs(word(3).parse().ok())
            }
            ["WAIT", "FOR", "DIGIT", time] => {
                "0123456789*#ABCD".clone_into(&mut self.keys);
                Begun::Runs(time.parse().ok())
            }
            ["SET", "MUSIC" | "VARIABLE", ..] | ["ANSWER" | "NOOP", ..] => Begun::Done("200 result=0"),
            ["ASYNCAGI", "BREAK"] => Begun::Breaks,
            ["HANGUP", ..] => Begun::HangsUp,
            _ => Begun::Done("510 Invalid or unknown command"),
        }
    }
}

impl Exchange {
    /// `Action: AGI`.
    pub fn agi(&mut self, now: Micros, channel: &str, line: &str, id: &str) -> Result<(), Refusal> {
        self.advance(now);
        let found = self.find(channel).ok_or_else(|| Refusal::new("Channel does not exist."))?;
        let one = self.channels.get_mut(&found).filter(|one| one.doing == Doing::Agi);
        let refusal = || Refusal::new(format!("Failed to add AGI command to channel {channel} queue"));
        let one = one.filter(|one| one.agi.waiting.len() < COMMANDS_MAX).ok_or_else(refusal)?;
        let (line, id) = (line.to_owned(), id.to_owned());
        one.agi.waiting.push_back(Command { line, id, keys: String::new() });
        self.next_command(found);
        self.settle();
        Ok(())
    }

    /// `AGI(agi:async)`, with music, and a limit: without a word from Tieline the caller goes elsewhere.
    pub(super) fn waits_for_agi(&mut self, id: ChanId) {
        self.set_limit(id, self.plan.dialplan.patience_s);
        self.music_starts(id);
        self.application(id, "AGI", "agi:async");
        self.does(id, Doing::Agi);
        let name = self.channels.get(&id).map(|one| one.name.clone()).unwrap_or_default();
        let env = encoded(&format!("agi_request: async\nagi_channel: {name}\n\n"));
        self.tell_agi("AsyncAGIStart", id, vec![field("Env", env)]);
        self.next_command(id);
    }

    fn tell_agi(&mut self, name: &'static str, id: ChanId, more: Vec<super::event::Part>) {
        if let Some(shot) = self.shot("", id) {
            let mut parts = vec![shot];
            parts.extend(more);
            self.say(Class::Agi, name, parts);
        }
    }

    fn tell_result(&mut self, id: ChanId, command: &Command, result: &str) {
        let result = field("Result", encoded(&format!("{result}\n")));
        let mut parts = vec![result];
        if !command.id.is_empty() {
            parts.insert(0, field("CommandId", &command.id));
        }
        self.tell_agi("AsyncAGIExec", id, parts);
    }

    /// Runs what waits, as long as nothing takes time.
    fn next_command(&mut self, id: ChanId) {
        loop {
            let Some(one) = self.channels.get_mut(&id) else { return };
            if one.doing != Doing::Agi || one.agi.running.is_some() {
                return;
            }
            let Some(mut command) = one.agi.waiting.pop_front() else { return };
            match command.begins() {
                Begun::Runs(time) => {
                    one.token += 1;
                    let token = one.token;
                    one.agi.running = Some(command);
                    if let Some(time) = time {
                        self.after(i64::from(time) * MILLI, Timer::CommandEnds(id, token));
                    }
                    return;
                }
                Begun::Done(result) => self.tell_result(id, &command, result),
                Begun::Breaks => {
                    self.tell_result(id, &command, "200 result=0");
                    self.agi_ends(id);
                    self.does(id, Doing::Nothing);
                    return self.run(id);
                }
                Begun::HangsUp => {
                    self.tell_result(id, &command, "200 result=1");
                    return self.end(id, 16);
                }
            }
        }
    }

    /// A sound is over, or nobody pressed a key in time.
    pub(super) fn command_ends(&mut self, id: ChanId, token: u32) {
        let is_same = self.channels.get(&id).is_some_and(|one| one.token == token);
        if is_same {
            self.command_done(id, "200 result=0");
        }
    }

    fn command_done(&mut self, id: ChanId, result: &str) {
        let running = self.channels.get_mut(&id).and_then(|one| one.agi.running.take());
        if let Some(command) = running {
            self.tell_result(id, &command, result);
            self.next_command(id);
        }
    }

    /// Somebody presses a key: heard by the command that waits for it, and by nobody else.
    pub(super) fn presses(&mut self, id: ChanId, key: char) {
        let running = self.channels.get(&id).and_then(|one| one.agi.running.as_ref());
        if running.is_some_and(|command| command.keys.contains(key)) {
            self.command_done(id, &format!("200 result={}", u32::from(key)));
        }
    }

    /// The channel leaves the application: what runs is cut short, what waits would run when it comes back.
    pub(super) fn agi_ends(&mut self, id: ChanId) {
        let Some(one) = self.channels.get_mut(&id) else { return };
        if let Some(command) = one.agi.running.take() {
            self.tell_result(id, &command, "200 result=-1");
        }
        self.tell_agi("AsyncAGIEnd", id, Vec::new());
    }

    /// `AbsoluteTimeout`, or `TIMEOUT(absolute)` of a channel; 0 takes the limit away.
    pub fn absolute_timeout(&mut self, now: Micros, channel: &str, seconds: u32) -> Result<(), Refusal> {
        self.advance(now);
        let id = self.find(channel).ok_or_else(|| Refusal::new("No such channel"))?;
        self.set_limit(id, seconds);
        Ok(())
    }

    pub(super) fn set_limit(&mut self, id: ChanId, seconds: u32) {
        let Some(one) = self.channels.get_mut(&id) else { return };
        one.limit += 1;
        let limit = one.limit;
        if seconds > 0 {
            self.after(i64::from(seconds) * SECOND, Timer::LimitEnds(id, limit));
        }
    }

    /// The limit of a channel is over: it goes to the extension for that, or ends.
    pub(super) fn limit_ends(&mut self, id: ChanId, limit: u32) {
        let Some(one) = self.channels.get(&id).filter(|one| one.limit == limit && !one.is_ending) else {
            return;
        };
        let context = one.context.clone();
        if self.plan.route(&context, TIMEOUT_EXTEN).is_some() && context == QUEUE_CONTEXT {
            self.redirect_one(id, &context, TIMEOUT_EXTEN);
        } else {
            self.end(id, 16);
        }
    }

    /// `tieline-offer`: rings who is named for as long as is said; gives the targets.
    pub(super) fn offered(&mut self, id: ChanId) -> (Vec<Target>, u32) {
        self.set_limit(id, 0);
        let Some(one) = self.channels.get(&id) else { return (Vec::new(), 0) };
        let target = |word: &str| match word.split_once('/') {
            Some(("Local", rest)) => {
                let (exten, context) = rest.split_once('@')?;
                let (exten, context) = (exten.to_owned(), context.to_owned());
                Some(Target::Local { exten, context, stays: false })
            }
            Some((_, phone)) => Some(Target::Phone(digits(phone))),
            None => None,
        };
        let targets = one.variable("CTI_OFFER").split('&').filter_map(target).collect();
        let seconds = one.variable("CTI_OFFER_S").parse().unwrap_or(1);
        // It rings once.
        self.set_variable(id, "CTI_OFFER", "");
        (targets, seconds)
    }

    /// Nobody answered in `tieline-offer`: the caller waits again.
    pub(super) fn offer_over(&mut self, id: ChanId, exten: &str) {
        self.place_at(id, QUEUE_CONTEXT, exten);
        if let Some(one) = self.channels.get_mut(&id) {
            // At the label behind the answer and the name of the queue.
            one.steps.retain(|step| *step == Step::Include(Include::Held(HeldStep::Waits)));
            one.priority = 3;
        }
    }
}

/// As URIs write it.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for octet in text.bytes() {
        if octet.is_ascii_alphanumeric() || b"-_.~".contains(&octet) {
            out.push(char::from(octet));
        } else {
            let _infallible = write!(out, "%{octet:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_words_and_quoted_ones() {
        assert_eq!(words("STREAM FILE \"vm goodbye\" \"12#\""), ["STREAM", "FILE", "vm goodbye", "12#"]);
        assert_eq!(words("SAY NUMBER 3 \"\""), ["SAY", "NUMBER", "3", ""]);
        assert_eq!(encoded("200 result=0\n"), "200%20result%3D0%0A");
    }
}
