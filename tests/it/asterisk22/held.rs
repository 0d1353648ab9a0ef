//! Callers that the switch holds for us, with the link alone beside it: nobody is lost when the link dies, and nobody
//! when it comes back.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test stops at the first surprise, also in its helpers; of all that is told it waits for one thing"
)]

use std::time::{Duration, Instant};

use cti_core::acd::{QueueSettings, Rona, Sound};
use cti_core::connection::ConnectionState;
use cti_core::domain::Domain;
use cti_core::fact::{Cause, Fact, OfferTarget, QueueLeave};
use cti_core::ids::{CommandId, Native, OfferId};
use cti_core::input::{AcdChange, Actor, Change, Input, LinkChange, Reported, RequestOutcome, SwitchEvent};
use cti_core::invariants;
use cti_core::number::NumberPlan;
use cti_core::number::guard::DialPolicy;
use cti_core::request::SwitchRequest;
use cti_core::time::Timestamp;
use links::Known;
use links::config::{ManagerUser, SwitchConfig};
use links::driver::{DriverHandle, LinkBatch, LinkConfig, spawn, system_now};
use tests::asterisk::{ACTION_SECRET, Asterisk, EVENT_SECRET, Flavour, Version};
use tests::lab::Lab;
use tests::phone::Phone;
use tests::wire::PATIENCE;
use tokio::sync::mpsc;

/// The limit of a waiting caller in this laboratory, seconds: shorter than the product's, for a test that waits for it.
const LIMIT_S: u64 = 3;
/// How long a phone rings that nobody answers: longer than the limit, so that who waits beside it proves its renewal.
const RING_MS: u64 = 4_000;

/// A link to the switch and what it has told.
struct Link {
    driver: DriverHandle,
    batches: mpsc::Receiver<LinkBatch>,
    told: Vec<Input>,
    asked: u64,
}

impl Link {
    async fn up(asterisk: &Asterisk) -> Self {
        let mut link = Self::with(asterisk, Known::default());
        link.until("the picture", |input| matches!(input, Input::Snapshot { .. }).then_some(())).await;
        link
    }

    fn with(asterisk: &Asterisk, known: Known) -> Self {
        let user = |user: &str, password: &str| ManagerUser { user: user.into(), password: password.into() };
        let address = asterisk.manager();
        let mut config = SwitchConfig::new(
            "lab",
            &address.ip().to_string(),
            user("cti-ev", EVENT_SECRET),
            user("cti-act", ACTION_SECRET),
        );
        config.port = address.port();
        asterisk.flavour.phone_context().clone_into(&mut config.context);
        "10XX".clone_into(&mut config.plan.extension_pattern);
        let (sender, batches) = mpsc::channel(1024);
        let driver = spawn(LinkConfig::Asterisk(Box::new(config)), known, system_now(), sender);
        Self { driver, batches, told: Vec::new(), asked: 0 }
    }

    /// A link that finds two callers waiting, and nothing else.
    async fn up_amid_two(asterisk: &Asterisk) -> Self {
        let mut link = Self::with(asterisk, Known::default());
        let calls = link
            .until("the picture", |input| match input {
                Input::Snapshot { snapshot, .. } => Some(snapshot.calls.clone()),
                _ => None,
            })
            .await;
        let states: Vec<_> = calls
            .iter()
            .flat_map(|call| &call.connections)
            .map(|one| (one.endpoint.queue.as_ref().map(Native::as_str), one.state))
            .collect();
        let waits = (Some("hotline"), Reported::Known(ConnectionState::Queued));
        assert_eq!(states, [waits, waits]);
        link
    }

    /// The first thing told that answers, of those told already or to come; what came before it is forgotten.
    async fn until<T>(&mut self, what: &str, answers: impl Fn(&Input) -> Option<T>) -> T {
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some((at, found)) =
                self.told.iter().enumerate().find_map(|(at, input)| Some((at, answers(input)?)))
            {
                self.told.drain(..=at);
                return found;
            }
            match tokio::time::timeout_at(end, self.batches.recv()).await {
                Ok(Some(batch)) => self.told.extend(batch.inputs),
                _ => panic!("waited for {what}; came instead: {:#?}", self.told),
            }
        }
    }

    async fn event<T>(&mut self, what: &str, answers: impl Fn(&SwitchEvent) -> Option<T>) -> T {
        self.until(what, |input| match input {
            Input::Switch { event, .. } => answers(event),
            _ => None,
        })
        .await
    }

    /// Somebody waits for us.
    async fn arrival(&mut self) -> Native {
        self.event("an arrival", |event| match event {
            SwitchEvent::RouteRequested { connection, point, .. } if point.as_str() == "hotline" => {
                Some(connection.clone())
            }
            _ => None,
        })
        .await
    }

    async fn ask(&mut self, request: SwitchRequest) {
        self.asked += 1;
        let command = CommandId::derive(Timestamp::from_micros(1_800_000_000_000_000), 1, self.asked);
        self.driver.send(command, request).unwrap();
        let outcome = self
            .until("the outcome", |input| match input {
                Input::RequestOutcome { command: of, outcome } if *of == command => Some(outcome.clone()),
                _ => None,
            })
            .await;
        assert_eq!(outcome, RequestOutcome::Accepted);
    }

    async fn offer(&mut self, connection: &Native, phone: &str) {
        let device = Native::from(format!("PJSIP/{phone}"));
        let (connection, targets) = (connection.clone(), vec![OfferTarget::Device { device }]);
        self.ask(SwitchRequest::OfferCall { connection, targets, ring_ms: RING_MS, queue: "sales".into() })
            .await;
    }

    async fn rings_for_sales(&mut self, phone: &str) {
        let device = format!("PJSIP/{phone}");
        let queue = self
            .event("a ringing phone", |event| match event {
                SwitchEvent::Delivered { to, .. } if to.device.native.as_str() == device => {
                    Some(to.queue.clone())
                }
                _ => None,
            })
            .await;
        assert_eq!(queue, Some("sales".into()));
    }

    async fn no_longer_held(&mut self, caller: &Native) {
        self.event("the end of the holding", |event| {
            matches!(event, SwitchEvent::RouteEnded { connection, .. } if connection == caller).then_some(())
        })
        .await;
    }
}

/// How long the switch still holds this caller.
async fn left_s(lab: &Lab, channel: &str) -> f64 {
    let headers = [("Action", "Getvar"), ("Channel", channel), ("Variable", "TIMEOUT(absolute)")];
    lab.actions.action(&headers).await.unwrap().get("Value").parse().unwrap()
}

async fn laboratory() -> Lab {
    let mut lab = Lab::start(Version::V22, Flavour::Plain).await.unwrap();
    let limit = LIMIT_S.to_string();
    let headers = [("Action", "Setvar"), ("Variable", "CTI_PATIENCE_S"), ("Value", limit.as_str())];
    lab.actions.action(&headers).await.unwrap();
    lab.begin().await.unwrap();
    lab
}

// covers: RTE-22
#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_waits_is_lost_when_the_link_dies_or_comes_back() {
    let lab = laboratory().await;
    let mut link = Link::up(&lab.asterisk).await;
    lab.customer.dial("420555000606").await.unwrap();
    let first = link.arrival().await;
    lab.second_customer.dial("420555000606").await.unwrap();
    let second = link.arrival().await;

    // A phone rings for longer than the limit and nobody answers: both callers wait on.
    link.offer(&second, "1001").await;
    link.rings_for_sales("1001").await;
    let cause = link
        .event("the caller back", |event| match event {
            SwitchEvent::RouteReturned { connection, cause, .. } if *connection == second => Some(*cause),
            _ => None,
        })
        .await;
    assert_eq!(cause, Cause::NoAnswer);

    // One hears something and presses a key.
    let sounds = vec![
        Sound::Music { class: "default".into() },
        Sound::File { name: "queue-periodic-announce".into() },
        Sound::File { name: "queue-periodic-announce".into() },
    ];
    let play = SwitchRequest::Play { connection: first.clone(), sounds, keys: "1".into() };
    link.ask(play).await;
    lab.sees("the announcement", |one| one.is("AGIExecStart") && one.get("Command").starts_with("STREAM"))
        .await
        .unwrap();
    lab.customer.digits("1").await.unwrap();
    let key = link
        .event("the key", |event| match event {
            SwitchEvent::KeyPressed { connection, key, .. } if *connection == first => Some(*key),
            _ => None,
        })
        .await;
    assert_eq!(key, '1');

    // The link is away for a while and comes back: both wait on.
    drop(link);
    let channel = lab.channel("PJSIP/trunk-").unwrap();
    while left_s(&lab, &channel).await > 1.0 {
        tokio::task::yield_now().await;
    }
    let mut link = Link::up_amid_two(&lab.asterisk).await;
    assert_eq!(link.arrival().await, first);
    assert_eq!(link.arrival().await, second);

    // One talks; then the link dies for good. The talk goes on, the other one reaches the fallback.
    link.offer(&first, "1002").await;
    lab.bob.rings().await.unwrap();
    lab.bob.answer().await.unwrap();
    link.no_longer_held(&first).await;
    drop(link);
    let died = Instant::now();
    let (joined, _) = lab.sees("the fallback", |one| one.is("QueueCallerJoin")).await.unwrap();
    assert_eq!((joined.get("Queue"), joined.get("Uniqueid")), ("desk", second.as_str()));
    let took = died.elapsed();
    assert!(took < Duration::from_secs(LIMIT_S + 5), "the limit is {LIMIT_S} s, it took {took:?}");
    assert!(left_s(&lab, joined.get("Channel")).await <= 0.0, "no limit in the fallback");
    lab.connected(&["PJSIP/1002", "PJSIP/trunk"]).await.unwrap();
    lab.bob.hang_up().await.unwrap();
    lab.customer.is_free().await.unwrap();
    lab.second_customer.hang_up().await.unwrap();
    lab.quiet().await.unwrap();
}

/// The core beside a real link, as the daemon runs them, without a store.
struct Core {
    domain: Domain,
    link: Link,
    facts: Vec<Fact>,
    /// Offers that were waited for already.
    seen: Vec<OfferId>,
}

impl Core {
    fn begun(asterisk: &Asterisk, domain: Domain) -> Self {
        let known = Known::of(domain.state(), &"lab".into());
        Self { domain, link: Link::with(asterisk, known), facts: Vec::new(), seen: Vec::new() }
    }

    /// Tells the core one thing; what it asks for goes to the switch.
    fn take(&mut self, input: Input) {
        let decision = self.domain.handle((system_now())(), input);
        assert!(decision.refusal.is_none(), "{:?}", decision.refusal);
        invariants::check(self.domain.state()).unwrap();
        for record in decision.records {
            if let Fact::CommandSent { command, request, .. } = &record.fact
                && let Err(outcome) = self.link.driver.send(*command, request.clone())
            {
                self.take(Input::RequestOutcome { command: *command, outcome });
            }
            self.facts.push(record.fact);
        }
    }

    fn change(&mut self, change: AcdChange) {
        self.take(Input::Change { actor: Actor::System, change: Change::Acd(change) });
    }

    /// Runs until a fact answers, or the picture does.
    async fn until<T>(&mut self, what: &str, answers: impl Fn(&Self) -> Option<T>) -> T {
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(found) = answers(self) {
                return found;
            }
            let due = self.domain.next_deadline().map(|due| due.millis_since((system_now())()) + 1);
            let tick = tokio::time::sleep(Duration::from_millis(due.unwrap_or(3_600_000)));
            let inputs = tokio::select! {
                batch = self.link.batches.recv() => batch.unwrap().inputs,
                () = tick => vec![Input::Tick],
                () = tokio::time::sleep_until(end) => panic!("waited for {what}; came: {:#?}", self.facts),
            };
            for input in inputs {
                self.take(input);
            }
        }
    }

    /// Who is offered a call anew.
    async fn rings<'a>(&mut self, lab: &'a Lab) -> &'a Phone {
        let (offer, extension) = self
            .until("an offer that rings", |core| {
                let state = core.domain.state();
                let mut rings = state.offers.iter().filter(|(_, offer)| offer.accepted_at.is_none());
                let (id, offer) = rings.find(|(id, _)| !core.seen.contains(id))?;
                let leg = offer.leg?;
                let legs = state.calls.values().flat_map(|call| &call.legs);
                let device = legs.filter(|one| one.id == leg).map(|one| one.device).next()?;
                Some((*id, state.devices.get(&device)?.extension.clone()?))
            })
            .await;
        self.seen.push(offer);
        let phone = lab.agents().into_iter().find(|phone| *phone.number == *extension).unwrap();
        if let Err(error) = phone.rings().await {
            panic!("{error}; facts: {:#?}", self.facts);
        }
        phone
    }

    /// How entries ended so far.
    fn left(&self) -> Vec<QueueLeave> {
        let reason =
            |fact: &Fact| if let Fact::QueueLeft { reason, .. } = fact { Some(*reason) } else { None };
        self.facts.iter().filter_map(reason).collect()
    }

    async fn answered(&mut self, count: usize) {
        self.until("an answer", |core| (core.left().len() == count).then_some(())).await;
        assert_eq!(self.left(), vec![QueueLeave::Answered; count]);
    }
}

/// The switch, two agents in a queue of ours, nobody calls yet.
async fn queue_of_two(asterisk: &Asterisk) -> Core {
    let mut core = Core::begun(asterisk, Domain::new(5));
    let plan = NumberPlan { extension_pattern: "10XX".to_owned(), ..NumberPlan::default() };
    let change =
        LinkChange::Configured { name: "lab".into(), plan, policy: DialPolicy::default(), log_all: true };
    core.take(Input::Link { switch: "lab".into(), change });
    let agents = core
        .until("the agents", |core| {
            let state = core.domain.state();
            let known = state.switches.get("lab")?;
            let agent = |extension: &str| state.devices.get(&known.station_index.get(extension)?)?.agent;
            Some([agent("1001")?, agent("1002")?])
        })
        .await;
    let mut settings = QueueSettings::new("hotline");
    settings.ring_ms = 5_000;
    settings.rona = Rona { no_answer: 0, rejected: 0, unreachable: 0, ..Rona::default() };
    core.change(AcdChange::SetQueue { queue: None, switch: "lab".into(), settings: Box::new(settings) });
    let queue = core.domain.state().acd.queue_index.get("hotline").copied().unwrap();
    for agent in agents {
        core.change(AcdChange::SetMember { queue, agent, level: 0, signed_in: true });
    }
    core
}

// covers: RTE-01 RTE-22 RTE-41
#[tokio::test(flavor = "multi_thread")]
async fn our_own_queue_offers_its_calls_and_keeps_them_over_a_restart() {
    let lab = laboratory().await;
    let mut core = queue_of_two(&lab.asterisk).await;
    lab.customer.dial("420555000606").await.unwrap();
    let first = core.rings(&lab).await;
    first.hang_up().await.unwrap();
    let second = core.rings(&lab).await;
    assert_ne!(first.number, second.number, "another one is asked");
    second.answer().await.unwrap();
    core.answered(1).await;

    // The other one rings for the next caller while the core dies; nobody answers, the caller waits on.
    lab.second_customer.dial("420555000606").await.unwrap();
    assert_eq!(core.rings(&lab).await.number, first.number);
    let Core { domain, link, facts, seen } = core;
    let saved = domain.save().unwrap();
    drop(link);
    first.is_free().await.unwrap();
    let mut core = Core::begun(&lab.asterisk, Domain::load(&saved).unwrap());
    (core.facts, core.seen) = (facts, seen);
    core.take(Input::Restarted);
    core.rings(&lab).await.answer().await.unwrap();
    core.answered(2).await;
    let entries = core.facts.iter().filter(|fact| matches!(fact, Fact::QueueEntered { .. })).count();
    assert_eq!(entries, 2, "nobody entered twice: {:#?}", core.facts);
    for customer in [&lab.customer, &lab.second_customer] {
        customer.hang_up().await.unwrap();
    }
    core.until("the end", |core| core.domain.state().calls.is_empty().then_some(())).await;
}
