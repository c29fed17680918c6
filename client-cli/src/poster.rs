//! What a venue prints: posters with the entry code, and the private sheet with the trace code. A
//! page is composed once, from areas and lines of text, and drawn twice: as PDF and as picture.

mod curtain;
mod fonts;
mod line;
mod page;
mod pdf;
mod place;
mod png;
mod sheet;
mod text;
mod texts;
mod upright;
mod wide;

use clap::ValueEnum;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::qr::Symbol;

pub(crate) use fonts::Fonts;
pub(crate) use place::Place;
pub(crate) use texts::{Texts, USUAL};

use page::Page;

/// What a poster is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Form {
    A4,
    // A4, too, but folded in the middle.
    Tent,
    // 16:9.
    Screen,
}

/// A page, drawn.
pub(crate) struct Drawn {
    pub(crate) pdf: Zeroizing<Vec<u8>>,
    pub(crate) png: Zeroizing<Vec<u8>>,
}

impl Form {
    /// The name of its files, without their endings.
    pub(crate) const fn file_name(self) -> &'static str {
        match self {
            Self::A4 => "poster",
            Self::Tent => "tent",
            Self::Screen => "screen",
        }
    }
}

/// Draws a poster with the link of an entry code.
pub(crate) fn draw(
    form: Form,
    fonts: &Fonts<'_>,
    texts: &[Texts],
    place: &Place<'_>,
    link: &str,
) -> anyhow::Result<Drawn> {
    // [PST-3]
    place.check(fonts)?;
    let code = Symbol::new(link)?;
    let compose = match form {
        Form::A4 => upright::page,
        Form::Tent => wide::tent,
        Form::Screen => wide::screen,
    };
    Drawn::new(compose(fonts, texts, place, &code), fonts, texts, place)
}

/// Draws the private sheet with the text of a trace code.
pub(crate) fn draw_sheet(
    fonts: &Fonts<'_>,
    texts: &[Texts],
    place: &Place<'_>,
    trace: &str,
) -> anyhow::Result<Drawn> {
    place.check(fonts)?;
    let code = Symbol::new(trace)?;
    Drawn::new(sheet::page(fonts, texts, place, &code), fonts, texts, place)
}

impl Drawn {
    fn new(
        mut page: Page,
        fonts: &Fonts<'_>,
        texts: &[Texts],
        place: &Place<'_>,
    ) -> anyhow::Result<Self> {
        page.title = place.name.to_owned();
        page.language = texts.first().map_or_else(String::new, |texts| texts.tag.clone());
        let pdf = Zeroizing::new(pdf::draw(&page, fonts)?);
        Ok(Self { pdf, png: png::draw(&page, fonts)? })
    }
}
