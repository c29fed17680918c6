//! Why a request found no answer, with what to do about it.

use std::io::ErrorKind;

use anyhow::Error;
use rustls::CertificateError as Refused;
use ureq::Timeout;
use url::Url;

use super::{CONNECT, SILENCE};
use crate::text::counted;

/// The error of a request, with the likely cause where the library's own words do not say it.
pub(super) fn why(error: ureq::Error, server: &Url) -> Error {
    // [CLI-39]
    let hint = match (&error, tls(&error)) {
        (_, Some(rustls::Error::InvalidMessage(_))) => {
            "what answers there speaks no TLS: it may be a server of plain http, or another port"
                .to_owned()
        }
        (_, Some(rustls::Error::InvalidCertificate(refused))) => certificate(refused),
        (ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect), _) => {
            format!(
                "no connection within {}; try again later",
                counted(CONNECT.as_secs(), "second")
            )
        }
        (ureq::Error::Timeout(_), _) => {
            format!("it was silent for {}; try again later", counted(SILENCE.as_secs(), "second"))
        }
        (ureq::Error::Protocol(_), _) if server.scheme() == "http" => {
            "what answers there speaks no http: it may be a server of https, or another port"
                .to_owned()
        }
        (error, _) if is_unknown_name(error) => {
            "no server has this name: check its spelling, and the network".to_owned()
        }
        (ureq::Error::Io(error), _) if error.kind() == ErrorKind::ConnectionRefused => {
            "no program listens there: the server may be down, or have another port".to_owned()
        }
        _ => return plain(error),
    };
    plain(error).context(hint)
}

/// The error without the library's word for its kind.
fn plain(error: ureq::Error) -> Error {
    // [CLI-3]
    match error {
        ureq::Error::Io(error) => error.into(),
        error => error.into(),
    }
}

/// The resolver's own error has no kind of its own; the standard library begins it with these words.
fn is_unknown_name(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::HostNotFound => true,
        ureq::Error::Io(error) => error.to_string().starts_with("failed to lookup address"),
        _ => false,
    }
}

/// What TLS refused, however deep it lies.
fn tls(error: &ureq::Error) -> Option<&rustls::Error> {
    match error {
        ureq::Error::Rustls(error) => Some(error),
        ureq::Error::Io(error) => error.get_ref()?.downcast_ref(),
        _ => None,
    }
}

fn certificate(refused: &Refused) -> String {
    match refused {
        Refused::Expired | Refused::ExpiredContext { .. } => {
            "its certificate has expired, or the clock of this machine is ahead"
        }
        Refused::NotValidYet | Refused::NotValidYetContext { .. } => {
            "its certificate is not valid yet: the clock of this machine may be behind"
        }
        Refused::UnknownIssuer | Refused::BadSignature => {
            "its certificate comes from nobody whom this machine trusts; where the server's operator \
             has an authority of its own, name that one's certificate with --ca"
        }
        Refused::NotValidForName | Refused::NotValidForNameContext { .. } => {
            "its certificate is for another name"
        }
        _ => "its certificate is refused",
    }
    .to_owned()
}
