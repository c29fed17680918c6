//! Why a page cannot be drawn.

/// Why a page cannot be drawn. No error holds a code's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PosterError {
    /// No font at hand has a character of a name.
    #[error("no font has {} (U+{:04X}), which is in {text:?}", .character.escape_debug(), u32::from(*.character))]
    MissingCharacter {
        /// The character.
        character: char,
        /// The name that it is in.
        text: String,
    },
    /// The bytes of a font are none, or have no outlines.
    #[error(
        "this is no font that can be embedded; bring a file in the format OpenType or TrueType \
         (.otf, .ttf)"
    )]
    Font,
    /// A font of Noren's own is damaged.
    #[error("a font of the posters is damaged")]
    OwnFont,
    /// None, or more languages than a page has room for.
    #[error("a page has room for one to {} languages", crate::texts::MOST)]
    Languages,
    /// A language without texts.
    #[error("there are no texts in {tag:?}; there are {}", known.join(", "))]
    UnknownLanguage {
        /// What was asked for.
        tag: String,
        /// The languages that there are.
        known: Vec<String>,
    },
    /// A language was asked for twice.
    #[error("the language {0:?} is named twice")]
    LanguageTwice(String),
    /// The texts that are built in cannot be read.
    #[error("the texts that are built in are damaged")]
    Texts,
    /// A text that no QR code can hold.
    #[error("the text is too long for a QR code")]
    TooLong,
    /// A code with so many modules that they would be too small to be read.
    #[error(
        "the names in this code make its modules too small for this form; choose another form, or \
         shorter names"
    )]
    TooDense,
    /// A date that no calendar has.
    #[error("there is no such date; write it like 2026-11-26")]
    Date,
    /// The file cannot be made.
    #[error("the page cannot be drawn: {0}")]
    Drawing(&'static str),
}
