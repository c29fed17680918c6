//! What people see before something is done, and what programs read.

use serde_json::Value;

use crate::support::town::{Town, at};

#[test]
fn quiet_hides_no_preview_and_a_report_is_not_withdrawn_unseen() {
    // [CLI-17]
    let town = Town::new("Unseen", "osaka");
    let bar = town.venue("Bar Noren", &["--kind", "bar"]);
    let report = town.report("Bar Noren", &["--kind", "bar"], &at(19, 0), &at(21, 0));
    let case = report["case"].as_str().unwrap();
    bar.answer(&report["opened"]);
    town.desk(&["review", case]);
    let publish = ["--quiet", "authority", "publish", case, "--level", "attention", "--yes"];
    let ran = town.office.noren(&publish, b"");
    assert!(ran.code == Some(0) && ran.err.contains("as devices show it"), "{ran:?}");
    let id = report["report"].as_str().unwrap();
    let stands = || {
        let status: Value = serde_json::from_str(&town.try_desk(&["status"]).out).unwrap();
        status["venues"][0]["reports"][0] == *id
    };
    let refused = town.try_desk(&["withdraw", id]);
    refused.fails("--yes");
    for words in ["Bar Noren", "reports then: 0", &format!("case {case} was opened by it")] {
        assert!(refused.err.contains(words), "{words}: {refused:?}");
    }
    let dry = town.desk(&["withdraw", id, "--dry-run"]);
    assert!(dry["would"].as_str().unwrap().contains("reports then"), "{dry}");
    assert!(stands(), "nobody agreed");
    let withdrawn = town.try_desk(&["withdraw", id, "--yes"]);
    assert_eq!(withdrawn.code, Some(0), "{withdrawn:?}");
    assert!(!stands());
}

#[test]
fn json_carries_no_character_that_turns_text_round() {
    // [CLI-5]
    let town = Town::new("Round", "osaka");
    let office = ["--name", "Round \u{5e9}\u{200f} \u{61c}office", "--no-push"];
    town.desk(&[&["profile"], &office[..]].concat());
    let shown = town.try_desk(&["profile"]);
    let read: Value = serde_json::from_str(&shown.out).unwrap();
    assert_eq!(read["name"], office[1], "{shown:?}");
    assert!(!shown.out.contains(['\u{200f}', '\u{61c}']), "{shown:?}");
    assert!(shown.out.contains("\\u200f"), "{shown:?}");
}

#[test]
fn what_is_only_read_can_be_read_during_a_handover() {
    // [CLI-14] [CLI-19]
    let town = Town::new("Between Keys", "osaka");
    town.report("Bar", &["--kind", "bar"], &at(19, 0), &at(21, 0));
    let case = town.desk(&["case", "list"])[0]["case"].as_str().unwrap().to_owned();
    let keys = town.office.read("home/authority/keys");
    town.office.write("home/authority/next-keys", keys);
    for words in [&["journal"][..], &["case", "list"], &["case", "show", &case]] {
        assert_eq!(town.try_desk(words).code, Some(0), "{words:?}");
    }
    town.try_desk(&["case", "close", &case]).fails("rotate-keys");
}

#[test]
fn another_cases_notice_is_not_held_against_what_this_one_asked_for() {
    // [CLI-18] [PUB-6]
    let town = Town::new("Carried Along", "plain");
    let bar = town.venue("Bar Noren", &[]);
    let case = |from: &str, to: &str| {
        let words = ["case", "open", "--venue", "a bar", "--from", from, "--to", to];
        town.desk(&words)
    };
    town.warn(&bar, &case(&at(18, 0), &at(22, 0)), &["--level", "attention"]);
    let narrow = case(&at(19, 10), &at(20, 40));
    bar.answer(&narrow);
    let id = narrow["case"].as_str().unwrap();
    let preview = town.desk(&["publish", id, "--level", "attention", "--dry-run"]);
    let notices = preview["notices"].as_array().unwrap();
    assert!(!notices.is_empty(), "{preview}");
    for notice in notices {
        assert_eq!(notice["from"], at(18, 0), "it is the other's that stands: {notice}");
        assert_eq!(notice["differences"], serde_json::json!([]), "{notice}");
    }
}
