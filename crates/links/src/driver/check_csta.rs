//! The whole path to a CSTA switch, step by step, each failure with its fix.

use std::time::Instant;

use ami::client::open;
use csta::model::{DeviceId, MonitorObject, Outcome};
use csta::session::{Output, Session, Watch, Welcome};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::check::{CheckStep, Report, STEP_TIMEOUT};
use super::csta::{session_config, target, tls_options, write_all};
use crate::config::CstaLink;

/// Devices whose monitor is tried.
const TRIED: usize = 3;

/// Walks the path with each dialect until one serves; stops when nobody looks on any more.
pub(super) async fn check(config: &CstaLink, steps: mpsc::Sender<CheckStep>) {
    let gone = steps.clone();
    let mut report = Report::new(steps);
    let walk = async {
        let several = config.dialects.len() > 1;
        for dialect in &config.dialects {
            let one = CstaLink { dialects: vec![*dialect], ..config.clone() };
            if several {
                let way = format!("{:?}, {:?}, {:?}", dialect.framing, dialect.encoding, dialect.start);
                report.good("dialect.tried", "try a way to speak", way);
            }
            if walk(&one, &mut report).await {
                return;
            }
        }
    };
    tokio::select! {
        () = walk => {}
        () = gone.closed() => {}
    }
}

/// True when the switch served, or is not to be asked again.
async fn walk(config: &CstaLink, report: &mut Report) -> bool {
    let Some(dialect) = config.dialects.first() else { return false };
    let tls = tls_options(&config.tls);
    let name = format!("connect to {}:{}", config.host, config.port);
    let mut stream = match open(target(config, tls.as_ref())).await {
        Ok(stream) => stream,
        Err(error) => {
            let fix = "check address and port, that the CSTA server of the switch runs and lets this machine in, and \
                       the firewall; with TLS, its certificate";
            report.bad("csta_connect.failed", name, error.to_string(), fix);
            return false;
        }
    };
    report.good("csta_connect.answers", name, "the port answers");
    let began = Instant::now();
    let mut session = Session::new(session_config(config, dialect, None), began.elapsed());
    let name = format!("begin a session as {}", dialect.name);
    let welcome = match timeout(STEP_TIMEOUT * 2, until(&mut session, &mut stream, began, ready)).await {
        Ok(Ok(welcome)) => welcome,
        Ok(Err(End { why, login_refused: true })) => {
            let fix = "check user and password; other ways to speak are not tried with them, for many switches lock \
                       an account after a few refusals";
            report.bad("csta_session.login", name, why, fix);
            return true;
        }
        Ok(Err(End { why, .. })) => {
            let fix = "check user and password, that no other program uses this login, the dialect, and with Avaya \
                       switch_name";
            report.bad("csta_session.refused", name, why, fix);
            return false;
        }
        Err(_) => {
            let fix = "the switch answers, but not in this dialect: check kind, dialect and port";
            report.bad("csta_session.silent", name, "no answer in time", fix);
            return false;
        }
    };
    if session.has_heard() {
        report.good("csta_session.ready", name, words_of(&welcome));
    } else {
        let fix = "if nothing below succeeds either, the switch does not speak this dialect: check kind, dialect and \
                   port";
        report.warn("csta_session.unheard", name, "the switch has said nothing yet", fix);
    }
    monitors(config, &mut session, &mut stream, began, &welcome, report).await;
    session.has_heard()
}

/// Places the monitors of a few devices, asks for their calls, and takes the monitors away again.
#[expect(clippy::wildcard_enum_match_arm, reason = "other outputs mean nothing to a check")]
async fn monitors(
    config: &CstaLink,
    session: &mut Session,
    stream: &mut Box<dyn ami::client::Wire>,
    began: Instant,
    welcome: &Welcome,
    report: &mut Report,
) {
    let Some(dialect) = config.dialects.first() else { return };
    let mut tried: Vec<Watch> = config.watches(dialect);
    tried.extend(config.listed(dialect, &welcome.devices));
    tried.truncate(TRIED);
    let name = "follow devices";
    if tried.is_empty() {
        let fix = "name phones under `stations`, or give people their extension under Set-up";
        return report.warn("csta_monitors.none", name, "no device is known yet", fix);
    }
    session.watch(began.elapsed(), tried);
    let mut refused = Vec::new();
    let placed = timeout(
        STEP_TIMEOUT,
        until(session, stream, began, |output| match output {
            Output::Monitor {
                object: MonitorObject::Device(DeviceId { text, .. }),
                refused: Some(fault),
                ..
            } => {
                refused.push((text, fault));
                None
            }
            Output::Survey(survey) => Some(survey.devices.len()),
            _ => None,
        }),
    )
    .await;
    match placed {
        Ok(Ok(devices)) if refused.is_empty() => {
            report.good(
                "csta_monitors.placed",
                name,
                format!("{devices} tried, all are followed and tell their calls"),
            );
        }
        Ok(Ok(_)) => {
            let is_licence = refused.iter().any(|(_, fault)| fault.outcome() == Outcome::NoRight);
            let fix = if is_licence {
                "the switch has no licence or right left for monitors: add licences, or let this login monitor these \
                 devices"
            } else {
                "check that these numbers exist at the switch and may be monitored by this login"
            };
            let detail: Vec<String> =
                refused.iter().map(|(device, fault)| format!("{device}: {fault}")).collect();
            report.bad("csta_monitors.refused", name, detail.join("; "), fix);
        }
        Ok(Err(End { why, .. })) => {
            report.bad("csta_monitors.ended", name, why, "look into the log of the switch");
        }
        Err(_) => {
            report.bad("csta_monitors.silent", name, "no answer in time", "look into the log of the switch");
        }
    }
    session.log_off(began.elapsed());
    // Whatever is left to say is said; the check is over either way.
    let _ = timeout(STEP_TIMEOUT, write_all(session, stream)).await;
}

#[expect(clippy::wildcard_enum_match_arm, reason = "other outputs mean nothing to a check")]
fn ready(output: Output) -> Option<Welcome> {
    match output {
        Output::Ready(welcome) => Some(*welcome),
        _ => None,
    }
}

fn words_of(welcome: &Welcome) -> String {
    let mut words = Vec::new();
    if !welcome.version.is_empty() {
        words.push(welcome.version.clone());
    }
    if !welcome.services.is_empty() {
        words.push(format!("{} services", welcome.services.len()));
    }
    if !welcome.devices.is_empty() {
        words.push(format!("{} devices", welcome.devices.len()));
    }
    if words.is_empty() {
        "the switch serves and tells nothing about itself".to_owned()
    } else {
        words.join(", ")
    }
}

/// How a link ended.
struct End {
    why: String,
    login_refused: bool,
}

/// Talks until an output is what is waited for; an `Err` says why the link ended.
async fn until<T>(
    session: &mut Session,
    stream: &mut Box<dyn ami::client::Wire>,
    began: Instant,
    mut wanted: impl FnMut(Output) -> Option<T>,
) -> Result<T, End> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        while let Some(output) = session.poll_output() {
            if let Output::Ended { why, login_refused, .. } = output {
                return Err(End { why, login_refused });
            }
            if let Some(found) = wanted(output) {
                return Ok(found);
            }
        }
        let written = write_all(session, stream).await;
        if written.map_err(|error| End { why: error.to_string(), login_refused: false })? {
            continue;
        }
        let due = session.poll_timeout().map(|due| tokio::time::Instant::from_std(began + due));
        tokio::select! {
            read = stream.read(&mut buffer) => match read {
                Ok(0) => session.connection_lost("the switch closed the connection"),
                Ok(length) => session.feed(began.elapsed(), buffer.get(..length).unwrap_or_default()),
                Err(error) => session.connection_lost(&error.to_string()),
            },
            () = sleep_until(due) => session.handle_timeout(began.elapsed()),
        }
    }
}

async fn sleep_until(due: Option<tokio::time::Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
