//! `add-checkpoint` over HTTP.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use noren::log::{AddCheckpoint, Checkpoint, WitnessRefusal};
use noren::profile::SignedProfile;
use noren::time::UnixSeconds;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::remembered::{Last, Remembered};
use super::{Signer, Watched, tree_keys};
use crate::context::Context;
use crate::errors::words;
use crate::log_files::LogFiles;
use crate::output::Output;
use crate::text::clean;

/// A witness that listens.
pub(super) struct Service {
    runtime: Runtime,
    listener: TcpListener,
    address: SocketAddr,
    signer: Signer,
    logs: Vec<Watched>,
    remembered: Remembered,
}

/// What each request needs.
struct Desk {
    signer: Signer,
    /// Taken for the whole of a request's work: what is compared is what is replaced.
    known: Mutex<Known>,
    now: Box<dyn Fn() -> anyhow::Result<UnixSeconds> + Send + Sync>,
    output: Output,
}

/// What a witness knows of its logs.
struct Known {
    logs: Vec<Watched>,
    remembered: Remembered,
    /// When it last looked for new keys.
    looked: Option<Instant>,
}

/// How long nobody can make a witness look for new keys once more.
const PAUSE: Duration = Duration::from_secs(60);
/// How long it looks at most.
const PATIENCE: Duration = Duration::from_secs(10);

impl Service {
    pub(super) fn bind(
        listen: &str,
        signer: Signer,
        logs: Vec<Watched>,
        remembered: Remembered,
    ) -> anyhow::Result<Self> {
        let runtime = Runtime::new()?;
        let listener = runtime
            .block_on(TcpListener::bind(listen))
            .with_context(|| format!("cannot listen at {}, which --listen names", clean(listen)))?;
        let address = listener.local_addr()?;
        Ok(Self { runtime, listener, address, signer, logs, remembered })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the process ends.
    pub(super) fn serve(self, context: &Context) -> anyhow::Result<()> {
        let Self { runtime, listener, signer, logs, remembered, .. } = self;
        let clock = context.clock();
        let desk = Desk {
            signer,
            known: Mutex::new(Known { logs, remembered, looked: None }),
            now: Box::new(clock),
            output: context.output,
        };
        let app = Router::new()
            .route("/add-checkpoint", post(add_checkpoint))
            .layer(DefaultBodyLimit::max(AddCheckpoint::MAX_LENGTH))
            .with_state(Arc::new(desk));
        runtime.block_on(async { axum::serve(listener, app).await })?;
        Ok(())
    }
}

async fn add_checkpoint(State(desk): State<Arc<Desk>>, body: Bytes) -> Response {
    // The disk is waited for on a thread of its own.
    let done = tokio::task::spawn_blocking(move || desk.cosign(&body)).await;
    match done {
        Ok(Ok(Ok(line))) => line.into_response(),
        Ok(Ok(Err(refusal))) => refused(refusal),
        Ok(Err(_)) | Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn refused(refusal: WitnessRefusal) -> Response {
    // [LOG-23]
    let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
    match refusal {
        WitnessRefusal::OtherSize { seen } | WitnessRefusal::Fork { seen } => {
            (status, [(CONTENT_TYPE, "text/x.tlog.size")], format!("{}\n", seen.size))
                .into_response()
        }
        other => (status, format!("{other}\n")).into_response(),
    }
}

impl Desk {
    /// The cosignature, or why there is none. An error where this witness cannot work.
    fn cosign(&self, body: &[u8]) -> anyhow::Result<Result<String, WitnessRefusal>> {
        let answered = self.judge(body);
        match &answered {
            Err(error) => self.output.say(format!("not cosigned: {}", words(error))),
            Ok(Err(refusal @ (WitnessRefusal::Fork { .. } | WitnessRefusal::NotProven))) => {
                self.output.say(format!("ALARM: {refusal}"));
            }
            Ok(_) => {}
        }
        answered
    }

    fn judge(&self, body: &[u8]) -> anyhow::Result<Result<String, WitnessRefusal>> {
        // [LOG-23]
        let request = match AddCheckpoint::from_text(body) {
            Ok(request) => request,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Ok(origin) = Checkpoint::origin_of(request.checkpoint.as_bytes()) else {
            return Ok(Err(WitnessRefusal::Malformed));
        };
        let Ok(mut known) = self.known.lock() else {
            anyhow::bail!("a request before this one did not end well");
        };
        let Known { logs, remembered, looked } = &mut *known;
        let Some(log) = logs.iter_mut().find(|log| log.origin == origin) else {
            return Ok(Err(WitnessRefusal::UnknownLog));
        };
        let last = remembered.last(&origin)?;
        let seen = last.map(|Last { tree, .. }| tree);
        let mut judged = request.judge(&log.origin, &log.keys, seen);
        let may_look = looked.is_none_or(|looked| looked.elapsed() > PAUSE);
        if matches!(judged, Err(WitnessRefusal::Unsigned(_))) && may_look {
            *looked = Some(Instant::now());
            log.look_for_new_keys();
            judged = request.judge(&log.origin, &log.keys, seen);
        }
        let head = match judged {
            Ok(head) => head,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let now = (self.now)()?;
        anyhow::ensure!(
            last.is_none_or(|last| last.time <= now),
            "this machine's clock stands before what was cosigned last; set it right"
        );
        remembered.remember(&head, now)?;
        Ok(Ok(head.cosign(&self.signer.name, &self.signer.key, now)))
    }
}

impl Watched {
    /// Takes the keys that the authority has handed over to, where it did.
    fn look_for_new_keys(&mut self) {
        // [PRO-5]
        let Some(profile) = &self.profile else { return };
        let files = LogFiles::new(&profile.profile().url);
        let served = files.and_then(|files| files.until(Instant::now() + PATIENCE).profile());
        let served = served.ok().flatten();
        let served = served.and_then(|bytes| SignedProfile::from_bytes(&bytes).ok());
        if let Some(served) = served.filter(|served| profile.check_replacement(served).is_ok()) {
            self.keys = tree_keys(&served);
            self.profile = Some(served);
        }
    }
}
