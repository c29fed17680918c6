//! The notice: what a trace says to those who were there (`AssociatedData`), sealed under the
//! venue's notification key.

use prost::Message as _;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::protobuf::{AssociatedData, AssociatedDataWithoutTimes, decode};
use super::{
    MessageError, Part, RangeError, SELF_DESCRIBED_CBOR, VERSION, check_cbor_version, check_version,
};
use crate::cbor;
use crate::identity::NotificationKey;
use crate::sealed_box::{NONCE_LENGTH, open_secretbox, seal_secretbox};
use crate::time::{UnixSeconds, Window};

const NAME: Part = Part::Notice;
const DETAILS: Part = Part::NoticeDetails;
const DETAILS_VERSION: u8 = 1;

/// Length of every notice that Noren writes, in bytes, before it is sealed.
pub const NOTICE_LENGTH: usize = 512;
/// The longest message, in bytes of UTF-8.
pub const MESSAGE_BYTES: usize = 200;

/// How serious a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
#[non_exhaustive]
pub enum Level {
    /// Somebody infected was there at the time.
    Attention,
    /// Several infections are tied to the place and time.
    Cluster,
    /// An earlier notice was wrong and no longer stands.
    Withdrawn,
}

impl Level {
    /// Returns the name on the command line and in profiles.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attention => "attention",
            Self::Cluster => "cluster",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl TryFrom<u8> for Level {
    type Error = MessageError;

    fn try_from(number: u8) -> Result<Self, MessageError> {
        match number {
            0 => Ok(Self::Attention),
            1 => Ok(Self::Cluster),
            2 => Ok(Self::Withdrawn),
            _ => Err(MessageError::OutOfRange(RangeError::Level(number))),
        }
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        match level {
            Level::Attention => 0,
            Level::Cluster => 1,
            Level::Withdrawn => 2,
        }
    }
}

/// Which of the two layouts of `AssociatedData` to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// With the window, as the specification and the phone SDKs have it.
    #[default]
    WithTimes,
    /// Without the window, as the TypeScript library and the NotifyMe backend have it.
    WithoutTimes,
}

/// The details that Noren adds to a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoticeDetails {
    /// How serious it is.
    pub level: Level,
    /// Whether the visitor may be shown the venue. The device knows it either way, from its own
    /// record; the authority wishes it, and the visitor's program keeps to it.
    pub names_venue: bool,
    /// Whether the visitor may be shown day and time, likewise.
    pub names_date: bool,
}

impl NoticeDetails {
    /// What a notice without details is read as.
    pub(crate) const UNSAID: Self =
        Self { level: Level::Attention, names_venue: false, names_date: true };
}

/// A notice as a visitor's device reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// When it was dangerous; absent in the layout that has no times.
    pub window: Option<Window>,
    /// A short text, at most 200 bytes, for programs that know no levels.
    pub message: String,
    /// Level and disclosure; absent where another program wrote the notice.
    pub details: Option<NoticeDetails>,
}

impl Notice {
    /// Parses the plaintext of a notice, in either layout.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MessageError> {
        // [MSG-6] Only field 3 tells the layouts apart: a number here, bytes there.
        let (version, message, window, country_data) = match decode::<AssociatedData>(NAME, bytes) {
            Ok(data) => {
                let window = window(data.start_timestamp, data.end_timestamp)?;
                (data.version, data.message, window, data.country_data)
            }
            Err(told @ (MessageError::TrailingBytes(_) | MessageError::FieldTwice { .. })) => {
                return Err(told);
            }
            Err(_) => {
                let data: AssociatedDataWithoutTimes = decode(NAME, bytes)?;
                (data.version, data.message, None, data.country_data)
            }
        };
        check_version(NAME, version, VERSION)?;
        Ok(Self { window, message, details: read_details(&country_data)? })
    }

    /// Returns the plaintext of a notice: always 512 bytes where there are details, whatever they
    /// say.
    ///
    /// # Errors
    /// [`MessageError::TooLong`] for a message of more than 200 bytes, [`MessageError::Missing`]
    /// without the window that [`Layout::WithTimes`] writes.
    pub fn to_bytes(&self, layout: Layout) -> Result<Zeroizing<Vec<u8>>, MessageError> {
        // [MSG-9]
        if self.message.len() > MESSAGE_BYTES {
            let (found, limit) = (self.message.len(), MESSAGE_BYTES);
            return Err(MessageError::TooLong { field: Part::Message, found, limit });
        }
        let Some(details) = self.details else {
            return self.encode(layout, Vec::new());
        };
        let unpadded = self.encode(layout, write_details(details, 0)?)?.len();
        // The padding's own length prefixes take up to four bytes more.
        (NOTICE_LENGTH.saturating_sub(unpadded + 4)..NOTICE_LENGTH)
            .find_map(|padding| {
                let country_data = write_details(details, padding).ok()?;
                let bytes = self.encode(layout, country_data).ok()?;
                (bytes.len() == NOTICE_LENGTH).then_some(bytes)
            })
            .ok_or(MessageError::OutOfRange(RangeError::NoticeLength))
    }

    fn encode(
        &self,
        layout: Layout,
        country_data: Vec<u8>,
    ) -> Result<Zeroizing<Vec<u8>>, MessageError> {
        let (version, message) = (VERSION, self.message.clone());
        Ok(Zeroizing::new(match layout {
            Layout::WithTimes => {
                let window = self.window.ok_or(MessageError::Missing(Part::Window))?;
                let (start, end) = (window.start().as_i64(), window.end().as_i64());
                AssociatedData {
                    version,
                    message,
                    start_timestamp: start,
                    end_timestamp: end,
                    country_data,
                }
                .encode_to_vec()
            }
            Layout::WithoutTimes => {
                AssociatedDataWithoutTimes { version, message, country_data }.encode_to_vec()
            }
        }))
    }

    /// Seals the notice under the notification key with a random nonce.
    ///
    /// # Errors
    /// As [`Notice::to_bytes`].
    pub fn seal<R: CryptoRng>(
        &self,
        key: &NotificationKey,
        layout: Layout,
        rng: &mut R,
    ) -> Result<SealedNotice, MessageError> {
        let plaintext = self.to_bytes(layout)?;
        let mut nonce = [0; NONCE_LENGTH];
        rng.fill_bytes(&mut nonce);
        let bytes = seal_secretbox(key.as_bytes(), &nonce, &plaintext)
            .ok_or(MessageError::OutOfRange(RangeError::NoticeLength))?;
        Ok(SealedNotice { nonce, bytes })
    }
}

/// A notice under a notification key: a nonce of 24 bytes and tag (16) ‖ ciphertext.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedNotice {
    nonce: [u8; NONCE_LENGTH],
    bytes: Vec<u8>,
}

impl SealedNotice {
    /// Returns a sealed notice from its parts.
    #[must_use]
    pub const fn new(nonce: [u8; NONCE_LENGTH], bytes: Vec<u8>) -> Self {
        Self { nonce, bytes }
    }

    /// Returns the nonce, 24 bytes.
    #[must_use]
    pub const fn nonce(&self) -> &[u8; NONCE_LENGTH] {
        &self.nonce
    }

    /// Returns tag and ciphertext.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Opens and parses the notice.
    ///
    /// # Errors
    /// [`MessageError::DoesNotOpen`] for another key, or what is wrong with the notice inside.
    pub fn open(&self, key: &NotificationKey) -> Result<Notice, MessageError> {
        let plaintext = open_secretbox(key.as_bytes(), &self.nonce, &self.bytes)
            .ok_or(MessageError::DoesNotOpen(NAME))?;
        Notice::from_bytes(&plaintext)
    }
}

/// Returns the window of a notice, or `None` for one without times: proto3 leaves zeros out, so
/// that both read as zero.
fn window(start: i64, end: i64) -> Result<Option<Window>, MessageError> {
    if (start, end) == (0, 0) {
        return Ok(None);
    }
    let time = |source| MessageError::Time { field: Part::Window, source };
    let (start, end) =
        (UnixSeconds::from_i64(start).map_err(time)?, UnixSeconds::from_i64(end).map_err(time)?);
    Window::new(start, end).map(Some).map_err(time)
}

fn write_details(details: NoticeDetails, padding: usize) -> Result<Vec<u8>, MessageError> {
    let padding = serde_bytes::ByteBuf::from(vec![0; padding]);
    let body = cbor::to_vec(&(
        DETAILS_VERSION,
        details.level,
        details.names_venue,
        details.names_date,
        padding,
    ))
    .map_err(|_| MessageError::Malformed(DETAILS))?;
    Ok([&SELF_DESCRIBED_CBOR[..], &body].concat())
}

fn read_details(country_data: &[u8]) -> Result<Option<NoticeDetails>, MessageError> {
    // [MSG-9]
    let Some(body) = country_data.strip_prefix(&SELF_DESCRIBED_CBOR) else {
        return Ok(None);
    };
    check_cbor_version(DETAILS, body, DETAILS_VERSION)?;
    let (_, level, names_venue, names_date, padding): (u8, _, _, _, serde_bytes::ByteBuf) =
        cbor::from_slice(body).map_err(|_| MessageError::Malformed(DETAILS))?;
    if padding.iter().any(|byte| *byte != 0) {
        return Err(MessageError::Malformed(DETAILS));
    }
    Ok(Some(NoticeDetails { level, names_venue, names_date }))
}
