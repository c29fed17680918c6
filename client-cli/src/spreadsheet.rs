//! Cells of tables that people open in a spreadsheet.

/// A cell that no spreadsheet takes for a formula: one that begins as a formula does gets an
/// apostrophe in front.
pub(crate) fn cell(text: &str) -> String {
    // [CLI-5]
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') => {
            format!("'{text}")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_as_a_formula_does() {
        // [CLI-5]
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠1"]
        {
            assert_eq!(cell(text), format!("'{text}"));
        }
        for text in ["", "暖簾", "a=b", "1-2-3 Minato", "'=1"] {
            assert_eq!(cell(text), text);
        }
    }
}
