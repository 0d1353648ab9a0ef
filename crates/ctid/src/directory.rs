//! The directory of the house, as the web layer asks it who signs in.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crm_bridge::ldap::{LdapDirectory, Verdict};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use tokio::sync::Semaphore;
use webapi::ports::bridges::{DirectoryPerson, SignIn};

use crate::config::Directory as Configured;

/// Sign-ins asked about at once; further ones wait for their turn.
const AT_ONCE: usize = 8;

/// Why the directory cannot be used as configured.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The file of its authority cannot be read.
    #[error("read {} (directory.ca)", file.display())]
    File {
        /// Which file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// That file holds nothing of use.
    #[error("{} holds no certificate of an authority in PEM form (directory.ca)", file.display())]
    Pem {
        /// Which file.
        file: PathBuf,
    },
    /// This machine has no versions of TLS that are safe.
    #[error("prepare TLS for the directory")]
    Tls(#[source] rustls::Error),
}

/// The directory.
#[derive(Debug)]
pub(crate) struct Directory {
    ldap: LdapDirectory,
    /// Of the desk of somebody who signs in for the first time.
    language: String,
    turns: Semaphore,
}

impl Directory {
    /// Reads the certificates it is to be recognised by.
    pub(crate) fn new(configured: &Configured, language: &str) -> Result<Self, DirectoryError> {
        let mut roots = RootCertStore::empty();
        match &configured.ca {
            None => roots.roots = webpki_roots::TLS_SERVER_ROOTS.to_vec(),
            Some(file) => read_authorities(file, &mut roots)?,
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(DirectoryError::Tls)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let ldap = LdapDirectory { settings: configured.ldap.clone(), tls: Arc::new(tls) };
        Ok(Self { ldap, language: language.to_owned(), turns: Semaphore::new(AT_ONCE) })
    }

    /// Asks who signs in. Trouble with the directory is logged, never the password.
    pub(crate) async fn sign_in(&self, login: &str, password: &str) -> SignIn {
        let _turn = self.turns.acquire().await;
        match self.ldap.sign_in(login, password).await {
            Ok(Verdict::Person(person)) => SignIn::Person(DirectoryPerson {
                login: person.login,
                name: person.name,
                language: self.language.clone(),
                roles: person.roles,
            }),
            Ok(Verdict::Wrong) => SignIn::Wrong,
            Ok(Verdict::NoRole(login)) => SignIn::NoRole(login),
            Err(trouble) => {
                tracing::warn!(
                    error = format!("{:#}", anyhow::Error::from(trouble)),
                    "ask the directory who signs in"
                );
                SignIn::Unavailable
            }
        }
    }
}

fn read_authorities(file: &Path, roots: &mut RootCertStore) -> Result<(), DirectoryError> {
    let pem = fs::read(file).map_err(|source| DirectoryError::File { file: file.to_owned(), source })?;
    let found = CertificateDer::pem_slice_iter(&pem).map_while(Result::ok);
    let (added, refused) = roots.add_parsable_certificates(found);
    if added == 0 || refused > 0 {
        return Err(DirectoryError::Pem { file: file.to_owned() });
    }
    Ok(())
}
