//! What this machine remembers of a desk, apart from the desk's folder: what it refuses by that.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

use crate::one_desk::{copy, end_turn, remembered};
use crate::support::desk::Desk;
use crate::support::tee::Tee;

/// Keeps a copy of some folders.
pub(crate) fn keep(town: &Desk, parts: &[&str]) -> TempDir {
    let kept = tempfile::tempdir().unwrap();
    parts.iter().for_each(|part| copy(&town.person.path(part), &kept.path().join(part)));
    kept
}

pub(crate) fn put_back(town: &Desk, kept: &Path, parts: &[&str]) {
    parts.iter().for_each(|part| copy(&kept.join(part), &town.person.path(part)));
}

/// The same with the server's data, which needs the server to stand still.
pub(crate) fn put_all_back(town: &mut Desk, kept: &Path, parts: &[&str]) {
    town.stop();
    sleep(Duration::from_millis(200));
    put_back(town, kept, parts);
    town.start();
}

#[test]
fn a_log_that_nobody_shows_is_taken_over_with_a_word_only() {
    // [CLI-15]
    let mut town = Desk::with_bar();
    let case = town.answered_case(18, 20);
    let backup = keep(&town, &["home"]);
    town.does(&["publish", &case, "--level", "attention", "--yes"]);
    put_back(&town, backup.path(), &["home"]);
    town.lose_server();
    let take_over = ["authority", "take-over", "--yes"];
    let ran = town.person.noren(&take_over, b"");
    ran.fails("a log of 3 entries was signed, and what is published has 0");
    ran.fails("--unseen");
    let known = remembered(&town.person);
    assert_eq!((&known["seat"]["number"], &known["signed"]["size"]), (&1.into(), &3.into()));
    let taken = town.does(&["take-over", "--yes", "--unseen"]);
    assert_eq!((&taken["seat"], &taken["log_size"]), (&2.into(), &1.into()), "{taken}");
    town.does(&["restore-log"]);
    town.does(&["heartbeat"]);
    town.log_is_sound();
}

#[test]
fn a_desk_that_is_made_anew_takes_the_profile_that_stands_in_the_log() {
    // [PRO-12] [CLI-15]
    let town = Desk::with_bar();
    let case = town.answered_case(18, 20);
    town.does(&["profile", "--name", "Health Office Kyoto"]);
    town.does(&["publish", &case, "--level", "attention", "--yes"]);
    // Only the keys are left.
    for file in ["profile", "desk.sqlite"] {
        std::fs::remove_file(town.person.path("home/authority").join(file)).unwrap();
    }
    let url = town.url();
    let init = ["init", "--name", "Health Office", "--origin", "town.example/log", "--url", &url];
    town.does(&init);
    let ran = town.person.noren(&["authority", "take-over", "--yes", "--unseen"], b"");
    // Which of the two was signed later depends on how quick this was.
    assert!(ran.err.contains("and is taken over"), "{ran:?}");
    town.does(&["heartbeat"]);
    town.does(&["profile", "--name", "Health Office"]);
    town.log_is_sound();
    let audit = town.person.json(&["auditor", "verify", &url], b"");
    assert_eq!(audit["profiles"].as_array().unwrap().len(), 3, "{audit}");
}

#[test]
fn another_tree_of_the_same_size_than_this_machine_signed_is_refused() {
    // [CLI-14] [LOG-9]
    let tee = Tee::new();
    let town = Desk::behind(&tee);
    let cases = [town.answered_case(18, 19), town.answered_case(20, 21)];
    let publish = |case| ["authority", "publish", case, "--level", "attention", "--yes"];
    let before = keep(&town, &["home", "state"]);
    tee.lose(Some("POST /v1/log?"));
    assert_eq!(town.person.noren(&publish(&cases[0]), b"").code, Some(2));
    tee.lose(None);
    let signed = keep(&town, &["state"]);
    // The machine as it was before: it signs something else, as large.
    put_back(&town, before.path(), &["home", "state"]);
    end_turn(&town);
    town.person.json(&publish(&cases[1]), b"");
    put_back(&town, signed.path(), &["state"]);
    assert_eq!(remembered(&town.person)["signed"]["size"], 2);
    let ran = town.person.noren(&["authority", "heartbeat"], b"");
    ran.fails("this machine signed another log of 2 entries");
    ran.fails("take-over");
    town.person.noren(&["authority", "take-over", "--yes"], b"").fails("contradicts");
    assert_eq!(remembered(&town.person)["seat"]["number"], 1);
}

#[test]
fn a_published_log_of_the_same_size_that_is_another_one_is_refused() {
    // [CLI-13] [LOG-8] [LOG-9]
    let mut town = Desk::with_bar();
    let cases = [town.answered_case(18, 19), town.answered_case(20, 21)];
    let parts = ["home", "state", "server"];
    let before = keep(&town, &parts);
    town.does(&["publish", &cases[0], "--level", "attention", "--yes"]);
    let other = keep(&town, &["server"]);
    put_all_back(&mut town, before.path(), &parts);
    town.does(&["publish", &cases[1], "--level", "attention", "--yes"]);
    put_all_back(&mut town, other.path(), &["server"]);
    for words in [
        &["heartbeat"][..],
        &["publish", &cases[1], "--level", "cluster", "--yes"],
        &["rotate-keys", "--yes"],
    ] {
        town.try_desk(words).fails("a log of 2 entries that is not this desk's");
    }
    assert_eq!(town.entries().len(), 1);
    let kept = std::fs::read_dir(town.person.path("home/authority/evidence")).unwrap().count();
    assert!(kept >= 2, "both notes are kept");
    town.person.noren(&["authority", "take-over", "--yes"], b"").fails("two different logs");
}
