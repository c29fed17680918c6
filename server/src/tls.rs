//! TLS through rustls, with ring as its cryptography.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::config::{Tls, variable};

/// The settings.
const CERTIFICATE: &str = "tls.certificate";
const KEY: &str = "tls.key";

/// Why TLS cannot be offered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read, or is not PEM of the expected kind.
    #[error("cannot use {path}: {source}")]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// A file holds nothing of what is wanted of it.
    #[error("{path}, which is the setting `{setting}` ({}), {}", variable(.setting), lacks(*.is_empty, .setting))]
    Lacking {
        /// The setting that names the file.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// Whether it is empty.
        is_empty: bool,
    },
    /// Certificate and key do not make a server.
    #[error("certificate and key were refused: {0}")]
    Refused(#[from] rustls::Error),
}

/// Reads certificate and key. HTTP/1.1 only: the API gains nothing from more, and every further
/// protocol is something to attack.
pub(crate) fn acceptor(tls: &Tls) -> Result<TlsAcceptor, TlsError> {
    // [API-16]
    let failed = |source| pem_error(CERTIFICATE, &tls.certificate, source);
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&tls.certificate)
        .and_then(Iterator::collect)
        .map_err(failed)?;
    if chain.is_empty() {
        return Err(failed(pem::Error::NoItemsFound));
    }
    let key = PrivateKeyDer::from_pem_file(&tls.key)
        .map_err(|source| pem_error(KEY, &tls.key, source))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn pem_error(setting: &'static str, path: &Path, source: pem::Error) -> TlsError {
    // [CLI-48]
    let path = path.to_owned();
    match source {
        pem::Error::NoItemsFound => {
            let is_empty = path.metadata().is_ok_and(|file| file.len() == 0);
            TlsError::Lacking { setting, path, is_empty }
        }
        source => TlsError::Pem { path, source },
    }
}

/// Returns what is wrong with a file of which nothing can be used.
fn lacks(is_empty: bool, setting: &str) -> &'static str {
    match (is_empty, setting) {
        (true, _) => "is empty",
        (false, CERTIFICATE) => "holds no certificate in PEM",
        (false, _) => "holds no private key in PEM",
    }
}
