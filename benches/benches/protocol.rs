//! What each step costs, named as in the specification. `cargo bench -p noren-benches`

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use noren::authority::review::review;
use noren::log::{CompactRange, leaf_hash};
use noren::visitor::matching::{match_entries, to_the_end};
use noren::visitor::vault::{CheckIn, DeviceKey, Vault, VaultKey};
use noren_benches::{MIDNIGHT, Result, World, window};

fn venue(c: &mut Criterion) -> Result<()> {
    let mut world = World::new(1);
    c.bench_function("venue/set_up", |b| b.iter(|| world.venue()));
    let (_, trace_code) = world.venue()?;
    let three_hours = window(18, 21)?;
    c.bench_function("venue/pre_traces_of_3_hours", |b| {
        b.iter(|| noren::venue::pre_traces(black_box(&trace_code), three_hours));
    });
    Ok(())
}

fn visitor(c: &mut Criterion) -> Result<()> {
    let mut world = World::new(2);
    let (code, _) = world.venue()?;
    c.bench_function("visitor/check_in_of_2_hours", |b| b.iter(|| world.visit(&code, 18, 20)));
    let mut vault = Vault::new();
    for _ in 0..70 {
        let noon = noren::time::UnixSeconds::new(MIDNIGHT + 43_200)?;
        let CheckIn::Opened(id) = vault.check_in(&code, noon, &mut world.rng)? else { continue };
        vault.check_out(id, noon.plus(7_200), &mut world.rng)?;
    }
    let key = VaultKey::device(DeviceKey::generate(&mut world.rng));
    let sealed = vault.seal(&key, &mut world.rng)?;
    c.bench_function("vault/open_210_records", |b| {
        b.iter(|| Vault::open(black_box(&sealed), &key))
    });
    c.bench_function("vault/seal_210_records", |b| b.iter(|| vault.seal(&key, &mut world.rng)));
    Ok(())
}

fn authority(c: &mut Criterion) -> Result<()> {
    let mut world = World::new(3);
    let (_, trace_code) = world.venue()?;
    let (case, sealed) = world.upload(&trace_code, window(18, 21)?)?;
    c.bench_function("authority/review_of_3_hours", |b| {
        b.iter(|| review(world.keys.upload_key(), &case, black_box(&sealed)));
    });
    Ok(())
}

fn matching(c: &mut Criterion) -> Result<()> {
    let mut world = World::new(4);
    let (visited, _) = world.venue()?;
    let records = [world.visit(&visited, 18, 20)?, world.visit(&visited, 9, 12)?].concat();
    let mut entries = Vec::new();
    for _ in 0..3 {
        let (_, trace_code) = world.venue()?;
        let traces = world.traces(&trace_code, window(18, 21)?)?;
        entries.extend(traces.iter().map(noren::authority::publish::Trace::to_bytes));
    }
    let name = format!("match/{}_records_x_{}_traces", records.len(), entries.len());
    c.bench_function(&name, |b| {
        b.iter(|| {
            let entries = (0..).zip(entries.iter().map(Vec::as_slice));
            match_entries(black_box(&records), entries, to_the_end).map(|outcome| outcome.trials)
        });
    });
    Ok(())
}

fn log(c: &mut Criterion) -> Result<()> {
    let entries = vec![[7_u8; 700]; 1_000];
    c.bench_function("log/hash_1000_entries", |b| {
        b.iter(|| {
            let mut range = CompactRange::new();
            entries.iter().for_each(|entry| range.push(leaf_hash(black_box(entry))));
            range.root()
        });
    });
    Ok(())
}

fn all(c: &mut Criterion) {
    for group in [venue, visitor, authority, matching, log] {
        if let Err(error) = group(c) {
            eprintln!("a bench could not be set up: {error}");
            std::process::exit(1);
        }
    }
}

criterion_group!(benches, all);
criterion_main!(benches);
