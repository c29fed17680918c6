//! What a newer profile says otherwise than the one before it.

use super::Profile;

/// Something of a profile that those who follow the authority should hear of when it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProfileChange {
    /// The authority's name.
    Name,
    /// The address of its server.
    Address,
    /// For how many days devices keep records.
    RetentionDays,
    /// From which age on devices no longer believe a checkpoint.
    CheckpointAge,
    /// From which overlap on a visit counts.
    MinimumOverlap,
    /// The time zone of its days.
    TimeZone,
    /// What notices say.
    Texts,
    /// The lines of contact: telephone numbers, addresses.
    Contacts,
    /// Whether diagnosed visitors may tell their visits themselves.
    PatientCases,
}

impl Profile {
    /// Returns what `newer` says otherwise, in a fixed order. Keys are not among it: a handover is told
    /// by its fingerprints.
    #[must_use]
    pub fn changes(&self, newer: &Self) -> Vec<ProfileChange> {
        // [PRO-11]
        let takes_patients = |profile: &Self| profile.patient_master_key.is_some();
        let changed = [
            (ProfileChange::Name, self.name != newer.name),
            (ProfileChange::Address, self.url != newer.url),
            (ProfileChange::RetentionDays, self.retention_days != newer.retention_days),
            (ProfileChange::CheckpointAge, self.checkpoint_max_age != newer.checkpoint_max_age),
            (ProfileChange::MinimumOverlap, self.minimum_overlap != newer.minimum_overlap),
            (ProfileChange::TimeZone, self.time_zone != newer.time_zone),
            (ProfileChange::Texts, self.texts != newer.texts),
            (ProfileChange::Contacts, self.contacts != newer.contacts),
            (ProfileChange::PatientCases, takes_patients(self) != takes_patients(newer)),
        ];
        changed.into_iter().filter(|(_, is_other)| *is_other).map(|(change, _)| change).collect()
    }
}
