//! A translator and a Domain stepped by hand, with a switch behind them that tells a story.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use csta::model::{
    DeviceCategory, DeviceId, Event, EventReport, ListedDevice, MonitorObject, More, Octets, SystemStatus,
};
use csta::session::{Output, Welcome};
use cti_core::domain::Domain;
use cti_core::fact::Record;
use cti_core::ids::CommandId;
use cti_core::input::{Actor, Input, LinkChange, Order, RequestOutcome};
use cti_core::invariants;
use cti_core::number::NumberPlan;
use cti_core::number::guard::DialPolicy;
use cti_core::time::Timestamp;
use links::csta::CstaTranslator;
use links::{Batch, CstaConfig, KnownConnection, Translator};
use serde::Deserialize;

use crate::expect::Roles;
use crate::truth::Truth;
use crate::wire::{self, Line};
use crate::{Result, Trouble};

/// Devices that are always monitored: phones, groups, a parking place, a voice unit.
const MONITORED: [&str; 12] =
    ["1001", "1002", "1003", "1004", "1005", "1006", "600", "601", "602", "603", "701", "690"];
const START: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

/// A story as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// What is special about this telling; for the reader.
    #[serde(rename = "note")]
    _note: Option<String>,
    /// Lines that have monitors, too.
    #[serde(default)]
    monitored: Vec<String>,
    /// Phones whose agents are ready in which groups before the story.
    #[serde(default)]
    agents: Vec<String>,
    #[serde(default)]
    ids_per_leg: bool,
    wire: Vec<String>,
}

/// A story ready to be played.
#[derive(Debug, Clone)]
pub(crate) struct Story {
    pub(crate) id: String,
    pub(crate) lines: Vec<Line>,
    monitored: Vec<String>,
    agents: Vec<(String, String)>,
    ids_per_leg: bool,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/csta/stories")
}

impl Story {
    /// Ids of all stories, sorted; a variant is behind a point: `S08.openscape`.
    pub(crate) fn all() -> Vec<String> {
        let files = std::fs::read_dir(folder()).unwrap();
        let names = files.map(|file| file.unwrap().file_name().to_string_lossy().into_owned());
        let mut ids: Vec<String> =
            names.filter_map(|name| Some(name.strip_suffix(".toml")?.to_owned())).collect();
        ids.sort();
        ids
    }

    pub(crate) fn load(id: &str) -> Result<Self> {
        let text = std::fs::read_to_string(folder().join(format!("{id}.toml")))?;
        let file: File = toml::from_str(&text).map_err(|error| Trouble::new(format!("{id}: {error}")))?;
        let agents = file.agents.iter().filter_map(|text| text.split_once(' '));
        Ok(Self {
            id: id.to_owned(),
            lines: file.wire.iter().map(|text| wire::line(text)).collect::<Result<_>>()?,
            monitored: file.monitored,
            agents: agents.map(|(phone, group)| (phone.to_owned(), group.to_owned())).collect(),
            ids_per_leg: file.ids_per_leg,
        })
    }
}

pub(crate) fn config() -> CstaConfig {
    let mut config = CstaConfig::new("lab");
    config.plan = NumberPlan {
        extension_pattern: "10XX".to_owned(),
        outside_prefix: "0".to_owned(),
        ..NumberPlan::default()
    };
    for (number, name) in [("600", "support"), ("601", "everyone"), ("602", "sales"), ("603", "desk")] {
        config.queue_names.insert(number.to_owned(), name.to_owned());
    }
    config.reasons.insert(3, "lunch".to_owned());
    config
}

pub(crate) fn welcome() -> Welcome {
    let listed = |numbers: &[&str], category| -> Vec<ListedDevice> {
        let device = |text: &&str| ListedDevice { device: Some(DeviceId::dialing(*text)), category };
        numbers.iter().map(device).collect()
    };
    let mut devices = listed(&["1001", "1002", "1003", "1004", "1005", "1006"], DeviceCategory::Station);
    devices.extend(listed(&["600", "601", "602", "603"], DeviceCategory::Acd));
    devices.extend(listed(&["701"], DeviceCategory::Park));
    devices.extend(listed(&["690"], DeviceCategory::VoiceUnit));
    devices.extend(listed(&["T1", "T2", "T3"], DeviceCategory::NetworkInterface));
    Welcome { version: "ed6".to_owned(), services: Vec::new(), devices }
}

/// Report of one monitor, as the session hands it over.
pub(crate) fn report(monitor: &str, event: Event, more: More) -> Output {
    Output::Event {
        object: MonitorObject::Device(DeviceId::dialing(monitor)),
        report: Box::new(EventReport { cross_ref: Octets::from(monitor), event, more }),
        raw: Vec::new(),
    }
}

/// Translator, Domain and the switch behind them.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) translator: CstaTranslator,
    pub(crate) domain: Domain,
    pub(crate) records: Vec<Record>,
    pub(crate) now: Timestamp,
    pub(crate) truth: Truth,
    /// All that was told, in order.
    pub(crate) told: Vec<Input>,
    config: CstaConfig,
    monitored: Vec<String>,
    /// The switch has Snapshot Call; without it a survey shows each phone and the one at its other end.
    pub(crate) has_snapshot_call: bool,
    /// Sequence before the story.
    pub(crate) from: u64,
}

impl Site {
    pub(crate) fn new(config: CstaConfig) -> Self {
        let mut site = Self {
            translator: CstaTranslator::new(config.clone()),
            domain: Domain::new(1),
            records: Vec::new(),
            now: START,
            truth: Truth::default(),
            told: Vec::new(),
            monitored: MONITORED.iter().map(ToString::to_string).collect(),
            has_snapshot_call: true,
            from: 0,
            config,
        };
        let plan = site.config.plan.clone();
        let policy = DialPolicy::default();
        site.link(LinkChange::Configured { name: "lab".into(), plan, policy, log_all: true });
        site
    }

    /// A site for a story, before its link is up.
    pub(crate) fn of(story: &Story) -> Self {
        let mut config = config();
        config.habits.ids_per_leg = story.ids_per_leg;
        let mut site = Self::new(config);
        site.monitored.extend(story.monitored.iter().cloned());
        for (phone, group) in &story.agents {
            let line = wire::line(&format!("{phone} AgentReady {phone} group={group}")).unwrap();
            if let Line::Event(_, event, more) = line {
                site.truth.apply(&event, &more);
            }
        }
        site
    }

    /// Follows one more device.
    pub(crate) fn monitor(&mut self, number: &str) {
        self.monitored.push(number.to_owned());
    }

    fn link(&mut self, change: LinkChange) {
        let switch = self.translator.switch().clone();
        self.take(Input::Link { switch, change });
    }

    pub(crate) fn take(&mut self, input: Input) {
        self.told.push(input.clone());
        self.records.extend(self.domain.handle(self.now, input).records);
    }

    pub(crate) fn batch(&mut self, batch: Batch) {
        for input in batch.inputs {
            self.take(input);
        }
        invariants::check(self.domain.state()).unwrap();
    }

    pub(crate) fn message(&mut self, message: &Output) {
        let batch = self.translator.message(self.now, message);
        self.batch(batch);
    }

    /// The link comes up, with the switch's picture.
    pub(crate) fn up(&mut self) {
        self.message(&Output::Ready(Box::new(welcome())));
        let capabilities = self.translator.capabilities();
        self.link(LinkChange::Up { version: "ed6".into(), capabilities });
        self.survey();
    }

    /// True while a survey cannot show some call.
    pub(crate) fn hides_a_call(&self) -> bool {
        let monitored: Vec<&str> = self.monitored.iter().map(String::as_str).collect();
        self.truth.hides_a_call(&monitored)
    }

    pub(crate) fn survey(&mut self) {
        let monitored: Vec<&str> = self.monitored.iter().map(String::as_str).collect();
        let mut survey = self.truth.survey(&monitored);
        if !self.has_snapshot_call {
            survey.calls.clear();
        }
        self.message(&Output::Survey(Box::new(survey)));
    }

    pub(crate) fn down(&mut self) {
        self.translator.link_ended();
        self.link(LinkChange::Down { reason: "cut".into() });
    }

    /// The daemon starts again: the Domain as it was saved, a translator that knows what the Domain knows.
    pub(crate) fn restart(&mut self) {
        self.domain = Domain::load(&self.domain.save().unwrap()).unwrap();
        self.take(Input::Restarted);
        self.translator = CstaTranslator::new(self.config.clone());
        let switch = self.translator.switch().clone();
        let epoch = self.domain.state().switches.get(&switch).and_then(|one| one.boot_epoch.clone());
        self.translator.set_boot_epoch(epoch.as_ref());
        let known = KnownConnection::all(self.domain.state(), &switch);
        self.translator.seed(self.now, &known);
        self.translator.set_listeners(&links::Known::of(self.domain.state(), &switch).listeners);
        self.up();
    }

    /// What each monitor reports of an event that has become true.
    pub(crate) fn reports(&self, monitors: &[String], event: &Event, more: &More) -> Vec<Output> {
        let one = |monitor: &String| {
            let local_connection = self.truth.local(monitor, event);
            report(monitor, event.clone(), More { local_connection, ..more.clone() })
        };
        monitors.iter().map(one).collect()
    }

    pub(crate) fn line(&mut self, line: &Line) {
        self.pass(100);
        match line {
            Line::Event(monitors, event, more) => {
                self.truth.apply(event, more);
                for output in self.reports(monitors, event, more) {
                    self.now = self.now.plus_millis(1);
                    self.message(&output);
                }
            }
            Line::Cut => self.down(),
            Line::Up => self.up(),
            Line::Reboot => {
                self.truth.forget_calls();
                self.message(&Output::Status(SystemStatus::Initializing));
            }
            Line::Click(from, to) => self.click(from, to),
            Line::Wait(millis) => self.pass(*millis),
        }
    }

    /// A person clicks on a number; the switch takes the request.
    fn click(&mut self, from: &str, to: &str) {
        let command = self.order(from, to);
        self.ask(command);
        self.take(Input::RequestOutcome { command, outcome: RequestOutcome::Accepted });
    }

    pub(crate) fn order(&mut self, from: &str, to: &str) -> CommandId {
        let switch = self.translator.switch().clone();
        let stations = &self.domain.state().switches.get(&switch).unwrap().station_index;
        let from = stations.get(from).unwrap();
        let order = Order::MakeCall { from, to: to.into(), data: BTreeMap::new(), record: None };
        let input = Input::Order { actor: Actor::System, idempotency_key: None, order };
        let decision = self.domain.handle(self.now, input);
        self.records.extend(decision.records);
        decision.command.unwrap_or_else(|| panic!("refused: {:?}", decision.refusal))
    }

    /// Hands a command to the translator, as the driver does.
    pub(crate) fn ask(&mut self, command: CommandId) -> Vec<csta::model::Request> {
        let request = self.domain.state().commands.get(&command).unwrap().request.clone();
        self.translator.request(self.now, command, &request).unwrap()
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, millis: i64) {
        let until = self.now.plus_millis(millis);
        while let Some(due) = self.translator.next_deadline().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            let batch = self.translator.tick(self.now);
            self.batch(batch);
        }
        self.now = until;
        if self.domain.next_deadline().is_some_and(|due| due <= self.now) {
            self.take(Input::Tick);
        }
    }

    /// Plays a whole story.
    pub(crate) fn play(story: &Story) -> Self {
        let mut site = Self::of(story);
        let begins_late = story.lines.iter().any(|line| matches!(line, Line::Up))
            && !story.lines.iter().any(|line| matches!(line, Line::Cut));
        if !begins_late {
            site.up();
            site.from = site.domain.state().sequence;
        }
        for line in &story.lines {
            site.line(line);
        }
        site.pass(60_000);
        site
    }
}

/// Who plays the roles of a story.
pub(crate) fn roles(story: &str) -> Roles {
    let mut roles = Roles::new();
    for (role, number) in
        [("customer", "420602000111"), ("customer2", "420602000222"), ("customer3", "420602000333")]
    {
        roles = roles.number(role, &format!("+{number}")).number(role, number);
    }
    for (role, native) in [("support", "600"), ("everyone", "601"), ("sales", "602"), ("desk", "603")] {
        roles = roles.queue(role, native, native).number(role, &format!("+420555000{native}"));
    }
    for (role, last) in [("a", "01"), ("b", "02"), ("c", "03")] {
        let extension = format!("10{last}");
        roles = roles.station(role, &extension, &extension).number(role, &format!("+4205550001{last}"));
    }
    let _ = story;
    roles.number("nowhere", "1999").number("premium", "+420900123456")
}
