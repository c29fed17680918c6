//! The scheme itself.

use noren::hazmat::Ciphertext;
use noren::keys::{MasterPublicKey, MasterSecretKey, PointError, ScalarError};
use noren::messages::{IdentityKey, PartialIdentityKey};
use proptest::prelude::*;

use super::worlds::{cases, rng};

/// The group order r.
const ORDER: &str = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";

fn key(seed: u64) -> MasterSecretKey {
    MasterSecretKey::generate(&mut rng(seed))
}

/// The same point with the other sign.
fn negated<const N: usize>(mut bytes: [u8; N]) -> [u8; N] {
    bytes[N - 1] ^= 0x80;
    bytes
}

/// r − msk.
fn opposite_key(msk: &MasterSecretKey) -> MasterSecretKey {
    let mut order = [0; 32];
    hex::decode_to_slice(ORDER, &mut order).expect("hexadecimal");
    order.reverse();
    let mut borrow = false;
    for (digit, of_key) in order.iter_mut().zip(*msk.to_bytes()) {
        let (less, first) = digit.overflowing_sub(of_key);
        let (less, second) = less.overflowing_sub(borrow.into());
        (*digit, borrow) = (less, first || second);
    }
    MasterSecretKey::from_bytes(&order).expect("a key")
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn what_is_encrypted_opens_with_its_key_and_no_other(seed: u64, id in prop::collection::vec(any::<u8>(), 0..40), message in prop::collection::vec(any::<u8>(), 0..300)) {
        // [IBE-7] [IBE-8]
        let (own, other) = (key(seed), key(seed ^ 1));
        let ciphertext = own.public_key().encrypt(&id, &message, &mut rng(seed)).expect("encrypted");
        let bytes = ciphertext.to_bytes();
        prop_assert_eq!(bytes.len(), message.len() + Ciphertext::OVERHEAD);
        prop_assert_eq!(&Ciphertext::from_bytes(&bytes).expect("read"), &ciphertext);
        let skid = own.identity_key(&id);
        prop_assert_eq!(skid.decrypt(&id, &ciphertext).expect("it opens").to_vec(), message);
        prop_assert!(other.identity_key(&id).decrypt(&id, &ciphertext).is_none());
        let other_id = [&id[..], b"x"].concat();
        prop_assert!(own.identity_key(&other_id).decrypt(&id, &ciphertext).is_none());
        prop_assert!(skid.decrypt(&other_id, &ciphertext).is_none());
    }

    #[test]
    fn two_halves_make_the_key_of_the_sum(seed: u64, id: [u8; 32]) {
        // [IBE-9] [REV-10]
        let (venue, authority) = (key(seed), key(seed ^ 1));
        let mpk = venue.public_key().sum(&authority.public_key()).expect("a sum");
        let (a, b) = (venue.partial_identity_key(&id), authority.partial_identity_key(&id));
        let skid = IdentityKey::sum(&a, &b).expect("a sum");
        prop_assert!(skid.belongs_to(&id, &mpk));
        let whole = venue.sum(&authority).expect("a sum");
        prop_assert_eq!(whole.public_key(), mpk);
        prop_assert_eq!(whole.identity_key(&id).to_bytes(), skid.to_bytes());
        let complete = |half, id| IdentityKey::complete(half, &authority, id, &mpk.prepare());
        prop_assert_eq!(complete(&a, &id).map(|key| key.to_bytes()), Some(skid.to_bytes()));
        prop_assert!(complete(&a, b"another").is_none() && complete(&b, &id).is_none());
        prop_assert_eq!(IdentityKey::sum(&b, &a).expect("a sum").to_bytes(), skid.to_bytes());
        prop_assert!(!skid.belongs_to(&id, &venue.public_key()));
        prop_assert!(!venue.identity_key(&id).belongs_to(&id, &mpk));
    }

    #[test]
    fn halves_that_cancel_out_are_refused(seed: u64, id: [u8; 32]) {
        // [IBE-3] [IBE-9]
        let half = key(seed).partial_identity_key(&id);
        let opposite = PartialIdentityKey::from_bytes(&negated(*half.to_bytes())).expect("a point");
        prop_assert_eq!(IdentityKey::sum(&half, &opposite).err(), Some(PointError::Identity));
        let mpk = key(seed).public_key();
        let opposite = MasterPublicKey::from_bytes(&negated(mpk.to_bytes())).expect("a point");
        prop_assert_eq!(mpk.sum(&opposite).err(), Some(PointError::Identity));
        prop_assert_eq!(key(seed).sum(&opposite_key(&key(seed))).err(), Some(ScalarError::Zero));
    }

    #[test]
    fn points_and_scalars_have_one_encoding(seed: u64, place in 0_usize..96, bit in 0_u32..8) {
        // [IBE-1] [IBE-2]
        let (msk, flip) = (key(seed), 1_u8 << bit);
        let mut mpk = msk.public_key().to_bytes();
        prop_assert_eq!(MasterPublicKey::from_bytes(&mpk), Ok(msk.public_key()));
        mpk[place] ^= flip;
        if let Ok(other) = MasterPublicKey::from_bytes(&mpk) {
            prop_assert_eq!(other.to_bytes(), mpk);
            prop_assert_ne!(other, msk.public_key());
        }
        let mut skid = msk.identity_key(b"id").to_bytes();
        skid[place / 2] ^= flip;
        if let Ok(other) = IdentityKey::from_bytes(&skid) {
            prop_assert_eq!(other.to_bytes(), skid);
            prop_assert!(!other.belongs_to(b"id", &msk.public_key()));
        }
        let bytes = msk.to_bytes();
        prop_assert_eq!(MasterSecretKey::from_bytes(bytes.as_slice()).expect("read").to_bytes(), bytes);
    }
}
