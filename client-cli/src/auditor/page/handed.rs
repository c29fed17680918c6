//! What a server hands out to whom: a server could have one page for programs and another for people.

use std::io::Read as _;

use sha2::{Digest as _, Sha256};

use crate::http::{Look, Server};

/// The longest file that is read, packed and unpacked.
const LONGEST: u64 = 64 << 20;

/// As whom a file is asked for.
pub(super) struct Guise {
    pub(super) name: &'static str,
    fields: &'static [(&'static str, &'static str)],
    /// What follows the address when the first file is asked for.
    query: &'static str,
}

/// As this program, and as a phone that has just read a poster.
pub(super) const GUISES: &[Guise] = &[
    Guise { name: "asked as a program", fields: &[], query: "" },
    Guise {
        name: "asked as a browser",
        fields: &[
            (
                "user-agent",
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/142.0.0.0 Mobile Safari/537.36",
            ),
            ("accept", "*/*"),
            ("accept-language", "ja,en;q=0.8"),
            ("accept-encoding", "br"),
        ],
        query: "?v=3",
    },
];

/// Fields by which a server has browsers remember people or report what they do, or leads them on.
const SPYING: &[&str] =
    &["set-cookie", "refresh", "nel", "report-to", "reporting-endpoints", "sourcemap", "link"];

/// One answer.
pub(super) struct Handed {
    pub(super) status: u16,
    /// The digest of the file as it is without packing, or why it has none.
    pub(super) sha256: Result<String, &'static str>,
    pub(super) policies: Vec<String>,
    pub(super) spying: Vec<&'static str>,
}

impl Handed {
    /// Asks for a file of the page.
    pub(super) fn ask(server: &Server, path: &str, guise: &Guise) -> anyhow::Result<Self> {
        // [CLI-49]
        let path = if path == "index.html" { guise.query } else { path };
        let look = server.look(path, guise.fields, LONGEST)?;
        let spying = SPYING.iter().copied().filter(|name| look.fields(name).next().is_some());
        let policies = look.fields("content-security-policy");
        Ok(Self {
            status: look.status,
            sha256: digest(&look),
            policies: policies.map(str::to_owned).collect(),
            spying: spying.collect(),
        })
    }
}

fn digest(look: &Look) -> Result<String, &'static str> {
    let Some(body) = &look.body else { return Err("it is longer than any file of the page") };
    let mut codings = look.fields("content-encoding");
    match (codings.next(), codings.next()) {
        (None | Some("identity"), None) => Ok(hex::encode(Sha256::digest(body))),
        (Some("br"), None) => unpacked(body).map(|bytes| hex::encode(Sha256::digest(bytes))),
        _ => Err("it is packed as nobody asked for"),
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
