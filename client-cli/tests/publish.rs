//! The authority's way from a case to a notice, over the real binary and the real server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/person.rs"]
mod person;

use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use noren_server::{Config, Server};
use person::Person;
use serde_json::Value;
use tokio::runtime::Runtime;

/// So many hours after midnight (UTC) of the day before yesterday, as an argument.
fn hour(hour: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let midnight = i64::try_from(now.as_secs()).unwrap() / 86_400 * 86_400 - 2 * 86_400;
    jiff::Timestamp::from_second(midnight + hour * 3_600).unwrap().to_string()
}

/// An authority at its desk, its server running, one venue whose poster hangs in `codes`.
struct Town {
    authority: Person,
    url: String,
    _runtime: Runtime,
}

impl Town {
    fn new() -> Self {
        let authority = Person::new();
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let url = format!("http://127.0.0.1:{port}");
        let init = ["authority", "init", "--name", "Health Office", "--origin", "town.example/log"];
        authority.json(&[&init[..], &["--url", &url]].concat(), b"");
        authority.json(&["authority", "profile", "--out", "health.profile"], b"");
        let mut config = Config { data: authority.path("server"), ..Config::default() };
        config.listen.set_port(port);
        config.ops_listen.set_port(0);
        config.authority = Some(authority.path("health.profile"));
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(Server::bind(config)).unwrap();
        runtime.spawn(server.serve(std::future::pending()));
        authority.json(&["authority", "heartbeat"], b"");
        let setup = ["venue", "setup", "--authority", "health.profile", "--name", "Bar Noren"];
        let (from, to) = (hour(-240), hour(240));
        let valid = ["--from", &from, "--to", &to];
        let rest = ["--address", "1-2-3 Minato", "--out", "codes"];
        authority.json(&[&setup[..], &valid, &rest].concat(), b"");
        Self { authority, url, _runtime: runtime }
    }

    /// Opens a case and lets the venue answer it.
    fn answered_case(&self) -> String {
        let (case, code) = self.open_case();
        self.upload(&code);
        case
    }

    fn open_case(&self) -> (String, String) {
        let (from, to) = (hour(18), hour(20));
        let words =
            ["authority", "case", "open", "--venue", "the bar", "--from", &from, "--to", &to];
        let opened = self.authority.json(&words, b"");
        let text = |name: &str| opened[name].as_str().unwrap().to_owned();
        (text("case"), text("code"))
    }

    fn upload(&self, code: &str) {
        let words = ["venue", "upload", "--authority", "health.profile", "--trace"];
        let (from, to) = (hour(18), hour(20));
        let rest = ["codes/trace.txt", "--from", &from, "--to", &to, "--code-file", "-"];
        self.authority.json(&[&words[..], &rest].concat(), code.as_bytes());
    }

    /// Somebody who was at the bar from seven to half past.
    fn guest(&self) -> Person {
        let guest = Person::new();
        guest.write("entry.png", self.authority.read("codes/entry.png"));
        guest.json(&["visitor", "follow", &self.url], b"");
        let words = ["visitor", "check-in", "entry.png", "--at", &hour(19), "--for", "30m"];
        guest.json(&words, b"");
        guest
    }

    fn publish(&self, words: &[&str]) {
        self.authority.json(&[&["authority"], words].concat(), b"");
    }

    fn log_size(&self) -> u64 {
        let report = self.authority.json(&["authority", "heartbeat"], b"");
        report["log_size"].as_u64().unwrap()
    }
}

#[test]
fn an_upload_for_another_case_is_refused_by_name() {
    // [REV-2] [CLI-3]
    let town = Town::new();
    let case = town.answered_case();
    let review = town.authority.json(&["authority", "review", &case], b"");
    assert_eq!(review["claimed"]["name"], "Bar Noren");
    let (unanswered, _) = town.open_case();
    town.authority.noren(&["authority", "review", &unanswered], b"").fails("not uploaded yet");
    town.authority
        .noren(&["authority", "publish", &unanswered, "--level", "cluster"], b"")
        .fails("not uploaded yet");
    // Another case's sealed bytes, as a server might hand them out.
    let sealed = town.authority.read(&format!("home/authority/{case}.upload"));
    town.authority.write(&format!("home/authority/{unanswered}.upload"), sealed);
    let ran = town.authority.noren(&["authority", "review", &unanswered], b"");
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.contains("another case"), "{ran:?}");
}

#[test]
fn a_publish_killed_at_any_moment_is_finished_once_by_the_next_command() {
    // [CLI-1] [API-9]
    let town = Town::new();
    let case = town.answered_case();
    town.authority.json(&["authority", "review", &case], b"");
    for attempt in 0..8_u64 {
        let before = town.log_size();
        let level = if attempt % 2 == 0 { "attention" } else { "cluster" };
        let mut child = Command::new(env!("CARGO_BIN_EXE_noren"))
            .args(["authority", "publish", &case, "--level", level])
            .env("NOREN_HOME", town.authority.path("home"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        sleep(Duration::from_millis(attempt * 6));
        let _ = child.kill();
        let acknowledged = !child.wait_with_output().unwrap().stdout.is_empty();
        let added = town.log_size() - before;
        assert!(added == 2 || (added == 0 && !acknowledged), "{added} entries, {acknowledged}");
    }
    let audit = town.authority.noren(&["auditor", "verify", "health.profile"], b"");
    assert_eq!(audit.code, Some(0), "{audit:?}");
}

#[test]
fn a_copy_of_the_desk_reads_on_where_the_other_published() {
    // [API-9]
    let town = Town::new();
    let case = town.answered_case();
    let state = town.authority.read("home/authority/desk.sqlite");
    town.authority.json(&["authority", "publish", &case, "--level", "attention"], b"");
    town.authority.write("home/authority/desk.sqlite", state);
    assert_eq!(town.log_size(), 2, "the old copy has caught up");
    town.authority.json(&["authority", "publish", &case, "--level", "cluster"], b"");
    assert_eq!(town.log_size(), 4);
    let audit = town.authority.noren(&["auditor", "verify", "health.profile"], b"");
    assert_eq!(audit.code, Some(0), "{audit:?}");
}

#[test]
fn a_notice_is_raised_narrowed_and_taken_back_for_those_it_reached() {
    // [PUB-2] [PUB-3] [MAT-5]
    let town = Town::new();
    let (early, late) = (town.guest(), town.guest());
    let case = town.answered_case();
    let sync = |guest: &Person| {
        let ran = guest.noren(&["--json", "visitor", "sync"], b"");
        let notices: Value = serde_json::from_str(&ran.out).unwrap();
        let shown =
            |notice: &Value| (notice["level"].to_string(), notice["venue"]["name"].to_string());
        (ran.code, notices.as_array().unwrap().iter().map(shown).collect::<Vec<_>>())
    };
    let one = |level: &str, venue: &str| (Some(0), vec![(level.to_owned(), venue.to_owned())]);
    town.publish(&["publish", &case, "--level", "attention"]);
    assert_eq!(sync(&early), one("\"attention\"", "null"));
    assert_eq!(sync(&early), (Some(1), vec![]), "told once");
    town.publish(&["publish", &case, "--level", "cluster"]);
    assert_eq!(sync(&early), one("\"cluster\"", "\"Bar Noren\""));
    let (from, to) = (hour(18), hour(19));
    town.publish(&["publish", &case, "--level", "cluster", "--from", &from, "--to", &to]);
    assert_eq!(sync(&early).1[0].0, "\"withdrawn\"", "that hour is no longer meant");
    town.publish(&["publish", &case, "--level", "attention"]);
    assert_eq!(sync(&early).1[0].0, "\"attention\"", "and now it is again");
    town.publish(&["withdraw", &case]);
    assert_eq!(sync(&early).1[0].0, "\"withdrawn\"");
    assert_eq!(sync(&late), (Some(1), vec![]), "never warned, so nothing to take back");
}

#[test]
fn a_watcher_hands_each_notice_to_a_command_once() {
    let town = Town::new();
    let guest = town.guest();
    let case = town.answered_case();
    town.publish(&["publish", &case, "--level", "cluster"]);
    let watch = |command: &str| {
        let words = ["visitor", "watch", "--every", "1s", "--rounds", "1", "--run", command];
        assert_eq!(guest.noren(&words, b"").code, Some(0));
    };
    watch("exit 3");
    watch("cat >> notices");
    watch("cat >> notices");
    let notices = String::from_utf8(guest.read("notices")).unwrap();
    assert_eq!(notices.lines().count(), 1, "{notices}");
    let notice: Value = serde_json::from_str(&notices).unwrap();
    assert_eq!(notice["venue"]["name"], "Bar Noren");
}

#[test]
fn an_auditor_sees_a_log_that_went_back_or_stands_still() {
    // [LOG-8] [LOG-10]
    let town = Town::new();
    let audit = |words: &[&str]| {
        town.authority.noren(&[words, &["auditor", "verify", "health.profile"]].concat(), b"")
    };
    let case = town.answered_case();
    town.authority.json(&["authority", "publish", &case, "--level", "attention"], b"");
    assert_eq!(audit(&[]).code, Some(0));
    let frozen = audit(&["--now", "4000000000"]);
    assert_eq!(frozen.code, Some(1), "{frozen:?}");
    assert!(frozen.out.contains("FINDING"), "{frozen:?}");
    // What the auditor saw before, had it been more, or another history.
    let folder = town.authority.path("home/auditor");
    let file = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let file = file.into_iter().find(|path| path.extension().is_some()).unwrap();
    let seen: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    for (field, value, finding) in
        [("size", Value::from(5), "rollback"), ("root", Value::from(vec![7; 32]), "fork")]
    {
        let mut other = seen.clone();
        other[0][field] = value;
        std::fs::write(&file, other.to_string()).unwrap();
        let ran = audit(&[]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.out.contains(finding), "{ran:?}");
    }
}
