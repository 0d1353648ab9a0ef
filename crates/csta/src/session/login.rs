//! From the opened connection to the first service, and back.

use std::collections::VecDeque;
use std::time::Duration;

use super::pending::Purpose;
use super::{AppSessionState, OVERLOAD, Output, SILENT_HEARTBEATS, Session};
use crate::ber::acse::{Apdu, Associate, Associated, CONTEXT, Functionality, Outcome, UserInformation};
use crate::dialect::{DeviceIds, Encoding, Phase as CstaPhase, Start};
use crate::frame::{Framing, cotp_connect};
use crate::model::{
    AppSession, Fault, ListedDevice, Octets, Request, RequestTypes, Response, SessionRefusal, SystemStatus,
    shown,
};

/// COTP code of a confirmed connection.
const COTP_CONFIRMED: u8 = 0xD0;
/// Devices of the switch's list that are kept.
const DEVICES_MAX: usize = 50_000;
/// How long the list of devices may take from segment to segment.
const SEGMENT_WAIT: Duration = Duration::from_secs(5);
/// And in all.
const LIST_WAIT: Duration = Duration::from_mins(2);
/// Longest id of a device that is kept.
const ID_MAX: usize = 256;

/// Where the link stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Phase {
    /// A COTP connection is asked for.
    Cotp { until: Duration },
    /// An association is asked for.
    Associating { until: Duration },
    /// The switch should say its status.
    FirstWord { until: Duration },
    /// An application session is asked for.
    StartingSession,
    /// What is left to ask before services are used.
    Asking(VecDeque<Step>),
    /// The list of devices comes in segments.
    Listing { cross_ref: Octets, until: Duration, latest: Duration },
    /// Services are used.
    Serving,
    /// Nothing more comes.
    Ended,
}

/// A question before services are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Register,
    Capabilities,
    Devices,
}

impl Phase {
    pub(super) const fn until(&self) -> Option<Duration> {
        match self {
            Self::Cotp { until }
            | Self::Associating { until }
            | Self::FirstWord { until }
            | Self::Listing { until, .. } => Some(*until),
            Self::StartingSession | Self::Asking(_) | Self::Serving | Self::Ended => None,
        }
    }
}

impl Session {
    /// The first octets of the connection.
    pub(super) fn begin(&mut self, now: Duration) {
        if self.config.dialect.framing == Framing::Tpkt {
            self.writes.push_back((cotp_connect(), None));
            self.phase = Phase::Cotp { until: now + self.config.timers.request };
            return;
        }
        self.begin_session(now);
    }

    fn begin_session(&mut self, now: Duration) {
        match self.config.dialect.start {
            Start::Acse => self.associate(now),
            Start::Bare => self.ask_everything(now, [Step::Devices]),
            Start::Implicit => self.phase = Phase::FirstWord { until: now + self.config.timers.first_word },
            Start::AppSession => self.start_session(now),
        }
    }

    pub(super) fn cotp(&mut self, now: Duration, code: u8) {
        match (&self.phase, code) {
            (Phase::Cotp { .. }, COTP_CONFIRMED) => self.begin_session(now),
            _ => self.end(format!("the transport was closed (COTP {code:02X})")),
        }
    }

    fn associate(&mut self, now: Duration) {
        let Encoding::Ber { phase } = self.config.dialect.encoding else { return };
        let login = self.config.user.clone().zip(self.config.password.clone());
        let request = Associate { context: CONTEXT.to_vec(), login, user: Some(versions(phase)) };
        match self.wire.write_acse(&Apdu::Associate(request)) {
            Ok(bytes) => {
                self.writes.push_back((bytes, None));
                self.phase = Phase::Associating { until: now + self.config.timers.request };
            }
            Err(error) => self.end(error.to_string()),
        }
    }

    pub(super) fn acse(&mut self, now: Duration, apdu: Apdu) {
        match apdu {
            Apdu::Associated(associated) if associated.result != Outcome::Accepted => {
                self.login_refused = matches!(associated.diagnostic, Some((1, 11..=14)));
                self.end(format!("the switch refused the association: {}", refusal(&associated)));
            }
            Apdu::Associated(associated) if matches!(self.phase, Phase::Associating { .. }) => {
                // Seen there: a time and a release.
                let told = associated.authentication.iter().filter_map(Octets::as_text);
                self.welcome.version = shown(&told.collect::<Vec<_>>().join(" "));
                self.phase = Phase::FirstWord { until: now + self.config.timers.first_word };
            }
            Apdu::Abort { .. } | Apdu::Release { .. } | Apdu::Released { .. } => {
                self.end("the switch ended the association".to_owned());
            }
            Apdu::Associate(_) | Apdu::Associated(_) => {
                self.strange("an association that nobody asked for".to_owned(), Vec::new());
            }
        }
    }

    fn start_session(&mut self, now: Duration) {
        let Encoding::Xml { namespace } = self.config.dialect.encoding else { return };
        let timers = self.config.timers;
        let is_avaya = self.config.dialect.device_ids == DeviceIds::ThirdParty;
        let session = AppSession {
            application: self.config.application.clone(),
            versions: vec![namespace.to_owned()],
            duration_s: u32::try_from(timers.session.as_secs()).unwrap_or(u32::MAX),
            user: self.config.user.clone(),
            password: self.config.password.clone(),
            recover: self.config.recover.as_ref().map(|lost| lost.session.clone()),
            cleanup_s: is_avaya.then(|| u32::try_from(timers.cleanup.as_secs()).unwrap_or(u32::MAX)),
        };
        self.phase = Phase::StartingSession;
        self.send(now, Purpose::StartSession, Request::StartApplicationSession(session));
    }

    pub(super) fn session_started(&mut self, now: Duration, answer: Result<Response, Fault>) {
        match answer {
            Ok(Response::StartApplicationSession { session, version, duration_s }) => {
                let duration = Duration::from_secs(u64::from(duration_s.max(2)));
                // It is the one that was lost: its monitors stand.
                if let Some(lost) = self.config.recover.take().filter(|lost| lost.session == session) {
                    self.watches.adopt(lost.monitors);
                }
                self.application =
                    Some(AppSessionState { id: session, duration, reset_at: now + duration / 2 });
                // No namespace is longer, and every request would carry it.
                if version.len() <= ID_MAX {
                    self.wire.negotiated(&version);
                }
                self.welcome.version = shown(&version);
                self.ask_everything(now, [Step::Register, Step::Capabilities, Step::Devices]);
            }
            Ok(_) => self.end("the switch answered something else to StartApplicationSession".to_owned()),
            Err(fault) => {
                self.login_refused = fault == Fault::Session(SessionRefusal::InvalidApplicationInfo);
                self.end(format!("the switch refused the application session: {fault}"));
            }
        }
    }

    /// The switch said its status for the first time, or was silent long enough.
    fn first_word(&mut self, now: Duration) {
        self.ask_everything(now, [Step::Register, Step::Capabilities, Step::Devices]);
    }

    fn ask_everything<const N: usize>(&mut self, now: Duration, steps: [Step; N]) {
        let dialect = self.config.dialect;
        let is_asked = |step: &Step| match step {
            Step::Register => dialect.lacks("SystemRegister").is_none(),
            Step::Capabilities => dialect.lacks("GetSwitchingFunctionCaps").is_none(),
            Step::Devices => dialect.lists_devices,
        };
        self.phase = Phase::Asking(steps.into_iter().filter(is_asked).collect());
        self.ask_next(now);
    }

    fn ask_next(&mut self, now: Duration) {
        let Phase::Asking(steps) = &mut self.phase else { return };
        match steps.pop_front() {
            Some(Step::Register) => {
                let types = RequestTypes {
                    system_status: true,
                    request_system_status: true,
                    capabilities_changed: false,
                    devices_changed: true,
                };
                self.send(now, Purpose::Register, Request::SystemRegister { types });
            }
            Some(Step::Capabilities) => {
                self.send(now, Purpose::Capabilities, Request::GetSwitchingFunctionCaps);
            }
            Some(Step::Devices) => {
                self.send(now, Purpose::Devices, Request::GetSwitchingFunctionDevices { category: None });
            }
            None => {
                self.phase = Phase::Serving;
                self.outputs.push_back(Output::Ready(Box::new(self.welcome.clone())));
            }
        }
    }

    /// An answer, or none in time, to a question before services are used: each switch has its own gaps, none stops
    /// the link.
    pub(super) fn asked(&mut self, now: Duration, answer: Option<Response>) {
        match answer {
            Some(Response::SystemRegister { register }) => self.register = Some(register),
            Some(Response::Capabilities { services, .. }) => self.welcome.services = services,
            Some(Response::GetSwitchingFunctionDevices { cross_ref }) => {
                let (until, latest) = (now + SEGMENT_WAIT, now + LIST_WAIT);
                self.phase = Phase::Listing { cross_ref, until, latest };
                return;
            }
            Some(_) | None => {}
        }
        self.ask_next(now);
    }

    /// A segment of the list of devices.
    pub(super) fn listed(
        &mut self,
        now: Duration,
        cross_ref: &Octets,
        last: bool,
        devices: Vec<ListedDevice>,
    ) {
        let room = DEVICES_MAX.saturating_sub(self.welcome.devices.len());
        let fits =
            |listed: &ListedDevice| listed.device.as_ref().is_none_or(|device| device.text.len() <= ID_MAX);
        self.welcome.devices.extend(devices.into_iter().filter(fits).take(room));
        let is_full = self.welcome.devices.len() >= DEVICES_MAX;
        if let Phase::Listing { cross_ref: expected, until, latest } = &mut self.phase
            && expected == cross_ref
        {
            *until = (now + SEGMENT_WAIT).min(*latest);
            if last || is_full {
                self.serve(now);
            }
        }
    }

    fn serve(&mut self, now: Duration) {
        self.phase = Phase::Asking(VecDeque::new());
        self.ask_next(now);
    }

    pub(super) fn said_status(&mut self, now: Duration, status: SystemStatus) {
        let before = self.status.replace(status);
        self.overloaded_until = (status == SystemStatus::OverloadReached).then_some(now + OVERLOAD);
        if before != Some(status) {
            self.outputs.push_back(Output::Status(status));
        }
        if status == SystemStatus::Initializing && self.phase != Phase::Serving {
            // It has forgotten every session: an id of before that it gives anew is no recovery.
            self.config.recover = None;
            self.watches.forget(false);
        }
        if matches!(self.phase, Phase::FirstWord { .. }) {
            return self.first_word(now);
        }
        let is_unknown = match status {
            SystemStatus::Initializing | SystemStatus::MessagesLost => true,
            SystemStatus::Enabled => before == Some(SystemStatus::Disabled),
            SystemStatus::Normal
            | SystemStatus::Disabled
            | SystemStatus::OverloadImminent
            | SystemStatus::OverloadReached
            | SystemStatus::OverloadRelieved
            | SystemStatus::PartiallyDisabled => false,
        };
        if is_unknown && self.phase == Phase::Serving {
            // Answers under way may be from before.
            self.pending.disown(|purpose| matches!(purpose, Purpose::Monitor(_) | Purpose::DeviceId(_)));
            self.watches.forget(status == SystemStatus::MessagesLost);
            self.restart_survey();
        }
    }

    pub(super) fn login_timeout(&mut self, now: Duration) {
        if self.phase.until().is_none_or(|until| until > now) {
            return;
        }
        match &self.phase {
            Phase::Cotp { .. } => self.end("the switch did not answer the transport connection".to_owned()),
            Phase::Associating { .. } => self.end("the switch did not answer the association".to_owned()),
            Phase::FirstWord { .. } => self.first_word(now),
            Phase::Listing { .. } => self.serve(now),
            Phase::StartingSession | Phase::Asking(_) | Phase::Serving | Phase::Ended => {}
        }
    }

    /// Keeps the link alive, and notices when it is dead.
    pub(super) fn heartbeat(&mut self, now: Duration) {
        if let Some(session) = self.application.as_mut().filter(|session| session.reset_at <= now) {
            session.reset_at = now + session.duration / 2;
            let duration_s = u32::try_from(session.duration.as_secs()).unwrap_or(u32::MAX);
            let session = session.id.clone();
            self.send(
                now,
                Purpose::ResetTimer,
                Request::ResetApplicationSessionTimer { session, duration_s },
            );
        }
        if now < self.last_word + self.config.timers.heartbeat * (self.silent_beats + 1) {
            return;
        }
        self.silent_beats += 1;
        if self.silent_beats >= SILENT_HEARTBEATS {
            return self.end("the switch has been silent for three heartbeats".to_owned());
        }
        if self.phase == Phase::Serving {
            // Phases I and II have one operation for both directions.
            let request = match self.config.dialect.encoding {
                Encoding::Ber { phase: CstaPhase::One | CstaPhase::Two } => {
                    Request::SystemStatus { status: SystemStatus::Normal, register: None }
                }
                Encoding::Ber { phase: CstaPhase::Three } | Encoding::Xml { .. } => {
                    Request::RequestSystemStatus
                }
            };
            self.send(now, Purpose::Heartbeat, request);
        }
    }

    pub(super) fn timer_reset(&mut self, answer: Result<Response, Fault>, now: Duration) {
        match answer {
            Ok(Response::ResetApplicationSessionTimer { duration_s: Some(seconds) }) => {
                if let Some(session) = &mut self.application {
                    session.duration = Duration::from_secs(u64::from(seconds.max(2)));
                    session.reset_at = now + session.duration / 2;
                }
            }
            Ok(_) => {}
            Err(fault) => self.end(format!("the switch did not prolong the application session: {fault}")),
        }
    }

    /// Leaves in good order.
    pub(super) fn leave(&mut self, now: Duration) {
        if self.phase == Phase::Ended {
            return;
        }
        let mut farewells = Vec::new();
        if let Some(session) = self.application.take() {
            self.send(now, Purpose::Farewell, Request::StopApplicationSession { session: session.id });
        } else {
            self.watches.set(Vec::new());
            while let Some((cross_ref, device)) = self.watches.next_to_stop() {
                self.stop_monitor(now, cross_ref, &device);
            }
        }
        if self.config.dialect.start == Start::Acse
            && let Ok(bytes) = self.wire.write_acse(&Apdu::Abort { source: 0, diagnostic: Some(1) })
        {
            farewells.push((bytes, None));
        }
        // What is written last must still leave: `end` drops the rest.
        let mut writes = std::mem::take(&mut self.writes);
        writes.extend(farewells);
        self.end("logged off".to_owned());
        self.writes = writes;
    }
}

/// What we can speak, in the form of the phase.
fn versions(phase: CstaPhase) -> UserInformation {
    let old = phase != CstaPhase::Three;
    let bit = match phase {
        CstaPhase::One => 0,
        CstaPhase::Two => 1,
        // ISO/IEC 18052: what the clients in the field say to Phase III.
        CstaPhase::Three => 3,
    };
    let maps = old.then(Functionality::default);
    UserInformation { old, versions: 1 << bit, required: maps, supplied: maps, private_versions: Vec::new() }
}

/// Why an association was refused, in words (X.227 `Associate-source-diagnostic`).
fn refusal(associated: &Associated) -> String {
    match associated.diagnostic {
        Some((1, 2)) => "it does not speak this application context".to_owned(),
        Some((1, 11..=14)) => "user or password is wrong".to_owned(),
        Some((source, code)) => format!("diagnostic {source}/{code}"),
        None => "without a reason".to_owned(),
    }
}
