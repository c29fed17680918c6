//! Reports: interviews name venues; those on one venue and day add up to what the policy says.

use anyhow::{Context as _, bail, ensure};
use noren::authority::{Finding, Policy, Premises, Size, Verdict};
use noren::messages::{Level, VenueKind};
use noren::time::Window;
use serde::Serialize;
use serde_json::json;

use super::cases::{self, Opened};
use super::desk::{Change, Decision, Desk, Event, Report, Status};
use super::retention;
use crate::context::Context;
use crate::errors::whole_number;
use crate::outcome::{Answer, Outcome};
use crate::text::clean;
use crate::times;
use crate::venue::kind_parser;

/// The longest name of a venue, in characters.
const NAME_CHARACTERS: usize = 100;
/// So many digits in a row, whatever stands between them, are a telephone number or a birthday.
const DIGITS_OF_A_PERSON: usize = 8;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The venue's name, always the same way; nothing about the person
    #[arg(long, value_name = "NAME")]
    venue: String,
    /// What kind of venue it is
    #[arg(long, value_parser = kind_parser())]
    kind: VenueKind,
    /// How many seats it has
    #[arg(long, value_parser = whole_number::<u32>, value_name = "N", conflicts_with_all = ["area", "event_size"])]
    seats: Option<u32>,
    /// How large it is, in square metres
    #[arg(long, value_parser = whole_number::<u32>, value_name = "M2", conflicts_with = "event_size")]
    area: Option<u32>,
    /// It was an event there, with so many people
    #[arg(long, value_parser = whole_number::<u32>, value_name = "N")]
    event_size: Option<u32>,
    /// When the infected person came
    #[arg(long, value_name = "TIME")]
    from: String,
    /// When the infected person left
    #[arg(long, value_name = "TIME")]
    to: String,
    /// Do not open a case, even if the threshold is reached
    #[arg(long)]
    no_case: bool,
    /// How long the code of a case that is opened is good
    #[arg(long, default_value = "7d", value_name = "LENGTH")]
    expires: String,
}

#[derive(Serialize)]
struct Shown {
    report: String,
    venue: String,
    day: String,
    reports: usize,
    verdict: Verdict,
    explanation: String,
    /// The case of this venue and day, new or not.
    case: Option<String>,
    opened: Option<Opened>,
}

impl Arguments {
    fn report(&self, desk: &Desk<'_>, stay: Window) -> anyhow::Result<Report> {
        let venue = venue_name(&self.venue)?;
        // A venue keeps the name under which it was first reported, however it is typed later.
        let known = desk.reports().iter().find(|report| report.is_of(&venue));
        let venue = known.map_or(venue, |report| report.venue.clone());
        let premises = self.premises();
        same_premises(desk, &venue, &premises)?;
        let known: Vec<&str> = desk.reports().iter().map(|report| report.id.as_str()).collect();
        Ok(Report {
            id: Desk::new_id("r", &mut desk.context.rng(), &known),
            venue,
            premises,
            day: times::local_date(stay.start(), desk.policy()?.time_zone())?,
            stay,
            received: desk.context.now()?,
        })
    }

    fn premises(&self) -> Premises {
        let seats = self.seats.map(Size::Seats);
        let area = || self.area.map(Size::SquareMetres);
        let people = || self.event_size.map(Size::Attendance);
        Premises { kind: self.kind, size: seats.or_else(area).or_else(people) }
    }
}

pub(super) fn report(context: &Context, arguments: &Arguments) -> Outcome {
    if !arguments.no_case {
        context.output.check_seen()?;
    }
    let stay = times::parse_window(&arguments.from, &arguments.to, context.now()?)?;
    ensure!(stay.end() <= context.now()?, "the stay ends in the future; report what has happened");
    let mut desk = Desk::open(context)?;
    desk.resume()?;
    retention::check(&desk, stay)?;
    let report = arguments.report(&desk, stay)?;
    let equal = |other: &&Report| other.venue == report.venue && other.stay == report.stay;
    if let Some(other) = desk.reports().iter().find(equal) {
        context.output.say(format!(
            "report {} tells the same stay: if it is the same interview, take one back with `noren authority take-back {}`",
            other.id, report.id
        ));
    }
    let details = json!({ "venue": report.venue, "day": report.day });
    desk.apply(Change::default().put(&report).note(Event::new("report", &report.id, details)))?;
    let decision = decide(&desk, &report.venue, &report.day)?.context("the report is gone")?;
    let opened = open_when_due(context, &mut desk, &decision, &report, arguments)?;
    let case = cases::of_day(&desk, &report.venue, &report.day).map(|case| case.id.clone());
    let shown = Shown {
        reports: decision.reports.len(),
        verdict: decision.finding.verdict,
        explanation: decision.finding.to_string(),
        case,
        opened,
        report: report.id,
        venue: report.venue,
        day: report.day,
    };
    let printed = match &shown.opened {
        Some(_) => context.output.told(&shown, Shown::lines),
        None => context.output.done(&shown, Shown::lines),
    };
    printed.with_context(|| match &shown.opened {
        Some(opened) => format!(
            "report {} is kept; case {}",
            shown.report,
            super::codes::lost("case", &opened.case)
        ),
        None => format!("report {} is kept", shown.report),
    })?;
    Ok(Answer::Yes)
}

/// A threshold that is reached leads to a case, once.
fn open_when_due(
    context: &Context,
    desk: &mut Desk<'_>,
    decision: &Decision,
    report: &Report,
    arguments: &Arguments,
) -> anyhow::Result<Option<Opened>> {
    let reached = matches!(decision.finding.verdict, Verdict::Reached(_));
    if !reached || arguments.no_case {
        return Ok(None);
    }
    if let Some(case) = cases::of_day(desk, &report.venue, &report.day) {
        if !case.window.contains(report.stay) {
            context.output.say(format!(
                "case {} does not cover this stay; open another with `noren authority case open --from … --to …`",
                case.id
            ));
        }
        return Ok(None);
    }
    let window = window_of(desk, &report.venue, &report.day)?;
    let expires = times::parse_length(&arguments.expires)?;
    cases::open(context, desk, &report.venue, window, expires, Some(decision.clone())).map(Some)
        .context("the report is kept, the case is not open: `noren authority case open --venue … --day …` tries again")
}

/// What the policy says of all reports on a venue and day; `None` where there is none.
pub(super) fn decide(desk: &Desk<'_>, venue: &str, day: &str) -> anyhow::Result<Option<Decision>> {
    let policy = desk.policy()?;
    let reports = of_day(desk, venue, day);
    let Some(last) = reports.iter().max_by_key(|report| report.received) else { return Ok(None) };
    Ok(Some(Decision {
        policy: policy.name().to_owned(),
        policy_digest: policy.digest(),
        premises: last.premises,
        day: day.to_owned(),
        finding: evaluate(&policy, &last.premises, reports.len())?,
        reports: reports.iter().map(|report| report.id.clone()).collect(),
    }))
}

pub(super) fn evaluate(
    policy: &Policy,
    premises: &Premises,
    reports: usize,
) -> anyhow::Result<Finding> {
    Ok(policy.evaluate(premises, u32::try_from(reports)?))
}

/// The reports on a venue and local day.
pub(super) fn of_day<'d>(desk: &'d Desk<'_>, venue: &str, day: &str) -> Vec<&'d Report> {
    let same = |report: &&Report| report.is_of(venue) && report.day == day;
    desk.reports().iter().filter(same).collect()
}

/// From the beginning of the first window that a report asks for to the end of the last.
pub(super) fn window_of(desk: &Desk<'_>, venue: &str, day: &str) -> anyhow::Result<Window> {
    let policy = desk.policy()?;
    let windows = of_day(desk, venue, day)
        .into_iter()
        .map(|report| window_of_stay(&policy, report.stay))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let start = windows.iter().map(|window| window.start()).min();
    let end = windows.iter().map(|window| window.end()).max();
    let (start, end) = start.zip(end).context("there is no report on this venue and day")?;
    Ok(Window::new(start, end)?)
}

/// What counts as dangerous, by the policy, when an infected person was there for `stay`.
pub(super) fn window_of_stay(policy: &Policy, stay: Window) -> anyhow::Result<Window> {
    Ok(policy.window(stay, times::local_day(stay.start(), policy.time_zone())?))
}

/// Size and kind decide on the threshold, so that one venue has one of each.
fn same_premises(desk: &Desk<'_>, venue: &str, premises: &Premises) -> anyhow::Result<()> {
    let earlier = desk.reports().iter().filter(|report| report.is_of(venue));
    let Some(other) = earlier.max_by_key(|report| report.received) else { return Ok(()) };
    ensure!(
        other.premises == *premises,
        "report {} tells another kind or size of this venue; give the same, or take that report back with `noren authority take-back {}`",
        other.id,
        other.id
    );
    Ok(())
}

pub(super) fn take_back(context: &Context, name: &str) -> Outcome {
    let mut desk = Desk::open(context)?;
    let found: Vec<_> =
        desk.reports().iter().filter(|report| report.id.starts_with(name)).cloned().collect();
    let [report] = found.as_slice() else {
        bail!("no one report is called {}; `noren authority status` shows them", clean(name));
    };
    let used = |case: &&super::desk::CaseFile| {
        case.status != Status::Closed
            && case.decision.as_ref().is_some_and(|decision| decision.reports.contains(&report.id))
    };
    if let Some(case) = desk.cases().iter().find(used) {
        context.output.say(format!(
            "case {} was opened by this report: close it, or withdraw its notice, if it no longer stands",
            case.id
        ));
    }
    let event = Event::new("report-taken-back", &report.id, json!({ "venue": report.venue }));
    desk.apply(Change::default().remove(report).note(event))?;
    context.output.say(format!("report {} is taken back", report.id));
    Ok(Answer::Yes)
}

/// A venue's name, and nothing that looks like a person.
pub(super) fn venue_name(text: &str) -> anyhow::Result<String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    ensure!(!noren::text::is_blank(&name), "the venue's name is missing");
    ensure!(name.chars().count() <= NAME_CHARACTERS, "a venue's name has at most 100 characters");
    refuse_hidden("a venue's name", &name)?;
    refuse_personal(&name)?;
    Ok(name)
}

/// A short text for the journal, with nothing that looks like a person.
pub(super) fn free_text(text: &str) -> anyhow::Result<String> {
    venue_name(text).with_context(|| format!("{:?} cannot be kept", clean(text)))
}

/// Refuses a text that breaks its line or reads otherwise than it is written.
pub(super) fn refuse_hidden(what: &str, text: &str) -> anyhow::Result<()> {
    // [MSG-3]
    ensure!(
        !text.chars().any(noren::text::is_refused),
        "{what} has no line break, no control character, and none that changes the reading order"
    );
    Ok(())
}

/// Refuses a text in which something looks like a person's data.
pub(super) fn refuse_personal(text: &str) -> anyhow::Result<()> {
    // [CLI-10]
    match personal_data(text) {
        None => Ok(()),
        Some(what) => bail!(
            "this looks like {what}: nothing about a person is kept here; name the venue only, \
             like \"Bar Noren, Umeda\""
        ),
    }
}

/// Words that speak of one person and of no venue.
const OF_A_PERSON: [&str; 17] = [
    "patient",
    "infected",
    "years old",
    "born",
    "diagnosed",
    "tested positive",
    "dob",
    "患者",
    "感染者",
    "陽性",
    "生年月日",
    "生まれ",
    "氏名",
    "昭和",
    "平成",
    "大正",
    "様の",
];

/// What in a text speaks of a person. A net with holes: it catches what slips from a hurried hand,
/// not what somebody means to hide.
fn personal_data(text: &str) -> Option<&'static str> {
    let text = noren::text::plain(text);
    let digits = |text: &str| text.chars().filter(|c| c.is_numeric()).count();
    // Digits and what people write between them.
    let between = |c: char| !c.is_numeric() && !" -/.()+ー－−–‐・年月日".contains(c);
    let address = |word: &str| {
        word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
    };
    let age = text.char_indices().any(|(at, c)| {
        c.is_numeric() && text.get(at + c.len_utf8()..).is_some_and(|rest| rest.starts_with('歳'))
    });
    if text.split_whitespace().any(address) {
        Some("an e-mail address")
    } else if text.split(between).any(|run| digits(run) >= DIGITS_OF_A_PERSON)
        || (text.contains('年') && text.contains('月') && text.contains('日'))
    {
        Some("a telephone number or a date")
    } else if age || OF_A_PERSON.iter().any(|word| text.contains(word)) {
        Some("words about a person")
    } else {
        None
    }
}

impl Shown {
    fn lines(&self) -> String {
        let mut lines = vec![
            format!("report {}: {}, {}", self.report, clean(&self.venue), self.day),
            clean(&self.explanation),
        ];
        match (&self.opened, &self.case) {
            (Some(opened), _) => lines.push(opened.lines()),
            (None, Some(case)) => lines.push(format!("there is a case already: {case}")),
            (None, None) => {}
        }
        if self.opened.is_none() && self.verdict == Verdict::Reached(Level::Cluster) {
            lines.push("this looks like a cluster: `noren authority publish CASE --level cluster` raises its notice".to_owned());
        }
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_about_a_person_is_kept() {
        // [CLI-10]
        for text in [
            "sato@example.jp",
            "Sato 090-1234-5678",
            "０９０−１２３４−５６７８ Sato",
            "Bar, 1980/12/31",
            "the patient's bar",
            "34歳の男性",
            "Ｐatient X",
            "pa\u{200b}tient",
            "1990年1月1日生",
            "昭和63年の人",
            "tested positive",
            "患者の店",
            "",
            "a\u{1b}b",
        ] {
            assert!(venue_name(text).is_err(), "{text}");
        }
        for text in
            ["Bar Noren, Umeda", "カラオケ123 なんば店", "1-2-3 Minato", "Studio 2026", "千歳"]
        {
            assert!(venue_name(text).is_ok(), "{text}");
        }
        assert_eq!(venue_name("  Bar   Noren ").expect("a name"), "Bar Noren");
    }
}
