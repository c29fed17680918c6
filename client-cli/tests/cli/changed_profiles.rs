//! What an authority changes in its profile, and who hears of it.

use noren::keys::SignSecretKey;
use noren::log::{Origin, Witness};
use noren::profile::{Contact, SignedProfile};
use noren_faults::Fault;

use crate::one_desk::{owned, struck};
use crate::support::desk::Desk;
use crate::support::http::get;
use crate::support::log::ShownLog;
use crate::support::office::now;
use crate::support::person::Person;

fn line(value: &str) -> Contact {
    Contact {
        level: None,
        language: "en".to_owned(),
        label: "Call centre".to_owned(),
        value: value.to_owned(),
        hours: String::new(),
    }
}

/// A log whose profile says that it stands at its beginning.
fn placed() -> ShownLog {
    let mut log = ShownLog::new("Health Office");
    log.profile.log_index = Some(0);
    log.put("v1/authority", log.signed_profile());
    log
}

/// The entry that tells of its profile.
fn entry(log: &ShownLog) -> Vec<u8> {
    SignedProfile::from_bytes(&log.signed_profile()).unwrap().to_log_entry()
}

#[test]
fn whoever_follows_is_told_what_a_newer_profile_says_otherwise() {
    // [PRO-11]
    let mut log = ShownLog::new("Health Office");
    log.show(&["entry"], now());
    let guest = Person::new();
    guest.json(&["visitor", "follow", &log.profile.url], b"");
    log.profile.issued = log.profile.issued.plus(1);
    log.profile.retention_days = 21;
    log.profile.minimum_overlap = 900;
    log.profile.contacts = vec![line("06-9999-9999"), line("06-9999-9999"), line("06-1111-1111")];
    log.put("v1/authority", log.signed_profile());
    let ran = guest.noren(&["visitor", "sync"], b"");
    for words in [
        "Health Office has changed its profile",
        "records are kept: 21 days (before: 14 days)",
        "from an overlap of: 900 seconds (before: 0 seconds)",
        "06-9999-9999, 06-1111-1111",
        "(before: 06-0000-0000)",
    ] {
        assert!(ran.err.contains(words), "{words:?} in {ran:?}");
    }
    assert_eq!(ran.err.matches("06-9999-9999").count(), 1, "{ran:?}");
    let again = guest.noren(&["visitor", "sync"], b"");
    assert!(!again.err.contains("changed its profile"), "told once: {again:?}");
}

#[test]
fn another_profile_of_the_same_time_is_refused() {
    // [PRO-10]
    let mut log = ShownLog::new("Health Office");
    log.show(&["entry"], now());
    let guest = Person::new();
    guest.json(&["visitor", "follow", &log.profile.url], b"");
    let before = log.signed_profile();
    log.profile.contacts = vec![line("06-9999-9999")];
    log.put("v1/authority", log.signed_profile());
    let ran = guest.noren(&["visitor", "sync"], b"");
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.err.contains("two different profiles of the same time"), "{ran:?}");
    let audit = guest.noren(&["auditor", "verify"], b"");
    assert!(audit.out.contains("two different profiles"), "{audit:?}");
    log.put("v1/authority", before);
    let ran = guest.noren(&["visitor", "sync"], b"");
    assert_eq!(ran.code, Some(1), "nothing is new: {ran:?}");
}

#[test]
fn a_profile_that_the_log_does_not_tell_of_is_not_taken() {
    // [PRO-13] [PRO-14]
    let mut log = placed();
    let first = entry(&log);
    log.show_entries(&log.keys, vec![first.clone()], now());
    let guest = Person::new();
    guest.json(&["visitor", "follow", &log.profile.url], b"");
    let ran = guest.noren(&["visitor", "sync"], b"");
    assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""), "{ran:?}");

    log.profile.issued = log.profile.issued.plus(1);
    log.profile.log_index = Some(1);
    log.profile.contacts = vec![line("06-9999-9999")];
    log.put("v1/authority", log.signed_profile());
    // It is on its way at first, and nobody is alarmed.
    let audit = ["--json", "auditor", "verify", &log.profile.url];
    for (minutes, is_told) in [(9, false), (11, true)] {
        let at = now().plus(minutes * 60).as_i64().to_string();
        let then = |words: &[&str]| guest.noren(&[&["--now", &at], words].concat(), b"");
        let ran = then(&["visitor", "sync"]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        let told = "its log does not tell of it; the one that is known stays";
        assert_eq!(ran.err.contains(told), is_told, "{ran:?}");
        assert!(!ran.err.contains("06-9999-9999"), "{ran:?}");
        let audit = then(&audit);
        assert_eq!(audit.out.contains("profile-not-in-log"), is_told, "{audit:?}");
    }
    let follow = ["visitor", "follow", &log.profile.url];
    guest.noren(&follow, b"").fails("does not tell of this profile");
    // Somebody who is new reads nothing under it either.
    let new = Person::new();
    new.json(&follow, b"");
    new.noren(&["visitor", "sync"], b"").ends(2, "does not tell of its profile");

    log.show_entries(&log.keys, vec![first, entry(&log)], now());
    let ran = guest.noren(&["visitor", "sync"], b"");
    assert!(ran.err.contains("has changed its profile"), "{ran:?}");
    assert_eq!(new.noren(&["visitor", "sync"], b"").code, Some(1));
    let audit = guest.noren(&["auditor", "verify"], b"");
    assert!(audit.out.contains("2 profiles") && audit.out.contains("entry 1: "), "{audit:?}");
    assert!(!audit.out.contains("malformed"), "{audit:?}");
}

#[test]
fn a_newer_profile_is_taken_by_a_head_that_the_witnesses_have_seen() {
    // [PRO-13] [LOG-21]
    let mut log = placed();
    let first = entry(&log);
    let key = SignSecretKey::from_bytes(&[7; 32]).public_key();
    let witness = Witness::new(Origin::new("witness.example").unwrap(), key).verifier_key();
    let (asking, other) = (Person::new(), Person::new());
    let follow = ["visitor", "follow", &log.profile.url];
    asking.json(&[&follow[..], &["--witness", &witness]].concat(), b"");
    other.json(&follow, b"");
    log.profile.issued = log.profile.issued.plus(1);
    log.profile.log_index = Some(1);
    log.put("v1/authority", log.signed_profile());
    log.show_entries(&log.keys, vec![first, entry(&log)], now());
    // Nobody has seen that head.
    asking.noren(&follow, b"").ends(3, "too few of the witnesses");
    other.noren(&follow, b"").ends(0, "");
}

#[test]
fn the_desk_enters_each_profile_in_the_log() {
    // [PRO-12] [PRO-14]
    let desk = Desk::with_bar();
    let guest = Person::new();
    guest.json(&["visitor", "follow", &desk.url()], b"");
    guest.noren(&["visitor", "sync"], b"").ends(1, "");
    desk.does(&["profile", "--name", "Health Office Kyoto"]);
    let ran = guest.noren(&["visitor", "sync"], b"");
    assert!(ran.err.contains("name: Health Office Kyoto (before: Health Office)"), "{ran:?}");
    desk.does(&["rotate-keys", "--yes"]);
    let ran = guest.noren(&["visitor", "sync"], b"");
    assert!(ran.err.contains("has new keys"), "{ran:?}");
    let audit = guest.json(&["auditor", "verify"], b"");
    let places: Vec<_> =
        audit["profiles"].as_array().unwrap().iter().map(|p| &p["index"]).collect();
    assert_eq!(places, [0, 1, 2], "{audit}");
    assert_eq!((&audit["malformed_entries"], &audit["size"]), (&0.into(), &3.into()), "{audit}");
}

#[test]
fn a_change_of_the_profile_that_is_cut_off_shuts_nobody_out() {
    // [CLI-23] [PRO-12] [PRO-13]
    let town = Desk::with_bar();
    let change =
        |round: u64| owned(&["authority", "profile", "--name", &format!("Office {round}")]);
    for (fault, step) in [(Fault::Kill, 1), (Fault::Full, 5)] {
        let strikes = struck(&town.person, fault, step, change, |first, ran, _| {
            let newcomer = Person::new();
            newcomer.json(&["visitor", "follow", &town.url()], b"");
            let read = newcomer.noren(&["visitor", "sync"], b"");
            assert_eq!(read.code, Some(1), "{fault:?} at {first}, {ran:?}: {read:?}");
            town.does(&["heartbeat"]);
            let served = get(&format!("{}/v1/authority", town.url()));
            assert_eq!(served, town.person.read("home/authority/profile"));
            let audit = newcomer.noren(&["auditor", "verify"], b"");
            assert_eq!(audit.code, Some(0), "{fault:?} at {first}, {ran:?}: {audit:?}");
        });
        assert!(strikes > 5, "{strikes}");
    }
}
