//! Reads QR codes from the frames of a camera and from pictures: for the command line, and as the module
//! that the web page loads when its scanner opens.
//!
//! A picture comes as bytes of light, row by row, and the texts of the codes in it come back. What a
//! text means is not known here. The work that a picture can make is bounded, whatever it shows; nothing
//! is kept between two pictures.
//!
//! ```
//! let blank = noren_scanner::Picture::new(vec![255; 640 * 480], 640, 480).ok_or("a wrong length")?;
//! assert!(noren_scanner::in_frame(&blank, 0).is_empty());
//! # Ok::<(), &str>(())
//! ```

mod finder;
mod looks;
mod picture;
#[cfg(target_arch = "wasm32")]
pub mod shell;

pub use finder::Work;
pub use looks::{in_frame, in_picture};
pub use picture::Picture;
