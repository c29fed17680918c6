//! Closing cases: nothing of a visitor's upload outlives the last of them, and nothing goes unnoticed.

use std::collections::BTreeMap;

use noren_faults::{Disk, Fault};
use serde_json::{Value, json};

use crate::one_desk::copy;
use crate::patient_cases::{cases, diarist, told, town, venue};
use crate::support::person::{Ran, run};
use crate::support::town::{Town, Visitor, at};

/// A town whose authority takes patient cases, and a patient case with the upload of three visits,
/// each at a venue of its own.
fn with_upload(name: &str) -> (Town, Visitor, String) {
    let town = town(name);
    let patient = diarist(&town);
    for (place, hour) in [("Kissa", 10), ("Bar", 14), ("Gym", 19)] {
        patient.visit(&venue(&town, place).poster(), &at(hour, 0), 60);
    }
    let opened = town.desk(&["patient", "open"]);
    told(&patient, &["--all"], &opened);
    let id = opened["patient"].as_str().unwrap().to_owned();
    (town, patient, id)
}

/// The value of this field in every document of the database, as it is written there, with how
/// often it occurs.
fn values(town: &Town, field: &str) -> BTreeMap<String, usize> {
    let bytes = town.office.read("home/authority/desk.sqlite");
    let (text, mark) = (String::from_utf8_lossy(&bytes).into_owned(), format!("\"{field}\":["));
    let mut found = BTreeMap::new();
    for part in text.split(&mark).skip(1) {
        *found.entry(part.split(']').next().unwrap().to_owned()).or_insert(0) += 1;
    }
    found
}

fn is_kept(town: &Town, id: &str) -> bool {
    town.office.path(&format!("home/authority/{id}.upload")).exists()
}

/// The journal's entries of an action, by what they are about.
fn noted(town: &Town, action: &str) -> Vec<String> {
    let journal = town.desk(&["journal"]);
    let of_action = journal.as_array().unwrap().iter().filter(|entry| entry["action"] == action);
    of_action.map(|entry| entry["subject"].as_str().unwrap().to_owned()).collect()
}

fn waiting(town: &Town) -> Vec<Value> {
    let status: Value = serde_json::from_str(&town.try_desk(&["status"]).out).unwrap();
    status["waiting"].as_array().unwrap().clone()
}

#[track_caller]
fn done(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn nothing_links_the_cases_of_an_upload_once_the_last_is_closed() {
    // [PAT-19]
    for ends_by_reject in [false, true] {
        let (town, _, id) = with_upload(if ends_by_reject { "Unlink A" } else { "Unlink B" });
        let made = cases(&town.desk(&["patient", "review", &id]));
        let before = values(&town, "code_hash");
        assert_eq!(before.values().max(), Some(&4), "the control: all have one code: {before:?}");
        // The first is closed before, and belongs to the others no longer either.
        done(&town.try_desk(&["case", "close", &made[0]]));
        if ends_by_reject {
            done(&town.try_desk(&["patient", "reject", &id, "--reason", "a doubt"]));
        } else {
            done(&town.try_desk(&["case", "close", &made[1]]));
            assert!(is_kept(&town, &id));
            done(&town.try_desk(&["case", "close", &made[2]]));
        }
        assert!(!is_kept(&town, &id));
        for field in ["code_hash", "binding"] {
            let mut left = values(&town, field);
            let none = left.remove(&vec!["0"; 32].join(","));
            assert_eq!(none, Some(3), "the cases have no code any more: {left:?}");
            assert!(left.values().all(|count| *count == 1), "{left:?}");
        }
        // [CLI-9] Every case that was closed is in the journal, once.
        let mut closed = noted(&town, "case-closed");
        closed.sort();
        let mut made = made;
        made.sort();
        assert_eq!(closed, made);
        let listed = town.desk(&["case", "list"]);
        assert!(listed.as_array().unwrap().iter().all(|case| case["status"] == "closed"));
    }
}

#[test]
fn what_is_closed_already_is_not_closed_once_more() {
    // [CLI-9]
    let (town, _, id) = with_upload("Closed Twice");
    let made = cases(&town.desk(&["patient", "review", &id]));
    for case in &made {
        done(&town.try_desk(&["case", "close", case]));
    }
    let (closed, patients) = (noted(&town, "case-closed"), noted(&town, "patient-closed"));
    assert_eq!((closed.len(), patients.len()), (3, 1));
    for again in [["case", "close", &made[0]], ["patient", "close", &id]] {
        let ran = town.try_desk(&again);
        done(&ran);
        assert!(ran.err.contains("closed already"), "{ran:?}");
    }
    assert_eq!(noted(&town, "case-closed"), closed);
    assert_eq!(noted(&town, "patient-closed"), patients);
    // Neither way out names one that is refused.
    for verb in ["review", "reissue"] {
        let ran = town.try_desk(&["patient", verb, &id]);
        ran.fails("`noren authority patient open` asks anew");
    }
}

#[test]
fn visits_without_a_case_are_not_deleted_with_another_ones_case() {
    // [PAT-19] [CLI-19]
    let (town, _, id) = with_upload("Visits Left");
    let first = cases(&town.desk(&["patient", "review", &id, "--visits", "1"])).remove(0);
    let left = |numbers: &str| {
        let item = waiting(&town).into_iter().find(|item| item["what"] == "visits");
        let item = item.unwrap_or_else(|| panic!("{:?}", waiting(&town)));
        let next = format!("noren authority patient review {id} --visits {numbers}");
        assert_eq!((&item["case"], &item["next"]), (&json!(id), &json!(next)));
    };
    left("2,3");
    let ran = town.try_desk(&["case", "close", &first]);
    done(&ran);
    assert!(ran.err.contains("no case was made of visits 2, 3"), "{ran:?}");
    assert!(is_kept(&town, &id), "the visits are still there");
    left("2,3");
    // Whoever believes one of them can still warn.
    let second = cases(&town.desk(&["patient", "review", &id, "--visits", "2"])).remove(0);
    left("3");
    done(&town.try_desk(&["case", "close", &second]));
    assert!(is_kept(&town, &id));
    done(&town.try_desk(&["patient", "close", &id]));
    assert!(!is_kept(&town, &id));
    assert_eq!(waiting(&town), Vec::<Value>::new());
    let links = values(&town, "code_hash");
    assert!(links.iter().all(|(code, count)| code.starts_with("0,0,0") || *count == 1));
}

/// Runs a command that is killed at an operation on the disk; whether it got that far.
fn killed(town: &Town, words: &[&str], number: u64) -> bool {
    let disk = Disk::under(&town.office.path("home"));
    disk.set(Fault::Kill, number..=number);
    let mut command = town.office.command(&[&["--json", "authority"], words].concat());
    disk.lay_under(&mut command);
    run(&mut command, b"").code != Some(0)
}

/// What lies in the desk's folder, without what only says that somebody works there.
fn uploads_kept(town: &Town) -> Vec<String> {
    let files = std::fs::read_dir(town.office.path("home/authority")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains("upload") || name.starts_with(".noren-")).collect()
}

#[test]
fn a_kill_leaves_no_upload_behind() {
    // [PAT-19] [CLI-23]
    let (town, _, id) = with_upload("Killed Closing");
    let made = cases(&town.desk(&["patient", "review", &id]));
    for case in &made[1..] {
        done(&town.try_desk(&["case", "close", case]));
    }
    let status = |town: &Town| {
        let ran = town.try_desk(&["patient", "status"]);
        let shown: Value = serde_json::from_str(&ran.out).unwrap();
        shown["patient_cases"][0]["status"].as_str().unwrap().to_owned()
    };
    let endings: [(&[&str], &str); 2] = [
        (&["case", "close", &made[0]], "closed"),
        (&["patient", "reject", &id, "--reason", "a doubt"], "rejected"),
    ];
    // What this machine remembers of the journal goes with it.
    let folders = ["home", "state"].map(|name| (town.office.path(name), name));
    for (folder, name) in &folders {
        copy(folder, &town.office.path("saved").join(name));
    }
    for (words, after) in endings {
        let mut ended = 0;
        for number in 1.. {
            for (folder, name) in &folders {
                std::fs::remove_dir_all(folder).unwrap();
                copy(&town.office.path("saved").join(name), folder);
            }
            if !killed(&town, words, number) {
                assert!(number > 3, "{words:?} was struck");
                break;
            }
            // Whatever the next command is: what has ended has no upload any more.
            if status(&town) == after {
                ended += 1;
                assert_eq!(uploads_kept(&town), Vec::<String>::new(), "{words:?} {number}");
            } else {
                assert!(is_kept(&town, &id), "{words:?} {number}");
            }
        }
        assert!(ended > 0, "{words:?} was killed after it was noted");
    }
}

#[test]
fn a_code_after_a_killed_rejection_finds_no_earlier_upload() {
    // [CLI-23]
    let (town, patient, id) = with_upload("Killed Reject");
    town.desk(&["patient", "review", &id]);
    let upload = town.office.read(&format!("home/authority/{id}.upload"));
    done(&town.try_desk(&["patient", "reject", &id, "--reason", "a doubt"]));
    // As a command leaves it that was killed just before it deleted the file.
    town.office.write(&format!("home/authority/{id}.upload"), upload);
    let again = town.desk(&["patient", "reissue", &id]);
    told(&patient, &["--all"], &again);
    let review = town.desk(&["patient", "review", &id]);
    assert_eq!((&review["accepted"], cases(&review).len()), (&json!(true), 3), "{review}");
}

#[test]
fn a_handover_that_was_cut_off_after_it_was_noted_is_noted_once() {
    // [CLI-9]
    let town = Town::new("Rotated Once", "plain");
    for number in 1..3 {
        town.desk(&["rotate-keys", "--yes"]);
        // The next keys are there until the end, and the command was killed before it removed them.
        let keys = town.office.read("home/authority/keys");
        town.office.write("home/authority/next-keys", keys);
        town.desk(&["rotate-keys"]);
        assert_eq!(noted(&town, "keys-rotated").len(), number);
    }
}

#[test]
fn two_visits_to_a_venue_in_one_hour_are_published_with_a_window_that_holds_both() {
    // [PAT-12] [PUB-6] [CLI-19]
    let town = town("One Hour");
    let bar = venue(&town, "Bar");
    let patient = diarist(&town);
    patient.visit(&bar.poster(), &at(13, 5), 10);
    patient.visit(&bar.poster(), &at(13, 30), 20);
    let guest = town.visitor();
    guest.visit(&bar.poster(), &at(13, 35), 30);
    let opened = town.desk(&["patient", "open"]);
    told(&patient, &["--all"], &opened);
    let id = opened["patient"].as_str().unwrap();
    let made = cases(&town.desk(&["patient", "review", id]));
    let (from, to) = (at(13, 5), at(13, 50));
    let publish = ["publish", &made[0], &made[1], "--level", "attention", "--yes"];
    let refused = town.try_desk(&publish);
    refused.fails("One notice would take the other back");
    refused.fails(&format!("patient review {id} --visits 1 --from {from} --to {to}"));
    let next = |case: &str| {
        let waiting = waiting(&town);
        let item = waiting.iter().find(|item| item["case"] == *case).unwrap();
        item["next"].as_str().unwrap().to_owned()
    };
    let wider = format!("noren authority patient review {id} --visits 2 --from {from} --to {to}");
    assert_eq!(next(&made[1]), wider, "no command that fails");
    // What the stay does not fit into, or reaches far beyond it, is no window of a visit.
    for (from, to) in [(at(13, 10), at(13, 50)), (at(-13, 0), at(13, 50)), (at(13, 5), at(39, 0))] {
        let words = ["patient", "review", id, "--visits", "1", "--from", &from, "--to", &to];
        town.try_desk(&words).fails("25 hours");
    }
    let narrow =
        ["publish", &made[0], "--level", "attention", "--from", &from, "--to", &to, "--yes"];
    town.try_desk(&narrow).fails(&format!("patient review {id} --visits 1"));
    let chosen = ["patient", "review", id, "--visits", "2", "--from", &from, "--to", &to];
    assert_eq!(cases(&town.desk(&chosen)), made);
    assert_eq!(noted(&town, "window-chosen"), [&*made[1]]);
    for case in &made {
        assert_eq!(next(case), format!("noren authority publish {case}"));
    }
    assert_eq!(town.desk(&publish)["cases"].as_array().unwrap().len(), 2);
    assert_eq!(guest.told()["level"], "attention");
    // What stands keeps its time.
    let less = ["patient", "review", id, "--visits", "2", "--from", &at(13, 30), "--to", &to];
    town.try_desk(&less).fails("choose a window that holds it");
}
