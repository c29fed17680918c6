//! Properties that hold for all inputs: what is written can be read, what is read can be written,
//! nothing panics, and a changed byte is noticed.

#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]
#![allow(dead_code, reason = "only the corpora's test makes seeds")]
#![allow(unreachable_pub, reason = "the functions are public in the fuzz crate")]

#[path = "../../fuzz/src/lib.rs"]
mod bodies;

/// The properties, one file for each kind of thing.
mod properties {
    pub(crate) mod any_bytes;
    pub(crate) mod codecs;
    pub(crate) mod exposures;
    pub(crate) mod fields;
    pub(crate) mod mutations;
    pub(crate) mod scheme;
    pub(crate) mod secrets;
    pub(crate) mod typed;
    pub(crate) mod worlds;
}
