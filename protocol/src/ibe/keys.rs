//! Master keys, identity keys, and their halves.

use std::fmt;

use rand_core::CryptoRng;
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::encoding::{
    G1_LENGTH, G2_LENGTH, PointError, ScalarError, decode_g1, decode_g2, decode_secret_scalar,
    encode_g1, encode_g2,
};
use super::group::{G1, G2, PreparedG2, Scalar, pairings_equal};
use super::hash::{mask_scalar, point_of};
use crate::wipe;

/// A master secret key, or the venue's or the authority's half of one: 32 bytes, little-endian,
/// nonzero, below the group order. Zeroized on drop; `Debug` shows nothing.
#[derive(Clone)]
pub struct MasterSecretKey(Scalar);

impl ZeroizeOnDrop for MasterSecretKey {}

impl MasterSecretKey {
    /// Length in bytes.
    pub const LENGTH: usize = 32;

    /// Draws a random key: 32 random bytes with their top bits cleared, as the reference does.
    pub fn generate<R: CryptoRng>(rng: &mut R) -> Self {
        wipe::apart(|| {
            loop {
                let mut bytes = Zeroizing::new([0; Self::LENGTH]);
                rng.fill_bytes(bytes.as_mut_slice());
                if let Ok(scalar) = decode_secret_scalar(mask_scalar(&bytes).as_bytes()) {
                    break Self(scalar);
                }
            }
        })
    }

    /// Makes a key of 64 uniform bytes, reduced modulo the group order: the bias is below 2⁻²⁵⁰.
    ///
    /// # Errors
    /// [`ScalarError::Zero`] for the one residue that is no key.
    pub fn from_uniform(bytes: &[u8; 64]) -> Result<Self, ScalarError> {
        wipe::apart(|| decode_secret_scalar(Scalar::from_wide(bytes).as_bytes()).map(Self))
    }

    /// Reads a key from its 32 bytes.
    ///
    /// # Errors
    /// [`ScalarError`] for another length, zero, or a value not below the group order.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ScalarError> {
        wipe::apart(|| decode_secret_scalar(bytes).map(Self))
    }

    /// Returns the 32 bytes of the key. They are the secret itself.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; Self::LENGTH]> {
        Zeroizing::new(*self.0.as_bytes())
    }

    /// Returns the public key `msk·g2`.
    #[must_use]
    pub fn public_key(&self) -> MasterPublicKey {
        wipe::apart(|| MasterPublicKey(G2::generator().mul(&self.0)))
    }

    /// Returns the whole key, the sum of two halves. It opens everything: drop it soon.
    ///
    /// # Errors
    /// [`ScalarError::Zero`] when the halves cancel out.
    pub fn sum(&self, other: &Self) -> Result<Self, ScalarError> {
        // [IBE-9]
        wipe::apart(|| self.0.checked_add(&other.0).map(Self).ok_or(ScalarError::Zero))
    }

    behind_hazmat! {
        /// Returns the identity key `msk·H1(id)` of a whole master key.
        #[must_use]
        pub fn identity_key(&self, id: &[u8]) -> IdentityKey {
            // [IBE-5]
            wipe::apart(|| IdentityKey(point_of(id).mul(&self.0)))
        }
    }

    behind_hazmat! {
        /// Returns the half `msk·H1(id)` that the holder of half a master key contributes.
        #[must_use]
        pub fn partial_identity_key(&self, id: &[u8]) -> PartialIdentityKey {
            wipe::apart(|| PartialIdentityKey(point_of(id).mul(&self.0)))
        }
    }
}

impl ConstantTimeEq for MasterSecretKey {
    fn ct_eq(&self, other: &Self) -> Choice {
        // [IBE-10]
        self.0.as_bytes().ct_eq(other.0.as_bytes())
    }
}

impl fmt::Debug for MasterSecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.write_str("MasterSecretKey(redacted)")
    }
}

/// A master public key, or the public counterpart of a half: a point of G2, not the identity.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MasterPublicKey(G2);

impl MasterPublicKey {
    /// Encoded length in bytes.
    pub const LENGTH: usize = G2_LENGTH;

    /// Reads a key from its 96 bytes and checks curve, subgroup and identity.
    ///
    /// # Errors
    /// The [`PointError`] that names the failed check.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PointError> {
        decode_g2(bytes).map(Self)
    }

    /// Returns the 96 bytes of the key.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LENGTH] {
        encode_g2(&self.0)
    }

    /// Returns the sum of the venue's and the authority's public keys.
    ///
    /// # Errors
    /// [`PointError::Identity`] when the halves cancel out.
    pub fn sum(&self, other: &Self) -> Result<Self, PointError> {
        // [IBE-9]
        let sum = self.0.add(&other.0);
        if sum.is_identity() { Err(PointError::Identity) } else { Ok(Self(sum)) }
    }

    behind_hazmat! {
        /// Returns the key, ready to be used for many identities.
        #[must_use]
        pub fn prepare(&self) -> PreparedMasterPublicKey {
            PreparedMasterPublicKey(PreparedG2::new(&self.0))
        }
    }
}

impl fmt::Debug for MasterPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterPublicKey({})", hex::encode(self.to_bytes()))
    }
}

/// A master public key with its part of every pairing computed: 19.6 kB. For one identity as fast as
/// the key itself, for each further one faster.
#[derive(Clone)]
pub struct PreparedMasterPublicKey(PreparedG2);

impl PreparedMasterPublicKey {
    /// Returns whether `key` is the key of `id` under this master key: e(skid, g2) = e(H1(id),
    /// mpk).
    #[must_use]
    pub fn is_master_of(&self, key: &IdentityKey, id: &[u8]) -> bool {
        wipe::apart(|| self.is_master_of_point(key, &point_of(id)))
    }

    fn is_master_of_point(&self, key: &IdentityKey, hashed: &G1) -> bool {
        // [REV-10]
        pairings_equal(&key.0, PreparedG2::generator(), hashed, &self.0)
    }

    pub(super) const fn lines(&self) -> &PreparedG2 {
        &self.0
    }
}

impl fmt::Debug for PreparedMasterPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PreparedMasterPublicKey")
    }
}

/// Half of an identity key, from the venue or from the authority: a point of G1. It opens nothing
/// alone, but whoever holds both halves can open: zeroized on drop, `Debug` shows nothing.
#[derive(Clone)]
pub struct PartialIdentityKey(G1);

impl ZeroizeOnDrop for PartialIdentityKey {}

impl PartialIdentityKey {
    /// Encoded length in bytes.
    pub const LENGTH: usize = G1_LENGTH;

    /// Reads a half from its 48 bytes and checks curve, subgroup and identity.
    ///
    /// # Errors
    /// The [`PointError`] that names the failed check.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PointError> {
        wipe::apart(|| decode_g1(bytes).map(Self))
    }

    /// Returns the 48 bytes of the half. They are the secret itself.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; Self::LENGTH]> {
        wipe::apart(|| Zeroizing::new(encode_g1(&self.0)))
    }
}

impl Drop for PartialIdentityKey {
    fn drop(&mut self) {
        // [IBE-10]
        self.0.zeroize();
    }
}

impl fmt::Debug for PartialIdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.write_str("PartialIdentityKey(redacted)")
    }
}

/// The key of one identity: a point of G1, not the identity element. Secret until it is published.
#[derive(Clone)]
pub struct IdentityKey(G1);

impl ZeroizeOnDrop for IdentityKey {}

impl IdentityKey {
    /// Encoded length in bytes.
    pub const LENGTH: usize = G1_LENGTH;

    /// Reads a key from its 48 bytes and checks curve, subgroup and identity.
    ///
    /// # Errors
    /// The [`PointError`] that names the failed check.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PointError> {
        wipe::apart(|| decode_g1(bytes).map(Self))
    }

    /// Returns the 48 bytes of the key.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LENGTH] {
        wipe::apart(|| encode_g1(&self.0))
    }

    behind_hazmat! {
        /// Returns the sum of the venue's and the authority's halves.
        ///
        /// # Errors
        /// [`PointError::Identity`] when the halves cancel out.
        pub fn sum(
            venue: &PartialIdentityKey,
            authority: &PartialIdentityKey,
        ) -> Result<Self, PointError> {
            // [IBE-9]
            wipe::apart(|| {
                let sum = venue.0.add(&authority.0);
                if sum.is_identity() { Err(PointError::Identity) } else { Ok(Self(sum)) }
            })
        }
    }

    behind_hazmat! {
        /// Returns the key of `id` under `mpk`, made of the venue's half of it and the authority's
        /// half of the master key, or `None` where they do not make it.
        #[must_use]
        pub fn complete(
            venue: &PartialIdentityKey,
            authority: &MasterSecretKey,
            id: &[u8],
            mpk: &PreparedMasterPublicKey,
        ) -> Option<Self> {
            wipe::apart(|| {
                let hashed = point_of(id);
                let key = Self::sum(venue, &PartialIdentityKey(hashed.mul(&authority.0))).ok()?;
                mpk.is_master_of_point(&key, &hashed).then_some(key)
            })
        }
    }

    behind_hazmat! {
        /// Returns whether this is the key of `id` under `mpk`. For many keys of one master key,
        /// prepare it and ask [`PreparedMasterPublicKey::is_master_of`].
        #[must_use]
        pub fn belongs_to(&self, id: &[u8], mpk: &MasterPublicKey) -> bool {
            mpk.prepare().is_master_of(self, id)
        }
    }

    pub(super) const fn point(&self) -> &G1 {
        &self.0
    }
}

impl Drop for IdentityKey {
    fn drop(&mut self) {
        // [IBE-10]
        self.0.zeroize();
    }
}

impl fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.write_str("IdentityKey(redacted)")
    }
}
