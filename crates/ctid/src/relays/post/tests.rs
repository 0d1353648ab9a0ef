use cti_core::ids::WebhookId;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls_pki_types::PrivateKeyDer;
use store::{WebhookSettings, WebhookState};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::relays::guard::system;

const AT: Timestamp = Timestamp::from_micros(1_795_270_522_000_000);

/// Writes an authority as `NAME.pem` into the folder; gives it back to sign with.
fn authority(folder: &Path, name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    std::fs::write(folder.join(format!("{name}.pem")), authority.pem()).unwrap();
    authority
}

/// A receiver for `localhost` with a certificate of this authority, which takes everything; its port.
async fn receiver(authority: &CertifiedIssuer<'static, KeyPair>) -> u16 {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(certificate.pem().as_bytes()).unwrap()],
            PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut asked = String::new();
            let mut chunk = vec![0; 4096];
            while !asked.ends_with("the body") {
                let Ok(read @ 1..) = stream.read(&mut chunk).await else { break };
                asked.push_str(&String::from_utf8_lossy(&chunk[..read]));
            }
            stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await.ok();
            stream.shutdown().await.ok();
        }
    });
    port
}

fn endpoint(url: String) -> WebhookEndpoint {
    WebhookEndpoint {
        id: WebhookId::derive(AT, 1, 1),
        version: 1,
        created_at: AT,
        settings: WebhookSettings {
            name: "erp".to_owned(),
            url,
            enabled: true,
            types: vec!["*".to_owned()],
            queues: Vec::new(),
            users: Vec::new(),
            data: std::collections::BTreeMap::new(),
            mask: Vec::new(),
        },
        secrets: Vec::new(),
        cursor: 0,
        state: WebhookState::Working,
        reason: None,
        since: AT,
        lost: 0,
        replay: None,
    }
}

// covers: SEC-08
#[tokio::test]
async fn an_endpoint_is_posted_to_only_when_its_certificate_is_of_an_authority_we_trust() {
    crate::install_crypto();
    let folder = tempfile::tempdir().unwrap();
    let key = Key::load(&folder.path().join("secret.key")).unwrap();
    let ours = authority(folder.path(), "ours");
    authority(folder.path(), "other");
    let port = receiver(&ours).await;
    let guard = Guard::new(vec!["127.0.0.1".parse().unwrap()]);
    let post = async |authority: Option<&str>, url: String| {
        let file = authority.map(|name| folder.path().join(name));
        let outside = Outside::new(guard.clone(), file.as_deref(), system()).unwrap();
        let poster = Poster::new(&outside, &key, &endpoint(url)).unwrap();
        poster.post("msg_1", Bytes::from_static(b"the body"), AT).await
    };
    let by_name = || format!("https://localhost:{port}/hook");
    let taken = post(Some("ours.pem"), by_name()).await;
    assert_eq!(taken.status, Some(204), "{}", taken.detail);
    for (authority, url) in [
        (Some("other.pem"), by_name()),
        (None, by_name()),
        // The right authority, but the certificate is for another name.
        (Some("ours.pem"), format!("https://127.0.0.1:{port}/hook")),
    ] {
        let refused = post(authority, url).await;
        assert_eq!(refused.status, None, "{authority:?}");
        assert!(refused.detail.contains("certificate"), "{authority:?}: {}", refused.detail);
    }
    // Without TLS only addresses of the house that were allowed are posted to.
    let outside = Outside::new(guard, None, system()).unwrap();
    Poster::new(&outside, &key, &endpoint("http://192.0.2.7/hook".to_owned())).unwrap_err();
}

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
