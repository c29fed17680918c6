//! Foreign text on a terminal.

use noren::text::{is_invisible, is_refused};

/// A number with its noun, for people; `one` is the noun in the singular.
pub(crate) fn count(number: u64, one: &str) -> String {
    match (number, one.strip_suffix('y')) {
        (1, _) => format!("1 {one}"),
        (_, Some(stem)) if !one.ends_with("ay") => format!("{number} {stem}ies"),
        _ => format!("{number} {one}s"),
    }
}

/// Replaces every character that could steer a terminal or reorder what is read by its escape.
pub(crate) fn clean(text: &str) -> String {
    // [CLI-5]
    clean_where(text, |c| is_refused(c) || is_format(c))
}

/// The same for text of several lines.
pub(crate) fn clean_lines(text: &str) -> String {
    clean_where(text, |c| (is_refused(c) && c != '\n') || is_format(c))
}

fn clean_where(text: &str, hostile: impl Fn(char) -> bool) -> String {
    let mut clean = String::with_capacity(text.len());
    for character in text.chars() {
        if hostile(character) {
            clean.extend(character.escape_unicode());
        } else {
            clean.push(character);
        }
    }
    clean
}

/// What cannot be seen, but for what belongs to the spelling of names: joiners and variation selectors.
const fn is_format(c: char) -> bool {
    let spelling =
        matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
    (is_invisible(c) && !spelling) || matches!(c, '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_shown_and_not_obeyed() {
        // [CLI-5]
        assert_eq!(clean("a\u{1b}[2Jb\n\u{202e}"), "a\\u{1b}[2Jb\\u{a}\\u{202e}");
        assert_eq!(clean_lines("a\nb\r"), "a\nb\\u{d}");
        assert_eq!(clean("暖簾 Café"), "暖簾 Café");
    }
}
