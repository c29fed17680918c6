//! What the library is held to: one module for each family of tests.
//! `cargo test --workspace --test protocol spec::` runs one of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod architecture;
mod circles;
mod corpora;
mod diary;
mod games;
mod log;
mod matching;
mod policy;
mod properties;
mod readme;
mod repository;
mod sentences;
mod skips;
mod spec;
mod threat_model;
mod vectors;
mod visitor;
