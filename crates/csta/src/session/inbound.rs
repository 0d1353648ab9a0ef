//! What came: answers to their questions, questions to their answers.

use std::time::Duration;

use super::login::Phase;
use super::pending::Purpose;
use super::{Output, Session, Settled};
use crate::dialect::Encoding;
use crate::model::{
    DeviceId, Fault, FaultCategory, InvokeId, Message, Request, Response, SystemStatus, shown,
};
use crate::wire::Received;

/// ECMA-285 operation error 50.
const SERVICE_NOT_SUPPORTED: u16 = 50;

impl Session {
    pub(super) fn receive(&mut self, now: Duration, received: Received) {
        if matches!(received, Received::Message { .. } | Received::Acse(_) | Received::Cotp(_)) {
            // Only what can be read keeps the link alive.
            self.last_word = now;
            self.silent_beats = 0;
            self.has_heard = true;
        }
        match received {
            Received::Message { message, raw } => self.message(now, *message, raw),
            Received::Acse(apdu) => self.acse(now, apdu),
            Received::Cotp(code) => self.cotp(now, code),
            Received::Malformed { why, raw } => {
                self.stats.malformed += 1;
                self.outputs.push_back(Output::Strange { why: why.to_string(), raw });
            }
            Received::Skipped { octets, start } => {
                self.stats.skipped += u64::try_from(octets).unwrap_or(0);
                let why = format!("{octets} octets that are no message");
                self.outputs.push_back(Output::Strange { why, raw: start });
            }
        }
    }

    pub(super) fn message(&mut self, now: Duration, message: Message, raw: Vec<u8>) {
        match message {
            Message::Event(report) => self.event(now, report, raw),
            Message::Request { id, request } => self.request(now, id, request, raw),
            Message::Response { id, response } => self.answered(now, Some(id), Ok(response), raw),
            Message::Fault { id, fault } => self.answered(now, id, Err(fault), raw),
            Message::Unknown { name, .. } => self.strange(format!("{name}, which we do not know"), raw),
        }
    }

    fn answered(
        &mut self,
        now: Duration,
        id: Option<InvokeId>,
        answer: Result<Response, Fault>,
        raw: Vec<u8>,
    ) {
        // Quirk 10: a Reject without id means the one request that waits, or an answer of ours.
        let purpose = id.or_else(|| self.pending.only()).and_then(|id| self.pending.close(id));
        let Some(purpose) = purpose else {
            self.keep_none(answer);
            return self.strange("an answer to nothing".to_owned(), raw);
        };
        match purpose {
            Purpose::Disowned => self.keep_none(answer),
            Purpose::Owner(request) => {
                let outcome = match answer {
                    Ok(response) => Settled::Done(response),
                    Err(fault) => Settled::Refused(fault),
                };
                let is_done = matches!(outcome, Settled::Done(_));
                self.settle(request, outcome);
                self.agent_set(now, request, is_done);
            }
            Purpose::StartSession => self.session_started(now, answer),
            Purpose::ResetTimer => self.timer_reset(answer, now),
            Purpose::Register | Purpose::Capabilities | Purpose::Devices => self.asked(now, answer.ok()),
            Purpose::Heartbeat => {
                if let Ok(Response::RequestSystemStatus { status }) = answer {
                    self.said_status(now, status);
                }
            }
            Purpose::DeviceId(key) => self.device_named(now, key, answer),
            Purpose::Monitor(key) => self.monitor_answered(now, key, answer),
            Purpose::SnapshotDevice(key) => self.device_surveyed(now, key, answer),
            Purpose::SnapshotCall(call) => self.call_surveyed(now, call, answer),
            Purpose::Agents(key) => self.agents_answered(key, answer),
            Purpose::StopMonitor | Purpose::Farewell => {}
        }
    }

    /// Quirk 16: a monitor that stands though nobody waits for it any more would cost a licence for ever.
    fn keep_none(&mut self, answer: Result<Response, Fault>) {
        if let Ok(Response::MonitorStart { cross_ref, .. }) = answer {
            self.watches.stop(cross_ref, DeviceId::default());
        }
    }

    /// No answer came in time.
    #[expect(clippy::needless_pass_by_value, reason = "the request it was for is over")]
    pub(super) fn overdue(&mut self, now: Duration, purpose: Purpose) {
        match purpose {
            Purpose::Owner(request) => {
                self.agent_set(now, request, false);
                self.settle(request, Settled::Unknown { why: "no answer in time" });
            }
            Purpose::StartSession => self.end("the switch did not answer StartApplicationSession".to_owned()),
            Purpose::ResetTimer => {
                self.end("the switch did not answer ResetApplicationSessionTimer".to_owned());
            }
            Purpose::DeviceId(key) | Purpose::Monitor(key) => self.monitor_unanswered(now, key),
            Purpose::SnapshotDevice(_) | Purpose::SnapshotCall(_) | Purpose::Agents(_) => {
                self.question_unanswered(&purpose);
            }
            Purpose::Farewell
            | Purpose::Register
            | Purpose::Capabilities
            | Purpose::Devices
            | Purpose::Heartbeat
            | Purpose::StopMonitor
            | Purpose::Disowned => self.refused_here(now, &purpose, "no answer in time"),
        }
    }

    /// A question of our own that has no answer: goes on as if it were refused.
    pub(super) fn refused_here(&mut self, now: Duration, purpose: &Purpose, why: &str) {
        let fault = || Fault::Other { detail: why.to_owned() };
        match purpose {
            Purpose::StartSession | Purpose::ResetTimer => self.end(why.to_owned()),
            Purpose::Register | Purpose::Capabilities | Purpose::Devices => self.asked(now, None),
            Purpose::DeviceId(key) | Purpose::Monitor(key) => self.monitor_refused(now, *key, fault()),
            Purpose::Owner(request) => self.settle(*request, Settled::NeverSent { why: why.to_owned() }),
            Purpose::SnapshotDevice(_)
            | Purpose::SnapshotCall(_)
            | Purpose::Agents(_)
            | Purpose::Heartbeat
            | Purpose::StopMonitor
            | Purpose::Disowned
            | Purpose::Farewell => {}
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all other services are asked of a switch, never by one"
    )]
    fn request(&mut self, now: Duration, id: InvokeId, request: Request, raw: Vec<u8>) {
        let service = request.name();
        match request {
            Request::SystemStatus { status, .. } => {
                self.acknowledge(id, service);
                self.said_status(now, status);
            }
            Request::RequestSystemStatus => {
                self.answer(id, Response::RequestSystemStatus { status: SystemStatus::Normal });
            }
            Request::SwitchingFunctionDevices { cross_ref, last, devices } => {
                // ASN.1 has a result for it, the XML schema has none.
                if matches!(self.config.dialect.encoding, Encoding::Ber { .. }) {
                    self.acknowledge(id, service);
                }
                self.listed(now, &cross_ref, last, devices);
            }
            Request::MonitorStop { cross_ref } => {
                self.acknowledge(id, service);
                self.monitor_ended(now, &cross_ref);
            }
            Request::SnapshotDeviceData { cross_ref, last, items } => {
                if !self.segment(now, &cross_ref, last, items, Vec::new()) {
                    self.strange("snapshot data that nobody waits for".to_owned(), raw);
                }
            }
            Request::SnapshotCallData { cross_ref, last, items } => {
                if !self.segment(now, &cross_ref, last, Vec::new(), items) {
                    self.strange("snapshot data that nobody waits for".to_owned(), raw);
                }
            }
            Request::ApplicationSessionTerminated { reason, .. } => {
                // There is nothing left to take over.
                self.application = None;
                self.end(format!("the switch ended the application session: {}", shown(&reason)));
            }
            request @ (Request::RouteRequest { .. }
            | Request::ReRoute { .. }
            | Request::RouteUsed { .. }
            | Request::RouteEnd { .. }) => self.asked_by_switch(id, request),
            other => {
                if other.is_confirmed() {
                    let fault = Fault::Failure {
                        category: FaultCategory::Operation,
                        code: SERVICE_NOT_SUPPORTED,
                        word: "serviceNotSupported".to_owned(),
                    };
                    self.reply(&Message::Fault { id: Some(id), fault });
                }
                self.strange(format!("{service}, which is not for us"), raw);
            }
        }
    }

    fn asked_by_switch(&mut self, id: InvokeId, request: Request) {
        if self.phase == Phase::Serving {
            self.outputs.push_back(Output::Asked { id, request: Box::new(request) });
        }
    }

    fn acknowledge(&mut self, id: InvokeId, service: &'static str) {
        self.answer(id, Response::Ack { service: Some(service) });
    }
}
