//! Notices as a visitor reads them: on the terminal, as data, as a page to print.

use std::path::{Path, PathBuf};

mod language;
mod page;
mod shown;

pub(super) use language::{Language, Words};
pub(crate) use shown::as_shown;
pub(super) use shown::{ShownNotice, shown};

use noren::log::LogPosition;
use noren::profile::SignedProfile;

use super::keep::read;
use crate::context::Context;
use crate::files;
use crate::followed::Followed;
use crate::outcome::{Answer, Outcome};
use crate::secret::PassphraseSource;

#[derive(clap::Args)]
pub(crate) struct NoticesArguments {
    /// Write the notices to this file as one page to read and print ("-": the standard output)
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    language: Language,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

pub(super) fn run(context: &Context, arguments: &NoticesArguments) -> Outcome {
    let followed = Followed::new(context);
    let profiles = followed.all();
    if !followed.any() {
        // [CLI-22]
        context.output.say(
            "no authority is followed, so that nobody can warn you: `noren visitor follow` comes first",
        );
    }
    let (exposures, unread) = read(context, &arguments.passphrase, |device, _| {
        let vault = &device.vault;
        let position = |own: &SignedProfile| vault.position(&own.profile().fingerprint());
        let unread = profiles.iter().any(|own| position(own) == LogPosition::start());
        Ok((vault.exposures_told_of(&profiles), unread))
    })?;
    if unread {
        // [CLI-22]
        context.output.say(
            "not every authority that is followed has been read yet, so that there may be notices: \
             `noren visitor sync` comes first",
        );
    }
    let tags = arguments.language.tags();
    let shown = shown(&exposures, &profiles, &tags);
    match &arguments.html {
        Some(path) if !shown.is_empty() => write_page(context, path, &shown, &Words::new(&tags)?)?,
        _ => print_all(context, &shown, &tags)?,
    }
    Ok(if shown.is_empty() { Answer::No } else { Answer::Yes })
}

/// Prints every notice, or says that there is none.
fn print_all(context: &Context, notices: &[ShownNotice], tags: &[String]) -> anyhow::Result<()> {
    let words = Words::new(tags)?;
    context.output.data(&notices, |notices| {
        let blocks: Vec<String> = notices.iter().map(|notice| notice.coloured(&words)).collect();
        if blocks.is_empty() { words.none.clone() } else { blocks.join("\n\n") }
    })
}

fn write_page(
    context: &Context,
    path: &Path,
    notices: &[ShownNotice],
    words: &Words,
) -> anyhow::Result<()> {
    let page = page::page(notices, words);
    if path == Path::new("-") {
        return context.output.raw(page.as_bytes());
    }
    // [CLI-2] It says where somebody was.
    files::create_secret(path, page.as_bytes())?;
    context.output.say(format!("{} is readable: keep it where only you can", path.display()));
    Ok(())
}
