//! The certificate the server shows: from two PEM files, or made by ourselves at first start.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::WebError;

/// A server configuration from `server.tls_cert` and `server.tls_key`.
pub(super) fn from_files(cert: &Path, key: &Path) -> Result<ServerConfig, WebError> {
    let chain = read(cert)?;
    let certificates: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(&chain).filter_map(Result::ok).collect();
    if certificates.is_empty() {
        return Err(WebError::Pem { file: cert.to_owned(), wanted: "certificate", key: "server.tls_cert" });
    }
    let bytes = read(key)?;
    let private = PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| WebError::Pem {
        file: key.to_owned(),
        wanted: "private key",
        key: "server.tls_key",
    })?;
    configuration(certificates, private)
}

/// A server configuration with a certificate of our own, kept in `folder` so that it stays the same.
pub(super) fn self_signed(folder: &Path, names: &[String]) -> Result<ServerConfig, WebError> {
    let cert = folder.join("self-signed.cert.pem");
    let key = folder.join("self-signed.key.pem");
    if !(cert.exists() && key.exists()) {
        let failed = |source| WebError::SelfSigned { name: names.join(", "), source };
        let made = rcgen::generate_simple_self_signed(names).map_err(failed)?;
        write(&key, made.signing_key.serialize_pem().as_bytes(), 0o600)?;
        write(&cert, made.cert.pem().as_bytes(), 0o644)?;
        tracing::info!(file = %cert.display(), "made a self-signed certificate; browsers will ask once");
    }
    from_files(&cert, &key)
}

fn configuration(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, WebError> {
    let provider = rustls::crypto::ring::default_provider();
    let mut config = ServerConfig::builder_with_provider(provider.into())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|source| WebError::Certificate { source })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn read(file: &Path) -> Result<Vec<u8>, WebError> {
    fs::read(file).map_err(|source| WebError::File { doing: "read", file: file.to_owned(), source })
}

fn write(file: &Path, bytes: &[u8], mode: u32) -> Result<(), WebError> {
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(file)
        .and_then(|mut open| open.write_all(bytes))
        .map_err(|source| WebError::File { doing: "write", file: file.to_owned(), source })
}
