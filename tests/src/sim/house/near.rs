//! Our end: session and translator as the driver of `links` joins them, with time and octets handed in.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use csta::dialect::Dialect;
use csta::model::{Request, Secret};
use csta::session::{Config, Output, Recovery, RequestId, Session, Timers, Watch};
use cti_core::ids::CommandId;
use cti_core::input::{Input, LinkChange, RequestOutcome};
use cti_core::request::SwitchRequest;
use cti_core::time::Timestamp;
use links::csta::{CstaTranslator, Router};
use links::{CstaLink, KnownConnection, Translator as _};

/// One link.
#[derive(Debug)]
pub(super) struct Near {
    config: CstaLink,
    dialect: Dialect,
    began: Timestamp,
    /// None while there is no connection.
    session: Option<Session>,
    translator: CstaTranslator,
    router: Router,
    /// Commands by the service that is under way, and the services that are left of them.
    steps: BTreeMap<RequestId, (CommandId, VecDeque<Request>)>,
    recover: Option<(Recovery, Timestamp)>,
    is_up: bool,
    listed: Vec<Watch>,
    inputs: Vec<Input>,
}

impl Near {
    pub(super) fn new(config: CstaLink, dialect: Dialect, now: Timestamp) -> Self {
        let translator = CstaTranslator::new(config.translator(&dialect));
        let router = Router::new(config.route_points.clone(), config.asking().cloned().collect());
        Self {
            config,
            dialect,
            began: now,
            session: None,
            translator,
            router,
            steps: BTreeMap::new(),
            recover: None,
            is_up: false,
            listed: Vec::new(),
            inputs: Vec::new(),
        }
    }

    /// A link of a daemon that has just started, which knows these connections.
    pub(super) fn again(&self, now: Timestamp, epoch: Option<&str>, known: &[KnownConnection]) -> Self {
        let mut near = Self::new(self.config.clone(), self.dialect, self.began);
        near.translator.set_boot_epoch(epoch.map(Into::into).as_ref());
        near.translator.seed(now, known);
        near
    }

    fn elapsed(&self, now: Timestamp) -> Duration {
        Duration::from_micros(u64::try_from(now - self.began).unwrap_or(0))
    }

    pub(super) fn connect(&mut self, now: Timestamp) {
        let recover = self.recover.take().filter(|(_, until)| *until > now).map(|(lost, _)| lost);
        let config = Config {
            // Nobody waits whether a switch speaks first: not all do, and links are up equally soon whatever they speak.
            timers: Timers { first_word: Duration::ZERO, ..Timers::default() },
            user: Some(self.config.user.clone()),
            password: Some(Secret::from(self.config.password.as_str())),
            switch_name: self.config.switch_name.clone(),
            recover,
            ..Config::new(self.dialect)
        };
        self.session = Some(Session::new(config, self.elapsed(now)));
        self.listen(now);
    }

    /// The connection is gone.
    pub(super) fn lose(&mut self, now: Timestamp) {
        if let Some(session) = &mut self.session {
            session.connection_lost("cut");
        }
        self.listen(now);
    }

    pub(super) const fn is_up(&self) -> bool {
        self.is_up
    }

    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let session = self.session.as_ref().and_then(Session::poll_timeout);
        let at = |due: Duration| self.began.as_micros() + i64::try_from(due.as_micros()).unwrap_or(0);
        let session = session.map(|due| Timestamp::from_micros(at(due)));
        [session, self.translator.next_deadline().filter(|_| self.is_up)].into_iter().flatten().min()
    }

    /// Does what is due.
    pub(super) fn pass(&mut self, now: Timestamp) {
        let elapsed = self.elapsed(now);
        if let Some(session) = &mut self.session {
            session.handle_timeout(elapsed);
        }
        if self.is_up {
            let told = self.translator.tick(now).inputs;
            self.inputs.extend(told);
            self.act(now);
        }
        self.listen(now);
    }

    /// Octets of the switch.
    pub(super) fn feed(&mut self, now: Timestamp, octets: &[u8]) {
        let elapsed = self.elapsed(now);
        if let Some(session) = &mut self.session {
            session.feed(elapsed, octets);
        }
        self.listen(now);
    }

    /// What goes to the switch.
    pub(super) fn writes(&mut self) -> Vec<Vec<u8>> {
        let session = self.session.as_mut();
        session.into_iter().flat_map(|session| std::iter::from_fn(|| session.poll_write())).collect()
    }

    /// What the Domain is to hear.
    pub(super) fn take(&mut self) -> Vec<Input> {
        std::mem::take(&mut self.inputs)
    }

    /// The Domain asks the switch for something.
    pub(super) fn request(&mut self, now: Timestamp, command: CommandId, request: &SwitchRequest) {
        if !self.is_up {
            let detail = "the link is down".into();
            return self.outcome(command, RequestOutcome::NeverSent { detail });
        }
        match self.translator.request(now, command, request) {
            Ok(actions) => {
                let rest: VecDeque<Request> = actions.into();
                if !self.step(now, command, rest) {
                    self.outcome(command, RequestOutcome::Accepted);
                }
            }
            Err(outcome) => self.outcome(command, outcome),
        }
    }

    /// Asks for the next service of a command; false when there is none left.
    fn step(&mut self, now: Timestamp, command: CommandId, mut rest: VecDeque<Request>) -> bool {
        let Some(next) = rest.pop_front() else { return false };
        let Some(id) = self.submit(now, next) else { return false };
        self.steps.insert(id, (command, rest));
        true
    }

    fn submit(&mut self, now: Timestamp, request: Request) -> Option<RequestId> {
        let elapsed = self.elapsed(now);
        self.session.as_mut().map(|session| session.submit(elapsed, request))
    }

    fn outcome(&mut self, command: CommandId, outcome: RequestOutcome) {
        self.inputs.push(Input::RequestOutcome { command, outcome });
    }

    fn act(&mut self, now: Timestamp) {
        for action in self.translator.take_actions() {
            self.submit(now, action);
        }
    }

    fn link(&mut self, change: LinkChange) {
        self.inputs.push(Input::Link { switch: self.config.id.clone(), change });
    }

    fn listen(&mut self, now: Timestamp) {
        while let Some(output) = self.session.as_mut().and_then(Session::poll_output) {
            self.output(now, &output);
        }
    }

    fn output(&mut self, now: Timestamp, output: &Output) {
        match output {
            Output::Ready(welcome) => {
                self.listed = self.config.listed(&self.dialect, &welcome.devices);
                let all = self.config.watches(&self.dialect).into_iter().chain(self.listed.clone()).collect();
                let elapsed = self.elapsed(now);
                if let Some(session) = &mut self.session {
                    session.watch(elapsed, all);
                }
                for (device, request) in self.router.begin() {
                    if let Some(id) = self.submit(now, request) {
                        self.router.asked(id, device);
                    }
                }
            }
            Output::Survey(_) if !self.is_up => {
                self.is_up = true;
                let capabilities = self.translator.capabilities();
                self.link(LinkChange::Up { version: "simulated".into(), capabilities });
            }
            Output::Asked { request, .. } if !self.translator.distributes(request) => {
                if let Some(answer) = self.router.answer(request) {
                    self.submit(now, answer);
                }
            }
            Output::Settled { request, outcome } => {
                if self.router.settled(*request, outcome).is_none() {
                    self.settled(now, *request, outcome);
                }
                return;
            }
            Output::Ended { why, recover, .. } => {
                self.recover = recover.clone().map(|lost| {
                    let lasts = i64::try_from(lost.lasts.as_millis()).unwrap_or(0);
                    (lost, now.plus_millis(lasts))
                });
                self.session = None;
                for (command, _) in std::mem::take(&mut self.steps).into_values() {
                    let detail = why.as_str().into();
                    self.outcome(command, RequestOutcome::Unknown { detail });
                }
                self.translator.link_ended();
                self.is_up = false;
                return self.link(LinkChange::Down { reason: why.as_str().into() });
            }
            Output::Survey(_)
            | Output::Asked { .. }
            | Output::Event { .. }
            | Output::Agents { .. }
            | Output::Status(_)
            | Output::Monitor { .. }
            | Output::Strange { .. } => {}
        }
        let told = self.translator.message(now, output).inputs;
        self.inputs.extend(told);
        self.act(now);
    }

    fn settled(&mut self, now: Timestamp, id: RequestId, outcome: &csta::session::Settled) {
        let Some((command, rest)) = self.steps.remove(&id) else { return };
        let is_done = matches!(outcome, csta::session::Settled::Done(_));
        if is_done && self.step(now, command, rest) {
            return;
        }
        let (outcome, batch) = self.translator.settled(now, command, outcome);
        self.inputs.extend(batch.inputs);
        self.act(now);
        self.outcome(command, outcome);
    }
}
