//! A test that does not do its work is seen, under the runner's capture too, and `.ci/run` fails for
//! want of a tool that it installs itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::repository::{root, rust_files};

/// A file of the tests' own folder that nobody else writes.
fn scratch(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_file(&path);
    path
}

#[test]
#[ignore = "run by the test below"]
fn one_that_skips() {
    noren_skipped::skipped("a moon");
}

#[test]
fn a_skip_passes_the_capture_and_is_written_down() {
    let list = scratch("skips.list");
    let program = std::env::current_exe().expect("this program");
    let run = || {
        let mut command = Command::new(&program);
        command.args(["--ignored", "--exact", "skips::one_that_skips"]).env("NOREN_SKIPPED", &list);
        command.output().expect("it runs")
    };
    let output = run();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("SKIPPED for want of a moon\tskips::one_that_skips"), "{output:?}");
    run();
    let written = fs::read_to_string(&list).expect("a list");
    assert_eq!(written, "a moon\tskips::one_that_skips\n".repeat(2));
}

fn judge(name: &str, list: Option<&str>) -> Output {
    let path = scratch(name);
    if let Some(list) = list {
        fs::write(&path, list).expect("written");
    }
    let mut command = Command::new(root().join(".ci/skipped"));
    command.arg(&path).output().expect("a script that runs")
}

#[test]
fn the_list_is_shown_and_judged() {
    for (name, list, good, shown) in [
        ("skips.none", None, true, "nothing was skipped"),
        ("skips.empty", Some(""), true, "nothing was skipped"),
        ("skips.lanes", Some("avx512ifma\ta\navx512ifma\tb\n"), true, "avx512ifma"),
        ("skips.tool", Some("avx512ifma\ta\nscript\tb\n"), false, "script"),
        ("skips.python", Some("python3\tb\n"), false, "python3"),
    ] {
        let output = judge(name, list);
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.success(), good, "{name}: {output:?}");
        assert!(said.contains(shown), "{name}: {output:?}");
        let lines = list.unwrap_or_default().lines();
        assert!(lines.map(str::to_owned).all(|line| said.contains(&line)), "{name}: {output:?}");
    }
    let ci = fs::read_to_string(root().join(".ci/run")).expect("a script");
    assert!(ci.contains("export NOREN_SKIPPED") && ci.contains(".ci/skipped"), "{ci}");
}

/// What every machine on which Rust links has; what else a test runs, it goes without.
const EVERYWHERE: [&str; 7] = ["sh", "/bin/sh", "chown", "cp", "find", "mkfifo", "true"];

#[test]
fn no_test_needs_a_program_that_not_every_machine_has() {
    let judge = fs::read_to_string(root().join(".ci/skipped")).expect("a script");
    let installed = judge.split('"').nth(1).expect("a list of programs");
    // Asked for by the tests of failing disks, which say so where they may not mount; and by those of
    // PostgreSQL, which does not run as root.
    let asked = installed.split(' ').chain(["mount", "umount", "runuser"]);
    let known: Vec<&str> = EVERYWHERE.into_iter().chain(asked).collect();
    let mut run = BTreeSet::new();
    for (path, text) in sources() {
        if path.components().any(|part| part.as_os_str() == "tests") {
            for opening in [concat!("Command::", "new(\""), concat!("foreign_program", "(\"")] {
                let names = text.split(opening).skip(1).filter_map(|rest| rest.split('"').next());
                run.extend(names.map(str::to_owned));
            }
        }
    }
    assert!(run.contains("zbarimg") && run.contains("sh"), "{run:?}");
    run.retain(|program| !known.contains(&program.as_str()));
    assert!(run.is_empty(), "neither everywhere nor in .ci/skipped: {run:?}");
}

/// The sources of all tests.
fn sources() -> Vec<(PathBuf, String)> {
    let folders = ["protocol", "client-cli", "server", "benches"];
    folders.into_iter().flat_map(|name| rust_files(&root().join(name))).collect()
}

#[test]
fn no_test_skips_in_words_that_the_runner_swallows() {
    let own = Path::new(file!()).file_name();
    let sources = sources();
    assert!(sources.len() > 100, "{} sources", sources.len());
    for (path, text) in sources.iter().filter(|(path, _)| path.file_name() != own) {
        for line in text.lines().filter(|line| line.contains("println!(")) {
            let line = line.to_lowercase();
            let skips = ["skip", "nothing is tested", "not tested"];
            assert!(!skips.iter().any(|word| line.contains(word)), "{}: {line}", path.display());
        }
    }
}
