//! `ctid trace …`: a call's evidence as a file, a file through codec, translator and domain, and CSTA in words.

mod explain;
mod replay;

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};
use cti_core::fact::Record;
use cti_core::ids::CallId;

use super::{ConfigFile, Ended, open};

#[derive(Debug, Subcommand)]
pub(super) enum TraceCommand {
    /// Write a call's timeline and raw messages to standard output or a file
    Export(Export),
    /// Play a trace through today's program and print the facts, one JSON object per line
    Replay(replay::Replay),
    /// Say CSTA in words: a trace, lines of evidence, octets of the wire in hexadecimal, or XML
    Explain(explain::Explain),
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

impl TraceCommand {
    pub(super) async fn run(self) -> anyhow::Result<Ended> {
        match self {
            Self::Export(export) => export.run().await?,
            Self::Replay(replay) => replay.run()?,
            Self::Explain(explain) => return explain.run(),
        }
        Ok(Ended::Well)
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

#[cfg(test)]
mod tests {
    use cti_core::time::Timestamp;

    use super::*;
    use crate::trace;

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
