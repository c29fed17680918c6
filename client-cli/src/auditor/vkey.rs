//! `noren auditor vkey`: an authority's public keys, as tools for signed notes take them.

use std::ffi::OsString;

use noren::profile::SignedProfile;
use serde::Serialize;

use crate::context::Context;
use crate::evidence;
use crate::followed::Followed;
use crate::outcome::{Answer, Outcome};

#[derive(clap::Args)]
pub(crate) struct VkeyArguments {
    /// An address, a profile file, or a followed authority's name or fingerprint
    authority: Option<OsString>,
}

#[derive(Serialize)]
struct VerifierKeys {
    fingerprint: String,
    /// The key of the log's own signature.
    log: String,
    /// The key of the signed time.
    time: String,
}

pub(super) fn run(context: &Context, arguments: &VkeyArguments) -> Outcome {
    // [CLI-59]
    show(context, &Followed::new(context).find(arguments.authority.as_deref())?)
}

/// Shows the keys of a profile.
pub(crate) fn show(context: &Context, signed: &SignedProfile) -> Outcome {
    let [log, time] = evidence::verifier_keys(signed.profile());
    let fingerprint = signed.profile().fingerprint().to_string();
    context.output.data(&VerifierKeys { fingerprint, log, time }, |keys| {
        format!("{}\n{}", keys.log, keys.time)
    })?;
    Ok(Answer::Yes)
}
