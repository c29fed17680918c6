//! Secrets from files, from the keyboard, from the standard input: never from the arguments, where
//! every process of the machine could read them.

use std::io::{BufRead as _, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use noren::messages::upload_code::UploadCode;
use noren::passphrase::Passphrase;
use zeroize::Zeroizing;

use crate::files;

/// Where a passphrase comes from.
#[derive(clap::Args, Clone, Default)]
pub(crate) struct PassphraseSource {
    /// Read the passphrase from this file instead of asking ("-": the standard input)
    #[arg(long, env = "NOREN_PASSPHRASE_FILE", value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

impl PassphraseSource {
    /// A passphrase that exists already.
    pub(crate) fn ask(&self, whose: &str) -> anyhow::Result<Passphrase> {
        read_secret(self.passphrase_file.as_deref(), &format!("Passphrase of {whose}: "))
            .map(|text| Passphrase::new(&text))
    }

    /// A new passphrase, typed twice at the keyboard.
    pub(crate) fn choose(&self, whose: &str) -> anyhow::Result<Passphrase> {
        // [CLI-2]
        if self.passphrase_file.is_some() || !std::io::stdin().is_terminal() {
            return self.ask(whose);
        }
        let first = prompt(&format!("New passphrase of {whose}: "))?;
        if *first != *prompt("The same again: ")? {
            bail!("the two passphrases differ; try again");
        }
        Ok(Passphrase::new(&first))
    }
}

/// Where an upload code comes from.
#[derive(clap::Args, Clone, Default)]
pub(crate) struct UploadCodeSource {
    /// Read the upload code from this file instead of asking ("-": the standard input)
    #[arg(long, value_name = "FILE")]
    pub(crate) code_file: Option<PathBuf>,
}

impl UploadCodeSource {
    /// Whether it comes from the standard input.
    pub(crate) fn is_on_stdin(&self) -> bool {
        match &self.code_file {
            Some(path) => path == Path::new("-"),
            None => !std::io::stdin().is_terminal(),
        }
    }

    pub(crate) fn ask(&self) -> anyhow::Result<UploadCode> {
        // [CLI-2]
        let text = read_secret(self.code_file.as_deref(), "Upload code: ")?;
        text.parse().context("that is no upload code: ask the authority to read it out again")
    }
}

fn read_secret(file: Option<&Path>, question: &str) -> anyhow::Result<Zeroizing<String>> {
    if let Some(path) = file {
        let bytes = files::read_input(path)?;
        let text = std::str::from_utf8(&bytes).context("the secret is not text in UTF-8")?;
        return Ok(Zeroizing::new(text.to_owned()));
    }
    if std::io::stdin().is_terminal() {
        return prompt(question);
    }
    let mut line = Zeroizing::new(String::new());
    std::io::stdin()
        .lock()
        .take(4_096)
        .read_line(&mut line)
        .context("cannot read the standard input")?;
    if line.trim().is_empty() {
        bail!(
            "{} expected on the standard input, and there was nothing",
            question.trim_end_matches(": ")
        );
    }
    Ok(line)
}

fn prompt(question: &str) -> anyhow::Result<Zeroizing<String>> {
    rpassword::prompt_password(question).map(Zeroizing::new).context("cannot ask at the terminal")
}
