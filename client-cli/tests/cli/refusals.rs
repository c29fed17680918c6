//! A log that is refused, and a server that does not answer: never told as if there were no news.

use noren::authority::AuthorityKeys;
use noren::messages::Level;
use serde_json::Value;

use crate::support::log::ShownLog;
use crate::support::office::now;
use crate::support::person::Person;
use crate::support::warned::{Authority, NOW, next_day, notice};

const HONEST: [&str; 2] = ["one", "two"];

/// Somebody who follows this authority and has read its log.
fn reader(log: &ShownLog) -> Person {
    log.show(&HONEST, now());
    let reader = Person::new();
    reader.json(&["visitor", "follow", &log.profile.url], b"");
    let synced = reader.noren(&["visitor", "sync", "--language", "en"], b"");
    assert_eq!((synced.code, synced.out.as_str()), (Some(1), "nothing new\n"), "{synced:?}");
    reader
}

#[test]
fn who_never_read_a_log_is_not_told_that_there_are_no_notices() {
    // [CLI-22]
    let log = ShownLog::new("Health Office");
    let words = ["visitor", "notices", "--language", "en"];
    let new = Person::new();
    log.show(&HONEST, now());
    new.json(&["visitor", "follow", &log.profile.url], b"");
    for _ in 0..2 {
        let shown = new.noren(&words, b"");
        assert_eq!((shown.code, shown.out.as_str()), (Some(1), "no notices\n"), "{shown:?}");
        assert!(shown.err.contains("has been read yet"), "{shown:?}");
    }
    new.noren(&["visitor", "sync"], b"");
    assert!(!new.noren(&words, b"").err.contains("read yet"));
}

/// What is shown, how a reader ends, and what it says.
type Case = (&'static str, fn(&ShownLog), i32, &'static str);

const CASES: [Case; 10] = [
    ("a rollback", |log| log.show(&["one"], now().plus(60)), 3, "went back from 2 to 1"),
    ("a fork", |log| log.show(&["one", "other"], now().plus(60)), 3, "two different histories"),
    ("an older head", |log| log.show(&HONEST, now().minus(3_600)), 3, "older than the one seen"),
    (
        "another past",
        |log| log.show(&["x", "y", "z"], now().plus(60)),
        3,
        "the entries are not those",
    ),
    ("no log any more", |log| log.remove("checkpoint"), 3, "the log is gone: 2 entries"),
    (
        "a bundle of garbage",
        |log| {
            log.show(&["one", "two", "three"], now().plus(60));
            log.put(&ShownLog::bundle(3), "garbage");
        },
        3,
        "is refused",
    ),
    (
        "a signature by somebody else",
        |log| {
            let thief = AuthorityKeys::generate(&mut rand::rng());
            log.show_signed_by(&thief, &["one", "two", "three"], now().plus(60));
        },
        3,
        "is refused",
    ),
    ("text that is no head", |log| log.put("checkpoint", "<html>"), 3, "is refused"),
    (
        "somebody else's profile",
        |log| {
            let thief = AuthorityKeys::generate(&mut rand::rng());
            let mut profile = log.profile.clone();
            profile.log_key = thief.log_public_key();
            profile.upload_key = thief.upload_public_key();
            log.put("v1/authority", profile.sign(&thief).unwrap().as_bytes());
        },
        3,
        "have changed",
    ),
    ("a server that lost its files", |log| log.remove("v1/authority"), 2, "answered 404"),
];

#[test]
fn what_is_refused_is_an_error_with_a_code_of_its_own() {
    // [CLI-3] [CLI-22] [LOG-8]
    let log = ShownLog::new("Health Office");
    let reader = reader(&log);
    for (what, show, code, words) in CASES {
        show(&log);
        for command in [&["visitor", "sync"][..], &["visitor", "watch", "--rounds", "1"]] {
            let quiet = reader.noren(&[&["-q"], command].concat(), b"");
            assert_eq!((quiet.code, quiet.out.as_str()), (Some(code), ""), "{what}: {quiet:?}");
            assert!(quiet.err.starts_with("error: Health Office"), "{what}: {quiet:?}");
            assert!(quiet.err.contains(words), "{what}: {quiet:?}");
            assert_eq!(quiet.err.contains("06-0000-0000"), code == 3, "{what}: {quiet:?}");
        }
        let data = reader.noren(&["--json", "visitor", "sync"], b"");
        let items: Value = serde_json::from_str(&data.out).unwrap();
        let kind = if code == 3 { "refused" } else { "unread" };
        assert_eq!((data.code, &items[0]["kind"]), (Some(code), &kind.into()), "{what}: {data:?}");
        assert!(items[0]["reason"].as_str().unwrap().contains(words), "{what}");
        assert!(items[0]["advice"].as_str().is_some_and(|advice| !advice.is_empty()));
        // What was refused has changed nothing.
        log.put("v1/authority", log.signed_profile());
        log.show(&HONEST, now().plus(30));
        assert_eq!(reader.noren(&["visitor", "sync"], b"").code, Some(1), "after {what}");
    }
    let later = now().plus(3 * 86_400).get().to_string();
    let frozen = reader.noren(&["--now", &later, "-q", "visitor", "sync"], b"");
    assert_eq!((frozen.code, frozen.out.as_str()), (Some(3), ""), "{frozen:?}");
    assert!(frozen.err.contains("frozen") && frozen.err.contains("clock"), "{frozen:?}");
}

#[test]
fn a_watcher_hands_a_refusal_to_its_command_once() {
    // [CLI-22]
    let log = ShownLog::new("Health Office");
    let reader = reader(&log);
    log.show(&["one", "other"], now().plus(60));
    let words = ["visitor", "watch", "--rounds", "2", "--every", "1s", "--run", "cat >> told"];
    assert_eq!(reader.noren(&words, b"").code, Some(3));
    let told = String::from_utf8(reader.read("told")).unwrap();
    assert_eq!(told.lines().count(), 1, "{told}");
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["kind"], &told["authority"]), (&"refused".into(), &"Health Office".into()));
}

#[test]
fn one_is_refused_and_another_has_news_and_both_are_told() {
    // [CLI-22]
    let office = Authority::new("Town Office", "town.example/log");
    let visitor = Person::new();
    visitor.write("town.profile", office.signed());
    visitor.json(&["visitor", "follow", "town.profile"], b"");
    let log = ShownLog::new("Health Office");
    visitor.json(&["visitor", "follow", &log.profile.url], b"");
    log.put("checkpoint", "garbage");
    let bar = office.bar("Bar Noren", None);
    bar.visit(&visitor);
    office.warn(&visitor, &bar, &notice(Level::Attention, true, true), 0);
    let synced = next_day(&visitor, &["-q", "visitor", "sync", "--language", "en"], b"");
    assert_eq!(synced.code, Some(3), "at {NOW}: {synced:?}");
    assert!(synced.out.contains("ATTENTION") && synced.err.contains("REFUSED"), "{synced:?}");
    assert!(synced.err.contains("Town Office: not read"), "{synced:?}");
}

#[test]
fn what_an_audit_refuses_is_its_finding() {
    // [CLI-3]
    let log = ShownLog::new("Health Office");
    let thief = AuthorityKeys::generate(&mut rand::rng());
    log.show_signed_by(&thief, &HONEST, now());
    let ran = Person::new().noren(&["auditor", "verify", &log.profile.url], b"");
    // What an audit finds is its answer.
    assert!(ran.code == Some(1) && ran.out.contains("FINDING"), "{ran:?}");
}
