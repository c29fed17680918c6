//! Texts that people will read.

use super::MessageError;
use crate::text::{is_blank, is_refused};

/// Checks a text that people will read: it shows something, has at most `limit` characters, and
/// none that breaks its line or changes the order in which it is read.
pub(crate) fn check_text(
    field: &'static str,
    text: &str,
    limit: usize,
) -> Result<(), MessageError> {
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
