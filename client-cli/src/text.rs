//! Text on a terminal: foreign text, and numbers with their words.

use std::path::Path;

use noren::text::{is_invisible, is_refused};

/// Replaces every character that could steer a terminal or reorder what is read by its escape.
pub(crate) fn clean(text: &str) -> String {
    // [CLI-5]
    clean_where(text, |c| is_refused(c) || is_format(c))
}

/// A path as messages show it: what is not UTF-8 as U+FFFD, what steers a terminal or ends a
/// line as its escape.
pub(crate) fn clean_path(path: &Path) -> String {
    // [CLI-5] [CLI-40]
    clean(&path.to_string_lossy())
}

/// The same for text of several lines.
pub(crate) fn clean_lines(text: &str) -> String {
    clean_where(text, |c| (is_refused(c) && c != '\n') || is_format(c))
}

/// JSON with every such character inside its strings as JSON's own escape, so that it is the same JSON.
pub(crate) fn clean_json(json: &str) -> String {
    // [CLI-5]
    let mut clean = String::with_capacity(json.len());
    for character in json.chars() {
        if character != '\n' && (is_refused(character) || is_format(character)) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                clean.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            clean.push(character);
        }
    }
    clean
}

/// A number with the word for one or for several: `1 entry`, `2 entries`, `0 entries`.
pub(crate) fn counted(number: impl TryInto<u64>, one: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    if number == 1 { format!("1 {one}") } else { format!("{number} {}", plural(one)) }
}

/// The word for several, whose last word is the one that changes.
fn plural(one: &str) -> String {
    match one.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{one}s"),
    }
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

/// What cannot be seen, but for what chooses the shape of the letter before it.
const fn is_format(c: char) -> bool {
    let shapes = matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
    (is_invisible(c) && !shapes) || matches!(c, '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_go_with_their_numbers() {
        for (number, one, expected) in [
            (0, "entry", "0 entries"),
            (1, "entry", "1 entry"),
            (2, "entry", "2 entries"),
            (1, "visit", "1 visit"),
            (21, "visit", "21 visits"),
            (2, "day", "2 days"),
            (2, "new authority", "2 new authorities"),
        ] {
            assert_eq!(counted(number, one), expected);
        }
    }

    #[test]
    fn hostile_text_in_json_is_the_same_json() {
        // [CLI-5]
        let hostile = "a\u{200f}\u{61c}\u{202e}\u{85}\u{7f}\n\u{e0020}z 暖簾";
        for text in [
            serde_json::to_string(hostile).expect("JSON"),
            serde_json::to_string_pretty(&[hostile]).expect("JSON"),
        ] {
            let clean = clean_json(&text);
            assert!(clean.chars().all(|c| c == '\n' || !is_refused(c) && !is_format(c)), "{clean}");
            let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
            assert_eq!(read(&clean), read(&text));
        }
    }

    #[test]
    fn hostile_text_is_shown_and_not_obeyed() {
        // [CLI-5]
        assert_eq!(clean("a\u{1b}[2Jb\n\u{202e}"), "a\\u{1b}[2Jb\\u{a}\\u{202e}");
        assert_eq!(clean_lines("a\nb\r"), "a\nb\\u{d}");
        assert_eq!(clean("暖簾 Café 葛\u{e0100}城"), "暖簾 Café 葛\u{e0100}城");
        for hidden in
            ["\u{ad}", "\u{200b}", "\u{200c}", "\u{200d}", "\u{2060}", "\u{feff}", "\u{3164}"]
        {
            assert!(!clean(&format!("Bar{hidden}Noren")).contains(hidden), "{hidden:?}");
        }
    }
}
