//! Recorded talks as text: one block per message, `+<ms> S:` or `+<ms> C:` and the message's lines.
//!
//! ```text
//! +0012 S:
//! Event: Hangup
//! Uniqueid: 1700000000.1
//!
//! ```
//!
//! `S` is the switch, `C` the client; the time counts milliseconds from the start of the recording. An empty line
//! ends a block; a line of free text that is empty or begins with a backslash is written with a backslash in
//! front. Lines that begin with `#` between blocks are comments. Secrets are never written.

use std::io::{self, Write};

use thiserror::Error;

use crate::{
    message::Message,
    redact::{REDACTED, Sight, sight},
};

/// Who sent a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The switch.
    Server,
    /// The client.
    Client,
}

/// One block of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceBlock {
    /// Milliseconds from the start of the recording.
    pub at_ms: u64,
    /// Who sent it.
    pub side: Side,
    /// The message with CRLF line ends and its ending empty line: what a [`crate::Framer`] takes.
    pub bytes: Vec<u8>,
}

impl TraceBlock {
    /// The block as a message; `None` for a banner.
    pub fn message(&self) -> Option<Message> {
        Message::parse(&self.bytes)
    }
}

/// A line that belongs to no block.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("read the trace: line {line} is neither a block head nor a comment")]
pub struct TraceError {
    /// Line number, from 1.
    pub line: usize,
}

/// Writes one message (its bytes as received or sent, or a banner line) as a block, secrets left out.
pub fn write_block(out: &mut impl Write, at_ms: u64, side: Side, message: &[u8]) -> io::Result<()> {
    let letter = match side {
        Side::Server => 'S',
        Side::Client => 'C',
    };
    writeln!(out, "+{at_ms:04} {letter}:")?;
    let mut lines: Vec<&[u8]> =
        message.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    for line in lines {
        if line.first().is_none_or(|first| matches!(first, b'\\' | b'\r')) {
            out.write_all(b"\\")?;
        }
        if let Some(key) = secret_key(line) {
            writeln!(out, "{key}: {REDACTED}")?;
        } else {
            out.write_all(line)?;
            out.write_all(b"\n")?;
        }
    }
    out.write_all(b"\n")
}

/// The key of a header line whose value must not be written.
fn secret_key(line: &[u8]) -> Option<&str> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let key = std::str::from_utf8(line.get(..colon)?).ok()?;
    (sight(key.trim()) == Sight::Secret).then_some(key)
}

/// Reads all blocks of a trace. Times need not ascend; the reader keeps the order of the file.
pub fn read_blocks(trace: &[u8]) -> Result<Vec<TraceBlock>, TraceError> {
    let mut blocks = Vec::new();
    let mut open: Option<TraceBlock> = None;
    for (index, line) in trace.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Some(block) = &mut open else {
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            let (at_ms, side) = read_head(line).ok_or(TraceError { line: index + 1 })?;
            open = Some(TraceBlock { at_ms, side, bytes: Vec::new() });
            continue;
        };
        if line.is_empty() {
            block.bytes.extend_from_slice(b"\r\n");
            blocks.extend(open.take());
        } else {
            block.bytes.extend_from_slice(line.strip_prefix(b"\\").unwrap_or(line));
            block.bytes.extend_from_slice(b"\r\n");
        }
    }
    if let Some(mut last) = open {
        last.bytes.extend_from_slice(b"\r\n");
        blocks.push(last);
    }
    Ok(blocks)
}

fn read_head(line: &[u8]) -> Option<(u64, Side)> {
    let (ms, side) = std::str::from_utf8(line).ok()?.strip_prefix('+')?.split_once(' ')?;
    let side = match side.trim_end() {
        "S:" => Side::Server,
        "C:" => Side::Client,
        _ => return None,
    };
    Some((ms.parse().ok()?, side))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_reads_back_but_for_secrets() {
        let mut file = b"# a talk\n".to_vec();
        write_block(&mut file, 0, Side::Server, b"Asterisk Call Manager/11.0.0\r\n").unwrap();
        let login = b"Action: Login\r\nUsername: cti\r\nsecret:s3cr3t\r\nKey: abc\r\n\r\n";
        write_block(&mut file, 12, Side::Client, login).unwrap();
        write_block(&mut file, 1034, Side::Server, b"Event: Hangup\nCallerIDName: Ren\xe9\n\n").unwrap();
        assert!(!String::from_utf8_lossy(&file).contains("s3cr3t"));
        let blocks = read_blocks(&file).unwrap();
        assert_eq!(
            blocks.iter().map(|b| (b.at_ms, b.side)).collect::<Vec<_>>(),
            [(0, Side::Server), (12, Side::Client), (1034, Side::Server)]
        );
        assert_eq!(blocks[0].bytes, b"Asterisk Call Manager/11.0.0\r\n\r\n");
        let login = blocks[1].message().unwrap();
        assert_eq!(
            (login.get("Secret"), login.get("Key"), login.get("Username")),
            (Some(REDACTED), Some(REDACTED), Some("cti"))
        );
        assert_eq!(blocks[2].bytes, b"Event: Hangup\r\nCallerIDName: Ren\xe9\r\n\r\n");
    }

    #[test]
    fn free_text_with_empty_lines_stays_one_block() {
        let reply = b"Response: Follows\r\nPrivilege: Command\r\nfirst\n\n\\odd\n--END COMMAND--\r\n";
        let mut file = Vec::new();
        write_block(&mut file, 5, Side::Server, reply).unwrap();
        let blocks = read_blocks(&file).unwrap();
        assert_eq!(blocks.len(), 1);
        assert_eq!(blocks[0].message().unwrap().output().collect::<Vec<_>>(), ["first", "", "\\odd"]);
    }

    #[test]
    fn a_line_outside_any_block_is_named() {
        assert_eq!(read_blocks(b"+1 S:\nEvent: X\n\nEvent: Y\n"), Err(TraceError { line: 4 }));
        assert_eq!(read_blocks(b"+x S:\n"), Err(TraceError { line: 1 }));
    }
}

#[cfg(test)]
mod recordings;
