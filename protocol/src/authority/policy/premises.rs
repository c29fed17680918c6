//! A place, as far as a policy looks at it.

use serde::{Deserialize, Serialize};

use crate::messages::VenueKind;

/// The place that was reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Premises {
    /// Its kind.
    pub kind: VenueKind,
    /// Its size, where it is known.
    pub size: Option<Size>,
}

/// The size of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Size {
    /// Seats.
    Seats(u32),
    /// Square metres, a broken number rounded down.
    SquareMetres(u32),
    /// People at an event held there.
    Attendance(u32),
}

impl Size {
    /// Returns what is counted.
    #[must_use]
    pub const fn measure(self) -> Measure {
        match self {
            Self::Seats(_) => Measure::Seats,
            Self::SquareMetres(_) => Measure::Area,
            Self::Attendance(_) => Measure::Attendance,
        }
    }

    /// Returns how many there are.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::Seats(number) | Self::SquareMetres(number) | Self::Attendance(number) => number,
        }
    }
}

/// What a place's size is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Seats.
    Seats,
    /// Square metres.
    Area,
    /// People at an event.
    Attendance,
}

impl Measure {
    /// Returns the name in the file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seats => "seats",
            Self::Area => "area",
            Self::Attendance => "attendance",
        }
    }
}
