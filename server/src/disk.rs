//! What the disk last said: whether writing succeeds, and which published files are damaged.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use noren::log::TilePath;

use crate::metrics::{Metrics, Part};

/// What an operator can do where nothing can be made again.
pub(crate) const RESTORE: &str = "have the authority run `noren authority restore-log`, or restore \
    the folder from a backup or a mirror";

/// How long a successful write stands for the next one, when somebody asks for the server's health.
const STANDS_FOR: Duration = Duration::from_secs(10);

/// What is known about the disk, shared by all who write.
#[derive(Debug, Clone)]
pub(crate) struct Disk(Arc<Known>);

#[derive(Debug)]
struct Known {
    metrics: Metrics,
    database: Writes,
    files: Writes,
    damaged: Mutex<BTreeSet<TilePath>>,
    probing: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Writes {
    failing: AtomicBool,
    last_success: Mutex<Option<Instant>>,
}

impl Disk {
    pub(crate) fn new(metrics: Metrics) -> Self {
        metrics.writable(Part::Database, true);
        metrics.writable(Part::Files, true);
        Self(Arc::new(Known {
            metrics,
            database: Writes::default(),
            files: Writes::default(),
            damaged: Mutex::default(),
            probing: tokio::sync::Mutex::default(),
        }))
    }

    fn writes(&self, part: Part) -> &Writes {
        match part {
            Part::Database => &self.0.database,
            Part::Files => &self.0.files,
        }
    }

    /// Notes how a write of `part` ended. The operator's log has a line when it begins to fail and
    /// one when it is over, however many requests are refused in between.
    pub(crate) fn wrote<T, E: std::error::Error>(&self, part: Part, result: &Result<T, E>) {
        let writes = self.writes(part);
        match result {
            Ok(_) => {
                let now = Some(Instant::now());
                *writes.last_success.lock().unwrap_or_else(PoisonError::into_inner) = now;
                if writes.failing.swap(false, Ordering::AcqRel) {
                    self.0.metrics.writable(part, true);
                    tracing::warn!(part = part.name(), "writing succeeds again");
                }
            }
            Err(error) => {
                self.0.metrics.write_failed(part);
                if !writes.failing.swap(true, Ordering::AcqRel) {
                    self.0.metrics.writable(part, false);
                    tracing::error!(part = part.name(), %error, "writing fails");
                }
            }
        }
    }

    /// Returns whether a write succeeded so lately that nobody has to try one.
    pub(crate) fn wrote_lately(&self, part: Part) -> bool {
        let writes = self.writes(part);
        let last = *writes.last_success.lock().unwrap_or_else(PoisonError::into_inner);
        !writes.failing.load(Ordering::Acquire)
            && last.is_some_and(|time| time.elapsed() < STANDS_FOR)
    }

    /// Returns whether the last write of `part` failed.
    pub(crate) fn is_failing(&self, part: Part) -> bool {
        self.writes(part).failing.load(Ordering::Acquire)
    }

    /// Makes the next question about `part` one that is tried out.
    pub(crate) fn forget(&self, part: Part) {
        *self.writes(part).last_success.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// One question after the other, so that many of them cause one write.
    pub(crate) async fn probing(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.probing.lock().await
    }

    /// Notes a published file that cannot be served, or one that can be again.
    pub(crate) fn checked(&self, path: TilePath, sound: bool) {
        let mut damaged = self.0.damaged.lock().unwrap_or_else(PoisonError::into_inner);
        if sound && damaged.remove(&path) {
            tracing::warn!(%path, "a damaged file is sound again");
        } else if !sound && damaged.insert(path) {
            tracing::error!(%path, "a published file is damaged or missing: {RESTORE}");
        }
        self.0.metrics.damaged(damaged.len());
    }

    /// Returns how many published files cannot be served.
    pub(crate) fn damaged(&self) -> usize {
        self.0.damaged.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Returns the first of them.
    pub(crate) fn damaged_files(&self, count: usize) -> Vec<TilePath> {
        let damaged = self.0.damaged.lock().unwrap_or_else(PoisonError::into_inner);
        damaged.iter().take(count).copied().collect()
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }
}
