//! What every handler can reach.

use std::ops::Deref;
use std::sync::Arc;

use noren::request::ServerAddress;

use crate::clock::Clock;
use crate::config::Limits;
use crate::disk::Disk;
use crate::failure_budget::FailureBudget;
use crate::feed::Feed;
use crate::inbox::Inbox;
use crate::metrics::Metrics;
use crate::nonces::Nonces;
use crate::page::Page;
use crate::pieces::PieceStore;
use crate::published::Published;
use crate::turn::Turns;

/// The parts of one running server, shared by its requests.
#[derive(Debug, Clone)]
pub struct AppState(Arc<Parts>);

/// See [`AppState`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Parts {
    /// The time of day.
    pub clock: Clock,
    /// Where the authority reaches the server, besides the address in its profile.
    pub address: Option<ServerAddress>,
    /// Limits of sizes, times and counts.
    pub limits: Limits,
    /// The log as static files.
    pub published: Arc<Published>,
    /// Cases and sealed uploads.
    pub inbox: Inbox,
    /// The nonces of the authority's requests.
    pub nonces: Nonces,
    /// Whose turn it is to append.
    pub turns: Turns,
    /// The counters behind `/metrics`.
    pub metrics: Metrics,
    pub(crate) page: Page,
    pub(crate) disk: Disk,
    pub(crate) feed: Feed,
    pub(crate) pieces: PieceStore,
    pub(crate) failures: FailureBudget,
}

impl AppState {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Closes the database in an orderly way. What was answered is safe without it, too.
    pub async fn close(&self) {
        self.inbox.close().await;
    }
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
