//! Forms by which visitors of a web site order callbacks, as administrators keep them (RTE-36).

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use cti_core::ids::QueueId;

use crate::App;
use crate::acd::check;
use crate::auth::Caller;
use crate::error::Problem;
use crate::form::CallbackForm;
use crate::input::{Body, etag_of, if_match, lines, tagged};
use crate::ports::look;
use crate::routes::routing::Whole;
use crate::routes::{audit, kept};
use crate::view::Listed;

/// Most forms.
const FORMS_MAX: usize = 50;

/// Most sites of one form.
const ORIGINS_MAX: usize = 20;

/// Most beginnings of numbers of one form.
const PREFIXES_MAX: usize = 50;

/// Longest consent.
const CONSENT_MAX: usize = 2_000;

/// Lists the forms for web sites.
#[utoipa::path(get, path = "/v1/callback_forms", tag = "interactions",
    responses((status = 200, body = Listed<CallbackForm>)))]
pub(crate) async fn list_forms(State(app): State<App>) -> Result<Response, Problem> {
    let all = found(&app).await?;
    Ok(tagged(&etag_of(&all), Listed::whole(all)))
}

/// Replaces the forms for web sites. Each is served at `/callback-form/{key}` to anybody.
#[utoipa::path(put, path = "/v1/callback_forms", tag = "interactions",
    params(("If-Match" = Option<String>, Header)), request_body = Whole<CallbackForm>,
    responses((status = 200, body = Listed<CallbackForm>)))]
pub(crate) async fn put_forms(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Body(mut wish): Body<Whole<CallbackForm>>,
) -> Result<Response, Problem> {
    let _turn = app.turns().of("callback_forms").await?;
    let before = found(&app).await?;
    if_match(&headers, &etag_of(&before))?;
    let owned = look(app.switchboard(), |domain| {
        let queues = domain.state().queues.iter();
        queues.filter(|(_, queue)| queue.own.is_some()).map(|(id, _)| *id).collect::<BTreeSet<_>>()
    });
    for origin in wish.items.iter_mut().flat_map(|form| &mut form.origins) {
        *origin = as_browsers_say(origin);
    }
    checked(&wish.items, &owned.await?)?;
    let rows: Result<Vec<_>, _> =
        wish.items.iter().map(|form| Ok((form.key.clone(), serde_json::to_value(form)?))).collect();
    let rows = rows.map_err(|error: serde_json::Error| Problem::conflict(error.to_string()))?;
    app.store().save_callback_forms(&rows).await?;
    let after = found(&app).await?;
    audit(&app, &caller, "callback_forms.set", "callback_forms", kept(&before), kept(&after)).await?;
    Ok(tagged(&etag_of(&after), Listed::whole(after)))
}

async fn found(app: &App) -> Result<Vec<CallbackForm>, Problem> {
    let rows = app.store().callback_forms().await?;
    Ok(rows.into_iter().filter_map(|row| serde_json::from_value(row).ok()).collect())
}

fn checked(forms: &[CallbackForm], owned: &BTreeSet<QueueId>) -> Result<(), Problem> {
    if forms.len() > FORMS_MAX {
        return Err(Problem::field("/items", format!("at most {FORMS_MAX} forms are kept")));
    }
    let mut seen = BTreeSet::new();
    for (place, form) in forms.iter().enumerate() {
        let at = format!("/items/{place}");
        check::key(&format!("{at}/key"), &form.key, "-")?;
        if !seen.insert(form.key.as_str()) {
            let detail = format!("`{}` stands there twice: keep one of them", form.key);
            return Err(Problem::field(format!("{at}/key"), detail));
        }
        if !owned.contains(&form.queue) {
            let detail = "there is no queue of ours with this id: only those make callbacks";
            return Err(Problem::field(format!("{at}/queue"), detail));
        }
        if !(1..=365).contains(&form.days) {
            return Err(Problem::field(format!("{at}/days"), "choose 1 to 365 days"));
        }
        texts(&format!("{at}/titles"), &form.titles, 120)?;
        texts(&format!("{at}/consent"), &form.consent, CONSENT_MAX)?;
        prefixes(&format!("{at}/prefixes"), &form.prefixes)?;
        if form.origins.len() > ORIGINS_MAX {
            return Err(Problem::field(
                format!("{at}/origins"),
                format!("at most {ORIGINS_MAX} sites are kept"),
            ));
        }
        for (place, origin) in form.origins.iter().enumerate() {
            if !is_origin(origin) {
                let detail = "write scheme and host of the site, like `https://www.example.com`";
                return Err(Problem::field(format!("{at}/origins/{place}"), detail));
            }
        }
    }
    Ok(())
}

fn prefixes(at: &str, prefixes: &[String]) -> Result<(), Problem> {
    if prefixes.len() > PREFIXES_MAX {
        return Err(Problem::field(at, format!("at most {PREFIXES_MAX} beginnings of numbers are kept")));
    }
    for (place, prefix) in prefixes.iter().enumerate() {
        let digits = prefix.strip_prefix('+').unwrap_or_default();
        if !(1..=15).contains(&digits.len()) || !digits.bytes().all(|one| one.is_ascii_digit()) {
            let detail = "write `+` and the first digits of the full number, like `+420`";
            return Err(Problem::field(format!("{at}/{place}"), detail));
        }
    }
    Ok(())
}

fn texts(at: &str, texts: &BTreeMap<String, String>, most: usize) -> Result<(), Problem> {
    if texts.is_empty() {
        return Err(Problem::field(at, "write it in one language at least"));
    }
    for (language, text) in texts {
        let at = format!("{at}/{language}");
        check::language(&at, language)?;
        if text.trim().is_empty() || text.chars().count() > most {
            return Err(Problem::field(at, format!("write 1 to {most} characters")));
        }
        lines(&at, text)?;
    }
    Ok(())
}

/// An origin as browsers send it: in small letters, and without the port that goes with its scheme.
pub(crate) fn as_browsers_say(origin: &str) -> String {
    let origin = origin.trim().to_ascii_lowercase();
    let usual = if origin.starts_with("https://") { ":443" } else { ":80" };
    origin.strip_suffix(usual).map_or_else(|| origin.clone(), ToOwned::to_owned)
}

/// Scheme, host and perhaps a port: what may stand in a policy of frames without changing it.
pub(crate) fn is_origin(text: &str) -> bool {
    let Some((scheme, host)) = text.split_once("://") else { return false };
    let plain = |one: char| one.is_ascii_alphanumeric() || matches!(one, '.' | '-' | ':');
    matches!(scheme, "https" | "http") && (1..=253).contains(&host.len()) && host.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_cannot_widen_the_policy_it_stands_in() {
        assert!(is_origin("https://www.example.com") && is_origin("http://localhost:8080"));
        for bad in
            ["*", "https://*", "https://a b", "https://a;script-src *", "https://a/b", "ftp://a", "https://"]
        {
            assert!(!is_origin(bad), "{bad}");
        }
    }

    #[test]
    fn an_origin_is_kept_as_browsers_send_it() {
        for (written, sent) in [
            ("https://WWW.Example.com:443", "https://www.example.com"),
            ("HTTP://localhost:80", "http://localhost"),
            ("https://a.example:80", "https://a.example:80"),
            ("http://a.example:8080", "http://a.example:8080"),
        ] {
            assert_eq!(as_browsers_say(written), sent);
        }
    }
}
