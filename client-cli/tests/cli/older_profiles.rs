//! Profiles that are older than the one that is followed, or its siblings: told as what they are.

use noren::authority::AuthorityKeys;
use noren::profile::SignedProfile;

use crate::support::log::ShownLog;
use crate::support::office::now;
use crate::support::person::Person;

/// An authority that has handed its keys over twice, with all three profiles.
struct Handed {
    first: ShownLog,
    keys: [AuthorityKeys; 3],
    profiles: [SignedProfile; 3],
}

fn handed() -> Handed {
    let first = ShownLog::new("Health Office");
    let mut rng = rand::rng();
    let one = AuthorityKeys::from_bytes(&first.keys.to_bytes()).unwrap();
    let two = one.successor(&mut rng);
    let three = two.successor(&mut rng);
    let start = first.profile.sign(&one).unwrap();
    let second = first.profile.hand_over(&one, &two, now().plus(10)).unwrap();
    let third = second.profile().hand_over(&two, &three, now().plus(20)).unwrap();
    Handed { first, keys: [one, two, three], profiles: [start, second, third] }
}

fn fingerprint(profile: &SignedProfile) -> String {
    profile.profile().fingerprint().to_string()
}

#[test]
fn a_profile_from_before_a_handover_is_told_as_that() {
    // [CLI-24] [PRO-5]
    let Handed { first, profiles, .. } = handed();
    let device = Person::new();
    device.write("newest", profiles[2].as_bytes());
    device.json(&["visitor", "follow", "newest"], b"");
    let newest = fingerprint(&profiles[2]);
    for (number, old) in profiles[..2].iter().enumerate() {
        device.write("old", old.as_bytes());
        let setup = ["venue", "setup", "--authority", "old", "--name", "N", "--address", "A"];
        for words in [
            &["visitor", "follow", "old"][..],
            &["visitor", "follow", "old", "--fingerprint", &newest],
            &[&setup[..], &["--out", "codes"]].concat(),
        ] {
            let ran = device.noren(words, b"");
            ran.fails("from before it handed its keys over");
            assert!(ran.err.contains(&fingerprint(old)) && ran.err.contains(&newest), "{ran:?}");
            for word in ["impostor", "do not trust", "have changed"] {
                assert!(!ran.err.contains(word), "{number} {word}: {ran:?}");
            }
        }
    }
    // A server that is behind.
    first.put("v1/authority", profiles[0].as_bytes());
    device.noren(&["visitor", "sync"], b"").ends(3, "from before it handed its keys over");
}

#[test]
fn an_older_issue_by_the_same_keys_changes_nothing_and_says_so() {
    // [CLI-24] [PRO-3]
    let log = ShownLog::new("Health Office");
    let device = Person::new();
    device.write("old", log.signed_profile());
    let mut newer = log.profile.clone();
    newer.issued = newer.issued.plus(100);
    device.write("new", newer.sign(&log.keys).unwrap().as_bytes());
    device.json(&["visitor", "follow", "new"], b"");
    let ran = device.noren(&["visitor", "follow", "old"], b"");
    assert!(ran.code == Some(0) && ran.out.contains("an old one"), "{ran:?}");
    let data = device.json(&["visitor", "follow", "old"], b"");
    assert!(data["newer_since"].is_string() && data["new"] == false, "{data}");
    let setup = ["venue", "setup", "--authority", "old", "--name", "N", "--address", "A"];
    let ran = device.noren(&[&setup[..], &["--out", "codes"]].concat(), b"");
    assert!(
        ran.code == Some(0) && ran.err.contains("the one that is followed is newer"),
        "{ran:?}"
    );
    let again = device.json(&["visitor", "follow", "new"], b"");
    assert!(again["newer_since"].is_null(), "{again}");
}

#[test]
fn whoever_skips_handovers_is_followed_and_siblings_are_told_as_that() {
    // [CLI-24] [PRO-5] [CLI-21]
    let Handed { keys, profiles, .. } = handed();
    let device = Person::new();
    device.write("first", profiles[0].as_bytes());
    device.write("third", profiles[2].as_bytes());
    device.json(&["visitor", "follow", "first"], b"");
    // Told once: where it cannot be said, it is not done.
    device.noren_to("2>/dev/full", &["visitor", "follow", "third"]);
    let ran = device.noren(&["-q", "visitor", "follow", "third"], b"");
    assert!(ran.code == Some(0) && ran.err.contains("has new keys"), "{ran:?}");
    assert!(ran.err.contains(&fingerprint(&profiles[0])), "{ran:?}");
    // The old keys hand over once more, to others.
    let sibling = profiles[1].profile().hand_over(
        &keys[1],
        &keys[1].successor(&mut rand::rng()),
        now().plus(30),
    );
    device.write("sibling", sibling.unwrap().as_bytes());
    let ran = device.noren(&["visitor", "follow", "sibling"], b"");
    ran.fails("have signed two handovers");
    assert!(ran.err.contains(&fingerprint(&profiles[2])), "{ran:?}");
}

#[test]
fn a_fingerprint_from_before_a_handover_still_vouches() {
    // [CLI-24] [PRO-5]
    let Handed { profiles, .. } = handed();
    let device = Person::new();
    device.write("third", profiles[2].as_bytes());
    let follow = ["visitor", "follow", "third", "--fingerprint"];
    device.json(&[&follow[..], &[&fingerprint(&profiles[0])]].concat(), b"");
    let stranger = Person::new();
    stranger.write("third", profiles[2].as_bytes());
    let ran = stranger.noren(&[&follow[..], &["0000".repeat(8).as_str()]].concat(), b"");
    ran.fails("do not trust it");
}
