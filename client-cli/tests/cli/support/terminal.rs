//! A command at a real terminal, by `script` of util-linux.

use std::io::Write as _;
use std::process::Command;

use noren_skipped::skipped;

use super::person::Person;

/// Runs a command at a terminal at which somebody types `typed`: everything that the terminal shows,
/// and the exit code. `None` where there is no `script`.
pub(crate) fn at_terminal(
    person: &Person,
    words: &[&str],
    typed: &str,
) -> Option<(Option<i32>, String)> {
    type_at(person, words, &[], "", |stdin| stdin.write_all(typed.as_bytes()).unwrap())
}

/// Runs a command at a terminal of so many columns, at which nothing is typed.
pub(crate) fn at_terminal_of(
    person: &Person,
    words: &[&str],
    set: &[(&str, &str)],
    columns: usize,
) -> Option<(Option<i32>, String)> {
    type_at(person, words, set, &format!("stty cols {columns} rows 50; "), |_| ())
}

/// The same for a question that takes nothing that was typed before it was asked, as one for a
/// passphrase: what is typed comes again and again until the command ends.
pub(crate) fn typed_slowly(
    person: &Person,
    words: &[&str],
    typed: &[u8],
) -> Option<(Option<i32>, String)> {
    type_at(person, words, &[], "", |stdin| {
        for _ in 0..50 {
            std::thread::sleep(std::time::Duration::from_millis(200));
            if stdin.write_all(typed).and_then(|()| stdin.flush()).is_err() {
                return;
            }
        }
    })
}

fn type_at(
    person: &Person,
    words: &[&str],
    set: &[(&str, &str)],
    before: &str,
    write: impl FnOnce(&mut std::process::ChildStdin),
) -> Option<(Option<i32>, String)> {
    let quoted = words.iter().map(|word| format!("'{}'", word.replace('\'', "'\\''")));
    let program = env!("CARGO_BIN_EXE_noren");
    let line = format!("{before}'{program}' {}", quoted.collect::<Vec<_>>().join(" "));
    let mut script = Command::new("script");
    person.equip(&mut script).envs(set.iter().copied());
    script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    let Ok(mut child) = script.spawn() else {
        skipped("script");
        return None;
    };
    let mut stdin = child.stdin.take().unwrap();
    write(&mut stdin);
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!shown.contains("panicked"), "{shown}");
    Some((output.status.code(), shown))
}
