//! TLS from the first byte: public roots, a given authority, or one given certificate.

use std::{fmt, sync::Arc};

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject};

use crate::error::LinkError;

/// Whom to trust.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum TlsRoots {
    /// The public authorities.
    #[default]
    Public,
    /// The authorities in this PEM text.
    Authorities(Vec<u8>),
    /// Exactly the first certificate in this PEM text, whatever its name or dates say: for the self-signed
    /// certificate a switch makes for itself.
    Exactly(Vec<u8>),
}

impl fmt::Debug for TlsRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public => f.write_str("Public"),
            Self::Authorities(pem) => write!(f, "Authorities({} bytes)", pem.len()),
            Self::Exactly(pem) => write!(f, "Exactly({} bytes)", pem.len()),
        }
    }
}

/// How to talk TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsOptions {
    /// Whom to trust.
    pub roots: TlsRoots,
    /// Name the certificate must carry; the host of the client if `None`.
    pub server_name: Option<String>,
}

/// Prepares TLS; every mistake in the configuration is named here, before any connection.
pub(super) fn prepare(
    options: &TlsOptions,
    host: &str,
) -> Result<(Arc<ClientConfig>, ServerName<'static>), LinkError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| tls_error(&error))?;
    let config = match &options.roots {
        TlsRoots::Public => {
            let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
            builder.with_root_certificates(roots).with_no_client_auth()
        }
        TlsRoots::Authorities(pem) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(pem)? {
                roots.add(certificate).map_err(|error| tls_error(&error))?;
            }
            builder.with_root_certificates(roots).with_no_client_auth()
        }
        TlsRoots::Exactly(pem) => {
            let pinned = certificates(pem)?
                .into_iter()
                .next()
                .ok_or_else(|| LinkError::Tls { detail: "no certificate in the PEM text".to_owned() })?;
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Pinned { certificate: pinned, provider }))
                .with_no_client_auth()
        }
    };
    let name = options.server_name.as_deref().unwrap_or(host);
    let name = ServerName::try_from(name.to_owned()).map_err(|error| tls_error(&error))?;
    Ok((Arc::new(config), name))
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, LinkError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = found.map_err(|error| tls_error(&error))?;
    if found.is_empty() {
        return Err(LinkError::Tls { detail: "no certificate in the PEM text".to_owned() });
    }
    Ok(found)
}

fn tls_error(error: &impl ToString) -> LinkError {
    LinkError::Tls { detail: error.to_string() }
}

/// Accepts one certificate, compared byte by byte. The handshake still proves that the peer holds its key.
#[derive(Debug)]
struct Pinned {
    certificate: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if *end_entity == self.certificate {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(rustls::Error::InvalidCertificate(rustls::CertificateError::ApplicationVerificationFailure))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
