//! Files that are not where they seem to be: links, second names, pipes, folders, other users' files.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::PathBuf;
use std::process::Command;

use noren_skipped::skipped;

use crate::support::office::Keys;
use crate::support::person::Person;

/// What a device keeps.
const KEPT: [&str; 3] = ["visitor/vault", "visitor/vault.key", "visitor/diary"];

/// Somebody with a vault, a diary, a pin and an open visit.
fn visitor() -> Person {
    let visitor = Person::new();
    let profile = Keys::new().profile("Health Office", "https://noren.invalid");
    visitor.write("health.profile", profile);
    visitor.json(&["visitor", "follow", "health.profile"], b"");
    for name in ["Bar Noren", "Cafe"] {
        let words = ["venue", "setup", "--authority", "health.profile", "--name", name];
        visitor.json(&[&words[..], &["--address", "1-2-3", "--out", name]].concat(), b"");
    }
    visitor.json(&["visitor", "diary", "on"], b"");
    visitor.json(&["visitor", "check-in", "Bar Noren/entry.txt"], b"");
    visitor
}

fn pin(visitor: &Person) -> String {
    let mut files = fs::read_dir(visitor.path("home/authorities")).unwrap().flatten();
    let pin = files.find(|file| file.path().extension().is_some()).unwrap();
    format!("authorities/{}", pin.file_name().to_str().unwrap())
}

/// Moves a file of the home elsewhere, and leaves a link.
fn move_behind_link(visitor: &Person, name: &str) -> PathBuf {
    let (path, real) = (visitor.path(&format!("home/{name}")), visitor.path("elsewhere/file"));
    fs::create_dir_all(visitor.path("elsewhere")).unwrap();
    fs::rename(&path, &real).unwrap();
    symlink(&real, &path).unwrap();
    real
}

fn asides(folder: PathBuf) -> usize {
    let names = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.file_name());
    names.filter(|name| name.to_str().unwrap().starts_with(".noren-")).count()
}

#[test]
fn what_is_replaced_behind_a_link_is_what_the_link_leads_to() {
    // [CLI-20] [VLT-7]
    for name in KEPT {
        let visitor = visitor();
        let real = move_behind_link(&visitor, name);
        let before = fs::read(&real).unwrap();
        visitor.write("elsewhere/.noren-mine", "not Noren's");
        visitor.json(&["visitor", "check-out"], b"");
        assert!(fs::symlink_metadata(visitor.path(&format!("home/{name}"))).unwrap().is_symlink());
        let changed = fs::read(&real).unwrap() != before;
        assert_eq!(changed, !name.ends_with("key"), "{name}");
        assert!(visitor.noren(&["visitor", "diary", "show"], b"").out.contains("Bar Noren"));
        assert_eq!(asides(visitor.path("elsewhere")), 1, "only what is not Noren's");
    }
    // A pin that is issued anew.
    let visitor = visitor();
    let real = move_behind_link(&visitor, &pin(&visitor));
    visitor.json(&["visitor", "follow", "health.profile"], b"");
    assert!(
        real.exists()
            && fs::symlink_metadata(visitor.path("home").join(pin(&visitor))).unwrap().is_symlink()
    );
    visitor.noren(&["visitor", "unfollow", "--yes", "Health Office"], b"");
    assert!(!real.exists(), "what is forgotten is forgotten behind the link, too");
}

#[test]
fn a_key_behind_a_link_goes_when_a_passphrase_takes_its_place() {
    // [CLI-20] [VLT-2]
    let visitor = visitor();
    let real = move_behind_link(&visitor, "visitor/vault.key");
    let ran = visitor.noren(&["visitor", "protect"], b"correct horse battery\n");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        !real.exists() && fs::symlink_metadata(visitor.path("home/visitor/vault.key")).is_err()
    );
}

#[test]
fn a_link_to_nothing_is_not_taken_for_nothing() {
    // [CLI-20] [VLT-7]
    for name in KEPT.map(str::to_owned).into_iter().chain([pin(&visitor())]) {
        let visitor = visitor();
        let name = if name.starts_with("auth") { pin(&visitor) } else { name };
        let real = move_behind_link(&visitor, &name);
        fs::rename(&real, visitor.path("unplugged")).unwrap();
        for words in [&["visitor", "visits"][..], &["visitor", "check-in", "Cafe/entry.txt"]] {
            let ran = visitor.noren(words, b"");
            assert!(ran.err.contains("symbolic link"), "{name}: {ran:?}");
            // [CLI-26] The vault can do without a diary and without a pin.
            let code = if name.starts_with("visitor/vault") { 2 } else { 0 };
            assert_eq!(ran.code, Some(code), "{name}: {ran:?}");
        }
        assert!(!real.exists(), "{name} is not made anew");
        fs::rename(visitor.path("unplugged"), &real).unwrap();
        assert!(visitor.noren(&["visitor", "visits", "--places"], b"").out.contains("Bar Noren"));
    }
    // The whole home, or a folder in it.
    for name in ["home", "home/visitor", "home/authorities"] {
        let visitor = visitor();
        fs::rename(visitor.path(name), visitor.path("real")).unwrap();
        symlink(visitor.path("real"), visitor.path(name)).unwrap();
        assert!(
            visitor.noren(&["visitor", "visits", "--places"], b"").out.contains("Bar Noren"),
            "{name}"
        );
        visitor.json(&["visitor", "check-in", "Cafe/entry.txt"], b"");
        fs::rename(visitor.path("real"), visitor.path("unplugged")).unwrap();
        for words in [&["visitor", "visits"][..], &["visitor", "check-in", "Cafe/entry.txt"]] {
            let ran = visitor.noren(words, b"");
            // [CLI-26] The vault can do without the pins, and says so.
            ran.ends(if name == "home/authorities" { 0 } else { 2 }, "symbolic link");
        }
        assert!(!visitor.path("real").exists(), "{name}");
    }
}

/// Puts something else into a file's place.
type Swap = fn(&Person, &str);

#[test]
fn what_is_no_file_of_this_user_alone_is_refused_and_stays() {
    // [CLI-20]
    let swaps: [(&str, Swap, &str); 6] = [
        (
            "a second name",
            |who, path| fs::hard_link(who.path(path), who.path("other")).unwrap(),
            "hard links",
        ),
        ("a loop", |who, path| relink(who, path, path), "cannot open"),
        ("a device", |who, path| relink(who, path, "/dev/null"), "a pipe or a device"),
        (
            "a pipe",
            |who, path| {
                fs::remove_file(who.path(path)).unwrap();
                assert!(Command::new("mkfifo").arg(who.path(path)).status().unwrap().success());
            },
            "a pipe or a device",
        ),
        (
            "a folder",
            |who, path| {
                fs::remove_file(who.path(path)).unwrap();
                fs::create_dir(who.path(path)).unwrap();
            },
            "a folder",
        ),
        (
            "another user's",
            |who, path| {
                std::os::unix::fs::chown(who.path(path), Some(12_345), None).unwrap();
            },
            "another user",
        ),
    ];
    for (what, swap, words) in swaps {
        for name in ["visitor/vault", "visitor/diary"] {
            let visitor = visitor();
            if what == "another user's" && fs::metadata(visitor.path("home")).unwrap().uid() != 0 {
                skipped("root, who alone can give files away");
                continue;
            }
            let path = format!("home/{name}");
            let other = ["visitor/vault", "visitor/diary"].into_iter().find(|each| *each != name);
            let other = format!("home/{}", other.unwrap());
            swap(&visitor, &path);
            let before = visitor.read(&other);
            let ran = visitor.noren(&["visitor", "check-out"], b"");
            // [CLI-26] A diary that cannot even be read does not keep the vault from its work.
            if name == "visitor/diary" && !["hard links", "another user"].contains(&words) {
                assert!(ran.code == Some(0) && ran.err.contains(words), "{what}: {ran:?}");
                continue;
            }
            ran.fails(words);
            if what != "another user's" {
                assert!(visitor.read(&other) == before, "{what}: {name}: nothing is changed");
            }
            assert_eq!(asides(visitor.path("home/visitor")), 0, "{what}");
        }
    }
}

fn relink(who: &Person, path: &str, target: &str) {
    fs::remove_file(who.path(path)).unwrap();
    let target = if target.starts_with('/') { PathBuf::from(target) } else { who.path(target) };
    symlink(target, who.path(path)).unwrap();
}

#[test]
fn a_file_that_was_asked_for_is_made_at_no_end_of_a_link() {
    // [CLI-20] [CLI-2]
    let visitor = visitor();
    symlink(visitor.path("far"), visitor.path("link")).unwrap();
    for words in [
        &["visitor", "export", "--out", "link"][..],
        &["visitor", "diary", "export", "--out", "link"],
        &["visitor", "export", "--out", "/dev/full"],
    ] {
        visitor.noren(words, b"").fails("is not overwritten");
    }
    let setup = ["venue", "setup", "--authority", "health.profile", "--name", "N"];
    let setup = [&setup[..], &["--address", "A", "--out", "link"]].concat();
    visitor.noren(&setup, b"").fails("symbolic link");
    assert!(!visitor.path("far").exists());
}

#[test]
fn homes_that_lead_to_one_vault_wait_for_one_another() {
    // [CLI-1] [CLI-20]
    let (own, other) = (visitor(), Person::new());
    fs::create_dir_all(other.path("home/visitor")).unwrap();
    for name in KEPT {
        symlink(own.path(&format!("home/{name}")), other.path(&format!("home/{name}"))).unwrap();
    }
    // While a command of the home works, one of the other home waits.
    let held = fs::File::open(own.path("home/visitor/lock")).unwrap();
    held.lock().unwrap();
    let mut waiting = other.command(&["visitor", "visits"]).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert!(waiting.try_wait().unwrap().is_none(), "it did not wait");
    held.unlock().unwrap();
    assert!(waiting.wait().unwrap().success());
}
