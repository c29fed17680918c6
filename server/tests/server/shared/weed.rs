//! A SeaweedFS with a bucket that everybody reads. The tests of the command line use this file as well.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The bucket.
pub(crate) const NAME: &str = "noren";
const KEY: &str = "noren";
const SECRET: &str = "noren-secret";
/// It listens at a port for each of its parts, and again this much above.
const ABOVE: u16 = 10_000;
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Weed {
    folder: PathBuf,
    pub(crate) program: Mutex<Option<Child>>,
    ports: [u16; 4],
}

impl Weed {
    /// Returns whether it is installed, and says so where it is not.
    pub(crate) fn is_installed() -> bool {
        let version = Command::new("weed").arg("version").output();
        let is_there = version.is_ok_and(|out| out.status.success());
        if !is_there {
            noren_skipped::skipped("weed");
        }
        is_there
    }

    /// Starts one that keeps its files in `weed` below a folder, and makes the bucket.
    pub(crate) fn new(folder: &Path) -> Self {
        std::fs::create_dir_all(folder.join("weed")).unwrap();
        let keys = format!(
            r#"{{"identities":[{{"name":"noren","credentials":[{{"accessKey":"{KEY}","secretKey":"{SECRET}"}}],
            "actions":["Admin","Read","Write","List"]}},{{"name":"anonymous","actions":["Read:{NAME}"]}}]}}"#
        );
        std::fs::write(folder.join("keys.json"), keys).unwrap();
        let ports = [(); 4].map(|()| free_port());
        let weed = Self { folder: folder.to_owned(), program: Mutex::new(None), ports };
        weed.start();
        weed.make_bucket();
        weed
    }

    /// Starts it, for the first time or again.
    pub(crate) fn start(&self) {
        let [master, volume, filer, s3] = self.ports;
        let mut weed = Command::new("weed");
        weed.args(["server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-volume.max=20", "-s3"])
            .arg(format!("-dir={}", self.folder.join("weed").display()))
            .arg(format!("-master.port={master}"))
            .arg(format!("-volume.port={volume}"))
            .arg(format!("-filer.port={filer}"))
            .arg(format!("-s3.port={s3}"))
            .arg(format!("-s3.config={}", self.folder.join("keys.json").display()))
            .args(["-master.volumeSizeLimitMB=64", "-master.telemetry=false"])
            // Parts that are at fixed ports, where another of these may be.
            .args(["-s3.port.iceberg=0", "-s3.port.lance=0"])
            .current_dir(&self.folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        *self.program.lock().unwrap() = Some(weed.spawn().unwrap());
        until("the bucket listens", || TcpStream::connect(self.address()).is_ok());
    }

    fn make_bucket(&self) {
        let master = format!("-master=127.0.0.1:{}", self.ports[0]);
        let script = format!("echo s3.bucket.create -name {NAME} | timeout 20 weed shell \"$0\"");
        until("the bucket is made", || {
            let _ = Command::new("sh").args(["-c", &script, &master]).output().unwrap();
            self.read("nothing").is_ok_and(|answer| answer.contains("NoSuchKey"))
        });
    }

    /// What anybody is answered who asks for an object.
    fn read(&self, name: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(self.address())?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let host = self.address();
        write!(stream, "GET /{NAME}/{name} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n")?;
        let mut answer = vec![];
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    /// Ends it without ceremony.
    pub(crate) fn kill(&self) {
        if let Some(mut weed) = self.program.lock().unwrap().take() {
            let _ = weed.kill();
            let _ = weed.wait();
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.ports[3]))
    }
}

impl Drop for Weed {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The bucket's keys, as programs find them in their environment.
pub(crate) fn keys() -> [(&'static str, &'static str); 2] {
    [("AWS_ACCESS_KEY_ID", KEY), ("AWS_SECRET_ACCESS_KEY", SECRET)]
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        sleep(Duration::from_millis(10));
    }
}

/// A port that nobody listens at, nor at the one above.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let first = u64::from(std::process::id() % 5_000);
    loop {
        let step = NEXT.fetch_add(1, Ordering::SeqCst);
        let port = 20_000 + u16::try_from((first + step) % 10_000).unwrap();
        let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
        if is_free(port) && is_free(port + ABOVE) {
            return port;
        }
    }
}
