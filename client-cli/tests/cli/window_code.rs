//! The window that comes with the upload code, and what is found before anything is sent.

use crate::support::terminal::at_terminal;
use crate::support::town::{Town, Venue, at};
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
    refused(&["--yes"], code, "the window is missing");
    let typed = ["--yes", "--from", &at(18, 0), "--to", &at(20, 0), "--code-file", "-"];
    refused(&typed, &both, "by its window code");
    let long = ["--yes", "--from", &at(-40, 0), "--to", &at(0, 0)];
    refused(&long, code, "36");
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
    let part = ["--yes", "--from", &at(19, 0), "--to", &at(20, 0), "--code-file", "-"];
    assert_eq!(upload(&bar, &town, &part, &both).code, Some(0));
    assert_eq!(waits(&town), 1);
    let again = town.desk(&["case", "reissue", text(&second, "case")]);
    assert_ne!(again["window_code"], second["window_code"], "it belongs to the new code");
}

#[test]
fn a_window_that_is_typed_is_held_against_all_that_is_known() {
    // [VEN-6] [REV-3]
    let town = Town::new("Window C", "plain");
    let event = town.venue("Event", &["--from", &at(18, 0), "--to", &at(22, 0)]);
    let opened = open(&town, 19, 21);
    let (code, window) = (text(&opened, "code"), text(&opened, "window_code"));
    let typed = ["--yes", "--from", &at(17, 0), "--to", &at(23, 0), "--code-file", "-"];
    upload(&event, &town, &typed, &format!("{code}\n{window}")).fails("by its window code");
    assert_eq!(waits(&town), 0);
    // Whoever types the window at a terminal is asked for the window code as well.
    let wide = ["--from", &at(18, 0), "--to", &at(22, 0)];
    let words = ["venue", "upload", "--authority", &town.url, "--trace", "codes/trace.txt"];
    let words = [&words[..], &wide].concat();
    if let Some((exit, shown)) = at_terminal(&event.owner, &words, &format!("{code}\n{window}\n")) {
        assert_eq!(exit, Some(2), "{shown}");
        assert!(shown.contains("by its window code"), "{shown}");
        assert_eq!(waits(&town), 0);
    }
    // Where nothing is known, that is said, and the review shows both windows.
    let sent = upload(&event, &town, &[&["--yes", "--code-file", "-"], &wide[..]].concat(), code);
    assert!(sent.code == Some(0) && sent.err.contains("no window code was given"), "{sent:?}");
    let review = town.try_desk(&["review", text(&opened, "case")]);
    assert_eq!(review.code, Some(1), "{review:?}");
    let said: Value = serde_json::from_str(&review.out).unwrap();
    let reason = said["refused_because"].as_str().unwrap();
    assert!(reason.contains("asked for ") && reason.contains("uploaded for "), "{reason}");
}
