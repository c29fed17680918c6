#![allow(clippy::expect_used, reason = "a test stops at the first surprise")]

use noren::time::{UnixSeconds, Window};

use super::investigation::Span;
use super::scenario::Scenario;
use super::truth::shared_seconds;
use super::*;

const HOUR: u64 = 3_600;

fn village(seed: u64) -> Run {
    let options = Options { seed, warned: 8, quiet: 4, jobs: 2, stress: 4 };
    run(Scenario::village(), options, shared_seconds).expect("honest roles")
}

/// What a run scores when the truth follows another rule.
fn score(run: &Run, minimum: u64, rule: Rule) -> Tally {
    let world = World::new(&run.scenario, run.options.seed);
    let truth = Truth::new(&run.investigation.standing, minimum, rule);
    Tally::new(&world, &truth, &run.lives)
}

/// Wrong: whoever was there on the day is counted in.
fn whole_day(stay: Span, window: Span) -> Option<Span> {
    shared_seconds(stay, (window.0 / 86_400 * 86_400, window.1.next_multiple_of(86_400)))
}

/// Wrong: whoever leaves when the window begins, or comes when it ends, is counted in.
fn touching(stay: Span, window: Span) -> Option<Span> {
    let touches = stay.1 == window.0 || stay.0 == window.1;
    if touches { Some(window) } else { shared_seconds(stay, window) }
}

/// Wrong: the window begins two hours too late.
fn too_late(stay: Span, window: Span) -> Option<Span> {
    shared_seconds(stay, (window.0 + 2 * HOUR, window.1))
}

/// Wrong: the second of the arrival does not count.
fn a_second_less(stay: Span, window: Span) -> Option<Span> {
    shared_seconds((stay.0 + 1, stay.1), window)
}

#[test]
fn notices_are_the_truth_and_a_wrong_truth_is_noticed() {
    let run = village(35);
    assert!(run.tally.is_perfect() && run.tally.quiet > 0, "{:?}", run.tally);
    let malformed = run.lives.iter().flat_map(|life| &life.syncs).map(|sync| sync.malformed);
    assert!(malformed.sum::<u64>() > 0, "what is no trace is passed over");
    let minimum = 900;
    assert_eq!(score(&run, minimum, shared_seconds), run.tally);
    for (what, rule, minimum) in [
        ("the whole day", whole_day as Rule, minimum),
        ("those who only touch it", touching, minimum),
        ("the minimum is forgotten", shared_seconds, 0),
    ] {
        let tally = score(&run, minimum, rule);
        assert!(tally.recall() < 1.0 && !tally.is_perfect(), "{what}: {tally:?}");
    }
    let tally = score(&run, minimum, too_late);
    assert!(tally.precision() < 1.0 && !tally.is_perfect(), "{tally:?}");
    let tally = score(&run, minimum, a_second_less);
    assert!(tally.other_seconds > 0 && !tally.is_perfect(), "{tally:?}");
}

#[test]
fn the_seed_determines_the_facts() {
    let facts = |seed| report::facts(&village(seed)).expect("whole files");
    let first = facts(35);
    assert_eq!(first, facts(35));
    assert_ne!(first, facts(36));
}

#[test]
fn stays_that_only_touch_a_window_share_nothing() {
    assert_eq!(shared_seconds((10, 20), (20, 30)), None);
    assert_eq!(shared_seconds((30, 40), (20, 30)), None);
    assert_eq!(shared_seconds((10, 21), (20, 30)), Some((20, 21)));
    assert_eq!(shared_seconds((0, 90), (20, 30)), Some((20, 30)));
}

#[test]
fn windows_with_an_hour_in_common_are_published_as_one() {
    let at = |seconds| UnixSeconds::new(seconds).expect("a time");
    let window = |(start, end): Span| Window::new(at(start), at(end)).expect("a window");
    let mut own = Investigation::default();
    let mut settle = |span| {
        let new = own.settle(7, [window(span)].into_iter());
        new.iter().map(|window| (window.start().get(), window.end().get())).collect::<Vec<_>>()
    };
    assert_eq!(settle((100, 2_000)), [(100, 2_000)]);
    assert_eq!(settle((200, 1_000)), [], "covered already");
    assert_eq!(settle((2_500, 3_600)), [(100, 3_600)], "the same hour");
    assert_eq!(settle((3_600, 4_000)), [(3_600, 4_000)], "the next hour");
    let long = (3_900, 36 * HOUR + 100);
    assert_eq!(settle(long), [(3_600, 36 * HOUR + 100)], "36 hours: an upload holds them");
    let longer = (36 * HOUR + 200, 38 * HOUR + 1);
    let whole = [(3_600, 37 * HOUR), (36 * HOUR, 39 * HOUR)];
    assert_eq!(settle(longer), whole, "each in whole hours");
}
