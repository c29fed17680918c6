//! What auditors do beside verifying once: watch, compare many heads, export, prove.

use noren::log::{LogKeys, LogProof, Origin, SignatureType, verifier_key};
use serde_json::Value;

use crate::support::office::now;
use crate::support::person::{Person, Ran};
use crate::support::site::{Site, entries, tree};
use crate::support::town::{Town, at};

/// Somebody who follows the authority of a site.
fn auditor(site: &Site) -> Person {
    let person = Person::new();
    person.write("health.profile", &site.profile);
    person
}

fn look(person: &Person, address: &str, more: &[&str]) -> (Ran, Value) {
    let words = ["--json", "auditor", "watch", address, "--authority", "health.profile"];
    let ran = person.noren(&[&words[..], &["--rounds", "1"], more].concat(), b"");
    let shown = serde_json::from_str(&ran.out).unwrap_or_default();
    (ran, shown)
}

fn kinds(shown: &Value) -> Vec<&str> {
    let findings = shown["findings"].as_array().unwrap().iter();
    findings.map(|finding| finding["kind"].as_str().unwrap()).collect()
}

/// The files below a folder that end so.
fn files(person: &Person, folder: &str, end: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![person.path(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(end) {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn a_watcher_reads_what_is_new_and_keeps_every_head() {
    // [CLI-54] [LOG-20]
    let site = Site::new("Office", &entries(600));
    let person = auditor(&site);
    let (ran, shown) = look(&person, &site.url, &[]);
    assert_eq!((ran.code, &shown["new_entries"]), (Some(0), &600.into()), "{ran:?}");
    assert!(site.asked().iter().any(|path| path.starts_with("tile/0")), "hash tiles, once");
    site.publish(&entries(700));
    site.sign(700, tree(&entries(700)).root(), now().plus(10));
    let (ran, shown) = look(&person, &site.url, &[]);
    assert_eq!((ran.code, &shown["new_entries"]), (Some(0), &100.into()), "{ran:?}");
    let asked = site.asked();
    assert_eq!(asked, ["v1/authority", "checkpoint", "tile/entries/002.p/188"], "no more");
    // Those that were read are named, and those before were named then.
    let malformed = shown["malformed"].as_array().unwrap();
    assert_eq!((malformed.len(), &malformed[0]["index"]), (100, &600.into()));
    assert!(!malformed[0]["reason"].as_str().unwrap().is_empty());
    let notes = files(&person, "home/auditor", ".checkpoint");
    assert_eq!(notes.len(), 2);
    let keys = site.keys.0.log_keys().public_keys();
    for note in notes {
        let note = std::fs::read(note).unwrap();
        let origin = Origin::new("health.example/log").unwrap();
        noren::log::SignedCheckpoint::verify(&note, &origin, &keys).unwrap();
    }
    // A position that is damaged is read again, not believed.
    let position = files(&person, "home/auditor", ".position");
    std::fs::write(&position[0], b"{}").unwrap();
    assert_eq!(look(&person, &site.url, &[]).1["new_entries"], 700);
}

#[test]
fn an_alarm_has_evidence_and_is_handed_over_once() {
    // [CLI-54] [LOG-14]
    let site = Site::new("Office", &entries(600));
    let person = auditor(&site);
    assert_eq!(look(&person, &site.url, &[]).0.code, Some(0));
    // Another past below more entries: nothing shows it but hashing on from what was verified.
    let mut other = entries(700);
    other[17] = b"another".to_vec();
    site.publish(&other);
    site.sign(700, tree(&other).root(), now().plus(10));
    let run = ["--run", "cat >> alarms"];
    let (ran, shown) = look(&person, &site.url, &run);
    assert_eq!((ran.code, kinds(&shown)), (Some(1), vec!["root-mismatch"]), "{ran:?}");
    let folder = shown["evidence"][0].as_str().unwrap();
    let words = ["auditor", "compare", folder, "--log", &site.url];
    let proof = person.noren(&words, b"");
    assert!(proof.code == Some(1) && proof.out.contains("REWRITTEN"), "{proof:?}");
    let handed = |person: &Person| person.read("alarms").split(|byte| *byte == b'\n').count() - 1;
    assert_eq!(handed(&person), 1);
    // The position stays, so that the alarm stays; two rounds of one watcher hand it over once.
    let words = ["--rounds", "2", "--every", "1s", "--run", "cat >> alarms"];
    let command = ["auditor", "watch", &site.url, "--authority", "health.profile"];
    assert_eq!(person.noren(&[&command[..], &words].concat(), b"").code, Some(1));
    assert_eq!(handed(&person), 2);
    // A command that fails is run again.
    let words = ["--rounds", "2", "--every", "1s", "--run", "cat >> alarms; false"];
    let ran = person.noren(&[&command[..], &words].concat(), b"");
    assert!(ran.err.contains("handed over again"), "{ran:?}");
    assert_eq!(handed(&person), 4);
    // A smaller tree that was signed later, and a fork.
    for (size, kind) in [(500, "rollback"), (600, "fork")] {
        let site = Site::new("Office", &entries(600));
        let person = auditor(&site);
        assert_eq!(look(&person, &site.url, &[]).0.code, Some(0));
        let changed = entries(size + 1)[1..].to_vec();
        site.publish(&changed);
        site.sign(size, tree(&changed).root(), now().plus(20));
        let (ran, shown) = look(&person, &site.url, &[]);
        assert!(ran.code == Some(1) && kinds(&shown).contains(&kind), "{ran:?}");
        assert!(!shown["evidence"].as_array().unwrap().is_empty(), "{ran:?}");
    }
}

#[test]
fn a_log_that_cannot_be_read_hides_no_other() {
    // [CLI-54]
    let (site, gone) = (Site::new("Office", &entries(5)), "http://127.0.0.1:1");
    let person = auditor(&site);
    let command = ["auditor", "watch", gone, &site.url, "--authority", "health.profile"];
    let ran = person.noren(&[&command[..], &["--rounds", "1"]].concat(), b"");
    assert!(ran.code == Some(2) && ran.out.contains("5 entries"), "{ran:?}");
    site.flip("tile/0/000.p/5");
    let other = auditor(&site);
    let ran = other.noren(&[&command[..], &["--rounds", "1"]].concat(), b"");
    assert!(ran.code == Some(1) && ran.out.contains("FINDING"), "{ran:?}");
    Person::new()
        .noren(&["auditor", "watch", "--rounds", "1"], b"")
        .fails("no authority is followed");
}

#[test]
fn heads_from_several_places_are_compared_at_once() {
    // [CLI-55]
    let site = Site::new("Office", &entries(300));
    let (mirror, person) = (site.mirror(), auditor(&site));
    site.publish(&entries(800));
    site.sign(800, tree(&entries(800)).root(), now().plus(10));
    let far = site.sign(500, tree(&entries(500)).root(), now().plus(5));
    person.write("far.checkpoint", far);
    site.sign(800, tree(&entries(800)).root(), now().plus(10));
    let compare = |more: &[&str]| {
        let words = ["--json", "auditor", "compare", &site.url, &mirror.url];
        let ran = person.noren(&[&words[..], more].concat(), b"");
        let shown: Value = serde_json::from_str(&ran.out).unwrap_or_default();
        (ran.code, shown["verdict"].as_str().unwrap_or("").to_owned(), shown)
    };
    // The larger head's own server shows that it continues the others.
    let (code, verdict, shown) = compare(&[]);
    assert_eq!((code, verdict.as_str()), (Some(0), "consistent"), "{shown}");
    let far = ["far.checkpoint", "--log", &site.url];
    let (code, verdict, shown) = compare(&far);
    assert_eq!((code, verdict.as_str()), (Some(0), "consistent"), "{shown}");
    assert_eq!(shown["verdicts"], serde_json::json!(["consistent", "consistent"]));
    assert_eq!(shown["heads"][1]["from"], "far.checkpoint");
    // One of them has another past.
    let other = Site::signed_by(&site.keys, 300, tree(&entries(301)[1..]).root(), now());
    mirror.put("checkpoint", other.as_bytes());
    let (code, verdict, shown) = compare(&far);
    assert_eq!((code, verdict.as_str()), (Some(1), "rewritten"), "{shown}");
    assert_eq!(files(&person, "home/evidence", "offered.checkpoint").len(), 1);
    let fork = Site::signed_by(&site.keys, 800, tree(&entries(801)[1..]).root(), now());
    mirror.put("checkpoint", fork.as_bytes());
    let (code, verdict, shown) = compare(&far);
    assert_eq!((code, verdict.as_str(), &shown["proof"]), (Some(1), "fork", &true.into()));
    mirror.put(
        "checkpoint",
        Site::new("Other", &entries(300)).sign(3, tree(&[]).root(), now()).as_bytes(),
    );
    let ran = person.noren(&["auditor", "compare", &site.url, &mirror.url], b"");
    ran.fails(&mirror.url);
}

#[test]
fn what_is_exported_was_signed() {
    // [CLI-56]
    let site = Site::new("Office", &entries(300));
    let person = auditor(&site);
    let export = |more: &[&str]| {
        let words = ["auditor", "export", &site.url, "--authority", "health.profile"];
        person.noren(&[more, &words[..]].concat(), b"")
    };
    let ran = export(&[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let mut table = csv::Reader::from_reader(ran.out.as_bytes());
    let columns = table.headers().unwrap().clone();
    let rows: Vec<_> = table.records().map(Result::unwrap).collect();
    assert_eq!((columns.get(0), rows.len()), (Some("index"), 300));
    assert_eq!(rows[299].get(0), Some("299"));
    let lines = export(&["--json"]);
    let lines: Vec<Value> =
        lines.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[7]["leaf_hash"]), (300, &rows[7][1].into()));
    assert!(lines[7]["malformed"].is_string() && lines[7]["day"].is_null());
    // A file is made once and whole.
    let to_file =
        ["auditor", "export", &site.url, "--authority", "health.profile", "--out", "log.csv"];
    assert_eq!(person.noren(&to_file, b"").code, Some(0));
    assert_eq!(person.read("log.csv"), ran.out.as_bytes());
    person.noren(&to_file, b"").fails("there already");
    // Not a row of what was not signed.
    site.flip("tile/entries/000");
    let ran = export(&[]);
    assert!(ran.code == Some(3) && ran.out.is_empty(), "{ran:?}");
    std::fs::remove_file(person.path("log.csv")).unwrap();
    person.noren(&to_file, b"").ends(3, "auditor verify");
    assert!(!person.path("log.csv").exists());
}

#[test]
fn a_proof_holds_without_a_network_and_for_its_entry_alone() {
    // [CLI-57] [LOG-20]
    let site = Site::new("Office", &entries(700));
    let person = auditor(&site);
    let prove = |index: &str, out: &str| {
        let words = ["auditor", "prove", &site.url, "--authority", "health.profile"];
        person.noren(&[&words[..], &["--entry", index, "--out", out]].concat(), b"")
    };
    assert_eq!(prove("699", "last.tlog-proof").code, Some(0));
    site.asked();
    assert_eq!(prove("300", "one.tlog-proof").code, Some(0));
    let asked = site.asked();
    let tiles: std::collections::BTreeSet<_> = asked.iter().collect();
    assert_eq!(tiles.len(), asked.len(), "each file once: {asked:?}");
    prove("700", "none").fails("counted from 0");
    let LogKeys { log, clock } = site.keys.0.log_keys().public_keys();
    let origin = Origin::new("health.example/log").unwrap();
    let vkey = verifier_key(SignatureType::Ed25519, &origin, &log);
    let time = verifier_key(SignatureType::CosignatureV1, &origin, &clock);
    let check = |file: &str, more: &[&str]| {
        person.noren(&[&["--json", "auditor", "check", file], more].concat(), b"")
    };
    let by_key = ["--key", vkey.as_str(), "--key", time.as_str()];
    site.asked();
    for key in [&by_key[..], &["--authority", "health.profile"]] {
        let ran = check("one.tlog-proof", key);
        let shown: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(
            (ran.code, &shown["index"], &shown["size"]),
            (Some(0), &300.into(), &700.into())
        );
    }
    assert!(site.asked().is_empty(), "no network");
    // Without the entry, which then has to be given.
    let proof = LogProof::from_text(&person.read("one.tlog-proof")).unwrap();
    assert_eq!(proof.extra.as_deref(), Some(&300_u64.to_be_bytes()[..]));
    person.write("bare", LogProof { extra: None, ..proof.clone() }.to_text());
    person.write("entry", 300_u64.to_be_bytes());
    person.write("other", 301_u64.to_be_bytes());
    check("bare", &by_key).fails("--entry");
    assert_eq!(check("bare", &[&by_key[..], &["--entry", "entry"]].concat()).code, Some(0));
    check("bare", &[&by_key[..], &["--entry", "other"]].concat()).ends(1, "does not lead");
    person.write("moved", LogProof { index: 301, ..proof }.to_text());
    check("moved", &by_key).ends(1, "does not lead");
    person.write("cut", &person.read("one.tlog-proof")[..60]);
    check("cut", &by_key).fails("no proof");
    let stranger = Site::new("Other", &[]).keys.0.log_public_key();
    let stranger = verifier_key(SignatureType::Ed25519, &origin, &stranger);
    check("one.tlog-proof", &["--key", &stranger]).fails("checkpoint");
    // Files that do not lead to the signed root prove nothing.
    site.flip("tile/1/000.p/2");
    prove("10", "damaged").ends(3, "not what was signed");
    assert!(!person.path("damaged").exists());
}

#[test]
fn what_a_real_desk_published_is_exported_and_proven() {
    // [CLI-56] [CLI-57] [LOG-20]
    let town = Town::new("Kobe", "plain");
    let bar = town.venue("Bar", &[]);
    let opened =
        town.desk(&["case", "open", "--venue", "Bar", "--from", &at(18, 0), "--to", &at(20, 0)]);
    town.warn(&bar, &opened, &["--level", "cluster"]);
    let person = Person::new();
    assert_eq!(person.json(&["auditor", "verify", &town.url], b"")["malformed_entries"], 0);
    let ran = person.noren(&["--json", "auditor", "export", &town.url], b"");
    let rows: Vec<Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // [PRO-14] The first one tells of the profile.
    let (first, traces) = rows.split_first().unwrap();
    assert_eq!((&first["day"], &first["malformed"]), (&Value::Null, &Value::Null));
    assert_eq!(first["profile"].as_str().unwrap().len(), 64);
    assert!(!traces.is_empty() && traces.iter().all(|row| row["day"].is_string()), "{ran:?}");
    // The audit has seen the head that they came with.
    assert!(rows.iter().all(|row| row["published_by"].is_string()), "{ran:?}");
    for (entry, member) in [("0", "profile"), ("1", "day")] {
        let words = ["auditor", "prove", &town.url, "--entry", entry, "--out", entry];
        assert_eq!(person.noren(&words, b"").code, Some(0));
        let shown = person.json(&["auditor", "check", entry, "--authority", &town.url], b"");
        assert_eq!(shown[member], rows[entry.parse::<usize>().unwrap()][member]);
    }
}

#[test]
fn a_page_shows_what_was_seen_and_guesses_nothing() {
    // [CLI-58]
    let town = Town::new("Nara", "plain");
    let bar = town.venue("Bar", &[]);
    let person = Person::new();
    let watch = ["auditor", "watch", &town.url, "--rounds", "1"];
    assert_eq!(person.noren(&watch, b"").code, Some(0));
    let window = ["--from", &at(18, 0), "--to", &at(20, 0)];
    let opened = town.desk(&[&["case", "open", "--venue", "Bar"][..], &window].concat());
    let case = town.warn(&bar, &opened, &["--level", "attention"]);
    assert_eq!(person.noren(&watch, b"").code, Some(0));
    town.desk(&["publish", "--yes", &case, "--level", "cluster"]);
    let words = ["auditor", "stats", &town.url, "--out", "log.html"];
    let figures = person.json(&words, b"");
    let number = |name: &str| figures[name].as_u64().unwrap();
    let size = person.json(&["auditor", "verify", &town.url], b"")["size"].as_u64().unwrap();
    assert_eq!((number("entries"), number("malformed_entries")), (size, 0));
    assert_eq!(number("profiles"), 1);
    let traces = size - 1;
    // The same hours once more: each of them is a correction.
    assert_eq!(
        (number("corrections"), number("of_unknown_publication")),
        (traces / 2, 1),
        "{figures}"
    );
    assert_eq!(figures["appends"]["seen"], 2);
    assert_eq!(figures["appends"]["all_multiples_of"], traces / 2);
    assert_eq!(figures["heads"]["seen"], 3);
    let delays = figures["by_delay_in_days"].as_object().unwrap();
    assert_eq!(delays.values().map(|count| count.as_u64().unwrap()).sum::<u64>(), traces);
    let page = String::from_utf8(person.read("log.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("default-src 'none'"), "{page}");
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("<script"));
    // Somebody who has seen nothing before knows nothing of when.
    let stranger = Person::new();
    let figures = stranger.json(&["auditor", "stats", &town.url], b"");
    assert_eq!(figures["of_unknown_publication"], size);
    assert_eq!(figures["appends"]["seen"], 0);
    stranger.noren(&["auditor", "stats", &town.url], b"").fails("--out");
}
