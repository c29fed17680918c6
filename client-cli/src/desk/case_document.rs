//! A case as a document: the policy, the reports, the decision and what was done, so that anybody
//! can evaluate it again and get the same answer.

use std::collections::BTreeSet;

use anyhow::ensure;
use noren::authority::{Finding, Policy, Premises};
use noren::time::{Hour, Window};
use serde::{Deserialize, Serialize};

use super::Desk;
use super::case_file::Publication;
use super::evaluation::{evaluate, window_of_stay};
use super::journal::rfc3339;
use crate::times;

const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    version: u32,
    pub(crate) case: String,
    pub(crate) venue: String,
    pub(crate) status: String,
    pub(crate) window: Window,
    pub(crate) decision: Option<Decided>,
    published: Option<Publication>,
    pub(crate) journal: Vec<Happened>,
}

/// What is needed to decide again.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decided {
    day: String,
    policy: String,
    premises: Premises,
    reports: Vec<Reported>,
    pub(crate) finding: Finding,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reported {
    report: String,
    stay: Window,
    window: Window,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Happened {
    at: String,
    pub(crate) operator: String,
    pub(crate) action: String,
    pub(crate) details: serde_json::Value,
    /// The time in UNIX seconds, where the document is made.
    #[serde(skip)]
    pub(crate) moment: i64,
}

fn document(desk: &mut Desk<'_>, name: &str) -> anyhow::Result<Document> {
    let case = desk.case(name)?;
    let journal = desk.journal()?;
    let of_case = journal.into_iter().filter(|entry| entry.subject == case.id);
    let journal = of_case.map(|entry| {
        Ok(Happened {
            at: rfc3339(entry.at),
            operator: entry.operator,
            action: entry.action,
            details: serde_json::from_str(&entry.details)?,
            moment: entry.at,
        })
    });
    let journal = journal.collect::<anyhow::Result<_>>()?;
    let decided = case.decision.as_ref().map(|decision| {
        let policy = desk.policy_with(&decision.policy_digest)?;
        // [CLI-12] As they were when the case was opened, also where one was withdrawn since.
        let reported = |(report, stay): (&String, &Window)| {
            let window = window_of_stay(&policy, *stay)?;
            anyhow::Ok(Reported { report: report.clone(), stay: *stay, window })
        };
        let named = decision.reports.iter().zip(&decision.stays);
        anyhow::Ok(Decided {
            day: decision.day.clone(),
            premises: decision.premises,
            reports: named.map(reported).collect::<anyhow::Result<_>>()?,
            finding: decision.finding.clone(),
            policy: policy.toml().to_owned(),
        })
    });
    Ok(Document {
        version: VERSION,
        venue: case.venue,
        status: case.status.name().to_owned(),
        window: case.window,
        decision: decided.transpose()?,
        published: case.published,
        journal,
        case: case.id,
    })
}

/// What evaluating a document again came to.
pub(crate) enum Replay {
    /// By the policy that decided it.
    OfPolicy(Box<ReplayOfPolicy>),
    /// A case that staff opened: only its notice can be held against it.
    OfStaff {
        case: String,
        /// Whether its notice keeps to its window; `None` where none stands.
        keeps: Option<bool>,
    },
}

/// A decision, evaluated again.
pub(crate) struct ReplayOfPolicy {
    pub(crate) case: String,
    pub(crate) same: bool,
    pub(crate) policy: Policy,
    pub(crate) recorded: Finding,
    pub(crate) replayed: Finding,
}

impl Desk<'_> {
    /// A case as a document.
    pub(crate) fn case_document(&mut self, name: &str) -> anyhow::Result<Document> {
        document(self, name)
    }
}

impl Document {
    /// Evaluates it again. It needs nothing but the document.
    pub(crate) fn replay(self) -> anyhow::Result<Replay> {
        ensure!(
            self.version == VERSION,
            "the document has version {}, and this version of Noren knows {VERSION}: use the one that \
             wrote it",
            self.version
        );
        // [CLI-12]
        let Some(decided) = self.decision else {
            let window = self.window;
            let keeps = self.published.map(|notice| keeps_to(&notice, window));
            return Ok(Replay::OfStaff { case: self.case, keeps });
        };
        let policy = Policy::from_toml(&decided.policy)?;
        let finding = evaluate(&policy, &decided.premises, decided.reports.len())?;
        let same = finding == decided.finding
            && reports_hold(&policy, &decided, self.window)?
            && self.published.as_ref().is_none_or(|notice| {
                keeps_to(notice, self.window)
                    && notice.names_venue == policy.names_venue(notice.level)
                    && notice.names_date == policy.names_date(notice.level)
            });
        let (case, recorded) = (self.case, decided.finding);
        let replay = ReplayOfPolicy { case, same, policy, recorded, replayed: finding };
        Ok(Replay::OfPolicy(Box::new(replay)))
    }
}

/// Whether a text is a document of a case, whatever it says.
pub(crate) fn is_case_document(text: &str) -> bool {
    serde_json::from_str::<Document>(text).is_ok()
}

/// Whether a notice tells of nothing outside of the case's window: neither its time nor the hours
/// whose keys carry it.
fn keeps_to(notice: &Publication, window: Window) -> bool {
    // [CLI-12]
    let hours: BTreeSet<Hour> = window.hours().collect();
    let own: BTreeSet<Hour> = notice.hours.iter().copied().collect();
    let once = own.len() == notice.hours.len();
    window.contains(notice.window) && once && !own.is_empty() && own.is_subset(&hours)
}

/// Whether every report is one of its own, on the day, with the policy's window, and the case's
/// window is all of theirs.
fn reports_hold(policy: &Policy, decided: &Decided, case: Window) -> anyhow::Result<bool> {
    let ids: BTreeSet<&str> = decided.reports.iter().map(|each| each.report.as_str()).collect();
    let mut holds = ids.len() == decided.reports.len();
    for each in &decided.reports {
        holds &= window_of_stay(policy, each.stay)? == each.window
            && times::local_date(each.stay.start(), policy.time_zone())? == decided.day;
    }
    let start = decided.reports.iter().map(|each| each.window.start()).min();
    let end = decided.reports.iter().map(|each| each.window.end()).max();
    Ok(holds && (start, end) == (Some(case.start()), Some(case.end())))
}
