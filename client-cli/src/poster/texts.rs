//! The fixed texts of posters, by language.

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::fonts::Style;
use super::text::BREAK;

const TEXTS: &str = include_str!("texts.toml");
/// What is on a poster unless its owner says otherwise.
pub(crate) const USUAL: &str = "ja,en,ko,zh-Hans";
/// A page has room for so many.
const MOST: usize = 4;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    language: Vec<Texts>,
}

/// What is said in one language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Texts {
    pub(super) tag: String,
    cjk: Option<String>,
    pub(super) title: String,
    pub(super) scan: String,
    pub(super) stored: String,
    pub(super) omitted: String,
    pub(super) warned: String,
    pub(super) short: String,
    pub(super) issued: String,
    pub(super) valid: String,
    pub(super) private: String,
    pub(super) private_text: String,
}

impl Texts {
    /// The texts in the languages that are asked for, in their order.
    pub(crate) fn select(tags: &[impl AsRef<str>]) -> anyhow::Result<Vec<Self>> {
        let all = Self::all()?;
        if tags.is_empty() || tags.len() > MOST {
            bail!("a page has room for one to {MOST} languages");
        }
        let mut selected: Vec<Self> = Vec::new();
        for tag in tags.iter().map(AsRef::as_ref) {
            let Some(texts) = all.iter().find(|texts| texts.tag.eq_ignore_ascii_case(tag)) else {
                let known: Vec<_> = all.iter().map(|texts| texts.tag.as_str()).collect();
                bail!("there are no texts in {tag:?}; there are {}", known.join(", "));
            };
            if selected.iter().any(|texts| texts.tag.eq_ignore_ascii_case(tag)) {
                bail!("the language {tag:?} is named twice");
            }
            selected.push(texts.clone());
        }
        Ok(selected)
    }

    fn all() -> anyhow::Result<Vec<Self>> {
        let texts = TEXTS.replace('|', BREAK);
        let file: File = toml::from_str(&texts).context("the texts that are built in")?;
        Ok(file.language)
    }

    pub(super) fn bold(&self) -> Style {
        if self.cjk.is_some() { Style::ChineseBold } else { Style::Bold }
    }

    pub(super) fn regular(&self) -> Style {
        if self.cjk.is_some() { Style::ChineseRegular } else { Style::Regular }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::poster::fonts::Fonts;

    #[test]
    fn the_fonts_have_every_character_of_the_texts() {
        // Where this is red: run fonts/subset.py again.
        let fonts = Fonts::new(None).expect("fonts");
        for texts in Texts::all().expect("texts") {
            let bold = [&texts.title, &texts.private, &texts.issued, &texts.valid];
            let regular = [&texts.scan, &texts.stored, &texts.omitted, &texts.warned];
            let regular = [&regular[..], &[&texts.short, &texts.private_text]].concat();
            for (texts, style) in [(&bold[..], texts.bold()), (&regular[..], texts.regular())] {
                for text in texts.iter().map(|text| text.replace(BREAK, "")) {
                    let line = fonts.shape(&text, style);
                    assert_eq!(line.missing(), None, "{text}");
                    assert_eq!(line.runs.len(), 1, "several fonts in {text}");
                }
            }
        }
    }

    #[test]
    fn languages_are_chosen_by_their_tags() {
        let tags = |tags: &[&str]| {
            let chosen = Texts::select(tags).map_err(|error| error.to_string());
            chosen.map(|chosen| chosen.into_iter().map(|texts| texts.tag).collect::<Vec<_>>())
        };
        let usual: Vec<_> = USUAL.split(',').collect();
        assert_eq!(tags(&usual).expect("known"), usual);
        assert_eq!(tags(&["vi"]).expect("known"), ["vi"]);
        assert!(tags(&["ja", "tlh"]).expect_err("unknown").contains("zh-Hans"));
        assert!(tags(&["ja", "ja"]).expect_err("twice").contains("twice"));
        assert!(tags(&[]).is_err() && tags(&["ja", "en", "ko", "pt", "vi"]).is_err());
    }
}
