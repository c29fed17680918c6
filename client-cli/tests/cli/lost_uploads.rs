//! An upload that passed review and is gone from the desk's folder.

use std::fs;

use serde_json::Value;

use crate::support::desk::{Desk, hour};

fn row(desk: &Desk, id: &str) -> Option<Value> {
    let ran = desk.try_desk(&["status"]);
    let status: Value = serde_json::from_str(&ran.out).unwrap();
    let rows = status["waiting"].as_array().unwrap();
    rows.iter().find(|row| row["case"] == *id).cloned()
}

fn published(desk: &Desk, from: i64, to: i64) -> String {
    let case = desk.answered_case(from, to);
    desk.does(&["review", &case]);
    desk.does(&["publish", &case, "--level", "attention", "--yes"]);
    case
}

#[test]
fn a_missing_upload_is_named_and_can_be_had_once_more() {
    // [CLI-16] [CLI-19]
    let desk = Desk::with_bar();
    let guest = desk.guest(19);
    let level = || {
        let ran = guest.noren(&["--json", "visitor", "sync"], b"");
        let notices: Value = serde_json::from_str(&ran.out).unwrap();
        notices[0]["level"].as_str().map(str::to_owned)
    };
    let case = published(&desk, 18, 20);
    assert_eq!(level().as_deref(), Some("attention"));
    let file = desk.person.path(&format!("home/authority/{case}.upload"));
    let content = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let name = format!("{case}.upload");
    for words in [
        &["withdraw", &case, "--yes"][..],
        &["publish", &case, "--level", "cluster", "--yes"],
        &["review", &case],
    ] {
        let ran = desk.try_desk(words);
        ran.fails(&name);
        ran.fails("case reissue");
    }
    let lost = row(&desk, &case).unwrap();
    assert_eq!(lost["what"], "lost");
    assert!(lost["text"].as_str().unwrap().contains(&name), "{lost}");
    // Another case about some of its hours is not kept from being published.
    let other = published(&desk, 19, 21);
    desk.does(&["withdraw", &other, "--yes"]);
    // The file comes back, or the venue hands it in once more.
    fs::write(&file, &content).unwrap();
    assert_eq!(row(&desk, &case), None);
    fs::remove_file(&file).unwrap();
    let reissued = desk.does(&["case", "reissue", &case]);
    let cases = desk.does(&["case", "list"]);
    let still = cases.as_array().unwrap().iter().find(|each| each["case"] == case).unwrap();
    assert_eq!(still["status"], "published", "{cases}");
    desk.answer(&reissued);
    assert_eq!(row(&desk, &case).unwrap()["what"], "upload");
    desk.does(&["review", &case]);
    assert_eq!(row(&desk, &case), None);
    desk.does(&["withdraw", &case, "--yes"]);
    assert_eq!(level().as_deref(), Some("withdrawn"));
    desk.log_is_sound();
}

#[test]
fn what_takes_the_place_of_a_missing_upload_is_of_the_same_code() {
    // [CLI-16]
    let desk = Desk::with_bar();
    let case = published(&desk, 18, 20);
    fs::remove_file(desk.person.path(&format!("home/authority/{case}.upload"))).unwrap();
    let reissued = desk.does(&["case", "reissue", &case]);
    fs::rename(desk.person.path("codes"), desk.person.path("first")).unwrap();
    let (from, to) = (hour(-240), hour(240));
    let setup = ["venue", "setup", "--authority", "health.profile", "--name", "Another Bar"];
    let rest = ["--from", &from, "--to", &to, "--address", "2", "--out", "codes"];
    desk.person.json(&[&setup[..], &rest].concat(), b"");
    desk.answer(&reissued);
    let ran = desk.try_desk(&["review", &case]);
    assert!(ran.code == Some(1) && ran.out.contains("another entry code"), "{ran:?}");
}

#[test]
fn a_reviewed_upload_that_is_missing_is_fetched_again() {
    // [CLI-16]
    let desk = Desk::with_bar();
    let case = desk.answered_case(18, 20);
    desk.does(&["review", &case]);
    fs::remove_file(desk.person.path(&format!("home/authority/{case}.upload"))).unwrap();
    assert_eq!(row(&desk, &case).unwrap()["what"], "upload");
    desk.does(&["publish", &case, "--level", "attention", "--yes"]);
}
