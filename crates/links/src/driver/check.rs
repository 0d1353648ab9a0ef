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
const ACTIONS: [&str; 14] = [
    "AGI",
    "AbsoluteTimeout",
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
pub(super) const STEP_TIMEOUT: Duration = Duration::from_secs(10);
/// Steps that may wait for who looks on; a check has fewer.
pub const STEPS_MAX: usize = 64;
/// Name of the event that proves the way of events.
const PROBE: &str = "TielineCheck";

/// Figures by name.
type Values = Vec<(&'static str, String)>;

/// One step of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckStep {
    /// Stable: the place on the way, a dot, and what came of it, for example `log_in_events.rejected`.
    pub code: String,
    /// Figures of what was found, by stable name.
    pub values: Values,
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
pub(super) struct Report {
    steps: mpsc::Sender<CheckStep>,
    /// When the step that runs now began.
    began: Instant,
}

impl Report {
    pub(super) fn new(steps: mpsc::Sender<CheckStep>) -> Self {
        Self { steps, began: Instant::now() }
    }

    fn tell(&mut self, mut step: CheckStep) {
        let now = Instant::now();
        step.took = now.saturating_duration_since(self.began);
        self.began = now;
        // Whoever looked on may be gone; then the check ends.
        self.steps.try_send(step).ok();
    }

    pub(super) fn good(
        &mut self,
        code: impl Into<String>,
        name: impl Into<String>,
        detail: impl Into<String>,
    ) {
        self.good_with(code, name, detail, Values::new());
    }

    /// As `good`, with the figures of the detail.
    fn good_with(
        &mut self,
        code: impl Into<String>,
        name: impl Into<String>,
        detail: impl Into<String>,
        values: Values,
    ) {
        self.tell(CheckStep { values, ..step(code, name, true, detail, "") });
    }

    pub(super) fn bad(
        &mut self,
        code: impl Into<String>,
        name: impl Into<String>,
        detail: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.tell(step(code, name, false, detail, fix));
    }

    /// Works, but an administrator should look at it.
    pub(super) fn warn(
        &mut self,
        code: impl Into<String>,
        name: impl Into<String>,
        detail: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.tell(step(code, name, true, detail, fix));
    }
}

fn step(
    code: impl Into<String>,
    name: impl Into<String>,
    ok: bool,
    detail: impl Into<String>,
    fix: impl Into<String>,
) -> CheckStep {
    CheckStep {
        code: code.into(),
        values: Values::new(),
        name: name.into(),
        ok,
        detail: detail.into(),
        fix: fix.into(),
        took: Duration::ZERO,
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
pub(super) async fn check(config: &SwitchConfig, steps: mpsc::Sender<CheckStep>) {
    let gone = steps.clone();
    tokio::select! {
        () = walk(config, Report::new(steps)) => {}
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
        check_user("rights_events", &config.events.user, &events.welcome, &EVENT_ACTIONS, &mut report);
        check_lists(&events.handle, &mut report).await;
    }
    if let Some(actions) = &actions {
        check_user("rights_actions", &config.actions.user, &actions.welcome, &ACTIONS, &mut report);
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
            report.good("connect.answers", name, "the port answers");
            true
        }
        Ok(Err(error)) => {
            let fix =
                "check address and port, `enabled = yes` and `bindaddr` in manager.conf, and the firewall";
            report.bad("connect.refused", name, error.to_string(), fix);
            false
        }
        Err(_) => {
            let fix = "check the firewall between this machine and the switch";
            report.bad("connect.silent", name, "no answer in time", fix);
            false
        }
    }
}

async fn log_in(config: &SwitchConfig, with_events: bool, report: &mut Report) -> Option<Ready> {
    let user = if with_events { &config.events } else { &config.actions };
    let name = format!("log in as {}", user.user);
    let place = if with_events { "log_in_events" } else { "log_in_actions" };
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
            report.good(format!("{place}.accepted"), name, welcome.banner.clone());
            Some(Ready { handle, notices, welcome: *welcome })
        }
        Ok(Some(Notice::Down { error, .. })) => {
            let (finding, fix) = refusal_of(&error, config);
            report.bad(format!("{place}.{finding}"), name, error.to_string(), fix);
            None
        }
        Ok(_) | Err(_) => {
            let fix = "check that the port belongs to the manager interface";
            report.bad(format!("{place}.silent"), name, "no answer in time", fix);
            None
        }
    }
}

/// What the refusal of a login is called, and how to mend it.
#[expect(clippy::wildcard_enum_match_arm, reason = "the enum may grow; other errors have one answer")]
fn refusal_of(error: &LinkError, config: &SwitchConfig) -> (&'static str, &'static str) {
    match error {
        LinkError::AuthenticationFailed => (
            "rejected",
            "check [user] and secret in manager.conf, and its deny/permit lines; then `manager reload`",
        ),
        LinkError::LoginAlreadyInUse => {
            ("in_use", "set allowmultiplelogin = yes in manager.conf, or end the other login")
        }
        LinkError::Tls { .. } => (
            "tls",
            "check tlsenable, tlsbindaddr and tlscertfile in manager.conf; the certificate must carry the host name",
        ),
        LinkError::Frame(_) | LinkError::LoginTimeout { .. } if config.tls == Tls::Off => (
            "wants_tls",
            "another service listens there, or the port wants TLS: set tls = true (usually port 5039)",
        ),
        LinkError::Frame(_) => ("other_service", "another service listens there: check the port"),
        _ => ("failed", "check the address and the manager interface of the switch"),
    }
}

fn check_version(welcome: &Welcome, report: &mut Report) {
    let name = "version of the switch";
    match welcome.version {
        Some(version) if version.major < 16 => {
            let fix = "Asterisk 16 or later is needed";
            report.bad("version.too_old", name, format!("Asterisk {version}"), fix);
        }
        Some(version) => report.good("version.known", name, format!("Asterisk {version}")),
        None => report.warn(
            "version.unknown",
            name,
            "the switch does not say",
            "give the event user write = system or reporting, so that CoreSettings can be read",
        ),
    }
}

fn check_user(place: &str, user: &str, welcome: &Welcome, needed: &[&str], report: &mut Report) {
    let name = format!("rights of {user}");
    let Some(commands) = &welcome.commands else {
        return report.warn(
            format!("{place}.unreadable"),
            name,
            "ListCommands was refused",
            "rights cannot be checked; compare manager.conf by hand",
        );
    };
    let found = check_rights(commands, welcome.version, needed);
    for danger in &found.dangers {
        let (finding, fix) = if matches!(danger, Danger::OriginateShell(_)) {
            ("shell", "upgrade Asterisk; until then let only this machine reach the manager port")
        } else {
            ("dangerous", "take this class out of the user's `write` line; it is not needed")
        };
        report.warn(format!("{place}.{finding}"), name.clone(), danger.to_string(), fix);
    }
    if found.missing.is_empty() {
        let count = commands.len();
        let values = vec![("count", count.to_string())];
        report.good_with(format!("{place}.given"), name, format!("{count} actions allowed"), values);
    } else {
        let missing: Vec<String> = found.missing.iter().map(ToString::to_string).collect();
        report.bad(
            format!("{place}.missing"),
            name,
            missing.join("; "),
            "add these classes to the user's `write` line, then `manager reload`",
        );
    }
}

async fn check_lists(handle: &Handle, report: &mut Report) {
    match asks::fetch_lists(handle.clone(), Vec::new()).await {
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
            let detail = format!("{phones} endpoints, {queues} queues, {calls} channels");
            let values = [("phones", phones), ("queues", queues), ("calls", calls)];
            let values = values.map(|(name, count)| (name, count.to_string())).to_vec();
            report.good_with("read_state.read", "read the state", detail, values);
            if queues == 0 {
                report.warn(
                    "read_state.no_queues",
                    "queues",
                    "none",
                    "right if this switch has none; else load app_queue",
                );
            }
        }
        Err(reason) => {
            let fix = "give the event user write = system,reporting";
            report.bad("read_state.unread", "read the state", reason, fix);
        }
    }
}

async fn check_include(handle: &Handle, report: &mut Report) {
    let missing = if !asks::has_include(handle, STEP_TIMEOUT).await {
        "extensions_tieline.conf is not loaded: no consultation, alternate, transfer after it or conference from the \
         desk, no queues of Tieline's own"
    } else if !asks::has_queues(handle, STEP_TIMEOUT).await {
        "extensions_tieline.conf is of an earlier version: no queues of Tieline's own"
    } else if !asks::is_recent(handle, STEP_TIMEOUT).await {
        "extensions_tieline.conf is of an earlier version: no own number is shown outside, nothing is recorded from the \
         desk and no supervisor listens"
    } else {
        return report.good("include_file.loaded", "include file", "extensions_tieline.conf is loaded");
    };
    report.warn(
        "include_file.missing",
        "include file",
        missing,
        "copy it beside extensions.conf, add `#include \"extensions_tieline.conf\"`, then `dialplan reload`",
    );
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
            "events.no_probe",
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
            let values = vec![("ms", delay.to_string())];
            report.good_with("events.came", "events", format!("an event came back after {delay} ms"), values);
            if message.timestamp_us().is_none() {
                report.warn(
                    "events.no_time",
                    "time stamps",
                    "events carry no time",
                    "set timestampevents = yes in manager.conf, so that delays do not change durations",
                );
            }
        }
        Ok(None) | Err(_) => report.bad(
            "events.none",
            "events",
            "no event came",
            format!("give {} read = system,call,agent,user and check its event filters", config.events.user),
        ),
    }
}
