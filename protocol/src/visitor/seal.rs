//! The sealed form of what a device keeps: header, then one AEAD ciphertext of a coarse size. The
//! vault and the diary share it, each under a name of its own, so that neither opens as the other.

use std::fmt;

use hkdf::Hkdf;
use rand_core::CryptoRng;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, MAX_TAG_LEN, Nonce, UnboundKey};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::passphrase::{Cost, Derivation, Passphrase, PassphraseError};
use crate::{domain, padding, wipe};

const FORMAT: u8 = 1;
const SALT_LENGTH: usize = 32;
const SMALLEST: usize = 256 * 1_024;

const DEVICE_KEY: u8 = 0;
const PASSPHRASE: u8 = 1;

/// What a sealed file is. Name and key are bound to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    /// The first bytes of the file.
    magic: &'static [u8],
    /// The HKDF info of the key that seals one version of it.
    info: &'static [u8],
    /// The error where the first bytes are others.
    other: VaultError,
}

/// Everything that devices match on.
pub(super) const VAULT: Kind =
    Kind { magic: domain::VAULT, info: domain::VAULT_SEAL, other: VaultError::NotAVault };

/// The readable diary.
pub(super) const DIARY: Kind =
    Kind { magic: domain::DIARY, info: domain::DIARY_SEAL, other: VaultError::NotADiary };

/// Why a vault or a diary could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The bytes do not start as a vault does.
    #[error("this is not a vault")]
    NotAVault,
    /// The bytes do not start as a diary does.
    #[error("this is not a diary")]
    NotADiary,
    /// A version that this program does not know.
    #[error("the sealed file has the unknown version {0}: a newer Noren wrote it; use that one")]
    UnknownVersion(u8),
    /// The bytes end too early.
    #[error("the sealed file was cut short; give back a copy")]
    Truncated,
    /// Sealed with the other kind of key.
    #[error("the file was sealed with {}", if *.passphrase { "a passphrase" } else { "a device key" })]
    OtherKind {
        /// Whether it was sealed with a passphrase.
        passphrase: bool,
    },
    /// Another key, or altered bytes: the cipher cannot tell.
    #[error(
        "the sealed file does not open: a wrong key or passphrase, or altered bytes; try again, or give \
         back a copy"
    )]
    WrongKeyOrAltered,
    /// Opens, but is not what it ought to hold.
    #[error("the sealed file opens, but what is inside is damaged; give back a copy")]
    Damaged,
    /// Opens, and holds what another version of this program wrote.
    #[error(
        "the file was written by another version of this program, whose form this one does not \
         read; use that version, or delete the file to begin a new one without its visits"
    )]
    OtherContents,
    /// The passphrase's cost is out of range.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
}

/// A random key that lies beside the sealed files on the device: 32 bytes. Zeroized on drop;
/// `Debug` shows nothing.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DeviceKey([u8; 32]);

impl DeviceKey {
    /// Length in bytes.
    pub const LENGTH: usize = 32;

    /// Draws a random key.
    pub fn generate<R: CryptoRng>(rng: &mut R) -> Self {
        let mut key = Self([0; Self::LENGTH]);
        rng.fill_bytes(&mut key.0);
        key
    }

    /// Makes a key of its 32 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// Returns the 32 bytes. They are the secret itself.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.write_str("DeviceKey(redacted)")
    }
}

/// What seals a vault and its diary. `Debug` shows nothing secret.
#[derive(Debug, Clone)]
pub struct VaultKey {
    source: Source,
    key: DeviceKey,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Device,
    Passphrase(Derivation),
}

impl VaultKey {
    /// The least number of characters of a new passphrase. An organisation's has more: its record
    /// may be in many hands, while whoever guesses at a vault has taken a device.
    pub const PASSPHRASE_CHARACTERS: usize = 8;

    /// Makes the vault's key of a device key.
    #[must_use]
    pub const fn device(key: DeviceKey) -> Self {
        // [VLT-2]
        Self { source: Source::Device, key }
    }

    /// Makes a key for a new vault of a passphrase of at least [`Self::PASSPHRASE_CHARACTERS`].
    ///
    /// # Errors
    /// [`VaultError::Passphrase`] for a shorter one, and when the cost cannot be met.
    pub fn passphrase<R: CryptoRng>(
        passphrase: &Passphrase,
        cost: Cost,
        rng: &mut R,
    ) -> Result<Self, VaultError> {
        // [VLT-2]
        passphrase.at_least(Self::PASSPHRASE_CHARACTERS)?;
        Self::derive(passphrase, Derivation::generate(cost, rng))
    }

    /// Derives the key of a sealed vault from its passphrase. Slow on purpose: keep the result to
    /// seal the vault again.
    ///
    /// # Errors
    /// [`VaultError`] when the header is not that of a vault with a passphrase.
    pub fn passphrase_of(sealed: &[u8], passphrase: &Passphrase) -> Result<Self, VaultError> {
        match Header::parse(&VAULT, sealed)?.source {
            Source::Passphrase(derivation) => Self::derive(passphrase, derivation),
            Source::Device => Err(VaultError::OtherKind { passphrase: false }),
        }
    }

    /// Returns whether a sealed vault asks for a key made as this one was: a device's, or one of
    /// the same salt and cost. A program that opens a vault several times derives its key once, and
    /// keeps it until this says no.
    ///
    /// # Errors
    /// [`VaultError`] when the bytes are no vault.
    pub fn fits(&self, sealed: &[u8]) -> Result<bool, VaultError> {
        // [CLI-42]
        Ok(Header::parse(&VAULT, sealed)?.source == self.source)
    }

    fn derive(passphrase: &Passphrase, derivation: Derivation) -> Result<Self, VaultError> {
        let key = derivation.derive::<32>(passphrase)?;
        Ok(Self { source: Source::Passphrase(derivation), key: DeviceKey(*key) })
    }

    /// Returns the AEAD key of one sealing. Each has its own salt, so that no nonce is used twice.
    fn aead(&self, kind: &Kind, salt: &[u8; SALT_LENGTH]) -> Result<LessSafeKey, VaultError> {
        wipe::apart(|| {
            let mut key = Zeroizing::new([0; 32]);
            Hkdf::<Sha256>::new(Some(salt), &self.key.0)
                .expand(kind.info, key.as_mut_slice())
                .map_err(|_| VaultError::Damaged)?;
            let key = UnboundKey::new(&CHACHA20_POLY1305, key.as_slice());
            key.map(LessSafeKey::new).map_err(|_| VaultError::Damaged)
        })
    }
}

/// Returns whether a sealed file of some kind asks for a passphrase.
pub(super) fn asks_passphrase(kind: &Kind, sealed: &[u8]) -> Result<bool, VaultError> {
    Ok(matches!(Header::parse(kind, sealed)?.source, Source::Passphrase(_)))
}

/// Seals a body with a fresh salt. The length is the header's, a power of two of at least 256 KiB,
/// and 16.
pub(super) fn seal<R: CryptoRng>(
    kind: &Kind,
    key: &VaultKey,
    body: &[u8],
    rng: &mut R,
) -> Result<Vec<u8>, VaultError> {
    // [VLT-1] [DIA-5]
    let mut salt = [0; SALT_LENGTH];
    rng.fill_bytes(&mut salt);
    let header = Header { source: key.source, salt }.to_bytes(kind);
    // [VLT-3]
    let total = (body.len() + 4).next_power_of_two().max(SMALLEST);
    let mut sealed = Zeroizing::new(vec![0; header.len() + total + MAX_TAG_LEN]);
    let (start, rest) = sealed.split_at_mut(header.len());
    let (padded, tag) = rest.split_at_mut(total);
    start.copy_from_slice(&header);
    padding::pad_into(padded, body).ok_or(VaultError::Damaged)?;
    // The AEAD's key is made and used in here: ring does not wipe it.
    let made = wipe::apart(|| {
        let key = key.aead(kind, &salt)?;
        key.seal_in_place_separate_tag(nonce(), Aad::from(&header), padded)
            .map_err(|_| VaultError::Damaged)
    });
    tag.copy_from_slice(made?.as_ref());
    Ok(std::mem::take(&mut sealed))
}

/// Opens what [`seal`] made of the same kind: the body with its padding.
pub(super) fn open(
    kind: &Kind,
    key: &VaultKey,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    // [VLT-4] [DIA-5]
    let header = Header::parse(kind, sealed)?;
    if header.source != key.source {
        let passphrase = matches!(header.source, Source::Passphrase(_));
        return Err(if passphrase == matches!(key.source, Source::Passphrase(_)) {
            VaultError::WrongKeyOrAltered
        } else {
            VaultError::OtherKind { passphrase }
        });
    }
    let (aad, ciphertext) = sealed.split_at(header.to_bytes(kind).len());
    check_length(ciphertext.len())?;
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let padded = wipe::apart(|| {
        let opened = key.aead(kind, &header.salt)?;
        let opened = opened.open_in_place(nonce(), Aad::from(aad), &mut buffer);
        opened.map(|padded| padded.len()).map_err(|_| VaultError::WrongKeyOrAltered)
    })?;
    buffer.truncate(padded);
    Ok(buffer)
}

/// The bytes before the ciphertext, all of them authenticated.
struct Header {
    source: Source,
    salt: [u8; SALT_LENGTH],
}

impl Header {
    fn to_bytes(&self, kind: &Kind) -> Vec<u8> {
        // [VLT-1]
        let mut bytes = [kind.magic, &[FORMAT]].concat();
        match &self.source {
            Source::Device => bytes.push(DEVICE_KEY),
            Source::Passphrase(derivation) => {
                bytes.push(PASSPHRASE);
                let (memory, passes, lanes) = derivation.cost().parts();
                bytes.extend([memory, passes, lanes].iter().flat_map(|part| part.to_be_bytes()));
                bytes.extend_from_slice(derivation.salt());
            }
        }
        bytes.extend_from_slice(&self.salt);
        bytes
    }

    fn parse(kind: &Kind, sealed: &[u8]) -> Result<Self, VaultError> {
        // [VLT-4]
        let rest = sealed.strip_prefix(kind.magic).ok_or(kind.other)?;
        let ([version], rest) = take::<1>(rest)?;
        if version != FORMAT {
            return Err(VaultError::UnknownVersion(version));
        }
        let ([key_source], rest) = take::<1>(rest)?;
        let (source, rest) = match key_source {
            DEVICE_KEY => (Source::Device, rest),
            PASSPHRASE => {
                let (memory, rest) = take::<4>(rest)?;
                let (passes, rest) = take::<4>(rest)?;
                let (lanes, rest) = take::<4>(rest)?;
                let (salt, rest) = take(rest)?;
                let [memory, passes, lanes] = [memory, passes, lanes].map(u32::from_be_bytes);
                let cost = Cost::new(memory, passes, lanes)?;
                (Source::Passphrase(Derivation::from_parts(cost, salt)), rest)
            }
            _ => return Err(kind.other),
        };
        Ok(Self { source, salt: take(rest)?.0 })
    }
}

fn take<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), VaultError> {
    let (first, rest) = bytes.split_first_chunk::<N>().ok_or(VaultError::Truncated)?;
    Ok((*first, rest))
}

/// Refuses a length that no sealed file has: such a file was cut off somewhere.
fn check_length(ciphertext: usize) -> Result<(), VaultError> {
    // [VLT-3]
    match ciphertext.checked_sub(MAX_TAG_LEN) {
        Some(padded) if padded >= SMALLEST && padded.is_power_of_two() => Ok(()),
        _ => Err(VaultError::Truncated),
    }
}

/// Returns the nonce, always the same: the key is used once.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}
