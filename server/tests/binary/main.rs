//! The real binary over TCP.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a test may stop at the first surprise"
)]

#[path = "../support/authority.rs"]
mod authority;
mod crash;
mod faults;
mod flood;
mod flushed;
mod life;
mod privacy;
#[path = "../support/process.rs"]
mod process;
mod race;
#[path = "../../../protocol/tests/support/skipped.rs"]
mod skipped;
mod slow;
mod tls;
mod wire;
