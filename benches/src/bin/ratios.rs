//! Prints how many times Noren's time the others take, one line `ratio NAME VALUE` for each.
//! `cargo run --profile dist -p noren-benches --bin ratios`

use std::time::Duration;

use noren_benches::contestants::all;
use noren_benches::race::race;
use noren_benches::ratios::ratios;
use noren_benches::workload::Workload;

/// With the workload's making, below two minutes.
const TIME: Duration = Duration::from_secs(75);

fn main() -> noren_benches::Result<()> {
    eprintln!("making the workload …");
    let workload = Workload::paper()?;
    let mut contestants = all(&workload)?;
    eprintln!("measuring for {} seconds …", TIME.as_secs());
    let standings = race(&workload, &mut contestants, TIME)?;
    for standing in &standings {
        let microseconds = standing.median() * 1e6;
        eprintln!("{}: {microseconds:.1} µs, {} passes", standing.kind, standing.passes());
    }
    for ratio in ratios(&standings) {
        #[expect(clippy::print_stdout, reason = "the lines are this program's output")]
        {
            println!("{}", ratio.line());
        }
    }
    Ok(())
}
