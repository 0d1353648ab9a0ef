//! Bytes to whole messages: incremental, bounded, never panicking.
//!
//! Asterisk ends lines with CRLF as a rule and with a bare LF in places; a few replies carry one empty line too
//! many. So LF is the line end, one CR before it is dropped, and a message without headers is skipped. The same
//! bytes give the same messages however they are cut.
//!
//! Invariants: `start <= line <= scanned <= buffer.len()`; every header range is relative to `start` and ends
//! at or before `line`; `buffer.len() - start` never exceeds the message limit plus one fed chunk.

use crate::{
    error::FrameError,
    message::{Header, Message},
    scan::{find_byte, narrow},
};

/// Largest message in bytes; a longer one ends the link.
pub const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;
/// Most headers of one message; `Output` lines of a long command come near.
pub const MAX_HEADERS: usize = 512 * 1024;
/// Longest banner line in bytes.
pub const MAX_BANNER_BYTES: usize = 256;

/// What every banner begins with, that of known proxies too.
const BANNER_START: &[u8] = b"Asterisk Call Manager";
/// Ends the free text of `Response: Follows`.
const END_COMMAND: &[u8] = b"--END COMMAND--";
/// Buffer space kept while idle; more is given back after a large message.
const IDLE_BUFFER_BYTES: usize = 256 * 1024;

/// One piece of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// The first line of the server, without its line end.
    Banner(String),
    /// A message with at least one header.
    Message(Message),
}

/// What the next line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Banner,
    Header,
    /// Header or first line of free text of `Response: Follows`.
    FollowsHead,
    /// Free text that began at this offset of the message.
    FollowsText(u32),
}

/// Cuts a byte stream into frames.
#[derive(Debug)]
pub struct Framer {
    buffer: Vec<u8>,
    start: usize,
    line: usize,
    scanned: usize,
    headers: Vec<Header>,
    expect: Expect,
    bad_lines: u64,
    failed: Option<FrameError>,
    max_message: usize,
}

impl Framer {
    /// A framer for the client's side: the first line is the banner.
    pub fn new() -> Self {
        Self {
            buffer: Vec::new(),
            start: 0,
            line: 0,
            scanned: 0,
            headers: Vec::new(),
            expect: Expect::Banner,
            bad_lines: 0,
            failed: None,
            max_message: MAX_MESSAGE_BYTES,
        }
    }

    /// A framer for streams without a banner: what a switch receives, traces.
    pub fn without_banner() -> Self {
        Self { expect: Expect::Header, ..Self::new() }
    }

    /// The same framer with another message limit in bytes.
    #[must_use]
    pub fn with_max_message(mut self, bytes: usize) -> Self {
        self.max_message = bytes.min(MAX_MESSAGE_BYTES);
        self
    }

    /// Takes bytes from the peer. Call [`next_frame`](Self::next_frame) until it gives `None` before feeding again,
    /// or the buffer grows by what is fed.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// Gives the next whole frame, or `None` until more bytes are fed. After an error it gives the same error.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let next = self.advance();
        if let Err(error) = &next {
            self.failed = Some(error.clone());
            self.buffer = Vec::new();
            self.headers = Vec::new();
        }
        next
    }

    /// Lines without a key met so far; each was skipped.
    pub fn bad_lines(&self) -> u64 {
        self.bad_lines
    }

    /// Bytes held for the message being read.
    pub fn buffered(&self) -> usize {
        self.buffer.len() - self.start
    }

    fn advance(&mut self) -> Result<Option<Frame>, FrameError> {
        loop {
            let ahead = self.buffer.get(self.scanned..).unwrap_or_default();
            let Some(offset) = find_byte(b'\n', ahead) else {
                self.scanned = self.buffer.len();
                self.check_size()?;
                self.compact();
                return Ok(None);
            };
            let line_start = self.line;
            let mut line_end = self.scanned + offset;
            self.line = line_end + 1;
            self.scanned = self.line;
            self.check_size()?;
            if line_end > line_start && self.buffer.get(line_end - 1) == Some(&b'\r') {
                line_end -= 1;
            }
            if let Some(frame) = self.take_line(line_start, line_end)? {
                return Ok(Some(frame));
            }
        }
    }

    fn check_size(&self) -> Result<(), FrameError> {
        let length = self.scanned - self.start;
        if self.expect == Expect::Banner {
            // Whatever talks so long without a line end is no manager.
            return if length > MAX_BANNER_BYTES { Err(FrameError::NotAsterisk) } else { Ok(()) };
        }
        if length > self.max_message {
            return Err(FrameError::TooLarge { limit: self.max_message });
        }
        Ok(())
    }

    #[inline]
    fn take_line(&mut self, start: usize, end: usize) -> Result<Option<Frame>, FrameError> {
        match self.expect {
            Expect::Header if start == end => Ok(self.finish(None).map(Frame::Message)),
            Expect::Header => {
                self.take_header(start, end)?;
                Ok(None)
            }
            Expect::Banner => self.take_banner(start, end).map(Some),
            Expect::FollowsHead => {
                if self.is_follows_header(start, end) {
                    self.take_header(start, end)?;
                    return Ok(None);
                }
                let text_start = narrow(start - self.start);
                self.expect = Expect::FollowsText(text_start);
                Ok(self.take_text(text_start, start, end))
            }
            Expect::FollowsText(text_start) => Ok(self.take_text(text_start, start, end)),
        }
    }

    fn take_banner(&mut self, start: usize, end: usize) -> Result<Frame, FrameError> {
        let line = self.buffer.get(start..end).unwrap_or_default();
        if !line.starts_with(BANNER_START) {
            return Err(FrameError::NotAsterisk);
        }
        let banner = String::from_utf8_lossy(line).into_owned();
        self.start = self.line;
        self.expect = Expect::Header;
        Ok(Frame::Banner(banner))
    }

    #[inline]
    fn take_header(&mut self, start: usize, end: usize) -> Result<(), FrameError> {
        let line = self.buffer.get(start..end).unwrap_or_default();
        let colon = match line.iter().position(|byte| *byte == b':') {
            Some(colon) if colon > 0 => colon,
            _ => {
                self.bad_lines += 1;
                return Ok(());
            }
        };
        if self.headers.len() == MAX_HEADERS {
            return Err(FrameError::TooManyHeaders { limit: MAX_HEADERS });
        }
        let blank = usize::from(line.get(colon + 1) == Some(&b' '));
        let is_follows = self.headers.is_empty()
            && line.len() <= 20
            && line.get(..colon).is_some_and(|key| key.eq_ignore_ascii_case(b"Response"))
            && line.get(colon + 1 + blank..).is_some_and(|value| value.eq_ignore_ascii_case(b"Follows"));
        let base = start - self.start;
        self.headers.push(Header {
            key_start: narrow(base),
            key_end: narrow(base + colon),
            value_start: narrow(base + colon + 1 + blank),
            value_end: narrow(end - self.start),
        });
        if is_follows {
            self.expect = Expect::FollowsHead;
        }
        Ok(())
    }

    /// The head of `Response: Follows` has no end mark of its own, so only the keys it can have belong to it.
    fn is_follows_header(&self, start: usize, end: usize) -> bool {
        let line = self.buffer.get(start..end).unwrap_or_default();
        ["ActionID:", "Privilege:", "Message:"]
            .iter()
            .any(|key| line.get(..key.len()).is_some_and(|head| head.eq_ignore_ascii_case(key.as_bytes())))
    }

    fn take_text(&mut self, text_start: u32, start: usize, end: usize) -> Option<Frame> {
        let line = self.buffer.get(start..end).unwrap_or_default();
        // The text may lack a last line end, so the mark can follow it directly.
        let text_line = line.strip_suffix(END_COMMAND)?;
        let text_end = narrow(start + text_line.len() - self.start);
        self.finish(Some((text_start, text_end))).map(Frame::Message)
    }

    /// Ends the message at the line just taken; `None` if it has no headers.
    #[inline]
    fn finish(&mut self, follows: Option<(u32, u32)>) -> Option<Message> {
        let bytes = self.buffer.get(self.start..self.line).unwrap_or_default();
        let message = (!self.headers.is_empty()).then(|| Message::from_parts(bytes, &self.headers, follows));
        self.headers.clear();
        self.start = self.line;
        self.expect = Expect::Header;
        message
    }

    /// Drops what is done with, so that the buffer never holds more than the message being read.
    fn compact(&mut self) {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.line -= self.start;
            self.scanned -= self.start;
            self.start = 0;
        }
        if self.buffer.capacity() > IDLE_BUFFER_BYTES && self.buffer.len() < IDLE_BUFFER_BYTES / 2 {
            self.buffer.shrink_to(IDLE_BUFFER_BYTES);
        }
        if self.headers.is_empty() && self.headers.capacity() > 4096 {
            self.headers = Vec::new();
        }
    }
}

impl Default for Framer {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;
