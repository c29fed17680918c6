//! What a visitor's device keeps: the vault, and beside it the diary of those who want one.

use noren::time::{Day, UnixSeconds};
use noren::visitor::{Diary, EndedVisit, OpenVisit, Vault, VisitId};

use super::keep::Rng;

/// Vault and diary together: a visit that ends leaves the one and enters the other.
pub(super) struct Device {
    pub(super) vault: Vault,
    pub(super) diary: Option<Diary>,
    /// Why the diary does not open, where there is one that does not.
    pub(super) damaged_diary: Option<anyhow::Error>,
    /// The visits that this command found to have ended by themselves.
    pub(super) ended: Vec<EndedVisit>,
}

impl Device {
    /// Ends every visit whose time is up.
    pub(super) fn seal_due(&mut self, now: UnixSeconds, rng: &mut Rng) -> anyhow::Result<()> {
        // [VIS-4]
        let ended = self.vault.seal_due(now, rng)?;
        ended.iter().try_for_each(|visit| self.note(visit))?;
        self.ended.extend(ended);
        Ok(())
    }

    /// Ends one visit.
    pub(super) fn check_out(
        &mut self,
        id: VisitId,
        departure: UnixSeconds,
        rng: &mut Rng,
    ) -> anyhow::Result<()> {
        let ended = self.vault.check_out(id, departure, rng)?;
        self.note(&ended)
    }

    /// Forgets what is too old.
    pub(super) fn expire(&mut self, today: Day, retention_days: u32) {
        // [VLT-5] [VLT-10] [DIA-4]
        let certain = self.vault.expire(today, retention_days);
        if let Some(diary) = &mut self.diary {
            diary.expire(certain, retention_days);
        }
    }

    /// Forgets one visit wherever it is kept.
    pub(super) fn forget(&mut self, id: VisitId) {
        // [VLT-6] [DIA-4]
        self.vault.forget(id);
        if let Some(diary) = &mut self.diary {
            diary.forget(id);
        }
    }

    /// Forgets every visit and every notice. A diary stays on, and empty; one that does not open is
    /// deleted.
    pub(super) fn forget_all(&mut self) {
        // [VLT-6] [DIA-4]
        self.vault.forget_all();
        match &mut self.diary {
            Some(diary) => diary.forget_all(),
            None => self.delete_diary(),
        }
    }

    /// Deletes the diary, whether it opens or not.
    pub(super) fn delete_diary(&mut self) {
        // [DIA-4] [CLI-26]
        (self.diary, self.damaged_diary) = (None, None);
    }

    /// The ids of every visit that is kept anywhere, each once.
    pub(super) fn visits(&self) -> Vec<VisitId> {
        let open = self.vault.open_visits().iter().map(OpenVisit::id);
        let closed = self.vault.closed_visits().into_iter().map(|visit| visit.id);
        let entries = self.diary.iter().flat_map(Diary::entries).map(|entry| entry.id());
        let mut ids: Vec<_> = open.chain(closed).chain(entries).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn note(&mut self, ended: &EndedVisit) -> anyhow::Result<()> {
        // [DIA-2]
        if let Some(diary) = &mut self.diary {
            diary.keep(ended)?;
        }
        Ok(())
    }
}
