//! `noren visitor` over the real binary: offline, killed half-way, twice at once, deceived.

use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use crate::support::desk::Desk;
use crate::support::office::{Keys, now};
use crate::support::person::Person;
use crate::support::tee::Tee;

/// Nobody answers there: whatever works with it works without a network.
const NOWHERE: &str = "https://noren.invalid";

/// A visitor who follows an authority, with a poster of each of so many venues at hand.
fn visitor(posters: usize) -> Person {
    let visitor = Person::new();
    visitor.write("health.profile", Keys::new().profile("Health Office", NOWHERE));
    for number in 0..posters {
        let (name, out) = (format!("Venue {number}"), format!("codes-{number}"));
        let mut words = vec!["venue", "setup", "--authority", "health.profile"];
        words.extend([
            "--name",
            &name,
            "--address",
            "1-2-3 Minato",
            "--stay",
            "90m",
            "--out",
            &out,
        ]);
        visitor.json(&words, b"");
    }
    visitor.json(&["visitor", "follow", "health.profile"], b"");
    visitor
}

fn open_visits(visitor: &Person) -> Vec<serde_json::Value> {
    let ran = visitor.noren(&["--json", "visitor", "visits", "--places"], b"");
    let visits: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    visits["open"].as_array().unwrap().clone()
}

#[test]
fn checks_in_and_out_without_a_network() {
    // [CLI-7] [VIS-3] [VIS-5]
    let visitor = visitor(1);
    let link = String::from_utf8(visitor.read("codes-0/entry.txt")).unwrap();
    let picture = visitor.read("codes-0/entry.png");
    visitor.json(&["visitor", "check-in", "codes-0/entry.png"], b"");
    for (code, input) in [(link.trim(), &b""[..]), ("-", link.as_bytes()), ("-", &picture[..])] {
        let ran = visitor.noren(&["visitor", "check-in", code], input);
        assert!(ran.out.starts_with("still checked in"), "{ran:?}");
    }
    assert_eq!(open_visits(&visitor)[0]["venue"], "Venue 0");
    visitor.json(&["visitor", "check-out"], b"");
    assert!(open_visits(&visitor).is_empty());
    let exported = visitor.noren(&["visitor", "export"], b"").out;
    assert!(exported.contains("sealed") && !exported.contains("Venue 0"), "{exported}");
    visitor.noren(&["visitor", "check-out"], b"").fails("no visit is open");
}

#[test]
fn a_changed_key_is_refused() {
    // [CLI-4] [PRO-2]
    let visitor = visitor(0);
    let impostor = Keys::new().profile("Health Office", NOWHERE);
    visitor.write("impostor.profile", impostor);
    visitor.noren(&["visitor", "follow", "impostor.profile"], b"").fails("have changed");
    let setup = ["venue", "setup", "--authority", "impostor.profile", "--name", "N"];
    let setup = [&setup[..], &["--address", "A", "--out", "codes"]].concat();
    visitor.noren(&setup, b"").fails("have changed");
    let wrong = ["visitor", "follow", "health.profile", "--fingerprint", &"0000".repeat(8)];
    visitor.noren(&wrong, b"").fails("do not trust it");
}

#[test]
fn what_is_no_code_is_refused_and_loses_nothing() {
    let visitor = visitor(1);
    visitor.json(&["visitor", "check-in", "codes-0/entry.png"], b"");
    visitor.write("garbage.png", b"\x89PNG\r\n\x1a\ngarbage");
    visitor.noren(&["visitor", "check-in", "garbage.png"], b"").fails("garbage.png");
    visitor.noren(&["visitor", "check-in", "-"], b"hello").fails("no venue's code");
    visitor.noren(&["visitor", "check-in", "missing.png"], b"").fails("there is no file");
    let query = "https://noren.example/?v=3&p=CAMS";
    visitor.noren(&["visitor", "check-in", query], b"").fails("and it is damaged");
    visitor
        .noren(&["visitor", "check-in", "codes-0/entry.png", "--at", "2999-01-01T00:00:00Z"], b"")
        .fails("future");
    assert_eq!(open_visits(&visitor).len(), 1);
}

#[test]
fn commands_at_the_same_time_lose_no_visit() {
    // [CLI-1]
    let visitor = visitor(6);
    std::thread::scope(|scope| {
        for number in 0..6 {
            let visitor = &visitor;
            scope.spawn(move || {
                let poster = format!("codes-{number}/entry.png");
                visitor.json(&["visitor", "check-in", &poster], b"");
            });
        }
    });
    assert_eq!(open_visits(&visitor).len(), 6);
}

#[test]
fn a_check_in_killed_at_any_moment_loses_nothing_that_was_acknowledged() {
    // [CLI-1] [CLI-3]
    let visitor = visitor(8);
    let mut acknowledged = 0;
    for number in 0..8_u64 {
        let mut child = visitor
            .command(&["visitor", "check-in", &format!("codes-{number}/entry.txt")])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        sleep(Duration::from_millis(number * number));
        let _ = child.kill();
        let output = child.wait_with_output().unwrap();
        acknowledged += usize::from(output.stdout.starts_with(b"checked in"));
        let open = open_visits(&visitor).len();
        assert!(open >= acknowledged, "{open} visits are kept, {acknowledged} were acknowledged");
    }
    visitor.json(&["visitor", "check-in", "codes-0/entry.png"], b"");
}

#[test]
fn a_vault_with_a_passphrase_opens_with_nothing_else() {
    // [VLT-2] [CLI-2]
    let visitor = visitor(1);
    visitor.json(&["visitor", "check-in", "codes-0/entry.png"], b"");
    let ran = visitor.noren(&["visitor", "protect"], b"correct horse battery\n");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!visitor.path("home/visitor/vault.key").exists());
    visitor.noren(&["visitor", "visits"], b"wrong\n").fails("does not open");
    let ran = visitor.noren(&["visitor", "visits", "--places"], b"correct horse battery\n");
    assert!(ran.out.contains("Venue 0"), "{ran:?}");
}

#[test]
fn forgetting_and_expiry_leave_nothing_behind() {
    // [VLT-5] [VLT-6]
    let visitor = visitor(2);
    visitor.json(&["visitor", "check-in", "codes-0/entry.png"], b"");
    visitor.json(&["visitor", "check-out"], b"");
    let visits = |days: u64| {
        let later = now().plus(days * 86_400).get().to_string();
        visitor.noren(&["--now", &later, "visitor", "visits"], b"")
    };
    assert_eq!(visits(13).code, Some(0));
    let ran = visits(15);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), "no visits are kept\n"));
    let visit = visitor.json(&["visitor", "check-in", "codes-1/entry.png"], b"");
    visitor.noren(&["visitor", "forget", "--yes", visit["visit"].as_str().unwrap()], b"");
    assert_eq!(visitor.noren(&["visitor", "visits"], b"").code, Some(1));
}

#[test]
fn a_clock_that_is_wrong_for_a_while_deletes_nothing() {
    // [VLT-10]
    let visitor = visitor(1);
    let at = |days: u64, words: &[&str]| {
        let now = now().plus(days * 86_400).get().to_string();
        visitor.noren(&[&["--now", &now, "visitor"], words].concat(), b"")
    };
    at(0, &["diary", "on"]);
    at(0, &["check-in", "codes-0/entry.png"]);
    at(0, &["check-out"]);
    let kept = |days: u64| (at(days, &["visits"]).code, at(days, &["diary", "show"]).code);
    for day in [0, 3_000, 3_000, 3_001, 0, 1, 20_000, 40, 2] {
        assert_eq!(kept(day), (Some(0), Some(0)), "day {day}");
    }
    // It stays where it is.
    assert_eq!((kept(20), kept(21)), ((Some(0), Some(0)), (Some(0), Some(0))));
    assert_eq!(kept(22), (Some(1), Some(1)));
}

#[test]
fn a_warned_and_an_unwarned_visitor_make_the_same_requests() {
    // Byte for byte, whatever they do with what they found.
    let tee = Tee::new();
    let desk = Desk::behind(&tee);
    let visitors = [desk.guest(18), desk.guest(9)];
    let case = desk.answered_case(18, 19);
    let steps = |visitor: &Person| {
        tee.heard();
        let mut codes = Vec::new();
        for words in [
            &["visitor", "sync"][..],
            &["visitor", "notices"],
            &["visitor", "notices", "--html", "-"],
            &["visitor", "check-in", "entry.png"],
            &["visitor", "check-out"],
            &["visitor", "visits"],
            &["visitor", "sync"],
        ] {
            codes.push(visitor.noren(words, b"").code);
        }
        (codes, tee.heard())
    };
    for words in
        [&["publish", &case, "--level", "cluster", "--yes"][..], &["withdraw", &case, "--yes"]]
    {
        desk.does(words);
        let [(warned, asked), (unwarned, asked_by_other)] = visitors.each_ref().map(steps);
        assert_ne!(warned, unwarned, "one of them was told something");
        assert!(asked.matches("GET /").count() >= 4, "{asked}");
        assert_eq!(asked, asked_by_other);
    }
}
