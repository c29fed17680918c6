//! A preview, with the texts as devices show them.

use noren::messages::{Level, Notice};
use noren::profile::SignedProfile;
use noren::time::UnixSeconds;
use serde::Serialize;

use crate::desk::{Preview, Publication, Shows, Told};
use crate::text::{clean, counted};
use crate::times;
use crate::visitor::as_shown;

/// What is going to be told to whom.
#[derive(Serialize)]
pub(in crate::authority) struct ShownPreview {
    notices: Vec<ShownNotice>,
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
struct ShownNotice {
    case: String,
    /// The venue in the desk's own words, and as the notice may name it.
    asked: String,
    venue: ShownVenue,
    /// When it was dangerous.
    from: String,
    to: String,
    /// The beginnings of the hours that carry it.
    hours: Vec<String>,
    level: &'static str,
    names_venue: bool,
    names_date: bool,
    message: String,
    /// What the policy says of the reports that stand now.
    reports: Option<String>,
    /// What stands for the case until now.
    instead_of: Option<String>,
    differences: Vec<&'static str>,
    /// The notice as a device shows it, in each language of the profile.
    shown: Vec<TextShown>,
    /// What those are shown who were told before, and were not there at this time.
    no_longer: Vec<TextShown>,
    #[serde(skip)]
    window: String,
}

#[derive(Serialize)]
struct ShownVenue {
    name: String,
    address: String,
    room: Option<String>,
}

#[derive(Serialize)]
struct TextShown {
    language: String,
    text: String,
}

impl ShownPreview {
    pub(in crate::authority) fn new(
        preview: &Preview,
        authority: &SignedProfile,
        now: UnixSeconds,
    ) -> anyhow::Result<Self> {
        // [CLI-17]
        let shown = |told: &Told| ShownNotice::new(told, authority, now);
        Ok(Self {
            notices: preview.notices.iter().map(shown).collect::<anyhow::Result<_>>()?,
            entries: preview.entries,
            cover: preview.cover,
            waits_for: preview.waits_for.map(times::rfc3339),
            waits_until: preview.waits_for.map(times::show_named),
            shows: preview.shows.map(|shows| match shows {
                Shows::Time => AT_ONCE,
                Shows::Size => LARGER,
            }),
            taken_out: preview.taken_out.clone(),
        })
    }

    pub(in crate::authority) fn lines(&self) -> String {
        let mut lines: Vec<String> = self.notices.iter().map(ShownNotice::lines).collect();
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

impl ShownNotice {
    fn new(told: &Told, authority: &SignedProfile, now: UnixSeconds) -> anyhow::Result<Self> {
        let (case, details, window) = (&told.case, told.details, told.window);
        let venue = told.review.entry_code.venue();
        let shown = |notice: &Notice| shown(told, notice, authority, now);
        let no_longer = told.taken_back.as_ref().map(shown).transpose()?;
        Ok(Self {
            case: case.id.clone(),
            asked: case.venue.clone(),
            venue: ShownVenue {
                name: venue.description().to_owned(),
                address: venue.address().to_owned(),
                room: venue.details().room().map(str::to_owned),
            },
            from: times::rfc3339(window.start()),
            to: times::rfc3339(window.end()),
            hours: told.hours.iter().map(|hour| times::rfc3339(hour.start())).collect(),
            level: details.level.name(),
            names_venue: details.names_venue,
            names_date: details.names_date,
            message: told.notice.message.clone(),
            reports: told.reports.as_ref().map(ToString::to_string),
            instead_of: match &told.instead_of {
                None if told.was_withdrawn => Some("a withdrawn notice".to_owned()),
                earlier => earlier.as_ref().map(Publication::shown),
            },
            differences: told.differences.clone(),
            shown: shown(&told.notice)?,
            no_longer: no_longer.unwrap_or_default(),
            window: times::show_window(window),
        })
    }

    fn lines(&self) -> String {
        let ShownVenue { name, address, room } = &self.venue;
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
        let reports = self.reports.as_ref();
        lines.extend(reports.map(|now| format!("  reports now:  {}", clean(now))));
        let stands = self.instead_of.as_ref().map(|earlier| format!("  instead of:   {earlier}"));
        lines.extend(stands);
        if !self.differences.is_empty() {
            let rows = self.differences.join(", ");
            lines.push(format!(
                "  LOOK AT:      what the venue claims differs from what was asked: {rows}"
            ));
        }
        for TextShown { language, text } in &self.shown {
            lines.push(format!("  as devices show it in {}:", clean(language)));
            lines.extend(text.lines().map(|line| format!("    {line}")));
        }
        for TextShown { language, text } in &self.no_longer {
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
    told: &Told,
    notice: &Notice,
    authority: &SignedProfile,
    now: UnixSeconds,
) -> anyhow::Result<Vec<TextShown>> {
    let level = notice.details.map_or(Level::Attention, |details| details.level);
    let texts = authority.profile().texts.iter().filter(|text| text.level == level);
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
        let text = as_shown(&told.review, notice, authority, language, now)?;
        Ok(TextShown { language: language.to_owned(), text })
    };
    languages.into_iter().map(show).collect()
}
