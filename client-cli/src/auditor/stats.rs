//! `noren auditor stats`: what anybody can see of a log's habits, as one page or as JSON.

mod figures;
mod page;

use std::path::{Path, PathBuf};

use anyhow::ensure;
use noren::messages::PublishedTrace;
use noren::profile::logged_profile;

use super::subject::{Which, shown};
use super::{entries, history};
use crate::context::Context;
use crate::files;
use crate::outcome::{Answer, Outcome};
use crate::text::clean_path;
use figures::Counting;

#[derive(clap::Args)]
pub(crate) struct StatsArguments {
    #[command(flatten)]
    which: Which,
    /// Write the page to this file, which must not be there yet ("-": the standard output); may be
    /// left out with --json
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(context: &Context, arguments: &StatsArguments) -> Outcome {
    // [CLI-58]
    let (json, out) = (context.output.is_json(), arguments.out.as_deref());
    let to_stdout = out == Some(Path::new("-"));
    ensure!(
        out.is_some() || json,
        "name a file for the page with --out, or take the figures with --json"
    );
    ensure!(
        !(to_stdout && json),
        "the page and the figures cannot both go to the standard output; give --out a file"
    );
    let shown = shown(context, &arguments.which)?;
    let profile = shown.subject.profile.profile();
    let mut heads = history::read(&context.folder("auditor"), &shown.subject.profile)?;
    if !heads.contains(&shown.head) {
        heads.push(shown.head.clone());
        heads.sort_by_key(|head| (head.timestamp(), head.checkpoint().size));
    }
    let mut counting = Counting::new(heads);
    entries::read(&shown, context.output, |index, entry| {
        if logged_profile(entry).is_some() {
            counting.profile(index);
        } else {
            counting.entry(index, PublishedTrace::from_bytes(entry).ok().as_ref());
        }
        Ok(())
    })?;
    let figures = counting.finish(profile, context.now()?);
    if let Some(out) = out {
        let page = page::page(&figures);
        if to_stdout {
            context.output.raw(page.as_bytes())?;
        } else {
            files::create_public(out, page.as_bytes())?;
            context.output.say(format!("the page is in {}", clean_path(out)));
        }
    }
    if json {
        context.output.data(&figures, |_| String::new())?;
    }
    Ok(Answer::Yes)
}
