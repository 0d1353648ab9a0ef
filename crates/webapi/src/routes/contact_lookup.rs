//! Who has a number, and what was before with it.

use std::time::Instant;

use axum::Json;
use axum::extract::State;
use cti_core::fact::Party;
use cti_core::ids::{ContactId, SwitchId};
use cti_core::number::{Absence, absence};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::auth::Caller;
use crate::error::Problem;
use crate::input::{Page, Params};
use crate::routes::contacts::plan;
use crate::view::contact::{HistoryView, LookupView, history};
use crate::view::{Listed, NumberView};

/// Whose number.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookupParams {
    /// As a switch or a person writes it; `anonymous` is withheld.
    number: String,
    /// By whose rules it is read; the first switch when none.
    #[param(value_type = Option<String>)]
    switch: Option<SwitchId>,
}

/// Who has a number.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LookupReply {
    /// None when it is withheld or not known.
    number: Option<NumberView>,
    #[serde(flatten)]
    found: LookupView,
    /// How long it took.
    took_ms: u64,
}

/// Looks a number up: the very number, else the same within its country, else as suggestions those that end alike.
#[utoipa::path(get, path = "/v1/contacts/lookup", tag = "contacts", params(LookupParams),
    responses((status = 200, body = LookupReply)))]
pub(crate) async fn look_up(
    State(app): State<App>,
    Params(params): Params<LookupParams>,
) -> Result<Json<LookupReply>, Problem> {
    let plan = plan(&app, params.switch).await?;
    let begun = Instant::now();
    let absent = absence(&params.number);
    let number = absent.is_none().then(|| plan.typed(&params.number));
    let party = Party { number: number.clone(), name: None, withheld: absent == Some(Absence::Withheld) };
    let found = app.bridges().look_up(party).await;
    Ok(Json(LookupReply {
        number: number.as_ref().map(NumberView::from),
        found: (&found).into(),
        took_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
    }))
}

/// Whose earlier calls.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct HistoryParams {
    /// With this number.
    number: Option<String>,
    /// With this contact, by any of its numbers.
    #[param(value_type = Option<String>)]
    contact: Option<ContactId>,
    /// 1 to 200.
    limit: Option<u32>,
}

/// Shows earlier calls with an outside number or a contact, newest first, whoever took them: whoever talks with a
/// customer must know what was said before. Calls among colleagues are not in it, and a token narrowed to queues sees
/// none.
#[utoipa::path(get, path = "/v1/contacts/history", tag = "contacts", params(HistoryParams),
    responses((status = 200, body = Listed<HistoryView>)))]
pub(crate) async fn contact_history(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<HistoryParams>,
) -> Result<Json<Listed<HistoryView>>, Problem> {
    let limit = Page::of(None, params.limit)?.limit;
    if caller.rights.queues().is_some() {
        return Ok(Json(Listed::whole(Vec::new())));
    }
    let mut keys = Vec::new();
    let mut of = None;
    if let Some(number) = &params.number {
        keys.push(plan(&app, None).await?.typed(number).key().to_owned());
    }
    if let Some(id) = params.contact {
        let contact = app.store().contact(id).await?;
        let contact = contact.ok_or_else(|| Problem::parameter("contact", "there is no such contact"))?;
        keys.extend(contact.kept.numbers().map(|number| number.key().to_owned()));
        of = Some(contact.id);
    }
    if params.number.is_none() && params.contact.is_none() {
        return Err(Problem::parameter("number", "name a number or a contact"));
    }
    let limit = u32::try_from(limit).unwrap_or(1);
    let rows = app.store().contact_history(&keys, of, limit).await?;
    let language = caller.user().map_or("en", |user| user.language.as_str());
    Ok(Json(Listed::whole(rows.iter().map(|row| history(row, language)).collect())))
}
