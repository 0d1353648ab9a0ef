//! `ctid trace replay`: a trace through codec, translator and domain, without a daemon and without a link.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use ami::Message;
use ami::message::MessageKind;
use ami::response::{Response, ends_list};
use ami::trace::Side;
use anyhow::Context;
use clap::Args;
use csta::ber::{self, Pdu};
use csta::dialect::{self, Dialect, Encoding};
use csta::explain::is_document;
use csta::model::{DeviceId, MonitorObject};
use csta::session::Output;
use csta::xml;
use cti_core::domain::Domain;
use cti_core::fact::Record;
use cti_core::ids::SwitchId;
use cti_core::input::{Input, LinkChange};
use cti_core::number::NumberPlan;
use cti_core::number::guard::DialPolicy;
use cti_core::permit::Capabilities;
use cti_core::time::Timestamp;
use links::asterisk::{AsteriskTranslator, ListKind, Resync};
use links::config::{CstaLink, ManagerUser};
use links::csta::CstaTranslator;
use links::{Batch, CstaEvidence, Evidence, Translator};

use crate::trace;

/// After the last event, time goes on by so much: what waited for more is decided.
const SETTLED_MS: i64 = 5_000;
/// Name of the switch in the facts.
const SWITCH: &str = "trace";
/// Who reads a trace of CSTA when the command line does not say.
const DIALECT: &str = "ecma-323";

#[derive(Debug, Args)]
pub(in crate::cli) struct Replay {
    /// The trace
    file: PathBuf,
    /// Pattern of the own extensions, as in [switch.numbers]
    #[arg(long, value_name = "PATTERN", default_value = "XXX|XXXX")]
    extensions: String,
    /// Dialect of the switch, for a trace of CSTA
    #[arg(long, value_name = "NAME", default_value = DIALECT)]
    dialect: String,
}

impl Replay {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let text = std::fs::read(&self.file).with_context(|| format!("read {}", self.file.display()))?;
        let plan = NumberPlan { extension_pattern: self.extensions, ..NumberPlan::default() };
        plan.validate()?;
        let records =
            replay(&text, &plan, &self.dialect).with_context(|| format!("replay {}", self.file.display()))?;
        let mut out = std::io::stdout().lock();
        for record in records {
            serde_json::to_writer(&mut out, &record).context("write a fact")?;
            writeln!(out).context("write a fact")?;
        }
        Ok(())
    }
}

/// What a trace comes to.
fn replay(text: &[u8], plan: &NumberPlan, dialect: &str) -> anyhow::Result<Vec<Record>> {
    let mut csta = Vec::new();
    let mut manager = Recording::default();
    for (at, block) in trace::read(text)? {
        let said = std::str::from_utf8(&block.bytes).ok().and_then(Evidence::read_csta);
        match (said, block.message()) {
            (Some(evidence), _) => csta.push((at, evidence)),
            (None, Some(message)) => manager.take(at, block.side, message),
            (None, None) => {}
        }
    }
    if csta.is_empty() {
        return Ok(manager.replay(plan));
    }
    let names = || dialect::DIALECTS.iter().map(|one| one.name).collect::<Vec<_>>().join(", ");
    let dialect =
        dialect::named(dialect).with_context(|| format!("no dialect `{dialect}`; there are {}", names()))?;
    replay_csta(csta, plan, dialect)
}

/// The events of one call of a CSTA switch, as after a login at which nothing was up.
fn replay_csta(
    said: Vec<(Timestamp, CstaEvidence)>,
    plan: &NumberPlan,
    dialect: &Dialect,
) -> anyhow::Result<Vec<Record>> {
    let mut link = CstaLink::new(SWITCH, "", 0, *dialect);
    link.plan = plan.clone();
    let mut translator = CstaTranslator::new(link.translator(dialect));
    let mut events = Vec::new();
    for (number, (at, evidence)) in (1..).zip(said) {
        let event = event_of(evidence, dialect).with_context(|| format!("message {number} of the trace"))?;
        events.push((at, event));
    }
    let mut player = Player::default();
    if let Some((begin, _)) = events.first() {
        player.link_up(*begin, plan);
        let nothing = Output::Survey(Box::default());
        let batch = translator.message(*begin, &nothing);
        player.take(*begin, batch);
    }
    player.play(&mut translator, &events);
    Ok(player.records)
}

fn event_of(evidence: CstaEvidence, dialect: &Dialect) -> anyhow::Result<Output> {
    let CstaEvidence { monitor, body } = evidence;
    let message = if is_document(&body) {
        xml::decode(&body, 0)?
    } else {
        let spoken = match dialect.encoding {
            Encoding::Ber { phase } => phase,
            Encoding::Xml { .. } => ber::Phase::Three,
        };
        match ber::decode(&body, ber::phase_of(&body).unwrap_or(spoken))? {
            Pdu::Message(message) => message,
            Pdu::Acse(_) => anyhow::bail!("it is a part of the association, not an event"),
        }
    };
    let csta::model::Message::Event(report) = message else {
        anyhow::bail!("it is no event; `ctid trace explain` says what it is");
    };
    let device = monitor.with_context(|| {
        "it does not say whose monitor told it: write a line `Monitor: 1001` above it, with the number of that device"
    })?;
    let object = MonitorObject::Device(DeviceId::dialing(device.as_str()));
    Ok(Output::Event { object, report, raw: body })
}

/// A trace of a manager interface taken apart: the answers to our questions at its beginning, and the events.
#[derive(Debug, Default)]
struct Recording {
    asked: BTreeMap<String, ListKind>,
    lists: BTreeMap<ListKind, Vec<Message>>,
    events: Vec<(Timestamp, Message)>,
}

impl Recording {
    fn take(&mut self, at: Timestamp, side: Side, message: Message) {
        if side == Side::Client {
            if let (MessageKind::Action(name), Some(id)) = (message.kind(), message.action_id())
                && let Some(kind) = ListKind::of_action(name)
            {
                self.asked.insert(id.to_owned(), kind);
            }
            return;
        }
        let answers = message.action_id().and_then(|id| self.asked.get(id)).copied();
        match answers {
            Some(_) if Response::of(&message).is_none() && ends_list(&message) => {}
            Some(kind) => self.lists.entry(kind).or_default().push(message),
            None if message.event_name().is_some() => self.events.push((at, message)),
            None => {}
        }
    }

    /// Lists, where there are any, come first, as after a login; the evidence of one call has none.
    fn replay(self, plan: &NumberPlan) -> Vec<Record> {
        let nobody = || ManagerUser { user: String::new(), password: String::new() };
        let mut config = links::SwitchConfig::new(SWITCH, "", nobody(), nobody());
        config.plan = plan.clone();
        let mut translator = AsteriskTranslator::new(config);
        let mut player = Player::default();
        let Some(begin) = self.events.first().map(|(at, _)| *at) else {
            return Vec::new();
        };
        player.link_up(begin, plan);
        if !self.lists.is_empty() {
            let mut resync = Resync::new();
            let mut lists = self.lists;
            for kind in ListKind::ALL {
                resync.list(kind, lists.remove(&kind).unwrap_or_default());
            }
            let batch = translator.resync(begin, resync);
            player.take(begin, batch);
        }
        player.play(&mut translator, &self.events);
        player.records
    }
}

/// The domain behind a translator, without anything between them.
struct Player {
    domain: Domain,
    records: Vec<Record>,
}

impl Default for Player {
    fn default() -> Self {
        Self { domain: Domain::new(0), records: Vec::new() }
    }
}

impl Player {
    fn play<T: Translator>(&mut self, translator: &mut T, events: &[(Timestamp, T::Message)]) {
        for (at, message) in events {
            let batch = translator.message(*at, message);
            self.take(*at, batch);
        }
        if let Some((last, _)) = events.last() {
            let later = last.plus_millis(SETTLED_MS);
            let batch = translator.tick(later);
            self.take(later, batch);
        }
    }

    fn take(&mut self, at: Timestamp, batch: Batch) {
        for input in batch.inputs {
            self.tell(at, input);
        }
    }

    fn tell(&mut self, at: Timestamp, input: Input) {
        self.records.extend(self.domain.handle(at, input).records);
    }

    fn link_up(&mut self, at: Timestamp, plan: &NumberPlan) {
        let changes = [
            LinkChange::Configured {
                name: SWITCH.into(),
                plan: plan.clone(),
                policy: DialPolicy::default(),
                log_all: true,
            },
            LinkChange::Up { version: "".into(), capabilities: Capabilities::default() },
        ];
        for change in changes {
            self.tell(at, Input::Link { switch: SwitchId::from(SWITCH), change });
        }
    }
}

#[cfg(test)]
mod tests {
    use csta::model::{
        ConnectionId, ConnectionState, Event, EventCause, EventReport, Message as Said, More, Party,
    };

    use super::*;

    fn plan() -> NumberPlan {
        NumberPlan { extension_pattern: "10XX".to_owned(), ..NumberPlan::default() }
    }

    fn tags(records: &[Record]) -> Vec<String> {
        let tag =
            |record: &Record| serde_json::to_value(record).unwrap()["type"].as_str().unwrap().to_owned();
        records.iter().map(tag).collect()
    }

    #[test]
    fn a_recording_of_a_real_switch_gives_whole_calls() {
        let story = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/ami/22-plain/S01.trace");
        let tags = tags(&replay(&std::fs::read(story).unwrap(), &plan(), DIALECT).unwrap());
        let count = |tag: &str| tags.iter().filter(|one| *one == tag).count();
        assert!(count("call.created") >= 1);
        assert_eq!(count("call.created"), count("call.ended"));
        assert!(count("call.answered") >= 1);
    }

    /// 1001 calls 1002, who answers and hangs up, as the monitor of 1002 tells it.
    fn heard_by_1002() -> [Event; 3] {
        let device = |number: &str| Party::Device(DeviceId::dialing(number));
        let connection = |number: &str| ConnectionId {
            call: Some("7".into()),
            device: Some(csta::model::LocalDevice::Static(DeviceId::dialing(number))),
        };
        [
            Event::Delivered {
                connection: connection("1002"),
                alerting: device("1002"),
                calling: device("1001"),
                called: device("1002"),
                last_redirection: Party::NotRequired,
            },
            Event::Established {
                connection: connection("1002"),
                answering: device("1002"),
                calling: device("1001"),
                called: device("1002"),
                last_redirection: Party::NotRequired,
            },
            Event::ConnectionCleared { dropped: connection("1002"), releasing: device("1002") },
        ]
    }

    /// The evidence of that call as a daemon keeps it, in this encoding.
    fn evidence(encode: impl Fn(&Said) -> Vec<u8>) -> Vec<u8> {
        let object = MonitorObject::Device(DeviceId::dialing("1002"));
        let states = [ConnectionState::Alerting, ConnectionState::Connected, ConnectionState::Null];
        let kept: Vec<(Timestamp, Evidence)> = (0..)
            .zip(heard_by_1002().into_iter().zip(states))
            .map(|(second, (event, state))| {
                let cause = Some(EventCause::from_code(if second == 2 { 48 } else { 22 }));
                let more = More { local_connection: Some(state), cause, ..More::default() };
                let report = EventReport { cross_ref: "m2".into(), event, more };
                let body = encode(&Said::Event(Box::new(report)));
                let at = Timestamp::from_micros(1_795_270_522_000_000).plus_millis(second * 1_000);
                (at, Evidence::csta(&object, &body))
            })
            .collect();
        trace::write(kept.iter().map(|(at, said)| (*at, said.raw())))
    }

    #[test]
    fn the_evidence_of_a_csta_call_gives_the_same_call_in_either_encoding() {
        let xml = evidence(|said| xml::encode(said, &xml::Style::of(dialect::ED4)).unwrap());
        let ber = evidence(|said| ber::encode(&Pdu::Message(said.clone()), ber::Phase::Three).unwrap());
        let shown = String::from_utf8(ber.clone()).unwrap();
        assert!(shown.contains("Monitor: 1002\nBER A1"), "{shown}");
        let xml = replay(&xml, &plan(), DIALECT).unwrap();
        let ber = replay(&ber, &plan(), "ecma-285").unwrap();
        let tags = tags(&xml);
        for tag in ["call.created", "call.answered", "call.ended"] {
            assert_eq!(tags.iter().filter(|one| *one == tag).count(), 1, "{tag} in {tags:?}");
        }
        let facts = |records: &[Record]| serde_json::to_value(records).unwrap();
        assert_eq!(facts(&xml), facts(&ber));
    }

    #[test]
    fn what_cannot_be_replayed_says_why() {
        let why =
            |text: &str, dialect| format!("{:#}", replay(text.as_bytes(), &plan(), dialect).unwrap_err());
        let event = "+0000 S:\n<HeldEvent><monitorCrossRefID>7</monitorCrossRefID></HeldEvent>\n\n";
        assert!(why(event, DIALECT).contains("message 1 of the trace"), "{}", why(event, DIALECT));
        assert!(why(event, "nortel").contains("no dialect `nortel`; there are ecma-323"));
        let request = "+0000 S:\nMonitor: 1001\n<RequestSystemStatus/>\n\n";
        assert!(why(request, DIALECT).contains("it is no event"), "{}", why(request, DIALECT));
    }
}
