//! The counters that an operator sees: nothing in them tells who sent a request.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabel {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: Outcome,
}

/// How an upload or an append ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum Outcome {
    /// It was done, had been done before, or was a dummy.
    Accepted,
    /// It was refused.
    Refused,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PartLabel {
    part: Part,
}

/// What is written to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum Part {
    /// Cases, uploads, nonces, the times of appends.
    Database,
    /// The log and the profile.
    Files,
}

impl Part {
    /// As it stands in the log and in metrics.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Files => "files",
        }
    }
}

/// The counters behind `/metrics`. Their labels come from fixed lists: no text of a request ever
/// becomes one.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    requests: Family<RequestLabels, Counter>,
    seconds: Family<RouteLabel, Histogram, fn() -> Histogram>,
    uploads: Family<OutcomeLabel, Counter>,
    appends: Family<OutcomeLabel, Counter>,
    log_size: Gauge<u64, AtomicU64>,
    checkpoint_time: Gauge<u64, AtomicU64>,
    writable: Family<PartLabel, Gauge>,
    write_failures: Family<PartLabel, Counter>,
    damaged: Gauge,
    healed: Counter,
    /// Connections open now.
    pub(crate) connections: Gauge,
}

fn duration_histogram() -> Histogram {
    Histogram::new(exponential_buckets(0.000_25, 2.0, 16))
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("noren");
        let mut metrics = Self {
            registry: Arc::default(),
            requests: Family::default(),
            seconds: Family::new_with_constructor(duration_histogram),
            uploads: Family::default(),
            appends: Family::default(),
            log_size: Gauge::default(),
            checkpoint_time: Gauge::default(),
            writable: Family::default(),
            write_failures: Family::default(),
            damaged: Gauge::default(),
            healed: Counter::default(),
            connections: Gauge::default(),
        };
        registry.register("http_requests", "Requests answered", metrics.requests.clone());
        let help = "Time from the head of a request to its answer";
        registry.register_with_unit("http_request", help, Unit::Seconds, metrics.seconds.clone());
        registry.register("uploads", "Uploads answered, dummies included", metrics.uploads.clone());
        registry.register("appends", "Appends to the log answered", metrics.appends.clone());
        registry.register(
            "log_entries",
            "Entries that the checkpoint covers",
            metrics.log_size.clone(),
        );
        let help = "Time of the checkpoint, since 1970";
        registry.register_with_unit(
            "log_checkpoint_time",
            help,
            Unit::Seconds,
            metrics.checkpoint_time.clone(),
        );
        registry.register("connections", "Connections open now", metrics.connections.clone());
        let help = "Whether the last write to the disk succeeded";
        registry.register("disk_writable", help, metrics.writable.clone());
        registry.register(
            "disk_write_failures",
            "Writes to the disk that failed",
            metrics.write_failures.clone(),
        );
        let help = "Published files that are damaged or missing and cannot be made again";
        registry.register("damaged_files", help, metrics.damaged.clone());
        let help = "Damaged published files that were made again from others";
        registry.register("healed_files", help, metrics.healed.clone());
        metrics.registry = Arc::new(registry);
        metrics
    }
}

/// Where requests of one kind with one answer are counted.
#[derive(Debug)]
pub(crate) struct Tally {
    requests: Counter,
    seconds: Histogram,
}

impl Tally {
    /// Counts a request that was answered.
    pub(crate) fn count(&self, elapsed: Duration) {
        self.seconds.observe(elapsed.as_secs_f64());
        self.requests.inc();
    }
}

impl Metrics {
    /// Returns where requests with this answer are counted.
    pub(crate) fn tally(&self, method: &'static str, route: &str, status: u16) -> Tally {
        let route = route.to_owned();
        let seconds = self.seconds.get_or_create_owned(&RouteLabel { route: route.clone() });
        let requests = self.requests.get_or_create_owned(&RequestLabels { method, route, status });
        Tally { requests, seconds }
    }

    pub(crate) fn upload(&self, outcome: Outcome) {
        self.uploads.get_or_create(&OutcomeLabel { outcome }).inc();
    }

    pub(crate) fn append(&self, outcome: Outcome) {
        self.appends.get_or_create(&OutcomeLabel { outcome }).inc();
    }

    pub(crate) fn checkpoint(&self, size: u64, time: u64) {
        self.log_size.set(size);
        self.checkpoint_time.set(time);
    }

    pub(crate) fn writable(&self, part: Part, writable: bool) {
        self.writable.get_or_create(&PartLabel { part }).set(writable.into());
    }

    pub(crate) fn write_failed(&self, part: Part) {
        self.write_failures.get_or_create(&PartLabel { part }).inc();
    }

    pub(crate) fn damaged(&self, files: usize) {
        self.damaged.set(i64::try_from(files).unwrap_or(i64::MAX));
    }

    pub(crate) fn healed(&self) {
        self.healed.inc();
    }

    /// Returns the OpenMetrics text; `None` if it cannot be written.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let mut text = String::new();
        encode(&mut text, &self.registry).ok()?;
        Some(text)
    }
}
