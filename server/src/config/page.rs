//! The table `[page]`: which web page the server hands out, and from where another one may be used.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer};
use url::Url;

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
        if self.off && self.origin.is_some() {
            return Err(ConfigError::Contradiction { key: "page.origin", other: "page.off" });
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
    let Ok(url) = Url::parse(text) else { return false };
    // What a policy reads otherwise than an address: `*`, `;`, a blank.
    let is_of_names = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_plain = text.bytes().all(|byte| is_of_names(byte) || b".-:[]/".contains(&byte));
    is_plain
        && matches!(url.scheme(), "https" | "http")
        && url.port() != Some(0)
        && url.origin().ascii_serialization() == text
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
            "https://[::1",
            "https://[::1]evil.example",
            "https://[a]",
            "https://[0:0::1]",
            "https://127.1",
            "https://0x7f.0.0.1",
            "https://a.example:08443",
            "https://a.example:0",
            "https://:8443",
            "https://xn--",
            "https:a.example",
            "*",
            "null",
            "'self'",
        ] {
            assert!(!is_origin(no), "{no}");
        }
    }
}
