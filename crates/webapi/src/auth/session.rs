//! Signing in and recognising who is signed in. Tokens are 256 bits by chance; only their hash is kept.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode, header};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cti_core::time::Timestamp;
use sha2::{Digest, Sha256};
use store::{Session, User};

use crate::App;
use crate::Settings;
use crate::auth::rights::Rights;
use crate::auth::{Caller, Who, directory};
use crate::error::Problem;
use crate::ports::bridges::SignIn;

/// A session ends after this time without a request.
const IDLE_MS: i64 = 12 * 60 * 60 * 1_000;

/// A session ends after this time in any case.
const LONGEST_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// Uses closer together than this are not written down.
const TOUCH_MS: u64 = 60_000;

/// Begins the token of a signed-in person.
const PERSON: &str = "tls_";

/// Begins the token of a machine.
const MACHINE: &str = "tla_";

/// A token as the client sent it.
#[derive(Clone)]
pub(crate) enum Credentials {
    /// `Authorization: Bearer`, or the first frame of a stream.
    Bearer(String),
    /// The cookie of the desk.
    Cookie(String),
}

impl Credentials {
    pub(crate) fn token(&self) -> &str {
        match self {
            Self::Bearer(token) | Self::Cookie(token) => token,
        }
    }
}

/// What the request brings. A header goes before a cookie.
pub(crate) fn credentials(headers: &HeaderMap, settings: &Settings) -> Option<Credentials> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let text = value.to_str().unwrap_or_default();
        let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
        let token = if scheme.eq_ignore_ascii_case("bearer") { token.trim() } else { "" };
        return Some(Credentials::Bearer(token.to_owned()));
    }
    CookieJar::from_headers(headers)
        .get(settings.cookie_name())
        .map(|cookie| Credentials::Cookie(cookie.value().to_owned()))
}

/// Who a token belongs to; none when it is unknown, ended, revoked, or its user may not sign in.
pub(crate) async fn caller(
    app: &App,
    token: &str,
    address: Option<IpAddr>,
) -> Result<Option<Caller>, Problem> {
    let hash = hash_of(token);
    if token.starts_with(PERSON) {
        return person(app, hash, address).await;
    }
    if token.starts_with(MACHINE) {
        return machine(app, hash, address).await;
    }
    Ok(None)
}

/// The caller again, with what is true by now; none when the session or token is over.
pub(crate) async fn refresh(app: &App, caller: &Caller) -> Result<Option<Caller>, Problem> {
    match &caller.who {
        Who::User { session, .. } => person(app, session.clone(), caller.address).await,
        Who::Token { hash, .. } => machine(app, hash.clone(), caller.address).await,
    }
}

async fn person(app: &App, hash: String, address: Option<IpAddr>) -> Result<Option<Caller>, Problem> {
    let now = app.now();
    let Some(session) = app.store().session(&hash, now).await? else {
        return Ok(None);
    };
    let Some(user) = app.store().user(session.user).await? else {
        return Ok(None);
    };
    if !user.active || user.removed_at.is_some() {
        return Ok(None);
    }
    if now.millis_since(session.seen_at) > TOUCH_MS {
        let end = ends_at(session.created_at, now);
        app.store().touch_session(&hash, now, end).await?;
    }
    let words = app.store().rights(&user.roles).await?;
    Ok(Some(Caller {
        rights: Rights::of(words.iter().map(String::as_str)),
        who: Who::User { user: Box::new(user), session: hash },
        address,
    }))
}

async fn machine(app: &App, hash: String, address: Option<IpAddr>) -> Result<Option<Caller>, Problem> {
    let Some(token) = app.store().api_token(&hash).await? else {
        return Ok(None);
    };
    let now = app.now();
    if token.last_used_at.is_none_or(|used| now.millis_since(used) > TOUCH_MS) {
        app.store().touch_api_token(&token.name, now).await?;
    }
    Ok(Some(Caller {
        rights: Rights::of(token.scopes.iter().map(String::as_str)),
        who: Who::Token { name: token.name.into(), hash },
        address,
    }))
}

fn ends_at(created_at: Timestamp, now: Timestamp) -> Timestamp {
    now.plus_millis(IDLE_MS).min(created_at.plus_millis(LONGEST_MS))
}

/// A network address as failed sign-ins are counted by.
pub(crate) fn origin(address: Option<IpAddr>) -> String {
    address.map_or_else(|| "unknown".to_owned(), |address| address.to_string())
}

/// Signs a person in; the token and its session.
pub(crate) async fn sign_in(
    app: &App,
    login: &str,
    password: String,
    address: Option<IpAddr>,
    user_agent: &str,
) -> Result<(String, Session, User), Problem> {
    let from = origin(address);
    app.lockouts().check(app, login, &from).await?;
    let known = app.store().user_by_login(login).await?;
    let found = recognise(app, login, known, password).await;
    // Others may have failed while this one waited for its turn: many guesses at once are still five guesses.
    app.lockouts().check(app, login, &from).await?;
    let Some(user) = found? else {
        tracing::info!(address = %from, "a sign-in failed");
        app.lockouts().failed(app, login, &from).await?;
        return Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "sign_in_failed",
            "the name or the password is wrong",
        ));
    };
    app.lockouts().succeeded(app, login).await?;
    let now = app.now();
    let token = new_token(PERSON);
    let session = Session {
        token_hash: hash_of(&token),
        user: user.id,
        created_at: now,
        seen_at: now,
        expires_at: ends_at(now, now),
        user_agent: user_agent.chars().take(200).collect(),
        address: from,
    };
    app.store().open_session(&session).await?;
    Ok((token, session, user))
}

/// Begins a session of the same person for a frame, as old as the one that asks, so that a chain of them ends with the
/// first. Machines have no frame.
pub(crate) async fn open_for_frame(
    app: &App,
    caller: &Caller,
    user_agent: &str,
) -> Result<(String, Session, User), Problem> {
    let Who::User { user, session: hash } = &caller.who else {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "not_a_person",
            "the desk in a frame is for people: sign in as one, tokens of machines have no desk",
        ));
    };
    let now = app.now();
    let parent = app.store().session(hash, now).await?.ok_or_else(Problem::unauthenticated)?;
    let token = new_token(PERSON);
    let session = Session {
        token_hash: hash_of(&token),
        user: user.id,
        created_at: parent.created_at,
        seen_at: now,
        expires_at: ends_at(parent.created_at, now),
        user_agent: format!("frame: {user_agent}").chars().take(200).collect(),
        address: origin(caller.address),
    };
    app.store().open_session(&session).await?;
    Ok((token, session, (**user).clone()))
}

/// The user behind a login and password. Whoever has a password here is not looked for in the directory, so that an
/// administrator of Tieline gets in when the directory does not answer, and nobody there can take its name.
async fn recognise(
    app: &App,
    login: &str,
    known: Option<User>,
    password: String,
) -> Result<Option<User>, Problem> {
    if known.as_ref().is_none_or(|user| user.password_hash.is_none()) {
        let said = app.bridges().sign_in(login.to_owned(), password.clone()).await;
        if said != SignIn::NoDirectory {
            return directory::user_of(app, said).await;
        }
    }
    let user = known.filter(|user| user.active);
    let hash = user.as_ref().and_then(|user| user.password_hash.as_ref()).map(|hash| hash.0.clone());
    let right = app.passwords().check(password, hash).await?;
    Ok(user.filter(|_| right))
}

/// The cookie that carries a session's token. `token` empty takes it away.
pub(crate) fn cookie(settings: &Settings, token: String) -> Cookie<'static> {
    let gone = token.is_empty();
    let mut cookie = Cookie::new(settings.cookie_name(), token);
    cookie.set_http_only(true);
    cookie.set_path("/");
    cookie.set_same_site(SameSite::Strict);
    cookie.set_secure(settings.secure);
    if gone {
        cookie.make_removal();
    }
    cookie
}

/// A new token of a machine, and the hash under which it is kept.
pub fn new_machine_token() -> (String, String) {
    let token = new_token(MACHINE);
    let hash = hash_of(&token);
    (token, hash)
}

fn new_token(kind: &str) -> String {
    let bytes: [u8; 32] = rand::random();
    format!("{kind}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// SHA-256 in hexadecimal.
fn hash_of(token: &str) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::digest(token.as_bytes());
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A word that stands in one page's answer only.
pub(crate) fn new_nonce() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// A trace id of a request that brought none.
pub(crate) fn new_trace_id() -> Arc<str> {
    format!("{:032x}", rand::random::<u128>()).into()
}
