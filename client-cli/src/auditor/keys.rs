//! The keys that a log may be signed with: an authority's, a verifier key, or those beside evidence.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use anyhow::{Context as _, anyhow, ensure};
use noren::keys::SignPublicKey;
use noren::log::{CheckpointError, Origin, SignedCheckpoint, parse_verifier_key};
use noren::profile::SignedProfile;

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
    /// The log's public key, as tools for signed notes take it: name+id+key
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

impl Whose {
    /// Whether somebody said whose log it is.
    pub(super) const fn is_named(&self) -> bool {
        self.authority.is_some() || self.key.is_some()
    }
}

/// The keys of one log.
pub(super) struct Keys {
    origin: Origin,
    /// The newest last.
    keys: Vec<SignPublicKey>,
    /// The profile that they are from.
    profile: Option<SignedProfile>,
}

impl Keys {
    /// The keys that somebody named; without a name, those of the one authority that is followed.
    pub(super) fn new(context: &Context, whose: &Whose) -> anyhow::Result<Self> {
        let Some(text) = &whose.key else {
            return Self::of(context, whose.authority.as_deref());
        };
        let parsed = parse_verifier_key(text.trim());
        let (origin, key) = parsed.context(
            "--key is no public key of a log; it has the form name+id+key, in one piece",
        )?;
        Ok(Self { origin, keys: vec![key], profile: None })
    }

    /// The keys of an authority, and those that it had before.
    pub(super) fn of(context: &Context, authority: Option<&OsStr>) -> anyhow::Result<Self> {
        let signed = Followed::new(context).find(authority)?;
        let profile = signed.profile();
        // [PRO-7]
        let before = profile.handovers.iter().map(|handover| handover.log_key);
        let (origin, keys) = (profile.origin.clone(), before.chain([profile.log_key]).collect());
        Ok(Self { origin, keys, profile: Some(signed) })
    }

    /// The keys beside the notes in a folder of evidence; `None` where it has none.
    pub(super) fn in_evidence(folder: &Path) -> anyhow::Result<Option<Self>> {
        let Some(bytes) = files::read(&folder.join("keys")).ok().flatten() else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&bytes).context("the keys of the evidence are damaged")?;
        let parsed: Option<Vec<_>> = text.lines().map(parse_verifier_key).collect();
        let parsed = parsed.context("the keys of the evidence are damaged")?;
        let origin = parsed.first().map(|(origin, _)| origin.clone());
        let origin =
            origin.context("the evidence has no keys; name the authority with --authority")?;
        ensure!(parsed.iter().all(|(other, _)| *other == origin), "these are keys of several logs");
        let keys = parsed.into_iter().map(|(_, key)| key).collect();
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
        open: impl Fn(&Origin, &SignPublicKey) -> Result<T, E>,
    ) -> anyhow::Result<Result<T, E>> {
        let mut newest_first = self.keys.iter().rev();
        let newest = newest_first.next().context("there is no key to verify with")?;
        let opened = open(&self.origin, newest);
        Ok(opened.or_else(|error| {
            newest_first.find_map(|key| open(&self.origin, key).ok()).ok_or(error)
        }))
    }

    /// The head that a note from `from` is.
    pub(super) fn open(&self, note: &[u8], from: &Path) -> anyhow::Result<SignedCheckpoint> {
        // [LOG-5]
        let opened = self.try_each(|origin, key| SignedCheckpoint::verify(note, origin, key))?;
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
