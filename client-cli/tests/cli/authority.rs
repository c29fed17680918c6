//! The authority's desk when things go wrong: commands cut off, servers away, copies at work; and
//! what an auditor makes of it.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use crate::support::http::{agent, get};
use crate::support::person::{Person, Ran};
use crate::support::port::free_port;
use noren::messages::{UploadCode, Venue, VenueDetails};
use noren::profile::SignedProfile;
use noren::time::{UnixSeconds, Window};
use noren_server::{Config, Server};
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const STATE: &str = "home/authority/desk.sqlite";

/// A server that can be stopped.
struct Running {
    runtime: Runtime,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// An authority's desk, its server, one venue.
struct Desk {
    person: Person,
    port: u16,
    server: Option<Running>,
}

/// From 18 to 20 o'clock (UTC) of the day before yesterday.
fn window() -> Window {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let midnight = now.as_secs() / 86_400 * 86_400 - 2 * 86_400;
    let hour = |hour: u64| UnixSeconds::new(midnight + hour * 3_600).unwrap();
    Window::new(hour(18), hour(20)).unwrap()
}

fn text(time: UnixSeconds) -> String {
    jiff::Timestamp::from_second(time.as_i64()).unwrap().to_string()
}

impl Desk {
    /// A desk whose server runs and has its first checkpoint.
    fn new(max_age: &str) -> Self {
        let port = free_port();
        let mut desk = Self { person: Person::new(), port, server: None };
        let url = format!("http://127.0.0.1:{port}");
        let names =
            ["authority", "init", "--name", "Health Office", "--origin", "desk.example/log"];
        let rest = ["--url", &url, "--checkpoint-max-age", max_age];
        desk.person.json(&[&names[..], &rest].concat(), b"");
        desk.person.json(&["authority", "profile", "--out", "health.profile"], b"");
        desk.start();
        desk.yes(&["heartbeat"]);
        desk
    }

    fn start(&mut self) {
        let mut config = Config { data: self.person.path("server"), ..Config::default() };
        config.listen.set_port(self.port);
        config.ops_listen.set_port(0);
        config.authority = Some(self.person.path("health.profile"));
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(Server::bind(config)).unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = runtime.spawn(server.serve(async { drop(stopped.await) }));
        self.server = Some(Running { runtime, stop, task });
    }

    fn stop(&mut self) {
        let Running { runtime, stop, task } = self.server.take().unwrap();
        drop(stop);
        runtime.block_on(task).unwrap();
    }

    fn ask(&self, words: &[&str]) -> Ran {
        self.person.noren(&[&["--json", "authority"], words].concat(), b"")
    }

    fn yes(&self, words: &[&str]) -> Value {
        let ran = self.ask(words);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        serde_json::from_str(&ran.out).unwrap_or_default()
    }

    fn publish(&self, case: &str, level: &str) -> Ran {
        self.ask(&["publish", "--yes", case, "--level", level])
    }

    /// The traces that the server has, asked without the desk: all entries but the profile's.
    fn entries(&self) -> u64 {
        let note = self.person.read("server/public/checkpoint");
        let size: u64 = String::from_utf8(note).unwrap().lines().nth(1).unwrap().parse().unwrap();
        size.saturating_sub(1)
    }

    fn pending(&self) -> bool {
        let state = self.person.read(STATE);
        String::from_utf8_lossy(&state).contains("\"pending\":{")
    }

    fn open_case(&self) -> (String, UploadCode) {
        let (from, to) = (text(window().start()), text(window().end()));
        let words = ["case", "open", "--venue", "the bar", "--from", &from, "--to", &to];
        let opened = self.yes(&words);
        let text = |name: &str| opened[name].as_str().unwrap().to_owned();
        (text("case"), text("code").parse().unwrap())
    }

    /// A new venue uploads under `code` what it made for `made_for`.
    fn upload(&self, code: &UploadCode, made_for: &UploadCode) {
        let profile = SignedProfile::from_bytes(&self.person.read("health.profile")).unwrap();
        let key = &profile.profile().upload_key;
        let always = Window::new(UnixSeconds::default(), UnixSeconds::MAX).unwrap();
        let venue = Venue::new("Bar\u{200b} Noren", "Minato", always, VenueDetails::default());
        let (_, trace_code) = noren::venue::set_up(venue.unwrap(), key, &mut rand::rng()).unwrap();
        let upload =
            noren::venue::upload(&trace_code, window(), made_for.binding(), window().over_at())
                .unwrap();
        let body = upload.seal(key, &mut rand::rng()).unwrap();
        let answer = agent()
            .post(format!("http://127.0.0.1:{}/v1/uploads", self.port))
            .header("content-type", "application/octet-stream")
            .header("upload-ticket", code.ticket().to_text().as_str())
            .header("x-chaff", "0")
            .send(&body[..])
            .unwrap();
        assert_eq!(answer.status(), 202);
    }

    fn answered_case(&self) -> String {
        let (case, code) = self.open_case();
        self.upload(&code, &code);
        self.yes(&["review", &case]);
        case
    }

    fn audit(&self) -> (Option<i32>, String) {
        let ran = self.person.noren(&["auditor", "verify", "health.profile"], b"");
        (ran.code, ran.out + &ran.err)
    }
}

#[test]
fn a_desk_is_made_once_and_a_cut_off_one_is_finished() {
    // [CLI-1] [CLI-2]
    let desk = Desk::new("24h");
    let files =
        || ["keys", "profile"].map(|name| desk.person.read(&format!("home/authority/{name}")));
    let before = files();
    let path = desk.person.path("home/authority/keys");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let init =
        ["init", "--name", "Other", "--origin", "other.example", "--url", "https://o.example"];
    desk.ask(&init).fails("already");
    assert_eq!(files(), before);
    // As if the machine had stopped between the two files.
    std::fs::remove_file(desk.person.path("home/authority/profile")).unwrap();
    desk.yes(&init);
    assert_eq!(files()[0], before[0], "the keys stay");
}

#[test]
fn an_upload_that_was_made_for_another_case_is_never_published() {
    // [REV-2] [CLI-3] [CLI-5]
    let desk = Desk::new("24h");
    assert_eq!(desk.ask(&["uploads"]).code, Some(1));
    let (case, code) = desk.open_case();
    desk.upload(&code, &UploadCode::generate(&mut rand::rng()));
    assert_eq!(desk.yes(&["uploads"])[0]["case"], case);
    for words in [&["review", &case][..], &["publish", "--yes", &case, "--level", "cluster"]] {
        let ran = desk.ask(words);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.out.contains("made for another case"), "{ran:?}");
    }
    assert_eq!(desk.entries(), 0);
    let good = desk.answered_case();
    let shown = desk.person.noren(&["authority", "review", &good], b"");
    assert!(shown.out.contains("Bar\\u{200b} Noren"), "{shown:?}");
}

#[test]
fn a_notice_that_stands_is_not_published_again() {
    // [CLI-3] [PUB-2]
    let desk = Desk::new("24h");
    let case = desk.answered_case();
    for (level, code, entries) in
        [("attention", 0, 2), ("attention", 1, 2), ("cluster", 0, 4), ("cluster", 1, 4)]
    {
        assert_eq!(desk.publish(&case, level).code, Some(code));
        assert_eq!(desk.entries(), entries);
    }
    assert_eq!(desk.ask(&["uploads"]).code, Some(1), "the server need not keep it");
    assert_eq!(desk.ask(&["withdraw", "--yes", &case]).code, Some(0));
    assert_eq!(desk.ask(&["withdraw", "--yes", &case]).code, Some(1));
    assert_eq!(desk.entries(), 6);
}

#[test]
fn a_window_is_narrowed_within_what_the_venue_proved() {
    // [PUB-1] [PUB-3]
    let desk = Desk::new("24h");
    let case = desk.answered_case();
    let (from, middle) = (window().start(), window().start().plus(3_600));
    let publish = |from: UnixSeconds, to: UnixSeconds| {
        let (from, to) = (text(from), text(to));
        desk.ask(&["publish", "--yes", &case, "--level", "cluster", "--from", &from, "--to", &to])
    };
    publish(from, window().end().plus(1)).fails("only");
    assert_eq!(publish(from, middle).code, Some(0));
    assert_eq!(desk.entries(), 1, "one hour");
    assert_eq!(publish(middle, window().end()).code, Some(0));
    assert_eq!(desk.entries(), 3, "the other hour, and the first taken back");
}

#[test]
fn nothing_is_signed_while_the_server_is_away() {
    // [CLI-13]
    let mut desk = Desk::new("24h");
    let case = desk.answered_case();
    desk.yes(&["review", &case]);
    desk.stop();
    desk.publish(&case, "attention").fails("cannot reach");
    assert!(!desk.pending());
    desk.start();
    assert_eq!(desk.publish(&case, "attention").code, Some(0));
    assert_eq!((desk.entries(), desk.pending()), (2, false));
    assert_eq!(desk.audit().0, Some(0));
}

#[test]
fn a_publish_that_is_killed_and_run_again_is_published_once() {
    // [CLI-1] [API-9]
    let desk = Desk::new("24h");
    let case = desk.answered_case();
    for attempt in 0..16_u64 {
        let (before, level) = (desk.entries(), ["attention", "cluster"][attempt as usize % 2]);
        let mut child = desk
            .person
            .command(&["authority", "publish", "--yes", &case, "--level", level])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        sleep(Duration::from_millis(attempt * 6));
        let _ = child.kill();
        child.wait().unwrap();
        assert!(matches!(desk.publish(&case, level).code, Some(0 | 1)));
        assert_eq!(desk.entries(), before + 2, "after {} ms", attempt * 6);
    }
    assert_eq!(desk.audit().0, Some(0));
}

#[test]
fn a_case_whose_opening_was_cut_off_is_cleared_away() {
    // [CLI-1]
    let mut desk = Desk::new("24h");
    desk.stop();
    let (from, to) = (text(window().start()), text(window().end()));
    let words = ["case", "open", "--venue", "the bar", "--from", &from, "--to", &to];
    desk.ask(&words).fails("open it again");
    desk.start();
    let (case, code) = desk.open_case();
    let cases = desk.yes(&["case", "list"]);
    assert_eq!(cases.as_array().unwrap().len(), 1);
    assert_eq!(cases[0]["case"], case);
    let state = desk.person.read(STATE);
    assert!(
        !String::from_utf8_lossy(&state).contains(code.to_text().as_str()),
        "the code itself is not kept"
    );
    desk.yes(&["case", "close", &case]);
    assert_eq!(desk.yes(&["case", "list"])[0]["status"], "closed");
}

#[test]
fn a_server_that_lost_the_log_is_not_published_to() {
    // [LOG-8] [LOG-10]
    let mut desk = Desk::new("24h");
    let fresh = desk.person.read(STATE);
    let case = desk.answered_case();
    assert_eq!(desk.publish(&case, "attention").code, Some(0));
    assert_eq!(desk.audit().0, Some(0));
    desk.stop();
    std::fs::remove_dir_all(desk.person.path("server")).unwrap();
    desk.start();
    let (code, said) = desk.audit();
    assert_eq!(code, Some(1));
    assert!(said.contains("the log is gone"), "{said}");
    desk.publish(&case, "cluster").fails("does not show the log");
    // Somebody helps it along, and so signs a second history. The turn of the desk before ends first.
    desk.stop();
    std::fs::remove_dir_all(desk.person.path("server")).unwrap();
    desk.start();
    desk.person.write(STATE, fresh);
    desk.ask(&["heartbeat"]).fails("restored from a backup");
    desk.ask(&["take-over", "--yes"]).fails("can never be signed again");
    desk.yes(&["take-over", "--yes", "--unseen"]);
    desk.ask(&["heartbeat"]).fails("restore-log");
    desk.yes(&["restore-log"]);
    let case = desk.answered_case();
    assert_eq!(desk.publish(&case, "attention").code, Some(0));
    for _ in 0..2 {
        let (code, said) = desk.audit();
        assert_eq!(code, Some(1), "an auditor does not forget");
        assert!(said.contains("fork"), "{said}");
    }
}

#[test]
fn an_older_checkpoint_of_the_same_log_is_a_finding() {
    // [LOG-8] [LOG-10]
    let desk = Desk::new("24h");
    let old = desk.person.read("server/public/checkpoint");
    sleep(Duration::from_millis(1_100));
    desk.yes(&["heartbeat"]);
    assert_eq!(desk.audit().0, Some(0));
    desk.person.write("server/public/checkpoint", old);
    let mut desk = desk;
    desk.stop();
    desk.start();
    let (code, said) = desk.audit();
    assert_eq!(code, Some(1));
    assert!(said.contains("was seen before"), "{said}");
}

#[test]
fn a_changed_profile_reaches_the_server() {
    // [PRO-3]
    let desk = Desk::new("24h");
    desk.yes(&["profile", "--name", "Renamed Office"]);
    let served = get(&format!("http://127.0.0.1:{}/v1/authority", desk.port));
    assert_eq!(SignedProfile::from_bytes(&served).unwrap().profile().name, "Renamed Office");
    let ran = desk.person.command(&["authority", "profile", "--out", "-"]).output().unwrap();
    assert_eq!(ran.stdout, served);
}
