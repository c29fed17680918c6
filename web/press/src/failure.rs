//! Why nothing was drawn.

use noren_posters::PosterError;

/// What the page has a sentence for; their names are those of `PressProblem` in `web/src/drawing.ts`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// No font at hand has a character of a name.
    MissingCharacter,
    /// A language that is unknown, none, or too many.
    Languages,
    /// The code is too dense for this paper.
    CodeTooLong,
    /// A font that is none.
    Font,
    /// What stands on the paper cannot be read.
    Place,
    /// Anything else.
    Failed,
}

/// A failure; neither it nor its words hold a code's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What the page has a sentence for.
    pub code: Code,
    /// The character that no font has.
    pub character: Option<char>,
    /// The reason in English.
    pub words: String,
}

impl Code {
    /// Its name in the page.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MissingCharacter => "missing-character",
            Self::Languages => "languages",
            Self::CodeTooLong => "code-too-long",
            Self::Font => "font",
            Self::Place => "place",
            Self::Failed => "failed",
        }
    }
}

impl Failure {
    pub(crate) fn new(code: Code, words: impl ToString) -> Self {
        Self { code, character: None, words: words.to_string() }
    }
}

impl From<PosterError> for Failure {
    fn from(error: PosterError) -> Self {
        let code = match &error {
            PosterError::MissingCharacter { .. } => Code::MissingCharacter,
            PosterError::Languages
            | PosterError::UnknownLanguage { .. }
            | PosterError::LanguageTwice(_) => Code::Languages,
            PosterError::TooLong | PosterError::TooDense => Code::CodeTooLong,
            PosterError::Font | PosterError::OwnFont => Code::Font,
            PosterError::Date => Code::Place,
            _ => Code::Failed,
        };
        let words = error.to_string();
        match error {
            PosterError::MissingCharacter { character, .. } => {
                Self { code, character: Some(character), words }
            }
            _ => Self { code, character: None, words },
        }
    }
}
