//! Deletes what is too old, once it is certain that its time has passed: a clock that was wrong for a
//! while would delete what cannot come back.

use std::time::{Duration, Instant};

use noren::time::{Day, UnixSeconds};

use crate::feed::KEPT_SECONDS;
use crate::state::AppState;

/// How far the log's last signature may lie back where it alone confirms the time, in seconds.
const CONFIRMED_SECONDS: u64 = 86_400;
/// How long a clock that nothing else confirms has to run evenly.
const STEADY: Duration = Duration::from_secs(86_400);
/// By how many seconds it may be adjusted meanwhile.
const ADJUSTED_SECONDS: u64 = 300;

/// Deletes old uploads, codes and append times.
#[derive(Debug)]
pub struct Sweeper {
    retention_days: u32,
    /// Since when the clock has run evenly, by itself and by one that nobody sets.
    steady_since: (UnixSeconds, Instant),
}

impl Sweeper {
    /// For a server that starts at `at`.
    #[must_use]
    pub fn new(state: &AppState, retention_days: u32, at: Instant) -> Self {
        Self { retention_days, steady_since: (state.clock.now(), at) }
    }

    /// Deletes what is too old, unless the clock may be wrong. `at` is the time by a clock that nobody
    /// sets.
    pub async fn sweep(&mut self, state: &AppState, at: Instant) {
        let now = state.clock.now();
        let steady = self.steady(now, at);
        // [API-32]
        let signed = state.published.head().map(|head| head.timestamp.plus(CONFIRMED_SECONDS));
        if steady < STEADY && signed.is_none_or(|signed| signed < now) {
            tracing::info!("nothing is deleted as too old before it is certain what time it is");
            return;
        }
        let oldest = Day::containing(now).minus(self.retention_days);
        if let Err(error) = state.inbox.sweep(now, oldest).await {
            tracing::error!(%error, "old uploads were not deleted");
        }
        if let Err(error) = state.published.sweep(now.minus(2 * KEPT_SECONDS)).await {
            tracing::error!(%error, "old append times were not deleted");
        }
    }

    /// For how long the clock has run evenly.
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
