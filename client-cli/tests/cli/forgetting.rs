//! What cannot be taken back is asked about: a question at a terminal, `--yes` for scripts, and a
//! refusal where nobody is there to be asked.

use crate::support::desk::{Desk, hour};
use crate::support::person::Person;
use crate::support::terminal::at_terminal;
use crate::support::warned::{Authority, NOW};

/// Somebody with a diary, a notice, and a visit in both.
fn warned(town: &Desk) -> (Person, String) {
    let guest = Person::new();
    guest.write("entry.png", town.person.read("codes/entry.png"));
    guest.json(&["visitor", "follow", &town.url()], b"");
    guest.json(&["visitor", "diary", "on"], b"");
    let enter = ["visitor", "check-in", "entry.png", "--at", &hour(19), "--for", "30m"];
    guest.json(&enter, b"");
    assert_eq!(guest.noren(&["visitor", "sync"], b"").code, Some(0));
    let visits = guest.json(&["visitor", "visits"], b"");
    let visit = visits["closed"][0]["visit"].as_str().unwrap().to_owned();
    (guest, visit)
}

/// All that is kept, as far as people see it.
fn kept(guest: &Person) -> String {
    let words =
        [&["visitor", "visits"][..], &["visitor", "notices"], &["visitor", "diary", "show"]];
    let shown = words.map(|words| guest.noren(words, b"").out).concat();
    let followed = std::fs::read_dir(guest.path("home/authorities")).unwrap().count();
    format!("{shown}{followed}")
}

#[test]
fn every_verb_that_destroys_asks_or_refuses() {
    // [CLI-31]
    let town = Desk::with_bar();
    let case = town.answered_case(18, 20);
    town.does(&["publish", &case, "--level", "attention", "--yes"]);
    let (guest, visit) = warned(&town);
    let before = kept(&guest);
    let name = "Health Office";
    let verbs: [(&[&str], &[&str]); 6] = [
        (&["visitor", "forget", "--all"], &["1 visit", "1 notice", "1 entry of the diary"]),
        (&["visitor", "forget", &visit], &[&visit, "records", "notices", "diary"]),
        (&["visitor", "unfollow", name], &[name, "keys", "1 notice", "warnings"]),
        (&["visitor", "diary", "off"], &["1 entry"]),
        (&["visitor", "diary", "forget", "--all"], &["1 entry", "warnings still arrive"]),
        (&["visitor", "diary", "forget", &visit], &[&visit, "warnings still arrive"]),
    ];
    for (words, parts) in verbs {
        // Nobody is there.
        let ran = guest.noren(words, b"y\n");
        ran.fails("--yes");
        assert!(parts.iter().all(|part| ran.err.contains(part)), "{words:?}: {ran:?}");
        assert!(!ran.err.contains("Bar Noren"), "no place is named: {ran:?}");
        assert_eq!(kept(&guest), before, "{words:?}");
        // Somebody is, and would rather not.
        let Some((code, shown)) = at_terminal(&guest, words, "n\n") else { continue };
        assert!(code == Some(1) && shown.contains("nothing is changed"), "{words:?}: {shown}");
        assert!(parts.iter().all(|part| shown.contains(part)), "{words:?}: {shown}");
        assert_eq!(kept(&guest), before, "{words:?}");
        // Somebody is, and agrees.
        let twin = guest.twin();
        let (code, shown) = at_terminal(&twin, words, "y\n").unwrap();
        assert_eq!(code, Some(0), "{words:?}: {shown}");
        assert_ne!(kept(&twin), before, "{words:?}");
    }
    for (words, _) in verbs {
        let twin = guest.twin();
        let ran = twin.noren(&[words, &["--yes"]].concat(), b"");
        assert_eq!(ran.code, Some(0), "{words:?}: {ran:?}");
        assert_ne!(kept(&twin), before, "{words:?}");
    }
}

#[test]
fn whoever_is_no_longer_followed_takes_old_visits_along_and_that_is_said() {
    // [CLI-31] [VLT-5]
    let long = Authority::new("Long", "long.example/log");
    let mut short = Authority::new("Short", "short.example/log");
    short.profile.retention_days = 1;
    let guest = Person::new();
    guest.write("long", long.signed());
    guest.json(&["--now", &NOW.to_string(), "visitor", "follow", "long"], b"");
    let bar = long.bar("Bar Noren", None);
    bar.visit(&guest);
    let visits = |days: u64| {
        let later = (NOW + days * 86_400).to_string();
        guest.noren(&["--now", &later, "--json", "visitor", "visits"], b"").out
    };
    assert!(visits(8).contains("\"visit\""), "{}", visits(8));
    guest.write("short", short.signed());
    let later = (NOW + 8 * 86_400).to_string();
    guest.json(&["--now", &later, "visitor", "follow", "short"], b"");
    let ran = guest.noren(&["--now", &later, "visitor", "unfollow", "Long"], b"");
    assert!(ran.err.contains("visits are kept for 1 day only: 1 visit that began"), "{ran:?}");
    assert!(visits(8).contains("\"visit\""), "nothing was agreed to");
}

#[test]
fn nothing_is_asked_where_there_is_nothing_to_lose() {
    // [CLI-31]
    let nobody = Person::new();
    let ran = nobody.noren(&["visitor", "forget", "--all"], b"");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(nobody.noren(&["visitor", "diary", "off"], b"").code, Some(0));
    nobody.noren(&["visitor", "diary", "on"], b"");
    assert_eq!(nobody.noren(&["visitor", "diary", "forget", "--all"], b"").code, Some(0));
    assert_eq!(nobody.noren(&["visitor", "diary", "off"], b"").code, Some(0));
}

#[test]
fn a_vault_with_a_passphrase_is_forgotten_with_it_or_deleted() {
    // [CLI-26] [CLI-31] [VLT-6]
    let town = Desk::with_bar();
    let guest = town.guest(19);
    let (right, wrong) = (&b"a passphrase that is long enough\n"[..], &b"another one\n"[..]);
    assert_eq!(guest.noren(&["visitor", "protect"], right).code, Some(0));
    let forget = ["visitor", "forget", "--all", "--yes"];
    guest.noren(&forget, b"").fails("Passphrase");
    let twin = guest.twin();
    assert_eq!(twin.noren(&forget, right).code, Some(0));
    assert_eq!(twin.noren(&["visitor", "visits"], right).code, Some(1));
    // It may be altered: nobody can tell, and it is to go.
    guest.noren(&forget[..3], wrong).fails("--yes");
    let ran = guest.noren(&forget, wrong);
    assert!(ran.code == Some(0) && ran.err.contains("does not open"), "{ran:?}");
    assert!(!guest.path("home/visitor/vault").exists());
}
