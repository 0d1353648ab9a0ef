//! The way to a records service: one request, one bounded answer.

use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Certificate, Identity, StatusCode, Url, redirect};

use super::Message;

/// Largest answer. The document itself never comes back, so this is plenty.
const ANSWER_BYTES: usize = 1024 * 1024;
/// How long a connection may take to stand.
const CONNECT_WAIT: Duration = Duration::from_secs(10);

/// How a records service is reached.
#[derive(Clone)]
pub struct Access {
    /// Address of the service.
    pub url: Url,
    /// How long a whole request may take.
    pub timeout: Duration,
    /// Authorities of its certificate instead of the public ones, PEM.
    pub ca: Option<Vec<u8>>,
    /// Our certificate with its chain and key, PEM.
    pub identity: Option<Vec<u8>>,
    /// Name and password (HTTP basic).
    pub login: Option<(String, String)>,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("host", &self.url.host_str())
            .field("timeout", &self.timeout)
            .field("ca", &self.ca.is_some())
            .field("identity", &self.identity.is_some())
            .field("login", &self.login.is_some())
            .finish_non_exhaustive()
    }
}

/// An answer, whatever it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// What came with it.
    pub body: Vec<u8>,
}

/// No answer, or none that could be read whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreached {
    /// True when the request may have arrived all the same.
    pub unsure: bool,
    /// What went wrong.
    pub text: String,
}

/// Speaks to one records service.
#[derive(Debug, Clone)]
pub struct Client {
    access: Access,
    http: reqwest::Client,
}

impl Client {
    /// Prepares the way; every mistake in certificates is named here. The process must have a crypto provider.
    pub fn new(access: Access) -> Result<Self, String> {
        let mut http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_WAIT)
            .timeout(access.timeout);
        if let Some(pem) = &access.ca {
            let found = Certificate::from_pem_bundle(pem).map_err(|error| told(&error))?;
            if found.is_empty() {
                return Err("the file of the authority holds no certificate in PEM".to_owned());
            }
            http = http.tls_certs_only(found);
        }
        if let Some(pem) = &access.identity {
            http = http.identity(Identity::from_pem(pem).map_err(|error| told(&error))?);
        }
        Ok(Self { http: http.build().map_err(|error| told(&error))?, access })
    }

    /// Sends a message and waits for the answer.
    pub async fn send(&self, message: &Message) -> Result<Reply, Unreached> {
        let action = HeaderValue::from_str(&format!("\"{}\"", message.operation.name()));
        let mut request = self
            .http
            .post(self.access.url.clone())
            .header(CONTENT_TYPE, "text/xml; charset=utf-8")
            .header("SOAPAction", action.unwrap_or_else(|_| HeaderValue::from_static("\"\"")))
            .body(message.body.clone());
        if let Some((user, password)) = &self.access.login {
            request = request.basic_auth(user, Some(password));
        }
        let mut answer = request.send().await.map_err(|error| unreached(&error))?;
        let status = answer.status();
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(|error| unreached(&error))? {
            if body.len() + part.len() > ANSWER_BYTES {
                let text = format!("the answer ({status}) is longer than {ANSWER_BYTES} bytes");
                return Err(Unreached { unsure: status == StatusCode::OK, text });
            }
            body.extend_from_slice(&part);
        }
        Ok(Reply { status: status.as_u16(), body })
    }
}

/// An address that requests can be sent to; none when it is no web address.
pub fn address(text: &str) -> Option<Url> {
    let url = text.parse::<Url>().ok()?;
    (matches!(url.scheme(), "http" | "https") && url.host_str().is_some()).then_some(url)
}

fn unreached(error: &reqwest::Error) -> Unreached {
    Unreached { unsure: !error.is_connect() && !error.is_builder(), text: told(error) }
}

/// The innermost cause is what helps; the address is known to whoever reads it.
fn told(error: &reqwest::Error) -> String {
    if error.is_timeout() && !error.is_connect() {
        return "no answer in time".to_owned();
    }
    let mut cause = error.source();
    let mut text = error.to_string();
    while let Some(inner) = cause {
        text = inner.to_string();
        cause = inner.source();
    }
    text.chars().take(300).collect()
}
