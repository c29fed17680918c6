//! The fixed texts of pages, by language.

use serde::Deserialize;

use crate::PosterError;
use crate::date::Date;
use crate::fonts::Style;
use crate::text::BREAK;

const TEXTS: &str = include_str!("texts.toml");
/// What is on a poster unless its owner says otherwise.
pub const USUAL: &str = "ja,en,ko,zh-Hans";
/// A page has room for so many.
pub(crate) const MOST: usize = 4;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    language: Vec<Texts>,
}

/// What is said in one language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    pub(crate) tag: String,
    cjk: Option<String>,
    date: String,
    #[serde(default)]
    months: Vec<String>,
    pub(crate) warned: String,
    scan: String,
    scan_hall: Option<String>,
    pub(crate) easy: String,
    pub(crate) stored: String,
    pub(crate) omitted: String,
    pub(crate) leave: String,
    pub(crate) page: String,
    pub(crate) issued: String,
    pub(crate) valid: String,
    pub(crate) slip: String,
    pub(crate) slip_ask: String,
    pub(crate) slip_check: String,
    pub(crate) day: String,
    pub(crate) came: String,
    pub(crate) left: String,
    pub(crate) private: String,
    pub(crate) private_keep: String,
    pub(crate) private_use: String,
    pub(crate) call: String,
    answer: String,
}

impl Texts {
    /// The texts in the languages that are asked for, in their order.
    ///
    /// # Errors
    /// [`PosterError::Languages`], [`PosterError::UnknownLanguage`] and [`PosterError::LanguageTwice`].
    pub fn select(tags: &[impl AsRef<str>]) -> Result<Vec<Self>, PosterError> {
        let all = Self::all()?;
        if tags.is_empty() || tags.len() > MOST {
            return Err(PosterError::Languages);
        }
        let mut selected: Vec<Self> = Vec::new();
        for tag in tags.iter().map(AsRef::as_ref) {
            let Some(texts) = all.iter().find(|texts| texts.tag.eq_ignore_ascii_case(tag)) else {
                let known = all.iter().map(|texts| texts.tag.clone()).collect();
                return Err(PosterError::UnknownLanguage { tag: tag.to_owned(), known });
            };
            if selected.iter().any(|texts| texts.tag.eq_ignore_ascii_case(tag)) {
                return Err(PosterError::LanguageTwice(tag.to_owned()));
            }
            selected.push(texts.clone());
        }
        Ok(selected)
    }

    /// Its BCP 47 tag.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    fn all() -> Result<Vec<Self>, PosterError> {
        let texts = TEXTS.replace('|', BREAK);
        let file: File = toml::from_str(&texts).map_err(|_| PosterError::Texts)?;
        Ok(file.language)
    }

    /// What to do at the door of a place.
    pub(crate) fn scan(&self, is_hall: bool) -> &str {
        self.scan_hall.as_ref().filter(|_| is_hall).unwrap_or(&self.scan)
    }

    /// How to answer in the page at an address.
    pub(crate) fn answer(&self, page: &str) -> String {
        self.answer.replace("{page}", page)
    }

    /// Several sentences in one paragraph.
    pub(crate) fn joined(&self, sentences: &[&str]) -> String {
        let has_phrases = sentences.iter().any(|sentence| sentence.contains(BREAK));
        sentences.join(if has_phrases { BREAK } else { " " })
    }

    /// A date as people write it.
    pub(crate) fn date(&self, date: Date) -> String {
        date.written(&self.date, &self.months)
    }

    pub(crate) fn bold(&self) -> Style {
        if self.cjk.is_some() { Style::ChineseBold } else { Style::Bold }
    }

    pub(crate) fn regular(&self) -> Style {
        if self.cjk.is_some() { Style::ChineseRegular } else { Style::Regular }
    }
}

#[cfg(all(test, feature = "built-in-fonts"))]
mod tests {
    use super::*;
    use crate::fonts::Fonts;

    #[test]
    fn the_fonts_have_every_character_of_the_texts() {
        // Where this is red: run fonts/subset.py again.
        let fonts = Fonts::built_in(None).expect("fonts");
        let dates = ["2026-10-30", "2027-01-09"].map(|date| date.parse().expect("a date"));
        for texts in Texts::all().expect("texts") {
            let bold = [
                &texts.warned,
                &texts.private,
                &texts.issued,
                &texts.valid,
                &texts.scan,
                &texts.day,
            ];
            let regular = [&texts.easy, &texts.stored, &texts.omitted, &texts.leave, &texts.slip];
            let more = [
                &texts.private_keep,
                &texts.private_use,
                &texts.call,
                &texts.slip_ask,
                &texts.page,
                &texts.answer,
            ];
            let regular = [&regular[..], &more, &[&texts.came, &texts.left]].concat();
            let dates = dates.map(|date| texts.date(date));
            let hall = texts.scan(true).to_owned();
            let bold = [&bold[..], &[&hall, &dates[0], &dates[1]]].concat();
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

    #[test]
    fn dates_are_those_of_the_language() {
        let date: Date = "2026-11-26".parse().expect("a date");
        let written = |tag: &str| Texts::select(&[tag]).expect("texts")[0].date(date);
        assert_eq!(written("ja"), "2026年11月26日");
        assert_eq!(written("en"), "26 November 2026");
        assert_eq!(written("pt"), "26 de novembro de 2026");
    }
}
