//! What is published together: what each hour is going to say, and what the cases become by it.

use anyhow::Context as _;
use noren::authority::publish::Trace;

use crate::authority::approvals::{Action, CaseNotice};
use crate::authority::desk::{CaseFile, Desk, Publication, Status};
use crate::authority::review::review_case;
use crate::authority::standing::{self, Said};
use crate::context::Context;

/// What is published together.
pub(super) struct Batch {
    /// The cases as they are afterwards.
    pub(super) cases: Vec<CaseFile>,
    /// What is said for their hours, in the same order.
    pub(super) said: Vec<Vec<Said>>,
}

/// Why nothing is published: an upload that fails review.
pub(super) struct Refusal {
    pub(super) case: CaseFile,
    pub(super) reason: String,
}

impl Batch {
    /// What an action publishes; nothing where it is about something else.
    pub(super) fn of(desk: &Desk<'_>, action: &Action) -> anyhow::Result<Result<Self, Refusal>> {
        match action {
            Action::Publish { notices } => Self::publish(desk, notices),
            Action::Withdraw { case } => Self::withdraw(desk, desk.case(case)?),
            _ => Ok(Ok(Self { cases: Vec::new(), said: Vec::new() })),
        }
    }

    /// Each notice for its hours, and for hours that an earlier one of the case warned of.
    fn publish(desk: &Desk<'_>, notices: &[CaseNotice]) -> anyhow::Result<Result<Self, Refusal>> {
        standing::check(desk, notices)?;
        let mut batch = Self { cases: Vec::new(), said: Vec::new() };
        let after = |case: &CaseFile| standing::after(case, notices).cloned();
        for CaseNotice { case, notice } in notices {
            let mut case = desk.case(case)?;
            let review = match review_case(desk, &case)? {
                Ok(review) => review,
                Err(reason) => return Ok(Err(Refusal { case, reason })),
            };
            let earlier = case.published.iter().flat_map(|each: &Publication| &each.hours);
            let hours = notice.hours.iter().chain(earlier).copied().collect();
            batch.said.push(standing::said(desk, (&case, review, notice), hours, after)?);
            case.status = Status::Published;
            case.published = Some(notice.clone());
            batch.cases.push(case);
        }
        Ok(Ok(batch))
    }

    fn withdraw(desk: &Desk<'_>, mut case: CaseFile) -> anyhow::Result<Result<Self, Refusal>> {
        let earlier = case.published.take().context("nothing is published for this case")?;
        let review = review_case(desk, &case)?.map_err(anyhow::Error::msg);
        let review = review.context("the stored upload is damaged")?;
        let hours = earlier.hours.iter().copied().collect();
        let after = |other: &CaseFile| other.published.clone().filter(|_| other.id != case.id);
        let said = standing::said(desk, (&case, review, &earlier), hours, after)?;
        case.status = Status::Withdrawn;
        Ok(Ok(Self { cases: vec![case], said: vec![said] }))
    }

    /// The entries that say it.
    pub(super) fn traces(&self, context: &Context) -> anyhow::Result<Vec<Trace>> {
        let mut traces = Vec::new();
        for said in self.said.iter().flatten() {
            traces.extend(said.traces(context)?);
        }
        Ok(traces)
    }
}
