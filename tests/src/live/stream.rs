//! A desk's stream, as a browser opens it.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::LAG;
use crate::site::Site;
use crate::trouble::Context;
use crate::{Result, Trouble};

/// An open stream that has said hello and subscribed.
#[derive(Debug)]
pub struct Stream {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// What was live when it opened, by part.
    pub picture: serde_json::Map<String, Value>,
}

impl Stream {
    /// Opens the stream with the tests' own rights and these topics; the picture has come when this returns.
    pub async fn open(site: &Site, topics: &[&str]) -> Result<Self> {
        Self::greet(site, json!({"op": "hello", "token": site.token(), "topics": topics})).await
    }

    /// Opens the stream as the desk of the person whose session this is; it takes part in the lease.
    pub async fn open_desk(site: &Site, token: &str, topics: &[&str]) -> Result<Self> {
        let client = json!({"kind": "desktop", "tab": "test"});
        Self::greet(site, json!({"op": "hello", "token": token, "client": client, "topics": topics})).await
    }

    async fn greet(site: &Site, hello: Value) -> Result<Self> {
        let url = format!("{}/v1/stream", site.url.replacen("http", "ws", 1));
        let mut request = url.as_str().into_client_request().context(&url)?;
        let protocol = "tieline.v1".parse().context("a header")?;
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let (socket, _) = connect_async(request).await.context(&url)?;
        let mut stream = Self { socket, picture: serde_json::Map::new() };
        stream.socket.send(Message::text(hello.to_string())).await.context("hello")?;
        while !stream.take_picture().await? {}
        Ok(stream)
    }

    /// Reads a frame of the picture; true when it was the last one.
    async fn take_picture(&mut self) -> Result<bool> {
        let frame = self.next("the picture").await?;
        if !is(&frame, "snapshot") {
            return Ok(false);
        }
        let part = frame.get("part").and_then(Value::as_str).unwrap_or_default();
        let items = frame.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
        if let Some(all) = self.picture.entry(part).or_insert_with(|| json!([])).as_array_mut() {
            all.extend(items);
        }
        Ok(frame.get("last") == Some(&Value::Bool(true)))
    }

    /// The next event that `wanted` accepts.
    pub async fn event(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        loop {
            let frame = self.next(what).await?;
            if is(&frame, "event") && wanted(&frame) {
                return Ok(frame);
            }
        }
    }

    /// The next frame of this kind.
    pub async fn frame(&mut self, op: &str) -> Result<Value> {
        loop {
            let frame = self.next(op).await?;
            if is(&frame, op) {
                return Ok(frame);
            }
        }
    }

    /// Says something to the server.
    pub async fn say(&mut self, frame: &Value) -> Result<()> {
        self.socket.send(Message::text(frame.to_string())).await.context("a frame")
    }

    async fn next(&mut self, what: &str) -> Result<Value> {
        loop {
            let message = timeout(LAG, self.socket.next()).await;
            match message.map_err(|_| Trouble::new(format!("waited {LAG:?} for {what} on the stream")))? {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).context("a frame"),
                Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                other => return Err(Trouble::new(format!("instead of {what}: {other:?}"))),
            }
        }
    }
}

fn is(frame: &Value, op: &str) -> bool {
    frame.get("op").and_then(Value::as_str) == Some(op)
}
