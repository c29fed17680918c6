//! Scalars, hashes, keys and pairings: the ground that everything else stands on.

use noren::hazmat::{
    G1, G2, Gt, decode_g1, decode_g2, encode_g1, encode_g2, hash_to_g1, hash_to_scalar,
    mask_to_scalar, pairing,
};
use noren::keys::{MasterPublicKey, MasterSecretKey, PointError};
use noren::messages::{IdentityKey, PartialIdentityKey};
use sha2::{Digest, Sha256, Sha512};

use super::case::{Case, Checked};
use super::stricter::Stricter;
use crate::vectors::Context;

/// The modulus of the base field.
const P: &str = "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";
/// The order of the groups.
const R: &str = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";

/// Whether a little-endian number is not below a big-endian one in hexadecimal.
fn reaches(little_endian: &[u8], modulus: &str) -> bool {
    let big_endian: Vec<u8> = little_endian.iter().rev().copied().collect();
    hex::encode(big_endian).as_str() >= modulus
}

/// [IBE-4]
pub(crate) fn fr_hash(case: &Case<'_>, _: &Context) -> Checked {
    let message = case.bytes("msg")?;
    let mut digest: [u8; 32] = Sha256::digest(&message).into();
    digest[31] &= 0x7f;
    case.same("second_mask", reaches(&digest, R), case.flag("second_mask")?)?;
    case.same_bytes("fr", hash_to_scalar(&[&message]).as_slice())?;
    let (head, tail) = message.split_at(message.len() / 2);
    case.same_bytes("fr", hash_to_scalar(&[head, tail]).as_slice())
}

/// [IBE-4]
pub(crate) fn fr_random_mask(case: &Case<'_>, _: &Context) -> Checked {
    case.same_bytes("fr", mask_to_scalar(&case.array("bytes")?).as_slice())
}

/// [IBE-5]
pub(crate) fn h1(case: &Case<'_>, _: &Context) -> Checked {
    let message = case.bytes("msg")?;
    let mut t = Sha512::digest(&message).to_vec();
    t.truncate(48);
    t[47] &= 0x1f;
    let second_mask = reaches(&t, P);
    if second_mask {
        t[47] &= 0x0f;
    }
    case.same("second_mask", second_mask, case.flag("second_mask")?)?;
    case.same_bytes("t", t)?;
    let point = hash_to_g1(&message);
    case.same_bytes("g1", encode_g1(&point))?;
    case.check(decode_g1(&case.bytes("g1")?) == Ok(point), || "does not decode".to_owned())
}

/// [IBE-2]
pub(crate) fn base(case: &Case<'_>, _: &Context) -> Checked {
    case.same_bytes("g1", encode_g1(&G1::generator()))?;
    case.same_bytes("g2", encode_g2(&G2::generator()))?;
    let decoded = (decode_g1(&case.bytes("g1")?), decode_g2(&case.bytes("g2")?));
    let generators = (Ok(G1::generator()), Ok(G2::generator()));
    case.check(decoded == generators, || "does not decode to the generators".to_owned())
}

/// [IBE-1] [IBE-9]
pub(crate) fn keygen(case: &Case<'_>, _: &Context) -> Checked {
    let msk = case.must("msk", MasterSecretKey::from_bytes(&case.bytes("msk")?))?;
    case.same_bytes("msk", msk.to_bytes().as_slice())?;
    case.same_bytes("mpk", msk.public_key().to_bytes())?;
    let mpk = case.must("mpk", MasterPublicKey::from_bytes(&case.bytes("mpk")?))?;
    case.same("mpk", mpk, msk.public_key())
}

/// [IBE-5] [REV-10]
pub(crate) fn keyder(case: &Case<'_>, _: &Context) -> Checked {
    let msk = case.must("msk", MasterSecretKey::from_bytes(&case.bytes("msk")?))?;
    let id = case.bytes("id")?;
    case.same_bytes("skid", msk.identity_key(&id).to_bytes())?;
    let skid = case.must("skid", IdentityKey::from_bytes(&case.bytes("skid")?))?;
    case.same("belongs_to", skid.belongs_to(&id, &msk.public_key()), true)?;
    case.same("belongs_to another", skid.belongs_to(b"another", &msk.public_key()), false)
}

/// [IBE-9]
pub(crate) fn key_split(case: &Case<'_>, _: &Context) -> Checked {
    let id = case.bytes("id")?;
    let venue = case.must("mskl", MasterSecretKey::from_bytes(&case.bytes("mskl")?))?;
    let authority = case.must("mskha", MasterSecretKey::from_bytes(&case.bytes("mskha")?))?;
    case.same_bytes("mpkl", venue.public_key().to_bytes())?;
    case.same_bytes("mpkha", authority.public_key().to_bytes())?;
    let mpk = case.must("mpk", venue.public_key().sum(&authority.public_key()))?;
    case.same_bytes("mpk", mpk.to_bytes())?;
    case.same_bytes("pskidl", venue.partial_identity_key(&id).to_bytes())?;
    case.same_bytes("pskidha", authority.partial_identity_key(&id).to_bytes())?;
    let half = |name| case.must(name, PartialIdentityKey::from_bytes(&case.bytes(name)?));
    let skid = case.must("skid", IdentityKey::sum(&half("pskidl")?, &half("pskidha")?))?;
    case.same_bytes("skid", skid.to_bytes())?;
    case.same("belongs_to", skid.belongs_to(&id, &mpk), true)
}

/// [IBE-6]
pub(crate) fn pairing_value(case: &Case<'_>, context: &Context) -> Checked {
    let gt = match (decode_g1(&case.bytes("g1")?), decode_g2(&case.bytes("g2")?)) {
        (Ok(p), Ok(q)) => pairing(&p, &q),
        (Err(PointError::Identity), Ok(_)) | (Ok(_), Err(PointError::Identity)) => {
            context.met.note(Stricter::IdentityPoint);
            Gt::one()
        }
        (p, q) => return Err(case.failure(format!("{:?} {:?}", p.err(), q.err()))),
    };
    case.same_bytes("gt", gt.to_bytes().as_slice())?;
    case.same_bytes("gt_sha256", Sha256::digest(gt.to_bytes().as_slice()))?;
    case.check(Gt::from_bytes(&case.bytes("gt")?) == Some(gt), || "does not decode".to_owned())
}

/// [IBE-6]
pub(crate) fn gt_pow(case: &Case<'_>, _: &Context) -> Checked {
    let gt = case.must("gt", Gt::from_bytes(&case.bytes("gt")?).ok_or("not canonical"))?;
    case.same_bytes("result", gt.pow(&case.array("fr")?).to_bytes().as_slice())
}
