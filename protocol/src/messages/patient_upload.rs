//! The upload of a patient case: the visits that a diagnosed visitor chose to tell the authority,
//! sealed to it, outwardly the same as a venue's upload.

use std::fmt;

use rand_core::CryptoRng;
use serde_tuple::{Deserialize_tuple, Serialize_tuple};
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

use super::upload::{open_padded, seal_padded};
use super::upload_code::CodeBinding;
use super::{MessageError, Part, RangeError, check_cbor_version, exactly};
use crate::cbor::SecretBytes;
use crate::sealed_box::{SealPublicKey, SealSecretKey};
use crate::time::UnixSeconds;
use crate::{cbor, domain};

const NAME: Part = Part::UploadOfVisits;
const VERSION: u8 = 2;

/// The most visits that one upload can carry.
pub const MAX_VISITS: usize = 40;

/// One visit as the visitor's readable record has it. Nothing is checked yet. `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct ClaimedVisit {
    /// The raw payload of the venue's entry code.
    #[serde(with = "serde_bytes")]
    pub payload: Vec<u8>,
    /// The time at which the visitor came.
    pub arrival: UnixSeconds,
    /// The time at which the visitor left.
    pub departure: UnixSeconds,
}

impl Drop for ClaimedVisit {
    fn drop(&mut self) {
        // [IBE-10]
        self.payload.zeroize();
    }
}

impl ZeroizeOnDrop for ClaimedVisit {}

impl fmt::Debug for ClaimedVisit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.write_str("ClaimedVisit(redacted)")
    }
}

/// A diagnosed visitor's upload: the binding of the authority's code, and the visits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientUpload {
    /// The binding to the code that was given out for the case.
    pub code: CodeBinding,
    /// 1 to 40 visits, the earliest arrival first.
    pub visits: Vec<ClaimedVisit>,
}

type Wire = (u8, String, SecretBytes, Vec<ClaimedVisit>);

impl PatientUpload {
    /// Seals the upload to the authority: 65,536 bytes, as every upload.
    ///
    /// # Errors
    /// [`MessageError::OutOfRange`] for no visit or more than 40, [`MessageError::TooLong`] for
    /// payloads that are longer than any may be.
    pub fn seal<R: CryptoRng>(
        &self,
        key: &SealPublicKey,
        rng: &mut R,
    ) -> Result<Vec<u8>, MessageError> {
        // [PAT-3]
        check_visits(self.visits.len())?;
        let code = SecretBytes::new(self.code.as_bytes());
        let wire: Wire = (VERSION, domain::PATIENT_UPLOAD.to_owned(), code, self.visits.clone());
        let body = Zeroizing::new(cbor::to_vec(&wire).map_err(|_| MessageError::Malformed(NAME))?);
        seal_padded(NAME, &body, key, rng)
    }

    /// Opens a sealed upload and parses what is inside, believing none of it.
    ///
    /// # Errors
    /// [`MessageError::DoesNotOpen`], or the first check of form that fails.
    pub fn open(key: &SealSecretKey, sealed: &[u8]) -> Result<Self, MessageError> {
        // [PAT-4]
        let body = open_padded(NAME, key, sealed)?;
        check_cbor_version(NAME, &body, VERSION)?;
        let (_, marker, code, visits): Wire =
            cbor::from_slice(&body).map_err(|_| MessageError::Malformed(NAME))?;
        if marker != domain::PATIENT_UPLOAD {
            return Err(MessageError::Malformed(NAME));
        }
        check_visits(visits.len())?;
        Ok(Self {
            code: CodeBinding::from_bytes(exactly(Part::CodeBinding, code.as_slice())?),
            visits,
        })
    }
}

fn check_visits(found: usize) -> Result<(), MessageError> {
    if (1..=MAX_VISITS).contains(&found) {
        Ok(())
    } else {
        Err(MessageError::OutOfRange(RangeError::Visits(found)))
    }
}
