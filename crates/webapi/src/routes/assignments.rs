//! Who has which device.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use cti_core::fact::{Assigned, AssignmentKind};
use cti_core::ids::{AssignmentId, DeviceId, SwitchId, UserId};
use cti_core::input::{Change, DeviceKind};
use cti_core::state::State as Picture;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::Right;
use crate::error::Problem;
use crate::input::{Body, Page, Params, PathId};
use crate::ports::look;
use crate::routes::agents::require_user;
use crate::routes::devices::device_sight;
use crate::routes::{DryRunParams, Impact, PageParams, audit, change, kept, try_change};
use crate::view::device::{AssignmentView, assignment};
use crate::view::{Listed, page};

/// A device for a user.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssignmentRequest {
    /// A phone of a switch.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    device: Option<DeviceId>,
    /// A telephone outside, instead of a phone of a switch.
    #[serde(default)]
    outside: Option<OutsideRequest>,
    /// The asking person when none.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    user: Option<UserId>,
    /// `fixed` or `hot_desk`.
    #[schema(value_type = String)]
    kind: AssignmentKind,
    /// True for the device that takes offers and click-to-dial; true when not given.
    #[serde(default = "yes")]
    primary: bool,
}

/// A mobile or another telephone outside at which the user works. It is rung for calls of our own queues, at a switch
/// whose capabilities have `offer_outside`; any number has one user.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutsideRequest {
    /// The switch that dials it.
    #[schema(value_type = String)]
    switch: SwitchId,
    #[schema(example = "+420777123456")]
    number: String,
}

const fn yes() -> bool {
    true
}

/// Lists running assignments.
#[utoipa::path(get, path = "/v1/assignments", tag = "devices", params(PageParams),
    responses((status = 200, body = Listed<AssignmentView>)))]
pub(crate) async fn list_assignments(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<PageParams>,
) -> Result<Json<Listed<AssignmentView>>, Problem> {
    let sight = device_sight(&app, &caller).await?;
    let wish = Page::of(params.cursor, params.limit)?;
    let after = wish.after::<AssignmentId>()?;
    let listed = look(app.switchboard(), move |domain| {
        let all = domain.state().assignments.iter();
        let seen = all.filter(|(_, one)| sight.sees_user(Some(one.assigned.user)));
        page(seen.map(|(id, one)| (*id, assignment(*id, one))), after.as_ref(), wish.limit)
    })
    .await?;
    Ok(Json(listed))
}

/// Gives a device to a user. Without `device.admin` a person may only sit down: take a hot desk for itself.
#[utoipa::path(post, path = "/v1/assignments", tag = "devices", params(DryRunParams),
    request_body = AssignmentRequest,
    responses((status = 201, body = AssignmentView), (status = 200, body = Impact, description = "With dry_run")))]
pub(crate) async fn assign(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<DryRunParams>,
    Body(wish): Body<AssignmentRequest>,
) -> Result<Response, Problem> {
    let me = caller.user_id();
    let user = wish.user.or(me).ok_or_else(|| Problem::field("/user", "name the user"))?;
    let sits_down = wish.kind == AssignmentKind::HotDesk && Some(user) == me;
    if !sits_down {
        caller.rights.require(Right::DeviceAdmin)?;
    }
    require_user(&app, user, "/user").await?;
    let wanted = match (wish.device, wish.outside) {
        (Some(device), None) => {
            may_take(&app, &caller, device, user).await?;
            Change::Assign { assigned: Assigned { device, user, kind: wish.kind, primary: wish.primary } }
        }
        (None, Some(OutsideRequest { switch, number })) if wish.kind == AssignmentKind::Fixed => {
            Change::AssignOutside { switch, number: number.into(), user, primary: wish.primary }
        }
        (None, Some(_)) => return Err(Problem::field("/kind", "a telephone outside is `fixed`")),
        _ => return Err(Problem::field("/device", "name either a device or a telephone outside")),
    };
    if params.dry_run {
        return Ok(Json(try_change(&app, &caller, wanted).await?).into_response());
    }
    change(&app, &caller, wanted.clone()).await?;
    let made = look(app.switchboard(), move |domain| made(domain.state(), &wanted))
        .await?
        .ok_or_else(|| Problem::conflict("the device was given to somebody else at the same moment"))?;
    audit(&app, &caller, "assignment.start", made.id, None, kept(&made)).await?;
    app.people_changed();
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

/// The assignment that a change has made, or found running.
#[expect(clippy::wildcard_enum_match_arm, reason = "two changes give devices to users")]
fn made(state: &Picture, change: &Change) -> Option<AssignmentView> {
    let assigned = match change {
        Change::Assign { assigned } => assigned.clone(),
        Change::AssignOutside { switch, number, user, primary } => {
            let device = state.outside_of(switch, number)?;
            Assigned { device, user: *user, kind: AssignmentKind::Fixed, primary: *primary }
        }
        _ => return None,
    };
    let (id, one) = state.assignments.iter().rev().find(|(_, one)| one.assigned == assigned)?;
    Some(assignment(*id, one))
}

async fn may_take(app: &App, caller: &Caller, device: DeviceId, user: UserId) -> Result<(), Problem> {
    let seat = look(app.switchboard(), move |domain| seat(domain.state(), device, user))
        .await?
        .ok_or_else(|| Problem::field("/device", format!("there is no device `{device}`")))?;
    match seat {
        Seat::Free => Ok(()),
        Seat::NoStation => Err(Problem::field("/device", "only a phone can be given to somebody")),
        Seat::OfOther => caller.rights.require(Right::DeviceAdmin).map(drop),
    }
}

/// Whether somebody may sit down at a device.
enum Seat {
    Free,
    /// A trunk or the like: whoever has it would see the calls of everybody.
    NoStation,
    /// It is the fixed device of somebody else, whose calls come with it.
    OfOther,
}

/// None when there is no such device.
fn seat(state: &Picture, device: DeviceId, user: UserId) -> Option<Seat> {
    let found = state.devices.get(&device)?;
    let given = found.holders.iter().filter_map(|id| state.assignments.get(id)).map(|one| &one.assigned);
    let mut fixed = given.filter(|one| one.kind == AssignmentKind::Fixed);
    Some(if found.kind != DeviceKind::Station {
        Seat::NoStation
    } else if fixed.any(|one| one.user != user) {
        Seat::OfOther
    } else {
        Seat::Free
    })
}

/// Ends an assignment. Without `device.admin` a person may only leave its own hot desk.
#[utoipa::path(delete, path = "/v1/assignments/{id}", tag = "devices", params(("id" = String, Path), DryRunParams),
    responses((status = 204), (status = 200, body = Impact, description = "With dry_run")))]
pub(crate) async fn unassign(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<AssignmentId>,
    Params(params): Params<DryRunParams>,
) -> Result<Response, Problem> {
    let found = look(app.switchboard(), move |domain| {
        let one = domain.state().assignments.get(&id)?;
        Some((assignment(id, one), one.assigned.kind))
    })
    .await?;
    let (before, kind) = found.ok_or_else(|| Problem::not_found("running assignment", id))?;
    let leaves = kind == AssignmentKind::HotDesk && Some(before.user) == caller.user_id();
    if !leaves {
        caller.rights.require(Right::DeviceAdmin)?;
    }
    let wanted = Change::Unassign { assignment: id };
    if params.dry_run {
        return Ok(Json(try_change(&app, &caller, wanted).await?).into_response());
    }
    change(&app, &caller, wanted).await?;
    audit(&app, &caller, "assignment.end", id, kept(&before), None).await?;
    app.people_changed();
    Ok(StatusCode::NO_CONTENT.into_response())
}
