//! `ctid trace …`: a call's evidence as a file, and a file through codec, translator and domain.

use std::io::Write;
use std::path::PathBuf;

use ami::Message;
use ami::trace::Side;
use anyhow::Context;
use clap::{Args, Subcommand};
use cti_core::domain::Domain;
use cti_core::fact::Record;
use cti_core::ids::{CallId, SwitchId};
use cti_core::input::{Input, LinkChange};
use cti_core::number::NumberPlan;
use cti_core::number::guard::DialPolicy;
use cti_core::time::Timestamp;
use links::Translator;
use links::asterisk::AsteriskTranslator;
use links::config::ManagerUser;

use super::{ConfigFile, open};
use crate::trace;

#[derive(Debug, Subcommand)]
pub(super) enum TraceCommand {
    /// Write a call's timeline and raw messages to standard output or a file
    Export(Export),
    /// Play a trace through today's program and print the facts, one JSON object per line
    Replay(Replay),
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// Id of the call, for example call_0199f0c1-…
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
        let blocks = trace::read(&text).with_context(|| format!("read {}", self.file.display()))?;
        let messages = blocks.into_iter().filter(|(_, block)| block.side == Side::Server);
        let messages = messages.filter_map(|(at, block)| Some((at, block.message()?)));
        let mut out = std::io::stdout().lock();
        for record in replay(messages) {
            serde_json::to_writer(&mut out, &record).context("write a fact")?;
            writeln!(out).context("write a fact")?;
        }
        Ok(())
    }
}

/// What the messages of a switch come to, without a daemon and without its link.
pub(crate) fn replay(messages: impl Iterator<Item = (Timestamp, Message)>) -> Vec<Record> {
    let switch = SwitchId::from("trace");
    let nobody = || ManagerUser { user: String::new(), password: String::new() };
    let config = links::SwitchConfig::new(switch.as_str(), "", nobody(), nobody());
    let mut translator = AsteriskTranslator::new(config);
    let mut domain = Domain::new(0);
    let mut records = Vec::new();
    let mut last = None;
    for (at, message) in messages {
        if last.is_none() {
            records.extend(link_up(&mut domain, at, &switch));
        }
        let batch = translator.message(at, &message);
        for input in batch.inputs {
            records.extend(domain.handle(at, input).records);
        }
        last = Some(at);
    }
    if let Some(last) = last {
        let later = last.plus_millis(5_000);
        for input in translator.tick(later).inputs {
            records.extend(domain.handle(later, input).records);
        }
    }
    records
}

fn link_up(domain: &mut Domain, at: Timestamp, switch: &SwitchId) -> Vec<Record> {
    let changes = [
        LinkChange::Configured {
            name: switch.as_str().into(),
            plan: NumberPlan::default(),
            policy: DialPolicy::default(),
            log_all: true,
        },
        LinkChange::Up { version: "".into(), capabilities: cti_core::permit::Capabilities::default() },
    ];
    let inputs = changes.map(|change| Input::Link { switch: switch.clone(), change });
    inputs.into_iter().flat_map(|input| domain.handle(at, input).records).collect()
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
}
