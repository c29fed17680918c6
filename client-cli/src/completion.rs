//! What a shell completes: verbs and options as they stand, and the ids of the desk's cases.
//!
//! The script that a shell reads once ([`registration`]) has it ask this program at each press of the
//! key, with `NOREN_COMPLETE` set.

use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use clap::Command;
use clap_complete::env::Shells;
use clap_complete::{ArgValueCandidates, CompleteEnv, CompletionCandidate, Shell};

use crate::authority;
use crate::context::Context;
use crate::global::Global;
use crate::text::clean;

/// The variable that holds the shell's name where a shell asks.
const ASKED: &str = "NOREN_COMPLETE";

/// For how long a shell waits for ids: another command may be using the desk.
const PATIENCE: Duration = Duration::from_secs(1);

/// Answers the shell and ends, if it was a shell that asked.
pub(crate) fn answer(program: fn() -> Command) {
    CompleteEnv::with_factory(move || with_cases(program())).var(ASKED).complete();
}

/// The script for a shell.
pub(crate) fn registration(shell: Shell) -> anyhow::Result<Vec<u8>> {
    let mut script = Vec::new();
    if let Some(completer) = Shells::builtins().completer(&shell.to_string()) {
        completer.write_registration(ASKED, "noren", "noren", "noren", &mut script)?;
    }
    Ok(script)
}

/// Has every argument of the authority's that names a case offer the desk's.
fn with_cases(program: Command) -> Command {
    program.mut_subcommand("authority", offer_cases)
}

fn offer_cases(command: Command) -> Command {
    let offer = |arg: clap::Arg| match arg.get_id().as_str() {
        "case" | "cases" => arg.add(ArgValueCandidates::new(|| offered(false))),
        "case_or_report" => arg.add(ArgValueCandidates::new(|| offered(true))),
        _ => arg,
    };
    command.mut_args(offer).mut_subcommands(offer_cases)
}

/// The cases, with reports if they are wanted, of the desk that the line on the prompt names. None
/// where it cannot be read.
fn offered(with_reports: bool) -> Vec<CompletionCandidate> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(read_ids(with_reports).unwrap_or_default()));
    let found = receiver.recv_timeout(PATIENCE).unwrap_or_default();
    let candidate = |(id, venue): (String, String)| {
        CompletionCandidate::new(id).help(Some(clean(&venue).into()))
    };
    found.into_iter().map(candidate).collect()
}

fn read_ids(with_reports: bool) -> anyhow::Result<Vec<(String, String)>> {
    let of = |variable| std::env::var_os(variable).map(PathBuf::from);
    let context = Context::new(&Global {
        home: home_on_the_line().or_else(|| of("NOREN_HOME")),
        state: of("NOREN_STATE"),
        json: false,
        quiet: true,
        ca: None,
        now: None,
    })?;
    authority::case_ids(&context, with_reports)
}

/// The folder that `--home` names on the line that is completed.
fn home_on_the_line() -> Option<PathBuf> {
    let mut words = std::env::args_os().skip_while(|word| word != "--");
    while let Some(word) = words.next() {
        match word.to_str().and_then(|word| word.strip_prefix("--home")) {
            Some("") => return words.next().map(PathBuf::from),
            Some(rest) if rest.starts_with('=') => return Some(PathBuf::from(&rest[1..])),
            _ => {}
        }
    }
    None
}
