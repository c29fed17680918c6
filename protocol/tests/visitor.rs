//! The visitor's side: visits, records, the vault, and syncs end to end.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

/// One file for each thing that a visitor's device does.
mod visitor {
    pub(crate) mod syncs;
    pub(crate) mod visits;
    pub(crate) mod world;
}
