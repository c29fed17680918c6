//! Something answers 200 to a request and is not the server: a page to sign in to a network, a proxy,
//! a server that lies. No command takes that for success, and run again it does its work once.

use crate::lost_answers::{desk, told};
use crate::support::desk::{Desk, hour, now};
use crate::support::person::Ran;
use crate::support::tee::Tee;

const ANSWERS: [&str; 5] =
    ["{}", "null", "", "<html><title>Sign in</title></html>", "{\"size\": 9999, \"until\": true}"];

/// Runs a command while a request is answered otherwise; it says that, with the server's address.
#[track_caller]
fn refuses(tee: &Tee, url: &str, request: &str, run: &dyn Fn() -> Ran) {
    for body in ANSWERS {
        tee.answer(Some((request, body)));
        let ran = run();
        tee.answer(None);
        let refused = matches!(ran.code, Some(2 | 3)) && ran.err.contains("error: ");
        // What is published stands, whether the server deletes the upload or not.
        let remarked = ran.code == Some(0) && request.starts_with("DELETE /v1/uploads");
        assert!(refused || remarked, "{request} {body}: {ran:?}");
        // A log that is refused is told with the authority's name.
        let is_named = ran.err.contains(url) || ran.err.contains("Health Office: REFUSED");
        assert!(is_named, "{request} {body}: {ran:?}");
    }
}

#[test]
fn no_command_of_the_desk_takes_any_200_for_success() {
    // [CLI-45]
    let tee = Tee::new();
    let town = Desk::behind(&tee);
    let url = tee.address();
    let (from, to) = (hour(18), hour(20));
    let case = town.answered_case(18, 20);
    let third = town.answered_case(16, 17);
    let other = town.open_case(20, 21)["case"].as_str().unwrap().to_owned();
    let publish = ["publish", &case, "--level", "attention", "--yes"];
    let withdraw = ["withdraw", &case, "--yes"];
    let open = ["case", "open", "--venue", "another bar", "--from", &from, "--to", &to];
    // The verb, the request that is answered otherwise, what the journal says of it, the entries that
    // it adds.
    let table: [(&[&str], &str, &str, usize); 19] = [
        (&["uploads"], "GET /v1/uploads", "", 0),
        (&["review", &third], "GET /v1/uploads HTTP", "reviewed", 0),
        (&["review", &case], "GET /v1/uploads/", "reviewed", 0),
        (&["heartbeat"], "POST /v1/log?", "", 0),
        (&["heartbeat"], "POST /v1/log/turn", "", 0),
        (&["heartbeat"], "GET /checkpoint", "", 0),
        (&publish, "POST /v1/log?", "published", 2),
        (&withdraw, "POST /v1/log/turn", "withdrawn", 2),
        (&publish, "GET /checkpoint", "published", 2),
        (&withdraw, "DELETE /v1/uploads", "", 2),
        (&["policy", "set", "osaka", "--yes"], "PUT /v1/authority", "policy-set", 0),
        (&["profile", "--name", "Another name"], "PUT /v1/authority", "profile-changed", 0),
        (&["patient", "enable", "--yes"], "PUT /v1/authority", "patient-enabled", 0),
        (&["restore-log"], "GET /v1/log/missing", "", 0),
        (&["case", "reissue", &other], "DELETE /v1/cases", "code-reissued", 0),
        (&["case", "close", &other], "DELETE /v1/cases", "case-closed", 0),
        (&["rotate-keys", "--yes"], "PUT /v1/authority", "keys-rotated", 0),
        (&["rotate-keys", "--yes"], "POST /v1/log?", "keys-rotated", 0),
        (&["take-over", "--yes"], "POST /v1/log/turn", "desk-taken-over", 0),
    ];
    let mut size = 0;
    for (words, request, action, entries) in table {
        // A head that is signed twice in one second is one note, which the server has then.
        if words[0] == "heartbeat" {
            std::thread::sleep(std::time::Duration::from_millis(1_100));
        }
        let before = told(&town, action);
        // Only what waits there is deleted there.
        if !request.starts_with("DELETE /v1/uploads") {
            refuses(&tee, &url, request, &|| desk(&town, words));
        }
        // In the middle of a handover the journal is not shown.
        if words[0] != "rotate-keys" {
            assert_eq!(told(&town, action), before, "{words:?} {request}");
        }
        let again = desk(&town, words);
        assert!(matches!(again.code, Some(0 | 1)), "{words:?} {request}: {again:?}");
        size += entries;
        assert_eq!(town.entries().len(), size, "{words:?} {request}: {again:?}");
        if !action.is_empty() {
            assert_eq!(told(&town, action), before + 1, "{words:?} {request}: {again:?}");
        }
    }
    // A case whose code nobody knows is no case.
    refuses(&tee, &url, "PUT /v1/cases", &|| desk(&town, &open));
    let opened = town.does(&open);
    assert!(opened["code"].is_string());
    town.log_is_sound();
}

#[test]
fn what_is_signed_twice_in_one_second_keeps_the_turn_whatever_is_answered() {
    // [CLI-45] The two notes are the same: the server shows the second before it has it.
    let tee = Tee::new();
    let town = Desk::behind(&tee);
    let time = now().to_string();
    let heartbeat = || desk(&town, &["heartbeat", "--now", &time]);
    assert_eq!(heartbeat().code, Some(0));
    tee.answer(Some(("POST /v1/log?", ANSWERS[4])));
    let again = heartbeat();
    tee.answer(None);
    assert_eq!(again.code, Some(0), "{again:?}");
    let next = heartbeat();
    assert_eq!(next.code, Some(0), "{next:?}");
    town.log_is_sound();
}

#[test]
fn the_next_keys_do_not_take_a_head_of_those_before_for_theirs() {
    // [CLI-45] [PRO-7] [PRO-9] Both have signed the same tree, in the same second.
    let tee = Tee::new();
    let town = Desk::behind(&tee);
    let time = now().to_string();
    assert_eq!(desk(&town, &["heartbeat", "--now", &time]).code, Some(0));
    let rotate = || desk(&town, &["rotate-keys", "--yes", "--now", &time]);
    tee.answer(Some(("POST /v1/log?", ANSWERS[4])));
    let refused = rotate();
    tee.answer(None);
    assert!(refused.code == Some(2) && refused.err.contains("the log of before"), "{refused:?}");
    let done = rotate();
    assert_eq!(done.code, Some(0), "{done:?}");
    town.log_is_sound();
}

#[test]
fn nor_do_venues_visitors_and_auditors() {
    // [CLI-45]
    let tee = Tee::new();
    let town = Desk::behind(&tee);
    let url = tee.address();
    let opened = town.open_case(18, 20);
    let codes =
        format!("{} {}", opened["code"].as_str().unwrap(), opened["window_code"].as_str().unwrap());
    let upload = ["venue", "upload", "--yes", "--authority", "health.profile", "--trace"];
    let upload = [&upload[..], &["codes/trace.txt", "--code-file", "-"]].concat();
    refuses(&tee, &url, "POST /v1/uploads", &|| town.person.noren(&upload, codes.as_bytes()));
    assert_eq!(
        town.person.noren(&upload, codes.as_bytes()).code,
        Some(0),
        "the code is good still"
    );
    let guest = town.guest(18);
    let as_guest = |words: &[&str]| guest.noren(words, b"");
    refuses(&tee, &url, "POST /v1/uploads", &|| as_guest(&["visitor", "upload", "--dummy"]));
    assert_eq!(as_guest(&["visitor", "upload", "--dummy"]).code, Some(0));
    let stranger = crate::support::person::Person::new();
    refuses(&tee, &url, "GET /v1/authority", &|| stranger.noren(&["visitor", "follow", &url], b""));
    for request in ["GET /v1/authority", "GET /checkpoint"] {
        refuses(&tee, &url, request, &|| as_guest(&["visitor", "sync"]));
    }
    assert_eq!(as_guest(&["visitor", "sync"]).code, Some(1));
    tee.answer(Some(("GET /checkpoint", "{}")));
    let audit = as_guest(&["auditor", "verify", &url]);
    assert!(audit.code == Some(1) && audit.out.contains("FINDING"), "{audit:?}");
}
