//! What is missing before somebody can work, and how to mend it: a pure function over the picture.

use std::collections::BTreeSet;

use cti_core::ids::{SwitchId, UserId};
use cti_core::input::{DeviceKind, DeviceState};
use cti_core::permit::{CommandName, Support};
use cti_core::state::{LinkState, State, Switch};
use serde::Serialize;
use utoipa::ToSchema;

/// Names of a finding about many things that are written out; the others are counted.
const NAMES_SHOWN: usize = 5;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Severity {
    /// Nobody can work before this is mended.
    Blocking,
    /// Works, worth a look.
    Advice,
    /// As it should be.
    Ok,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Finding {
    /// Stable code, for example `link_down`.
    pub(crate) code: String,
    pub(crate) severity: Severity,
    /// What it is about: the id of a switch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
    /// What was found.
    pub(crate) detail: String,
    /// How to mend it; empty when there is nothing to mend.
    pub(crate) fix: String,
}

/// How many there are of what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SetupCounts {
    pub(crate) switches: usize,
    pub(crate) links_up: usize,
    pub(crate) devices: usize,
    pub(crate) stations: usize,
    pub(crate) queues: usize,
    pub(crate) members: usize,
    pub(crate) members_with_user: usize,
    pub(crate) users: usize,
}

/// What is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SetupView {
    /// Blocking ones first.
    pub(crate) findings: Vec<Finding>,
    pub(crate) counts: SetupCounts,
}

/// What the picture does not know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Beside {
    /// Every definition of a switch, and whether it is switched on.
    pub(crate) switches: Vec<(SwitchId, bool)>,
    /// People who may sign in.
    pub(crate) users: BTreeSet<UserId>,
    /// Those of them who take calls.
    pub(crate) agents: BTreeSet<UserId>,
    /// Some pop rule is active.
    pub(crate) has_pop_rule: bool,
    /// There is a contact.
    pub(crate) has_contact: bool,
}

/// Looks at everything that somebody who sets Tieline up must get right.
pub(crate) fn look_around(state: &State, beside: &Beside) -> SetupView {
    let mut findings = Vec::new();
    if beside.switches.is_empty() {
        findings.push(finding(
            "no_switch",
            Severity::Blocking,
            None,
            "no switch is defined",
            "add the switch with its address and its two manager users",
        ));
    }
    for (id, enabled) in &beside.switches {
        of_switch(state, id, *enabled, &mut findings);
    }
    of_people(state, beside, &mut findings);
    of_pops(beside, &mut findings);
    findings.sort_by_key(|one| one.severity);
    SetupView { findings, counts: counts(state, beside) }
}

fn counts(state: &State, beside: &Beside) -> SetupCounts {
    let links_up = state.switches.values().filter(|one| one.link == LinkState::Up).count();
    let stations = state.devices.values().filter(|one| one.kind == DeviceKind::Station).count();
    SetupCounts {
        switches: beside.switches.len(),
        links_up,
        devices: state.devices.len(),
        stations,
        queues: state.queues.len(),
        members: state.agents.len(),
        members_with_user: state.agents.values().filter(|agent| agent.user.is_some()).count(),
        users: beside.users.len(),
    }
}

fn finding(
    code: &str,
    severity: Severity,
    subject: Option<&SwitchId>,
    detail: impl Into<String>,
    fix: &str,
) -> Finding {
    Finding {
        code: code.to_owned(),
        severity,
        subject: subject.map(ToString::to_string),
        detail: detail.into(),
        fix: fix.to_owned(),
    }
}

fn of_switch(state: &State, id: &SwitchId, enabled: bool, findings: &mut Vec<Finding>) {
    let mut add = |code, severity, detail: String, fix| {
        findings.push(finding(code, severity, Some(id), detail, fix));
    };
    let known = state.switches.get(id);
    let name = known.map_or_else(|| id.to_string(), |known| known.name.to_string());
    if !enabled {
        let fix = "switch it on when it shall be linked";
        return add("switch_off", Severity::Advice, format!("{name} is switched off"), fix);
    }
    let Some(known) = known.filter(|known| known.link != LinkState::Never) else {
        let fix = "wait a moment, then test the link";
        return add("link_never", Severity::Blocking, format!("{name} was not connected yet"), fix);
    };
    if known.link == LinkState::Down {
        let detail = format!("no link to {name}: {}", known.link_reason);
        return add("link_down", Severity::Blocking, detail, fix_of_link(&known.link_reason));
    }
    add("link_up", Severity::Ok, format!("{name} is linked, version {}", known.version), "");
    of_rights(known, &mut add);
    if known.is_overloaded {
        let fix = "ask for help: this is more than one switch can have";
        add("link_overloaded", Severity::Advice, format!("{name} tells more than is taken in"), fix);
    }
    let queues = state.queues.values().filter(|queue| queue.switch == *id).count();
    if queues == 0 {
        let fix = "give the listening user read = agent, and look at `queue show` on the switch; right if it has none";
        add("no_queues", Severity::Advice, format!("{name} tells of no queue"), fix);
    }
    let stations =
        || state.devices.values().filter(|one| one.switch == *id && one.kind == DeviceKind::Station);
    if stations().next().is_none() {
        let fix =
            "give the listening user write = system, so that the phones can be listed, or make a first call";
        add("no_stations", Severity::Blocking, format!("{name} tells of no phone"), fix);
    }
    let silent = stations().filter(|one| one.state == DeviceState::Unreachable);
    let silent: Vec<String> = silent.map(|one| one.native.to_string()).collect();
    if !silent.is_empty() {
        let detail = format!("phones that are not registered: {}", listed(&silent));
        let fix = "look whether these phones are switched on and have the right address and password";
        add("stations_unreachable", Severity::Advice, detail, fix);
    }
}

/// The fix for the words with which a link went down.
fn fix_of_link(reason: &str) -> &'static str {
    let reason = reason.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    if has(&["password", "authentication"]) {
        "give the right user and password: the sections [cti-ev] and [cti-act] of manager.conf, then `manager reload`"
    } else if has(&["refused"]) {
        "check address and port, and `enabled = yes` and `bindaddr` in manager.conf"
    } else if has(&["certificate", "tls"]) {
        "check tlsenable and tlscertfile in manager.conf; the certificate must carry the host name"
    } else if has(&["defines this switch"]) {
        "define the switch again, or remove it"
    } else {
        "test the link: each step that fails says how to mend it"
    }
}

/// What the action user may not do.
fn of_rights(known: &Switch, add: &mut impl FnMut(&'static str, Severity, String, &'static str)) {
    let reason = |command| match known.capabilities.get(&command) {
        Some(Support::Unsupported { reason }) => Some(reason),
        Some(Support::Supported | Support::Emulated) | None => None,
    };
    let wanted = [
        (CommandName::MakeCall, "click-to-dial"),
        (CommandName::ClearConnection, "hanging up from the desk"),
        (CommandName::SingleStepTransfer, "blind transfer"),
        (CommandName::SetAgentState, "sign-in and pause from the desk"),
        (CommandName::ConsultationCall, "consultation from the desk"),
    ];
    let mut is_include_told = false;
    for (command, words) in wanted {
        let Some(reason) = reason(command) else {
            continue;
        };
        if !reason.contains("extensions_tieline.conf") {
            let fix = "compare the `write` line of the acting user with the one that is shown, then `manager reload`";
            add("right_missing", Severity::Advice, format!("no {words}: {reason}"), fix);
        } else if !is_include_told {
            is_include_told = true;
            let fix = "copy extensions_tieline.conf beside extensions.conf, add the #include, then `dialplan reload`";
            add("no_include", Severity::Advice, format!("no {words}: {reason}"), fix);
        }
    }
}

fn of_people(state: &State, beside: &Beside, findings: &mut Vec<Finding>) {
    let mut add = |code, severity, detail: String, fix| {
        findings.push(finding(code, severity, None, detail, fix));
    };
    let holders: BTreeSet<UserId> = state.assignments.values().map(|one| one.assigned.user).collect();
    if beside.agents.is_empty() {
        let fix = "add a user with the role agent, or send a file of extensions with their people";
        add("no_agent", Severity::Blocking, "nobody has the role agent".to_owned(), fix);
    } else if beside.agents.is_disjoint(&holders) {
        let fix =
            "give each agent a phone: a row of the extension list with the user, or a choice at the desk";
        add("no_phone", Severity::Blocking, "no agent has a phone".to_owned(), fix);
    }
    let members = state.agents.values().filter(|agent| agent.user.is_none());
    let members: Vec<String> = members.map(|agent| agent.name.to_string()).collect();
    if !members.is_empty() {
        let detail = format!("members of queues that are nobody's user: {}", listed(&members));
        add("members_without_user", Severity::Advice, detail, "choose or add the user of each member");
    }
    let rows = state.extensions.values().filter(|row| row.active && row.user.is_none());
    let rows: Vec<String> = rows.map(|row| row.extension.to_string()).collect();
    if !rows.is_empty() {
        let detail = format!("extensions without a user: {}", listed(&rows));
        add("extensions_without_user", Severity::Advice, detail, "choose the user of each row");
    }
}

/// Calls are shown and taken without rules and contacts, only with less beside them.
fn of_pops(beside: &Beside, findings: &mut Vec<Finding>) {
    let mut add = |code, detail, fix| findings.push(finding(code, Severity::Advice, None, detail, fix));
    if !beside.has_pop_rule {
        let fix = "add a pop rule with the address of the page; the card of the call appears without one";
        add("no_pop_rule", "no page opens for a call: no pop rule is active", fix);
    }
    if !beside.has_contact {
        let fix = "add the contacts or import them from a file, so that a caller is known by name";
        add("no_contacts", "there is no contact", fix);
    }
}

/// Names for a person to read.
fn listed(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMES_SHOWN).map(String::as_str).collect();
    let more = names.len().saturating_sub(NAMES_SHOWN);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

#[cfg(test)]
mod tests;
