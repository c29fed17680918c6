//! What the desk does not have of its own: the time, randomness, this machine's memory, and somebody
//! who hears what is worth a remark. Whoever opens the desk hands them in.

use std::fmt;
use std::path::PathBuf;

use noren::passphrase::Passphrase;
use noren::time::UnixSeconds;
use rand_core::CryptoRng;

/// Where a desk stands, and who works at it.
pub(crate) struct Place<'a> {
    /// The desk's folder.
    pub(crate) folder: PathBuf,
    /// Who works at it now; the operator named when it was made where nobody is named.
    pub(crate) operator: Option<String>,
    pub(crate) around: &'a dyn Surroundings,
}

/// What the desk asks for while it works.
pub(crate) trait Surroundings {
    /// The present time.
    fn now(&self) -> anyhow::Result<UnixSeconds>;

    /// A source of randomness for keys.
    fn rng(&self) -> Box<dyn CryptoRng>;

    /// The passphrase of the authority's keys. Whoever is there is asked once.
    fn passphrase(&self) -> anyhow::Result<Passphrase>;

    /// The folder for what this machine remembers apart from the desk's own.
    fn state_folder(&self) -> anyhow::Result<PathBuf>;

    /// Hears a remark, at the moment at which there is reason for it.
    fn hear(&self, remark: &Remark);
}

/// What people should know of what the desk does, beside what it was asked for.
pub(crate) struct Remark(String);

impl Remark {
    pub(super) fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
