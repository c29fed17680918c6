//! Foreign text on a terminal.

/// Replaces every character that could steer a terminal or reorder what is read by its escape.
pub(crate) fn clean(text: &str) -> String {
    // [CLI-5]
    clean_where(text, |c| c.is_control() || is_invisible(c))
}

/// The same for text of several lines.
pub(crate) fn clean_lines(text: &str) -> String {
    clean_where(text, |c| (c.is_control() && c != '\n') || is_invisible(c))
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

/// Bidirectional formatting, zero-width characters and other format controls.
const fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
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
