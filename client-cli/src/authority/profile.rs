//! Keys and public profile.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use noren::authority::keys::AuthorityKeys;
use noren::authority::profile::{Contact, LevelText, Profile};
use noren::log::Origin;
use noren::messages::notice::Level;
use serde::{Deserialize, Serialize};

use super::desk::Desk;
use crate::cli::{Answer, Outcome};
use crate::context::Context;
use crate::files;
use crate::text::clean;
use crate::times;

#[derive(clap::Args)]
pub(crate) struct Init {
    /// The authority's name, as visitors will read it
    #[arg(long)]
    name: String,
    /// The name of its log, like noren.pref.example/log; it can never change
    #[arg(long)]
    origin: String,
    /// The address of its server
    #[arg(long)]
    url: String,
    /// For how many days devices keep records
    #[arg(long, default_value_t = 14, value_name = "DAYS")]
    retention_days: u32,
    /// After how long devices take the log for frozen; send heartbeats more often than that
    #[arg(long, default_value = "24h", value_name = "LENGTH")]
    checkpoint_max_age: String,
    /// What notices say, and whom to turn to, as a TOML file [default: short texts in English and Japanese]
    #[arg(long, value_name = "FILE")]
    texts: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(crate) struct Show {
    /// Write the signed profile to this file, for servers, venues and visitors ("-": the standard
    /// output)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Take these texts from now on, and hand the new profile to the server
    #[arg(long, value_name = "FILE")]
    texts: Option<PathBuf>,
    /// Take this name from now on, and hand the new profile to the server
    #[arg(long)]
    name: Option<String>,
    /// The server has this address from now on; hand it the new profile there
    #[arg(long)]
    url: Option<String>,
    /// Do not hand the new profile to the server
    #[arg(long)]
    no_push: bool,
}

/// The texts of a profile, as a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    #[serde(default)]
    text: Vec<Text>,
    #[serde(default)]
    contact: Vec<ContactLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    level: String,
    language: String,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContactLine {
    language: String,
    label: String,
    value: String,
}

const DEFAULT_TEXTS: &str = r#"
[[text]]
level = "attention"
language = "en"
text = "Somebody who was infected was at a place that you visited, at the same time. Watch your health, and see a doctor if you feel ill."
[[text]]
level = "cluster"
language = "en"
text = "Several people were infected at a place that you visited, at the same time. Please contact the health authority, whether or not you feel ill."
[[text]]
level = "withdrawn"
language = "en"
text = "An earlier notice about this visit was a mistake. You need not do anything."
[[text]]
level = "attention"
language = "ja"
text = "あなたが訪れた場所に、同じ時間帯に感染した方がいました。体調に注意し、具合が悪いときは医師に相談してください。"
[[text]]
level = "cluster"
language = "ja"
text = "あなたが訪れた場所で、同じ時間帯に複数の方が感染しました。症状の有無にかかわらず、保健所に連絡してください。"
[[text]]
level = "withdrawn"
language = "ja"
text = "この訪問についての以前のお知らせは誤りでした。何もする必要はありません。"
"#;

#[derive(Serialize)]
struct Shown {
    name: String,
    fingerprint: String,
    origin: String,
    url: String,
    log_key: String,
    upload_key: String,
    issued: String,
    retention_days: u32,
    checkpoint_max_age: u64,
}

impl Shown {
    fn new(profile: &Profile) -> Self {
        Self {
            name: profile.name.clone(),
            fingerprint: profile.fingerprint().to_string(),
            origin: profile.origin.as_str().to_owned(),
            url: profile.url.clone(),
            log_key: hex::encode(profile.log_key.as_bytes()),
            upload_key: hex::encode(profile.upload_key.as_bytes()),
            issued: times::rfc3339(profile.issued),
            retention_days: profile.retention_days,
            checkpoint_max_age: profile.checkpoint_max_age,
        }
    }

    fn lines(&self) -> String {
        format!(
            "{}\nfingerprint: {}\nlog:         {}\nserver:      {}\nissued:      {}\nrecords are kept {} days, a checkpoint is fresh for {} s",
            clean(&self.name),
            self.fingerprint,
            self.origin,
            clean(&self.url),
            self.issued,
            self.retention_days,
            self.checkpoint_max_age,
        )
    }
}

pub(super) fn init(context: &Context, arguments: &Init) -> Outcome {
    let folder = context.folder("authority");
    let _lock = files::lock(&folder)?;
    if files::read(&folder.join("profile"))?.is_some() {
        bail!("{} is an authority's desk already; it stays as it is", folder.display());
    }
    // A desk that was cut off between keys and profile is finished with the keys that are there.
    let stored = files::read(&folder.join("keys"))?;
    let keys = match &stored {
        Some(bytes) => {
            AuthorityKeys::from_bytes(bytes).context("the authority's key file is damaged")?
        }
        None => AuthorityKeys::generate(&mut context.rng()),
    };
    let (texts, contacts) = read_texts(arguments.texts.as_deref())?;
    let profile = Profile {
        issued: context.now()?,
        name: arguments.name.clone(),
        origin: Origin::new(&arguments.origin).context("--origin")?,
        url: arguments.url.trim_end_matches('/').to_owned(),
        log_key: keys.log_public_key(),
        upload_key: keys.upload_public_key(),
        retention_days: arguments.retention_days,
        checkpoint_max_age: times::parse_length(&arguments.checkpoint_max_age)?,
        minimum_overlap: 0,
        time_zone: "Asia/Tokyo".to_owned(),
        texts,
        contacts,
        index_master_key: keys.index_public_key(),
        handovers: vec![],
    };
    let signed = profile.sign(&keys)?;
    if stored.is_none() {
        // [CLI-2]
        files::create_secret(&folder.join("keys"), keys.to_bytes().as_slice())?;
    }
    files::replace(&folder.join("profile"), signed.as_bytes())?;
    context.output.data(&Shown::new(&profile), Shown::lines)?;
    context.output.say(
        "Back up the folder of this desk: without its keys no notice can be published or taken back.\n\
         Next: `noren authority profile --out FILE`, start noren-server with that file, then `noren authority heartbeat`.",
    );
    Ok(Answer::Yes)
}

pub(super) fn show(context: &Context, arguments: &Show) -> Outcome {
    let mut desk = Desk::open(context)?;
    if arguments.texts.is_some() || arguments.name.is_some() || arguments.url.is_some() {
        renew(context, &mut desk, arguments)?;
    }
    match &arguments.out {
        Some(out) if out == Path::new("-") => {
            context.output.raw(desk.profile.as_bytes())?;
            return Ok(Answer::Yes);
        }
        Some(out) => files::create_public(out, desk.profile.as_bytes())?,
        None => {}
    }
    context.output.data(&Shown::new(desk.profile.profile()), Shown::lines)?;
    Ok(Answer::Yes)
}

/// Signs the changed profile and hands it to the server. Kept here last: a command that was cut off
/// is run again.
fn renew(context: &Context, desk: &mut Desk<'_>, arguments: &Show) -> anyhow::Result<()> {
    let mut profile = desk.profile.profile().clone();
    if let Some(texts) = &arguments.texts {
        (profile.texts, profile.contacts) = read_texts(Some(texts))?;
    }
    profile.name = arguments.name.clone().unwrap_or(profile.name);
    if let Some(url) = &arguments.url {
        profile.url = url.trim_end_matches('/').to_owned();
    }
    // [PRO-3]
    profile.issued = context.now()?.max(profile.issued.plus(1));
    desk.profile = profile.sign(&desk.keys)?;
    if !arguments.no_push {
        let answer =
            desk.send("PUT", "v1/authority", "application/cbor", desk.profile.as_bytes())?;
        desk.expect(answer, 204)?;
    }
    files::replace(&context.folder("authority").join("profile"), desk.profile.as_bytes())
}

fn read_texts(file: Option<&Path>) -> anyhow::Result<(Vec<LevelText>, Vec<Contact>)> {
    let bytes = file.map(files::read_input).transpose()?;
    let text = match &bytes {
        Some(bytes) => std::str::from_utf8(bytes).context("the texts are not in UTF-8")?,
        None => DEFAULT_TEXTS,
    };
    let texts: Texts = toml::from_str(text).context("the file of texts is not valid")?;
    let level = |name: &str| {
        let levels = [Level::Attention, Level::Cluster, Level::Withdrawn];
        let found = levels.into_iter().find(|level| level.name() == name);
        found.with_context(|| {
            format!("{} is no level: attention, cluster or withdrawn", clean(name))
        })
    };
    let texts_of_levels = texts.text.into_iter().map(|Text { level: name, language, text }| {
        Ok(LevelText { level: level(&name)?, language, text, advice: String::new() })
    });
    let contact = |ContactLine { language, label, value }| Contact {
        level: None,
        language,
        label,
        value,
        hours: String::new(),
    };
    let contacts = texts.contact.into_iter().map(contact).collect();
    Ok((texts_of_levels.collect::<anyhow::Result<_>>()?, contacts))
}
