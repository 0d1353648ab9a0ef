//! What may be saved: bounds of queue settings and pause reasons, said so that whoever wrote them can mend them.
//!
//! Names of sounds and music classes end up in the dialplan of a switch, so only letters that mean nothing there pass.

use std::fmt::Display;
use std::ops::RangeInclusive;

use super::entry::Target;
use super::settings::{
    CallbackWhen, Condition, PauseReason, QueueSettings, Ring, Rona, SkillNeed, WaitingSounds,
};

const SECOND_MS: u64 = 1_000;
const HOUR_MS: u64 = 3_600 * SECOND_MS;
const DAY_MS: u64 = 24 * HOUR_MS;
/// Lines of one list; more than any queue needs, few enough to go through at each choice.
const LINES_MAX: usize = 20;
/// A target that plays something may lead to one that plays something, and so on; not for ever.
const PLAYS_MAX: usize = 5;

impl QueueSettings {
    /// Says what is wrong, where, and how to mend it. What other settings know (queues, agents, calendars that are
    /// named here) is not looked at.
    pub fn check(&self) -> Result<(), String> {
        key("key", &self.key, "-_")?;
        text("name", &self.name)?;
        self.unit.as_ref().map_or(Ok(()), |unit| text("unit", unit))?;
        self.project.as_ref().map_or(Ok(()), |project| text("project", project))?;
        self.calendar.as_ref().map_or(Ok(()), |calendar| text("calendar", calendar))?;
        within("ring_ms", self.ring_ms, 5 * SECOND_MS..=120 * SECOND_MS)?;
        within("last_agent_ms", self.last_agent_ms, 0..=90 * DAY_MS)?;
        within("priority", self.priority, -1_000..=1_000)?;
        within("ageing_per_min", self.ageing_per_min, 0..=1_000)?;
        within("wrap_up_ms", self.wrap_up_ms, 0..=HOUR_MS)?;
        needs("needs", &self.needs)?;
        self.check_preferred()?;
        rings(&self.rings)?;
        rona(&self.rona)?;
        target("closed", &self.closed)?;
        few("helpers", self.helpers.len())?;
        for (at, helpers) in self.helpers.iter().enumerate() {
            condition(&format!("helpers[{at}].when"), helpers.when)?;
        }
        few("overflow", self.overflow.len())?;
        for (at, overflow) in self.overflow.iter().enumerate() {
            condition(&format!("overflow[{at}].when"), overflow.when)?;
            target(&format!("overflow[{at}].to"), &overflow.to)?;
        }
        within("scorer_ms", self.scorer_ms, 0..=10 * SECOND_MS)?;
        sounds(&self.sounds)?;
        self.check_callback_times()?;
        self.check_keys()?;
        within("level.threshold_ms", self.level.threshold_ms, SECOND_MS..=HOUR_MS)?;
        within("level.short_ms", self.level.short_ms, 0..=HOUR_MS)?;
        within("level.target_percent", self.level.target_percent, 1..=100)
    }

    fn check_keys(&self) -> Result<(), String> {
        few("keys", self.keys.len())?;
        for (at, one) in self.keys.iter().enumerate() {
            telephone_key(&format!("keys[{at}].key"), &one.key)?;
            target(&format!("keys[{at}].to"), &one.to)?;
            let is_taken = self.keys.iter().take(at).any(|before| before.key == one.key);
            if is_taken || one.key == self.sounds.callback_key {
                return Err(format!(
                    "keys[{at}].key: `{}` means something else already; take another",
                    one.key
                ));
            }
        }
        Ok(())
    }

    fn check_callback_times(&self) -> Result<(), String> {
        let sounds = &self.sounds;
        few("sounds.callback_times", sounds.callback_times.len())?;
        match (sounds.callback_times.is_empty(), sounds.callback_choice.is_empty()) {
            (true, false) => {
                return Err("sounds.callback_times: the file names times; set at least one".to_owned());
            }
            (false, true) => {
                return Err("sounds.callback_choice: nothing tells of the times; name the file".to_owned());
            }
            (false, false) if sounds.callback_key.is_empty() => {
                return Err(
                    "sounds.callback_key: times are set, and no key orders a callback; name it".to_owned()
                );
            }
            _ => {}
        }
        for (at, one) in sounds.callback_times.iter().enumerate() {
            let place = format!("sounds.callback_times[{at}]");
            telephone_key(&format!("{place}.key"), &one.key)?;
            if sounds.callback_times.iter().take(at).any(|before| before.key == one.key) {
                return Err(format!("{place}.key: `{}` means another time already; take another", one.key));
            }
            match one.when {
                CallbackWhen::Now => {}
                CallbackWhen::After { minutes } => {
                    within(&format!("{place}.when.minutes"), minutes, 1..=7 * 24 * 60)?;
                }
                CallbackWhen::At { days, minute } => {
                    within(&format!("{place}.when.days"), days, 0..=7)?;
                    within(&format!("{place}.when.minute"), minute, 0..=1439)?;
                    if self.calendar.is_none() {
                        return Err(format!(
                            "{place}.when: a time of the day needs a clock; set the calendar of the queue"
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    fn check_preferred(&self) -> Result<(), String> {
        few("preferred", self.preferred.len())?;
        for (at, preferred) in self.preferred.iter().enumerate() {
            text(&format!("preferred[{at}].group"), &preferred.group)?;
            within(&format!("preferred[{at}].for_ms"), preferred.for_ms, 1..=HOUR_MS)?;
            if self.preferred.iter().take(at).any(|before| before.group == preferred.group) {
                return Err(format!(
                    "preferred[{at}].group: `{}` stands there twice; take one away",
                    preferred.group
                ));
            }
        }
        Ok(())
    }
}

impl PauseReason {
    /// Says what is wrong, where, and how to mend it.
    pub fn check(&self) -> Result<(), String> {
        key("key", &self.key, "_")?;
        text("name", &self.name)?;
        self.code.map_or(Ok(()), |code| within("code", code, 1..=99))?;
        self.limit_min.map_or(Ok(()), |limit| within("limit_min", limit, 1..=24 * 60))
    }

    /// The reasons of a new installation. The last three are given by rules, never chosen: they are not offered.
    pub fn defaults() -> Vec<Self> {
        let reason = |(code, (key, name, paid, productive)): (u8, (&str, &str, bool, bool))| Self {
            key: key.into(),
            name: name.into(),
            code: Some(code),
            paid,
            productive,
            limit_min: None,
            active: true,
        };
        let chosen = [
            ("lunch", "Oběd", false, false),
            ("break", "Přestávka", true, false),
            ("toilet", "WC", true, false),
            ("training", "Školení", true, true),
            ("meeting", "Porada", true, true),
            ("paperwork", "Administrativa", true, true),
            ("e_mails", "E-maily", true, true),
            ("technical", "Technický problém", true, false),
        ];
        let given = [("no_answer", "Nebere"), ("unreachable", "Neregistrováno"), ("forced", "Nucená pauza")];
        let given = given.map(|(key, name)| Self {
            key: key.into(),
            name: name.into(),
            code: None,
            paid: true,
            productive: false,
            limit_min: None,
            active: false,
        });
        (1..).zip(chosen).map(reason).chain(given).collect()
    }
}

fn within<T: Copy + PartialOrd + Display>(
    place: &str,
    value: T,
    range: RangeInclusive<T>,
) -> Result<(), String> {
    if range.contains(&value) {
        return Ok(());
    }
    Err(format!("{place}: {value} is out of bounds; give {} to {}", range.start(), range.end()))
}

fn few(place: &str, count: usize) -> Result<(), String> {
    if count <= LINES_MAX {
        return Ok(());
    }
    Err(format!("{place}: {count} lines are too many; keep it to {LINES_MAX}"))
}

fn key(place: &str, value: &str, also: &str) -> Result<(), String> {
    let known =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || also.contains(letter);
    if (1..=40).contains(&value.len()) && value.chars().all(known) {
        return Ok(());
    }
    Err(format!("{place}: `{}` is no key; write 1 to 40 of a-z, 0-9 and {also}", shown(value)))
}

fn text(place: &str, value: &str) -> Result<(), String> {
    if !value.trim().is_empty() && value.chars().count() <= 80 && !value.chars().any(char::is_control) {
        return Ok(());
    }
    Err(format!("{place}: `{}` will not do; write 1 to 80 letters on one line", shown(value)))
}

/// A name that a dialplan can hold as it is; none at all is as good.
fn file(place: &str, value: &str) -> Result<(), String> {
    let known = |letter: char| letter.is_ascii_alphanumeric() || "-_./".contains(letter);
    if value.len() <= 100 && value.chars().all(known) && !value.split('/').any(|part| part == "..") {
        return Ok(());
    }
    Err(format!(
        "{place}: `{}` is no name for the switch; write up to 100 of a-z, A-Z, 0-9, - _ . and /",
        shown(value)
    ))
}

/// A value as a message may show it: the beginning, on one line.
fn shown(value: &str) -> String {
    value.chars().take(40).map(|letter| if letter.is_control() { '\u{FFFD}' } else { letter }).collect()
}

fn needs(place: &str, needs: &[SkillNeed]) -> Result<(), String> {
    few(place, needs.len())?;
    for (at, need) in needs.iter().enumerate() {
        text(&format!("{place}[{at}].skill"), &need.skill)?;
        within(&format!("{place}[{at}].level"), need.level, 1..=10)?;
        if needs.iter().take(at).any(|before| before.skill == need.skill) {
            return Err(format!("{place}[{at}].skill: `{}` stands there twice; take one away", need.skill));
        }
    }
    Ok(())
}

fn rings(rings: &[Ring]) -> Result<(), String> {
    few("rings", rings.len())?;
    let mut before = Ring { after_ms: 0, lower_by: 0, up_to_level: 0 };
    for (at, ring) in rings.iter().enumerate() {
        within(&format!("rings[{at}].after_ms"), ring.after_ms, 1..=HOUR_MS)?;
        within(&format!("rings[{at}].lower_by"), ring.lower_by, 0..=10)?;
        within(&format!("rings[{at}].up_to_level"), ring.up_to_level, 0..=1_000)?;
        if ring.after_ms <= before.after_ms {
            return Err(format!(
                "rings[{at}].after_ms: it opens no later than the ring before; sort rings by time"
            ));
        }
        if ring.lower_by < before.lower_by || ring.up_to_level < before.up_to_level {
            return Err(format!(
                "rings[{at}]: it lets in less than the ring before; a ring may only let in more"
            ));
        }
        before = *ring;
    }
    Ok(())
}

fn rona(rona: &Rona) -> Result<(), String> {
    within("rona.no_answer", rona.no_answer, 0..=100)?;
    within("rona.rejected", rona.rejected, 0..=100)?;
    within("rona.unreachable", rona.unreachable, 0..=100)?;
    rona.return_after_ms.map_or(Ok(()), |after| within("rona.return_after_ms", after, SECOND_MS..=DAY_MS))
}

fn condition(place: &str, condition: Condition) -> Result<(), String> {
    match condition {
        Condition::NobodySignedIn | Condition::NobodyReady => Ok(()),
        Condition::Waiting { at_least } => within(&format!("{place}.at_least"), at_least, 1..=100_000),
        Condition::WaitedFor { ms } | Condition::ExpectedWait { ms } => {
            within(&format!("{place}.ms"), ms, SECOND_MS..=DAY_MS)
        }
    }
}

fn target(place: &str, target: &Target) -> Result<(), String> {
    let mut target = target;
    for _ in 0..=PLAYS_MAX {
        match target {
            Target::Announcement { sound, then } => {
                if sound.is_empty() {
                    return Err(format!(
                        "{place}.sound: nothing is named; name a sound file, or go on without"
                    ));
                }
                file(&format!("{place}.sound"), sound)?;
                target = then;
            }
            Target::Number { number } => return text(&format!("{place}.number"), number),
            Target::Queue { .. } | Target::Agent { .. } | Target::Fallback | Target::Hangup => return Ok(()),
        }
    }
    Err(format!("{place}: more than {PLAYS_MAX} announcements one after the other; make one file of them"))
}

fn sounds(sounds: &WaitingSounds) -> Result<(), String> {
    let files = [
        ("sounds.music", &sounds.music),
        ("sounds.welcome", &sounds.welcome),
        ("sounds.position", &sounds.position),
        ("sounds.expected_wait", &sounds.expected_wait),
        ("sounds.callback", &sounds.callback),
        ("sounds.callback_choice", &sounds.callback_choice),
    ];
    files.into_iter().try_for_each(|(place, name)| file(place, name))?;
    few("sounds.comfort", sounds.comfort.len())?;
    for (at, name) in sounds.comfort.iter().enumerate() {
        file(&format!("sounds.comfort[{at}]"), name)?;
    }
    if sounds.every_ms != 0 {
        within("sounds.every_ms", sounds.every_ms, 5 * SECOND_MS..=HOUR_MS)?;
    }
    match (sounds.callback.is_empty(), &*sounds.callback_key) {
        (true, "") => Ok(()),
        (true, _) => {
            Err("sounds.callback: a key is set, and nothing tells of it; name the file, too".to_owned())
        }
        (false, "") => {
            Err("sounds.callback_key: the file offers a callback; name the key that takes it".to_owned())
        }
        (false, key) => telephone_key("sounds.callback_key", key),
    }
}

fn telephone_key(place: &str, key: &str) -> Result<(), String> {
    if key.len() == 1 && "0123456789*#".contains(key) {
        return Ok(());
    }
    Err(format!("{place}: `{}` is no key of a telephone; give one of 0-9, * and #", shown(key)))
}

#[cfg(test)]
mod tests;
