//! Protection against requests that another site makes with a signed-in person's cookie.
//!
//! A request that carries its token in a header or a frame cannot be forged that way; only the cookie is checked.

use axum::http::{HeaderMap, StatusCode, header};

use crate::error::Problem;

/// Refuses a cookie request that a page of another origin made. Browsers say so by `Sec-Fetch-Site` or `Origin`;
/// a request with neither does not come from a page of another site.
pub(crate) fn check(headers: &HeaderMap, trusted: &[String]) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text("origin");
    if origin.is_some_and(|origin| trusted.iter().any(|one| one == origin)) {
        return Ok(());
    }
    let allowed = match (text("sec-fetch-site"), origin) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, None) => !headers.contains_key("origin"),
        (None, Some(origin)) => {
            let host = text(header::HOST.as_str());
            let of_origin = origin.split_once("://").map(|(_, authority)| authority);
            host.is_some() && of_origin == host
        }
    };
    if allowed {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "cross_site",
        "a page of another site may not use this cookie; add its origin to `cors_origins` or send a token",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(headers: &[(&'static str, &'static str)]) -> bool {
        let map =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        check(&map, &["https://crm.example".to_owned()]).is_ok()
    }

    #[test]
    fn only_the_own_page_and_trusted_ones_may_use_the_cookie() {
        assert!(allowed(&[]));
        assert!(allowed(&[("sec-fetch-site", "same-origin")]));
        assert!(allowed(&[("sec-fetch-site", "none")]));
        assert!(!allowed(&[("sec-fetch-site", "cross-site")]));
        assert!(!allowed(&[("sec-fetch-site", "same-site")]));
        assert!(allowed(&[("sec-fetch-site", "cross-site"), ("origin", "https://crm.example")]));
        assert!(allowed(&[("origin", "http://cti.example:8080"), ("host", "cti.example:8080")]));
        assert!(!allowed(&[("origin", "http://evil.example"), ("host", "cti.example:8080")]));
        assert!(!allowed(&[("origin", "null"), ("host", "cti.example")]));
    }
}
