//! Clocks that are wrong: a device's, a desk's, a server's, and those of desk and server together.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use noren::time::UnixSeconds;
use noren_server::{Clock, Config, Server};
use tokio::runtime::Runtime;

use crate::support::desk::now;
use crate::support::http::agent;
use crate::support::person::{Person, Ran};
use crate::support::port::free_port;
use crate::support::tee::Tee;

const DAY: i64 = 86_400;

/// A desk and its server, each with a clock of its own.
struct Office {
    desk: Person,
    url: String,
    ops: String,
    /// By how many seconds the server's clock is ahead.
    ahead: Arc<AtomicI64>,
    ports: (u16, u16),
    runtime: Runtime,
}

fn at(days: i64) -> String {
    (now() + days * DAY).to_string()
}

impl Office {
    fn open() -> Self {
        Self::reached(None)
    }

    /// An office whose server is reached through something that listens.
    fn behind(tee: &Tee) -> Self {
        Self::reached(Some(tee))
    }

    fn reached(tee: Option<&Tee>) -> Self {
        let (desk, runtime) = (Person::new(), Runtime::new().unwrap());
        let (port, ops) = (free_port(), free_port());
        let url = format!("http://127.0.0.1:{port}");
        let url = tee.map_or(url, |tee| tee.before(port));
        let init = ["authority", "init", "--name", "Health Office", "--origin", "town.example/log"];
        desk.json(&[&init[..], &["--url", &url]].concat(), b"");
        assert_eq!(desk.noren(&["authority", "profile", "--out", "profile"], b"").code, Some(0));
        let ops_url = format!("http://127.0.0.1:{ops}/health");
        let ports = (port, ops);
        let office = Self { desk, url, ops: ops_url, ports, ahead: Arc::default(), runtime };
        office.serve("server");
        assert_eq!(office.heartbeat(0, &[]).code, Some(0));
        office
    }

    fn serve(&self, data: &str) {
        let mut config = Config { data: self.desk.path(data), ..Config::default() };
        config.listen.set_port(self.ports.0);
        config.ops_listen.set_port(self.ports.1);
        config.authority = Some(self.desk.path("profile"));
        let read = Arc::clone(&self.ahead);
        let clock =
            Clock::new(move || UnixSeconds::from_i64(now() + read.load(Ordering::SeqCst)).unwrap());
        let server = self.runtime.block_on(Server::bind_with_clock(config, clock)).unwrap();
        self.runtime.spawn(server.serve(std::future::pending()));
    }

    /// The server loses all that it has.
    fn lose(&mut self) {
        let old = std::mem::replace(&mut self.runtime, Runtime::new().unwrap());
        old.shutdown_timeout(std::time::Duration::from_secs(10));
        self.serve("fresh");
    }

    fn set_server(&self, days: i64) {
        self.ahead.store(days * DAY, Ordering::SeqCst);
    }

    /// A heartbeat by a desk whose clock is so many days ahead.
    fn heartbeat(&self, days: i64, rest: &[&str]) -> Ran {
        self.desk.noren(&[&["--now", &at(days), "authority", "heartbeat"], rest].concat(), b"")
    }

    fn health(&self) -> (u16, String) {
        let mut answer = agent().get(&self.ops).call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    }

    /// Somebody who follows the office, as they see it.
    fn guest(&self) -> Person {
        let guest = Person::new();
        assert_eq!(guest.noren(&["visitor", "follow", &self.url], b"").code, Some(0));
        guest
    }
}

/// A sync by a device whose clock is so many days ahead.
fn sync(guest: &Person, days: i64) -> Ran {
    guest.noren(&["--now", &at(days), "visitor", "sync"], b"")
}

#[track_caller]
fn tells(ran: &Ran, words: &[&str]) {
    let said = format!("{}{}", ran.out, ran.err);
    assert!(!matches!(ran.code, Some(0 | 1)), "{ran:?}");
    words.iter().for_each(|word| assert!(said.contains(word), "{word}: {said}"));
}

#[test]
fn a_device_whose_clock_is_off_is_told_so_and_by_how_much() {
    // [CLI-41] [LOG-6] [API-31]
    let office = Office::open();
    let guest = office.guest();
    for (days, words) in [
        (365, "365 days ahead"),
        (2, "2 days ahead"),
        (-2, "2 days behind"),
        (-365, "365 days behind"),
    ] {
        tells(&sync(&guest, days), &["this device's clock is probably wrong", words]);
    }
    // The server's clock agrees with the device's, and the log is old.
    office.set_server(2);
    tells(&sync(&guest, 2), &["the checkpoint was signed 2 days ago", "news is held back"]);
    office.set_server(0);
    assert_eq!(sync(&guest, 0).code, Some(1), "nothing is new");
}

#[test]
fn a_check_in_by_a_wrong_clock_says_what_contradicts_it() {
    // [CLI-41]
    let office = Office::open();
    let guest = office.guest();
    let day = |days: i64| jiff::Timestamp::from_second(now() + days * DAY).unwrap().to_string();
    let setup =
        ["venue", "setup", "--authority", "profile", "--name", "Bar", "--address", "Minato"];
    let rest = ["--from", &day(-10), "--to", &day(10), "--out", "codes"];
    office.desk.json(&[&setup[..], &rest].concat(), b"");
    guest.write("entry.txt", office.desk.read("codes/entry.txt"));
    let check_in =
        |days| guest.noren(&["--now", &at(days), "visitor", "check-in", "entry.txt"], b"");
    // Nothing was read yet that the clock could contradict.
    let alone = check_in(-365);
    assert!(alone.code == Some(2) && !alone.err.contains("clock"), "{alone:?}");
    assert_eq!(sync(&guest, 0).code, Some(1));
    tells(&check_in(-365), &["365 days behind", "set it right"]);
    tells(&check_in(365), &["365 days before", "the clock is wrong"]);
    // A visit is kept, and whoever made it is warned.
    let off = check_in(-2);
    assert!(off.code == Some(0) && off.err.contains("2 days behind"), "{off:?}");
    let right = check_in(0);
    assert!(right.code == Some(0) && !right.err.contains("clock"), "{right:?}");
}

#[test]
fn a_desk_whose_clock_is_off_signs_nothing() {
    // [CLI-41]
    let office = Office::open();
    for (desk, server, words) in [
        (2, 0, "2 days ahead"),
        (-2, 0, "2 days behind"),
        (365, 0, "365 days ahead"),
        (0, 2, "2 days behind"),
        (0, -2, "2 days ahead"),
    ] {
        office.set_server(server);
        tells(&office.heartbeat(desk, &[]), &[words, "Set right whichever is wrong"]);
    }
    // Both are wrong, and what was signed last tells.
    office.set_server(-365);
    let back = office.heartbeat(-365, &[]);
    tells(&back, &["nothing was signed", "365 days behind", "--clock-is-right"]);
    office.set_server(0);
    assert_eq!(office.heartbeat(0, &[]).code, Some(0));
}

#[test]
fn a_desk_and_a_server_that_were_ahead_go_on_at_once_when_they_are_right() {
    // [CLI-41] [API-30] [API-31] [LOG-15]
    let office = Office::open();
    let (early, late) = (office.guest(), office.guest());
    office.set_server(2);
    assert_eq!(office.heartbeat(2, &[]).code, Some(0));
    // A device whose clock is wrong, too, takes it.
    assert_eq!(sync(&early, 2).code, Some(1));
    office.set_server(0);
    let (status, health) = office.health();
    assert!(status == 503 && health.contains("2 days after this server's clock"), "{health}");
    let future = sync(&late, 0);
    tells(&future, &["2 days in the future", "the authority's clock was probably wrong"]);
    tells(&office.heartbeat(0, &[]), &["2 days behind", "heartbeat --clock-is-right"]);
    assert_eq!(office.heartbeat(0, &["--clock-is-right"]).code, Some(0));
    assert_eq!(office.heartbeat(0, &[]).code, Some(0), "it need not be said again");
    assert_eq!(office.health().0, 200);
    for guest in [&early, &late] {
        let read = sync(guest, 0);
        assert_eq!(read.code, Some(1), "{read:?}");
    }
}

#[test]
fn a_release_by_a_clock_that_was_ahead_stops_no_later_one() {
    // [CLI-36] [CLI-41]
    let office = Office::open();
    let policy = "version = 1\nname = \"hourly\"\ntitle = \"Hourly\"\ntime_zone = \"UTC\"\n\
                  decision = \"staff\"\n[release]\ntimes = [\"00:00\", \"12:00\"]\nmultiple = 4\n";
    office.desk.write("policy.toml", policy);
    let does = |days: i64, words: &[&str]| {
        office.desk.noren(&[&["--now", &at(days), "--json", "authority"], words].concat(), b"")
    };
    assert_eq!(does(0, &["policy", "set", "policy.toml", "--yes"]).code, Some(0));
    office.set_server(20);
    let ahead = does(20, &["release"]);
    assert_eq!(ahead.code, Some(0), "{ahead:?}");
    office.set_server(0);
    assert_eq!(office.heartbeat(0, &["--clock-is-right"]).code, Some(0));
    let release = does(0, &["release"]);
    assert!(release.code == Some(0) && release.out.contains("\"sent\": true"), "{release:?}");
    assert_eq!(does(0, &["release"]).code, Some(1), "once");
}

#[test]
fn what_a_clock_that_was_ahead_signed_and_did_not_send_is_dated_anew() {
    // [CLI-41] [LOG-15]
    let tee = Tee::new();
    let office = Office::behind(&tee);
    office.set_server(2);
    tee.lose(Some("POST /v1/log?"));
    assert_eq!(office.heartbeat(2, &[]).code, Some(2));
    tee.lose(None);
    office.set_server(0);
    tells(&office.heartbeat(0, &[]), &["2 days behind", "heartbeat --clock-is-right"]);
    let ran = office.heartbeat(0, &["--clock-is-right"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(office.health().0, 200);
    assert_eq!(sync(&office.guest(), 0).code, Some(1), "it is dated now");
}

#[test]
fn a_lost_log_whose_last_head_is_dated_ahead_is_told_as_that() {
    // [CLI-16] [CLI-41]
    let mut office = Office::open();
    office.set_server(2);
    assert_eq!(office.heartbeat(2, &[]).code, Some(0));
    office.set_server(0);
    office.lose();
    let restore =
        |days: i64| office.desk.noren(&["--now", &at(days), "authority", "restore-log"], b"");
    let early = restore(0);
    tells(&early, &["nothing was given back", "2 days behind", "run this again after"]);
    assert!(!early.err.contains("empty folder"), "{early:?}");
    // When that time has come, it goes on.
    office.set_server(2);
    let ran = restore(2);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(office.heartbeat(2, &[]).code, Some(0));
}

/// Hands out what a server hands out, by a clock that is right.
fn mirror(url: &str) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let url = url.to_owned();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut head) = (stream.unwrap(), [0; 4_096]);
            let length = stream.read(&mut head).unwrap_or(0);
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            let path = head.split(' ').nth(1).unwrap_or("/");
            let answer = agent().get(format!("{url}{path}")).call().unwrap();
            let status = answer.status().as_u16();
            let body = answer.into_body().read_to_vec().unwrap();
            let date = jiff::Timestamp::now();
            let date =
                jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&date);
            let date = date.unwrap();
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} x\r\nDate: {date}\r\nContent-Length: {length}\r\n\
                 Connection: close\r\n\r\n"
            );
            let _ = stream.write_all(&[head.as_bytes(), &body].concat());
        }
    });
    address
}

#[test]
fn a_mirror_tells_that_desk_and_server_are_both_wrong() {
    // [CLI-41]
    let office = Office::open();
    let mirror = mirror(&office.url);
    let add = office.desk.noren(&["authority", "mirror", "add", &mirror], b"");
    assert_eq!(add.code, Some(0), "{add:?}");
    assert_eq!(office.heartbeat(0, &[]).code, Some(0));
    office.set_server(2);
    tells(&office.heartbeat(2, &[]), &["nothing was signed", &mirror, "2 days ahead"]);
    office.set_server(0);
    assert_eq!(office.heartbeat(0, &[]).code, Some(0));
}
