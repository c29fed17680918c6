//! One authority, one log, one desk that signs it: copies, backups, lost servers, failing disks.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use noren::log::{CompactRange, bundles_needed, leaf_hash};
use noren::profile::logged_profile;
use noren_faults::{Disk, Fault};
use noren_server::{Config, Server};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Runtime;

use crate::support::desk::{Desk, now};
use crate::support::person::{Person, Ran, finish};
use crate::support::port::free_port;
use crate::support::tee::Tee;

impl Desk {
    /// The server ends; its data stay.
    pub(crate) fn stop(&mut self) {
        drop(std::mem::replace(&mut self.runtime, Runtime::new().unwrap()));
    }

    /// The server runs again, on what lies in the folder `server`.
    pub(crate) fn start(&mut self) {
        self.start_at(None);
    }

    /// The same, where the authority asks it at another address than that in the profile.
    fn start_at(&mut self, address: Option<String>) {
        let mut config = Config { data: self.person.path("server"), address, ..Config::default() };
        config.listen.set_port(self.port);
        config.ops_listen.set_port(0);
        config.authority = Some(self.person.path("health.profile"));
        let mut bind = |_| {
            sleep(Duration::from_millis(50));
            self.runtime.block_on(Server::bind(config.clone())).ok()
        };
        let server = (0..100).find_map(&mut bind).expect("port and folder are free again");
        self.runtime.spawn(server.serve(std::future::pending()));
    }

    /// The server's data are gone, and it runs again.
    pub(crate) fn lose_server(&mut self) {
        self.stop();
        sleep(Duration::from_millis(200));
        fs::remove_dir_all(self.person.path("server")).unwrap();
        self.start();
    }

    /// The traces of the published log.
    pub(crate) fn entries(&self) -> Vec<Vec<u8>> {
        let is_trace = |entry: &Vec<u8>| logged_profile(entry).is_none();
        self.all_entries().into_iter().filter(is_trace).collect()
    }

    pub(crate) fn all_entries(&self) -> Vec<Vec<u8>> {
        let public = self.person.path("server/public");
        let head = fs::read_to_string(public.join("checkpoint")).unwrap();
        let size = head.lines().nth(1).unwrap().parse().unwrap();
        let read = |bundle: noren::log::NeededBundle| {
            bundle.new_entries(&fs::read(public.join(bundle.path.to_string())).unwrap()).unwrap()
        };
        bundles_needed(0, size).flat_map(read).collect()
    }

    pub(crate) fn log_is_sound(&self) {
        // With a home of its own: the venue's has the keys that its code was made for.
        let words = ["--home", "auditor-home", "auditor", "verify", &self.url()];
        let audit = self.person.noren(&words, b"");
        assert_eq!(audit.code, Some(0), "{audit:?}");
    }

    #[track_caller]
    pub(crate) fn try_desk(&self, words: &[&str]) -> Ran {
        self.person.noren(&[&["--json", "authority"], words].concat(), b"")
    }
}

/// A desk that is another one's copy.
fn copy_of(desk: &Desk) -> Person {
    let other = Person::new();
    copy(&desk.person.path("home"), &other.path("home"));
    other
}

pub(crate) fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap() {
        let (path, name) = item.map(|item| (item.path(), item.file_name())).unwrap();
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

pub(crate) fn memory(person: &Person) -> PathBuf {
    let mut found = files(&person.path("state"));
    found.retain(|path| path.ends_with("seat"));
    found.pop().unwrap()
}

/// What a machine remembers, behind the mark and digest of its file.
pub(crate) fn remembered(person: &Person) -> Value {
    serde_json::from_slice(&fs::read(memory(person)).unwrap()[19 + 32..]).unwrap()
}

fn notices(guest: &Person) -> Vec<Value> {
    let ran = guest.noren(&["--json", "visitor", "sync"], b"");
    assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
    serde_json::from_str(&ran.out).unwrap()
}

/// A mirror: serves a folder of files.
fn mirror(folder: PathBuf) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 4_096];
            let length = stream.read(&mut head).unwrap_or(0);
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            let path = head.split(' ').nth(1).unwrap_or("/").trim_start_matches('/').to_owned();
            let file = fs::read(folder.join(path));
            let status = if file.is_ok() { "200 OK" } else { "404 Not Found" };
            let body = file.unwrap_or_default();
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(&body);
        }
    });
    url
}

#[test]
fn a_copied_moved_or_restored_desk_signs_nothing_and_says_why() {
    // [CLI-14]
    let town = Desk::with_bar();
    let case = town.answered_case(18, 20);
    town.does(&["review", &case]);
    let backup = copy_of(&town);
    let publish = ["authority", "publish", &case, "--level", "attention", "--yes"];
    // On this machine, in another folder.
    copy(&town.person.path("home"), &town.person.path("other"));
    let elsewhere =
        |words: &[&str]| town.person.noren(&[&["--home", "other"], words].concat(), b"");
    elsewhere(&publish).fails("is a copy of it, or it was moved");
    elsewhere(&["authority", "rotate-keys", "--yes"]).fails("take-over");
    // On a machine that has never signed for it.
    backup.noren(&publish, b"").fails("does not know this desk");
    // On a machine that got the other's memory, too.
    let file = memory(&town.person);
    let known = fs::read(&file).unwrap();
    let mut other = remembered(&town.person);
    assert!(other["machine"].is_string(), "this machine has a name");
    other["machine"] = "00".repeat(32).into();
    let other = other.to_string().into_bytes();
    let digest = Sha256::digest(&other);
    fs::write(&file, [b"NOREN-DESK-FILE-v1\n", &digest[..], &other].concat()).unwrap();
    town.person.noren(&publish, b"").fails("another machine");
    fs::write(&file, known).unwrap();
    // Nothing of that reached the log, and what only reads works everywhere.
    assert_eq!(town.entries().len(), 0);
    for verb in [&["authority", "journal"][..], &["authority", "case", "list"]] {
        assert_eq!((elsewhere(verb).code, backup.noren(verb, b"").code), (Some(0), Some(0)));
    }
    // The desk itself is as before; a backup of it put back in its place is not.
    town.does(&["publish", &case, "--level", "attention", "--yes"]);
    copy(&backup.path("home"), &town.person.path("home"));
    town.person.noren(&publish, b"").fails("restored from a backup");
    town.person.noren(&["authority", "heartbeat"], b"").fails("take-over");
    assert_eq!(town.entries().len(), 2);
    town.log_is_sound();
}

#[test]
fn a_desk_that_is_taken_over_knows_what_was_published_and_the_old_one_is_retired() {
    // [CLI-15] [CLI-14] [API-27]
    let town = Desk::with_bar();
    let guest = town.guest(19);
    let case = town.answered_case(18, 20);
    town.does(&["review", &case]);
    let other = copy_of(&town);
    town.does(&["publish", &case, "--level", "attention", "--yes"]);
    assert_eq!(notices(&guest)[0]["level"], "attention");
    other.noren(&["authority", "take-over"], b"").fails("--yes");
    let taken = other.json(&["authority", "take-over", "--yes"], b"");
    assert_eq!((&taken["seat"], &taken["log_size"]), (&2.into(), &3.into()), "{taken}");
    assert_eq!(taken["found"], serde_json::json!([case]), "its identities are in the log");
    let journal = other.json(&["authority", "journal"], b"");
    let event = journal.as_array().unwrap().last().unwrap();
    assert_eq!(event["action"], "desk-taken-over");
    assert_eq!(event["details"]["log_size"], 3);
    assert!(event["details"]["old_seat"].as_str().unwrap().starts_with("seat 1 "), "{event}");
    // The same again is nothing new; a correction reaches those who were warned.
    let publish = |person: &Person, level: &str| {
        person.noren(&["authority", "publish", &case, "--level", level, "--yes"], b"")
    };
    assert_eq!(publish(&other, "attention").code, Some(1));
    assert_eq!(town.entries().len(), 2);
    publish(&town.person, "cluster").fails("seat 2");
    assert_eq!(publish(&other, "cluster").code, Some(0));
    assert_eq!(notices(&guest)[0]["level"], "cluster");
    town.person.noren(&["authority", "heartbeat"], b"").fails("taken over");
    // And back again.
    let back = town.does(&["take-over", "--yes"]);
    assert_eq!((&back["seat"], &back["log_size"]), (&3.into(), &5.into()), "{back}");
    publish(&other, "attention").fails("seat 3");
    assert_eq!(publish(&town.person, "attention").code, Some(0));
    town.does(&["withdraw", &case, "--yes"]);
    // Withdrawn by the one, known to the other.
    let last = other.json(&["authority", "take-over", "--yes"], b"");
    assert_eq!(last["log_size"], 9);
    let cases = other.json(&["authority", "case", "list"], b"");
    assert_eq!(cases[0]["status"], "withdrawn", "{last}");
    town.log_is_sound();
}

#[test]
fn a_desk_restored_with_its_machine_and_its_server_does_not_hide_a_case() {
    // [CLI-13] [LOG-9]
    let mut town = Desk::with_bar();
    let guest = town.guest(19);
    let shown = mirror(town.person.path("mirror"));
    town.does(&["mirror", "add", &shown]);
    town.person.noren(&["authority", "mirror", "add", "ftp://x"], b"").fails("https");
    town.person.noren(&["authority", "mirror", "add", &shown], b"").fails("already");
    let (first, second) = (town.answered_case(18, 20), town.answered_case(12, 14));
    for case in [&first, &second] {
        town.does(&["review", case]);
    }
    // A mirror without anything, and one that is behind, are harmless.
    let ran = town.person.noren(&["authority", "heartbeat"], b"");
    assert!(ran.code == Some(0) && ran.err.contains("is behind"), "{ran:?}");
    copy(&town.person.path("server/public"), &town.person.path("mirror"));
    let backup = tempfile::tempdir().unwrap();
    let parts = ["home", "state", "server"];
    parts.iter().for_each(|part| copy(&town.person.path(part), &backup.path().join(part)));
    town.does(&["publish", &first, "--level", "attention", "--yes"]);
    copy(&town.person.path("server/public"), &town.person.path("mirror"));
    // The whole machine, its memory, and the server, as they were before.
    town.stop();
    sleep(Duration::from_millis(200));
    parts.iter().for_each(|part| copy(&backup.path().join(part), &town.person.path(part)));
    town.start();
    let publish = ["authority", "publish", &second, "--level", "attention", "--yes"];
    town.person.noren(&publish, b"").fails("goes beyond what this desk has signed");
    assert_eq!(town.entries().len(), 0, "no second history");
    assert_eq!(remembered(&town.person)["signed"]["size"], 1, "and none was signed");
    // The take-over reads the mirror; the server gets the log back, and the case with it.
    let taken = town.does(&["take-over", "--yes"]);
    assert_eq!((&taken["log_size"], &taken["found"][0]), (&3.into(), &first.clone().into()));
    town.person.noren(&publish, b"").fails("restore-log");
    town.does(&["restore-log"]);
    town.does(&["publish", &second, "--level", "attention", "--yes"]);
    assert_eq!(notices(&guest).len(), 1, "whom it concerns is told");
    assert_eq!(town.entries().len(), 4);
    town.log_is_sound();
    // Where nobody looked, and two histories were signed: the notes are kept.
    let url = town.url();
    town.stop();
    sleep(Duration::from_millis(200));
    copy(&town.person.path("server/public"), &town.person.path("mirror"));
    parts.iter().for_each(|part| copy(&backup.path().join(part), &town.person.path(part)));
    town.start();
    town.does(&["mirror", "remove", &shown]);
    town.does(&["publish", &second, "--level", "cluster", "--yes"]);
    town.does(&["mirror", "add", &shown]);
    let ran = town.person.noren(&["authority", "heartbeat"], b"");
    ran.fails("that is not this desk's");
    assert!(!ran.err.contains(&format!("{url} shows")), "it is the mirror's");
    let kept = files(&town.person.path("home/authority/evidence"));
    let notes: BTreeSet<_> = kept.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    assert_eq!(notes.len(), 2, "{kept:?}");
    assert!(notes.iter().all(|note| note.starts_with("town.example/log\n")), "{notes:?}");
    town.person.noren(&["authority", "take-over", "--yes"], b"").fails("two different logs");
    drop(guest);
}

#[test]
fn two_desks_that_publish_at_the_same_moment_sign_one_history() {
    // [CLI-13] [CLI-14] [API-27] [LOG-9]
    let town = Desk::with_bar();
    let case = town.answered_case(18, 20);
    town.does(&["review", &case]);
    let other = copy_of(&town);
    let desks = [&town.person, &other];
    other.json(&["authority", "take-over", "--yes"], b"");
    let mut published = 0;
    let mut heads = BTreeSet::new();
    for round in 0..6_usize {
        // The one that has the desk publishes while the other takes it over and publishes, too.
        let (old, new) = (desks[(round + 1) % 2], desks[round % 2]);
        let level = ["attention", "cluster"][round % 2];
        let publish = ["authority", "publish", &case, "--level", level, "--yes"];
        let ran = std::thread::scope(|scope| {
            let first = scope.spawn(|| old.noren(&publish, b"").code);
            sleep(Duration::from_millis(30 * round as u64));
            let taken = (0..100).any(|_| {
                let ran = new.noren(&["authority", "take-over", "--yes"], b"");
                let busy = ran.err.contains("just now") || ran.err.contains("reading");
                assert!(ran.code == Some(0) || busy, "{ran:?}");
                sleep(Duration::from_millis(50));
                ran.code == Some(0)
            });
            assert!(taken, "the turn of the other comes to an end");
            let second = scope.spawn(|| new.noren(&publish, b"").code);
            [first.join().unwrap(), second.join().unwrap()]
        });
        published += ran.iter().filter(|code| **code == Some(0)).count();
        assert!(ran.contains(&Some(0)), "somebody published: {ran:?}");
        for desk in desks {
            let signed = remembered(desk)["signed"].clone();
            heads.insert((signed["size"].as_u64().unwrap(), signed["root"].to_string()));
        }
    }
    let entries = town.all_entries();
    assert_eq!(entries.len(), 1 + 2 * published, "each publication once");
    let mut range = CompactRange::new();
    let mut roots = BTreeSet::from([(0, range.root().as_bytes().to_vec())]);
    for entry in &entries {
        range.push(leaf_hash(entry));
        roots.insert((range.size(), range.root().as_bytes().to_vec()));
    }
    for (size, root) in heads {
        let root = hex::decode(root.trim_matches('"')).unwrap();
        // The first seat has remembered nothing where it never signed.
        let nothing = size == 0;
        assert!(nothing || roots.contains(&(size, root)), "a tree of {size} that is not the log's");
    }
    assert_ne!(
        desks.map(|desk| desk.noren(&["authority", "heartbeat"], b"").code),
        [Some(0), Some(0)],
        "only one of them signs"
    );
    town.log_is_sound();
}

/// Which operations are struck: each of them where the environment asks for that, else one of `step`.
fn every(step: u64) -> u64 {
    if std::env::var_os("NOREN_EVERY").is_some_and(|every| every == "1") {
        return 1;
    }
    // What was not looked at is told, so that nobody takes it for looked at.
    if step > 1 {
        eprintln!("one of {step} operations is struck; NOREN_EVERY=1 strikes each");
    }
    step
}

/// Runs a command on a disk that fails, until it is not struck any more; how often it was.
pub(crate) fn struck(
    person: &Person,
    fault: Fault,
    step: u64,
    mut words: impl FnMut(u64) -> Vec<String>,
    mut check: impl FnMut(u64, &Ran, &[&str]),
) -> u64 {
    let disk = Disk::under(&person.path("."));
    let (mut round, step) = (0, every(step));
    loop {
        let first = 1 + round * step;
        let all = words(round);
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        let last = if fault == Fault::Kill { first } else { u64::MAX };
        disk.set(fault, first..=last);
        let mut command = person.command(&all);
        disk.lay_under(&mut command);
        let ran = finish(command.spawn().unwrap(), b"");
        let done = disk.count() < first;
        disk.mend();
        assert!(!done || matches!(ran.code, Some(0 | 1)), "{ran:?}");
        check(first, &ran, &all);
        if done {
            return round;
        }
        round += 1;
    }
}

pub(crate) fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn killed_at_every_write_a_publication_happens_once() {
    // [CLI-1] [CLI-14] [LOG-9]
    let town = Desk::with_bar();
    let case = town.answered_case(18, 20);
    town.does(&["review", &case]);
    let mut size = 0;
    let strikes = struck(
        &town.person,
        Fault::Kill,
        1,
        |round| {
            let level = ["attention", "cluster"][round as usize % 2];
            owned(&["authority", "publish", &case, "--level", level, "--yes"])
        },
        |first, _, words| {
            let again = town.person.noren(words, b"");
            assert!(matches!(again.code, Some(0 | 1)), "operation {first}: {again:?}");
            size += 2;
            assert_eq!(town.entries().len(), size, "operation {first}");
        },
    );
    assert!(strikes > 30, "{strikes}");
    town.log_is_sound();
}

#[test]
fn on_a_failing_disk_every_command_of_the_desk_says_so_and_can_be_run_again() {
    // [CLI-1] [CLI-3]
    let town = Desk::with_bar();
    let (from, to) = (crate::support::desk::hour(18), crate::support::desk::hour(20));
    let case = town.answered_case(18, 20);
    let open = ["authority", "case", "open", "--venue", "a bar", "--from", &from, "--to", &to];
    let report =
        ["authority", "report", "--venue", "Bar", "--kind", "bar", "--from", &from, "--to", &to];
    let fails = |fault: Fault, step: u64, commands: &[&[&str]]| {
        let words = |round: u64| owned(commands[round as usize % commands.len()]);
        struck(&town.person, fault, step, words, |first, ran, words| {
            let told = ran.code == Some(2) && ran.err.contains("error: ");
            let killed = ran.code.is_none() && fault == Fault::Kill;
            let done = matches!(ran.code, Some(0 | 1));
            assert!(told || killed || done, "{fault:?} at {first}: {ran:?}");
            let again = town.person.noren(words, b"");
            assert!(matches!(again.code, Some(0 | 1)), "{fault:?} after {first}: {again:?}");
            assert_eq!(town.try_desk(&["journal"]).code, Some(0), "{fault:?} at {first}");
        })
    };
    let publish = ["authority", "publish", &case, "--level", "attention", "--yes"];
    let withdraw = ["authority", "withdraw", &case, "--yes"];
    let mut strikes = 0;
    for fault in [Fault::Full, Fault::Broken, Fault::ReadOnly, Fault::Kill] {
        strikes += fails(fault, 5, &[&report]);
        strikes += fails(fault, 7, &[&open]);
        fails(fault, 3, &[&["authority", "review", &case]]);
    }
    for fault in [Fault::Full, Fault::FullHalfWay, Fault::Broken, Fault::ReadOnly] {
        strikes += fails(fault, 8, &[&["authority", "heartbeat"]]);
        strikes += fails(fault, 9, &[&publish, &withdraw]);
    }
    for fault in [Fault::Full, Fault::Kill] {
        strikes += fails(fault, 13, &[&["authority", "rotate-keys", "--yes"]]);
        strikes += fails(fault, 9, &[&["authority", "take-over", "--yes"]]);
    }
    let mirror = ["authority", "mirror"];
    let url = town.url();
    let [add, remove] = ["add", "remove"].map(|verb| [&mirror[..], &[verb, &url]].concat());
    for fault in Fault::ALL {
        strikes += mirrors(&town, fault, &add, &remove);
    }
    assert!(strikes > 40, "{strikes}");
    assert!(!town.person.path("home/authority/next-keys").exists());
    town.log_is_sound();
}

/// Strikes adding a mirror; run again it is there, once.
fn mirrors(town: &Desk, fault: Fault, add: &[&str], remove: &[&str]) -> u64 {
    struck(
        &town.person,
        fault,
        1,
        |_| owned(add),
        |first, ran, _| {
            let again = town.person.noren(add, b"");
            let there = again.err.contains("is there already");
            assert!(again.code == Some(0) || there, "{fault:?} {first}: {ran:?} {again:?}");
            let list = town.person.noren(&["authority", "mirror", "list"], b"");
            assert_eq!(list.out.lines().count(), 1, "{fault:?} {first}: {list:?}");
            assert_eq!(town.person.noren(remove, b"").code, Some(0), "{fault:?} {first}");
        },
    )
}

#[test]
fn an_init_on_a_failing_disk_is_finished_by_the_next() {
    // [CLI-1] [CLI-14]
    let init = ["authority", "init", "--name", "Office", "--origin", "o.example/log"];
    let init = [&init[..], &["--url", "http://127.0.0.1:9"]].concat();
    for fault in Fault::ALL {
        for first in 1.. {
            let person = Person::new();
            fs::create_dir_all(person.path("home")).unwrap();
            let disk = Disk::under(&person.path("."));
            disk.set(fault, first..=if fault == Fault::Kill { first } else { u64::MAX });
            let mut command = person.command(&init);
            disk.lay_under(&mut command);
            let ran = finish(command.spawn().unwrap(), b"");
            let done = disk.count() < first;
            disk.mend();
            if ran.code == Some(0) {
                person.noren(&init, b"").fails("already");
            } else {
                assert!(ran.code == Some(2) || fault == Fault::Kill, "{fault:?} {first}: {ran:?}");
                // Struck when all was written, it is a desk already.
                let again = person.noren(&init, b"");
                assert!(again.code == Some(0) || again.err.contains("already"), "{again:?}");
            }
            person.noren(&["authority", "heartbeat"], b"").fails("cannot reach");
            assert_eq!(remembered(&person)["seat"]["number"], 1);
            if done {
                break;
            }
        }
    }
}

#[test]
fn a_flipped_bit_in_any_file_of_the_desk_is_told_or_harmless() {
    // [CLI-16]
    let town = Desk::with_bar();
    let case = town.answered_case(18, 20);
    town.does(&["publish", &case, "--level", "attention", "--yes"]);
    let look = || {
        let out = |words: &[&str]| {
            let ran = town.try_desk(words);
            (ran.code, ran.out, ran.err)
        };
        [out(&["case", "list"]), out(&["review", &case]), out(&["journal"]), out(&["profile"])]
    };
    let sound = look();
    assert!(sound.iter().all(|(code, ..)| *code == Some(0)), "{sound:?}");
    let desk = town.person.path("home/authority");
    let mut told = 0;
    for path in files(&desk) {
        let good = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let step = (good.len() / 40).max(1);
        for place in (0..good.len()).step_by(step) {
            let mut other = good.clone();
            other[place] ^= 1 << (place % 8);
            fs::write(&path, &other).unwrap();
            let seen = look();
            for (seen, sound) in seen.iter().zip(&sound) {
                if seen == sound {
                    continue;
                }
                told += 1;
                let (code, _, err) = seen;
                assert_eq!(*code, Some(2), "{name} at {place}: {seen:?}");
                let named = err.contains("damaged") || err.contains("tampered");
                assert!(named, "{name} at {place}: {err}");
            }
            let whole = ["keys", "profile"].contains(&&*name) || name.ends_with("upload");
            assert!(!whole || seen != sound, "{name} at {place} is not told");
            fs::write(&path, &good).unwrap();
        }
    }
    assert!(told > 200, "{told}");
    // The copy of the log is made whole by whoever signs next.
    for path in files(&desk.join("log")) {
        let good = fs::read(&path).unwrap();
        for place in (0..good.len()).step_by(good.len() / 5) {
            let mut other = good.clone();
            other[place] ^= 1;
            fs::write(&path, other).unwrap();
            let ran = town.person.noren(&["authority", "heartbeat"], b"");
            assert!(ran.code == Some(0) && ran.err.contains("whole again"), "{ran:?}");
            assert_eq!(fs::read(&path).unwrap(), good);
        }
    }
    let file = memory(&town.person);
    let good = fs::read(&file).unwrap();
    for place in (0..good.len()).step_by(good.len() / 20) {
        let mut other = good.clone();
        other[place] ^= 1;
        fs::write(&file, other).unwrap();
        town.try_desk(&["heartbeat"]).fails("does not know this desk");
    }
    fs::write(&file, good).unwrap();
    town.does(&["heartbeat"]);
    // Whole, and another authority's.
    let other = Desk::new("Other Office");
    fs::copy(other.person.path("home/authority/keys"), desk.join("keys")).unwrap();
    town.try_desk(&["case", "list"]).fails("not those of this authority's profile");
}

#[test]
fn a_server_that_lost_everything_gets_the_log_back() {
    // [CLI-16] [API-28] [LOG-12]
    let mut town = Desk::with_bar();
    let (guest, later) = (town.guest(19), town.guest(19));
    let (case, open) = (town.answered_case(18, 20), town.open_case(12, 14));
    town.does(&["publish", &case, "--level", "attention", "--yes"]);
    town.does(&["rotate-keys", "--yes"]);
    assert_eq!(notices(&guest)[0]["level"], "attention");
    town.log_is_sound();
    let (before, head) = (town.entries(), town.person.read("server/public/checkpoint"));
    let _ = fs::remove_file(town.person.path("health.profile"));
    town.does(&["profile", "--out", "health.profile"]);
    town.lose_server();
    for words in [
        &["heartbeat"][..],
        &["publish", &case, "--level", "cluster", "--yes"],
        &["rotate-keys", "--yes"],
    ] {
        town.try_desk(words).fails("restore-log");
    }
    assert!(!town.person.path("home/authority/next-keys").exists(), "nothing stands in the way");
    let restored = town.does(&["restore-log"]);
    assert_eq!((&restored["entries"], &restored["codes"]), (&4.into(), &1.into()), "{restored}");
    assert_eq!(town.entries(), before);
    assert_eq!(town.try_desk(&["restore-log"]).code, Some(1), "it has it all");
    assert!(notices(&guest).is_empty(), "the same log to who has seen it");
    town.log_is_sound();
    // Everything works again: the open code, publication, correction, new keys.
    town.answer(&open);
    let open = open["case"].as_str().unwrap();
    town.does(&["publish", open, "--level", "attention", "--yes"]);
    town.does(&["publish", &case, "--level", "cluster", "--yes"]);
    town.does(&["rotate-keys", "--yes"]);
    assert_eq!(notices(&guest)[0]["level"], "cluster");
    assert_eq!(notices(&later)[0]["level"], "cluster");
    // An old copy of the server's data, at another address.
    let _ = fs::remove_file(town.person.path("health.profile"));
    town.does(&["profile", "--out", "health.profile"]);
    town.stop();
    sleep(Duration::from_millis(200));
    fs::remove_dir_all(town.person.path("server")).unwrap();
    town.port = free_port();
    // [API-7] A server takes what was signed for it, and not for another.
    town.start();
    town.try_desk(&["restore-log", "--to", &town.url()]).fails("noren-server --address");
    town.stop();
    sleep(Duration::from_millis(200));
    town.start_at(Some(town.url()));
    let restored = town.does(&["restore-log", "--to", &town.url()]);
    assert_eq!((&restored["entries"], &restored["log_size"]), (&9.into(), &10.into()));
    town.does(&["publish", &case, "--level", "attention", "--yes"]);
    let device = Person::new();
    device.json(&["visitor", "follow", &town.url()], b"");
    assert!(notices(&device).is_empty());
    assert_eq!(&town.entries()[..2], &before[..]);
    assert_ne!(town.person.read("server/public/checkpoint"), head);
    assert!(now() > 0);
}

#[test]
fn a_refused_handover_is_finished_or_given_up() {
    // [CLI-16] [PRO-7]
    let mut town = Desk::with_bar();
    let guest = town.guest(19);
    let case = town.answered_case(18, 20);
    assert_eq!(town.try_desk(&["rotate-keys", "--cancel"]).code, Some(1), "none is under way");
    // Killed behind the next keys.
    let disk = Disk::under(&town.person.path("home"));
    let next = town.person.path("home/authority/next-keys");
    for first in 1.. {
        disk.set(Fault::Kill, first..=first);
        let mut command = town.person.command(&["authority", "rotate-keys", "--yes"]);
        disk.lay_under(&mut command);
        let ran = finish(command.spawn().unwrap(), b"");
        disk.mend();
        if next.exists() {
            break;
        }
        assert!(ran.code.is_none(), "{ran:?}");
        town.does(&["heartbeat"]);
    }
    town.try_desk(&["heartbeat"]).fails("rotate-keys --cancel");
    let keys = town.person.read("home/authority/keys");
    assert_eq!(town.try_desk(&["rotate-keys", "--cancel"]).code, Some(0));
    assert!(!next.exists());
    assert_eq!(town.person.read("home/authority/keys"), keys);
    let given_up = town.person.read("home/authority/cancelled-keys");
    town.does(&["publish", &case, "--level", "attention", "--yes"]);
    assert_eq!(notices(&guest).len(), 1);
    // Without a server nothing is begun, and nothing is given up.
    town.stop();
    town.try_desk(&["rotate-keys", "--yes"]).fails("cannot reach");
    assert!(!next.exists());
    town.start();
    town.does(&["rotate-keys", "--yes"]);
    // A server that was shown the first handover leads devices to no other keys with it.
    assert_eq!(town.person.read("home/authority/keys"), given_up);
    assert!(!town.person.path("home/authority/cancelled-keys").exists());
    town.does(&["rotate-keys", "--yes"]);
    assert_ne!(town.person.read("home/authority/keys"), given_up);
    town.log_is_sound();
}

#[test]
fn what_was_signed_and_lost_on_the_way_is_sent_by_who_takes_over_and_nothing_beside_it() {
    // [CLI-15] [LOG-9]
    let tee = Tee::new();
    let town = Desk::behind(&tee);
    let guest = town.guest(18);
    let case = town.answered_case(18, 19);
    tee.heard();
    tee.lose(Some("POST /v1/log?"));
    let publish = ["authority", "publish", &case, "--level", "attention", "--yes"];
    assert_eq!(town.person.noren(&publish, b"").code, Some(2));
    tee.lose(None);
    // The machine forgets its seat, so that the desk has to be taken over.
    fs::remove_dir_all(town.person.path("state")).unwrap();
    town.person.noren(&publish, b"").fails("take-over");
    let taken = town.person.noren(&["authority", "take-over", "--yes"], b"");
    assert_eq!(taken.code, Some(0), "{taken:?}");
    assert!(taken.err.contains("sent again"), "{taken:?}");
    assert_eq!(notices(&guest).len(), 1, "what was signed first is what everybody sees");
    // Every note that left the desk for one size has one root.
    let heard = tee.heard();
    let mut roots = std::collections::BTreeMap::new();
    for note in heard.split("town.example/log\n").skip(1) {
        let mut lines = note.lines();
        let (size, root) = (lines.next().unwrap(), lines.next().unwrap_or_default());
        if size.bytes().all(|digit| digit.is_ascii_digit()) {
            assert_eq!(roots.entry(size.to_owned()).or_insert(root), &root, "two trees of {size}");
        }
    }
    assert!(!roots.is_empty());
}

/// Lets the turn at the server end, as time would.
pub(crate) fn end_turn(town: &Desk) {
    use sqlx::Connection as _;
    let file = town.person.path("server/noren.sqlite");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
    town.runtime.block_on(async {
        let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        let end = "UPDATE turn SET expires = 0";
        sqlx::raw_sql(end).execute(&mut connection).await.unwrap();
    });
}

#[test]
fn nobody_takes_over_beside_a_log_that_contradicts_what_was_signed() {
    // [CLI-15] [LOG-8]
    let tee = Tee::new();
    let town = Desk::behind(&tee);
    let cases = [town.answered_case(18, 19), town.answered_case(20, 21)];
    let copy = town.person.twin();
    let publish = |case| ["authority", "publish", case, "--level", "attention", "--yes"];
    tee.lose(Some("POST /v1/log?"));
    assert_eq!(town.person.noren(&publish(&cases[0]), b"").code, Some(2));
    tee.lose(None);
    end_turn(&town);
    copy.json(&["authority", "take-over", "--yes"], b"");
    copy.json(&publish(&cases[1]), b"");
    // The first desk holds a note that the published log denies, whether it has more entries or not.
    for more in [&[][..], &["--unseen"]] {
        let take_over = [&["authority", "take-over", "--yes"], more].concat();
        town.person.noren(&take_over, b"").fails("contradicts the published one");
    }
    let kept = fs::read_dir(town.person.path("home/authority/evidence")).unwrap().count();
    assert!(kept >= 2, "both notes are kept");
    let status = town.person.noren(&["authority", "status"], b"");
    assert!(status.err.is_empty() || !status.err.contains("panicked"), "{status:?}");
}

#[test]
fn a_desk_that_is_moved_during_a_handover_of_keys_finishes_it_elsewhere() {
    // [CLI-15] [CLI-16] [PRO-7]
    let tee = Tee::new();
    let town = Desk::behind(&tee);
    let guest = town.guest(18);
    let case = town.answered_case(18, 19);
    tee.lose(Some("POST /v1/log?"));
    let rotate = ["authority", "rotate-keys", "--yes"];
    assert_eq!(town.person.noren(&rotate, b"").code, Some(2));
    tee.lose(None);
    fs::remove_dir_all(town.person.path("state")).unwrap();
    town.person.noren(&rotate, b"").fails("take-over");
    town.person.json(&["authority", "take-over", "--yes"], b"");
    town.person.json(&rotate, b"");
    town.does(&["publish", &case, "--level", "attention", "--yes"]);
    assert_eq!(notices(&guest).len(), 1);
}
