//! The authority's secret keys.

use std::fmt;

use crate::log::{LogKeys, LogSecretKeys};
use crate::signing::{SignPublicKey, SignSecretKey};
use rand_core::CryptoRng;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::ibe::{MasterPublicKey, MasterSecretKey};
use crate::sealed_box::{SealPublicKey, SealSecretKey};

/// The length of each key in bytes.
const PART: usize = 32;
/// The bytes in the place of a missing patient master key; no such key is zero.
const NO_PATIENT_KEY: [u8; PART] = [0; PART];
/// The first byte of keys with a clock key; those without begin with their log key, and their length
/// is a multiple of 32.
const WITH_CLOCK_KEY: u8 = 2;

/// The Ed25519 key that signs log, profile and requests, the one that signs the times of
/// checkpoints, and the X25519 key that uploads and the
/// authority's halves of venue keys are sealed to; where the authority enables patient cases, their
/// master key as well. Zeroized on drop; `Debug` shows nothing.
#[derive(Clone)]
pub struct AuthorityKeys {
    log: SignSecretKey,
    clock: Option<SignSecretKey>,
    upload: SealSecretKey,
    patient: Option<MasterSecretKey>,
}

impl ZeroizeOnDrop for AuthorityKeys {}

impl AuthorityKeys {
    /// The least length in bytes: 32 of the Ed25519 seed, 32 of the X25519 key. Keys with a clock key
    /// have 33 more.
    pub const LENGTH: usize = 2 * PART;

    /// Draws random keys.
    pub fn generate<R: CryptoRng>(rng: &mut R) -> Self {
        let (log, upload) = (SignSecretKey::generate(rng), SealSecretKey::generate(rng));
        // [PRO-8]
        Self { log, clock: Some(SignSecretKey::generate(rng)), upload, patient: None }
    }

    /// Returns the same keys with a patient master key. Whoever holds it can make the key of every
    /// hour of every venue that carries its public counterpart.
    #[must_use]
    pub fn with_patient_key(self, patient: MasterSecretKey) -> Self {
        Self { patient: Some(patient), ..self }
    }

    /// Returns the next keys: new ones for log, clock and uploads. They keep the patient master key, since
    /// venues carry it, and still open what was sealed to the old upload keys.
    #[must_use]
    pub fn successor<R: CryptoRng>(&self, rng: &mut R) -> Self {
        // [PRO-7]
        let next = Self::generate(rng);
        Self { upload: next.upload.replacing(&self.upload), patient: self.patient.clone(), ..next }
    }

    /// Reads keys from their bytes: the byte 2 and the 32 of the clock key, or nothing where the log
    /// key is the clock's; then 64, or 96 with a patient master key. Retired upload keys follow, 32
    /// bytes each; where there are some and no patient master key, 32 zeros stand in its place.
    /// Returns `None` for anything else.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (clock, bytes) = match bytes.split_first() {
            // [PRO-8]
            Some((&WITH_CLOCK_KEY, more)) if bytes.len() % PART == 1 => {
                let (clock, more) = more.split_first_chunk()?;
                (Some(SignSecretKey::from_bytes(clock)), more)
            }
            _ => (None, bytes),
        };
        let (parts, rest) = bytes.as_chunks::<PART>();
        let (seed, upload, more) = match parts {
            [seed, upload, more @ ..] if rest.is_empty() => (seed, upload, more),
            _ => return None,
        };
        let (patient, retired) = match more {
            [] => (None, more),
            [NO_PATIENT_KEY, retired @ ..] if !retired.is_empty() => (None, retired),
            // [PAT-1]
            [patient, retired @ ..] => (Some(MasterSecretKey::from_bytes(patient).ok()?), retired),
        };
        let open = |bytes: &[u8; PART]| SealSecretKey::from_bytes(bytes);
        let older = retired.iter().rev().map(open).reduce(|before, key| key.replacing(&before));
        let upload = older.iter().fold(open(upload), SealSecretKey::replacing);
        Some(Self { log: SignSecretKey::from_bytes(seed), clock, upload, patient })
    }

    /// Returns the bytes of the keys. They are the secret itself.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let retired = self.upload.retired();
        // The capacity is reserved: a growing vector would leave copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(1 + PART * (4 + retired.len())));
        if let Some(clock) = &self.clock {
            bytes.push(WITH_CLOCK_KEY);
            bytes.extend_from_slice(clock.to_bytes().as_slice());
        }
        bytes.extend_from_slice(self.log.to_bytes().as_slice());
        bytes.extend_from_slice(self.upload.to_bytes().as_slice());
        match &self.patient {
            Some(patient) => bytes.extend_from_slice(patient.to_bytes().as_slice()),
            None if retired.len() > 0 => bytes.extend_from_slice(&NO_PATIENT_KEY),
            None => {}
        }
        retired.for_each(|key| bytes.extend_from_slice(key.as_slice()));
        bytes
    }

    /// Returns the key that signs trees, profiles and requests.
    #[must_use]
    pub const fn log_key(&self) -> &SignSecretKey {
        &self.log
    }

    /// Returns the public counterpart of the log key.
    #[must_use]
    pub fn log_public_key(&self) -> SignPublicKey {
        self.log.public_key()
    }

    /// Returns the key that signs the times of checkpoints: the log key where the clock has none of
    /// its own, as in keys that were made before there was one.
    #[must_use]
    pub fn clock_key(&self) -> &SignSecretKey {
        self.clock.as_ref().unwrap_or(&self.log)
    }

    /// Returns the keys that sign checkpoints.
    #[must_use]
    pub fn log_keys(&self) -> LogSecretKeys<'_> {
        LogSecretKeys { log: &self.log, clock: self.clock_key() }
    }

    /// Returns the keys under which checkpoints are verified.
    #[must_use]
    pub fn log_public_keys(&self) -> LogKeys {
        self.log_keys().public_keys()
    }

    /// Returns the key that opens uploads, with those that it replaced.
    #[must_use]
    pub const fn upload_key(&self) -> &SealSecretKey {
        &self.upload
    }

    /// Returns the public counterpart of the upload key.
    #[must_use]
    pub fn upload_public_key(&self) -> SealPublicKey {
        self.upload.public_key()
    }

    /// Returns the patient master key, where the authority has one.
    #[must_use]
    pub const fn patient_key(&self) -> Option<&MasterSecretKey> {
        self.patient.as_ref()
    }

    /// Returns the public counterpart of the patient master key, for the profile.
    #[must_use]
    pub fn patient_public_key(&self) -> Option<MasterPublicKey> {
        self.patient.as_ref().map(MasterSecretKey::public_key)
    }
}

impl fmt::Debug for AuthorityKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.write_str("AuthorityKeys(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(byte: u8) -> Vec<u8> {
        vec![byte; PART]
    }

    #[test]
    fn keys_have_one_form_of_each_length() {
        // [PAT-1] [PRO-7]
        let zeros = || part(0);
        for (parts, good) in [
            (vec![part(1)], false),
            (vec![part(1), part(2)], true),
            (vec![part(1), part(2), part(3)], true),
            (vec![part(1), part(2), zeros()], false),
            (vec![part(1), part(2), part(0xff)], false),
            (vec![part(1), part(2), zeros(), part(4)], true),
            (vec![part(1), part(2), part(3), part(4), part(5), part(6)], true),
            (vec![part(1), part(2), part(3), vec![4]], false),
            (vec![vec![2], part(9), part(1), part(2)], true),
            (vec![vec![2], part(9), part(1), part(2), part(3), part(4)], true),
            (vec![vec![2], part(9), part(1)], false),
            (vec![vec![3], part(9), part(1), part(2)], false),
        ] {
            let bytes = parts.concat();
            let keys = AuthorityKeys::from_bytes(&bytes);
            assert_eq!(keys.is_some(), good, "{parts:?}");
            assert!(keys.is_none_or(|keys| keys.to_bytes().as_slice() == bytes));
        }
    }

    #[test]
    fn what_was_sealed_to_older_keys_opens_with_the_next_ones() {
        // [PRO-7]
        let mut rng = rand::rng();
        let patient = MasterSecretKey::generate(&mut rng);
        let first = AuthorityKeys::generate(&mut rng).with_patient_key(patient);
        let second = first.successor(&mut rng);
        let third = second.successor(&mut rng);
        let third = AuthorityKeys::from_bytes(&third.to_bytes()).expect("its own bytes");
        let opens = |by: &AuthorityKeys, sealed_to: &AuthorityKeys| {
            let sealed = sealed_to.upload_public_key().seal(b"x", &mut rand::rng());
            by.upload_key().open(&sealed.expect("a box")).is_some()
        };
        assert!(opens(&third, &first) && opens(&third, &second) && opens(&third, &third));
        assert!(!opens(&first, &second) && !opens(&second, &third));
        assert!(!opens(&third, &AuthorityKeys::generate(&mut rng)));
        assert_ne!(third.log_public_key(), first.log_public_key());
        assert_eq!(third.patient_public_key(), first.patient_public_key(), "venues carry it");
        assert_ne!(third.log_public_keys().clock, first.log_public_keys().clock);
        assert!(third.log_public_keys().are_two());
        assert_eq!(third.to_bytes().len(), 1 + 6 * PART);
    }
}
