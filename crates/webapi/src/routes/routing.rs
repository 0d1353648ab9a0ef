//! Where arriving calls go: the entry table, calendars and blocked numbers, each read and written whole (RTE-02 to
//! RTE-05, RTE-25, RTE-39).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use cti_core::acd::entry::{self, Arrival};
use cti_core::fact::Party;
use cti_core::input::{AcdChange, Change};
use cti_core::state::AcdState;
use cti_core::time::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use store::Contact;
use utoipa::ToSchema;

use crate::App;
use crate::acd::check::{self, Known};
use crate::acd::shape::{Block, Calendar, EntryRule, Target, turned};
use crate::auth::Caller;
use crate::error::Problem;
use crate::input::{Body, Params, etag_of, if_match, tagged};
use crate::ports::look;
use crate::routes::contacts::plan;
use crate::routes::{DryRunParams, audit, change, kept, try_on};
use crate::view::Listed;

/// A whole list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Whole<T> {
    /// All of it, in order.
    pub(crate) items: Vec<T>,
}

/// A list of our own distribution: how it is found in the picture and what writes it.
struct List<C> {
    /// As the audit calls it.
    name: &'static str,
    read: fn(&AcdState) -> &Vec<C>,
    write: fn(Vec<C>) -> AcdChange,
}

const RULES: List<cti_core::acd::EntryRule> =
    List { name: "entry_rules", read: |acd| &acd.rules, write: |rules| AcdChange::SetRules { rules } };
const CALENDARS: List<cti_core::acd::Calendar> = List {
    name: "calendars",
    read: |acd| &acd.calendars,
    write: |calendars| AcdChange::SetCalendars { calendars },
};
const BLOCKS: List<cti_core::acd::Block> =
    List { name: "blocks", read: |acd| &acd.blocks, write: |blocks| AcdChange::SetBlocks { blocks } };

impl<C: Clone + Serialize + DeserializeOwned + Send + 'static> List<C> {
    async fn found<A: DeserializeOwned>(&self, app: &App) -> Result<Vec<A>, Problem> {
        let read = self.read;
        turned(&look(app.switchboard(), move |domain| read(&domain.state().acd).clone()).await?)
    }

    async fn get<A: Serialize + DeserializeOwned>(&self, app: &App) -> Result<Response, Problem> {
        let items = self.found::<A>(app).await?;
        Ok(tagged(&etag_of(&items), Listed::whole(items)))
    }

    async fn put<A: Serialize + DeserializeOwned>(
        &self,
        app: &App,
        caller: &Caller,
        headers: &HeaderMap,
        dry_run: bool,
        items: Vec<A>,
        checked: impl FnOnce(&Known, &[A]) -> Result<(), Problem>,
    ) -> Result<Response, Problem> {
        let _turn = app.turns().of(self.name).await?;
        let before = self.found::<A>(app).await?;
        if_match(headers, &etag_of(&before))?;
        let known = look(app.switchboard(), Known::of).await?;
        checked(&known, &items)?;
        let wanted = Change::Acd((self.write)(turned(&items)?));
        if dry_run {
            return Ok(Json(try_on(app, caller, wanted, None).await?).into_response());
        }
        change(app, caller, wanted).await?;
        let after = self.found::<A>(app).await?;
        let action = format!("{}.set", self.name);
        audit(app, caller, &action, self.name, kept(&before), kept(&after)).await?;
        Ok(tagged(&etag_of(&after), Listed::whole(after)))
    }
}

/// Lists the entry rules; the first that holds decides where an arriving call goes.
#[utoipa::path(get, path = "/v1/entry_rules", tag = "routing",
    responses((status = 200, body = Listed<EntryRule>)))]
pub(crate) async fn get_entry_rules(State(app): State<App>) -> Result<Response, Problem> {
    RULES.get::<EntryRule>(&app).await
}

/// Replaces the entry rules.
#[utoipa::path(put, path = "/v1/entry_rules", tag = "routing",
    params(DryRunParams, ("If-Match" = Option<String>, Header)), request_body = Whole<EntryRule>,
    responses((status = 200, body = Listed<EntryRule>)))]
pub(crate) async fn put_entry_rules(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<DryRunParams>,
    headers: HeaderMap,
    Body(wish): Body<Whole<EntryRule>>,
) -> Result<Response, Problem> {
    RULES.put(&app, &caller, &headers, params.dry_run, wish.items, check::rules).await
}

/// Lists the calendars.
#[utoipa::path(get, path = "/v1/calendars", tag = "routing", responses((status = 200, body = Listed<Calendar>)))]
pub(crate) async fn get_calendars(State(app): State<App>) -> Result<Response, Problem> {
    CALENDARS.get::<Calendar>(&app).await
}

/// Replaces the calendars. With `dry_run` the answer names the queues that would open or close now, and who waits
/// there.
#[utoipa::path(put, path = "/v1/calendars", tag = "routing",
    params(DryRunParams, ("If-Match" = Option<String>, Header)), request_body = Whole<Calendar>,
    responses((status = 200, body = Listed<Calendar>)))]
pub(crate) async fn put_calendars(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<DryRunParams>,
    headers: HeaderMap,
    Body(wish): Body<Whole<Calendar>>,
) -> Result<Response, Problem> {
    CALENDARS.put(&app, &caller, &headers, params.dry_run, wish.items, check::calendars).await
}

/// Lists the blocked numbers.
#[utoipa::path(get, path = "/v1/blocks", tag = "routing", responses((status = 200, body = Listed<Block>)))]
pub(crate) async fn get_blocks(State(app): State<App>) -> Result<Response, Problem> {
    BLOCKS.get::<Block>(&app).await
}

/// Replaces the blocked numbers.
#[utoipa::path(put, path = "/v1/blocks", tag = "routing",
    params(DryRunParams, ("If-Match" = Option<String>, Header)), request_body = Whole<Block>,
    responses((status = 200, body = Listed<Block>)))]
pub(crate) async fn put_blocks(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<DryRunParams>,
    headers: HeaderMap,
    Body(wish): Body<Whole<Block>>,
) -> Result<Response, Problem> {
    let checked = |_: &Known, blocks: &[Block]| check::blocks(blocks);
    BLOCKS.put(&app, &caller, &headers, params.dry_run, wish.items, checked).await
}

/// A call that could arrive.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntryPreviewRequest {
    /// Where it arrives.
    point: String,
    /// What is dialled.
    #[serde(default)]
    dialled: Option<String>,
    /// Who calls; nobody, or a hidden number, when none.
    #[serde(default)]
    #[schema(example = "603 123 456")]
    caller: Option<String>,
    /// True when the caller hides the number.
    #[serde(default)]
    withheld: bool,
    /// Data bound to the call.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    data: BTreeMap<Arc<str>, Arc<str>>,
    /// When; now when none.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
}

/// Where it would go.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntryPreviewReply {
    /// The rule that decides. When none holds, the queue whose key is the point; else the call goes back to the switch.
    rule: Option<String>,
    /// Where the rule leads.
    to: Target,
    /// Added to the priority of the queue.
    priority: i32,
    /// The blocked number that keeps the caller out of there.
    blocked_by: Option<String>,
    /// Whether the queue takes new calls at that time; none when the rule leads to no queue.
    queue_open: Option<bool>,
    /// Where the call ends up, after blocks and hours; conditions on live figures are not asked.
    ends: Target,
    /// True when exactly one contact has the caller's number, and how that one is treated.
    known: bool,
    status: Option<String>,
    /// The numbers as they were compared.
    dialled: Option<String>,
    caller: Option<String>,
}

/// Says which rule would decide on a call, and where it would go. Nothing is done.
#[utoipa::path(post, path = "/v1/entry_rules/preview", tag = "routing", request_body = EntryPreviewRequest,
    responses((status = 200, body = EntryPreviewReply)))]
pub(crate) async fn preview_entry(
    State(app): State<App>,
    Body(wish): Body<EntryPreviewRequest>,
) -> Result<Json<EntryPreviewReply>, Problem> {
    let plan = plan(&app, None).await?;
    let dialled = wish.dialled.as_deref().map(|typed| key(&plan.dialled(typed)));
    let caller = wish.caller.as_deref().map(|typed| key(&plan.incoming(typed)));
    let at = wish.at.unwrap_or_else(|| app.now());
    let number = wish.caller.as_deref().map(|typed| plan.incoming(typed));
    let party = Party { number, name: None, withheld: wish.withheld };
    let found = app.bridges().look_up(party).await;
    let contact = found.only_one().map(Contact::as_other_side);
    let reply = look(app.switchboard(), move |domain| {
        let arrival = Arrival {
            point: &wish.point,
            dialled: dialled.as_deref(),
            caller: caller.as_deref(),
            withheld: wish.withheld,
            contact: contact.as_ref(),
            data: &wish.data,
        };
        preview(domain.state(), &arrival, at)
    })
    .await??;
    Ok(Json(reply))
}

/// A number as rules compare it.
fn key(number: &cti_core::number::Number) -> String {
    number.e164.as_deref().unwrap_or(&number.raw).to_owned()
}

fn preview(
    state: &cti_core::state::State,
    arrival: &Arrival<'_>,
    at: Timestamp,
) -> Result<EntryPreviewReply, Problem> {
    let way = entry::way_of(state, arrival, at);
    Ok(EntryPreviewReply {
        rule: way.rule.map(|rule| rule.name.to_string()),
        to: turned(&way.leads_to)?,
        priority: way.rule.map_or(0, |rule| rule.priority),
        blocked_by: way.block.map(|block| block.number.to_string()),
        queue_open: way.is_open,
        ends: turned(&way.ends(state))?,
        known: arrival.contact.is_some(),
        status: arrival.contact.and_then(|contact| contact.status.as_deref()).map(ToOwned::to_owned),
        dialled: arrival.dialled.map(ToOwned::to_owned),
        caller: arrival.caller.map(ToOwned::to_owned),
    })
}
