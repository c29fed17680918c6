//! An exposure as it is told: with the texts of its authority, and only as far as the notice goes.

use jiff::tz::TimeZone;
use noren::authority::Review;
use noren::messages::{Level, Notice};
use noren::profile::{Profile, SignedProfile};
use noren::time::{UnixSeconds, Window};
use noren::visitor::{Exposure, ExposureId, News, Stay, VenueText};
use serde::Serialize;

use super::language::{Words, tags};
use crate::colour::{Tone, paint};
use crate::text::{clean, clean_lines};
use crate::times;

/// A notice, as it is printed and as a watcher's command gets it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Shown {
    /// `notice`; a watcher's command also gets reminders.
    kind: &'static str,
    /// Who warns.
    pub(super) authority: String,
    /// Who warns, beyond doubt.
    fingerprint: String,
    /// `attention`, `cluster` or `withdrawn`.
    level: &'static str,
    /// `new`, `changed` or `withdrawn`; `None` where all of it was told before.
    pub(super) news: Option<News>,
    /// The language of text and advice.
    pub(super) language: Option<String>,
    /// What the authority says at this level, in the visitor's language.
    pub(super) text: Option<String>,
    /// What to do now.
    pub(super) advice: Option<String>,
    /// The notice's own short message.
    message: String,
    /// The venue, where the authority names it.
    pub(super) venue: Option<Place>,
    /// The day, where the authority names it; so are the three times.
    date: Option<String>,
    time_zone: String,
    visit: Option<Span>,
    window: Option<Span>,
    overlap: Option<Span>,
    received: String,
    pub(super) contacts: Vec<Line>,
    #[serde(skip)]
    of: Told,
}

/// What is shown in the words of a language.
#[derive(Debug, Clone)]
pub(super) struct Told {
    level: Level,
    overlap: Option<Window>,
    received: UnixSeconds,
    zone: TimeZone,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Place {
    name: String,
    address: String,
    room: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct Span {
    start: String,
    end: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Line {
    pub(super) language: String,
    label: String,
    value: String,
    hours: Option<String>,
}

/// Exposures with the texts that their authorities' profiles have for them.
pub(in crate::visitor) fn shown(
    exposures: &[Exposure],
    profiles: &[SignedProfile],
    languages: &[String],
) -> Vec<Shown> {
    let languages: Vec<&str> = languages.iter().map(String::as_str).collect();
    exposures
        .iter()
        .map(|exposure| {
            let profile = profile_of(exposure, profiles);
            let mut shown = Shown::new(exposure, profile, &languages);
            let namesakes = profiles.iter().filter(|each| each.profile().name == shown.authority);
            if namesakes.count() > 1 {
                shown.authority = format!("{} ({})", shown.authority, shown.fingerprint);
            }
            shown
        })
        .collect()
}

/// A notice as devices show it to somebody who was there for all of its window.
pub(crate) fn as_shown(
    review: &Review,
    notice: &Notice,
    authority: &SignedProfile,
    language: &str,
    now: UnixSeconds,
) -> anyhow::Result<String> {
    let window = notice.window.unwrap_or(review.window);
    let (venue, details) = (review.entry_code.venue(), notice.details);
    let text = || VenueText {
        description: venue.description().to_owned(),
        address: venue.address().to_owned(),
        room: venue.details().room().map(str::to_owned),
        kind: venue.details().kind(),
    };
    let exposure = Exposure {
        id: ExposureId::from_bytes([0; ExposureId::LENGTH]),
        authority: authority.profile().fingerprint(),
        stay: Stay::new(window.start(), window.start())?,
        window,
        overlap: window,
        level: details.map_or(Level::Attention, |details| details.level),
        message: notice.message.clone(),
        venue: details.is_some_and(|details| details.names_venue).then(text),
        names_date: details.is_none_or(|details| details.names_date),
        received: now,
        news: Some(News::New),
    };
    let (tags, profile) = (tags(language), authority.profile());
    let languages: Vec<&str> = tags.iter().map(String::as_str).collect();
    Ok(Shown::new(&exposure, Some(profile), &languages).block(&Words::new(&tags)?))
}

fn profile_of<'a>(exposure: &Exposure, profiles: &'a [SignedProfile]) -> Option<&'a Profile> {
    let mut profiles = profiles.iter().map(SignedProfile::profile);
    profiles.find(|profile| profile.fingerprint() == exposure.authority)
}

impl Shown {
    fn new(exposure: &Exposure, profile: Option<&Profile>, languages: &[&str]) -> Self {
        let text = profile.and_then(|profile| profile.text(exposure.level, languages));
        let contacts = profile.map(|profile| profile.contacts(exposure.level, languages));
        let zone = times::zone_or_local(profile.map(|profile| profile.time_zone.as_str()));
        let stay = exposure.stay;
        // A notice that names no date gives none of its times away.
        let named = |span: Span| exposure.names_date.then_some(span);
        Self {
            kind: "notice",
            authority: profile.map_or_else(|| exposure.authority.to_string(), |p| p.name.clone()),
            fingerprint: exposure.authority.to_string(),
            level: exposure.level.name(),
            news: exposure.news,
            language: text.map(|own| own.language.clone()),
            text: text.map(|own| own.text.clone()),
            advice: text.map(|own| own.advice.clone()).filter(|advice| !advice.is_empty()),
            message: exposure.message.clone(),
            venue: exposure.venue.as_ref().map(Place::new),
            date: exposure
                .names_date
                .then(|| times::show_in(exposure.overlap.start(), &zone, "%Y-%m-%d")),
            time_zone: times::zone_name(exposure.overlap.start(), &zone),
            visit: named(Span::new(stay.arrival(), stay.departure())),
            window: named(Span::of(exposure.window)),
            overlap: named(Span::of(exposure.overlap)),
            received: times::rfc3339(exposure.received),
            contacts: contacts.into_iter().flatten().map(Line::new).collect(),
            of: Told {
                level: exposure.level,
                overlap: exposure.names_date.then_some(exposure.overlap),
                received: exposure.received,
                zone,
            },
        }
    }

    /// The notice's own message. Beside a text that says that a notice is taken back it says nothing
    /// more, in a language that may be another.
    pub(super) fn own_message(&self) -> Option<&str> {
        // [CLI-18]
        let says_more = self.of.level != Level::Withdrawn || self.text.is_none();
        Some(self.message.as_str()).filter(|message| says_more && !message.is_empty())
    }

    pub(super) const fn level(&self) -> Level {
        self.of.level
    }

    /// Day and time in the authority's time zone, where the notice names them.
    pub(super) fn when(&self, words: &Words) -> Option<String> {
        let zone = &self.of.zone;
        let overlap = self.of.overlap?;
        let day = |time| times::show_in(time, zone, &words.date);
        let clock = |time| times::show_clock(time, zone);
        let (start, end) = (overlap.start(), overlap.end());
        let until = if day(start) == day(end) {
            clock(end)
        } else {
            format!("{} {}", day(end), clock(end))
        };
        Some(format!("{} {} – {until} ({})", day(start), clock(start), self.time_zone))
    }

    /// The day on which the device learned of it.
    pub(super) fn received(&self, words: &Words) -> String {
        times::show_in(self.of.received, &self.of.zone, &words.date)
    }

    /// The notice for a terminal.
    pub(in crate::visitor) fn block(&self, words: &Words) -> String {
        let level = words.level(self.of.level);
        let mut lines = vec![format!("{level}: {}", clean(&self.authority))];
        let mut line = |label: &str, text: &str| lines.push(format!("{label}: {}", clean(text)));
        if let Some(when) = self.when(words) {
            line(&words.when, &when);
        }
        if let Some(venue) = &self.venue {
            line(&words.place, &venue.line());
        }
        lines.extend(words.standing(self).map(str::to_owned));
        lines.extend(self.text.as_deref().map(clean_lines));
        // [CLI-5] One line, so that it cannot pretend to be one of the program's.
        lines.extend(self.own_message().map(clean));
        let mut line = |label: &str, text: &str| lines.push(format!("{label}: {}", clean(text)));
        if let Some(advice) = &self.advice {
            line(&words.advice, advice);
        }
        self.contacts.iter().for_each(|contact| line(&words.contact, &contact.line()));
        line(&words.received, &self.received(words));
        lines.join("\n  ")
    }
}

impl Shown {
    /// The notice for the standard output, with its level in colour where that is wanted.
    pub(in crate::visitor) fn coloured(&self, words: &Words) -> String {
        let (block, level) = (self.block(words), words.level(self.of.level));
        let tone = match self.of.level {
            Level::Cluster => Tone::Alarm,
            Level::Withdrawn => Tone::Calm,
            _ => Tone::Attention,
        };
        match block.strip_prefix(level) {
            Some(rest) => format!("{}{rest}", paint(tone, level)),
            None => block,
        }
    }
}

impl Place {
    fn new(venue: &noren::visitor::VenueText) -> Self {
        // [MAT-5]
        Self {
            name: venue.description.clone(),
            address: venue.address.clone(),
            room: venue.room.clone(),
        }
    }

    pub(super) fn line(&self) -> String {
        let room = self.room.as_ref().map(|room| format!(", {room}")).unwrap_or_default();
        format!("{}{room}, {}", self.name, self.address)
    }
}

impl Span {
    fn new(start: UnixSeconds, end: UnixSeconds) -> Self {
        Self { start: times::rfc3339(start), end: times::rfc3339(end) }
    }

    fn of(window: Window) -> Self {
        Self::new(window.start(), window.end())
    }
}

impl Line {
    fn new(contact: &noren::profile::Contact) -> Self {
        Self {
            language: contact.language.clone(),
            label: contact.label.clone(),
            value: contact.value.clone(),
            hours: Some(contact.hours.clone()).filter(|hours| !hours.is_empty()),
        }
    }

    pub(super) fn line(&self) -> String {
        let hours = self.hours.as_ref().map(|hours| format!(" ({hours})")).unwrap_or_default();
        format!("{}: {}{hours}", self.label, self.value)
    }
}
