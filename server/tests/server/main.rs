//! The server from outside: its router without a network, and its program over TCP.
//! `cargo test --workspace --test server api::` runs one of the two.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a test may stop at the first surprise"
)]

mod api;
mod authority;
mod binary;
mod shared;
