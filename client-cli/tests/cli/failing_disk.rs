//! A disk that is full, broken or read-only, and a kill, at every single write of the commands of
//! visitors, venues and organisations.

use noren_faults::{Disk, Fault};
use serde_json::Value;

use crate::outbox::diarist;
use crate::support::desk::{Desk, hour};
use crate::support::office::Keys;
use crate::support::person::{Person, Ran, run};

/// Somebody with a vault, a diary and an open visit, and what a venue needs.
fn visitor() -> Person {
    let visitor = Person::new();
    let profile = Keys::new().profile("Health Office", "https://noren.invalid");
    visitor.write("files/health.profile", profile);
    visitor.json(&["visitor", "follow", "files/health.profile"], b"");
    for name in ["bar", "cafe"] {
        let words = ["venue", "setup", "--authority", "files/health.profile", "--name", name];
        let out = format!("files/{name}");
        let valid = ["--from", &hour(0), "--to", &hour(240)];
        visitor.json(&[&words[..], &["--address", "1-2-3", "--out", &out], &valid].concat(), b"");
    }
    visitor.json(&["visitor", "diary", "on"], b"");
    visitor.json(&["visitor", "check-in", "files/bar/entry.txt"], b"");
    visitor
}

/// All that can be told apart of what is kept, without what is random.
fn state(person: &Person) -> String {
    let json = |words: &[&str]| -> Value {
        let ran = person.noren(&[&["--json"], words].concat(), b"");
        assert!(matches!(ran.code, Some(0 | 1)), "{words:?}: {ran:?}");
        serde_json::from_str(&ran.out).unwrap()
    };
    let visits = json(&["visitor", "visits", "--places"]);
    let open = visits["open"].as_array().unwrap().iter();
    // Both came at the same second: which is shown first says nothing.
    let open = open.map(|open| open["venue"].as_str().unwrap().to_owned());
    let open: Vec<_> = std::collections::BTreeSet::from_iter(open).into_iter().collect();
    let closed = visits["closed"].as_array().unwrap().len();
    let diary = person.noren(&["visitor", "diary", "show"], b"");
    // [DIA-3] The diary may be ahead of the vault: it holds a visit that is still open there.
    let ended = ["cafe", "bar"].into_iter().filter(|name| !open.iter().any(|open| open == name));
    let entries: usize = ended.map(|name| diary.out.matches(name).count()).sum();
    let off = diary.out.contains("the diary is off");
    let mut made = Vec::new();
    for folder in ["home/authorities", "out"] {
        let files = std::fs::read_dir(person.path(folder)).into_iter().flatten().flatten();
        made.extend(files.map(|file| file.file_name().into_string().unwrap()));
    }
    // What was left aside goes with the next command that writes there.
    made.retain(|name| name != "lock" && !name.starts_with(".noren-"));
    made.sort();
    format!("{open:?} {closed} {entries} {off} {made:?}")
}

fn struck(person: &Person, words: &[&str], fault: Fault, from: u64, to: u64) -> (Ran, u64) {
    let disk = Disk::under(&person.path("."));
    disk.set(fault, from..=to);
    let mut command = person.command(words);
    disk.lay_under(&mut command);
    (run(&mut command, b"a passphrase that is long enough\n"), disk.count())
}

/// The times and words of what is kept, for commands that correct them.
fn details(person: &Person) -> String {
    let visits = person.noren(&["--json", "visitor", "visits"], b"");
    let visits: Value = serde_json::from_str(&visits.out).unwrap();
    let diary = person.noren(&["--json", "visitor", "diary", "show"], b"");
    let mut diary: Value = serde_json::from_str(&diary.out).unwrap();
    for entry in diary.as_array_mut().unwrap() {
        // Those that are written down have a random id.
        entry["entry"] = Value::Null;
    }
    let open = visits["open"].as_array().unwrap().iter();
    let open: Vec<_> =
        open.map(|it| format!("{} {}", it["arrival"], it["ends_by_itself"])).collect();
    format!("{open:?} {diary}")
}

/// Strikes every operation of a command with every fault.
fn strike_all(person: &Person, words: &[&str]) {
    strike_all_as(person, words, state);
}

/// The same, with what can be told apart.
fn strike_all_as(person: &Person, words: &[&str], state: fn(&Person) -> String) {
    let sound = person.twin();
    let before = state(&sound);
    let ran = sound.noren(words, b"a passphrase that is long enough\n");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let after = state(&sound);
    assert_ne!(before, after, "{words:?} changes something");
    for fault in Fault::ALL {
        let (_, count) = struck(&person.twin(), words, fault, u64::MAX, u64::MAX);
        // Turning the diary off deletes one file; every other command writes and puts in place.
        let least = if words.contains(&"off") { 1 } else { 2 };
        assert!(count >= least, "{words:?} {fault:?}: {count} operations");
        for number in 1..=count {
            // A disk stays full or read-only; an error may come once, and a kill comes once.
            if matches!(fault, Fault::Broken | Fault::Kill) {
                strike(person, words, fault, (number, number), [&before, &after], state);
            }
            if fault != Fault::Kill {
                strike(person, words, fault, (number, u64::MAX), [&before, &after], state);
            }
        }
    }
}

fn strike(
    person: &Person,
    words: &[&str],
    fault: Fault,
    at: (u64, u64),
    states: [&str; 2],
    state: fn(&Person) -> String,
) {
    let [before, after] = states;
    let twin = person.twin();
    let (ran, _) = struck(&twin, words, fault, at.0, at.1);
    let what = format!("{words:?} {fault:?} {at:?}: {ran:?}");
    match ran.code {
        Some(0) => assert_eq!(state(&twin), after, "{what}"),
        Some(2) => assert!(ran.err.lines().any(|line| line.starts_with("error: ")), "{what}"),
        code => assert!(code.is_none() && fault == Fault::Kill, "{what}"),
    }
    let now = state(&twin);
    assert!(now == before || now == after, "{what}\n{now}\n{before}\n{after}");
    // Once more, on a sound disk.
    twin.noren(words, b"a passphrase that is long enough\n");
    assert_eq!(state(&twin), after, "{what}");
    let found = std::process::Command::new("find")
        .arg(twin.path("."))
        .args(["-name", ".noren-*"])
        .output()
        .unwrap();
    assert!(found.stdout.is_empty(), "{what}: {}", String::from_utf8_lossy(&found.stdout));
}

#[test]
fn visits() {
    // [CLI-1] [CLI-23]
    let visitor = visitor();
    strike_all(&visitor, &["visitor", "check-in", "files/cafe/entry.txt"]);
    strike_all(&visitor, &["visitor", "check-out"]);
    strike_all(&visitor, &["visitor", "forget", "--all", "--yes"]);
    strike_all(&visitor, &["visitor", "diary", "off", "--yes"]);
}

#[test]
fn corrections_and_the_diary() {
    // [CLI-1] [CLI-23] [DIA-1]
    let visitor = visitor();
    let ago = |minutes: i64| {
        let now = crate::support::office::now().as_i64();
        jiff::Timestamp::from_second(now - minutes * 60).unwrap().to_string()
    };
    let (from, to) = (ago(120), ago(60));
    let add = ["visitor", "diary", "add", "--name", "Stand", "--from", &from, "--to", &to];
    strike_all_as(&visitor, &add, details);
    let entry = visitor.json(&add, b"");
    let entry = entry["entry"].as_str().unwrap();
    let (earlier, later) = (ago(90), ago(-60));
    for words in [
        &["visitor", "edit", "--from", &earlier][..],
        &["visitor", "edit", "--to", &later],
        &["visitor", "check-out", "--at", &later],
        &["visitor", "diary", "edit", entry, "--from", &earlier],
        &["visitor", "diary", "note", entry, "sat at the window"],
        &["visitor", "diary", "forget", "--all", "--yes"],
    ] {
        strike_all_as(&visitor, words, details);
    }
}

#[test]
fn a_sync_goes_on_without_its_cache() {
    // [CLI-23] [CLI-26]
    let town = Desk::with_bar();
    let case = town.answered_case(18, 20);
    town.does(&["publish", &case, "--level", "attention", "--yes"]);
    let guest = town.guest(19);
    std::fs::create_dir(guest.path("home/cache")).unwrap();
    let sync = |fault, from| {
        let twin = guest.twin();
        let disk = Disk::under(&twin.path("home/cache"));
        disk.set(fault, from..=u64::MAX);
        let mut command = twin.command(&["--json", "visitor", "sync"]);
        disk.lay_under(&mut command);
        let ran = run(&mut command, b"");
        (twin, ran, disk.count())
    };
    for fault in Fault::ALL {
        let (_, sound, count) = sync(fault, u64::MAX);
        assert!(sound.code == Some(0) && count > 3, "{fault:?} {count}: {sound:?}");
        for number in 1..=count {
            let (twin, ran, _) = sync(fault, number);
            let what = format!("{fault:?} {number}: {ran:?}");
            if fault == Fault::Kill {
                let again = twin.noren(&["--json", "visitor", "sync"], b"");
                // Killed before its last word, it tells again; killed behind it, it has told, once.
                let told = [&ran.out, &again.out].map(|out| out.contains("attention"));
                assert!(told != [false, false], "{what} {again:?}");
                assert!(told[1] || again.code == Some(1), "{what} {again:?}");
                continue;
            }
            assert!(ran.code == Some(0) && ran.out.contains("attention"), "{what}");
            let is_told = ran.err.contains("the cache cannot be used");
            assert!(is_told || number > 1, "{what}");
            let again = twin.noren(&["--json", "visitor", "sync"], b"");
            assert!(again.code == Some(1) && again.err.is_empty(), "{what} {again:?}");
        }
    }
}

#[test]
fn a_report_is_received_once_whatever_the_disk_does() {
    // [CLI-23] [VEN-7]
    let town = Desk::with_bar();
    let patient = diarist(&town);
    let words = ["visitor", "upload", "--all", "--code-file", "-"];
    let strike = |fault: Fault, first: u64, last: u64| {
        let opened = town.does(&["patient", "open", "--since", &hour(0)[..10]]);
        let code = opened["code"].as_str().unwrap().as_bytes().to_vec();
        let twin = patient.twin();
        let disk = Disk::under(&twin.path("home"));
        disk.set(fault, first..=last);
        let mut command = twin.command(&words);
        disk.lay_under(&mut command);
        let ran = run(&mut command, &code);
        let count = disk.count();
        let again = twin.noren(&words, &code);
        let what = format!("{fault:?} {first}: {ran:?} {again:?}");
        // Received and told, or told by the second run: once.
        let told = |ran: &Ran| ran.out.contains("has received 1 visit");
        assert!(told(&ran) || told(&again), "{what}");
        assert!(ran.code != Some(2) || !told(&ran) || ran.err.contains("it is received"), "{what}");
        let uploads = town.does(&["uploads"]);
        let of_this = uploads.as_array().unwrap().iter();
        assert_eq!(of_this.filter(|it| it["case"] == opened["patient"]).count(), 1, "{what}");
        town.does(&[
            "patient",
            "reject",
            opened["patient"].as_str().unwrap(),
            "--reason",
            "a test",
        ]);
        (ran, count)
    };
    for fault in [Fault::Full, Fault::Broken, Fault::ReadOnly, Fault::Kill] {
        let (sound, count) = strike(fault, u64::MAX, u64::MAX);
        assert!(sound.code == Some(0) && count > 2, "{fault:?} {count}: {sound:?}");
        for number in 1..=count {
            let last = if fault == Fault::Kill { number } else { u64::MAX };
            strike(fault, number, last);
        }
    }
}

#[test]
fn a_first_visit() {
    // [CLI-23] Never a vault without its key.
    let visitor = Person::new();
    let kept = self::visitor();
    visitor.write("files/entry.txt", kept.read("files/bar/entry.txt"));
    strike_all(&visitor, &["visitor", "check-in", "files/entry.txt"]);
}

#[test]
fn authorities() {
    // [CLI-1] [CLI-23]
    let visitor = visitor();
    strike_all(&visitor, &["visitor", "unfollow", "--yes", "Health Office"]);
    let stranger = Person::new();
    stranger.write("files/health.profile", visitor.read("files/health.profile"));
    strike_all(&stranger, &["visitor", "follow", "files/health.profile"]);
}

#[test]
fn venues_and_files_of_ones_own() {
    // [CLI-1] [CLI-2] [CLI-23]
    let visitor = visitor();
    let setup = ["venue", "setup", "--authority", "files/health.profile", "--name", "N"];
    strike_all(&visitor, &[&setup[..], &["--address", "A", "--out", "out"]].concat());
    std::fs::create_dir(visitor.path("out")).unwrap();
    strike_all(&visitor, &["visitor", "export", "--out", "out/mine.json"]);
    let chain = ["organisation", "setup", "--authority", "files/health.profile"];
    let chain = [&chain[..], &["--out", "out/chain", "--cost", "8,1,1"]].concat();
    strike_all(&visitor, &chain);
}

#[test]
fn a_passphrase_is_before_all_that_is_kept_or_before_none_of_it() {
    // [CLI-23] [DIA-6]
    let visitor = visitor();
    let protect = ["visitor", "protect"];
    let passphrase = b"a passphrase that is long enough\n";
    let (_, count) = struck(&visitor.twin(), &protect, Fault::Kill, u64::MAX, u64::MAX);
    for number in 1..=count {
        let twin = visitor.twin();
        let (ran, _) = struck(&twin, &protect, Fault::Kill, number, number);
        assert_eq!(ran.code, None);
        twin.noren(&protect, passphrase);
        assert!(!twin.path("home/visitor/vault.key").exists(), "{number}");
        let shown = twin.noren(&["visitor", "visits", "--places"], passphrase);
        assert!(shown.out.contains("bar"), "{number}: {shown:?}");
    }
}

#[test]
fn a_home_that_cannot_be_written_can_be_read() {
    // [CLI-23]
    let visitor = visitor();
    // One visit is over, and its code would be forgotten now.
    visitor.json(&["visitor", "check-in", "files/cafe/entry.txt"], b"");
    let later = (crate::support::office::now().plus(40 * 3_600)).get().to_string();
    let read_only = |words: &[&str]| {
        struck(&visitor, &[&["--now", &later], words].concat(), Fault::ReadOnly, 1, u64::MAX).0
    };
    let visits = read_only(&["visitor", "visits"]);
    assert!(visits.code == Some(0) && visits.out.contains("sealed"), "{visits:?}");
    assert!(visits.err.contains("nothing can be written"), "{visits:?}");
    let diary = read_only(&["visitor", "diary", "show"]);
    assert!(diary.code == Some(0) && diary.out.contains("cafe"), "{diary:?}");
    for (words, code) in [
        (&["visitor", "notices"][..], 1),
        (&["visitor", "export"], 0),
        (&["visitor", "diary", "export"], 0),
        (&["visitor", "remind"], 1),
        (&["venue", "inspect", "files/bar/entry.txt"], 0),
    ] {
        let ran = read_only(words);
        assert_eq!(ran.code, Some(code), "{words:?}: {ran:?}");
    }
    for words in [
        &["visitor", "check-in", "files/bar/entry.txt"][..],
        &["visitor", "forget", "--all", "--yes"],
    ] {
        read_only(words).fails("Read-only file system");
    }
}
