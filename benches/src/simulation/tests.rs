#![allow(clippy::expect_used, reason = "a test stops at the first surprise")]

use super::investigation::Span;
use super::scenario::Scenario;
use super::truth::shared_seconds;
use super::*;

fn village(seed: u64, rule: Rule) -> Run {
    let options = Options { seed, warned: 8, quiet: 2, jobs: 2, stress: 0 };
    run(Scenario::village(), options, rule).expect("honest roles")
}

/// Wrong: whoever leaves when the window begins is counted in.
fn closed_ends(stay: Span, window: Span) -> Option<Span> {
    shared_seconds((stay.0, stay.1 + 1), window)
        .or_else(|| shared_seconds(stay, (window.0, window.1 + 1)))
}

/// Wrong: whoever was there on the day is counted in.
fn whole_day(stay: Span, window: Span) -> Option<Span> {
    shared_seconds(stay, (window.0 / 86_400 * 86_400, window.1.next_multiple_of(86_400)))
}

/// Wrong: half an hour too few at the beginning.
fn too_late(stay: Span, window: Span) -> Option<Span> {
    shared_seconds(stay, (window.0 + 7_200, window.1))
}

#[test]
fn notices_are_the_truth_and_the_seed_determines_them() {
    let (first, second) = (village(3, shared_seconds), village(3, shared_seconds));
    assert!(first.tally.is_perfect(), "{:?}", first.tally);
    assert!(first.tally.quiet > 0, "{:?}", first.tally);
    let facts = |run: &Run| report::facts(run).expect("whole files");
    assert_eq!(facts(&first), facts(&second));
    assert_ne!(facts(&first), facts(&village(4, shared_seconds)));
}
