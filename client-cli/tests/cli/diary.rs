//! The readable diary over the real binary: off by default, in step with the vault, deletable.

use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use crate::support::person::{Person, Ran};
use crate::support::warned::{Authority, Bar, EVENING, open_vault};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// A visitor with the link of a bar in a file.
fn visitor() -> (Person, Bar) {
    let (visitor, bar) = (Person::new(), office().bar("Bar Noren", None));
    visitor.write("link.txt", bar.entry.to_url("https://noren.example").unwrap());
    (visitor, bar)
}

fn office() -> Authority {
    Authority::new("Health Office", "office.example/log")
}

/// Runs a command so many minutes into the evening.
fn after(visitor: &Person, minutes: u64, words: &[&str], input: &str) -> Ran {
    let now = (EVENING + minutes * 60).to_string();
    visitor.noren(&[&["--now", &now, "visitor"], words].concat(), input.as_bytes())
}

/// The same, for a command that has to succeed.
fn done(visitor: &Person, minutes: u64, words: &[&str]) -> Ran {
    let ran = after(visitor, minutes, words, "");
    assert_eq!(ran.code, Some(0), "{words:?}: {ran:?}");
    ran
}

fn entries(visitor: &Person, minutes: u64) -> Vec<Value> {
    let ran = after(visitor, minutes, &["--json", "diary", "show"], "");
    serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"))
}

/// Checked in at the bar, and out after so many minutes.
fn visit(visitor: &Person, from: u64, to: u64) {
    done(visitor, from, &["check-in", "link.txt"]);
    done(visitor, to, &["check-out"]);
}

#[test]
fn there_is_no_diary_unless_it_is_turned_on() {
    // [DIA-2]
    let (visitor, _) = visitor();
    visit(&visitor, 0, 30);
    let shown = after(&visitor, 31, &["diary", "show"], "");
    assert!(shown.code == Some(1) && shown.out.contains("the diary is off"), "{shown:?}");
    assert!(!visitor.path("home/visitor/diary").exists());
    for words in
        [&["diary", "forget", "--all"][..], &["diary", "note", "aa", "x"], &["diary", "export"]]
    {
        after(&visitor, 31, words, "").fails("the diary is off");
    }
    done(&visitor, 31, &["diary", "on"]);
    assert_eq!(entries(&visitor, 32), [] as [Value; 0], "what has ended cannot be read again");
}

#[test]
fn a_visit_that_ends_is_kept_with_its_code() {
    // [DIA-1] [DIA-2] [CLI-6]
    let (visitor, bar) = visitor();
    done(&visitor, 0, &["diary", "on"]);
    done(&visitor, 10, &["check-in", "link.txt"]);
    assert!(entries(&visitor, 11).is_empty(), "it is still open");
    let out = done(&visitor, 70, &["check-out"]).out;
    assert!(out.contains("it is in the diary") && !out.contains("forgotten"), "{out}");
    let exported = done(&visitor, 71, &["diary", "export"]).out;
    let exported: Vec<Value> = serde_json::from_str(&exported).unwrap();
    let entry = &exported[0];
    assert_eq!((&entry["venue"], &entry["room"]), (&"Bar Noren".into(), &"Room 2".into()));
    assert_eq!((&entry["address"], &entry["scanned"]), (&"1-2-3 Minato".into(), &true.into()));
    assert_eq!(entry["arrival"], "2026-04-01T14:40:00Z");
    assert_eq!(entry["departure"], "2026-04-01T15:40:00Z");
    let code = URL_SAFE_NO_PAD.decode(entry["entry_code"].as_str().unwrap()).unwrap();
    assert_eq!(code, bar.entry.as_bytes());
    let visits = done(&visitor, 71, &["--json", "visits"]).out;
    assert!(visits.contains(entry["entry"].as_str().unwrap()), "the same id in the vault");
    assert!(!visits.contains("Bar Noren"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(visitor.path("home/visitor/diary")).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }
}

#[test]
fn a_visit_that_ends_by_itself_is_kept_too() {
    // [DIA-3] [VIS-4]
    let (visitor, _) = visitor();
    done(&visitor, 0, &["check-in", "link.txt", "--for", "45m"]);
    done(&visitor, 5, &["diary", "on"]);
    let entry = &entries(&visitor, 600)[0];
    assert_eq!(entry["departure"], "2026-04-01T15:15:00Z");
    done(&visitor, 700, &["check-in", "link.txt", "--at", "2026-04-01T17:00:00Z", "--for", "10m"]);
    assert_eq!(entries(&visitor, 701)[1]["departure"], "2026-04-01T17:10:00Z", "already over");
}

#[test]
fn a_check_out_cut_off_between_the_two_files_is_done_again() {
    // [DIA-3]
    let (visitor, _) = visitor();
    done(&visitor, 0, &["diary", "on"]);
    done(&visitor, 0, &["check-in", "link.txt"]);
    let before = visitor.read("home/visitor/vault");
    done(&visitor, 30, &["check-out"]);
    let id = entries(&visitor, 31)[0]["entry"].as_str().unwrap().to_owned();
    done(&visitor, 31, &["diary", "note", &id, "at the window"]);
    // As if the machine had stopped after the diary was written.
    visitor.write("home/visitor/vault", before);
    done(&visitor, 40, &["check-out"]);
    let entries = entries(&visitor, 41);
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["entry"], id.as_str());
    assert_eq!(entries[0]["departure"], "2026-04-01T15:10:00Z");
    assert_eq!(entries[0]["note"], "at the window");
}

#[test]
fn the_diary_is_on_the_disk_before_the_vault() {
    // [DIA-3]
    let (visitor, _) = visitor();
    done(&visitor, 0, &["diary", "on"]);
    visit(&visitor, 0, 30);
    let written = |name| std::fs::metadata(visitor.path(name)).unwrap().modified().unwrap();
    assert!(written("home/visitor/diary") <= written("home/visitor/vault"));
}

#[test]
fn a_check_out_killed_at_any_moment_loses_no_visit() {
    // [DIA-3] [CLI-1]
    let (visitor, _) = visitor();
    done(&visitor, 0, &["diary", "on"]);
    for number in 0..10_u64 {
        done(&visitor, 10 * number, &["check-in", "link.txt"]);
        let now = (EVENING + 60 * (10 * number + 5)).to_string();
        let mut child = visitor
            .command(&["--now", &now, "visitor", "check-out"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        sleep(Duration::from_millis(number * 3));
        let _ = child.kill();
        child.wait().unwrap();
        // Whatever the vault holds as ended, the diary has.
        let kept = open_vault(&visitor).closed_visits();
        let shown = after(&visitor, 10 * number + 6, &["--json", "diary", "show"], "").out;
        assert!(kept.iter().all(|visit| shown.contains(&visit.id.to_string())), "{shown}");
        after(&visitor, 10 * number + 7, &["check-out"], "");
        let kept = open_vault(&visitor).closed_visits().len();
        assert_eq!((kept, entries(&visitor, 10 * number + 8).len()), (number as usize + 1, kept));
    }
}

#[test]
fn a_visit_that_is_forgotten_leaves_the_diary_and_the_reverse_does_not_hold() {
    // [DIA-4] [VLT-6]
    let (visitor, _) = visitor();
    done(&visitor, 0, &["diary", "on"]);
    visit(&visitor, 0, 30);
    visit(&visitor, 60, 90);
    let ids: Vec<_> =
        entries(&visitor, 91).iter().map(|e| e["entry"].as_str().unwrap().to_owned()).collect();
    done(&visitor, 91, &["forget", "--yes", &ids[0]]);
    assert_eq!(entries(&visitor, 92).len(), 1);
    done(&visitor, 92, &["diary", "forget", "--yes", &ids[1]]);
    assert!(entries(&visitor, 93).is_empty());
    assert_eq!(open_vault(&visitor).closed_visits().len(), 1, "warnings still arrive");
    after(&visitor, 94, &["diary", "forget", "--yes", &ids[1]], "").fails("names no single entry");
    visit(&visitor, 100, 130);
    done(&visitor, 131, &["forget", "--all", "--yes"]);
    assert!(entries(&visitor, 132).is_empty() && visitor.path("home/visitor/diary").exists());
}

#[test]
fn entries_expire_with_their_records() {
    // [DIA-4] [VLT-5]
    let (visitor, _) = visitor();
    done(&visitor, 0, &["diary", "on"]);
    visit(&visitor, 0, 30);
    let day = 24 * 60;
    assert_eq!(entries(&visitor, 12 * day).len(), 1);
    assert_eq!(entries(&visitor, 14 * day).len(), 1);
    assert_eq!(entries(&visitor, 15 * day).len(), 0);
    let long_ago =
        ["diary", "add", "--name", "N", "--from", "2026-03-01 12:00", "--to", "2026-03-01 13:00"];
    after(&visitor, 0, &long_ago, "").fails("kept for 14 days");
}

#[test]
fn turning_it_off_deletes_it_after_saying_so() {
    // [DIA-2] [DIA-4]
    let (visitor, _) = visitor();
    done(&visitor, 0, &["diary", "on"]);
    visit(&visitor, 0, 30);
    after(&visitor, 31, &["diary", "off"], "").fails("--yes");
    assert_eq!(entries(&visitor, 32).len(), 1);
    done(&visitor, 33, &["diary", "off", "--keep"]);
    visit(&visitor, 40, 50);
    assert_eq!(entries(&visitor, 51).len(), 1, "nothing is added while it is off");
    done(&visitor, 52, &["diary", "on"]);
    visit(&visitor, 60, 70);
    assert_eq!(entries(&visitor, 71).len(), 2);
    let off = done(&visitor, 72, &["diary", "off", "--yes"]);
    assert!(off.out.contains("deleted: 2"), "{off:?}");
    assert!(!visitor.path("home/visitor/diary").exists());
    done(&visitor, 73, &["diary", "off"]);
}

#[test]
fn visits_are_written_down_corrected_and_noted_by_hand() {
    // [DIA-1]
    let (visitor, _) = visitor();
    done(&visitor, 0, &["diary", "on"]);
    let add =
        |words: &[&str]| after(&visitor, 0, &[&["--json", "diary", "add"], words].concat(), "");
    let added = add(&["--name", "Noodle stand", "--from", "12:00", "--to", "12:30"]);
    let added: Value = serde_json::from_str(&added.out).unwrap();
    assert_eq!((&added["scanned"], &added["address"]), (&false.into(), &Value::Null));
    let id = added["entry"].as_str().unwrap();
    add(&["--name", "", "--from", "12:00", "--to", "12:30"]).fails("venue's name");
    add(&["--name", "N", "--from", "12:00", "--to", "15:00"]).fails("in the future");
    add(&["--name", "N", "--from", "12:30", "--to", "12:00"]).fails("before the arrival");
    add(&["--name", "a\u{1b}[2J", "--from", "12:00", "--to", "12:30"]).fails("control character");
    done(&visitor, 1, &["diary", "edit", id, "--to", "13:00"]);
    let noted = after(&visitor, 1, &["diary", "note", id], "from the standard input\n");
    assert!(noted.out.contains("from the standard input"), "{noted:?}");
    after(&visitor, 1, &["diary", "note", id, &"x".repeat(201)], "").fails("note");
    let entry = &entries(&visitor, 2)[0];
    assert_eq!(
        (&entry["departure"], &entry["note"]),
        (&"2026-04-01T13:00:00Z".into(), &"from the standard input".into())
    );
    done(&visitor, 3, &["diary", "note", id, "--delete"]);
    assert_eq!(entries(&visitor, 4)[0]["note"], Value::Null);
}

#[test]
fn a_table_holds_no_formulas() {
    // [CLI-5] [CLI-2]
    let (visitor, _) = visitor();
    done(&visitor, 0, &["diary", "on"]);
    let times = ["--from", "12:00", "--to", "12:30"];
    for name in ["=HYPERLINK(\"x\")", "＝1+1", "-2", "plain, with a comma"] {
        let (name, address) = (format!("--name={name}"), "--address=@SUM(A1)");
        done(&visitor, 0, &[&["diary", "add", &name, address], &times[..]].concat());
    }
    done(&visitor, 1, &["diary", "export", "--format", "csv", "--out", "diary.csv"]);
    let table = String::from_utf8(visitor.read("diary.csv")).unwrap();
    assert!(table.starts_with("\"entry\",\"venue\",\"address\",\"room\",\"arrival\","), "{table}");
    for cell in [
        "\"'=HYPERLINK(\"\"x\"\")\"",
        "\"'＝1+1\"",
        "\"'-2\"",
        "\"plain, with a comma\",\"'@SUM(A1)\"",
    ] {
        assert!(table.contains(cell), "{cell} in {table}");
    }
    after(&visitor, 1, &["diary", "export", "--out", "diary.csv"], "").fails("is there already");
}

#[test]
fn a_passphrase_protects_the_diary_even_where_the_change_was_cut_off() {
    // [DIA-6] [VLT-2]
    let (visitor, _) = visitor();
    done(&visitor, 0, &["diary", "on"]);
    visit(&visitor, 0, 30);
    let (diary, key) = (visitor.read("home/visitor/diary"), visitor.read("home/visitor/vault.key"));
    let passphrase = "correct horse battery\n";
    let with = |words: &[&str]| after(&visitor, 40, words, passphrase);
    assert_eq!(with(&["protect"]).code, Some(0));
    assert!(!visitor.path("home/visitor/vault.key").exists());
    assert!(with(&["diary", "show"]).out.contains("Bar Noren"));
    after(&visitor, 40, &["diary", "show"], "wrong\n").fails("does not open");
    with(&["protect"]).fails("has a passphrase already");
    // As if the machine had stopped after the vault was written.
    visitor.write("home/visitor/diary", &diary);
    visitor.write("home/visitor/vault.key", &key);
    assert!(with(&["diary", "show"]).out.contains("Bar Noren"));
    visitor.write("home/visitor/diary", &diary);
    assert_eq!(with(&["protect"]).code, Some(0), "it is finished");
    assert!(!visitor.path("home/visitor/vault.key").exists());
    assert_ne!(visitor.read("home/visitor/diary"), diary);
    assert!(with(&["diary", "show"]).out.contains("Bar Noren"));
}

#[test]
fn neither_file_passes_for_the_other() {
    // [DIA-5] [VLT-4]
    let (visitor, _) = visitor();
    done(&visitor, 0, &["diary", "on"]);
    let inspected = visitor.json(&["inspect", "home/visitor/diary"], b"");
    assert!(inspected.to_string().contains("\"diary\""), "{inspected}");
    let (vault, diary) = (visitor.read("home/visitor/vault"), visitor.read("home/visitor/diary"));
    assert_eq!(vault.len(), diary.len());
    visitor.write("home/visitor/diary", &vault);
    after(&visitor, 1, &["diary", "show"], "").fails("this is not a diary");
    visitor.write("home/visitor/diary", [&b"NOREN-DIARY"[..], &vault[11..]].concat());
    after(&visitor, 1, &["diary", "show"], "").fails("does not open");
    visitor.write("home/visitor/diary", &diary[..diary.len() - 1]);
    after(&visitor, 1, &["diary", "show"], "").fails("cut short");
}
