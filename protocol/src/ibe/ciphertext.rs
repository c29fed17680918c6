//! Enc and Dec: the Fujisaki–Okamoto variant of Boneh–Franklin encryption with a secretbox inside.

use std::fmt;

use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::encoding::{G2_LENGTH, PointError, decode_g2, encode_g2};
use super::group::{G2, Gt, Scalar, pairing};
use super::hash::{hash_gt, point_of, scalar_of};
use super::keys::{IdentityKey, MasterPublicKey, PreparedMasterPublicKey};
use crate::sealed_box::{NONCE_LENGTH, Secretbox, open_secretbox, seal_secretbox};
use crate::wipe;

const SECRET_LENGTH: usize = 32;
const TAG_LENGTH: usize = 16;
const HEADER_LENGTH: usize = G2_LENGTH + SECRET_LENGTH + NONCE_LENGTH;

/// Why bytes were refused as a ciphertext.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CiphertextError {
    /// Shorter than a ciphertext of the empty message, or a part of another length than it has.
    #[error("the ciphertext is too short, or a part of it has a wrong length")]
    Length,
    /// c1 is not a point of G2.
    #[error("the ciphertext's point is refused: {0}")]
    Point(#[from] PointError),
}

/// An encrypted message: c1 (a point of G2), c2 (32 bytes), a nonce (24) and c3 (16 + message).
#[derive(Clone, PartialEq, Eq)]
pub struct Ciphertext {
    c1: G2,
    c2: [u8; SECRET_LENGTH],
    nonce: [u8; NONCE_LENGTH],
    c3: Vec<u8>,
}

impl Ciphertext {
    /// How many bytes a ciphertext is longer than its message.
    pub const OVERHEAD: usize = HEADER_LENGTH + TAG_LENGTH;

    /// Returns a ciphertext from its four parts of 96, 32, 24 and at least 16 bytes.
    ///
    /// # Errors
    /// [`CiphertextError`] for a wrong length or a point that is refused.
    pub fn from_parts(
        c1: &[u8],
        c2: &[u8],
        nonce: &[u8],
        c3: &[u8],
    ) -> Result<Self, CiphertextError> {
        if c3.len() < TAG_LENGTH {
            return Err(CiphertextError::Length);
        }
        Ok(Self {
            c2: c2.try_into().map_err(|_| CiphertextError::Length)?,
            nonce: nonce.try_into().map_err(|_| CiphertextError::Length)?,
            c1: decode_g2(c1)?,
            c3: c3.to_vec(),
        })
    }

    /// Returns a ciphertext from `c1 ‖ c2 ‖ nonce ‖ c3`.
    ///
    /// # Errors
    /// [`CiphertextError`] for a wrong length or a point that is refused.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CiphertextError> {
        let (header, c3) = bytes.split_at_checked(HEADER_LENGTH).ok_or(CiphertextError::Length)?;
        let (c1, rest) = header.split_at(G2_LENGTH);
        let (c2, nonce) = rest.split_at(SECRET_LENGTH);
        Self::from_parts(c1, c2, nonce, c3)
    }

    pub(super) const fn c1(&self) -> &G2 {
        &self.c1
    }

    /// Returns the bytes `c1 ‖ c2 ‖ nonce ‖ c3`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        [&encode_g2(&self.c1)[..], &self.c2, &self.nonce, &self.c3].concat()
    }
}

/// A ciphertext on which many keys are tried.
pub(super) struct Trials<'a> {
    c2: &'a [u8; SECRET_LENGTH],
    c3: Option<Secretbox<'a>>,
}

impl<'a> Trials<'a> {
    pub(super) fn new(ciphertext: &'a Ciphertext) -> Self {
        let c3 = Secretbox::new(&ciphertext.nonce, &ciphertext.c3);
        Self { c2: &ciphertext.c2, c3 }
    }

    /// Returns whether the key whose pairing with c1 this is opens the secretbox. This is all of
    /// Dec but its last check, that c1 belongs to the message.
    pub(super) fn opens(&mut self, pairing: &Gt) -> bool {
        // [IBE-8]
        let mut x = Zeroizing::new([0; SECRET_LENGTH]);
        xor(self.c2, &hash_gt(pairing), &mut x);
        self.c3.as_mut().is_some_and(|c3| c3.opens_with(&message_key(&x)))
    }
}

impl fmt::Debug for Ciphertext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ciphertext({} bytes)", HEADER_LENGTH + self.c3.len())
    }
}

impl MasterPublicKey {
    behind_hazmat! {
        /// Encrypts `message` to `id`. Takes 32 and then 24 bytes from `rng`. For many identities,
        /// [`MasterPublicKey::prepare`] comes first.
        ///
        /// # Errors
        /// [`CiphertextError::Length`] when the message is longer than the cipher can take (2³² bytes).
        pub fn encrypt<R: CryptoRng>(
            &self,
            id: &[u8],
            message: &[u8],
            rng: &mut R,
        ) -> Result<Ciphertext, CiphertextError> {
            self.prepare().encrypt(id, message, rng)
        }
    }
}

impl PreparedMasterPublicKey {
    /// Encrypts `message` to `id`, as [`MasterPublicKey::encrypt`] does.
    ///
    /// # Errors
    /// As there.
    pub fn encrypt<R: CryptoRng>(
        &self,
        id: &[u8],
        message: &[u8],
        rng: &mut R,
    ) -> Result<Ciphertext, CiphertextError> {
        // [IBE-7]
        wipe::apart(|| {
            let mut x = Zeroizing::new([0; SECRET_LENGTH]);
            rng.fill_bytes(x.as_mut_slice());
            let mut nonce = [0; NONCE_LENGTH];
            rng.fill_bytes(&mut nonce);

            let r = message_scalar(&x, id, message);
            // e(H1(id), mpk)^r, with the power moved into G1 where it is cheaper.
            let mask = hash_gt(&self.lines().pairing(&point_of(id).mul(&r)));
            let mut c2 = [0; SECRET_LENGTH];
            xor(&x, &mask, &mut c2);
            let c3 =
                seal_secretbox(&message_key(&x), &nonce, message).ok_or(CiphertextError::Length)?;
            Ok(Ciphertext { c1: G2::generator().mul(&r), c2, nonce, c3 })
        })
    }
}

impl IdentityKey {
    behind_hazmat! {
        /// Decrypts what was encrypted to `id`; `None` for any other key, identity or ciphertext, with
        /// no word on which of them was wrong.
        #[must_use]
        pub fn decrypt(&self, id: &[u8], ciphertext: &Ciphertext) -> Option<Zeroizing<Vec<u8>>> {
            // [IBE-8]
            wipe::apart(|| {
                let mask = hash_gt(&pairing(self.point(), &ciphertext.c1));
                let mut x = Zeroizing::new([0; SECRET_LENGTH]);
                xor(&ciphertext.c2, &mask, &mut x);
                let message = open_secretbox(&message_key(&x), &ciphertext.nonce, &ciphertext.c3)?;
                let r = message_scalar(&x, id, &message);
                (G2::generator().mul(&r) == ciphertext.c1).then_some(message)
            })
        }
    }
}

/// Returns r = H(x ‖ id ‖ m), in this order.
fn message_scalar(x: &[u8; SECRET_LENGTH], id: &[u8], message: &[u8]) -> Scalar {
    scalar_of(&[x, id, message])
}

/// Returns H4(x), the key of the message itself.
fn message_key(x: &[u8; SECRET_LENGTH]) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(Sha256::digest(x).into())
}

fn xor(a: &[u8; SECRET_LENGTH], b: &[u8; SECRET_LENGTH], out: &mut [u8; SECRET_LENGTH]) {
    out.iter_mut().zip(a).zip(b).for_each(|((out, a), b)| *out = a ^ b);
}
