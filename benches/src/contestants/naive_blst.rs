//! The loop that one writes first on blst: a whole pairing for each trial.

use blst::blst_fp12;
use blst::min_pk::{PublicKey, Signature};

use super::tail::{GT_LENGTH, Tail};
use super::{Contestant, Kind, Pass, points};
use crate::Result;
use crate::workload::{Share, Workload};

const FP_LENGTH: usize = GT_LENGTH / 12;

pub(super) struct NaiveBlst {
    keys: Vec<PublicKey>,
    records: Vec<(Signature, Tail)>,
}

impl NaiveBlst {
    pub(super) fn new(workload: &Workload) -> Result<Self> {
        let records = workload.records.iter();
        Ok(Self {
            keys: workload.traces.iter().map(points::key).collect::<Result<_>>()?,
            records: records
                .map(|record| Ok((points::c1(record)?, Tail::of(record)?)))
                .collect::<Result<_>>()?,
        })
    }

    fn opens(&self, record: usize, key: usize) -> bool {
        let (c1, tail) = &self.records[record];
        let pairing = blst_fp12::miller_loop(c1.into(), (&self.keys[key]).into()).final_exp();
        tail.opens(&mcl_bytes(&pairing))
    }
}

impl Contestant for NaiveBlst {
    fn kind(&self) -> Kind {
        Kind::NaiveBlst
    }

    fn pass(&mut self, share: &Share) -> Result<Pass> {
        let opens = |key: &usize| self.opens(share.record, *key);
        Ok(Pass::measure(|| share.traces.clone().filter(opens).collect()))
    }
}

/// blst writes the tower's coordinates big-endian and its two halves in turn, mcl little-endian and
/// one half after the other.
fn mcl_bytes(pairing: &blst_fp12) -> [u8; GT_LENGTH] {
    let from = pairing.to_bendian();
    let mut bytes = [0; GT_LENGTH];
    for (i, coordinate) in bytes.chunks_exact_mut(FP_LENGTH).enumerate() {
        let (half, power, part) = (i / 6, i / 2 % 3, i % 2);
        let start = (4 * power + 2 * half + part) * FP_LENGTH;
        coordinate.copy_from_slice(&from[start..start + FP_LENGTH]);
        coordinate.reverse();
    }
    bytes
}
