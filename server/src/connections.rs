//! The accept loop: how many connections, how slow, how long.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use prometheus_client::metrics::gauge::Gauge;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use crate::config::Limits;

/// Bytes of a request's head, and of what is read ahead.
const BUFFER: usize = 32 << 10;
const MAX_FIELDS: usize = 64;
/// The pause after `accept` failed, for instance for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// On what terms connections are taken.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) connections: Gauge,
}

/// Serves connections until `stopped` closes, and then until those under way have ended.
pub(crate) async fn serve_connections(
    listener: TcpListener,
    door: Door,
    router: Router,
    mut stopped: watch::Receiver<()>,
) {
    let places = Arc::new(Semaphore::new(door.limits.connections));
    let graceful = GracefulShutdown::new();
    loop {
        // [API-13] No place, no accept: the rest waits in the kernel's queue.
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await.map_err(io::Error::other)?;
            Ok::<_, io::Error>((place, listener.accept().await?.0))
        };
        let (place, stream) = tokio::select! {
            _ = stopped.changed() => break,
            accepted = accepted => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let (door, router, watcher) = (door.clone(), router.clone(), graceful.watcher());
        tokio::spawn(async move {
            door.connections.inc();
            let life = Duration::from_secs(door.limits.connection_seconds);
            let _ = tokio::time::timeout(life, welcome(stream, &door, router, watcher)).await;
            door.connections.dec();
            drop(place);
        });
    }
    // [API-18] New connections are refused from here on.
    drop(listener);
    let patience = Duration::from_secs(door.limits.shutdown_seconds);
    if tokio::time::timeout(patience, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still under way when the time to stop was over");
    }
}

async fn welcome(stream: TcpStream, door: &Door, router: Router, watcher: Watcher) {
    let _ = stream.set_nodelay(true);
    let Some(tls) = &door.tls else { return talk(stream, door, router, watcher).await };
    // [API-16] [API-13]
    match tokio::time::timeout(door.limits.header_time(), tls.accept(stream)).await {
        Ok(Ok(stream)) => talk(stream, door, router, watcher).await,
        Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
        Err(_) => tracing::debug!("a TLS handshake took too long"),
    }
}

async fn talk(
    stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
    door: &Door,
    router: Router,
    watcher: Watcher,
) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // [API-13] Also ends a connection that stays silent between two requests.
        .header_read_timeout(door.limits.header_time())
        .max_buf_size(BUFFER)
        .max_headers(MAX_FIELDS)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    // What goes wrong here is the other side's doing, and its address is nobody's business.
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection broke");
    }
}
