//! A man in the middle of the manager link: it can strip headers, delay events and cut the link.
//!
//! Answers to actions pass at once, so that a delayed link is a slow one and not a dead one.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use crate::Result;
use crate::asterisk::HOUSE;
use crate::trouble::Context;

/// What happens to messages on their way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manner {
    /// Headers that do not arrive.
    pub strip: Vec<&'static str>,
    /// How much later events arrive.
    pub delay: Duration,
    /// Nobody gets through, and who was through is thrown out.
    pub cut: bool,
}

/// A running proxy; ends when dropped.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens on [`HOUSE`].
    pub port: u16,
    manner: watch::Sender<Manner>,
    said: Said,
}

/// Lines that clients sent.
type Said = Arc<Mutex<Vec<String>>>;

impl Proxy {
    /// Listens in front of `target`.
    pub async fn start(target: SocketAddr, manner: Manner) -> Result<Self> {
        let listener = TcpListener::bind((HOUSE, 0)).await.context("a proxy cannot listen")?;
        let port = listener.local_addr()?.port();
        let (manner, watched) = watch::channel(manner);
        let said = Said::default();
        tokio::spawn(accept(listener, target, watched, Arc::clone(&said)));
        Ok(Self { port, manner, said })
    }

    /// Values of a header in everything that clients sent, in order.
    pub fn sent(&self, header: &str) -> Vec<String> {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let values = said.iter().filter_map(|line| line.strip_prefix(header)?.strip_prefix(": "));
        values.map(str::to_owned).collect()
    }

    /// From now on messages are treated so.
    pub fn set(&self, manner: Manner) {
        self.manner.send_replace(manner);
    }
}

async fn accept(listener: TcpListener, target: SocketAddr, mut manner: watch::Receiver<Manner>, said: Said) {
    loop {
        let client = tokio::select! {
            accepted = listener.accept() => accepted,
            // The proxy was dropped.
            Err(_) = closed(&mut manner) => return,
        };
        let Ok((client, _)) = client else { return };
        if manner.borrow().cut {
            continue;
        }
        let (manner, said) = (manner.clone(), Arc::clone(&said));
        tokio::spawn(async move {
            if let Ok(server) = TcpStream::connect(target).await {
                // Line by line, each would wait for the other side's word that the one before it has arrived.
                if client.set_nodelay(true).is_err() || server.set_nodelay(true).is_err() {
                    return;
                }
                let mut end = manner.clone();
                tokio::select! {
                    () = carry(client, server, manner, said) => {}
                    _ = end.wait_for(|manner| manner.cut) => {}
                }
            }
        });
    }
}

/// Ends with an error when the sender is gone, never otherwise.
async fn closed(manner: &mut watch::Receiver<Manner>) -> std::result::Result<(), watch::error::RecvError> {
    loop {
        manner.changed().await?;
    }
}

async fn carry(client: TcpStream, server: TcpStream, manner: watch::Receiver<Manner>, said: Said) {
    let (from_client, mut to_client) = client.into_split();
    let (from_server, mut to_server) = server.into_split();
    let (send, mut late) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let (now, mut prompt) = mpsc::unbounded_channel::<Vec<u8>>();
    let up = async move {
        let mut lines = BufReader::new(from_client);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).await? > 0 {
            to_server.write_all(&line).await?;
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            said.lock().unwrap_or_else(PoisonError::into_inner).push(text);
            line.clear();
        }
        std::io::Result::Ok(())
    };
    let down = sort(BufReader::new(from_server), manner, send, now);
    let out = async move {
        let mut waiting: Option<(Instant, Vec<u8>)> = None;
        loop {
            let due = waiting.as_ref().map_or_else(Instant::now, |(due, _)| *due);
            tokio::select! {
                biased;
                Some(message) = prompt.recv() => to_client.write_all(&message).await?,
                () = sleep_until(due), if waiting.is_some() => {
                    if let Some((_, message)) = waiting.take() {
                        to_client.write_all(&message).await?;
                    }
                }
                Some(message) = late.recv(), if waiting.is_none() => waiting = Some(message),
                else => return std::io::Result::Ok(()),
            }
        }
    };
    tokio::select! {
        _ = up => {}
        () = down => {}
        _ = out => {}
    }
}

/// Reads whole messages; events go to the late ones, everything else passes at once.
async fn sort(
    mut server: BufReader<tokio::net::tcp::OwnedReadHalf>,
    manner: watch::Receiver<Manner>,
    late: mpsc::UnboundedSender<(Instant, Vec<u8>)>,
    now: mpsc::UnboundedSender<Vec<u8>>,
) {
    let mut message = Vec::new();
    let mut banner = true;
    loop {
        let mut line = Vec::new();
        match server.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let ends = line == b"\r\n" || line == b"\n" || banner;
        banner = false;
        let (stripped, delay) = {
            let manner = manner.borrow();
            let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
            (manner.strip.iter().any(|header| header.as_bytes() == name), manner.delay)
        };
        if !stripped {
            message.extend_from_slice(&line);
        }
        if ends {
            let whole = std::mem::take(&mut message);
            // Rows of a list are part of an answer.
            let is_answer =
                !whole.starts_with(b"Event: ") || whole.windows(10).any(|part| part == b"\nActionID:");
            if is_answer || delay.is_zero() {
                if now.send(whole).is_err() {
                    return;
                }
            } else if late.send((Instant::now() + delay, whole)).is_err() {
                return;
            }
        }
    }
}
