//! Cases: what the authority asked which venue for.

use anyhow::{Context as _, ensure};
use noren::messages::{UploadCode, WindowCode};
use noren::text::folded;
use noren::time::Window;
use serde_json::json;

use super::case_file::{CaseFile, Decision, Status};
use super::evaluation::{decide, window_of};
use super::event::Event;
use super::patient::VisitEnded;
use super::personal::venue_name;
use super::review::lacks_upload;
use super::store::Change;
use super::{Desk, codes, patient, retention};
use crate::text::clean;
use crate::times;

/// What a venue is asked for.
pub(crate) enum Asked {
    /// The reports on a local day, like 2026-04-01; the policy tells the window.
    Day(String),
    Window(Window),
}

/// A case that is to be opened.
pub(super) struct NewCase {
    pub(super) venue: String,
    pub(super) window: Window,
    /// How long its code is good, in seconds.
    pub(super) life: u64,
    pub(super) decision: Option<Decision>,
}

/// A case with its code, which is kept nowhere.
pub(crate) struct OpenedCase {
    pub(crate) case: CaseFile,
    pub(crate) code: UploadCode,
}

/// Opens a case that somebody asks for.
pub(super) fn open_as_asked(
    desk: &mut Desk<'_>,
    venue: &str,
    asked: &Asked,
    life: u64,
) -> anyhow::Result<OpenedCase> {
    let venue = venue_name(venue)?;
    let (window, decision) = match asked {
        Asked::Window(window) => (*window, None),
        Asked::Day(day) => {
            let decision = decide(desk, &venue, day)?.with_context(|| {
                format!("there is no report on {} on {}", clean(&venue), clean(day))
            })?;
            (window_of(desk, &venue, day)?, Some(decision))
        }
    };
    open(desk, NewCase { venue, window, life, decision })
}

/// Opens a case, and registers its code with the server.
pub(super) fn open(desk: &mut Desk<'_>, new: NewCase) -> anyhow::Result<OpenedCase> {
    let NewCase { venue, window, life, decision } = new;
    let (now, mut rng) = (desk.now()?, desk.rng());
    codes::check_life(life)?;
    ensure!(window.start() < now, "the window lies in the future; nobody was there yet");
    let hours = window.hours().take(noren::messages::MAX_HOURS + 1).count();
    ensure!(
        hours <= noren::messages::MAX_HOURS,
        "a case holds at most 36 hours; open several with --from and --to"
    );
    // [VEN-6] Nobody could answer it.
    ensure!(
        WindowCode::within(window).is_some(),
        "there is no whole minute in {}; make the window longer",
        times::show_window(window)
    );
    retention::check(desk, window)?;
    retention::remark_unfinished(desk, window)?;
    remark_same(desk, &venue, window);
    codes::clear_unopened::<CaseFile>(desk)?;
    let code = UploadCode::generate(&mut rng);
    let known: Vec<&str> = desk.cases().iter().map(|case| case.id.as_str()).collect();
    let case = CaseFile {
        id: Desk::new_id("c", &mut rng, &known),
        venue,
        window,
        code_hash: code.hash(),
        binding: code.binding(),
        opened: now,
        expires: now.plus(life),
        status: Status::Registering,
        decision,
        reminded: Vec::new(),
        answered: None,
        notified: None,
        published: None,
        released: None,
        patient: None,
    };
    let why = case.decision.as_ref().map(|decision| decision.finding.to_string());
    let details = json!({ "venue": case.venue, "window": case.window, "why": why });
    let event = Event::CaseOpened.about(&case.id, details);
    let expires = case.expires;
    let case = codes::open(desk, case, expires, event)?;
    Ok(OpenedCase { case, code })
}

/// Tells of a case that asks the same of the same venue.
fn remark_same(desk: &Desk<'_>, venue: &str, window: Window) {
    // [CLI-46]
    let key = folded(venue);
    let stands = |case: &&CaseFile| {
        !matches!(case.status, Status::Closed | Status::Registering | Status::Rejected)
            && case.window == window
            && folded(&case.venue) == key
    };
    for case in desk.cases().iter().filter(stands) {
        desk.say(format!(
            "warning: case {0} is about {1} and this window already, and {2}: if this is the same, \
             close one of the two (`noren authority case close {0}`)",
            case.id,
            clean(&case.venue),
            case.status.name()
        ));
    }
}

/// The case of a venue and day that is not closed.
pub(super) fn of_day<'d>(desk: &'d Desk<'_>, venue: &str, day: &str) -> Option<&'d CaseFile> {
    let key = folded(venue);
    desk.cases().iter().find(|case| {
        !matches!(case.status, Status::Closed | Status::Registering)
            && folded(&case.venue) == key
            && case.decision.as_ref().is_some_and(|decision| decision.day == day)
    })
}

/// Notes that the venue was asked once more.
pub(super) fn remind(desk: &mut Desk<'_>, name: &str) -> anyhow::Result<CaseFile> {
    let mut case = desk.case(name)?;
    ensure!(case.status.waits_for_upload(), "case {} waits for no upload", case.id);
    // [CLI-21]
    ensure!(
        !desk.untold()?.contains(&case.id),
        "nobody has the code of case {0}: `noren authority case reissue {0}` gives out another",
        case.id
    );
    case.reminded.push(desk.now()?);
    let event = Event::Reminded.about(&case.id, json!({ "times": case.reminded.len() }));
    desk.apply(Change::default().put(&case).note(event))?;
    Ok(case)
}

/// Gives out another code; the old one stops working.
pub(super) fn reissue(desk: &mut Desk<'_>, name: &str, life: u64) -> anyhow::Result<OpenedCase> {
    desk.resume()?;
    let mut case = desk.case(name)?;
    let is_lost = lacks_upload(desk, &case);
    let code = codes::reissue(desk, &mut case, life, is_lost)?;
    Ok(OpenedCase { case, code })
}

/// A case that was closed.
pub(crate) struct ClosedCase {
    pub(crate) id: String,
    /// Whether it was closed before.
    pub(crate) already: bool,
    /// What became of the upload of which it was a visit; absent where a venue was asked.
    pub(crate) visit: Option<VisitEnded>,
}

/// Closes a case: its code no longer works, and what was uploaded is deleted.
pub(super) fn close(desk: &mut Desk<'_>, name: &str) -> anyhow::Result<ClosedCase> {
    // What is under way for this case has to be noted before the case is changed.
    desk.resume()?;
    let mut case = desk.case(name)?;
    // [CLI-9] What is done already is not done once more.
    if case.status == Status::Closed {
        return Ok(ClosedCase { id: case.id, already: true, visit: None });
    }
    // [CLI-11] [CLI-35] What several have approved is not taken out by one.
    case.check_not_released()?;
    // [CLI-11] Only the upload can take a notice back.
    let forgotten = case.window.end().plus(u64::from(desk.policy()?.retention_days()) * 86_400);
    ensure!(
        case.published.is_none() || forgotten < desk.now()?,
        "the notice of case {} stands, and only with its upload can it be changed or withdrawn: withdraw it first, or close the case when devices have forgotten it, after {}",
        case.id,
        times::show(forgotten)
    );
    // The code of a patient case belongs to all of its visits.
    if case.patient.is_none() {
        codes::unregister(desk, &case)?;
    }
    case.status = Status::Closed;
    let event = Event::CaseClosed.about(&case.id, json!({}));
    let change = Change::default().put(&case).note(event);
    let (change, visit) = patient::end_visit(desk, &case, change)?;
    desk.apply(change)?;
    codes::forget_ended(desk);
    Ok(ClosedCase { id: case.id, already: false, visit })
}
