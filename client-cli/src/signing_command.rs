//! A command that signs with a key which is kept elsewhere, as in a token, a hardware module, or on
//! another machine. It is started without a shell, reads the message from its standard input, and prints
//! the signature in base64.

use std::ffi::OsString;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use noren::keys::{Sign, SignError, SignPublicKey};
use serde::{Deserialize, Serialize};

use crate::text::{clean, counted};

/// How many seconds a signature may take where nobody says otherwise: somebody may have to touch a
/// token or type a PIN.
pub(crate) const SECONDS: u64 = 60;
/// The most that can be said.
pub(crate) const MOST_SECONDS: u64 = 600;
/// The most bytes of an answer.
const LONGEST: u64 = 1_024;
/// How often a command that runs is looked at.
const LOOK: Duration = Duration::from_millis(5);
/// How long the rest of an answer may take once the command has ended.
const REST: Duration = Duration::from_secs(1);

/// A command that signs, and how long it may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SigningCommand {
    /// The program and its arguments, which it gets as they are.
    words: Vec<String>,
    /// Seconds.
    timeout: u64,
}

impl SigningCommand {
    /// A command of these words.
    pub(crate) fn new(words: Vec<OsString>, timeout: u64) -> anyhow::Result<Self> {
        // [CLI-63]
        ensure!(
            (1..=MOST_SECONDS).contains(&timeout),
            "a signature may take 1 to {MOST_SECONDS} seconds, not {timeout}"
        );
        let text = |word: OsString| {
            word.into_string().map_err(|word| {
                anyhow!(
                    "{} is no text; words of a signing command are",
                    clean(&word.to_string_lossy())
                )
            })
        };
        let words = words.into_iter().map(text).collect::<anyhow::Result<Vec<_>>>()?;
        let program = words.first().filter(|program| !program.is_empty());
        let program = program.context("name the program that signs")?;
        ensure!(
            !program.contains('/') || Path::new(program).is_absolute(),
            "{} is another program in another folder: name the program from / on, or by a name that is \
             found in PATH",
            clean(program)
        );
        Ok(Self { words, timeout })
    }

    /// The program and its arguments.
    pub(crate) fn words(&self) -> &[String] {
        &self.words
    }

    /// After how many seconds it is stopped.
    pub(crate) const fn timeout(&self) -> u64 {
        self.timeout
    }

    fn name(&self) -> String {
        self.words.first().map(|program| clean(program)).unwrap_or_default()
    }

    /// Runs it, and takes the signature over a message, which nobody has verified.
    fn ask(&self, message: &[u8]) -> anyhow::Result<[u8; 64]> {
        // [CLI-63]
        let name = self.name();
        let mut child = self.start().map_err(|error| match error.kind() {
            ErrorKind::NotFound => anyhow!("the signing command {name} is not there"),
            ErrorKind::PermissionDenied => anyhow!("the signing command {name} may not be run"),
            _ => {
                anyhow::Error::new(error).context(format!("cannot run the signing command {name}"))
            }
        })?;
        let end = Instant::now() + Duration::from_secs(self.timeout);
        let answer = exchange(&mut child, message);
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if Instant::now() >= end {
                // It may end just now; then there is nothing to stop.
                drop(child.kill());
                child.wait()?;
                bail!(
                    "the signing command {name} gave no signature within {}, and was stopped",
                    counted(self.timeout, "second")
                );
            }
            thread::sleep(LOOK);
        };
        match (status.success(), status.code()) {
            (true, _) => {}
            (false, Some(code)) => bail!(
                "the signing command {name} failed, with the exit code {code}; what it says of that is \
                 above, if it said anything"
            ),
            (false, None) => bail!("the signing command {name} was killed ({status})"),
        }
        let answer = answer.recv_timeout(REST);
        let answer = answer.with_context(|| {
            format!(
                "the signing command {name} has ended, and its answer has not: something that it \
                     has started still holds the standard output"
            )
        })??;
        signature(&answer).with_context(|| {
            format!(
                "the signing command {name} gave no signature: 64 bytes in base64 belong on its standard \
                 output, and nothing else"
            )
        })
    }

    fn start(&self) -> std::io::Result<Child> {
        let (program, arguments) = self.words.split_first().ok_or(ErrorKind::InvalidInput)?;
        let mut command = Command::new(program);
        // What is set for Noren is none of its business, and may hold a password.
        let own = std::env::vars_os().map(|(name, _)| name);
        own.filter(|name| name.as_encoded_bytes().starts_with(b"NOREN_")).for_each(|name| {
            command.env_remove(name);
        });
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        // What it says to people goes to them, and nowhere else.
        command.stderr(Stdio::inherit()).spawn()
    }
}

/// Hands over the message, and takes what is answered, on threads that nobody waits for: whoever holds
/// the other ends may outlive the command.
fn exchange(child: &mut Child, message: &[u8]) -> mpsc::Receiver<std::io::Result<Vec<u8>>> {
    let (tell, told) = mpsc::channel();
    if let Some(mut input) = child.stdin.take() {
        let message = message.to_vec();
        // A command may answer without having read; what it answers is verified.
        thread::spawn(move || drop(input.write_all(&message)));
    }
    if let Some(output) = child.stdout.take() {
        thread::spawn(move || {
            let mut answer = Vec::new();
            let read = output.take(LONGEST + 1).read_to_end(&mut answer);
            drop(tell.send(read.map(|_| answer)));
        });
    }
    told
}

/// The signature in an answer. Spaces and the ends of lines are passed over.
fn signature(answer: &[u8]) -> Option<[u8; 64]> {
    let text: Vec<u8> = answer.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// A key that a command signs with.
#[derive(Debug, Clone)]
pub(crate) struct CommandKey {
    /// Its public half.
    pub(crate) key: SignPublicKey,
    pub(crate) command: SigningCommand,
}

impl Sign for CommandKey {
    fn public_key(&self) -> SignPublicKey {
        self.key
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        // [CLI-63] [PRO-15]
        let signature = self.command.ask(message).map_err(SignError::new)?;
        if self.key.has_signed(message, &signature) {
            return Ok(signature);
        }
        let name = self.command.name();
        Err(SignError::new(anyhow!(
            "the signing command {name} gave a signature by another key, or of something else"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_one_signature_in_base64() {
        // [CLI-63]
        let good = STANDARD.encode([7; 64]);
        let (head, tail) = good.split_at(76);
        for text in [good.clone(), format!("{good}\n"), format!(" {head}\r\n{tail}\n")] {
            assert_eq!(signature(text.as_bytes()), Some([7; 64]), "{text}");
        }
        let raw = String::from_utf8_lossy(&[7; 64]).into_owned();
        let others =
            [STANDARD.encode([7; 63]), STANDARD.encode([7; 65]), hex::encode([7; 64]), raw];
        for text in
            others.into_iter().chain([String::new(), format!("{good}{good}"), format!("{good}=")])
        {
            assert_eq!(signature(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_command_has_a_program_and_an_end() {
        // [CLI-63]
        let new = |words: &[&str], timeout| {
            SigningCommand::new(words.iter().map(OsString::from).collect(), timeout)
        };
        assert!(new(&["sign"], 1).is_ok() && new(&["sign", "", "a b"], MOST_SECONDS).is_ok());
        assert!(new(&[], 1).is_err() && new(&[""], 1).is_err());
        assert!(new(&["/bin/sign"], 1).is_ok() && new(&["./sign"], 1).is_err());
        assert!(new(&["sign"], 0).is_err() && new(&["sign"], MOST_SECONDS + 1).is_err());
    }
}
