//! Who joins a log late: at an archived head, with hash tiles and without the entries before it.

use noren::log::{LogError, TilePath, archived_path};
use noren::messages::{EntryCode, Layout, Level};
use noren::time::Day;
use noren::visitor::{File, LogSync, Source, SyncError, Vault, Wanted};

use super::world::{DAY, HOUR, NOON, World, at, read_from, window};

const NOW: u64 = NOON + DAY;

fn day(before: u64) -> Day {
    Day::containing(at(NOON - before * DAY))
}

/// A log that began a month ago, with an append each day, and a venue that was warned of today and
/// one that was warned of on the first day that is kept.
fn old_log() -> (World, [EntryCode; 2]) {
    let mut world = World::begun(7, NOON - 30 * DAY);
    world.append(vec![vec![7; 40]; 5_000]);
    let mut codes = Vec::new();
    for before in (0..30).rev() {
        world.clock = NOON - before * DAY + 6 * HOUR;
        world.append(vec![vec![8; 40]; 20]);
        if before == 14 || before == 0 {
            let (code, trace_code) = world.venue("Bar", None);
            let danger = window(NOON - before * DAY, NOON - before * DAY + HOUR);
            let review = world.review(&trace_code, danger);
            world.publish(&review, danger, Level::Attention, Layout::WithTimes);
            codes.push(code);
        }
    }
    (world, codes.try_into().unwrap_or_else(|_| panic!("two venues")))
}

/// Syncs a vault, and what it asked for.
fn asked(
    world: &World,
    vault: &mut Vault,
    served: impl Fn(&Wanted) -> Option<Vec<u8>>,
) -> (Vec<String>, Result<u64, SyncError>) {
    let mut paths = Vec::new();
    let mut sync = LogSync::new(vault, &world.pin(), at(NOW));
    let read = read_from(&mut sync, |wanted| {
        paths.push(wanted.path());
        served(wanted)
    });
    let read = read.and_then(|()| sync.finish(vault)).map(|summary| summary.new_entries);
    (paths, read)
}

fn entries(paths: &[String]) -> usize {
    paths.iter().filter(|path| path.starts_with("tile/entries/")).count()
}

#[test]
fn who_is_new_reads_what_can_concern_a_record_and_nothing_before() {
    // [LOG-17] [LOG-18] [MAT-11]
    let (mut world, codes) = old_log();
    let mut vault = Vault::new();
    for (code, before) in codes.iter().zip([14, 0]) {
        let noon = NOON - before * DAY;
        world.visit(&mut vault, code, noon, noon + HOUR);
    }
    let mut empty = Vault::new();
    let (paths, new) = asked(&world, &mut vault, |wanted| world.file(wanted));
    assert_eq!(paths[..3], ["v1/authority", "checkpoint", &archived_path(day(15))]);
    assert_eq!(vault.exposures().len(), 2, "all that a complete reading finds");
    // Fifteen days of entries, and a few hash tiles.
    assert!(entries(&paths) <= 3 && paths.len() <= 10, "{paths:?}");
    assert!(new.unwrap() < 400);
    let (same, _) = asked(&world, &mut empty, |wanted| world.file(wanted));
    assert_eq!(paths, same, "whatever the vault holds");
    // From then on it reads on as everybody does, and wants nothing from before.
    world.append(vec![vec![9; 40]; 3]);
    let mut sync = LogSync::new(&vault, &world.pin(), at(NOW));
    let first = sync.needed_from();
    assert!(first > 5_000, "{first}");
    assert!(sync.remember_kept(|path| path.index() >= first / 256));
    read_from(&mut sync, |wanted| {
        assert!(!matches!(wanted.file, File::Archived(_) | File::Hashes(_)));
        world.file(wanted)
    })
    .unwrap();
    assert_eq!(sync.finish(&mut vault).unwrap().new_entries, 3);
}

#[test]
fn a_head_that_is_missing_damaged_or_too_new_is_none_and_an_earlier_one_does() {
    // [LOG-17] [LOG-18]
    let (mut world, codes) = old_log();
    let right = archived_path(day(15));
    let too_new = world.archive[&day(3)].clone();
    let stranger = World::begun(8, NOON - 15 * DAY).checkpoint;
    for instead in [None, Some(too_new), Some(stranger), Some("no note".to_owned())] {
        let mut vault = Vault::new();
        world.visit(&mut vault, &codes[0], NOON - 14 * DAY, NOON - 14 * DAY + HOUR);
        let (paths, _) = asked(&world, &mut vault, |wanted| {
            let own = world.file(wanted);
            if wanted.path() == right { instead.clone().map(String::into_bytes) } else { own }
        });
        assert_eq!(paths[2..4], [right.clone(), archived_path(day(16))]);
        assert_eq!(vault.exposures().len(), 1, "nothing is hidden");
        assert!(entries(&paths) <= 3, "{paths:?}");
    }
    // Where there is none in eight days, the log is read from its beginning.
    let mut vault = Vault::new();
    let (paths, new) = asked(&world, &mut vault, |wanted| {
        world.file(wanted).filter(|_| !matches!(wanted.file, File::Archived(_)))
    });
    assert_eq!(paths.iter().filter(|path| path.starts_with("archive/")).count(), 8);
    assert_eq!(new.unwrap(), world.entries.len() as u64);
}

#[test]
fn tiles_that_do_not_lead_to_the_signed_root_are_not_believed() {
    // [LOG-18]
    let (world, _) = old_log();
    let change = |change: fn(&mut Vec<u8>) -> bool| {
        let served = |wanted: &Wanted| {
            let mut bytes = world.file(wanted)?;
            let is_there = !matches!(wanted.file, File::Hashes(_)) || change(&mut bytes);
            is_there.then_some(bytes)
        };
        let (paths, new) = asked(&world, &mut Vault::new(), served);
        (new.unwrap() == world.entries.len() as u64, paths)
    };
    let flipped = change(|bytes| {
        bytes[0] ^= 1;
        true
    });
    let cut = change(|bytes| bytes.pop().is_some());
    let gone = change(|_| false);
    for (is_from_the_beginning, paths) in [flipped, cut, gone] {
        assert!(is_from_the_beginning, "{paths:?}");
    }
    // A width that was superseded and is gone is taken from the present one.
    let served = |wanted: &Wanted| {
        let is_widest = |path: &TilePath| {
            !world.tiles.keys().filter(|key| matches!(key, TilePath::Hash { .. })).any(|key| {
                key.level() == path.level()
                    && key.index() == path.index()
                    && key.width() > path.width()
            })
        };
        let keep = !matches!(wanted.file, File::Hashes(path) if !is_widest(&path));
        world.file(wanted).filter(|_| keep)
    };
    let (paths, new) = asked(&world, &mut Vault::new(), served);
    assert!(new.unwrap() < 400, "{paths:?}");
}

#[test]
fn who_was_away_for_longer_than_is_kept_goes_on_at_an_archived_head() {
    // [LOG-18] [LOG-14]
    let mut world = World::begun(7, NOON - 40 * DAY);
    world.append(vec![vec![1; 40]; 300]);
    let mut vault = Vault::new();
    world.try_sync_at(&mut vault, NOON - 40 * DAY + HOUR).unwrap();
    let seen = world.checkpoint.clone();
    let mut fork = World::begun(7, NOON - 40 * DAY);
    fork.append(vec![vec![2; 40]; 300]);
    for world in [&mut world, &mut fork] {
        for before in [30, 15, 0] {
            world.clock = NOON - before * DAY + 6 * HOUR;
            world.append(vec![vec![3; 40]; 3_000]);
        }
    }
    let (paths, new) = asked(&world, &mut vault.clone(), |wanted| world.file(wanted));
    assert_eq!(new.unwrap(), 3_000);
    assert_eq!(entries(&paths), 13, "{paths:?}");
    // A past that was rewritten shows in the tiles.
    let mut sync = LogSync::new(&vault, &fork.pin(), at(NOW));
    sync.remember(seen.clone().into_bytes());
    let read = read_from(&mut sync, |wanted| fork.file(wanted));
    let Err(SyncError::Contradiction(found)) = read else { panic!("{read:?}") };
    assert_eq!(found.error, LogError::RootMismatch);
    assert_eq!(found.seen.unwrap().text(), seen);
    assert_eq!(found.offered.text(), fork.archive[&day(15)]);
}

#[test]
fn an_archived_head_of_a_larger_tree_is_evidence() {
    // [LOG-10] [LOG-18]
    let (mut world, _) = old_log();
    let mut larger = World::begun(7, NOON - 15 * DAY);
    larger.append(vec![vec![4; 40]; 7_000]);
    world.archive.insert(day(15), larger.checkpoint.clone());
    let (_, read) = asked(&world, &mut Vault::new(), |wanted| world.file(wanted));
    let Err(SyncError::Contradiction(found)) = read else { panic!("{read:?}") };
    let offered = world.entries.len() as u64;
    assert_eq!(found.error, LogError::Rollback { seen: 7_000, offered });
    assert_eq!(found.seen.unwrap().text(), larger.checkpoint);
}

#[test]
fn files_in_any_order_and_at_any_time_lead_to_the_same() {
    // [LOG-16] [LOG-18]
    let (world, _) = old_log();
    let mut right = Vault::new();
    world.try_sync_at(&mut right, NOW).unwrap();
    let mut vault = Vault::new();
    let mut sync = LogSync::new(&vault, &world.pin(), at(NOW));
    while !sync.is_complete() {
        let wanted = sync.wants();
        for wanted in wanted.iter().rev().chain(&wanted) {
            sync.give(wanted, Source::Server, world.file(wanted).as_deref()).unwrap();
        }
        while let Some(work) = sync.work() {
            sync.take(work.run());
        }
    }
    sync.finish(&mut vault).unwrap();
    assert_eq!(vault, right);
}
