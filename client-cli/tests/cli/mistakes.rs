//! Mistakes that people make: each is told by its name, with what to do, and by nothing that only
//! the program knows.

use std::process::{Command, Stdio};

use crate::support::person::{Person, Ran, run};
use crate::support::warned::{Authority, EVENING, next_day};

/// What is typed, what comes on the standard input, and what the error has to say.
type Mistake = (&'static [&'static str], &'static [u8], &'static [&'static str]);

/// Words that mean something to the program alone.
const INTERNAL: [&str; 12] = [
    "OutOfRange",
    "Malformed",
    "panicked",
    "unwrap",
    "is out of range",
    "the description is",
    "slice",
    "leaf",
    "serde",
    "sqlx",
    "Utf8Error",
    "in hours,",
];

/// A venue and a visitor in one folder, with what they have, good and bad.
fn person() -> Person {
    let (person, office) = (Person::new(), Authority::new("Health Office", "office.example/log"));
    person.write("profile", office.signed());
    let bar = office.bar("Bar Noren", None);
    person.write("link.txt", bar.entry.to_url("https://noren.example").unwrap());
    let ran = next_day(&person, &["visitor", "follow", "profile"], b"");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let setup = ["venue", "setup", "--name", "Café", "--address", "1-2-3 Minato", "--out", "codes"];
    let ran = next_day(&person, &[&setup[..], &["--from", "2026-03-20"]].concat(), b"");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let record = ["organisation", "setup", "--out", "record", "--memory", "64", "--passes", "1"];
    let record = next_day(&person, &record, b"six words that nobody would guess\n");
    assert!(record.code.is_some(), "{record:?}");
    person.write("empty", "");
    person.write("text", "hello");
    person.write("picture.gif", b"GIF89a");
    person.write("policy.toml", "version = 9\n");
    person
}

const SETUP: [&str; 4] = ["venue", "setup", "--out", "new"];
const LONG: &str = "a name that goes on and on, for longer than a hundred characters, as no name of a \
    venue does that is to be read by people who stand before its door";

#[test]
fn a_mistake_is_told_by_its_name_and_with_what_to_do() {
    // [CLI-3] [CLI-44] [MSG-13]
    let person = person();
    let upload = ["venue", "upload", "--yes", "--trace", "codes/trace.txt", "--code-file", "-"];
    let long: &str = Box::leak("x".repeat(262).into_boxed_str());
    let words = |own: &[&'static str]| &*Box::leak(own.to_vec().into_boxed_slice());
    let setup = |rest: &[&'static str]| words(&[&SETUP[..], rest].concat());
    let mistakes: Vec<Mistake> = vec![
        (
            setup(&["--name", "", "--address", "x"]),
            b"",
            &["--name", "venue's name is missing, or blank"],
        ),
        (setup(&["--name", "\u{3000}", "--address", "x"]), b"", &["--name", "blank"]),
        (
            setup(&["--name", "x", "--address", ""]),
            b"",
            &["--address", "venue's address is missing"],
        ),
        (
            setup(&["--name", LONG, "--address", "x"]),
            b"",
            &["the venue's name has", "limit is 100"],
        ),
        (setup(&["--name", "a\nb", "--address", "x"]), b"", &["line break"]),
        (
            setup(&["--name", "x", "--address", "y", "--stay", "13h"]),
            b"",
            &["--stay", "780", "1 to 720"],
        ),
        (setup(&["--name", "x", "--address", "y", "--stay", "90s"]), b"", &["whole minutes"]),
        (setup(&["--name", "x", "--address", "y", "--stay", "long"]), b"", &["write it like 90m"]),
        (
            setup(&["--name", "x", "--address", "y", "--room", LONG]),
            b"",
            &["--room", "limit is 32"],
        ),
        (
            setup(&["--name", "x", "--address", "y", "--to", "2020-01-01"]),
            b"",
            &["end after it begins"],
        ),
        (
            setup(&["--name", "x", "--address", "y", "--authority", "nobody"]),
            b"",
            &["no authority that is followed", "nobody"],
        ),
        (setup(&["--name", "x", "--address", "y", "--base", "example"]), b"", &["http"]),
        (
            setup(&["--name", "x", "--address", "y", "--patient-cases"]),
            b"",
            &["takes no patient cases"],
        ),
        (words(&upload), b"AAAAAA-AAAAAA-AAAAAB\n", &["mistyped or misheard", "last two"]),
        (words(&upload), b"AAAAAA-AAAAAA-AAAAA\n", &["17 characters instead of 18"]),
        (words(&upload), b"A\n", &["1 character instead of 18"]),
        (words(&upload), b"AAAAAA-AAAAAA-AAAAAU\n", &["letters but U"]),
        (words(&upload), b"\n", &["--code-file", "the standard input is empty"]),
        (words(&["visitor", "check-in", long]), b"", &["no such file", "262 bytes"]),
        (words(&["visitor", "check-in", "absent"]), b"", &["there is no file absent"]),
        (words(&["visitor", "check-in", "empty"]), b"", &["CODE: the file empty is empty"]),
        (words(&["visitor", "check-in", "text"]), b"", &["venue's code"]),
        (words(&["visitor", "check-in", "codes/trace.txt"]), b"", &["trace code"]),
        (words(&["visitor", "check-in", "picture.gif"]), b"", &["GIF", "PNG or JPEG"]),
        (words(&["visitor", "check-in", "link.txt", "--at", "tomorrow 10:00"]), b"", &["future"]),
        (words(&["visitor", "check-in", "link.txt", "--at", "7"]), b"", &["a number alone"]),
        (
            words(&["visitor", "check-in", "link.txt", "--for", "13h"]),
            b"",
            &["longer than 12 hours"],
        ),
        (words(&["visitor", "check-in", "link.txt", "--at", "2020-01-01 10:00"]), b"", &["days"]),
        (words(&["visitor", "check-out"]), b"", &["no visit is open"]),
        (words(&["visitor", "edit", "--from", "10:00"]), b"", &["no visit is open"]),
        (words(&["visitor", "forget", "zzzz"]), b"", &["noren visitor visits"]),
        (words(&["visitor", "upload"]), b"", &["takes no visits from visitors"]),
        (words(&["visitor", "diary", "note", "aa", "x"]), b"", &["the diary is off"]),
        (words(&["visitor", "unfollow", "nobody"]), b"", &["nobody"]),
        (words(&["visitor", "follow", "text"]), b"", &["profile"]),
        (words(&["visitor", "follow", "ftp://x.example"]), b"", &["ftp://x.example"]),
        (words(&["visitor", "follow", "profile", "--fingerprint", "00"]), b"", &["fingerprint"]),
        (words(&["visitor", "protect"]), b"\n", &["assphrase"]),
        (words(&["visitor", "watch", "--every", "0s"]), b"", &["at least a second"]),
        (
            words(&["organisation", "setup", "--out", "own"]),
            b"short\n",
            &["fewer than", "longer one"],
        ),
        (words(&["authority", "status"]), b"", &["noren authority init"]),
        (words(&["authority", "policy", "check", "policy.toml"]), b"", &["version"]),
        (
            words(&[
                "authority",
                "init",
                "--name",
                "",
                "--origin",
                "o.example",
                "--url",
                "https://o.example",
            ]),
            b"",
            &["authority's name is missing"],
        ),
        (
            words(&[
                "authority",
                "init",
                "--name",
                "O",
                "--origin",
                "https://o",
                "--url",
                "https://o.example",
            ]),
            b"",
            &["--origin", "without scheme"],
        ),
        (
            words(&[
                "authority",
                "init",
                "--name",
                "O",
                "--origin",
                "o.example",
                "--url",
                "o.example",
            ]),
            b"",
            &["https://"],
        ),
        (words(&["authority", "replay", "text"]), b"", &["document of a case"]),
    ];
    let mut wrong = Vec::new();
    for (typed, input, told) in mistakes {
        let ran = next_day(&person, typed, input);
        let told = told.iter().all(|word| ran.err.contains(word));
        let internal = INTERNAL.iter().any(|word| ran.err.contains(word));
        if ran.code != Some(2) || !ran.err.contains("error: ") || !told || internal {
            wrong.push(format!("{typed:?}: {ran:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn whoever_stops_reading_stops_nothing_and_is_told_nothing() {
    // [CLI-43]
    let person = person();
    for words in [
        &["visitor", "visits"][..],
        &["visitor", "check-in", "absent"],
        &["manual", "completions", "bash"],
        &["inspect", "link.txt"],
        &["--help"],
        &["visitor", "no-such-verb"],
    ] {
        let mut command = person.command(words);
        let (out, err) = (closed(), closed());
        let status = command.stdout(out).stderr(err).stdin(Stdio::null()).status().unwrap();
        assert!(matches!(status.code(), Some(0..=3)), "{words:?}: {status:?}");
    }
    let mut command = person.command(&["manual", "completions", "bash"]);
    let ran = run(command.stdout(closed()), b"");
    assert_eq!((ran.code, ran.err.as_str()), (Some(2), ""), "{ran:?}");
    // What was done is told, also where the report of it is lost.
    let setup = ["venue", "setup", "--name", "Bar", "--address", "1", "--out", "bar", "--quiet"];
    let now = (EVENING).to_string();
    let ran = run(person.command(&[&["--now", &now], &setup[..]].concat()).stdout(closed()), b"");
    ran.fails("it is done");
}

/// A pipe that nobody reads.
fn closed() -> Stdio {
    let mut gone = Command::new("true").stdin(Stdio::piped()).spawn().unwrap();
    let pipe = gone.stdin.take().unwrap();
    gone.wait().unwrap();
    pipe.into()
}

/// Runs a script of SQL on a database.
fn sql(path: &std::path::Path, script: &'static str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        use sqlx::Connection as _;
        let address = format!("sqlite:{}", path.display());
        let mut connection = sqlx::SqliteConnection::connect(&address).await.unwrap();
        sqlx::raw_sql(script).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
}

#[test]
fn what_a_newer_noren_wrote_is_not_called_damaged() {
    // [CLI-44]
    let desk = Person::new();
    let init = ["authority", "init", "--name", "O", "--origin", "o.example/log"];
    let init = [&init[..], &["--url", "https://o.example"]].concat();
    assert_eq!(desk.noren(&init, b"").code, Some(0));
    let refused = |desk: &Person| {
        let ran: Ran = desk.noren(&["authority", "journal"], b"");
        ran.fails("use that");
        assert!(!ran.err.contains("damaged"), "{ran:?}");
        ran
    };
    let newer = desk.twin();
    sql(&newer.path("home/authority/desk.sqlite"), "PRAGMA user_version = 9");
    refused(&newer).fails("a newer version of Noren wrote this database (layout 9");
    let older = desk.twin();
    sql(&older.path("home/authority/desk.sqlite"), "PRAGMA user_version = 1");
    refused(&older).fails("an older version");
    let keys = desk.twin();
    let mut bytes = keys.read("home/authority/keys");
    bytes[17] = b'2';
    keys.write("home/authority/keys", bytes);
    refused(&keys).fails("the form 2");
    let visitor = Person::new();
    let bar = Authority::new("Health Office", "office.example/log").bar("Bar", None);
    visitor.write("link.txt", bar.entry.to_url("https://noren.example").unwrap());
    assert_eq!(next_day(&visitor, &["visitor", "check-in", "link.txt"], b"").code, Some(0));
    let mut bytes = visitor.read("home/visitor/vault");
    bytes[11] = 9;
    visitor.write("home/visitor/vault", bytes);
    let ran = next_day(&visitor, &["visitor", "visits"], b"");
    ran.fails("unknown version 9: a newer Noren wrote it");
}
