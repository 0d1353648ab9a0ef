//! Switches are defined, changed and removed while the daemon runs (ADM-07). Secrets go in and never come out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use cti_core::ids::SwitchId;
use cti_core::number::NumberPlan;
use serde::Deserialize;
use store::{
    SealedSecrets, StoredSwitch, SwitchProblem, SwitchSettings, switch_id_problem, switch_password_problem,
    switch_route_problems,
};
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::error::{FieldError, Problem};
use crate::input::{Body, PathId, etag, if_match, tagged};
use crate::ports::look;
use crate::routes::switch_csta::CstaView;
use crate::routes::switches::{
    NumberPlanView, SwitchRouteView, SwitchView, known_switches, link_to, of_file, version,
};
use crate::routes::users::taken;
use crate::routes::{audit, kept};

/// Names of the secrets, as they are sealed.
const PASSWORD: &str = "password";
const PASSWORD_ACTIONS: &str = "password_actions";

/// A kept secret answers only who it was given for: whoever may change the address must not have it sent elsewhere.
const KEPT_FOR_ANOTHER: &str = "is kept for the former address, port, TLS and user only";

/// A definition of a switch. It has no `Debug`: it holds secrets.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SwitchRequest {
    /// Small letters, digits, hyphens; it cannot be changed later. In a change it may be left out.
    #[serde(default)]
    #[schema(example = "praha")]
    id: Option<String>,
    /// Name shown to people.
    #[schema(example = "Praha")]
    name: String,
    /// `asterisk`, `csta-xml`, `csta-asn1` or `avaya-dmcc`.
    kind: String,
    /// How it speaks CSTA; kinds of CSTA only.
    #[serde(default)]
    csta: Option<CstaView>,
    /// Host name or address of the manager port, or of the CSTA server.
    #[schema(example = "192.0.2.10")]
    address: String,
    /// An Asterisk has 5038 when not given, 5039 with TLS; a CSTA switch needs it.
    #[serde(default)]
    port: Option<u16>,
    #[serde(default)]
    tls: bool,
    /// Authority of the switch's certificate, PEM text. Not given keeps the one that is kept, an empty text takes it
    /// away.
    #[serde(default)]
    tls_ca: Option<String>,
    /// User of the session that listens. A CSTA switch need not know users.
    #[serde(default)]
    #[schema(example = "cti-ev")]
    user: String,
    /// Not given keeps the one that is kept; it must be given again when address, port, TLS or user change.
    #[serde(default)]
    password: Option<String>,
    /// User of the session that acts; the one that listens when not given.
    #[serde(default)]
    #[schema(example = "cti-act")]
    user_actions: Option<String>,
    /// As `password`, for `user_actions`.
    #[serde(default)]
    password_actions: Option<String>,
    /// Dialplan context whose numbers an agent may dial; `from-internal` when not given.
    #[serde(default)]
    context: Option<String>,
    /// Longest wait for an answer, 1 to 120 seconds; 10 when not given.
    #[serde(default)]
    timeout_s: Option<u64>,
    /// Where recordings are fetched.
    #[serde(default)]
    recordings_url: Option<String>,
    /// One of several switches on one machine.
    #[serde(default)]
    virtual_pbx: bool,
    /// `all` (when not given) or `mapped`.
    #[serde(default)]
    log_calls: LogCalls,
    /// Endpoints that are lines to the outside; guessed when empty.
    #[serde(default)]
    trunks: Vec<String>,
    #[serde(default)]
    #[schema(value_type = Option<NumberPlanView>)]
    numbers: NumberPlan,
    /// Numbers that lead to another of our switches.
    #[serde(default)]
    routes: Vec<SwitchRouteView>,
    /// False has no link; true when not given.
    #[serde(default = "yes")]
    enabled: bool,
}

/// Which calls the call-history book keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogCalls {
    /// All.
    #[default]
    All,
    /// Those of mapped lines.
    Mapped,
}

const fn yes() -> bool {
    true
}

/// A definition that can be used, with the secrets that were given.
pub(super) struct Draft {
    pub(super) id: SwitchId,
    pub(super) settings: SwitchSettings,
    pub(super) password: Option<String>,
    pub(super) password_actions: Option<String>,
}

impl SwitchRequest {
    /// The id that was given.
    pub(super) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Checks everything; every field that cannot be taken is named. `before` is the definition that is replaced, or
    /// whose secrets an unsaved one may use.
    pub(super) fn checked(
        self,
        id: Option<SwitchId>,
        before: Option<&StoredSwitch>,
        app: &App,
        known: &[SwitchId],
    ) -> Result<Draft, Problem> {
        let mut found = Vec::new();
        let is_csta = matches!(self.kind.as_str(), "csta-xml" | "csta-asn1" | "avaya-dmcc");
        if is_csta && self.port.is_none() {
            found.push(problem("port", "is missing", "give the port of the CSTA server, for example 8882"));
        }
        let id = match (id, self.id.as_deref()) {
            (Some(id), None) => id,
            (Some(id), Some(given)) => {
                if given != id.as_str() {
                    let fix = "leave it out, or add another switch and remove this one";
                    found.push(problem("id", "an id cannot be changed", fix));
                }
                id
            }
            (None, given) => {
                let given = given.unwrap_or_default();
                found.extend(switch_id_problem(given));
                SwitchId::from(given)
            }
        };
        let blank = |text: &String| text.trim().is_empty();
        let old = before.map(|one| &one.settings);
        let tls_ca = match self.tls_ca {
            None => old.and_then(|old| old.tls_ca.clone()).filter(|_| self.tls),
            given => given.filter(|pem| !blank(pem)),
        };
        let settings = SwitchSettings {
            name: self.name.trim().to_owned(),
            kind: self.kind,
            address: self.address.trim().to_owned(),
            port: self.port.unwrap_or(if self.tls { 5039 } else { 5038 }),
            tls: self.tls,
            tls_ca,
            user: self.user.trim().to_owned(),
            user_actions: self.user_actions.filter(|user| !blank(user)).map(|user| user.trim().to_owned()),
            context: self.context.unwrap_or_else(|| "from-internal".to_owned()),
            timeout_s: self.timeout_s.unwrap_or(10),
            recordings_url: self.recordings_url.filter(|url| !blank(url)),
            virtual_pbx: self.virtual_pbx,
            log_all: self.log_calls == LogCalls::All,
            trunks: self.trunks,
            numbers: self.numbers,
            enabled: self.enabled,
            csta: self.csta.map(Into::into),
            routes: self.routes.into_iter().map(Into::into).collect(),
        };
        found.extend(settings.problems());
        let is_known = |to: &str| known.iter().any(|one| one.as_str() == to);
        found.extend(switch_route_problems(&settings.routes, id.as_str(), is_known));
        found.extend(app.switchboard().dialect_problem(&settings));
        let draft = Draft { id, settings, password: self.password, password_actions: self.password_actions };
        draft.check_secrets(before, &mut found);
        if found.is_empty() { Ok(draft) } else { Err(refused(&found)) }
    }
}

impl Draft {
    fn check_secrets(&self, before: Option<&StoredSwitch>, found: &mut Vec<SwitchProblem>) {
        let manager = "give the secret of this user in manager.conf";
        let old = before.map(|one| &one.settings);
        let moved = old.is_some_and(|old| self.goes_elsewhere(old));
        match &self.password {
            Some(text) => found.extend(switch_password_problem(PASSWORD, text)),
            // A CSTA switch need not know users.
            None if self.settings.is_csta() && self.settings.user.is_empty() => {}
            None if before.is_none() => found.push(problem(PASSWORD, "is missing", manager)),
            None if moved || old.is_some_and(|old| old.user != self.settings.user) => {
                found.push(problem(PASSWORD, KEPT_FOR_ANOTHER, manager));
            }
            None => {}
        }
        let kept = before.and_then(|one| one.secrets.password_actions.as_ref());
        match (&self.settings.user_actions, &self.password_actions) {
            (_, Some(text)) => {
                found.extend(switch_password_problem(PASSWORD_ACTIONS, text));
                if self.settings.user_actions.is_none() {
                    let fix = "add `user_actions`, or leave the password out";
                    found.push(problem(PASSWORD_ACTIONS, "stands without user_actions", fix));
                }
            }
            (Some(_), None) if kept.is_none() => {
                found.push(problem(PASSWORD_ACTIONS, "is missing beside user_actions", manager));
            }
            (user, None) if user.is_some() && (moved || old.is_some_and(|old| old.user_actions != *user)) => {
                found.push(problem(PASSWORD_ACTIONS, KEPT_FOR_ANOTHER, manager));
            }
            (_, None) => {}
        }
    }

    /// True when the link would go to another machine, or another way, than the one that the kept secrets are for.
    fn goes_elsewhere(&self, old: &SwitchSettings) -> bool {
        let new = &self.settings;
        (&new.address, new.port, new.tls) != (&old.address, old.port, old.tls)
    }

    /// The secrets as the store keeps them: given ones sealed, the others as they are.
    fn sealed(&self, app: &App, before: Option<&StoredSwitch>) -> Result<SealedSecrets, Problem> {
        let seal = |field, text: &Option<String>, kept: Option<&Vec<u8>>| match (text, kept) {
            (Some(text), _) => app.switchboard().seal(&self.id, field, text).map(Some),
            (None, kept) => Ok(kept.cloned()),
        };
        let kept = before.map(|one| &one.secrets);
        let password = seal(PASSWORD, &self.password, kept.map(|one| &one.password))?;
        let password_actions = match self.settings.user_actions {
            Some(_) => {
                let kept = kept.and_then(|one| one.password_actions.as_ref());
                seal(PASSWORD_ACTIONS, &self.password_actions, kept)?
            }
            None => None,
        };
        Ok(SealedSecrets { password: password.unwrap_or_default(), password_actions })
    }
}

fn problem(field: &str, what: &str, fix: &str) -> SwitchProblem {
    SwitchProblem { field: field.to_owned(), problem: what.to_owned(), fix: fix.to_owned() }
}

/// One answer that names every field.
fn refused(found: &[SwitchProblem]) -> Problem {
    let mut errors = found.iter().map(|one| FieldError {
        pointer: Some(format!("/{}", one.field)),
        parameter: None,
        detail: format!("{}: {}", one.problem, one.fix),
    });
    let Some(first) = errors.next() else {
        return Problem::field("", "the definition cannot be taken");
    };
    let mut all = Problem::field(first.pointer.unwrap_or_default(), first.detail);
    all.errors.extend(errors);
    all
}

/// Adds a switch. Its link starts at once.
#[utoipa::path(post, path = "/v1/switches", tag = "switches", request_body = SwitchRequest,
    responses((status = 201, body = SwitchView)))]
pub(crate) async fn add_switch(
    State(app): State<App>,
    caller: Caller,
    Body(wish): Body<SwitchRequest>,
) -> Result<Response, Problem> {
    let draft = wish.checked(None, None, &app, &known_switches(&app).await?)?;
    let _turn = app.turns().of(("switch", draft.id.as_str())).await?;
    if let Some(other) = of_file(&app, &draft.id) {
        return Err(Problem::conflict(format!(
            "the id `{}` is that of a switch in {}: choose another one",
            draft.id, other.origin
        )));
    }
    let secrets = draft.sealed(&app, None)?;
    let added = app.store().add_switch(app.now(), &draft.id, &draft.settings, &secrets).await;
    let switch = added.map_err(taken)?;
    let after = kept(&SwitchView::of_store(switch.clone(), None));
    audit(&app, &caller, "switch.add", &switch.id, None, after).await?;
    follow(&app, &switch.id).await?;
    shown(&app, StatusCode::CREATED, switch).await
}

/// Replaces the definition of a switch. Its link starts, starts again or stops at once, as the change asks for.
#[utoipa::path(put, path = "/v1/switches/{id}", tag = "switches",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = SwitchRequest,
    responses((status = 200, body = SwitchView), (status = 409, description = "read_only: defined in a file")))]
pub(crate) async fn put_switch(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<String>,
    headers: HeaderMap,
    Body(wish): Body<SwitchRequest>,
) -> Result<Response, Problem> {
    let id = SwitchId::from(id.as_str());
    let _turn = app.turns().of(("switch", id.as_str())).await?;
    let mut switch = writable(&app, &id).await?;
    if_match(&headers, &etag(version(&switch)))?;
    let draft = wish.checked(Some(id.clone()), Some(&switch), &app, &known_switches(&app).await?)?;
    let before = kept(&SwitchView::of_store(switch.clone(), None));
    switch.secrets = draft.sealed(&app, Some(&switch))?;
    switch.settings = draft.settings;
    if !app.store().save_switch(app.now(), &mut switch).await? {
        return Err(Problem::stale("of another version"));
    }
    let after = kept(&SwitchView::of_store(switch.clone(), None));
    audit(&app, &caller, "switch.save", &id, before, after).await?;
    follow(&app, &id).await?;
    shown(&app, StatusCode::OK, switch).await
}

/// Removes a switch: its link stops, its live calls end, its devices, queues and rows of the extension list leave.
/// History stays. To keep them, set `enabled` to false instead.
#[utoipa::path(delete, path = "/v1/switches/{id}", tag = "switches",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204), (status = 409, description = "read_only: defined in a file")))]
pub(crate) async fn remove_switch(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let id = SwitchId::from(id.as_str());
    let _turn = app.turns().of(("switch", id.as_str())).await?;
    let before = match writable(&app, &id).await {
        Ok(switch) => {
            if_match(&headers, &etag(version(&switch)))?;
            if !app.store().remove_switch(&switch).await? {
                return Err(Problem::stale("of another version"));
            }
            kept(&SwitchView::of_store(switch, None))
        }
        // One that was taken out of the file is still in the picture, with its mapping.
        Err(problem) if problem.status == StatusCode::NOT_FOUND && is_known(&app, &id).await? => None,
        Err(problem) => return Err(problem),
    };
    audit(&app, &caller, "switch.remove", &id, before, None).await?;
    follow(&app, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn is_known(app: &App, id: &SwitchId) -> Result<bool, Problem> {
    let id = id.clone();
    Ok(look(app.switchboard(), move |domain| domain.state().switches.contains_key(&id)).await?)
}

/// The definition, when it may be changed here.
async fn writable(app: &App, id: &SwitchId) -> Result<StoredSwitch, Problem> {
    if let Some(switch) = of_file(app, id) {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "read_only",
            format!(
                "the switch `{id}` is defined in {}: change it there and restart the daemon",
                switch.origin
            ),
        ));
    }
    app.store().defined_switch(id).await?.ok_or_else(|| Problem::not_found("switch", id))
}

/// The definition is saved; now the link follows it.
async fn follow(app: &App, id: &SwitchId) -> Result<(), Problem> {
    app.switchboard().switch_changed(id.clone()).await.map_err(|cause| {
        let mut problem = Problem::from(cause);
        problem.detail = format!("the change is saved, but its link cannot follow yet: {}", problem.detail);
        problem
    })
}

async fn shown(app: &App, status: StatusCode, switch: StoredSwitch) -> Result<Response, Problem> {
    let link = link_to(app, switch.id.clone()).await?;
    let tag = etag(version(&switch));
    Ok((status, tagged(&tag, SwitchView::of_store(switch, link))).into_response())
}
