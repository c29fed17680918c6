//! Why a policy file was refused.

use super::premises::Measure;
use crate::messages::MessageError;

/// Why a policy file was refused. Settings are named as in the file; members of a list are counted
/// from 1, as in `threshold[2].bands[1].below`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// More bytes than a policy file may have.
    #[error("the policy has {found} bytes, the limit is {limit}")]
    TooLong {
        /// The length found, in bytes.
        found: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Not TOML, a setting that no policy has, one that is missing, or a value of a wrong type.
    #[error("line {line}: {message}")]
    Toml {
        /// The line, counted from 1.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// A version of the format that this program does not know.
    #[error("this policy has version {found}; this program knows version {known}")]
    UnknownVersion {
        /// The version found.
        found: i64,
        /// The version known.
        known: i64,
    },
    /// A number out of its range.
    #[error("{setting} is {found}; it must lie between {least} and {most}")]
    Number {
        /// The setting.
        setting: String,
        /// The number found.
        found: u32,
        /// The least number allowed.
        least: u32,
        /// The greatest number allowed.
        most: u32,
    },
    /// A name, time zone or language tag with characters or a length that it cannot have.
    #[error("{setting} is {found:?}; it must be {allowed}")]
    Form {
        /// The setting.
        setting: String,
        /// The text found.
        found: String,
        /// What it has to look like.
        allowed: &'static str,
    },
    /// A text that is empty, too long, or has a line break.
    #[error("{setting} is refused: {source}")]
    Text {
        /// The setting.
        setting: String,
        /// The failed check.
        source: MessageError,
    },
    /// A list with more members than it may have.
    #[error("{setting} has {found} members, the limit is {limit}")]
    TooMany {
        /// The list.
        setting: &'static str,
        /// The number of members found.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// A list that must not be empty.
    #[error("{setting} is empty; it needs at least one member")]
    Empty {
        /// The list.
        setting: String,
    },
    /// Too much cover for a batch to fit into one append.
    #[error(
        "{setting} makes batches of {found} entries of cover, counting {days} days and the two kinds \
         of an authority with patient cases; one append takes {limit} beside notices: lower it"
    )]
    BatchTooLarge {
        /// The setting.
        setting: &'static str,
        /// The number of entries.
        found: u32,
        /// The number of days of which each batch has entries.
        days: u32,
        /// The limit.
        limit: u32,
    },
    /// Two settings that do not go together, or one that needs another.
    #[error("{setting} {rule}")]
    Conflict {
        /// The setting to change.
        setting: String,
        /// What holds for it.
        rule: &'static str,
    },
    /// A band that does not reach further than the one before it.
    #[error("{setting} is {found}; it must be greater than {before}, the band before it")]
    NotAscending {
        /// The setting.
        setting: String,
        /// The number found.
        found: u32,
        /// The number in the band before.
        before: u32,
    },
    /// Two thresholds for the same kind and measure.
    #[error("{setting} has {kind:?} by {}, and so has threshold[{first}]", by(*.measure))]
    KindTwice {
        /// The second threshold.
        setting: String,
        /// The kind, or `others`.
        kind: &'static str,
        /// What the second one counts.
        measure: Option<Measure>,
        /// The first threshold, counted from 1.
        first: usize,
    },
    /// Fewer reports for a cluster than for a mere attention.
    #[error("cluster.reports is {found}; {setting} already asks for {needed} for attention")]
    ClusterBelowAttention {
        /// The number found.
        found: u32,
        /// The band that asks for more.
        setting: String,
        /// What it asks for.
        needed: u32,
    },
    /// Two texts for the same level and language.
    #[error("{setting} is a second text of level {level} in {language}")]
    TextTwice {
        /// The second text.
        setting: String,
        /// The level.
        level: &'static str,
        /// The language tag.
        language: String,
    },
    /// A language that has texts for some levels and none for this one.
    #[error("there is no text of level {level} in {language}; add one as [[text]]")]
    TextMissing {
        /// The level.
        level: &'static str,
        /// The language tag.
        language: String,
    },
}

fn by(measure: Option<Measure>) -> &'static str {
    measure.map_or("any size", Measure::name)
}
