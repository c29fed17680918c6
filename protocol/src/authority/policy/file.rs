//! The file as TOML has it: names and types are right, nothing else is checked yet.

use serde::Deserialize;

use super::premises::Measure;
use crate::messages::{self, VenueKind};

/// What is read before anything else, since only the version says what else may be there.
#[derive(Deserialize)]
pub(super) struct Head {
    pub(super) version: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[expect(dead_code, reason = "checked in the head, named here so that it is no unknown field")]
    version: i64,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) time_zone: String,
    pub(super) decision: Decision,
    pub(super) retention_days: Option<u32>,
    pub(super) checkpoint_max_age_hours: Option<u32>,
    #[serde(default)]
    pub(super) window: Window,
    #[serde(default)]
    pub(super) disclosure: Disclosures,
    #[serde(default)]
    pub(super) threshold: Vec<Threshold>,
    pub(super) cluster: Option<Cluster>,
    pub(super) watch: Option<Watch>,
    pub(super) cover: Option<Cover>,
    pub(super) release: Option<Release>,
    #[serde(default)]
    pub(super) text: Vec<Text>,
    #[serde(default)]
    pub(super) contact: Vec<Contact>,
    #[serde(default)]
    pub(super) open: Vec<Open>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Decision {
    Thresholds,
    Staff,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Window {
    #[serde(default)]
    pub(super) rule: WindowRule,
    pub(super) margin_minutes: Option<u32>,
    pub(super) minimum_overlap_minutes: Option<u32>,
}

#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum WindowRule {
    LocalDay,
    #[default]
    Stay,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct Disclosures {
    pub(super) venue: Option<Disclosure>,
    pub(super) date: Option<Disclosure>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Disclosure {
    Never,
    ClusterOnly,
    Always,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Threshold {
    pub(super) group: Option<String>,
    #[serde(default)]
    pub(super) kinds: Vec<VenueKind>,
    #[serde(default)]
    pub(super) others: bool,
    pub(super) measure: Option<Measure>,
    pub(super) bands: Vec<Band>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Band {
    pub(super) below: Option<u32>,
    pub(super) reports: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cluster {
    pub(super) reports: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Watch {
    pub(super) reports: u32,
    pub(super) days: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cover {
    pub(super) multiple: u32,
    pub(super) days: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Release {
    pub(super) times: Vec<String>,
    pub(super) multiple: u32,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Level {
    Attention,
    Cluster,
    Withdrawn,
}

impl From<Level> for messages::Level {
    fn from(level: Level) -> Self {
        match level {
            Level::Attention => Self::Attention,
            Level::Cluster => Self::Cluster,
            Level::Withdrawn => Self::Withdrawn,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    pub(super) level: Level,
    pub(super) language: String,
    pub(super) text: Option<String>,
    pub(super) advice: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contact {
    pub(super) level: Option<Level>,
    pub(super) language: String,
    pub(super) label: String,
    pub(super) value: String,
    #[serde(default)]
    pub(super) hours: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Open {
    pub(super) setting: String,
    pub(super) why: String,
}
