//! Upload codes that nobody has been told: a code is kept nowhere, so that it counts as told only once it
//! was printed.

use serde::{Deserialize, Serialize};

use super::Desk;
use super::case_file::Coded;
use super::record::Record;
use super::store::Change;

/// A case or patient case whose present code was not printed yet.
#[derive(Serialize, Deserialize)]
pub(super) struct Untold {
    id: String,
}

impl Untold {
    pub(super) fn new<T: Coded>(record: &T) -> Self {
        Self { id: record.id().to_owned() }
    }
}

impl Record for Untold {
    const KIND: &'static str = "untold";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Desk<'_> {
    /// Notes that the code of this case or patient case was told.
    pub(crate) fn note_told(&mut self, id: &str) -> anyhow::Result<()> {
        // [CLI-21]
        self.apply(Change::default().remove(&Untold { id: id.to_owned() }))
    }

    /// The cases and patient cases whose code nobody has.
    pub(super) fn untold(&mut self) -> anyhow::Result<Vec<String>> {
        Ok(self.records::<Untold>()?.into_iter().map(|untold| untold.id).collect())
    }
}
