//! Switches, devices, extensions, assignments and commands in the book.

use cti_core::fact::{Fact, Record};
use cti_core::input::DeviceState;

use super::Writes;
use crate::book::{CommandState, LinkState};
use crate::db::{Statement, json, values, word};

#[expect(clippy::wildcard_enum_match_arm, reason = "the parent module names every fact and sends only these")]
pub(super) fn project(record: &Record, writes: &mut Writes) {
    let (sequence, at) = (record.sequence, record.at);
    match &record.fact {
        Fact::SwitchConfigured { switch, name, .. } => {
            let unknown = word(&LinkState::Unknown);
            writes.put(&SET_SWITCH, values![switch, sequence, name, unknown, at]);
        }
        Fact::LinkUp { switch, version, .. } => {
            let up = word(&LinkState::Up);
            writes.put(&SET_LINK, values![switch, up, at, Option::<&str>::None]);
            writes.put(&SET_VERSION, values![switch, version]);
        }
        Fact::LinkDown { switch, reason } => {
            let down = word(&LinkState::Down);
            writes.put(&SET_LINK, values![switch, down, at, reason]);
        }
        Fact::LinkGap { switch, from, until } => {
            writes.put(&ADD_GAP, values![sequence, switch, from, until]);
        }
        Fact::SwitchBooted { switch, boot_epoch } => {
            writes.put(&SET_EPOCH, values![switch, boot_epoch]);
        }
        Fact::DeviceDiscovered { device, switch, native, kind, extension, name, capabilities } => writes.put(
            &SET_DEVICE,
            values![
                device,
                sequence,
                switch,
                native,
                word(kind),
                extension,
                name,
                capabilities.as_ref().map(json),
                word(&DeviceState::Unknown),
                at
            ],
        ),
        Fact::DeviceStateChanged { device, current, .. } => {
            writes.put(&SET_DEVICE_STATE, values![device, word(current), at]);
        }
        Fact::ExtensionSet { extension, row, .. } => writes.put(
            &SET_EXTENSION,
            values![
                extension,
                sequence,
                row.switch,
                row.extension,
                row.number,
                row.user,
                row.contact,
                row.active,
                row.caller_id,
                row.record
            ],
        ),
        Fact::ExtensionRemoved { extension, .. } => writes.put(&REMOVE_EXTENSION, values![extension]),
        Fact::AssignmentStarted { assignment, assigned, .. } => writes.put(
            &ASSIGN,
            values![
                assignment,
                sequence,
                assigned.device,
                assigned.user,
                word(&assigned.kind),
                assigned.primary,
                at
            ],
        ),
        Fact::AssignmentEnded { assignment, .. } => writes.put(&UNASSIGN, values![assignment, at]),
        _ => command(record, writes),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the parent module names every fact and sends only these")]
fn command(record: &Record, writes: &mut Writes) {
    let at = record.at;
    let none = Option::<&str>::None;
    let mut settle = |command, state: CommandState, code: Option<&str>, detail: Option<&str>| {
        writes.put(&SETTLE, values![command, word(&state), code, detail, at]);
    };
    match &record.fact {
        Fact::CommandSent {
            command,
            name,
            actor,
            idempotency_key,
            switch,
            call,
            device,
            request,
            deadline,
        } => writes.put(
            &ADD_COMMAND,
            values![
                command,
                record.sequence,
                word(name),
                json(actor),
                idempotency_key,
                switch,
                call,
                device,
                json(request),
                at,
                deadline,
                word(&CommandState::Sent)
            ],
        ),
        Fact::CommandProgress { command, step, call } => {
            writes.put(&ADD_STEP, values![record.sequence, command, word(step), at]);
            if call.is_some() {
                writes.put(&SET_COMMAND_CALL, values![command, call]);
            }
        }
        Fact::CommandSucceeded { command } => settle(command, CommandState::Succeeded, none, none),
        Fact::CommandFailed { command, code, detail } => {
            settle(command, CommandState::Failed, Some(code), Some(detail));
        }
        Fact::CommandOutcomeUnknown { command, detail } => {
            settle(command, CommandState::OutcomeUnknown, none, Some(detail));
        }
        _ => {}
    }
}

static SET_SWITCH: Statement = Statement::new(
    "set a switch",
    "INSERT INTO switches (switch, sequence, name, link, since) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (switch) DO UPDATE SET name = excluded.name",
);
static SET_LINK: Statement = Statement::new(
    "set a link's state",
    "UPDATE switches SET link = $2, since = $3, reason = $4 WHERE switch = $1",
);
static SET_VERSION: Statement =
    Statement::new("set a switch's version", "UPDATE switches SET version = $2 WHERE switch = $1");
static SET_EPOCH: Statement =
    Statement::new("set a switch's boot epoch", "UPDATE switches SET boot_epoch = $2 WHERE switch = $1");
static ADD_GAP: Statement = Statement::new(
    "add a link gap",
    "INSERT INTO link_gaps (sequence, switch, gap_from, gap_until) VALUES ($1, $2, $3, $4)
     ON CONFLICT (sequence) DO NOTHING",
);
static SET_DEVICE: Statement = Statement::new(
    "set a device",
    "INSERT INTO devices (device, sequence, switch, native, kind, extension, name, capabilities, state, state_since)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     ON CONFLICT (device) DO UPDATE SET kind = excluded.kind, extension = excluded.extension,
         name = excluded.name, capabilities = excluded.capabilities",
);
static SET_DEVICE_STATE: Statement = Statement::new(
    "set a device's state",
    "UPDATE devices SET state = $2, state_since = $3 WHERE device = $1",
);
static SET_EXTENSION: Statement = Statement::new(
    "set an extension",
    "INSERT INTO extensions (extension_id, sequence, switch, extension, number, user_id, contact, active,
         caller_id, record)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     ON CONFLICT (extension_id) DO UPDATE SET switch = excluded.switch, extension = excluded.extension,
         number = excluded.number, user_id = excluded.user_id, contact = excluded.contact,
         active = excluded.active, caller_id = excluded.caller_id, record = excluded.record",
);
static REMOVE_EXTENSION: Statement =
    Statement::new("remove an extension", "DELETE FROM extensions WHERE extension_id = $1");
static ASSIGN: Statement = Statement::new(
    "assign a device",
    "INSERT INTO assignments (assignment, sequence, device, user_id, kind, is_primary, given_from)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (assignment) DO NOTHING",
);
static UNASSIGN: Statement = Statement::new(
    "end an assignment",
    "UPDATE assignments SET given_until = $2 WHERE assignment = $1 AND given_until IS NULL",
);
static ADD_COMMAND: Statement = Statement::new(
    "add a command",
    "INSERT INTO commands (command, sequence, name, actor, asker_key, switch, call, device, request, sent_at,
         deadline, state)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (command) DO NOTHING",
);
static ADD_STEP: Statement = Statement::new(
    "add a step of a command",
    "INSERT INTO command_steps (sequence, command, step, seen_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (sequence) DO NOTHING",
);
static SET_COMMAND_CALL: Statement =
    Statement::new("name the call of a command", "UPDATE commands SET call = $2 WHERE command = $1");
static SETTLE: Statement = Statement::new(
    "settle a command",
    "UPDATE commands SET state = $2, code = $3, detail = $4, settled_at = $5 WHERE command = $1",
);

/// All statements of this file, for the test that prepares them.
pub(super) const STATEMENTS: &[&Statement] = &[
    &SET_SWITCH,
    &SET_LINK,
    &SET_VERSION,
    &SET_EPOCH,
    &ADD_GAP,
    &SET_DEVICE,
    &SET_DEVICE_STATE,
    &SET_EXTENSION,
    &REMOVE_EXTENSION,
    &ASSIGN,
    &UNASSIGN,
    &ADD_COMMAND,
    &ADD_STEP,
    &SET_COMMAND_CALL,
    &SETTLE,
];
