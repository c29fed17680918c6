//! What the desk keeps of typed text: names of venues and short reasons, and nothing that looks like a
//! person.

use anyhow::{Context as _, bail, ensure};

use crate::text::clean;

/// The longest name of a venue, in characters.
const NAME_CHARACTERS: usize = 100;
/// So many digits in a row, whatever stands between them, are a telephone number or a birthday.
const DIGITS_OF_A_PERSON: usize = 8;

/// A venue's name, and nothing that looks like a person.
pub(super) fn venue_name(text: &str) -> anyhow::Result<String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    ensure!(!noren::text::is_blank(&name), "the venue's name is missing");
    ensure!(name.chars().count() <= NAME_CHARACTERS, "a venue's name has at most 100 characters");
    refuse_hidden("a venue's name", &name)?;
    refuse_personal(&name)?;
    Ok(name)
}

/// A short text for the journal, with nothing that looks like a person.
pub(super) fn free_text(text: &str) -> anyhow::Result<String> {
    venue_name(text).with_context(|| format!("{:?} cannot be kept", clean(text)))
}

/// Refuses a text that breaks its line or reads otherwise than it is written.
pub(super) fn refuse_hidden(what: &str, text: &str) -> anyhow::Result<()> {
    // [MSG-3]
    ensure!(
        !text.chars().any(noren::text::is_refused),
        "{what} has no line break, no control character, and none that changes the reading order"
    );
    Ok(())
}

/// Refuses a text in which something looks like a person's data.
pub(super) fn refuse_personal(text: &str) -> anyhow::Result<()> {
    // [CLI-10]
    match personal_data(text) {
        None => Ok(()),
        Some(what) => bail!(
            "this looks like {what}: nothing about a person is kept here; name the venue only, \
             like \"Bar Noren, Umeda\""
        ),
    }
}

/// Words that speak of one person and of no venue.
const OF_A_PERSON: [&str; 17] = [
    "patient",
    "infected",
    "years old",
    "born",
    "diagnosed",
    "tested positive",
    "dob",
    "患者",
    "感染者",
    "陽性",
    "生年月日",
    "生まれ",
    "氏名",
    "昭和",
    "平成",
    "大正",
    "様の",
];

/// What in a text speaks of a person. A net with holes: it catches what slips from a hurried hand,
/// not what somebody means to hide.
fn personal_data(text: &str) -> Option<&'static str> {
    let text = noren::text::plain(text);
    let digits = |text: &str| text.chars().filter(|c| c.is_numeric()).count();
    // Digits and what people write between them.
    let between = |c: char| !c.is_numeric() && !" -/.()+ー－−–‐・年月日".contains(c);
    let address = |word: &str| {
        word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
    };
    let age = text.char_indices().any(|(at, c)| {
        c.is_numeric() && text.get(at + c.len_utf8()..).is_some_and(|rest| rest.starts_with('歳'))
    });
    if text.split_whitespace().any(address) {
        Some("an e-mail address")
    } else if text.split(between).any(|run| digits(run) >= DIGITS_OF_A_PERSON)
        || (text.contains('年') && text.contains('月') && text.contains('日'))
    {
        Some("a telephone number or a date")
    } else if age || OF_A_PERSON.iter().any(|word| text.contains(word)) {
        Some("words about a person")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_about_a_person_is_kept() {
        // [CLI-10]
        for text in [
            "sato@example.jp",
            "Sato 090-1234-5678",
            "０９０−１２３４−５６７８ Sato",
            "Bar, 1980/12/31",
            "the patient's bar",
            "34歳の男性",
            "Ｐatient X",
            "pa\u{200b}tient",
            "1990年1月1日生",
            "昭和63年の人",
            "tested positive",
            "患者の店",
            "",
            "a\u{1b}b",
        ] {
            assert!(venue_name(text).is_err(), "{text}");
        }
        for text in
            ["Bar Noren, Umeda", "カラオケ123 なんば店", "1-2-3 Minato", "Studio 2026", "千歳"]
        {
            assert!(venue_name(text).is_ok(), "{text}");
        }
        assert_eq!(venue_name("  Bar   Noren ").expect("a name"), "Bar Noren");
    }
}
