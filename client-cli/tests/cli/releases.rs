//! Release times: what staff have released waits for the clock, and goes out filled to one size.

use std::collections::BTreeMap;

use noren::log::{NeededBundle, bundles_needed};
use noren::messages::PublishedTrace;
use noren::profile::logged_profile;
use noren_faults::{Disk, Fault};
use serde_json::Value;

use crate::support::desk::{Desk, hour, now};
use crate::support::http::get;
use crate::support::person::{Person, Ran, run};
use crate::support::tee::Tee;

/// 15 days, so many entries each.
const MULTIPLE: u64 = 8;
const SIZE: u64 = 15 * MULTIPLE;

/// A policy whose releases were and will be at so many minutes from now.
pub(crate) fn policy(minutes: &[i64], multiple: u64) -> String {
    let clock = |minutes: &i64| {
        let time = jiff::Timestamp::from_second(now() + minutes * 60).unwrap();
        time.strftime("\"%H:%M\"").to_string()
    };
    let times = minutes.iter().map(clock).collect::<Vec<_>>().join(", ");
    format!(
        "version = 1\nname = \"by-the-clock\"\ntitle = \"By the clock\"\ntime_zone = \"UTC\"\n\
         decision = \"staff\"\n[release]\ntimes = [{times}]\nmultiple = {multiple}\n"
    )
}

impl Desk {
    /// Goes by a clock that struck so many minutes ago, and not for hours to come.
    fn struck_before(&self, minutes: i64) {
        self.struck(minutes, MULTIPLE);
    }

    fn struck(&self, minutes: i64, multiple: u64) {
        self.person.write("policy.toml", policy(&[-minutes], multiple));
        self.does(&["policy", "set", "policy.toml", "--yes"]);
    }

    fn tries(&self, words: &[&str]) -> Ran {
        self.person.noren(&[&["--json", "authority"], words].concat(), b"")
    }

    /// Every trace of the published log.
    fn published_entries(&self) -> Vec<Vec<u8>> {
        let get = |path: &str| get(&format!("{}/{path}", self.url()));
        let head = String::from_utf8(get("checkpoint")).unwrap();
        let size = head.lines().nth(1).unwrap().parse().unwrap();
        let read =
            |bundle: NeededBundle| bundle.new_entries(&get(&bundle.path.to_string())).unwrap();
        let is_trace = |entry: &Vec<u8>| logged_profile(entry).is_none();
        bundles_needed(0, size).flat_map(read).filter(is_trace).collect()
    }

    fn size(&self) -> u64 {
        self.published_entries().len() as u64
    }

    /// How the log looks to who has no code: the entries of each day, and their lengths.
    fn looks(&self) -> (Vec<usize>, BTreeMap<String, usize>) {
        let entries = self.published_entries();
        let mut days = BTreeMap::new();
        for entry in &entries {
            let day = PublishedTrace::from_bytes(entry).unwrap().day();
            *days.entry(format!("{day:?}")).or_insert(0) += 1;
        }
        (entries.iter().map(Vec::len).collect(), days)
    }

    fn releases(&self) -> Value {
        self.does(&["release"])
    }

    fn release_status(&self) -> Value {
        let ran = self.tries(&["status"]);
        assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
        serde_json::from_str::<Value>(&ran.out).unwrap()
    }

    /// How many uploads the server holds.
    fn uploads(&self) -> usize {
        serde_json::from_str::<Value>(&self.tries(&["uploads"]).out)
            .unwrap()
            .as_array()
            .unwrap()
            .len()
    }

    /// What the journal says of its last release.
    fn last_release(&self) -> Value {
        let journal = self.does(&["journal"]);
        let mut releases =
            journal.as_array().unwrap().iter().filter(|entry| entry["action"] == "release");
        releases.next_back().unwrap()["details"].clone()
    }

    fn waiting(&self) -> Value {
        self.release_status()["release"]["cases"].clone()
    }
}

fn timed() -> Desk {
    let desk = Desk::with_bar();
    desk.struck_before(600);
    desk
}

/// The level of the notice that a guest is told of; `None` where nothing is new.
fn told(guest: &Person) -> Option<String> {
    let ran = guest.noren(&["--json", "visitor", "sync"], b"");
    assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
    let notices: Value = serde_json::from_str(&ran.out).unwrap();
    assert!(notices.as_array().unwrap().len() < 2, "{notices}");
    notices[0]["level"].as_str().map(str::to_owned)
}

#[test]
fn the_log_of_a_desk_with_cases_grows_like_one_without() {
    // [POL-13] [CLI-35] [CLI-36]
    let (busy, quiet) = (timed(), timed());
    for desk in [&busy, &quiet] {
        desk.person.write("policy.toml", policy(&[-510, 10], MULTIPLE));
        desk.does(&["policy", "set", "policy.toml", "--yes"]);
    }
    let guest = busy.guest(18);
    // A venue that was there in the oldest hours of which devices have records.
    let from = hour(-400);
    let setup = ["venue", "setup", "--authority", "health.profile", "--name", "Old Bar"];
    let rest = ["--from", &from, "--to", &hour(240), "--address", "1", "--out", "old"];
    busy.person.json(&[&setup[..], &rest].concat(), b"");
    let answered = |from: i64, to: i64| {
        let opened = busy.open_case(from, to);
        let text = |name: &str| opened[name].as_str().unwrap().to_owned();
        let words = ["venue", "upload", "--yes", "--authority", "health.profile", "--trace"];
        let words = [&words[..], &["old/trace.txt", "--code-file", "-"]].concat();
        let codes = format!("{} {}", text("code"), text("window_code"));
        busy.person.json(&words, codes.as_bytes());
        text("case")
    };
    let case = busy.answered_case(18, 20);
    // Of the oldest day of which devices have records; and one that begins before it. The release
    // is in minutes: shortly before midnight that is another day.
    let days = if now() % 86_400 < 86_400 - 900 { 12 } else { 11 };
    let oldest = answered(-days * 24, -days * 24 + 5);
    let older = answered(-days * 24 - 3, -days * 24 + 2);
    let mut minutes = 500;
    let mut step = |before: &dyn Fn()| {
        before();
        minutes -= 10;
        let sizes = [&busy, &quiet].map(|desk| {
            let size = desk.size();
            desk.person.write("policy.toml", policy(&[-minutes, 10], MULTIPLE));
            desk.does(&["policy", "set", "policy.toml", "--yes"]);
            assert_eq!(desk.size(), size, "nothing goes out but by the clock");
            size
        });
        let at = now().to_string();
        for (desk, size) in [&busy, &quiet].into_iter().zip(sizes) {
            let ran = desk.person.noren(&["--now", &at, "authority", "release"], b"");
            assert_eq!(ran.code, Some(0), "{ran:?}");
            assert_eq!(desk.size(), size + SIZE);
        }
        assert_eq!(busy.looks(), quiet.looks());
    };
    step(&|| {});
    step(&|| {
        let published = busy.does(&["publish", &case, "--level", "attention", "--yes"]);
        assert_eq!(
            (&published["entries"], &published["cases"][0]),
            (&2.into(), &case.as_str().into())
        );
        assert!(published["waits_for"].is_string(), "{published}");
        assert_eq!(told(&guest), None, "it waits");
    });
    assert_eq!(told(&guest).as_deref(), Some("attention"));
    step(&|| {
        busy.does(&["publish", &case, &oldest, &older, "--level", "cluster", "--yes"]);
    });
    assert_eq!(told(&guest).as_deref(), Some("cluster"));
    step(&|| {
        busy.does(&["withdraw", &case, "--yes"]);
    });
    assert_eq!(told(&guest).as_deref(), Some("withdrawn"));
    step(&|| {});
    let audit = busy.person.noren(&["auditor", "verify", "health.profile"], b"");
    assert_eq!(audit.code, Some(0), "{audit:?}");
    busy.does(&["journal"]);
}

#[test]
fn each_release_time_is_sent_once_and_a_missed_one_late() {
    // [CLI-36]
    let desk = timed();
    let is_overdue = || {
        let status = desk.release_status();
        let waiting = status["waiting"].as_array().unwrap();
        waiting.iter().any(|item| item["what"] == "release")
    };
    assert!(is_overdue());
    let first = desk.releases();
    assert_eq!((&first["sent"], &first["log_size"]), (&true.into(), &(SIZE + 2).into()));
    assert!(!is_overdue());
    assert_eq!(desk.release_status()["release"]["last"], first["release"]);
    // [CLI-9]
    let noted = desk.last_release();
    assert_eq!((&noted["cases"], &noted["log_size"]), (&0.into(), &(SIZE + 2).into()));
    for _ in 0..2 {
        let again = desk.tries(&["release"]);
        let shown: Value = serde_json::from_str(&again.out).unwrap();
        assert_eq!((again.code, &shown["sent"]), (Some(1), &false.into()));
        assert_eq!(shown["next"], first["next"]);
    }
    // A heartbeat is no release, and a release is a heartbeat.
    desk.does(&["heartbeat"]);
    let human = desk.person.noren(&["authority", "release"], b"");
    assert!(human.out.contains("went out already"), "{human:?}");
    assert_eq!(desk.size(), SIZE);
    // Three that were missed.
    desk.person.write("policy.toml", policy(&[-300, -200, -100], MULTIPLE));
    desk.does(&["policy", "set", "policy.toml", "--yes"]);
    let case = desk.answered_case(18, 20);
    desk.does(&["publish", &case, "--level", "attention", "--yes"]);
    let notices = || desk.does(&["summary"])["totals"]["notices"].clone();
    assert_eq!(notices(), 0, "nobody has been told yet");
    let late = desk.releases();
    assert_eq!(notices(), 1);
    assert_eq!(
        (&late["cases"][0], &late["log_size"]),
        (&case.as_str().into(), &(2 * SIZE + 3).into()),
        "{late}"
    );
    assert_eq!(desk.last_release()["cases"], 1);
    assert_eq!(desk.tries(&["release"]).code, Some(1));
    assert_eq!(desk.size(), 2 * SIZE);
}

#[test]
fn what_waits_is_shown_replaced_and_taken_out() {
    // [CLI-35]
    let desk = timed();
    desk.releases();
    let case = desk.answered_case(18, 20);
    let publish = |level: &str| desk.tries(&["publish", &case, "--level", level, "--yes"]);
    assert_eq!(publish("attention").code, Some(0));
    assert_eq!(publish("attention").code, Some(1), "just this waits");
    assert_eq!(desk.waiting(), serde_json::json!([case]));
    let listed = desk.does(&["case", "list"])[0].clone();
    assert_eq!((&listed["released"], &listed["status"]), (&true.into(), &"reviewed".into()));
    let human = desk.person.noren(&["authority", "status"], b"");
    assert!(human.out.contains(&format!("{case} wait for it")), "{human:?}");
    desk.tries(&["reject", &case, "--reason", "another"]).fails("takes it out first");
    desk.tries(&["case", "reissue", &case]).fails("accepted upload");
    // Another level takes its place; taken out, nothing waits.
    assert_eq!(publish("cluster").code, Some(0));
    let taken = desk.does(&["withdraw", &case, "--yes"]);
    assert_eq!(taken["taken_out"], serde_json::json!([case]));
    assert_eq!(desk.waiting(), serde_json::json!([]));
    desk.tries(&["withdraw", &case, "--yes"]).fails("no notice stands");
    // Published, it is corrected; what leaves it as it stands goes out as nothing.
    publish("attention");
    desk.struck_before(590);
    assert_eq!(desk.releases()["cases"][0], *case);
    assert_eq!(desk.does(&["withdraw", &case, "--yes"])["entries"], 2);
    assert_eq!(desk.tries(&["withdraw", &case, "--yes"]).code, Some(1), "that waits already");
    assert_eq!(
        desk.does(&["publish", &case, "--level", "attention", "--yes"])["taken_out"][0],
        *case
    );
    publish("cluster");
    desk.does(&["withdraw", &case, "--yes"]);
    desk.struck_before(580);
    let sent = desk.releases();
    assert_eq!((&sent["entries"], &sent["cases"]), (&2.into(), &serde_json::json!([case])));
    assert_eq!(desk.does(&["case", "list"])[0]["status"], "withdrawn");
    // A case that is closed waits for nothing.
    let other = desk.answered_case(18, 20);
    desk.does(&["publish", &other, "--level", "attention", "--yes"]);
    desk.tries(&["case", "close", &other]).fails("takes it out first");
    assert_eq!(
        desk.waiting(),
        serde_json::json!([other]),
        "nobody was asked, and nothing is cancelled"
    );
    assert_eq!(desk.does(&["withdraw", &other, "--yes"])["taken_out"][0], *other);
    assert_eq!(desk.tries(&["case", "close", &other]).code, Some(0));
    desk.struck_before(570);
    assert_eq!(desk.releases()["cases"], serde_json::json!([]));
    assert_eq!(desk.size(), 4 * SIZE);
    desk.does(&["journal"]);
}

#[test]
fn at_once_says_what_it_shows() {
    // [CLI-35] [CLI-17]
    let desk = timed();
    desk.releases();
    let (case, other) = (desk.answered_case(18, 20), desk.answered_case(18, 20));
    let preview = desk.does(&["publish", &case, "--level", "attention", "--dry-run"]);
    assert!(preview["waits_for"].is_string() && preview["shows"].is_null(), "{preview}");
    let words = ["publish", &case, "--level", "attention", "--at-once"];
    let preview = desk.does(&[&words[..], &["--dry-run"]].concat());
    assert!(preview["shows"].as_str().unwrap().contains("at once"), "{preview}");
    assert_eq!((&preview["entries"], &preview["cover"]), (&2.into(), &(SIZE - 2).into()));
    let guest = desk.guest(18);
    // What waits is overtaken, and does not go out once more.
    desk.does(&["publish", &case, "--level", "attention", "--yes"]);
    // [PUB-6] What goes out now agrees with what waits, and would stand beside it later.
    let half = ["--from", &hour(18), "--to", &hour(18).replace(":00:00Z", ":30:00Z")];
    let narrow = |case: &str, level: &str, more: &[&str]| {
        let words = ["publish", case, "--level", level, "--yes"];
        desk.tries(&[&words[..], &half, more].concat())
    };
    narrow(&other, "cluster", &["--at-once"]).fails("take the other back");
    assert_eq!(desk.size(), SIZE);
    let sent = desk.person.noren(&[&["authority"], &words[..], &["--yes"]].concat(), b"");
    assert!(sent.err.contains("sees that there is a case"), "{sent:?}");
    assert_eq!((desk.size(), told(&guest).as_deref()), (2 * SIZE, Some("attention")));
    assert_eq!(desk.waiting(), serde_json::json!([]));
    narrow(&other, "cluster", &["--at-once"]).fails("take the other back");
    narrow(&other, "cluster", &[]).fails("take the other back");
    desk.does(&["withdraw", &case, "--yes"]);
    assert_eq!(narrow(&other, "cluster", &[]).code, Some(0), "that notice will be gone");
    desk.tries(&["publish", &case, "--level", "attention", "--yes"]).fails("take the other back");
    desk.does(&["withdraw", &case, "--yes", "--at-once"]);
    assert_eq!((desk.size(), told(&guest).as_deref()), (3 * SIZE, Some("withdrawn")));
    assert_eq!(desk.waiting(), serde_json::json!([other]));
}

#[test]
fn a_release_that_is_larger_than_others_is_told_before() {
    // [CLI-35] [POL-13]
    let desk = Desk::with_bar();
    desk.struck(600, 2);
    let (small, large) = (desk.answered_case(18, 20), desk.answered_case(18, 23));
    let preview = |case: &str| desk.does(&["publish", case, "--level", "attention", "--dry-run"]);
    assert!(preview(&small)["shows"].is_null());
    assert!(preview(&large)["shows"].as_str().unwrap().contains("larger"));
    desk.does(&["publish", &small, "--level", "attention", "--yes"]);
    let replaced = desk.does(&["publish", &small, "--level", "cluster", "--dry-run"]);
    assert!(replaced["shows"].is_null(), "it takes the place of what waits: {replaced}");
    let both = preview(&desk.answered_case(10, 11));
    assert!(both["shows"].as_str().unwrap().contains("larger"), "what waits counts: {both}");
}

#[test]
fn several_operators_approve_before_it_waits() {
    // [CLI-11] [CLI-35]
    let desk = timed();
    desk.releases();
    for name in ["Sato", "Ito"] {
        let half = desk.person.operator_key(&format!("{name}.key"));
        desk.does(&["operator", "add", name, "--public-half", &half]);
    }
    let case = desk.answered_case(18, 20);
    desk.does(&["operator", "require", "2"]);
    let propose = |words: &[&str]| {
        let proposal = desk.does(&[words, &["--yes"]].concat());
        proposal["proposal"].as_str().unwrap().to_owned()
    };
    let approve =
        |id: &str, key: &str| desk.tries(&["approve", id, "--yes", "--key", &format!("{key}.key")]);
    let raise = ["publish", &case, "--level", "cluster"];
    let (first, second) = (propose(&["publish", &case, "--level", "attention"]), propose(&raise));
    let at_once = propose(&[&raise[..], &["--at-once"]].concat());
    let listed = desk.person.noren(&["authority", "operator", "list"], b"").out;
    assert!(listed.contains(&format!("publish case {case} at once")), "{listed}");
    assert_eq!(approve(&first, "Sato").code, Some(0));
    assert_eq!(desk.waiting(), serde_json::json!([]));
    let done = approve(&first, "Ito");
    assert!(done.out.contains("waits_for"), "{done:?}");
    assert_eq!((desk.waiting(), desk.size()), (serde_json::json!([case]), SIZE));
    // What waits has changed what the others start from.
    for void in [second, at_once] {
        approve(&void, "Sato").fails("has changed since");
    }
    let (withdraw, third) = (propose(&["withdraw", &case]), propose(&raise));
    assert_eq!(approve(&withdraw, "Sato").code, Some(0));
    // One alone cannot cancel it by another name.
    desk.tries(&["case", "close", &case]).fails("takes it out first");
    desk.tries(&["reject", &case, "--reason", "another venue"]).fails("takes it out first");
    assert_eq!(desk.waiting(), serde_json::json!([case]));
    assert_eq!(approve(&withdraw, "Ito").code, Some(0));
    assert_eq!(desk.waiting(), serde_json::json!([]));
    // So has what was taken out.
    approve(&third, "Sato").fails("has changed since");
}

#[test]
fn what_waits_goes_out_when_the_policy_loses_its_times() {
    // [CLI-36]
    let desk = timed();
    let case = desk.answered_case(18, 20);
    desk.does(&["publish", &case, "--level", "attention", "--yes"]);
    desk.does(&["policy", "set", "plain", "--yes"]);
    let status = desk.release_status();
    assert!(status["waiting"].as_array().unwrap().iter().any(|item| item["what"] == "release"));
    let sent = desk.releases();
    assert_eq!((&sent["cases"][0], &sent["log_size"]), (&case.as_str().into(), &5.into()));
    let nothing = desk.person.noren(&["authority", "release"], b"");
    assert_eq!(nothing.code, Some(1));
    assert!(nothing.out.contains("no release times"), "{nothing:?}");
}

#[test]
fn a_damaged_upload_keeps_no_other_case() {
    // [CLI-36]
    let desk = timed();
    let (sound, damaged) = (desk.answered_case(18, 20), desk.answered_case(10, 12));
    for case in [&sound, &damaged] {
        desk.does(&["publish", case, "--level", "attention", "--yes"]);
    }
    desk.person.write(&format!("home/authority/{damaged}.upload"), b"damaged");
    let ran = desk.tries(&["release"]);
    let sent: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &sent["cases"]), (Some(1), &serde_json::json!([sound])), "{ran:?}");
    assert_eq!(sent["left"][0]["case"], *damaged);
    assert_eq!((desk.size(), desk.waiting()), (SIZE, serde_json::json!([damaged])));
}

#[test]
fn more_than_one_append_holds_goes_out_in_several() {
    // [POL-14] [CLI-36]
    let desk = timed();
    let cases = [desk.answered_case(18, 20), desk.answered_case(10, 11), desk.answered_case(8, 9)];
    // In another order than they were opened in.
    let order = [&cases[1], &cases[2], &cases[0]];
    for (case, seconds) in order.into_iter().zip(0..) {
        let at = (now() + seconds * 10).to_string();
        desk.does(&["--now", &at, "publish", case, "--level", "attention", "--yes"]);
    }
    assert_eq!(desk.uploads(), 3);
    let sent = desk.does(&["release", "--most-entries", "1"]);
    assert_eq!(sent["cases"], serde_json::json!(order), "whole cases, the longest waiting first");
    assert_eq!(desk.uploads(), 0, "the server need not hold them any longer");
    assert_eq!((&sent["entries"], desk.size()), (&4.into(), 3 * SIZE));
    assert_eq!(desk.tries(&["release"]).code, Some(1));
}

/// Runs a release that is struck by a fault from one operation on.
fn struck(desk: &Desk, fault: Fault, from: u64, to: u64) -> Ran {
    let disk = Disk::under(&desk.person.path("."));
    disk.set(fault, from..=to);
    let words = ["--json", "authority", "release", "--most-entries", "1"];
    let mut command = desk.person.command(&words);
    disk.lay_under(&mut command);
    run(&mut command, b"")
}

#[test]
fn a_release_struck_at_any_write_is_finished_once() {
    // [CLI-1] [CLI-36]
    let desk = Desk::with_bar();
    let cases = [desk.answered_case(18, 20), desk.answered_case(10, 11)];
    let (mut minutes, mut levels) = (1_300, ["cluster", "attention"].into_iter().cycle());
    // A sound run has some 200 operations, whose neighbours strike the same step.
    for (fault, step) in [(Fault::Kill, 4), (Fault::Full, 17)] {
        for number in (1..).step_by(step) {
            minutes -= 1;
            desk.struck(minutes, 1);
            let level = levels.next().unwrap();
            desk.does(&["publish", &cases[0], &cases[1], "--level", level, "--yes"]);
            let before = desk.size();
            let to = if fault == Fault::Kill { number } else { u64::MAX };
            let first = struck(&desk, fault, number, to);
            let again = desk.tries(&["release", "--most-entries", "1"]);
            assert!(matches!(again.code, Some(0 | 1)), "{number}: {first:?} {again:?}");
            // Two appends, of 15 and 15 entries and one more for the second hour of a day.
            assert_eq!(desk.size() - before, 31, "{fault:?} {number}: {first:?} {again:?}");
            if first.code == Some(0) {
                assert!(number > 100, "{number} operations");
                break;
            }
        }
    }
    assert_eq!(desk.waiting(), serde_json::json!([]));
    assert_eq!(desk.tries(&["release"]).code, Some(1));
    desk.does(&["journal"]);
    let audit = desk.person.noren(&["auditor", "verify", "health.profile"], b"");
    assert_eq!(audit.code, Some(0), "{audit:?}");
}

#[test]
fn a_desk_that_was_restored_does_not_release_once_more_what_went_out() {
    // [CLI-15] [CLI-36]
    let desk = timed();
    let case = desk.answered_case(18, 20);
    desk.does(&["publish", &case, "--level", "attention", "--yes"]);
    let state = desk.person.read("home/authority/desk.sqlite");
    desk.releases();
    desk.person.write("home/authority/desk.sqlite", state);
    desk.tries(&["release"]).fails("take-over");
    assert_eq!(desk.does(&["take-over", "--yes"])["found"][0], case);
    assert_eq!(desk.waiting(), serde_json::json!([]));
    // The desk cannot know that this time is done; cover tells nobody anything.
    assert_eq!(desk.releases()["cases"], serde_json::json!([]));
    assert_eq!(desk.size(), 2 * SIZE);
    // What waited and is not what went out was decided before: the withdrawal stands.
    desk.struck_before(590);
    desk.does(&["publish", &case, "--level", "cluster", "--yes"]);
    let state = desk.person.read("home/authority/desk.sqlite");
    desk.does(&["withdraw", &case, "--yes"]);
    desk.releases();
    desk.person.write("home/authority/desk.sqlite", state);
    desk.does(&["take-over", "--yes"]);
    assert_eq!(desk.does(&["case", "list"])[0]["status"], "withdrawn");
    assert_eq!(desk.waiting(), serde_json::json!([]));
}

#[test]
fn policy_check_says_what_release_times_mean() {
    // [POL-12] [POL-14]
    let person = Person::new();
    let check = |text: &str| {
        person.write("policy.toml", text);
        person.noren(&["authority", "policy", "check", "policy.toml"], b"")
    };
    let timed = policy(&[0, 60], MULTIPLE);
    let ran = check(&timed);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for words in
        ["publications wait for ", "(UTC)", "120 entries, 240 with patient cases", "heartbeat"]
    {
        assert!(ran.out.contains(words), "{words}: {ran:?}");
    }
    let plain = &timed[..timed.find("[release]").unwrap()];
    assert!(check(plain).out.contains("publications go out at once"), "{:?}", check(plain));
    check(&format!("{plain}[cover]\nmultiple = 1024\ndays = 14\n")).fails("one append takes 8192");
}

#[test]
fn what_devices_have_forgotten_by_the_release_is_taken_out() {
    // [POL-13]
    let desk = timed();
    let (old, new) = (desk.answered_case(18, 20), desk.answered_case(23, 25));
    for case in [&old, &new] {
        desk.does(&["publish", case, "--level", "attention", "--yes"]);
    }
    // Devices keep today and yesterday from now on.
    let shorter = policy(&[-590], MULTIPLE).replace("decision", "retention_days = 1\ndecision");
    desk.person.write("policy.toml", shorter);
    desk.does(&["policy", "set", "policy.toml", "--yes"]);
    let ran = desk.tries(&["release"]);
    let sent: Value = serde_json::from_str(&ran.out).unwrap();
    assert!(ran.err.contains(&format!("case {old}: devices have forgotten its hours")), "{ran:?}");
    assert_eq!((ran.code, &sent["cases"]), (Some(0), &serde_json::json!([new])), "{ran:?}");
    assert_eq!((&sent["entries"], desk.size()), (&1.into(), 2 * MULTIPLE), "one of its two hours");
    assert_eq!(desk.waiting(), serde_json::json!([]), "nor does it wait any longer");
}

#[test]
fn release_times_are_those_of_the_policys_zone() {
    // [POL-12] [CLI-36]
    let desk = Desk::new("Health Office");
    let tokyo = policy(&[], MULTIPLE).replace("UTC", "Asia/Tokyo").replace("[]", "[\"18:00\"]");
    desk.person.write("policy.toml", tokyo);
    desk.does(&["policy", "set", "policy.toml", "--yes"]);
    let next = desk.release_status()["release"]["next"].clone();
    assert!(next.as_str().unwrap().ends_with("T09:00:00Z"), "{next}");
}

#[test]
fn a_release_whose_request_or_answer_was_lost_goes_out_once() {
    // [CLI-1] [CLI-36]
    let tee = Tee::new();
    let desk = Desk::behind(&tee);
    desk.struck_before(600);
    let case = desk.answered_case(18, 20);
    let publish = |level: &str, more: &[&str]| {
        desk.tries(&[&["publish", &case, "--level", level, "--yes"], more].concat())
    };
    assert_eq!(publish("attention", &[]).code, Some(0));
    tee.lose(Some("POST /v1/log?"));
    assert_eq!(desk.tries(&["release"]).code, Some(2));
    tee.lose(None);
    let sent = desk.releases();
    assert_eq!((&sent["sent"], &sent["cases"]), (&true.into(), &serde_json::json!([case])));
    assert_eq!((desk.tries(&["release"]).code, desk.size()), (Some(1), SIZE));
    // A publication that was cut off is finished by it, and is no release.
    tee.lose(Some("POST /v1/log?"));
    assert_eq!(publish("cluster", &["--at-once"]).code, Some(2));
    tee.lose(None);
    let resumed = desk.tries(&["release"]);
    let shown: Value = serde_json::from_str(&resumed.out).unwrap();
    assert_eq!((resumed.code, &shown["sent"]), (Some(1), &false.into()), "{resumed:?}");
    assert_eq!(desk.size(), 2 * SIZE);
    // [CLI-15] Whoever takes the desk over finds in the log that it went out.
    desk.struck_before(590);
    tee.swallow(Some("POST /v1/log?"));
    assert_eq!(desk.tries(&["release"]).code, Some(2));
    tee.swallow(None);
    std::fs::remove_dir_all(desk.person.path("state")).unwrap();
    desk.does(&["take-over", "--yes"]);
    assert_eq!((desk.tries(&["release"]).code, desk.size()), (Some(1), 3 * SIZE));
}
