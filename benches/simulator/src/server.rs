//! The log as the server keeps and serves it: files that never change, and the newest checkpoint.

use std::collections::BTreeMap;

use noren::log::{
    Append, LogPosition, NeededBundle, SignedCheckpoint, TilePath, append_tiles, bundles_needed,
};
use noren::profile::SignedProfile;
use noren_benches::Result;

/// A checkpoint that was served from some time on.
#[derive(Debug)]
pub struct Head {
    /// From when on, in seconds since 1970.
    pub time: u64,
    /// The signed note.
    pub text: String,
    /// The number of entries.
    pub size: u64,
    /// The bytes of all files of the log, the tiles and bundles that were outgrown among them.
    pub stored: usize,
}

/// What an append brought.
#[derive(Debug, Clone, Copy)]
pub struct Stored {
    /// Bytes of the request.
    pub request: usize,
    /// Bytes of new entry bundles.
    pub bundles: usize,
    /// Bytes of new hash tiles.
    pub tiles: usize,
}

/// What a reader fetched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fetched {
    /// Requests.
    pub requests: usize,
    /// Bytes of the bodies.
    pub bytes: usize,
}

/// The server.
#[derive(Debug)]
pub struct Server {
    profile: SignedProfile,
    position: LogPosition,
    files: BTreeMap<TilePath, Vec<u8>>,
    heads: Vec<Head>,
}

impl Server {
    /// A server with an empty log.
    #[must_use]
    pub fn new(profile: SignedProfile) -> Self {
        let (files, heads) = (BTreeMap::new(), Vec::new());
        let position = LogPosition::start();
        Self { profile, position, files, heads }
    }

    /// Takes an append as it comes over the wire, verifies it and stores its files.
    ///
    /// # Errors
    /// What a server refuses.
    pub fn append(&mut self, bytes: &[u8]) -> Result<Stored> {
        let append = Append::from_bytes(bytes)?;
        let profile = self.profile.profile();
        let (after, signed) =
            append.verify(&self.position, &profile.origin, &profile.log_keys())?;
        let read = |path: &TilePath| self.files.get(path).cloned();
        let new = append_tiles(&self.position.range, &append.entries, read)?;
        let mut stored = Stored { request: bytes.len(), bundles: 0, tiles: 0 };
        for (path, bytes) in new {
            match path {
                TilePath::Entries { .. } => stored.bundles += bytes.len(),
                TilePath::Hash { .. } => stored.tiles += bytes.len(),
            }
            self.files.insert(path, bytes);
        }
        let before = self.heads.last().map_or(0, |head| head.stored);
        self.heads.push(Head {
            time: signed.timestamp().get(),
            text: append.checkpoint,
            size: after.range.size(),
            stored: before + stored.bundles + stored.tiles,
        });
        self.position = after;
        Ok(stored)
    }

    /// The authority's profile, as it is served.
    #[must_use]
    pub const fn profile(&self) -> &SignedProfile {
        &self.profile
    }

    /// Every checkpoint, the oldest first.
    #[must_use]
    pub fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// The checkpoint at a time; `None` before the first.
    #[must_use]
    pub fn head_at(&self, time: u64) -> Option<&Head> {
        self.heads.iter().rev().find(|head| head.time <= time)
    }

    /// A file of the log.
    ///
    /// # Errors
    /// When there is none.
    pub fn file(&self, path: &TilePath) -> Result<&[u8]> {
        Ok(self.files.get(path).ok_or("no such file")?)
    }

    /// Verifies the checkpoint at `time` and fetches what is new after a position, as the reference
    /// client does: profile, checkpoint, and the bundles with new entries. No hash tiles.
    ///
    /// # Errors
    /// What a client refuses.
    pub fn read_after(
        &self,
        position: &LogPosition,
        time: noren::UnixSeconds,
    ) -> Result<(LogPosition, Vec<Vec<u8>>, Fetched)> {
        let profile = SignedProfile::from_bytes(self.profile.as_bytes())?;
        let profile = profile.profile();
        let head = self.head_at(time.get()).ok_or("no checkpoint yet")?;
        let signed =
            SignedCheckpoint::verify(head.text.as_bytes(), &profile.origin, &profile.log_keys())?;
        signed.check_fresh(time, profile.checkpoint_max_age)?;
        position.pending(&signed)?;
        let mut entries = Vec::new();
        for bundle in bundles_needed(position.range.size(), head.size) {
            entries.extend(bundle.new_entries(self.file(&bundle.path)?)?);
        }
        let fetched = self.fetched(position.range.size(), head)?;
        Ok((position.advance(&signed, &entries)?, entries, fetched))
    }

    /// The entries before a size, from the bundles that a device has kept.
    ///
    /// # Errors
    /// When one is missing.
    pub fn kept(&self, size: u64) -> Result<Vec<Vec<u8>>> {
        let mut entries = Vec::new();
        for bundle in bundles_needed(0, size) {
            entries.extend(bundle.new_entries(self.file(&bundle.path)?)?);
        }
        Ok(entries)
    }

    /// What a client that has seen `seen` entries fetches at a checkpoint. Bodies only.
    ///
    /// # Errors
    /// When a file is missing.
    pub fn fetched(&self, seen: u64, head: &Head) -> Result<Fetched> {
        let mut fetched =
            Fetched { requests: 2, bytes: self.profile.as_bytes().len() + head.text.len() };
        for NeededBundle { path, .. } in bundles_needed(seen, head.size) {
            fetched.requests += 1;
            fetched.bytes += self.file(&path)?.len();
        }
        Ok(fetched)
    }
}
