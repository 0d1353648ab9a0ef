//! A back office that is down for a while and a daemon that is killed: every event comes, in the order of each call.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tests::asterisk::HOUSE;
use tests::sim::Town;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

const PATIENCE: Duration = Duration::from_secs(20);

/// A receiver of HTTP requests that takes everything; bodies in the order in which they came.
struct Office {
    address: SocketAddr,
    came: Arc<Mutex<Vec<Value>>>,
    open: Option<JoinHandle<()>>,
}

impl Office {
    async fn open() -> Self {
        let listener = TcpListener::bind((HOUSE, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut office = Self { address, came: Arc::default(), open: None };
        office.serve(listener);
        office
    }

    fn serve(&mut self, listener: TcpListener) {
        let came = Arc::clone(&self.came);
        self.open = Some(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream, Arc::clone(&came)));
            }
        }));
    }

    fn close(&mut self) {
        self.open.take().unwrap().abort();
    }

    async fn open_again(&mut self) {
        let end = Instant::now() + PATIENCE;
        loop {
            match TcpListener::bind(self.address).await {
                Ok(listener) => return self.serve(listener),
                Err(error) => assert!(Instant::now() < end, "{error}"),
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    fn ids(&self) -> BTreeSet<String> {
        self.came.lock().unwrap().iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
    }
}

/// One request and its answer; the connection ends with it.
async fn take(mut stream: TcpStream, came: Arc<Mutex<Vec<Value>>>) -> Option<()> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|part| part == b"\r\n\r\n") {
            break end + 4;
        }
        (stream.read_buf(&mut bytes).await.ok()? > 0).then_some(())?;
    };
    let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
    let length =
        text.lines().find_map(|line| line.strip_prefix("content-length: "))?.trim().parse::<usize>().ok()?;
    while bytes.len() < head + length {
        (stream.read_buf(&mut bytes).await.ok()? > 0).then_some(())?;
    }
    let signed = ["webhook-id: evt_", "webhook-timestamp: ", "webhook-signature: v1,"];
    assert!(signed.iter().all(|part| text.contains(part)), "{text}");
    came.lock().unwrap().push(serde_json::from_slice(&bytes[head..head + length]).unwrap());
    stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await.ok()
}

/// Ids of all call events of the log, by call.
async fn published(town: &Town) -> BTreeMap<String, Vec<String>> {
    let mut calls: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in town.site.events().await.unwrap() {
        let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
        if text("type").starts_with("call.") {
            calls.entry(text("subject")).or_default().push(text("id"));
        }
    }
    calls
}

// covers: INT-08 INT-09
#[tokio::test(flavor = "multi_thread")]
async fn a_back_office_that_was_down_gets_every_event_though_the_daemon_was_killed() {
    let mut town = Town::prepare(0).await.unwrap();
    let mut file = OpenOptions::new().append(true).open(town.site.file()).unwrap();
    file.write_all(b"\n[relay]\nallow_networks = [\"127.0.0.1\"]\n").unwrap();
    town.serve().await.unwrap();
    let mut office = Office::open().await;
    let url = format!("http://{}/hook?tenant=7", office.address);
    let wish = json!({ "name": "back office", "url": url, "types": ["call.*"] });
    let added = town.site.post("/v1/webhook_endpoints", &wish).await.unwrap();
    let path = format!("/v1/webhook_endpoints/{}", added["endpoint"]["id"].as_str().unwrap());
    town.tell("S01").await.unwrap();
    office.close();
    for story in ["S02", "S08"] {
        town.tell(story).await.unwrap();
    }
    town.site.kill().await.unwrap();
    town.serve().await.unwrap();
    town.tell("S13").await.unwrap();
    town.begin().await.unwrap();
    office.open_again().await;
    town.site.post(&format!("{path}/enable"), &json!({})).await.unwrap();

    let published = published(&town).await;
    let wanted: BTreeSet<String> = published.values().flatten().cloned().collect();
    let end = Instant::now() + PATIENCE;
    while office.ids() != wanted {
        assert!(Instant::now() < end, "not come: {:?}", wanted.difference(&office.ids()));
        sleep(Duration::from_millis(50)).await;
    }
    assert!(published.len() > 4 && wanted.len() > 30, "{published:#?}");
    let came = office.came.lock().unwrap().clone();
    for (call, ids) in &published {
        let mut seen = BTreeSet::new();
        let mine = came.iter().filter(|event| event["subject"] == json!(call));
        let ids_of_call = mine.map(|event| event["id"].as_str().unwrap().to_owned());
        let order: Vec<String> = ids_of_call.filter(|id| seen.insert(id.clone())).collect();
        assert_eq!(&order, ids, "{call}");
    }
    let sources: BTreeSet<&str> = came.iter().map(|event| event["source"].as_str().unwrap()).collect();
    assert_eq!(sources.len(), 1, "{sources:?}");
    assert!(sources.iter().all(|source| source.starts_with("/switches/")), "{sources:?}");
}
