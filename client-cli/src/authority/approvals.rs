//! Approvals: where the desk asks for it, a publication needs the keys of several operators.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use noren::authority::Policy;
use noren::text::folded;
use noren::time::UnixSeconds;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::desk::{Change, Desk, Entry, Event, Publication, Record};
use super::patient::enable;
use super::publish::Preview;
use super::review::review_case;
use super::{policy, profile, publish, rotate};
use crate::confirm::Consent;
use crate::context::Context;
use crate::outcome::{Answer, Outcome};
use crate::text::{clean, clean_path, counted};
use crate::{files, inspect, times};

/// Separates approvals from every other signature.
const DOMAIN: &[u8] = b"NOREN-OPERATOR-APPROVAL-v1\n";

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Make the key of one more operator, for that operator to keep
    #[command(
        after_help = "Example: noren authority operator add Sato --out /media/sato/noren.key"
    )]
    Add {
        /// The operator's name
        name: String,
        /// The file for the secret key
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
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
pub(crate) struct Approve {
    /// The proposal's id
    proposal: String,
    /// The file with your key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Drop the proposal instead
    #[arg(long, conflicts_with_all = ["yes", "dry_run"])]
    drop: bool,
    #[command(flatten)]
    consent: Consent,
}

/// Somebody whose approval counts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Operator {
    name: String,
    #[serde(with = "hex::serde")]
    key: [u8; 32],
}

impl Record for Operator {
    const KIND: &'static str = "operator";

    fn id(&self) -> &str {
        &self.name
    }
}

/// What is to happen once enough operators approve.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Action {
    Publish {
        notices: Vec<CaseNotice>,
        /// Not at the next release time of the policy.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        at_once: bool,
    },
    Withdraw {
        case: String,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        at_once: bool,
    },
    Operators {
        approvals: usize,
        operators: Vec<Operator>,
    },
    Policy {
        toml: String,
    },
    Profile {
        name: Option<String>,
        url: Option<String>,
    },
    RotateKeys,
    EnablePatient,
}

/// The notice that a case is to have.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct CaseNotice {
    pub(super) case: String,
    pub(super) notice: Publication,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Proposal {
    id: String,
    made: UnixSeconds,
    action: Action,
    /// The digest of what the action starts from: a proposal does not outlive a change of it.
    #[serde(with = "hex::serde")]
    basis: [u8; 32],
    approvals: Vec<Approval>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Approval {
    operator: String,
    #[serde(with = "hex::serde")]
    signature: [u8; 64],
}

impl Record for Proposal {
    const KIND: &'static str = "proposal";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Action {
    fn shown(&self) -> String {
        match self {
            Self::Publish { notices, at_once } => {
                let shown = |each: &CaseNotice| {
                    let (level, window) = (each.notice.level.name(), each.notice.window);
                    let named = if each.notice.names_venue { "" } else { "not " };
                    let window = times::show_window(window);
                    let case = &each.case;
                    format!(
                        "publish case {case}{}: {level}, {window}, venue {named}named",
                        now(*at_once)
                    )
                };
                notices.iter().map(shown).collect::<Vec<_>>().join("; ")
            }
            Self::Withdraw { case, at_once } => {
                format!("withdraw the notice of case {case}{}", now(*at_once))
            }
            Self::Operators { approvals, operators } => {
                let shown = |each: &Operator| format!("{} ({})", each.name, each.fingerprint());
                let operators: Vec<_> = operators.iter().map(shown).collect();
                format!("operators {}; approvals needed: {approvals}", operators.join(", "))
            }
            Self::Policy { toml } => {
                format!("work by the policy with SHA-256 {}", hex::encode(Sha256::digest(toml)))
            }
            Self::Profile { name, url } => {
                let changed: Vec<_> = [name, url].into_iter().flatten().cloned().collect();
                format!("change the profile: {}", changed.join(", "))
            }
            Self::RotateKeys => "hand over to new keys".to_owned(),
            Self::EnablePatient => "take patient cases".to_owned(),
        }
    }

    /// What the action starts from: the venue's code, window and notice of each case; the operators;
    /// the profile.
    fn basis(&self, desk: &mut Desk<'_>) -> anyhow::Result<[u8; 32]> {
        // [CLI-11]
        let basis = match self {
            Self::Publish { notices, .. } => {
                let cases = notices.iter().map(|each| basis_of_case(desk, &each.case));
                json!(cases.collect::<anyhow::Result<Vec<_>>>()?)
            }
            Self::Withdraw { case, .. } => basis_of_case(desk, case)?,
            Self::Operators { .. } => {
                json!([desk.settings.approvals, desk.records::<Operator>()?])
            }
            Self::Policy { .. } | Self::Profile { .. } | Self::RotateKeys | Self::EnablePatient => {
                json!(hex::encode(desk.profile.as_bytes()))
            }
        };
        Ok(Sha256::digest(serde_json::to_vec(&basis)?).into())
    }
}

fn now(at_once: bool) -> &'static str {
    if at_once { " at once" } else { "" }
}

/// The venue's code and window, and how often the case's notice was changed.
fn basis_of_case(desk: &mut Desk<'_>, name: &str) -> anyhow::Result<serde_json::Value> {
    let case = desk.case(name)?;
    let review = review_case(desk, &case)?.map_err(|reason| anyhow::anyhow!(reason))?;
    let code = hex::encode(Sha256::digest(review.entry_code.as_bytes()));
    let changes = |entry: &&Entry| {
        entry.subject == case.id
            && matches!(&*entry.action, "published" | "withdrawn" | "released" | "taken-out")
    };
    let changes = desk.journal()?.iter().filter(changes).count();
    Ok(json!([case.id, code, review.window, changes]))
}

impl Operator {
    /// The beginning of the key's digest, by which people tell keys apart.
    fn fingerprint(&self) -> String {
        hex::encode(Sha256::digest(self.key)).chars().take(16).collect()
    }
}

impl Proposal {
    /// What an operator signs: this very proposal, of this desk.
    fn signed_bytes(&self, desk: &Desk<'_>) -> anyhow::Result<Vec<u8>> {
        let fingerprint = desk.profile.profile().fingerprint();
        let body =
            serde_json::to_vec(&(&self.id, self.made, &self.action, hex::encode(self.basis)))?;
        Ok([DOMAIN, fingerprint.as_bytes(), &body].concat())
    }

    /// The operators of the desk whose signatures hold.
    fn approved_by(&self, desk: &mut Desk<'_>) -> anyhow::Result<Vec<String>> {
        // [CLI-11]
        let (operators, bytes) = (desk.records::<Operator>()?, self.signed_bytes(desk)?);
        let holds = |approval: &&Approval| {
            operators.iter().any(|operator| {
                operator.name == approval.operator
                    && VerifyingKey::from_bytes(&operator.key).is_ok_and(|key| {
                        key.verify_strict(&bytes, &Signature::from_bytes(&approval.signature))
                            .is_ok()
                    })
            })
        };
        let mut names: Vec<String> =
            self.approvals.iter().filter(holds).map(|each| each.operator.clone()).collect();
        names.sort();
        names.dedup();
        Ok(names)
    }
}

impl Proposal {
    /// The operators of the desk who could still approve.
    fn not_approved_by(&self, desk: &mut Desk<'_>) -> anyhow::Result<Vec<String>> {
        let (approved, operators) = (self.approved_by(desk)?, desk.records::<Operator>()?);
        let names = operators.into_iter().map(|operator| operator.name);
        Ok(names.filter(|name| !approved.contains(name)).collect())
    }
}

/// Does it, or proposes it where operators have to approve first.
pub(super) fn act(context: &Context, desk: &mut Desk<'_>, action: Action) -> Outcome {
    act_as_shown(context, desk, action, None)
}

/// The answer, where somebody only looks at what would be done or does not want it.
pub(super) fn consent_to(
    context: &Context,
    words: &str,
    consent: Consent,
) -> anyhow::Result<Option<Answer>> {
    // [CLI-34]
    if consent.dry_run {
        context.output.data(&json!({ "would": words }), |_| words.to_owned())?;
        return Ok(Some(Answer::Yes));
    }
    if !consent.to(context, words, "Do exactly this?")? {
        context.output.say("nothing is changed");
        return Ok(Some(Answer::No));
    }
    Ok(None)
}

/// Does what `words` say or proposes it, once somebody has agreed.
pub(super) fn agreed_to(
    context: &Context,
    desk: &mut Desk<'_>,
    words: &str,
    consent: Consent,
    action: Action,
) -> Outcome {
    match consent_to(context, words, consent)? {
        Some(answer) => Ok(answer),
        None => act(context, desk, action),
    }
}

/// What an action that publishes nothing changes, where somebody has to agree to it.
fn about_to(desk: &Desk<'_>, action: &Action) -> anyhow::Result<Option<String>> {
    // [CLI-34]
    Ok(match action {
        Action::Policy { toml } => Some(policy::about_to(desk, &Policy::from_toml(toml)?)),
        Action::RotateKeys => Some(rotate::about_to(desk)),
        _ => None,
    })
}

/// The same; `preview` is what was shown of it.
pub(super) fn act_as_shown(
    context: &Context,
    desk: &mut Desk<'_>,
    action: Action,
    preview: Option<Preview>,
) -> Outcome {
    // [CLI-11]
    if desk.settings.approvals == 0 {
        return execute(context, desk, &action);
    }
    let known = desk.records::<Proposal>()?;
    let known: Vec<&str> = known.iter().map(|proposal| proposal.id.as_str()).collect();
    let id = Desk::new_id("p", &mut context.rng(), &known);
    let basis = action.basis(desk)?;
    let made = context.now()?;
    let proposal = Proposal { id, made, action, basis, approvals: Vec::new() };
    let event = Event::new("proposed", &proposal.id, json!({ "action": proposal.action }));
    desk.apply(Change::default().put(&proposal).note(event))?;
    show(context, desk, &proposal, preview)
}

#[derive(Serialize)]
struct Shown {
    proposal: String,
    action: Action,
    approved_by: Vec<String>,
    approvals_needed: usize,
    /// Operators who have not approved.
    missing: Vec<String>,
    /// What it would tell whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<Preview>,
    #[serde(skip)]
    shown: String,
}

impl Shown {
    fn new(desk: &mut Desk<'_>, proposal: &Proposal) -> anyhow::Result<Self> {
        Ok(Self {
            proposal: proposal.id.clone(),
            shown: proposal.action.shown(),
            action: proposal.action.clone(),
            missing: proposal.not_approved_by(desk)?,
            approved_by: proposal.approved_by(desk)?,
            approvals_needed: desk.settings.approvals,
            preview: None,
        })
    }

    fn line(&self) -> String {
        clean(&format!(
            "proposal {}: {}; {}",
            self.proposal,
            self.shown,
            progress(&self.approved_by, self.approvals_needed, &self.missing)
        ))
    }
}

/// How many have approved, and who still can.
fn progress(approved: &[String], needed: usize, missing: &[String]) -> String {
    let by =
        if approved.is_empty() { String::new() } else { format!(" ({})", approved.join(", ")) };
    let count = approved.len();
    let rest = match needed.saturating_sub(count) {
        0 => "nobody is missing".to_owned(),
        more => format!("{more} more from {}", missing.join(", ")),
    };
    format!("{count} of {}{by}, {rest}", counted(needed, "approval"))
}

/// A proposal that waits for approvals.
pub(super) struct Pending {
    pub(super) id: String,
    pub(super) shown: String,
    pub(super) progress: String,
}

/// What waits for approvals.
pub(super) fn waiting(desk: &mut Desk<'_>) -> anyhow::Result<Vec<Pending>> {
    let proposals = desk.records::<Proposal>()?;
    let pending = |proposal: &Proposal| {
        let (approved, missing) = (proposal.approved_by(desk)?, proposal.not_approved_by(desk)?);
        let progress = progress(&approved, desk.settings.approvals, &missing);
        Ok(Pending { id: proposal.id.clone(), shown: proposal.action.shown(), progress })
    };
    proposals.iter().map(pending).collect()
}

fn show(
    context: &Context,
    desk: &mut Desk<'_>,
    proposal: &Proposal,
    preview: Option<Preview>,
) -> Outcome {
    let shown = Shown { preview, ..Shown::new(desk, proposal)? };
    context.output.done(&shown, Shown::line)?;
    context.output.say(format!(
        "nothing is done yet: `noren authority approve {} --key FILE` adds an operator's approval",
        proposal.id
    ));
    Ok(Answer::Yes)
}

pub(super) fn approve(context: &Context, arguments: &Approve) -> Outcome {
    let mut desk = Desk::open(context)?;
    desk.resume()?;
    let name = &arguments.proposal;
    let found = desk.records::<Proposal>()?.into_iter().find(|proposal| proposal.id == *name);
    let mut proposal = found.with_context(|| {
        format!("there is no proposal {}; `operator list` shows them", clean(name))
    })?;
    let (operator, signature) = sign(&mut desk, &proposal, &arguments.key)?;
    if arguments.drop {
        let event = Event::new("proposal-dropped", &proposal.id, json!({ "by": operator }));
        desk.apply(Change::default().remove(&proposal).note(event))?;
        context.output.say(format!("proposal {} is dropped", proposal.id));
        return Ok(Answer::Yes);
    }
    ensure!(
        proposal.action.basis(&mut desk)? == proposal.basis,
        "what proposal {0} was made for has changed since: drop it (`noren authority approve {0} --drop --key FILE`), look again, and propose anew",
        proposal.id
    );
    let approved = proposal.approved_by(&mut desk)?;
    // [CLI-34] Where there are enough, an earlier command was cut off before it did what they want.
    if approved.contains(&operator)
        && approved.len() < desk.settings.approvals
        && !arguments.consent.dry_run
    {
        show(context, &mut desk, &proposal, None)?;
        context.output.say(format!(
            "{} has approved this already; another operator's key is needed",
            clean(&operator)
        ));
        return Ok(Answer::No);
    }
    // [CLI-17] [CLI-34] Whoever approves sees what whoever proposed it saw.
    let preview = publish::preview(context, &desk, &proposal.action)?;
    let words = match &preview {
        Some(preview) => Some(preview.lines()),
        None => about_to(&desk, &proposal.action)?,
    };
    if arguments.consent.dry_run {
        let shown = Shown { preview, ..Shown::new(&mut desk, &proposal)? };
        let words = words.map(|words| format!("\n{words}")).unwrap_or_default();
        context.output.data(&shown, |shown| shown.line() + &words)?;
        return Ok(Answer::Yes);
    }
    if let Some(words) = &words
        && !arguments.consent.to(context, words, "Approve exactly this?")?
    {
        context.output.say("nothing is approved");
        return Ok(Answer::No);
    }
    proposal.approvals.retain(|approval| approval.operator != operator);
    let event = Event::new("approved", &proposal.id, json!({ "by": operator }));
    proposal.approvals.push(Approval { operator, signature });
    desk.apply(Change::default().put(&proposal).note(event))?;
    if proposal.approved_by(&mut desk)?.len() < desk.settings.approvals {
        return show(context, &mut desk, &proposal, preview);
    }
    let outcome = execute(context, &mut desk, &proposal.action)?;
    desk.apply(Change::default().remove(&proposal))?;
    Ok(outcome)
}

fn sign(
    desk: &mut Desk<'_>,
    proposal: &Proposal,
    file: &Path,
) -> anyhow::Result<(String, [u8; 64])> {
    let bytes = files::read_input(file, "--key")?;
    let key = key_of(&bytes).ok_or_else(|| {
        let reason = anyhow::anyhow!("it has 64 hexadecimal digits");
        inspect::misplaced(
            "an operator's key",
            "this is no operator's key",
            Some(file),
            &bytes,
            reason,
        )
    })?;
    let operators = desk.records::<Operator>()?;
    let operator =
        operators.into_iter().find(|operator| operator.key == key.verifying_key().to_bytes());
    let operator = operator.context(
        "this key is not on the list of this desk's operators; `operator list` shows them",
    )?;
    Ok((operator.name, key.sign(&proposal.signed_bytes(desk)?).to_bytes()))
}

/// The key in an operator's file.
fn key_of(bytes: &[u8]) -> Option<SigningKey> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let seed = Zeroizing::new(hex::decode(text).ok()?);
    let seed: Zeroizing<[u8; 32]> = Zeroizing::new(seed.as_slice().try_into().ok()?);
    Some(SigningKey::from_bytes(&seed))
}

fn execute(context: &Context, desk: &mut Desk<'_>, action: &Action) -> Outcome {
    match action {
        Action::Publish { .. } | Action::Withdraw { .. } => publish::execute(context, desk, action),
        Action::Operators { approvals, operators } => settle(context, desk, *approvals, operators),
        Action::Policy { toml } => policy::execute(context, desk, toml),
        Action::Profile { name, url } => {
            profile::execute(context, desk, name.as_deref(), url.as_deref())
        }
        Action::RotateKeys => rotate::execute(context, desk),
        Action::EnablePatient => enable::execute(context, desk),
    }
}

fn settle(
    context: &Context,
    desk: &mut Desk<'_>,
    approvals: usize,
    operators: &[Operator],
) -> Outcome {
    let mut change = Change::default();
    for gone in desk.records::<Operator>()?.iter().filter(|each| !operators.contains(each)) {
        change = change.remove(gone);
    }
    for operator in operators {
        change = change.put(operator);
    }
    desk.settings.approvals = approvals;
    let names: Vec<_> =
        operators.iter().map(|each| format!("{} ({})", each.name, each.fingerprint())).collect();
    let event =
        Event::new("operators", "desk", json!({ "approvals": approvals, "operators": names }));
    desk.apply(change.put(&desk.settings.clone()).note(event))?;
    context.output.done(&json!({ "operators": names, "approvals_needed": approvals }), |_| {
        clean(&format!("operators: {}; approvals needed: {approvals}", names.join(", ")))
    })?;
    Ok(Answer::Yes)
}

pub(super) fn run(context: &Context, command: &Command) -> Outcome {
    let mut desk = Desk::open(context)?;
    let mut operators = desk.records::<Operator>()?;
    let mut approvals = desk.settings.approvals;
    match command {
        Command::List => return list(context, &mut desk, &operators),
        Command::Add { name, out } => {
            let name = operator_name(name)?;
            let same = |operator: &&Operator| folded(&operator.name) == folded(&name);
            if let Some(known) = operators.iter().find(same) {
                bail!("there is an operator {} already", clean(&known.name));
            }
            operators.push(new_operator(context, name, out, &operators)?);
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
    act(context, &mut desk, Action::Operators { approvals, operators })
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

fn new_operator(
    context: &Context,
    name: String,
    out: &Path,
    known: &[Operator],
) -> anyhow::Result<Operator> {
    // [CLI-23] A command that was cut off has made the key, and nobody has it on the list.
    if let Some(key) = files::read(out)?.as_deref().and_then(|bytes| key_of(bytes)) {
        let key = key.verifying_key().to_bytes();
        if known.iter().all(|operator| operator.key != key) {
            context.output.say(format!("the key in {} is taken; it was there", clean_path(out)));
            return Ok(Operator { name, key });
        }
    }
    let mut seed = Zeroizing::new([0; 32]);
    rand_core::Rng::fill_bytes(&mut context.rng(), seed.as_mut_slice());
    let text = Zeroizing::new(format!("{}\n", hex::encode(seed.as_slice())));
    // [CLI-2]
    files::create_secret(out, text.as_bytes())?;
    Ok(Operator { name, key: SigningKey::from_bytes(&seed).verifying_key().to_bytes() })
}

fn list(context: &Context, desk: &mut Desk<'_>, operators: &[Operator]) -> Outcome {
    #[derive(Serialize)]
    struct List<'a> {
        operators: Vec<&'a str>,
        approvals_needed: usize,
        proposals: Vec<Shown>,
    }
    let proposals = desk.records::<Proposal>()?;
    let proposals: Vec<Shown> =
        proposals.iter().map(|each| Shown::new(desk, each)).collect::<anyhow::Result<_>>()?;
    let list = List {
        operators: operators.iter().map(|operator| operator.name.as_str()).collect(),
        approvals_needed: desk.settings.approvals,
        proposals,
    };
    context.output.data(&list, |list| {
        let names = list.operators.join(", ");
        let first =
            format!("operators: {}; approvals needed: {}", clean(&names), list.approvals_needed);
        let lines = list.proposals.iter().map(Shown::line);
        std::iter::once(first).chain(lines).collect::<Vec<_>>().join("\n")
    })?;
    Ok(Answer::Yes)
}
