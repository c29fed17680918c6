//! Reminders to check out, and corrections of visits that have not ended, over the real binary.

use crate::support::person::{Person, Ran};
use crate::support::warned::{Authority, EVENING};
use serde_json::Value;

/// A visitor who checked in at a bar in the evening.
fn visitor(stay_minutes: Option<u16>, words: &[&str]) -> Person {
    let office = Authority::new("Health Office", "office.example/log");
    let visitor = Person::new();
    let link = office.bar("Bar Noren", stay_minutes).entry.to_url("https://noren.example").unwrap();
    visitor.write("link.txt", link);
    let ran = after(&visitor, 0, &[&["visitor", "check-in", "link.txt"], words].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    visitor
}

/// Runs a command so many minutes into the evening.
fn after(visitor: &Person, minutes: u64, words: &[&str]) -> Ran {
    let now = (EVENING + minutes * 60).to_string();
    visitor.noren(&[&["--now", &now], words].concat(), b"")
}

#[test]
fn a_visit_without_a_typical_stay_is_reminded_of_once_after_two_hours() {
    // [VIS-7] [CLI-3]
    let visitor = visitor(None, &[]);
    let early = after(&visitor, 119, &["visitor", "remind"]);
    assert_eq!((early.code, early.out.as_str()), (Some(1), "nothing to remind of\n"));
    assert!(!after(&visitor, 119, &["visitor", "visits"]).out.contains("longer than usual"));
    let due =
        after(&visitor, 120, &["--json", "visitor", "remind", "--places", "--language", "ja"]);
    assert_eq!(due.code, Some(0), "{due:?}");
    let reminder: Value = serde_json::from_str(&due.out).unwrap();
    assert_eq!(
        (&reminder[0]["kind"], &reminder[0]["venue"]),
        (&"reminder".into(), &"Bar Noren".into())
    );
    assert!(reminder[0]["text"].as_str().unwrap().contains("チェックアウト"));
    assert_eq!(after(&visitor, 121, &["visitor", "remind"]).code, Some(1), "once");
    assert_eq!(after(&visitor, 121, &["visitor", "remind", "--again"]).code, Some(0));
    assert!(after(&visitor, 121, &["visitor", "visits"]).out.contains("longer than usual"));
    // Whoever scans again is still there.
    after(&visitor, 130, &["visitor", "check-in", "link.txt"]);
    assert_eq!(after(&visitor, 249, &["visitor", "remind"]).code, Some(1));
    assert_eq!(after(&visitor, 250, &["visitor", "remind"]).code, Some(0));
    after(&visitor, 251, &["visitor", "check-out"]);
    assert_eq!(after(&visitor, 400, &["visitor", "remind", "--again"]).code, Some(1));
}

#[test]
fn a_visit_planned_beyond_the_typical_stay_is_reminded_of_then() {
    // [VIS-4] [VIS-7]
    let planned = visitor(Some(30), &["--for", "5h"]);
    assert_eq!(after(&planned, 29, &["visitor", "remind"]).code, Some(1));
    assert_eq!(after(&planned, 30, &["visitor", "remind"]).code, Some(0));
    let unplanned = visitor(Some(30), &[]);
    assert_eq!(
        after(&unplanned, 30, &["visitor", "remind"]).code,
        Some(1),
        "it has ended by itself"
    );
}

#[test]
fn a_watcher_reminds_once_and_without_any_server() {
    // [VIS-7]
    let visitor = visitor(None, &[]);
    let watch = |command: &str| {
        let ran = after(&visitor, 150, &["visitor", "watch", "--rounds", "1", "--run", command]);
        assert!(ran.code == Some(0) && ran.err.is_empty(), "{ran:?}");
    };
    // What was not taken waits, and whoever watches the watcher learns of it.
    let words = ["visitor", "watch", "--rounds", "1", "--run", "exit 3"];
    after(&visitor, 150, &words).fails("handed over again");
    watch("cat >> told");
    watch("cat >> told");
    let told = String::from_utf8(visitor.read("told")).unwrap();
    assert_eq!(told.lines().count(), 1, "{told}");
    let reminder: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&reminder["kind"], &reminder["room"]), (&"reminder".into(), &Value::Null));
    let kept: Vec<_> = std::fs::read_dir(visitor.path("home/visitor")).unwrap().collect();
    let names: Vec<_> = kept.into_iter().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "vault, key and lock: {names:?}");
}

#[test]
fn a_watcher_with_nothing_to_watch_says_so() {
    // [CLI-3]
    let visitor = visitor(None, &["--for", "30m"]);
    let ran = after(&visitor, 10, &["visitor", "watch", "--rounds", "1"]);
    assert!(ran.code == Some(0) && ran.err.is_empty(), "a visit is open: {ran:?}");
    let ran = after(&visitor, 60, &["visitor", "watch"]);
    ran.ends(1, "there is nothing to watch");
    assert!(ran.err.contains("error: ") && ran.err.contains("visitor follow"), "{ran:?}");
}

#[test]
fn a_watcher_prints_one_line_for_each_event() {
    // [CLI-6]
    let visitor = visitor(None, &[]);
    let ran = after(&visitor, 150, &["--json", "visitor", "watch", "--rounds", "1"]);
    assert_eq!(ran.out.lines().count(), 1, "{ran:?}");
    let event: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(event["kind"], "reminder");
}

#[test]
fn a_code_that_was_not_valid_then_says_when_it_is() {
    // [VIS-6] [CLI-3]
    let visitor = visitor(None, &[]);
    for (minutes, at) in [(60, "2026-03-31 14:00"), (33 * 1_440, "2026-05-03 14:30")] {
        let words = ["visitor", "check-in", "link.txt", "--at", at];
        let ran = after(&visitor, minutes, &words);
        ran.fails(&format!("not valid at {at}: it is valid from 2026-03-31 14:30 to 2026-05-01"));
        assert!(!ran.err.contains("yet") && !ran.err.contains("no longer"), "{ran:?}");
    }
}

#[test]
fn the_times_of_an_open_visit_can_be_corrected() {
    // [VIS-4] [VIS-6]
    let visitor = visitor(None, &[]);
    let edit =
        |words: &[&str]| after(&visitor, 60, &[&["--json", "visitor", "edit"], words].concat());
    let open: Value =
        serde_json::from_str(&edit(&["--from", "14:00", "--to", "16:15"]).out).unwrap();
    assert_eq!(open["arrival"], "2026-04-01T14:00:00Z");
    assert_eq!(open["ends_by_itself"], "2026-04-01T16:15:00Z");
    let later: Value = serde_json::from_str(&edit(&["--from", "14:45"]).out).unwrap();
    assert_eq!(later["arrival"], "2026-04-01T14:45:00Z");
    edit(&["--from", "15:31"]).fails("in the future");
    edit(&["--to", "15:00"]).fails("check-out --at");
    edit(&["--from", "2026-03-30 12:00"]).fails("it is valid from 2026-03-31 14:30 to 2026-05-01");
    edit(&["--from", "03:00"]).fails("longer than 12 hours");
    let visits = after(&visitor, 200, &["--json", "visitor", "visits"]).out;
    let visits: Value = serde_json::from_str(&visits).unwrap();
    assert_eq!(visits["closed"][0]["hours"], 3, "14, 15 and 16 o'clock: it ended at its time");
}
