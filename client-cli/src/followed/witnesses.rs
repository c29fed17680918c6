//! The witnesses that a person asks for of an authority's log: a policy beside the pinned profile,
//! which nothing that is downloaded changes.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use noren::log::{Witness, WitnessPolicy};
use noren::profile::{Fingerprint, SignedProfile};

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
    /// The text of the policy; `None` where no witness is asked for.
    pub(crate) fn policy(&self) -> anyhow::Result<Option<Vec<u8>>> {
        // [CLI-60]
        if let Some(file) = &self.witness_policy {
            return Ok(Some(files::read_input(file, "--witness-policy")?.to_vec()));
        }
        for key in &self.witness {
            ensure!(
                Witness::from_verifier_key(key.trim()).is_some(),
                "{} is no verifier key of a witness; it has the form name+id+key, in one piece, and \
                 is of the kind for cosignatures",
                clean(key)
            );
        }
        let keys: Vec<String> = self.witness.iter().map(|key| key.trim().to_owned()).collect();
        let least = self.quorum.unwrap_or(keys.len());
        Ok((!keys.is_empty()).then(|| WitnessPolicy::text_of(least, &keys).into_bytes()))
    }
}

impl Followed {
    /// The witnesses that are asked for of this authority's log; `None` where none are. An error
    /// where that cannot be read: the log is then not read either.
    pub(crate) fn witnesses(
        &self,
        profile: &SignedProfile,
    ) -> anyhow::Result<Option<WitnessPolicy>> {
        // [LOG-21] [CLI-60]
        let file = self.witness_files(profile).find(|file| file.symlink_metadata().is_ok());
        let Some(file) = file else { return Ok(None) };
        let text = files::read(&file)?;
        let read = text.map(|text| WitnessPolicy::from_text(&text)).transpose();
        let otherwise = || {
            format!(
                "the witnesses that are asked for of {} cannot be read; follow it again with \
                 --witness-policy",
                clean(&profile.profile().name)
            )
        };
        Ok(Some(read.with_context(otherwise)?.with_context(otherwise)?))
    }

    /// Asks for these witnesses from now on.
    pub(crate) fn ask_for_witnesses(
        &self,
        profile: &SignedProfile,
        text: &[u8],
    ) -> anyhow::Result<()> {
        // [CLI-60] [LOG-21]
        let policy = WitnessPolicy::from_text(text)?;
        let own = profile.signing_keys();
        let origin = &profile.profile().origin;
        let is_meant = |(name, key): &(_, _)| name == origin && own.contains(key);
        if !policy.logs().is_empty() && !policy.logs().iter().any(is_meant) {
            bail!("this policy of witnesses is for other logs than {}", clean(origin.as_str()));
        }
        if let Some(witness) = policy.witnesses().find(|witness| own.contains(witness.key())) {
            bail!(
                "{} is the authority itself, which is no witness",
                clean(witness.name().as_str())
            );
        }
        let _lock = files::lock(&self.folder)?;
        files::replace(&self.witness_file(&profile.profile().fingerprint()), text)
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
