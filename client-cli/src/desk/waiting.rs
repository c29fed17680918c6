//! Everything that waits for somebody: who has to act, and the command to type next.

use std::collections::BTreeMap;

use noren::log::SignedCheckpoint;
use noren::messages::Level;
use noren::time::{Day, UnixSeconds};
use serde::Serialize;

use super::case_file::{CaseFile, Coded, PatientFile, Publication, Status};
use super::event::Event;
use super::heads::Seen;
use super::patient::{visits, window};
use super::review::lacks_upload;
use super::served::Served;
use super::take_over::BY_TAKE_OVER;
use super::uncovered::{self, Uncovered};
use super::{Desk, codes, release_times, retention};
use crate::errors::words;
use crate::log_files::fetch_profile;
use crate::text::counted;
use crate::times;

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
    let (undecided, untold) = (undecided(desk)?, desk.untold()?);
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

/// What the server says: the age of the log, its profile, and the codes of the uploads it holds;
/// `None` where that is not known.
fn of_server(desk: &Desk<'_>, now: UnixSeconds) -> (Vec<Waiting>, Option<Vec<String>>) {
    let mut waiting = Vec::new();
    let uploads = match codes::waiting(desk) {
        Ok(uploads) => Some(uploads.into_iter().map(|upload| upload.case).collect()),
        // The server may know the next keys already, and takes a request by these for a stranger's.
        Err(_) if desk.is_handing_over() => return (waiting, None),
        Err(error) => {
            let text = format!("whether uploads wait is not known: {}", words(&error));
            let next = "noren authority uploads".to_owned();
            waiting.push(Waiting::new("server", "whoever runs it", text, next));
            None
        }
    };
    if desk.is_handing_over() {
        return (waiting, uploads);
    }
    let profile = desk.profile.profile();
    let mut next = format!("noren authority profile --name {:?}", profile.name);
    let text = match fetch_profile(&profile.url) {
        Ok(served) if served.as_bytes() == desk.profile.as_bytes() => None,
        Ok(served) => Some(match desk.judge_profile(served) {
            Served::NoLater => "the server hands out another profile than this desk's".to_owned(),
            // [CLI-15]
            Served::Later(_) => {
                "noren authority take-over".clone_into(&mut next);
                "the server hands out a later profile than this desk's, which was restored from a backup"
                    .to_owned()
            }
            Served::NotOfOurKeys => format!(
                "the server hands out a later profile, with a patient master key that is not in {}: put the \
                 newest copy of that file back; the next command takes the profile back",
                desk.keys_path().display()
            ),
        }),
        // That has been told.
        Err(_) if uploads.is_none() => None,
        Err(error) => {
            Some(format!("devices cannot read the profile at the server: {}", words(&error)))
        }
    };
    waiting.extend(text.map(|text| Waiting::new("profile", "you", text, next)));
    waiting.extend(of_log(desk, now, uploads.is_some()));
    (waiting, uploads)
}

/// What is wrong with the log that the server shows, held against what this desk has signed.
/// `answers`: whether the server has answered before.
fn of_log(desk: &Desk<'_>, now: UnixSeconds, answers: bool) -> Option<Waiting> {
    // [CLI-46]
    let seen = desk.head_at(&desk.profile.profile().url);
    let seen = seen.and_then(|head| Ok((desk.judge(&head)?, head)));
    let (seen, head) = match seen {
        Ok(seen) => seen,
        // That has been told.
        Err(_) if !answers => return None,
        Err(error) => {
            let text = format!("the head of the log cannot be read: {}", words(&error));
            let next = "noren authority heartbeat".to_owned();
            return Some(Waiting::new("heartbeat", "you", text, next));
        }
    };
    let ours = counted(desk.log_size(), "entry");
    let size = head.signed.as_ref().map_or(0, |signed| signed.checkpoint().size);
    let item = |who, text, verb: &str| {
        Some(Waiting::new("log", who, text, format!("noren authority {verb}")))
    };
    match seen {
        Seen::Fork => {
            let text = format!(
                "the server shows a log of {} that is not this desk's, under this authority's \
                 signature: sign nothing, stop every copy of this desk, and call whoever runs this \
                 authority's keys; the next command keeps both notes and signs nothing",
                counted(size, "entry")
            );
            item("whoever runs the keys", text, "heartbeat")
        }
        Seen::Ahead => {
            let text = format!(
                "the server shows a log of {} that goes beyond what this desk has signed ({ours}): \
                 another copy of it is at work, or it was restored from a backup",
                counted(size, "entry")
            );
            item("you", text, "take-over")
        }
        Seen::Nothing | Seen::Behind if desk.note().is_some() => {
            let text = format!(
                "the log at the server went back: it has {}, of the {ours} that this desk has signed; \
                 devices refuse it",
                counted(size, "entry")
            );
            item("you", text, "restore-log")
        }
        // A server that refuses this desk may do so for its clock, by which no age can be told.
        _ if !answers => None,
        _ => heartbeat(desk, head.signed.as_ref(), now),
    }
}

/// Devices refuse a log that was signed too long ago; half of that time is time to sign it anew.
fn heartbeat(
    desk: &Desk<'_>,
    signed: Option<&SignedCheckpoint>,
    now: UnixSeconds,
) -> Option<Waiting> {
    let longest = desk.profile.profile().checkpoint_max_age;
    let text = match signed {
        Some(signed) => {
            let at = times::show(signed.timestamp());
            match signed.check_fresh(now, longest / 2) {
                Ok(()) => return None,
                Err(_) if signed.check_fresh(now, longest).is_ok() => {
                    format!("the log was signed last at {at}; its date is due to be renewed")
                }
                Err(error) => format!("devices refuse the log, signed last at {at}: {error}"),
            }
        }
        None => "the log was never signed; devices cannot read it".to_owned(),
    };
    Some(Waiting::new("heartbeat", "you", text, "noren authority heartbeat".to_owned()))
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
        let path = desk.place.folder.join(format!("{}.upload", visit.upload));
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

/// The cases of which a take-over has taken out what waited, and of which nobody has decided since.
pub(super) fn undecided(desk: &mut Desk<'_>) -> anyhow::Result<Vec<String>> {
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

/// The codes of the uploads that the server holds, where that is known, and the records whose code nobody
/// has been told.
type Codes<'w> = (Option<&'w [String]>, &'w [String]);

/// What waits for an upload with a code, or for a look at it.
fn of_code<T: Coded>(
    record: &T,
    whom: &'static str,
    text: &str,
    ask_again: &str,
    (expires, now): (UnixSeconds, UnixSeconds),
    (uploads, untold): Codes<'_>,
) -> Option<Waiting> {
    let (id, verbs) = (record.id(), T::VERBS);
    let uploaded = uploads.is_some_and(|codes| codes.contains(&record.code_hash_hex()));
    let review = if verbs == "case" { "review".to_owned() } else { format!("{verbs} review") };
    let item = |what, who, text: String, verb: &str| {
        let next = format!("noren authority {verb} {id}");
        Some(Waiting::of(id, what, who, text, next))
    };
    match record.status() {
        Status::Registering => {
            let text = format!("{text}: its opening was cut off, and nobody has its code");
            item("cut-off", "you", text, &format!("{verbs} close"))
        }
        Status::Open if uploaded => {
            item("upload", "you", format!("{text}: an upload waits for review"), &review)
        }
        // [CLI-21]
        Status::Open if untold.iter().any(|each| each == id) => {
            let text = format!("{text}: its code was never printed, and nobody has it");
            item("cut-off", "you", text, &format!("{verbs} reissue"))
        }
        // [CLI-46] Nobody is asked again for what may be there.
        Status::Open if uploads.is_none() => {
            let until = times::show(expires);
            let code = if expires <= now { "had expired by" } else { "is good until" };
            let text = format!(
                "{text}: whether anything was uploaded is not known; the code {code} {until}"
            );
            let next = "noren authority uploads".to_owned();
            Some(Waiting::of(id, "unknown", "you", text, next))
        }
        Status::Open if expires <= now => {
            let text = format!("{text}: nothing was uploaded, and the code has expired");
            item("expired", "you", text, &format!("{verbs} reissue"))
        }
        Status::Open => {
            let text =
                format!("{text}: no upload yet; the code is good until {}", times::show(expires));
            item("unanswered", whom, text, &format!("{verbs} {ask_again}"))
        }
        Status::Rejected => {
            let text = format!("{text}: its upload was rejected, and it has no new code");
            item("rejected", "you", text, &format!("{verbs} reissue"))
        }
        Status::Reviewed | Status::Published | Status::Withdrawn | Status::Closed => None,
    }
}

/// Visits that were told, and of which nobody has made a case.
fn visits_left(desk: &Desk<'_>, patient: &PatientFile) -> Option<Waiting> {
    // [CLI-19] [PAT-19]
    let id = &patient.id;
    let left = if patient.status == Status::Reviewed { desk.visits_left(patient) } else { vec![] };
    let numbers = left.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let open = desk.visits_of(id).next().is_some();
    let otherwise = if open {
        "; close those that you do not believe".to_owned()
    } else {
        format!("; `noren authority patient close {id}` deletes them")
    };
    (!left.is_empty()).then(|| {
        let text =
            format!("no case was made of {} that the visitor told{otherwise}", visits(&left));
        let next = format!("noren authority patient review {id} --visits {numbers}");
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
