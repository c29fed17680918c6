//! What a venue prints: posters and tear-off slips with the entry code, and the private sheet with the
//! trace code.
//!
//! Texts, names, fonts and a code's text come in, a PDF file comes out, and with the feature `pictures`
//! a picture that shows the same. Nothing here reads a file, a clock or a network. A page is composed
//! once, from areas and lines of text, and drawn twice.
//!
//! ```
//! # #[cfg(feature = "built-in-fonts")] {
//! use noren_posters::{Fonts, Form, Place, Texts};
//!
//! let fonts = Fonts::built_in(None)?;
//! let texts = Texts::select(&["ja", "en"])?;
//! let today = "2026-11-26".parse()?;
//! let place = Place {
//!     address: "1-2-3 Minato",
//!     ..Place::new("Noren Izakaya", today, (today, "2027-11-25".parse()?))
//! };
//! let page = noren_posters::compose(Form::A4, &fonts, &texts, &place, "https://health.example/?v=3#CAM")?;
//! assert!(page.pdf()?.starts_with(b"%PDF"));
//! # }
//! # Ok::<(), noren_posters::PosterError>(())
//! ```

mod curtain;
mod date;
mod fonts;
mod foot;
mod line;
mod page;
mod pdf;
mod phone;
mod place;
#[cfg(feature = "pictures")]
mod png;
mod problem;
mod sheet;
mod slips;
mod symbol;
mod text;
mod texts;
mod upright;
mod wide;

pub use date::Date;
pub use fonts::Fonts;
pub use place::{Authority, Place};
pub use problem::PosterError;
pub use symbol::Symbol;
pub use texts::{Texts, USUAL};

use zeroize::Zeroizing;

use page::Page;

/// What a page with the entry code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The door: A4, upright.
    A4,
    /// The table: A4, folded in the middle.
    Tent,
    /// A display: 16:9.
    Screen,
    /// Whoever comes without a telephone: A4, cut or torn into slips.
    Slips,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 4] = [Self::A4, Self::Tent, Self::Screen, Self::Slips];

    /// Its name, as people type it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::A4 => "a4",
            Self::Tent => "tent",
            Self::Screen => "screen",
            Self::Slips => "slips",
        }
    }

    /// The name of its files, without their endings.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::A4 => "poster",
            Self::Tent => "tent",
            Self::Screen => "screen",
            Self::Slips => "slips",
        }
    }
}

/// A page that is composed and can be drawn.
pub struct Composed<'a> {
    page: Page,
    fonts: &'a Fonts<'a>,
}

/// Composes a page with the link of an entry code.
///
/// # Errors
/// [`PosterError::MissingCharacter`] for a name that the fonts cannot show, [`PosterError::TooLong`] and
/// [`PosterError::TooDense`] for a link that makes no code that can be read.
pub fn compose<'a>(
    form: Form,
    fonts: &'a Fonts<'a>,
    texts: &[Texts],
    place: &Place<'_>,
    link: &str,
) -> Result<Composed<'a>, PosterError> {
    // [PST-3]
    place.check(fonts)?;
    let code = Symbol::new(link)?;
    let page = match form {
        Form::A4 => upright::page(fonts, texts, place, &code),
        Form::Tent => wide::tent(fonts, texts, place, &code),
        Form::Screen => wide::screen(fonts, texts, place, &code),
        Form::Slips => slips::page(fonts, texts, place, &code)?,
    };
    Ok(Composed::new(page, fonts, texts, place))
}

/// Composes the private sheet with the text of a trace code.
///
/// # Errors
/// As [`compose`].
pub fn compose_sheet<'a>(
    fonts: &'a Fonts<'a>,
    texts: &[Texts],
    place: &Place<'_>,
    trace: &str,
) -> Result<Composed<'a>, PosterError> {
    place.check(fonts)?;
    let code = Symbol::new(trace)?;
    Ok(Composed::new(sheet::page(fonts, texts, place, &code), fonts, texts, place))
}

impl<'a> Composed<'a> {
    fn new(mut page: Page, fonts: &'a Fonts<'a>, texts: &[Texts], place: &Place<'_>) -> Self {
        page.title = place.name.to_owned();
        page.language = texts.first().map_or_else(String::new, |texts| texts.tag.clone());
        Self { page, fonts }
    }

    /// The page as a PDF file.
    ///
    /// # Errors
    /// [`PosterError::Drawing`] when the file cannot be made.
    pub fn pdf(&self) -> Result<Zeroizing<Vec<u8>>, PosterError> {
        pdf::draw(&self.page, self.fonts).map(Zeroizing::new)
    }

    /// The page as a PNG picture.
    ///
    /// # Errors
    /// [`PosterError::Drawing`] when the picture cannot be made.
    #[cfg(feature = "pictures")]
    pub fn png(&self) -> Result<Zeroizing<Vec<u8>>, PosterError> {
        png::draw(&self.page, self.fonts)
    }
}

#[cfg(feature = "built-in-fonts")]
#[cfg(test)]
mod tests;
