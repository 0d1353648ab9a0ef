//! The extension list out of a file, with the people behind it (ADM-05): what the file says is planned first, by a pure
//! function, then tried or carried out.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use cti_core::fact::ExtensionRow;
use cti_core::ids::{AgentId, ExtensionId, SwitchId, UserId};
use cti_core::input::Change;
use cti_core::number::NumberPlan;
use cti_core::state::State as Picture;
use futures_util::{StreamExt as _, stream};
use serde::Serialize;
use store::{NewUser, PasswordHash};
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::auth::password::initial_password;
use crate::auth::rights::Right;
use crate::error::Problem;
use crate::input::Params;
use crate::ports::look;
use crate::routes::extensions::read_row;
use crate::routes::users::{check_login, check_name, create};
use crate::routes::{DryRunParams, audit, change, kept};
use crate::sheet::{self, RefusedRow, Shape, SheetBody, SheetRow};

/// The file; only the first column must be there.
const SHAPE: Shape<'_> = Shape {
    columns: &["extension", "login", "name", "role", "number", "contact", "switch"],
    needed: &["extension"],
    texts: &[],
    rows_max: 20_000,
    mapping: None,
};
/// People that one file may add: each password takes tens of milliseconds.
const NEW_PEOPLE_MAX: usize = 500;
/// Role of people for whom the file names none.
const USUAL_ROLE: &str = "agent";
/// Rows that are written at once, so that many share one write of the journal.
const ROWS_AT_ONCE: usize = 32;

/// What came, or would come, of an import.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct MappingImportView {
    /// True: nothing was changed.
    dry_run: bool,
    /// Rows of the file, without the header.
    rows: usize,
    users_added: usize,
    extensions_added: usize,
    extensions_changed: usize,
    /// Members of queues that became the user of their phone.
    members_linked: usize,
    /// Rows that were not taken; the others were.
    refused: Vec<RefusedRow>,
    /// Passwords of the people who were added, shown this once; never on a dry run.
    passwords: Vec<InitialPassword>,
}

/// The first password of somebody.
#[derive(Serialize, ToSchema)]
pub(crate) struct InitialPassword {
    login: String,
    password: String,
}

impl std::fmt::Debug for InitialPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InitialPassword").field("login", &self.login).finish_non_exhaustive()
    }
}

/// Takes extensions and their people out of a CSV file: `,` or `;` or tabulators, a header row with
/// `extension,login,name,role,number,contact,switch`, UTF-8, UTF-16 or windows-1250. A login that is not known adds a
/// user, with `user.admin`. What is empty or not in the file stays as it is; only rows that differ are written.
#[utoipa::path(post, path = "/v1/extensions/import", tag = "devices", params(DryRunParams),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = MappingImportView)))]
pub(crate) async fn import_extensions(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<DryRunParams>,
    SheetBody(bytes): SheetBody,
) -> Result<Json<MappingImportView>, Problem> {
    let rows = sheet::read(&bytes, &SHAPE)?;
    let _turn = app.turns().of("import of extensions").await?;
    let known = Known::load(&app, &caller).await?;
    let plan = known.plan(rows);
    let mut view = MappingImportView {
        dry_run: params.dry_run,
        rows: plan.rows,
        users_added: plan.people.len(),
        extensions_added: plan.wanted.iter().filter(|one| one.before.is_none()).count(),
        extensions_changed: plan.wanted.iter().filter(|one| one.before.is_some()).count(),
        ..MappingImportView::default()
    };
    if params.dry_run {
        view.refused = plan.refused;
        return Ok(Json(view));
    }
    carry_out(&app, &caller, known, plan, &mut view).await?;
    view.refused.sort_by_key(|one| one.line);
    Ok(Json(view))
}

/// What is there before.
#[derive(Default)]
struct Known {
    /// Users by login.
    users: BTreeMap<String, UserId>,
    /// Roles, with a right of each that the caller lacks and so cannot hand on.
    roles: BTreeMap<String, Option<String>>,
    may_add_people: bool,
    plans: BTreeMap<SwitchId, NumberPlan>,
    rows: BTreeMap<(SwitchId, String), (ExtensionId, ExtensionRow)>,
}

impl Known {
    async fn load(app: &App, caller: &Caller) -> Result<Self, Problem> {
        let users = app.store().users(false).await?;
        let roles = app.store().roles().await?;
        let lacks =
            |rights: &BTreeSet<String>| rights.iter().find(|right| !caller.rights.cover(right)).cloned();
        let (plans, rows) = look(app.switchboard(), |domain| {
            let state = domain.state();
            let plans = state.switches.iter().map(|(id, one)| (id.clone(), one.plan.clone()));
            let rows = state
                .extensions
                .iter()
                .map(|(id, row)| ((row.switch.clone(), row.extension.to_string()), (*id, row.clone())));
            (plans.collect(), rows.collect())
        })
        .await?;
        Ok(Self {
            users: users.into_iter().map(|user| (user.login, user.id)).collect(),
            roles: roles.into_iter().map(|role| (role.name, lacks(&role.rights))).collect(),
            may_add_people: caller.rights.reach(Right::UserAdmin).is_some(),
            plans,
            rows,
        })
    }

    /// What the file comes to.
    fn plan(&self, rows: Vec<Result<SheetRow, RefusedRow>>) -> Plan {
        let mut plan = Plan { rows: rows.len(), ..Plan::default() };
        for row in rows {
            let refused = match row {
                Ok(row) => self.plan_row(&row, &mut plan).err(),
                Err(refused) => Some(refused),
            };
            plan.refused.extend(refused);
        }
        plan
    }

    fn plan_row(&self, row: &SheetRow, plan: &mut Plan) -> Result<(), RefusedRow> {
        let switch = self.switch_of(row)?;
        let numbers = self.plans.get(&switch).cloned().unwrap_or_default();
        let number = Some(row.get("number")).filter(|text| !text.is_empty());
        let (extension, number) = read_row(&numbers, row.get("extension"), number)
            .map_err(|(field, reason)| row.refused(field, reason, "write it as it is dialled"))?;
        let key = (switch.clone(), extension.to_string());
        if let Some(line) = plan.lines.get(&key) {
            let reason = format!("the extension stands in line {line} too");
            return Err(row.refused("extension", reason, "keep one of the two lines"));
        }
        let login = row.get("login").to_lowercase();
        let person = if login.is_empty() { None } else { self.person_of(row, &login, plan)? };
        plan.lines.insert(key.clone(), row.line);
        let before = self.rows.get(&key);
        let old = before.map(|(_, row)| row);
        let contact = Some(row.get("contact")).filter(|text| !text.is_empty());
        let wanted = Wanted {
            line: row.line,
            before: before.map(|(id, _)| *id),
            row: ExtensionRow {
                switch,
                extension,
                number: number.or_else(|| old.and_then(|old| old.number.clone())),
                user: self.users.get(&login).copied().or_else(|| old.and_then(|old| old.user)),
                contact: contact.map(Into::into).or_else(|| old.and_then(|old| old.contact.clone())),
                caller_id: old.and_then(|old| old.caller_id.clone()),
                record: old.is_some_and(|old| old.record),
                active: old.is_none_or(|old| old.active),
            },
            login: (!login.is_empty() && !self.users.contains_key(&login)).then_some(login),
        };
        plan.people.extend(person);
        if wanted.login.is_some() || old != Some(&wanted.row) {
            plan.wanted.push(wanted);
        }
        Ok(())
    }

    /// The switch of a row; it may be left out when there is only one.
    fn switch_of(&self, row: &SheetRow) -> Result<SwitchId, RefusedRow> {
        let named = row.get("switch");
        let mut all = self.plans.keys();
        match (named, all.next(), all.next()) {
            ("", Some(only), None) => Ok(only.clone()),
            ("", None, _) => Err(row.refused("switch", "there is no switch yet", "add the switch first")),
            ("", Some(_), Some(_)) => {
                Err(row.refused("switch", "there are several switches", "name the one of this row"))
            }
            (named, ..) if self.plans.contains_key(&SwitchId::from(named)) => Ok(SwitchId::from(named)),
            (named, ..) => Err(row.refused(
                "switch",
                format!("there is no switch `{named}`"),
                "write the id of a switch",
            )),
        }
    }

    /// The person to add for a login; none when it is known or added by an earlier row.
    fn person_of(&self, row: &SheetRow, login: &str, plan: &Plan) -> Result<Option<NewPerson>, RefusedRow> {
        if self.users.contains_key(login) || plan.people.iter().any(|one| one.login == login) {
            return Ok(None);
        }
        let name = Some(row.get("name")).filter(|name| !name.is_empty()).unwrap_or(login);
        let role = Some(row.get("role")).filter(|role| !role.is_empty()).unwrap_or(USUAL_ROLE);
        let told =
            |problem: &Problem| problem.errors.first().map_or_else(String::new, |one| one.detail.clone());
        check_login(login).map_err(|problem| row.refused("login", told(&problem), "mend the login"))?;
        check_name(name).map_err(|problem| row.refused("name", told(&problem), "mend the name"))?;
        if !self.may_add_people {
            let reason = format!("there is no user `{login}`, and adding one needs the right `user.admin`");
            return Err(row.refused("login", reason, "ask somebody who may add users"));
        }
        match self.roles.get(role) {
            None => {
                let known: Vec<&str> = self.roles.keys().map(String::as_str).collect();
                let fix = format!("write one of {}", known.join(", "));
                return Err(row.refused("role", format!("there is no role `{role}`"), &fix));
            }
            Some(Some(right)) => {
                let reason = format!("the role `{role}` gives `{right}`, which you do not have");
                return Err(row.refused("role", reason, "ask somebody who has this right"));
            }
            Some(None) => {}
        }
        if plan.people.len() == NEW_PEOPLE_MAX {
            let reason = format!("one file adds at most {NEW_PEOPLE_MAX} people");
            return Err(row.refused("login", reason, "send this row again in another file"));
        }
        Ok(Some(NewPerson {
            line: row.line,
            login: login.to_owned(),
            name: name.to_owned(),
            role: role.to_owned(),
        }))
    }
}

/// What a file comes to.
#[derive(Default)]
struct Plan {
    rows: usize,
    people: Vec<NewPerson>,
    wanted: Vec<Wanted>,
    refused: Vec<RefusedRow>,
    /// Lines of the extensions seen so far.
    lines: BTreeMap<(SwitchId, String), u64>,
}

/// Somebody to add.
struct NewPerson {
    line: u64,
    login: String,
    name: String,
    role: String,
}

/// A row of the extension list to write.
struct Wanted {
    line: u64,
    before: Option<ExtensionId>,
    row: ExtensionRow,
    /// Login of its user, when that is yet to be added.
    login: Option<String>,
}

async fn carry_out(
    app: &App,
    caller: &Caller,
    mut known: Known,
    plan: Plan,
    view: &mut MappingImportView,
) -> Result<(), Problem> {
    let Plan { people, wanted, refused, .. } = plan;
    view.refused = refused;
    let language = caller.user().map_or_else(|| "en".to_owned(), |user| user.language.clone());
    view.users_added = 0;
    for person in people {
        let line = person.line;
        match add_person(app, caller, person, &language).await {
            Ok((id, first)) => {
                view.users_added += 1;
                known.users.insert(first.login.clone(), id);
                view.passwords.push(first);
            }
            Err(problem) => view.refused.push(failed(line, "login", &problem)),
        }
    }
    (view.extensions_added, view.extensions_changed) = (0, 0);
    let mut people = BTreeSet::new();
    let writes = wanted.into_iter().map(|mut one| {
        if let Some(login) = &one.login {
            one.row.user = known.users.get(login).copied().or(one.row.user);
        }
        people.extend(one.row.user);
        let wanted = Change::SetExtension { extension: one.before, row: one.row };
        async move { (one.line, one.before.is_some(), change(app, caller, wanted).await) }
    });
    let writes: Vec<_> = writes.collect();
    let mut written = stream::iter(writes).buffered(ROWS_AT_ONCE);
    while let Some((line, is_change, outcome)) = written.next().await {
        match outcome {
            Ok(_) if is_change => view.extensions_changed += 1,
            Ok(_) => view.extensions_added += 1,
            Err(problem) => view.refused.push(failed(line, "extension", &problem)),
        }
    }
    if known.may_add_people {
        view.members_linked = link_members(app, caller, people).await?;
    }
    let counts = serde_json::json!({ "rows": view.rows, "users_added": view.users_added,
        "extensions_added": view.extensions_added, "extensions_changed": view.extensions_changed,
        "members_linked": view.members_linked, "refused": view.refused.len() });
    audit(app, caller, "extension.import", "extensions", None, kept(&counts)).await?;
    app.people_changed();
    Ok(())
}

fn failed(line: u64, field: &str, problem: &Problem) -> RefusedRow {
    let fix = "mend it and send this row again".to_owned();
    RefusedRow { line, field: field.to_owned(), reason: problem.detail.clone(), fix }
}

async fn add_person(
    app: &App,
    caller: &Caller,
    person: NewPerson,
    language: &str,
) -> Result<(UserId, InitialPassword), Problem> {
    let password = initial_password();
    let hash = app.passwords().hash(password.clone()).await?;
    let new = NewUser {
        login: person.login.clone(),
        name: person.name,
        language: language.to_owned(),
        roles: vec![person.role],
        team: None,
        site: None,
        active: true,
        password_hash: Some(PasswordHash(hash)),
    };
    let user = create(app, caller, &new).await?;
    Ok((user.id, InitialPassword { login: person.login, password }))
}

/// A member of a queue becomes the user of its phone, where neither has another.
async fn link_members(app: &App, caller: &Caller, people: BTreeSet<UserId>) -> Result<usize, Problem> {
    let pairs = look(app.switchboard(), move |domain| members_of(domain.state(), &people)).await?;
    let mut linked = 0;
    for (agent, user) in pairs {
        // Somebody else may have linked one of the two meanwhile.
        let done = change(app, caller, Change::LinkAgent { agent, user: Some(user) }).await;
        linked += usize::from(done.is_ok());
    }
    Ok(linked)
}

fn members_of(state: &Picture, people: &BTreeSet<UserId>) -> Vec<(AgentId, UserId)> {
    let mut taken: BTreeSet<UserId> = state.agents.values().filter_map(|agent| agent.user).collect();
    let free = state.agents.iter().filter(|(_, agent)| agent.user.is_none());
    let with_user = free.filter_map(|(id, agent)| Some((*id, state.user_of(agent.device)?)));
    with_user.filter(|(_, user)| people.contains(user) && taken.insert(*user)).collect()
}
