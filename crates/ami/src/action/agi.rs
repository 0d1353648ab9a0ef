//! Commands to a channel that waits in `AGI(agi:async)`.

use super::macros::actions;

actions! {
    /// `AGI`: queues a command. Success says "queued"; the outcome is an `AsyncAGIExec` with our `command_id`.
    Agi = "AGI" {
        /// Full name of the channel; follows `Rename`.
        channel: String = "Channel",
        /// The command line; quote arguments with [`agi_quote`].
        command: String = "Command",
        /// Ours, echoed as `CommandId`.
        command_id: String = "CommandID",
    }
}

/// Quotes one argument of a command line: in quotes, with quotes and backslashes escaped. Line breaks stay and are
/// refused when the action is built.
pub fn agi_quote(argument: &str) -> String {
    let mut quoted = String::with_capacity(argument.len() + 2);
    quoted.push('"');
    for c in argument.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}
