//! The server's sockets: plain or TLS 1.2 and later, HTTP/1.1 and HTTP/2 on one port, upgrades to WebSocket included.
//! Which page answers what is the router's affair, not ours.

mod certificate;
mod proxies;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

pub use proxies::{Network, Proxies};

use crate::config::Tls;

/// Connections served at once; further ones wait in the system's own queue.
const MAX_CONNECTIONS: usize = 8192;
/// Longest wait for a TLS handshake or for the head of a request.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often an HTTP/2 client is asked whether it is still there, and how long it may take to say so.
const PING_EVERY: Duration = Duration::from_secs(20);
const PING_PATIENCE: Duration = Duration::from_secs(20);

/// How long a connection may be silent. Answers and upgraded connections are not bounded by it: streams of events
/// live for days, and send signs of life of their own.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// For the first request, and on HTTP/1.1 for the head of every further one.
    head: Duration,
    ping_every: Duration,
    ping_patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { head: PATIENCE, ping_every: PING_EVERY, ping_patience: PING_PATIENCE }
    }
}

/// Why the server cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The address cannot be used.
    #[error("listen on {address} (server.listen): choose a free port of this machine")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file of the certificate cannot be read or written.
    #[error("{doing} {}", file.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// Which file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A PEM file holds nothing of use.
    #[error("{} holds no {wanted} in PEM form ({key})", file.display())]
    Pem {
        /// Which file.
        file: PathBuf,
        /// What was looked for.
        wanted: &'static str,
        /// Key of the configuration.
        key: &'static str,
    },
    /// Certificate and key are of no use together.
    #[error("use the certificate and key of server.tls_cert and server.tls_key: they must belong together")]
    Certificate {
        /// Why.
        #[source]
        source: rustls::Error,
    },
    /// A certificate of our own cannot be made.
    #[error("make a self-signed certificate for {name}")]
    SelfSigned {
        /// For which host name.
        name: String,
        /// Why.
        #[source]
        source: rcgen::Error,
    },
}

/// A bound server that does not answer yet.
pub struct Bound {
    listener: TcpListener,
    /// Where it listens; the port is the real one also when the configuration said 0.
    pub address: SocketAddr,
    tls: Option<TlsAcceptor>,
    limits: Limits,
    proxies: Arc<Proxies>,
}

impl std::fmt::Debug for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bound")
            .field("address", &self.address)
            .field("tls", &self.tls.is_some())
            .finish_non_exhaustive()
    }
}

/// A server that answers.
#[derive(Debug)]
pub struct Serving {
    stop: oneshot::Sender<Duration>,
    task: JoinHandle<()>,
}

/// Takes the address. `names` are the host names a self-signed certificate is made for, `folder` keeps it.
pub async fn bind(
    address: SocketAddr,
    tls: &Tls,
    names: &[String],
    folder: &std::path::Path,
) -> Result<Bound, WebError> {
    let tls = match tls {
        Tls::Off => None,
        Tls::SelfSigned => Some(certificate::self_signed(folder, names)?),
        Tls::Files { cert, key } => Some(certificate::from_files(cert, key)?),
    };
    if tls.is_none() && !address.ip().is_loopback() {
        tracing::warn!(%address, "passwords and calls travel unprotected: set server.tls, or listen on 127.0.0.1 behind a proxy");
    }
    let refused = |source| WebError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    Ok(Bound {
        listener,
        address,
        tls: tls.map(|config| TlsAcceptor::from(Arc::new(config))),
        limits: Limits::default(),
        proxies: Arc::default(),
    })
}

impl Bound {
    /// `http` or `https`.
    pub const fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// Believes these proxies whom they speak for.
    #[must_use]
    pub fn behind(self, proxies: Proxies) -> Self {
        Self { proxies: Arc::new(proxies), ..self }
    }

    /// Starts answering.
    pub fn serve(self, router: Router) -> Serving {
        let (stop, stopped) = oneshot::channel();
        let shared = Shared { limits: self.limits, proxies: self.proxies, router };
        let task = tokio::spawn(accept(self.listener, self.tls, shared, stopped));
        Serving { stop, task }
    }
}

impl Serving {
    /// Takes no new connections, lets running requests end for at most `patience`, then closes.
    pub async fn stop(self, patience: Duration) {
        // An error means that the task has ended already.
        let _sent = self.stop.send(patience);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the web server ended badly");
        }
    }
}

/// What all connections have in common.
#[derive(Clone)]
struct Shared {
    limits: Limits,
    proxies: Arc<Proxies>,
    router: Router,
}

async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    shared: Shared,
    mut stopped: oneshot::Receiver<Duration>,
) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let patience = loop {
        let place = tokio::select! {
            patience = &mut stopped => break patience.unwrap_or(Duration::ZERO),
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let Ok(place) = place else {
            break Duration::ZERO;
        };
        let accepted = tokio::select! {
            patience = &mut stopped => break patience.unwrap_or(Duration::ZERO),
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file handles, or the peer was gone already; neither is mended by trying at once.
                tracing::warn!(%error, "accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let watcher = graceful.watcher();
        let (tls, shared) = (tls.clone(), shared.clone());
        tokio::spawn(async move {
            let _place = place;
            if stream.set_nodelay(true).is_err() {
                return;
            }
            let served = match tls {
                None => serve(stream, peer, shared, watcher).await,
                Some(tls) => match handshake(&tls, stream).await {
                    Ok(stream) => serve(stream, peer, shared, watcher).await,
                    Err(error) => Err(error.into()),
                },
            };
            if let Err(error) = served {
                tracing::debug!(%peer, %error, "connection ended");
            }
        });
    };
    drop(listener);
    if tokio::time::timeout(patience, graceful.shutdown()).await.is_err() {
        tracing::info!("closing connections that did not end in time");
    }
}

async fn handshake(
    tls: &TlsAcceptor,
    stream: TcpStream,
) -> io::Result<tokio_rustls::server::TlsStream<TcpStream>> {
    tokio::time::timeout(PATIENCE, tls.accept(stream)).await?
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    peer: SocketAddr,
    shared: Shared,
    watcher: hyper_util::server::graceful::Watcher,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let Shared { limits, proxies, router } = shared;
    let begun = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&begun);
    let service = service_fn(move |mut request: Request<Incoming>| {
        asked.store(true, Ordering::Release);
        let client = proxies.client(peer.ip(), request.headers());
        request.extensions_mut().insert(webapi::PeerAddress(client));
        let answer = router.clone().oneshot(request);
        async move {
            let response: Result<Response, Infallible> = answer.await;
            response
        }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.head);
    builder
        .http2()
        .timer(TokioTimer::new())
        .enable_connect_protocol()
        .keep_alive_interval(limits.ping_every)
        .keep_alive_timeout(limits.ping_patience);
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(watcher.watch(connection));
    // Before the first bytes no version is known, and so none of the limits above holds.
    if let Ok(ended) = tokio::time::timeout(limits.head, &mut connection).await {
        return ended;
    }
    if !begun.load(Ordering::Acquire) {
        return Err("no request came".into());
    }
    connection.await
}

#[cfg(test)]
mod tests;
