//! Noren's own engine, one backend of it.

use noren::hazmat::{Backend, CheckInRecord, Ciphertext, KeyBatch, RecordContents};
use noren::messages::{Identity, IdentityKey, PublishedTrace};

use super::{Contestant, Kind, Pass};
use crate::Result;
use crate::workload::{Share, Workload};

pub(super) struct NorenBackend {
    backend: Backend,
    identities: Vec<Identity>,
    keys: Vec<IdentityKey>,
    records: Vec<Ciphertext>,
}

impl NorenBackend {
    pub(super) fn new(backend: Backend, workload: &Workload) -> Result<Self> {
        let records = workload.records.iter().map(CheckInRecord::ciphertext);
        Ok(Self {
            backend,
            identities: workload.traces.iter().map(|trace| *trace.identity()).collect(),
            keys: workload.traces.iter().map(PublishedTrace::key).cloned().collect(),
            records: records.collect::<std::result::Result<_, _>>()?,
        })
    }

    /// What the engine does with a record and the traces of its day, confirmation included.
    fn open(&self, share: &Share) -> Vec<usize> {
        let record = &self.records[share.record];
        let batch = KeyBatch::new(self.backend, &self.keys[share.traces.clone()]);
        let candidates = batch.candidates(record).into_iter();
        let opens = |key: &usize| {
            RecordContents::open(record, &self.identities[*key], &self.keys[*key]).is_some()
        };
        candidates.map(|key| share.traces.start + key).filter(opens).collect()
    }
}

impl Contestant for NorenBackend {
    fn kind(&self) -> Kind {
        Kind::Noren(self.backend)
    }

    fn pass(&mut self, share: &Share) -> Result<Pass> {
        Ok(Pass::measure(|| self.open(share)))
    }
}
