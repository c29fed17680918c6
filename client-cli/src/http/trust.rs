//! Whose certificates are believed: those of the file that was named, else those that the machine
//! trusts (`SSL_CERT_FILE` and `SSL_CERT_DIR` among them), else Mozilla's.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use anyhow::{Context as _, bail, ensure};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::text::clean_path;
use crate::{cli, files};

/// The one choice of this process, made by `--ca` before the first request.
static NAMED: OnceLock<RootCerts> = OnceLock::new();

/// Trusts the certificates in this file (PEM) and no others.
pub(crate) fn only(path: &Path) -> anyhow::Result<()> {
    // [CLI-38]
    // [CLI-48]
    let argument = cli::given_by("--ca", "NOREN_CA");
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
    let certificates = found.certs.iter().map(|der| Certificate::from_der(der).to_owned());
    let certificates: Vec<_> = certificates.collect();
    // Who names a file wants that file, and is not to be given Mozilla's choice instead.
    let named = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter();
    let named: Vec<_> = named.filter(|name| std::env::var_os(name).is_some()).collect();
    match (certificates.is_empty(), named.as_slice()) {
        (false, _) => Ok(RootCerts::Specific(Arc::new(certificates))),
        (true, []) => Ok(RootCerts::WebPki),
        (true, names) => {
            let why = found.errors.first().map_or_else(String::new, |error| format!(": {error}"));
            bail!("{} names no certificate that can be read{why}", names.join(" or "))
        }
    }
}
