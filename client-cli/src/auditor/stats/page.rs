//! The page: plots with what they do and do not show, complete in itself.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::figures::{Figures, Heads};
use crate::page;
use crate::plot::{Bar, STYLE, bars};
use crate::text::{clean, counted};

/// The page. Every text goes through the template's escaping.
pub(super) fn page(figures: &Figures) -> String {
    let title = format!("{}: its public log", clean(&figures.authority));
    let body = html! {
        header {
            h1 { (title) }
            p { (figures.fingerprint) }
            p { "Made " (figures.made) " from the log itself and from "
                (counted(figures.heads.seen, "signed head")) " that this auditor has seen." }
        }
        main { (sections(figures)) }
        footer { p { "Everything here is public. The page fetches nothing and runs nothing." } }
    };
    page::page("en", &title, STYLE, &body).into_string()
}

fn sections(figures: &Figures) -> Markup {
    html! {
        section { h2 { "In short" } (key_figures(figures)) }
        section {
            h2 { "Entries by the day that they warn of" }
            p.note { "UTC days. An entry is the key of one venue and hour, or cover, which looks the same." }
            (plot("day", "Entries by day warned of", "UTC day", &figures.by_day))
        }
        section {
            h2 { "Entries by the day of publication" }
            p.note {
                "An entry counts for the first head that was seen with it, so that it came on that day "
                "or since the head before. When " (counted(figures.of_unknown_publication, "entry"))
                " came is not known: the first head that was seen had them."
            }
            (plot("published", "Entries by day of publication", "UTC day", &figures.by_day_of_publication))
        }
        section {
            h2 { "How long publication took" }
            p.note { "Whole days from the day of the hour to that of publication, at most." }
            (plot("delay", "Entries by delay", "days", &figures.by_delay_in_days))
        }
        section {
            h2 { "Entries an append" }
            p.note {
                "What came between two heads that were seen counts as one append. Cover fills appends up "
                "and cannot be told from what it covers; all that shows is whether their sizes are "
                "multiples of one number: here of " (figures.appends.all_multiples_of) "."
            }
            (plot("appends", "Appends by their entries", "entries", &figures.appends.by_entries))
        }
        section {
            h2 { "How regularly heads are signed" }
            p.note { (gaps(&figures.heads)) }
            (plot("gaps", "Times between heads", "up to so many hours", &figures.heads.gaps_by_hours))
        }
    }
}

fn gaps(heads: &Heads) -> String {
    format!(
        "Devices refuse a head that is older than {}. Of the times between two heads that were seen, {} \
         longer; the longest is {}. A time is also long where this auditor did not look.",
        hours(heads.max_age_s),
        match heads.gaps_too_long {
            0 => "none is".to_owned(),
            1 => "1 is".to_owned(),
            more => format!("{more} are"),
        },
        hours(heads.longest_gap_s)
    )
}

fn hours(seconds: u64) -> String {
    if seconds < 7_200 { counted(seconds / 60, "minute") } else { counted(seconds / 3_600, "hour") }
}

fn key_figures(figures: &Figures) -> Markup {
    let appends = &figures.appends;
    let rows = [
        ("Entries", figures.entries),
        ("of them malformed, which devices pass over", figures.malformed_entries),
        ("of them profiles that the authority has signed", figures.profiles),
        ("of them for an identity that had one before: corrections", figures.corrections),
        ("Appends that were seen", appends.seen),
        ("Entries of the smallest append", appends.smallest),
        ("Entries of the median append", appends.median),
        ("Entries of the largest append", appends.largest),
    ];
    html! {
        table {
            tbody {
                @for (name, count) in rows {
                    tr { th scope="row" { (name) } td.number { (count) } }
                }
            }
        }
    }
}

/// A plot with its table below, where there is anything to see.
fn plot<K: ToString>(id: &str, title: &str, below: &str, counts: &BTreeMap<K, u64>) -> Markup {
    let bar = |(name, count): (&K, &u64)| Bar { name: name.to_string(), count: *count };
    let all: Vec<Bar> = counts.iter().map(bar).collect();
    if all.is_empty() {
        return html! { p { "Nothing was seen yet." } };
    }
    let total: u64 = all.iter().map(|bar| bar.count).sum();
    html! {
        (bars(id, title, &format!("{title}: {total} in {}", counted(all.len(), "group")), below, &all))
        details {
            summary { "The same as a table" }
            table {
                thead { tr { th scope="col" { (below) } th.number scope="col" { "count" } } }
                tbody {
                    @for bar in &all {
                        tr { th scope="row" { (bar.name) } td.number { (bar.count) } }
                    }
                }
            }
        }
    }
}
