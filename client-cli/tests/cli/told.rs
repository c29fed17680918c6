//! What is told once counts as told only when it was printed.

use std::process::Stdio;

use noren::messages::Level;
use noren_faults::{Disk, Fault};

use crate::one_desk::{owned, struck};
use crate::support::desk::{Desk, hour};
use crate::support::person::{Person, run};
use crate::support::warned::{Authority, NOW, next_day, notice};

/// Where nobody sees anything.
const NOWHERE: [&str; 4] = [">/dev/full", ">&-", ">/dev/null", "| true"];

/// Somebody with a notice that was not told yet.
fn warned() -> Person {
    let office = Authority::new("Health Office", "office.example/log");
    let (visitor, bar) = (Person::new(), office.bar("Bar Noren", None));
    visitor.write("health.profile", office.signed());
    visitor.json(&["visitor", "follow", "health.profile"], b"");
    bar.visit(&visitor);
    office.warn(&visitor, &bar, &notice(Level::Attention, true, true), 0);
    visitor
}

/// Runs a command on the day after, whose output nobody sees.
fn unseen(person: &Person, sink: &str, words: &[&str]) {
    let now = NOW.to_string();
    let words = [&["--now", &now], words].concat();
    if sink == "| true" {
        let mut command = person.command(&words);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command.stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{sink} {words:?}: {output:?}");
    } else {
        let ran = person.noren_to(sink, &words);
        assert_eq!(ran.code, Some(2), "{sink} {words:?}: {ran:?}");
    }
}

#[test]
fn a_notice_that_nobody_saw_is_told_again() {
    // [CLI-21]
    let visitor = warned();
    for sink in NOWHERE {
        unseen(&visitor, sink, &["visitor", "sync"]);
        unseen(&visitor, sink, &["--json", "visitor", "sync"]);
        unseen(&visitor, sink, &["visitor", "watch", "--rounds", "1"]);
    }
    let told = next_day(&visitor, &["visitor", "sync", "--language", "en"], b"");
    assert!(told.out.contains("ATTENTION"), "{told:?}");
    let again = next_day(&visitor, &["--json", "visitor", "sync"], b"");
    assert!(!again.out.contains("attention"), "{again:?}");
}

#[test]
fn a_watcher_whose_command_fails_says_so_and_hands_over_again() {
    // [CLI-3] [CLI-21]
    let visitor = warned();
    let watch = |words: &[&str]| {
        let watch = ["visitor", "watch", "--every", "1s", "--rounds"];
        next_day(&visitor, &[&watch[..], words].concat(), b"")
    };
    // The log cannot be read here, which is 2 as well: the reason tells them apart.
    watch(&["1", "--run", "exit 1"]).fails("handed over again");
    let ran = watch(&["2", "--run", "cat >> handed; test -e once || { touch once; exit 1; }"]);
    assert_eq!(ran.err.matches("handed over again").count(), 1, "{ran:?}");
    let handed = String::from_utf8(visitor.read("handed")).unwrap();
    assert_eq!(handed.matches("attention").count(), 2, "the second round hands it over: {handed}");
    let again = next_day(&visitor, &["--json", "visitor", "sync"], b"");
    assert!(!again.out.contains("attention"), "{again:?}");
}

#[test]
fn a_watcher_that_read_all_ends_with_an_error_where_a_notice_was_not_taken() {
    // [CLI-3] [CLI-21]
    let town = Desk::with_bar();
    let case = town.answered_case(18, 20);
    town.does(&["publish", &case, "--level", "attention", "--yes"]);
    let guest = town.guest(19);
    let watch =
        |command: &str| guest.noren(&["visitor", "watch", "--rounds", "1", "--run", command], b"");
    watch("exit 1").fails("the command \"exit 1\" failed");
    assert_eq!(watch("cat > handed").code, Some(0));
    assert!(String::from_utf8(guest.read("handed")).unwrap().contains("attention"));
    let ran = watch("exit 1");
    assert!(ran.code == Some(0) && ran.err.is_empty(), "nothing is left to hand over: {ran:?}");
}

#[test]
fn a_sync_killed_at_any_write_loses_no_notice() {
    // [CLI-21]
    let visitor = warned();
    let now = NOW.to_string();
    let words = ["--now", &now, "--json", "visitor", "sync"];
    let strike = |number: u64| {
        let twin = visitor.twin();
        let disk = Disk::under(&twin.path("home"));
        disk.set(Fault::Kill, number..=number);
        let mut command = twin.command(&words);
        disk.lay_under(&mut command);
        let first = run(&mut command, b"");
        let count = disk.count();
        let second = twin.noren(&words, b"");
        let told = |out: &str| out.contains("attention");
        assert!(told(&first.out) || told(&second.out), "{number}: {first:?} {second:?}");
        (first.code, count)
    };
    let (_, count) = strike(u64::MAX);
    assert!(count > 3, "{count} operations");
    assert!((1..=count).all(|number| strike(number).0.is_none()), "each is killed");
}

#[test]
fn a_reminder_that_nobody_saw_is_given_again() {
    // [CLI-21] [VIS-7]
    let office = Authority::new("Health Office", "office.example/log");
    let visitor = Person::new();
    let bar = office.bar("Bar Noren", None);
    visitor.write("link.txt", bar.entry.to_url("https://noren.example").unwrap());
    let arrival = (NOW - 7_200).to_string();
    let ran = visitor.noren(&["--now", &arrival, "visitor", "check-in", "link.txt"], b"");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for sink in NOWHERE {
        unseen(&visitor, sink, &["visitor", "remind"]);
        unseen(&visitor, sink, &["--json", "visitor", "remind"]);
    }
    assert_eq!(next_day(&visitor, &["visitor", "remind"], b"").code, Some(0));
    assert_eq!(next_day(&visitor, &["visitor", "remind"], b"").code, Some(1));
}

#[test]
fn a_change_whose_report_is_lost_says_that_it_was_made() {
    // [CLI-21]
    let office = Authority::new("Health Office", "office.example/log");
    let visitor = Person::new();
    let bar = office.bar("Bar Noren", None);
    visitor.write("link.txt", bar.entry.to_url("https://noren.example").unwrap());
    let now = NOW.to_string();
    let ran = visitor.noren_to(">/dev/full", &["--now", &now, "visitor", "check-in", "link.txt"]);
    ran.fails("it is done");
    assert!(next_day(&visitor, &["visitor", "visits", "--places"], b"").out.contains("Bar Noren"));
    // Talk that cannot be heard stops nothing, and nothing panics.
    for sink in ["2>/dev/full", "2>&-"] {
        let ran = visitor.noren_to(sink, &["--now", &now, "visitor", "forget", "--all", "--yes"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
}

#[test]
fn a_code_that_could_not_be_printed_can_be_had_again() {
    // [CLI-21]
    let desk = Desk::with_bar();
    let (from, to) = (hour(18), hour(20));
    let open = ["authority", "case", "open", "--venue", "a bar", "--from", &from, "--to", &to];
    for closed in [">&-", ">/dev/null"] {
        desk.person.noren_to(closed, &open).fails("standard output");
    }
    let none = desk.person.noren(&["authority", "case", "list"], b"");
    assert_eq!(none.code, Some(1), "nothing was opened: {none:?}");
    let ran = desk.person.noren_to(">/dev/full", &open);
    ran.fails("noren authority case reissue c-");
    let (_, command) = ran.err.split_once("`noren ").unwrap();
    let (command, _) = command.split_once('`').unwrap();
    let words: Vec<&str> = command.split(' ').collect();
    desk.person.noren_to(">/dev/full", &words).fails(command);
    let again = desk.person.noren(&words, b"");
    assert!(again.code == Some(0) && again.out.contains("upload code"), "{again:?}");
}

/// What `status` says of each case and patient case that waits for an upload.
fn unanswered(desk: &Desk) -> Vec<(String, String)> {
    let ran = desk.try_desk(&["status"]);
    let status: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let rows = status["waiting"].as_array().unwrap().iter();
    let text = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap().to_owned();
    rows.map(|row| (text(row, "what"), text(row, "next"))).collect()
}

#[test]
fn a_code_that_nobody_has_does_not_count_as_told() {
    // [CLI-21] [CLI-19]
    let desk = Desk::with_bar();
    desk.does(&["patient", "enable", "--yes"]);
    let (from, to) = (hour(18), hour(20));
    let open = ["authority", "case", "open", "--venue", "a bar", "--from", &from, "--to", &to];
    for (words, verbs) in [(&open[..], "case"), (&["authority", "patient", "open"], "patient")] {
        desk.person.noren_to(">/dev/full", words).fails("could not be printed");
        let [(what, next)] = &unanswered(&desk)[..] else { panic!("{:?}", unanswered(&desk)) };
        assert_eq!(what, "cut-off");
        let reissue: Vec<&str> = next.split(' ').skip(1).collect();
        assert_eq!(reissue[..3], ["authority", verbs, "reissue"]);
        if verbs == "case" {
            let remind = ["authority", "case", "remind", reissue[3]];
            desk.person.noren(&remind, b"").fails("nobody has the code");
        }
        desk.person.noren_to(">/dev/full", &reissue).fails("could not be printed");
        assert_eq!(unanswered(&desk)[0].0, "cut-off");
        assert_eq!(desk.person.noren(&reissue, b"").code, Some(0));
        assert_eq!(unanswered(&desk)[0].0, "unanswered");
        let close = ["authority", verbs, "close", reissue[3]];
        assert_eq!(desk.person.noren(&close, b"").code, Some(0));
        assert_eq!(unanswered(&desk), []);
    }
}

#[test]
fn killed_at_any_write_a_code_that_was_not_printed_is_told_of() {
    // [CLI-21] [CLI-1]
    let desk = Desk::with_bar();
    let (from, to) = (hour(18), hour(20));
    let id = desk.open_case(12, 14)["case"].as_str().unwrap().to_owned();
    let open = ["--json", "authority", "case", "open", "--venue", "a bar", "--from", &from];
    let open = [&open[..], &["--to", &to]].concat();
    let reissue = ["--json", "authority", "case", "reissue", &id];
    for words in [&open[..], &reissue] {
        struck(
            &desk.person,
            Fault::Kill,
            2,
            |_| owned(words),
            |first, ran, _| {
                let rows = unanswered(&desk);
                let told = ran.out.contains("\"code\"");
                let nobody = rows.iter().filter(|(what, _)| what == "cut-off").count();
                assert!(
                    told || nobody > 0 || words == open || first < 40,
                    "{first}: {ran:?} {rows:?}"
                );
                // A case is there with a code that was told, or with a word that it was not.
                for (what, next) in rows {
                    let case = next.rsplit(' ').next().unwrap().to_owned();
                    if case == id && words == reissue {
                        continue;
                    }
                    assert!(
                        what == "cut-off" || case == id || ran.out.contains(&case),
                        "{first}: {what} {case}: {ran:?}"
                    );
                    if case != id {
                        let close = ["authority", "case", "close", &case];
                        assert_eq!(desk.person.noren(&close, b"").code, Some(0));
                    }
                }
            },
        );
    }
}
