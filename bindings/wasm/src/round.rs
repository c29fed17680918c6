//! The reading of one authority's log: says which files it wants, takes their bytes, tries what came.

use std::collections::HashMap;

use noren::auditor::Evidence;
use noren::log::{TilePath, archived_day};
use noren::visitor::{File, LogSync, Source, Stay, SyncError, Wanted};
use noren::{Pin, UnixSeconds, Vault};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::device::Device;
use crate::failure::{Code, Failure, is_about_time};
use crate::poster::{entry_code, warns};
use crate::times;

/// A file that is wanted. The worker keeps entries by number and width: a wider file does as well.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WantedFile {
    path: String,
    is_entries: bool,
    index: u64,
    width: u16,
    max_length: usize,
    may_be_kept: bool,
}

/// How far a reading is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    new_entries: u64,
    read: u64,
}

/// `Evidence` of the page.
#[derive(Serialize)]
struct Contradicting<'a> {
    authority: &'a str,
    log: &'a str,
    name: &'a str,
    most: usize,
    files: Vec<EvidenceFile<'a>>,
}

#[derive(Serialize)]
struct EvidenceFile<'a> {
    path: String,
    text: &'a str,
}

/// One reading of a log.
///
/// The worker reads each log twice: first [`Round::download`], for all authorities, which tries
/// nothing, so that nobody sees how long the trying takes; then, without a request, [`Round::matching`]
/// with what it has kept, whose end goes into the vault ([`Round::finish`]). [MAT-11] [WEB-3]
#[wasm_bindgen]
pub struct Round {
    sync: LogSync,
    now: UnixSeconds,
    evidence: Option<Evidence>,
}

#[wasm_bindgen]
impl Round {
    /// Begins the downloading of a followed authority's log.
    ///
    /// # Errors
    /// Codes `other-authority`, `clock`.
    pub fn download(device: &Device, fingerprint: &str, now: f64) -> Result<Self, Failure> {
        Self::begin(device, fingerprint, now, LogSync::to_download)
    }

    /// Begins the trying of what was downloaded on the records of the device.
    ///
    /// # Errors
    /// Codes `other-authority`, `clock`.
    pub fn matching(device: &Device, fingerprint: &str, now: f64) -> Result<Self, Failure> {
        Self::begin(device, fingerprint, now, LogSync::new)
    }

    /// Tells which checkpoint was accepted last, where it was kept.
    pub fn remember(&mut self, note: Vec<u8>) {
        // [LOG-8]
        self.sync.remember(note);
    }

    /// Tells which entries are kept: index and width of each file, one after the other. Returns whether
    /// all are there that were read before, which are then opened only for a visit that needs them.
    pub fn remember_kept(&mut self, places: &[u32]) -> bool {
        // [LOG-16]
        let mut widths = HashMap::new();
        for place in places.chunks_exact(2) {
            if let [index, width] = place {
                let widest = widths.entry(u64::from(*index)).or_insert(*width);
                *widest = (*widest).max(*width);
            }
        }
        self.sync.remember_kept(|path| {
            widths.get(&path.index()).is_some_and(|width| *width >= u32::from(path.width().get()))
        })
    }

    /// Returns the index of the first file of entries that has to be kept.
    #[must_use]
    pub fn needed_from(&self) -> u32 {
        // [LOG-19]
        u32::try_from(self.sync.needed_from() / 256).unwrap_or(0)
    }

    /// Returns whether the vault has read further than a checkpoint that was downloaded.
    #[must_use]
    pub fn is_past(&self, note: &[u8]) -> bool {
        self.sync.is_past(note)
    }

    /// Returns the files that are wanted now, as JSON.
    ///
    /// # Errors
    /// None.
    pub fn wants(&self) -> Result<String, Failure> {
        let wanted = self.sync.wants();
        let files = wanted.iter().map(|wanted| {
            let (index, width) = match &wanted.file {
                File::Entries(path) | File::Hashes(path) => (path.index(), path.width().get()),
                File::Profile | File::Checkpoint | File::Archived(_) => (0, 0),
            };
            WantedFile {
                path: wanted.path(),
                is_entries: matches!(wanted.file, File::Entries(_)),
                index,
                width,
                max_length: wanted.max_length(),
                may_be_kept: wanted.may_be_kept,
            }
        });
        Ok(serde_json::to_string(&files.collect::<Vec<_>>())?)
    }

    /// Takes a file: one that was kept, or what the server answered, with the time on the server's
    /// clock if it said it; `None` where there is no such file.
    ///
    /// # Errors
    /// Codes `refused-log`, `offline`; `clock` where the server's clock shows that this device's is
    /// wrong.
    pub fn give(
        &mut self,
        path: &str,
        bytes: Option<Vec<u8>>,
        is_kept: bool,
        server_time: Option<f64>,
    ) -> Result<(), Failure> {
        let file = match (path, archived_day(path)) {
            ("v1/authority", _) => File::Profile,
            ("checkpoint", _) => File::Checkpoint,
            (_, Some(day)) => File::Archived(day),
            (tile, None) => match tile.parse().map_err(Failure::of(Code::Defect))? {
                path @ TilePath::Hash { .. } => File::Hashes(path),
                path @ TilePath::Entries { .. } => File::Entries(path),
            },
        };
        let source = if is_kept { Source::Kept } else { Source::Server };
        let wanted = Wanted { file, may_be_kept: is_kept };
        let given = self.sync.give(&wanted, source, bytes.as_deref());
        given.map_err(|error| {
            // [LOG-14]
            if let SyncError::Contradiction(found) = &error {
                let (seen, offered) = (found.seen.as_ref(), &found.offered);
                self.evidence = Some(Evidence::new(self.sync.profile(), seen, offered));
            }
            self.told(error, server_time)
        })
    }

    /// Returns the heads that contradict each other, where this is why the log is refused, as
    /// `Evidence`.
    ///
    /// # Errors
    /// None.
    pub fn evidence(&self) -> Result<Option<String>, Failure> {
        // [WEB-12]
        let authority = &self.sync.profile().profile().name;
        let kept = self.evidence.as_ref().map(|evidence| {
            let name = evidence.name();
            let file = |(file, text)| EvidenceFile { path: format!("{name}/{file}"), text };
            let files = evidence.files().map(file).collect();
            let (log, most) = (evidence.log(), Evidence::MOST);
            serde_json::to_string(&Contradicting { authority, log, name, most, files })
        });
        Ok(kept.transpose()?)
    }

    /// Tries some entries on the records. Returns whether it did, or there were none to try.
    pub fn work(&mut self) -> bool {
        let Some(work) = self.sync.work() else { return false };
        self.sync.take(work.run());
        true
    }

    /// Returns whether everything has come and was tried.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.sync.is_complete()
    }

    /// Returns how far the reading is, as `Progress`.
    ///
    /// # Errors
    /// None.
    pub fn progress(&self) -> Result<String, Failure> {
        let progress = self.sync.progress();
        let (new_entries, read) = (progress.new_entries, progress.read);
        Ok(serde_json::to_string(&Progress { new_entries, read })?)
    }

    /// Returns the head that was reached, to keep for [`Round::remember`].
    #[must_use]
    pub fn checkpoint(&self) -> Option<Vec<u8>> {
        self.sync.checkpoint().map(|head| head.text().as_bytes().to_vec())
    }

    /// Puts what was found into the device, and pins the profile that came. Returns why entries from
    /// before could not be tried on newer records, if that is so.
    ///
    /// # Errors
    /// Code `other-authority` where the authority is followed no more; `overtaken` in the detail where
    /// another reading came first: then read again.
    pub fn finish(self, device: &mut Device) -> Result<Option<String>, Failure> {
        let profile = self.sync.profile().clone();
        let mut names = profile.predecessors();
        names.push(profile.profile().fingerprint());
        let followed = &device.followed;
        if !followed.iter().any(|known| names.contains(&known.profile().profile().fingerprint())) {
            return Err(Failure::new(Code::OtherAuthority, "this authority is not followed"));
        }
        let summary = match self.sync.finish(&mut device.vault) {
            Err(SyncError::Overtaken) => return Err(Failure::new(Code::Defect, OVERTAKEN)),
            finished => finished?,
        };
        device.pin(Pin::new(profile), true)?;
        let untried = summary.untried.map(Failure::from);
        Ok(untried.map(|failure| serde_json::to_string(&failure)).transpose()?)
    }
}

/// What the worker knows an overtaken reading by.
const OVERTAKEN: &str = "overtaken";

#[wasm_bindgen]
impl Device {
    /// Makes a device that keeps nothing but the visit of a slip, for the reading of one authority's
    /// log from its beginning. It is dropped when the answer is shown. Its first authority is the
    /// page's own.
    ///
    /// # Errors
    /// Codes `not-a-code`, `private-code`, `wrong-time`, `not-yet-valid`, `no-longer-valid`;
    /// `other-authority` where none of these authorities would warn of the venue.
    pub fn for_slip(&self, link: &str, from: f64, to: f64, now: f64) -> Result<Self, Failure> {
        // [WEB-8]
        let code = entry_code(link)?;
        let now = times::now(now)?;
        let stay = Stay::new(times::time(from)?, times::time(to)?)?;
        if stay.departure() > now {
            return Err(Failure::new(Code::WrongTime, "the departure lies in the future"));
        }
        if !self.followed.iter().any(|pin| warns(pin.profile(), &code, link)) {
            let detail = "the slip's code leads to an authority that is not followed";
            return Err(Failure::new(Code::OtherAuthority, detail));
        }
        let mut vault = Vault::new();
        drop(vault.visit(&code, stay, &mut rand::rng())?);
        Ok(Self { vault, diary: None, followed: self.followed.clone() })
    }

    /// Returns the notices alone, as JSON.
    ///
    /// # Errors
    /// None.
    pub fn warned(&self, languages: Vec<String>) -> Result<String, Failure> {
        Ok(serde_json::to_string(&self.notices(&languages))?)
    }
}

impl Round {
    fn begin(
        device: &Device,
        fingerprint: &str,
        now: f64,
        begin: impl FnOnce(&Vault, &Pin, UnixSeconds) -> LogSync,
    ) -> Result<Self, Failure> {
        let now = times::now(now)?;
        let place = device.place_of(fingerprint)?;
        let pin = device.followed.get(place);
        let pin = pin.ok_or_else(|| Failure::new(Code::Defect, "no such place"))?;
        Ok(Self { sync: begin(&device.vault, pin, now), now, evidence: None })
    }

    /// A checkpoint that is too old or of the future speaks against this device's clock where the
    /// server's clock does as well.
    fn told(&self, error: SyncError, server_time: Option<f64>) -> Failure {
        // [CLI-41]
        let is_apart = server_time
            .and_then(|seconds| times::time(seconds).ok())
            .is_some_and(|time| time.get().abs_diff(self.now.get()) > noren::log::MAX_CLOCK_SKEW);
        if is_about_time(&error) && is_apart {
            return Failure::new(Code::Clock, error);
        }
        error.into()
    }
}
