//! What seals a device's vault and diary.

use noren::passphrase::{Cost, Passphrase};
use noren::visitor::{DeviceKey, Vault, VaultError, VaultKey};
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

use crate::failure::{Code, Failure};

/// A key, held by the worker while the page is open. It is wiped when it is freed.
#[wasm_bindgen]
pub struct Key {
    pub(crate) key: VaultKey,
}

#[wasm_bindgen]
impl Key {
    /// Draws the 32 bytes of a device key, for the worker to keep beside the vault.
    #[must_use]
    pub fn draw() -> Vec<u8> {
        DeviceKey::generate(&mut rand::rng()).as_bytes().to_vec()
    }

    /// Makes the key of 32 bytes that were kept.
    ///
    /// # Errors
    /// Code `damaged` for any other length.
    pub fn device(bytes: Vec<u8>) -> Result<Self, Failure> {
        let bytes = Zeroizing::new(bytes);
        let key = bytes.as_slice().try_into().map(DeviceKey::from_bytes);
        let key = key.map_err(|_| Failure::new(Code::Damaged, "the device's key is damaged"))?;
        Ok(Self { key: VaultKey::device(key) })
    }

    /// Makes a key of a new passphrase. Slow on purpose.
    ///
    /// # Errors
    /// Code `short-passphrase`.
    pub fn passphrase(passphrase: String) -> Result<Self, Failure> {
        let passphrase = read(passphrase)?;
        Ok(Self { key: VaultKey::passphrase(&passphrase, Cost::RECOMMENDED, &mut rand::rng())? })
    }

    /// Derives the key of a sealed vault, and tries it. Slow on purpose.
    ///
    /// # Errors
    /// Code `wrong-passphrase`; `damaged` for what is no vault with a passphrase.
    pub fn unlock(sealed: &[u8], passphrase: String) -> Result<Self, Failure> {
        // What can be no passphrase is not the right one.
        let wrong = |failure| Failure { code: Code::WrongPassphrase, ..failure };
        let passphrase = read(passphrase).map_err(wrong)?;
        let key = VaultKey::passphrase_of(sealed, &passphrase)?;
        match Vault::open(sealed, &key) {
            Err(error @ VaultError::WrongKeyOrAltered) => {
                Err(Failure::new(Code::WrongPassphrase, error))
            }
            opened => opened.map(|_| Self { key }).map_err(Failure::from),
        }
    }

    /// Returns whether a sealed vault asks for a passphrase.
    ///
    /// # Errors
    /// Code `damaged` for what is no vault.
    pub fn is_asked_for(sealed: &[u8]) -> Result<bool, Failure> {
        Ok(Vault::required_key(sealed)?)
    }

    /// Returns whether this key was made as the sealed vault asks: another tab may have changed the
    /// passphrase.
    ///
    /// # Errors
    /// Code `damaged` for what is no vault.
    pub fn fits(&self, sealed: &[u8]) -> Result<bool, Failure> {
        Ok(self.key.fits(sealed)?)
    }
}

fn read(passphrase: String) -> Result<Passphrase, Failure> {
    let passphrase = Zeroizing::new(passphrase);
    Ok(Passphrase::new(&passphrase)?)
}
