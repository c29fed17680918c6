//! Notices as one page of HTML, complete in itself, to read and to print.

use maud::{Markup, html};

use super::language::Words;
use super::shown::ShownNotice;
use crate::page;
use crate::text::{clean, clean_lines};

const STYLE: &str = include_str!("page.css");

/// The page. Every text goes through the template's escaping.
pub(super) fn page(notices: &[ShownNotice], words: &Words) -> String {
    let body = html! {
        main {
            h1 { (words.title) }
            @for notice in notices { (section(notice, words)) }
        }
        footer { p { (words.private) } }
    };
    page::page(&words.tag, &words.title, STYLE, &body).into_string()
}

fn section(notice: &ShownNotice, words: &Words) -> Markup {
    let level = notice.level();
    html! {
        section class=(level.name()) {
            h2 { (words.level(level)) }
            @if let Some(standing) = notice.standing(words) { p.standing { (standing) } }
            @if let Some(text) = &notice.text {
                p.text lang=[notice.language.as_deref()] dir="auto" { (clean_lines(text)) }
            }
            @if let Some(message) = notice.own_message() {
                // In whatever language the authority wrote it.
                p.text lang="" dir="auto" { (clean(message)) }
            }
            dl {
                @if let Some(advice) = &notice.advice {
                    dt { (words.advice) }
                    dd.advice lang=[notice.language.as_deref()] dir="auto" { (clean(advice)) }
                }
                @if !notice.contacts.is_empty() {
                    dt { (words.contact) }
                    @for contact in &notice.contacts {
                        dd lang=(contact.language) dir="auto" { (clean(&contact.line())) }
                    }
                }
                @if let Some(when) = notice.when(words) { (row(&words.when, &when)) }
                @if let Some(venue) = &notice.venue { (row(&words.place, &venue.line())) }
                (row(&words.from, &notice.authority))
                (row(&words.received, &notice.received(words)))
            }
        }
    }
}

fn row(label: &str, text: &str) -> Markup {
    html! { dt { (label) } dd dir="auto" { (clean(text)) } }
}
