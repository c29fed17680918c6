//! Workers that share one listener: each has a thread, a scheduler and its connections to itself.
//!
//! A scheduler for all threads wakes another thread for nearly every request that comes alone, which
//! costs more than answering it out of memory.

use std::io;
use std::thread;

use axum::Router;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Handle};
use tokio::sync::{oneshot, watch};

use super::{Door, serve_connections};

/// Does what [`serve_connections`] does, on as many workers as this runtime has.
///
/// # Errors
/// When the system grants no thread or no file for one.
pub(crate) async fn serve_on_workers(
    listener: TcpListener,
    door: Door,
    router: Router,
    stopped: watch::Receiver<()>,
) -> io::Result<()> {
    let listener = listener.into_std()?;
    let mut ends: Vec<oneshot::Receiver<io::Result<()>>> = vec![];
    for number in 0..Handle::current().metrics().num_workers() {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let listener = listener.try_clone()?;
        let (door, router, stopped) = (door.clone(), router.clone(), stopped.clone());
        let (end, ended) = oneshot::channel();
        let work = move || {
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener)?;
                serve_connections(listener, door, router, stopped).await;
                Ok(())
            })
        };
        let name = format!("connections-{number}");
        thread::Builder::new().name(name).spawn(move || end.send(work()))?;
        ends.push(ended);
    }
    drop(listener);
    for ended in ends {
        ended.await.map_err(io::Error::other)??;
    }
    Ok(())
}
