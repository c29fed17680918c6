//! Texts that people will read.

use super::{MessageError, Part};
use crate::text::{is_blank, is_refused};

/// Checks a text that people will read: it shows something, has at most `limit` characters, and
/// none that breaks its line or changes the order in which it is read.
pub(crate) fn check_text(field: Part, text: &str, limit: usize) -> Result<(), MessageError> {
    // [MSG-3]
    let found = text.chars().count();
    if is_blank(text) {
        Err(MessageError::Missing(field))
    } else if found > limit {
        Err(MessageError::TextTooLong { field, found, limit })
    } else if text.chars().any(is_refused) {
        Err(MessageError::ControlCharacter(field))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_show_nothing_or_hide_something_are_refused() {
        // [MSG-3]
        let blank = ["", " ", "\u{3000}", "\u{200b}", "\u{3164}", "\u{2800}", "\u{ffa0} \u{feff}"];
        for text in blank {
            assert_eq!(
                check_text(Part::VenueName, text, 10),
                Err(MessageError::Missing(Part::VenueName)),
                "{text:?}"
            );
        }
        for hidden in
            ["\n", "\u{0}", "\u{7f}", "\u{85}", "\u{2028}", "\u{2029}", "\u{202e}", "\u{2067}"]
        {
            let text = format!("Bar{hidden}Noren");
            let refused = Err(MessageError::ControlCharacter(Part::VenueName));
            assert_eq!(check_text(Part::VenueName, &text, 10), refused, "{text:?}");
        }
        // Joiners and variation selectors belong to the spelling of names.
        for text in [
            "葛\u{e0100}城",
            "می\u{200c}خانه",
            "\u{1f468}\u{200d}\u{1f373}",
            "בר\u{200f} 1",
            "カ\u{3099}",
        ] {
            assert_eq!(check_text(Part::VenueName, text, 10), Ok(()), "{text:?}");
        }
    }
}
