//! The keys that a log may be signed with: an authority's, a verifier key, or those beside evidence.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use anyhow::{Context as _, anyhow, ensure};
use noren::log::{
    CheckpointError, LogKeys, Origin, SignatureType, SignedCheckpoint, parse_verifier_key,
};
use noren::profile::{Handover, SignedProfile};

use crate::context::Context;
use crate::followed::Followed;
use crate::text::clean_path;
use crate::{files, times};

/// Whose log is meant.
#[derive(clap::Args)]
pub(super) struct Whose {
    /// Whose log it is: an address, a profile file, or a followed authority's name or fingerprint
    #[arg(long, value_name = "AUTHORITY", conflicts_with = "key")]
    authority: Option<OsString>,
    /// The log's public key, as tools for signed notes take it: name+id+key; given a second time, the
    /// key that signs the times, where that is another
    #[arg(long, value_name = "KEY")]
    key: Vec<String>,
}

impl Whose {
    /// Whether somebody said whose log it is.
    pub(super) const fn is_named(&self) -> bool {
        self.authority.is_some() || !self.key.is_empty()
    }
}

/// The keys of one log.
pub(super) struct Keys {
    origin: Origin,
    /// The newest last.
    keys: Vec<LogKeys>,
    /// The profile that they are from.
    profile: Option<SignedProfile>,
}

impl Keys {
    /// The keys that somebody named; without a name, those of the one authority that is followed.
    pub(super) fn new(context: &Context, whose: &Whose) -> anyhow::Result<Self> {
        if whose.key.is_empty() {
            return Self::of(context, whose.authority.as_deref());
        }
        let (origin, keys) = verifier_keys(whose.key.iter().map(|text| text.trim())).context(
            "--key is no public key of a log; it has the form name+id+key, in one piece. Where the \
             times are signed by another key, --key names that one after it",
        )?;
        Ok(Self { origin, keys, profile: None })
    }

    /// The keys of an authority, and those that it had before.
    pub(super) fn of(context: &Context, authority: Option<&OsStr>) -> anyhow::Result<Self> {
        let signed = Followed::new(context).find(authority)?;
        let profile = signed.profile();
        // [PRO-7]
        let before = profile.handovers.iter().map(Handover::log_keys);
        let (origin, keys) = (profile.origin.clone(), before.chain([profile.log_keys()]).collect());
        Ok(Self { origin, keys, profile: Some(signed) })
    }

    /// The keys beside the notes in a folder of evidence; `None` where it has none.
    pub(super) fn in_evidence(folder: &Path) -> anyhow::Result<Option<Self>> {
        let Some(bytes) = files::read(&folder.join("keys")).ok().flatten() else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&bytes).context("the keys of the evidence are damaged")?;
        ensure!(!text.is_empty(), "the evidence has no keys; name the authority with --authority");
        let keys = verifier_keys(text.lines()).context("the keys of the evidence are damaged")?;
        let (origin, keys) = keys;
        Ok(Some(Self { origin, keys, profile: None }))
    }

    /// The profile that the keys are from, where they are from one.
    pub(super) const fn profile(&self) -> Option<&SignedProfile> {
        self.profile.as_ref()
    }

    /// What `open` makes of something with the log's origin and a key of it: the newest key first,
    /// and with the error of that where none opens it.
    pub(super) fn try_each<T, E>(
        &self,
        open: impl Fn(&Origin, &LogKeys) -> Result<T, E>,
    ) -> anyhow::Result<Result<T, E>> {
        let mut newest_first = self.keys.iter().rev();
        let newest = newest_first.next().context("there is no key to verify with")?;
        let opened = open(&self.origin, newest);
        Ok(opened.or_else(|error| {
            newest_first.find_map(|keys| open(&self.origin, keys).ok()).ok_or(error)
        }))
    }

    /// The head that a note from `from` is.
    pub(super) fn open(&self, note: &[u8], from: &Path) -> anyhow::Result<SignedCheckpoint> {
        // [LOG-5]
        let opened = self.try_each(|origin, keys| SignedCheckpoint::verify(note, origin, keys))?;
        let from = clean_path(from);
        // Whoever gave the file may have taken the wrong one: that accuses nobody. [CLI-3]
        opened.map_err(|error| match (error, &self.profile) {
            // [CLI-24] [PRO-7]
            (CheckpointError::Unsigned, Some(signed)) => anyhow!(
                "{from} is no head that this log signed with a key of this profile, which is \
                 of {}: if the authority has changed its keys since, this profile is from \
                 before that; use the newest one, as --authority ADDRESS fetches it. Otherwise the \
                 head is of another log",
                times::rfc3339(signed.profile().issued)
            ),
            _ => anyhow!("{from} is no head that this log signed: {error}"),
        })
    }
}

/// The keys of one log: each key that signs trees, and after it the one that signs their times, where
/// that is another.
fn verifier_keys<'a>(
    texts: impl Iterator<Item = &'a str>,
) -> anyhow::Result<(Origin, Vec<LogKeys>)> {
    // [LOG-14] [PRO-8]
    let mut keys: Vec<LogKeys> = Vec::new();
    let mut of_log = None;
    for text in texts {
        let (kind, origin, key) = parse_verifier_key(text).context("this is no public key")?;
        ensure!(*of_log.get_or_insert(origin.clone()) == origin, "these are keys of several logs");
        match keys.last_mut() {
            Some(last) if kind == SignatureType::CosignatureV1 => last.clock = key,
            _ => keys.push(key.into()),
        }
    }
    Ok((of_log.context("there is no key")?, keys))
}
