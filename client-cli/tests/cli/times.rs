//! Times over the real binary: twofold, never, alone, with their zones; visits whose time is up;
//! hours to come; what is too long ago.

use serde_json::Value;

use crate::support::desk::{Desk, hour, now};
use crate::support::office::Keys;
use crate::support::person::{Person, Ran};
use crate::support::warned::{Authority, EVENING};

const ZURICH: &str = "Europe/Zurich";
const TWICE: &str = "2026-10-25 02:20";
const NEVER: &str = "2026-03-29 02:30";

fn seconds(text: &str) -> String {
    text.parse::<jiff::Timestamp>().unwrap().as_second().to_string()
}

/// Somebody in Zurich at a moment, with all roles at hand.
struct Zurich(Person, String);

impl Zurich {
    fn at(time: &str) -> Self {
        let person = Person::new();
        person
            .write("health.profile", Keys::new().profile("Health Office", "https://noren.invalid"));
        let zurich = Self(person, seconds(time));
        zurich.does(&["visitor", "follow", "health.profile"]);
        zurich.does(&["visitor", "diary", "on"]);
        let init = ["authority", "init", "--name", "O", "--origin", "o.example/log"];
        zurich.does(&[&init[..], &["--url", "https://noren.invalid"]].concat());
        let setup = ["venue", "setup", "--authority", "health.profile", "--name", "Bar"];
        let setup = [&setup[..], &["--address", "A", "--out", "codes", "--from", "2026-01-01"]];
        zurich.does(&[&setup.concat()[..], &["--to", "2026-12-31"]].concat());
        zurich
    }

    fn run(&self, words: &[&str]) -> Ran {
        self.0.noren_in(ZURICH, &[&["--now", &self.1], words].concat(), b"")
    }

    #[track_caller]
    fn does(&self, words: &[&str]) -> Value {
        let ran = self.run(&[&["--json"], words].concat());
        assert_eq!(ran.code, Some(0), "{words:?}: {ran:?}");
        serde_json::from_str(&ran.out).unwrap_or_default()
    }
}

/// Every command that takes this time for a beginning or an end.
fn all_with(time: &str) -> Vec<Vec<&str>> {
    let other = "2026-10-25 12:00";
    let report = ["authority", "report", "--venue", "Bar", "--kind", "bar", "--from"];
    let open = ["authority", "case", "open", "--venue", "Bar", "--from"];
    let setup = ["venue", "setup", "--authority", "health.profile", "--name", "N", "--address"];
    let setup = [&setup[..], &["A", "--out", "others"]].concat();
    let add = ["visitor", "diary", "add", "--name", "N", "--from"];
    let mut commands = vec![
        vec!["visitor", "check-in", "codes/entry.png", "--at", time],
        vec!["visitor", "edit", "--from", time],
        [&setup[..], &["--from", time]].concat(),
        [&setup[..], &["--to", time]].concat(),
    ];
    for (from, to) in [(time, other), ("2026-03-01 10:00", time)] {
        commands.extend([
            [&report[..], &[from, "--to", to]].concat(),
            [&open[..], &[from, "--to", to]].concat(),
            [&add[..], &[from, "--to", to]].concat(),
        ]);
    }
    commands
}

#[test]
fn a_time_that_came_twice_or_never_is_refused_everywhere() {
    // [TIME-7] [CLI-28]
    let zurich = Zurich::at("2026-10-25T11:00:00Z");
    for (time, first, second) in
        [(TWICE, "02:20+02:00", "02:20+01:00"), (NEVER, "01:30+01:00", "03:30+02:00")]
    {
        for words in all_with(time) {
            let ran = zurich.run(&words);
            assert_eq!(ran.code, Some(2), "{words:?}: {ran:?}");
            assert!(ran.err.contains(first) && ran.err.contains(second), "{words:?}: {ran:?}");
        }
    }
    zurich.does(&["visitor", "check-in", "codes/entry.png", "--at", "2026-10-25 01:30"]);
    let ran = zurich.run(&["visitor", "check-out", "--at", TWICE]);
    assert!(ran.code == Some(2) && ran.err.contains("02:20+01:00"), "{ran:?}");
    let left = zurich.run(&["visitor", "check-out", "--at", "02:20"]);
    assert!(left.code == Some(2) && left.err.contains("02:20+02:00"), "{left:?}");
    let left = zurich.does(&["visitor", "check-out", "--at", "2026-10-25 02:20+01:00"]);
    assert_eq!(left["departure"], "2026-10-25T01:20:00Z");
    let diary = zurich.run(&["visitor", "diary", "show"]);
    assert!(diary.out.contains("2026-10-25 01:30 to 02:20+01:00"), "{diary:?}");
}

#[test]
fn a_time_that_came_twice_is_shown_with_its_offset_everywhere() {
    // [TIME-7] [CLI-32]
    let zurich = Zurich::at("2026-10-25T01:30:00Z");
    let shows = |words: &[&str], what: &str| {
        let ran = zurich.run(words);
        assert_eq!(ran.code, Some(0), "{words:?}: {ran:?}");
        let said = format!("{}{}", ran.out, ran.err);
        assert!(said.contains(what), "{words:?}: {what}: {said}");
    };
    let came = "2026-10-25 02:20+02:00";
    shows(&["visitor", "check-in", "codes/entry.png", "--at", came], "02:20+02:00");
    shows(&["visitor", "visits"], "02:20+02:00");
    shows(&["visitor", "check-out", "--at", "2026-10-25 02:25+01:00"], "02:25+01:00");
    shows(&["visitor", "diary", "show"], "2026-10-25 02:20+02:00 to 02:25+01:00");
    // What is not twofold has no offset.
    shows(&["visitor", "check-in", "codes/entry.png", "--at", "2026-10-25 01:50"], "01:50");
    let visits = zurich.run(&["visitor", "visits"]);
    assert!(!visits.out.contains("01:50+"), "{visits:?}");
    // At a desk of Zurich's, wherever its machine stands.
    let policy = include_str!("../../../protocol/src/authority/policy/plain.toml");
    let line = policy.lines().find(|line| line.starts_with("time_zone")).unwrap();
    zurich.0.write("zurich.toml", policy.replace(line, "time_zone = \"Europe/Zurich\""));
    let home = ["--home", "desk", "--state", "desk-state"];
    let init = ["authority", "init", "--name", "Z", "--origin", "z.example/log", "--url"];
    let rest = ["https://noren.invalid", "--policy", "zurich.toml"];
    zurich.does(&[&home[..], &init, &rest].concat());
    let report = ["authority", "report", "--venue", "Bar", "--kind", "bar", "--no-case"];
    let stay = ["--from", came, "--to", "2026-10-25 02:25+01:00"];
    zurich.does(&[&home[..], &report, &stay].concat());
    // The report was made at half past two for the second time.
    shows(&[&home[..], &["authority", "journal"]].concat(), "2026-10-25 02:30+01:00");
}

#[test]
fn a_departure_with_offset_and_zone_is_that_of_its_day() {
    // [TIME-7] [TIME-8]
    for (now, came, time, left) in [
        ("2026-10-25T05:00:00Z", "2026-10-25 00:30", "02:50+01:00", "2026-10-25T01:50:00Z"),
        ("2026-10-25T05:00:00Z", "2026-10-25 00:30", "02:50+02:00", "2026-10-25T00:50:00Z"),
        ("2026-10-26T05:00:00Z", "2026-10-25 22:00", "02:50+01:00", "2026-10-26T01:50:00Z"),
        ("2026-03-29T05:00:00Z", "2026-03-29 00:30", "03:50+02:00", "2026-03-29T01:50:00Z"),
        ("2026-03-30T05:00:00Z", "2026-03-29 22:00", "02:50+02:00", "2026-03-30T00:50:00Z"),
    ] {
        let zurich = Zurich::at(now);
        let enter = ["visitor", "check-in", "codes/entry.png", "--at", came];
        for time in [time.to_owned(), format!("{time}[Europe/Zurich]")] {
            zurich.does(&enter);
            let out = zurich.does(&["visitor", "check-out", "--at", &time]);
            assert_eq!(out["departure"], left, "{time} at {now}");
            zurich.does(&["visitor", "forget", "--all", "--yes"]);
        }
    }
    let zurich = Zurich::at("2026-10-24T23:30:00Z");
    for (time, end) in [
        ("02:50+01:00[Europe/Zurich]", "2026-10-25T01:50:00Z"),
        ("02:50+02:00[Europe/Zurich]", "2026-10-25T00:50:00Z"),
    ] {
        zurich.does(&["visitor", "check-in", "codes/entry.png", "--at", "2026-10-25 00:30"]);
        let open = zurich.does(&["visitor", "edit", "--to", time]);
        assert_eq!(open["ends_by_itself"], end, "{time}");
    }
    zurich.run(&["visitor", "edit", "--to", "03:10+02:00[Europe/Zurich]"]).fails("at +01:00");
}

#[test]
fn an_offset_that_is_typed_counts() {
    // [TIME-6] [TIME-9]
    let zurich = Zurich::at("2026-10-24T13:00:00Z");
    for (time, arrival) in [
        ("10:30-02:00", "2026-10-24T12:30:00Z"),
        ("10:30Z", "2026-10-24T10:30:00Z"),
        ("21:30[Asia/Tokyo]", "2026-10-24T12:30:00Z"),
        ("2026-10-24 12:20+01:00", "2026-10-24T11:20:00Z"),
        ("１４：３０", "2026-10-24T12:30:00Z"),
        ("2026/10/24 14:30", "2026-10-24T12:30:00Z"),
        ("now", "2026-10-24T13:00:00Z"),
    ] {
        let open = zurich.does(&["visitor", "check-in", "codes/entry.png", "--at", time]);
        assert_eq!(open["arrival"], arrival, "{time}");
        zurich.does(&["visitor", "forget", "--all", "--yes"]);
    }
    for time in ["2026", "12", "2026-10-24", "6:30 pm", "-1h"] {
        let time = format!("--at={time}");
        let ran = zurich.run(&["visitor", "check-in", "codes/entry.png", &time]);
        assert_eq!(ran.code, Some(2), "{time}: {ran:?}");
    }
    let setup = ["venue", "setup", "--authority", "health.profile", "--name", "N", "--address"];
    let rest = ["A", "--out", "other", "--from", "2026-10-25", "--to", "2026-10-25"];
    let day = zurich.does(&[&setup[..], &rest].concat());
    assert_eq!(day["valid_from"], "2026-10-24T22:00:00Z");
    assert_eq!(day["valid_to"], "2026-10-25T23:00:00Z", "25 hours");
}

/// A visitor who checked in at a bar in the evening, with other words.
fn visitor(stay_minutes: Option<u16>, words: &[&str]) -> Person {
    let office = Authority::new("Health Office", "office.example/log");
    let visitor = Person::new();
    for (file, bar, stay) in [("link.txt", "Bar Noren", stay_minutes), ("other.txt", "Bar B", None)]
    {
        let link = office.bar(bar, stay).entry.to_url("https://noren.example").unwrap();
        visitor.write(file, link);
    }
    after(&visitor, 0, &["visitor", "diary", "on"]);
    let ran = after(&visitor, 0, &[&["visitor", "check-in", "link.txt"], words].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    visitor
}

/// Runs a command so many minutes into the evening.
fn after(visitor: &Person, minutes: i64, words: &[&str]) -> Ran {
    let now = (i64::try_from(EVENING).unwrap() + minutes * 60).to_string();
    visitor.noren(&[&["--now", &now], words].concat(), b"")
}

fn minutes_in(minutes: i64) -> String {
    let seconds = i64::try_from(EVENING).unwrap() + minutes * 60;
    jiff::Timestamp::from_second(seconds).unwrap().to_string()
}

#[test]
fn a_due_visit_ended_when_it_ended_whichever_command_comes_first() {
    // [VIS-8] [CLI-29]
    let later = minutes_in(700);
    let commands: [&[&str]; 8] = [
        &["visitor", "check-out"],
        &["visitor", "check-out", "--at", &minutes_in(120)],
        &["visitor", "edit", "--to", &later],
        &["visitor", "edit", "--from", &minutes_in(10)],
        &["visitor", "check-in", "link.txt"],
        &["visitor", "check-in", "other.txt"],
        &["visitor", "remind"],
        &["visitor", "visits"],
    ];
    for (stay, planned, end) in [
        (None, Some("60m"), 60),
        (Some(90), None, 90),
        (Some(90), Some("3h"), 180),
        (None, None, 720),
    ] {
        for words in commands {
            let words: Vec<&str> = words.to_vec();
            let for_long: Vec<&str> = planned.iter().flat_map(|each| ["--for", *each]).collect();
            let visitor = visitor(stay, &for_long);
            let ran = after(&visitor, end + 60, &words);
            match words[1] {
                "edit" => ran.fails("ended by itself"),
                "check-out" if words.len() > 2 => assert_eq!(ran.code, Some(1), "{ran:?}"),
                "check-out" => {
                    assert_eq!(ran.code, Some(0), "{ran:?}");
                    assert!(ran.out.contains("had ended by itself"), "{ran:?}");
                }
                _ => {}
            }
            let diary = after(&visitor, end + 61, &["--json", "visitor", "diary", "show"]);
            let diary: Value = serde_json::from_str(&diary.out).unwrap();
            let entry = &diary[0];
            assert_eq!(entry["departure"], minutes_in(end), "{words:?}: {diary}");
        }
    }
}

#[test]
fn a_visit_that_goes_on_elsewhere_is_left_as_it_was() {
    // [VIS-8]
    let visitor = visitor(None, &["--for", "5h"]);
    after(&visitor, 180, &["visitor", "check-in", "other.txt"]);
    let left = after(&visitor, 400, &["--json", "visitor", "visits", "--places"]);
    let left: Value = serde_json::from_str(&left.out).unwrap();
    assert_eq!(left["open"][0]["venue"], "Bar B");
    let diary = after(&visitor, 400, &["--json", "visitor", "diary", "show"]);
    let diary: Value = serde_json::from_str(&diary.out).unwrap();
    assert_eq!(diary[0]["departure"], minutes_in(300));
}

#[test]
fn a_time_before_midnight_typed_after_it_is_that_of_yesterday() {
    // [TIME-8]
    let zurich = Zurich::at("2026-06-10T21:30:00Z");
    zurich.does(&["visitor", "check-in", "codes/entry.png", "--at", "23:00"]);
    let night = Zurich(zurich.0, seconds("2026-06-10T22:10:00Z"));
    let left = night.does(&["visitor", "check-out", "--at", "23:55"]);
    assert_eq!(
        (&left["departure"], &left["planned"]),
        (&"2026-06-10T21:55:00Z".into(), &false.into())
    );
    let open = night.does(&["visitor", "check-in", "codes/entry.png", "--at", "23:58"]);
    assert_eq!(open["arrival"], "2026-06-10T21:58:00Z");
    let ran = night.run(&["visitor", "check-out", "--at", "22:30"]);
    ran.fails("before the arrival");
    let report = ["authority", "report", "--venue", "Bar", "--kind", "bar", "--from", "18:00"];
    let ran = night.run(&[&report[..], &["--to", "20:00"]].concat());
    assert!(ran.err.contains("2026-06-10 18:00+02:00"), "{ran:?}");
    assert!(ran.err.contains("2026-06-11 18:00+02:00"), "{ran:?}");
}

#[test]
fn hours_that_are_not_over_have_no_keys() {
    // [REV-13]
    let desk = Desk::with_bar();
    let time = |offset: i64| jiff::Timestamp::from_second(now() + offset).unwrap().to_string();
    let (from, to) = (time(-3_600), time(3_600));
    let open = ["authority", "case", "open", "--venue", "a bar", "--from", &from, "--to", &to];
    let ran = desk.person.noren(&[&["--json"], &open[..]].concat(), b"");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("the window is not over"), "{ran:?}");
    let opened: Value = serde_json::from_str(&ran.out).unwrap();
    let text = |name: &str| opened[name].as_str().unwrap();
    let codes = format!("{} {}", text("code"), text("window_code"));
    let upload = ["venue", "upload", "--authority", "health.profile", "--trace"];
    let rest = ["codes/trace.txt", "--code-file", "-", "--yes"];
    let upload = [&upload[..], &rest].concat();
    desk.person.noren(&upload, codes.as_bytes()).fails("the window is not over");
    // A venue whose clock is ahead, or that wants to be early.
    let ahead = (now() + 4 * 3_600).to_string();
    let early = desk.person.noren(&[&["--now", &ahead], &upload[..]].concat(), codes.as_bytes());
    assert_eq!(early.code, Some(0), "{early:?}");
    let case = opened["case"].as_str().unwrap();
    for verb in [&["review", case][..], &["publish", case, "--level", "attention", "--yes"]] {
        let ran = desk.person.noren(&[&["authority"], verb].concat(), b"");
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(format!("{}{}", ran.out, ran.err).contains("not over yet"), "{ran:?}");
    }
}

#[test]
fn what_is_too_long_ago_is_refused() {
    // [CLI-30]
    let zurich = Zurich::at("2026-10-24T13:00:00Z");
    let (from, to) = ("2026-01-10 18:00", "2026-01-10 20:00");
    let times = ["--from", from, "--to", to];
    let report = ["authority", "report", "--venue", "Bar", "--kind", "bar"];
    zurich.run(&[&report[..], &times].concat()).fails("14 days");
    let open = ["authority", "case", "open", "--venue", "Bar"];
    zurich.run(&[&open[..], &times].concat()).fails("14 days");
    let add = ["visitor", "diary", "add", "--name", "N"];
    zurich.run(&[&add[..], &times].concat()).fails("14 days");
    zurich.run(&["visitor", "check-in", "codes/entry.png", "--at", from]).fails("14 days");
    zurich.does(&["visitor", "check-in", "codes/entry.png"]);
    zurich.run(&["visitor", "edit", "--from", from]).fails("14 days");
    let setup =
        ["venue", "setup", "--authority", "health.profile", "--name", "N", "--address", "A"];
    let rest = ["--out", "old", "--from", "2024-01-01", "--to", "2024-12-31"];
    zurich.run(&[&setup[..], &rest].concat()).fails("over already");
    assert!(!zurich.0.path("old").exists());
    // The last day that counts, and the one before it.
    let on =
        |from: &str, to: &str| zurich.run(&[&report[..], &["--from", from, "--to", to]].concat());
    on("2026-10-09 10:00", "2026-10-09 11:00").fails("14 days");
    assert_eq!(on("2026-10-10 10:00", "2026-10-10 11:00").code, Some(0));
}

#[test]
fn a_time_zone_that_is_set_and_unknown_is_not_taken_for_another() {
    // [TIME-7]
    let desk = Desk::with_bar();
    let open = |zone: &str, from: &str, to: &str| {
        let words = ["authority", "case", "open", "--venue", "x", "--from", from, "--to", to];
        desk.person.noren_in(zone, &words, b"")
    };
    for zone in ["Asia/Tokio", "Europe/Zürich", "Foo/Bar"] {
        open(zone, "yesterday 10:00", "yesterday 11:00").fails("is not known");
        // With an offset nobody needs to know where the machine is.
        assert_eq!(open(zone, &hour(10), &hour(11)).code, Some(0), "{zone}");
    }
    for zone in ["Asia/Tokyo", "JST-9", ""] {
        let ran = open(zone, "yesterday 10:00", "yesterday 11:00");
        assert_eq!(ran.code, Some(0), "{zone}: {ran:?}");
    }
}
