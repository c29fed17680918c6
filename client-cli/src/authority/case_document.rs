//! A case as a document: the policy, the reports, the decision and what was done, so that anybody
//! can evaluate it again and get the same answer.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::ensure;
use jiff::tz::TimeZone;
use noren::authority::{Finding, Policy, Premises};
use noren::time::Window;
use serde::{Deserialize, Serialize};

use super::desk::{Desk, Publication, Report};
use super::journal::details;
use super::{reports, status};
use crate::context::Context;
use crate::outcome::{Answer, Outcome};
use crate::text::clean;
use crate::{files, inspect, times};

const VERSION: u32 = 1;

#[derive(clap::Args)]
pub(crate) struct Show {
    /// The case's id
    case: String,
    /// Write the document to this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    case: String,
    venue: String,
    status: String,
    window: Window,
    decision: Option<Decided>,
    published: Option<Publication>,
    journal: Vec<Happened>,
}

/// What is needed to decide again.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decided {
    day: String,
    policy: String,
    premises: Premises,
    reports: Vec<Reported>,
    finding: Finding,
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
struct Happened {
    at: String,
    operator: String,
    action: String,
    details: serde_json::Value,
    /// The same for people, where the document is shown at its desk.
    #[serde(skip)]
    shown: String,
}

pub(super) fn show(context: &Context, arguments: &Show) -> Outcome {
    let mut desk = Desk::open(context)?;
    let document = document(&mut desk, &arguments.case)?;
    if let Some(out) = &arguments.out {
        let mut bytes = serde_json::to_vec_pretty(&document)?;
        bytes.push(b'\n');
        files::create_secret(out, &bytes)?;
        return Ok(Answer::Yes);
    }
    let zone = desk.zone();
    context.output.data(&document, |document| document.lines(&zone))?;
    Ok(Answer::Yes)
}

fn document(desk: &mut Desk<'_>, name: &str) -> anyhow::Result<Document> {
    let case = desk.case(name)?;
    let journal = desk.journal()?;
    let of_case = journal.into_iter().filter(|entry| entry.subject == case.id);
    let zone = desk.zone();
    let journal = of_case.map(|entry| {
        let details = serde_json::from_str(&entry.details)?;
        // [CLI-32]
        let (at, words) = (status::local_time(entry.at, &zone), details::words(&details, &zone));
        let line = format!("{at}  {}  {}  {words}", entry.operator, entry.action);
        Ok(Happened {
            at: status::time(entry.at),
            operator: entry.operator,
            action: entry.action,
            details,
            shown: clean(line.trim_end()),
        })
    });
    let journal = journal.collect::<anyhow::Result<_>>()?;
    let decided = case.decision.as_ref().map(|decision| {
        let policy = desk.policy_with(&decision.policy_digest)?;
        let reported = |report: &Report| {
            let window = reports::window_of_stay(&policy, report.stay)?;
            anyhow::Ok(Reported { report: report.id.clone(), stay: report.stay, window })
        };
        let named = desk.reports().iter().filter(|report| decision.reports.contains(&report.id));
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

impl Document {
    fn lines(&self, zone: &TimeZone) -> String {
        let mut lines = vec![format!(
            "case {} ({}): {}, {}",
            self.case,
            self.status,
            clean(&self.venue),
            times::show_window_in(self.window, zone)
        )];
        if let Some(decided) = &self.decision {
            lines.push(clean(&decided.finding.to_string()));
        }
        lines.extend(self.journal.iter().map(|event| event.shown.clone()));
        lines.join("\n")
    }
}

#[derive(Serialize)]
struct Replayed {
    case: String,
    same: bool,
    /// The policy's name, and the SHA-256 of its text: compare it with that of the policy you know.
    policy: String,
    policy_digest: String,
    recorded: String,
    replayed: String,
}

/// Whether a text is a document of a case, whatever it says.
pub(crate) fn is_case_document(text: &str) -> bool {
    serde_json::from_str::<Document>(text).is_ok()
}

/// Evaluates a case's document again. It needs nothing but the document.
pub(super) fn replay(context: &Context, file: &std::path::Path) -> Outcome {
    let bytes = files::read_input(file, "FILE")?;
    let otherwise = "this is no document of a case; give the file that `noren authority case show --out` \
        wrote";
    let document: Document = serde_json::from_slice(&bytes).map_err(|error| {
        inspect::misplaced("a case document", otherwise, Some(file), &bytes, error)
    })?;
    ensure!(
        document.version == VERSION,
        "the document has version {}, and this version of Noren knows {VERSION}: use the one that \
         wrote it",
        document.version
    );
    let Some(decided) = document.decision else {
        return replay_of_staff(context, &document);
    };
    let policy = Policy::from_toml(&decided.policy)?;
    let finding = reports::evaluate(&policy, &decided.premises, decided.reports.len())?;
    // [CLI-12]
    let same = finding == decided.finding
        && reports_hold(&policy, &decided, document.window)?
        && document.published.as_ref().is_none_or(|notice| {
            document.window.contains(notice.window)
                && notice.names_venue == policy.names_venue(notice.level)
                && notice.names_date == policy.names_date(notice.level)
        });
    let replayed = Replayed {
        case: document.case,
        same,
        policy: policy.name().to_owned(),
        policy_digest: hex::encode(policy.digest()),
        recorded: decided.finding.to_string(),
        replayed: finding.to_string(),
    };
    context.output.data(&replayed, |replayed| {
        let verdict = if replayed.same { "the same answer" } else { "ANOTHER ANSWER" };
        format!(
            "case {}: {verdict}\nrecorded: {}\nreplayed: {}\npolicy:   {}, SHA-256 {}",
            clean(&replayed.case),
            clean(&replayed.recorded),
            clean(&replayed.replayed),
            clean(&replayed.policy),
            replayed.policy_digest
        )
    })?;
    Ok(if same { Answer::Yes } else { Answer::No })
}

/// A case that staff opened: no policy decided it, so that only its notice can be held against it.
fn replay_of_staff(context: &Context, document: &Document) -> Outcome {
    // [CLI-12]
    let notice = document.published.as_ref();
    let same = notice.is_none_or(|notice| document.window.contains(notice.window));
    let verdict = match (notice, same) {
        (None, _) => "no notice stands for it",
        (Some(_), true) => "its notice keeps to its window",
        (Some(_), false) => "its notice goes beyond its window",
    };
    let shown = ReplayedOfStaff { case: document.case.clone(), opened_by: "staff", same, verdict };
    context.output.data(&shown, |shown| {
        format!(
            "case {}: opened by staff and not by reports, so that there is no decision by a policy \
             to evaluate again; {}",
            clean(&shown.case),
            shown.verdict
        )
    })?;
    Ok(if same { Answer::Yes } else { Answer::No })
}

#[derive(Serialize)]
struct ReplayedOfStaff {
    case: String,
    opened_by: &'static str,
    same: bool,
    verdict: &'static str,
}

/// Whether every report is one of its own, on the day, with the policy's window, and the case's
/// window is all of theirs.
fn reports_hold(policy: &Policy, decided: &Decided, case: Window) -> anyhow::Result<bool> {
    let ids: BTreeSet<&str> = decided.reports.iter().map(|each| each.report.as_str()).collect();
    let mut holds = ids.len() == decided.reports.len();
    for each in &decided.reports {
        holds &= reports::window_of_stay(policy, each.stay)? == each.window
            && times::local_date(each.stay.start(), policy.time_zone())? == decided.day;
    }
    let start = decided.reports.iter().map(|each| each.window.start()).min();
    let end = decided.reports.iter().map(|each| each.window.end()).max();
    Ok(holds && (start, end) == (Some(case.start()), Some(case.end())))
}
