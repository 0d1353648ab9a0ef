//! The way to an endpoint, in stepped time: nothing sleeps, hours pass in a moment.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::*;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
/// How long an endpoint takes to answer.
const ANSWER: i64 = 40;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_micros(1_795_000_000_000_000).plus_millis(ms)
}

fn posting(sequence: u64, lane: &str, when: i64) -> Posting {
    Posting {
        sequence,
        event: EventId::derive(at(when), 1, sequence),
        kind: "call.answered".into(),
        subject: Some(lane.into()),
        lane: lane.into(),
        happened_at: at(when),
        body: Bytes::from_static(b"{}"),
    }
}

fn status(status: u16) -> Answer {
    Answer { status: Some(status), took_ms: 7, ..Answer::default() }
}

/// What a crash leaves.
#[derive(Default)]
struct Disk {
    cursor: u64,
    rows: BTreeMap<u64, Delivery>,
}

type Endpoint = Box<dyn Fn(Timestamp, u64) -> Answer>;

/// A log, an endpoint and the way between them.
struct Scene {
    now: Timestamp,
    log: Vec<Posting>,
    relay: Relay,
    disk: Disk,
    endpoint: Endpoint,
    under_way: VecDeque<(Timestamp, u64)>,
    /// What the endpoint took, in order.
    taken: Vec<(Timestamp, u64)>,
    attempts: Vec<(Timestamp, u64)>,
    news: Vec<News>,
}

impl Scene {
    /// A log of events, each with its line and time, oldest first.
    fn of(events: impl IntoIterator<Item = (String, i64)>, endpoint: Endpoint) -> Self {
        let log = (1..).zip(events).map(|(sequence, (lane, when))| posting(sequence, &lane, when)).collect();
        Self {
            now: at(0),
            log,
            relay: Relay::new(0, Health::Working, []),
            disk: Disk::default(),
            endpoint,
            under_way: VecDeque::new(),
            taken: Vec::new(),
            attempts: Vec::new(),
            news: Vec::new(),
        }
    }

    fn next_unread(&self) -> Option<&Posting> {
        self.log.get(usize::try_from(self.relay.read_up_to()).unwrap())
    }

    /// Everything that can be done at this moment.
    fn work(&mut self) {
        while let Some(next) = self.next_unread()
            && next.happened_at <= self.now
            && self.relay.has_room()
        {
            let next = next.clone();
            self.relay.take(next, self.now);
        }
        while let Some(attempt) = self.relay.next(self.now) {
            self.attempts.push((self.now, attempt.sequence));
            self.under_way.push_back((self.now.plus_millis(ANSWER), attempt.sequence));
        }
        self.news.extend(self.relay.take_news());
        self.write();
    }

    fn write(&mut self) {
        for row in self.relay.take_rows() {
            self.disk.rows.insert(row.sequence, row);
        }
        self.disk.cursor = self.relay.cursor();
    }

    /// Goes on to this time, from one thing that happens to the next.
    fn run_to(&mut self, end: Timestamp) {
        loop {
            self.work();
            let arrives = self.next_unread().filter(|_| self.relay.has_room()).map(|one| one.happened_at);
            let answered = self.under_way.front().map(|(when, _)| *when);
            let next = [arrives, answered, self.relay.wake_at()].into_iter().flatten().min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            assert!(next >= self.now || self.under_way.len() < LANES, "time goes back");
            self.now = next.max(self.now);
            while let Some((when, sequence)) = self.under_way.front().copied()
                && when <= self.now
            {
                self.under_way.pop_front();
                let answer = (self.endpoint)(self.now, sequence);
                if answer.status.is_some_and(|status| (200..300).contains(&status)) {
                    self.taken.push((self.now, sequence));
                }
                self.relay.answered(sequence, &answer, self.now);
            }
        }
        self.now = end;
    }

    /// The daemon dies and starts again from what was written.
    fn crash(&mut self) {
        self.under_way.clear();
        let cursor = self.disk.cursor;
        let known = self.disk.rows.range(cursor + 1..).map(|(sequence, _)| *sequence);
        self.relay = Relay::new(cursor, Health::Working, known);
        for row in self.disk.rows.values().filter(|row| row.state == DeliveryState::Pending) {
            let posting = self.log[usize::try_from(row.sequence).unwrap() - 1].clone();
            self.relay.restore(posting, row.attempts, row.next_at.unwrap());
        }
    }

    /// What was taken of each line, each event once.
    fn lines(&self) -> BTreeMap<&str, Vec<u64>> {
        let mut lines: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for (_, sequence) in &self.taken {
            if seen.insert(*sequence) {
                let lane = &*self.log[usize::try_from(*sequence).unwrap() - 1].lane;
                lines.entry(lane).or_default().push(*sequence);
            }
        }
        lines
    }

    fn assert_all_in_order(&self) {
        let lines = self.lines();
        assert_eq!(lines.values().map(Vec::len).sum::<usize>(), self.log.len(), "some were not taken");
        for (lane, sequences) in lines {
            assert!(sequences.is_sorted(), "{lane}: {sequences:?}");
        }
    }

    fn state(&self, sequence: u64) -> DeliveryState {
        self.disk.rows[&sequence].state
    }
}

/// `calls` calls that overlap, each with `events` events, one event a second.
fn overlapping(calls: u64, events: u64) -> Vec<(String, i64)> {
    let total = calls * events;
    (0..total).map(|nth| (format!("call {}", nth % calls), i64::try_from(nth).unwrap() * SECOND)).collect()
}

// covers: INT-09
#[test]
fn after_two_hours_of_silence_everything_comes_in_the_order_of_each_call() {
    let (down, up) = (at(10 * MINUTE), at(130 * MINUTE));
    let endpoint = move |now: Timestamp, _| if now >= down && now < up { status(503) } else { status(200) };
    let mut scene = Scene::of(overlapping(40, 200), Box::new(endpoint));
    scene.run_to(at(3 * HOUR));
    scene.assert_all_in_order();
    let meanwhile = scene.attempts.iter().filter(|(when, _)| *when >= down && *when < up).count();
    assert!(meanwhile < 80, "a dead endpoint was asked {meanwhile} times");
    let last = scene.taken.iter().filter(|(when, _)| *when < at(136 * MINUTE)).count();
    assert!(last > 7_000, "only {last} had come six minutes after its return");
    let [News::Disabled(Health::Failing { since, detail }), News::Recovered { since: same }] =
        &scene.news[..]
    else {
        panic!("{:#?}", scene.news)
    };
    assert!(*since >= down && *since < at(11 * MINUTE) && since == same, "{since}");
    assert_eq!(detail, "status 503");
    assert_eq!(scene.disk.cursor, 8_000);
    assert!(scene.disk.rows.values().all(|row| row.state == DeliveryState::Delivered));
}

// covers: INT-09
#[test]
fn a_call_whose_event_is_never_taken_holds_up_no_other_and_goes_on_after_three_days() {
    let endpoint = |_, sequence| if sequence == 3 { status(422) } else { status(200) };
    let mut events = overlapping(4, 50);
    events.push(("late".to_owned(), 100 * HOUR));
    let mut scene = Scene::of(events, Box::new(endpoint));
    scene.run_to(at(10 * MINUTE));
    let lines = scene.lines();
    assert_eq!((lines["call 0"].len(), lines["call 1"].len(), lines["call 3"].len()), (50, 50, 50));
    assert_eq!(lines.get("call 2"), None, "what comes behind it waits");
    assert_eq!(scene.disk.cursor, 200, "the log is read on: what waits is written down");
    assert!(scene.news.is_empty(), "one event makes no failing endpoint: {:?}", scene.news);
    scene.run_to(at(101 * HOUR));
    assert_eq!(scene.lines()["call 2"].len(), 49);
    let dead = &scene.disk.rows[&3];
    assert_eq!((dead.state, dead.attempts, dead.status), (DeliveryState::Dead, TRIES, Some(422)));
    let tries: Vec<_> = scene.attempts.iter().filter(|(_, one)| *one == 3).map(|(when, _)| *when).collect();
    assert_eq!(tries.len(), 10);
    let days = tries[9].millis_since(tries[0]);
    assert!((68 * 3_600_000..84 * 3_600_000).contains(&days), "{days}");
    assert_eq!(scene.state(7), DeliveryState::Delivered);
}

// covers: INT-09
#[test]
fn crashes_at_any_moment_leave_nothing_out_and_keep_the_order_of_each_call() {
    for seed in 0..40_u64 {
        let lame = move |now: Timestamp, sequence: u64| {
            let dice = now.as_micros().unsigned_abs().wrapping_mul(31) ^ sequence.wrapping_mul(seed + 7);
            match dice % 11 {
                0 => status(500),
                1 => Answer { detail: "no answer within 15 s".to_owned(), ..Answer::default() },
                2 => status(429),
                _ => status(204),
            }
        };
        let mut scene = Scene::of(overlapping(7, 30), Box::new(lame));
        for crash in 1..=8_i64 {
            scene.run_to(at(crash * (17 + i64::try_from(seed).unwrap()) * SECOND));
            // Some of what it decided last is lost with it.
            if crash % 2 == 0 {
                scene.crash();
            }
        }
        scene.run_to(at(100 * HOUR));
        scene.assert_all_in_order();
        let pending = scene.disk.rows.values().filter(|row| row.state != DeliveryState::Delivered).count();
        assert_eq!((pending, scene.disk.cursor), (0, 210), "seed {seed}");
    }
}

#[test]
fn a_gone_endpoint_gets_nothing_more_and_what_waits_is_kept() {
    let mut scene = Scene::of(overlapping(3, 10), Box::new(|_, _| status(410)));
    scene.run_to(at(100 * HOUR));
    assert!(scene.attempts.len() <= 3, "{:?}", scene.attempts);
    let [News::Disabled(Health::Gone { detail, .. })] = &scene.news[..] else { panic!("{:?}", scene.news) };
    assert_eq!(detail, "status 410");
    assert_eq!((scene.relay.wake_at(), scene.relay.next(scene.now)), (None, None));
    scene.endpoint = Box::new(|_, _| status(200));
    scene.crash();
    scene.run_to(at(101 * HOUR));
    scene.assert_all_in_order();
}

#[test]
fn what_an_endpoint_asks_for_is_obeyed_and_a_busy_one_gets_less_at_a_time() {
    let until = at(10 * MINUTE);
    let endpoint = move |now: Timestamp, _| {
        let wait = until.millis_since(now);
        if now < until { Answer { retry_after_ms: Some(wait), ..status(429) } } else { status(200) }
    };
    let first: Vec<_> = (0..200).map(|nth| (format!("call {nth}"), 0)).collect();
    let mut scene = Scene::of(first, Box::new(endpoint));
    scene.run_to(at(HOUR));
    scene.assert_all_in_order();
    let early = scene.attempts.iter().filter(|(when, _)| *when > at(0) && *when < until).count();
    assert_eq!(early, 0, "it was asked again before the time it named");
    let begun = scene.attempts.iter().find(|(when, _)| *when >= until).unwrap().0;
    let together = scene.attempts.iter().filter(|(when, _)| *when == begun).count();
    assert!(together <= LANES_AFTER_FAILURE, "{together} at once");
}

#[test]
fn a_redirect_is_a_failure_that_says_how_to_mend_it() {
    let mut scene = Scene::of([("call 1".to_owned(), 0)], Box::new(|_, _| status(301)));
    scene.run_to(at(SECOND));
    let row = &scene.disk.rows[&1];
    assert_eq!((row.state, row.attempts), (DeliveryState::Pending, 1));
    assert!(row.error.as_deref().unwrap().contains("redirects are not followed"), "{row:?}");
}

#[test]
fn what_is_posted_again_goes_beside_what_is_new_and_never_twice_at_once() {
    let mut scene = Scene::of(overlapping(2, 3), Box::new(|_, _| status(200)));
    scene.run_to(at(MINUTE));
    assert_eq!(scene.taken.len(), 6);
    let now = scene.now;
    for sequence in [1, 3, 5] {
        let posting = scene.log[usize::try_from(sequence).unwrap() - 1_usize].clone();
        assert!(scene.relay.again(posting.clone(), false, now));
        assert!(!scene.relay.again(posting, false, now), "it waits already");
    }
    assert!(!scene.relay.again(posting(7, "call 1", 0), false, now), "it is to come anyway");
    scene.log.push(posting(7, "call 0", 60 * SECOND));
    scene.run_to(at(2 * MINUTE));
    let again: Vec<u64> = scene.taken[6..].iter().map(|(_, sequence)| *sequence).collect();
    assert_eq!(again.iter().filter(|one| **one != 7).copied().collect::<Vec<_>>(), [1, 3, 5]);
    assert!(again.contains(&7));
    assert!(scene.disk.rows[&3].replayed && !scene.disk.rows[&7].replayed);
}

#[test]
fn what_is_held_is_bounded_and_the_log_is_read_on_when_there_is_room() {
    let many: Vec<_> = (0..HELD_EVENTS + 500).map(|nth| (format!("call {}", nth % 100), 0)).collect();
    let open = at(HOUR);
    let endpoint = move |now: Timestamp, _| if now < open { status(500) } else { status(200) };
    let mut scene = Scene::of(many, Box::new(endpoint));
    scene.run_to(at(50 * MINUTE));
    assert_eq!(scene.relay.read_up_to(), u64::try_from(HELD_EVENTS).unwrap());
    assert!(!scene.relay.has_room());
    scene.run_to(at(3 * HOUR));
    scene.assert_all_in_order();
}
