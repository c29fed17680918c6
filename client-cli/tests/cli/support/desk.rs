//! An authority at its desk, with the server in this process.

use std::net::Ipv4Addr;

use noren::authority::AuthorityKeys;
use noren_server::{Config, Server};
use serde_json::Value;
use sha2::Digest as _;
use tokio::runtime::Runtime;

use super::person::Person;
use super::port::free_port;
use super::reverse::Reverse;
use super::tee::Tee;

/// The present time, in seconds since 1970.
pub(crate) fn now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap()
}

/// So many hours after midnight (UTC) of the day before yesterday, as an argument.
pub(crate) fn hour(hour: i64) -> String {
    let midnight = now() / 86_400 * 86_400 - 2 * 86_400;
    jiff::Timestamp::from_second(midnight + hour * 3_600).unwrap().to_string()
}

/// A desk whose server runs and has its first checkpoint.
pub(crate) struct Desk {
    pub(crate) person: Person,
    pub(crate) port: u16,
    pub(crate) runtime: Runtime,
}

impl Desk {
    pub(crate) fn new(name: &str) -> Self {
        Self::at_origin(name, "town.example/log")
    }

    /// A desk whose log has another name.
    pub(crate) fn at_origin(name: &str, origin: &str) -> Self {
        Self::made(Person::new(), name, origin, None)
    }

    /// A desk with a bar, whose server stands under a path of another's.
    pub(crate) fn under(proxy: &Reverse) -> Self {
        let desk = Self::made(
            Person::new(),
            "Health Office",
            "town.example/log",
            Some(&|port| {
                proxy.leads_to((Ipv4Addr::LOCALHOST, port).into());
                proxy.url.clone()
            }),
        );
        desk.bar("Bar Noren");
        desk
    }

    /// A desk with a bar, whose server is reached through something that listens.
    pub(crate) fn behind(tee: &Tee) -> Self {
        let before = |port| tee.before(port);
        let desk = Self::made(Person::new(), "Health Office", "town.example/log", Some(&before));
        desk.bar("Bar Noren");
        desk
    }

    /// A desk with a bar whose keys were made before `init`, and stay.
    pub(crate) fn with_keys(keys: &AuthorityKeys) -> Self {
        let (person, keys) = (Person::new(), keys.to_bytes());
        let digest = sha2::Sha256::digest(keys.as_slice());
        let file = [b"NOREN-DESK-FILE-v1\n", &digest[..], &keys].concat();
        person.write("home/authority/keys", file);
        let desk = Self::made(person, "Health Office", "town.example/log", None);
        desk.bar("Bar Noren");
        desk
    }

    fn made(
        person: Person,
        name: &str,
        origin: &str,
        before: Option<&dyn Fn(u16) -> String>,
    ) -> Self {
        let port = free_port();
        let runtime = Runtime::new().unwrap();
        let desk = Self { person, port, runtime };
        let url = before.map_or_else(|| desk.url(), |before| before(port));
        let init = ["init", "--name", name, "--origin", origin, "--url", &url];
        desk.does(&init);
        desk.does(&["profile", "--out", "health.profile"]);
        let mut config = Config { data: desk.person.path("server"), ..Config::default() };
        config.listen.set_port(port);
        config.ops_listen.set_port(0);
        config.authority = Some(desk.person.path("health.profile"));
        let server = desk.runtime.block_on(Server::bind(config)).unwrap();
        desk.runtime.spawn(server.serve(std::future::pending()));
        desk.does(&["heartbeat"]);
        desk
    }

    /// A desk with a bar, whose poster hangs in the folder `codes`.
    pub(crate) fn with_bar() -> Self {
        let desk = Self::new("Health Office");
        desk.bar("Bar Noren");
        desk
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Runs a verb of the authority's that has to succeed; what it prints.
    #[track_caller]
    pub(crate) fn does(&self, words: &[&str]) -> Value {
        let ran = self.person.noren(&[&["--json", "authority"], words].concat(), b"");
        assert_eq!(ran.code, Some(0), "{ran:?}");
        serde_json::from_str(&ran.out).unwrap_or_default()
    }

    /// A bar of this authority's, its codes in the folder `codes`.
    pub(crate) fn bar(&self, name: &str) {
        let (from, to) = (hour(-240), hour(240));
        let setup = ["venue", "setup", "--authority", "health.profile", "--name", name];
        let rest = ["--from", &from, "--to", &to, "--address", "1-2-3 Minato", "--out", "codes"];
        self.person.json(&[&setup[..], &rest].concat(), b"");
    }

    /// The bar answers a case.
    #[track_caller]
    pub(crate) fn answer(&self, opened: &Value) {
        let text = |name: &str| opened[name].as_str().unwrap();
        let upload = ["venue", "upload", "--yes", "--authority", "health.profile", "--trace"];
        let words = [&upload[..], &["codes/trace.txt", "--code-file", "-"]].concat();
        let codes = format!("{} {}", text("code"), text("window_code"));
        self.person.json(&words, codes.as_bytes());
    }

    /// A case about `from` to `to` o'clock.
    pub(crate) fn open_case(&self, from: i64, to: i64) -> Value {
        let (from, to) = (hour(from), hour(to));
        self.does(&["case", "open", "--venue", "a bar", "--from", &from, "--to", &to])
    }

    /// A case about `from` to `to` o'clock that the bar has answered; its id.
    pub(crate) fn answered_case(&self, from: i64, to: i64) -> String {
        let opened = self.open_case(from, to);
        self.answer(&opened);
        opened["case"].as_str().unwrap().to_owned()
    }

    /// Somebody who was at the bar for half an hour from `at` o'clock.
    pub(crate) fn guest(&self, at: i64) -> Person {
        let guest = Person::new();
        guest.write("entry.png", self.person.read("codes/entry.png"));
        guest.json(&["visitor", "follow", &self.url()], b"");
        let words = ["visitor", "check-in", "entry.png", "--at", &hour(at), "--for", "30m"];
        guest.json(&words, b"");
        guest
    }
}
