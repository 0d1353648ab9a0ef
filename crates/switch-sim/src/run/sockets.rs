//! Tasks that move bytes between sockets and the owner of the switch.

use ami::{Frame, Framer};
use csta::dialect::Dialect;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

use super::{Ask, Port};
use crate::face::SessionId;

/// Most messages that wait for a session that does not read; then it is cut, as the real one does (`writetimeout`).
const BACKLOG_MAX: usize = 50_000;
/// Longest message of a client, bytes.
const MESSAGE_MAX: usize = 64 * 1_024;
/// Bytes read at once.
const READ: usize = 16 * 1_024;

/// Serves everybody who connects to the manager port, for ever.
pub async fn serve_manager(listener: TcpListener, switch: mpsc::Sender<Ask>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(session(stream, Port::Manager, switch.clone()));
    }
}

/// Serves everybody who connects to a CSTA port that speaks this dialect, for ever.
pub async fn serve_csta(listener: TcpListener, switch: mpsc::Sender<Ask>, dialect: Dialect) {
    let (answer, answered) = oneshot::channel();
    if switch.send(Ask::Open { dialect: Box::new(dialect), answer }).await.is_err() {
        return;
    }
    let Ok(number) = answered.await else { return };
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(session(stream, Port::Csta(number), switch.clone()));
    }
}

async fn session(stream: TcpStream, port: Port, switch: mpsc::Sender<Ask>) {
    // Small messages must not wait for each other.
    let _ = stream.set_nodelay(true);
    let (reader, socket) = stream.into_split();
    let (writer, lines) = mpsc::channel::<Vec<u8>>(BACKLOG_MAX);
    let (answer, answered) = oneshot::channel();
    if switch.send(Ask::Connect { port, writer, answer }).await.is_err() {
        return;
    }
    let Ok(id) = answered.await else { return };
    let read = async {
        match port {
            Port::Manager => read_messages(reader, id, &switch).await,
            Port::Csta(_) => read_octets(reader, id, &switch).await,
        }
    };
    tokio::select! {
        () = write(socket, lines) => {}
        () = read => {}
    }
    // Its owner may be gone already.
    let _ = switch.send(Ask::Gone(id)).await;
}

async fn write(mut socket: OwnedWriteHalf, mut lines: mpsc::Receiver<Vec<u8>>) {
    while let Some(bytes) = lines.recv().await {
        if socket.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

async fn read_messages(mut reader: OwnedReadHalf, id: SessionId, switch: &mpsc::Sender<Ask>) {
    let mut framer = Framer::without_banner().with_max_message(MESSAGE_MAX);
    let mut buffer = vec![0; READ];
    loop {
        let Ok(length) = reader.read(&mut buffer).await else { return };
        let Some(bytes) = buffer.get(..length).filter(|bytes| !bytes.is_empty()) else { return };
        framer.feed(bytes);
        loop {
            match framer.next_frame() {
                Ok(Some(Frame::Message(message))) => {
                    if switch.send(Ask::Message(id, message)).await.is_err() {
                        return;
                    }
                }
                Ok(Some(Frame::Banner(_))) => {}
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
}

async fn read_octets(mut reader: OwnedReadHalf, id: SessionId, switch: &mpsc::Sender<Ask>) {
    let mut buffer = vec![0; READ];
    loop {
        let Ok(length) = reader.read(&mut buffer).await else { return };
        let Some(bytes) = buffer.get(..length).filter(|bytes| !bytes.is_empty()) else { return };
        if switch.send(Ask::Octets(id, bytes.to_vec())).await.is_err() {
            return;
        }
    }
}
