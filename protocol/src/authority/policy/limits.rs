//! What texts and numbers of a policy file have to be, each refused by the name of its setting.

use super::error::PolicyError;
use crate::messages::{Part, check_text};
use crate::profile::{MAX_ITEMS, TEXT_CHARACTERS};

/// The greatest number that the entries of a day may be filled up to a multiple of.
pub(super) const MAX_COVER_MULTIPLE: u32 = 1_024;
/// The greatest number of reports that anything may ask for.
pub(super) const MAX_REPORTS: u32 = 1_000;

/// Parses TOML into a type; the error tells the line.
pub(super) fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, PolicyError> {
    toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let before = text.get(..start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        PolicyError::Toml { line, message: error.message().to_owned() }
    })
}

/// Returns a BCP 47 tag by its looks: subtags of up to 8 letters and digits, the first of letters
/// only.
pub(super) fn language(setting: String, tag: String) -> Result<String, PolicyError> {
    let subtag = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let first = tag.split('-').next().unwrap_or_default();
    let right = tag.split('-').all(subtag)
        && first.len() >= 2
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && tag.len() <= 35;
    form(setting, tag, right, "a BCP 47 language tag, as \"ja\" or \"zh-Hant\"")
}

pub(super) const fn at_most(setting: &'static str, found: usize) -> Result<(), PolicyError> {
    at_most_of(setting, found, MAX_ITEMS)
}

pub(super) const fn at_most_of(
    setting: &'static str,
    found: usize,
    limit: usize,
) -> Result<(), PolicyError> {
    if found > limit { Err(PolicyError::TooMany { setting, found, limit }) } else { Ok(()) }
}

pub(super) fn number(
    setting: impl Into<String>,
    found: u32,
    least: u32,
    most: u32,
) -> Result<u32, PolicyError> {
    if (least..=most).contains(&found) {
        Ok(found)
    } else {
        Err(PolicyError::Number { setting: setting.into(), found, least, most })
    }
}

/// Returns a text that people will read.
pub(super) fn sentence(
    setting: String,
    text: String,
    characters: usize,
) -> Result<String, PolicyError> {
    match check_text(Part::Text, &text, characters) {
        Ok(()) => Ok(text),
        Err(source) => Err(PolicyError::Text { setting, source }),
    }
}

pub(super) fn sentence_or_nothing(setting: String, text: String) -> Result<String, PolicyError> {
    if text.is_empty() { Ok(text) } else { sentence(setting, text, TEXT_CHARACTERS) }
}

pub(super) fn form(
    setting: String,
    found: String,
    right: bool,
    allowed: &'static str,
) -> Result<String, PolicyError> {
    if right { Ok(found) } else { Err(PolicyError::Form { setting, found, allowed }) }
}
