//! The table `[page]`: which web page the server hands out, and from where another one may be used.

use std::path::PathBuf;

use axum::http::uri::Authority;
use serde::{Deserialize, Deserializer};

use super::ConfigError;

/// Which web page is served. Without any of it, it is the one that the program was built with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PageSettings {
    /// A folder that `web/build` wrote, to be served instead.
    pub folder: Option<PathBuf>,
    /// Whether there is no page to check in with, only one without scripts that says what this is.
    pub off: bool,
    /// The origin at which the page stands instead: `https://page.example`. Uploads are taken from it.
    pub origin: Option<String>,
    /// Origins of further authorities to which the page may connect. In the environment they stand in
    /// one text, with blanks between them.
    #[serde(deserialize_with = "texts")]
    pub connect: Vec<String>,
}

impl PageSettings {
    /// Refuses what no browser would understand, and what cannot be meant together.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let origins = [("page.origin", self.origin.as_slice()), ("page.connect", &self.connect)];
        for (key, origins) in origins {
            // [API-34]
            if !origins.iter().all(|origin| is_origin(origin)) {
                return Err(ConfigError::Origin { key });
            }
        }
        let elsewhere = [("page.off", self.off), ("page.origin", self.origin.is_some())];
        let here =
            [("page.folder", self.folder.is_some()), ("page.connect", !self.connect.is_empty())];
        for (key, _) in here.into_iter().filter(|(_, is_set)| *is_set) {
            if let Some((other, _)) = elsewhere.into_iter().find(|(_, is_set)| *is_set) {
                return Err(ConfigError::Contradiction { key, other });
            }
        }
        Ok(())
    }
}

/// Whether this is an origin as browsers write it: any other spelling would never be theirs.
fn is_origin(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let usual_port = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return false,
    };
    let Ok(authority) = rest.parse::<Authority>() else { return false };
    let Some(port) = rest.strip_prefix(authority.host()) else { return false };
    let is_port = port.is_empty() || authority.port_u16().is_some_and(|port| port != usual_port);
    let is_of_names = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    is_port
        && !authority.host().is_empty()
        && rest.bytes().all(|byte| is_of_names(byte) || b".-:[]".contains(&byte))
}

/// Reads a list of texts, or one text with blanks between them.
fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a list of texts, or one text with blanks between them")]
    enum Texts {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Texts::deserialize(deserializer)? {
        Texts::One(text) => text.split_whitespace().map(str::to_owned).collect(),
        Texts::Many(texts) => texts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_spelt_as_browsers_spell_it() {
        // [API-34]
        for origin in [
            "https://page.example",
            "https://page.example:8443",
            "http://127.0.0.1:8480",
            "https://[::1]:8443",
            "https://xn--bcher-kva.example",
        ] {
            assert!(is_origin(origin), "{origin}");
        }
        for no in [
            "",
            "page.example",
            "https://",
            "https://page.example/",
            "https://page.example/noren",
            "https://page.example?x",
            "https://page.example#x",
            "https://Page.example",
            "HTTPS://page.example",
            "https://page.example:443",
            "http://page.example:80",
            "https://user@page.example",
            "https://*.example",
            "https://a.example https://b.example",
            "https://a.example;script-src",
            "https://a.example,b",
            "http://localhost:80801",
            "http://localhost:",
            "ftp://page.example",
            "*",
            "null",
            "'self'",
        ] {
            assert!(!is_origin(no), "{no}");
        }
    }
}
