//! Whoever gives one of Noren's files in place of another is told which it is.

use crate::support::http::get;
use crate::support::town::{Town, Venue, at};

/// A name of each kind of file, and the words for it.
const KINDS: [(&str, &str); 11] = [
    ("codes/entry.txt", "entry code, from its poster"),
    ("codes/entry.png", "entry code, from its poster"),
    ("codes/trace.txt", "private trace code"),
    ("sheet/trace-sheet.png", "private trace code"),
    ("profile", "an authority's profile"),
    ("chain", "an organisation's record"),
    ("code", "an upload code"),
    ("vault", "a visitor's vault"),
    ("operator.key", "the key of an operator"),
    ("checkpoint", "a log's checkpoint"),
    ("case.json", "the document of a case"),
];

/// Every kind of file, in a venue's folder.
fn samples() -> (Town, Venue) {
    let town = Town::new("Misplaced", "osaka");
    let bar = town.venue("Bar Noren", &["--kind", "bar"]);
    bar.owner.json(&["venue", "sheet", "--trace", "codes/trace.txt", "--out", "sheet"], b"");
    let setup = ["organisation", "setup", "--authority", "profile", "--out", "chain"];
    let passphrase = b"correct horse battery staple\n";
    bar.owner.json(&[&setup[..], &["--cost", "64,1,1"]].concat(), passphrase);
    let report = town.report("Bar Noren", &["--kind", "bar"], &at(19, 0), &at(21, 0));
    let opened = &report["opened"];
    let text = |name: &str| opened[name].as_str().unwrap();
    bar.owner.write("code", format!("{} {}", text("code"), text("window_code")));
    town.office.operator_key("operator.key");
    bar.owner.write("operator.key", town.office.read("operator.key"));
    let show = ["authority", "case", "show", text("case"), "--out", "case.json"];
    assert_eq!(town.office.noren(&show, b"").code, Some(0));
    bar.owner.write("case.json", town.office.read("case.json"));
    bar.owner.write("checkpoint", get(&format!("{}/checkpoint", town.url)));
    let guest = town.visitor();
    guest.visit(&bar.poster(), &at(19, 0), 30);
    let vault = std::fs::read_dir(guest.0.path("home/visitor")).unwrap();
    let vault = vault.map(|file| file.unwrap().path()).find(|path| path.ends_with("vault"));
    bar.owner.write("vault", std::fs::read(vault.unwrap()).unwrap());
    (town, bar)
}

#[test]
fn every_file_given_in_place_of_another_is_told_by_name() {
    // [VEN-6] [PST-6]
    let (town, bar) = samples();
    let url = town.url.as_str();
    let takes: [(&[&str], &[&str], &[&str]); 9] = [
        (
            &["venue", "upload", "--yes", "--authority", url, "--trace"],
            &[],
            &["codes/trace.txt", "sheet/trace-sheet.png"],
        ),
        (
            &["venue", "sheet", "--out", "new", "--trace"],
            &[],
            &["codes/trace.txt", "sheet/trace-sheet.png"],
        ),
        (
            &["venue", "poster", "--out", "new", "--entry"],
            &[],
            &["codes/entry.txt", "codes/entry.png"],
        ),
        (&["visitor", "check-in"], &[], &["codes/entry.txt", "codes/entry.png"]),
        (&["visitor", "follow"], &[], &["profile"]),
        (
            &[
                "organisation",
                "add",
                "--name",
                "a",
                "--address",
                "b",
                "--out",
                "new",
                "--base",
                "https://a.example",
                "--organisation",
            ],
            &[],
            &["chain"],
        ),
        (
            &[
                "organisation",
                "upload",
                "--yes",
                "--authority",
                url,
                "--organisation",
                "chain",
                "--entry",
            ],
            &[],
            &["codes/entry.txt", "codes/entry.png"],
        ),
        (
            &[
                "venue",
                "upload",
                "--yes",
                "--authority",
                url,
                "--trace",
                "codes/trace.txt",
                "--code-file",
            ],
            &[],
            &["code"],
        ),
        (&["authority", "replay"], &[], &["case.json"]),
    ];
    for (words, more, right) in takes {
        for (file, named) in KINDS.iter().filter(|(file, _)| !right.contains(file)) {
            let ran = bar.owner.noren(&[words, &[*file], more].concat(), b"");
            assert_eq!(ran.code, Some(2), "{words:?} {file}: {ran:?}");
            let named = ran.err.contains(named) || ran.err.contains("private trace code");
            assert!(named, "{words:?} {file}: {ran:?}");
            let codes = [bar.owner.read("codes/trace.txt"), bar.owner.read("code")];
            for secret in codes.map(|secret| String::from_utf8(secret).unwrap()) {
                assert!(!ran.err.contains(secret.trim()), "{ran:?}");
            }
        }
    }
    assert_eq!(town.try_desk(&["uploads"]).code, Some(1), "nothing was sent");
}
