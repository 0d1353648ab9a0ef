use std::path::Path;

use crm_bridge::esss::{Dialect, Parties};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

const AT: Timestamp = Timestamp::from_micros(1_795_879_522_104_233);

/// Certificates of one authority in a folder: `ca.pem`, and certificate and key of `server` and `client`.
fn certificates(folder: &Path) {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    std::fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    for name in ["server", "client"] {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let cert = params.signed_by(&key, &authority).unwrap();
        std::fs::write(folder.join(format!("{name}.pem")), cert.pem()).unwrap();
        std::fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }
}

/// A service that lets in only who has a certificate of the authority, and answers every test; its port.
async fn service(folder: &Path) -> u16 {
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&read("ca.pem")).unwrap()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(&read("server.pem")).unwrap()],
            PrivateKeyDer::from_pem_slice(&read("server.key")).unwrap(),
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
            while !asked.contains("</soap:Envelope>") {
                let Ok(read @ 1..) = stream.read(&mut chunk).await else { break };
                asked.push_str(&String::from_utf8_lossy(&chunk[..read]));
            }
            let id = asked.split("<WsTestId>").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or("");
            let namespace = Dialect::Of2023.namespace();
            let body = format!(
                "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><WsTestResponse \
                 xmlns=\"{namespace}\"><WsTestId>{id}</WsTestId><OperaceStatus><Kod>0000</Kod></OperaceStatus>\
                 </WsTestResponse></s:Body></s:Envelope>"
            );
            let head =
                format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
            stream.write_all((head + &body).as_bytes()).await.ok();
            stream.shutdown().await.ok();
        }
    });
    port
}

fn config(folder: &Path, port: u16) -> RecordsConfig {
    RecordsConfig {
        id: "essl".to_owned(),
        name: "ESSL".to_owned(),
        url: format!("https://localhost:{port}/ermsAPI"),
        parties: Parties::new(Dialect::Of2023, "CTI", "ESSL", "TIELINE").unwrap(),
        login: Some(("tieline".to_owned(), crate::secret::Secret::new("three"))),
        ca: Some(folder.join("ca.pem")),
        client: Some((folder.join("client.pem"), folder.join("client.key"))),
        timeout: Duration::from_secs(10),
        test_every: Duration::from_mins(15),
        acting_user: None,
    }
}

// covers: INT-05
#[tokio::test]
async fn a_service_with_an_authority_of_its_own_lets_in_who_has_a_certificate() {
    crate::install_crypto();
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let port = service(folder.path()).await;
    let good = config(folder.path(), port);
    let known = Service::new(&good).unwrap();
    assert_eq!(known.seen().works, None);
    known.test(AT).await;
    assert_eq!((known.seen().works, known.seen().problem), (Some(true), None));
    assert_eq!(known.seen().since, Some(AT));

    for stranger in [
        RecordsConfig { client: None, ..good.clone() },
        RecordsConfig { ca: None, ..good.clone() },
        RecordsConfig { url: format!("https://127.0.0.1:{port}/"), ..good.clone() },
    ] {
        let stranger = Service::new(&stranger).unwrap();
        stranger.test(AT).await;
        let seen = stranger.seen();
        assert_eq!(seen.works, Some(false));
        assert_eq!(seen.problem.map(|problem| problem.kind), Some(store::FilingTrouble::Unreachable));
    }
    let told = format!("{known:?}");
    assert!(!told.contains("three") && !told.contains("PRIVATE"), "{told}");
}

#[test]
fn what_is_no_certificate_is_named_at_the_start() {
    crate::install_crypto();
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let good = config(folder.path(), 1);
    std::fs::write(folder.path().join("empty"), "no PEM").unwrap();
    let empty = Some(folder.path().join("empty"));
    let missing = Some(folder.path().join("missing"));
    let client = |key: &str| Some((folder.path().join("client.pem"), folder.path().join(key)));
    for (wrong, words) in [
        (RecordsConfig { ca: empty, ..good.clone() }, "holds no certificate"),
        (RecordsConfig { ca: missing, ..good.clone() }, "missing"),
        (RecordsConfig { client: client("missing"), ..good.clone() }, "missing"),
        (RecordsConfig { client: client("empty"), ..good }, "records essl"),
    ] {
        let error = Service::new(&wrong).unwrap_err().to_string();
        assert!(error.contains(words), "{words}: {error}");
    }
    let none = font(Some(&folder.path().join("empty"))).unwrap_err().to_string();
    assert!(none.contains("documents.font"), "{none}");
}
