//! The authority's secret keys at rest, sealed with a passphrase.

use rand_core::CryptoRng;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, MAX_TAG_LEN, Nonce, UnboundKey};
use serde_bytes::ByteBuf;
use zeroize::Zeroizing;

use super::keys::AuthorityKeys;
use crate::passphrase::{Cost, Derivation, Passphrase, PassphraseError};
use crate::{cbor, domain, wipe};

const FORMAT: u8 = 1;

/// Why keys could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealedKeysError {
    /// The bytes do not start as sealed keys do.
    #[error("these are no sealed keys of an authority")]
    NotSealed,
    /// A version that this program does not know.
    #[error("the sealed keys have the unknown version {0}: a newer Noren wrote them; use that one")]
    UnknownVersion(u8),
    /// Not the one encoding of sealed keys.
    #[error("the sealed keys are damaged; give back a copy")]
    Malformed,
    /// Another passphrase, or altered bytes: the cipher cannot tell.
    #[error("the authority's keys do not open: a wrong passphrase, or altered bytes; try again")]
    WrongPassphraseOrAltered,
    /// The passphrase is too short, or its cost is out of range.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
}

impl AuthorityKeys {
    /// The least number of characters of a new passphrase.
    pub const PASSPHRASE_CHARACTERS: usize = 12;

    /// Returns whether the bytes start as sealed keys do.
    #[must_use]
    pub fn are_sealed(bytes: &[u8]) -> bool {
        bytes.starts_with(domain::AUTHORITY_KEYS)
    }

    /// Seals the keys with a passphrase of at least [`Self::PASSPHRASE_CHARACTERS`].
    ///
    /// # Errors
    /// [`SealedKeysError::Passphrase`] for a shorter one, and where the cost cannot be met.
    pub fn seal<R: CryptoRng>(
        &self,
        passphrase: &Passphrase,
        cost: Cost,
        rng: &mut R,
    ) -> Result<Vec<u8>, SealedKeysError> {
        // [CLI-62]
        passphrase.at_least(Self::PASSPHRASE_CHARACTERS)?;
        let derivation = Derivation::generate(cost, rng);
        let header = [domain::AUTHORITY_KEYS, &[FORMAT]].concat();
        let keys = self.to_bytes();
        // Its capacity is reserved: a growing vector would leave copies behind.
        let mut sealed = Zeroizing::new(Vec::with_capacity(keys.len() + MAX_TAG_LEN));
        sealed.extend_from_slice(&keys);
        // The AEAD's key is made and used in here: ring does not wipe it.
        let tag = wipe::apart(|| {
            let key = aead(&derivation, passphrase)?;
            key.seal_in_place_separate_tag(nonce(), Aad::from(&header), &mut sealed)
                .map_err(|_| SealedKeysError::Malformed)
        })?;
        sealed.extend_from_slice(tag.as_ref());
        let body = cbor::to_vec(&(derivation, ByteBuf::from(std::mem::take(&mut *sealed))));
        Ok([header, body.map_err(|_| SealedKeysError::Malformed)?].concat())
    }

    /// Opens what [`AuthorityKeys::seal`] made. Slow on purpose.
    ///
    /// # Errors
    /// [`SealedKeysError`] that names the step; never a panic, whatever the bytes.
    pub fn unseal(bytes: &[u8], passphrase: &Passphrase) -> Result<Self, SealedKeysError> {
        // [CLI-62]
        let rest = bytes.strip_prefix(domain::AUTHORITY_KEYS).ok_or(SealedKeysError::NotSealed)?;
        let (version, body) = rest.split_first().ok_or(SealedKeysError::Malformed)?;
        if *version != FORMAT {
            return Err(SealedKeysError::UnknownVersion(*version));
        }
        let (derivation, sealed): (Derivation, ByteBuf) =
            cbor::from_slice(body).map_err(|_| SealedKeysError::Malformed)?;
        let header = [domain::AUTHORITY_KEYS, &[FORMAT]].concat();
        let mut buffer = Zeroizing::new(sealed.into_vec());
        let length = wipe::apart(|| {
            let opened = aead(&derivation, passphrase)?;
            let opened = opened.open_in_place(nonce(), Aad::from(&header), &mut buffer);
            opened.map(|keys| keys.len()).map_err(|_| SealedKeysError::WrongPassphraseOrAltered)
        })?;
        buffer.truncate(length);
        Self::from_bytes(&buffer).ok_or(SealedKeysError::Malformed)
    }
}

/// Returns the AEAD key of one sealing. Each has a salt of its own, so that no nonce is used twice.
fn aead(derivation: &Derivation, passphrase: &Passphrase) -> Result<LessSafeKey, SealedKeysError> {
    let key = derivation.derive::<32>(passphrase)?;
    let key = UnboundKey::new(&CHACHA20_POLY1305, key.as_slice());
    key.map(LessSafeKey::new).map_err(|_| SealedKeysError::Malformed)
}

/// Returns the nonce, always the same: the key is used once.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_keys_open_with_their_passphrase_and_no_bit_of_them_may_change() {
        // [CLI-62]
        let mut rng = rand::rng();
        let keys = AuthorityKeys::generate(&mut rng);
        let passphrase = |text: &str| Passphrase::new(text).expect("a passphrase");
        let (good, cost) =
            (passphrase("correct horse battery"), Cost::new(8, 1, 1).expect("a cost"));
        let sealed = keys.seal(&good, cost, &mut rng).expect("sealed");
        assert!(AuthorityKeys::are_sealed(&sealed) && !AuthorityKeys::are_sealed(&keys.to_bytes()));
        let opened = AuthorityKeys::unseal(&sealed, &good).expect("opens");
        assert_eq!(opened.to_bytes(), keys.to_bytes());
        let wrong = AuthorityKeys::unseal(&sealed, &passphrase("correct horse batterz"));
        assert_eq!(wrong.err(), Some(SealedKeysError::WrongPassphraseOrAltered));
        assert_ne!(sealed, keys.seal(&good, cost, &mut rng).expect("sealed"), "a salt of its own");
        for secret in [keys.log_secret_key(), keys.clock_secret_key()] {
            let secret = secret.expect("at hand").to_bytes();
            assert!(!sealed.windows(32).any(|part| part == secret.as_slice()));
        }
        for bit in 0..sealed.len() * 8 {
            let mut other = sealed.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(AuthorityKeys::unseal(&other, &good).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(AuthorityKeys::unseal(&sealed[..length], &good).is_err(), "{length} bytes");
        }
        let short = keys.seal(&passphrase("eleven char"), cost, &mut rng);
        assert_eq!(short.err(), Some(PassphraseError::TooShort(12).into()));
        let newer = [domain::AUTHORITY_KEYS, &[2]].concat();
        let newer = AuthorityKeys::unseal(&newer, &good);
        assert_eq!(newer.err(), Some(SealedKeysError::UnknownVersion(2)));
    }
}
