//! The table of thresholds: its rows checked one by one and against each other.

use super::error::PolicyError;
use super::file::{self, Decision, File};
use super::limits::{MAX_REPORTS, at_most, number, sentence};
use super::premises::Measure;
use super::threshold::{Band, Threshold};
use crate::messages::VenueKind;
use crate::profile::NAME_CHARACTERS;

/// What `others` is called where a row names kinds.
const OTHERS: &str = "others";

/// Checks the table.
pub(super) fn thresholds(file: &File) -> Result<Vec<Threshold>, PolicyError> {
    // [POL-3]
    at_most("threshold", file.threshold.len())?;
    let conflict = |rule| Err(PolicyError::Conflict { setting: "decision".to_owned(), rule });
    match (file.decision, file.threshold.is_empty()) {
        (Decision::Thresholds, true) => {
            return conflict("is \"thresholds\"; that needs at least one [[threshold]]");
        }
        (Decision::Staff, false) => {
            return conflict("is \"staff\"; then no [[threshold]] may stand in the file");
        }
        _ => {}
    }
    check_kinds(&file.threshold)?;
    let others = others(&file.threshold);
    (1..).zip(&file.threshold).map(|(i, row)| threshold(i, row, &others)).collect()
}

/// Returns every kind that no row names, but for events: what an event calls for is said by name,
/// since its place is of some other kind too.
fn others(rows: &[file::Threshold]) -> Vec<VenueKind> {
    let named = |kind: &VenueKind| rows.iter().any(|row| row.kinds.contains(kind));
    let kinds = VenueKind::ALL.iter().copied();
    kinds.filter(|kind| *kind != VenueKind::Event && !named(kind)).collect()
}

fn threshold(
    i: usize,
    row: &file::Threshold,
    others: &[VenueKind],
) -> Result<Threshold, PolicyError> {
    let group = row.group.clone().map(|group| {
        let setting = format!("threshold[{i}].group");
        sentence(setting, group, NAME_CHARACTERS)
    });
    let others = if row.others { others } else { &[] };
    Ok(Threshold {
        group: group.transpose()?,
        kinds: [&row.kinds, others].concat(),
        measure: row.measure,
        bands: bands(i, row)?,
    })
}

fn bands(i: usize, row: &file::Threshold) -> Result<Vec<Band>, PolicyError> {
    let list = format!("threshold[{i}].bands");
    if row.bands.is_empty() {
        return Err(PolicyError::Empty { setting: list });
    }
    at_most("bands", row.bands.len())?;
    let mut before = 0;
    let mut bands = Vec::with_capacity(row.bands.len());
    for (j, band) in (1..).zip(&row.bands) {
        let setting = format!("{list}[{j}]");
        check_end(&setting, row.measure, band.below, j == row.bands.len(), before)?;
        before = band.below.unwrap_or(before);
        let reports = number(format!("{setting}.reports"), band.reports, 1, MAX_REPORTS)?;
        bands.push(Band { below: band.below, reports });
    }
    Ok(bands)
}

/// Bands ascend, only the last may be without an end, and only a measure makes more than one.
fn check_end(
    setting: &str,
    measure: Option<Measure>,
    below: Option<u32>,
    last: bool,
    before: u32,
) -> Result<(), PolicyError> {
    let conflict = |rule| Err(PolicyError::Conflict { setting: setting.to_owned(), rule });
    match below {
        Some(_) if measure.is_none() => {
            conflict("has a size in \"below\"; say in \"measure\" what it counts")
        }
        Some(found) if found <= before => {
            let setting = format!("{setting}.below");
            Err(PolicyError::NotAscending { setting, found, before })
        }
        None if !last => conflict("has no \"below\"; only the last band may be without one"),
        _ => Ok(()),
    }
}

/// Checks that no kind stands twice for one measure. A row without a measure is for all of them.
fn check_kinds(rows: &[file::Threshold]) -> Result<(), PolicyError> {
    let names = |row: &file::Threshold| {
        let others = row.others.then_some(OTHERS);
        row.kinds.iter().map(|kind| kind.name()).chain(others).collect::<Vec<_>>()
    };
    let mut seen: Vec<(usize, &str, Option<Measure>)> = vec![];
    for (i, row) in (1..).zip(rows) {
        let setting = format!("threshold[{i}]");
        if names(row).is_empty() {
            let rule = "is for no kind of venue; name \"kinds\", or set \"others = true\"";
            return Err(PolicyError::Conflict { setting, rule });
        }
        for kind in names(row) {
            let measure = row.measure;
            let clash = seen.iter().find(|(_, other_kind, other)| {
                *other_kind == kind && (*other == measure || other.is_none() || measure.is_none())
            });
            if let Some((first, ..)) = clash {
                return Err(PolicyError::KindTwice { setting, kind, measure, first: *first });
            }
            seen.push((i, kind, measure));
        }
    }
    Ok(())
}
