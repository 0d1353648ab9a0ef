use cti_core::domain::Domain;
use cti_core::fact::{Assigned, AssignmentKind};
use cti_core::ids::QueueId;
use cti_core::input::{
    Actor, Change, DeviceRef, Endpoint, Input, LinkChange, MemberSeen, PartyInfo, QueueSeen, Reported,
    Snapshot, SnapshotCall, SnapshotConnection, SwitchEvent,
};
use cti_core::number::NumberPlan;
use store::{
    Contact, ContactDraft, ContactKind, ExternalId, LookupOutcome, Match, PopRuleDraft, RuleDirection,
    RuleScope,
};

use super::*;

/// A real domain, and what the machine made of its facts.
struct Site {
    domain: Domain,
    pops: Pops,
    now: Timestamp,
    users: Vec<UserId>,
    /// Every step so far.
    steps: Vec<Step>,
}

fn station(extension: &str) -> DeviceRef {
    DeviceRef {
        native: format!("PJSIP/{extension}").into(),
        kind: DeviceKind::Station,
        extension: Some(extension.into()),
    }
}

fn endpoint(connection: &str, device: DeviceRef, number: Option<&str>) -> Endpoint {
    let party = PartyInfo { number: number.map(Into::into), ..PartyInfo::default() };
    Endpoint { connection: connection.into(), device, party, queue: None }
}

fn rule(nth: u64, moment: PopMoment, template: &str) -> PopRule {
    PopRule {
        id: cti_core::ids::PopRuleId::derive(Timestamp::from_micros(1), 1, nth),
        version: 1,
        kept: PopRuleDraft {
            name: "CRM".to_owned(),
            active: true,
            queue: None,
            direction: RuleDirection::Inbound,
            scope: RuleScope::External,
            moment,
            url_template: template.to_owned(),
            window: "crm".to_owned(),
        },
    }
}

impl Site {
    /// Phones 1001 … 1005 of five people; 1011 is a second phone of the first. All are members of one queue.
    fn new(rules: Vec<PopRule>) -> Self {
        let mut site = Self {
            domain: Domain::new(7),
            pops: Pops::default(),
            now: Timestamp::from_micros(1_795_270_522_000_000),
            users: (1..=5).map(|nth| UserId::derive(Timestamp::from_micros(1), 1, nth)).collect(),
            steps: Vec::new(),
        };
        site.pops.set_rules(rules);
        site.tell(Input::Link {
            switch: "praha".into(),
            change: LinkChange::Configured {
                name: "Praha".into(),
                plan: NumberPlan::default(),
                policy: cti_core::number::guard::DialPolicy::default(),
                log_all: true,
            },
        });
        site.tell(Input::Link {
            switch: "praha".into(),
            change: LinkChange::Up {
                version: "22".into(),
                capabilities: cti_core::permit::Capabilities::new(),
            },
        });
        let queue = QueueSeen { queue: "sales".into(), name: "Sales".into(), wrap_up_ms: 0 };
        site.event(SwitchEvent::Queue(queue));
        for (nth, extension) in ["1001", "1002", "1003", "1004", "1005", "1011"].into_iter().enumerate() {
            let user = site.users[nth % 5];
            site.event(SwitchEvent::Device { device: station(extension), name: None, capabilities: None });
            site.event(SwitchEvent::Member(MemberSeen {
                queue: "sales".into(),
                device: station(extension),
                name: extension.into(),
                paused: false,
                reason: None,
                dynamic: true,
            }));
            let state = site.domain.state();
            let mut devices = state.devices.iter();
            let (device, _) = devices.find(|(_, one)| one.extension.as_deref() == Some(extension)).unwrap();
            let assigned = Assigned { device: *device, user, kind: AssignmentKind::Fixed, primary: true };
            site.tell(Input::Change { actor: Actor::System, change: Change::Assign { assigned } });
        }
        site.steps.clear();
        site
    }

    fn tell(&mut self, input: Input) {
        self.now = self.now.plus_millis(100);
        let decision = self.domain.handle(self.now, input);
        assert_eq!(decision.refusal, None);
        for record in &decision.records {
            self.steps.extend(self.pops.follow(record, self.domain.state(), self.now));
        }
        assert!(self.pops.cards.keys().all(|call| self.domain.state().calls.contains_key(call)));
    }

    fn event(&mut self, event: SwitchEvent) {
        self.tell(Input::Switch { switch: "praha".into(), at: self.now, event });
    }

    fn outside(&mut self, key: &str, number: Option<&str>) -> CallId {
        let trunk = DeviceRef { native: "PJSIP/trunk".into(), kind: DeviceKind::Trunk, extension: None };
        let from = endpoint(&format!("{key}-out"), trunk, number);
        self.event(SwitchEvent::Originated { call: key.into(), from, dialled: Some("555100100".into()) });
        *self.domain.state().calls.last_key_value().unwrap().0
    }

    fn queued(&mut self, key: &str) {
        self.event(SwitchEvent::Queued {
            call: key.into(),
            connection: format!("{key}-out").into(),
            queue: "sales".into(),
            position: None,
        });
    }

    fn rings(&mut self, key: &str, extension: &str) {
        self.event(SwitchEvent::Delivered {
            call: key.into(),
            to: endpoint(&format!("{key}-{extension}"), station(extension), Some(extension)),
            calling: PartyInfo::default(),
            dialled: None,
        });
    }

    fn answers(&mut self, key: &str, extension: &str) {
        self.event(SwitchEvent::Established {
            call: key.into(),
            to: endpoint(&format!("{key}-{extension}"), station(extension), Some(extension)),
        });
    }

    /// The link was cut, and finds this call answered when it is back.
    fn answered_unseen(&mut self, key: &str, extension: &str) {
        let connection = |endpoint, originator| SnapshotConnection {
            endpoint,
            originator,
            state: Reported::Known(ConnectionState::Connected),
            held: None,
        };
        let trunk = DeviceRef { native: "PJSIP/trunk".into(), kind: DeviceKind::Trunk, extension: None };
        let own = endpoint(&format!("{key}-{extension}"), station(extension), Some(extension));
        let connections =
            vec![connection(endpoint(&format!("{key}-out"), trunk, None), true), connection(own, false)];
        let snapshot = Snapshot {
            boot_epoch: "boot1".into(),
            calls: vec![SnapshotCall { call: key.into(), dialled: None, connections }],
            queues: vec![],
            members: vec![],
            devices: vec![],
        };
        self.tell(Input::Snapshot { switch: "praha".into(), at: self.now, snapshot });
    }

    fn clears(&mut self, key: &str, end: &str, cause: Cause) {
        self.event(SwitchEvent::Cleared {
            call: key.into(),
            connection: format!("{key}-{end}").into(),
            cause,
            by_party: cause == Cause::Normal,
        });
    }

    /// What each human was told since the last time, in words.
    fn told(&mut self) -> Vec<String> {
        let mut words = Vec::new();
        for step in std::mem::take(&mut self.steps) {
            if let Step::Tell { action, card, open } = step {
                let who = self.users.iter().position(|user| *user == card.user).unwrap() + 1;
                let reason = card.reason.as_deref().unwrap_or_default();
                let by = card.answered_by.as_deref().unwrap_or_default();
                let url = open.map(|open| open.url).unwrap_or_default();
                words.push(format!("{who} {action:?} {reason} {by} {url}").trim_end().to_owned());
            }
        }
        words
    }

    /// The pop that began first.
    fn begun(&self) -> NewPop {
        let begun = self.steps.iter().find_map(|step| {
            let Step::Begin(new) = step else { return None };
            Some(new.clone())
        });
        begun.unwrap()
    }

    fn no_window(&self) -> Vec<&'static str> {
        let reason = |step: &Step| match step {
            Step::Begin(new) => new.no_window,
            Step::Settle(_, PopWindow::No { reason }) => Some(*reason),
            Step::Settle(..) | Step::LookUp(_) | Step::Tell { .. } | Step::Match(..) => None,
        };
        self.steps.iter().filter_map(reason).collect()
    }
}

fn found(numbers: usize) -> Found {
    let at = Timestamp::from_micros(1);
    let contact = |nth| Contact {
        id: cti_core::ids::ContactId::derive(at, 1, nth),
        version: 1,
        kept: ContactDraft {
            external_ids: vec![ExternalId { system: "crm".to_owned(), id: format!("C-{nth}") }],
            ..ContactDraft::new(ContactKind::Person, "Jan Novák")
        },
        created_at: at,
        changed_at: at,
    };
    let one = |nth| Match {
        contact: contact(nth),
        confidence: store::Confidence::Exact,
        why: "same_number",
        matched_number: "603123456".to_owned(),
        links: vec![],
    };
    let outcome = match numbers {
        0 => LookupOutcome::None,
        1 => LookupOutcome::One,
        _ => LookupOutcome::Many,
    };
    let matches = (1..=u64::try_from(numbers).unwrap()).map(one).collect();
    Found { lookup: Lookup { outcome, matches }, history: vec![] }
}

/// A pop as it is kept at first.
fn row(begun: &NewPop) -> PopRow {
    PopRow {
        id: begun.id,
        user: begun.user,
        call: begun.call,
        rule: begun.rule,
        moment: begun.moment,
        at: begun.at,
        state: PopState::Shown,
        reason: None,
        no_window: None,
        url: None,
        opened: false,
        dismissed: false,
        latency_ms: None,
    }
}

const PAGE: &str = "https://crm.example/{number.digits}";
const OPENED: &str = "https://crm.example/420603123456";

#[test]
fn ring_all_shows_five_cards_and_one_answer_takes_four_away() {
    // covers: POP-01 S17
    let mut site = Site::new(vec![rule(1, PopMoment::Alerting, PAGE)]);
    site.outside("c1", Some("603123456"));
    site.queued("c1");
    for extension in ["1001", "1002", "1003", "1004", "1005"] {
        site.rings("c1", extension);
    }
    let shown: Vec<_> = (1..=5).map(|who| format!("{who} Show   {OPENED}")).collect();
    assert_eq!(site.told(), shown);
    site.answers("c1", "1003");
    assert_eq!(site.told(), [1, 2, 4, 5].map(|who| format!("{who} Retract answered_elsewhere 1003")),);
    for extension in ["1001", "1002", "1004", "1005"] {
        site.clears("c1", extension, Cause::AnsweredElsewhere);
    }
    assert_eq!(site.told(), Vec::<String>::new(), "nobody is told twice");
    assert_eq!(site.pops.active(site.users[2]).len(), 1);
    site.clears("c1", "out", Cause::Normal);
    site.clears("c1", "1003", Cause::Normal);
    assert_eq!(site.told(), ["3 Retract ended"]);
    assert!(site.pops.is_empty() && site.pops.found.is_empty(), "nothing is left over");
}

#[test]
fn a_phone_silenced_before_the_answer_still_learns_who_answered() {
    // covers: POP-01
    let mut site = Site::new(vec![]);
    site.outside("c1", Some("603123456"));
    site.queued("c1");
    site.rings("c1", "1001");
    site.rings("c1", "1003");
    site.clears("c1", "1001", Cause::AnsweredElsewhere);
    assert_eq!(site.told(), ["1 Show", "3 Show", "1 Retract answered_elsewhere"]);
    site.answers("c1", "1003");
    assert_eq!(site.told(), ["1 Update answered_elsewhere 1003"]);
    site.clears("c1", "1003", Cause::Normal);
    assert_eq!(site.told(), ["3 Retract ended"], "told once");
}

#[test]
fn two_phones_of_one_human_are_one_card_and_one_page() {
    // covers: S21
    let mut site = Site::new(vec![rule(1, PopMoment::Alerting, PAGE)]);
    site.outside("c1", Some("603123456"));
    site.rings("c1", "1001");
    site.rings("c1", "1011");
    assert_eq!(site.told(), [format!("1 Show   {OPENED}")]);
    site.answers("c1", "1011");
    site.clears("c1", "1001", Cause::AnsweredElsewhere);
    assert_eq!(site.told(), Vec::<String>::new(), "the human has the call");
    assert_eq!(site.pops.active(site.users[0]).len(), 1);
}

#[test]
fn a_second_offer_brings_the_card_back_but_not_the_page() {
    // covers: S15
    let mut site = Site::new(vec![rule(1, PopMoment::Alerting, PAGE)]);
    site.outside("c1", Some("603123456"));
    site.queued("c1");
    site.rings("c1", "1001");
    site.clears("c1", "1001", Cause::NoAnswer);
    assert_eq!(site.told(), [format!("1 Show   {OPENED}"), "1 Retract no_answer".to_owned()]);
    site.rings("c1", "1001");
    assert_eq!(site.told(), ["1 Show"]);
    site.clears("c1", "1001", Cause::Canceled);
    site.clears("c1", "out", Cause::Normal);
    assert_eq!(site.told(), ["1 Retract caller_left"]);
}

#[test]
fn the_page_opens_at_its_trigger_once() {
    // covers: POP-24
    let mut site = Site::new(vec![rule(1, PopMoment::Answered, PAGE)]);
    site.outside("c1", Some("603123456"));
    site.rings("c1", "1001");
    assert_eq!(site.told(), ["1 Show"]);
    site.answers("c1", "1001");
    assert_eq!(site.told(), [format!("1 Update   {OPENED}")]);
    site.event(SwitchEvent::Held { call: "c1".into(), connection: "c1-1001".into() });
    site.event(SwitchEvent::Retrieved { call: "c1".into(), connection: "c1-1001".into() });
    site.clears("c1", "1001", Cause::Normal);
    site.clears("c1", "out", Cause::Normal);
    assert_eq!(site.told(), ["1 Retract ended"]);
}

#[test]
fn a_page_that_wants_the_contact_waits_for_the_lookup() {
    let mut site =
        Site::new(vec![rule(1, PopMoment::Alerting, "https://crm.example/{match.external_id|new}")]);
    let call = site.outside("c1", Some("603123456"));
    site.rings("c1", "1001");
    assert!(site.steps.contains(&Step::LookUp(call)));
    assert_eq!(site.told(), ["1 Show"], "the card does not wait");
    let steps = site.pops.found(call, found(1), site.domain.state(), site.now);
    assert!(matches!(&steps[0], Step::Match(one, contact) if *one == call && &*contact.name == "Jan Novák"));
    site.steps = steps;
    assert_eq!(site.told(), ["1 Update   https://crm.example/C-1"]);
    let again = site.pops.found(call, found(3), site.domain.state(), site.now);
    assert!(!again.iter().any(|step| matches!(step, Step::Settle(..) | Step::Match(..))), "{again:?}");
}

#[test]
fn of_several_contacts_none_is_chosen_by_the_machine() {
    // covers: POP-02
    let mut site = Site::new(vec![rule(1, PopMoment::Alerting, "https://crm.example/{match.id|choose}")]);
    let call = site.outside("c1", Some("603123456"));
    site.rings("c1", "1001");
    site.told();
    site.steps = site.pops.found(call, found(3), site.domain.state(), site.now);
    assert!(!site.steps.iter().any(|step| matches!(step, Step::Match(..))));
    assert_eq!(site.told(), ["1 Update   https://crm.example/choose"]);
    assert_eq!(site.pops.active(site.users[0])[0].found.as_ref().unwrap().lookup.matches.len(), 3);
}

#[test]
fn an_inbound_call_is_looked_up_before_any_phone_rings_and_its_contact_has_its_status() {
    // covers: RTE-03 RTE-05
    let mut site = Site::new(vec![]);
    let call = site.outside("c1", Some("603123456"));
    assert_eq!(site.steps, [Step::LookUp(call)], "entry rules wait for it");
    let mut vip = found(1);
    vip.lookup.matches[0].contact.kept.status = Some("VIP".to_owned());
    let steps = site.pops.found(call, vip, site.domain.state(), site.now);
    assert!(
        matches!(&steps[..], [Step::Match(of, contact)] if *of == call && contact.status.as_deref() == Some("VIP"))
    );
    site.steps.clear();
    site.rings("c1", "1001");
    assert!(!site.steps.contains(&Step::LookUp(call)), "once is enough");
    assert!(site.pops.active(site.users[0])[0].found.is_some(), "the card comes with it");

    let from = endpoint("c2-1002", station("1002"), Some("1002"));
    site.steps.clear();
    site.event(SwitchEvent::Originated { call: "c2".into(), from, dialled: Some("1001".into()) });
    assert_eq!(site.steps, [], "nobody asks who a colleague is");
}

#[test]
fn why_no_page_was_opened_is_written() {
    let mut site = Site::new(vec![]);
    site.outside("c1", Some("603123456"));
    site.rings("c1", "1001");
    assert_eq!(site.no_window(), ["no_rule"]);
    assert_eq!(site.told(), ["1 Show"], "the card is shown all the same");

    let mut site = Site::new(vec![rule(1, PopMoment::Alerting, PAGE)]);
    site.outside("c1", None);
    site.rings("c1", "1001");
    assert_eq!(site.no_window(), ["placeholder_empty"]);

    let mut site = Site::new(vec![rule(1, PopMoment::Alerting, PAGE)]);
    let from = endpoint("c1-1002", station("1002"), Some("1002"));
    site.event(SwitchEvent::Originated { call: "c1".into(), from, dialled: Some("1001".into()) });
    site.rings("c1", "1001");
    assert_eq!(site.no_window(), ["internal"]);
    assert_eq!(site.told(), ["1 Show"], "and whoever calls out gets none");
}

#[test]
fn a_start_in_the_middle_of_a_call_shows_it_and_opens_nothing() {
    let mut site = Site::new(vec![rule(1, PopMoment::Alerting, PAGE)]);
    site.outside("c1", Some("603123456"));
    site.rings("c1", "1001");
    let begun = site.begun();
    let row = PopRow { url: Some(OPENED.to_owned()), opened: true, ..row(&begun) };
    site.rings("c1", "1002");
    site.steps.clear();
    let mut fresh = Pops::default();
    fresh.set_rules(vec![rule(1, PopMoment::Alerting, PAGE)]);
    site.steps = fresh.restore(site.domain.state(), &[row]);
    assert_eq!(site.no_window(), ["daemon_was_away"], "1002 rang while nobody was there");
    assert_eq!(site.told(), ["2 Show"]);
    assert_eq!(fresh.active(site.users[0])[0].id, begun.id, "the same card");
    site.pops = fresh;
    site.answers("c1", "1001");
    assert_eq!(site.told(), ["2 Retract answered_elsewhere 1001"]);
}

#[test]
fn what_was_put_away_stays_away() {
    let mut site = Site::new(vec![]);
    let call = site.outside("c1", Some("603123456"));
    site.rings("c1", "1001");
    let card = site.pops.active(site.users[0]).remove(0);
    assert_eq!(site.pops.dismiss(site.users[1], card.id), None, "nobody puts away another's card");
    assert!(site.pops.dismiss(site.users[0], card.id).is_some());
    assert!(site.pops.active(site.users[0]).is_empty());
    site.told();
    site.steps = site.pops.found(call, found(0), site.domain.state(), site.now);
    assert_eq!(site.told(), Vec::<String>::new());
}

#[test]
fn a_word_that_crosses_the_retraction_puts_nothing_away() {
    let mut site = Site::new(vec![]);
    site.outside("c1", Some("603123456"));
    site.queued("c1");
    site.rings("c1", "1001");
    let card = site.pops.active(site.users[0]).remove(0);
    site.clears("c1", "1001", Cause::NoAnswer);
    assert_eq!(site.pops.dismiss(site.users[0], card.id), None, "the card is gone already");
    site.told();
    site.rings("c1", "1001");
    assert_eq!(site.told(), ["1 Show"], "the next ring shows itself");
    assert!(site.pops.dismiss(site.users[0], card.id).is_some());
    assert_eq!(site.pops.dismiss(site.users[0], card.id), None, "once");
}

#[test]
fn what_was_put_away_and_taken_back_comes_again_after_a_start() {
    // The daemon may have been away when it was taken back.
    for state in [PopState::Retracted, PopState::Shown] {
        let mut site = Site::new(vec![]);
        site.outside("c1", Some("603123456"));
        site.queued("c1");
        site.rings("c1", "1001");
        let kept = PopRow { state, dismissed: true, ..row(&site.begun()) };
        site.clears("c1", "1001", Cause::NoAnswer);
        let mut fresh = Pops::default();
        fresh.restore(site.domain.state(), &[kept]);
        site.pops = fresh;
        site.told();
        site.rings("c1", "1001");
        assert_eq!(site.told(), ["1 Show"], "{state:?}");
    }
}

#[test]
fn a_page_does_not_open_for_an_answer_while_the_link_was_away() {
    // covers: POP-24
    let mut site = Site::new(vec![rule(1, PopMoment::Answered, PAGE)]);
    site.outside("c1", Some("603123456"));
    site.rings("c1", "1001");
    site.told();
    site.answered_unseen("c1", "1001");
    assert_eq!(site.no_window(), ["daemon_was_away"]);
    assert_eq!(site.told(), Vec::<String>::new());
    site.event(SwitchEvent::Held { call: "c1".into(), connection: "c1-1001".into() });
    site.event(SwitchEvent::Retrieved { call: "c1".into(), connection: "c1-1001".into() });
    site.clears("c1", "1001", Cause::Normal);
    assert_eq!(site.told(), ["1 Retract ended"]);
}

#[test]
fn a_new_beginning_takes_back_what_vanished_meanwhile() {
    let mut site = Site::new(vec![]);
    site.outside("c1", Some("603123456"));
    site.rings("c1", "1001");
    let stays = row(&site.begun());
    site.told();
    site.outside("c2", Some("604000111"));
    site.rings("c2", "1002");
    site.outside("c3", Some("605000111"));
    site.rings("c3", "1003");
    site.answers("c3", "1003");
    site.told();
    // Facts that never reach the machine.
    let seen = std::mem::take(&mut site.pops);
    for (key, end) in [("c2", "1002"), ("c2", "out"), ("c3", "1003"), ("c3", "out")] {
        site.clears(key, end, Cause::Normal);
    }
    site.pops = seen;
    site.steps = site.pops.restore(site.domain.state(), std::slice::from_ref(&stays));
    assert_eq!(site.told(), ["2 Retract lost", "3 Retract ended"]);
    site.steps = site.pops.restore(site.domain.state(), &[stays]);
    assert_eq!(site.told(), Vec::<String>::new(), "once");
}

#[test]
fn who_takes_a_call_over_by_transfer_is_shown_the_caller() {
    // covers: S08
    let mut site = Site::new(vec![rule(1, PopMoment::Alerting, PAGE)]);
    site.outside("c1", Some("603123456"));
    site.rings("c1", "1001");
    site.answers("c1", "1001");
    site.told();
    let from = endpoint("c2-1001", station("1001"), Some("1001"));
    site.event(SwitchEvent::Originated { call: "c2".into(), from, dialled: Some("1002".into()) });
    site.rings("c2", "1002");
    site.answers("c2", "1002");
    assert_eq!(site.told(), ["2 Show"], "the consultation, within the house");
    site.event(SwitchEvent::Joined {
        call: "c1".into(),
        other: "c2".into(),
        how: cti_core::fact::JoinKind::Transfer,
    });
    let told = site.told();
    assert!(told.contains(&"2 Retract merged".to_owned()), "{told:?}");
    assert!(told.contains(&format!("2 Show   {OPENED}")), "{told:?}");
}

#[test]
fn a_rule_of_a_queue_counts_for_calls_of_that_queue() {
    let queue = |site: &Site| -> QueueId { *site.domain.state().queues.first_key_value().unwrap().0 };
    let mut site = Site::new(vec![]);
    let mut of_queue = rule(1, PopMoment::Alerting, PAGE);
    of_queue.kept.queue = Some(queue(&site));
    let outbound = PopRule {
        kept: PopRuleDraft { direction: RuleDirection::Outbound, ..rule(2, PopMoment::Alerting, PAGE).kept },
        ..rule(2, PopMoment::Alerting, PAGE)
    };
    site.pops.set_rules(vec![of_queue, outbound]);
    site.outside("c1", Some("603123456"));
    site.rings("c1", "1001");
    assert_eq!(site.told(), ["1 Show"], "not of the queue, and not outbound");
    site.outside("c2", Some("603123456"));
    site.queued("c2");
    site.rings("c2", "1002");
    assert_eq!(site.told(), [format!("2 Show   {OPENED}")]);
}
