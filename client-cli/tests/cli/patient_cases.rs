//! Patient cases through the real program and server: a diagnosed visitor tells visits, and the others
//! who were there are warned without the venues.

use std::os::unix::fs::PermissionsExt as _;

use std::collections::BTreeMap;

use crate::support::http::{agent, get};
use crate::support::person::{Person, Ran};
use crate::support::town::{Town, Venue, Visitor, at, date, soon};
use noren::log::{NeededBundle, bundles_needed};
use noren::messages::{ClaimedVisit, EntryCode, PatientUpload, PublishedTrace, UploadCode};
use noren::profile::{SignedProfile, logged_profile};
use noren::time::UnixSeconds;
use serde_json::{Value, json};

/// A town whose authority takes patient cases.
pub(crate) fn town(name: &str) -> Town {
    let town = Town::new(name, "plain");
    assert_eq!(
        town.desk(&["patient", "enable", "--yes"]),
        json!({"patient_cases": true, "new": true})
    );
    town.desk(&["profile", "--out", "new-profile"]);
    town.office.write("profile", town.office.read("new-profile"));
    town
}

pub(crate) fn venue(town: &Town, name: &str) -> Venue {
    town.venue(name, &["--patient-cases"])
}

/// A visitor who keeps a diary.
pub(crate) fn diarist(town: &Town) -> Visitor {
    let visitor = town.visitor();
    visitor.0.json(&["visitor", "diary", "on"], b"");
    visitor
}

fn report(visitor: &Visitor, words: &[&str], opened: &Value) -> Ran {
    let all = [&["--json", "visitor", "upload", "--code-file", "-"], words].concat();
    visitor.0.noren(&all, opened["code"].as_str().unwrap().as_bytes())
}

/// Reports everything, which has to succeed.
#[track_caller]
pub(crate) fn told(visitor: &Visitor, words: &[&str], opened: &Value) -> Value {
    let ran = report(visitor, words, opened);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    serde_json::from_str(&ran.out).unwrap()
}

/// The ids of the diary's entries, the earliest first.
fn entries(visitor: &Visitor) -> Vec<String> {
    let entries = visitor.0.json(&["visitor", "diary", "show"], b"");
    let id = |entry: &Value| entry["entry"].as_str().unwrap().to_owned();
    entries.as_array().unwrap().iter().map(id).collect()
}

/// The cases that a review has made.
pub(crate) fn cases(review: &Value) -> Vec<String> {
    let visits = review["visits"].as_array().unwrap().iter();
    visits.filter_map(|visit| visit["case"].as_str()).map(str::to_owned).collect()
}

/// A refused upload: exit code 1, with the reason.
#[track_caller]
fn refused(town: &Town, patient: &Value, reason: &str) {
    let ran = town.try_desk(&["patient", "review", patient["patient"].as_str().unwrap()]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let shown: Value = serde_json::from_str(&ran.out).unwrap();
    let because = shown["refused_because"].as_str().unwrap();
    assert!(because.contains(reason), "{because}");
}

/// What `sealed` bytes look like to the server: sent as a visitor's or venue's program would.
fn send_raw(town: &Town, code: &Value, sealed: &[u8]) -> u16 {
    let request = agent().post(format!("{}/v1/uploads", town.url));
    let request = request.header("content-type", "application/octet-stream");
    let code: UploadCode = code.as_str().unwrap().parse().unwrap();
    let ticket = code.ticket().to_text();
    let request = request.header("upload-ticket", ticket.as_str()).header("x-chaff", "0");
    request.send(sealed).unwrap().status().as_u16()
}

/// An hour at a venue, as no program of ours would have checked it.
fn claim(venue: &Venue, hour: i64) -> ClaimedVisit {
    let link = String::from_utf8(venue.owner.read("codes/entry.txt")).unwrap();
    let time = |hour| {
        let time: jiff::Timestamp = at(hour, 0).parse().unwrap();
        UnixSeconds::from_i64(time.as_second()).unwrap()
    };
    let payload = EntryCode::from_url(link.trim()).unwrap().as_bytes().to_vec();
    ClaimedVisit { payload, arrival: time(hour), departure: time(hour + 1) }
}

/// Sends visits past the visitor's program.
fn send_visits(town: &Town, opened: &Value, visits: Vec<ClaimedVisit>) {
    let profile = SignedProfile::from_bytes(&town.office.read("profile")).unwrap();
    let code: UploadCode = opened["code"].as_str().unwrap().parse().unwrap();
    let upload = PatientUpload { code: code.binding(), visits };
    let sealed = upload.seal(&profile.profile().upload_key, &mut rand::rng()).unwrap();
    assert_eq!(send_raw(town, &opened["code"], &sealed), 202);
}

#[test]
fn two_told_visits_warn_the_others_in_one_batch_and_each_can_be_withdrawn() {
    // [PAT-12] [PAT-13] [PAT-18] [PAT-19]
    let town = town("Patient A");
    let (cafe, bar) = (venue(&town, "Kissa Kodama"), venue(&town, "Bar Noren"));
    let patient = diarist(&town);
    patient.visit(&cafe.printed(), &at(10, 0), 60);
    patient.visit(&bar.poster(), &at(19, 0), 90);
    let [at_cafe, at_bar, later, elsewhere] = [(); 4].map(|()| town.visitor());
    at_cafe.visit(&cafe.poster(), &at(10, 30), 60);
    at_bar.visit(&bar.poster(), &at(20, 0), 60);
    later.visit(&cafe.poster(), &at(14, 0), 60);
    let other = town.venue("Another bar", &[]);
    elsewhere.visit(&other.poster(), &at(19, 0), 90);

    let opened = town.desk(&["patient", "open", "--since", &date()]);
    let sent = told(&patient, &["--all"], &opened);
    assert_eq!((&sent["bytes"], &sent["left_out"]), (&65_536.into(), &json!([])));
    let id = opened["patient"].as_str().unwrap();
    assert_eq!(town.desk(&["uploads"])[0]["case"], id, "the desk knows whose it is");
    let review = town.desk(&["patient", "review", id]);
    let visits = review["visits"].as_array().unwrap();
    assert_eq!(
        (&visits[0]["venue"], &visits[1]["venue"]),
        (&"Kissa Kodama".into(), &"Bar Noren".into())
    );
    assert_eq!((&visits[1]["from"], &visits[1]["to"]), (&at(19, 0).into(), &at(20, 30).into()));
    let made = cases(&review);
    assert_eq!(made.len(), 2);
    assert_eq!(cases(&town.desk(&["patient", "review", id])), made, "no case twice");
    town.try_desk(&["publish", "--yes", &made[0]]).fails("--level");
    let ran = town.office.noren(&["authority", "patient", "review", id], b"");
    assert!(ran.err.contains("in one batch") && ran.out.contains("Kissa Kodama"), "{ran:?}");
    let size = |town: &Town| town.desk(&["heartbeat"])["log_size"].as_u64().unwrap();
    let before = size(&town);
    let published = town.desk(&["publish", "--yes", &made[0], &made[1], "--level", "attention"]);
    assert_eq!(published["log_size"].as_u64().unwrap(), size(&town), "one append");
    assert!(size(&town) >= before + 3, "an hour at the cafe, two at the bar");
    assert_eq!(published["cases"].as_array().unwrap().len(), 2, "one batch: {published}");
    assert_eq!(town.try_desk(&["uploads"]).code, Some(1), "the server holds it no longer");
    for visitor in [&at_cafe, &at_bar] {
        assert_eq!(visitor.told()["level"], "attention");
    }
    for visitor in [&later, &elsewhere] {
        assert!(visitor.sync().is_empty(), "another hour, another venue");
    }
    // Raised, then taken back: each reaches those of its own case.
    town.desk(&["publish", "--yes", &made[1], "--level", "cluster"]);
    assert_eq!(at_bar.told()["level"], "cluster");
    town.desk(&["withdraw", "--yes", &made[0]]);
    assert_eq!(at_cafe.told()["level"], "withdrawn");
    assert!(at_bar.sync().is_empty());
    // The upload is kept as long as one of its cases is open, and not a moment longer.
    let kept = town.office.path(&format!("home/authority/{id}.upload"));
    assert_eq!(kept.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(town.try_desk(&["patient", "close", id]).code, Some(2), "its cases need it");
    assert_eq!(town.try_desk(&["case", "close", &made[0]]).code, Some(0));
    assert!(kept.exists());
    town.try_desk(&["case", "close", &made[1]]).fails("withdraw it first");
    town.desk(&["withdraw", "--yes", &made[1]]);
    assert_eq!(town.try_desk(&["case", "close", &made[1]]).code, Some(0));
    assert!(!kept.exists());
    let status = town.desk(&["patient", "status"]);
    assert_eq!(status["patient_cases"][0]["status"], "closed", "{status}");
    let desk =
        String::from_utf8_lossy(&town.office.read("home/authority/desk.sqlite")).into_owned();
    assert!(!desk.contains(&format!("\"upload\":\"{id}\"")), "what linked the visits is forgotten");
}

/// Every trace that the server has published.
fn published(town: &Town) -> Vec<PublishedTrace> {
    let size = town.desk(&["heartbeat"])["log_size"].as_u64().unwrap();
    let read = |bundle: NeededBundle| {
        let served = get(&format!("{}/{}", town.url, bundle.path));
        bundle.new_entries(&served).unwrap()
    };
    let entries = bundles_needed(0, size).flat_map(read);
    let traces = entries.filter(|entry| logged_profile(entry).is_none());
    traces.map(|entry| PublishedTrace::from_bytes(&entry).unwrap()).collect()
}

#[test]
fn a_filled_batch_has_cover_of_both_kinds_whatever_it_holds() {
    // [PAT-20] [PUB-7]
    let plain = include_str!("../../../protocol/src/authority/policy/plain.toml");
    let cover = "[cover]\nmultiple = 4\ndays = 2\n\n[disclosure]";
    let town = Town::new("Patient Cover", &plain.replace("[disclosure]", cover));
    town.desk(&["patient", "enable", "--yes"]);
    town.desk(&["profile", "--out", "profile-with-patient"]);
    town.office.write("profile", town.office.read("profile-with-patient"));
    let profile = SignedProfile::from_bytes(&town.office.read("profile")).unwrap();
    let patient = profile.profile().patient_master_key.unwrap().prepare();
    // How many entries of each kind each day has, as anybody who has the profile counts them.
    let counts = |entries: &[PublishedTrace]| {
        let mut counts = BTreeMap::new();
        for entry in entries {
            let kind = patient.is_master_of(entry.key(), entry.identity().as_bytes());
            *counts.entry((entry.day(), kind)).or_insert(0) += 1;
        }
        counts
    };
    let bar = town.venue("Bar Noren", &[]);
    town.report("Bar Noren", &["--kind", "bar"], &at(19, 0), &at(20, 0));
    let opened = town.desk(&["case", "open", "--venue", "Bar Noren", "--day", &date()]);
    town.warn(&bar, &opened, &["--level", "attention"]);
    let of_a_venue = published(&town);
    let cafe = venue(&town, "Kissa Kodama");
    let patient = diarist(&town);
    patient.visit(&cafe.printed(), &at(19, 0), 60);
    let opened = town.desk(&["patient", "open", "--since", &date()]);
    told(&patient, &["--all"], &opened);
    let made = cases(&town.desk(&["patient", "review", opened["patient"].as_str().unwrap()]));
    town.desk(&["publish", &made[0], "--level", "attention", "--yes"]);
    let of_a_visitor = &published(&town)[of_a_venue.len()..];
    let (venues, visitors) = (counts(&of_a_venue), counts(of_a_visitor));
    assert!(venues.values().all(|count| *count == 4), "{venues:?}");
    assert_eq!(venues, visitors);
    assert!(venues.keys().any(|(_, kind)| *kind) && venues.keys().any(|(_, kind)| !*kind));
}

#[test]
fn nothing_works_where_it_was_not_enabled() {
    // [PAT-1] [PAT-2] [PAT-14]
    let town = Town::new("Patient B", "plain");
    assert_eq!(town.try_desk(&["patient", "status"]).code, Some(1));
    assert_eq!(town.desk(&["profile"])["patient_cases"], false);
    let ran = town.try_desk(&["patient", "enable"]);
    ran.fails("--yes");
    assert!(ran.err.contains("without asking"), "the price is told: {ran:?}");
    assert_eq!(town.desk(&["profile"])["patient_cases"], false);
    town.try_desk(&["patient", "open"]).fails("takes no patient cases");
    let owner = Person::new();
    owner.write("profile", town.office.read("profile"));
    let setup = ["venue", "setup", "--authority", "profile", "--name", "Bar", "--address", "1-2-3"];
    let words = [&setup[..], &["--patient-cases", "--out", "codes"]].concat();
    owner.noren(&words, b"").fails("takes no patient cases");
    assert!(!owner.path("codes").exists());
    let visitor = diarist(&town);
    visitor.visit(&town.venue("Cafe", &[]).poster(), &at(10, 0), 60);
    visitor.0.noren(&["visitor", "upload", "--all"], b"x").fails("takes no visits");
}

#[test]
fn enabling_that_was_cut_off_is_finished_and_rotation_keeps_the_key() {
    // [PAT-14] [CLI-1] [PRO-7]
    let town = Town::new("Patient C", "plain");
    let before = town.office.read("home/authority/profile");
    town.desk(&["patient", "enable", "--yes"]);
    let keys = town.office.read("home/authority/keys");
    assert_eq!(keys.len(), 19 + 32 + 33 + 96);
    // Cut off after the key was written: the profile is the one of before, here and at the server.
    town.office.write("home/authority/profile", &before);
    town.try_desk(&["patient", "open"]).fails("takes no patient cases");
    assert_eq!(town.desk(&["patient", "enable"])["new"], true, "nothing is asked twice");
    assert_eq!(town.office.read("home/authority/keys"), keys, "the same key");
    assert_eq!(town.desk(&["patient", "enable"])["new"], false);
    let journal = town.desk(&["journal"]);
    let journal = journal.as_array().unwrap().iter();
    assert_eq!(journal.filter(|entry| entry["action"] == "patient-enabled").count(), 1);
    town.desk(&["profile", "--out", "new-profile"]);
    town.office.write("profile", town.office.read("new-profile"));
    let (cafe, patient, guest) = (venue(&town, "Cafe"), diarist(&town), town.visitor());
    patient.visit(&cafe.poster(), &at(10, 0), 60);
    guest.visit(&cafe.poster(), &at(10, 30), 60);
    town.desk(&["rotate-keys", "--yes"]);
    let opened = town.desk(&["patient", "open"]);
    // By the old profile: what is sealed to the old upload key still opens.
    told(&patient, &["--all"], &opened);
    let review = town.desk(&["patient", "review", opened["patient"].as_str().unwrap()]);
    town.desk(&["publish", "--yes", &cases(&review)[0], "--level", "attention"]);
    assert_eq!(guest.told()["level"], "attention");
}

#[test]
fn a_venue_that_takes_part_has_no_trace_code_and_is_told_why() {
    // [PAT-2] [PAT-14]
    let town = town("Patient D");
    let owner = Person::new();
    owner.write("profile", town.office.read("profile"));
    let setup = ["venue", "setup", "--authority", "profile", "--name", "Bar", "--address", "1-2-3"];
    let ran = owner.noren(&[&setup[..], &["--patient-cases", "--out", "codes"]].concat(), b"");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("no trace code") && ran.out.contains("private:  none"), "{ran:?}");
    assert!(!owner.path("codes/trace.txt").exists());
    let made = owner.json(&[&setup[..], &["--patient-cases", "--out", "second"]].concat(), b"");
    assert_eq!((&made["trace"], &made["patient_cases"]), (&Value::Null, &true.into()));
    let made = owner.json(&[&setup[..], &["--out", "third"]].concat(), b"");
    assert_eq!(
        (&made["trace"], &made["patient_cases"]),
        (&"third/trace.txt".into(), &false.into())
    );
}

#[test]
fn only_what_the_visitor_chose_and_what_can_be_told_leaves_the_device() {
    // [PAT-15] [PAT-16]
    let town = town("Patient E");
    let (cafe, bar, basic) = (venue(&town, "Cafe"), venue(&town, "Bar"), town.venue("Basic", &[]));
    let patient = diarist(&town);
    patient.visit(&cafe.poster(), &at(-20, 0), 60);
    patient.visit(&cafe.poster(), &at(10, 0), 60);
    patient.visit(&basic.poster(), &at(12, 0), 60);
    let by_hand = ["visitor", "diary", "add", "--name", "Stall"];
    let (from, to) = (at(14, 0), at(14, 30));
    patient.0.json(&[&by_hand[..], &["--from", &from, "--to", &to]].concat(), b"");
    patient.visit(&bar.poster(), &at(19, 0), 90);
    let ids = entries(&patient);
    let opened = town.desk(&["patient", "open"]);
    report(&patient, &[], &opened).fails("name the entries");
    report(&patient, &["ffffff00"], &opened).fails("diary show");
    let none = report(&patient, &[&ids[2], &ids[3]], &opened);
    assert_eq!(none.code, Some(1), "nothing that can be told: {none:?}");
    let sent = told(&patient, &["--all", "--since", &date()], &opened);
    let names = |list: &Value| {
        list.as_array()
            .unwrap()
            .iter()
            .map(|each| each["entry"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&sent["visits"]), [&*ids[1], &*ids[4]]);
    assert_eq!(names(&sent["left_out"]), [&*ids[0], &*ids[2], &*ids[3]]);
    // The same code once more, and one that nobody gave out.
    report(&patient, &[&ids[1]], &opened).fails("used before");
    let wrong = json!({"code": "AAAA-AAAA-AAAA-AAAA"});
    let ran = report(&patient, &[&ids[1]], &wrong);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    // A part of what was told: the rest gets no case unless it is asked for.
    let id = opened["patient"].as_str().unwrap();
    town.try_desk(&["patient", "review", id, "--visits", "3"]).fails("there is no visit 3");
    let review = town.desk(&["patient", "review", id, "--visits", "2"]);
    assert_eq!(review["visits"][0]["case"], Value::Null);
    let made = cases(&review);
    assert_eq!(cases(&town.desk(&["patient", "review", id])), made);
    let guest = town.visitor();
    guest.visit(&cafe.poster(), &at(10, 0), 60);
    town.desk(&["publish", "--yes", &made[0], "--level", "attention"]);
    assert!(guest.sync().is_empty(), "the cafe was not published");
    let both = cases(&town.desk(&["patient", "review", id, "--visits", "1"]));
    assert_eq!(both.len(), 2);
    town.desk(&["publish", "--yes", &both[0], "--level", "attention"]);
    assert_eq!(guest.told()["level"], "attention");
    // A dummy is received and is nothing.
    let dummy = patient.0.json(&["visitor", "upload", "--dummy"], b"");
    assert_eq!((&dummy["dummy"], &dummy["bytes"]), (&true.into(), &65_536.into()));
    assert_eq!(town.try_desk(&["uploads"]).code, Some(1));
}

#[test]
fn the_visitor_is_told_beforehand_what_the_authority_would_refuse() {
    // [PAT-15]
    let town = town("Patient F");
    let (cafe, bar) = (venue(&town, "Cafe"), venue(&town, "Bar"));
    let patient = diarist(&town);
    patient.visit(&cafe.poster(), &at(10, 0), 60);
    patient.visit(&bar.poster(), &at(10, 30), 60);
    patient.visit(&bar.poster(), &at(20, 0), 4);
    let ids = entries(&patient);
    let opened = town.desk(&["patient", "open"]);
    report(&patient, &[&ids[0], &ids[1]], &opened).fails("overlaps the one before it");
    report(&patient, &[&ids[2]], &opened).fails("shorter than five minutes");
    // The code is still good.
    patient.0.json(&["visitor", "diary", "edit", &ids[1], "--from", &at(11, 0)], b"");
    assert_eq!(told(&patient, &[&ids[1], &ids[0]], &opened)["visits"][0]["entry"], *ids[0]);
    let review = town.desk(&["patient", "review", opened["patient"].as_str().unwrap()]);
    assert_eq!(review["visits"][1]["from"], at(11, 0));
}

#[test]
fn what_fails_a_check_is_refused_with_the_visit_and_the_check() {
    // [PAT-5] [PAT-6] [PAT-8] [PAT-17]
    let town = town("Patient G");
    let cafe = venue(&town, "Cafe");
    let patient = diarist(&town);
    patient.visit(&cafe.poster(), &at(-20, 0), 60);
    patient.visit(&cafe.poster(), &at(10, 0), 60);
    // Before the time that the case is about: the first of two.
    let opened = town.desk(&["patient", "open", "--since", &date()]);
    told(&patient, &["--all"], &opened);
    refused(&town, &opened, "visit 1 is refused: the visit begins before");
    let id = opened["patient"].as_str().unwrap();
    assert!(!town.office.path(&format!("home/authority/{id}.upload")).exists());
    // Turned down, and another code given out for a better choice.
    assert_eq!(town.try_desk(&["patient", "reject", id, "--reason", "too early"]).code, Some(0));
    town.try_desk(&["patient", "review", id]).fails("reissue");
    let again = town.desk(&["patient", "reissue", id]);
    told(&patient, &["--all", "--since", &date()], &again);
    assert_eq!(cases(&town.desk(&["patient", "review", id])).len(), 1);
    town.try_desk(&["patient", "reissue", id]).fails("accepted upload");
    // Rejected after the review: its case goes with it, and cannot be rejected alone.
    let case = cases(&town.desk(&["patient", "review", id])).remove(0);
    town.try_desk(&["reject", &case, "--reason", "no"]).fails("patient reject");
    assert_eq!(town.try_desk(&["patient", "reject", id, "--reason", "a doubt"]).code, Some(0));
    town.try_desk(&["publish", &case, "--level", "attention", "--yes"]).fails("closed");
    assert_eq!(town.try_desk(&["patient", "close", id]).code, Some(0));
    town.try_desk(&["patient", "reissue", id]).fails("closed");
}

#[test]
fn what_waits_for_a_release_is_taken_out_before_its_upload_is_turned_down() {
    // [CLI-35]
    let town = town("Patient R");
    let cafe = venue(&town, "Cafe");
    let patient = diarist(&town);
    patient.visit(&cafe.poster(), &at(10, 0), 60);
    let plain = include_str!("../../../protocol/src/authority/policy/plain.toml");
    let release = "[release]\ntimes = [\"00:00\", \"12:00\"]\nmultiple = 2\n\n[disclosure]";
    town.office.write("timed.toml", plain.replace("[disclosure]", release));
    town.desk(&["policy", "set", "timed.toml", "--yes"]);
    let opened = town.desk(&["patient", "open"]);
    told(&patient, &["--all"], &opened);
    let id = opened["patient"].as_str().unwrap();
    let case = cases(&town.desk(&["patient", "review", id])).remove(0);
    town.desk(&["publish", &case, "--level", "attention", "--yes"]);
    let kept = town.office.path(&format!("home/authority/{id}.upload"));
    let reject = ["patient", "reject", id, "--reason", "a doubt"];
    let ran = town.try_desk(&reject);
    ran.fails("waits for the release");
    ran.fails(&format!("withdraw {case}"));
    assert!(kept.exists(), "the release needs it");
    town.desk(&["withdraw", &case, "--yes"]);
    assert_eq!(town.try_desk(&reject).code, Some(0));
    assert!(!kept.exists());
}

#[test]
fn an_upload_of_the_other_kind_is_refused_by_name() {
    // [PAT-3] [PAT-17]
    let town = town("Patient H");
    let (cafe, basic) = (venue(&town, "Cafe"), town.venue("Basic", &[]));
    let patient = diarist(&town);
    patient.visit(&cafe.poster(), &at(10, 0), 60);
    // A venue answers with the code of a patient case.
    let opened = town.desk(&["patient", "open"]);
    basic.answer_within(&opened, &at(10, 0), &at(12, 0));
    refused(&town, &opened, "a venue's upload of keys");
    // A visitor tells visits with the code of a venue's case.
    let (from, to) = (at(10, 0), at(12, 0));
    let case = town.desk(&["case", "open", "--venue", "Basic", "--from", &from, "--to", &to]);
    told(&patient, &["--all"], &case);
    let ran = town.try_desk(&["review", case["case"].as_str().unwrap()]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains("a visitor's upload of visits"), "{ran:?}");
    // And noise is noise.
    let opened = town.desk(&["patient", "open"]);
    assert_eq!(send_raw(&town, &opened["code"], &[7; 65_536]), 202);
    refused(&town, &opened, "does not open");
}

#[test]
fn a_venue_of_another_authority_is_left_out_and_would_be_refused() {
    // [PAT-6] [PAT-8] [PAT-15]
    let (ours, theirs) = (town("Patient I"), town("Patient J"));
    let (cafe, abroad) = (venue(&ours, "Cafe"), venue(&theirs, "Abroad"));
    let patient = diarist(&ours);
    patient.follow(&theirs);
    patient.visit(&cafe.poster(), &at(10, 0), 60);
    patient.visit(&abroad.poster(), &at(12, 0), 60);
    let ids = entries(&patient);
    let opened = ours.desk(&["patient", "open"]);
    report(&patient, &["--all"], &opened).fails("several authorities");
    let sent = told(&patient, &["--all", "--authority", "Patient I"], &opened);
    assert_eq!(sent["left_out"][0]["entry"], *ids[1]);
    // A code of one authority is worth nothing to the other.
    let ran = report(&patient, &["--all", "--authority", "Patient J"], &opened);
    ran.fails("the upload code was refused");
    let review = ours.desk(&["patient", "review", opened["patient"].as_str().unwrap()]);
    assert_eq!(cases(&review).len(), 1);
    // A program that tells it nonetheless is refused, with all that it tells.
    let opened = ours.desk(&["patient", "open"]);
    let visits = [claim(&cafe, 10), claim(&abroad, 12)].to_vec();
    send_visits(&ours, &opened, visits);
    refused(&ours, &opened, "visit 2 is refused: the venue does not take part");
    let opened = ours.desk(&["patient", "open"]);
    send_visits(&ours, &opened, [claim(&cafe, 24 * 7)].to_vec());
    refused(&ours, &opened, "visit 1 is refused: the visit ends in the future");
}

#[test]
fn a_visit_that_was_still_to_come_at_the_first_look_stays_refused() {
    // [PAT-8]
    let town = town("Patient K");
    let cafe = venue(&town, "Cafe");
    let opened = town.desk(&["patient", "open"]);
    let in_seconds = |seconds: u64| UnixSeconds::new(soon(seconds).parse().unwrap()).unwrap();
    let arrival = UnixSeconds::new(soon(0).parse::<u64>().unwrap() - 600).unwrap();
    let mut visit = claim(&cafe, 10);
    (visit.arrival, visit.departure) = (arrival, in_seconds(20));
    send_visits(&town, &opened, vec![visit]);
    let id = opened["patient"].as_str().unwrap();
    for now in [soon(0), soon(45)] {
        let words = ["--json", "--now", &now, "authority", "patient", "review", id];
        let ran = town.office.noren(&words, b"");
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.out.contains("the visit ends in the future"), "{ran:?}");
    }
    // What is told with another code is held against its own time.
    let again = town.desk(&["patient", "reissue", id]);
    send_visits(&town, &again, vec![claim(&cafe, 10)]);
    assert_eq!(cases(&town.desk(&["patient", "review", id])).len(), 1);
}
