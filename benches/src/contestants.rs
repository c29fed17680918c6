//! Who tries keys on records: Noren's backends, and the libraries that it is measured beside.
//!
//! All do the same work on the same share: a pairing of each key with the record's point, SHA-256
//! of its 576 bytes, the record's mask taken off, SHA-256 again, a secretbox that nearly always
//! stays shut. Points are decoded before; what a library can prepare of the record's point, it
//! prepares in the share's own time. Each one is on one thread.

use std::fmt;
use std::time::Duration;

use noren::hazmat::Backend;

use crate::workload::{Share, Workload};
use crate::{Result, clock};

mod arkworks;
pub mod mcl_wasm;
mod naive_blst;
mod noren_backend;
mod points;
mod tail;
mod zkcrypto;

/// Which contestant it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Noren's own engine.
    Noren(Backend),
    /// The crate `blst`, a whole pairing for each trial.
    NaiveBlst,
    /// The crate `bls12_381`.
    Zkcrypto,
    /// The crate `ark-bls12-381`.
    Arkworks,
    /// mcl as WebAssembly under node.
    MclWasm(mcl_wasm::Version),
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Noren(Backend::Scalar) => f.write_str("Noren, scalar"),
            Self::Noren(Backend::EightLanes) => f.write_str("Noren, eight lanes"),
            Self::Noren(_) => f.write_str("Noren"),
            Self::NaiveBlst => f.write_str("blst, naive loop"),
            Self::Zkcrypto => f.write_str("bls12_381"),
            Self::Arkworks => f.write_str("ark-bls12-381"),
            Self::MclWasm(version) => write!(f, "mcl-wasm {}", version.number()),
        }
    }
}

impl Kind {
    /// How much of a share's traces the contestant is given, so that no turn takes very long: one
    /// in so many. None of them does anything but the same for each trace.
    #[must_use]
    pub const fn one_in(self) -> usize {
        match self {
            Self::Noren(_) | Self::NaiveBlst => 1,
            Self::Zkcrypto | Self::Arkworks => 3,
            Self::MclWasm(_) => 10,
        }
    }
}

/// Somebody who tries keys on records.
pub trait Contestant {
    /// Who it is.
    fn kind(&self) -> Kind;

    /// Tries the share's keys on its record.
    ///
    /// # Errors
    /// When the contestant is a program of its own and does not answer.
    fn pass(&mut self, share: &Share) -> Result<Pass>;
}

/// What came of a share.
#[derive(Debug)]
pub struct Pass {
    /// How long it kept a processor busy.
    pub time: Duration,
    /// The places of the traces that opened the record, in ascending order.
    pub opened: Vec<usize>,
}

impl Pass {
    fn measure(work: impl FnOnce() -> Vec<usize>) -> Self {
        let (time, opened) = clock::busy(work);
        Self { time, opened }
    }
}

/// All that this machine can run without another program.
///
/// # Errors
/// When a point is no point, which an honest workload has not.
pub fn native(workload: &Workload) -> Result<Vec<Box<dyn Contestant>>> {
    let mut all = Vec::<Box<dyn Contestant>>::new();
    for backend in Backend::ALL.into_iter().filter(|backend| backend.is_available()) {
        all.push(Box::new(noren_backend::NorenBackend::new(backend, workload)?));
    }
    all.push(Box::new(naive_blst::NaiveBlst::new(workload)?));
    all.push(Box::new(zkcrypto::Zkcrypto::new(workload)?));
    all.push(Box::new(arkworks::Arkworks::new(workload)?));
    Ok(all)
}

/// All that this machine can run. What it cannot is told on standard error and left out.
///
/// # Errors
/// When a point is no point, which an honest workload has not.
pub fn all(workload: &Workload) -> Result<Vec<Box<dyn Contestant>>> {
    let mut all = native(workload)?;
    for version in mcl_wasm::Version::ALL {
        match mcl_wasm::MclWasm::start(version, workload) {
            Ok(contestant) => all.push(Box::new(contestant)),
            Err(error) => eprintln!("{} is left out: {error}", Kind::MclWasm(version)),
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_open_exactly_what_was_planted() -> Result<()> {
        let workload = Workload::new(2, 3)?;
        for mut contestant in native(&workload)? {
            for share in workload.shares(5) {
                let opened = contestant.pass(&share)?.opened;
                assert_eq!(opened, workload.planted(&share), "{}", contestant.kind());
            }
        }
        Ok(())
    }
}
