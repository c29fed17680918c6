//! From figures to pictures: SVG of bars and dots. All places are whole numbers, so that the same
//! figures always make the same bytes. Nothing depends on colour alone.

use maud::{Markup, html};

use super::words::{Words, filled};
use crate::desk::figures::{Figures, OfDay, Stage, Step, Unanswered};
use crate::plot::{Axis, HALF_LETTER, RIGHT, WIDTH, picture};

/// More bars than this are a table, not a picture.
pub(super) const MOST_BARS: usize = 20;

/// What is counted of a day.
type Count = fn(&OfDay) -> u64;

/// Reports, cases and notices by day, one below the other on one axis of days.
pub(super) fn over_time(figures: &Figures, words: &Words) -> Markup {
    const PANEL: u64 = 1_150;
    let panels: [(&str, Count); 3] = [
        (&words.reports, |day| day.reports),
        (&words.cases, |day| day.cases),
        (&words.notices_published, |day| day.notices),
    ];
    let content = html! {
        @for (number, (title, count)) in (0..).zip(panels) {
            (day_bars(figures, number * PANEL, title, count))
        }
        (day_axis(figures, 3 * PANEL, words))
    };
    let totals = panels
        .map(|(title, count)| format!("{title}: {}", figures.days.iter().map(count).sum::<u64>()));
    picture("over-time", 3 * PANEL + 450, &words.over_time, &totals.join("; "), &content)
}

const DAYS_LEFT: u64 = 350;

/// Where the slot of a day begins.
fn day_place(figures: &Figures, number: u64) -> u64 {
    let days = figures.days.len().max(1) as u64;
    DAYS_LEFT + (WIDTH - DAYS_LEFT - RIGHT) * number / days
}

fn day_bars(figures: &Figures, top: u64, title: &str, count: Count) -> Markup {
    const HEIGHT: u64 = 700;
    let axis = Axis::up_to(figures.days.iter().map(count).max().unwrap_or(0), 3);
    let floor = top + 1_000;
    html! {
        text.heading x=(DAYS_LEFT) y=(top + 170) { (title) }
        @for tick in axis.ticks() {
            @let y = floor - axis.place(tick, HEIGHT);
            line.grid x1=(DAYS_LEFT) x2=(WIDTH - RIGHT) y1=(y) y2=(y) {}
            text.end x=(DAYS_LEFT - 60) y=(y + HALF_LETTER) { (tick) }
        }
        @for (number, day) in (0..).zip(&figures.days) {
            @let (from, to) = (day_place(figures, number), day_place(figures, number + 1));
            @let (gap, height) = ((to - from) / 6, axis.place(count(day), HEIGHT));
            @if height > 0 {
                rect.dark x=(from + gap) y=(floor - height) width=(to - from - 2 * gap) height=(height) {
                    title { (day.day) ": " (count(day)) }
                }
            }
        }
        line.axis x1=(DAYS_LEFT) x2=(WIDTH - RIGHT) y1=(floor) y2=(floor) {}
    }
}

fn day_axis(figures: &Figures, top: u64, words: &Words) -> Markup {
    // A whole number of weeks where days are many.
    let every = [1, 2, 7, 14].into_iter().find(|every| figures.days.len() / every <= 14);
    let every = every.unwrap_or(14);
    html! {
        @for (number, day) in (0..).zip(&figures.days).step_by(every) {
            @let x = u64::midpoint(day_place(figures, number), day_place(figures, number + 1));
            line.axis x1=(x) x2=(x) y1=(top - 150) y2=(top - 110) {}
            text.middle x=(x) y=(top + 20) { (day.day.strftime("%m-%d")) }
        }
        text.middle x=(u64::midpoint(DAYS_LEFT, WIDTH - RIGHT)) y=(top + 260) {
            (words.day) " (" (figures.time_zone) ")"
        }
    }
}

const BARS_LEFT: u64 = 1_900;
const BARS_WIDE: u64 = WIDTH - BARS_LEFT - RIGHT;

/// Reports and cases by kind of venue.
pub(super) fn by_kind(figures: &Figures, words: &Words) -> Markup {
    const ROW: u64 = 380;
    let most = figures.kinds.iter().map(|of| of.reports.max(of.cases)).max().unwrap_or(0);
    let (axis, top) = (Axis::up_to(most, 6), 330);
    let floor = top + ROW * figures.kinds.len() as u64;
    let content = html! {
        rect.dark x=(BARS_LEFT) y="60" width="130" height="130" {}
        text x=(BARS_LEFT + 190) y="170" { (words.reports) }
        rect.light x=(BARS_LEFT + 1_700) y="60" width="130" height="130" {}
        text x=(BARS_LEFT + 1_890) y="170" { (words.cases) }
        (bottom_axis(&axis, top, floor, &words.number))
        @for (number, of) in (0..).zip(&figures.kinds) {
            @let y = top + number * ROW;
            text.end x=(BARS_LEFT - 80) y=(y + ROW / 2 + HALF_LETTER) { (words.kind(of.kind)) }
            rect.dark x=(BARS_LEFT) y=(y + 50) width=(axis.place(of.reports, BARS_WIDE)) height="130" {}
            rect.light x=(BARS_LEFT) y=(y + 195) width=(axis.place(of.cases, BARS_WIDE)) height="130" {}
        }
        line.axis x1=(BARS_LEFT) x2=(BARS_LEFT) y1=(top) y2=(floor) {}
    };
    let rows = figures.kinds.iter().map(|of| {
        format!(
            "{}: {} {}, {} {}",
            words.kind(of.kind),
            words.reports,
            of.reports,
            words.cases,
            of.cases
        )
    });
    let description = rows.collect::<Vec<_>>().join("; ");
    picture("by-kind", floor + 450, &words.by_kind, &description, &content)
}

/// An axis below, with its grid above it.
fn bottom_axis(axis: &Axis, top: u64, floor: u64, title: &str) -> Markup {
    html! {
        @for tick in axis.ticks() {
            @let x = BARS_LEFT + axis.place(axis.in_parts(tick), BARS_WIDE);
            line.grid x1=(x) x2=(x) y1=(top) y2=(floor) {}
            text.middle x=(x) y=(floor + 160) { (tick) }
        }
        line.axis x1=(BARS_LEFT) x2=(BARS_LEFT + BARS_WIDE) y1=(floor) y2=(floor) {}
        text.middle x=(BARS_LEFT + BARS_WIDE / 2) y=(floor + 380) { (title) }
    }
}

/// An axis for these lengths of time, with its name.
fn time_axis(seconds: impl Iterator<Item = u64>, words: &Words) -> (Axis, &str) {
    let most = seconds.max().unwrap_or(0);
    if most <= 48 * 3_600 {
        (Axis::up_to_parts(most, 3_600, 8), &words.hours_axis)
    } else {
        (Axis::up_to_parts(most, 86_400, 8), &words.days_axis)
    }
}

/// How long each stage took: a dot for each case, a bar at the median.
pub(super) fn lengths(figures: &Figures, words: &Words) -> Markup {
    const ROW: u64 = 560;
    let all = figures.steps.iter().flat_map(|step| &step.seconds).copied();
    let ((axis, unit), top) = (time_axis(all, words), 60);
    let floor = top + ROW * figures.steps.len() as u64;
    let content = html! {
        (bottom_axis(&axis, top, floor, unit))
        @for (number, step) in (0..).zip(&figures.steps) {
            (dots(step, &axis, top + number * ROW + ROW / 2, words))
        }
        line.axis x1=(BARS_LEFT) x2=(BARS_LEFT) y1=(top) y2=(floor) {}
    };
    let rows = figures.steps.iter().map(|step| {
        let median = step.median_seconds.map_or_else(|| words.none.clone(), |it| words.length(it));
        format!("{}: {} {median}", stage(step.stage, words), words.median)
    });
    let description = rows.collect::<Vec<_>>().join("; ");
    picture("lengths", floor + 450, &words.lengths, &description, &content)
}

fn dots(step: &Step, axis: &Axis, y: u64, words: &Words) -> Markup {
    // Dots of about the same length are spread over lanes, so that each is seen.
    const LANES: [u64; 5] = [80, 0, 160, 40, 120];
    html! {
        text.end x=(BARS_LEFT - 80) y=(y + HALF_LETTER) { (stage(step.stage, words)) }
        @for (seconds, lane) in step.seconds.iter().zip(LANES.iter().cycle()) {
            circle.dot cx=(BARS_LEFT + axis.place(*seconds, BARS_WIDE)) cy=(y - 80 + lane) r="55" {}
        }
        @if let Some(median) = step.median_seconds {
            @let x = BARS_LEFT + axis.place(median, BARS_WIDE);
            line.median x1=(x) x2=(x) y1=(y - 180) y2=(y + 180) {}
        }
    }
}

pub(super) fn stage(stage: Stage, words: &Words) -> &str {
    match stage {
        Stage::ReportToCase => &words.report_to_case,
        Stage::CaseToAnswer => &words.case_to_answer,
        Stage::AnswerToNotice => &words.answer_to_notice,
        Stage::ReportToNotice => &words.report_to_notice_step,
    }
}

/// How long cases have waited for their venue.
pub(super) fn waiting(figures: &Figures, words: &Words) -> Markup {
    const ROW: u64 = 240;
    let (shown, _) = figures.waiting.split_at(figures.waiting.len().min(MOST_BARS));
    let (axis, unit) = time_axis(shown.iter().map(|case| case.seconds), words);
    let top = 330;
    let floor = top + ROW * shown.len() as u64;
    let content = html! {
        rect.light x=(BARS_LEFT) y="60" width="130" height="130" {}
        text x=(BARS_LEFT + 190) y="170" { (words.code) ": " (words.valid) }
        rect.dark x=(BARS_LEFT + 1_700) y="60" width="130" height="130" {}
        text x=(BARS_LEFT + 1_890) y="170" { (words.code) ": " (words.expired) }
        (bottom_axis(&axis, top, floor, unit))
        @for (number, case) in (0..).zip(shown) {
            (waiting_bar(case, &axis, top + number * ROW))
        }
        line.axis x1=(BARS_LEFT) x2=(BARS_LEFT) y1=(top) y2=(floor) {}
    };
    let count = figures.waiting.len();
    let description = if count > shown.len() {
        filled(&words.longest_waits, &[("{a}", &shown.len()), ("{b}", &count)])
    } else {
        format!("{}: {count}", words.waiting_now)
    };
    picture("waiting", floor + 450, &words.waiting, &description, &content)
}

fn waiting_bar(case: &Unanswered, axis: &Axis, y: u64) -> Markup {
    let class = if case.expired { "dark" } else { "light" };
    html! {
        text.end x=(BARS_LEFT - 80) y=(y + 120 + HALF_LETTER) { (case.case) }
        rect class=(class) x=(BARS_LEFT) y=(y + 40) width=(axis.place(case.seconds, BARS_WIDE)) height="160" {}
    }
}
