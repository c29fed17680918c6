//! The accept loop: how many connections, how slow, how long.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use prometheus_client::metrics::gauge::Gauge;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

use crate::app::Quick;
use crate::config::Limits;
use crate::shelf::Shelf;

mod files;
mod framing;
mod pace;
mod places;
mod sending;
mod visit;
mod workers;

pub(crate) use files::{places_for_files, spare_files};
use framing::Watched;
use pace::Paced;
pub(crate) use pace::Stalled;
use places::Guest;
pub(crate) use places::{Places, Seat};
use visit::Visit;
pub(crate) use workers::serve_on_workers;

/// Bytes of a request's head, and of what is read ahead.
const BUFFER: usize = 32 << 10;
const MAX_FIELDS: usize = 64;
/// The pause after `accept` failed, for instance for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// On what terms connections are taken.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) tls: Option<TlsAcceptor>,
    /// What is answered without the router.
    pub(crate) quick: Option<Arc<Quick>>,
    pub(crate) limits: Arc<Limits>,
    /// What many are sent.
    pub(crate) shelf: Shelf,
    pub(crate) places: Arc<Places>,
}

impl Door {
    /// A door through which so many come at once.
    pub(crate) fn new(limits: Arc<Limits>, places: usize, connections: Gauge) -> Self {
        let places = Places::new(places, limits.eviction_time(), connections);
        let places = Arc::new(places);
        Self { tls: None, quick: None, limits, shelf: Shelf::default(), places }
    }
}

/// Serves connections until `stopped` closes, and then until those under way have ended.
pub(crate) async fn serve_connections(
    listener: TcpListener,
    door: Door,
    router: Router,
    mut stopped: watch::Receiver<()>,
) {
    let places = Arc::clone(&door.places);
    let graceful = GracefulShutdown::new();
    let mut failed = false;
    loop {
        let stream = tokio::select! {
            _ = stopped.changed() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    if !std::mem::replace(&mut failed, true) {
                        tracing::warn!(%error, "a connection was not accepted");
                    }
                    places.make_room();
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        failed = false;
        // Whoever else listens takes the next one.
        tokio::task::yield_now().await;
        // [API-13] [API-23]
        let Some(guest) = places.admit() else { continue };
        let (door, router, watcher) = (door.clone(), router.clone(), graceful.watcher());
        tokio::spawn(async move {
            tokio::select! {
                () = welcome(stream, &guest, &door, router, watcher) => {}
                () = patience(&guest.seat, &door.limits) => {}
                () = guest.seat.asked_to_leave() => {}
            }
        });
    }
    // [API-18] New connections are refused from here on.
    drop(listener);
    let patience = Duration::from_secs(door.limits.shutdown_seconds);
    if tokio::time::timeout(patience, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still under way when the time to stop was over");
    }
}

/// Waits until a connection has lived for as long as it may, or nothing has come for too long. Its one
/// clock is set anew only when it has run down: to do so for each request costs as much as reading it.
async fn patience(seat: &Seat, limits: &Limits) {
    // [API-13]
    let (end, most) = (Instant::now() + limits.connection_time(), limits.header_time());
    loop {
        let left = most.saturating_sub(seat.silence());
        let next = Instant::now() + left;
        if left.is_zero() || end <= Instant::now() {
            return;
        }
        tokio::time::sleep_until(next.min(end)).await;
    }
}

async fn welcome(stream: TcpStream, guest: &Guest, door: &Door, router: Router, watcher: Watcher) {
    let _ = stream.set_nodelay(true);
    // Below TLS, so that it also sees the handshake and whole records.
    let (seat, shelf) = (Arc::clone(&guest.seat), door.shelf.clone());
    let stream = Paced::new(stream, seat, door.limits.stall_time(), shelf);
    let Some(tls) = &door.tls else { return talk(stream, guest, door, router, watcher).await };
    // [API-16] [API-13]
    match tokio::time::timeout(door.limits.header_time(), tls.accept(stream)).await {
        Ok(Ok(stream)) => {
            guest.seat.is_silent_from_now();
            talk(stream, guest, door, router, watcher).await;
        }
        Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
        Err(_) => tracing::debug!("a TLS handshake took too long"),
    }
}

async fn talk(
    stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
    guest: &Guest,
    door: &Door,
    router: Router,
    watcher: Watcher,
) {
    let stream = Watched::new(stream, Arc::clone(&guest.seat));
    let (quick, seat) = (door.quick.clone(), Arc::clone(&guest.seat));
    let visit = Visit::new(router, quick, seat, door.limits.stall_time());
    let connection = http1::Builder::new()
        // [API-13] For heads that do not come, see `patience`.
        .header_read_timeout(None)
        .max_buf_size(BUFFER)
        .max_headers(MAX_FIELDS)
        // Who has sent everything may close that half and still gets the answer.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), visit);
    // What goes wrong here is the other side's doing, and its address is nobody's business.
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection broke");
    }
}
