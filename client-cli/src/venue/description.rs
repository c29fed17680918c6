//! What an owner says of a venue, from the arguments.

use anyhow::{Context as _, bail, ensure};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use noren::messages::{Venue, VenueDetails, VenueKind};
use noren::time::{Hour, UnixSeconds, Window};

use crate::times;

/// A code is good for a year where nobody says otherwise: posters wear out, and a lost trace code
/// ends with its entry code.
const VALID_SECONDS: u64 = 365 * 86_400;

#[derive(clap::Args)]
pub(crate) struct Description {
    /// The venue's name, at most 100 characters
    #[arg(long)]
    name: String,
    /// Its address, at most 100 characters
    #[arg(long)]
    address: String,
    /// From when the code is valid [default: the beginning of this hour]
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Until when the code is valid; for an event, its end [default: 365 days after its beginning]
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// What kind of venue it is
    #[arg(long, value_parser = kind_parser())]
    kind: Option<VenueKind>,
    /// The room, hall or table, at most 32 characters
    #[arg(long)]
    room: Option<String>,
    /// How long people usually stay, like 90m or 2h; at most 12h
    #[arg(long, value_name = "LENGTH")]
    stay: Option<String>,
}

impl Description {
    pub(crate) fn venue(&self, now: UnixSeconds) -> anyhow::Result<Venue> {
        let stay = self.stay.as_deref().map(stay_minutes).transpose()?;
        let details = VenueDetails::new(self.kind, self.room.clone(), stay);
        let details = details.context("see --room and --stay")?;
        let venue = Venue::new(&self.name, &self.address, self.valid(now)?, details);
        venue.context("see --name and --address")
    }

    fn valid(&self, now: UnixSeconds) -> anyhow::Result<Window> {
        let from = self.from.as_deref().map(|text| times::parse_from(text, now)).transpose()?;
        let to = self.to.as_deref().map(|text| times::parse_to(text, now)).transpose()?;
        validity(from, to, now)
    }
}

/// How long a code is valid of which both, one or none of the ends are given.
pub(crate) fn validity(
    from: Option<UnixSeconds>,
    to: Option<UnixSeconds>,
    now: UnixSeconds,
) -> anyhow::Result<Window> {
    let start = from.unwrap_or_else(|| Hour::containing(now).start());
    let end = to.unwrap_or_else(|| start.plus(VALID_SECONDS));
    let valid =
        Window::new(start, end).context("the code's validity has to end after it begins")?;
    // [CLI-30]
    ensure!(
        now < valid.end(),
        "it is over already, since {}: nobody could check in any more",
        times::show(valid.end())
    );
    Ok(valid)
}

pub(crate) fn stay_minutes(text: &str) -> anyhow::Result<u16> {
    let seconds = times::parse_length(text)?;
    if seconds % 60 != 0 {
        bail!("the typical stay is told in whole minutes, like 90m");
    }
    u16::try_from(seconds / 60).context("the typical stay is at most 12h")
}

/// Reads a kind of venue by its name.
pub(crate) fn kind_parser() -> impl TypedValueParser<Value = VenueKind> {
    PossibleValuesParser::new(VenueKind::ALL.iter().map(|kind| kind.name()))
        .try_map(|name| name.parse::<VenueKind>())
}
