//! What the screens of a visitor with an open visit show: whoever is handed the unlocked device does
//! not read there where its owner is.

use crate::support::person::{Person, Ran};
use crate::support::warned::{Authority, EVENING};

/// The venue's own words.
const WORDS: [&str; 3] = ["Kura", "Room 2", "Minato"];

/// Somebody who is at a bar; the check-in showed it.
fn visitor() -> Person {
    let office = Authority::new("Health Office", "office.example/log");
    let visitor = Person::new();
    let link = office.bar("Bar Kura", None).entry.to_url("https://noren.example").unwrap();
    visitor.write("link.txt", link);
    let shown = run(&visitor, 0, &["visitor", "check-in", "link.txt"]);
    assert!(WORDS.iter().all(|word| shown.out.contains(word)), "{shown:?}");
    visitor
}

/// Runs a command so many minutes into the evening.
fn run(visitor: &Person, minutes: u64, words: &[&str]) -> Ran {
    let now = (EVENING + minutes * 60).to_string();
    visitor.noren(&[&["--now", &now], words].concat(), b"")
}

/// Every verb that is about open visits, each done once more after the other.
const VERBS: [&[&str]; 6] = [
    &["visits"],
    &["edit", "--from", "14:20"],
    &["edit", "--to", "20:30"],
    &["remind", "--again"],
    &["check-out", "--at", "20:00"],
    &["check-out", "--at", "15:00"],
];

#[test]
fn no_screen_names_the_place_of_an_open_visit_unless_asked() {
    // [VIS-10]
    for format in [&[][..], &["--json"]] {
        for language in ["en", "ja"] {
            let visitor = visitor();
            for verb in VERBS {
                let mut words = [format, &["visitor"], verb].concat();
                if verb[0] == "remind" {
                    words.extend(["--language", language]);
                }
                let plain = run(&visitor.twin(), 150, &words);
                let asked = run(&visitor, 150, &[&words[..], &["--places"]].concat());
                for ran in [&plain, &asked] {
                    assert_eq!(ran.code, Some(0), "{words:?}: {ran:?}");
                }
                for word in WORDS {
                    assert!(!(plain.out.clone() + &plain.err).contains(word), "{plain:?}");
                    assert!(asked.out.contains(word), "{words:?}: {asked:?}");
                }
            }
            let visits = run(&visitor, 151, &["visitor", "visits", "--places"]);
            assert!(visits.out.starts_with("sealed"), "{visits:?}");
        }
    }
}

#[test]
fn several_open_visits_are_told_apart_without_their_places() {
    // [VIS-10]
    let visitor = visitor();
    let office = Authority::new("Another Office", "other.example/log");
    let link = office.bar("Cafe Kura", None).entry.to_url("https://noren.example").unwrap();
    visitor.write("cafe.txt", link);
    assert_eq!(run(&visitor, 10, &["visitor", "check-in", "cafe.txt"]).code, Some(0));
    for words in [&["check-out"][..], &["edit", "--from", "14:20"], &["check-out", "zz"]] {
        let ran = run(&visitor, 20, &[&["visitor"], words].concat());
        ran.fails("visit");
        assert!(!WORDS.iter().any(|word| ran.err.contains(word)), "{ran:?}");
    }
}

#[test]
fn a_watcher_hands_on_no_place() {
    // [VIS-10]
    for how in [&["--run", "cat >> told"][..], &["--language", "ja"]] {
        for format in [&[][..], &["--json"]] {
            let visitor = visitor();
            let words = [format, &["visitor", "watch", "--rounds", "1"], how].concat();
            let ran = run(&visitor, 150, &words);
            let told = visitor.path("told").exists().then(|| visitor.read("told"));
            let told = String::from_utf8(told.unwrap_or_default()).unwrap() + &ran.out + &ran.err;
            assert!(told.contains("check-out") || told.contains("reminder"), "{told}");
            assert!(!WORDS.iter().any(|word| told.contains(word)), "{told}");
        }
    }
}

#[test]
fn an_export_has_the_place_of_an_open_visit() {
    let ran = run(&visitor(), 150, &["visitor", "export"]);
    assert!(WORDS.iter().all(|word| ran.out.contains(word)), "{ran:?}");
}
