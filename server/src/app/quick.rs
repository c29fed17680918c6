//! The short way to what everybody reads: an answer out of memory, before the router is asked.
//!
//! What is not there, or not asked for in the plainest form, goes the long way, and both ways give the
//! same answer. Most requests are these, and the long way costs several times as much as sending the
//! answer does.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use axum::response::Response;
use noren::log::TilePath;
use noren::profile::SignedProfile;
use noren::time::UnixSeconds;

use super::downloads::{TILE, answer, head_of_checkpoint, kept_profile, kept_tile, profile_body};
use super::limits::date_of;
use super::observe::log_line;
use super::strict::form;
use crate::connections::Seat;
use crate::metrics::Tally;
use crate::pieces::Kept;
use crate::state::AppState;

/// What can be answered out of memory.
pub(crate) struct Quick {
    state: AppState,
    /// An answer with a checkpoint, but for the checkpoint.
    checkpoint: Kept,
    /// The profile that was asked for last.
    profile: Mutex<Option<(Arc<SignedProfile>, Arc<Kept>)>>,
    /// The date that was said last.
    date: Mutex<Option<(UnixSeconds, HeaderValue)>>,
    tallies: [OnceLock<Tally>; 6],
}

/// What is read this way.
#[derive(Debug, Clone, Copy)]
enum Read {
    Checkpoint,
    Tile,
    Profile,
}

impl Read {
    const fn route(self) -> &'static str {
        match self {
            Self::Checkpoint => "/checkpoint",
            Self::Tile => TILE,
            Self::Profile => "/v1/authority",
        }
    }
}

impl Quick {
    pub(crate) fn new(state: AppState) -> Self {
        let checkpoint = Kept::new(head_of_checkpoint(), vec![]);
        Self {
            state,
            checkpoint,
            profile: Mutex::default(),
            date: Mutex::default(),
            tallies: Default::default(),
        }
    }

    /// Answers a request, or leaves it to the router.
    pub(crate) fn answer<B: hyper::body::Body>(
        &self,
        request: &Request<B>,
        seat: &Seat,
    ) -> Option<Response> {
        // [API-23] [API-26]
        // [API-44] What several servers share is looked at for each reader.
        let is_plain = !self.state.published.is_shared()
            && request.method() == Method::GET
            && request.uri().query().is_none()
            && request.body().is_end_stream()
            && !seat.is_reserve()
            && form(request, seat.is_ambiguous()).is_ok();
        if !is_plain {
            return None;
        }
        let start = Instant::now();
        let (read, mut response) = self.kept(request.uri().path(), request.headers())?;
        response.headers_mut().insert(header::DATE, self.date()?);
        self.count(read, response.status(), start.elapsed());
        Some(response)
    }

    fn kept(&self, path: &str, request: &HeaderMap) -> Option<(Read, Response)> {
        match path {
            "/checkpoint" => {
                let note = self.state.published.head()?.text;
                Some((Read::Checkpoint, answer(request, &self.checkpoint, note.into())))
            }
            "/v1/authority" => {
                let kept = self.profile();
                Some((Read::Profile, answer(request, &kept, profile_body(&kept))))
            }
            _ => {
                // [API-2] Without percent-encoding: that goes the long way.
                let path: TilePath = path.strip_prefix('/')?.parse().ok()?;
                Some((Read::Tile, kept_tile(&self.state, path, request)?))
            }
        }
    }

    /// Returns the profile of now.
    fn profile(&self) -> Arc<Kept> {
        let profile = self.state.published.profile();
        let mut last = self.profile.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((same, kept)) if Arc::ptr_eq(same, &profile) => Arc::clone(kept),
            _ => {
                let kept = Arc::new(kept_profile(&profile));
                *last = Some((profile, Arc::clone(&kept)));
                kept
            }
        }
    }

    /// Returns the date of now.
    fn date(&self) -> Option<HeaderValue> {
        let now = self.state.clock.now();
        let mut last = self.date.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref().is_none_or(|(time, _)| *time != now) {
            *last = Some((now, date_of(now)?));
        }
        last.as_ref().map(|(_, date)| date.clone())
    }

    fn count(&self, read: Read, status: StatusCode, elapsed: Duration) {
        let number = 2 * read as usize + usize::from(status == StatusCode::NOT_MODIFIED);
        let Some(tally) = self.tallies.get(number) else { return };
        let (route, status) = (read.route(), status.as_u16());
        let tally = tally.get_or_init(|| self.state.metrics.tally("GET", route, status));
        log_line("GET", route, status, elapsed);
        tally.count(elapsed);
    }
}
