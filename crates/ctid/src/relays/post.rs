//! One signed request to an endpoint, and what came of it.

use std::error::Error;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use crm_bridge::webhook::{Answer, SigningKey};
use cti_core::time::Timestamp;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use store::WebhookEndpoint;
use url::Url;

use super::guard::{Checked, Guard, LookUp};
use crate::seal::Key;

/// How long an endpoint may take to answer, from the first byte of the connection to the last of the answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(15);

/// A connection that is not used for so long is closed.
const IDLE: Duration = Duration::from_mins(1);

/// Bytes of an answer that are read at most.
const ANSWER_BYTES: usize = 4_096;

/// Characters of an answer that are shown.
const ANSWER_CHARS: usize = 200;

const CONTENT: &str = "application/cloudevents+json; charset=utf-8";
const AGENT: &str = concat!("Tieline/", env!("CARGO_PKG_VERSION"));

/// Why nothing can be posted to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PostError(
    /// Why, in words for an administrator.
    pub String,
);

/// Whom to trust and what to connect to: the same for all endpoints.
#[derive(Clone)]
pub(super) struct Outside {
    pub(super) guard: Guard,
    tls: Arc<ClientConfig>,
    look_up: LookUp,
}

impl Outside {
    /// Trusts public authorities and those of `tls_ca`.
    pub(super) fn new(guard: Guard, tls_ca: Option<&Path>, look_up: LookUp) -> Result<Self, PostError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(file) = tls_ca {
            let failed =
                |why: &dyn fmt::Display| PostError(format!("read {} (relay.tls_ca): {why}", file.display()));
            let pem = std::fs::read(file).map_err(|error| failed(&error))?;
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                let certificate = certificate.map_err(|error| failed(&error))?;
                roots.add(certificate).map_err(|error| failed(&error))?;
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| PostError(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { guard, tls: Arc::new(tls), look_up })
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside").field("guard", &self.guard).finish_non_exhaustive()
    }
}

/// Posts to one endpoint.
#[derive(Debug)]
pub(super) struct Poster {
    client: reqwest::Client,
    url: Url,
    /// With the end of their overlap.
    keys: Vec<(SigningKey, Option<Timestamp>)>,
}

impl Poster {
    /// The way to an endpoint, with its secrets opened.
    pub(super) fn new(outside: &Outside, key: &Key, endpoint: &WebhookEndpoint) -> Result<Self, PostError> {
        let url = outside.guard.check(&endpoint.settings.url).map_err(PostError)?;
        let mut keys = Vec::new();
        for secret in &endpoint.secrets {
            let text = key.open_webhook(endpoint.id, &secret.sealed);
            let text = text.map_err(|error| PostError(format!("open secret {}: {error}", secret.number)))?;
            let key = SigningKey::parse(text.reveal());
            let key = key.map_err(|error| PostError(format!("read secret {}: {error}", secret.number)))?;
            keys.push((key, secret.expires_at));
        }
        let resolver =
            Checked::new(outside.guard.clone(), url.scheme() == "http", Arc::clone(&outside.look_up));
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(ClientConfig::clone(&outside.tls))
            .dns_resolver(resolver)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .timeout(PATIENCE)
            .pool_idle_timeout(IDLE)
            .user_agent(AGENT)
            .build()
            .map_err(|error| PostError(chain(&error)))?;
        Ok(Self { client, url, keys })
    }

    /// Posts a body under this id, signed for this moment.
    pub(super) async fn post(&self, id: &str, body: Bytes, now: Timestamp) -> Answer {
        let timestamp_s = now.as_micros().div_euclid(1_000_000);
        let valid = self.keys.iter().filter(|(_, end)| end.is_none_or(|end| end > now));
        let signatures: Vec<String> = valid.map(|(key, _)| key.sign(id, timestamp_s, &body)).collect();
        let request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, CONTENT)
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp_s.to_string())
            .header("webhook-signature", signatures.join(" "))
            .body(body);
        let begun = Instant::now();
        let mut answer = match request.send().await {
            Ok(response) => read(response, now).await,
            Err(error) => Answer { detail: why(error), ..Answer::default() },
        };
        answer.took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        answer
    }
}

async fn read(mut response: reqwest::Response, now: Timestamp) -> Answer {
    let status = response.status().as_u16();
    let header = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after_ms = header.and_then(|text| retry_after_ms(text, now));
    let mut body = Vec::new();
    // A body that does not come whole changes nothing: the status has come.
    while let Ok(Some(part)) = response.chunk().await {
        body.extend_from_slice(&part);
        if body.len() > ANSWER_BYTES {
            break;
        }
    }
    body.truncate(ANSWER_BYTES);
    let text = String::from_utf8_lossy(&body);
    let shown = text.trim().chars().map(|one| if one.is_control() { ' ' } else { one });
    Answer { status: Some(status), retry_after_ms, detail: shown.take(ANSWER_CHARS).collect(), took_ms: 0 }
}

/// `Retry-After`: seconds, or a date.
fn retry_after_ms(text: &str, now: Timestamp) -> Option<u64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(seconds.saturating_mul(1_000));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_microsecond();
    Some(Timestamp::from_micros(date).millis_since(now))
}

/// Why no answer came, in words. The address is not in them: it may hold a key of the receiver.
fn why(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} s", PATIENCE.as_secs());
    }
    chain(&error.without_url())
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_said_in_seconds_or_by_date() {
        let now: Timestamp = Timestamp::from_micros(1_795_270_522_000_000);
        assert_eq!(retry_after_ms("120", now), Some(120_000));
        assert_eq!(retry_after_ms(" 0 ", now), Some(0));
        let date = jiff::Timestamp::from_second(1_795_270_582).unwrap();
        let date =
            jiff::fmt::strtime::format("%a, %d %b %Y %H:%M:%S GMT", &date.to_zoned(jiff::tz::TimeZone::UTC));
        assert_eq!(retry_after_ms(&date.unwrap(), now), Some(60_000));
        assert_eq!(retry_after_ms("Sat, 01 Jan 2000 00:00:00 GMT", now), Some(0), "a time that has passed");
        for nothing in ["", "soon", "-5"] {
            assert_eq!(retry_after_ms(nothing, now), None, "{nothing}");
        }
    }
}
