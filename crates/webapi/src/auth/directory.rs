//! People of the directory of the house (SEC-02): it says at each sign-in what they are called and which roles they
//! have. Here they are users without a password.

use axum::http::StatusCode;
use cti_core::input::Actor;
use store::{AuditEntry, NewUser, StoreError, User};

use crate::App;
use crate::error::Problem;
use crate::ports::bridges::{DirectoryPerson, SignIn};
use crate::routes::kept;
use crate::routes::users::UserView;

/// The user behind a login and password, by the directory. None when one of the two is wrong, or when the person may
/// not sign in here whatever the directory says.
pub(crate) async fn user_of(
    app: &App,
    login: &str,
    known: Option<User>,
    said: SignIn,
) -> Result<Option<User>, Problem> {
    match said {
        SignIn::Person(person) => admit(app, login, known, person).await,
        SignIn::Wrong | SignIn::NoDirectory => Ok(None),
        SignIn::NoRole => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "directory_no_role",
            "you are known, but none of your groups has a role here; ask whoever looks after people",
        )),
        SignIn::Unavailable => Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "directory_unavailable",
            "the directory of the house does not answer; try again in a minute",
        )),
    }
}

/// Makes the user equal to what the directory says.
async fn admit(
    app: &App,
    login: &str,
    known: Option<User>,
    person: DirectoryPerson,
) -> Result<Option<User>, Problem> {
    let user = match known {
        Some(user) if !user.active => return Ok(None),
        Some(user) if user.name == person.name && user.roles == person.roles => return Ok(Some(user)),
        Some(before) => {
            let after = User { name: person.name, roles: person.roles, ..before.clone() };
            // Somebody else changed the user in this moment: the next sign-in makes it right.
            if !app.store().save_user(app.now(), &after).await.map_err(misconfigured)? {
                return Ok(Some(before));
            }
            note(app, "user.save", &after, kept(&UserView::from(&before))).await?;
            after
        }
        None => {
            let new = NewUser {
                login: login.to_owned(),
                name: person.name,
                language: person.language,
                roles: person.roles,
                team: None,
                site: None,
                active: true,
                password_hash: None,
            };
            let user = match app.store().add_user(app.now(), &new).await {
                // Two desks of one person at once.
                Err(StoreError::Taken { .. }) => return Ok(app.store().user_by_login(login).await?),
                added => added.map_err(misconfigured)?,
            };
            note(app, "user.add", &user, None).await?;
            user
        }
    };
    app.people_changed();
    Ok(Some(user))
}

/// A role of the settings that does not exist is nothing the person could mend.
fn misconfigured(error: StoreError) -> Problem {
    if !matches!(error, StoreError::Missing { .. }) {
        return error.into();
    }
    tracing::error!(%error, "the settings of the directory name a role that does not exist");
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "directory_misconfigured",
        "the settings of the directory name a role that does not exist; ask whoever looks after Tieline",
    )
}

async fn note(
    app: &App,
    action: &str,
    user: &User,
    before: Option<serde_json::Value>,
) -> Result<(), Problem> {
    let entry = AuditEntry {
        at: app.now(),
        actor: Actor::System,
        address: None,
        action: action.to_owned(),
        subject: user.id.to_string(),
        before,
        after: kept(&UserView::from(user)),
    };
    app.store().add_audit(&entry).await?;
    Ok(())
}
