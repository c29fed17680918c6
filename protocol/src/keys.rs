//! The keys that a program holds without looking inside: those of the log, of uploads, of venues.

pub use crate::ibe::{MasterPublicKey, MasterSecretKey, PointError, ScalarError};
pub use crate::sealed_box::{SealPublicKey, SealSecretKey};
pub use crate::signing::{Sign, SignError, SignPublicKey, SignSecretKey};
