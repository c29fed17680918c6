//! Secrets from files, from the keyboard, from the standard input: never from the arguments, where
//! every process of the machine could read them.

use std::cell::RefCell;
use std::io::{BufRead as _, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use noren::messages::{UploadCode, WindowCode, read_codes};
use noren::passphrase::Passphrase;
use noren::visitor::VaultKey;
use zeroize::Zeroizing;

use crate::text::clean_path;
use crate::{files, given, identify};

/// Where a passphrase comes from.
#[derive(clap::Args, Clone, Default)]
pub(crate) struct PassphraseSource {
    /// Read the passphrase from this file instead of asking ("-": the standard input)
    #[arg(long, env = "NOREN_PASSPHRASE_FILE", hide_env_values = true, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// The key of a vault that the passphrase opened already.
    #[arg(skip)]
    opened: RefCell<Option<VaultKey>>,
}

impl PassphraseSource {
    /// This file, or whoever is there.
    pub(crate) fn of(passphrase_file: Option<PathBuf>) -> Self {
        Self { passphrase_file, ..Self::default() }
    }

    /// A passphrase that exists already.
    pub(crate) fn ask(&self, whose: &str) -> anyhow::Result<Passphrase> {
        let question = format!("Passphrase of {whose}: ");
        let argument = given::given_by("--passphrase-file", "NOREN_PASSPHRASE_FILE");
        let file = self.passphrase_file.as_deref().map(|path| (path, argument));
        let text = read_secret(file, "a passphrase", &question)?;
        Ok(Passphrase::new(&text)?)
    }

    /// The key of a sealed vault. A command opens its vault several times; it is asked, and the key
    /// derived, for the first of them.
    pub(crate) fn vault_key(&self, sealed: &[u8]) -> anyhow::Result<VaultKey> {
        // [CLI-42]
        if let Some(key) = &*self.opened.borrow()
            && key.fits(sealed)?
        {
            return Ok(key.clone());
        }
        let key = VaultKey::passphrase_of(sealed, &self.ask("your vault")?)?;
        Ok(self.opened.borrow_mut().insert(key).clone())
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
        Ok(Passphrase::new(&first)?)
    }
}

/// Where an upload code comes from.
#[derive(clap::Args, Clone, Default)]
pub(crate) struct UploadCodeSource {
    /// Read the upload code, and a venue's window code after it, from this file instead of asking
    /// ("-": the standard input)
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

    /// An upload code alone.
    pub(crate) fn ask(&self) -> anyhow::Result<UploadCode> {
        match self.read()? {
            (code, None) => Ok(code),
            (_, Some(_)) => bail!(
                "a window code follows the upload code: these were given out to a venue, which hands \
                 its keys in with them"
            ),
        }
    }

    /// An upload code with the window code that was read out with it: in one, or one after the other.
    pub(crate) fn ask_with_window(&self) -> anyhow::Result<(UploadCode, WindowCode)> {
        // [VEN-6] Without the window code nobody could tell a wrong window before it is sent.
        let (code, window) = self.read()?;
        if let Some(window) = window {
            return Ok((code, window));
        }
        if let Some(path) = &self.code_file {
            bail!(
                "{}: the window code is missing: write it after the upload code, as the authority \
                 read it out",
                clean_path(path)
            );
        }
        let text = read_secret(None, "a window code", "Window code: ").context(
            "the window code is missing: give it after the upload code, as the authority read it out",
        )?;
        let window = window_of(&text, &code)?;
        Ok((code, window))
    }

    fn read(&self) -> anyhow::Result<(UploadCode, Option<WindowCode>)> {
        // [CLI-2]
        let file = self.code_file.as_deref().map(|path| (path, "--code-file"));
        let text = read_secret(file, "an upload code", "Upload code: ")?;
        read_codes(&text).map_err(|error| {
            let otherwise = "that is no upload code: ask the authority to read it out again";
            identify::misplaced("an upload code", otherwise, None, text.as_bytes(), error)
        })
    }
}

fn window_of(text: &str, code: &UploadCode) -> anyhow::Result<WindowCode> {
    WindowCode::from_text(text, code).context(
        "that is not the window code that belongs to this upload code: ask the authority to read \
         it out again",
    )
}

/// A secret from the file that an argument named, or else from whoever is there.
fn read_secret(
    file: Option<(&Path, &str)>,
    wanted: &str,
    question: &str,
) -> anyhow::Result<Zeroizing<String>> {
    if let Some((path, argument)) = file {
        let bytes = files::read_input(path, argument)?;
        let text = std::str::from_utf8(&bytes).map_err(|error| {
            let otherwise = "the secret is not text in UTF-8";
            identify::misplaced(wanted, otherwise, Some(path), &bytes, error)
        })?;
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
