//! Commands that are refused leave everything as it was: no file, and no empty folder.

use std::path::Path;
use std::process::Command;

use crate::support::desk::{Desk, hour};
use crate::support::office::Keys;
use crate::support::person::Person;

/// Every file and folder below.
fn tree(folder: &Path) -> String {
    let found = Command::new("find").arg(".").current_dir(folder).output().unwrap();
    let mut lines: Vec<String> =
        String::from_utf8(found.stdout).unwrap().lines().map(str::to_owned).collect();
    lines.sort();
    lines.join("\n")
}

#[track_caller]
fn leaves_nothing(person: &Person, words: &[&str]) {
    let before = tree(&person.path("."));
    let ran = person.noren(words, b"a passphrase that is long enough\n");
    assert!(!matches!(ran.code, Some(0)), "{words:?}: {ran:?}");
    assert_eq!(tree(&person.path(".")), before, "{words:?}: {ran:?}");
}

/// Where nobody listens.
const NOBODY: &str = "http://127.0.0.1:9";

#[test]
fn whoever_has_nothing_yet_has_nothing_afterwards() {
    // [CLI-23]
    let person = Person::new();
    person.write("health.profile", Keys::new().profile("Health Office", "https://noren.invalid"));
    person.write("noise", [7; 40]);
    person.write("bad.csv", "name;address\r\n;\r\n");
    let init = ["authority", "init", "--name", "Office", "--origin"];
    let setup = ["venue", "setup", "--name", "Bar", "--address", "Minato", "--out", "a/b/codes"];
    let setup_for = |authority: &'static str| [&setup[..], &["--authority", authority]].concat();
    let chain = ["organisation", "setup", "--out", "a/chain", "--authority"];
    let add = ["organisation", "add", "--authority", "health.profile", "--out", "a/rooms"];
    let table: Vec<Vec<&str>> = vec![
        [&init[..], &["no origin", "--url", NOBODY]].concat(),
        [&init[..], &["o.example/log", "--url", "http://far.example"]].concat(),
        [&init[..], &["o.example/log", "--url", NOBODY, "--policy", "nowhere.toml"]].concat(),
        [&init[..], &["o.example/log", "--url", NOBODY, "--checkpoint-max-age", "x"]].concat(),
        vec!["authority", "status"],
        vec!["authority", "heartbeat"],
        vec!["authority", "take-over", "--yes"],
        vec!["authority", "restore-log"],
        vec!["authority", "rotate-keys", "--yes"],
        vec!["authority", "publish", "c-1", "--level", "cluster", "--yes"],
        vec!["authority", "case", "list"],
        vec!["authority", "patient", "open"],
        vec!["visitor", "follow", NOBODY],
        vec!["visitor", "follow", "noise"],
        vec!["visitor", "follow", "nowhere"],
        vec!["visitor", "check-in", "noise"],
        vec!["visitor", "check-in", "nowhere"],
        vec!["visitor", "check-out"],
        vec!["visitor", "sync"],
        vec!["visitor", "notices"],
        vec!["visitor", "edit", "--from", "10:00"],
        vec!["visitor", "unfollow", "--yes", "Nobody"],
        vec!["visitor", "upload", "--all", "--code-file", "noise"],
        vec!["visitor", "upload", "--dummy"],
        vec!["visitor", "diary", "add", "--name", "Stand", "--from", "10:00", "--to", "09:00"],
        vec!["visitor", "diary", "export", "--out", "a/diary.csv"],
        vec!["visitor", "remind"],
        setup_for("noise"),
        setup_for(NOBODY),
        [&setup_for("health.profile")[..], &["--from", "2020-01-02", "--to", "2020-01-01"]]
            .concat(),
        [&setup_for("health.profile")[..], &["--kind", "moon"]].concat(),
        vec!["venue", "sheet", "--trace", "noise", "--out", "a/sheet"],
        vec!["venue", "poster", "--entry", "noise", "--out", "a/poster"],
        vec!["venue", "upload", "--yes", "--authority", NOBODY, "--trace", "noise"],
        [&chain[..], &["noise"]].concat(),
        [&chain[..], &[NOBODY]].concat(),
        [&add[..], &["--organisation", "noise", "--csv", "bad.csv"]].concat(),
        vec!["auditor", "verify", NOBODY],
        vec!["auditor", "verify", "noise"],
        vec!["auditor", "compare", "nowhere"],
        vec!["inspect", "noise"],
        vec!["manual", "pages", "--out", "noise/below"],
    ];
    for words in table {
        leaves_nothing(&person, &words);
    }
}

#[test]
fn whoever_has_something_keeps_just_that() {
    // [CLI-23]
    let mut town = Desk::with_bar();
    town.does(&["journal"]);
    town.person.write("passphrase", "six words by dice are enough\n");
    town.person.write("bad.csv", "name;address\r\n;\r\n");
    let chain = ["organisation", "setup", "--authority", "health.profile", "--out", "chain"];
    let more = ["--cost", "8,1,1", "--passphrase-file", "passphrase"];
    town.person.json(&[&chain[..], &more].concat(), b"");
    town.stop();
    let url = town.url();
    let add = ["organisation", "add", "--organisation", "chain", "--authority", "health.profile"];
    let (from, to) = (hour(18), hour(20));
    let table: Vec<Vec<&str>> = vec![
        [&add[..], &["--csv", "bad.csv", "--out", "a/rooms"]].concat(),
        [&add[..], &["--name", "\u{7}", "--address", "A", "--out", "a/room"]].concat(),
        vec!["venue", "sheet", "--trace", "codes/entry.txt", "--out", "a/sheet"],
        vec!["venue", "poster", "--entry", "codes/trace.txt", "--out", "a/poster"],
        vec![
            "venue",
            "poster",
            "--entry",
            "codes/entry.txt",
            "--font",
            "codes/entry.txt",
            "--out",
            "a/x",
        ],
        vec!["venue", "sheet", "--trace", "codes/trace.txt", "--languages", "xx", "--out", "a/y"],
        vec!["visitor", "sync"],
        vec!["visitor", "follow", &url],
        vec!["visitor", "check-in", "codes/entry.txt", "--at", "2020-01-01 10:00"],
        vec!["authority", "heartbeat"],
        vec!["authority", "uploads"],
        vec!["authority", "patient", "enable", "--yes"],
        vec!["authority", "profile", "--name", "Another"],
        vec!["authority", "mirror", "add", "ftp://x"],
        vec!["authority", "case", "show", "c-1", "--out", "a.json"],
        vec!["authority", "case", "open", "--venue", "x", "--from", &to, "--to", &from],
        vec!["auditor", "verify", &url],
    ];
    for words in table {
        leaves_nothing(&town.person, &words);
    }
}
