use noren::authority::{Policy, Premises};
use noren::messages::{CodeBinding, CodeHash};
use noren::time::Window;

use super::*;
use crate::desk::case_file::{Decision, PatientVisit};

/// Noon in Tokyo on 2026-04-30.
const NOON: u64 = 1_777_518_000;
const DAY: u64 = 86_400;

fn time(seconds: u64) -> UnixSeconds {
    UnixSeconds::new(seconds).expect("a time")
}

fn premises() -> Premises {
    Premises { kind: VenueKind::Bar, size: None }
}

fn report(id: &str, received: u64) -> Report {
    Report {
        id: id.to_owned(),
        venue: "Bar Noren".to_owned(),
        premises: premises(),
        day: "2026-04-01".to_owned(),
        stay: Window::new(time(0), time(3_600)).expect("a window"),
        received: time(received),
    }
}

fn case(id: &str, opened: u64, reports: Option<&[&str]>) -> CaseFile {
    let policy = Policy::shipped().first().expect("a policy").toml;
    let policy = Policy::from_toml(policy).expect("a policy");
    let decision = reports.map(|reports| Decision {
        policy: policy.name().to_owned(),
        policy_digest: policy.digest(),
        premises: premises(),
        day: "2026-04-01".to_owned(),
        reports: reports.iter().map(ToString::to_string).collect(),
        stays: Vec::new(),
        finding: policy.evaluate(&premises(), 1),
    });
    CaseFile {
        id: id.to_owned(),
        venue: "Bar Noren".to_owned(),
        window: Window::new(time(0), time(3_600)).expect("a window"),
        code_hash: CodeHash::from_bytes([7; 32]),
        binding: CodeBinding::from_bytes([7; 32]),
        opened: time(opened),
        expires: time(opened + 7 * DAY),
        status: Status::Open,
        decision,
        reminded: Vec::new(),
        answered: None,
        notified: None,
        published: None,
        released: None,
        patient: None,
    }
}

fn figures(reports: &[Report], cases: &[CaseFile], taken_back: &[UnixSeconds]) -> Figures {
    since(reports, cases, taken_back, None).expect("figures")
}

fn since(
    reports: &[Report],
    cases: &[CaseFile],
    taken_back: &[UnixSeconds],
    since: Option<&str>,
) -> anyhow::Result<Figures> {
    let records = Records {
        reports,
        cases,
        taken_back,
        gone: taken_back,
        now: time(NOON),
        time_zone: "Asia/Tokyo",
        with_names: false,
    };
    Figures::new(&records, since.map(|date| date.parse().expect("a date")))
}

fn step(figures: &Figures, stage: Stage) -> &[u64] {
    &figures.steps.iter().find(|step| step.stage == stage).expect("a step").seconds
}

#[test]
fn a_desk_without_cases_has_empty_figures() {
    let figures = figures(&[], &[], &[]);
    assert!(figures.is_empty());
    assert_eq!(figures.days.len(), 14);
    assert!(figures.kinds.is_empty() && figures.waiting.is_empty());
    assert!(figures.steps.iter().all(|step| step.median_seconds.is_none()));
}

#[test]
fn a_case_whose_code_was_never_given_out_does_not_count() {
    let mut registering = case("c-1", NOON - DAY, None);
    registering.status = Status::Registering;
    assert!(figures(&[], &[registering], &[]).is_empty());
}

#[test]
fn a_notice_without_a_report_has_no_time_from_a_report() {
    let mut by_hand = case("c-1", NOON - 2 * DAY, None);
    by_hand.status = Status::Published;
    (by_hand.answered, by_hand.notified) = (Some(time(NOON - DAY)), Some(time(NOON - DAY + 600)));
    let figures = figures(&[], &[by_hand], &[]);
    assert_eq!(step(&figures, Stage::CaseToAnswer), [DAY]);
    assert_eq!(step(&figures, Stage::AnswerToNotice), [600]);
    assert!(step(&figures, Stage::ReportToCase).is_empty());
    assert!(step(&figures, Stage::ReportToNotice).is_empty());
    assert_eq!((figures.totals.notices, figures.totals.cases_without_reports), (1, 1));
    assert_eq!(figures.kinds[0].kind, None);
    // Its notice carries no publication any more: it was taken back.
    assert_eq!(figures.totals.notices_withdrawn, 1);
}

#[test]
fn a_case_that_a_visit_began_waits_for_no_venue() {
    let mut told = case("c-1", NOON - DAY, None);
    told.patient = Some(PatientVisit { upload: "p-1".to_owned(), number: 1 });
    (told.status, told.answered) = (Status::Published, Some(time(NOON - DAY)));
    told.notified = Some(time(NOON));
    let figures = figures(&[], &[told], &[]);
    assert_eq!((figures.totals.uploads_accepted, figures.totals.notices), (0, 1));
    assert!(step(&figures, Stage::CaseToAnswer).is_empty());
    assert_eq!(step(&figures, Stage::AnswerToNotice), [DAY]);
}

#[test]
fn a_report_that_was_taken_back_measures_nothing() {
    let mut published = case("c-1", NOON - DAY, Some(&["r-1", "r-2"]));
    published.notified = Some(time(NOON));
    let both = [report("r-1", NOON - 3 * DAY), report("r-2", NOON - 2 * DAY)];
    let all = figures(&both, std::slice::from_ref(&published), &[]);
    assert_eq!(step(&all, Stage::ReportToNotice), [3 * DAY]);
    let back = [time(NOON - DAY)];
    let one = figures(&both[1..], std::slice::from_ref(&published), &back);
    assert_eq!(step(&one, Stage::ReportToNotice), [2 * DAY]);
    assert_eq!((one.totals.reports, one.totals.reports_withdrawn), (2, 1));
    let none = figures(&[], &[published], &back);
    assert!(step(&none, Stage::ReportToNotice).is_empty());
}

#[test]
fn a_clock_that_was_set_back_measures_nothing() {
    let early = case("c-1", NOON - 2 * DAY, Some(&["r-1"]));
    let figures = figures(&[report("r-1", NOON - DAY)], &[early], &[]);
    assert!(step(&figures, Stage::ReportToCase).is_empty());
}

#[test]
fn days_are_local_and_at_most_ninety() {
    // 23:59 and 00:00 in Tokyo.
    let reports = [report("r-1", NOON - DAY / 2 - 60), report("r-2", NOON - DAY / 2)];
    let two = figures(&reports, &[], &[]);
    let counts: Vec<u64> = two.days.iter().map(|day| day.reports).collect();
    assert_eq!(counts[counts.len() - 2..], [1, 1]);
    assert_eq!(two.until.to_string(), "2026-04-30");
    let old = [report("r-1", NOON - 300 * DAY), report("r-2", NOON - 89 * DAY)];
    let ninety = figures(&old, &[], &[]);
    assert_eq!((ninety.days.len(), ninety.totals.reports), (90, 1));
    let chosen = since(&old, &[], &[], Some("2026-04-30")).expect("figures");
    assert_eq!((chosen.days.len(), chosen.totals.reports), (1, 0));
    assert!(since(&[], &[], &[], Some("2026-01-30")).is_err());
    assert!(since(&[], &[], &[], Some("2026-05-01")).is_err());
}

#[test]
fn a_case_waits_from_its_opening_until_it_is_answered_or_closed() {
    let mut rejected = case("c-2", NOON - 8 * DAY, Some(&["r-1"]));
    (rejected.status, rejected.reminded) = (Status::Rejected, vec![time(NOON); 2]);
    let mut closed = case("c-3", NOON - DAY, None);
    closed.status = Status::Closed;
    let figures = figures(&[], &[case("c-1", NOON - DAY, None), rejected, closed], &[]);
    let [longest, other] = &figures.waiting[..] else { panic!("{:?}", figures.waiting) };
    assert_eq!((longest.case.as_str(), longest.seconds, longest.reminders), ("c-2", 8 * DAY, 2));
    assert!(longest.expired && longest.rejected && longest.venue.is_none());
    assert!(!other.expired && !other.rejected);
    assert_eq!(figures.totals.closed_without_notice, 1);
}

#[test]
fn the_median_of_two_lies_between_them() {
    for (seconds, expected) in
        [(&[][..], None), (&[5], Some(5)), (&[1, 4], Some(2)), (&[1, 2, 90], Some(2))]
    {
        assert_eq!(median(seconds), expected);
    }
}
