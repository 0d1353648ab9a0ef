//! Lists of the site as the facts left it: switches, devices, extensions, assignments, queues, agents, commands.

use std::collections::BTreeMap;

use cti_core::fact::{AgentEffective, AssignmentKind, CommandStep};
use cti_core::ids::{
    AgentId, AssignmentId, CallId, CommandId, DeviceId, ExtensionId, QueueId, SwitchId, UserId,
};
use cti_core::input::{Actor, DeviceKind, DeviceState};
use cti_core::permit::{Capabilities, CommandName};
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::db::{Row, Statement, values};
use crate::error::StoreError;

/// A switch and its link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SwitchRow {
    /// Its id.
    pub id: SwitchId,
    /// Name shown to people.
    pub name: String,
    /// Its version, once it was up.
    pub version: Option<String>,
    /// State of the link.
    pub link: LinkState,
    /// Since when.
    pub since: Timestamp,
    /// Why it is down.
    pub reason: Option<String>,
}

/// State of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// Logged in.
    Up,
    /// Not.
    Down,
    /// Not heard of yet.
    Unknown,
}

/// A span of time in which events of a switch may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LinkGap {
    /// Its switch.
    pub switch: SwitchId,
    /// Last time the link was known good.
    pub from: Timestamp,
    /// When the snapshot after it was complete.
    pub until: Timestamp,
}

/// A device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeviceRow {
    /// Our id.
    pub id: DeviceId,
    /// Its switch.
    pub switch: SwitchId,
    /// The switch's id.
    pub native: String,
    /// What it is.
    pub kind: DeviceKind,
    /// What people dial.
    pub extension: Option<String>,
    /// Name shown to people.
    pub name: Option<String>,
    /// What it can do, where it differs from its switch.
    pub capabilities: Option<Capabilities>,
    /// Its state.
    pub state: DeviceState,
    /// Since when.
    pub state_since: Timestamp,
}

/// A row of the extension list with its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExtensionRowAt {
    /// Our id.
    pub id: ExtensionId,
    /// The row.
    #[serde(flatten)]
    pub row: cti_core::fact::ExtensionRow,
}

/// A device given to a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AssignmentRow {
    /// Our id.
    pub id: AssignmentId,
    /// The device.
    pub device: DeviceId,
    /// The user.
    pub user: UserId,
    /// Fixed or hot desk.
    pub kind: AssignmentKind,
    /// True for the one that takes offers and click-to-dial.
    pub primary: bool,
    /// From when.
    pub from: Timestamp,
    /// Until when; none while it lasts.
    pub until: Option<Timestamp>,
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QueueRow {
    /// Our id.
    pub id: QueueId,
    /// Its switch.
    pub switch: SwitchId,
    /// The switch's id.
    pub native: String,
    /// Name shown to people.
    pub name: String,
    /// Wrap-up after each call.
    pub wrap_up_ms: u64,
    /// Its members.
    pub members: Vec<QueueMember>,
}

/// A member of a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QueueMember {
    /// The agent.
    pub agent: AgentId,
    /// True while it takes no calls of this queue.
    pub paused: bool,
    /// Pause reason.
    pub reason: Option<String>,
    /// True when it can be removed by a request.
    pub dynamic: bool,
}

/// An agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AgentRow {
    /// Our id.
    pub id: AgentId,
    /// The phone it is called at.
    pub device: DeviceId,
    /// Name of the member.
    pub name: String,
    /// The user it is.
    pub user: Option<UserId>,
    /// What it is doing.
    pub now: Option<AgentInterval>,
}

/// The last call an agent answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LastAnswered {
    /// The call.
    pub call: CallId,
    /// When the agent's phone was answered.
    pub at: Timestamp,
    /// The queue it came from; none for a direct call.
    pub queue: Option<QueueId>,
}

/// A span of time in one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AgentInterval {
    /// The agent.
    pub agent: AgentId,
    /// Effective state.
    pub state: AgentEffective,
    /// Chosen state: `logged_out`, `ready`, `paused`.
    pub chosen: String,
    /// Pause reason.
    pub reason: Option<String>,
    /// The call it was about.
    pub call: Option<CallId>,
    /// From when.
    pub started_at: Timestamp,
    /// Until when; none while it lasts.
    pub ended_at: Option<Timestamp>,
    /// How long; none while it lasts.
    pub duration_ms: Option<u64>,
}

/// A command and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CommandRow {
    /// Our id.
    pub id: CommandId,
    /// Its name.
    pub name: CommandName,
    /// Who asked.
    pub actor: Actor,
    /// Key given by the asker.
    pub idempotency_key: Option<String>,
    /// Where it went.
    pub switch: SwitchId,
    /// The call it is about.
    pub call: Option<CallId>,
    /// The device it acts for.
    pub device: Option<DeviceId>,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When it counts as failed.
    pub deadline: Timestamp,
    /// What became of it.
    pub state: CommandState,
    /// Stable code of a failure.
    pub code: Option<String>,
    /// Words for it.
    pub detail: Option<String>,
    /// When it was settled.
    pub settled_at: Option<Timestamp>,
    /// Steps that were seen, in order.
    pub steps: Vec<CommandStepRow>,
}

/// What became of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandState {
    /// On its way; nothing is known yet.
    Sent,
    /// The switch showed the effect.
    Succeeded,
    /// It had no effect.
    Failed,
    /// Nobody can say.
    OutcomeUnknown,
}

/// A step of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CommandStepRow {
    /// What was seen.
    pub step: CommandStep,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// All switches by id.
    pub async fn switches(&self) -> Result<Vec<SwitchRow>, StoreError> {
        let rows = self.main.rows(&SWITCHES, values![]).await?;
        rows.iter()
            .map(|row| {
                Ok(SwitchRow {
                    id: row.text("switch")?.into(),
                    name: row.text("name")?,
                    version: row.maybe_text("version")?,
                    link: row.word("link")?,
                    since: row.time("since")?,
                    reason: row.maybe_text("reason")?,
                })
            })
            .collect()
    }

    /// Gaps that touch `[from, to)`, of one switch where wanted, in order.
    pub async fn link_gaps(
        &self,
        switch: Option<&SwitchId>,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<LinkGap>, StoreError> {
        let rows = self.main.rows(&GAPS, values![switch, from, to]).await?;
        rows.iter()
            .map(|row| {
                Ok(LinkGap {
                    switch: row.text("switch")?.into(),
                    from: row.time("gap_from")?,
                    until: row.time("gap_until")?,
                })
            })
            .collect()
    }

    /// All devices by switch and native id.
    pub async fn devices(&self) -> Result<Vec<DeviceRow>, StoreError> {
        let rows = self.main.rows(&DEVICES, values![]).await?;
        rows.iter()
            .map(|row| {
                Ok(DeviceRow {
                    id: row.id("device")?,
                    switch: row.text("switch")?.into(),
                    native: row.text("native")?,
                    kind: row.word("kind")?,
                    extension: row.maybe_text("extension")?,
                    name: row.maybe_text("name")?,
                    capabilities: row.maybe_json("capabilities")?,
                    state: row.word("state")?,
                    state_since: row.time("state_since")?,
                })
            })
            .collect()
    }

    /// All rows of the extension list by switch and extension.
    pub async fn extensions(&self) -> Result<Vec<ExtensionRowAt>, StoreError> {
        let rows = self.main.rows(&EXTENSIONS, values![]).await?;
        rows.iter()
            .map(|row| {
                Ok(ExtensionRowAt {
                    id: row.id("extension_id")?,
                    row: cti_core::fact::ExtensionRow {
                        switch: row.text("switch")?.into(),
                        extension: row.text("extension")?.into(),
                        number: row.maybe_text("number")?.map(Into::into),
                        user: row.maybe_id("user_id")?,
                        contact: row.maybe_text("contact")?.map(Into::into),
                        caller_id: row.maybe_text("caller_id")?.map(Into::into),
                        record: row.flag("record")?,
                        active: row.flag("active")?,
                    },
                })
            })
            .collect()
    }

    /// Assignments, oldest first; those that are over only when wanted.
    pub async fn assignments(&self, with_ended: bool) -> Result<Vec<AssignmentRow>, StoreError> {
        let rows = self.main.rows(&ASSIGNMENTS, values![with_ended]).await?;
        rows.iter()
            .map(|row| {
                Ok(AssignmentRow {
                    id: row.id("assignment")?,
                    device: row.id("device")?,
                    user: row.id("user_id")?,
                    kind: row.word("kind")?,
                    primary: row.flag("is_primary")?,
                    from: row.time("given_from")?,
                    until: row.maybe_time("given_until")?,
                })
            })
            .collect()
    }

    /// All queues by name, with their members.
    pub async fn queues(&self) -> Result<Vec<QueueRow>, StoreError> {
        let mut queues = Vec::new();
        for row in self.main.rows(&QUEUES, values![]).await? {
            queues.push(QueueRow {
                id: row.id("queue")?,
                switch: row.text("switch")?.into(),
                native: row.text("native")?,
                name: row.text("name")?,
                wrap_up_ms: row.count("wrap_up_ms")?,
                members: Vec::new(),
            });
        }
        for row in self.main.rows(&MEMBERS, values![]).await? {
            let of: QueueId = row.id("queue")?;
            let member = QueueMember {
                agent: row.id("agent")?,
                paused: row.flag("paused")?,
                reason: row.maybe_text("reason")?,
                dynamic: row.flag("removable")?,
            };
            if let Some(queue) = queues.iter_mut().find(|queue| queue.id == of) {
                queue.members.push(member);
            }
        }
        Ok(queues)
    }

    /// All agents by name, with what they are doing.
    pub async fn agents(&self) -> Result<Vec<AgentRow>, StoreError> {
        let mut agents = Vec::new();
        for row in self.main.rows(&AGENTS, values![]).await? {
            let doing = row.maybe_text("state")?.is_some();
            agents.push(AgentRow {
                id: row.id("agent")?,
                device: row.id("device")?,
                name: row.text("name")?,
                user: row.maybe_id("user_id")?,
                now: if doing { Some(read_interval(&row)?) } else { None },
            });
        }
        Ok(agents)
    }

    /// The last call that each agent answered.
    pub async fn last_answered(&self) -> Result<BTreeMap<AgentId, LastAnswered>, StoreError> {
        let rows = self.main.rows(&LAST_ANSWERED, values![]).await?;
        let read = |row: &Row| {
            let last = LastAnswered {
                call: row.id("call")?,
                at: row.time("answered_at")?,
                queue: row.maybe_id("queue")?,
            };
            Ok((row.id("agent")?, last))
        };
        rows.iter().map(read).collect()
    }

    /// What agents did in `[from, to)`, one agent where wanted, in order.
    pub async fn agent_intervals(
        &self,
        agent: Option<AgentId>,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<AgentInterval>, StoreError> {
        let rows = self.main.rows(&INTERVALS, values![agent, from, to]).await?;
        rows.iter().map(read_interval).collect()
    }

    /// One command; none when there is no such command.
    pub async fn command(&self, id: CommandId) -> Result<Option<CommandRow>, StoreError> {
        let Some(row) = self.main.row(&COMMAND, values![id]).await? else {
            return Ok(None);
        };
        let mut steps = Vec::new();
        for step in self.main.rows(&STEPS, values![id]).await? {
            steps.push(CommandStepRow { step: step.word("step")?, at: step.time("seen_at")? });
        }
        Ok(Some(CommandRow {
            id: row.id("command")?,
            name: row.word("name")?,
            actor: row.json("actor")?,
            idempotency_key: row.maybe_text("asker_key")?,
            switch: row.text("switch")?.into(),
            call: row.maybe_id("call")?,
            device: row.maybe_id("device")?,
            sent_at: row.time("sent_at")?,
            deadline: row.time("deadline")?,
            state: row.word("state")?,
            code: row.maybe_text("code")?,
            detail: row.maybe_text("detail")?,
            settled_at: row.maybe_time("settled_at")?,
            steps,
        }))
    }
}

fn read_interval(row: &Row) -> Result<AgentInterval, StoreError> {
    Ok(AgentInterval {
        agent: row.id("agent")?,
        state: row.word("state")?,
        chosen: row.text("chosen")?,
        reason: row.maybe_text("reason")?,
        call: row.maybe_id("call")?,
        started_at: row.time("started_at")?,
        ended_at: row.maybe_time("ended_at")?,
        duration_ms: row.maybe_count("duration_ms")?,
    })
}

static SWITCHES: Statement = Statement::new("list switches", "SELECT * FROM switches ORDER BY switch");
static GAPS: Statement = Statement::new(
    "list link gaps",
    "SELECT * FROM link_gaps
     WHERE (CAST($1 AS TEXT) IS NULL OR switch = $1) AND gap_until >= $2 AND gap_from < $3 ORDER BY sequence",
);
static DEVICES: Statement = Statement::new("list devices", "SELECT * FROM devices ORDER BY switch, native");
static EXTENSIONS: Statement =
    Statement::new("list extensions", "SELECT * FROM extensions ORDER BY switch, extension, extension_id");
static ASSIGNMENTS: Statement = Statement::new(
    "list assignments",
    "SELECT * FROM assignments WHERE given_until IS NULL OR CAST($1 AS BIGINT) = 1 ORDER BY sequence",
);
static QUEUES: Statement = Statement::new("list queues", "SELECT * FROM queues ORDER BY name, queue");
static MEMBERS: Statement =
    Statement::new("list queue members", "SELECT * FROM queue_members ORDER BY queue, sequence");
static AGENTS: Statement = Statement::new(
    "list agents",
    "SELECT agents.agent AS agent, agents.device AS device, agents.name AS name, agents.user_id AS user_id,
         now.state AS state, now.chosen AS chosen, now.reason AS reason, now.call AS call,
         now.started_at AS started_at, now.ended_at AS ended_at, now.duration_ms AS duration_ms
     FROM agents LEFT JOIN agent_intervals AS now ON now.agent = agents.agent AND now.ended_at IS NULL
     ORDER BY agents.name, agents.agent",
);
static LAST_ANSWERED: Statement = Statement::new(
    "read the last answered calls",
    "SELECT agents.agent AS agent, legs.call AS call, legs.answered_at AS answered_at, offers.queue AS queue
     FROM agents
     JOIN legs ON legs.leg = (SELECT one.leg FROM legs AS one
                              WHERE one.agent = agents.agent AND one.answered_at IS NOT NULL AND one.side = 'target'
                              ORDER BY one.answered_at DESC LIMIT 1)
     LEFT JOIN offers ON offers.leg = legs.leg",
);
static INTERVALS: Statement = Statement::new(
    "list agents' intervals",
    "SELECT * FROM agent_intervals
     WHERE (CAST($1 AS TEXT) IS NULL OR agent = $1) AND started_at < $3 AND (ended_at IS NULL OR ended_at > $2)
     ORDER BY agent, sequence",
);
static COMMAND: Statement = Statement::new("read a command", "SELECT * FROM commands WHERE command = $1");
static STEPS: Statement = Statement::new(
    "read the steps of a command",
    "SELECT step, seen_at FROM command_steps WHERE command = $1 ORDER BY sequence",
);

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[
    &SWITCHES,
    &GAPS,
    &DEVICES,
    &EXTENSIONS,
    &ASSIGNMENTS,
    &QUEUES,
    &MEMBERS,
    &AGENTS,
    &LAST_ANSWERED,
    &INTERVALS,
    &COMMAND,
    &STEPS,
];
