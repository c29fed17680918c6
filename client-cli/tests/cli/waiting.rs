//! `authority status` shows what waits for somebody, for as long as it does.

use crate::support::desk::Desk;
use crate::support::tee::Tee;
use crate::support::town::{Town, at, days_later, soon};
use serde_json::Value;

/// What waits, each as its sort and what it is about.
#[track_caller]
fn waiting(town: &Town, more: &[&str]) -> Vec<(String, Option<String>)> {
    let ran = town.office.noren(&[&["--json"], more, &["authority", "status"]].concat(), b"");
    assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
    let status: Value = serde_json::from_str(&ran.out).unwrap();
    let text = |item: &Value, name: &str| item[name].as_str().map(str::to_owned);
    let items = status["waiting"].as_array().unwrap();
    for item in items {
        let next = item["next"].as_str().unwrap();
        assert!(next.starts_with("noren authority ") && item["who"].is_string(), "{item}");
    }
    items.iter().map(|item| (text(item, "what").unwrap(), text(item, "case"))).collect()
}

fn is(what: &str, case: &str) -> Vec<(String, Option<String>)> {
    vec![(what.to_owned(), Some(case.to_owned()))]
}

#[test]
fn each_step_of_a_case_is_shown_until_it_is_done() {
    // [CLI-19]
    let town = Town::new("Waiting A", "osaka");
    let bar = town.venue("Bar Noren", &[]);
    assert_eq!(waiting(&town, &[]), []);
    let (from, to) = (at(19, 0), at(21, 0));
    let opened = town.desk(&["case", "open", "--venue", "a bar", "--from", &from, "--to", &to]);
    let case = opened["case"].as_str().unwrap();
    assert_eq!(waiting(&town, &[]), is("unanswered", case));
    bar.answer(&opened);
    assert_eq!(waiting(&town, &[]), is("upload", case));
    town.desk(&["review", case]);
    assert_eq!(waiting(&town, &[]), is("reviewed", case));
    town.try_desk(&["reject", case, "--reason", "another venue"]);
    assert_eq!(waiting(&town, &[]), is("rejected", case));
    let again = town.desk(&["case", "reissue", case, "--expires", "30s"]);
    assert_eq!(waiting(&town, &["--now", &soon(45)]), is("expired", case), "{again}");
    let again = town.desk(&["case", "reissue", case]);
    bar.answer(&again);
    town.desk(&["review", case]);
    let half = town.office.operator_key("ito.key");
    town.desk(&["operator", "add", "Ito", "--public-half", &half]);
    town.desk(&["operator", "require", "1"]);
    let proposed = town.desk(&["publish", case, "--level", "cluster", "--yes"]);
    let proposal = proposed["proposal"].as_str().unwrap();
    let both = [is("proposal", proposal), is("reviewed", case)].concat();
    assert_eq!(waiting(&town, &[]), both);
    town.desk(&["approve", proposal, "--yes", "--key", "ito.key"]);
    assert_eq!(waiting(&town, &[]), []);
    let human = town.office.noren(&["authority", "status"], b"");
    assert_eq!(human.code, Some(1), "{human:?}");
}

#[test]
fn the_state_of_desk_and_server_is_shown_until_it_is_mended() {
    // [CLI-19]
    let town = Town::new("Waiting B", "osaka");
    let sort = |more: &[&str]| -> Vec<String> {
        waiting(&town, more).into_iter().map(|(what, _)| what).collect()
    };
    assert_eq!(sort(&[]), [""; 0]);
    // Signed requests of another day are refused, so the clock moves by hours only.
    let served = town.office.read("home/authority/profile");
    town.desk(&["profile", "--name", "Another name", "--no-push"]);
    assert_eq!(sort(&[]), ["profile"]);
    town.desk(&["profile", "--name", "Waiting B"]);
    assert_eq!(sort(&[]), [""; 0]);
    assert_ne!(served, town.office.read("home/authority/profile"));
    let keys = town.office.read("home/authority/keys");
    town.office.write("home/authority/next-keys", keys);
    assert_eq!(sort(&[]), ["next-keys"]);
    std::fs::remove_file(town.office.path("home/authority/next-keys")).unwrap();
    assert_eq!(sort(&[]), [""; 0]);
    // A machine whose clock is days ahead: the server refuses it, and the status says so.
    assert_eq!(sort(&["--now", &days_later(9)]), ["server"]);
}

#[test]
fn a_log_that_has_to_be_signed_anew_is_shown() {
    // [CLI-19] [LOG-6]
    let town = Town::with_checkpoints_of("Waiting C", "osaka", "60s");
    let sort = |more: &[&str]| -> Vec<String> {
        waiting(&town, more).into_iter().map(|(what, _)| what).collect()
    };
    town.desk(&["heartbeat"]);
    assert_eq!(sort(&[]), [""; 0]);
    assert_eq!(sort(&["--now", &soon(45)]), ["heartbeat"], "half of its time is over");
    let later = ["--now", &soon(45), "authority", "heartbeat"];
    assert_eq!(town.office.noren(&later, b"").code, Some(0));
    assert_eq!(sort(&["--now", &soon(45)]), [""; 0]);
}

#[test]
fn a_patient_case_is_shown_until_it_is_done() {
    // [CLI-19]
    let town = Town::new("Waiting D", "osaka");
    town.desk(&["patient", "enable", "--yes"]);
    let opened = town.desk(&["patient", "open"]);
    let patient = opened["patient"].as_str().unwrap();
    assert_eq!(waiting(&town, &[]), is("unanswered", patient));
    assert_eq!(town.try_desk(&["patient", "close", patient]).code, Some(0));
    assert_eq!(waiting(&town, &[]), []);
}

#[test]
fn during_a_handover_of_keys_nothing_is_due_but_its_end() {
    // [CLI-19]
    let town = Town::with_checkpoints_of("Waiting E", "osaka", "60s");
    let keys = town.office.read("home/authority/keys");
    town.office.write("home/authority/next-keys", keys);
    let shown: Vec<String> =
        waiting(&town, &["--now", &soon(45)]).into_iter().map(|(what, _)| what).collect();
    assert_eq!(shown, ["next-keys"], "a heartbeat would be refused");
    // The server has the new profile, and its answer was lost; or the log was not signed anew.
    for request in ["PUT /v1/authority", "POST /v1/log?"] {
        let tee = Tee::new();
        let desk = Desk::behind(&tee);
        tee.swallow(Some(request));
        assert_eq!(desk.person.noren(&["authority", "rotate-keys", "--yes"], b"").code, Some(2));
        tee.swallow(None);
        assert_eq!(of_desk(&desk), ["next-keys"], "{request}");
        desk.does(&["rotate-keys"]);
        assert_eq!(of_desk(&desk), [""; 0], "{request}");
    }
}

/// What waits at a desk, but for what its policy lacks.
fn of_desk(desk: &Desk) -> Vec<String> {
    let ran = desk.person.noren(&["--json", "authority", "status"], b"");
    let status: Value = serde_json::from_str(&ran.out).unwrap();
    let items = status["waiting"].as_array().unwrap().iter();
    let what = items.map(|item| item["what"].as_str().unwrap().to_owned());
    what.collect()
}

#[test]
fn an_append_that_was_cut_off_is_shown_until_it_is_sent() {
    // [CLI-19] [CLI-1]
    let tee = Tee::new();
    let desk = Desk::behind(&tee);
    assert_eq!(of_desk(&desk), [""; 0]);
    tee.lose(Some("POST /v1/log?"));
    assert_eq!(desk.person.noren(&["authority", "heartbeat"], b"").code, Some(2));
    tee.lose(None);
    assert_eq!(of_desk(&desk), ["pending"]);
    desk.does(&["heartbeat"]);
    assert_eq!(of_desk(&desk), [""; 0]);
    // A case whose code the server may not have.
    let (from, to) = (crate::support::desk::hour(18), crate::support::desk::hour(20));
    let open = ["authority", "case", "open", "--venue", "a bar", "--from", &from, "--to", &to];
    tee.lose(Some("PUT /v1/cases"));
    assert_eq!(desk.person.noren(&open, b"").code, Some(2));
    tee.lose(None);
    assert_eq!(of_desk(&desk), ["cut-off"]);
}

#[test]
fn a_case_whose_hours_devices_forget_says_so_while_it_waits() {
    // [CLI-19] [CLI-30]
    let town = Town::new("Waiting F", "osaka");
    let (from, to) = (at(8, 0), at(10, 0));
    town.desk(&["case", "open", "--venue", "a bar", "--from", &from, "--to", &to]);
    let days = town.desk(&["profile"])["retention_days"].as_i64().unwrap();
    let text = |days: i64| {
        let ran =
            town.office.noren(&["--json", "--now", &days_later(days), "authority", "status"], b"");
        let status: Value = serde_json::from_str(&ran.out).unwrap();
        let items = status["waiting"].as_array().unwrap();
        let case = items.iter().find(|item| item["case"].is_string()).expect("it waits");
        case["text"].as_str().unwrap().to_owned()
    };
    // 8 to 10 o'clock in Japan is around midnight of UTC.
    assert!(!text(days - 1).contains("no device"), "{}", text(days - 1));
    assert!(text(days + 1).contains("no device has a record before"), "{}", text(days + 1));
    assert!(text(days + 2).contains("no device has a record any more"), "{}", text(days + 2));
}
