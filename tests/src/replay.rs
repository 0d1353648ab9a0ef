//! A recording through codec, translator and domain, without any switch: `fixtures/ami/**` as facts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ami::Message;
use ami::message::MessageKind;
use ami::response::{Response, ends_list};
use ami::trace::{Side, read_blocks};
use cti_core::domain::Domain;
use cti_core::fact::Record;
use cti_core::ids::CommandId;
use cti_core::input::{Actor, Input, LinkChange, Order};
use cti_core::invariants;
use cti_core::number::NumberPlan;
use cti_core::number::guard::DialPolicy;
use cti_core::time::Timestamp;
use links::asterisk::{AsteriskTranslator, Facilities, ListKind, Resync, capabilities};
use links::config::{ManagerUser, SwitchConfig};
use links::{Batch, KnownConnection, Translator};

use crate::expect::Roles;
use crate::lab::{CUSTOMER, SECOND_CUSTOMER};
use crate::trouble::Context;
use crate::{Result, Trouble};

/// When a replay begins; recordings hold no date.
const START: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

/// Every recording: flavour (`22-plain`), story, path.
pub fn recordings() -> Result<Vec<(String, String, PathBuf)>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/ami");
    let mut found = Vec::new();
    for flavour in std::fs::read_dir(&folder).context("fixtures/ami")? {
        let flavour = flavour?;
        for file in std::fs::read_dir(flavour.path()).into_iter().flatten() {
            let path = file?.path();
            if path.extension().is_some_and(|end| end == "trace") {
                let story = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                found.push((flavour.file_name().to_string_lossy().into_owned(), story, path));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A recording in two parts: the lists of its beginning and the events after them.
#[derive(Debug, Clone)]
pub struct Recording {
    /// Rows of each list.
    pub lists: BTreeMap<ListKind, Vec<Message>>,
    /// Events with their times.
    pub events: Vec<(Timestamp, Message)>,
    /// Extension of the phone that answered last, as the recording's head tells.
    pub answered_by: Option<String>,
}

impl Recording {
    /// Reads a recording.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path)?;
        let mut asked: BTreeMap<String, ListKind> = BTreeMap::new();
        let answered_by = head(&bytes).filter_map(|line| line.strip_suffix(" answers")).last();
        let answered_by = answered_by.and_then(|line| line.split(' ').next_back()).map(str::to_owned);
        let mut recording = Self { lists: BTreeMap::new(), events: Vec::new(), answered_by };
        for block in read_blocks(&bytes).context(&path.display().to_string())? {
            let Some(message) = block.message() else { continue };
            if block.side == Side::Client {
                if let (MessageKind::Action(name), Some(id)) = (message.kind(), message.action_id())
                    && let Some(kind) = ListKind::of_action(name)
                {
                    asked.insert(id.to_owned(), kind);
                }
                continue;
            }
            let kind = message.action_id().and_then(|id| asked.get(id)).copied();
            let is_row = message.event_name() != Some("OriginateResponse");
            if let Some(kind) = kind.filter(|_| is_row) {
                if Response::of(&message).is_some() || !ends_list(&message) {
                    recording.lists.entry(kind).or_default().push(message);
                }
            } else if message.event_name().is_some() {
                let at = i64::try_from(block.at_ms).unwrap_or(i64::MAX);
                recording.events.push((START.plus_millis(at), message));
            }
        }
        Ok(recording)
    }
}

/// Comment lines at the top of a recording.
fn head(bytes: &[u8]) -> impl Iterator<Item = &str> {
    bytes.split(|byte| *byte == b'\n').map_while(|line| std::str::from_utf8(line).ok()?.strip_prefix("# "))
}

/// Translator and domain of one switch `lab`, stepped by hand.
#[derive(Debug)]
pub struct Replay {
    /// The translator.
    pub translator: AsteriskTranslator,
    /// The domain.
    pub domain: Domain,
    /// All facts so far.
    pub records: Vec<Record>,
    /// Engine time.
    pub now: Timestamp,
}

/// The configuration every replay uses.
pub fn config() -> SwitchConfig {
    let user = || ManagerUser { user: "cti".into(), password: "secret".into() };
    let mut config = SwitchConfig::new("lab", "127.0.0.1", user(), user());
    config.plan = NumberPlan {
        extension_pattern: "10XX".to_owned(),
        outside_prefix: "0".to_owned(),
        ..NumberPlan::default()
    };
    config
}

impl Default for Replay {
    fn default() -> Self {
        Self::new()
    }
}

impl Replay {
    /// A switch that was never linked.
    pub fn new() -> Self {
        let config = config();
        let mut replay = Self {
            translator: AsteriskTranslator::new(config.clone()),
            domain: Domain::new(1),
            records: Vec::new(),
            now: START,
        };
        let change = LinkChange::Configured {
            name: "lab".into(),
            plan: config.plan,
            policy: DialPolicy::default(),
            log_all: true,
        };
        replay.link(change);
        replay
    }

    fn link(&mut self, change: LinkChange) {
        let switch = self.translator.switch().clone();
        self.take(Input::Link { switch, change });
    }

    /// Tells the domain one thing and checks what must hold.
    pub fn take(&mut self, input: Input) {
        self.records.extend(self.domain.handle(self.now, input).records);
    }

    /// The link comes up with these lists.
    pub fn link_up(&mut self, lists: &BTreeMap<ListKind, Vec<Message>>) {
        let facilities =
            Facilities { commands: None, has_include: true, is_recent: true, ..Facilities::default() };
        self.link(LinkChange::Up { version: "22".into(), capabilities: capabilities(&facilities) });
        let mut resync = Resync::new();
        for kind in ListKind::ALL {
            resync.list(kind, lists.get(&kind).cloned().unwrap_or_default());
        }
        let batch = self.translator.resync(self.now, resync);
        self.batch(batch);
    }

    fn batch(&mut self, batch: Batch) {
        for input in batch.inputs {
            self.take(input);
        }
    }

    /// One event arrives.
    pub fn event(&mut self, at: Timestamp, message: &Message) -> Result<()> {
        self.now = self.now.max(at);
        self.run_timers();
        let batch = self.translator.message(self.now, message);
        self.batch(batch);
        invariants::check(self.domain.state())
            .map_err(|what| Trouble::new(format!("after {:?}: {what}", message.event_name())))
    }

    /// Hands a command's request to the translator, as the driver does; what it would send is not looked at.
    pub fn request(&mut self, command: CommandId) -> Result<()> {
        let request = self.domain.state().commands.get(&command).map(|one| one.request.clone());
        let request = request.ok_or_else(|| Trouble::new("no such command"))?;
        let sent = self.translator.request(self.now, command, &request);
        sent.map(drop).map_err(|outcome| Trouble::new(format!("not sent: {outcome:?}")))
    }

    /// 1001 dials 1002 through us: the recorded channel gets the key that our command chose. Gives the recording
    /// with that key and the command.
    pub fn click_to_dial(&mut self, recording: Recording) -> Result<(Recording, CommandId)> {
        let switch = self.translator.switch().clone();
        let device = self.domain.state().switches.get(&switch).and_then(|one| one.station_index.get("1001"));
        let from = device.ok_or_else(|| Trouble::new("1001 was not discovered"))?;
        let order = Order::MakeCall { from, to: "1002".into(), data: BTreeMap::new(), record: None };
        let input = Input::Order { actor: Actor::System, idempotency_key: None, order };
        let decision = self.domain.handle(self.now, input);
        self.records.extend(decision.records);
        let command =
            decision.command.ok_or_else(|| Trouble::new(format!("refused: {:?}", decision.refusal)))?;
        self.request(command)?;
        let renamed = |message: &Message| {
            let text = String::from_utf8_lossy(message.raw()).replace("cti-1-a1", &command.to_string());
            Message::parse(text.as_bytes()).ok_or_else(|| Trouble::new("an unreadable message"))
        };
        let events = recording
            .events
            .iter()
            .map(|(at, message)| Ok((*at, renamed(message)?)))
            .collect::<Result<_>>()?;
        Ok((Recording { events, ..recording }, command))
    }

    /// The link is cut now and comes up at once with these lists; the translator stays.
    pub fn cut(&mut self, lists: &BTreeMap<ListKind, Vec<Message>>) {
        self.link(LinkChange::Down { reason: "the link was cut".into() });
        self.translator.reconnected();
        self.link_up(lists);
    }

    /// The daemon is restarted now: the domain as it was saved, a translator that knows what the domain knows.
    pub fn restart(&mut self, lists: &BTreeMap<ListKind, Vec<Message>>) -> Result<()> {
        self.domain = self.domain.save().and_then(|bytes| Domain::load(&bytes)).context("a saved domain")?;
        self.take(Input::Restarted);
        self.translator = AsteriskTranslator::new(config());
        let known = KnownConnection::all(self.domain.state(), self.translator.switch());
        self.translator.seed(self.now, &known);
        self.link_up(lists);
        Ok(())
    }

    /// Lets time pass.
    pub fn pass(&mut self, millis: i64) {
        self.now = self.now.plus_millis(millis);
        let batch = self.translator.tick(self.now);
        self.batch(batch);
        self.run_timers();
    }

    fn run_timers(&mut self) {
        if self.domain.next_deadline().is_some_and(|due| due <= self.now) {
            self.take(Input::Tick);
        }
    }

    /// Plays a whole recording; gives the sequence after which the story begins.
    pub fn play(&mut self, recording: &Recording) -> Result<u64> {
        self.link_up(&recording.lists);
        let from = self.domain.state().sequence;
        for (at, message) in &recording.events {
            self.event(*at, message)?;
        }
        self.pass(60_000);
        Ok(from)
    }
}

/// Who plays the roles of a story in the laboratory (`tests::stories`). `answered_by` is the phone that answered
/// last, for the story in which that is left to chance.
pub fn roles(story: &str, answered_by: Option<&str>) -> Roles {
    let base = story.split('-').next().unwrap_or(story);
    let phone = |roles: Roles, role: &str, extension: &str| {
        roles.station(role, &format!("PJSIP/{extension}"), extension).number(role, &direct(extension))
    };
    let queue = |roles: Roles, role: &str, name: &str, extension: &str| {
        // An Asterisk knows a queue by its name, a CSTA switch by its number.
        roles.queue(role, name, extension).queue(role, extension, extension).number(role, &direct(extension))
    };
    let mut roles = Roles::new();
    for (role, number) in [("customer", CUSTOMER), ("customer2", SECOND_CUSTOMER)] {
        roles = roles
            .number(role, number)
            .number(role, &format!("+{number}"))
            .number(role, &format!("0{number}"));
    }
    let phones: &[(&str, &str)] = match base {
        "S06b" => &[("a", "1006")],
        "S13" | "S14" | "S14b" | "S15" | "S16" | "S17" | "S29c" => &[],
        "S18b" => &[("a", "1001"), ("b", "1002"), ("c", "1003")],
        "S19" if story == "S19-phone" => &[("a", "1001"), ("b", "1009"), ("c", "1005")],
        "S19" => &[("a", "1001"), ("b", "1010"), ("c", "1005")],
        "S06" | "S19b" | "S19c" => &[("a", "1001"), ("b", "1004"), ("c", "1005")],
        "S19d" => &[("a", "1001"), ("b", "1012")],
        "S19e" => &[("b", "1011")],
        "S20" => &[("a", "1001"), ("b", "1003")],
        "S21" => &[("a", "1005"), ("b", "1006")],
        "S22" => &[("a", "1004")],
        "S23" => &[("a", "1001"), ("s", "1005")],
        "S28" => &[("a", "1001")],
        _ => &[("a", "1001"), ("b", "1002")],
    };
    for (role, extension) in phones {
        roles = phone(roles, role, extension);
    }
    if let ("S17", Some(answered_by)) = (base, answered_by) {
        let others = ["1001", "1002", "1003"].into_iter().filter(|extension| *extension != answered_by);
        for (role, extension) in ["a", "c"].into_iter().zip(others).chain([("b", answered_by)]) {
            roles = phone(roles, role, extension);
        }
    }
    if base == "S21" {
        // The number of the person whose phones they are.
        roles = roles.number("a", "1013").number("a", &direct("1013"));
    }
    let queues: &[(&str, &str, &str)] = match base {
        "S14" | "S28b" => &[("support", "desk", "603")],
        "S22" => &[("desk", "desk", "603")],
        "S24" => &[("support", "desk", "603"), ("support", "support", "600")],
        "S29c" => &[("support", "locals", "604")],
        _ => &[("support", "support", "600"), ("everyone", "everyone", "601"), ("sales", "sales", "602")],
    };
    for (role, name, extension) in queues {
        roles = queue(roles, role, name, extension);
    }
    roles
        .number("nowhere", "1999")
        .number("premium", "0900123456")
        .number("premium", "900123456")
        .number("premium", "+420900123456")
}

/// The outside number of an extension in the laboratory, as the trunk dials it and as it is normalised.
fn direct(extension: &str) -> String {
    match extension.strip_prefix("10") {
        Some(last_two) if extension.len() == 4 => format!("+4205550001{last_two}"),
        _ => format!("+420555000{extension}"),
    }
}
