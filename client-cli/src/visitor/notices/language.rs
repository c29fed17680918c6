//! The visitor's language: which tags to try, and the fixed words in it.

use anyhow::Context as _;
use noren::messages::Level;
use noren::visitor::News;
use serde::Deserialize;

use super::shown::Shown;

const WORDS: &str = include_str!("words.toml");

/// In which language notices are shown.
#[derive(clap::Args)]
pub(crate) struct Language {
    /// Show texts in this language where the authority has them [default: that of the environment]
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
}

impl Language {
    /// The tags to try, best first: the whole one, its first part, English.
    pub(in crate::visitor) fn tags(&self) -> Vec<String> {
        let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let environment = || ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set);
        tags(&self.language.clone().or_else(environment).unwrap_or_default())
    }
}

pub(super) fn tags(tag: &str) -> Vec<String> {
    let tag = tag.split(['.', '@']).next().unwrap_or_default().replace('_', "-");
    let whole = tag.split('-').enumerate().map(|(place, part)| usual_case(place, part));
    let whole = whole.collect::<Vec<_>>().join("-");
    let first = whole.split('-').next().unwrap_or_default().to_owned();
    let mut tags: Vec<_> = [whole, first, "en".to_owned()].into();
    tags.retain(|tag| !tag.is_empty());
    tags.dedup();
    tags
}

/// Case says nothing in a tag, but profiles are compared letter by letter: `ja-Hira-JP`.
fn usual_case(place: usize, part: &str) -> String {
    match (place, part.len()) {
        (1.., 2) => part.to_uppercase(),
        (1.., 4) => {
            let (first, rest) = part.split_at_checked(1).unwrap_or((part, ""));
            first.to_uppercase() + &rest.to_lowercase()
        }
        _ => part.to_lowercase(),
    }
}

/// The fixed words in one language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::visitor) struct Words {
    pub(in crate::visitor) tag: String,
    attention: String,
    cluster: String,
    withdrawn: String,
    pub(super) no_longer_stands: String,
    pub(super) replaces: String,
    pub(super) title: String,
    pub(super) from: String,
    pub(super) when: String,
    #[serde(rename = "where")]
    pub(super) place: String,
    pub(super) advice: String,
    pub(super) contact: String,
    pub(super) received: String,
    pub(super) none: String,
    pub(in crate::visitor) nothing_new: String,
    pub(super) private: String,
    pub(in crate::visitor) reminder: String,
    /// How a date is written.
    pub(super) date: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    language: Vec<Words>,
}

impl Words {
    /// The words in the first of `tags` that there are any in, or in English.
    pub(in crate::visitor) fn new(tags: &[String]) -> anyhow::Result<Self> {
        let file: File = toml::from_str(WORDS).context("the file of fixed words is damaged")?;
        let in_language = |tag: &String| file.language.iter().find(|words| words.tag == *tag);
        let found = tags.iter().find_map(in_language).or_else(|| file.language.first());
        found.cloned().context("the file of fixed words is empty")
    }

    /// What a notice says of the one that was told before, where it says anything.
    pub(super) fn standing(&self, notice: &Shown) -> Option<&str> {
        match (notice.level(), notice.news) {
            (Level::Withdrawn, _) => Some(&self.no_longer_stands),
            (_, Some(News::Changed)) => Some(&self.replaces),
            _ => None,
        }
    }

    pub(super) fn level(&self, level: Level) -> &str {
        match level {
            Level::Cluster => &self.cluster,
            Level::Withdrawn => &self.withdrawn,
            // A level that this program does not know asks for attention at least.
            _ => &self.attention,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_tried_from_the_whole_to_english() {
        assert_eq!(tags("ja_JP.UTF-8"), ["ja-JP", "ja", "en"]);
        assert_eq!(tags("ZH-hans-cn"), ["zh-Hans-CN", "zh", "en"]);
        assert_eq!(tags("en"), ["en"]);
        assert_eq!(tags(""), ["en"]);
        assert_eq!(tags("é-ûûé"), ["é-ûûé", "é", "en"]);
    }

    #[test]
    fn every_language_has_every_word() {
        let file: File = toml::from_str(WORDS).expect("a table of words");
        let tags: Vec<_> = file.language.iter().map(|words| words.tag.as_str()).collect();
        assert_eq!(tags, ["en", "ja", "pt", "vi", "zh", "ko"]);
        let lines = WORDS.lines().filter(|line| line.contains('='));
        assert!(lines.clone().all(|line| !line.ends_with("\"\"")));
        assert_eq!(lines.count(), 18 * tags.len());
    }

    #[test]
    fn words_come_in_the_language_asked_for_or_in_english() {
        let tag = |tag: &str| Words::new(&tags(tag)).expect("words").tag;
        assert_eq!([tag("pt_BR.UTF-8"), tag("C"), tag("fr")], ["pt", "en", "en"]);
    }
}
