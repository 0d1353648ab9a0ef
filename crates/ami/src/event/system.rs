//! The switch itself: booted, reloaded, shut down; the asynchronous gateway interface; small list items.

use super::view::event_view;
use crate::text;

event_view! {
    /// `FullyBooted`: lists are complete from here on.
    FullyBooted { uptime: seconds("Uptime"), last_reload: seconds("LastReload") }
}

event_view! {
    /// `Reload` of a module. Queue members may change without an event of their own.
    Reload { module: text("Module"), status: text("Status") }
}

event_view! {
    /// `Shutdown`.
    Shutdown { manner: text("Shutdown"), is_restart: flag("Restart") }
}

event_view! {
    /// `AsyncAGIStart`: the channel waits for our commands. `env` is cut by Asterisk at 1024 bytes: take ids from
    /// the snapshot, only arguments from here.
    AsyncAgiStart { channel: channel(""), env: uri("Env") }
}

impl AsyncAgiStart<'_> {
    /// The environment as pairs (`agi_request`, `agi_arg_1`, …). Lines without a colon are left out.
    pub fn env_pairs(self) -> Vec<(String, String)> {
        self.env()
            .lines()
            .filter_map(|line| line.split_once(':'))
            .map(|(key, value)| (key.to_owned(), value.trim_start().to_owned()))
            .collect()
    }
}

event_view! {
    /// `AsyncAGIExec`: a command has ended. `result` is cut by Asterisk at 1024 bytes.
    AsyncAgiExec { channel: channel(""), command_id: text("CommandId"), result: uri("Result") }
}

impl AsyncAgiExec<'_> {
    /// The result line read into its parts; `None` if it has no status code.
    pub fn agi_result(self) -> Option<AgiResult> {
        AgiResult::parse(&self.result())
    }
}

/// A result line such as `200 result=53 (timeout) endpos=8320`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgiResult {
    /// Status: 200 done; 500 and above, the command was not run (510 invalid, 511 dead channel, 520 usage).
    pub code: u16,
    /// Text after `result=`: a number, or digits that must stay text (`GET DATA` may give `007`).
    pub result: String,
    /// Text in parentheses: `timeout`, `hangup`, a variable's value.
    pub detail: Option<String>,
    /// `endpos=`, in samples.
    pub end_position: Option<u64>,
}

impl AgiResult {
    /// Reads a result line.
    pub fn parse(line: &str) -> Option<Self> {
        let line = line.trim_end();
        let (code, rest) = line.split_at_checked(3)?;
        let code = code.parse().ok()?;
        let after = rest.split_once("result=").map_or("", |(_, after)| after);
        let result_end = after.find([' ', '(']).unwrap_or(after.len());
        let (result, tail) = after.split_at(result_end);
        let (before_end, end_position) = match tail.rsplit_once("endpos=") {
            Some((before, position)) => (before, position.trim().parse().ok()),
            None => (tail, None),
        };
        let detail = before_end
            .trim()
            .strip_prefix('(')
            .map(|detail| detail.strip_suffix(')').unwrap_or(detail))
            .and_then(text::known)
            .map(str::to_owned);
        Some(Self { code, result: result.to_owned(), detail, end_position })
    }

    /// The result read as a number (a digit's ASCII code, a return value); −1 is a hang-up.
    pub fn number(&self) -> Option<i64> {
        self.result.parse().ok()
    }
}

event_view! {
    /// `AsyncAGIEnd`: the channel goes on in the dialplan, or is about to hang up.
    AsyncAgiEnd { channel: channel("") }
}

event_view! {
    /// `AGIExecStart`, `AGIExecEnd`: a gateway command of any kind runs.
    AgiExec {
        channel: channel(""),
        command: text("Command"),
        command_id: text("CommandId"),
        result_code: number(i32, "ResultCode"),
        result: text("Result"),
    }
}

event_view! {
    /// `DBGetResponse`, `DBGetTreeResponse` list item.
    DbEntry { family: text("Family"), key: text("Key"), value: text("Val") }
}

event_view! {
    /// `Registry`: an outbound registration of the switch changed.
    Registry {
        channel_type: text("ChannelType"),
        username: text("Username"),
        domain: text("Domain"),
        status: text("Status"),
        cause: text("Cause"),
    }
}
