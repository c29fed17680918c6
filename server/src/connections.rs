//! The accept loop: how many connections, how slow, how long.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use prometheus_client::metrics::gauge::Gauge;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::config::Limits;

mod files;
mod framing;
mod pace;
mod places;
mod visit;

pub(crate) use files::places_for_files;
use framing::Watched;
use pace::Paced;
pub(crate) use pace::Stalled;
pub(crate) use places::Seat;
use places::{Guest, Places};
use visit::Visit;

/// Bytes of a request's head, and of what is read ahead.
const BUFFER: usize = 32 << 10;
const MAX_FIELDS: usize = 64;
/// The pause after `accept` failed, for instance for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// On what terms connections are taken.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) limits: Arc<Limits>,
    /// How many.
    pub(crate) places: usize,
    pub(crate) connections: Gauge,
}

/// Serves connections until `stopped` closes, and then until those under way have ended.
pub(crate) async fn serve_connections(
    listener: TcpListener,
    door: Door,
    router: Router,
    mut stopped: watch::Receiver<()>,
) {
    let limits = &door.limits;
    let places = Places::new(door.places, limits.eviction_time(), door.connections.clone());
    let places = Arc::new(places);
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
        // [API-13] [API-23]
        let Some(guest) = places.admit() else { continue };
        let (door, router, watcher) = (door.clone(), router.clone(), graceful.watcher());
        tokio::spawn(async move {
            let life = Duration::from_secs(door.limits.connection_seconds);
            tokio::select! {
                _ = tokio::time::timeout(life, welcome(stream, &guest, &door, router, watcher)) => {}
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

async fn welcome(stream: TcpStream, guest: &Guest, door: &Door, router: Router, watcher: Watcher) {
    let _ = stream.set_nodelay(true);
    // Below TLS, so that it also sees the handshake and whole records.
    let stream = Paced::new(stream, Arc::clone(&guest.seat), door.limits.stall_time());
    let Some(tls) = &door.tls else { return talk(stream, guest, door, router, watcher).await };
    // [API-16] [API-13]
    match tokio::time::timeout(door.limits.header_time(), tls.accept(stream)).await {
        Ok(Ok(stream)) => talk(stream, guest, door, router, watcher).await,
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
    let visit = Visit::new(router, Arc::clone(&guest.seat), door.limits.stall_time());
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // [API-13] Also ends a connection that stays silent between two requests.
        .header_read_timeout(door.limits.header_time())
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
