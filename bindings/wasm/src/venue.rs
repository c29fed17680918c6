//! What a screen may show of a venue.

use noren::messages::Venue as CodeVenue;
use noren::visitor::VenueText;
use serde::Serialize;

/// `VenueText` of the page.
#[derive(Serialize)]
pub(crate) struct Venue {
    description: String,
    address: String,
    room: Option<String>,
    kind: Option<&'static str>,
}

impl Venue {
    pub(crate) fn of(venue: &CodeVenue) -> Self {
        Self {
            description: venue.description().to_owned(),
            address: venue.address().to_owned(),
            room: venue.details().room().map(str::to_owned),
            kind: venue.details().kind().map(|kind| kind.name()),
        }
    }

    pub(crate) fn of_text(text: &VenueText) -> Self {
        Self {
            description: text.description.clone(),
            address: text.address.clone(),
            room: text.room.clone(),
            kind: text.kind.map(|kind| kind.name()),
        }
    }
}
