//! What a take-over takes out, since it may have been decided otherwise at another copy of the desk, and
//! what of that nobody has decided since.

use std::collections::BTreeMap;

use serde_json::json;

use super::Desk;
use super::case_file::CaseFile;
use super::event::Event;
use super::store::Change;

/// Who has taken something out, as the journal says it.
const BY_TAKE_OVER: &str = "take-over";

/// Takes out what waits for a release or for approvals: what was decided on it since may be lost, and
/// not everything that is decided shows in the log.
pub(super) fn take_out(
    desk: &mut Desk<'_>,
    cases: &[CaseFile],
    mut change: Change,
) -> anyhow::Result<Change> {
    // [CLI-15] [CLI-11] [CLI-35]
    for case in cases.iter().filter(|case| case.released.is_some()) {
        desk.say(format!(
            "case {}: what waited for the release is taken out, since it may have been decided otherwise \
             since; decide on it again",
            case.id
        ));
        let event = Event::TakenOut.about(&case.id, json!({ "by": BY_TAKE_OVER }));
        change = change.put(&CaseFile { released: None, ..case.clone() }).note(event);
    }
    for state in desk.proposals()? {
        let proposal = state.proposal;
        desk.say(format!(
            "proposal {} is rejected, since it may have been carried out or rejected since: {}",
            proposal.id,
            proposal.resolution.shown()
        ));
        let event = Event::ProposalRejected.about(&proposal.id, json!({ "by": BY_TAKE_OVER }));
        change = change.remove(&proposal).note(event);
    }
    Ok(change)
}

/// The cases of which a take-over has taken out what waited, and of which nobody has decided since.
pub(super) fn cases(desk: &mut Desk<'_>) -> anyhow::Result<Vec<String>> {
    // [CLI-15] [CLI-19]
    let mut last = BTreeMap::new();
    for entry in desk.journal()? {
        if entry.event().is_some_and(Event::changes_notice) {
            let by = serde_json::from_str::<serde_json::Value>(&entry.details).unwrap_or_default();
            last.insert(entry.subject, by["by"] == BY_TAKE_OVER);
        }
    }
    Ok(last.into_iter().filter(|(_, undecided)| *undecided).map(|(case, _)| case).collect())
}
