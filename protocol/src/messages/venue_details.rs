//! What an owner may add to an entry code: the venue's kind, the room, the typical stay.

use serde::{Deserialize, Serialize};

use super::{MessageError, Part, RangeError, SELF_DESCRIBED_CBOR, check_cbor_version, check_text};
use crate::cbor;

const VERSION: u8 = 1;
const NAME: Part = Part::VenueDetails;

/// The longest room name, in characters.
pub const ROOM_CHARACTERS: usize = 32;
/// The longest typical stay, in minutes: after it a forgotten visit ends anyway.
pub const STAY_MINUTES: u16 = 720;

macro_rules! venue_kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)+) => {
        /// The kind of a venue, as warning policies tell venues apart.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum VenueKind {
            $($(#[$doc])* #[serde(rename = $name)] $kind,)+
        }

        impl VenueKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)+];

            /// Returns the name on the wire and on the command line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }
        }
    };
}

venue_kinds! {
    /// A restaurant or café.
    Restaurant = "restaurant",
    /// A bar.
    Bar = "bar",
    /// A night club, or another place with hospitality at the table.
    Nightclub = "nightclub",
    /// A live house (a small concert venue).
    LiveHouse = "live-house",
    /// A sports club.
    SportsClub = "sports-club",
    /// A gym.
    Gym = "gym",
    /// A bowling alley.
    Bowling = "bowling",
    /// A karaoke place.
    Karaoke = "karaoke",
    /// A dance hall.
    DanceHall = "dance-hall",
    /// A theatre.
    Theatre = "theatre",
    /// A cinema.
    Cinema = "cinema",
    /// A shop.
    Shop = "shop",
    /// An event.
    Event = "event",
    /// A school.
    School = "school",
    /// An office.
    Office = "office",
    /// Anything else.
    Other = "other",
}

impl std::str::FromStr for VenueKind {
    type Err = MessageError;

    fn from_str(name: &str) -> Result<Self, MessageError> {
        let mut kinds = Self::ALL.iter().copied();
        kinds
            .find(|kind| kind.name() == name)
            .ok_or(MessageError::OutOfRange(RangeError::VenueKind))
    }
}

/// Kind, room and typical stay of a venue, each where its owner gives it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VenueDetails {
    kind: Option<VenueKind>,
    room: Option<String>,
    stay_minutes: Option<u16>,
}

impl VenueDetails {
    /// Details from their parts: a room of at most 32 characters, a stay of 1 to 720 minutes.
    ///
    /// # Errors
    /// The part that is out of its range.
    pub fn new(
        kind: Option<VenueKind>,
        room: Option<String>,
        stay_minutes: Option<u16>,
    ) -> Result<Self, MessageError> {
        // [MSG-8]
        if let Some(room) = &room {
            check_text(Part::Room, room, ROOM_CHARACTERS)?;
        }
        if let Some(stay) = stay_minutes.filter(|stay| *stay == 0 || *stay > STAY_MINUTES) {
            return Err(MessageError::OutOfRange(RangeError::TypicalStay(stay)));
        }
        Ok(Self { kind, room, stay_minutes })
    }

    /// Returns the kind of the venue.
    #[must_use]
    pub const fn kind(&self) -> Option<VenueKind> {
        self.kind
    }

    /// Returns the room, hall or table.
    #[must_use]
    pub fn room(&self) -> Option<&str> {
        self.room.as_deref()
    }

    /// Returns how long people usually stay, in minutes.
    #[must_use]
    pub const fn stay_minutes(&self) -> Option<u16> {
        self.stay_minutes
    }

    /// Returns the bytes for `countryData`; empty when there is nothing to say.
    pub(crate) fn to_country_data(&self) -> Result<Vec<u8>, MessageError> {
        if *self == Self::default() {
            return Ok(Vec::new());
        }
        let body = cbor::to_vec(&(VERSION, self.kind, &self.room, self.stay_minutes))
            .map_err(|_| MessageError::Malformed(NAME))?;
        Ok([&SELF_DESCRIBED_CBOR[..], &body].concat())
    }

    /// Reads `countryData`; empty details where it is somebody else's.
    pub(crate) fn from_country_data(bytes: &[u8]) -> Result<Self, MessageError> {
        // [MSG-8]
        let Some(body) = bytes.strip_prefix(&SELF_DESCRIBED_CBOR) else {
            return Ok(Self::default());
        };
        check_cbor_version(NAME, body, VERSION)?;
        let (_, kind, room, stay_minutes): (u8, _, _, _) =
            cbor::from_slice(body).map_err(|_| MessageError::Malformed(NAME))?;
        Self::new(kind, room, stay_minutes)
    }
}
