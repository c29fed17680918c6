//! The demo's server: the real one, as a task of this process, on loopback.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use noren_server::{Config, Server};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(super) struct DemoServer {
    pub(super) url: String,
    data: PathBuf,
    runtime: Runtime,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// A port that nobody listens on. The profile carries the server's address, so it has to be known
/// before the server starts.
pub(super) fn free_port() -> anyhow::Result<u16> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot listen on loopback")?;
    Ok(listener.local_addr()?.port())
}

impl DemoServer {
    pub(super) fn start(
        data: &Path,
        profile: PathBuf,
        port: u16,
        url: String,
    ) -> anyhow::Result<Self> {
        let runtime = Runtime::new().context("cannot start the server's threads")?;
        let config = Config {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            ops_listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data: data.to_owned(),
            authority: Some(profile),
            ..Config::default()
        };
        let server = runtime.block_on(Server::bind(config)).context("cannot start the server")?;
        let (stop, stopped) = oneshot::channel::<()>();
        let task = runtime.spawn(server.serve(async {
            let _ = stopped.await;
        }));
        Ok(Self { url, data: data.to_owned(), runtime, stop, task })
    }

    /// Waits while the server goes on.
    pub(super) fn wait<T>(&self, what: impl Future<Output = T>) -> T {
        self.runtime.block_on(what)
    }

    /// Lets requests under way end, and the files be closed.
    pub(super) fn stop(self) {
        drop(self.stop);
        let _ = self.runtime.block_on(self.task);
    }

    /// The files in the server's folder, with their lengths.
    pub(super) fn files(&self) -> anyhow::Result<Vec<(String, u64)>> {
        let mut files = Vec::new();
        for path in self.paths(&self.data)? {
            let name = path.strip_prefix(&self.data).unwrap_or(&path).display().to_string();
            files.push((name, path.metadata()?.len()));
        }
        files.sort();
        Ok(files)
    }

    /// Whether none of `needles` occurs in any file of the server.
    pub(super) fn holds_none_of(&self, needles: &[Vec<u8>]) -> anyhow::Result<bool> {
        for path in self.paths(&self.data)? {
            let bytes =
                std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let holds =
                |needle: &Vec<u8>| bytes.windows(needle.len()).any(|window| window == needle);
            if needles.iter().any(holds) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn paths(&self, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                paths.extend(self.paths(&entry.path())?);
            } else {
                paths.push(entry.path());
            }
        }
        Ok(paths)
    }
}
