//! Reports: what an interview tells of a venue.

use noren::authority::{Premises, Size};
use noren::messages::VenueKind;

use super::done::act;
use super::place::open;
use crate::context::Context;
use crate::desk::{Action, NewReport};
use crate::errors::whole_number;
use crate::outcome::Outcome;
use crate::times;
use crate::venue::kind_parser;

#[derive(clap::Args)]
pub(crate) struct ReportArguments {
    /// The venue's name, always the same way; nothing about the person
    #[arg(long, value_name = "NAME")]
    venue: String,
    /// What kind of venue it is
    #[arg(long, value_parser = kind_parser())]
    kind: VenueKind,
    /// How many seats it has
    #[arg(long, value_parser = whole_number::<u32>, value_name = "N", conflicts_with_all = ["area", "event_size"])]
    seats: Option<u32>,
    /// How large it is, in square metres
    #[arg(long, value_parser = whole_number::<u32>, value_name = "M2", conflicts_with = "event_size")]
    area: Option<u32>,
    /// How many people were there, if it was an event
    #[arg(long, value_parser = whole_number::<u32>, value_name = "N")]
    event_size: Option<u32>,
    /// When the infected person came
    #[arg(long, value_name = "TIME")]
    from: String,
    /// When the infected person left
    #[arg(long, value_name = "TIME")]
    to: String,
    /// Do not open a case, even if the threshold is reached
    #[arg(long)]
    no_case: bool,
    /// How long the code of a case that is opened is good
    #[arg(long, default_value = "7d", value_name = "LENGTH")]
    expires: String,
}

impl ReportArguments {
    fn premises(&self) -> Premises {
        let seats = self.seats.map(Size::Seats);
        let area = || self.area.map(Size::SquareMetres);
        let people = || self.event_size.map(Size::Attendance);
        Premises { kind: self.kind, size: seats.or_else(area).or_else(people) }
    }

    fn new_report(&self, context: &Context) -> anyhow::Result<NewReport> {
        let stay = times::parse_window(&self.from, &self.to, context.now()?)?;
        let life = || times::parse_length(&self.expires);
        Ok(NewReport {
            venue: self.venue.clone(),
            premises: self.premises(),
            stay,
            case_life: if self.no_case { None } else { Some(life()?) },
        })
    }
}

pub(super) fn report(context: &Context, arguments: &ReportArguments) -> Outcome {
    if !arguments.no_case {
        context.output.check_seen()?;
    }
    let new = arguments.new_report(context)?;
    act(context, &mut open(context)?, Action::TakeReport(new))
}
