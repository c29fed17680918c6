//! Checking in where no followed authority would warn.

use crate::support::office::Keys;
use crate::support::person::Person;

const SERVER: &str = "https://noren.town.example/health";

fn venue(base: Option<&str>) -> Person {
    let owner = Person::new();
    owner.write("health.profile", Keys::new().profile("Health Office", SERVER));
    let words = ["venue", "setup", "--authority", "health.profile", "--name", "Bar Noren"];
    let base = base.map(|base| vec!["--base", base]).unwrap_or_default();
    owner.json(&[&words[..], &["--address", "1-2-3", "--out", "codes"], &base].concat(), b"");
    owner
}

fn check_in(visitor: &Person, owner: &Person) -> (serde_json::Value, String) {
    visitor.write("entry.png", owner.read("codes/entry.png"));
    let data = visitor.json(&["visitor", "check-in", "entry.png"], b"");
    (data["warnings"].clone(), visitor.noren(&["visitor", "check-in", "entry.png"], b"").out)
}

#[test]
fn a_venue_of_an_authority_that_is_not_followed_is_told_as_that() {
    // [VIS-9] [CLI-7]
    let (owner, visitor) = (venue(None), Person::new());
    let (data, shown) = check_in(&visitor, &owner);
    assert_eq!((&data["followed"], &data["leads_to"]), (&false.into(), &SERVER.into()));
    assert_eq!(data["follow"], format!("noren visitor follow {SERVER}"));
    assert!(shown.contains("MAY NOT ARRIVE") && shown.contains("no authority yet"), "{shown}");
    // Neighbours on the same machine, or with a name that begins alike, are others.
    for (number, other) in [
        "https://noren.town.example/health2",
        "https://noren.town.example.org",
        "http://127.0.0.1:1",
    ]
    .iter()
    .enumerate()
    {
        let other = Keys::new().profile(&format!("Other {number}"), other);
        visitor.write("other.profile", other);
        // One origin for all keys of these tests: each is followed alone.
        visitor.json(&["visitor", "follow", "other.profile"], b"");
        let (data, shown) = check_in(&visitor, &owner);
        assert_eq!(data["followed"], false);
        assert!(shown.contains(&format!("follow {SERVER}")), "{shown}");
        visitor.noren(&["visitor", "unfollow", "--yes", &format!("Other {number}")], b"");
    }
    visitor.write("health.profile", owner.read("health.profile"));
    visitor.json(&["visitor", "follow", "health.profile"], b"");
    let (data, shown) = check_in(&visitor, &owner);
    assert_eq!((&data["followed"], &data["authority"]), (&true.into(), &"Health Office".into()));
    assert!(!shown.contains("WARNINGS") && data["follow"].is_null(), "{shown}");
}

#[test]
fn nothing_in_a_link_means_anything_to_a_shell() {
    // [VIS-9] [CLI-5]
    let owner = venue(Some("https://user:word@evil.example/$(reboot);'x'/"));
    let (data, shown) = check_in(&Person::new(), &owner);
    assert_eq!(data["follow"], "noren visitor follow https://evil.example");
    assert!(!shown.contains("reboot") && !shown.contains("word"), "{shown}");
}
