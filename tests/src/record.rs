//! Keeps the manager session of a story as a trace (`fixtures/ami/<version>-<flavour>/<story>.trace`).
//!
//! A trace is a head of `#` lines and then blocks: `+<ms> S:` (Asterisk) or `+<ms> C:` (we), the message's lines as
//! they were on the wire, an empty line. Times count from the login. Secrets, ports and paths are masked.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use crate::Result;
use crate::asterisk::{Flavour, Version};
use crate::lab::Lab;
use crate::peers::workspace;
use crate::stories::{self, Story};
use crate::wire::From;

/// Where the trace of a story belongs.
pub fn path(version: Version, flavour: Flavour, story: Story) -> PathBuf {
    let is_owned = stories::OWNED.contains(&story);
    let folder = format!("{}-{}", version.number(), if is_owned { "owned" } else { flavour.name() });
    workspace().join("fixtures/ami").join(folder).join(format!("{}.trace", story.id))
}

/// The trace of the lab's event session so far.
pub fn trace(lab: &Lab, story: Story) -> String {
    let mut text = head(lab, story);
    for message in lab.events.since(0) {
        let side = match message.from {
            From::Server => 'S',
            From::Client => 'C',
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "+{} {side}:", message.at.as_millis());
        for line in &message.lines {
            let _ = writeln!(text, "{}", masked(lab, line));
        }
        text.push('\n');
    }
    text
}

/// Writes the trace to its place.
pub fn save(lab: &Lab, story: Story) -> Result<PathBuf> {
    let path = path(lab.asterisk.version, lab.asterisk.flavour, story);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&path, trace(lab, story))?;
    Ok(path)
}

fn head(lab: &Lab, story: Story) -> String {
    let messages = lab.events.since(0);
    let version =
        messages.iter().map(|message| message.get("AsteriskVersion")).find(|version| !version.is_empty());
    let mut text = format!(
        "# story: {} {}\n# asterisk: {}\n# banner: {}\n# flavour: {}\n",
        story.id,
        story.title,
        version.unwrap_or("unknown"),
        lab.events.banner(),
        lab.asterisk.flavour.name(),
    );
    for (when, deed) in lab.diary.deeds() {
        let began = lab.events.began();
        // Deeds before the link was up count backwards.
        let _ = match when.checked_duration_since(began) {
            Some(after) => writeln!(text, "# +{} {deed}", after.as_millis()),
            None => writeln!(text, "# -{} {deed}", began.duration_since(when).as_millis()),
        };
    }
    text.push('\n');
    text
}

/// The line without secrets and without what differs from machine to machine.
fn masked(lab: &Lab, line: &str) -> String {
    if line.starts_with("Secret:") {
        return "Secret: ********".to_owned();
    }
    let home = lab.asterisk.home().display().to_string();
    let line = line.replace(&home, "/var/asterisk");
    mask_ports(&line)
}

/// Replaces each port after a loopback address by 5060.
fn mask_ports(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("127.0.0.") {
        let digit_end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let (host, tail) = after.split_at(digit_end);
        let _ = write!(text, "{before}127.0.0.{host}");
        rest = tail;
        if let Some(port) = tail.strip_prefix(':') {
            let port_end = port.find(|c: char| !c.is_ascii_digit()).unwrap_or(port.len());
            if port_end > 0 {
                text.push_str(":5060");
                rest = port.split_at(port_end).1;
            }
        }
    }
    text + rest
}
