//! The readable diary: what a visitor chose to keep of visits that have ended. Off unless they turn
//! it on, and sealed apart from the vault, which never holds anything of it.
//!
//! With a diary, whoever opens it learns where its owner was; without one, nobody can. It is there
//! for people who want to look back, and for those who may want to report their visits themselves.

use std::fmt;

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};
use zeroize::Zeroizing;

use super::record::{VenueText, VisitId};
use super::seal::{VaultError, VaultKey};
use super::visits::{EndedVisit, WipedBytes};
use super::{Stay, seal};
use crate::messages::{
    EntryCode, MessageError, Part, ROOM_CHARACTERS, TEXT_CHARACTERS, check_cbor_version, check_text,
};
use crate::time::Day;
use crate::{cbor, padding};

const NAME: Part = Part::Diary;
const VERSION: u8 = 1;
/// The longest note, in characters.
pub const NOTE_CHARACTERS: usize = 200;

/// Why a change of the diary was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DiaryError {
    /// No entry has this id.
    #[error("the diary has no such entry")]
    NoSuchEntry,
    /// A text is empty, too long, or has control characters; or the visit's code is damaged.
    #[error(transparent)]
    Message(#[from] MessageError),
}

/// One visit as its visitor chose to keep it. `Debug` shows nothing but the id.
#[derive(Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct DiaryEntry {
    id: VisitId,
    payload: Option<WipedBytes>,
    venue: VenueText,
    stay: Stay,
    note: String,
}

impl DiaryEntry {
    /// Returns the id of the visit, the same as in the vault, or a random one for an entry written
    /// by hand.
    #[must_use]
    pub const fn id(&self) -> VisitId {
        self.id
    }

    /// Returns the entry code that was scanned, as raw bytes, or `None` for an entry written by
    /// hand.
    #[must_use]
    pub fn payload(&self) -> Option<&[u8]> {
        self.payload.as_ref().map(|payload| payload.0.as_slice())
    }

    /// Returns name, address and room. The address of an entry written by hand may be empty.
    #[must_use]
    pub const fn venue(&self) -> &VenueText {
        &self.venue
    }

    /// Returns the time from arrival to departure.
    #[must_use]
    pub const fn stay(&self) -> Stay {
        self.stay
    }

    /// Returns the visitor's own words, at most 200 characters; may be empty.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }

    /// Entries stand in the order of arrival.
    fn place(&self) -> (Stay, VisitId) {
        (self.stay, self.id)
    }

    fn check(&self) -> Result<(), MessageError> {
        // [DIA-1]
        check_text(Part::VenueName, &self.venue.description, TEXT_CHARACTERS)?;
        check_unless_empty(Part::VenueAddress, &self.venue.address, TEXT_CHARACTERS)?;
        if let Some(room) = &self.venue.room {
            check_text(Part::Room, room, ROOM_CHARACTERS)?;
        }
        let found = self.payload().map_or(0, <[u8]>::len);
        if found > EntryCode::MAX_LENGTH {
            return Err(MessageError::TooLong {
                field: Part::EntryCode,
                found,
                limit: EntryCode::MAX_LENGTH,
            });
        }
        check_unless_empty(Part::Note, &self.note, NOTE_CHARACTERS)
    }
}

impl fmt::Debug for DiaryEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DiaryEntry").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A visitor's diary. A device without one has no value of this type, and no file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Diary {
    recording: bool,
    entries: Vec<DiaryEntry>,
}

/// The diary as CBOR.
#[derive(Serialize_tuple, Deserialize_tuple)]
struct Wire {
    version: u8,
    recording: bool,
    entries: Vec<DiaryEntry>,
}

impl Diary {
    /// Returns whether a sealed diary asks for a passphrase (`true`) or for the device's key.
    ///
    /// # Errors
    /// [`VaultError`] when the bytes are no diary.
    pub fn required_key(sealed: &[u8]) -> Result<bool, VaultError> {
        seal::asks_passphrase(&seal::DIARY, sealed)
    }

    /// Makes an empty diary. Call it when the visitor turns the diary on.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "a diary is made by a decision, never by default"
    )]
    pub const fn new() -> Self {
        // [DIA-2]
        Self { recording: true, entries: Vec::new() }
    }

    /// Returns whether visits that end are still added.
    #[must_use]
    pub const fn is_recording(&self) -> bool {
        self.recording
    }

    /// Stops or resumes adding visits; the entries stay.
    pub const fn set_recording(&mut self, recording: bool) {
        self.recording = recording;
    }

    /// Returns every entry, in the order of arrival.
    #[must_use]
    pub fn entries(&self) -> &[DiaryEntry] {
        &self.entries
    }

    /// Returns the entry with this id.
    #[must_use]
    pub fn entry(&self, id: VisitId) -> Option<&DiaryEntry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// Adds a visit that has ended. One that is there already, after a check-out that was cut off,
    /// gets the new times and keeps its note.
    ///
    /// # Errors
    /// [`DiaryError::Message`] when the visit's code is damaged.
    pub fn keep(&mut self, ended: &EndedVisit) -> Result<(), DiaryError> {
        // [DIA-1] [DIA-3]
        if !self.recording {
            return Ok(());
        }
        let code: EntryCode = ended.entry_code()?;
        let entry = DiaryEntry {
            id: ended.id(),
            payload: Some(WipedBytes(code.as_bytes().to_vec())),
            venue: VenueText::of(code.venue()),
            stay: ended.stay(),
            note: self.entry(ended.id()).map_or_else(String::new, |known| known.note.clone()),
        };
        self.put(entry)
    }

    /// Adds a visit of which no code was scanned.
    ///
    /// # Errors
    /// The text that is out of its range.
    pub fn add<R: CryptoRng>(
        &mut self,
        venue: VenueText,
        stay: Stay,
        note: &str,
        rng: &mut R,
    ) -> Result<VisitId, DiaryError> {
        let id = VisitId::generate(rng);
        self.put(DiaryEntry { id, payload: None, venue, stay, note: note.to_owned() })?;
        Ok(id)
    }

    /// Corrects the times of an entry. The sealed records of the visit stay as they are.
    ///
    /// # Errors
    /// [`DiaryError::NoSuchEntry`].
    pub fn set_stay(&mut self, id: VisitId, stay: Stay) -> Result<(), DiaryError> {
        let entry = self.entry(id).ok_or(DiaryError::NoSuchEntry)?;
        self.put(DiaryEntry { stay, ..entry.clone() })
    }

    /// Puts a note in the place of the one before; an empty one deletes it.
    ///
    /// # Errors
    /// [`DiaryError::NoSuchEntry`], or a note that is too long.
    pub fn set_note(&mut self, id: VisitId, note: &str) -> Result<(), DiaryError> {
        let entry = self.entry(id).ok_or(DiaryError::NoSuchEntry)?;
        self.put(DiaryEntry { note: note.to_owned(), ..entry.clone() })
    }

    /// Deletes one entry. Returns whether there was one.
    pub fn forget(&mut self, id: VisitId) -> bool {
        // [DIA-4]
        let before = self.entries.len();
        self.entries.retain(|entry| entry.id != id);
        before != self.entries.len()
    }

    /// Deletes every entry.
    pub fn forget_all(&mut self) {
        // [DIA-4]
        self.entries.clear();
    }

    /// Deletes the entries of visits whose last record would be deleted, too.
    pub fn expire(&mut self, today: Day, retention_days: u32) {
        // [DIA-4]
        let oldest = today.minus(retention_days);
        self.entries.retain(|entry| Day::containing(entry.stay.departure()) >= oldest);
    }

    /// Seals the diary with a fresh salt, as a vault is sealed and under another name.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] when it cannot be encoded, which no valid diary causes.
    pub fn seal<R: CryptoRng>(&self, key: &VaultKey, rng: &mut R) -> Result<Vec<u8>, VaultError> {
        // [DIA-5]
        let body = Zeroizing::new(cbor::to_vec(self).map_err(|_| VaultError::Damaged)?);
        seal::seal(&seal::DIARY, key, &body, rng)
    }

    /// Opens a sealed diary.
    ///
    /// # Errors
    /// [`VaultError`] with what is wrong.
    pub fn open(sealed: &[u8], key: &VaultKey) -> Result<Self, VaultError> {
        // [DIA-5]
        let padded = seal::open(&seal::DIARY, key, sealed)?;
        let body = padding::unpad(&padded).ok_or(VaultError::Damaged)?;
        // [CLI-44]
        check_cbor_version(NAME, body, VERSION).map_err(|error| match error {
            MessageError::UnknownVersion { .. } => VaultError::OtherContents,
            _ => VaultError::Damaged,
        })?;
        cbor::from_slice(body).map_err(|_| VaultError::Damaged)
    }

    fn put(&mut self, entry: DiaryEntry) -> Result<(), DiaryError> {
        entry.check()?;
        self.entries.retain(|known| known.id != entry.id);
        let place = self.entries.partition_point(|known| known.place() < entry.place());
        self.entries.insert(place, entry);
        Ok(())
    }
}

fn check_unless_empty(field: Part, text: &str, limit: usize) -> Result<(), MessageError> {
    if text.is_empty() { Ok(()) } else { check_text(field, text, limit) }
}

impl From<Diary> for Wire {
    fn from(diary: Diary) -> Self {
        Self { version: VERSION, recording: diary.recording, entries: diary.entries }
    }
}

impl TryFrom<Wire> for Diary {
    type Error = MessageError;

    fn try_from(wire: Wire) -> Result<Self, MessageError> {
        // [DIA-5]
        let in_order = wire.entries.is_sorted_by(|a, b| a.place() < b.place());
        let mut ids: Vec<_> = wire.entries.iter().map(DiaryEntry::id).collect();
        ids.sort_unstable();
        if !in_order || !ids.is_sorted_by(|a, b| a < b) {
            return Err(MessageError::Malformed(NAME));
        }
        wire.entries.iter().try_for_each(DiaryEntry::check)?;
        Ok(Self { recording: wire.recording, entries: wire.entries })
    }
}
