//! The two keys of a log: one signs its trees, the other says when.

use crate::signing::{SignPublicKey, SignSecretKey};

/// The public keys under which a reader verifies a log's checkpoints, from the authority's profile.
///
/// Whoever holds the clock key alone can renew the time of a tree that the log key has signed, and
/// can sign no other tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogKeys {
    /// The key that signs trees.
    pub log: SignPublicKey,
    /// The key that signs times.
    pub clock: SignPublicKey,
}

impl From<SignPublicKey> for LogKeys {
    /// Returns the keys of a log whose profile has version 1: one key signs both.
    fn from(key: SignPublicKey) -> Self {
        Self { log: key, clock: key }
    }
}

impl LogKeys {
    /// Returns whether the clock has a key of its own.
    #[must_use]
    pub fn are_two(&self) -> bool {
        // [PRO-8]
        self.log != self.clock
    }
}

/// The secret counterparts of [`LogKeys`].
#[derive(Debug, Clone, Copy)]
pub struct LogSecretKeys<'a> {
    /// The key that signs trees.
    pub log: &'a SignSecretKey,
    /// The key that signs times.
    pub clock: &'a SignSecretKey,
}

impl<'a> From<&'a SignSecretKey> for LogSecretKeys<'a> {
    fn from(key: &'a SignSecretKey) -> Self {
        Self { log: key, clock: key }
    }
}

impl LogSecretKeys<'_> {
    /// Returns the public counterparts.
    #[must_use]
    pub fn public_keys(&self) -> LogKeys {
        LogKeys { log: self.log.public_key(), clock: self.clock.public_key() }
    }
}
