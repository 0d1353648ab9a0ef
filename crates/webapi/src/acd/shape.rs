//! The settings of our own distribution as the API writes them. They are `cti_core::acd` field by field, with the
//! description of the API on them and unknown fields refused; a test holds the two together.

use std::collections::{BTreeMap, BTreeSet};

use cti_core::acd::{self, BlockKind, Day, LevelFormula, Method, RingMode, RonaAction};
use cti_core::ids::{AgentId, QueueId};
use cti_core::time::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Problem;

/// A shape as the domain has it, or the other way round.
pub(crate) fn turned<T: DeserializeOwned>(from: &impl Serialize) -> Result<T, Problem> {
    let value = serde_json::to_value(from).map_err(|error| Problem::field("", error.to_string()))?;
    serde_json::from_value(value).map_err(|error| Problem::field("", error.to_string()))
}

/// Where a call goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
#[schema(no_recursion)]
pub(crate) enum Target {
    /// Waits in a queue of ours.
    Queue {
        #[schema(value_type = String)]
        queue: QueueId,
    },
    /// Is offered to one agent, at the phone it has now.
    Agent {
        #[schema(value_type = String)]
        agent: AgentId,
    },
    /// Any number the switch can dial: an extension, a mailbox, a queue of the PBX, an outside or a mobile number.
    Number {
        /// As an administrator writes it.
        #[schema(example = "+420555123456")]
        number: String,
    },
    /// Hears something, then goes on.
    Announcement {
        /// What is played.
        sound: String,
        /// Where the call goes then.
        then: Box<Self>,
    },
    /// Back to the switch, which sends the call where it sends calls when Tieline is away.
    Fallback {},
    /// The call ends.
    Hangup {},
}

/// A skill somebody must have, at least at this level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SkillNeed {
    #[schema(example = "german")]
    pub(crate) skill: String,
    /// 1 to 10.
    pub(crate) level: u8,
}

/// Members of these groups are preferred for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreferredGroup {
    pub(crate) group: String,
    /// How long only it and those before it are asked.
    pub(crate) for_ms: u64,
}

/// A ring of the bullseye: from this time on, lower levels will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ring {
    /// From this time of waiting on.
    pub(crate) after_ms: u64,
    /// Skill levels may be lower by this much.
    pub(crate) lower_by: u8,
    /// Members up to this level of the queue are asked.
    pub(crate) up_to_level: i32,
}

/// A condition on live figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "condition", deny_unknown_fields)]
pub(crate) enum Condition {
    /// No member is signed in.
    NobodySignedIn {},
    /// No member is ready or at work: all are paused or signed out.
    NobodyReady {},
    /// At least this many wait.
    Waiting { at_least: u32 },
    /// This one has waited longer.
    WaitedFor { ms: u64 },
    /// The expected wait of this one is longer.
    ExpectedWait { ms: u64 },
}

/// Members of another queue help out while the condition holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Helpers {
    #[schema(value_type = String)]
    pub(crate) from: QueueId,
    pub(crate) when: Condition,
}

/// Where a waiting call goes when a condition holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Overflow {
    pub(crate) when: Condition,
    pub(crate) to: Target,
}

/// Redirection on no answer. A limit of 0 never strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Rona {
    /// Unanswered offers in a row.
    pub(crate) no_answer: u32,
    /// Rejected offers in a row.
    pub(crate) rejected: u32,
    /// Offers that could not reach the phone, in a row.
    pub(crate) unreachable: u32,
    /// True counts offers the caller gave up on while they rang.
    pub(crate) count_abandoned: bool,
    /// `nothing`, `pause`, `log_out`.
    #[schema(value_type = String)]
    pub(crate) action: RonaAction,
    /// The pause ends by itself after this.
    pub(crate) return_after_ms: Option<u64>,
}

impl Default for Rona {
    fn default() -> Self {
        let acd::Rona { no_answer, rejected, unreachable, count_abandoned, action, return_after_ms } =
            acd::Rona::default();
        Self { no_answer, rejected, unreachable, count_abandoned, action, return_after_ms }
    }
}

/// What a waiting caller hears.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WaitingSounds {
    /// Music class; the switch's default when empty.
    pub(crate) music: String,
    /// Played once, at the entry.
    pub(crate) welcome: String,
    /// Played again and again.
    pub(crate) comfort: Vec<String>,
    /// Time between two announcements; 0 for none.
    pub(crate) every_ms: u64,
    /// Says the place in the queue with each announcement: this file, then the number.
    pub(crate) position: String,
    /// Says the expected wait in minutes with each announcement: this file, then the number.
    pub(crate) expected_wait: String,
    /// Offers a callback with each announcement: this file; the key below takes it.
    pub(crate) callback: String,
    /// One of `0123456789*#`.
    pub(crate) callback_key: String,
    /// Names the times of the callback and their keys, once it is ordered: this file, with a pause at its end.
    pub(crate) callback_choice: String,
    /// The times to choose from; who presses none of these keys is called back at once.
    pub(crate) callback_times: Vec<CallbackTime>,
}

/// A time for a callback that a caller takes by key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallbackTime {
    /// One of `0123456789*#`.
    pub(crate) key: String,
    pub(crate) when: CallbackWhen,
}

/// When a callback is made; a time at which the queue is closed means its next opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub(crate) enum CallbackWhen {
    /// At once.
    Now {},
    /// So much later.
    After {
        /// 1 to 10 080.
        minutes: u32,
    },
    /// At a time of the day, by the clock of the queue's calendar, which must be set.
    At {
        /// 0 for today, or tomorrow when that time is over; 1 for tomorrow; at most 7.
        days: u32,
        /// Minutes since midnight, 0 to 1439.
        minute: u16,
    },
}

/// Where a waiting caller goes who presses a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyChoice {
    /// One of `0123456789*#`; each once, and not the key of the callback.
    pub(crate) key: String,
    /// A tree of the voice portal by its number, another queue, an agent.
    pub(crate) to: Target,
}

/// The service level a queue is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServiceLevel {
    /// `SL-A` to `SL-F`.
    #[schema(value_type = String)]
    pub(crate) formula: LevelFormula,
    /// Answered within this.
    pub(crate) threshold_ms: u64,
    /// Who gives up within this is a short abandon.
    pub(crate) short_ms: u64,
    /// What is aimed at.
    pub(crate) target_percent: u8,
}

impl Default for ServiceLevel {
    fn default() -> Self {
        let acd::ServiceLevel { formula, threshold_ms, short_ms, target_percent } =
            acd::ServiceLevel::default();
        Self { formula, threshold_ms, short_ms, target_percent }
    }
}

/// Settings of an owned queue. What is not named is as at first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QueueSettings {
    /// What dialplan, route points and pilots call it: `a-z`, `0-9`, `-` and `_`, at most 40.
    #[schema(example = "sales")]
    pub(crate) key: String,
    /// Name shown to people.
    pub(crate) name: String,
    /// Organisation unit it belongs to.
    #[serde(default)]
    pub(crate) unit: Option<String>,
    /// Project that several queues may share; a campaign that takes calls is one.
    #[serde(default)]
    #[schema(example = "Spring offer")]
    pub(crate) project: Option<String>,
    /// `longest_idle`, `all_skills`, `best_skills`, `fewest_calls`, `linear`.
    #[serde(default)]
    #[schema(value_type = String)]
    pub(crate) method: Method,
    /// `one` or `all`; a CSTA switch rings one phone at a time either way.
    #[serde(default)]
    #[schema(value_type = String)]
    pub(crate) ring_mode: RingMode,
    /// How long a phone rings; 5 000 to 120 000.
    #[serde(default = "ring_ms")]
    pub(crate) ring_ms: u64,
    /// Skills every call of the queue needs.
    #[serde(default)]
    pub(crate) needs: Vec<SkillNeed>,
    /// Groups that are asked first, in order.
    #[serde(default)]
    pub(crate) preferred: Vec<PreferredGroup>,
    /// Rings of the bullseye, by time.
    #[serde(default)]
    pub(crate) rings: Vec<Ring>,
    /// Members of other queues, on conditions.
    #[serde(default)]
    pub(crate) helpers: Vec<Helpers>,
    /// A repeat caller goes to the agent last spoken to within this time, if free; 0 for never.
    #[serde(default)]
    pub(crate) last_agent_ms: u64,
    /// Calls of a queue with a higher priority are served first.
    #[serde(default)]
    pub(crate) priority: i32,
    /// Points a waiting call gains per minute.
    #[serde(default)]
    pub(crate) ageing_per_min: u32,
    /// Wrap-up after each call.
    #[serde(default)]
    pub(crate) wrap_up_ms: u64,
    /// What happens to who does not answer.
    #[serde(default)]
    pub(crate) rona: Rona,
    /// Name of the calendar; always open when none.
    #[serde(default)]
    pub(crate) calendar: Option<String>,
    /// Where calls go while it is closed or switched off.
    #[serde(default = "fallback")]
    pub(crate) closed: Target,
    /// False sends every call to `closed`.
    #[serde(default = "yes")]
    pub(crate) active: bool,
    /// Where waiting calls go, the first that holds.
    #[serde(default)]
    pub(crate) overflow: Vec<Overflow>,
    /// True for a paid line: callers blocked for paid lines do not reach it.
    #[serde(default)]
    pub(crate) paid: bool,
    /// How long a call waits for the scores of a program outside, see `PUT /v1/entries/{id}/scores`: 0 to 10 000; 0 where
    /// none is asked.
    #[serde(default)]
    pub(crate) scorer_ms: u64,
    /// What callers hear.
    #[serde(default)]
    pub(crate) sounds: WaitingSounds,
    /// Where callers go who press a key while they hear something; at most 20.
    #[serde(default)]
    pub(crate) keys: Vec<KeyChoice>,
    /// Service level.
    #[serde(default)]
    pub(crate) level: ServiceLevel,
}

fn ring_ms() -> u64 {
    acd::QueueSettings::new("").ring_ms
}

const fn fallback() -> Target {
    Target::Fallback {}
}

const fn yes() -> bool {
    true
}

/// What an entry rule asks of a call. What is not set is not asked; all that is set must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CallMatch {
    /// Key of the place at which the call arrived: the extension of the dialplan context, the route point or pilot.
    pub(crate) point: Option<String>,
    /// The dialled number begins with this (E.164 with `+`, or the extension).
    #[schema(example = "+420555100")]
    pub(crate) dialled: Option<String>,
    /// The caller's number begins with this (E.164 with `+`).
    #[schema(example = "+421")]
    pub(crate) caller: Option<String>,
    /// True: only callers who hide their number; false: only those who show it.
    pub(crate) withheld: Option<bool>,
    /// True: only callers whose contact is known; false: only those without one. Until the lookup has answered, some
    /// milliseconds after the call came, nobody is known; what it says then moves a call that waits.
    pub(crate) known: Option<bool>,
    /// The caller's contact has this status, in capitals or not.
    #[schema(example = "VIP")]
    pub(crate) status: Option<String>,
    /// Data bound to the call, each key with this value.
    pub(crate) data: BTreeMap<String, String>,
    /// Name of a calendar that must be open at the time of arrival.
    pub(crate) open: Option<String>,
    /// Name of a calendar that must be closed at the time of arrival.
    pub(crate) closed: Option<String>,
}

/// One rule of the entry table; the first that holds decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntryRule {
    /// Name shown to people, and in the account of a routed call.
    pub(crate) name: String,
    /// What must hold.
    #[serde(default)]
    pub(crate) when: CallMatch,
    /// Where the call goes.
    pub(crate) to: Target,
    /// Added to the queue's priority for this call.
    #[serde(default)]
    pub(crate) priority: i32,
    /// Skills this call needs beside those of the queue.
    #[serde(default)]
    pub(crate) needs: Vec<SkillNeed>,
}

/// Open on these days between two times of the local clock. `until_min` before `from_min` goes on past midnight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Opening {
    /// `monday` to `sunday`.
    #[schema(value_type = Vec<String>)]
    pub(crate) days: Vec<Day>,
    /// Minutes since midnight.
    pub(crate) from_min: u16,
    /// Minutes since midnight, not included; 1440 is midnight.
    pub(crate) until_min: u16,
}

/// Opening hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Calendar {
    /// Name, by which queues and rules call it.
    pub(crate) name: String,
    /// IANA time zone.
    #[schema(example = "Europe/Prague")]
    pub(crate) zone: String,
    /// When it is open.
    pub(crate) hours: Vec<Opening>,
    /// Dates on which it is closed all day, `YYYY-MM-DD`; `--MM-DD` for every year.
    #[serde(default)]
    pub(crate) holidays: Vec<String>,
    /// Dates with hours of their own: the date, then from and until in minutes since midnight.
    #[serde(default)]
    pub(crate) special: Vec<(String, u16, u16)>,
}

/// A blocked caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Block {
    /// E.164 with `+`; a number that ends in `*` blocks all that begin so.
    #[schema(example = "+420555123456")]
    pub(crate) number: String,
    /// `paid`: kept from paid lines only; `full`: from every entry point.
    #[schema(value_type = String)]
    pub(crate) kind: BlockKind,
    /// Until when; for ever when `null`.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) until: Option<Timestamp>,
    /// Why, for whoever reads the list later.
    #[serde(default)]
    pub(crate) reason: String,
}

/// What an agent can do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AgentProfile {
    /// Level by skill, 1 to 10.
    pub(crate) skills: BTreeMap<String, u8>,
    /// Groups the agent belongs to.
    pub(crate) groups: BTreeSet<String>,
    /// Interactions at the same time, by medium; voice is always 1, a medium that is not named 0.
    pub(crate) capacity: BTreeMap<String, u32>,
    /// Organisation unit the agent belongs to; where none is set, that of all its queues.
    pub(crate) unit: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// Through the API and back it is the same, and nothing of it was unknown here.
    fn same<Core, Api>(full: Value) -> Value
    where
        Core: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
        Api: Serialize + DeserializeOwned,
    {
        let core: Core = serde_json::from_value(full).unwrap();
        let written = serde_json::to_value(&core).unwrap();
        let api: Api = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(turned::<Core>(&api).unwrap(), core);
        written
    }

    const QUEUE: &str = "que_0199f0c1-0000-8000-8000-000000000001";
    const AGENT: &str = "agt_0199f0c1-0000-8000-8000-000000000001";

    fn targets() -> [Value; 6] {
        [
            json!({ "kind": "queue", "queue": QUEUE }),
            json!({ "kind": "agent", "agent": AGENT }),
            json!({ "kind": "number", "number": "1001" }),
            json!({ "kind": "announcement", "sound": "closed", "then": { "kind": "hangup" } }),
            json!({ "kind": "fallback" }),
            json!({ "kind": "hangup" }),
        ]
    }

    #[test]
    fn settings_of_a_queue_go_through_the_api_unchanged() {
        let conditions = [
            json!({ "condition": "nobody_signed_in" }),
            json!({ "condition": "nobody_ready" }),
            json!({ "condition": "waiting", "at_least": 3 }),
            json!({ "condition": "waited_for", "ms": 1 }),
            json!({ "condition": "expected_wait", "ms": 1 }),
        ];
        let overflow = conditions.iter().cycle().zip(targets());
        let full = json!({
            "key": "sales", "name": "Sales", "unit": "north", "project": "spring", "method": "best_skills", "ring_mode": "all",
            "ring_ms": 20_000, "needs": [{ "skill": "german", "level": 3 }],
            "preferred": [{ "group": "gold", "for_ms": 10 }],
            "rings": [{ "after_ms": 1, "lower_by": 1, "up_to_level": 2 }],
            "helpers": [{ "from": QUEUE, "when": conditions[0] }],
            "last_agent_ms": 5, "priority": -3, "ageing_per_min": 4, "wrap_up_ms": 6,
            "rona": { "no_answer": 2, "rejected": 4, "unreachable": 5, "count_abandoned": true, "action": "log_out",
                "return_after_ms": 7 },
            "calendar": "day", "closed": targets()[3], "active": false, "paid": true,
            "overflow": overflow.map(|(when, to)| json!({ "when": when, "to": to })).collect::<Vec<_>>(),
            "sounds": { "music": "a", "welcome": "b", "comfort": ["c"], "every_ms": 8, "position": "d",
                "expected_wait": "e", "callback": "f", "callback_key": "1", "callback_choice": "g",
                "callback_times": [{ "key": "1", "when": { "kind": "now" } },
                    { "key": "2", "when": { "kind": "after", "minutes": 60 } },
                    { "key": "3", "when": { "kind": "at", "days": 1, "minute": 540 } }] },
            "scorer_ms": 500, "keys": [{ "key": "2", "to": targets()[2] }],
            "level": { "formula": "SL-C", "threshold_ms": 1, "short_ms": 2, "target_percent": 90 },
        });
        assert_eq!(
            same::<acd::QueueSettings, QueueSettings>(full.clone()),
            full,
            "every field is named here"
        );
        let least = json!({ "key": "sales", "name": "Sales" });
        same::<acd::QueueSettings, QueueSettings>(least.clone());
        let api: QueueSettings = serde_json::from_value(least).unwrap();
        let core = acd::QueueSettings { name: "Sales".into(), ..acd::QueueSettings::new("sales") };
        assert_eq!(turned::<acd::QueueSettings>(&api).unwrap(), core, "the same defaults");
    }

    #[test]
    fn rules_calendars_blocks_and_profiles_go_through_the_api_unchanged() {
        let rule = json!({
            "name": "vip", "to": targets()[0], "priority": 50, "needs": [{ "skill": "german", "level": 3 }],
            "when": { "point": "main", "dialled": "+420", "caller": "+421", "withheld": false,
                "known": true, "status": "VIP", "data": { "choice": "2" }, "open": "day", "closed": "night" },
        });
        assert_eq!(same::<acd::EntryRule, EntryRule>(rule.clone()), rule);
        let calendar = json!({
            "name": "day", "zone": "Europe/Prague",
            "hours": [{ "days": ["monday", "sunday"], "from_min": 480, "until_min": 960 }],
            "holidays": ["--12-24"], "special": [["2026-12-31", 480, 720]],
        });
        assert_eq!(same::<acd::Calendar, Calendar>(calendar.clone()), calendar);
        let block = json!({ "number": "+420900*", "kind": "paid", "until": "2026-12-01T00:00:00.000000Z", "reason": "x" });
        assert_eq!(same::<acd::Block, Block>(block.clone()), block);
        let profile = json!({ "skills": { "german": 3 }, "groups": ["gold"], "capacity": { "chat": 2 },
            "unit": "north" });
        assert_eq!(same::<cti_core::fact::AgentProfile, AgentProfile>(profile.clone()), profile);
    }
}
