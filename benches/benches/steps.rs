//! What each step costs, named as in the specification. `cargo bench -p noren-benches`

use criterion::{Criterion, criterion_group, criterion_main};
use noren_benches::Result;
use noren_benches::steps::{self, Step};

fn bench(c: &mut Criterion, step: &Step) -> Result<()> {
    let mut run = (step.prepare)()?;
    // Once outside the clock: a step that fails would fail fast.
    run()?;
    c.bench_function(step.name, |b| b.iter(&mut run));
    Ok(())
}

fn every_step(c: &mut Criterion) {
    for step in steps::all() {
        if let Err(error) = bench(c, &step) {
            eprintln!("{} failed: {error}", step.name);
            std::process::exit(1);
        }
    }
}

criterion_group!(benches, every_step);
criterion_main!(benches);
