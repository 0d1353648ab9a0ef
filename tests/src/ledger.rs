//! Our report of a mirrored queue against `queue_log`, figure by figure. A figure that is not the same is explained call
//! by call, or is an error.
#![expect(clippy::indexing_slicing, reason = "a key that a JSON value lacks is null")]

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::site::Site;
use crate::traffic::{Counted, QUEUE};
use crate::{Result, Trouble};

/// The counters of the switch are read once a minute.
const COUNTERS_READ_WITHIN: Duration = Duration::from_secs(90);

/// What came of a comparison.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Each figure: its name, ours, the one of `queue_log`, and why they may differ; empty when they are the same.
    pub figures: Vec<(&'static str, u64, u64, String)>,
    /// What nobody can explain.
    pub unexplained: Vec<String>,
    /// Calls whose lengths differ by less than the second that `queue_log` cuts off, and by how much in all.
    cut: BTreeMap<&'static str, (usize, i64)>,
    /// Phones that rang when their caller gave up: `queue_log` has them as not answered, we as withdrawn.
    withdrawn: u64,
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<18}{:>12}{:>12}  why", "figure", "ours", "queue_log")?;
        for (name, ours, theirs, why) in &self.figures {
            writeln!(f, "{name:<18}{ours:>12}{theirs:>12}  {why}")?;
        }
        self.unexplained.iter().try_for_each(|line| writeln!(f, "UNEXPLAINED {line}"))
    }
}

/// Compares the report, and each ended call, with what `queue_log` counted.
pub async fn compare(site: &Site, log: &BTreeMap<String, Counted>) -> Result<Ledger> {
    let mut ledger = Ledger::default();
    let report = report(site).await?;
    let book = book(site).await?;
    for (caller, counted) in log {
        match book.get(caller) {
            Some(call) => ledger.hold_call(caller, counted, call),
            None => ledger.unexplained.push(format!("no call of {caller}: {counted:?}")),
        }
    }
    let strange = book.keys().filter(|caller| !log.contains_key(*caller));
    ledger.unexplained.extend(strange.map(|caller| format!("queue_log knows no {caller}")));
    ledger.hold_report(&report, log);
    Ok(ledger)
}

/// Waits until our own comparison with the switch's counters has nothing unexplained; gives what it says.
pub async fn reconciled(site: &Site) -> Result<Value> {
    let end = Instant::now() + COUNTERS_READ_WITHIN;
    loop {
        let all = site.get("/v1/reconciliation").await?;
        let rows = all["items"].as_array().into_iter().flatten();
        let row = rows.filter(|row| row["queue_name"] == QUEUE).find(|row| {
            let difference = &row["difference"];
            difference["agrees"] == true && difference["undecided"] == 0 && !row["pbx"].is_null()
        });
        match row {
            Some(row) => return Ok(row.clone()),
            None if Instant::now() < end => sleep(Duration::from_secs(1)).await,
            None => return Err(Trouble::new(format!("not reconciled: {all:#}"))),
        }
    }
}

/// Ended calls with their entries and offers, by caller's number.
async fn book(site: &Site) -> Result<BTreeMap<String, Value>> {
    let mut book = BTreeMap::new();
    for call in site.all("/v1/calls?state=ended").await? {
        let detail = site.get(&format!("/v1/calls/{}", call["id"].as_str().unwrap_or_default())).await?;
        let caller = detail["calling"]["number"]["e164"].as_str().unwrap_or_default();
        let caller = caller.trim_start_matches('+').to_owned();
        if book.insert(caller.clone(), detail).is_some() {
            return Err(Trouble::new(format!("two calls of {caller}")));
        }
    }
    Ok(book)
}

async fn report(site: &Site) -> Result<Value> {
    let row = |report: &Value| {
        let rows = report["items"].as_array()?;
        rows.iter().find(|row| row["queue_name"] == QUEUE).cloned()
    };
    let path = "/v1/reports/queues?from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z";
    let complete = |report: &Value| row(report).is_some_and(|row| row["still_waiting"] == 0);
    let report = site.until(path, "a complete report", complete).await?;
    row(&report).ok_or_else(|| Trouble::new("no row of the queue"))
}

impl Ledger {
    fn hold_call(&mut self, caller: &str, counted: &Counted, call: &Value) {
        let (entry, offers) = (&call["entries"][0], call["offers"].as_array().cloned().unwrap_or_default());
        let answered = counted.wait_s.is_some();
        if entry["reason"] != if answered { "answered" } else { "abandoned" } || !call["entries"][1].is_null()
        {
            self.unexplained.push(format!("{caller}: {counted:?}, but {:#}", call["entries"]));
            return;
        }
        let taken = offers.iter().find(|offer| offer["outcome"] == "accepted").map(|offer| &offer["talk_ms"]);
        let waited = entry["wait_ms"].as_u64();
        if answered {
            self.hold_length("wait_ms", caller, waited, counted.wait_s);
            self.hold_length("talk_ms", caller, taken.and_then(Value::as_u64), counted.talk_s);
        } else {
            self.hold_length("abandon_wait_ms", caller, waited, counted.abandoned_after_s);
        }
        let outcome =
            |wanted: &str| number_of(offers.iter().filter(|offer| offer["outcome"] == wanted).count());
        let (vain, withdrawn) = (outcome("no_answer"), outcome("canceled"));
        if vain != counted.ring_no_answer && vain + withdrawn != counted.ring_no_answer {
            self.unexplained.push(format!("{caller}: {counted:?}, but {offers:#?}"));
        }
        self.withdrawn += counted.ring_no_answer.saturating_sub(vain);
    }

    /// `queue_log` takes whole seconds of two clocks readings apart, so it is less than a second off, either way.
    fn hold_length(&mut self, what: &'static str, caller: &str, ours: Option<u64>, theirs: Option<u64>) {
        let (Some(ours), Some(theirs)) = (ours, theirs) else {
            self.unexplained.push(format!("{caller}: {what} {ours:?} and {theirs:?}"));
            return;
        };
        let apart = i64::try_from(ours).unwrap_or(i64::MAX) - i64::try_from(theirs * 1_000).unwrap_or(0);
        // Ours is told a few milliseconds after theirs is taken.
        if apart.abs() > 1_050 {
            self.unexplained.push(format!("{caller}: {what} {ours} ms, by queue_log {theirs} s"));
        }
        let (calls, sum) = self.cut.entry(what).or_default();
        *calls += usize::from(apart != 0);
        *sum += apart;
    }

    fn hold_report(&mut self, report: &Value, log: &BTreeMap<String, Counted>) {
        let ours = |pointer: &str| report.pointer(pointer).and_then(Value::as_u64).unwrap_or(u64::MAX);
        let count = |is: fn(&Counted) -> bool| number_of(log.values().filter(|call| is(call)).count());
        let sum = |of: fn(&Counted) -> Option<u64>| log.values().filter_map(of).sum::<u64>();
        let counts = [
            ("offered", count(|_| true)),
            ("unique_calls", count(|_| true)),
            ("answered", count(|call| call.wait_s.is_some())),
            ("abandoned", count(|call| call.abandoned_after_s.is_some())),
            ("lost", 0),
            ("flow_out", 0),
            ("requeued", 0),
            ("transferred", 0),
        ];
        for (name, theirs) in counts {
            self.figure(name, ours(&format!("/{name}")), theirs, 0, String::new());
        }
        let (theirs, withdrawn) = (sum(|call| Some(call.ring_no_answer)), self.withdrawn);
        let why = format!("{withdrawn} phones rang when their caller gave up: withdrawn");
        let away = -i64::try_from(withdrawn).unwrap_or(0);
        self.figure("ring_no_answer", ours("/ring_no_answer"), theirs, away, why);
        let lengths = [
            ("wait_ms", sum(|call| call.wait_s)),
            ("talk_ms", sum(|call| call.talk_s)),
            ("abandon_wait_ms", sum(|call| call.abandoned_after_s)),
        ];
        for (name, theirs) in lengths {
            let (calls, away) = self.cut.get(name).copied().unwrap_or_default();
            let why = format!("parts of a second of {calls} calls, {away} ms in all");
            self.figure(name, ours(&format!("/{name}/total")), theirs * 1_000, away, why);
        }
    }

    /// A figure of the report: it is theirs, but for what the calls explain.
    fn figure(&mut self, name: &'static str, ours: u64, theirs: u64, away: i64, why: String) {
        if theirs.checked_add_signed(away) != Some(ours) {
            self.unexplained.push(format!("{name}: {ours}, by queue_log {theirs}, explained {away}"));
        }
        self.figures.push((name, ours, theirs, if ours == theirs { String::new() } else { why }));
    }
}

fn number_of(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
