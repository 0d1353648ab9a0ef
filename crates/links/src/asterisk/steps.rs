//! What a held caller hears: one command of AGI after the other, never two at once.
//!
//! A command that was sent cannot be taken back, and one sent behind a command that moves the caller would run when it
//! comes back. So the next one leaves only when the switch has told the end of the one before.

use std::collections::VecDeque;
use std::sync::Arc;

use ami::action::{Agi, Request, agi_quote};
use ami::event::AsyncAgiExec;
use ami::{Action, ActionError};
use cti_core::acd::Sound;
use cti_core::ids::CommandId;
use cti_core::input::SwitchEvent;
use cti_core::time::Timestamp;

use super::AsteriskTranslator;
use super::held::{Chore, Does, Place};
use super::model::{Channel, Uid};

/// The end of a command that plays longer than this was lost on the way.
const STUCK_MS: u64 = 120_000;
/// Keys a caller has.
const KEYS: &str = "0123456789*#ABCD";
/// Music of the channel's class from now on.
const MUSIC: &str = "SET MUSIC on";

/// Commands of one caller.
#[derive(Debug)]
pub(super) struct Steps {
    running: Option<(Arc<str>, Timestamp)>,
    waiting: VecDeque<String>,
    /// What is done when everything was heard.
    then: Option<(CommandId, Vec<Action>)>,
    number: u64,
}

impl Steps {
    /// None yet. Numbers differ from those of an earlier life, whose commands may still report.
    pub(super) fn new(at: Timestamp) -> Self {
        let number = u64::try_from(at.as_micros() / 1000).unwrap_or(0);
        Self { running: None, waiting: VecDeque::new(), then: None, number }
    }

    /// Something is heard, or will be.
    pub(super) fn is_busy(&self) -> bool {
        self.running.is_some() || self.waiting.iter().any(|step| step != MUSIC)
    }

    pub(super) fn clear(&mut self) {
        self.running = None;
        self.waiting.clear();
        self.then = None;
    }

    /// The application that ran commands has ended or begun anew.
    pub(super) fn interrupted(&mut self) {
        self.running = None;
    }

    pub(super) fn end(&mut self, id: &str) {
        if self.running.as_ref().is_some_and(|(running, _)| running.as_ref() == id) {
            self.running = None;
        }
    }

    pub(super) fn forget_stuck(&mut self, now: Timestamp) {
        self.running = self.running.take().filter(|(_, since)| now.millis_since(*since) < STUCK_MS);
    }

    /// Adds commands; music goes on after them.
    fn add(&mut self, lines: Vec<String>) {
        self.waiting.retain(|step| step != MUSIC);
        self.waiting.extend(lines);
        self.waiting.push_back(MUSIC.to_owned());
    }

    /// The caller has made up its mind: what was still to be said is not said.
    fn cut(&mut self) {
        self.waiting.clear();
        self.waiting.push_back(MUSIC.to_owned());
    }

    /// When everything was heard, these actions move the caller.
    pub(super) fn then(&mut self, command: CommandId, actions: Vec<Action>) {
        self.then = Some((command, actions));
    }

    /// Whatever was heard last, there is music again.
    pub(super) fn resume_music(&mut self) {
        self.add(Vec::new());
    }
}

/// Commands of AGI for a list of sounds. Keys stop a sound.
pub(super) fn lines(sounds: &[Sound], keys: &str) -> Option<Vec<String>> {
    if !keys.chars().all(|key| KEYS.contains(key)) {
        return None;
    }
    let keys = agi_quote(keys);
    let mut lines = Vec::with_capacity(sounds.len());
    for sound in sounds {
        match sound {
            Sound::File { name } => {
                lines.push(format!("STREAM FILE {} {keys}", agi_quote(plain(name)?)));
            }
            Sound::Number { number } => lines.push(format!("SAY NUMBER {number} {keys}")),
            // The class stays with the channel: the dialplan plays it too, while phones ring.
            Sound::Music { class } if !class.is_empty() => {
                lines.push(format!("SET VARIABLE CHANNEL(musicclass) {}", agi_quote(plain(class)?)));
                lines.push(MUSIC.to_owned());
            }
            Sound::Music { .. } => lines.push(MUSIC.to_owned()),
        }
    }
    Some(lines)
}

/// A name without characters that mean something in a command.
fn plain(name: &str) -> Option<&str> {
    let is_plain = |c: char| !c.is_control() && !"\"'\\$&|".contains(c);
    (!name.is_empty() && name.chars().all(is_plain)).then_some(name)
}

fn action(channel: &str, command: &str, id: &str) -> Result<Action, ActionError> {
    Agi { channel: channel.to_owned(), command: command.to_owned(), command_id: id.to_owned() }.to_action()
}

impl AsteriskTranslator {
    /// Takes commands for a waiting caller, unless one of them cannot be written.
    pub(super) fn add_steps(&mut self, uid: &Uid, lines: Vec<String>) -> Result<(), ActionError> {
        let channel = self.model.channel(uid).map(|one| one.name.to_string()).unwrap_or_default();
        for line in &lines {
            action(&channel, line, uid)?;
        }
        if let Some(held) = self.held.get_mut(uid) {
            held.steps.add(lines);
        }
        self.next_step(uid, self.at);
        Ok(())
    }

    /// Sends the next command of a caller who waits, if none runs.
    pub(super) fn next_step(&mut self, uid: &Uid, now: Timestamp) {
        let Some(channel) = self.model.channel(uid).map(|one| one.name.to_string()) else { return };
        let Some(held) = self.held.get_mut(uid) else { return };
        if !held.waits() || held.steps.running.is_some() {
            return;
        }
        if !held.steps.is_busy()
            && let Some((command, actions)) = held.steps.then.take()
        {
            held.place = Place::Leaves(command);
            held.steps.clear();
            return self.chores.push(Chore { actions, caller: Arc::clone(uid), does: Does::Move });
        }
        while let Some(line) = held.steps.waiting.pop_front() {
            held.steps.number += 1;
            let id: Arc<str> = format!("{uid}-{}", held.steps.number).into();
            // Written once before it was taken in; a name that has changed since changes nothing.
            let Ok(action) = action(&channel, &line, &id) else { continue };
            held.steps.running = Some((Arc::clone(&id), now));
            let caller = Arc::clone(uid);
            return self.chores.push(Chore { actions: vec![action], caller, does: Does::Step(id) });
        }
    }

    pub(super) fn on_agi_exec(&mut self, view: AsyncAgiExec<'_>) {
        let Some(uid) = self.see(view.channel()) else { return };
        let Some(held) = self.held.get_mut(&uid) else { return };
        let id = view.command_id().unwrap_or_default();
        // Commands of others, and of an earlier life of ours, are not our business.
        if held.steps.running.as_ref().is_none_or(|(running, _)| running.as_ref() != id) {
            return;
        }
        held.steps.running = None;
        let result = view.agi_result();
        let number = result.as_ref().filter(|one| one.code == 200).and_then(ami::event::AgiResult::number);
        let key = number.and_then(|code| u8::try_from(code).ok()).map(char::from);
        if let Some(key) = key.filter(|key| KEYS.contains(*key)) {
            held.steps.cut();
            let current = self.model.channel(&uid).and_then(Channel::current);
            if let Some((call, connection)) = current.map(|one| (one.call.clone(), one.key.clone())) {
                self.say(SwitchEvent::KeyPressed { call, connection, key });
            }
        }
        // A command that fails ends the application: the next one goes out when it begins anew.
        if number != Some(-1) {
            self.next_step(&uid, self.at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // covers: RTE-22
    #[test]
    fn sounds_are_commands_and_nothing_else_can_be() {
        let file = |name: &str| Sound::File { name: name.into() };
        let sounds = [
            Sound::Music { class: "jazz".into() },
            file("queue-youarenext"),
            Sound::Number { number: 3 },
            Sound::Music { class: "".into() },
        ];
        assert_eq!(
            lines(&sounds, "1#").unwrap(),
            [
                "SET VARIABLE CHANNEL(musicclass) \"jazz\"",
                "SET MUSIC on",
                "STREAM FILE \"queue-youarenext\" \"1#\"",
                "SAY NUMBER 3 \"1#\"",
                "SET MUSIC on",
            ]
        );
        for name in ["", "a\"b", "a\r\nAction: Hangup", "${SHELL(x)}", "a\\b", "a&b"] {
            assert_eq!(lines(&[file(name)], ""), None, "{name:?}");
        }
        assert_eq!(lines(&[file("a")], "1x"), None, "no such key");
    }

    #[test]
    fn music_comes_back_once_after_all_that_is_said() {
        let mut steps = Steps::new(Timestamp::default());
        steps.add(vec!["one".into()]);
        steps.add(vec!["two".into()]);
        assert_eq!(steps.waiting, ["one", "two", MUSIC]);
        steps.cut();
        assert_eq!(steps.waiting, [MUSIC]);
        assert!(!steps.is_busy(), "music needs no waiting for");
    }
}
