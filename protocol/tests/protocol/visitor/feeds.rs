//! A feed without a log: the whole list in each round, and what comes out of it.

use noren::authority::Review;
use noren::messages::{Layout, Level, MessageError, wrap_events};
use noren::profile::{Fingerprint, Pin};
use noren::time::{Day, Window};
use noren::visitor::{FeedSummary, FeedSync, Found, News, Stay, SyncError, Vault, Work};
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::world::{DAY, HOUR, MINUTE, NOON, World, at, window};

const URL: &str = "https://crowdnotifier.example";

/// A round of the feed that holds these events, in pieces; what the visitor has to hear.
fn round(vault: &mut Vault, pieces: &[&[Vec<u8>]], now: u64) -> (FeedSummary, Vec<News>) {
    let mut sync = FeedSync::new(vault, URL, at(now));
    for piece in pieces {
        sync.give(&wrap_events(piece)).unwrap();
    }
    while let Some(work) = sync.work() {
        sync.take(work.run());
    }
    let summary = sync.finish(vault).unwrap();
    let news = vault.news::<Pin>(&[]);
    news.iter().for_each(|(_, exposure)| vault.announce(exposure));
    (summary, news.into_iter().map(|(news, _)| news).collect())
}

/// A bar, a visit of an hour that the vault holds, and the hour's review.
fn visited() -> (World, Vault, Review) {
    let mut world = World::new();
    let mut vault = Vault::new();
    let (code, trace_code) = world.venue("Bar", None);
    world.visit(&mut vault, &code, NOON, NOON + HOUR);
    let review = world.review(&trace_code, hour());
    (world, vault, review)
}

fn hour() -> Window {
    window(NOON, NOON + HOUR)
}

fn warn(world: &mut World, review: &Review, level: Level) {
    world.publish(review, hour(), level, Layout::WithTimes);
}

#[test]
fn a_warning_its_correction_and_its_withdrawal_are_told_once_each() {
    // [MAT-12] [MAT-4]
    let mut world = World::new();
    let mut vault = Vault::new();
    let (code, trace_code) = world.venue("Bar", None);
    world.visit(&mut vault, &code, NOON, NOON + 2 * HOUR);
    let danger = window(NOON, NOON + 2 * HOUR);
    let review = world.review(&trace_code, danger);
    let mut now = NOON + DAY;
    for (level, told) in [
        (Level::Attention, News::New),
        (Level::Cluster, News::Changed),
        (Level::Withdrawn, News::Withdrawn),
        (Level::Cluster, News::Changed),
    ] {
        world.publish(&review, danger, level, Layout::WithTimes);
        assert_eq!(round(&mut vault, &[&world.entries], now).1, [told], "{level:?}");
        let received = vault.exposures()[0].received;
        assert_eq!(vault.exposures()[0].authority, Fingerprint::of_feed(URL));
        let before = vault.clone();
        for _ in 0..3 {
            now += HOUR;
            assert_eq!(round(&mut vault, &[&world.entries], now).1, [], "{level:?} again");
        }
        assert_eq!(vault, before, "the list says nothing new");
        assert_eq!(vault.exposures()[0].received, received);
        // The same list to a clock that was set back, and a list whose beginning has aged out.
        assert_eq!(round(&mut vault, &[&world.entries], NOON).1, []);
        let newest = &world.entries[world.entries.len() - 2..];
        assert_eq!(round(&mut vault, &[newest], now).1, []);
        assert_eq!(vault, before);
    }
    let mut other = Vault::new();
    world.visit(&mut other, &code, NOON, NOON + 2 * HOUR);
    world.publish(&review, danger, Level::Withdrawn, Layout::WithTimes);
    assert_eq!(
        round(&mut other, &[&world.entries], now).1,
        [],
        "of a withdrawal alone nobody hears"
    );
}

#[test]
fn neither_a_clock_that_was_set_back_nor_a_shorter_list_hides_a_correction() {
    // [MAT-12]
    let (mut world, mut vault, review) = visited();
    world.append(vec![vec![7; 40]; 9]);
    warn(&mut world, &review, Level::Attention);
    assert_eq!(round(&mut vault, &[&world.entries], NOON + 9 * DAY).1, [News::New]);
    warn(&mut world, &review, Level::Cluster);
    let newest = &world.entries[world.entries.len() - 2..];
    assert_eq!(round(&mut vault, &[newest], NOON + DAY).1, [News::Changed]);
}

#[test]
fn a_visit_that_is_entered_late_is_tried_on_the_whole_feed() {
    // [MAT-12]
    let mut world = World::new();
    let mut vault = Vault::new();
    let (code, trace_code) = world.venue("Bar", None);
    let review = world.review(&trace_code, hour());
    warn(&mut world, &review, Level::Cluster);
    for days in 1..4 {
        assert_eq!(round(&mut vault, &[&world.entries], NOON + days * DAY).1, []);
    }
    let stay = Stay::new(at(NOON), at(NOON + 30 * MINUTE)).unwrap();
    drop(vault.visit(&code, stay, &mut world.rng).unwrap());
    assert_eq!(round(&mut vault, &[&world.entries], NOON + 4 * DAY).1, [News::New]);
}

#[test]
fn a_correction_reaches_a_visit_whose_records_are_gone_and_none_that_was_forgotten() {
    // [MAT-12] [VLT-5] [VLT-6]
    let mut world = World::new();
    let mut vault = Vault::new();
    let (code, trace_code) = world.venue("Bar", None);
    let visit = world.visit(&mut vault, &code, NOON, NOON + HOUR);
    let review = world.review(&trace_code, hour());
    warn(&mut world, &review, Level::Attention);
    let mut forgets = vault.clone();
    assert_eq!(round(&mut vault, &[&world.entries], NOON + 9 * DAY).1, [News::New]);
    vault.expire(Day::containing(at(NOON + 15 * DAY)), 14);
    assert_eq!(vault.closed_visits(), []);
    warn(&mut world, &review, Level::Cluster);
    assert_eq!(round(&mut vault, &[&world.entries], NOON + 15 * DAY).1, [News::Changed]);
    assert_eq!(round(&mut vault, &[&world.entries], NOON + 15 * DAY).1, []);
    // Forgotten while a round was under way.
    let mut sync = FeedSync::new(&forgets, URL, at(NOON + DAY));
    sync.give(&wrap_events(&world.entries)).unwrap();
    while let Some(work) = sync.work() {
        sync.take(work.run());
    }
    assert!(forgets.forget(visit));
    sync.finish(&mut forgets).unwrap();
    assert!(forgets.is_empty());
}

#[test]
fn any_cut_order_and_repeat_gives_the_same() {
    // [MAT-12]
    let mut world = World::new();
    let mut begun = Vault::new();
    for (name, level) in [("Bar", Level::Attention), ("Hall", Level::Cluster)] {
        let (code, trace_code) = world.venue(name, None);
        world.visit(&mut begun, &code, NOON, NOON + HOUR);
        let danger = window(NOON, NOON + HOUR);
        let review = world.review(&trace_code, danger);
        for level in [Level::Attention, level, level] {
            world.publish(&review, danger, level, Layout::WithTimes);
            world.append(vec![vec![7; 40]; 700]);
        }
    }
    let mut right = begun.clone();
    let (summary, news) = round(&mut right, &[&world.entries], NOON + DAY);
    assert_eq!((summary.events, summary.malformed), (world.entries.len() as u64, 4_200));
    assert_eq!(news, [News::New, News::New]);
    for seed in 0..30 {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut vault = begun.clone();
        let mut sync = FeedSync::new(&vault, URL, at(NOON + DAY));
        let (mut work, mut found) = (Vec::<Work>::new(), Vec::<Found>::new());
        let mut rest = &world.entries[..];
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rng.random_range(1..=rest.len()));
            sync.give(&wrap_events(piece)).unwrap();
            work.extend(std::iter::from_fn(|| sync.work()));
            rest = after;
        }
        found.extend(work.iter().map(Work::run));
        found.extend(found.clone());
        found.shuffle(&mut rng);
        found.into_iter().for_each(|found| sync.take(found));
        assert_eq!(sync.finish(&mut vault), Ok(summary), "seed {seed}");
        assert_eq!(vault.news::<Pin>(&[]).len(), 2);
        for (_, exposure) in vault.news::<Pin>(&[]) {
            vault.announce(&exposure);
        }
        assert_eq!(vault, right, "seed {seed}");
    }
}

#[test]
fn what_is_no_list_is_refused_and_changes_nothing() {
    // [MAT-12] [MSG-11]
    let (mut world, mut vault, review) = visited();
    warn(&mut world, &review, Level::Cluster);
    let begun = vault.clone();
    let mut sync = FeedSync::new(&vault, URL, at(NOON + DAY));
    for bytes in [&b"<html>"[..], &[8, 4], &[0xff; 30]] {
        let refused = sync.give(bytes);
        assert!(matches!(refused, Err(SyncError::Feed(_))), "{refused:?}");
    }
    let unknown = sync.give(&[8, 4]);
    assert!(
        matches!(unknown, Err(SyncError::Feed(MessageError::UnknownVersion { found: 4, .. }))),
        "{unknown:?}"
    );
    // A round that was not tried to its end changes nothing.
    sync.give(&wrap_events(&world.entries)).unwrap();
    let work = sync.work().unwrap();
    assert_eq!(sync.finish(&mut vault), Err(SyncError::Unfinished));
    assert_eq!(vault, begun);
    // What was found in another round's work is believed only as far as it opens.
    let mut sync = FeedSync::new(&vault, URL, at(NOON + DAY));
    sync.give(&wrap_events(&[vec![7; 40]])).unwrap();
    sync.take(work.run());
    sync.finish(&mut vault).unwrap();
    assert_eq!(vault.exposures(), []);
    // The pieces that were refused took nothing from the rest.
    assert_eq!(round(&mut vault, &[&world.entries], NOON + DAY).1, [News::New]);
}

#[test]
fn a_feed_and_a_log_do_not_disturb_each_other() {
    // [MAT-12]
    let (mut world, mut vault, review) = visited();
    warn(&mut world, &review, Level::Cluster);
    assert_eq!(world.sync(&mut vault).len(), 1);
    let position = vault.position(&world.fingerprint);
    assert_eq!(
        round(&mut vault, &[&world.entries], NOON + DAY).1.len(),
        2,
        "of the log, of the feed"
    );
    assert_eq!(vault.position(&world.fingerprint), position);
    assert_eq!(world.try_sync(&mut vault).unwrap().new_entries, 0);
    vault.unfollow(&Fingerprint::of_feed(&format!("{URL}/")));
    assert_eq!(vault.exposures().len(), 1);
    assert_eq!(vault.exposures()[0].authority, world.fingerprint);
}
