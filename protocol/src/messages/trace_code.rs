//! The trace code: the venue's private half (`QRCodeTrace`).

use std::fmt;

use prost::Message as _;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::entry_code::EntryCode;
use super::protobuf::{QrCodeTrace, decode};
use super::{MessageError, Part, VERSION, check_version, exactly, qr_url};
use crate::ibe::MasterSecretKey;

const NAME: Part = Part::TraceCode;

/// The authority's half of a master secret key, sealed to its upload key: 80 bytes.
pub type SealedHalf = [u8; 80];

/// The venue's private code: its half of the master secret key and the authority's sealed half.
/// With it alone nobody can warn anybody; if it is lost, nobody can be warned at all. `Debug` shows
/// nothing.
#[derive(Clone)]
pub struct TraceCode {
    entry_code: EntryCode,
    master_secret_key: MasterSecretKey,
    sealed_half: SealedHalf,
}

impl ZeroizeOnDrop for TraceCode {}

impl TraceCode {
    pub(crate) const fn new(
        entry_code: EntryCode,
        master_secret_key: MasterSecretKey,
        sealed_half: SealedHalf,
    ) -> Self {
        Self { entry_code, master_secret_key, sealed_half }
    }

    /// Parses and checks the bytes of a trace code.
    ///
    /// # Errors
    /// The first check that fails; no error repeats a secret.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MessageError> {
        let message: QrCodeTrace = decode(NAME, bytes)?;
        let secret = &message.master_secret_key_location;
        check_version(NAME, message.version, VERSION)?;
        exactly::<{ MasterSecretKey::LENGTH }>(Part::VenueSecretKey, secret)?;
        Ok(Self {
            entry_code: EntryCode::from_bytes(&message.qr_code_payload)?,
            master_secret_key: MasterSecretKey::from_bytes(secret)
                .map_err(|source| MessageError::Scalar { field: Part::VenueSecretKey, source })?,
            sealed_half: exactly(Part::AuthoritySealedKey, &message.cipher_text_health_authority)?,
        })
    }

    /// Returns the bytes of the trace code. They are the secret itself.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let message = QrCodeTrace {
            version: VERSION,
            qr_code_payload: self.entry_code.as_bytes().to_vec(),
            master_secret_key_location: self.master_secret_key.to_bytes().to_vec(),
            cipher_text_health_authority: self.sealed_half.to_vec(),
        };
        Zeroizing::new(message.encode_to_vec())
    }

    /// Returns the bytes as base64url text, for a QR code or a file that people copy.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(qr_url::encode_payload(&self.to_bytes()))
    }

    /// Parses the text of [`TraceCode::to_text`].
    ///
    /// # Errors
    /// [`MessageError::Link`] for what is not base64url, or the check that fails inside.
    pub fn from_text(text: &str) -> Result<Self, MessageError> {
        Self::from_bytes(&Zeroizing::new(qr_url::decode_payload(text)?))
    }

    /// Returns the entry code that belongs to it.
    #[must_use]
    pub const fn entry_code(&self) -> &EntryCode {
        &self.entry_code
    }

    pub(crate) const fn master_secret_key(&self) -> &MasterSecretKey {
        &self.master_secret_key
    }

    pub(crate) const fn sealed_half(&self) -> &SealedHalf {
        &self.sealed_half
    }
}

impl fmt::Debug for TraceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.write_str("TraceCode(redacted)")
    }
}
