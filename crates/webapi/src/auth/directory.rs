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

/// The user whom the directory means. None when login or password is wrong, or when the person may not sign in here
/// whatever the directory says.
pub(crate) async fn user_of(app: &App, said: SignIn) -> Result<Option<User>, Problem> {
    match said {
        SignIn::Person(person) => admit(app, person).await,
        SignIn::Wrong | SignIn::NoDirectory => Ok(None),
        SignIn::NoRole(login) => {
            dismiss(app, &login).await?;
            Err(Problem::new(
                StatusCode::FORBIDDEN,
                "directory_no_role",
                "you are known, but none of your groups has a role here; ask whoever looks after people",
            ))
        }
        SignIn::Unavailable => Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "directory_unavailable",
            "the directory of the house does not answer; try again in a minute",
        )),
    }
}

/// Makes the user equal to what the directory says.
async fn admit(app: &App, person: DirectoryPerson) -> Result<Option<User>, Problem> {
    let login = person.login.clone();
    let user = match of_directory(app, &login).await? {
        Known::Kept => return Ok(None),
        Known::User(user) if user.name == person.name && user.roles == person.roles => {
            return Ok(Some(*user));
        }
        Known::User(before) => {
            let after = User { name: person.name, roles: person.roles, ..User::clone(&before) };
            // Somebody else changed the user in this moment: the next try makes it right.
            if !app.store().save_user(app.now(), &after).await.map_err(misconfigured)? {
                return Err(Problem::conflict("the user is being changed: sign in again"));
            }
            note(app, "user.save", &after, kept(&UserView::from(&*before))).await?;
            after
        }
        Known::Nobody => {
            let new = NewUser {
                login,
                name: person.name,
                language: person.language,
                roles: person.roles,
                team: None,
                site: None,
                active: true,
                password_hash: None,
            };
            let user = app.store().add_user(app.now(), &new).await.map_err(misconfigured)?;
            note(app, "user.add", &user, None).await?;
            user
        }
    };
    app.people_changed();
    Ok(Some(user))
}

/// What is kept here of somebody of the directory.
enum Known {
    Nobody,
    /// Who may not come in by the directory: has a password here, is not active, or was removed.
    Kept,
    User(Box<User>),
}

async fn of_directory(app: &App, login: &str) -> Result<Known, Problem> {
    if let Some(user) = app.store().user_by_login(login).await? {
        let may_come = user.active && user.password_hash.is_none();
        return Ok(if may_come { Known::User(Box::new(user)) } else { Known::Kept });
    }
    let login = login.trim().to_lowercase();
    let was_removed = app.store().users(true).await?.iter().any(|user| user.login == login);
    Ok(if was_removed { Known::Kept } else { Known::Nobody })
}

/// Who has lost all groups has no roles and no sessions any more.
async fn dismiss(app: &App, login: &str) -> Result<(), Problem> {
    let Known::User(before) = of_directory(app, login).await? else { return Ok(()) };
    let after = User { roles: Vec::new(), ..User::clone(&before) };
    if app.store().save_user(app.now(), &after).await? {
        note(app, "user.save", &after, kept(&UserView::from(&*before))).await?;
    }
    for session in app.store().sessions_of(before.id, app.now()).await? {
        app.store().end_session(&session.token_hash).await?;
    }
    app.people_changed();
    Ok(())
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
