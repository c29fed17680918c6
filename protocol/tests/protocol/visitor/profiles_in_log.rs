//! Profiles that have a place in the log: which one a reader takes, and what it asks for.

use noren::messages::{Layout, Level};
use noren::profile::{Pin, Profile, ReplaceError, SignedProfile};
use noren::visitor::{File, LogSync, SyncError, Vault};

use super::world::{DAY, HOUR, NOON, World, at, read_from, window};

const NOW: u64 = NOON + DAY;

impl World {
    /// The next profile, with a place at the end of the log; it is not entered there yet.
    fn change(&mut self) {
        let log_index = Some(self.entries.len() as u64);
        let issued = self.profile.issued.plus(1);
        self.profile = Profile { issued, log_index, ..self.profile.clone() };
    }

    fn enter(&mut self) {
        self.append(vec![self.signed().to_log_entry()]);
    }
}

/// A world whose profile is the log's first entry.
fn world() -> World {
    let mut world = World::new();
    world.change();
    world.enter();
    world
}

/// What a reader who has pinned a profile takes, and the files that it asked for.
fn read(
    world: &World,
    vault: &mut Vault,
    pinned: &SignedProfile,
) -> (Result<SignedProfile, SyncError>, Vec<String>) {
    let (mut sync, mut paths) =
        (LogSync::new(vault, &Pin::new(pinned.clone()), at(NOW)), Vec::new());
    let read = read_from(&mut sync, |wanted| {
        paths.push(wanted.path());
        world.file(wanted)
    });
    let lacking = sync.not_in_log().cloned();
    let taken = sync.profile().clone();
    let read = read.and_then(|()| sync.finish(vault)).map(|_| taken.clone());
    assert_eq!(lacking.is_some(), read.is_ok() && taken != world.signed());
    (read, paths)
}

#[test]
fn a_newer_profile_is_taken_once_the_log_tells_of_it_and_the_one_before_serves_until_then() {
    // [PRO-12] [PRO-13]
    let (mut world, mut vault) = (world(), Vault::new());
    let (code, trace_code) = world.venue("Bar", None);
    world.visit(&mut vault, &code, NOON, NOON + HOUR);
    let first = world.signed();
    assert_eq!(read(&world, &mut vault, &first).0, Ok(first.clone()));
    // Told before it stands in the log, and where something else stands in its place.
    world.change();
    assert_eq!(read(&world, &mut vault, &first).0, Ok(first.clone()));
    let danger = window(NOON, NOON + HOUR);
    let review = world.review(&trace_code, danger);
    world.publish(&review, danger, Level::Attention, Layout::WithTimes);
    assert_eq!(read(&world, &mut vault, &first).0, Ok(first.clone()));
    assert_eq!(vault.exposures().len(), 1, "nobody's warning waits for a profile");
    // In the log, and not where it says.
    world.enter();
    assert_eq!(read(&world, &mut vault, &first).0, Ok(first.clone()));
    world.change();
    world.enter();
    let second = world.signed();
    assert_eq!(read(&world, &mut vault, &first).0, Ok(second.clone()));
    // Once pinned, nothing is asked for; whoever serves the one before is behind.
    let (taken, paths) = read(&world, &mut vault, &second);
    assert_eq!(taken, Ok(second.clone()));
    assert!(!paths.iter().any(|path| path.starts_with("tile/0/")), "{paths:?}");
    // A version without a place does not come back.
    world.profile.issued = world.profile.issued.plus(1);
    world.profile.log_index = None;
    let refused = read(&world, &mut vault, &second).0;
    assert_eq!(refused, Err(SyncError::Replaced(ReplaceError::NotInLog)));
}

#[test]
fn the_first_reading_proves_the_pinned_profile() {
    // [PRO-13]
    let mut world = World::new();
    world.append(vec![vec![7; 40]; 3]);
    world.change();
    let pinned = world.signed();
    for fill in [0, 300] {
        world.append(vec![vec![7; 40]; fill]);
        let refused = read(&world, &mut Vault::new(), &pinned).0;
        assert_eq!(refused, Err(SyncError::ProfileNotInLog), "{fill} more");
    }
    world.change();
    world.enter();
    let signed = world.signed();
    world.append(vec![vec![7; 40]; 300]);
    assert_eq!(read(&world, &mut Vault::new(), &signed).0, Ok(signed.clone()));
    // The one that came since counts, whatever was pinned by hand.
    assert_eq!(read(&world, &mut Vault::new(), &pinned).0, Ok(signed.clone()));
    // One that is signed and not entered keeps nobody from beginning with the one before.
    world.change();
    assert_eq!(read(&world, &mut Vault::new(), &signed).0, Ok(signed.clone()));
    // Tiles that are withheld or altered prove nothing.
    for tile in [None, Some(vec![1; 32 * 256])] {
        let mut sync = LogSync::new(&Vault::new(), &Pin::new(signed.clone()), at(NOW));
        let result = read_from(&mut sync, |wanted| match wanted.file {
            File::Hashes(_) => tile.clone(),
            _ => world.file(wanted),
        });
        assert_eq!(result, Err(SyncError::ProfileNotInLog));
    }
}

#[test]
fn what_is_asked_for_depends_on_the_log_alone_also_for_who_joins_late() {
    // [PRO-13] [LOG-18] [MAT-11]
    let mut world = World::begun(7, NOON - 30 * DAY);
    world.change();
    world.enter();
    world.append(vec![vec![7; 40]; 5_000]);
    for before in (0..30).rev() {
        world.clock = NOON - before * DAY + 6 * HOUR;
        world.append(vec![vec![8; 40]; 20]);
    }
    let signed = world.signed();
    let (code, _) = world.venue("Bar", None);
    let mut vaults = [Vault::new(), Vault::new()];
    world.visit(&mut vaults[1], &code, NOON, NOON + HOUR);
    let [empty, visited] = vaults.map(|mut vault| read(&world, &mut vault, &signed));
    assert_eq!((&empty.0, &empty.1), (&visited.0, &visited.1));
    assert_eq!(empty.0, Ok(signed));
    assert!(empty.1.len() <= 14, "{:?}", empty.1);
    assert!(empty.1.iter().any(|path| path.starts_with("archive/")), "{:?}", empty.1);
}

#[test]
fn keys_that_were_handed_over_count_with_their_entry() {
    // [PRO-13] [PRO-6]
    let (mut world, mut vault) = (world(), Vault::new());
    let pinned = world.signed();
    assert_eq!(read(&world, &mut vault, &pinned).0, Ok(pinned.clone()));
    world.profile.log_index = Some(world.entries.len() as u64);
    world.rotate();
    assert_eq!(read(&world, &mut vault, &pinned).0, Err(SyncError::ProfileNotInLog));
    world.enter();
    let next = world.signed();
    assert_eq!(read(&world, &mut vault, &pinned).0, Ok(next.clone()));
    let (taken, paths) = read(&world, &mut vault, &next);
    assert_eq!((taken, paths.len()), (Ok(next), 3), "{paths:?}");
}
