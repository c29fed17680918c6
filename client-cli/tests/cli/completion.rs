//! What a shell completes, asked as the shell asks.

use std::process::Command;

use crate::support::desk::{Desk, hour};
use crate::support::person::{Person, run};
use noren_skipped::skipped;

/// The words that are offered for the last of these.
fn offered(person: &Person, line: &[&str]) -> Vec<String> {
    let mut command = person.command(&[&["--", "noren"], line].concat());
    command
        .env("NOREN_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", line.len().to_string())
        .env("_CLAP_IFS", "\n")
        .env("_CLAP_COMPLETE_COMP_TYPE", "9")
        .env("_CLAP_COMPLETE_SPACE", "false");
    let ran = run(&mut command, b"");
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{line:?}");
    ran.out.lines().map(str::to_owned).collect()
}

#[test]
fn a_shell_completes_the_cases_of_the_desk() {
    let desk = Desk::with_bar();
    let (from, to) = (hour(18), hour(19));
    let open = |venue| {
        let words = ["case", "open", "--venue", venue, "--from", &from, "--to", &to];
        desk.does(&words)["case"].as_str().unwrap().to_owned()
    };
    let (one, other) = (open("Bar Noren"), open("Bar Sudare"));
    let mut both = vec![one.clone(), other];
    both.sort_unstable();
    for line in [
        &["authority", "review", ""][..],
        &["authority", "case", "close", ""],
        &["authority", "publish", ""],
        &["authority", "publish", &one, ""],
    ] {
        let mut words = offered(&desk.person, line);
        words.retain(|word| word.starts_with("c-"));
        words.sort_unstable();
        assert_eq!(words, both, "{line:?}");
    }
    assert_eq!(offered(&desk.person, &["authority", "review", &one[..7]]), [one.as_str()]);
    // What can be withdrawn is a case's notice or a report.
    let report = ["report", "--venue", "Bar Noren", "--kind", "bar", "--from", &from, "--to", &to];
    let report = desk.does(&report)["report"].as_str().unwrap().to_owned();
    assert_eq!(offered(&desk.person, &["authority", "withdraw", "r-"]), [report.as_str()]);
    assert_eq!(offered(&desk.person, &["authority", "withdraw", "c-"]).len(), 2);
    assert_eq!(offered(&desk.person, &["authority", "review", "r-"]), [""; 0]);
    // The desk that the line names, and not the one of the environment.
    let (home, nobody) = (desk.person.path("home"), Person::new());
    let home = home.to_str().unwrap();
    let with_home = ["authority", "--home", home, "review", &one[..7]];
    assert_eq!(offered(&nobody, &with_home), [one.as_str()]);
    assert_eq!(offered(&nobody, &["authority", "review", "c-"]), [""; 0]);
    assert!(!nobody.path("home").exists(), "asking makes no desk");
}

#[test]
fn hidden_options_are_not_offered() {
    let person = Person::new();
    let options = offered(&person, &["visitor", "sync", "--"]);
    assert!(options.iter().any(|option| option.starts_with("--json")), "{options:?}");
    for hidden in ["--now", "--state"] {
        assert!(!options.iter().any(|option| option.starts_with(hidden)), "{options:?}");
    }
    let verbs = offered(&person, &["visitor", ""]);
    for verb in ["check-in", "diary", "sync"] {
        assert!(verbs.iter().any(|offered| offered.starts_with(verb)), "{verbs:?}");
    }
}

#[test]
fn the_script_is_one_that_its_shell_reads() {
    let person = Person::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = person.noren(&["manual", "completions", shell], b"");
        assert!(ran.code == Some(0) && ran.out.contains("NOREN_COMPLETE"), "{shell}: {ran:?}");
    }
    let script = person.noren(&["manual", "completions", "bash"], b"").out;
    let mut bash = Command::new("bash");
    person.equip(&mut bash).args(["--norc", "-c", &format!("{script}\ncomplete -p noren")]);
    match bash.output() {
        Ok(ran) => {
            let said = String::from_utf8_lossy(&ran.stdout);
            assert!(ran.status.success() && said.contains("noren"), "{ran:?}");
        }
        Err(_) => skipped("bash"),
    }
}
