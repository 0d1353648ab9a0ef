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
        let url = format!("{}/v1/stream", site.url.replacen("http", "ws", 1));
        let mut request = url.as_str().into_client_request().context(&url)?;
        let protocol = "tieline.v1".parse().context("a header")?;
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let (socket, _) = connect_async(request).await.context(&url)?;
        let mut stream = Self { socket, picture: serde_json::Map::new() };
        let hello = json!({"op": "hello", "token": site.token(), "topics": topics});
        stream.socket.send(Message::text(hello.to_string())).await.context("hello")?;
        loop {
            let frame = stream.next("the picture").await?;
            if frame["op"] == "snapshot" {
                let part = frame["part"].as_str().unwrap_or_default().to_owned();
                let items = frame["items"].as_array().cloned().unwrap_or_default();
                let all = stream.picture.entry(part).or_insert_with(|| json!([]));
                all.as_array_mut().into_iter().for_each(|all| all.extend(items.clone()));
                if frame["last"] == true {
                    return Ok(stream);
                }
            }
        }
    }

    /// The next event that `wanted` accepts.
    pub async fn event(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        loop {
            let frame = self.next(what).await?;
            if frame["op"] == "event" && wanted(&frame) {
                return Ok(frame);
            }
        }
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
