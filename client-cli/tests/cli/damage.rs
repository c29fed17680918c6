//! Files of a device's own that are damaged: what they do not hold works on, and what mends them is
//! said.

use std::path::PathBuf;

use crate::support::desk::{Desk, hour};
use crate::support::person::Person;

/// The one file in a folder of somebody's home with this ending.
fn file(person: &Person, folder: &str, ending: &str) -> PathBuf {
    let files = std::fs::read_dir(person.path(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut files = files.filter(|path| path.to_str().unwrap().ends_with(ending));
    files.next().unwrap()
}

/// Damages a file in one of the ways that files are damaged in.
fn damage(path: &std::path::Path, how: &str) {
    let bytes = std::fs::read(path).unwrap();
    match how {
        "empty" => std::fs::write(path, b"").unwrap(),
        "cut" => std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap(),
        "flipped" => {
            let mut bytes = bytes;
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(path, bytes).unwrap();
        }
        "folder" => {
            std::fs::remove_file(path).unwrap();
            std::fs::create_dir(path).unwrap();
        }
        "dangling" => {
            std::fs::remove_file(path).unwrap();
            std::os::unix::fs::symlink("/nowhere", path).unwrap();
        }
        _ => unreachable!(),
    }
}

const WAYS: [&str; 5] = ["empty", "cut", "flipped", "folder", "dangling"];

#[test]
fn a_damaged_pin_stops_nothing_but_its_own_log() {
    // [CLI-26]
    let (town, other) = (Desk::with_bar(), Desk::at_origin("Other Office", "other.example/log"));
    let case = town.answered_case(18, 20);
    town.does(&["publish", &case, "--level", "attention", "--yes"]);
    for how in WAYS {
        let guest = town.guest(19);
        let followed = guest.json(&["visitor", "follow", &other.url()], b"");
        let fingerprint = followed["fingerprint"].as_str().unwrap();
        let digits: String = fingerprint.replace(' ', "");
        let pins = std::fs::read_dir(guest.path("home/authorities")).unwrap();
        let pin = pins.map(|pin| pin.unwrap().path());
        let pin = pin.into_iter().find(|pin| pin.to_str().unwrap().contains(&digits)).unwrap();
        damage(&pin, how);
        let at = hour(20);
        let enter = ["visitor", "check-in", "entry.png", "--at", &at, "--for", "5m"];
        for words in [&enter[..], &["visitor", "visits"]] {
            let ran = guest.noren(words, b"");
            assert_eq!(ran.code, Some(0), "{how}: {ran:?}");
            assert!(ran.err.contains(fingerprint) && ran.err.contains("follow"), "{how}: {ran:?}");
        }
        // The others are read, and what is not read is told.
        let ran = guest.noren(&["--json", "visitor", "sync"], b"");
        assert_eq!(ran.code, Some(2), "{how}: {ran:?}");
        assert!(ran.out.contains("attention") && ran.out.contains("unread"), "{ran:?}");
        // Nobody slips in in its place.
        let stranger = Desk::at_origin("Stranger", "other.example/log");
        guest.noren(&["visitor", "follow", &stranger.url()], b"").fails("damaged");
        if how == "flipped" {
            let ran = guest.noren(&["visitor", "unfollow", "--yes", &digits], b"");
            assert_eq!(ran.code, Some(0), "{ran:?}");
        } else {
            let again = ["visitor", "follow", &other.url(), "--fingerprint", fingerprint];
            assert_eq!(guest.noren(&again, b"").code, Some(0), "{how}");
        }
        let ran = guest.noren(&["visitor", "sync"], b"");
        assert!(ran.code == Some(1) && ran.err.is_empty(), "{how}: {ran:?}");
    }
}

#[test]
fn a_damaged_cache_is_downloaded_again_and_no_warning_is_missed() {
    // [CLI-26]
    let town = Desk::with_bar();
    let case = town.answered_case(18, 20);
    town.does(&["publish", &case, "--level", "attention", "--yes"]);
    for how in WAYS {
        let guest = Person::new();
        guest.write("entry.png", town.person.read("codes/entry.png"));
        guest.json(&["visitor", "follow", &town.url()], b"");
        assert_eq!(guest.noren(&["visitor", "sync"], b"").code, Some(1));
        let cache = file(&guest, "home/cache", "");
        let names = ["tile_entries_000.p_3", "checkpoint"];
        for name in names {
            damage(&cache.join(name), how);
        }
        // A visit that is told only now has to be tried on what was read before.
        let at = hour(19);
        let enter = ["visitor", "check-in", "entry.png", "--at", &at, "--for", "30m"];
        guest.json(&enter, b"");
        let ran = guest.noren(&["--json", "visitor", "sync"], b"");
        assert_eq!(ran.code, Some(0), "{how}: {ran:?}");
        assert!(ran.out.contains("attention"), "{how}: {ran:?}");
        if how == "empty" {
            std::fs::remove_dir_all(&cache).unwrap();
            std::fs::write(&cache, b"").unwrap();
            assert_eq!(guest.noren(&["visitor", "sync"], b"").code, Some(1), "mended");
        }
    }
}

#[test]
fn a_cache_that_cannot_be_one_is_done_without() {
    // [CLI-26]
    let town = Desk::with_bar();
    let case = town.answered_case(18, 20);
    town.does(&["publish", &case, "--level", "attention", "--yes"]);
    for how in ["file", "dangling", "pipe"] {
        let guest = town.guest(19);
        let cache = guest.path("home/cache");
        match how {
            "file" => std::fs::write(&cache, b"x").unwrap(),
            "dangling" => std::os::unix::fs::symlink("/nowhere", &cache).unwrap(),
            _ => {
                let made = std::process::Command::new("mkfifo").arg(&cache).status();
                assert!(made.unwrap().success());
            }
        }
        let ran = guest.noren(&["--json", "visitor", "sync"], b"");
        assert!(ran.code == Some(0) && ran.out.contains("attention"), "{how}: {ran:?}");
        assert!(ran.err.contains("the cache cannot be used"), "{how}: {ran:?}");
        assert!(ran.err.contains("home/cache"), "{how}: {ran:?}");
        assert!(cache.symlink_metadata().is_ok(), "{how}: it is left for its owner to look at");
        let ran = guest.noren(&["visitor", "sync"], b"");
        assert_eq!(ran.code, Some(1), "{how}: {ran:?}");
    }
}

#[test]
fn a_damaged_diary_does_not_keep_the_vault() {
    // [CLI-26] [DIA-4]
    let town = Desk::with_bar();
    // A link that leads nowhere is no diary.
    for how in &WAYS[..4] {
        let guest = town.guest(19);
        guest.json(&["visitor", "diary", "on"], b"");
        let diary = guest.path("home/visitor/diary");
        damage(&diary, how);
        let at = hour(20);
        let enter = ["visitor", "check-in", "entry.png", "--at", &at, "--for", "5m"];
        for words in [&enter[..], &["visitor", "visits"], &["visitor", "sync"]] {
            let ran = guest.noren(words, b"");
            assert!(matches!(ran.code, Some(0 | 1)), "{how}: {ran:?}");
            assert!(ran.err.contains("give back a copy, or delete it"), "{how}: {ran:?}");
        }
        guest.noren(&["visitor", "diary", "show"], b"").fails("diary off");
        guest.noren(&["visitor", "diary", "off", "--keep"], b"").fails("does not open");
        // One visit goes from the vault, and what may be left is told.
        let visits = guest.json(&["visitor", "visits"], b"");
        let visit = visits["closed"][0]["visit"].as_str().unwrap();
        guest.noren(&["visitor", "forget", "--yes", visit], b"").fails("forgotten in the vault");
        assert_eq!(guest.json(&["visitor", "visits"], b"")["closed"].as_array().unwrap().len(), 1);
        // What deletes needs not be able to read.
        for delete in
            [&["visitor", "diary", "off", "--yes"][..], &["visitor", "forget", "--all", "--yes"]]
        {
            let twin = guest.twin();
            let ran = twin.noren(delete, b"");
            assert_eq!(ran.code, Some(0), "{how} {delete:?}: {ran:?}");
            assert!(twin.path("home/visitor/diary").symlink_metadata().is_err(), "{how}: {ran:?}");
            let shown = twin.noren(&["visitor", "diary", "show"], b"");
            assert!(shown.out.contains("is off") && shown.err.is_empty(), "{how}: {shown:?}");
        }
    }
}

#[test]
fn what_an_auditor_saw_counts_as_far_as_it_is_signed() {
    // [CLI-26] [LOG-13]
    let town = Desk::with_bar();
    for how in WAYS {
        let auditor = Person::new();
        let audit = || auditor.noren(&["--json", "auditor", "verify", &town.url()], b"");
        assert_eq!(audit().code, Some(0));
        damage(&file(&auditor, "home/auditor", ".json"), how);
        let ran = audit();
        assert_eq!(ran.code, Some(0), "{how}: {ran:?}");
        if how != "dangling" {
            assert!(ran.err.contains("damaged-1"), "{how}: {ran:?}");
        }
        let ran = audit();
        assert!(ran.code == Some(0) && ran.err.is_empty(), "{how}: {ran:?}");
        assert!(ran.out.contains(r#""confirmed_earlier_heads": 1"#), "{how}: {ran:?}");
    }
}
