//! Why a checkpoint is refused.

use crate::time::Lapse;

/// Why a checkpoint was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// Longer than 131,072 bytes.
    #[error("the checkpoint is too long")]
    TooLong,
    /// Not UTF-8, or with a control character other than the newline.
    #[error("the checkpoint is not plain text")]
    NotText,
    /// Without the empty line before the signatures, or without the final newline.
    #[error("the checkpoint is not a signed note")]
    NotANote,
    /// More than 32 signature lines.
    #[error("the checkpoint has too many signatures")]
    TooManySignatures,
    /// A signature line that is not `— name base64`, or with a signature of the wrong length.
    #[error("a signature line of the checkpoint is malformed")]
    SignatureLine,
    /// Two signatures of the same kind by the log's key.
    #[error("the checkpoint repeats a signature")]
    RepeatedSignature,
    /// No signature by the log's key under its name.
    #[error("the checkpoint is not signed by this log")]
    Unsigned,
    /// The log's signature does not verify.
    #[error("the signature of the checkpoint is wrong")]
    Signature,
    /// No timestamped signature by the log's key under its name.
    #[error("the checkpoint has no signed time")]
    NoTimestamp,
    /// The timestamped signature does not verify, or its time is no
    /// [`UnixSeconds`](crate::time::UnixSeconds).
    #[error("the signed time of the checkpoint is wrong")]
    Timestamp,
    /// Signed by this log, yet for another origin.
    #[error("the checkpoint belongs to another log")]
    OtherOrigin,
    /// The text is not exactly origin, size and root.
    #[error("the text of the checkpoint is malformed")]
    Body,
    /// Fewer witnesses than the reader asks for have seen it.
    #[error("too few of the witnesses that this reader asks for have seen this checkpoint")]
    TooFewWitnesses,
    /// Signed too long ago: the log, or what is shown of it, stands still.
    #[error("the checkpoint was signed {} ago: the log is frozen", Lapse(*.age))]
    Frozen {
        /// Seconds since it was signed.
        age: u64,
    },
    /// Signed more than five minutes ahead of this device's clock.
    #[error("the checkpoint is dated {} in the future", Lapse(*.ahead))]
    FromTheFuture {
        /// Seconds from now.
        ahead: u64,
    },
}
