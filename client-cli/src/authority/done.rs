//! Has the desk do something, and shows what came of it.

use serde::Serialize;
use serde_json::json;

use super::shown::preview::ShownPreview;
use super::shown::{
    mirrors, opened, opened_patient, policy, profile, proposal, published, release, report,
    restored, review, rotated, signing_keys, taken_over, visits, witnesses,
};
use crate::context::Context;
use crate::desk::{
    Action, CaseFile, ClosedCase, ClosedPatient, Desk, Done, Rejected, VisitEnded, numbers,
    visits_named,
};
use crate::outcome::{Answer, Outcome};
use crate::text::clean;
use crate::times;

const KEYS_PROTECTED: &str = "the desk's keys open with the passphrase only; nobody can recover it for \
    you. Backups from before hold the keys as they were";
const CLOCK_EXPORTED: &str = "The file is secret. Move it to the machine whose timer keeps the log's \
    date new, delete it here, and run there: `noren authority heartbeat --clock FILE`";

const CLOCK_WITH_COMMAND_EXPORTED: &str = "The file holds no key. Move it to the machine whose timer \
    keeps the log's date new, where the command has to be, and run there: `noren authority heartbeat \
    --clock FILE`";
const KEY_EXPORTED: &str = "The file is secret. Move the key into the token, or to where the command that \
    signs has it, then `noren authority key use-command`; keep a copy locked away, or delete the file";

/// Does it.
pub(super) fn act(context: &Context, desk: &mut Desk<'_>, action: Action) -> Outcome {
    act_as_shown(context, desk, action, None)
}

/// The same; `preview` is what was shown of it.
pub(super) fn act_as_shown(
    context: &Context,
    desk: &mut Desk<'_>,
    action: Action,
    preview: Option<ShownPreview>,
) -> Outcome {
    match desk.perform(action)? {
        Done::ReportTaken(taken) => report::show(context, desk, *taken),
        Done::ReportWithdrawn(id) => say(context, format!("report {id} is withdrawn")),
        Done::CaseOpened(case) => opened::show(context, desk, &case),
        Done::Reminded(case) => say(context, reminded(desk, &case)),
        Done::CaseClosed(closed) => say(context, case_closed(&closed)),
        Done::Reviewed(reviewed) => review::show(context, &reviewed),
        Done::Rejected(rejected) => say(context, rejected_words(&rejected)),
        Done::PatientOpened(patient) => opened_patient::show(context, desk, &patient),
        Done::PatientReviewed(reviewed) => visits::show(context, reviewed),
        Done::PatientClosed(closed) => say(context, patient_closed(&closed)),
        Done::PatientEnabled(new) => enabled(context, new),
        Done::Proposed(state) => proposal::show(context, *state, preview),
        Done::ProposalRejected(id) => say(context, format!("proposal {id} is rejected")),
        Done::Published(done) => published::show(context, done),
        Done::Refused(refusal) => review::refused(context, &refusal.case, refusal.reason.clone()),
        Done::Operators { names, approvals } => operators(context, &names, approvals),
        Done::PolicySet => policy::show(context, desk),
        Done::ProfileChanged => profile::show(context, desk.profile().profile()),
        Done::MirrorsChanged => mirrors::show(context, desk.mirrors()),
        Done::WitnessesChanged => witnesses::show(context, desk.witnesses()),
        Done::KeysRotated(done) => rotated::show(context, done),
        Done::KeysProtected => say(context, KEYS_PROTECTED.to_owned()),
        Done::ClockExported { with_key: true } => say(context, CLOCK_EXPORTED.to_owned()),
        Done::ClockExported { with_key: false } => {
            say(context, CLOCK_WITH_COMMAND_EXPORTED.to_owned())
        }
        Done::SigningKeys => signing_keys::show(context, desk),
        Done::KeyExported => say(context, KEY_EXPORTED.to_owned()),
        Done::HandoverCancelled(was_under_way) => rotated::cancelled(context, was_under_way),
        Done::ReleaseSent(sent) => release::show(context, sent),
        Done::TakenOver(taken) => taken_over::show(context, taken),
        Done::LogRestored(restored) => restored::show(context, &restored),
    }
}

fn say(context: &Context, words: String) -> Outcome {
    context.output.say(words);
    Ok(Answer::Yes)
}

fn reminded(desk: &Desk<'_>, case: &CaseFile) -> String {
    format!(
        "noted. Tell {}: the window is {}, and its code is good until {}. If the code is lost, `noren authority case reissue {}` gives a new one.",
        case.venue,
        times::show_window_in(case.window, &desk.zone()),
        times::show_at(case.expires, &desk.zone()),
        case.id
    )
}

fn case_closed(closed: &ClosedCase) -> String {
    let ClosedCase { id, already, visit } = closed;
    match visit {
        _ if *already => format!("case {id} is closed already"),
        None => format!("case {id} is closed; its code no longer works"),
        Some(VisitEnded::OthersAreOpen) => {
            format!(
                "case {id} is closed; the upload stays for the other cases that were made of it"
            )
        }
        // [PAT-19]
        Some(VisitEnded::VisitsAreLeft { patient, visits }) => format!(
            "case {id} is closed; the upload of patient case {patient} stays, since no case was made of \
             {}: `noren authority patient review {patient} --visits {}` makes cases, `noren authority \
             patient close {patient}` deletes it",
            visits_named(visits),
            numbers(visits, ",")
        ),
        Some(VisitEnded::WasTheLast { patient }) => format!(
            "case {id} is closed, and with this last one patient case {patient}: its code no longer \
             works, and its upload is deleted"
        ),
    }
}

fn patient_closed(closed: &ClosedPatient) -> String {
    let ClosedPatient { id, already } = closed;
    if *already {
        format!("patient case {id} is closed already")
    } else {
        format!("patient case {id} is closed; its upload is deleted")
    }
}

fn rejected_words(rejected: &Rejected) -> String {
    let Rejected { title, verbs, id } = rejected;
    format!(
        "the upload of {title} is deleted; `noren authority {verbs} reissue {id}` gives out a new code"
    )
}

fn operators(context: &Context, names: &[String], approvals: usize) -> Outcome {
    context.output.done(&json!({ "operators": names, "approvals_needed": approvals }), |_| {
        clean(&format!("operators: {}; approvals needed: {approvals}", names.join(", ")))
    })?;
    Ok(Answer::Yes)
}

#[derive(Serialize)]
struct ShownEnabled {
    patient_cases: bool,
    /// Whether they were not taken before.
    new: bool,
}

fn enabled(context: &Context, new: bool) -> Outcome {
    context.output.done(&ShownEnabled { patient_cases: true, new }, |enabled| {
        let already = if enabled.new { "" } else { " already" };
        format!("this authority takes patient cases{already}")
    })?;
    context.output.say(
        "Back up the folder of this desk anew. Venues that want to take part need the new profile \
         (`noren authority profile --out FILE`) and `noren venue setup --patient-cases`; visitors get \
         it when they sync.",
    );
    Ok(Answer::Yes)
}
