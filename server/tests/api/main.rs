//! The real router over a real data folder, without a network.

#[path = "../support/authority.rs"]
mod authority;
mod desk;
mod feed;
mod harness;
mod limits;
mod log;
mod openapi;
mod public;
mod start;
mod uploads;
