//! What a server hands out, and what it says of it.

use std::io::Read as _;

use noren_server::PAGE_FIELDS;
use sha2::{Digest as _, Sha256};

use super::guises::Guise;
use crate::http::{Look, Server};

/// The longest file that is read, packed and unpacked.
const LONGEST: u64 = 64 << 20;

/// Fields that the page's own server sends, and those of every connection.
const KNOWN: [&str; 11] = [
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-security-policy",
    "content-type",
    "date",
    "etag",
    "keep-alive",
    "transfer-encoding",
    "vary",
];
/// Fields of what stands before a server, or of another one, by which no browser is led on or followed.
const HARMLESS: [&str; 7] = [
    "accept-ranges",
    "age",
    "last-modified",
    "server",
    "strict-transport-security",
    "via",
    "x-frame-options",
];

/// One answer.
pub(super) struct Handed {
    pub(super) status: u16,
    /// The digest of the file as it is without packing, or why it has none.
    pub(super) sha256: Result<String, &'static str>,
    pub(super) policies: Vec<String>,
    /// What is wrong with the other header fields.
    pub(super) fields: Vec<String>,
    /// Further header fields, and those of other values, that do no harm.
    pub(super) further: Vec<String>,
}

impl Handed {
    /// Asks for a file of the page, and once more as somebody who has it.
    pub(super) fn ask(
        server: &Server,
        guise: &Guise,
        file: &Expected<'_>,
    ) -> anyhow::Result<Vec<Self>> {
        // [CLI-49]
        let first = server.look(&guise.path, &guise.fields, LONGEST)?;
        let known = [("if-none-match", "etag"), ("if-modified-since", "last-modified")];
        let again =
            known.into_iter().filter_map(|(asked, said)| Some((asked, text(&first, said)?)));
        let again: Vec<_> = again.collect();
        let mut handed = vec![Self::of(&first, file)];
        if guise.asks_again && first.status == 200 && !again.is_empty() {
            let kept = again.iter().map(|(name, value)| (*name, value.as_str()));
            let fields: Vec<_> = guise.fields.iter().copied().chain(kept).collect();
            let second = server.look(&guise.path, &fields, LONGEST)?;
            if second.status == 304 {
                // What it says now takes the place of what it said before.
                let Self { fields, further, policies, .. } = Self::of(&second, file);
                let policies =
                    if policies.is_empty() { handed[0].policies.clone() } else { policies };
                let sha256 = Ok(file.sha256.to_owned());
                handed.push(Self { status: 200, sha256, policies, fields, further });
            } else {
                handed.push(Self::of(&second, file));
            }
        }
        Ok(handed)
    }

    fn of(look: &Look, file: &Expected<'_>) -> Self {
        let policies = look.all("content-security-policy").map(|value| value.into_owned());
        let mut handed = Self {
            status: look.status,
            sha256: digest(look),
            policies: policies.collect(),
            fields: vec![],
            further: vec![],
        };
        handed.hold(look, file);
        handed
    }

    /// Holds the header fields against those that the page's own server sends.
    fn hold(&mut self, look: &Look, file: &Expected<'_>) {
        let is_whole = look.status == 200;
        for (name, own) in PAGE_FIELDS {
            let mut values = look.all(name).peekable();
            let is_there = values.peek().is_some();
            if (is_whole && !is_there) || values.any(|value| !is_same(&value, own)) {
                self.fields.push(format!("its {name} is not {own}"));
            }
        }
        let types: Vec<_> = look.all("content-type").collect();
        let is_type = |found: &str| is_type(found, file.content_type);
        if (is_whole && types.is_empty()) || !types.iter().all(|found| is_type(found)) {
            let found = if types.is_empty() { "none".to_owned() } else { types.join(", ") };
            self.fields.push(format!("its type is {found}, and not {}", file.content_type));
        }
        if look.all("cache-control").any(|value| is_long(&value)) {
            self.fields
                .push("its cache-control lets browsers keep it for longer than a day".into());
        }
        for name in look.names() {
            let is_own = KNOWN.contains(&name) || PAGE_FIELDS.iter().any(|(own, _)| *own == name);
            let is_as_own = |value: &str| match name {
                "cache-control" => is_same(value, "no-cache"),
                "etag" => file.is_tag(value),
                "vary" => is_same(value, "accept-encoding"),
                _ => is_own,
            };
            if !is_own && !HARMLESS.contains(&name) {
                self.fields.push(format!("the server sends {name}, which the page's own does not"));
            } else if !look.all(name).all(|value| is_as_own(&value)) {
                self.further.push(name.to_owned());
            }
        }
    }
}

/// What a file should be.
pub(super) struct Expected<'a> {
    pub(super) sha256: &'a str,
    pub(super) content_type: &'static str,
}

impl Expected<'_> {
    /// Whether a tag is made of the file: any other could be somebody's own. [API-36]
    fn is_tag(&self, tag: &str) -> bool {
        let of_file = self.sha256.get(..32).unwrap_or(self.sha256);
        [format!("\"{of_file}\""), format!("\"{of_file}-br\"")].iter().any(|own| own == tag)
    }
}

/// Whether two values say the same to a browser, however blanks and letters are written.
fn is_same(found: &str, own: &str) -> bool {
    let plain = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>()
    };
    plain(found) == plain(own)
}

/// Whether browsers use a file for longer than a day without asking. [API-36]
fn is_long(cache_control: &str) -> bool {
    let text = cache_control.to_ascii_lowercase();
    let mut words = text.split(',').map(str::trim);
    let is_asked_for = words.clone().any(|word| word == "no-cache" || word == "no-store");
    !is_asked_for
        && words.any(|word| {
            let age = word.strip_prefix("max-age=").map(|age| age.trim_matches('"').parse::<u32>());
            word == "immutable" || age.is_some_and(|age| age.map_or(true, |age| age > 86_400))
        })
}

/// Whether browsers take one type for the other.
fn is_type(found: &str, own: &str) -> bool {
    let parts = |text: &str| {
        let text = text.to_ascii_lowercase().replace("application/javascript", "text/javascript");
        let mut parts = text.split(';').map(|part| part.trim().replace('"', ""));
        (parts.next().unwrap_or_default(), parts.collect::<Vec<_>>())
    };
    let ((found, further), (own, _)) = (parts(found), parts(own));
    found == own && further.iter().all(|parameter| parameter == "charset=utf-8")
}

fn text(look: &Look, name: &str) -> Option<String> {
    look.all(name).next().map(|value| value.into_owned()).filter(|value| value.is_ascii())
}

fn digest(look: &Look) -> Result<String, &'static str> {
    let Some(body) = &look.body else { return Err("it is longer than any file of the page") };
    let codings: Vec<_> = look.all("content-encoding").collect();
    match codings.iter().map(|coding| &**coding).collect::<Vec<_>>()[..] {
        [] | ["identity"] => Ok(hex::encode(Sha256::digest(body))),
        ["br"] => unpacked(body).map(|bytes| hex::encode(Sha256::digest(bytes))),
        _ => Err("it is packed as the page's own server packs nothing"),
    }
}

fn unpacked(body: &[u8]) -> Result<Vec<u8>, &'static str> {
    let mut bytes = vec![];
    let mut unpacking = brotli_decompressor::Decompressor::new(body, 1 << 16).take(LONGEST + 1);
    match unpacking.read_to_end(&mut bytes) {
        Ok(_) if bytes.len() as u64 <= LONGEST => Ok(bytes),
        Ok(_) => Err("it is longer than any file of the page"),
        Err(_) => Err("what is packed does not open"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_compared_as_browsers_take_them() {
        // [CLI-49]
        let js = "text/javascript; charset=utf-8";
        for same in
            [js, "text/javascript", "application/javascript", "Text/JavaScript;charset=\"UTF-8\""]
        {
            assert!(is_type(same, js), "{same}");
        }
        for other in [
            "text/plain",
            "",
            "text/javascript; charset=utf-7",
            "text/html",
            "text/javascript, text/html",
        ] {
            assert!(!is_type(other, js), "{other}");
        }
    }

    #[test]
    fn only_a_tag_of_the_file_is_the_servers_own() {
        // [CLI-49] [API-36]
        let sha256 = hex::encode(Sha256::digest("x"));
        let file = Expected { sha256: &sha256, content_type: "text/plain" };
        assert!(file.is_tag(&format!("\"{}\"", &sha256[..32])));
        assert!(file.is_tag(&format!("\"{}-br\"", &sha256[..32])));
        for other in ["\"visitor-4711\"", "", "W/\"x\"", &format!("W/\"{}\"", &sha256[..32])] {
            assert!(!file.is_tag(other), "{other}");
        }
    }
}
