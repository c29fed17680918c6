//! What the scheme itself does for one identity.

use std::hint::black_box;

use noren::hazmat::hash_to_g1;
use noren::keys::MasterSecretKey;

use super::{Entry, Run};
use crate::{Result, World};

pub(super) const STEPS: [Entry; 2] = [("ibe/hash_to_g1", hash), ("ibe/encrypt", encrypt)];

fn hash() -> Result<Run> {
    Ok(Box::new(|| {
        black_box(hash_to_g1(black_box(&[7; 32])));
        Ok(())
    }))
}

fn encrypt() -> Result<Run> {
    let mut rng = World::new(1).rng;
    let mpk = MasterSecretKey::generate(&mut rng).public_key().prepare();
    Ok(Box::new(move || {
        black_box(mpk.encrypt(black_box(&[7; 32]), &[1; 300], &mut rng)?);
        Ok(())
    }))
}
