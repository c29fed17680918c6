//! The crate `bls12_381`, with the record's point prepared once for all keys.
//!
//! It has no bytes for an element of GT, only a text for people, which takes longer to write than
//! bytes would. So the share's time holds the pairings and the tail on bytes that stand in for
//! theirs, and only when the clock has stopped each pairing's text is read and put to the test.

use std::hint::black_box;

use bls12_381::{G1Affine, G2Affine, G2Prepared, Gt, multi_miller_loop};

use super::tail::{GT_LENGTH, Tail};
use super::{Contestant, Kind, Pass, points};
use crate::Result;
use crate::workload::{Share, Workload};

const FP_LENGTH: usize = GT_LENGTH / 12;

pub(super) struct Zkcrypto {
    keys: Vec<G1Affine>,
    records: Vec<(G2Affine, Tail)>,
}

impl Zkcrypto {
    pub(super) fn new(workload: &Workload) -> Result<Self> {
        let (traces, records) = (workload.traces.iter(), workload.records.iter());
        Ok(Self {
            keys: traces
                .map(|trace| {
                    let bytes = points::key(trace)?.serialize();
                    Option::from(G1Affine::from_uncompressed(&bytes)).ok_or("no point of G1".into())
                })
                .collect::<Result<_>>()?,
            records: records
                .map(|record| {
                    let bytes = points::c1(record)?.serialize();
                    let c1 = Option::from(G2Affine::from_uncompressed(&bytes));
                    Ok((c1.ok_or("no point of G2")?, Tail::of(record)?))
                })
                .collect::<Result<_>>()?,
        })
    }
}

impl Contestant for Zkcrypto {
    fn kind(&self) -> Kind {
        Kind::Zkcrypto
    }

    fn pass(&mut self, share: &Share) -> Result<Pass> {
        let (c1, tail) = &self.records[share.record];
        let mut pairings = Vec::with_capacity(share.traces.len());
        let timed = Pass::measure(|| {
            let lines = G2Prepared::from(*c1);
            for key in &self.keys[share.traces.clone()] {
                pairings.push(multi_miller_loop(&[(key, &lines)]).final_exponentiation());
                black_box(tail.opens(black_box(&[0; GT_LENGTH])));
            }
            vec![]
        });
        let mut opened = vec![];
        for (key, pairing) in share.traces.clone().zip(&pairings) {
            if tail.opens(&read(pairing)?) {
                opened.push(key);
            }
        }
        Ok(Pass { opened, ..timed })
    }
}

/// The twelve coordinates in the text, each big-endian after `0x`, in mcl's order.
fn read(pairing: &Gt) -> Result<[u8; GT_LENGTH]> {
    let text = pairing.to_string();
    let mut bytes = [0; GT_LENGTH];
    for (coordinate, digits) in bytes.chunks_exact_mut(FP_LENGTH).zip(text.split("0x").skip(1)) {
        let digits = digits.get(..2 * FP_LENGTH).ok_or("a coordinate is too short")?;
        hex::decode_to_slice(digits, coordinate)?;
        coordinate.reverse();
    }
    Ok(bytes)
}
