//! What may be out of its range in a message, each with the range.

use super::Part;
use crate::messages::window_code::MAX_MINUTES;
use crate::messages::{MAX_VISITS, NOTICE_LENGTH, STAY_MINUTES, VenueKind};

/// A value that no message may hold, with the values that it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RangeError {
    /// A character that no code has. Which one is not told: it is a part of a secret.
    #[error(
        "the {0} has a character that no code has; it consists of digits and the letters but U"
    )]
    CodeSymbol(Part),
    /// An upload code or window code that was mistyped or misheard, or the window code of another
    /// case.
    #[error(
        "the {0} is mistyped or misheard: its last two characters check the others, and do not fit"
    )]
    CheckSymbols(Part),
    /// A window code of no minute or too many.
    #[error("the window code is of {0} minutes; a window has 1 to {MAX_MINUTES}")]
    WindowMinutes(u64),
    /// Visits that a visitor tells in one upload.
    #[error("the upload tells {0} visits; it has to be 1 to {MAX_VISITS}")]
    Visits(usize),
    /// A window around a visit that lacks a part of it, or reaches too far.
    #[error("the window has to hold the whole visit, and to end at most 25 hours away from it")]
    VisitWindow,
    /// A notice about more than the venue gave keys for.
    #[error("the notice's window reaches beyond the window that the venue uploaded keys for")]
    NoticeWindow,
    /// A notice that does not fit its one length.
    #[error("the notice does not fit into {NOTICE_LENGTH} bytes; shorten its message")]
    NoticeLength,
    /// A number that no level has.
    #[error("a notice has the level {0}; there are 0 to 2: attention, cluster, withdrawn")]
    Level(u8),
    /// A name that no kind of venue has.
    #[error("there is no such kind of venue; there are {}", kinds())]
    VenueKind,
    /// Minutes that people stay.
    #[error("the typical stay is {0} minutes; it has to be 1 to {STAY_MINUTES}")]
    TypicalStay(u16),
}

fn kinds() -> String {
    VenueKind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ")
}
