//! What a desk says of itself: of a server that it cannot see, of a log that is not as it was signed,
//! of a database that is older than it should be; and in which time zone.

use std::fs;

use serde_json::Value;

use crate::desk_memory::{keep, put_all_back, put_back};
use crate::one_desk::{copy, remembered};
use crate::support::desk::Desk;
use crate::support::person::Person;
use crate::support::tee::Tee;
use crate::support::town::{Town, at, soon};

/// What waits: its sort, its words and the next command.
fn waiting(desk: &Desk) -> Vec<[String; 3]> {
    let ran = desk.person.noren(&["--json", "authority", "status"], b"");
    assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
    let status: Value = serde_json::from_str(&ran.out).unwrap();
    let items = status["waiting"].as_array().unwrap().iter();
    items
        .map(|item| ["what", "text", "next"].map(|it| item[it].as_str().unwrap().to_owned()))
        .collect()
}

fn said(desk: &Desk) -> String {
    desk.person.noren(&["authority", "status"], b"").out
}

#[test]
fn what_cannot_be_seen_is_not_said_to_be_nothing() {
    // [CLI-46]
    let mut desk = Desk::with_bar();
    assert!(said(&desk).contains("nothing waits"));
    desk.stop();
    let (human, items) = (said(&desk), waiting(&desk));
    assert!(!human.contains("nothing waits") && human.contains("is not known"), "{human}");
    assert_eq!(items.len(), 1, "it is said once: {items:?}");
    assert_eq!(items[0][0], "server");
    desk.start();
    let opened = desk.open_case(18, 20);
    desk.answer(&opened);
    assert_eq!(waiting(&desk)[0][0], "upload");
    desk.stop();
    let (human, items) = (said(&desk), waiting(&desk));
    let whats: Vec<&str> = items.iter().map(|item| &*item[0]).collect();
    assert_eq!(whats, ["server", "unknown"], "{items:?}");
    assert!(!human.contains("no upload yet") && !human.contains("nothing"), "{human}");
    let late = (crate::support::desk::now() + 8 * 86_400).to_string();
    let late = desk.person.noren(&["--now", &late, "authority", "status"], b"");
    assert!(!late.out.contains("nothing was uploaded"), "{late:?}");
    desk.start();
    assert_eq!(waiting(&desk)[0][0], "upload");
}

#[test]
fn a_profile_that_devices_cannot_read_is_something_that_waits() {
    // [CLI-46]
    let tee = Tee::new();
    let desk = Desk::behind(&tee);
    assert!(said(&desk).contains("nothing waits"));
    tee.answer(Some(("GET /v1/authority ", "<html>Sign in</html>")));
    let items = waiting(&desk);
    assert_eq!(items.len(), 1, "{items:?}");
    assert!(items[0][1].contains("devices cannot read the profile"), "{items:?}");
    assert!(!said(&desk).contains("nothing waits"));
    tee.answer(None);
    assert!(said(&desk).contains("nothing waits"));
}

#[test]
fn a_log_that_is_not_as_it_was_signed_is_shown_with_what_to_do() {
    // [CLI-46]
    let mut desk = Desk::with_bar();
    let cases = [desk.answered_case(18, 19), desk.answered_case(20, 21)];
    let publish = |desk: &Desk, case: &str| {
        desk.does(&["publish", case, "--level", "attention", "--yes"]);
    };
    let [desk_parts, all] = [&["home", "state"][..], &["home", "state", "server"]];
    let at_first = keep(&desk, all);
    publish(&desk, &cases[0]);
    let one = keep(&desk, all);
    publish(&desk, &cases[1]);
    let two = keep(&desk, all);
    let log = |desk: &Desk| {
        let mut items = waiting(desk);
        items.retain(|item| item[0] == "log" || item[0] == "heartbeat");
        assert!(items.len() < 2, "{items:?}");
        items.pop().map(|[_, text, next]| (text, next))
    };
    assert_eq!(log(&desk), None);
    let is = |desk: &Desk, words: &str, verb: &str| {
        let (text, next) = log(desk).expect(words);
        assert!(text.contains(words), "{words}: {text}");
        assert_eq!(next, format!("noren authority {verb}"), "{text}");
        assert!(!said(desk).contains("nothing waits"));
    };
    // The server, or the desk, as it was before the last publication.
    put_all_back(&mut desk, one.path(), &["server"]);
    is(&desk, "went back: it has 2 entries, of the 3 entries", "restore-log");
    put_all_back(&mut desk, two.path(), all);
    put_back(&desk, one.path(), desk_parts);
    is(
        &desk,
        "a log of 3 entries that goes beyond what this desk has signed (2 entries)",
        "take-over",
    );
    // Both as they were at first, and the other case is published: another history.
    put_all_back(&mut desk, at_first.path(), all);
    publish(&desk, &cases[1]);
    put_all_back(&mut desk, one.path(), &["server"]);
    is(&desk, "a log of 2 entries that is not this desk's", "heartbeat");
    put_all_back(&mut desk, two.path(), all);
    assert_eq!(log(&desk), None);
    desk.lose_server();
    is(&desk, "went back: it has 0 entries, of the 3 entries", "restore-log");
    desk.does(&["restore-log"]);
    assert_eq!(log(&desk), None);
}

#[test]
fn an_older_database_in_a_newer_folder_is_found_and_says_what_is_lost() {
    // [CLI-14] [CLI-15]
    let town = Desk::with_bar();
    let database = town.person.path("home/authority/desk.sqlite");
    let (older, home) = (fs::read(&database).unwrap(), keep(&town, &["home"]));
    let known = town.does(&["journal"]).as_array().unwrap().len();
    let opened = town.open_case(18, 20);
    town.answer(&opened);
    // The database alone, or the whole folder: nothing was signed in between.
    for whole in [false, true] {
        let newest = keep(&town, &["home"]);
        if whole {
            put_back(&town, home.path(), &["home"]);
        } else {
            fs::write(&database, &older).unwrap();
        }
        for words in [
            &["case", "list"][..],
            &["status"],
            &["heartbeat"],
            &["journal"],
            &[
                "report",
                "--venue",
                "B",
                "--kind",
                "bar",
                "--from",
                "2026-01-01 10:00",
                "--to",
                "2026-01-01 11:00",
            ],
        ] {
            let ran = town.try_desk(words);
            ran.fails(&format!("its journal ends with entry {known} of "));
            ran.fails(&format!("this machine has seen entry {} of it", known + 1));
            ran.fails("take-over");
        }
        if !whole {
            put_back(&town, newest.path(), &["home"]);
            assert_eq!(
                town.does(&["case", "list"])[0]["case"],
                opened["case"],
                "the newest is good"
            );
        }
    }
    let taken = town.person.noren(&["authority", "take-over", "--yes"], b"");
    assert!(taken.code == Some(0) && taken.err.contains("are not in"), "{taken:?}");
    assert_eq!(town.try_desk(&["case", "list"]).code, Some(1));
    assert_eq!(town.does(&["uploads"])[0]["case"], Value::Null);
    assert_eq!(remembered(&town.person)["seat"]["number"], 2);
    // From here on as ever.
    town.open_case(18, 20);
    town.does(&["heartbeat"]);
    // A copy elsewhere is no backup of this one, and reads what it has.
    let other = Person::new();
    copy(&town.person.path("home"), &other.path("home"));
    town.open_case(20, 21);
    assert_eq!(other.noren(&["authority", "case", "list"], b"").code, Some(0));
}

#[test]
fn a_second_case_for_the_same_venue_and_window_is_told() {
    // [CLI-46]
    let town = Desk::new("Health Office");
    let open = |venue: &str, from: i64| {
        let (from, to) = (crate::support::desk::hour(from), crate::support::desk::hour(20));
        let words = ["authority", "case", "open", "--venue", venue, "--from", &from, "--to", &to];
        let ran = town.person.noren(&words, b"");
        assert_eq!(ran.code, Some(0), "{ran:?}");
        ran.err
    };
    assert!(!open("Bar  Noren", 18).contains("warning"));
    let first = town.does(&["case", "list"])[0]["case"].as_str().unwrap().to_owned();
    for other in [open("Bar Noren", 17), open("Cafe Noren", 18)] {
        assert!(!other.contains("warning"), "{other}");
    }
    let same = open("ＢＡＲ noren", 18);
    assert!(same.contains(&format!("case {first} is about")) && same.contains("open"), "{same}");
    // What was closed stands no more.
    for case in town.does(&["case", "list"]).as_array().unwrap() {
        assert_eq!(town.try_desk(&["case", "close", case["case"].as_str().unwrap()]).code, Some(0));
    }
    assert!(!open("Bar Noren", 18).contains("warning"));
}

#[test]
fn every_time_at_the_desk_is_that_of_the_authoritys_zone() {
    // [CLI-32]
    let town = Town::new("Zones", "osaka");
    let bar = town.venue("Bar Noren", &[]);
    town.desk(&["patient", "enable", "--yes"]);
    town.report("Bar Noren", &["--kind", "bar"], &at(19, 0), &at(20, 0));
    let (from, to) = (at(19, 0), at(21, 0));
    let opened = town.desk(&["case", "open", "--venue", "a bar", "--from", &from, "--to", &to]);
    town.desk(&["case", "open", "--venue", "a cafe", "--from", &from, "--to", &to]);
    town.desk(&["patient", "open"]);
    bar.answer(&opened);
    let case = opened["case"].as_str().unwrap();
    town.desk(&["review", case]);
    let (long_ago, later, now) = (at(-24 * 40, 0), at(-24 * 40 + 1, 0), soon(0));
    let published = ["publish", case, "--level", "cluster"];
    let (outside, until) = (at(15, 0), at(16, 0));
    let table: [Vec<&str>; 12] = [
        vec!["status"],
        vec!["journal"],
        vec!["profile"],
        vec!["uploads"],
        vec!["case", "list"],
        vec!["case", "open", "--venue", "x", "--from", &long_ago, "--to", &later],
        vec!["patient", "status"],
        vec!["review", case],
        [&published[..], &["--dry-run"]].concat(),
        [&published[..], &["--dry-run", "--from", &outside, "--to", &until]].concat(),
        vec!["policy", "set", "osaka", "--dry-run"],
        vec!["operator", "list"],
    ];
    let mut hours = 0;
    for words in table {
        let words = [&["--now", &now, "authority"], &words[..]].concat();
        let [here, there] = ["Asia/Tokyo", "America/New_York"].map(|zone| {
            let ran = town.office.noren_in(zone, &words, b"");
            format!("{:?}\n{}{}", ran.code, ran.out, ran.err)
        });
        assert_eq!(here, there, "{words:?}");
        assert!(!here.contains(":00Z") && !here.contains("(UTC)"), "{words:?}: {here}");
        hours += here.matches("19:00").count();
    }
    assert!(hours >= 5, "{hours}");
}
