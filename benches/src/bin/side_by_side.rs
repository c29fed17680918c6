//! Runs the paper's workload on Noren and on the libraries that it is measured beside, and writes a
//! table and a plot. `cargo run --profile dist -p noren-benches --bin side_by_side [FOLDER]`

use std::time::Duration;

use noren_benches::contestants::{Kind, all};
use noren_benches::plot::bars;
use noren_benches::race::{Standing, race};
use noren_benches::ratios::{Ratio, ratios};
use noren_benches::report::{Report, table};
use noren_benches::workload::Workload;

const TIME: Duration = Duration::from_secs(180);

fn main() -> noren_benches::Result<()> {
    let report = Report::from_arguments()?;
    eprintln!("making the workload …");
    let workload = Workload::paper()?;
    let mut contestants = all(&workload)?;
    eprintln!("measuring for {} seconds …", TIME.as_secs());
    let standings = race(&workload, &mut contestants, TIME)?;
    let trials = workload.records.len() * workload.traces.len();
    let lines: Vec<_> = ratios(&standings).iter().map(Ratio::line).collect();
    let text = format!("{}\n```\n{}\n```\n", times(&standings, trials), lines.join("\n"));
    let values: Vec<_> = standings
        .iter()
        .map(|standing| (standing.kind.to_string(), standing.median() * 1e6))
        .collect();
    let title = "One trial: a key tried on a record, one thread";
    bars(&report.file("side_by_side.svg"), title, "µs, logarithmic", &values)?;
    report.write("side_by_side", &text)
}

fn times(standings: &[Standing], trials: usize) -> String {
    let naive = standings.iter().find(|standing| standing.kind == Kind::NaiveBlst);
    let head = ["one thread", "a trial, µs", "middle half", "a day's trials, s", "of naive blst"];
    let row = |standing: &Standing| {
        let (median, (low, high)) = (standing.median(), standing.middle_half());
        [
            standing.kind.to_string(),
            format!("{:.1}", median * 1e6),
            format!("{:.1} to {:.1}", low * 1e6, high * 1e6),
            format!("{:.3}", median * trials as f64),
            naive.map_or(String::new(), |naive| format!("{:.2}", naive.ratio_of(standing))),
        ]
    };
    table(head, standings.iter().map(row))
}
