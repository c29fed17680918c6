//! From what the page brings to a PDF file.

use noren_posters::{Fonts, Form, Texts, compose, compose_sheet};
use zeroize::Zeroizing;

use crate::failure::{Code, Failure};
use crate::place::Told;

/// The name of the paper that carries a trace code.
const SHEET: &str = "sheet";

/// Draws a paper as a PDF file: `paper` is `a4`, `tent`, `screen`, `slips` or `sheet`; `place` is a JSON
/// document; `code` the entry code's link, for a sheet the trace code's text; `languages` are tags
/// between commas; `fonts` are those of [`Fonts::FILES`].
///
/// # Errors
/// A [`Failure`] with what the page tells the owner.
pub fn draw(
    paper: &str,
    place: &str,
    code: &str,
    languages: &str,
    fonts: [&[u8]; 4],
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let told = Told::read(place)?;
    let place = told.place()?;
    let tags: Vec<&str> =
        languages.split(',').map(str::trim).filter(|tag| !tag.is_empty()).collect();
    let texts = Texts::select(&tags)?;
    let fonts = Fonts::new(fonts, None)?;
    let page = if paper == SHEET {
        // [PST-5]
        compose_sheet(&fonts, &texts, &place, code)?
    } else {
        let form = Form::ALL.into_iter().find(|form| form.name() == paper);
        let form = form.ok_or_else(|| Failure::new(Code::Failed, "there is no such paper"))?;
        compose(form, &fonts, &texts, &place, code)?
    };
    Ok(page.pdf()?)
}
