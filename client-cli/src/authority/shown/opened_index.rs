//! An index case that was opened, with the code to read out.

use anyhow::Context as _;
use serde::Serialize;

use super::opened::lost;
use crate::context::Context;
use crate::desk::{Desk, OpenedIndex};
use crate::outcome::{Answer, Outcome};
use crate::times;

/// An index case with the code to read out.
#[derive(Serialize)]
struct ShownIndex {
    index: String,
    code: String,
    expires: String,
    since: String,
    #[serde(skip)]
    shown: String,
    #[serde(skip)]
    until: String,
}

impl ShownIndex {
    fn new(desk: &Desk<'_>, opened: &OpenedIndex) -> anyhow::Result<Self> {
        let OpenedIndex { index, code } = opened;
        let policy = desk.policy()?;
        let zone = times::zone(Some(policy.time_zone()))?;
        let day = times::show_in(index.earliest, &zone, "%Y-%m-%d");
        let shown = format!("{day} {}", times::show_clock(index.earliest, &zone));
        Ok(Self {
            index: index.id.clone(),
            code: code.to_text().to_string(),
            expires: times::rfc3339(index.expires),
            since: times::rfc3339(index.earliest),
            shown: format!("{shown} ({})", policy.time_zone()),
            // [CLI-32]
            until: format!("{} ({})", times::show_at(index.expires, &zone), policy.time_zone()),
        })
    }

    fn lines(&self) -> String {
        format!(
            "index case {}\nvisits since: {}\nupload code:  {}\nRead both out to the visitor, who decides which visits to tell. The code is good for one upload, until {}, and is not kept here; nor is anything about the visitor.",
            self.index, self.shown, self.code, self.until,
        )
    }
}

/// Shows an index case and its code, which is told once.
pub(in crate::authority) fn show(
    context: &Context,
    desk: &Desk<'_>,
    opened: &OpenedIndex,
) -> Outcome {
    let told = context.output.told(&ShownIndex::new(desk, opened)?, ShownIndex::lines);
    told.with_context(|| lost("index", &opened.index.id))?;
    Ok(Answer::Yes)
}
