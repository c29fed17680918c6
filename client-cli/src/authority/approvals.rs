//! Operators, and their approvals.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use noren::text::folded;
use serde::Serialize;

use super::done::{act, act_as_shown};
use super::place::open;
use super::shown::preview::ShownPreview;
use super::shown::proposal::{self, ShownProposal};
use crate::confirm::Consent;
use crate::context::Context;
use crate::desk::{Action, Desk, Look, Operator, OperatorKey, PublicHalf, Resolution, Subject};
use crate::outcome::{Answer, Outcome};
use crate::text::{clean, clean_path, counted};
use crate::{files, inspect};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Make your own key, on your own machine, and show its public half. No desk is needed
    #[command(after_help = "Example: noren authority operator key --out noren.key")]
    Key {
        /// The file for the secret key. It stays with you
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Put one more operator on the list, by the public half of the key that this operator has made
    #[command(
        after_help = "Example: noren authority operator add Sato --public-half noren-operator+1f5b…+9c04…"
    )]
    Add {
        /// The operator's name
        name: String,
        /// What `operator key` has shown to the operator
        #[arg(long, value_name = "TEXT")]
        public_half: String,
    },
    /// Take an operator's key off the list
    #[command(after_help = "Example: noren authority operator remove Sato")]
    Remove {
        /// The operator's name
        name: String,
    },
    /// Say how many operators have to approve a publication; 0 asks nobody
    #[command(after_help = "Example: noren authority operator require 2")]
    Require {
        /// How many
        approvals: usize,
    },
    /// Show the operators, and what waits for approval
    #[command(after_help = "Example: noren authority operator list")]
    List,
}

#[derive(clap::Args)]
pub(crate) struct ApproveArguments {
    /// The proposal's id
    proposal: String,
    /// The file with your key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Reject the proposal instead: it is deleted, and nothing of it is done
    #[arg(long, conflicts_with_all = ["yes", "dry_run"])]
    reject: bool,
    #[command(flatten)]
    consent: Consent,
}

pub(super) fn approve(context: &Context, arguments: &ApproveArguments) -> Outcome {
    let ApproveArguments { proposal: id, key, reject, consent } = arguments;
    let mut desk = open(context)?;
    desk.resume()?;
    desk.proposal(id)?;
    let (id, key) = (id.clone(), read_key(key)?);
    if *reject {
        return act(context, &mut desk, Action::RejectProposal { id, key });
    }
    let Look { state, operator, needs_another } = desk.look_at_proposal(&id, &key)?;
    if needs_another && !consent.dry_run {
        proposal::show(context, state, None)?;
        context.output.say(format!(
            "{} has approved this already; another operator's key is needed",
            clean(&operator)
        ));
        return Ok(Answer::No);
    }
    let (words, preview) = match desk.subject_of(&state.proposal.resolution)? {
        Subject::Preview(preview) => {
            let preview = ShownPreview::new(&preview, desk.profile(), context.now()?)?;
            (Some(preview.lines()), Some(preview))
        }
        Subject::Words(words) => (Some(words), None),
        Subject::Itself => (None, None),
    };
    if consent.dry_run {
        let words = words.map(|words| format!("\n{words}")).unwrap_or_default();
        let shown = ShownProposal::new(state, preview);
        context.output.data(&shown, |shown| shown.line() + &words)?;
        return Ok(Answer::Yes);
    }
    if let Some(words) = &words
        && !consent.to(context, words, "Approve exactly this?")?
    {
        context.output.say("nothing is approved");
        return Ok(Answer::No);
    }
    act_as_shown(context, &mut desk, Action::Approve { id, key }, preview)
}

fn read_key(file: &Path) -> anyhow::Result<OperatorKey> {
    let bytes = files::read_input(file, "--key")?;
    OperatorKey::from_file(&bytes).ok_or_else(|| {
        let reason = anyhow::anyhow!("it has 64 hexadecimal digits");
        inspect::misplaced(
            "an operator's key",
            "this is no operator's key",
            Some(file),
            &bytes,
            reason,
        )
    })
}

pub(super) fn run(context: &Context, command: &Command) -> Outcome {
    if let Command::Key { out } = command {
        return new_key(context, out);
    }
    let mut desk = open(context)?;
    let mut operators = desk.operators()?;
    let mut approvals = desk.approvals_needed();
    match command {
        Command::List => return list(context, &mut desk, &operators),
        Command::Key { .. } => {}
        Command::Add { name, public_half } => {
            desk.be_at_work()?;
            let name = operator_name(name)?;
            let same = |operator: &&Operator| folded(&operator.name) == folded(&name);
            if let Some(known) = operators.iter().find(same) {
                bail!("there is an operator {} already", clean(&known.name));
            }
            let half = read_half(public_half)?;
            if let Some(known) = operators.iter().find(|operator| half.is_of(operator)) {
                bail!("this is the key of the operator {}", clean(&known.name));
            }
            operators.push(half.operator(name));
        }
        Command::Remove { name } => {
            let before = operators.len();
            operators.retain(|operator| operator.name != *name);
            ensure!(
                operators.len() < before,
                "there is no operator {}; `operator list` shows them",
                clean(name)
            );
        }
        Command::Require { approvals: wanted } => approvals = *wanted,
    }
    if approvals > operators.len() {
        bail!(
            "{} would be needed, and there is a list of {}; add operators first, or require fewer",
            counted(approvals, "approval"),
            counted(operators.len(), "operator")
        );
    }
    let resolution = Resolution::Operators { approvals, operators };
    act(context, &mut desk, Action::Resolve(resolution))
}

/// A name for the journal: visible, short, and without anything that only looks like another.
pub(super) fn operator_name(name: &str) -> anyhow::Result<String> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    ensure!(
        !name.is_empty() && name.chars().count() <= 100 && clean(&name) == name,
        "an operator's name has 1 to 100 visible characters"
    );
    Ok(name)
}

/// Makes an operator's own key; one that a command that was cut off has made is taken.
fn new_key(context: &Context, out: &Path) -> Outcome {
    // [CLI-23] [CLI-53]
    let key = match files::read(out)? {
        Some(bytes) => {
            let key = OperatorKey::from_file(&bytes)
                .with_context(|| format!("{} is there already", clean_path(out)))?;
            context.output.say(format!("the key in {} is taken; it was there", clean_path(out)));
            key
        }
        None => {
            let key = OperatorKey::generate(&mut context.rng());
            // [CLI-2]
            files::create_secret(out, key.to_file().as_bytes())?;
            key
        }
    };
    #[derive(Serialize)]
    struct ShownHalf {
        public_half: String,
    }
    let shown = ShownHalf { public_half: key.public_half().to_string() };
    context.output.data(&shown, |shown| shown.public_half.clone())?;
    context.output.say(
        "Hand this line in at the desk, where `noren authority operator add NAME --public-half LINE` puts \
         you on the list. The file is yours alone.",
    );
    Ok(Answer::Yes)
}

fn read_half(text: &str) -> anyhow::Result<PublicHalf> {
    // [CLI-53] A secret that was handed in is none any more.
    let text = text.trim();
    ensure!(
        text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()),
        "this looks like an operator's secret key, which nobody hands in: whoever saw it can approve with \
         it. Make another one, and hand in the line that `noren authority operator key` shows"
    );
    PublicHalf::from_text(text).context(
        "--public-half is the line that `noren authority operator key` shows; this is another text, or \
         it is mistyped",
    )
}

fn list(context: &Context, desk: &mut Desk<'_>, operators: &[Operator]) -> Outcome {
    #[derive(Serialize)]
    struct List<'a> {
        operators: Vec<&'a str>,
        approvals_needed: usize,
        proposals: Vec<ShownProposal>,
    }
    let proposals = desk.proposals()?.into_iter();
    let list = List {
        operators: operators.iter().map(|operator| operator.name.as_str()).collect(),
        approvals_needed: desk.approvals_needed(),
        proposals: proposals.map(|state| ShownProposal::new(state, None)).collect(),
    };
    context.output.data(&list, |list| {
        let names = list.operators.join(", ");
        let first =
            format!("operators: {}; approvals needed: {}", clean(&names), list.approvals_needed);
        let lines = list.proposals.iter().map(ShownProposal::line);
        std::iter::once(first).chain(lines).collect::<Vec<_>>().join("\n")
    })?;
    Ok(Answer::Yes)
}
