//! The authority's way from a case to a notice, over the real binary and the real server.

use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use crate::support::desk::{Desk, hour, now};
use crate::support::person::Person;
use noren::authority::AuthorityKeys;
use noren::log::{Checkpoint, Origin, TreeHash};
use noren::time::UnixSeconds;
use serde_json::Value;

impl Desk {
    fn publish(&self, words: &[&str]) {
        self.person.json(&[&["authority"], words].concat(), b"");
    }

    fn log_size(&self) -> u64 {
        let report = self.person.json(&["authority", "heartbeat"], b"");
        report["log_size"].as_u64().unwrap()
    }
}

#[test]
fn an_upload_for_another_case_is_refused_by_name() {
    // [REV-2] [CLI-3]
    let town = Desk::with_bar();
    let case = town.answered_case(18, 20);
    let review = town.person.json(&["authority", "review", &case], b"");
    assert_eq!(review["claimed"]["name"], "Bar Noren");
    let unanswered = town.open_case(18, 20);
    let unanswered = unanswered["case"].as_str().unwrap();
    town.person.noren(&["authority", "review", unanswered], b"").fails("nothing was uploaded");
    town.person
        .noren(&["authority", "publish", "--yes", unanswered, "--level", "cluster"], b"")
        .fails("nothing was uploaded");
    // Another case's sealed bytes, as a server might hand them out.
    let sealed = town.person.read(&format!("home/authority/{case}.upload"));
    town.person.write(&format!("home/authority/{unanswered}.upload"), sealed);
    let ran = town.person.noren(&["authority", "review", unanswered], b"");
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.contains("another case"), "{ran:?}");
}

#[test]
fn a_publish_killed_at_any_moment_is_finished_once_by_the_next_command() {
    // [CLI-1] [API-9]
    let town = Desk::with_bar();
    let case = town.answered_case(18, 20);
    town.person.json(&["authority", "review", &case], b"");
    for attempt in 0..8_u64 {
        let before = town.log_size();
        let level = if attempt % 2 == 0 { "attention" } else { "cluster" };
        let mut child = town
            .person
            .command(&["authority", "publish", "--yes", &case, "--level", level])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        sleep(Duration::from_millis(attempt * 6));
        let _ = child.kill();
        // Where the run before was killed at once, the same notice stands already, and that is no publication.
        let acknowledged = child.wait_with_output().unwrap().status.success();
        let added = town.log_size() - before;
        assert!(added == 2 || (added == 0 && !acknowledged), "{added} entries, {acknowledged}");
    }
    let audit = town.person.noren(&["auditor", "verify", "health.profile"], b"");
    assert_eq!(audit.code, Some(0), "{audit:?}");
}

#[test]
fn a_restored_desk_reads_on_where_the_other_published() {
    // [CLI-14] [CLI-15]
    let town = Desk::with_bar();
    let case = town.answered_case(18, 20);
    let state = town.person.read("home/authority/desk.sqlite");
    town.person.json(&["authority", "publish", "--yes", &case, "--level", "attention"], b"");
    town.person.write("home/authority/desk.sqlite", state);
    town.person.noren(&["authority", "heartbeat"], b"").fails("take-over");
    assert_eq!(town.does(&["take-over", "--yes"])["found"][0], case);
    assert_eq!(town.log_size(), 3, "the old copy has caught up");
    town.person.json(&["authority", "publish", "--yes", &case, "--level", "cluster"], b"");
    assert_eq!(town.log_size(), 5);
    let audit = town.person.noren(&["auditor", "verify", "health.profile"], b"");
    assert_eq!(audit.code, Some(0), "{audit:?}");
}

#[test]
fn a_notice_is_raised_narrowed_and_taken_back_for_those_it_reached() {
    // [PUB-2] [PUB-3] [MAT-5]
    let town = Desk::with_bar();
    let (early, late) = (town.guest(19), town.guest(19));
    let case = town.answered_case(18, 20);
    let sync = |guest: &Person| {
        let ran = guest.noren(&["--json", "visitor", "sync"], b"");
        let notices: Value = serde_json::from_str(&ran.out).unwrap();
        let shown =
            |notice: &Value| (notice["level"].to_string(), notice["venue"]["name"].to_string());
        (ran.code, notices.as_array().unwrap().iter().map(shown).collect::<Vec<_>>())
    };
    let one = |level: &str, venue: &str| (Some(0), vec![(level.to_owned(), venue.to_owned())]);
    town.publish(&["publish", "--yes", &case, "--level", "attention"]);
    assert_eq!(sync(&early), one("\"attention\"", "null"));
    assert_eq!(sync(&early), (Some(1), vec![]), "told once");
    town.publish(&["publish", "--yes", &case, "--level", "cluster"]);
    assert_eq!(sync(&early), one("\"cluster\"", "\"Bar Noren\""));
    let (from, to) = (hour(18), hour(19));
    town.publish(&["publish", "--yes", &case, "--level", "cluster", "--from", &from, "--to", &to]);
    assert_eq!(sync(&early).1[0].0, "\"withdrawn\"", "that hour is no longer meant");
    town.publish(&["publish", "--yes", &case, "--level", "attention"]);
    assert_eq!(sync(&early).1[0].0, "\"attention\"", "and now it is again");
    town.publish(&["withdraw", "--yes", &case]);
    assert_eq!(sync(&early).1[0].0, "\"withdrawn\"");
    assert_eq!(sync(&late), (Some(1), vec![]), "never warned, so nothing to take back");
}

#[test]
fn a_watcher_hands_each_notice_to_a_command_once() {
    let town = Desk::with_bar();
    let guest = town.guest(19);
    let case = town.answered_case(18, 20);
    town.publish(&["publish", "--yes", &case, "--level", "cluster"]);
    let watch = |command: &str| {
        let words = ["visitor", "watch", "--every", "1s", "--rounds", "1", "--run", command];
        guest.noren(&words, b"").code
    };
    // [CLI-21] What was not taken is no success.
    assert_eq!(watch("exit 3"), Some(2));
    assert_eq!(watch("cat >> notices"), Some(0));
    assert_eq!(watch("cat >> notices"), Some(0));
    let notices = String::from_utf8(guest.read("notices")).unwrap();
    assert_eq!(notices.lines().count(), 1, "{notices}");
    let notice: Value = serde_json::from_str(&notices).unwrap();
    assert_eq!(notice["venue"]["name"], "Bar Noren");
}

#[test]
fn an_auditor_sees_a_log_that_went_back_or_stands_still() {
    // [LOG-8] [LOG-10]
    let town = Desk::with_bar();
    let audit = |words: &[&str]| {
        town.person.noren(&[words, &["auditor", "verify", "health.profile"]].concat(), b"")
    };
    let case = town.answered_case(18, 20);
    town.person.json(&["authority", "publish", "--yes", &case, "--level", "attention"], b"");
    assert_eq!(audit(&[]).code, Some(0));
    let frozen = audit(&["--now", "4000000000"]);
    assert_eq!(frozen.code, Some(1), "{frozen:?}");
    assert!(frozen.out.contains("FINDING"), "{frozen:?}");
    // What the auditor saw before, had it been more, or another history.
    let folder = town.person.path("home/auditor");
    let file = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let file = file.into_iter().find(|path| path.extension().is_some()).unwrap();
    // Behind the mark and the digest of a desk's file.
    let keys = AuthorityKeys::from_bytes(&town.person.read("home/authority/keys")[51..]).unwrap();
    let origin = Origin::new("town.example/log").unwrap();
    let (kept, time) = (std::fs::read(&file).unwrap(), UnixSeconds::from_i64(now() - 5).unwrap());
    for (size, finding) in [(5, "rollback"), (2, "fork")] {
        let head = Checkpoint { origin: origin.clone(), size, root: TreeHash([7; 32]) };
        let note = head.sign(&keys.log_keys(), time).unwrap();
        std::fs::write(&file, serde_json::json!([{ "note": note }]).to_string()).unwrap();
        let ran = audit(&[]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(ran.out.contains(finding), "{ran:?}");
        // What nobody signed proves nothing.
        let mut seen: Value = serde_json::from_slice(&kept).unwrap();
        seen[0]["size"] = size.into();
        std::fs::write(&file, seen.to_string()).unwrap();
        assert_eq!(audit(&[]).code, Some(0));
    }
}

#[test]
fn a_withdrawal_leaves_the_notice_of_another_case_standing() {
    // [PUB-3]
    let town = Desk::with_bar();
    let guest = town.guest(19);
    let (right, wrong) = (town.answered_case(18, 20), town.answered_case(19, 22));
    town.publish(&["publish", "--yes", &wrong, "--level", "attention"]);
    town.publish(&["publish", "--yes", &right, "--level", "cluster"]);
    let level = || {
        let ran = guest.noren(&["--json", "visitor", "sync"], b"");
        assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
        let notices = guest.json(&["visitor", "notices"], b"");
        notices.as_array().unwrap().iter().map(|each| each["level"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(level(), ["cluster"]);
    town.publish(&["withdraw", "--yes", &wrong]);
    assert_eq!(level(), ["cluster"], "it is the other case's");
    town.person.noren(&["authority", "withdraw", "--yes", &right], b"");
    assert_eq!(level(), ["withdrawn"]);
}

#[test]
fn notices_of_two_cases_do_not_take_one_another_back() {
    // [PUB-6]
    let town = Desk::with_bar();
    let (guest, later) = (town.guest(19), town.guest(20));
    let case = || town.answered_case(18, 21);
    let (first, second, third) = (case(), case(), case());
    let at = |h: i64, minute: &str| hour(h).replace(":00:00Z", &format!(":{minute}:00Z"));
    let half = [at(19, "00"), at(19, "30")];
    let rest = [at(19, "40"), at(21, "00")];
    let publish = |case: &str, level: &str, [from, to]: &[String; 2]| {
        let words = ["publish", "--yes", case, "--level", level, "--from", from, "--to", to];
        town.person.noren(&[&["authority"], &words[..]].concat(), b"")
    };
    let level = |guest: &Person| {
        let ran = guest.noren(&["--json", "visitor", "sync"], b"");
        assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
        let notices = guest.json(&["visitor", "notices"], b"");
        notices.as_array().unwrap().iter().map(|each| each["level"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(publish(&first, "attention", &half).code, Some(0));
    assert_eq!(level(&guest), ["attention"]);
    let size = town.log_size();
    publish(&second, "attention", &rest).fails("would take the other back");
    publish(&second, "attention", &[at(19, "10"), at(19, "50")]).fails(&first);
    assert_eq!(town.log_size(), size, "nothing was published");
    assert_eq!(publish(&third, "cluster", &[hour(18), hour(21)]).code, Some(0), "it holds both");
    assert_eq!((level(&guest), level(&later)), (vec!["cluster".into()], vec!["cluster".into()]));
    // What says less changes nothing for the guest, until the other is withdrawn.
    publish(&second, "attention", &rest).fails(&first);
    assert_eq!(publish(&first, "attention", &[at(19, "10"), at(19, "20")]).code, Some(0));
    assert_eq!((level(&guest), level(&later)), (vec!["cluster".into()], vec!["cluster".into()]));
    town.publish(&["withdraw", "--yes", &third]);
    assert_eq!(
        (level(&guest), level(&later)),
        (vec!["attention".into()], vec!["withdrawn".into()])
    );
}

#[test]
fn a_batch_with_two_notices_for_one_hour_needs_one_that_says_all() {
    // [PUB-6]
    let town = Desk::with_bar();
    let guest = town.guest(19);
    let (short, long) = (town.answered_case(19, 20), town.answered_case(18, 22));
    let both = ["authority", "publish", "--yes", &short, &long, "--level", "cluster"];
    assert_eq!(town.person.noren(&both, b"").code, Some(0));
    guest.noren(&["visitor", "sync"], b"");
    assert_eq!(guest.json(&["visitor", "notices"], b"").as_array().unwrap().len(), 1);
}
