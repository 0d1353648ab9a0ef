//! The system that keeps the customers, played: it fills us, sends what changed, and fetches records at night. It only
//! ever asks. Its own door stands open and counts who comes, because nobody must.
#![expect(clippy::indexing_slicing, reason = "a key that a JSON value lacks is null")]

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cti_core::domain::Domain;
use cti_core::fact::{Cause, Record};
use cti_core::input::{DeviceKind, DeviceRef, Endpoint, Input, LinkChange, PartyInfo, SwitchEvent};
use cti_core::number::NumberPlan;
use cti_core::number::guard::DialPolicy;
use cti_core::time::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::asterisk::HOUSE;
use crate::site::Site;
use crate::trouble::Context;
use crate::{Result, Trouble};

/// What became of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// New contacts.
    pub added: u64,
    /// Changed ones.
    pub changed: u64,
    /// Those that were the same.
    pub unchanged: u64,
    /// Removed ones.
    pub removed: u64,
    /// Rows that were refused.
    pub refused: u64,
}

/// The system that keeps the customers.
#[derive(Debug)]
pub struct Icis {
    token: String,
    door: SocketAddr,
    visits: Arc<AtomicUsize>,
    /// Its customers, by their key.
    pub people: BTreeMap<String, Value>,
}

impl Icis {
    /// Opens its door; `token` is what it asks with.
    pub async fn open(token: &str, people: u32) -> Result<Self> {
        let listener = TcpListener::bind((HOUSE, 0)).await?;
        let door = listener.local_addr()?;
        let visits = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&visits);
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                counted.fetch_add(1, Ordering::AcqRel);
            }
        });
        let people = (0..people).map(|nth| (key(nth), person(nth))).collect();
        Ok(Self { token: token.to_owned(), door, visits, people })
    }

    /// The page of a person, as a template.
    pub fn page(&self) -> String {
        format!("http://{}/person/{{external_id}}", self.door)
    }

    /// How often somebody came to its door.
    pub fn visits(&self) -> usize {
        self.visits.load(Ordering::Acquire)
    }

    /// Sends these keys as a batch in parts of so many: whom it does not know any more is removed. The answer to every
    /// second part is lost, so it is sent again.
    pub async fn send(&self, site: &Site, batch: &str, keys: &[String], per_part: usize) -> Result<Taken> {
        let mut taken = Taken::default();
        for (part, keys) in (1_u64..).zip(keys.chunks(per_part)) {
            let contacts: Vec<&Value> = keys.iter().filter_map(|key| self.people.get(key)).collect();
            let removed: Vec<&String> = keys.iter().filter(|key| !self.people.contains_key(*key)).collect();
            let body = json!({ "batch": batch, "part": part, "contacts": contacts, "removed": removed });
            if part.is_multiple_of(2) {
                self.ask(site, Method::PUT, "/v1/icis/contacts", &body).await?;
            }
            let reply = self.ask(site, Method::PUT, "/v1/icis/contacts", &body).await?;
            if reply["repeated"] != part.is_multiple_of(2) || reply["next_part"] != part + 1 {
                return Err(Trouble::new(format!("part {part} of {batch}: {reply:#}")));
            }
            taken.added += reply["added"].as_u64().unwrap_or(0);
            taken.changed += reply["changed"].as_u64().unwrap_or(0);
            taken.unchanged += reply["unchanged"].as_u64().unwrap_or(0);
            taken.removed += reply["removed"].as_u64().unwrap_or(0);
            taken.refused += u64::try_from(reply["refused"].as_array().map_or(0, Vec::len)).unwrap_or(0);
        }
        Ok(taken)
    }

    /// Fetches the records of a period, page by page.
    pub async fn fetch(&self, site: &Site, from: Timestamp, to: Timestamp) -> Result<Vec<Value>> {
        let mut records = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/v1/icis/records?from={from}&to={to}&limit=2{cursor}");
            let page = self.ask(site, Method::GET, &path, &Value::Null).await?;
            records.extend(page["items"].as_array().into_iter().flatten().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(records),
            }
        }
    }

    async fn ask(&self, site: &Site, method: Method, path: &str, body: &Value) -> Result<Value> {
        let (status, answer) = site.ask(method, path, Some(&self.token), body).await?;
        if status == 200 { Ok(answer) } else { Err(Trouble::new(format!("{path}: {status} {answer:#}"))) }
    }
}

/// Key of a person.
pub fn key(nth: u32) -> String {
    format!("P{nth:06}")
}

/// A person as it is sent.
pub fn person(nth: u32) -> Value {
    json!({
        "external_id": key(nth),
        "name": format!("Osoba {nth}"),
        "addresses": [
            { "kind": "mobile", "address": format!("+420603{nth:06}") },
            { "kind": "contact_centre", "address": format!("+420604{nth:06}") },
            { "kind": "email", "address": format!("osoba{nth}@example.com") }
        ],
        "fields": { "insured": format!("CP{nth}") }
    })
}

/// Facts of a week of calls that begins at `start`: three each day, the last one over midnight. `seed` is that of the
/// installation.
pub fn week(seed: u32, start: Timestamp) -> Result<Vec<Record>> {
    let mut domain = Domain::new(seed);
    let mut records = Vec::new();
    let mut tell = |at: Timestamp, input: Input| {
        let decision = domain.handle(at, input);
        records.extend(decision.records);
        decision.refusal.map_or(Ok(()), |refusal| Err(Trouble::new(format!("{refusal:?}"))))
    };
    let link = |change| Input::Link { switch: "lab".into(), change };
    tell(
        start,
        link(LinkChange::Configured {
            name: "Laboratory".into(),
            plan: NumberPlan::default(),
            policy: DialPolicy::default(),
            log_all: true,
        }),
    )?;
    tell(
        start,
        link(LinkChange::Up { version: "22".into(), capabilities: Vec::new().into_iter().collect() }),
    )?;
    let phone =
        DeviceRef { native: "PJSIP/1001".into(), kind: DeviceKind::Station, extension: Some("1001".into()) };
    let known = SwitchEvent::Device { device: phone.clone(), name: None, capabilities: None };
    tell(start, Input::Switch { switch: "lab".into(), at: start, event: known })?;
    for nth in 0..21_i64 {
        // Eight hours between calls: at eight, at four, and ten minutes before midnight.
        let (day, of_day) = (nth / 3, nth % 3);
        let minutes =
            day * 1_440 + [480, 960, 1_430].get(usize::try_from(of_day).unwrap_or(0)).copied().unwrap_or(0);
        let begins = start.plus_millis(minutes * 60_000);
        let call = format!("week-{nth}");
        let connection = |end: &str, device: DeviceRef, number: &str| Endpoint {
            connection: format!("{call}-{end}").as_str().into(),
            device,
            party: PartyInfo { number: Some(number.into()), ..PartyInfo::default() },
            queue: None,
        };
        let trunk = DeviceRef { native: "PJSIP/carrier".into(), kind: DeviceKind::Trunk, extension: None };
        let from = connection("out", trunk, &format!("+420603{nth:06}"));
        let to = || connection("in", phone.clone(), "1001");
        let cleared = |end: &str| SwitchEvent::Cleared {
            call: call.as_str().into(),
            connection: format!("{call}-{end}").as_str().into(),
            cause: Cause::Normal,
            by_party: true,
        };
        let dialled = Some("555000101".into());
        let calling = PartyInfo::default();
        let events = [
            (0, SwitchEvent::Originated { call: call.as_str().into(), from, dialled }),
            (1, SwitchEvent::Delivered { call: call.as_str().into(), to: to(), calling, dialled: None }),
            (5, SwitchEvent::Established { call: call.as_str().into(), to: to() }),
            (1_200, cleared("in")),
            (1_200, cleared("out")),
        ];
        for (seconds, event) in events {
            let at = begins.plus_millis(seconds * 1_000);
            tell(at, Input::Switch { switch: "lab".into(), at, event })?;
        }
    }
    Ok(records)
}

/// Connections that a process opened itself: neither those that came to `served` nor those to `switch`.
pub fn opened(pid: u32, served: u16, switch: SocketAddr) -> Result<Vec<String>> {
    let mut own = Vec::new();
    for file in fs::read_dir(format!("/proc/{pid}/fd")).context("files of the daemon")? {
        // One may be closed while we look.
        let Ok(target) = fs::read_link(file?.path()) else { continue };
        let target = target.to_string_lossy().into_owned();
        own.extend(
            target.strip_prefix("socket:[").and_then(|rest| rest.strip_suffix(']')).map(str::to_owned),
        );
    }
    let mut found = Vec::new();
    for table in ["tcp", "tcp6", "udp", "udp6"] {
        let text = fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [_, local, remote, _, _, _, _, _, _, inode, ..] = words.as_slice() else { continue };
            let port = |end: &str| end.rsplit(':').next().and_then(|hex| u16::from_str_radix(hex, 16).ok());
            let is_ours = own.iter().any(|one| one == inode);
            let came = port(local) == Some(served) || port(remote) == Some(0);
            if is_ours && !came && port(remote) != Some(switch.port()) {
                found.push(format!("{table} {local} to {remote}"));
            }
        }
    }
    Ok(found)
}
