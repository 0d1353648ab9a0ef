//! The same traffic over every CSTA face gives the same statistics: queues of ours at a route point that asks again, at
//! one that asks once and at a pilot, and a queue of the switch, with agents who do not answer, callers who give up,
//! a link that breaks and a daemon that is killed. In stepped time, octets included.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a test that cannot go on says where, and looks for some facts among all"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use csta::dialect::{Holding, named};
use cti_core::acd::{
    CallMatch, Condition, EntryRule, Method, Overflow, QueueSettings, RingMode, Rona, RonaAction, Target,
};
use cti_core::fact::{AcdFact, AgentChoice, Fact, OfferOutcome};
use cti_core::ids::{CallId, EntryId};
use cti_core::input::{AcdChange, Change, DeviceKind};
use cti_core::invariants;
use cti_core::time::Timestamp;
use links::CstaLink;
use links::config::NamedDevice;
use store::QueueReport;
use tests::sim::{Figures, House};

/// A minute in milliseconds.
const MINUTE: i64 = 60_000;

/// How the faces speak: XML, ASN.1, Avaya's.
const DIALECTS: [&str; 3] = ["ecma-323", "ecma-285", "avaya-dmcc"];

/// Six phones; 2003 is not answered and 2004 rejects. Who is not routed goes to 2006.
const PLAN: &str = r#"
[dialplan]
outside_prefix = "0"
[[csta_user]]
user = "tieline"
password = "lab-csta"
[[phone]]
extension = "2001"
person = { habit = "answers", answers_after_ms = [1000, 4000], talks_ms = [15000, 60000] }
[[phone]]
extension = "2002"
person = { habit = "answers", answers_after_ms = [1000, 4000], talks_ms = [15000, 60000] }
[[phone]]
extension = "2003"
person = { habit = "silent" }
[[phone]]
extension = "2004"
person = { habit = "busy" }
[[phone]]
extension = "2005"
person = { habit = "answers", answers_after_ms = [2000, 6000], talks_ms = [20000, 40000] }
[[phone]]
extension = "2006"
person = { habit = "answers", answers_after_ms = [500, 1000], talks_ms = [5000, 10000] }
[[phone]]
extension = "2060"
no_answer = { after_s = 60, to = "2006" }
[[route_point]]
extension = "2050"
default = "2006"
reply_timeout_ms = 4000
retries = 20
ring_s = 10
[[route_point]]
extension = "2051"
default = "2006"
reply_timeout_ms = 60000
[[queue]]
name = "help"
extension = "2070"
strategy = "rrmemory"
ring_s = 8
wrap_up_s = 3
members = ["2005"]
[[direct]]
number = "42055500XXXX"
to = "XXXX"
[traffic]
callers = ["420602000101", "420602000102", "420602000103", "420602000104", "420602000105", "420602000106",
    "420602000107", "420602000108", "420602000109", "420602000110", "420602000111", "420602000112"]
dialled = ["420555002050", "420555002051", "420555002060", "420555002070"]
patience_s = [8, 40]
"#;

fn config(dialect: &str) -> CstaLink {
    let mut config = CstaLink::new("lab", "nowhere", 1, *named(dialect).unwrap());
    "tieline".clone_into(&mut config.user);
    "lab-csta".clone_into(&mut config.password);
    "lab".clone_into(&mut config.switch_name);
    "20XX".clone_into(&mut config.plan.extension_pattern);
    let device = |number: &str, kind, name: Option<&str>, wrap_up_ms| NamedDevice {
        number: number.to_owned(),
        kind,
        name: name.map(str::to_owned),
        wrap_up_ms,
    };
    for phone in ["2001", "2002", "2003", "2004", "2005", "2006"] {
        config.devices.push(device(phone, DeviceKind::Station, None, 0));
    }
    config.devices.push(device("2070", DeviceKind::AcdGroup, Some("help"), 3_000));
    for (point, way) in
        [("2050", Holding::RouteLoop), ("2051", Holding::RouteLoop), ("2060", Holding::DeflectFromDevice)]
    {
        config.devices.push(device(point, DeviceKind::RoutePoint, None, 0));
        config.owned.insert(point.to_owned(), way);
    }
    config
}

fn settings(key: &str, method: Method) -> QueueSettings {
    let mut queue = QueueSettings::new(key.to_owned());
    queue.method = method;
    queue.ring_ms = 8_000;
    queue.wrap_up_ms = 5_000;
    queue.rona = Rona {
        action: RonaAction::Pause,
        return_after_ms: Some(45_000),
        no_answer: 2,
        rejected: 3,
        ..Rona::default()
    };
    queue
}

/// The house with its three queues of ours.
fn house(dialect: &str, per_minute: u32, seed: u64) -> House {
    let mut house = House::start(PLAN, config(dialect), per_minute, seed).unwrap();
    let agents: Vec<_> =
        (1..=4).map(|number| house.agent(&format!("200{number}"), number).unwrap()).collect();
    house.queue(settings("2060", Method::LongestIdle), &agents[..3]).unwrap();
    house.queue(settings("2051", Method::FewestCalls), &[agents[0], agents[2]]).unwrap();
    let mut first = settings("2050", Method::Linear);
    let to = Target::Number { number: "2006".into() };
    first.overflow = vec![Overflow { when: Condition::WaitedFor { ms: 25_000 }, to }];
    house.queue(first, &agents).unwrap();
    house
}

/// Nine minutes: in their middle the link breaks and the daemon is killed, each with callers who wait.
fn day(dialect: &str, seed: u64) -> House {
    let mut house = house(dialect, 7, seed);
    house.plan_cut(3 * MINUTE, 1_500);
    house.plan_kill(6 * MINUTE, 4_000);
    house.run(9 * MINUTE).unwrap();
    house.close(10 * MINUTE).unwrap();
    house
}

/// Every figure in a text, so that a difference shows as a line.
fn text(figures: &Figures) -> String {
    let mut text = String::new();
    for queue in &figures.queues {
        let mut value = serde_json::to_value(queue).unwrap();
        value.as_object_mut().unwrap().remove("queue");
        writeln!(text, "{value}").unwrap();
    }
    for (agent, one) in &figures.agents {
        writeln!(
            text,
            "{agent} {:?} {} {:?} from {} for {:?}",
            one.state, one.chosen, one.reason, one.started_at, one.duration_ms
        )
        .unwrap();
    }
    text
}

fn queue<'f>(figures: &'f Figures, name: &str) -> &'f QueueReport {
    figures.queues.iter().find(|queue| queue.queue_name == name).unwrap()
}

fn outcomes(house: &House, wanted: OfferOutcome) -> usize {
    let ended = house
        .records
        .iter()
        .filter(|record| matches!(&record.fact, Fact::OfferClosed { outcome, .. } if *outcome == wanted));
    ended.count()
}

/// The day had what it is about.
fn was_busy(house: &House, figures: &Figures) {
    for name in ["2050", "2051", "2060", "help"] {
        let queue = queue(figures, name);
        assert!(queue.offered >= 8 && queue.answered >= 3, "{name}: {queue:?}");
        assert_eq!(queue.still_waiting, 0, "{name}: {queue:?}");
    }
    assert!(queue(figures, "2050").flow_out > 0, "nobody overflowed");
    assert!(figures.queues.iter().map(|queue| queue.abandoned).sum::<u64>() > 3);
    assert!(outcomes(house, OfferOutcome::NoAnswer) > 3 && outcomes(house, OfferOutcome::Rejected) > 3);
    invariants::check(house.domain.state()).unwrap();
}

/// Lines that are in one text and not in the other.
fn difference(one: &str, other: &str) -> String {
    let lacks = |here: &str, there: &str, sign: &str| -> String {
        let there: Vec<&str> = there.lines().collect();
        let lost = here.lines().filter(|line| !there.contains(line));
        lost.flat_map(|line| [sign, line, "\n"]).collect()
    };
    lacks(one, other, "- ") + &lacks(other, one, "+ ")
}

/// Who accepted the offers of a day, in order, by phone.
fn takers(house: &House) -> Vec<String> {
    let agents = &house.domain.state().agents;
    let takers = house.records.iter().filter_map(|record| match &record.fact {
        Fact::OfferAccepted { agent, .. } => agents.get(agent).map(|agent| &*agent.name),
        _ => None,
    });
    takers.map(str::to_owned).collect()
}

/// Nine calls to a queue of three ready agents, each over before the next comes.
fn nine_calls(dialect: &str, method: Method) -> Vec<String> {
    let mut house = House::start(PLAN, config(dialect), 0, 1).unwrap();
    let agents: Vec<_> = ["2001", "2002", "2005"]
        .into_iter()
        .zip(1..)
        .map(|(phone, number)| house.agent(phone, number).unwrap())
        .collect();
    house.queue(settings("2050", method), &agents).unwrap();
    for call in 0..9_i64 {
        house.plan((call + 1) * 2 * MINUTE, &format!("42060200010{call} dials 420555002050"));
    }
    house.run(19 * MINUTE).unwrap();
    house.close(2 * MINUTE).unwrap();
    takers(&house)
}

// covers: RTE-01 RTE-11 RTE-12
#[test]
fn nine_calls_are_shared_by_three_agents_as_the_method_says_over_every_face() {
    // 2005 is signed in to the queue of the switch, and idle since before the others came.
    let in_turn = ["2005", "2001", "2002"].repeat(3);
    let same = ["2001"].repeat(9);
    for dialect in DIALECTS {
        assert_eq!(nine_calls(dialect, Method::LongestIdle), in_turn, "{dialect}");
        assert_eq!(nine_calls(dialect, Method::Linear), same, "{dialect}");
    }
}

/// Entries that wait in our queues, with the time they came.
fn waiting(house: &House) -> Vec<(EntryId, Timestamp)> {
    house.domain.state().entries.iter().map(|(id, entry)| (*id, entry.entered_at)).collect()
}

/// Whoever alerts at a pilot while the link breaks, or the daemon is killed, waits on with the same entry, and is
/// offered to the first who is free.
// covers: RTE-01 RTE-22
#[test]
fn who_waits_at_a_pilot_outlives_the_link_and_the_daemon_over_every_face() {
    for dialect in DIALECTS {
        let mut house = House::start(PLAN, config(dialect), 0, 1).unwrap();
        let agent = house.agent("2001", 1).unwrap();
        house.queue(settings("2060", Method::LongestIdle), &[agent]).unwrap();
        house.plan(MINUTE, "420602000101 dials 420555002060");
        house.plan(MINUTE + 8_000, "420602000102 dials 420555002060");
        house.plan_kill(MINUTE + 9_000, 500);
        house.plan_cut(MINUTE + 11_000, 500);
        house.run(MINUTE + 8_500).unwrap();
        let before = waiting(&house);
        assert_eq!(before.len(), 1, "{dialect}");
        house.run(MINUTE + 10_500).unwrap();
        assert_eq!(waiting(&house), before, "{dialect}: after the kill");
        house.run(MINUTE + 12_500).unwrap();
        assert_eq!(waiting(&house), before, "{dialect}: after the cut");
        house.run(3 * MINUTE).unwrap();
        house.close(3 * MINUTE).unwrap();
        assert_eq!(takers(&house), ["2001", "2001"], "{dialect}");
    }
}

/// Who was chosen for each offer of a day, in order, by phone, and what decided.
fn choices(house: &House) -> Vec<(String, String)> {
    let agents = &house.domain.state().agents;
    let choices = house.records.iter().filter_map(|record| match &record.fact {
        Fact::Acd(AcdFact::OfferReserved { agent, why, .. }) => {
            Some((agents.get(agent)?.name.to_string(), why.by.to_string()))
        }
        _ => None,
    });
    choices.collect()
}

/// A route point or pilot sends a caller to one phone: where all should ring they are asked one after the other.
// covers: RTE-01
#[test]
fn ring_all_over_csta_asks_one_phone_after_the_other_and_says_so() {
    for (dialect, point) in DIALECTS.into_iter().flat_map(|dialect| [(dialect, "2050"), (dialect, "2060")]) {
        let mut house = House::start(PLAN, config(dialect), 0, 1).unwrap();
        let agents: Vec<_> = ["2003", "2001"]
            .into_iter()
            .zip(1..)
            .map(|(phone, number)| house.agent(phone, number).unwrap())
            .collect();
        let all = QueueSettings { ring_mode: RingMode::All, ..settings(point, Method::LongestIdle) };
        house.queue(all, &agents).unwrap();
        house.plan(MINUTE, &format!("420602000101 dials 42055500{point}"));
        house.run(3 * MINUTE).unwrap();
        let word = |phone: &str, by: &str| (phone.to_owned(), by.to_owned());
        assert_eq!(
            choices(&house),
            [word("2003", "one_phone"), word("2001", "only_free")],
            "{dialect} {point}"
        );
        assert_eq!(takers(&house), ["2001"], "{dialect} {point}");
    }
}

/// Calls in the order in which their offers were accepted.
fn served(house: &House) -> Vec<CallId> {
    let served = house.records.iter().filter_map(|record| match &record.fact {
        Fact::OfferAccepted { call, .. } => Some(*call),
        _ => None,
    });
    served.collect()
}

/// An agent hands a call on into a queue of ours: it keeps its data, and the rank that they give goes before who waits.
// covers: TEL-12 RTE-05 RTE-18
#[test]
fn a_call_moved_to_a_queue_is_routed_with_its_data_and_priority_over_every_face() {
    let vip: BTreeMap<Arc<str>, Arc<str>> = [("status".into(), "vip".into())].into();
    for dialect in DIALECTS {
        let mut house = House::start(PLAN, config(dialect), 0, 1).unwrap();
        let (first, second) = (house.agent("2001", 1).unwrap(), house.agent("2002", 2).unwrap());
        house.queue(settings("2050", Method::Linear), &[first]).unwrap();
        let queue = house.queue(settings("2060", Method::Linear), &[second]).unwrap();
        let rest = AgentChoice::Paused { reason: None };
        house.acd(AcdChange::ChooseState { agent: second, choice: rest, after_call: false }).unwrap();
        let when = CallMatch { data: vip.clone(), ..CallMatch::default() };
        let to = Target::Queue { queue };
        let rule = EntryRule { name: "vip".into(), when, to, priority: 20, needs: Vec::new() };
        house.acd(AcdChange::SetRules { rules: vec![rule] }).unwrap();

        house.plan(MINUTE, "420602000101 dials 420555002050");
        house.plan(MINUTE + 7_000, "420602000102 dials 420555002060");
        house.plan(MINUTE + 8_000, "2001 transfers to 2060");
        house.run(MINUTE + 6_000).unwrap();
        let moved = served(&house).remove(0);
        house.change(Change::SetCallData { call: moved, data: vip.clone() }).unwrap();
        house.run(MINUTE + 10_000).unwrap();
        assert_eq!(waiting(&house).len(), 2, "{dialect}");
        house
            .acd(AcdChange::ChooseState { agent: second, choice: AgentChoice::Ready, after_call: false })
            .unwrap();
        house.run(MINUTE + 15_000).unwrap();
        assert_eq!(served(&house), [moved, moved], "{dialect}");
        let data = house.domain.state().calls.get(&moved).and_then(|call| call.data.get("status").cloned());
        assert_eq!((data.as_deref(), waiting(&house).len()), (Some("vip"), 1), "{dialect}");
    }
}

// covers: RTE-01
#[tokio::test]
async fn the_same_traffic_over_every_face_gives_the_same_figures() {
    for seed in [1, 2] {
        let mut first: Option<String> = None;
        for dialect in DIALECTS {
            let house = day(dialect, seed);
            let figures = house.figures().await.unwrap();
            was_busy(&house, &figures);
            let text = text(&figures);
            let first = first.get_or_insert_with(|| text.clone());
            let other = difference(first, &text);
            assert!(other.is_empty(), "seed {seed}: - ecma-323, + {dialect}\n{other}");
        }
    }
}
