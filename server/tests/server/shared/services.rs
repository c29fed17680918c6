//! A PostgreSQL cluster and a SeaweedFS for the tests of one run, each a program of its own.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use noren_server::{BucketSettings, DatabaseSettings, DatabaseUrl};
use tempfile::TempDir;

use crate::authority::Authority;
use crate::binary::faults::Small;
use crate::binary::process::{Site, connect, exchange, until};

const KEY: &str = "noren";
const SECRET: &str = "noren-secret";
/// SeaweedFS listens at a port for each of its parts, and again this much above.
const ABOVE: u16 = 10_000;

pub(crate) struct Services {
    /// What the bucket's files are on, if not on the machine's own disk.
    disk: Option<Small>,
    folder: TempDir,
    programs: PathBuf,
    postgres: u16,
    weed: Mutex<Option<Child>>,
    ports: [u16; 4],
    made: AtomicU64,
}

/// Where one log's servers keep things.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) database: String,
    pub(crate) endpoint: String,
    pub(crate) prefix: String,
}

/// The services of this run, started by whoever asks first; `None` where they are not installed.
pub(crate) fn services() -> Option<Arc<Services>> {
    static RUNNING: Mutex<Weak<Services>> = Mutex::new(Weak::new());
    let mut running = RUNNING.lock().unwrap();
    if let Some(services) = running.upgrade() {
        return Some(services);
    }
    let services = Arc::new(Services::start(None)?);
    *running = Arc::downgrade(&services);
    Some(services)
}

/// Services that no other test uses.
pub(crate) fn own() -> Option<Services> {
    Services::start(None)
}

/// The same with a bucket on a disk of so many megabytes.
pub(crate) fn own_on(megabytes: u32) -> Option<Services> {
    Services::start(Some(megabytes))
}

impl Services {
    fn start(megabytes: Option<u32>) -> Option<Self> {
        let Some(programs) = postgres_programs() else {
            noren_skipped::skipped("postgres");
            return None;
        };
        if !Command::new("weed").arg("version").output().is_ok_and(|out| out.status.success()) {
            noren_skipped::skipped("weed");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("weed");
        std::fs::create_dir(&data).unwrap();
        let disk = megabytes.map(|megabytes| Small::at(&data, megabytes));
        if matches!(disk, Some(None)) {
            // Mounting asks for root: that is not a tool that could be installed.
            noren_skipped::skipped("leave to mount a file system");
            return None;
        }
        let disk = disk.flatten();
        let (postgres, ports) = (free_port(), [(); 4].map(|()| free_port()));
        let weed = Mutex::new(None);
        let made = AtomicU64::new(0);
        let services = Self { disk, folder, programs, postgres, weed, ports, made };
        services.start_postgres();
        let keys = format!(
            r#"{{"identities":[{{"name":"noren","credentials":[{{"accessKey":"{KEY}","secretKey":"{SECRET}"}}],
            "actions":["Admin","Read","Write","List"]}},{{"name":"anonymous","actions":["Read:noren"]}}]}}"#
        );
        std::fs::write(services.folder.path().join("keys.json"), keys).unwrap();
        services.start_bucket();
        services.make_bucket();
        Some(services)
    }

    /// A program of PostgreSQL's, which does not run as root.
    fn postgres_command(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        let mut command = if is_root {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn start_postgres(&self) {
        let cluster = self.folder.path().join("cluster");
        std::fs::create_dir(&cluster).unwrap();
        // As root the cluster is another user's.
        let _ = Command::new("chmod").args(["755"]).arg(self.folder.path()).status();
        let _ = Command::new("chown").arg("postgres").arg(&cluster).stderr(Stdio::null()).status();
        let mut init = self.postgres_command("initdb");
        init.args(["-A", "trust", "-U", "noren", "-E", "UTF8", "--no-sync", "-D"]).arg(&cluster);
        assert!(init.status().unwrap().success(), "initdb");
        let mut start = self.postgres_command("pg_ctl");
        let options = format!(
            "-p {} -h 127.0.0.1 -c unix_socket_directories='' -c max_connections=400",
            self.postgres
        );
        start.arg("-D").arg(&cluster).args(["-w", "-o", &options, "-l"]).arg(cluster.join("log"));
        assert!(start.arg("start").status().unwrap().success(), "pg_ctl start");
    }

    /// Starts the bucket, for the first time or again.
    pub(crate) fn start_bucket(&self) {
        let data = self.folder.path().join("weed");
        let [master, volume, filer, s3] = self.ports;
        let mut weed = Command::new("weed");
        weed.args(["server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-volume.max=20", "-s3"])
            .arg(format!("-dir={}", data.display()))
            .arg(format!("-master.port={master}"))
            .arg(format!("-volume.port={volume}"))
            .arg(format!("-filer.port={filer}"))
            .arg(format!("-s3.port={s3}"))
            .arg(format!("-s3.config={}", self.folder.path().join("keys.json").display()))
            .args(["-master.volumeSizeLimitMB=64", "-master.telemetry=false"])
            // Parts that are at fixed ports, where another of these may be.
            .args(["-s3.port.iceberg=0", "-s3.port.lance=0"])
            .current_dir(self.folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        *self.weed.lock().unwrap() = Some(weed.spawn().unwrap());
        until("the bucket listens", || TcpStream::connect(self.bucket_address()).is_ok());
    }

    /// Ends the bucket without ceremony.
    pub(crate) fn kill_bucket(&self) {
        if let Some(mut weed) = self.weed.lock().unwrap().take() {
            let _ = weed.kill();
            let _ = weed.wait();
        }
    }

    /// Holds the bucket, which then neither answers nor refuses, or lets it go on.
    pub(crate) fn signal_bucket(&self, signal: &str) {
        let id = self.weed.lock().unwrap().as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Leaves no room on the bucket's disk, or room again.
    pub(crate) fn fill_bucket(&self, full: bool) {
        let filler = self.folder.path().join("weed/filler");
        assert!(self.disk.is_some(), "the machine's own disk is not to be filled");
        if !full {
            return std::fs::remove_file(&filler).unwrap();
        }
        let mut file = std::fs::File::create(&filler).unwrap();
        let error = std::iter::repeat_with(|| file.write_all(&[1; 4_096])).find_map(Result::err);
        assert_eq!(error.unwrap().kind(), std::io::ErrorKind::StorageFull);
    }

    fn make_bucket(&self) {
        let master = format!("-master=127.0.0.1:{}", self.ports[0]);
        until("the bucket is made", || {
            let script = "echo s3.bucket.create -name noren | timeout 20 weed shell \"$0\"";
            let _ = Command::new("sh").args(["-c", script, &master]).output().unwrap();
            let stream = connect(self.bucket_address()).unwrap();
            let answer = exchange(stream, "GET", "/noren/nothing", &[], b"").unwrap();
            String::from_utf8_lossy(&answer.body).contains("NoSuchKey")
        });
    }

    pub(crate) fn bucket_address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.ports[3]))
    }

    /// A database and a folder of the bucket that nobody has used.
    pub(crate) fn place(&self) -> Place {
        let name = format!("log{}", self.made.fetch_add(1, Ordering::SeqCst));
        let mut create = self.postgres_command("createdb");
        create.args(["-h", "127.0.0.1", "-U", "noren", "-p", &self.postgres.to_string(), &name]);
        assert!(create.status().unwrap().success(), "createdb");
        Place {
            database: format!("{}/{name}", self.postgres_url()),
            endpoint: format!("http://{}", self.bucket_address()),
            prefix: name,
        }
    }

    /// Where PostgreSQL has its tables' files.
    pub(crate) fn tables(&self) -> PathBuf {
        self.folder.path().join("cluster/base")
    }

    pub(crate) fn postgres_url(&self) -> String {
        format!("postgres://noren@127.0.0.1:{}", self.postgres)
    }
}

impl Place {
    pub(crate) fn settings(&self) -> (DatabaseSettings, BucketSettings) {
        let database = DatabaseSettings { url: DatabaseUrl::new(self.database.clone()) };
        let bucket = BucketSettings {
            name: "noren".to_owned(),
            endpoint: Some(self.endpoint.clone()),
            region: Some("us-east-1".to_owned()),
            prefix: Some(self.prefix.clone()),
        };
        (database, bucket)
    }

    /// The settings of one of this log's servers. Its tables are made.
    pub(crate) fn site(&self, authority: &Authority) -> Site {
        let site = self.unmade_site(authority);
        assert!(site.command().arg("migrate").status().unwrap().success());
        site
    }

    /// The same before its tables are made.
    pub(crate) fn unmade_site(&self, authority: &Authority) -> Site {
        self.bucket_alone(authority).set("DATABASE_URL", &self.database)
    }

    /// The settings of whoever copies a log to the bucket.
    pub(crate) fn bucket_alone(&self, authority: &Authority) -> Site {
        let mut site = Site::new(authority)
            .set("BUCKET_NAME", "noren")
            .set("BUCKET_ENDPOINT", &self.endpoint)
            .set("BUCKET_REGION", "us-east-1")
            .set("BUCKET_PREFIX", &self.prefix);
        for (key, value) in keys() {
            site = site.environment(key, value);
        }
        site
    }
}

/// The bucket's keys, as the servers find them in their environment.
pub(crate) fn keys() -> [(&'static str, &'static str); 2] {
    [("AWS_ACCESS_KEY_ID", KEY), ("AWS_SECRET_ACCESS_KEY", SECRET)]
}

impl Drop for Services {
    fn drop(&mut self) {
        self.kill_bucket();
        let mut stop = self.postgres_command("pg_ctl");
        stop.arg("-D").arg(self.folder.path().join("cluster")).args(["-m", "immediate", "-w"]);
        let _ = stop.arg("stop").status();
        // It is another user's.
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The folder with the newest PostgreSQL's programs.
fn postgres_programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let mut folders: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    folders.retain(|folder| folder.join("initdb").exists());
    folders.sort_by_key(|folder| {
        let version = folder.parent().and_then(Path::file_name);
        version.and_then(|version| version.to_str()?.parse::<u32>().ok())
    });
    folders.pop()
}

/// A port that nobody listens at, nor at the one above.
fn free_port() -> u16 {
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
