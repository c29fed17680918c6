//! An open visit as it is shown, and whether its place is.

use noren::messages::EntryCode;
use noren::visitor::{OpenVisit, VisitId};
use serde::Serialize;

use crate::text::clean;
use crate::times;

/// An open visit, as it is printed.
#[derive(Serialize)]
pub(in crate::visitor) struct Open {
    #[serde(skip)]
    pub(in crate::visitor) id: VisitId,
    pub(in crate::visitor) visit: String,
    #[serde(flatten)]
    place: Option<Place>,
    arrival: String,
    ends_by_itself: String,
    /// Whether it has gone on for longer than people stay there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) overdue: Option<bool>,
    #[serde(skip)]
    pub(in crate::visitor) shown: String,
}

/// Where an open visit is, in the venue's own words.
#[derive(Serialize)]
pub(super) struct Place {
    venue: String,
    address: String,
    room: Option<String>,
}

impl Open {
    /// The visit without its place: whoever looks at the screen does not learn it.
    pub(in crate::visitor) fn new(visit: &OpenVisit) -> Self {
        // [VIS-10]
        let (arrival, end) = (visit.arrival(), visit.automatic_departure());
        Self {
            id: visit.id(),
            visit: visit.id().to_string(),
            place: None,
            arrival: times::rfc3339(arrival),
            ends_by_itself: times::rfc3339(end),
            overdue: None,
            shown: times::show_span(arrival, end),
        }
    }

    /// The visit, and with `places` where it is.
    pub(in crate::visitor) fn told(visit: &OpenVisit, places: Places) -> anyhow::Result<Self> {
        // [VIS-10]
        let open = Self::new(visit);
        if !places.places {
            return Ok(open);
        }
        let place = Place::of(&visit.entry_code()?);
        Ok(Self {
            shown: format!("{} ({})", clean(&place.line()), open.shown),
            place: Some(place),
            ..open
        })
    }
}

/// Whether open visits are shown with their places.
#[derive(Clone, Copy, clap::Args)]
pub(in crate::visitor) struct Places {
    /// Also show the places of open visits; whoever sees the screen can read them
    #[arg(long)]
    pub(in crate::visitor) places: bool,
}

impl Places {
    pub(in crate::visitor) const SHOWN: Self = Self { places: true };
    pub(in crate::visitor) const HIDDEN: Self = Self { places: false };

    /// Where an open visit is, if that is to be shown.
    pub(super) fn of(self, open: &[OpenVisit], id: VisitId) -> anyhow::Result<Option<Place>> {
        let visit = open.iter().find(|visit| self.places && visit.id() == id);
        visit.map(|visit| Ok(Place::of(&visit.entry_code()?))).transpose()
    }
}

impl Place {
    fn of(code: &EntryCode) -> Self {
        let venue = code.venue();
        Self {
            venue: venue.description().to_owned(),
            address: venue.address().to_owned(),
            room: venue.details().room().map(str::to_owned),
        }
    }

    pub(super) fn line(&self) -> String {
        let parts = [Some(&self.venue), self.room.as_ref(), Some(&self.address)];
        parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}
