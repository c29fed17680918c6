//! What the reports call for now: the level of a notice, and the times that no case asks for.

use serde_json::Value;

use crate::support::person::Ran;
use crate::support::town::{Town, at, date};

/// Two reports make a case, three a cluster; what counts is the stay.
const POLICY: &str = "version = 1\nname = \"thr\"\ntitle = \"T\"\ntime_zone = \"Asia/Tokyo\"\n\
    decision = \"thresholds\"\n[disclosure]\nvenue = \"cluster-only\"\n[[threshold]]\nothers = true\n\
    bands = [{ reports = 2 }]\n[cluster]\nreports = 3\n";

fn report(town: &Town, hours: (i64, i64)) -> Value {
    town.report("Bar Noren", &["--kind", "bar"], &at(hours.0, 0), &at(hours.1, 0))
}

/// The commands that `status` shows for thresholds that are reached without a case.
fn uncovered(town: &Town) -> Vec<String> {
    let status: Value = serde_json::from_str(&town.try_desk(&["status"]).out).unwrap();
    let waiting = status["waiting"].as_array().unwrap().iter();
    let items = waiting.filter(|item| item["what"] == "threshold");
    items.map(|item| item["next"].as_str().unwrap().to_owned()).collect()
}

/// Runs a command as it is shown.
fn run_shown(town: &Town, command: &str) -> Ran {
    let words =
        command.strip_prefix("noren authority ").unwrap().replace("\"Bar Noren\"", "Bar_Noren");
    let words: Vec<String> = words.split(' ').map(|word| word.replace('_', " ")).collect();
    town.try_desk(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn the_level_is_that_of_the_reports_that_stand_now() {
    // [CLI-17]
    let town = Town::new("Level", POLICY);
    let bar = town.venue("Bar Noren", &["--kind", "bar"]);
    let first = report(&town, (18, 20));
    let second = report(&town, (18, 20));
    let case = second["case"].as_str().unwrap();
    bar.answer(&second["opened"]);
    town.desk(&["review", case]);
    let preview = || town.desk(&["publish", case, "--dry-run"])["notices"][0].clone();
    assert_eq!(preview()["level"], "attention");
    let third = report(&town, (18, 20));
    let seen = preview();
    assert_eq!(seen["level"], "cluster", "as help says: {seen}");
    assert!(seen["reports"].as_str().unwrap().starts_with("3 of 3 reports"), "{seen}");
    let human = town.office.noren(&["authority", "publish", case, "--dry-run"], b"");
    assert!(human.out.contains("reports now:  3 of 3 reports"), "{human:?}");
    for id in [&first, &third] {
        let words = ["withdraw", id["report"].as_str().unwrap(), "--yes"];
        assert_eq!(town.try_desk(&words).code, Some(0));
    }
    let refused = town.try_desk(&["publish", case, "--yes"]);
    refused.fails("the reports that stand now give case");
    refused.fails("1 of 2 reports");
    let given = town.desk(&["publish", case, "--level", "attention", "--dry-run"]);
    let reports = given["notices"][0]["reports"].as_str().unwrap();
    assert!(reports.contains("below the threshold"), "whoever decides sees it: {given}");
    let last = ["withdraw", second["report"].as_str().unwrap(), "--yes"];
    assert_eq!(town.try_desk(&last).code, Some(0));
    town.try_desk(&["publish", case, "--yes"]).fails("0 of 2 reports");
    let listed = town.desk(&["case", "list"]);
    assert_eq!(listed[0]["status"], "reviewed", "nothing went out: {listed}");
}

#[test]
fn reports_of_other_hours_wait_until_a_case_asks_for_them() {
    // [CLI-19]
    let town = Town::new("Other Hours", POLICY);
    let bar = town.venue("Bar Noren", &["--kind", "bar"]);
    report(&town, (11, 12));
    let noon = report(&town, (11, 12));
    town.warn(&bar, &noon["opened"], &[]);
    assert_eq!(uncovered(&town), Vec::<String>::new());
    let late = report(&town, (20, 22));
    let open = format!("noren authority case open --venue \"Bar Noren\" --day {}", date());
    assert_eq!(late["case"], noon["case"]);
    assert_eq!(late["uncovered"], *open, "{late}");
    assert_eq!(uncovered(&town), [&*open]);
    let guest = town.visitor();
    guest.visit(&bar.poster(), &at(20, 30), 60);
    let opened = run_shown(&town, &open);
    assert_eq!(opened.code, Some(0), "{opened:?}");
    assert_eq!(uncovered(&town), Vec::<String>::new());
    let opened: Value = serde_json::from_str(&opened.out).unwrap();
    town.warn(&bar, &opened, &[]);
    assert_eq!(guest.told()["level"], "cluster");
    // A report within what is asked for waits for nothing, and one that was closed knew of those before.
    let again = report(&town, (20, 21));
    assert!(again["uncovered"].is_null() && uncovered(&town).is_empty(), "{again}");
}

#[test]
fn a_case_that_is_closed_answers_for_the_reports_before_it() {
    // [CLI-19]
    let town = Town::new("Closed Before", POLICY);
    report(&town, (11, 12));
    let opened = report(&town, (11, 12));
    let case = opened["case"].as_str().unwrap();
    assert_eq!(town.try_desk(&["case", "close", case]).code, Some(0));
    assert_eq!(uncovered(&town), Vec::<String>::new(), "that was decided");
    let words = ["--venue", "Bar Noren", "--from", &at(11, 0), "--to", &at(12, 0), "--kind", "bar"];
    let later = town.try_desk(
        &[&["report", "--no-case", "--now", &crate::support::town::soon(5)], &words[..]].concat(),
    );
    assert_eq!(later.code, Some(0), "{later:?}");
    assert_eq!(uncovered(&town).len(), 1, "it came after the decision");
}

#[test]
fn more_than_one_case_holds_is_opened_piece_by_piece() {
    // [CLI-19] [CLI-3]
    let town = Town::new("Long Stay", "osaka");
    let bar = ["--kind", "bar"];
    let ran = town.try_desk(
        &[&["report", "--venue", "Bar Noren", "--from", &at(-1, 0), "--to", &at(22, 0)], &bar[..]]
            .concat(),
    );
    let first = uncovered(&town);
    assert_eq!(first.len(), 1, "{ran:?}");
    ran.fails(&format!("`{}` opens one", first[0]));
    let mut pieces = 0;
    while let Some(next) = uncovered(&town).first() {
        let opened = run_shown(&town, next);
        assert_eq!(opened.code, Some(0), "{next}: {opened:?}");
        pieces += 1;
        assert!(pieces < 4);
    }
    assert_eq!(pieces, 2);
}

#[test]
fn a_document_holds_its_reports_also_where_they_were_withdrawn_since() {
    // [CLI-12]
    let town = Town::new("Withdrawn Since", POLICY);
    let bar = town.venue("Bar Noren", &["--kind", "bar"]);
    let first = report(&town, (18, 20));
    let second = report(&town, (19, 21));
    let case = town.warn(&bar, &second["opened"], &[]);
    let replay = |name: &str| town.office.noren(&["authority", "replay", name], b"");
    for (number, withdrawn) in [None, Some(&first), Some(&second)].into_iter().enumerate() {
        if let Some(report) = withdrawn {
            let words = ["withdraw", report["report"].as_str().unwrap(), "--yes"];
            assert_eq!(town.try_desk(&words).code, Some(0));
        }
        let file = format!("{number}.json");
        assert_eq!(town.try_desk(&["case", "show", &case, "--out", &file]).code, Some(0));
        let ran = replay(&file);
        assert!(ran.code == Some(0) && ran.out.contains("the same answer"), "{ran:?}");
    }
    // A notice for hours that the case is not about is another answer.
    let whole: Value = serde_json::from_slice(&town.office.read("0.json")).unwrap();
    let hours = whole["published"]["hours"].as_array().unwrap().clone();
    assert_eq!(hours.len(), 3, "{whole}");
    let last = hours[2].as_u64().unwrap();
    let with = |more: u64| [&hours[..], &[more.into()]].concat();
    for wrong in [with(last + 3_600), with(last), with(last - 4 * 3_600), vec![]] {
        let mut other = whole.clone();
        other["published"]["hours"] = wrong.clone().into();
        town.office.write("other.json", other.to_string());
        assert_eq!(replay("other.json").code, Some(1), "{wrong:?}");
        other["decision"] = Value::Null;
        town.office.write("other.json", other.to_string());
        let ran = replay("other.json");
        assert!(ran.code == Some(1) && ran.out.contains("goes beyond"), "{ran:?}");
    }
}
