//! A real softphone (baresip) steered over its control socket.
//!
//! One process is one phone. Every step waits for the phone's own event; nothing sleeps.

use std::ffi::OsStr;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Mutex as AsyncMutex, watch};
use tokio::time::{Instant, sleep, timeout_at};

use crate::diary::Diary;
use crate::peers::{Guarded, Peer, free_port};
use crate::trouble::Context;
use crate::wire::PATIENCE;
use crate::{Result, Trouble};

/// How long the program may take until its control socket answers.
const BOOT: Duration = Duration::from_secs(20);

/// How long people take before they do the next thing. Nothing waits on this; it keeps the stories' calls from being
/// shorter than a blink, which no real call is.
const REACTION: Duration = Duration::from_millis(150);

/// Who a phone is and where it lives.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Its number: user part of its address.
    pub number: String,
    /// Display name it sends; empty for none.
    pub name: String,
    /// Secret to register with; none for a phone of the carrier, which does not register.
    pub secret: Option<String>,
    /// Address it lives on.
    pub ip: IpAddr,
    /// UDP port it listens on; none takes a free one.
    pub port: Option<u16>,
}

/// One event of the phone.
#[derive(Debug, Clone)]
pub struct PhoneEvent {
    /// `CALL_INCOMING`, `CALL_ESTABLISHED`, …
    pub kind: String,
    /// SIP call id of the call it is about; empty if about none.
    pub call: String,
    /// Other party's address.
    pub peer: String,
    /// The event's own text: a reason, a digit.
    pub param: String,
}

/// A running phone; ends when dropped.
#[derive(Debug)]
pub struct Phone {
    /// Its number.
    pub number: String,
    switch: SocketAddr,
    diary: Diary,
    events: watch::Receiver<Vec<PhoneEvent>>,
    replies: AsyncMutex<tokio::sync::mpsc::Receiver<Value>>,
    writer: AsyncMutex<OwnedWriteHalf>,
    /// Events before this position were waited for already.
    seen: Mutex<usize>,
    reader: tokio::task::JoinHandle<()>,
    _process: Guarded,
    home: TempDir,
}

impl Phone {
    /// Starts the phone and, if it has a secret, waits until it is registered at `switch`.
    pub async fn start(identity: &Identity, switch: SocketAddr, diary: &Diary) -> Result<Self> {
        let peer = Peer::find("baresip")?;
        let home = tempfile::Builder::new().prefix("tieline-phone-").tempdir()?;
        let control = SocketAddr::new(identity.ip, free_port(identity.ip)?);
        let port = identity.port.map_or_else(|| free_port(identity.ip), Ok)?;
        let modules = peer.path("usr/lib/baresip/modules");
        fs::write(
            home.path().join("config"),
            config(identity, port, control, &modules.display().to_string()),
        )?;
        fs::write(home.path().join("accounts"), "")?;
        fs::write(home.path().join("contacts"), "")?;
        let mut line = peer.command_line("usr/bin/baresip");
        line.extend(["-f".into(), home.path().into()]);
        let environment: [(&str, &OsStr); 1] = [("HOME", home.path().as_os_str())];
        let log = home.path().join("phone.log");
        let process = Guarded::start(&line, &environment, &log)?;
        let stream = connect(control).await.map_err(|error| {
            Trouble::new(format!(
                "phone {}: {error}\n{}",
                identity.number,
                fs::read_to_string(&log).unwrap_or_default()
            ))
        })?;
        let (reader, writer) = stream.into_split();
        let (event_tx, events) = watch::channel(Vec::new());
        let (reply_tx, replies) = tokio::sync::mpsc::channel(8);
        let phone = Self {
            number: identity.number.clone(),
            switch,
            diary: diary.clone(),
            events,
            replies: AsyncMutex::new(replies),
            writer: AsyncMutex::new(writer),
            seen: Mutex::default(),
            reader: tokio::spawn(read_all(reader, event_tx, reply_tx)),
            _process: process,
            home,
        };
        phone.command("uanew", &account(identity, switch)).await?;
        if identity.secret.is_some() {
            phone.wait("REGISTER_OK").await?;
        }
        Ok(phone)
    }

    /// Dials a number at the switch.
    pub async fn dial(&self, number: &str) -> Result<()> {
        self.acts(format!("{} dials {number}", self.number)).await;
        let address = format!("sip:{number}@{}", self.switch);
        self.command("dial", &address).await
    }

    /// Waits until the phone rings.
    pub async fn rings(&self) -> Result<PhoneEvent> {
        self.wait("CALL_INCOMING").await
    }

    /// Waits until the far end rings.
    pub async fn hears_ringing(&self) -> Result<PhoneEvent> {
        self.wait("CALL_RINGING").await
    }

    /// Waits until a call is answered, by whichever side.
    pub async fn talks(&self) -> Result<PhoneEvent> {
        self.wait("CALL_ESTABLISHED").await
    }

    /// Waits until a call of this phone is over.
    pub async fn is_free(&self) -> Result<PhoneEvent> {
        self.wait("CALL_CLOSED").await
    }

    /// Answers the ringing call and waits until it talks.
    pub async fn answer(&self) -> Result<PhoneEvent> {
        self.acts(format!("{} answers", self.number)).await;
        self.command("accept", "").await?;
        self.talks().await
    }

    /// Hangs the current call up, or rejects the ringing one as busy, and waits until it is over.
    pub async fn hang_up(&self) -> Result<PhoneEvent> {
        self.acts(format!("{} hangs up", self.number)).await;
        self.command("hangup", "").await?;
        self.is_free().await
    }

    /// Puts the current call on hold (re-INVITE).
    pub async fn hold(&self) -> Result<()> {
        self.acts(format!("{} presses hold", self.number)).await;
        self.command("hold", "").await
    }

    /// Takes a call off hold.
    pub async fn resume(&self, call: &str) -> Result<()> {
        self.acts(format!("{} presses resume", self.number)).await;
        self.select(call).await?;
        // baresip 1.1 resumes, but answers with an error when no other call has to be held for it.
        match self.command("resume", "").await {
            Err(error) if !error.0.contains("Invalid argument") => Err(error),
            _ => Ok(()),
        }
    }

    /// Makes one of several calls the current one.
    pub async fn select(&self, call: &str) -> Result<()> {
        self.command("callfind", call).await
    }

    /// Transfers the current call (REFER) to a number, or to a whole address with `Replaces`.
    pub async fn transfer(&self, target: &str) -> Result<()> {
        self.acts(format!("{} transfers to {}", self.number, target.split('@').next().unwrap_or(target)))
            .await;
        let address = if target.starts_with("sip:") {
            target.to_owned()
        } else {
            format!("sip:{target}@{}", self.switch)
        };
        self.command("transfer", &address).await
    }

    /// Sends DTMF digits in the current call.
    pub async fn digits(&self, digits: &str) -> Result<()> {
        self.acts(format!("{} presses {digits}", self.number)).await;
        self.command("sndcode", digits).await
    }

    /// Waits for the next event of that kind which was not waited for yet; earlier ones are passed over.
    pub async fn wait(&self, kind: &str) -> Result<PhoneEvent> {
        let end = Instant::now() + PATIENCE;
        let mut events = self.events.clone();
        loop {
            let from = self.position();
            let found = {
                let all = events.borrow_and_update();
                let later = all.iter().enumerate().skip(from);
                later.into_iter().find(|(_, event)| event.kind == kind).map(|(at, event)| (at, event.clone()))
            };
            if let Some((at, event)) = found {
                self.set_position(at + 1);
                return Ok(event);
            }
            if !matches!(timeout_at(end, events.changed()).await, Ok(Ok(()))) {
                let came: Vec<String> = events
                    .borrow()
                    .iter()
                    .skip(from)
                    .map(|event| format!("{} {}", event.kind, event.param))
                    .collect();
                return Err(Trouble::new(format!(
                    "phone {} waited {PATIENCE:?} for {kind}; came instead: {came:?}",
                    self.number
                )));
            }
        }
    }

    /// SIP id of the call of the phone's last event about a call.
    pub fn current_call(&self) -> Result<String> {
        let events = self.events.borrow();
        let call = events.iter().rev().map(|event| &event.call).find(|call| !call.is_empty());
        call.cloned().ok_or_else(|| Trouble::new(format!("phone {} has no call", self.number)))
    }

    /// True if the phone has rung since it was last waited for.
    pub fn is_ringing(&self) -> bool {
        let from = self.position();
        self.events.borrow().iter().skip(from).any(|event| event.kind == "CALL_INCOMING")
    }

    /// What the program printed, for a failed test.
    pub fn log(&self) -> String {
        fs::read_to_string(self.home.path().join("phone.log")).unwrap_or_default()
    }

    /// Forgets all events so far: the next wait is for what comes now.
    pub fn forget(&self) {
        let count = self.events.borrow().len();
        self.set_position(count);
    }

    /// Resolves when any event comes.
    pub async fn stirs(&self) {
        let mut events = self.events.clone();
        // A phone that died stirs no more; the next command says so.
        let _ = events.changed().await;
    }

    /// A person does something: a moment later than they might, as people do.
    async fn acts(&self, deed: String) {
        sleep(REACTION).await;
        self.diary.note(deed);
    }

    fn position(&self) -> usize {
        *self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn set_position(&self, position: usize) {
        *self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = position;
    }

    /// Runs a command of the phone and waits for its reply.
    pub async fn command(&self, command: &str, params: &str) -> Result<()> {
        let text = json!({"command": command, "params": params, "token": command}).to_string();
        let mut replies = self.replies.lock().await;
        let netstring = format!("{}:{text},", text.len());
        self.writer
            .lock()
            .await
            .write_all(netstring.as_bytes())
            .await
            .context("the phone's control socket is gone")?;
        let reply = timeout_at(Instant::now() + PATIENCE, replies.recv()).await.ok().flatten();
        let reply =
            reply.ok_or_else(|| Trouble::new(format!("phone {}: no reply to {command}", self.number)))?;
        if reply.get("ok") == Some(&Value::Bool(true)) {
            return Ok(());
        }
        Err(Trouble::new(format!("phone {}: {command} {params}: {reply}\n{}", self.number, self.log())))
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

async fn connect(control: SocketAddr) -> Result<TcpStream> {
    let end = Instant::now() + BOOT;
    loop {
        match TcpStream::connect(control).await {
            Ok(stream) => return Ok(stream),
            // There is nothing to wait on before the socket is open.
            Err(_) if Instant::now() < end => sleep(Duration::from_millis(20)).await,
            Err(error) => return Err(Trouble::new(format!("its control socket does not open: {error}"))),
        }
    }
}

/// Reads netstrings; events go to one side, replies to the other.
async fn read_all(
    mut reader: OwnedReadHalf,
    events: watch::Sender<Vec<PhoneEvent>>,
    replies: tokio::sync::mpsc::Sender<Value>,
) {
    while let Some(value) = read_netstring(&mut reader).await {
        if value.get("event") == Some(&Value::Bool(true)) {
            let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let event = PhoneEvent {
                kind: text("type"),
                call: text("id"),
                peer: text("peeruri"),
                param: text("param"),
            };
            events.send_modify(|all| all.push(event));
        } else if replies.send(value).await.is_err() {
            return;
        }
    }
}

async fn read_netstring(reader: &mut OwnedReadHalf) -> Option<Value> {
    let mut length = 0_usize;
    loop {
        match reader.read_u8().await.ok()? {
            b':' => break,
            digit => length = length * 10 + usize::from(digit.checked_sub(b'0')?),
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await.ok()?;
    reader.read_u8().await.ok()?;
    Some(serde_json::from_slice(&body).unwrap_or(Value::Null))
}

fn config(identity: &Identity, port: u16, control: SocketAddr, modules: &str) -> String {
    format!(
        "sip_listen {ip}:{port}\n\
         net_interface {ip}\n\
         module_path {modules}\n\
         module g711.so\n\
         module ausine.so\n\
         module_app account.so\n\
         module_app menu.so\n\
         module_app ctrl_tcp.so\n\
         ctrl_tcp_listen {control}\n\
         audio_source ausine,440\n\
         ausrc_srate 48000\n\
         audio_player nil,nil\n\
         audio_alert nil,nil\n\
         call_max_calls 6\n\
         call_local_timeout 120\n\
         call_hold_other_calls yes\n\
         rtp_timeout 0\n\
         rtp_ports 30000-32000\n",
        ip = identity.ip,
    )
}

fn account(identity: &Identity, switch: SocketAddr) -> String {
    let name = if identity.name.is_empty() { String::new() } else { format!("\"{}\" ", identity.name) };
    let codecs = "audio_codecs=PCMA/8000/1";
    match &identity.secret {
        Some(secret) => format!(
            "{name}<sip:{number}@{switch}>;auth_user={number};auth_pass={secret};regint=600;answermode=manual;{codecs}",
            number = identity.number
        ),
        None => {
            format!("{name}<sip:{}@{}>;regint=0;answermode=manual;{codecs}", identity.number, identity.ip)
        }
    }
}
