//! Whose certificates are believed: those of the file that was named, else those that the machine
//! trusts (`SSL_CERT_FILE` and `SSL_CERT_DIR` among them), else Mozilla's.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use anyhow::{Context as _, ensure};
use rustls_native_certs::{CertificateResult, load_certs_from_paths};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::text::clean_path;
use crate::{files, given};

/// The one choice of this process, made by `--ca` before the first request.
static NAMED: OnceLock<RootCerts> = OnceLock::new();

/// Trusts the certificates in this file (PEM) and no others.
pub(crate) fn only(path: &Path) -> anyhow::Result<()> {
    // [CLI-38]
    // [CLI-48]
    let argument = given::given_by("--ca", "NOREN_CA");
    let pem = files::read_named(path).context(argument)?;
    let refused = || {
        let path = clean_path(path);
        match files::is_blank(&pem) {
            true => format!("{argument}: the file {path} is empty"),
            false => format!("{argument}: {path} holds no certificate of an authority in PEM"),
        }
    };
    let items = parse_pem(&pem).collect::<Result<Vec<_>, _>>().with_context(refused)?;
    let certificates = items.into_iter().filter_map(|item| match item {
        PemItem::Certificate(certificate) => Some(certificate),
        _ => None,
    });
    let certificates: Vec<_> = certificates.collect();
    ensure!(!certificates.is_empty(), refused());
    let _ = NAMED.set(RootCerts::Specific(Arc::new(certificates)));
    Ok(())
}

/// What TLS goes by.
pub(super) fn config() -> anyhow::Result<TlsConfig> {
    // [CLI-38]
    let roots = match NAMED.get() {
        Some(named) => named.clone(),
        None => of_this_machine()?,
    };
    Ok(TlsConfig::builder().root_certs(roots).build())
}

fn of_this_machine() -> anyhow::Result<RootCerts> {
    let found = rustls_native_certs::load_native_certs();
    // Who names a file wants that file, and is not to be given Mozilla's choice instead.
    let named = |name| std::env::var_os(name).map(PathBuf::from);
    if let Some(file) = named("SSL_CERT_FILE") {
        check("SSL_CERT_FILE", &file, &load_certs_from_paths(Some(&file), None))?;
    }
    if let Some(folder) = named("SSL_CERT_DIR") {
        check("SSL_CERT_DIR", &folder, &found)?;
    }
    let certificates = found.certs.iter().map(|der| Certificate::from_der(der).to_owned());
    let certificates: Vec<_> = certificates.collect();
    Ok(match certificates.is_empty() {
        true => RootCerts::WebPki,
        false => RootCerts::Specific(Arc::new(certificates)),
    })
}

/// Refuses a file or folder, by the variable that named it, in which nothing was found.
fn check(variable: &str, path: &Path, found: &CertificateResult) -> anyhow::Result<()> {
    // [CLI-38] [CLI-48]
    let why = match found.errors.first() {
        Some(error) => format!(": {error}"),
        None if path.metadata().is_ok_and(|file| file.len() == 0) => ": it is empty".to_owned(),
        None => String::new(),
    };
    let path = clean_path(path);
    ensure!(
        !found.certs.is_empty(),
        "{variable} ({path}) names no certificate that can be read{why}"
    );
    Ok(())
}
