//! Thresholds: how many reports about a place of a kind and size call for a warning.

use serde::{Deserialize, Serialize};

use super::premises::{Measure, Premises, Size};
use crate::messages::VenueKind;

/// The sizes that one band of a threshold is for: `from` and more, less than `below`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SizeRange {
    /// What is counted.
    pub measure: Measure,
    /// The least size inside.
    pub from: u32,
    /// The least size above; `None` where there is no upper end.
    pub below: Option<u32>,
}

/// The reports needed for sizes less than `below`; for all sizes where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Band {
    pub(super) below: Option<u32>,
    pub(super) reports: u32,
}

/// A row of the table: kinds, a measure, and ascending bands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Threshold {
    pub(super) group: Option<String>,
    pub(super) kinds: Vec<VenueKind>,
    pub(super) measure: Option<Measure>,
    pub(super) bands: Vec<Band>,
}

/// What the table says about a place.
#[derive(Debug, Default)]
pub(super) struct Applied {
    pub(super) needed: Option<u32>,
    pub(super) group: Option<String>,
    pub(super) range: Option<SizeRange>,
    pub(super) measures: Vec<Measure>,
}

/// Looks a place up. Returns no number of reports where no row has the kind, where none of its rows
/// counts what the size is given in, or where no band reaches up to the size.
pub(super) fn apply(thresholds: &[Threshold], premises: &Premises) -> Applied {
    let rows = || thresholds.iter().filter(|row| row.kinds.contains(&premises.kind));
    let measures = rows().filter_map(|row| row.measure).collect();
    let measure = premises.size.map(Size::measure);
    let row = rows().find(|row| row.measure.is_none() || row.measure == measure);
    let Some(row) = row else {
        // The group of the kind, where its rows agree on one.
        let group = rows().next().and_then(|row| row.group.clone());
        let group = group.filter(|name| rows().all(|row| row.group.as_ref() == Some(name)));
        return Applied { group, measures, ..Applied::default() };
    };
    let (needed, range) = row.band(premises.size);
    Applied { needed, group: row.group.clone(), range, measures }
}

impl Threshold {
    /// Returns the band of a size. Above the last band there is a range, and no number of reports.
    fn band(&self, size: Option<Size>) -> (Option<u32>, Option<SizeRange>) {
        let (Some(measure), Some(size)) = (self.measure, size) else {
            return (self.bands.first().map(|band| band.reports), None);
        };
        let mut from = 0;
        for band in &self.bands {
            if band.below.is_none_or(|below| size.number() < below) {
                let range = SizeRange { measure, from, below: band.below };
                return (Some(band.reports), Some(range));
            }
            from = band.below.unwrap_or(from);
        }
        (None, Some(SizeRange { measure, from, below: None }))
    }
}
