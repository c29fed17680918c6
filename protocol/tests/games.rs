//! The paper's games, as far as they can be run: an opponent with everything that its role has
//! tries the obvious strategies, and loses. That every strategy loses is the paper's to prove.
#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

/// The games, one file for each kind of winning.
mod games {
    pub(crate) mod cover;
    pub(crate) mod devices;
    pub(crate) mod forgeries;
    pub(crate) mod histories;
    pub(crate) mod hours;
    pub(crate) mod patient_cases;
    pub(crate) mod rooms;
    pub(crate) mod shapes;
    pub(crate) mod town;
}
