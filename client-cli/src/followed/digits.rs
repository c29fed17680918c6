//! Fingerprints as people type them: read aloud, copied with their spaces, from a Japanese keyboard.

use anyhow::{bail, ensure};
use noren::profile::Fingerprint;
use noren::text::folded;

/// How many digits people compare.
const SHOWN: usize = 32;

/// How many digits there are; nobody is shown them all.
const ALL: usize = 64;

/// The hexadecimal digits of a fingerprint or of the beginning of one, in groups or not, whatever
/// the case and the width of its letters; `None` for a text that is neither.
pub(super) fn digits_of(text: &str) -> Option<String> {
    // [CLI-47]
    let text = folded(text);
    let text = text.strip_prefix("fingerprint").unwrap_or(&text);
    let digits: String = text.chars().filter(|sign| !"-:._,'\"".contains(*sign)).collect();
    (!digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit())).then_some(digits)
}

/// Whether the fingerprint begins with these digits.
pub(super) fn begins_with(fingerprint: &Fingerprint, digits: &str) -> bool {
    hex::encode(fingerprint.as_bytes()).starts_with(digits)
}

/// The digits of a whole fingerprint. The beginning of one is no proof: anybody can try keys until
/// theirs begins like another's.
pub(super) fn whole(text: &str) -> anyhow::Result<String> {
    // [CLI-47]
    let Some(digits) = digits_of(text) else {
        bail!(
            "--fingerprint: {text:?} is no fingerprint, which has {SHOWN} digits from 0 to 9 and a \
             to f; give it as the authority prints it"
        );
    };
    let found = digits.len();
    ensure!(
        [SHOWN, ALL].contains(&found),
        "--fingerprint: a fingerprint has {SHOWN} digits, and this has {found}; give all of it as \
         the authority prints it: others can have the same beginning"
    );
    Ok(digits)
}

/// What to do instead with a fingerprint where the authority itself has to be named.
pub(crate) fn instead_of_address(text: &str) -> Option<String> {
    // [CLI-47]
    digits_of(text).filter(|digits| digits.len() >= SHOWN / 2)?;
    Some(
        "this is a fingerprint, which does not say where the authority is; name its address or a file \
         with its profile, and give the fingerprint with --fingerprint"
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_however_it_is_typed() {
        // [CLI-47]
        const DIGITS: &str = "0123456789abcdef0123456789abcdef";
        for text in [
            DIGITS,
            "0123 4567 89ab cdef 0123 4567 89ab cdef",
            "0123 4567 89AB CDEF\u{a0}0123\t4567 89ab cdef\n",
            "fingerprint: 0123 4567 89ab cdef 0123 4567 89ab cdef",
            "01:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab:cd:ef",
            "0123-4567-89ab-cdef-0123-4567-89ab-cdef",
            "\u{feff}０１２３　４５６７　８９ａｂ　ＣＤＥＦ　0123 4567 89ab cdef",
        ] {
            assert_eq!(whole(text).expect(text), DIGITS, "{text:?}");
        }
        for (text, word) in [
            ("0123 4567", "this has 8"),
            ("0123456789abcdef0123456789abcde", "this has 31"),
            ("0123456789abcdef0123456789abcdef0", "this has 33"),
            ("Health Office", "no fingerprint"),
            ("", "no fingerprint"),
        ] {
            assert!(whole(text).unwrap_err().to_string().contains(word), "{text:?}");
        }
    }
}
