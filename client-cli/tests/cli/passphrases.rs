//! Passphrases: asked for once a command, and read once from the standard input.

use std::collections::BTreeSet;

use crate::outbox::diarist;
use crate::protected_desk;
use crate::support::desk::{Desk, hour};
use crate::support::person::Person;
use crate::support::site::{Site, entries};
use crate::support::terminal::typed_slowly;
use crate::support::warned::{Authority, EVENING};

const WORDS: &[u8] = b"six words that nobody would guess\n";

/// Somebody with a diary, a visit that goes on, a passphrase, and an authority.
fn protected(site: &Site) -> Person {
    let visitor = Person::new();
    let bar = Authority::new("Health Office", "office.example/log").bar("Bar Noren", None);
    visitor.write("link.txt", bar.entry.to_url("https://noren.example").unwrap());
    visitor.write("passphrase", WORDS);
    visitor.write("profile", &site.profile);
    for words in [&["follow", "profile"][..], &["diary", "on"], &["check-in", "link.txt"]] {
        let ran = visitor.noren(&[&now()[..], &["visitor"], words].concat(), b"");
        assert_eq!(ran.code, Some(0), "{words:?}: {ran:?}");
    }
    let ran = visitor.noren(&["visitor", "protect"], WORDS);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    visitor
}

/// In the middle of the validity of the bar's code.
fn now() -> [&'static str; 2] {
    static NOW: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    ["--now", NOW.get_or_init(|| (EVENING + 3_600).to_string())]
}

/// A command that asks for a passphrase, what else it is given, and how it ends.
type Case<'a> = (&'a str, &'a [&'a str], i32);

/// Both ways in which a passphrase comes from the standard input.
const WAYS: [&[&str]; 2] = [&[], &["--passphrase-file", "-"]];

/// Those that take a passphrase, by what each command says of itself.
fn takers(person: &Person, path: &[&str], found: &mut BTreeSet<String>) {
    let help = person.noren(&[path, &["--help"]].concat(), b"").out;
    // A list of commands, or several with headings, stands between the usage and the options.
    let commands = help.split("<COMMAND>\n").nth(1);
    let commands = commands.and_then(|rest| rest.split("\nOptions:\n").next());
    for line in commands.iter().flat_map(|list| list.lines()) {
        // What is further in goes on with the line before.
        let name = line.strip_prefix("  ").filter(|line| !line.starts_with(' '));
        let Some(name) = name.and_then(|line| line.split(' ').next()) else { continue };
        if name != "help" {
            takers(person, &[path, &[name]].concat(), found);
        }
    }
    if commands.is_none() && help.contains("--passphrase-file <FILE>") {
        found.insert(path.join(" "));
    }
}

#[test]
fn no_command_that_takes_a_passphrase_is_left_out() {
    // [CLI-42]
    let mut found = BTreeSet::new();
    takers(&Person::new(), &[], &mut found);
    let entry = "1f3a";
    let tried = of_a_visitor(entry).into_iter().map(|(verb, ..)| verb);
    let tried = tried
        .chain(ALONE.map(|(verb, ..)| verb))
        .chain(ELSEWHERE)
        .map(str::to_owned)
        .chain(protected_desk::commands())
        .collect::<BTreeSet<_>>();
    assert_eq!(found, tried, "each has to be tried with a passphrase that comes once");
}

/// What is tried one after the other.
fn of_a_visitor(entry: &str) -> Vec<(&'static str, Vec<&str>, i32)> {
    let add = vec!["--name", "Friends", "--from", "2026-04-01T10:00Z", "--to", "2026-04-01T11:00Z"];
    vec![
        ("visitor visits", vec![], 0),
        ("visitor notices", vec![], 1),
        ("visitor edit", vec!["--from", "2026-04-01T14:30Z"], 0),
        ("visitor diary add", add, 0),
        ("visitor diary show", vec![], 0),
        ("visitor diary edit", vec![entry, "--to", "2026-04-01T10:40Z"], 0),
        ("visitor diary note", vec![entry, "at the window"], 0),
        ("visitor diary export", vec![], 0),
        ("visitor diary forget", vec![entry, "--yes"], 0),
        ("visitor export", vec![], 0),
        ("visitor check-in", vec!["link.txt"], 0),
        ("visitor check-out", vec![], 0),
        ("visitor diary off", vec!["--keep"], 0),
        ("visitor diary on", vec![], 0),
        ("visitor forget", vec!["--all", "--yes"], 0),
    ]
}

/// What is tried by somebody who has done nothing else.
const ALONE: [Case<'_>; 4] = [
    ("visitor remind", &[], 0),
    // What reads, downloads, reads again, changes and notes.
    ("visitor sync", &[], 1),
    ("visitor watch", &["--every", "1s", "--rounds", "2", "--run", "cat >> got"], 0),
    ("visitor unfollow", &["Health Office", "--yes"], 0),
];

/// What has a test of its own here.
const ELSEWHERE: [&str; 4] =
    ["visitor protect", "visitor upload", "organisation setup", "organisation upload"];

#[test]
fn every_command_reads_the_passphrase_once() {
    // [CLI-42]
    let site = Site::new("Health Office", &entries(3));
    let visitor = protected(&site);
    let add = ["visitor", "diary", "add", "--name", "Stand", "--from", "2026-04-01T10:00Z", "--to"];
    let add = [&now()[..], &["--json"], &add, &["2026-04-01T10:30Z"]].concat();
    let added: serde_json::Value = serde_json::from_str(&visitor.noren(&add, WORDS).out).unwrap();
    let entry = added["entry"].as_str().unwrap();
    for (verb, rest, code) in of_a_visitor(entry) {
        let words = [&now()[..], &verb.split(' ').collect::<Vec<_>>(), &rest].concat();
        for file in WAYS {
            // Only the first run of what changes something has something to change.
            let ran = visitor.twin().noren(&[&words[..], file].concat(), WORDS);
            assert_eq!(ran.code, Some(code), "{words:?} {file:?}: {ran:?}");
        }
        visitor.noren(&words, WORDS);
    }
    let visitor = protected(&site);
    let long_after = (EVENING + 5 * 3_600).to_string();
    for (verb, rest, code) in ALONE {
        // Checkpoints are of today, and a reminder is of that evening.
        let at: &[&str] = if verb == "visitor remind" { &["--now", &long_after] } else { &[] };
        let words = [at, &verb.split(' ').collect::<Vec<_>>(), rest].concat();
        for file in WAYS {
            let ran = visitor.twin().noren(&[&words[..], file].concat(), WORDS);
            assert_eq!(ran.code, Some(code), "{words:?} {file:?}: {ran:?}");
        }
    }
}

#[test]
fn a_passphrase_is_chosen_by_one_line() {
    // [CLI-42]
    let visitor = Person::new();
    visitor.write("profile", Site::new("Health Office", &entries(3)).profile);
    visitor.json(&["visitor", "follow", "profile"], b"");
    visitor.json(&["visitor", "diary", "on"], b"");
    for file in WAYS {
        let protect = [&["visitor", "protect"], file].concat();
        let ran = visitor.twin().noren(&protect, WORDS);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let setup = ["organisation", "setup", "--authority", "profile", "--out", "chain", "--cost"];
        let ran = visitor.twin().noren(&[&setup[..], &["64,1,1"], file].concat(), WORDS);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
}

#[test]
fn a_passphrase_comes_with_a_code_from_elsewhere() {
    // [CLI-42]
    let town = Desk::new("Health Office");
    let organisation = &town.person;
    let authority = ["--authority", "health.profile"];
    let setup = ["organisation", "setup", "--out", "chain", "--cost", "64,1,1"];
    organisation.json(&[&setup[..], &authority].concat(), WORDS);
    let add = ["organisation", "add", "--organisation", "chain", "--out", "ueno", "--name", "Ueno"];
    let rest = ["--address", "Taito", "--from", &hour(0)];
    organisation.json(&[&add[..], &rest, &authority].concat(), b"");
    let upload = ["organisation", "upload", "--yes", "--organisation", "chain", "--entry"];
    let upload =
        [&upload[..], &["ueno/entry.txt", "--code-file", "codes.txt"], &authority].concat();
    let patient = diarist(&town);
    patient.noren(&["visitor", "check-out"], b"");
    assert_eq!(patient.noren(&["visitor", "protect"], WORDS).code, Some(0));
    for file in WAYS {
        let opened = town.open_case(18, 20);
        let text = |name: &str| opened[name].as_str().unwrap();
        organisation.write("codes.txt", format!("{} {}", text("code"), text("window_code")));
        let ran = organisation.noren(&[&upload[..], file].concat(), WORDS);
        assert_eq!(ran.code, Some(0), "{file:?}: {ran:?}");
        let opened = town.does(&["patient", "open", "--since", &hour(0)[..10]]);
        patient.write("code.txt", opened["code"].as_str().unwrap());
        let report = ["visitor", "upload", "--all", "--code-file", "code.txt"];
        let ran = patient.noren(&[&report[..], file].concat(), WORDS);
        assert_eq!(ran.code, Some(0), "{file:?}: {ran:?}");
    }
}

#[test]
fn a_wrong_passphrase_ends_a_command_before_anybody_is_asked() {
    // [CLI-42]
    let site = Site::new("Health Office", &entries(3));
    let visitor = protected(&site);
    site.asked();
    let watch = ["visitor", "watch", "--rounds", "1"];
    for words in [&["visitor", "sync"][..], &watch, &["visitor", "visits"]] {
        let ran = visitor.noren(words, b"other words\n");
        ran.fails("does not open with this passphrase");
        assert!(!ran.err.contains("not read") && ran.out.is_empty(), "{ran:?}");
    }
    assert_eq!(site.asked(), [""; 0], "nothing was requested");
}

#[test]
fn a_terminal_is_asked_once() {
    // [CLI-42]
    let site = Site::new("Health Office", &entries(3));
    let visitor = protected(&site);
    for words in [&["sync"][..], &["watch", "--every", "1s", "--rounds", "2"], &["visits"]] {
        let words = [&["visitor"], words].concat();
        let Some((_, shown)) = typed_slowly(&visitor, &words, WORDS) else { return };
        assert_eq!(shown.matches("Passphrase of your vault:").count(), 1, "{words:?}: {shown}");
    }
}
