//! What the set-up page shows: what is missing and how to mend it.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use store::ContactFilter;

use crate::App;
use crate::error::Problem;
use crate::ports::look;
use crate::setup::{Beside, SetupView, look_around};

/// Role of people who take calls.
const AGENT_ROLE: &str = "agent";

/// One contact is enough to know that there are some.
const ANY_CONTACT: ContactFilter = ContactFilter { text: None, after: None, limit: 1 };

/// Says what is missing before somebody can work, and how to mend it.
#[utoipa::path(get, path = "/v1/setup", tag = "setup", responses((status = 200, body = SetupView)))]
pub(crate) async fn get_setup(State(app): State<App>) -> Result<Json<SetupView>, Problem> {
    let mut switches: Vec<_> =
        app.switchboard().switch_definitions().into_iter().map(|one| (one.id, true)).collect();
    for switch in app.store().defined_switches().await? {
        if switches.iter().all(|(id, _)| *id != switch.id) {
            switches.push((switch.id, switch.settings.enabled));
        }
    }
    let users = app.store().users(false).await?;
    let active = || users.iter().filter(|user| user.active);
    let agents = active().filter(|user| user.roles.iter().any(|role| role == AGENT_ROLE));
    let beside = Beside {
        switches,
        agents: agents.map(|user| user.id).collect::<BTreeSet<_>>(),
        users: active().map(|user| user.id).collect(),
        has_pop_rule: app.store().pop_rules().await?.iter().any(|rule| rule.kept.active),
        has_contact: !app.store().contacts(&ANY_CONTACT).await?.is_empty(),
    };
    Ok(Json(look(app.switchboard(), move |domain| look_around(domain.state(), &beside)).await?))
}
