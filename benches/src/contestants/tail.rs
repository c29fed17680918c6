//! What follows the pairing, written without Noren's code.

use crypto_secretbox::aead::Aead as _;
use crypto_secretbox::{KeyInit as _, XSalsa20Poly1305};
use noren::hazmat::CheckInRecord;
use sha2::{Digest as _, Sha256};

/// Length of an element of GT in bytes.
pub(super) const GT_LENGTH: usize = 576;

const C1_LENGTH: usize = 96;
const MASK_LENGTH: usize = 32;
const NONCE_LENGTH: usize = 24;

/// A record without its point.
pub(super) struct Tail {
    masked: [u8; MASK_LENGTH],
    nonce: [u8; NONCE_LENGTH],
    sealed: Vec<u8>,
}

impl Tail {
    pub(super) fn of(record: &CheckInRecord) -> crate::Result<Self> {
        let (masked, rest) = record.sealed()[C1_LENGTH..].split_at(MASK_LENGTH);
        let (nonce, sealed) = rest.split_at(NONCE_LENGTH);
        let sealed = sealed.to_vec();
        Ok(Self { masked: masked.try_into()?, nonce: nonce.try_into()?, sealed })
    }

    /// Whether a pairing, 576 bytes as mcl writes them, opens the record.
    pub(super) fn opens(&self, pairing: &[u8; GT_LENGTH]) -> bool {
        let mut secret: [u8; MASK_LENGTH] = Sha256::digest(pairing).into();
        secret.iter_mut().zip(&self.masked).for_each(|(byte, mask)| *byte ^= mask);
        let key: [u8; 32] = Sha256::digest(secret).into();
        let cipher = XSalsa20Poly1305::new(&key.into());
        cipher.decrypt(&self.nonce.into(), self.sealed.as_slice()).is_ok()
    }
}
