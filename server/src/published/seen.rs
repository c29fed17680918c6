//! Looking at a bucket that other servers write to: whoever asks gets what was there after they asked,
//! and many who ask at once cause one reading.

use std::sync::Arc;
use std::time::Instant;

use noren::time::Day;
use tokio::sync::Mutex;

use super::proof::{Stored, under};
use super::{CHECKPOINT, Head, Published, PublishedError, blocking};

/// When the bucket was last read, and whether that went well.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<Option<(Instant, bool)>>);

impl Published {
    /// Brings the head to what the bucket shows now. In a folder nobody else writes.
    pub(crate) async fn look(self: &Arc<Self>) -> Result<(), PublishedError> {
        // [API-41]
        if !self.bucket.is_shared() {
            return Ok(());
        }
        let asked = Instant::now();
        let mut seen = self.seen.0.lock().await;
        match *seen {
            Some((began, true)) if began >= asked => return Ok(()),
            Some((began, false)) if began >= asked => return Err(unseen()),
            _ => {}
        }
        let began = Instant::now();
        let this = Arc::clone(self);
        let read = self.look_alone(this).await;
        *seen = Some((began, read.is_ok()));
        // That it can be read does not say that it can be written.
        if read.is_err() { self.wrote(read) } else { read }
    }

    async fn look_alone(&self, this: Arc<Self>) -> Result<(), PublishedError> {
        let before = self.head();
        let past = Arc::clone(&this);
        self.look_at_profile().await?;
        let found = blocking(move || {
            let Some(text) = this.bucket.read(CHECKPOINT)? else { return Ok(None) };
            let known = this.head().filter(|head| head.text == text && head.tree.is_some());
            Ok(match known {
                Some(head) => Some(head),
                None => Some(Stored::head(&under(&*this.bucket, &this.profile(), &text)?)),
            })
        });
        let Some(found) = found.await? else { return Ok(()) };
        self.head.send_if_modified(|head| {
            // What was published meanwhile is newer than what was read.
            let unmoved =
                head.as_ref().map(|head| &head.text) == before.as_ref().map(|it| &it.text);
            if unmoved {
                *head = Some(found);
            }
            unmoved
        });
        let day = |head: &Head| Day::containing(head.timestamp);
        if before.as_ref().map(day) != self.head().as_ref().map(day) {
            // [API-39] What another server removed this one does not hand out from memory.
            blocking(move || past.look_for_past()).await?;
        }
        Ok(())
    }
}

/// One reading failed for all who waited for it.
fn unseen() -> PublishedError {
    std::io::Error::other("the bucket could not be read").into()
}
