//! What the page's press calls.

use js_sys::{Error, Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

use crate::failure::{Code, Failure};

/// Draws a paper as a PDF file. What it throws is an error with a `code` and, where a font lacks one, a
/// `character`.
///
/// # Errors
/// As [`crate::draw`].
#[wasm_bindgen]
pub fn draw(
    form: &str,
    place: &str,
    link: String,
    languages: &str,
    fonts: Vec<Uint8Array>,
) -> Result<Vec<u8>, JsValue> {
    // [WEB-9] A trace code comes this way.
    let link = Zeroizing::new(link);
    let bytes: Vec<Vec<u8>> = fonts.iter().map(Uint8Array::to_vec).collect();
    let fonts: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
    let fonts =
        fonts.try_into().map_err(|_| thrown(&Failure::new(Code::Font, "four fonts are needed")))?;
    let pdf =
        crate::draw(form, place, &link, languages, fonts).map_err(|failure| thrown(&failure))?;
    Ok(pdf.to_vec())
}

fn thrown(failure: &Failure) -> JsValue {
    let error = JsValue::from(Error::new(&failure.words));
    let character = failure.character.map(String::from).unwrap_or_default();
    for (name, value) in [("code", failure.code.name()), ("character", &character)] {
        // An error that was just made takes properties.
        let _ = Reflect::set(&error, &name.into(), &value.into());
    }
    error
}
