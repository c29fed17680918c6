//! A PostgreSQL cluster and a SeaweedFS for the tests of one run, each a program of its own.

use std::fs::Permissions;
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use noren_server::{BucketSettings, DatabaseSettings, DatabaseUrl};
use tempfile::TempDir;

pub(super) use super::weed::keys;
use super::weed::{NAME, Weed, free_port};
use crate::authority::Authority;
use crate::binary::faults::Small;
use crate::binary::process::Site;

pub(crate) struct Services {
    weed: Weed,
    /// What the bucket's files are on, if not on the machine's own disk.
    disk: Option<Small>,
    folder: TempDir,
    programs: PathBuf,
    postgres: u16,
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
        if !Weed::is_installed() {
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
        let services = Self {
            weed: Weed::new(folder.path()),
            disk,
            folder,
            programs,
            postgres: free_port(),
            made: AtomicU64::new(0),
        };
        services.start_postgres();
        Some(services)
    }

    /// A program of PostgreSQL's, which does not run as root.
    fn postgres_command(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        let is_root = std::fs::metadata(self.folder.path()).unwrap().uid() == 0;
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
        std::fs::set_permissions(self.folder.path(), Permissions::from_mode(0o755)).unwrap();
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

    /// Starts the bucket again.
    pub(crate) fn start_bucket(&self) {
        self.weed.start();
    }

    /// Ends the bucket without ceremony.
    pub(crate) fn kill_bucket(&self) {
        self.weed.kill();
    }

    /// Holds the bucket, which then neither answers nor refuses, or lets it go on.
    pub(crate) fn signal_bucket(&self, signal: &str) {
        let id = self.weed.program.lock().unwrap().as_ref().unwrap().id().to_string();
        let sent = Command::new("sh").args(["-c", "kill $0 $1", signal, &id]).status();
        assert!(sent.unwrap().success());
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

    pub(crate) fn bucket_address(&self) -> SocketAddr {
        self.weed.address()
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
            name: NAME.to_owned(),
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
            .set("BUCKET_NAME", NAME)
            .set("BUCKET_ENDPOINT", &self.endpoint)
            .set("BUCKET_REGION", "us-east-1")
            .set("BUCKET_PREFIX", &self.prefix);
        for (key, value) in keys() {
            site = site.environment(key, value);
        }
        site
    }
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
