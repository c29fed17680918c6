//! What a publication is going to tell whom, before anybody is told: made from the very entries.

use std::collections::BTreeSet;
use std::rc::Rc;

use anyhow::Context as _;
use noren::authority::{Finding, Review, covered_count};
use noren::messages::{Level, Notice, NoticeDetails};
use noren::time::{Day, Hour, UnixSeconds, Window};

use super::Desk;
use super::batch::{Batch, ids};
use super::case_file::{CaseFile, Publication, Status};
use super::evaluation::decide_again;
use super::release;
use super::release_times::{next, waits};
use super::resolution::Resolution;
use super::review::differences;
use super::standing::Said;

/// What is going to be told to whom.
pub(crate) struct Preview {
    pub(crate) notices: Vec<Told>,
    /// Entries that carry a notice.
    pub(crate) entries: usize,
    /// Entries that fill the batch up and tell nobody anything.
    pub(crate) cover: usize,
    /// The release time for which it waits; absent where it goes out at once.
    pub(crate) waits_for: Option<UnixSeconds>,
    /// What shows everybody that there is a case, where something does.
    pub(crate) shows: Option<Shows>,
    /// Cases for which nothing goes out after all.
    pub(crate) taken_out: Vec<String>,
}

/// By what a publication shows that there is a case.
#[derive(Clone, Copy)]
pub(crate) enum Shows {
    /// By its time, outside of the release times.
    Time,
    /// By the size of the release.
    Size,
}

/// What those are told who were at one venue in some of its hours.
pub(crate) struct Told {
    /// The case as it is afterwards.
    pub(crate) case: CaseFile,
    /// What the venue handed in.
    pub(crate) review: Rc<Review>,
    pub(crate) notice: Notice,
    pub(crate) details: NoticeDetails,
    /// When it was dangerous.
    pub(crate) window: Window,
    /// The hours that carry it.
    pub(crate) hours: BTreeSet<Hour>,
    /// What the policy says of the reports that stand now, where reports opened the case.
    pub(crate) reports: Option<Finding>,
    /// What stands for the case until now.
    pub(crate) instead_of: Option<Publication>,
    /// Whether the last notice of the case was withdrawn.
    pub(crate) was_withdrawn: bool,
    /// What people have to look at: the venue claims something else than was asked.
    pub(crate) differences: Vec<&'static str>,
    /// What those are told who were told before, and were not there at this time.
    pub(crate) taken_back: Option<Notice>,
}

impl Preview {
    /// What a batch tells, which is published by this resolution.
    pub(super) fn new(
        desk: &Desk<'_>,
        batch: &Batch,
        resolution: &Resolution,
    ) -> anyhow::Result<Self> {
        // [CLI-17]
        let mut notices = Vec::new();
        for (case, said) in batch.cases.iter().zip(&batch.said) {
            for same in alike(said) {
                notices.push(Told::new(desk, case, &same)?);
            }
        }
        let traces = batch.traces(desk)?;
        let (cover, today) = (desk.policy()?.cover(), Day::containing(desk.now()?));
        let patient_key = desk.keys.patient_key();
        let count = |traces: &[_]| covered_count(traces, cover, today, patient_key);
        let all = if traces.is_empty() { 0 } else { count(&traces) };
        let waits = waits(desk, resolution)? && !traces.is_empty();
        let next = next(desk)?;
        let shows = match next {
            // [CLI-35]
            Some(_) if !waits && !traces.is_empty() => Some(Shows::Time),
            Some(_) if waits => {
                let waiting = release::entries(desk, batch)?;
                (count(&waiting) > count(&[])).then_some(Shows::Size)
            }
            _ => None,
        };
        Ok(Self {
            notices,
            entries: traces.len(),
            cover: all - traces.len(),
            waits_for: next.filter(|_| waits),
            shows,
            taken_out: ids(&batch.taken_out),
        })
    }
}

/// The hours that say the same, together.
fn alike(said: &[Said]) -> Vec<Vec<&Said>> {
    let mut groups: Vec<Vec<&Said>> = Vec::new();
    for each in said {
        match groups.iter_mut().find(|group| group.iter().any(|one| one.notice == each.notice)) {
            Some(group) => group.push(each),
            None => groups.push(vec![each]),
        }
    }
    groups
}

impl Told {
    fn new(desk: &Desk<'_>, case: &CaseFile, said: &[&Said]) -> anyhow::Result<Self> {
        let first = said.first().context("no hour carries a notice")?;
        let (notice, review) = (&first.notice, &first.review);
        let window = notice.window.unwrap_or(review.window);
        let details = notice.details.context("the notice has no level")?;
        let hours: BTreeSet<Hour> =
            said.iter().flat_map(|each| each.keys().map(|key| key.hour())).collect();
        let before = desk.case(&case.id)?;
        let was_withdrawn = before.status == Status::Withdrawn;
        let earlier = before.published;
        let left_out = earlier.as_ref().map(|earlier| earlier.window);
        let left_out = left_out
            .filter(|earlier| details.level != Level::Withdrawn && !window.contains(*earlier));
        // [PUB-2] Their devices take it back by themselves.
        let taken_back = left_out.map(|earlier| {
            let details = Some(NoticeDetails { level: Level::Withdrawn, ..details });
            Notice { window: Some(earlier), message: String::new(), details }
        });
        Ok(Self {
            case: case.clone(),
            review: Rc::clone(review),
            notice: notice.clone(),
            details,
            window,
            hours,
            reports: match details.level {
                Level::Withdrawn => None,
                _ => decide_again(desk, case)?,
            },
            instead_of: earlier,
            was_withdrawn,
            differences: match details.level {
                Level::Withdrawn => Vec::new(),
                // What stands is another case's.
                _ if case.published.is_none() || !first.is_own => Vec::new(),
                _ => differences(case, review),
            },
            taken_back,
        })
    }
}
