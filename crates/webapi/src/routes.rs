//! One file per kind of thing: handlers with their request and reply types, nothing else.

pub(crate) mod agent_work;
pub(crate) mod agents;
pub(crate) mod alerts;
pub(crate) mod assignments;
pub(crate) mod audit;
pub(crate) mod call_contact;
pub(crate) mod call_work;
pub(crate) mod callback_forms;
pub(crate) mod callback_page;
pub(crate) mod calls;
pub(crate) mod commands;
pub(crate) mod contact_fields;
pub(crate) mod contact_import;
pub(crate) mod contact_lookup;
pub(crate) mod contact_merge;
pub(crate) mod contact_notes;
pub(crate) mod contacts;
pub(crate) mod devices;
pub(crate) mod dispositions;
pub(crate) mod embed_hosts;
pub(crate) mod entry_reports;
pub(crate) mod entry_scores;
pub(crate) mod events;
pub(crate) mod extensions;
pub(crate) mod filings;
pub(crate) mod health;
pub(crate) mod icis;
pub(crate) mod icis_records;
pub(crate) mod interactions;
pub(crate) mod journal;
pub(crate) mod mapping;
pub(crate) mod memberships;
pub(crate) mod missed;
pub(crate) mod numbers;
pub(crate) mod own_queues;
pub(crate) mod people;
pub(crate) mod pop_rules;
pub(crate) mod pops;
pub(crate) mod preferences;
pub(crate) mod privacy;
pub(crate) mod queues;
pub(crate) mod reasons;
pub(crate) mod reconciliation;
pub(crate) mod reports;
pub(crate) mod roles;
pub(crate) mod routing;
pub(crate) mod setup;
pub(crate) mod sign_in;
pub(crate) mod switch_csta;
pub(crate) mod switch_edit;
pub(crate) mod switch_test;
pub(crate) mod switches;
pub(crate) mod tokens;
pub(crate) mod users;
pub(crate) mod webhook_deliveries;
pub(crate) mod webhooks;
pub(crate) mod work_reports;

use std::collections::BTreeSet;

use cti_core::domain::Decision;
use cti_core::ids::QueueId;
use cti_core::input::{Change, Input};
use serde::{Deserialize, Serialize};
use store::AuditEntry;
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::acd::impact::{self, QueueTouch};
use crate::auth::Caller;
use crate::error::Problem;
use crate::event::tag_and_data;
use crate::ports::look;

/// A page of a list that has no filters.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageParams {
    /// `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
    /// 1 to 200.
    pub(crate) limit: Option<u32>,
}

/// A configuration write that may be tried first.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct DryRunParams {
    /// True changes nothing and answers what would change.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

/// What a change would do.
#[expect(clippy::struct_field_names, reason = "the contract calls the list of events so")]
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Impact {
    /// Always true.
    pub(crate) dry_run: bool,
    /// The events it would lead to, in order.
    pub(crate) impact: Vec<ImpactItem>,
    /// How it meets queues of ours right now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) queues: Vec<QueueTouch>,
}

/// One thing a change would do.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ImpactItem {
    /// Event type.
    pub(crate) r#type: String,
    /// Its data.
    #[schema(value_type = Object)]
    pub(crate) data: serde_json::Value,
}

/// Changes something that needs no switch. A refusal is a problem.
pub(crate) async fn change(app: &App, caller: &Caller, change: Change) -> Result<Decision, Problem> {
    let input = Input::Change { actor: caller.actor(), change };
    let decision = app.switchboard().submit(input).await?;
    match decision.refusal {
        Some(refusal) => Err(refusal.into()),
        None => Ok(decision),
    }
}

/// What the change would do, tried on a copy of the picture.
pub(crate) async fn try_change(app: &App, caller: &Caller, change: Change) -> Result<Impact, Problem> {
    try_on(app, caller, change, Some(BTreeSet::new())).await
}

/// Like [`try_change`], with how it meets these queues of ours; those that open or close by it when none are named.
pub(crate) async fn try_on(
    app: &App,
    caller: &Caller,
    change: Change,
    queues: Option<BTreeSet<QueueId>>,
) -> Result<Impact, Problem> {
    let input = Input::Change { actor: caller.actor(), change };
    let now = app.now();
    let (decision, queues) = look(app.switchboard(), move |domain| {
        let mut copy = domain.clone();
        let decision = copy.handle(now, input);
        let met = impact::touched(domain.state(), copy.state(), queues.as_ref(), now);
        (decision, met)
    })
    .await?;
    if let Some(refusal) = decision.refusal {
        return Err(refusal.into());
    }
    let impact = decision.records.iter().map(|record| {
        let (kind, data) = tag_and_data(&record.fact);
        ImpactItem { r#type: kind, data: serde_json::from_str(&data).unwrap_or_default() }
    });
    Ok(Impact { dry_run: true, impact: impact.collect(), queues })
}

/// Writes who changed what. Neither value holds a secret.
pub(crate) async fn audit(
    app: &App,
    caller: &Caller,
    action: &str,
    subject: impl std::fmt::Display,
    before: Option<serde_json::Value>,
    after: Option<serde_json::Value>,
) -> Result<(), Problem> {
    let entry = AuditEntry {
        at: app.now(),
        actor: caller.actor(),
        address: caller.address.map(|address| address.to_string()),
        action: action.to_owned(),
        subject: subject.to_string(),
        before,
        after,
    };
    app.store().add_audit(&entry).await?;
    Ok(())
}

/// A thing as the audit keeps it.
pub(crate) fn kept(thing: &impl Serialize) -> Option<serde_json::Value> {
    serde_json::to_value(thing).ok()
}
