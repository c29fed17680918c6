//! The window that comes with the upload code, and what is found before anything is sent.

use crate::support::office::{Office, now};
use crate::support::person::Person;
use crate::support::terminal::at_terminal;
use crate::support::town::{Town, Venue, at};
use noren::time::{Hour, Window};
use serde_json::Value;

fn open(town: &Town, from: i64, to: i64) -> Value {
    let (from, to) = (at(from, 0), at(to, 0));
    town.desk(&["case", "open", "--venue", "a bar", "--from", &from, "--to", &to])
}

fn text<'a>(opened: &'a Value, name: &str) -> &'a str {
    opened[name].as_str().unwrap()
}

fn upload(venue: &Venue, town: &Town, more: &[&str], input: &str) -> crate::support::person::Ran {
    let words = ["venue", "upload", "--authority", &town.url, "--trace", "codes/trace.txt"];
    venue.owner.noren(&[&words[..], more].concat(), input.as_bytes())
}

fn waits(town: &Town) -> usize {
    let ran = town.try_desk(&["uploads"]);
    serde_json::from_str::<Value>(&ran.out).unwrap().as_array().unwrap().len()
}

#[test]
fn the_window_comes_with_the_code_in_one_or_two_lines_or_a_file() {
    // [VEN-6]
    let town = Town::new("Window A", "plain");
    let bar = town.venue("Bar Noren", &[]);
    let ways: [(&[&str], &str); 4] = [
        (&["--yes"], "{code}\n{window}\n"),
        (&["--yes"], "{code} {window}\n"),
        (&["--yes", "--code-file", "-"], "{code}\n\n{window}"),
        (&["--yes", "--code-file", "code.txt"], ""),
    ];
    for (number, (more, input)) in ways.into_iter().enumerate() {
        let opened = open(&town, 19, 21);
        let (code, window) = (text(&opened, "code"), text(&opened, "window_code"));
        bar.owner.write("code.txt", format!("{code} {}", window.to_lowercase()));
        let input = input.replace("{code}", code).replace("{window}", window);
        let ran = upload(&bar, &town, more, &input);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        // In words, beside the venue of the trace sheet.
        assert!(
            ran.err.contains("Bar Noren, 1-2-3 Minato") && ran.err.contains("keys:      2,"),
            "{ran:?}"
        );
        assert_eq!(waits(&town), number + 1);
        let review = town.desk(&["review", text(&opened, "case")]);
        assert_eq!(
            (&review["differences"], &review["accepted"]),
            (&serde_json::json!([]), &true.into())
        );
    }
    let human = town.office.noren(
        &["authority", "case", "open", "--venue", "x", "--from", &at(19, 0), "--to", &at(21, 0)],
        b"",
    );
    assert!(human.out.contains("window code: "), "{human:?}");
}

#[test]
fn a_wrong_window_is_found_before_anything_is_sent_and_spends_no_code() {
    // [VEN-6]
    let town = Town::new("Window B", "plain");
    let bar = town.venue("Bar Noren", &[]);
    let [first, second] = [open(&town, 19, 21), open(&town, 10, 12)];
    let (code, window) = (text(&first, "code"), text(&first, "window_code"));
    let both = format!("{code}\n{window}\n");
    let refused = |more: &[&str], input: &str, words: &str| {
        upload(&bar, &town, more, input).fails(words);
        assert_eq!(waits(&town), 0);
    };
    let wrong = |text: &str| {
        let other = if text.starts_with('7') { "8" } else { "7" };
        text.replacen(text.chars().next().unwrap(), other, 1)
    };
    refused(&["--yes"], &format!("{}\n{window}", wrong(code)), "read it out again");
    refused(&["--yes"], &format!("{code}\n{}", wrong(window)), "belongs to this upload code");
    let foreign = text(&second, "window_code");
    refused(&["--yes"], &format!("{code}\n{foreign}"), "belongs to this upload code");
    refused(&["--yes", "--code-file", "-"], &format!("{code} {foreign}"), "no upload code");
    // Without it nobody could tell, however the upload code comes.
    bar.owner.write("alone.txt", code);
    refused(&["--yes"], code, "the window code is missing");
    refused(&["--yes"], &format!("{code}\n\n"), "the window code is missing");
    refused(&["--yes", "--code-file", "-"], code, "the window code is missing");
    refused(&["--yes", "--code-file", "alone.txt"], "", "alone.txt: the window code is missing");
    let typed = ["--yes", "--from", &at(18, 0), "--to", &at(20, 0)];
    refused(&typed, &both, "unexpected argument '--from'");
    refused(&[], &both, "--yes");
    let over = town.venue("Old bar", &["--from", &at(-240, 0), "--to", &at(-200, 0)]);
    upload(&over, &town, &["--yes"], &both).fails("never valid in this window");
    assert_eq!(waits(&town), 0);
    if let Some((exit, shown)) = at_terminal(
        &bar.owner,
        &["venue", "upload", "--authority", &town.url, "--trace", "codes/trace.txt"],
        &format!("{code}\n{window}\nn\n"),
    ) {
        assert_eq!(exit, Some(1), "{shown}");
        assert!(shown.contains("Hand these keys over? [y/N]"), "{shown}");
        assert_eq!(waits(&town), 0);
    }
    // After all of that the code is good.
    assert_eq!(upload(&bar, &town, &["--yes"], &both).code, Some(0));
    assert_eq!(waits(&town), 1);
    let again = town.desk(&["case", "reissue", text(&second, "case")]);
    assert_ne!(again["window_code"], second["window_code"], "it belongs to the new code");
}

#[test]
fn an_organisation_needs_the_window_code_as_well() {
    // [VEN-6]
    let office = Office::open();
    let owner = Person::new();
    owner.write("health.profile", office.profile());
    let passphrase = "correct horse battery staple\n";
    let authority = ["--authority", "health.profile"];
    let setup = ["organisation", "setup", "--out", "chain", "--cost", "64,1,1"];
    owner.json(&[&setup[..], &authority].concat(), passphrase.as_bytes());
    let add = ["organisation", "add", "--organisation", "chain", "--out", "ueno", "--name", "Ueno"];
    let rest = ["--address", "Taito", "--from", "yesterday"];
    owner.json(&[&add[..], &rest, &authority].concat(), b"");
    let end = Hour::containing(now()).start();
    let (codes, _) = office.ask_aloud(Window::new(end.minus(7_200), end).unwrap());
    let (code, window) = codes.split_once(' ').unwrap();
    let words = ["organisation", "upload", "--yes", "--organisation", "chain", "--entry"];
    let words = [&words[..], &["ueno/entry.txt"], &authority].concat();
    let upload = |codes: &str| owner.noren(&words, format!("{passphrase}{codes}\n").as_bytes());
    upload(code).fails("the window code is missing");
    let (other, _) = office.ask_aloud(Window::new(end.minus(3_600), end).unwrap());
    let other = other.split_once(' ').unwrap().1;
    upload(&format!("{code}\n{other}")).fails("belongs to this upload code");
    assert_eq!(office.waiting(), 0);
    assert_eq!(upload(&format!("{code}\n{window}")).code, Some(0));
    assert_eq!(office.waiting(), 1);
}

#[test]
fn a_case_that_no_window_code_can_say_is_not_opened() {
    // [VEN-6]
    let town = Town::new("Window C", "plain");
    let try_open = |from: &str, to: &str| {
        town.try_desk(&["case", "open", "--venue", "a bar", "--from", from, "--to", to])
    };
    try_open(&at(-40, 0), &at(0, 0)).fails("at most 36 hours");
    let (from, to) = ("2026-03-20T10:00:10Z", "2026-03-20T10:00:50Z");
    let words = ["case", "open", "--venue", "a bar", "--from", from, "--to", to];
    let now = ["--now", "1774051200", "authority"];
    town.office.noren(&[&now[..], &words].concat(), b"").fails("no whole minute");
    assert_eq!(town.try_desk(&["case", "list"]).out, "[]\n");
    // Exactly the longest.
    let opened = open(&town, -16, 20);
    assert_eq!(text(&opened, "window_code").len(), 11);
}
