//! A proposal that waits for approvals.

use serde::Serialize;

use super::preview::ShownPreview;
use crate::context::Context;
use crate::desk::{ProposalState, Resolution};
use crate::outcome::{Answer, Outcome};
use crate::text::clean;

#[derive(Serialize)]
pub(in crate::authority) struct ShownProposal {
    proposal: String,
    action: Resolution,
    approved_by: Vec<String>,
    approvals_needed: usize,
    /// Operators who have not approved.
    missing: Vec<String>,
    /// Whether what it was made for has changed since.
    void: bool,
    /// What it would tell whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<ShownPreview>,
    #[serde(skip)]
    shown: String,
    #[serde(skip)]
    progress: String,
}

impl ShownProposal {
    pub(in crate::authority) fn new(state: ProposalState, preview: Option<ShownPreview>) -> Self {
        Self {
            shown: state.proposal.resolution.shown(),
            progress: state.progress(),
            proposal: state.proposal.id,
            action: state.proposal.resolution,
            missing: state.missing,
            void: state.is_void,
            approved_by: state.approved_by,
            approvals_needed: state.approvals_needed,
            preview,
        }
    }

    pub(in crate::authority) fn line(&self) -> String {
        clean(&format!("proposal {}: {}; {}", self.proposal, self.shown, self.progress))
    }
}

/// Shows that a proposal waits for approvals.
pub(in crate::authority) fn show(
    context: &Context,
    state: ProposalState,
    preview: Option<ShownPreview>,
) -> Outcome {
    let shown = ShownProposal::new(state, preview);
    context.output.done(&shown, ShownProposal::line)?;
    context.output.say(format!(
        "nothing is done yet: `noren authority approve {} --key FILE` adds an operator's approval",
        shown.proposal
    ));
    Ok(Answer::Yes)
}
