//! Seeded callers on the queue `volume` of a plain Asterisk: three phones, one of them silent, and customers of
//! whom some have no patience. What the callers log is the truth that reports are held against.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::asterisk::{Asterisk, Flavour, HOUSE, Version};
use crate::peers::free_port;
use crate::sipp::{Call, Habit, Outcome, SippPhone, place};
use crate::trouble::Context;
use crate::{Result, Trouble};

/// Number of the queue as outside callers dial it.
pub const QUEUE_NUMBER: &str = "420555000605";

/// Its name at the switch.
pub const QUEUE: &str = "volume";

/// A switch with the phones of the queue.
#[derive(Debug)]
pub struct Floor {
    /// The switch.
    pub asterisk: Asterisk,
    /// 1007 and 1008 answer, 1009 is silent.
    pub phones: Vec<SippPhone>,
}

/// How the phones of the floor behave.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Ring time of the phones that answer.
    pub answers_after: Duration,
    /// How long they talk, unless the customer hangs up first.
    pub talks: Duration,
}

impl Floor {
    /// Starts switch and phones.
    pub async fn start(version: Version, pace: Pace) -> Result<Self> {
        let answers = Habit::Answers { after: pace.answers_after, talks: pace.talks };
        let habits = [("1007", answers), ("1008", answers), ("1009", Habit::Silent)];
        let mut places = Vec::new();
        for (number, _) in habits {
            places.push((number, free_port(HOUSE)?));
        }
        let asterisk = Asterisk::start_with(version, Flavour::Plain, &places).await?;
        let phones = habits
            .iter()
            .zip(&places)
            .map(|((number, habit), (_, port))| SippPhone::start(number, *port, *habit))
            .collect::<Result<_>>()?;
        Ok(Self { asterisk, phones })
    }

    /// Where callers send their calls.
    pub fn sip(&self) -> SocketAddr {
        SocketAddr::new(HOUSE, self.asterisk.sip_port)
    }
}

/// Numbers that look random and are the same in every run: a linear congruential generator (Knuth's MMIX).
#[derive(Debug)]
pub struct Seeded(u64);

impl Seeded {
    /// A generator of this seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number in `from..to`.
    pub fn within(&mut self, from: u64, to: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        from + (self.0 >> 33) % (to - from)
    }
}

/// The calls of a run, one after the other within milliseconds: every third customer has little patience.
pub fn calls(seed: u64, count: usize) -> Vec<(Duration, Call)> {
    calls_apart(seed, count, 80, 420)
}

/// As [`calls`], with these times between them, in milliseconds.
pub fn calls_apart(seed: u64, count: usize, from: u64, to: u64) -> Vec<(Duration, Call)> {
    let mut random = Seeded::new(seed);
    let mut at = Duration::ZERO;
    (0..count)
        .map(|number| {
            at += Duration::from_millis(random.within(from, to));
            let impatient = random.within(0, 3) == 0;
            // Asterisk answers and waits up to half a second for sound before the call is in the queue.
            let stays = if impatient { random.within(900, 3_500) } else { 25_000 };
            let call = Call {
                caller: format!("420555{}", 200_000 + number),
                dialled: QUEUE_NUMBER.to_owned(),
                waits: Duration::from_secs(10),
                stays: Duration::from_millis(stays),
            };
            (at, call)
        })
        .collect()
}

/// Places the calls at their times and waits until all are over.
pub async fn run(calls: Vec<(Duration, Call)>, switch: SocketAddr) -> Result<Vec<Outcome>> {
    // Dropped, no further call is placed.
    let mut placed = JoinSet::new();
    for (at, call) in calls {
        placed.spawn(async move {
            // The plan of the traffic is a time, not an event.
            sleep(at).await;
            place(call, switch).await
        });
    }
    let mut outcomes = Vec::new();
    while let Some(call) = placed.join_next().await {
        outcomes.push(call.context("a caller's task")??);
    }
    Ok(outcomes)
}

/// What Asterisk itself counted for one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// Seconds until an agent was connected.
    pub wait_s: Option<u64>,
    /// Seconds with the agent.
    pub talk_s: Option<u64>,
    /// Seconds until the caller gave up.
    pub abandoned_after_s: Option<u64>,
    /// Phones that rang in vain.
    pub ring_no_answer: u64,
}

/// `queue_log` by caller's number. The time of each row is the switch's own.
pub fn counted(queue_log: &str) -> Result<BTreeMap<String, Counted>> {
    let mut callers: BTreeMap<&str, &str> = BTreeMap::new();
    let mut counted: BTreeMap<String, Counted> = BTreeMap::new();
    for row in queue_log.lines() {
        let cells: Vec<&str> = row.split('|').collect();
        let [_, uid, queue, _, event, data @ ..] = cells.as_slice() else { continue };
        if *queue != QUEUE {
            continue;
        }
        let number = |at: usize| -> Result<u64> {
            let cell = data.get(at).ok_or_else(|| Trouble::new(format!("queue_log: short row {row}")))?;
            cell.parse().context(row)
        };
        if *event == "ENTERQUEUE" {
            let caller = data.get(1).copied().unwrap_or_default();
            callers.insert(uid, caller);
            counted.entry(caller.to_owned()).or_default();
        }
        let Some(call) = callers.get(uid).and_then(|caller| counted.get_mut(*caller)) else { continue };
        match *event {
            "CONNECT" => call.wait_s = Some(number(0)?),
            "COMPLETEAGENT" | "COMPLETECALLER" => call.talk_s = Some(number(1)?),
            "ABANDON" => call.abandoned_after_s = Some(number(2)?),
            "RINGNOANSWER" => call.ring_no_answer += 1,
            _ => {}
        }
    }
    Ok(counted)
}

/// Microseconds since the epoch of a wall-clock time.
pub fn micros(at: SystemTime) -> i64 {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
