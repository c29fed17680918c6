//! What went out, or waits for a release.

use serde::Serialize;

use crate::context::Context;
use crate::desk::{NothingNew, Published};
use crate::outcome::{Answer, Outcome};
use crate::text::counted;
use crate::times;

#[derive(Serialize)]
struct ShownPublished {
    cases: Vec<String>,
    /// Entries that carry a notice of these cases.
    entries: usize,
    log_size: u64,
    /// The release time for which they wait; absent where they are in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<String>,
    #[serde(skip)]
    waits_until: Option<String>,
    /// Cases of which something waited, and that tell nobody anything new after all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    taken_out: Vec<String>,
}

/// Shows what went out, or waits.
pub(in crate::authority) fn show(context: &Context, published: Published) -> Outcome {
    let Published { cases, entries, log_size, waits_for, taken_out } = published;
    let (waits_until, waits_for) =
        (waits_for.map(times::show_named), waits_for.map(times::rfc3339));
    let shown = ShownPublished { cases, entries, log_size, waits_for, waits_until, taken_out };
    context.output.done(&shown, |shown| {
        let ShownPublished { cases, entries, log_size, waits_until, taken_out, .. } = shown;
        let mut lines = Vec::new();
        if !taken_out.is_empty() {
            lines
                .push(format!("{}: taken out; nothing of it waits any more", taken_out.join(", ")));
        }
        let cases = cases.join(", ");
        match (cases.as_str(), waits_until) {
            ("", _) if !taken_out.is_empty() => {}
            ("", _) => lines
                .push(format!("the log is signed anew; it has {}", counted(*log_size, "entry"))),
            (_, Some(time)) => {
                let entries = counted(*entries, "entry");
                lines.push(format!("{cases}: released; {entries} waiting for {time}"));
            }
            (_, None) => {
                let entries = counted(*entries, "entry");
                lines.push(format!("{cases}: {entries} published; the log has {log_size}"));
            }
        }
        lines.join("\n")
    })?;
    Ok(Answer::Yes)
}

/// Shows that what was asked for stands already. Where this very command has finished it for one that
/// was cut off, that is what it was run for.
pub(in crate::authority) fn nothing_new(context: &Context, nothing: NothingNew) -> Outcome {
    let NothingNew { cases, log_size, resumed, waits } = nothing;
    let standing =
        Published { cases, entries: 0, log_size, waits_for: None, taken_out: Vec::new() };
    show(context, standing)?;
    if resumed {
        return Ok(Answer::Yes);
    }
    // [CLI-3]
    context.output.say(if waits {
        "just this waits for the release already"
    } else {
        "just this stands already"
    });
    Ok(Answer::No)
}
