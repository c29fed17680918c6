//! What a witness has cosigned last of each log, on the disk before anybody hears of it.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use noren::log::{Checkpoint, Origin, TreeHash, Witnessed};
use noren::time::UnixSeconds;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::files;

/// The form of the files.
const VERSION: u64 = 1;

/// What was cosigned last of a log, as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: u64,
    origin: String,
    size: u64,
    root: TreeHash,
    time: UnixSeconds,
}

/// What was cosigned last of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Last {
    pub(super) tree: Witnessed,
    pub(super) time: UnixSeconds,
}

/// The files of a witness. One process holds them.
pub(super) struct Remembered {
    folder: PathBuf,
}

impl Remembered {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// What was cosigned last of a log; `None` where nothing was. A damaged file is an error: a
    /// witness that forgets cosigns a second history.
    pub(super) fn last(&self, origin: &Origin) -> anyhow::Result<Option<Last>> {
        // [LOG-23]
        let file = self.file(origin);
        let Some(bytes) = files::read(&file)? else { return Ok(None) };
        let read = serde_json::from_slice::<Kept>(&bytes).ok();
        let kept = read.filter(|kept| kept.version == VERSION && kept.origin == origin.as_str());
        let kept = kept.with_context(|| {
            format!(
                "{} is damaged: without it this witness does not know what it cosigned last. Put back \
                 the file as it was, never an older one",
                file.display()
            )
        })?;
        let tree = Witnessed { size: kept.size, root: kept.root };
        Ok(Some(Last { tree, time: kept.time }))
    }

    /// Remembers a head, durably.
    pub(super) fn remember(&self, head: &Checkpoint, time: UnixSeconds) -> anyhow::Result<()> {
        // [LOG-23]
        let (origin, size, root) = (head.origin.to_string(), head.size, head.root);
        let kept = Kept { version: VERSION, origin, size, root, time };
        files::replace(&self.file(&head.origin), &serde_json::to_vec(&kept)?)
    }

    fn file(&self, origin: &Origin) -> PathBuf {
        self.folder.join(format!("{}.last", hex::encode(Sha256::digest(origin.as_str()))))
    }
}
