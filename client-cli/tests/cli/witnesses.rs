//! Witnesses: our own over real HTTP, a foreign one, what a desk publishes with them, and what
//! devices refuse without.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use noren::keys::SignSecretKey;
use noren::log::{AddCheckpoint, Origin, Witness};
use serde_json::Value;

use crate::support::foreign::foreign;
use crate::support::http::agent;
use crate::support::office::now;
use crate::support::person::{Person, run};
use crate::support::port::free_port;
use crate::support::site::{Site, entries, tree};
use crate::support::town::{Town, at};

/// A witness that serves.
struct Serving {
    person: Person,
    child: Child,
    key: String,
    url: String,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    /// Our own witness of the log at an address or in a file.
    fn of(name: &str, log: &str) -> Self {
        let person = Person::new();
        let (child, key, url) = Self::start(&person, name, log);
        Self { person, child, key, url }
    }

    fn start(person: &Person, name: &str, log: &str) -> (Child, String, String) {
        let words =
            ["--json", "auditor", "witness", "--name", name, "--listen", "127.0.0.1:0", log];
        let mut child = person.command(&words).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let shown: Value = serde_json::from_str(&line).unwrap();
        let text = |name: &str| shown[name].as_str().unwrap().to_owned();
        (child, text("vkey"), format!("http://{}", text("listening")))
    }

    /// Ends it in the hardest way, and lets it serve again.
    fn restart(&mut self, name: &str, log: &str) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        (self.child, self.key, self.url) = Self::start(&self.person, name, log);
    }

    fn witness(&self) -> Witness {
        Witness::from_verifier_key(&self.key).unwrap()
    }
}

/// Posts a request; status, type and body of the answer.
fn ask(url: &str, body: &[u8]) -> (u16, String, String) {
    let request = ureq::http::Request::post(format!("{url}/add-checkpoint")).body(body).unwrap();
    let mut response = agent().run(request).unwrap();
    let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_owned();
    (response.status().as_u16(), kind, response.body_mut().read_to_string().unwrap())
}

fn published(town: &Town) -> String {
    agent()
        .get(format!("{}/checkpoint", town.url))
        .call()
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap()
}

fn warn(town: &Town, name: &str) {
    let venue = town.venue(name, &[]);
    let window = ["--from", &at(18, 0), "--to", &at(20, 0)];
    let opened = town.desk(&[&["case", "open", "--venue", name][..], &window].concat());
    town.warn(&venue, &opened, &["--level", "cluster"]);
}

#[test]
fn a_desk_publishes_with_what_its_witnesses_gave() {
    // [LOG-22] [CLI-61]
    let town = Town::new("Akashi", "plain");
    let two = [Serving::of("w1.example", &town.url), Serving::of("w2.example", &town.url)];
    for witness in &two {
        town.desk(&["witness", "add", &witness.key, &witness.url]);
    }
    town.desk(&["heartbeat"]);
    let note = published(&town);
    assert!(two.iter().all(|each| each.witness().cosigned(note.as_bytes()).is_some()), "{note}");
    warn(&town, "Bar");
    let note = published(&town);
    assert!(two.iter().all(|each| each.witness().cosigned(note.as_bytes()).is_some()), "{note}");
    // One that has slept is asked again from where it was; one that is gone is named.
    let mut late = Serving::of("w3.example", &town.url);
    town.desk(&["witness", "add", &late.key, &late.url]);
    warn(&town, "Cafe");
    assert!(late.witness().cosigned(published(&town).as_bytes()).is_some());
    let [gone, there] = two;
    let name = gone.key.split('+').next().unwrap().to_owned();
    drop(gone);
    let ran = town.try_desk(&["heartbeat"]);
    assert!(ran.code == Some(0) && ran.err.contains(&format!("{name} is behind")), "{ran:?}");
    assert!(there.witness().cosigned(published(&town).as_bytes()).is_some());
    // With a quorum that is not met nothing goes out, and what was signed waits.
    town.desk(&["witness", "quorum", "3"]);
    let before = published(&town);
    let ran = town.try_desk(&["heartbeat"]);
    assert!(ran.code == Some(2) && ran.err.contains("nothing is published"), "{ran:?}");
    assert_eq!(published(&town), before);
    town.desk(&["witness", "quorum", "2"]);
    // What is signed twice in one second is the same note.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    town.desk(&["heartbeat"]);
    assert_ne!(published(&town), before);
    late.restart("w3.example", &town.url);
    let listed = town.desk(&["witness", "list"]);
    assert_eq!((listed["known"].as_array().unwrap().len(), &listed["quorum"]), (3, &2.into()));
    let ran = town.try_desk(&["witness", "remove", "w9.example"]);
    ran.fails("no witness of this desk");
    town.desk(&["witness", "remove", &name]);
    town.try_desk(&["witness", "remove", "w2.example"]).fails("lower that first");
    town.try_desk(&["witness", "add", &there.key, "http://127.0.0.1:1"]).fails("there already");
    // The log's own keys are no witness.
    let keys = town.desk(&["vkey"]);
    let own = keys["time"].as_str().unwrap();
    town.try_desk(&["witness", "add", own, "http://127.0.0.1:1"]).fails("no witness of its log");
    let log = keys["log"].as_str().unwrap();
    town.try_desk(&["witness", "add", log, "http://127.0.0.1:1"])
        .fails("no verifier key of a witness");
    assert_eq!(Person::new().json(&["auditor", "vkey", &town.url], b""), keys, "[CLI-59]");
}

#[test]
fn a_device_takes_no_head_that_too_few_have_seen() {
    // [LOG-21] [CLI-60]
    let town = Town::new("Himeji", "plain");
    let witness = Serving::of("w1.example", &town.url);
    let stranger = Serving::of("w2.example", &town.url);
    let (with, without) = (Person::new(), Person::new());
    let follow = ["visitor", "follow", &town.url];
    without.json(&follow, b"");
    let asked = with.json(&[&follow[..], &["--witness", &witness.key]].concat(), b"");
    assert_eq!(asked["witnesses"], serde_json::json!(["w1.example"]));
    let sync = |person: &Person| person.noren(&["visitor", "sync"], b"");
    assert_eq!(sync(&without).code, Some(1));
    sync(&with).ends(3, "too few of the witnesses");
    // Somebody else's cosignature does not help.
    town.desk(&["witness", "add", &stranger.key, &stranger.url]);
    town.desk(&["heartbeat"]);
    sync(&with).ends(3, "too few of the witnesses");
    let verify = ["--json", "auditor", "verify", &town.url];
    let ran = with.noren(&verify, b"");
    assert!(ran.code == Some(1) && ran.out.contains("too-few-witnesses"), "{ran:?}");
    assert!(ran.out.contains("w1.example"), "{ran:?}");
    town.desk(&["witness", "add", &witness.key, &witness.url]);
    town.desk(&["heartbeat"]);
    assert_eq!(sync(&with).code, Some(1), "nothing new");
    assert_eq!(with.noren(&verify, b"").code, Some(0));
    // Neither following again, nor new keys, nor a damaged file ends the asking.
    with.json(&follow, b"");
    town.desk(&["rotate-keys", "--yes"]);
    assert_eq!(sync(&with).code, Some(1));
    town.desk(&["witness", "remove", "w1.example"]);
    town.desk(&["heartbeat"]);
    std::thread::sleep(Duration::from_secs(1));
    let again = with.json(&follow, b"");
    assert_eq!(again["witnesses"], serde_json::json!(["w1.example"]), "the policy has moved along");
    let policy = std::fs::read_dir(with.path("home/authorities")).unwrap().flatten();
    let mut policy = policy.map(|entry| entry.path());
    let policy =
        policy.find(|path| path.extension().is_some_and(|end| end == "witnesses")).unwrap();
    std::fs::write(&policy, "quorum nobody\n").unwrap();
    let ran = sync(&with);
    assert!(ran.code != Some(1) && ran.err.contains("--witness-policy"), "{ran:?}");
    // It is for this log alone, and the log's own keys are no witness of it.
    let keys = town.desk(&["vkey"]);
    let own = keys["time"].as_str().unwrap();
    with.noren(&[&follow[..], &["--witness", own]].concat(), b"").fails("no witness");
    let other = Site::new("Office", &[]);
    let origin = Origin::new("health.example/log").unwrap();
    let kind = noren::log::SignatureType::Ed25519;
    let log = noren::log::verifier_key(kind, &origin, &other.keys.0.log_public_key());
    with.write("policy", format!("log {log}\nwitness a {}\nquorum a\n", witness.key));
    with.noren(&[&follow[..], &["--witness-policy", "policy"]].concat(), b"").fails("other logs");
    let two = ["--witness", &witness.key, "--witness", &stranger.key, "--quorum", "3"];
    with.noren(&[&follow[..], &two].concat(), b"").fails("more members");
    // A quorum of one of both.
    let two = ["--witness", &witness.key, "--witness", &stranger.key, "--quorum", "1"];
    with.json(&[&follow[..], &two].concat(), b"");
    assert_eq!(sync(&with).code, Some(1));
}

#[test]
fn a_witness_refuses_a_fork_also_after_it_was_killed() {
    // [LOG-23] [CLI-61]
    let site = Site::new("Office", &entries(5));
    let person = Person::new();
    person.write("health.profile", &site.profile);
    let profile = person.path("health.profile");
    let profile = profile.to_str().unwrap();
    let mut witness = Serving::of("witness.example/w1", profile);
    let root = |entries: &[Vec<u8>]| tree(entries).root();
    let request =
        |old_size, checkpoint: String| AddCheckpoint { old_size, proof: vec![], checkpoint };
    let first = request(0, site.sign(5, root(&entries(5)), now()));
    let (status, _, line) = ask(&witness.url, first.to_text().as_bytes());
    assert_eq!(status, 200, "{line}");
    assert!(witness.witness().line_in(line.as_bytes(), &first.checkpoint).is_some());
    for again in 0..2 {
        // The same once more, from where it is: a heartbeat.
        let same = request(5, site.sign(5, root(&entries(5)), now()));
        assert_eq!(ask(&witness.url, same.to_text().as_bytes()).0, 200);
        let fork = request(5, site.sign(5, root(&entries(6)[1..]), now()));
        let expected = (409, "text/x.tlog.size".to_owned(), "5\n".to_owned());
        assert_eq!(ask(&witness.url, fork.to_text().as_bytes()), expected);
        let forgotten = request(0, site.sign(5, root(&entries(6)[1..]), now()));
        assert_eq!(ask(&witness.url, forgotten.to_text().as_bytes()), expected);
        let unproven = request(5, site.sign(9, root(&entries(9)), now()));
        assert_eq!(ask(&witness.url, unproven.to_text().as_bytes()).0, 422);
        let back = request(5, site.sign(3, root(&entries(3)), now()));
        assert_eq!(ask(&witness.url, back.to_text().as_bytes()).0, 400);
        if again == 0 {
            witness.restart("witness.example/w1", profile);
        }
    }
    let other = Site::of("other.example/log", "Other", &[]);
    let unknown = request(0, other.sign(0, root(&[]), now()));
    assert_eq!(ask(&witness.url, unknown.to_text().as_bytes()).0, 404);
    let stranger = Site::new("Stranger", &[]);
    let unsigned = request(5, stranger.sign(6, root(&entries(6)), now()));
    assert_eq!(ask(&witness.url, unsigned.to_text().as_bytes()).0, 403);
    assert_eq!(ask(&witness.url, b"old 5\n").0, 400);
    assert_eq!(ask(&witness.url, &vec![b'a'; AddCheckpoint::MAX_LENGTH + 1]).0, 413);
    // Its name and its key belong together, and nobody serves it twice.
    let words = ["auditor", "witness", "--name", "other.example/w1", "--vkey"];
    witness.person.noren(&words, b"").fails("is called witness.example/w1");
    let words = ["auditor", "witness", "--listen", "127.0.0.1:0", profile];
    witness.person.noren(&words, b"").fails("served already");
    let shown = witness.person.json(&["auditor", "witness", "--vkey"], b"");
    assert_eq!(shown["vkey"], witness.key.as_str());
    Person::new().noren(&["auditor", "witness", "--vkey"], b"").fails("--name");
    // What it remembers is not made up where it is damaged.
    let folder = witness.person.path("home/witness");
    let last = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    let last: Vec<_> =
        last.filter(|path| path.extension().is_some_and(|end| end == "last")).collect();
    std::fs::write(&last[0], b"{}").unwrap();
    let same = request(5, site.sign(5, root(&entries(5)), now()));
    assert_eq!(ask(&witness.url, same.to_text().as_bytes()).0, 500);
    let fresh = request(0, site.sign(5, root(&entries(6)[1..]), now()));
    assert_eq!(ask(&witness.url, fresh.to_text().as_bytes()).0, 500);
}

#[test]
fn a_witness_whose_key_signs_the_log_is_refused() {
    // [LOG-21]
    let key = SignSecretKey::from_bytes(&[9; 32]);
    let site = Site::new("Office", &[]);
    let own = Witness::new(Origin::new("a.example").unwrap(), site.keys.0.log_public_key());
    let other = Witness::new(Origin::new("a.example").unwrap(), key.public_key());
    let person = Person::new();
    let follow = |witness: &Witness| {
        let words = ["visitor", "follow", &site.url, "--witness", &witness.verifier_key()];
        person.noren(&words, b"")
    };
    follow(&own).fails("the authority itself");
    // [CLI-60] Nobody is followed then without the witnesses that were asked for.
    person.noren(&["visitor", "sync"], b"").fails("no authority is followed");
    assert_eq!(follow(&other).code, Some(0));
}

/// A foreign witness of a log, where one is installed.
fn foreign_witness(number: usize, site_keys: &str) -> Option<Serving> {
    let program = foreign("aics-witness")?;
    let person = Person::new();
    let port = free_port();
    let (name, listen) = (format!("foreign.example/w{number}"), format!("127.0.0.1:{port}"));
    let run = |words: &[&str]| {
        let words = [words, &["--config", "witness.json"]].concat();
        run(person.equip(&mut Command::new(&program)).args(words), b"")
    };
    let made = run(&["init", "--name", &name, "--listen", &listen]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let key = made.out.lines().last().unwrap().trim().to_owned();
    let origin = site_keys.split('+').next().unwrap();
    let added = run(&["add-log", "--origin", origin, "--vkey", site_keys]);
    assert_eq!(added.code, Some(0), "{added:?}");
    let child = person
        .equip(&mut Command::new(&program))
        .args(["serve", "--config", "witness.json"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let serving = Serving { person, child, key, url: format!("http://{listen}") };
    for _ in 0..400 {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Some(serving);
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("the foreign witness does not answer");
}

#[test]
fn two_foreign_witnesses_cosign_what_a_desk_publishes() {
    // [LOG-22] [LOG-21] [LOG-20]
    let town = Town::new("Itami", "plain");
    let log = town.desk(&["vkey"])["log"].as_str().unwrap().to_owned();
    let (Some(one), Some(two)) = (foreign_witness(1, &log), foreign_witness(2, &log)) else {
        return;
    };
    let both = [one, two];
    for witness in &both {
        town.desk(&["witness", "add", &witness.key, &witness.url]);
    }
    town.desk(&["witness", "quorum", "2"]);
    town.desk(&["heartbeat"]);
    let visitor = Person::new();
    let keys = ["--witness", &both[0].key, "--witness", &both[1].key];
    visitor.json(&[&["visitor", "follow", &town.url][..], &keys].concat(), b"");
    for name in ["Bar", "Cafe", "Hall"] {
        warn(&town, name);
        let note = published(&town);
        assert!(
            both.iter().all(|each| each.witness().cosigned(note.as_bytes()).is_some()),
            "{note}"
        );
        assert_eq!(visitor.noren(&["visitor", "sync"], b"").code, Some(1));
    }
}

#[test]
fn a_foreign_witness_refuses_a_fork() {
    // [LOG-22] [LOG-23]
    let site = Site::new("Office", &entries(5));
    let origin = Origin::new("health.example/log").unwrap();
    let kind = noren::log::SignatureType::Ed25519;
    let log = noren::log::verifier_key(kind, &origin, &site.keys.0.log_public_key());
    let Some(witness) = foreign_witness(3, &log) else { return };
    let root = |entries: &[Vec<u8>]| tree(entries).root();
    let request =
        |old_size, checkpoint: String| AddCheckpoint { old_size, proof: vec![], checkpoint };
    let first = request(0, site.sign(5, root(&entries(5)), now()));
    let (status, _, line) = ask(&witness.url, first.to_text().as_bytes());
    assert_eq!(status, 200, "{line}");
    assert!(witness.witness().line_in(line.as_bytes(), &first.checkpoint).is_some());
    let fork = request(5, site.sign(5, root(&entries(6)[1..]), now()));
    let (status, _, said) = ask(&witness.url, fork.to_text().as_bytes());
    assert!(matches!(status, 409 | 422) && !said.contains('\u{2014}'), "{status} {said}");
    let unproven = request(5, site.sign(9, root(&entries(9)), now()));
    assert_eq!(ask(&witness.url, unproven.to_text().as_bytes()).0, 422);
}
