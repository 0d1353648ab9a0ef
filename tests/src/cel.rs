//! What Asterisk itself wrote about callers from outside: its channel event log (CEL), one row per thing that happened.

use std::collections::BTreeMap;

use crate::trouble::Context;
use crate::{Result, Trouble};

/// A call of a caller from outside, as Asterisk saw it; microseconds since the epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// Began to wait for us.
    pub waits: Option<i64>,
    /// First talked with somebody.
    pub talks: Option<i64>,
    /// Last stopped talking.
    pub talked: Option<i64>,
    /// Came into a queue of Asterisk's own.
    pub fallback: Option<i64>,
    /// Hung up.
    pub over: Option<i64>,
}

/// The calls that came in over the trunk, by caller's number; each caller called once.
pub fn seen(log: &str) -> Result<BTreeMap<String, Seen>> {
    let mut callers: BTreeMap<String, Seen> = BTreeMap::new();
    for row in log.lines() {
        let cells: Vec<&str> = row.split('|').collect();
        let [at, event, app, caller, channel] = cells.as_slice() else {
            return Err(Trouble::new(format!("CEL: strange row {row}")));
        };
        if !channel.starts_with("PJSIP/trunk-") {
            continue;
        }
        let at = micros(at).context(row)?;
        let seen = callers.entry((*caller).to_owned()).or_default();
        match (*event, app.to_ascii_lowercase().as_str()) {
            // Who was found while still being answered may ring agents before it waits at all.
            ("APP_START", "agi" | "dial") => drop(seen.waits.get_or_insert(at)),
            ("APP_START", "queue") => drop(seen.fallback.get_or_insert(at)),
            ("BRIDGE_ENTER", _) => drop(seen.talks.get_or_insert(at)),
            ("BRIDGE_EXIT", _) => seen.talked = Some(at),
            ("HANGUP", _) => seen.over = Some(at),
            _ => {}
        }
    }
    Ok(callers)
}

/// `1796000000.123456` in microseconds.
fn micros(text: &str) -> Result<i64> {
    let (seconds, rest) = text.split_once('.').ok_or_else(|| Trouble::new("no time"))?;
    let seconds: i64 = seconds.parse().context("seconds")?;
    let rest: i64 = format!("{rest:0<6}").parse().context("microseconds")?;
    Ok(seconds * 1_000_000 + rest)
}
