//! A command at a real terminal, by `script` of util-linux.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::person::Person;
use crate::skipped::skipped;

/// Runs a command at a terminal at which somebody types `typed`: everything that the terminal shows,
/// and the exit code. `None` where there is no `script`.
pub(crate) fn at_terminal(
    person: &Person,
    words: &[&str],
    typed: &str,
) -> Option<(Option<i32>, String)> {
    let quoted = words.iter().map(|word| format!("'{}'", word.replace('\'', "'\\''")));
    let program = env!("CARGO_BIN_EXE_noren");
    let line = format!("'{program}' {}", quoted.collect::<Vec<_>>().join(" "));
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    script.current_dir(person.path(".")).env("NOREN_HOME", person.path("home")).env("TZ", "UTC");
    script.env("NOREN_STATE", person.path("state"));
    script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = script.spawn() else {
        skipped("script");
        return None;
    };
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(typed.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!shown.contains("panicked"), "{shown}");
    Some((output.status.code(), shown))
}
