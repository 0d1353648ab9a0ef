//! Every finding of the set-up page, from the picture that has it.

use cti_core::domain::Domain;
use cti_core::fact::{Assigned, AssignmentKind, ExtensionRow};
use cti_core::ids::DeviceId;
use cti_core::input::{Actor, Change, DeviceRef, Input, LinkChange, MemberSeen, QueueSeen, SwitchEvent};
use cti_core::number::NumberPlan;
use cti_core::number::guard::DialPolicy;
use cti_core::permit::Capabilities;
use cti_core::time::Timestamp;

use super::*;

/// A site that is put together step by step.
struct Site {
    domain: Domain,
    beside: Beside,
}

fn pbx() -> SwitchId {
    "pbx".into()
}

fn user() -> UserId {
    UserId::derive(Timestamp::from_micros(1), 1, 1)
}

fn phone(extension: &str) -> DeviceRef {
    let native = format!("PJSIP/{extension}").as_str().into();
    DeviceRef { native, kind: DeviceKind::Station, extension: Some(extension.into()) }
}

impl Site {
    /// A defined switch; nothing is known of it yet.
    fn defined() -> Self {
        let switches = vec![(pbx(), true)];
        Self { domain: Domain::new(1), beside: Beside { switches, ..Beside::default() } }
    }

    fn tell(mut self, input: Input) -> Self {
        let decision = self.domain.handle(Timestamp::from_micros(1_795_000_000_000_000), input);
        assert_eq!(decision.refusal, None);
        self
    }

    fn link(self, change: LinkChange) -> Self {
        self.tell(Input::Link { switch: pbx(), change })
    }

    fn linked(self, capabilities: Capabilities) -> Self {
        let configured = LinkChange::Configured {
            name: "Praha".into(),
            plan: NumberPlan::default(),
            policy: DialPolicy::default(),
            log_all: true,
        };
        self.link(configured).link(LinkChange::Up { version: "22".into(), capabilities })
    }

    fn event(self, event: SwitchEvent) -> Self {
        self.tell(Input::Switch { switch: pbx(), at: Timestamp::from_micros(1), event })
    }

    fn change(self, change: Change) -> Self {
        self.tell(Input::Change { actor: Actor::System, change })
    }

    fn with_phone(self) -> Self {
        self.event(SwitchEvent::DeviceState { device: phone("1001"), state: DeviceState::Idle })
    }

    fn with_queue(self) -> Self {
        let queue = QueueSeen { queue: "q".into(), name: "Sales".into(), wrap_up_ms: 0 };
        self.event(SwitchEvent::Queue(queue))
    }

    fn with_member(self) -> Self {
        self.event(SwitchEvent::Member(MemberSeen {
            queue: "q".into(),
            device: phone("1001"),
            name: "Alice".into(),
            paused: false,
            reason: None,
            dynamic: true,
        }))
    }

    fn with_row(self, user: Option<UserId>) -> Self {
        let extension = "1001".into();
        let row = ExtensionRow {
            switch: pbx(),
            extension,
            number: None,
            user,
            contact: None,
            caller_id: None,
            record: false,
            active: true,
        };
        self.change(Change::SetExtension { extension: None, row })
    }

    fn with_agent(mut self) -> Self {
        self.beside.users.insert(user());
        self.beside.agents.insert(user());
        self
    }

    fn with_pops(mut self) -> Self {
        self.beside.has_pop_rule = true;
        self.beside.has_contact = true;
        self
    }

    fn device(&self) -> DeviceId {
        *self.domain.state().devices.keys().next().unwrap()
    }

    fn view(&self) -> SetupView {
        look_around(self.domain.state(), &self.beside)
    }

    fn codes(&self) -> Vec<String> {
        self.view().findings.into_iter().map(|one| one.code).collect()
    }

    #[track_caller]
    fn has(&self, code: &str, severity: Severity, detail: &str, fix: &str) {
        let found = self.view().findings.into_iter().find(|one| one.code == code);
        let found = found.unwrap_or_else(|| panic!("{code} is not in {:?}", self.codes()));
        assert_eq!(found.severity, severity, "{found:?}");
        assert!(found.detail.contains(detail) && found.fix.contains(fix), "{found:?}");
    }
}

fn unsupported(reason: &str) -> Support {
    Support::Unsupported { reason: reason.into() }
}

// covers: ADM-05
#[test]
fn each_thing_that_is_missing_is_found_with_its_fix() {
    use Severity::{Advice, Blocking, Ok};
    let nothing = Site { domain: Domain::new(1), beside: Beside::default() };
    nothing.has("no_switch", Blocking, "no switch", "add the switch");
    nothing.has("no_agent", Blocking, "nobody", "role agent");
    Site::defined().has("link_never", Blocking, "pbx", "test the link");
    let mut off = Site::defined();
    off.beside.switches = vec![(pbx(), false)];
    off.has("switch_off", Advice, "switched off", "switch it on");
    for (reason, fix) in [
        ("Authentication failed", "[cti-ev]"),
        ("connect: Connection refused (os error 111)", "bindaddr"),
        ("TLS: invalid peer certificate", "tlscertfile"),
        ("its password cannot be read", "give the right user and password"),
        ("no configuration defines this switch any more", "define the switch again"),
        ("login timed out", "test the link"),
    ] {
        let down =
            Site::defined().linked(Capabilities::new()).link(LinkChange::Down { reason: reason.into() });
        down.has("link_down", Blocking, reason, fix);
    }
    let able = [
        (CommandName::MakeCall, unsupported("the manager user may not run Originate")),
        (CommandName::ConsultationCall, unsupported("extensions_tieline.conf is not included")),
    ];
    let bare = Site::defined().linked(able.into());
    bare.has("link_up", Ok, "Praha is linked, version 22", "");
    bare.has("right_missing", Advice, "no click-to-dial: the manager user may not run Originate", "write");
    bare.has("no_include", Advice, "no consultation", "dialplan reload");
    bare.has("no_queues", Advice, "no queue", "read = agent");
    bare.has("no_stations", Blocking, "no phone", "write = system");
    let silent = SwitchEvent::DeviceState { device: phone("1001"), state: DeviceState::Unreachable };
    bare.event(silent).has("stations_unreachable", Advice, "PJSIP/1001", "password");
    let manned = Site::defined().linked(Capabilities::new()).with_phone().with_queue().with_member();
    manned.has("members_without_user", Advice, "Alice", "choose or add");
    let manned = manned.with_row(None).with_agent();
    manned.has("extensions_without_user", Advice, "1001", "each row");
    manned.has("no_phone", Blocking, "no agent has a phone", "extension list");
}

#[test]
fn a_site_that_works_has_nothing_to_mend_and_is_counted() {
    let site = Site::defined().linked(Capabilities::new()).with_phone().with_queue();
    let site = site.with_member().with_agent().with_pops();
    let device = site.device();
    let agent = *site.domain.state().agents.keys().next().unwrap();
    let assigned = Assigned { device, user: user(), kind: AssignmentKind::Fixed, primary: true };
    let site =
        site.change(Change::Assign { assigned }).change(Change::LinkAgent { agent, user: Some(user()) });
    assert_eq!(site.codes(), ["link_up"]);
    let wanted = SetupCounts {
        switches: 1,
        links_up: 1,
        devices: 1,
        stations: 1,
        queues: 1,
        members: 1,
        members_with_user: 1,
        users: 1,
    };
    assert_eq!(site.view().counts, wanted);
}

// covers: ADM-05 POP-24
#[test]
fn a_site_without_pop_rules_and_contacts_works_and_is_told_what_it_misses() {
    let site = Site::defined().linked(Capabilities::new()).with_phone().with_queue();
    site.has("no_pop_rule", Severity::Advice, "no page opens", "add a pop rule");
    site.has("no_contacts", Severity::Advice, "no contact", "import");
    let codes = site.with_pops().codes();
    assert!(!codes.iter().any(|code| code == "no_pop_rule" || code == "no_contacts"), "{codes:?}");
}

#[test]
fn blocking_findings_come_first_and_long_lists_are_cut() {
    let mut site = Site::defined().linked(Capabilities::new()).with_queue();
    for number in 0..8 {
        let device = phone(&format!("10{number}"));
        site = site.event(SwitchEvent::DeviceState { device, state: DeviceState::Unreachable });
    }
    let view = site.view();
    assert!(view.findings.is_sorted_by_key(|one| one.severity), "{view:?}");
    site.has("stations_unreachable", Severity::Advice, "PJSIP/104 and 3 more", "");
}
