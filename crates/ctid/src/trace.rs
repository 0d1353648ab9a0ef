//! Traces of calls: blocks of `ami::trace` below a head that says when they were recorded and for which call.

use ami::trace::{Side, TraceBlock, TraceError, read_blocks, write_block};
use cti_core::time::Timestamp;

/// When a trace starts that does not say.
const SOME_DAY: Timestamp = Timestamp::from_micros(1_767_225_600_000_000);

/// Writes messages of the switch; empty when there are none.
pub fn write<'a>(messages: impl Iterator<Item = (Timestamp, &'a [u8])>) -> Vec<u8> {
    let mut text = Vec::new();
    let mut started = None;
    for (at, message) in messages {
        let first = *started.get_or_insert_with(|| {
            text.extend_from_slice(format!("# started: {at}\n\n").as_bytes());
            at
        });
        // Writing into memory cannot fail.
        let _ok = write_block(&mut text, at.millis_since(first), Side::Server, message);
    }
    text
}

/// Reads a trace: each block with its time, by the head's start.
pub fn read(trace: &[u8]) -> Result<Vec<(Timestamp, TraceBlock)>, TraceError> {
    let started = started(trace).unwrap_or(SOME_DAY);
    let blocks = read_blocks(trace)?;
    let timed = blocks.into_iter().map(|block| {
        let millis = i64::try_from(block.at_ms).unwrap_or(i64::MAX);
        (started.plus_millis(millis), block)
    });
    Ok(timed.collect())
}

fn started(trace: &[u8]) -> Option<Timestamp> {
    trace
        .split(|byte| *byte == b'\n')
        .take_while(|line| line.starts_with(b"#"))
        .filter_map(|line| std::str::from_utf8(line).ok()?.strip_prefix("# started:"))
        .find_map(|time| time.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_with_its_times() {
        let start = Timestamp::from_micros(1_795_270_522_104_233);
        let messages: [(Timestamp, &[u8]); 2] = [
            (start, b"Event: Newchannel\r\nChannel: PJSIP/1001-00000001\r\n\r\n"),
            (start.plus_millis(12), b"Event: Hangup\r\nCause: 16\r\n\r\n"),
        ];
        let blocks = read(&write(messages.into_iter())).unwrap();
        let read: Vec<_> = blocks.iter().map(|(at, block)| (*at, &*block.bytes)).collect();
        assert_eq!(read, messages);
    }

    #[test]
    fn nothing_written_is_nothing() {
        assert_eq!(write(std::iter::empty()), b"");
    }
}
