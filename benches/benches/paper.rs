//! The workload and the steps that CrowdNotifier's paper measured, Noren's figures beside its own.
//! `cargo bench -p noren-benches --bench paper`

use std::time::Instant;

use noren_benches::Result;
use noren_benches::race::median;
use noren_benches::report::{Report, table};
use noren_benches::steps::{self, Run};
use noren_benches::workload::{HOURS, RECORDS, VENUES};

const ROUNDS: usize = 15;
/// The trials of the paper's day.
const TRIALS: usize = RECORDS * VENUES * HOURS;

/// A step of Noren's and what the paper says of the same in a laptop's browser (section 7, table 2).
struct Comparison {
    paper: &'static str,
    milliseconds: f64,
    step: &'static str,
    /// How many of the paper's steps are in one of ours.
    count: usize,
}

const COMPARISONS: [Comparison; 3] = [
    Comparison {
        paper: "Match returning ⊥",
        milliseconds: 6.60,
        step: "match/5_records_x_450_traces",
        count: TRIALS,
    },
    Comparison { paper: "Scan", milliseconds: 11.25, step: "visitor/check_in_of_1_hour", count: 1 },
    Comparison {
        paper: "VerifyTrace and GenTrace",
        milliseconds: 19.1 + 1.41,
        step: "authority/review_of_1_hour",
        count: 1,
    },
];

fn main() -> Result<()> {
    // `cargo bench` adds an argument of its own, so the folder is always the crate's.
    let report = Report::of_this_crate()?;
    let medians = medians()?;
    let head = ["the paper's step", "paper, ms", "Noren's step", "Noren, ms", "quicker by"];
    let rows = COMPARISONS.iter().zip(&medians).map(|(comparison, seconds)| {
        let milliseconds = seconds * 1e3 / comparison.count as f64;
        [
            comparison.paper.to_owned(),
            format!("{:.2}", comparison.milliseconds),
            comparison.step.to_owned(),
            format!("{milliseconds:.3}"),
            format!("{:.0} ×", comparison.milliseconds / milliseconds),
        ]
    });
    let text = format!(
        "{}\nA day's {TRIALS} trials, from the bytes of log entries to notices: {:.2} s on all \
         threads. The paper: at most 12 s on every phone of its time; one trial took 4.47 ms on a \
         Pixel 2, 3.59 ms on a Pixel 5, 0.93 ms on an iPhone 11 Pro.\n",
        table(head, rows),
        medians[0],
    );
    report.write("paper", &text)
}

/// Seconds for each step, taken in turns.
fn medians() -> Result<Vec<f64>> {
    let prepare =
        |comparison: &Comparison| (steps::find(comparison.step).ok_or("no such step")?.prepare)();
    let mut runs = COMPARISONS.iter().map(prepare).collect::<Result<Vec<Run>>>()?;
    let mut times = vec![vec![]; runs.len()];
    for _ in 0..ROUNDS {
        for (run, times) in runs.iter_mut().zip(&mut times) {
            let start = Instant::now();
            run()?;
            times.push(start.elapsed().as_secs_f64());
        }
    }
    Ok(times.into_iter().map(median).collect())
}
