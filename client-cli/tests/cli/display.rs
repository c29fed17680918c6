//! What people see: times as they say them, colour and width as their terminal has them.

use serde_json::Value;

use crate::support::desk::Desk;
use crate::support::person::{Person, run};
use crate::support::terminal::at_terminal_of;
use crate::support::warned::{Authority, next_day, notice};
use noren::messages::Level;

/// A published case at a desk whose days are Tokyo's, at a machine that keeps UTC.
fn published() -> (Desk, Value) {
    let desk = Desk::with_bar();
    let opened = desk.open_case(10, 13);
    desk.answer(&opened);
    let case = opened["case"].as_str().unwrap();
    desk.does(&["review", case]);
    desk.does(&["publish", case, "--level", "attention", "--yes"]);
    (desk, opened)
}

/// Whether a text has a number that can only be a time for programs.
fn has_raw_time(text: &str) -> bool {
    // Ten digits within a hash are none.
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| word.len() == 10 && word.bytes().all(|byte| byte.is_ascii_digit()))
}

#[test]
fn the_journal_and_cases_show_the_times_of_the_authoritys_day() {
    // [CLI-32]
    let (desk, opened) = published();
    let case = opened["case"].as_str().unwrap();
    // 10 to 13 o'clock in UTC.
    let day = &opened["from"].as_str().unwrap()[..10];
    let window = format!("{day} 19:00 to 22:00");
    for words in [&["journal"][..], &["case", "show", case], &["case", "list"]] {
        let ran = desk.person.noren(&[&["authority"], words].concat(), b"");
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.out.contains(&window), "{words:?}: {}", ran.out);
        assert!(!has_raw_time(&ran.out) && !ran.out.contains(['{', '[', '"']), "{}", ran.out);
        assert!(!ran.out.contains('\u{1b}'), "{}", ran.out);
    }
    let journal = desk.person.noren(&["authority", "journal"], b"");
    assert!(journal.err.contains("times are those of Asia/Tokyo"), "{journal:?}");
    assert!(journal.out.contains("level: attention"), "{journal:?}");
    // For programs nothing has changed.
    let data = desk.does(&["journal"]);
    let entry = data.as_array().unwrap().iter().find(|entry| entry["action"] == "case-opened");
    assert!(entry.unwrap()["details"]["window"][0].is_u64(), "{entry:?}");
    assert!(entry.unwrap()["at"].as_str().unwrap().ends_with('Z'), "{entry:?}");
    let keys: Vec<&String> = entry.unwrap().as_object().unwrap().keys().collect();
    assert_eq!(keys, ["action", "at", "details", "digest", "number", "operator", "subject"]);
}

#[test]
fn what_is_read_out_over_the_telephone_has_local_times() {
    // [CLI-32]
    let desk = Desk::with_bar();
    let [from, to] = [20, 23].map(crate::support::desk::hour);
    let open = ["authority", "case", "open", "--venue", "a bar", "--from", &from, "--to", &to];
    let opened = desk.person.noren(&open, b"");
    assert_eq!(opened.code, Some(0), "{opened:?}");
    let id = opened.out.split_whitespace().nth(1).unwrap().to_owned();
    desk.does(&["patient", "enable", "--yes"]);
    for words in [
        &["case", "reissue", &id][..],
        &["case", "reissue", &id, "--expires", "3d"],
        &["patient", "open"],
    ] {
        let ran = desk.person.noren(&[&["authority"], words].concat(), b"");
        let until = ran.out.split("until ").nth(1).unwrap_or_default();
        assert!(until.get(10..11) == Some(" ") && until.contains("(Asia/Tokyo)"), "{ran:?}");
        // Codes have any letters; a time of machines has colons as well.
        let is_for_machines = |word: &str| word.contains(':') && word.ends_with('Z');
        assert!(!ran.out.split_whitespace().any(is_for_machines), "{ran:?}");
    }
    // Eight in the evening in UTC is five in the morning of the next day in Tokyo.
    assert!(opened.out.contains(" 05:00 to 08:00 (Asia/Tokyo)"), "{opened:?}");
}

#[test]
fn levels_have_colour_where_it_is_wanted() {
    // [CLI-32]
    let office = Authority::new("Health Office", "office.example/log");
    let visitor = Person::new();
    visitor.write("profile", office.signed());
    next_day(&visitor, &["visitor", "follow", "profile"], b"");
    let bar = office.bar("Bar Noren", None);
    bar.visit(&visitor);
    office.warn(&visitor, &bar, &notice(Level::Cluster, true, true), 0);
    let now = crate::support::warned::NOW.to_string();
    let words = ["--now", &now, "visitor", "notices", "--language", "en"];
    let shown = |set: &[(&str, &str)], more: &[&str]| {
        let words = [&words[..], more].concat();
        run(visitor.command(&words).envs(set.iter().copied()), b"").out
    };
    assert!(!shown(&[], &[]).contains('\u{1b}'), "this is no terminal");
    let red = "\u{1b}[1m\u{1b}[31m";
    let forced = shown(&[("CLICOLOR_FORCE", "1")], &[]);
    assert!(forced.starts_with(red), "{forced:?}");
    assert!(!shown(&[("CLICOLOR_FORCE", "1")], &["--json"]).contains('\u{1b}'));
    if let Some((_, at)) = at_terminal_of(&visitor, &words, &[("TERM", "xterm")], 100) {
        assert!(at.contains(red), "{at:?}");
        for no in [("NO_COLOR", "1"), ("CLICOLOR", "0")] {
            let set = [("TERM", "xterm"), no];
            let (_, at) = at_terminal_of(&visitor, &words, &set, 100).unwrap();
            assert!(!at.contains("\u{1b}["), "{no:?}: {at:?}");
        }
    }
}

#[test]
fn how_far_reports_are_has_colour_in_the_status_where_it_is_wanted() {
    // [CLI-32] [CLI-19]
    let desk = Person::new();
    let init = ["authority", "init", "--name", "Osaka", "--origin", "osaka.example/log", "--url"];
    desk.json(&[&init[..], &["http://127.0.0.1:1", "--policy", "osaka"]].concat(), b"");
    let report = |from: i64| {
        let [from, to] = [from, from + 1].map(crate::support::desk::hour);
        let words = ["authority", "report", "--venue", "Bar", "--kind", "gym", "--area", "500"];
        desk.json(&[&words[..], &["--no-case", "--from", &from, "--to", &to]].concat(), b"");
    };
    let status = |set: &[(&str, &str)], more: &[&str]| {
        let words = [&["authority", "status"], more].concat();
        run(desk.command(&words).envs(set.iter().copied()), b"").out
    };
    let standing = || {
        let data: Value = serde_json::from_str(&status(&[], &["--json"])).unwrap();
        data["venues"][0]["standing"].as_str().unwrap().to_owned()
    };
    let forced = [("CLICOLOR_FORCE", "1")];
    let mut seen = Vec::new();
    for hour in 3..12 {
        report(hour);
        let standing = standing();
        let coloured = status(&forced, &[]);
        let line = coloured.lines().find(|line| line.contains("Bar")).unwrap();
        let colour = match &*standing {
            "above" => "\u{1b}[31m",
            "at" => "\u{1b}[33m",
            _ => "",
        };
        assert!(line.contains(colour), "{standing}: {line:?}");
        assert_eq!(line.contains('\u{1b}'), !colour.is_empty(), "{standing}: {line:?}");
        assert!(line.contains(&standing), "{line:?}");
        if !seen.contains(&standing) {
            seen.push(standing);
        }
    }
    assert_eq!(seen, ["below", "at", "above"]);
    // Several reports within days are to be watched.
    assert!(status(&forced, &[]).contains("\u{1b}[31mWATCH"), "{:?}", status(&forced, &[]));
    assert!(!status(&[], &[]).contains('\u{1b}'), "this is no terminal");
    assert!(!status(&forced, &["--json"]).contains('\u{1b}'));
    let none = [("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")];
    assert!(!status(&none[1..], &[]).contains('\u{1b}'));
}

#[test]
fn a_code_that_a_terminal_is_too_narrow_for_is_left_out_with_a_word() {
    // [CLI-32]
    let person = Person::new();
    person.write("profile", Authority::new("Office", "office.example/log").signed());
    let setup = ["venue", "setup", "--authority", "profile", "--name", "Bar", "--address", "1"];
    let narrow = [&setup[..], &["--out", "narrow"]].concat();
    let Some((code, shown)) = at_terminal_of(&person, &narrow, &[("TERM", "xterm")], 40) else {
        return;
    };
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("this terminal has 40") && shown.contains("entry.png"), "{shown}");
    assert!(!shown.contains('\u{2584}'), "{shown}");
    let wide = [&setup[..], &["--out", "wide"]].concat();
    let (_, shown) = at_terminal_of(&person, &wide, &[("TERM", "xterm")], 200).unwrap();
    assert!(shown.contains('\u{2584}') && !shown.contains("not drawn"), "{shown}");
}

#[test]
fn help_is_as_wide_as_the_terminal() {
    // [CLI-32]
    let person = Person::new();
    for columns in [60, 100] {
        let words = ["venue", "setup", "--help"];
        let Some((_, shown)) = at_terminal_of(&person, &words, &[("TERM", "dumb")], columns) else {
            return;
        };
        // What is to be typed stays in one piece.
        let wrapped = shown.lines().filter(|line| !line.starts_with("Usage:"));
        let widest = wrapped.map(|line| line.trim_end().chars().count()).max().unwrap();
        assert!(widest <= columns && columns - widest < 25, "{widest} of {columns}: {shown}");
    }
}
