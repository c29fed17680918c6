//! Shell completions and manual pages, from the same types as the command line itself.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap_complete::Shell;

use crate::context::Context;
use crate::outcome::{Answer, Outcome};
use crate::{completion, files};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Print the completions for a shell; they complete the ids of a desk's cases as well
    #[command(
        after_help = "Example: noren manual completions bash > /etc/bash_completion.d/noren\n\nWrite them anew after an update of the program."
    )]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write a manual page for every command into a folder
    #[command(after_help = "Example: noren manual pages --out ~/.local/share/man/man1")]
    Pages {
        /// The folder
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

/// `program` is the whole command line.
pub(crate) fn run(context: &Context, command: Command, program: clap::Command) -> Outcome {
    match command {
        Command::Completions { shell } => {
            context.output.raw(&completion::registration(shell)?)?;
        }
        Command::Pages { out } => {
            files::make_private_folder(&out)?;
            write_pages(program, &out)
                .with_context(|| format!("cannot write into {}", out.display()))?;
            context.output.say(format!("manual pages are in {}", out.display()));
        }
    }
    Ok(Answer::Yes)
}

/// Writes each page as a whole in the place of an older one.
fn write_pages(program: clap::Command, out: &Path) -> anyhow::Result<()> {
    // [CLI-1]
    let aside = tempfile::tempdir()?;
    clap_mangen::generate_to(program, aside.path())?;
    for page in files::list(aside.path(), "1")? {
        let name = page.file_name().unwrap_or_default();
        files::replace_public(&out.join(name), &std::fs::read(&page)?)?;
    }
    Ok(())
}
