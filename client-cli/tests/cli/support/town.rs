//! A town: an authority at its desk, the real server in front of it, venues and visitors, each with a
//! home of their own. The story takes place on the day before yesterday, in Japan.

use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::thread::sleep;
use std::time::Duration;

use noren::messages::{UploadCode, WindowCode};
use noren::time::{UnixSeconds, Window};
use serde_json::Value;

use super::person::{Person, Ran};
use super::port::free_port;

/// Japan's time, ahead of UTC.
const OFFSET: i64 = 9 * 3_600;
const DAY: i64 = 86_400;

/// The server that this workspace builds, brought up to date once.
pub(crate) fn server_program() -> PathBuf {
    static BUILT: Once = Once::new();
    let noren = Path::new(env!("CARGO_BIN_EXE_noren"));
    BUILT.call_once(|| {
        let mut build = Command::new(env!("CARGO"));
        // The whole workspace, as `cargo test --workspace` has built it, so that nothing is built anew.
        build.args(["build", "--quiet", "--workspace", "--bin", "noren-server"]);
        // Not as a part of this test's package: build scripts that look at its name would run again, and
        // all that rests on them would be built anew.
        let of_package =
            |name: &str| ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|it| name.starts_with(it));
        for (name, _) in std::env::vars().filter(|(name, _)| of_package(name)) {
            build.env_remove(name);
        }
        if noren.parent().is_some_and(|folder| folder.ends_with("release")) {
            build.arg("--release");
        }
        let folder = noren.parent().and_then(Path::parent).unwrap();
        assert!(build.arg("--target-dir").arg(folder).status().unwrap().success());
    });
    noren.with_file_name("noren-server")
}

/// Midnight in Japan of so many days after the story's day, in seconds since 1970.
fn midnight(days: i64) -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_secs()).unwrap() + OFFSET;
    now / DAY * DAY - OFFSET + (days - 2) * DAY
}

/// A time of the story, as an argument; hours may run past 24.
pub(crate) fn at(hour: i64, minute: i64) -> String {
    let seconds = midnight(0) + hour * 3_600 + minute * 60;
    jiff::Timestamp::from_second(seconds).unwrap().to_string()
}

/// The story's day as a date, in Japan.
pub(crate) fn date() -> String {
    jiff::Timestamp::from_second(midnight(0) + OFFSET).unwrap().strftime("%Y-%m-%d").to_string()
}

/// So many seconds from now, for `--now`; a server takes requests that are a minute off.
pub(crate) fn soon(seconds: u64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    (now.as_secs() + seconds).to_string()
}

/// So many days after the story's day, for `--now`.
pub(crate) fn days_later(days: i64) -> String {
    midnight(days).to_string()
}

pub(crate) struct Town {
    pub(crate) office: Person,
    pub(crate) url: String,
    name: String,
    server: Child,
}

impl Drop for Town {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Town {
    /// An authority of this name that works by a policy: a shipped one, or a file's text.
    pub(crate) fn new(name: &str, policy: &str) -> Self {
        Self::made(name, policy, &[])
    }

    /// The same, where devices take a log for so long after it was signed.
    pub(crate) fn with_checkpoints_of(name: &str, policy: &str, age: &str) -> Self {
        Self::made(name, policy, &["--checkpoint-max-age", age])
    }

    fn made(name: &str, policy: &str, more: &[&str]) -> Self {
        let office = Person::new();
        let port = free_port();
        let url = format!("http://127.0.0.1:{port}");
        let origin = format!("{}.example/noren", name.to_lowercase().replace(' ', "-"));
        let policy = if policy.contains('\n') {
            office.write("policy.toml", policy);
            "policy.toml"
        } else {
            policy
        };
        let names = ["authority", "init", "--name", name, "--origin", &origin, "--url", &url];
        office.json(&[&names[..], &["--policy", policy, "--operator", "Sato"], more].concat(), b"");
        office.json(&["authority", "profile", "--out", "profile"], b"");
        let server = Command::new(server_program())
            .args(["--authority", "profile", "--data", "server"])
            .current_dir(office.path("."))
            .env("NOREN_SERVER_LISTEN", format!("127.0.0.1:{port}"))
            .env("NOREN_SERVER_OPS_LISTEN", "127.0.0.1:0")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let town = Self { office, url, name: name.to_owned(), server };
        town.wait_for(port);
        town.desk(&["heartbeat"]);
        town
    }

    /// Ends the server; its folder stays, `server` in the office's.
    pub(crate) fn end_server(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }

    fn wait_for(&self, port: u16) {
        for _ in 0..200 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return;
            }
            sleep(Duration::from_millis(25));
        }
        panic!("the server of {} does not answer", self.name);
    }

    /// Runs a command of the authority's that has to succeed.
    #[track_caller]
    pub(crate) fn desk(&self, words: &[&str]) -> Value {
        self.office.json(&[&["authority"], words].concat(), b"")
    }

    /// Runs a command of the authority's, however it ends.
    pub(crate) fn try_desk(&self, words: &[&str]) -> Ran {
        self.office.noren(&[&["--json", "authority"], words].concat(), b"")
    }

    /// A venue with its codes in a folder; valid around the story's day unless told otherwise.
    pub(crate) fn venue(&self, name: &str, more: &[&str]) -> Venue {
        let owner = Person::new();
        owner.write("profile", self.office.read("profile"));
        let (from, to) = (at(-240, 0), at(240, 0));
        let mut words =
            vec!["venue", "setup", "--authority", "profile", "--name", name, "--out", "codes"];
        words.extend(["--address", "1-2-3 Minato"]);
        if !more.contains(&"--from") {
            words.extend(["--from", &from, "--to", &to]);
        }
        words.extend(more);
        // Set up before the story, also what is valid for no longer than it lasts.
        let before = at(-241, 0).parse::<jiff::Timestamp>().unwrap().as_second().to_string();
        words.extend(["--now", &before]);
        owner.json(&words, b"");
        Venue { owner, url: self.url.clone() }
    }

    /// Somebody who follows this authority.
    pub(crate) fn visitor(&self) -> Visitor {
        let visitor = Visitor(Person::new());
        visitor.follow(self);
        visitor
    }

    /// An interview names a venue.
    #[track_caller]
    pub(crate) fn report(&self, venue: &str, premises: &[&str], from: &str, to: &str) -> Value {
        let words = ["report", "--venue", venue, "--from", from, "--to", to];
        self.desk(&[&words[..], premises].concat())
    }

    /// From an open case to a notice: the venue answers for the whole window, the authority looks at
    /// it and publishes. The case's id.
    pub(crate) fn warn(&self, venue: &Venue, opened: &Value, publish: &[&str]) -> String {
        venue.answer(opened);
        let case = opened["case"].as_str().unwrap().to_owned();
        self.desk(&["review", &case]);
        self.desk(&[&["publish", "--yes", &case], publish].concat());
        case
    }
}

pub(crate) struct Venue {
    pub(crate) owner: Person,
    url: String,
}

impl Venue {
    /// What hangs at the door, the plain code.
    pub(crate) fn poster(&self) -> Vec<u8> {
        self.owner.read("codes/entry.png")
    }

    /// The poster as it is printed: a page of A4 as a picture.
    pub(crate) fn printed(&self) -> Vec<u8> {
        if !self.owner.path("poster").exists() {
            let words = ["venue", "poster", "--entry", "codes/entry.txt", "--out", "poster"];
            self.owner.json(&[&["--now", &days_later(0)], &words[..]].concat(), b"");
        }
        self.owner.read("poster/poster.png")
    }

    /// Hands in what a case asks for.
    #[track_caller]
    pub(crate) fn answer(&self, opened: &Value) {
        self.upload(opened["code"].as_str().unwrap(), opened["window_code"].as_str().unwrap());
    }

    /// Uploads the keys of another window than was read out.
    pub(crate) fn answer_within(&self, opened: &Value, from: &str, to: &str) {
        let code: UploadCode = opened["code"].as_str().unwrap().parse().unwrap();
        let time = |text: &str| {
            let time: jiff::Timestamp = text.parse().unwrap();
            UnixSeconds::from_i64(time.as_second()).unwrap()
        };
        let window = Window::new(time(from), time(to)).unwrap();
        self.upload(&code.to_text(), &WindowCode::within(window).unwrap().to_text(&code));
    }

    fn upload(&self, code: &str, window_code: &str) {
        let words =
            ["venue", "upload", "--yes", "--authority", &self.url, "--trace", "codes/trace.txt"];
        let codes = format!("{code} {window_code}");
        self.owner.json(&[&words[..], &["--code-file", "-"]].concat(), codes.as_bytes());
    }
}

pub(crate) struct Visitor(pub(crate) Person);

impl Visitor {
    pub(crate) fn follow(&self, town: &Town) {
        self.0.json(&["visitor", "follow", &town.url], b"");
    }

    /// Photographs a poster, and stays.
    #[track_caller]
    pub(crate) fn visit(&self, poster: &[u8], from: &str, minutes: i64) -> Value {
        self.0.write("poster.png", poster);
        let stay = format!("{minutes}m");
        self.0.json(&["visitor", "check-in", "poster.png", "--at", from, "--for", &stay], b"")
    }

    /// What is new.
    #[track_caller]
    pub(crate) fn sync(&self) -> Vec<Value> {
        let ran = self.0.noren(&["--json", "visitor", "sync", "--language", "ja"], b"");
        assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
        let notices: Vec<Value> = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(ran.code == Some(1), notices.is_empty());
        notices
    }

    /// What is new; exactly one notice.
    #[track_caller]
    pub(crate) fn told(&self) -> Value {
        let mut notices = self.sync();
        assert_eq!(notices.len(), 1, "{notices:?}");
        notices.remove(0)
    }
}
