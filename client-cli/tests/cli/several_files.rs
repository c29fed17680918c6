//! Commands that write more than one file, killed before each operation on the disk: run again they
//! do their work, leave nothing aside, and touch no file of anybody else.

use std::fs;
use std::path::Path;

use noren_faults::{Disk, Fault};

use crate::support::desk::hour;
use crate::support::office::Keys;
use crate::support::person::{Person, finish};

/// Somebody with a venue's codes, an organisation, and rooms.
fn owner() -> Person {
    let owner = Person::new();
    owner.write("health.profile", Keys::new().profile("Health Office", "https://noren.invalid"));
    owner.write("passphrase", "six words by dice are enough\n");
    owner.write("rooms.csv", "name;address\r\nBar;Minato\r\n");
    let valid = ["--from", &hour(0), "--to", &hour(240)];
    let setup = ["venue", "setup", "--authority", "health.profile", "--name", "Bar"];
    let setup = [&setup[..], &["--address", "Minato", "--out", "codes"], &valid].concat();
    owner.json(&setup, b"");
    let chain = ["organisation", "setup", "--authority", "health.profile", "--out", "chain"];
    let more = ["--cost", "8,1,1", "--passphrase-file", "passphrase"];
    owner.json(&[&chain[..], &more].concat(), b"");
    let rooms = ["organisation", "add", "--organisation", "chain", "--csv", "rooms.csv"];
    let more = ["--authority", "health.profile", "--out", "rooms"];
    owner.json(&[&rooms[..], &more].concat(), b"");
    fs::create_dir(owner.path("out")).unwrap();
    owner.write("out/mine.txt", "mine");
    owner
}

/// The names of the files in a folder, with those that begin with a dot.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    let mut names: Vec<_> = entries.map(|it| it.file_name().into_string().unwrap()).collect();
    names.retain(|name| name != ".lock");
    names.sort();
    names
}

/// Which operations are struck: each, or one of some where drawing takes long.
fn every(step: u64) -> u64 {
    if std::env::var_os("NOREN_EVERY").is_some_and(|every| every == "1") || step == 1 {
        return 1;
    }
    eprintln!("one of {step} operations is struck; NOREN_EVERY=1 strikes each");
    step
}

fn killed(person: &Person, words: &[&str], first: u64) -> bool {
    let disk = Disk::under(&person.path("."));
    disk.set(Fault::Kill, first..=first);
    let mut command = person.command(words);
    disk.lay_under(&mut command);
    finish(command.spawn().unwrap(), b"").code.is_none()
}

#[test]
fn killed_anywhere_they_are_run_again() {
    // [CLI-23]
    let owner = owner();
    let setup =
        ["venue", "setup", "--authority", "health.profile", "--name", "N", "--address", "A"];
    let add = ["organisation", "add", "--organisation", "chain", "--authority", "health.profile"];
    let entry = ["entry.png", "entry.svg", "entry.txt"];
    let mut rooms = fs::read_dir(owner.path("rooms")).unwrap().flatten().map(|it| it.path());
    let room = rooms.find(|path| path.is_dir()).unwrap();
    let room = format!("rooms/{}", room.file_name().unwrap().to_str().unwrap());
    // The command, the folder, what is in it afterwards, and which operations are struck.
    let table: [(Vec<&str>, &str, Vec<&str>, u64); 5] = [
        (
            [&setup[..], &["--out", "out"]].concat(),
            "out",
            [&entry[..], &["mine.txt", "trace.txt"]].concat(),
            1,
        ),
        (
            vec!["venue", "sheet", "--trace", "codes/trace.txt", "--out", "out"],
            "out",
            vec!["mine.txt", "trace-sheet.pdf", "trace-sheet.png"],
            5,
        ),
        (
            vec!["venue", "poster", "--entry", "codes/entry.txt", "--out", "out"],
            "out",
            vec!["mine.txt", "poster.pdf", "poster.png"],
            5,
        ),
        (
            [&add[..], &["--name", "R", "--address", "A", "--out", "out"]].concat(),
            "out",
            [&entry[..], &["mine.txt", "poster.pdf", "poster.png"]].concat(),
            7,
        ),
        (
            [&add[..], &["--csv", "rooms.csv", "--form", "tent", "--out", "rooms"]].concat(),
            &room,
            [&entry[..], &["poster.pdf", "poster.png", "tent.pdf", "tent.png"]].concat(),
            7,
        ),
    ];
    for (words, folder, after, step) in table {
        let (mut strikes, mut first) = (0, 1);
        loop {
            let twin = owner.twin();
            let was_killed = killed(&twin, &words, first);
            let what = format!("{words:?} killed before {first}");
            let again = twin.noren(&words, b"");
            // Killed behind the last of its files, it has done its work.
            let stands = again.code == Some(2) && again.err.contains("already");
            assert!(again.code == Some(0) || stands, "{what}: {again:?}");
            assert_eq!(names(&twin.path(folder)), after, "{what}: {again:?}");
            if folder == "out" {
                assert_eq!(twin.read("out/mine.txt"), b"mine", "{what}");
            }
            if !was_killed {
                break;
            }
            strikes += 1;
            first += every(step);
        }
        assert!(strikes > 3, "{words:?}: {strikes}");
    }
}

#[test]
fn what_somebody_else_put_there_meanwhile_stays() {
    // [CLI-2] [CLI-23]
    let owner = owner();
    let setup =
        ["venue", "setup", "--authority", "health.profile", "--name", "N", "--address", "A"];
    let setup = [&setup[..], &["--out", "out"]].concat();
    let mut met = 0;
    for first in 1.. {
        let twin = owner.twin();
        if !killed(&twin, &setup, first) {
            break;
        }
        // Half of it is there, and one of those files is another one now.
        if !twin.path("out/trace.txt").exists() || twin.path("out/entry.png").exists() {
            continue;
        }
        met += 1;
        twin.write("out/entry.txt", "another link");
        twin.noren(&setup, b"").fails("already");
        assert_eq!(twin.read("out/entry.txt"), b"another link");
        assert_eq!(names(&twin.path("out")), ["entry.txt", "mine.txt"]);
    }
    assert!(met > 0);
}

#[test]
fn an_operators_key_that_a_killed_command_made_is_taken_by_the_next() {
    // [CLI-23] [CLI-53]
    let (person, mut met) = (Person::new(), 0);
    let make = ["authority", "operator", "key", "--out", "sato.key"];
    for first in 1.. {
        let _ = fs::remove_file(person.path("sato.key"));
        let was_killed = killed(&person, &make, first);
        let key = person.path("sato.key").exists().then(|| person.read("sato.key"));
        let again = person.noren(&make, b"");
        assert_eq!(again.code, Some(0), "{first}: {again:?}");
        assert!(again.out.starts_with("noren-operator+"), "{again:?}");
        met += u32::from(again.err.contains("it was there"));
        if let Some(key) = key {
            assert_eq!(person.read("sato.key"), key, "{first}");
        }
        if !was_killed {
            break;
        }
    }
    assert!(met > 0);
    assert!(!person.path("home").exists(), "no desk is needed");
    // Nobody's file is taken for a key.
    person.write("text", "mine");
    let refused = person.noren(&["authority", "operator", "key", "--out", "text"], b"");
    refused.fails("is there already");
    assert_eq!(person.read("text"), b"mine");
}

#[test]
fn manual_pages_are_written_whole_or_not_at_all() {
    // [CLI-1]
    let person = Person::new();
    fs::create_dir(person.path("man")).unwrap();
    person.write("man/noren.1", "an older page");
    let pages = ["manual", "pages", "--out", "man"];
    for first in [1, 2, 3, 4, 5, 6, 40] {
        assert!(killed(&person, &pages, first));
        for name in names(&person.path("man")).iter().filter(|name| !name.starts_with('.')) {
            let page = fs::read_to_string(person.path("man").join(name)).unwrap();
            assert!(page == "an older page" || page.contains(".SH DESCRIPTION"), "{name}: {page}");
        }
    }
    assert_eq!(person.noren(&pages, b"").code, Some(0));
    let left: Vec<_> =
        names(&person.path("man")).into_iter().filter(|name| name.starts_with('.')).collect();
    assert!(left.is_empty(), "{left:?}");
}
