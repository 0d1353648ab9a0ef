use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::routing::get;
use hyper::body::{Bytes, Frame};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use rustls_pki_types::pem::PemObject;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, mpsc};
use tokio_rustls::TlsConnector;

use super::*;

fn local() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

async fn bound(tls: &Tls, folder: &Path) -> Bound {
    bind(local(), tls, &["localhost".to_owned()], folder).await.unwrap()
}

/// Silence ends a connection soon, so that a test need not wait long for it.
async fn impatient(folder: &Path) -> Bound {
    let moment = Duration::from_millis(200);
    let limits = Limits { head: moment, ping_every: moment, ping_patience: moment };
    Bound { limits, ..bound(&Tls::Off, folder).await }
}

/// Sends this, then nothing, and reads until the server ends the connection.
async fn silent_after(first: &[u8], address: SocketAddr) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(first).await.unwrap();
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await;
    // A reset is an end as well.
    drop(ended.expect("the server ends it"));
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

// covers: SEC-06
#[tokio::test]
async fn the_address_of_a_request_is_the_one_that_a_proxy_of_ours_names() {
    use axum::extract::Extension;
    use webapi::PeerAddress;
    let folder = tempfile::tempdir().unwrap();
    let told = || {
        let show = |Extension(peer): Extension<PeerAddress>| async move { peer.0.to_string() };
        Router::new().route("/", get(show))
    };
    let trusted = Proxies(vec!["127.0.0.0/8".parse().unwrap()]);
    for (proxies, seen) in [(trusted, "198.51.100.7"), (Proxies::default(), "127.0.0.1")] {
        let bound = bound(&Tls::Off, folder.path()).await.behind(proxies);
        let mut stream = TcpStream::connect(bound.address).await.unwrap();
        let serving = bound.serve(told());
        let request = "GET / HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 203.0.113.9, 198.51.100.7\r\n\
                       connection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with(seen), "{answer}");
        serving.stop(Duration::from_secs(5)).await;
    }
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
    let bound = impatient(folder.path()).await;
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
    // A second connection that is ended for its silence shows that the time of ours is over as well.
    silent_after(b"", address).await;
    // A text frame `hi`, masked with zeros as a client must mask; the answer is not masked.
    stream.write_all(&[0x81, 0x82, 0, 0, 0, 0, b'h', b'i']).await.unwrap();
    let mut frame = [0; 4];
    stream.read_exact(&mut frame).await.unwrap();
    assert_eq!(&frame, &[0x81, 2, b'h', b'i']);
    drop(stream);
    serving.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn silent_peers_are_ended() {
    let folder = tempfile::tempdir().unwrap();
    let bound = impatient(folder.path()).await;
    let address = bound.address;
    let serving = bound.serve(hello());
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    // HEADERS of stream 1 with END_STREAM and END_HEADERS: GET, http, / (all of the static table), `:authority` a.
    let headers = [0, 0, 6, 1, 5, 0, 0, 0, 1, 0x82, 0x86, 0x84, 0x41, 1, b'a'];
    let greeted = [preface.as_slice(), &settings].concat();
    let asked = [greeted.as_slice(), &headers].concat();
    let kept = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    for first in [b"".as_slice(), b"GET / HT", b"PRI * HT", kept, &greeted, &asked] {
        silent_after(first, address).await;
    }
    serving.stop(Duration::from_secs(5)).await;
}

/// An answer that comes in pieces, as a stream of events does.
struct Pieces(mpsc::Receiver<&'static str>);

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| Ok(Frame::data(Bytes::from(piece)))))
    }
}

#[tokio::test]
async fn a_stream_of_events_outlives_the_limits_of_silence() {
    let folder = tempfile::tempdir().unwrap();
    let (say, pieces) = mpsc::channel(1);
    let pieces = Arc::new(std::sync::Mutex::new(Some(pieces)));
    let stream = Router::new().route(
        "/",
        get(move || async move { axum::body::Body::new(Pieces(pieces.lock().unwrap().take().unwrap())) }),
    );
    let bound = impatient(folder.path()).await;
    let address = bound.address;
    let serving = bound.serve(stream);
    let asking = tokio::spawn(async move { ask(TcpStream::connect(address).await.unwrap()).await });
    say.send("early").await.unwrap();
    silent_after(b"", address).await;
    say.send("late").await.unwrap();
    drop(say);
    let answer = asking.await.unwrap();
    assert!(answer.contains("early") && answer.contains("late"), "{answer}");
    serving.stop(Duration::from_secs(5)).await;
}
