//! The fixed words of the page, in the languages that it speaks.

use std::collections::BTreeMap;

use anyhow::Context as _;
use noren::messages::VenueKind;
use serde::Deserialize;

const WORDS: &str = include_str!("words.toml");

/// The language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Language {
    En,
    Ja,
}

/// The words in one language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub(super) tag: String,
    pub(super) title: String,
    pub(super) period: String,
    pub(super) made: String,
    pub(super) private: String,
    pub(super) named: String,
    pub(super) empty: String,
    pub(super) empty_hint: String,
    pub(super) table: String,
    pub(super) none: String,
    pub(super) key: String,
    pub(super) reports: String,
    pub(super) reports_withdrawn: String,
    pub(super) cases: String,
    pub(super) cases_without_reports: String,
    pub(super) uploads_accepted: String,
    pub(super) notices: String,
    pub(super) notices_withdrawn: String,
    pub(super) closed_without_notice: String,
    pub(super) waiting_now: String,
    pub(super) expired_now: String,
    pub(super) report_to_notice: String,
    pub(super) over_time: String,
    pub(super) over_time_note: String,
    pub(super) notices_published: String,
    pub(super) day: String,
    pub(super) number: String,
    pub(super) week_from: String,
    pub(super) by_kind: String,
    pub(super) kind: String,
    pub(super) lengths: String,
    pub(super) lengths_note: String,
    pub(super) step: String,
    pub(super) cases_counted: String,
    pub(super) shortest: String,
    pub(super) median: String,
    pub(super) longest: String,
    pub(super) report_to_case: String,
    pub(super) case_to_answer: String,
    pub(super) answer_to_notice: String,
    pub(super) report_to_notice_step: String,
    pub(super) waiting: String,
    pub(super) waiting_note: String,
    pub(super) longest_waits: String,
    pub(super) nothing_waits: String,
    pub(super) case: String,
    pub(super) venue: String,
    pub(super) waits: String,
    pub(super) code: String,
    pub(super) reminders: String,
    pub(super) valid: String,
    pub(super) expired: String,
    pub(super) rejected: String,
    pub(super) hours_axis: String,
    pub(super) days_axis: String,
    minutes: String,
    hours: String,
    days: String,
    no_kind: String,
    kinds: BTreeMap<VenueKind, String>,
}

impl Words {
    pub(super) fn new(language: Language) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct All {
            en: Words,
            ja: Words,
        }
        let all: All = toml::from_str(WORDS).context("the page's words cannot be read")?;
        Ok(match language {
            Language::En => all.en,
            Language::Ja => all.ja,
        })
    }

    pub(super) fn kind(&self, kind: Option<VenueKind>) -> &str {
        match kind {
            Some(kind) => self.kinds.get(&kind).map_or(kind.name(), String::as_str),
            None => &self.no_kind,
        }
    }

    /// A length of time, as coarse as it is long.
    pub(super) fn length(&self, seconds: u64) -> String {
        let (minutes, hours) = (seconds / 60, seconds / 3_600);
        if hours == 0 {
            filled(&self.minutes, &[("{a}", &minutes)])
        } else if hours < 48 {
            filled(&self.hours, &[("{a}", &hours)])
        } else {
            filled(&self.days, &[("{a}", &(hours / 24)), ("{b}", &(hours % 24))])
        }
    }
}

/// A text with its places filled in.
pub(super) fn filled(text: &str, places: &[(&str, &dyn std::fmt::Display)]) -> String {
    places
        .iter()
        .fold(text.to_owned(), |text, (place, value)| text.replace(place, &value.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_word() {
        for language in [Language::En, Language::Ja] {
            let words = Words::new(language).expect("words");
            assert_eq!(words.kinds.len(), VenueKind::ALL.len(), "{language:?}");
        }
    }

    #[test]
    fn a_length_is_as_coarse_as_it_is_long() {
        let words = Words::new(Language::En).expect("words");
        for (seconds, text) in [
            (0, "0 min"),
            (3_599, "59 min"),
            (3_600, "1 h"),
            (172_799, "47 h"),
            (172_800, "2 d 0 h"),
            (190_800, "2 d 5 h"),
        ] {
            assert_eq!(words.length(seconds), text);
        }
    }
}
