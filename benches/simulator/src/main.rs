//! Simulates a prefecture or the UK's peak and holds every notice against the truth.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use noren_benches::Result;
use noren_simulator::scenario::Scenario;
use noren_simulator::truth::shared_seconds;
use noren_simulator::{Options, Run, plots, report, run};

/// Simulate a prefecture or the UK's peak with the real library.
///
/// Writes a report and plots. Exits with 1 unless precision and recall of the notices are 100 %.
#[derive(Parser)]
struct Arguments {
    /// What to simulate
    scenario: Name,
    /// Where all randomness comes from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Days, instead of the scenario's own number
    #[arg(long, value_parser = clap::value_parser!(u32).range(2..=365))]
    days: Option<u32>,
    /// Devices in the sample that have to be warned, at most
    #[arg(long)]
    warned: Option<usize>,
    /// Devices in the sample that must not be, of each kind
    #[arg(long)]
    quiet: Option<usize>,
    /// Devices that live side by side
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Keys that the stress case is measured with; 0 leaves it out
    #[arg(long, default_value_t = 2_000)]
    stress: usize,
    /// Folder for the report and the plots [default: benches/simulator/reports/SCENARIO]
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Name {
    Prefecture,
    Uk,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let mut scenario = match arguments.scenario {
        Name::Prefecture => Scenario::prefecture(),
        Name::Uk => Scenario::uk(),
    };
    scenario.days = arguments.days.unwrap_or(scenario.days);
    let options = Options {
        seed: arguments.seed,
        warned: arguments.warned.unwrap_or(scenario.warned),
        quiet: arguments.quiet.unwrap_or(scenario.quiet),
        jobs: arguments.jobs,
        stress: arguments.stress,
    };
    let default = || PathBuf::from("benches/simulator/reports").join(scenario.name);
    let out = arguments.out.clone().unwrap_or_else(default);
    let run = run(scenario, options, shared_seconds)?;
    fs::create_dir_all(&out)?;
    fs::write(out.join("report.md"), page(&run)?)?;
    plots::write(&run, &out)?;
    let (tally, title) = (&run.tally, run.scenario.title);
    eprintln!(
        "{title}: precision {:.4} %, recall {:.4} %; the report is in {}",
        tally.precision() * 100.0,
        tally.recall() * 100.0,
        out.display()
    );
    Ok(if tally.is_perfect() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn page(run: &Run) -> Result<String> {
    let (scenario, options) = (&run.scenario, &run.options);
    let head = format!(
        "# {}, simulated\n\n```sh\ncargo run --release -p noren-simulator -- {} \
         --seed {} --days {} --warned {} --quiet {} --jobs {} --stress {}\n```\n\nThe seed \
         determines everything above *Times*.\n",
        scenario.title,
        scenario.name,
        options.seed,
        scenario.days,
        options.warned,
        options.quiet,
        options.jobs,
        options.stress
    );
    let plots = ["keys", "download", "server", "vault", "time-matching"];
    let plots: String = plots.iter().map(|name| format!("\n![{name}]({name}.svg)\n")).collect();
    Ok(head + &report::facts(run)? + &report::times(run) + "\n## Plots\n" + &plots)
}
