//! What an authority that is followed has changed in its profile, for people.

use noren::profile::{Profile, ProfileChange};
use noren::time::Lapse;

use crate::text::{clean, counted};

/// What is said when a newer profile takes a pinned one's place; `None` where nothing changed that
/// matters to whoever follows.
pub(super) fn words(before: &Profile, now: &Profile) -> Option<String> {
    // [PRO-11]
    let changes = before.changes(now);
    if changes.is_empty() {
        return None;
    }
    let told = changes.into_iter().map(|change| format!("\n  {}", of(change, before, now)));
    Some(format!("{} has changed its profile:{}", clean(&before.name), told.collect::<String>()))
}

fn of(change: ProfileChange, before: &Profile, now: &Profile) -> String {
    let instead =
        |what: &str, now: String, before: String| format!("{what}: {now} (before: {before})");
    match change {
        ProfileChange::Name => instead("name", clean(&now.name), clean(&before.name)),
        ProfileChange::Address => instead("server", clean(&now.url), clean(&before.url)),
        ProfileChange::RetentionDays => {
            let days = |profile: &Profile| counted(profile.retention_days, "day");
            instead("records are kept", days(now), days(before))
        }
        ProfileChange::CheckpointAge => {
            let age = |profile: &Profile| Lapse(profile.checkpoint_max_age).to_string();
            instead("its log counts as new for", age(now), age(before))
        }
        ProfileChange::MinimumOverlap => {
            let overlap = |profile: &Profile| counted(profile.minimum_overlap, "second");
            instead("a visit counts from an overlap of", overlap(now), overlap(before))
        }
        ProfileChange::TimeZone => {
            instead("time zone", clean(&now.time_zone), clean(&before.time_zone))
        }
        ProfileChange::Texts => "the texts of its notices".to_owned(),
        ProfileChange::Contacts => {
            instead("telephone numbers and other contacts", contacts(now), contacts(before))
        }
        ProfileChange::PatientCases if now.patient_master_key.is_some() => {
            "visitors with a diagnosis may tell their visits themselves from now on".to_owned()
        }
        _ => "visitors with a diagnosis can no longer tell their visits themselves".to_owned(),
    }
}

/// The values of the lines of contact, each once.
fn contacts(profile: &Profile) -> String {
    let mut values: Vec<String> = Vec::new();
    for line in &profile.contacts {
        let value = clean(&line.value);
        if !values.contains(&value) {
            values.push(value);
        }
    }
    if values.is_empty() { "none".to_owned() } else { values.join(", ") }
}
