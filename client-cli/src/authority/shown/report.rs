//! A report that was kept.

use anyhow::Context as _;
use noren::authority::Verdict;
use noren::messages::Level;
use serde::Serialize;

use super::opened::{ShownOpened, lost, note_told};
use crate::context::Context;
use crate::desk::{Desk, TakenReport};
use crate::outcome::{Answer, Outcome};
use crate::text::clean;

/// A report that is kept, and what came of it.
#[derive(Serialize)]
struct ShownReport {
    report: String,
    venue: String,
    day: String,
    reports: usize,
    verdict: Verdict,
    explanation: String,
    /// The case of this venue and day, new or not.
    case: Option<String>,
    opened: Option<ShownOpened>,
    /// The command that opens a case for what no case asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    uncovered: Option<String>,
}

/// Shows what came of a report.
pub(in crate::authority) fn show(
    context: &Context,
    desk: &mut Desk<'_>,
    taken: TakenReport,
) -> Outcome {
    let TakenReport { report, decision, case, opened, uncovered } = taken;
    let shown = ShownReport {
        reports: decision.reports.len(),
        verdict: decision.finding.verdict,
        explanation: decision.finding.to_string(),
        case,
        opened: opened.map(|opened| ShownOpened::new(&opened, &desk.zone())),
        uncovered,
        report: report.id,
        venue: report.venue,
        day: report.day,
    };
    let printed = match &shown.opened {
        Some(_) => context.output.told(&shown, ShownReport::lines),
        None => context.output.done(&shown, ShownReport::lines),
    };
    printed.with_context(|| match &shown.opened {
        Some(opened) => {
            format!("report {} is kept; case {}", shown.report, lost("case", &opened.case))
        }
        None => format!("report {} is kept", shown.report),
    })?;
    if let Some(opened) = &shown.opened {
        note_told(desk, &opened.case)?;
    }
    Ok(Answer::Yes)
}

impl ShownReport {
    fn lines(&self) -> String {
        let mut lines = vec![
            format!("report {}: {}, {}", self.report, clean(&self.venue), self.day),
            clean(&self.explanation),
        ];
        match (&self.opened, &self.case) {
            (Some(opened), _) => lines.push(opened.lines()),
            (None, Some(case)) => lines.push(format!("there is a case already: {case}")),
            (None, None) => {}
        }
        // [CLI-19]
        if let Some(next) = &self.uncovered {
            lines.push(format!(
                "no case asks for all of this time yet: `{}` opens one",
                clean(next)
            ));
        }
        if self.opened.is_none() && self.verdict == Verdict::Reached(Level::Cluster) {
            let case = self.case.as_deref().unwrap_or("CASE");
            lines.push(format!(
                "this looks like a cluster: `noren authority publish {case} --level cluster` raises its \
                 notice"
            ));
        }
        lines.join("\n")
    }
}
