//! Where index cases stand.

use serde::Serialize;

use crate::authority::place::open;
use crate::context::Context;
use crate::desk::IndexFile;
use crate::outcome::{Answer, Outcome};
use crate::times;

#[derive(Serialize)]
struct ShownIndexCases {
    enabled: bool,
    index_cases: Vec<ListedIndex>,
}

#[derive(Serialize)]
struct ListedIndex {
    index: String,
    status: &'static str,
    since: String,
    opened: String,
    expires: String,
    expired: bool,
    /// The cases of its visits that are not closed.
    cases: Vec<String>,
    #[serde(skip)]
    shown: String,
}

pub(super) fn run(context: &Context) -> Outcome {
    let (desk, now) = (open(context)?, context.now()?);
    let zone = desk.zone();
    let listed = |index: &IndexFile| ListedIndex {
        index: index.id.clone(),
        status: index.status.name(),
        since: times::rfc3339(index.earliest),
        opened: times::rfc3339(index.opened),
        expires: times::rfc3339(index.expires),
        expired: index.expires <= now,
        cases: desk.visits_of(&index.id).map(|case| case.id.clone()).collect(),
        shown: times::show_at(index.opened, &zone),
    };
    let index_cases = desk.index_cases().iter().map(listed).collect();
    let shown = ShownIndexCases { enabled: desk.takes_index_cases(), index_cases };
    context.output.data(&shown, ShownIndexCases::lines)?;
    Ok(if shown.enabled { Answer::Yes } else { Answer::No })
}

impl ShownIndexCases {
    fn lines(&self) -> String {
        let first = match self.enabled {
            true => "this authority takes index cases",
            false => "this authority takes no index cases",
        };
        let line = |each: &ListedIndex| {
            let expired = each.status == "open" && each.expired;
            let expired = if expired { "; its code has expired: reissue or close it" } else { "" };
            let cases = each.cases.join(", ");
            let line = format!("{}  {:<9} opened {}  {cases}", each.index, each.status, each.shown);
            format!("{}{expired}", line.trim_end())
        };
        let lines = self.index_cases.iter().map(line);
        std::iter::once(first.to_owned()).chain(lines).collect::<Vec<_>>().join("\n")
    }
}
