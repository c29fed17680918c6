//! A page of HTML to read and print: complete in itself, so that it fetches nothing and runs nothing.

use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Nothing is fetched and nothing runs, whatever stands in a text.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The page around a body. Every text goes through the template's escaping.
pub(crate) fn page(language: &str, title: &str, style: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(language) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(style)) }
            }
            body { (body) }
        }
    }
}
