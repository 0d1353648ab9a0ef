use std::path::Path;
use std::sync::Arc;

use axum::routing::get;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use rustls_pki_types::pem::PemObject;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio_rustls::TlsConnector;

use super::*;

fn local() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

async fn bound(tls: &Tls, folder: &Path) -> Bound {
    bind(local(), tls, &["localhost".to_owned()], folder).await.unwrap()
}

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> String {
    let request = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn connector(folder: &Path, version: &'static SupportedProtocolVersion) -> TlsConnector {
    let pem = std::fs::read(folder.join("self-signed.cert.pem")).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&pem).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// A whole `ClientHello` of TLS 1.1: the version, one cipher suite of that time, and the signature algorithms that
/// later versions ask for, so that nothing but the version is wrong with it.
fn client_hello_of_tls_1_1() -> Vec<u8> {
    let mut body = vec![3, 2];
    body.extend([7; 32]);
    body.extend([0, 0, 2, 0xC0, 0x14, 1, 0]);
    body.extend([0, 8, 0, 13, 0, 4, 0, 2, 4, 3]);
    let mut hello = vec![1, 0, 0, u8::try_from(body.len()).unwrap()];
    hello.extend(body);
    let mut record = vec![22, 3, 1, 0, u8::try_from(hello.len()).unwrap()];
    record.extend(hello);
    record
}

// covers: SEC-09
#[tokio::test]
async fn tls_1_2_and_1_3_are_spoken_and_tls_1_1_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let bound = bound(&Tls::SelfSigned, folder.path()).await;
    let address = bound.address;
    let serving = bound.serve(hello());
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let stream = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = connector(folder.path(), version).connect(name, stream).await.unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(version.version));
        assert!(ask(stream).await.ends_with("hello"));
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&client_hello_of_tls_1_1()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer.first(), Some(&21), "an alert, not {answer:?}");
    assert_eq!(answer.last(), Some(&70), "protocol_version, not {answer:?}");
    serving.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_certificate_from_files_is_used_and_a_wrong_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    bound(&Tls::SelfSigned, folder.path()).await;
    let cert = folder.path().join("self-signed.cert.pem");
    let key = folder.path().join("self-signed.key.pem");
    let files = Tls::Files { cert: cert.clone(), key: key.clone() };
    assert_eq!(bound(&files, folder.path()).await.scheme(), "https");
    let swapped = Tls::Files { cert: key, key: cert };
    let told = bind(local(), &swapped, &[], folder.path()).await.unwrap_err().to_string();
    assert!(told.contains("self-signed.key.pem") && told.contains("server.tls_cert"), "{told}");
}

#[tokio::test]
async fn a_running_request_ends_before_the_server_does() {
    let folder = tempfile::tempdir().unwrap();
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (inside, gate) = (Arc::clone(&begun), Arc::clone(&go_on));
    let slow = Router::new().route(
        "/",
        get(move || async move {
            inside.notify_one();
            gate.notified().await;
            "done"
        }),
    );
    let bound = bound(&Tls::Off, folder.path()).await;
    assert_eq!(bound.scheme(), "http");
    let address = bound.address;
    let serving = bound.serve(slow);
    let asking = tokio::spawn(async move { ask(TcpStream::connect(address).await.unwrap()).await });
    begun.notified().await;
    let stopping = tokio::spawn(serving.stop(Duration::from_secs(30)));
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    go_on.notify_one();
    assert!(asking.await.unwrap().ends_with("done"));
    stopping.await.unwrap();
}

#[tokio::test]
async fn an_address_in_use_is_told_with_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let first = bound(&Tls::Off, folder.path()).await;
    let told = bind(first.address, &Tls::Off, &[], folder.path()).await.unwrap_err().to_string();
    assert!(told.contains("server.listen"), "{told}");
}

#[tokio::test]
async fn a_web_socket_passes_through() {
    use axum::extract::ws::WebSocketUpgrade;
    let folder = tempfile::tempdir().unwrap();
    let echo = Router::new().route(
        "/",
        get(|upgrade: WebSocketUpgrade| async {
            upgrade.on_upgrade(|mut socket| async move {
                while let Some(Ok(message)) = socket.recv().await {
                    if socket.send(message).await.is_err() {
                        return;
                    }
                }
            })
        }),
    );
    let bound = bound(&Tls::Off, folder.path()).await;
    let address = bound.address;
    let serving = bound.serve(echo);
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                   sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    // A text frame `hi`, masked with zeros as a client must mask; the answer is not masked.
    stream.write_all(&[0x81, 0x82, 0, 0, 0, 0, b'h', b'i']).await.unwrap();
    let mut frame = [0; 4];
    stream.read_exact(&mut frame).await.unwrap();
    assert_eq!(&frame, &[0x81, 2, b'h', b'i']);
    drop(stream);
    serving.stop(Duration::from_secs(5)).await;
}
