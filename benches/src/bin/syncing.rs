//! What a sync costs: the real command line against the real server over TCP, with and without a
//! delay on the way. `cargo run -p noren-benches --bin syncing -- NOREN NOREN-SERVER`, with the paths
//! of both programs, so that two versions of them can be compared.

#![expect(clippy::print_stdout, reason = "the lines are this program's output")]

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use noren::authority::AuthorityKeys;
use noren::log::{Checkpoint, CompactRange, Origin, append_tiles, leaf_hash};
use noren::profile::Profile;
use noren::time::Day;
use noren_benches::Result;
use noren_benches::files::{now, write};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng as _, SeedableRng as _};

/// What a device has read before.
const BEFORE: usize = 300;
/// The bytes of an entry, about those of a real one.
const ENTRY: usize = 690;
/// Entries that are older than what a device keeps, of whoever is new.
const OLD: usize = 98_304;
const DAY: u64 = 86_400;

fn main() -> Result<()> {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [noren, server] = &paths[..] else {
        return Err("the paths of noren and of noren-server".into());
    };
    println!(
        "| delay, ms | new entries | requests | bytes | seconds | own memory, MB | with the program, MB |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for delay in [0, 50] {
        for new in [0, 8, 1_000, 100_000] {
            let site = Site::new(noren, server, delay)?;
            site.serve(BEFORE, None, || site.sync())?;
            let cost = site.serve(BEFORE + new, None, || {
                site.clear();
                site.sync()
            })?;
            println!("| {delay} | {new} | {cost} |");
            if new == 100_000 {
                let cost = site.serve(BEFORE + new, None, || {
                    site.clear();
                    site.sync()
                })?;
                println!("| {delay} | 0, with {new} kept | {cost} |");
            }
        }
        let site = Site::new(noren, server, delay)?;
        let cost = site.serve(OLD + 1_000, Some(OLD), || site.sync())?;
        println!("| {delay} | a new device, 1,000 after {OLD} old ones | {cost} |");
    }
    Ok(())
}

/// One authority's server behind a proxy that counts and delays, and one device.
struct Site {
    folder: tempfile::TempDir,
    programs: [PathBuf; 2],
    keys: AuthorityKeys,
    /// The entry that tells of the profile.
    first: Vec<u8>,
    inner: SocketAddr,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    requests: AtomicU64,
    bytes: AtomicU64,
}

impl Site {
    fn new(noren: &Path, server: &Path, delay: u64) -> Result<Self> {
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        let (keys, folder) = (AuthorityKeys::generate(&mut rng), tempfile::tempdir()?);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let inner = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let url = format!("http://{}", listener.local_addr()?);
        let own = keys.profile("Bench", Origin::new("bench.example/log")?, &url, now()?);
        let own = Profile { time_zone: "UTC".to_owned(), log_index: Some(0), ..own };
        let profile = own.sign(&keys)?;
        fs::write(folder.path().join("profile"), profile.as_bytes())?;
        let counts = Arc::<Counts>::default();
        let counted = Arc::clone(&counts);
        spawn(move || {
            for client in listener.incoming().flatten() {
                let counts = Arc::clone(&counted);
                spawn(move || pass(client, inner, Duration::from_millis(delay), &counts));
            }
        });
        let programs = [fs::canonicalize(noren)?, fs::canonicalize(server)?];
        let first = profile.to_log_entry();
        let site = Self { folder, programs, keys, first, inner, counts };
        let profile = site.folder.path().join("profile");
        let status = site.noren(&["visitor", "follow"]).arg(profile).status()?;
        if status.success() { Ok(site) } else { Err("the authority could not be followed".into()) }
    }

    /// Serves a log of so many entries while something is done.
    fn serve<T>(
        &self,
        entries: usize,
        old: Option<usize>,
        act: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let data = self.folder.path().join("data");
        let _ = fs::remove_dir_all(&data);
        self.publish(&data.join("public"), entries, old)?;
        let mut server = Command::new(&self.programs[1])
            .env("NOREN_SERVER_LISTEN", self.inner.to_string())
            .env("NOREN_SERVER_OPS_LISTEN", "127.0.0.1:0")
            .env("NOREN_SERVER_DATA", &data)
            .env("NOREN_SERVER_AUTHORITY", self.folder.path().join("profile"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        while TcpStream::connect(self.inner).is_err() {
            sleep(Duration::from_millis(20));
        }
        // The server proves its files once, in the background.
        sleep(Duration::from_secs(3));
        let done = act();
        server.kill()?;
        server.wait()?;
        done
    }

    /// Writes the files of a log as a server keeps them; `old` entries of them under a head that was
    /// signed before what a device keeps.
    fn publish(&self, folder: &Path, entries: usize, old: Option<usize>) -> Result<()> {
        let mut rng = ChaCha20Rng::seed_from_u64(9);
        let mut all = vec![vec![0; ENTRY]; entries];
        all.iter_mut().for_each(|entry| rng.fill_bytes(entry));
        all.first_mut().ok_or("no entry")?.clone_from(&self.first);
        for (path, bytes) in append_tiles(&CompactRange::new(), &all, |_| None)? {
            write(&folder.join(path.to_string()), &bytes)?;
        }
        let sign = |entries: &[Vec<u8>], time| {
            let mut tree = CompactRange::new();
            entries.iter().for_each(|entry| tree.push(leaf_hash(entry)));
            let origin = Origin::new("bench.example/log").ok()?;
            let head = Checkpoint { origin, size: tree.size(), root: tree.root() };
            head.sign(&self.keys.log_keys(), time).ok()
        };
        if let Some(old) = old {
            let then = now()?.minus(15 * DAY);
            let note = sign(&all[..old], then).ok_or("an origin")?;
            let name = format!("archive/{}", Day::containing(then));
            write(&folder.join(name), note.as_bytes())?;
        }
        let note = sign(&all, now()?).ok_or("an origin")?;
        write(&folder.join("checkpoint"), note.as_bytes())
    }

    fn noren(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.programs[0]);
        command.args(words).env("NOREN_HOME", self.folder.path().join("home"));
        command.env("NOREN_STATE", self.folder.path().join("state"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn clear(&self) {
        self.counts.requests.store(0, Ordering::Relaxed);
        self.counts.bytes.store(0, Ordering::Relaxed);
    }

    /// Syncs once; what it cost, as cells of a table.
    fn sync(&self) -> Result<String> {
        let begun = Instant::now();
        let mut child = self.noren(&["visitor", "sync"]).stderr(Stdio::piped()).spawn()?;
        let mut memory = [0; 2];
        let status = loop {
            let seen = ["RssAnon:", "VmHWM:"].map(|name| memory_of(&child, name).unwrap_or(0));
            memory = std::array::from_fn(|index| memory[index].max(seen[index]));
            if let Some(status) = child.try_wait()? {
                break status;
            }
            sleep(Duration::from_millis(2));
        };
        let seconds = begun.elapsed().as_secs_f64();
        if status.code() != Some(1) {
            let mut said = String::new();
            child.stderr.take().ok_or("piped")?.read_to_string(&mut said)?;
            return Err(format!("the sync ended with {status}: {said}").into());
        }
        let (requests, bytes) = (&self.counts.requests, &self.counts.bytes);
        let (requests, bytes) = (requests.load(Ordering::Relaxed), bytes.load(Ordering::Relaxed));
        let [own, whole] = memory.map(|kibibytes| kibibytes as f64 / 1_024.0);
        Ok(format!("{requests} | {bytes} | {seconds:.2} | {own:.0} | {whole:.0}"))
    }
}

/// Memory of a process, in KiB: what it has taken for itself, or the most that it ever had with those
/// parts of its program's file that the system keeps for it.
fn memory_of(child: &Child, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// Passes a connection on: each request arrives `delay` later, and is counted.
fn pass(client: TcpStream, server: SocketAddr, delay: Duration, counts: &Counts) -> io::Result<()> {
    let server = TcpStream::connect(server)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut bytes = [0; 65_536];
            while let Ok(read @ 1..) = from_client.read(&mut bytes) {
                let part = bytes.get(..read).unwrap_or_default();
                if part.starts_with(b"GET ") {
                    counts.requests.fetch_add(1, Ordering::Relaxed);
                    sleep(delay);
                }
                if to_server.write_all(part).is_err() {
                    break;
                }
            }
            let _ = to_server.shutdown(Shutdown::Write);
        });
        let (mut from_server, mut to_client) = (&server, &client);
        let mut bytes = [0; 65_536];
        while let Ok(read @ 1..) = from_server.read(&mut bytes) {
            counts.bytes.fetch_add(read as u64, Ordering::Relaxed);
            if to_client.write_all(bytes.get(..read).unwrap_or_default()).is_err() {
                break;
            }
        }
        let _ = client.shutdown(Shutdown::Both);
    });
    Ok(())
}
