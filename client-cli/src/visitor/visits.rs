//! Check-in, check-out, and what is kept of visits.

mod open;

use std::ffi::OsString;

use anyhow::{Context as _, anyhow, bail};
use noren::messages::EntryCode;
use noren::time::UnixSeconds;
use noren::visitor::{EndedVisit, OpenVisit, Vault, VisitError, VisitId};
use serde::Serialize;

use self::open::Place;
pub(super) use self::open::{Open, Places};
use super::device::Device;
use super::keep::{change_visits, read, retention_start};
use super::reach::Reach;
use crate::context::Context;
use crate::followed::Followed;
use crate::outcome::{Answer, Outcome};
use crate::secret::PassphraseSource;
use crate::text::clean;
use crate::venue::{entry_code_of, link_from};
use crate::{clock, times};

#[derive(clap::Args)]
pub(crate) struct CheckIn {
    /// The code: a PNG, JPEG or WebP picture, the link itself, or "-" for either on the standard
    /// input
    code: OsString,
    /// The time of arrival, if it was not just now
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// How long you mean to stay; the check-out then happens by itself
    #[arg(long = "for", value_name = "LENGTH")]
    length: Option<String>,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

#[derive(clap::Args)]
pub(crate) struct CheckOut {
    /// The visit's id or its beginning; not needed while only one is open
    visit: Option<String>,
    /// The time of departure; one that is still to come can be changed until then
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    #[command(flatten)]
    places: Places,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

#[derive(clap::Args)]
pub(crate) struct List {
    #[command(flatten)]
    places: Places,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

pub(super) fn check_in(context: &Context, arguments: &CheckIn) -> Outcome {
    // [CLI-7]
    let link = link_from(&arguments.code, "CODE")?;
    let code = entry_code_of(&link)?;
    let followed = Followed::new(context).all();
    let reach = Reach::new(&code, &link, &followed);
    let now = context.now()?;
    let arrival = arguments.at.as_deref().map(|at| times::parse_arrival(at, now)).transpose()?;
    let arrival = arrival.unwrap_or(now);
    if arrival > now {
        bail!("the arrival lies in the future; check in when you are there");
    }
    // [CLI-30]
    retention_start(context)?.refuse_before(Some(arrival))?;
    let length = arguments.length.as_deref().map(times::parse_length).transpose()?;
    let enter = |device: &mut Device, now, rng: &mut _| {
        let vault = &mut device.vault;
        // [CLI-41]
        let logs = followed.iter().map(|each| vault.position(&each.profile().fingerprint()));
        let seen = logs.map(|log| log.timestamp).max().unwrap_or_default();
        let behind = clock::behind_what_was_seen(now, seen);
        let departure = length.map(|length| arrival.plus(length));
        let entered = vault.check_in_late(&code, arrival, departure, now, rng);
        let entered = entered.map_err(|error| match clock::doubt(now, seen) {
            Some(doubt) => anyhow::anyhow!("{error}. {doubt}"),
            None => explained(error, &code, arrival),
        })?;
        behind.iter().for_each(|words| context.output.say(format!("Attention: {words}")));
        let (id, extended) = match entered {
            noren::visitor::CheckIn::Opened(id) => (id, false),
            noren::visitor::CheckIn::Extended(id) => (id, true),
        };
        if extended && departure.is_some_and(|departure| departure < now) {
            context.output.say(
                "You are checked in there, and that visit goes on: `noren visitor check-out --at \
                 TIME` ends it",
            );
        }
        // Once, so that a sticker over the poster can be noticed.
        let open = vault.open_visits().iter().find(|visit| visit.id() == id);
        let open = open.map(|visit| Open::told(visit, Places::SHOWN));
        device.seal_due(now, rng)?;
        Ok((open.transpose()?.context("the visit is gone")?, extended))
    };
    let (open, extended) = change_visits(context, &arguments.passphrase, enter)?;
    #[derive(Serialize)]
    struct CheckedIn {
        #[serde(flatten)]
        open: Open,
        warnings: Reach,
    }
    context.output.done(&CheckedIn { open, warnings: reach }, |CheckedIn { open, warnings }| {
        let verb = if extended { "still checked in" } else { "checked in" };
        format!("{verb}: {}\nvisit {}{}", open.shown, open.visit, warnings.lines())
    })?;
    Ok(Answer::Yes)
}

pub(super) fn check_out(context: &Context, arguments: &CheckOut) -> Outcome {
    let left = change_visits(context, &arguments.passphrase, |device, now, rng| {
        let (id, at, ended, place) = match named_visit(device, arguments.visit.as_deref())? {
            Named::Open(id, arrival) => {
                let place = arguments.places.of(device.vault.open_visits(), id)?;
                let at = arguments.at.as_deref();
                let at = at.map(|at| times::parse_departure(at, now, arrival)).transpose()?;
                let at = at.unwrap_or(now);
                // [VIS-4]
                if at > now {
                    device.vault.plan_check_out(id, at, now)?;
                } else {
                    device.check_out(id, at, rng)?;
                }
                (id, at, None, place)
            }
            // [VIS-8]
            Named::Ended(ended) => (ended.id, ended.departure, Some(ended), None),
        };
        let in_diary = device.diary.as_ref().is_some_and(|diary| diary.entry(id).is_some());
        let left = Left::new(id, at, now, in_diary, ended.as_ref());
        Ok(Left { place, ..left })
    })?;
    context.output.done(&left, Left::line)?;
    // What was asked for and can no longer be done is not passed over.
    let is_refused = left.ended_by_itself && arguments.at.is_some();
    if is_refused {
        context.output.say("The time that you gave came too late: its records are sealed.");
    }
    Ok(if is_refused { Answer::No } else { Answer::Yes })
}

/// A visit that was left, or will be.
#[derive(Serialize)]
struct Left {
    visit: String,
    #[serde(flatten)]
    place: Option<Place>,
    departure: String,
    planned: bool,
    ended_by_itself: bool,
    in_diary: bool,
    #[serde(skip)]
    shown: String,
}

impl Left {
    fn new(
        id: VisitId,
        at: UnixSeconds,
        now: UnixSeconds,
        in_diary: bool,
        ended: Option<&Ended>,
    ) -> Self {
        Self {
            visit: id.to_string(),
            place: None,
            departure: times::rfc3339(at),
            planned: at > now,
            ended_by_itself: ended.is_some(),
            in_diary,
            shown: times::show(at),
        }
    }

    fn line(&self) -> String {
        let Self { shown, .. } = self;
        let place = self.place.as_ref().map(|place| format!(" at {}", clean(&place.line())));
        let visit = format!("{}{}", self.visit, place.unwrap_or_default());
        let ended = if self.ended_by_itself { "had ended by itself" } else { "ended" };
        match (self.planned, self.in_diary) {
            (true, _) => format!("visit {visit} will end at {shown}"),
            (false, false) => format!("visit {visit} {ended} at {shown}; its code is forgotten"),
            (false, true) => format!("visit {visit} {ended} at {shown}; it is in the diary"),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Visits {
    open: Vec<Open>,
    closed: Vec<Closed>,
}

#[derive(Serialize)]
struct Closed {
    visit: String,
    first_day: String,
    hours: usize,
}

impl Visits {
    pub(super) fn new(vault: &Vault, places: Places, now: UnixSeconds) -> anyhow::Result<Self> {
        let closed = vault.closed_visits().into_iter().map(|visit| Closed {
            visit: visit.id.to_string(),
            first_day: times::show_day(visit.first_day),
            hours: visit.hours,
        });
        // [VIS-7]
        let open = vault.open_visits().iter().map(|visit| {
            let mut open = Open::told(visit, places)?;
            open.overdue = Some(visit.reminder_due() <= now);
            Ok(open)
        });
        let open = open.collect::<anyhow::Result<_>>()?;
        Ok(Self { open, closed: closed.collect() })
    }

    fn shown(&self) -> String {
        let open = self.open.iter().map(|open| {
            let question = match open.overdue {
                Some(true) => ": longer than usual; check out if you have left",
                _ => "",
            };
            format!("open    {}  {}{question}", open.visit, open.shown)
        });
        let closed = self.closed.iter().map(|closed| {
            let Closed { visit, first_day, hours } = closed;
            format!("sealed  {visit}  {first_day} (UTC), hours touched: {hours}")
        });
        let lines: Vec<String> = open.chain(closed).collect();
        if lines.is_empty() { "no visits are kept".to_owned() } else { lines.join("\n") }
    }
}

pub(super) fn list(context: &Context, arguments: &List) -> Outcome {
    let visits = read(context, &arguments.passphrase, |device, now| {
        Visits::new(&device.vault, arguments.places, now)
    })?;
    context.output.data(&visits, Visits::shown)?;
    let none = visits.open.is_empty() && visits.closed.is_empty();
    Ok(if none { Answer::No } else { Answer::Yes })
}

/// Why a visit was refused; of a code that was not valid then, when it is.
pub(super) fn explained(error: VisitError, code: &EntryCode, at: UnixSeconds) -> anyhow::Error {
    // [VIS-6] [CLI-3]
    match error {
        VisitError::NotYetValid | VisitError::NoLongerValid => {
            let valid = code.venue().valid();
            let (start, end) = (times::show(valid.start()), times::show(valid.end()));
            let at = times::show(at);
            anyhow!("the code was not valid at {at}: it is valid from {start} to {end}")
        }
        other => other.into(),
    }
}

/// The visit that is meant, with its arrival.
pub(super) enum Named {
    Open(VisitId, UnixSeconds),
    /// It was open when the command began, and its time was up.
    Ended(Ended),
}

/// A visit that has ended by itself.
pub(super) struct Ended {
    id: VisitId,
    departure: UnixSeconds,
}

impl Ended {
    pub(super) fn explanation(&self) -> String {
        // [CLI-29]
        format!(
            "visit {} ended by itself at {}: its records are sealed, and nobody can correct them",
            self.id,
            times::show(self.departure)
        )
    }
}

/// The visit that is named, or the only one that is open; failing that, the only one that has just
/// ended by itself.
pub(super) fn named_visit(device: &Device, name: Option<&str>) -> anyhow::Result<Named> {
    let open = device.vault.open_visits();
    let ended = &device.ended;
    let id = match (name, open, ended.as_slice()) {
        (Some(name), ..) => {
            let ids = open.iter().map(OpenVisit::id).chain(ended.iter().map(EndedVisit::id));
            let closed = device.vault.closed_visits().into_iter().map(|visit| visit.id.to_string());
            visit_named(ids, name).map_err(|error| {
                if !name.is_empty() && closed.into_iter().any(|id| id.starts_with(name)) {
                    anyhow!("the visit {} has ended, and its record is sealed", clean(name))
                } else {
                    error.context("no such visit is open")
                }
            })?
        }
        (None, [only], _) => only.id(),
        (None, [], [only]) => only.id(),
        (None, [], []) => bail!(
            "no visit is open; one that was may have ended by itself, as `noren visitor visits` shows"
        ),
        (None, [], _) => bail!(
            "no visit is open: several have ended by themselves, as `noren visitor visits` shows"
        ),
        (None, ..) => bail!(
            "several visits are open; name one of those that `noren visitor visits` shows, with \
             `--places` where each is"
        ),
    };
    let open = open.iter().find(|visit| visit.id() == id);
    let ended = ended.iter().find(|visit| visit.id() == id);
    match (open, ended) {
        (Some(open), _) => Ok(Named::Open(id, open.arrival())),
        (None, Some(ended)) => Ok(Named::Ended(Ended { id, departure: ended.stay().departure() })),
        (None, None) => bail!("no visit is open"),
    }
}

/// The visit whose id begins so.
pub(super) fn visit_named(
    ids: impl Iterator<Item = VisitId>,
    name: &str,
) -> anyhow::Result<VisitId> {
    let found: Vec<_> = ids.filter(|id| id.to_string().starts_with(name)).collect();
    match found.as_slice() {
        [only] if !name.is_empty() => Ok(*only),
        [] => bail!("no visit {} is kept; `noren visitor visits` shows them", clean(name)),
        _ => bail!("{} could mean several visits; give more of the id", clean(name)),
    }
}
