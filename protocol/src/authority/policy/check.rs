//! From the file as TOML has it to a policy that holds.

use super::error::PolicyError;
use super::file::{self, File};
use super::limits::{
    MAX_COVER_MULTIPLE, MAX_REPORTS, at_most, form, language, number, parse, sentence,
    sentence_or_nothing,
};
use super::threshold::Threshold;
use super::{Cover, Decision, Disclosure, LeftOpen, Policy, Release, Watch, WindowRule};
use super::{release, rows, texts};
use crate::authority::MAX_COVER;
use crate::profile::{
    Contact, MAX_CHECKPOINT_AGE, MAX_MINIMUM_OVERLAP, MAX_RETENTION_DAYS, NAME_CHARACTERS,
    TEXT_CHARACTERS, is_time_zone_name,
};

const VERSION: i64 = 1;
const MINUTE: u32 = 60;
const HOUR: u32 = 3_600;
const NAME_BYTES: usize = 64;
/// The longest margin around a stay, in minutes: half a day, as a visit.
const MAX_MARGIN_MINUTES: u32 = 720;

/// What holds where the file says nothing.
const RETENTION_DAYS: u32 = 14;
const CHECKPOINT_MAX_AGE_HOURS: u32 = 24;
const WATCH_REPORTS: u32 = 2;
const WATCH_DAYS: u32 = 7;

/// Parses and checks a file.
pub(super) fn policy(text: &str) -> Result<Policy, PolicyError> {
    // [POL-1]
    if text.len() > Policy::MAX_LENGTH {
        return Err(PolicyError::TooLong { found: text.len(), limit: Policy::MAX_LENGTH });
    }
    let head: file::Head = parse(text)?;
    if head.version != VERSION {
        return Err(PolicyError::UnknownVersion { found: head.version, known: VERSION });
    }
    settle(parse(text)?, text)
}

fn settle(file: File, text: &str) -> Result<Policy, PolicyError> {
    // [POL-2] [POL-3]
    let retention_days = retention(&file)?;
    let thresholds = rows::thresholds(&file)?;
    let release = release::release(file.release, file.cover.is_some())?;
    Ok(Policy {
        toml: text.to_owned(),
        name: name(file.name)?,
        title: sentence("title".to_owned(), file.title, NAME_CHARACTERS)?,
        time_zone: time_zone(file.time_zone)?,
        retention_days,
        checkpoint_max_age: checkpoint_max_age(file.checkpoint_max_age_hours)?,
        minimum_overlap: minimum_overlap(&file.window)?,
        decision: match file.decision {
            file::Decision::Thresholds => Decision::Thresholds,
            file::Decision::Staff => Decision::Staff,
        },
        cluster: cluster(file.cluster, &thresholds)?,
        thresholds,
        window: window(&file.window)?,
        venue: file.disclosure.venue.map_or(Disclosure::Never, Into::into),
        date: file.disclosure.date.map_or(Disclosure::Always, Into::into),
        watch: watch(file.watch, retention_days)?,
        cover: cover(file.cover, release.as_ref(), retention_days)?,
        release,
        texts: texts::with_standard(file.text)?,
        contacts: contacts(file.contact)?,
        left_open: left_open(file.open)?,
    })
}

impl From<file::Disclosure> for Disclosure {
    fn from(disclosure: file::Disclosure) -> Self {
        match disclosure {
            file::Disclosure::Never => Self::Never,
            file::Disclosure::ClusterOnly => Self::ClusterOnly,
            file::Disclosure::Always => Self::Always,
        }
    }
}

fn retention(file: &File) -> Result<u32, PolicyError> {
    let days = file.retention_days.unwrap_or(RETENTION_DAYS);
    number("retention_days", days, 1, MAX_RETENTION_DAYS)
}

fn checkpoint_max_age(hours: Option<u32>) -> Result<u64, PolicyError> {
    let most = u32::try_from(MAX_CHECKPOINT_AGE).unwrap_or(u32::MAX) / HOUR;
    let hours = hours.unwrap_or(CHECKPOINT_MAX_AGE_HOURS);
    let hours = number("checkpoint_max_age_hours", hours, 1, most)?;
    Ok(u64::from(hours * HOUR))
}

fn minimum_overlap(window: &file::Window) -> Result<u32, PolicyError> {
    let minutes = window.minimum_overlap_minutes.unwrap_or(0);
    let most = MAX_MINIMUM_OVERLAP / MINUTE;
    Ok(number("window.minimum_overlap_minutes", minutes, 0, most)? * MINUTE)
}

fn window(window: &file::Window) -> Result<WindowRule, PolicyError> {
    let margin = window.margin_minutes;
    match window.rule {
        file::WindowRule::Stay => {
            let minutes = margin.unwrap_or(0);
            let minutes = number("window.margin_minutes", minutes, 0, MAX_MARGIN_MINUTES)?;
            Ok(WindowRule::Stay(u64::from(minutes * MINUTE)))
        }
        file::WindowRule::LocalDay if margin.is_some() => Err(PolicyError::Conflict {
            setting: "window.margin_minutes".to_owned(),
            rule: "belongs to the rule \"stay\"; a whole day has no margin",
        }),
        file::WindowRule::LocalDay => Ok(WindowRule::LocalDay),
    }
}

fn cluster(
    cluster: Option<file::Cluster>,
    thresholds: &[Threshold],
) -> Result<Option<u32>, PolicyError> {
    let Some(cluster) = cluster else { return Ok(None) };
    let found = number("cluster.reports", cluster.reports, 1, MAX_REPORTS)?;
    for (i, row) in (1..).zip(thresholds) {
        for (j, band) in (1..).zip(&row.bands) {
            if band.reports > found {
                let setting = format!("threshold[{i}].bands[{j}].reports");
                let needed = band.reports;
                return Err(PolicyError::ClusterBelowAttention { found, setting, needed });
            }
        }
    }
    Ok(Some(found))
}

fn watch(watch: Option<file::Watch>, retention_days: u32) -> Result<Watch, PolicyError> {
    let Some(watch) = watch else {
        return Ok(Watch { reports: WATCH_REPORTS, days: WATCH_DAYS.min(retention_days) });
    };
    Ok(Watch {
        reports: number("watch.reports", watch.reports, 1, MAX_REPORTS)?,
        days: number("watch.days", watch.days, 1, retention_days)?,
    })
}

fn cover(
    cover: Option<file::Cover>,
    release: Option<&Release>,
    retention_days: u32,
) -> Result<Option<Cover>, PolicyError> {
    // [POL-8]
    let cover = match (cover, release) {
        (Some(cover), _) => {
            let multiple = number("cover.multiple", cover.multiple, 1, MAX_COVER_MULTIPLE)?;
            let days = number("cover.days", cover.days, 1, retention_days)?;
            Cover { multiple, days }
        }
        // [POL-13] Every day that a first notice may be about: today, and so many before it.
        (None, Some(release)) => Cover { multiple: release.multiple(), days: retention_days + 1 },
        (None, None) => return Ok(None),
    };
    // [POL-14] Both kinds of entries, as every desk may have one day.
    let setting = if release.is_some() { "release.multiple" } else { "cover" };
    let (found, days) = (cover.multiple * cover.days * 2, cover.days);
    if found > MAX_COVER {
        return Err(PolicyError::BatchTooLarge { setting, found, days, limit: MAX_COVER });
    }
    Ok(Some(cover))
}

fn name(name: String) -> Result<String, PolicyError> {
    let in_names = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let right = !name.is_empty() && name.len() <= NAME_BYTES && name.chars().all(in_names);
    let allowed = "1 to 64 lower-case letters, digits and hyphens";
    form("name".to_owned(), name, right, allowed)
}

fn time_zone(zone: String) -> Result<String, PolicyError> {
    let right = is_time_zone_name(&zone);
    form("time_zone".to_owned(), zone, right, "a name of the IANA database, as \"Asia/Tokyo\"")
}

fn contacts(contacts: Vec<file::Contact>) -> Result<Vec<Contact>, PolicyError> {
    at_most("contact", contacts.len())?;
    let checked = (1..).zip(contacts).map(|(i, contact)| {
        let setting = |key| format!("contact[{i}].{key}");
        Ok(Contact {
            level: contact.level.map(Into::into),
            language: language(setting("language"), contact.language)?,
            label: sentence(setting("label"), contact.label, TEXT_CHARACTERS)?,
            value: sentence(setting("value"), contact.value, TEXT_CHARACTERS)?,
            hours: sentence_or_nothing(setting("hours"), contact.hours)?,
        })
    });
    checked.collect()
}

fn left_open(open: Vec<file::Open>) -> Result<Vec<LeftOpen>, PolicyError> {
    at_most("open", open.len())?;
    let checked = (1..).zip(open).map(|(i, each)| {
        let setting = |key| format!("open[{i}].{key}");
        Ok(LeftOpen {
            setting: sentence(setting("setting"), each.setting, TEXT_CHARACTERS)?,
            why: sentence(setting("why"), each.why, TEXT_CHARACTERS)?,
        })
    });
    checked.collect()
}
