//! `noren auditor witness`: cosigns heads of logs that it knows, for whoever asks (C2SP tlog-witness).

mod remembered;
mod served;

use std::ffi::OsString;
use std::fs::File;
use std::path::Path;

use anyhow::{Context as _, ensure};
use noren::keys::{SignPublicKey, SignSecretKey};
use noren::log::{Origin, SignatureType, Witness, parse_verifier_key};
use noren::profile::SignedProfile;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::files;
use crate::followed::Followed;
use crate::outcome::{Answer, Outcome};
use crate::text::{clean, counted};
use remembered::Remembered;
use served::Service;

#[derive(clap::Args)]
pub(crate) struct WitnessArguments {
    /// The authorities whose logs are witnessed: addresses, profile files, or followed authorities'
    /// names or fingerprints [default: every followed authority]
    authorities: Vec<OsString>,
    /// A log by its public key, as tools for signed notes take it: name+id+key
    #[arg(long, value_name = "KEY")]
    log: Vec<String>,
    /// The witness's name, an address without its scheme; needed the first time, when its key is made
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Listen there. Put a server with TLS in front of it
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    listen: String,
    /// Print the verifier key, and serve nothing
    #[arg(long)]
    vkey: bool,
}

/// Whose key a witness cosigns with.
pub(super) struct Signer {
    pub(super) name: Origin,
    pub(super) key: SignSecretKey,
}

/// A log that is witnessed.
pub(super) struct Watched {
    pub(super) origin: Origin,
    pub(super) keys: Vec<SignPublicKey>,
    /// The profile that the keys are from, where they are from one.
    pub(super) profile: Option<SignedProfile>,
}

#[derive(Serialize)]
struct Serving<'a> {
    vkey: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    listening: Option<String>,
    logs: Vec<&'a str>,
}

pub(super) fn run(context: &Context, arguments: &WitnessArguments) -> Outcome {
    // [CLI-61] [LOG-23]
    let folder = context.folder("witness");
    let signer = Signer::open(context, &folder, arguments.name.as_deref())?;
    let vkey = Witness::new(signer.name.clone(), signer.key.public_key()).verifier_key();
    if arguments.vkey {
        let shown = Serving { vkey: &vkey, listening: None, logs: Vec::new() };
        context.output.data(&shown, |shown| shown.vkey.to_owned())?;
        return Ok(Answer::Yes);
    }
    // Held for as long as it serves: two processes could cosign two histories.
    let serving = File::create(folder.join("serving")).context("cannot serve this witness")?;
    serving.try_lock().map_err(|_| anyhow::anyhow!("this witness is served already"))?;
    let logs = logs(context, arguments)?;
    let own = signer.key.public_key();
    ensure!(
        !logs.iter().any(|log| log.keys.contains(&own)),
        "this witness's key is the log's own: nobody can witness their own log"
    );
    let names: Vec<String> = logs.iter().map(|log| log.origin.to_string()).collect();
    let service = Service::bind(&arguments.listen, signer, logs, Remembered::new(&folder))?;
    let listening = Some(service.address().to_string());
    let logs = names.iter().map(String::as_str).collect();
    context.output.event(&Serving { vkey: &vkey, listening, logs }, |shown| {
        let logs: Vec<String> = shown.logs.iter().map(|log| clean(log)).collect();
        format!(
            "{}\nwitnesses {} ({}) at http://{}/add-checkpoint",
            shown.vkey,
            counted(logs.len(), "log"),
            logs.join(", "),
            service.address()
        )
    })?;
    service.serve(context)?;
    Ok(Answer::Yes)
}

/// The logs that are witnessed.
fn logs(context: &Context, arguments: &WitnessArguments) -> anyhow::Result<Vec<Watched>> {
    let followed = Followed::new(context);
    let mut logs = Vec::new();
    for key in &arguments.log {
        let parsed = parse_verifier_key(key.trim());
        let parsed = parsed.filter(|(kind, ..)| *kind == SignatureType::Ed25519);
        let (_, origin, key) = parsed.context("--log is no public key of a log: name+id+key")?;
        logs.push(Watched { origin, keys: vec![key], profile: None });
    }
    let profiles = if arguments.authorities.is_empty() && logs.is_empty() {
        followed.all()
    } else {
        let find = |name: &OsString| followed.find(Some(name));
        arguments.authorities.iter().map(find).collect::<anyhow::Result<_>>()?
    };
    for signed in profiles {
        let origin = signed.profile().origin.clone();
        logs.push(Watched { origin, keys: tree_keys(&signed), profile: Some(signed) });
    }
    ensure!(!logs.is_empty(), "there is no log to witness: follow an authority, or name a log");
    let mut origins: Vec<_> = logs.iter().map(|log| &log.origin).collect();
    origins.sort();
    origins.dedup();
    ensure!(origins.len() == logs.len(), "two of these logs have one name; each is witnessed once");
    Ok(logs)
}

/// The keys that sign an authority's trees, and those that did; not those of its clock.
pub(super) fn tree_keys(signed: &SignedProfile) -> Vec<SignPublicKey> {
    let profile = signed.profile();
    let before = profile.handovers.iter().map(|handover| handover.log_key);
    before.chain([profile.log_key]).collect()
}

/// The first line of the file with a witness's key.
const MARK: &str = "noren-witness-key-1";

impl Signer {
    /// The key that is kept; a new one under this name where there is none.
    fn open(context: &Context, folder: &Path, name: Option<&str>) -> anyhow::Result<Self> {
        let file = folder.join("key");
        if let Some(bytes) = files::read(&file)? {
            let damaged = || format!("{} is no key of a witness", file.display());
            let signer = Self::read(&bytes).with_context(damaged)?;
            ensure!(
                name.is_none_or(|name| name == signer.name.as_str()),
                "this witness is called {}; a witness of another name has another key: give it \
                 another folder with --home",
                clean(signer.name.as_str())
            );
            return Ok(signer);
        }
        let name = name.context(
            "this witness has no key yet; give it its name with --name, for instance \
             witness.example/noren",
        )?;
        let name = Origin::new(name).context("--name")?;
        let _lock = files::lock(folder)?;
        let key = SignSecretKey::generate(&mut context.rng());
        let seed = Zeroizing::new(hex::encode(key.to_bytes().as_slice()));
        let text = Zeroizing::new(format!("{MARK}\n{name}\n{}\n", *seed));
        files::create_secret(&file, text.as_bytes())?;
        Ok(Self { name, key })
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let [MARK, name, seed, ""] = text.split('\n').collect::<Vec<_>>()[..] else { return None };
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(seed, bytes.as_mut_slice()).ok()?;
        Some(Self { name: Origin::new(name).ok()?, key: SignSecretKey::from_bytes(&bytes) })
    }
}
