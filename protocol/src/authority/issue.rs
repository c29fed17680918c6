//! What only the holder of the keys can do with a profile: sign it, and hand it over to other keys.

use super::keys::AuthorityKeys;
use super::policy::Policy;
use crate::log::Origin;
use crate::profile::{Handover, MAX_HANDOVERS, Profile, ProfileError, SignedProfile};
use crate::time::UnixSeconds;

impl AuthorityKeys {
    /// Makes a profile of these keys, to be completed and signed. Devices keep records for 14 days
    /// and believe a checkpoint for a day, any overlap counts, days are those of UTC, there is no
    /// text or line of contact yet, and no place in the log.
    #[must_use]
    pub fn profile(&self, name: &str, origin: Origin, url: &str, issued: UnixSeconds) -> Profile {
        Profile {
            issued,
            log_index: None,
            name: name.to_owned(),
            origin,
            url: url.to_owned(),
            log_key: self.log_public_key(),
            clock_key: self.log_public_keys().clock,
            upload_key: self.upload_public_key(),
            retention_days: 14,
            checkpoint_max_age: 86_400,
            minimum_overlap: 0,
            time_zone: "UTC".to_owned(),
            texts: Vec::new(),
            contacts: Vec::new(),
            patient_master_key: self.patient_public_key(),
            handovers: Vec::new(),
        }
    }
}

impl Policy {
    /// Writes the policy's public settings into a profile: times, the time zone, texts, contacts.
    pub fn write_into(&self, profile: &mut Profile) {
        // [POL-9]
        profile.retention_days = self.retention_days();
        profile.checkpoint_max_age = self.checkpoint_max_age();
        profile.minimum_overlap = self.minimum_overlap();
        self.time_zone().clone_into(&mut profile.time_zone);
        profile.texts = self.texts().to_vec();
        profile.contacts = self.contacts().to_vec();
    }
}

impl Profile {
    /// Signs the profile.
    ///
    /// # Errors
    /// The text or number that is out of its range; [`ProfileError::Unsigned`] where the log key is kept
    /// elsewhere and did not sign.
    pub fn sign(&self, keys: &AuthorityKeys) -> Result<SignedProfile, ProfileError> {
        self.signed_with(keys.log_key())
    }

    /// Returns the profile of the same authority with its next keys. The old log key signs the
    /// handover, the new one the whole. It has the same place in the log: set it before.
    ///
    /// # Errors
    /// As [`Profile::sign`]; [`ProfileError::HandoverKeys`] where `from` are not the profile's keys.
    pub fn hand_over(
        &self,
        from: &AuthorityKeys,
        to: &AuthorityKeys,
        now: UnixSeconds,
    ) -> Result<SignedProfile, ProfileError> {
        // [PRO-4]
        if from.log_public_keys() != self.log_keys() || from.upload_public_key() != self.upload_key
        {
            return Err(ProfileError::HandoverKeys);
        }
        let (keys, upload_key) = (to.log_public_keys(), to.upload_public_key());
        let at = now.max(self.issued);
        let mut next = self.clone();
        next.handovers.push(Handover::sign(self, from.log_key(), (&keys.log, &upload_key), at)?);
        // A chain without its first links is a chain.
        next.handovers.drain(..next.handovers.len().saturating_sub(MAX_HANDOVERS));
        (next.issued, next.upload_key) = (at, upload_key);
        (next.log_key, next.clock_key) = (keys.log, keys.clock);
        next.patient_master_key = to.patient_public_key();
        next.sign(to)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    use super::*;

    fn first() -> (AuthorityKeys, Profile, ChaCha20Rng) {
        let mut rng = ChaCha20Rng::seed_from_u64(5);
        let keys = AuthorityKeys::generate(&mut rng);
        let profile = Profile {
            time_zone: "Asia/Tokyo".to_owned(),
            ..keys.profile(
                "office",
                Origin::new("office.example").expect("an origin"),
                "https://office.example",
                UnixSeconds::MAX.minus(1_000),
            )
        };
        (keys, profile, rng)
    }

    #[test]
    fn keys_are_handed_over_any_number_of_times_and_the_last_sixteen_are_told() {
        // [PRO-4] [PRO-5]
        let (mut keys, mut profile, mut rng) = first();
        let mut all = vec![profile.sign(&keys).expect("a profile")];
        for _ in 0..18 {
            let next = keys.successor(&mut rng);
            // A clock that went back does not make an older profile.
            let signed = profile.hand_over(&keys, &next, UnixSeconds::default());
            all.push(signed.expect("handed over"));
            (keys, profile) = (next, all[all.len() - 1].profile().clone());
        }
        let last = &all[18];
        assert_eq!(last.predecessors().len(), MAX_HANDOVERS);
        assert_eq!(last.profile().issued, all[0].profile().issued);
        let accepted = |old: &SignedProfile| old.check_replacement(last).is_ok();
        assert_eq!(all.iter().map(accepted).filter(|accepted| !accepted).count(), 2);
        assert!(!accepted(&all[1]) && accepted(&all[2]));
    }

    #[test]
    fn only_the_holder_of_the_old_keys_hands_over() {
        // [PRO-4]
        let (keys, profile, mut rng) = first();
        let (other, next) = (AuthorityKeys::generate(&mut rng), keys.successor(&mut rng));
        let refused = profile.hand_over(&other, &next, profile.issued);
        assert_eq!(refused, Err(ProfileError::HandoverKeys));
        let same = profile.hand_over(&keys, &keys, profile.issued);
        assert_eq!(same, Err(ProfileError::HandoverRepeats));
        assert!(profile.hand_over(&keys, &next, profile.issued).is_ok());
    }
}
