//! What a publication is going to tell whom, before anybody is told: made from the very entries, and
//! with the texts as devices show them.

use std::collections::BTreeSet;

use noren::authority::covered_count;
use noren::messages::{Level, Notice, NoticeDetails};
use noren::time::{Day, Hour};
use serde::Serialize;

use super::batch::Batch;
use crate::authority::approvals::Action;
use crate::authority::desk::{CaseFile, Desk};
use crate::authority::release;
use crate::authority::review::differences;
use crate::authority::standing::Said;
use crate::context::Context;
use crate::text::{clean, counted};
use crate::times;
use crate::visitor::as_shown;

/// What is going to be told to whom.
#[derive(Serialize)]
pub(in crate::authority) struct Preview {
    notices: Vec<Told>,
    /// Entries that carry a notice.
    entries: usize,
    /// Entries that fill the batch up and tell nobody anything.
    cover: usize,
    /// The release time for which it waits; absent where it goes out at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<String>,
    #[serde(skip)]
    waits_until: Option<String>,
    /// Whether that release, or this publication, shows by its size or its time that there is a case.
    #[serde(skip_serializing_if = "Option::is_none")]
    shows: Option<&'static str>,
    /// Cases for which nothing goes out after all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    taken_out: Vec<String>,
}

/// What those are told who were at one venue in some of its hours.
#[derive(Serialize)]
struct Told {
    case: String,
    /// The venue in the desk's own words, and as the notice may name it.
    asked: String,
    venue: Venue,
    /// When it was dangerous.
    from: String,
    to: String,
    /// The beginnings of the hours that carry it.
    hours: Vec<String>,
    level: &'static str,
    names_venue: bool,
    names_date: bool,
    message: String,
    /// What stands for the case until now.
    instead_of: Option<String>,
    differences: Vec<&'static str>,
    /// The notice as a device shows it, in each language of the profile.
    shown: Vec<Shown>,
    /// What those are shown who were told before, and were not there at this time.
    no_longer: Vec<Shown>,
    #[serde(skip)]
    window: String,
}

#[derive(Serialize)]
struct Venue {
    name: String,
    address: String,
    room: Option<String>,
}

#[derive(Serialize)]
struct Shown {
    language: String,
    text: String,
}

impl Preview {
    pub(super) fn new(
        context: &Context,
        desk: &Desk<'_>,
        batch: &Batch,
        action: &Action,
    ) -> anyhow::Result<Self> {
        // [CLI-17]
        let mut notices = Vec::new();
        for (case, said) in batch.cases.iter().zip(&batch.said) {
            for same in alike(said) {
                notices.push(Told::new(context, desk, case, &same)?);
            }
        }
        let traces = batch.traces(context)?;
        let (cover, today) = (desk.policy()?.cover(), Day::containing(context.now()?));
        let patient_key = desk.keys.patient_key();
        let count = |traces: &[_]| covered_count(traces, cover, today, patient_key);
        let all = if traces.is_empty() { 0 } else { count(&traces) };
        let waits = release::waits(desk, action)? && !traces.is_empty();
        let next = release::next(desk)?;
        let shows = match next {
            // [CLI-35]
            Some(_) if !waits && !traces.is_empty() => Some(AT_ONCE),
            Some(_) if waits => {
                let waiting = release::entries(context, desk, batch)?;
                (count(&waiting) > count(&[])).then_some(LARGER)
            }
            _ => None,
        };
        let next = next.filter(|_| waits);
        Ok(Self {
            notices,
            entries: traces.len(),
            cover: all - traces.len(),
            waits_for: next.map(times::rfc3339),
            waits_until: next.map(times::show_named),
            shows,
            taken_out: batch.taken_out.iter().map(|case| case.id.clone()).collect(),
        })
    }

    pub(in crate::authority) fn lines(&self) -> String {
        let mut lines: Vec<String> = self.notices.iter().map(Told::lines).collect();
        let taken_out = |case| format!("case {case}: what waits for the release is taken out");
        lines.extend(self.taken_out.iter().map(taken_out));
        if self.notices.is_empty() && !self.taken_out.is_empty() {
            return lines.join("\n");
        }
        lines.push(match self.cover {
            0 => format!("In the log this is {}.", counted(self.entries, "entry")),
            cover => format!(
                "In the log this is {}, and {cover} more, which tell nobody anything, fill the batch \
                 up.",
                counted(self.entries, "entry")
            ),
        });
        let time = self.waits_until.as_ref();
        lines.extend(time.map(|time| format!("They go out with the release of {time}.")));
        lines.extend(self.shows.map(str::to_owned));
        lines.join("\n")
    }
}

/// What a publication shows that does not wait for a release.
const AT_ONCE: &str = "They go out at once, outside of the release times: everybody who follows the \
    log sees that there is a case, and when it was decided.";

/// What a release shows that is larger than all others.
const LARGER: &str = "With what waits already, that release is larger than one without a case: \
    everybody who follows the log sees that there is one.";

/// The hours that say the same, together.
fn alike(said: &[Said]) -> Vec<Vec<&Said>> {
    let mut groups: Vec<Vec<&Said>> = Vec::new();
    for each in said {
        match groups.iter_mut().find(|group| group.iter().any(|one| one.notice == each.notice)) {
            Some(group) => group.push(each),
            None => groups.push(vec![each]),
        }
    }
    groups
}

impl Told {
    fn new(
        context: &Context,
        desk: &Desk<'_>,
        case: &CaseFile,
        said: &[&Said],
    ) -> anyhow::Result<Self> {
        use anyhow::Context as _;
        let first = said.first().context("no hour carries a notice")?;
        let (notice, review) = (&first.notice, &first.review);
        let window = notice.window.unwrap_or(review.window);
        let details = notice.details.context("the notice has no level")?;
        let hours: BTreeSet<Hour> =
            said.iter().flat_map(|each| each.keys().map(|key| key.hour())).collect();
        let venue = review.entry_code.venue();
        let earlier = desk.case(&case.id)?.published;
        let left_out = earlier.as_ref().map(|earlier| earlier.window);
        let left_out = left_out
            .filter(|earlier| details.level != Level::Withdrawn && !window.contains(*earlier));
        // [PUB-2] Their devices take it back by themselves.
        let no_longer = left_out.map(|earlier| {
            let details = Some(NoticeDetails { level: Level::Withdrawn, ..details });
            let taken_back = Notice { window: Some(earlier), message: String::new(), details };
            shown(context, desk, first, &taken_back)
        });
        Ok(Self {
            case: case.id.clone(),
            asked: case.venue.clone(),
            venue: Venue {
                name: venue.description().to_owned(),
                address: venue.address().to_owned(),
                room: venue.details().room().map(str::to_owned),
            },
            from: times::rfc3339(window.start()),
            to: times::rfc3339(window.end()),
            hours: hours.into_iter().map(|hour| times::rfc3339(hour.start())).collect(),
            level: details.level.name(),
            names_venue: details.names_venue,
            names_date: details.names_date,
            message: notice.message.clone(),
            instead_of: earlier.map(|earlier| earlier.shown()),
            differences: match details.level {
                Level::Withdrawn => Vec::new(),
                // What stands is another case's.
                _ if case.published.is_none() => Vec::new(),
                _ => differences(case, review),
            },
            shown: shown(context, desk, first, notice)?,
            no_longer: no_longer.transpose()?.unwrap_or_default(),
            window: times::show_window(window),
        })
    }

    fn lines(&self) -> String {
        let Venue { name, address, room } = &self.venue;
        let room = room.as_deref().map(|room| format!(", {room}")).unwrap_or_default();
        let not = |named| if named { "" } else { "not " };
        let mut lines = vec![
            format!(
                "case {}: to those who were at {}",
                self.case,
                clean(&format!("{name}{room}, {address}"))
            ),
            format!("  asked for as: {}", clean(&self.asked)),
            format!("  at the time:  {}", self.window),
            format!(
                "  level:        {}; the venue is {}named, the date is {}named",
                self.level,
                not(self.names_venue),
                not(self.names_date)
            ),
            format!("  hours:        {}", self.hours.len()),
        ];
        let stands = self.instead_of.as_ref().map(|earlier| format!("  instead of:   {earlier}"));
        lines.extend(stands);
        if !self.differences.is_empty() {
            let rows = self.differences.join(", ");
            lines.push(format!(
                "  LOOK AT:      what the venue claims differs from what was asked: {rows}"
            ));
        }
        for Shown { language, text } in &self.shown {
            lines.push(format!("  as devices show it in {}:", clean(language)));
            lines.extend(text.lines().map(|line| format!("    {line}")));
        }
        for Shown { language, text } in &self.no_longer {
            lines.push(format!(
                "  to those who were told before and were not there then, in {}:",
                clean(language)
            ));
            lines.extend(text.lines().map(|line| format!("    {line}")));
        }
        lines.join("\n")
    }
}

/// The notice in every language in which the profile has a text for its level.
fn shown(
    context: &Context,
    desk: &Desk<'_>,
    said: &Said,
    notice: &Notice,
) -> anyhow::Result<Vec<Shown>> {
    let profile = desk.profile.profile();
    let level = notice.details.map_or(Level::Attention, |details| details.level);
    let texts = profile.texts.iter().filter(|text| text.level == level);
    let mut languages: Vec<&str> = Vec::new();
    for text in texts {
        if !languages.contains(&text.language.as_str()) {
            languages.push(&text.language);
        }
    }
    if languages.is_empty() {
        languages.push("en");
    }
    let show = |language: &str| {
        let text = as_shown(&said.review, notice, &desk.profile, language, context.now()?)?;
        Ok(Shown { language: language.to_owned(), text })
    };
    languages.into_iter().map(show).collect()
}
