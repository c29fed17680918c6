//! A disk that fails at every write of what venues and organisations do for many, and of what gives a
//! log back.

use noren_faults::Fault;
use std::fs;

use crate::one_desk::{owned, struck};
use crate::support::desk::{Desk, hour};
use crate::support::person::Person;

const PASSPHRASE: &[u8] = b"six words by dice are enough\n";

#[test]
fn rooms_are_added_once_and_whole() {
    // [CLI-1] [CLI-23]
    let owner = Person::new();
    let keys = crate::support::office::Keys::new();
    owner.write("health.profile", keys.profile("Health Office", "https://noren.invalid"));
    owner.write("rooms.csv", "name;address\r\nBar;Minato\r\nCafe;Shibuya\r\n");
    owner.write("passphrase", PASSPHRASE);
    let setup = ["organisation", "setup", "--authority", "health.profile", "--out", "chain"];
    owner.json(&[&setup[..], &["--cost", "8,1,1"]].concat(), PASSPHRASE);
    let add = ["organisation", "add", "--organisation", "chain", "--authority", "health.profile"];
    let add = [&add[..], &["--csv", "rooms.csv", "--out", "rooms"]].concat();
    let mut strikes = 0;
    for fault in Fault::ALL {
        strikes += struck(
            &owner,
            fault,
            19,
            |_| {
                let _ = fs::remove_dir_all(owner.path("rooms"));
                owned(&add)
            },
            |first, ran, words| {
                let told = ran.code == Some(2) && ran.err.contains("error: ");
                let killed = ran.code.is_none() && fault == Fault::Kill;
                assert!(told || killed || ran.code == Some(0), "{fault:?} {first}: {ran:?}");
                let again = owner.noren(words, b"");
                assert_eq!(again.code, Some(0), "{fault:?} {first}: {ran:?} {again:?}");
                let index = String::from_utf8(owner.read("rooms/index.csv")).unwrap();
                assert_eq!(index.lines().count(), 3, "{fault:?} {first}: {index}");
                let folders = fs::read_dir(owner.path("rooms")).unwrap().flatten();
                let folders: Vec<_> = folders.filter(|each| each.path().is_dir()).collect();
                assert_eq!(folders.len(), 2, "{fault:?} {first}: {folders:?}");
                for folder in folders {
                    assert!(folder.path().join("entry.txt").exists(), "{fault:?} {first}");
                }
            },
        );
    }
    assert!(strikes > 5, "{strikes}");
}

#[test]
fn an_organisations_upload_is_received_once() {
    // [CLI-1] [VEN-7]
    let town = Desk::new("Health Office");
    town.person.write("passphrase", PASSPHRASE);
    let setup = ["organisation", "setup", "--authority", "health.profile", "--out", "chain"];
    town.person.json(&[&setup[..], &["--cost", "8,1,1"]].concat(), PASSPHRASE);
    let add = ["organisation", "add", "--organisation", "chain", "--authority", "health.profile"];
    let named = ["--name", "Ueno", "--address", "Taito", "--out", "ueno"];
    let valid = ["--from", &hour(-240), "--to", &hour(240)];
    town.person.json(&[&add[..], &named, &valid].concat(), b"");
    let mut strikes = 0;
    for fault in Fault::ALL {
        strikes += struck(
            &town.person,
            fault,
            1,
            |_| {
                let opened = town.open_case(18, 20);
                let text = |name: &str| opened[name].as_str().unwrap();
                let codes = format!("{} {}", text("code"), text("window_code"));
                town.person.write("code.txt", codes);
                let upload = ["organisation", "upload", "--yes", "--organisation", "chain"];
                let more = ["--entry", "ueno/entry.txt", "--authority", "health.profile"];
                let secrets = ["--passphrase-file", "passphrase", "--code-file", "code.txt"];
                owned(&[&upload[..], &more, &secrets].concat())
            },
            |first, ran, words| {
                let told = ran.code == Some(2) && ran.err.contains("error: ");
                let killed = ran.code.is_none() && fault == Fault::Kill;
                assert!(told || killed || ran.code == Some(0), "{fault:?} {first}: {ran:?}");
                // What was told was received.
                if ran.out.is_empty() {
                    let again = town.person.noren(words, b"");
                    assert_eq!(again.code, Some(0), "{fault:?} {first}: {ran:?} {again:?}");
                }
                let uploads = town.does(&["uploads"]);
                assert_eq!(uploads.as_array().unwrap().len(), 1, "{fault:?} {first}: {uploads}");
                let id = last_case(&town);
                town.try_desk(&["reject", &id, "--reason", "the next one"]);
                town.try_desk(&["case", "close", &id]);
            },
        );
    }
    assert!(strikes > 20, "{strikes}");
}

/// The case that is open.
fn last_case(town: &Desk) -> String {
    let cases = town.does(&["case", "list"]);
    let cases = cases.as_array().unwrap();
    let open = cases.iter().find(|case| case["status"] == "open").expect("one is open");
    open["case"].as_str().unwrap().to_owned()
}

#[test]
fn a_log_is_given_back_on_a_failing_disk() {
    // [CLI-1] [CLI-33]
    let town = Desk::with_bar();
    let case = town.answered_case(18, 20);
    town.does(&["publish", &case, "--level", "attention", "--yes"]);
    let bundle = town.person.path("server/public/tile/entries/000.p/3");
    let good = fs::read(&bundle).unwrap();
    let mut strikes = 0;
    for fault in Fault::ALL {
        strikes += struck(
            &town.person,
            fault,
            2,
            |_| {
                fs::write(&bundle, b"").unwrap();
                owned(&["authority", "restore-log"])
            },
            |first, ran, words| {
                let again = town.person.noren(words, b"");
                let done = matches!(again.code, Some(0 | 1));
                assert!(done, "{fault:?} {first}: {ran:?} {again:?}");
                assert_eq!(fs::read(&bundle).unwrap(), good, "{fault:?} {first}");
            },
        );
    }
    assert!(strikes > 20, "{strikes}");
    town.log_is_sound();
}
