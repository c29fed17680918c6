//! Boneh–Franklin identity-based encryption over BLS12-381, exactly as CrowdNotifier v3 uses it.
//!
//! This module knows nothing of venues or time: an identity is a byte string. The encodings and the
//! hash to G1 are those of the mcl library in its default mode, not those of RFC 9380 or ZCash.
//!
//! | step | function | specification |
//! |---|---|---|
//! | KeyGen | [`MasterSecretKey::generate`], [`MasterSecretKey::public_key`] | IBE-9 |
//! | KeyDer | [`MasterSecretKey::identity_key`] | IBE-5 |
//! | Enc | [`MasterPublicKey::encrypt`] | IBE-7 |
//! | Dec | [`IdentityKey::decrypt`] | IBE-8 |
//!
//! [`trial`] tells which of many keys open a ciphertext, faster than Dec with each.
//!
//! Source: CrowdNotifier (Lueks et al., PoPETs 2021), section 5, and its technical specification v3.

pub(crate) mod ciphertext;
pub(crate) mod encoding;
mod field;
mod final_exponentiation;
pub(crate) mod group;
pub(crate) mod hash;
mod keys;
#[cfg(all(target_arch = "x86_64", feature = "eight-lanes"))]
mod lanes;
/// Stands where the lanes are left out: no processor has them.
#[cfg(not(all(target_arch = "x86_64", feature = "eight-lanes")))]
mod lanes {
    pub(super) use super::trial::OneByOne as EightLanes;

    pub(super) const fn usable() -> bool {
        false
    }
}
mod native;
#[cfg(test)]
pub(crate) mod remains;
pub(crate) mod trial;

pub use ciphertext::Ciphertext;
pub use encoding::{PointError, ScalarError};
pub use keys::{
    IdentityKey, MasterPublicKey, MasterSecretKey, PartialIdentityKey, PreparedMasterPublicKey,
};
