//! The sealed upload: a venue's pre-traces for one window, sealed to the authority, always of the
//! same length.

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::pre_trace::PreTrace;
use super::upload_code::CodeBinding;
use super::{MessageError, Part, Unit, check_cbor_version};
use crate::cbor::SecretBytes;
use crate::sealed_box::{SEAL_OVERHEAD, SealPublicKey, SealSecretKey};
use crate::time::Window;
use crate::{cbor, padding};

const NAME: Part = Part::Upload;
const VERSION: u8 = 2;

/// Length of every sealed upload in bytes.
pub const SEALED_UPLOAD_LENGTH: usize = 65_536;
/// The most hours that one upload can carry.
pub const MAX_HOURS: usize = 36;
const PLAINTEXT_LENGTH: usize = SEALED_UPLOAD_LENGTH - SEAL_OVERHEAD;

/// A venue's upload: the binding of its code, the window, a pre-trace for each hour.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The binding to the code that was given out for the case. The server does not know
    /// it: it can neither hand an upload out under another code nor make one of its own.
    pub code: CodeBinding,
    /// The window that the venue was asked for.
    pub window: Window,
    /// One pre-trace for each hour that the window touches.
    pub pre_traces: Vec<PreTrace>,
}

type Wire = (u8, SecretBytes, Window, Vec<SecretBytes>);

impl Upload {
    /// Seals the upload to the authority: 65,536 bytes, whatever is inside.
    ///
    /// # Errors
    /// [`MessageError::TooMany`] for more than 36 hours, [`MessageError::TooLong`] for more than fits.
    pub fn seal<R: CryptoRng>(
        &self,
        key: &SealPublicKey,
        rng: &mut R,
    ) -> Result<Vec<u8>, MessageError> {
        // [VEN-3]
        check_hours(self.pre_traces.len())?;
        let pre_traces =
            self.pre_traces.iter().map(|each| SecretBytes::new(&each.to_bytes())).collect();
        let code = SecretBytes::new(self.code.as_bytes());
        let wire: Wire = (VERSION, code, self.window, pre_traces);
        let body = Zeroizing::new(cbor::to_vec(&wire).map_err(|_| MessageError::Malformed(NAME))?);
        seal_padded(NAME, &body, key, rng)
    }

    /// Opens a sealed upload and parses what is inside, believing none of it.
    ///
    /// # Errors
    /// [`MessageError::DoesNotOpen`], or the first check of form that fails.
    pub fn open(key: &SealSecretKey, sealed: &[u8]) -> Result<Self, MessageError> {
        // [REV-1]
        let body = open_padded(NAME, key, sealed)?;
        check_cbor_version(NAME, &body, VERSION)?;
        let (_, code, window, pre_traces): Wire =
            cbor::from_slice(&body).map_err(|_| MessageError::Malformed(NAME))?;
        check_hours(pre_traces.len())?;
        let code = CodeBinding::from_bytes(super::exactly(Part::CodeBinding, code.as_slice())?);
        let mut upload = Self { code, window, pre_traces: Vec::with_capacity(pre_traces.len()) };
        for bytes in pre_traces {
            let pre_trace = PreTrace::from_bytes_after(upload.pre_traces.last(), bytes.as_slice())?;
            upload.pre_traces.push(pre_trace);
        }
        Ok(upload)
    }
}

/// Pads and seals the body of an upload, whoever makes it: 65,536 bytes.
pub(super) fn seal_padded<R: CryptoRng>(
    name: Part,
    body: &[u8],
    key: &SealPublicKey,
    rng: &mut R,
) -> Result<Vec<u8>, MessageError> {
    // [VEN-3] [PAT-3]
    let (found, limit) = (body.len(), padding::capacity(PLAINTEXT_LENGTH));
    let too_long = MessageError::TooLong { field: name, found, limit };
    let padded = padding::pad(body, PLAINTEXT_LENGTH).ok_or(too_long.clone())?;
    key.seal(&padded, rng).ok_or(too_long)
}

/// Opens a sealed upload and takes the padding off.
pub(super) fn open_padded(
    name: Part,
    key: &SealSecretKey,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, MessageError> {
    // [REV-1] [PAT-4]
    super::exactly::<SEALED_UPLOAD_LENGTH>(Part::SealedUpload, sealed)?;
    let padded = key.open(sealed).ok_or(MessageError::DoesNotOpen(name))?;
    let body = padding::unpad(&padded).ok_or(MessageError::Malformed(name))?;
    Ok(Zeroizing::new(body.to_vec()))
}

/// Returns random bytes that look like a sealed upload to anyone but the authority.
pub fn dummy_upload<R: CryptoRng>(
    key: &SealPublicKey,
    rng: &mut R,
) -> Result<Vec<u8>, MessageError> {
    let nothing = Zeroizing::new(vec![0; PLAINTEXT_LENGTH]);
    key.seal(&nothing, rng).ok_or(MessageError::Malformed(NAME))
}

fn check_hours(found: usize) -> Result<(), MessageError> {
    if found > MAX_HOURS {
        Err(MessageError::TooMany {
            field: Part::Upload,
            unit: Unit::Hours,
            found,
            limit: MAX_HOURS,
        })
    } else {
        Ok(())
    }
}
