//! Requests to an authority's server. What a server can cost is bounded: the length of an answer,
//! the time that it takes, and, for who reads much, the time of all of them together.

mod own;
mod proxy;
mod trust;
mod why;

use std::borrow::Cow;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use noren::keys::Sign;
use noren::log::Origin;
use noren::request::{
    CONTENT_DIGEST, Nonce, RequestTarget, SIGNATURE, SIGNATURE_INPUT, ServerAddress, SignedHeaders,
};
use noren::text::trimmed;
use noren::time::UnixSeconds;
use rand_core::CryptoRng;
use ureq::http::{HeaderMap, Request, Response};
use ureq::tls::TlsConfig;
use ureq::{Agent, AsSendBody, Body};
use url::Url;

pub(crate) use own::answers_for;
pub(crate) use trust::only as trust_only;

use crate::clock;
use crate::text::clean;

/// Whether somebody named an address, of whatever scheme and in whatever case, and no file.
pub(crate) fn is_address(text: &str) -> bool {
    let scheme = trimmed(text).split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| {
        !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

/// The longest answer that is read where none was foreseen.
const LONGEST: u64 = 64 << 20;
/// How a server says that a file of the log is damaged there.
const DAMAGED: &str = "urn:noren:problem:damaged-file";
/// The problem of an upload code that admits nothing.
const CODE_REFUSED: &str = "urn:noren:problem:upload-code-refused";
/// How a server says that its interface has no such path.
const NO_SUCH_PATH: &str = "urn:noren:problem:no-such-path";
/// The longest document that says why a request failed.
const LONGEST_PROBLEM: usize = 16 << 10;
/// The longest time that one request takes.
const SLOWEST: Duration = Duration::from_secs(120);
/// The longest silence of a server before its answer and in the midst of it.
const SILENCE: Duration = Duration::from_secs(20);
/// The longest time for the name, and for the connection.
const CONNECT: Duration = Duration::from_secs(10);

/// The most connections that one server gets at once.
pub(crate) const CONNECTIONS: usize = 8;

/// A server and how to talk to it. Every client sends the same headers, whoever runs it.
pub(crate) struct Server {
    agent: Agent,
    base: Url,
    /// Where its requests go.
    there: String,
    /// When no request goes on any more.
    until: Option<Instant>,
}

/// An answer with the status that it came with.
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Vec<u8>,
    /// The server's time, where it says it.
    pub(crate) date: Option<UnixSeconds>,
}

/// An answer as it came, whatever it is: to be looked at, not to be acted on.
pub(crate) struct Look {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body as it was sent, packed or not, unless it is too long.
    pub(crate) body: Option<Vec<u8>>,
    fields: HeaderMap,
}

/// Who signs a request, and when.
pub(crate) struct Signer<'a> {
    /// The authority's log key, or the clock key.
    pub(crate) key: &'a dyn Sign,
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
        let there = own::instead_of(&base).unwrap_or_else(|| base.clone());
        match there.scheme() {
            "https" => {}
            "http" if proxy::is_local(&there) => {}
            "http" => bail!("{} would be read by everyone on the way; use https", clean(address)),
            _ => bail!("{} is no address of a server; it begins with https://", clean(address)),
        }
        let config = Agent::config_builder()
            .timeout_global(Some(SLOWEST))
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(SILENCE))
            .timeout_per_read(Some(SILENCE))
            .tls_config(if there.scheme() == "https" {
                trust::config()?
            } else {
                TlsConfig::default()
            })
            .proxy(proxy::for_server(&there)?)
            .max_idle_connections_per_host(CONNECTIONS)
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent("noren")
            .build();
        Ok(Self { agent: config.into(), base, there: there.into(), until: None })
    }

    /// The same, with an end to all requests together.
    pub(crate) fn until(self, end: Instant) -> Self {
        Self { until: Some(end), ..self }
    }

    /// Fetches a public file of at most so many bytes.
    pub(crate) fn get_at_most(&self, path: &str, longest: usize) -> anyhow::Result<Vec<u8>> {
        let answer = self.ask(path, longest)?;
        self.expect(answer, 200)
    }

    /// Asks for a public file of at most so many bytes.
    pub(crate) fn ask(&self, path: &str, longest: usize) -> anyhow::Result<Answer> {
        // What says why there is no file may be longer than the file.
        let longest = longest.max(LONGEST_PROBLEM) as u64;
        self.exchange("GET", path, &[], None, longest)
    }

    /// Asks for a public file unless it is the one with this entity tag, which is answered with 304.
    pub(crate) fn ask_unless(
        &self,
        path: &str,
        tag: &str,
        longest: usize,
    ) -> anyhow::Result<Answer> {
        let longest = longest.max(LONGEST_PROBLEM) as u64;
        self.exchange("GET", path, &[("if-none-match", tag)], None, longest)
    }

    /// Sends a request as anyone.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> anyhow::Result<Answer> {
        self.exchange(method, path, headers, body, LONGEST)
    }

    /// Sends a text as anyone; the answer has at most so many bytes.
    pub(crate) fn post_text(
        &self,
        path: &str,
        text: &str,
        longest: usize,
    ) -> anyhow::Result<Answer> {
        let headers = [("content-type", "text/plain; charset=utf-8")];
        self.exchange("POST", path, &headers, Some(text.as_bytes()), longest as u64)
    }

    /// Asks for a public file with these headers; its answer as it came, a redirect as well.
    pub(crate) fn look(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        longest: u64,
    ) -> anyhow::Result<Look> {
        let mut request = Request::builder().uri(self.url(path)?.as_str());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let unreachable = || format!("cannot reach the server at {}", self.base);
        let response = self
            .run(request.body(())?, self.time_left()?)
            .map_err(|error| why::why(error, &self.base))
            .with_context(unreachable)?;
        let (head, mut body) = response.into_parts();
        let body = match body.with_config().limit(longest).read_to_vec() {
            Ok(body) => Some(body),
            Err(ureq::Error::BodyExceedsLimit(_)) => None,
            Err(error) => {
                let broken = anyhow::Error::new(error).context("the server's answer broke off");
                return Err(broken.context(format!("from the server at {}", self.base)));
            }
        };
        Ok(Look { status: head.status.as_u16(), body, fields: head.headers })
    }

    fn exchange(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
        longest: u64,
    ) -> anyhow::Result<Answer> {
        let mut request = Request::builder().method(method).uri(self.url(path)?.as_str());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let unreachable = || format!("cannot reach the server at {}", self.base);
        let time = self.time_left().with_context(unreachable)?;
        let response = match body {
            Some(body) => self.run(request.body(body)?, time),
            None => self.run(request.body(())?, time),
        };
        let response =
            response.map_err(|error| why::why(error, &self.base)).with_context(unreachable)?;
        let answer =
            read(response, longest).with_context(|| format!("from the server at {}", self.base))?;
        self.check_path(&answer, path)?;
        Ok(answer)
    }

    /// Tells a server that does not know a path from one that has nothing there.
    fn check_path(&self, answer: &Answer, path: &str) -> anyhow::Result<()> {
        // [CLI-39]
        if answer.status != 404 || answer.field("type").is_none_or(|kind| kind != NO_SUCH_PATH) {
            return Ok(());
        }
        let prefix = self.base.path().trim_end_matches('/');
        if prefix.is_empty() {
            bail!(
                "the server at {} has no path /{}: it is of another version, or something before it \
                 changes the paths",
                self.base,
                clean(path.trim_start_matches('/'))
            );
        }
        bail!(
            "the server at {} is asked for paths that it does not have: whatever stands before it, a \
             proxy perhaps, has to take {} off each path before it hands a request on",
            self.base,
            clean(prefix)
        );
    }

    fn run<B: AsSendBody>(
        &self,
        request: Request<B>,
        time: Duration,
    ) -> Result<Response<Body>, ureq::Error> {
        let request = self.agent.configure_request(request).timeout_global(Some(time)).build();
        self.agent.run(request)
    }

    /// How long a request may take now.
    fn time_left(&self) -> anyhow::Result<Duration> {
        // [CLI-25]
        let Some(end) = self.until else { return Ok(SLOWEST) };
        let left = end.saturating_duration_since(Instant::now());
        anyhow::ensure!(!left.is_zero(), "its answers have taken too long; try again later");
        Ok(left.min(SLOWEST))
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
        let (below, query) = match path.split_once('?') {
            Some((below, query)) => (below, Some(query)),
            None => (path, None),
        };
        let address = ServerAddress::new(self.base.as_str())
            .context("requests to this address cannot be signed")?;
        let path_there = address.path(&format!("/{}", below.trim_start_matches('/')));
        let target =
            RequestTarget { method, authority: address.authority(), path: &path_there, query };
        let nonce = Nonce::generate(rng);
        let signed =
            SignedHeaders::sign(signer.key, signer.origin, &target, body, signer.now, nonce)?;
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
        // [CLI-45]
        if (200..300).contains(&answer.status) {
            return Err(self.not_it());
        }
        bail!("the server at {} answered {}: {}", self.base, answer.status, answer.problem());
    }

    /// What it means that something else answered than the server that was asked.
    pub(crate) fn not_it(&self) -> anyhow::Error {
        // [CLI-45]
        anyhow::anyhow!(
            "something answered for the server at {}, and not as it does: nothing is known to be done \
             there. A page to sign in to a network, or a proxy, may stand before it; run this again from \
             another network",
            self.base
        )
    }

    fn url(&self, path: &str) -> anyhow::Result<Url> {
        let address =
            format!("{}/{}", self.there.trim_end_matches('/'), path.trim_start_matches('/'));
        Url::parse(&address).context("the server's address is malformed")
    }
}

impl Look {
    /// The names of the header fields, in lower case.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(|name| name.as_str())
    }

    /// The values of a header field; a byte that is no text shows as a sign of its own.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = Cow<'_, str>> {
        self.fields.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()))
    }
}

impl Answer {
    /// Whether a server says that a file of the log is damaged there, and not that it has no time.
    pub(crate) fn is_about_damage(&self) -> bool {
        // [API-29]
        self.status == 503 && self.field("type").is_some_and(|kind| kind == DAMAGED)
    }

    /// Whether a server says that it has received an upload.
    pub(crate) fn is_receipt(&self) -> bool {
        // [API-4]
        self.status == 202 && self.field("status").is_some_and(|status| status == "received")
    }

    /// Whether a server refuses an upload code for good.
    pub(crate) fn is_about_code(&self) -> bool {
        // [API-6]
        self.status == 403 && self.field("type").is_some_and(|kind| kind == CODE_REFUSED)
    }

    /// What a problem document (RFC 9457) says, fit for a terminal.
    pub(crate) fn problem(&self) -> String {
        let said = self.field("detail").or_else(|| self.field("title"));
        said.map_or_else(|| "no reason given".to_owned(), |said| clean(&said))
    }

    /// A number in the JSON document that the server answered.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        let document: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        document.get(name)?.as_u64()
    }

    fn field(&self, name: &str) -> Option<String> {
        let document: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        document.get(name)?.as_str().map(str::to_owned)
    }
}

fn read(mut response: Response<Body>, longest: u64) -> anyhow::Result<Answer> {
    let status = response.status().as_u16();
    // [CLI-25] Redirects are not followed, and nothing is unpacked: what is short on the way stays so.
    if (300..400).contains(&status) && status != 304 {
        let to = response.headers().get("location").and_then(|to| to.to_str().ok());
        let to = to.map_or_else(String::new, |to| format!(" to {}", clean(to)));
        bail!("it points elsewhere{to}, which is not followed; name the address that it means");
    }
    let encoding = response.headers().get("content-encoding");
    if encoding.is_some_and(|encoding| encoding != "identity") {
        bail!("it sends its answer packed, which nobody asked for");
    }
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let date = clock::date(header("date"), header("age"));
    let body = response.body_mut().with_config().limit(longest).read_to_vec();
    let body = body.map_err(|error| match error {
        ureq::Error::BodyExceedsLimit(_) => {
            anyhow::anyhow!("the server's answer is longer than the {longest} bytes that it may be")
        }
        error => anyhow::Error::new(error).context("the server's answer broke off"),
    })?;
    Ok(Answer { status, body, date })
}
