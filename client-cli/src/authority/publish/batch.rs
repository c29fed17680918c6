//! What is published together: what each hour is going to say, and what the cases become by it.

use anyhow::{Context as _, bail};
use noren::authority::Trace;

use crate::authority::approvals::{Action, CaseNotice};
use crate::authority::desk::{CaseFile, Desk, Publication, Status};
use crate::authority::release;
use crate::authority::review::review_case;
use crate::authority::standing::{self, Said};
use crate::context::Context;

/// What is published together.
pub(in crate::authority) struct Batch {
    /// The cases as they are afterwards.
    pub(in crate::authority) cases: Vec<CaseFile>,
    /// What is said for their hours, in the same order.
    pub(in crate::authority) said: Vec<Vec<Said>>,
    /// Cases for which nothing is to be said after all: what waited for them is taken out.
    pub(in crate::authority) taken_out: Vec<CaseFile>,
}

/// Why nothing is published: an upload that fails review.
pub(in crate::authority) struct Refusal {
    pub(in crate::authority) case: CaseFile,
    pub(in crate::authority) reason: String,
}

/// What a case is to have: a notice, or none in place of the one that stands.
pub(in crate::authority) struct Wanted {
    pub(in crate::authority) case: String,
    pub(in crate::authority) notice: Option<Publication>,
}

/// What other cases have, when it is looked at: what is published, or what is going to be.
type Others = fn(&CaseFile) -> Option<&Publication>;

impl Batch {
    /// What an action publishes, now or at the next release; nothing where it is about something
    /// else.
    pub(super) fn of(desk: &Desk<'_>, action: &Action) -> anyhow::Result<Result<Self, Refusal>> {
        let wanted = match action {
            Action::Publish { notices, .. } => notices.iter().map(Wanted::from).collect(),
            Action::Withdraw { case, .. } => {
                vec![Wanted { case: desk.case(case)?.id, notice: None }]
            }
            _ => Vec::new(),
        };
        // [PUB-6] What goes out now also has to agree with what waits, and stands later.
        Self::check(desk, &wanted, CaseFile::coming)?;
        let waits = release::waits(desk, action)?;
        Self::made(desk, &wanted, if waits { CaseFile::coming } else { of_now })
    }

    /// What waits for a release, as one batch.
    pub(in crate::authority) fn of_release(
        desk: &Desk<'_>,
        wanted: &[Wanted],
    ) -> anyhow::Result<Result<Self, Refusal>> {
        Self::made(desk, wanted, of_now)
    }

    fn check(desk: &Desk<'_>, wanted: &[Wanted], others: Others) -> anyhow::Result<()> {
        let new = |each: &'_ Wanted| Some((each.case.clone(), each.notice.clone()?));
        let new: Vec<(String, Publication)> = wanted.iter().filter_map(new).collect();
        let new: Vec<(&str, &Publication)> =
            new.iter().map(|(case, notice)| (case.as_str(), notice)).collect();
        standing::check(desk, &new, |case| after(case, wanted, others))
    }

    /// Each notice for its hours, and for hours that an earlier one of the case warned of.
    fn made(
        desk: &Desk<'_>,
        wanted: &[Wanted],
        others: Others,
    ) -> anyhow::Result<Result<Self, Refusal>> {
        Self::check(desk, wanted, others)?;
        let mut batch = Self { cases: Vec::new(), said: Vec::new(), taken_out: Vec::new() };
        for Wanted { case, notice } in wanted {
            let mut case = desk.case(case)?;
            if case.released.is_some() && case.published == *notice {
                case.released = None;
                batch.taken_out.push(case);
                continue;
            }
            let earlier = case.published.take();
            let own = notice.as_ref().or(earlier.as_ref());
            let own = own.context("nothing is published for this case")?;
            let review = match (review_case(desk, &case)?, notice) {
                (Ok(review), _) => review,
                (Err(reason), Some(_)) => return Ok(Err(Refusal { case, reason })),
                (Err(reason), None) => bail!("the stored upload is damaged: {reason}"),
            };
            let hours = [notice.as_ref(), earlier.as_ref()].into_iter().flatten();
            let hours = hours.flat_map(|each| each.hours.iter().copied()).collect();
            let after = |case| after(case, wanted, others);
            batch.said.push(standing::said(desk, (&case, review, own), hours, after)?);
            case.status = if notice.is_some() { Status::Published } else { Status::Withdrawn };
            case.published.clone_from(notice);
            case.released = None;
            batch.cases.push(case);
        }
        Ok(Ok(batch))
    }

    /// The entries that say it.
    pub(in crate::authority) fn traces(&self, context: &Context) -> anyhow::Result<Vec<Trace>> {
        let mut traces = Vec::new();
        for said in self.said.iter().flatten() {
            traces.extend(said.traces(context)?);
        }
        Ok(traces)
    }
}

fn of_now(case: &CaseFile) -> Option<&Publication> {
    case.published.as_ref()
}

/// The notice that a case has once these are published.
fn after<'d>(case: &'d CaseFile, wanted: &'d [Wanted], others: Others) -> Option<&'d Publication> {
    match wanted.iter().find(|each| each.case == case.id) {
        Some(new) => new.notice.as_ref(),
        None => others(case),
    }
}

impl From<&CaseNotice> for Wanted {
    fn from(CaseNotice { case, notice }: &CaseNotice) -> Self {
        Self { case: case.clone(), notice: Some(notice.clone()) }
    }
}
