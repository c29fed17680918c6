//! Many venues from a spreadsheet, through the real binary.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::office::Keys;
use crate::support::person::{Person, Ran};
use crate::support::warned::Authority;
use noren::messages::EntryCode;

const PASSPHRASE: &[u8] = b"six words by dice are enough\n";
const ROOMS: &str = "name;address;room;kind;stay\r\n\
    暖簾 渋谷;\"渋谷; 3-4-5\";2F;restaurant;2h\r\n\
    =HYPERLINK(A1);Minato;+1;;\r\n\
    ;;;;\r\n\
    Karaoke;Shinjuku;;karaoke;90m\r\n";

fn organisation() -> Person {
    let owner = Person::new();
    owner.write("health.profile", Keys::new().profile("Health Office", "https://noren.invalid"));
    let cost = ["--cost", "8192,1,1"];
    let words = ["organisation", "setup", "--authority", "health.profile", "--out", "chain"];
    owner.json(&[&words[..], &cost].concat(), PASSPHRASE);
    owner
}

fn add(owner: &Person, csv: &str, more: &[&str]) -> Ran {
    let words = ["--json", "organisation", "add", "--organisation", "chain"];
    let words = [&words[..], &["--authority", "health.profile", "--csv", "-"], more].concat();
    owner.noren(&[&words[..], &["--out", "rooms"]].concat(), csv.as_bytes())
}

fn venues(ran: &Ran) -> Vec<serde_json::Value> {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let data: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    data["venues"].as_array().unwrap().clone()
}

/// Every file below a folder, with what is in it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.insert(entry.path().display().to_string(), fs::read(entry.path()).unwrap());
        }
    }
    found
}

#[test]
fn rooms_are_added_for_the_authority_of_the_record_alone() {
    // [VEN-5]
    let owner = organisation();
    owner.write("osaka.profile", Authority::new("Osaka", "osaka.example/log").signed());
    let words =
        ["organisation", "add", "--organisation", "chain", "--name", "Bar", "--address", "1"];
    let add = |authority: &str| {
        owner.noren(&[&words[..], &["--authority", authority, "--out", "bar"]].concat(), b"")
    };
    add("osaka.profile").fails("made for another authority than Osaka");
    assert!(!owner.path("bar").exists());
    assert_eq!(add("health.profile").code, Some(0));
}

#[test]
fn every_row_gets_a_folder_and_a_line_in_the_index() {
    // [PST-7] [PST-8] [VEN-5]
    let owner = organisation();
    let venues = venues(&add(&owner, ROOMS, &[]));
    assert_eq!(venues.len(), 3);
    for (venue, (line, name)) in
        venues.iter().zip([(2, "暖簾 渋谷"), (3, "=HYPERLINK(A1)"), (5, "Karaoke")])
    {
        assert_eq!((venue["line"].as_u64(), venue["name"].as_str()), (Some(line), Some(name)));
        assert_eq!(venue["status"], "made");
        let folder = format!("rooms/{}", venue["folder"].as_str().unwrap());
        let link = String::from_utf8(owner.read(&format!("{folder}/entry.txt"))).unwrap();
        let code = EntryCode::from_url(&link).unwrap();
        assert_eq!(code.venue().description(), name);
        let seen = owner.json(&["inspect", &format!("{folder}/poster.png")], b"");
        assert_eq!(seen["name"], name);
        assert!(owner.read(&format!("{folder}/poster.pdf")).starts_with(b"%PDF"));
    }
    let index = String::from_utf8(owner.read("rooms/index.csv")).unwrap();
    assert!(index.starts_with("\u{feff}\"folder\",\"name\""), "{index}");
    assert!(index.contains(r#","'=HYPERLINK(A1)","Minato","'+1","#), "{index}");
    assert!(index.contains(r#""暖簾 渋谷","渋谷; 3-4-5","2F","restaurant","120","#), "{index}");
}

#[test]
fn one_wrong_row_and_nothing_is_written() {
    // [PST-7] [CLI-3] [CLI-5]
    let owner = organisation();
    let refused = |csv: &str, words: &str| {
        let ran = add(&owner, csv, &[]);
        ran.fails(words);
        assert!(!ran.err.contains('\u{1b}') && ran.out.is_empty(), "{ran:?}");
        assert!(!owner.path("rooms").exists(), "{words}");
    };
    refused(&ROOMS.replace("90m", "90 years"), "line 5, column stay");
    refused(&ROOMS.replace(";karaoke", ";\u{1b}[2J"), "line 5, column kind");
    refused(&ROOMS.replace("Karaoke", "\u{1b}[2J"), "line 5, column name");
    refused(&ROOMS.replace("stay\r", "\u{1b}[2J\r"), "is no column");
    refused(&ROOMS.replace("Karaoke", "Karaoke 🍜"), "U+1F35C");
    let both = ["organisation", "add", "--organisation", "chain", "--csv", "-", "--name", "a"];
    owner.noren(&[&both[..], &["--out", "rooms"]].concat(), b"").fails("cannot be used with");
    let none = ["organisation", "add", "--organisation", "chain", "--out", "rooms"];
    owner.noren(&none, b"").fails("--csv");
    assert!(!owner.path("rooms").exists());
}

#[test]
fn an_interrupted_run_is_completed_and_no_code_is_replaced() {
    // [PST-7] [CLI-1]
    let owner = organisation();
    let first = venues(&add(&owner, ROOMS, &[]));
    let folder = |number: usize| first[number]["folder"].as_str().unwrap().to_owned();
    let before = files(&owner.path("rooms"));
    // What an interruption leaves: two folders of three, a third half written aside, no index.
    let gone = owner.path(&format!("rooms/{}", folder(1)));
    fs::remove_dir_all(&gone).unwrap();
    fs::remove_file(owner.path("rooms/index.csv")).unwrap();
    owner.write("rooms/.noren-half/entry.txt", "https://noren.invalid/?v=3#half");
    // A row more, above the others: folders follow their cells, not their lines.
    let longer = ROOMS.replace("暖簾", "新しい店;新宿;;;\r\n暖簾");
    let second = venues(&add(&owner, &longer, &[]));
    let status: Vec<_> = second.iter().map(|venue| venue["status"].as_str().unwrap()).collect();
    assert_eq!(status, ["made", "kept", "made", "kept"]);
    assert!(!owner.path("rooms/.noren-half").exists());
    let after = files(&owner.path("rooms"));
    for (path, bytes) in before.iter().filter(|(path, _)| !path.contains("index.csv")) {
        assert_eq!(
            after.get(path) == Some(bytes),
            !path.contains(&folder(1)) || path.ends_with(".lock"),
            "{path}"
        );
    }
    // Another form later: the codes stay.
    let third = venues(&add(&owner, &longer, &["--form", "tent"]));
    assert!(third.iter().all(|venue| venue["status"] == "kept"));
    let tent = format!("rooms/{}/tent.png", folder(0));
    assert_eq!(owner.json(&["inspect", &tent], b"")["name"], "暖簾 渋谷");
    assert_eq!(third[1]["url"], first[0]["url"]);
}

#[test]
fn a_folder_of_somebody_elses_is_left_alone() {
    // [PST-7]
    let owner = organisation();
    let csv = "name,address\nA,b\n";
    let first = venues(&add(&owner, csv, &[]));
    let folder = format!("rooms/{}", first[0]["folder"].as_str().unwrap());
    let other = organisation();
    other.write(&format!("{folder}/entry.txt"), owner.read(&format!("{folder}/entry.txt")));
    add(&other, csv, &[]).fails("another venue or organisation");
    other.write(&format!("{folder}/entry.txt"), "something");
    add(&other, csv, &[]).fails("move it away");
    let later = ["--now", "1998000000"];
    add(&owner, csv, &later).fails("is over; move the folder away");
}

#[test]
fn one_venue_gets_its_poster_as_well() {
    let owner = organisation();
    let words = ["organisation", "add", "--organisation", "chain", "--authority", "health.profile"];
    let words = [&words[..], &["--name", "A", "--address", "b", "--form", "screen"]].concat();
    let data = owner.json(&[&words[..], &["--out", "a"]].concat(), b"");
    assert_eq!(data["poster"][1], "a/screen.png");
    assert_eq!(owner.json(&["inspect", "a/screen.png"], b"")["name"], "A");
}
