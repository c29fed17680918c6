//! The real router over a real data folder, without a network.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a test may stop at the first surprise"
)]

#[path = "../support/authority.rs"]
mod authority;
mod clocks;
mod damage;
mod desk;
mod feed;
mod harness;
mod limits;
mod log;
mod openapi;
mod order;
mod public;
mod queue;
mod repair;
mod start;
mod strict;
mod turn;
mod uploads;
