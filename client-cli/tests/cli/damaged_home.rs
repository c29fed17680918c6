//! Every file of a visitor's home, damaged in every way that files are damaged in, against every
//! command of the visitor's: none panics, none waits for ever, each error names the file and what to
//! do, and what deletes still deletes.

use std::cell::RefCell;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::desk::{Desk, hour};
use crate::support::person::{Person, Ran, finish};

/// Nobody's user number, for whom a file can be unreadable also where tests run as root.
const NOBODY: u32 = 65_534;

/// Somebody with an open visit, one that ended, a diary, an authority, and a log that was read.
fn guest(town: &Desk) -> Person {
    let guest = town.guest(19);
    guest.json(&["visitor", "diary", "on"], b"");
    guest.json(&["visitor", "check-in", "entry.png", "--at", &hour(10), "--for", "30m"], b"");
    assert_eq!(guest.noren(&["visitor", "sync"], b"").code, Some(1));
    guest.json(&["visitor", "check-in", "entry.png"], b"");
    guest
}

/// The names of the files and folders of a home that are there for a reason, without those of one
/// authority's fingerprint.
fn places(guest: &Person) -> Vec<String> {
    let inside = |folder: &str| {
        let entries = std::fs::read_dir(guest.path(folder)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut places: Vec<_> = names.map(|name| format!("{folder}/{name}")).collect();
        places.sort();
        places
    };
    let mut places = vec!["home/authorities".to_owned(), "home/cache".to_owned()];
    for folder in ["home/visitor", "home/authorities", "home/cache"] {
        places.extend(inside(folder));
    }
    let cache = inside("home/cache").remove(0);
    places.extend(inside(&cache));
    places
}

const WAYS: [&str; 8] =
    ["empty", "cut", "flipped", "garbage", "folder", "pipe", "dangling", "unreadable"];

/// Damages what is at a path; whether that makes sense there.
fn damage(path: &Path, how: &str) -> bool {
    let is_folder = path.is_dir();
    if is_folder && ["cut", "flipped", "folder"].contains(&how) {
        return false;
    }
    if how == "unreadable" {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o000)).unwrap();
        return true;
    }
    let mut bytes = std::fs::read(path).unwrap_or_default();
    if bytes.is_empty() && ["empty", "cut", "flipped"].contains(&how) && !is_folder {
        return false;
    }
    if is_folder {
        std::fs::remove_dir_all(path).unwrap();
    } else {
        std::fs::remove_file(path).unwrap();
    }
    match how {
        "empty" => std::fs::write(path, b"").unwrap(),
        "cut" => std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap(),
        "flipped" => {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(path, bytes).unwrap();
        }
        "garbage" => std::fs::write(path, [0xff, 0, b'x'].repeat(100)).unwrap(),
        "folder" => std::fs::create_dir(path).unwrap(),
        "pipe" => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
        "dangling" => symlink("/nowhere", path).unwrap(),
        _ => unreachable!("{how}"),
    }
    true
}

/// Whether this user can read what nobody may read.
fn is_root() -> bool {
    std::fs::read_dir("/root").is_ok()
}

/// Runs a command, as nobody where that matters; what waits for ever ends with no exit code.
fn run(person: &Person, how: &str, words: &[&str], input: &[u8]) -> Ran {
    let mut command = person.command(words);
    if how == "unreadable" && is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    let child = command.spawn().unwrap();
    let id = child.id().to_string();
    let (ended, waits) = std::sync::mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        let begun = Instant::now();
        if waits.recv_timeout(Duration::from_secs(60)).is_err() && begun.elapsed().as_secs() >= 60 {
            // The shell's own: not every machine has it as a program.
            let _ = Command::new("sh").args(["-c", "kill -9 $0", &id]).status();
        }
    });
    let ran = finish(child, input);
    drop(ended);
    watch.join().unwrap();
    ran
}

/// What never belongs into an error for people.
const RAW: [&str; 7] = [
    "slice to array",
    "TryFrom",
    "utf-8 sequence",
    "EOF while",
    "expected value",
    "ErrorImpl",
    "Semantic",
];

/// How an error says what to do.
const STEPS: [&str; 8] = [
    "give it back",
    "give back",
    "move it away",
    "bring back",
    "follow it again",
    "follow them again",
    "forget --all",
    "let this user",
];

/// Whether a command ended as it has to, whatever is damaged.
fn is_right(place: &str, ran: &Ran) -> bool {
    let is_told = STEPS.iter().any(|step| ran.err.contains(step)) && ran.err.contains(place);
    matches!(ran.code, Some(0..=3))
        && !RAW.iter().any(|raw| ran.err.contains(raw))
        && (ran.code != Some(2) || is_told)
}

/// What shows, adds and changes.
fn all_others<'a>(at: &'a str, entry: &'a str) -> Vec<Vec<&'a str>> {
    let words = |line: &'static str| line.split(' ').collect::<Vec<_>>();
    vec![
        words("visits"),
        words("notices"),
        words("remind"),
        words("export"),
        words("check-in entry.png"),
        vec!["edit", "--from", at],
        words("check-out"),
        words("diary on"),
        words("diary show"),
        words("diary export"),
        words("diary add --name Stand --from now --to now"),
        vec!["diary", "note", entry, "x"],
        words("sync"),
        words("watch --rounds 1"),
        words("follow health.profile"),
        words("upload --all --authority health.profile"),
    ]
}

/// What went wrong with one damaged file.
fn try_all(guest: &Person, entry: &str, place: &str, how: &str) -> Vec<String> {
    let (twin, wrong) = (guest.twin(), RefCell::new(Vec::new()));
    if !damage(&twin.path(place), how) {
        return Vec::new();
    }
    let expect = |right: bool, what: &str, ran: &Ran| {
        if !right {
            wrong.borrow_mut().push(format!("{place} {how} {what}: {ran:?}"));
        }
    };
    if how == "unreadable" && is_root() {
        let owner = format!("{NOBODY}:{NOBODY}");
        let all = Command::new("chown").args(["-R", &owner]).arg(twin.path(".")).status();
        assert!(all.unwrap().success());
    }
    let now = crate::support::office::now().plus(30).to_string();
    let from = crate::support::office::now().to_string();
    let from = jiff::Timestamp::from_second(from.parse().unwrap()).unwrap().to_string();
    let run = |words: &[&str]| {
        let words = [&["--now", &now, "visitor"], words].concat();
        let ran = run(&twin, how, &words, b"");
        expect(is_right(place, &ran), &words.join(" "), &ran);
        ran
    };
    for words in all_others(&from, entry) {
        run(&words);
    }
    // What a link to nowhere meant may come back with its disk, and a lock is for two.
    let can_delete = how != "dangling" && !place.ends_with("visitor/lock");
    let off = run(&["diary", "off", "--yes"]);
    let all = run(&["forget", "--all", "--yes"]);
    if can_delete {
        expect(off.code == Some(0), "the diary goes", &off);
        expect(all.code == Some(0), "all goes", &all);
        expect(!twin.path("home/visitor/diary").exists(), "the diary went", &off);
        let visits = run(&["visits"]);
        expect(visits.out.contains("no visits"), "nothing is left", &visits);
        expect(run(&["diary", "off", "--yes"]).code == Some(0), "off is off", &visits);
        run(&["check-in", "entry.png"]);
        let visits = run(&["visits", "--places"]);
        expect(visits.out.contains("Bar Noren"), "one begins anew", &visits);
    }
    wrong.into_inner()
}

fn try_places(wanted: impl Fn(&str) -> bool) {
    let town = Desk::with_bar();
    town.does(&["patient", "enable", "--yes"]);
    town.does(&["profile", "--out", "patient.profile"]);
    let guest = guest(&town);
    let diary = guest.json(&["visitor", "diary", "show"], b"");
    let entry = diary[0]["entry"].as_str().unwrap();
    guest.write("health.profile", town.person.read("patient.profile"));
    let places = places(&guest);
    let places: Vec<_> = places.iter().filter(|place| wanted(place)).collect();
    assert!(places.len() > 2, "{places:?}");
    let tried = places.iter().flat_map(|place| WAYS.map(|how| try_all(&guest, entry, place, how)));
    let wrong: Vec<_> = tried.flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn vault_key_and_diary() {
    // [CLI-3] [CLI-26] [CLI-31]
    try_places(|place| place.starts_with("home/visitor/"));
}

#[test]
fn authorities() {
    // [CLI-3] [CLI-26]
    try_places(|place| place.starts_with("home/authorities"));
}

#[test]
fn caches() {
    // [CLI-3] [CLI-26]
    try_places(|place| place.starts_with("home/cache"));
}

#[test]
fn a_vault_that_is_gone_beside_its_key_is_told_until_somebody_begins_anew() {
    // [CLI-23] [CLI-26]
    let town = Desk::with_bar();
    let guest = guest(&town);
    let vault = guest.path("home/visitor/vault");
    let kept = std::fs::read(&vault).unwrap();
    std::fs::remove_file(&vault).unwrap();
    for words in [
        &["visitor", "visits"][..],
        &["visitor", "check-in", "entry.png"],
        &["visitor", "check-out"],
        &["visitor", "notices"],
        &["visitor", "sync"],
        &["visitor", "export"],
    ] {
        guest.noren(words, b"").fails("is gone, and its key is still here");
        assert!(!vault.exists(), "{words:?}: nothing is begun anew");
    }
    std::fs::write(&vault, kept).unwrap();
    assert_eq!(guest.noren(&["visitor", "visits"], b"").code, Some(0), "a copy mends it");
    std::fs::remove_file(&vault).unwrap();
    assert_eq!(guest.noren(&["visitor", "forget", "--all", "--yes"], b"").code, Some(0));
    assert!(!guest.path("home/visitor/vault.key").exists());
    guest.json(&["visitor", "check-in", "entry.png"], b"");
    assert!(vault.exists() && !guest.path("home/visitor/vault.new").exists());
}
