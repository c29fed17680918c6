//! The published log: an append-only Merkle tree of trace entries in the C2SP tlog-tiles layout.
//!
//! | step | who | function | spec/log.md |
//! |---|---|---|---|
//! | sign a tree head | authority | [`Checkpoint::sign`], [`Append::sign`] | LOG-4 to LOG-6, LOG-9 |
//! | renew the time alone | clock | [`Append::renew`] | LOG-6, PRO-9 |
//! | accept an append | server | [`Append::from_bytes`], [`Append::verify`] | LOG-9, LOG-11 |
//! | write the static files | server | [`append_tiles`] | LOG-2, LOG-3 |
//! | open a tree head | everybody | [`SignedCheckpoint::verify`], [`SignedCheckpoint::check_fresh`] | LOG-4 to LOG-6 |
//! | follow the log | device | [`LogPosition::pending`], [`bundles_needed`], [`LogPosition::advance`] | LOG-7, LOG-8 |
//! | join late | device | [`archived_path`], [`days_to_join_at`], [`tiles_between`], [`trees_from_tiles`] | LOG-17, LOG-18 |
//! | check everything | auditor | [`crate::auditor::Audit`], [`HashTiles`] | LOG-10, LOG-13 |
//! | hold two heads against each other | everybody | [`compare`], [`trees_from_tiles`] | LOG-10, LOG-14 |
//! | ask for witnesses, be one | reader, authority, auditor | [`WitnessPolicy`], [`AddCheckpoint`] | LOG-21 to LOG-23 |
//! | prove that an entry is in the log | auditor | [`inclusion_proof`], [`LogProof`] | LOG-20 |
//!
//! An entry is opaque here; what its bytes mean is the business of the messages, and of
//! [`crate::profile::logged_profile`].
//!
//! ```
//! use noren::keys::SignSecretKey;
//! use noren::log::{Append, LogPosition, LogSecretKeys, Origin, SignedCheckpoint};
//! use noren::time::UnixSeconds;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // One key signs the trees, the other the times.
//! let (key, clock) = (SignSecretKey::from_bytes(&[7; 32]), SignSecretKey::from_bytes(&[8; 32]));
//! let keys = LogSecretKeys { log: &key, clock: &clock };
//! let origin = Origin::new("health.example/log")?;
//! let now = UnixSeconds::new(1_700_000_000)?;
//!
//! // The authority appends two entries and signs the new tree head.
//! let entries = vec![b"first".to_vec(), b"second".to_vec()];
//! let append = Append::sign(&LogPosition::start(), entries.clone(), &origin, &keys, now)?;
//!
//! // A device that starts from nothing verifies the head, its age, and every entry.
//! let public = keys.public_keys();
//! let head = SignedCheckpoint::verify(append.checkpoint.as_bytes(), &origin, &public)?;
//! head.check_fresh(now, 86_400)?;
//! let position = LogPosition::start().advance(&head, &entries)?;
//! assert_eq!(position.range.size(), 2);
//!
//! // With the clock key alone, and nothing else of the authority's, the time is renewed.
//! let later = now.plus(3_600);
//! let renewed = Append::renew(&head, &clock, later)?;
//! let (_, head) = renewed.verify(&position, &origin, &public)?;
//! assert_eq!(head.timestamp(), later);
//! # Ok(()) }
//! ```

mod add_checkpoint;
mod append;
mod archive;
mod bundle;
mod checkpoint;
mod comparison;
mod consistency;
mod edge;
mod growing;
mod log_keys;
mod merkle;
mod note;
mod origin;
mod position;
mod proof;
mod quorum;
mod tile;
mod tlog_proof;
mod witness;

pub use add_checkpoint::{AddCheckpoint, WitnessRefusal, Witnessed};
pub use append::{Append, AppendError};
pub use archive::{archived_day, archived_path, days_to_join_at, last_past_day};
pub use bundle::{NeededBundle, bundles_needed, decode_bundle, encode_bundle, max_bundle_length};
pub use checkpoint::{
    Checkpoint, CheckpointError, MAX_CLOCK_SKEW, SignedCheckpoint, parse_verifier_key, verifier_key,
};
pub use comparison::{Comparison, compare};
pub use consistency::{tiles_between, trees_from_tiles};
pub use edge::{append_tiles, range_from_tiles};
pub use growing::HashTiles;
pub use log_keys::{LogKeys, LogSecretKeys};
pub use merkle::{CompactRange, TreeHash, leaf_hash, node_hash};
pub use note::{MAX_NOTE, SignatureType};
pub use origin::{Origin, OriginError};
pub use position::LogPosition;
pub use proof::{
    consistency_proof, continues, inclusion_proof, root_of_inclusion, tiles_of_inclusion,
};
pub use quorum::{WitnessPolicy, WitnessPolicyError};
pub use tile::{
    TileError, TilePath, TileWidth, at_size, covering, decode_hash_tile, encode_hash_tile,
    hash_tile, partial_tiles, tiles_of_append, wider,
};
pub use tlog_proof::{LogProof, ProofError};
pub use witness::{Witness, with_cosignatures};

/// The longest entry in bytes: its length is a 16-bit number in an entry bundle.
pub const MAX_ENTRY: usize = 65_535;

/// The largest number of entries a log can have, 2^63 - 1.
pub const MAX_SIZE: u64 = i64::MAX.cast_unsigned();

/// Why a log, or a step from one tree head to the next, was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// A stored compact range has not one hash for each bit that is set in its size.
    #[error("what was kept of the log does not fit the number of its entries")]
    CompactRange,
    /// A size above [`MAX_SIZE`].
    #[error("the log is larger than a log can be")]
    TooLarge,
    /// The new checkpoint has fewer entries than the one seen before.
    #[error("the log went back from {seen} to {offered} entries")]
    Rollback {
        /// Entries at the last position.
        seen: u64,
        /// Entries in the refused checkpoint.
        offered: u64,
    },
    /// The new checkpoint was signed before the one seen before.
    #[error("the checkpoint is older than the one seen before")]
    TimestampWentBack,
    /// Same size, other root: the authority signed two histories.
    #[error("the log shows two different histories of {size} entries")]
    Fork {
        /// The size at which the histories differ.
        size: u64,
    },
    /// The entries, hashed after those seen before, do not lead to the checkpoint's root.
    #[error(
        "the entries are not those that the authority signed: some were changed, left out or put in"
    )]
    RootMismatch,
    /// More or fewer entries than lie between the two sizes.
    #[error("the number of entries is not what the checkpoint says")]
    EntryCount,
    /// An entry is longer than [`MAX_ENTRY`] bytes.
    #[error("an entry is longer than 65535 bytes")]
    EntryTooLong,
}
