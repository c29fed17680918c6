//! What waits, and what counts as published, at a desk that was restored from a backup and took over.

use serde_json::Value;

use crate::desk_memory::{keep, put_back};
use crate::one_desk::{copy, end_turn};
use crate::releases::policy;
use crate::support::desk::Desk;
use crate::support::person::Person;

/// A desk whose releases were 10 hours ago, and will be in 9 hours.
fn timed() -> Desk {
    let desk = Desk::with_bar();
    desk.person.write("policy.toml", policy(&[-600, 540], 4));
    desk.does(&["policy", "set", "policy.toml", "--yes"]);
    desk.does(&["release"]);
    desk
}

/// The next release time has come: everything that waits goes out.
fn strike(desk: &Desk) -> Value {
    desk.person.write("policy.toml", policy(&[-1], 4));
    desk.does(&["policy", "set", "policy.toml", "--yes"]);
    desk.does(&["release"])
}

fn reviewed(desk: &Desk, from: i64, to: i64) -> String {
    let case = desk.answered_case(from, to);
    desk.does(&["review", &case]);
    case
}

fn publish(desk: &Desk, case: &str, more: &[&str]) -> Value {
    desk.does(&[&["publish", case, "--yes"], more].concat())
}

/// The backup is put back, and takes over.
fn restored(desk: &Desk, backup: &tempfile::TempDir, parts: &[&str]) -> String {
    end_turn(desk);
    put_back(desk, backup.path(), parts);
    let ran = desk.person.noren(&["authority", "take-over", "--yes"], b"");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.err
}

fn case(desk: &Desk, id: &str) -> Value {
    let cases = desk.does(&["case", "list"]);
    cases.as_array().unwrap().iter().find(|case| case["case"] == *id).unwrap().clone()
}

/// What `status` says of a case: which rows, and their commands.
fn rows(desk: &Desk, id: &str) -> Vec<(String, String)> {
    let ran = desk.try_desk(&["status"]);
    assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
    let status: Value = serde_json::from_str(&ran.out).unwrap();
    let rows = status["waiting"].as_array().unwrap().iter().filter(|row| row["case"] == *id);
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    rows.map(|row| (text(row, "what"), text(row, "next"))).collect()
}

/// The level of each notice of which this guest is told anew.
fn told(guest: &Person) -> Vec<String> {
    let ran = guest.noren(&["--json", "visitor", "sync"], b"");
    assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
    let notices: Value = serde_json::from_str(&ran.out).unwrap();
    let level = |notice: &Value| notice["level"].as_str().unwrap().to_owned();
    notices.as_array().unwrap().iter().map(level).collect()
}

#[test]
fn what_waited_in_the_backup_is_not_released_after_it_was_decided_otherwise() {
    // [CLI-15] [CLI-35] [CLI-36]
    for parts in [&["home"][..], &["home", "state"]] {
        let desk = timed();
        let guest = desk.guest(19);
        let [gone, out] = [(18, 20), (12, 14)].map(|(from, to)| reviewed(&desk, from, to));
        for case in [&gone, &out] {
            publish(&desk, case, &["--level", "attention"]);
        }
        let backup = keep(&desk, &["home", "state"]);
        // The one goes out and is withdrawn; the other is taken out before it goes out.
        publish(&desk, &gone, &["--level", "attention", "--at-once"]);
        assert_eq!(told(&guest), ["attention"]);
        desk.does(&["withdraw", &gone, "--at-once", "--yes"]);
        desk.does(&["withdraw", &out, "--yes"]);
        assert_eq!(told(&guest), ["withdrawn"]);
        let said = restored(&desk, &backup, parts);
        assert!(said.contains(&format!("case {out}: what waited for the release is taken out")));
        assert_eq!(case(&desk, &gone)["status"], "withdrawn");
        assert_eq!(rows(&desk, &gone), []);
        let next = format!("noren authority publish {out}");
        assert_eq!(rows(&desk, &out), [("reviewed".to_owned(), next)]);
        assert_eq!(strike(&desk)["cases"], serde_json::json!([]));
        assert_eq!(told(&guest), [""; 0], "nobody is warned again");
        // A later decision goes out as ever, also of what was withdrawn.
        desk.person.write("policy.toml", policy(&[-1, 540], 4));
        desk.does(&["policy", "set", "policy.toml", "--yes"]);
        publish(&desk, &gone, &["--level", "cluster"]);
        assert_eq!(strike_again(&desk)["cases"], serde_json::json!([gone]));
        assert_eq!(told(&guest), ["cluster"]);
        desk.log_is_sound();
    }
}

/// Another release time has come.
fn strike_again(desk: &Desk) -> Value {
    desk.person.write("policy.toml", policy(&[0], 4));
    desk.does(&["policy", "set", "policy.toml", "--yes"]);
    desk.does(&["release"])
}

#[test]
fn a_correction_or_withdrawal_that_waited_gives_way_to_what_stands_now() {
    // [CLI-15] [CLI-35]
    let desk = timed();
    let id = reviewed(&desk, 18, 20);
    publish(&desk, &id, &["--level", "attention", "--at-once"]);
    publish(&desk, &id, &["--level", "cluster"]);
    let correction = keep(&desk, &["home"]);
    desk.does(&["withdraw", &id, "--yes"]);
    let withdrawal = keep(&desk, &["home"]);
    // Cluster stands since, and a withdrawal waited.
    publish(&desk, &id, &["--level", "cluster", "--at-once"]);
    restored(&desk, &withdrawal, &["home"]);
    assert_eq!((&case(&desk, &id)["status"], rows(&desk, &id)), (&"published".into(), vec![]));
    assert_eq!(desk.try_desk(&["publish", &id, "--level", "cluster", "--yes"]).code, Some(1));
    // Withdrawn since, and a correction waited.
    desk.does(&["withdraw", &id, "--at-once", "--yes"]);
    restored(&desk, &correction, &["home"]);
    assert_eq!((&case(&desk, &id)["status"], rows(&desk, &id)), (&"withdrawn".into(), vec![]));
    assert_eq!(case(&desk, &id)["released"], false);
    assert_eq!(strike(&desk)["cases"], serde_json::json!([]));
}

#[test]
fn what_nobody_can_have_decided_otherwise_goes_on_waiting() {
    // [CLI-15] [CLI-35]
    let desk = timed();
    let [corrected, new] = [(18, 20), (12, 14)].map(|(from, to)| reviewed(&desk, from, to));
    publish(&desk, &corrected, &["--level", "attention", "--at-once"]);
    publish(&desk, &corrected, &["--level", "cluster"]);
    publish(&desk, &new, &["--level", "attention"]);
    let elsewhere = |desk: &Desk, words: &[&str]| {
        desk.person.noren(&[&["--home", "moved", "--json", "authority"], words].concat(), b"")
    };
    // Moved to another folder of this machine, which has seen all of it.
    copy(&desk.person.path("home"), &desk.person.path("moved"));
    assert_eq!(elsewhere(&desk, &["take-over", "--yes"]).code, Some(0));
    let queue: Value = serde_json::from_str(&elsewhere(&desk, &["status"]).out).unwrap();
    assert_eq!(queue["release"]["cases"].as_array().unwrap().len(), 2, "{queue}");
    assert_eq!(elsewhere(&desk, &["heartbeat"]).code, Some(0));
    // The old folder has not seen what the new one decides.
    desk.does(&["take-over", "--yes"]);
    let said = [("undecided".to_owned(), format!("noren authority publish {corrected}"))];
    assert_eq!(rows(&desk, &corrected), said);
    assert_eq!(rows(&desk, &new)[0].0, "reviewed");
    // It is decided anew, or stays as it is.
    assert_eq!(
        desk.try_desk(&["publish", &corrected, "--level", "attention", "--yes"]).code,
        Some(1)
    );
    assert_eq!(rows(&desk, &corrected), []);
    desk.log_is_sound();
}

#[test]
fn approvals_of_before_count_for_nothing_after_a_restored_backup() {
    // [CLI-11] [CLI-15] [CLI-17]
    let desk = Desk::with_bar();
    let guest = desk.guest(19);
    let id = reviewed(&desk, 18, 20);
    for name in ["bob", "cyd"] {
        let half = desk.person.operator_key(&format!("{name}.key"));
        desk.does(&["operator", "add", name, "--public-half", &half]);
    }
    desk.does(&["operator", "require", "2"]);
    let proposal = |made: &Value| made["proposal"].as_str().unwrap().to_owned();
    let approve = |id: &str, name: &str| {
        desk.try_desk(&["approve", id, "--yes", "--key", &format!("{name}.key")])
    };
    let warning = proposal(&publish(&desk, &id, &["--level", "attention"]));
    assert_eq!(approve(&warning, "bob").code, Some(0));
    let backup = keep(&desk, &["home", "state"]);
    assert_eq!(approve(&warning, "cyd").code, Some(0));
    assert_eq!(told(&guest), ["attention"]);
    let withdrawal = proposal(&desk.does(&["withdraw", &id, "--yes"]));
    for name in ["bob", "cyd"] {
        assert_eq!(approve(&withdrawal, name).code, Some(0));
    }
    assert_eq!(told(&guest), ["withdrawn"]);
    for parts in [&["home"][..], &["home", "state"]] {
        let said = restored(&desk, &backup, parts);
        assert!(said.contains(&format!("proposal {warning} is rejected")), "{said}");
        approve(&warning, "cyd").fails("no proposal");
        assert_eq!(rows(&desk, &warning), []);
        assert_eq!(told(&guest), [""; 0], "nobody is warned again");
        // Whoever proposes it anew sees that it was withdrawn.
        let words = ["publish", &id, "--level", "attention", "--dry-run"];
        let preview = desk.does(&words);
        assert_eq!(preview["notices"][0]["instead_of"], "a withdrawn notice", "{preview}");
    }
    desk.log_is_sound();
}

#[test]
fn a_case_that_was_never_published_is_not_taken_for_published() {
    // [CLI-15] [CLI-19]
    let desk = Desk::with_bar();
    let guests = [18, 19].map(|hour| desk.guest(hour));
    // Both have the hour from 18:00; only one has the next.
    let short = reviewed(&desk, 18, 19);
    let long = reviewed_minutes(&desk, "18:30", "20:00");
    let backup = keep(&desk, &["home"]);
    publish(&desk, &short, &["--level", "attention"]);
    let said = restored(&desk, &backup, &["home"]);
    assert!(said.contains(&format!("case {long}: the log has a notice for some of its hours")));
    assert_eq!(case(&desk, &short)["status"], "published");
    assert_eq!(case(&desk, &long)["status"], "reviewed");
    assert_eq!(rows(&desk, &long)[0].0, "reviewed");
    assert_eq!(guests.each_ref().map(told), [vec!["attention".to_owned()], vec![]]);
    // And the other way round: the longer one is published, and found by its window.
    let desk = Desk::with_bar();
    let (short, long) = (reviewed(&desk, 18, 19), reviewed_minutes(&desk, "18:30", "20:00"));
    let backup = keep(&desk, &["home"]);
    publish(&desk, &long, &["--level", "attention"]);
    restored(&desk, &backup, &["home"]);
    assert_eq!(case(&desk, &short)["status"], "reviewed");
    assert_eq!(case(&desk, &long)["status"], "published");
    assert_eq!(desk.try_desk(&["publish", &long, "--level", "attention", "--yes"]).code, Some(1));
}

#[test]
fn a_part_that_was_published_is_not_published_again_and_does_not_stand_for_the_whole() {
    // [CLI-15]
    let desk = Desk::with_bar();
    let id = reviewed(&desk, 18, 21);
    let backup = keep(&desk, &["home"]);
    let at = crate::support::desk::hour;
    let (from, to) = (at(18), at(19));
    let part = ["--level", "attention", "--from", &from, "--to", &to];
    publish(&desk, &id, &part);
    let size = desk.entries().len();
    let said = restored(&desk, &backup, &["home"]);
    assert!(said.contains(&format!("case {id}: the log has a notice for some of its hours")));
    assert_eq!(case(&desk, &id)["status"], "reviewed");
    let words = [&["publish", &id, "--yes"], &part[..]].concat();
    assert_eq!(desk.try_desk(&words).code, Some(1), "just this stands already");
    assert_eq!((desk.entries().len(), &case(&desk, &id)["status"]), (size, &"published".into()));
    publish(&desk, &id, &["--level", "attention"]);
    assert_eq!(desk.entries().len(), size + 3);
}

fn reviewed_minutes(desk: &Desk, from: &str, to: &str) -> String {
    let day = crate::support::desk::hour(0)[..10].to_owned();
    let at = |clock: &str| format!("{day}T{clock}:00Z");
    let (from, to) = (at(from), at(to));
    let opened = desk.does(&["case", "open", "--venue", "a bar", "--from", &from, "--to", &to]);
    desk.answer(&opened);
    let case = opened["case"].as_str().unwrap().to_owned();
    desk.does(&["review", &case]);
    case
}

#[test]
fn a_restored_desk_does_not_take_back_the_profile_that_was_published_since() {
    // [CLI-15] [CLI-19] [CLI-34]
    let desk = Desk::with_bar();
    let backup = keep(&desk, &["home"]);
    desk.does(&["policy", "set", "kyoto-city", "--yes"]);
    let since = desk.does(&["profile"]);
    end_turn(&desk);
    put_back(&desk, backup.path(), &["home"]);
    std::fs::remove_dir_all(desk.person.path("state")).unwrap();
    let status: Value = serde_json::from_str(&desk.try_desk(&["status"]).out).unwrap();
    let row = |status: &Value| {
        let rows = status["waiting"].as_array().unwrap();
        rows.iter().find(|row| row["what"] == "profile").cloned()
    };
    assert_eq!(row(&status).unwrap()["next"], "noren authority take-over", "{status}");
    let ran = desk.person.noren(&["authority", "take-over", "--yes"], b"");
    assert!(ran.code == Some(0) && ran.err.contains("is taken over"), "{ran:?}");
    assert_eq!(desk.does(&["profile"]), since);
    let status: Value = serde_json::from_str(&desk.try_desk(&["status"]).out).unwrap();
    assert_eq!(row(&status), None, "{status}");
    // A later profile that comes in between is not taken back either.
    let served = desk.person.path("home/authority/profile");
    let older = std::fs::read(&served).unwrap();
    desk.does(&["profile", "--name", "Health Office of today"]);
    std::fs::write(&served, older).unwrap();
    desk.try_desk(&["profile", "--name", "Health"]).fails("later than this desk's");
}
