//! The desk's work as one page for a meeting: figures from its own records, plots, tables.

mod page;
mod plot;
mod words;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

use super::place::open;
use crate::context::Context;
use crate::desk::{Desk, Figures};
use crate::outcome::{Answer, Outcome};
use crate::{files, times};
use page::Heading;
use words::{Language, Words};

#[derive(clap::Args)]
pub(crate) struct PageArguments {
    /// Write the page to this file, which must not be there yet and which only you can read ("-":
    /// the standard output); may be left out with --json
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Count from this local day on, like 2026-04-01 [default: the last 90 days, the most there can
    /// be]
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// Name the venues that have not answered yet. A page is passed around, and a name with one or
    /// two cases is soon a rumour: leave it out unless everybody who gets the page may know
    #[arg(long)]
    with_names: bool,
    /// The language of the page
    #[arg(long, value_enum, default_value = "en")]
    language: Language,
}

pub(super) fn run(context: &Context, arguments: &PageArguments) -> Outcome {
    let to_stdout = arguments.out.as_deref() == Some(Path::new("-"));
    ensure!(
        arguments.out.is_some() || context.output.is_json(),
        "name a file for the page with --out, or take the figures with --json"
    );
    ensure!(
        !(to_stdout && context.output.is_json()),
        "the page and the figures cannot both go to the standard output; give --out a file"
    );
    let mut desk = open(context)?;
    let figures = figures(context, &mut desk, arguments)?;
    if let Some(out) = &arguments.out {
        let heading = Heading {
            authority: &desk.profile().profile().name,
            made: &figures.until.to_string(),
            names_venues: arguments.with_names,
        };
        let page = page::page(&heading, &figures, &Words::new(arguments.language)?);
        if to_stdout {
            context.output.raw(page.as_bytes())?;
        } else {
            files::create_secret(out, page.as_bytes())?;
            context.output.say(format!("the page is in {}", out.display()));
        }
    }
    if context.output.is_json() {
        context.output.data(&figures, |_| String::new())?;
    }
    Ok(Answer::Yes)
}

fn figures(
    context: &Context,
    desk: &mut Desk<'_>,
    arguments: &PageArguments,
) -> anyhow::Result<Figures> {
    let policy = desk.policy()?;
    let zone = times::zone(Some(policy.time_zone()))?;
    let since = arguments.since.as_deref();
    let since = since.map(|day| times::parse_date(day, context.now()?, &zone));
    let since = since.transpose().context("--since")?;
    desk.figures(since, arguments.with_names)
}
