//! A copy of a desk, one that was taken over, and one that its machine does not know, change nothing.

use std::fs;

use serde_json::Value;

use crate::one_desk::copy;
use crate::support::desk::{Desk, hour};
use crate::support::person::Person;

/// A desk with an upload that waits at the server, a case that waits for one, and a proposal's key.
struct Town {
    desk: Desk,
    uploaded: String,
    open: String,
    report: String,
    patient: String,
}

impl Town {
    fn new() -> Self {
        let desk = Desk::with_bar();
        desk.does(&["patient", "enable", "--yes"]);
        let patient = desk.does(&["patient", "open"])["patient"].as_str().unwrap().to_owned();
        let open = desk.open_case(12, 14)["case"].as_str().unwrap().to_owned();
        let report = desk.does(&[&report("Cafe")[..], &["--no-case"]].concat());
        let report = report["report"].as_str().unwrap().to_owned();
        let uploaded = desk.answered_case(18, 20);
        Self { desk, uploaded, open, report, patient }
    }

    /// Every command that changes something, here or at the server.
    fn changes(&self) -> Vec<Vec<&str>> {
        let Self { uploaded, open, report: old, patient, .. } = self;
        let mut all = vec![
            vec!["report", "--venue", "Bar", "--kind", "bar"],
            vec!["case", "open", "--venue", "Cafe"],
        ];
        let (from, to) = (hour(10).leak(), hour(11).leak());
        all.iter_mut().for_each(|words| words.extend(["--from", from, "--to", to]));
        let mut add = |words: &[&'static str], id: &[&'static str]| all.push([words, id].concat());
        let [uploaded, open, old, patient]: [&'static str; 4] =
            [uploaded, open, old, patient].map(|id| &*id.clone().leak());
        add(&["withdraw", "--yes"], &[old]);
        add(&["case", "remind"], &[open]);
        add(&["case", "reissue"], &[open]);
        add(&["case", "close"], &[open]);
        add(&["case", "close"], &[uploaded]);
        add(&["review"], &[uploaded]);
        add(&["reject", "--reason", "another venue"], &[uploaded]);
        add(&["patient", "open"], &[]);
        add(&["patient", "review"], &[patient]);
        add(&["patient", "reject", "--reason", "another week"], &[patient]);
        add(&["patient", "reissue"], &[patient]);
        add(&["patient", "close"], &[patient]);
        add(&["patient", "enable", "--yes"], &[]);
        add(&["publish", "--level", "attention", "--yes"], &[uploaded]);
        add(&["policy", "set", "plain", "--yes"], &[]);
        add(&["policy", "set", "plain", "--yes", "--no-push"], &[]);
        add(&["profile", "--name", "Another office"], &[]);
        add(&["profile", "--name", "Another office", "--no-push"], &[]);
        add(&["operator", "add", "Sato", "--public-half", HALF], &[]);
        add(&["operator", "require", "0"], &[]);
        add(&["mirror", "add", "https://mirror.example"], &[]);
        add(&["release"], &[]);
        add(&["heartbeat"], &[]);
        add(&["rotate-keys", "--yes"], &[]);
        add(&["restore-log"], &[]);
        all
    }
}

/// The public half of some operator's key.
const HALF: &str =
    "noren-operator+fe812c12+ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c";

fn report(venue: &'static str) -> Vec<&'static str> {
    let (from, to) = (hour(10).leak(), hour(11).leak());
    vec!["report", "--venue", venue, "--kind", "bar", "--from", from, "--to", to]
}

/// What the desk keeps, and what the server shows to everybody.
fn kept(desk: &Person, server: &Person) -> [Vec<u8>; 3] {
    let at = |person: &Person, path: &str| fs::read(person.path(path)).unwrap();
    [
        at(desk, "home/authority/desk.sqlite"),
        at(desk, "home/authority/profile"),
        at(server, "server/public/checkpoint"),
    ]
}

fn changes_nothing(town: &Town, desk: &Person, at_work: &Person, because: &str) {
    let before = kept(desk, &town.desk.person);
    let served = at_work.json(&["authority", "uploads"], b"");
    for words in town.changes() {
        let ran = desk.noren(&[&["authority"], &words[..]].concat(), b"");
        assert_eq!(ran.code, Some(2), "{words:?}: {ran:?}");
        assert!(ran.err.contains(because), "{words:?}: {ran:?}");
        assert!(ran.err.contains("authority take-over"), "{words:?}: {ran:?}");
        assert!(kept(desk, &town.desk.person) == before, "{words:?} changed something");
    }
    assert!(!desk.path("sato.key").exists(), "no key that nobody knows");
    assert_eq!(at_work.json(&["authority", "uploads"], b""), served, "what venues handed in");
    let files = fs::read_dir(desk.path("home/authority")).unwrap().map(|item| item.unwrap().path());
    assert!(files.into_iter().all(|path| path.extension().is_none_or(|end| end != "upload")));
    for words in [&["journal"][..], &["case", "list"], &["uploads"], &["profile"], &["status"]] {
        let ran = desk.noren(&[&["authority"], words].concat(), b"");
        assert_eq!(ran.code, Some(0), "{words:?} only reads: {ran:?}");
    }
}

#[test]
fn a_desk_that_was_taken_over_changes_nothing_and_deletes_no_upload() {
    // [CLI-14] [API-27]
    let town = Town::new();
    let new = Person::new();
    copy(&town.desk.person.path("home"), &new.path("home"));
    new.json(&["authority", "take-over", "--yes"], b"");
    changes_nothing(&town, &town.desk.person, &new, "has seen seat 2 since");
    let reviewed = new.json(&["authority", "review", &town.uploaded], b"");
    assert_eq!(reviewed["case"], Value::from(town.uploaded.clone()), "{reviewed}");
}

#[test]
fn a_desk_that_its_machine_does_not_know_changes_nothing() {
    // [CLI-14]
    let town = Town::new();
    let elsewhere = Person::new();
    copy(&town.desk.person.path("home"), &elsewhere.path("home"));
    changes_nothing(&town, &elsewhere, &town.desk.person, "does not know this desk");
}

#[test]
fn a_desk_that_cannot_ask_its_server_notes_what_concerns_nobody_else() {
    // [CLI-14]
    let mut town = Town::new();
    town.desk.stop();
    town.desk.does(&[&report("Bistro")[..], &["--no-case"]].concat());
    town.desk.does(&["case", "remind", &town.open]);
    town.desk.person.noren(&["authority", "case", "close", &town.open], b"").fails("cannot reach");
    town.desk.start();
    town.desk.does(&["case", "close", &town.open]);
}
