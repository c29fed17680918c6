//! What auditors and witnesses are handed: proofs, requests, policies.

use noren::keys::SignSecretKey;
use noren::log::{AddCheckpoint, LogProof, Origin, WitnessPolicy};
use noren::profile::{Pin, SignedProfile};

use super::published::signed_profile;

fn origin() -> Origin {
    Origin::new("health.example/log").expect("an origin")
}

/// A proof that a log has an entry. [LOG-20]
pub fn log_proof(data: &[u8]) -> bool {
    let Ok(proof) = LogProof::from_text(data) else { return false };
    assert_eq!(proof.to_text().as_bytes(), data, "a proof has one spelling");
    let key = SignSecretKey::from_bytes(&[7; 32]).public_key().into();
    let _ = proof.verify(proof.extra.as_deref().unwrap_or_default(), &origin(), &key);
    true
}

/// A request to a witness. [LOG-23]
pub fn add_checkpoint(data: &[u8]) -> bool {
    let Ok(request) = AddCheckpoint::from_text(data) else { return false };
    assert_eq!(request.to_text().as_bytes(), data, "a request has one spelling");
    let key = SignSecretKey::from_bytes(&[7; 32]).public_key();
    if let Ok(head) = request.judge(&origin(), &[key], None) {
        assert_eq!(request.old_size, 0, "{} entries from nothing", head.size);
    }
    true
}

/// A policy of witnesses. [LOG-21]
pub fn witness_policy(data: &[u8]) -> bool {
    let Ok(policy) = WitnessPolicy::from_text(data) else { return false };
    assert!(policy.witnesses().count() <= 128 && policy.logs().len() <= 64);
    true
}

/// A pin; and a pin of a sound profile whose policy is the input. [LOG-24]
pub fn pin(data: &[u8]) -> bool {
    let read = Pin::from_bytes(data).map(assert_is_kept).is_ok();
    let Ok(policy) = WitnessPolicy::from_text(data) else { return read };
    let profile = SignedProfile::from_bytes(&signed_profile()).expect("a profile");
    Pin::new(profile).asking_for(policy).map(assert_is_kept).is_ok() || read
}

fn assert_is_kept(pin: Pin) {
    let bytes = pin.to_bytes().expect("a pin that exists is kept");
    assert_eq!(Pin::from_bytes(&bytes), Ok(pin));
}
