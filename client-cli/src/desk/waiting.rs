//! Everything that waits for somebody: who has to act, and the command to type next.

mod code;
mod server;

use noren::messages::Level;
use noren::time::{Day, UnixSeconds};
use serde::Serialize;

use super::case_file::{CaseFile, Coded as _, PatientFile, Publication, Status};
use super::patient::{numbers, visits_named, window};
use super::review::lacks_upload;
use super::uncovered::{self, Uncovered};
use super::{Desk, release_times, retention, undecided};
use crate::errors::words;
use crate::text::counted;
use crate::times;
use code::{Codes, of_code};
use server::of_server;

/// Something that waits for somebody.
#[derive(Serialize)]
pub(crate) struct Waiting {
    /// Of which sort it is.
    pub(crate) what: &'static str,
    /// The case, patient case or proposal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) case: Option<String>,
    /// Who has to act.
    pub(crate) who: &'static str,
    pub(crate) text: String,
    /// The command to type next.
    pub(crate) next: String,
}

impl Waiting {
    fn new(what: &'static str, who: &'static str, text: String, next: String) -> Self {
        Self { what, case: None, who, text, next }
    }

    fn of(id: &str, what: &'static str, who: &'static str, text: String, next: String) -> Self {
        Self { case: Some(id.to_owned()), ..Self::new(what, who, text, next) }
    }
}

impl Desk<'_> {
    /// What waits, what can go wrong soonest first.
    pub(crate) fn waiting(&mut self) -> anyhow::Result<Vec<Waiting>> {
        waiting(self)
    }
}

fn waiting(desk: &mut Desk<'_>) -> anyhow::Result<Vec<Waiting>> {
    // [CLI-19]
    let now = desk.now()?;
    let mut waiting = of_desk(desk);
    waiting.extend(release_times::overdue(desk)?.map(|text| {
        Waiting::new("release", "the timer", text, "noren authority release".to_owned())
    }));
    let (of_server, uploads) = of_server(desk, now);
    waiting.extend(of_server);
    let known = uploads.as_deref();
    for state in desk.proposals()? {
        let (id, resolution) = (&state.proposal.id, state.proposal.resolution.shown());
        let text = format!("{resolution}; {}", state.progress());
        let reject = if state.is_void { " --reject" } else { "" };
        let next = format!("noren authority approve {id}{reject} --key FILE");
        waiting.push(Waiting::of(id, "proposal", "operators", text, next));
    }
    for Uncovered { text, next } in uncovered::all(desk)? {
        waiting.push(Waiting::new("threshold", "you", text, next));
    }
    let first = retention::first_day(desk)?;
    let (undecided, untold) = (undecided::cases(desk)?, desk.untold()?);
    let clashes = window::clashes(desk);
    for case in desk.cases() {
        let mut item = match of_lost(desk, case, known) {
            Some(lost) => Some(lost),
            None => of_case(case, (known, &untold), now, first),
        };
        if let (Some(item), Some((_, next))) =
            (&mut item, clashes.iter().find(|(id, _)| *id == case.id))
        {
            item.text.push_str(
                ", and cannot be beside another visit to this venue in the same hour: one window has \
                 to hold both",
            );
            item.next.clone_from(next);
        }
        waiting.extend(item);
        waiting.extend(of_undecided(case, &undecided));
    }
    for patient in desk.patient_cases() {
        let opened = patient.opened;
        let text = format!("a diagnosed visitor, since {}", times::show(opened));
        waiting.extend(of_code(
            patient,
            "the visitor",
            &text,
            "reissue",
            (patient.expires, now),
            (known, &untold),
        ));
        waiting.extend(visits_left(desk, patient));
    }
    waiting.extend(of_nobody(desk, known.unwrap_or_default()));
    Ok(waiting)
}

/// What this desk left unfinished, and what is wrong with what it says.
fn of_desk(desk: &Desk<'_>) -> Vec<Waiting> {
    let mut waiting = Vec::new();
    let mut add = |what, text: &str, next: &str| {
        waiting.push(Waiting::new(what, "you", text.to_owned(), next.to_owned()));
    };
    let handing_over = desk.is_handing_over();
    if handing_over {
        let text = "the handover to new keys was cut off; nothing else works until it is finished";
        add("next-keys", text, "noren authority rotate-keys");
    }
    // What was signed goes out with the handover, and no other command works before.
    if desk.has_pending() && !handing_over {
        let text = "an append was signed and its command cut off; the server may not have it";
        add("pending", text, "noren authority heartbeat");
    }
    let profile = desk.profile.profile();
    match desk.policy() {
        Ok(policy) if profile.texts != policy.texts() || profile.contacts != policy.contacts() => {
            let text = "the profile does not have the texts of the policy in force";
            add("policy", text, "noren authority policy set FILE");
        }
        Ok(_) => {}
        Err(error) => add("policy", &words(&error), "noren authority policy set FILE"),
    }
    for level in [Level::Attention, Level::Cluster] {
        if profile.text(level, &[]).is_none() {
            let text = format!(
                "the profile has no text for the level {}: devices show its name alone",
                level.name()
            );
            add("profile", &text, "noren authority policy set FILE");
        }
    }
    waiting
}

fn of_case(case: &CaseFile, codes: Codes<'_>, now: UnixSeconds, first: Day) -> Option<Waiting> {
    let id = &case.id;
    // [CLI-35] Nobody has to act: it goes out by the clock.
    if case.released.is_some() {
        return None;
    }
    let forgotten = forgotten(case, first);
    if case.status == Status::Reviewed {
        let text =
            format!("{}{forgotten}: its upload passed review and is not published", case.venue);
        let next = format!("noren authority publish {id}");
        return Some(Waiting::of(id, "reviewed", "you", text, next));
    }
    // The code of a patient case belongs to all of its visits.
    if case.patient.is_some() {
        return None;
    }
    let days = now.get().saturating_sub(case.opened.get()) / 86_400;
    let text = format!("{}, for {}{forgotten}", case.venue, counted(days, "day"));
    of_code(case, "the venue", &text, "remind", (case.expires, now), codes)
}

/// An upload without which nothing of a case can be published or withdrawn, and that is not here.
fn of_lost(desk: &Desk<'_>, case: &CaseFile, uploads: Option<&[String]>) -> Option<Waiting> {
    // [CLI-16] [CLI-19]
    let item = |what, who, text: &str, next| {
        Some(Waiting::of(&case.id, what, who, format!("{}: {text}", case.venue), next))
    };
    if let Some(visit) = &case.patient {
        let path = desk.upload_path_of(&visit.upload);
        if case.status == Status::Closed || path.exists() {
            return None;
        }
        let text =
            format!("the visitor's upload is gone: put {} back from a backup", path.display());
        let next = format!("noren authority publish {}", case.id);
        return item("lost", "you", &text, next);
    }
    if !lacks_upload(desk, case) {
        return None;
    }
    // A command that needs it fetches it.
    if uploads.is_some_and(|codes| codes.contains(&case.code_hash_hex())) {
        let next = format!("noren authority review {}", case.id);
        return item("upload", "you", "an upload in place of the lost one waits for review", next);
    }
    let text = format!(
        "its upload is gone: put {} back from a backup, or ask the venue once more",
        desk.upload_path(case).display()
    );
    item("lost", "you", &text, format!("noren authority case reissue {}", case.id))
}

/// What was to be published and was taken out, where that shows nowhere else.
fn of_undecided(case: &CaseFile, undecided: &[String]) -> Option<Waiting> {
    let shows = matches!(case.status, Status::Published | Status::Withdrawn);
    if !shows || !undecided.contains(&case.id) {
        return None;
    }
    let text = format!(
        "{}: a take-over has taken out what waited for a release, and the notice is as it was before \
         ({}): decide again",
        case.venue,
        case.published.as_ref().map_or_else(|| "withdrawn".to_owned(), Publication::shown)
    );
    let next = format!("noren authority publish {}", case.id);
    Some(Waiting::of(&case.id, "undecided", "you", text, next))
}

/// What devices have no record of any more, of the window of a case.
fn forgotten(case: &CaseFile, first: Day) -> String {
    // [CLI-19] [CLI-30]
    if Day::containing(case.window.end().minus(1)) < first {
        ", of which no device has a record any more".to_owned()
    } else if case.window.start() < first.start() {
        format!(", of which no device has a record before {}", times::show(first.start()))
    } else {
        String::new()
    }
}

/// Visits that were told, and of which nobody has made a case.
fn visits_left(desk: &Desk<'_>, patient: &PatientFile) -> Option<Waiting> {
    // [CLI-19] [PAT-19]
    let id = &patient.id;
    let left = if patient.status == Status::Reviewed { desk.visits_left(patient) } else { vec![] };
    let open = desk.visits_of(id).next().is_some();
    let otherwise = if open {
        "; close those that you do not believe".to_owned()
    } else {
        format!("; `noren authority patient close {id}` deletes them")
    };
    (!left.is_empty()).then(|| {
        let text =
            format!("no case was made of {} that the visitor told{otherwise}", visits_named(&left));
        let next = format!("noren authority patient review {id} --visits {}", numbers(&left, ","));
        Waiting::of(id, "visits", "you", text, next)
    })
}

/// Uploads that belong to nothing that waits.
fn of_nobody(desk: &Desk<'_>, uploads: &[String]) -> Option<Waiting> {
    let cases = desk.cases().iter().map(CaseFile::code_hash_hex);
    let known: Vec<String> =
        cases.chain(desk.patient_cases().iter().map(PatientFile::code_hash_hex)).collect();
    let foreign = uploads.iter().filter(|code| !known.contains(code)).count();
    (foreign > 0).then(|| {
        let uploads = counted(foreign, "upload");
        let text = format!("of no case of this desk, at the server: {uploads}");
        Waiting::new("upload", "you", text, "noren authority uploads".to_owned())
    })
}
