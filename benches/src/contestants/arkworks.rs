//! The crate `ark-bls12-381`, with the record's point prepared once for all keys.
//!
//! Its tower, its power of the pairing and its encoding of GT are mcl's; its encoding of points is
//! ZCash's.

use ark_bls12_381::{Bls12_381, G1Affine, G2Affine};
use ark_ec::bls12::G2Prepared;
use ark_ec::pairing::Pairing as _;
use ark_serialize::{CanonicalDeserialize as _, CanonicalSerialize as _};

use super::tail::{GT_LENGTH, Tail};
use super::{Contestant, Kind, Pass, points};
use crate::Result;
use crate::workload::{Share, Workload};

pub(super) struct Arkworks {
    keys: Vec<G1Affine>,
    records: Vec<(G2Affine, Tail)>,
}

impl Arkworks {
    pub(super) fn new(workload: &Workload) -> Result<Self> {
        let (traces, records) = (workload.traces.iter(), workload.records.iter());
        Ok(Self {
            keys: traces
                .map(|trace| {
                    let bytes = points::key(trace)?.serialize();
                    Ok(G1Affine::deserialize_uncompressed(bytes.as_slice())?)
                })
                .collect::<Result<_>>()?,
            records: records
                .map(|record| {
                    let bytes = points::c1(record)?.serialize();
                    let c1 = G2Affine::deserialize_uncompressed(bytes.as_slice())?;
                    Ok((c1, Tail::of(record)?))
                })
                .collect::<Result<_>>()?,
        })
    }

    fn open(&self, share: &Share) -> Vec<usize> {
        let (c1, tail) = &self.records[share.record];
        let lines = G2Prepared::from(c1);
        share.traces.clone().filter(|key| opens(&self.keys[*key], &lines, tail)).collect()
    }
}

impl Contestant for Arkworks {
    fn kind(&self) -> Kind {
        Kind::Arkworks
    }

    fn pass(&mut self, share: &Share) -> Result<Pass> {
        Ok(Pass::measure(|| self.open(share)))
    }
}

fn opens(key: &G1Affine, lines: &G2Prepared<ark_bls12_381::Config>, tail: &Tail) -> bool {
    let pairing = Bls12_381::pairing(*key, lines.clone());
    let mut bytes = [0; GT_LENGTH];
    pairing.serialize_uncompressed(bytes.as_mut_slice()).is_ok() && tail.opens(&bytes)
}
