//! A release that went out, and what waits for the next one.

use serde::Serialize;

use crate::context::Context;
use crate::desk::{Queue, SentRelease};
use crate::outcome::{Answer, Outcome};
use crate::times;

#[derive(Serialize)]
struct ShownRelease {
    /// The release time; absent where the policy has none any more.
    release: Option<String>,
    /// Whether this command sent it.
    sent: bool,
    cases: Vec<String>,
    /// Entries that carry a notice of these cases.
    entries: usize,
    log_size: u64,
    /// The next release time.
    next: Option<String>,
    /// What still waits, and why.
    left: Vec<ShownLeftOut>,
    #[serde(skip)]
    shown: [Option<String>; 2],
}

#[derive(Serialize)]
struct ShownLeftOut {
    case: String,
    because: String,
}

/// Shows what became of a release.
pub(in crate::authority) fn show(context: &Context, sent: SentRelease) -> Outcome {
    let SentRelease { release, sent, cases, entries, log_size, next, left } = sent;
    let left = left.into_iter().map(|left| ShownLeftOut { case: left.case, because: left.because });
    let shown = ShownRelease {
        release: release.map(times::rfc3339),
        sent,
        cases,
        entries,
        log_size,
        next: next.map(times::rfc3339),
        left: left.collect(),
        shown: [release, next].map(|time| time.map(times::show)),
    };
    context.output.done(&shown, ShownRelease::lines)?;
    Ok(if shown.sent && shown.left.is_empty() { Answer::Yes } else { Answer::No })
}

impl ShownRelease {
    fn lines(&self) -> String {
        let [due, next] = &self.shown;
        let next = next.as_ref().map(|next| format!("; the next one is at {next}"));
        let next = next.unwrap_or_default();
        let due = due.as_ref().map(|due| format!(" of {due}")).unwrap_or_default();
        if !self.sent {
            return match self.release {
                Some(_) => format!("the release{due} went out already{next}"),
                None => "the policy has no release times, and nothing waits: `noren authority \
                         publish` publishes at once"
                    .to_owned(),
            };
        }
        let cases = match self.cases.as_slice() {
            [] => "cover alone".to_owned(),
            cases => format!("{} and cover", cases.join(", ")),
        };
        let mut lines =
            vec![format!("the release{due} is out: {cases}; the log has {}{next}", self.log_size)];
        lines.extend(self.left.iter().map(|ShownLeftOut { case, because }| {
            format!("case {case} was left out and waits: {because}")
        }));
        lines.join("\n")
    }
}

/// What waits for which release.
#[derive(Serialize)]
pub(in crate::authority) struct ShownQueue {
    next: String,
    /// The last one whose batch is in the log.
    last: Option<String>,
    cases: Vec<String>,
    #[serde(skip)]
    shown: String,
}

impl ShownQueue {
    pub(in crate::authority) fn new(queue: Queue) -> Self {
        Self {
            next: times::rfc3339(queue.next),
            last: queue.last.map(times::rfc3339),
            cases: queue.cases,
            shown: times::show(queue.next),
        }
    }

    pub(in crate::authority) const fn holds_cases(&self) -> bool {
        !self.cases.is_empty()
    }

    pub(in crate::authority) fn line(&self) -> String {
        let cases = match self.cases.as_slice() {
            [] => "no case of this desk is in it".to_owned(),
            cases => format!("{} wait for it", cases.join(", ")),
        };
        format!("next release at {}: {cases}", self.shown)
    }
}
