//! The public profile.

use noren::profile::Profile;
use serde::Serialize;

use crate::context::Context;
use crate::outcome::{Answer, Outcome};
use crate::text::{clean, counted};
use crate::times;

#[derive(Serialize)]
pub(in crate::authority) struct ShownProfile {
    name: String,
    fingerprint: String,
    origin: String,
    url: String,
    log_key: String,
    clock_key: String,
    upload_key: String,
    issued: String,
    #[serde(skip)]
    issued_shown: String,
    time_zone: String,
    retention_days: u32,
    checkpoint_max_age: u64,
    minimum_overlap: u32,
    /// Whether diagnosed visitors may tell their visits themselves.
    patient_cases: bool,
}

impl ShownProfile {
    pub(in crate::authority) fn new(profile: &Profile) -> Self {
        Self {
            name: profile.name.clone(),
            fingerprint: profile.fingerprint().to_string(),
            origin: profile.origin.as_str().to_owned(),
            url: profile.url.clone(),
            log_key: hex::encode(profile.log_key.as_bytes()),
            clock_key: hex::encode(profile.clock_key.as_bytes()),
            upload_key: hex::encode(profile.upload_key.as_bytes()),
            issued: times::rfc3339(profile.issued),
            issued_shown: times::show_at(
                profile.issued,
                &times::zone_or_local(Some(&profile.time_zone)),
            ),
            time_zone: profile.time_zone.clone(),
            retention_days: profile.retention_days,
            checkpoint_max_age: profile.checkpoint_max_age,
            minimum_overlap: profile.minimum_overlap,
            patient_cases: profile.patient_master_key.is_some(),
        }
    }

    pub(in crate::authority) fn lines(&self) -> String {
        format!(
            "{}\nfingerprint: {}\nlog:         {}\nserver:      {}\nissued:      {}\ntime zone:   {}\npatients:    {}\nrecords are kept {}, a checkpoint is fresh for {} s, visits count from an overlap of {} s",
            clean(&self.name),
            self.fingerprint,
            self.origin,
            clean(&self.url),
            self.issued_shown,
            self.time_zone,
            if self.patient_cases { "taken" } else { "not taken" },
            counted(self.retention_days, "day"),
            self.checkpoint_max_age,
            self.minimum_overlap,
        )
    }
}

/// Shows the profile.
pub(in crate::authority) fn show(context: &Context, profile: &Profile) -> Outcome {
    context.output.data(&ShownProfile::new(profile), ShownProfile::lines)?;
    Ok(Answer::Yes)
}
