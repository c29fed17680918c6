//! An exposure in numbers and texts alone, for programs in other languages.

use serde::{Deserialize, Serialize};

use super::{Exposure, News};

/// An [`Exposure`] whose members are numbers, texts and truth values only. As JSON it is an object
/// with these names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlainExposure {
    /// Its id: hexadecimal digits, the same in every round.
    pub id: String,
    /// The authority's fingerprint: 64 hexadecimal digits.
    pub authority: String,
    /// When the visitor came, in seconds since 1970.
    pub arrival: u64,
    /// When the visitor left, in seconds since 1970.
    pub departure: u64,
    /// When the dangerous time began, in seconds since 1970.
    pub window_start: u64,
    /// The first second after it.
    pub window_end: u64,
    /// The seconds of the dangerous time that the visitor was there.
    pub overlap_seconds: u64,
    /// `attention`, `cluster` or `withdrawn`.
    pub level: String,
    /// The short message; may be empty.
    pub message: String,
    /// The venue's name, where the authority lets it be named.
    pub venue_name: Option<String>,
    /// The venue's address, where the authority lets it be named.
    pub venue_address: Option<String>,
    /// The room, where the code gave one and the authority lets it be named.
    pub venue_room: Option<String>,
    /// Whether the authority lets day and time be shown.
    pub names_date: bool,
    /// When the device learned of it, in seconds since 1970.
    pub received: u64,
    /// `new`, `changed`, `withdrawn`, or nothing where the visitor was told everything.
    pub news: Option<String>,
}

impl From<&Exposure> for PlainExposure {
    fn from(exposure: &Exposure) -> Self {
        let venue = exposure.venue.as_ref();
        Self {
            id: exposure.id.to_string(),
            authority: hex::encode(exposure.authority.as_bytes()),
            arrival: exposure.stay.arrival().get(),
            departure: exposure.stay.departure().get(),
            window_start: exposure.window.start().get(),
            window_end: exposure.window.end().get(),
            overlap_seconds: exposure.overlap.seconds(),
            level: exposure.level.name().to_owned(),
            message: exposure.message.clone(),
            venue_name: venue.map(|venue| venue.description.clone()),
            venue_address: venue.map(|venue| venue.address.clone()),
            venue_room: venue.and_then(|venue| venue.room.clone()),
            names_date: exposure.names_date,
            received: exposure.received.get(),
            news: exposure.news.map(|news| news.name().to_owned()),
        }
    }
}

impl News {
    /// Returns the name in [`PlainExposure`] and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Withdrawn => "withdrawn",
        }
    }
}
