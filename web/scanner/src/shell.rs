//! What the page's scanner calls.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::{Picture, Work, in_frame, in_picture};

/// The texts of the codes in a frame of a camera: four bytes a pixel, as a canvas gives them. Bytes
/// that are no picture of that size have none.
#[wasm_bindgen(js_name = readFrame)]
#[must_use]
pub fn read_frame(rgba: &[u8], width: u32, height: u32, number: u32) -> Vec<String> {
    Picture::from_rgba(rgba, width, height).map_or_else(Vec::new, |frame| in_frame(&frame, number))
}

/// The texts of the codes in a picture, looked at in every light.
#[wasm_bindgen(js_name = readPicture)]
#[must_use]
pub fn read_picture(rgba: &[u8], width: u32, height: u32) -> Vec<String> {
    Picture::from_rgba(rgba, width, height).map_or_else(Vec::new, |picture| {
        // The page comes with one picture in several sizes.
        in_picture(&picture, &mut Work::for_picture())
    })
}
