//! Requests to an authority's server.

use std::time::Duration;

use anyhow::{Context as _, bail};
use ed25519_dalek::SigningKey;
use noren::authority::request::{
    CONTENT_DIGEST, Nonce, RequestTarget, SIGNATURE, SIGNATURE_INPUT, SignedHeaders,
};
use noren::log::Origin;
use noren::time::UnixSeconds;
use rand_core::CryptoRng;
use ureq::http::{Request, Response};
use ureq::{Agent, Body};
use url::{Host, Url};

use crate::text::clean;

/// The longest answer that is read.
const LONGEST: u64 = 64 << 20;

/// A server and how to talk to it. Every client sends the same headers, whoever runs it.
pub(crate) struct Server {
    agent: Agent,
    base: Url,
}

/// An answer with the status that it came with.
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// Who signs a request, and when.
pub(crate) struct Signer<'a> {
    /// The authority's log key.
    pub(crate) key: &'a SigningKey,
    /// The origin of its log.
    pub(crate) origin: &'a Origin,
    /// The present time.
    pub(crate) now: UnixSeconds,
}

impl Server {
    /// A server at an address; plain `http` only on this machine.
    pub(crate) fn new(address: &str) -> anyhow::Result<Self> {
        let base = Url::parse(address)
            .with_context(|| format!("{} is not the address of a server", clean(address)))?;
        let local = match base.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        if base.scheme() != "https" && !(base.scheme() == "http" && local) {
            bail!("{} would be read by everyone on the way; use https", clean(address));
        }
        let config = Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(120)))
            .timeout_connect(Some(Duration::from_secs(15)))
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent("noren")
            .build();
        Ok(Self { agent: config.into(), base })
    }

    /// Fetches a public file.
    pub(crate) fn get(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        let answer = self.send("GET", path, &[], None)?;
        self.expect(answer, 200)
    }

    /// Sends a request as anyone.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> anyhow::Result<Answer> {
        let mut request = Request::builder().method(method).uri(self.url(path)?.as_str());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let unreachable = || format!("cannot reach the server at {}", self.base);
        let response = match body {
            Some(body) => self.agent.run(request.body(body)?).with_context(unreachable)?,
            None => self.agent.run(request.body(())?).with_context(unreachable)?,
        };
        read(response)
    }

    /// Sends a request with the authority's signature.
    pub(crate) fn send_signed<R: CryptoRng>(
        &self,
        signer: &Signer<'_>,
        method: &str,
        path: &str,
        content_type: &str,
        body: &[u8],
        rng: &mut R,
    ) -> anyhow::Result<Answer> {
        let url = self.url(path)?;
        let target = RequestTarget { method, path: url.path(), query: url.query() };
        let nonce = Nonce::generate(rng);
        let signed =
            SignedHeaders::sign(signer.key, signer.origin, &target, body, signer.now, nonce);
        let headers = [
            (CONTENT_DIGEST, signed.content_digest.as_str()),
            (SIGNATURE_INPUT, signed.signature_input.as_str()),
            (SIGNATURE, signed.signature.as_str()),
            ("content-type", content_type),
        ];
        let has_body = !matches!(method, "GET" | "DELETE");
        self.send(method, path, &headers, has_body.then_some(body))
    }

    /// The body of an answer with the status that was hoped for, or what the server said instead.
    pub(crate) fn expect(&self, answer: Answer, status: u16) -> anyhow::Result<Vec<u8>> {
        if answer.status == status {
            return Ok(answer.body);
        }
        bail!("the server at {} answered {}: {}", self.base, answer.status, answer.problem());
    }

    fn url(&self, path: &str) -> anyhow::Result<Url> {
        let address = format!(
            "{}/{}",
            self.base.as_str().trim_end_matches('/'),
            path.trim_start_matches('/')
        );
        Url::parse(&address).context("the server's address is malformed")
    }
}

impl Answer {
    /// What a problem document (RFC 9457) says, fit for a terminal.
    pub(crate) fn problem(&self) -> String {
        let document: Option<serde_json::Value> = serde_json::from_slice(&self.body).ok();
        let field = |name: &str| {
            let value = document.as_ref()?.get(name)?.as_str()?;
            Some(clean(value))
        };
        field("detail").or_else(|| field("title")).unwrap_or_else(|| "no reason given".to_owned())
    }
}

fn read(mut response: Response<Body>) -> anyhow::Result<Answer> {
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(LONGEST).read_to_vec();
    Ok(Answer { status, body: body.context("the server's answer broke off")? })
}
