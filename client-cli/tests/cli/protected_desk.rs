//! A desk whose keys are sealed with a passphrase.

use noren::authority::AuthorityKeys;

use crate::support::desk::Desk;
use crate::support::person::Ran;

const FIRST: &str = "correct horse battery";
const SECOND: &str = "staple correct horse";

fn try_with(desk: &Desk, passphrase: &str, words: &[&str]) -> Ran {
    let all = [&["--json", "authority"], words].concat();
    desk.person.noren(&all, format!("{passphrase}\n").as_bytes())
}

#[track_caller]
fn with(desk: &Desk, passphrase: &str, words: &[&str]) -> Ran {
    let ran = try_with(desk, passphrase, words);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran
}

fn files(desk: &Desk) -> Vec<(String, Vec<u8>)> {
    let folder = desk.person.path("home/authority");
    let mut all: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .filter(|(name, _)| name.ends_with("keys") || name == "profile")
        .collect();
    all.sort();
    all
}

/// Whether any file of the desk holds these bytes.
fn holds(desk: &Desk, secret: &[u8]) -> bool {
    files(desk).iter().any(|(_, bytes)| bytes.windows(secret.len()).any(|part| part == secret))
}

#[test]
fn a_desk_with_a_passphrase_asks_once_and_keeps_no_key_as_it_is() {
    // [CLI-62]
    let town = Desk::with_bar();
    let keys = AuthorityKeys::from_bytes(&town.person.read("home/authority/keys")[51..]).unwrap();
    let secrets = |keys: &AuthorityKeys| {
        [
            keys.log_secret_key().unwrap().to_bytes(),
            keys.clock_secret_key().unwrap().to_bytes(),
            keys.upload_key().to_bytes(),
        ]
    };
    assert!(secrets(&keys).iter().all(|secret| holds(&town, secret.as_slice())));
    try_with(&town, "eleven char", &["protect"]).fails("fewer than 12 characters");
    assert!(holds(&town, secrets(&keys)[0].as_slice()), "nothing has changed");
    with(&town, FIRST, &["protect"]);
    assert!(!secrets(&keys).iter().any(|secret| holds(&town, secret.as_slice())));

    // Wrong, or none: a clear error, and nothing is changed.
    let before = files(&town);
    for (passphrase, words) in [("wrong horse battery", "a wrong passphrase"), ("", "Passphrase")] {
        for verb in [&["heartbeat"][..], &["rotate-keys", "--yes"], &["status"]] {
            try_with(&town, passphrase, verb).fails(words);
        }
    }
    assert_eq!(files(&town), before);
    // From a file, or the standard input, once for all that a command does.
    with(&town, FIRST, &["heartbeat"]);
    town.person.write("passphrase", FIRST);
    let beat = ["authority", "heartbeat", "--passphrase-file", "passphrase"];
    assert_eq!(town.person.noren(&beat, b"").code, Some(0));
    let rotated = with(&town, FIRST, &["rotate-keys", "--yes"]);
    assert!(rotated.out.contains("fingerprint"), "{rotated:?}");
    with(&town, FIRST, &["patient", "enable", "--yes"]);
    let sealed = &town.person.read("home/authority/keys")[51..];
    assert!(AuthorityKeys::are_sealed(sealed), "the next keys are sealed as well");
    assert!(!town.person.path("home/authority/next-keys").exists());

    // Another passphrase takes the first one's place.
    town.person.write("second", SECOND);
    with(&town, FIRST, &["protect", "--new-passphrase-file", "second"]);
    try_with(&town, FIRST, &["heartbeat"]).fails("a wrong passphrase");
    with(&town, SECOND, &["heartbeat"]);
    // The clock's machine asks nobody.
    with(&town, SECOND, &["clock", "export", "--out", "clock"]);
    let beat = ["authority", "heartbeat", "--clock", "clock"];
    let ran = town.person.noren(&beat, b"");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let journal = with(&town, SECOND, &["journal"]).out;
    assert_eq!(journal.matches("keys-protected").count(), 2, "{journal}");
}

/// A command, and what it is given. Ids that nobody has are looked for once the desk is open.
type Given = (&'static str, &'static [&'static str]);

/// All that open the desk, and ask for its passphrase.
const AT_DESK: [Given; 49] = [
    ("approve", &["--key", "bob.key", "p-1a2b"]),
    ("case close", &["1a2b"]),
    ("case list", &[]),
    ("case open", &["--venue", "Bar", "--from", "2026-04-01T18:00Z", "--to", "2026-04-01T19:00Z"]),
    ("case reissue", &["1a2b"]),
    ("case remind", &["1a2b"]),
    ("case show", &["1a2b"]),
    ("clock export", &["--out", "clock"]),
    ("heartbeat", &[]),
    ("journal", &[]),
    ("key export", &["log", "--out", "log.pem"]),
    ("key show", &[]),
    ("key use-command", &["log", "--", "false"]),
    ("key use-file", &["log", "log.pem"]),
    ("mirror add", &["http://127.0.0.1:1"]),
    ("mirror list", &[]),
    ("mirror remove", &["http://127.0.0.1:1"]),
    ("operator add", &["--public-half", "half", "Bob"]),
    ("operator list", &[]),
    ("operator remove", &["Bob"]),
    ("operator require", &["1"]),
    ("patient close", &["1a2b"]),
    ("patient enable", &["--yes"]),
    ("patient open", &["--since", "2026-04-01"]),
    ("patient reissue", &["1a2b"]),
    ("patient reject", &["--reason", "why", "1a2b"]),
    ("patient review", &["1a2b"]),
    ("patient status", &[]),
    ("policy set", &["osaka", "--yes"]),
    ("policy show", &[]),
    ("profile", &[]),
    ("protect", &["--new-passphrase-file", "passphrase"]),
    ("publish", &["1a2b", "--yes"]),
    ("reject", &["--reason", "why", "1a2b"]),
    ("release", &[]),
    (
        "report",
        &[
            "--venue",
            "Bar",
            "--kind",
            "bar",
            "--from",
            "2026-04-01T18:00Z",
            "--to",
            "2026-04-01T19:00Z",
        ],
    ),
    ("restore-log", &[]),
    ("review", &["1a2b"]),
    ("rotate-keys", &["--yes"]),
    ("status", &[]),
    ("summary", &[]),
    ("take-over", &["--yes"]),
    ("uploads", &[]),
    ("vkey", &[]),
    ("withdraw", &["1a2b", "--yes"]),
    ("witness add", &["key", "http://127.0.0.1:1"]),
    ("witness list", &[]),
    ("witness quorum", &["0"]),
    ("witness remove", &["w.example"]),
];

/// Those that need none of its keys.
const WITHOUT_DESK: [Given; 5] = [
    ("init", &["--name", "A", "--origin", "a.example/log", "--url", "http://127.0.0.1:1"]),
    ("operator key", &["--out", "bob.key"]),
    ("policy check", &["osaka"]),
    ("policy list", &[]),
    ("replay", &["case.json"]),
];

/// All commands of an authority.
pub(crate) fn commands() -> impl Iterator<Item = String> {
    AT_DESK.iter().chain(&WITHOUT_DESK).map(|(verb, _)| format!("authority {verb}"))
}

fn run((verb, rest): &Given, desk: &Desk, passphrase: &str) -> Ran {
    try_with(desk, passphrase, &[&verb.split(' ').collect::<Vec<_>>(), *rest].concat())
}

#[test]
fn every_command_at_the_desk_asks_once_and_does_nothing_with_a_wrong_passphrase() {
    // [CLI-62] [CLI-42]
    let town = Desk::with_bar();
    town.person.write("passphrase", FIRST);
    with(&town, FIRST, &["protect"]);
    let before = files(&town);
    for given in &AT_DESK {
        run(given, &town, "wrong horse battery").fails("a wrong passphrase");
    }
    assert_eq!(files(&town), before);
    // One line is there: whoever asked twice, or without need, would get none.
    for given in &AT_DESK {
        let ran = run(given, &town, FIRST);
        assert!(!ran.err.contains("assphrase of"), "{given:?}: {ran:?}");
        assert!(!ran.err.contains("a wrong passphrase"), "{given:?}: {ran:?}");
    }
    for given in &WITHOUT_DESK {
        let ran = run(given, &town, "");
        assert!(!ran.err.contains("assphrase"), "{given:?}: {ran:?}");
    }
}
