//! Opens the connection: name, TCP, TLS.

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpSocket, TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{ClientConfig, tls};
use crate::error::LinkError;

/// A connection of either kind.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// Connects within the configured time.
pub(super) async fn connect(config: &ClientConfig) -> Result<Box<dyn Wire>, LinkError> {
    timeout(config.connect_timeout, open(config)).await.unwrap_or_else(|_| {
        let detail = format!("no connection to {}:{} in time", config.host, config.port);
        Err(LinkError::Transport { detail })
    })
}

async fn open(config: &ClientConfig) -> Result<Box<dyn Wire>, LinkError> {
    // TLS first: a mistake in its configuration shows without any traffic.
    let tls = config.tls.as_ref().map(|options| tls::prepare(options, &config.host)).transpose()?;
    let stream = open_tcp(config).await?;
    let Some((tls_config, name)) = tls else {
        return Ok(Box::new(stream));
    };
    let stream = TlsConnector::from(tls_config)
        .connect(name, stream)
        .await
        .map_err(|error| LinkError::Tls { detail: error.to_string() })?;
    Ok(Box::new(stream))
}

async fn open_tcp(config: &ClientConfig) -> Result<TcpStream, LinkError> {
    let transport = |error: std::io::Error| LinkError::Transport {
        detail: format!("{}:{}: {error}", config.host, config.port),
    };
    let mut last = LinkError::Transport { detail: format!("{} has no address", config.host) };
    for address in lookup_host((config.host.as_str(), config.port)).await.map_err(transport)? {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
        let socket = socket.map_err(transport)?;
        // A smaller buffer than asked for (system limit) is no reason not to connect.
        let _ = socket.set_recv_buffer_size(config.receive_buffer);
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
