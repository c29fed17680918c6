//! What separates the desk's digests, signatures and files from every other.

/// The digests of the journal's entries.
pub(super) const JOURNAL: &[u8] = b"NOREN-DESK-JOURNAL-v1\n";
/// The digests of the database's records.
pub(super) const RECORD: &[u8] = b"NOREN-DESK-RECORD-v1\n";
/// The digest of what the operating system calls this machine.
pub(super) const MACHINE: &[u8] = b"NOREN-DESK-MACHINE-v1\n";
/// The beginning of a file that says itself whether it is whole.
pub(super) const FILE: &[u8; 19] = b"NOREN-DESK-FILE-v1\n";
/// The beginning of a file with the clock key.
pub(super) const CLOCK: &[u8] = b"NOREN-CLOCK-v1\n";
/// The beginning of a file with the command that signs with the clock key.
pub(super) const CLOCK_WITH_COMMAND: &[u8] = b"NOREN-CLOCK-v2\n";
/// What a command that signs is tried out with.
pub(super) const SIGNING_TRIAL: &[u8] = b"NOREN-SIGNING-TRIAL-v1\n";
/// The signatures of operators who approve a proposal.
pub(super) const APPROVAL: &[u8] = b"NOREN-OPERATOR-APPROVAL-v1\n";
