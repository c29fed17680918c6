//! A server without a network: the real router over a real data folder, with a clock to turn.
//! Every answer is held against the description in `openapi.json`.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body_util::BodyExt;
use noren::log::Append;
use noren::messages::UploadTicket;
use noren_server::{AppState, Clock, Config, ServerError, app, open, ops_app};
use tempfile::TempDir;
use tower::ServiceExt;

use super::openapi;
use crate::authority::{Authority, at};

/// The start of a bucket of the feed, and a day in November 2023.
pub(crate) const START: u64 = 1_700_006_400;
pub(crate) const BODY: usize = 65_536;

pub(crate) struct World {
    pub(crate) data: TempDir,
    pub(crate) state: AppState,
    pub(crate) authority: Authority,
    pub(crate) config: Config,
    router: Router,
    ops: Router,
    now: Arc<AtomicU64>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The slug of the problem, after checking that it is one.
    pub(crate) fn problem(&self) -> String {
        // [API-12]
        assert_eq!(self.header("content-type"), "application/problem+json");
        let document = self.json();
        assert_eq!(document["status"], self.status.as_u16());
        assert!(!document["title"].as_str().unwrap().is_empty());
        let kind = document["type"].as_str().unwrap();
        kind.strip_prefix("urn:noren:problem:").unwrap_or(kind).to_owned()
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::of(Authority::new(1), change).await
    }

    /// The server of this authority.
    pub(crate) async fn of(authority: Authority, change: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let profile = data.path().join("given.profile");
        std::fs::write(&profile, authority.profile(START).as_bytes()).unwrap();
        let mut config = Config { data: data.path().join("data"), ..Config::default() };
        config.authority = Some(profile);
        change(&mut config);
        crate::shared::same::on_services(&mut config).await;
        let now = Arc::new(AtomicU64::new(START));
        let state = open(&config, clock(&now)).await.unwrap();
        let (router, ops) = (app(state.clone()), ops_app(state.clone()));
        Self { data, state, authority, config, router, ops, now }
    }

    /// Another server of the same log; `None` where this one keeps it in a folder.
    pub(crate) async fn beside(&self) -> Option<Self> {
        self.config.bucket.as_ref()?;
        let (data, config, now) =
            (tempfile::tempdir().unwrap(), self.config.clone(), Arc::clone(&self.now));
        let state = open(&config, clock(&now)).await.unwrap();
        let (router, ops) = (app(state.clone()), ops_app(state.clone()));
        Some(Self { data, state, authority: Authority::new(1), config, router, ops, now })
    }

    /// Drops everything but the data folder.
    pub(crate) async fn stop(self) -> TempDir {
        self.state.close().await;
        self.data
    }

    /// Drops everything in memory and opens the data folder again.
    pub(crate) async fn restart(self) -> Self {
        self.restart_after(|_| {}).await
    }

    /// Loses the database in between.
    pub(crate) async fn restart_without_database(self) -> Self {
        self.restart_after(|data| {
            for name in ["noren.sqlite", "noren.sqlite-wal", "noren.sqlite-shm"] {
                let _ = std::fs::remove_file(data.join(name));
            }
        })
        .await
    }

    /// Does something to the data folder in between.
    pub(crate) async fn restart_after(self, change: impl FnOnce(&Path)) -> Self {
        let Self { data, state, authority, config, router, ops, now } = self;
        state.close().await;
        drop((state, router, ops));
        change(&config.data);
        let state = opened(&config, || clock(&now)).await.unwrap();
        let (router, ops) = (app(state.clone()), ops_app(state.clone()));
        Self { data, state, authority, config, router, ops, now }
    }

    pub(crate) fn now(&self) -> u64 {
        self.now.load(Ordering::SeqCst)
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn set(&self, now: u64) {
        self.now.store(now, Ordering::SeqCst);
    }

    pub(crate) async fn send(&self, mut request: Request<Body>) -> Answer {
        add_host(&mut request);
        self.send_as_it_is(request).await
    }

    /// Without the field that every client sends.
    pub(crate) async fn send_as_it_is(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
        let answer = answer(&self.router, request).await;
        // [API-17]
        openapi::assert_documented(&method, &path, &answer);
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        answer
    }

    pub(crate) async fn ops(&self, path: &str) -> Answer {
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        add_host(&mut request);
        answer(&self.ops, request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// A request that the authority signs.
    pub(crate) async fn signed(
        &self,
        method: &str,
        path: &str,
        media: &str,
        body: &[u8],
    ) -> Answer {
        let headers = self.authority.sign(method, path, body, self.now());
        self.send(request(method, path, media, &headers, body)).await
    }

    pub(crate) async fn append(&self, append: &Append) -> Answer {
        let body = append.to_bytes().unwrap();
        self.signed("POST", "/v1/log", "application/cbor", &body).await
    }

    /// Appends and expects success.
    pub(crate) async fn publish(&mut self, entries: Vec<Vec<u8>>) {
        let append = self.authority.append(entries, self.now());
        let answer = self.append(&append).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer.body));
        self.authority.advance(&append);
    }

    /// Registers a fresh code for an hour.
    pub(crate) async fn case(&self) -> UploadTicket {
        let code = UploadTicket::generate(&mut rand::rng());
        let body = format!("{{\"expires\":{}}}", self.now() + 3_600);
        let path = case_path(&code);
        let answer = self.signed("PUT", &path, "application/json", body.as_bytes()).await;
        assert_eq!(answer.status, StatusCode::CREATED);
        code
    }

    pub(crate) async fn upload(&self, code: &str, chaff: bool, body: &[u8]) -> Answer {
        self.send(upload_request(code, chaff, body)).await
    }
}

pub(crate) fn upload_request(code: &str, chaff: bool, body: &[u8]) -> Request<Body> {
    Request::post("/v1/uploads")
        .header("content-type", "application/octet-stream")
        .header("content-length", body.len())
        .header("upload-ticket", code)
        .header("x-chaff", if chaff { "1" } else { "0" })
        .body(Body::from(body.to_vec()))
        .unwrap()
}

pub(crate) fn case_path(code: &UploadTicket) -> String {
    format!("/v1/cases/{}", hex::encode(code.hash().as_bytes()))
}

pub(crate) fn request(
    method: &str,
    path: &str,
    media: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if !media.is_empty() {
        request = request.header("content-type", media);
    }
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.body(Body::from(body.to_vec())).unwrap()
}

/// A body of the right size that is no other one's.
pub(crate) fn sealed(mark: u8) -> Vec<u8> {
    (0..BODY).map(|place| (place % 251) as u8 ^ mark).collect()
}

/// Opens a data folder. A test of this program that starts a process holds every open file for a
/// moment, locks included, between its fork and its exec: who finds a folder in use looks again.
pub(crate) async fn opened(
    config: &Config,
    clock: impl Fn() -> Clock,
) -> Result<AppState, ServerError> {
    for _ in 0..100 {
        match open(config, clock()).await {
            Err(error) if error.to_string().ends_with("is used by another server") => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            opened => return opened,
        }
    }
    open(config, clock()).await
}

fn clock(now: &Arc<AtomicU64>) -> Clock {
    let now = Arc::clone(now);
    Clock::new(move || at(now.load(Ordering::SeqCst)))
}

fn add_host(request: &mut Request<Body>) {
    request.headers_mut().entry("host").or_insert(HeaderValue::from_static("localhost"));
}

async fn answer(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer { status: head.status, headers: head.headers, body }
}
