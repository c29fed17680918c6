//! From an append to what everybody reads: the database decides, and the published files then show
//! what it decided, one append after the other. [API-40] [API-42]

use std::sync::Arc;
use std::sync::atomic::Ordering;

use noren::log::{
    Append, AppendError, CompactRange, LogError, MAX_CLOCK_SKEW, SignedCheckpoint, append_tiles,
    leaf_hash,
};
use noren::time::UnixSeconds;

use super::ledger::{Decided, Decision, Taken};
use super::proof::{Stored, holds, load, under, verified};
use super::writer::Writer;
use super::{CHECKPOINT, Head, Published, PublishedError, blocking, damaged_log, head_of};
use crate::database::Line;

impl Published {
    /// Appends entries and returns the new size. Once it has begun it runs to its end, whether the
    /// sender still waits or not.
    ///
    /// # Errors
    /// [`PublishedError::Append`] when the append breaks a rule, otherwise what failed. The append may
    /// be decided all the same; the same bytes sent again find out.
    pub async fn append(self: &Arc<Self>, append: Append) -> Result<u64, PublishedError> {
        let this = Arc::clone(self);
        tokio::spawn(async move { this.append_alone(append).await })
            .await
            .map_err(|_| PublishedError::Interrupted)?
    }

    async fn append_alone(self: Arc<Self>, append: Append) -> Result<u64, PublishedError> {
        // [API-10] One writer in this process; the database keeps the others apart.
        let mut writer = self.writer.lock().await;
        let seen = self.look().await;
        if append.is_part() {
            seen?;
        }
        if append.is_part() && append.old_size < self.size() {
            return self.take_back(&mut writer, append).await;
        }
        writer.repair = None;
        self.make_ready(&mut writer).await?;
        // [API-29] Nothing is appended to a log whose files cannot be proved.
        if self.is_unproved() {
            return Err(damaged_log());
        }
        let profile = self.profile();
        let size = match self.ledger.take(&append, &profile, self.clock.now()).await? {
            Taken::Part(size) => return Ok(size),
            Taken::Decided(size) => size,
        };
        self.publish(&mut writer).await?;
        Ok(size)
    }

    /// Publishes what was decided and nobody has published yet, on this server or another.
    pub(crate) async fn catch_up(self: &Arc<Self>) -> Result<(), PublishedError> {
        self.look_at_profile().await?;
        let mut writer = self.writer.lock().await;
        if !writer.is_ready || !self.ledger.decisions().await?.is_empty() {
            self.make_ready(&mut writer).await?;
            self.publish(&mut writer).await?;
        }
        Ok(())
    }

    /// Brings database and published files together at the start. Where the disk does not let it, the
    /// next append does.
    pub(super) async fn begin(self: &Arc<Self>) -> Result<(), PublishedError> {
        let mut writer = self.writer.lock().await;
        // [API-44] What could not be read a moment ago is no lost log.
        let reconciled = match self.look().await {
            Ok(()) => self.reconcile().await,
            Err(error) => Err(error),
        };
        let ready = match reconciled {
            Ok(()) => {
                writer.is_ready = true;
                self.publish(&mut writer).await
            }
            Err(error) => Err(error),
        };
        match ready {
            Err(PublishedError::Contradiction { shown, decided }) => {
                Err(PublishedError::Contradiction { shown, decided })
            }
            Err(PublishedError::Database(error)) if !error.passes() => Err(error.into()),
            Err(error) => {
                tracing::error!(%error, "what was decided could not be published yet");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    async fn make_ready(self: &Arc<Self>, writer: &mut Writer) -> Result<(), PublishedError> {
        if !writer.is_ready {
            self.look().await?;
            let this = Arc::clone(self);
            let found = blocking(move || this.recover());
            if let Some(head) = self.wrote(found.await)? {
                self.head.send_replace(Some(head));
            }
            self.reconcile().await?;
            writer.is_ready = true;
        }
        Ok(())
    }

    /// Reads the published log again after a failure. A checkpoint that is there may not be on the
    /// disk: it is written again before anybody is told that it is. [API-19]
    fn recover(&self) -> Result<Option<Head>, PublishedError> {
        if self.bucket.is_shared() {
            return Ok(self.head());
        }
        let stored = match load(&*self.bucket, &self.profile()) {
            // [API-29] Damaged, and so not what a failed append has left.
            Ok(None) | Err(PublishedError::Checkpoint(_)) => {
                let Some(head) = self.head() else { return Ok(None) };
                self.bucket.replace(CHECKPOINT, &head.text)?;
                load(&*self.bucket, &self.profile())?
            }
            stored => stored?,
        };
        if let Some(stored) = &stored {
            self.bucket.replace(CHECKPOINT, stored.signed.text().as_bytes())?;
        }
        Ok(stored.as_ref().map(Stored::head))
    }

    /// Brings the database to the published files where they are ahead of it, after it was lost or
    /// an older one was restored; or says that they contradict each other. What is ahead is verified
    /// and never overwritten.
    pub(super) async fn reconcile(self: &Arc<Self>) -> Result<(), PublishedError> {
        // [API-42]
        let shown = self.head();
        let decided = self.ledger.head().await?;
        let decisions = self.ledger.decisions().await?;
        let goes_on = |note: &[u8], size: u64| match &shown {
            Some(shown) => shown.text == note || decisions.iter().any(|it| shown.text == it.note),
            None => size == 0,
        };
        let Some(decided) = decided else {
            // An older version, or nothing, has written this database.
            return self.adopt(shown).await;
        };
        let first = decisions.first().map_or(decided.position.range.size(), |it| it.old_size);
        let follows = !decisions.is_empty() && first == shown.as_ref().map_or(0, |it| it.size);
        if goes_on(&decided.note, first) || follows {
            return Ok(());
        }
        if !self.bucket.is_shared() {
            // The folder and its file are one machine's. Restored, or damaged and given back by the
            // authority, the folder is what readers have seen.
            tracing::warn!("the database follows the published files");
            return self.adopt(shown).await;
        }
        self.reconcile_shared(shown, decided).await
    }

    async fn reconcile_shared(
        self: &Arc<Self>,
        shown: Option<Head>,
        decided: Decided,
    ) -> Result<(), PublishedError> {
        let size = decided.position.range.size();
        let is_ahead = shown.as_ref().is_some_and(|shown| {
            (shown.size, shown.timestamp) > (size, decided.position.timestamp)
        });
        let (this, tree) = (Arc::clone(self), decided.position.range.clone());
        let contains = blocking(move || holds(&*this.bucket, &tree)).await?;
        if is_ahead && contains {
            tracing::warn!("the bucket is ahead of the database, which follows it");
            return self.adopt(shown).await;
        }
        let contradiction = PublishedError::Contradiction {
            shown: shown.as_ref().map_or(0, |it| it.size),
            decided: size,
        };
        if is_ahead || !contains {
            return Err(contradiction);
        }
        // The checkpoint was lost, or an older one restored; the files lead to the newer one.
        let this = Arc::clone(self);
        let found = blocking(move || {
            let found = under(&*this.bucket, &this.profile(), &decided.note)?;
            let before = shown.as_ref().map(|shown| &shown.text[..]);
            this.bucket.advance(CHECKPOINT, before, &decided.note)?;
            Ok(found.head())
        });
        let found = self.wrote(found.await)?;
        tracing::warn!("the checkpoint was written again from the database");
        self.head.send_replace(Some(found));
        Ok(())
    }

    /// Makes the database follow a published head.
    async fn adopt(&self, shown: Option<Head>) -> Result<(), PublishedError> {
        let Some(shown) = shown else {
            // A new log has nothing to write, and a lost one nothing to keep.
            if self.ledger.head().await?.is_some() || !self.ledger.decisions().await?.is_empty() {
                self.ledger.adopt(None).await?;
            }
            return Ok(());
        };
        // Until the files are given back there is no tree to go on from. [API-29]
        let Some(tree) = &shown.tree else { return Ok(()) };
        let signed = verified(&self.profile(), &shown.text)?;
        Ok(self.ledger.adopt(Some(&Decided::of(&signed, tree))).await?)
    }

    /// Publishes what was decided, in order, one server at a time.
    async fn publish(self: &Arc<Self>, writer: &mut Writer) -> Result<(), PublishedError> {
        // [API-42]
        let lock = match self.database.is_shared() {
            true => Some(self.database.write(Line::Publishing).await?),
            false => None,
        };
        let result = self.publish_in_order(writer).await;
        if let Some(lock) = lock {
            lock.leave().await?;
        }
        result
    }

    async fn publish_in_order(self: &Arc<Self>, writer: &mut Writer) -> Result<(), PublishedError> {
        let mut decisions = self.ledger.decisions().await?;
        if decisions.is_empty() {
            return Ok(());
        }
        self.look().await?;
        let shown = |note: &[u8]| self.head().is_some_and(|head| head.text == note);
        if let Some(last) = decisions.iter().rposition(|decision| shown(&decision.note)) {
            let rest = decisions.split_off(last + 1);
            if let Some(published) = decisions.last() {
                self.ledger.mark(published).await?;
            }
            decisions = rest;
        }
        for decision in decisions {
            self.publish_one(writer, &decision).await?;
            // Where this fails the next one finds the append published, as its readers do.
            if let Err(error) = self.ledger.mark(&decision).await {
                tracing::warn!(%error, "an append was published and not marked as such");
            }
        }
        Ok(())
    }

    async fn publish_one(
        self: &Arc<Self>,
        writer: &mut Writer,
        decision: &Decision,
    ) -> Result<(), PublishedError> {
        let head = self.head();
        let empty = Arc::new(CompactRange::new());
        let tree = head.as_ref().map_or(Some(empty), |head| head.tree.clone());
        let tree = tree.ok_or_else(damaged_log)?;
        if tree.size() != decision.old_size {
            let decided = decision.old_size;
            return Err(PublishedError::Contradiction { shown: tree.size(), decided });
        }
        let signed = verified(&self.profile(), &decision.note)?;
        let entries = self.ledger.entries(decision).await?;
        let mut after = (*tree).clone();
        entries.iter().for_each(|entry| after.push(leaf_hash(entry)));
        if after.root() != signed.checkpoint().root {
            return Err(AppendError::from(LogError::RootMismatch).into());
        }
        if decision.new_size > decision.old_size {
            let now = self.filing_time(writer).await?;
            self.times.note(decision.old_size, decision.new_size, now).await?;
        }
        let shown = head_of(&signed, Some(&after));
        // From here on the files may be ahead of what this process knows. A bucket is looked at each
        // time anyway.
        writer.is_ready = self.bucket.is_shared();
        let (this, before) = (Arc::clone(self), head.map(|head| head.text));
        let written =
            blocking(move || this.write(&tree, &entries, before.as_deref(), &signed)).await;
        self.wrote(written)?;
        writer.is_ready = true;
        self.head.send_replace(Some(shown.clone()));
        let this = Arc::clone(self);
        blocking(move || {
            this.archive(&shown);
            Ok(())
        })
        .await
    }

    /// Returns the time under which the feed files what is published now.
    async fn filing_time(&self, writer: &mut Writer) -> Result<UnixSeconds, PublishedError> {
        let now = self.clock.now();
        if self.database.is_shared() {
            writer.settled = writer.settled.max(self.times.settled().await?);
        }
        // [API-30] As if the buckets that a wrong clock ran ahead into had not been asked for.
        if writer.settled > now.plus(MAX_CLOCK_SKEW) {
            writer.settled = now;
            self.settled.store(now.get(), Ordering::Release);
        }
        Ok(now.max(writer.settled))
    }

    /// Has nothing filed any more under a time before `until`.
    pub(super) async fn settle(&self, until: UnixSeconds) -> Result<(), PublishedError> {
        // [API-3] What is being published when the bucket ends still belongs to it: wait for it once.
        let mut writer = self.writer.lock().await;
        if self.database.is_shared() {
            let lock = self.database.write(Line::Publishing).await?;
            self.times.settle(until).await?;
            lock.leave().await?;
        }
        writer.settled = writer.settled.max(until);
        self.settled.store(writer.settled.get(), Ordering::Release);
        Ok(())
    }

    /// Writes everything to the disk, the checkpoint last: only it makes the rest part of the log.
    fn write(
        &self,
        old: &CompactRange,
        entries: &[Vec<u8>],
        before: Option<&[u8]>,
        signed: &SignedCheckpoint,
    ) -> Result<(), PublishedError> {
        // [API-11]
        self.write_tiles(old, entries)?;
        Ok(self.bucket.advance(CHECKPOINT, before, signed.text().as_bytes())?)
    }

    fn write_tiles(&self, old: &CompactRange, entries: &[Vec<u8>]) -> Result<(), PublishedError> {
        if !entries.is_empty() {
            let mut lost = None;
            let files = append_tiles(old, entries, |path| match self.sound(*path, old) {
                Ok(sound) => sound.map(|sound| sound.bytes),
                Err(error) => {
                    lost = Some(error);
                    None
                }
            });
            let files = files.map_err(|error| lost.unwrap_or_else(|| error.into()))?;
            let files: Vec<_> =
                files.into_iter().map(|(path, bytes)| (path.to_string(), bytes)).collect();
            self.bucket.add(&files)?;
        }
        Ok(())
    }
}
