//! Deletes what is too old, once it is certain that its time has passed: a clock that was wrong for a
//! while would delete what cannot come back.

use std::time::{Duration, Instant};

use noren::time::{Day, UnixSeconds};

use crate::feed::KEPT_SECONDS;
use crate::state::AppState;

/// How far the clock may go on beyond the time that was certain, in seconds: the server may have been
/// off.
const STRIDE: u64 = 2 * 86_400;
/// How long a clock that went further has to run evenly.
const STEADY: Duration = Duration::from_secs(86_400);
/// By how many seconds it may be adjusted meanwhile.
const ADJUSTED_SECONDS: u64 = 300;

/// Deletes old uploads, codes and append times.
#[derive(Debug)]
pub struct Sweeper {
    retention_days: u32,
    removes_past: bool,
    /// Since when the clock has run evenly, by itself and by one that nobody sets.
    steady_since: (UnixSeconds, Instant),
}

impl Sweeper {
    /// Begins for a server that starts at `at`.
    #[must_use]
    pub fn new(state: &AppState, retention_days: u32, at: Instant) -> Self {
        Self { retention_days, removes_past: false, steady_since: (state.clock.now(), at) }
    }

    /// Removes entries that no device needs as well, if `removes_past`.
    #[must_use]
    pub const fn removing_past(self, removes_past: bool) -> Self {
        Self { removes_past, ..self }
    }

    /// Deletes what is too old, unless the clock may be wrong. `at` is the time by a clock that nobody
    /// sets.
    pub async fn sweep(&mut self, state: &AppState, at: Instant) {
        let now = state.clock.now();
        let steady = self.steady(now, at);
        // [API-32]
        match state.inbox.is_certain(now, STRIDE, steady >= STEADY).await {
            Ok(true) => {}
            Ok(false) => {
                tracing::warn!(
                    "this clock went forward by more than two days and may be wrong: the server \
                     deletes nothing for its age until the clock has run evenly for a day"
                );
                return;
            }
            Err(error) => return tracing::error!(%error, "what is too old was not deleted"),
        }
        let oldest = Day::containing(now).minus(self.retention_days);
        if let Err(error) = state.inbox.sweep(now, oldest).await {
            tracing::error!(%error, "old uploads were not deleted");
        }
        if let Err(error) = state.published.sweep(now.minus(2 * KEPT_SECONDS)).await {
            tracing::error!(%error, "old append times were not deleted");
        }
        // [API-39]
        if self.removes_past {
            if let Err(error) = state.published.remove_past().await {
                tracing::error!(%error, "old entries were not removed");
            }
            state.pieces.forget(|path| state.published.is_past(path));
        }
    }

    /// Returns for how long the clock has run evenly.
    fn steady(&mut self, now: UnixSeconds, at: Instant) -> Duration {
        let (clock, since) = self.steady_since;
        let passed = at.saturating_duration_since(since);
        if clock.plus(passed.as_secs()).get().abs_diff(now.get()) > ADJUSTED_SECONDS {
            self.steady_since = (now, at);
            return Duration::ZERO;
        }
        passed
    }
}
