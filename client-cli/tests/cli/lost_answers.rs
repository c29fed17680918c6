//! The server does what a command of the desk asks for, and its answer is lost: run again, it is done
//! once.

use serde_json::Value;

use crate::support::desk::{Desk, hour};
use crate::support::person::Ran;
use crate::support::tee::Tee;

pub(crate) fn desk(town: &Desk, words: &[&str]) -> Ran {
    town.person.noren(&[&["--json", "authority"], words].concat(), b"")
}

/// How often the journal tells of something.
pub(crate) fn told(town: &Desk, action: &str) -> usize {
    let journal: Value = serde_json::from_str(&desk(town, &["journal"]).out).unwrap();
    let entries = journal["entries"].as_array().or(journal.as_array()).unwrap();
    entries.iter().filter(|entry| entry["action"] == action).count()
}

#[test]
fn what_was_done_and_not_heard_of_is_done_once() {
    // [CLI-1] [API-9]
    let tee = Tee::new();
    let town = Desk::behind(&tee);
    let (from, to) = (hour(18), hour(20));
    let case = town.answered_case(18, 20);
    let publish = ["publish", &case, "--level", "attention", "--yes"];
    let withdraw = ["withdraw", &case, "--yes"];
    let open = ["case", "open", "--venue", "another bar", "--from", &from, "--to", &to];
    // The verb, the request whose answer is lost, what the journal says of it, the entries it adds.
    let table: [(&[&str], &str, &str, usize); 13] = [
        (&["review", &case], "GET /v1/uploads", "reviewed", 0),
        (&["heartbeat"], "POST /v1/log?", "", 0),
        (&["heartbeat"], "POST /v1/log/turn", "", 0),
        (&publish, "POST /v1/log?", "published", 2),
        (&withdraw, "POST /v1/log?", "withdrawn", 2),
        (&publish, "POST /v1/log/turn", "published", 2),
        (&withdraw, "DELETE /v1/uploads", "withdrawn", 2),
        (&["rotate-keys", "--yes"], "PUT /v1/authority", "keys-rotated", 1),
        (&["rotate-keys", "--yes"], "POST /v1/log?", "keys-rotated", 1),
        (&["policy", "set", "osaka", "--yes"], "PUT /v1/authority", "policy-set", 1),
        (&["profile", "--name", "Another name"], "PUT /v1/authority", "profile-changed", 1),
        (&["patient", "enable", "--yes"], "PUT /v1/authority", "patient-enabled", 1),
        (&["restore-log"], "GET /v1/log/missing", "", 0),
    ];
    // The log begins with the profile.
    let mut size = 1;
    for (words, request, action, entries) in table {
        let before = told(&town, action);
        tee.swallow(Some(request));
        let first = desk(&town, words);
        tee.swallow(None);
        let lost = first.code == Some(2);
        assert!(lost || request.starts_with("DELETE"), "{words:?} {request}: {first:?}");
        let again = desk(&town, words);
        assert!(matches!(again.code, Some(0 | 1)), "{words:?} {request}: {again:?}");
        size += entries;
        let public = town.person.read("server/public/checkpoint");
        let head = String::from_utf8(public).unwrap();
        assert_eq!(head.lines().nth(1).unwrap(), size.to_string(), "{words:?} {request}");
        if !action.is_empty() {
            assert_eq!(told(&town, action), before + 1, "{words:?} {request}: {again:?}");
        }
        assert_eq!(desk(&town, &["heartbeat"]).code, Some(0), "{words:?} {request}");
    }
    // A code whose answer was lost is nobody's, and the next one is good.
    tee.swallow(Some("PUT /v1/cases"));
    let first = desk(&town, &open);
    tee.swallow(None);
    assert_eq!(first.code, Some(2), "{first:?}");
    let status: Value = serde_json::from_str(&desk(&town, &["status"]).out).unwrap();
    let waits = status["waiting"].as_array().unwrap();
    let cut = waits.iter().find(|item| item["what"] == "cut-off").expect("it is shown");
    let id = cut["case"].as_str().unwrap();
    assert_eq!(desk(&town, &["case", "close", id]).code, Some(0));
    let opened = town.does(&open);
    assert!(opened["code"].is_string());
    town.person.json(&["auditor", "verify", &town.url()], b"");
}
