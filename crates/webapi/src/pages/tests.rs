use axum::body::{Body, to_bytes};

use super::*;

const HTML: &str = "<head><meta name=\"tieline-hosts\" content=\"tieline-embed-hosts\"><meta property=\"csp-nonce\" nonce=\"tieline-csp-nonce\">\
                    <script nonce=\"tieline-csp-nonce\" src=\"/assets/a-1.js\"></script></head>";

/// A build with an index, a script in three forms and an icon.
fn dist(path: &str) -> Option<File> {
    let (text, kind) = match path {
        "index.html" => (HTML, "text/html"),
        "assets/a-1.js" => ("plain", "text/javascript"),
        "assets/a-1.js.br" => ("brotli", "application/octet-stream"),
        "assets/a-1.js.gz" => ("gzip", "application/gzip"),
        "embed/host.js" => ("export {}", "text/javascript"),
        "icon.svg" => ("<svg/>", "image/svg+xml"),
        _ => return None,
    };
    Some(File { bytes: Cow::Borrowed(text.as_bytes()), kind: kind.to_owned(), hash: [7; 32] })
}

fn ask(method: Method, path: &str, headers: &[(&str, &str)]) -> Request {
    let mut request = axum::http::Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

fn get(path: &str, headers: &[(&str, &str)]) -> Result<Response, Problem> {
    get_at(path, headers, &Place::Desk)
}

fn get_at(path: &str, headers: &[(&str, &str)], place: &Place) -> Result<Response, Problem> {
    page(&dist, &ask(Method::GET, path, headers), "abc", place)
}

/// As a browser asks when somebody types an address.
const NAVIGATION: [(&str, &str); 1] = [("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];

async fn text(response: Response) -> String {
    String::from_utf8(to_bytes(response.into_body(), 1_000).await.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn every_address_of_the_desk_gives_the_index() {
    for path in ["/", "/index.html", "/calls/call_1?tab=notes", "/setup"] {
        let response = get(path, &NAVIGATION).unwrap();
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8", "{path}");
        assert_eq!(response.headers()["cache-control"], "no-cache");
        let html = text(response).await;
        assert!(html.contains("nonce=\"abc\"><script nonce=\"abc\""), "{html}");
    }
}

#[test]
fn the_index_runs_and_frames_nothing_foreign() {
    let response = get("/", &NAVIGATION).unwrap();
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    for rule in [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'nonce-abc'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.split("; ").any(|one| one == rule), "{rule} is not in {policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(response.headers()["referrer-policy"], "no-referrer");
    assert_eq!(response.headers()["cross-origin-opener-policy"], "same-origin-allow-popups");
    assert!(response.headers().contains_key("permissions-policy"));
}

#[test]
fn what_is_no_page_stays_a_problem() {
    for path in ["/v1", "/v1/nowhere", "/assets/gone-1.js", "/assets/a-1.js.br"] {
        assert_eq!(get(path, &NAVIGATION).unwrap_err().status, StatusCode::NOT_FOUND, "{path}");
    }
    // A program, not a browser.
    assert_eq!(get("/v2/calls", &[("accept", "*/*")]).unwrap_err().code, "not_found");
    assert_eq!(get("/calls", &[("accept", "text/html;q=0")]).unwrap_err().code, "not_found");
    let posted = page(&dist, &ask(Method::POST, "/", &NAVIGATION), "abc", &Place::Desk);
    assert_eq!(posted.unwrap_err().status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn hashed_files_are_kept_and_come_as_the_build_compressed_them() {
    for (encodings, name, bytes) in [
        ("gzip, deflate, br", Some("br"), "brotli"),
        ("gzip, br;q=0", Some("gzip"), "gzip"),
        ("identity", None, "plain"),
    ] {
        let response = get("/assets/a-1.js", &[("accept-encoding", encodings)]).unwrap();
        let headers = response.headers();
        assert_eq!(headers.get("content-encoding").map(|value| value.to_str().unwrap()), name);
        assert_eq!(headers["content-type"], "text/javascript");
        assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(headers["vary"], "accept-encoding");
        assert_eq!(text(response).await, bytes);
    }
}

#[test]
fn a_file_that_did_not_change_is_not_sent_again() {
    let first = get("/icon.svg", &[]).unwrap();
    assert_eq!(first.headers()["cache-control"], "no-cache");
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let again = get("/icon.svg", &[("if-none-match", &tag)]).unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
}

#[test]
fn a_build_without_pages_says_how_to_make_them() {
    let problem = page(&|_| None, &ask(Method::GET, "/", &NAVIGATION), "abc", &Place::Desk).unwrap_err();
    assert_eq!((problem.status, problem.code), (StatusCode::SERVICE_UNAVAILABLE, "pages_missing"));
    assert!(problem.detail.contains("npm run build"), "{}", problem.detail);
}

// covers: INT-15
#[tokio::test]
async fn only_the_frame_is_framed_and_only_by_whom_an_administrator_named() {
    let hosts = vec!["https://crm.example".to_owned(), "https://erp.example:8443".to_owned()];
    let policy = |response: &Response| {
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        policy.rsplit("; ").next().unwrap().to_owned()
    };
    for (path, place) in
        [("/", Place::Desk), (FRAME, Place::Frame(Vec::new())), (FRAME_SIGN_IN, Place::SignIn)]
    {
        let response = get_at(path, &NAVIGATION, &place).unwrap();
        assert_eq!(policy(&response), "frame-ancestors 'none'", "{path}");
        assert_eq!(response.headers()["x-frame-options"], "DENY", "{path}");
        assert!(text(response).await.contains("content=\"\""), "{path}");
    }
    let response = get_at(FRAME, &NAVIGATION, &Place::Frame(hosts)).unwrap();
    assert_eq!(policy(&response), "frame-ancestors https://crm.example https://erp.example:8443");
    assert!(response.headers().get("x-frame-options").is_none());
    assert!(text(response).await.contains("content=\"https://crm.example https://erp.example:8443\""));
}

// covers: INT-15
#[test]
fn the_script_for_hosts_is_the_only_file_that_other_pages_may_load() {
    let script = get("/embed/host.js", &[]).unwrap();
    assert_eq!(script.headers()["access-control-allow-origin"], "*");
    assert_eq!(script.headers()["cross-origin-resource-policy"], "cross-origin");
    assert_eq!(script.headers()["cache-control"], "no-cache");
    let other = get("/assets/a-1.js", &[]).unwrap();
    assert!(other.headers().get("access-control-allow-origin").is_none());
    assert_eq!(other.headers()["cross-origin-resource-policy"], "same-origin");
    let sign_in = get_at(FRAME_SIGN_IN, &NAVIGATION, &Place::SignIn).unwrap();
    assert_eq!(sign_in.headers()["cross-origin-opener-policy"], "unsafe-none");
}
