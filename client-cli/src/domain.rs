//! Every string that separates one use of a hash or a file from another.

/// First bytes of what was sealed and not yet received, and of the digest of its content.
pub(crate) const OUTBOX: &[u8] = b"NOREN-OUTBOX-v1\n";
