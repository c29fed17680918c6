//! From the raw payload of an entry code to the identity of one of its hours.
//!
//! Everything is computed over the payload's bytes as scanned. Encoding a payload again can change
//! it and with it every identity [ID-5].

use std::fmt;

use hkdf::Hkdf;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::time::Hour;
use crate::{domain, wipe};

/// The identity of one venue and hour: 32 bytes. Published with a trace; before that, only who
/// holds the entry code can compute it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Identity(#[serde(with = "serde_bytes")] [u8; 32]);

impl Identity {
    /// Length in bytes.
    pub const LENGTH: usize = 32;

    /// Makes an identity of its bytes; every 32 bytes are one.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

/// The key that opens a venue's notices: 32 bytes, the same for all of its hours. Zeroized on drop;
/// `Debug` shows nothing.
#[derive(Clone, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
pub struct NotificationKey(#[serde(with = "serde_bytes")] [u8; 32]);

impl NotificationKey {
    /// Length in bytes.
    pub const LENGTH: usize = 32;

    /// Makes a key of its bytes; every 32 bytes are one.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// Draws a random key, for what must look like a notice and open for nobody.
    pub fn generate<R: CryptoRng>(rng: &mut R) -> Self {
        let mut key = Self([0; Self::LENGTH]);
        rng.fill_bytes(&mut key.0);
        key
    }

    /// Returns the 32 bytes. They are the secret itself.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl ConstantTimeEq for NotificationKey {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl PartialEq for NotificationKey {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for NotificationKey {}

impl fmt::Debug for NotificationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.write_str("NotificationKey(redacted)")
    }
}

/// What an entry code's payload determines: two nonces, the notification key and the pre-identity.
/// Zeroized on drop; `Debug` shows nothing.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct PayloadSecrets {
    pre_identity_nonce: [u8; 32],
    time_key_nonce: [u8; 32],
    notification_key: NotificationKey,
    pre_identity: [u8; 32],
}

impl PayloadSecrets {
    /// Derives the secrets of the raw payload bytes.
    ///
    /// Source: CrowdNotifier technical specification v3, "QR code generation".
    #[must_use]
    pub fn derive(payload: &[u8]) -> Self {
        wipe::apart(|| Self::of(payload))
    }

    fn of(payload: &[u8]) -> Self {
        // [ID-1] [ID-5]
        let mut okm = Zeroizing::new([0; 96]);
        let derived = Hkdf::<Sha256>::new(Some(&[]), payload)
            .expand(domain::PAYLOAD_SECRETS, okm.as_mut_slice());
        debug_assert!(derived.is_ok(), "96 bytes are less than HKDF-SHA256 can give");
        let part = |i: usize| {
            let mut bytes = [0; 32];
            bytes.iter_mut().zip(okm.iter().skip(32 * i)).for_each(|(byte, okm)| *byte = *okm);
            bytes
        };
        let pre_identity_nonce = part(0);
        // [ID-2]
        let pre_identity = Sha256::new()
            .chain_update(domain::PRE_IDENTITY)
            .chain_update(payload)
            .chain_update(pre_identity_nonce)
            .finalize()
            .into();
        Self {
            pre_identity_nonce,
            time_key_nonce: part(1),
            notification_key: NotificationKey(part(2)),
            pre_identity,
        }
    }

    /// Returns the identity of an hour.
    #[must_use]
    pub fn identity(&self, hour: Hour) -> Identity {
        self.identity_at(hour.start().as_i64())
    }

    /// Returns the identity of the interval of 3,600 seconds that starts at `start`, whether or not
    /// an hour starts there. It serves comparison with other implementations; Noren itself uses
    /// whole hours.
    #[must_use]
    pub fn identity_at(&self, start: i64) -> Identity {
        // [ID-4]
        wipe::apart(|| {
            let identity = Sha256::new()
                .chain_update(domain::IDENTITY)
                .chain_update(self.pre_identity)
                .chain_update(Hour::LENGTH.to_be_bytes())
                .chain_update(start.to_be_bytes())
                .chain_update(self.time_key_at(start).as_slice())
                .finalize();
            Identity(identity.into())
        })
    }

    /// Returns the time key (32 bytes) of the interval that starts at `start`.
    #[must_use]
    pub fn time_key_at(&self, start: i64) -> Zeroizing<[u8; 32]> {
        // [ID-3]
        wipe::apart(|| {
            let key = Sha256::new()
                .chain_update(domain::TIME_KEY)
                .chain_update(Hour::LENGTH.to_be_bytes())
                .chain_update(start.to_be_bytes())
                .chain_update(self.time_key_nonce)
                .finalize();
            Zeroizing::new(key.into())
        })
    }

    /// Returns the pre-identity, 32 bytes.
    #[must_use]
    pub const fn pre_identity(&self) -> &[u8; 32] {
        &self.pre_identity
    }

    /// Returns the nonce of the pre-identity, 32 bytes (`nonce1` of the wire format's proof).
    #[must_use]
    pub const fn pre_identity_nonce(&self) -> &[u8; 32] {
        &self.pre_identity_nonce
    }

    /// Returns the nonce of the time keys, 32 bytes (`nonce2` of the wire format's proof).
    #[must_use]
    pub const fn time_key_nonce(&self) -> &[u8; 32] {
        &self.time_key_nonce
    }

    /// Returns the key of the venue's notices.
    #[must_use]
    pub const fn notification_key(&self) -> &NotificationKey {
        &self.notification_key
    }
}

impl fmt::Debug for PayloadSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.write_str("PayloadSecrets(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ibe::remains::{has, of_dropped, on_stack};

    const PAYLOAD: &[u8] = b"the payload of an entry code, as it was scanned";

    #[test]
    fn what_a_payload_determines_is_overwritten() {
        // [IBE-10]
        let secrets = PayloadSecrets::derive(PAYLOAD);
        let time_key = secrets.time_key_at(0);
        let parts = [
            secrets.pre_identity_nonce.to_vec(),
            secrets.time_key_nonce.to_vec(),
            secrets.notification_key.0.to_vec(),
            secrets.pre_identity.to_vec(),
            time_key.to_vec(),
        ];
        let key = secrets.notification_key.clone();
        assert!(of_dropped(key).iter().all(|byte| *byte == 0));
        assert!(of_dropped(secrets.clone()).iter().all(|byte| *byte == 0));
        // The hour's identity is returned, and so may stay; the way to it may not.
        let remains = on_stack(|| secrets.identity_at(0));
        assert!(parts.iter().all(|part| !has(&remains, part)), "identity");
        let remains = on_stack(|| drop(PayloadSecrets::derive(PAYLOAD)));
        assert!(!has(&remains, PAYLOAD), "the payload");
    }
}
