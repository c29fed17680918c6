//! The same files behind two servers: a log as the server keeps it, and a folder for nginx.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use noren::authority::AuthorityKeys;
use noren::log::{Checkpoint, CompactRange, Origin, append_tiles, leaf_hash};
use noren::profile::Profile;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};

use crate::Result;
use crate::files::{now, write};

/// The bytes of an entry, about those of a real one.
const ENTRY: usize = 690;
/// Two buckets of the feed: what was appended before is in it.
const BEFORE: u64 = 4 * 3_600;

/// A server that runs until it is dropped.
pub struct Served {
    /// Where it listens.
    pub addr: SocketAddr,
    child: Child,
    stop: Option<Command>,
}

impl Served {
    /// Returns the process's id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the body of a path.
    ///
    /// # Errors
    /// When the answer is no success.
    pub fn get(&self, path: &str) -> Result<Vec<u8>> {
        let mut stream = TcpStream::connect(self.addr)?;
        let host = self.addr;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n")?;
        let mut bytes = vec![];
        stream.read_to_end(&mut bytes)?;
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or("no head")? + 4;
        if !bytes.starts_with(b"HTTP/1.1 200 ") {
            return Err(format!("{path}: {}", String::from_utf8_lossy(&bytes)).into());
        }
        Ok(bytes.split_off(end))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // nginx ends those that it started.
        match &mut self.stop {
            Some(stop) => drop(stop.status()),
            None => drop(self.child.kill()),
        }
        let _ = self.child.wait();
    }
}

/// A log of so many entries in a folder of its own.
pub struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    /// Writes the log's files.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn new(entries: usize) -> Result<Self> {
        let site = Self { folder: tempfile::tempdir()? };
        let mut rng = ChaCha20Rng::seed_from_u64(37);
        let keys = AuthorityKeys::generate(&mut rng);
        let (origin, now) = (Origin::new("bench.example/log")?, now()?);
        let own = keys.profile("Bench", origin.clone(), "http://127.0.0.1:8470", now);
        let profile = Profile { time_zone: "UTC".to_owned(), ..own }.sign(&keys)?;
        let public = site.folder.path().join("data/public");
        write(&public.join("authority"), profile.as_bytes())?;
        let mut all = vec![vec![0; ENTRY]; entries];
        all.iter_mut().for_each(|entry| rng.fill_bytes(entry));
        for (path, bytes) in append_tiles(&CompactRange::new(), &all, |_| None)? {
            write(&public.join(path.to_string()), &bytes)?;
        }
        let mut tree = CompactRange::new();
        all.iter().for_each(|entry| tree.push(leaf_hash(entry)));
        let head = Checkpoint { origin, size: tree.size(), root: tree.root() };
        let note = head.sign(&keys.log_keys(), now.minus(BEFORE))?;
        write(&public.join("checkpoint"), note.as_bytes())?;
        Ok(site)
    }

    /// Starts the server with so many workers.
    ///
    /// # Errors
    /// When it does not start.
    pub fn noren(&self, program: &Path, workers: usize) -> Result<Served> {
        let addr = free_address()?;
        let mut command = Command::new(program);
        command
            .env("TOKIO_WORKER_THREADS", workers.to_string())
            .env("NOREN_SERVER_LISTEN", addr.to_string())
            .env("NOREN_SERVER_OPS_LISTEN", "127.0.0.1:0")
            .env("NOREN_SERVER_LIMITS_CONNECTIONS", "4096")
            .env("NOREN_SERVER_DATA", self.folder.path().join("data"));
        let served = started(command, addr, None)?;
        // It proves its files once, in the background.
        sleep(Duration::from_secs(1));
        Ok(served)
    }

    /// Starts nginx with so many workers over copies of what `noren` answers under these paths.
    ///
    /// # Errors
    /// When it is missing or does not start.
    pub fn nginx(&self, noren: &Served, paths: &[&str], workers: usize) -> Result<Served> {
        let root = self.folder.path().join("nginx");
        for path in paths {
            write(&root.join(path.trim_start_matches('/')), &noren.get(path)?)?;
        }
        let (addr, settings) = (free_address()?, self.folder.path().join("nginx.conf"));
        fs::write(&settings, nginx_settings(addr, &root, workers))?;
        let nginx = || {
            let mut command = Command::new("nginx");
            command.arg("-c").arg(&settings).stderr(Stdio::null());
            command
        };
        let mut stop = nginx();
        stop.args(["-s", "stop"]);
        started(nginx(), addr, Some(stop))
    }

    /// Starts hyper alone, in a process of this program's, over the files that nginx was given.
    ///
    /// # Errors
    /// When it does not start.
    pub fn bare(&self, workers: usize) -> Result<Served> {
        let (addr, mut command) = (free_address()?, Command::new(std::env::current_exe()?));
        command.args(["hyper-alone", &addr.to_string(), &workers.to_string()]);
        command.arg(self.folder.path().join("nginx"));
        started(command, addr, None)
    }

    /// Writes a file beside the log.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn file(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder.path().join(name);
        write(&path, text.as_bytes())?;
        Ok(path)
    }
}

/// As quick as it is without a module of its own: sendfile, files kept open, no log of requests.
fn nginx_settings(addr: SocketAddr, root: &Path, workers: usize) -> String {
    let (root, pid) = (root.display(), root.with_extension("pid"));
    format!(
        "daemon off; worker_processes {workers}; user root; pid {}; error_log stderr crit;
events {{ worker_connections 8192; }}
http {{
  access_log off; server_tokens off; default_type application/octet-stream;
  sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 1000000000;
  open_file_cache max=10000 inactive=600s; open_file_cache_valid 600s;
  server {{ listen {addr} backlog=4096; root {root}; }}
}}
",
        pid.display()
    )
}

fn started(mut command: Command, addr: SocketAddr, stop: Option<Command>) -> Result<Served> {
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let child = child.map_err(|error| format!("{command:?}: {error}"))?;
    let served = Served { addr, child, stop };
    for _ in 0..500 {
        if TcpStream::connect(addr).is_ok() {
            return Ok(served);
        }
        sleep(Duration::from_millis(20));
    }
    Err(format!("{command:?} does not listen").into())
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
