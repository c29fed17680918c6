//! Enabling patient cases.
//!
//! What was cut off is finished by doing it again: the key is on the disk before the profile tells of
//! it, and the profile is kept here when the server has it.

use noren::keys::MasterSecretKey;
use serde_json::json;

use crate::desk::event::Event;
use crate::desk::profile::renew;
use crate::desk::store::Change;
use crate::desk::{Desk, kept};

/// Whether it was decided before, and only has to be finished.
pub(in crate::desk) fn has_begun(desk: &Desk<'_>) -> bool {
    desk.takes_patient_cases() || desk.keys.patient_key().is_some()
}

/// Enables them, from wherever an earlier run came to. Returns whether they were not taken before.
pub(in crate::desk) fn execute(desk: &mut Desk<'_>) -> anyhow::Result<bool> {
    let new = !desk.takes_patient_cases();
    if desk.keys.patient_key().is_none() {
        make_key(desk)?;
    }
    if new {
        let key = desk.keys.patient_public_key();
        renew(desk, true, |profile| profile.patient_master_key = key)?;
    }
    if !desk.journal()?.iter().any(|entry| entry.event() == Some(Event::PatientEnabled)) {
        desk.apply(Change::default().note(Event::PatientEnabled.about("desk", json!({}))))?;
    }
    Ok(new)
}

fn make_key(desk: &mut Desk<'_>) -> anyhow::Result<()> {
    // [PAT-1]
    let key = MasterSecretKey::generate(&mut desk.rng());
    desk.keys = desk.keys.clone().with_patient_key(key);
    // [CLI-1] [CLI-2]
    kept::replace(&desk.keys_path(), &desk.key_file(&desk.keys)?)
}
