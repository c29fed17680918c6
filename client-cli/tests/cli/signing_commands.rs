//! Keys that are kept elsewhere: a command signs with them. A script with `openssl` stands for a token.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use noren::authority::AuthorityKeys;
use noren_skipped::skipped;
use serde_json::Value;

use crate::support::desk::Desk;
use crate::support::person::{Person, Ran};

/// Signs what it reads with the key in the file that it is given.
const TOKEN: &str = r#"message=$(mktemp) && cat > "$message" && echo "$1" >> asked &&
openssl pkeyutl -sign -rawin -inkey "$1" -in "$message" | base64; rm "$message""#;

/// Whether there is nothing that could stand for a token.
fn lacks_token() -> bool {
    let lacks = Command::new("openssl").arg("version").output().is_err();
    if lacks {
        skipped("openssl");
    }
    lacks
}

/// Makes a program of a person's, in a shell.
fn program(person: &Person, name: &str, script: &str) -> String {
    person.write(name, format!("#!/bin/sh\n{script}\n"));
    let path = person.path(name);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    path.to_str().unwrap().to_owned()
}

fn tries(town: &Desk, words: &[&str]) -> Ran {
    town.person.noren(&[&["authority"], words].concat(), b"")
}

/// Moves a key into the "token": a file beside the home.
fn moves(town: &Desk, key: &str, sign: &str) -> Value {
    let file = format!("{key}.pem");
    tries(town, &["key", "export", key, "--out", &file]).ends(0, "use-command");
    town.does(&["key", "use-command", key, "--", sign, &file])
}

/// How often the token was asked, with the keys of these files.
fn asked(person: &Person) -> Vec<String> {
    let text = fs::read_to_string(person.path("asked")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Whether any file below a folder holds these bytes.
fn holds(folder: &Path, secret: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, secret);
        }
        fs::read(path).unwrap().windows(secret.len()).any(|part| part == secret)
    })
}

/// How many entries the log has. The desk signs it anew for that.
fn size(town: &Desk) -> u64 {
    town.does(&["heartbeat"])["log_size"].as_u64().unwrap()
}

fn keys(town: &Desk) -> AuthorityKeys {
    AuthorityKeys::from_bytes(&town.person.read("home/authority/keys")[51..]).unwrap()
}

#[test]
fn a_desk_whose_keys_are_in_a_token_does_all_that_it_did() {
    // [CLI-63]
    if lacks_token() {
        return;
    }
    let town = Desk::with_bar();
    let before = keys(&town);
    let seeds = [before.log_secret_key(), before.clock_secret_key()];
    let seeds = seeds.map(|key| key.unwrap().to_bytes());
    let home = town.person.path("home");
    assert!(seeds.iter().all(|seed| holds(&home, seed.as_slice())));
    let sign = program(&town.person, "sign", TOKEN);
    moves(&town, "log", &sign);
    assert!(!holds(&home, seeds[0].as_slice()) && holds(&home, seeds[1].as_slice()));
    let shown = moves(&town, "clock", &sign);
    assert!(!seeds.iter().any(|seed| holds(&home, seed.as_slice())));
    assert_eq!(shown, town.does(&["key", "show"]));
    assert_eq!((&shown[0]["key"], &shown[0]["in_key_file"]), (&"log".into(), &false.into()));
    assert_eq!(shown[1]["command"], serde_json::json!([sign, "clock.pem"]));
    // Both keys sign for the trial, and then each what is its own.
    fs::remove_file(town.person.path("asked")).unwrap();
    town.does(&["heartbeat"]);
    let asked = asked(&town.person);
    assert!(asked.contains(&"log.pem".to_owned()) && asked.contains(&"clock.pem".to_owned()));

    let case = town.answered_case(18, 20);
    let guest = town.guest(19);
    town.does(&["publish", &case, "--level", "attention", "--yes"]);
    guest.noren(&["visitor", "sync"], b"").ends(0, "");
    town.does(&["profile", "--name", "Health Office Kyoto"]);
    let ran = guest.noren(&["visitor", "sync"], b"");
    assert!(ran.err.contains("name: Health Office Kyoto"), "{ran:?}");
    // A passphrase for what is still in the file changes nothing of that.
    let protect = ["authority", "protect", "--new-passphrase-file", "-"];
    town.person.noren(&protect, b"correct horse battery\n").ends(0, "");
    let with = |words: &[&str]| {
        let words = [&["authority"], words, &["--passphrase-file", "-"]].concat();
        let ran = town.person.noren(&words, b"correct horse battery\n");
        assert_eq!(ran.code, Some(0), "{ran:?}");
        ran
    };
    with(&["heartbeat"]);
    // Back in the file, the token is needed no more.
    for key in ["log", "clock"] {
        with(&["key", "use-file", key, &format!("{key}.pem")]);
    }
    fs::remove_file(&sign).unwrap();
    with(&["heartbeat"]);
    assert!(!home.join("authority/signing-commands").exists());
    let journal = with(&["journal"]).out;
    for (event, times) in [("key-exported", 2), ("key-with-command", 2), ("key-in-file", 2)] {
        assert_eq!(journal.matches(event).count(), times, "{journal}");
    }
    town.log_is_sound();
}

#[test]
fn the_next_keys_are_handed_over_to_by_the_token_and_are_in_the_file() {
    // [CLI-63] [PRO-7]
    if lacks_token() {
        return;
    }
    let town = Desk::with_bar();
    let guest = town.guest(19);
    guest.noren(&["visitor", "sync"], b"").ends(1, "");
    let sign = program(&town.person, "sign", TOKEN);
    moves(&town, "log", &sign);
    let ran = tries(&town, &["rotate-keys", "--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.err.contains("the next keys are in this desk's key file"), "{ran:?}");
    fs::remove_file(&sign).unwrap();
    town.does(&["heartbeat"]);
    assert_eq!(town.does(&["key", "show"])[0]["in_key_file"], true);
    let ran = guest.noren(&["visitor", "sync"], b"");
    assert!(ran.err.contains("has new keys"), "{ran:?}");
    town.log_is_sound();
}

/// What commands do wrong, and what is said of it.
const WRONG: [(&str, &str); 10] = [
    ("cat > message; sh ./good other.pem < message", "by another key, or of something else"),
    ("cat > message; echo more >> message; sh ./good log.pem < message", "by another key, or of"),
    ("head -c 63 /dev/zero | base64", "gave no signature"),
    ("head -c 64 /dev/zero | od -An -tx1", "gave no signature"),
    ("head -c 3000 /dev/zero | base64", "sign"),
    ("true", "gave no signature"),
    ("echo the token is locked >&2; exit 1", "exit code 1;"),
    ("exec sleep 60", "no signature within 3 seconds, and was stopped"),
    ("sh ./good log.pem; sleep 60 2>&- & exit 0", "still holds the standard output"),
    ("printf AAAA; kill -9 $$", "was killed"),
];

#[test]
fn a_command_that_does_not_sign_is_told_and_nothing_is_changed() {
    // [CLI-63] [PRO-15]
    if lacks_token() {
        return;
    }
    let town = Desk::with_bar();
    let case = town.answered_case(18, 20);
    tries(&town, &["key", "export", "clock", "--out", "other.pem"]).ends(0, "");
    tries(&town, &["key", "export", "log", "--out", "log.pem"]).ends(0, "");
    program(&town.person, "good", TOKEN);
    let sign = program(&town.person, "sign", "exit 0");
    let used = ["key", "use-command", "log", "--timeout", "3", "--", &sign];
    let publish = ["publish", &case, "--level", "attention", "--yes"];
    let folder = town.person.path("home/authority");
    let there =
        || (fs::read(folder.join("keys")).unwrap(), folder.join("signing-commands").exists());
    let before = there();
    for (script, words) in WRONG {
        program(&town.person, "sign", script);
        let ran = tries(&town, &used);
        ran.ends(2, words);
        ran.fails("nothing was changed: the command does not sign with the log key");
        assert!(there() == before, "{script}");
    }
    let there_only = ["key", "use-command", "log", "--", "./sign"];
    tries(&town, &there_only).ends(2, "another program in another folder");
    assert!(there() == before);
    // It signs for the trial, and not any more later; what is set for Noren it does not see.
    program(&town.person, "sign", "env | grep -q ^NOREN_ && exit 9; sh ./good log.pem");
    town.does(&used);
    for (script, words) in WRONG {
        program(&town.person, "sign", script);
        tries(&town, &publish).ends(2, words);
    }
    let ran = tries(&town, &["heartbeat"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    program(&town.person, "sign", "echo the token is locked >&2; exit 1");
    tries(&town, &publish).fails("the token is locked");
    fs::set_permissions(&sign, fs::Permissions::from_mode(0o600)).unwrap();
    tries(&town, &publish).fails("may not be run");
    fs::remove_file(&sign).unwrap();
    tries(&town, &publish).fails("is not there");
    assert_eq!(town.does(&["key", "show"])[0]["timeout"], 3, "what signs nothing needs no command");
    program(&town.person, "sign", "sh ./good log.pem");
    let before = size(&town);
    town.does(&publish);
    assert_eq!(size(&town), before + 2, "once");
    town.log_is_sound();
    // What gets in on the way is text of somebody else's, and no shell reads it.
    for (words, told) in [
        (&["key", "use-command", "log"][..], "name the command that signs"),
        (&["key", "use-command", "log", "--timeout", "601", "--", &sign], "1 to 600 seconds"),
        (&["key", "use-command", "log", "--", "true; touch shell"], "is not there"),
        (&["key", "use-file", "log", "other.pem"], "this is another key than the log key"),
        (&["key", "use-file", "log", "health.profile"], "a key in PKCS#8 belongs here"),
        (&["key", "export", "log", "--out", "again.pem"], "a command signs with it"),
    ] {
        tries(&town, words).ends(2, told);
    }
    assert!(!town.person.path("shell").exists() && !town.person.path("again.pem").exists());
}

#[test]
fn a_desk_that_is_killed_while_a_command_signs_goes_on() {
    // [CLI-63] [CLI-1]
    if lacks_token() {
        return;
    }
    let town = Desk::with_bar();
    let case = town.answered_case(18, 20);
    let sign = program(&town.person, "sign", TOKEN);
    moves(&town, "log", &sign);
    let before = size(&town);
    let publish = ["authority", "publish", &case, "--level", "attention", "--yes"];
    let mut calls = 0;
    // At every signature of the command, until one run has needed no more.
    loop {
        program(&town.person, "good", TOKEN);
        let stops = format!(
            "echo >> count; [ $(wc -l < count) -le {calls} ] && exec ./good \"$@\"; echo > waits; exec sleep 20"
        );
        program(&town.person, "sign", &stops);
        for file in ["count", "waits"] {
            drop(fs::remove_file(town.person.path(file)));
        }
        let mut child = town.person.command(&publish).spawn().unwrap();
        let ended = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status);
            }
            if town.person.path("waits").exists() {
                child.kill().unwrap();
                child.wait().unwrap();
                break None;
            }
            sleep(Duration::from_millis(5));
        };
        if let Some(status) = ended {
            assert!(matches!(status.code(), Some(0 | 1)), "{status}");
            break;
        }
        calls += 1;
        assert!(calls < 40, "it never ends");
    }
    assert!(calls > 2, "{calls}");
    program(&town.person, "sign", TOKEN);
    assert_eq!(size(&town), before + 2, "once, after {calls} kills");
    town.log_is_sound();
}

#[test]
fn a_timer_renews_the_date_with_a_command_and_has_no_key() {
    // [CLI-64] [CLI-52]
    if lacks_token() {
        return;
    }
    let town = Desk::with_bar();
    let seed = keys(&town).clock_secret_key().unwrap().to_bytes();
    tries(&town, &["key", "export", "clock", "--out", "clock.pem"]).ends(0, "");
    let timer = Person::new();
    timer.write("clock.pem", town.person.read("clock.pem"));
    let sign = program(&timer, "sign", TOKEN);
    let export = ["clock", "export", "--out", "clock", "--timeout", "5", "--", &sign, "clock.pem"];
    tries(&town, &export).ends(0, "The file holds no key");
    let bytes = town.person.read("clock");
    assert!(!bytes.windows(32).any(|part| part == seed.as_slice()));
    timer.write("clock", &bytes);
    let beat = |person: &Person| {
        let at = (crate::support::desk::now() + 5).to_string();
        person.noren(&["--now", &at, "authority", "heartbeat", "--clock", "clock"], b"")
    };
    assert!(beat(&timer).out.contains("signed anew"));
    // Request and date.
    assert_eq!(asked(&timer), ["clock.pem", "clock.pem"]);
    for (script, words) in WRONG {
        program(&timer, "sign", &script.replace("log.pem", "clock.pem"));
        if !script.contains("other.pem") && !script.contains("good") && !script.contains("sleep") {
            beat(&timer).ends(2, words);
        }
    }
    fs::remove_file(&sign).unwrap();
    beat(&timer).ends(2, "is not there");
    for bit in (0..bytes.len() * 8).step_by(97) {
        let mut other = bytes.clone();
        other[bit / 8] ^= 1 << (bit % 8);
        timer.write("clock", other);
        beat(&timer).fails("clock");
    }
    // A desk whose clock key is in a token hands out no key.
    let token = program(&town.person, "sign", TOKEN);
    town.does(&["key", "use-command", "clock", "--", &token, "clock.pem"]);
    let ran = tries(&town, &["clock", "export", "--out", "another"]);
    ran.ends(2, "the clock key is not in this desk's key file");
    assert!(!town.person.path("another").exists());
    // After the timer's, however quick this was.
    let at = (crate::support::desk::now() + 10).to_string();
    let renewed = town.person.noren(&["--now", &at, "authority", "heartbeat"], b"");
    assert!(renewed.out.contains("signed anew"), "{renewed:?}");
    town.log_is_sound();
}

#[test]
fn one_key_for_log_and_clock_stays_where_it_is() {
    // [CLI-63] [PRO-8]
    let one = AuthorityKeys::from_bytes(&[[7; 32], [9; 32]].concat()).unwrap();
    let town = Desk::with_keys(&one);
    let sign = program(&town.person, "sign", TOKEN);
    for words in [
        &["key", "export", "log", "--out", "log.pem"][..],
        &["key", "use-command", "log", "--", &sign],
    ] {
        tries(&town, words).ends(2, "rotate-keys");
    }
    assert!(!town.person.path("log.pem").exists());
}
