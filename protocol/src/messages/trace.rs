//! The trace: the published key of one venue and hour (`ProblematicEvent`), a leaf of the log.

use prost::Message as _;

use super::notice::SealedNotice;
use super::protobuf::{ProblematicEvent, ProblematicEventWrapper, decode};
use super::{MessageError, Part, VERSION, check_version, exactly};
use crate::ibe::IdentityKey;
use crate::identity::Identity;
use crate::time::{Day, UnixSeconds};

const NAME: Part = Part::Trace;
const WRAPPER: Part = Part::ListOfTraces;

/// A trace whose key has not been looked at, which is most of what reading one takes.
pub(crate) struct UncheckedTrace {
    identity: Identity,
    key: Vec<u8>,
    day: Day,
    notice: SealedNotice,
}

impl UncheckedTrace {
    /// Parses the bytes of a `ProblematicEvent`.
    ///
    /// # Errors
    /// The first check that fails: version, lengths, the day.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, MessageError> {
        // [MSG-10]
        if bytes.len() > PublishedTrace::MAX_LENGTH {
            let (found, limit) = (bytes.len(), PublishedTrace::MAX_LENGTH);
            return Err(MessageError::TooLong { field: NAME, found, limit });
        }
        let message: ProblematicEvent = decode(NAME, bytes)?;
        check_version(NAME, message.version, VERSION)?;
        let nonce = exactly(Part::NoticeNonce, &message.cipher_text_nonce)?;
        Ok(Self {
            identity: Identity::from_bytes(exactly(Part::Identity, &message.identity)?),
            key: message.secret_key_for_identity,
            day: UnixSeconds::from_i64(message.day)
                .and_then(Day::starting_at)
                .map_err(|source| MessageError::Time { field: Part::Day, source })?,
            notice: SealedNotice::new(nonce, message.encrypted_associated_data),
        })
    }

    /// Checks the fields and returns the trace.
    ///
    /// # Errors
    /// [`MessageError::Point`] when the key is no point of G1, or the identity element.
    pub(crate) fn check(self) -> Result<PublishedTrace, MessageError> {
        let Self { identity, key, day, notice } = self;
        let key = IdentityKey::from_bytes(&key)
            .map_err(|source| MessageError::Point { field: Part::IdentityKey, source })?;
        Ok(PublishedTrace { identity, key, day, notice })
    }

    pub(crate) const fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(crate) const fn day(&self) -> Day {
        self.day
    }
}

/// A trace as a device reads it: a published identity key with its sealed notice.
///
/// Parsing checks form only. What a log carries is worth something because the log is signed, and
/// because the authority can build a `Trace` only from a `VerifiedPreTrace`.
#[derive(Debug, Clone)]
pub struct PublishedTrace {
    identity: Identity,
    key: IdentityKey,
    day: Day,
    notice: SealedNotice,
}

impl PublishedTrace {
    /// Length of the longest trace that is accepted, in bytes: what a log entry can hold.
    pub const MAX_LENGTH: usize = 65_535;

    pub(crate) const fn new(
        identity: Identity,
        key: IdentityKey,
        day: Day,
        notice: SealedNotice,
    ) -> Self {
        Self { identity, key, day, notice }
    }

    /// Parses the bytes of a `ProblematicEvent`.
    ///
    /// # Errors
    /// The first check that fails: version, lengths, the day, the key's point.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MessageError> {
        UncheckedTrace::from_bytes(bytes)?.check()
    }

    /// Returns the bytes of a `ProblematicEvent`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        ProblematicEvent {
            version: VERSION,
            identity: self.identity.as_bytes().to_vec(),
            secret_key_for_identity: self.key.to_bytes().to_vec(),
            day: self.day.start().as_i64(),
            encrypted_associated_data: self.notice.bytes().to_vec(),
            cipher_text_nonce: self.notice.nonce().to_vec(),
        }
        .encode_to_vec()
    }

    /// Returns the identity whose key this is.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns the published key.
    #[must_use]
    pub const fn key(&self) -> &IdentityKey {
        &self.key
    }

    /// Returns the UTC day of the hour.
    #[must_use]
    pub const fn day(&self) -> Day {
        self.day
    }

    /// Returns the notice, sealed under the venue's notification key.
    #[must_use]
    pub const fn notice(&self) -> &SealedNotice {
        &self.notice
    }
}

/// Returns the bytes of a `ProblematicEventWrapper` around events that are bytes already.
#[must_use]
pub fn wrap_events(events: &[Vec<u8>]) -> Vec<u8> {
    ProblematicEventWrapper { version: VERSION, events: events.to_vec() }.encode_to_vec()
}

/// Events as they go on behind the bytes of [`wrap_events`], for who writes a wrapper piece by piece.
#[must_use]
pub fn more_events(events: &[Vec<u8>]) -> Vec<u8> {
    // [MSG-12] Proto3 leaves a version of zero out.
    ProblematicEventWrapper { version: 0, events: events.to_vec() }.encode_to_vec()
}

/// Returns the events of a `ProblematicEventWrapper`, each as its own bytes: one that is malformed
/// does not hide the others.
///
/// # Errors
/// [`MessageError`] when the wrapper itself is malformed or of an unknown version.
pub fn unwrap_events(bytes: &[u8]) -> Result<Vec<Vec<u8>>, MessageError> {
    // [MSG-11]
    let message: ProblematicEventWrapper = decode(WRAPPER, bytes)?;
    check_version(WRAPPER, message.version, VERSION)?;
    Ok(message.events)
}
