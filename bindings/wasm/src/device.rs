//! What a device keeps: the vault, the diary of those who want one, and the authorities it follows.

use noren::visitor::{Diary, EndedVisit, Vault};
use noren::{Pin, UnixSeconds};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::failure::Failure;
use crate::key::Key;
use crate::times;

/// Vault, diary and followed authorities, opened for one change. The worker opens it under a lock,
/// changes it, and stores what [`Device::seal_vault`] and [`Device::seal_diary`] give in one piece.
#[wasm_bindgen]
#[derive(Default)]
pub struct Device {
    pub(crate) vault: Vault,
    pub(crate) diary: Option<Diary>,
    pub(crate) followed: Vec<Pin>,
}

#[wasm_bindgen]
impl Device {
    /// Makes a device that keeps nothing.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens what was sealed. The followed authorities are added with [`Device::pin_kept`].
    ///
    /// # Errors
    /// Code `damaged`.
    pub fn open(vault: &[u8], diary: Option<Vec<u8>>, key: &Key) -> Result<Self, Failure> {
        let diary = diary.map(|sealed| Diary::open(&sealed, &key.key)).transpose()?;
        Ok(Self { vault: Vault::open(vault, &key.key)?, diary, followed: Vec::new() })
    }

    /// Seals the vault.
    ///
    /// # Errors
    /// None for a vault that was opened or made here.
    pub fn seal_vault(&self, key: &Key) -> Result<Vec<u8>, Failure> {
        Ok(self.vault.seal(&key.key, &mut rand::rng())?)
    }

    /// Seals the diary; `None` where there is none.
    ///
    /// # Errors
    /// As [`Device::seal_vault`].
    pub fn seal_diary(&self, key: &Key) -> Result<Option<Vec<u8>>, Failure> {
        let sealed = self.diary.as_ref().map(|diary| diary.seal(&key.key, &mut rand::rng()));
        Ok(sealed.transpose()?)
    }

    /// Ends the visits whose time is up, and forgets what is too old: the first thing that is done
    /// with an opened device. Returns whether a visit ended, so that its code is forgotten on the
    /// disk as well.
    ///
    /// # Errors
    /// Code `clock`.
    pub fn wake(&mut self, now: f64) -> Result<bool, Failure> {
        let now = times::now(now)?;
        let has_ended = self.seal_due(now)?;
        // [VLT-5] [VLT-10] [DIA-4]
        let retention_days = Vault::retention_days(&self.followed);
        let certain = self.vault.expire(now.day(), retention_days);
        if let Some(diary) = &mut self.diary {
            diary.expire(certain, retention_days);
        }
        Ok(has_ended)
    }
}

impl Device {
    /// Ends every visit whose time is up. Returns whether there was one.
    pub(crate) fn seal_due(&mut self, now: UnixSeconds) -> Result<bool, Failure> {
        // [VIS-4]
        let ended = self.vault.seal_due(now, &mut rand::rng())?;
        ended.iter().try_for_each(|visit| self.note(visit))?;
        Ok(!ended.is_empty())
    }

    /// Writes a visit that has ended into the diary, where one is kept.
    pub(crate) fn note(&mut self, ended: &EndedVisit) -> Result<(), Failure> {
        // [DIA-2]
        if let Some(diary) = &mut self.diary {
            diary.keep(ended)?;
        }
        Ok(())
    }
}
