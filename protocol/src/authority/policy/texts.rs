//! What notices say: the standard texts, and a policy's own in their place.

use serde::Deserialize;

use super::error::PolicyError;
use super::file;
use super::limits::{at_most, language, parse, sentence, sentence_or_nothing};
use crate::messages::Level;
use crate::profile::{LevelText, TEXT_CHARACTERS};

/// The texts that hold where a policy says nothing.
const STANDARD: &str = include_str!("texts.toml");
const LEVELS: [Level; 3] = [Level::Attention, Level::Cluster, Level::Withdrawn];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Standard {
    text: Vec<file::Text>,
}

/// Returns the standard texts, with those of `own` in their place or behind them.
pub(super) fn with_standard(own: Vec<file::Text>) -> Result<Vec<LevelText>, PolicyError> {
    // [POL-9]
    at_most("text", own.len())?;
    let mut texts = vec![];
    let standard: Standard = parse(STANDARD)?;
    add(&mut texts, standard.text)?;
    add(&mut texts, own)?;
    at_most("text", texts.len())?;
    check_complete(&texts)?;
    Ok(texts)
}

/// Puts one file's texts over those that are there; none of them twice.
fn add(texts: &mut Vec<LevelText>, own: Vec<file::Text>) -> Result<(), PolicyError> {
    let mut seen: Vec<(Level, String)> = vec![];
    for (i, text) in (1..).zip(own) {
        let setting = |key: &str| format!("text[{i}]{key}");
        let level = Level::from(text.level);
        let language = language(setting(".language"), text.language)?;
        let same = |other: Level, tag: &str| other == level && tag.eq_ignore_ascii_case(&language);
        if seen.iter().any(|(other, tag)| same(*other, tag)) {
            let level = level.name();
            return Err(PolicyError::TextTwice { setting: setting(""), level, language });
        }
        seen.push((level, language.clone()));
        let found = texts.iter().position(|other| same(other.level, &other.language));
        let before = found.map(|at| texts.remove(at));
        let at = found.unwrap_or(texts.len());
        let (wording, advice) = before.map_or_else(Default::default, |old| (old.text, old.advice));
        let own = LevelText {
            level,
            language,
            text: sentence(setting(".text"), text.text.unwrap_or(wording), TEXT_CHARACTERS)?,
            advice: sentence_or_nothing(setting(".advice"), text.advice.unwrap_or(advice))?,
        };
        texts.insert(at, own);
    }
    Ok(())
}

/// Checks that a language that has a text has one for every level.
fn check_complete(texts: &[LevelText]) -> Result<(), PolicyError> {
    for LevelText { language, .. } in texts {
        let has = |level: Level| {
            let mut of_level = texts.iter().filter(|text| text.level == level);
            of_level.any(|text| text.language.eq_ignore_ascii_case(language))
        };
        if let Some(level) = LEVELS.into_iter().find(|level| !has(*level)) {
            let (level, language) = (level.name(), language.clone());
            return Err(PolicyError::TextMissing { level, language });
        }
    }
    Ok(())
}
