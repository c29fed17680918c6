//! The page: plots with their figures beside them, complete in itself.

use maud::{Markup, html};

use super::plot;
use super::words::{Words, filled};
use crate::desk::figures::{Figures, OfDay, Totals};
use crate::page;
use crate::plot::STYLE;
use crate::text::clean;

/// More days are shown by the week.
const MOST_DAY_ROWS: usize = 14;

/// What stands above the figures.
pub(super) struct Heading<'a> {
    pub(super) authority: &'a str,
    /// The local day on which the page is made.
    pub(super) made: &'a str,
    pub(super) names_venues: bool,
}

/// The page. Every text goes through the template's escaping.
pub(super) fn page(heading: &Heading<'_>, figures: &Figures, words: &Words) -> String {
    let body = html! {
        (head(heading, figures, words))
        main { (sections(figures, words)) }
        footer { p { (words.private) } }
    };
    let title = format!("{}: {}", clean(heading.authority), words.title);
    page::page(&words.tag, &title, STYLE, &body).into_string()
}

fn head(heading: &Heading<'_>, figures: &Figures, words: &Words) -> Markup {
    let places: [(&str, &dyn std::fmt::Display); 3] =
        [("{a}", &figures.since), ("{b}", &figures.until), ("{c}", &figures.time_zone)];
    html! {
        header {
            h1 { (words.title) }
            p dir="auto" { (clean(heading.authority)) }
            p {
                (filled(&words.period, &places)) br;
                (filled(&words.made, &[("{a}", &heading.made)]))
            }
            @if heading.names_venues { p.named { (words.named) } }
        }
    }
}

fn sections(figures: &Figures, words: &Words) -> Markup {
    if figures.is_empty() {
        return html! { section.empty { p { (words.empty) } p { (words.empty_hint) } } };
    }
    html! {
        section { h2 { (words.key) } (key_figures(figures, words)) }
        section {
            h2 { (words.over_time) }
            p.note { (words.over_time_note) }
            (plot::over_time(figures, words))
            (day_table(figures, words))
        }
        @if !figures.kinds.is_empty() {
            section {
                h2 { (words.by_kind) }
                (plot::by_kind(figures, words))
                (kind_table(figures, words))
            }
        }
        @if figures.steps.iter().any(|step| !step.seconds.is_empty()) {
            section {
                h2 { (words.lengths) }
                p.note { (words.lengths_note) }
                (plot::lengths(figures, words))
                (length_table(figures, words))
            }
        }
        section { h2 { (words.waiting) } (waiting(figures, words)) }
    }
}

fn key_figures(figures: &Figures, words: &Words) -> Markup {
    let Totals {
        reports,
        reports_withdrawn,
        cases,
        cases_without_reports,
        uploads_accepted,
        notices,
        notices_withdrawn,
        closed_without_notice,
    } = figures.totals;
    let expired = figures.waiting.iter().filter(|case| case.expired).count();
    let rows = [
        (&words.reports, reports, false),
        (&words.reports_withdrawn, reports_withdrawn, false),
        (&words.cases, cases, false),
        (&words.cases_without_reports, cases_without_reports, true),
        (&words.uploads_accepted, uploads_accepted, true),
        (&words.notices, notices, true),
        (&words.notices_withdrawn, notices_withdrawn, true),
        (&words.closed_without_notice, closed_without_notice, true),
        (&words.waiting_now, figures.waiting.len(), false),
        (&words.expired_now, expired, true),
    ];
    let median = figures.steps.last().and_then(|step| step.median_seconds);
    html! {
        table {
            tbody {
                @for (name, count, is_part) in rows {
                    tr.part[is_part] { th scope="row" { (name) } td.number { (count) } }
                }
                tr {
                    th scope="row" { (words.report_to_notice) }
                    td.number { (length(median, words)) }
                }
            }
        }
    }
}

fn length(seconds: Option<u64>, words: &Words) -> String {
    seconds.map_or_else(|| words.none.clone(), |seconds| words.length(seconds))
}

/// The heads of a table's columns; all after the first are over numbers.
fn columns(first: &str, others: &[&str]) -> Markup {
    html! {
        thead {
            tr {
                th scope="col" { (first) }
                @for name in others { th.number scope="col" { (name) } }
            }
        }
    }
}

/// A row for each day, or for each week where days are many.
fn day_table(figures: &Figures, words: &Words) -> Markup {
    let length = if figures.days.len() > MOST_DAY_ROWS { 7 } else { 1 };
    let first = if length == 1 { &words.day } else { &words.week_from };
    let sum = |days: &[OfDay], count: fn(&OfDay) -> u64| days.iter().map(count).sum::<u64>();
    html! {
        table {
            caption { (words.table) }
            (columns(first, &[&words.reports, &words.cases, &words.notices_published]))
            tbody {
                @for days in figures.days.chunks(length) {
                    @if let Some(first) = days.first() {
                        tr {
                            th scope="row" { (first.day) }
                            td.number { (sum(days, |day| day.reports)) }
                            td.number { (sum(days, |day| day.cases)) }
                            td.number { (sum(days, |day| day.notices)) }
                        }
                    }
                }
            }
        }
    }
}

fn kind_table(figures: &Figures, words: &Words) -> Markup {
    html! {
        table {
            caption { (words.table) }
            (columns(&words.kind, &[&words.reports, &words.cases]))
            tbody {
                @for of in &figures.kinds {
                    tr {
                        th scope="row" { (words.kind(of.kind)) }
                        td.number { (of.reports) }
                        td.number { (of.cases) }
                    }
                }
            }
        }
    }
}

fn length_table(figures: &Figures, words: &Words) -> Markup {
    let heads = [&words.cases_counted, &words.shortest, &words.median, &words.longest];
    html! {
        table {
            caption { (words.table) }
            (columns(&words.step, &heads.map(String::as_str)))
            tbody {
                @for step in &figures.steps {
                    tr {
                        th scope="row" { (plot::stage(step.stage, words)) }
                        td.number { (step.seconds.len()) }
                        td.number { (length(step.seconds.first().copied(), words)) }
                        td.number { (length(step.median_seconds, words)) }
                        td.number { (length(step.seconds.last().copied(), words)) }
                    }
                }
            }
        }
    }
}

fn waiting(figures: &Figures, words: &Words) -> Markup {
    let count = figures.waiting.len();
    if count == 0 {
        return html! { p { (words.nothing_waits) } };
    }
    html! {
        p.note {
            (words.waiting_note)
            @if count > plot::MOST_BARS {
                " " (filled(&words.longest_waits, &[("{a}", &plot::MOST_BARS), ("{b}", &count)]))
            }
        }
        (plot::waiting(figures, words))
        (waiting_table(figures, words))
    }
}

fn waiting_table(figures: &Figures, words: &Words) -> Markup {
    let named = figures.waiting.iter().any(|case| case.venue.is_some());
    html! {
        table {
            caption { (words.table) }
            thead {
                tr {
                    th scope="col" { (words.case) }
                    @if named { th scope="col" { (words.venue) } }
                    th scope="col" { (words.kind) }
                    th scope="col" { (words.code) }
                    th.number scope="col" { (words.waits) }
                    th.number scope="col" { (words.reminders) }
                }
            }
            tbody {
                @for case in &figures.waiting {
                    tr {
                        th.id scope="row" { (case.case) }
                        @if let Some(venue) = &case.venue { td dir="auto" { (clean(venue)) } }
                        td { (words.kind(case.kind)) }
                        td {
                            (if case.expired { &words.expired } else { &words.valid })
                            @if case.rejected { "; " (words.rejected) }
                        }
                        td.number { (words.length(case.seconds)) }
                        td.number { (case.reminders) }
                    }
                }
            }
        }
    }
}
