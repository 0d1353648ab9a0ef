//! The call-history book as people keep it (POP-19): one line per call, with who and with whom.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use cti_core::fact::Direction;
use cti_core::ids::{CallId, UserId};
use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::{CallFilter, CallRow};
use utoipa::{IntoParams, ToSchema};

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::Right;
use crate::error::Problem;
use crate::input::{Page, Params};
use crate::routes::calls::{narrowed_queue, scope};
use crate::routes::contacts::plan;
use crate::routes::people::PersonView;
use crate::view::contact::CallContactView;
use crate::view::{Listed, NumberView, PartyView};

/// Which calls.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct JournalParams {
    /// Begun not before.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Begun before.
    #[param(value_type = Option<String>)]
    to: Option<Timestamp>,
    /// This number called, was dialled or took part, however it is written.
    number: Option<String>,
    /// This user took part.
    #[param(value_type = Option<String>)]
    user: Option<UserId>,
    /// `inbound`, `outbound`, `internal`.
    #[param(value_type = Option<String>)]
    direction: Option<Direction>,
    cursor: Option<String>,
    /// 1 to 200.
    limit: Option<u32>,
}

/// One call of the book.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JournalView {
    #[schema(value_type = String)]
    call: CallId,
    /// `received`, `dialled`, `internal`.
    r#type: String,
    caller: PartyView,
    callee: Option<NumberView>,
    /// Who was at the other side.
    contact: Option<CallContactView>,
    /// The company.
    partner: Option<String>,
    /// Who answered last, or who made it.
    user: Option<PersonView>,
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// From the first answer to the end.
    length_ms: u64,
    /// From the first alerting to the first answer or the end.
    ring_ms: u64,
    /// Within the house.
    internal: bool,
    /// What it was about, as a host bound it (`data.activity`).
    activity: Option<String>,
}

/// Shows the call-history book, newest first.
#[utoipa::path(get, path = "/v1/journal", tag = "calls", params(JournalParams),
    responses((status = 200, body = Listed<JournalView>)))]
pub(crate) async fn read_journal(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<JournalParams>,
) -> Result<Json<Listed<JournalView>>, Problem> {
    let sight = caller.sight(&app, Right::CallRead).await?;
    let page = Page::of(params.cursor, params.limit)?;
    let number = match &params.number {
        Some(number) => Some(plan(&app, None).await?.typed(number).key().to_owned()),
        None => None,
    };
    let filter = CallFilter {
        state: None,
        queue: narrowed_queue(&sight, None)?,
        agent: None,
        user: params.user,
        number,
        direction: params.direction,
        switch: None,
        from: params.from,
        to: params.to,
        scope: scope(&caller, &sight)?,
        after: page.after()?,
        limit: u32::try_from(page.limit).unwrap_or(0),
    };
    let found = app.store().calls(&filter).await?;
    let people = app.store().users(true).await?;
    let people: BTreeMap<UserId, String> = people.into_iter().map(|user| (user.id, user.name)).collect();
    Ok(Json(Listed {
        items: found.items.into_iter().map(|call| line(call, &people)).collect(),
        next_cursor: found.next_cursor.map(|cursor| cursor.to_string()),
    }))
}

fn line(call: CallRow, people: &BTreeMap<UserId, String>) -> JournalView {
    let named = |id: UserId| people.get(&id).map(|name| PersonView { id, name: name.clone() });
    JournalView {
        call: call.id,
        r#type: match call.direction {
            Direction::Inbound => "received",
            Direction::Outbound => "dialled",
            Direction::Internal => "internal",
        }
        .to_owned(),
        caller: (&call.calling).into(),
        callee: call.dialled.as_ref().map(NumberView::from),
        partner: call.contact.as_ref().and_then(|one| one.company.as_deref()).map(ToOwned::to_owned),
        contact: call.contact.as_ref().map(CallContactView::from),
        user: call.user.and_then(named),
        started_at: call.started_at,
        ended_at: call.ended_at,
        length_ms: call.talk_ms.unwrap_or(0),
        ring_ms: call.ring_ms.unwrap_or(0),
        internal: call.direction == Direction::Internal,
        activity: call.activity,
    }
}
