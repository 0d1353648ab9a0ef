//! Pages of other systems that may show the desk in a frame of theirs (INT-15), as administrators keep them.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::error::Problem;
use crate::input::{Body, Params, etag_of, if_match, one_line, tagged};
use crate::routes::callback_forms::{as_browsers_say, is_origin};
use crate::routes::routing::Whole;
use crate::routes::{audit, kept};
use crate::view::Listed;

/// Most hosts; all stand in one header of the frame's page.
const HOSTS_MAX: usize = 50;

/// Longest name.
const NAME_MAX: usize = 80;

/// A page that may frame the desk and talk with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmbedHost {
    /// Scheme, host and perhaps a port, like `https://acme.my.salesforce.com`. No wildcards: the desk answers exactly
    /// these.
    origin: String,
    /// What it is, in the words of the house.
    name: String,
}

/// Nothing may stand behind the path: who asks for a trial run must not write instead.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoParams {}

/// Lists the pages that may frame the desk; none may at first.
#[utoipa::path(get, path = "/v1/embed_hosts", tag = "setup",
    responses((status = 200, body = Listed<EmbedHost>)))]
pub(crate) async fn list_embed_hosts(State(app): State<App>) -> Result<Response, Problem> {
    let all = found(&app).await?;
    Ok(tagged(&etag_of(&all), Listed::whole(all)))
}

/// Replaces the pages that may frame the desk. A frame that is open learns of it when it is loaded again.
#[utoipa::path(put, path = "/v1/embed_hosts", tag = "setup",
    params(("If-Match" = Option<String>, Header)), request_body = Whole<EmbedHost>,
    responses((status = 200, body = Listed<EmbedHost>)))]
pub(crate) async fn put_embed_hosts(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Params(NoParams {}): Params<NoParams>,
    Body(mut wish): Body<Whole<EmbedHost>>,
) -> Result<Response, Problem> {
    let _turn = app.turns().of("embed_hosts").await?;
    let before = found(&app).await?;
    if_match(&headers, &etag_of(&before))?;
    for host in &mut wish.items {
        host.origin = as_browsers_say(&host.origin);
    }
    checked(&wish.items, app.settings().secure)?;
    let rows: Result<Vec<_>, _> =
        wish.items.iter().map(|host| Ok((host.origin.clone(), serde_json::to_value(host)?))).collect();
    let rows = rows.map_err(|error: serde_json::Error| Problem::conflict(error.to_string()))?;
    app.store().save_embed_hosts(&rows).await?;
    audit(&app, &caller, "embed_hosts.set", "embed_hosts", kept(&before), kept(&wish.items)).await?;
    Ok(tagged(&etag_of(&wish.items), Listed::whole(wish.items)))
}

/// The origins alone, for the policy of the frame's page.
pub(crate) async fn origins(app: &App) -> Result<Vec<String>, Problem> {
    Ok(found(app).await?.into_iter().map(|host| host.origin).collect())
}

async fn found(app: &App) -> Result<Vec<EmbedHost>, Problem> {
    let rows = app.store().embed_hosts().await?;
    Ok(rows.into_iter().filter_map(|row| serde_json::from_value(row).ok()).collect())
}

fn checked(hosts: &[EmbedHost], is_secure: bool) -> Result<(), Problem> {
    if hosts.len() > HOSTS_MAX {
        return Err(Problem::field("/items", format!("at most {HOSTS_MAX} pages are kept")));
    }
    let mut seen = BTreeSet::new();
    for (place, host) in hosts.iter().enumerate() {
        let at = format!("/items/{place}");
        if host.name.trim().is_empty() || host.name.chars().count() > NAME_MAX {
            return Err(Problem::field(format!("{at}/name"), format!("write 1 to {NAME_MAX} characters")));
        }
        one_line(&format!("{at}/name"), &host.name)?;
        let at = format!("{at}/origin");
        if !is_origin(&host.origin) || !is_address(&host.origin) {
            let detail = "write scheme and host of the page, like `https://acme.my.salesforce.com`, without a path \
                          and without `*`";
            return Err(Problem::field(at, detail));
        }
        if is_secure && !host.origin.starts_with("https://") {
            let detail = "people reach the desk by https, so a page that frames it must come by https too";
            return Err(Problem::field(at, detail));
        }
        if !seen.insert(host.origin.as_str()) {
            return Err(Problem::field(at, "this page stands there twice: keep one of them"));
        }
    }
    Ok(())
}

/// Whether a browser could have a page from there: the port is a port, the host is one.
fn is_address(origin: &str) -> bool {
    origin.parse::<Uri>().is_ok_and(|uri| {
        let port_fits = uri.authority().is_some_and(|authority| {
            authority
                .as_str()
                .split_once(':')
                .is_none_or(|(_, port)| port.parse::<u16>().is_ok_and(|port| port > 0))
        });
        port_fits && uri.host().is_some_and(|host| !host.starts_with('.') && !host.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(origin: &str, is_secure: bool) -> bool {
        checked(&[EmbedHost { origin: origin.to_owned(), name: "CRM".to_owned() }], is_secure).is_err()
    }

    // covers: INT-15
    #[test]
    fn only_plain_origins_are_allowed_and_by_https_where_the_desk_is() {
        for good in ["https://acme.my.salesforce.com", "https://crm.example:8443"] {
            assert!(!refused(good, true) && !refused(good, false), "{good}");
        }
        assert!(!refused("http://localhost:9000", false));
        assert!(refused("http://crm.example", true));
        for bad in [
            "",
            "*",
            "https://*",
            "https://*.example",
            "crm.example",
            "https://crm.example/desk",
            "https://a b",
            "https://a;script-src *",
            "https://a'self'",
            "javascript://a",
            "https://a:b",
            "https://a:70000",
            "https://a:1:2",
            "https://me@a",
            "null",
            "https://.example",
            "https://a:0",
        ] {
            assert!(refused(bad, false), "{bad}");
        }
    }
}
