//! The two keys of a log: one signs its trees, the other says when.

use std::fmt;

use crate::signing::{Sign, SignPublicKey, SignSecretKey};

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

/// The secret counterparts of [`LogKeys`], wherever they are kept. `Debug` shows nothing.
#[derive(Clone, Copy)]
pub struct LogSecretKeys<'a> {
    /// The key that signs trees.
    pub log: &'a dyn Sign,
    /// The key that signs times.
    pub clock: &'a dyn Sign,
}

impl fmt::Debug for LogSecretKeys<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // [IBE-10]
        f.write_str("LogSecretKeys(redacted)")
    }
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
