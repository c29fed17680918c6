//! Presence tracing without a register of who was where.

pub mod auditor;
pub mod authority;
mod cbor;
mod domain;
pub mod ibe;
pub mod identity;
pub mod log;
pub mod messages;
mod padding;
pub mod passphrase;
pub mod sealed_box;
pub mod time;
pub mod venue;
pub mod visitor;
