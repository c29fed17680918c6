//! The venue: sets up its two codes, and hands its half of the keys of a window to the authority.
//!
//! | step | function | specification |
//! |---|---|---|
//! | set-up | [`set_up`] → entry code (public) and trace code (private) | VEN-1 |
//! | pre-traces | [`pre_traces`] → one [`PreTrace`] for each hour | VEN-2 |
//! | upload | [`Upload::seal`] → bytes only the authority can open | VEN-3 |
//! | set-up for patient cases | [`set_up_for_patient_cases`] → entry code | PAT-2 |
//! | many venues, one passphrase | [`Organisation`] | VEN-5, VEN-8 … VEN-10 |

use rand_core::CryptoRng;

use crate::ibe::{MasterPublicKey, MasterSecretKey};
use crate::messages::{
    CodeBinding, EntryCode, MAX_HOURS, MessageError, Part, PreTrace, SealedHalf, TraceCode, Unit,
    Upload, Venue,
};
use crate::passphrase::PassphraseError;
use crate::sealed_box::SealPublicKey;
use crate::time::{UnixSeconds, Window};

mod organisation;

pub use organisation::Organisation;

/// Why a venue's step was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VenueError {
    /// A message could not be made or read.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// The passphrase was refused.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// The passphrase is not the one that the organisation was set up with.
    #[error("the passphrase is not that of this organisation")]
    WrongPassphrase,
    /// An hour of the window is not over.
    #[error("the window's last hour is not over yet, and its key must not be known before")]
    HourNotOver,
    /// The entry code belongs to somebody else.
    #[error("the entry code does not belong to this organisation")]
    ForeignEntryCode,
}

/// Sets up a venue: the entry code for its poster and the trace code that it keeps private.
///
/// The authority's half of the master key is sealed to `authority` (its upload key) and forgotten:
/// afterwards neither the venue nor the authority holds the whole.
///
/// # Errors
/// [`VenueError::Message`] when the texts and details together are too long for a code.
///
/// Source: CrowdNotifier technical specification v3, "Setting up a location".
pub fn set_up<R: CryptoRng>(
    venue: Venue,
    authority: &SealPublicKey,
    rng: &mut R,
) -> Result<(EntryCode, TraceCode), VenueError> {
    // [VEN-1]
    let venue_key = MasterSecretKey::generate(rng);
    let (master_public_key, sealed_half) = complete_key(&venue_key, authority, rng)?;
    let entry_code = EntryCode::new(venue, master_public_key, &seed(rng))?;
    let trace_code = TraceCode::new(entry_code.clone(), venue_key, sealed_half);
    Ok((entry_code, trace_code))
}

/// Sets up a venue under an authority's patient master key: an entry code and no trace code.
///
/// The venue gives up its say. The authority alone can make the key of any of its hours, asked or
/// not, and can open its records on a device that it gets hold of. In exchange a visitor's own
/// upload is enough to warn the others.
///
/// # Errors
/// [`VenueError::Message`] when the texts and details together are too long for a code.
///
/// Source: CrowdNotifier technical specification v3, the server-based variant.
pub fn set_up_for_patient_cases<R: CryptoRng>(
    venue: Venue,
    patient_master_key: &MasterPublicKey,
    rng: &mut R,
) -> Result<EntryCode, VenueError> {
    // [PAT-2]
    Ok(EntryCode::new(venue, *patient_master_key, &seed(rng))?)
}

/// Makes the pre-traces for every hour that the window touches. All of these have to be over at
/// `now`.
///
/// # Errors
/// [`MessageError::TooMany`] for a window of more than 36 hours, [`VenueError::HourNotOver`].
pub fn pre_traces(
    trace_code: &TraceCode,
    window: Window,
    now: UnixSeconds,
) -> Result<Vec<PreTrace>, VenueError> {
    derive_pre_traces(
        trace_code.entry_code(),
        trace_code.master_secret_key(),
        trace_code.sealed_half(),
        (window, now),
    )
}

/// Makes the upload of a venue that was given a code for a window.
///
/// # Errors
/// As [`pre_traces`].
pub fn upload(
    trace_code: &TraceCode,
    window: Window,
    code: CodeBinding,
    now: UnixSeconds,
) -> Result<Upload, VenueError> {
    Ok(Upload { code, window, pre_traces: pre_traces(trace_code, window, now)? })
}

fn derive_pre_traces(
    entry_code: &EntryCode,
    venue_key: &MasterSecretKey,
    sealed_half: &SealedHalf,
    (window, now): (Window, UnixSeconds),
) -> Result<Vec<PreTrace>, VenueError> {
    // [REV-13]
    if now < window.over_at() {
        return Err(VenueError::HourNotOver);
    }
    // [VEN-2]
    let found = window.hours().take(MAX_HOURS + 1).count();
    if found > MAX_HOURS {
        Err(MessageError::TooMany {
            field: Part::Window,
            unit: Unit::Hours,
            found,
            limit: MAX_HOURS,
        })?;
    }
    let secrets = entry_code.secrets();
    let pre_trace = |hour| {
        let identity = secrets.identity(hour);
        PreTrace {
            identity,
            partial_identity_key: venue_key.partial_identity_key(identity.as_bytes()),
            sealed_half: *sealed_half,
            notification_key: secrets.notification_key().clone(),
            master_public_key: *entry_code.master_public_key(),
            pre_identity_nonce: *secrets.pre_identity_nonce(),
            time_key_nonce: *secrets.time_key_nonce(),
            payload: entry_code.as_bytes().to_vec(),
            window,
            hour,
        }
    };
    Ok(window.hours().map(pre_trace).collect())
}

/// Adds the authority's half to a venue's key: the master public key of both, and the authority's
/// half sealed to it. The half and the whole are dropped here.
fn complete_key<R: CryptoRng>(
    venue_key: &MasterSecretKey,
    authority: &SealPublicKey,
    rng: &mut R,
) -> Result<(MasterPublicKey, SealedHalf), VenueError> {
    let authority_half = MasterSecretKey::generate(rng);
    let whole = venue_key
        .sum(&authority_half)
        .map_err(|source| MessageError::Scalar { field: Part::MasterSecretKey, source })?;
    let master_public_key = whole.public_key();
    let sealed = authority
        .seal(authority_half.to_bytes().as_slice(), rng)
        .and_then(|sealed| SealedHalf::try_from(sealed).ok())
        .ok_or(MessageError::Malformed(Part::AuthoritySealedKey))?;
    Ok((master_public_key, sealed))
}

fn seed<R: CryptoRng>(rng: &mut R) -> [u8; EntryCode::SEED_LENGTH] {
    let mut seed = [0; EntryCode::SEED_LENGTH];
    rng.fill_bytes(&mut seed);
    seed
}
