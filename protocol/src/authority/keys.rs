//! The authority's secret keys.

use std::fmt;
use std::sync::Arc;

use crate::log::{LogKeys, LogSecretKeys};
use crate::signing::{Absent, Sign, SignPublicKey, SignSecretKey};
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
/// The first byte of keys of which the log key or the clock key is kept elsewhere; the second says
/// which.
const KEPT_ELSEWHERE: u8 = 3;
const LOG_ELSEWHERE: u8 = 1;
const CLOCK_ELSEWHERE: u8 = 2;

/// A key that signs.
#[derive(Clone)]
enum Held {
    Here(Box<SignSecretKey>),
    Elsewhere(Arc<dyn Sign + Send + Sync>),
}

impl Held {
    fn here(key: SignSecretKey) -> Self {
        Self::Here(Box::new(key))
    }

    fn read(bytes: &[u8; PART], is_elsewhere: bool) -> Option<Self> {
        if !is_elsewhere {
            return Some(Self::here(SignSecretKey::from_bytes(bytes)));
        }
        let absent = Absent(SignPublicKey::from_bytes(bytes)?);
        Some(Self::Elsewhere(Arc::new(absent)))
    }

    fn key(&self) -> &dyn Sign {
        match self {
            Self::Here(key) => &**key,
            Self::Elsewhere(key) => &**key,
        }
    }

    fn secret(&self) -> Option<&SignSecretKey> {
        match self {
            Self::Here(key) => Some(key),
            Self::Elsewhere(_) => None,
        }
    }

    /// The seed, or the public key where the seed is elsewhere.
    fn to_bytes(&self) -> Zeroizing<[u8; PART]> {
        match self {
            Self::Here(key) => key.to_bytes(),
            Self::Elsewhere(key) => Zeroizing::new(*key.public_key().as_bytes()),
        }
    }
}

/// The Ed25519 key that signs log, profile and requests, the one that signs the times of
/// checkpoints, and the X25519 key that uploads and the
/// authority's halves of venue keys are sealed to; where the authority enables patient cases, their
/// master key as well. Zeroized on drop; `Debug` shows nothing.
///
/// The two keys that sign can be kept elsewhere, as in a token: [`AuthorityKeys::signing_with`].
#[derive(Clone)]
pub struct AuthorityKeys {
    log: Held,
    clock: Option<Held>,
    upload: SealSecretKey,
    patient: Option<MasterSecretKey>,
}

impl ZeroizeOnDrop for AuthorityKeys {}

impl AuthorityKeys {
    /// The least length in bytes: 32 of the Ed25519 seed, 32 of the X25519 key. Keys with a clock key
    /// have 33 more, and one byte more where one of them is kept elsewhere.
    pub const LENGTH: usize = 2 * PART;

    /// Draws random keys.
    pub fn generate<R: CryptoRng>(rng: &mut R) -> Self {
        let (log, upload) = (SignSecretKey::generate(rng), SealSecretKey::generate(rng));
        // [PRO-8]
        let clock = Some(Held::here(SignSecretKey::generate(rng)));
        Self { log: Held::here(log), clock, upload, patient: None }
    }

    /// Returns the same keys, of which the log key or the clock key is kept elsewhere from now on and
    /// signs through `key`: the one that has its public key. Returns `None` where neither has, or where
    /// one key is both.
    #[must_use]
    pub fn signing_with(self, key: Arc<dyn Sign + Send + Sync>) -> Option<Self> {
        self.holding(key.public_key(), Held::Elsewhere(key))
    }

    /// Returns the same keys with the secret key in the place of the log key or clock key that has its
    /// public key. Returns `None` where neither has, or where one key is both.
    #[must_use]
    pub fn signing_here(self, key: SignSecretKey) -> Option<Self> {
        self.holding(key.public_key(), Held::here(key))
    }

    fn holding(mut self, public_key: SignPublicKey, held: Held) -> Option<Self> {
        let keys = self.log_public_keys();
        // [PRO-8]
        if !keys.are_two() {
            return None;
        }
        if public_key == keys.log {
            self.log = held;
        } else if public_key == keys.clock {
            self.clock = Some(held);
        } else {
            return None;
        }
        Some(self)
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
    /// In the place of the byte 2 stand 3 and another byte where a key is kept elsewhere, with the
    /// public key in the place of the seed: 1 for the log key, 2 for the clock key, 3 for both. Such a
    /// key signs nothing before [`AuthorityKeys::signing_with`]. Returns `None` for anything else.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let both = LOG_ELSEWHERE | CLOCK_ELSEWHERE;
        let (elsewhere, clock, bytes) = match bytes {
            // [PRO-8]
            [WITH_CLOCK_KEY, more @ ..] if bytes.len() % PART == 1 => {
                let (clock, more) = more.split_first_chunk()?;
                (0, Some(clock), more)
            }
            // [CLI-63]
            [KEPT_ELSEWHERE, which, more @ ..]
                if bytes.len() % PART == 2 && (1..=both).contains(which) =>
            {
                let (clock, more) = more.split_first_chunk()?;
                (*which, Some(clock), more)
            }
            _ => (0, None, bytes),
        };
        let clock = match clock {
            Some(clock) => Some(Held::read(clock, elsewhere & CLOCK_ELSEWHERE != 0)?),
            None => None,
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
        let log = Held::read(seed, elsewhere & LOG_ELSEWHERE != 0)?;
        Some(Self { log, clock, upload, patient })
    }

    /// Returns the bytes of the keys. They are the secret itself.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let retired = self.upload.retired();
        // The capacity is reserved: a growing vector would leave copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(2 + PART * (4 + retired.len())));
        if let Some(clock) = &self.clock {
            let bit = |held: &Held, bit| if held.secret().is_none() { bit } else { 0 };
            match bit(&self.log, LOG_ELSEWHERE) | bit(clock, CLOCK_ELSEWHERE) {
                0 => bytes.push(WITH_CLOCK_KEY),
                elsewhere => bytes.extend_from_slice(&[KEPT_ELSEWHERE, elsewhere]),
            }
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
    pub fn log_key(&self) -> &dyn Sign {
        self.log.key()
    }

    /// Returns the secret key that signs trees, profiles and requests; `None` where it is kept
    /// elsewhere.
    #[must_use]
    pub fn log_secret_key(&self) -> Option<&SignSecretKey> {
        self.log.secret()
    }

    /// Returns the public counterpart of the log key.
    #[must_use]
    pub fn log_public_key(&self) -> SignPublicKey {
        self.log.key().public_key()
    }

    /// Returns the key that signs the times of checkpoints: the log key where the clock has none of
    /// its own, as in keys that were made before there was one.
    #[must_use]
    pub fn clock_key(&self) -> &dyn Sign {
        self.clock.as_ref().unwrap_or(&self.log).key()
    }

    /// Returns the secret key of [`AuthorityKeys::clock_key`]; `None` where it is kept elsewhere.
    #[must_use]
    pub fn clock_secret_key(&self) -> Option<&SignSecretKey> {
        self.clock.as_ref().unwrap_or(&self.log).secret()
    }

    /// Returns the keys that sign checkpoints.
    #[must_use]
    pub fn log_keys(&self) -> LogSecretKeys<'_> {
        LogSecretKeys { log: self.log_key(), clock: self.clock_key() }
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
    use crate::log::{Append, LogPosition, Origin};
    use crate::signing::SignError;
    use crate::time::UnixSeconds;

    fn part(byte: u8) -> Vec<u8> {
        vec![byte; PART]
    }

    #[test]
    fn keys_have_one_form_of_each_length() {
        // [PAT-1] [PRO-7]
        let zeros = || part(0);
        let public =
            |byte| SignSecretKey::from_bytes(&[byte; PART]).public_key().as_bytes().to_vec();
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
            // [CLI-63]
            (vec![vec![3, 1], part(9), public(1), part(2)], true),
            (vec![vec![3, 2], public(9), part(1), part(2)], true),
            (vec![vec![3, 3], public(9), public(1), part(2), part(3)], true),
            (vec![vec![3, 0], part(9), part(1), part(2)], false),
            (vec![vec![3, 4], public(9), public(1), part(2)], false),
            (vec![vec![3, 1], part(9), zeros(), part(2)], false),
            (vec![vec![3, 1], part(9), public(1)], false),
        ] {
            let bytes = parts.concat();
            let keys = AuthorityKeys::from_bytes(&bytes);
            assert_eq!(keys.is_some(), good, "{parts:?}");
            assert!(keys.is_none_or(|keys| keys.to_bytes().as_slice() == bytes));
        }
    }

    /// A key that signs what it likes.
    struct Liar(SignSecretKey, Option<SignError>);

    impl Sign for Liar {
        fn public_key(&self) -> SignPublicKey {
            self.0.public_key()
        }

        fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
            match &self.1 {
                Some(error) => Err(error.clone()),
                None => Ok(self.0.sign(&message[1..])),
            }
        }
    }

    #[test]
    fn a_key_that_is_kept_elsewhere_signs_through_whoever_keeps_it() {
        // [PRO-15] [CLI-63]
        let keys = AuthorityKeys::generate(&mut rand::rng());
        let (now, origin) = (UnixSeconds::default(), Origin::new("a.example/log").expect("one"));
        let append = |keys: &AuthorityKeys| {
            Append::sign(&LogPosition::start(), vec![], &origin, &keys.log_keys(), now)
        };
        let profile = keys.profile("Office", origin.clone(), "https://a.example", now);
        let refused = SignError::new("the token is not there");
        for secret in [keys.log_secret_key(), keys.clock_secret_key()] {
            let secret = secret.expect("a key at hand");
            let own = secret.public_key();
            let is_log = own == keys.log_public_key();
            let with = |key: Arc<dyn Sign + Send + Sync>| keys.clone().signing_with(key);
            let there = with(Arc::new(secret.clone())).expect("a key of these");
            assert_eq!(there.log_public_keys(), keys.log_public_keys());
            assert_eq!(append(&there), append(&keys), "the very same signatures");
            assert_eq!(profile.sign(&there), profile.sign(&keys));
            // The seed is not in the bytes, and comes back only with the key.
            let bytes = there.to_bytes();
            let has = |needle: &[u8]| bytes.windows(PART).any(|part| part == needle);
            assert!(!has(secret.to_bytes().as_slice()) && has(own.as_bytes()));
            let read = AuthorityKeys::from_bytes(&bytes).expect("its own bytes");
            assert_eq!(read.log_secret_key().is_none(), is_log);
            assert_eq!(read.clock_secret_key().is_none(), !is_log);
            assert_eq!(append(&read), Err(SignError::Absent.into()));
            let back = read.clone().signing_here(secret.clone()).expect("a key of these");
            assert_eq!(back.to_bytes(), keys.to_bytes());
            // What is refused, and what is wrong, is signed by nobody.
            for (answer, error) in
                [(None, SignError::WrongSignature), (Some(refused.clone()), refused.clone())]
            {
                let liar = with(Arc::new(Liar(secret.clone(), answer))).expect("a key of these");
                assert_eq!(append(&liar), Err(error.clone().into()));
                let signed = profile.sign(&liar);
                assert_eq!(signed.err(), is_log.then_some(error.into()));
            }
        }
        let stranger = SignSecretKey::generate(&mut rand::rng());
        assert!(keys.clone().signing_with(Arc::new(stranger.clone())).is_none());
        assert!(keys.signing_here(stranger).is_none());
        // One key for both stays where it is.
        let one = AuthorityKeys::from_bytes(&[part(1), part(2)].concat()).expect("keys");
        assert!(one.clone().signing_here(SignSecretKey::from_bytes(&[1; PART])).is_none());
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
