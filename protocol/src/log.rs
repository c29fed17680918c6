//! The published log.
