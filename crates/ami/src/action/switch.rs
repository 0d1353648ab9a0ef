//! Actions on the switch as a whole: messages, user events, its database, conferences, commands.

use super::{
    Action, Request, Variables,
    macros::{actions, debug_as_action},
};
use crate::error::ActionError;

actions! {
    /// `Command`: a command line of the switch. Blocks the session while it runs; diagnostics only.
    Command = "Command" { command: String = "Command" }
    /// `SendText` into a call.
    SendText = "SendText" { channel: String = "Channel", message: String = "Message" }
    /// `MessageSend`: a message outside any call.
    MessageSend = "MessageSend" {
        destination: Option<String> = "Destination",
        to: Option<String> = "To",
        from: Option<String> = "From",
        body: Option<String> = "Body",
        /// For bodies with line breaks, which a header cannot hold.
        base64_body: Option<String> = "Base64Body",
        variables: Variables = "Variable",
    }
    /// `Reload` of one module or of all.
    Reload = "Reload" { module: Option<String> = "Module" }
    /// `DBGet`: answered as a list; a missing key gives no rows.
    DbGet = "DBGet" list ["Database entry not found"] { family: String = "Family", key: String = "Key" }
    /// `DBGetTree`: all entries below a family.
    DbGetTree = "DBGetTree" list ["Database entry not found", "Database entries not found"] {
        family: String = "Family",
        key: Option<String> = "Key",
    }
    /// `DBPut`.
    DbPut = "DBPut" { family: String = "Family", key: String = "Key", value: String = "Val" }
    /// `DBDel`.
    DbDel = "DBDel" { family: String = "Family", key: String = "Key" }
    /// `ConfbridgeKick`.
    ConfbridgeKick = "ConfbridgeKick" { conference: String = "Conference", channel: String = "Channel" }
    /// `ConfbridgeMute`.
    ConfbridgeMute = "ConfbridgeMute" { conference: String = "Conference", channel: String = "Channel" }
    /// `ConfbridgeUnmute`.
    ConfbridgeUnmute = "ConfbridgeUnmute" { conference: String = "Conference", channel: String = "Channel" }
    /// `ConfbridgeLock`.
    ConfbridgeLock = "ConfbridgeLock" { conference: String = "Conference" }
    /// `ConfbridgeUnlock`.
    ConfbridgeUnlock = "ConfbridgeUnlock" { conference: String = "Conference" }
    /// `ConfbridgeStartRecord`.
    ConfbridgeStartRecord = "ConfbridgeStartRecord" {
        conference: String = "Conference",
        file: Option<String> = "RecordFile",
    }
    /// `ConfbridgeStopRecord`.
    ConfbridgeStopRecord = "ConfbridgeStopRecord" { conference: String = "Conference" }
}

/// `UserEvent` with free headers.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct UserEvent {
    /// `UserEvent`: its name.
    pub name: String,
    /// Free headers.
    pub fields: Vec<(String, String)>,
}

impl Request for UserEvent {
    fn to_action(&self) -> Result<Action, ActionError> {
        self.fields
            .iter()
            .fold(Action::build("UserEvent").header("UserEvent", &self.name), |draft, (key, value)| {
                draft.header(key, value)
            })
            .finish()
    }
}

debug_as_action!(UserEvent);
