//! The witnesses that a person asks for of an authority's log: a policy beside the pinned profile,
//! which nothing that is downloaded changes.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use noren::log::{Witness, WitnessPolicy};
use noren::profile::{Fingerprint, Pin, SignedProfile};

use super::Followed;
use crate::errors::whole_number;
use crate::files;
use crate::text::clean;

/// Which witnesses are asked for.
#[derive(clap::Args)]
pub(crate) struct AskedWitnesses {
    /// Take its log only where the witnesses of this policy have seen it (C2SP tlog-policy); it stays
    /// so until you follow the authority with another one
    #[arg(long, value_name = "FILE", conflicts_with = "witness")]
    witness_policy: Option<PathBuf>,
    /// The same, with a witness by its verifier key: name+id+key. Give one for each
    #[arg(long, value_name = "KEY")]
    witness: Vec<String>,
    /// How many of these have to have seen it [default: all]
    #[arg(long, value_parser = whole_number::<usize>, value_name = "N", requires = "witness")]
    quorum: Option<usize>,
}

impl AskedWitnesses {
    /// The policy; `None` where no witness is asked for.
    pub(crate) fn policy(&self) -> anyhow::Result<Option<WitnessPolicy>> {
        // [CLI-60]
        if let Some(file) = &self.witness_policy {
            let text = files::read_input(file, "--witness-policy")?;
            return Ok(Some(WitnessPolicy::from_text(&text)?));
        }
        if self.witness.is_empty() {
            return Ok(None);
        }
        let witness = |key: &String| {
            Witness::from_verifier_key(key.trim()).with_context(|| {
                format!(
                    "{} is no verifier key of a witness; it has the form name+id+key, in one piece, \
                     and is of the kind for cosignatures",
                    clean(key)
                )
            })
        };
        let witnesses: Vec<_> = self.witness.iter().map(witness).collect::<anyhow::Result<_>>()?;
        Ok(Some(WitnessPolicy::of(self.quorum.unwrap_or(witnesses.len()), &witnesses)?))
    }
}

impl Followed {
    /// The authority as it is followed, with the witnesses that are asked for. An error where these
    /// cannot be read: the log is then not read either.
    pub(crate) fn pin_of(&self, profile: &SignedProfile) -> anyhow::Result<Pin> {
        // [LOG-21] [CLI-60]
        let file = self.witness_files(profile).find(|file| file.symlink_metadata().is_ok());
        let Some(file) = file else { return Ok(Pin::new(profile.clone())) };
        let text = files::read(&file)?;
        let read = text.map(|text| WitnessPolicy::from_text(&text)).transpose();
        let otherwise = || {
            format!(
                "the witnesses that are asked for of {} cannot be read; follow it again with \
                 --witness-policy",
                clean(&profile.profile().name)
            )
        };
        let policy = read.with_context(otherwise)?.with_context(otherwise)?;
        Ok(Pin::kept(profile.clone(), Some(policy)))
    }

    /// Asks for these witnesses from now on.
    pub(super) fn keep_witnesses(
        &self,
        policy: Option<&WitnessPolicy>,
        pin: &SignedProfile,
    ) -> anyhow::Result<()> {
        // [CLI-60] [LOG-21]
        let Some(policy) = policy else { return Ok(()) };
        files::replace(&self.witness_file(&pin.profile().fingerprint()), policy.text().as_bytes())
    }

    /// Forgets the witnesses that were asked for.
    pub(super) fn forget_witnesses(&self, profile: &SignedProfile) -> anyhow::Result<()> {
        self.witness_files(profile).try_for_each(|file| files::remove(&file))
    }

    /// Where a policy may lie: beside the present pin, or beside one from before a handover.
    fn witness_files(&self, profile: &SignedProfile) -> impl Iterator<Item = PathBuf> {
        // [PRO-6]
        let before = profile.predecessors().into_iter().rev();
        let names = std::iter::once(profile.profile().fingerprint()).chain(before);
        names.map(|name| self.witness_file(&name))
    }

    fn witness_file(&self, name: &Fingerprint) -> PathBuf {
        let name = format!("{}.witnesses", hex::encode(name.as_bytes()));
        Path::new(&self.folder).join(name)
    }
}
