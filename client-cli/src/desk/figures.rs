//! From the desk's own records to figures: pure, and nothing in them is about visitors.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use jiff::civil::Date;
use jiff::{ToSpan as _, Unit};
use noren::messages::VenueKind;
use noren::time::UnixSeconds;
use serde::Serialize;

use super::Desk;
use super::case_file::{CaseFile, Status};
use super::event::Event;
use super::journal::Entry;
use super::report::Report;
use crate::times;

/// A longer time makes no readable plot.
const MOST_DAYS: i32 = 90;
/// A young desk's page is not a plot of one bar.
const FEWEST_DAYS: i32 = 14;

/// What the figures are made from.
struct Records<'a> {
    reports: &'a [Report],
    cases: &'a [CaseFile],
    /// When reports were withdrawn; the reports themselves are gone.
    taken_back: &'a [UnixSeconds],
    /// When these had been received.
    gone: &'a [UnixSeconds],
    now: UnixSeconds,
    /// The zone whose days are counted.
    time_zone: &'a str,
    with_names: bool,
}

/// Everything that is drawn.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    /// The first local day that is counted.
    #[serde(serialize_with = "as_text")]
    pub(crate) since: Date,
    /// The last one.
    #[serde(serialize_with = "as_text")]
    pub(crate) until: Date,
    pub(crate) time_zone: String,
    pub(crate) totals: Totals,
    pub(crate) days: Vec<OfDay>,
    pub(crate) kinds: Vec<OfKind>,
    pub(crate) steps: Vec<Step>,
    /// Whenever they were opened; the longest wait first.
    pub(crate) waiting: Vec<Unanswered>,
}

/// What happened in the days that are counted.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    pub(crate) reports: usize,
    pub(crate) reports_withdrawn: usize,
    pub(crate) cases: usize,
    /// Cases that somebody opened without reports.
    pub(crate) cases_without_reports: usize,
    pub(crate) uploads_accepted: usize,
    /// Cases with a notice, whether or not it still stands.
    pub(crate) notices: usize,
    pub(crate) notices_withdrawn: usize,
    pub(crate) closed_without_notice: usize,
}

/// What happened on one local day.
#[derive(Debug, Serialize)]
pub(crate) struct OfDay {
    #[serde(serialize_with = "as_text")]
    pub(crate) day: Date,
    pub(crate) reports: u64,
    pub(crate) cases: u64,
    pub(crate) notices: u64,
}

/// What concerned one kind of venue; `None`: nobody said which kind.
#[derive(Debug, Serialize)]
pub(crate) struct OfKind {
    pub(crate) kind: Option<VenueKind>,
    pub(crate) reports: u64,
    pub(crate) cases: u64,
}

/// From where to where a length of time is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Stage {
    ReportToCase,
    CaseToAnswer,
    AnswerToNotice,
    ReportToNotice,
}

/// How long a stage took in the cases that have passed it.
#[derive(Debug, Serialize)]
pub(crate) struct Step {
    pub(crate) stage: Stage,
    /// In ascending order, which says nothing of which case it was.
    pub(crate) seconds: Vec<u64>,
    pub(crate) median_seconds: Option<u64>,
}

/// A case whose venue has not answered.
#[derive(Debug, Serialize)]
pub(crate) struct Unanswered {
    pub(crate) case: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) venue: Option<String>,
    pub(crate) kind: Option<VenueKind>,
    pub(crate) seconds: u64,
    /// Its code no longer works.
    pub(crate) expired: bool,
    /// What was uploaded was rejected.
    pub(crate) rejected: bool,
    pub(crate) reminders: usize,
}

impl Figures {
    /// The figures from `since` on, or of the last 90 days.
    fn new(records: &Records<'_>, since: Option<Date>) -> anyhow::Result<Self> {
        let today = date(records.now, records.time_zone)?;
        let earliest = today.checked_sub((MOST_DAYS - 1).days())?;
        let since = match since {
            None => {
                first_day(records)?.min(today.checked_sub((FEWEST_DAYS - 1).days())?).max(earliest)
            }
            Some(since) => {
                ensure!(since <= today, "{since} is in the future; today is {today}");
                ensure!(
                    since >= earliest,
                    "a page shows at most {MOST_DAYS} days; give {earliest} or a later day"
                );
                since
            }
        };
        let counted = Counted { since, until: today, zone: records.time_zone };
        let reports = counted.only(records.reports, |report| report.received)?;
        let opened: Vec<&CaseFile> = opened(records).collect();
        let cases = counted.only(opened.iter().copied(), |case| case.opened)?;
        let taken_back = counted.only(records.taken_back, |at| **at)?.len();
        let gone = counted.only(records.gone.iter().copied(), |at| *at)?;
        Ok(Self {
            since,
            until: today,
            time_zone: records.time_zone.to_owned(),
            totals: totals(reports.len() + gone.len(), &cases, taken_back),
            days: counted.days((&reports, &gone), &cases, &opened)?,
            kinds: kinds(&reports, &cases),
            steps: steps(records.reports, &cases),
            waiting: waiting(records),
        })
    }

    /// Whether there is nothing to draw.
    pub(crate) fn is_empty(&self) -> bool {
        self.totals == Totals::default() && self.waiting.is_empty()
    }
}

impl Desk<'_> {
    /// The figures from the local day `since` on, or of the last 90 days.
    pub(crate) fn figures(
        &mut self,
        since: Option<Date>,
        with_names: bool,
    ) -> anyhow::Result<Figures> {
        let journal = self.journal()?;
        let taken_back =
            journal.iter().filter(|entry| entry.event() == Some(Event::ReportWithdrawn));
        let taken_back: Vec<UnixSeconds> =
            taken_back.map(|entry| UnixSeconds::from_i64(entry.at)).collect::<Result<_, _>>()?;
        // A report that was withdrawn is gone; that it had been received stands in the journal.
        let stands = |entry: &&Entry| self.reports.iter().any(|report| report.id == entry.subject);
        let received = journal.iter().filter(|entry| entry.event() == Some(Event::Report));
        let gone =
            received.filter(|entry| !stands(entry)).map(|entry| UnixSeconds::from_i64(entry.at));
        let gone: Vec<UnixSeconds> = gone.collect::<Result<_, _>>()?;
        let policy = self.policy()?;
        let records = Records {
            reports: self.reports(),
            cases: self.cases(),
            taken_back: &taken_back,
            gone: &gone,
            now: self.now()?,
            time_zone: policy.time_zone(),
            with_names,
        };
        Figures::new(&records, since)
    }
}

/// The cases whose codes were given out.
fn opened<'a>(records: &Records<'a>) -> impl Iterator<Item = &'a CaseFile> {
    records.cases.iter().filter(|case| case.status != Status::Registering)
}

fn as_text<S: serde::Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

fn date(time: UnixSeconds, zone: &str) -> anyhow::Result<Date> {
    times::local_date(time, zone)?.parse().context("a date of the desk cannot be read")
}

/// The local day of the first thing that the desk knows of; today where there is none.
fn first_day(records: &Records<'_>) -> anyhow::Result<Date> {
    let reports = records.reports.iter().map(|report| report.received);
    let cases = opened(records).map(|case| case.opened);
    let first = reports
        .chain(cases)
        .chain(records.gone.iter().copied())
        .chain(records.taken_back.iter().copied())
        .min();
    date(first.unwrap_or(records.now), records.time_zone)
}

/// The local days that are counted.
struct Counted<'a> {
    since: Date,
    until: Date,
    zone: &'a str,
}

impl Counted<'_> {
    fn only<T>(
        &self,
        all: impl IntoIterator<Item = T>,
        at: impl Fn(&T) -> UnixSeconds,
    ) -> anyhow::Result<Vec<T>> {
        let mut inside = Vec::new();
        for each in all {
            if (self.since..=self.until).contains(&date(at(&each), self.zone)?) {
                inside.push(each);
            }
        }
        Ok(inside)
    }

    /// Every day, also those on which nothing happened. A notice counts on its own day, however
    /// long ago its case was opened.
    fn days(
        &self,
        (reports, gone): (&[&Report], &[UnixSeconds]),
        cases: &[&CaseFile],
        opened: &[&CaseFile],
    ) -> anyhow::Result<Vec<OfDay>> {
        let received = reports.iter().map(|report| report.received);
        let reports = self.per_day(received.chain(gone.iter().copied()))?;
        let cases = self.per_day(cases.iter().map(|case| case.opened))?;
        let notices = self.per_day(opened.iter().filter_map(|case| case.notified))?;
        let of = |counts: &BTreeMap<Date, u64>, day| counts.get(&day).copied().unwrap_or(0);
        let length = self.since.until((Unit::Day, self.until))?.get_days();
        let days = (0..=length).map(|number| {
            let day = self.since.checked_add(number.days())?;
            Ok(OfDay {
                day,
                reports: of(&reports, day),
                cases: of(&cases, day),
                notices: of(&notices, day),
            })
        });
        days.collect()
    }

    fn per_day(
        &self,
        times: impl Iterator<Item = UnixSeconds>,
    ) -> anyhow::Result<BTreeMap<Date, u64>> {
        let mut counts = BTreeMap::new();
        for time in times {
            *counts.entry(date(time, self.zone)?).or_default() += 1;
        }
        Ok(counts)
    }
}

fn totals(reports: usize, cases: &[&CaseFile], reports_withdrawn: usize) -> Totals {
    let count = |what: fn(&CaseFile) -> bool| cases.iter().filter(|case| what(case)).count();
    Totals {
        reports,
        reports_withdrawn,
        cases: cases.len(),
        cases_without_reports: count(|case| case.decision.is_none()),
        uploads_accepted: count(|case| case.answered.is_some() && asks_venue(case)),
        notices: count(|case| case.notified.is_some()),
        notices_withdrawn: count(|case| case.notified.is_some() && case.published.is_none()),
        closed_without_notice: count(|case| {
            case.status == Status::Closed && case.notified.is_none()
        }),
    }
}

/// The kinds that occur, the most frequent first.
fn kinds(reports: &[&Report], cases: &[&CaseFile]) -> Vec<OfKind> {
    let kinds = VenueKind::ALL.iter().copied().map(Some).chain([None]);
    let mut counted: Vec<OfKind> = kinds
        .map(|kind| OfKind {
            kind,
            reports: amount(reports.iter().filter(|each| Some(each.premises.kind) == kind).count()),
            cases: amount(cases.iter().filter(|case| kind_of(case) == kind).count()),
        })
        .filter(|of| of.reports + of.cases > 0)
        .collect();
    counted.sort_by_key(|of| (of.kind.is_none(), std::cmp::Reverse((of.reports, of.cases))));
    counted
}

fn amount(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn kind_of(case: &CaseFile) -> Option<VenueKind> {
    case.decision.as_ref().map(|decision| decision.premises.kind)
}

/// Not so where a diagnosed visitor told the visit: such a wait would speak of a visitor.
fn asks_venue(case: &CaseFile) -> bool {
    !case.is_visit()
}

fn steps(reports: &[Report], cases: &[&CaseFile]) -> Vec<Step> {
    let stages =
        [Stage::ReportToCase, Stage::CaseToAnswer, Stage::AnswerToNotice, Stage::ReportToNotice];
    let step = |stage| {
        let mut seconds: Vec<u64> =
            cases.iter().filter_map(|case| length(stage, case, reports)).collect();
        seconds.sort_unstable();
        Step { stage, median_seconds: median(&seconds), seconds }
    };
    stages.map(step).into()
}

/// How long a case took for a stage; `None` where it has not passed it, where no report is left
/// that led to it, or where the clock was set back in between.
fn length(stage: Stage, case: &CaseFile, reports: &[Report]) -> Option<u64> {
    let first_report = || {
        let led = &case.decision.as_ref()?.reports;
        let left = reports.iter().filter(|report| led.contains(&report.id));
        left.map(|report| report.received).min()
    };
    let (from, to) = match stage {
        Stage::ReportToCase => (first_report()?, case.opened),
        Stage::CaseToAnswer if !asks_venue(case) => return None,
        Stage::CaseToAnswer => (case.opened, case.answered?),
        Stage::AnswerToNotice => (case.answered?, case.notified?),
        Stage::ReportToNotice => (first_report()?, case.notified?),
    };
    to.get().checked_sub(from.get())
}

/// The middle of ascending numbers; of two in the middle, halfway between.
fn median(ascending: &[u64]) -> Option<u64> {
    let upper = *ascending.get(ascending.len() / 2)?;
    let lower = *ascending.get((ascending.len() - 1) / 2)?;
    Some(u64::midpoint(lower, upper))
}

fn waiting(records: &Records<'_>) -> Vec<Unanswered> {
    let mut waiting: Vec<Unanswered> = opened(records)
        .filter(|case| case.status.waits_for_upload())
        .map(|case| Unanswered {
            case: case.id.clone(),
            venue: records.with_names.then(|| case.venue.clone()),
            kind: kind_of(case),
            seconds: records.now.get().saturating_sub(case.opened.get()),
            expired: case.expires <= records.now,
            rejected: case.status == Status::Rejected,
            reminders: case.reminded.len(),
        })
        .collect();
    waiting.sort_by(|a, b| (b.seconds, &a.case).cmp(&(a.seconds, &b.case)));
    waiting
}

#[cfg(test)]
mod tests;
