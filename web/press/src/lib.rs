//! Draws a venue's posters, slips and private sheet in a browser: the module that the web page loads
//! when an owner prints.
//!
//! The page brings what stands on a paper, the code's text and the fonts as bytes; a PDF file comes
//! back, the same that `noren venue poster` writes of the same place, texts and fonts. Nothing is
//! fetched, kept or told to anybody. A trace code's text is wiped here when its sheet is drawn.

mod failure;
mod paper;
mod place;
#[cfg(target_arch = "wasm32")]
pub mod shell;

pub use failure::{Code, Failure};
pub use paper::draw;

#[cfg(test)]
mod tests;
