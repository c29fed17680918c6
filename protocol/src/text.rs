//! Texts that people write, read and type: what may stand in them, and what counts as the same.

mod normal;

pub(crate) use normal::nfc;
use normal::nfkc;

/// Returns whether a text shows nothing: it is empty, or all of it is blank.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    // [MSG-3]
    text.chars().all(|character| character.is_whitespace() || is_invisible(character))
}

/// Returns whether a character draws nothing, though Unicode does not count it as white space: it
/// has the property Default_Ignorable_Code_Point (Unicode 17, DerivedCoreProperties), or is the
/// braille pattern without dots.
#[must_use]
pub const fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Returns whether a character breaks a line, steers a terminal, or changes the order in which a
/// text is read (embeddings, overrides and isolates of the bidirectional algorithm, UAX #9).
#[must_use]
pub fn is_refused(character: char) -> bool {
    // [MSG-3]
    character.is_control()
        || matches!(character,
            '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns a text for finding words in it: usual width and composition, lower case, nothing that
/// cannot be seen (Unicode's form NFKC).
#[must_use]
pub fn plain(text: &str) -> String {
    let usual = nfkc(text);
    let seen = usual.chars().filter(|character| !is_invisible(*character));
    nfkc(&seen.flat_map(char::to_lowercase).collect::<String>())
}

/// Returns a text as its parser takes it: usual width, one kind of dash and of space, nothing that
/// cannot be seen, no space around it and single ones inside. Letters keep their case.
///
/// ```
/// assert_eq!(noren::text::typed("２０２６ー０４ー０１\u{3000}１８：３０"), "2026-04-01 18:30");
/// ```
#[must_use]
pub fn typed(text: &str) -> String {
    let usual = nfkc(text);
    let seen = usual.chars().filter(|character| !is_invisible(*character));
    let usual: String = seen.map(|sign| if is_dash(sign) { '-' } else { sign }).collect();
    usual.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns a text without what people type differently: upper and lower case, full and half width,
/// composed and decomposed letters, kinds of dashes, spaces, characters that draw nothing.
///
/// ```
/// assert_eq!(noren::text::folded("ｼﾞﾑ　梅田"), noren::text::folded("ジム梅田"));
/// ```
#[must_use]
pub fn folded(text: &str) -> String {
    let plain = plain(text);
    let folded = plain.chars().filter(|character| !character.is_whitespace());
    folded.map(|character| if is_dash(character) { '-' } else { character }).collect()
}

/// Returns a character of a code, as it was meant: the plain form of a full-width one, or `None`
/// for what people put between symbols (spaces, dashes) and for what cannot be seen.
pub(crate) fn symbol(character: char) -> Option<char> {
    // [VEN-4]
    let between = character.is_whitespace()
        || is_invisible(character)
        || is_dash(character)
        || character.is_control();
    // Those of ASCII are their own plain form, and most of a code's.
    let plain = || match character {
        '\0'..='\x7f' => character,
        other => nfkc(other.encode_utf8(&mut [0; 4])).chars().next().unwrap_or(other),
    };
    (!between).then(plain)
}

/// Returns a text without what an editor or a copy puts around it: white space, a byte order mark.
#[must_use]
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|character: char| character.is_whitespace() || is_invisible(character))
}

/// Returns whether a character is one of the dashes that a keyboard, a telephone or a word
/// processor makes of a hyphen. The sign for a long vowel is one, since a Japanese keyboard has it
/// there.
const fn is_dash(character: char) -> bool {
    matches!(
        character,
        '-' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{207b}'
                | '\u{2212}'
                | '\u{2500}'
                | '\u{2501}'
                | '\u{30fc}'
                | '\u{fe58}'
                | '\u{fe63}'
                | '\u{ff0d}'
                | '\u{ff70}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_differently_is_the_same() {
        let same = [
            ["ジム梅田", "ｼﾞﾑ梅田"],
            ["ジム梅田", "シ\u{3099}ム梅田"],
            ["ジム梅田", "ジム\u{3000}梅\u{200b}田\u{feff}"],
            ["Ｂａｒ　Noren, UMEDA", "bar noren,umeda"],
            ["Café ﾉﾚﾝ", "cafe\u{301} ノレン"],
            ["コーヒー 1–2", "コ－ヒ－ １−２"],
            ["㈱のれん", "(株)のれん"],
        ];
        for [one, other] in same {
            assert_eq!(folded(one), folded(other), "{one:?} {other:?}");
        }
        for [one, other] in [["Bar Noren 1", "Bar Noren 2"], ["ハル", "バル"], ["つや", "っや"]]
        {
            assert_ne!(folded(one), folded(other));
        }
    }
}
