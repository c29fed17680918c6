//! Counts instructions under valgrind's callgrind, which do not move with the machine's load.
//! `cargo run --profile dist -p noren-benches --bin instructions [FOLDER]`
//!
//! The program runs itself under valgrind, each step once and then a few times more, and takes the
//! difference, so that what prepares the step is not counted. valgrind's processor has no AVX-512:
//! the eight lanes cannot be counted so.

use std::env;
use std::process::{Command, Stdio};

use noren::hazmat::Backend;
use noren_benches::Result;
use noren_benches::contestants::{Kind, native};
use noren_benches::report::{Report, table};
use noren_benches::steps;
use noren_benches::workload::{HOURS, Workload};

/// How a run of this program under valgrind is told what to do: this word, a name, a number.
const COUNTED: &str = "--counted";
/// The traces of a contestant's share.
const TRACES: usize = 8 * HOURS;
/// What is counted of each step, after the first time.
const TIMES: u64 = 4;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [word, name, times] = arguments.as_slice()
        && word == COUNTED
    {
        return run(name, times.parse()?);
    }
    let report = Report::from_arguments()?;
    let mut rows = vec![];
    for (name, share) in counted() {
        eprintln!("{name} …");
        rows.push([name.clone(), thousands(count(&name)? / share)]);
    }
    let text = format!(
        "{}\nCounted by callgrind, whose processor has no AVX-512: the eight lanes are left out.\n",
        table(["step", "instructions"], rows),
    );
    report.write("instructions", &text)
}

/// What can be counted, and by how much a count is divided. `bls12_381` is not among them, because
/// reading what it computed costs more than the clock sees.
fn counted() -> Vec<(String, u64)> {
    let kinds = [Kind::Noren(Backend::Scalar), Kind::NaiveBlst, Kind::Arkworks];
    let trials = kinds.into_iter().map(|kind| (kind.to_string(), TRACES as u64));
    // The paper's day takes valgrind minutes and tells no more than a small one.
    let steps = steps::all().into_iter().filter(|step| step.name != steps::PAPER);
    trials.chain(steps.map(|step| (step.name.to_owned(), 1))).collect()
}

/// The instructions of one run of a step.
fn count(name: &str) -> Result<u64> {
    let (once, more) = (under_valgrind(name, 1)?, under_valgrind(name, 1 + TIMES)?);
    Ok(more.saturating_sub(once) / TIMES)
}

/// The instructions of a whole process that prepares a step and runs it some times.
fn under_valgrind(name: &str, times: u64) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe()?)
        .args([COUNTED, name, &times.to_string()])
        .stdout(Stdio::null())
        .output()
        .map_err(|error| format!("valgrind does not start: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let count = said.lines().find_map(|line| line.split_once("Collected :"));
    match count {
        Some((_, count)) if output.status.success() => Ok(count.trim().parse()?),
        _ => Err(format!("valgrind on {name}: {said}").into()),
    }
}

/// What is counted.
fn run(name: &str, times: u64) -> Result<()> {
    if let Some(step) = steps::find(name) {
        let mut run = (step.prepare)()?;
        return (0..times).try_for_each(|_| run());
    }
    let workload = Workload::new(1, TRACES / HOURS)?;
    let contestants = native(&workload)?;
    let mut contestant = contestants
        .into_iter()
        .find(|contestant| contestant.kind().to_string() == name)
        .ok_or_else(|| format!("nobody is called {name}"))?;
    let share = &workload.shares(TRACES)[0];
    (0..times).try_for_each(|_| contestant.pass(share).map(|_| ()))
}

/// A number with its thousands apart.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([7, 123, 1_234, 1_234_567].map(thousands), ["7", "123", "1,234", "1,234,567"]);
    }
}
