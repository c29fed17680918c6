//! The matching engine finds what the plain loop finds, however it works, and stops when told.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::LazyLock;

use noren::hazmat::{Backend, CheckInRecord, Matcher, Outcome, RecordContents, match_entries};
use noren::log::LogPosition;
use noren::messages::{MessageError, PublishedTrace};
use noren::profile::Fingerprint;
use noren::visitor::{Cancelled, Vault, to_the_end};
use proptest::prelude::*;

use crate::games::town::{DAY, HOUR, NOON, Town, at, hour, window};

/// No point has this encoding.
const NO_KEY: [u8; 48] = [0xff; 48];

/// Records and entries to draw from.
struct Pool {
    records: Vec<CheckInRecord>,
    entries: Vec<Vec<u8>>,
}

/// Two days, three venues, keys that open something and keys that do not, and hostile entries.
static POOL: LazyLock<Pool> = LazyLock::new(|| {
    let mut town = Town::new();
    let (mut records, mut entries) = (Vec::new(), Vec::new());
    for (name, day) in [("Kissa Noren", 0), ("Izakaya", 0), ("Ramen", 1)] {
        let (code, trace_code) = town.venue(name);
        let noon = NOON + day * DAY;
        records.extend(town.visit(&code, noon, noon + 2 * HOUR));
        records.extend(town.visit(&code, noon + HOUR, noon + HOUR + 60));
        entries.extend(town.publish(&trace_code, window(noon - 2 * HOUR, noon + 3 * HOUR)));
        entries.extend(hostile(&mut town, &code, entries.last().expect("an entry"), noon));
    }
    Pool { records, entries }
});

/// Entries with a right key and something else wrong, and entries that are no traces.
fn hostile(town: &mut Town, code: &noren::EntryCode, genuine: &[u8], noon: u64) -> Vec<Vec<u8>> {
    let secrets = code.secrets();
    let here = secrets.identity(hour(noon + 2 * HOUR));
    let elsewhere = secrets.identity(hour(noon));
    let key = PublishedTrace::from_bytes(genuine).expect("a trace").key().to_bytes();
    let other = noren::messages::NotificationKey::from_bytes([7; 32]);
    let notification_key = secrets.notification_key();
    vec![
        // The notice does not open.
        town.forge(&here, &key, hour(noon + 2 * HOUR), &other),
        // The key opens the box, and the identity is not its own.
        town.forge(&elsewhere, &key, hour(noon + 2 * HOUR), notification_key),
        // The key of another day.
        town.forge(&here, &key, hour(noon + DAY), notification_key),
        // No key at all, on a day with records and on one without.
        town.forge(&here, &NO_KEY, hour(noon), notification_key),
        town.forge(&here, &NO_KEY, hour(noon + 9 * DAY), notification_key),
        genuine[..genuine.len() / 2].to_vec(),
        vec![0xff; 70_000],
        Vec::new(),
    ]
}

/// Whether a trace with [`NO_KEY`] is of the record's day.
fn is_of_day(record: &CheckInRecord, bytes: &[u8]) -> bool {
    let key = PublishedTrace::from_bytes(&POOL.entries[0]).expect("a trace").key().to_bytes();
    let place = bytes.windows(NO_KEY.len()).position(|found| found == NO_KEY).expect("no key");
    let mut with_key = bytes.to_vec();
    with_key[place..place + NO_KEY.len()].copy_from_slice(&key);
    PublishedTrace::from_bytes(&with_key).expect("a trace").day() == record.day()
}

/// What has to be found: each entry after the other, on each record after the other.
fn plain_loop(records: &[CheckInRecord], entries: &[(u64, Vec<u8>)]) -> Vec<String> {
    let (mut found, mut trials, mut malformed) = (Vec::new(), 0, 0);
    for (index, bytes) in entries {
        let trace = match PublishedTrace::from_bytes(bytes) {
            Ok(trace) => trace,
            Err(error) => {
                let key_alone = matches!(error, MessageError::Point { .. });
                malformed += u64::from(!key_alone || records.iter().any(|r| is_of_day(r, bytes)));
                continue;
            }
        };
        for record in records.iter().filter(|record| record.day() == trace.day()) {
            trials += 1;
            let ciphertext = record.ciphertext().expect("a ciphertext");
            let opened = RecordContents::open(&ciphertext, trace.identity(), trace.key());
            let Some(contents) = opened else { continue };
            match trace.notice().open(&contents.notification_key) {
                Ok(notice) => found.push(format!("{index} {contents:?} {notice:?}")),
                Err(_) => malformed += 1,
            }
        }
    }
    found.push(format!("{trials} trials, {malformed} malformed"));
    found
}

fn told(outcome: &Outcome) -> Vec<String> {
    let matches = outcome.matches.iter();
    let counts = format!("{} trials, {} malformed", outcome.trials, outcome.malformed);
    matches
        .map(|found| format!("{} {:?} {:?}", found.index, found.record, found.notice))
        .chain([counts])
        .collect()
}

fn count(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).expect("not zero")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_finds_what_the_plain_loop_finds(
        records in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
        entries in prop::collection::vec(any::<prop::sample::Index>(), 0..50),
        threads in 1_usize..5,
        entries_a_run in prop_oneof![1_usize..12, Just(1_000)],
    ) {
        // [MAT-1] [MAT-2] [MAT-8]
        let records: Vec<_> = records.iter().map(|i| i.get(&POOL.records).clone()).collect();
        let entries: Vec<_> = (5..).zip(entries.iter().map(|i| i.get(&POOL.entries).clone())).collect();
        let expected = plain_loop(&records, &entries);
        for backend in Backend::ALL {
            if !backend.is_available() {
                noren_skipped::skipped("avx512ifma");
            }
            let mut matcher = Matcher::new(&records, to_the_end)
                .with_backend(backend)
                .with_threads(count(threads))
                .with_entries_a_run(count(entries_a_run));
            for (index, bytes) in &entries {
                matcher.push(*index, bytes).expect("not cancelled");
            }
            let outcome = matcher.finish().expect("not cancelled");
            prop_assert_eq!(told(&outcome), expected.clone(), "{:?}", backend);
        }
    }
}

fn numbered(entries: &[Vec<u8>]) -> impl Iterator<Item = (u64, &[u8])> {
    (0..).zip(entries.iter().map(Vec::as_slice))
}

#[test]
fn the_pool_has_something_of_everything() {
    let outcome = match_entries(&POOL.records, numbered(&POOL.entries), to_the_end);
    let outcome = outcome.expect("not cancelled");
    assert!(outcome.matches.len() > 9, "{} matches", outcome.matches.len());
    assert!(outcome.malformed > 9, "{} malformed", outcome.malformed);
    assert!(outcome.trials > 10 * outcome.matches.len() as u64);
}

#[test]
fn one_genuine_entry_many_times_is_found_each_time() {
    // [MAT-2] [MAT-8]
    let genuine = &POOL.entries[2];
    let many = vec![genuine.clone(); 300];
    let once = match_entries(&POOL.records, [(0, genuine.as_slice())], to_the_end);
    let once = once.expect("not cancelled").matches.len();
    assert!(once > 0);
    let outcome = match_entries(&POOL.records, numbered(&many), to_the_end);
    let outcome = outcome.expect("not cancelled");
    assert_eq!(outcome.matches.len(), 300 * once);
    assert!(outcome.matches.is_sorted_by_key(|found| found.index));
}

#[test]
fn progress_ascends_to_the_number_of_entries() {
    for entries_a_run in [1, 7, 1_000] {
        let mut seen = vec![0];
        let mut matcher = Matcher::new(&POOL.records, |done| {
            seen.push(done);
            ControlFlow::Continue(())
        })
        .with_entries_a_run(count(entries_a_run));
        for (index, bytes) in numbered(&POOL.entries) {
            matcher.push(index, bytes).expect("not cancelled");
        }
        matcher.finish().expect("not cancelled");
        assert!(seen.is_sorted());
        assert_eq!(seen.last(), Some(&(POOL.entries.len() as u64)));
    }
}

#[test]
fn a_cancelled_run_has_no_outcome() {
    // [MAT-10]
    for calls in [1, 2, 5, 9] {
        let mut left = calls;
        let mut matcher = Matcher::new(&POOL.records, |_| {
            left -= 1;
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .with_threads(count(2))
        .with_entries_a_run(count(4));
        let pushed: Vec<_> = numbered(&POOL.entries)
            .map(|(index, bytes)| matcher.push(index, bytes))
            .skip_while(Result::is_ok)
            .collect();
        assert!(pushed.contains(&Err(Cancelled)), "after {calls} calls");
        assert_eq!(matcher.finish().err(), Some(Cancelled));
    }
}

#[test]
fn a_cancelled_run_leaves_the_vault_as_it_was() {
    // [MAT-10]
    let mut town = Town::new();
    let (code, trace_code) = town.venue("Kissa Noren");
    let mut vault = Vault::new();
    vault.check_in(&code, at(NOON), &mut town.rng).expect("checked in");
    vault.seal_due(at(NOON + DAY), &mut town.rng).expect("checked out");
    let entries: Vec<_> = (0..).zip(town.publish(&trace_code, window(NOON, NOON + HOUR))).collect();
    let authority: Fingerprint = serde_json::from_value(vec![1; 32].into()).expect("a fingerprint");
    let before = vault.clone();
    let now = at(NOON + DAY);
    let stop = |_| ControlFlow::Break(());
    let outcome = vault.apply(&authority, &entries, LogPosition::start(), now, stop);
    assert_eq!(outcome.err(), Some(Cancelled));
    assert_eq!(vault, before);
    let outcome = vault.apply(&authority, &entries, LogPosition::start(), now, to_the_end);
    assert_eq!(outcome.expect("not cancelled").matches.len(), 1);
    assert_eq!(vault.exposures().len(), 1);
}

#[test]
fn what_waits_is_bounded_in_number_and_bytes() {
    // [MAT-9]
    for (length, most) in [(0, 1_024), (64, 1_024), (30_000, 35), (65_535, 17), (1 << 20, 16)] {
        let entry = vec![0xff; length];
        let mut matcher = Matcher::new(&[], to_the_end);
        let mut longest = 0;
        for index in 0..3_000.min(200_000_000 / (length as u64 + 1)) {
            matcher.push(index, &entry).expect("not cancelled");
            longest = longest.max(matcher.waiting());
        }
        assert!(longest < most, "{longest} entries of {length} bytes");
        let outcome = matcher.finish().expect("not cancelled");
        assert!(outcome.malformed >= 190);
    }
}
