//! A server under a path of another's address, behind a reverse proxy.

use crate::support::desk::{Desk, hour};
use crate::support::person::Person;
use crate::support::reverse::{PREFIX, Reverse};

#[test]
fn a_server_under_a_path_behind_a_proxy_serves_everybody() {
    // [API-7]
    let proxy = Reverse::new();
    let desk = Desk::under(&proxy);
    let guest = desk.guest(19);
    Person::new().json(&["visitor", "follow", &proxy.url], b"");
    let case = desk.answered_case(18, 20);
    desk.does(&["review", &case]);
    desk.does(&["publish", "--yes", &case, "--level", "attention"]);
    desk.does(&["heartbeat"]);
    let synced = guest.noren(&["--json", "visitor", "sync"], b"");
    assert_eq!(synced.code, Some(0), "{synced:?}");
    let news: serde_json::Value = serde_json::from_str(&synced.out).unwrap();
    assert!(news.to_string().contains("attention"), "{news}");
    let audit = guest.noren(&["auditor", "verify", &proxy.url], b"");
    assert_eq!(audit.code, Some(0), "{audit:?}");
    // The poster leads to the page below the path.
    let link = String::from_utf8(desk.person.read("codes/entry.txt")).unwrap();
    assert!(link.starts_with(&proxy.url), "{link}");
}

#[test]
fn a_proxy_that_leaves_the_path_in_place_is_told_as_that() {
    // [CLI-39]
    let proxy = Reverse::new();
    let desk = Desk::under(&proxy);
    let guest = desk.guest(19);
    let opened = desk.open_case(18, 20);
    let text = |name: &str| opened[name].as_str().unwrap();
    proxy.keeps_the_prefix();
    let (from, to) = (hour(18), hour(20));
    let open = ["authority", "case", "open", "--venue", "a bar", "--from", &from, "--to", &to];
    let upload = ["venue", "upload", "--yes", "--authority", "health.profile", "--trace"];
    let upload = [&upload[..], &["codes/trace.txt"]].concat();
    let codes = format!("{} {}", text("code"), text("window_code"));
    let told = |ran: crate::support::person::Ran| {
        let said = format!("{}{}", ran.out, ran.err);
        assert_eq!(ran.code, Some(2), "{said}");
        assert!(said.contains(&format!("has to take {PREFIX} off")), "{said}");
        for blamed in ["clock", "no checkpoint", "nothing new", "spent"] {
            assert!(!said.contains(blamed), "{blamed}: {said}");
        }
    };
    for words in [&["authority", "heartbeat"][..], &["authority", "uploads"], &open] {
        told(desk.person.noren(words, b""));
    }
    told(desk.person.noren(&upload, codes.as_bytes()));
    for words in [
        &["visitor", "sync"][..],
        &["visitor", "follow", &proxy.url],
        &["auditor", "verify", &proxy.url],
    ] {
        told(guest.noren(words, b""));
    }
}
