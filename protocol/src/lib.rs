//! Presence tracing without a register of who was where.

pub mod log;
