//! Servers, honest and dishonest, and what an auditor finds.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use noren::log::{SignatureType, archived_path, verifier_key};
use noren::time::Day;
use noren_skipped::skipped;
use serde_json::Value;

use crate::support::office::{Keys, now};
use crate::support::person::{Person, Ran};
use crate::support::site::{Site, entries, tree};

/// An auditor who knows the authority by its profile.
fn auditor(site: &Site) -> Person {
    let person = Person::new();
    person.write("health.profile", &site.profile);
    person
}

fn audit(person: &Person, address: &str) -> (Ran, Vec<(String, String)>) {
    let words = ["--json", "auditor", "verify", address, "--authority", "health.profile"];
    let ran = person.noren(&words, b"");
    let shown: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap_or("").to_owned();
    let findings = shown["findings"].as_array().unwrap().iter();
    let findings: Vec<_> = findings.map(|each| (text(each, "kind"), text(each, "path"))).collect();
    assert_eq!(ran.code, Some(i32::from(!findings.is_empty())), "{ran:?}");
    (ran, findings)
}

fn found(kind: &str, path: &str) -> Vec<(String, String)> {
    vec![(kind.to_owned(), path.to_owned())]
}

/// What is done to a server, and the finding's kind and file.
type Case = (&'static str, fn(&Site), &'static str, &'static str);

/// The log of the table: three full bundles and a partial one.
const SIZE: u64 = 800;

const DISHONEST: &[Case] = &[
    ("a bit of a full bundle", |s| s.flip("tile/entries/001"), "root-mismatch", ""),
    ("a bundle that is gone", |s| s.remove("tile/entries/001"), "file-missing", "tile/entries/001"),
    (
        "the last bundle is gone",
        |s| s.remove("tile/entries/003.p/32"),
        "file-missing",
        "tile/entries/003.p/32",
    ),
    (
        "a bundle that is cut",
        |s| s.put("tile/entries/000", b"\0"),
        "file-wrong",
        "tile/entries/000",
    ),
    ("a bit of a full tile", |s| s.flip("tile/0/000"), "file-wrong", "tile/0/000"),
    ("a bit of a partial tile", |s| s.flip("tile/0/003.p/32"), "file-wrong", "tile/0/003.p/32"),
    ("a bit one level up", |s| s.flip("tile/1/000.p/3"), "file-wrong", "tile/1/000.p/3"),
    ("a full tile that is gone", |s| s.remove("tile/0/002"), "file-missing", "tile/0/002"),
    (
        "a partial tile that is gone",
        |s| s.remove("tile/0/003.p/32"),
        "file-missing",
        "tile/0/003.p/32",
    ),
    ("one level up is gone", |s| s.remove("tile/1/000.p/3"), "file-missing", "tile/1/000.p/3"),
    ("a tile that is cut", |s| s.put("tile/0/001", &[7; 31]), "file-wrong", "tile/0/001"),
    ("a note that nobody signed", |s| s.put("checkpoint", b"a\n1\n"), "checkpoint-refused", ""),
    (
        "a note that somebody else signed",
        |s| {
            let other = Site::new("Other", &entries(SIZE));
            s.restore(&other, "checkpoint");
        },
        "checkpoint-refused",
        "",
    ),
    (
        "a note without its time",
        |s| {
            let note = s.sign(SIZE, tree(&entries(SIZE)).root(), now());
            let lines: Vec<&str> = note.lines().collect();
            s.put("checkpoint", (lines[..5].join("\n") + "\n").as_bytes());
        },
        "checkpoint-refused",
        "",
    ),
    (
        "a clock that stands still",
        |s| drop(s.sign(SIZE, tree(&entries(SIZE)).root(), now().minus(200_000))),
        "frozen",
        "",
    ),
    (
        "a clock that runs ahead",
        |s| drop(s.sign(SIZE, tree(&entries(SIZE)).root(), now().plus(2_000))),
        "from-the-future",
        "",
    ),
    ("another root", |s| drop(s.sign(SIZE, tree(&[]).root(), now())), "root-mismatch", ""),
    ("no profile", |s| s.remove("v1/authority"), "profile-missing", ""),
    ("a damaged profile", |s| s.flip("v1/authority"), "profile-refused", ""),
    (
        "another's profile",
        |s| s.put("v1/authority", &Keys::new().profile("Office", &s.url)),
        "profile-other",
        "",
    ),
];

#[test]
fn an_honest_server_is_not_accused_and_a_dishonest_one_is_by_name() {
    // [LOG-10] [LOG-13]
    for (what, spoil, kind, path) in DISHONEST {
        let site = Site::new("Office", &entries(SIZE));
        let person = auditor(&site);
        assert_eq!(audit(&person, &site.url).1, [], "honest");
        let person = auditor(&site);
        spoil(&site);
        let (ran, findings) = audit(&person, &site.url);
        assert!(findings.contains(&found(kind, path)[0]), "{what}: {ran:?}");
        // Nothing else is accused along with it: a flipped entry changes its tile and the root.
        let beside = ["file-wrong", "root-mismatch", "frozen", "entry-count"];
        for (other, _) in findings.iter().filter(|(other, _)| other != kind) {
            assert!(beside.contains(&other.as_str()), "{what}: {ran:?}");
        }
    }
}

#[test]
fn a_missing_bundle_is_told_apart_from_a_wrong_tree() {
    // [LOG-13]
    let site = Site::new("Office", &entries(SIZE));
    let person = auditor(&site);
    site.remove("tile/entries/001");
    site.flip("tile/0/002");
    let both = [found("file-missing", "tile/entries/001"), found("file-wrong", "tile/0/002")];
    assert_eq!(audit(&person, &site.url).1, both.concat(), "the root is right, by the hash tile");
    site.remove("tile/0/001");
    let (ran, findings) = audit(&person, &site.url);
    assert!(findings.contains(&found("entry-count", "")[0]), "{ran:?}");
}

#[test]
fn what_no_device_needs_any_more_may_be_gone_and_nothing_else() {
    // [API-39] [LOG-13]
    let log = entries(SIZE);
    let site = Site::new("Honest", &log);
    let days_ago = |days: u64| now().minus(days * 86_400);
    let sign = |days| site.sign(600, tree(&log[..600]).root(), days_ago(days));
    let (old, newer) = (sign(24), sign(3));
    site.publish(&log);
    site.remove("tile/entries/000");
    let person = auditor(&site);
    let missing = found("file-missing", "tile/entries/000");
    assert_eq!(audit(&person, &site.url).1, missing, "no head says that it is past");
    let path = archived_path(Day::containing(days_ago(24)));
    site.put(&path, newer.as_bytes());
    assert_eq!(audit(&person, &site.url).1, missing, "a head of another day says nothing");
    site.put(&path, old.as_bytes());
    let (ran, findings) = audit(&person, &site.url);
    assert_eq!(findings, []);
    assert!(ran.out.contains(r#""removed_files": 1"#), "{ran:?}");
    // Some entries of this one came after that head.
    site.remove("tile/entries/002");
    assert_eq!(audit(&person, &site.url).1, found("file-missing", "tile/entries/002"));
}

#[test]
fn superseded_partial_tiles_may_be_gone() {
    // [API-2] [LOG-13]
    for later in [810_u64, 1_100] {
        let site = Site::new("Office", &entries(SIZE));
        let person = auditor(&site);
        site.publish(&entries(later));
        site.sign(SIZE, tree(&entries(SIZE)).root(), now());
        for path in ["tile/entries/003.p/32", "tile/0/003.p/32"] {
            site.remove(path);
        }
        if later == 1_100 {
            site.remove("tile/1/000.p/3");
        }
        assert_eq!(audit(&person, &site.url).1, [], "{later}");
        // The wider one is read, not only found.
        let wider = if later == 1_100 { "tile/1/000.p/4" } else { "tile/0/003.p/42" };
        site.put(wider, &[7; 42 * 32][..if later == 1_100 { 4 } else { 42 } * 32]);
        assert_eq!(audit(&person, &site.url).1, found("file-wrong", wider));
    }
}

#[test]
fn a_mirror_is_audited_itself() {
    // [LOG-13]
    let site = Site::new("Office", &entries(SIZE));
    let (mirror, person) = (site.mirror(), auditor(&site));
    assert_eq!(audit(&person, &mirror.url).1, []);
    assert!(site.asked().is_empty(), "only the mirror is asked");
    mirror.flip("tile/0/000");
    assert_eq!(audit(&person, &mirror.url).1, found("file-wrong", "tile/0/000"));
    assert_eq!(audit(&person, &site.url).1, []);
    // Without the authority named, by the profile that the mirror serves.
    let ran = person.noren(&["--json", "auditor", "verify", &mirror.url], b"");
    assert!(ran.code == Some(1) && ran.out.contains("tile/0/000"), "{ran:?}");
    // A copy of the files alone is no less.
    let plain = site.mirror();
    plain.remove("v1/authority");
    assert_eq!(audit(&person, &plain.url).1, []);
}

#[test]
fn a_mirror_that_is_behind_is_not_a_log_that_went_back() {
    // [LOG-8] [LOG-13]
    let site = Site::new("Office", &entries(SIZE));
    let (mirror, person) = (site.mirror(), auditor(&site));
    site.publish(&entries(SIZE + 9));
    site.sign(SIZE + 9, tree(&entries(SIZE + 9)).root(), now().plus(10));
    assert_eq!(audit(&person, &site.url).1, []);
    assert_eq!(audit(&person, &mirror.url).1, found("behind", ""));
    // The authority's own server, at the same: it holds back what it showed.
    site.restore(&mirror, "checkpoint");
    let (ran, findings) = audit(&person, &site.url);
    assert!(findings.contains(&found("rollback", "")[0]), "{ran:?}");
    // Fewer entries, signed later: that is a word of the authority's, wherever it is shown.
    mirror.sign(SIZE, tree(&entries(SIZE)).root(), now().plus(100));
    let (ran, findings) = audit(&person, &mirror.url);
    assert!(findings.contains(&found("rollback", "")[0]), "{ran:?}");
    assert!(ran.err.contains("auditor compare"), "{ran:?}");
}

#[test]
fn a_log_that_is_too_long_is_read_so_far() {
    // [LOG-13]
    let site = Site::new("Office", &entries(SIZE));
    let person = auditor(&site);
    let words = ["auditor", "verify", &site.url, "--most-entries", "256"];
    let ran = person.noren(&words, b"");
    assert!(ran.code == Some(1) && ran.out.contains("--most-entries reads on"), "{ran:?}");
    assert_eq!(ran.out.matches("FINDING").count(), 1, "{ran:?}");
    site.sign(noren::log::MAX_SIZE, tree(&[]).root(), now());
    let (ran, findings) = audit(&auditor(&site), &site.url);
    assert!(findings.contains(&found("file-missing", "tile/entries/003")[0]), "{ran:?}");
}

#[test]
fn two_heads_are_held_against_each_other() {
    // [LOG-10] [LOG-14]
    let all = entries(SIZE);
    let site = Site::new("Office", &all);
    let person = auditor(&site);
    let (key, time) = (site.keys.0.log_public_key(), now());
    let origin = noren::log::Origin::new("health.example/log").unwrap();
    let vkey = verifier_key(SignatureType::Ed25519, &origin, &key);
    let root = |size: u64| tree(&all[..usize::try_from(size).unwrap()]).root();
    let other = tree(&entries(SIZE + 5)[5..]).root();
    for (name, size, root, time) in [
        ("early", 300, root(300), time.minus(500)),
        ("late", SIZE, root(SIZE), time),
        ("late again", SIZE, root(SIZE), time.plus(9)),
        ("fork", SIZE, other, time),
        ("back", 300, root(300), time.plus(50)),
        ("foreign", 300, other, time.minus(400)),
        ("nothing", 0, tree(&[]).root(), time.minus(900)),
    ] {
        person.write(name, site.sign(size, root, time));
    }
    site.publish(&all);
    let compare = |one: &str, two: &str, more: &[&str]| {
        let words = ["--json", "auditor", "compare", one, two];
        let ran = person.noren(&[&words[..], more].concat(), b"");
        let verdict: Value = serde_json::from_str(&ran.out).unwrap_or_default();
        (ran.code.unwrap(), verdict["verdict"].as_str().unwrap_or("").to_owned())
    };
    let log = ["--log", &site.url];
    for (one, two, log, expected) in [
        ("late", "late again", &[][..], (0, "same")),
        ("late", "fork", &[], (1, "fork")),
        ("late", "back", &[], (1, "rollback")),
        ("early", "late", &[], (2, "needs-log")),
        ("early", "late", &log, (0, "consistent")),
        ("nothing", "late", &log, (0, "consistent")),
        ("foreign", "late", &log, (1, "rewritten")),
        ("early", "fork", &log, (2, "")),
    ] {
        let expected = (expected.0, expected.1.to_owned());
        for key in [["--authority", "health.profile"], ["--key", &vkey]] {
            let more = [&key[..], log].concat();
            assert_eq!(compare(one, two, &more), expected, "{one} {two}");
            assert_eq!(compare(two, one, &more), expected, "{two} {one}");
        }
    }
    // One file with both, one after the other; a log whose tiles were tidied up.
    person.write("both", [person.read("late"), person.read("fork")].concat());
    let ran = person.noren(&["auditor", "compare", "both", "--key", &vkey], b"");
    assert!(ran.code == Some(1) && ran.out.contains("FORK"), "{ran:?}");
    site.remove("tile/0/001");
    person
        .noren(&["auditor", "compare", "early", "late", "--key", &vkey, "--log", &site.url], b"")
        .fails("tile/0/001");
    // A profile from before the keys changed accuses nobody.
    let (old, new) = (Keys::new(), Keys(site.keys.0.successor(&mut rand::rng())));
    person.write("old.profile", old.profile("Office", "https://old.invalid"));
    let ran =
        person.noren(&["auditor", "compare", "late", "fork", "--authority", "old.profile"], b"");
    ran.fails("this profile is from before that");
    assert!(ran.err.contains("newest") && !ran.err.contains("signature"), "{ran:?}");
    let signed_anew = Site::signed_by(&new, SIZE, root(SIZE), time.plus(60));
    person.write("anew", signed_anew);
    let words = ["auditor", "compare", "late", "anew", "--authority", "health.profile"];
    person.noren(&words, b"").fails("this profile is from before that");
    // Roots are written as the signed notes have them.
    let shown = person.noren(&["auditor", "compare", "late", "fork", "--key", &vkey], b"");
    let note = String::from_utf8(person.read("late")).unwrap();
    assert!(shown.out.contains(&format!("root {}\n", note.lines().nth(2).unwrap())), "{shown:?}");
    let verified = person.noren(&["auditor", "verify", &site.url], b"");
    let note = site.sign(SIZE, root(SIZE), now());
    assert!(verified.out.contains(note.lines().nth(2).unwrap()), "{verified:?}");
    // Nobody's notes, or another's.
    person.write("stranger", Site::new("Other", &all).sign(5, other, time));
    person.noren(&["auditor", "compare", "late", "stranger", "--key", &vkey], b"").fails("no head");
    person.noren(&["auditor", "compare", "late", "--key", &vkey], b"").fails("only one was");
    person.noren(&["auditor", "compare", "late", "fork", "--key", "a+b"], b"").fails("name+id+key");
}

/// Reads a signed note by the text of C2SP signed-note: the number in its second line.
fn read_note(note: &str, vkey: &str) -> String {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    use ed25519_dalek::{Signature, VerifyingKey};
    use sha2::{Digest as _, Sha256};
    let [name, id, key] = vkey.splitn(3, '+').collect::<Vec<_>>()[..] else { panic!("{vkey}") };
    let key = BASE64_STANDARD.decode(key).unwrap();
    assert_eq!((key.len(), key[0]), (33, 1));
    let digest = Sha256::digest([format!("{name}\n").as_bytes(), &key].concat());
    assert_eq!(hex::encode(&digest[..4]), id);
    let (text, lines) = note.rsplit_once("\n\n").unwrap();
    let text = format!("{text}\n");
    let signed = lines.lines().filter(|line| {
        let [dash, who, signature] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        assert_eq!(dash, "\u{2014}");
        let signature = BASE64_STANDARD.decode(signature).unwrap();
        if who != name || signature[..4] != digest[..4] {
            return false;
        }
        let key = VerifyingKey::from_bytes(key[1..].try_into().unwrap()).unwrap();
        let signature = Signature::from_slice(&signature[4..]).unwrap();
        key.verify_strict(text.as_bytes(), &signature).unwrap();
        true
    });
    assert_eq!(signed.count(), 1);
    text.lines().nth(1).unwrap().to_owned()
}

/// The same by a program in Python, with openssl for the signature, where both are installed.
const READER: &str = r"
import base64, hashlib, subprocess, sys, tempfile
note, vkey = open(sys.argv[1], encoding='utf-8').read(), sys.argv[2]
name, key_id, key = vkey.split('+', 2)
key = base64.b64decode(key)
assert key[0] == 1
assert hashlib.sha256(name.encode() + b'\n' + key).digest()[:4].hex() == key_id
text, lines = note.rsplit('\n\n', 1)
text += '\n'
good = 0
for line in lines.splitlines():
    dash, who, signature = line.split(' ')
    assert dash == '\u2014'
    signature = base64.b64decode(signature)
    if who != name or signature[:4].hex() != key_id:
        continue
    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: folder + '/' + name
        der = bytes.fromhex('302a300506032b6570032100') + key[1:]
        open(path('key'), 'wb').write(der)
        open(path('text'), 'wb').write(text.encode())
        open(path('sig'), 'wb').write(signature[4:])
        subprocess.run(['openssl', 'pkeyutl', '-verify', '-pubin', '-keyform', 'DER', '-inkey',
            path('key'), '-rawin', '-in', path('text'), '-sigfile', path('sig')], check=True,
            stdout=subprocess.DEVNULL)
    good += 1
assert good == 1, good
print(text.splitlines()[1])
";

/// What the program in Python says; `None` where there is no Python, or no openssl for it.
fn read_in_python(note: &Path, vkey: &str) -> Option<String> {
    for (tool, version) in [("python3", "--version"), ("openssl", "version")] {
        if !Command::new(tool).arg(version).output().is_ok_and(|output| output.status.success()) {
            skipped(tool);
            return None;
        }
    }
    let mut python = Command::new("python3")
        .args(["-", note.to_str().unwrap(), vkey])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(READER.as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", note.display());
    Some(String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

#[test]
fn evidence_is_read_by_foreign_readers_of_signed_notes() {
    // [LOG-14]
    let site = Site::new("Office", &entries(5));
    let person = auditor(&site);
    assert_eq!(audit(&person, &site.url).1, []);
    site.publish(&entries(6)[1..]);
    let (ran, findings) = audit(&person, &site.url);
    assert!(findings.contains(&found("fork", "")[0]), "{ran:?}");
    let pieces = std::fs::read_dir(person.path("home/evidence")).unwrap();
    let mut pieces = pieces.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let piece = pieces.next().unwrap();
    let keys = std::fs::read_to_string(piece.join("keys")).unwrap();
    let key = keys.lines().next().unwrap();
    for name in ["seen.checkpoint", "offered.checkpoint"] {
        let note = piece.join(name);
        assert_eq!(read_note(&std::fs::read_to_string(&note).unwrap(), key), "5", "{name}");
        assert!(read_in_python(&note, key).is_none_or(|size| size == "5"), "{name}");
    }
    let readme = std::fs::read_to_string(piece.join("README")).unwrap();
    assert!(readme.contains("signed-note") && readme.contains("auditor compare"));
}
