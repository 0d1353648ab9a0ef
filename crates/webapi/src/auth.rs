//! Who is calling, and what may they do: sessions by cookie or token, machine tokens, rights.

pub(crate) mod cross_site;
pub(crate) mod directory;
pub(crate) mod lockout;
pub(crate) mod password;
pub(crate) mod rights;
pub(crate) mod session;
pub(crate) mod table;
pub(crate) mod unit;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cti_core::ids::{QueueId, UserId};
use cti_core::input::Actor;
use store::User;

use crate::App;
use crate::auth::rights::{Reach, Right, Rights, Sight};
use crate::auth::unit::Unit;
use crate::error::Problem;
use crate::ports::look;

/// The network address of the client; the server puts it into the request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerAddress(pub IpAddr);

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    /// A signed-in person.
    User {
        /// The person.
        user: Box<User>,
        /// Hash of the session's token.
        session: String,
    },
    /// A machine.
    Token {
        /// Name of its token.
        name: Arc<str>,
        /// Hash of it.
        hash: String,
    },
}

/// Who is calling, with what rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) who: Who,
    pub(crate) rights: Rights,
    pub(crate) address: Option<IpAddr>,
}

impl Caller {
    /// As facts and the audit name it.
    pub(crate) fn actor(&self) -> Actor {
        match &self.who {
            Who::User { user, .. } => Actor::User(user.id),
            Who::Token { name, .. } => Actor::Token(Arc::clone(name)),
        }
    }

    /// The person, when it is one.
    pub(crate) fn user(&self) -> Option<&User> {
        match &self.who {
            Who::User { user, .. } => Some(user),
            Who::Token { .. } => None,
        }
    }

    /// Id of the person, when it is one.
    pub(crate) fn user_id(&self) -> Option<UserId> {
        self.user().map(|user| user.id)
    }

    /// What this caller sees by a right it must have.
    pub(crate) async fn sight(&self, app: &App, right: Right) -> Result<Sight, Problem> {
        let reach = self.rights.require(right)?;
        let (users, queues) = (self.people(app, reach).await?, self.rights.queues().cloned());
        // What is one's own is so in every unit.
        let unit = if reach > Reach::Own { self.unit(app, reach == Reach::Any).await? } else { None };
        let Some(unit) = unit else { return Ok(Sight { users, queues, unit: None }) };
        let both = |all: Option<BTreeSet<UserId>>| match all {
            Some(all) => all.intersection(&unit.people).copied().collect(),
            None => unit.people.clone(),
        };
        let queues = queues
            .map_or_else(|| unit.queues.clone(), |only| only.intersection(&unit.queues).copied().collect());
        Ok(Sight { users: Some(both(users)), queues: Some(queues), unit: Some(Arc::new(unit)) })
    }

    /// What the organisation units hold that this caller is narrowed to; none for one who is not.
    async fn unit(&self, app: &App, is_wide: bool) -> Result<Option<Unit>, Problem> {
        let Some(names) = self.rights.units().cloned() else { return Ok(None) };
        let me = self.user_id();
        let found = look(app.switchboard(), move |domain| Unit::of(domain.state(), &names, me, is_wide));
        Ok(Some(found.await?))
    }

    /// The queues this caller is narrowed to by its token, or by the units of its roles; none for all.
    pub(crate) async fn only_queues(&self, app: &App) -> Result<Option<BTreeSet<QueueId>>, Problem> {
        let narrowed = self.rights.queues().cloned();
        let Some(unit) = self.unit(app, true).await? else { return Ok(narrowed) };
        Ok(Some(match narrowed {
            Some(only) => only.intersection(&unit.queues).copied().collect(),
            None => unit.queues,
        }))
    }

    /// Like [`Self::sight`], but what the caller has no right to is simply not seen.
    pub(crate) async fn sight_or_none(&self, app: &App, right: Right) -> Result<Sight, Problem> {
        if self.rights.reach(right).is_none() {
            return Ok(Sight { users: Some(BTreeSet::new()), queues: None, unit: None });
        }
        self.sight(app, right).await
    }

    /// The queues this caller may read: those its people are members of; none for all.
    pub(crate) async fn queues(&self, app: &App) -> Result<Option<BTreeSet<QueueId>>, Problem> {
        self.queues_by(app, Right::QueueRead).await
    }

    /// The queues that a right reaches: those its people are members of; none for all.
    pub(crate) async fn queues_by(
        &self,
        app: &App,
        right: Right,
    ) -> Result<Option<BTreeSet<QueueId>>, Problem> {
        let sight = self.sight(app, right).await?;
        let is_wide = self.rights.reach(right) == Some(Reach::Any);
        let Some(users) = sight.users.filter(|_| !is_wide) else {
            return Ok(sight.queues);
        };
        let of_people = look(app.switchboard(), move |domain| {
            let agents = domain.state().agents.values();
            agents
                .filter(|agent| agent.user.is_some_and(|user| users.contains(&user)))
                .flat_map(|agent| agent.queues.keys().copied())
                .collect::<BTreeSet<_>>()
        })
        .await?;
        Ok(Some(match sight.queues {
            Some(only) => of_people.intersection(&only).copied().collect(),
            None => of_people,
        }))
    }

    /// The people a reach means; none for everybody.
    async fn people(&self, app: &App, reach: Reach) -> Result<Option<BTreeSet<UserId>>, Problem> {
        if reach == Reach::Any {
            return Ok(None);
        }
        let Some(me) = self.user() else {
            return Ok(Some(BTreeSet::new()));
        };
        let mut people = BTreeSet::from([me.id]);
        if reach > Reach::Own {
            let with_me = |other: &User| match reach {
                Reach::Team => me.team.is_some() && other.team == me.team,
                Reach::Site => me.site.is_some() && other.site == me.site,
                Reach::Own | Reach::Any => false,
            };
            let users = app.store().users(true).await?;
            people.extend(users.iter().filter(|user| with_me(user)).map(|user| user.id));
        }
        Ok(Some(people))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::unauthenticated)
    }
}

/// Lets a request through to its handler when the table of rights says so.
pub(crate) async fn gate(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match admit(&app, &mut request).await {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn admit(app: &App, request: &mut Request) -> Result<(), Problem> {
    let Some(path) = request.extensions().get::<MatchedPath>() else {
        return Ok(());
    };
    let Some(needs) = table::needs(request.method(), path.as_str()) else {
        return Err(Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "this path does not know the method",
        ));
    };
    let address = request.extensions().get::<PeerAddress>().map(|peer| peer.0);
    let credentials = session::credentials(request.headers(), app.settings());
    let caller = match &credentials {
        Some(credentials) => session::caller(app, credentials.token(), address).await?,
        None => None,
    };
    if let Some(session::Credentials::Cookie(_)) = credentials
        && !request.method().is_safe()
    {
        cross_site::check(request.headers(), &app.settings().trusted_origins)?;
    }
    table::admit(needs, caller.as_ref())?;
    if let Some(caller) = caller {
        request.extensions_mut().insert(caller);
    }
    Ok(())
}
