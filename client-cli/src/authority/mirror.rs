//! The mirrors of the log, which the desk looks at before it signs.

use anyhow::ensure;
use serde_json::json;

use crate::context::Context;
use crate::desk::{Change, Desk, Event};
use crate::http::Server;
use crate::outcome::{Answer, Outcome};
use crate::text::clean;

/// More would slow every publication down.
const MOST: usize = 16;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Look at the log there as well before anything is signed
    #[command(after_help = "Example: noren authority mirror add https://mirror.example/noren")]
    Add {
        /// The mirror's address
        url: String,
    },
    /// Look there no longer
    #[command(after_help = "Example: noren authority mirror remove https://mirror.example/noren")]
    Remove {
        /// The mirror's address
        url: String,
    },
    /// Show the mirrors. Exit code 1: there is none
    #[command(after_help = "Example: noren authority mirror list")]
    List,
}

pub(super) fn run(context: &Context, command: &Command) -> Outcome {
    let mut desk = Desk::open(super::place::place(context))?;
    match command {
        Command::Add { url } => add(&mut desk, url)?,
        Command::Remove { url } => remove(&mut desk, url)?,
        Command::List => {}
    }
    let mirrors = &desk.settings.mirrors;
    context.output.data(mirrors, |mirrors| match mirrors.as_slice() {
        [] => "no mirrors".to_owned(),
        some => some.iter().map(|url| clean(url)).collect::<Vec<_>>().join("\n"),
    })?;
    let no = matches!(command, Command::List) && mirrors.is_empty();
    Ok(if no { Answer::No } else { Answer::Yes })
}

fn add(desk: &mut Desk<'_>, url: &str) -> anyhow::Result<()> {
    let url = url.trim_end_matches('/');
    Server::new(url)?;
    let settings = &mut desk.settings;
    ensure!(!settings.mirrors.iter().any(|known| known == url), "{} is there already", clean(url));
    ensure!(settings.mirrors.len() < MOST, "a desk looks at {MOST} mirrors at most");
    settings.mirrors.push(url.to_owned());
    note(desk, Event::MirrorAdded, url)
}

fn remove(desk: &mut Desk<'_>, url: &str) -> anyhow::Result<()> {
    let url = url.trim_end_matches('/');
    let before = desk.settings.mirrors.len();
    desk.settings.mirrors.retain(|known| known != url);
    ensure!(
        desk.settings.mirrors.len() < before,
        "{} is no mirror of this desk; `noren authority mirror list` shows them",
        clean(url)
    );
    note(desk, Event::MirrorRemoved, url)
}

fn note(desk: &mut Desk<'_>, event: Event, url: &str) -> anyhow::Result<()> {
    let event = event.about("desk", json!({ "url": url }));
    desk.apply(Change::default().put(&desk.settings.clone()).note(event))
}
