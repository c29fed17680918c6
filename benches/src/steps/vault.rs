//! The device's sealed file with 14 days of records: 70 visits of three hours each.

use std::hint::black_box;

use noren::time::UnixSeconds;
use noren::visitor::{CheckIn, DeviceKey, Vault, VaultKey};

use super::{Entry, Run};
use crate::{MIDNIGHT, Result, World};

pub(super) const STEPS: [Entry; 2] =
    [("vault/open_210_records", open), ("vault/seal_210_records", seal)];

const VISITS: usize = 70;

fn vault(world: &mut World) -> Result<(Vault, VaultKey)> {
    let (entry_code, _) = world.venue()?;
    let noon = UnixSeconds::new(MIDNIGHT + 43_200)?;
    let mut vault = Vault::new();
    for _ in 0..VISITS {
        let CheckIn::Opened(id) = vault.check_in(&entry_code, noon, &mut world.rng)? else {
            return Err("a check-in was refused".into());
        };
        vault.check_out(id, noon.plus(7_200), &mut world.rng)?;
    }
    Ok((vault, VaultKey::device(DeviceKey::generate(&mut world.rng))))
}

fn open() -> Result<Run> {
    let mut world = World::new(5);
    let (vault, key) = vault(&mut world)?;
    let sealed = vault.seal(&key, &mut world.rng)?;
    Ok(Box::new(move || {
        black_box(Vault::open(black_box(&sealed), &key)?);
        Ok(())
    }))
}

fn seal() -> Result<Run> {
    let mut world = World::new(5);
    let (vault, key) = vault(&mut world)?;
    Ok(Box::new(move || {
        black_box(black_box(&vault).seal(&key, &mut world.rng)?);
        Ok(())
    }))
}
