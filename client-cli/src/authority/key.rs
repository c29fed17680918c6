//! Where the keys of log and clock are kept.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::done::act;
use super::place::{open, open_to_read};
use super::shown::signing_keys;
use crate::context::Context;
use crate::desk::{Action, SigningKey, pkcs8};
use crate::errors::whole_number;
use crate::files;
use crate::identify::misplaced;
use crate::outcome::Outcome;
use crate::signing_command::{SECONDS, SigningCommand};

#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Key {
    /// Signs the log, profiles, and requests to the server
    Log,
    /// Signs the log's date alone
    Clock,
}

#[derive(clap::Args)]
pub(crate) struct CommandArguments {
    /// After how many seconds the command is stopped, where it has not signed by then
    #[arg(long, value_parser = whole_number::<u64>, value_name = "SECONDS", default_value_t = SECONDS)]
    timeout: u64,
    /// The program that signs, and its arguments. It is started without a shell, reads from its standard
    /// input what it has to sign, and prints the signature (Ed25519, 64 bytes) in base64
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

impl CommandArguments {
    /// The command; `None` where none is named.
    pub(super) fn command(self) -> anyhow::Result<Option<SigningCommand>> {
        // [CLI-63]
        let is_named = !self.command.is_empty();
        is_named.then(|| SigningCommand::new(self.command, self.timeout)).transpose()
    }
}

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Show where the keys of log and clock are: in the desk's key file, or with a command that signs
    #[command(after_help = "Example: noren authority key show")]
    Show,
    /// Write a key to a file as other programs and tokens take it (PKCS#8 in PEM)
    #[command(after_help = "Example: noren authority key export log --out /media/token/log.pem")]
    Export {
        /// Which key
        key: Key,
        /// The file, secret, with the key
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Let a command sign with a key, as one that asks a token. It has to sign something for a trial;
    /// then the key leaves the desk's key file
    #[command(
        name = "use-command",
        after_help = "Example: noren authority key use-command log -- /usr/local/bin/sign-with-token --slot 9c\n\nThe key itself comes back with `key use-file` alone, from a file that `key export` has written. Backups from before hold it still."
    )]
    Elsewhere {
        /// Which key
        key: Key,
        #[command(flatten)]
        command: CommandArguments,
    },
    /// Take a key back into the desk's key file; no command signs with it any more
    #[command(
        name = "use-file",
        after_help = "Example: noren authority key use-file log /media/token/log.pem"
    )]
    InFile {
        /// Which key
        key: Key,
        /// The file with the key (PKCS#8 in PEM)
        file: PathBuf,
    },
}

impl From<Key> for SigningKey {
    fn from(key: Key) -> Self {
        match key {
            Key::Log => Self::Log,
            Key::Clock => Self::Clock,
        }
    }
}

pub(super) fn run(context: &Context, command: Command) -> Outcome {
    // [CLI-63]
    let open_desk = if matches!(command, Command::Show) { open_to_read } else { open };
    let mut desk = open_desk(context)?;
    let action = match command {
        Command::Show => return signing_keys::show(context, &desk),
        Command::Export { key, out } => Action::ExportKey { key: key.into(), out },
        Command::Elsewhere { key, command } => {
            let command = command.command()?;
            let command = command.ok_or_else(|| {
                anyhow::anyhow!(
                    "name the command that signs, behind two dashes: -- PROGRAM ARGUMENT …"
                )
            })?;
            Action::UseCommand { key: key.into(), command }
        }
        Command::InFile { key, file } => {
            Action::UseKeyFile { key: key.into(), secret: read(&file)? }
        }
    };
    act(context, &mut desk, action)
}

fn read(file: &Path) -> anyhow::Result<noren::keys::SignSecretKey> {
    let bytes = files::read_input(file, "FILE")?;
    pkcs8::from_pem(&bytes).ok_or_else(|| {
        let reason = anyhow::anyhow!("`noren authority key export` writes one");
        let otherwise = "this is no Ed25519 key in PKCS#8 and PEM";
        misplaced("a key in PKCS#8", otherwise, Some(file), &bytes, reason)
    })
}
