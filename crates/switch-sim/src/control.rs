//! The control port: a line in, `ok` or `error why` out. For demonstrations and tests; it guards nothing, so it listens
//! where only they reach it.

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

use crate::run::Ask;
use crate::script::{self, Order};

/// Longest line, bytes.
const LINE_MAX: u64 = 1_024;

/// Serves everybody who connects, for ever.
pub async fn serve(listener: TcpListener, switch: mpsc::Sender<Ask>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(talk(stream, switch.clone()));
    }
}

async fn talk(stream: TcpStream, switch: mpsc::Sender<Ask>) {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    loop {
        let mut line = Vec::new();
        match (&mut reader).take(LINE_MAX).read_until(b'\n', &mut line).await {
            Ok(length) if length > 0 => {}
            Ok(_) | Err(_) => return,
        }
        let answer = match String::from_utf8(line) {
            Ok(text) if text.trim().is_empty() => continue,
            Ok(text) if text.trim() == "help" => format!("{}\n", script::GRAMMAR),
            Ok(text) => match run(&text, &switch).await {
                Ok(()) => "ok\n".to_owned(),
                Err(why) => format!("error {}\n", why.lines().next().unwrap_or_default()),
            },
            Err(_) => "error the line is not UTF-8\n".to_owned(),
        };
        if writer.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn run(text: &str, switch: &mpsc::Sender<Ask>) -> Result<(), String> {
    let line = script::parse_line(text.trim()).map_err(|error| error.to_string())?;
    if matches!(line.order, Order::Wait(_)) {
        return Err("wait is for scripts: the one who steers can wait by himself".to_owned());
    }
    let (answer, answered) = oneshot::channel();
    let gone = || "the switch is gone".to_owned();
    switch.send(Ask::Control { line, answer }).await.map_err(|_| gone())?;
    answered.await.map_err(|_| gone())?
}
