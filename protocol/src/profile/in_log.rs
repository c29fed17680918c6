//! The profile in the authority's log: an entry holds its digest, and the profile names the entry, so
//! that everybody who reads the log sees how many profiles were signed, and is told no other one.

use sha2::{Digest, Sha256};

use super::SignedProfile;
use crate::domain;
use crate::log::{
    SignedCheckpoint, TileError, TilePath, inclusion_proof, leaf_hash, root_of_inclusion,
};

/// Returns the SHA-256 of the signed profile that an entry of a log tells of, or `None` where it tells
/// of none.
#[must_use]
pub fn logged_profile(entry: &[u8]) -> Option<[u8; 32]> {
    // [PRO-12]
    entry.strip_prefix(domain::PROFILE_ENTRY)?.try_into().ok()
}

impl SignedProfile {
    /// Returns the entry of the log that tells of this profile. It has to stand at the profile's own
    /// index.
    #[must_use]
    pub fn to_log_entry(&self) -> Vec<u8> {
        // [PRO-12]
        [domain::PROFILE_ENTRY, &self.digest()].concat()
    }

    /// Returns the SHA-256 of the signed bytes.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.bytes).into()
    }

    /// Returns whether the log under `head` has the entry that tells of this profile, at the index
    /// that the profile names. `tile` gives the bytes of a hash tile in the width that is asked for;
    /// they are believed as far as they lead to the signed root.
    ///
    /// # Errors
    /// What `tile` fails with; [`TileError`] for a tile of another length.
    pub fn is_in_log<E: From<TileError>>(
        &self,
        head: &SignedCheckpoint,
        tile: impl FnMut(&TilePath) -> Result<Vec<u8>, E>,
    ) -> Result<bool, E> {
        // [PRO-13]
        let (size, root) = (head.checkpoint().size, head.checkpoint().root);
        let Some(index) = self.profile.log_index.filter(|index| *index < size) else {
            return Ok(false);
        };
        let proof = inclusion_proof(index, size, tile)?;
        let leaf = leaf_hash(&self.to_log_entry());
        Ok(root_of_inclusion(index, size, leaf, &proof) == Some(root))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::authority::AuthorityKeys;
    use crate::log::{Append, CompactRange, LogPosition, Origin, append_tiles};
    use crate::messages::PublishedTrace;
    use crate::profile::{Profile, ProfileError, ReplaceError};
    use crate::time::UnixSeconds;

    fn keys() -> AuthorityKeys {
        AuthorityKeys::generate(&mut rand::rng())
    }

    fn profile(keys: &AuthorityKeys, log_index: Option<u64>) -> Profile {
        let origin = Origin::new("health.example/log").expect("an origin");
        let at = UnixSeconds::new(1_700_000_000).expect("a time");
        Profile { log_index, ..keys.profile("Office", origin, "https://health.example", at) }
    }

    #[test]
    fn a_profile_is_in_the_log_where_it_says_and_nowhere_else() {
        // [PRO-12] [PRO-13]
        let keys = keys();
        for index in [0, 3, 256, 299] {
            let signed = profile(&keys, Some(index)).sign(&keys).expect("a profile");
            assert_eq!(SignedProfile::from_bytes(signed.as_bytes()), Ok(signed.clone()));
            let entry = signed.to_log_entry();
            assert_eq!(logged_profile(&entry), Some(signed.digest()));
            assert!(PublishedTrace::from_bytes(&entry).is_err(), "never a trace");
            for at in [index, index + 1, 300] {
                let mut entries = vec![b"other".to_vec(); 302];
                entries[usize::try_from(at).expect("an index")] = entry.clone();
                let files: BTreeMap<_, _> = append_tiles(&CompactRange::new(), &entries, |_| None)
                    .expect("an append")
                    .into_iter()
                    .collect();
                let (origin, now) = (&signed.profile().origin, signed.profile().issued);
                let (start, log_keys) = (LogPosition::start(), keys.log_keys());
                let append = Append::sign(&start, entries, origin, &log_keys, now);
                let note = append.expect("an append").checkpoint;
                let public = keys.log_public_keys();
                let head = SignedCheckpoint::verify(note.as_bytes(), origin, &public);
                let head = head.expect("a head");
                let read = |path: &TilePath| files.get(path).cloned().ok_or(TileError::Missing);
                assert_eq!(signed.is_in_log(&head, read), Ok(at == index), "{index} at {at}");
                let none = |_: &TilePath| Err(TileError::Missing);
                assert_eq!(signed.is_in_log(&head, none), Err(TileError::Missing));
                let beyond = profile(&keys, Some(302)).sign(&keys).expect("a profile");
                assert_eq!(beyond.is_in_log(&head, read), Ok(false));
                let without = profile(&keys, None).sign(&keys).expect("a profile");
                assert_eq!(without.is_in_log(&head, read), Ok(false));
            }
        }
        assert_eq!(logged_profile(&[domain::PROFILE_ENTRY, &[0; 31]].concat()), None);
        assert_eq!(logged_profile(&[domain::PROFILE_ENTRY, &[0; 33]].concat()), None);
        assert_eq!(logged_profile(&[0; 53]), None);
    }

    #[test]
    fn a_place_in_the_log_is_not_given_up() {
        // [PRO-12] [PRO-13]
        let keys = keys();
        let at = |log_index, later| {
            let profile = profile(&keys, log_index);
            let issued = profile.issued.plus(later);
            Profile { issued, ..profile }.sign(&keys).expect("a profile")
        };
        let (none, first, second) = (at(None, 0), at(Some(0), 1), at(Some(7), 2));
        assert_eq!(none.check_replacement(&first), Ok(()));
        assert_eq!(first.check_replacement(&second), Ok(()));
        assert_eq!(first.check_replacement(&at(None, 5)), Err(ReplaceError::NotInLog));
        assert_eq!(second.check_replacement(&at(Some(6), 5)), Err(ReplaceError::NotInLog));
        assert_eq!(second.check_replacement(&first), Err(ReplaceError::Older));
        // One key for both has no place for it.
        let profile = profile(&keys, Some(0));
        let one = Profile { clock_key: profile.log_key, ..profile.clone() };
        assert_eq!(one.sign(&keys), Err(ProfileError::ClockKey));
        let far = Profile { log_index: Some(u64::MAX), ..profile };
        assert_eq!(far.sign(&keys), Err(ProfileError::LogIndex(u64::MAX)));
    }
}
