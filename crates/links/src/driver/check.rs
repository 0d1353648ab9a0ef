//! The whole path to a switch, step by step, each failure with its fix: what `ctid check` prints and the set-up page
//! shows while it runs.

use std::time::{Duration, Instant};

use ami::action::{Request, UserEvent};
use ami::client::{Client, ClientConfig, Handle, Notice, Retry};
use ami::error::LinkError;
use ami::rights::{Danger, check_rights};
use ami::session::Welcome;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::{asks, client_config};
use crate::asterisk::ListKind;
use crate::config::{SwitchConfig, Tls};

/// Actions the event user must be able to run.
const EVENT_ACTIONS: [&str; 4] = ["CoreStatus", "CoreShowChannels", "QueueStatus", "Ping"];
/// Actions the action user must be able to run.
const ACTIONS: [&str; 12] = [
    "Originate",
    "Hangup",
    "Redirect",
    "Bridge",
    "BlindTransfer",
    "Setvar",
    "Getvar",
    "QueueAdd",
    "QueuePause",
    "QueueRemove",
    "CoreShowChannels",
    "Ping",
];
/// Longest wait for one step.
const STEP_TIMEOUT: Duration = Duration::from_secs(10);
/// Steps that may wait for who looks on; a check has fewer.
pub const STEPS_MAX: usize = 64;
/// Name of the event that proves the way of events.
const PROBE: &str = "TielineCheck";

/// One step of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckStep {
    /// What was tried, for example `log in as cti-ev`.
    pub name: String,
    /// It works.
    pub ok: bool,
    /// What was found.
    pub detail: String,
    /// What to do about it; empty when there is nothing to do.
    pub fix: String,
    /// How long it took.
    pub took: Duration,
}

/// Tells each step as it ends.
struct Report {
    steps: mpsc::Sender<CheckStep>,
    /// When the step that runs now began.
    began: Instant,
}

impl Report {
    fn tell(&mut self, name: String, ok: bool, detail: String, fix: String) {
        let now = Instant::now();
        let took = now.saturating_duration_since(self.began);
        self.began = now;
        // Whoever looked on may be gone; then the check ends.
        self.steps.try_send(CheckStep { name, ok, detail, fix, took }).ok();
    }

    fn good(&mut self, name: impl Into<String>, detail: impl Into<String>) {
        self.tell(name.into(), true, detail.into(), String::new());
    }

    fn bad(&mut self, name: impl Into<String>, detail: impl Into<String>, fix: impl Into<String>) {
        self.tell(name.into(), false, detail.into(), fix.into());
    }

    /// Works, but an administrator should look at it.
    fn warn(&mut self, name: impl Into<String>, detail: impl Into<String>, fix: impl Into<String>) {
        self.tell(name.into(), true, detail.into(), fix.into());
    }
}

/// A session that is ready.
struct Ready {
    handle: Handle,
    notices: mpsc::Receiver<Notice>,
    welcome: Welcome,
}

/// Walks the whole path to a switch: TCP, TLS, banner, both logins, version, rights, lists, events, include file.
/// Each step is told as it ends, at most [`STEPS_MAX`]. Stops at the first step that the others need, and when nobody
/// looks on any more.
pub async fn check(config: &SwitchConfig, steps: mpsc::Sender<CheckStep>) {
    let gone = steps.clone();
    tokio::select! {
        () = walk(config, Report { steps, began: Instant::now() }) => {}
        () = gone.closed() => {}
    }
}

async fn walk(config: &SwitchConfig, mut report: Report) {
    if !reach(config, &mut report).await {
        return;
    }
    let events = log_in(config, true, &mut report).await;
    let actions = log_in(config, false, &mut report).await;
    if let Some(events) = &events {
        check_version(&events.welcome, &mut report);
        check_user(&config.events.user, &events.welcome, &EVENT_ACTIONS, &mut report);
        check_lists(&events.handle, &mut report).await;
    }
    if let Some(actions) = &actions {
        check_user(&config.actions.user, &actions.welcome, &ACTIONS, &mut report);
        check_include(&actions.handle, &mut report).await;
    }
    if let (Some(mut events), Some(actions)) = (events, actions) {
        check_events(config, &mut events.notices, &actions.handle, &mut report).await;
    }
}

async fn reach(config: &SwitchConfig, report: &mut Report) -> bool {
    let place = format!("{}:{}", config.host, config.port);
    let name = format!("connect to {place}");
    match timeout(STEP_TIMEOUT, TcpStream::connect((config.host.as_str(), config.port))).await {
        Ok(Ok(_)) => {
            report.good(name, "the port answers");
            true
        }
        Ok(Err(error)) => {
            let fix =
                "check address and port, `enabled = yes` and `bindaddr` in manager.conf, and the firewall";
            report.bad(name, error.to_string(), fix);
            false
        }
        Err(_) => {
            report.bad(name, "no answer in time", "check the firewall between this machine and the switch");
            false
        }
    }
}

async fn log_in(config: &SwitchConfig, with_events: bool, report: &mut Report) -> Option<Ready> {
    let user = if with_events { &config.events } else { &config.actions };
    let name = format!("log in as {}", user.user);
    let client = ClientConfig { retry: Retry::Never, ..client_config(config, user, with_events) };
    let (handle, mut notices) = Client::connect(client);
    let first = timeout(STEP_TIMEOUT * 2, async {
        loop {
            match notices.recv().await {
                // Events may come before the session is ready.
                Some(Notice::Event { .. }) => {}
                other => return other,
            }
        }
    })
    .await;
    match first {
        Ok(Some(Notice::Up(welcome))) => {
            report.good(name, welcome.banner.clone());
            Some(Ready { handle, notices, welcome: *welcome })
        }
        Ok(Some(Notice::Down { error, .. })) => {
            report.bad(name, error.to_string(), fix_of(&error, config));
            None
        }
        Ok(_) | Err(_) => {
            report.bad(name, "no answer in time", "check that the port belongs to the manager interface");
            None
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the enum may grow; other errors have one answer")]
fn fix_of(error: &LinkError, config: &SwitchConfig) -> &'static str {
    match error {
        LinkError::AuthenticationFailed => {
            "check [user] and secret in manager.conf, and its deny/permit lines; then `manager reload`"
        }
        LinkError::LoginAlreadyInUse => {
            "set allowmultiplelogin = yes in manager.conf, or end the other login"
        }
        LinkError::Tls { .. } => {
            "check tlsenable, tlsbindaddr and tlscertfile in manager.conf; the certificate must carry the host name"
        }
        LinkError::Frame(_) | LinkError::LoginTimeout { .. } if config.tls == Tls::Off => {
            "another service listens there, or the port wants TLS: set tls = true (usually port 5039)"
        }
        LinkError::Frame(_) => "another service listens there: check the port",
        _ => "check the address and the manager interface of the switch",
    }
}

fn check_version(welcome: &Welcome, report: &mut Report) {
    let name = "version of the switch";
    match welcome.version {
        Some(version) if version.major < 16 => {
            report.bad(name, format!("Asterisk {version}"), "Asterisk 16 or later is needed");
        }
        Some(version) => report.good(name, format!("Asterisk {version}")),
        None => report.warn(
            name,
            "the switch does not say",
            "give the event user write = system or reporting, so that CoreSettings can be read",
        ),
    }
}

fn check_user(user: &str, welcome: &Welcome, needed: &[&str], report: &mut Report) {
    let name = format!("rights of {user}");
    let Some(commands) = &welcome.commands else {
        return report.warn(
            name,
            "ListCommands was refused",
            "rights cannot be checked; compare manager.conf by hand",
        );
    };
    let found = check_rights(commands, welcome.version, needed);
    for danger in &found.dangers {
        let fix = if matches!(danger, Danger::OriginateShell(_)) {
            "upgrade Asterisk; until then let only this machine reach the manager port"
        } else {
            "take this class out of the user's `write` line; it is not needed"
        };
        report.warn(name.clone(), danger.to_string(), fix);
    }
    if found.missing.is_empty() {
        report.good(name, format!("{} actions allowed", commands.len()));
    } else {
        let missing: Vec<String> = found.missing.iter().map(ToString::to_string).collect();
        report.bad(
            name,
            missing.join("; "),
            "add these classes to the user's `write` line, then `manager reload`",
        );
    }
}

async fn check_lists(handle: &Handle, report: &mut Report) {
    match asks::fetch_lists(handle.clone()).await {
        Ok(lists) => {
            let rows = |wanted: ListKind, event: &str| {
                lists
                    .iter()
                    .filter(|(kind, _)| *kind == wanted)
                    .flat_map(|(_, messages)| messages)
                    .filter(|message| message.event_name() == Some(event))
                    .count()
            };
            let queues = rows(ListKind::Queues, "QueueParams");
            let phones = rows(ListKind::Endpoints, "EndpointList");
            let calls = rows(ListKind::Channels, "CoreShowChannel");
            report.good("read the state", format!("{phones} endpoints, {queues} queues, {calls} channels"));
            if queues == 0 {
                report.warn("queues", "none", "right if this switch has none; else load app_queue");
            }
        }
        Err(reason) => report.bad("read the state", reason, "give the event user write = system,reporting"),
    }
}

async fn check_include(handle: &Handle, report: &mut Report) {
    if asks::has_include(handle, STEP_TIMEOUT).await {
        report.good("include file", "extensions_tieline.conf is loaded");
    } else {
        report.warn(
            "include file",
            "extensions_tieline.conf is not loaded: no consultation, alternate, transfer after it or conference \
             from the desk",
            "copy it beside extensions.conf, add `#include \"extensions_tieline.conf\"`, then `dialplan reload`",
        );
    }
}

/// Sends an event by one session and sees it come on the other.
async fn check_events(
    config: &SwitchConfig,
    notices: &mut mpsc::Receiver<Notice>,
    actions: &Handle,
    report: &mut Report,
) {
    let probe = UserEvent { name: PROBE.to_owned(), fields: Vec::new() };
    if probe.to_action().is_err() || actions.request(&probe, STEP_TIMEOUT).await.reply().is_none() {
        return report.warn(
            "events",
            "the probe event could not be sent",
            format!("give {} write = user to let this check prove the way of events", config.actions.user),
        );
    }
    let began = Instant::now();
    let seen = timeout(STEP_TIMEOUT, async {
        while let Some(notice) = notices.recv().await {
            if let Notice::Event { message, .. } = notice
                && message.event_name() == Some("UserEvent")
                && message.get("UserEvent") == Some(PROBE)
            {
                return Some(message);
            }
        }
        None
    })
    .await;
    match seen {
        Ok(Some(message)) => {
            let delay = began.elapsed().as_millis();
            report.good("events", format!("an event came back after {delay} ms"));
            if message.timestamp_us().is_none() {
                report.warn(
                    "time stamps",
                    "events carry no time",
                    "set timestampevents = yes in manager.conf, so that delays do not change durations",
                );
            }
        }
        Ok(None) | Err(_) => report.bad(
            "events",
            "no event came",
            format!("give {} read = system,call,agent,user and check its event filters", config.events.user),
        ),
    }
}
