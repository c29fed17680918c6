//! What a trial costs with more records, more traces and more threads: it should stay the same, and
//! threads should share it. `cargo run --profile dist -p noren-benches --bin scaling [FOLDER]`

use std::num::NonZeroUsize;
use std::thread::available_parallelism;
use std::time::Instant;

use noren::hazmat::Matcher;
use noren::visitor::to_the_end;
use noren_benches::Result;
use noren_benches::plot::{Series, lines};
use noren_benches::race::median;
use noren_benches::report::{Report, table};
use noren_benches::workload::{HOURS, RECORDS, Workload};

const SIZES_OF_RECORDS: [usize; 6] = [1, 2, 5, 10, 20, 50];
const SIZES_OF_TRACES: [usize; 6] = [9, 30, 90, 300, 900, 1_800];
const TRACES: usize = 150;
const ROUNDS: usize = 7;

/// What is matched with what, on how many threads.
#[derive(Clone, Copy)]
struct Size {
    records: usize,
    traces: usize,
    threads: usize,
}

fn main() -> Result<()> {
    let report = Report::from_arguments()?;
    eprintln!("making the workload …");
    let workload = Workload::new(50, 1_800 / HOURS)?;
    let sizes = sizes();
    let mut times = vec![vec![]; sizes.len()];
    for round in 1..=ROUNDS {
        eprintln!("round {round} of {ROUNDS} …");
        for (size, times) in sizes.iter().zip(&mut times) {
            times.push(measure(&workload, *size)?);
        }
    }
    let medians: Vec<f64> = times.into_iter().map(median).collect();
    let rows = sizes.iter().zip(&medians).map(|(size, seconds)| row(*size, *seconds));
    let head = ["records", "traces", "threads", "trials", "a trial, µs", "all, s"];
    let plot = report.file("scaling.svg");
    let title = "A trial's cost, from the bytes of log entries to notices, one thread";
    let axes = ("records, or traces, logarithmic", "µs");
    lines(&plot, title, axes, &series(&sizes, &medians))?;
    report.write("scaling", &table(head, rows))
}

/// More records, then more traces, on one thread; then more threads.
fn sizes() -> Vec<Size> {
    let records = SIZES_OF_RECORDS.map(|records| Size { records, traces: TRACES, threads: 1 });
    let traces = SIZES_OF_TRACES.map(|traces| Size { records: RECORDS, traces, threads: 1 });
    let all = available_parallelism().map_or(1, usize::from);
    let threads = (1..=all)
        .filter(|threads| threads.is_power_of_two() || *threads == all)
        .map(|threads| Size { records: 20, traces: 300, threads });
    records.into_iter().chain(traces).chain(threads).collect()
}

/// Seconds for the whole of it.
fn measure(workload: &Workload, size: Size) -> Result<f64> {
    let entries: Vec<_> = workload.entries().into_iter().take(size.traces).collect();
    let records = &workload.records[..size.records];
    let threads = NonZeroUsize::new(size.threads).ok_or("no threads")?;
    let start = Instant::now();
    let mut matcher = Matcher::new(records, to_the_end).with_threads(threads);
    for (index, entry) in (0..).zip(&entries) {
        matcher.push(index, entry)?;
    }
    let trials = matcher.finish()?.trials;
    let time = start.elapsed().as_secs_f64();
    if trials != size.trials() as u64 {
        return Err(format!("{trials} trials instead of {}", size.trials()).into());
    }
    Ok(time)
}

impl Size {
    const fn trials(self) -> usize {
        self.records * self.traces
    }
}

fn row(size: Size, seconds: f64) -> [String; 6] {
    [
        size.records.to_string(),
        size.traces.to_string(),
        size.threads.to_string(),
        size.trials().to_string(),
        format!("{:.1}", seconds * 1e6 / size.trials() as f64),
        format!("{seconds:.3}"),
    ]
}

fn series(sizes: &[Size], medians: &[f64]) -> Vec<Series> {
    let point = |of: fn(&Size) -> usize| {
        move |(size, seconds): (&Size, &f64)| {
            (of(size) as f64, seconds * 1e6 / size.trials() as f64)
        }
    };
    let measured = || sizes.iter().zip(medians);
    let by_records = measured().take(SIZES_OF_RECORDS.len()).map(point(|size| size.records));
    let by_traces = measured()
        .skip(SIZES_OF_RECORDS.len())
        .take(SIZES_OF_TRACES.len())
        .map(point(|size| size.traces));
    vec![
        ("150 traces, more records", by_records.collect()),
        ("5 records, more traces", by_traces.collect()),
    ]
}
