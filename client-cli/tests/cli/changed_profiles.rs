//! What an authority changes in its profile, and who hears of it.

use noren::profile::Contact;

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
