//! Bodies for fuzzers, reused by the property tests; no part of the public face.

use std::time::Duration;

use crate::{
    Event, Frame, Framer, Message, Session, SessionConfig,
    action::{CoreShowChannels, Request},
    session::{LoginMethod, Output},
    trace,
};

/// Feeds `bytes` cut at `cuts` and gives what was read, or the error as text.
pub fn frames(bytes: &[u8], cuts: &[usize]) -> (Vec<Frame>, Option<String>) {
    let mut framer = Framer::without_banner();
    let mut read = Vec::new();
    for piece in pieces(bytes, cuts) {
        framer.feed(piece);
        loop {
            match framer.next_frame() {
                Ok(Some(frame)) => read.push(frame),
                Ok(None) => break,
                Err(error) => return (read, Some(error.to_string())),
            }
        }
    }
    (read, None)
}

/// Reads everything there is to read of a message; must not panic whatever it holds.
pub fn read_all(message: &Message) -> usize {
    let mut seen = format!("{message:?}").len() + message.raw().len();
    seen += message.headers().map(|(key, value)| key.len() + value.len()).sum::<usize>();
    seen += message.output().map(str::len).sum::<usize>();
    if let Some(event) = Event::of(message) {
        seen += format!("{event:?}").len();
    }
    for prefix in ["", "Dest", "OrigTransferer", "Parkee"] {
        if let Some(channel) = crate::event::ChannelSnapshot::find(message, prefix) {
            seen += channel.variables().count() + channel.uniqueid().len();
        }
    }
    seen
}

/// Runs a session over arbitrary bytes from the switch; every request must get exactly one outcome.
/// Gives the number of outcomes missing or doubled (0 when all is well) and the outputs seen.
pub fn session(bytes: &[u8], cuts: &[usize]) -> (usize, usize) {
    let config = SessionConfig { method: LoginMethod::Plain, ..SessionConfig::for_actions("u", "s") };
    let mut session = Session::new(config, Duration::ZERO);
    let greeting = b"Asterisk Call Manager/1\r\nResponse: Success\r\nActionID: t-0\r\n\r\n\
        Response: Success\r\nActionID: t-1\r\n\r\nResponse: Success\r\nActionID: t-2\r\n\r\n";
    let mut now = Duration::from_millis(1);
    let mut open = 0_usize;
    let mut wrong = 0;
    let mut outputs = 0;
    for piece in [&greeting[..]]
        .into_iter()
        .flat_map(|g| g.split_inclusive(|b| *b == b'\n'))
        .chain(pieces(bytes, cuts))
    {
        session.feed(now, piece);
        while session.poll_write().is_some() {}
        if let Ok(action) = (CoreShowChannels {}).to_action()
            && session.submit(now, &action, Duration::from_millis(40)).is_ok()
        {
            open += 1;
        }
        now += Duration::from_millis(7);
        session.handle_timeout(now);
        while let Some(output) = session.poll_output() {
            outputs += 1;
            if matches!(output, Output::Settled { .. }) {
                match open.checked_sub(1) {
                    Some(left) => open = left,
                    None => wrong += 1,
                }
            }
        }
    }
    session.connection_lost(crate::LinkError::Closed);
    while let Some(output) = session.poll_output() {
        if matches!(output, Output::Settled { .. }) {
            open = open.saturating_sub(1);
        }
    }
    (wrong + open, outputs)
}

/// Reads arbitrary bytes as a trace, writes what was read and reads that: gives the number of blocks of both.
pub fn trace(bytes: &[u8]) -> (usize, Option<usize>) {
    let blocks = trace::read_blocks(bytes).unwrap_or_default();
    let mut written = Vec::new();
    for block in &blocks {
        // Writing to memory cannot fail.
        let _ = trace::write_block(&mut written, block.at_ms, block.side, &block.bytes);
        block.message().as_ref().map(read_all);
    }
    (blocks.len(), trace::read_blocks(&written).ok().map(|blocks| blocks.len()))
}

/// Cuts bytes at positions taken modulo their length.
fn pieces<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut at: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    at.extend([0, bytes.len()]);
    at.sort_unstable();
    at.windows(2).filter_map(|pair| bytes.get(*pair.first()?..*pair.last()?)).collect()
}
