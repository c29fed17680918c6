//! An authority's warning policy as a file: how many reports call for which warning, what the
//! warning covers, names and says, and for how long anything is kept.
//!
//! A policy is a TOML file. It is parsed and checked as a whole, and answers without a clock, a
//! generator or a file: the same file and the same question give the same answer, on any machine
//! and in any year. `spec/policy.md` says what may stand in it.
//!
//! ```
//! use noren::authority::{Policy, Premises, Size};
//! use noren::messages::VenueKind;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let shipped = Policy::shipped().iter().find(|each| each.name == "osaka").ok_or("no such")?;
//! let policy = Policy::from_toml(shipped.toml)?;
//! let hall = Premises { kind: VenueKind::LiveHouse, size: Some(Size::Seats(250)) };
//! assert_eq!(
//!     policy.evaluate(&hall, 2).to_string(),
//!     "2 of 2 reports, live house with 100 seats or more, group A → attention"
//! );
//! # Ok(()) }
//! ```

mod check;
mod error;
mod file;
mod finding;
mod limits;
mod phrase;
mod premises;
mod release;
mod rows;
mod texts;
mod threshold;

use sha2::{Digest, Sha256};

pub use error::PolicyError;
pub use finding::{Finding, Verdict};
pub use premises::{Measure, Premises, Size};
pub use release::{ClockTime, Release};
pub use threshold::SizeRange;

use self::threshold::Threshold;
use super::publish::Cover;
use crate::messages::Level;
use crate::profile::{Contact, LevelText};
use crate::time::Window;

/// A policy file that comes with this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shipped {
    /// The policy's name.
    pub name: &'static str,
    /// The file's text.
    pub toml: &'static str,
}

// [POL-11]
const SHIPPED: [Shipped; 5] = [
    Shipped { name: "plain", toml: include_str!("policy/plain.toml") },
    Shipped { name: "osaka", toml: include_str!("policy/osaka.toml") },
    Shipped { name: "hyogo", toml: include_str!("policy/hyogo.toml") },
    Shipped { name: "kyoto-prefecture", toml: include_str!("policy/kyoto-prefecture.toml") },
    Shipped { name: "kyoto-city", toml: include_str!("policy/kyoto-city.toml") },
];

/// The number of reports in a number of days from which on a venue looks like an early cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watch {
    /// The number of reports.
    pub reports: u32,
    /// The number of days.
    pub days: u32,
}

/// A setting that the operator has still to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOpen {
    /// The setting, or what it is about.
    pub setting: String,
    /// Why the file does not settle it.
    pub why: String,
}

/// Who decides that a venue's visitors are warned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    Thresholds,
    Staff,
}

/// Which notices name a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disclosure {
    Never,
    ClusterOnly,
    Always,
}

impl Disclosure {
    fn names_at(self, level: Level) -> bool {
        match self {
            Self::Never => false,
            Self::ClusterOnly => level == Level::Cluster,
            Self::Always => true,
        }
    }
}

/// What a warning covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WindowRule {
    LocalDay,
    /// The stay with so many seconds on both sides.
    Stay(u64),
}

/// A policy, parsed and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    toml: String,
    name: String,
    title: String,
    time_zone: String,
    retention_days: u32,
    checkpoint_max_age: u64,
    minimum_overlap: u32,
    decision: Decision,
    thresholds: Vec<Threshold>,
    cluster: Option<u32>,
    window: WindowRule,
    venue: Disclosure,
    date: Disclosure,
    watch: Watch,
    cover: Option<Cover>,
    release: Option<Release>,
    texts: Vec<LevelText>,
    contacts: Vec<Contact>,
    left_open: Vec<LeftOpen>,
}

impl Policy {
    /// The longest policy file in bytes.
    pub const MAX_LENGTH: usize = 65_536;

    /// Parses and checks a policy file of at most 65,536 bytes.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line or the name of the setting.
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        check::policy(text)
    }

    /// Returns the files that come with this crate: `plain`, which is nobody's, and the policies of
    /// four systems as far as they were published. Each passes [`Policy::from_toml`];
    /// [`Policy::left_open`] tells what it does not settle.
    #[must_use]
    pub const fn shipped() -> &'static [Shipped] {
        &SHIPPED
    }

    /// Returns the name: lower-case letters, digits and hyphens.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the title, which tells people whose policy it is.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Returns the authority's time zone, a name of the IANA database. The caller, who has the
    /// database, checks that it knows the name.
    #[must_use]
    pub fn time_zone(&self) -> &str {
        &self.time_zone
    }

    /// Returns for how many days devices keep records.
    #[must_use]
    pub const fn retention_days(&self) -> u32 {
        self.retention_days
    }

    /// Returns after how many seconds devices no longer believe a checkpoint.
    #[must_use]
    pub const fn checkpoint_max_age(&self) -> u64 {
        self.checkpoint_max_age
    }

    /// Returns how many seconds a visit has to share with a notice's window before the visitor is
    /// told.
    #[must_use]
    pub const fn minimum_overlap(&self) -> u32 {
        self.minimum_overlap
    }

    /// Returns what notices say: every level in every language.
    #[must_use]
    pub fn texts(&self) -> &[LevelText] {
        &self.texts
    }

    /// Returns the lines of contact: whom people turn to.
    #[must_use]
    pub fn contacts(&self) -> &[Contact] {
        &self.contacts
    }

    /// Returns how batches are filled with cover, or `None` where they are not.
    #[must_use]
    pub const fn cover(&self) -> Option<Cover> {
        self.cover
    }

    /// Returns when entries that staff released are published, or `None` where that is at once.
    #[must_use]
    pub const fn release(&self) -> Option<&Release> {
        self.release.as_ref()
    }

    /// Returns what the operator has still to decide.
    #[must_use]
    pub fn left_open(&self) -> &[LeftOpen] {
        &self.left_open
    }

    /// Returns from when on a venue looks like an early cluster.
    #[must_use]
    pub const fn watch(&self) -> Watch {
        self.watch
    }

    /// Returns the SHA-256 of the file's text. A case file names its policy by this digest, since a
    /// name does not tell two versions of a file apart.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        // [POL-10]
        Sha256::digest(self.toml.as_bytes()).into()
    }

    /// Returns the text that the policy came from, byte for byte.
    #[must_use]
    pub fn toml(&self) -> &str {
        &self.toml
    }

    /// Returns what so many reports about such a place call for, and why.
    #[must_use]
    pub fn evaluate(&self, premises: &Premises, reports: u32) -> Finding {
        // [POL-4] Nothing but the file and the two arguments goes into the answer.
        let applied = threshold::apply(&self.thresholds, premises);
        let cluster = self.cluster.filter(|needed| reports >= *needed);
        let needed = cluster.or(applied.needed);
        let verdict = match (cluster, self.decision, needed) {
            (Some(_), _, _) => Verdict::Reached(Level::Cluster),
            (None, Decision::Staff, _) => Verdict::Staff,
            (None, Decision::Thresholds, None) => Verdict::Unset,
            (None, Decision::Thresholds, Some(needed)) if reports >= needed => {
                Verdict::Reached(Level::Attention)
            }
            (None, Decision::Thresholds, Some(_)) => Verdict::Below,
        };
        Finding {
            verdict,
            reports,
            needed,
            premises: *premises,
            group: applied.group,
            range: applied.range,
            measures: applied.measures,
        }
    }

    /// Returns what a warning covers, in half-open windows. `stay` is the infected person's, and
    /// `local_day` the day in the authority's time zone in which it begins.
    ///
    /// By the local-day rule that day, and on to the end of a stay that goes past midnight; by the
    /// stay rule the stay with the margin on both sides.
    #[must_use]
    pub fn window(&self, stay: Window, local_day: Window) -> Window {
        // [POL-6]
        let (start, end) = match self.window {
            WindowRule::LocalDay => {
                (local_day.start().min(stay.start()), local_day.end().max(stay.end()))
            }
            WindowRule::Stay(margin) => (stay.start().minus(margin), stay.end().plus(margin)),
        };
        Window::new(start, end).unwrap_or(stay)
    }

    /// Returns whether notices of a level name the venue.
    #[must_use]
    pub fn names_venue(&self, level: Level) -> bool {
        // [POL-7]
        self.venue.names_at(level)
    }

    /// Returns whether notices of a level name day and time.
    #[must_use]
    pub fn names_date(&self, level: Level) -> bool {
        // [POL-7]
        self.date.names_at(level)
    }
}
