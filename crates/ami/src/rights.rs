//! What the manager user may do: learnt by `ListCommands`, checked against what we need.

use std::{collections::BTreeMap, fmt};

use crate::{Message, Version};

/// The actions the logged-in user may run, by name without regard to case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commands {
    by_name: BTreeMap<String, String>,
}

impl Commands {
    /// Reads the reply to `ListCommands`: one header per action, its description as value.
    pub fn read(reply: &Message) -> Self {
        let is_frame =
            |key: &str| ["Response", "ActionID"].iter().any(|known| key.eq_ignore_ascii_case(known));
        let by_name = reply
            .headers()
            .filter(|(key, _)| !is_frame(key))
            .map(|(key, description)| (key.to_ascii_lowercase(), description.to_owned()))
            .collect();
        Self { by_name }
    }

    /// Tells whether the user may run this action.
    pub fn can_run(&self, action: &str) -> bool {
        self.by_name.contains_key(&action.to_ascii_lowercase())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The classes the switch lists for an action (`(Priv: call,all)`), without `all`.
    pub fn classes_of(&self, action: &str) -> Vec<&str> {
        let description = self.by_name.get(&action.to_ascii_lowercase()).map_or("", String::as_str);
        let listed = description.rsplit_once("(Priv:").map_or("", |(_, listed)| listed);
        listed
            .trim_end_matches(')')
            .split(',')
            .map(str::trim)
            .filter(|class| !class.is_empty() && !matches!(*class, "all" | "<none>"))
            .collect()
    }
}

/// An action we need and may not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingCommand {
    /// The action.
    pub action: String,
    /// The `write` classes of manager.conf of which one gives it; empty when no class is needed, so that a module
    /// must be missing.
    pub classes: &'static [&'static str],
}

impl fmt::Display for MissingCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.classes {
            [] => write!(f, "{}: its module is not loaded", self.action),
            classes => write!(
                f,
                "{}: needs write={} (or its module is not loaded)",
                self.action,
                classes.join(" or ")
            ),
        }
    }
}

/// A right the user should not have. (Class `system`, which we cannot do without, is dangerous too: it loads modules
/// and records to any file. That is said in the manual, not warned of at each start.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Danger {
    /// Class `command`: any command line of the switch.
    CommandLine,
    /// Class `config`: the switch's configuration files.
    Configuration,
    /// `originate` on a release where it amounts to shell access.
    OriginateShell(Version),
}

impl fmt::Display for Danger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine => f.write_str("class command: the user can run any command of the switch"),
            Self::Configuration => {
                f.write_str("class config: the user can change the switch's configuration")
            }
            Self::OriginateShell(version) => {
                write!(f, "class originate reaches a shell on Asterisk {version} (CVE-2024-42365): upgrade")
            }
        }
    }
}

/// What is missing and what is too much.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RightsReport {
    /// Actions needed but not allowed.
    pub missing: Vec<MissingCommand>,
    /// Rights that are not needed and dangerous.
    pub dangers: Vec<Danger>,
}

/// Compares what the user may run with the actions needed.
pub fn check_rights(commands: &Commands, version: Option<Version>, needed: &[&str]) -> RightsReport {
    let missing = needed
        .iter()
        .filter(|action| !commands.can_run(action))
        .map(|action| MissingCommand { action: (*action).to_owned(), classes: write_classes(action) })
        .collect();
    let mut dangers = Vec::new();
    if commands.can_run("Command") {
        dangers.push(Danger::CommandLine);
    }
    if commands.can_run("UpdateConfig") || commands.can_run("CreateConfig") {
        dangers.push(Danger::Configuration);
    }
    if let Some(version) = version.filter(|version| version.originate_reaches_shell())
        && commands.can_run("Originate")
    {
        dangers.push(Danger::OriginateShell(version));
    }
    RightsReport { missing, dangers }
}

/// The `write` classes of manager.conf of which one allows the action.
fn write_classes(action: &str) -> &'static [&'static str] {
    const CALL: &[&str] = &[
        "Redirect",
        "Atxfer",
        "CancelAtxfer",
        "BlindTransfer",
        "Bridge",
        "Park",
        "ParkedCalls",
        "Setvar",
        "PlayDTMF",
        "SendText",
        "StopMixMonitor",
        "MixMonitorMute",
        "ControlPlayback",
        "ConfbridgeMute",
        "ConfbridgeKick",
    ];
    const AGENT: &[&str] =
        &["QueueAdd", "QueueRemove", "QueuePause", "QueuePenalty", "QueueMemberRingInUse", "Agents"];
    const SYSTEM: &[&str] = &[
        "MixMonitor",
        "MuteAudio",
        "DBPut",
        "DBDel",
        "PJSIPNotify",
        "PJSIPShowEndpoints",
        "PJSIPShowContacts",
        "PJSIPShowEndpoint",
        "Filter",
    ];
    const SYSTEM_OR_REPORTING: &[&str] =
        &["CoreShowChannels", "CoreSettings", "CoreStatus", "CoreShowChannelMap"];
    const CALL_OR_REPORTING: &[&str] =
        &["Getvar", "ExtensionState", "ExtensionStateList", "DeviceStateList", "PresenceState", "Status"];
    let is_in = |list: &[&str]| list.iter().any(|name| name.eq_ignore_ascii_case(action));
    if action.eq_ignore_ascii_case("AbsoluteTimeout") || action.eq_ignore_ascii_case("Hangup") {
        &["system", "call"]
    } else if is_in(CALL) {
        &["call"]
    } else if is_in(AGENT) {
        &["agent"]
    } else if is_in(SYSTEM) {
        &["system"]
    } else if is_in(SYSTEM_OR_REPORTING) {
        &["system", "reporting"]
    } else if is_in(CALL_OR_REPORTING) {
        &["call", "reporting"]
    } else if action.eq_ignore_ascii_case("Originate") {
        &["originate"]
    } else if action.eq_ignore_ascii_case("AGI") {
        &["agi"]
    } else if action.eq_ignore_ascii_case("UserEvent") {
        &["user"]
    } else if action.eq_ignore_ascii_case("ConfbridgeListRooms")
        || action.eq_ignore_ascii_case("ConfbridgeList")
    {
        &["reporting"]
    } else if action.eq_ignore_ascii_case("MessageSend") {
        &["message"]
    } else if action.eq_ignore_ascii_case("DBGet") || action.eq_ignore_ascii_case("DBGetTree") {
        &["system", "reporting"]
    } else {
        &[]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands() -> Commands {
        Commands::read(
            &Message::parse(
                b"Response: Success\r\nActionID: 1\r\nPing: Keepalive command.  (Priv: <none>)\r\n\
                  Originate: Originate a call.  (Priv: originate,all)\r\nCommand: Execute.  (Priv: command,all)\r\n\
                  CoreSettings: Show settings.  (Priv: system,reporting,all)\r\n\r\n",
            )
            .unwrap(),
        )
    }

    #[test]
    fn the_reply_is_read_without_its_frame() {
        let commands = commands();
        assert_eq!(commands.len(), 4);
        assert!(
            commands.can_run("ping") && commands.can_run("CORESETTINGS") && !commands.can_run("Response")
        );
        assert_eq!(commands.classes_of("CoreSettings"), ["system", "reporting"]);
        assert!(commands.classes_of("Ping").is_empty());
    }

    #[test]
    fn missing_actions_name_their_class_and_dangers_are_named() {
        let report =
            check_rights(&commands(), Some(Version::new(20, 9, 1)), &["Ping", "Redirect", "QueueStatus"]);
        assert_eq!(
            report.missing.iter().map(ToString::to_string).collect::<Vec<_>>(),
            [
                "Redirect: needs write=call (or its module is not loaded)",
                "QueueStatus: its module is not loaded"
            ]
        );
        assert_eq!(report.dangers, [Danger::CommandLine, Danger::OriginateShell(Version::new(20, 9, 1))]);
        let patched = check_rights(&commands(), Some(Version::new(22, 10, 0)), &[]);
        assert_eq!(patched.dangers, [Danger::CommandLine]);
    }
}
