//! The files of a published log, as a server or a mirror hands them out.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use anyhow::Context as _;
use noren::log::{
    CheckpointError, MAX_NOTE, SignedCheckpoint, TileError, TilePath, TreeHash, decode_hash_tile,
    max_bundle_length, wider,
};
use noren::profile::{Pin, SignedProfile};
use noren::time::UnixSeconds;
use noren::visitor::{File, Wanted};

use crate::http::{Answer, Server};
use crate::text::clean;

/// A place that hands out a log.
pub(crate) struct LogFiles {
    server: Server,
    date: Mutex<Option<UnixSeconds>>,
}

impl LogFiles {
    /// The log at an address.
    pub(crate) fn new(address: &str) -> anyhow::Result<Self> {
        Ok(Self { server: Server::new(address)?, date: Mutex::new(None) })
    }

    /// The same, with an end to all requests together.
    pub(crate) fn until(self, end: Instant) -> Self {
        Self { server: self.server.until(end), ..self }
    }

    /// The server's profile; `None` where it has none.
    pub(crate) fn profile(&self) -> anyhow::Result<Option<Vec<u8>>> {
        self.there(self.server.ask("v1/authority", noren::profile::MAX_LENGTH)?)
    }

    /// The checkpoint, with nothing verified; `None` where there is none.
    pub(crate) fn checkpoint(&self) -> anyhow::Result<Option<Vec<u8>>> {
        let answer = self.server.ask("checkpoint", MAX_NOTE)?;
        *self.date.lock().unwrap_or_else(PoisonError::into_inner) = answer.date;
        self.there(answer)
    }

    /// A file that a sync wants; `None` where there is none.
    pub(crate) fn wanted(&self, wanted: &Wanted) -> anyhow::Result<Option<Vec<u8>>> {
        match wanted.file {
            File::Profile => self.profile(),
            File::Checkpoint => self.checkpoint(),
            File::Archived(_) => self.there(self.server.ask(&wanted.path(), wanted.max_length())?),
            File::Hashes(path) | File::Entries(path) => self.exactly(&path),
        }
    }

    /// The server's time when it was asked for the checkpoint, where it says it.
    pub(crate) fn date(&self) -> Option<UnixSeconds> {
        *self.date.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A tile or bundle in the width that is asked for or, where that is gone, in a greater one;
    /// `None` where there is none of them, or none that the server itself takes for sound.
    pub(crate) fn tile(&self, path: &TilePath) -> anyhow::Result<Option<(TilePath, Vec<u8>)>> {
        // [API-2] [LOG-13]
        for path in std::iter::once(*path).chain(wider(path)) {
            if let Some(bytes) = self.exactly(&path)? {
                return Ok(Some((path, bytes)));
            }
        }
        Ok(None)
    }

    /// A tile or bundle in this very width; `None` where there is none, or none that the server itself
    /// takes for sound.
    pub(crate) fn exactly(&self, path: &TilePath) -> anyhow::Result<Option<Vec<u8>>> {
        let answer = self.server.ask(&path.to_string(), longest(path))?;
        // [API-20] [API-29]
        if answer.status == 500 || answer.is_about_damage() {
            return Ok(None);
        }
        self.there(answer)
    }

    /// A hash tile in exactly this width, cut from a wider one where that is what is left.
    pub(crate) fn hash_tile(&self, path: &TilePath) -> Result<Vec<u8>, TileFailed> {
        let there = self.tile(path).map_err(TileFailed)?;
        let missing = || TileFailed(anyhow::anyhow!("{path} is not there"));
        let (wide, mut bytes) = there.ok_or_else(missing)?;
        decode_hash_tile(&bytes, wide.width()).map_err(|error| {
            TileFailed(anyhow::Error::new(error).context(format!("{wide} is damaged")))
        })?;
        bytes.truncate(usize::from(path.width().get()) * TreeHash::LENGTH);
        Ok(bytes)
    }

    /// The body of an answer; `None` where it says that there is no such file. A server that has no
    /// time is an error: it may have some later.
    fn there(&self, answer: Answer) -> anyhow::Result<Option<Vec<u8>>> {
        match answer.status {
            200 => Ok(Some(answer.body)),
            404 | 410 => Ok(None),
            _ => self.server.expect(answer, 200).map(Some),
        }
    }
}

/// Why a hash tile is not at hand.
pub(crate) struct TileFailed(pub(crate) anyhow::Error);

impl From<TileError> for TileFailed {
    fn from(error: TileError) -> Self {
        Self(error.into())
    }
}

/// The most bytes that a file may have.
fn longest(path: &TilePath) -> usize {
    match path {
        TilePath::Entries { width, .. } => max_bundle_length(*width),
        TilePath::Hash { width, .. } => usize::from(width.get()) * TreeHash::LENGTH,
    }
}

/// Fetches the profile that a server serves. Nothing about it is trusted yet.
pub(crate) fn fetch_profile(address: &str) -> anyhow::Result<SignedProfile> {
    // [PRO-1] [CLI-25]
    parsed(address, &Server::new(address)?.get_at_most("v1/authority", noren::profile::MAX_LENGTH)?)
}

/// Fetches the profile of a followed authority's server; the pinned one where the server says that it
/// is still that. Nothing about another one is trusted yet.
pub(crate) fn fetch_newer(pinned: &SignedProfile) -> anyhow::Result<SignedProfile> {
    // [API-37] The tag is of the bytes that are pinned, which are the same for everybody.
    let (address, tag) = (&pinned.profile().url, pinned.entity_tag());
    let server = Server::new(address)?;
    let answer = server.ask_unless("v1/authority", &tag, noren::profile::MAX_LENGTH)?;
    if answer.status == 304 {
        return Ok(pinned.clone());
    }
    parsed(address, &server.expect(answer, 200)?)
}

/// Refuses a profile that the log of its own server does not tell of, by a head that the witnesses of
/// `pin` have seen.
pub(crate) fn check_in_log(pin: &Pin, now: UnixSeconds) -> anyhow::Result<()> {
    // [PRO-13]
    let (profile, told) = (pin.profile(), pin.profile().profile());
    let files = LogFiles::new(&told.url)?;
    let note = files.checkpoint()?.context("the authority has signed no log yet")?;
    let head = SignedCheckpoint::verify(&note, &told.origin, &told.log_keys())?;
    // [LOG-21]
    anyhow::ensure!(pin.is_witnessed(&head, now), CheckpointError::TooFewWitnesses);
    let shown = profile.is_in_log(&head, |path| files.hash_tile(path));
    anyhow::ensure!(
        shown.map_err(|TileFailed(error)| error)?,
        "the log of {} does not tell of this profile: it is about to be published, or others are told \
         another one; try again in a few minutes",
        clean(&told.name)
    );
    Ok(())
}

/// How many seconds an authority has, from signing a profile, to let its log tell of it.
const ON_ITS_WAY: u64 = 600;

/// Whether a profile was signed just now and has its place behind the `size` entries of the log: the
/// authority is about to enter it there.
pub(crate) fn is_on_its_way(profile: &SignedProfile, size: u64, now: UnixSeconds) -> bool {
    // [PRO-13] [PRO-14]
    let profile = profile.profile();
    let is_next = profile.log_index.is_some_and(|index| index >= size);
    is_next && now < profile.issued.plus(ON_ITS_WAY)
}

fn parsed(address: &str, bytes: &[u8]) -> anyhow::Result<SignedProfile> {
    let invalid = || format!("the server at {} serves no valid profile", clean(address));
    SignedProfile::from_bytes(bytes).with_context(invalid)
}
