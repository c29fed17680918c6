//! The words of an error as people read them: without those of parsers, numbers of the system and
//! names of files that are gone when the command ends.

use std::error::Error;
use std::num::{IntErrorKind, ParseIntError, TryFromIntError};
use std::str::{FromStr, Utf8Error};

use noren::text::typed;

/// What went wrong and what to do, from the outside in.
pub(crate) fn words(error: &anyhow::Error) -> String {
    // [CLI-3]
    let mut words = Vec::new();
    for error in error.chain() {
        if let Some(error) = error.downcast_ref::<sqlx::Error>() {
            // What lies below says the same once more.
            words.push(of_database(error));
            break;
        }
        words.push(cause(error));
    }
    words.join(": ")
}

/// What a database has met, without the library's numbers.
fn of_database(error: &sqlx::Error) -> String {
    /// The last byte of SQLite's codes says of which sort an error is.
    const SORT: u32 = 0xff;
    let sqlx::Error::Database(error) = error else { return cause(error) };
    let code = error.code().and_then(|code| code.parse::<u32>().ok());
    match code.map(|code| code & SORT) {
        Some(5 | 6) => "another program is using it".to_owned(),
        Some(8) => "it can be read and not written".to_owned(),
        Some(10) => "the disk failed to read or write it".to_owned(),
        Some(11 | 26) => "it is damaged".to_owned(),
        Some(13) => "the disk is full".to_owned(),
        Some(14) => "it, or a file beside it, cannot be opened".to_owned(),
        _ => error.message().to_owned(),
    }
}

/// One cause, without those below it.
fn cause(error: &(dyn Error + 'static)) -> String {
    if let Some(error) = error.downcast_ref::<std::io::Error>() {
        return without_number(&without_aside(error));
    }
    if let Some(error) = error.downcast_ref::<serde_json::Error>() {
        return of_json(error);
    }
    if let Some(error) = error.downcast_ref::<ParseIntError>() {
        return of_number(error.kind()).to_owned();
    }
    if error.is::<TryFromIntError>() {
        return "a number is too large".to_owned();
    }
    if error.is::<Utf8Error>() || error.is::<std::string::FromUtf8Error>() {
        return "it is not text in UTF-8".to_owned();
    }
    if error.is::<hex::FromHexError>() {
        return "it is not hexadecimal".to_owned();
    }
    without_number(&error.to_string())
}

/// Without the name that a file has as long as it is written: `tempfile` puts it around the system's
/// error, and hides that.
fn without_aside(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" at path \"") {
        Some((before, _)) if error.raw_os_error().is_none() => before.to_owned(),
        _ => text,
    }
}

/// Without the number that the system gives an error: the words before it say the same.
fn without_number(text: &str) -> String {
    let (mut rest, mut kept) = (text, String::with_capacity(text.len()));
    while let Some((before, after)) = rest.split_once(" (os error ") {
        let Some((_, after)) = after.split_once(')') else { break };
        kept.push_str(before);
        rest = after;
    }
    kept + rest
}

fn of_json(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    if error.is_eof() {
        return format!("it ends too early, in line {line}: part of it is missing");
    }
    let what = if error.is_data() { "is not what belongs there" } else { "is no JSON" };
    format!("what stands in line {line}, column {column}, {what}")
}

/// Reads a whole number that somebody typed.
pub(crate) fn whole_number<N: FromStr<Err = ParseIntError>>(text: &str) -> Result<N, String> {
    // [CLI-47]
    typed(text).parse().map_err(|error: ParseIntError| of_number(error.kind()).to_owned())
}

/// Whole numbers in one word of a command, as people put them into a list.
#[derive(Clone)]
pub(crate) struct Numbers(pub(crate) Vec<usize>);

/// Reads a list of whole numbers that somebody typed.
pub(crate) fn whole_numbers(text: &str) -> Result<Numbers, String> {
    // [CLI-47]
    in_list(&typed(text)).map(whole_number).collect::<Result<_, _>>().map(Numbers)
}

/// What stands in a list between commas, whichever keyboard they come from, or blanks.
pub(crate) fn in_list(typed: &str) -> impl Iterator<Item = &str> {
    typed.split([',', '、', ' ']).filter(|each| !each.is_empty())
}

/// The words for a number that cannot be read.
pub(crate) const fn of_number(kind: &IntErrorKind) -> &'static str {
    match kind {
        IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => "the number is too large",
        _ => "this is no whole number; write it in digits alone, like 30",
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn causes_are_told_in_words_that_people_know() {
        // [CLI-3]
        let told = |error: anyhow::Error| words(&error.context("outside"));
        let full = || std::io::Error::from_raw_os_error(28);
        assert_eq!(told(full().into()), "outside: No space left on device");
        let twice = anyhow::anyhow!("a: {}, b: {}; both", full(), full());
        assert!(!told(twice).contains("os error"));
        let aside = tempfile::Builder::new().tempfile_in("/nonexistent/folder");
        let aside = told(aside.map(drop).unwrap_err().into());
        assert_eq!(aside, "outside: No such file or directory");
        let json = |text: &str| serde_json::from_str::<Vec<u8>>(text).unwrap_err();
        assert!(told(json("[1, ").into()).contains("ends too early"));
        assert!(told(json("[1, x]").into()).ends_with("line 1, column 5, is no JSON"));
        assert!(told(json("[1, \"x\"]").into()).ends_with("is not what belongs there"));
        assert!(told("x".parse::<u32>().unwrap_err().into()).contains("no whole number"));
        assert!(told("99999999999".parse::<u32>().unwrap_err().into()).contains("too large"));
        assert!(told(u8::try_from(300_i32).unwrap_err().into()).contains("too large"));
        let bytes = vec![0xff];
        assert!(told(String::from_utf8(bytes).unwrap_err().into()).contains("not text"));
        assert!(told(hex::decode("x").unwrap_err().into()).contains("hexadecimal"));
        let own = Err::<(), _>(full()).context("cannot write a").unwrap_err();
        assert_eq!(told(own), "outside: cannot write a: No space left on device");
    }
}
