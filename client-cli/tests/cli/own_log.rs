//! An authority without a server: its log is in a folder that any web server hands out.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::support::http::{agent, get};
use crate::support::person::{Ran, run};
use crate::support::town::{Town, at, soon};
use crate::support::weed::{NAME, Weed, keys};

/// A web server that knows nothing of Noren.
struct Plain(Child);

impl Plain {
    fn start(url: &str, folder: &std::path::Path) -> Option<Self> {
        if !Command::new("python3").arg("--version").output().is_ok_and(|it| it.status.success()) {
            noren_skipped::skipped("python3");
            return None;
        }
        let port = url.rsplit(':').next().unwrap();
        let words = ["-m", "http.server", port, "--bind", "127.0.0.1", "--directory"];
        let mut python = Command::new("python3");
        python.args(words).arg(folder).stdout(Stdio::null()).stderr(Stdio::null());
        let plain = Self(python.spawn().unwrap());
        for _ in 0..600 {
            if std::net::TcpStream::connect(format!("127.0.0.1:{port}")).is_ok() {
                return Some(plain);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("python3 does not answer");
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn an_office_publishes_into_a_folder_that_a_plain_web_server_hands_out() {
    // [API-48] [API-43]
    let mut town = Town::new("Folder Health", "plain");
    let bar = town.venue("Bar Folder", &[]);
    let visitor = town.visitor();
    visitor.visit(&bar.poster(), &at(20, 0), 90);
    let opened = town.desk(&[
        "case",
        "open",
        "--venue",
        "Bar Folder",
        "--from",
        &at(19, 0),
        "--to",
        &at(23, 0),
    ]);
    bar.answer(&opened);
    // From here on there is no server.
    town.end_server();
    let case = opened["case"].as_str().unwrap();
    assert_eq!(town.try_desk(&["review", case]).code, Some(2));
    town.office.write("own.toml", "data = \"server\"\n");
    let own = |words: &[&str]| town.desk(&[&["--own-log", "own.toml"], words].concat());
    own(&["review", case]);
    let Some(_plain) = Plain::start(&town.url, &town.office.path("server/public")) else { return };
    let published = own(&["publish", "--yes", case, "--level", "attention"]);
    let notice = visitor.told();
    assert_eq!(notice["level"], "attention");
    // An auditor sees a whole log.
    let audit = town.office.noren(&["auditor", "verify", &town.url], b"");
    assert_eq!(audit.code, Some(0), "{audit:?}");
    // The folder is one command's at a time, and its settings may be wrong.
    own(&["heartbeat"]);
    town.office.write("wrong.toml", "date = 1\n");
    let wrong = town.try_desk(&["--own-log", "wrong.toml", "heartbeat"]);
    assert!(wrong.code == Some(2) && wrong.err.contains("--own-log"), "{wrong:?}");
    assert!(published["log_size"].as_u64().is_some(), "{published}");
}

#[test]
fn what_an_office_publishes_is_copied_to_its_bucket() {
    // [API-48] [API-43]
    if !Weed::is_installed() {
        return;
    }
    let mut town = Town::new("Bucket Health", "plain");
    let bar = town.venue("Bar Bucket", &[]);
    let from = at(19, 0);
    let opened =
        town.desk(&["case", "open", "--venue", "Bar Bucket", "--from", &from, "--to", &at(23, 0)]);
    bar.answer(&opened);
    town.end_server();
    let case = opened["case"].as_str().unwrap();
    let bucket = Weed::new(&town.office.path("."));
    let endpoint = format!("http://{}", bucket.address());
    let settings = format!(
        "data = \"server\"\n[bucket]\nname = \"{NAME}\"\nendpoint = \"{endpoint}\"\n\
         region = \"us-east-1\"\nprefix = \"health\"\n"
    );
    town.office.write("own.toml", settings);
    let own = |words: &[&str]| -> Ran {
        let words = [&["--json", "authority", "--own-log", "own.toml"], words].concat();
        run(town.office.command(&words).envs(keys()), b"")
    };
    let done = |words: &[&str]| {
        let ran = own(words);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    };
    let address = format!("{endpoint}/{NAME}/health");
    let folder = || town.office.read("server/public/checkpoint");
    let shown = || get(&format!("{address}/checkpoint"));
    // What the folder held before is copied as well.
    let absent = agent().get(format!("{address}/checkpoint")).call().unwrap();
    assert_eq!(absent.status(), 404);
    done(&["review", case]);
    assert_eq!(shown(), folder());
    let before = folder();
    done(&["publish", "--yes", case, "--level", "attention"]);
    assert_ne!(folder(), before);
    assert_eq!(shown(), folder());
    // Who reads the bucket alone finds a whole log.
    let audit = town.office.noren(&["--json", "auditor", "verify", &address], b"");
    assert_eq!(audit.code, Some(0), "{audit:?}");
    // While the bucket is away the folder goes on, and the office is told.
    let before = folder();
    bucket.kill();
    own(&["heartbeat", "--now", &soon(5)]).fails("the bucket does not show it yet");
    assert_ne!(folder(), before);
    bucket.start();
    // It listens before it can do anything. That nothing waits at the desk is 1.
    assert!((0..100).any(|_| own(&["status"]).code == Some(1)));
    assert_eq!(shown(), folder());
    // Without its keys nothing is written there.
    let words = ["authority", "--own-log", "own.toml", "heartbeat", "--now", &soon(10)];
    town.office.noren(&words, b"").fails("the bucket does not show it yet");
    assert_ne!(shown(), folder());
}
