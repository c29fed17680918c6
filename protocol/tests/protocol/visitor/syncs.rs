//! A sync: whatever comes in whatever order, from wherever and however often, the result is the same.

use noren::log::LogError;
use noren::messages::{EntryCode, Layout, Level};
use noren::profile::Pin;
use noren::time::UnixSeconds;
use noren::visitor::{File, Found, LogSync, Source, Stay, SyncError, Vault, Wanted, Work};
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use rand::{RngExt as _, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::world::{DAY, HOUR, MINUTE, NOON, World, at, read_from, window};

/// A world with a log of several bundles, in which two venues are warned of far apart.
fn busy_world() -> (World, Vault) {
    let mut world = World::new();
    let mut vault = Vault::new();
    for (name, minutes, filler) in [("Bar", 10, 300), ("Hall", 20, 900)] {
        let (code, trace_code) = world.venue(name, None);
        world.visit(&mut vault, &code, NOON, NOON + minutes * MINUTE);
        let danger = window(NOON, NOON + HOUR);
        let review = world.review(&trace_code, danger);
        world.publish(&review, danger, Level::Attention, Layout::WithTimes);
        world.append(vec![vec![7; 40]; filler]);
    }
    (world, vault)
}

#[test]
fn any_order_cuts_repeats_and_kept_copies_give_the_same() {
    // [LOG-7] [LOG-13] [MAT-8] [VLT-9]
    let (mut world, vault) = busy_world();
    let mut plain = vault.clone();
    assert_eq!(world.sync(&mut plain).len(), 2);
    let mut later = plain.clone();
    let code = warned_days_ago(&mut world);
    world.append(vec![vec![9; 40]; 300]);
    assert_eq!(world.sync(&mut later).len(), 2);
    world.visit(&mut later, &code, NOON - 3 * DAY, NOON - 3 * DAY + HOUR);
    for begun in [vault, plain, later] {
        let mut right = begun.clone();
        world.try_sync(&mut right).unwrap();
        for seed in 0..40 {
            let mut vault = begun.clone();
            let mut rng = ChaCha20Rng::seed_from_u64(seed);
            muddle(&world, &mut vault, &mut rng);
            assert_eq!(vault, right, "seed {seed}");
        }
    }
    fn muddle(world: &World, vault: &mut Vault, rng: &mut ChaCha20Rng) {
        let mut sync = LogSync::new(vault, &world.pin(), at(NOON + DAY));
        let (mut work, mut found) = (Vec::<Work>::new(), Vec::<Found>::new());
        let mut given = Vec::<Wanted>::new();
        while !sync.is_complete() {
            if rng.random_ratio(1, 60) {
                // Cut off: nothing is left but the vault and what was kept.
                sync = LogSync::new(vault, &world.pin(), at(NOON + DAY));
                (work, found) = (vec![], vec![]);
            }
            let mut wanted = sync.wants();
            wanted.shuffle(rng);
            wanted.truncate(rng.random_range(0..4));
            given.extend(wanted.iter().copied());
            wanted.extend(given.choose(rng).copied());
            for file in wanted {
                let mut bytes = world.file(&file);
                let source = match rng.random_range(0..3) {
                    0 if file.may_be_kept => Source::Kept,
                    _ => Source::Server,
                };
                if let (File::Entries(path), Some(own)) = (&file.file, bytes.as_mut()) {
                    let has_grown = (path.index() + 1) * 256 <= world.entries.len() as u64;
                    if source == Source::Kept && rng.random_ratio(1, 20) {
                        let place = rng.random_range(0..own.len());
                        own[place] ^= 1;
                    } else if has_grown && !path.width().is_full() && rng.random() {
                        bytes = None;
                    }
                }
                sync.give(&file, source, bytes.as_deref()).unwrap();
            }
            while let Some(next) = sync.work() {
                work.push(Work::from_bytes(&next.to_bytes().unwrap()).unwrap());
            }
            work.shuffle(rng);
            let done = work.split_off(rng.random_range(0..=work.len()));
            found.extend(done.iter().map(Work::run));
            found.shuffle(rng);
            for found in found.split_off(rng.random_range(0..=found.len())) {
                let again = Found::from_bytes(&found.to_bytes().unwrap()).unwrap();
                sync.take(found);
                sync.take(again);
            }
        }
        sync.finish(vault).unwrap();
    }
}

/// A venue with a warning for an hour of three days ago.
fn warned_days_ago(world: &mut World) -> EntryCode {
    let (code, trace_code) = world.venue("Late", None);
    let danger = window(NOON - 3 * DAY, NOON - 3 * DAY + HOUR);
    let review = world.review(&trace_code, danger);
    world.publish(&review, danger, Level::Attention, Layout::WithTimes);
    code
}

#[test]
fn a_visit_entered_after_its_window_was_published_is_found() {
    // [VLT-9] [MAT-10]
    let mut world = World::new();
    let code = warned_days_ago(&mut world);
    let mut vault = Vault::new();
    assert_eq!(world.sync(&mut vault), []);
    world.visit(&mut vault, &code, NOON - 3 * DAY, NOON - 3 * DAY + HOUR);
    assert_eq!(world.sync(&mut vault).len(), 1);
}

#[test]
fn what_changes_while_a_log_is_read_is_kept_in_mind() {
    // [VLT-6] [VLT-9]
    let mut world = World::new();
    let code = warned_days_ago(&mut world);
    let mut vault = Vault::new();
    let forgotten = world.visit(&mut vault, &code, NOON - 3 * DAY, NOON - 3 * DAY + HOUR);
    let mut sync = LogSync::new(&vault, &world.pin(), at(NOON + DAY));
    world.read(&mut sync).unwrap();
    assert!(vault.forget(forgotten));
    world.visit(&mut vault, &code, NOON - 3 * DAY, NOON - 3 * DAY + HOUR);
    sync.finish(&mut vault).unwrap();
    assert_eq!(vault.exposures(), [], "one was forgotten, and the other not tried yet");
    assert_eq!(world.sync(&mut vault).len(), 1);
    // Another sync of the same log was faster.
    let mut slow = LogSync::new(&vault, &world.pin(), at(NOON + DAY));
    world.append(vec![vec![]]);
    world.sync(&mut vault);
    world.read(&mut slow).unwrap();
    let before = vault.clone();
    assert_eq!(slow.finish(&mut vault), Err(SyncError::Overtaken));
    assert_eq!(vault, before);
}

#[test]
fn nothing_counts_before_the_end() {
    // [LOG-7]
    let (world, vault) = busy_world();
    let mut sync = LogSync::new(&vault, &world.pin(), at(NOON + DAY));
    let mut steps = 0;
    while !sync.is_complete() {
        let mut unfinished = vault.clone();
        let mut copy = LogSync::new(&vault, &world.pin(), at(NOON + DAY));
        for _ in 0..steps {
            copy.wants().iter().for_each(|file| {
                copy.give(file, Source::Server, world.file(file).as_deref()).unwrap();
            });
        }
        let is_complete = copy.is_complete();
        let end = copy.finish(&mut unfinished);
        assert!(is_complete || end == Err(SyncError::Unfinished));
        assert_eq!(unfinished == vault, !is_complete);
        for file in sync.wants() {
            sync.give(&file, Source::Server, world.file(&file).as_deref()).unwrap();
        }
        steps += 1;
        if sync.wants().is_empty() {
            break;
        }
    }
    assert!(steps >= 3, "{steps}");
}

#[test]
fn what_is_asked_for_does_not_depend_on_what_the_vault_holds() {
    // [MAT-1] [MAT-11]
    let (world, busy) = busy_world();
    let requests = |vault: &Vault, begin: fn(&Vault, &Pin, UnixSeconds) -> LogSync| {
        let mut vault = vault.clone();
        let mut all = Vec::new();
        for _ in 0..2 {
            let mut sync = begin(&vault, &world.pin(), at(NOON + DAY));
            let asked = |wanted: &Wanted| {
                all.push(*wanted);
                world.file(wanted)
            };
            read_from(&mut sync, asked).unwrap();
            world.sync(&mut vault);
        }
        all
    };
    let asked = requests(&busy, LogSync::new);
    assert_eq!(asked, requests(&Vault::new(), LogSync::new));
    assert_eq!(asked, requests(&busy, LogSync::to_download), "what is downloaded is enough");
    let files = asked.iter().filter(|wanted| matches!(wanted.file, File::Entries(_)));
    assert_eq!(files.count(), 2 * world.entries.len().div_ceil(256));
}

#[test]
fn what_was_kept_is_opened_only_for_a_record_that_needs_it() {
    // [LOG-16] [MAT-11] [VLT-9]
    let (mut world, mut vault) = busy_world();
    let code = warned_days_ago(&mut world);
    world.sync(&mut vault);
    let read = |vault: &Vault, begin: fn(&Vault, &Pin, UnixSeconds) -> LogSync| {
        let mut sync = begin(vault, &world.pin(), at(NOON + 36 * HOUR));
        assert!(sync.remember_kept(|_| true));
        let mut bundles = 0;
        let files = |wanted: &Wanted| {
            bundles += usize::from(matches!(wanted.file, File::Entries(_)));
            world.file(wanted)
        };
        read_from(&mut sync, files).unwrap();
        (bundles, sync)
    };
    let all = world.entries.len().div_ceil(256);
    // The records are of days that were read before the world's next day.
    let mut later = vault.clone();
    let (_, sync) = read(&later, LogSync::new);
    sync.finish(&mut later).unwrap();
    assert_eq!(read(&later, LogSync::new).0, 0);
    assert_eq!(read(&later, LogSync::to_download).0, 0);
    world_visit(&mut later, &code);
    assert_eq!(read(&later, LogSync::to_download).0, 0, "no request tells of the visit");
    let (bundles, sync) = read(&later, LogSync::new);
    assert_eq!(bundles, all);
    sync.finish(&mut later).unwrap();
    assert_eq!(later.exposures().len(), 3);
    // A file that is not there is fetched, whatever the vault holds.
    let mut sync = LogSync::to_download(&later, &world.pin(), at(NOON + 36 * HOUR));
    assert!(!sync.remember_kept(|path| path.index() != 1));
    let mut asked = 0;
    let files = |wanted: &Wanted| {
        asked += usize::from(matches!(wanted.file, File::Entries(_)));
        world.file(wanted)
    };
    read_from(&mut sync, files).unwrap();
    assert_eq!(asked, all);
}

/// A visit that is entered three days late.
fn world_visit(vault: &mut Vault, code: &EntryCode) {
    let mut rng = ChaCha20Rng::seed_from_u64(9);
    let stay = Stay::new(at(NOON - 3 * DAY), at(NOON - 3 * DAY + HOUR)).unwrap();
    vault.visit(code, stay, &mut rng).unwrap();
}

#[test]
fn entries_from_before_that_cannot_be_had_keep_nobody_from_what_is_new() {
    // [VLT-9] [CLI-26]
    let (mut world, mut vault) = busy_world();
    world.sync(&mut vault);
    let (code, trace_code) = world.venue("Bar", None);
    let late_code = warned_days_ago(&mut world);
    world.sync(&mut vault);
    world.visit(&mut vault, &late_code, NOON - 3 * DAY, NOON - 3 * DAY + HOUR);
    world.visit(&mut vault, &code, NOON, NOON + HOUR);
    let danger = window(NOON, NOON + HOUR);
    let review = world.review(&trace_code, danger);
    world.publish(&review, danger, Level::Attention, Layout::WithTimes);
    let mut sync = LogSync::new(&vault, &world.pin(), at(NOON + DAY));
    let pruned = |wanted: &Wanted| matches!(wanted.file, File::Entries(path) if path.index() == 0);
    let files = |wanted: &Wanted| world.file(wanted).filter(|_| !pruned(wanted));
    read_from(&mut sync, files).unwrap();
    let untried = sync.finish(&mut vault).unwrap().untried;
    assert!(matches!(untried, Some(SyncError::Missing(path)) if path.index() == 0), "{untried:?}");
    assert_eq!(vault.exposures().len(), 3);
    assert_eq!(world.sync(&mut vault).len(), 4, "the late one was not tried, and is now");
}

#[test]
fn whoever_works_need_not_be_trusted() {
    // [MAT-8]
    let (world, mut vault) = busy_world();
    let mut sync = LogSync::new(&vault, &world.pin(), at(NOON + DAY));
    let visits: Vec<_> = vault.closed_visits().iter().map(|visit| visit.id).collect();
    while !sync.is_complete() {
        for file in sync.wants() {
            sync.give(&file, Source::Server, world.file(&file).as_deref()).unwrap();
        }
        while let Some(work) = sync.work() {
            let found = work.run().to_bytes().unwrap();
            let mut value: serde_cbor::Value = serde_cbor::from_slice(&found).unwrap();
            let serde_cbor::Value::Array(parts) = &mut value else { panic!("an array") };
            let lies = (0..2_000).flat_map(|index| visits.iter().map(move |visit| (index, *visit)));
            parts[1] = serde_cbor::value::to_value(lies.collect::<Vec<_>>()).unwrap();
            let lies = serde_cbor::to_vec(&value).unwrap();
            sync.take(Found::from_bytes(&lies).unwrap());
        }
    }
    sync.finish(&mut vault).unwrap();
    assert_eq!(vault.exposures().len(), 2, "all that opens, and nothing that does not");
}

/// What is served in a file's place.
type Change = dyn Fn(&Wanted, Option<Vec<u8>>) -> Option<Vec<u8>>;

#[test]
fn each_refusal_has_its_reason() {
    // [LOG-4] [LOG-6] [LOG-8] [LOG-13] [PRO-2] [PRO-7]
    let (world, vault) = busy_world();
    let mut read = vault.clone();
    world.sync(&mut read);
    let wrong = |vault: &Vault, change: &Change| {
        let mut copy = vault.clone();
        let mut sync = LogSync::new(vault, &world.pin(), at(NOON + DAY));
        let given = read_from(&mut sync, |wanted| change(wanted, world.file(wanted)));
        let end = sync.finish(&mut copy).map(|_| ());
        assert_eq!(given, end, "finish says it again");
        assert_eq!(copy == *vault, end.is_err());
        end.unwrap_err()
    };
    let instead = |file: File, bytes: Option<Vec<u8>>| {
        move |wanted: &Wanted, own: Option<Vec<u8>>| {
            if wanted.file == file { bytes.clone() } else { own }
        }
    };
    assert_eq!(wrong(&vault, &instead(File::Profile, None)), SyncError::NoProfile);
    let garbage = Some(vec![0; 9]);
    assert!(matches!(wrong(&vault, &instead(File::Profile, garbage)), SyncError::Profile(_)));
    let stranger = Some(World::with_seed(8).signed().as_bytes().to_vec());
    assert!(matches!(wrong(&vault, &instead(File::Profile, stranger)), SyncError::Replaced(_)));
    assert_eq!(wrong(&vault, &instead(File::Checkpoint, None)), SyncError::NoCheckpoint);
    let seen = world.entries.len() as u64;
    assert_eq!(wrong(&read, &instead(File::Checkpoint, None)), SyncError::Vanished { seen });
    let unsigned = Some(World::with_seed(8).checkpoint.into_bytes());
    let refused = wrong(&vault, &instead(File::Checkpoint, unsigned));
    assert!(matches!(refused, SyncError::Checkpoint(_)), "{refused:?}");
    let rollback = Some(World::new().checkpoint.into_bytes());
    let SyncError::Contradiction(rolled) = wrong(&read, &instead(File::Checkpoint, rollback))
    else {
        panic!("a rollback")
    };
    assert!(matches!(rolled.error, LogError::Rollback { offered: 0, .. }), "{rolled:?}");
    let missing = wrong(&vault, &|wanted, own| {
        own.filter(|_| !matches!(wanted.file, File::Entries(path) if path.index() == 1))
    });
    assert!(matches!(missing, SyncError::Missing(path) if path.index() == 1), "{missing:?}");
    let cut = wrong(&vault, &|wanted, own| {
        own.map(|mut bytes| {
            if matches!(wanted.file, File::Entries(_)) {
                bytes.pop();
            }
            bytes
        })
    });
    assert!(matches!(cut, SyncError::Damaged(_)), "{cut:?}");
    let rewritten = wrong(&vault, &|wanted, own| {
        own.map(|mut bytes| {
            if matches!(wanted.file, File::Entries(path) if path.index() == 2) {
                bytes[5] ^= 1;
            }
            bytes
        })
    });
    let SyncError::Contradiction(rewritten) = rewritten else { panic!("{rewritten:?}") };
    assert_eq!(rewritten.error, LogError::RootMismatch);
    let (mut rotated, fixed) = busy_world();
    let unsigned = rotated.checkpoint.clone();
    rotated.rotate();
    rotated.checkpoint = unsigned;
    assert_eq!(rotated.try_sync(&mut fixed.clone()), Err(SyncError::NotSignedAnew));
    let mut old = LogSync::new(&vault, &world.pin(), at(NOON + 9 * DAY));
    assert!(matches!(world.read(&mut old), Err(SyncError::Checkpoint(_))), "frozen");
}

#[test]
fn a_head_beside_the_one_that_was_kept_is_evidence() {
    // [LOG-8] [LOG-14]
    let (world, vault) = busy_world();
    let mut fork = World::new();
    fork.append(vec![vec![1]; world.entries.len()]);
    let mut sync = LogSync::new(&vault, &world.pin(), at(NOON + DAY));
    sync.remember(fork.checkpoint.clone().into_bytes());
    let Err(SyncError::Contradiction(found)) = world.read(&mut sync) else { panic!("a fork") };
    assert_eq!(found.seen.unwrap().text(), fork.checkpoint);
    assert_eq!(found.offered.text(), world.checkpoint);
    // A note of another log, or none, is no evidence of anything.
    for other in [World::with_seed(8).checkpoint.into_bytes(), vec![0; 9]] {
        let mut sync = LogSync::new(&vault, &world.pin(), at(NOON + DAY));
        sync.remember(other);
        world.read(&mut sync).unwrap();
    }
}
