//! What each fuzz target does with its bytes: one function for every parser of foreign bytes.
//!
//! A function must not panic, and asserts what has to hold of anything that is accepted.
//! `protocol/tests/protocol/corpora.rs` runs the same functions on the committed corpora, on stable
//! Rust.

#![allow(clippy::expect_used, clippy::panic, reason = "a broken promise stops the fuzzer")]

pub mod codes;
pub mod devices;
pub mod points;
pub mod published;
pub mod traces;
pub mod uploads;
pub mod witnesses;

/// What a target does with an input: whether the parser accepted something, so that a corpus can be
/// held to reach that far.
pub type Body = fn(&[u8]) -> bool;

/// Every target by its name, which is also that of its corpus.
pub const TARGETS: &[(&str, Body)] = &[
    ("add_checkpoint", witnesses::add_checkpoint),
    ("append", published::append),
    ("bundle", published::bundle),
    ("checkpoint", published::checkpoint),
    ("ciphertext", points::ciphertext),
    ("diary_contents", devices::diary_contents),
    ("entry_code", codes::entry_code),
    ("patient_upload", uploads::patient_upload),
    ("log_proof", witnesses::log_proof),
    ("matching", traces::matching),
    ("notice", traces::notice),
    ("organisation", codes::organisation),
    ("pairings", points::pairings),
    ("pin", witnesses::pin),
    ("point", points::point),
    ("pre_trace", traces::pre_trace),
    ("profile", published::profile),
    ("qr_url", codes::qr_url),
    ("request", uploads::request),
    ("sealed_upload", uploads::sealed_upload),
    ("tile_path", published::tile_path),
    ("tiles", published::tiles),
    ("trace", traces::trace),
    ("trace_code", codes::trace_code),
    ("trace_list", traces::trace_list),
    ("upload", uploads::upload),
    ("upload_code", codes::upload_code),
    ("vault", devices::vault),
    ("vault_contents", devices::vault_contents),
    ("witness_policy", witnesses::witness_policy),
];
