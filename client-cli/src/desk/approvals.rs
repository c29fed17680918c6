//! Approvals: where the desk asks for it, a resolution needs the keys of several operators.

use std::fmt;

use anyhow::{Context as _, ensure};
use noren::keys::{SignPublicKey, SignSecretKey};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::domain;
use super::event::Event;
use super::journal::Entry;
use super::preview::Preview;
use super::resolution::{Approval, Operator, Proposal, Resolution};
use super::review::review_case;
use super::store::Change;
use super::{Desk, policy, rotate};
use crate::text::{clean, counted};

/// The beginning of the public half of an operator's key.
const PUBLIC_HALF: &str = "noren-operator+";

/// The secret key of an operator.
pub(crate) struct OperatorKey(SignSecretKey);

impl OperatorKey {
    /// The key in an operator's file; `None` where it is none.
    pub(crate) fn from_file(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?.trim();
        let seed = Zeroizing::new(hex::decode(text).ok()?);
        let seed: Zeroizing<[u8; 32]> = Zeroizing::new(seed.as_slice().try_into().ok()?);
        Some(Self(SignSecretKey::from_bytes(&seed)))
    }

    /// A new key.
    pub(crate) fn generate(mut rng: &mut dyn rand_core::CryptoRng) -> Self {
        Self(SignSecretKey::generate(&mut rng))
    }

    /// The text of the operator's file.
    pub(crate) fn to_file(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{}\n", hex::encode(self.0.to_bytes().as_slice())))
    }

    /// The public half, as an operator hands it in.
    pub(crate) fn public_half(&self) -> PublicHalf {
        PublicHalf(self.0.public_key())
    }

    /// Whether it is the key of this operator.
    fn is_of(&self, operator: &Operator) -> bool {
        self.public_half().is_of(operator)
    }
}

/// The public half of an operator's key: `noren-operator+<4 bytes of its SHA-256>+<32 bytes>` in
/// hexadecimal digits.
#[derive(Clone, Copy)]
pub(crate) struct PublicHalf(SignPublicKey);

impl PublicHalf {
    /// Reads what an operator handed in; `None` where it is none, or mistyped.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        // [CLI-53]
        let digits = text.trim().strip_prefix(PUBLIC_HALF)?.split_once('+')?.1;
        let bytes: [u8; 32] = hex::decode(digits).ok()?.try_into().ok()?;
        let half = Self(SignPublicKey::from_bytes(&bytes)?);
        (half.to_string() == text.trim()).then_some(half)
    }

    /// The operator who has the key.
    pub(crate) fn operator(self, name: String) -> Operator {
        Operator { name, key: *self.0.as_bytes() }
    }

    /// Whether it is that of this operator.
    pub(crate) fn is_of(self, operator: &Operator) -> bool {
        operator.key == *self.0.as_bytes()
    }
}

impl fmt::Display for PublicHalf {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digest: String =
            hex::encode(Sha256::digest(self.0.as_bytes())).chars().take(8).collect();
        write!(formatter, "{PUBLIC_HALF}{digest}+{}", hex::encode(self.0.as_bytes()))
    }
}

/// Where a proposal stands.
pub(crate) struct ProposalState {
    pub(crate) proposal: Proposal,
    pub(crate) approved_by: Vec<String>,
    pub(crate) approvals_needed: usize,
    /// Operators who have not approved.
    pub(crate) missing: Vec<String>,
    /// Whether what it was made for has changed since: then it can only be rejected.
    pub(crate) is_void: bool,
}

/// A proposal, and the operator who is about to approve it.
pub(crate) struct Look {
    pub(crate) state: ProposalState,
    /// The operator whose key it is.
    pub(crate) operator: String,
    /// Whether this operator has approved already, and somebody else has to.
    pub(crate) needs_another: bool,
}

/// What whoever proposed a resolution saw of it.
pub(crate) enum Subject {
    /// What it tells whom.
    Preview(Preview),
    /// What it changes, in words.
    Words(String),
    /// Nothing but the resolution.
    Itself,
}

impl ProposalState {
    /// How many have approved, and who still can.
    pub(crate) fn progress(&self) -> String {
        if self.is_void {
            return "what it was made for has changed since, and nobody can approve it: reject it, look \
                    again, and propose anew"
                .to_owned();
        }
        let Self { approved_by: approved, approvals_needed: needed, missing, .. } = self;
        let by =
            if approved.is_empty() { String::new() } else { format!(" ({})", approved.join(", ")) };
        let count = approved.len();
        let rest = match needed.saturating_sub(count) {
            0 => "nobody is missing".to_owned(),
            more => format!("{more} more from {}", missing.join(", ")),
        };
        format!("{count} of {}{by}, {rest}", counted(*needed, "approval"))
    }
}

impl Desk<'_> {
    /// Those whose approval counts.
    pub(crate) fn operators(&mut self) -> anyhow::Result<Vec<Operator>> {
        self.records()
    }

    /// What waits for approvals.
    pub(crate) fn proposals(&mut self) -> anyhow::Result<Vec<ProposalState>> {
        let proposals = self.records::<Proposal>()?;
        proposals.into_iter().map(|proposal| state(self, proposal)).collect()
    }

    /// The proposal of this id.
    pub(crate) fn proposal(&mut self, id: &str) -> anyhow::Result<Proposal> {
        let found = self.records::<Proposal>()?.into_iter().find(|proposal| proposal.id == *id);
        found.with_context(|| {
            format!("there is no proposal {}; `operator list` shows them", clean(id))
        })
    }

    /// A proposal as the operator with this key finds it; refused where what it was made for has
    /// changed since.
    pub(crate) fn look_at_proposal(&mut self, id: &str, key: &OperatorKey) -> anyhow::Result<Look> {
        let proposal = self.proposal(id)?;
        let (operator, _) = sign(self, &proposal, key)?;
        check_basis(self, &proposal)?;
        let state = state(self, proposal)?;
        // [CLI-34] Where there are enough, what they want was cut off before it was done.
        let needs_another = state.approved_by.contains(&operator)
            && state.approved_by.len() < self.settings.approvals;
        Ok(Look { state, operator, needs_another })
    }

    /// What whoever proposed a resolution saw of it, for whoever approves it.
    pub(crate) fn subject_of(&self, resolution: &Resolution) -> anyhow::Result<Subject> {
        // [CLI-17] [CLI-34]
        Ok(match self.preview(resolution)? {
            Some(preview) => Subject::Preview(preview),
            None => self.about_to(resolution)?.map_or(Subject::Itself, Subject::Words),
        })
    }

    /// What a resolution that publishes nothing changes, where somebody has to agree to it.
    pub(crate) fn about_to(&self, resolution: &Resolution) -> anyhow::Result<Option<String>> {
        // [CLI-34]
        Ok(match resolution {
            Resolution::Policy { toml } => Some(policy::about_to(self, toml)?),
            Resolution::RotateKeys => Some(rotate::about_to(self)),
            _ => None,
        })
    }
}

/// Notes a resolution, which waits for approvals.
pub(super) fn propose(
    desk: &mut Desk<'_>,
    resolution: Resolution,
) -> anyhow::Result<ProposalState> {
    // [CLI-11]
    let known = desk.records::<Proposal>()?;
    let known: Vec<&str> = known.iter().map(|proposal| proposal.id.as_str()).collect();
    let id = Desk::new_id("p", &mut desk.rng(), &known);
    let (basis, made) = (basis(desk, &resolution)?, desk.now()?);
    let proposal = Proposal { id, made, resolution, basis, approvals: Vec::new() };
    let event = Event::Proposed.about(&proposal.id, json!({ "action": proposal.resolution }));
    desk.apply(Change::default().put(&proposal).note(event))?;
    state(desk, proposal)
}

/// Adds an operator's approval. The state, and whether there are enough.
pub(super) fn approve(
    desk: &mut Desk<'_>,
    id: &str,
    key: &OperatorKey,
) -> anyhow::Result<(ProposalState, bool)> {
    let mut proposal = desk.proposal(id)?;
    let (operator, signature) = sign(desk, &proposal, key)?;
    check_basis(desk, &proposal)?;
    proposal.approvals.retain(|approval| approval.operator != operator);
    let event = Event::Approved.about(&proposal.id, json!({ "by": operator }));
    proposal.approvals.push(Approval { operator, signature });
    desk.apply(Change::default().put(&proposal).note(event))?;
    let state = state(desk, proposal)?;
    let enough = state.approved_by.len() >= desk.settings.approvals;
    Ok((state, enough))
}

/// Forgets a proposal that is done.
pub(super) fn forget(desk: &mut Desk<'_>, proposal: &Proposal) -> anyhow::Result<()> {
    desk.apply(Change::default().remove(proposal))
}

/// Rejects a proposal, as an operator wants.
pub(super) fn reject_proposal(
    desk: &mut Desk<'_>,
    id: &str,
    key: &OperatorKey,
) -> anyhow::Result<String> {
    let proposal = desk.proposal(id)?;
    let (operator, _) = sign(desk, &proposal, key)?;
    let event = Event::ProposalRejected.about(&proposal.id, json!({ "by": operator }));
    desk.apply(Change::default().remove(&proposal).note(event))?;
    Ok(proposal.id)
}

/// Settles who approves from now on, and how many have to. Their names, and which keys they have.
pub(super) fn settle(
    desk: &mut Desk<'_>,
    approvals: usize,
    operators: &[Operator],
) -> anyhow::Result<Vec<String>> {
    let mut change = Change::default();
    for gone in desk.records::<Operator>()?.iter().filter(|each| !operators.contains(each)) {
        change = change.remove(gone);
    }
    for operator in operators {
        change = change.put(operator);
    }
    desk.settings.approvals = approvals;
    let names: Vec<_> = operators.iter().map(Operator::shown).collect();
    let details = json!({ "approvals": approvals, "operators": names });
    let event = Event::Operators.about("desk", details);
    desk.apply(change.put(&desk.settings.clone()).note(event))?;
    Ok(names)
}

fn state(desk: &mut Desk<'_>, proposal: Proposal) -> anyhow::Result<ProposalState> {
    let approved_by = approved_by(desk, &proposal)?;
    let names = desk.records::<Operator>()?.into_iter().map(|operator| operator.name);
    let missing = names.filter(|name| !approved_by.contains(name)).collect();
    let is_void = check_basis(desk, &proposal).is_err();
    let approvals_needed = desk.settings.approvals;
    Ok(ProposalState { proposal, approved_by, approvals_needed, missing, is_void })
}

fn check_basis(desk: &mut Desk<'_>, proposal: &Proposal) -> anyhow::Result<()> {
    ensure!(
        basis(desk, &proposal.resolution)? == proposal.basis,
        "what proposal {0} was made for has changed since: reject it (`noren authority approve {0} --reject --key FILE`), look again, and propose anew",
        proposal.id
    );
    Ok(())
}

/// The digest of what a resolution starts from: the policy, who approves, the profile, and the venue's
/// code, window and notice of each case that it is about.
fn basis(desk: &mut Desk<'_>, resolution: &Resolution) -> anyhow::Result<[u8; 32]> {
    // [CLI-11]
    let cases = match resolution {
        Resolution::Publish { notices, .. } => {
            notices.iter().map(|each| basis_of_case(desk, &each.case)).collect()
        }
        Resolution::Withdraw { case, .. } => basis_of_case(desk, case).map(|case| vec![case]),
        Resolution::Operators { .. }
        | Resolution::Policy { .. }
        | Resolution::Profile { .. }
        | Resolution::RotateKeys
        | Resolution::EnablePatient => Ok(Vec::new()),
    };
    let policy = hex::encode(desk.policy()?.digest());
    let who = json!([desk.settings.approvals, desk.records::<Operator>()?]);
    let profile = hex::encode(desk.profile.as_bytes());
    let basis = json!([policy, who, profile, cases?]);
    Ok(Sha256::digest(serde_json::to_vec(&basis)?).into())
}

/// The venue's code and window, the reports that opened the case and still stand, and how often its
/// notice was changed.
fn basis_of_case(desk: &mut Desk<'_>, name: &str) -> anyhow::Result<serde_json::Value> {
    let case = desk.case(name)?;
    let review = review_case(desk, &case)?.map_err(|reason| anyhow::anyhow!(reason))?;
    let code = hex::encode(Sha256::digest(review.entry_code.as_bytes()));
    let changes = |entry: &&Entry| {
        entry.subject == case.id && entry.event().is_some_and(Event::changes_notice)
    };
    let changes = desk.journal()?.iter().filter(changes).count();
    let counted = case.decision.iter().flat_map(|decision| &decision.reports);
    let stands = |id: &&String| desk.reports().iter().any(|report| report.id == **id);
    let standing: Vec<_> = counted.filter(stands).collect();
    Ok(json!([case.id, code, review.window, standing, changes]))
}

/// What an operator signs: this very proposal, of this desk.
fn signed_bytes(desk: &Desk<'_>, proposal: &Proposal) -> anyhow::Result<Vec<u8>> {
    let fingerprint = desk.profile.profile().fingerprint();
    let Proposal { id, made, resolution, basis, .. } = proposal;
    let body = serde_json::to_vec(&(id, made, resolution, hex::encode(basis)))?;
    Ok([domain::APPROVAL, fingerprint.as_bytes(), &body].concat())
}

/// The operators of the desk whose signatures hold.
fn approved_by(desk: &mut Desk<'_>, proposal: &Proposal) -> anyhow::Result<Vec<String>> {
    // [CLI-11]
    let (operators, bytes) = (desk.records::<Operator>()?, signed_bytes(desk, proposal)?);
    let holds = |approval: &&Approval| {
        operators.iter().any(|operator| {
            operator.name == approval.operator
                && SignPublicKey::from_bytes(&operator.key)
                    .is_some_and(|key| key.has_signed(&bytes, &approval.signature))
        })
    };
    let mut names: Vec<String> =
        proposal.approvals.iter().filter(holds).map(|each| each.operator.clone()).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

fn sign(
    desk: &mut Desk<'_>,
    proposal: &Proposal,
    key: &OperatorKey,
) -> anyhow::Result<(String, [u8; 64])> {
    let operators = desk.records::<Operator>()?;
    let operator = operators.into_iter().find(|operator| key.is_of(operator));
    let operator = operator.context(
        "this key is not on the list of this desk's operators; `operator list` shows them",
    )?;
    Ok((operator.name, key.0.sign(&signed_bytes(desk, proposal)?)))
}
