//! The pages of the desk: what `npm run build` left in `agent-ui/dist`.
//!
//! A release build carries them; a debug build reads them from the disk, so that they may be built anew while the
//! daemon runs. They hold no data and ask for no right: everything they show comes through the API.

use std::borrow::Cow;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use crate::auth::session;
use crate::error::Problem;

/// The page that every address of the desk begins with.
const INDEX: &str = "index.html";

/// Files below carry a hash of their content in their name: what a browser has of them stays right.
const HASHED: &str = "assets/";

/// Stands in the index where each answer puts a word of its own (vite's `html.cspNonce`). Component libraries that add
/// a `<style>` of theirs read it there.
const NONCE_PLACE: &[u8] = b"tieline-csp-nonce";

/// Stands in the index where the frame's page names who may frame it; other pages name nobody.
const HOSTS_PLACE: &[u8] = b"tieline-embed-hosts";

/// The desk for a frame of another system's page.
pub(crate) const FRAME: &str = "/embed";

/// The window by which one signs in to it: a page of this origin has the cookie that a frame does not get.
pub(crate) const FRAME_SIGN_IN: &str = "/embed/sign-in";

/// Files below are for pages of other systems: they have a path that stays and may be loaded from anywhere.
const FOR_HOSTS: &str = "embed/";

/// Which page it is, as far as its policy differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// The desk and everything else: nobody frames it.
    Desk,
    /// The desk for a frame, and the origins that may have one.
    Frame(Vec<String>),
    /// The window by which one signs in to a frame.
    SignIn,
}

impl Place {
    /// The origins that may frame it.
    fn hosts(&self) -> &[String] {
        match self {
            Self::Frame(hosts) => hosts,
            Self::Desk | Self::SignIn => &[],
        }
    }

    /// What stands behind `frame-ancestors`.
    fn ancestors(&self) -> String {
        let hosts = self.hosts();
        if hosts.is_empty() { "'none'".to_owned() } else { hosts.join(" ") }
    }

    /// Makes room for what this page is for in the headers that guard every page.
    fn open(&self, headers: &mut HeaderMap) {
        match self {
            Self::Desk => {}
            Self::Frame(hosts) if hosts.is_empty() => {}
            Self::Frame(_) => {
                headers.remove("x-frame-options");
                headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
            }
            // The frame that opened it is told who signed in. With any other policy the two lose each other.
            Self::SignIn => {
                headers.insert("cross-origin-opener-policy", HeaderValue::from_static("unsafe-none"));
            }
        }
    }
}

/// What no address of the desk begins with: there, what is unknown is unknown.
const NO_PAGES: [&str; 2] = ["v1/", HASHED];

/// Headers of every page. Pops open in named windows, which are found again only while the desk stays their opener;
/// hence `same-origin-allow-popups`.
const GUARDS: [(&str, &str); 5] = [
    ("referrer-policy", "no-referrer"),
    (
        "permissions-policy",
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), bluetooth=()",
    ),
    ("cross-origin-opener-policy", "same-origin-allow-popups"),
    ("cross-origin-resource-policy", "same-origin"),
    // For browsers that do not know `frame-ancestors`.
    ("x-frame-options", "DENY"),
];

#[derive(RustEmbed)]
#[folder = "../../agent-ui/dist"]
#[allow_missing = true]
struct Dist;

/// One built file.
struct File {
    bytes: Cow<'static, [u8]>,
    kind: String,
    hash: [u8; 32],
}

/// A page, or the problem that there is nothing at this path.
pub(crate) fn answer(request: &Request, place: &Place) -> Response {
    let nonce = session::new_nonce();
    match page(&built, request, &nonce, place) {
        Ok(page) => page,
        Err(problem) => problem.into_response(),
    }
}

fn built(path: &str) -> Option<File> {
    let file = Dist::get(path)?;
    let kind = file.metadata.mimetype().to_owned();
    Some(File { bytes: file.data, kind, hash: file.metadata.sha256_hash() })
}

/// Finds the file at the path; any other address that a browser wants a page of is one of the desk's own.
fn page(
    find: &dyn Fn(&str) -> Option<File>,
    request: &Request,
    nonce: &str,
    place: &Place,
) -> Result<Response, Problem> {
    let nowhere = || Problem::not_found("path", request.uri().path());
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(nowhere());
    }
    let path = request.uri().path().trim_start_matches('/');
    let is_variant = matches!(path.rsplit('.').next(), Some("br" | "gz"));
    if !path.is_empty()
        && path != INDEX
        && !is_variant
        && let Some(file) = find(path)
    {
        return Ok(asset(find, path, file, request.headers()));
    }
    let wants_page = path != "v1"
        && !NO_PAGES.iter().any(|start| path.starts_with(start))
        && accepts_html(request.headers());
    if !wants_page {
        return Err(nowhere());
    }
    match find(INDEX) {
        Some(index) => Ok(front(&index, nonce, place)),
        None => Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "pages_missing",
            "this build carries no pages; build them with `npm ci` and `npm run build` in agent-ui, or take \
             `cargo xtask demo`, which does it for you",
        )),
    }
}

/// The index with the answer's own nonce in it, and the hosts of a frame.
fn front(index: &File, nonce: &str, place: &Place) -> Response {
    let html = put_in(&index.bytes, NONCE_PLACE, nonce.as_bytes());
    let html = put_in(&html, HOSTS_PLACE, place.hosts().join(" ").as_bytes());
    let mut response = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(policy) = HeaderValue::from_str(&policy(nonce, &place.ancestors())) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    guard(headers);
    place.open(headers);
    response
}

fn policy(nonce: &str, ancestors: &str) -> String {
    // Styles set by script need no word here; `<style>` elements of the component library carry the nonce.
    format!(
        "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
         frame-ancestors {ancestors}"
    )
}

/// Writes the text wherever the mark stands.
fn put_in(html: &[u8], mark: &[u8], text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.windows(mark.len()).position(|window| window == mark) {
        let (before, after) = rest.split_at(at);
        out.extend_from_slice(before);
        out.extend_from_slice(text);
        rest = after.get(mark.len()..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

/// A file as it is, or as the build compressed it.
fn asset(find: &dyn Fn(&str) -> Option<File>, path: &str, plain: File, asked: &HeaderMap) -> Response {
    let tag = tag(&plain.hash);
    let same = asked.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let compressed = [("br", "br"), ("gzip", "gz")].into_iter().find_map(|(name, ending)| {
        accepts(asked, header::ACCEPT_ENCODING, name).then_some(())?;
        Some((name, find(&format!("{path}.{ending}"))?))
    });
    let kind = HeaderValue::from_str(&plain.kind);
    let (encoding, bytes) = match compressed {
        Some((name, file)) => (Some(name), file.bytes),
        None => (None, plain.bytes),
    };
    let mut response = if same { StatusCode::NOT_MODIFIED.into_response() } else { bytes.into_response() };
    let headers = response.headers_mut();
    if let Ok(kind) = kind {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    if let Some(name) = encoding.filter(|_| !same) {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let caching = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    guard(headers);
    if path.starts_with(FOR_HOSTS) {
        // A script that holds no data; modules of other origins are loaded with CORS.
        headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    response
}

fn guard(headers: &mut HeaderMap) {
    for (name, value) in GUARDS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
}

/// Weak, because it stands for the compressed forms too.
fn tag(hash: &[u8; 32]) -> String {
    let start = hash.first_chunk().copied().map(u64::from_be_bytes).unwrap_or_default();
    format!("W/\"{start:016x}\"")
}

/// Whether a browser asks for a page; a program that mistypes a path of the API does not.
fn accepts_html(headers: &HeaderMap) -> bool {
    accepts(headers, header::ACCEPT, "text/html")
}

/// Whether the list names `wanted`, and not with weight 0.
fn accepts(headers: &HeaderMap, list: HeaderName, wanted: &str) -> bool {
    let lists = headers.get_all(list).into_iter().filter_map(|value| value.to_str().ok());
    let mut items = lists.flat_map(|list| list.split(','));
    items.any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(wanted));
        let is_refused = parts
            .filter_map(|part| part.strip_prefix("q="))
            .any(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0));
        is_named && !is_refused
    })
}

#[cfg(test)]
mod tests;
