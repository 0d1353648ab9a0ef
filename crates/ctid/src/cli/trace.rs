//! `ctid trace …`: a call's evidence as a file, and a file through codec, translator and domain.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use ami::Message;
use ami::message::MessageKind;
use ami::response::{Response, ends_list};
use ami::trace::{Side, TraceError};
use anyhow::Context;
use clap::{Args, Subcommand};
use cti_core::domain::Domain;
use cti_core::fact::Record;
use cti_core::ids::{CallId, SwitchId};
use cti_core::input::{Input, LinkChange};
use cti_core::number::NumberPlan;
use cti_core::number::guard::DialPolicy;
use cti_core::permit::Capabilities;
use cti_core::time::Timestamp;
use links::asterisk::{AsteriskTranslator, ListKind, Resync};
use links::config::ManagerUser;
use links::{Batch, Translator};

use super::{ConfigFile, open};
use crate::trace;

/// After the last event, time goes on by so much: what waited for more is decided.
const SETTLED_MS: i64 = 5_000;

#[derive(Debug, Subcommand)]
pub(super) enum TraceCommand {
    /// Write a call's timeline and raw messages to standard output or a file
    Export(Export),
    /// Play a trace through today's program and print the facts, one JSON object per line
    Replay(Replay),
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// Id of the call, for example `call_0199f0c1-…`
    call: CallId,
    /// Write here instead of standard output; must not be there yet
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigFile,
}

#[derive(Debug, Args)]
pub(super) struct Replay {
    /// The trace
    file: PathBuf,
    /// Pattern of the own extensions, as in [switch.numbers]
    #[arg(long, value_name = "PATTERN", default_value = "XXX|XXXX")]
    extensions: String,
}

impl TraceCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Export(export) => export.run().await,
            Self::Replay(replay) => replay.run(),
        }
    }
}

impl Export {
    async fn run(self) -> anyhow::Result<()> {
        let (_config, store) = open(&self.config.config).await?;
        let records = store.call_records(self.call).await.context("read the timeline")?;
        let raw = store.evidence(self.call).await.context("read the evidence")?;
        store.close().await;
        anyhow::ensure!(
            !(records.is_empty() && raw.is_none()),
            "nothing is kept of {}: it is unknown, erased, or its facts are not in the book yet",
            self.call
        );
        let text = exported(self.call, &records, raw.as_deref())?;
        match self.out {
            None => std::io::stdout().write_all(&text).context("write to standard output"),
            Some(file) => std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&file)
                .and_then(|mut open| open.write_all(&text))
                .with_context(|| format!("write {}", file.display())),
        }
    }
}

/// The timeline as comments above the trace, so that the file stays one a replay takes.
fn exported(call: CallId, records: &[Record], raw: Option<&[u8]>) -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::new();
    let raw = raw.unwrap_or(b"# no raw messages were kept\n");
    let (head, rest) = split_head(raw);
    text.extend_from_slice(head);
    writeln!(text, "# call: {call}")?;
    for record in records {
        writeln!(text, "# fact: {}", serde_json::to_string(record).context("write a fact")?)?;
    }
    text.extend_from_slice(rest);
    Ok(text)
}

/// The comment lines a trace begins with, and the rest.
fn split_head(trace: &[u8]) -> (&[u8], &[u8]) {
    let head: usize = trace
        .split_inclusive(|byte| *byte == b'\n')
        .take_while(|line| line.starts_with(b"#"))
        .map(<[u8]>::len)
        .sum();
    trace.split_at_checked(head).unwrap_or((trace, &[]))
}

impl Replay {
    fn run(self) -> anyhow::Result<()> {
        let text = std::fs::read(&self.file).with_context(|| format!("read {}", self.file.display()))?;
        let recording = Recording::read(&text).with_context(|| format!("read {}", self.file.display()))?;
        let plan = NumberPlan { extension_pattern: self.extensions, ..NumberPlan::default() };
        plan.validate()?;
        let mut out = std::io::stdout().lock();
        for record in recording.replay(&plan) {
            serde_json::to_writer(&mut out, &record).context("write a fact")?;
            writeln!(out).context("write a fact")?;
        }
        Ok(())
    }
}

/// A trace taken apart: the answers to our questions at its beginning, and the events.
#[derive(Debug, Default)]
struct Recording {
    lists: BTreeMap<ListKind, Vec<Message>>,
    events: Vec<(Timestamp, Message)>,
}

impl Recording {
    fn read(text: &[u8]) -> Result<Self, TraceError> {
        let mut recording = Self::default();
        let mut asked: BTreeMap<String, ListKind> = BTreeMap::new();
        for (at, block) in trace::read(text)? {
            let Some(message) = block.message() else { continue };
            if block.side == Side::Client {
                if let (MessageKind::Action(name), Some(id)) = (message.kind(), message.action_id())
                    && let Some(kind) = ListKind::of_action(name)
                {
                    asked.insert(id.to_owned(), kind);
                }
                continue;
            }
            let answers = message.action_id().and_then(|id| asked.get(id)).copied();
            match answers {
                Some(_) if Response::of(&message).is_none() && ends_list(&message) => {}
                Some(kind) => recording.lists.entry(kind).or_default().push(message),
                None if message.event_name().is_some() => recording.events.push((at, message)),
                None => {}
            }
        }
        Ok(recording)
    }

    /// What it comes to, without a daemon and without a link. Lists, where there are any, come first, as after a
    /// login; the evidence of one call has none.
    fn replay(self, plan: &NumberPlan) -> Vec<Record> {
        let switch = SwitchId::from("trace");
        let mut player = Player::new(&switch, plan);
        let Some(begin) = self.events.first().map(|(at, _)| *at) else {
            return Vec::new();
        };
        player.link_up(begin, &switch, plan);
        if !self.lists.is_empty() {
            let mut resync = Resync::new();
            let mut lists = self.lists;
            for kind in ListKind::ALL {
                resync.list(kind, lists.remove(&kind).unwrap_or_default());
            }
            let batch = player.translator.resync(begin, resync);
            player.take(begin, batch);
        }
        let mut last = begin;
        for (at, message) in self.events {
            let batch = player.translator.message(at, &message);
            player.take(at, batch);
            last = at;
        }
        let later = last.plus_millis(SETTLED_MS);
        let batch = player.translator.tick(later);
        player.take(later, batch);
        player.records
    }
}

/// Translator and domain, wired without anything between them.
struct Player {
    translator: AsteriskTranslator,
    domain: Domain,
    records: Vec<Record>,
}

impl Player {
    fn new(switch: &SwitchId, plan: &NumberPlan) -> Self {
        let nobody = || ManagerUser { user: String::new(), password: String::new() };
        let mut config = links::SwitchConfig::new(switch.as_str(), "", nobody(), nobody());
        config.plan = plan.clone();
        Self { translator: AsteriskTranslator::new(config), domain: Domain::new(0), records: Vec::new() }
    }

    fn take(&mut self, at: Timestamp, batch: Batch) {
        for input in batch.inputs {
            self.tell(at, input);
        }
    }

    fn tell(&mut self, at: Timestamp, input: Input) {
        self.records.extend(self.domain.handle(at, input).records);
    }

    fn link_up(&mut self, at: Timestamp, switch: &SwitchId, plan: &NumberPlan) {
        let changes = [
            LinkChange::Configured {
                name: switch.as_str().into(),
                plan: plan.clone(),
                policy: DialPolicy::default(),
                log_all: true,
            },
            LinkChange::Up { version: "".into(), capabilities: Capabilities::default() },
        ];
        for change in changes {
            let switch = switch.clone();
            self.tell(at, Input::Link { switch, change });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exported_trace_is_one_that_a_replay_takes() {
        let call = CallId::derive(Timestamp::from_micros(1), 1, 1);
        let at = Timestamp::from_micros(1_795_270_522_104_233);
        let raw = trace::write([(at, b"Event: Hangup\r\n\r\n".as_slice())].into_iter());
        let text = exported(call, &[], Some(&raw)).unwrap();
        let shown = String::from_utf8(text.clone()).unwrap();
        assert!(shown.contains(&format!("# call: {call}")), "{shown}");
        let blocks = trace::read(&text).unwrap();
        assert_eq!(blocks.len(), 1);
        assert_eq!(blocks[0].0, at);
    }

    #[test]
    fn a_recording_of_a_real_switch_gives_whole_calls() {
        let story = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/ami/22-plain/S01.trace");
        let text = std::fs::read(story).unwrap();
        let plan = NumberPlan { extension_pattern: "10XX".to_owned(), ..NumberPlan::default() };
        let records = Recording::read(&text).unwrap().replay(&plan);
        let count = |tag: &str| {
            let is = |record: &&Record| serde_json::to_value(record).unwrap()["type"] == tag;
            records.iter().filter(is).count()
        };
        assert!(count("call.created") >= 1);
        assert_eq!(count("call.created"), count("call.ended"));
        assert!(count("call.answered") >= 1);
    }
}
