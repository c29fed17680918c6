//! The parts below the roles, for researchers, benches and fuzzing. A program that uses them can go
//! wrong: it can try a key and forget to remember that it was tried, or keep what must be wiped.
//!
//! | from | what |
//! |---|---|
//! | `ibe` | identity-based encryption, its points, pairings and hashes; trials of one key on many records |
//! | `identity` | from a code and an hour to the identity that is encrypted to |
//! | `sealed_box` | what is sealed under a notification key |
//! | `visitor` | records of visits, and the matcher that opens them |

pub use crate::ibe::ciphertext::CiphertextError;
pub use crate::ibe::encoding::{G1_LENGTH, G2_LENGTH, decode_g1, decode_g2, encode_g1, encode_g2};
pub use crate::ibe::group::{G1, G2, Gt, pairing};
pub use crate::ibe::hash::{hash_to_g1, hash_to_scalar, mask_to_scalar};
pub use crate::ibe::trial::{Backend, KeyBatch, pairings};
pub use crate::ibe::{Ciphertext, PreparedMasterPublicKey};
pub use crate::identity::PayloadSecrets;
pub use crate::sealed_box::{SEAL_OVERHEAD, open_secretbox, seal_secretbox};
pub use crate::visitor::matching::{Match, Matcher, Outcome, match_entries};
pub use crate::visitor::record::{CheckInRecord, RecordContents, SEALED_RECORD_LENGTH, seal_visit};
