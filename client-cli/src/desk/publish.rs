//! Publication: notices go out, are corrected, raised, withdrawn; the log is kept fresh.

use anyhow::{bail, ensure};
use noren::authority::{Finding, Review, Verdict, covered_entries};
use noren::messages::Level;
use noren::time::{Day, UnixSeconds, Window};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::batch::{Batch, Refusal, ids};
use super::case_file::{CaseFile, Publication, Status};
use super::evaluation::decide_again;
use super::event::Event;
use super::preview::Preview;
use super::release_times::{self, waits};
use super::resolution::{CaseNotice, Resolution};
use super::review::review_case;
use super::store::Change;
use super::{Desk, codes, patient, personal, recognise, release, retention, undecided};
use crate::times;

/// What somebody wants to publish.
pub(crate) struct Wish {
    /// The cases' ids, or their beginnings.
    pub(crate) cases: Vec<String>,
    /// How serious it is; absent: what the policy says of the reports.
    pub(crate) level: Option<Level>,
    pub(crate) message: String,
    /// Warn of this time only.
    pub(crate) window: Option<Window>,
    pub(crate) without_times: bool,
    /// Do not wait for the next release time.
    pub(crate) at_once: bool,
}

/// What publishing would come to.
pub(crate) enum Plan {
    /// This, once it is resolved.
    Ready(Box<(Resolution, Preview)>),
    /// An upload fails review.
    Refused(Box<Refusal>),
    /// Just this stands already, or waits.
    Nothing(NothingNew),
}

/// What was asked for stands already, or waits.
pub(crate) struct NothingNew {
    pub(crate) cases: Vec<String>,
    pub(crate) log_size: u64,
    /// Whether this has finished it just now for something that was cut off.
    pub(crate) resumed: bool,
    /// Whether it waits for a release.
    pub(crate) waits: bool,
}

/// What went out, or waits.
pub(crate) struct Published {
    pub(crate) cases: Vec<String>,
    /// Entries that carry a notice of these cases.
    pub(crate) entries: usize,
    pub(crate) log_size: u64,
    /// The release time for which they wait; absent where they are in the log.
    pub(crate) waits_for: Option<UnixSeconds>,
    /// Cases of which something waited, and that tell nobody anything new after all.
    pub(crate) taken_out: Vec<String>,
}

impl Published {
    const fn now(cases: Vec<String>, entries: usize, log_size: u64) -> Self {
        Self { cases, entries, log_size, waits_for: None, taken_out: Vec::new() }
    }
}

impl Desk<'_> {
    /// What publishing these cases would come to. What was cut off before comes first, but not where
    /// somebody only looks (`looks`).
    pub(crate) fn plan_publication(&mut self, wish: &Wish, looks: bool) -> anyhow::Result<Plan> {
        if !looks {
            self.be_at_work()?;
        }
        let resumed = if looks { Vec::new() } else { self.resume()? };
        let release = if wish.at_once { None } else { release_times::next(self)? };
        let mut notices = Vec::new();
        let mut standing = Vec::new();
        for name in &wish.cases {
            let (case, notice) = match wish.notice_of(self, name, release)? {
                Ok(wanted) => wanted,
                Err(refusal) => return Ok(Plan::Refused(Box::new(refusal))),
            };
            if is_there(&case, &notice, release) {
                standing.push(case);
            } else if !notices.iter().any(|each: &CaseNotice| each.case == case.id) {
                notices.push(CaseNotice { case: case.id, notice });
            }
        }
        if notices.is_empty() {
            return self.nothing_new(&standing, &resumed, looks);
        }
        self.ready(Resolution::Publish { notices, at_once: wish.at_once })
    }

    /// What withdrawing a case's notice would come to.
    pub(crate) fn plan_withdrawal(
        &mut self,
        name: &str,
        at_once: bool,
        looks: bool,
    ) -> anyhow::Result<Plan> {
        if !looks {
            self.be_at_work()?;
        }
        let resumed = if looks { Vec::new() } else { self.resume()? };
        let case = self.case(name)?;
        let waits = case.released.as_ref().is_some_and(|released| released.notice.is_none());
        let is_there = match &case.released {
            Some(_) => waits && !at_once,
            None => case.status == Status::Withdrawn,
        };
        if is_there {
            return self.nothing_new(&[case], &resumed, looks);
        }
        ensure!(
            case.status == Status::Published || case.released.is_some(),
            "no notice stands for case {}",
            case.id
        );
        self.ready(Resolution::Withdraw { case: case.id, at_once })
    }

    fn ready(&self, resolution: Resolution) -> anyhow::Result<Plan> {
        Ok(match Batch::of(self, &resolution)? {
            Ok(batch) => {
                let preview = Preview::new(self, &batch, &resolution)?;
                Plan::Ready(Box::new((resolution, preview)))
            }
            Err(refusal) => Plan::Refused(Box::new(refusal)),
        })
    }

    /// What was asked for stands already. Once more in the log it would tell everybody once more.
    fn nothing_new(
        &mut self,
        cases: &[CaseFile],
        resumed: &[String],
        looks: bool,
    ) -> anyhow::Result<Plan> {
        if !looks {
            codes::delete_published(self, cases);
            self.decide_as_it_stands(cases)?;
        }
        Ok(Plan::Nothing(NothingNew {
            cases: ids(cases),
            log_size: self.log_size(),
            resumed: cases.iter().any(|case| resumed.contains(&case.id)),
            waits: cases.iter().any(|case| case.released.is_some()),
        }))
    }

    /// Notes that what a take-over has taken out stays so.
    fn decide_as_it_stands(&mut self, cases: &[CaseFile]) -> anyhow::Result<()> {
        // [CLI-15]
        let undecided = undecided::cases(self)?;
        let mut change = Change::default();
        for case in cases.iter().filter(|case| undecided.contains(&case.id)) {
            change = change.note(Event::TakenOut.about(&case.id, json!({ "stays": true })));
        }
        if change.events.is_empty() { Ok(()) } else { self.apply(change) }
    }

    /// What a resolution would tell whom; nothing where it publishes nothing.
    pub(super) fn preview(&self, resolution: &Resolution) -> anyhow::Result<Option<Preview>> {
        if !matches!(resolution, Resolution::Publish { .. } | Resolution::Withdraw { .. }) {
            return Ok(None);
        }
        match Batch::of(self, resolution)? {
            Ok(batch) => Preview::new(self, &batch, resolution).map(Some),
            Err(refusal) => bail!("case {}: {}", refusal.case.id, refusal.reason),
        }
    }
}

/// Whether just this stands already, or waits.
fn is_there(case: &CaseFile, notice: &Publication, release: Option<UnixSeconds>) -> bool {
    match &case.released {
        Some(released) => release.is_some() && released.notice.as_ref() == Some(notice),
        None => case.status == Status::Published && case.published.as_ref() == Some(notice),
    }
}

impl Wish {
    /// The notice that a case is to have, or why its upload is refused.
    fn notice_of(
        &self,
        desk: &mut Desk<'_>,
        name: &str,
        release: Option<UnixSeconds>,
    ) -> anyhow::Result<Result<(CaseFile, Publication), Refusal>> {
        let case = desk.case(name)?;
        ensure!(
            !matches!(case.status, Status::Closed | Status::Rejected),
            "case {} is {}; nothing can be published for it",
            case.id,
            case.status.name()
        );
        let review = match review_case(desk, &case)? {
            Ok(review) => review,
            Err(reason) => return Ok(Err(Refusal { case, reason })),
        };
        let notice = self.publication(desk, &case, &review)?;
        // [CLI-15]
        let case = recognise::before_publishing(desk, case, &review, &notice)?;
        // A notice that was given can be corrected for as long as somebody may hold it.
        if case.published.is_none() {
            retention::check(desk, notice.window)?;
            if let Some(release) = release {
                retention::check_release(desk, notice.window, release)?;
            }
        }
        Ok(Ok((case, notice)))
    }

    fn publication(
        &self,
        desk: &Desk<'_>,
        case: &CaseFile,
        review: &Review,
    ) -> anyhow::Result<Publication> {
        let window = self.window.unwrap_or(review.window);
        ensure!(
            review.window.contains(window),
            "{} is for {} only{}",
            if case.is_visit() { "the case" } else { "the venue's upload" },
            times::show_window(review.window),
            patient::window::command(case, review.window, window)
                .map_or_else(String::new, |wider| format!("; `{wider}` gives it more"))
        );
        personal::refuse_personal(&self.message)?;
        personal::refuse_hidden("the message", &self.message)?;
        let (policy, level) = (desk.policy()?, self.level(desk, case)?);
        Ok(Publication {
            entry_code: Sha256::digest(review.entry_code.as_bytes()).into(),
            window,
            level,
            message: self.message.clone(),
            names_venue: policy.names_venue(level),
            names_date: policy.names_date(level),
            without_times: self.without_times,
            hours: window.hours().collect(),
        })
    }

    /// The level that was asked for, or the one that the policy gives for the reports that stand now.
    fn level(&self, desk: &Desk<'_>, case: &CaseFile) -> anyhow::Result<Level> {
        // [CLI-17]
        if let Some(level) = self.level {
            return Ok(level);
        }
        match decide_again(desk, case)? {
            Some(Finding { verdict: Verdict::Reached(level), .. }) => Ok(level),
            Some(finding) if finding.verdict == Verdict::Below => bail!(
                "the reports that stand now give case {} no level ({finding}): close it, or give the \
                 level with --level",
                case.id
            ),
            _ => bail!("the policy leaves the level to you: give it with --level"),
        }
    }
}

/// Publishes what was decided, in one batch; or lets it wait for the next release.
pub(super) fn execute(
    desk: &mut Desk<'_>,
    resolution: &Resolution,
) -> anyhow::Result<Result<Published, Refusal>> {
    Ok(match Batch::of(desk, resolution)? {
        // [CLI-35]
        Ok(batch) if waits(desk, resolution)? => Ok(put_in(desk, &batch)?),
        Ok(batch) => Ok(send(desk, batch)?),
        Err(refusal) => Err(refusal),
    })
}

/// Signs the log anew.
pub(super) fn heartbeat(desk: &mut Desk<'_>, clock_is_right: bool) -> anyhow::Result<Published> {
    // [LOG-6]
    desk.clock_is_right = clock_is_right;
    let log_size = desk.append(Vec::new(), Vec::new())?;
    Ok(Published::now(Vec::new(), 0, log_size))
}

fn put_in(desk: &mut Desk<'_>, batch: &Batch) -> anyhow::Result<Published> {
    release::put_in(desk, batch)?;
    let entries = batch.traces(desk)?.len();
    let next = release_times::next(desk)?.filter(|_| !batch.cases.is_empty());
    Ok(Published {
        waits_for: next,
        taken_out: ids(&batch.taken_out),
        ..Published::now(ids(&batch.cases), entries, desk.log_size())
    })
}

fn send(desk: &mut Desk<'_>, batch: Batch) -> anyhow::Result<Published> {
    // [PUB-4] [PUB-5] [PUB-7] [PAT-18] [PAT-20]
    let (cover, now) = (desk.policy()?.cover(), desk.now()?);
    let taken_out = ids(&batch.taken_out);
    desk.apply(release::take_out(Change::default(), &batch.taken_out))?;
    let traces = batch.traces(desk)?;
    if traces.is_empty() {
        let published = Published::now(Vec::new(), 0, desk.log_size());
        return Ok(Published { taken_out, ..published });
    }
    let (today, patient_key) = (Day::containing(now), desk.keys.patient_key());
    let entries = covered_entries(&traces, cover, today, patient_key, &mut desk.rng())?;
    release::check_fits(&entries)?;
    let mut cases = batch.cases;
    for case in cases.iter_mut().filter(|case| case.status == Status::Published) {
        case.answered.get_or_insert(now);
        case.notified.get_or_insert(now);
    }
    let log_size = desk.append(entries, cases.clone())?;
    codes::delete_published(desk, &cases);
    let published = Published::now(ids(&cases), traces.len(), log_size);
    Ok(Published { taken_out, ..published })
}
