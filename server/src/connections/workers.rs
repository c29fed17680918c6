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

/// Workers whose connections have ended, and who are there all the same: what one of them has opened, a
/// connection to the database for example, is used by everybody and ends with its worker.
pub(crate) struct Workers {
    over: watch::Sender<()>,
    gone: Vec<oneshot::Receiver<()>>,
}

impl Workers {
    /// Lets them go.
    pub(crate) async fn end(self) {
        drop(self.over);
        for gone in self.gone {
            // One whose thread broke has gone as well.
            let _ = gone.await;
        }
    }
}

/// Does what [`serve_connections`] does, on as many workers as this runtime has.
///
/// # Errors
/// When the system grants no thread or no file for one.
pub(crate) async fn serve_on_workers(
    listener: TcpListener,
    door: Door,
    router: Router,
    stopped: watch::Receiver<()>,
) -> io::Result<Workers> {
    let listener = listener.into_std()?;
    let mut workers = Workers { over: watch::Sender::new(()), gone: vec![] };
    let mut ends: Vec<oneshot::Receiver<io::Result<()>>> = vec![];
    for number in 0..Handle::current().metrics().num_workers() {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let listener = listener.try_clone()?;
        let (door, router, stopped) = (door.clone(), router.clone(), stopped.clone());
        let ((end, ended), (go, gone)) = (oneshot::channel(), oneshot::channel());
        let mut over = workers.over.subscribe();
        let work = move || {
            runtime.block_on(async {
                let served = async {
                    let listener = TcpListener::from_std(listener)?;
                    serve_connections(listener, door, router, stopped).await;
                    Ok(())
                };
                let _ = end.send(served.await);
                let _ = over.changed().await;
            });
            drop(runtime);
            go.send(())
        };
        let name = format!("connections-{number}");
        thread::Builder::new().name(name).spawn(work)?;
        ends.push(ended);
        workers.gone.push(gone);
    }
    drop(listener);
    for ended in ends {
        ended.await.map_err(io::Error::other)??;
    }
    Ok(workers)
}
