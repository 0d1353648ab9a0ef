//! Opens the connection: name, TCP, TLS.

use std::time::Duration;

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpSocket, TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{ClientConfig, TlsOptions, tls};
use crate::error::LinkError;

/// A connection of either kind.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// Where to connect to, and how. Other wires than the manager interface connect the same way.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Host name or address.
    pub host: &'a str,
    /// Port.
    pub port: u16,
    /// TLS from the first byte, if given.
    pub tls: Option<&'a TlsOptions>,
    /// Time for the connection and the TLS handshake.
    pub within: Duration,
    /// Receive buffer asked of the kernel, in bytes.
    pub receive_buffer: u32,
}

/// Connects within the configured time.
pub(super) async fn connect(config: &ClientConfig) -> Result<Box<dyn Wire>, LinkError> {
    let target = Target {
        host: &config.host,
        port: config.port,
        tls: config.tls.as_ref(),
        within: config.connect_timeout,
        receive_buffer: config.receive_buffer,
    };
    open(target).await
}

/// Connects to a target.
pub async fn open(target: Target<'_>) -> Result<Box<dyn Wire>, LinkError> {
    timeout(target.within, open_in_time(target)).await.unwrap_or_else(|_| {
        let detail = format!("no connection to {}:{} in time", target.host, target.port);
        Err(LinkError::Transport { detail })
    })
}

async fn open_in_time(target: Target<'_>) -> Result<Box<dyn Wire>, LinkError> {
    // TLS first: a mistake in its configuration shows without any traffic.
    let tls = target.tls.map(|options| tls::prepare(options, target.host)).transpose()?;
    let stream = open_tcp(target).await?;
    let Some((tls_config, name)) = tls else {
        return Ok(Box::new(stream));
    };
    let stream = TlsConnector::from(tls_config)
        .connect(name, stream)
        .await
        .map_err(|error| LinkError::Tls { detail: error.to_string() })?;
    Ok(Box::new(stream))
}

async fn open_tcp(target: Target<'_>) -> Result<TcpStream, LinkError> {
    let transport = |error: std::io::Error| LinkError::Transport {
        detail: format!("{}:{}: {error}", target.host, target.port),
    };
    let mut last = LinkError::Transport { detail: format!("{} has no address", target.host) };
    for address in lookup_host((target.host, target.port)).await.map_err(transport)? {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
        let socket = socket.map_err(transport)?;
        // A smaller buffer than asked for (system limit) is no reason not to connect.
        let _ = socket.set_recv_buffer_size(target.receive_buffer);
        match socket.connect(address).await {
            Ok(stream) => {
                stream.set_nodelay(true).map_err(transport)?;
                return Ok(stream);
            }
            Err(error) => last = transport(error),
        }
    }
    Err(last)
}
