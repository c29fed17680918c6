//! Every string that separates one use of a hash, key derivation or signature from another.

/// HKDF info of the payload's secrets (CrowdNotifier v3).
pub(crate) const PAYLOAD_SECRETS: &[u8] = b"CrowdNotifier_v3";
/// Pre-identity of an entry code (CrowdNotifier v3).
pub(crate) const PRE_IDENTITY: &[u8] = b"CN-PREID";
/// Time key of an hour (CrowdNotifier v3).
pub(crate) const TIME_KEY: &[u8] = b"CN-TIMEKEY";
/// Identity of an hour (CrowdNotifier v3).
pub(crate) const IDENTITY: &[u8] = b"CN-ID";

/// Hash under which an upload ticket is registered.
pub(crate) const UPLOAD_CODE: &[u8] = b"NOREN-UPLOAD-CODE";
/// The ticket that an upload code gives: what the server is shown of it.
pub(crate) const UPLOAD_TICKET: &[u8] = b"NOREN-UPLOAD-TICKET";
/// Check symbols of an upload ticket.
pub(crate) const UPLOAD_TICKET_CHECK: &[u8] = b"NOREN-UPLOAD-TICKET-CHECK";
/// What binds a sealed upload to its upload code, and is shown to nobody but the authority.
pub(crate) const UPLOAD_BINDING: &[u8] = b"NOREN-UPLOAD-BINDING";
/// Check symbols of an upload code.
pub(crate) const UPLOAD_CODE_CHECK: &[u8] = b"NOREN-UPLOAD-CODE-CHECK";
/// What binds a window code to its upload code.
pub(crate) const WINDOW_CODE: &[u8] = b"NOREN-WINDOW-CODE";
/// What a patient case's upload carries so that it is never taken for a venue's.
pub(crate) const PATIENT_UPLOAD: &str = "NOREN-PATIENT-UPLOAD";
/// Signature on an authority's public profile.
pub(crate) const AUTHORITY_PROFILE: &[u8] = b"NOREN-AUTHORITY-PROFILE-v1\n";
/// Signature by an authority's old log key over the keys that come next.
pub(crate) const AUTHORITY_HANDOVER: &[u8] = b"NOREN-AUTHORITY-HANDOVER-v1\n";
/// First bytes of a log's entry that tells of a profile.
pub(crate) const PROFILE_ENTRY: &[u8] = b"NOREN-LOG-PROFILE-v1\n";
/// First bytes of an authority's sealed keys.
pub(crate) const AUTHORITY_KEYS: &[u8] = b"NOREN-AUTHORITY-KEYS";
/// Fingerprint of an authority.
pub(crate) const AUTHORITY_FINGERPRINT: &[u8] = b"NOREN-AUTHORITY-FINGERPRINT";
/// What stands for the fingerprint of an authority where a feed has none.
pub(crate) const FEED: &[u8] = b"NOREN-FEED";
/// HKDF info of the key of an organisation's room.
pub(crate) const ROOM_KEY: &[u8] = b"NOREN-ROOM-v1";
/// HKDF info of the chain key of an organisation's record that has none.
pub(crate) const ORGANISATION_RECORD: &[u8] = b"NOREN-ORGANISATION-RECORD-v1";
/// First bytes of a vault.
pub(crate) const VAULT: &[u8] = b"NOREN-VAULT";
/// HKDF info of the key that seals one version of a vault.
pub(crate) const VAULT_SEAL: &[u8] = b"NOREN-VAULT-v1";
/// First bytes of a diary.
pub(crate) const DIARY: &[u8] = b"NOREN-DIARY";
/// HKDF info of the key that seals one version of a diary.
pub(crate) const DIARY_SEAL: &[u8] = b"NOREN-DIARY-v1";
/// The prefix under the hash that is an exposure's id.
pub(crate) const EXPOSURE_ID: &[u8] = b"NOREN-EXPOSURE-ID";
