//! Sessions of clients: signing in, the status that must be answered, the time that runs out.
#![expect(clippy::wildcard_enum_match_arm, reason = "services are taken one group after the other")]

use csta::dialect::{DeviceIds, Encoding, Phase, Start};
use csta::model::{
    AppSession, Fault, FaultCategory, InvokeId, Octets, Request, RequestTypes, Response, SessionRefusal,
    SystemStatus,
};

use super::phase;
use super::{Csta, Lease, Out, Stage};
use crate::Exchange;
use crate::exchange::Micros;
use crate::face::SessionId;

const SECOND: Micros = 1_000_000;
/// Pause between two System Status; who has not answered the last one is cut off.
pub(super) const BEAT: Micros = 30 * SECOND;
/// How long a switch takes to start. Real ones take minutes.
pub(super) const STARTS: Micros = 3 * SECOND;
/// Longest and shortest life of an application session, seconds.
const LEASE_S: [u32; 2] = [2, 600];

/// A universalFailure; its word is that of its code.
pub(super) fn failure(category: FaultCategory, code: u16) -> Fault {
    Fault::Failure { category, code, word: String::new() }
}

/// What a user and a password are worth.
enum Entry {
    Welcome,
    WrongPassword,
    AlreadyIn,
}

impl Csta {
    pub(super) fn tell_status(&mut self, id: SessionId) {
        let Some(client) = self.clients.get(&id) else { return };
        let register = client.registered.as_ref().map(|(register, _)| register.clone());
        let status = match self.starts_until {
            Some(_) => SystemStatus::Initializing,
            None => SystemStatus::Normal,
        };
        let asked = self.ask(id, Request::SystemStatus { status, register });
        if let Some(client) = self.clients.get_mut(&id) {
            client.unanswered = Some(asked);
        }
    }

    /// True for clients that are told the status again and again.
    fn beats(&self, id: SessionId) -> bool {
        let Some(client) = self.clients.get(&id).filter(|client| client.stage == Stage::Served) else {
            return false;
        };
        match self.dialect.start {
            Start::Acse | Start::Bare | Start::Implicit => true,
            Start::AppSession => client.registered.as_ref().is_some_and(|(_, types)| types.system_status),
        }
    }

    /// When [`advance`](Self::advance) has something to do.
    pub fn next_due(&self) -> Option<Micros> {
        let beats = self.clients.iter().filter(|(id, _)| self.beats(**id)).map(|(_, client)| client.beat_at);
        let leases =
            self.clients.values().filter_map(|client| client.lease.as_ref()).map(|lease| lease.until);
        beats.chain(leases).chain(self.lost.values().map(|lost| lost.until)).chain(self.starts_until).min()
    }

    /// The switch has started: everybody is told, and what they asked meanwhile is served.
    fn has_started(&mut self, exchange: &mut Exchange, now: Micros) {
        self.starts_until = None;
        let told = |client: &super::Client| {
            client.stage == Stage::Served
                && (self.dialect.start != Start::AppSession || client.registered.is_some())
        };
        let ids: Vec<SessionId> =
            self.clients.iter().filter(|(_, client)| told(client)).map(|(id, _)| *id).collect();
        for id in ids {
            self.tell_status(id);
        }
        let ids: Vec<SessionId> = self.clients.keys().copied().collect();
        for id in ids {
            self.serve_early(id, exchange, now);
        }
    }

    fn serve_early(&mut self, id: SessionId, exchange: &mut Exchange, now: Micros) {
        let Some(client) = self.clients.get_mut(&id).filter(|client| client.stage == Stage::Served) else {
            return;
        };
        for message in std::mem::take(&mut client.early) {
            self.take_message(id, exchange, now, message);
        }
    }

    /// Lets time pass.
    pub fn advance(&mut self, exchange: &mut Exchange, now: Micros) {
        if self.starts_until.is_some_and(|until| until <= now) {
            self.has_started(exchange, now);
        }
        let ids: Vec<SessionId> = self.clients.keys().copied().collect();
        for id in ids {
            self.lease_runs(id, now);
            let is_due = self.clients.get(&id).is_some_and(|client| client.beat_at <= now);
            if is_due && self.beats(id) {
                self.beat(id, now);
            }
        }
        let over: Vec<String> =
            self.lost.iter().filter(|(_, lost)| lost.until <= now).map(|(name, _)| name.clone()).collect();
        for name in over {
            if let Some(lost) = self.lost.remove(&name) {
                self.monitors.retain(|monitor| monitor.session != lost.owner);
            }
        }
    }

    fn beat(&mut self, id: SessionId, now: Micros) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        client.beat_at = now + BEAT;
        if client.unanswered.is_some() {
            // Quirk 25: an unanswered status ends the link.
            return self.close(id);
        }
        self.tell_status(id);
    }

    fn lease_runs(&mut self, id: SessionId, now: Micros) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        let Some(lease) = client.lease.take_if(|lease| lease.until <= now) else { return };
        client.stage = Stage::MustStart;
        self.monitors.retain(|monitor| monitor.session != id);
        let reason = "sessionTimerExpired".to_owned();
        self.ask(id, Request::ApplicationSessionTerminated { session: lease.session, reason });
        self.close(id);
    }

    /// A client answered something.
    pub(super) fn answered(
        &mut self,
        id: SessionId,
        exchange: &mut Exchange,
        now: Micros,
        answered: InvokeId,
        response: Option<&Response>,
    ) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        if client.unanswered == Some(answered) {
            client.unanswered = None;
            if client.stage == Stage::MustAnswer {
                client.stage = Stage::Served;
                return self.serve_early(id, exchange, now);
            }
        }
        let is_segment = client.listing.as_ref().is_some_and(|(asked, _, _)| *asked == answered);
        if is_segment && response.is_some() {
            self.list_on(id);
        }
    }

    /// A client wants an association, with a user and a password.
    pub fn associate(
        &mut self,
        id: SessionId,
        exchange: &Exchange,
        now: Micros,
        login: Option<(&str, &str)>,
    ) {
        let (user, password) = login.unzip();
        match self.enters(id, exchange, user, password) {
            Entry::Welcome => {
                self.out.push((id, Out::Associated(true)));
                if let Some(client) = self.clients.get_mut(&id) {
                    client.stage = Stage::MustAnswer;
                    client.beat_at = now + BEAT;
                }
                self.tell_status(id);
            }
            Entry::WrongPassword | Entry::AlreadyIn => {
                self.out.push((id, Out::Associated(false)));
                self.close(id);
            }
        }
    }

    fn enters(
        &mut self,
        id: SessionId,
        exchange: &Exchange,
        user: Option<&str>,
        password: Option<&str>,
    ) -> Entry {
        let users = &exchange.plan().csta_users;
        if users.is_empty() {
            return Entry::Welcome;
        }
        let known = users.iter().find(|one| Some(one.user.as_str()) == user);
        let Some(known) = known.filter(|one| Some(one.password.as_str()) == password) else {
            return Entry::WrongPassword;
        };
        let others = self.others_of(id, &known.user);
        if known.once && !others.is_empty() {
            return Entry::AlreadyIn;
        }
        // Quirk 25: a second client of the same user ends the first.
        for other in others {
            self.close(other);
        }
        if let Some(client) = self.clients.get_mut(&id) {
            client.user = Some(known.user.clone());
        }
        Entry::Welcome
    }

    /// Services of ECMA-354; everything else when the client is not served yet.
    pub(super) fn serve_session(
        &mut self,
        id: SessionId,
        exchange: &Exchange,
        now: Micros,
        request: &Request,
    ) -> Result<Response, Fault> {
        match request {
            Request::StartApplicationSession(asked) => self.start_session(id, exchange, now, asked),
            Request::ResetApplicationSessionTimer { session, duration_s } => {
                let lease = self.clients.get_mut(&id).and_then(|client| client.lease.as_mut());
                let Some(lease) = lease.filter(|lease| lease.session == *session) else {
                    return Err(Fault::Session(SessionRefusal::InvalidSessionId));
                };
                let seconds = within(*duration_s);
                lease.duration = i64::from(seconds) * SECOND;
                lease.until = now + lease.duration;
                Ok(Response::ResetApplicationSessionTimer { duration_s: Some(seconds) })
            }
            Request::StopApplicationSession { session } => {
                let client = self.clients.get_mut(&id);
                let is_own = |lease: &mut Lease| lease.session == *session;
                let ended = client.and_then(|client| {
                    client.stage = Stage::MustStart;
                    client.lease.take_if(is_own)
                });
                self.monitors.retain(|monitor| monitor.session != id || ended.is_none());
                match ended {
                    Some(_) => Ok(Response::Ack { service: Some(request.name()) }),
                    None => Err(Fault::Session(SessionRefusal::InvalidSessionId)),
                }
            }
            // securityViolation
            _ => Err(failure(FaultCategory::Operation, 19)),
        }
    }

    fn start_session(
        &mut self,
        id: SessionId,
        exchange: &Exchange,
        now: Micros,
        asked: &AppSession,
    ) -> Result<Response, Fault> {
        let refused = |why| Err(Fault::Session(why));
        let is_known = |version: &&String| version.contains("/ecma-323/csta/ed") || *version == "3.0";
        let Some(version) = asked.versions.iter().find(is_known) else {
            return refused(SessionRefusal::ProtocolVersionNotSupported);
        };
        if self.dialect.device_ids == DeviceIds::ThirdParty || asked.user.is_some() {
            let password = asked.password.as_ref().map(csta::model::Secret::reveal);
            match self.enters(id, exchange, asked.user.as_deref(), password) {
                Entry::Welcome => {}
                Entry::WrongPassword => return refused(SessionRefusal::InvalidApplicationInfo),
                Entry::AlreadyIn => return refused(SessionRefusal::MaxNumberSessions),
            }
        }
        let seconds = within(asked.duration_s);
        let duration = i64::from(seconds) * SECOND;
        let lost = asked.recover.as_ref().and_then(|session| self.lost.remove(session));
        let session = match lost {
            Some(lost) => {
                for monitor in self.monitors.iter_mut().filter(|one| one.session == lost.owner) {
                    monitor.session = id;
                }
                lost.lease.session
            }
            None => format!("{:09}", 9_968_950 + self.number()),
        };
        let cleanup = i64::from(asked.cleanup_s.unwrap_or(0)) * SECOND;
        if let Some(client) = self.clients.get_mut(&id) {
            client.stage = Stage::Served;
            client.lease = Some(Lease { session: session.clone(), duration, until: now + duration, cleanup });
        }
        Ok(Response::StartApplicationSession { session, version: version.clone(), duration_s: seconds })
    }

    pub(super) fn register(&mut self, id: SessionId, now: Micros, types: RequestTypes) -> Response {
        let register = Octets::from(format!("{}ss", self.number()).as_str());
        if let Some(client) = self.clients.get_mut(&id) {
            client.registered = Some((register.clone(), types));
            client.beat_at = now + BEAT;
        }
        Response::SystemRegister { register }
    }

    /// Phase I and II, whose answers say less and whose clients ask the status by the operation they are asked with.
    pub(super) fn is_old(&self) -> bool {
        matches!(self.dialect.encoding, Encoding::Ber { phase: Phase::One | Phase::Two })
    }

    /// Serves what waited, in order.
    pub(super) fn serve(
        &mut self,
        id: SessionId,
        exchange: &mut Exchange,
        now: Micros,
        asked: InvokeId,
        request: Request,
    ) {
        let Some(stage) = self.clients.get(&id).map(|client| client.stage) else { return };
        let is_session = matches!(
            request,
            Request::StartApplicationSession(_)
                | Request::ResetApplicationSessionTimer { .. }
                | Request::StopApplicationSession { .. }
        );
        let (name, is_confirmed) = (request.name(), request.is_confirmed());
        let is_stop = matches!(request, Request::StopApplicationSession { .. });
        let done = if is_session || stage != Stage::Served {
            self.serve_session(id, exchange, now, &request)
        } else if self.dialect.lacks(request.name()).is_some() {
            Err(failure(FaultCategory::Operation, 50))
        } else {
            self.run(id, exchange, now, request)
        };
        match done {
            Ok(response) if is_confirmed && self.is_old() => {
                self.answer(id, asked, phase::fit(response, name));
            }
            Ok(response) if is_confirmed => self.answer(id, asked, response),
            Err(fault) if is_confirmed => self.refuse(id, asked, fault),
            Ok(_) | Err(_) => {}
        }
        self.send_later(id);
        // Who registers while the switch starts is told so.
        if self.starts_until.is_some() && name == "SystemRegister" && self.dialect.start == Start::AppSession
        {
            self.tell_status(id);
        }
        if is_stop {
            self.close(id);
        }
    }

    /// Segments follow the answer that announces them.
    fn send_later(&mut self, id: SessionId) {
        for (to, message) in std::mem::take(&mut self.later) {
            self.put(to, message);
        }
        let begins = self.clients.get_mut(&id).and_then(|client| client.announced.take());
        if let Some((cross_ref, segments)) = begins {
            if let Some(client) = self.clients.get_mut(&id) {
                client.listing = Some((0, cross_ref, segments));
            }
            self.list_on(id);
        }
    }

    /// The next segment of the device list. In ASN.1 each is answered before the next one follows; the XML schema has no
    /// answer to it.
    fn list_on(&mut self, id: SessionId) {
        let is_answered = matches!(self.dialect.encoding, Encoding::Ber { .. });
        while let Some((_, cross_ref, mut segments)) =
            self.clients.get_mut(&id).and_then(|client| client.listing.take())
        {
            let Some(devices) = segments.pop_front() else { return };
            let last = segments.is_empty();
            let request = Request::SwitchingFunctionDevices { cross_ref: cross_ref.clone(), last, devices };
            let asked = self.ask(id, request);
            if let Some(client) = self.clients.get_mut(&id) {
                client.listing = Some((asked, cross_ref, segments));
            }
            if is_answered {
                return;
            }
        }
    }
}

fn within(seconds: u32) -> u32 {
    let [least, most] = LEASE_S;
    seconds.clamp(least, most)
}
