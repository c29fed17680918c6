//! Review: from a sealed upload to pre-traces that the authority may act on.
//!
//! A venue may be mistaken, hostile, or an impostor. Nothing it claims is believed that can be
//! computed again; what is left is proved by one pairing equation.

use std::collections::BTreeSet;
use std::fmt;

use subtle::ConstantTimeEq;

use crate::ibe::{IdentityKey, MasterSecretKey, PreparedMasterPublicKey};
use crate::identity::{Identity, NotificationKey};
use crate::messages::{
    CodeBinding, EntryCode, MessageError, Notice, PreTrace, PublishedTrace, Upload,
};
use crate::sealed_box::SealSecretKey;
use crate::time::{Hour, UnixSeconds, Window};

/// Why an upload was refused: the first check that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReviewError {
    /// The upload does not open, or is no upload.
    #[error(transparent)]
    Upload(#[from] MessageError),
    /// The upload was made for another code than the case's.
    #[error("the upload was made for another case")]
    ForeignCase,
    /// The claimed window reaches beyond the one that the venue was asked for.
    #[error("the claimed window is not inside the window of the case")]
    OutsideCase,
    /// A pre-trace claims another window than the upload.
    #[error("a pre-trace claims another window than the upload")]
    WindowMismatch,
    /// The pre-traces are for different entry codes.
    #[error("the pre-traces name different entry codes")]
    DifferentPayloads,
    /// The entry code was not valid at any time of the window.
    #[error("the entry code was not valid in the window")]
    NotValidThen,
    /// The proof's master public key is not the one in the entry code.
    #[error("the proof's master public key is not that of the entry code")]
    MasterPublicKey,
    /// The hour is not over: with its key, records of visits to come could be opened.
    #[error("an hour of the window is not over yet, and its key must not be known before")]
    HourNotOver,
    /// The hour is not one that the claimed window touches.
    #[error("the hour lies outside the claimed window")]
    HourOutsideWindow,
    /// The proof's nonces are not those of the entry code.
    #[error("the proof's nonces are not those of the entry code")]
    Nonces,
    /// The notification key is not that of the entry code.
    #[error("the notification key is not that of the entry code")]
    NotificationKey,
    /// The identity is not that of the entry code and hour.
    #[error("the identity is not that of the entry code and hour")]
    Identity,
    /// The authority's half of the key does not open, or is no key.
    #[error("the authority's sealed half of the key does not open")]
    SealedHalf,
    /// The two halves do not make the key of this identity under the entry code's master key.
    #[error("the two halves do not make the key of this hour")]
    IdentityKey,
    /// The hours are not exactly those that the window touches.
    #[error("the upload does not cover exactly the hours of its window")]
    Hours,
}

/// A case that the authority opened for a venue: the binding of the code that it gave out, and the
/// window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// The binding that an upload with the one-time upload code carries.
    pub code: CodeBinding,
    /// The window that the venue was asked for. An upload may claim less, never more.
    pub window: Window,
}

/// An upload that passed every check.
#[derive(Debug, Clone)]
pub struct Review {
    /// The venue's entry code. Its texts are the venue's own claim; the authority compares them
    /// with what it knows before it publishes.
    pub entry_code: EntryCode,
    /// The window that the venue claims, inside the case's.
    pub window: Window,
    /// The keys of the window's hours.
    pub pre_traces: Vec<VerifiedPreTrace>,
}

/// The key of one venue and hour, with proof that it is. Only [`verify`] and the review of a
/// patient case make one, and only this makes a trace. `Debug` shows no key.
#[derive(Clone)]
pub struct VerifiedPreTrace {
    identity: Identity,
    key: IdentityKey,
    hour: Hour,
    window: Window,
    notification_key: NotificationKey,
}

impl VerifiedPreTrace {
    /// Returns the keys of the hours of `window`, which are over, at a venue that carries the
    /// authority's own master key, or `None` where it carries another.
    pub(super) fn derive(
        patient_key: &MasterSecretKey,
        entry_code: &EntryCode,
        window: Window,
    ) -> Option<Vec<Self>> {
        // [PAT-13]
        if patient_key.public_key() != *entry_code.master_public_key() {
            return None;
        }
        let secrets = entry_code.secrets();
        let derive = |hour| {
            let identity = secrets.identity(hour);
            let key = patient_key.identity_key(identity.as_bytes());
            let notification_key = secrets.notification_key().clone();
            Self { identity, key, hour, window, notification_key }
        };
        Some(window.hours().map(derive).collect())
    }

    /// Returns the identity of the venue and hour.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns the hour.
    #[must_use]
    pub const fn hour(&self) -> Hour {
        self.hour
    }

    /// Returns the window that was proved. A notice's window lies inside of it.
    #[must_use]
    pub const fn window(&self) -> Window {
        self.window
    }

    pub(super) const fn key(&self) -> &IdentityKey {
        &self.key
    }

    /// Returns the notice of a published trace of this identity, or `None` for any other trace, and
    /// for a notice that does not open.
    #[must_use]
    pub fn notice_of(&self, trace: &PublishedTrace) -> Option<Notice> {
        if trace.identity() != &self.identity {
            return None;
        }
        trace.notice().open(&self.notification_key).ok()
    }

    pub(super) const fn notification_key(&self) -> &NotificationKey {
        &self.notification_key
    }
}

impl fmt::Debug for VerifiedPreTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.debug_struct("VerifiedPreTrace")
            .field("identity", &self.identity)
            .field("hour", &self.hour)
            .finish_non_exhaustive()
    }
}

/// Opens a sealed upload (65,536 bytes) and makes every check. `now` is the present time.
///
/// # Errors
/// The first check that fails. Nothing of a refused upload can be used.
pub fn review(
    key: &SealSecretKey,
    case: &Case,
    sealed: &[u8],
    now: UnixSeconds,
) -> Result<Review, ReviewError> {
    let upload = Upload::open(key, sealed)?;
    // [REV-2]
    if upload.code != case.code {
        return Err(ReviewError::ForeignCase);
    }
    // [REV-3]
    if !case.window.contains(upload.window) {
        return Err(ReviewError::OutsideCase);
    }
    let entry_code = one_entry_code(&upload)?;
    // [REV-11]
    let hours: Vec<Hour> = upload.pre_traces.iter().map(|each| each.hour).collect();
    if BTreeSet::from_iter(&hours).len() != hours.len()
        || !upload.window.hours().eq(BTreeSet::from_iter(hours))
    {
        return Err(ReviewError::Hours);
    }
    let mpk = entry_code.master_public_key().prepare();
    let verified = upload.pre_traces.iter().map(|each| {
        // [REV-6]
        if each.window != upload.window {
            return Err(ReviewError::WindowMismatch);
        }
        verify_prepared(key, (case.window, now), &entry_code, &mpk, each)
    });
    let pre_traces = verified.collect::<Result<_, _>>()?;
    Ok(Review { entry_code, window: upload.window, pre_traces })
}

/// Checks one pre-trace of `entry_code` against the window that the venue was asked for and the
/// present time.
///
/// # Errors
/// The first check that fails.
///
/// Source: CrowdNotifier technical specification v3, "Verifying"; the checks that it leaves out are
/// REV-5 to REV-8.
pub fn verify(
    key: &SealSecretKey,
    asked: Window,
    entry_code: &EntryCode,
    pre_trace: &PreTrace,
    now: UnixSeconds,
) -> Result<VerifiedPreTrace, ReviewError> {
    let mpk = entry_code.master_public_key().prepare();
    verify_prepared(key, (asked, now), entry_code, &mpk, pre_trace)
}

/// Does what [`verify`] does, with the entry code's master key prepared for all pre-traces of an
/// upload.
fn verify_prepared(
    key: &SealSecretKey,
    (asked, now): (Window, UnixSeconds),
    entry_code: &EntryCode,
    mpk: &PreparedMasterPublicKey,
    pre_trace: &PreTrace,
) -> Result<VerifiedPreTrace, ReviewError> {
    // [REV-4]
    if pre_trace.payload != entry_code.as_bytes() {
        return Err(ReviewError::DifferentPayloads);
    }
    check_window(asked, entry_code, pre_trace)?;
    // [REV-13]
    if !pre_trace.hour.is_over(now) {
        return Err(ReviewError::HourNotOver);
    }
    check_proof(entry_code, pre_trace)?;
    let identity = pre_trace.identity;
    let half = authority_half(key, pre_trace)?;
    // [REV-10]
    let venue_half = &pre_trace.partial_identity_key;
    let identity_key = IdentityKey::complete(venue_half, &half, identity.as_bytes(), mpk)
        .ok_or(ReviewError::IdentityKey)?;
    // [REV-12]
    Ok(VerifiedPreTrace {
        identity,
        key: identity_key,
        hour: pre_trace.hour,
        window: pre_trace.window,
        notification_key: pre_trace.notification_key.clone(),
    })
}

fn one_entry_code(upload: &Upload) -> Result<EntryCode, ReviewError> {
    // [REV-4]
    let first = upload.pre_traces.first().ok_or(ReviewError::Hours)?;
    if upload.pre_traces.iter().any(|each| each.payload != first.payload) {
        return Err(ReviewError::DifferentPayloads);
    }
    Ok(EntryCode::from_bytes(&first.payload)?)
}

fn check_window(
    asked: Window,
    entry_code: &EntryCode,
    pre_trace: &PreTrace,
) -> Result<(), ReviewError> {
    // [REV-3]
    if !asked.contains(pre_trace.window) {
        return Err(ReviewError::OutsideCase);
    }
    // [REV-4]
    if entry_code.venue().valid().overlap(pre_trace.window).is_none() {
        return Err(ReviewError::NotValidThen);
    }
    // [REV-6]
    if !pre_trace.window.hours().any(|hour| hour == pre_trace.hour) {
        return Err(ReviewError::HourOutsideWindow);
    }
    Ok(())
}

fn check_proof(entry_code: &EntryCode, pre_trace: &PreTrace) -> Result<(), ReviewError> {
    let secrets = entry_code.secrets();
    // [REV-5]
    if pre_trace.master_public_key != *entry_code.master_public_key() {
        return Err(ReviewError::MasterPublicKey);
    }
    // [REV-7]
    let nonces = pre_trace.pre_identity_nonce.ct_eq(secrets.pre_identity_nonce())
        & pre_trace.time_key_nonce.ct_eq(secrets.time_key_nonce());
    if !bool::from(nonces) {
        return Err(ReviewError::Nonces);
    }
    if !bool::from(pre_trace.notification_key.ct_eq(secrets.notification_key())) {
        return Err(ReviewError::NotificationKey);
    }
    // [REV-8]
    if pre_trace.identity != secrets.identity(pre_trace.hour) {
        return Err(ReviewError::Identity);
    }
    Ok(())
}

fn authority_half(
    key: &SealSecretKey,
    pre_trace: &PreTrace,
) -> Result<MasterSecretKey, ReviewError> {
    // [REV-9]
    let half = key.open(&pre_trace.sealed_half).ok_or(ReviewError::SealedHalf)?;
    MasterSecretKey::from_bytes(&half).map_err(|_| ReviewError::SealedHalf)
}
