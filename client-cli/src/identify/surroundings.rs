//! What a description draws on besides the bytes.

use std::path::Path;

use noren::profile::SignedProfile;
use noren::time::UnixSeconds;

/// What a description may draw on besides the bytes.
pub(crate) struct Surroundings<'a> {
    pub(crate) now: UnixSeconds,
    pub(crate) followed: Vec<SignedProfile>,
    pub(crate) path: Option<&'a Path>,
}

impl Surroundings<'_> {
    /// Those of somebody who follows nobody.
    pub(super) fn none() -> Self {
        Self { now: UnixSeconds::default(), followed: Vec::new(), path: None }
    }
}
